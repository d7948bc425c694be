/*
 * conn_command.c - one command to one node: sent at once, sent again with the same commandId on a second
 * connection when the first hangs or drops, answered exactly once within ack-timeout.
 * Owns the commands under way.  Never re-orders, never queues: every command has its own bytes on the wire, on a line whose
 * other end is known to be the node (conn_line.c).
 */
#include "io/conn_private.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/prefetch.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/wire.h"

#define TRIES 3			/* the first, and two more */
#define KEPT_BYTES 4096
#define BODY_USUAL 256
#define TIMER_USUAL 128
#define CLOCK_AWAY_US 2500000LL	/* no way holds an order up for so long, or its answer would not count */
#define MOVES 2			/* and one more each time the link moves meanwhile */

struct order;
struct attempt { struct order *order; struct conn_line *line; };

struct order {
	struct list link;
	struct conn *conn;
	conn_answer_fn *fn;
	void *arg;
	char node[ID_BYTES];
	char path[3 * ID_BYTES];
	char bearer[ID_BYTES];		/* "" = none */
	struct attempt attempts[TRIES + MOVES];
	int tries, moves;
	enum node_verb verb;
	int64_t started_us;
	int64_t again_us;		/* its timer is to be started for so long after that; 0: it runs */
	int64_t at_us;			/* its instant, on the node's clock as it was compared last; 0 = at once */
	bool hedged;			/* the half-time is over: the timer now means the end */
	bool dropped;			/* every try failed at once; the link may move while there is time, else: message */
	bool settled;			/* the answer below waits for the end of this turn */
	enum node_result result;
	char *message;			/* NULL: none yet */
	/* Kept when it serves again. */
	struct loop_timer *timer;
	struct buf body;
};

static void on_timer(void *arg);

/* ---- One that has served waits for the next command: what it is made of need not be asked for before the first byte. ---- */

static struct order *
order_new(struct conn *c)
{
	struct order *o = c->spare;

	c->spare = NULL;
	if (o == NULL) {
		o = xcalloc(1, sizeof *o);
		o->timer = loop_timer_new(c->loop, on_timer, o);
		buf_init(&o->body, WIRE_REQUEST_MOST);
	}
	memset(o, 0, offsetof(struct order, timer));
	o->conn = c;
	list_insert_tail(&c->orders, &o->link);
	return o;
}

static void
order_free(struct order *o)
{
	loop_timer_free(o->conn->loop, o->timer);
	buf_fini(&o->body);
	free(o);
}

static void
order_leave(struct order *o)
{
	struct conn *c = o->conn;

	list_remove(&o->link);
	free(o->message);
	loop_timer_stop(c->loop, o->timer);
	if (c->spare != NULL || o->body.room > KEPT_BYTES) {
		order_free(o);
		return;
	}
	buf_clear(&o->body);
	c->spare = o;
}

void
conn_command_close(struct conn *c)
{
	if (c->spare != NULL)
		order_free(c->spare);
	c->spare = NULL;
}

static int
calls_out(const struct order *o)
{
	int count = 0;

	for (int i = 0; i < o->tries; i++)
		count += o->attempts[i].line != NULL;
	return count;
}

/* Tells the one answer and is gone; whatever still runs is cancelled. */
static void
order_end(struct order *o, const struct node_answer *a)
{
	struct conn *c = o->conn;
	const int64_t took_us = loop_now_us(c->loop) - o->started_us;
	conn_answer_fn *fn = o->fn;
	void *arg = o->arg;
	const int tries = o->tries;
	char node[ID_BYTES];

	for (int i = 0; i < o->tries; i++)
		conn_line_give_up(o->attempts[i].line);
	log_line(LOG_CONN, "%s: command %s after %lld us, %d tries %s", o->node, node_result_name(a->result), (long long)took_us,
	    o->tries, a->message);
	str_copy(node, sizeof node, o->node);
	order_leave(o);
	fn(arg, node, a, took_us, tries);
}

static void
order_keep(struct order *o, const char *message)
{
	free(o->message);
	o->message = xstrdup(message);
}

static void
order_end_as(struct order *o, enum node_result result, const char *message)
{
	struct node_answer a;

	memset(&a, 0, sizeof a);
	a.result = result;
	str_copy(a.message, sizeof a.message, message);
	order_end(o, &a);
}

static void attempt_answered(void *arg, const struct http_answer *a);

static void
order_try(struct order *o, bool fresh)
{
	struct attempt *t = &o->attempts[o->tries++];
	const struct line_ask r = { .method = o->verb == NODE_DELETE ? "DELETE" : "POST", .path = o->path, .body = o->verb == NODE_DELETE ? NULL : buf_text(&o->body),
		.bearer = o->bearer[0] != '\0' ? o->bearer : NULL };

	t->order = o;
	t->line = conn_line_send(o->conn, fresh, &r, attempt_answered, t);
}

static bool
can_try_again(const struct order *o)
{
	return o->tries - o->moves < TRIES;
}

/*
 * An instant that the node calls out of range, or one that it says was seconds away: its clock was set since it was compared.
 * Asked now, the next order is right.
 */
static bool
is_of_another_clock(const struct order *o, const struct node_answer *a)
{
	if (o->at_us == 0)
		return false;
	if (a->result == NODE_OK)
		return a->time_us != 0 && llabs(a->time_us - o->at_us) > CLOCK_AWAY_US;
	return a->result == NODE_REFUSED && strcmp(a->code, "out_of_range") == 0;
}

static void
order_answered(struct order *o, const struct http_answer *a)
{
	struct conn *c = o->conn;
	struct node_answer answer;

	wire_read_answer(&answer, a->status, a->body, a->body_len);
	if (is_of_another_clock(o, &answer))
		conn_ask_clock(c);
	order_end(o, &answer);
	conn_heard(c);
}

/* While the event stream is being opened anew the node may well be there: only a failed probe says it is not. */
static bool
can_send(const struct conn *c)
{
	return conn_is_up(c) || c->state == CONN_OPENING || (c->state == CONN_PROBING && c->has_at && c->failures == 0 && c->id[0] != '\0');
}

/*
 * No answer: a dropped connection is tried again at once, anything else is the world's last word.  Why it was dropped may
 * concern the whole link, which is told last: it may move there and then.
 */
static void
order_dropped(struct order *o, const struct err *e)
{
	struct conn *c = o->conn;

	if (e->kind == ERR_TIMEOUT)
		return;
	if (e->kind == ERR_NETWORK && can_try_again(o)) {
		order_try(o, true);
	} else if (calls_out(o) == 0 && can_send(c) && conn_way_others(c) > 0) {
		o->dropped = true;
		order_keep(o, e->text);
	} else if (calls_out(o) == 0) {
		order_end_as(o, NODE_LOST, e->text);
	}
	conn_paths_check(c);
}

/* Somebody else is there: nothing was sent, and the link is being looked at; it may move while the order's time lasts. */
static void
attempt_answered(void *arg, const struct http_answer *a)
{
	struct attempt *t = arg;
	struct order *o = t->order;

	t->line = NULL;
	if (a->status != 0)
		order_answered(o, a);
	else if (a->err.kind != ERR_REFUSED)
		order_dropped(o, &a->err);
}

static void
order_is_late(struct order *o)
{
	char span[32], message[64];

	if (o->dropped && calls_out(o) == 0) {
		order_end_as(o, NODE_LOST, o->message);
		return;
	}
	conn_span(span, sizeof span, o->conn->conf->ack_timeout_us);
	snprintf(message, sizeof message, "no answer within %s", span);
	order_end_as(o, NODE_LATE, message);
}

static void
on_timer(void *arg)
{
	struct order *o = arg;
	struct conn *c = o->conn;

	conn_enter(c);
	if (o->settled) {
		order_end_as(o, o->result, o->message);
	} else if (o->hedged) {
		order_is_late(o);
	} else {
		o->hedged = true;
		loop_timer_start_at(c->loop, o->timer, o->started_us + c->conf->ack_timeout_us);
		if (can_try_again(o))
			order_try(o, true);
	}
	conn_leave(c);
}

/* An answer known beforehand still comes after this turn, never from inside conn_command(). */
static void
order_settle(struct order *o, enum node_result result, const char *message)
{
	o->settled = true;
	o->result = result;
	order_keep(o, message);
	loop_timer_start(o->conn->loop, o->timer, 0, 0);
}

/* What is planned has to be there in time, on whichever connection. */
static int64_t
again_us(const struct conn *c, const struct node_request *r)
{
	int64_t half_us = c->conf->ack_timeout_us / 2;

	return r->again_us > 0 && r->again_us < half_us ? r->again_us : half_us;
}

static void
order_write(struct order *o, const struct node_request *r)
{
	o->verb = r->verb;
	o->at_us = r->at_us;
	str_copy(o->path, sizeof o->path, node_verb_path(r->verb));
	if (r->verb == NODE_DELETE)
		str_copy(o->path + strlen(o->path), sizeof o->path - strlen(o->path), r->recording);
	str_copy(o->bearer, sizeof o->bearer, r->bearer);
	if (r->verb != NODE_DELETE)
		wire_say(&o->body, r);
}

static void
order_time(struct order *o)
{
	if (o->again_us > 0)
		loop_timer_start_at(o->conn->loop, o->timer, o->started_us + o->again_us);
	o->again_us = 0;
}

void
conn_command(struct conn *c, const struct node_request *r, conn_answer_fn *fn, void *arg)
{
	struct order *o = order_new(c);

	o->fn = fn;
	o->arg = arg;
	o->started_us = loop_now_us(c->loop);
	str_copy(o->node, sizeof o->node, c->id);
	if (c->view_only) {
		order_settle(o, NODE_NOT_OFFERED, "a view-only source takes no commands");
	} else if (!can_send(c)) {
		order_settle(o, NODE_LOST, c->why[0] != '\0' ? c->why : "not connected yet");
	} else {
		order_write(o, r);
		o->again_us = again_us(c, r);
		order_try(o, false);
		if (!c->in_batch)
			order_time(o);
	}
}

static void
warm_one(const struct conn *c, int step)
{
	switch (step) {
	case 0:
		prefetch(c, offsetof(struct conn, at) + 1);
		prefetch(&c->at.port, sizeof c->at.port);
		break;
	case 1:
		prefetch(c->spare, sizeof *c->spare);
		conn_lines_warm(c, LINES_BOOK);
		break;
	case 2:
		if (c->spare != NULL) {
			prefetch(c->spare->body.data, BODY_USUAL);
			prefetch(c->spare->timer, TIMER_USUAL);
		}
		conn_lines_warm(c, LINES_CONNECTION);
		break;
	default:
		conn_lines_warm(c, LINES_BYTES);
		break;
	}
}

/* Each step follows addresses that the one before has brought near. */
void
conn_batch(struct conn *const conns[], int count)
{
	for (int step = 0; step < 4; step++)
		for (int i = 0; i < count; i++)
			if (conns[i] != NULL)
				warm_one(conns[i], step);
	for (int i = 0; i < count; i++)
		if (conns[i] != NULL)
			conns[i]->in_batch = true;
}

/* Their clocks run from when they were written, and are set when all are away. */
void
conn_batch_send(struct conn *const conns[], int count)
{
	for (int i = 0; i < count; i++)
		if (conns[i] != NULL)
			conn_lines_flush(conns[i]);
	for (int i = 0; i < count; i++)
		if (conns[i] != NULL) {
			conns[i]->in_batch = false;
			LIST_EACH(it, &conns[i]->orders)
				order_time(LIST_ENTRY(it, struct order, link));
		}
}

/*
 * The link goes on, at another address: whatever has no answer yet is sent there too, with the same commandId; or at the
 * same one: what every try of failed.
 */
void
conn_command_resend(struct conn *c, bool is_elsewhere)
{
	LIST_EACH(it, &c->orders) {
		struct order *o = LIST_ENTRY(it, struct order, link);

		if (o->settled || (!is_elsewhere && calls_out(o) > 0))
			continue;
		if (o->moves == MOVES)
			continue;
		o->moves++;
		order_try(o, true);
	}
}

/* The link is down: what could not be sent anywhere has nothing to wait for. */
void
conn_command_give_up(struct conn *c)
{
	struct list *it = c->orders.next;

	while (it != &c->orders) {
		struct order *o = LIST_ENTRY(it, struct order, link);

		it = it->next;
		if (!o->dropped || calls_out(o) > 0)
			continue;
		order_end_as(o, NODE_LOST, o->message);
		it = c->orders.next;	/* whoever was told may have changed the list */
	}
}

void
conn_command_end_all(struct conn *c, const char *why)
{
	while (!list_is_empty(&c->orders))
		order_end_as(LIST_ENTRY(c->orders.next, struct order, link), NODE_LOST, why);
}
