/*
 * health.c - samples of a node judged.
 * Owns nothing but its caller's struct.  Never takes a command sent for a state, nor silence for one.
 */
#include "domain/health.h"

#include <limits.h>
#include <string.h>

#define WORD_US 3000000			/* older, and a node's word on recording is no longer believed */
#define NOT_WRITING_US 10000000		/* no growth for longer is an alarm; the first growth may take it all */
#define FROZEN_US 2000000
#define ROOM_EVERY_US 15000000		/* what goes from a storage is looked at over one to two of these */
#define ROOM_NEAR_US 600000000LL
#define ROOM_SOONEST_US 5000000		/* files grow in bursts: nothing is said by less */
#define PACE_SOONEST_US 10000000
#define SILENT_US 5000000
#define SILENT_DBFS (-60.0)		/* a room with nobody in it is above, an open cable below */

void
health_track_init(struct health_track *t)
{
	*t = (struct health_track){ .heard_us = -1, .said_us = -1, .rec_began_us = -1, .grew_us = -1, .resumed_us = -1,
		.frame_us = -1, .frame_counter = -1, .counter_moved_us = -1, .sound_us = -1, .loud_us = -1, .clip_us = -1,
		.room = { { -1, 0 }, { -1, 0 } } };
}

void
health_heard(struct health_track *t, int64_t now_us)
{
	t->heard_us = now_us;
}

/* Room that grew was made by a hand: what went before says nothing. */
static void
note_room(struct health_track *t, int64_t now_us)
{
	const struct health_room now = { now_us, t->last.free_bytes };

	if (!t->last.has_storage || !t->last.has_recording || t->last.recording.state != NODE_REC_RECORDING) {
		t->room[0].at_us = t->room[1].at_us = -1;
	} else if (t->room[0].at_us < 0 || now.free_bytes > t->room[1].free_bytes) {
		t->room[0] = t->room[1] = now;
	} else if (now_us - t->room[1].at_us >= ROOM_EVERY_US) {
		t->room[0] = t->room[1];
		t->room[1] = now;
	}
}

void
health_said(struct health_track *t, const struct node_health *h, int64_t now_us)
{
	struct node_recording before = t->last.recording;
	struct node_audio sound = t->last.audio;
	bool had = t->last.has_recording, had_sound = t->last.has_audio;

	t->heard_us = now_us;
	t->last = *h;
	/* Neither word on its sound is news to the other: health_sound() compares, too. */
	t->last.audio = sound;
	t->last.has_audio = had_sound && h->has_audio;
	if (h->has_audio)
		health_sound(t, &h->audio, now_us);
	/* health_recording() compares with what was said before. */
	t->last.recording = before;
	t->last.has_recording = had && h->has_recording;
	if (h->has_recording)
		health_recording(t, &h->recording, now_us);
	t->said_us = now_us;		/* last: how long it was silent counts, too */
	note_room(t, now_us);
}

static bool
is_rolling(const struct node_recording *r)
{
	return r->state == NODE_REC_STARTING || r->state == NODE_REC_RECORDING;
}

/*
 * How long nothing was written, as far as the node's words vouch for it: while it is silent it may be
 * writing all the same, so that silence alone never becomes "not writing".
 */
static int64_t
idle_us(const struct health_track *t, int64_t now_us)
{
	int64_t known_us = t->said_us + WORD_US < now_us ? t->said_us + WORD_US : now_us;

	return known_us - (t->grew_us >= 0 ? t->grew_us : t->rec_began_us);
}

void
health_recording(struct health_track *t, const struct node_recording *r, int64_t now_us)
{
	const struct node_recording *before = &t->last.recording;
	bool same = t->last.has_recording && is_rolling(before) && strcmp(before->take, r->take) == 0 &&
	    strcmp(before->sphere, r->sphere) == 0 && r->bytes >= t->bytes;	/* fewer bytes: a new part */

	if (same && now_us - t->said_us > WORD_US && t->resumed_us < t->grew_us && idle_us(t, now_us) <= NOT_WRITING_US)
		t->resumed_us = now_us;
	t->heard_us = t->said_us = now_us;
	if (r->state == NODE_REC_RECORDING) {
		if (!same || before->state != NODE_REC_RECORDING) {
			t->rec_began_us = now_us;
			t->grew_us = t->resumed_us = -1;
		}
		if (same && r->bytes > t->bytes)
			t->grew_us = now_us;
	}
	t->bytes = r->bytes;
	t->last.recording = *r;
	t->last.has_recording = true;
}

void
health_sound(struct health_track *t, const struct node_audio *a, int64_t now_us)
{
	const bool is_first = !t->last.has_audio;

	/* What was not heard, for the node was away, may have been loud. */
	if (is_first || a->muted || a->peak_dbfs >= SILENT_DBFS || now_us - t->sound_us > WORD_US)
		t->loud_us = now_us;
	t->heard_us = t->sound_us = now_us;
	/* A count that is less began anew: what it holds may be of any time. */
	if (!is_first && a->clips > t->last.audio.clips)
		t->clip_us = now_us;
	t->last.audio = *a;
	t->last.has_audio = true;
}

void
health_frame(struct health_track *t, int64_t counter, int64_t capture_us, int64_t now_us)
{
	bool moved = counter >= 0 ? counter != t->frame_counter : capture_us != t->frame_capture_us;

	/* A stream that was not open, for nobody looked, begins with the picture it ended with. */
	if (moved || t->counter_moved_us < 0 || (now_us - t->frame_us > FROZEN_US && !t->stood_still))
		t->counter_moved_us = now_us;
	t->stood_still = now_us - t->counter_moved_us >= FROZEN_US;
	t->heard_us = t->frame_us = now_us;
	t->frame_counter = counter >= 0 ? counter : -1;
	t->frame_capture_us = capture_us;
}

enum health_link
health_link_of(const struct health_track *t, const struct health_limits *l, int64_t now_us)
{
	int64_t age_us = now_us - t->heard_us;

	if (t->heard_us < 0)
		return HEALTH_NEVER;
	if (age_us > l->lost_us)
		return HEALTH_LOST;
	return age_us > l->stale_us ? HEALTH_STALE : HEALTH_LIVE;
}

static enum health_rec
rec_judge(const struct health_track *t, const struct health_limits *l, int64_t now_us)
{
	const bool fresh = now_us - t->said_us <= WORD_US;
	/* It may have stood still with its camera, and go on with it: once, and not for long. */
	const bool may_go_on = t->resumed_us > t->grew_us && now_us - t->resumed_us <= l->growth_us;

	if (fresh && t->grew_us >= 0 && now_us - t->grew_us <= l->growth_us)
		return HEALTH_REC_RECORDING;
	if (idle_us(t, now_us) > NOT_WRITING_US && !may_go_on)
		return HEALTH_REC_NOT_WRITING;
	if (fresh && t->grew_us < 0)
		return HEALTH_REC_STARTING;
	return HEALTH_REC_UNSURE;
}

enum health_rec
health_rec_of(const struct health_track *t, const struct health_limits *l, int64_t now_us)
{
	if (!t->last.has_recording)
		return HEALTH_REC_NONE;
	switch (t->last.recording.state) {
	case NODE_REC_STARTING:
		return now_us - t->said_us <= WORD_US ? HEALTH_REC_STARTING : HEALTH_REC_UNSURE;
	case NODE_REC_RECORDING:
		return rec_judge(t, l, now_us);
	case NODE_REC_STOPPING:
		return HEALTH_REC_STOPPING;
	case NODE_REC_SAVING:
		return HEALTH_REC_SAVING;
	case NODE_REC_FAILED:
		return HEALTH_REC_FAILED;
	case NODE_REC_IDLE:
	case NODE_REC_UNKNOWN:
		break;
	}
	return HEALTH_REC_NONE;
}

bool
health_is_frozen(const struct health_track *t, int64_t now_us)
{
	if (t->frame_us < 0 || (t->frame_counter < 0 && t->frame_capture_us == 0))
		return false;
	return t->stood_still || (now_us - t->frame_us <= FROZEN_US && now_us - t->counter_moved_us >= FROZEN_US);
}

int64_t
health_frozen_in_us(const struct health_track *t, int64_t now_us)
{
	const bool can_be = t->frame_us >= 0 && (t->frame_counter >= 0 || t->frame_capture_us != 0);

	if (!can_be || health_is_frozen(t, now_us) || now_us - t->frame_us > FROZEN_US)
		return INT64_MAX;
	return t->counter_moved_us + FROZEN_US - now_us;
}

int64_t
health_frozen_us(const struct health_track *t, int64_t now_us)
{
	return health_is_frozen(t, now_us) ? now_us - t->counter_moved_us : 0;
}

/* By words alone: while it says nothing nobody knows. */
bool
health_is_silent(const struct health_track *t)
{
	return t->last.has_audio && !t->last.audio.muted && t->sound_us - t->loud_us >= SILENT_US;
}

int
health_storage_minutes(const struct node_health *h)
{
	int64_t minute_bytes, minutes;

	if (!h->has_storage || h->free_bytes < 0 || !h->has_format || h->format.bitrate_bps > INT64_MAX / 60)
		return -1;
	minute_bytes = h->format.bitrate_bps / 8 * 60;
	if (minute_bytes <= 0)
		return -1;
	minutes = h->free_bytes / minute_bytes;
	return minutes < INT_MAX ? (int)minutes : INT_MAX;
}

/* Bytes a second, by what went since; 0: cannot be told. */
static double
room_pace(const struct health_track *t)
{
	const int64_t span_us = t->said_us - t->room[0].at_us, gone_bytes = t->room[0].free_bytes - t->last.free_bytes;

	if (t->room[0].at_us < 0 || span_us < ROOM_SOONEST_US || gone_bytes <= 0)
		return 0;
	return (double)gone_bytes * 1e6 / (double)span_us;
}

/* The same by the recording's own word: all of it, from its begin. */
static double
file_pace(const struct health_track *t)
{
	const struct node_recording *r = &t->last.recording;
	const int64_t ran_us = t->last.time_us - r->since_us;	/* both by its clock */

	if (r->since_us <= 0 || ran_us < PACE_SOONEST_US || r->bytes <= 0)
		return 0;
	return (double)r->bytes * 1e6 / (double)ran_us;
}

static int64_t
left_us(const struct health_track *t, double pace)
{
	const double us = (double)t->last.free_bytes * 1e6 / pace;

	return us < 1e15 ? (int64_t)us : (int64_t)1e15;
}

/* What goes by other hands than its own counts once it is near: a copy of a moment says nothing about hours. */
int64_t
health_full_in_us(const struct health_track *t)
{
	const struct node_health *h = &t->last;
	const double gone = room_pace(t);
	double pace = file_pace(t);

	if (!h->has_storage || h->free_bytes < 0 || !h->has_recording || h->recording.state != NODE_REC_RECORDING)
		return -1;
	if (pace <= 0 && h->has_format)
		pace = (double)h->format.bitrate_bps / 8;
	if (gone > pace && (pace <= 0 || left_us(t, gone) < ROOM_NEAR_US))
		pace = gone;
	return pace > 0 ? left_us(t, pace) : -1;
}

int
health_room_minutes(const struct health_track *t)
{
	const int64_t full_in_us = health_full_in_us(t);

	return full_in_us >= 0 ? (int)(full_in_us / 60000000) : health_storage_minutes(&t->last);
}

const char *
health_link_name(enum health_link link)
{
	static const char *const names[] = {
		[HEALTH_NEVER] = "never", [HEALTH_LIVE] = "live", [HEALTH_STALE] = "stale", [HEALTH_LOST] = "lost",
	};

	return names[link];
}
