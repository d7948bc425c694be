/*
 * director_tally.c - the red and green lights of the cameras: told on each change, prolonged while they are on,
 * corrected when a node says otherwise.  A dead console leaves no light on: the lease runs out on the node.
 */
#include "app/director_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define RENEW_US (DIRECTOR_LEASE_MS * 1000LL / 3)
#define CORRECT_EVERY_US 1000000
/* A node that takes our orders for old ones has heard a console whose clock was ahead: a day, two, four ... up to eleven years. */
#define LEAP_MS 86400000LL
#define MOST_LEAPS 13

struct director_light {
	bool is_told;			/* the node was sent `tally` and has not failed to confirm it */
	enum node_tally tally;
	int64_t told_us;		/* monotonic */
	bool is_missing;		/* the node has no light: /tally is not offered */
	bool is_confirmed;		/* it answered ok to that */
	int misses;			/* how often in a row it says otherwise all the same */
};

struct light_send {			/* tallies that are no cut, on their way */
	struct list link;
	struct director *director;
	unsigned round;
	bool renew;
};

static struct director_light *
light_of(struct director *d, const char *node)
{
	struct director_light *l = map_get(d->lights, node);

	if (l != NULL)
		return l;
	l = xcalloc(1, sizeof *l);
	map_put(d->lights, node, l);
	return l;
}

enum node_tally
director_tally_of(const struct director_buses *b, const char *node)
{
	if (strcmp(b->program, node) == 0)
		return NODE_TALLY_PROGRAM;
	return strcmp(b->preview, node) == 0 ? NODE_TALLY_PREVIEW : NODE_TALLY_OFF;
}

/*
 * A node whose link is up, or coming up, stale or not: a silent one owes an answer like the others, and one that
 * `wait nodes` has counted is not left out because its event stream is still being opened.
 */
static bool
is_reachable(const struct crew_member *m)
{
	return !m->node->view_only && (m->conn == CONN_OPENING || m->conn == CONN_LIVE || m->conn == CONN_POLLING) &&
	    (m->link == HEALTH_LIVE || m->link == HEALTH_STALE);
}

static bool
has_light(const struct director *d, const char *node)
{
	const struct director_light *l = map_get(d->lights, node);

	return l == NULL || !l->is_missing;
}

static void
target_add(struct target_set *set, const char *node)
{
	if (set->count < MAX_NODES)
		str_copy(set->ids[set->count++], ID_BYTES, node);
}

static void
reachable_with(const struct director *d, bool light, struct target_set *out)
{
	out->count = 0;
	for (int i = 0; i < crew_count(d->crew); i++) {
		const struct crew_member *m = crew_at(d->crew, i);

		if (is_reachable(m) && has_light(d, m->node->id) == light)
			target_add(out, m->node->id);
	}
}

void
director_tally_targets(const struct director *d, struct target_set *out)
{
	reachable_with(d, true, out);
}

void
director_tally_dark(const struct director *d, struct target_set *out)
{
	reachable_with(d, false, out);
}

void
director_tally_request(struct director *d, struct node_request *r)
{
	memset(r, 0, sizeof *r);
	r->verb = NODE_TALLY;
	director_stamp(d, r);
}

void
director_tally_sent(struct director *d, const char *node, enum node_tally tally)
{
	struct director_light *l = light_of(d, node);

	if (!d->renews) {	/* no lease, nothing to renew: from the first light on */
		loop_timer_start(d->loop, d->lease_timer, RENEW_US, RENEW_US);
		d->renews = true;
	}
	l->is_told = true;
	l->is_confirmed = false;
	l->tally = tally;
	l->told_us = loop_now_us(d->loop);
}

void
director_tally_answered(struct director *d, const struct ledger_line *line)
{
	struct director_light *l = light_of(d, line->node);

	l->is_confirmed = line->result == NODE_OK;
	if (line->result == NODE_NOT_OFFERED)
		l->is_missing = true;
	else if (line->result != NODE_OK)
		l->is_told = false;
}

void
director_stamp(struct director *d, struct node_request *r)
{
	r->lease_ms = DIRECTOR_LEASE_MS;
	r->has_order = true;
	r->order = ++d->order;
}

/* ---- Tallies beside the cuts ---- */

static void
send_acked(void *arg, const struct ledger_line *line)
{
	struct light_send *send = arg;

	director_tally_answered(send->director, line);
}

static void
send_done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct light_send *send = arg;

	(void)l;
	(void)took_us;
	list_remove(&send->link);
	free(send);
}

static void
tailor_light(void *arg, const char *node, struct node_request *r)
{
	struct light_send *send = arg;

	r->tally = director_tally_of(&send->director->now, node);
	if (!send->renew)
		director_tally_sent(send->director, node, r->tally);
}

static void
send_lights(struct director *d, const struct target_set *targets, bool renew)
{
	static const struct fanout_fns fns = { .ack = send_acked, .done = send_done };
	struct light_send *send;
	struct node_request r;

	if (targets->count == 0)
		return;
	director_tally_request(d, &r);
	r.renew = renew;
	r.has_order = !renew;
	send = xcalloc(1, sizeof *send);
	send->director = d;
	send->renew = renew;
	list_insert_tail(&d->sends, &send->link);
	send->round = fanout_send(d->fanout, &r, targets, tailor_light, &fns, send);
}

/* A planned cut is on its way to the nodes: another tally would replace it there. */
static bool
is_quiet_time(const struct director *d)
{
	const struct director_cutting *head = list_is_empty(&d->queue) ? NULL : LIST_ENTRY(d->queue.next, struct director_cutting, link);

	return (head != NULL && head->is_sent) || loop_now_us(d->loop) < d->quiet_until_us;
}

static bool
is_wrong(const struct director *d, const struct crew_member *m)
{
	const struct director_light *l = map_get(d->lights, m->node->id);

	return l == NULL || !l->is_told || l->tally != director_tally_of(&d->now, m->node->id);
}

static void
correct(struct director *d)
{
	struct target_set *wrong = xcalloc(1, sizeof *wrong);

	for (int i = 0; i < crew_count(d->crew); i++) {
		const struct crew_member *m = crew_at(d->crew, i);

		if (is_reachable(m) && has_light(d, m->node->id) && is_wrong(d, m))
			target_add(wrong, m->node->id);
	}
	send_lights(d, wrong, false);
	free(wrong);
}

void
director_tally_settle(struct director *d)
{
	if (!d->released && !is_quiet_time(d))
		correct(d);
}

void
director_tally_retract(struct director *d)
{
	if (!d->released)
		correct(d);
}

/*
 * Each third of the lease: lights that are on stay on; those that did not confirm are told again.  While a cut is on its way, a
 * light that it will change is on all the same, and a renewal leaves what is pending alone.
 */
static void
renew(void *arg)
{
	struct director *d = arg;
	struct target_set *lit = xcalloc(1, sizeof *lit);
	const bool is_quiet = is_quiet_time(d);

	for (int i = 0; i < crew_count(d->crew); i++) {
		const struct crew_member *m = crew_at(d->crew, i);

		if (is_reachable(m) && has_light(d, m->node->id) && director_tally_of(&d->now, m->node->id) != NODE_TALLY_OFF &&
		    (is_quiet || !is_wrong(d, m)))
			target_add(lit, m->node->id);
	}
	director_tally_settle(d);
	send_lights(d, lit, true);
	free(lit);
	if (crew_count(d->crew) == 0) {
		loop_timer_stop(d->loop, d->lease_timer);
		d->renews = false;
	}
}

/* ---- What the nodes say ---- */

void
director_tally_heard(struct director *d, const char *node, const struct node_health *h)
{
	struct director_light *l = light_of(d, node);

	if (!h->has_tally || !l->is_told || loop_now_us(d->loop) - l->told_us < CORRECT_EVERY_US)
		return;
	if (h->tally == l->tally) {
		l->misses = 0;
		return;
	}
	if (l->is_confirmed && l->misses > 0 && l->misses <= MOST_LEAPS)
		d->order += LEAP_MS << (l->misses - 1);
	l->misses += l->is_confirmed;
	l->is_told = false;
	director_tally_settle(d);
}

void
director_tally_joined(struct director *d, const char *node)
{
	struct director_light *l = light_of(d, node);

	if (l->is_told && loop_now_us(d->loop) - l->told_us < CORRECT_EVERY_US)
		return;		/* its first word and its hello come together */
	l->is_told = l->is_missing = false;
	director_tally_settle(d);
}

/* It may just have become reachable. */
void
director_tally_looked(struct director *d, const char *node)
{
	const struct crew_member *m = crew_find(d->crew, node);

	if (m != NULL && is_reachable(m) && has_light(d, node) && is_wrong(d, m))
		director_tally_settle(d);
}

void
director_tally_left(struct director *d, const char *node)
{
	free(map_take(d->lights, node));
}

/* ---- Life ---- */

void
director_tally_open(struct director *d)
{
	d->lights = map_new();
	list_init(&d->sends);
	d->order = clk_utc_us(d->clk) / 1000;	/* a console that was restarted is newer than itself */
	d->lease_timer = loop_timer_new(d->loop, renew, d);
}

void
director_release(struct director *d)
{
	struct target_set *targets = xcalloc(1, sizeof *targets);
	struct err why = { .kind = ERR_NONE };

	d->released = true;
	err_set(&why, ERR_REFUSED, "the console ends: nothing was cut");
	director_safe_take_back(d, &why, "quit");
	memset(&d->now, 0, sizeof d->now);
	director_tally_targets(d, targets);
	send_lights(d, targets, false);
	loop_timer_stop(d->loop, d->lease_timer);
	free(targets);
}

static void
free_light(void *arg, const char *node, void *value)
{
	(void)arg;
	(void)node;
	free(value);
}

void
director_tally_close(struct director *d)
{
	LIST_EACH_SAFE(it, tmp, &d->sends) {
		struct light_send *send = LIST_ENTRY(it, struct light_send, link);

		fanout_drop(d->fanout, send->round);
		list_remove(it);
		free(send);
	}
	loop_timer_free(d->loop, d->lease_timer);
	map_each(d->lights, free_light, NULL);
	map_free(d->lights);
}
