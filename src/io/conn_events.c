/*
 * conn_events.c - a node's event stream (GET /events, server-sent events) with resume by Last-Event-ID.
 * Owns the stream and its parser.  Never keeps an event: each is passed on as it comes.
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/str.h"
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
keep_id(struct conn *c)
{
	const char *id = sse_last_id(c->events.sse);

	/* A longer one could not be sent back whole, and half an id is a wrong one. */
	if (id != NULL && strlen(id) < sizeof c->events.last_id)
		str_copy(c->events.last_id, sizeof c->events.last_id, id);
}

/* False: not to be listened to any more, and the rest of these bytes is passed over quickly. */
static bool
is_welcome(struct conn *c)
{
	struct conn_events *e = &c->events;
	int64_t now_us = loop_now_us(c->loop);

	if (e->call == NULL || e->flooded)
		return false;	/* given up by what came before, in the same bytes */
	if (now_us - e->second_us >= 1000000) {
		e->second_us = now_us;
		e->count = 0;
	}
	if (++e->count <= CONN_EVENTS_A_SECOND)
		return true;
	e->flooded = true;
	snprintf(e->trouble, sizeof e->trouble, "/events floods: more than %d events a second", CONN_EVENTS_A_SECOND);
	return false;
}

static void
on_event(void *arg, const char *name, const char *data, size_t len, const char *id)
{
	struct conn *c = arg;
	struct node_event ev;
	struct err e;

	(void)id;
	if (!is_welcome(c))
		return;
	keep_id(c);
	conn_heard(c);
	if (conn_is_dead(c))
		return;
	if (!wire_read_event(&ev, name, data, len, &e)) {
		log_line(LOG_CONN, "%s: event ignored: %s", c->id, e.text);
		return;
	}
	if (c->state == CONN_OPENING)
		conn_go(c, CONN_LIVE, "");
	if (ev.kind == NODE_EV_HELLO && !conn_is_dead(c))
		said_hello(c, &ev);
	if (c->fns.event != NULL)
		c->fns.event(c->arg, c, &ev);
	if (ev.kind == NODE_EV_BYE)
		said_bye(c, ev.text);
	wire_event_fini(&ev);
}

static void
on_comment(void *arg)
{
	struct conn *c = arg;

	if (is_welcome(c))
		conn_heard(c);
}

static bool
on_head(void *arg, int status, const char *content_type)
{
	struct conn *c = arg;
	char type[80];

	if (status == 404 || status == 405 || status == 501) {
		c->events.missing = true;
		return false;
	}
	if (status != 200) {
		snprintf(c->events.trouble, sizeof c->events.trouble, "/events answered %d", status);
		return false;
	}
	if (content_type == NULL || strncasecmp(content_type, "text/event-stream", 17) != 0) {
		str_clean(type, sizeof type, content_type != NULL ? content_type : "no type",
		    strlen(content_type != NULL ? content_type : "no type"), 60);
		snprintf(c->events.trouble, sizeof c->events.trouble, "/events is %s, not an event stream", type);
		return false;
	}
	c->events.head_ok = true;
	return true;
}

static bool
on_bytes(void *arg, const char *data, size_t len)
{
	struct conn *c = arg;
	struct sse *sse = c->events.sse;
	struct err e;
	bool ok, flooded;

	conn_enter(c);
	ok = sse_feed(sse, data, len, &e);
	flooded = c->events.flooded;
	if (!ok && c->events.sse == sse)	/* else it was closed while it was fed */
		snprintf(c->events.trouble, sizeof c->events.trouble, "/events makes no sense: %s", e.text);
	conn_leave(c);
	return ok && !flooded;
}

static void
word_the_end(struct conn *c, const struct err *why, char *out, size_t out_size)
{
	char span[32];

	conn_span(span, sizeof span, c->conf->idle_us);
	if (c->events.trouble[0] != '\0')
		str_copy(out, out_size, c->events.trouble);
	else if (why->kind == ERR_NONE)
		str_copy(out, out_size, "the node ended the event stream");
	else if (why->kind == ERR_TIMEOUT && c->events.head_ok)
		snprintf(out, out_size, "no word for %s", span);
	else
		str_copy(out, out_size, why->text);
}

static void
on_closed(void *arg, const struct err *why)
{
	struct conn *c = arg;
	char text[MAX_TEXT_FIELD];

	conn_enter(c);
	c->events.call = NULL;
	word_the_end(c, why, text, sizeof text);
	if (c->events.missing)
		conn_go(c, CONN_POLLING, "");
	else
		conn_lost(c, text);
	conn_leave(c);
}

void
conn_events_open(struct conn *c)
{
	char url[512];
	struct http_request r = { .url = url, .accept = "text/event-stream", .timeout_us = CONN_PROBE_TIMEOUT_US,
		.idle_us = c->conf->idle_us };

	conn_events_close(c);
	conn_url(&c->at, "/events", url, sizeof url);
	if (c->events.last_id[0] != '\0')
		r.last_event_id = c->events.last_id;
	c->events.head_ok = c->events.missing = c->events.flooded = false;
	c->events.count = 0;
	c->events.trouble[0] = '\0';
	c->events.sse = sse_new(on_event, on_comment, c);
	c->events.call = http_stream(c->http, &r, on_head, on_bytes, on_closed, c);
}

void
conn_events_close(struct conn *c)
{
	http_cancel(c->events.call);
	c->events.call = NULL;
	sse_free(c->events.sse);
	c->events.sse = NULL;
}
