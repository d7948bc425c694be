/*
 * senses.c - when which sense speaks.
 * Owns the timer and the place in the file.  Never knows who listens, never holds up the picture: what is late by more
 * than a moment is left out.
 */
#include <stdlib.h>
#include <string.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/senses_private.h"

#define GESTURE_US 10000000
#define LATE_US 200000		/* a loop that was held up says no flood afterwards */

struct senses {
	struct loop *loop;
	struct senses_fns fns;
	void *arg;
	struct loop_timer *timer;
	int64_t start_us;		/* monotonic: of the camera, or of this round of the file */
	bool is_made;
	int number;
	int64_t every_us[SENSE_KINDS], next_us[SENSE_KINDS];	/* made up: since start_us */
	struct sense_list list;
	int at;				/* in the list */
	bool has[SENSE_KINDS];
	bool has_level;
	struct node_audio level;
};

const char *
senses_name(enum sense_kind kind)
{
	static const char *const names[SENSE_KINDS] = { "pose", "gesture", "audio" };

	return names[kind];
}

/* ---- saying ---- */

/* members: of the data, but for its time, which a level has none of. */
static void
say(struct senses *s, enum sense_kind kind, const char *members)
{
	struct buf json;

	buf_init(&json, MAX_SSE_EVENT);
	if (kind == SENSE_AUDIO)
		buf_add_format(&json, "{%s}", members);
	else
		buf_add_format(&json, "{\"timeUs\":%lld,%s}", (long long)s->fns.now_us(s->arg), members);
	if (json.len > 0)
		s->fns.say(s->arg, senses_name(kind), kind == SENSE_GESTURE, buf_text(&json));
	buf_fini(&json);
}

static void
say_made(struct senses *s, enum sense_kind kind, int64_t into_us)
{
	struct buf members;

	if (kind == SENSE_AUDIO) {
		senses_made_audio(&s->level, s->number, into_us);
		s->has_level = true;
	}
	if (!s->fns.is_heard(s->arg))
		return;
	buf_init(&members, MAX_SSE_EVENT);
	if (kind == SENSE_AUDIO)
		senses_audio_members(&members, &s->level);
	else if (kind == SENSE_POSE)
		senses_made_pose(&members, s->number, into_us);
	else
		senses_made_gesture(&members, s->number, into_us);
	say(s, kind, buf_text(&members));
	buf_fini(&members);
}

static void
say_read(struct senses *s, const struct sense *item)
{
	if (item->kind == SENSE_AUDIO) {
		s->level = item->audio;
		s->has_level = true;
	}
	if (s->fns.is_heard(s->arg))
		say(s, item->kind, item->members);
}

/* ---- when ---- */

static int64_t
made_turn(struct senses *s, int64_t into_us)
{
	int64_t soonest_us = INT64_MAX;

	for (int kind = 0; kind < SENSE_KINDS; kind++) {
		if (!s->has[kind])
			continue;
		if (s->next_us[kind] <= into_us) {
			say_made(s, (enum sense_kind)kind, into_us);
			s->next_us[kind] += s->every_us[kind];
			if (s->next_us[kind] <= into_us)
				s->next_us[kind] = (into_us / s->every_us[kind] + 1) * s->every_us[kind];
		}
		soonest_us = s->next_us[kind] < soonest_us ? s->next_us[kind] : soonest_us;
	}
	return soonest_us;
}

static int64_t
list_turn(struct senses *s, int64_t into_us)
{
	if (into_us >= s->list.length_us) {	/* round again */
		s->start_us += into_us / s->list.length_us * s->list.length_us;
		into_us %= s->list.length_us;
		s->at = 0;
	}
	for (; s->at < s->list.count && s->list.items[s->at].at_us <= into_us; s->at++)
		if (s->list.items[s->at].kind == SENSE_GESTURE || into_us - s->list.items[s->at].at_us <= LATE_US)
			say_read(s, &s->list.items[s->at]);
	return s->at < s->list.count ? s->list.items[s->at].at_us : s->list.length_us;
}

static void
turn(void *arg)
{
	struct senses *s = arg;
	int64_t into_us = loop_now_us(s->loop) - s->start_us;
	int64_t next_us = s->is_made ? made_turn(s, into_us) : list_turn(s, into_us);

	loop_timer_start_at(s->loop, s->timer, s->start_us + next_us);
}

/* ---- life ---- */

/* A body is looked for in a frame: there are no more poses than frames. */
static void
make_up(struct senses *s, double rate)
{
	s->is_made = true;
	for (int kind = 0; kind < SENSE_KINDS; kind++)
		s->has[kind] = true;
	s->every_us[SENSE_POSE] = rate >= 30 ? SENSES_POSE_US : (int64_t)(1e6 / rate);
	s->every_us[SENSE_GESTURE] = GESTURE_US;
	s->every_us[SENSE_AUDIO] = SENSES_AUDIO_US;
	s->next_us[SENSE_GESTURE] = GESTURE_US / 10 * (1 + s->number % 8);	/* a fleet does not move as one */
}

static bool
read_list(struct senses *s, const char *path, struct err *e)
{
	if (!senses_file_read(&s->list, path, e))
		return false;
	for (int i = 0; i < s->list.count; i++)
		s->has[s->list.items[i].kind] = true;
	return true;
}

struct senses *
senses_open(struct loop *loop, const char *what, int number, double rate, const struct senses_fns *fns, void *arg, struct err *e)
{
	struct senses *s = xcalloc(1, sizeof *s);

	s->loop = loop;
	s->fns = *fns;
	s->arg = arg;
	s->number = number > 0 ? number : 1;
	s->timer = loop_timer_new(loop, turn, s);
	if (!str_has_prefix(what, "file:")) {
		make_up(s, rate);
	} else if (!read_list(s, what + 5, e)) {
		senses_free(s);
		return NULL;
	}
	s->start_us = loop_now_us(loop);
	loop_timer_start(loop, s->timer, 0, 0);
	return s;
}

void
senses_free(struct senses *s)
{
	if (s == NULL)
		return;
	loop_timer_free(s->loop, s->timer);
	senses_file_fini(&s->list);
	free(s);
}

bool
senses_has_pose(const struct senses *s)
{
	return s != NULL && s->has[SENSE_POSE];
}

bool
senses_has_audio(const struct senses *s)
{
	return s != NULL && s->has[SENSE_AUDIO];
}

bool
senses_audio(const struct senses *s, struct node_audio *out)
{
	if (s == NULL || !s->has_level)
		return false;
	*out = s->level;
	return true;
}
