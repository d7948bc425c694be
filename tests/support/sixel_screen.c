/*
 * sixel_screen.c - a terminal's picture memory for tests.
 * The decoding is libsixel's, so that a mistake of our encoder is not made twice; only what libsixel has no notion of
 * is ours: where a picture begins, registers that outlive it, and pixels that stay (P2 = 1).
 */
#include "support/sixel_screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sixel.h>

#include "base/buf.h"
#include "base/xalloc.h"

#define UNPAINTED 255			/* in what libsixel decodes */

void
sixel_screen_init(struct sixel_screen *s, int rows, int cols, int cell_w_px, int cell_h_px)
{
	memset(s, 0, sizeof *s);
	s->width_px = cols * cell_w_px;
	s->height_px = rows * cell_h_px;
	s->cell_w_px = cell_w_px;
	s->cell_h_px = cell_h_px;
	s->rgb = xcalloc((size_t)s->width_px * (size_t)s->height_px, 3);
	s->painted = xcalloc((size_t)s->width_px * (size_t)s->height_px, sizeof s->painted[0]);
}

void
sixel_screen_fini(struct sixel_screen *s)
{
	for (int i = 0; i < 256; i++)
		free(s->registers[i]);
	free(s->rgb);
	free(s->painted);
	memset(s, 0, sizeof *s);
}

const uint8_t *
sixel_screen_at(const struct sixel_screen *s, int x, int y)
{
	return s->rgb + ((size_t)y * (size_t)s->width_px + (size_t)x) * 3;
}

/* "#N;2;R;G;B" is remembered, and told again wherever the colour is used: the decoder knows only one picture. */
static const char *
copy_colour(struct sixel_screen *s, struct buf *out, const char *at)
{
	char *end;
	long number = strtol(at + 1, &end, 10);

	assert_true(end > at + 1 && number >= 0 && number < UNPAINTED);
	if (*end == ';') {
		const char *values = end;

		end += strspn(end, ";0123456789");
		free(s->registers[number]);
		s->registers[number] = xstrndup(values, (size_t)(end - values));
	}
	assert_non_null(s->registers[number]);		/* painting with a colour nobody has defined */
	assert_true(buf_add_format(out, "#%ld%s#%ld", number, s->registers[number], number));
	return end;
}

static const char *
copy_data(struct sixel_screen *s, struct buf *out, const char *at)
{
	while (*at != '\x1b') {
		if (*at == '#') {
			at = copy_colour(s, out, at);
			continue;
		}
		assert_true((*at >= '?' && *at <= '~') || (*at != '\0' && strchr("\"!$-;0123456789", *at) != NULL));
		assert_true(buf_add(out, at++, 1));
	}
	return at;
}

static void
compose(struct sixel_screen *s, const uint8_t *pixels, int w, int h, const uint8_t *palette, bool overlay)
{
	int left = s->col * s->cell_w_px, top = s->row * s->cell_h_px;

	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			unsigned index = pixels[y * w + x];
			size_t at = (size_t)(top + y) * (size_t)s->width_px + (size_t)(left + x);

			if (index == UNPAINTED && overlay)
				continue;
			assert_int_not_equal(index, UNPAINTED);		/* an opaque picture has no holes */
			assert_true(left + x < s->width_px && top + y < s->height_px);
			memcpy(s->rgb + at * 3, palette + index * 3, 3);
			s->painted[at] = true;
		}
}

/* Raster attributes must be as large as what is painted; the decoder itself grows a picture in whole bands. */
static int
told_height(const char *data, int fallback)
{
	int w, h;

	return sscanf(data, "\"1;1;%d;%d", &w, &h) == 2 ? h : fallback;
}

static void
check_below(const uint8_t *pixels, int w, int from, int to)
{
	for (int i = from * w; i < to * w; i++)
		assert_int_equal(pixels[i], UNPAINTED);
}

static bool
has_pixels(const char *data, const char *end)
{
	for (; data < end; data++)
		if (*data >= '?' && *data <= '~')
			return true;
	return false;
}

static const char *
picture(struct sixel_screen *s, const char *at)
{
	struct buf data;
	unsigned char *pixels = NULL, *palette = NULL;
	int w = 0, h = 0, colours = 0, p1 = 0, p2 = 0;

	at += 2;
	sscanf(at, "%d;%d", &p1, &p2);
	at += strcspn(at, "q") + 1;
	const char *body = at;
	buf_init(&data, 1 << 24);
	assert_true(buf_add_format(&data, "\x1bP%sq", p2 == 1 ? "9;1" : ""));
	at = copy_data(s, &data, at);
	assert_true(at[0] == '\x1b' && at[1] == '\\');
	assert_true(buf_add_text(&data, "\x1b\\"));
	if (has_pixels(body, at)) {
		assert_true(SIXEL_SUCCEEDED(sixel_decode_raw((unsigned char *)data.data, (int)data.len, &pixels, &w, &h, &palette,
		    &colours, NULL)));
		int told = told_height(body, h), left = s->height_px - s->row * s->cell_h_px;
		told = told < left || p2 != 1 ? told : left;
		check_below(pixels, w, told, h);
		compose(s, pixels, w, told < h ? told : h, palette, p2 == 1);
		free(pixels);
		free(palette);
		s->pictures++;
		s->overlays += p2 == 1;
	}
	buf_fini(&data);
	return at + 2;
}

static const char *
control(struct sixel_screen *s, const char *at)
{
	char *end;

	if (strncmp(at, "\x1b[?1070", 7) == 0) {
		s->shared = at[7] == 'l';
		assert_true(at[7] == 'l' || at[7] == 'h');
		return at + 8;
	}
	s->row = s->col = 0;
	if (at[2] == 'H')
		return at + 3;
	s->row = (int)strtol(at + 2, &end, 10) - 1;
	assert_int_equal(*end, ';');
	s->col = (int)strtol(end + 1, &end, 10) - 1;
	assert_int_equal(*end, 'H');
	assert_true(s->row >= 0 && s->col >= 0);
	return end + 1;
}

static void
forget_registers(struct sixel_screen *s)
{
	for (int i = 0; i < 256 && !s->shared; i++) {
		free(s->registers[i]);
		s->registers[i] = NULL;
	}
}

void
sixel_screen_feed(struct sixel_screen *s, const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len;

	while (at < end) {
		assert_int_equal(*at, '\x1b');
		switch (at[1]) {
		case '7':
			assert_false(s->saved);
			s->saved = true;
			at += 2;
			break;
		case '8':
			assert_true(s->saved);
			s->saved = false;
			at += 2;
			break;
		case '[':
			at = control(s, at);
			break;
		default:
			assert_int_equal(at[1], 'P');
			forget_registers(s);
			at = picture(s, at);
		}
	}
	assert_ptr_equal(at, end);
	assert_false(s->saved);		/* the cursor is where it was */
}
