/*
 * beat.c - the arithmetic of beats and bars, and the tempo of a row of taps.
 * Holds no clock and no state: the line is the caller's.
 */
#include "domain/beat.h"

#include <math.h>
#include <string.h>

#define MINUTE_US 60e6
#define HAIR 1e-6		/* beats: what rounding a time to microseconds may cost (999 bpm: 8.3e-6 a half) */
#define PAUSE_US 2500000	/* between two taps; at 24 bpm */
#define MISFIT 1.45		/* an interval that many times the others' mean, or that part of it, is another tempo */

double
beat_long_us(const struct beat_line *l)
{
	return MINUTE_US / l->bpm;
}

double
beat_at(const struct beat_line *l, int64_t us)
{
	return l->beat + (double)(us - l->at_us) / beat_long_us(l);
}

int64_t
beat_when(const struct beat_line *l, double beat)
{
	return l->at_us + llround((beat - l->beat) * beat_long_us(l));
}

void
beat_retempo(struct beat_line *l, int64_t at_us, double bpm)
{
	l->beat = beat_at(l, at_us);
	l->at_us = at_us;
	l->bpm = bpm;
}

double
beat_match(double near, double phase, int quantum)
{
	double off = fmod(phase - near, quantum);	/* in (-quantum, quantum) */

	if (off > quantum / 2.0)
		off -= quantum;
	else if (off <= -quantum / 2.0)
		off += quantum;
	return near + off;
}

/* The first multiple of `step` past `from` that comes strictly later than us, in whole microseconds. */
static double
next_step(const struct beat_grid *g, int64_t us, double from, int step)
{
	double k = floor((beat_at(&g->line, us) - from) / step - HAIR);

	while (beat_when(&g->line, from + k * step) <= us)
		k++;
	return from + k * step;
}

double
beat_next(const struct beat_grid *g, int64_t us)
{
	return next_step(g, us, g->downbeat, 1);
}

double
beat_next_bar(const struct beat_grid *g, int64_t us)
{
	return next_step(g, us, g->downbeat, g->quantum);
}

double
beat_nearest(const struct beat_grid *g, int64_t us)
{
	return g->downbeat + round(beat_at(&g->line, us) - g->downbeat);
}

double
beat_of_bar(const struct beat_grid *g, int64_t bar, double beat)
{
	return g->downbeat + (double)(bar - 1) * g->quantum + beat - 1;
}

struct beat_place
beat_where_of(const struct beat_grid *g, double beat)
{
	const double since = beat - g->downbeat, whole = floor(since + 10 * HAIR), bar = floor(whole / g->quantum);
	const double part = since - whole;

	return (struct beat_place){ .bar = (int64_t)bar + 1, .beat = (int)(whole - bar * g->quantum) + 1, .part = part > 0 ? part : 0 };
}

struct beat_place
beat_where(const struct beat_grid *g, int64_t us)
{
	return beat_where_of(g, beat_at(&g->line, us));
}

int64_t
beat_count_to(const struct beat_grid *g, int64_t us, double beat)
{
	const double left = ceil(beat - beat_at(&g->line, us) - 10 * HAIR);

	return left > 0 ? (int64_t)left : 0;
}

/* ---- Taps ---- */

static bool
fits(const struct beat_taps *t, int64_t at_us)
{
	const int64_t last = at_us - t->at_us[t->count - 1];
	double mean;

	if (last <= 0 || last > PAUSE_US)
		return false;
	if (t->count < 2)
		return true;
	mean = (double)(t->at_us[t->count - 1] - t->at_us[0]) / (t->count - 1);
	return (double)last < mean * MISFIT && (double)last > mean / MISFIT;
}

/* Least squares over all taps: one that came early or late moves it little. */
static double
slope_us(const struct beat_taps *t)
{
	const double middle = (t->count - 1) / 2.0;
	double over = 0, under = 0;

	for (int i = 0; i < t->count; i++) {
		over += (i - middle) * (double)(t->at_us[i] - t->at_us[0]);
		under += (i - middle) * (i - middle);
	}
	return over / under;
}

void
beat_tap(struct beat_taps *t, int64_t at_us, double *bpm)
{
	*bpm = 0;
	if (t->count > 0 && !fits(t, at_us))
		t->count = 0;
	if (t->count == BEAT_TAPS) {
		memmove(t->at_us, t->at_us + 1, sizeof t->at_us - sizeof t->at_us[0]);
		t->count--;
	}
	t->at_us[t->count++] = at_us;
	if (t->count < 3)
		return;
	*bpm = MINUTE_US / slope_us(t);
	if (*bpm < BEAT_BPM_MIN || *bpm > BEAT_BPM_MAX)
		*bpm = 0;
}
