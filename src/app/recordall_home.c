/*
 * recordall_home.c - the steps of a take's files on their way home, told by whoever fetches them; what is home leaves memory.
 * Never fetches; never judges a file: what is fetched and verified it is told.
 */
#include "app/recordall_private.h"

#include <stdlib.h>
#include <string.h>
#include "app/scribe.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define NEWEST 8			/* takes stay in memory in any case: they are what is asked for */
#define QUIET_US 60000000LL		/* since the last word on it: its proof is on disk, its receipt is told */

bool
recordall_load(struct recordall *r, const char *number)
{
	struct take t;

	if (recordall_find(r, number) != NULL)
		return true;
	if (r->sphere == NULL || !sphere_load_take(r->sphere, number, &t))
		return false;
	recordall_add(r, &t);
	return true;
}

const struct take *
recordall_take(const struct recordall *r, const char *number)
{
	const struct recordall_take *rt = recordall_find(r, number);

	return rt != NULL ? &rt->t : NULL;
}

void
recordall_each(const struct recordall *r, void (*fn)(void *arg, const struct take *t), void *arg)
{
	LIST_EACH_SAFE(it, tmp, &r->takes)
		fn(arg, &LIST_ENTRY(it, struct recordall_take, link)->t);
}

static void
tell_step(struct recordall *r, const struct take *t, const char *node, const struct take_part *p)
{
	if (p->state == TAKE_FETCHED)
		bus_tell(r->bus, EV_FETCHED, node, "take %s %s", t->take, p->file);
	else if (p->state == TAKE_VERIFIED)
		bus_tell(r->bus, EV_VERIFIED, node, "take %s %s", t->take, p->file);
}

bool
recordall_part_go(struct recordall *r, const struct recordall_step *step)
{
	struct recordall_take *rt = recordall_find(r, step->take);
	struct take_device *d = rt != NULL ? take_device(&rt->t, step->node) : NULL;
	struct take_part *p = d != NULL ? take_part(d, step->part) : NULL;
	struct take_part now;

	if (p == NULL || !take_part_go(d, step->part, step->to, step->reason, recordall_utc_us(r)))
		return false;
	if (step->file != NULL)
		str_copy(p->file, sizeof p->file, step->file);
	now = *p;			/* whoever is told may move it on */
	recordall_changed(r, rt);
	tell_step(r, &rt->t, step->node, &now);
	return true;
}

bool
recordall_set_archive(struct recordall *r, const char *take, const char *archive)
{
	struct recordall_take *rt = recordall_find(r, take);

	if (rt == NULL || strcmp(rt->t.archive, archive) == 0)
		return false;
	str_copy(rt->t.archive, sizeof rt->t.archive, archive);
	recordall_changed(r, rt);
	return true;
}

bool
recordall_part_copied(struct recordall *r, const struct recordall_step *step, const char *where, const char *proof)
{
	struct recordall_take *rt = recordall_find(r, step->take);
	struct take_device *d = rt != NULL ? take_device(&rt->t, step->node) : NULL;
	struct take_part *p = d != NULL ? take_part(d, step->part) : NULL;

	if (p == NULL || p->state != TAKE_VERIFIED)
		return false;
	str_copy(p->copy.where, sizeof p->copy.where, where);
	str_copy(p->copy.proof, sizeof p->copy.proof, proof);
	p->copy.time_us = recordall_utc_us(r);
	recordall_changed(r, rt);
	return true;
}

/* ---- What is over and home ---- */

/* All that it has is here, and by its own word it has nothing more: whoever cannot be heard may have. */
static bool
has_given_all(const struct recordall *r, const struct take *t, const struct take_device *d)
{
	const struct crew_member *m = crew_find(r->crew, d->node);
	const struct node_recording *said = m != NULL ? &m->track.last.recording : NULL;

	if (m == NULL || m->link != HEALTH_LIVE || !m->track.last.has_recording || d->part_count == 0 || d->has_more)
		return false;
	for (int i = 0; i < d->part_count; i++)
		if (d->parts[i].state != TAKE_VERIFIED)
			return false;
	return d->state > TAKE_STOPPING && (said->state == NODE_REC_IDLE || strcmp(said->take, t->take) != 0);
}

static bool
is_needed(const struct recordall *r, const struct recordall_take *rt)
{
	const bool is_copied = str_has_prefix(sphere_manifest(r->sphere)->archive_target, "s3:");

	if (rt->is_dirty || !list_is_empty(&rt->owed) || loop_now_us(r->loop) - rt->changed_us < QUIET_US ||
	    (is_copied && !str_has_prefix(rt->t.archive, "s3:")))
		return true;
	LIST_EACH(it, &r->rolls)
		if (strcmp(LIST_ENTRY(it, struct recordall_roll, link)->take, rt->t.take) == 0)
			return true;
	for (int i = 0; i < rt->t.device_count; i++)
		if (!has_given_all(r, &rt->t, &rt->t.devices[i]))
			return true;
	return false;
}

/* A show may last a day and have hundreds of takes. */
void
recordall_home_look(struct recordall *r)
{
	int newest = 0, gone = 0;

	if (r->sphere == NULL || scribe_is_refused(r->scribe) || !list_is_empty(&r->asks))
		return;
	for (struct list *it = r->takes.prev, *before; it != &r->takes; it = before) {
		struct recordall_take *rt = LIST_ENTRY(it, struct recordall_take, link);

		before = it->prev;
		if (++newest <= NEWEST || is_needed(r, rt))
			continue;
		log_line(LOG_TAKE, "%s: all is home; it is on disk only from now on", rt->t.take);
		list_remove(it);
		recordall_take_free(rt);
		gone++;
	}
	if (gone > 0)
		xalloc_give_back();	/* once a take: each worker, too, keeps what its largest job needed */
}
