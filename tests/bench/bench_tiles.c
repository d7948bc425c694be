/*
 * bench_tiles.c - reads the frame codes: ten squares in the upper left corner of a picture, white, black, seven bits of
 * the frame's number with the lowest first, and their parity.
 */
#include "bench_tiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQUARES (BENCH_CODE_BITS + 3)
#define SHIFTS 4			/* cells to the left and right of the title at which a picture may begin */
#define LEAST_SQUARE 8
#define MOST_SQUARE 14

void
bench_tiles_begin(struct bench_tiles *t)
{
	memset(t, 0, sizeof *t);
	for (int i = 0; i < BENCH_MOST_TILES; i++)
		t->tiles[i].frame = -1;
}

static bool
is_light(const struct bench_screen *s, int x, int y)
{
	const uint8_t *p;

	if (x < 0 || y < 0 || x >= bench_screen_width_px(s) || y >= bench_screen_height_px(s))
		return false;
	p = s->rgb + ((size_t)y * (size_t)bench_screen_width_px(s) + (size_t)x) * 3;
	return p[0] + p[1] + p[2] > 3 * 128;
}

/* 1 light, 0 dark, -1 neither: not the inside of one square. */
static int
read_square(const struct bench_screen *s, int left, int top, int square, int nth)
{
	int light = 0;

	for (int i = 0; i < 4; i++)
		light += is_light(s, left + nth * square + (i % 2 == 0 ? 1 : square - 2), top + (i / 2 == 0 ? 1 : square - 2));
	return light == 4 ? 1 : light == 0 ? 0 : -1;
}

/* -1: no code is there. */
static int
read_code(const struct bench_screen *s, int left, int top, int square)
{
	int frame = 0, parity = 0;

	if (read_square(s, left, top, square, 0) != 1 || read_square(s, left, top, square, 1) != 0)
		return -1;
	for (int i = 0; i < BENCH_CODE_BITS; i++) {
		const int bit = read_square(s, left, top, square, i + 2);

		if (bit < 0)
			return -1;
		frame |= bit << i;
		parity ^= bit;
	}
	return parity == read_square(s, left, top, square, SQUARES - 1) ? frame : -1;
}

static int
search_code(struct bench_tile *tile, const struct bench_screen *s, int row, int col)
{
	for (int square = LEAST_SQUARE; square <= MOST_SQUARE; square++)
		for (int y = 0; y <= s->cell_h_px; y += 2)
			for (int x = -SHIFTS * s->cell_w_px; x <= SHIFTS * s->cell_w_px; x += 2) {
				const int left = col * s->cell_w_px + x, top = (row + 1) * s->cell_h_px + y;
				const int frame = read_code(s, left, top, square);

				if (frame < 0)
					continue;
				tile->left_px = left;
				tile->top_px = top;
				tile->square_px = square;
				return frame;
			}
	return -1;
}

/* Where it was found last it is looked for first; elsewhere only now and then, for that takes long. */
static void
look_at(struct bench_tiles *t, const struct bench_screen *s, int number, int row, int col)
{
	struct bench_tile *tile = &t->tiles[number];
	int frame = tile->square_px > 0 ? read_code(s, tile->left_px, tile->top_px, tile->square_px) : -1;

	if (frame < 0 && (tile->misses++ % 16) == 0)
		frame = search_code(tile, s, row, col);
	if (frame < 0 || frame == tile->frame)
		return;
	if (tile->frame >= 0) {
		tile->changes++;
		t->pictures++;
	}
	tile->frame = frame;
}

static int
number_at(const struct bench_screen *s, int row, int col)
{
	int value = 0, x = col + 1;

	if (s->cells[row * s->cols + col][0] != '[')
		return -1;
	for (; x < s->cols && x <= col + 3; x++) {
		const char c = s->cells[row * s->cols + x][0];

		if (c < '0' || c > '9')
			break;
		value = value * 10 + c - '0';
	}
	return x > col + 1 && x < s->cols && s->cells[row * s->cols + x][0] == ']' ? value : -1;
}

void
bench_tiles_look(struct bench_tiles *t, const struct bench_screen *s)
{
	for (int y = 0; y < s->rows; y++)
		for (int x = 0; x < s->cols; x++) {
			const int number = number_at(s, y, x);

			if (number > 0 && number < BENCH_MOST_TILES)
				look_at(t, s, number, y, x);
		}
}

void
bench_tiles_tell(const struct bench_tiles *t, double span_s)
{
	double least = 1e9, most = 0, sum = 0;
	int count = 0;

	for (int i = 0; i < BENCH_MOST_TILES; i++) {
		const double fps = (double)t->tiles[i].changes / span_s;

		if (t->tiles[i].frame < 0)
			continue;
		count++;
		sum += fps;
		least = fps < least ? fps : least;
		most = fps > most ? fps : most;
		printf("tile %d fps %.2f\n", i, fps);
	}
	printf("tiles %d least_fps %.2f mean_fps %.2f most_fps %.2f\n", count, count > 0 ? least : 0, count > 0 ? sum / count : 0, most);
}
