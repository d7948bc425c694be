/*
 * cueplay_plan.c - when each cue is due: anchors, send-ahead, and the order that what depends on each other keeps.
 * Owns no state but the items' times.  Never runs a cue.
 */
#include "app/cueplay_private.h"

#define LOOK_BACK 256			/* cues; the lead is 400 ms */

static void
item_read_command(struct cueplay_item *item)
{
	const struct cmd_def *def;
	struct err e = { .kind = ERR_NONE };
	struct cmdline line;
	int column = 0;

	item->effect = CMD_ON_NOTHING;
	if (cmdline_parse(&line, item->cue->text, &column, &e)) {
		if (item->cue->is_wait || item->cue->is_expect) {
			condition_parse(&item->condition, &line, 1, &column, &e);
		} else if (cmd_check_line(&line, true, &def, &column, &e)) {
			item->effect = def->effect;
			item->carries_at = def->carries_at != NULL && def->carries_at(&line);
		}
	}
	cmdline_fini(&line);
}

void
cueplay_item_init(struct cueplay *p, struct cueplay_item *item, const struct cue *cue)
{
	item->p = p;
	item->cue = cue;
	item_read_command(item);
}

/* ---- The scheduled instant ---- */

/* What later cues depend on is not known while a wait or an expect is open. */
static bool
plan_is_blocked(const struct cueplay *p, const struct cueplay_item *item)
{
	const struct cueplay_item *before = p->before;

	if (before == NULL)
		return false;
	if (before->cue->is_wait || before->cue->is_expect || item->cue->when == CUE_THEN)
		return before->state != ITEM_OVER;
	return false;
}

static int64_t
plan_scaled(const struct cueplay *p, int64_t us)
{
	return (int64_t)((double)us / p->speed);
}

static int64_t
plan_instant(const struct cueplay *p, const struct cueplay_item *item)
{
	switch (item->cue->when) {
	case CUE_AT:
		return p->zero_us + plan_scaled(p, item->cue->time_us);
	case CUE_AFTER:
		return p->anchor_us + plan_scaled(p, item->cue->time_us);
	case CUE_WITH:
		return p->anchor_us;
	default:
		break;
	}
	return loop_now_us(p->deck->loop);
}

/* ---- When it goes out ---- */

/* They meet at the same endpoint of a node, where a newer command replaces a pending one. */
static bool
plan_depends(enum cmd_effect earlier, enum cmd_effect later)
{
	if (earlier == CMD_ON_NOTHING || later == CMD_ON_NOTHING)
		return false;
	return earlier == CMD_ON_STATE || later == CMD_ON_STATE || earlier == later;
}

/*
 * Ahead of its instant if it carries it, but never before an earlier cue that it depends on has landed:
 * "at 5s label 2 left" must be done before "at 5.1s cut left" can be sent.
 */
static int64_t
plan_send(const struct cueplay *p, const struct cueplay_item *item)
{
	int64_t send_us = item->scheduled_us - CUEPLAY_LEAD_US;

	if (!item->carries_at || item->cue->when == CUE_THEN)
		return item->scheduled_us;
	for (size_t i = p->next > LOOK_BACK ? p->next - LOOK_BACK : 0; i < p->next; i++) {
		const struct cueplay_item *earlier = &p->items[i];
		int64_t free_us = earlier->scheduled_us;

		if (earlier->state == ITEM_IDLE || !plan_depends(earlier->effect, item->effect) || free_us > item->scheduled_us)
			continue;
		if (free_us + CUEPLAY_APART_US <= item->scheduled_us)
			free_us += CUEPLAY_APART_US;
		if (free_us > send_us)
			send_us = free_us;
	}
	return send_us;
}

static void
plan_take(struct cueplay *p, struct cueplay_item *item)
{
	item->scheduled_us = plan_instant(p, item);
	p->anchor_us = item->scheduled_us;
	if (item->cue->is_zero) {
		p->zero_us = item->scheduled_us;
		judge_zero(p->judge, clk_utc_us(p->deck->clk) + p->zero_us - loop_now_us(p->deck->loop), p->speed);
	}
	item->send_us = plan_send(p, item);
	item->state = ITEM_PLANNED;
	p->before = item;
}

static bool
plan_is_this_phase(const struct cueplay *p, const struct cueplay_item *item)
{
	return item->cue->finally == (p->phase == PLAY_FINALLY);
}

void
cueplay_plan(struct cueplay *p)
{
	for (; p->next < p->count; p->next++) {
		struct cueplay_item *item = &p->items[p->next];

		if (!plan_is_this_phase(p, item) || item->state != ITEM_IDLE)
			continue;
		if (plan_is_blocked(p, item))
			return;
		plan_take(p, item);
	}
}

/* ---- What is due ---- */

static bool
item_is_open(const struct cueplay_item *item)
{
	return item->state == ITEM_PLANNED || item->state == ITEM_RUNNING;
}

struct cueplay_item *
cueplay_due_item(struct cueplay *p)
{
	int64_t now_us = loop_now_us(p->deck->loop);
	struct cueplay_item *due = NULL;

	while (p->oldest < p->next && !item_is_open(&p->items[p->oldest]))
		p->oldest++;
	for (size_t i = p->oldest; i < p->next; i++) {
		struct cueplay_item *item = &p->items[i];

		if (item->state == ITEM_PLANNED && item->send_us <= now_us && (due == NULL || item->send_us < due->send_us))
			due = item;
	}
	return due;
}

int64_t
cueplay_next_due(const struct cueplay *p)
{
	int64_t due_us = INT64_MAX;

	for (size_t i = p->oldest; i < p->next; i++) {
		const struct cueplay_item *item = &p->items[i];

		if (item->state == ITEM_PLANNED && item->send_us < due_us)
			due_us = item->send_us;
		if (item->state == ITEM_RUNNING && item->cue->finally && item->deadline_us < due_us)
			due_us = item->deadline_us;
	}
	if (p->waiting != NULL && p->waiting->deadline_us < due_us)
		due_us = p->waiting->deadline_us;
	if (p->phase == PLAY_DRAIN && p->drain_us < due_us)
		due_us = p->drain_us;
	return due_us;
}
