/*
 * ramps.h - which cameras zoom over a time just now: what `panic` takes back.
 * Owner of that list and of nothing else; a node tells a ramp only when it is there, so the way between is reckoned.
 */
#ifndef APP_RAMPS_H
#define APP_RAMPS_H

#include "app/fanout.h"

struct ramps;

struct ramps *ramps_new(struct loop *loop);
void ramps_free(struct ramps *r);		/* NULL is fine */
/* A zoom was sent to this node; start_us: loop time, long_us 0: at once, it ends the ramp before it. */
struct ramps_leg { double from, to; int64_t start_us, long_us; };
void ramps_began(struct ramps *r, const char *node, const struct ramps_leg *leg);
/* Where its zoom is now, after what was sent; otherwise: where no ramp runs. */
double ramps_factor(const struct ramps *r, const char *node, double otherwise);
/*
 * Every ramp that runs, or is planned, ends where it is now: a zoom at once to that factor goes to those cameras, over fanout.
 * Returns how many; halted (may be NULL) has them.
 */
int ramps_halt(struct ramps *r, struct fanout *fanout, struct target_set *halted);

#endif
