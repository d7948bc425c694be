/*
 * bench_quality.c - what the terminal shows of a clip beside what it should: structural similarity (SSIM) of luma, mean over
 * the pictures, and the worst 8x8 block; the painter as the console uses it, or another program's sixels from a file.
 *
 *	bench_quality ours CLIP [STEP [LEVEL]]	frames 0, STEP, 2 STEP ... (3); painted with what changed, as on xterm
 *	bench_quality fresh CLIP [STEP [LEVEL]]	the same, but every picture is painted whole
 *	bench_quality mixed CLIP [STEP]		the same, the first half of the pictures with the fewest colours
 *	bench_quality file SIXELS CLIP [STEP]	one picture of SIXELS for each such frame; the nearest of five is meant
 *
 * The palette is learned from the picture LEARNED_AT, as the console does when a layout's pictures are there; what is told is
 * of the pictures after it.
 *
 * Prints: pictures, mean SSIM, least SSIM, bytes a picture, the worst block's difference in the last picture, and its SSIM.
 */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include "base/buf.h"
#include "base/xalloc.h"
#include "bench_screen.h"
#include "io/jpg.h"
#include "ui/paint.h"
#include "ui/sixel_learn.h"

#define WIDTH 320
#define HEIGHT 180
#define CELL_W 8
#define CELL_H 18
#define WINDOW 8
#define STRIDE 4
#define LEARNED_AT 3
#define SAMPLE_STEP 3			/* as the console samples */

struct frame { const char *bytes; size_t len; };
struct clip { struct frame *frames; int count; };
struct luma { double at[HEIGHT][WIDTH]; };
struct sum { double ssim, least, last, bytes, worst_block; int pictures; };
enum way { WAY_OURS, WAY_FRESH, WAY_MIXED };

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_quality: %s\n", what);
	exit(4);
}

static char *
load(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *bytes;
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) <= 0)
		die(path);
	rewind(f);
	*len = (size_t)size;
	bytes = xmalloc(*len);
	if (fread(bytes, 1, *len, f) != *len)
		die(path);
	fclose(f);
	return bytes;
}

static struct clip
load_clip(const char *path)
{
	struct clip c = { 0 };
	size_t len;
	char *at = load(path, &len), *end = at + len, *stop;

	while ((stop = memmem(at, (size_t)(end - at), "\xff\xd9", 2)) != NULL) {
		c.frames = xreallocarray(c.frames, (size_t)c.count + 1, sizeof *c.frames);
		c.frames[c.count++] = (struct frame){ at, (size_t)(stop + 2 - at) };
		at = stop + 2;
	}
	return c;
}

static double
luma_of(const uint8_t *p)
{
	return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
}

/* What should be seen: the luma of the whole picture, and of it the mean under each pixel. */
static void
reference(struct luma *out, const struct frame *f)
{
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr errors;
	static JSAMPLE line[8192];
	JSAMPLE *row = line;

	d.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&d);
	jpeg_mem_src(&d, (const unsigned char *)f->bytes, f->len);
	jpeg_read_header(&d, TRUE);
	if (d.image_width % WIDTH != 0 || d.image_height % HEIGHT != 0 || d.image_width > sizeof line)
		die("the clip's size is no multiple of a tile's");
	const unsigned nx = d.image_width / WIDTH, ny = d.image_height / HEIGHT;

	d.out_color_space = JCS_GRAYSCALE;
	jpeg_start_decompress(&d);
	memset(out, 0, sizeof *out);
	while (d.output_scanline < d.output_height) {
		double *to = out->at[d.output_scanline / ny];

		jpeg_read_scanlines(&d, &row, 1);
		for (unsigned x = 0; x < d.output_width; x++)
			to[x / nx] += line[x] / (double)(nx * ny);
	}
	jpeg_finish_decompress(&d);
	jpeg_destroy_decompress(&d);
}

static void
shown(struct luma *out, const struct bench_screen *s)
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			out->at[y][x] = luma_of(s->rgb + ((size_t)y * (size_t)bench_screen_width_px(s) + (size_t)x) * 3);
}

static double
window_ssim(const struct luma *a, const struct luma *b, int top, int left)
{
	const double n = WINDOW * WINDOW, c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;
	double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;

	for (int y = top; y < top + WINDOW; y++)
		for (int x = left; x < left + WINDOW; x++) {
			const double p = a->at[y][x], q = b->at[y][x];

			sa += p;
			sb += q;
			saa += p * p;
			sbb += q * q;
			sab += p * q;
		}
	const double ma = sa / n, mb = sb / n, va = saa / n - ma * ma, vb = sbb / n - mb * mb, cov = sab / n - ma * mb;

	return (2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
}

static double
ssim(const struct luma *a, const struct luma *b)
{
	double sum = 0;
	int count = 0;

	for (int y = 0; y + WINDOW <= HEIGHT; y += STRIDE)
		for (int x = 0; x + WINDOW <= WIDTH; x += STRIDE, count++)
			sum += window_ssim(a, b, y, x);
	return sum / count;
}

/* A trail is a block whose mean stays off. */
static double
worst_block(const struct luma *a, const struct luma *b)
{
	double worst = 0;

	for (int y = 0; y + WINDOW <= HEIGHT; y += WINDOW)
		for (int x = 0; x + WINDOW <= WIDTH; x += WINDOW) {
			double sum = 0;

			for (int i = 0; i < WINDOW * WINDOW; i++)
				sum += a->at[y + i / WINDOW][x + i % WINDOW] - b->at[y + i / WINDOW][x + i % WINDOW];
			sum = fabs(sum) / (WINDOW * WINDOW);
			worst = sum > worst ? sum : worst;
		}
	return worst;
}

static void
count_picture(struct sum *sum, const struct luma *want, const struct luma *have, size_t bytes)
{
	const double value = ssim(want, have);

	sum->ssim += value;
	sum->least = sum->pictures == 0 || value < sum->least ? value : sum->least;
	sum->bytes += (double)bytes;
	sum->worst_block = worst_block(want, have);
	sum->last = value;
	sum->pictures++;
}

/* ---- Ours ---- */

static size_t
paint(void *painter, struct bench_screen *s, const struct paint_place *place, const struct thumb *t, int level)
{
	const struct paint_grant grant = { .max_bytes = 1 << 20, .level = level };
	enum paint_result result;
	struct buf out;
	size_t len;

	buf_init(&out, 8 << 20);
	do
		result = paint_sixel.draw(painter, &out, place, t, &grant);
	while (result == PAINT_MORE);
	if (result == PAINT_NO_ROOM)
		die("the painter has no room");
	bench_screen_feed(s, out.data, out.len);
	len = out.len;
	buf_fini(&out);
	return len;
}

/* Better colours, told to the terminal and to the painter. */
static void
learn(struct sixel_palette *palette, const struct paint_screen *screen, struct bench_screen *s, const struct thumb *t)
{
	struct sixel_learn l;
	struct buf out;

	buf_init(&out, 1 << 20);
	sixel_learn_init(&l, palette);
	sixel_learn_add(&l, t, SAMPLE_STEP);
	sixel_learn_run(&l);
	sixel_palette_set(palette, (const uint8_t (*)[3])l.rgb);
	sixel_learn_fini(&l);
	if (paint_sixel.renew(&out, screen))
		bench_screen_feed(s, out.data, out.len);
	buf_fini(&out);
}

static void
run_painter(struct sum *sum, const struct clip *c, int step, int level, enum way way)
{
	static struct sixel_palette palette;
	const struct paint_screen screen = { .colours = 256, .shared_palette = true, .overlays = true, .palette = &palette };
	const struct paint_place place = { .rows = HEIGHT / CELL_H, .cols = WIDTH / CELL_W, .cell_w_px = CELL_W, .cell_h_px = CELL_H };
	static struct luma want, have;
	struct bench_screen s;
	struct buf out;
	int w, h, seen = 0;
	void *painter;

	sixel_palette_init(&palette);
	sixel_palette_fit(&palette, screen.colours);
	painter = paint_sixel.open(&screen);
	bench_screen_init(&s, place.rows + 2, place.cols, CELL_W, CELL_H, true);
	buf_init(&out, 1 << 20);
	if (paint_sixel.begin != NULL && paint_sixel.begin(&out, &screen))
		bench_screen_feed(&s, out.data, out.len);
	paint_sixel.size(&place, &w, &h);
	for (int i = 0; i < c->count; i += step) {
		struct thumb t;
		struct err e;

		if (!jpg_thumb(&t, c->frames[i].bytes, c->frames[i].len, w, h, NULL, NULL, &e))
			die(e.text);
		if (way == WAY_FRESH)
			paint_sixel.forget(painter);
		size_t bytes = paint(painter, &s, &place, &t, way == WAY_MIXED ? i < c->count / 2 ? PAINT_LEVELS - 1 : 0 : level);
		if (++seen == LEARNED_AT)
			learn(&palette, &screen, &s, &t);
		thumb_fini(&t);
		if (seen <= LEARNED_AT)
			continue;
		reference(&want, &c->frames[i]);
		shown(&have, &s);
		count_picture(sum, &want, &have, bytes);
	}
	paint_sixel.close(painter);
	buf_fini(&out);
	bench_screen_fini(&s);
}

/* ---- Another program's ---- */

static void
nearest_frame(struct sum *sum, const struct clip *c, int at, const struct luma *have, size_t bytes)
{
	static struct luma want, best;
	double most = -2;

	for (int i = at - 2; i <= at + 2; i++) {
		reference(&want, &c->frames[(i + c->count) % c->count]);
		const double value = ssim(&want, have);

		if (value > most) {
			most = value;
			best = want;
		}
	}
	count_picture(sum, &best, have, bytes);
}

static void
run_file(struct sum *sum, const char *path, const struct clip *c, int step)
{
	static struct luma have;
	struct bench_screen s;
	size_t len;
	const char *at = load(path, &len), *end = at + len, *stop;

	bench_screen_init(&s, HEIGHT / CELL_H + 3, WIDTH / CELL_W + 2, CELL_W, CELL_H, true);
	while ((stop = memmem(at, (size_t)(end - at), "\x1b\\", 2)) != NULL && sum->pictures * step < c->count) {
		const char *begin = memmem(at, (size_t)(stop - at), "\x1bP", 2);

		if (begin != NULL) {
			/* Wherever it was put, it is looked at in the corner. */
			bench_screen_feed(&s, "\x1b[H", 3);
			bench_screen_feed(&s, begin, (size_t)(stop + 2 - begin));
			shown(&have, &s);
			nearest_frame(sum, c, sum->pictures * step, &have, (size_t)(stop + 2 - at));
		}
		at = stop + 2;
	}
	bench_screen_fini(&s);
}

int
main(int argc, char **argv)
{
	const bool is_file = argc > 3 && strcmp(argv[1], "file") == 0;
	const int more = is_file ? 4 : 3, step = argc > more ? atoi(argv[more]) : 3, level = argc > more + 1 ? atoi(argv[more + 1]) : 0;
	struct sum sum = { 0 };
	struct clip clip;

	if (argc < 3 || step < 1) {
		fprintf(stderr, "usage: bench_quality ours|fresh|mixed CLIP [STEP [LEVEL]] | file SIXELS CLIP [STEP]\n");
		return 2;
	}
	setlocale(LC_ALL, "C.UTF-8");
	clip = load_clip(argv[is_file ? 3 : 2]);
	if (is_file)
		run_file(&sum, argv[2], &clip, step);
	else
		run_painter(&sum, &clip, step, level, strcmp(argv[1], "fresh") == 0 ? WAY_FRESH : strcmp(argv[1], "mixed") == 0 ? WAY_MIXED : WAY_OURS);
	if (sum.pictures == 0)
		die("no pictures");
	printf("%d %.4f %.4f %.0f %.1f %.4f\n", sum.pictures, sum.ssim / sum.pictures, sum.least, sum.bytes / sum.pictures, sum.worst_block, sum.last);
	return 0;
}
