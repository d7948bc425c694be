/*
 * grid.c - tiles to rectangles.  Owns nothing; pure arithmetic.
 */
#include "ui/grid.h"

#define MOST_PX 1000			/* of a cell: products stay small */

/* Columns that 16:9 takes for so many rows, and back: a row cut off would cost three columns. */
static int
cols_of(int rows, struct grid_pixels cell)
{
	return rows * 16 * cell.h_px / (9 * cell.w_px);
}

static int
rows_of(int cols, struct grid_pixels cell)
{
	return (cols * 9 * cell.w_px + 16 * cell.h_px - 1) / (16 * cell.h_px);
}

int
grid_best_across(int tiles, int rows, int cols, int least_rows, int least_cols)
{
	int best = 0, best_rows = -1;

	for (int across = 1; across <= tiles; across++) {
		int down = (tiles + across - 1) / across, tile_cols = cols / across, tile_rows = rows / down, picture_rows;

		if (tile_cols < least_cols || tile_rows < least_rows)
			continue;
		picture_rows = rows_of(tile_cols, (struct grid_pixels){ 1, 2 });
		picture_rows = picture_rows < tile_rows ? picture_rows : tile_rows;
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
grid_picture(const struct grid_box *room, struct grid_pixels cell)
{
	struct grid_box b = *room;

	if (b.rows < 1 || b.cols < 2)
		return (struct grid_box){ room->row, room->col, 0, 0 };
	if (cell.w_px < 1 || cell.w_px > MOST_PX || cell.h_px < cell.w_px || cell.h_px > 3 * cell.w_px)
		cell = (struct grid_pixels){ 1, 2 };	/* a terminal may lie */
	if (cols_of(b.rows, cell) < b.cols)
		b.cols = cols_of(b.rows, cell);
	else if (rows_of(b.cols, cell) < b.rows)
		b.rows = rows_of(b.cols, cell);
	return b;
}
