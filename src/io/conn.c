/*
 * conn.c - one node's link: its life, its named states, its back-off.
 * Owns the state and the one door through which it changes.  Never speaks to the node itself: the
 * conversations are in conn_<what>.c.  Judges nothing.
 */
#include "io/conn_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"
#include "io/wire.h"

#define BACKOFF_FIRST_US 250000
#define BACKOFF_MOST_US 10000000
#define PICTURE_BACKOFF_MOST_US 800000	/* a second, being a quarter more by chance */

static const char *const state_names[] = {
	[CONN_IDLE] = "idle", [CONN_PROBING] = "probing", [CONN_OPENING] = "opening", [CONN_LIVE] = "live",
	[CONN_POLLING] = "polling", [CONN_VIEWING] = "viewing", [CONN_BACKOFF] = "backoff", [CONN_CLOSED] = "closed",
};

const char *
conn_state_name(enum conn_state s)
{
	return state_names[s];
}

/* ---- Small words ---- */

void
conn_name_of(const struct registry_address *a, char out[static CONN_NAME_BYTES])
{
	const char *colon = strchr(a->host, ':');

	snprintf(out, CONN_NAME_BYTES, colon != NULL ? "[%s]:%d" : "%s:%d", a->host, a->port);
}

void
conn_url(const struct registry_address *a, const char *path, char *out, size_t out_size)
{
	http_url(out, out_size, a->host, a->port, path);
}

void
conn_span(char *out, size_t out_size, int64_t us)
{
	if (us < 1000000)
		snprintf(out, out_size, "%lld ms", (long long)(us / 1000));
	else
		snprintf(out, out_size, "%.3g s", (double)us / 1e6);
}

bool
conn_read_info(struct node_info *out, const struct http_answer *a, struct err *e)
{
	struct jdoc *j;
	bool ok;

	if (a->status == 0) {
		*e = a->err;
		return false;
	}
	if (a->status != 200)
		return err_set(e, ERR_FORMAT, "/info answered %d: not a camera node", a->status);
	j = jdoc_parse(a->body, a->body_len, MAX_JSON_BODY, e);
	if (j == NULL) {
		err_prefix(e, "/info makes no sense");
		return false;
	}
	ok = wire_read_info(out, j, e);
	jdoc_free(j);
	return ok;
}

/* ---- Life ---- */

void
conn_enter(struct conn *c)
{
	c->depth++;
}

bool
conn_is_dead(const struct conn *c)
{
	return c->state == CONN_CLOSED;
}

static void
release(struct conn *c)
{
	loop_timer_free(c->loop, c->timer);
	loop_timer_free(c->loop, c->probe_timer);
	loop_timer_free(c->loop, c->paths.timer);
	loop_timer_free(c->loop, c->poll.timer);
	loop_timer_free(c->loop, c->clock.timer);
	loop_timer_free(c->loop, c->picture.timer);
	buf_fini(&c->view.body);
	free(c->stranger);
	while (c->way_count > 0)
		conn_way_free(c->ways[--c->way_count]);
	free(c);
}

void
conn_leave(struct conn *c)
{
	if (--c->depth == 0 && conn_is_dead(c))
		release(c);
}

/* While somebody nudges all the time, a try of our own counts as one of his. */
static void
try_again(struct conn *c)
{
	int64_t now_us = loop_now_us(c->loop);

	if (c->asked_us != 0 && now_us - c->asked_us < 2 * CONN_ROUND_US)
		c->nudged_us = now_us;
	conn_go(c, CONN_PROBING, c->why);
}

static void
on_timer(void *arg)
{
	struct conn *c = arg;

	conn_enter(c);
	if (c->state == CONN_BACKOFF || c->state == CONN_IDLE)
		try_again(c);
	else if (c->state == CONN_OPENING && conn_events_flow(c))
		conn_go(c, CONN_LIVE, "");	/* it streams, but says no hello */
	conn_leave(c);
}

struct conn *
conn_new(struct loop *loop, struct http *http, const struct conn_conf *conf, const struct conn_fns *fns, void *arg)
{
	struct conn *c = xcalloc(1, sizeof *c);

	c->loop = loop;
	c->http = http;
	c->conf = conf;
	c->fns = *fns;
	c->arg = arg;
	c->well_us = -1;
	c->poll.recording = NODE_REC_UNKNOWN;
	c->timer = loop_timer_new(loop, on_timer, c);
	list_init(&c->orders);
	conn_lines_open(c);
	buf_init(&c->view.body, MAX_JSON_BODY);
	if (getrandom(&c->random, sizeof c->random, 0) != (ssize_t)sizeof c->random || c->random == 0)
		c->random = (uint64_t)loop_now_us(loop) | 1;
	return c;
}

/* Everything that belongs to a link that is up, or coming up. */
static void
hang_up(struct conn *c)
{
	conn_probe_stop(c);
	conn_paths_stop(c);
	conn_view_close(c);
	conn_events_close(c);
	conn_poll_stop(c);
	conn_clock_stop(c);
	conn_info_stop(c);
	conn_files_stop(c);
	http_cancel(c->doubt);
	c->doubt = NULL;
	c->moving = false;
}

void
conn_free(struct conn *c)
{
	if (c == NULL || conn_is_dead(c))
		return;
	conn_enter(c);
	memset(&c->fns, 0, sizeof c->fns);
	c->state = CONN_CLOSED;
	str_copy(c->why, sizeof c->why, "the link was closed");
	loop_timer_stop(c->loop, c->timer);
	hang_up(c);
	conn_picture_stop(c);
	conn_command_end_all(c, c->why);
	conn_command_close(c);
	conn_lines_close(c);
	conn_leave(c);
}

/* ---- States ---- */

/* xorshift64: only to keep many consoles from knocking in step. */
uint64_t
conn_random(struct conn *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random;
}

static int64_t
backoff_us(struct conn *c, int failures, int64_t most_us)
{
	int64_t us = BACKOFF_FIRST_US;

	for (int i = 1; i < failures && us < most_us; i++)
		us *= 2;
	if (us > most_us)
		us = most_us;
	return us * 3 / 4 + (int64_t)(conn_random(c) % (uint64_t)(us / 2 + 1));
}

int64_t
conn_backoff_us(struct conn *c, int failures)
{
	return backoff_us(c, failures, BACKOFF_MOST_US);
}

/* Its link is up: one try a second costs nothing, and a camera on air may have become free again. */
int64_t
conn_picture_backoff_us(struct conn *c, int failures)
{
	return backoff_us(c, failures, PICTURE_BACKOFF_MOST_US);
}

/* The address that is fetched as written, unless it turned out to be a node's. */
static const struct registry_address *
url_address(const struct conn *c)
{
	if (c->view.is_node)
		return NULL;
	for (int i = 0; i < c->way_count; i++)
		if (c->ways[i]->at.url[0] != '\0')
			return &c->ways[i]->at;
	return NULL;
}

static void
enter_probing(struct conn *c)
{
	const struct registry_address *url = url_address(c);

	hang_up(c);
	if (url != NULL)
		conn_view_open(c, url);
	else
		conn_probe_start(c);
}

static void
enter_opening(struct conn *c)
{
	loop_timer_start(c->loop, c->timer, CONN_PROBE_TIMEOUT_US, 0);
	conn_events_open(c);
}

static void
enter_up(struct conn *c)
{
	/* A stream that is resumed tells of every file; one that never had a number to resume from does not. */
	bool anew = !c->moving || c->state == CONN_POLLING || c->files_owed || c->events.last_id[0] == '\0';

	if (!c->moving || c->well_us < 0)
		c->well_us = loop_now_us(c->loop);
	c->moving = false;
	c->clock.off = c->no_time;
	conn_clock_start(c);
	if (anew)
		conn_files_read(c);
	conn_picture_refresh(c);
	if (c->state == CONN_POLLING)
		conn_poll_start(c);
	conn_paths_start(c);
	conn_lines_keep(c);
}

static void
enter_viewing(struct conn *c)
{
	c->well_us = loop_now_us(c->loop);
}

static int64_t
link_most_us(const struct conn *c)
{
	return c->conf->backoff_most_us > 0 ? c->conf->backoff_most_us : BACKOFF_MOST_US;
}

static void
enter_down(struct conn *c)
{
	hang_up(c);
	conn_picture_stop(c);
	conn_lines_drop(c);
	c->well_us = -1;
	if (c->state == CONN_BACKOFF)
		loop_timer_start(c->loop, c->timer, backoff_us(c, c->failures, link_most_us(c)), 0);
}

static void (*const on_enter[])(struct conn *c) = {
	[CONN_IDLE] = enter_down, [CONN_PROBING] = enter_probing, [CONN_OPENING] = enter_opening, [CONN_LIVE] = enter_up,
	[CONN_POLLING] = enter_up, [CONN_VIEWING] = enter_viewing, [CONN_BACKOFF] = enter_down,
};

/* The one door.  The user's callback comes last: it may do anything to the link, even end it. */
void
conn_go(struct conn *c, enum conn_state to, const char *why)
{
	char name[CONN_NAME_BYTES] = "without an address";

	if (to == CONN_PROBING && c->way_count == 0)
		to = CONN_IDLE;
	if (conn_is_dead(c) || (c->state == to && to != CONN_BACKOFF))
		return;
	if (c->has_at || c->way_count > 0)
		conn_name_of(c->has_at ? &c->at : &c->ways[0]->at, name);
	if (why != c->why)
		str_copy(c->why, sizeof c->why, why);
	log_line(LOG_CONN, "%s %s: %s -> %s%s%s", c->id, name, conn_state_name(c->state), conn_state_name(to),
	    c->why[0] != '\0' ? ": " : "", c->why);
	c->state = to;
	loop_timer_stop(c->loop, c->timer);
	on_enter[to](c);
	if (c->fns.state != NULL)
		c->fns.state(c->arg, c, to, c->why);
}

/* A link that lasted has paid for its former failures.  Spoken once for each time it was up. */
static bool
has_lasted(struct conn *c)
{
	bool lasted = c->well_us >= 0 && loop_now_us(c->loop) - c->well_us >= CONN_SETTLED_US;

	c->well_us = -1;
	if (lasted) {
		c->failures = 0;
		c->is_spared = false;
	}
	return lasted;
}

void
conn_fail(struct conn *c, const char *why)
{
	(void)has_lasted(c);
	c->failures++;
	conn_go(c, CONN_BACKOFF, why);
	conn_command_give_up(c);
}

void
conn_lost(struct conn *c, const char *why)
{
	bool is_spared = has_lasted(c);

	conn_distrust(c);
	if (!is_spared && !c->is_spared && c->failures == 0 && conn_way_others(c) > 0)
		is_spared = c->is_spared = true;	/* another address may answer: no waiting, but once */
	if (is_spared)
		conn_go(c, CONN_PROBING, why);
	else
		conn_fail(c, why);
}

bool
conn_is_up(const struct conn *c)
{
	return c->state == CONN_LIVE || c->state == CONN_POLLING;
}

void
conn_heard(struct conn *c)
{
	if (c->fns.heard != NULL)
		c->fns.heard(c->arg, c);
}

void
conn_keep_face(struct conn *c, const struct node_info *info)
{
	str_copy(c->device_name, sizeof c->device_name, info->device_name);
	str_copy(c->model, sizeof c->model, info->model);
}

void
conn_identify(struct conn *c, const struct node_info *info, bool view_only)
{
	if (strcmp(c->id, info->id) != 0) {
		conn_command_end_all(c, "another device answers at its address");
		conn_lines_drop(c);
		str_copy(c->id, sizeof c->id, info->id);
		c->events.last_id[0] = '\0';	/* its numbers mean nothing to another device */
		if (c->state != CONN_PROBING)
			c->epoch[0] = '\0';	/* nor does the clock of the one before */
	}
	conn_keep_face(c, info);
	c->view_only = view_only;
	c->no_camera = !view_only && !node_info_has_camera(info);
	conn_lines_keep(c);
	conn_heard(c);
	if (c->fns.identified != NULL)
		c->fns.identified(c->arg, c, info, &c->at, view_only);
}

/* ---- What the user asks ---- */

/* News for a link that is down is a reason to try at once, for one that is up to ask around. */
static void
take_news(struct conn *c)
{
	if (conn_is_up(c))
		conn_paths_news(c);
	else if (c->state == CONN_PROBING && c->candidate_count > 0)
		conn_probe_add(c);
	else
		conn_nudge(c);
}

void
conn_set_addresses(struct conn *c, const struct registry_address *a, int count)
{
	int news = conn_ways_set(c, a, count);

	conn_enter(c);
	if (c->way_count == 0 && !conn_is_up(c))
		conn_go(c, CONN_IDLE, "no address");
	else if (news > 0)
		take_news(c);
	conn_leave(c);
}

/* At once, but not again and again: whoever nudges may be a network full of sightings. */
static void
try_now(struct conn *c)
{
	int64_t now_us = loop_now_us(c->loop), next_us = c->nudged_us + CONN_ROUND_US;

	c->failures = 0;
	c->asked_us = now_us;
	if (c->nudged_us != 0 && now_us < next_us) {
		loop_timer_start(c->loop, c->timer, next_us - now_us, 0);
		return;
	}
	c->nudged_us = now_us;
	conn_go(c, CONN_PROBING, c->state == CONN_IDLE ? "" : c->why);
}

void
conn_nudge(struct conn *c)
{
	conn_enter(c);
	if (conn_is_up(c))
		conn_paths_nudge(c);
	else if ((c->state == CONN_IDLE || c->state == CONN_BACKOFF) && c->way_count > 0)
		try_now(c);
	conn_leave(c);
}

/* What hangs on the old network is not waited for. */
void
conn_suspect(struct conn *c)
{
	conn_enter(c);
	conn_distrust(c);
	if (conn_is_up(c)) {
		conn_paths_suspect(c);
	} else if (c->state == CONN_PROBING && c->candidate_count > 0 && loop_now_us(c->loop) - c->nudged_us >= CONN_ROUND_US) {
		c->nudged_us = loop_now_us(c->loop);
		conn_probe_start(c);
	} else {
		conn_nudge(c);
	}
	conn_leave(c);
}

const char *
conn_epoch(const struct conn *c)
{
	return c->epoch;
}

static void
doubt_answered(void *arg, const struct http_answer *a)
{
	struct conn *c = arg;
	struct node_info info;
	struct err e;
	char why[MAX_TEXT_FIELD];

	conn_enter(c);
	c->doubt = NULL;
	if (!conn_read_info(&info, a, &e)) {
		snprintf(why, sizeof why, "withdrew itself; %s", e.text);
		conn_fail(c, why);
	} else {
		conn_heard(c);
		if (!conn_is_dead(c) && strcmp(info.id, c->id) != 0)
			conn_identify(c, &info, false);
	}
	conn_leave(c);
}

void
conn_doubt(struct conn *c)
{
	char url[512];
	struct http_request r = { .url = url, .timeout_us = CONN_PROBE_TIMEOUT_US / 2 };

	if (!conn_is_up(c) || c->doubt != NULL)
		return;
	if (conn_way_others(c) > 0) {
		conn_enter(c);
		conn_paths_doubt(c);
		conn_leave(c);
		return;
	}
	conn_url(&c->at, "/info", url, sizeof url);
	c->doubt = http_call(c->http, &r, doubt_answered, c);
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
	if (c->has_at)
		return &c->at;
	return c->way_count > 0 ? &c->ways[0]->at : NULL;
}
