/*
 * paint_blocks.c - pictures as half blocks: two pixels a cell, only cells that changed are sent.
 * Owns what the terminal shows at one place; knows SGR colours (ECMA-48 8.3.117, ISO 8613-6), no terminal.
 * Also paint_ascii: brightness as characters, for terminals without colour or UTF-8.
 */
#include "ui/paint.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define SAME_ENOUGH 6			/* per channel: sensor noise is not change */
#define HEAL_EVERY 64			/* draws until everything is sent again */

struct pair { uint8_t top[3], bottom[3]; };

struct blocks {
	int colours;
	int cols, rows;
	struct pair *shown;
	bool known;
	int draws;
};

static void *
blocks_open(const struct paint_screen *screen)
{
	struct blocks *b = xcalloc(1, sizeof *b);

	b->colours = screen->colours;
	return b;
}

static void
blocks_close(void *self)
{
	struct blocks *b = self;

	if (b != NULL)
		free(b->shown);
	free(b);
}

static void
blocks_forget(void *self)
{
	((struct blocks *)self)->known = false;
}

static void
blocks_size(const struct paint_place *p, int *w_px, int *h_px)
{
	*w_px = p->cols;
	*h_px = p->rows * 2;
}

static bool
is_near(const uint8_t *a, const uint8_t *b)
{
	for (int i = 0; i < 3; i++)
		if (abs(a[i] - b[i]) > SAME_ENOUGH)
			return false;
	return true;
}

/* Nearest of the 256-colour cube (16..231) or its grey ramp (232..255). */
static int
nearest_256(const uint8_t *rgb)
{
	int r = rgb[0], g = rgb[1], b = rgb[2];
	int spread = abs(r - g) + abs(g - b) + abs(b - r);

	if (spread < 24) {
		int grey = (r + g + b) / 3;

		if (grey < 4)
			return 16;
		return grey > 246 ? 231 : 232 + (grey - 3) * 24 / 244;
	}
	int step[3];
	for (int i = 0; i < 3; i++)
		step[i] = rgb[i] < 48 ? 0 : rgb[i] < 115 ? 1 : (rgb[i] - 35) / 40;
	return 16 + 36 * step[0] + 6 * step[1] + step[2];
}

static int
nearest_8(const uint8_t *rgb)
{
	int high = rgb[0] > rgb[1] ? rgb[0] : rgb[1];

	high = rgb[2] > high ? rgb[2] : high;
	if (high < 48)
		return 0;
	int cut = high / 2 + 16;
	return (rgb[0] > cut ? 1 : 0) | (rgb[1] > cut ? 2 : 0) | (rgb[2] > cut ? 4 : 0);
}

static bool
add_colour(struct buf *out, int colours, const uint8_t *rgb, bool fg)
{
	if (colours >= 1 << 24)
		return buf_add_format(out, "\x1b[%d;2;%d;%d;%dm", fg ? 38 : 48, rgb[0], rgb[1], rgb[2]);
	if (colours >= 256)
		return buf_add_format(out, "\x1b[%d;5;%dm", fg ? 38 : 48, nearest_256(rgb));
	return buf_add_format(out, "\x1b[%dm", (fg ? 30 : 40) + nearest_8(rgb));
}

static void
read_pair(struct pair *p, const struct thumb *t, int x, int y)
{
	const uint8_t *top = t->rgb + ((size_t)(2 * y) * (size_t)t->width_px + (size_t)x) * 3;

	memcpy(p->top, top, 3);
	memcpy(p->bottom, top + (size_t)t->width_px * 3, 3);
}

static void
prepare(struct blocks *b, const struct paint_place *p)
{
	if (b->cols != p->cols || b->rows != p->rows) {
		free(b->shown);
		b->shown = xcalloc((size_t)p->cols * (size_t)p->rows, sizeof b->shown[0]);
		b->cols = p->cols;
		b->rows = p->rows;
		b->known = false;
	}
	if (++b->draws % HEAL_EVERY == 0)
		b->known = false;
}

/* One row of cells: runs of changed ones, each placed absolutely. */
static bool
draw_row(struct blocks *b, struct buf *out, const struct paint_place *p, const struct thumb *t, int y)
{
	const struct pair *ink = NULL;
	int at = -1;

	for (int x = 0; x < p->cols; x++) {
		struct pair *shown = &b->shown[y * p->cols + x], now;

		read_pair(&now, t, x, y);
		if (b->known && is_near(now.top, shown->top) && is_near(now.bottom, shown->bottom))
			continue;
		*shown = now;
		if (at != x && !buf_add_format(out, "\x1b[%d;%dH", p->row + y + 1, p->col + x + 1))
			return false;
		at = x + 1;
		if ((ink == NULL || memcmp(ink->top, now.top, 3) != 0) && !add_colour(out, b->colours, now.top, true))
			return false;
		if ((ink == NULL || memcmp(ink->bottom, now.bottom, 3) != 0) && !add_colour(out, b->colours, now.bottom, false))
			return false;
		ink = shown;
		if (!buf_add_text(out, "▀"))
			return false;
	}
	return true;
}

static bool
fit(struct thumb *fitted, const struct paint_place *p, const struct thumb *t)
{
	if (!thumb_init(fitted, p->cols, p->rows * 2))
		return false;
	thumb_fit(fitted, t);
	return true;
}

static enum paint_result
blocks_draw(void *self, struct buf *out, const struct paint_place *p, const struct thumb *t, const struct paint_grant *g)
{
	struct blocks *b = self;
	struct thumb fitted;
	size_t before = out->len;
	bool ok;

	(void)g;
	if (!fit(&fitted, p, t))
		return PAINT_NO_ROOM;
	prepare(b, p);
	ok = buf_add_text(out, "\x1b" "7");
	size_t empty = out->len;
	for (int y = 0; ok && y < p->rows; y++)
		ok = draw_row(b, out, p, &fitted, y);
	b->known = ok;
	if (ok && out->len == empty)
		out->len = before;		/* nothing moved: nothing is sent */
	else
		ok = ok && buf_add_text(out, "\x1b[0m\x1b" "8");
	thumb_fini(&fitted);
	return !ok ? PAINT_NO_ROOM : out->len > before ? PAINT_DONE : PAINT_NOTHING;
}

static enum paint_result
ascii_draw(void *self, struct buf *out, const struct paint_place *p, const struct thumb *t, const struct paint_grant *g)
{
	static const char ink[] = " .:-=+*#%@";
	struct thumb fitted;
	bool ok;

	(void)self;
	(void)g;
	if (!fit(&fitted, p, t))
		return PAINT_NO_ROOM;
	ok = buf_add_text(out, "\x1b" "7\x1b[0m");
	for (int y = 0; ok && y < p->rows; y++) {
		ok = buf_add_format(out, "\x1b[%d;%dH", p->row + y + 1, p->col + 1);
		for (int x = 0; ok && x < p->cols; x++) {
			struct pair two;

			read_pair(&two, &fitted, x, y);
			int light = (two.top[0] + two.bottom[0]) * 3 + (two.top[1] + two.bottom[1]) * 6 + two.top[2] + two.bottom[2];
			ok = buf_add(out, &ink[light * 10 / (2 * 2560)], 1);
		}
	}
	ok = ok && buf_add_text(out, "\x1b" "8");
	thumb_fini(&fitted);
	return ok ? PAINT_DONE : PAINT_NO_ROOM;
}

const struct paint_ops paint_blocks = {
	.name = "symbols", .open = blocks_open, .close = blocks_close, .size = blocks_size,
	.draw = blocks_draw, .forget = blocks_forget,
};

const struct paint_ops paint_ascii = {
	.name = "ascii", .open = blocks_open, .close = blocks_close, .size = blocks_size,
	.draw = ascii_draw, .forget = blocks_forget,
};
