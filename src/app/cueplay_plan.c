/*
 * cueplay_plan.c - the order of cues: what must be over first, what is sent ahead, what is due next.
 * Owns the list of cues that are planned or run.  Never runs one.
 */
#include "app/cueplay_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"

/* ---- Items ---- */

/* By the shape of its command: a choice is not made before it goes out. */
static void
item_read_command(struct cueplay_item *item)
{
	const struct cmd_def *def;
	struct err e = { .kind = ERR_NONE };
	struct cmdline line;
	char *text = cue_sample(item->cue);
	int column = 0;

	item->effect = CMD_ON_NOTHING;
	if (cmdline_parse(&line, text, &column, &e)) {
		if (item->cue->is_wait || item->cue->is_expect) {
			condition_parse(&item->condition, &line, 1, &column, &e);
		} else if (cmd_check_line(&line, true, &def, &column, &e)) {
			item->effect = def->effect;
			item->carries_at = def->carries_at != NULL && def->carries_at(&line);
			item->follows_clock = item->carries_at && (def->flags & CMD_FOLLOWS_CLOCK) != 0;
			item->sets_clock = (def->flags & CMD_SETS_CLOCK) != 0;
		}
	}
	cmdline_fini(&line);
	free(text);
}

struct cueplay_item *
cueplay_item_new(struct cueplay *p, const struct cue *cue)
{
	struct cueplay_item *item = xcalloc(1, sizeof *item);

	item->p = p;
	item->cue = cue;
	item->serial = -1;
	item->before = p->row;
	item_read_command(item);
	list_insert_tail(&p->items, &item->link);
	return item;
}

void
cueplay_item_free(struct cueplay_item *item)
{
	list_remove(&item->link);
	free(item->text);
	free(item);
}

void
cueplay_sweep(struct cueplay *p)
{
	LIST_EACH_SAFE(it, tmp, &p->items) {
		struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->state != ITEM_OVER || item->is_open || item == p->before)
			continue;
		if (item == p->last_command)
			p->last_command = NULL;
		cueplay_item_free(item);
	}
}

/* ---- What must be over first ---- */

/* Its instant is somebody's word: nothing behind it can be planned. */
static bool
is_awaited(const struct cueplay *p, const struct cue *cue)
{
	return p->phase == PLAY_SHEET && (cue->when == CUE_WHEN || (cue->when == CUE_ON_GO && p->conf.go == CUEPLAY_GO_ASKED));
}

/* A cue that begins when the one before has finished. */
static bool
is_then(const struct cueplay *p, const struct cue *cue)
{
	return cue->when == CUE_THEN || (cue->when == CUE_ON_GO && p->conf.go == CUEPLAY_GO_AUTO);
}

/* Somebody is about to say where the beats are. */
static bool
clock_is_open(const struct cueplay *p)
{
	LIST_EACH(it, &p->items) {
		const struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->sets_clock && (item->state == ITEM_PLANNED || (item->state == ITEM_RUNNING && !item->has_begun)))
			return true;
	}
	return false;
}

static bool
before_is_over(const struct cueplay *p)
{
	return p->before == NULL || p->before->state == ITEM_OVER;
}

static bool
plan_is_blocked(const struct cueplay *p, const struct cue *cue)
{
	if (p->ahead >= CUEPLAY_AHEAD || p->armed != NULL)
		return true;
	if (p->before != NULL && p->before->state != ITEM_OVER && (p->before->cue->is_wait || p->before->cue->is_expect))
		return true;
	if (is_then(p, cue) || p->phase == PLAY_FINALLY)
		return !before_is_over(p);
	if (cue_is_on_clock(cue))
		return clock_is_open(p) || (!metro_runs(p->deck->metro) && !before_is_over(p));
	return false;
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
void
cueplay_plan_send(struct cueplay_item *item)
{
	const int64_t lead_us = item->on_clock && !item->follows_clock ? CUEPLAY_BEAT_LEAD_US : CUEPLAY_LEAD_US;

	item->send_us = item->scheduled_us;
	if (!item->carries_at || item->is_fixed)
		return;
	item->send_us -= lead_us;
	LIST_EACH(it, &item->p->items) {
		const struct cueplay_item *earlier = LIST_ENTRY(it, struct cueplay_item, link);
		int64_t free_us = earlier->scheduled_us;

		if (earlier == item)
			break;
		if (earlier->state == ITEM_OVER || !plan_depends(earlier->effect, item->effect) || free_us > item->scheduled_us)
			continue;
		if (free_us + CUEPLAY_APART_US <= item->scheduled_us)
			free_us += CUEPLAY_APART_US;
		if (free_us > item->send_us)
			item->send_us = free_us;
	}
}

/* With a go that was given after skip, back or jump: now, or on its beat after now. */
static bool
plan_with_go(struct cueplay *p, const struct cue *cue)
{
	const bool is_now = p->go_next && cue->when != CUE_ON_BEAT && cue->when != CUE_ON_BAR;

	p->go_next = false;
	return is_now;
}

static void
plan_instant(struct cueplay *p, struct cueplay_item *item, bool is_now)
{
	if (!is_now && cue_is_on_clock(item->cue))
		(void)metro_check(p->deck->metro, &item->refusal);
	if (is_now || is_then(p, item->cue) || p->phase == PLAY_FINALLY || item->refusal.kind != ERR_NONE)
		cueplay_when_now(item);
	else
		cueplay_when(item, true);
	cueplay_plan_send(item);
	item->state = ITEM_PLANNED;
	p->ahead++;
	p->row = item->after;
}

static void
plan_take(struct cueplay *p, const struct cue *cue, const struct cueplay_place *place)
{
	struct cueplay_item *item = cueplay_item_new(p, cue);
	const bool is_now = plan_with_go(p, cue);

	item->place = p->place = *place;
	cueplay_row_pass(&p->place);
	if (!is_now && is_awaited(p, cue)) {
		item->state = ITEM_ARMED;
		p->armed = item;
	} else {
		plan_instant(p, item, is_now);
		p->before = item;
	}
}

void
cueplay_plan(struct cueplay *p)
{
	while (!p->held && (p->phase == PLAY_SHEET || p->phase == PLAY_FINALLY)) {
		struct cueplay_place place = p->place;
		const struct cue *cue = cueplay_row_next(p, &place);

		if (cue == NULL) {
			p->is_read = true;
			return;
		}
		if (plan_is_blocked(p, cue))
			return;
		plan_take(p, cue, &place);
	}
}

/* ---- Cues that wait for go, or for an event ---- */

void
cueplay_arm_release(struct cueplay *p)
{
	struct cueplay_item *item = p->armed;

	p->armed = NULL;
	plan_instant(p, item, true);
	p->before = item;
}

/* It listens once the cue before has come. */
static bool
arm_listens(const struct cueplay *p)
{
	const struct cueplay_item *before = p->before;

	return before == NULL || before->state == ITEM_OVER ||
	    (before->state == ITEM_RUNNING && before->has_begun && before->scheduled_us <= loop_now_us(p->deck->loop));
}

static void
arm_listen(struct cueplay *p, struct cueplay_item *item)
{
	const struct cueplay_item *before = p->before;
	const int64_t within_us = item->cue->when == CUE_WHEN ? item->cue->time_us : -1;

	item->is_heard = true;
	item->begun_us = loop_now_us(p->deck->loop);
	item->serial = before != NULL && before->serial >= 0 ? before->serial : judge_serial(p->judge);
	item->since_us = before != NULL && before->sent_ahead ? before->scheduled_us - CUEPLAY_NEAR_US : INT64_MIN;
	item->deadline_us = within_us >= 0 ? item->begun_us + cueplay_scaled(p, within_us) : INT64_MAX;
}

bool
cueplay_arm_look(struct cueplay *p)
{
	struct cueplay_item *item = p->armed;

	if (item == NULL || p->held)
		return false;
	if (!item->is_heard) {
		if (!arm_listens(p))
			return false;
		arm_listen(p, item);
	}
	if (item->cue->when == CUE_WHEN && judge_heard_since(p->judge, item->cue->event, item->cue->node, item->serial, item->since_us)) {
		cueplay_arm_release(p);
		return true;
	}
	if (loop_now_us(p->deck->loop) < item->deadline_us)
		return false;
	cueplay_item_expire(item);
	return true;
}

/* ---- What is due ---- */

struct cueplay_item *
cueplay_due_item(struct cueplay *p)
{
	const int64_t now_us = loop_now_us(p->deck->loop);
	struct cueplay_item *due = NULL;

	LIST_EACH(it, &p->items) {
		struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->state == ITEM_PLANNED && item->send_us <= now_us && (due == NULL || item->send_us < due->send_us))
			due = item;
	}
	return p->held ? NULL : due;
}

static int64_t
item_due(const struct cueplay *p, const struct cueplay_item *item)
{
	if (item->state == ITEM_PLANNED)
		return p->held ? INT64_MAX : item->send_us;
	if (item->state == ITEM_RUNNING && item->cue->finally)
		return item->deadline_us;
	return INT64_MAX;
}

/* An armed cue listens from the instant of the cue before. */
static int64_t
arm_due(const struct cueplay *p)
{
	if (p->armed == NULL || p->held)
		return INT64_MAX;
	if (p->armed->is_heard)
		return p->armed->deadline_us;
	return p->before != NULL && p->before->state == ITEM_RUNNING && p->before->has_begun ? p->before->scheduled_us : INT64_MAX;
}

int64_t
cueplay_next_due(const struct cueplay *p)
{
	int64_t due_us = arm_due(p);

	LIST_EACH(it, &p->items) {
		const int64_t item_us = item_due(p, LIST_ENTRY(it, struct cueplay_item, link));

		if (item_us < due_us)
			due_us = item_us;
	}
	if (p->waiting != NULL && !p->held && p->waiting->deadline_us < due_us)
		due_us = p->waiting->deadline_us;
	if (p->phase == PLAY_DRAIN && p->drain_us < due_us)
		due_us = p->drain_us;
	return due_us;
}
