/*
 * crew_double.h - a crew without sockets for tests of what stands above it: members are what the test says they
 * are, commands are caught on their way to the conn and answered when the test wants.  Included once per test program:
 * it defines the crew's functions (and conn_command) itself, so that the real ones are not linked.
 */
#ifndef UNIT_CREW_DOUBLE_H
#define UNIT_CREW_DOUBLE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "app/crew.h"
#include "app/settings.h"
#include "base/str.h"
#include "io/diskq.h"
#include "support/loop_fake.h"

#define DOUBLE_MEMBERS 16
#define DOUBLE_SENT 512

struct conn {
	char id[ID_BYTES];
	struct crew *crew;
	int lists_asked, clocks_asked, infos_asked;
};

struct double_sent {
	char node[ID_BYTES];
	struct node_request r;
	conn_answer_fn *fn;
	void *arg;
	bool is_answered;
};

struct crew {
	struct registry *reg;
	struct bus *bus;
	int count;
	struct crew_member members[DOUBLE_MEMBERS];
	struct conn conns[DOUBLE_MEMBERS];
	int sent_count;
	struct double_sent sent[DOUBLE_SENT];
};

static struct crew *
double_new(struct bus *bus)
{
	struct crew *c = calloc(1, sizeof *c);

	c->bus = bus;
	c->reg = registry_new();
	return c;
}

/* Answers what is still open first: nobody may be left waiting. */
static void
double_free(struct crew *c)
{
	static const struct node_answer lost = { .result = NODE_LOST };

	for (int i = 0; i < c->sent_count; i++)
		if (!c->sent[i].is_answered)
			c->sent[i].fn(c->sent[i].arg, c->sent[i].node, &lost, 0, 1);
	registry_free(c->reg);
	free(c);
}

static struct crew_member *
double_member(struct crew *c, const char *node)
{
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->members[i].node->id, node) == 0)
			return &c->members[i];
	return NULL;
}

static struct crew_member *
double_add(struct crew *c, const char *node, int number, const char *label)
{
	struct crew_member *m = &c->members[c->count];

	m->node = registry_remember(c->reg, node);
	m->node->known = false;
	m->node->number = number;
	str_copy(m->node->label, sizeof m->node->label, label);
	snprintf(m->node->info.device_name, sizeof m->node->info.device_name, "Device %s", node);
	m->conn = CONN_LIVE;
	m->link = HEALTH_LIVE;
	health_track_init(&m->track);
	str_copy(c->conns[c->count].id, ID_BYTES, node);
	c->conns[c->count].crew = c;
	c->count++;
	return m;
}

/* ---- The crew's own functions ---- */

struct registry *
crew_registry(struct crew *c)
{
	return c->reg;
}

const struct crew_member *
crew_find(const struct crew *c, const char *node)
{
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->members[i].node->id, node) == 0)
			return &c->members[i];
	return NULL;
}

int
crew_count(const struct crew *c)
{
	return c->count;
}

const struct crew_member *
crew_at(const struct crew *c, int index)
{
	return &c->members[index];
}

struct conn *
crew_conn(struct crew *c, const char *node)
{
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->conns[i].id, node) == 0)
			return &c->conns[i];
	return NULL;
}

void
crew_conns(const struct crew *c, const char (*nodes)[ID_BYTES], int count, struct conn **out)
{
	for (int i = 0; i < count; i++)
		out[i] = crew_conn((struct crew *)(uintptr_t)c, nodes[i]);
}

void
crew_said(struct crew *c, const char *node, const struct node_health *health)
{
	(void)c;
	(void)node;
	(void)health;
}

int64_t
crew_to_node(const struct crew *c, const char *node, int64_t console_us)
{
	const struct crew_member *m = crew_find(c, node);

	return m != NULL ? offset_to_node(&m->clock.best, console_us) : console_us;
}

int64_t
crew_to_console(const struct crew *c, const char *node, int64_t node_us)
{
	const struct crew_member *m = crew_find(c, node);

	return m != NULL ? offset_to_console(&m->clock.best, node_us) : node_us;
}

void
crew_compare_clock(struct crew *c, const char *node)
{
	struct conn *conn = crew_conn(c, node);

	if (conn != NULL)
		conn->clocks_asked++;
}

void
crew_ask_info(struct crew *c, const char *node)
{
	struct conn *conn = crew_conn(c, node);

	if (conn != NULL)
		conn->infos_asked++;
}

void
crew_answered(struct crew *c, const char *node, int64_t took_us)
{
	struct crew_member *m = double_member(c, node);

	if (m != NULL)
		reach_heard(&m->reach, took_us);
}

void
conn_batch(struct conn *const conns[], int count)
{
	(void)conns;
	(void)count;
}

void
conn_batch_send(struct conn *const conns[], int count)
{
	(void)conns;
	(void)count;
}

void
conn_command(struct conn *conn, const struct node_request *r, conn_answer_fn *fn, void *arg)
{
	struct crew *c = conn->crew;
	struct double_sent *s = &c->sent[c->sent_count++];

	if (c->sent_count > DOUBLE_SENT)
		abort();
	*s = (struct double_sent){ .r = *r, .fn = fn, .arg = arg };
	str_copy(s->node, sizeof s->node, conn->id);
}

void
conn_ask_recordings(struct conn *conn)
{
	conn->lists_asked++;
}

/* ---- What the test sees and does ---- */

/* The newest command of this verb to this node; NULL: none. */
static inline struct double_sent *
double_last(struct crew *c, enum node_verb verb, const char *node)
{
	for (int i = c->sent_count - 1; i >= 0; i--)
		if (c->sent[i].r.verb == verb && strcmp(c->sent[i].node, node) == 0)
			return &c->sent[i];
	return NULL;
}

static inline int
double_sent_of(const struct crew *c, enum node_verb verb, const char *node)
{
	int count = 0;

	for (int i = 0; i < c->sent_count; i++)
		count += c->sent[i].r.verb == verb && (node == NULL || strcmp(c->sent[i].node, node) == 0);
	return count;
}

static inline void
double_answer_with(struct double_sent *s, const struct node_answer *a)
{
	s->is_answered = true;
	s->fn(s->arg, s->node, a, 4100, 1);
}

static inline void
double_answer(struct double_sent *s, enum node_result result)
{
	struct node_answer a = { .result = result, .status = result == NODE_OK ? 200 : result == NODE_REFUSED ? 409 : 0 };

	if (result == NODE_REFUSED)
		str_copy(a.code, sizeof a.code, "storage_full");
	double_answer_with(s, &a);
}

/* Every open one, in the order sent. */
static inline void
double_answer_all(struct crew *c, enum node_result result)
{
	for (int i = 0; i < c->sent_count; i++)
		if (!c->sent[i].is_answered)
			double_answer(&c->sent[i], result);
}

static inline void
double_event(struct crew *c, const char *node, const struct node_event *ev)
{
	struct bus_event news = { .kind = EV_NODE_EVENT, .node = node, .data = ev };

	bus_say(c->bus, &news);
}

static inline void
double_link(struct crew *c, const char *node, enum health_link link)
{
	double_member(c, node)->link = link;
	if (link == HEALTH_LOST)
		bus_tell(c->bus, EV_NODE_LOST, node, "no word for 6.0 s");
	else if (link == HEALTH_LIVE)
		bus_tell(c->bus, EV_NODE_LIVE, node, "back");
	bus_tell(c->bus, EV_NODE_STATE, node, "%s", "");
}

/* The node's word on its recording, as an event of its own. */
static inline void
double_recording(struct crew *c, const char *node, enum node_rec state, const char *sphere, const char *take, int64_t since_us, const char *error)
{
	struct node_event *ev = calloc(1, sizeof *ev);
	struct crew_member *m = double_member(c, node);

	ev->kind = NODE_EV_RECORDING;
	ev->recording.state = state;
	ev->recording.since_us = since_us;
	str_copy(ev->recording.sphere, sizeof ev->recording.sphere, sphere);
	str_copy(ev->recording.take, sizeof ev->recording.take, take);
	str_copy(ev->recording.error, sizeof ev->recording.error, error);
	m->track.last.has_recording = true;
	m->track.last.recording = ev->recording;
	m->rec = state == NODE_REC_RECORDING ? HEALTH_REC_RECORDING : HEALTH_REC_NONE;
	double_event(c, node, ev);
	free(ev);
}

static inline struct opt_set *
double_settings(void)
{
	return opt_set_new(settings_table);
}

/* Turns the loop until the condition holds; the disk has a thread of its own. */
#define DOUBLE_WAIT(loop, cond) \
	do { \
		for (int double_i = 0; double_i < 200000 && !(cond); double_i++) { \
			loop_fake_turn(loop); \
			usleep(200); \
		} \
		assert_true(cond); \
	} while (0)

#endif
