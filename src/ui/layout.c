/*
 * layout.c - what the layouts of pictures share.  Owns nothing; draws a snapshot.
 */
#include "ui/layout.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/gauge.h"
#include "ui/pen.h"
#include "ui/tile.h"

#define PAIR_GAP 2
#define MARGIN_COLS 100			/* from this width on, the left column stays free */

const struct view_ops *
layout_find(const char *name)
{
	static const struct view_ops *const layouts[] = { &view_sheet, &view_switch, &view_quad, &view_single };

	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		if (strcmp(layouts[i]->name, name) == 0)
			return layouts[i];
	return NULL;
}

struct grid_box
layout_area(const struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	const int margin = c->cols >= MARGIN_COLS;

	return (struct grid_box){ top, margin, bottom - top, c->cols - margin - f->show->rehearsal };
}

bool
layout_has_room(const struct view_frame *f, int rows, int cols)
{
	return f->graphics == VIEW_PICTURES && rows >= 28 && cols >= 90;
}

/* ---- the two buses ---- */

static const struct show_tile *
any_but(const struct show *s, const struct show_tile *other)
{
	for (int i = 0; i < s->tile_count; i++)
		if (&s->tiles[i] != other && gauge_is_here(&s->tiles[i]))
			return &s->tiles[i];
	return NULL;
}

const struct show_tile *
layout_right(const struct show *s)
{
	const struct show_tile *program = tile_find(s, s->program), *preview = tile_find(s, s->preview);

	if (program != NULL)
		return program;
	/* Nobody on either: the first two in their order, the first of them left. */
	return any_but(s, preview != NULL ? preview : any_but(s, NULL));
}

const struct show_tile *
layout_left(const struct show *s)
{
	const struct show_tile *preview = tile_find(s, s->preview);

	return preview != NULL ? preview : any_but(s, layout_right(s));
}

void
layout_pair(struct canvas *c, const struct view_frame *f, const struct grid_box *b, int share)
{
	const int right_cols = (b->cols - PAIR_GAP) * share / 100;
	const struct show_tile *left = layout_left(f->show), *right = layout_right(f->show);
	struct grid_box at = { b->row, b->col, b->rows, b->cols - PAIR_GAP - right_cols };

	if (left != NULL && left != right)
		tile_draw(c, &at, left, f, TILE_BUS);
	else
		tile_draw_empty(c, &at, "PVW", f);
	at.col = b->col + b->cols - right_cols;
	at.cols = right_cols;
	if (right != NULL)
		tile_draw(c, &at, right, f, TILE_BUS);
	else
		tile_draw_empty(c, &at, "PGM", f);
}

int
layout_pair_rows(const struct view_frame *f, int cols, int share, int most)
{
	int best = 0, best_area = -1;

	if (f->graphics != VIEW_PICTURES)
		return most < 2 ? most : 2;
	for (int rows = 3; rows <= most; rows++) {
		const struct grid_box tile = { 0, 0, rows, (cols - PAIR_GAP) * share / 100 }, picture = tile_picture_place(&tile, f);

		if (picture.rows * picture.cols > best_area) {
			best_area = picture.rows * picture.cols;
			best = rows;
		}
	}
	return best;
}

struct layout_shape
layout_shape(const struct view_frame *f, int tiles, int rows, int cols)
{
	struct layout_shape best = { 1, 1 };
	int best_shown = -1, best_area = -1;

	for (int across = 1; across == 1 || (across <= tiles && cols / across >= GRID_TILE_COLS); across++) {
		const int most = rows / GRID_TILE_ROWS > 0 ? rows / GRID_TILE_ROWS : 1, needed = (tiles + across - 1) / across;
		const int down = needed < 1 ? 1 : needed < most ? needed : most, shown = across * down < tiles ? across * down : tiles;
		const struct grid_box tile = { 0, 0, rows / down, cols / across - 1 }, picture = tile_picture_place(&tile, f);
		const int area = picture.rows * picture.cols;

		if (shown < best_shown || (shown == best_shown && area <= best_area))
			continue;
		best = (struct layout_shape){ across, down };
		best_shown = shown;
		best_area = area;
	}
	return best;
}

const struct show_tile *
layout_focus(const struct view_frame *f)
{
	const struct show *s = f->show;
	const struct show_tile *t = tile_find(s, f->focus);

	if (t == NULL)
		t = tile_find(s, s->preview);
	if (t == NULL)
		t = tile_find(s, s->program);
	return t != NULL || s->tile_count == 0 ? t : &s->tiles[0];
}

void
layout_separator(struct canvas *c, const struct view_frame *f, const struct grid_box *tile)
{
	for (int y = 0; y < tile->rows; y++)
		canvas_put(c, tile->row + y, tile->col - 1, 1, ROLE_BORDER, tile_rule(f->show, true));
}

/* ---- pages ---- */

int
layout_page(const struct view_frame *f, int pages)
{
	return f->page < 0 ? 0 : f->page < pages ? f->page : pages - 1;
}

void
layout_page_row(struct canvas *c, const struct view_frame *f, const struct grid_box *b, const char *what, int page,
    int per_page, int total)
{
	const int pages = grid_pages(total, per_page), first = page * per_page, last = first + per_page < total ? first + per_page : total;
	char text[120];

	if (pages < 2)
		return;
	canvas_fill(c, b->row, b->col, b->cols, ROLE_BORDER, tile_rule(f->show, false));
	snprintf(text, sizeof text, b->cols >= 70 ? " page %d of %d   %s %d-%d of %d   page-up, page-down " : " %d/%d  %s %d-%d of %d  PgDn ",
	    page + 1, pages, what, first + 1, last, total);
	canvas_put(c, b->row, b->col + 2, b->cols - 2, ROLE_HEAD, text);
}

void
layout_page_words(struct canvas *c, const struct grid_box *b, int page, int pages)
{
	char text[64];

	if (pages < 2)
		return;
	snprintf(text, sizeof text, b->cols >= 76 ? " page %d of %d, page-down " : " %d/%d PgDn ", page + 1, pages);
	canvas_put_right(c, b->row, b->col + b->cols, b->cols, ROLE_HEAD, text);
}

/* ---- nobody ---- */

void
layout_strangers(struct canvas *c, const struct show *s, const struct grid_box *b)
{
	int shown = s->stranger_total <= b->rows ? s->stranger_total : b->rows - 1;

	shown = shown < s->stranger_count ? shown : s->stranger_count;
	for (int i = 0; i < shown; i++)
		canvas_put_cut(c, b->row + i, b->col, b->cols, ROLE_WARN, s->strangers[i]);
	if (shown < s->stranger_total && shown < b->rows)
		canvas_putf(c, b->row + shown, b->col, b->cols, ROLE_WARN, "%d %saddresses tried, no camera there: v lists them",
		    s->stranger_total - shown, shown > 0 ? "more " : "");
}

void
layout_searching(struct canvas *c, const struct show *s, int top, int bottom)
{
	int row = top + (bottom - top) / 2 - 2;
	char text[MAX_TEXT_FIELD];
	const char *p = s->searching;

	canvas_put(c, row < top ? top : row, 2, c->cols - 4, ROLE_HEAD, "No camera yet.");
	/* One sentence a row, folded at the border. */
	for (row = row < top ? top + 1 : row + 1; *p != '\0' && row < bottom; row++) {
		const char *stop = strstr(p, ". ");
		size_t n = pen_piece(p, c->cols - 4);

		if (stop != NULL && (size_t)(stop - p) < n)
			n = (size_t)(stop - p) + 1;
		snprintf(text, sizeof text, "%.*s", (int)n, p);
		canvas_put(c, row, 2, c->cols - 4, ROLE_TEXT, text);
		p += n;
		p += *p == ' ';
	}
}
