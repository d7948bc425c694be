/*
 * t_grid.c - tiles to rectangles: nothing overlaps, nothing is left over, pictures keep their shape.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ui/grid.h"

/* All of one size, side by side, from edge to edge: no gap is wider than a column more than another. */
static void
cells_are_equal_and_reach_every_edge(void **state)
{
	(void)state;
	for (int across = 1; across <= 8; across++)
		for (int down = 1; down <= 6; down++)
			for (int size = 0; size < 7; size++) {
				const struct grid_box area = { 3, 1, 30 + size, 100 + size };
				char taken[64][160];

				memset(taken, 0, sizeof taken);
				for (int i = 0; i < across * down; i++) {
					const struct grid_box b = grid_cell(&area, across, down, i);

					assert_true(b.row >= area.row && b.row + b.rows <= area.row + area.rows);
					assert_true(b.col >= area.col && b.col + b.cols < area.col + area.cols);
					for (int y = b.row; y < b.row + b.rows; y++)
						for (int x = b.col; x <= b.col + b.cols; x++)
							assert_int_equal(taken[y][x]++, 0);
				}
				const struct grid_box first = grid_cell(&area, across, down, 0), last = grid_cell(&area, across, down, across * down - 1);

				assert_int_equal(first.row, area.row);
				assert_int_equal(first.col, area.col);
				assert_int_equal(last.row + last.rows, area.row + area.rows);
				assert_int_equal(last.col + last.cols + 1, area.col + area.cols);
				for (int i = 0; i < across * down; i++) {
					const struct grid_box b = grid_cell(&area, across, down, i);

					assert_true(b.rows == first.rows && b.cols == first.cols);
					assert_true(i % across == 0 || b.col - (first.cols + 1) - grid_cell(&area, across, down, i - 1).col <= 1);
				}
			}
}

static void
a_picture_is_sixteen_to_nine_and_within_its_room(void **state)
{
	(void)state;
	for (int rows = 1; rows <= 90; rows += 3)
		for (int cols = 2; cols <= 390; cols += 11) {
			const struct grid_box room = { 5, 7, rows, cols };
			const struct grid_box p = grid_picture(&room, (struct grid_pixels){ 0, 0 });

			assert_int_equal(p.row, 5);
			assert_int_equal(p.col, 7);
			assert_true(p.rows >= 1 && p.rows <= rows && p.cols >= 1 && p.cols <= cols);
			/* No side could grow without the other one leaving the shape by more than a cell. */
			if (p.rows > 3 && p.cols > 8) {
				assert_true(p.cols * 9 <= (p.rows + 1) * 32);
				assert_true(p.cols * 9 >= (p.rows - 1) * 32);
			}
			assert_true(p.rows == rows || p.cols == cols);
		}
}

static void
a_picture_has_the_shape_of_the_cells_there_are(void **state)
{
	static const struct grid_pixels cells[] = { { 8, 15 }, { 9, 19 }, { 10, 20 }, { 7, 14 }, { 12, 13 } };
	static const struct grid_pixels lies[] = { { -1, 20 }, { 10, 0 }, { 10, 400 }, { 2000000000, 2000000000 }, { 20, 10 } };
	const struct grid_box room = { 0, 0, 20, 300 }, high = { 0, 0, 300, 90 };

	(void)state;
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		const struct grid_box a = grid_picture(&room, cells[i]), b = grid_picture(&high, cells[i]);

		assert_int_equal(a.rows, 20);
		assert_int_equal(a.cols, 20 * 16 * cells[i].h_px / (9 * cells[i].w_px));	/* a black edge of less than a cell */
		assert_int_equal(b.cols, 90);
		assert_in_range(b.rows * 16 * cells[i].h_px, 90 * 9 * cells[i].w_px, 90 * 9 * cells[i].w_px + 16 * cells[i].h_px - 1);
	}
	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
		assert_int_equal(grid_picture(&room, lies[i]).cols, 71);
}

static void
no_room_no_picture(void **state)
{
	(void)state;
	assert_int_equal(grid_picture(&(struct grid_box){ 0, 0, 0, 40 }, (struct grid_pixels){ 8, 16 }).rows, 0);
	assert_int_equal(grid_picture(&(struct grid_box){ 0, 0, 10, 1 }, (struct grid_pixels){ 8, 16 }).rows, 0);
	assert_int_equal(grid_picture(&(struct grid_box){ 0, 0, -3, -8 }, (struct grid_pixels){ 8, 16 }).rows, 0);
}

static void
any_number_of_tiles_finds_its_grid(void **state)
{
	(void)state;
	for (int tiles = 1; tiles <= 64; tiles++) {
		int across = grid_best_across(tiles, 40, 200, 5, 22);

		if (across == 0) {
			assert_true(tiles > (200 / 22) * (40 / 5) - 8);
			continue;
		}
		assert_true(200 / across >= 22);
		assert_true(40 / ((tiles + across - 1) / across) >= 5);
	}
	assert_int_equal(grid_best_across(8, 14, 132, 5, 22), 4);
	assert_int_equal(grid_best_across(9, 4, 132, 5, 22), 0);
}

static void
pages_are_counted_up(void **state)
{
	(void)state;
	assert_int_equal(grid_pages(0, 9), 1);
	assert_int_equal(grid_pages(9, 9), 1);
	assert_int_equal(grid_pages(10, 9), 2);
	assert_int_equal(grid_pages(64, 25), 3);
	assert_int_equal(grid_pages(5, 0), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_equal_and_reach_every_edge),
		cmocka_unit_test(a_picture_is_sixteen_to_nine_and_within_its_room),
		cmocka_unit_test(a_picture_has_the_shape_of_the_cells_there_are), cmocka_unit_test(no_room_no_picture),
		cmocka_unit_test(any_number_of_tiles_finds_its_grid),
		cmocka_unit_test(pages_are_counted_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
