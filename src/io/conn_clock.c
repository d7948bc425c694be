/*
 * conn_clock.c - samples of a node's clock: bursts of GET /time, one at a time on a warm connection, so
 * that a command finds another; soon after each other while the node is new, then at leisure, for ever.
 * Never judges a sample: that is domain/offset.
 */
#include "io/conn_private.h"

#include <string.h>

#include "base/str.h"
#include "io/wire.h"

#define BURST_SAMPLES 8
#define LATER_SAMPLES 4		/* of a burst once the window is filled: 16 idle cameras must not fill the air */
#define FULL_BURSTS 2
#define SAMPLE_EVERY_US 60000
#define FIRST_REST_US 1000000LL	/* after the first burst; each rest is twice the one before, up to the usual one */
#define RESTS 16
#define JUST_MET_US 2000000
#define SAMPLE_TIMEOUT_US 1000000

static int
burst_samples(const struct conn *c)
{
	return c->clock.bursts < FULL_BURSTS ? BURST_SAMPLES : LATER_SAMPLES;
}

/* Until the next burst: as asked for, sooner while there are few samples yet. */
static int64_t
rest_us(const struct conn *c)
{
	int64_t usual_us = c->conf->clock_every_us, first_us;

	if (c->clock.pace_us > 0 && c->clock.pace_us < usual_us)
		usual_us = c->clock.pace_us;
	first_us = c->clock.bursts < RESTS ? FIRST_REST_US << (c->clock.bursts - 1) : usual_us;
	return first_us < usual_us ? first_us : usual_us;
}

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
	c->clock.bursts++;
	c->clock.left = 0;
	if (c->conf->clock_every_us > 0)
		loop_timer_start(c->loop, c->clock.timer, rest_us(c), 0);
}

/* There and back, without the node's own time; what makes no sense is not measured. */
static int64_t
way_us(const struct offset_sample *s)
{
	int64_t us = s->received_us - s->sent_us, node_us = s->node_sent_us - s->node_received_us;

	return us > node_us && node_us >= 0 ? us - node_us : us;
}

/*
 * Another epoch: the node began anew, its clock was set, or it is another node's clock.  It is asked, unless this is the
 * first word of one just met.
 */
static bool
is_its_epoch(struct conn *c, const char *epoch)
{
	if (c->epoch[0] == '\0' && loop_now_us(c->loop) - c->known_us < JUST_MET_US)
		str_copy(c->epoch, sizeof c->epoch, epoch);
	if (strcmp(epoch, c->epoch) == 0)
		return true;
	conn_distrust(c);
	conn_paths_check(c);
	return false;
}

static void
keep_sample(struct conn *c, const struct offset_sample *s, const char *epoch)
{
	if (!is_its_epoch(c, epoch) || conn_is_dead(c))
		return;
	conn_paths_measured(c, way_us(s), c->clock.left == 0);
	conn_heard(c);
	if (c->fns.clock != NULL)
		c->fns.clock(c->arg, c, s, epoch);
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
		keep_sample(c, &s, epoch);
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

	if (c->clock.left == 0)
		c->clock.left = burst_samples(c);
	c->clock.started_us = loop_now_us(c->loop);
	conn_url(&c->at, "/time", url, sizeof url);
	c->clock.call = http_call(c->http, &r, time_answered, c);
}

void
conn_clock_start(struct conn *c)
{
	if (c->clock.timer == NULL)
		c->clock.timer = loop_timer_new(c->loop, on_sample, c);
	c->clock.bursts = 0;
	c->clock.left = 0;
	if (!c->clock.off)
		loop_timer_start(c->loop, c->clock.timer, 0, 0);
}

void
conn_clock_stop(struct conn *c)
{
	http_cancel(c->clock.call);
	c->clock.call = NULL;
	loop_timer_stop(c->loop, c->clock.timer);
}

/* A burst that is under way will do. */
void
conn_ask_clock(struct conn *c)
{
	if (!conn_is_up(c) || c->clock.off || c->clock.timer == NULL || c->clock.left > 0)
		return;
	c->clock.left = BURST_SAMPLES;
	loop_timer_start(c->loop, c->clock.timer, 0, 0);
}

void
conn_clock_pace(struct conn *c, int64_t every_us)
{
	c->clock.pace_us = every_us;
}
