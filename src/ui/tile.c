/*
 * tile.c - one camera in a box.  Owns nothing; draws a snapshot, never outside of the box.
 */
#include "ui/tile.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/gauge.h"

#define LEAST_PICTURE_ROWS 2
#define WHY_ROWS 10			/* from so many rows on, the last is kept for a trouble's sentence */
#define FLOW_COLS 36			/* so wide, one row of readings beneath a picture is enough */

const struct show_tile *
tile_find(const struct show *s, const char *id)
{
	for (int i = 0; i < s->tile_count && id[0] != '\0'; i++)
		if (strcmp(s->tiles[i].id, id) == 0)
			return &s->tiles[i];
	return NULL;
}

const char *
tile_rule(const struct show *s, bool is_vertical)
{
	return s->rehearsal ? "/" : is_vertical ? "│" : "─";
}

enum theme_role
tile_name_role(const struct show_tile *t)
{
	const enum theme_role edge = gauge_edge_role(t);

	return edge == ROLE_BORDER ? ROLE_TEXT : edge;
}

bool
tile_is_focused(const struct show_tile *t, const struct view_frame *f)
{
	return f->focus[0] != '\0' && strcmp(t->id, f->focus) == 0;
}

static enum theme_role
edge_role(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? ROLE_PROGRAM_EDGE : t->light == SHOW_PREVIEW ? ROLE_PREVIEW_EDGE : gauge_edge_role(t);
}

/* Only the two buses have an edge at the side too: they are what the eye is to find. */
static void
draw_side(struct canvas *c, const struct grid_box *b, const struct show_tile *t)
{
	for (int y = 1; y < b->rows && t->light != SHOW_OFF; y++)
		canvas_put(c, b->row + y, b->col, 1, edge_role(t), t->light == SHOW_PROGRAM ? "█" : "▒");
}

static const char *
edge_char(const struct show_tile *t, const struct show *s)
{
	return t->light == SHOW_PROGRAM ? "█" : t->light == SHOW_PREVIEW ? "▒" : tile_rule(s, false);
}

/* ---- title ---- */

/* The program's bus tile says how long it is on, not its state again in the same word. */
static void
title_state(char *out, size_t out_size, const struct show_tile *t, enum tile_kind kind)
{
	if (kind == TILE_BUS)
		gauge_state_alone(out, out_size, t);
	else
		gauge_state(out, out_size, t);
}

/* What stands behind the name: roles, and on the program's bus tile the length of the shot. */
static void
title_tail(char *out, size_t out_size, const struct show_tile *t, const struct show *s, enum tile_kind kind)
{
	char clock[24];

	out[0] = '\0';
	if (kind == TILE_BUS && t->light == SHOW_PROGRAM && s->shot_us >= 0) {
		gauge_shot(clock, sizeof clock, s);
		snprintf(out, out_size, " %s", clock);
	} else if (t->roles[0] != '\0') {
		snprintf(out, out_size, "  %s", t->roles);
	}
}

static void
draw_name(struct canvas *c, int row, int col, int end, const struct show_tile *t, const char *tail)
{
	const int room = end - col - 1, tail_cells = str_cells(tail);
	int used;

	if (room < 2)
		return;
	/* On a bus, the number, the name and what stands between them are one bar. */
	canvas_put(c, row, col++, 1, tile_name_role(t), " ");
	used = canvas_put_cut(c, row, col, room - 1, tile_name_role(t), t->name);
	if (tail_cells > 0 && used + tail_cells < room)
		used += canvas_put(c, row, col + used, tail_cells, t->light == SHOW_OFF ? ROLE_TEXT : tile_name_role(t), tail);
	canvas_put(c, row, col + used, 1, tile_name_role(t), " ");
}

/* Right end of the title; returns where it begins.  The name keeps some cells of a narrow tile. */
static int
draw_state(struct canvas *c, const struct grid_box *b, const struct show_tile *t, enum tile_kind kind, int least)
{
	const int end = b->col + b->cols - (b->cols > 12);
	char state[160];
	int cells, room = end - least - 2;

	title_state(state, sizeof state, t, kind);
	if (state[0] == '\0' || room < 3)
		return end;
	gauge_fit_words(state, room);
	cells = str_cells(state) < room ? str_cells(state) : room;
	canvas_put(c, b->row, end - cells - 2, 1, ROLE_TEXT, " ");
	canvas_put_cut(c, b->row, end - cells - 1, cells, gauge_state_role(t), state);
	canvas_put(c, b->row, end - 1, 1, ROLE_TEXT, " ");
	return end - cells - 2;
}

static void
draw_title(struct canvas *c, const struct grid_box *b, const struct show_tile *t, const struct view_frame *f, enum tile_kind kind)
{
	const char *bus = kind == TILE_BUS ? gauge_bus(t) : "";
	const bool is_focused = tile_is_focused(t, f);
	const int edges = b->cols >= 20 ? 2 : 1;
	char number[24], tail[128];
	int col = b->col + edges, state_col;

	canvas_fill(c, b->row, b->col, b->cols, edge_role(t), edge_char(t, f->show));
	if (bus[0] != '\0' && b->cols >= 12)
		col += canvas_putf(c, b->row, col, 5, edge_role(t) == ROLE_PROGRAM_EDGE ? ROLE_PROGRAM : ROLE_PREVIEW, " %s ", bus);
	snprintf(number, sizeof number, "%s[%d]", is_focused ? ">" : "", t->number);
	if (is_focused && col > b->col + 1 && bus[0] == '\0')
		col--;			/* the mark takes the place of an edge: what follows stays where it is */
	col += canvas_put(c, b->row, col, b->col + b->cols - col, is_focused ? ROLE_FOCUS : tile_name_role(t) == ROLE_TEXT ? ROLE_HEAD :
	    tile_name_role(t), number);
	title_tail(tail, sizeof tail, t, f->show, kind);
	state_col = draw_state(c, b, t, kind, col + (b->cols >= 36 ? 8 : b->cols >= 26 ? 6 : 4));
	draw_name(c, b->row, col, state_col, t, tail);
}

/* ---- the middle: picture, or why there is none ---- */

static void
put_centre(struct canvas *c, const struct grid_box *b, int row, enum theme_role role, const char *text)
{
	char cut[200];
	int cells = str_cut(cut, sizeof cut, text, b->cols);

	if (row >= b->row && row < b->row + b->rows)
		canvas_put(c, row, b->col + (b->cols - cells) / 2, cells, role, cut);
}

static void
since_words(char *out, size_t out_size, const struct show_tile *t, const struct show *s)
{
	char clock[16];
	/* Of a source that has nothing but pictures each is a word; of a camera the last one may be of before the last word. */
	const int64_t utc_us = t->out ? s->utc_us - t->out_since_us : t->heard_utc_us;

	out[0] = '\0';
	if (t->out ? t->out_since_us <= 0 : utc_us <= 0)
		return;
	gauge_wall_clock(clock, sizeof clock, utc_us, true);
	snprintf(out, out_size, "%s %s", t->out ? "since" : t->view_only ? "last picture" : "last word", clock);
}

/* A dead tile says why and since when. */
static void
draw_placard(struct canvas *c, const struct grid_box *b, const struct show_tile *t, const struct view_frame *f, bool is_elsewhere)
{
	const char *what = t->out ? "NOT IN THE SHOW" : t->known_only || t->link == HEALTH_NEVER ? "NOT HERE YET" :
	    t->link == HEALTH_LOST ? "LOST" : is_elsewhere ? b->cols < 13 ? "above" : "picture above" : f->graphics == VIEW_PICTURES ? "NO PICTURE" : "";
	const int row = b->row + (b->rows > 2 ? (b->rows - 1) / 2 : 0);
	char since[64];

	put_centre(c, b, row, is_elsewhere ? ROLE_DIM : ROLE_GONE, what);
	since_words(since, sizeof since, t, f->show);
	if (!gauge_is_here(t))
		put_centre(c, b, row + 1, ROLE_GONE, since);
}

static int
priority_of(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? 0 : t->light == SHOW_PREVIEW ? 1 : 2;
}

static void
draw_picture(struct canvas *c, const struct grid_box *room, const struct show_tile *t, const struct view_frame *f)
{
	const bool wanted = f->graphics == VIEW_PICTURES && gauge_is_here(t) && room->rows > 0;
	const bool is_elsewhere = wanted && canvas_has_picture(c, t->id);
	const struct grid_box p = *room;

	if (!wanted || is_elsewhere || t->picture_age_us < 0)
		draw_placard(c, room, t, f, is_elsewhere);
	if (!wanted || is_elsewhere)
		return;
	if (t->picture_age_us < 0)
		canvas_await_picture(c, t->id, p.row, p.col, p.rows, p.cols, priority_of(t));
	else if (!canvas_picture(c, t->id, p.row, p.col, p.rows, p.cols, priority_of(t)))
		put_centre(c, room, p.row + p.rows / 2, ROLE_DIM, "no room for its picture");
}

/* ---- readings ---- */

static void
draw_gauges(struct canvas *c, const struct grid_box *b, const struct show_tile *t)
{
	struct gauge_item items[GAUGE_ITEMS];
	const int count = gauge_is_here(t) ? gauge_items(items, t) : 0;	/* old readings would look like live ones */

	for (int i = 0; i < count && i < b->rows; i++)
		canvas_put_cut(c, b->row + i, b->col, b->cols, items[i].role, items[i].text);
}

/* One behind the other, as many rows as there are; returns the rows used. */
static int
flow_gauges(struct canvas *c, const struct grid_box *b, const struct show_tile *t)
{
	struct gauge_item items[GAUGE_ITEMS];
	const int count = gauge_is_here(t) ? gauge_items(items, t) : 0;
	int row = 0, col = 0;

	for (int i = 0; i < count; i++) {
		const char *text = items[i].text;

		const int cells = str_cells(text);

		if (col > 0 && col + cells > b->cols) {
			row++;
			col = 0;
		}
		if (row >= b->rows || cells > b->cols)
			return row;
		col += canvas_put(c, b->row + row, b->col + col, cells, items[i].role, text) + 2;
	}
	return row + (col > 0);
}

/* ---- the whole ---- */

/* Where picture and readings go: readings at the right, or beneath where the picture comes out larger so. */
struct plan { struct grid_box picture, gauges; bool is_flow; };

static struct plan
make_plan(const struct grid_box *inside, const struct view_frame *f)
{
	const struct grid_pixels cell = { f->cell_w_px, f->cell_h_px };
	struct grid_box aside = *inside, above = *inside;
	struct plan p = { .gauges = *inside };

	aside.cols -= TILE_GAUGE_COLS + 1;
	above.rows -= above.cols >= FLOW_COLS ? 1 : 2;
	above.cols -= 1;
	struct grid_box a = grid_picture(&aside, cell), u = grid_picture(&above, cell);

	if (f->graphics != VIEW_PICTURES || (a.rows < LEAST_PICTURE_ROWS && u.rows < LEAST_PICTURE_ROWS)) {
		p.picture = (struct grid_box){ inside->row, inside->col, 0, inside->cols };
		p.is_flow = true;
		return p;
	}
	p.is_flow = u.rows * u.cols > a.rows * a.cols * 5 / 4;
	p.picture = p.is_flow ? u : a;
	if (p.is_flow) {
		p.gauges.row += p.picture.rows;
		p.gauges.rows -= p.picture.rows;
	} else {
		p.gauges.col += p.picture.cols + 1;
		p.gauges.cols -= p.picture.cols + 1;
	}
	return p;
}

static void
draw_why(struct canvas *c, const struct grid_box *b, const struct show_tile *t)
{
	char why[MAX_TEXT_FIELD + 8];

	gauge_why(why, sizeof why, t);
	canvas_put_cut(c, b->row, b->col, b->cols, gauge_state_role(t) == ROLE_ALARM ? ROLE_ALARM : t->out || t->view_only ? ROLE_DIM : ROLE_WARN,
	    why);
}

struct grid_box
tile_picture_place(const struct grid_box *b, const struct view_frame *f)
{
	const struct grid_box inside = { b->row + 1, b->col + 1, b->rows - 1 - (b->rows >= WHY_ROWS), b->cols - 1 };

	return make_plan(&inside, f).picture;
}

/* Text alone: the readings in one line, then what is wrong, then since when. */
static void
draw_text(struct canvas *c, const struct grid_box *inside, const struct show_tile *t, const struct view_frame *f)
{
	struct grid_box b = *inside;
	const int used = flow_gauges(c, &b, t);
	char since[64];

	b.row += used;
	b.rows -= used;
	if (b.rows < 1)
		return;
	draw_why(c, &b, t);
	since_words(since, sizeof since, t, f->show);
	if (!gauge_is_here(t) && b.rows > 1)
		canvas_put_cut(c, b.row + 1, b.col, b.cols, ROLE_GONE, since);
}

void
tile_draw(struct canvas *c, const struct grid_box *b, const struct show_tile *t, const struct view_frame *f, enum tile_kind kind)
{
	struct grid_box inside = { b->row + 1, b->col + 1, b->rows - 1, b->cols - 1 };
	/* The sentence about a trouble has the last row, when there is one to spare. */
	const bool has_why_row = f->graphics == VIEW_PICTURES && (b->rows >= WHY_ROWS || (t->why[0] != '\0' && b->rows >= 5) ||
	    (t->stopped_unasked && b->rows >= 5));
	struct grid_box why = { b->row + b->rows - 1, b->col + 1, 1, b->cols - 1 };

	if (b->rows < 1 || b->cols < 4)
		return;
	canvas_zone(c, t->id, b->row, b->col, b->rows, b->cols);
	draw_title(c, b, t, f, kind);
	draw_side(c, b, t);
	if (inside.rows < 1)
		return;
	inside.rows -= has_why_row;
	struct plan p = make_plan(&inside, f);
	if (has_why_row)
		draw_why(c, &why, t);
	if (p.picture.rows < 1) {
		draw_text(c, &inside, t, f);
		return;
	}
	/* One that is not here has no readings: what it says has all the room. */
	draw_picture(c, gauge_is_here(t) ? &p.picture : &inside, t, f);
	if (p.is_flow)
		(void)flow_gauges(c, &p.gauges, t);
	else
		draw_gauges(c, &p.gauges, t);
}

void
tile_draw_alone(struct canvas *c, const struct grid_box *b, const struct show_tile *t, const struct view_frame *f)
{
	const struct grid_box inside = { b->row + 1, b->col + 1, b->rows - 1, b->cols - 1 };
	struct grid_box picture;

	if (b->rows < 1 || b->cols < 4)
		return;
	canvas_zone(c, t->id, b->row, b->col, b->rows, b->cols);
	draw_title(c, b, t, f, TILE_SOURCE);
	draw_side(c, b, t);
	picture = grid_picture(&inside, (struct grid_pixels){ f->cell_w_px, f->cell_h_px });
	/* In the middle of what is left: the one picture of the screen. */
	picture.col += (inside.cols - picture.cols) / 2;
	if (picture.rows > 0)
		draw_picture(c, &picture, t, f);
}

void
tile_draw_empty(struct canvas *c, const struct grid_box *b, const char *word, const struct view_frame *f)
{
	if (b->rows < 1)
		return;
	canvas_fill(c, b->row, b->col, b->cols, ROLE_BORDER, tile_rule(f->show, false));
	canvas_putf(c, b->row, b->col + 2, b->cols - 2, ROLE_DIM, " %s - ", word);
}
