/*
 * screen.c - the rows around every view: header, alarms, NEXT, LAST, prompt, keys; a rehearsal's frame.  Owns nothing;
 * draws a snapshot.
 */
#include <stdio.h>
#include <string.h>

#include "app/keymap.h"
#include "base/str.h"
#include "ui/gauge.h"
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
	gauge_fetch_brief(text, sizeof text, &f->show->fetch);
	screen_add(&l, ROLE_DIM, text);
	gauge_line(text, sizeof text, f->line_bps, f->line_rtt_us);
	screen_add(&l, ROLE_DIM, text);
}

/* What the key does now: the one that rolls asks whether to stop while a take rolls. */
static void
key_words(char *out, size_t out_size, const struct keymap_entry *e, const struct show *s)
{
	const char *space = strchr(e->words, ' ');

	if (strcmp(e->command, "record start") == 0 && space != NULL && (s->rolling || s->starting || s->stopping))
		snprintf(out, out_size, "%.*s stop...", (int)(space - e->words), e->words);
	else
		str_copy(out, out_size, e->words);
}

/* What is refused while no clock runs is not offered either. */
static bool
waits_for_beat(const struct keymap_entry *e)
{
	return strstr(e->command, " on bar") != NULL;
}

/* The prompt and the help are always named; the rest as far as there is room. */
static void
draw_keys(struct canvas *c, const struct view_frame *f, int row, bool is_band)
{
	struct screen_line l = { c, row, screen_margin(c->cols), c->cols - 1, 2, is_band };
	int needed = 0;

	if (is_band)
		canvas_fill(c, row, 0, c->cols, ROLE_REHEARSAL, " ");
	for (int i = 0; i < keymap_count(f->keymap); i++) {
		const struct keymap_entry *e = keymap_at(f->keymap, i);

		if (e->words != NULL && e->guard == KEY_UI)
			needed += str_cells(e->words) + 2;
	}
	for (int i = 0; i < keymap_count(f->keymap); i++) {
		const struct keymap_entry *e = keymap_at(f->keymap, i);
		bool is_last = e->words != NULL && e->guard == KEY_UI;
		char words[80];

		l.end = is_last ? c->cols - 1 : c->cols - 1 - needed;
		if (e->words == NULL || (waits_for_beat(e) && !f->show->beat.runs))
			continue;
		key_words(words, sizeof words, e, f->show);
		screen_add(&l, ROLE_KEY, words);
	}
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

/* Blanks between word groups go first where a line is too long. */
static void
squeeze(char *out, size_t out_size, const char *text)
{
	size_t len = 0;

	for (; *text != '\0' && len + 1 < out_size; text++)
		if (*text != ' ' || len == 0 || out[len - 1] != ' ')
			out[len++] = *text;
	out[len] = '\0';
}

static void
draw_labelled(struct canvas *c, int row, const char *label, enum theme_role role, const char *text)
{
	const int margin = screen_margin(c->cols), at = margin + (margin ? 7 : 5), room = c->cols - at - 1;
	char squeezed[MAX_TEXT_FIELD];

	if (str_cells(text) > room) {
		squeeze(squeezed, sizeof squeezed, text);
		text = squeezed;
	}
	canvas_put(c, row, margin, 4, ROLE_DIM, label);
	canvas_put_cut(c, row, at, room, role, text);
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
	int row = c->rows - 1, top, bottom;

	if (has_key_row(c->rows))
		draw_keys(c, f, row--, s->rehearsal);
	if (!has_key_row(c->rows) && f->prompt_cursor < 0 && f->reply[0] == '\0')
		draw_keys(c, f, row--, s->rehearsal);
	else
		draw_prompt(c, f, row--);
	if (r.desk)
		draw_desk(c, f, row--);
	if (r.last)
		draw_labelled(c, row--, "LAST", s->last_ok ? ROLE_LAST : ROLE_WARN, s->last);
	if (r.next)
		draw_labelled(c, row--, "NEXT", ROLE_NEXT, s->next[0] != '\0' ? s->next : "nothing pending");
	row -= r.alarms;
	screen_alarms_draw(c, s, row + 1, r.alarms);
	if (r.rule)
		draw_rule(c, s, row);
	screen_view_rows(c->rows, &top, &bottom);
	if (top < bottom)
		view->draw(c, f, top, bottom);
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
