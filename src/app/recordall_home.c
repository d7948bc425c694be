/*
 * recordall_home.c - the steps of a take's files on their way home, told by whoever fetches them.
 * Never fetches; never judges a file: what is fetched and verified it is told.
 */
#include "app/recordall_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"

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
