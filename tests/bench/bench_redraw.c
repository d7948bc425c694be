/*
 * bench_redraw.c - what the words of a sheet cost: a made-up show of N rolling cameras whose elapsed time, levels, storage and
 * pictures' ages move, drawn ten times a second of its own time through the view and curses, as the console does.
 * Prints bytes and CPU a refresh, and the same where everything is written anew.  Asserts nothing.
 *
 *	bench_redraw [CAMERAS [ROWS COLS [VIEW]]]
 */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "app/keymap.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "bench_screen.h"
#include "ui/canvas_curses.h"
#include "ui/view.h"

#define REFRESHES 600
#define STEP_US 100000

struct bench {
	struct show *show;
	struct canvas canvas;
	struct canvas_curses *curses;
	const struct view_ops *view;
	struct bench_screen screen;
};

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static void
fill_show(struct show *s, int cameras)
{
	str_copy(s->session, sizeof s->session, "saturday-episode-12");
	s->utc_us = 1763712000000000;
	s->rolling = true;
	s->rolling_count = s->rolling_asked = s->tally_asked = s->tally_ok = cameras;
	str_copy(s->take, sizeof s->take, "003");
	s->left_minutes = 188;
	s->tile_count = cameras;
	for (int i = 0; i < cameras; i++) {
		struct show_tile *t = &s->tiles[i];

		snprintf(t->id, sizeof t->id, "node-%d", i + 1);
		snprintf(t->name, sizeof t->name, "camera %d", i + 1);
		t->number = i + 1;
		t->link = HEALTH_LIVE;
		t->rec = HEALTH_REC_RECORDING;
		t->has_battery = t->has_audio = true;
		t->battery_percent = 81;
		t->clock_bound_us = 900;
		t->heard_utc_us = s->utc_us;
		t->peak_dbfs = -9;
	}
	s->tiles[0].light = SHOW_PROGRAM;
	s->tiles[1].light = SHOW_PREVIEW;
	str_copy(s->program, sizeof s->program, "node-1");
	str_copy(s->preview, sizeof s->preview, "node-2");
}

/* Speech: levels that swing by some decibels several times a second. */
static void
move_show(struct show *s, int n)
{
	const int64_t now_us = (int64_t)n * STEP_US;

	s->utc_us = 1763712000000000 + now_us;
	s->take_elapsed_us = s->shot_us = now_us / 1000000 * 1000000;
	for (int i = 0; i < s->tile_count; i++) {
		struct show_tile *t = &s->tiles[i];

		t->rec_elapsed_us = now_us / 1000000 * 1000000;
		t->storage_minutes = 214 - (n + i * 7) / 600;
		t->rms_dbfs = -24 + 10 * sin(n * 0.9 + i * 1.7) * sin(n * 0.13 + i);
		t->peak_dbfs = t->rms_dbfs + 6;
		t->heard_utc_us = s->utc_us;
		t->picture_age_us = -1;
	}
}

static size_t
refresh(struct bench *b, int n, bool anew, double *us)
{
	const struct view_frame f = { .show = b->show, .graphics = VIEW_NO_PICTURES, .prompt_cursor = -1,
		.keymap = keymap_builtin("atem"), .bell = "visual" };
	struct buf out;
	size_t len;

	buf_init(&out, 4 << 20);
	move_show(b->show, n);
	const double before_us = cpu_us();

	if (anew)
		canvas_curses_redraw(b->curses);
	canvas_clear(&b->canvas);
	screen_draw(&b->canvas, b->view, &f);
	canvas_curses_show(b->curses, &b->canvas);
	canvas_curses_take(b->curses, &out);
	*us += cpu_us() - before_us;
	len = out.len;
	bench_screen_feed(&b->screen, out.data, out.len);
	buf_fini(&out);
	return len;
}

static void
measure(struct bench *b, bool anew)
{
	double us = 0, bytes = 0;

	for (int i = 0; i < 5; i++)
		refresh(b, i, false, &us);
	us = 0;
	for (int i = 0; i < REFRESHES; i++)
		bytes += (double)refresh(b, 5 + i, anew, &us);
	printf("%s %.0f bytes %.0f us\n", anew ? "anew" : "changes", bytes / REFRESHES, us / REFRESHES);
}

int
main(int argc, char **argv)
{
	const int cameras = argc > 1 ? atoi(argv[1]) : 16, rows = argc > 3 ? atoi(argv[2]) : 50, cols = argc > 3 ? atoi(argv[3]) : 200;
	struct bench b = { .show = xcalloc(1, sizeof *b.show), .view = view_find(argc > 4 ? argv[4] : "sheet") };
	struct theme theme;
	struct err e;

	if (cameras < 1 || cameras > MAX_NODES || rows < 10 || cols < 40 || b.view == NULL) {
		fprintf(stderr, "usage: bench_redraw [CAMERAS [ROWS COLS [VIEW]]]\n");
		return 2;
	}
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TERM", "xterm-256color", 1);
	theme_plain(&theme);
	fill_show(b.show, cameras);
	canvas_init(&b.canvas, rows, cols);
	bench_screen_init(&b.screen, rows, cols, 8, 16, false);
	b.curses = canvas_curses_new(&theme, rows, cols, &e);
	if (b.curses == NULL) {
		fprintf(stderr, "bench_redraw: %s\n", e.text);
		return 4;
	}
	measure(&b, false);
	measure(&b, true);
	if (argc > 5)
		for (int y = 0; y < rows; y++) {
			char row[4096];

			bench_screen_row(&b.screen, y, row, sizeof row);
			puts(row);
		}
	canvas_curses_free(b.curses);
	canvas_fini(&b.canvas);
	bench_screen_fini(&b.screen);
	free(b.show);
	return 0;
}
