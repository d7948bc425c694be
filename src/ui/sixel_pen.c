/*
 * sixel_pen.c - rows of palette colours as few DECSIXEL bytes.
 * Colours go by size, the largest first: pixels that a later colour will cover, and pixels that show the colour
 * already, may be painted or not, whichever makes the longer run.  Colours that do not overlap share a pass from left
 * to right, which spares the way back and the long gap; a colour of several far parts goes in several pieces.
 */
#include "ui/sixel_pen.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_PX 16
#define COLOUR_BYTES 32			/* definition, selection and return at most */
#define PIXEL_BYTES 16			/* a pixel alone: two runs at most */
#define SPLIT_COLUMNS 20		/* a gap that is worth another piece */
#define SPLITS 256			/* and no more of them */
#define PIECES (SPLITS + SIXEL_PALETTE_COLOURS)
#define NOTHING '?'			/* the sixel with no pixel set */

/* A part of a colour without large gaps. */
struct piece {
	int first, end, count;		/* columns; pixels to be painted */
	int next;			/* to the right of it in the same pass; -1: none */
	uint8_t colour;
};

struct plan {
	struct piece pieces[PIECES];
	int count;
	int16_t open[SIXEL_PALETTE_COLOURS];	/* the piece of each colour that may still grow; -1 */
	int16_t order[PIECES];		/* the largest first */
	int16_t passes[PIECES];		/* the leftmost piece of each */
	int pass_count;
};

void
sixel_pen_init(struct sixel_pen *pen, const struct sixel_palette *colours, bool shared)
{
	memset(pen, 0, sizeof *pen);
	pen->colours = colours;
	pen->shared = shared;
	if (shared)
		memcpy(pen->number, colours->number, sizeof pen->number);
}

void
sixel_pen_fini(struct sixel_pen *pen)
{
	free(pen->must);
	free(pen->bytes);
	memset(pen, 0, sizeof *pen);
}

bool
sixel_pen_resize(struct sixel_pen *pen, int width_px)
{
	size_t columns = ((size_t)width_px + BLOCK_PX - 1) / BLOCK_PX * BLOCK_PX;

	if (width_px <= pen->width_px)
		return true;
	free(pen->must);
	free(pen->bytes);
	pen->room = (size_t)width_px * SIXEL_BAND * PIXEL_BYTES + (size_t)PIECES * COLOUR_BYTES;
	pen->must = calloc(columns, 3);
	pen->bytes = malloc(pen->room);
	pen->width_px = pen->must != NULL && pen->bytes != NULL ? width_px : 0;
	if (pen->width_px == 0)
		return false;
	pen->later = pen->must + columns;
	pen->mine = pen->later + columns;
	return true;
}

void
sixel_pen_forget(struct sixel_pen *pen)
{
	memset(pen->defined, 0, sizeof pen->defined);
	pen->next_number = 0;
}

void
sixel_pen_knows_all(struct sixel_pen *pen)
{
	memset(pen->defined, true, sizeof pen->defined);
}

void
sixel_pen_begin(struct sixel_pen *pen)
{
	if (!pen->shared)
		sixel_pen_forget(pen);
}

static inline char *
put_number(char *at, unsigned n)
{
	char digits[8];
	int count = 0;

	do
		digits[count++] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (count > 0)
		*at++ = digits[--count];
	return at;
}

/* A run is written out while that is no longer than its count. */
static inline char *
put_run(char *at, unsigned bits, int count)
{
	char sixel = (char)(NOTHING + bits);

	if (count > 3) {
		*at++ = '!';
		at = put_number(at, (unsigned)count);
		count = 1;
	}
	while (count-- > 0)
		*at++ = sixel;
	return at;
}

char *
sixel_pen_define(char *at, int number, const uint8_t *rgb)
{
	*at++ = '#';
	at = put_number(at, (unsigned)number);
	*at++ = ';';
	*at++ = '2';
	for (int i = 0; i < 3; i++) {
		*at++ = ';';
		at = put_number(at, (rgb[i] * 100u + 127) / 255);
	}
	return at;
}

static char *
put_colour(struct sixel_pen *pen, char *at, unsigned c)
{
	if (!pen->defined[c]) {
		if (!pen->shared)
			pen->number[c] = (uint8_t)pen->next_number++;
		at = sixel_pen_define(at, pen->number[c], pen->colours->rgb[c]);
		pen->defined[c] = true;
	}
	*at++ = '#';
	return put_number(at, pen->number[c]);
}

static inline int
blocks_start(int x)
{
	return x / BLOCK_PX * BLOCK_PX;
}

/* Fixed lengths and no overlap, so that these become a few vector instructions. */
static inline void
add_where_equal(uint8_t *restrict out, const uint8_t *restrict row, uint8_t c, uint8_t bit)
{
	for (int i = 0; i < BLOCK_PX; i++)
		out[i] = (uint8_t)(out[i] | (row[i] == c ? bit : 0));
}

static inline void
add_where_different(uint8_t *restrict out, const uint8_t *restrict row, const uint8_t *restrict other, uint8_t bit)
{
	for (int i = 0; i < BLOCK_PX; i++)
		out[i] = (uint8_t)(out[i] | (row[i] != other[i] ? bit : 0));
}

/* The bits of each column that differ from what is shown; all, where that is not known. */
static void
mark_must(struct sixel_pen *pen, const struct sixel_strip *s)
{
	int from = blocks_start(s->first);

	memset(pen->must + from, s->shown[0] != NULL ? 0 : (1 << s->rows) - 1, (size_t)(s->end - from + BLOCK_PX - 1) / BLOCK_PX * BLOCK_PX);
	for (int k = 0; k < s->rows && s->shown[0] != NULL; k++)
		for (int x = from; x < s->end; x += BLOCK_PX)
			add_where_different(pen->must + x, s->want[k] + x, s->shown[k] + x, (uint8_t)(1 << k));
}

static void
add_pixel(struct plan *plan, unsigned c, int x)
{
	int open = plan->open[c];

	if (open >= 0 && (x - plan->pieces[open].end < SPLIT_COLUMNS || plan->count >= SPLITS)) {
		plan->pieces[open].end = x + 1;
		plan->pieces[open].count++;
		return;
	}
	plan->open[c] = (int16_t)plan->count;
	plan->pieces[plan->count++] = (struct piece){ x, x + 1, 1, -1, (uint8_t)c };
}

static void
find_pieces(const struct sixel_pen *pen, const struct sixel_strip *s, struct plan *plan)
{
	plan->count = 0;
	memset(plan->open, 0xff, sizeof plan->open);
	for (int x = s->first; x < s->end; x++)
		for (unsigned bits = pen->must[x]; bits != 0; bits &= bits - 1)
			add_pixel(plan, s->want[__builtin_ctz(bits)][x], x);
	for (int i = 0; i < plan->count; i++) {
		int k = i;

		for (; k > 0 && plan->pieces[plan->order[k - 1]].count < plan->pieces[i].count; k--)
			plan->order[k] = plan->order[k - 1];
		plan->order[k] = (int16_t)i;
	}
}

/* The piece of a pass after which this one fits, -1: before all, -2: it does not fit. */
static int
fits_after(const struct plan *plan, int pass, const struct piece *piece)
{
	int before = -1, at = plan->passes[pass];

	while (at >= 0 && plan->pieces[at].end <= piece->first) {
		before = at;
		at = plan->pieces[at].next;
	}
	return at < 0 || piece->end <= plan->pieces[at].first ? before : -2;
}

/* Puts a piece where the gap before it is shortest. */
static void
place_piece(struct plan *plan, int index)
{
	struct piece *piece = &plan->pieces[index];
	int best_pass = -1, best_after = -1, best_end = -1;

	for (int pass = 0; pass < plan->pass_count; pass++) {
		int after = fits_after(plan, pass, piece), end = after >= 0 ? plan->pieces[after].end : 0;

		if (after != -2 && end > best_end) {
			best_pass = pass;
			best_after = after;
			best_end = end;
		}
	}
	if (best_pass < 0) {
		plan->passes[plan->pass_count++] = (int16_t)index;
	} else if (best_after < 0) {
		piece->next = plan->passes[best_pass];
		plan->passes[best_pass] = (int16_t)index;
	} else {
		piece->next = plan->pieces[best_after].next;
		plan->pieces[best_after].next = index;
	}
}

/* Pixels wanted in colour c, shown so already or not. */
static void
mark_mine(struct sixel_pen *pen, const struct sixel_strip *s, uint8_t c, int first, int end)
{
	int from = blocks_start(first);

	memset(pen->mine + from, 0, (size_t)(end - from + BLOCK_PX - 1) / BLOCK_PX * BLOCK_PX);
	for (int k = 0; k < s->rows; k++)
		for (int x = from; x < end; x += BLOCK_PX)
			add_where_equal(pen->mine + x, s->want[k] + x, c, (uint8_t)(1 << k));
}

/* The colour's pixels from column x on: the longest runs that paint all it must and nothing it may not. */
static char *
put_runs(struct sixel_pen *pen, char *at, int x, int end)
{
	while (x < end) {
		unsigned must = 0, may = 63;
		int start = x;

		for (; x < end; x++) {
			unsigned more = must | (pen->mine[x] & pen->must[x]), fewer = may & (pen->mine[x] | pen->later[x]);

			if ((more & ~fewer) != 0)
				break;
			must = more;
			may = fewer;
		}
		at = put_run(at, must, x - start);
	}
	return at;
}

static char *
put_piece(struct sixel_pen *pen, const struct sixel_strip *s, char *at, const struct piece *piece, int from)
{
	at = put_colour(pen, at, piece->colour);
	at = put_run(at, 0, piece->first - from);
	mark_mine(pen, s, piece->colour, piece->first, piece->end);
	at = put_runs(pen, at, piece->first, piece->end);
	for (int x = piece->first; x < piece->end; x++)
		pen->later[x] &= (uint8_t)~pen->mine[x];
	return at;
}

bool
sixel_pen_strip(struct sixel_pen *pen, const struct sixel_strip *s)
{
	struct plan plan;
	char *at = pen->bytes;
	int from = blocks_start(s->first);

	mark_must(pen, s);
	find_pieces(pen, s, &plan);
	plan.pass_count = 0;
	for (int i = 0; i < plan.count; i++)
		place_piece(&plan, plan.order[i]);
	memcpy(pen->later + from, pen->must + from, (size_t)(s->end - from));
	for (int pass = 0; pass < plan.pass_count; pass++) {
		int column = s->origin;

		if (pass > 0)
			*at++ = '$';
		for (int i = plan.passes[pass]; i >= 0; i = plan.pieces[i].next) {
			at = put_piece(pen, s, at, &plan.pieces[i], column);
			column = plan.pieces[i].end;
		}
	}
	pen->len = (size_t)(at - pen->bytes);
	return plan.count > 0;
}
