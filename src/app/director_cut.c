/*
 * director_cut.c - one cut: the rules of the two buses, the bytes to every node, then the line, then the answer.
 * Never lets the bytes wait for the disk; never sends a second planned tally while one is pending on the nodes.
 */
#include "app/director_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/metro.h"
#include "base/str.h"
#include "base/xalloc.h"

#define UTC_SET_US 50000	/* no clock is disciplined so far while a cut waits */
#define LANDING_US 15000	/* after a planned instant: clocks' bounds and the way there */
#define LOOK_US 50000		/* at the clock, while a cut that waits for it is on its way */
#define SEND_AHEAD_US 1000000	/* nodes keep a planned tally for 10 s at most, and nothing else can be told to them meanwhile */

static void cut_step(void *arg);

/* ---- Life of one cut ---- */

/* Not inlined: gcc 12 takes two references given up in a row for a use after free. */
static __attribute__((noinline)) void
cutting_unref(struct director_cutting *c)
{
	if (--c->refs > 0)
		return;
	ledger_fini(&c->ledger);
	free(c->reason);
	free(c);
}

/* What it was sent with does not count any more. */
static void
round_forget(struct director_cutting *c)
{
	if (!c->is_sent)
		return;
	fanout_drop(c->director->fanout, c->round);
	if (c->is_answered)
		return;
	c->is_answered = true;
	c->refs--;		/* the answers' */
}

/* Out of the director's lists: what its cameras say from now on is nobody's news. */
static void
cutting_leave(struct director_cutting *c)
{
	round_forget(c);
	list_remove(&c->link);
	c->director = NULL;
	cutting_unref(c);
}

void
director_cut_settle(struct director_cutting *c)
{
	if (c->director != NULL && c->is_finished && c->is_over && c->is_landed)
		cutting_leave(c);
}

/* What was sent more than once is told once: as it was when it landed. */
static void
cutting_told(struct director_cutting *c)
{
	for (int i = 0; (c->on_clock || c->is_resent) && c->ack != NULL && c->err.kind == ERR_NONE && i < c->ledger.count; i++)
		c->ack(c->arg, &c->ledger.lines[i]);
}

/* Answers are in and the line is on disk: whoever asked is told. */
static void
cutting_finish(struct director_cutting *c)
{
	if (!c->is_answered || !c->is_written || c->is_finished)
		return;
	c->refs++;
	c->is_finished = true;
	cutting_told(c);
	if (c->done != NULL)
		c->done(c->arg, &c->ledger, c->took_us, c->err.kind != ERR_NONE ? &c->err : NULL);
	director_cut_settle(c);
	cutting_unref(c);
}

/* The picture of the last cut that the screen shows follows its answers and its line. */
static void
last_update(struct director_cutting *c)
{
	struct director_cut *last = &c->director->last;

	if (!last->any || last->seq != c->seq)
		return;
	last->acked = ledger_acked(&c->ledger);
	last->asked = ledger_asked(&c->ledger);
	last->took_us = c->took_us;
	last->on_disk = c->is_written && c->err.kind == ERR_NONE;
	director_tell_buses(c->director);
}

static void
cut_written(void *arg, const struct err *e)
{
	struct director_cutting *c = arg;

	if (c->director != NULL) {
		c->is_written = true;
		if (e->kind != ERR_NONE) {
			c->err = *e;
			err_prefix(&c->err, "the cut was made, but its line is not on disk");
		}
		last_update(c);
		cutting_finish(c);
	}
	cutting_unref(c);
}

static void
cut_acked(void *arg, const struct ledger_line *line)
{
	struct director_cutting *c = arg;

	if (c->director == NULL)
		return;
	director_tally_answered(c->director, line);
	if (c->ack != NULL && !c->on_clock && !c->is_resent)
		c->ack(c->arg, line);
}

static void
ledger_copy(struct ledger *to, const struct ledger *from)
{
	ledger_fini(to);
	ledger_init(to, from->count);
	if (from->count > 0)
		memcpy(to->lines, from->lines, (size_t)from->count * sizeof *to->lines);
	to->open = from->open;
	to->planned_us = from->planned_us;
}

/* A node without a light takes no part in a cut and spoils none; it is told of, so that nobody takes silence for an answer. */
static void
cut_excuse(struct director_cutting *c)
{
	struct target_set *dark = xcalloc(1, sizeof *dark);

	director_tally_dark(c->director, dark);
	for (int i = 0; i < dark->count; i++) {
		bool is_told = ledger_line(&c->ledger, dark->ids[i]) != NULL;
		struct ledger_line *line = ledger_excuse(&c->ledger, dark->ids[i]);

		if (is_told)
			continue;
		str_copy(line->message, sizeof line->message, "it has no tally light");
		if (c->director != NULL && c->ack != NULL && !c->on_clock && !c->is_resent)
			c->ack(c->arg, line);
	}
	free(dark);
}

static void
cut_answered(void *arg, const struct ledger *l, int64_t took_us)
{
	struct director_cutting *c = arg;

	c->is_answered = true;
	if (c->director != NULL) {
		ledger_copy(&c->ledger, l);
		cut_excuse(c);
	}
	if (c->director != NULL) {		/* an answer may have ended it all */
		c->took_us = took_us;
		last_update(c);
		cutting_finish(c);
		director_landed_look(c);
	}
	cutting_unref(c);
}

static void
cut_took_effect(void *arg, const char *node, int64_t effect_us)
{
	director_landed_heard(arg, node, effect_us);
}

/* ---- Sending ---- */

static void
tailor_tally(void *arg, const char *node, struct node_request *r)
{
	struct director_cutting *c = arg;

	r->tally = director_tally_of(&c->after, node);
	director_tally_sent(c->director, node, r->tally);
}

static void
cut_write(struct director *d, struct director_cutting *c)
{
	c->refs++;
	c->seq = scribe_add(d->scribe, SCRIBE_CUTS, "cut", c->at_us, director_line(d, c), cut_written, c);
}

int64_t
director_cut_due(const struct director *d, int64_t at_us)
{
	return loop_now_us(d->loop) + (at_us - clk_utc_us(d->clk));
}

/* Somebody has set this machine's clock while it waited: its instant is the same, and has another name. */
static void
utc_follow(const struct director *d, struct director_cutting *c)
{
	const int64_t off_us = director_cut_due(d, c->at_us) - c->due_us;

	if (llabs(off_us) >= UTC_SET_US)
		c->at_us -= off_us;
}

/* The bytes first, then the line; of a cut that is pending, when it lands. */
void
director_cut_send(struct director *d, struct director_cutting *c)
{
	static const struct fanout_fns fns = { .ack = cut_acked, .done = cut_answered, .effect = cut_took_effect };
	struct node_request r;
	struct target_set *targets = xcalloc(1, sizeof *targets);

	round_forget(c);
	utc_follow(d, c);
	director_tally_request(d, &r);
	r.at_us = c->due_us > loop_now_us(d->loop) ? c->at_us : 0;
	director_tally_targets(d, targets);
	c->is_sent = true;
	c->is_answered = false;
	c->refs++;
	c->round = fanout_send(d->fanout, &r, targets, tailor_tally, &fns, c);
	if (!c->on_clock && c->seq == 0)
		cut_write(d, c);
	free(targets);
}

void
director_stamped(struct director *d)
{
	struct director_cutting *c = list_is_empty(&d->queue) ? NULL : LIST_ENTRY(d->queue.next, struct director_cutting, link);

	if (c == NULL || !c->is_sent || c->due_us <= loop_now_us(d->loop))
		return;
	c->is_resent = true;
	director_cut_send(d, c);
}

/* ---- Effect ---- */

/* It waits for nothing any more but its answers and its line. */
static void
cutting_over(struct director *d, struct director_cutting *c)
{
	list_remove(&c->link);
	list_insert_tail(&d->closing, &c->link);
	c->is_over = true;
}

static void
cut_apply(struct director *d, struct director_cutting *c)
{
	cutting_over(d, c);
	d->now = c->after;
	d->gone_us = 0;
	d->before_last_seq = d->last.any && !d->last_struck ? d->last.seq : 0;
	str_copy(d->before_last_from, sizeof d->before_last_from, d->last.from);
	d->last_due_us = c->due_us;
	d->last = (struct director_cut){ .any = true, .at_us = c->at_us, .asked_us = c->asked_us, .seq = c->seq };
	str_copy(d->last.from, sizeof d->last.from, c->from);
	str_copy(d->last.to, sizeof d->last.to, c->to);
	str_copy(d->last.by, sizeof d->last.by, c->by);
	d->last.is_rescue = c->is_rescue;
	d->last_back = c->back;
	d->last_struck = false;
	d->shot_us = c->at_us;
	last_update(c);
}

static void
cut_tell(struct director *d, const struct director_cutting *c)
{
	const char *node = c->to[0] != '\0' ? c->to : NULL;
	struct bus_event ev = { .kind = EV_CUT, .node = node, .time_us = c->at_us };
	char text[MAX_TEXT_FIELD];

	snprintf(text, sizeof text, "%s%s%s", node == NULL ? "black, " : "", "from ", director_wish_name(d, c->from));
	ev.text = text;
	director_tell_buses(d);
	bus_say(d->bus, &ev);
}

static void
cut_effect(struct director *d, struct director_cutting *c)
{
	c->refs++;
	if (c->on_clock)
		cut_write(d, c);
	cut_apply(d, c);
	cut_tell(d, c);
	if (c->director != NULL)
		director_landed_look(c);
	director_cut_settle(c);
	cutting_unref(c);
}

static struct director_cutting *
queue_head(const struct director *d)
{
	return list_is_empty(&d->queue) ? NULL : LIST_ENTRY(d->queue.next, struct director_cutting, link);
}

/* When the queue's head is due for its next step. */
static int64_t
step_due(const struct director *d, const struct director_cutting *c)
{
	int64_t send_us = c->due_us - c->ahead_us;

	if (c->is_sent)
		return c->due_us;
	return send_us > d->quiet_until_us ? send_us : d->quiet_until_us;
}

/* While one is pending its clock is looked at: a phase moves unannounced. */
static void
step_at(struct director *d, int64_t at_us)
{
	const struct director_cutting *c = queue_head(d);
	int64_t in_us = at_us - loop_now_us(d->loop);

	if (c != NULL && c->on_clock && c->is_sent && in_us > LOOK_US)
		in_us = LOOK_US;
	loop_timer_start(d->loop, d->cut_timer, in_us, 0);
}

/* Moves the queue on: the sent cut lands, the next one goes out, and when none waits the lights settle. */
static void
cut_step(void *arg)
{
	struct director *d = arg;
	struct director_cutting *c;
	int64_t now_us;

	if (!list_is_empty(&d->queue) && queue_head(d)->on_clock) {
		metro_look(d->metro);
		director_clock_follow(d);
	}
	c = queue_head(d);
	now_us = loop_now_us(d->loop);
	if (c != NULL && c->is_sent && now_us >= c->due_us) {
		d->quiet_until_us = c->due_us + LANDING_US;
		cut_effect(d, c);
		c = queue_head(d);
	}
	if (c != NULL && !c->is_sent && now_us >= step_due(d, c)) {
		if (!c->on_clock || director_clock_ready(d, c)) {
			director_cut_send(d, c);
			if (c->due_us <= now_us)
				cut_effect(d, c);
		}
		c = queue_head(d);
	}
	if (c != NULL)
		step_at(d, step_due(d, c));
	else if (now_us < d->quiet_until_us)
		step_at(d, d->quiet_until_us);
	else
		director_tally_settle(d);
}

void
director_cut_step(struct director *d)
{
	cut_step(d);
}

/* ---- The wish ---- */

static const char *
wish_by(const struct director_ask *ask)
{
	return ask->by != NULL ? ask->by : "do";
}

void
director_cut_drop(struct director *d, struct director_cutting *c, const struct err *why, const char *by)
{
	c->err = *why;
	if (c->is_sent && c->seq != 0) {
		director_line_strike(d, c, by);
		cutting_over(d, c);
		c->is_landed = true;
		director_cut_settle(c);
		return;
	}
	round_forget(c);
	c->is_answered = c->is_written = c->is_over = c->is_landed = true;
	cutting_finish(c);
}

void
director_cut_recall(struct director *d, struct director_cutting *c)
{
	round_forget(c);
	c->is_sent = false;
	director_tally_retract(d);
}

/* A newer wish for an earlier instant replaces what was planned for later. */
static void
wish_replace(struct director *d, int64_t due_us, const char *by)
{
	struct err why = { 0 };

	err_set(&why, ERR_REFUSED, "a newer cut replaced it");
	LIST_EACH_SAFE(it, tmp, &d->queue) {
		struct director_cutting *c = LIST_ENTRY(it, struct director_cutting, link);

		if (c->due_us <= due_us)
			continue;
		bus_tell(d->bus, EV_CUT_REPLACED, c->to[0] != '\0' ? c->to : NULL, "by a newer cut");
		director_cut_drop(d, c, &why, by);
	}
}

/* What is due is done before what is wished now, however late the loop is. */
static void
catch_up(struct director *d)
{
	struct director_cutting *c;

	while ((c = queue_head(d)) != NULL && c->due_us <= loop_now_us(d->loop)) {
		if (!c->is_sent && c->on_clock && !director_clock_ready(d, c))
			continue;
		if (!c->is_sent)
			director_cut_send(d, c);
		cut_effect(d, c);
	}
}

static struct director_cutting *
cutting_new(struct director *d, const struct director_ask *ask, const struct director_buses *b, const char *to, int64_t at_us,
    int64_t due_us)
{
	struct director_cutting *c = xcalloc(1, sizeof *c);

	c->director = d;
	c->refs = 1;
	c->back = ask->back;
	c->is_swap = !ask->black && !ask->back && ask->to == NULL;
	c->on_clock = ask->on_clock;
	c->beat = ask->beat;
	c->force = ask->force;
	c->ahead_us = ask->on_clock ? director_clock_ahead_us(d) : SEND_AHEAD_US;
	c->n = ask->n;
	c->at_us = at_us;
	c->due_us = due_us;
	c->is_rescue = ask->is_rescue;
	c->reason = ask->reason != NULL ? xstrdup(ask->reason) : NULL;
	c->asked_us = ask->pressed_us != 0 ? ask->pressed_us : clk_utc_us(d->clk);
	str_copy(c->from, sizeof c->from, b->program);
	str_copy(c->to, sizeof c->to, to);
	str_copy(c->by, sizeof c->by, wish_by(ask));
	director_wish_buses(&c->after, b, to, c->is_swap);
	ledger_init(&c->ledger, 0);
	list_insert_tail(&d->queue, &c->link);
	return c;
}

static bool
wish_is_good(const struct director *d, const struct director_buses *b, const struct director_ask *ask, char to[static ID_BYTES],
    struct err *e)
{
	to[0] = '\0';
	if (d->released)
		return err_set(e, ERR_REFUSED, "the console ends: nothing is cut any more");
	return director_wish_target(d, b, ask, to, e) && director_wish_allowed(d, to, ask->force, e);
}

/* That source is on by then: it stays, and what was to come after it is replaced all the same. */
static void
wish_stay(struct director *d, const struct director_ask *ask, int64_t due_us)
{
	const struct director_cutting *head = queue_head(d);
	const bool was_sent = head != NULL && head->is_sent && head->due_us > due_us;

	wish_replace(d, due_us, wish_by(ask));
	if (ask->on_clock)
		director_clock_replace(d, wish_by(ask));
	if (was_sent)
		director_tally_retract(d);
	cut_step(d);
	director_tell_buses(d);
}

static bool
wish_refused(struct director *d, const char *to, const struct err *e)
{
	bus_tell(d->bus, EV_CUT_REFUSED, to[0] != '\0' ? to : NULL, "%s", e->text);
	return false;
}

bool
director_cut(struct director *d, const struct director_ask *ask, bool *swallowed, director_done_fn *done,
    void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e)
{
	int64_t now_us = clk_utc_us(d->clk), asked_us = ask->on_clock ? metro_when_utc(d->metro, ask->beat) : ask->at_us;
	int64_t at_us = asked_us > now_us ? asked_us : now_us, due_us = loop_now_us(d->loop) + (at_us - now_us);
	const struct director_buses *b;
	struct director_cutting *c;
	struct err why = { 0 };
	char to[ID_BYTES];

	*swallowed = false;
	catch_up(d);
	b = director_wish_base(d, ask, due_us);
	if (!wish_is_good(d, b, ask, to, &why)) {
		if (e != NULL)
			*e = why;
		return wish_refused(d, to, &why);
	}
	*swallowed = director_wish_is_repeat(d, b, ask, to, due_us);
	if (!*swallowed && ask->unless_on && director_wish_is_on(d, b, to)) {
		wish_stay(d, ask, due_us);
		*swallowed = true;
	}
	if (*swallowed)
		return true;
	wish_replace(d, due_us, wish_by(ask));
	if (ask->on_clock)
		director_clock_replace(d, wish_by(ask));
	c = cutting_new(d, ask, director_wish_base(d, ask, due_us), to, at_us, due_us);
	c->done = done;
	c->ack = ack;
	c->arg = arg;
	if (c->on_clock)
		director_clock_tell(d, c);
	if (at_us <= now_us) {
		director_cut_send(d, c);
		cut_effect(d, c);
	} else {
		cut_step(d);
	}
	return true;
}

/* ---- Opening and closing ---- */

void
director_cut_open(struct director *d)
{
	list_init(&d->queue);
	list_init(&d->closing);
	d->cut_timer = loop_timer_new(d->loop, cut_step, d);
	director_landed_open(d);
}

static void
close_list(struct list *head)
{
	LIST_EACH_SAFE(it, tmp, head)
		cutting_leave(LIST_ENTRY(it, struct director_cutting, link));
}

void
director_cut_close(struct director *d)
{
	loop_timer_free(d->loop, d->cut_timer);
	director_landed_close(d);
	close_list(&d->queue);
	close_list(&d->closing);
}
