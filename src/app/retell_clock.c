/*
 * retell_clock.c - the clock of a show as tempo, quantum and downbeat lines, and the place of a beat by them.
 * A replay has a clock of its own: it is started on a beat of the old one and kept on it; beats keep the old one's numbers here.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "app/retell_private.h"
#include "base/xalloc.h"

#define DRIFT_US 4000		/* two clocks that are further apart are brought together */
#define BPM_SAME 1e-4
#define HAIR 1e-3		/* of a beat: what rounding and the way to the journal cost */

/* The clock of the replay after so many journal lines. */
struct replayed {
	bool runs;
	struct beat_line line;		/* in the old clock's beats */
	int quantum;
	double downbeat;		/* where its bars begin */
	double told;			/* where the old clock's did, as of its last line */
};

static bool
is_apart(const struct replayed *p, const struct retell_beat *b)
{
	const double off = beat_at(&p->line, b->at_us) - b->beat;

	return fabs(off) * beat_long_us(&p->line) > DRIFT_US;
}

/* The first beat of the bar by then. */
static double
bar_before(const struct retell_beat *b)
{
	return b->downbeat + floor((b->beat - b->downbeat + HAIR) / b->quantum) * b->quantum;
}

/* Where the old clock's line is taken up: a bar's first beat to begin with, the downbeat where one was told, else the last whole beat. */
static double
taken_up(const struct replayed *p, const struct retell_beat *b, bool moved)
{
	if (!p->runs)
		return bar_before(b);
	return moved ? floor(b->beat + HAIR) : b->downbeat;
}

/* Takes text over. */
static void
tell(struct retell *r, const struct retell_beat *b, int64_t at_us, char *text)
{
	if (r != NULL)
		(void)retell_add(r, at_us, b->run, text, NULL);
	else
		free(text);
}

/* What makes the replay's clock the old one as of this line; r NULL: nothing is told, only kept count of. */
static void
follow(struct replayed *p, const struct retell_beat *b, struct retell *r)
{
	const struct beat_line line = { .at_us = b->at_us, .beat = b->beat, .bpm = b->bpm };
	const bool moved = p->runs && is_apart(p, b), retimed = !p->runs || fabs(p->line.bpm - b->bpm) > BPM_SAME;
	const bool is_told = moved || (p->runs && p->told != b->downbeat);
	const double from = taken_up(p, b, moved);
	const int64_t from_us = beat_when(&line, from), tempo_us = p->runs && !moved ? b->at_us : from_us;

	if (!b->runs)
		return;
	if (p->quantum != b->quantum)
		tell(r, b, tempo_us < b->at_us ? tempo_us : b->at_us, xasprintf("quantum %d", b->quantum));
	if (retimed)
		tell(r, b, tempo_us, xasprintf("tempo %.10g", round(b->bpm * 1e6) / 1e6));
	if (is_told)
		tell(r, b, from_us, xstrdup("downbeat"));
	if (!p->runs || moved)
		p->line = line;
	else if (retimed)
		beat_retempo(&p->line, b->at_us, b->bpm);
	if (!p->runs || is_told)
		p->downbeat = from;
	p->runs = true;
	p->told = b->downbeat;
	p->quantum = b->quantum;
}

void
retell_clock(struct retell *r)
{
	struct replayed p = { .quantum = 4 };

	for (size_t i = 0; i < r->beat_count; i++)
		follow(&p, &r->beats[i], r);
}

void
retell_place(const struct retell *r, const struct retell_cut *c, char *out, size_t out_size)
{
	struct replayed p = { .quantum = 4 };
	struct beat_grid g;
	struct beat_place place;

	out[0] = '\0';
	for (size_t i = 0; i < r->beat_count && r->beats[i].at_us <= c->at_us && r->beats[i].run <= c->run; i++)
		follow(&p, &r->beats[i], NULL);
	if (!p.runs)
		return;
	g = (struct beat_grid){ .line = p.line, .quantum = p.quantum, .downbeat = p.downbeat };
	place = beat_where_of(&g, c->beat);
	if (place.bar >= 1)
		snprintf(out, out_size, "at bar %lld.%d", (long long)place.bar, place.beat);
}
