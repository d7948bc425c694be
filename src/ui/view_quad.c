/*
 * view_quad.c - four cameras, large: preview and program in the upper two, the others two a page beneath, by number.
 * Owns nothing; draws a snapshot.
 */
#include "ui/gauge.h"
#include "ui/layout.h"
#include "ui/tile.h"

#define OTHERS 2

/* The cameras that are in neither upper tile, by number; returns how many there are. */
static int
others_of(const struct show *s, const struct show_tile *out[MAX_NODES])
{
	const struct show_tile *left = layout_left(s), *right = layout_right(s);
	int count = 0;

	for (int i = 0; i < s->tile_count; i++)
		if (&s->tiles[i] != left && &s->tiles[i] != right)
			out[count++] = &s->tiles[i];
	return count;
}

/* Side by side, or one above the other where that is too narrow for a picture and its readings. */
static void
draw_four(struct canvas *c, const struct view_frame *f, const struct grid_box *area, const struct show_tile *const four[4])
{
	static const char *const words[4] = { "PVW", "PGM" };
	const int across = area->cols >= 2 * GRID_TILE_COLS ? 2 : 1;
	struct grid_box room = *area;

	room.cols++;
	for (int i = 0; i < 4; i++) {
		const struct grid_box b = grid_cell(&room, across, 4 / across, i);

		if (four[i] != NULL)
			tile_draw(c, &b, four[i], f, i < 2 ? TILE_BUS : TILE_SOURCE);
		else if (words[i] != NULL)
			tile_draw_empty(c, &b, words[i], f);
		if (i % across > 0)
			layout_separator(c, f, &b);
	}
}

static void
quad_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	const struct show_tile *others[MAX_NODES], *left = layout_left(f->show), *right = layout_right(f->show);
	const int count = others_of(f->show, others), pages = grid_pages(count, OTHERS), at = layout_page(f, pages) * OTHERS;
	const struct show_tile *const four[4] = { left != right ? left : NULL, right, at < count ? others[at] : NULL,
		at + 1 < count ? others[at + 1] : NULL };
	struct grid_box area = layout_area(c, f, top, bottom);

	if (f->show->tile_count == 0) {
		layout_searching(c, f->show, top, bottom);
		return;
	}
	if (pages > 1) {
		area.rows--;
		layout_page_row(c, f, &(struct grid_box){ bottom - 1, area.col, 1, area.cols }, "others", at / OTHERS, OTHERS, count);
	}
	draw_four(c, f, &area, four);
}

static int
quad_pages(const struct view_frame *f, int rows, int cols)
{
	const struct show_tile *others[MAX_NODES];

	(void)rows;
	(void)cols;
	return grid_pages(others_of(f->show, others), OTHERS);
}

static bool
quad_has_buses(const struct view_frame *f, int rows, int cols)
{
	(void)rows;
	(void)cols;
	return f->show->tile_count > 0;
}

const struct view_ops view_quad = { .name = "quad", .draw = quad_draw, .pages = quad_pages, .has_buses = quad_has_buses };
