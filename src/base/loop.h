/*
 * loop.h - the event loop as an interface.  io/loop_uv.c is the real one, tests use a
 * fake one with virtual time.  Everything is called on the loop's thread, except
 * loop_post(), which any thread may call, and work functions, which run in the pool.
 * Times are microseconds on the monotonic clock (timers are exact to well under 1 ms).
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop;
struct loop_timer;
struct loop_watch;
typedef void loop_fn(void *arg);
typedef void loop_watch_fn(void *arg, unsigned events);

/* What an implementation provides; embed struct loop first in its own struct. */
struct loop_ops {
	int64_t (*now_us)(struct loop *);
	struct loop_timer *(*timer_new)(struct loop *, loop_fn *, void *arg);
	void (*timer_start)(struct loop_timer *, int64_t at_us, int64_t repeat_us);
	void (*timer_stop)(struct loop_timer *);
	void (*timer_free)(struct loop_timer *);
	struct loop_watch *(*watch_new)(struct loop *, int fd, loop_watch_fn *, void *arg);
	void (*watch_set)(struct loop_watch *, unsigned events);
	void (*watch_free)(struct loop_watch *);
	void (*defer)(struct loop *, loop_fn *, void *arg);
	void (*post)(struct loop *, loop_fn *, void *arg);
	void (*work)(struct loop *, loop_fn *run, loop_fn *done, void *arg);
	bool (*signal)(struct loop *, int signo, loop_fn *, void *arg);
	void (*run)(struct loop *);
	void (*stop)(struct loop *);
	void (*free)(struct loop *);
};
struct loop {
	const struct loop_ops *ops;
};

/* Now, freshly read. */
int64_t loop_now_us(struct loop *loop);
/* A stopped timer.  Freeing inside its own callback is allowed. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *arg);
/* (Re)starts: first after delay_us, then every repeat_us (0: once). */
void loop_timer_start(struct loop *loop, struct loop_timer *t, int64_t delay_us, int64_t repeat_us);
void loop_timer_start_at(struct loop *loop, struct loop_timer *t, int64_t at_us);
void loop_timer_stop(struct loop *loop, struct loop_timer *t);
void loop_timer_free(struct loop *loop, struct loop_timer *t);	/* NULL is fine */
/* Watches a descriptor, which stays the caller's; close it only after loop_watch_free(). */
struct loop_watch *loop_watch_new(struct loop *loop, int fd, unsigned events, loop_watch_fn *fn, void *arg);
void loop_watch_set(struct loop *loop, struct loop_watch *w, unsigned events);
void loop_watch_free(struct loop *loop, struct loop_watch *w);
/* Runs fn once at the end of this turn of the loop (before it sleeps again). */
void loop_defer(struct loop *loop, loop_fn *fn, void *arg);
/* From any thread: run fn on the loop's thread. */
void loop_post(struct loop *loop, loop_fn *fn, void *arg);
/* run() in the pool, then done() on the loop's thread.  Neither may be NULL. */
void loop_work(struct loop *loop, loop_fn *run, loop_fn *done, void *arg);
/*
 * fn(arg) for each delivery of signo, on the loop's thread; several may hear it.  fn NULL: who gave this arg does not hear
 * it any more, the others do (after the last one the system's own way with the signal is back).  False: it cannot
 * be heard, or was not.  Callable inside fn.
 */
bool loop_signal(struct loop *loop, int signo, loop_fn *fn, void *arg);
void loop_run(struct loop *loop);	/* until loop_stop() */
void loop_stop(struct loop *loop);
void loop_free(struct loop *loop);	/* waits for pool work; pending done() calls are made */

#endif
