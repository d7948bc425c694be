/*
 * sixel_rects.c - rectangles of cells around what changed.
 * A rectangle costs a head and the definition of its colours, about as much as the pixels of two cells: so runs with
 * small gaps become one, and rows join the rectangle above when little else is sent with them.
 */
#include "ui/sixel_rects.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define GAP_CELLS 2			/* clean cells that are cheaper sent than left out */

void
sixel_rects_init(struct sixel_rects *r)
{
	memset(r, 0, sizeof *r);
}

void
sixel_rects_fini(struct sixel_rects *r)
{
	free(r->dirty);
	memset(r, 0, sizeof *r);
}

void
sixel_rects_begin(struct sixel_rects *r, int cols, int cell_w_px, int cell_h_px, bool whole_rows)
{
	if (cols > r->room) {
		r->dirty = xreallocarray(r->dirty, (size_t)cols, sizeof r->dirty[0]);
		r->room = cols;
	}
	r->count = 0;
	r->full = false;
	r->cols = cols;
	r->cell_w_px = cell_w_px;
	r->cell_h_px = cell_h_px;
	r->whole_rows = whole_rows;
}

static void
mark_line(struct sixel_rects *r, const struct sixel_plane *p, int y)
{
	size_t line = (size_t)y * (size_t)p->stride;
	struct sixel_span span = p->spans[y / SIXEL_BAND];

	for (int x = span.first; x < span.end; x++)
		if (p->want[line + (size_t)x] != p->shown[line + (size_t)x]) {
			int col = x / r->cell_w_px;

			r->dirty[col] = true;
			x = (col + 1) * r->cell_w_px - 1;
		}
}

/* The next run of dirty cells from col on, over small gaps; false: none. */
static bool
next_run(const struct sixel_rects *r, int col, int *first, int *end)
{
	while (col < r->cols && !r->dirty[col])
		col++;
	*first = col;
	*end = col;
	for (; col < r->cols && col - *end <= GAP_CELLS; col++)
		if (r->dirty[col])
			*end = col + 1;
	if (*end > *first && r->whole_rows) {
		*first = 0;
		*end = r->cols;
	}
	return *end > *first;
}

/* Cells that would be sent for nothing if the run joined the rectangle. */
static int
waste_of(const struct sixel_rect *rect, int first, int end)
{
	int left = first < rect->col ? first : rect->col, right = end > rect->end_col ? end : rect->end_col;
	int rows = rect->end_row - rect->row;

	return (right - left) * (rows + 1) - (rect->end_col - rect->col) * rows - (end - first);
}

static bool
join(struct sixel_rects *r, int row, int first, int end)
{
	for (int i = r->count - 1; i >= 0; i--) {
		struct sixel_rect *rect = &r->list[i];

		if (rect->end_row != row || waste_of(rect, first, end) > GAP_CELLS)
			continue;
		rect->col = first < rect->col ? first : rect->col;
		rect->end_col = end > rect->end_col ? end : rect->end_col;
		rect->end_row = row + 1;
		return true;
	}
	return false;
}

bool
sixel_rects_add_row(struct sixel_rects *r, const struct sixel_plane *p, int row)
{
	int col = 0, first, end;

	memset(r->dirty, 0, (size_t)r->cols * sizeof r->dirty[0]);
	for (int y = row * r->cell_h_px; y < (row + 1) * r->cell_h_px; y++)
		mark_line(r, p, y);
	for (; next_run(r, col, &first, &end); col = end) {
		if (join(r, row, first, end))
			continue;
		if (r->count == SIXEL_RECTS) {
			r->full = true;
			return false;
		}
		r->list[r->count++] = (struct sixel_rect){ row, row + 1, first, end };
	}
	return true;
}
