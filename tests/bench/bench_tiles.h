/*
 * bench_tiles.h - which frame each camera's tile shows: the clips carry their frame's number in a corner (bench_clips.sh).
 * Finds a tile by its title "[N]" on the screen.  Owns counts; changes nothing.
 */
#ifndef BENCH_TILES_H
#define BENCH_TILES_H

#include "bench_screen.h"

#define BENCH_MOST_TILES 64
#define BENCH_CODE_BITS 7

struct bench_tile { int left_px, top_px, square_px; int frame, misses; int64_t changes; };	/* frame -1: none was read yet */
struct bench_tiles { struct bench_tile tiles[BENCH_MOST_TILES]; int64_t pictures; };

void bench_tiles_begin(struct bench_tiles *t);
/* After bytes have come: counts the tiles whose frame is another one. */
void bench_tiles_look(struct bench_tiles *t, const struct bench_screen *s);
void bench_tiles_tell(const struct bench_tiles *t, double span_s);

#endif
