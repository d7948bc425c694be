/*
 * conn_events.c - a node's event stream (GET /events, server-sent events) with resume by Last-Event-ID; two of them
 * while the link moves.  Owns the streams and their parsers.  Never keeps an event: each is passed on as it comes.
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/wire.h"

#define FAILURES_AFTER_BYE 3		/* a node takes its time to leave: the first look comes after 2 s */

static void
said_bye(struct conn *c, const char *reason)
{
	char why[MAX_TEXT_FIELD];

	if (conn_is_dead(c))
		return;
	snprintf(why, sizeof why, "said bye: %.200s", reason[0] != '\0' ? reason : "no reason told");
	c->well_us = -1;	/* else a link that lasted would be looked for at once */
	c->failures = FAILURES_AFTER_BYE;
	conn_fail(c, why);
}

static void
said_hello(struct conn *c, const struct node_event *ev)
{
	if (ev->info.id[0] != '\0' || ev->info.device_name[0] != '\0')
		conn_identify(c, &ev->info, false);
	if (ev->missed && conn_is_up(c))
		conn_files_read(c);
}

static void
keep_id(struct conn_stream *s)
{
	struct conn *c = s->conn;
	const char *id = sse_last_id(s->sse);

	/* A longer one could not be sent back whole, and half an id is a wrong one. */
	if (id != NULL && id[0] != '\0' && strlen(id) < sizeof c->events.last_id)
		str_copy(c->events.last_id, sizeof c->events.last_id, id);
}

/* -1: no number. */
static int64_t
number_of(const char *id)
{
	char *end;
	long long n = id[0] >= '0' && id[0] <= '9' ? strtoll(id, &end, 10) : -1;

	return n >= 0 && *end == '\0' ? n : -1;
}

/*
 * While a link moves, two streams tell the same story, and the new one begins where it was asked to: what the former
 * has told since is not told twice.
 */
static bool
is_told_already(struct conn_stream *s, const char *id)
{
	struct conn_events *e = &s->conn->events;
	int64_t n = number_of(id != NULL ? id : "");

	if (n < 0 || n == s->number)
		return false;	/* it has none of its own: the parser tells the last one again */
	s->number = n;
	if (s == e->former) {
		if (n > e->seen_upto)
			e->seen_upto = n;
		return false;
	}
	return n > e->seen_from && n <= e->seen_upto;
}

/* False: not to be listened to any more, and the rest of these bytes is passed over quickly. */
static bool
is_welcome(struct conn_stream *s)
{
	int64_t now_us = loop_now_us(s->conn->loop);

	if (s->call == NULL || s->flooded)
		return false;	/* given up by what came before, in the same bytes */
	if (now_us - s->second_us >= 1000000) {
		s->second_us = now_us;
		s->count = 0;
	}
	if (++s->count <= CONN_EVENTS_A_SECOND)
		return true;
	s->flooded = true;
	snprintf(s->trouble, sizeof s->trouble, "/events floods: more than %d events a second", CONN_EVENTS_A_SECOND);
	return false;
}

static void
tell_event(struct conn_stream *s, struct node_event *ev)
{
	struct conn *c = s->conn;
	bool is_former = s == c->events.former;

	if (c->state == CONN_OPENING && !is_former)
		conn_go(c, CONN_LIVE, "");
	if (ev->kind == NODE_EV_HELLO && !conn_is_dead(c))
		said_hello(c, ev);
	if (c->fns.event != NULL)
		c->fns.event(c->arg, c, ev);
	if (ev->kind == NODE_EV_BYE)
		said_bye(c, ev->text);
}

static void
on_event(void *arg, const char *name, const char *data, size_t len, const char *id)
{
	struct conn_stream *s = arg;
	struct conn *c = s->conn;
	struct node_event ev;
	struct err e;

	if (!is_welcome(s))
		return;
	conn_paths_word(c);
	if (is_told_already(s, id))
		return;
	keep_id(s);
	conn_heard(c);
	if (conn_is_dead(c) || s->call == NULL)
		return;
	if (!wire_read_event(&ev, name, data, len, &e)) {
		log_line(LOG_CONN, "%s: event ignored: %s", c->id, e.text);
		return;
	}
	tell_event(s, &ev);
	wire_event_fini(&ev);
}

static void
on_comment(void *arg)
{
	struct conn_stream *s = arg;

	if (!is_welcome(s))
		return;
	conn_paths_word(s->conn);
	conn_heard(s->conn);
}

static void stream_free(struct conn_stream *s);

static bool
on_head(void *arg, int status, const char *content_type)
{
	struct conn_stream *s = arg;
	struct conn *c = s->conn;
	char type[80];

	if (status == 404 || status == 405 || status == 501) {
		s->missing = true;
		return false;
	}
	if (status != 200) {
		snprintf(s->trouble, sizeof s->trouble, "/events answered %d", status);
		return false;
	}
	if (content_type == NULL || strncasecmp(content_type, "text/event-stream", 17) != 0) {
		str_clean(type, sizeof type, content_type != NULL ? content_type : "no type",
		    strlen(content_type != NULL ? content_type : "no type"), 60);
		snprintf(s->trouble, sizeof s->trouble, "/events is %s, not an event stream", type);
		return false;
	}
	s->head_ok = true;
	if (s == c->events.now) {
		stream_free(c->events.former);
		c->events.former = NULL;
	}
	return true;
}

/* A stream may be closed by what it says: it stays in memory, and says nothing more, until its bytes are through. */
static bool
on_bytes(void *arg, const char *data, size_t len)
{
	struct conn_stream *s = arg;
	struct conn *c = s->conn;
	struct err e;
	bool ok, flooded;

	conn_enter(c);
	s->feeding = true;
	ok = sse_feed(s->sse, data, len, &e);
	s->feeding = false;
	flooded = s->flooded;
	if (s->call == NULL)
		stream_free(s);
	else if (!ok)
		snprintf(s->trouble, sizeof s->trouble, "/events makes no sense: %s", e.text);
	conn_leave(c);
	return ok && !flooded;
}

static void
word_the_end(const struct conn_stream *s, const struct err *why, char *out, size_t out_size)
{
	char span[32];

	conn_span(span, sizeof span, s->conn->conf->idle_us);
	if (s->trouble[0] != '\0')
		str_copy(out, out_size, s->trouble);
	else if (why->kind == ERR_NONE)
		str_copy(out, out_size, "the node ended the event stream");
	else if (why->kind == ERR_TIMEOUT && s->head_ok)
		snprintf(out, out_size, "no word for %s", span);
	else
		str_copy(out, out_size, why->text);
}

static void
on_closed(void *arg, const struct err *why)
{
	struct conn_stream *s = arg;
	struct conn *c = s->conn;
	bool missing = s->missing, is_former = s == c->events.former;
	char text[MAX_TEXT_FIELD];

	conn_enter(c);
	s->call = NULL;
	word_the_end(s, why, text, sizeof text);
	stream_free(s);
	if (is_former) {
		c->events.former = NULL;
	} else if (c->events.former != NULL && c->state == CONN_OPENING) {
		log_line(LOG_CONN, "%s: %s", c->id, text);
		c->events.now = c->events.former;
		c->events.former = NULL;
		conn_move_back(c);
	} else {
		c->events.now = NULL;
		if (missing)
			conn_go(c, CONN_POLLING, "");
		else
			conn_lost(c, text);
	}
	conn_leave(c);
}

/* Its call is over or is given up here; while it is being fed on_bytes() frees it. */
static void
stream_free(struct conn_stream *s)
{
	if (s == NULL)
		return;
	http_cancel(s->call);
	s->call = NULL;
	if (s->feeding)
		return;
	sse_free(s->sse);
	free(s);
}

/* The stream that stands is kept beside the new one while the link moves. */
static void
make_room(struct conn *c)
{
	struct conn_events *e = &c->events;

	stream_free(e->former);
	e->former = NULL;
	e->seen_from = e->seen_upto = -1;
	if (!c->moving) {
		stream_free(e->now);
		e->now = NULL;
		return;
	}
	e->former = e->now;
	e->now = NULL;
	e->seen_from = number_of(e->last_id);
}

void
conn_events_open(struct conn *c)
{
	struct conn_stream *s = xcalloc(1, sizeof *s);
	char url[512];
	struct http_request r = { .url = url, .accept = "text/event-stream", .timeout_us = CONN_PROBE_TIMEOUT_US,
		.idle_us = c->conf->idle_us, .fresh = conn_distrusts(c) };

	make_room(c);
	conn_url(&c->at, "/events", url, sizeof url);
	if (c->events.last_id[0] != '\0')
		r.last_event_id = c->events.last_id;
	s->conn = c;
	s->number = -1;
	s->sse = sse_new(on_event, on_comment, s);
	s->call = http_stream(c->http, &r, on_head, on_bytes, on_closed, s);
	c->events.now = s;
}

void
conn_events_close(struct conn *c)
{
	stream_free(c->events.former);
	stream_free(c->events.now);
	c->events.former = c->events.now = NULL;
}

bool
conn_events_flow(const struct conn *c)
{
	return c->events.now != NULL && c->events.now->head_ok;
}
