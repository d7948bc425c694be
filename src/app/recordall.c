/*
 * recordall.c - the takes in memory: numbers, proofs on disk, what rolls and for how long.
 * Owner of struct take.  Believes the nodes' words only: those come in through recordall_heard.c.
 */
#include "app/recordall_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

int64_t
recordall_utc_us(const struct recordall *r)
{
	return clk_utc_us(r->clk);
}

const char *
recordall_sphere_id(const struct recordall *r)
{
	return r->sphere != NULL ? sphere_manifest(r->sphere)->sphere : "";
}

const char *
recordall_name(const struct recordall *r, const char *node)
{
	const struct registry_node *n = registry_find(crew_registry(r->crew), node);

	return n != NULL ? registry_name(n) : node;
}

/* ---- Sets of nodes ---- */

void
recordall_set_add(struct target_set *set, const char *node)
{
	if (!target_has(set, node) && set->count < MAX_NODES)
		str_copy(set->ids[set->count++], ID_BYTES, node);
}

/* ---- Takes ---- */

struct recordall_take *
recordall_find(const struct recordall *r, const char *take)
{
	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		if (strcmp(rt->t.take, take) == 0)
			return rt;
	}
	return NULL;
}

struct recordall_take *
recordall_newest_entry(const struct recordall *r)
{
	return list_is_empty(&r->takes) ? NULL : LIST_ENTRY(r->takes.prev, struct recordall_take, link);
}

/* In order of number; those of a rehearsal after the others while it goes on, before them when it is over. */
static uint64_t
take_place(const struct recordall *r, const struct recordall_take *rt)
{
	const bool is_rehearsed = rt->t.take[0] == 'R';
	const uint64_t number = strtoul(rt->t.take + is_rehearsed, NULL, 10) & UINT32_MAX;

	return number + (is_rehearsed == r->rehearses_apart ? 1ULL << 32 : 0);
}

static void
put_in_order(struct recordall *r, struct recordall_take *rt)
{
	struct list *before = &r->takes;

	LIST_EACH(it, &r->takes) {
		if (take_place(r, LIST_ENTRY(it, struct recordall_take, link)) > take_place(r, rt)) {
			before = it;
			break;
		}
	}
	list_insert_tail(before, &rt->link);
}

static void
sort_takes(struct recordall *r)
{
	struct list were;

	list_init(&were);
	LIST_EACH_SAFE(it, tmp, &r->takes) {
		list_remove(it);
		list_insert_tail(&were, it);
	}
	LIST_EACH_SAFE(it, tmp, &were) {
		list_remove(it);
		put_in_order(r, LIST_ENTRY(it, struct recordall_take, link));
	}
}

struct recordall_take *
recordall_add(struct recordall *r, const struct take *t)
{
	struct recordall_take *rt = xcalloc(1, sizeof *rt);

	rt->t = *t;
	rt->changed_us = loop_now_us(r->loop);
	list_init(&rt->owed);
	put_in_order(r, rt);
	recordall_stop_watch(r);
	return rt;
}

void
recordall_take_free(struct recordall_take *rt)
{
	recordall_owed_free(rt);
	take_fini(&rt->t);
	free(rt);
}

void
recordall_write_down(struct recordall *r, const struct take *t)
{
	struct jdoc *line;

	if (r->scribe == NULL)
		return;
	line = jdoc_object();
	jdoc_set_text(line, "take", t->take);
	jdoc_set_text(line, "slate", t->slate[0] != '\0' ? t->slate : NULL);
	jdoc_set_int(line, "slateTake", t->slate_take);
	scribe_add(r->scribe, SCRIBE_SOURCES, "take", 0, line, NULL, NULL);
}

/* The manifest's summary follows the proof. */
static void
update_manifest(struct recordall *r, const struct recordall_take *rt)
{
	struct manifest_take *mt = manifest_add_take(sphere_manifest(r->sphere), rt->t.take, rt->t.slate);
	struct take_counts counts;

	take_counts(&rt->t, &counts);
	if (memcmp(&mt->counts, &counts, sizeof counts) == 0)
		return;
	mt->counts = counts;
	scribe_manifest(r->scribe, NULL, NULL);
}

static void
flush(void *arg)
{
	struct recordall *r = arg;

	r->flush_waits = false;
	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		if (!rt->is_dirty || r->sphere == NULL)
			continue;
		rt->is_dirty = false;
		scribe_take(r->scribe, &rt->t, NULL, NULL);
		update_manifest(r, rt);
	}
}

void
recordall_changed(struct recordall *r, struct recordall_take *rt)
{
	struct bus_event ev = { .kind = EV_TAKE_CHANGED, .text = rt->t.take, .data = &rt->t };

	if (rt->t.stopped_us == 0 && take_is_over(&rt->t))
		rt->t.stopped_us = recordall_utc_us(r);
	rt->is_dirty = true;
	rt->changed_us = loop_now_us(r->loop);
	if (!r->flush_waits)
		loop_timer_start(r->loop, r->flush_timer, 0, 0);
	r->flush_waits = true;
	bus_say(r->bus, &ev);
}

/* ---- Steps ---- */

static void
tell_end(struct recordall *r, struct recordall_take *rt, struct take_device *d, enum take_state was)
{
	if (d->state == TAKE_FAILED && was == TAKE_RECORDING && !d->stop_asked) {
		bus_tell(r->bus, EV_STOPPED_UNASKED, d->node, "%s", d->reason);
	} else if (take_did_not_roll(d) && !d->stop_wanted) {
		bus_tell(r->bus, EV_DID_NOT_ROLL, d->node, "%s", d->reason);
	} else if (d->stop_asked && was <= TAKE_STOPPING && d->state >= TAKE_SAVED && d->reached[TAKE_RECORDING] &&
	    !d->stop_told) {
		d->stop_told = true;
		bus_tell(r->bus, EV_STOPPED, d->node, "take %s", rt->t.take);
	}
}

/* The bus's listeners may do anything but free the recordall: devices are looked up anew after each. */
void
recordall_moved(struct recordall *r, struct recordall_take *rt, const char *node, enum take_state was)
{
	struct take_device *d = take_device(&rt->t, node);

	if (d == NULL || d->state == was)
		return;
	log_line(LOG_TAKE, "%s %s: %s -> %s %s", rt->t.take, node, take_state_name(was), take_state_name(d->state), d->reason);
	if (d->state == TAKE_RECORDING && was != TAKE_STOPPING)
		bus_tell(r->bus, EV_RECORDING, node, "take %s", rt->t.take);
	tell_end(r, rt, d, was);
	d = take_device(&rt->t, node);
	if (d != NULL && d->state == TAKE_FAILED && !d->stop_wanted)
		recordall_stop_policy(r, rt, node);
	if (d != NULL && d->state == TAKE_RECORDING && d->stop_wanted)
		recordall_stop_again(r, node);
}

bool
recordall_go(struct recordall *r, struct recordall_take *rt, struct take_device *d, enum take_state to, const char *reason)
{
	enum take_state was = d->state;
	char node[ID_BYTES];

	str_copy(node, sizeof node, d->node);
	if (!take_go(d, to, reason, recordall_utc_us(r)))
		return false;
	recordall_changed(r, rt);
	recordall_moved(r, rt, node, was);
	return true;
}

/* ---- Questions ---- */

bool
recordall_rolls_on(const struct take_device *d)
{
	return d->state <= TAKE_RECORDING && !d->stop_wanted;
}

/* A stop is wanted and the node, which can be heard, has not ended yet. */
static bool
is_stopping(const struct recordall *r, const struct recordall_take *rt, const struct take_device *d)
{
	const struct crew_member *m = crew_find(r->crew, d->node);
	const struct node_recording *said = m != NULL ? &m->track.last.recording : NULL;

	if (d->state > TAKE_STOPPING || !d->stop_wanted || m == NULL || m->link == HEALTH_LOST ||
	    m->link == HEALTH_NEVER || strcmp(said->take, rt->t.take) != 0)
		return false;
	return said->state == NODE_REC_STARTING || said->state == NODE_REC_RECORDING || said->state == NODE_REC_STOPPING;
}

static struct recordall_take *
rolling_entry(const struct recordall *r)
{
	struct recordall_take *found = NULL;

	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		for (int i = 0; i < rt->t.device_count; i++)
			if (recordall_rolls_on(&rt->t.devices[i]) || is_stopping(r, rt, &rt->t.devices[i]))
				found = rt;
	}
	return found;
}

const struct take *
recordall_newest(const struct recordall *r)
{
	const struct recordall_take *rt = recordall_newest_entry(r);

	return rt != NULL ? &rt->t : NULL;
}

bool
recordall_is_rolling(const struct recordall *r)
{
	return rolling_entry(r) != NULL;
}

const char *
recordall_running(const struct recordall *r)
{
	const struct recordall_take *rt = rolling_entry(r);

	return rt != NULL ? rt->t.take : NULL;
}

const char *
recordall_at(const struct recordall *r, int64_t utc_us)
{
	int64_t from_us, to_us;

	for (struct list *it = r->takes.prev; it != &r->takes; it = it->prev) {
		const struct take *t = &LIST_ENTRY(it, struct recordall_take, link)->t;

		if (take_span(t, &from_us, &to_us) && utc_us >= from_us && (to_us == 0 || utc_us <= to_us))
			return t->take;
	}
	return NULL;
}

/* As long as the camera that began first says. */
int64_t
recordall_elapsed_us(const struct recordall *r, int64_t now_us)
{
	const struct recordall_take *rt = rolling_entry(r);
	int64_t began_us = 0;

	for (int i = 0; rt != NULL && i < rt->t.device_count; i++) {
		const struct take_device *d = &rt->t.devices[i];

		if ((d->state == TAKE_RECORDING || d->state == TAKE_STOPPING) && d->rec_since_us != 0 &&
		    (began_us == 0 || d->rec_since_us < began_us))
			began_us = d->rec_since_us;
	}
	return began_us != 0 && now_us > began_us ? now_us - began_us : 0;
}

/* ---- After a restart ---- */

/* It rolled when it was heard last, by another console; whoever sits here should know that nobody sees it. */
static void
adopt_tell_unseen(struct recordall *r, const struct recordall_take *rt)
{
	for (int i = 0; i < rt->t.device_count; i++) {
		const struct take_device *d = &rt->t.devices[i];
		const struct crew_member *m = crew_find(r->crew, d->node);

		if ((d->state == TAKE_RECORDING || d->state == TAKE_STOPPING) && (m == NULL || m->link == HEALTH_NEVER))
			bus_tell(r->bus, EV_TAKE_UNSEEN, d->node, "%s", rt->t.take);
	}
}

/* What was asked before the console died and never began will not begin any more. */
static void
adopt_deadline(void *arg)
{
	struct recordall *r = arg;

	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		for (int i = 0; rt->is_adopted && i < rt->t.device_count; i++) {
			struct take_device *d = &rt->t.devices[i];
			const struct crew_member *m = crew_find(r->crew, d->node);

			if (d->state <= TAKE_STARTING && !recordall_roll_untold(r, rt->t.take, d->node))
				recordall_go(r, rt, d, TAKE_FAILED, m != NULL && m->link == HEALTH_LIVE ?
				    "it was not recording when the console came back" : "no word from it since the console came back");
		}
		if (rt->is_adopted)
			adopt_tell_unseen(r, rt);
	}
}

void
recordall_adopt(struct recordall *r, struct take *t)
{
	struct recordall_take *rt = recordall_add(r, t);
	struct bus_event ev = { .kind = EV_TAKE_CHANGED, .text = rt->t.take, .data = &rt->t };

	memset(t, 0, sizeof *t);
	rt->is_adopted = true;
	for (int i = 0; i < rt->t.device_count; i++)
		if (rt->t.devices[i].stop_asked && rt->t.devices[i].state <= TAKE_STOPPING)
			rt->t.devices[i].stop_wanted = true;
	bus_say(r->bus, &ev);
	recordall_heard_look(r, rt);
	loop_timer_start(r->loop, r->adopt_timer, RECORDALL_DEADLINE_US, 0);
}

/* ---- Life ---- */

struct recordall *
recordall_new(struct loop *loop, struct crew *crew, struct fanout *fanout, struct bus *bus,
    struct scribe *scribe, struct sphere *sphere, const struct clk *clk, const struct opt_set *settings)
{
	struct recordall *r = xcalloc(1, sizeof *r);

	r->loop = loop;
	r->crew = crew;
	r->fanout = fanout;
	r->bus = bus;
	r->scribe = scribe;
	r->sphere = scribe != NULL ? sphere : NULL;
	r->clk = clk;
	r->settings = settings;
	list_init(&r->takes);
	r->flush_timer = loop_timer_new(loop, flush, r);
	r->adopt_timer = loop_timer_new(loop, adopt_deadline, r);
	recordall_roll_open(r);
	recordall_stop_open(r);
	recordall_heard_open(r);
	return r;
}

void
recordall_set_rehearsal(struct recordall *r, bool is_rehearsal, bool apart)
{
	r->rehearsal = is_rehearsal;
	if (r->rehearses_apart == apart)
		return;
	r->rehearses_apart = apart;
	sort_takes(r);
}

void
recordall_free(struct recordall *r)
{
	if (r == NULL)
		return;
	recordall_heard_close(r);
	recordall_roll_close(r);
	recordall_stop_close(r);
	flush(r);
	loop_timer_free(r->loop, r->flush_timer);
	loop_timer_free(r->loop, r->adopt_timer);
	LIST_EACH_SAFE(it, tmp, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		list_remove(it);
		recordall_take_free(rt);
	}
	free(r);
}
