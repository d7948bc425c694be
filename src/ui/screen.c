/*
 * screen.c - the rows around every view: header, alarms, NEXT, LAST, prompt, keys; a rehearsal's frame.  Owns nothing;
 * draws a snapshot.
 */
#include <stdio.h>
#include <string.h>

#include "app/keymap.h"
#include "base/str.h"
#include "ui/gauge.h"
#include "ui/pen.h"
#include "ui/screen_private.h"

#define SECOND_US INT64_C(1000000)

struct screen_rows
screen_rows(int rows)
{
	if (rows >= 36)
		return (struct screen_rows){ 2, 1, 2, 1, 1, 1 };
	if (rows >= 28)
		return (struct screen_rows){ 2, 0, 2, 1, 1, 0 };
	if (rows >= 10)
		return (struct screen_rows){ 2, 0, 1, 1, 1, 0 };
	if (rows >= 7)
		return (struct screen_rows){ 1, 0, 1, 1, 1, 0 };
	return (struct screen_rows){ 1, 0, 1, 0, 0, 0 };
}

/* On a tiny screen the keys stand in the prompt row while it is free. */
static int
has_key_row(int rows)
{
	return rows >= 14;
}

int
screen_margin(int cols)
{
	return cols >= 100;
}

/* ---- below the alarms ---- */

static void
draw_desk(struct canvas *c, const struct view_frame *f, int row)
{
	struct screen_line l = { c, row, screen_margin(c->cols), c->cols - 1, 2, false };
	char text[160];

	snprintf(text, sizeof text, "keys %.20s", keymap_name(f->keymap));
	screen_add(&l, ROLE_DIM, text);
	screen_add(&l, f->hot ? ROLE_ALARM : ROLE_DIM, f->hot ? "HOT ON" : "HOT off");
	screen_add(&l, f->locked ? ROLE_WARN : ROLE_DIM, f->locked ? "lock ON" : "lock off");
	snprintf(text, sizeof text, "bell %.20s", f->bell);
	screen_add(&l, ROLE_DIM, text);
	screen_add(&l, ROLE_WARN, f->show->autodirector.on ? "AUTO ON" : "");
	if (f->show->clients > 0)
		snprintf(text, sizeof text, "%d on the control socket", f->show->clients);
	screen_add(&l, ROLE_DIM, f->show->clients > 0 ? text : "");
	gauge_fetch_brief(text, sizeof text, &f->show->fetch);
	screen_add(&l, ROLE_DIM, text);
	gauge_line(text, sizeof text, f->line_bps, f->line_rtt_us);
	screen_add(&l, ROLE_DIM, text);
}

/* What the key does now: the one that rolls asks whether to stop while a take rolls. */
static void
key_words(char *out, size_t out_size, const struct keymap_entry *e, const struct show *s, bool is_brief)
{
	const char *words = is_brief && e->brief != NULL ? e->brief : e->words, *space = strchr(e->words, ' ');

	if (strcmp(e->command, "record start") == 0 && space != NULL && (s->rolling || s->starting || s->stopping))
		snprintf(out, out_size, "%.*s stop...", (int)(space - e->words), e->words);
	else
		str_copy(out, out_size, words);
}

/* What is refused while no clock runs is not offered either. */
static bool
is_offered(const struct keymap_entry *e, const struct show *s)
{
	return e->words != NULL && (s->beat.runs || strstr(e->command, " on bar") == NULL);
}

/* Named on every screen: the way to the prompt, to the help, and to the safe source. */
static bool
is_always_named(const struct keymap_entry *e)
{
	return e->guard == KEY_UI || strcmp(e->command, "panic") == 0;
}

/* Cells of the keys from there on; only_always: of those that must stand. */
static int
key_cells(const struct view_frame *f, int from, bool is_brief, bool only_always)
{
	char words[80];
	int cells = 0;

	for (int i = from; i < keymap_count(f->keymap); i++) {
		const struct keymap_entry *e = keymap_at(f->keymap, i);

		if (!is_offered(e, f->show) || (only_always && !is_always_named(e)))
			continue;
		key_words(words, sizeof words, e, f->show, is_brief);
		cells += str_cells(words) + (is_brief ? 1 : 2);
	}
	return cells;
}

/* The camera that a key cuts straight to; 0: none. */
static int
hot_number(const struct keymap *map, char key)
{
	const struct keymap_entry *e = keymap_find(map, (char[2]){ key, '\0' }, true);
	int64_t number = 0;

	if (e == NULL || e->guard != KEY_HOT || !str_has_prefix(e->command, "cut %") ||
	    !str_int(e->command + strlen("cut %"), 1, 999, &number))
		return 0;
	return (int)number;
}

static void
add_hot_key(struct screen_line *l, const struct show_tile *t, char key)
{
	char words[MAX_NAME_BYTES + 32], name[MAX_NAME_BYTES];

	screen_cut_name(name, sizeof name, t->name, 12);
	if (l->c->cols >= 100)
		snprintf(words, sizeof words, "%c %s", key, name);
	else
		snprintf(words, sizeof words, "%c=%d", key, t->number);
	screen_add(l, ROLE_ALARM, words);
}

/* While they are on, each key that cuts at once with its camera stands before all others. */
static void
add_hot_keys(struct screen_line *l, const struct view_frame *f, int end)
{
	static const char order[] = "1234567890qwertyuiop";
	int numbers[sizeof order];

	/* Asked once, not for each camera: there may be hundreds. */
	for (size_t i = 0; order[i] != '\0'; i++)
		numbers[i] = hot_number(f->keymap, order[i]);
	l->end = end;
	screen_add(l, ROLE_ALARM, "HOT CUTS");
	for (int i = 0; i < f->show->tile_count; i++)
		for (size_t k = 0; order[k] != '\0'; k++)
			if (numbers[k] != 0 && numbers[k] == f->show->tiles[i].number)
				add_hot_key(l, &f->show->tiles[i], order[k]);
}

/* The words whole, or all of them in few; what must stand does, the rest as far as there is room. */
static void
draw_keys(struct canvas *c, const struct view_frame *f, int row, bool is_band)
{
	struct screen_line l = { c, row, screen_margin(c->cols), c->cols - 1, 2, is_band };
	const int end = c->cols - 1;
	const bool is_brief = f->hot || l.col + key_cells(f, 0, false, false) - 2 > end;

	l.gap = is_brief ? 1 : 2;
	if (is_band)
		canvas_fill(c, row, 0, c->cols, ROLE_REHEARSAL, " ");
	if (f->hot)
		add_hot_keys(&l, f, end - key_cells(f, 0, true, true));
	for (int i = 0; i < keymap_count(f->keymap); i++) {
		const struct keymap_entry *e = keymap_at(f->keymap, i);
		char words[80];

		if (!is_offered(e, f->show))
			continue;
		l.end = is_always_named(e) ? end : end - key_cells(f, i + 1, is_brief, true);
		key_words(words, sizeof words, e, f->show, is_brief);
		screen_add(&l, ROLE_KEY, words);
	}
}

/* ---- captions ---- */

#define CAPTION_ROWS 3

/* What happens, told to people, stands where answers do until there is one. */
static bool
has_caption(const struct view_frame *f)
{
	return f->prompt_cursor < 0 && f->reply[0] == '\0' && f->show->caption[0] != '\0';
}

static int
caption_cells(const struct canvas *c)
{
	return c->cols - screen_margin(c->cols) - 3;
}

/* Behind what stands on one row of it. */
static const char *
caption_rest(const char *text, int cells)
{
	text += pen_piece(text, cells);
	return text + strspn(text, " ");
}

/* Rows that it would like. */
static int
caption_rows(const struct canvas *c, const struct view_frame *f)
{
	const char *text = has_caption(f) ? f->show->caption : "";
	int rows = 0;

	do {
		text = caption_rest(text, caption_cells(c));
		rows++;
	} while (*text != '\0' && rows < CAPTION_ROWS);
	return rows;
}

/* It ends on that row.  Nothing else on the screen looks so. */
static void
draw_caption(struct canvas *c, const struct view_frame *f, int last, int rows)
{
	const int margin = screen_margin(c->cols), cells = caption_cells(c);
	const char *text = f->show->caption;
	char piece[MAX_TEXT_FIELD];

	for (int row = last - rows + 1; row <= last; row++) {
		const char *rest = caption_rest(text, cells);

		snprintf(piece, sizeof piece, "%.*s", row < last ? (int)(rest - text) : (int)strlen(text), text);
		canvas_fill(c, row, 0, c->cols, ROLE_LIVE, " ");
		canvas_put(c, row, margin, 2, ROLE_LIVE, row == last - rows + 1 ? "> " : "  ");
		canvas_put_cut(c, row, margin + 2, cells, ROLE_LIVE, piece);
		text = rest;
	}
}

static bool
is_blank(const struct canvas *c, int row)
{
	for (int x = 0; x < c->cols; x++) {
		const struct canvas_cell *cell = &c->cell[row * c->cols + x];

		if (cell->picture || strcmp(cell->text, " ") != 0)
			return false;
	}
	return true;
}

/* So many rows of the view's end, and of the alarms', are free for a caption that is too long for its own. */
static int
rows_to_spare(const struct canvas *c, const struct show *s, const struct screen_rows *r, int top, int bottom)
{
	const bool has_alarms = s->lost.any || s->alarm_count > 0;
	int spare = 0;

	while (r->rule == 0 && bottom - spare > top && is_blank(c, bottom - spare - 1))
		spare++;
	return spare + (has_alarms ? 0 : r->alarms);
}

static void
draw_prompt(struct canvas *c, const struct view_frame *f, int row)
{
	const int margin = screen_margin(c->cols);

	if (f->prompt_cursor >= 0) {
		int at = canvas_put(c, row, margin, 1, ROLE_PROMPT, ":");

		at += canvas_put(c, row, margin + at, c->cols - 2 - 16, ROLE_PROMPT, f->prompt);
		/* What the word may become stands behind it. */
		if (f->reply[0] != '\0')
			canvas_put_cut(c, row, margin + at + 2, c->cols - 18 - margin - at, f->reply_role, f->reply);
		canvas_put_right(c, row, c->cols - 1, 14, ROLE_WARN, "KEYS TO PROMPT");
		c->cursor_row = row;
		c->cursor_col = margin + 1 + f->prompt_cursor < c->cols ? margin + 1 + f->prompt_cursor : c->cols - 1;
	} else {
		canvas_put_cut(c, row, margin, c->cols - margin - 1, f->reply_role, f->reply);
	}
}

/* The caption, the prompt or an answer, up from that row; on a tiny screen the keys while it is free.  How many rows it took. */
static int
draw_said(struct canvas *c, const struct view_frame *f, int row, int spare)
{
	const int wanted = caption_rows(c, f), rows = wanted < 1 + spare ? wanted : 1 + spare;

	if (has_caption(f))
		draw_caption(c, f, row, rows);
	else if (!has_key_row(c->rows) && f->prompt_cursor < 0 && f->reply[0] == '\0')
		draw_keys(c, f, row, f->show->rehearsal);
	else
		draw_prompt(c, f, row);
	return rows;
}

/* ---- a rehearsal's frame ---- */

static void
draw_rule(struct canvas *c, const struct show *s, int row)
{
	static const char words[] = " REHEARSAL ";

	canvas_fill(c, row, 0, c->cols, ROLE_BORDER, s->rehearsal ? "/" : "─");
	for (int i = 1; i < 4 && s->rehearsal; i++)
		canvas_put(c, row, c->cols * i / 4 - (int)sizeof words / 2, (int)sizeof words, ROLE_REHEARSAL, words);
}

/* Hatched edges between the two bands: no corner of a rehearsal looks like a show, in colour or without. */
static void
hatch_edges(struct canvas *c, int top, int bottom)
{
	for (int y = top; y < bottom; y++) {
		canvas_put(c, y, c->cols - 1, 1, ROLE_REHEARSAL, "/");
		if (screen_margin(c->cols))
			canvas_put(c, y, 0, 1, ROLE_REHEARSAL, "/");
	}
}

/* ---- the whole ---- */

void
screen_view_rows(int rows, int *top, int *bottom)
{
	struct screen_rows r = screen_rows(rows);

	*top = r.header;
	*bottom = rows - 1 - has_key_row(rows) - r.desk - r.last - r.next - r.alarms - r.rule;
}

void
screen_draw(struct canvas *c, const struct view_ops *view, const struct view_frame *f)
{
	const struct show *s = f->show;
	struct screen_rows r = screen_rows(c->rows);
	int row = c->rows - 1, top, bottom, spare;

	screen_view_rows(c->rows, &top, &bottom);
	if (top < bottom)
		view->draw(c, f, top, bottom);
	spare = has_caption(f) ? rows_to_spare(c, s, &r, top, bottom) : 0;
	if (has_key_row(c->rows))
		draw_keys(c, f, row--, s->rehearsal);
	row -= draw_said(c, f, row, spare);
	if (r.desk)
		draw_desk(c, f, row--);
	if (r.last)
		screen_last_draw(c, f, row--);
	if (r.next)
		screen_next_draw(c, f, row--);
	row -= r.alarms;
	if (s->lost.any)
		screen_lost_draw(c, f, row + 1);
	screen_alarms_draw(c, s, row + 1 + s->lost.any, r.alarms - s->lost.any);
	if (r.rule)
		draw_rule(c, s, bottom);
	if (s->rehearsal)
		hatch_edges(c, 1, c->rows - 1);
	screen_head(c, f, &r, view->has_buses != NULL && view->has_buses(f, c->rows, c->cols));
}

int64_t
screen_next_change_us(const struct view_ops *view, const struct view_frame *f)
{
	const struct show *s = f->show;
	const int64_t unit_us = s->idle ? 60 * SECOND_US : SECOND_US;
	int64_t next_us = unit_us - s->utc_us % unit_us;	/* the clock in the header */

	if (s->change_us > 0 && s->change_us < next_us)
		next_us = s->change_us;
	/* The map's ages are not the snapshot's. */
	return view == &view_mesh && next_us > SECOND_US ? SECOND_US : next_us;
}

const struct view_ops *
view_find(const char *name)
{
	static const struct view_ops *const views[] = { &view_sheet, &view_switch, &view_quad, &view_single, &view_help,
		&view_health, &view_arm, &view_takes, &view_mesh, &view_log };

	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
		if (strcmp(views[i]->name, name) == 0)
			return views[i];
	return NULL;
}
