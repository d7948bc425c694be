/*
 * clk.c - the machine's clocks, and whichever clock was put in their place.
 * Owns nothing.  Never converts between the two: an offset of them is nobody's truth.
 */
#include "base/clk.h"

#include <time.h>

static int64_t
system_utc_us(void *arg)
{
	struct timespec ts;

	(void)arg;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t
system_mono_ns(void *arg)
{
	struct timespec ts;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

const struct clk *
clk_system(void)
{
	static const struct clk clk = { system_utc_us, system_mono_ns, NULL };

	return &clk;
}

int64_t
clk_utc_us(const struct clk *clk)
{
	return clk->utc_us(clk->arg);
}

int64_t
clk_mono_ns(const struct clk *clk)
{
	return clk->mono_ns(clk->arg);
}

int64_t
clk_mono_us(const struct clk *clk)
{
	return clk->mono_ns(clk->arg) / 1000;
}
