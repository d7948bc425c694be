/*
 * bench_thumbs.c - CPU seconds per 1000 pictures of a contact sheet: JPEG frames to thumbs as the console decodes
 * them, and on to sixel as it paints them, beside `chafa -f sixels -s 40x11` on the same files; rounds in turn.
 * Asserts nothing.  bench_thumbs.sh makes the frames.
 *
 *	bench_thumbs ROUNDS NAME FILE.jpg...
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/xalloc.h"
#include "io/jpg.h"
#include "ui/paint.h"

#define MOST_ROUNDS 99
#define PICTURE_CEILING (4 * 1024 * 1024)

extern char **environ;

struct frame { char *bytes; size_t len; };

struct bench {
	int count;
	struct frame *frames;
	char **files;
	struct paint_place place;	/* 40 x 12 cells of 8 x 16: 320 x 180 and what chafa makes 40 x 11 of */
	size_t painted_bytes;
	int null_fd;
};

enum kind { KIND_DECODE, KIND_PAINT, KIND_CHAFA, KINDS };

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_thumbs: %s: %s\n", what, strerror(errno));
	exit(4);
}

static double
own_cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct frame
load(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct frame out;
	long len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) <= 0)
		die(path);
	rewind(f);
	out.len = (size_t)len;
	out.bytes = xmalloc(out.len);
	if (fread(out.bytes, 1, out.len, f) != out.len)
		die(path);
	fclose(f);
	return out;
}

static void
decode(const struct frame *frame, struct thumb *t, int w_px, int h_px)
{
	int full_w, full_h;
	struct err e;

	if (!jpg_thumb(t, frame->bytes, frame->len, w_px, h_px, &full_w, &full_h, &e)) {
		fprintf(stderr, "bench_thumbs: %s\n", e.text);
		exit(1);
	}
}

static double
run_decode(struct bench *b)
{
	const double before_s = own_cpu_s();

	for (int i = 0; i < b->count; i++) {
		struct thumb t;

		decode(&b->frames[i], &t, 320, 180);
		thumb_fini(&t);
	}
	return own_cpu_s() - before_s;
}

/* The frames of one camera in order, as its tile shows them: the painter may keep what is on screen. */
static double
run_paint(struct bench *b)
{
	const double before_s = own_cpu_s();
	void *painter = paint_sixel.open(&(struct paint_screen){ .colours = 256 });
	int w_px, h_px;
	struct buf out;

	b->painted_bytes = 0;
	paint_sixel.size(&b->place, &w_px, &h_px);
	buf_init(&out, PICTURE_CEILING);
	for (int i = 0; i < b->count; i++) {
		struct thumb t;

		decode(&b->frames[i], &t, w_px, h_px);
		if (paint_sixel.draw(painter, &out, &b->place, &t, &(struct paint_grant){ .max_bytes = 1 << 20 }) == PAINT_DONE && write(b->null_fd, out.data, out.len) != (ssize_t)out.len)
			die("/dev/null");
		b->painted_bytes += out.len;
		buf_clear(&out);
		thumb_fini(&t);
	}
	buf_fini(&out);
	paint_sixel.close(painter);
	return own_cpu_s() - before_s;
}

static double
run_chafa(struct bench *b)
{
	char **argv = xcalloc((size_t)b->count + 10, sizeof *argv);
	char name[] = "chafa", format[] = "-f", sixels[] = "sixels", size[] = "-s", cells[] = "40x11";
	posix_spawn_file_actions_t actions;
	struct rusage used;
	int status, n = 0;
	pid_t pid;

	argv[n++] = name;
	argv[n++] = format;
	argv[n++] = sixels;
	argv[n++] = size;
	argv[n++] = cells;
	memcpy(argv + n, b->files, (size_t)b->count * sizeof *argv);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, "chafa", &actions, NULL, argv, environ) != 0 || wait4(pid, &status, 0, &used) != pid || status != 0)
		die("chafa");
	posix_spawn_file_actions_destroy(&actions);
	free(argv);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static int
by_size(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double
median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, by_size);
	return values[count / 2];
}

static void
measure(struct bench *b, const char *name, int rounds)
{
	static double (*const runs[KINDS])(struct bench *b) = { run_decode, run_paint, run_chafa };
	double cpu_s[KINDS][MOST_ROUNDS], ratio[MOST_ROUNDS], per_1000[KINDS];

	for (int round = 0; round < rounds; round++) {
		for (int k = 0; k < KINDS; k++)
			cpu_s[k][round] = runs[k](b);
		ratio[round] = cpu_s[KIND_PAINT][round] / cpu_s[KIND_CHAFA][round];
	}
	for (int k = 0; k < KINDS; k++)
		per_1000[k] = median(cpu_s[k], rounds) * 1000 / b->count;
	printf("%-8s decode %6.2f   decode + sixel %6.2f (%zu bytes)   chafa %6.2f   ratio %.3f\n", name, per_1000[KIND_DECODE],
	    per_1000[KIND_PAINT], b->painted_bytes / (size_t)b->count, per_1000[KIND_CHAFA], median(ratio, rounds));
}

int
main(int argc, char **argv)
{
	struct bench b = { .place = { .row = 0, .col = 0, .rows = 12, .cols = 40, .cell_w_px = 8, .cell_h_px = 16 } };
	const int rounds = argc > 3 ? atoi(argv[1]) : 0;

	if (rounds < 1 || rounds > MOST_ROUNDS) {
		fprintf(stderr, "usage: bench_thumbs ROUNDS NAME FILE.jpg...\n");
		return 2;
	}
	b.count = argc - 3;
	b.files = argv + 3;
	b.frames = xcalloc((size_t)b.count, sizeof *b.frames);
	for (int i = 0; i < b.count; i++)
		b.frames[i] = load(b.files[i]);
	b.null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	measure(&b, argv[2], rounds);
	close(b.null_fd);
	for (int i = 0; i < b.count; i++)
		free(b.frames[i].bytes);
	free(b.frames);
	return 0;
}
