/*
 * stage_keys.c - the operator's side of the screen: keys, mouse and prompt become commands or change what is shown.
 * Owns nothing of its own; all state is the screen's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cmd_help.h"
#include "base/clk.h"
#include "base/str.h"
#include "ui/stage_private.h"

static int64_t
utc_of(struct stage_curses *s, int64_t mono_us)
{
	return clk_utc_us(clk_system()) - (loop_now_us(s->loop) - mono_us);
}

/* ---- views ---- */

static void
go_view(struct stage_curses *s, const struct view_ops *view)
{
	s->view = view;
	s->page = s->scroll = 0;
	s->help_command[0] = '\0';
}

void
stage_go_layout(struct stage_curses *s)
{
	go_view(s, s->desk.layout);
}

static void
next_view(struct stage_curses *s)
{
	const struct view_ops *const order[] = { s->desk.layout, &view_health, &view_arm, &view_takes, &view_mesh, &view_log };
	const size_t count = sizeof order / sizeof order[0];

	for (size_t i = 0; i < count; i++)
		if (s->view == order[i]) {
			go_view(s, order[(i + 1) % count]);
			return;
		}
	stage_go_layout(s);
}

static void
next_layout(struct stage_curses *s)
{
	static const char *const order[] = { "sheet", "switch", "quad", "single" };
	const size_t count = sizeof order / sizeof order[0];
	const struct view_ops *next = NULL;

	/* From another view it is the way back to the pictures. */
	if (s->view != s->desk.layout) {
		stage_go_layout(s);
		return;
	}
	for (size_t i = 0; i < count && next == NULL; i++)
		if (layout_find(order[i]) == s->desk.layout)
			next = layout_find(order[(i + 1) % count]);
	if (next != NULL)
		s->desk.layout = next;
	stage_go_layout(s);
}

static void
frame_of(const struct stage_curses *s, struct view_frame *f)
{
	memset(f, 0, sizeof *f);
	f->show = s->show;
	f->mesh = s->mesh;
	f->graphics = s->painter != NULL ? VIEW_PICTURES : VIEW_NO_PICTURES;
	f->page = s->page;
	f->scroll = s->scroll;
	f->prompt_cursor = -1;
	f->settings = s->settings;
	f->help_command = s->help_command[0] != '\0' ? s->help_command : NULL;
	stage_desk_frame(s, f);
}

void
stage_scroll(struct stage_curses *s, int step)
{
	struct view_frame f;
	int rows = s->canvas.rows, page = rows > 12 ? rows - 10 : 3, lines;

	frame_of(s, &f);
	lines = s->view->lines(&f, s->canvas.cols);
	s->scroll += step;
	s->scroll = s->scroll > lines - page ? lines - page : s->scroll;
	s->scroll = s->scroll < 0 ? 0 : s->scroll;
}

static int
pages_of(const struct stage_curses *s)
{
	struct view_frame f;

	frame_of(s, &f);
	return s->view->pages != NULL ? s->view->pages(&f, s->canvas.rows, s->canvas.cols) : 1;
}

void
stage_turn_page(struct stage_curses *s, int step)
{
	int page = s->canvas.rows > 12 ? s->canvas.rows - 10 : 3, pages;

	if (s->view->lines != NULL) {
		stage_scroll(s, step * page);
		return;
	}
	pages = pages_of(s);
	s->page = pages > 0 ? ((s->page + step) % pages + pages) % pages : 0;
}

/* 1, 4, 9, 16, 25, as many as fit. */
static void
change_tiles(struct stage_curses *s, int step)
{
	static const int order[] = { 1, 4, 9, 16, 25, 0 };
	const int count = (int)(sizeof order / sizeof order[0]);
	int at = count - 1;
	char text[64];

	for (int i = 0; i < count; i++)
		if (order[i] == s->desk.per_page)
			at = i;
	/* From "as many as fit", fewer is fewer than there are. */
	if (s->desk.per_page == 0 && step < 0)
		while (at > 1 && order[at - 1] >= s->show->tile_count)
			at--;
	at += step;
	at = at < 0 ? 0 : at >= count ? count - 1 : at;
	s->desk.per_page = order[at];
	s->desk.layout = layout_find("sheet") != NULL ? layout_find("sheet") : s->desk.layout;
	stage_go_layout(s);
	if (order[at] == 0)
		snprintf(text, sizeof text, "as many cameras a page as fit");
	else
		snprintf(text, sizeof text, "%d camera%s a page", order[at], order[at] == 1 ? "" : "s");
	stage_says(s, ROLE_DIM, text);
}

/* ---- focus ---- */

void
stage_focus(struct stage_curses *s, const char *node)
{
	str_copy(s->desk.focus, sizeof s->desk.focus, node);
	keys_set_focus(s->keys, node);
}

static const struct canvas_zone *
focus_zone(const struct stage_curses *s)
{
	const struct canvas_zone *best = NULL;

	for (int i = 0; i < s->canvas.zone_count; i++) {
		const struct canvas_zone *z = &s->canvas.zones[i];

		if (strcmp(z->node, s->desk.focus) == 0 && (best == NULL || z->rows * z->cols > best->rows * best->cols))
			best = z;
	}
	return best;
}

/* How far z is above or below, sideways counting more (a cell is twice as high as wide); -1: it is not there. */
static int
way_to(const struct canvas_zone *from, const struct canvas_zone *z, int dy)
{
	int x = (2 * z->col + z->cols) - (2 * from->col + from->cols), y = 2 * ((2 * z->row + z->rows) - (2 * from->row + from->rows));
	int along = y * dy, aside = abs(x);

	return along <= 0 || aside > 2 * along ? -1 : along + 2 * aside;
}

static const struct canvas_zone *
zone_beside(const struct stage_curses *s, const struct canvas_zone *from, int dy)
{
	const struct canvas_zone *best = NULL;
	int least = -1;

	for (int i = 0; i < s->canvas.zone_count; i++) {
		int way = way_to(from, &s->canvas.zones[i], dy);

		if (way < 0 || strcmp(s->canvas.zones[i].node, from->node) == 0 || (best != NULL && way >= least))
			continue;
		best = &s->canvas.zones[i];
		least = way;
	}
	return best;
}

/* The camera before or behind the one in focus, by number; the first one when none is. */
static const char *
neighbour(const struct stage_curses *s, int step)
{
	int count = s->show->tile_count;

	for (int i = 0; i < count; i++)
		if (strcmp(s->show->tiles[i].id, s->desk.focus) == 0)
			return s->show->tiles[(i + step + count) % count].id;
	if (s->show->preview[0] != '\0')
		return s->show->preview;
	return count > 0 ? s->show->tiles[0].id : "";
}

static bool
has_zone(const struct canvas *c, const char *node)
{
	for (int i = 0; i < c->zone_count; i++)
		if (strcmp(c->zones[i].node, node) == 0)
			return true;
	return false;
}

/* The page on which the camera in focus stands is the one to look at: drawn in memory until it is found. */
static void
follow_focus(struct stage_curses *s)
{
	int pages = pages_of(s), top, bottom;
	struct canvas trial;
	struct view_frame f;

	if (pages < 2)
		return;
	screen_view_rows(s->canvas.rows, &top, &bottom);
	canvas_init(&trial, s->canvas.rows, s->canvas.cols);
	frame_of(s, &f);
	for (int i = 0; i < pages; i++) {
		f.page = (s->page + i) % pages;
		canvas_clear(&trial);
		s->view->draw(&trial, &f, top, bottom);
		if (has_zone(&trial, s->desk.focus)) {
			s->page = f.page;
			break;
		}
	}
	canvas_fini(&trial);
}

/* Left and right go by number, so that every camera can be reached; up and down to what stands there. */
static void
move_focus(struct stage_curses *s, int dx, int dy)
{
	const struct canvas_zone *from = dy != 0 ? focus_zone(s) : NULL, *to = from != NULL ? zone_beside(s, from, dy) : NULL;
	char node[ID_BYTES];

	if (s->view->lines != NULL && dy != 0) {
		stage_scroll(s, dy);
		return;
	}
	/* The zones are of the screen as it was drawn: what they name is copied before anything changes. */
	str_copy(node, sizeof node, to != NULL ? to->node : neighbour(s, dx + dy));
	stage_focus(s, node);
	follow_focus(s);
}

/* ---- actions of the screen ---- */

static void
open_prompt(struct stage_curses *s, const char *seed, int64_t mark_us)
{
	prompt_open(s->prompt, seed);
	s->prompt_open = true;
	s->prompt_us = loop_now_us(s->loop);
	s->mark_us = mark_us;
	s->reply_until_us = 0;
	s->desk.opened_now = true;
}

/* A word, ready for the next one. */
static void
open_prompt_with(struct stage_curses *s, const char *word)
{
	char seed[320];

	snprintf(seed, sizeof seed, "%s ", word);
	open_prompt(s, seed, 0);
}

static void
close_prompt(struct stage_curses *s, const char *key)
{
	s->prompt_open = false;
	s->desk.hint[0] = '\0';
	keys_prompt_closed(s->keys, key, loop_now_us(s->loop));
}

void
stage_close_prompt(struct stage_curses *s)
{
	close_prompt(s, NULL);
}

static void
ui_action(struct stage_curses *s, const char *action, int64_t pressed_us)
{
	static const struct { const char *name; int dx, dy; } moves[] = {
		{ "focus-left", -1, 0 }, { "focus-right", 1, 0 }, { "focus-up", 0, -1 }, { "focus-down", 0, 1 },
	};

	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
		if (strcmp(action, moves[i].name) == 0)
			move_focus(s, moves[i].dx, moves[i].dy);
	if (strcmp(action, "prompt") == 0)
		open_prompt(s, NULL, 0);
	else if (str_has_prefix(action, "prompt "))
		open_prompt_with(s, action + strlen("prompt "));
	else if (strcmp(action, "mark-text") == 0)
		open_prompt(s, "tag ", utc_of(s, pressed_us));
	else if (strcmp(action, "show-help") == 0)
		go_view(s, s->view == &view_help ? s->desk.layout : &view_help);
	else if (strcmp(action, "next-view") == 0)
		next_view(s);
	else if (strcmp(action, "next-layout") == 0)
		next_layout(s);
	else if (strcmp(action, "page-next") == 0)
		stage_turn_page(s, 1);
	else if (strcmp(action, "page-back") == 0)
		stage_turn_page(s, -1);
	else if (strcmp(action, "more-tiles") == 0)
		change_tiles(s, 1);
	else if (strcmp(action, "fewer-tiles") == 0)
		change_tiles(s, -1);
	else if (strcmp(action, "redraw") == 0)
		stage_redraw(s);
}

void
stage_keys_result(void *arg, const struct keys_result *r)
{
	struct stage_curses *s = arg;

	switch (r->act) {
	case KEYS_SUBMIT:
		stage_submit(s, r->text, "key", utc_of(s, r->pressed_us));
		break;
	case KEYS_UI:
		ui_action(s, r->text, r->pressed_us);
		break;
	case KEYS_SAY:
		stage_says(s, ROLE_WARN, r->text);
		break;
	case KEYS_NOTHING:
		break;
	}
	stage_wants_draw(s);
}

/* ---- the prompt ---- */

static void
run_prompt(struct stage_curses *s)
{
	char text[1024], *shown;

	str_copy(text, sizeof text, prompt_text(s->prompt));
	shown = cmd_shown(text);
	stage_desk_remember(s, shown);
	prompt_open(s->prompt, shown);	/* no pin comes back with the history */
	free(shown);
	prompt_done(s->prompt);
	close_prompt(s, "enter");
	stage_submit(s, text, "prompt", s->mark_us != 0 ? s->mark_us : utc_of(s, s->prompt_us));
	s->mark_us = 0;
}

static void
prompt_input(struct stage_curses *s, const struct input_event *ev)
{
	bool is_enter = strcmp(ev->key, "enter") == 0;

	s->prompt_us = loop_now_us(s->loop);
	keys_typed(s->keys, ev);
	/* Enter amid noise, in the middle of unmarked pasted text, or in one breath with what opened the prompt, is not a finger. */
	if (is_enter && (ev->noisy || ev->after_drop || (ev->burst && !ev->is_last) || s->desk.opened_now)) {
		str_copy(s->desk.hint, sizeof s->desk.hint, "pasted: press Enter yourself");
		return;
	}
	if (strcmp(ev->key, "tab") == 0) {
		stage_desk_complete(s);
		return;
	}
	s->desk.hint[0] = '\0';
	s->desk.tabs = 0;
	switch (prompt_key(s->prompt, ev)) {
	case PROMPT_STAYS:
		return;
	case PROMPT_CLOSES:
		close_prompt(s, ev->key);
		return;
	case PROMPT_RUNS:
		run_prompt(s);
		return;
	}
}

void
stage_key(struct stage_curses *s, const struct input_event *ev)
{
	int64_t now_us = loop_now_us(s->loop);

	s->desk.opened_now = s->desk.opened_now && !ev->is_first;
	if (s->prompt_open) {
		if (strcmp(ev->key, "ctrl-c") == 0)
			close_prompt(s, ev->key);
		else
			prompt_input(s, ev);
	} else if (strcmp(ev->key, "esc") == 0 && s->view != s->desk.layout && keys_question(s->keys)[0] == '\0' && !s->show->pending.any)
		stage_go_layout(s);	/* but while a cut waits, Esc does what the NEXT row says */
	else
		keys_press(s->keys, ev, s->show, now_us);
	stage_wants_draw(s);
}

void
stage_paste(struct stage_curses *s, const struct input_event *ev)
{
	int lines;

	if (!s->prompt_open) {
		keys_noise(s->keys, loop_now_us(s->loop));
		stage_says(s, ROLE_WARN, "pasted text goes to the prompt only: press : first");
		return;
	}
	s->prompt_us = loop_now_us(s->loop);
	s->desk.hint[0] = '\0';
	if ((lines = prompt_lines(ev->paste, ev->paste_len)) > 1)
		snprintf(s->desk.hint, sizeof s->desk.hint, "only the first of %d lines was taken", lines);
	prompt_paste(s->prompt, ev->paste, ev->paste_len);
}
