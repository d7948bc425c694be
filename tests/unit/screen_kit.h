/*
 * screen_kit.h - screens drawn on a canvas and read back as text; for unit tests of views.
 */
#ifndef TESTS_UNIT_SCREEN_KIT_H
#define TESTS_UNIT_SCREEN_KIT_H

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
#include "tests/support/scene.h"
#include "ui/view.h"

struct shot { struct canvas c; char text[128 * 1024]; };

static struct view_frame
frame_of(const struct show *s, enum view_graphics graphics)
{
	return (struct view_frame){ .show = s, .graphics = graphics, .prompt_cursor = -1, .keymap = keymap_builtin("atem"), .bell = "visual" };
}

static void
read_back(struct shot *shot)
{
	for (int y = 0; y < shot->c.rows; y++) {
		size_t len = strlen(shot->text);

		canvas_row_text(&shot->c, y, shot->text + len, sizeof shot->text - len - 1);
		strcat(shot->text, "\n");
	}
}

static struct shot *
shoot_frame(const struct view_frame *f, const char *view, int rows, int cols)
{
	struct shot *shot = calloc(1, sizeof *shot);

	assert_non_null(shot);
	canvas_init(&shot->c, rows, cols);
	screen_draw(&shot->c, view_find(view), f);
	read_back(shot);
	return shot;
}

static inline struct shot *
shoot(const struct show *s, const char *view, int rows, int cols, enum view_graphics graphics)
{
	const struct view_frame f = frame_of(s, graphics);

	return shoot_frame(&f, view, rows, cols);
}

static inline void
shot_free(struct shot *s)
{
	canvas_fini(&s->c);
	free(s);
}

static inline void
has(const struct shot *s, const char *what)
{
	if (strstr(s->text, what) == NULL)
		fail_msg("no \"%s\" in:\n%s", what, s->text);
}

static inline void
hasnt(const struct shot *s, const char *what)
{
	if (strstr(s->text, what) != NULL)
		fail_msg("\"%s\" in:\n%s", what, s->text);
}

/* The row as text is exactly that. */
static inline void
row_is(const struct shot *s, int row, const char *what)
{
	char text[4096];

	canvas_row_text(&s->c, row, text, sizeof text);
	if (strcmp(text, what) != 0)
		fail_msg("row %d is\n\"%s\" not\n\"%s\" in:\n%s", row, text, what, s->text);
}

static inline enum theme_role
role_at(const struct shot *s, int row, int col)
{
	return (enum theme_role)s->c.cell[row * s->c.cols + col].role;
}

static inline const struct canvas_picture *
picture_of(const struct canvas *c, const char *node)
{
	for (int i = 0; i < c->picture_count; i++)
		if (strcmp(c->pictures[i].node, node) == 0)
			return &c->pictures[i];
	return NULL;
}

static inline int
use_utc(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

#endif
