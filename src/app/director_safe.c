/*
 * director_safe.c - what to do when program fails: which source is fit to go to, that it failed and since when, and panic.
 * Cuts through director_cut() like everybody else; never touches a recording.
 */
#include "app/director_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

/* How well it would do on program: 0 not at all, 1 it is silent just now, 2 well. */
static int
fitness(const struct crew_member *m)
{
	const bool has_picture = m->node->view_only || m->node->info.camera_count != 0;

	if (m->node->out || m->frozen || !has_picture)
		return 0;
	return m->link == HEALTH_LIVE ? 2 : m->link == HEALTH_STALE ? 1 : 0;
}

static int64_t
heard_us(const struct crew_member *m)
{
	return m->track.frame_us > m->track.heard_us ? m->track.frame_us : m->track.heard_us;
}

static bool
is_program(const struct director *d, const struct crew_member *m)
{
	return strcmp(m->node->id, d->now.program) == 0;
}

/* The first by number with role +safe that is that fit, or NULL. */
static const struct crew_member *
safe_of(const struct director *d, int fit)
{
	for (int i = 0; i < crew_count(d->crew); i++) {
		const struct crew_member *m = crew_at(d->crew, i);

		if ((m->node->roles & ROLE(SAFE)) != 0 && fitness(m) >= fit)
			return m;
	}
	return NULL;
}

/* Whoever was heard last; the one that is on only when there is no other: whoever panics wants it gone. */
static const struct crew_member *
freshest(const struct director *d, int fit)
{
	const struct crew_member *best = NULL;

	for (int i = 0; i < crew_count(d->crew); i++) {
		const struct crew_member *m = crew_at(d->crew, i);

		if (fitness(m) < fit)
			continue;
		if (best == NULL || is_program(d, best) || (!is_program(d, m) && heard_us(m) > heard_us(best)))
			best = m;
	}
	return best;
}

static const struct crew_member *
refuge(const struct director *d)
{
	const struct crew_member *m = NULL;

	for (int fit = 2; fit > 0 && m == NULL; fit--) {
		m = safe_of(d, fit);
		if (m == NULL)
			m = freshest(d, fit);
	}
	return m;
}

const char *
director_safe(const struct director *d)
{
	const struct crew_member *m = safe_of(d, 2);

	if (m == NULL)
		m = safe_of(d, 1);
	for (int i = 0; m == NULL && i < crew_count(d->crew); i++) {
		const struct crew_member *any = crew_at(d->crew, i);

		if ((any->node->roles & ROLE(SAFE)) != 0 && !any->node->out)
			m = any;
	}
	return m != NULL ? m->node->id : NULL;
}

/* ---- Program fails ---- */

/* Loop time since when; -1: it is well, or was never seen in this run. */
static int64_t
failed_since(const struct director *d, const struct crew_member *m)
{
	const int64_t now_us = loop_now_us(d->loop);

	if (m == NULL)
		return d->gone_us != 0 ? d->gone_us : -1;
	if (m->link == HEALTH_LOST)
		return m->link_since_us;
	return m->frozen && m->link != HEALTH_NEVER ? now_us - health_frozen_us(&m->track, now_us) : -1;
}

bool
director_lost(const struct director *d, struct director_lost *out)
{
	const struct crew_member *m = d->now.program[0] != '\0' ? crew_find(d->crew, d->now.program) : NULL, *to;
	const int64_t since_us = d->now.program[0] != '\0' ? failed_since(d, m) : -1;

	if (since_us < 0)
		return false;
	to = refuge(d);
	*out = (struct director_lost){ .is_frozen = m != NULL && m->link != HEALTH_LOST,
		.since_us = clk_utc_us(d->clk) - (loop_now_us(d->loop) - since_us) };
	str_copy(out->program, sizeof out->program, d->now.program);
	str_copy(out->safe, sizeof out->safe, to != NULL ? to->node->id : "");
	return true;
}

static const struct crew_member *
other_safe(const struct director *d)
{
	const struct crew_member *m = safe_of(d, 2);

	return m != NULL && !is_program(d, m) ? m : NULL;
}

/* The program source failed: what then is the operator's choice, made beforehand. */
static void
program_failed(struct director *d, const struct bus_event *ev, const char *what)
{
	bool is_safe_wanted = strcmp(opt_text(d->settings, "program-lost"), "safe") == 0;
	const struct crew_member *safe = is_safe_wanted ? other_safe(d) : NULL;
	char *reason = xasprintf("program-lost: %s %s", director_wish_name(d, d->now.program), what);
	struct director_ask ask = { .by = "auto", .pressed_us = ev->time_us, .reason = reason, .is_rescue = true };
	bool swallowed;

	ask.to = safe != NULL ? safe->node->id : NULL;
	bus_tell(d->bus, EV_PROGRAM_LOST, ev->node, "%s%s", what,
	    safe != NULL ? "; cutting to the safe source" : is_safe_wanted ? "; no other source with role safe is live" : "");
	if (safe != NULL && strcmp(ev->node, d->now.program) == 0)	/* a listener may have cut away already */
		(void)director_cut(d, &ask, &swallowed, NULL, NULL, NULL, NULL);
	free(reason);
}

void
director_safe_hear(struct director *d, const struct bus_event *ev)
{
	char node[ID_BYTES];
	struct bus_event kept = *ev;

	if (strcmp(ev->node, d->now.program) != 0)
		return;
	str_copy(node, sizeof node, ev->node);
	kept.node = node;
	if (ev->kind == EV_NODE_GONE)
		d->gone_us = loop_now_us(d->loop);
	program_failed(d, &kept, ev->kind == EV_FROZEN ? "its picture stands still" : ev->kind == EV_NODE_LOST ? "LOST" : "forgotten");
}

/* ---- Panic ---- */

void
director_safe_take_back(struct director *d, const struct err *why, const char *by)
{
	bool was_sent = false;

	while (!list_is_empty(&d->queue)) {
		struct director_cutting *c = LIST_ENTRY(d->queue.next, struct director_cutting, link);

		was_sent |= c->is_sent;
		bus_tell(d->bus, EV_CUT_REPLACED, c->to[0] != '\0' ? c->to : NULL, "by %s", by);
		director_cut_drop(d, c, why, by);
	}
	if (was_sent)
		director_tally_retract(d);
}

static void
take_back_all(struct director *d, const char *by)
{
	struct err why = { .kind = ERR_NONE };

	err_set(&why, ERR_REFUSED, "taken back by panic: nothing was cut");
	director_safe_take_back(d, &why, by);
	director_cut_step(d);
	director_tell_buses(d);
}

bool
director_panic(struct director *d, const struct director_ask *why, char to[static ID_BYTES], bool *stays, director_done_fn *done,
    void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e)
{
	struct director_ask ask = { .to = to, .force = true, .by = why->by, .n = why->n, .pressed_us = why->pressed_us };
	const struct crew_member *m;
	bool swallowed = false;

	*stays = false;
	to[0] = '\0';
	take_back_all(d, why->by);
	m = refuge(d);
	if (m == NULL)
		return err_set(e, ERR_REFUSED, "no source is live: program stays as it is; what was pending is cancelled");
	str_copy(to, ID_BYTES, m->node->id);
	*stays = is_program(d, m);
	return *stays || (director_cut(d, &ask, &swallowed, done, ack, arg, e) && !swallowed);
}
