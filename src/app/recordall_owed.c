/*
 * recordall_owed.c - the file that never comes: a camera that has stopped by its own word, but does not say `saved`, is
 * asked once more what it has, and fails with a reason when it lists nothing.  Never hurries one that still saves.
 */
#include "app/recordall_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define OWED_PATIENCE_US 30000000LL	/* idle without `saved` */
#define OWED_ANSWER_US 15000000LL	/* for its list, taken apart */

struct recordall_owed {
	struct list link;		/* recordall_take->owed */
	char node[ID_BYTES];
	int64_t since_us;		/* monotonic: idle without a file, then when it was asked */
	bool is_asked;
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
owed_add(struct recordall *r, struct recordall_take *rt, const char *node)
{
	struct recordall_owed *o = xcalloc(1, sizeof *o);

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

static void
owed_look(struct recordall *r, struct recordall_take *rt, struct take_device *d)
{
	struct recordall_owed *o = owed_find(rt, d->node);
	int64_t waited_us;

	if (!is_owed(r, rt, d)) {
		owed_drop(o);
		return;
	}
	if (o == NULL)
		o = owed_add(r, rt, d->node);
	waited_us = loop_now_us(r->loop) - o->since_us;
	if (!o->is_asked && waited_us >= OWED_PATIENCE_US) {
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
