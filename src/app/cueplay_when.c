/*
 * cueplay_when.c - the instant of each cue: since the sheet began, since the cue before, by the wall clock, on a beat of the show's clock.
 * Pure arithmetic on the clocks as they stand; sends nothing.
 */
#include "app/cueplay_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "base/xalloc.h"

#define BEAT_SLACK 1e-6			/* an instant in whole microseconds is on its beat all the same */
#define REACH_US 20000LL		/* a beat nearer than this cannot be told to all in time */
#define REACH_MOST_US 250000LL		/* one node on a slow way moves nobody's cue further than this */
#define DAY_US 86400000000LL

int64_t
cueplay_scaled(const struct cueplay *p, int64_t us)
{
	return (int64_t)((double)us / p->conf.speed);
}

/* ---- The wall clock ---- */

/* That time of the local day which is so many days from the one of utc_us. */
static int64_t
clock_on_day(int64_t utc_us, int days, int64_t of_day_us)
{
	time_t seconds = (time_t)(utc_us / 1000000);
	struct tm day;

	localtime_r(&seconds, &day);
	day.tm_mday += days;
	day.tm_hour = (int)(of_day_us / 3600000000LL);
	day.tm_min = (int)(of_day_us / 60000000 % 60);
	day.tm_sec = (int)(of_day_us / 1000000 % 60);
	day.tm_isdst = -1;
	return (int64_t)mktime(&day) * 1000000 + of_day_us % 1000000;
}

/* Of yesterday, today and tomorrow the one nearest to the cue before: a show goes past midnight, and may be a little late. */
static int64_t
when_clock(const struct cueplay_item *item)
{
	const struct deck *deck = item->p->deck;
	const int64_t shift_us = loop_now_us(deck->loop) - clk_utc_us(deck->clk), anchor_us = item->before.anchor_us - shift_us;
	int64_t nearest_us = clock_on_day(anchor_us, 0, item->cue->time_us), best_us;

	for (int days = -1; days <= 1; days += 2) {
		best_us = clock_on_day(anchor_us, days, item->cue->time_us);
		if (llabs(best_us - anchor_us) < llabs(nearest_us - anchor_us))
			nearest_us = best_us;
	}
	return item->before.anchor_us + cueplay_scaled(item->p, nearest_us - anchor_us);
}

/* ---- Beats ---- */

/* What every node needs to be told of an instant. */
static int64_t
reach_us(const struct cueplay *p)
{
	struct target_set *all = xcalloc(1, sizeof *all);
	int64_t lead_us;

	for (int i = 0; i < crew_count(p->deck->crew) && all->count < MAX_NODES; i++) {
		const struct crew_member *m = crew_at(p->deck->crew, i);

		if (m->link == HEALTH_LIVE && !m->node->view_only)
			snprintf(all->ids[all->count++], ID_BYTES, "%s", m->node->id);
	}
	lead_us = fanout_lead_us(p->deck->fanout, all, REACH_US);
	free(all);
	return lead_us < REACH_MOST_US ? lead_us : REACH_MOST_US;
}

static double
next_multiple(double beat, double step, double from)
{
	return from + (floor((beat - from + BEAT_SLACK) / step) + 1) * step;
}

/* The first of its kind that is strictly later than the cue before. */
static double
next_beat(const struct cueplay_item *item, const struct beat_grid *g, bool is_new)
{
	const double step = item->cue->when == CUE_ON_BAR ? g->quantum : 1, from = item->cue->when == CUE_ON_BAR ? g->downbeat : 0;
	double beat = next_multiple(item->before.beat, step, from);
	int64_t least_us = is_new ? loop_now_us(item->p->deck->loop) + reach_us(item->p) : 0;

	while (beat_when(&g->line, beat) < least_us)
		beat += step;
	return beat;
}

static bool
is_on_clock(const struct cueplay_item *item)
{
	return cue_is_on_clock(item->cue) || (item->cue->when == CUE_WITH && item->before.on_clock);
}

static double
when_beat(const struct cueplay_item *item, bool is_new)
{
	const struct beat_grid *g = metro_grid(item->p->deck->metro);
	const struct cue *cue = item->cue;

	switch (cue->when) {
	case CUE_AT_BAR:
		return beat_of_bar(g, cue->bar, cue->beats);
	case CUE_AFTER_BEATS:
		return item->before.beat + cue->beats;
	case CUE_AFTER_BARS:
		return item->before.beat + cue->beats * g->quantum;
	case CUE_ON_BEAT:
	case CUE_ON_BAR:
		return next_beat(item, g, is_new);
	default:
		break;
	}
	return item->before.beat;		/* with */
}

/* ---- One cue ---- */

static int64_t
when_time(const struct cueplay_item *item)
{
	const struct cueplay *p = item->p;

	switch (item->cue->when) {
	case CUE_AT:
		return item->before.zero_us + cueplay_scaled(p, item->cue->time_us);
	case CUE_AFTER:
		return item->before.anchor_us + cueplay_scaled(p, item->cue->time_us);
	case CUE_AT_CLOCK:
		return when_clock(item);
	case CUE_ON_GO:
		return item->before.anchor_us + cueplay_scaled(p, p->conf.go_us);
	default:
		break;
	}
	return item->before.anchor_us;		/* with */
}

static void
when_after(struct cueplay_item *item)
{
	const struct cueplay *p = item->p;
	struct cueplay_row *row = &item->after;

	*row = item->before;
	row->anchor_us = item->scheduled_us;
	row->on_clock = item->on_clock;
	row->has_beat = metro_runs(p->deck->metro);
	row->beat = item->on_clock ? item->beat : row->has_beat ? beat_at(&metro_grid(p->deck->metro)->line, row->anchor_us) : 0;
	if (item->cue->is_zero)
		row->zero_us = item->scheduled_us;
}

/* What was planned before a clock ran, or hangs on an instant that moves against the beat. */
static void
row_refresh(struct cueplay_row *row, const struct cueplay *p)
{
	if (!metro_runs(p->deck->metro) || row->on_clock || (row->has_beat && row->anchor_us <= loop_now_us(p->deck->loop)))
		return;
	row->has_beat = true;
	row->beat = beat_at(&metro_grid(p->deck->metro)->line, row->anchor_us);
}

void
cueplay_when(struct cueplay_item *item, bool is_new)
{
	if (item->is_fixed)
		return;
	item->on_clock = is_on_clock(item) && item->refusal.kind == ERR_NONE;
	if (item->on_clock) {
		row_refresh(&item->before, item->p);
		item->beat = when_beat(item, is_new);
		item->scheduled_us = beat_when(&metro_grid(item->p->deck->metro)->line, item->beat);
	} else {
		item->scheduled_us = when_time(item);
	}
	when_after(item);
}

void
cueplay_when_now(struct cueplay_item *item)
{
	item->is_fixed = true;
	item->on_clock = false;
	item->scheduled_us = loop_now_us(item->p->deck->loop);
	when_after(item);
}

/* ---- The clock moves ---- */

static bool
item_moves(const struct cueplay_item *item)
{
	if (item->is_fixed || item->rule != NULL)
		return false;
	if (item->state == ITEM_PLANNED)
		return true;
	return item->state == ITEM_RUNNING && item->on_clock && item->follows_clock && item->sent_ahead &&
	    item->scheduled_us > loop_now_us(item->p->deck->loop);
}

/* What hangs on one that stays stays with it. */
void
cueplay_when_again(struct cueplay *p, bool is_new)
{
	const struct cueplay_item *moved = NULL;

	p->clock_moved = false;
	LIST_EACH(it, &p->items) {
		struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->rule != NULL)
			continue;
		if (!item_moves(item)) {
			moved = NULL;
			continue;
		}
		if (moved != NULL)
			item->before = moved->after;
		cueplay_when(item, is_new);
		if (item->state == ITEM_PLANNED)
			cueplay_plan_send(item);
		moved = item;
	}
	if (moved != NULL && moved == p->before)
		p->row = moved->after;
}
