/*
 * nodeclk.c - the node's own clock.
 * Owns the epoch.  Never sets the machine's clock, and never lets slewing (NTP) look like a step.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include "camera/nodeclk.h"

/* NTP slews at most 500 ppm; looked at each second, anything beyond this was a step. */
#define STEP_US 20000
#define READING_US 100	/* what the shift is less off than that is the reading's own error, and no news */
#define READINGS 4

static void
epoch_new(struct nodeclk *c)
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		random = (uint64_t)clk_mono_ns(c->clk);
	snprintf(c->epoch, sizeof c->epoch, "%016llx", (unsigned long long)random);
}

/* The two clocks cannot be read at once; the reading that was least held up tells most. */
static int64_t
shift_now_us(const struct clk *clk)
{
	int64_t least_us = INT64_MAX, shift_us = 0;

	for (int i = 0; i < READINGS && least_us > READING_US / 4; i++) {
		int64_t before_us = clk_mono_us(clk), utc_us = clk_utc_us(clk), took_us = clk_mono_us(clk) - before_us;

		if (took_us < least_us) {
			least_us = took_us;
			shift_us = utc_us - before_us - took_us / 2;
		}
	}
	return shift_us;
}

void
nodeclk_init(struct nodeclk *c, const struct clk *clk, int64_t offset_us, double drift_ppm)
{
	c->clk = clk;
	c->offset_us = offset_us;
	c->drift = drift_ppm * 1e-6;
	c->start_us = clk_mono_us(clk);
	c->gained_us = 0;
	c->shift_us = shift_now_us(clk);
	epoch_new(c);
}

void
nodeclk_rehearse(struct nodeclk *c, int64_t offset_us, double drift_ppm)
{
	int64_t now_us = clk_mono_us(c->clk);

	c->gained_us = nodeclk_steady_us(c, now_us) - now_us;
	c->start_us = now_us;
	c->drift = drift_ppm * 1e-6;
	if (offset_us == c->offset_us)
		return;
	c->offset_us = offset_us;
	epoch_new(c);
}

bool
nodeclk_look(struct nodeclk *c)
{
	int64_t shift_us = shift_now_us(c->clk);
	bool stepped = llabs(shift_us - c->shift_us) > STEP_US;

	if (llabs(shift_us - c->shift_us) > READING_US)
		c->shift_us = shift_us;
	if (stepped)
		epoch_new(c);
	return stepped;
}

int64_t
nodeclk_steady_us(const struct nodeclk *c, int64_t mono_us)
{
	return mono_us + c->gained_us + llround((double)(mono_us - c->start_us) * c->drift);
}

int64_t
nodeclk_at_us(const struct nodeclk *c, int64_t mono_us)
{
	return nodeclk_steady_us(c, mono_us) + c->shift_us + c->offset_us;
}

int64_t
nodeclk_mono_us(const struct nodeclk *c, int64_t node_us)
{
	double since_start = (double)(node_us - c->shift_us - c->offset_us - c->gained_us - c->start_us);

	return c->start_us + llround(since_start / (1.0 + c->drift));
}

int64_t
nodeclk_now_us(struct nodeclk *c)
{
	nodeclk_look(c);
	return nodeclk_at_us(c, clk_mono_us(c->clk));
}

int64_t
nodeclk_from_utc_us(const struct nodeclk *c, int64_t utc_us)
{
	return nodeclk_at_us(c, utc_us - c->shift_us);
}
