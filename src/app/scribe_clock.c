/*
 * scribe_clock.c - timebase.jsonl: of each burst the best sample, and the estimate when it has moved, or once a minute: enough
 * to work all offsets out anew, not more.  Never judges a clock.
 */
#include <stdlib.h>
#include <string.h>
#include "app/scribe_private.h"
#include "base/str.h"

#define SETTLE_US 1000000		/* a burst of samples is over */
#define TELL_EVERY_US 60000000
#define MOVED_SHARE 10			/* of its bound: that far off the last word is news */
#define BOUND_SHARE 3
#define LEAST_US 100			/* what is less is nobody's concern */

static double
rounded_ppm(double ppm)
{
	return (double)(int64_t)(ppm * 1000 + (ppm < 0 ? -0.5 : 0.5)) / 1000;
}

static void
write_sample(struct scribe *s, struct scribe_node *n, const struct offset_filter *clock)
{
	const struct offset_sample *w = &clock->winner;
	struct jdoc *line = scribe_line(n->id);

	n->sample_us = w->sent_us;
	jdoc_set_int(line, "sentUs", w->sent_us);
	jdoc_set_int(line, "nodeReceivedUs", w->node_received_us);
	jdoc_set_int(line, "nodeSentUs", w->node_sent_us);
	jdoc_set_int(line, "receivedUs", w->received_us);
	jdoc_set_int(line, "rttUs", (w->received_us - w->sent_us) - (w->node_sent_us - w->node_received_us));
	jdoc_set_text(line, "epoch", clock->epoch);
	scribe_put(s, SCRIBE_TIMEBASE, "sample", 0, line);
}

/* As of now: what it says, not what it said when it was measured. */
static void
write_estimate(struct scribe *s, struct scribe_node *n, const struct offset_filter *clock, int64_t now_us)
{
	struct offset_word word = offset_at(&clock->best, now_us);
	struct jdoc *line = scribe_line(n->id);

	n->clock = clock->best;
	n->clock_us = now_us;
	str_copy(n->epoch, sizeof n->epoch, clock->epoch);
	jdoc_set_int(line, "sampleUs", clock->best.at_us);
	jdoc_set_int(line, "offsetUs", word.offset_us);
	jdoc_set_int(line, "boundUs", word.bound_us);
	jdoc_set_real(line, "driftPpm", rounded_ppm(word.drift_ppm));
	jdoc_set_real(line, "driftBoundPpm", rounded_ppm(word.drift_bound_ppm));
	jdoc_set_int(line, "rttUs", clock->best.rtt_us);
	jdoc_set_int(line, "ageUs", word.age_us);
	jdoc_set_text(line, "epoch", clock->epoch);
	jdoc_set_int(line, "samples", clock->best.samples);
	scribe_put(s, SCRIBE_TIMEBASE, "clock", now_us, line);
}

/* Whoever only has the journal would be further off than need be. */
static bool
has_moved(const struct scribe_node *n, const struct offset_filter *clock, int64_t now_us)
{
	struct offset_word told = offset_at(&n->clock, now_us), word = offset_at(&clock->best, now_us);

	if (!told.known || strcmp(n->epoch, clock->epoch) != 0 || now_us - n->clock_us >= TELL_EVERY_US || now_us < n->clock_us)
		return true;
	return llabs(word.offset_us - told.offset_us) > word.bound_us / MOVED_SHARE + LEAST_US ||
	    llabs(word.bound_us - told.bound_us) > told.bound_us / BOUND_SHARE + LEAST_US;
}

static void
write_clock(void *arg, const char *id, void *value)
{
	struct scribe *s = arg;
	struct scribe_node *n = value;
	const struct crew_member *m = crew_find(s->crew, id);
	int64_t now_us = clk_utc_us(s->clk);

	if (!n->clock_dirty || m == NULL || !m->clock.best.known)
		return;
	n->clock_dirty = false;
	if (m->clock.winner.sent_us != n->sample_us)
		write_sample(s, n, &m->clock);
	if (has_moved(n, &m->clock, now_us))
		write_estimate(s, n, &m->clock, now_us);
}

static void
write_clocks(void *arg)
{
	struct scribe *s = arg;

	s->clock_waiting = false;
	map_each(s->nodes, write_clock, s);
}

void
scribe_clock_hear(struct scribe *s, const struct bus_event *ev)
{
	scribe_node_of(s, ev->node)->clock_dirty = true;
	if (s->clock_waiting)
		return;
	s->clock_waiting = true;
	loop_timer_start(s->loop, s->clock_timer, SETTLE_US, 0);
}

void
scribe_clock_open(struct scribe *s)
{
	s->clock_timer = loop_timer_new(s->loop, write_clocks, s);
}

void
scribe_clock_close(struct scribe *s)
{
	loop_timer_free(s->loop, s->clock_timer);
}
