/*
 * vitals_lost.c - cameras that fell silent.  One or two have an alarm each; more of them at once have one together, for
 * then it is the network; those that stay away when the others are back have their own again.
 */
#include "app/vitals_private.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"

#define LONE_US 10000000		/* after the first is back: who is not back by then has another trouble */

/* ---- One ---- */

static void
tell_one(struct vitals *v, const struct crew_member *m)
{
	const int64_t silent_us = clk_mono_us(v->clk) - m->track.heard_us;
	char when[16];

	vitals_clock(when, sizeof when, clk_utc_us(v->clk) - silent_us);
	if (m->node->view_only)
		vitals_ill(v, m, TROUBLE_LOST, (struct vitals_words){ "LOST", "see to its power and network" },
		    "LOST: no picture since %s. See to its power and network; it is fetched again by itself", when);
	else if (vitals_is_rolling(m))
		vitals_ill(v, m, TROUBLE_LOST, (struct vitals_words){ "LOST, was REC", ":node add ADDRESS" },
		    "LOST. Was REC when last heard %s; it may roll on alone. New address: :node add ADDRESS", when);
	else
		vitals_ill(v, m, TROUBLE_LOST, (struct vitals_words){ "LOST", ":node add ADDRESS" },
		    "LOST%s, last heard %s. It is tried again by itself; with a new address: :node add ADDRESS",
		    m->said_bye ? ": it said bye" : "", when);
}

/* ---- Many ---- */

struct many {
	struct vitals *v;
	int64_t now_us;
	int count, rolling;
	int64_t since_us;		/* console UTC, of the first; 0: not known */
	char names[400];
};

static bool
is_of_blow(const struct patient *p, int64_t now_us)
{
	return vitals_has(p, TROUBLE_LOST) && now_us - p->lost_us <= VITALS_AT_ONCE_US;
}

static void
count_blow(void *arg, const char *key, void *value)
{
	struct many *all = arg;

	(void)key;
	all->count += is_of_blow(value, all->now_us);
}

/* Their own alarms go; the first of them says since when. */
static void
fold_one(void *arg, const char *key, void *value)
{
	struct many *all = arg;
	struct patient *p = value;
	int64_t time_us;

	(void)key;
	if (!is_of_blow(p, all->now_us))
		return;
	p->is_folded = true;
	time_us = alarms_drop(all->v->alarms, p->node, TROUBLE_LOST);
	if (time_us > 0 && (all->since_us == 0 || time_us < all->since_us))
		all->since_us = time_us;
}

/* Those who are folded, by number: the first few by name. */
static void
count_folded(struct many *all)
{
	all->count = all->rolling = 0;
	for (int i = 0; i < crew_count(all->v->crew); i++) {
		const struct crew_member *m = crew_at(all->v->crew, i);
		const struct patient *p = map_get(all->v->patients, m->node->id);

		if (p == NULL || !p->is_folded)
			continue;
		all->rolling += vitals_is_rolling(m);
		vitals_add_name(all->names, sizeof all->names, m, all->count++);
	}
}

static void
many_words(struct many *all, char *text, size_t text_size, char *brief, size_t brief_size)
{
	char more[32] = "", rolling[64] = "";

	count_folded(all);
	if (all->count > VITALS_NAMED)
		snprintf(more, sizeof more, " and %d more", all->count - VITALS_NAMED);
	if (all->rolling > 0)
		snprintf(rolling, sizeof rolling, " %d rolled when last heard and roll%s on alone.", all->rolling, all->rolling == 1 ? "s" : "");
	snprintf(text, text_size, "%d cameras LOST at once: %s%s. See to this machine's network; which paths are left: :view mesh.%s",
	    all->count, all->names, more, rolling);
	snprintf(brief, brief_size, "%d cameras LOST: see to the network  :view mesh", all->count);
}

static void
stop_waiting(struct vitals *v)
{
	v->is_lone_due = false;
	loop_timer_stop(v->loop, v->lone);
}

static void
tell_many(struct many *all)
{
	struct alarms *a = all->v->alarms;
	char text[MAX_TEXT_FIELD], brief[ALARMS_BRIEF];

	stop_waiting(all->v);
	map_each(all->v->patients, fold_one, all);
	many_words(all, text, sizeof text, brief, sizeof brief);
	if (!alarms_retell(a, "", TROUBLE_LOST_MANY, text, brief) && !alarms_renew(a, "", TROUBLE_LOST_MANY, text, brief))
		alarms_put(a, "", TROUBLE_LOST_MANY, all->since_us, text, brief);
}

static void
count_left(void *arg, const char *key, void *value)
{
	struct many *all = arg;

	(void)key;
	all->count += ((const struct patient *)value)->is_folded;
}

void
vitals_leave_many(struct vitals *v, struct patient *p)
{
	struct many all = { .v = v };

	if (!p->is_folded)
		return;
	p->is_folded = false;
	if (!v->is_lone_due)
		loop_timer_start(v->loop, v->lone, LONE_US, 0);
	v->is_lone_due = true;
	map_each(v->patients, count_left, &all);
	if (all.count > 0)
		return;
	stop_waiting(v);
	alarms_over(v->alarms, "", TROUBLE_LOST_MANY);
}

void
vitals_lone(void *vitals)
{
	struct vitals *v = vitals;

	v->is_lone_due = false;
	alarms_over(v->alarms, "", TROUBLE_LOST_MANY);
	for (int i = 0; i < crew_count(v->crew); i++) {
		const struct crew_member *m = crew_at(v->crew, i);
		struct patient *p = map_get(v->patients, m->node->id);

		if (p == NULL || !p->is_folded)
			continue;
		p->is_folded = false;
		tell_one(v, m);
	}
}

void
vitals_check_link(struct vitals *v, struct patient *p, const struct crew_member *m)
{
	struct many all = { .v = v, .now_us = clk_mono_us(v->clk) };

	if (m->link == HEALTH_LIVE) {
		vitals_well(v, p, TROUBLE_LOST);
		vitals_well(v, p, TROUBLE_UNSEEN);
		return;
	}
	if (m->link != HEALTH_LOST || vitals_has(p, TROUBLE_LOST))
		return;
	p->lost_us = all.now_us;
	tell_one(v, m);			/* news of its own in any case */
	map_each(v->patients, count_blow, &all);
	if (all.count >= VITALS_MANY)
		tell_many(&all);
}
