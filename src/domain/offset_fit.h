/*
 * offset_fit.h - the line offset + drift * t through the intervals that round trips leave for it.  Pure arithmetic.
 * A cell is one burst of exchanges: the least "node received - console sent" is a ceiling of the offset at its instant,
 * the greatest "node sent - console received" a floor; whatever is delayed lies further out and says nothing.  The fit is
 * the line with the most room on both sides; its bounds are the extreme lines that violate nobody.
 */
#ifndef DOMAIN_OFFSET_FIT_H
#define DOMAIN_OFFSET_FIT_H

#include <stdbool.h>
#include <stdint.h>

#define OFFSET_FIT_MOST_PPM 500.0	/* RFC 5905: no clock runs further off (MAXFREQ) */
#define OFFSET_FIT_WANDER_PPM 2.0	/* a drift is not constant: what was seen long ago says less by this a second */

struct offset_cell {
	int64_t start_us, end_us;		/* console UTC: its first sample, its newest one */
	int64_t ceiling_us, ceiling_at_us;	/* and when that was, console UTC */
	int64_t floor_us, floor_at_us;
	int64_t rtt_us;				/* least */
	int samples;
};

struct offset_fit {
	double offset_us, low_us, high_us;	/* at now_us, relative to base_us */
	double drift_ppm, low_ppm, high_ppm;
};

/* False: no line of any drift violates nobody.  grain_us: how coarse the node's clock is.  count is at least 1. */
bool offset_fit(struct offset_fit *out, const struct offset_cell *cells, int count, int64_t now_us, int64_t base_us,
    int64_t grain_us);

#endif
