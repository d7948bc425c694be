/*
 * link_none.c - what stands for Ableton Link in a console that was built --without-link: a sentence.
 */
#ifndef WITH_LINK
#include "io/link.h"

#include <stddef.h>

bool
link_is_built(void)
{
	return false;
}

struct link_session *
link_new(struct loop *loop, double bpm, link_changed_fn *changed, void *arg, struct err *e)
{
	(void)loop;
	(void)bpm;
	(void)changed;
	(void)arg;
	err_set(e, ERR_REFUSED, "this console was built without Ableton Link: the beat is its own");
	return NULL;
}

void
link_free(struct link_session *l)
{
	(void)l;
}

unsigned
link_peers(const struct link_session *l)
{
	(void)l;
	return 0;
}

struct beat_line
link_line(const struct link_session *l, int quantum)
{
	(void)l;
	(void)quantum;
	return (struct beat_line){ .bpm = 120 };
}

void
link_set_tempo(struct link_session *l, double bpm)
{
	(void)l;
	(void)bpm;
}

void
link_set_beat(struct link_session *l, int64_t at_us, double beat, int quantum)
{
	(void)l;
	(void)at_us;
	(void)beat;
	(void)quantum;
}
#else
typedef int link_none_is_empty;
#endif
