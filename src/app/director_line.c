/*
 * director_line.c - a cut as its line in cuts.jsonl (Sphere folder specification), and the line that takes it back.
 * Decides nothing; the disk is the scribe's.
 */
#include "app/director_private.h"

#include <math.h>
#include "app/metro.h"
#include "io/jdoc.h"

static void
set_id(struct jdoc *j, const char *key, const char *id)
{
	jdoc_set_text(j, key, id[0] != '\0' ? id : NULL);
}

static void
set_node_time(struct jdoc *j, const struct director *d, const struct director_cutting *c)
{
	const struct crew_member *m = c->to[0] != '\0' ? crew_find(d->crew, c->to) : NULL;

	if (m != NULL && m->clock.best.known)
		jdoc_set_int(j, "nodeUs", offset_to_node(&m->clock.best, c->at_us));
	else
		jdoc_set_null(j, "nodeUs");
}

/* With a quantum the cut waited for that beat; without, the beat is only where the clock was. */
static void
set_beat(struct jdoc *j, const struct director *d, const struct director_cutting *c)
{
	if (c->on_clock)
		jdoc_set_int(j, "quantum", metro_grid(d->metro)->quantum);
	else
		jdoc_set_null(j, "quantum");
	if (c->on_clock || metro_runs(d->metro))
		jdoc_set_real(j, "beat", c->on_clock ? c->beat : round(metro_at_utc(d->metro, c->at_us) * 1e6) / 1e6);
	else
		jdoc_set_null(j, "beat");
}

struct jdoc *
director_line(const struct director *d, const struct director_cutting *c)
{
	struct jdoc *j = jdoc_object();

	set_id(j, "from", c->from);
	set_id(j, "to", c->to);
	jdoc_set_text(j, "label", c->to[0] != '\0' ? director_wish_name(d, c->to) : NULL);
	jdoc_set_text(j, "transition", "cut");
	jdoc_set_bool(j, "back", c->back);
	jdoc_set_text(j, "by", c->by);
	jdoc_set_int(j, "requestedUs", c->asked_us);
	set_beat(j, d, c);
	jdoc_set_text(j, "take", d->take[0] != '\0' ? d->take : NULL);
	set_node_time(j, d, c);
	jdoc_set_int(j, "command", c->n);
	if (c->reason != NULL)
		jdoc_set_text(j, "reason", c->reason);
	return j;
}

/* The line of a cut that was sent stands: it is taken back by another. */
void
director_line_strike(struct director *d, const struct director_cutting *c, const char *by)
{
	struct jdoc *line = jdoc_object(), *of = jdoc_array();

	jdoc_set_int(of, NULL, c->seq);
	jdoc_set(line, "of", of);
	jdoc_set_text(line, "by", by);
	scribe_add(d->scribe, SCRIBE_CUTS, "strike", 0, line, NULL, NULL);
}
