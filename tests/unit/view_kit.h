/*
 * view_kit.h - a made-up show and the text of a view drawn of it, for tests of views.
 */
#ifndef TESTS_VIEW_KIT_H
#define TESTS_VIEW_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "app/keymap.h"
#include "base/str.h"
#include "ui/view.h"

#define VIEW_UTC_US 1763712000000000LL		/* 08:00:00 UTC */
#define VIEW_UNUSED __attribute__((unused))

struct drawn { struct canvas c; char text[256 * 1024]; };

static VIEW_UNUSED struct show *
kit_show(int cameras)
{
	struct show *s = calloc(1, sizeof *s);

	setenv("TZ", "UTC", 1);
	tzset();
	s->utc_us = VIEW_UTC_US;
	s->shot_us = s->left_minutes = -1;
	s->tile_count = cameras;
	for (int i = 0; i < cameras; i++) {
		struct show_tile *t = &s->tiles[i];

		snprintf(t->id, sizeof t->id, "node-%d", i + 1);
		snprintf(t->name, sizeof t->name, "cam %d", i + 1);
		t->number = i + 1;
		t->link = HEALTH_LIVE;
		t->has_battery = true;
		t->battery_percent = 90 - i;
		t->storage_minutes = 300 - i;
		t->fps = 30;
		t->clock_bound_us = 1500;
		t->rec_elapsed_us = t->picture_age_us = t->stopped_since_us = t->out_since_us = t->picture_bound_us = -1;
		str_copy(t->path, sizeof t->path, "lan");
		snprintf(t->address, sizeof t->address, "10.0.0.%d:8081", i + 1);
		str_copy(t->model, sizeof t->model, "iPhone17,2");
	}
	return s;
}

static VIEW_UNUSED struct view_frame
kit_frame(const struct show *s)
{
	return (struct view_frame){ .show = s, .graphics = VIEW_NO_PICTURES, .prompt_cursor = -1, .keymap = keymap_builtin("atem"), .bell = "visual" };
}

/* The view alone, on the whole canvas. */
static VIEW_UNUSED struct drawn *
kit_draw(const struct view_frame *f, const struct view_ops *view, int rows, int cols)
{
	struct drawn *d = calloc(1, sizeof *d);

	canvas_init(&d->c, rows, cols);
	view->draw(&d->c, f, 0, rows);
	for (int y = 0; y < rows; y++) {
		size_t len = strlen(d->text);

		canvas_row_text(&d->c, y, d->text + len, sizeof d->text - len - 1);
		strcat(d->text, "\n");
	}
	return d;
}

static VIEW_UNUSED void
kit_free(struct drawn *d)
{
	canvas_fini(&d->c);
	free(d);
}

static VIEW_UNUSED void
kit_has(const struct drawn *d, const char *what)
{
	if (strstr(d->text, what) == NULL)
		fail_msg("no \"%s\" in:\n%s", what, d->text);
}

static VIEW_UNUSED void
kit_hasnt(const struct drawn *d, const char *what)
{
	if (strstr(d->text, what) != NULL)
		fail_msg("\"%s\" in:\n%s", what, d->text);
}

/* These, one after the other. */
static VIEW_UNUSED void
kit_order(const struct drawn *d, const char *const *what, int count)
{
	const char *at = d->text;

	for (int i = 0; i < count; i++) {
		const char *next = strstr(at, what[i]);

		if (next == NULL)
			fail_msg("no \"%s\" at its place in:\n%s", what[i], d->text);
		at = next + 1;
	}
}

/* The border's column on either side is nobody's. */
static VIEW_UNUSED void
kit_stays_inside(const struct drawn *d)
{
	for (int y = 0; y < d->c.rows; y++) {
		const struct canvas_cell *row = d->c.cell + y * d->c.cols;
		const char *last = row[d->c.cols - 1].text;

		if (last[0] != '\0' && strcmp(last, " ") != 0)
			fail_msg("row %d touches the border of %d columns:\n%s", y, d->c.cols, d->text);
	}
}

#endif
