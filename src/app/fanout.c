/*
 * fanout.c - owns the open ledgers: one command goes to all its nodes in one turn, each answer is entered as it
 * comes, the last one closes the round.  Never waits for one node before asking the next, never judges a take.
 */
#include "app/fanout.h"

#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define EFFECT_WINDOW_US 60000000	/* an effect told later than this after its command is nobody's news */
#define RECENT_ROUNDS 128
#define AT_ONCE 32			/* nodes whose memory is asked for together: what they touch fits into the nearest caches */
#define MAX_AHEAD_US 9900000LL		/* of the contract's 10 s: a node refuses what is further ahead, and bounds are not 0 */

struct round_line {			/* what is needed to know an effect by its event, also when the ledger is gone */
	char node[ID_BYTES];
	char command_id[ID_BYTES];
	int64_t effect_us;		/* node's clock, as the event told it; 0 = not yet */
};

struct round_ask {			/* one command on its way */
	struct round *round;
	int index;
};

struct round {
	struct list link;		/* fanout->open or fanout->recent */
	struct fanout *fanout;		/* NULL: the fanout is gone; the answers still due end here */
	unsigned number;
	enum node_verb verb;
	int refs;			/* answers due from conns, and 1 while in a list */
	int64_t sent_us;
	bool is_done, is_dropped;
	int mute;			/* targets without a conn, to be answered in the next turn */
	int count;
	struct ledger ledger;		/* empty once the round is done */
	int room;			/* of lines and asks */
	struct round_line *lines;	/* count of them, beside ledger.lines */
	struct round_ask *asks;		/* these too, in the same memory */
	struct node_request *kept;	/* and these, where one may have to go out again without its instant; else NULL */
	struct fanout_fns fns;
	void *arg;
};

struct fanout {
	struct loop *loop;
	struct crew *crew;
	struct bus *bus;
	struct list open, recent;
	int open_count, recent_count;
	unsigned last_number;
	fanout_bearer_fn *bearer;	/* NULL: nobody holds a camera */
	void *bearer_arg;
	struct loop_timer *timer;	/* what must not happen inside fanout_send() */
	uint8_t random[MAX_NODES][16];	/* of the next command ids: asked for when there is time */
	int random_left;
	struct round_line *spare_lines;	/* of a round that is over, for the next one; NULL: none */
	int spare_room;
};

static void settle(void *arg);
static void heard(void *arg, const struct bus_event *ev);

struct fanout *
fanout_new(struct loop *loop, struct crew *crew, struct bus *bus)
{
	struct fanout *f = xcalloc(1, sizeof *f);

	f->loop = loop;
	f->crew = crew;
	f->bus = bus;
	list_init(&f->open);
	list_init(&f->recent);
	f->timer = loop_timer_new(loop, settle, f);
	bus_listen(bus, EV_NODE_EVENT, heard, f);
	return f;
}

static void
round_unref(struct round *r)
{
	if (--r->refs > 0)
		return;
	ledger_fini(&r->ledger);
	free(r->lines);
	free(r->kept);
	free(r);
}

/* It is in no list any more, and others hold it so many times for this turn: where no answer is due, its lines serve again. */
static void
round_part(struct round *r, int held)
{
	struct fanout *f = r->fanout;

	if (r->refs == 1 + held && f->spare_lines == NULL) {
		f->spare_lines = r->lines;
		f->spare_room = r->room;
		r->lines = NULL;
	}
	r->fanout = NULL;
	round_unref(r);
}

static void
round_leave(struct round *r)
{
	list_remove(&r->link);
	round_part(r, 0);
}

void
fanout_free(struct fanout *f)
{
	if (f == NULL)
		return;
	bus_unlisten(f->bus, heard, f);
	loop_timer_free(f->loop, f->timer);
	while (!list_is_empty(&f->open))
		round_leave(LIST_ENTRY(f->open.next, struct round, link));
	while (!list_is_empty(&f->recent))
		round_leave(LIST_ENTRY(f->recent.next, struct round, link));
	free(f->spare_lines);
	free(f);
}

void
fanout_set_bearer(struct fanout *f, fanout_bearer_fn *fn, void *arg)
{
	f->bearer = fn;
	f->bearer_arg = arg;
}

/* ---- Closing a round ---- */

static void
forget_old(struct fanout *f)
{
	const int64_t now_us = loop_now_us(f->loop);

	while (!list_is_empty(&f->recent)) {
		struct round *r = LIST_ENTRY(f->recent.next, struct round, link);

		if (f->recent_count <= RECENT_ROUNDS && now_us - r->sent_us < EFFECT_WINDOW_US)
			return;
		f->recent_count--;
		round_leave(r);
	}
}

/* Nobody waits for the effects of most rounds (tally renewals have none): those are forgotten at once. */
static bool
is_effect_wanted(const struct round *r)
{
	return r->fns.effect != NULL && !r->is_dropped;
}

/* For many ids at once, and when answers are in, not before a command. */
static void
draw_random(struct fanout *f)
{
	ids_random(f->random[f->random_left], (size_t)(MAX_NODES - f->random_left) * sizeof f->random[0]);
	f->random_left = MAX_NODES;
}

static void
round_close(struct round *r)
{
	struct fanout *f = r->fanout;

	r->is_done = true;
	f->open_count--;
	list_remove(&r->link);
	if (f->random_left < MAX_NODES / 2)
		draw_random(f);
	log_line(LOG_FANOUT, "%u %s: %d/%d", r->number, node_verb_words(r->verb), ledger_acked(&r->ledger), r->ledger.count);
	r->refs++;	/* the callbacks below may drop it, or free the fanout */
	if (is_effect_wanted(r)) {
		list_insert_tail(&f->recent, &r->link);
		f->recent_count++;
		forget_old(f);
	} else {
		round_part(r, 2);	/* ours, and whose answer this was */
	}
	if (!r->is_dropped)
		r->fns.done(r->arg, &r->ledger, loop_now_us(f->loop) - r->sent_us);
	ledger_fini(&r->ledger);
	r->ledger = (struct ledger){ .count = 0 };
	round_unref(r);
}

/* How long the way is: not told by a node that never heard of it, nor by one that answers only once it has acted. */
static void
round_clocked(const struct round *r, const char *node, const struct node_answer *a, int64_t took_us)
{
	bool may_be_held = r->ledger.planned_us != 0 && !a->scheduled && !a->late;

	if (a->result != NODE_LOST && !may_be_held)
		crew_answered(r->fanout->crew, node, took_us);
}

/* Enters one answer; the last one closes the round. */
static void
round_answer(struct round *r, int index, const struct node_answer *a, int64_t took_us, int tries)
{
	struct fanout *f = r->fanout;
	struct ledger_line *line = &r->ledger.lines[index];
	struct bus_event ev = { .kind = EV_LEDGER_CHANGED, .node = line->node, .data = line };

	if (!ledger_answer(&r->ledger, line->node, a, took_us, tries))
		return;
	str_copy(line->command_id, sizeof line->command_id, r->lines[index].command_id);
	round_clocked(r, line->node, a, took_us);
	if (r->lines[index].effect_us != 0)
		line->effect_us = r->lines[index].effect_us;	/* its event was faster than the answer */
	if (a->has_state)
		crew_said(f->crew, line->node, &a->state);
	if (r->fns.ack != NULL && !r->is_dropped)
		r->fns.ack(r->arg, line);
	if (r->fanout == NULL)
		return;		/* the callback ended it all */
	bus_say(f->bus, &ev);
	if (r->fanout != NULL && r->ledger.open == 0 && !r->is_done)
		round_close(r);
}

static void answered(void *arg, const char *node, const struct node_answer *a, int64_t took_us, int tries);

/* The camera's clock is another than the one we know: better early than not at all.  Another id: the first has its answer. */
static bool
ask_at_once(struct round *r, int index, const struct node_answer *a)
{
	struct node_request *kept = r->kept != NULL ? &r->kept[index] : NULL;
	struct conn *conn = crew_conn(r->fanout->crew, r->lines[index].node);

	if (kept == NULL || kept->at_us == 0 || conn == NULL || a->result != NODE_REFUSED || strcmp(a->code, "out_of_range") != 0)
		return false;
	kept->at_us = 0;
	ids_uuid_new(kept->command_id);
	str_copy(r->lines[index].command_id, sizeof r->lines[index].command_id, kept->command_id);
	log_line(LOG_FANOUT, "%u %s: %s calls the instant out of range: at once", r->number, node_verb_words(r->verb), r->lines[index].node);
	r->refs++;
	conn_command(conn, kept, answered, &r->asks[index]);
	return true;
}

static void
answered(void *arg, const char *node, const struct node_answer *a, int64_t took_us, int tries)
{
	struct round_ask *ask = arg;
	struct round *r = ask->round;

	(void)node;
	if (r->fanout != NULL && !r->is_done && !ask_at_once(r, ask->index, a))
		round_answer(r, ask->index, a, took_us, tries);
	round_unref(r);
}

/* Whoever has no conn is answered for, one turn later than asked. */
static void
answer_mute(struct round *r)
{
	struct node_answer a = { .result = NODE_LOST };

	r->mute = 0;
	str_copy(a.message, sizeof a.message, "no address of it is known");
	for (int i = 0; i < r->count && r->fanout != NULL && !r->is_done; i++)
		if (!r->ledger.lines[i].answered && r->lines[i].command_id[0] == '\0')
			round_answer(r, i, &a, 0, 0);
	if (r->fanout != NULL && r->count == 0 && !r->is_done)
		round_close(r);
}

static struct round *
next_unsettled(struct fanout *f, const struct round *but)
{
	LIST_EACH(it, &f->open) {
		struct round *r = LIST_ENTRY(it, struct round, link);

		if (r != but && (r->mute > 0 || r->count == 0))
			return r;
	}
	return NULL;
}

/* One round a turn: its callbacks may send, drop, or free the fanout. */
static void
settle(void *arg)
{
	struct fanout *f = arg;
	struct round *r = next_unsettled(f, NULL);

	if (r == NULL)
		return;
	if (next_unsettled(f, r) != NULL)
		loop_timer_start(f->loop, f->timer, 0, 0);
	r->refs++;
	answer_mute(r);
	round_unref(r);
}

/* ---- Sending ---- */

/* A recording or a marker that a strange clock puts off for half a minute, or refuses, is worse than one that is early. */
static bool
needs_known_clock(enum node_verb verb)
{
	return verb == NODE_RECORD_START || verb == NODE_RECORD_STOP || verb == NODE_MARKER;
}

/* template: as out is, but for what is written here. */
static void
fill_request(struct fanout *f, struct node_request *out, const struct node_request *template, const char *node,
    const uint8_t random[static 16])
{
	const struct crew_member *m = crew_find(f->crew, node);
	const char *bearer = f->bearer != NULL ? f->bearer(f->bearer_arg, node) : NULL;

	ids_uuid(out->command_id, random);
	str_copy(out->bearer, sizeof out->bearer, bearer != NULL ? bearer : "");
	if (template->at_us == 0)
		return;
	out->at_us = crew_to_node(f->crew, node, template->at_us);
	if (needs_known_clock(template->verb) && (m == NULL || !m->clock.best.known))
		out->at_us = 0;
}

static void
round_take_lines(struct round *r, struct fanout *f)
{
	r->room = f->spare_room;
	r->lines = f->spare_lines;
	f->spare_lines = NULL;
	if (r->lines == NULL || r->room < r->count) {
		free(r->lines);
		r->room = r->count;
		r->lines = xmalloc((size_t)r->room * (sizeof *r->lines + sizeof *r->asks));
	}
	r->asks = (struct round_ask *)(void *)(r->lines + r->room);
}

/* Only what a command needs before it can leave; the rest is round_enter()'s. */
static struct round *
round_new(struct fanout *f, const struct node_request *r, const struct target_set *targets, const struct fanout_fns *fns, void *arg)
{
	struct round *round = xcalloc(1, sizeof *round);

	round->fanout = f;
	round->number = ++f->last_number;
	round->verb = r->verb;
	round->refs = 1;
	round->sent_us = loop_now_us(f->loop);
	round->fns = *fns;
	round->arg = arg;
	round->count = targets->count;
	round_take_lines(round, f);
	if (r->at_us != 0 && needs_known_clock(r->verb))
		round->kept = xmalloc((size_t)targets->count * sizeof *round->kept);
	return round;
}

static void
round_enter(struct round *round, const struct node_request *r, const struct target_set *targets)
{
	struct fanout *f = round->fanout;

	ledger_init(&round->ledger, targets->count);
	round->ledger.planned_us = r->at_us;
	for (int i = 0; i < targets->count; i++)
		str_copy(round->ledger.lines[i].node, sizeof round->ledger.lines[i].node, targets->ids[i]);
	list_insert_tail(&f->open, &round->link);
	f->open_count++;
}


static const uint8_t *
next_random(struct fanout *f)
{
	if (f->random_left == 0)
		draw_random(f);
	return f->random[--f->random_left];
}

/* conn NULL: there is no link.  paper: as the template; where all say nearly the same, it need not be copied for each. */
static void
ask_one(struct round *r, int index, struct conn *conn, const char *node, const struct node_request *template,
    struct node_request *paper, void (*tailor)(void *arg, const char *node, struct node_request *r))
{
	struct round_line *line = &r->lines[index];
	struct node_request *request = r->kept != NULL ? &r->kept[index] : paper;

	str_copy(line->node, sizeof line->node, node);
	line->command_id[0] = '\0';
	line->effect_us = 0;
	r->asks[index] = (struct round_ask){ .round = r, .index = index };
	if (conn == NULL) {
		r->mute++;
		return;
	}
	if (request != paper || tailor != NULL)
		*request = *template;
	fill_request(r->fanout, request, template, node, next_random(r->fanout));
	if (tailor != NULL)
		tailor(r->arg, node, request);
	str_copy(line->command_id, sizeof line->command_id, request->command_id);
	r->refs++;
	conn_command(conn, request, answered, &r->asks[index]);
}

unsigned
fanout_send(struct fanout *f, const struct node_request *r, const struct target_set *targets,
    void (*tailor)(void *arg, const char *node, struct node_request *r), const struct fanout_fns *fns, void *arg)
{
	struct round *round = round_new(f, r, targets, fns, arg);
	struct node_request paper = *r;
	struct conn *conns[MAX_NODES];

	/* All are written, some at a time that they stay near; then they leave, with nothing between (decisions/warm.md). */
	for (int i = 0, n; i < targets->count; i += n) {
		n = targets->count - i < AT_ONCE ? targets->count - i : AT_ONCE;
		crew_conns(f->crew, targets->ids + i, n, conns + i);
		conn_batch(conns + i, n);
		for (int k = i; k < i + n; k++)
			ask_one(round, k, conns[k], targets->ids[k], r, &paper, tailor);
	}
	conn_batch_send(conns, targets->count);
	round_enter(round, r, targets);
	if (round->mute > 0 || targets->count == 0)
		loop_timer_start(f->loop, f->timer, 0, 0);
	return round->number;
}

int64_t
fanout_lead_us(const struct fanout *f, const struct target_set *targets, int64_t least_us)
{
	int64_t lead_us = least_us;

	for (int i = 0; i < targets->count; i++) {
		const struct crew_member *m = crew_find(f->crew, targets->ids[i]);
		int64_t need_us = m != NULL && m->link == HEALTH_LIVE ? reach_need_us(&m->reach, m->clock.best.rtt_us) : 0;

		lead_us = need_us > lead_us ? need_us : lead_us;
	}
	return lead_us < MAX_AHEAD_US ? lead_us : MAX_AHEAD_US;
}

static struct round *
round_find(struct list *head, unsigned number)
{
	LIST_EACH(it, head) {
		struct round *r = LIST_ENTRY(it, struct round, link);

		if (r->number == number)
			return r;
	}
	return NULL;
}

void
fanout_drop(struct fanout *f, unsigned number)
{
	struct round *r = round_find(&f->open, number);

	if (r == NULL)
		r = round_find(&f->recent, number);
	if (r != NULL)
		r->is_dropped = true;
}

int
fanout_open_count(const struct fanout *f)
{
	return f->open_count;
}

/* ---- True effects ---- */

/* When this event says the command took effect; 0: it does not. */
static int64_t
effect_of(enum node_verb verb, const struct node_event *ev)
{
	switch (ev->kind) {
	case NODE_EV_RECORDING:
		if (verb == NODE_RECORD_START)
			return ev->recording.state == NODE_REC_RECORDING ? ev->recording.since_us : 0;
		return ev->recording.state == NODE_REC_RECORDING ? 0 : ev->time_us;
	case NODE_EV_CAMERA: case NODE_EV_ZOOM: case NODE_EV_TALLY: case NODE_EV_FORMAT: case NODE_EV_LENS:
	case NODE_EV_MARKER:
		return ev->time_us;
	default:
		return 0;
	}
}

static bool
round_effect(struct round *r, const char *node, const struct node_event *ev)
{
	const int64_t effect_us = effect_of(r->verb, ev);

	for (int i = 0; i < r->count; i++) {
		if (strcmp(r->lines[i].command_id, ev->command_id) != 0 || strcmp(r->lines[i].node, node) != 0)
			continue;
		if (effect_us == 0 || r->lines[i].effect_us != 0)
			return true;
		r->lines[i].effect_us = effect_us;
		if (!r->is_done)
			r->ledger.lines[i].effect_us = effect_us;
		if (r->fns.effect != NULL && !r->is_dropped)
			r->fns.effect(r->arg, node, effect_us);
		return true;
	}
	return false;
}

static bool
list_effect(struct list *head, const char *node, const struct node_event *ev)
{
	LIST_EACH(it, head)
		if (round_effect(LIST_ENTRY(it, struct round, link), node, ev))
			return true;
	return false;
}

static void
heard(void *arg, const struct bus_event *news)
{
	struct fanout *f = arg;
	const struct node_event *ev = news->data;

	if (ev->command_id[0] == '\0' || news->node == NULL)
		return;
	forget_old(f);
	if (!list_effect(&f->open, news->node, ev))
		list_effect(&f->recent, news->node, ev);
}
