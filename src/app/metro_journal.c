/*
 * metro_journal.c - the clock in timebase.jsonl: a line where it changed, one a minute, and out of the last one the clock after
 * a restart.
 */
#include "app/metro_private.h"

#include <math.h>
#include <string.h>
#include "io/jdoc.h"

#define SAMPLE_EVERY_US 60000000LL
#define MOST_BEATS 1e12			/* in a journal: beyond, one beat more is lost in rounding, and there is no next one */
#define MOST_US 100000000000000000LL	/* some year after 5000 */

/* Half a microsecond at 999 BPM is 8e-6 of a beat. */
static double
to_millionths(double value)
{
	return round(value * 1e6) / 1e6;
}

void
metro_journal_write(struct metro *m, const char *why, const struct metro_ask *ask)
{
	const int64_t utc_us = clk_utc_us(m->clk);
	struct jdoc *line;

	if (!m->runs && ask == NULL)
		return;
	m->written_us = loop_now_us(m->loop);
	line = jdoc_object();
	jdoc_set_text(line, "why", why);
	jdoc_set_text(line, "source", m->link != NULL ? "link" : "own");
	jdoc_set_bool(line, "runs", m->runs);
	jdoc_set_real(line, "bpm", to_millionths(m->grid.line.bpm));
	jdoc_set_real(line, "beat", to_millionths(metro_at_utc(m, utc_us)));
	jdoc_set_int(line, "quantum", m->grid.quantum);
	jdoc_set_int(line, "downbeat", llround(m->grid.downbeat));
	jdoc_set_int(line, "peers", m->peers);
	if (ask != NULL && ask->by != NULL)
		jdoc_set_text(line, "by", ask->by);
	scribe_add(m->scribe, SCRIBE_TIMEBASE, "beat", utc_us, line, ask != NULL ? ask->done : NULL, ask != NULL ? ask->arg : NULL);
}

bool
metro_journal_is_due(const struct metro *m)
{
	return m->runs && loop_now_us(m->loop) - m->written_us >= SAMPLE_EVERY_US;
}

/* ---- After a restart ---- */

struct last_beat {
	bool any, runs;
	int64_t utc_us;
	double beat, bpm;
	int64_t quantum, downbeat;
};

static void
read_beat(void *arg, int64_t seq, const struct jdoc *line)
{
	struct last_beat *last = arg;

	(void)seq;
	if (strcmp(jdoc_text(line, "type", ""), "beat") != 0)
		return;
	*last = (struct last_beat){ .any = true, .runs = jdoc_bool(line, "runs", false), .utc_us = jdoc_int(line, "timeUs", 0),
		.beat = jdoc_real(line, "beat", 0), .bpm = jdoc_real(line, "bpm", 0), .quantum = jdoc_int(line, "quantum", 0),
		.downbeat = jdoc_int(line, "downbeat", 0) };
}

static bool
is_sane(const struct last_beat *b)
{
	return b->any && b->runs && b->utc_us > 0 && b->utc_us < MOST_US && b->bpm >= BEAT_BPM_MIN && b->bpm <= BEAT_BPM_MAX &&
	    fabs(b->beat) <= MOST_BEATS && fabs((double)b->downbeat) <= MOST_BEATS &&
	    b->quantum >= 1 && b->quantum <= BEAT_QUANTUM_MAX;
}

bool
metro_restore(struct metro *m, const char *timebase_path)
{
	struct last_beat last = { .any = false };
	struct err ignored = { .kind = ERR_NONE };

	if (!journal_read(timebase_path, read_beat, &last, &ignored) || !is_sane(&last))
		return false;
	m->runs = true;
	m->is_downbeat_told = true;
	m->grid = (struct beat_grid){ .line = { .beat = last.beat, .bpm = last.bpm,
		.at_us = last.utc_us - (clk_utc_us(m->clk) - loop_now_us(m->loop)) }, .quantum = (int)last.quantum,
		.downbeat = (double)last.downbeat };
	metro_link_start(m);
	metro_changed(m, "restored", NULL);
	return true;
}
