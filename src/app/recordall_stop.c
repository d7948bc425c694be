/*
 * recordall_stop.c - `record stop`: the bytes at once, for an instant planned like a start's, the proof beside; asked again
 * each 2 s of every camera that can be heard and does not confirm.  Also the roll policy.  Never stops a camera that nobody wants stopped.
 */
#include "app/recordall_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define WAIT_US 20000
#define UNBEGUN_US 1500000LL
#define STOP_GRACE_US 500000LL		/* after the planned instant, for a camera to say that it stopped */

/* ---- Sending ---- */

static void
stop_acked(void *arg, const struct ledger_line *line)
{
	struct recordall_ask *ask = arg;

	if (ask->ack != NULL)
		ask->ack(ask->arg, line);
}

static void
stop_done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct recordall_ask *ask = arg;

	list_remove(&ask->link);
	if (ask->done != NULL)
		ask->done(ask->arg, l, took_us, NULL);
	free(ask);
}

static struct recordall_ask *
ask_new(struct recordall *r)
{
	struct recordall_ask *ask = xcalloc(1, sizeof *ask);

	ask->recordall = r;
	list_insert_tail(&r->asks, &ask->link);
	return ask;
}

/* at_us: console UTC; 0: at once. */
static void
ask_send(struct recordall_ask *ask, const char *take, const struct target_set *targets, int64_t at_us)
{
	static const struct fanout_fns fns = { .ack = stop_acked, .done = stop_done };
	struct node_request rq = { .verb = NODE_RECORD_STOP, .at_us = at_us };

	str_copy(rq.take, sizeof rq.take, take);
	str_copy(rq.sphere, sizeof rq.sphere, recordall_sphere_id(ask->recordall));
	ask->round = fanout_send(ask->recordall->fanout, &rq, targets, NULL, &fns, ask);
}

/* ---- Asking again ---- */

/* Its own word is the proof; one that cannot be heard cannot be asked. */
static bool
is_owing(const struct recordall *r, const struct take_device *d)
{
	const struct crew_member *m = crew_find(r->crew, d->node);

	return d->stop_wanted && d->state <= TAKE_STOPPING && m != NULL &&
	    (m->link == HEALTH_LIVE || m->link == HEALTH_STALE);
}

/* Idle by its own word, and the file is on its way to us by `saved`: no need to ask. */
static bool
has_ended(const struct recordall *r, const struct take_device *d)
{
	const struct crew_member *m = crew_find(r->crew, d->node);

	return m != NULL && m->track.last.has_recording && (m->track.last.recording.state == NODE_REC_IDLE ||
	    m->track.last.recording.state == NODE_REC_SAVING || m->track.last.recording.state == NODE_REC_FAILED);
}

static void
ask_take_again(struct recordall *r, struct recordall_take *rt, const char *only)
{
	struct target_set *targets;

	if (rt->stop_due_us != 0 && loop_now_us(r->loop) < rt->stop_due_us + STOP_GRACE_US)
		return;		/* a stop at once would replace the planned one */
	targets = xcalloc(1, sizeof *targets);
	for (int i = 0; i < rt->t.device_count; i++) {
		const struct take_device *d = &rt->t.devices[i];

		if ((only == NULL || strcmp(only, d->node) == 0) && is_owing(r, d) && !has_ended(r, d))
			recordall_set_add(targets, d->node);
	}
	if (targets->count > 0)
		ask_send(ask_new(r), rt->t.take, targets, 0);
	free(targets);
}

/* A word from before the stop says nothing about after it. */
static bool
has_word_of_now(const struct recordall *r, const char *node)
{
	const struct crew_member *m = crew_find(r->crew, node);

	return m != NULL && clk_mono_us(r->clk) - m->track.said_us < UNBEGUN_US;
}

/*
 * Told to start and to stop in one breath: idle all the while, also when its instant had come, so there is no file to wait
 * for.  One that begins after all is heard doing so, and is asked to stop again.
 */
static void
fail_unbegun(struct recordall *r, struct recordall_take *rt)
{
	if (recordall_utc_us(r) - rt->t.started_us < UNBEGUN_US)
		return;
	for (int i = 0; i < rt->t.device_count; i++) {
		struct take_device *d = &rt->t.devices[i];

		const int64_t age_us = recordall_utc_us(r) - d->history[d->history_count - 1].time_us;

		if (d->state == TAKE_STOPPING && !d->reached[TAKE_RECORDING] && is_owing(r, d) && has_ended(r, d) &&
		    (age_us > RECORDALL_DEADLINE_US || (age_us > UNBEGUN_US && has_word_of_now(r, d->node))))
			recordall_go(r, rt, d, TAKE_FAILED, "stopped before it recorded");
	}
}

static void
ask_again(void *arg)
{
	struct recordall *r = arg;

	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		ask_take_again(r, rt, NULL);
		fail_unbegun(r, rt);
		recordall_owed_look(r, rt);
	}
	recordall_home_look(r);
}

/* It began, or was found recording, after its stop was wanted. */
void
recordall_stop_again(struct recordall *r, const char *node)
{
	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);
		struct take_device *d = take_device(&rt->t, node);

		if (d == NULL || !d->stop_wanted || d->state != TAKE_RECORDING)
			continue;
		take_go(d, TAKE_STOPPING, NULL, recordall_utc_us(r));
		recordall_changed(r, rt);
		ask_take_again(r, rt, node);
	}
}

/* ---- The wish ---- */

/* Marks one device as to be stopped; true when it must be told. */
static bool
want_stop(struct recordall *r, struct recordall_take *rt, const char *node)
{
	struct take_device *d = take_device(&rt->t, node);

	if (d == NULL || d->state > TAKE_STOPPING)
		return false;
	d->stop_wanted = true;
	if (recordall_roll_untold(r, rt->t.take, node)) {
		recordall_go(r, rt, d, TAKE_FAILED, "stopped before it was told to start");
		return false;
	}
	if (d->state != TAKE_STOPPING)
		recordall_go(r, rt, d, TAKE_STOPPING, NULL);
	return true;
}

static bool
nobody_rolls_on(const struct recordall_take *rt)
{
	for (int i = 0; i < rt->t.device_count; i++)
		if (recordall_rolls_on(&rt->t.devices[i]))
			return false;
	return true;
}

/* All of the take's cameras, or those named.  *told: who must be sent a stop. */
static void
want_stops(struct recordall *r, struct recordall_take *rt, const struct target_set *named, struct target_set *told)
{
	struct target_set *wanted = xcalloc(1, sizeof *wanted);

	for (int i = 0; i < rt->t.device_count; i++) {
		const struct take_device *d = &rt->t.devices[i];

		if (d->state <= TAKE_STOPPING && (named == NULL || target_has(named, d->node)))
			recordall_set_add(wanted, d->node);
	}
	told->count = 0;
	for (int i = 0; i < wanted->count; i++)
		if (want_stop(r, rt, wanted->ids[i]))
			recordall_set_add(told, wanted->ids[i]);
	if (wanted->count > 0 && rt->t.stopped_us == 0 && nobody_rolls_on(rt))
		rt->t.stopped_us = recordall_utc_us(r);
	recordall_changed(r, rt);
	free(wanted);
}

static bool
has_active(const struct recordall_take *rt, const struct target_set *named)
{
	for (int i = 0; i < rt->t.device_count; i++)
		if (rt->t.devices[i].state <= TAKE_STOPPING && (named == NULL || target_has(named, rt->t.devices[i].node)))
			return true;
	return false;
}

/* The newest take with a camera to stop. */
static struct recordall_take *
stoppable(const struct recordall *r, const struct target_set *named)
{
	for (struct list *it = r->takes.prev; it != &r->takes; it = it->prev) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		if (has_active(rt, named))
			return rt;
	}
	return NULL;
}

static int64_t
asked_us(const struct recordall_take *rt)
{
	return rt->t.device_count > 0 && rt->t.devices[0].history_count > 0 ? rt->t.devices[0].history[0].time_us : rt->t.started_us;
}

/*
 * When they stop, console UTC; 0: at once, as what has not begun yet.  An instant of its own that lies before the start, which was
 * planned further ahead, is as far from that as one wish was from the other.  Said again, it is not put off any further.  The take
 * ends when its cameras are to stop, not when somebody said so.
 */
static int64_t
plan_stop(struct recordall *r, struct recordall_take *rt, const struct target_set *told, int64_t in_us)
{
	int64_t now_us = recordall_utc_us(r), left_us = rt->stop_due_us - loop_now_us(r->loop), at_us;

	if (in_us == 0 && rt->t.started_us > now_us)
		return 0;
	at_us = recordall_instant(r, told, now_us, in_us);
	if (rt->t.started_us > now_us && at_us < rt->t.started_us)
		at_us += rt->t.started_us - asked_us(rt);
	if (left_us > 0 && at_us > now_us + left_us)
		at_us = now_us + left_us;
	if (at_us == 0)
		return 0;
	rt->stop_due_us = loop_now_us(r->loop) + at_us - now_us;
	if (rt->t.stopped_us != 0)
		rt->t.stopped_us = at_us;
	return at_us;
}

static void
stop_now(struct recordall_ask *ask, struct recordall_take *rt, const struct target_set *named, int64_t in_us)
{
	struct target_set *told = xcalloc(1, sizeof *told);
	struct recordall *r = ask->recordall;

	want_stops(r, rt, named, told);
	ask_send(ask, rt->t.take, told, plan_stop(r, rt, told, in_us));
	free(told);
	recordall_roll_look(r);
}

static bool
is_untold(const struct recordall *r, const struct recordall_take *rt, const struct target_set *named)
{
	for (int i = 0; i < rt->t.device_count; i++) {
		const char *node = rt->t.devices[i].node;

		if ((named == NULL || target_has(named, node)) && recordall_roll_untold(r, rt->t.take, node))
			return true;
	}
	return false;
}

static void
ask_stop_waiting(struct recordall_ask *ask)
{
	loop_timer_free(ask->recordall->loop, ask->timer);
	free(ask->named);
	ask->timer = NULL;
	ask->named = NULL;
}

/* The start is out, or the instant has come; or the take has ended meanwhile: then there is nothing to stop. */
static void
ask_look(void *arg)
{
	struct recordall_ask *ask = arg;
	struct recordall *r = ask->recordall;
	struct recordall_take *rt = stoppable(r, ask->named);
	int64_t in_us = ask->at_us - recordall_utc_us(r);
	struct target_set *named = ask->named;

	if (rt != NULL && in_us > WAIT_US && is_untold(r, rt, named)) {
		loop_timer_start(r->loop, ask->timer, WAIT_US, 0);
		return;
	}
	ask->named = NULL;
	ask_stop_waiting(ask);
	if (rt != NULL)
		stop_now(ask, rt, named, in_us > 0 ? in_us : 1);
	else
		stop_done(ask, &(struct ledger){ .count = 0 }, 0);
	free(named);
}

/* Planned for later, and the start waits for the disk still: the stop must not overtake it. */
static void
stop_after_start(struct recordall_ask *ask, const struct target_set *named, int64_t in_us)
{
	struct recordall *r = ask->recordall;

	ask->at_us = recordall_utc_us(r) + in_us;
	if (named != NULL) {
		ask->named = xcalloc(1, sizeof *ask->named);
		*ask->named = *named;
	}
	ask->timer = loop_timer_new(r->loop, ask_look, ask);
	loop_timer_start(r->loop, ask->timer, WAIT_US, 0);
}

bool
recordall_stop(struct recordall *r, const struct target_set *targets, bool explicit_targets, int64_t in_us, const char *by,
    recordall_done_fn *done, void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e)
{
	const struct target_set *named = explicit_targets ? targets : NULL;
	struct recordall_take *rt = stoppable(r, named);
	struct recordall_ask *ask;

	(void)by;		/* who asked stands in commands.jsonl */
	if (rt == NULL && named != NULL && named->count == 1)
		return err_set(e, ERR_REFUSED, "%s does not roll in any take", recordall_name(r, named->ids[0]));
	if (rt == NULL)
		return err_set(e, ERR_REFUSED, "nothing rolls");
	ask = ask_new(r);
	ask->done = done;
	ask->ack = ack;
	ask->arg = arg;
	if (in_us > WAIT_US && is_untold(r, rt, named))
		stop_after_start(ask, named, in_us);
	else
		stop_now(ask, rt, named, in_us);
	return true;
}

/* ---- The roll policy ---- */

static bool
is_violated(const struct recordall *r, const struct recordall_take *rt, const char *node)
{
	const struct registry_node *n = registry_find(crew_registry(r->crew), node);

	if (loop_now_us(r->loop) > rt->policy_until_us || rt->t.policy == TAKE_WILLING)
		return false;
	return rt->t.policy == TAKE_ALL || (n != NULL && (n->roles & ROLE(MUST)) != 0);
}

/* Whoever waits for the roll is told why it ended. */
static void
blame(struct recordall *r, const struct recordall_take *rt, const char *node, const char *reason)
{
	LIST_EACH(it, &r->rolls) {
		struct recordall_roll *roll = LIST_ENTRY(it, struct recordall_roll, link);

		if (strcmp(roll->take, rt->t.take) == 0 && roll->err.kind == ERR_NONE)
			err_set(&roll->err, ERR_REFUSED, "take %s was stopped (roll-policy %s): %.60s failed: %.160s", rt->t.take,
			    take_policy_name(rt->t.policy), recordall_name(r, node), reason);
	}
}

void
recordall_stop_policy(struct recordall *r, struct recordall_take *rt, const char *node)
{
	const struct take_device *d = take_device(&rt->t, node);
	struct target_set *told;

	if (d == NULL || !is_violated(r, rt, node) || !has_active(rt, NULL))
		return;
	rt->policy_until_us = 1;	/* once; the devices that it stops do not fail */
	blame(r, rt, node, d->reason);
	bus_tell(r->bus, EV_NOTICE, node, "take %s is stopped: %s failed, and the roll policy is %s", rt->t.take,
	    recordall_name(r, node), take_policy_name(rt->t.policy));
	told = xcalloc(1, sizeof *told);
	want_stops(r, rt, NULL, told);
	if (told->count > 0)
		ask_send(ask_new(r), rt->t.take, told, 0);
	free(told);
}

/* ---- Life ---- */

void
recordall_stop_open(struct recordall *r)
{
	list_init(&r->asks);
	r->ask_timer = loop_timer_new(r->loop, ask_again, r);
}

void
recordall_stop_watch(struct recordall *r)
{
	loop_timer_start(r->loop, r->ask_timer, RECORDALL_ASK_AGAIN_US, RECORDALL_ASK_AGAIN_US);
}

void
recordall_stop_close(struct recordall *r)
{
	loop_timer_free(r->loop, r->ask_timer);
	LIST_EACH_SAFE(it, tmp, &r->asks) {
		struct recordall_ask *ask = LIST_ENTRY(it, struct recordall_ask, link);

		if (ask->timer == NULL)
			fanout_drop(r->fanout, ask->round);
		ask_stop_waiting(ask);
		list_remove(it);
		free(ask);
	}
}
