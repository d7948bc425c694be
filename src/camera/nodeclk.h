/*
 * nodeclk.h - the node's own clock: the machine's UTC, plus what a rehearsal adds to it.
 * Tells the node's time for an instant of the monotonic clock, so that a frame, an event and a
 * scheduled command all speak of the same time line.  A step of the machine's clock makes a new epoch.
 */
#ifndef CAMERA_NODECLK_H
#define CAMERA_NODECLK_H

#include <stdbool.h>
#include <stdint.h>
#include "base/clk.h"

struct nodeclk {
	const struct clk *clk;
	int64_t offset_us;	/* constant error (rehearsal) */
	double drift;		/* seconds per second too fast (rehearsal) */
	int64_t start_us;	/* monotonic; where the drift began */
	int64_t gained_us;	/* by an earlier drift */
	int64_t shift_us;	/* UTC minus monotonic at the last look */
	char epoch[17];
};

void nodeclk_init(struct nodeclk *c, const struct clk *clk, int64_t offset_us, double drift_ppm);
/* Another error from now on (rehearsal): a constant one is a step, so a new epoch; the drift goes on from where the clock stands. */
void nodeclk_rehearse(struct nodeclk *c, int64_t offset_us, double drift_ppm);
/* Compares the machine's two clocks; true: it was stepped, and the epoch is new. */
bool nodeclk_look(struct nodeclk *c);
int64_t nodeclk_now_us(struct nodeclk *c);
/* The node's time at a monotonic instant, and back. */
int64_t nodeclk_at_us(const struct nodeclk *c, int64_t mono_us);
int64_t nodeclk_mono_us(const struct nodeclk *c, int64_t node_us);
/* Runs as fast as the node's clock, but no step ever moves it: for durations.  Its zero means nothing. */
int64_t nodeclk_steady_us(const struct nodeclk *c, int64_t mono_us);
/* The node's time of something stamped with the machine's UTC. */
int64_t nodeclk_from_utc_us(const struct nodeclk *c, int64_t utc_us);

#endif
