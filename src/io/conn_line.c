/*
 * conn_line.c - a link's lines: keeps one idle and known, makes new ones, asks on each who is there before it is used.
 * Owns the connections.  Never sends a command to an end that has not said on this very connection that it is the node: an
 * address may have been given to another camera meanwhile.  Never sends one twice (conn_command.c).
 */
#include "io/conn_private.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/prefetch.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/wire.h"

#define IDLE_MOST 2			/* the second one only after two commands met */
#define MAKE_US 2000000			/* what one that nobody waits for may take */
#define LASTED_US 2000000		/* an end that hangs up sooner is not called again at once */

enum line_asks { ASKS_TIME, ASKS_INFO, ASKS_NOTHING };

struct conn_line {
	struct list link;
	struct conn *conn;
	struct line *line;
	enum line_asks asks;		/* NOTHING: its other end is this node */
	struct conn_said *said;		/* until then */
	int64_t known_us;
	struct line_ask request;	/* waits for that, or is out */
	conn_line_fn *fn;		/* NULL: nobody has it */
	void *arg;
	struct registry_address at;
};

static void lines_look(struct conn *c);
static void who_answered(struct conn_line *n, const struct http_answer *a);
static void request_answered(struct conn_line *n, const struct http_answer *a);

/* ---- Life ---- */

static void
line_free(struct conn_line *n)
{
	list_remove(&n->link);
	line_close(n->line);
	free(n->said);
	free(n);
}

static bool
is_idle(const struct conn_line *n)
{
	return n->fn == NULL && n->asks == ASKS_NOTHING;
}

static bool
is_here(const struct conn_line *n)
{
	return conn_same_place(&n->at, &n->conn->at);
}

/* It goes to whoever has it, who may end the link in there. */
static void
line_failed(struct conn_line *n, const struct err *why)
{
	struct conn *c = n->conn;
	const struct http_answer a = { .body = "", .err = *why };
	conn_line_fn *fn = n->fn;
	void *arg = n->arg;

	if (n->asks == ASKS_NOTHING && loop_now_us(c->loop) - n->known_us >= LASTED_US)
		c->lines.failures = 0;
	else
		c->lines.failures++;
	line_free(n);
	conn_enter(c);
	if (fn != NULL)
		fn(arg, &a);
	lines_look(c);
	conn_leave(c);
}

static void
on_answered(void *arg, const struct http_answer *a)
{
	struct conn_line *n = arg;

	if (a->status == 0)
		line_failed(n, &a->err);
	else if (n->asks == ASKS_NOTHING)
		request_answered(n, a);
	else
		who_answered(n, a);
}

static void
on_lost(void *arg, const struct err *why)
{
	line_failed(arg, why);
}

static void
dial(struct conn_line *n)
{
	static const struct line_fns fns = { .answered = on_answered, .lost = on_lost };
	struct conn *c = n->conn;

	line_close(n->line);
	n->line = line_open(c->loop, c->http, n->at.host, n->at.port, c->conf->ack_timeout_us, &fns, n);
}

/* ---- Who is there? ---- */

/* An end that hangs up after each answer is asked what is left on a new connection; there is no other way with it. */
static void
say(struct conn_line *n, const struct line_ask *r)
{
	if (!line_is_open(n->line))
		dial(n);
	line_ask(n->line, r);
}

static void
ask_who(struct conn_line *n)
{
	const struct line_ask r = { .method = "GET", .path = n->asks == ASKS_TIME ? "/time" : "/info" };

	say(n, &r);
}

static void
is_it(struct conn_line *n)
{
	struct conn *c = n->conn;

	n->asks = ASKS_NOTHING;
	n->known_us = loop_now_us(c->loop);
	free(n->said);
	n->said = NULL;
	if (n->fn != NULL) {
		say(n, &n->request);
	} else if (line_is_open(n->line)) {
		loop_timer_stop(c->loop, c->lines.timer);
	} else {
		c->lines.failures++;
		line_free(n);
		lines_look(c);
	}
}

/* The other end is somebody else, or this node in another life: the link has to be looked at first. */
static void
is_stranger(struct conn_line *n)
{
	struct conn *c = n->conn;
	struct err why;

	log_line(LOG_CONN, "%s: another device is at the end of a new connection to %s", c->id, n->at.host);
	err_set(&why, ERR_REFUSED, "another device answers at its address");
	conn_enter(c);
	line_failed(n, &why);
	if (!conn_is_dead(c)) {
		conn_distrust(c);
		conn_paths_check(c);
	}
	conn_leave(c);
}

static void
time_answered(struct conn_line *n, const struct http_answer *a)
{
	int64_t received_us, sent_us;

	n->said->no_time = a->status != 200;
	if (a->status == 200)
		(void)wire_read_time(a->body, a->body_len, &received_us, &sent_us, n->said->epoch, NULL);
	if (n->said->epoch[0] != '\0' && strcmp(n->said->epoch, n->conn->epoch) == 0) {
		is_it(n);
		return;
	}
	n->asks = ASKS_INFO;
	ask_who(n);
}

static void
info_answered(struct conn_line *n, const struct http_answer *a)
{
	struct err why;

	n->said->answered = n->said->has_info = conn_read_info(&n->said->info, a, &why);
	if (!n->said->has_info)
		line_failed(n, &why);
	else if (conn_round_is_it(n->conn, n->said))
		is_it(n);
	else
		is_stranger(n);
}

static void
who_answered(struct conn_line *n, const struct http_answer *a)
{
	if (n->asks == ASKS_TIME)
		time_answered(n, a);
	else
		info_answered(n, a);
}

/* ---- Keeping one ---- */

static struct conn_line *
line_new(struct conn *c)
{
	struct conn_line *n = xcalloc(1, sizeof *n);

	n->conn = c;
	n->at = c->at;
	n->asks = c->epoch[0] != '\0' ? ASKS_TIME : ASKS_INFO;
	n->said = xcalloc(1, sizeof *n->said);
	list_insert_tail(&c->lines.all, &n->link);
	dial(n);
	ask_who(n);
	return n;
}

/* Those that nobody has; of the idle ones so many stay. */
static void
close_spare(struct conn *c, int idle_most)
{
	LIST_EACH_SAFE(it, next, &c->lines.all) {
		struct conn_line *n = LIST_ENTRY(it, struct conn_line, link);

		if (n->fn != NULL || (idle_most > 0 && is_here(n) && (!is_idle(n) || idle_most-- > 0)))
			continue;
		line_free(n);
	}
}

static bool
has_one_here(const struct conn *c)
{
	LIST_EACH(it, &c->lines.all)
		if (is_here(LIST_ENTRY(it, struct conn_line, link)))
			return true;
	return false;
}

static void
make_one(struct conn *c)
{
	if (!conn_is_up(c) || c->view_only || has_one_here(c))
		return;
	line_new(c);
	loop_timer_start(c->loop, c->lines.timer, MAKE_US, 0);
}

/* Something changed: one should stand idle, or be under way, or serve. */
static void
lines_look(struct conn *c)
{
	if (!conn_is_up(c))
		return;
	close_spare(c, IDLE_MOST);
	if (has_one_here(c))
		return;
	if (c->lines.failures > 0)
		loop_timer_start(c->loop, c->lines.timer, conn_backoff_us(c, c->lines.failures), 0);
	else
		make_one(c);
}

/* What has been in the making for all this time and is nobody's makes no line. */
static void
on_timer(void *arg)
{
	struct conn *c = arg;
	bool was_making = false;

	LIST_EACH_SAFE(it, next, &c->lines.all) {
		struct conn_line *n = LIST_ENTRY(it, struct conn_line, link);

		if (n->fn != NULL || is_idle(n))
			continue;
		was_making = true;
		line_free(n);
	}
	c->lines.failures += was_making;
	if (was_making)
		lines_look(c);
	else
		make_one(c);
}

void
conn_lines_open(struct conn *c)
{
	list_init(&c->lines.all);
	c->lines.timer = loop_timer_new(c->loop, on_timer, c);
}

void
conn_lines_keep(struct conn *c)
{
	lines_look(c);
}

void
conn_lines_doubt(struct conn *c)
{
	close_spare(c, 0);
	loop_timer_start(c->loop, c->lines.timer, c->lines.failures > 0 ? conn_backoff_us(c, c->lines.failures) : 0, 0);
}

void
conn_lines_drop(struct conn *c)
{
	close_spare(c, 0);
	c->lines.failures = 0;
	loop_timer_stop(c->loop, c->lines.timer);
}

void
conn_lines_close(struct conn *c)
{
	while (!list_is_empty(&c->lines.all))
		line_free(LIST_ENTRY(c->lines.all.next, struct conn_line, link));
	loop_timer_free(c->loop, c->lines.timer);
	c->lines.timer = NULL;
}

/* ---- Requests ---- */

/* The idle one that served last is the surest; where none is, one that is nearly made. */
static struct conn_line *
pick(struct conn *c)
{
	struct conn_line *best = NULL;

	LIST_EACH(it, &c->lines.all) {
		struct conn_line *n = LIST_ENTRY(it, struct conn_line, link);

		if (n->fn != NULL || !is_here(n))
			continue;
		if (is_idle(n))
			return n;
		best = n;
	}
	return best;
}

struct conn_line *
conn_line_send(struct conn *c, bool fresh, const struct line_ask *r, conn_line_fn *fn, void *arg)
{
	struct conn_line *n = fresh ? NULL : pick(c);

	if (n == NULL)
		n = line_new(c);
	n->request = *r;
	n->fn = fn;
	n->arg = arg;
	if (n->asks == ASKS_NOTHING && c->in_batch)
		line_write(n->line, r);
	else if (n->asks == ASKS_NOTHING)
		line_ask(n->line, r);
	return n;
}

void
conn_lines_flush(struct conn *c)
{
	LIST_EACH(it, &c->lines.all) {
		struct conn_line *n = LIST_ENTRY(it, struct conn_line, link);

		if (n->fn != NULL && n->asks == ASKS_NOTHING)
			line_flush(n->line);
	}
}

/* Of the one that pick() will find, most likely. */
void
conn_lines_warm(const struct conn *c, enum conn_lines_step step)
{
	const struct conn_line *n = LIST_ENTRY(c->lines.all.next, struct conn_line, link);

	if (list_is_empty(&c->lines.all))
		return;
	if (step == LINES_CONNECTION)
		line_warm(n->line);
	else if (step == LINES_BYTES)
		line_warm_bytes(n->line);
	else {
		prefetch(n, offsetof(struct conn_line, at));
		prefetch(&n->at.port, sizeof n->at.port);
	}
}

static void
request_answered(struct conn_line *n, const struct http_answer *a)
{
	struct conn *c = n->conn;
	conn_line_fn *fn = n->fn;
	void *arg = n->arg;

	n->fn = NULL;
	c->lines.failures = 0;
	if (!line_is_open(n->line)) {
		line_free(n);
	} else {
		list_remove(&n->link);	/* to the front: it is taken first the next time */
		list_insert_tail(c->lines.all.next, &n->link);
	}
	conn_enter(c);
	fn(arg, a);
	lines_look(c);
	conn_leave(c);
}

void
conn_line_give_up(struct conn_line *n)
{
	struct conn *c;

	if (n == NULL)
		return;
	c = n->conn;
	c->lines.failures += n->asks != ASKS_NOTHING;
	line_free(n);
	lines_look(c);
}
