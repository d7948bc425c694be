/*
 * recordall_heard.c - what the nodes say about their recordings, carried into the takes.  A state is the node's own
 * word; a node found recording for this Sphere belongs to its take, one of another Sphere is left alone.
 */
#include "app/recordall_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"

#define FRESH_US 10000000		/* a burst of samples that the roll asked for is in by then */
#define SAME_START_US 1000000

/* How its clock stood when this recording began: an hour later that is not known so well, or the clock has been set. */
static void
keep_clock(struct recordall *r, struct take_device *d)
{
	const struct crew_member *m = crew_find(r->crew, d->node);

	if (m == NULL || !m->clock.best.known)
		return;
	if (d->clock_since_us == d->node_since_us && recordall_utc_us(r) - d->rec_since_us > FRESH_US)
		return;
	d->clock = m->clock.best;
	d->clock_since_us = d->node_since_us;
}

/* The begin of the recording on the console's timeline, as soon as the node's clock is known. */
static void
place_since(struct recordall *r, struct take_device *d)
{
	if (d->node_since_us == 0)
		return;
	keep_clock(r, d);
	if (d->clock_since_us == d->node_since_us)
		d->rec_since_us = offset_to_console(&d->clock, d->node_since_us);
	else
		d->rec_since_us = d->node_since_us;
}

static void
hear_in_take(struct recordall *r, struct recordall_take *rt, const char *node, const struct node_recording *said)
{
	struct take_device *d = take_device(&rt->t, node);
	enum take_state was;
	bool changed;

	if (d == NULL)
		return;
	was = d->state;
	changed = take_heard(d, said, rt->t.take, rt->t.sphere, recordall_utc_us(r));
	place_since(r, d);
	if (changed) {
		recordall_changed(r, rt);
		recordall_moved(r, rt, node, was);
	}
}

/* A stop that was asked for and is confirmed by the node's word, before the file is known. */
static void
hear_end(struct recordall *r, struct recordall_take *rt, const char *node, const struct node_recording *said)
{
	struct take_device *d = take_device(&rt->t, node);

	if (d == NULL || d->state != TAKE_STOPPING || d->stop_told || !d->reached[TAKE_RECORDING])
		return;
	if (said->state != NODE_REC_SAVING && said->state != NODE_REC_IDLE)
		return;
	d->stop_told = true;
	bus_tell(r->bus, EV_STOPPED, node, "take %s", rt->t.take);
}

/* ---- Adoption ---- */

static bool
is_running(const struct node_recording *said)
{
	return said->state == NODE_REC_STARTING || said->state == NODE_REC_RECORDING;
}

/* A take that is not in memory: an older one, read from disk (rare enough to wait for it), or one nobody knows. */
static struct recordall_take *
find_or_load(struct recordall *r, const char *number)
{
	struct recordall_take *rt = recordall_find(r, number);
	struct take t;

	if (rt != NULL)
		return rt;
	if (!sphere_load_take(r->sphere, number, &t)) {
		take_init(&t, number, "", 1, recordall_sphere_id(r), TAKE_WILLING, recordall_utc_us(r));
		t.rehearsal = ids_take_is_rehearsed(number);
		recordall_write_down(r, &t);
	}
	manifest_add_take(sphere_manifest(r->sphere), number, t.slate);
	return recordall_add(r, &t);
}

static void
adopt_node(struct recordall *r, const char *node, const struct node_recording *said)
{
	const struct registry_node *n = registry_find(crew_registry(r->crew), node);
	struct recordall_take *rt;

	if (r->sphere == NULL || n == NULL || !is_running(said) || strcmp(said->sphere, recordall_sphere_id(r)) != 0 ||
	    !manifest_may_be_take(sphere_manifest(r->sphere), said->take))
		return;
	rt = find_or_load(r, said->take);
	if (take_device(&rt->t, node) != NULL)
		return;
	log_line(LOG_TAKE, "%s: %s is found recording it", rt->t.take, node);
	take_ask(&rt->t, node, n->number, n->label, recordall_utc_us(r));
	bus_tell(r->bus, EV_NOTICE, node, "%s is found recording take %s: it belongs to it now", registry_name(n), rt->t.take);
	recordall_changed(r, rt);
}

static void
hear_recording(struct recordall *r, const char *node, const struct node_recording *said)
{
	adopt_node(r, node, said);
	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		hear_in_take(r, rt, node, said);
		hear_end(r, rt, node, said);
	}
	recordall_roll_look(r);
}

/* ---- Files ---- */

static void
tell_saved(struct recordall *r, const struct take *t, const char *node, const struct node_file *f)
{
	bus_tell(r->bus, EV_SAVED, node, "take %s%s%s", t->take, f->file_name[0] != '\0' ? " " : "", f->file_name);
}

/* The word on its clock that places this file best: the present one, or the one from when it began. */
static const struct offset_estimate *
clock_of_file(const struct take_device *d, const struct crew_member *m, const struct node_file *f)
{
	const struct offset_estimate *now = m != NULL && m->clock.best.known ? &m->clock.best : NULL, *then = &d->clock;
	int64_t now_us, then_us, now_bound_us, then_bound_us;

	if (d->clock_since_us == 0 || llabs(f->start_us - d->clock_since_us) > SAME_START_US)
		return now;
	if (now == NULL)
		return then;
	now_us = offset_to_console(now, f->start_us);
	then_us = offset_to_console(then, f->start_us);
	now_bound_us = offset_bound_now(now, now_us);
	then_bound_us = offset_bound_now(then, then_us);
	if (llabs(now_us - then_us) > now_bound_us + then_bound_us)
		return then;		/* it was set meanwhile; the file was stamped before */
	return then_bound_us < now_bound_us ? then : now;
}

/*
 * A file of a take of this Sphere that the folder never heard of: it is an older copy than the cameras saw.  The take is made
 * anew, so that its file comes home and its number is not given twice.  One that was known is no such: its folder was
 * taken away.
 */
static void
adopt_file(struct recordall *r, const char *node, const struct node_file *f)
{
	const struct registry_node *n = registry_find(crew_registry(r->crew), node);
	struct manifest *m = r->sphere != NULL ? sphere_manifest(r->sphere) : NULL;
	struct recordall_take *rt = recordall_find(r, f->take);
	struct take_device *d;

	if (m == NULL || n == NULL || !f->complete || strcmp(f->sphere, m->sphere) != 0 || !manifest_may_be_take(m, f->take))
		return;
	if (rt != NULL ? rt->t.started_us != 0 : manifest_take(m, f->take) != NULL)
		return;			/* asked for from here: who was not asked is not in it */
	if (rt == NULL) {
		rt = find_or_load(r, f->take);
		rt->t.started_us = 0;	/* nobody here started it */
	}
	d = take_ask(&rt->t, node, n->number, n->label, recordall_utc_us(r));
	for (int s = TAKE_STARTING; s <= TAKE_STOPPING; s++)
		take_go(d, (enum take_state)s, NULL, recordall_utc_us(r));
	d->stop_told = true;
	bus_tell(r->bus, EV_NOTICE, node, "%s has a file of take %s, which this folder does not know: it is taken in", registry_name(n), f->take);
}

/* Told by its event, or found in the list of a node that comes back: the same file twice is one part. */
static void
hear_saved(struct recordall *r, const char *node, const struct node_event *ev)
{
	struct recordall_take *rt = recordall_find(r, ev->file.take);
	struct take_device *d = rt != NULL ? take_device(&rt->t, node) : NULL;
	const struct crew_member *m = crew_find(r->crew, node);
	enum take_state was;
	int parts;

	if (d == NULL) {
		adopt_file(r, node, &ev->file);
		rt = recordall_find(r, ev->file.take);
		d = rt != NULL ? take_device(&rt->t, node) : NULL;
	}
	if (d == NULL || (ev->file.sphere[0] != '\0' && strcmp(ev->file.sphere, rt->t.sphere) != 0))
		return;
	was = d->state;
	parts = d->part_count;
	if (!take_saved(d, &ev->file, ev->file_json, clock_of_file(d, m, &ev->file), recordall_utc_us(r)))
		return;
	recordall_changed(r, rt);
	recordall_moved(r, rt, node, was);
	d = take_device(&rt->t, node);
	if (d != NULL && d->part_count > parts)
		tell_saved(r, &rt->t, node, &ev->file);
	recordall_roll_look(r);
}

/* ---- The bus ---- */

static void
hear_word(struct recordall *r, const char *node, const struct node_event *ev)
{
	switch (ev->kind) {
	case NODE_EV_HELLO:
	case NODE_EV_HEALTH:
		if (ev->health.has_recording)
			hear_recording(r, node, &ev->health.recording);
		break;
	case NODE_EV_RECORDING:
		hear_recording(r, node, &ev->recording);
		break;
	case NODE_EV_SAVED:
		hear_saved(r, node, ev);
		break;
	default:
		break;
	}
}

/* Nothing more will ever be heard from it; nobody knows that it stopped, so nothing is told or stopped for it. */
static void
hear_gone(struct recordall *r, const char *node)
{
	LIST_EACH(it, &r->takes) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);
		struct take_device *d = take_device(&rt->t, node);

		if (d == NULL || d->state > TAKE_STOPPING ||
		    !take_go(d, TAKE_FAILED, "forgotten while the take rolled; it may roll on", recordall_utc_us(r)))
			continue;
		log_line(LOG_TAKE, "%s %s: failed %s", rt->t.take, node, d->reason);
		recordall_changed(r, rt);
	}
	recordall_roll_look(r);
}

static void
hear(void *arg, const struct bus_event *ev)
{
	struct recordall *r = arg;

	if (ev->node == NULL)
		return;
	if (ev->kind == EV_NODE_GONE)
		hear_gone(r, ev->node);
	else if (ev->data != NULL)
		hear_word(r, ev->node, ev->data);
}

void
recordall_heard_look(struct recordall *r, struct recordall_take *rt)
{
	for (int i = 0; i < rt->t.device_count; i++) {
		const struct crew_member *m = crew_find(r->crew, rt->t.devices[i].node);

		if (m != NULL && m->track.last.has_recording)
			hear_in_take(r, rt, rt->t.devices[i].node, &m->track.last.recording);
	}
}

void
recordall_heard_open(struct recordall *r)
{
	bus_listen(r->bus, EV_NODE_EVENT, hear, r);
	bus_listen(r->bus, EV_NODE_GONE, hear, r);
}

void
recordall_heard_close(struct recordall *r)
{
	bus_unlisten(r->bus, hear, r);
}
