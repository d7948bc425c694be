/*
 * tally.c - tally light.
 * Owns the state, the lease's timer, and each sender's newest order for as long as it matters.
 */
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/tally.h"

#define IDENTIFY_US 3000000
#define SENDERS 8
/* A command overtaken on its way is seconds old; a sender silent for longer may count from 1 again. */
#define ORDER_MEMORY_US 10000000

struct sender {
	char name[80];
	int64_t order, heard_us;
};

struct tally {
	struct loop *loop;
	loop_fn *lapsed;
	void *arg;
	struct loop_timer *lease;
	int64_t lease_us;		/* 0: none */
	int64_t identify_until_us;
	enum node_tally state;
	struct sender senders[SENDERS];
};

static void
lease_over(void *arg)
{
	struct tally *t = arg;

	t->lease_us = 0;
	if (t->state == NODE_TALLY_OFF)
		return;
	t->state = NODE_TALLY_OFF;
	t->lapsed(t->arg);
}

struct tally *
tally_new(struct loop *loop, loop_fn *lapsed, void *arg)
{
	struct tally *t = xcalloc(1, sizeof *t);

	t->loop = loop;
	t->lapsed = lapsed;
	t->arg = arg;
	t->lease = loop_timer_new(loop, lease_over, t);
	return t;
}

void
tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	loop_timer_free(t->loop, t->lease);
	free(t);
}

static void
lease_start(struct tally *t, int64_t lease_us)
{
	t->lease_us = lease_us;
	if (lease_us > 0)
		loop_timer_start(t->loop, t->lease, lease_us, 0);
	else
		loop_timer_stop(t->loop, t->lease);
}

/* Its place, or that of the one heard longest ago. */
static struct sender *
sender_of(struct tally *t, const char *name)
{
	struct sender *oldest = &t->senders[0];

	for (int i = 0; i < SENDERS; i++) {
		if (strcmp(t->senders[i].name, name) == 0)
			return &t->senders[i];
		if (t->senders[i].heard_us < oldest->heard_us)
			oldest = &t->senders[i];
	}
	memset(oldest, 0, sizeof *oldest);
	str_copy(oldest->name, sizeof oldest->name, name);
	return oldest;
}

bool
tally_hear(struct tally *t, const struct node_request *rq, const char *sender)
{
	int64_t now_us = loop_now_us(t->loop);
	struct sender *s = sender_of(t, sender);
	bool is_known = s->heard_us != 0 && now_us - s->heard_us < ORDER_MEMORY_US;

	if (rq->has_order && is_known && rq->order < s->order)
		return false;
	if (rq->has_order)
		s->order = rq->order;
	if (rq->has_order || is_known)
		s->heard_us = now_us;
	if (t->lease_us > 0)		/* any tally is a sign of life */
		lease_start(t, t->lease_us);
	return true;
}

bool
tally_apply(struct tally *t, const struct node_request *rq)
{
	bool changed;

	if (rq->identify)
		t->identify_until_us = loop_now_us(t->loop) + IDENTIFY_US;
	if (rq->renew && rq->lease_ms > 0)
		lease_start(t, rq->lease_ms * 1000);
	if (rq->identify || rq->renew)
		return false;
	changed = t->state != rq->tally;
	t->state = rq->tally;
	lease_start(t, rq->lease_ms * 1000);
	return changed;
}

enum node_tally
tally_state(const struct tally *t)
{
	return t->state;
}

bool
tally_is_identifying(const struct tally *t, int64_t now_us)
{
	return now_us < t->identify_until_us;
}
