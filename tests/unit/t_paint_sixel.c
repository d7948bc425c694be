/*
 * t_paint_sixel.c - whole pictures and partial ones as sixels, and what a terminal then shows: decoded by libsixel.
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

#include "support/sixel_screen.h"
#include "ui/paint.h"
#include "ui/sixel_palette.h"

static const struct paint_screen overlays = { .colours = 256, .shared_palette = true, .overlays = true };
static const struct paint_screen rectangles = { .colours = 256 };
static const struct paint_screen private_overlays = { .colours = 256, .overlays = true };
static const struct paint_grant all = { .max_bytes = 1 << 24 };

/* A painter, its place in the lower right corner, and a screen that ends where the place ends. */
struct bench {
	const struct paint_screen *kind;
	struct paint_place place;
	struct sixel_screen screen;
	struct sixel_palette colours;
	struct thumb t;
	struct buf out;
	void *painter;
	unsigned random;
};

static unsigned
next_random(struct bench *b)
{
	b->random = b->random * 1103515245 + 12345;
	return b->random >> 8;
}

static void
begin(struct bench *b, const struct paint_screen *kind, int rows, int cols, int cw, int ch)
{
	int w, h;

	memset(b, 0, sizeof *b);
	b->kind = kind;
	b->random = 7;
	b->place = (struct paint_place){ 1, 2, rows, cols, cw, ch };
	sixel_screen_init(&b->screen, rows + 1, cols + 2, cw, ch);
	sixel_palette_init(&b->colours);
	buf_init(&b->out, 1 << 24);
	assert_true(paint_sixel.begin(&b->out, kind));
	sixel_screen_feed(&b->screen, b->out.data, b->out.len);
	buf_clear(&b->out);
	b->painter = paint_sixel.open(kind);
	paint_sixel.size(&b->place, &w, &h);
	assert_int_equal(w, cols * cw);
	assert_int_equal(h, rows * ch);
	assert_true(thumb_init(&b->t, w, h));
}

static void
end(struct bench *b)
{
	paint_sixel.close(b->painter);
	thumb_fini(&b->t);
	buf_fini(&b->out);
	sixel_screen_fini(&b->screen);
}

static enum paint_result
draw(struct bench *b, const struct paint_grant *g)
{
	enum paint_result result;

	buf_clear(&b->out);
	result = paint_sixel.draw(b->painter, &b->out, &b->place, &b->t, g);
	if (b->out.len > 0)
		sixel_screen_feed(&b->screen, b->out.data, b->out.len);
	return result;
}

static uint8_t *
pixel(struct bench *b, int x, int y)
{
	return b->t.rgb + ((size_t)y * (size_t)b->t.width_px + (size_t)x) * 3;
}

/* A colour that every level has: far enough from its neighbours that no byte is worth a mistake. */
static void
set_plain(struct bench *b, int x, int y, unsigned which)
{
	for (int i = 0; i < 3; i++)
		pixel(b, x, y)[i] = which >> i & 1 ? 255 : 0;
}

static void
fill_random(struct bench *b, int x0, int y0, int x1, int y1)
{
	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++)
			set_plain(b, x, y, next_random(b) & 7);
}

static const uint8_t *
shown(const struct bench *b, int x, int y)
{
	return sixel_screen_at(&b->screen, b->place.col * b->place.cell_w_px + x, b->place.row * b->place.cell_h_px + y);
}

/* Registers are told in percent: a step of 255 may be off by two. */
static bool
is_near(const uint8_t *a, const uint8_t *b, int by)
{
	for (int i = 0; i < 3; i++)
		if (abs(a[i] - b[i]) > by)
			return false;
	return true;
}

static void
check_exact(struct bench *b)
{
	for (int y = 0; y < b->t.height_px; y++)
		for (int x = 0; x < b->t.width_px; x++)
			if (!is_near(shown(b, x, y), pixel(b, x, y), 2))
				fail_msg("%s: %d,%d of %dx%d cells %dx%d shows %d %d %d, not %d %d %d", b->kind == &rectangles ? "rectangles" : b->kind->shared_palette ? "overlays" : "private", x, y, b->place.cols, b->place.rows,
				    b->place.cell_w_px, b->place.cell_h_px, shown(b, x, y)[0], shown(b, x, y)[1], shown(b, x, y)[2],
				    pixel(b, x, y)[0], pixel(b, x, y)[1], pixel(b, x, y)[2]);
}

/* Nothing around the place was touched: the row above it and the columns to its left. */
static void
check_outside(const struct bench *b)
{
	const struct sixel_screen *s = &b->screen;
	int left = b->place.col * b->place.cell_w_px, top = b->place.row * b->place.cell_h_px;

	for (int y = 0; y < s->height_px; y++)
		for (int x = 0; x < (y < top ? s->width_px : left); x++)
			assert_false(s->painted[y * s->width_px + x]);
}

static void
change_some(struct bench *b)
{
	int w = b->t.width_px, h = b->t.height_px;

	for (int i = 0; i < 3; i++) {
		int x = (int)(next_random(b) % (unsigned)w), y = (int)(next_random(b) % (unsigned)h);
		int x1 = x + 1 + (int)(next_random(b) % 9), y1 = y + 1 + (int)(next_random(b) % 9);

		fill_random(b, x, y, x1 < w ? x1 : w, y1 < h ? y1 : h);
	}
}

static void
check_cells(const struct paint_screen *kind, int cw, int ch)
{
	struct bench b;

	begin(&b, kind, 3, 4, cw, ch);
	fill_random(&b, 0, 0, b.t.width_px, b.t.height_px);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	check_exact(&b);
	for (int i = 0; i < 4; i++) {
		change_some(&b);
		draw(&b, &all);
		check_exact(&b);
	}
	check_outside(&b);
	end(&b);
}

static void
every_cell_size_shows_exactly_the_picture(void **state)
{
	(void)state;
	for (int cw = 5; cw <= 20; cw++)
		for (int ch = 9; ch <= 40; ch++) {
			check_cells(&overlays, cw, ch);
			check_cells(&rectangles, cw, ch);
			if (cw % 5 == 0)
				check_cells(&private_overlays, cw, ch);
		}
}

static void
partial_updates_add_up_to_the_picture(void **state)
{
	static const struct paint_screen uneven = { .colours = 256, .uneven_cells = true };
	const struct paint_screen *kinds[] = { &overlays, &rectangles, &private_overlays, &uneven };

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct bench b;

		begin(&b, kinds[k], 9, 20, 9, 19);
		fill_random(&b, 0, 0, b.t.width_px, b.t.height_px);
		for (int i = 0; i < 150; i++) {
			draw(&b, &all);
			check_exact(&b);
			change_some(&b);
		}
		check_outside(&b);
		end(&b);
	}
}

static void
a_change_costs_little_and_none_nothing(void **state)
{
	const struct paint_screen *kinds[] = { &overlays, &rectangles };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b;

		begin(&b, kinds[k], 9, 20, 9, 19);
		fill_random(&b, 0, 0, b.t.width_px, b.t.height_px);
		assert_int_equal(draw(&b, &all), PAINT_DONE);
		size_t whole = b.out.len;
		assert_int_equal(draw(&b, &all), PAINT_NOTHING);
		assert_int_equal(b.out.len, 0);
		for (int y = 30; y < 36; y++)
			for (int x = 40; x < 52; x++)
				set_plain(&b, x, y, 6);
		assert_int_equal(draw(&b, &all), PAINT_DONE);
		assert_in_range(b.out.len, 1, whole / 20);
		check_exact(&b);
		end(&b);
	}
}

static void
sensor_noise_is_no_change(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &overlays, 9, 20, 9, 19);
	for (int i = 0; i < b.t.width_px * b.t.height_px * 3; i++)
		b.t.rgb[i] = (uint8_t)(i % 300 < 150 ? 40 : 128);	/* 128 lies between two steps of red and of blue */
	draw(&b, &all);
	size_t sent = 0;
	for (int frame = 0; frame < 40; frame++) {
		for (int i = 0; i < b.t.width_px * b.t.height_px * 3; i++)
			b.t.rgb[i] = (uint8_t)((i % 300 < 150 ? 40 : 128) + (int)(next_random(&b) % 5) - 2);
		draw(&b, &all);
		sent += b.out.len;
	}
	assert_in_range(sent / 40, 0, 300);		/* what looking closely at one band finds */
	end(&b);
}

static int
luma_error(struct bench *b, int x, int y)
{
	const uint8_t *s = shown(b, x, y), *p = pixel(b, x, y);

	return abs((77 * (s[0] - p[0]) + 150 * (s[1] - p[1]) + 29 * (s[2] - p[2])) / 256);
}

static int
worst_luma_error(struct bench *b)
{
	int worst = 0;

	for (int y = 0; y < b->t.height_px; y++)
		for (int x = 0; x < b->t.width_px; x++) {
			int e = luma_error(b, x, y);

			worst = e > worst ? e : worst;
		}
	return worst;
}

static void
slope(struct bench *b, int add)
{
	for (int y = 0; y < b->t.height_px; y++)
		for (int x = 0; x < b->t.width_px; x++)
			for (int i = 0; i < 3; i++)
				pixel(b, x, y)[i] = (uint8_t)(40 + add + x / 2 + y / 3 + (int)(next_random(b) % 5));
}

/* A subject crosses a background with noise and leaves: soon nothing of it is left. */
static void
no_trail_stays_behind_a_moving_subject(void **state)
{
	const struct paint_screen *kinds[] = { &overlays, &rectangles };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b, never;

		begin(&b, kinds[k], 9, 20, 9, 19);
		begin(&never, kinds[k], 9, 20, 9, 19);
		for (int at = 0; at < 180 + 60; at += 6) {
			slope(&b, 0);
			for (int y = 50; y < 120; y++)
				for (int x = at; x < at + 40 && x < b.t.width_px; x++)
					set_plain(&b, x, y, (unsigned)(x + y) / 16 & 7);
			draw(&b, &all);
		}
		for (int i = 0; i < 60; i++) {
			slope(&b, 0);
			draw(&b, &all);
		}
		slope(&never, 0);
		draw(&never, &all);
		assert_in_range(worst_luma_error(&b), 0, worst_luma_error(&never) + 12);
		end(&b);
		end(&never);
	}
}

static int
shades_shown(const struct bench *b)
{
	int shades = 0;

	for (int y = 0; y < b->t.height_px; y++)
		for (int x = 0; x < b->t.width_px; x++)
			shades += !is_near(shown(b, x, y), shown(b, 0, 0), 0);
	return shades;
}

static void
fill_plain(struct bench *b, const uint8_t *rgb)
{
	for (int i = 0; i < b->t.width_px * b->t.height_px; i++)
		memcpy(b->t.rgb + 3 * i, rgb, 3);
}

/* Of a plain wall, whatever its colour, nothing is left after a white square went by, at changing levels even. */
static void
a_plain_wall_is_plain_again(void **state)
{
	const struct paint_screen *kinds[] = { &overlays, &rectangles };
	unsigned colour = 17;

	(void)state;
	for (int wall = 0; wall < 40; wall++) {
		struct paint_grant g = { .max_bytes = 1 << 24, .level = 0 };
		uint8_t rgb[3];
		struct bench b;

		begin(&b, kinds[wall % 2], 6, 14, 9, 19);
		for (int i = 0; i < 3; i++)
			rgb[i] = (uint8_t)((colour = colour * 1103515245 + 12345) >> 16);
		for (int at = 0; at < 130; at += 8) {
			fill_plain(&b, rgb);
			for (int y = 20; y < 60; y++)
				memset(pixel(&b, at < 86 ? at : 86, y), at < 86 ? 255 : rgb[0], at < 86 ? 40 * 3 : 0);
			g.level = wall % 4 == 3 ? at / 8 % PAINT_LEVELS : 0;
			draw(&b, &g);
		}
		fill_plain(&b, rgb);
		for (int i = 0; i < 40; i++)
			draw(&b, &all);
		assert_int_equal(shades_shown(&b), 0);
		end(&b);
	}
}

static void
slow_drift_arrives(void **state)
{
	struct bench b;
	uint64_t sum = 0;

	(void)state;
	begin(&b, &overlays, 9, 20, 9, 19);
	for (int add = 0; add < 100; add++) {		/* a lamp fades in, one level a picture */
		slope(&b, add);
		draw(&b, &all);
	}
	for (int i = 0; i < 35; i++)
		draw(&b, &all);
	for (int y = 0; y < b.t.height_px; y++)
		for (int x = 0; x < b.t.width_px; x++)
			sum += (uint64_t)luma_error(&b, x, y);
	assert_in_range(sum / (uint64_t)(b.t.width_px * b.t.height_px), 0, 12);
	end(&b);
}

static void
what_the_terminal_lost_is_sent_again(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &overlays, 5, 12, 9, 19);
	fill_random(&b, 0, 0, b.t.width_px, b.t.height_px);
	draw(&b, &all);
	memset(b.screen.rgb, 99, (size_t)b.screen.width_px * (size_t)b.screen.height_px * 3);
	for (int i = 0; i < 5 * 60; i++)		/* a row of cells every 60 pictures */
		draw(&b, &all);
	check_exact(&b);
	end(&b);
}

static void
rows_asked_for_are_sent_again_in_turn(void **state)
{
	static const struct paint_screen *const kinds[] = { &overlays, &rectangles };
	const struct paint_grant two_rows = { .max_bytes = 1 << 24, .heal_rows = 2 }, many = { .max_bytes = 1 << 24, .heal_rows = 1000 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b;

		begin(&b, kinds[k], 5, 12, 9, 19);
		fill_random(&b, 0, 0, b.t.width_px, b.t.height_px);
		draw(&b, &all);
		memset(b.screen.rgb, 99, (size_t)b.screen.width_px * (size_t)b.screen.height_px * 3);
		for (int i = 0; i < 3; i++)
			assert_int_equal(draw(&b, &two_rows), PAINT_DONE);
		check_exact(&b);
		memset(b.screen.rgb, 99, (size_t)b.screen.width_px * (size_t)b.screen.height_px * 3);
		draw(&b, &many);
		check_exact(&b);
		end(&b);
	}
}

static void
forgetting_sends_everything_with_its_colours(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &overlays, 5, 12, 9, 19);
	fill_random(&b, 0, 0, b.t.width_px, b.t.height_px);
	draw(&b, &all);
	sixel_screen_fini(&b.screen);			/* another terminal, which knows no registers */
	sixel_screen_init(&b.screen, 6, 14, 9, 19);
	b.screen.shared = true;
	paint_sixel.forget(b.painter);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	check_exact(&b);
	end(&b);
}

static void
pieces_obey_the_grant_and_starve_no_part(void **state)
{
	const struct paint_screen *kinds[] = { &overlays, &rectangles };
	const struct paint_grant little = { .max_bytes = 400 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b;
		int pieces = 1;

		begin(&b, kinds[k], 9, 20, 9, 19);
		fill_random(&b, 0, 0, b.t.width_px, b.t.height_px);
		for (; draw(&b, &little) == PAINT_MORE; pieces++) {
			assert_in_range(b.out.len, 1, 8000);
			fill_random(&b, 0, 0, b.t.width_px, 30);	/* the top never rests */
			assert_in_range(pieces, 1, 80);
			if (pieces == 40)
				break;
		}
		assert_int_equal(pieces, 40);
		for (int y = 40; y < b.t.height_px; y++)	/* yet the rest is there */
			for (int x = 0; x < b.t.width_px; x++)
				assert_true(is_near(shown(&b, x, y), pixel(&b, x, y), 2));
		while (draw(&b, &little) == PAINT_MORE)
			;
		check_exact(&b);
		end(&b);
	}
}

/* However small the grant, the pieces of a picture that stands still come to an end, and no piece makes new work. */
static void
a_still_picture_in_the_smallest_pieces_is_done_some_time(void **state)
{
	static const struct paint_screen *const kinds[] = { &overlays, &rectangles, &private_overlays };

	(void)state;
	for (size_t k = 0; k < 3; k++)
		for (int level = 0; level < PAINT_LEVELS; level++) {
			const struct paint_grant least = { .max_bytes = 0, .level = level };
			struct bench b;

			begin(&b, kinds[k], 6, 8, 21, 32);
			for (int picture = 0; picture < 4; picture++) {
				int pieces = 1;

				for (int i = 0; i < b.t.width_px * b.t.height_px * 3; i++)
					b.t.rgb[i] = (uint8_t)(next_random(&b) % 256);
				while (draw(&b, &least) == PAINT_MORE)
					assert_in_range(++pieces, 1, 300);
			}
			end(&b);
		}
}

static int
colours_shown(const struct bench *b)
{
	uint32_t seen[256];
	int count = 0;

	for (int y = 0; y < b->t.height_px; y++)
		for (int x = 0; x < b->t.width_px; x++) {
			const uint8_t *p = shown(b, x, y);
			uint32_t rgb = (uint32_t)(p[0] << 16 | p[1] << 8 | p[2]);
			int i = 0;

			while (i < count && seen[i] != rgb)
				i++;
			if (i == count && count < 256)
				seen[count++] = rgb;
		}
	return count;
}

static void
fewer_colours_cost_fewer_bytes(void **state)
{
	size_t best = 0;

	(void)state;
	for (int level = 0; level < PAINT_LEVELS; level++) {
		const struct paint_grant g = { .max_bytes = 1 << 24, .level = level };
		struct bench b;

		begin(&b, &rectangles, 9, 20, 9, 19);
		for (int i = 0; i < b.t.width_px * b.t.height_px * 3; i++)
			b.t.rgb[i] = (uint8_t)(i / 7 + i % 3 * 50);
		draw(&b, &g);
		assert_in_range(colours_shown(&b), 2, sixel_palette_count(level));
		if (level == 0)
			best = b.out.len;
		else
			assert_in_range(b.out.len, 1, best * 9 / 10);
		end(&b);
	}
}

static void
few_registers_bound_the_colours(void **state)
{
	static const struct paint_screen sixteen = { .colours = 16, .shared_palette = true, .overlays = true };
	struct bench b;

	(void)state;
	begin(&b, &sixteen, 9, 20, 9, 19);
	for (int i = 16; i < 256; i++)
		assert_null(b.screen.registers[i]);
	for (int i = 0; i < b.t.width_px * b.t.height_px * 3; i++)
		b.t.rgb[i] = (uint8_t)(i / 7 + i % 3 * 50);
	draw(&b, &all);
	assert_in_range(colours_shown(&b), 2, 16);
	for (int i = 16; i < 256; i++)
		assert_null(b.screen.registers[i]);
	end(&b);
}

static void
a_coarser_level_repaints_nothing(void **state)
{
	const struct paint_grant low = { .max_bytes = 1 << 24, .level = 2 };
	struct bench b;

	(void)state;
	begin(&b, &overlays, 9, 20, 9, 19);
	for (int i = 0; i < b.t.width_px * b.t.height_px * 3; i++)
		b.t.rgb[i] = (uint8_t)(i / 700 * 3);
	draw(&b, &all);
	draw(&b, &low);
	assert_in_range(b.out.len, 0, 100);		/* what looking closely at one band finds */
	end(&b);
}

static void
a_finer_level_mends_what_was_painted_coarsely(void **state)
{
	const struct paint_grant low = { .max_bytes = 1 << 24, .level = PAINT_LEVELS - 1 };
	const struct paint_screen *kinds[] = { &overlays, &rectangles };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b, fresh;

		begin(&b, kinds[k], 9, 20, 9, 19);
		begin(&fresh, kinds[k], 9, 20, 9, 19);
		slope(&b, 20);
		memcpy(fresh.t.rgb, b.t.rgb, (size_t)b.t.width_px * (size_t)b.t.height_px * 3);
		draw(&b, &low);
		draw(&b, &all);
		draw(&fresh, &all);
		assert_in_range(worst_luma_error(&b), 0, worst_luma_error(&fresh) + 4);
		end(&b);
		end(&fresh);
	}
}

static void
narrow_pictures_stand_between_black_bars(void **state)
{
	const struct paint_screen *kinds[] = { &overlays, &rectangles };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct bench b;

		begin(&b, kinds[k], 4, 20, 9, 19);
		thumb_fini(&b.t);
		assert_true(thumb_init(&b.t, 135, 76));		/* 16:9 in 180x76 */
		memset(b.t.rgb, 255, 135 * 76 * 3);
		draw(&b, &all);
		for (int y = 0; y < 76; y++)
			for (int x = 0; x < 180; x++)
				assert_int_equal(shown(&b, x, y)[1], x < 22 || x >= 22 + 135 ? 0 : 255);
		thumb_fini(&b.t);
		assert_true(thumb_init(&b.t, 76, 76));		/* the camera was turned */
		memset(b.t.rgb, 255, 76 * 76 * 3);
		draw(&b, &all);
		for (int y = 0; y < 76; y++)
			for (int x = 0; x < 180; x++)
				assert_int_equal(shown(&b, x, y)[1], x < 52 || x >= 52 + 76 ? 0 : 255);
		end(&b);
	}
}

static void
small_and_large_pictures_are_fitted(void **state)
{
	static const int sizes[][2] = { { 1, 1 }, { 16, 9 }, { 90, 38 }, { 640, 360 }, { 3, 400 }, { 400, 3 } };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct bench b;

		begin(&b, &overlays, 4, 20, 9, 19);
		thumb_fini(&b.t);
		assert_true(thumb_init(&b.t, sizes[i][0], sizes[i][1]));
		memset(b.t.rgb, 255, (size_t)(sizes[i][0] * sizes[i][1] * 3));
		assert_int_equal(draw(&b, &all), PAINT_DONE);
		assert_int_equal(shown(&b, (180 - 1) / 2, (76 - 1) / 2)[0], 255);
		check_outside(&b);
		end(&b);
	}
}

static void
places_that_cannot_be_are_refused(void **state)
{
	static const struct paint_place places[] = {
		{ 0, 0, 0, 10, 9, 19 }, { 0, 0, 10, 0, 9, 19 }, { 0, 0, -1, 10, 9, 19 }, { 0, 0, 10, 10, 0, 19 }, { 0, 0, 10, 10, 9, -2 },
		{ 0, 0, 1000, 10, 9, 19 }, { 0, 0, 10, 1000, 9, 19 }, { 0, 0, 2000000000, 2000000000, 2000000000, 2000000000 },
	};
	struct bench b;
	struct thumb none = { 16, 9, NULL };

	(void)state;
	begin(&b, &overlays, 4, 20, 9, 19);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		assert_int_equal(paint_sixel.draw(b.painter, &b.out, &places[i], &b.t, &all), PAINT_NO_ROOM);
		assert_int_equal(b.out.len, 0);
	}
	assert_int_equal(paint_sixel.draw(b.painter, &b.out, &b.place, &none, &all), PAINT_NO_ROOM);
	assert_int_equal(draw(&b, &all), PAINT_DONE);		/* and it goes on after all that */
	end(&b);
}

static void
no_room_leaves_no_half_and_the_next_picture_is_whole(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, &overlays, 5, 12, 9, 19);
	fill_random(&b, 0, 0, b.t.width_px, b.t.height_px);
	for (size_t room = 1; room < 3000; room += 97) {
		buf_fini(&b.out);
		buf_init(&b.out, room);
		assert_int_equal(draw(&b, &all), PAINT_NO_ROOM);
		assert_int_equal(b.out.len, 0);
	}
	buf_fini(&b.out);
	buf_init(&b.out, 1 << 20);
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	check_exact(&b);
	end(&b);
}

/* ---- one palette for all pictures of a screen ---- */

static void
set_colours(struct sixel_palette *p, const uint8_t *rgb)
{
	uint8_t all_rgb[SIXEL_PALETTE_COLOURS][3];

	memcpy(all_rgb, p->rgb, sizeof all_rgb);
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		if (p->number[c] >= 200)
			memcpy(all_rgb[c], rgb, 3);
	sixel_palette_set(p, (const uint8_t (*)[3])all_rgb);
}

/* A wall whose colour none of the first set is like; then the palette has it. */
static void
what_has_a_better_colour_now_gets_it(void **state)
{
	static const uint8_t wall[3] = { 96, 145, 85 };
	const struct paint_screen *kinds[] = { &overlays, &rectangles, &private_overlays };

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct sixel_palette palette;
		struct paint_screen kind = *kinds[k];
		struct bench b;

		sixel_palette_init(&palette);
		kind.palette = &palette;
		begin(&b, &kind, 5, 12, 9, 19);
		fill_plain(&b, wall);
		draw(&b, &all);
		assert_false(is_near(shown(&b, 20, 20), wall, 4));
		set_colours(&palette, wall);
		buf_clear(&b.out);
		assert_true(paint_sixel.renew(&b.out, &kind));
		assert_int_equal(b.out.len > 0, kind.shared_palette);
		sixel_screen_feed(&b.screen, b.out.data, b.out.len);
		for (int i = 0; i < 35; i++)
			draw(&b, &all);
		for (int y = 0; y < b.t.height_px; y++)
			for (int x = 0; x < b.t.width_px; x++)
				assert_true(is_near(shown(&b, x, y), wall, 3));
		end(&b);
	}
}

/* The terminal forgets what is not painted again: the picture must be right with the new colours, whatever it keeps of the old. */
static void
pixels_of_a_colour_that_moved_are_painted_again(void **state)
{
	static const uint8_t first[3] = { 96, 145, 85 }, second[3] = { 10, 60, 170 };
	struct sixel_palette palette;
	struct paint_screen kind = overlays;
	struct bench b;

	(void)state;
	sixel_palette_init(&palette);
	set_colours(&palette, first);
	kind.palette = &palette;
	begin(&b, &kind, 5, 12, 9, 19);
	fill_plain(&b, first);
	draw(&b, &all);
	assert_true(is_near(shown(&b, 20, 20), first, 3));
	set_colours(&palette, second);
	buf_clear(&b.out);
	assert_true(paint_sixel.renew(&b.out, &kind));
	sixel_screen_feed(&b.screen, b.out.data, b.out.len);
	memset(b.screen.rgb, 99, (size_t)b.screen.width_px * (size_t)b.screen.height_px * 3);	/* what xterm may do to them */
	assert_int_equal(draw(&b, &all), PAINT_DONE);
	for (int y = 0; y < b.t.height_px; y++)
		for (int x = 0; x < b.t.width_px; x++)
			assert_false(is_near(shown(&b, x, y), (const uint8_t[]){ 99, 99, 99 }, 0));
	end(&b);
}

static int
registers_told(const struct buf *out)
{
	int count = 0;

	for (size_t i = 0; i + 3 < out->len; i++)
		count += out->data[i] == '#';
	return count;
}

static void
only_registers_that_changed_are_told_again(void **state)
{
	static const uint8_t wall[3] = { 96, 145, 85 };
	struct sixel_palette palette;
	struct paint_screen kind = overlays;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	sixel_palette_init(&palette);
	kind.palette = &palette;
	assert_true(paint_sixel.begin(&out, &kind));
	assert_int_equal(registers_told(&out), SIXEL_PALETTE_COLOURS);
	buf_clear(&out);
	assert_true(paint_sixel.renew(&out, &kind));
	assert_int_equal(out.len, 0);
	set_colours(&palette, wall);
	assert_true(paint_sixel.renew(&out, &kind));
	assert_int_equal(registers_told(&out), SIXEL_PALETTE_COLOURS - 200);
	buf_clear(&out);
	assert_true(paint_sixel.renew(&out, &kind));
	assert_int_equal(out.len, 0);
	assert_true(paint_sixel.begin(&out, &kind));		/* it may have been reset */
	assert_int_equal(registers_told(&out), SIXEL_PALETTE_COLOURS);
	buf_fini(&out);
	buf_init(&out, 40);
	set_colours(&palette, (const uint8_t[]){ 1, 2, 200 });
	assert_false(paint_sixel.renew(&out, &kind));		/* no room: nothing half told, and told later */
	assert_int_equal(out.len, 0);
	buf_fini(&out);
	buf_init(&out, 1 << 16);
	assert_true(paint_sixel.renew(&out, &kind));
	assert_int_equal(registers_told(&out), SIXEL_PALETTE_COLOURS - 200);
	buf_fini(&out);
}

static void
registers_are_private_again_at_the_end(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	assert_true(paint_sixel.end(&out, &rectangles));
	assert_int_equal(out.len, 0);
	assert_true(paint_sixel.end(&out, &overlays));
	assert_string_equal(buf_text(&out), "\x1b[?1070h");
	assert_false(paint_sixel.begin(&out, &overlays));	/* no room: nothing half told */
	assert_int_equal(out.len, 8);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_size_shows_exactly_the_picture),
		cmocka_unit_test(partial_updates_add_up_to_the_picture),
		cmocka_unit_test(a_change_costs_little_and_none_nothing),
		cmocka_unit_test(sensor_noise_is_no_change),
		cmocka_unit_test(no_trail_stays_behind_a_moving_subject),
		cmocka_unit_test(a_plain_wall_is_plain_again),
		cmocka_unit_test(slow_drift_arrives),
		cmocka_unit_test(what_the_terminal_lost_is_sent_again),
		cmocka_unit_test(rows_asked_for_are_sent_again_in_turn),
		cmocka_unit_test(forgetting_sends_everything_with_its_colours),
		cmocka_unit_test(pieces_obey_the_grant_and_starve_no_part),
		cmocka_unit_test(a_still_picture_in_the_smallest_pieces_is_done_some_time),
		cmocka_unit_test(fewer_colours_cost_fewer_bytes),
		cmocka_unit_test(few_registers_bound_the_colours),
		cmocka_unit_test(a_coarser_level_repaints_nothing),
		cmocka_unit_test(a_finer_level_mends_what_was_painted_coarsely),
		cmocka_unit_test(narrow_pictures_stand_between_black_bars),
		cmocka_unit_test(small_and_large_pictures_are_fitted),
		cmocka_unit_test(places_that_cannot_be_are_refused),
		cmocka_unit_test(no_room_leaves_no_half_and_the_next_picture_is_whole),
		cmocka_unit_test(what_has_a_better_colour_now_gets_it),
		cmocka_unit_test(pixels_of_a_colour_that_moved_are_painted_again),
		cmocka_unit_test(only_registers_that_changed_are_told_again),
		cmocka_unit_test(registers_are_private_again_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
