/*
 * loop_uv.h - the real event loop, on libuv.  The only file that knows libuv.
 */
#ifndef IO_LOOP_UV_H
#define IO_LOOP_UV_H

#include "base/loop.h"

/* threads: size of the worker pool (UV_THREADPOOL_SIZE; only the first loop of a process sets it). */
struct loop *loop_uv_new(int threads);

#endif
