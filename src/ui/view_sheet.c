/*
 * view_sheet.c - the contact sheet: live tiles with their truth beside them, paged where they are many, program and
 * preview always in sight; on a small terminal two pictures and a truth table.  Owns nothing; draws a snapshot.
 */
#include "ui/gauge.h"
#include "ui/layout.h"
#include "ui/table.h"
#include "ui/tile.h"

#define LEAST_STRIP_ROWS 7
#define GOOD_TILE_ROWS 8
#define GOOD_TILE_COLS 39

/* How the sheet uses its rows: a grid of tiles, or two pictures above a table, or the table alone. */
struct plan {
	bool grid;
	struct layout_shape shape;	/* grid: tiles across and down */
	int pair_rows;		/* program and preview on their own, above the rest */
	int pinned;		/* table: buses that stand on top of each page */
	int page_rows;		/* grid: the line that tells the page */
	int stranger_rows, per_page;
	int total;		/* cameras that are paged */
	struct grid_box area;	/* what is left for grid or table */
};

/* ---- grid ---- */

/* Pages are of 1, 4, 9, 16 or 25 unless another number was wished for. */
static int
square_below(int n)
{
	return n >= 25 ? 25 : n >= 16 ? 16 : n >= 9 ? 9 : n >= 4 ? 4 : 1;
}

/* The largest page that is wished for and has its room, in the shape that has the largest pictures. */
static void
plan_page(struct plan *p, const struct view_frame *f, int rows, int cols)
{
	const int tiles = f->show->tile_count, wished = f->per_page > 0 ? f->per_page : 25;
	int room;

	p->shape = layout_shape(f, tiles < wished ? tiles : wished, rows, cols);
	room = p->shape.across * p->shape.down;
	p->per_page = room < wished ? room : wished;
	if (tiles <= p->per_page || f->per_page > 0)
		return;
	p->per_page = square_below(p->per_page);
	p->shape = layout_shape(f, p->per_page, rows, cols);
}

/*
 * More cameras than one page has: the two buses have a strip of their own on every page, whoever is on them, so that
 * neither a cut nor a page key moves any other tile.
 */
static void
plan_grid(struct plan *p, const struct view_frame *f)
{
	const int tiles = f->show->tile_count, rows = p->area.rows, cols = p->area.cols + 1;	/* behind the last tile is nobody's */
	int strip;

	p->total = tiles;
	plan_page(p, f, rows, cols);
	if (tiles <= p->per_page)
		return;
	p->page_rows = 1;
	strip = rows / (p->shape.down + 1) > LEAST_STRIP_ROWS ? rows / (p->shape.down + 1) : LEAST_STRIP_ROWS;
	plan_page(p, f, rows - 1 - strip, cols);
	strip += (rows - 1 - strip) % p->shape.down;	/* rows that no tile would have */
	p->pair_rows = layout_pair_rows(f, p->area.cols, 50, strip);
	p->area.row += p->pair_rows;
	p->area.rows -= p->pair_rows + 1;
}

static void
draw_free_tile(struct canvas *c, const struct view_frame *f, const struct grid_box *b)
{
	struct grid_box inside = { b->row + 1, b->col + 2, b->rows - 2, b->cols - 3 };

	canvas_fill(c, b->row, b->col, b->cols, ROLE_BORDER, tile_rule(f->show, false));
	canvas_put(c, b->row, b->col + 2, b->cols - 4, ROLE_WARN, "[ ] tried, no camera there ");
	layout_strangers(c, f->show, &inside);
}

static void
draw_grid(struct canvas *c, const struct view_frame *f, const struct plan *p, int page)
{
	const struct show *s = f->show;
	const int across = p->shape.across, down = p->shape.down, first = page * p->per_page, left = s->tile_count - first;
	const int count = left < p->per_page ? left : p->per_page;
	struct grid_box area = p->area;

	area.cols++;			/* the column behind the last tile is nobody's */
	if (s->stranger_total > 0 && count == across * down) {
		area.rows--;
		layout_strangers(c, s, &(struct grid_box){ area.row + area.rows, area.col, 1, p->area.cols });
	}
	for (int i = 0; i <= count && i < across * down; i++) {
		const struct grid_box b = grid_cell(&area, across, down, i);

		if (i < count)
			tile_draw(c, &b, &s->tiles[first + i], f, TILE_SOURCE);
		else if (s->stranger_total > 0)
			draw_free_tile(c, f, &b);
		else
			break;
		if (i % across > 0)
			layout_separator(c, f, &b);
	}
}

/* ---- table ---- */

static void
plan_table(struct plan *p, const struct view_frame *f)
{
	const int tiles = f->show->tile_count, strangers = f->show->stranger_total, rows = p->area.rows, cols = p->area.cols;
	int spare = rows - (tiles + 1) - (strangers > 0);

	if (f->graphics == VIEW_PICTURES && cols >= LAYOUT_PAIR_COLS && rows >= 10)
		p->pair_rows = layout_pair_rows(f, cols, 50, spare < 8 ? 8 : spare > rows * 2 / 3 ? rows * 2 / 3 : spare);
	else if (f->graphics != VIEW_PICTURES && cols >= LAYOUT_PAIR_COLS && rows >= 10)
		p->pair_rows = 2;
	p->area.row += p->pair_rows;
	p->area.rows -= p->pair_rows;
	if (strangers > 0 && p->area.rows > 2) {
		spare = p->area.rows - (tiles + 1);
		p->stranger_rows = spare < 1 ? 1 : spare < strangers ? spare : strangers;
		p->area.rows -= p->stranger_rows;
	}
	p->per_page = p->area.rows > 2 ? p->area.rows - 1 : 1;
	if (p->pair_rows == 0 && tiles > p->per_page && p->per_page > 3) {
		p->pinned = (tile_find(f->show, f->show->preview) != NULL) + (tile_find(f->show, f->show->program) != NULL);
		p->per_page -= p->pinned;
	}
	p->total = tiles - p->pinned;
}

static void
draw_table(struct canvas *c, const struct view_frame *f, const struct plan *p, int page)
{
	const struct show *s = f->show;
	const char *const buses[] = { s->preview, s->program };
	struct grid_box row = { p->area.row, p->area.col, 1, p->area.cols };
	int skip = page * p->per_page;

	table_head(c, &row);
	layout_page_words(c, &row, page, grid_pages(p->total, p->per_page));
	for (int i = 0; i < 2 && p->pinned > 0; i++) {
		const struct show_tile *t = tile_find(s, buses[i]);

		if (t != NULL && ++row.row < p->area.row + p->area.rows)
			table_row(c, &row, t, f);
	}
	for (int i = 0; i < s->tile_count && row.row + 1 < p->area.row + p->area.rows; i++) {
		if ((p->pinned > 0 && s->tiles[i].light != SHOW_OFF) || skip-- > 0)
			continue;
		row.row++;
		table_row(c, &row, &s->tiles[i], f);
	}
	if (p->stranger_rows > 0)
		layout_strangers(c, s, &(struct grid_box){ p->area.row + p->area.rows, p->area.col + 1, p->stranger_rows, p->area.cols - 1 });
}

/* ---- the whole ---- */

/* All cameras at once, each worth looking at, also on a small terminal: better than two pictures and a table. */
static bool
has_room_for_all(const struct view_frame *f, const struct grid_box *area)
{
	const struct layout_shape shape = layout_shape(f, f->show->tile_count, area->rows, area->cols + 1);

	return f->graphics == VIEW_PICTURES && shape.across * shape.down >= f->show->tile_count &&
	    area->rows / shape.down >= GOOD_TILE_ROWS && area->cols / shape.across >= GOOD_TILE_COLS;
}

static struct plan
make_plan(const struct view_frame *f, const struct grid_box *area, int rows, int cols)
{
	struct plan p = { .area = *area };

	/* A page of tiles that was asked for is given wherever tiles are worth it; else on large terminals, and to few cameras. */
	p.grid = layout_has_room(f, rows, cols) || has_room_for_all(f, area) ||
	    (f->per_page > 0 && f->graphics == VIEW_PICTURES && area->rows >= 2 * GRID_TILE_ROWS && cols >= 2 * GRID_TILE_COLS);
	if (p.grid)
		plan_grid(&p, f);
	else
		plan_table(&p, f);
	return p;
}

static void
sheet_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	const struct grid_box area = layout_area(c, f, top, bottom);
	const struct plan p = make_plan(f, &area, c->rows, c->cols);
	const int page = layout_page(f, grid_pages(p.total, p.per_page));

	if (f->show->tile_count == 0) {
		layout_searching(c, f->show, top, bottom);
		return;
	}
	if (p.pair_rows > 0)
		layout_pair(c, f, &(struct grid_box){ top, area.col, p.pair_rows, area.cols }, 50);
	if (!p.grid) {
		draw_table(c, f, &p, page);
		return;
	}
	draw_grid(c, f, &p, page);
	if (p.page_rows > 0)
		layout_page_row(c, f, &(struct grid_box){ bottom - 1, area.col, 1, area.cols }, "cameras", page, p.per_page, p.total);
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
sheet_pages(const struct view_frame *f, int rows, int cols)
{
	const struct plan p = plan_for(f, rows, cols);

	return grid_pages(p.total, p.per_page);
}

static bool
sheet_has_buses(const struct view_frame *f, int rows, int cols)
{
	return f->show->tile_count > 0 && plan_for(f, rows, cols).pair_rows > 0;
}

const struct view_ops view_sheet = { .name = "sheet", .draw = sheet_draw, .pages = sheet_pages, .has_buses = sheet_has_buses };
