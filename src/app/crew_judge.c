/*
 * crew_judge.c - owns the judgement of each member: live, stale, lost, and what its recording word is worth.
 * Says node-live, node-stale, node-lost and node-back.  Never talks to a node.
 */
#include "app/crew_private.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"

#define JUDGE_EVERY_US 250000
#define JUDGE_SOONEST_US 1000		/* a deadline that is due: not this turn again */
#define BYE_HOLDS_US 2000000		/* words that come later than this after a bye revoke it */
#define DOUBT_US 800000			/* a withdrawn node that is still there answers the probe well within this */

void
crew_judge_limits(struct crew *c)
{
	c->limits.stale_us = opt_int(c->settings, "stale-after");
	c->limits.lost_us = opt_int(c->settings, "lost-after");
	c->limits.growth_us = opt_int(c->settings, "growth-time");
}

/* The record was withdrawn: dead unless it has spoken since, or still may. */
static void
weigh_doubt(struct crew_entry *e, int64_t now_us)
{
	if (!e->doubted || e->gone != CREW_GONE_NOT)
		return;
	if (e->pub.track.heard_us > e->doubted_us)
		e->doubted = false;
	else if (e->pub.conn == CONN_BACKOFF || now_us - e->doubted_us >= DOUBT_US)
		e->gone = CREW_GONE_WITHDRAWN;
}

static enum health_link
link_of(struct crew_entry *e, int64_t now_us)
{
	if (e->pub.track.heard_us < 0)
		return HEALTH_NEVER;
	if ((e->gone == CREW_GONE_WITHDRAWN && e->pub.track.heard_us > e->doubted_us) ||
	    (e->gone == CREW_GONE_BYE && e->pub.track.heard_us > e->bye_us + BYE_HOLDS_US))
		crew_judge_hello(e);
	weigh_doubt(e, now_us);
	if (e->gone != CREW_GONE_NOT)
		return HEALTH_LOST;
	return health_link_of(&e->pub.track, &e->crew->limits, now_us);
}

static void
tell_silence(struct crew_entry *e, enum event_kind kind, int64_t now_us)
{
	struct crew *c = e->crew;
	const char *id = e->pub.node->id;
	const double silent_s = (double)(now_us - e->pub.track.heard_us) / 1e6;

	if (e->gone == CREW_GONE_BYE)
		bus_tell(c->bus, kind, id, "said bye: %s", e->bye);
	else if (e->gone == CREW_GONE_WITHDRAWN)
		bus_tell(c->bus, kind, id, "withdrew its Bonjour record and does not answer%s%s",
		    e->pub.why[0] != '\0' ? ": " : "", e->pub.why);
	else
		bus_tell(c->bus, kind, id, "no %s for %.1f s", e->pub.node->view_only ? "picture" : "word", silent_s);
}

static void
tell_live(struct crew_entry *e, enum health_link from, int64_t away_us)
{
	struct crew *c = e->crew;
	struct bus_event live = { .kind = EV_NODE_LIVE };

	if (from == HEALTH_LOST)
		bus_tell(c->bus, EV_NODE_BACK, e->pub.node->id, "after %.1f s", (double)away_us / 1e6);
	if (e->is_forgotten)	/* by a listener */
		return;
	live.node = e->pub.node->id;
	bus_say(c->bus, &live);
}

/* The one door through which a member's link changes. */
static void
judge_go(struct crew_entry *e, enum health_link to, int64_t now_us)
{
	const enum health_link from = e->pub.link;
	const int64_t away_us = now_us - e->pub.link_since_us;

	log_line(LOG_CONN, "%s: %s -> %s", registry_name(e->pub.node), health_link_name(from), health_link_name(to));
	e->pub.link = to;
	e->pub.link_since_us = now_us;
	if (to == HEALTH_LIVE)
		tell_live(e, from, away_us);
	else if (to == HEALTH_STALE)
		tell_silence(e, EV_NODE_STALE, now_us);
	else if (to == HEALTH_LOST)
		tell_silence(e, EV_NODE_LOST, now_us);
}

void
crew_judge_entry(struct crew_entry *e)
{
	struct crew *c = e->crew;
	const int64_t now_us = crew_now_us(c);
	enum health_link link;
	const enum health_rec rec = health_rec_of(&e->pub.track, &c->limits, now_us);
	const bool frozen = health_is_frozen(&e->pub.track, now_us);
	bool is_changed;

	if (e->is_forgotten)
		return;
	link = link_of(e, now_us);
	is_changed = rec != e->pub.rec || frozen != e->pub.frozen || link != e->pub.link;
	e->pub.said_bye = e->gone == CREW_GONE_BYE;	/* link_of() has weighed it */
	e->pub.rec = rec;
	e->pub.frozen = frozen;
	if (link != e->pub.link)
		judge_go(e, link, now_us);
	if (is_changed && !e->is_forgotten)	/* a listener may have forgotten it meanwhile */
		bus_tell(c->bus, EV_NODE_STATE, e->pub.node->id, "%s", e->pub.why);
	crew_judge_soon(e);
}

struct judge_round {
	struct crew_entry *entries[MAX_NODES];
	int count;
};

static void
collect(void *arg, const char *key, void *value)
{
	struct judge_round *r = arg;

	(void)key;
	if (r->count < MAX_NODES)
		r->entries[r->count++] = value;
}

/*
 * How long this member can be left alone: every 250 ms while it records, for much can change that; else exactly until
 * its silence gets too long, so that "no word for 6.0 s" is true to the digit, or its picture has stood still for too
 * long.  A lost one only changes by a word.
 */
static int64_t
rest_us(const struct crew_entry *e, int64_t now_us)
{
	const struct health_track *t = &e->pub.track;
	const struct health_limits *l = &e->crew->limits;
	const int64_t frozen_us = health_frozen_in_us(t, now_us);
	int64_t left_us;

	if (e->is_forgotten || (e->pub.link != HEALTH_LIVE && e->pub.link != HEALTH_STALE))
		return INT64_MAX;
	left_us = (e->pub.link == HEALTH_LIVE ? l->stale_us : l->lost_us) - (now_us - t->heard_us);
	if (left_us > JUDGE_EVERY_US && (e->doubted || e->pub.rec != HEALTH_REC_NONE))
		return JUDGE_EVERY_US;
	left_us = frozen_us < left_us ? frozen_us : left_us;
	if (e->pub.frozen != health_is_frozen(t, now_us))
		return JUDGE_SOONEST_US;
	return left_us > JUDGE_SOONEST_US ? left_us : JUDGE_SOONEST_US;
}

/* With nobody on the line there is nothing to wake up for. */
static void
wake_in(struct crew *c, int64_t rest, int64_t now_us)
{
	if (rest == INT64_MAX || (c->judge_at_us != 0 && c->judge_at_us <= now_us + rest))
		return;
	c->judge_at_us = now_us + rest;
	loop_timer_start(c->loop, c->judge_timer, rest, 0);
}

void
crew_judge_soon(struct crew_entry *e)
{
	const int64_t now_us = crew_now_us(e->crew);

	wake_in(e->crew, rest_us(e, now_us), now_us);
}

void
crew_judge_all(void *arg)
{
	struct crew *c = arg;
	struct judge_round r;

	r.count = 0;
	c->judge_at_us = 0;
	map_each(c->entries, collect, &r);
	for (int i = 0; i < r.count; i++)
		if (!r.entries[i]->is_forgotten)
			crew_judge_entry(r.entries[i]);
}

void
crew_judge_hello(struct crew_entry *e)
{
	e->gone = CREW_GONE_NOT;
	e->doubted = false;
}

void
crew_judge_bye(struct crew_entry *e, const char *reason)
{
	e->gone = CREW_GONE_BYE;
	e->bye_us = crew_now_us(e->crew);
	str_copy(e->bye, sizeof e->bye, reason[0] != '\0' ? reason : "no reason given");
	crew_judge_entry(e);
}

void
crew_judge_withdrawn(struct crew_entry *e)
{
	if (e->gone != CREW_GONE_NOT || e->pub.link == HEALTH_NEVER)
		return;
	e->doubted = true;
	e->doubted_us = crew_now_us(e->crew);
	crew_judge_entry(e);
}
