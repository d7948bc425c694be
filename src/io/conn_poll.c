/*
 * conn_poll.c - a node without an event stream: GET /health each second, and where that is not offered
 * either, GET /info every two seconds as the sign of life.  Never invents an event but the health it read.
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"
#include "io/wire.h"

#define HEALTH_EVERY_US 1000000
#define INFO_EVERY_US 2000000

static void
poll_later(struct conn *c)
{
	loop_timer_start(c->loop, c->poll.timer, c->poll.no_health ? INFO_EVERY_US : HEALTH_EVERY_US, 0);
}

/* Without events nobody tells of a finished file: the end of a recording is when to look. */
static bool
recording_ended(struct conn *c, const struct node_health *h)
{
	enum node_rec before = c->poll.recording;

	c->poll.recording = h->has_recording ? h->recording.state : NODE_REC_UNKNOWN;
	return c->poll.recording == NODE_REC_IDLE && before != NODE_REC_IDLE && before != NODE_REC_UNKNOWN;
}

static bool
read_health(struct conn *c, const struct http_answer *a, struct err *e)
{
	struct node_event *ev;
	struct jdoc *j = jdoc_parse(a->body, a->body_len, MAX_JSON_BODY, e);

	if (j == NULL)
		return false;
	ev = xcalloc(1, sizeof *ev);
	ev->kind = NODE_EV_HEALTH;
	if (wire_read_health(&ev->health, j)) {
		ev->time_us = ev->health.time_us;
		ev->health_json = wire_keep_health(a->body, a->body_len);
		if (recording_ended(c, &ev->health))
			conn_files_read(c);
		if (c->fns.event != NULL)
			c->fns.event(c->arg, c, ev);
	}
	wire_event_fini(ev);
	free(ev);
	jdoc_free(j);
	return true;
}

static void
heard(struct conn *c)
{
	conn_paths_word(c);
	conn_heard(c);
}

static void
health_answered(void *arg, const struct http_answer *a)
{
	struct conn *c = arg;
	struct err e = a->err;
	char why[MAX_TEXT_FIELD];
	bool ok = true;

	conn_enter(c);
	c->poll.call = NULL;
	if (a->status == 404 || a->status == 405 || a->status == 501)
		c->poll.no_health = true;
	else if (a->status == 200)
		ok = read_health(c, a, &e);
	else if (a->status != 0)
		ok = err_set(&e, ERR_FORMAT, "it answered %d", a->status);
	else
		ok = false;
	if (!ok) {
		snprintf(why, sizeof why, "/health: %s", e.text);
		conn_lost(c, why);
	} else {
		heard(c);
	}
	if (c->state == CONN_POLLING)
		poll_later(c);
	conn_leave(c);
}

static void
info_answered(void *arg, const struct http_answer *a)
{
	struct conn *c = arg;
	struct node_info info;
	struct err e;

	conn_enter(c);
	c->poll.call = NULL;
	if (!conn_read_info(&info, a, &e))
		conn_lost(c, e.text);
	else if (strcmp(info.id, c->id) != 0)
		conn_identify(c, &info, false);
	else
		heard(c);
	if (c->state == CONN_POLLING)
		poll_later(c);
	conn_leave(c);
}

static void
on_poll(void *arg)
{
	struct conn *c = arg;
	char url[512];
	struct http_request r = { .url = url, .timeout_us = CONN_PROBE_TIMEOUT_US, .fresh = conn_distrusts(c),
		.once = conn_distrusts(c) };

	conn_url(&c->at, c->poll.no_health ? "/info" : "/health", url, sizeof url);
	c->poll.call = http_call(c->http, &r, c->poll.no_health ? info_answered : health_answered, c);
}

void
conn_poll_start(struct conn *c)
{
	if (c->poll.timer == NULL)
		c->poll.timer = loop_timer_new(c->loop, on_poll, c);
	c->poll.no_health = false;
	c->poll.recording = NODE_REC_UNKNOWN;
	loop_timer_start(c->loop, c->poll.timer, 0, 0);
}

void
conn_poll_stop(struct conn *c)
{
	http_cancel(c->poll.call);
	c->poll.call = NULL;
	loop_timer_stop(c->loop, c->poll.timer);
}
