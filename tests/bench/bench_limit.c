/*
 * bench_limit.c - what a contact sheet costs at least: JPEG to 320x180 to sixel, from memory to /dev/null, and no more.
 * The yardstick of bench_pictures.sh; shares no code with the console.
 *
 *	bench_limit decode|full|q216|delta LOOPS CLIP	prints CPU seconds per 1000 pictures, and bytes a picture
 *
 * decode: libjpeg at 1/4.  full: at full size.  q216: 1/4, nearest of 6x6x6 colours, sixel with run lengths.
 * delta: the same, but only pixels that moved by more than noise are painted, over those that stand there (P2=1).
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <jpeglib.h>
#include "base/xalloc.h"

#define WIDTH 320
#define HEIGHT 180
#define COLOURS 216
#define NOISE 36			/* sum of the three channels' differences that is no change */
#define NOTHING 255			/* index of a pixel that the terminal does not show yet */

struct frame { const unsigned char *bytes; size_t len; };

struct limit {
	struct frame *frames;
	int count, divisor;
	uint8_t rgb[HEIGHT][WIDTH][3], kept[HEIGHT][WIDTH][3];
	uint8_t now[HEIGHT][WIDTH], shown[HEIGHT][WIDTH];
	uint8_t level[3][256];		/* a channel's value to its part of the colour's number */
	char out[1 << 20];
};

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(4);
}

static void
load(struct limit *l, const char *path)
{
	FILE *f = fopen(path, "rb");
	unsigned char *bytes, *at, *stop;
	long len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) <= 0)
		die(path);
	rewind(f);
	bytes = at = xmalloc((size_t)len);
	if (fread(bytes, 1, (size_t)len, f) != (size_t)len)
		die(path);
	fclose(f);
	while ((stop = memmem(at, (size_t)(bytes + len - at), "\xff\xd9", 2)) != NULL) {
		l->frames = xreallocarray(l->frames, (size_t)l->count + 1, sizeof *l->frames);
		l->frames[l->count++] = (struct frame){ at, (size_t)(stop + 2 - at) };
		at = stop + 2;
	}
}

static void
fill_levels(struct limit *l)
{
	static const int weight[3] = { 36, 6, 1 };

	for (int c = 0; c < 3; c++)
		for (int v = 0; v < 256; v++)
			l->level[c][v] = (uint8_t)((v * 5 + 127) / 255 * weight[c]);
}

static void
decode(struct limit *l, struct jpeg_decompress_struct *d, const struct frame *f)
{
	static unsigned char whole[4096 * 3];

	jpeg_mem_src(d, f->bytes, f->len);
	jpeg_read_header(d, TRUE);
	d->scale_num = l->divisor == 1 ? 8 : 2;
	d->scale_denom = 8;
	d->dct_method = JDCT_IFAST;
	d->do_fancy_upsampling = FALSE;
	d->out_color_space = JCS_RGB;
	jpeg_start_decompress(d);
	while (d->output_scanline < d->output_height) {
		JSAMPLE *row = l->divisor == 1 ? whole : l->rgb[d->output_scanline % HEIGHT][0];

		jpeg_read_scanlines(d, &row, 1);
	}
	jpeg_finish_decompress(d);
}

static inline uint8_t
colour_of(const struct limit *l, const uint8_t *p)
{
	return (uint8_t)(l->level[0][p[0]] + l->level[1][p[1]] + l->level[2][p[2]]);
}

static void
quantise(struct limit *l)
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			l->now[y][x] = colour_of(l, l->rgb[y][x]);
}

static void
quantise_moved(struct limit *l, bool is_first)
{
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			const uint8_t *p = l->rgb[y][x];
			uint8_t *q = l->kept[y][x];

			if (!is_first && abs(p[0] - q[0]) + abs(p[1] - q[1]) + abs(p[2] - q[2]) <= NOISE)
				continue;
			l->now[y][x] = colour_of(l, p);
			memcpy(q, p, 3);
		}
}

static inline char *
add_number(char *at, int v)
{
	if (v >= 100)
		*at++ = (char)('0' + v / 100);
	if (v >= 10)
		*at++ = (char)('0' + v / 10 % 10);
	*at++ = (char)('0' + v % 10);
	return at;
}

static inline char *
add_run(char *at, int symbol, int n)
{
	if (n > 3) {
		*at++ = '!';
		at = add_number(at, n);
		n = 1;
	}
	while (n-- > 0)
		*at++ = (char)symbol;
	return at;
}

/* Six lines: one pass a colour, from its first column to its last. */
static char *
add_band(struct limit *l, char *at, int top, bool is_delta)
{
	static uint8_t bits[COLOURS][WIDTH];
	int low[COLOURS], high[COLOURS], used[COLOURS], count = 0;
	uint8_t seen[COLOURS] = { 0 };

	for (int k = 0; k < 6; k++)
		for (int x = 0; x < WIDTH; x++) {
			const int c = l->now[top + k][x];

			if (is_delta && c == l->shown[top + k][x])
				continue;
			if (!seen[c]) {
				seen[c] = 1;
				used[count++] = c;
				low[c] = high[c] = x;
				memset(bits[c], 0, WIDTH);
			}
			low[c] = x < low[c] ? x : low[c];
			high[c] = x > high[c] ? x : high[c];
			bits[c][x] = (uint8_t)(bits[c][x] | 1 << k);
		}
	for (int i = 0; i < count; i++) {
		const int c = used[i];

		*at++ = '#';
		at = add_number(at, c);
		if (low[c] > 0)
			at = add_run(at, '?', low[c]);
		for (int x = low[c], n; x <= high[c]; x += n) {
			for (n = 1; x + n <= high[c] && bits[c][x + n] == bits[c][x]; n++)
				;
			at = add_run(at, '?' + bits[c][x], n);
		}
		*at++ = i + 1 < count ? '$' : '-';
	}
	if (count == 0)
		*at++ = '-';
	return at;
}

static size_t
encode(struct limit *l, bool is_delta)
{
	char *at = stpcpy(l->out, is_delta ? "\x1bP0;1q\"1;1;320;180" : "\x1bPq\"1;1;320;180");

	for (int y = 0; y < HEIGHT; y += 6)
		at = add_band(l, at, y, is_delta);
	if (is_delta)
		memcpy(l->shown, l->now, sizeof l->shown);
	return (size_t)(stpcpy(at, "\x1b\\") - l->out);
}

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int
main(int argc, char **argv)
{
	static struct limit l;
	const bool is_delta = argc > 1 && strcmp(argv[1], "delta") == 0;
	const bool encodes = is_delta || (argc > 1 && strcmp(argv[1], "q216") == 0);
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr errors;
	size_t bytes = 0;
	int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC), loops = argc > 2 ? atoi(argv[2]) : 0;

	if (argc != 4 || loops < 1) {
		fprintf(stderr, "usage: bench_limit decode|full|q216|delta LOOPS CLIP\n");
		return 2;
	}
	load(&l, argv[3]);
	fill_levels(&l);
	l.divisor = strcmp(argv[1], "full") == 0 ? 1 : 4;
	d.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&d);
	const double before_s = cpu_s();
	for (int i = 0; i < loops * l.count; i++) {
		decode(&l, &d, &l.frames[i % l.count]);
		if (!encodes)
			continue;
		if (i % l.count == 0)
			memset(l.shown, NOTHING, sizeof l.shown);
		if (is_delta)
			quantise_moved(&l, i % l.count == 0);
		else
			quantise(&l);
		size_t n = encode(&l, is_delta);
		bytes += n;
		if (write(null_fd, l.out, n) < 0)
			die("/dev/null");
	}
	printf("%.4f %.0f\n", (cpu_s() - before_s) * 1000 / (loops * l.count), (double)bytes / (loops * l.count));
	jpeg_destroy_decompress(&d);
	return 0;
}
