/*
 * view_sheet.c - the contact sheet: live tiles with their truth beside them; on a small terminal two pictures
 * and a truth table.  Owns nothing; draws a snapshot.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "ui/gauge.h"
#include "ui/view.h"

#define GAUGE_CELLS 10
#define LEAST_TILE_COLS 26
#define LEAST_TILE_ROWS 6
#define GRID_ROWS 28			/* rows of terminal from which tiles are worth it */
#define GRID_COLS 90

struct box { int row, col, rows, cols; };

static const char *
edge_char(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? "█" : t->light == SHOW_PREVIEW ? "▒" : "─";
}

static enum theme_role
line_role(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? ROLE_PROGRAM_EDGE : t->light == SHOW_PREVIEW ? ROLE_PREVIEW_EDGE : gauge_edge_role(t);
}

static const char *
side_char(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? "█" : t->light == SHOW_PREVIEW ? "▒" : "│";
}

static void
draw_title(struct canvas *c, const struct box *b, const struct show_tile *t)
{
	enum theme_role edge = gauge_edge_role(t);
	char state[80], name[MAX_NAME_BYTES + 16], number[16];

	gauge_state(state, sizeof state, t);
	int state_cells = str_cells(state);
	canvas_fill(c, b->row, b->col, b->cols, line_role(t), edge_char(t));
	if (state_cells > 0 && state_cells + 4 < b->cols)
		canvas_putf(c, b->row, b->col + b->cols - state_cells - 3, state_cells + 2, gauge_state_role(t), " %s ", state);
	snprintf(number, sizeof number, "[%d]", t->number);
	int at = b->col + 2 + canvas_put(c, b->row, b->col + 2, 5, edge == ROLE_BORDER ? ROLE_HEAD : edge, number);
	int room = b->cols - (at - b->col) - state_cells - 3;
	if (room > 2) {
		char cut[MAX_NAME_BYTES];

		str_cut(cut, sizeof cut, t->name, room - 2);
		snprintf(name, sizeof name, " %s ", cut);
		canvas_put(c, b->row, at, room, edge == ROLE_BORDER ? ROLE_TEXT : edge, name);
	}
}

static void
draw_gauges(struct canvas *c, const struct box *b, const struct show_tile *t)
{
	char text[96];
	enum theme_role role;
	int row = b->row, end = b->row + b->rows;

	gauge_battery(text, sizeof text, t);
	if (text[0] != '\0' && row < end)
		canvas_putf(c, row++, b->col, b->cols, gauge_is_low(t, false) ? ROLE_ALARM : ROLE_METER, "bat %5s", text);
	gauge_storage(text, sizeof text, t);
	if (text[0] != '\0' && row < end)
		canvas_putf(c, row++, b->col, b->cols, gauge_is_low(t, true) ? ROLE_ALARM : ROLE_METER, "sto %5s", text);
	gauge_audio(text, sizeof text, t);
	if (text[0] != '\0' && row < end)
		canvas_put(c, row++, b->col, b->cols, t->muted ? ROLE_WARN : ROLE_METER, text);
	for (int i = 0; row < end && gauge_note(text, sizeof text, t, i, &role); i++)
		canvas_put(c, row++, b->col, b->cols, role, text);
}

static bool
is_here(const struct show_tile *t)
{
	return !t->out && !t->known_only && t->link != HEALTH_LOST && t->link != HEALTH_NEVER;
}

static bool
has_picture(const struct show_tile *t)
{
	return is_here(t) && t->picture_age_us >= 0;
}

static void
put_centre(struct canvas *c, const struct box *b, int row, enum theme_role role, const char *text)
{
	char cut[200];
	int cells = str_cut(cut, sizeof cut, text, b->cols);

	if (row >= b->row && row < b->row + b->rows)
		canvas_put(c, row, b->col + (b->cols - cells) / 2, cells, role, cut);
}

/* A dead tile says why and since when. */
static void
draw_placard(struct canvas *c, const struct box *b, const struct show_tile *t, const struct show *s)
{
	const char *what = t->out ? "NOT IN THE SHOW" : t->known_only ? "NOT HERE YET" : t->link == HEALTH_LOST ? "LOST" : "NO PICTURE";
	char since[64] = "";
	int64_t silent_us = t->silent_us >= 0 ? t->silent_us : -1;

	put_centre(c, b, b->row + b->rows / 2 - 1, ROLE_GONE, what);
	if (silent_us >= 0 && t->link == HEALTH_LOST) {
		time_t sec = (time_t)((s->utc_us - silent_us) / 1000000);
		struct tm tm;

		localtime_r(&sec, &tm);
		snprintf(since, sizeof since, "last word %02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
		put_centre(c, b, b->row + b->rows / 2, ROLE_GONE, since);
	}
}

static int
priority_of(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? 0 : t->light == SHOW_PREVIEW ? 1 : 2;
}

/* The sentence without the address that begins it: an address is no news on a tile. */
static const char *
why_of(const struct show_tile *t)
{
	size_t len = strlen(t->address);

	return len > 0 && str_has_prefix(t->why, t->address) && str_has_prefix(t->why + len, ": ") ? t->why + len + 2 : t->why;
}

static void
draw_tile(struct canvas *c, const struct box *b, const struct show_tile *t, const struct view_frame *f)
{
	struct box gauges = { b->row + 1, b->col + b->cols - GAUGE_CELLS, b->rows - 2, GAUGE_CELLS - 1 };
	struct box picture = { b->row + 1, b->col + 1, b->rows - 2, b->cols - GAUGE_CELLS - 2 };

	draw_title(c, b, t);
	for (int y = b->row + 1; y < b->row + b->rows - 1; y++)
		canvas_put(c, y, b->col, 1, line_role(t), side_char(t));
	if (is_here(t))
		draw_gauges(c, &gauges, t);	/* old readings would look like live ones */
	if (t->why[0] != '\0')
		canvas_put(c, b->row + b->rows - 1, b->col + 1, b->cols - 2, gauge_state_role(t) == ROLE_ALARM ? ROLE_ALARM : ROLE_WARN,
		    why_of(t));
	if (!has_picture(t))
		draw_placard(c, &picture, t, f->show);
	if (!has_picture(t) && is_here(t) && f->graphics == VIEW_PICTURES)
		canvas_await_picture(c, t->id, picture.row, picture.col, picture.rows, picture.cols, priority_of(t));
	else if (has_picture(t) && f->graphics == VIEW_PICTURES)
		canvas_picture(c, t->id, picture.row, picture.col, picture.rows, picture.cols, priority_of(t));
}

/* ---- grid ---- */

static int
grid_side(int tiles, int rows, int cols)
{
	int side = tiles <= 1 ? 1 : tiles <= 4 ? 2 : tiles <= 9 ? 3 : tiles <= 16 ? 4 : 5;

	while (side > 1 && (cols / side < LEAST_TILE_COLS || rows / side < LEAST_TILE_ROWS))
		side--;
	return side;
}

/* Addresses that were tried and are no camera, one a row; the last row counts those that have none. */
static void
draw_strangers(struct canvas *c, const struct show *s, const struct box *b)
{
	int shown = s->stranger_total <= b->rows ? s->stranger_total : b->rows - 1;

	shown = shown < s->stranger_count ? shown : s->stranger_count;
	for (int i = 0; i < shown; i++)
		canvas_put(c, b->row + i, b->col, b->cols, ROLE_WARN, s->strangers[i]);
	if (shown < s->stranger_total && shown < b->rows)
		canvas_putf(c, b->row + shown, b->col, b->cols, ROLE_WARN, "%d %saddresses tried, no camera there: v lists them",
		    s->stranger_total - shown, shown > 0 ? "more " : "");
}

static void
draw_free_tile(struct canvas *c, const struct show *s, const struct box *b)
{
	struct box inside = { b->row + 1, b->col + 2, b->rows - 2, b->cols - 3 };

	canvas_fill(c, b->row, b->col, b->cols, ROLE_BORDER, "─");
	canvas_put(c, b->row, b->col + 2, b->cols - 4, ROLE_WARN, "[ ] tried, no camera there ");
	draw_strangers(c, s, &inside);
}

/* ---- two pictures and a table ---- */

static const struct show_tile *
tile_by_id(const struct show *s, const char *id)
{
	for (int i = 0; i < s->tile_count && id[0] != '\0'; i++)
		if (strcmp(s->tiles[i].id, id) == 0)
			return &s->tiles[i];
	return NULL;
}

static const struct show_tile *
any_but(const struct show *s, const struct show_tile *other)
{
	for (int i = 0; i < s->tile_count; i++)
		if (&s->tiles[i] != other && is_here(&s->tiles[i]))
			return &s->tiles[i];
	return NULL;
}

static void
draw_pair(struct canvas *c, const struct view_frame *f, int top, int rows)
{
	const struct show_tile *left = tile_by_id(f->show, f->show->preview), *right = tile_by_id(f->show, f->show->program);
	struct box b = { top, 0, rows, c->cols / 2 - 1 };

	if (right == NULL)
		right = any_but(f->show, left);
	if (left == NULL)
		left = any_but(f->show, right);
	if (left != NULL)
		draw_tile(c, &b, left, f);
	b.col = c->cols / 2;
	b.cols = c->cols - b.col - 1;
	if (right != NULL)
		draw_tile(c, &b, right, f);
}


static void
draw_table_gauges(struct canvas *c, int row, int at, const struct show_tile *t)
{
	char text[96];

	gauge_battery(text, sizeof text, t);
	canvas_put_right(c, row, at + 4, 4, gauge_is_low(t, false) ? ROLE_ALARM : ROLE_METER, text);
	gauge_storage(text, sizeof text, t);
	canvas_put_right(c, row, at + 11, 6, gauge_is_low(t, true) ? ROLE_ALARM : ROLE_METER, text);
	gauge_audio(text, sizeof text, t);
	canvas_put(c, row, at + 13, 10, t->muted ? ROLE_WARN : ROLE_METER, text);
}

static void
draw_table_row(struct canvas *c, int row, const struct show_tile *t, int label_cells)
{
	int state_at = 4 + label_cells + 1, gauges_at = state_at + 18;
	char text[MAX_TEXT_FIELD];

	canvas_putf(c, row, 0, 3, gauge_edge_role(t), "%2d", t->number);
	canvas_put(c, row, 4, label_cells, gauge_edge_role(t) == ROLE_BORDER ? ROLE_TEXT : gauge_edge_role(t), t->name);
	gauge_state(text, sizeof text, t);
	if (gauge_state_role(t) == ROLE_ALARM)
		canvas_put(c, row, state_at - 1, 1, ROLE_ALARM, "!");
	canvas_put(c, row, state_at, 17, gauge_state_role(t), text);
	if (gauges_at + 8 > c->cols)
		return;
	if (is_here(t))
		draw_table_gauges(c, row, gauges_at, t);
	text[0] = '\0';
	if (is_here(t) || t->why[0] == '\0')
		gauge_notes(text, sizeof text, t);
	if (t->why[0] != '\0')
		str_copy(text, sizeof text, why_of(t));
	canvas_put(c, row, gauges_at + 24, c->cols - gauges_at - 25, t->why[0] != '\0' ? ROLE_WARN : ROLE_TEXT, text);
}

static void
draw_table(struct canvas *c, const struct view_frame *f, int first, int top, int bottom)
{
	int label_cells = c->cols >= 70 ? 14 : c->cols >= 50 ? 12 : 10;
	int state_at = 4 + label_cells + 1, gauges_at = state_at + 18, row = top;

	canvas_put(c, row, 1, 2, ROLE_DIM, "#");
	canvas_put(c, row, 4, label_cells, ROLE_DIM, "label");
	canvas_put(c, row, state_at, 10, ROLE_DIM, "state");
	if (gauges_at + 30 < c->cols) {
		canvas_put(c, row, gauges_at + 1, 4, ROLE_DIM, "bat");
		canvas_put(c, row, gauges_at + 8, 4, ROLE_DIM, "sto");
		canvas_put(c, row, gauges_at + 13, 6, ROLE_DIM, "audio");
		canvas_put(c, row, gauges_at + 24, 5, ROLE_DIM, "note");
	}
	for (int i = first; i < f->show->tile_count && ++row < bottom; i++)
		draw_table_row(c, row, &f->show->tiles[i], label_cells);
}

static void
draw_searching(struct canvas *c, const struct show *s, int top, int bottom)
{
	int row = top + (bottom - top) / 2 - 2;
	char text[MAX_TEXT_FIELD];
	const char *p = s->searching;

	canvas_put(c, row < top ? top : row, 2, c->cols - 4, ROLE_HEAD, "No camera yet.");
	/* One sentence a row, folded at the border. */
	for (row = row < top ? top + 1 : row + 1; *p != '\0' && row < bottom; row++) {
		int cells = str_cut(text, sizeof text, p, c->cols - 4);
		size_t n = strlen(text);
		const char *stop = strstr(text, ". ");

		if (stop != NULL)
			n = (size_t)(stop - text) + 2;
		else if (cells >= c->cols - 4 && strrchr(text, ' ') != NULL)
			n = (size_t)(strrchr(text, ' ') - text) + 1;
		text[n] = '\0';
		canvas_put(c, row, 2, c->cols - 4, ROLE_TEXT, text);
		p += n;
	}
}

/* How the sheet uses its rows: a grid of tiles, or two pictures above a table, or the table alone. */
struct plan { bool grid; int side, pair_rows, table_rows, stranger_rows, per_page; };

static struct plan
make_plan(const struct view_frame *f, int rows, int cols, int top, int bottom)
{
	int tiles = f->show->tile_count, strangers = f->show->stranger_total, room = bottom - top;
	struct plan p = { .grid = f->graphics == VIEW_PICTURES && rows >= GRID_ROWS && cols >= GRID_COLS };

	if (p.grid) {
		p.side = grid_side(tiles, room, cols);
		p.per_page = p.side * p.side;
		return p;
	}
	if (f->graphics == VIEW_PICTURES && cols >= 60 && room >= 10) {
		int spare = room - (tiles + 1) - (strangers > 0);

		p.pair_rows = spare < 8 ? 8 : spare > room * 2 / 3 ? room * 2 / 3 : spare;
	}
	p.table_rows = room - p.pair_rows;
	if (strangers > 0 && p.table_rows > 2) {
		int spare = p.table_rows - (tiles + 1);

		p.stranger_rows = spare < 1 ? 1 : spare < strangers ? spare : strangers;
		p.table_rows -= p.stranger_rows;
	}
	p.per_page = p.table_rows > 2 ? p.table_rows - 1 : 1;
	return p;
}

static void
draw_grid(struct canvas *c, const struct view_frame *f, const struct plan *p, int page, int top, int bottom)
{
	const struct show *s = f->show;
	int across = p->side, lines = (s->tile_count + across - 1) / across, down = lines < across ? lines : across;
	int first = page * p->per_page, left = s->tile_count - first, count = left < p->per_page ? left : p->per_page;
	bool has_free = count < across * down;

	if (s->stranger_total > 0 && !has_free)
		draw_strangers(c, s, &(struct box){ --bottom, 1, 1, c->cols - 2 });
	/* Two sources use two halves of the whole height, not two quarters. */
	int tile_rows = (bottom - top) / (down > 0 ? down : 1), tile_cols = c->cols / across;
	for (int i = 0; i <= count && i < across * down; i++) {
		struct box b = { top + i / across * tile_rows, i % across * tile_cols, tile_rows, tile_cols - 1 };

		if (i < count)
			draw_tile(c, &b, &s->tiles[first + i], f);
		else if (s->stranger_total > 0)
			draw_free_tile(c, s, &b);
	}
}

static int
page_count(const struct view_frame *f, const struct plan *p)
{
	int pages = (f->show->tile_count + p->per_page - 1) / p->per_page;

	return pages > 0 ? pages : 1;
}

static void
sheet_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	struct plan p = make_plan(f, c->rows, c->cols, top, bottom);
	int pages = page_count(f, &p), page = f->page < pages ? f->page : pages - 1;

	if (f->show->tile_count == 0) {
		draw_searching(c, f->show, top, bottom);
		return;
	}
	if (p.grid) {
		draw_grid(c, f, &p, page, top, bottom);
		return;
	}
	if (p.pair_rows > 0)
		draw_pair(c, f, top, p.pair_rows);
	draw_table(c, f, page * p.per_page, top + p.pair_rows, top + p.pair_rows + p.table_rows);
	if (p.stranger_rows > 0)
		draw_strangers(c, f->show, &(struct box){ bottom - p.stranger_rows, 1, p.stranger_rows, c->cols - 2 });
	if (pages > 1 && c->cols >= 40)
		canvas_putf(c, top + p.pair_rows, c->cols - 27, 26, ROLE_DIM, "page %d of %d (page-down)", page + 1, pages);
}

static int
sheet_pages(const struct view_frame *f, int rows, int cols)
{
	int top, bottom;

	screen_view_rows(rows, &top, &bottom);
	struct plan p = make_plan(f, rows, cols, top, bottom);
	return page_count(f, &p);
}

const struct view_ops view_sheet = { .name = "sheet", .draw = sheet_draw, .pages = sheet_pages };
