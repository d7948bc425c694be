/*
 * t_jpg.c - JPEG to thumbnail and back: sizes, colours, every kind of damage, and pictures
 * made to exhaust whoever opens them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <cmocka.h>

#include "base/ceilings.h"
#include "io/jpg.h"

struct bytes {
	unsigned char *data;
	size_t len;
};

static void
fill(struct thumb *t, int w, int h, const uint8_t left[3], const uint8_t right[3])
{
	assert_true(thumb_init(t, w, h));
	for (int i = 0; i < w * h; i++)
		memcpy(t->rgb + (size_t)i * 3, i % w < w / 2 ? left : right, 3);
}

static const uint8_t red[3] = { 230, 20, 20 }, blue[3] = { 20, 20, 230 }, white[3] = { 255, 255, 255 };

static struct bytes
picture(int w, int h, const uint8_t left[3], const uint8_t right[3])
{
	struct thumb t;
	struct bytes b;

	fill(&t, w, h, left, right);
	assert_true(jpg_encode(&t, 90, &b.data, &b.len, NULL));
	thumb_fini(&t);
	return b;
}

/* Straight from libjpeg, for what jpg_encode() does not make. */
static struct bytes
special(int w, int h, J_COLOR_SPACE space, int components, bool progressive)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr mgr;
	struct bytes b = { 0 };
	unsigned long len = 0;
	JSAMPLE *row = calloc((size_t)w, (size_t)components);

	memset(row, 128, (size_t)w * (size_t)components);
	c.err = jpeg_std_error(&mgr);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &b.data, &len);
	c.image_width = (JDIMENSION)w;
	c.image_height = (JDIMENSION)h;
	c.input_components = components;
	c.in_color_space = space;
	jpeg_set_defaults(&c);
	if (progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height)
		jpeg_write_scanlines(&c, &row, 1);
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	free(row);
	b.len = len;
	return b;
}

/* Offset of the first marker FF xx, or the test fails. */
static size_t
find_marker(const struct bytes *b, unsigned char marker)
{
	for (size_t i = 2; i + 4 < b->len && b->data[i] == 0xff;) {
		if (b->data[i + 1] == marker)
			return i;
		i += 2 + (size_t)(b->data[i + 2] << 8) + b->data[i + 3];
	}
	fail_msg("no marker %02x", marker);
	return 0;
}

static void
set_size(struct bytes *b, unsigned char sof, int w, int h)
{
	unsigned char *at = b->data + find_marker(b, sof) + 5;

	at[0] = (unsigned char)(h >> 8);
	at[1] = (unsigned char)h;
	at[2] = (unsigned char)(w >> 8);
	at[3] = (unsigned char)w;
}

static void
assert_near(const uint8_t *rgb, const uint8_t want[3])
{
	for (int i = 0; i < 3; i++)
		if (abs(rgb[i] - want[i]) > 12)
			fail_msg("%d %d %d, not %d %d %d", rgb[0], rgb[1], rgb[2], want[0], want[1], want[2]);
}

static void
assert_refused(const struct bytes *b, enum err_kind kind, const char *part)
{
	struct thumb t;
	struct err e = { 0 };
	int w, h;

	assert_false(jpg_thumb(&t, b->data, b->len, 320, 180, &w, &h, &e));
	assert_null(t.rgb);
	if (e.kind != kind || strstr(e.text, part) == NULL)
		fail_msg("kind %d, '%s'; wanted '%s'", (int)e.kind, e.text, part);
	for (const char *p = e.text; *p != '\0'; p++)
		assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
}

static void
sizes_keep_the_sources_aspect(void **state)
{
	static const struct { int w, h, box_w, box_h; } cases[] = {
		{ 1280, 720, 320, 180 }, { 1920, 1080, 320, 180 }, { 640, 480, 320, 180 }, { 1080, 1920, 320, 180 }, { 1000, 563, 100, 100 },
		{ 160, 90, 320, 180 }, { 3, 5, 64, 64 }, { 1, 1, 7, 9 }, { 2000, 3, 100, 100 }, { 5, 900, 100, 45 }, { 333, 777, 101, 57 },
		{ 320, 180, 320, 180 }, { 17, 13, 16, 16 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bytes b = picture(cases[i].w, cases[i].h, white, white);
		struct thumb t;
		int w, h, full_w, full_h;

		assert_true(jpg_thumb(&t, b.data, b.len, cases[i].box_w, cases[i].box_h, &full_w, &full_h, NULL));
		thumb_fit_size(cases[i].w, cases[i].h, cases[i].box_w, cases[i].box_h, &w, &h);
		assert_int_equal(t.width_px, w);
		assert_int_equal(t.height_px, h);
		assert_int_equal(full_w, cases[i].w);
		assert_int_equal(full_h, cases[i].h);
		/* White to the last pixel: no bars, nothing left out. */
		for (int p = 0; p < w * h; p++)
			assert_near(t.rgb + (size_t)p * 3, white);
		thumb_fini(&t);
		free(b.data);
	}
}

static void
colours_and_sides_are_kept(void **state)
{
	static const int widths[] = { 1280, 640, 320, 100, 20 };

	(void)state;
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct bytes b = picture(widths[i], widths[i] / 2, red, blue);
		struct thumb t;

		assert_true(jpg_thumb(&t, b.data, b.len, 80, 60, NULL, NULL, NULL));
		assert_int_equal(t.width_px, 80);
		assert_int_equal(t.height_px, 40);
		assert_near(t.rgb + (20 * 80 + 10) * 3, red);
		assert_near(t.rgb + (20 * 80 + 70) * 3, blue);
		thumb_fini(&t);
		free(b.data);
	}
}

static void
shrinking_averages(void **state)
{
	struct thumb t;
	struct bytes b;

	(void)state;
	/* Black and white columns by turns, seen from afar, are grey. */
	assert_true(thumb_init(&t, 256, 256));
	for (int i = 0; i < 256 * 256; i++)
		memset(t.rgb + (size_t)i * 3, i % 2 ? 255 : 0, 3);
	assert_true(jpg_encode(&t, 100, &b.data, &b.len, NULL));
	thumb_fini(&t);
	for (int side = 20; side <= 128; side += 36) {
		assert_true(jpg_thumb(&t, b.data, b.len, side, side, NULL, NULL, NULL));
		for (int i = 0; i < side * side; i++)
			if (abs(t.rgb[i * 3] - 127) > 45)
				fail_msg("side %d, pixel %d is %d", side, i, t.rgb[i * 3]);
		thumb_fini(&t);
	}
	free(b.data);
}

static void
grey_and_progressive_pictures_are_read(void **state)
{
	static const uint8_t grey[3] = { 128, 128, 128 };
	struct bytes cases[] = { special(300, 200, JCS_GRAYSCALE, 1, false), special(300, 200, JCS_RGB, 3, true), special(300, 200, JCS_GRAYSCALE, 1, true) };
	struct thumb t;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(jpg_thumb(&t, cases[i].data, cases[i].len, 60, 40, NULL, NULL, NULL));
		assert_near(t.rgb + (20 * 60 + 30) * 3, grey);
		thumb_fini(&t);
		free(cases[i].data);
	}
}

static void
cmyk_is_refused(void **state)
{
	struct bytes b = special(64, 64, JCS_CMYK, 4, false);

	(void)state;
	assert_refused(&b, ERR_FORMAT, "CMYK");
	free(b.data);
}

static void
absurd_sides_are_refused_by_their_header(void **state)
{
	struct bytes b = picture(64, 64, red, blue);
	struct thumb t;
	struct err e;
	int w, h;

	(void)state;
	set_size(&b, 0xc0, 60000, 60000);
	assert_refused(&b, ERR_TOO_BIG, "60000 x 60000");
	assert_false(jpg_thumb(&t, b.data, b.len, 320, 180, &w, &h, &e));
	assert_int_equal(w, 60000);
	assert_int_equal(h, 60000);
	set_size(&b, 0xc0, MAX_JPEG_SIDE_PX + 1, 16);
	assert_refused(&b, ERR_TOO_BIG, "a side");
	set_size(&b, 0xc0, MAX_JPEG_SIDE_PX, MAX_JPEG_SIDE_PX);
	assert_refused(&b, ERR_TOO_BIG, "megapixels");
	set_size(&b, 0xc0, 0, 64);
	assert_refused(&b, ERR_FORMAT, "cannot be read");
	free(b.data);
}

static void
lines_and_dots_are_pictures(void **state)
{
	static const struct { int w, h, want_w, want_h; } cases[] = {
		{ MAX_JPEG_SIDE_PX, 1, 320, 1 }, { 1, MAX_JPEG_SIDE_PX, 1, 180 }, { 1, 1, 180, 180 }, { 8, 1, 320, 40 },
	};
	struct bytes b;
	struct thumb t;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		b = picture(cases[i].w, cases[i].h, white, white);
		assert_true(jpg_thumb(&t, b.data, b.len, 320, 180, NULL, NULL, NULL));
		assert_int_equal(t.width_px, cases[i].want_w);
		assert_int_equal(t.height_px, cases[i].want_h);
		for (int p = 0; p < t.width_px * t.height_px; p++)
			assert_near(t.rgb + (size_t)p * 3, white);
		thumb_fini(&t);
		free(b.data);
	}
	b = picture(64, 1, white, white);
	set_size(&b, 0xc0, 65000, 1);
	assert_refused(&b, ERR_TOO_BIG, "65000 x 1");
	set_size(&b, 0xc0, 1, 65000);
	assert_refused(&b, ERR_TOO_BIG, "1 x 65000");
	set_size(&b, 0xc0, 65535, 1);		/* more than libjpeg itself takes */
	assert_refused(&b, ERR_FORMAT, "65500");
	free(b.data);
}

/* -1: refused. */
static int
damage_seen(const struct bytes *b, size_t len)
{
	struct jpg_decoder *d = jpg_decoder_new();
	struct thumb t = { .rgb = NULL };
	struct err e;
	int seen = -1;

	if (jpg_decoder_read(d, &t, b->data, len, 64, 48, NULL, NULL, &e))
		seen = jpg_decoder_saw_damage(d);
	thumb_fini(&t);
	jpg_decoder_free(d);
	return seen;
}

static void
a_truncated_picture_is_shown_as_far_as_it_goes(void **state)
{
	struct bytes b = picture(640, 480, red, blue);
	size_t whole = b.len;
	struct thumb t;

	(void)state;
	b.len = whole / 2;
	assert_true(jpg_thumb(&t, b.data, b.len, 64, 48, NULL, NULL, NULL));
	assert_near(t.rgb + 10 * 3, red);
	thumb_fini(&t);
	assert_int_equal(damage_seen(&b, whole / 2), 1);
	assert_int_equal(damage_seen(&b, whole), 0);
	assert_int_equal(damage_seen(&b, whole - 2), 0);	/* its end is not marked: nothing is missing */
	b.len = find_marker(&b, 0xda) - 10;
	assert_refused(&b, ERR_FORMAT, "cannot be read");
	for (b.len = 0; b.len < 300; b.len++) {
		struct err e;

		assert_false(jpg_thumb(&t, b.data, b.len, 64, 48, NULL, NULL, &e));
		assert_int_equal(e.kind, ERR_FORMAT);
	}
	free(b.data);
}

static void
what_is_no_jpeg_is_refused(void **state)
{
	struct bytes page = { (unsigned char *)"<html>\x1b[31mno picture here</html>", 30 };
	struct bytes png = { (unsigned char *)"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16 };
	struct bytes start = { (unsigned char *)"\xff\xd8", 2 };

	(void)state;
	assert_refused(&page, ERR_FORMAT, "cannot be read");
	assert_refused(&png, ERR_FORMAT, "cannot be read");
	assert_refused(&start, ERR_FORMAT, "cannot be read");
}

static void
a_picture_without_huffman_tables_is_read(void **state)
{
	struct bytes b = picture(64, 64, red, red);
	struct thumb t;
	size_t at;

	(void)state;
	/* UVC cameras leave the standard tables out. */
	for (int i = 0; i < 4; i++) {
		at = find_marker(&b, 0xc4);
		size_t len = 2 + (size_t)(b.data[at + 2] << 8) + b.data[at + 3];

		memmove(b.data + at, b.data + at + len, b.len - at - len);
		b.len -= len;
	}
	assert_true(jpg_thumb(&t, b.data, b.len, 8, 8, NULL, NULL, NULL));
	assert_near(t.rgb, red);
	thumb_fini(&t);
	free(b.data);
}

static void
scans_without_end_are_cut_off(void **state)
{
	struct bytes b = special(64, 64, JCS_GRAYSCALE, 1, true), many;
	size_t first = find_marker(&b, 0xda), scans = b.len - 2 - first;

	(void)state;
	/* The same scans over and over, 200 times, then the end marker. */
	many.len = b.len + 200 * scans;
	many.data = malloc(many.len);
	memcpy(many.data, b.data, first);
	for (size_t i = 0; i <= 200; i++)
		memcpy(many.data + first + i * scans, b.data + first, scans);
	memcpy(many.data + many.len - 2, "\xff\xd9", 2);
	assert_refused(&many, ERR_FORMAT, "scans");
	free(many.data);
	free(b.data);
}

static void
a_progressive_picture_of_64_megapixels_takes_no_400_mb(void **state)
{
	struct bytes b = special(64, 64, JCS_RGB, 3, true);

	(void)state;
	set_size(&b, 0xc2, 8000, 8000);
	assert_refused(&b, ERR_FORMAT, "cannot be read");
	free(b.data);
}

static void
flipped_bits_never_crash(void **state)
{
	struct bytes b = picture(96, 64, red, blue), p = special(96, 64, JCS_RGB, 3, true);
	unsigned seed = 20;

	(void)state;
	for (int round = 0; round < 600; round++) {
		struct bytes *from = round % 2 ? &b : &p;
		unsigned char *copy = malloc(from->len);
		struct thumb t;
		struct err e;

		memcpy(copy, from->data, from->len);
		for (int i = 0; i < 4; i++) {
			seed = seed * 1103515245u + 12345u;
			copy[(seed >> 8) % from->len] ^= (unsigned char)(1u << (seed >> 28) % 8);
		}
		if (jpg_thumb(&t, copy, from->len, 48, 32, NULL, NULL, &e))
			assert_non_null(t.rgb);
		thumb_fini(&t);
		free(copy);
	}
	free(b.data);
	free(p.data);
}

static void
quality_makes_a_difference_and_has_bounds(void **state)
{
	struct thumb t, none = { 0 };
	size_t lens[4];
	static const int qualities[] = { -5, 20, 90, 1000 };
	struct err e;
	unsigned char *data;
	size_t len;

	(void)state;
	assert_true(thumb_init(&t, 200, 100));
	for (int i = 0; i < 200 * 100 * 3; i++)
		t.rgb[i] = (uint8_t)(i * 7919 % 256);
	for (int i = 0; i < 4; i++) {
		assert_true(jpg_encode(&t, qualities[i], &data, &lens[i], NULL));
		assert_memory_equal(data, "\xff\xd8", 2);
		assert_memory_equal(data + lens[i] - 2, "\xff\xd9", 2);
		free(data);
	}
	assert_true(lens[0] < lens[1] && lens[1] < lens[2] && lens[2] < lens[3]);
	thumb_fini(&t);
	assert_false(jpg_encode(&none, 50, &data, &len, &e));
	assert_null(data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_keep_the_sources_aspect),
		cmocka_unit_test(colours_and_sides_are_kept),
		cmocka_unit_test(shrinking_averages),
		cmocka_unit_test(grey_and_progressive_pictures_are_read),
		cmocka_unit_test(cmyk_is_refused),
		cmocka_unit_test(absurd_sides_are_refused_by_their_header),
		cmocka_unit_test(lines_and_dots_are_pictures),
		cmocka_unit_test(a_truncated_picture_is_shown_as_far_as_it_goes),
		cmocka_unit_test(what_is_no_jpeg_is_refused),
		cmocka_unit_test(a_picture_without_huffman_tables_is_read),
		cmocka_unit_test(scans_without_end_are_cut_off),
		cmocka_unit_test(a_progressive_picture_of_64_megapixels_takes_no_400_mb),
		cmocka_unit_test(flipped_bits_never_crash),
		cmocka_unit_test(quality_makes_a_difference_and_has_bounds),
	};

	return cmocka_run_group_tests_name("jpg", tests, NULL, NULL);
}
