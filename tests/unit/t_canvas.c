/*
 * t_canvas.c - the grid of cells: wide characters, marks, borders, hostile text, pictures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/canvas.h"

static void
row_is(const struct canvas *c, int row, const char *want)
{
	char text[2048];

	canvas_row_text(c, row, text, sizeof text);
	assert_string_equal(text, want);
}

static void
text_is_clipped_at_the_border(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 3, 10);
	assert_int_equal(canvas_put(&c, 0, 6, 20, ROLE_TEXT, "abcdefgh"), 8);
	row_is(&c, 0, "      abcd");
	canvas_put(&c, 1, -2, 20, ROLE_TEXT, "abcdef");
	row_is(&c, 1, "cdef");
	assert_int_equal(canvas_put(&c, 7, 0, 5, ROLE_TEXT, "x"), 0);
	canvas_fini(&c);
}

static void
wide_characters_take_two_cells_and_never_half_stand(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 2, 6);
	assert_int_equal(canvas_put(&c, 0, 0, 5, ROLE_TEXT, "漢字漢"), 4);
	row_is(&c, 0, "漢字");
	canvas_put(&c, 0, 1, 1, ROLE_TEXT, "x");
	row_is(&c, 0, " x字");
	canvas_put(&c, 0, 2, 1, ROLE_TEXT, "y");
	row_is(&c, 0, " xy");
	canvas_put(&c, 1, 5, 2, ROLE_TEXT, "漢");
	row_is(&c, 1, "");
	canvas_fini(&c);
}

static void
combining_marks_join_their_base(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 1, 10);
	assert_int_equal(canvas_put(&c, 0, 0, 10, ROLE_TEXT, "e\xcc\x81x"), 2);
	row_is(&c, 0, "e\xcc\x81x");
	canvas_fini(&c);
}

static void
escape_codes_never_reach_a_cell(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 1, 40);
	canvas_put(&c, 0, 0, 40, ROLE_TEXT, "a\x1b]0;evil\x07\xc2\x9b\xe2\x80\xae" "b");
	for (int i = 0; i < 40; i++)
		for (const char *p = c.cell[i].text; *p != '\0'; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	canvas_fini(&c);
}

static void
pictures_keep_their_cells_and_spare_the_last_row(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 6, 20);
	assert_false(canvas_picture(&c, "a", 2, 0, 4, 5, 0));
	assert_true(canvas_picture(&c, "a", 1, 2, 3, 5, 0));
	canvas_put(&c, 1, 0, 20, ROLE_TEXT, "0123456789");
	row_is(&c, 1, "01     789");
	assert_false(canvas_picture(&c, "b", 0, 18, 2, 5, 0));
	canvas_clear(&c);
	assert_int_equal(c.picture_count, 0);
	canvas_put(&c, 1, 0, 20, ROLE_TEXT, "0123456789");
	row_is(&c, 1, "0123456789");
	canvas_fini(&c);
}

static void
awaited_picture_leaves_the_cells_to_text(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 6, 20);
	assert_true(canvas_await_picture(&c, "a", 1, 2, 3, 5, 0));
	assert_true(c.pictures[0].awaited);
	canvas_put(&c, 1, 0, 20, ROLE_TEXT, "0123456789");
	row_is(&c, 1, "0123456789");
	canvas_fini(&c);
}

static void
right_aligned_text_ends_where_told(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 1, 12);
	canvas_put_right(&c, 0, 10, 4, ROLE_TEXT, "abcdefg");
	row_is(&c, 0, "      abcd");
	canvas_fini(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_at_the_border),
		cmocka_unit_test(wide_characters_take_two_cells_and_never_half_stand),
		cmocka_unit_test(combining_marks_join_their_base),
		cmocka_unit_test(escape_codes_never_reach_a_cell),
		cmocka_unit_test(pictures_keep_their_cells_and_spare_the_last_row),
		cmocka_unit_test(awaited_picture_leaves_the_cells_to_text),
		cmocka_unit_test(right_aligned_text_ends_where_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
