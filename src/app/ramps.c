/*
 * ramps.c - the zooms that take a time, one a camera, from their sending to their end.
 * Never asks a camera; never judges whether one may zoom.
 */
#include "app/ramps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "base/str.h"
#include "base/xalloc.h"

struct ramps {
	struct loop *loop;
	struct map *legs;		/* node id -> struct ramps_leg */
};

struct ramps *
ramps_new(struct loop *loop)
{
	struct ramps *r = xcalloc(1, sizeof *r);

	r->loop = loop;
	r->legs = map_new();
	return r;
}

static void
free_leg(void *arg, const char *node, void *value)
{
	(void)arg;
	(void)node;
	free(value);
}

void
ramps_free(struct ramps *r)
{
	if (r == NULL)
		return;
	map_each(r->legs, free_leg, NULL);
	map_free(r->legs);
	free(r);
}

void
ramps_began(struct ramps *r, const char *node, const struct ramps_leg *leg)
{
	struct ramps_leg *kept = map_get(r->legs, node);

	if (leg->long_us <= 0) {
		free(map_take(r->legs, node));
		return;
	}
	if (kept == NULL) {
		kept = xcalloc(1, sizeof *kept);
		map_put(r->legs, node, kept);
	}
	*kept = *leg;
}

static bool
is_over(const struct ramps_leg *leg, int64_t now_us)
{
	return now_us >= leg->start_us + leg->long_us;
}

/* As an eye sees it even: the same ratio in the same time. */
static double
factor_at(const struct ramps_leg *leg, int64_t now_us)
{
	double part = (double)(now_us - leg->start_us) / (double)leg->long_us;

	if (part <= 0 || leg->from <= 0 || leg->to <= 0)
		return leg->from;
	return leg->from * pow(leg->to / leg->from, part < 1 ? part : 1);
}

double
ramps_factor(const struct ramps *r, const char *node, double otherwise)
{
	const struct ramps_leg *leg = r != NULL ? map_get(r->legs, node) : NULL;
	const int64_t now_us = r != NULL ? loop_now_us(r->loop) : 0;

	return leg == NULL || is_over(leg, now_us) ? otherwise : factor_at(leg, now_us);
}

struct halting {
	const struct ramps *ramps;
	struct target_set *targets;
};

static void
collect(void *arg, const char *node, void *value)
{
	struct halting *h = arg;

	if (!is_over(value, loop_now_us(h->ramps->loop)) && h->targets->count < MAX_NODES)
		str_copy(h->targets->ids[h->targets->count++], ID_BYTES, node);
}

static void
tailor_halt(void *arg, const char *node, struct node_request *request)
{
	request->factor = ramps_factor(arg, node, 1.0);
}

static void
halt_done(void *arg, const struct ledger *l, int64_t took_us)
{
	(void)arg;
	(void)l;
	(void)took_us;
}

int
ramps_halt(struct ramps *r, struct fanout *fanout, struct target_set *halted)
{
	static const struct fanout_fns fns = { .done = halt_done };
	struct node_request request = { .verb = NODE_ZOOM };
	struct target_set *targets = xcalloc(1, sizeof *targets);
	const struct ramps_leg over = { .long_us = 0 };
	int count;

	map_each(r->legs, collect, &(struct halting){ r, targets });
	count = targets->count;
	if (count > 0)
		fanout_send(fanout, &request, targets, tailor_halt, &fns, r);
	for (int i = 0; i < count; i++)
		ramps_began(r, targets->ids[i], &over);
	if (halted != NULL)
		*halted = *targets;
	free(targets);
	return count;
}
