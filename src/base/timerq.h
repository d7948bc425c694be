/*
 * timerq.h - timers in the order in which they fall due; the struct loop_timer of every event loop.
 * Knows no clock and no descriptor: "now" comes in.  Times in microseconds.
 */
#ifndef BASE_TIMERQ_H
#define BASE_TIMERQ_H

#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/loop.h"

#define TIMERQ_NEVER INT64_MAX

struct timerq {
	struct list timers;		/* all, started or not */
	struct loop_timer **heap;	/* the started ones, earliest first */
	size_t heap_count, heap_room;
	uint64_t starts;		/* orders timers of the same instant */
};

void timerq_init(struct timerq *q);
void timerq_fini(struct timerq *q);		/* frees the timers that are left */
struct loop_timer *timerq_new(struct timerq *q, loop_fn *fn, void *arg);
void timerq_start(struct loop_timer *t, int64_t at_us, int64_t repeat_us);
void timerq_stop(struct loop_timer *t);
void timerq_free(struct loop_timer *t);
/* When the first falls due; TIMERQ_NEVER: none is started. */
int64_t timerq_next_us(const struct timerq *q);
/*
 * Calls what is due at now_us, earliest first, ties in order of starting.  Callbacks may start, stop or
 * free any timer; one started meanwhile waits for the next call.  A repeat skips what it missed.
 */
void timerq_fire(struct timerq *q, int64_t now_us);
int timerq_count(const struct timerq *q);	/* timers that exist */

#endif
