/*
 * recordall_roll.c - one `record start`: a number, the proof on disk, then the bytes to all cameras in one turn, and
 * an end when each says `recording` itself or has failed.  Not a byte goes out before take.json is durable.
 */
#include "app/recordall_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define VERDICT_US 100000		/* the deadline's failures come while the policy still counts */
#define TOO_NEAR_US 5000		/* a planned instant this close is now */
#define MAX_AHEAD_US 10000000LL		/* the contract's: nodes refuse what is further ahead */

/* ---- Life of a roll ---- */

/* Not inlined: gcc 12 takes two references given up in a row for a use after free. */
static __attribute__((noinline)) void
roll_unref(struct recordall_roll *roll)
{
	if (--roll->refs > 0)
		return;
	ledger_fini(&roll->ledger);
	free(roll);
}

static void
roll_leave(struct recordall_roll *roll)
{
	loop_timer_free(roll->recordall->loop, roll->deadline);
	roll->deadline = NULL;
	roll->recordall = NULL;
	list_remove(&roll->link);
	roll_unref(roll);
}

/* A camera that said yes and then did not record has not done what was asked. */
static void
roll_judge(struct recordall_roll *roll, const struct recordall_take *rt)
{
	for (int i = 0; rt != NULL && i < roll->ledger.count; i++) {
		struct ledger_line *line = &roll->ledger.lines[i];
		const struct take_device *d = NULL;

		for (int k = 0; k < rt->t.device_count; k++)
			if (strcmp(rt->t.devices[k].node, line->node) == 0)
				d = &rt->t.devices[k];
		if (line->result != NODE_OK || d == NULL || d->state != TAKE_FAILED)
			continue;
		line->result = NODE_REFUSED;
		str_copy(line->code, sizeof line->code, "failed");
		str_copy(line->message, sizeof line->message, d->reason);
	}
}

static void
roll_finish(struct recordall_roll *roll)
{
	struct recordall *r = roll->recordall;

	roll->is_done = true;
	roll_judge(roll, recordall_find(r, roll->take));
	roll->done(roll->arg, &roll->ledger, loop_now_us(r->loop) - roll->begun_us, roll->err.kind != ERR_NONE ? &roll->err : NULL);
}

static bool
is_late(const struct recordall_roll *roll, const char *node)
{
	for (int i = 0; i < roll->ledger.count; i++)
		if (strcmp(roll->ledger.lines[i].node, node) == 0)
			return roll->ledger.lines[i].result == NODE_LATE;
	return false;
}

/* Targets that neither record by their own word, nor have failed, nor are to stop; without those that never answered? */
static int
roll_waits_for(const struct recordall_roll *roll, bool but_late)
{
	const struct recordall_take *rt = recordall_find(roll->recordall, roll->take);
	int waits = 0;

	for (int i = 0; rt != NULL && i < rt->t.device_count; i++) {
		const struct take_device *d = &rt->t.devices[i];

		waits += d->state <= TAKE_STARTING && target_has(&roll->targets, d->node) && !d->stop_wanted &&
		    !(but_late && is_late(roll, d->node));
	}
	return waits;
}

/* The command ends when nobody but the silent ones is waited for; those may still be heard recording until the deadline. */
static bool
roll_look(struct recordall_roll *roll)
{
	bool moved = false;

	if (!roll->is_answered)
		return false;
	roll->refs++;
	if (!roll->is_done && roll_waits_for(roll, true) == 0) {
		roll_finish(roll);
		moved = true;
	}
	if (roll->recordall != NULL && roll->is_done && roll_waits_for(roll, false) == 0) {
		roll_leave(roll);
		moved = true;
	}
	roll_unref(roll);
	return moved;
}

/* A done callback may start the next roll: the list is begun anew after each. */
static void
look_at_all(void *arg)
{
	struct recordall *r = arg;
	struct list *it = r->rolls.next;

	while (it != &r->rolls)
		it = roll_look(LIST_ENTRY(it, struct recordall_roll, link)) ? r->rolls.next : it->next;
}

/* In the next turn: everybody else is to hear the word first that ends a roll. */
void
recordall_roll_look(struct recordall *r)
{
	if (!list_is_empty(&r->rolls))
		loop_timer_start(r->loop, r->look_timer, 0, 0);
}

bool
recordall_roll_untold(const struct recordall *r, const char *take, const char *node)
{
	LIST_EACH(it, &r->rolls) {
		const struct recordall_roll *roll = LIST_ENTRY(it, struct recordall_roll, link);

		if (!roll->is_told && strcmp(roll->take, take) == 0 && target_has(&roll->targets, node))
			return true;
	}
	return false;
}

/* ---- Answers ---- */

static void
fail_device(struct recordall *r, const char *take, const char *node, const char *reason)
{
	struct recordall_take *rt = recordall_find(r, take);
	struct take_device *d = rt != NULL ? take_device(&rt->t, node) : NULL;

	if (d != NULL && d->state <= TAKE_STARTING)
		recordall_go(r, rt, d, TAKE_FAILED, reason);
}

static void
roll_heard_answer(struct recordall_roll *roll, const struct ledger_line *line)
{
	struct recordall *r = roll->recordall;
	struct recordall_take *rt = recordall_find(r, roll->take);
	struct take_device *d = rt != NULL ? take_device(&rt->t, line->node) : NULL;
	char reason[MAX_TEXT_FIELD];

	switch (line->result) {
	case NODE_OK:
		if (d != NULL && d->state == TAKE_ASKED)
			recordall_go(r, rt, d, TAKE_STARTING, NULL);
		return;
	case NODE_REFUSED:
		snprintf(reason, sizeof reason, "refused%s%.30s: %.700s", line->code[0] != '\0' ? ", " : "", line->code,
		    line->message[0] != '\0' ? line->message : "no reason was given");
		break;
	case NODE_NOT_OFFERED:
		str_copy(reason, sizeof reason, "record is not offered by this node");
		break;
	case NODE_LOST:
		snprintf(reason, sizeof reason, "not reached: %.700s", line->message[0] != '\0' ? line->message : "the link is down");
		break;
	case NODE_LATE:		/* it may have heard: its own word decides, until the deadline */
		return;
	}
	fail_device(r, roll->take, line->node, reason);
}

static void
roll_acked(void *arg, const struct ledger_line *line)
{
	struct recordall_roll *roll = arg;

	if (roll->recordall == NULL)
		return;
	roll->refs++;
	if (roll->ack != NULL)
		roll->ack(roll->arg, line);
	if (roll->recordall != NULL)
		roll_heard_answer(roll, line);
	roll_unref(roll);
}

static void
roll_answered(void *arg, const struct ledger *l, int64_t took_us)
{
	struct recordall_roll *roll = arg;

	(void)took_us;
	if (roll->recordall != NULL) {
		ledger_fini(&roll->ledger);
		ledger_init(&roll->ledger, l->count);
		if (l->count > 0)
			memcpy(roll->ledger.lines, l->lines, (size_t)l->count * sizeof *l->lines);
		roll->ledger.open = l->open;
		roll->ledger.planned_us = l->planned_us;
		roll->is_answered = true;
		recordall_roll_look(roll->recordall);
	}
	roll_unref(roll);
}

static void
roll_deadline(void *arg)
{
	struct recordall_roll *roll = arg;
	struct recordall *r = roll->recordall;

	roll->refs++;
	for (int i = 0; i < roll->targets.count; i++)
		fail_device(r, roll->take, roll->targets.ids[i], is_late(roll, roll->targets.ids[i]) ?
		    "it never answered and did not say `recording` within 10 s" : "it did not say `recording` within 10 s");
	roll_unref(roll);
	recordall_roll_look(r);
}

/* ---- Sending ---- */

static void
roll_tailor(void *arg, const char *node, struct node_request *rq)
{
	const struct recordall_roll *roll = arg;
	const struct registry_node *n = registry_find(crew_registry(roll->recordall->crew), node);

	str_copy(rq->label, sizeof rq->label, n != NULL ? n->label : "");
}

/* The planned instant of a start or a stop; 0: at once. */
int64_t
recordall_instant(const struct recordall *r, const struct target_set *targets, int64_t asked_us, int64_t in_us)
{
	int64_t now_us = recordall_utc_us(r), lead_us = opt_int(r->settings, "record-lead");
	int64_t at_us = in_us > 0 ? asked_us + in_us : lead_us > 0 ? now_us + fanout_lead_us(r->fanout, targets, lead_us) : now_us;

	if (at_us - now_us > MAX_AHEAD_US)
		at_us = now_us + MAX_AHEAD_US;
	return at_us - now_us > TOO_NEAR_US ? at_us : 0;
}

/* Who is still to be told: a stop may have overtaken the disk. */
static void
roll_still_asked(const struct recordall_roll *roll, struct recordall_take *rt, struct target_set *out)
{
	out->count = 0;
	for (int i = 0; i < roll->targets.count; i++) {
		const struct take_device *d = take_device(&rt->t, roll->targets.ids[i]);

		if (d != NULL && d->state == TAKE_ASKED)
			recordall_set_add(out, d->node);
	}
}

static void
roll_send(struct recordall_roll *roll, struct recordall_take *rt)
{
	static const struct fanout_fns fns = { .ack = roll_acked, .done = roll_answered };
	struct recordall *r = roll->recordall;
	struct node_request rq = { .verb = NODE_RECORD_START };
	struct target_set *targets = xcalloc(1, sizeof *targets);
	int64_t wait_us;

	roll_still_asked(roll, rt, targets);
	rq.at_us = recordall_instant(r, targets, roll->asked_us, roll->in_us);
	wait_us = rq.at_us != 0 ? rq.at_us - recordall_utc_us(r) : 0;
	rq.again_us = wait_us / 2;	/* on a second connection it is still in time */
	str_copy(rq.take, sizeof rq.take, roll->take);
	str_copy(rq.sphere, sizeof rq.sphere, recordall_sphere_id(r));
	roll->is_told = true;
	roll->refs++;
	roll->round = fanout_send(r->fanout, &rq, targets, roll_tailor, &fns, roll);
	if (rt->policy_until_us == 0) {
		rt->t.started_us = recordall_utc_us(r) + wait_us;
		rt->policy_until_us = loop_now_us(r->loop) + wait_us + RECORDALL_DEADLINE_US;
	}
	loop_timer_start(r->loop, roll->deadline, wait_us + RECORDALL_DEADLINE_US - VERDICT_US, 0);
	for (int i = 0; i < targets->count; i++)
		crew_compare_clock(r->crew, targets->ids[i]);	/* what places this take on the timeline; the bytes are out */
	recordall_changed(r, rt);
	free(targets);
}

static void
roll_not_written(struct recordall_roll *roll)
{
	struct target_set targets = roll->targets;
	struct recordall *r = roll->recordall;

	err_prefix(&roll->err, "take %s does not start, no camera was told", roll->take);
	for (int i = 0; i < targets.count; i++) {
		take_device(&recordall_find(r, roll->take)->t, targets.ids[i])->stop_wanted = true;	/* the disk is the trouble, not they */
		fail_device(r, roll->take, targets.ids[i], "no camera was told: the take could not be written to disk");
	}
	roll->is_answered = true;
	recordall_roll_look(r);
}

static void
roll_written(void *arg, const struct err *e)
{
	struct recordall_roll *roll = arg;

	if (e->kind != ERR_NONE)
		roll->err = *e;
	if (--roll->open_writes == 0 && roll->recordall != NULL) {
		struct recordall_take *rt = recordall_find(roll->recordall, roll->take);

		if (roll->err.kind != ERR_NONE)
			roll_not_written(roll);
		else
			roll_send(roll, rt);
	}
	roll_unref(roll);
}

/* ---- The wish ---- */

/* Takes whose cameras roll, nobody having said stop. */
static struct recordall_take *
rolling_take(const struct recordall *r)
{
	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		for (int i = 0; i < rt->t.device_count; i++)
			if (recordall_rolls_on(&rt->t.devices[i]))
				return rt;
	}
	return NULL;
}

static bool
wish_refuse_rolling(const struct recordall_take *rt, struct err *e)
{
	int rolling = 0;

	for (int i = 0; i < rt->t.device_count; i++)
		rolling += recordall_rolls_on(&rt->t.devices[i]);
	return err_set(e, ERR_REFUSED, "take %s rolls on %d camera%s: `record stop` ends it; `record -t NODE start` adds a camera to it",
	    rt->t.take, rolling, rolling == 1 ? "" : "s");
}

/* A late camera is one that does not roll in the take yet, or not any more. */
static bool
wish_may_join(const struct recordall *r, struct recordall_take *rt, const struct target_set *targets, struct err *e)
{
	for (int i = 0; i < targets->count; i++) {
		const struct take_device *d = take_device(&rt->t, targets->ids[i]);

		if (d != NULL && d->state <= TAKE_STOPPING)
			return err_set(e, ERR_REFUSED, "%s is in take %s already: it is %s", recordall_name(r, d->node), rt->t.take,
			    take_state_name(d->state));
	}
	return true;
}

static bool
wish_can_record(const struct recordall *r, const struct target_set *targets, struct err *e)
{
	for (int i = 0; i < targets->count; i++) {
		const struct registry_node *n = registry_find(crew_registry(r->crew), targets->ids[i]);

		if (n == NULL)
			return err_set(e, ERR_NOT_FOUND, "a camera that was named has left");
		if (n->view_only)
			return err_set(e, ERR_REFUSED, "%s is a picture only: record is not offered there", registry_name(n));
	}
	if (targets->count == 0)
		return err_set(e, ERR_NOT_FOUND, "no camera is in the show: there is nothing to roll");
	return true;
}

static enum take_policy
wish_policy(const struct recordall *r)
{
	switch (opt_int(r->settings, "roll-policy")) {
	case 1: return TAKE_MUST;
	case 2: return TAKE_ALL;
	default: return TAKE_WILLING;
	}
}

/* A new take with the next number, which nobody else will ever have. */
static struct recordall_take *
wish_new_take(struct recordall *r, const char *slate)
{
	struct manifest *m = r->sphere != NULL ? sphere_manifest(r->sphere) : NULL;
	int64_t now_us = recordall_utc_us(r);
	char number[TAKE_BYTES];
	struct take t;

	if (r->rehearses_apart && m != NULL)
		ids_take_rehearsed(number, manifest_next_rehearsal(m));
	else
		ids_take(number, m != NULL ? manifest_next_take(m) : ++r->last_number);
	take_init(&t, number, slate, m != NULL ? manifest_slate_count(m, slate, r->rehearses_apart) + 1 : 1, recordall_sphere_id(r), wish_policy(r), now_us);
	t.rehearsal = r->rehearsal;
	if (m != NULL)
		manifest_add_take(m, number, slate);
	recordall_write_down(r, &t);
	return recordall_add(r, &t);
}

static void
wish_ask(struct recordall *r, struct recordall_take *rt, const struct target_set *targets)
{
	int64_t now_us = recordall_utc_us(r);

	for (int i = 0; i < targets->count; i++) {
		const struct registry_node *n = registry_find(crew_registry(r->crew), targets->ids[i]);
		struct take_device *d = take_ask(&rt->t, n->id, n->number, n->label, now_us);

		if (d->state != TAKE_ASKED)
			take_go(d, TAKE_ASKED, NULL, now_us);
		d->stop_wanted = d->stop_told = false;
	}
	rt->t.stopped_us = 0;
	recordall_arm_note(r, rt, targets);
}

/* take.json and sphere.json; the last of them to be durable sends. */
static void
roll_write(struct recordall_roll *roll, struct recordall_take *rt)
{
	struct recordall *r = roll->recordall;

	if (r->sphere == NULL) {
		roll_send(roll, rt);
		return;
	}
	roll->open_writes = 2;
	roll->refs += 2;
	rt->is_dirty = false;
	take_counts(&rt->t, &manifest_add_take(sphere_manifest(r->sphere), rt->t.take, rt->t.slate)->counts);
	scribe_take(r->scribe, &rt->t, roll_written, roll);
	scribe_manifest(r->scribe, roll_written, roll);
}

bool
recordall_start(struct recordall *r, const struct target_set *targets, bool explicit_targets, const char *slate, int64_t in_us,
    const char *by, recordall_done_fn *done, void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e)
{
	struct recordall_take *rt = rolling_take(r);
	struct recordall_roll *roll;

	(void)by;		/* who asked stands in commands.jsonl */
	if (!wish_can_record(r, targets, e))
		return false;
	if (rt != NULL && !explicit_targets)
		return wish_refuse_rolling(rt, e);
	if (rt != NULL && !wish_may_join(r, rt, targets, e))
		return false;
	if (rt == NULL)
		rt = wish_new_take(r, slate != NULL ? slate : "");
	wish_ask(r, rt, targets);
	roll = xcalloc(1, sizeof *roll);
	roll->recordall = r;
	roll->refs = 1;
	roll->targets = *targets;
	roll->in_us = in_us;
	roll->asked_us = recordall_utc_us(r);
	roll->begun_us = loop_now_us(r->loop);
	roll->done = done;
	roll->ack = ack;
	roll->arg = arg;
	roll->deadline = loop_timer_new(r->loop, roll_deadline, roll);
	str_copy(roll->take, sizeof roll->take, rt->t.take);
	ledger_init(&roll->ledger, 0);
	list_insert_tail(&r->rolls, &roll->link);
	recordall_changed(r, rt);
	roll_write(roll, rt);
	return true;
}

void
recordall_roll_open(struct recordall *r)
{
	list_init(&r->rolls);
	r->look_timer = loop_timer_new(r->loop, look_at_all, r);
}

void
recordall_roll_close(struct recordall *r)
{
	loop_timer_free(r->loop, r->look_timer);
	LIST_EACH_SAFE(it, tmp, &r->rolls) {
		struct recordall_roll *roll = LIST_ENTRY(it, struct recordall_roll, link);

		if (roll->is_told && !roll->is_answered) {
			fanout_drop(r->fanout, roll->round);
			roll->refs--;	/* the answers' */
		}
		roll_leave(roll);
	}
}
