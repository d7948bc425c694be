/*
 * t_health.c - what a tile may honestly say, at every boundary of the console specification.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "domain/health.h"

#define T0 1000000000LL		/* an instant on the console's monotonic clock */
#define MS 1000LL

static const struct health_limits limits = { .stale_us = 3000 * MS, .lost_us = 6000 * MS, .growth_us = 3000 * MS };

static void
link_follows_the_age_of_the_last_word(void **state)
{
	static const struct {
		int64_t age_us;
		enum health_link want;
	} cases[] = {
		{ 0, HEALTH_LIVE }, { 3000 * MS, HEALTH_LIVE }, { 3000 * MS + 1, HEALTH_STALE }, { 6000 * MS, HEALTH_STALE },
		{ 6000 * MS + 1, HEALTH_LOST }, { 3600000 * MS, HEALTH_LOST },
	};
	struct health_track t;

	(void)state;
	health_track_init(&t);
	assert_int_equal(health_link_of(&t, &limits, T0), HEALTH_NEVER);
	health_heard(&t, T0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(health_link_of(&t, &limits, T0 + cases[i].age_us), cases[i].want);
	health_frame(&t, 1, 0, T0 + 7000 * MS);	/* a picture is a word too */
	assert_int_equal(health_link_of(&t, &limits, T0 + 8000 * MS), HEALTH_LIVE);
}

static void
links_have_names(void **state)
{
	(void)state;
	assert_string_equal(health_link_name(HEALTH_NEVER), "never");
	assert_string_equal(health_link_name(HEALTH_LIVE), "live");
	assert_string_equal(health_link_name(HEALTH_STALE), "stale");
	assert_string_equal(health_link_name(HEALTH_LOST), "lost");
}

/* ---- The recording word: a script of what the node said, and the question at the end ---- */

struct word {
	int64_t at_ms;
	enum node_rec state;
	int64_t bytes;
};

struct rec_case {
	const char *why;
	struct word words[16];		/* ends with bytes < 0 */
	int64_t now_us;			/* since T0 */
	enum health_rec want;
};

#define END { 0, NODE_REC_IDLE, -1 }
#define REC(at, bytes) { at, NODE_REC_RECORDING, bytes }

static struct node_health
said(enum node_rec state, int64_t bytes)
{
	struct node_health h = { .has_recording = true };

	h.recording.state = state;
	h.recording.bytes = bytes;
	strcpy(h.recording.take, "003");
	strcpy(h.recording.sphere, "s");
	return h;
}

static void
run_case(const struct rec_case *c)
{
	struct health_track t;
	enum health_rec got;

	health_track_init(&t);
	for (const struct word *w = c->words; w->bytes >= 0; w++) {
		struct node_health h = said(w->state, w->bytes);

		health_said(&t, &h, T0 + w->at_ms * MS);
	}
	got = health_rec_of(&t, &limits, T0 + c->now_us);
	if (got != c->want)
		fail_msg("%s: got %d, want %d", c->why, got, c->want);
}

static void
recording_word_is_honest_at_every_boundary(void **state)
{
	static const struct rec_case cases[] = {
		{ "never said", { END }, 0, HEALTH_REC_NONE },
		{ "idle", { { 0, NODE_REC_IDLE, 0 }, END }, 0, HEALTH_REC_NONE },
		{ "idle, old word", { { 0, NODE_REC_IDLE, 0 }, END }, 9000 * MS, HEALTH_REC_NONE },
		{ "a word we do not know", { { 0, NODE_REC_UNKNOWN, 0 }, END }, 0, HEALTH_REC_NONE },
		{ "starting", { { 0, NODE_REC_STARTING, 0 }, END }, 3000 * MS, HEALTH_REC_STARTING },
		{ "starting, old word", { { 0, NODE_REC_STARTING, 0 }, END }, 3000 * MS + 1, HEALTH_REC_UNSURE },
		{ "stopping", { REC(0, 1), { 100, NODE_REC_STOPPING, 5 }, END }, 200 * MS, HEALTH_REC_STOPPING },
		{ "saving", { REC(0, 1), { 100, NODE_REC_SAVING, 5 }, END }, 200 * MS, HEALTH_REC_SAVING },
		{ "failed", { REC(0, 1), { 100, NODE_REC_FAILED, 5 }, END }, 200 * MS, HEALTH_REC_FAILED },

		{ "first word: nothing has grown yet", { REC(0, 5000), END }, 0, HEALTH_REC_STARTING },
		{ "first growth", { REC(0, 0), REC(1000, 5), END }, 1000 * MS, HEALTH_REC_RECORDING },
		{ "growth since starting counts", { { 0, NODE_REC_STARTING, 0 }, REC(500, 7), END }, 500 * MS, HEALTH_REC_RECORDING },
		{ "bytes of the take before are no growth", { { 0, NODE_REC_IDLE, 3 }, REC(500, 7), END }, 500 * MS, HEALTH_REC_STARTING },
		{ "no growth for 10 s", { REC(0, 0), REC(5000, 0), REC(9000, 0), END }, 10000 * MS, HEALTH_REC_STARTING },
		{ "no growth for longer", { REC(0, 0), REC(3000, 0), REC(6000, 0), REC(9000, 0), END }, 10000 * MS + 1, HEALTH_REC_NOT_WRITING },
		{ "first growth at the last instant", { REC(0, 0), REC(5000, 0), REC(10000, 1), END }, 10000 * MS, HEALTH_REC_RECORDING },
		{ "first growth after the alarm", { REC(0, 0), REC(9000, 0), REC(11000, 1), END }, 11000 * MS, HEALTH_REC_RECORDING },
		{ "no growth yet, word 3 s old", { REC(0, 0), REC(2000, 0), END }, 5000 * MS, HEALTH_REC_STARTING },
		{ "no growth yet, word older", { REC(0, 0), REC(2000, 0), END }, 5000 * MS + 1, HEALTH_REC_UNSURE },

		{ "grew 3 s ago, says so still", { REC(0, 0), REC(1000, 5), REC(3500, 5), END }, 4000 * MS, HEALTH_REC_RECORDING },
		{ "grew longer ago", { REC(0, 0), REC(1000, 5), REC(3500, 5), END }, 4000 * MS + 1, HEALTH_REC_UNSURE },
		{ "grew 10 s ago", { REC(0, 0), REC(1000, 5), REC(4000, 5), REC(7000, 5), REC(10000, 5), END }, 11000 * MS, HEALTH_REC_UNSURE },
		{ "grew longer than 10 s ago", { REC(0, 0), REC(1000, 5), REC(4000, 5), REC(7000, 5), REC(10000, 5), END }, 11000 * MS + 1, HEALTH_REC_NOT_WRITING },
		{ "grew again", { REC(0, 0), REC(1000, 5), REC(9000, 5), REC(12000, 6), END }, 12000 * MS, HEALTH_REC_RECORDING },

		{ "word 3 s old", { REC(0, 0), REC(1000, 5), END }, 4000 * MS, HEALTH_REC_RECORDING },
		{ "word older than 3 s", { REC(0, 0), REC(1000, 5), END }, 4000 * MS + 1, HEALTH_REC_UNSURE },
		{ "silence is not 'not writing'", { REC(0, 0), REC(1000, 5), END }, 60000 * MS, HEALTH_REC_UNSURE },
		{ "what was known before the silence stays", { REC(0, 0), REC(11000, 0), END }, 60000 * MS, HEALTH_REC_NOT_WRITING },
		{ "heard again, not grown: it may go on", { REC(0, 0), REC(1000, 5), REC(16000, 5), REC(18000, 5), END }, 19000 * MS, HEALTH_REC_UNSURE },
		{ "heard again, did not go on", { REC(0, 0), REC(1000, 5), REC(16000, 5), REC(18000, 5), END }, 19000 * MS + 1, HEALTH_REC_NOT_WRITING },
		{ "heard again, goes on", { REC(0, 0), REC(1000, 5), REC(16000, 5), REC(17000, 6), END }, 19000 * MS, HEALTH_REC_RECORDING },
		{ "a word now and then is no excuse", { REC(0, 0), REC(1000, 5), REC(5000, 5), REC(9000, 5), REC(13000, 5), END },
			13000 * MS, HEALTH_REC_NOT_WRITING },
		{ "not writing before a silence, nor after", { REC(0, 0), REC(1000, 5), REC(3000, 5), REC(6000, 5), REC(9000, 5), REC(11500, 5),
			REC(30000, 5), END }, 30000 * MS, HEALTH_REC_NOT_WRITING },

		{ "fewer bytes: a new part", { REC(0, 0), REC(1000, 500), REC(2000, 3), END }, 2000 * MS, HEALTH_REC_STARTING },
		{ "the new part grows", { REC(0, 0), REC(1000, 500), REC(2000, 3), REC(3000, 4), END }, 3000 * MS, HEALTH_REC_RECORDING },
		{ "stopped and started again", { REC(0, 0), REC(1000, 5), { 2000, NODE_REC_IDLE, 5 }, REC(2500, 9), END },
			2500 * MS, HEALTH_REC_STARTING },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		run_case(&cases[i]);
}

static void
growth_time_is_the_operators(void **state)
{
	struct health_limits patient = limits;
	struct health_track t;

	(void)state;
	patient.growth_us = 20000 * MS;
	health_track_init(&t);
	for (int i = 0; i <= 20; i++) {
		struct node_health h = said(NODE_REC_RECORDING, i > 0);

		health_said(&t, &h, T0 + i * 1000 * MS);
	}
	/* Grew at 1 s, spoke at 20 s. */
	assert_int_equal(health_rec_of(&t, &patient, T0 + 21000 * MS), HEALTH_REC_RECORDING);
	assert_int_equal(health_rec_of(&t, &patient, T0 + 21000 * MS + 1), HEALTH_REC_NOT_WRITING);
	assert_int_equal(health_rec_of(&t, &limits, T0 + 20000 * MS), HEALTH_REC_NOT_WRITING);
}

static void
another_take_starts_anew(void **state)
{
	struct health_track t;
	struct node_health h = said(NODE_REC_RECORDING, 0);

	(void)state;
	health_track_init(&t);
	health_said(&t, &h, T0);
	h.recording.bytes = 5;
	health_said(&t, &h, T0 + 1000 * MS);
	assert_int_equal(health_rec_of(&t, &limits, T0 + 1000 * MS), HEALTH_REC_RECORDING);
	strcpy(h.recording.take, "004");
	h.recording.bytes = 6;
	health_said(&t, &h, T0 + 2000 * MS);
	assert_int_equal(health_rec_of(&t, &limits, T0 + 2000 * MS), HEALTH_REC_STARTING);
	assert_int_equal(t.rec_began_us, T0 + 2000 * MS);
	strcpy(h.recording.sphere, "other");
	h.recording.bytes = 7;
	health_said(&t, &h, T0 + 3000 * MS);
	assert_int_equal(health_rec_of(&t, &limits, T0 + 3000 * MS), HEALTH_REC_STARTING);
}

static void
recording_event_is_a_word_like_health(void **state)
{
	struct health_track t;
	struct node_health h = said(NODE_REC_RECORDING, 0);

	(void)state;
	health_track_init(&t);
	health_recording(&t, &h.recording, T0);
	assert_int_equal(health_link_of(&t, &limits, T0), HEALTH_LIVE);
	h.recording.bytes = 10;
	health_said(&t, &h, T0 + 1000 * MS);
	assert_int_equal(health_rec_of(&t, &limits, T0 + 1000 * MS), HEALTH_REC_RECORDING);
	h.recording.state = NODE_REC_IDLE;
	health_recording(&t, &h.recording, T0 + 1500 * MS);
	assert_int_equal(health_rec_of(&t, &limits, T0 + 1500 * MS), HEALTH_REC_NONE);
}

static void
health_without_recording_is_no_recording(void **state)
{
	struct health_track t;
	struct node_health h = said(NODE_REC_RECORDING, 0);

	(void)state;
	health_track_init(&t);
	health_said(&t, &h, T0);
	h.has_recording = false;
	h.has_fps = true;
	h.fps = 25;
	health_said(&t, &h, T0 + 1000 * MS);
	assert_int_equal(health_rec_of(&t, &limits, T0 + 1000 * MS), HEALTH_REC_NONE);
	assert_true(t.last.has_fps);
}

static void
frozen_is_a_counter_that_stands_while_frames_arrive(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	assert_false(health_is_frozen(&t, T0));
	for (int i = 0; i <= 30; i++) {
		health_frame(&t, 7, 0, T0 + i * 100 * MS);
		assert_int_equal(health_is_frozen(&t, T0 + i * 100 * MS), i >= 20);
	}
	assert_true(health_is_frozen(&t, T0 + 3000 * MS));
	assert_true(health_is_frozen(&t, T0 + 60000 * MS));	/* nobody looks any more: that cures nothing */
	health_frame(&t, 7, 0, T0 + 60000 * MS);
	assert_int_equal(health_frozen_us(&t, T0 + 60000 * MS), 60000 * MS);
	health_frame(&t, 8, 0, T0 + 60100 * MS);
	assert_false(health_is_frozen(&t, T0 + 60100 * MS));
	health_frame(&t, 2, 0, T0 + 60200 * MS);		/* a restarted counter moves as well */
	assert_int_equal(t.counter_moved_us, T0 + 60200 * MS);
	assert_false(health_is_frozen(&t, T0 + 90000 * MS));	/* no frames any more, and they moved: another trouble */
}

static void
frozen_is_two_seconds_to_the_microsecond(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	health_frame(&t, 1, 0, T0);
	health_frame(&t, 1, 0, T0 + 1500 * MS);
	assert_false(health_is_frozen(&t, T0 + 2000 * MS - 1));
	assert_true(health_is_frozen(&t, T0 + 2000 * MS));
}

static void
capture_time_stands_in_for_a_missing_counter(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	for (int i = 0; i <= 30; i++)
		health_frame(&t, -1, 55, T0 + i * 100 * MS);
	assert_true(health_is_frozen(&t, T0 + 3000 * MS));
	health_frame(&t, -1, 56, T0 + 3100 * MS);
	assert_false(health_is_frozen(&t, T0 + 3100 * MS));
}

static void
source_that_numbers_nothing_is_never_frozen(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	for (int i = 0; i <= 60; i++)
		health_frame(&t, -1, 0, T0 + i * 100 * MS);
	assert_false(health_is_frozen(&t, T0 + 6000 * MS));
}

/* A stream that nobody looked at for a while begins with the picture it ended with. */
static void
a_stream_opened_anew_is_not_frozen_at_once(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	health_frame(&t, 7, 0, T0);
	health_frame(&t, 7, 0, T0 + 60000 * MS);
	assert_false(health_is_frozen(&t, T0 + 60000 * MS));
	assert_int_equal(health_frozen_us(&t, T0 + 60000 * MS), 0);
	for (int i = 1; i <= 25; i++)
		health_frame(&t, 7, 0, T0 + 60000 * MS + i * 100 * MS);
	assert_true(health_is_frozen(&t, T0 + 62500 * MS));
	assert_int_equal(health_frozen_us(&t, T0 + 62500 * MS), 2500 * MS);
}

/* The layout changes, or a list is looked at: it stands still all the while. */
static void
what_is_frozen_stays_so_while_its_stream_is_opened_anew(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	for (int i = 0; i <= 25; i++)
		health_frame(&t, 7, 0, T0 + i * 100 * MS);
	for (int i = 25; i <= 120; i++)
		assert_true(health_is_frozen(&t, T0 + i * 100 * MS));
	for (int i = 120; i <= 150; i++) {
		health_frame(&t, 7, 0, T0 + i * 100 * MS);
		assert_true(health_is_frozen(&t, T0 + i * 100 * MS));
	}
	assert_int_equal(health_frozen_us(&t, T0 + 15000 * MS), 15000 * MS);
}

static void
when_a_standing_picture_will_be_frozen_is_known_ahead(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	assert_true(health_frozen_in_us(&t, T0) == INT64_MAX);
	health_frame(&t, 1, 0, T0);
	assert_int_equal(health_frozen_in_us(&t, T0 + 300 * MS), 1700 * MS);
	health_frame(&t, 2, 0, T0 + 500 * MS);
	health_frame(&t, 2, 0, T0 + 900 * MS);
	assert_int_equal(health_frozen_in_us(&t, T0 + 1000 * MS), 1500 * MS);
	health_frame(&t, 2, 0, T0 + 2400 * MS);
	assert_false(health_is_frozen(&t, T0 + 2500 * MS - 1));
	assert_true(health_is_frozen(&t, T0 + 2500 * MS));
	assert_true(health_frozen_in_us(&t, T0 + 2500 * MS) == INT64_MAX);
	health_track_init(&t);
	health_frame(&t, -1, 0, T0);
	assert_true(health_frozen_in_us(&t, T0) == INT64_MAX);
}

/* ---- Sound ---- */

static void
sounds(struct health_track *t, int64_t from_ms, int64_t to_ms, double peak_dbfs, int64_t clips, bool muted)
{
	const struct node_audio a = { .peak_dbfs = peak_dbfs, .rms_dbfs = peak_dbfs - 6, .clips = clips, .muted = muted };

	for (int64_t at = from_ms; at <= to_ms; at += 100)
		health_sound(t, &a, T0 + at * MS);
}

static void
silent_is_sound_with_nothing_in_it_for_five_seconds(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	assert_false(health_is_silent(&t));
	sounds(&t, 0, 4900, -75, 0, false);
	assert_false(health_is_silent(&t));
	sounds(&t, 5000, 5000, -75, 0, false);
	assert_true(health_is_silent(&t));
	sounds(&t, 5100, 5100, -60, 0, false);
	assert_false(health_is_silent(&t));
	sounds(&t, 5200, 10000, -60.1, 0, false);
	assert_false(health_is_silent(&t));
	sounds(&t, 10100, 10100, -60.1, 0, false);
	assert_true(health_is_silent(&t));
	assert_int_equal(health_link_of(&t, &limits, T0 + 10100 * MS), HEALTH_LIVE);	/* and it is a word */
}

static void
a_muted_microphone_is_not_silent_nor_is_one_that_says_nothing(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	sounds(&t, 0, 20000, -90, 0, true);
	assert_false(health_is_silent(&t));
	sounds(&t, 20100, 24000, -90, 0, false);
	assert_false(health_is_silent(&t));		/* five seconds begin when it is opened */
	health_track_init(&t);
	sounds(&t, 0, 0, -90, 0, false);
	sounds(&t, 60000, 60000, -90, 0, false);	/* a minute nobody heard may have been loud */
	assert_false(health_is_silent(&t));
}

static void
sound_in_health_counts_as_the_event_does(void **state)
{
	struct node_health h = { .has_audio = true, .audio = { .peak_dbfs = -80 } };
	struct health_track t;

	(void)state;
	health_track_init(&t);
	for (int i = 0; i <= 5; i++)
		health_said(&t, &h, T0 + i * 1000 * MS);
	assert_true(health_is_silent(&t));
	h.audio.clips = 2;
	health_said(&t, &h, T0 + 6000 * MS);
	assert_int_equal(t.clip_us, T0 + 6000 * MS);
	h.has_audio = false;
	health_said(&t, &h, T0 + 7000 * MS);
	assert_false(health_is_silent(&t));
	assert_false(t.last.has_audio);
}

static void
clip_is_a_count_that_grew_while_we_listened(void **state)
{
	struct health_track t;

	(void)state;
	health_track_init(&t);
	sounds(&t, 0, 0, -3, 17, false);
	assert_int_equal(t.clip_us, -1);		/* of any time before */
	sounds(&t, 1000, 1000, -3, 17, false);
	assert_int_equal(t.clip_us, -1);
	sounds(&t, 2000, 2000, 0, 18, false);
	assert_int_equal(t.clip_us, T0 + 2000 * MS);
	sounds(&t, 3000, 3000, 0, 2, false);		/* it counts from nothing again */
	assert_int_equal(t.clip_us, T0 + 2000 * MS);
	sounds(&t, 4000, 4000, 0, 3, false);
	assert_int_equal(t.clip_us, T0 + 4000 * MS);
}

static void
storage_is_minutes_at_the_bit_rate(void **state)
{
	static const struct {
		bool has_storage, has_format;
		int64_t free_bytes, bps;
		int want;
	} cases[] = {
		{ true, true, 60000000, 8000000, 1 }, { true, true, 59999999, 8000000, 0 }, { true, true, 0, 8000000, 0 },
		{ true, true, 90000000000, 8000000, 1500 }, { false, true, 90000000000, 8000000, -1 },
		{ true, false, 90000000000, 8000000, -1 }, { true, true, 90000000000, 0, -1 }, { true, true, 90000000000, -5, -1 },
		{ true, true, -1, 8000000, -1 }, { true, true, 90000000000, INT64_MAX, -1 }, { true, true, INT64_MAX, 8, INT_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct node_health h = { .has_storage = cases[i].has_storage, .has_format = cases[i].has_format };

		h.free_bytes = cases[i].free_bytes;
		h.format.bitrate_bps = cases[i].bps;
		assert_int_equal(health_storage_minutes(&h), cases[i].want);
	}
}

static struct node_health
recording_with(int64_t free_bytes, int64_t ran_us, int64_t bytes)
{
	struct node_health h = said(NODE_REC_RECORDING, bytes);

	h.has_storage = h.has_format = true;
	h.free_bytes = free_bytes;
	h.format.bitrate_bps = 8000000;		/* a megabyte a second */
	h.recording.since_us = 5000000;
	h.time_us = h.recording.since_us + ran_us;
	return h;
}

static void
a_forecast_goes_by_the_bit_rate_until_something_was_written(void **state)
{
	struct health_track t;
	struct node_health h = recording_with(60000000, 1000000, 0);

	(void)state;
	health_track_init(&t);
	assert_int_equal(health_full_in_us(&t), -1);
	health_said(&t, &h, T0);
	assert_int_equal(health_full_in_us(&t), 60000000);
	assert_int_equal(health_room_minutes(&t), 1);
	h = recording_with(60000000, 20000000, 40000000);	/* twice that, by its own word */
	health_said(&t, &h, T0 + 1000 * MS);
	assert_int_equal(health_full_in_us(&t), 30000000);
	assert_int_equal(health_room_minutes(&t), 0);
	h.recording.state = NODE_REC_IDLE;
	health_said(&t, &h, T0 + 2000 * MS);
	assert_int_equal(health_full_in_us(&t), -1);
	assert_int_equal(health_room_minutes(&t), 1);
}

static void
a_forecast_goes_by_what_leaves_the_storage_where_that_is_sooner(void **state)
{
	struct health_track t;
	struct node_health h;
	int64_t free_bytes = 1000000000;

	(void)state;
	health_track_init(&t);
	for (int second = 0; second <= 40; second++, free_bytes -= 10000000) {
		h = recording_with(free_bytes, (second + 1) * 1000000, (second + 1) * 1000000);
		health_said(&t, &h, T0 + second * 1000 * MS);
		if (second == 4)
			assert_int_equal(health_full_in_us(&t) / 1000000, free_bytes / 1000000);
		if (second == 5)
			assert_int_equal(health_full_in_us(&t) / 1000000, free_bytes / 10000000);
	}
	assert_int_equal(health_full_in_us(&t) / 1000000, (free_bytes + 10000000) / 10000000);
	/* Room was made: what went before says nothing. */
	h = recording_with(2000000000, 42000000, 42000000);
	health_said(&t, &h, T0 + 41000 * MS);
	assert_int_equal(health_full_in_us(&t) / 1000000, 2000);
	/* Far away it is no forecast: somebody copied something. */
	health_track_init(&t);
	for (int second = 0; second <= 10; second++) {
		h = recording_with(90000000000 - second * 10000000, (second + 20) * 1000000, (second + 20) * 1000000);
		health_said(&t, &h, T0 + second * 1000 * MS);
	}
	assert_int_equal(health_full_in_us(&t) / 1000000, 89900);
}

/* Where the storage stands still while it records, its own file is what there is to go by. */
static void
a_forecast_is_never_of_nothing(void **state)
{
	struct health_track t;
	struct node_health h = recording_with(0, 30000000, 30000000);

	(void)state;
	health_track_init(&t);
	health_said(&t, &h, T0);
	assert_int_equal(health_full_in_us(&t), 0);
	h = recording_with(1000000, 30000000, 0);
	h.has_format = false;
	health_track_init(&t);
	health_said(&t, &h, T0);
	assert_int_equal(health_full_in_us(&t), -1);
	assert_int_equal(health_room_minutes(&t), -1);
	h.has_storage = false;
	health_said(&t, &h, T0);
	assert_int_equal(health_full_in_us(&t), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_follows_the_age_of_the_last_word),
		cmocka_unit_test(links_have_names),
		cmocka_unit_test(recording_word_is_honest_at_every_boundary),
		cmocka_unit_test(growth_time_is_the_operators),
		cmocka_unit_test(another_take_starts_anew),
		cmocka_unit_test(recording_event_is_a_word_like_health),
		cmocka_unit_test(health_without_recording_is_no_recording),
		cmocka_unit_test(frozen_is_a_counter_that_stands_while_frames_arrive),
		cmocka_unit_test(frozen_is_two_seconds_to_the_microsecond),
		cmocka_unit_test(capture_time_stands_in_for_a_missing_counter),
		cmocka_unit_test(source_that_numbers_nothing_is_never_frozen),
		cmocka_unit_test(a_stream_opened_anew_is_not_frozen_at_once),
		cmocka_unit_test(what_is_frozen_stays_so_while_its_stream_is_opened_anew),
		cmocka_unit_test(when_a_standing_picture_will_be_frozen_is_known_ahead),
		cmocka_unit_test(silent_is_sound_with_nothing_in_it_for_five_seconds),
		cmocka_unit_test(a_muted_microphone_is_not_silent_nor_is_one_that_says_nothing),
		cmocka_unit_test(sound_in_health_counts_as_the_event_does), cmocka_unit_test(clip_is_a_count_that_grew_while_we_listened),
		cmocka_unit_test(storage_is_minutes_at_the_bit_rate),
		cmocka_unit_test(a_forecast_goes_by_the_bit_rate_until_something_was_written),
		cmocka_unit_test(a_forecast_goes_by_what_leaves_the_storage_where_that_is_sooner), cmocka_unit_test(a_forecast_is_never_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
