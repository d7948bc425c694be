/*
 * t_paint.c - pictures as bytes: where they go, what is sent again, what a terminal would show.
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

#include "ui/paint.h"

static const struct paint_grant all = { .max_bytes = 1 << 20 };

static void
fill(struct thumb *t, uint8_t r, uint8_t g, uint8_t b)
{
	for (int i = 0; i < t->width_px * t->height_px; i++) {
		t->rgb[i * 3] = r;
		t->rgb[i * 3 + 1] = g;
		t->rgb[i * 3 + 2] = b;
	}
}

static int
count(const char *text, const char *what)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static void
blocks_send_only_what_changed(void **state)
{
	struct paint_place place = { 2, 3, 4, 8, 8, 16 };
	void *p = paint_blocks.open(&(struct paint_screen){ .colours = 1 << 24 });
	struct thumb t;
	struct buf out;

	(void)state;
	assert_true(thumb_init(&t, 8, 8));
	fill(&t, 10, 20, 30);
	buf_init(&out, 1 << 20);
	assert_int_equal(paint_blocks.draw(p, &out, &place, &t, &all), PAINT_DONE);
	assert_int_equal(count(buf_text(&out), "▀"), 32);
	assert_int_equal(count(buf_text(&out), "\x1b[3;4H"), 1);
	buf_clear(&out);
	assert_int_equal(paint_blocks.draw(p, &out, &place, &t, &all), PAINT_NOTHING);
	assert_int_equal(out.len, 0);
	t.rgb[(5 * 8 + 6) * 3] = 200;		/* one pixel: row 5 is the lower half of cell row 2 */
	assert_int_equal(paint_blocks.draw(p, &out, &place, &t, &all), PAINT_DONE);
	assert_int_equal(count(buf_text(&out), "▀"), 1);
	assert_int_equal(count(buf_text(&out), "\x1b[5;10H"), 1);
	buf_clear(&out);
	t.rgb[0] += 3;				/* sensor noise */
	assert_int_equal(paint_blocks.draw(p, &out, &place, &t, &all), PAINT_NOTHING);
	paint_blocks.forget(p);
	assert_int_equal(paint_blocks.draw(p, &out, &place, &t, &all), PAINT_DONE);
	assert_int_equal(count(buf_text(&out), "▀"), 32);
	paint_blocks.close(p);
	thumb_fini(&t);
	buf_fini(&out);
}

static void
every_depth_of_colour_names_its_own_codes(void **state)
{
	static const struct { int colours; const char *has; } cases[] = {
		{ 1 << 24, "\x1b[38;2;250;0;0m" }, { 256, "\x1b[38;5;196m" }, { 8, "\x1b[31m" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct paint_place place = { 0, 0, 2, 4, 8, 16 };
		void *p = paint_blocks.open(&(struct paint_screen){ .colours = cases[i].colours });
		struct thumb t;
		struct buf out;

		assert_true(thumb_init(&t, 4, 4));
		fill(&t, 250, 0, 0);
		buf_init(&out, 1 << 20);
		assert_int_equal(paint_blocks.draw(p, &out, &place, &t, &all), PAINT_DONE);
		assert_int_equal(count(buf_text(&out), cases[i].has), 2);
		paint_blocks.close(p);
		thumb_fini(&t);
		buf_fini(&out);
	}
}

static void
sixels_stay_within_their_place(void **state)
{
	struct paint_place place = { 1, 1, 5, 10, 9, 19 };
	void *p = paint_sixel.open(&(struct paint_screen){ .colours = 64 });
	struct thumb t;
	struct buf out;
	int w, h, told_w = 0, told_h = 0;

	(void)state;
	paint_sixel.size(&place, &w, &h);
	assert_int_equal(w, 90);
	assert_int_equal(h, 95);
	assert_true(thumb_init(&t, 64, 36));
	for (int i = 0; i < 64 * 36 * 3; i++)
		t.rgb[i] = (uint8_t)(i * 7);
	buf_init(&out, 1 << 20);
	assert_int_equal(paint_sixel.draw(p, &out, &place, &t, &all), PAINT_DONE);
	assert_non_null(strstr(buf_text(&out), "\x1b[2;2H"));
	const char *raster = strchr(buf_text(&out), '"');
	assert_non_null(raster);
	assert_int_equal(sscanf(raster, "\"1;1;%d;%d", &told_w, &told_h), 2);
	assert_int_equal(told_w, 90);
	assert_int_equal(told_h, 95);
	assert_non_null(strstr(buf_text(&out), "\x1b\\"));
	paint_sixel.close(p);
	thumb_fini(&t);
	buf_fini(&out);
}

static void
picture_too_big_for_the_buffer_leaves_no_half(void **state)
{
	struct paint_place place = { 0, 0, 10, 40, 9, 19 };
	void *p = paint_sixel.open(&(struct paint_screen){ .colours = 64 });
	struct thumb t;
	struct buf out;

	(void)state;
	assert_true(thumb_init(&t, 160, 90));
	for (int i = 0; i < 160 * 90 * 3; i++)
		t.rgb[i] = (uint8_t)(i * 31);
	buf_init(&out, 500);
	assert_int_equal(paint_sixel.draw(p, &out, &place, &t, &all), PAINT_NO_ROOM);
	assert_int_equal(out.len, 0);
	paint_sixel.close(p);
	thumb_fini(&t);
	buf_fini(&out);
}

static void
ascii_shows_light_and_dark(void **state)
{
	struct paint_place place = { 0, 0, 1, 2, 8, 16 };
	void *p = paint_ascii.open(&(struct paint_screen){ .colours = 0 });
	struct thumb t;
	struct buf out;

	(void)state;
	assert_true(thumb_init(&t, 2, 2));
	t.rgb[3] = t.rgb[4] = t.rgb[5] = t.rgb[9] = t.rgb[10] = t.rgb[11] = 255;
	buf_init(&out, 1000);
	assert_int_equal(paint_ascii.draw(p, &out, &place, &t, &all), PAINT_DONE);
	assert_non_null(strstr(buf_text(&out), " @"));
	paint_ascii.close(p);
	thumb_fini(&t);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_send_only_what_changed),
		cmocka_unit_test(every_depth_of_colour_names_its_own_codes),
		cmocka_unit_test(sixels_stay_within_their_place),
		cmocka_unit_test(picture_too_big_for_the_buffer_leaves_no_half),
		cmocka_unit_test(ascii_shows_light_and_dark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
