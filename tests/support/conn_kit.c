/*
 * conn_kit.c - writes down what one link says.  Turns the loop in small steps; never sleeps.
 */
#include "support/conn_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/str.h"
#include "io/disc.h"
#include "io/loop_uv.h"

/* True: the test wants the link freed right here. */
static bool
frees_in(struct kit *k, const char *callback)
{
	if (k->free_in == NULL || strcmp(k->free_in, callback) != 0 || k->conn == NULL)
		return false;
	conn_free(k->conn);
	k->conn = NULL;
	return true;
}

static void
on_identified(void *arg, struct conn *c, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	struct kit *k = arg;

	assert_non_null(k->conn);
	k->identified++;
	str_copy(k->epoch_then, sizeof k->epoch_then, conn_epoch(c));
	k->info = *info;
	k->at = *at;
	k->view_only = view_only;
	frees_in(k, "identified");
}

static void
on_state(void *arg, struct conn *c, enum conn_state state, const char *why)
{
	struct kit *k = arg;

	assert_non_null(k->conn);
	assert_int_equal(conn_state(c), state);
	assert_true(str_is_utf8(why, strlen(why)));
	if (k->state_count < KIT_STATES) {
		k->states[k->state_count].state = state;
		k->states[k->state_count].at_us = loop_now_us(k->loop);
		str_copy(k->states[k->state_count++].why, MAX_TEXT_FIELD, why);
	}
	frees_in(k, conn_state_name(state));
}

static void
on_heard(void *arg, struct conn *c)
{
	struct kit *k = arg;

	(void)c;
	assert_non_null(k->conn);
	k->heard++;
	frees_in(k, "heard");
}

static void
on_event(void *arg, struct conn *c, const struct node_event *ev)
{
	struct kit *k = arg;

	(void)c;
	assert_non_null(k->conn);
	k->events++;
	k->kinds[ev->kind]++;
	k->last = *ev;
	k->last.file_json = NULL;
	k->missed |= ev->kind == NODE_EV_HELLO && ev->missed;
	frees_in(k, node_event_name(ev->kind));
}

static void
on_clock(void *arg, struct conn *c, const struct offset_sample *s, const char *epoch)
{
	struct kit *k = arg;

	(void)c;
	assert_non_null(k->conn);
	k->sample[k->samples++ % 64] = *s;
	str_copy(k->epoch, sizeof k->epoch, epoch);
	frees_in(k, "clock");
}

static void
on_frame(void *arg, struct conn *c, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct kit *k = arg;

	(void)c;
	assert_non_null(k->conn);
	k->frames++;
	k->frame_len = len;
	k->frame_timestamp_us = timestamp_us;
	k->frame_number = frame;
	if (len >= 2)
		assert_memory_equal(jpeg, "\xff\xd8", 2);
	frees_in(k, "frame");
}

static void
on_trouble(void *arg, struct conn *c, const char *why)
{
	struct kit *k = arg;

	(void)c;
	assert_non_null(k->conn);
	k->troubles++;
	str_copy(k->trouble, sizeof k->trouble, why);
	frees_in(k, "trouble");
}

static void
on_recordings(void *arg, struct conn *c, const struct node_file *files, char *const *json, int count)
{
	struct kit *k = arg;

	(void)c;
	assert_non_null(k->conn);
	k->files_told++;
	k->file_count = count;
	if (count > 0) {
		k->file = files[0];
		str_copy(k->file_json, sizeof k->file_json, json[0]);
	}
	frees_in(k, "recordings");
}

static void
on_answer(void *arg, const char *node, const struct node_answer *a, int64_t took_us, int tries)
{
	struct kit *k = arg;

	assert_false(k->commanding);
	assert_true(k->answers < 16);
	k->answer[k->answers].a = *a;
	k->answer[k->answers].took_us = took_us;
	k->answer[k->answers].tries = tries;
	str_copy(k->answer[k->answers++].node, ID_BYTES, node);
	frees_in(k, "answer");
}

static struct kit_path *
path_at(struct kit *k, const struct registry_address *at)
{
	for (int i = 0; i < k->path_count; i++)
		if (k->paths[i].port == at->port && strcmp(k->paths[i].host, at->host) == 0)
			return &k->paths[i];
	assert_true(k->path_count < MAX_NODE_ADDRESSES);
	str_copy(k->paths[k->path_count].host, sizeof k->paths[0].host, at->host);
	k->paths[k->path_count].port = at->port;
	return &k->paths[k->path_count++];
}

static void
on_path(void *arg, struct conn *c, const struct conn_path *p)
{
	struct kit *k = arg;
	struct kit_path *mine;

	(void)c;
	assert_non_null(k->conn);
	assert_non_null(p->why);
	assert_true(p->answered == (p->at.failures == 0));
	mine = path_at(k, &p->at);
	mine->told++;
	mine->answered += p->answered;
	mine->used += p->in_use;
	mine->last = *p;
	str_copy(mine->why, sizeof mine->why, p->why);
	frees_in(k, "path");
}

static void
on_stranger(void *arg, struct conn *c, const struct conn_stranger_news *s)
{
	struct kit *k = arg;

	(void)c;
	assert_non_null(k->conn);
	k->strangers++;
	k->stranger = *s;
	frees_in(k, "stranger");
}

const struct kit_path *
kit_path(const struct kit *k, const char *host)
{
	for (int i = 0; i < k->path_count; i++)
		if (strcmp(k->paths[i].host, host) == 0)
			return &k->paths[i];
	return NULL;
}

static void
on_tick(void *arg)
{
	loop_stop(((struct kit *)arg)->loop);
}

static void
open_link(struct kit *k, const struct conn_conf *conf)
{
	static const struct conn_conf usual = { .ack_timeout_us = 2000000, .idle_us = 6000000, .clock_every_us = 10000000 };
	static const struct conn_fns fns = { .identified = on_identified, .state = on_state, .heard = on_heard, .event = on_event,
		.clock = on_clock, .frame = on_frame, .picture_trouble = on_trouble, .recordings = on_recordings,
		.path = on_path, .stranger = on_stranger };

	k->tick = loop_timer_new(k->loop, on_tick, k);
	k->conn = conn_new(k->loop, k->http, conf != NULL ? conf : &usual, &fns, k);
}

void
kit_open(struct kit *k, const struct conn_conf *conf)
{
	memset(k, 0, sizeof *k);
	k->loop = loop_uv_new(2);
	k->http = http_new(k->loop);
	open_link(k, conf);
}

void
kit_open_beside(struct kit *k, struct kit *host, const struct conn_conf *conf)
{
	memset(k, 0, sizeof *k);
	k->is_guest = true;
	k->loop = host->loop;
	k->http = host->http;
	open_link(k, conf);
}

void
kit_close(struct kit *k)
{
	conn_free(k->conn);
	k->conn = NULL;
	loop_timer_free(k->loop, k->tick);
	if (k->is_guest)
		return;
	http_free(k->http);
	loop_free(k->loop);
}

void
kit_address(struct registry_address *out, const char *host, int port)
{
	memset(out, 0, sizeof *out);
	str_copy(out->host, sizeof out->host, host);
	out->port = port;
	out->kind = registry_path_of(host);
	out->via = VIA_MANUAL;
	out->rtt_us = -1;
}

void
kit_aim(struct kit *k, struct fakenode *n)
{
	struct registry_address a;

	kit_address(&a, "127.0.0.1", fakenode_port(n));
	conn_set_addresses(k->conn, &a, 1);
}

void
kit_aim_url(struct kit *k, const char *url)
{
	struct registry_address a;
	struct err e;

	assert_true(disc_parse_address(&a, url, &e));
	conn_set_addresses(k->conn, &a, 1);
}

void
kit_command(struct kit *k, enum node_verb verb, const char *command_id)
{
	struct node_request r = { .verb = verb, .factor = 2.0, .tally = NODE_TALLY_PROGRAM };

	str_copy(r.command_id, sizeof r.command_id, command_id);
	str_copy(r.take, sizeof r.take, "001");
	str_copy(r.sphere, sizeof r.sphere, "sphere-1");
	str_copy(r.position, sizeof r.position, "front");
	k->commanding = true;
	conn_command(k->conn, &r, on_answer, k);
	k->commanding = false;
}

void
kit_turn(struct kit *k)
{
	loop_timer_start(k->loop, k->tick, 2000, 0);
	loop_run(k->loop);
}

void
kit_turn_for(struct kit *k, int64_t us)
{
	int64_t until_us = loop_now_us(k->loop) + us;

	while (loop_now_us(k->loop) < until_us)
		kit_turn(k);
}

int
kit_count(const struct kit *k, enum conn_state state)
{
	int count = 0;

	for (int i = 0; i < k->state_count; i++)
		count += k->states[i].state == state;
	return count;
}

bool
kit_was(const struct kit *k, enum conn_state state)
{
	return kit_count(k, state) > 0;
}

void
kit_fail(const struct kit *k, const char *condition, const char *file, int line)
{
	for (int i = 0; i < k->state_count; i++)
		print_message("%+lld us %s: %s\n", (long long)(k->states[i].at_us - k->states[0].at_us),
		    conn_state_name(k->states[i].state), k->states[i].why);
	print_message("never: %s (events %d, heard %d, frames %d, trouble \"%s\")\n", condition, k->events, k->heard, k->frames, k->trouble);
	_fail(file, line);
	abort();
}
