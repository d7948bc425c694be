/*
 * sixel_pen.c - rows of palette colours as few DECSIXEL bytes.
 * Colours go by size, the largest first: pixels that a later colour will cover, and pixels that show the colour
 * already, may be painted or not, whichever makes the longer run.
 */
#include "ui/sixel_pen.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_PX 16
#define COLOUR_BYTES 32			/* definition, selection and return at most */
#define PIXEL_BYTES 16			/* a pixel alone: two runs at most */
#define NOTHING '?'			/* the sixel with no pixel set */

struct colour_use { int count, first, end; };

struct tally {
	struct colour_use use[SIXEL_PALETTE_COLOURS];
	uint8_t order[SIXEL_PALETTE_COLOURS];
	int count;
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
	pen->room = (size_t)width_px * SIXEL_BAND * PIXEL_BYTES + (size_t)SIXEL_PALETTE_COLOURS * COLOUR_BYTES;
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

static inline void
remove_painted(uint8_t *restrict later, const uint8_t *restrict mine)
{
	for (int i = 0; i < BLOCK_PX; i++)
		later[i] = (uint8_t)(later[i] & ~mine[i]);
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
add_use(struct tally *t, unsigned c, int x)
{
	struct colour_use *u = &t->use[c];

	if (u->count++ == 0) {
		u->first = x;
		t->order[t->count++] = (uint8_t)c;
	}
	u->end = x + 1;
}

static void
count_colours(const struct sixel_pen *pen, const struct sixel_strip *s, struct tally *t)
{
	memset(t, 0, sizeof *t);
	for (int x = s->first; x < s->end; x++)
		for (unsigned bits = pen->must[x]; bits != 0; bits &= bits - 1)
			add_use(t, s->want[__builtin_ctz(bits)][x], x);
	for (int i = 1; i < t->count; i++) {
		uint8_t c = t->order[i];
		int k = i;

		for (; k > 0 && t->use[t->order[k - 1]].count < t->use[c].count; k--)
			t->order[k] = t->order[k - 1];
		t->order[k] = c;
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

bool
sixel_pen_strip(struct sixel_pen *pen, const struct sixel_strip *s)
{
	struct tally t;
	char *at = pen->bytes;

	pen->len = 0;
	mark_must(pen, s);
	count_colours(pen, s, &t);
	memcpy(pen->later + blocks_start(s->first), pen->must + blocks_start(s->first), (size_t)(s->end - blocks_start(s->first)));
	for (int i = 0; i < t.count; i++) {
		uint8_t c = t.order[i];
		int first = t.use[c].first, end = t.use[c].end;

		if (i > 0)
			*at++ = '$';
		at = put_colour(pen, at, c);
		at = put_run(at, 0, first - s->origin);
		mark_mine(pen, s, c, first, end);
		at = put_runs(pen, at, first, end);
		for (int x = blocks_start(first); x < end; x += BLOCK_PX)
			remove_painted(pen->later + x, pen->mine + x);
	}
	pen->len = (size_t)(at - pen->bytes);
	return t.count > 0;
}
