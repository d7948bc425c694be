/*
 * conn_ask.c - one question to one address: who are you?  GET /info and GET /time one after the other, within a
 * time limit; where the epoch is known, /time with that epoch is answer enough.
 * Never judges the answer, never speaks to anybody but the asker.
 */
#include "io/conn_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "io/wire.h"

#define SECOND_LEAST_US 300000		/* for the second request when the first one took nearly all the time */
#define TIME_MOST_US 700000		/* /time after /info: a node that hangs there still has an identity */

struct conn_ask {
	struct conn *conn;
	struct registry_address at;
	conn_ask_fn *fn;
	void *arg;
	struct http_call *call;
	bool fresh, knows_epoch;
	char epoch[ID_BYTES];		/* expected */
	int64_t until_us;
	struct conn_said said;
};

static void info_answered(void *arg, const struct http_answer *a);
static void time_answered(void *arg, const struct http_answer *a);

static void
ask_send(struct conn_ask *k, const char *path, int64_t least_us, int64_t most_us)
{
	char url[512];
	struct http_request r = { .url = url, .fresh = k->fresh, .once = k->fresh,
		.timeout_us = k->until_us - loop_now_us(k->conn->loop) };

	if (r.timeout_us < least_us)
		r.timeout_us = least_us;
	if (r.timeout_us > most_us)
		r.timeout_us = most_us;
	conn_url(&k->at, path, url, sizeof url);
	k->call = http_call(k->conn->http, &r, strcmp(path, "/time") == 0 ? time_answered : info_answered, k);
}

/* The asker may ask anew, or end the link. */
static void
ask_end(struct conn_ask *k)
{
	struct conn *c = k->conn;

	conn_enter(c);
	k->fn(k->arg, &k->said);
	free(k);
	conn_leave(c);
}

/* node_us: how long the node says it thought; more than the whole is no word to believe. */
static void
keep_rtt(struct conn_ask *k, const struct http_answer *a, int64_t node_us)
{
	int64_t rtt_us = a->received_us - a->sent_us;

	if (node_us >= 0 && node_us < rtt_us)
		rtt_us -= node_us;
	if (rtt_us > 0 && (k->said.rtt_us < 0 || rtt_us < k->said.rtt_us))
		k->said.rtt_us = rtt_us;
}

static void
info_answered(void *arg, const struct http_answer *a)
{
	struct conn_ask *k = arg;

	k->call = NULL;
	if (!conn_read_info(&k->said.info, a, &k->said.err)) {
		k->said.answered = false;
		ask_end(k);
		return;
	}
	k->said.answered = k->said.has_info = true;
	keep_rtt(k, a, 0);
	if (k->knows_epoch)
		ask_end(k);
	else
		ask_send(k, "/time", SECOND_LEAST_US, TIME_MOST_US);
}

static void
read_time(struct conn_ask *k, const struct http_answer *a)
{
	int64_t received_us, sent_us;

	k->said.no_time = a->status == 404 || a->status == 405 || a->status == 501;
	if (a->status == 0)
		return;
	if (a->status == 200 && wire_read_time(a->body, a->body_len, &received_us, &sent_us, k->said.epoch, NULL))
		keep_rtt(k, a, sent_us - received_us);
	else if (k->said.no_time)
		keep_rtt(k, a, 0);
}

static void
time_answered(void *arg, const struct http_answer *a)
{
	struct conn_ask *k = arg;

	k->call = NULL;
	read_time(k, a);
	if (k->said.has_info) {
		ask_end(k);
	} else if (a->status == 0) {
		k->said.err = a->err;
		ask_end(k);
	} else if (k->said.epoch[0] != '\0' && strcmp(k->said.epoch, k->epoch) == 0) {
		k->said.answered = true;
		ask_end(k);
	} else {
		ask_send(k, "/info", SECOND_LEAST_US, CONN_PROBE_TIMEOUT_US);
	}
}

struct conn_ask *
conn_ask_start(struct conn *c, const struct registry_address *at, const struct conn_ask_conf *conf, conn_ask_fn *fn, void *arg)
{
	struct conn_ask *k = xcalloc(1, sizeof *k);

	k->conn = c;
	k->at = *at;
	k->fn = fn;
	k->arg = arg;
	k->fresh = conf->fresh;
	k->knows_epoch = conf->epoch[0] != '\0';
	str_copy(k->epoch, sizeof k->epoch, conf->epoch);
	k->until_us = loop_now_us(c->loop) + conf->limit_us;
	k->said.rtt_us = -1;
	ask_send(k, k->knows_epoch ? "/time" : "/info", 1, conf->limit_us);
	return k;
}

void
conn_ask_cancel(struct conn_ask *k)
{
	if (k == NULL)
		return;
	http_cancel(k->call);
	free(k);
}
