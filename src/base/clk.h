/*
 * clk.h - where time comes from.  Replaceable, so that tests own the clock.
 * UTC in microseconds since the Unix epoch; monotonic in nanoseconds.
 */
#ifndef BASE_CLK_H
#define BASE_CLK_H

#include <stdint.h>

struct clk {
	int64_t (*utc_us)(void *arg);
	int64_t (*mono_ns)(void *arg);
	void *arg;
};

/* The machine's clocks: CLOCK_REALTIME and CLOCK_MONOTONIC. */
const struct clk *clk_system(void);
int64_t clk_utc_us(const struct clk *clk);
int64_t clk_mono_ns(const struct clk *clk);
int64_t clk_mono_us(const struct clk *clk);

#endif
