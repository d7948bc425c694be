/*
 * sixel_rects.h - which rectangles of whole cells cover what changed.
 * Knows a plane and its cells; sends nothing.
 */
#ifndef UI_SIXEL_RECTS_H
#define UI_SIXEL_RECTS_H

#include "ui/sixel_plane.h"

#define SIXEL_RECTS 96

struct sixel_rect { int row, end_row, col, end_col; };

struct sixel_rects {
	struct sixel_rect list[SIXEL_RECTS];
	int count;
	bool full;			/* more is dirty than the list holds */
	int cols, cell_w_px, cell_h_px;
	bool whole_rows;
	int *wrong;			/* how much each cell of a row is */
	int room;
};

void sixel_rects_init(struct sixel_rects *r);
void sixel_rects_fini(struct sixel_rects *r);
/* whole_rows: rectangles are as wide as the picture. */
void sixel_rects_begin(struct sixel_rects *r, int cols, int cell_w_px, int cell_h_px, bool whole_rows);
/*
 * One row of cells; rows that follow each other make one rectangle where that wastes little.  Cells that are less wrong
 * than `least` are left for another time.  false: the list is full.
 */
bool sixel_rects_add_row(struct sixel_rects *r, const struct sixel_plane *p, const struct sixel_palette *colours, int row, int least);

#endif
