/*
 * recordall_owed.c - what never comes: a camera that has stopped by its own word, but does not say `saved`, is asked once more
 * what it has, and fails with a reason when it lists nothing; one that was lost before it confirmed its stop fails, too, so that a
 * take has an end.  Never hurries one that still saves; whoever comes back is believed.
 */
#include "app/recordall_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define OWED_PATIENCE_US 30000000LL	/* idle without `saved` */
#define OWED_ANSWER_US 15000000LL	/* for its list, taken apart */
#define OWED_LOST_US 30000000LL		/* not heard, with its stop open: a gap in the network is shorter */

struct recordall_owed {
	struct list link;		/* recordall_take->owed */
	char node[ID_BYTES];
	int64_t since_us;		/* monotonic: idle without a file, then when it was asked; or not heard */
	bool is_asked, is_lost;
};

static bool
is_other(const struct node_recording *said, const struct take *t)
{
	return (said->take[0] != '\0' && strcmp(said->take, t->take) != 0) ||
	    (said->sphere[0] != '\0' && strcmp(said->sphere, t->sphere) != 0);
}

/* Stopping, as far as we know; over, as far as it says. */
static bool
is_owed(const struct recordall *r, const struct recordall_take *rt, const struct take_device *d)
{
	const struct crew_member *m = crew_find(r->crew, d->node);
	const struct node_recording *said = m != NULL ? &m->track.last.recording : NULL;

	if (d->state != TAKE_STOPPING || !d->reached[TAKE_RECORDING] || m == NULL || m->link != HEALTH_LIVE ||
	    !m->track.last.has_recording)
		return false;
	if (said->state == NODE_REC_STARTING || said->state == NODE_REC_RECORDING)
		return is_other(said, &rt->t);
	return said->state == NODE_REC_IDLE || said->state == NODE_REC_FAILED;
}

/* Its stop is wanted, and it cannot be heard. */
static bool
is_lost(const struct recordall *r, const struct take_device *d)
{
	const struct crew_member *m = crew_find(r->crew, d->node);

	return d->state == TAKE_STOPPING && d->stop_wanted &&
	    (m == NULL || m->link == HEALTH_LOST || m->link == HEALTH_NEVER);
}

static struct recordall_owed *
owed_find(const struct recordall_take *rt, const char *node)
{
	LIST_EACH(it, &rt->owed) {
		struct recordall_owed *o = LIST_ENTRY(it, struct recordall_owed, link);

		if (strcmp(o->node, node) == 0)
			return o;
	}
	return NULL;
}

static void
owed_drop(struct recordall_owed *o)
{
	if (o == NULL)
		return;
	list_remove(&o->link);
	free(o);
}

static struct recordall_owed *
owed_add(struct recordall *r, struct recordall_take *rt, const char *node, bool is_lost)
{
	struct recordall_owed *o = xcalloc(1, sizeof *o);

	o->is_lost = is_lost;
	str_copy(o->node, sizeof o->node, node);
	o->since_us = loop_now_us(r->loop);
	list_insert_tail(&rt->owed, &o->link);
	return o;
}

static void
owed_ask(struct recordall *r, struct recordall_owed *o)
{
	struct conn *conn = crew_conn(r->crew, o->node);

	o->is_asked = true;
	o->since_us = loop_now_us(r->loop);
	if (conn != NULL)
		conn_ask_recordings(conn);
}

/* The take goes on without it: the others' files need not wait. */
static void
owed_give_up(struct recordall *r, struct recordall_take *rt, struct take_device *d)
{
	char node[ID_BYTES];

	str_copy(node, sizeof node, d->node);
	if (recordall_go(r, rt, d, TAKE_FAILED, "lost before it confirmed the stop; it may roll on"))
		bus_tell(r->bus, EV_NOTICE, node, "take %s ends without %s: lost before it confirmed the stop; it is asked again when it is back",
		    rt->t.take, recordall_name(r, node));
}

static void
owed_look(struct recordall *r, struct recordall_take *rt, struct take_device *d)
{
	struct recordall_owed *o = owed_find(rt, d->node);
	const bool lost = is_lost(r, d);
	int64_t waited_us;

	if (o != NULL && (o->is_lost != lost || !(lost || is_owed(r, rt, d)))) {
		owed_drop(o);
		o = NULL;
	}
	if (!lost && !is_owed(r, rt, d))
		return;
	if (o == NULL)
		o = owed_add(r, rt, d->node, lost);
	waited_us = loop_now_us(r->loop) - o->since_us;
	if (lost && waited_us >= OWED_LOST_US) {
		owed_drop(o);
		owed_give_up(r, rt, d);
	} else if (lost) {
		return;
	} else if (!o->is_asked && waited_us >= OWED_PATIENCE_US) {
		owed_ask(r, o);
	} else if (o->is_asked && waited_us >= OWED_ANSWER_US) {
		owed_drop(o);
		recordall_go(r, rt, d, TAKE_FAILED, "stopped, but the camera lists no file");
	}
}

void
recordall_owed_look(struct recordall *r, struct recordall_take *rt)
{
	for (int i = 0; i < rt->t.device_count; i++)
		owed_look(r, rt, &rt->t.devices[i]);
}

void
recordall_owed_free(struct recordall_take *rt)
{
	while (!list_is_empty(&rt->owed))
		owed_drop(LIST_ENTRY(rt->owed.next, struct recordall_owed, link));
}
