/*
 * conn_clock.c - samples of a node's clock: bursts of GET /time, one at a time on a warm connection, so
 * that a command finds another.  Never judges a sample: that is domain/offset.
 */
#include "io/conn_private.h"

#include "io/wire.h"

#define BURST_SAMPLES 8
#define SAMPLE_EVERY_US 60000
#define SAMPLE_TIMEOUT_US 1000000

/* The next sample keeps its distance from the start of the one before. */
static void
sample_later(struct conn *c)
{
	int64_t since_us = loop_now_us(c->loop) - c->clock.started_us;

	if (c->clock.off)
		return;
	if (c->clock.left > 0) {
		loop_timer_start(c->loop, c->clock.timer, SAMPLE_EVERY_US - since_us, 0);
		return;
	}
	c->clock.left = BURST_SAMPLES;
	if (c->conf->clock_every_us > 0)
		loop_timer_start(c->loop, c->clock.timer, c->conf->clock_every_us, 0);
}

static void
time_answered(void *arg, const struct http_answer *a)
{
	struct conn *c = arg;
	struct offset_sample s = { .sent_us = a->sent_us, .received_us = a->received_us };
	char epoch[ID_BYTES];

	conn_enter(c);
	c->clock.call = NULL;
	c->clock.left--;
	if (a->status == 404 || a->status == 405 || a->status == 501) {
		c->clock.off = true;
	} else if (a->status == 200 && wire_read_time(a->body, a->body_len, &s.node_received_us, &s.node_sent_us, epoch, NULL)) {
		conn_heard(c);
		if (c->fns.clock != NULL)
			c->fns.clock(c->arg, c, &s, epoch);
	}
	if (conn_is_up(c))
		sample_later(c);
	conn_leave(c);
}

static void
on_sample(void *arg)
{
	struct conn *c = arg;
	char url[512];
	struct http_request r = { .url = url, .timeout_us = SAMPLE_TIMEOUT_US };

	c->clock.started_us = loop_now_us(c->loop);
	conn_url(&c->at, "/time", url, sizeof url);
	c->clock.call = http_call(c->http, &r, time_answered, c);
}

void
conn_clock_start(struct conn *c)
{
	if (c->clock.timer == NULL)
		c->clock.timer = loop_timer_new(c->loop, on_sample, c);
	c->clock.left = BURST_SAMPLES;
	loop_timer_start(c->loop, c->clock.timer, 0, 0);
}

void
conn_clock_stop(struct conn *c)
{
	http_cancel(c->clock.call);
	c->clock.call = NULL;
	loop_timer_stop(c->loop, c->clock.timer);
}
