/*
 * conn_probe.c - which of a node's addresses answers: each is asked who it is, the first at once, the next a moment later
 * or as soon as one failed, several at a time; the first good answer wins (after RFC 8305, "happy eyeballs").
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
		if (c->probes[i].ask != NULL)
			return true;
	return false;
}

static void
cancel_all(struct conn *c)
{
	for (int i = 0; i < CONN_PROBES; i++) {
		conn_ask_cancel(c->probes[i].ask);
		c->probes[i].ask = NULL;
	}
	loop_timer_stop(c->loop, c->probe_timer);
}

/* Whoever else answered meanwhile is not this node. */
static void
tell_stranger(struct conn *c)
{
	struct conn_stranger s;

	if (c->stranger == NULL)
		return;
	s = *c->stranger;
	free(c->stranger);
	c->stranger = NULL;
	conn_round_stranger(c, &s.at, &s.said);
}

static void
go_to(struct conn *c, const struct registry_address *at, const struct conn_said *said)
{
	bool moved = c->has_at && !conn_same_place(&c->at, at);

	c->at = *at;
	c->at.in_use = true;
	c->at.seen_us = loop_now_us(c->loop);
	c->has_at = true;
	c->no_time = said->no_time;
	c->known_us = loop_now_us(c->loop);
	str_copy(c->epoch, sizeof c->epoch, said->epoch);
	c->picture.not_offered = false;
	c->picture.failures = 0;
	if (moved)
		conn_picture_stop(c);
	if (strcmp(said->info.id, c->id) == 0)
		conn_command_resend(c, moved);
}

static void
accept_answer(struct conn *c, const struct registry_address *at, const struct conn_said *said)
{
	struct conn_said copy = *said;		/* lives in what is cancelled here */
	struct conn_way *w;

	cancel_all(c);
	go_to(c, at, &copy);
	w = conn_way_of(c, at);
	if (w != NULL)
		conn_way_answered(w, copy.rtt_us);
	conn_identify(c, &copy.info, false);
	w = conn_is_dead(c) ? NULL : conn_way_of(c, &c->at);
	if (w != NULL)
		conn_way_tell(w, true, "");
	if (c->state == CONN_PROBING)
		tell_stranger(c);
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
	free(c->stranger);
	c->stranger = NULL;
	accept_answer(c, &s.at, &s.said);
}

static void
keep_stranger(struct conn *c, const struct registry_address *at, const struct conn_said *said)
{
	if (c->stranger != NULL)
		return;
	c->stranger = xcalloc(1, sizeof *c->stranger);
	*c->stranger = (struct conn_stranger){ .said = *said, .at = *at };
}

static void
note_trouble(struct conn *c, const struct registry_address *at, const struct err *e)
{
	struct conn_way *w = conn_way_of(c, at);
	char name[CONN_NAME_BYTES];

	conn_name_of(at, name);
	if (c->trouble[0] == '\0' && strstr(e->text, name) != NULL)
		str_copy(c->trouble, sizeof c->trouble, e->text);
	else if (c->trouble[0] == '\0')
		snprintf(c->trouble, sizeof c->trouble, "%s: %s", name, e->text);
	if (w == NULL)
		return;
	conn_way_missed(w);
	conn_way_tell(w, false, e->text);
}

static void
probe_answered(void *arg, const struct conn_said *said)
{
	struct conn_probe *p = arg;
	struct conn *c = p->conn;
	struct registry_address at = p->at;

	p->ask = NULL;
	if (said->rtt_us > 0)
		at.rtt_us = said->rtt_us;
	if (!said->answered)
		note_trouble(c, &at, &said->err);
	else if (c->id[0] == '\0' || strcmp(said->info.id, c->id) == 0)
		accept_answer(c, &at, said);
	else
		keep_stranger(c, &at, said);
	if (c->state == CONN_PROBING)
		probe_more(c);
}

static void
probe_one(struct conn *c, struct conn_probe *p, const struct registry_address *a)
{
	struct conn_ask_conf conf = { .epoch = "", .fresh = conn_distrusts(c), .limit_us = CONN_PROBE_TIMEOUT_US };

	p->conn = c;
	p->at = *a;
	p->ask = conn_ask_start(c, a, &conf, probe_answered, p);
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
		if (c->probes[i].ask != NULL)
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
	cancel_all(c);
	c->candidate_count = 0;
	c->candidate_next = 0;
	c->trouble[0] = '\0';
	free(c->stranger);
	c->stranger = NULL;
	conn_probe_add(c);
}

/* Addresses given meanwhile are asked too, at once. */
void
conn_probe_add(struct conn *c)
{
	for (int i = 0; i < c->way_count && c->candidate_count < MAX_NODE_ADDRESSES; i++) {
		int k = 0;

		while (k < c->candidate_count && !conn_same_place(&c->candidates[k], &c->ways[i]->at))
			k++;
		if (k == c->candidate_count)
			c->candidates[c->candidate_count++] = c->ways[i]->at;
	}
	probe_more(c);
}

void
conn_probe_stop(struct conn *c)
{
	cancel_all(c);
	c->candidate_count = 0;
}
