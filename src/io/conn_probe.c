/*
 * conn_probe.c - which of a node's addresses answers: GET /info at each, the first at once, the next after 1 s
 * or as soon as one failed, three at a time; the first good answer wins (after RFC 8305, "happy eyeballs").
 * Never decides what a strange id means: it prefers the expected one and tells what it found.
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

static void probe_more(struct conn *c);

static bool
is_waiting(const struct conn *c)
{
	for (int i = 0; i < CONN_PROBES; i++)
		if (c->probes[i].call != NULL)
			return true;
	return false;
}

static void
cancel_all(struct conn *c)
{
	for (int i = 0; i < CONN_PROBES; i++) {
		http_cancel(c->probes[i].call);
		c->probes[i].call = NULL;
	}
	loop_timer_stop(c->loop, c->probe_timer);
}

static void
accept_answer(struct conn *c, const struct registry_address *at, const struct node_info *info)
{
	bool moved = c->has_at && (c->at.port != at->port || strcmp(c->at.host, at->host) != 0);

	cancel_all(c);
	c->at = *at;
	c->at.in_use = true;
	c->at.seen_us = loop_now_us(c->loop);
	c->has_at = true;
	c->picture.not_offered = false;
	c->picture.failures = 0;
	if (moved)
		conn_picture_stop(c);
	conn_identify(c, info, false);
	if (c->state == CONN_PROBING)
		conn_go(c, CONN_OPENING, c->why);
}

/* Nobody is left to ask. */
static void
settle(struct conn *c)
{
	struct conn_stranger s;

	if (c->stranger == NULL) {
		conn_fail(c, c->trouble[0] != '\0' ? c->trouble : "no address");
		return;
	}
	s = *c->stranger;
	accept_answer(c, &s.at, &s.info);
}

static void
keep_stranger(struct conn *c, const struct registry_address *at, const struct node_info *info)
{
	if (c->stranger != NULL)
		return;
	c->stranger = xcalloc(1, sizeof *c->stranger);
	*c->stranger = (struct conn_stranger){ .info = *info, .at = *at };
}

static void
note_trouble(struct conn *c, const struct registry_address *at, const struct err *e)
{
	char name[CONN_NAME_BYTES];

	if (c->trouble[0] != '\0')
		return;
	conn_name_of(at, name);
	if (strstr(e->text, name) != NULL)
		str_copy(c->trouble, sizeof c->trouble, e->text);
	else
		snprintf(c->trouble, sizeof c->trouble, "%s: %s", name, e->text);
}

static void
probe_answered(void *arg, const struct http_answer *a)
{
	struct conn_probe *p = arg;
	struct conn *c = p->conn;
	struct registry_address at = p->at;
	struct node_info info;
	struct err e;

	conn_enter(c);
	p->call = NULL;
	if (!conn_read_info(&info, a, &e)) {
		note_trouble(c, &at, &e);
	} else {
		at.rtt_us = a->received_us > a->sent_us ? a->received_us - a->sent_us : at.rtt_us;
		if (c->id[0] == '\0' || strcmp(info.id, c->id) == 0)
			accept_answer(c, &at, &info);
		else
			keep_stranger(c, &at, &info);
	}
	if (c->state == CONN_PROBING)
		probe_more(c);
	conn_leave(c);
}

static void
probe_one(struct conn *c, struct conn_probe *p, const struct registry_address *a)
{
	char url[512];
	struct http_request r = { .url = url, .timeout_us = CONN_PROBE_TIMEOUT_US };

	p->conn = c;
	p->at = *a;
	conn_url(a, "/info", url, sizeof url);
	p->call = http_call(c->http, &r, probe_answered, p);
}

static void
on_next(void *arg)
{
	struct conn *c = arg;

	conn_enter(c);
	probe_more(c);
	conn_leave(c);
}

/* One more address, if there is one and a place for it; settles when all have spoken. */
static void
probe_more(struct conn *c)
{
	for (int i = 0; i < CONN_PROBES && c->candidate_next < c->candidate_count; i++) {
		if (c->probes[i].call != NULL)
			continue;
		probe_one(c, &c->probes[i], &c->candidates[c->candidate_next++]);
		break;
	}
	if (!is_waiting(c))
		settle(c);
	else if (c->candidate_next < c->candidate_count)
		loop_timer_start(c->loop, c->probe_timer, CONN_NEXT_ADDRESS_US, 0);
}

void
conn_probe_start(struct conn *c)
{
	if (c->probe_timer == NULL)
		c->probe_timer = loop_timer_new(c->loop, on_next, c);
	c->candidate_count = c->address_count;
	c->candidate_next = 0;
	memcpy(c->candidates, c->addresses, sizeof c->candidates);
	c->trouble[0] = '\0';
	free(c->stranger);
	c->stranger = NULL;
	probe_more(c);
}

void
conn_probe_stop(struct conn *c)
{
	cancel_all(c);
	c->candidate_count = 0;
}
