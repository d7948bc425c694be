/*
 * t_thumb.c - small pictures fitted into boxes.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "domain/thumb.h"

static void
new_picture_is_black(void **state)
{
	struct thumb t;

	(void)state;
	assert_true(thumb_init(&t, 3, 2));
	for (int i = 0; i < 18; i++)
		assert_int_equal(t.rgb[i], 0);
	thumb_fini(&t);
	assert_null(t.rgb);
	thumb_fini(NULL);
}

static void
impossible_sizes_are_refused(void **state)
{
	static const int sizes[][2] = { { 0, 1 }, { 1, 0 }, { -1, 5 }, { INT_MAX, 1 }, { 16384, 16384 } };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct thumb t;

		assert_false(thumb_init(&t, sizes[i][0], sizes[i][1]));
		thumb_fini(&t);
	}
}

static void
fitting_keeps_the_aspect(void **state)
{
	static const struct {
		int src_w, src_h, box_w, box_h, w, h;
	} cases[] = {
		{ 1920, 1080, 320, 180, 320, 180 }, { 1920, 1080, 320, 320, 320, 180 }, { 1920, 1080, 320, 90, 160, 90 },
		{ 1080, 1920, 100, 100, 56, 100 }, { 10, 10, 40, 40, 40, 40 }, { 10000, 1, 50, 50, 50, 1 },
		{ 1, 10000, 50, 50, 1, 50 }, { 640, 480, 1, 1, 1, 1 }, { 0, 480, 10, 10, 1, 1 }, { 640, 480, 0, 10, 1, 1 },
		{ 16384, 16384, 16384, 16384, 16384, 16384 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int w, h;

		thumb_fit_size(cases[i].src_w, cases[i].src_h, cases[i].box_w, cases[i].box_h, &w, &h);
		assert_int_equal(w, cases[i].w);
		assert_int_equal(h, cases[i].h);
	}
}

static void
set_pixel(struct thumb *t, int x, int y, uint8_t r, uint8_t g, uint8_t b)
{
	uint8_t *p = t->rgb + (y * t->width_px + x) * 3;

	p[0] = r;
	p[1] = g;
	p[2] = b;
}

static void
assert_pixel(const struct thumb *t, int x, int y, int r, int g, int b)
{
	const uint8_t *p = t->rgb + (y * t->width_px + x) * 3;

	assert_int_equal(p[0], r);
	assert_int_equal(p[1], g);
	assert_int_equal(p[2], b);
}

static void
shrinking_averages_boxes(void **state)
{
	struct thumb src, dst;

	(void)state;
	assert_true(thumb_init(&src, 4, 2));
	assert_true(thumb_init(&dst, 2, 1));
	set_pixel(&src, 0, 0, 255, 0, 0);
	set_pixel(&src, 1, 0, 255, 0, 0);
	set_pixel(&src, 2, 0, 10, 20, 30);
	set_pixel(&src, 3, 1, 30, 20, 10);
	thumb_fit(&dst, &src);
	assert_pixel(&dst, 0, 0, 128, 0, 0);
	assert_pixel(&dst, 1, 0, 10, 10, 10);
	thumb_fini(&src);
	thumb_fini(&dst);
}

static void
every_source_pixel_counts_when_sizes_do_not_divide(void **state)
{
	struct thumb src, dst;

	(void)state;
	assert_true(thumb_init(&dst, 3, 3));
	for (int i = 0; i < 49; i++) {
		int lit = 0;

		assert_true(thumb_init(&src, 7, 7));
		set_pixel(&src, i % 7, i / 7, 255, 255, 255);
		thumb_fit(&dst, &src);
		for (int k = 0; k < 27; k++)
			lit += dst.rgb[k] > 0;
		assert_int_equal(lit, 3);
		thumb_fini(&src);
	}
	thumb_fini(&dst);
}

static void
bars_are_black_and_even(void **state)
{
	struct thumb src, dst;

	(void)state;
	assert_true(thumb_init(&src, 2, 2));
	assert_true(thumb_init(&dst, 4, 2));
	memset(src.rgb, 200, 12);
	memset(dst.rgb, 77, 24);
	thumb_fit(&dst, &src);
	for (int y = 0; y < 2; y++) {
		assert_pixel(&dst, 0, y, 0, 0, 0);
		assert_pixel(&dst, 1, y, 200, 200, 200);
		assert_pixel(&dst, 2, y, 200, 200, 200);
		assert_pixel(&dst, 3, y, 0, 0, 0);
	}
	thumb_fini(&src);
	thumb_fini(&dst);
}

static void
enlarging_repeats_pixels(void **state)
{
	struct thumb src, dst;

	(void)state;
	assert_true(thumb_init(&src, 2, 1));
	assert_true(thumb_init(&dst, 6, 3));
	set_pixel(&src, 0, 0, 9, 8, 7);
	set_pixel(&src, 1, 0, 1, 2, 3);
	thumb_fit(&dst, &src);
	for (int y = 0; y < 3; y++)
		for (int x = 0; x < 6; x++)
			assert_pixel(&dst, x, y, x < 3 ? 9 : 1, x < 3 ? 8 : 2, x < 3 ? 7 : 3);
	thumb_fini(&src);
	thumb_fini(&dst);
}

static void
no_picture_fits_as_black(void **state)
{
	struct thumb src = { 0 }, dst;

	(void)state;
	assert_true(thumb_init(&dst, 2, 2));
	memset(dst.rgb, 9, 12);
	thumb_fit(&dst, &src);
	assert_pixel(&dst, 1, 1, 0, 0, 0);
	thumb_fit(&src, &dst);
	assert_null(src.rgb);
	thumb_fini(&dst);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_picture_is_black),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(fitting_keeps_the_aspect),
		cmocka_unit_test(shrinking_averages_boxes),
		cmocka_unit_test(every_source_pixel_counts_when_sizes_do_not_divide),
		cmocka_unit_test(bars_are_black_and_even),
		cmocka_unit_test(enlarging_repeats_pixels),
		cmocka_unit_test(no_picture_fits_as_black),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
