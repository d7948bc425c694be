/*
 * bench_screen.h - a terminal for the benches: text cells and pixels as an xterm with sixel would show them, and its
 * answers.  A model of its own, that shares no code with the console: what it shows is what the console has really sent.
 */
#ifndef BENCH_SCREEN_H
#define BENCH_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

#define BENCH_CELL_BYTES 8
#define BENCH_REGISTERS 256

struct bench_screen {
	int rows, cols, cell_w_px, cell_h_px;
	char (*cells)[BENCH_CELL_BYTES];	/* one character each; "" right of a wide one */
	uint8_t *rgb;			/* rows * cell_h_px by cols * cell_w_px; NULL: pictures are counted, not drawn */
	struct buf answers;		/* what the terminal says; the caller takes it */
	struct buf string;		/* a DCS or OSC under way */
	char sequence[64];		/* a CSI under way */
	size_t sequence_len;
	int state;
	char symbol[BENCH_CELL_BYTES];	/* a UTF-8 character under way */
	size_t symbol_len, symbol_want;
	int row, col, saved_row, saved_col, top, bottom;
	bool wrap_waits;
	char last[BENCH_CELL_BYTES];	/* what REP repeats */
	bool shares_registers;		/* ?1070l */
	uint8_t registers[BENCH_REGISTERS][3];
	int pixel_top, pixel_left;	/* of the picture being drawn */
	int64_t text_bytes, picture_bytes, pictures, rolls, fences;
	int64_t unknown;		/* sequences it does not know */
	char unknown_text[64];		/* the first of them */
};

void bench_screen_init(struct bench_screen *s, int rows, int cols, int cell_w_px, int cell_h_px, bool draws);
void bench_screen_fini(struct bench_screen *s);
void bench_screen_feed(struct bench_screen *s, const char *bytes, size_t len);
/* A row as UTF-8, without the blanks at its end. */
void bench_screen_row(const struct bench_screen *s, int row, char *text, size_t size);
int bench_screen_width_px(const struct bench_screen *s);
int bench_screen_height_px(const struct bench_screen *s);
/* bench_sixel.c: draws s->string, a DCS without its ESC P and ST, at the cursor. */
void bench_sixel_draw(struct bench_screen *s);

#endif
