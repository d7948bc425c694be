/*
 * schedule.c - one pending command per endpoint.
 * Owns the pending requests and their timers.  Never carries one out itself.
 */
#include <stdlib.h>
#include "base/xalloc.h"
#include "camera/schedule.h"

struct pending {
	struct schedule *s;
	struct loop_timer *timer;
	bool is_set, is_put_back;
	struct node_request rq;
};

struct schedule {
	struct loop *loop;
	struct nodeclk *clk;
	struct schedule_fns fns;
	void *arg;
	struct pending pending[NODE_VERBS];
};

static void
pending_due(void *arg)
{
	struct pending *p = arg;
	struct node_request rq = p->rq;

	p->is_set = false;
	p->s->fns.due(p->s->arg, &rq);
}

struct schedule *
schedule_new(struct loop *loop, struct nodeclk *clk, const struct schedule_fns *fns, void *arg)
{
	struct schedule *s = xcalloc(1, sizeof *s);

	s->loop = loop;
	s->clk = clk;
	s->fns = *fns;
	s->arg = arg;
	for (int i = 0; i < NODE_VERBS; i++) {
		s->pending[i].s = s;
		s->pending[i].timer = loop_timer_new(loop, pending_due, &s->pending[i]);
	}
	return s;
}

void
schedule_free(struct schedule *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < NODE_VERBS; i++)
		loop_timer_free(s->loop, s->pending[i].timer);
	free(s);
}

enum schedule_when
schedule_judge(struct schedule *s, const struct node_request *rq)
{
	int64_t ahead_us = rq->at_us - nodeclk_now_us(s->clk);

	if (rq->at_us == 0)
		return SCHEDULE_NOW;
	if (ahead_us > SCHEDULE_AHEAD_US)
		return SCHEDULE_TOO_FAR;
	if (ahead_us > 0)
		return SCHEDULE_LATER;
	return ahead_us < -SCHEDULE_LATE_US ? SCHEDULE_LATE : SCHEDULE_NOW;
}

static void
pending_arm(struct pending *p)
{
	int64_t early_us = p->rq.verb == NODE_RECORD_START && !p->is_put_back ? SCHEDULE_EARLY_US : 0;

	loop_timer_start_at(p->s->loop, p->timer, nodeclk_mono_us(p->s->clk, p->rq.at_us) - early_us);
}

static struct pending *
oldest_due(struct schedule *s, int64_t now_us)
{
	struct pending *oldest = NULL;

	for (int i = 0; i < NODE_VERBS; i++) {
		struct pending *p = &s->pending[i];

		if (p->is_set && p->rq.at_us <= now_us && (oldest == NULL || p->rq.at_us < oldest->rq.at_us))
			oldest = p;
	}
	return oldest;
}

void
schedule_catch_up(struct schedule *s)
{
	const int64_t now_us = nodeclk_now_us(s->clk);
	struct pending *p;

	while ((p = oldest_due(s, now_us)) != NULL) {
		loop_timer_stop(s->loop, p->timer);
		pending_due(p);
	}
}

void
schedule_cancel(struct schedule *s, enum node_verb verb)
{
	struct pending *p = &s->pending[verb];

	if (!p->is_set)
		return;
	p->is_set = false;
	loop_timer_stop(s->loop, p->timer);
	s->fns.superseded(s->arg, p->rq.command_id);
}

enum schedule_when
schedule_put(struct schedule *s, const struct node_request *rq)
{
	enum schedule_when when = schedule_judge(s, rq);
	struct pending *p = &s->pending[rq->verb];

	if (when == SCHEDULE_TOO_FAR)
		return when;
	schedule_cancel(s, rq->verb);
	if (when == SCHEDULE_LATER) {
		p->is_set = true;
		p->is_put_back = false;
		p->rq = *rq;
		pending_arm(p);
	}
	return when;
}

void
schedule_put_back(struct schedule *s, const struct node_request *rq)
{
	struct pending *p = &s->pending[rq->verb];

	p->is_set = p->is_put_back = true;
	p->rq = *rq;
	pending_arm(p);
}

const struct node_request *
schedule_pending(const struct schedule *s, enum node_verb verb)
{
	return s->pending[verb].is_set ? &s->pending[verb].rq : NULL;
}

void
schedule_rearm(struct schedule *s)
{
	for (int i = 0; i < NODE_VERBS; i++)
		if (s->pending[i].is_set)
			pending_arm(&s->pending[i]);
}
