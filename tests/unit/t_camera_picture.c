/*
 * t_camera_picture.c - drawing, the pattern source, JPEG stills.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "camera/source.h"
#include "camera/still.h"
#include "io/jpg.h"

#define TIME_US 1763712000500000LL	/* 08:00:00.500 */

static const struct colour white = { 255, 128, 128 };

static void
fill_is_clipped_to_the_picture(void **state)
{
	struct picture p = { 0 };

	(void)state;
	picture_resize(&p, 32, 18);
	picture_fill(&p, -10, -10, 12, 12, white);
	picture_fill(&p, 30, 16, 1000, 1000, white);
	picture_fill(&p, 100, 100, 5, 5, white);
	picture_fill(&p, 5, 5, -3, 4, white);
	assert_int_equal(p.y[0], 255);
	assert_int_equal(p.y[p.stride + 1], 255);
	assert_int_equal(p.y[2], 0);
	assert_int_equal(p.y[17 * p.stride + 31], 255);
	assert_int_equal(p.y[15 * p.stride + 31], 0);
	picture_fini(&p);
}

static void
colours_follow_jfif(void **state)
{
	struct colour c = picture_colour(255, 255, 255);

	(void)state;
	assert_int_equal(c.y, 255);
	assert_int_equal(c.u, 128);
	c = picture_colour(255, 0, 0);
	assert_int_equal(c.y, 76);
	assert_int_equal(c.u, 85);
	assert_int_equal(c.v, 255);
	c = picture_colour(0, 0, 255);
	assert_int_equal(c.u, 255);
}

/* The rows of one letter as drawn, most significant bit left. */
static void
read_letter(const struct picture *p, int scale, char rows[7][6])
{
	for (int row = 0; row < 7; row++) {
		for (int column = 0; column < 5; column++)
			rows[row][column] = p->y[(1 + row) * scale * p->stride + (1 + column) * scale] == 255 ? '#' : '.';
		rows[row][5] = '\0';
	}
}

static void
letters_are_legible(void **state)
{
	static const char *const four[7] = { "...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#." };
	struct picture p = { 0 };
	char rows[7][6];

	(void)state;
	picture_resize(&p, 64, 36);
	for (int scale = 1; scale <= 3; scale++) {
		assert_int_equal(picture_text(&p, 0, 0, scale, "4"), picture_text_width(scale, "4"));
		read_letter(&p, scale, rows);
		for (int row = 0; row < 7; row++)
			assert_string_equal(rows[row], four[row]);
	}
	picture_text(&p, 0, 0, 1, "\xc3\xa9");	/* no such letter: a box */
	read_letter(&p, 1, rows);
	assert_string_equal(rows[0], "#####");
	assert_string_equal(rows[3], "#...#");
	picture_text(&p, 60, 30, 3, "far too long to fit");
	picture_text(&p, -5, -5, 1, "X");
	picture_fini(&p);
}

static struct source *
pattern(int number)
{
	struct camera_conf conf = { .number = number };
	struct err e;

	strcpy(conf.source, "pattern");
	return source_open(&conf, TIME_US, &e);
}

static struct scene
scene_at(int64_t time_us)
{
	struct scene s = { .time_us = time_us, .frame = 1, .name = "CAM", .zoom = 1 };

	return s;
}

static uint64_t
sum_of(struct source *s, const struct scene *scene, int width, int height)
{
	struct picture p = { 0 };
	struct err e;
	uint64_t sum = 0;

	picture_resize(&p, width, height);
	assert_true(source_draw(s, scene, &p, &e));
	for (int row = 0; row < height; row++)
		for (int column = 0; column < width; column++)
			sum = sum * 31 + p.y[row * p.stride + column];
	picture_fini(&p);
	return sum;
}

static void
pattern_shows_every_change(void **state)
{
	struct source *s = pattern(1);
	struct scene now = scene_at(TIME_US), other = now;
	uint64_t plain = sum_of(s, &now, 160, 90);

	(void)state;
	assert_true(plain == sum_of(s, &now, 160, 90));
	other.time_us += 1000;
	assert_true(plain != sum_of(s, &other, 160, 90));
	other = now, other.frame = 2;
	assert_true(plain != sum_of(s, &other, 160, 90));
	other = now, other.zoom = 2;
	assert_true(plain != sum_of(s, &other, 160, 90));
	other = now, other.is_front = true;
	assert_true(plain != sum_of(s, &other, 160, 90));
	other = now, other.name = "CAN";
	assert_true(plain != sum_of(s, &other, 160, 90));
	other = now, other.tally = NODE_TALLY_PROGRAM;
	assert_true(plain != sum_of(s, &other, 160, 90));
	other = now, other.is_identify = true;
	assert_true(plain != sum_of(s, &other, 160, 90));
	other = now, strcpy(other.message, "hello");
	assert_true(plain != sum_of(s, &other, 160, 90));
	assert_true(plain == sum_of(s, &now, 160, 90));
	source_close(s);
}

static void
pattern_draws_any_size_and_zoom(void **state)
{
	struct source *s = pattern(7);
	struct scene now = scene_at(TIME_US + 3999999 - 500000);

	(void)state;
	for (now.zoom = 1; now.zoom < 9; now.zoom += 1.7) {
		sum_of(s, &now, 2, 2);
		sum_of(s, &now, 34, 20);
		sum_of(s, &now, 1920, 1080);
	}
	source_close(s);
}

static void
flash_is_white_all_over(void **state)
{
	struct source *s = pattern(1);
	struct scene now = scene_at(TIME_US);
	struct picture p = { 0 };
	struct err e;

	(void)state;
	now.is_flash = true;
	picture_resize(&p, 64, 36);
	assert_true(source_draw(s, &now, &p, &e));
	for (int i = 0; i < 64; i++)
		assert_int_equal(p.y[i * 35 / 64 * p.stride + i], 255);
	picture_fini(&p);
	source_close(s);
}

static double
peak_of(const float *samples, int count)
{
	double peak = 0;

	for (int i = 0; i < count; i++)
		peak = fabs((double)samples[i]) > peak ? fabs((double)samples[i]) : peak;
	return peak;
}

static void
tone_has_a_blip_each_second_and_a_beep_for_a_marker(void **state)
{
	static float block[SOURCE_SAMPLE_RATE];
	struct source *s = pattern(1);
	struct scene now = scene_at(TIME_US);

	(void)state;
	assert_true(s->has_sound);
	source_sound(s, &now, TIME_US, block, SOURCE_SAMPLE_RATE);	/* 0.5 s .. 1.5 s: the blip is in the middle */
	assert_true(peak_of(block, 23999) < 0.11);
	assert_true(peak_of(block + 24000, 2880) > 0.45);
	assert_true(peak_of(block + 24000 + 2881, 20000) < 0.11);
	now.beep_us = TIME_US + 100000;
	source_sound(s, &now, TIME_US, block, SOURCE_SAMPLE_RATE / 2);
	assert_true(peak_of(block, 4799) < 0.11);
	assert_true(peak_of(block + 4801, 9590) > 0.65);
	assert_true(peak_of(block + 14401, 9000) < 0.11);
	source_close(s);
}

static void
still_is_a_jpeg_of_the_asked_size(void **state)
{
	struct source *s = pattern(1);
	struct scene now = scene_at(TIME_US);
	struct still *small = still_new(96, 54, 60), *fine = still_new(192, 108, 95);
	struct picture p = { 0 };
	struct thumb t;
	struct buf jpeg, better;
	struct err e = { 0 };
	int width, height;

	(void)state;
	picture_resize(&p, 192, 108);
	source_draw(s, &now, &p, &e);
	buf_init(&jpeg, 1 << 20);
	buf_init(&better, 1 << 20);
	for (int i = 0; i < 3; i++) {		/* the same encoder, again and again */
		buf_clear(&jpeg);
		assert_true(still_encode(small, &p, &jpeg, &e));
	}
	assert_true(still_encode(fine, &p, &better, &e));
	assert_true(better.len > jpeg.len);
	assert_true(jpg_thumb(&t, jpeg.data, jpeg.len, 96, 54, &width, &height, &e));
	assert_int_equal(width, 96);
	assert_int_equal(height, 54);
	assert_true(t.rgb[3 * 2] > 150 && t.rgb[3 * 2 + 2] > 150);	/* the first bar is light grey */
	thumb_fini(&t);
	buf_fini(&better);
	buf_init(&better, 100);
	assert_false(still_encode(small, &p, &better, &e));
	assert_int_equal(e.kind, ERR_TOO_BIG);
	buf_fini(&jpeg);
	buf_fini(&better);
	still_free(small);
	still_free(fine);
	picture_fini(&p);
	source_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fill_is_clipped_to_the_picture), cmocka_unit_test(colours_follow_jfif),
		cmocka_unit_test(letters_are_legible), cmocka_unit_test(pattern_shows_every_change),
		cmocka_unit_test(pattern_draws_any_size_and_zoom), cmocka_unit_test(flash_is_white_all_over),
		cmocka_unit_test(tone_has_a_blip_each_second_and_a_beep_for_a_marker),
		cmocka_unit_test(still_is_a_jpeg_of_the_asked_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
