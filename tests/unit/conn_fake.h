/*
 * conn_fake.h - a conn without a network, for tests of what stands above it: it does what the test says and
 * keeps what it was told.  Linked instead of io/conn.c because the test defines every conn_*() itself; include it
 * in one file of a test only.
 */
#ifndef TESTS_CONN_FAKE_H
#define TESTS_CONN_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/conn.h"
#include "io/netif.h"

#define FAKE __attribute__((unused)) static

#define FAKE_COMMANDS 256

struct fake_command {
	struct node_request request;
	conn_answer_fn *fn;
	void *arg;
	bool is_answered;
};

struct conn {
	const struct conn_conf *conf;
	const struct conn_fns *fns;
	void *arg;
	struct registry_address addresses[MAX_NODE_ADDRESSES];
	int address_count;
	int used;			/* which of them */
	enum conn_state state;
	char why[256], id[ID_BYTES], epoch[ID_BYTES];
	int sets, nudges, doubts, suspects, previews, clocks_asked, infos_asked;	/* how often it was told so */
	int64_t clock_pace_us;
	int width_px, fps, quality;
	int command_count;
	struct fake_command commands[FAKE_COMMANDS];
};

static struct conn *fake_conns[512];	/* those alive, oldest first */
static int fake_conn_count;

struct conn *
conn_new(struct loop *loop, struct http *http, const struct conn_conf *conf, const struct conn_fns *fns, void *arg)
{
	struct conn *c = xcalloc(1, sizeof *c);

	(void)loop;
	(void)http;
	c->conf = conf;
	c->fns = fns;
	c->arg = arg;
	assert_true(fake_conn_count < 512);
	fake_conns[fake_conn_count++] = c;
	return c;
}

FAKE void
fake_answer_with(struct conn *c, int index, const struct node_answer *a, int64_t took_us, int tries)
{
	struct fake_command *command = &c->commands[index];

	assert_true(index < c->command_count);
	assert_false(command->is_answered);
	command->is_answered = true;
	command->fn(command->arg, c->id, a, took_us, tries);
}

FAKE void
fake_answer(struct conn *c, int index, enum node_result result)
{
	fake_answer_with(c, index, &(struct node_answer){ .result = result, .status = result == NODE_OK ? 200 : 0 }, 4100, 1);
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < c->command_count; i++)
		if (!c->commands[i].is_answered)
			fake_answer(c, i, NODE_LOST);
	for (int i = 0; i < fake_conn_count; i++)
		if (fake_conns[i] == c)
			fake_conns[i] = fake_conns[--fake_conn_count];
	free(c);
}

void
conn_set_addresses(struct conn *c, const struct registry_address *a, int count)
{
	const struct registry_address used = c->addresses[c->used];
	const bool had_one = c->address_count > 0;

	memcpy(c->addresses, a, (size_t)count * sizeof *a);
	c->address_count = count;
	c->used = 0;
	for (int i = 0; had_one && i < count; i++)
		if (strcmp(a[i].host, used.host) == 0 && a[i].port == used.port)
			c->used = i;
	c->sets++;
	if (c->state == CONN_IDLE)
		c->state = CONN_PROBING;
}

void
conn_nudge(struct conn *c)
{
	c->nudges++;
}

void
conn_doubt(struct conn *c)
{
	c->doubts++;
}

void
conn_suspect(struct conn *c)
{
	c->suspects++;
}

void
conn_ask_clock(struct conn *c)
{
	c->clocks_asked++;
}

void
conn_ask_info(struct conn *c)
{
	c->infos_asked++;
}

void
conn_clock_pace(struct conn *c, int64_t every_us)
{
	c->clock_pace_us = every_us;
}

const char *
conn_epoch(const struct conn *c)
{
	return c->epoch;
}

static bool fake_is_wireless;	/* every host is reached over Wi-Fi */

bool
netif_way_to(const char *host, struct netif_way *out)
{
	(void)host;
	*out = (struct netif_way){ .wireless = fake_is_wireless };
	return true;
}

enum conn_state
conn_state(const struct conn *c)
{
	return c->state;
}

const char *
conn_why(const struct conn *c)
{
	return c->why;
}

const char *
conn_id(const struct conn *c)
{
	return c->id;
}

const struct registry_address *
conn_address(const struct conn *c)
{
	return c->address_count > 0 ? &c->addresses[c->used] : NULL;
}

void
conn_command(struct conn *c, const struct node_request *r, conn_answer_fn *fn, void *arg)
{
	assert_true(c->command_count < FAKE_COMMANDS);
	c->commands[c->command_count++] = (struct fake_command){ .request = *r, .fn = fn, .arg = arg };
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
conn_preview(struct conn *c, int width_px, int fps, int quality)
{
	if (c->width_px == width_px && c->fps == fps && c->quality == quality)
		return;
	c->previews++;
	c->width_px = width_px;
	c->fps = fps;
	c->quality = quality;
}

const char *
conn_state_name(enum conn_state s)
{
	return s == CONN_LIVE ? "live" : "another";
}

/* ---- What the test makes it do ---- */

/* The newest one that was given this host; NULL: none. */
FAKE struct conn *
fake_conn(const char *host)
{
	for (int i = fake_conn_count - 1; i >= 0; i--)
		for (int k = 0; k < fake_conns[i]->address_count; k++)
			if (strcmp(fake_conns[i]->addresses[k].host, host) == 0)
				return fake_conns[i];
	return NULL;
}

FAKE struct registry_address
fake_address(const char *host, int port, enum registry_via via)
{
	struct registry_address a = { .port = port, .via = via, .rtt_us = -1 };

	str_copy(a.host, sizeof a.host, host);
	a.kind = registry_path_of(host);
	return a;
}

FAKE void
fake_go(struct conn *c, enum conn_state state, const char *why)
{
	c->state = state;
	str_copy(c->why, sizeof c->why, why);
	c->fns->state(c->arg, c, state, why);
}

FAKE struct node_info
fake_info(const char *id, const char *name)
{
	struct node_info info = { .contract = 1, .camera_count = 1 };

	str_copy(info.id, sizeof info.id, id);
	str_copy(info.device_name, sizeof info.device_name, name);
	return info;
}

FAKE void
fake_identify(struct conn *c, const char *id, const char *name)
{
	const struct node_info info = fake_info(id, name);

	str_copy(c->id, sizeof c->id, id);
	c->fns->identified(c->arg, c, &info, &c->addresses[c->used], false);
}

/* The same with the epoch of its clock. */
FAKE void
fake_identify_boot(struct conn *c, const char *id, const char *name, const char *epoch)
{
	str_copy(c->epoch, sizeof c->epoch, epoch);
	fake_identify(c, id, name);
}

FAKE int
fake_address_index(const struct conn *c, const char *host)
{
	for (int i = 0; i < c->address_count; i++)
		if (strcmp(c->addresses[i].host, host) == 0)
			return i;
	return -1;
}

/* News of one of its addresses; in_use: the link has moved there. */
FAKE void
fake_path(struct conn *c, const char *host, bool answered, bool in_use, int64_t rtt_us)
{
	const int i = fake_address_index(c, host);
	struct conn_path p = { .answered = answered, .in_use = in_use, .why = "" };

	assert_true(i >= 0);
	if (in_use)
		c->used = i;
	c->addresses[i].failures = answered ? 0 : c->addresses[i].failures + 1;
	p.at = c->addresses[i];
	p.at.rtt_us = rtt_us;
	c->fns->path(c->arg, c, &p);
}

FAKE void
fake_stranger(struct conn *c, const char *host, const char *id, const char *name, const char *epoch)
{
	struct conn_stranger_news s = { .info = { .contract = 1, .camera_count = 1 } };

	assert_true(fake_address_index(c, host) >= 0);
	s.at = c->addresses[fake_address_index(c, host)];
	str_copy(s.info.id, sizeof s.info.id, id);
	str_copy(s.info.device_name, sizeof s.info.device_name, name);
	str_copy(s.epoch, sizeof s.epoch, epoch);
	c->fns->stranger(c->arg, c, &s);
}

FAKE void
fake_word(struct conn *c)
{
	c->fns->heard(c->arg, c);
}

FAKE void
fake_event(struct conn *c, const struct node_event *ev)
{
	c->fns->heard(c->arg, c);
	c->fns->event(c->arg, c, ev);
}

FAKE void
fake_health(struct conn *c, const struct node_health *h)
{
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = NODE_EV_HEALTH;
	ev->health = *h;
	fake_event(c, ev);
	free(ev);
}

FAKE void
fake_hello(struct conn *c)
{
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = NODE_EV_HELLO;
	fake_event(c, ev);
	free(ev);
}

FAKE void
fake_bye(struct conn *c, const char *reason)
{
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = NODE_EV_BYE;
	str_copy(ev->text, sizeof ev->text, reason);
	fake_event(c, ev);
	free(ev);
}

/* From a first address to a live node, as a good day goes. */
FAKE void
fake_come_alive(struct conn *c, const char *id, const char *name)
{
	fake_word(c);
	fake_identify(c, id, name);
	fake_go(c, CONN_OPENING, "");
	fake_go(c, CONN_LIVE, "");
	fake_hello(c);
}

#endif
