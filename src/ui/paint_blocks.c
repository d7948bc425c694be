/*
 * paint_blocks.c - pictures as half blocks: two pixels a cell, only cells that changed are sent.
 * Owns what the terminal shows at one place; knows SGR colours (ECMA-48 8.3.117, ISO 8613-6), no terminal.
 * Also paint_ascii: brightness as characters, for terminals without colour or UTF-8.
 */
#include "ui/paint.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "ui/paint_fit.h"

#define CELL_BYTES 64			/* one cell with both colours and a move, at most */
#define MAX_CELLS 1000			/* either side */

/* A colour as the terminal is told: which kind, and its number. */
enum ink_kind { INK_NONE, INK_RGB, INK_256, INK_16, INK_8, INK_LETTER };
struct ink { uint32_t code; };		/* kind << 24 | number */

struct cell {
	uint8_t top[3], bottom[3];	/* the pixels when it was last sent */
	struct ink upper, lower;	/* NONE: not known what is shown */
};

struct blocks {
	int colours;
	int cols, rows;
	struct cell *cells;
	struct thumb fitted;
	char *line;			/* the bytes of one row */
	int next;			/* the row where the next piece begins */
	int heal_row;			/* the next that is sent again, whatever it shows: it may be lost */
};

/* One row while it is drawn. */
struct row {
	const struct paint_place *place;
	const struct thumb *t;
	enum ink_kind kind;
	int same;			/* a channel that moves less is noise */
	int y, left, top;		/* cells; where the picture begins, in pixels */
	char *at;
	int cursor;			/* column; -1: elsewhere */
	struct ink fg, bg;
};

static void *
blocks_open(const struct paint_screen *screen)
{
	struct blocks *b = xcalloc(1, sizeof *b);

	b->colours = screen->colours;
	return b;
}

static void *
ascii_open(const struct paint_screen *screen)
{
	(void)screen;
	return xcalloc(1, sizeof(struct blocks));
}

static void
blocks_close(void *self)
{
	struct blocks *b = self;

	if (b == NULL)
		return;
	free(b->cells);
	free(b->line);
	thumb_fini(&b->fitted);
	free(b);
}

static void
forget_rows(struct blocks *b, int first, int end)
{
	for (int i = first * b->cols; i < end * b->cols; i++)
		b->cells[i].upper = b->cells[i].lower = (struct ink){ INK_NONE };
}

static void
blocks_forget(void *self)
{
	struct blocks *b = self;

	forget_rows(b, 0, b->rows);
}

static void
blocks_size(const struct paint_place *p, int *w_px, int *h_px)
{
	*w_px = p->cols;
	*h_px = p->rows * 2;
}

/* Nearest of the 256-colour cube (16..231) or its grey ramp (232..255). */
static uint32_t
nearest_256(const uint8_t *rgb)
{
	int r = rgb[0], g = rgb[1], b = rgb[2];
	int spread = abs(r - g) + abs(g - b) + abs(b - r);
	uint32_t step[3];

	if (spread < 24) {
		int grey = (r + g + b) / 3;

		if (grey < 4)
			return 16;
		return grey > 246 ? 231 : (uint32_t)(232 + (grey - 3) * 24 / 244);
	}
	for (int i = 0; i < 3; i++)
		step[i] = rgb[i] < 48 ? 0 : rgb[i] < 115 ? 1 : (uint32_t)(rgb[i] - 35) / 40;
	return 16 + 36 * step[0] + 6 * step[1] + step[2];
}

static uint32_t
nearest_8(const uint8_t *rgb)
{
	int high = rgb[0] > rgb[1] ? rgb[0] : rgb[1];

	high = rgb[2] > high ? rgb[2] : high;
	if (high < 48)
		return 0;
	int cut = high / 2 + 16;
	return (rgb[0] > cut ? 1u : 0) | (rgb[1] > cut ? 2u : 0) | (rgb[2] > cut ? 4u : 0);
}

/* 0..7 dark, 8..15 bright; dark white is light grey, bright black dark grey. */
static uint32_t
nearest_16(const uint8_t *rgb)
{
	uint32_t hue = nearest_8(rgb);
	int high = rgb[0] > rgb[1] ? rgb[0] : rgb[1];

	high = rgb[2] > high ? rgb[2] : high;
	if (hue == 7)
		return high < 160 ? 8 : high < 225 ? 7 : 15;
	return high > 200 ? hue + 8 : hue;
}

static uint32_t
letter_of(const uint8_t *top, const uint8_t *bottom)
{
	static const char letters[] = " .:-=+*#%@";
	int light = (top[0] + bottom[0]) * 3 + (top[1] + bottom[1]) * 6 + top[2] + bottom[2];

	return (uint32_t)letters[light * 10 / (2 * 2560)];
}

static struct ink
ink_of(enum ink_kind kind, const uint8_t *rgb)
{
	uint32_t number;

	switch (kind) {
	case INK_RGB:
		number = (uint32_t)(rgb[0] << 16 | rgb[1] << 8 | rgb[2]);
		break;
	case INK_256:
		number = nearest_256(rgb);
		break;
	case INK_16:
		number = nearest_16(rgb);
		break;
	default:
		number = nearest_8(rgb);
	}
	return (struct ink){ (uint32_t)kind << 24 | number };
}

static bool
is_same(struct ink a, struct ink b)
{
	return a.code == b.code;
}

/* The best that terminal and level allow. */
static enum ink_kind
kind_for(int colours, int level)
{
	if (colours == 0)
		return INK_LETTER;
	if (colours >= 1 << 24 && level == 0)
		return INK_RGB;
	if (colours >= 256 && level <= 1)
		return INK_256;
	return colours >= 16 ? INK_16 : INK_8;
}

static char *
put_text(char *at, const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len);
	return at + len;
}

static char *
put_number(char *at, uint32_t n)
{
	if (n >= 10)
		at = put_number(at, n / 10);
	*at++ = (char)('0' + n % 10);
	return at;
}

/* The parameters of one colour; base 30 for what is drawn, 40 for what is behind. */
static char *
put_ink(char *at, struct ink ink, uint32_t base)
{
	uint32_t n = ink.code & 0xffffff;

	switch ((enum ink_kind)(ink.code >> 24)) {
	case INK_RGB:
		at = put_text(put_number(at, base + 8), ";2;");
		*(at = put_number(at, n >> 16)) = ';';
		*(at = put_number(at + 1, n >> 8 & 255)) = ';';
		return put_number(at + 1, n & 255);
	case INK_256:
		return put_number(put_text(put_number(at, base + 8), ";5;"), n);
	default:
		return put_number(at, n < 8 ? base + n : base + 52 + n);
	}
}

static void
use_inks(struct row *r, struct ink fg, struct ink bg)
{
	bool new_fg = !is_same(fg, r->fg), new_bg = !is_same(bg, r->bg);

	if (!new_fg && !new_bg)
		return;
	r->at = put_text(r->at, "\x1b[");
	if (new_fg)
		r->at = put_ink(r->at, fg, 30);
	if (new_fg && new_bg)
		*r->at++ = ';';
	if (new_bg)
		r->at = put_ink(r->at, bg, 40);
	*r->at++ = 'm';
	r->fg = fg;
	r->bg = bg;
}

static void
move_to(struct row *r, int x)
{
	if (r->cursor == x)
		return;
	r->at = put_text(r->at, "\x1b[");
	if (r->cursor < 0) {
		r->at = put_number(r->at, (uint32_t)(r->place->row + r->y + 1));
		*r->at++ = ';';
		r->at = put_number(r->at, (uint32_t)(r->place->col + x + 1));
		*r->at++ = 'H';
		return;
	}
	r->at = put_number(r->at, (uint32_t)(x - r->cursor));
	*r->at++ = 'C';
}

/* The half that costs fewer colours is the one drawn; a cell of one colour needs no half. */
static void
put_cell(struct row *r, const struct cell *c)
{
	if (r->kind == INK_LETTER) {
		*r->at++ = (char)(c->upper.code & 0xff);
	} else if (is_same(c->upper, c->lower)) {
		use_inks(r, r->fg, c->lower);
		*r->at++ = ' ';
	} else if (is_same(c->lower, r->fg) || is_same(c->upper, r->bg)) {
		use_inks(r, c->lower, c->upper);
		r->at = put_text(r->at, "▄");
	} else {
		use_inks(r, c->upper, c->lower);
		r->at = put_text(r->at, "▀");
	}
}

static bool
is_near(const uint8_t *a, const uint8_t *b, int same)
{
	return abs(a[0] - b[0]) <= same && abs(a[1] - b[1]) <= same && abs(a[2] - b[2]) <= same;
}

static const uint8_t *
pixel_at(const struct row *r, int x, int y)
{
	static const uint8_t black[3];

	x -= r->left;
	y -= r->top;
	if (x < 0 || y < 0 || x >= r->t->width_px || y >= r->t->height_px)
		return black;
	return r->t->rgb + ((size_t)y * (size_t)r->t->width_px + (size_t)x) * 3;
}

static void
draw_cell(struct row *r, int x, struct cell *shown)
{
	const uint8_t *top = pixel_at(r, x, 2 * r->y), *bottom = pixel_at(r, x, 2 * r->y + 1);
	bool known = shown->upper.code != INK_NONE;
	struct cell now;

	if (known && is_near(top, shown->top, r->same) && is_near(bottom, shown->bottom, r->same))
		return;
	memcpy(now.top, top, 3);
	memcpy(now.bottom, bottom, 3);
	now.upper = r->kind == INK_LETTER ? (struct ink){ INK_LETTER << 24 | letter_of(top, bottom) } : ink_of(r->kind, top);
	now.lower = r->kind == INK_LETTER ? now.upper : ink_of(r->kind, bottom);
	bool changed = !is_same(now.upper, shown->upper) || !is_same(now.lower, shown->lower);
	*shown = now;
	if (!changed)
		return;
	move_to(r, x);
	put_cell(r, &now);
	r->cursor = x + 1;
}

/* So many rows in turn. */
static void
heal(struct blocks *b, int rows)
{
	rows = rows < b->rows ? rows : b->rows;
	for (int i = 0; i < rows; i++) {
		b->heal_row = b->heal_row < b->rows ? b->heal_row : 0;
		forget_rows(b, b->heal_row, b->heal_row + 1);
		b->heal_row++;
	}
}

static bool
prepare(struct blocks *b, const struct paint_place *p)
{
	if (p->cols < 1 || p->rows < 1 || p->cols > MAX_CELLS || p->rows > MAX_CELLS)
		return false;
	if (b->cols != p->cols || b->rows != p->rows) {
		free(b->cells);
		b->cells = xcalloc((size_t)p->cols * (size_t)p->rows, sizeof b->cells[0]);
		b->line = xreallocarray(b->line, (size_t)p->cols, CELL_BYTES);
		b->cols = p->cols;
		b->rows = p->rows;
		b->next = 0;
	}
	return true;
}

/* All rows from the one whose turn it is, until the grant is spent. */
static enum paint_result
draw_rows(struct blocks *b, struct buf *out, struct row *r, size_t max_bytes)
{
	size_t before = out->len;
	int start = b->next < b->rows ? b->next : 0;

	b->next = 0;
	for (int n = 0; n < b->rows; n++) {
		if (out->len > before && out->len - before >= max_bytes) {
			b->next = (start + n) % b->rows;
			return PAINT_MORE;
		}
		r->y = (start + n) % b->rows;
		r->at = b->line;
		r->cursor = -1;
		for (int x = 0; x < b->cols; x++)
			draw_cell(r, x, &b->cells[r->y * b->cols + x]);
		if (!buf_add(out, b->line, (size_t)(r->at - b->line)))
			return PAINT_NO_ROOM;
	}
	return out->len > before ? PAINT_DONE : PAINT_NOTHING;
}

static enum paint_result
blocks_draw(void *self, struct buf *out, const struct paint_place *p, const struct thumb *t, const struct paint_grant *g)
{
	static const uint8_t same_by_level[PAINT_LEVELS] = { 6, 8, 12, 24 };
	struct blocks *b = self;
	int level = g->level < 0 ? 0 : g->level < PAINT_LEVELS ? g->level : PAINT_LEVELS - 1;
	struct row r = { .place = p, .kind = kind_for(b->colours, level), .same = same_by_level[level] };
	size_t before = out->len;
	enum paint_result result = PAINT_NO_ROOM;

	if (t == NULL || t->rgb == NULL || !prepare(b, p) || (r.t = paint_fit(&b->fitted, t, p->cols, 2 * p->rows)) == NULL)
		return PAINT_NO_ROOM;
	heal(b, g->heal_rows);
	r.left = (p->cols - r.t->width_px) / 2;
	r.top = (2 * p->rows - r.t->height_px) / 2;
	if (buf_add_text(out, "\x1b" "7\x1b[0m"))
		result = draw_rows(b, out, &r, g->max_bytes);
	if ((result == PAINT_DONE || result == PAINT_MORE) &&
	    !buf_add_text(out, r.kind == INK_LETTER ? "\x1b" "8" : "\x1b[0m\x1b" "8"))
		result = PAINT_NO_ROOM;
	if (result == PAINT_NO_ROOM)
		blocks_forget(b);
	if (result == PAINT_NO_ROOM || result == PAINT_NOTHING)
		out->len = before;
	return result;
}

const struct paint_ops paint_blocks = {
	.name = "symbols", .open = blocks_open, .close = blocks_close, .size = blocks_size,
	.draw = blocks_draw, .forget = blocks_forget,
};

const struct paint_ops paint_ascii = {
	.name = "ascii", .open = ascii_open, .close = blocks_close, .size = blocks_size,
	.draw = blocks_draw, .forget = blocks_forget,
};
