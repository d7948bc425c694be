/*
 * stage_keys.c - the operator's side of the screen: keys and prompt become commands, replies become a line.
 * Owns nothing of its own; all state is the screen's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clk.h"
#include "base/str.h"
#include "ui/stage_private.h"

/* ---- replies ---- */

static struct stage_asked *
asked_find(struct stage_curses *s, int n)
{
	for (int i = 0; i < STAGE_ASKED; i++)
		if (s->asked[i].n == n && n != 0)
			return &s->asked[i];
	return NULL;
}

static const struct show_tile *
tile_of_word(const struct show *show, const char *word)
{
	size_t len = strlen(word);
	bool quoted = len >= 2 && word[0] == '"' && word[len - 1] == '"';

	for (int i = 0; quoted && i < show->tile_count; i++)
		if (strlen(show->tiles[i].id) == len - 2 && strncmp(show->tiles[i].id, word + 1, len - 2) == 0)
			return &show->tiles[i];
	return NULL;
}

/* Keys name nodes by id, people by name, so that it can be typed again: cut "7d0c-..." -> cut "right guest". */
static void
for_people(const struct show *show, const char *text, char *out, size_t out_size)
{
	char copy[400], *save = NULL;
	size_t len = 0;

	str_copy(copy, sizeof copy, text);
	out[0] = '\0';
	for (char *w = strtok_r(copy, " ", &save); w != NULL && len + 2 < out_size; w = strtok_r(NULL, " ", &save)) {
		const struct show_tile *t = tile_of_word(show, w);
		char name[2 * MAX_NAME_BYTES] = "";

		if (t != NULL)
			str_word(name, sizeof name, t->name);
		int n = snprintf(out + len, out_size - len, "%s%s", len > 0 ? " " : "", t != NULL ? name : w);

		if (n < 0 || (size_t)n >= out_size - len)
			break;
		len += (size_t)n;
	}
}

static struct stage_asked *
begin(struct stage_curses *s, int n, const char *text)
{
	struct stage_asked *a = &s->asked[s->asked_next++ % STAGE_ASKED];

	memset(a, 0, sizeof *a);
	a->n = n;
	for_people(s->show, text, a->text, sizeof a->text);
	return a;
}

static void
on_begin(void *arg, int n, const char *text)
{
	begin(arg, n, text);
}

static void
on_begin_key(void *arg, int n, const char *text)
{
	begin(arg, n, text)->from_key = true;
}

static void
on_ack(void *arg, int n, const char *node, const char *name, const struct ledger_line *line)
{
	struct stage_curses *s = arg;
	struct stage_asked *a = asked_find(s, n);
	char text[400];

	(void)node;
	if (a == NULL)
		return;
	a->answered++;
	a->acked += line->result == NODE_OK;
	if (line->result == NODE_OK)
		snprintf(text, sizeof text, "%.100s: %d ok so far", a->text, a->acked);
	else {
		snprintf(text, sizeof text, "%.60s %s: %.100s", name, node_result_name(line->result), line->message);
		if (!line->excused || a->wrong[0] == '\0')
			str_copy(a->wrong, sizeof a->wrong, text);
		snprintf(text, sizeof text, "%.60s: %.190s", a->text, a->wrong);
	}
	stage_says(s, line->result == NODE_OK ? ROLE_DIM : ROLE_WARN, text);
}

static void
on_say(void *arg, int n, const char *text)
{
	(void)n;
	stage_says(arg, ROLE_TEXT, text);
}

static void
clock_text(char out[static 24], int64_t utc_us)
{
	time_t sec = (time_t)(utc_us / 1000000);
	struct tm tm;

	localtime_r(&sec, &tm);
	snprintf(out, 24, "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(utc_us / 1000 % 1000));
}

static void
on_end(void *arg, int n, const struct reply_end *end)
{
	struct stage_curses *s = arg;
	struct stage_asked *a = asked_find(s, n);
	char clock[24], text[400], tail[80] = "";

	if (a == NULL)
		return;
	if (end->asked > 0)
		snprintf(tail, sizeof tail, "  %d/%d in %.1f ms", end->acked, end->asked, (double)end->took_us / 1000.0);
	clock_text(clock, clk_utc_us(clk_system()));
	/* An answer by cameras is told only when its line is on disk. */
	snprintf(text, sizeof text, "%s  %.150s  by %s (%s)%s  %s", clock, a->text, a->from_key ? "key" : "prompt", s->who, tail,
	    end->result != REPLY_OK ? reply_result_name(end->result) : end->asked > 0 ? "on disk" : "ok");
	/* Choosing a preview is seen in the header; it must not hide what was last done to the show. */
	if (end->result != REPLY_OK || !str_has_prefix(a->text, "preview "))
		shower_last(s->shower, end->result == REPLY_OK, text);
	if (end->result == REPLY_ERROR || end->result == REPLY_FAILED) {
		snprintf(text, sizeof text, "%.100s: %s", a->text, a->wrong);
		stage_says(s, ROLE_ALARM, end->err.text[0] != '\0' ? end->err.text : text);
		if (a->from_key && end->err.kind == ERR_REFUSED && str_has_prefix(a->text, "cut")) {
			keys_refused(s->keys, loop_now_us(s->loop));
			snprintf(text, sizeof text, "%.180s; the same key again within 3 s does it", end->err.text);
			stage_says(s, ROLE_ALARM, text);
		}
	} else if (end->result == REPLY_PARTIAL) {
		snprintf(text, sizeof text, "%.100s: %d of %d did it; %s", a->text, end->acked, end->asked, a->wrong);
		stage_says(s, ROLE_WARN, text);
	} else if (str_has_prefix(a->text, "preview ")) {
		s->reply_until_us = 0;		/* the header shows it */
	} else if (end->asked > 0 || loop_now_us(s->loop) >= s->reply_until_us || s->reply_role == ROLE_GOOD) {
		snprintf(text, sizeof text, "%.150s: ok%s", a->text, tail);
		stage_says(s, ROLE_GOOD, text);
	}
	a->n = 0;
	stage_wants_draw(s);
}

static void
submit(struct stage_curses *s, const char *text, const char *how, int64_t pressed_utc_us)
{
	bool from_key = strcmp(how, "key") == 0;
	struct reply reply = { .begin = from_key ? on_begin_key : on_begin, .ack = on_ack, .say = on_say, .end = on_end, .arg = s };
	char by[96];
	struct cmdq_ask ask = { .text = text, .by = by, .from_key = from_key,
		.pressed_us = pressed_utc_us, .reply = &reply };

	if (s->cmdq == NULL)
		return;
	snprintf(by, sizeof by, "%s:%s", how, s->who);
	cmdq_submit(s->cmdq, &ask);
}

/* ---- keys ---- */

static int64_t
utc_of(struct stage_curses *s, int64_t mono_us)
{
	return clk_utc_us(clk_system()) - (loop_now_us(s->loop) - mono_us);
}

static void
open_prompt(struct stage_curses *s, const char *seed, int64_t mark_us)
{
	prompt_open(s->prompt, seed);
	s->prompt_open = true;
	s->prompt_us = loop_now_us(s->loop);
	s->mark_us = mark_us;
	s->reply_until_us = 0;
}

void
stage_close_prompt(struct stage_curses *s)
{
	s->prompt_open = false;
	keys_prompt_closed(s->keys, loop_now_us(s->loop));
}

static void
go_view(struct stage_curses *s, const struct view_ops *view)
{
	s->view = view;
	s->page = s->scroll = 0;
	s->help_command[0] = '\0';
}

static void
next_view(struct stage_curses *s)
{
	static const struct view_ops *const order[] = { &view_sheet, &view_health, &view_takes, &view_mesh, &view_log };
	const size_t count = sizeof order / sizeof order[0];

	for (size_t i = 0; i < count; i++)
		if (s->view == order[i]) {
			go_view(s, order[(i + 1) % count]);
			return;
		}
	go_view(s, &view_sheet);
}

static void
turn_page(struct stage_curses *s, int step)
{
	struct view_frame f = { .show = s->show, .mesh = s->mesh, .graphics = s->painter != NULL ? VIEW_PICTURES : VIEW_NO_PICTURES };
	int rows = s->canvas.rows, cols = s->canvas.cols;

	if (s->view->lines != NULL) {
		int lines = s->view->lines(&f, cols), page = rows > 12 ? rows - 10 : 3;

		s->scroll += step * page;
		s->scroll = s->scroll > lines - page ? lines - page : s->scroll;
		s->scroll = s->scroll < 0 ? 0 : s->scroll;
	} else if (s->view->pages != NULL) {
		int pages = s->view->pages(&f, rows, cols);

		s->page = pages > 0 ? (s->page + step + pages) % pages : 0;
	}
}

static void
ui_action(struct stage_curses *s, const char *key, int64_t pressed_us)
{
	if (strcmp(key, ":") == 0)
		open_prompt(s, NULL, 0);
	else if (strcmp(key, "M") == 0)
		open_prompt(s, "tag ", utc_of(s, pressed_us));
	else if (strcmp(key, "?") == 0)
		go_view(s, s->view == &view_help ? &view_sheet : &view_help);
	else if (strcmp(key, "v") == 0)
		next_view(s);
	else if (strcmp(key, "page-down") == 0)
		turn_page(s, 1);
	else if (strcmp(key, "page-up") == 0)
		turn_page(s, -1);
	else if (strcmp(key, "ctrl-l") == 0)
		stage_redraw(s);
}

void
stage_keys_result(void *arg, const struct keys_result *r)
{
	struct stage_curses *s = arg;

	switch (r->act) {
	case KEYS_SUBMIT:
		submit(s, r->text, "key", utc_of(s, r->pressed_us));
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

static void
prompt_input(struct stage_curses *s, const struct input_event *ev)
{
	bool is_enter = strcmp(ev->key, "enter") == 0;
	char text[1024];

	s->prompt_us = loop_now_us(s->loop);
	/* Enter amid noise, or in the middle of unmarked pasted text, is not a finger. */
	if (is_enter && (ev->noisy || (ev->burst && !ev->is_last))) {
		stage_says(s, ROLE_WARN, "pasted: press Enter yourself");
		return;
	}
	switch (prompt_key(s->prompt, ev)) {
	case PROMPT_STAYS:
		return;
	case PROMPT_CLOSES:
		stage_close_prompt(s);
		return;
	case PROMPT_RUNS:
		str_copy(text, sizeof text, prompt_text(s->prompt));
		prompt_done(s->prompt);
		stage_close_prompt(s);
		submit(s, text, "prompt", s->mark_us != 0 ? s->mark_us : utc_of(s, s->prompt_us));
		s->mark_us = 0;
		return;
	}
}

void
stage_key(struct stage_curses *s, const struct input_event *ev)
{
	int64_t now_us = loop_now_us(s->loop);

	if (s->prompt_open) {
		if (strcmp(ev->key, "ctrl-c") == 0)
			stage_close_prompt(s);
		else
			prompt_input(s, ev);
	} else if (strcmp(ev->key, "esc") == 0 && s->view != &view_sheet && keys_question(s->keys)[0] == '\0')
		go_view(s, &view_sheet);
	else if ((strcmp(ev->key, "down") == 0 || strcmp(ev->key, "up") == 0) && s->view->lines != NULL) {
		s->scroll += strcmp(ev->key, "down") == 0 ? 1 : -1;
		turn_page(s, 0);
	} else
		keys_press(s->keys, ev, s->show, now_us);
	stage_wants_draw(s);
}

void
stage_paste(struct stage_curses *s, const struct input_event *ev)
{
	if (!s->prompt_open) {
		keys_noise(s->keys, loop_now_us(s->loop));
		stage_says(s, ROLE_WARN, "pasted text goes to the prompt only: press : first");
		return;
	}
	s->prompt_us = loop_now_us(s->loop);
	prompt_paste(s->prompt, ev->paste, ev->paste_len);
}

/* ---- what commands may ask of the screen ---- */

static bool
op_view(void *arg, const char *name, const char *words, struct err *e)
{
	struct stage_curses *s = arg;
	const struct view_ops *view = view_find(name);

	(void)words;
	if (view == NULL)
		return err_set(e, ERR_USAGE, "no view `%s` here; expected sheet, health, takes, mesh, log or help", name);
	go_view(s, view);
	stage_wants_draw(s);
	return true;
}

static bool
op_layout(void *arg, const char *name, struct err *e)
{
	if (strcmp(name, "sheet") != 0)
		return err_set(e, ERR_USAGE, "layout `%s` is not offered in this version; expected sheet", name);
	return op_view(arg, "sheet", "", e);
}

static bool
op_theme(void *arg, const char *name, struct err *e)
{
	return stage_set_theme(arg, name, e);
}

static bool
op_graphics(void *arg, const char *name, struct err *e)
{
	return stage_set_graphics(arg, name, e);
}

static bool
op_lock(void *arg, bool on, struct err *e)
{
	struct stage_curses *s = arg;

	(void)e;
	keys_set_locked(s->keys, on);
	stage_wants_draw(s);
	return true;
}

static bool
op_help(void *arg, const char *command, struct err *e)
{
	struct stage_curses *s = arg;

	if (!op_view(arg, "help", "", e))
		return false;
	str_copy(s->help_command, sizeof s->help_command, command != NULL ? command : "");
	return true;
}

static bool
op_seen(void *arg, struct err *e)
{
	(void)e;
	stage_wants_draw(arg);
	return true;
}

static void
op_quit(void *arg, int status)
{
	struct stage_curses *s = arg;

	if (s->quit != NULL)
		s->quit(s->quit_arg, status);
}

void
stage_fill_ops(struct stage_curses *s)
{
	s->stage = (struct stage){
		.arg = s, .view = op_view, .layout = op_layout, .theme = op_theme, .graphics = op_graphics,
		.lock = op_lock, .help = op_help, .seen = op_seen, .quit = op_quit,
	};
}
