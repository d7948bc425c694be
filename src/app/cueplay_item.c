/*
 * cueplay_item.c - what a cue does when its moment comes: a command through the queue, a wait, an expectation.
 * Judges its end: what counts, what stops the sheet.  Never decides when it is due.
 */
#include "app/cueplay_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

/* ---- What happened to it ---- */

static void
item_place(const struct cueplay_item *item, char *out, size_t out_size)
{
	char place[300];

	snprintf(place, sizeof place, "%s:%d", item->cue->file, item->cue->line);
	str_word(out, out_size, place);
}

static int64_t
item_utc(const struct cueplay_item *item, int64_t loop_us)
{
	const struct deck *deck = item->p->deck;

	return clk_utc_us(deck->clk) + loop_us - loop_now_us(deck->loop);
}

/* event cue FILE:LINE scheduled=... landed=... error=...ms: console UTC in microseconds. */
static void
item_tell_landed(const struct cueplay_item *item, int64_t landed_us)
{
	int64_t scheduled_utc_us = item_utc(item, item->scheduled_us), error_us = landed_us - item->scheduled_us;
	char place[400];

	item_place(item, place, sizeof place);
	bus_tell(item->p->deck->bus, EV_CUE, NULL, "%s scheduled=%lld landed=%lld error=%.1fms", place,
	    (long long)scheduled_utc_us, (long long)(scheduled_utc_us + error_us), (double)error_us / 1000);
}

/* What went out ahead was refused, or no camera took it. */
static void
item_tell_never(const struct cueplay_item *item)
{
	char place[400];

	item_place(item, place, sizeof place);
	bus_tell(item->p->deck->bus, EV_CUE, NULL, "%s scheduled=%lld landed=never", place, (long long)item_utc(item, item->scheduled_us));
}

static void
item_tell_late(const struct cueplay_item *item, int64_t now_us)
{
	char place[400];

	item_place(item, place, sizeof place);
	bus_tell(item->p->deck->bus, EV_CUE_LATE, NULL, "%s late=%lldms", place,
	    (long long)((now_us - item->scheduled_us) / 1000));
}

/* The failure that stopped the sheet is the one that is told at the end; without one, the first. */
static void
item_blame(const struct cueplay_item *item, bool stops, const char *sentence)
{
	struct err *e = &item->p->result.err;

	if (e->kind == ERR_NONE || (stops && item->p->phase == PLAY_SHEET))
		err_set(e, ERR_REFUSED, "%s:%d: %s", item->cue->file, item->cue->line, sentence);
}

/* ---- Commands ---- */

static void
item_begin(void *arg, int n, const char *text)
{
	struct cueplay_item *item = arg;
	const struct reply *reply = &item->p->reply;

	if (item->p->orphan)
		return;
	item->begun_us = loop_now_us(item->p->deck->loop);
	item->has_begun = true;
	cueplay_look_soon(item->p);	/* the next one may hang on what it does now */
	if (reply->begin != NULL)
		reply->begin(reply->arg, n, text);
	if (!item->sent_ahead)
		item_tell_landed(item, item->begun_us);
}

static void
item_ack(void *arg, int n, const char *node, const char *name, const struct ledger_line *line)
{
	struct cueplay_item *item = arg;
	const struct reply *reply = &item->p->reply;
	struct judge_acks *acks = &item->acks;

	if (item->p->orphan)
		return;
	acks->acked += line->result == NODE_OK;
	if (line->result != NODE_OK && !line->excused && acks->missing[0] == '\0')
		str_copy(acks->missing, sizeof acks->missing, name);
	if (line->ms_us >= acks->slowest_us) {
		acks->slowest_us = line->ms_us;
		str_copy(acks->slowest, sizeof acks->slowest, name);
	}
	if (reply->ack != NULL)
		reply->ack(reply->arg, n, node, name, line);
}

static void
item_say(void *arg, int n, const char *text)
{
	const struct cueplay_item *item = arg;
	const struct reply *reply = &item->p->reply;

	if (reply->say != NULL && !item->p->orphan)
		reply->say(reply->arg, n, text);
}

/* When it landed on the last of its nodes, loop time; what no node could tell is taken as planned. */
static int64_t
item_landed(const struct cueplay_item *item, const struct reply_end *end)
{
	const struct ledger *l = end->asked > 0 ? cmdq_last_ledger(item->p->q) : NULL;
	const struct deck *deck = item->p->deck;
	int64_t shift_us = loop_now_us(deck->loop) - clk_utc_us(deck->clk), landed_us = INT64_MIN;

	if (l == NULL)
		return loop_now_us(deck->loop);

	for (int i = 0; i < l->count; i++) {
		const struct ledger_line *line = &l->lines[i];
		const struct crew_member *m = crew_find(deck->crew, line->node);
		int64_t at_us;

		if (line->result != NODE_OK || line->effect_us == 0 || m == NULL || !m->clock.best.known)
			continue;
		at_us = crew_to_console(deck->crew, line->node, line->effect_us) + shift_us;
		if (at_us > landed_us)
			landed_us = at_us;
	}
	return landed_us != INT64_MIN ? landed_us : item->scheduled_us;
}

static void
item_failed(struct cueplay_item *item, const struct reply_end *end)
{
	struct cueplay *p = item->p;
	char sentence[400];

	if (item->cue->mood == CUE_TRY)
		return;
	p->result.command_failed = true;
	snprintf(sentence, sizeof sentence, "%s: %s%s%s", item->text != NULL ? item->text : item->cue->text, reply_result_name(end->result),
	    end->err.kind != ERR_NONE ? ": " : "", end->err.text);
	item_blame(item, item->cue->mood == CUE_MUST, sentence);
	if (item->cue->mood == CUE_MUST)
		cueplay_stop(p);
}

/* It was taken back before it landed: it is to come again, if nobody went elsewhere meanwhile. */
static void
item_back(struct cueplay_item *item)
{
	struct cueplay *p = item->p;

	item->is_taken_back = item->sent_ahead = item->has_begun = false;
	if (item->state != ITEM_RUNNING || p->phase != PLAY_SHEET)
		return;
	if (p->has_moved) {
		item->state = ITEM_OVER;
		return;
	}
	item->state = ITEM_PLANNED;
	p->ahead++;
	if (!p->held)
		cueplay_when(item, true);
	cueplay_plan_send(item);
}

/* Whoever holds the sheet may take back what is on its way by other means: panic does. */
static bool
item_was_taken(const struct cueplay_item *item, const struct reply_end *end)
{
	return item->p->held && item->sent_ahead && item->follows_clock && end->result == REPLY_ERROR && item->state == ITEM_RUNNING &&
	    item->scheduled_us > item->p->held_us;
}

static void
item_end(void *arg, int n, const struct reply_end *end)
{
	struct cueplay_item *item = arg;
	struct cueplay *p = item->p;

	p->running--;
	item->is_open = false;
	if (item->rule != NULL)
		item->rule->running--;
	if (p->orphan) {
		cueplay_dispose(p);
		return;
	}
	if (p->reply.end != NULL)
		p->reply.end(p->reply.arg, n, end);
	if (item->is_taken_back || item_was_taken(item, end)) {
		item_back(item);
		cueplay_look(p);
		return;
	}
	if (item->sent_ahead && (end->result == REPLY_ERROR || (end->asked > 0 && end->acked == 0)))
		item_tell_never(item);
	else if (item->sent_ahead)
		item_tell_landed(item, item_landed(item, end));
	item->acks.finished = true;
	item->acks.asked = end->asked;
	if (item == p->last_command)
		judge_acks(p->judge, &item->acks);
	item->state = ITEM_OVER;
	if (end->result != REPLY_OK)
		item_failed(item, end);
	cueplay_look(p);
}

static void
item_submit(struct cueplay_item *item)
{
	struct cueplay *p = item->p;
	const struct reply reply = { .begin = item_begin, .ack = item_ack, .say = item_say, .end = item_end, .arg = item };
	char by[400];
	struct cmdq_ask ask = { .by = by, .from_cue = true, .reply = &reply };
	int64_t now_us = loop_now_us(p->deck->loop);

	if (item->text == NULL)
		item->text = cue_command(item->cue, p->chooser);
	ask.text = item->text;
	snprintf(by, sizeof by, "cue:%s:%d", item->cue->file, item->cue->line);
	if (item->carries_at && !item->is_fixed && item->scheduled_us > now_us) {
		item->sent_ahead = true;
		ask.pressed_us = item_utc(item, item->scheduled_us);
		ask.on_clock = item->on_clock && item->follows_clock;
		ask.beat = item->beat;
		ask.at_us = ask.on_clock ? 0 : ask.pressed_us;
	}
	if (item->rule == NULL && item->effect != CMD_ON_NOTHING && item->effect != CMD_ON_STATE) {
		judge_mark(p->judge);
		item->acks = (struct judge_acks){ .any = true };
		judge_acks(p->judge, &item->acks);
		p->last_command = item;
	}
	p->running++;
	item->is_open = true;
	item->n = cmdq_submit(p->q, &ask);
}

/* It cannot be: answered as a command that was refused. */
static void
item_refuse(struct cueplay_item *item)
{
	struct cueplay *p = item->p;
	struct reply_end end = { .result = REPLY_ERROR, .err = item->refusal };
	char *text = cue_sample(item->cue);

	item->state = ITEM_OVER;
	item->n = cmdq_take_number(p->q);
	if (p->reply.begin != NULL)
		p->reply.begin(p->reply.arg, item->n, text);
	if (p->reply.end != NULL)
		p->reply.end(p->reply.arg, item->n, &end);
	free(text);
	item_failed(item, &end);
}

/* ---- Waits and expectations ---- */

static void
item_answer(struct cueplay_item *item, enum reply_result result, const char *why)
{
	struct cueplay *p = item->p;
	struct reply_end end = { .result = result };

	item->state = ITEM_OVER;
	end.took_us = loop_now_us(p->deck->loop) - item->begun_us;
	if (result != REPLY_OK)
		err_set(&end.err, ERR_TIMEOUT, "%s", why);
	if (p->reply.end != NULL)
		p->reply.end(p->reply.arg, item->n, &end);
}

/* `after` counts from when the wait was over. */
static void
item_anchor(struct cueplay *p)
{
	p->row.anchor_us = loop_now_us(p->deck->loop);
	p->row.on_clock = p->row.has_beat = false;
}

static void
item_verdict(struct cueplay_item *item, bool passed, const char *why)
{
	struct cueplay *p = item->p;

	p->waiting = NULL;
	item_answer(item, passed ? REPLY_OK : REPLY_FAILED, why);
	if (item->cue->is_wait || item->deadline_us > item->begun_us)
		item_anchor(p);
	if (item->cue->mood == CUE_TRY)
		return;
	p->result.passed += passed;
	p->result.failed += !passed;
	if (passed)
		return;
	item_blame(item, true, why);
	cueplay_stop(p);
}

void
cueplay_item_expire(struct cueplay_item *item)
{
	struct cueplay *p = item->p;
	char why[400];

	item->n = cmdq_take_number(p->q);
	if (p->reply.begin != NULL)
		p->reply.begin(p->reply.arg, item->n, item->cue->when_text);
	p->armed = NULL;
	p->before = item;
	item->after = item->before;
	snprintf(why, sizeof why, "expected event %s%s%s; none came", event_name(item->cue->event), item->cue->node[0] != '\0' ? " of " : "",
	    item->cue->node);
	item_verdict(item, false, why);
}

void
cueplay_item_pass(struct cueplay *p)
{
	struct cueplay_item *item = p->waiting;

	p->waiting = NULL;
	if (item != NULL)
		item_answer(item, REPLY_OK, "");
}

void
cueplay_item_judge(struct cueplay *p)
{
	struct cueplay_item *item = p->waiting;
	char why[240] = "";

	if (item == NULL || p->held)
		return;
	if (judge_is_true(p->judge, &item->condition, why, sizeof why))
		item_verdict(item, true, "");
	else if (loop_now_us(p->deck->loop) >= item->deadline_us)
		item_verdict(item, false, why);
}

void
cueplay_item_break(struct cueplay *p, const char *why)
{
	if (p->waiting != NULL)
		item_verdict(p->waiting, false, why);
}

static void
item_wait(struct cueplay_item *item)
{
	struct cueplay *p = item->p;
	int64_t within_us = item->condition.within_us;

	if (item->condition.kind == COND_ACK || item->condition.kind == COND_CUT_AT)
		within_us = 0;		/* these judge what is past */
	else if (within_us < 0)
		within_us = item->cue->is_wait ? CUEPLAY_WAIT_US : 0;
	item->state = ITEM_RUNNING;
	item->begun_us = loop_now_us(p->deck->loop);
	item->deadline_us = item->begun_us + cueplay_scaled(p, within_us);
	item->n = cmdq_take_number(p->q);
	p->waiting = item;
	if (p->reply.begin != NULL)
		p->reply.begin(p->reply.arg, item->n, item->cue->text);
	item_tell_landed(item, item->begun_us);
	cueplay_item_judge(p);
}

/* ---- Any cue ---- */

/* What `back` goes back to. */
static void
item_remember(struct cueplay_item *item)
{
	struct cueplay *p = item->p;

	if (item->rule != NULL || p->phase != PLAY_SHEET)
		return;
	if (p->past_count == CUEPLAY_PAST)
		memmove(&p->past[0], &p->past[1], --p->past_count * sizeof p->past[0]);
	p->past[p->past_count++] = item->place;
}

/* zero and quit are the player's own. */
static void
item_own(struct cueplay_item *item, int64_t now_us)
{
	struct cueplay *p = item->p;

	item->state = ITEM_OVER;
	item_tell_landed(item, now_us);
	if (item->cue->is_zero)
		judge_zero(p->judge, item_utc(item, item->scheduled_us), p->conf.speed);
	if (item->cue->is_quit) {
		p->result.quit = true;
		cueplay_stop(p);
	}
}

void
cueplay_item_run(struct cueplay_item *item)
{
	struct cueplay *p = item->p;
	int64_t now_us = loop_now_us(p->deck->loop);

	p->ahead--;
	item->state = ITEM_RUNNING;
	item->serial = judge_serial(p->judge);
	item_remember(item);
	if (!item->is_fixed && now_us - item->scheduled_us > CUEPLAY_LATE_US)
		item_tell_late(item, now_us);
	if (item->cue->finally)
		item->deadline_us = now_us + CUEPLAY_FINALLY_US;
	if (item->refusal.kind != ERR_NONE)
		item_refuse(item);
	else if (item->cue->is_wait || item->cue->is_expect)
		item_wait(item);
	else if (item->cue->is_zero || item->cue->is_quit)
		item_own(item, now_us);
	else
		item_submit(item);
}

void
cueplay_item_abandon(struct cueplay_item *item)
{
	item->state = ITEM_OVER;
	if (item->cue->mood != CUE_TRY)
		item->p->result.command_failed = true;
	item_blame(item, false, "this finally line took longer than 30 s");
}
