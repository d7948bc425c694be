/*
 * director_landed.c - when each camera says a cut took effect there: one more line of the cut list, appended once all have said it.
 * Never waits long for a camera that says nothing; decides nothing about a cut.
 */
#include "app/director_private.h"

#include <stdlib.h>
#include "io/jdoc.h"

#define WAIT_US 1000000LL		/* after its instant and its answers, for the cameras' words */
#define BELIEVED_US 60000000LL		/* further from its cut no light took effect: that camera's clock is not the one we know */

/* Those that took it, and when by their own word; a plan that nobody confirmed is no word. */
static int
count_told(const struct director_cutting *c, int *owed)
{
	int told = 0;

	*owed = 0;
	for (int i = 0; i < c->ledger.count; i++) {
		const struct ledger_line *line = &c->ledger.lines[i];

		if (!line->answered || line->result != NODE_OK)
			continue;
		told += line->effect_us != 0;
		*owed += line->effect_us == 0;
	}
	return told;
}

static struct jdoc *
node_word(const struct director_cutting *c, const struct ledger_line *line)
{
	const int64_t effect_us = crew_to_console(c->director->crew, line->node, line->effect_us);
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "node", line->node);
	if (llabs(effect_us - c->at_us) <= BELIEVED_US)
		jdoc_set_int(j, "effectUs", effect_us);
	jdoc_set_int(j, "nodeUs", line->effect_us);
	return j;
}

static void
landed_write(struct director *d, struct director_cutting *c)
{
	struct jdoc *j, *nodes;
	int owed;

	c->is_landed = true;
	if (c->seq == 0 || count_told(c, &owed) == 0)
		return;
	j = jdoc_object();
	nodes = jdoc_array();
	for (int i = 0; i < c->ledger.count; i++)
		if (c->ledger.lines[i].result == NODE_OK && c->ledger.lines[i].effect_us != 0)
			jdoc_set(nodes, NULL, node_word(c, &c->ledger.lines[i]));
	jdoc_set_int(j, "of", c->seq);
	jdoc_set(j, "nodes", nodes);
	scribe_add(d->scribe, SCRIBE_CUTS, "landed", 0, j, NULL, NULL);
}

/* The next of all that wait: a newer cut does not put off an older one. */
static void
landed_wake(struct director *d, int64_t at_us)
{
	if (d->landed_at_us != 0 && d->landed_at_us <= at_us)
		return;
	d->landed_at_us = at_us;
	loop_timer_start_at(d->loop, d->landed_timer, at_us);
}

void
director_landed_look(struct director_cutting *c)
{
	struct director *d = c->director;
	int owed;

	if (d == NULL || c->is_landed || !c->is_answered || !c->is_over)
		return;
	count_told(c, &owed);
	if (owed > 0 && loop_now_us(d->loop) < c->due_us + WAIT_US) {
		landed_wake(d, c->due_us + WAIT_US);
		return;
	}
	landed_write(d, c);
	director_cut_settle(c);
}

void
director_landed_heard(struct director_cutting *c, const char *node, int64_t effect_us)
{
	struct ledger_line *line = c->director != NULL ? ledger_line(&c->ledger, node) : NULL;

	if (line == NULL)
		return;		/* before its answers are in, the fan-out keeps it with them */
	line->effect_us = effect_us;
	director_landed_look(c);
}

/* Some may have said all they will. */
static void
landed_due(void *arg)
{
	struct director *d = arg;

	d->landed_at_us = 0;
	LIST_EACH_SAFE(it, tmp, &d->closing)
		director_landed_look(LIST_ENTRY(it, struct director_cutting, link));
}

void
director_landed_open(struct director *d)
{
	d->landed_timer = loop_timer_new(d->loop, landed_due, d);
}

/* What was told so far is written all the same. */
void
director_landed_close(struct director *d)
{
	loop_timer_free(d->loop, d->landed_timer);
	LIST_EACH(it, &d->closing) {
		struct director_cutting *c = LIST_ENTRY(it, struct director_cutting, link);

		if (!c->is_landed && c->is_answered)
			landed_write(d, c);
	}
}
