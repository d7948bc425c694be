/*
 * sixel_rects.c - rectangles of cells around what changed.
 * A rectangle costs a head and the definition of its colours, about as much as the pixels of two cells: so runs with
 * small gaps become one, and rows join the rectangle above when little else is sent with them.
 */
#include "ui/sixel_rects.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define ENOUGH (1 << 28)		/* no cell needs to be more wrong */
#define GAP_CELLS 2			/* clean cells that are cheaper sent than left out */

void
sixel_rects_init(struct sixel_rects *r)
{
	memset(r, 0, sizeof *r);
}

void
sixel_rects_fini(struct sixel_rects *r)
{
	free(r->wrong);
	memset(r, 0, sizeof *r);
}

void
sixel_rects_begin(struct sixel_rects *r, int cols, int cell_w_px, int cell_h_px, bool whole_rows)
{
	if (cols > r->room) {
		r->wrong = xreallocarray(r->wrong, (size_t)cols, sizeof r->wrong[0]);
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
weigh_line(struct sixel_rects *r, const struct sixel_plane *p, const struct sixel_palette *colours, int y)
{
	const uint8_t *want = p->want + (size_t)y * (size_t)p->stride, *shown = p->shown + (size_t)y * (size_t)p->stride;
	struct sixel_span span = p->spans[y / SIXEL_BAND];

	for (int x = span.first; x < span.end; x++) {
		int *wrong = &r->wrong[x / r->cell_w_px];

		if (want[x] == shown[x] || *wrong >= ENOUGH)
			continue;
		*wrong += shown[x] == SIXEL_PALETTE_NONE ? ENOUGH : sixel_palette_error(colours, &colours->tone[want[x]], shown[x]);
	}
}

/* The next run of dirty cells from col on, over small gaps; false: none. */
static bool
next_run(const struct sixel_rects *r, int col, int least, int *first, int *end)
{
	while (col < r->cols && r->wrong[col] < least)
		col++;
	*first = col;
	*end = col;
	for (; col < r->cols && col - *end <= GAP_CELLS; col++)
		if (r->wrong[col] >= least)
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
sixel_rects_add_row(struct sixel_rects *r, const struct sixel_plane *p, const struct sixel_palette *colours, int row, int least)
{
	int col = 0, first, end;

	memset(r->wrong, 0, (size_t)r->cols * sizeof r->wrong[0]);
	for (int y = row * r->cell_h_px; y < (row + 1) * r->cell_h_px; y++)
		weigh_line(r, p, colours, y);
	for (; next_run(r, col, least, &first, &end); col = end) {
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
