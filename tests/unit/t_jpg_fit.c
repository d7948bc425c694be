/*
 * t_jpg_fit.c - scaling by area: nothing is lost, nothing is added, whatever the two sizes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "io/jpg_fit.h"

/* All rows through f; the last one has eight bytes behind it, as all have. */
static uint8_t *
fitted(struct jpg_fit *f, const uint8_t *rgb, int from_w, int from_h, int w, int h)
{
	uint8_t *row = xcalloc(1, (size_t)from_w * 3 + 8), *out = xcalloc(1, (size_t)w * (size_t)h * 3 + 1);

	assert_true(jpg_fit_open(f, from_w, from_h, w, h));
	for (int y = 0; y < from_h; y++) {
		memcpy(row, rgb + (size_t)y * (size_t)from_w * 3, (size_t)from_w * 3);
		jpg_fit_take(f, row, y, out);
	}
	assert_int_equal(f->row_done, h);
	free(row);
	return out;
}

static void
one_colour_stays_itself_at_every_size(void **state)
{
	static const uint8_t colours[][3] = { { 255, 255, 255 }, { 0, 0, 0 }, { 255, 0, 1 }, { 13, 254, 77 } };
	struct jpg_fit f = { .across = NULL };
	uint8_t *rgb = xcalloc(64 * 48, 3);

	(void)state;
	for (size_t c = 0; c < sizeof colours / sizeof *colours; c++) {
		for (int i = 0; i < 64 * 48; i++)
			memcpy(rgb + 3 * i, colours[c], 3);
		for (int w = 8; w <= 150; w += 5) {
			const int h = 6 + w / 2;
			uint8_t *out = fitted(&f, rgb, 64, 48, w, h);

			for (int i = 0; i < w * h; i++)
				assert_memory_equal(out + 3 * i, colours[c], 3);
			free(out);
		}
	}
	free(rgb);
	jpg_fit_fini(&f);
}

static void
each_pixel_is_the_mean_of_its_area(void **state)
{
	static const struct { int from_w, from_h, w, h; } cases[] = {
		{ 320, 180, 313, 176 }, { 64, 48, 32, 24 }, { 64, 48, 40, 30 }, { 63, 47, 8, 7 }, { 30, 20, 45, 41 }, { 17, 1, 17, 3 }, { 5, 5, 5, 5 },
	};
	struct jpg_fit f = { .across = NULL };
	unsigned seed = 3;

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		const int from_w = cases[c].from_w, from_h = cases[c].from_h, w = cases[c].w, h = cases[c].h;
		uint8_t *rgb = xcalloc((size_t)(from_w * from_h), 3), *out;

		for (int i = 0; i < from_w * from_h * 3; i++)
			rgb[i] = (uint8_t)((seed = seed * 1103515245u + 12345u) >> 16);
		out = fitted(&f, rgb, from_w, from_h, w, h);
		for (int y = 0; y < h; y++)
			for (int x = 0; x < w * 3; x++) {
				const double x0 = x / 3 * (double)from_w / w, x1 = (x / 3 + 1) * (double)from_w / w;
				const double y0 = y * (double)from_h / h, y1 = (y + 1) * (double)from_h / h;
				double sum = 0;

				for (int v = (int)y0; v < y1 && v < from_h; v++)
					for (int u = (int)x0; u < x1 && u < from_w; u++)
						sum += rgb[(v * from_w + u) * 3 + x % 3] * ((u + 1 < x1 ? u + 1 : x1) - (u > x0 ? u : x0)) *
						    ((v + 1 < y1 ? v + 1 : y1) - (v > y0 ? v : y0));
				sum /= (x1 - x0) * (y1 - y0);
				if (abs(out[y * w * 3 + x] - (int)(sum + 0.5)) > 3)
					fail_msg("case %zu, row %d, byte %d: %d, not %.1f", c, y, x, out[y * w * 3 + x], sum);
			}
		free(rgb);
		free(out);
	}
	jpg_fit_fini(&f);
}

static void
far_smaller_ones_are_left_to_others(void **state)
{
	struct jpg_fit f = { .across = NULL };

	(void)state;
	assert_true(jpg_fit_open(&f, 80, 80, 10, 10));
	assert_false(jpg_fit_open(&f, 81, 80, 10, 10));
	assert_false(jpg_fit_open(&f, 80, 81, 10, 10));
	assert_true(jpg_fit_open(&f, 1, 1, 500, 500));
	jpg_fit_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_colour_stays_itself_at_every_size),
		cmocka_unit_test(each_pixel_is_the_mean_of_its_area),
		cmocka_unit_test(far_smaller_ones_are_left_to_others),
	};

	return cmocka_run_group_tests_name("jpg_fit", tests, NULL, NULL);
}
