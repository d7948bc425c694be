/*
 * cueplay.c - plays a cue sheet from its first line to its last finally line.
 * Owns the phases and the one timer.  Knows no command by name, talks to no node.
 */
#include "app/cueplay_private.h"

#include <stdlib.h>
#include "base/xalloc.h"

static void play_heard(void *arg, const struct bus_event *ev);
static void play_timer(void *arg);

struct cueplay *
cueplay_new(const struct deck *deck, struct cmdq *q, const struct cue_sheet *sheet, const struct cueplay_conf *conf,
    const struct reply *reply, cueplay_done_fn *done, void *arg)
{
	struct cueplay *p = xcalloc(1, sizeof *p);

	p->deck = deck;
	p->q = q;
	p->sheet = sheet;
	p->speed = conf->speed > 0 ? conf->speed : 1.0;
	p->reply = *reply;
	p->done = done;
	p->arg = arg;
	p->judge = judge_new(deck, q);
	p->timer = loop_timer_new(deck->loop, play_timer, p);
	p->count = sheet->count;
	p->items = xcalloc(sheet->count + 1, sizeof *p->items);
	for (size_t i = 0; i < sheet->count; i++)
		cueplay_item_init(p, &p->items[i], &sheet->cues[i]);
	bus_listen(deck->bus, EV_KINDS, play_heard, p);
	return p;
}

void
cueplay_dispose(struct cueplay *p)
{
	if (p->running > 0)
		return;			/* the queue still holds their replies */
	free(p->items);
	free(p);
}

void
cueplay_free(struct cueplay *p)
{
	if (p == NULL)
		return;
	bus_unlisten(p->deck->bus, play_heard, p);
	loop_timer_free(p->deck->loop, p->timer);
	judge_free(p->judge);
	p->orphan = true;
	cueplay_dispose(p);
}

/* ---- Phases ---- */

void
cueplay_stop(struct cueplay *p)
{
	if (p->phase != PLAY_SHEET)
		return;
	p->result.stopped_early = !p->result.quit;
	p->phase = PLAY_FINALLY;
	cueplay_item_break(p, "the sheet ended before this was over");
	p->next = p->oldest = 0;
	p->before = NULL;
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].state == ITEM_PLANNED)
			p->items[i].state = ITEM_OVER;	/* planned, not sent: it is dropped */
}

static bool
play_is_all_over(const struct cueplay *p)
{
	for (size_t i = 0; i < p->next; i++)
		if (p->items[i].state == ITEM_PLANNED || (p->items[i].state == ITEM_RUNNING && p->phase != PLAY_FINALLY))
			return false;
	return p->next == p->count && p->waiting == NULL && (p->before == NULL || p->before->state == ITEM_OVER);
}

/* The next phase, if this one is over. */
static bool
play_step(struct cueplay *p)
{
	switch (p->phase) {
	case PLAY_SHEET:
		if (!play_is_all_over(p))
			return false;
		p->phase = PLAY_FINALLY;
		p->next = p->oldest = 0;
		p->before = NULL;
		return true;
	case PLAY_FINALLY:
		if (!play_is_all_over(p))
			return false;
		p->phase = PLAY_DRAIN;
		p->drain_us = loop_now_us(p->deck->loop) + CUEPLAY_FINALLY_US;
		return true;
	case PLAY_DRAIN:
		if (p->running == 0 || loop_now_us(p->deck->loop) >= p->drain_us)
			p->phase = PLAY_OVER;
		return false;
	case PLAY_IDLE:
	case PLAY_OVER:
		break;
	}
	return false;
}

static void
play_check_finally(struct cueplay *p)
{
	struct cueplay_item *item = p->before;

	if (p->phase == PLAY_FINALLY && item != NULL && item->state == ITEM_RUNNING && item != p->waiting &&
	    loop_now_us(p->deck->loop) >= item->deadline_us)
		cueplay_item_abandon(item);
}

static void
play_run_due(struct cueplay *p)
{
	struct cueplay_item *item;

	cueplay_plan(p);
	while ((item = cueplay_due_item(p)) != NULL) {
		cueplay_item_run(item);
		cueplay_plan(p);
	}
}

static void
play_arm(struct cueplay *p)
{
	int64_t due_us = cueplay_next_due(p), now_us = loop_now_us(p->deck->loop);

	if (p->phase == PLAY_OVER || p->phase == PLAY_IDLE)
		return;
	if (p->waiting != NULL && due_us > now_us + CUEPLAY_POLL_US)
		due_us = now_us + (p->heard ? 0 : CUEPLAY_POLL_US);
	if (due_us != INT64_MAX)
		loop_timer_start_at(p->deck->loop, p->timer, due_us);
}

void
cueplay_look(struct cueplay *p)
{
	struct cueplay_result result;

	if (p->advancing || p->phase == PLAY_IDLE || p->phase == PLAY_OVER)
		return;
	p->advancing = true;
	p->heard = false;
	do {
		cueplay_item_judge(p);
		play_check_finally(p);
		play_run_due(p);
	} while (play_step(p));
	p->advancing = false;
	if (p->phase != PLAY_OVER) {
		play_arm(p);
		return;
	}
	loop_timer_stop(p->deck->loop, p->timer);
	result = p->result;
	p->done(p->arg, &result);	/* may free it */
}

static void
play_timer(void *arg)
{
	cueplay_look(arg);
}

/* News may make a condition true: looked at in the next turn, so that every listener has heard them first. */
static void
play_heard(void *arg, const struct bus_event *ev)
{
	struct cueplay *p = arg;

	if (p->waiting == NULL || ev->kind == EV_TILE_DIRTY || ev->kind == EV_CLOCK_SAMPLE)
		return;
	p->heard = true;
	if (!p->advancing)
		loop_timer_start(p->deck->loop, p->timer, 0, 0);
}

void
cueplay_start(struct cueplay *p)
{
	p->phase = PLAY_SHEET;
	p->begun_us = p->zero_us = p->anchor_us = loop_now_us(p->deck->loop);
	judge_zero(p->judge, clk_utc_us(p->deck->clk), p->speed);
	judge_mark(p->judge);
	loop_timer_start(p->deck->loop, p->timer, 0, 0);
}

void
cueplay_interrupt(struct cueplay *p)
{
	if (p->phase == PLAY_SHEET) {
		err_set(&p->result.err, ERR_REFUSED, "interrupted");
		cueplay_stop(p);
	} else if (p->phase == PLAY_FINALLY) {
		p->phase = PLAY_DRAIN;		/* a second time: the finally lines too */
		p->drain_us = loop_now_us(p->deck->loop);
		cueplay_item_break(p, "interrupted");
	} else {
		return;
	}
	loop_timer_start(p->deck->loop, p->timer, 0, 0);
}
