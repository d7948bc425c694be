/*
 * t_canvas_curses.c - what curses sends for a canvas leaves just that canvas on a terminal, sends little, and never scrolls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "support/vt.h"
#include "ui/canvas_curses.h"

#define ROWS 24
#define COLS 80

static const struct vt_fns nobody = { .answer = NULL };

struct desk {
	struct canvas_curses *cc;
	struct canvas canvas;
	struct vt vt;
	struct buf out;
	size_t sent;
};

static void
open_desk(struct desk *d, const char *term)
{
	struct theme theme;
	struct err e;

	setenv("TERM", term, 1);
	unsetenv("NO_COLOR");
	theme_plain(&theme);
	memset(d, 0, sizeof *d);
	d->cc = canvas_curses_new(&theme, ROWS, COLS, &e);
	assert_non_null(d->cc);
	canvas_init(&d->canvas, ROWS, COLS);
	vt_init(&d->vt, VT_TEXT, ROWS, COLS, &nobody, NULL);
	buf_init(&d->out, 1 << 20);
}

static void
show(struct desk *d)
{
	canvas_curses_show(d->cc, &d->canvas);
	canvas_curses_take(d->cc, &d->out);
	d->sent = d->out.len;
	vt_feed(&d->vt, d->out.data, d->out.len);
	buf_clear(&d->out);
}

static void
close_desk(struct desk *d)
{
	canvas_curses_end(d->cc, &d->out);
	canvas_curses_free(d->cc);
	canvas_fini(&d->canvas);
	vt_fini(&d->vt);
	buf_fini(&d->out);
}

static void
is_as_drawn(const struct desk *d)
{
	char want[1024], have[1024];

	for (int y = 0; y < ROWS; y++) {
		canvas_row_text(&d->canvas, y, want, sizeof want);
		vt_row(&d->vt, y, have, sizeof have);
		assert_string_equal(have, want);
	}
	assert_int_equal(d->vt.unknown, 0);
}

static void
same_canvas_again_sends_nothing(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, "xterm-256color");
	canvas_put(&d.canvas, 3, 4, 40, ROLE_TEXT, "left guest");
	show(&d);
	is_as_drawn(&d);
	canvas_clear(&d.canvas);
	canvas_put(&d.canvas, 3, 4, 40, ROLE_TEXT, "left guest");
	show(&d);
	assert_int_equal(d.sent, 0);
	close_desk(&d);
}

static void
only_what_differs_is_sent(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, "xterm-256color");
	for (int y = 0; y < ROWS - 1; y++)
		canvas_putf(&d.canvas, y, 0, COLS, ROLE_TEXT, "row %d of the screen, with text up to here, and a figure %d", y, y * 7919);
	show(&d);
	canvas_put(&d.canvas, 5, 60, 3, ROLE_TEXT, "777");
	show(&d);
	assert_in_range(d.sent, 3, 24);
	is_as_drawn(&d);
	close_desk(&d);
}

/* Curses scrolls where it finds rows elsewhere; pictures would go with them. */
static void
rows_that_move_never_scroll_the_screen(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, "xterm-256color");
	for (int shift = 0; shift < 6; shift++) {
		canvas_clear(&d.canvas);
		for (int y = 0; y + shift < ROWS - 1; y++)
			canvas_putf(&d.canvas, y, 0, COLS, ROLE_TEXT, "row %d of a list whose rows move up, number %d", y + shift * 2, (y + shift * 2) * 7919);
		show(&d);
		is_as_drawn(&d);
		assert_int_equal(d.vt.scrolls, 0);
	}
	close_desk(&d);
}

static void
random_canvases_come_out_right(void **state)
{
	static const char *const bits[] = { "a", "Zoë", "漢字", "█▓", "-20||||.", " ", "終", "│" };
	struct desk d;
	uint32_t dice = 7;

	(void)state;
	open_desk(&d, "xterm-256color");
	for (int i = 0; i < 400; i++) {
		if (i % 5 == 0)
			canvas_clear(&d.canvas);
		for (int k = 0; k < 30; k++) {
			dice = dice * 1664525 + 1013904223;
			canvas_put(&d.canvas, (int)(dice >> 8) % ROWS, (int)(dice >> 16) % COLS, 9, (enum theme_role)(dice % THEME_ROLE_COUNT),
			    bits[(dice >> 4) % (sizeof bits / sizeof bits[0])]);
		}
		show(&d);
		assert_int_equal(d.vt.scrolls, 0);
		is_as_drawn(&d);
	}
	close_desk(&d);
}

static void
the_terminal_is_told_to_leave_letters_in_their_cells_and_to_turn_them_again_at_the_end(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, "xterm-256color");
	canvas_curses_show(d.cc, &d.canvas);
	canvas_curses_take(d.cc, &d.out);
	assert_non_null(memmem(d.out.data, d.out.len, "\x1b[8l", 4));
	assert_null(memmem(d.out.data, d.out.len, "\x1b[8h", 4));
	buf_clear(&d.out);
	canvas_curses_end(d.cc, &d.out);
	assert_non_null(memmem(d.out.data, d.out.len, "\x1b[8h", 4));
	canvas_curses_free(d.cc);
	canvas_fini(&d.canvas);
	vt_fini(&d.vt);
	buf_fini(&d.out);
}

static void
erased_cells_are_blank_and_the_rest_stays(void **state)
{
	struct desk d;
	char row[1024];

	(void)state;
	open_desk(&d, "xterm-256color");
	canvas_put(&d.canvas, 5, 0, COLS, ROLE_TEXT, "left");
	canvas_put(&d.canvas, 5, 30, 20, ROLE_TEXT, "right");
	show(&d);
	vt_feed(&d.vt, "\x1b" "7\x1b[6;11HPICTURE\x1b" "8", 18);
	canvas_curses_erase(d.cc, &d.out, 5, 10, 1, 10);
	vt_feed(&d.vt, d.out.data, d.out.len);
	vt_row(&d.vt, 5, row, sizeof row);
	assert_string_equal(row, "left                          right");
	buf_clear(&d.out);
	close_desk(&d);
}

/* Curses knows nothing of pictures; a terminal has them until their cells are written or cleared. */
static void
text_beside_a_picture_never_touches_its_cells(void **state)
{
	struct desk d;
	char row[1024];

	(void)state;
	open_desk(&d, "xterm-256color");
	for (int i = 0; i < 60; i++) {
		canvas_clear(&d.canvas);
		assert_true(canvas_picture(&d.canvas, "left", 2, 2, 6, 20, 0));
		assert_true(canvas_picture(&d.canvas, "right", 2, 42, 6, 36, 1));
		for (int y = 2; y < 8; y++) {
			if ((i + y) % 3 != 0)
				canvas_putf(&d.canvas, y, 23, 18, ROLE_TEXT, "%.*s", 3 + i % 15, "-20||||..|||||||||");
			if ((i + y) % 4 == 0)
				canvas_put(&d.canvas, y, 78, 2, ROLE_TEXT, "#");
		}
		canvas_put(&d.canvas, 8 + i % 8, i % 7, 40, ROLE_TEXT, i % 2 ? "something below" : "");
		show(&d);
		for (int y = 3; y <= 8 && i == 0; y++) {
			char text[80];
			int n = snprintf(text, sizeof text, "\x1b" "7\x1b[%d;3HPPPPPPPPPPPPPPPPPPPP\x1b[%d;43HQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\x1b" "8", y, y);

			vt_feed(&d.vt, text, (size_t)n);
		}
		for (int y = 2; y < 8; y++) {
			vt_row(&d.vt, y, row, sizeof row);
			assert_memory_equal(row + 2, "PPPPPPPPPPPPPPPPPPPP", 20);
			assert_memory_equal(row + 42, "QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ", 36);
		}
	}
	canvas_clear(&d.canvas);
	show(&d);
	is_as_drawn(&d);		/* gone, they are gone */
	close_desk(&d);
}

static void
redraw_sends_everything_again(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, "xterm-256color");
	canvas_put(&d.canvas, 2, 0, COLS, ROLE_TEXT, "still here");
	show(&d);
	vt_feed(&d.vt, "\x1b[1;1Hjunk\x1b[10;10Hmore junk", 28);
	canvas_curses_redraw(d.cc);
	show(&d);
	is_as_drawn(&d);
	close_desk(&d);
}

/* Ink and paper of the last style that was sent; -1 = the terminal's own. */
static void
last_style(const struct buf *out, int *ink, int *paper, bool *is_bold)
{
	*ink = *paper = -1;
	*is_bold = false;
	for (const char *at = out->data, *end = at + out->len; (at = memchr(at, '\x1b', (size_t)(end - at))) != NULL; at++) {
		const char *p = at + 2;

		if (at[1] != '[' || p[strspn(p, "0123456789;")] != 'm')
			continue;
		for (char *next; *p != 'm'; p = next + (*next == ';')) {
			const long n = strtol(p, &next, 10);

			if (n == 0 || n == 39)
				*ink = -1;
			if (n == 0 || n == 49)
				*paper = -1;
			*is_bold = n == 1 || (*is_bold && n != 0);
			if (n >= 30 && n <= 37)
				*ink = (int)n - 30;
			if (n >= 40 && n <= 47)
				*paper = (int)n - 40;
			if (next == p)
				break;
		}
	}
}

static void
with_eight_colours_no_ink_is_lost_in_its_paper(void **state)
{
	static const int styles[][2] = { { 244, 231 }, { 16, 231 }, { 16, 233 }, { 240, 255 }, { 160, 88 }, { 18, 19 }, { 231, 250 }, { 252, -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
		struct desk d;
		struct theme theme;
		int ink, paper;
		bool is_bold;

		open_desk(&d, "xterm-color");
		theme_plain(&theme);
		theme.styles[ROLE_KEY] = (struct theme_style){ styles[i][0], styles[i][1], THEME_BOLD };
		canvas_curses_set_theme(d.cc, &theme);
		show(&d);
		canvas_put(&d.canvas, 3, 3, 20, ROLE_KEY, "keys");
		canvas_curses_show(d.cc, &d.canvas);
		canvas_curses_take(d.cc, &d.out);
		*(char *)memmem(d.out.data, d.out.len, "keys", 4) = '\0';
		d.out.len = strlen(d.out.data);
		last_style(&d.out, &ink, &paper, &is_bold);
		if (ink == paper || (ink == 0 && is_bold))
			fail_msg("%d on %d comes out as %d on %d", styles[i][0], styles[i][1], ink, paper);
		buf_clear(&d.out);
		close_desk(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_terminal_is_told_to_leave_letters_in_their_cells_and_to_turn_them_again_at_the_end),
		cmocka_unit_test(same_canvas_again_sends_nothing),
		cmocka_unit_test(only_what_differs_is_sent),
		cmocka_unit_test(rows_that_move_never_scroll_the_screen),
		cmocka_unit_test(random_canvases_come_out_right),
		cmocka_unit_test(erased_cells_are_blank_and_the_rest_stays),
		cmocka_unit_test(text_beside_a_picture_never_touches_its_cells),
		cmocka_unit_test(redraw_sends_everything_again),
		cmocka_unit_test(with_eight_colours_no_ink_is_lost_in_its_paper),
	};

	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
