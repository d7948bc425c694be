/*
 * loop_fake.h - an event loop with virtual time, for tests of any floor.
 * Nothing happens but by loop_fake_turn(), loop_fake_advance() and loop_run(); pool work runs on the
 * caller's thread.  Monotonic time starts at one hour, so that no time of interest is zero or negative.
 */
#ifndef SUPPORT_LOOP_FAKE_H
#define SUPPORT_LOOP_FAKE_H

#include <stdint.h>

#include "base/clk.h"
#include "base/loop.h"

#define LOOP_FAKE_UTC_US 1763712000000000LL	/* UTC when the loop is new */
#define LOOP_FAKE_MONO_US 3600000000LL

struct loop *loop_fake_new(void);
/* One turn at the present instant: work (run and done), posts, ready watches, due timers, deferred calls. */
void loop_fake_turn(struct loop *loop);
/* A turn, then each timer due within us at its own instant with the turns that follow from it. */
void loop_fake_advance(struct loop *loop, int64_t us);
/* Timers and watches not freed yet, and calls not made yet. */
int loop_fake_alive(struct loop *loop);
/* No timer runs: nothing would happen here by time alone. */
bool loop_fake_is_asleep(struct loop *loop);
/* At the next turn the watches of fd are told events, as far as they ask for them. */
void loop_fake_ready(struct loop *loop, int fd, unsigned events);
/* At the next turn the hooks of signo are called. */
void loop_fake_raise(struct loop *loop, int signo);
/* What the watches of fd ask for; 0: nothing, or there is none. */
unsigned loop_fake_watched(struct loop *loop, int fd);
/* Both clocks follow the loop's time. */
struct clk loop_fake_clk(struct loop *loop);

#endif
