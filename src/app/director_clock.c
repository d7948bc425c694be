/*
 * director_clock.c - cuts that wait for a beat: which beat a press means, the one that is pending, its moving with the tempo.
 * Never sends a byte itself, and never keeps time: that is the clock's.
 */
#include "app/director_private.h"

#include <stdlib.h>
#include <string.h>
#include "app/metro.h"
#include "base/str.h"
#include "base/xalloc.h"

#define AHEAD_US 400000LL	/* of its beat a cut is sent */
#define AHEAD_MOST_US 1000000LL	/* while it is on its way no other light can be told to the nodes */
#define LEAST_US 20000LL	/* a beat nearer than this cannot be told to all in time */
#define MOST_US 250000LL	/* one node on a slow way moves nobody's cut further than this */
#define MOVED_US 200LL		/* less is no reason to tell the nodes again */
#define UPON_US 20000LL	/* what is nearer, a node may have done before it hears that it moved: its light would turn red twice ... */
#define SLIGHT_US 800LL	/* ... for a move that nobody sees */
#define FAR_US (2 * AHEAD_MOST_US)	/* what was sent and is that far away now waits here, not on the nodes */

void
director_set_clock(struct director *d, struct metro *metro)
{
	d->metro = metro;
}

/* What every live node needs to be told of an instant. */
static int64_t
reach_us(const struct director *d, int64_t least_us)
{
	struct target_set *targets = xcalloc(1, sizeof *targets);
	int64_t lead_us;

	director_tally_targets(d, targets);
	lead_us = fanout_lead_us(d->fanout, targets, least_us);
	free(targets);
	return lead_us;
}

int64_t
director_clock_ahead_us(const struct director *d)
{
	const int64_t ahead_us = reach_us(d, AHEAD_US);

	return ahead_us < AHEAD_MOST_US ? ahead_us : AHEAD_MOST_US;
}

/* ---- Which beat ---- */

bool
director_beat(const struct director *d, enum director_when when, int beats, int64_t pressed_us, double *beat, struct err *e)
{
	const int64_t now_us = clk_utc_us(d->clk), from_us = pressed_us != 0 && pressed_us < now_us ? pressed_us : now_us;
	const struct beat_grid *g;
	int64_t reach, shift_us;

	if (!metro_check(d->metro, e))
		return false;
	g = metro_grid(d->metro);
	shift_us = loop_now_us(d->loop) - now_us;
	reach = reach_us(d, LEAST_US);
	if (reach > MOST_US)
		reach = MOST_US;
	*beat = when == DIRECTOR_ON_BAR ? beat_next_bar(g, from_us + shift_us) : beat_next(g, from_us + shift_us) +
	    (when == DIRECTOR_AFTER_BEATS ? beats - 1 : 0);
	while (metro_when_utc(d->metro, *beat) < now_us + reach)
		*beat += when == DIRECTOR_ON_BAR ? g->quantum : 1;
	return true;
}

/* ---- The pending one ---- */

static struct director_cutting *
pending_of(const struct director *d)
{
	LIST_EACH(it, &d->queue) {
		struct director_cutting *c = LIST_ENTRY(it, struct director_cutting, link);

		if (c->on_clock)
			return c;
	}
	return NULL;
}

bool
director_pending(const struct director *d, struct director_pending *out)
{
	const struct director_cutting *c = pending_of(d);
	const struct beat_grid *g;

	if (c == NULL)
		return false;
	g = metro_grid(d->metro);
	*out = (struct director_pending){ .beat = c->beat, .at_us = c->at_us, .is_bar = beat_where_of(g, c->beat).beat == 1,
		.beats = beat_count_to(g, loop_now_us(d->loop), c->beat) };
	str_copy(out->to, sizeof out->to, c->to);
	str_copy(out->by, sizeof out->by, c->by);
	return true;
}

void
director_clock_tell(struct director *d, const struct director_cutting *c)
{
	const int64_t beats = beat_count_to(metro_grid(d->metro), loop_now_us(d->loop), c->beat);

	bus_tell(d->bus, EV_CUT_PENDING, c->to[0] != '\0' ? c->to : NULL, "%sin %lld beat%s", c->to[0] == '\0' ? "black, " : "",
	    (long long)beats, beats == 1 ? "" : "s");
	director_tell_buses(d);
}

static void
drop_pending(struct director *d, struct director_cutting *c, const struct err *why, const char *by)
{
	const bool was_sent = c->is_sent;

	director_cut_drop(d, c, why, by);
	director_clock_chain(d);
	if (was_sent)
		director_tally_retract(d);
	director_tell_buses(d);
}

bool
director_clock_is_pending(const struct director *d, const char *to, double beat)
{
	const struct director_cutting *c = pending_of(d);

	return c != NULL && strcmp(c->to, to) == 0 && c->beat == beat;
}

void
director_clock_replace(struct director *d, const char *by)
{
	struct director_cutting *c = pending_of(d);
	struct err why = { .kind = ERR_NONE };

	if (c == NULL)
		return;
	err_set(&why, ERR_REFUSED, "a newer cut replaced it");
	bus_tell(d->bus, EV_CUT_REPLACED, c->to[0] != '\0' ? c->to : NULL, "by a newer cut");
	drop_pending(d, c, &why, by);
}

bool
director_cancel(struct director *d)
{
	struct director_cutting *c = pending_of(d);
	struct err why = { .kind = ERR_NONE };

	if (c == NULL)
		return false;
	err_set(&why, ERR_REFUSED, "cancelled before its beat: nothing was cut");
	drop_pending(d, c, &why, c->by);
	director_cut_step(d);
	return true;
}

bool
director_clock_ready(struct director *d, struct director_cutting *c)
{
	struct err why = { .kind = ERR_NONE };

	if (director_wish_allowed(d, c->to, c->force, &why))
		return true;
	bus_tell(d->bus, EV_CUT_REFUSED, c->to[0] != '\0' ? c->to : NULL, "%s", why.text);
	drop_pending(d, c, &why, c->by);
	return false;
}

/* ---- The tempo changes ---- */

void
director_clock_chain(struct director *d)
{
	const struct director_buses *b = &d->now;

	LIST_EACH(it, &d->queue) {
		struct director_cutting *c = LIST_ENTRY(it, struct director_cutting, link);

		if (!c->is_sent) {
			str_copy(c->from, sizeof c->from, b->program);
			director_wish_buses(&c->after, b, c->to, c->is_swap);
		}
		b = &c->after;
	}
}

/* To its place by time.  One that was sent stays ahead: the nodes have it. */
static void
put_in_order(struct director *d, struct director_cutting *c)
{
	struct list *later = &d->queue;

	list_remove(&c->link);
	LIST_EACH(it, &d->queue) {
		const struct director_cutting *other = LIST_ENTRY(it, struct director_cutting, link);

		if (!other->is_sent && other->due_us > c->due_us) {
			later = it;
			break;
		}
	}
	list_insert_tail(later, &c->link);
}

/* The nodes need not be told: they have it nearly so, and perhaps have done it. */
static bool
is_near_enough(const struct director *d, const struct director_cutting *c, int64_t due_us)
{
	const bool is_upon_us = c->is_sent && c->due_us - loop_now_us(d->loop) < UPON_US;

	return llabs(due_us - c->due_us) <= (is_upon_us ? SLIGHT_US : MOVED_US);
}

void
director_clock_follow(struct director *d)
{
	struct director_cutting *c = pending_of(d);
	int64_t due_us;

	if (c == NULL)
		return;
	c->at_us = metro_when_utc(d->metro, c->beat);	/* by whatever name somebody has given this instant meanwhile */
	due_us = director_cut_due(d, c->at_us);
	if (is_near_enough(d, c, due_us))
		return;
	c->due_us = due_us;
	if (c->is_sent && due_us - loop_now_us(d->loop) > FAR_US)
		director_cut_recall(d, c);
	if (c->is_sent) {
		director_cut_send(d, c);
	} else {
		put_in_order(d, c);
		director_clock_chain(d);
	}
	loop_timer_start(d->loop, d->cut_timer, 0, 0);
	director_tell_buses(d);
}

static void
clock_moved(void *arg, const struct bus_event *ev)
{
	(void)ev;
	director_clock_follow(arg);
}

void
director_clock_open(struct director *d)
{
	bus_listen(d->bus, EV_BEAT, clock_moved, d);
}

void
director_clock_close(struct director *d)
{
	bus_unlisten(d->bus, clock_moved, d);
}
