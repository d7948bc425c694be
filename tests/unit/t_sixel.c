/*
 * t_sixel.c - the parts of the sixel encoder by themselves: bytes against libsixel's decoder, colours, rectangles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "support/sixel_screen.h"
#include "ui/sixel_learn.h"
#include "ui/sixel_pen.h"
#include "ui/sixel_rects.h"
#include "ui/sixel_thin.h"

#define WIDTH 200
#define STRIDE 208

static unsigned
next_random(unsigned *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 8;
}

/* ---- the pen ---- */

struct band { uint8_t want[SIXEL_BAND][STRIDE], shown[SIXEL_BAND][STRIDE]; };

static void
random_band(struct band *b, unsigned *random, int colours, int change_percent)
{
	memset(b, 0, sizeof *b);
	for (int y = 0; y < SIXEL_BAND; y++)
		for (int x = 0; x < WIDTH; x++) {
			uint8_t c = (uint8_t)(next_random(random) % (unsigned)colours * 7 % SIXEL_PALETTE_COLOURS);

			b->want[y][x] = x > 0 && next_random(random) % 3 != 0 ? b->want[y][x - 1] : c;
			b->shown[y][x] = next_random(random) % 100 < (unsigned)change_percent ? SIXEL_PALETTE_NONE : b->want[y][x];
		}
}

static void
show(struct sixel_screen *screen, const struct sixel_palette *colours, const struct band *b, int rows)
{
	for (int y = 0; y < rows; y++)
		for (int x = 0; x < WIDTH; x++)
			if (b->shown[y][x] != SIXEL_PALETTE_NONE)
				memcpy(screen->rgb + (y * WIDTH + x) * 3, colours->rgb[b->shown[y][x]], 3);
			else
				memset(screen->rgb + (y * WIDTH + x) * 3, 77, 3);
}

static void
check_band(struct sixel_pen *pen, const struct band *b, int rows, bool opaque)
{
	struct sixel_strip strip = { .rows = rows, .first = 0, .end = WIDTH };
	struct sixel_screen screen;
	struct buf out;

	for (int k = 0; k < rows; k++) {
		strip.want[k] = b->want[k];
		strip.shown[k] = opaque ? NULL : b->shown[k];
	}
	sixel_screen_init(&screen, 1, WIDTH, 1, rows);
	show(&screen, pen->colours, b, rows);
	buf_init(&out, 1 << 20);
	sixel_pen_begin(pen);
	if (sixel_pen_strip(pen, &strip)) {
		assert_true(pen->len <= pen->room);
		assert_true(buf_add_text(&out, opaque ? "\x1bPq\"1;1" : "\x1bP9;1q"));
		assert_true(!opaque || buf_add_format(&out, ";%d;%d", WIDTH, rows));
		assert_true(buf_add(&out, pen->bytes, pen->len) && buf_add_text(&out, "\x1b\\"));
		sixel_screen_feed(&screen, out.data, out.len);
	}
	for (int y = 0; y < rows; y++)
		for (int x = 0; x < WIDTH; x++)
			for (int i = 0; i < 3; i++)
				assert_in_range(sixel_screen_at(&screen, x, y)[i] + 2, pen->colours->rgb[b->want[y][x]][i], pen->colours->rgb[b->want[y][x]][i] + 4);
	sixel_screen_fini(&screen);
	buf_fini(&out);
}

static void
random_bands_decode_to_what_was_wanted(void **state)
{
	struct sixel_palette colours;
	struct sixel_pen pen;
	unsigned random = 5;

	(void)state;
	sixel_palette_init(&colours);
	sixel_pen_init(&pen, &colours, false);
	assert_true(sixel_pen_resize(&pen, WIDTH));
	for (int round = 0; round < 600; round++) {
		struct band b;

		random_band(&b, &random, 1 + round % 224, round * 7 % 101);
		check_band(&pen, &b, 1 + round % SIXEL_BAND, round % 2 == 0);
	}
	sixel_pen_fini(&pen);
}

/* Every column another set of colours: the most bytes that a strip can take. */
static void
the_worst_strip_has_room(void **state)
{
	struct sixel_palette colours;
	struct sixel_pen pen;
	struct band b;

	(void)state;
	memset(&b, 0, sizeof b);
	sixel_palette_init(&colours);
	sixel_pen_init(&pen, &colours, false);
	assert_true(sixel_pen_resize(&pen, WIDTH));
	for (int y = 0; y < SIXEL_BAND; y++)
		for (int x = 0; x < WIDTH; x++)
			b.want[y][x] = (uint8_t)((x * 37 + y * 41) % SIXEL_PALETTE_COLOURS);
	memset(b.shown, SIXEL_PALETTE_NONE, sizeof b.shown);
	check_band(&pen, &b, SIXEL_BAND, false);
	check_band(&pen, &b, SIXEL_BAND, true);
	for (int x = 0; x < WIDTH; x++)
		b.shown[x % SIXEL_BAND][x] = b.want[x % SIXEL_BAND][x];
	check_band(&pen, &b, SIXEL_BAND, false);
	sixel_pen_fini(&pen);
}

/* Columns and counts of all lengths of number: a line across the widest place there is, and a mark at its far end. */
static void
wide_strips_take_few_bytes(void **state)
{
	struct sixel_strip strip = { .rows = 1, .end = SIXEL_SIDE_PX };
	static uint8_t want[SIXEL_SIDE_PX], shown[SIXEL_SIDE_PX];
	struct sixel_palette colours;
	struct sixel_pen pen;
	char text[64];

	(void)state;
	sixel_palette_init(&colours);
	sixel_pen_init(&pen, &colours, true);
	sixel_pen_knows_all(&pen);
	assert_true(sixel_pen_resize(&pen, SIXEL_SIDE_PX));
	strip.want[0] = want;
	strip.shown[0] = shown;
	memset(want, 9, sizeof want);
	for (int at = 1; at < SIXEL_SIDE_PX; at = at * 3 + 1) {
		memset(shown, 9, sizeof shown);
		memset(shown + at, 4, (size_t)(SIXEL_SIDE_PX - at));
		assert_true(sixel_pen_strip(&pen, &strip));
		if (at > 3)
			snprintf(text, sizeof text, "#%d!%d?!%d@", pen.number[9], at, SIXEL_SIDE_PX - at);
		else
			snprintf(text, sizeof text, "#%d%.*s!%d@", pen.number[9], at, "???", SIXEL_SIDE_PX - at);
		assert_int_equal(pen.len, strlen(text));
		assert_memory_equal(pen.bytes, text, pen.len);
	}
	sixel_pen_fini(&pen);
}

/* Two colours in turn, far apart: each goes in one pass from left to right, with no way back. */
static void
colours_beside_one_another_share_a_pass(void **state)
{
	struct sixel_strip strip = { .rows = 1, .end = SIXEL_SIDE_PX };
	static uint8_t want[SIXEL_SIDE_PX], shown[SIXEL_SIDE_PX];
	struct sixel_palette colours;
	struct sixel_pen pen;

	(void)state;
	sixel_palette_init(&colours);
	sixel_pen_init(&pen, &colours, true);
	sixel_pen_knows_all(&pen);
	assert_true(sixel_pen_resize(&pen, SIXEL_SIDE_PX));
	strip.want[0] = want;
	strip.shown[0] = shown;
	for (int x = 0; x < SIXEL_SIDE_PX; x++)
		want[x] = (uint8_t)(x % 64 < 16 ? 1 + x / 64 % 2 : 0);
	assert_true(sixel_pen_strip(&pen, &strip));
	assert_null(memchr(pen.bytes, '$', pen.len));
	want[8] = 3;				/* between its neighbours: it needs another pass */
	assert_true(sixel_pen_strip(&pen, &strip));
	assert_non_null(memchr(pen.bytes, '$', pen.len));
	sixel_pen_fini(&pen);
}

static void
nothing_to_paint_is_no_bytes(void **state)
{
	struct sixel_palette colours;
	struct sixel_pen pen;
	struct band b;
	struct sixel_strip strip = { .rows = SIXEL_BAND, .end = WIDTH };

	(void)state;
	memset(&b, 0, sizeof b);
	for (int k = 0; k < SIXEL_BAND; k++) {
		strip.want[k] = b.want[k];
		strip.shown[k] = b.shown[k];
	}
	sixel_palette_init(&colours);
	sixel_pen_init(&pen, &colours, true);
	assert_true(sixel_pen_resize(&pen, WIDTH));
	assert_false(sixel_pen_strip(&pen, &strip));
	assert_int_equal(pen.len, 0);
	sixel_pen_fini(&pen);
}

static void
colours_side_by_side_share_a_pass(void **state)
{
	struct sixel_palette colours;
	struct sixel_pen pen;
	struct band b;
	struct sixel_strip strip = { .rows = SIXEL_BAND, .end = WIDTH };

	(void)state;
	memset(&b, 0, sizeof b);
	memset(b.shown, SIXEL_PALETTE_NONE, sizeof b.shown);
	for (int k = 0; k < SIXEL_BAND; k++) {
		for (int x = 0; x < WIDTH; x++)
			b.want[k][x] = (uint8_t)(x / 50);
		strip.want[k] = b.want[k];
		strip.shown[k] = b.shown[k];
	}
	sixel_palette_init(&colours);
	sixel_pen_init(&pen, &colours, true);
	sixel_pen_knows_all(&pen);
	assert_true(sixel_pen_resize(&pen, WIDTH));
	assert_true(sixel_pen_strip(&pen, &strip));
	assert_null(memchr(pen.bytes, '$', pen.len));
	assert_null(memchr(pen.bytes, '?', pen.len));
	assert_in_range(pen.len, 1, 4 * 9);
	sixel_pen_fini(&pen);
}

/* ---- the colours ---- */

static void
no_two_registers_are_one(void **state)
{
	struct sixel_palette p;
	bool seen[256] = { false };

	(void)state;
	sixel_palette_init(&p);
	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		assert_false(seen[p.number[c]]);
		seen[p.number[c]] = true;
		assert_true(p.number[c] < SIXEL_PALETTE_COLOURS);
	}
}

static void
every_level_has_as_many_colours_as_it_says_within_as_many_registers(void **state)
{
	struct sixel_palette p;

	(void)state;
	sixel_palette_init(&p);
	for (int level = 0; level < SIXEL_PALETTE_LEVELS; level++) {
		bool used[SIXEL_PALETTE_COLOURS] = { false };
		int count = 0;

		for (int i = 0; i < 256 * 64; i++) {
			uint8_t rgb[3] = { (uint8_t)(i * 7), (uint8_t)(i >> 3), (uint8_t)(i >> 6) };

			used[sixel_palette_nearest(&p, level, rgb)] = true;
		}
		for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++)
			if (used[c]) {
				count++;
				assert_true(p.number[c] < sixel_palette_count(level));
			}
		assert_in_range(count, 2, sixel_palette_count(level));
	}
}

static void
the_level_fits_the_registers(void **state)
{
	(void)state;
	assert_int_equal(sixel_palette_level_for(1024), 0);
	assert_int_equal(sixel_palette_level_for(256), 0);
	for (int registers = 16; registers < 300; registers++)
		assert_true(sixel_palette_count(sixel_palette_level_for(registers)) <= registers);
	assert_int_equal(sixel_palette_level_for(2), SIXEL_PALETTE_LEVELS - 1);
}

static void
near_colours_come_in_order_and_are_others(void **state)
{
	struct sixel_palette p;

	(void)state;
	sixel_palette_init(&p);
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		const uint8_t *near = sixel_palette_near(&p, c);
		int last = 0;

		for (int i = 0; i < SIXEL_PALETTE_NEAR && near[i] != SIXEL_PALETTE_NONE; i++) {
			int e = sixel_palette_error(&p, &p.tone[c], near[i]);

			assert_int_not_equal(near[i], c);
			assert_true(e >= last);
			last = e;
		}
	}
}

/* ---- learning ---- */

static struct thumb
plain_thumb(int width_px, int height_px, const uint8_t *rgb)
{
	struct thumb t;

	assert_true(thumb_init(&t, width_px, height_px));
	for (int i = 0; i < width_px * height_px; i++)
		memcpy(t.rgb + 3 * i, rgb, 3);
	return t;
}

/* Stripes of so many random colours with a sensor's noise on them. */
static struct thumb
striped_thumb(unsigned seed, int stripes)
{
	struct thumb t;
	uint8_t rgb[64][3];

	assert_true(thumb_init(&t, 320, 90) && stripes <= 64);
	for (int i = 0; i < stripes * 3; i++)
		rgb[i / 3][i % 3] = (uint8_t)(3 + next_random(&seed) % 250);
	for (int i = 0; i < 320 * 90 * 3; i++)
		t.rgb[i] = (uint8_t)(rgb[i / 3 % 320 * stripes / 320][i % 3] + next_random(&seed) % 5 - 2);
	return t;
}

static void
learn(struct sixel_palette *p, const struct thumb *t)
{
	struct sixel_learn l;

	sixel_learn_init(&l, p);
	sixel_learn_add(&l, t, 3);
	sixel_learn_run(&l);
	assert_true(l.after <= l.before);
	sixel_palette_set(p, (const uint8_t (*)[3])l.rgb);
	sixel_learn_fini(&l);
}

static int
error_of(struct sixel_palette *p, int level, const uint8_t *rgb)
{
	const struct sixel_tone tone = sixel_palette_tone(rgb);

	return sixel_palette_error(p, &tone, sixel_palette_nearest(p, level, rgb));
}

static void
a_flat_picture_becomes_exact(void **state)
{
	unsigned random = 3;

	(void)state;
	for (int round = 0; round < 60; round++) {
		uint8_t rgb[3] = { (uint8_t)next_random(&random), (uint8_t)next_random(&random), (uint8_t)next_random(&random) };
		struct sixel_palette p;
		struct thumb t = plain_thumb(64, 36, rgb);

		sixel_palette_init(&p);
		const int before = error_of(&p, 0, rgb);
		learn(&p, &t);
		const uint8_t *have = p.rgb[sixel_palette_nearest(&p, 0, rgb)];
		for (int i = 0; i < 3 && before > 500; i++)		/* less is left alone, nobody sees it */
			assert_in_range(have[i] + 2, rgb[i], rgb[i] + 4);
		assert_true(error_of(&p, 0, rgb) <= (before > 500 ? 500 : before));
		thumb_fini(&t);
	}
}

static void
many_areas_become_nearly_exact_at_once(void **state)
{
	struct thumb t = striped_thumb(9, 64);
	struct sixel_palette p;
	int worst = 0;

	(void)state;
	sixel_palette_init(&p);
	learn(&p, &t);
	for (int x = 2; x < 320; x += 5) {
		int e = error_of(&p, 0, t.rgb + x * 3);

		worst = e > worst ? e : worst;
	}
	assert_in_range(worst, 0, 2500);		/* noise of two levels a channel, and steps that are left alone */
	thumb_fini(&t);
}

static void
what_is_fixed_never_changes(void **state)
{
	struct sixel_palette p, first;

	(void)state;
	sixel_palette_init(&p);
	sixel_palette_init(&first);
	for (unsigned seed = 1; seed < 6; seed++) {
		struct thumb t = striped_thumb(seed, 64);

		learn(&p, &t);
		for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
			assert_int_equal(p.number[c], first.number[c]);
			if (p.number[c] < SIXEL_PALETTE_FIXED)
				assert_memory_equal(p.rgb[c], first.rgb[c], 3);
		}
		thumb_fini(&t);
	}
	assert_memory_equal(p.rgb[0], "\0\0\0", 3);
	assert_memory_not_equal(p.rgb, first.rgb, sizeof p.rgb);
}

/* Learned from one plain wall, then anything is shown. */
static void
colours_never_seen_are_about_right_nevertheless(void **state)
{
	static const uint8_t wall[3] = { 12, 120, 40 };
	struct sixel_palette p;
	struct thumb t = striped_thumb(4, 64), plain = plain_thumb(90, 90, wall);
	unsigned random = 11;

	(void)state;
	sixel_palette_init(&p);
	learn(&p, &t);
	learn(&p, &plain);
	for (int i = 0; i < 5000; i++) {
		uint8_t rgb[3] = { (uint8_t)next_random(&random), (uint8_t)next_random(&random), (uint8_t)next_random(&random) };

		for (int level = 0; level < 3; level++)
			assert_in_range(error_of(&p, level, rgb), 0, 50000);
	}
	thumb_fini(&t);
	thumb_fini(&plain);
}

static void
the_same_pictures_teach_the_same(void **state)
{
	struct thumb t = striped_thumb(5, 40);
	struct sixel_palette a, b;

	(void)state;
	sixel_palette_init(&a);
	sixel_palette_init(&b);
	learn(&a, &t);
	learn(&b, &t);
	assert_memory_equal(a.rgb, b.rgb, sizeof a.rgb);
	thumb_fini(&t);
}

static void
colours_beyond_the_registers_are_neither_used_nor_changed(void **state)
{
	static const int registers[] = { 16, 64, 100 };
	struct thumb t = striped_thumb(6, 64);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sixel_palette p, first;
		int changed = 0;

		sixel_palette_init(&p);
		sixel_palette_init(&first);
		sixel_palette_fit(&p, registers[i]);
		learn(&p, &t);
		for (int x = 0; x < 320; x++)
			for (int level = sixel_palette_level_for(registers[i]); level < SIXEL_PALETTE_LEVELS; level++)
				assert_true(p.number[sixel_palette_nearest(&p, level, t.rgb + x * 3)] < registers[i]);
		for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
			changed += memcmp(p.rgb[c], first.rgb[c], 3) != 0;
			if (p.number[c] >= registers[i])
				assert_memory_equal(p.rgb[c], first.rgb[c], 3);
		}
		assert_int_equal(changed > 0, registers[i] > SIXEL_PALETTE_FIXED);
	}
	thumb_fini(&t);
}

/* The look-up, which seeks outwards from a luma, against asking all. */
static void
the_nearest_colour_is_the_nearest(void **state)
{
	struct sixel_palette p;
	struct thumb t = striped_thumb(8, 64);
	unsigned random = 2;

	(void)state;
	sixel_palette_init(&p);
	learn(&p, &t);
	for (int i = 0; i < 20000; i++) {
		uint8_t rgb[3] = { (uint8_t)(next_random(&random) | 4), (uint8_t)((next_random(&random) & 0xfc) | 2), (uint8_t)(next_random(&random) | 4) };
		struct sixel_tone tone;
		int least = 1 << 30;

		rgb[0] = (uint8_t)((rgb[0] & 0xf8) | 4);		/* the middle of a cell */
		rgb[2] = (uint8_t)((rgb[2] & 0xf8) | 4);
		tone = sixel_palette_tone(rgb);
		for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++)
			least = sixel_palette_error(&p, &tone, c) < least ? sixel_palette_error(&p, &tone, c) : least;
		assert_int_equal(error_of(&p, 0, rgb), least);
	}
	thumb_fini(&t);
}

/* ---- the plane and what is thinned out ---- */

static void
rare_colours_give_way_to_common_ones_but_never_visibly(void **state)
{
	static const struct sixel_price price = { 3000, 8 };
	const struct sixel_taste taste = { 0, 6, 1800, true };
	struct sixel_palette colours;
	struct sixel_plane plane;
	struct sixel_thin thin;
	struct thumb t;

	(void)state;
	sixel_palette_init(&colours);
	sixel_plane_init(&plane);
	sixel_thin_init(&thin);
	assert_true(sixel_plane_resize(&plane, 60, 6) && thumb_init(&t, 60, 6));
	memset(t.rgb, 120, 60 * 6 * 3);
	memset(t.rgb + 30 * 3, 132, 3);		/* hardly another grey */
	memset(t.rgb + 90 * 3, 255, 3);		/* a light */
	assert_true(sixel_plane_take(&plane, &colours, &t, &taste));
	assert_int_not_equal(plane.want[30], plane.want[0]);
	sixel_thin_rows(&thin, &plane, &colours, &t, 0, 6, &(struct sixel_price){ 20, 8 });
	assert_int_not_equal(plane.want[30], plane.want[0]);	/* where bytes are worth little, all stays */
	sixel_thin_rows(&thin, &plane, &colours, &t, 0, 6, &price);
	assert_int_equal(plane.want[30], plane.want[0]);
	assert_int_not_equal(plane.want[plane.stride + 30], plane.want[0]);
	/* ... however dear the bytes are: a light that does not go on would be seen. */
	sixel_plane_sent(&plane, 0, 0, 60, 6);
	memset(t.rgb + (60 * 3 + 20) * 3, 200, 3);
	assert_true(sixel_plane_take(&plane, &colours, &t, &taste));
	sixel_thin_rows(&thin, &plane, &colours, &t, 0, 6, &(struct sixel_price){ 10000000, 8 });
	assert_int_not_equal(plane.want[3 * plane.stride + 20], plane.want[0]);
	sixel_thin_fini(&thin);
	sixel_plane_fini(&plane);
	thumb_fini(&t);
}

static void
a_colour_that_moved_is_painted_again_where_it_is_shown(void **state)
{
	const struct sixel_taste taste = { 0, 6, 1800, true };
	bool moved[SIXEL_PALETTE_COLOURS] = { false };
	struct sixel_palette colours;
	struct sixel_plane plane;
	struct thumb t;

	(void)state;
	sixel_palette_init(&colours);
	sixel_plane_init(&plane);
	assert_true(sixel_plane_resize(&plane, 48, 12) && thumb_init(&t, 48, 12));
	memset(t.rgb, 120, 48 * 12 * 3);
	memset(t.rgb + 48 * 6 * 3, 220, 48 * 6 * 3);
	assert_true(sixel_plane_take(&plane, &colours, &t, &taste));
	sixel_plane_sent(&plane, 0, 0, 48, 12);
	assert_int_equal(plane.shown[0], plane.want[0]);
	assert_int_not_equal(plane.want[0], plane.want[6 * plane.stride]);
	moved[plane.shown[0]] = true;
	sixel_plane_recolour(&plane, moved);
	assert_true(sixel_plane_take(&plane, &colours, &t, &taste));
	assert_int_not_equal(plane.shown[0], plane.want[0]);
	assert_true(plane.spans[0].first == 0 && plane.spans[0].end >= 48);
	assert_int_equal(plane.shown[6 * plane.stride], plane.want[6 * plane.stride]);	/* the other one did not move */
	sixel_plane_fini(&plane);
	thumb_fini(&t);
}

static void
every_band_is_looked_at_closely_within_thirty_pictures(void **state)
{
	const struct sixel_taste taste = { 0, 6, 1800, true };
	struct sixel_palette colours;
	struct sixel_plane plane;
	struct thumb t;
	bool seen[60] = { false };

	(void)state;
	sixel_palette_init(&colours);
	sixel_plane_init(&plane);
	assert_true(sixel_plane_resize(&plane, 48, 60 * SIXEL_BAND) && thumb_init(&t, 48, 60 * SIXEL_BAND));
	memset(t.rgb, 120, 48 * 60 * SIXEL_BAND * 3);
	for (int i = 0; i < 30; i++) {
		assert_true(sixel_plane_take(&plane, &colours, &t, &taste));
		for (int band = 0; band < 60; band++)
			seen[band] |= sixel_plane_is_strict(&plane, band);
	}
	for (int band = 0; band < 60; band++)
		assert_true(seen[band]);
	sixel_plane_fini(&plane);
	thumb_fini(&t);
}

static void
a_plane_refuses_sizes_that_cannot_be(void **state)
{
	static const int sizes[][2] = { { 0, 5 }, { 5, 0 }, { -1, 5 }, { 5, -7 }, { SIXEL_SIDE_PX + 1, 5 }, { 5, SIXEL_SIDE_PX + 1 } };
	struct sixel_plane plane;

	(void)state;
	sixel_plane_init(&plane);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		assert_false(sixel_plane_resize(&plane, sizes[i][0], sizes[i][1]));
	assert_true(sixel_plane_resize(&plane, 1, 1));
	sixel_plane_fini(&plane);
}

/* ---- rectangles ---- */

/* A plane of black cells of 8 x 16 where the marked ones ('x') should be white. */
static void
find(struct sixel_rects *r, const char *const *map, int rows, int cols, bool whole_rows)
{
	struct sixel_palette colours;
	struct sixel_plane plane;

	sixel_palette_init(&colours);
	sixel_plane_init(&plane);
	assert_true(sixel_plane_resize(&plane, cols * 8, rows * 16));
	memset(plane.want, 0, (size_t)plane.stride * (size_t)plane.bands * SIXEL_BAND);
	memset(plane.shown, 0, (size_t)plane.stride * (size_t)plane.bands * SIXEL_BAND);
	for (int y = 0; y < rows * 16; y++)
		for (int x = 0; x < cols * 8; x++)
			plane.want[y * plane.stride + x] = map[y / 16][x / 8] == 'x' ? 199 : 0;
	sixel_rects_begin(r, cols, 8, 16, whole_rows);
	for (int row = 0; row < rows; row++)
		if (!sixel_rects_add_row(r, &plane, &colours, row, 1))
			break;
	sixel_plane_fini(&plane);
}

static void
check_rect(const struct sixel_rect *r, int row, int end_row, int col, int end_col)
{
	assert_int_equal(r->row, row);
	assert_int_equal(r->end_row, end_row);
	assert_int_equal(r->col, col);
	assert_int_equal(r->end_col, end_col);
}

static void
dirty_cells_become_few_rectangles(void **state)
{
	static const char *const map[] = { "..........", ".xxx......", ".xxx....x.", ".xx.......", "..........", "x.x......." };
	struct sixel_rects r;

	(void)state;
	sixel_rects_init(&r);
	find(&r, map, 6, 10, false);
	assert_int_equal(r.count, 3);
	check_rect(&r.list[0], 1, 4, 1, 4);
	check_rect(&r.list[1], 2, 3, 8, 9);
	check_rect(&r.list[2], 5, 6, 0, 3);
	find(&r, map, 6, 10, true);
	assert_int_equal(r.count, 2);
	check_rect(&r.list[0], 1, 4, 0, 10);
	check_rect(&r.list[1], 5, 6, 0, 10);
	sixel_rects_fini(&r);
}

static void
more_dirt_than_the_list_holds_is_told(void **state)
{
	char rows[40][60];
	const char *map[40];
	struct sixel_rects r;

	(void)state;
	for (int y = 0; y < 40; y++) {
		for (int x = 0; x < 60; x++)
			rows[y][x] = y % 2 == 0 && x % 8 == 0 ? 'x' : '.';
		map[y] = rows[y];
	}
	sixel_rects_init(&r);
	find(&r, map, 40, 60, false);
	assert_int_equal(r.count, SIXEL_RECTS);
	assert_true(r.full);
	sixel_rects_fini(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bands_decode_to_what_was_wanted),
		cmocka_unit_test(the_worst_strip_has_room),
		cmocka_unit_test(wide_strips_take_few_bytes),
		cmocka_unit_test(colours_beside_one_another_share_a_pass),
		cmocka_unit_test(nothing_to_paint_is_no_bytes),
		cmocka_unit_test(colours_side_by_side_share_a_pass),
		cmocka_unit_test(no_two_registers_are_one),
		cmocka_unit_test(every_level_has_as_many_colours_as_it_says_within_as_many_registers),
		cmocka_unit_test(the_level_fits_the_registers),
		cmocka_unit_test(near_colours_come_in_order_and_are_others),
		cmocka_unit_test(a_flat_picture_becomes_exact),
		cmocka_unit_test(many_areas_become_nearly_exact_at_once),
		cmocka_unit_test(what_is_fixed_never_changes),
		cmocka_unit_test(colours_never_seen_are_about_right_nevertheless),
		cmocka_unit_test(the_same_pictures_teach_the_same),
		cmocka_unit_test(colours_beyond_the_registers_are_neither_used_nor_changed),
		cmocka_unit_test(the_nearest_colour_is_the_nearest),
		cmocka_unit_test(rare_colours_give_way_to_common_ones_but_never_visibly),
		cmocka_unit_test(every_band_is_looked_at_closely_within_thirty_pictures), cmocka_unit_test(a_colour_that_moved_is_painted_again_where_it_is_shown),
		cmocka_unit_test(a_plane_refuses_sizes_that_cannot_be),
		cmocka_unit_test(dirty_cells_become_few_rectangles),
		cmocka_unit_test(more_dirt_than_the_list_holds_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
