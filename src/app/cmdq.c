/*
 * cmdq.c - the one queue of text commands: numbers them, starts them in order, ends each exactly once.
 * A pending one holds up nobody.  Never waits for a disk before the bytes to the nodes are out.
 */
#include "app/cmdq_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define PLANNED_MOST_US 10000000LL	/* no node takes an instant further ahead */
#define TURN_COMMANDS 64			/* begun in one turn of the loop */

struct cmdq *
cmdq_new(const struct deck *deck)
{
	struct cmdq *q = xcalloc(1, sizeof *q);

	q->deck = deck;
	q->next_number = 1;
	list_init(&q->waiting);
	list_init(&q->open);
	return q;
}

static void
ticket_free(struct cmdq_ticket *t)
{
	struct cmdq_memory *m, *next;

	cmdq_effect_forget(t);
	loop_timer_free(t->q->deck->loop, t->timer);
	for (m = t->memory; m != NULL; m = next) {
		next = m->next;
		if (m->end != NULL)
			m->end(m->bytes);
		free(m);
	}
	if (t->parsed)
		cmdline_fini(&t->line);
	if (t->has_ledger)
		ledger_fini(&t->ledger);
	list_remove(&t->link);
	t->q->pending--;
	free(t->effects);
	explicit_bzero(t->text, strlen(t->text));
	free(t->text);
	free(t->shown);
	free(t->by);
	free(t);
}

/* ---- The end of a command ---- */

static void
queue_remember(struct cmdq *q, const struct cmdq_ticket *t)
{
	if (t->has_ledger) {
		if (q->has_last)
			ledger_fini(&q->last);
		ledger_init(&q->last, t->ledger.count);
		q->last.open = t->ledger.open;
		if (t->ledger.count > 0)
			memcpy(q->last.lines, t->ledger.lines, (size_t)t->ledger.count * sizeof *q->last.lines);
		q->has_last = true;
	}
	/* What was begun and then replaced or cancelled was not turned down: asking for it again is no insisting. */
	if (t->end.result == REPLY_ERROR && err_is_refusal(&t->end.err) && (!t->has_ledger || t->end.err.kind == ERR_UNFORCED)) {
		free(q->refused_text);
		q->refused_text = xstrdup(t->shown);
		q->refused_us = loop_now_us(q->deck->loop);
	}
}

static void
ticket_end(struct cmdq_ticket *t)
{
	struct reply reply = t->reply;
	struct reply_end end = t->end;
	int n = t->n;

	log_line(LOG_CMD, "%d %s: %s%s%s", n, t->shown, reply_result_name(end.result),
	    end.err.kind != ERR_NONE ? ": " : "", end.err.text);
	queue_remember(t->q, t);
	ticket_free(t);			/* before the reply: it may submit the next one, or free the queue */
	if (reply.end != NULL)
		reply.end(reply.arg, n, &end);
}

static void
ticket_written(void *arg, const struct err *e)
{
	struct cmdq_ticket *t = arg;

	if (e != NULL && e->kind != ERR_NONE && t->end.result != REPLY_ERROR) {
		t->end.result = REPLY_ERROR;
		t->end.err = *e;
	}
	ticket_end(t);
}

/* Every command does, also one that was turned down before it did anything. */
static bool
ticket_leaves_line(const struct cmdq_ticket *t)
{
	return t->def != NULL && (t->def->flags & CMD_LOGGED) != 0 && t->q->deck->scribe != NULL && !t->q->closing;
}

void
cmdq_ticket_look(struct cmdq_ticket *t)
{
	struct loop *loop = t->q->deck->loop;
	int64_t until_us = cmdq_effect_wait_until(t);

	if (t->ended)
		return;
	if (until_us < t->not_before_us)
		until_us = t->not_before_us;
	if (until_us > loop_now_us(loop) && !t->q->closing) {
		loop_timer_start_at(loop, t->timer, until_us);
		return;
	}
	t->ended = true;
	loop_timer_stop(loop, t->timer);
	cmdq_effect_fill(t);
	cmdq_effect_forget(t);
	if (ticket_leaves_line(t) && (t->has_ledger || t->end.result != REPLY_ERROR)) {
		cmdq_log_write(t, ticket_written);
		return;
	}
	if (ticket_leaves_line(t))
		cmdq_log_write(t, NULL);	/* whoever was turned down is told at once */
	ticket_end(t);
}

static void
ticket_timer(void *arg)
{
	cmdq_ticket_look(arg);
}

static void
ticket_judge(struct cmdq_ticket *t, const struct ledger *l, const struct err *e)
{
	static const enum reply_result results[] = {
		[LEDGER_OK] = REPLY_OK, [LEDGER_PARTIAL] = REPLY_PARTIAL, [LEDGER_FAILED] = REPLY_FAILED
	};

	if (l != NULL) {
		ledger_init(&t->ledger, l->count);
		t->ledger.open = l->open;
		if (l->count > 0)
			memcpy(t->ledger.lines, l->lines, (size_t)l->count * sizeof *l->lines);
		t->has_ledger = true;
		t->end.asked = ledger_asked(l);
		t->end.acked = ledger_acked(l);
		t->end.result = results[ledger_verdict(l)];
	}
	if (e != NULL && e->kind != ERR_NONE) {
		t->end.result = REPLY_ERROR;
		t->end.err = *e;
	}
}

void
cmdq_finish_at(struct cmdq_ticket *t, int64_t at_us, const struct ledger *l, const struct err *e)
{
	int64_t now_us = loop_now_us(t->q->deck->loop);

	if (t->finished)
		return;
	t->finished = true;
	ticket_judge(t, l, e);
	t->not_before_us = at_us;
	if (t->at_us == 0 && l != NULL && l->planned_us != 0) {
		t->at_us = l->planned_us;	/* planned by the command itself */
		t->planned_us = now_us + (t->at_us - clk_utc_us(t->q->deck->clk));
		if (t->planned_us > now_us + PLANNED_MOST_US)
			t->planned_us = now_us;		/* somebody has set the clock back since */
		cmdq_effect_since(t, t->at_us);
	}
	t->end.took_us = (at_us > now_us && t->end.acked > 0 ? at_us : now_us) - t->begun_us;
	if (t->end.acked == 0)
		t->not_before_us = 0;	/* nobody does it: there is no ramp to wait for */
	if (!t->running)
		cmdq_ticket_look(t);
}

void
cmdq_finish(struct cmdq_ticket *t, const struct ledger *l, const struct err *e)
{
	cmdq_finish_at(t, 0, l, e);
}

/* ---- Its start ---- */

static bool
ticket_resolve(struct cmdq_ticket *t, struct err *e)
{
	const struct deck *deck = t->q->deck;
	struct target_context at = { .registry = crew_registry(deck->crew) };

	if (t->def->target == CMD_NO_TARGET)
		return true;
	director_context(deck->director, &at);
	if (t->line.target != NULL)
		return target_resolve(&t->targets, t->line.target, &at, e);
	if (t->def->target == CMD_TARGET_ALL) {
		struct err nobody;

		if (!target_resolve(&t->targets, "all", &at, &nobody))
			t->targets.count = 0;	/* the command knows what that means to it */
		return true;
	}
	if (at.preview == NULL)
		return err_set(e, ERR_REFUSED, "no camera is on preview; name one with -t");
	t->targets.count = 1;
	str_copy(t->targets.ids[0], ID_BYTES, at.preview);
	return true;
}

static bool
ticket_read(struct cmdq_ticket *t, struct err *e)
{
	const struct cmd_def *def = NULL;
	int column = 1;
	bool ok;

	t->parsed = true;
	ok = cmdline_parse(&t->line, t->text, &column, e) && cmd_check_line(&t->line, t->from_cue, &def, &column, e);
	t->def = def;			/* a known command that is badly put is one, too */
	if (ok && !ticket_resolve(t, e)) {
		t->targets.count = 0;
		ok = false;
	}
	return ok;
}

static void
ticket_run(struct cmdq_ticket *t)
{
	struct err e = { .kind = ERR_NONE };
	struct cmd_ctx cx = { .deck = t->q->deck, .line = &t->line, .targets = &t->targets, .ticket = t, .by = t->by,
		.from_key = t->from_key, .from_cue = t->from_cue, .pressed_us = t->pressed_us, .at_us = t->at_us,
		.on_clock = t->on_clock, .beat = t->beat, .err = &e };
	enum cmd_result result;

	if (!ticket_read(t, &e)) {
		cmdq_finish(t, NULL, &e);
		return;
	}
	cmdq_effect_listen(t);
	t->running = true;
	result = t->def->run(&cx);
	t->running = false;
	if (result == CMD_ERROR && e.kind == ERR_NONE)
		err_set(&e, ERR_REFUSED, "%s was refused", t->def->name);
	if (t->finished)
		cmdq_ticket_look(t);
	else if (result != CMD_PENDING)
		cmdq_finish(t, NULL, &e);
}

static void
ticket_start(struct cmdq_ticket *t)
{
	struct cmdq *q = t->q;

	list_remove(&t->link);
	list_insert_tail(&q->open, &t->link);
	t->begun_us = loop_now_us(q->deck->loop);
	t->begun_utc_us = clk_utc_us(q->deck->clk);
	t->planned_us = t->begun_us + (t->at_us - t->begun_utc_us);
	if (t->reply.begin != NULL)
		t->reply.begin(t->reply.arg, t->n, t->shown);
	ticket_run(t);
}

static void
queue_turn(void *arg)
{
	struct cmdq_turn *turn = arg;
	struct cmdq *q = turn->q;

	/* A reply may free the queue: turn->q tells.  One may also ask anew at once, for ever: others have their turn between. */
	for (int left = TURN_COMMANDS; turn->q != NULL && left > 0 && !list_is_empty(&q->waiting); left--)
		ticket_start(LIST_ENTRY(q->waiting.next, struct cmdq_ticket, link));
	if (turn->q != NULL && !list_is_empty(&q->waiting)) {
		loop_defer(q->deck->loop, queue_turn, turn);
		return;
	}
	if (turn->q != NULL)
		q->turn = NULL;
	free(turn);
}

int
cmdq_submit(struct cmdq *q, const struct cmdq_ask *ask)
{
	struct cmdq_ticket *t = xcalloc(1, sizeof *t);

	t->q = q;
	t->n = q->next_number++;
	t->text = xstrdup(ask->text);
	t->shown = cmd_shown(ask->text);
	t->by = xstrdup(ask->by != NULL ? ask->by : "do");
	t->from_key = ask->from_key;
	t->from_cue = ask->from_cue;
	t->at_us = ask->at_us;
	t->on_clock = ask->on_clock;
	t->beat = ask->beat;
	t->pressed_us = ask->pressed_us != 0 ? ask->pressed_us : clk_utc_us(q->deck->clk);
	if (ask->reply != NULL)
		t->reply = *ask->reply;
	t->timer = loop_timer_new(q->deck->loop, ticket_timer, t);
	list_insert_tail(&q->waiting, &t->link);
	q->pending++;
	if (q->turn == NULL) {
		q->turn = xcalloc(1, sizeof *q->turn);
		q->turn->q = q;
		loop_defer(q->deck->loop, queue_turn, q->turn);
	}
	return t->n;
}

/* ---- While it is pending ---- */

void
cmdq_ack(struct cmdq_ticket *t, const struct ledger_line *line)
{
	const struct registry_node *n = registry_find(crew_registry(t->q->deck->crew), line->node);

	if (t->reply.ack != NULL)
		t->reply.ack(t->reply.arg, t->n, line->node, n != NULL ? registry_name(n) : line->node, line);
}

void
cmdq_say(struct cmdq_ticket *t, const char *format, ...)
{
	char text[MAX_TEXT_FIELD];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (t->reply.say != NULL)
		t->reply.say(t->reply.arg, t->n, text);
}

void
cmdq_ticket_names(struct cmdq_ticket *t, const char *node)
{
	str_copy(t->named, sizeof t->named, node);
}

int
cmdq_ticket_number(const struct cmdq_ticket *t)
{
	return t->n;
}

void *
cmdq_ticket_hold(struct cmdq_ticket *t, size_t size)
{
	struct cmdq_memory *m = xcalloc(1, sizeof *m + size);

	m->next = t->memory;
	t->memory = m;
	return m->bytes;
}

void *
cmdq_ticket_hold_until(struct cmdq_ticket *t, size_t size, void (*end)(void *memory))
{
	void *bytes = cmdq_ticket_hold(t, size);

	t->memory->end = end;
	return bytes;
}

bool
cmdq_ticket_insists(const struct cmdq_ticket *t, int64_t within_us)
{
	const struct cmdq *q = t->q;

	return !t->from_cue && q->refused_text != NULL && strcmp(q->refused_text, t->shown) == 0 &&
	    loop_now_us(q->deck->loop) - q->refused_us <= within_us;
}

/* ---- The queue ---- */

int
cmdq_take_number(struct cmdq *q)
{
	return q->next_number++;
}

int
cmdq_pending(const struct cmdq *q)
{
	return q->pending;
}

const struct ledger *
cmdq_last_ledger(const struct cmdq *q)
{
	return q->has_last ? &q->last : NULL;
}

static void
list_mute(struct list *tickets)
{
	LIST_EACH(it, tickets)
		LIST_ENTRY(it, struct cmdq_ticket, link)->reply = (struct reply){ .arg = NULL };
}

void
cmdq_mute(struct cmdq *q)
{
	list_mute(&q->waiting);
	list_mute(&q->open);
}

static void
list_fail(struct list *tickets)
{
	while (!list_is_empty(tickets)) {
		struct cmdq_ticket *t = LIST_ENTRY(tickets->next, struct cmdq_ticket, link);

		t->end.result = REPLY_FAILED;
		err_set(&t->end.err, ERR_REFUSED, "the console ended before this was over");
		ticket_end(t);
	}
}

void
cmdq_free(struct cmdq *q)
{
	if (q == NULL)
		return;
	q->closing = true;
	if (q->turn != NULL)
		q->turn->q = NULL;
	list_fail(&q->open);
	list_fail(&q->waiting);
	if (q->has_last)
		ledger_fini(&q->last);
	free(q->refused_text);
	free(q);
}
