/*
 * grid.c - tiles to rectangles.  Owns nothing; pure arithmetic.
 */
#include "ui/grid.h"

/* Columns that 16:9 takes for so many rows, and back: a row cut off would cost three columns. */
#define COLS_OF(rows) ((rows) * 32 / 9)
#define ROWS_OF(cols) (((cols) * 9 + 31) / 32)

int
grid_best_across(int tiles, int rows, int cols, int least_rows, int least_cols)
{
	int best = 0, best_rows = -1;

	for (int across = 1; across <= tiles; across++) {
		int down = (tiles + across - 1) / across, tile_cols = cols / across, tile_rows = rows / down, picture_rows;

		if (tile_cols < least_cols || tile_rows < least_rows)
			continue;
		picture_rows = ROWS_OF(tile_cols) < tile_rows ? ROWS_OF(tile_cols) : tile_rows;
		if (picture_rows > best_rows) {
			best_rows = picture_rows;
			best = across;
		}
	}
	return best;
}

struct grid_box
grid_cell(const struct grid_box *area, int across, int down, int index)
{
	/* All tiles are of one size; what division leaves over widens the first gaps, so that the last edge is reached. */
	int x = index % across, y = index / across, cols = area->cols / across, rows = area->rows / down;
	int more_cols = area->cols % across, more_rows = area->rows % down;

	return (struct grid_box){
		.row = area->row + y * rows + (y < more_rows ? y : more_rows),
		.col = area->col + x * cols + (x < more_cols ? x : more_cols),
		.rows = rows,
		.cols = cols - 1,
	};
}

int
grid_pages(int tiles, int per_page)
{
	int pages = per_page > 0 ? (tiles + per_page - 1) / per_page : 1;

	return pages > 0 ? pages : 1;
}

struct grid_box
grid_picture(const struct grid_box *room)
{
	struct grid_box b = *room;

	if (b.rows < 1 || b.cols < 2)
		return (struct grid_box){ room->row, room->col, 0, 0 };
	if (COLS_OF(b.rows) < b.cols)
		b.cols = COLS_OF(b.rows);
	else if (ROWS_OF(b.cols) < b.rows)
		b.rows = ROWS_OF(b.cols) > 0 ? ROWS_OF(b.cols) : 1;
	return b;
}
