/*
 * loop_uv.h - the real event loop, on libuv.  The only file that knows libuv.
 */
#ifndef IO_LOOP_UV_H
#define IO_LOOP_UV_H

#include "base/loop.h"

/*
 * threads: as many may work at once; 0: as many as are usual.
 * Whoever calls this is to run the loop: its thread comes before others on a busy processor, and its pool behind them.
 */
struct loop *loop_uv_new(int threads);

#endif
