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
	p->conf = *conf;
	if (!(p->conf.speed > 0))
		p->conf.speed = 1.0;
	p->reply = *reply;
	p->done = done;
	p->arg = arg;
	p->judge = judge_new(deck, q);
	p->chooser = cue_chooser_new(conf->seed);
	p->timer = loop_timer_new(deck->loop, play_timer, p);
	list_init(&p->items);
	cueplay_rules_open(p);
	bus_listen(deck->bus, EV_KINDS, play_heard, p);
	return p;
}

void
cueplay_dispose(struct cueplay *p)
{
	if (p->running > 0)
		return;			/* the queue still holds their replies */
	LIST_EACH_SAFE(it, tmp, &p->items)
		cueplay_item_free(LIST_ENTRY(it, struct cueplay_item, link));
	free(p->rules);
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
	cue_chooser_free(p->chooser);
	p->orphan = true;
	cueplay_dispose(p);
}

/* ---- Phases ---- */

/* What is planned and not sent is dropped. */
static void
play_drop(struct cueplay *p)
{
	LIST_EACH(it, &p->items) {
		struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->state == ITEM_PLANNED || item->state == ITEM_ARMED)
			item->state = ITEM_OVER;
	}
	p->armed = NULL;
	p->ahead = 0;
}

void
cueplay_stop(struct cueplay *p)
{
	if (p->phase != PLAY_SHEET)
		return;
	p->result.stopped_early = !p->result.quit;
	p->phase = PLAY_FINALLY;
	p->held = p->go_next = false;
	if (p->result.quit)
		cueplay_item_pass(p);
	else
		cueplay_item_break(p, "the sheet ended before this was over");
	play_drop(p);
	cueplay_row_begin(p);
}

static bool
play_is_all_over(const struct cueplay *p)
{
	LIST_EACH(it, &p->items) {
		const struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->state == ITEM_PLANNED || (item->state == ITEM_RUNNING && p->phase != PLAY_FINALLY))
			return false;
	}
	return p->is_read && !p->held && p->armed == NULL && p->waiting == NULL && (p->before == NULL || p->before->state == ITEM_OVER);
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
		cueplay_row_begin(p);
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
	while (p->turn_left > 0 && (item = cueplay_due_item(p)) != NULL) {
		p->turn_left--;
		cueplay_item_run(item);
		cueplay_plan(p);
	}
	if (p->turn_left == 0)
		p->heard = true;
}

static void
play_overrun(struct cueplay *p)
{
	struct err why = { .kind = ERR_NONE };

	err_set(&why, ERR_REFUSED, "others share their clock by Link: no cue can be on a beat at --speed %g (`set link off` leaves them alone)",
	    p->conf.speed);
	p->result.err = why;
	cueplay_stop(p);
}

/* A beat that is near is asked for: its phase moves unannounced. */
static void
play_look_at_clock(struct cueplay *p)
{
	bool is_asked = p->row.on_clock;

	LIST_EACH(it, &p->items)
		is_asked = is_asked || LIST_ENTRY(it, struct cueplay_item, link)->on_clock;
	if (is_asked && metro_runs(p->deck->metro))
		metro_look(p->deck->metro);
	if (is_asked && p->phase == PLAY_SHEET && metro_is_overrun(p->deck->metro))
		play_overrun(p);
	if (p->clock_moved && !p->held)
		cueplay_when_again(p, false);
}

static void
play_arm(struct cueplay *p)
{
	int64_t due_us = cueplay_next_due(p), now_us = loop_now_us(p->deck->loop);

	if (p->phase == PLAY_OVER || p->phase == PLAY_IDLE)
		return;
	if (p->waiting != NULL && !p->held && due_us > now_us + CUEPLAY_POLL_US)
		due_us = now_us + CUEPLAY_POLL_US;
	if (p->heard)
		due_us = now_us;
	if (due_us != INT64_MAX)
		loop_timer_start_at(p->deck->loop, p->timer, due_us);
	else
		loop_timer_stop(p->deck->loop, p->timer);
}

static void
play_over(struct cueplay *p)
{
	const struct cueplay_result result = p->result;

	loop_timer_stop(p->deck->loop, p->timer);
	p->done(p->arg, &result);	/* may free it */
}

void
cueplay_look(struct cueplay *p)
{
	if (p->advancing || p->phase == PLAY_IDLE || p->phase == PLAY_OVER)
		return;
	p->advancing = true;
	p->heard = false;
	p->turn_left = CUEPLAY_TURN;
	play_look_at_clock(p);
	do {
		cueplay_item_judge(p);
		play_check_finally(p);
		do {
			play_run_due(p);
		} while (p->turn_left > 0 && cueplay_arm_look(p));
	} while (play_step(p));
	cueplay_sweep(p);
	p->advancing = false;
	cueplay_tell(p);
	if (p->phase == PLAY_OVER)
		play_over(p);
	else
		play_arm(p);
}

void
cueplay_look_soon(struct cueplay *p)
{
	p->heard = true;
	if (!p->advancing)
		loop_timer_start(p->deck->loop, p->timer, 0, 0);
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

	if (ev->kind == EV_TILE_DIRTY || ev->kind == EV_CLOCK_SAMPLE || ev->kind == EV_CUE_CHANGED || p->phase != PLAY_SHEET) {
		if (p->waiting != NULL && p->phase == PLAY_FINALLY && event_is_public(ev->kind))
			cueplay_look_soon(p);
		return;
	}
	cueplay_rules_heard(p, ev);
	p->clock_moved = p->clock_moved || ev->kind == EV_BEAT;
	if (p->waiting != NULL || ev->kind == EV_BEAT || (p->armed != NULL && event_is_public(ev->kind)))
		cueplay_look_soon(p);
}

void
cueplay_start(struct cueplay *p)
{
	p->phase = PLAY_SHEET;
	cueplay_row_go(p);
	judge_mark(p->judge);
	cueplay_look_soon(p);
}

void
cueplay_give_up(struct cueplay *p, const struct err *why)
{
	if (p->phase != PLAY_SHEET)
		return;
	p->result.err = *why;
	cueplay_stop(p);
	cueplay_look_soon(p);
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
	cueplay_look_soon(p);
}
