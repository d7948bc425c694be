/*
 * beat.h - beats, bars and taps: where a straight line of beats over time stands, when a beat comes, what a bar is.
 * Pure arithmetic; times are microseconds on whatever clock the caller keeps, and go back to it unchanged.
 * A beat is a number on a line that began at some time: whole numbers are where the beat falls.  Bars are ours alone: `quantum`
 * beats each, the first of them at `downbeat`.
 */
#ifndef DOMAIN_BEAT_H
#define DOMAIN_BEAT_H

#include <stdbool.h>
#include <stdint.h>

#define BEAT_BPM_MIN 20.0	/* Ableton Link's own limits */
#define BEAT_BPM_MAX 999.0
#define BEAT_QUANTUM_MAX 64
#define BEAT_TAPS 8

struct beat_line {		/* through one point; bpm within the limits */
	int64_t at_us;
	double beat;		/* at at_us */
	double bpm;
};

struct beat_grid {
	struct beat_line line;
	int quantum;		/* beats in a bar, from 1 */
	double downbeat;	/* a whole beat: bar 1 begins here */
};

struct beat_place {		/* bar 121, beat 3, and so much of that beat is over */
	int64_t bar;		/* from 1; 0 and below: before the downbeat */
	int beat;		/* 1 .. quantum */
	double part;		/* 0 .. below 1 */
};

double beat_at(const struct beat_line *l, int64_t us);
/* When it comes, or came; to the nearest microsecond. */
int64_t beat_when(const struct beat_line *l, double beat);
double beat_long_us(const struct beat_line *l);
/* Another tempo from that instant on: the beats before it stay where they were, none is lost or doubled. */
void beat_retempo(struct beat_line *l, int64_t at_us, double bpm);
/* Of all numbers with the phase of `phase` within the quantum, the one nearest to `near`. */
double beat_match(double near, double phase, int quantum);

/* The first whole beat, or bar's first beat, that comes later than that instant. */
double beat_next(const struct beat_grid *g, int64_t us);
double beat_next_bar(const struct beat_grid *g, int64_t us);
/* The whole beat nearest to that instant. */
double beat_nearest(const struct beat_grid *g, int64_t us);
/* Where bar N, beat B begins; both from 1. */
double beat_of_bar(const struct beat_grid *g, int64_t bar, double beat);
struct beat_place beat_where(const struct beat_grid *g, int64_t us);
/* The place of a beat. */
struct beat_place beat_where_of(const struct beat_grid *g, double beat);
/* Whole beats still to come until that one, as people count them: 1 when it is the next. */
int64_t beat_count_to(const struct beat_grid *g, int64_t us, double beat);

/* A tempo told by fingers.  A pause, or an interval that fits the others by no means, begins anew. */
struct beat_taps {
	int count;
	int64_t at_us[BEAT_TAPS];	/* oldest first */
};
/* One more.  *bpm: the tempo of all taps together, 0 while fewer than three tell it or it is beyond the limits. */
void beat_tap(struct beat_taps *t, int64_t at_us, double *bpm);

#endif
