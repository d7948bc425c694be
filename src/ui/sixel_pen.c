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
#define MANY 64				/* pixels of a piece from which on order is found by comparing */
#define SPOILT_BYTES 4			/* behind a run */
#define NOTHING '?'			/* the sixel with no pixel set */
#define WORD_PX 64

typedef uint8_t bytes16 __attribute__((vector_size(BLOCK_PX)));

/* A part of a colour without large gaps. */
struct piece {
	int first, end, count;		/* columns; pixels to be painted */
	int next;			/* to the right of it in the same pass; -1: none */
	uint8_t colour;
};

struct plan {
	struct piece pieces[PIECES];
	int count;
	int16_t order[PIECES];		/* the largest first */
	int16_t passes[PIECES];		/* the leftmost piece of each */
	int pass_count;
};

/* The piece of each colour that may still grow. */
struct growing {
	int end[SIXEL_PALETTE_COLOURS], pixels[SIXEL_PALETTE_COLOURS];
	int16_t index[SIXEL_PALETTE_COLOURS];
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
	free(pen->taken);
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
	free(pen->taken);
	free(pen->bytes);
	pen->room = (size_t)width_px * SIXEL_BAND * PIXEL_BYTES + (size_t)PIECES * COLOUR_BYTES + SPOILT_BYTES;
	pen->must = calloc(columns, 4);
	pen->taken = calloc(columns / WORD_PX + 1, PIECES * sizeof pen->taken[0]);
	pen->bytes = malloc(pen->room);
	pen->width_px = pen->must != NULL && pen->taken != NULL && pen->bytes != NULL ? width_px : 0;
	if (pen->width_px == 0)
		return false;
	pen->later = pen->must + columns;
	pen->force = pen->later + columns;
	pen->forbid = pen->force + columns;
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
	if (n >= 1000)
		*at++ = (char)('0' + n / 1000);
	if (n >= 100)
		*at++ = (char)('0' + n / 100 % 10);
	if (n >= 10)
		*at++ = (char)('0' + n / 10 % 10);
	*at++ = (char)('0' + n % 10);
	return at;
}

/* A run is written out while that is no longer than its count. */
static inline char *
put_run(char *at, unsigned bits, int count)
{
	const char sixel = (char)(NOTHING + bits);

	if (count > 3) {
		*at++ = '!';
		at = put_number(at, (unsigned)count);
		count = 1;
	}
	memset(at, sixel, SPOILT_BYTES);
	return at + count;
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

static inline bytes16
block_at(const uint8_t *at)
{
	bytes16 b;

	memcpy(&b, at, sizeof b);
	return b;
}

/* These bits with one row more above them: hits are all ones where it has a pixel. */
static inline bytes16
add_row_above(bytes16 bits, bytes16 hits)
{
	return bits + bits - hits;
}

/* The bits of each column that differ from what is shown; all, where that is not known. */
static void
mark_must(struct sixel_pen *pen, const struct sixel_strip *s)
{
	for (int x = blocks_start(s->first); x < s->end; x += BLOCK_PX) {
		bytes16 must = { 0 };

		if (s->shown[0] == NULL)
			must |= (uint8_t)((1 << s->rows) - 1);
		for (int k = s->rows - 1; k >= 0 && s->shown[0] != NULL; k--)
			must = add_row_above(must, (bytes16)(block_at(s->want[k] + x) != block_at(s->shown[k] + x)));
		memcpy(pen->must + x, &must, sizeof must);
		memcpy(pen->later + x, &must, sizeof must);
	}
}

static inline void
end_piece(struct piece *piece, const struct growing *g)
{
	piece->end = g->end[piece->colour];
	piece->count = g->pixels[piece->colour];
}

static void
begin_piece(struct plan *plan, struct growing *g, unsigned c, int x)
{
	if (g->index[c] >= 0)
		end_piece(&plan->pieces[g->index[c]], g);
	g->index[c] = (int16_t)plan->count;
	g->end[c] = x + 1;
	g->pixels[c] = 1;
	plan->pieces[plan->count++] = (struct piece){ .first = x, .next = -1, .colour = (uint8_t)c };
}

static void
find_pieces(const struct sixel_pen *pen, const struct sixel_strip *s, struct plan *plan)
{
	struct growing g;

	plan->count = 0;
	memset(g.index, 0xff, sizeof g.index);
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		g.end[c] = -SPLIT_COLUMNS;
	for (int x = s->first; x < s->end; x++)
		for (unsigned bits = pen->must[x]; bits != 0; bits &= bits - 1) {
			const unsigned c = s->want[__builtin_ctz(bits)][x];

			if (x - g.end[c] < SPLIT_COLUMNS || (g.index[c] >= 0 && plan->count >= SPLITS)) {
				g.end[c] = x + 1;
				g.pixels[c]++;
			} else {
				begin_piece(plan, &g, c, x);
			}
		}
	for (int i = 0; i < plan->count; i++)
		if (g.index[plan->pieces[i].colour] == i)
			end_piece(&plan->pieces[i], &g);
}

/* By how many pixels they have, the largest first; of as many the leftmost first.  Few have MANY. */
static void
sort_pieces(struct plan *plan)
{
	int start[MANY + 1] = { 0 }, many = 0;

	for (int i = 0; i < plan->count; i++)
		if (plan->pieces[i].count < MANY)
			start[plan->pieces[i].count]++;
		else
			many++;
	for (int count = MANY - 1, sum = many; count >= 0; count--) {
		const int here = start[count];

		start[count] = sum;
		sum += here;
	}
	many = 0;
	for (int i = 0; i < plan->count; i++) {
		const int count = plan->pieces[i].count;
		int k = many;

		if (count < MANY) {
			plan->order[start[count]++] = (int16_t)i;
			continue;
		}
		for (; k > 0 && plan->pieces[plan->order[k - 1]].count < count; k--)
			plan->order[k] = plan->order[k - 1];
		plan->order[k] = (int16_t)i;
		many++;
	}
}

/* Columns in words of bits: the first and the last word of them, and which bits there. */
struct reach { int word, last; uint64_t from, to; };

static inline struct reach
reach_of(int first, int end)
{
	return (struct reach){ first / WORD_PX, (end - 1) / WORD_PX, ~UINT64_C(0) << first % WORD_PX, ~UINT64_C(0) >> (WORD_PX - 1 - (end - 1) % WORD_PX) };
}

/* Where a pass ends to the left of these columns, 0: nothing is there; -1: they are taken. */
static inline int
end_before(const uint64_t *taken, const struct reach *r)
{
	int word = r->word;
	uint64_t left = taken[word] & ~r->from;

	if (word == r->last) {
		if ((taken[word] & r->from & r->to) != 0)
			return -1;
	} else {
		if (((taken[word] & r->from) | (taken[r->last] & r->to)) != 0)
			return -1;
		for (int i = word + 1; i < r->last; i++)
			if (taken[i] != 0)
				return -1;
	}
	while (left == 0 && word > 0)
		left = taken[--word];
	return left != 0 ? (word + 1) * WORD_PX - __builtin_clzll(left) : 0;
}

static void
take(uint64_t *taken, const struct reach *r)
{
	if (r->word == r->last) {
		taken[r->word] |= r->from & r->to;
		return;
	}
	taken[r->word] |= r->from;
	for (int i = r->word + 1; i < r->last; i++)
		taken[i] = ~UINT64_C(0);
	taken[r->last] |= r->to;
}

static void
join_pass(struct plan *plan, int pass, int index)
{
	struct piece *piece = &plan->pieces[index];
	int before = -1, at = plan->passes[pass];

	while (at >= 0 && plan->pieces[at].first < piece->first) {
		before = at;
		at = plan->pieces[at].next;
	}
	piece->next = at;
	if (before < 0)
		plan->passes[pass] = (int16_t)index;
	else
		plan->pieces[before].next = index;
}

/* Puts a piece where the gap before it is shortest. */
static void
place_piece(const struct sixel_pen *pen, struct plan *plan, int index)
{
	const struct piece *piece = &plan->pieces[index];
	const struct reach r = reach_of(piece->first, piece->end);
	const int words = pen->width_px / WORD_PX + 1;
	uint64_t *taken = pen->taken;
	int best = -1, best_end = -1;

	for (int pass = 0; pass < plan->pass_count && best_end < piece->first; pass++, taken += words) {
		const int end = end_before(taken, &r);

		if (end > best_end) {
			best = pass;
			best_end = end;
		}
	}
	if (best < 0) {
		best = plan->pass_count++;
		plan->passes[best] = -1;
		memset(pen->taken + best * words, 0, (size_t)words * sizeof pen->taken[0]);
	}
	take(pen->taken + best * words, &r);
	join_pass(plan, best, index);
}

/*
 * What colour c must and must not paint from first on.  It may: its pixels, shown so already or not, and those still to come, which
 * are without its own from now on.  Whole blocks: what is behind the end is no other piece's, pieces of a colour are far.
 */
static void
mark_colour(struct sixel_pen *pen, const struct sixel_strip *s, uint8_t c, int first, int end)
{
	const int last = blocks_start(s->end - 1);

	for (int x = first; x < end; x += BLOCK_PX) {
		const int from = x < last ? x : last;
		bytes16 mine = { 0 }, later = block_at(pen->later + from), must = block_at(pen->must + from);

		for (int k = s->rows - 1; k >= 0; k--)
			mine = add_row_above(mine, (bytes16)(block_at(s->want[k] + from) == c));
		later &= ~mine;
		memcpy(pen->later + from, &later, sizeof later);
		must &= mine;
		mine = ~(mine | later);
		memcpy(pen->force + from, &must, sizeof must);
		memcpy(pen->forbid + from, &mine, sizeof mine);
	}
}

/* The colour's pixels from column x on: the longest runs that paint all it must and nothing it may not. */
static char *
put_runs(const struct sixel_pen *pen, char *at, int x, int end)
{
	while (x < end) {
		unsigned must = 0, never = 0;
		int start = x;

		for (; x < end; x++) {
			const unsigned more = must | pen->force[x], less = never | pen->forbid[x];

			if ((more & less) != 0)
				break;
			must = more;
			never = less;
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
	mark_colour(pen, s, piece->colour, piece->first, piece->end);
	return put_runs(pen, at, piece->first, piece->end);
}

bool
sixel_pen_strip(struct sixel_pen *pen, const struct sixel_strip *s)
{
	struct plan plan;
	char *at = pen->bytes;

	mark_must(pen, s);
	find_pieces(pen, s, &plan);
	sort_pieces(&plan);
	plan.pass_count = 0;
	for (int i = 0; i < plan.count; i++)
		place_piece(pen, &plan, plan.order[i]);
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
