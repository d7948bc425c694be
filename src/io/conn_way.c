/*
 * conn_way.c - the addresses of one node: given, asked, measured, dropped.  Owns the list and what was measured
 * at each; tells every result.  Never chooses one (conn_paths.c), never asks by itself.
 */
#include "io/conn_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/pathrank.h"

#define OTHER_RTTS 3
#define BETTER_EVERY_US 3000000		/* one that would be moved to */
#define BETTER_WAIT_US 60000000		/* it is asked that often for so long after it last was well */
#define BETTER_MOST_US 15000000
#define WELL_EVERY_US 30000000
#define SILENT_FIRST_US 4000000
#define SILENT_MOST_US 60000000

bool
conn_same_place(const struct registry_address *a, const struct registry_address *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0 && strcmp(a->url, b->url) == 0;
}

static struct conn_way *
find(struct conn_way *const *ways, int count, const struct registry_address *a)
{
	for (int i = 0; i < count; i++)
		if (conn_same_place(&ways[i]->at, a))
			return ways[i];
	return NULL;
}

struct conn_way *
conn_way_of(const struct conn *c, const struct registry_address *a)
{
	return find(c->ways, c->way_count, a);
}

bool
conn_way_is_used(const struct conn_way *w)
{
	return w->conn->has_at && conn_same_place(&w->at, &w->conn->at);
}

/* A URL is a source to look at, no way to a node. */
bool
conn_way_is_other(const struct conn_way *w)
{
	return w->at.url[0] == '\0' && !conn_way_is_used(w);
}

int
conn_way_others(const struct conn *c)
{
	int count = 0;

	for (int i = 0; i < c->way_count; i++)
		count += conn_way_is_other(c->ways[i]);
	return count;
}

void
conn_way_free(struct conn_way *w)
{
	if (w == NULL)
		return;
	conn_ask_cancel(w->ask);
	free(w->clash);
	free(w);
}

static struct conn_way *
way_new(struct conn *c, const struct registry_address *a)
{
	struct conn_way *w = xcalloc(1, sizeof *w);

	w->conn = c;
	w->at = *a;
	w->at.in_use = false;
	w->is_new = true;
	return w;
}

/* What is known of an address stays known; what is told of it anew counts. */
static void
take_over(struct conn_way *w, const struct registry_address *a)
{
	w->at.kind = a->kind;
	w->at.via = a->via;
	w->at.wireless = a->wireless;
	if (a->seen_us > w->at.seen_us)
		w->at.seen_us = a->seen_us;
	if (!conn_way_is_used(w))
		return;
	w->conn->at.kind = a->kind;
	w->conn->at.via = a->via;
	w->conn->at.wireless = a->wireless;
}

int
conn_ways_set(struct conn *c, const struct registry_address *a, int count)
{
	struct conn_way *before[MAX_NODE_ADDRESSES] = { NULL }, *after[MAX_NODE_ADDRESSES] = { NULL };
	int had = c->way_count, has = 0, news = 0;

	if (had > 0)
		memcpy(before, c->ways, (size_t)had * sizeof *before);
	for (int i = 0; i < count && has < MAX_NODE_ADDRESSES; i++) {
		struct conn_way *w = find(before, had, &a[i]);

		if (find(after, has, &a[i]) != NULL)
			continue;
		if (w == NULL) {
			w = way_new(c, &a[i]);
			news++;
		} else {
			take_over(w, &a[i]);
		}
		after[has++] = w;
	}
	for (int i = 0; i < had; i++)
		if (find(after, has, &before[i]->at) == NULL)
			conn_way_free(before[i]);
	memcpy(c->ways, after, sizeof c->ways[0] * (size_t)has);
	c->way_count = has;
	return news;
}

void
conn_way_drop(struct conn_way *w)
{
	struct conn *c = w->conn;
	int i = 0;

	while (c->ways[i] != w)
		i++;
	c->way_count--;
	memmove(&c->ways[i], &c->ways[i + 1], sizeof c->ways[0] * (size_t)(c->way_count - i));
	conn_way_free(w);
}

/* ---- Results ---- */

static const char *
why_used(const struct conn *c)
{
	struct registry_address all[MAX_NODE_ADDRESSES];
	int count = 0;

	for (int i = 0; i < c->way_count; i++)
		all[count++] = c->ways[i]->at;
	return pathrank_why(&c->at, all, count);
}

void
conn_way_tell(struct conn_way *w, bool answered, const char *why)
{
	struct conn *c = w->conn;
	struct conn_path p = { .at = w->at, .answered = answered, .in_use = conn_way_is_used(w), .why = why };

	w->at.in_use = p.at.in_use = p.in_use;
	if (p.in_use && answered)
		p.why = why_used(c);
	if (c->fns.path != NULL)
		c->fns.path(c->arg, c, &p);
}

/* The best of the last few: the one in use is measured often, the others now and then. */
static void
measure(struct conn_way *w, int64_t rtt_us)
{
	int few = conn_way_is_used(w) ? CONN_RTTS : OTHER_RTTS;

	if (rtt_us <= 0)
		return;
	w->rtts_us[w->rtt_count++ % CONN_RTTS] = rtt_us;
	w->at.rtt_us = rtt_us;
	for (int i = 2; i <= few && i <= w->rtt_count; i++)
		if (w->rtts_us[(w->rtt_count - i) % CONN_RTTS] < w->at.rtt_us)
			w->at.rtt_us = w->rtts_us[(w->rtt_count - i) % CONN_RTTS];
	if (conn_way_is_used(w))
		w->conn->at.rtt_us = w->at.rtt_us;
}

void
conn_way_answered(struct conn_way *w, int64_t rtt_us)
{
	int64_t now_us = loop_now_us(w->conn->loop);

	measure(w, rtt_us);
	w->said_us = w->at.answered_us = now_us;
	w->at.failures = 0;
	w->is_new = false;
	if (w->proven_us == 0)
		w->proven_us = now_us;
	if (conn_way_is_used(w)) {
		w->conn->at.answered_us = now_us;
		w->conn->at.failures = 0;
	}
	conn_way_plan(w);
}

void
conn_way_missed(struct conn_way *w)
{
	if (w->at.failures < 1000)
		w->at.failures++;
	w->proven_us = 0;
	w->is_new = false;
	conn_way_plan(w);
}

/* ---- When to ask again ---- */

static int64_t
doubled(int64_t us, int times, int64_t most_us)
{
	while (times-- > 0 && us < most_us)
		us *= 2;
	return us < most_us ? us : most_us;
}

static int64_t
wait_us(const struct conn_way *w, int64_t now_us)
{
	const struct conn *c = w->conn;
	int64_t well_us = w->said_us > c->paths.moved_us ? w->said_us : c->paths.moved_us;

	if (conn_way_is_other(w) && pathrank_class(&w->at) < pathrank_class(&c->at)) {
		if (w->at.failures == 0 || now_us - well_us < BETTER_WAIT_US)
			return BETTER_EVERY_US;
		return doubled(BETTER_EVERY_US, w->at.failures / 4, BETTER_MOST_US);
	}
	if (w->at.failures == 0)
		return WELL_EVERY_US;
	return doubled(SILENT_FIRST_US, w->at.failures - 1, SILENT_MOST_US);
}

/* Up to a tenth later, so that many links do not ask in step; never sooner: it has to prove itself for a time. */
void
conn_way_plan(struct conn_way *w)
{
	int64_t now_us = loop_now_us(w->conn->loop), us = wait_us(w, now_us);

	w->next_us = now_us + us + (int64_t)(conn_random(w->conn) % (uint64_t)(us / 10));
}
