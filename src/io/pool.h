/*
 * pool.h - threads that do what takes time, behind the loop's own (priority.h): encoding, decoding, hashing, the disk.
 * libuv's pool is not used, since it wakes a worker while it holds the lock of its queue, and tells the loop of the end by a word
 * that the loop waits for in sched_yield(): on a busy processor each of them stops the loop for a turn of somebody else's.
 */
#ifndef IO_POOL_H
#define IO_POOL_H

#include "base/loop.h"

struct pool;

/* At most so many threads; each is started when there is work that no other is free for. */
struct pool *pool_new(int threads);
/* run(arg) on one of them; those that wait are begun in the order in which they came.  One thread adds. */
void pool_add(struct pool *p, loop_fn *run, void *arg);
/* Does all that was given before; then the threads end.  Nobody adds meanwhile. */
void pool_free(struct pool *p);	/* NULL is fine */

#endif
