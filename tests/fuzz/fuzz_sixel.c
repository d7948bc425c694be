/*
 * fuzz_sixel.c - any pictures, places, grants and terminals through the sixel painter.
 * The screen's palette may change from picture to picture.  What must hold: bytes are nothing but cursor moves and whole
 * pictures of printable data, they obey the place, and a picture shown again and again comes to rest within its own sending.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/paint.h"
#include "ui/sixel_palette.h"

#define CHECK(cond) ((cond) ? (void)0 : fuzz_fail(#cond))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void
fuzz_fail(const char *what)
{
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static const char *
check_picture(const char *at, const char *end)
{
	for (at += 2; at < end && *at != '\x1b'; at++)
		CHECK(*at >= '!' && *at <= '~');
	CHECK(at + 1 < end && at[1] == '\\');
	return at + 2;
}

static const char *
check_move(const char *at, const struct paint_place *p)
{
	char *next;
	long row = strtol(at + 2, &next, 10), col;

	CHECK(*next == ';');
	col = strtol(next + 1, &next, 10);
	CHECK(*next == 'H' && row > p->row && row <= p->row + p->rows && col > p->col && col <= p->col + p->cols);
	return next + 1;
}

static void
check_bytes(const struct buf *b, const struct paint_place *p)
{
	const char *at = b->data, *end = b->data + b->len;
	int saved = 0;

	while (at < end) {
		CHECK(*at == '\x1b' && at + 1 < end);
		if (at[1] == 'P') {
			at = check_picture(at, end);
		} else if (at[1] == '[') {
			at = check_move(at, p);
		} else {
			CHECK(at[1] == (saved ? '8' : '7'));
			saved = !saved;
			at += 2;
		}
	}
	CHECK(!saved);
}

/* Pixels from the input, over and over; the first byte of each picture shifts them. */
static void
fill(struct thumb *t, const uint8_t *data, size_t size, size_t shift)
{
	size_t bytes = (size_t)t->width_px * (size_t)t->height_px * 3;

	for (size_t i = 0; i < bytes; i++)
		t->rgb[i] = size > 0 ? data[(i / 5 + shift) % size] : 0;
}

static void
draw_all(void *painter, struct buf *out, const struct paint_place *p, const struct thumb *t, const struct paint_grant *g)
{
	struct paint_grant grant = *g;

	for (int piece = 0;; piece++) {
		enum paint_result r;

		CHECK(piece < 2000);
		buf_clear(out);
		r = paint_sixel.draw(painter, out, p, t, &grant);
		if (out->len > 0)
			check_bytes(out, p);
		CHECK((r == PAINT_NOTHING || r == PAINT_NO_ROOM) == (out->len == 0));
		if (r != PAINT_MORE)
			return;
		grant.heal_rows = 0;
	}
}

/* Any colours, from the input. */
static void
change(struct sixel_palette *p, const uint8_t *data, size_t size)
{
	uint8_t rgb[SIXEL_PALETTE_COLOURS][3];

	for (size_t i = 0; i < sizeof rgb; i++)
		rgb[i / 3][i % 3] = size > 0 ? data[(i + p->serial) % size] : 0;
	sixel_palette_set(p, (const uint8_t (*)[3])rgb);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t head[10] = { 0 };
	struct buf out;
	struct thumb t;

	memcpy(head, data, size < sizeof head ? size : sizeof head);
	data += size < sizeof head ? size : sizeof head;
	size -= size < sizeof head ? size : sizeof head;
	struct sixel_palette palette;
	const struct paint_screen screen = { .colours = head[0] * 4, .shared_palette = head[1] & 1, .overlays = head[1] & 2,
	    .uneven_cells = head[1] & 4, .palette = head[1] & 16 ? &palette : NULL };
	const struct paint_place place = { head[2] % 50, head[3], head[4] % 8, head[5] % 12, head[6] % 24, head[7] % 44 };
	const struct paint_grant grant = { .max_bytes = (size_t)head[8] * 16, .level = head[9] % 6 - 1, .heal_rows = head[9] / 64 };

	if (!thumb_init(&t, 1 + head[2] % 90, 1 + head[9] % 70))
		return 0;
	buf_init(&out, 1 << 22);
	sixel_palette_init(&palette);
	sixel_palette_fit(&palette, screen.colours);
	void *painter = paint_sixel.open(&screen);
	for (size_t picture = 0; picture < 4; picture++) {
		fill(&t, data, size, picture * (size_t)head[8]);
		draw_all(painter, &out, &place, &t, &grant);
		if (head[1] & 16)
			change(&palette, data, size);
		if (head[1] & 8 && picture == 2)
			paint_sixel.forget(painter);
	}
	paint_sixel.close(painter);
	thumb_fini(&t);
	buf_fini(&out);
	return 0;
}
