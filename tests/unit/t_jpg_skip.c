/*
 * t_jpg_skip.c - the decoder that skips what a thumb does not show, beside libjpeg at the same scale: every sampling,
 * odd sizes, restarts, tables of all kinds; and that it says no to whatever is not plain or not whole.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "io/jpg.h"
#include "io/jpg_colour.h"
#include "io/jpg_huff.h"
#include "io/jpg_means.h"
#include "io/jpg_skip.h"

struct bytes {
	unsigned char *data;
	size_t len;
};

/* How a test picture is made. */
struct how {
	int w, h, quality;
	int across, down;		/* luma samples to one of chroma */
	int restart_every;
	enum with { WITH_NOTHING, WITH_OPTIMISED, WITH_PROGRESSIVE, WITH_ARITHMETIC, WITH_GREY, WITH_SEPARATE } with;
};

struct pixels {
	int w, h, rows;
	uint8_t *rgb;
};

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

/* Something like a photograph: soft light, hard edges, a little noise. */
static void
paint(uint8_t *rgb, int w, int h)
{
	unsigned seed = 7;

	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++, rgb += 3) {
			const bool in_box = x > w / 4 && x < w / 2 && y > h / 3 && y < 2 * h / 3;
			const int noise = (int)(next_random(&seed) % 9);

			rgb[0] = (uint8_t)(in_box ? 200 + noise : 40 + 150 * x / w + noise);
			rgb[1] = (uint8_t)(in_box ? 60 + noise : 30 + 180 * y / h + noise);
			rgb[2] = (uint8_t)(in_box ? 30 + noise : 220 - 160 * x / w + noise);
		}
}

static void
write_rows(struct jpeg_compress_struct *c, const struct how *how)
{
	const size_t step = how->with == WITH_GREY ? 1 : 3;
	uint8_t *rgb = xcalloc((size_t)how->w * (size_t)how->h, 3);

	paint(rgb, how->w, how->h);
	if (how->with == WITH_GREY)
		for (int i = 0; i < how->w * how->h; i++)
			rgb[i] = rgb[3 * i + 1];
	while (c->next_scanline < c->image_height) {
		JSAMPLE *row = rgb + (size_t)c->next_scanline * (size_t)how->w * step;

		jpeg_write_scanlines(c, &row, 1);
	}
	free(rgb);
}

static struct bytes
picture(const struct how *how)
{
	static const jpeg_scan_info apart[] = {
		{ .comps_in_scan = 1, .component_index = { 0 }, .Ss = 0, .Se = 63 }, { .comps_in_scan = 1, .component_index = { 1 }, .Ss = 0, .Se = 63 },
		{ .comps_in_scan = 1, .component_index = { 2 }, .Ss = 0, .Se = 63 },
	};
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr mgr;
	struct bytes b = { 0 };
	unsigned long len = 0;

	c.err = jpeg_std_error(&mgr);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &b.data, &len);
	c.image_width = (JDIMENSION)how->w;
	c.image_height = (JDIMENSION)how->h;
	c.input_components = how->with == WITH_GREY ? 1 : 3;
	c.in_color_space = how->with == WITH_GREY ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, how->quality, TRUE);
	c.comp_info[0].h_samp_factor = how->across > 0 ? how->across : 1;
	c.comp_info[0].v_samp_factor = how->down > 0 ? how->down : 1;
	c.restart_interval = (unsigned)how->restart_every;
	c.optimize_coding = how->with == WITH_OPTIMISED;
	c.arith_code = how->with == WITH_ARITHMETIC;
	if (how->with == WITH_PROGRESSIVE)
		jpeg_simple_progression(&c);
	if (how->with == WITH_SEPARATE) {
		c.scan_info = apart;
		c.num_scans = 3;
	}
	jpeg_start_compress(&c, TRUE);
	write_rows(&c, how);
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	b.len = len;
	return b;
}

/* By libjpeg, at so many eighths. */
static struct pixels
reference(const struct bytes *b, int eighths)
{
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr mgr;
	struct pixels p;

	d.err = jpeg_std_error(&mgr);
	jpeg_create_decompress(&d);
	jpeg_mem_src(&d, b->data, b->len);
	jpeg_read_header(&d, TRUE);
	d.scale_num = (unsigned)eighths;
	d.scale_denom = 8;
	d.out_color_space = JCS_RGB;
	jpeg_start_decompress(&d);
	p = (struct pixels){ (int)d.output_width, (int)d.output_height, 0, xcalloc((size_t)d.output_width * d.output_height, 3) };
	while (d.output_scanline < d.output_height) {
		JSAMPLE *row = p.rgb + (size_t)d.output_scanline * (size_t)p.w * 3;

		jpeg_read_scanlines(&d, &row, 1);
		p.rows++;
	}
	jpeg_finish_decompress(&d);
	jpeg_destroy_decompress(&d);
	return p;
}

static uint8_t *
on_row(void *arg, int y)
{
	struct pixels *p = arg;

	assert_int_equal(y, p->rows);
	p->rows++;
	return p->rgb + (size_t)y * (size_t)p->w * 3;
}

/* Every byte in blocks of its own, so that the sanitizer sees a step past them. */
static bool
skim(struct jpg_skip *s, const struct bytes *b, int eighths, struct pixels *out)
{
	unsigned char *copy = xmalloc(b->len);
	struct jpg_head h;
	bool fine = false;

	memcpy(copy, b->data, b->len);
	out->rgb = NULL;
	if (jpg_head_read(&h, copy, b->len)) {
		*out = (struct pixels){ .w = (h.width_px * eighths + 7) / 8, .h = (h.height_px * eighths + 7) / 8 };
		out->rgb = xcalloc((size_t)out->w * (size_t)out->h * 3 + JPG_SKIP_SLACK_BYTES, 1);
		fine = jpg_skip_read(s, &h, eighths, on_row, out);
	}
	free(copy);
	return fine;
}

static double
difference(const struct pixels *a, const struct pixels *b, const int weights[3])
{
	double sum = 0;

	for (int i = 0; i < a->w * a->h; i++) {
		int d = 0;

		for (int k = 0; k < 3; k++)
			d += weights[k] * (a->rgb[3 * i + k] - b->rgb[3 * i + k]);
		sum += abs(d) / 1000.0;
	}
	return sum / (a->w * a->h);
}

static void
assert_as_libjpeg(struct jpg_skip *s, const struct how *how, int eighths)
{
	static const int luma[3] = { 299, 587, 114 }, red[3] = { 1000, 0, 0 }, blue[3] = { 0, 0, 1000 };
	struct bytes b = picture(how);
	struct pixels ours, theirs = reference(&b, eighths);

	assert_true(skim(s, &b, eighths, &ours));
	assert_int_equal(ours.w, theirs.w);
	assert_int_equal(ours.h, theirs.h);
	assert_int_equal(ours.rows, theirs.rows);
	/* Where chroma has fewer samples, ours are the coarser ones. */
	if (difference(&ours, &theirs, luma) > 1.6 || difference(&ours, &theirs, red) > 5 || difference(&ours, &theirs, blue) > 5)
		fail_msg("%d x %d, %d x %d to one, restart %d, quality %d, %d/8: luma %.2f red %.2f blue %.2f", how->w, how->h, how->across,
		    how->down, how->restart_every, how->quality, eighths, difference(&ours, &theirs, luma),
		    difference(&ours, &theirs, red), difference(&ours, &theirs, blue));
	free(ours.rgb);
	free(theirs.rgb);
	free(b.data);
}

static void
plain_pictures_are_as_libjpeg_shows_them(void **state)
{
	static const struct how cases[] = {
		{ 640, 360, 75, 2, 2, 0, 0 }, { 640, 360, 75, 2, 1, 0, 0 }, { 640, 360, 75, 1, 1, 0, 0 }, { 640, 360, 75, 1, 2, 0, 0 },
		{ 640, 360, 20, 2, 2, 0, 0 }, { 640, 360, 100, 2, 2, 0, 0 }, { 641, 367, 75, 2, 2, 0, 0 }, { 633, 353, 90, 2, 1, 0, 0 },
		{ 640, 360, 75, 2, 2, 1, 0 }, { 640, 360, 75, 2, 2, 7, 0 }, { 641, 367, 75, 2, 1, 41, 0 }, { 640, 360, 75, 1, 1, 65535, 0 },
		{ 640, 360, 60, 2, 2, 0, WITH_OPTIMISED }, { 640, 360, 75, 1, 1, 0, WITH_GREY }, { 641, 367, 75, 2, 2, 9, WITH_GREY },
	};
	struct jpg_skip *s = jpg_skip_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int eighths = 1; eighths <= 2; eighths++)
			assert_as_libjpeg(s, &cases[i], eighths);
	jpg_skip_free(s);
}

/* What one block holds beyond its mean: a slope across, one down, and a saddle; each exactly known. */
static void
slopes_within_a_block_are_kept(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct thumb t, out;
		unsigned char *jpeg;
		size_t len;

		assert_true(thumb_init(&t, 256, 128));
		for (int i = 0; i < 256 * 128; i++) {
			const int x = i % 256 % 8 * 2 - 7, y = i / 256 % 8 * 2 - 7;	/* -7 .. 7 */

			memset(t.rgb + 3 * i, 128 + (kind == 0 ? 14 * x : kind == 1 ? 14 * y : 2 * x * y), 3);
		}
		assert_true(jpg_encode(&t, 98, &jpeg, &len, NULL));
		assert_true(jpg_thumb(&out, jpeg, len, 64, 32, NULL, NULL, NULL));
		for (int i = 0; i < 64 * 32; i++) {
			const int x = i % 2 * 2 - 1, y = i / 64 % 2 * 2 - 1;	/* the means of quarters: 4 of 7 of the slope's end */
			const int want = 128 + (kind == 0 ? 56 * x : kind == 1 ? 56 * y : 32 * x * y);

			if (abs(out.rgb[3 * i] - want) > 2)
				fail_msg("kind %d, pixel %d: %d, not %d", kind, i, out.rgb[3 * i], want);
		}
		thumb_fini(&t);
		thumb_fini(&out);
		free(jpeg);
	}
}

/* Eight blocks beside each other, whose terms go as far as a camera's can; some beyond black and white. */
static void
means_are_those_of_the_cosines(void **state)
{
	static const double side[2] = { 1, -1 };
	static const uint16_t quant[JPG_MEANS_TERMS] = { 3, 5, 4, 7 };
	unsigned seed = 3;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		int16_t blocks[JPG_MEANS_BLOCKS][JPG_MEANS_TERMS];
		uint8_t out[2][2 * JPG_MEANS_BLOCKS];

		for (int i = 0; i < JPG_MEANS_BLOCKS; i++)
			for (int k = 0; k < JPG_MEANS_TERMS; k++)
				blocks[i][k] = (int16_t)((int)(next_random(&seed) % (2048u >> round % 6) - (1024u >> round % 6)) / quant[k]);
		jpg_means_8(out[0], out[1], blocks, quant);
		for (int i = 0; i < JPG_MEANS_BLOCKS; i++)
			for (int q = 0; q < 4; q++) {
				const double x = side[q % 2] * 0.9063 * quant[1] * blocks[i][1], y = side[q / 2] * 0.9063 * quant[2] * blocks[i][2];
				const double sum = quant[0] * blocks[i][0] + x + y + side[q % 2] * side[q / 2] * 0.8214 * quant[3] * blocks[i][3];
				const double want = fmin(fmax(sum / 8 + 128, 0), 255);

				if (fabs(sum) < 1900 && fabs(want - out[q / 2][2 * i + q % 2]) > 0.75)
					fail_msg("round %d, block %d, quarter %d: %d, not %.2f", round, i, q, out[q / 2][2 * i + q % 2], want);
			}
	}
}

static uint8_t
nearest(double v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

static void
colours_are_those_of_jfif(void **state)
{
	unsigned seed = 5;

	(void)state;
	for (int round = 0; round < 4000; round++) {
		const bool is_wide = round % 2 != 0;
		uint8_t luma[JPG_COLOUR_PX], cb[JPG_COLOUR_PX], cr[JPG_COLOUR_PX], out[3 * JPG_COLOUR_PX + 2];
		struct jpg_colour_shift shifts[2];

		for (int i = 0; i < JPG_COLOUR_PX; i++) {
			luma[i] = (uint8_t)next_random(&seed);
			cb[i] = (uint8_t)next_random(&seed);
			cr[i] = (uint8_t)next_random(&seed);
		}
		jpg_colour_shift_8(&shifts[0], cb, cr);
		jpg_colour_shift_8(&shifts[1], cb + 8, cr + 8);
		jpg_colour_16(out, luma, shifts, is_wide);
		for (int i = 0; i < JPG_COLOUR_PX; i++) {
			const double u = cb[is_wide ? i / 2 : i] - 128, v = cr[is_wide ? i / 2 : i] - 128;
			const uint8_t want[3] = { nearest(luma[i] + 1.402 * v), nearest(luma[i] - 0.344136 * u - 0.714136 * v), nearest(luma[i] + 1.772 * u) };

			for (int k = 0; k < 3; k++)
				assert_in_range(out[3 * i + k] + 2, want[k], want[k] + 4);
		}
	}
}

/* A table that comes again is read by several symbols at once; what it says is the same. */
static void
known_tables_say_what_new_ones_do(void **state)
{
	static const struct how cases[] = {
		{ 320, 200, 10, 2, 2, 0, 0 }, { 320, 200, 75, 2, 1, 5, 0 }, { 320, 200, 100, 1, 1, 0, 0 }, { 320, 200, 85, 2, 2, 0, WITH_OPTIMISED },
		{ 320, 200, 100, 2, 2, 0, WITH_OPTIMISED }, { 320, 200, 60, 1, 1, 0, WITH_GREY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int eighths = 1; eighths <= 2; eighths++) {
			struct jpg_skip *s = jpg_skip_new();
			struct bytes b = picture(&cases[i]);
			struct pixels first, again;

			assert_true(skim(s, &b, eighths, &first));
			assert_true(skim(s, &b, eighths, &again));
			assert_memory_equal(first.rgb, again.rgb, (size_t)first.w * (size_t)first.h * 3);
			free(first.rgb);
			free(again.rgb);
			free(b.data);
			jpg_skip_free(s);
		}
}

static void
every_small_size_is_read(void **state)
{
	struct jpg_skip *s = jpg_skip_new();

	(void)state;
	for (int w = 1; w <= 34; w += 3)
		for (int h = 1; h <= 34; h += 3) {
			struct bytes b = picture(&(struct how){ w, h, 80, 2, 2, 0, 0 });
			struct pixels p;

			for (int eighths = 1; eighths <= 2; eighths++) {
				assert_true(skim(s, &b, eighths, &p));
				assert_int_equal(p.rows, (h * eighths + 7) / 8);
				free(p.rgb);
			}
			free(b.data);
		}
	jpg_skip_free(s);
}

/* Fewer colours than fit in a byte would show here: black stays black, white white, and primaries themselves. */
static void
full_colours_stay_full(void **state)
{
	static const uint8_t colours[][3] = { { 0, 0, 0 }, { 255, 255, 255 }, { 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 }, { 255, 255, 0 }, { 128, 128, 128 } };
	struct thumb t, out;

	(void)state;
	for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
		unsigned char *jpeg;
		size_t len;

		assert_true(thumb_init(&t, 256, 128));
		for (int p = 0; p < 256 * 128; p++)
			memcpy(t.rgb + 3 * p, colours[i], 3);
		assert_true(jpg_encode(&t, 95, &jpeg, &len, NULL));
		assert_true(jpg_thumb(&out, jpeg, len, 64, 32, NULL, NULL, NULL));
		for (int p = 0; p < 64 * 32 * 3; p++)
			if (abs(out.rgb[p] - colours[i][p % 3]) > 4)
				fail_msg("colour %zu, byte %d is %d", i, p, out.rgb[p]);
		thumb_fini(&t);
		thumb_fini(&out);
		free(jpeg);
	}
}

/* One decoder, many cameras: tables, sizes and samplings change from picture to picture. */
static void
pictures_do_not_colour_one_another(void **state)
{
	static const struct how cases[] = {
		{ 640, 360, 75, 2, 2, 0, 0 }, { 320, 200, 30, 1, 1, 3, 0 }, { 800, 600, 90, 2, 1, 0, WITH_OPTIMISED }, { 64, 64, 50, 1, 1, 0, WITH_GREY },
		{ 640, 360, 75, 2, 2, 0, WITH_PROGRESSIVE },
	};
	struct jpg_decoder *d = jpg_decoder_new();
	struct thumb t = { .rgb = NULL }, alone;

	(void)state;
	for (int round = 0; round < 30; round++) {
		struct bytes b = picture(&cases[round * 7 % 5]);
		const int box_w = 40 + round % 3 * 30;

		assert_true(jpg_decoder_read(d, &t, b.data, b.len, box_w, 90, NULL, NULL, NULL));
		assert_true(jpg_thumb(&alone, b.data, b.len, box_w, 90, NULL, NULL, NULL));
		assert_int_equal(t.width_px, alone.width_px);
		assert_int_equal(t.height_px, alone.height_px);
		assert_memory_equal(t.rgb, alone.rgb, (size_t)t.width_px * (size_t)t.height_px * 3);
		thumb_fini(&alone);
		free(b.data);
	}
	thumb_fini(&t);
	jpg_decoder_free(d);
}

static void
pixels_are_used_again_for_the_same_size(void **state)
{
	struct bytes b = picture(&(struct how){ 640, 360, 75, 2, 2, 0, 0 });
	struct jpg_decoder *d = jpg_decoder_new();
	struct thumb t = { .rgb = NULL };
	const uint8_t *first;

	(void)state;
	assert_true(jpg_decoder_read(d, &t, b.data, b.len, 160, 90, NULL, NULL, NULL));
	first = t.rgb;
	assert_true(jpg_decoder_read(d, &t, b.data, b.len, 160, 90, NULL, NULL, NULL));
	assert_ptr_equal(t.rgb, first);
	assert_true(jpg_decoder_read(d, &t, b.data, b.len, 100, 90, NULL, NULL, NULL));
	assert_int_equal(t.width_px, 100);
	assert_false(jpg_decoder_read(d, &t, b.data, 10, 100, 90, NULL, NULL, &(struct err){ 0 }));
	assert_null(t.rgb);
	thumb_fini(&t);
	jpg_decoder_free(d);
	free(b.data);
}

/* What it does not take on, libjpeg does. */
static void
what_is_not_plain_is_left_to_libjpeg(void **state)
{
	static const struct how cases[] = {
		{ 320, 180, 75, 2, 2, 0, WITH_PROGRESSIVE }, { 320, 180, 75, 2, 2, 0, WITH_ARITHMETIC }, { 320, 180, 75, 2, 2, 0, WITH_SEPARATE },
		{ 320, 180, 75, 4, 1, 0, 0 }, { 320, 180, 75, 1, 4, 0, 0 },
	};
	struct jpg_skip *s = jpg_skip_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bytes b = picture(&cases[i]);
		struct pixels p;
		struct thumb t;

		assert_false(skim(s, &b, 2, &p));
		free(p.rgb);
		assert_true(jpg_thumb(&t, b.data, b.len, 80, 45, NULL, NULL, NULL));
		assert_int_equal(t.width_px, 80);
		thumb_fini(&t);
		free(b.data);
	}
	jpg_skip_free(s);
}

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
what_is_not_whole_is_not_shown_as_whole(void **state)
{
	struct bytes b = picture(&(struct how){ 160, 96, 75, 2, 2, 0, 0 });
	struct jpg_skip *s = jpg_skip_new();
	const size_t whole = b.len;
	struct pixels p;

	(void)state;
	assert_true(skim(s, &b, 2, &p));
	free(p.rgb);
	for (b.len = 2; b.len < whole - 4; b.len++) {
		if (skim(s, &b, 2, &p))
			fail_msg("%zu of %zu bytes were enough", b.len, whole);
		free(p.rgb);
	}
	free(b.data);
	jpg_skip_free(s);
}

static void
a_missing_restart_is_noticed(void **state)
{
	struct bytes b = picture(&(struct how){ 160, 96, 75, 2, 2, 4, 0 });
	struct jpg_skip *s = jpg_skip_new();
	struct pixels p;
	size_t at = find_marker(&b, 0xda) + 12;

	(void)state;
	while (b.data[at] != 0xff || b.data[at + 1] == 0)
		at++;
	assert_int_equal(b.data[at + 1], 0xd0);
	b.data[at + 1] = 0xd9;
	assert_false(skim(s, &b, 2, &p));
	free(p.rgb);
	b.data[at + 1] = 0xd0;
	assert_true(skim(s, &b, 2, &p));
	free(p.rgb);
	free(b.data);
	jpg_skip_free(s);
}

static void
refused(struct bytes *b, size_t at, unsigned char value)
{
	struct jpg_head h;
	const unsigned char was = b->data[at];

	b->data[at] = value;
	if (jpg_head_read(&h, b->data, b->len))
		fail_msg("byte %zu may be %02x", at, value);
	b->data[at] = was;
}

static void
headers_that_are_not_plain_are_refused(void **state)
{
	struct bytes b = picture(&(struct how){ 160, 96, 75, 2, 2, 0, 0 });
	const size_t quant = find_marker(&b, 0xdb), frame = find_marker(&b, 0xc0), huff = find_marker(&b, 0xc4), scan = find_marker(&b, 0xda);
	struct jpg_head h;

	(void)state;
	assert_true(jpg_head_read(&h, b.data, b.len));
	assert_int_equal(h.width_px, 160);
	assert_int_equal(h.height_px, 96);
	assert_ptr_equal(h.scan, b.data + scan + 14);
	refused(&b, 1, 0xd9);
	refused(&b, quant + 4, 0x10);		/* sixteen bits */
	refused(&b, quant + 4, 0x07);		/* no such table */
	refused(&b, frame + 1, 0xc1);
	refused(&b, frame + 1, 0xc2);
	refused(&b, frame + 1, 0xc9);
	refused(&b, frame + 4, 12);		/* bits a sample */
	refused(&b, frame + 9, 4);		/* parts */
	refused(&b, frame + 11, 0x33);		/* sampling */
	refused(&b, frame + 11, 0x00);
	refused(&b, frame + 14, 0x22);		/* chroma finer than that */
	refused(&b, frame + 12, 0x03);		/* a quantisation table nobody sent */
	refused(&b, huff + 4, 0x20);
	refused(&b, huff + 4, 0x03);		/* the one asked for is missing then */
	refused(&b, huff + 5, 0xff);		/* more symbols than bytes */
	refused(&b, scan + 4, 1);
	refused(&b, scan + 5, 9);		/* a part that is none */
	refused(&b, scan + 6, 0x44);
	refused(&b, scan + 12, 5);		/* a part of the coefficients */
	refused(&b, scan + 13, 0x10);
	free(b.data);
}

static void
three_parts_that_are_no_ycbcr_are_refused(void **state)
{
	struct bytes b = picture(&(struct how){ 160, 96, 75, 1, 1, 0, 0 });
	const size_t app = find_marker(&b, 0xe0), frame = find_marker(&b, 0xc0), scan = find_marker(&b, 0xda);
	struct jpg_head h;

	(void)state;
	for (int i = 0; i < 3; i++)
		b.data[frame + 10 + 3 * (size_t)i] = b.data[scan + 5 + 2 * (size_t)i] = (unsigned char)"RGB"[i];
	assert_true(jpg_head_read(&h, b.data, b.len));	/* JFIF is YCbCr, whatever its parts are called */
	memcpy(b.data + app + 4, "EXIF", 4);
	assert_false(jpg_head_read(&h, b.data, b.len));
	b.data[app + 1] = 0xee;
	memcpy(b.data + app + 4, "Adobe\0d\0\0\0\0\0", 12);	/* no transform */
	assert_false(jpg_head_read(&h, b.data, b.len));
	free(b.data);
}

static void
tables_are_checked_and_kept(void **state)
{
	struct jpg_huff_shelf shelf = { .clock = 0 };
	uint8_t spec[JPG_HUFF_SPEC_BYTES] = { 0 };
	const struct jpg_huff *first, *again;

	(void)state;
	assert_null(jpg_huff_find(&shelf, true, spec, 16));		/* no symbol */
	assert_null(jpg_huff_find(&shelf, true, spec, 17));
	spec[0] = 3;							/* three codes of one bit */
	assert_null(jpg_huff_find(&shelf, true, spec, 16 + 3));
	spec[0] = 1;
	spec[15] = 1;							/* and one of sixteen: told the long way */
	spec[17] = 9;
	assert_null(jpg_huff_find(&shelf, true, spec, 16 + 3));		/* says it has more than it counts */
	first = jpg_huff_find(&shelf, true, spec, 16 + 2);
	assert_non_null(first);
	assert_int_equal(jpg_huff_long(first, 0x8000), 16 | 9 << 8);
	assert_int_equal(jpg_huff_long(first, 0xffff), 0);
	again = jpg_huff_find(&shelf, true, spec, 16 + 2);
	assert_ptr_equal(first, again);
	assert_ptr_not_equal(jpg_huff_find(&shelf, false, spec, 16 + 2), first);
	for (int i = 0; i < 100; i++) {		/* a camera that sends another table each time */
		spec[17] = (uint8_t)(10 + i);
		assert_non_null(jpg_huff_find(&shelf, true, spec, 16 + 2));
	}
	jpg_huff_shelf_fini(&shelf);
}

static void
flipped_bits_never_lead_astray(void **state)
{
	static const struct how cases[] = { { 160, 96, 75, 2, 2, 0, 0 }, { 96, 64, 90, 2, 1, 3, 0 }, { 64, 64, 50, 1, 1, 0, WITH_OPTIMISED } };
	struct jpg_skip *s = jpg_skip_new();
	unsigned seed = 11;

	(void)state;
	for (int round = 0; round < 900; round++) {
		struct bytes b = picture(&cases[round % 3]);
		struct pixels p;

		for (int i = 0; i < 3; i++)
			b.data[next_random(&seed) % b.len] ^= (unsigned char)(1u << next_random(&seed) % 8);
		if (skim(s, &b, 1 + round % 2, &p))
			assert_int_equal(p.rows, p.h);
		free(p.rgb);
		free(b.data);
	}
	jpg_skip_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_pictures_are_as_libjpeg_shows_them),
		cmocka_unit_test(slopes_within_a_block_are_kept),
		cmocka_unit_test(means_are_those_of_the_cosines),
		cmocka_unit_test(colours_are_those_of_jfif),
		cmocka_unit_test(known_tables_say_what_new_ones_do),
		cmocka_unit_test(every_small_size_is_read),
		cmocka_unit_test(full_colours_stay_full),
		cmocka_unit_test(pictures_do_not_colour_one_another),
		cmocka_unit_test(pixels_are_used_again_for_the_same_size),
		cmocka_unit_test(what_is_not_plain_is_left_to_libjpeg),
		cmocka_unit_test(what_is_not_whole_is_not_shown_as_whole),
		cmocka_unit_test(a_missing_restart_is_noticed),
		cmocka_unit_test(headers_that_are_not_plain_are_refused),
		cmocka_unit_test(three_parts_that_are_no_ycbcr_are_refused),
		cmocka_unit_test(tables_are_checked_and_kept),
		cmocka_unit_test(flipped_bits_never_lead_astray),
	};

	return cmocka_run_group_tests_name("jpg_skip", tests, NULL, NULL);
}
