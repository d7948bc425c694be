/*
 * rehearsal.c - the rehearsal cameras of this show, and the faults they are told, until they are taken back.
 * Owns the list of both.  Starts no process, makes nothing go wrong by itself.
 */
#include "app/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/list.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/fault.h"

#define FLEET_MAX MAX_NODES

/* One fault that is taken back at its time. */
struct passing {
	struct list link;
	struct rehearsal *all;
	int fleet_number;
	enum fault_id id;
	struct loop_timer *timer;
};

struct rehearsal {
	struct rehearsal_parts parts;
	bool is_on, has_asked;
	int64_t asked_us;		/* loop time */
	int count;
	struct { char node[ID_BYTES]; int number; } fleet[FLEET_MAX];
	struct list passing;
};

static int
fleet_find(const struct rehearsal *r, const char *node)
{
	for (int i = 0; r != NULL && i < r->count; i++)
		if (strcmp(r->fleet[i].node, node) == 0)
			return i;
	return -1;
}

/* Its journal line is written beside; the manifest never hears of it. */
static void
fleet_seen(void *arg, const struct bus_event *ev)
{
	struct rehearsal *r = arg;
	struct registry_node *n = ev->node != NULL ? registry_find(crew_registry(r->parts.crew), ev->node) : NULL;

	if (n != NULL && fleet_find(r, ev->node) >= 0)
		n->is_rehearsed = true;
}

static void
set_mode(struct rehearsal *r, bool is_on)
{
	r->is_on = is_on;
	recordall_set_rehearsal(r->parts.recordall, is_on, is_on && r->parts.with_cameras);
	scribe_set_rehearsal(r->parts.scribe, is_on && r->parts.with_cameras);
}

struct rehearsal *
rehearsal_new(const struct rehearsal_parts *parts)
{
	struct rehearsal *r = xcalloc(1, sizeof *r);

	r->parts = *parts;
	list_init(&r->passing);
	set_mode(r, true);
	if (parts->with_cameras)
		bus_listen(parts->bus, EV_NODE_SEEN, fleet_seen, r);
	return r;
}

static void
passing_free(struct passing *p)
{
	list_remove(&p->link);
	loop_timer_free(p->all->parts.loop, p->timer);
	free(p);
}

void
rehearsal_free(struct rehearsal *r)
{
	if (r == NULL)
		return;
	bus_unlisten(r->parts.bus, fleet_seen, r);
	LIST_EACH_SAFE(it, tmp, &r->passing)
		passing_free(LIST_ENTRY(it, struct passing, link));
	free(r);
}

void
rehearsal_add(struct rehearsal *r, const char *node, int fleet_number)
{
	if (r->count == FLEET_MAX)
		return;
	str_copy(r->fleet[r->count].node, ID_BYTES, node);
	r->fleet[r->count++].number = fleet_number;
}

bool
rehearsal_has(const struct rehearsal *r, const char *node)
{
	return fleet_find(r, node) >= 0;
}

int
rehearsal_count(const struct rehearsal *r)
{
	return r != NULL ? r->count : 0;
}

bool
rehearsal_is_on(const struct rehearsal *r)
{
	return r != NULL && r->is_on;
}

bool
rehearsal_with_cameras(const struct rehearsal *r)
{
	return r != NULL && r->parts.with_cameras;
}

/* ---- Faults ---- */

/* Its time is over.  A fleet that does not listen any more needs no telling. */
static void
passing_over(void *arg)
{
	struct passing *p = arg;
	struct rehearsal *r = p->all;
	char line[64];

	snprintf(line, sizeof line, "%d:%s=off", p->fleet_number, fault_name(p->id));
	(void)r->parts.tell(r->parts.arg, line, NULL);
	passing_free(p);
}

/* A newer word on a fault is what counts: the older one's end would take it back. */
static void
passing_drop(struct rehearsal *r, int fleet_number, unsigned named)
{
	LIST_EACH_SAFE(it, tmp, &r->passing) {
		struct passing *p = LIST_ENTRY(it, struct passing, link);

		if (p->fleet_number == fleet_number && (named & 1U << p->id) != 0)
			passing_free(p);
	}
}

static void
passing_add(struct rehearsal *r, int fleet_number, enum fault_id id, int64_t for_us)
{
	struct passing *p = xcalloc(1, sizeof *p);

	p->all = r;
	p->fleet_number = fleet_number;
	p->id = id;
	p->timer = loop_timer_new(r->parts.loop, passing_over, p);
	loop_timer_start(r->parts.loop, p->timer, for_us, 0);
	list_insert_tail(&r->passing, &p->link);
}

/* Each part of the specification names its node in the fleet's own numbers. */
static char *
fleet_line(int number, const char *spec)
{
	char *copy = xstrdup(spec), *rest = copy, *part, *line = NULL;

	while ((part = strsep(&rest, ",")) != NULL) {
		char *more = xasprintf("%s%s%d:%s", line != NULL ? line : "", line != NULL ? "," : "", number, part);

		free(line);
		line = more;
	}
	free(copy);
	return line;
}

bool
rehearsal_fault(struct rehearsal *r, const char *node, const char *spec, int64_t for_us, struct err *e)
{
	const int at = fleet_find(r, node), number = at >= 0 ? r->fleet[at].number : 0;
	unsigned named;
	char *line;
	bool ok;

	if (at < 0 || !r->is_on)
		return err_set(e, ERR_REFUSED, "this is no rehearsal camera: nothing goes wrong there on purpose");
	if (!fault_check(spec, &named, e))
		return false;
	line = fleet_line(number, spec);
	ok = r->parts.tell(r->parts.arg, line, e);
	free(line);
	if (!ok)
		return false;
	passing_drop(r, number, named);
	for (int id = 0; id < FAULT_IDS && for_us > 0; id++)
		if ((named & 1U << id) != 0)
			passing_add(r, number, (enum fault_id)id, for_us);
	return true;
}

/* ---- The way out ---- */

bool
rehearsal_asked(struct rehearsal *r, int64_t within_us)
{
	const int64_t now_us = loop_now_us(r->parts.loop);
	const bool was_asked = r->has_asked && now_us - r->asked_us <= within_us;

	r->has_asked = true;
	r->asked_us = now_us;
	return was_asked;
}

void
rehearsal_leave(struct rehearsal *r)
{
	if (!rehearsal_is_on(r))
		return;
	LIST_EACH_SAFE(it, tmp, &r->passing)
		passing_free(LIST_ENTRY(it, struct passing, link));
	set_mode(r, false);
	for (int i = 0; i < r->count; i++)
		crew_forget(r->parts.crew, r->fleet[i].node);
	bus_tell(r->parts.bus, EV_REHEARSAL_CHANGED, NULL, "live");
}
