/*
 * grid.h - tiles to rectangles: where each stands, how large a picture fits into one.
 * Pure arithmetic in cells; never draws.
 */
#ifndef UI_GRID_H
#define UI_GRID_H

struct grid_box { int row, col, rows, cols; };

#define GRID_TILE_COLS 26		/* the least a tile with a picture is worth */
#define GRID_TILE_ROWS 6

/* Across and down for any number of tiles, such that pictures come out largest; 0 across: they do not fit. */
int grid_best_across(int tiles, int rows, int cols, int least_rows, int least_cols);
/* Tile `index` of across x down in an area, all of one size; one column or two are left between neighbours. */
struct grid_box grid_cell(const struct grid_box *area, int across, int down, int index);
int grid_pages(int tiles, int per_page);	/* at least 1 */
/* What a cell is in pixels; 0, or what no cell is: twice as high as it is wide. */
struct grid_pixels { int w_px, h_px; };
/* The largest 16:9 place in the upper left of a room, whole cells; rows 0: none. */
struct grid_box grid_picture(const struct grid_box *room, struct grid_pixels cell);

#endif
