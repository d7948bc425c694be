/*
 * metro.c - the clock of the show: whether it runs, its tempo, beat and bars, and who may change them.
 * Owner of the grid; how it is shared with others is metro_link.c's.  Never cuts.
 */
#include "app/metro_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"

#define QUANTUM 4
#define CLOSE_US 20		/* two readings of clocks that belong together */

/* ---- Looking ---- */

bool
metro_runs(const struct metro *m)
{
	return m != NULL && m->runs;
}

bool
metro_check(const struct metro *m, struct err *e)
{
	if (metro_runs(m))
		return true;
	return err_set(e, ERR_REFUSED, "no clock runs, so that there are no beats: `cut` cuts now, `tempo BPM` or a Link peer starts a clock");
}

const struct beat_grid *
metro_grid(const struct metro *m)
{
	return &m->grid;
}

/* UTC less the loop's clock.  Whoever is put aside between two readings reads again: the pair that took least time counts. */
static int64_t
shift_us(const struct metro *m)
{
	int64_t least_us = INT64_MAX, shift = 0;

	for (int i = 0; i < 4 && least_us > CLOSE_US; i++) {
		const int64_t before_us = loop_now_us(m->loop), utc_us = clk_utc_us(m->clk), took_us = loop_now_us(m->loop) - before_us;

		if (took_us >= least_us)
			continue;
		least_us = took_us;
		shift = utc_us - before_us - took_us / 2;
	}
	return shift;
}

int64_t
metro_when_utc(const struct metro *m, double beat)
{
	return beat_when(&m->grid.line, beat) + shift_us(m);
}

double
metro_at_utc(const struct metro *m, int64_t utc_us)
{
	return beat_at(&m->grid.line, utc_us - shift_us(m));
}

static int64_t
age_us(int64_t now_us, int64_t since_us)
{
	return since_us >= 0 ? now_us - since_us : -1;
}

void
metro_say(const struct metro *m, struct metro_word *out)
{
	int64_t now_us;

	*out = (struct metro_word){ .peers_us = -1, .heard_us = -1 };
	if (m == NULL)
		return;
	now_us = loop_now_us(m->loop);
	out->runs = m->runs;
	out->on_link = m->link != NULL;
	out->bpm = m->grid.line.bpm / m->speed;
	out->quantum = m->grid.quantum;
	out->peers = m->peers;
	out->peers_us = age_us(now_us, m->peers_changed_us);
	out->heard_us = m->peers > 0 ? 0 : age_us(now_us, m->peers_seen_us);
	if (!m->runs)
		return;
	out->place = beat_where(&m->grid, now_us);
	out->next_us = beat_when(&m->grid.line, beat_next(&m->grid, now_us)) - now_us;
}

/* ---- Changing ---- */

void
metro_changed(struct metro *m, const char *why, const struct metro_ask *ask)
{
	struct bus_event ev = { .kind = EV_BEAT, .text = why };

	metro_journal_write(m, why, ask);
	bus_say(m->bus, &ev);
}

/* On the loop's clock; a press is never in the future. */
static int64_t
press_us(const struct metro *m, const struct metro_ask *ask)
{
	const int64_t now_us = loop_now_us(m->loop), at_us = ask->at_utc_us - shift_us(m);

	return ask->at_utc_us != 0 && at_us < now_us ? at_us : now_us;
}

static bool
may_change(const struct metro *m, const struct metro_ask *ask, const char *what, struct err *e)
{
	if (m->peers == 0 || ask->everyone)
		return true;
	return err_set(e, ERR_REFUSED, "%u other%s play%s to this beat: with --everyone, %s changes it for all of them", m->peers,
	    m->peers == 1 ? "" : "s", m->peers == 1 ? "s" : "", what);
}

static bool
is_tempo(double bpm, struct err *e)
{
	if (isfinite(bpm) && bpm >= BEAT_BPM_MIN && bpm <= BEAT_BPM_MAX)
		return true;
	return err_set(e, ERR_USAGE, "a tempo is %.0f to %.0f beats a minute", BEAT_BPM_MIN, BEAT_BPM_MAX);
}

/* Beat 0, bar 1, at that instant. */
static void
start_at(struct metro *m, int64_t at_us, double bpm)
{
	m->runs = true;
	m->grid.line = (struct beat_line){ .at_us = at_us, .beat = 0, .bpm = bpm * m->speed };
	m->grid.downbeat = 0;
	metro_link_start(m);
}

bool
metro_tempo(struct metro *m, double bpm, const struct metro_ask *ask, struct err *e)
{
	if (!is_tempo(bpm, e) || !may_change(m, ask, "tempo", e))
		return false;
	if (m->runs) {
		beat_retempo(&m->grid.line, loop_now_us(m->loop), bpm * m->speed);
		metro_link_tell_tempo(m);
	} else {
		start_at(m, press_us(m, ask), bpm);
	}
	metro_changed(m, "tempo", ask);
	return true;
}

/* The finger is on the beat, and the beat is counted on. */
static void
follow_tap(struct metro *m, int64_t at_us, double bpm)
{
	double beat;

	if (!m->runs)
		start_at(m, m->taps.at_us[0], bpm);
	beat = beat_nearest(&m->grid, at_us);
	m->grid.line = (struct beat_line){ .at_us = at_us, .beat = beat, .bpm = bpm * m->speed };
	metro_link_tell_tempo(m);
	metro_link_tell_beat(m, beat);
}

bool
metro_tap(struct metro *m, const struct metro_ask *ask, double *bpm, struct err *e)
{
	const int64_t at_us = press_us(m, ask);

	*bpm = 0;
	if (!may_change(m, ask, "a tap", e))
		return false;
	beat_tap(&m->taps, at_us, bpm);
	if (*bpm == 0)
		return true;
	if (m->peers == 0) {
		follow_tap(m, at_us, *bpm);
	} else {
		beat_retempo(&m->grid.line, loop_now_us(m->loop), *bpm * m->speed);
		metro_link_tell_tempo(m);
	}
	metro_changed(m, "tap", ask);
	return true;
}

bool
metro_quantum(struct metro *m, int quantum, const struct metro_ask *ask, struct err *e)
{
	if (quantum < 1 || quantum > BEAT_QUANTUM_MAX)
		return err_set(e, ERR_USAGE, "a quantum is 1 to %d beats", BEAT_QUANTUM_MAX);
	m->grid.quantum = quantum;
	metro_look(m);
	metro_changed(m, "quantum", ask);
	return true;
}

bool
metro_downbeat(struct metro *m, const struct metro_ask *ask, struct err *e)
{
	const int64_t at_us = press_us(m, ask);

	if (!metro_runs(m))
		return err_set(e, ERR_REFUSED, "no clock runs: `tempo BPM` starts one, on its downbeat");
	m->grid.downbeat = beat_nearest(&m->grid, at_us);
	m->is_downbeat_told = true;
	if (m->peers == 0) {
		m->grid.line = (struct beat_line){ .at_us = at_us, .beat = m->grid.downbeat, .bpm = m->grid.line.bpm };
		metro_link_tell_beat(m, m->grid.downbeat);
	}
	metro_changed(m, "downbeat", ask);
	return true;
}

/* ---- Life ---- */

struct metro *
metro_new(struct loop *loop, struct bus *bus, struct scribe *scribe, const struct clk *clk, const struct opt_set *settings, double speed)
{
	struct metro *m = xcalloc(1, sizeof *m);

	m->loop = loop;
	m->bus = bus;
	m->scribe = scribe;
	m->clk = clk;
	m->settings = settings;
	m->speed = speed > 0 ? speed : 1;
	m->grid = (struct beat_grid){ .line = { .at_us = loop_now_us(loop), .bpm = 120 * m->speed }, .quantum = QUANTUM };
	m->peers_changed_us = m->peers_seen_us = m->written_us = -1;
	metro_link_open(m);
	return m;
}

void
metro_free(struct metro *m)
{
	if (m == NULL)
		return;
	metro_link_close(m);
	free(m);
}
