/*
 * view_switch.c - for switching: preview left, program right and larger, all sources beneath in fixed numbers, in
 * pictures where there is room, else in words.  Owns nothing; draws a snapshot.
 */
#include "ui/gauge.h"
#include "ui/layout.h"
#include "ui/table.h"
#include "ui/tile.h"

#define PROGRAM_SHARE 58		/* percent of the width, where the width is enough for two sizes */
#define LEAST_PAIR_ROWS 7
#define SOURCE_ROWS 5
#define SOURCE_COLS 22
#define WORDS_COLS 38			/* least width of a source in words */

/* Rows for the pair, then the sources in a grid; is_words: one row each. */
struct plan { int pair_rows, across, down, per_page, page_rows, share; bool is_words; struct grid_box sources; };

static void
plan_tiles(struct plan *p, int tiles)
{
	p->across = grid_best_across(tiles, p->sources.rows, p->sources.cols, SOURCE_ROWS, SOURCE_COLS);
	if (p->across > 0) {
		p->down = (tiles + p->across - 1) / p->across;
		p->per_page = p->across * p->down;
		return;
	}
	p->page_rows = 1;
	p->sources.rows--;
	p->across = p->sources.cols / SOURCE_COLS;
	p->down = p->sources.rows / SOURCE_ROWS > 0 ? p->sources.rows / SOURCE_ROWS : 1;
	p->per_page = p->across * p->down;
}

static void
plan_words(struct plan *p, int tiles)
{
	p->is_words = true;
	p->across = p->sources.cols / WORDS_COLS > 0 ? p->sources.cols / WORDS_COLS : 1;
	p->down = p->sources.rows > 0 ? p->sources.rows : 1;
	p->per_page = p->across * p->down;
	if (tiles <= p->per_page) {
		p->down = (tiles + p->across - 1) / p->across;
		return;
	}
	p->page_rows = p->sources.rows > 2;
	p->down -= p->page_rows;
	p->sources.rows -= p->page_rows;
	p->per_page = p->across * p->down;
}

/* How high the pair may be: what the sources leave, and never more than its pictures need. */
static int
pair_rows(const struct view_frame *f, const struct grid_box *area, bool tiles, int share)
{
	const int across = area->cols / (tiles ? SOURCE_COLS : WORDS_COLS) > 0 ? area->cols / (tiles ? SOURCE_COLS : WORDS_COLS) : 1;
	const int lines = (f->show->tile_count + across - 1) / across;
	int need = tiles ? area->rows * 2 / 5 : lines, most;

	if (tiles && lines * SOURCE_ROWS > need && lines * SOURCE_ROWS <= area->rows / 2)
		need = lines * SOURCE_ROWS;		/* all on one page: nobody switches by paging */

	if (f->graphics != VIEW_PICTURES || area->rows < 8)
		return area->rows >= 8 ? 6 : area->rows >= 4 ? 2 : 0;
	/* All sources on one page, as long as the pair stays worth looking at. */
	most = area->rows - (area->rows - need >= LEAST_PAIR_ROWS ? need : area->rows / 3);
	return layout_pair_rows(f, area->cols, share, most);
}

static struct plan
make_plan(const struct view_frame *f, const struct grid_box *area, int rows, int cols)
{
	const bool has_room = layout_has_room(f, rows, cols);
	struct plan p = { .sources = *area, .share = has_room ? PROGRAM_SHARE : 50 };

	p.pair_rows = pair_rows(f, area, has_room, p.share);
	p.sources.row += p.pair_rows;
	p.sources.rows -= p.pair_rows;
	if (has_room)
		plan_tiles(&p, f->show->tile_count);
	else
		plan_words(&p, f->show->tile_count);
	return p;
}

/* Too narrow for two side by side: one bus a row or two above the other. */
static void
draw_buses(struct canvas *c, const struct view_frame *f, const struct grid_box *area, const struct plan *p)
{
	struct grid_box b = { area->row, area->col, p->pair_rows / 2, area->cols };

	if (area->cols >= LAYOUT_PAIR_COLS) {
		b.rows = p->pair_rows;
		layout_pair(c, f, &b, p->share);
		return;
	}
	for (int i = 0; i < 2 && b.rows > 0; i++, b.row += b.rows) {
		const struct show_tile *t = i == 0 ? layout_left(f->show) : layout_right(f->show);

		if (t != NULL && (i == 1 || t != layout_right(f->show)))
			tile_draw(c, &b, t, f, TILE_BUS);
		else
			tile_draw_empty(c, &b, i == 0 ? "PVW" : "PGM", f);
	}
}

static void
draw_sources(struct canvas *c, const struct view_frame *f, const struct plan *p, int page)
{
	const int first = page * p->per_page;
	struct grid_box area = p->sources;

	area.cols++;
	for (int i = 0; i < p->per_page && first + i < f->show->tile_count; i++) {
		struct grid_box b = grid_cell(&area, p->across, p->is_words ? p->sources.rows : p->down, i);

		if (p->is_words)	/* numbers run down the columns, as in a list */
			b = grid_cell(&area, p->across, p->sources.rows > 0 ? p->sources.rows : 1, i % p->down * p->across + i / p->down);
		if (p->is_words)
			table_short_row(c, &(struct grid_box){ b.row, b.col, 1, b.cols }, &f->show->tiles[first + i], f);
		else
			tile_draw(c, &b, &f->show->tiles[first + i], f, TILE_SOURCE);
		if (!p->is_words && i % p->across > 0)
			layout_separator(c, f, &b);
	}
}

static void
switch_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	const struct grid_box area = layout_area(c, f, top, bottom);
	const struct plan p = make_plan(f, &area, c->rows, c->cols);
	const int page = layout_page(f, grid_pages(f->show->tile_count, p.per_page));

	if (f->show->tile_count == 0) {
		layout_searching(c, f->show, top, bottom);
		return;
	}
	if (p.pair_rows > 0)
		draw_buses(c, f, &area, &p);
	draw_sources(c, f, &p, page);
	if (p.page_rows > 0)
		layout_page_row(c, f, &(struct grid_box){ bottom - 1, area.col, 1, area.cols }, "cameras", page, p.per_page, f->show->tile_count);
}

static struct plan
plan_for(const struct view_frame *f, int rows, int cols)
{
	const struct canvas c = { .rows = rows, .cols = cols };
	struct grid_box area;
	int top, bottom;

	screen_view_rows(rows, &top, &bottom);
	area = layout_area(&c, f, top, bottom);
	return make_plan(f, &area, rows, cols);
}

static int
switch_pages(const struct view_frame *f, int rows, int cols)
{
	return grid_pages(f->show->tile_count, plan_for(f, rows, cols).per_page);
}

static bool
switch_has_buses(const struct view_frame *f, int rows, int cols)
{
	return f->show->tile_count > 0 && plan_for(f, rows, cols).pair_rows > 0;
}

const struct view_ops view_switch = { .name = "switch", .draw = switch_draw, .pages = switch_pages, .has_buses = switch_has_buses };
