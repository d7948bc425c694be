/*
 * stage_desk.c - what the operator has chosen for this screen.  Owns the key set and theme in use and what watches
 * their files; never draws, never decides what a key may do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/complete.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "ui/filelist.h"
#include "ui/history.h"
#include "ui/keyfile.h"
#include "ui/livefile.h"
#include "ui/stage_private.h"
#include "ui/view_health.h"

#define RING_US 300000
#define RING_REST_US 1000000		/* alarms that come together ring once */
#define DOUBLE_CLICK_US 400000
#define MOUSE_ON "\x1b[?1000h\x1b[?1006h"
#define MOUSE_OFF "\x1b[?1006l\x1b[?1000l"
#define WHEEL_LINES 3
#define CANDIDATE_CELLS 30		/* of one of them; long labels differ in the beginning */

/* ---- colours and keys ---- */

static void on_theme_changed(void *arg);
static void on_keys_changed(void *arg);

/* The file's name without its folders: that is what fits on a line, and what the operator has open. */
static const char *
short_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static void
watch_theme(struct stage_curses *s)
{
	livefile_close(s->desk.theme_file);
	s->desk.theme_file = s->desk.theme_path[0] != '\0' ? livefile_open(s->loop, s->desk.theme_path, on_theme_changed, s) : NULL;
}

static void
watch_keys(struct stage_curses *s)
{
	livefile_close(s->desk.keys_file);
	s->desk.keys_file = s->desk.keys_path[0] != '\0' ? livefile_open(s->loop, s->desk.keys_path, on_keys_changed, s) : NULL;
}

/* From here on these; own is taken over. */
static void
use_keys(struct stage_curses *s, const struct keymap *map, struct keymap *own)
{
	struct keymap *old = s->desk.own_map;

	s->desk.map = map;
	s->desk.own_map = own;
	keys_set_map(s->keys, map);
	keymap_free(old);
	stage_wants_draw(s);
}

/* A file that was edited cannot be used: it is said where, and what was in use stays. */
static void
tell_bad_file(struct stage_curses *s, const struct err *e)
{
	stage_says(s, ROLE_ALARM, e->text);
	bus_tell(s->bus, EV_NOTICE, NULL, "%s; the old one stays in use", e->text);
}

static void
on_theme_changed(void *arg)
{
	struct stage_curses *s = arg;
	struct err e = { .kind = ERR_NONE };
	struct theme fresh;
	size_t len;
	char *text = livefile_read(s->desk.theme_path, &len, &e);
	bool ok = text != NULL && theme_parse(&fresh, short_name(s->desk.theme_path), text, len, &e);

	free(text);
	if (!ok) {
		tell_bad_file(s, &e);
		return;
	}
	str_copy(fresh.name, sizeof fresh.name, s->theme.name);
	stage_use_theme(s, &fresh);
	stage_says(s, ROLE_DIM, "the theme has changed and was read again");
}

static void
on_keys_changed(void *arg)
{
	struct stage_curses *s = arg;
	struct err e = { .kind = ERR_NONE };
	size_t len;
	char *text = livefile_read(s->desk.keys_path, &len, &e);
	struct keymap *fresh = text != NULL ? keymap_parse(short_name(s->desk.keys_path), text, len, &e) : NULL;

	free(text);
	if (fresh == NULL) {
		tell_bad_file(s, &e);
		return;
	}
	use_keys(s, fresh, fresh);
	stage_says(s, ROLE_DIM, "the keys have changed and were read again");
}

static bool
use_theme(struct stage_curses *s, const char *name, struct err *e)
{
	char path[PATH_MAX];
	struct theme fresh;

	if (!theme_load(&fresh, s->themes_dir, name, path, sizeof path, e))
		return false;
	str_copy(s->desk.theme_path, sizeof s->desk.theme_path, path);
	stage_use_theme(s, &fresh);
	watch_theme(s);
	return true;
}

bool
stage_desk_theme(struct stage_curses *s, const char *name, struct err *e)
{
	if (!use_theme(s, name, e))
		return false;
	s->desk.theme_chosen = true;
	return true;
}

void
stage_desk_suit(struct stage_curses *s)
{
	const char *name = s->caps.paper == TERM_PAPER_LIGHT ? "daylight" : "default";
	struct err e = { .kind = ERR_NONE };

	if (s->desk.theme_chosen || s->desk.theme_trouble[0] != '\0' || strcmp(s->theme.name, name) == 0)
		return;
	if (!use_theme(s, name, &e))
		log_line(LOG_UI, "the theme stays: %s", e.text);
	else
		log_line(LOG_UI, "nobody chose a theme: %s", name);
	if (e.kind == ERR_NONE && s->caps.paper == TERM_PAPER_LIGHT)
		stage_says(s, ROLE_DIM, "theme daylight: this terminal's background is light.  theme default has the other");
}

bool
stage_desk_keys(struct stage_curses *s, const char *name, struct err *e)
{
	char path[PATH_MAX];
	struct keymap *own;
	const struct keymap *map = keyfile_load(s->desk.keys_dir, name, &own, path, sizeof path, e);

	if (map == NULL)
		return false;
	str_copy(s->desk.keys_path, sizeof s->desk.keys_path, path);
	use_keys(s, map, own);
	watch_keys(s);
	return true;
}

/* ---- mouse ---- */

/* Presses and the wheel, in the form that has no limit of columns (ctlseqs: 1000, 1006). */
static void
set_mouse(struct stage_curses *s, bool on)
{
	const char *bytes = on ? MOUSE_ON : MOUSE_OFF;

	if (s->tty != NULL && (on || s->desk.mouse_on))
		tty_send(s->tty, bytes, strlen(bytes));
	s->desk.mouse_on = on;
	input_want_mouse(s->input, on);
}

static void
click(struct stage_curses *s, const char *node)
{
	int64_t now_us = loop_now_us(s->loop);
	bool again = strcmp(s->desk.click_node, node) == 0 && now_us - s->desk.click_us < DOUBLE_CLICK_US;
	char id[ID_BYTES];

	str_copy(id, sizeof id, node);	/* the canvas may be drawn anew before this is over */
	stage_focus(s, id);
	str_copy(s->desk.click_node, sizeof s->desk.click_node, again ? "" : id);
	s->desk.click_us = now_us;
	if (again)
		keys_preview(s->keys, id, now_us);
}

static void
turn_wheel(struct stage_curses *s, int step)
{
	if (s->view->lines == NULL)
		stage_turn_page(s, step);
	else
		stage_scroll(s, step * WHEEL_LINES);
}

void
stage_desk_mouse(struct stage_curses *s, const struct input_event *ev)
{
	const char *node;

	if (!s->desk.mouse_on || ev->noisy)
		return;
	if (ev->mouse == MOUSE_WHEEL_UP || ev->mouse == MOUSE_WHEEL_DOWN)
		turn_wheel(s, ev->mouse == MOUSE_WHEEL_DOWN ? 1 : -1);
	else if (ev->mouse == MOUSE_PRESS && (node = canvas_node_at(&s->canvas, ev->row, ev->col)) != NULL)
		click(s, node);
	stage_wants_draw(s);
}

/* ---- bell ---- */

static void
on_ring_over(void *arg)
{
	struct stage_curses *s = arg;

	s->desk.ringing = false;
	stage_wants_draw(s);
}

static void
ring(struct stage_curses *s)
{
	const char *bell = opt_text(s->settings, "bell");
	int64_t now_us = loop_now_us(s->loop);

	if (s->terminal_gone || strcmp(bell, "off") == 0 || now_us - s->desk.rang_us < RING_REST_US)
		return;
	s->desk.rang_us = now_us;
	if (strcmp(bell, "audible") == 0) {
		canvas_curses_bell(s->curses, true);
	} else {
		s->desk.ringing = true;
		loop_timer_start(s->loop, s->desk.ring_timer, RING_US, 0);
	}
	stage_wants_draw(s);
}

void
stage_desk_news(struct stage_curses *s, const struct bus_event *ev)
{
	if (ev->kind == EV_ALARM)
		ring(s);
	else if (ev->kind == EV_SETTING_CHANGED && ev->text != NULL && strcmp(ev->text, "mouse") == 0)
		set_mouse(s, opt_int(s->settings, "mouse") != 0);
}

/* ---- the prompt's help ---- */

static void
candidate(char *out, size_t out_size, const char *word)
{
	if (str_cells(word) <= CANDIDATE_CELLS) {
		str_copy(out, out_size, word);
		return;
	}
	str_cut(out, out_size - strlen("…"), word, CANDIDATE_CELLS - 1);
	str_copy(out + strlen(out), out_size - strlen(out), "…");
}

static void
say_candidates(struct stage_curses *s, const struct complete *c)
{
	char word[4 * CANDIDATE_CELLS + 8];
	size_t len = 0;

	s->desk.hint[0] = '\0';
	for (int i = 0; i < c->count; i++) {
		candidate(word, sizeof word, c->words[i]);
		if (len + strlen(word) + 8 > sizeof s->desk.hint) {
			snprintf(s->desk.hint + len, sizeof s->desk.hint - len, "  …");
			break;
		}
		len += (size_t)snprintf(s->desk.hint + len, sizeof s->desk.hint - len, "%s%s", i > 0 ? "  " : "", word);
	}
	if (c->count == 0)
		snprintf(s->desk.hint, sizeof s->desk.hint, c->usage != NULL ? "%s" : "nothing begins so%s", c->usage != NULL ? c->usage : "");
}

/* Built in, then the user's own. */
static const char **
key_sets(char **own)
{
	size_t count = 0, at = 0;
	const char **names;

	while (own[count] != NULL)
		count++;
	names = xcalloc(count + 8, sizeof *names);
	for (int i = 0; i < 7 && keymap_builtin_name(i) != NULL; i++)
		names[at++] = keymap_builtin_name(i);
	for (size_t i = 0; i < count; i++)
		names[at++] = own[i];
	return names;
}

static void
complete(struct stage_curses *s, struct complete *c, const char *const *files)
{
	char **themes = livefile_names(s->themes_dir), **own = livefile_names(s->desk.keys_dir);
	const char **sets = key_sets(own);
	const char *orders[32] = { NULL }, *hooks[COMPLETE_WORDS + 1] = { NULL };
	const struct complete_world world = { .show = s->show, .themes = (const char *const *)themes, .key_sets = sets, .orders = orders,
		.hooks = hooks, .files = files };

	for (int i = 0; i < 31 && view_health_sort_at(i) != NULL; i++)
		orders[i] = view_health_sort_at(i);
	for (int i = 0; i < COMPLETE_WORDS && shower_hook(s->shower, i) != NULL; i++)
		hooks[i] = shower_hook(s->shower, i);

	complete_word(c, prompt_text(s->prompt), prompt_cursor(s->prompt), &world);
	free(sets);
	livefile_names_free(themes);
	livefile_names_free(own);
}

static void
complete_with(struct stage_curses *s, const char *const *files)
{
	struct complete *c = xcalloc(1, sizeof *c);
	char text[COMPLETE_BYTES + 1];

	complete(s, c, files);
	s->desk.tabs++;
	if (c->count > 0 && (c->is_whole || strlen(c->common) > prompt_cursor(s->prompt) - c->from)) {
		snprintf(text, sizeof text, "%s%s", c->common, c->is_whole ? " " : "");
		prompt_replace(s->prompt, c->from, text);
		s->desk.tabs = c->is_whole ? 0 : s->desk.tabs;
		s->desk.hint[0] = '\0';
	} else if (s->desk.tabs > 1 || c->count == 0)
		say_candidates(s, c);
	free(c);
}

/* The names have been read; whoever typed on meanwhile asks again. */
static void
on_files(void *arg, const char *const *paths)
{
	struct stage_curses *s = arg;
	char word[COMPLETE_BYTES];

	s->desk.files = NULL;
	if (!s->prompt_open || !complete_wants_files(prompt_text(s->prompt), prompt_cursor(s->prompt), word) || strcmp(word, s->desk.files_word) != 0)
		return;
	complete_with(s, paths);
	stage_wants_draw(s);
}

void
stage_desk_complete(struct stage_curses *s)
{
	char word[COMPLETE_BYTES];

	if (!complete_wants_files(prompt_text(s->prompt), prompt_cursor(s->prompt), word)) {
		complete_with(s, NULL);
		return;
	}
	filelist_drop(s->desk.files);
	str_copy(s->desk.files_word, sizeof s->desk.files_word, word);
	s->desk.files = filelist_ask(s->loop, word, on_files, s);
}

void
stage_desk_remember(struct stage_curses *s, const char *line)
{
	history_add(s->loop, s->desk.history, line);
}

static void
remember_old(void *arg, const char *line)
{
	prompt_remember(arg, line);
}

/* ---- life ---- */

bool
stage_desk_open(struct stage_curses *s, const struct stage_curses_conf *conf, struct err *e)
{
	struct stage_desk *d = &s->desk;
	const char *theme = conf->theme != NULL ? conf->theme : "default", *keys = conf->keys != NULL ? conf->keys : "atem";

	d->theme_chosen = conf->theme != NULL;
	d->keys_dir = conf->keys_dir != NULL ? conf->keys_dir : "";
	d->history = conf->history != NULL ? conf->history : "";
	d->rang_us = d->click_us = INT64_MIN / 2;
	if (!theme_load(&s->theme, s->themes_dir, theme, d->theme_path, sizeof d->theme_path, e)) {
		/* A show without its colours is a show; --theme was looked at before the screen was opened. */
		theme_plain(&s->theme);
		d->theme_path[0] = '\0';
		snprintf(d->theme_trouble, sizeof d->theme_trouble, "no colours: %.210s", e->text);
		*e = (struct err){ .kind = ERR_NONE };
	}
	d->map = keyfile_load(d->keys_dir, keys, &d->own_map, d->keys_path, sizeof d->keys_path, e);
	return d->map != NULL;
}

void
stage_desk_begin(struct stage_curses *s)
{
	s->desk.layout = s->view;
	s->desk.ring_timer = loop_timer_new(s->loop, on_ring_over, s);
	keys_set_map(s->keys, s->desk.map);
	watch_theme(s);
	watch_keys(s);
	history_load(s->desk.history, remember_old, s->prompt);
	if (opt_int(s->settings, "mouse") != 0)
		set_mouse(s, true);
	if (s->desk.theme_trouble[0] != '\0') {
		stage_says(s, ROLE_WARN, s->desk.theme_trouble);
		bus_tell(s->bus, EV_NOTICE, NULL, "%s", s->desk.theme_trouble);
	}
}

void
stage_desk_close(struct stage_curses *s)
{
	if (s->desk.mouse_on)
		set_mouse(s, false);
	filelist_drop(s->desk.files);
	loop_timer_free(s->loop, s->desk.ring_timer);
	livefile_close(s->desk.theme_file);
	livefile_close(s->desk.keys_file);
	keymap_free(s->desk.own_map);
}

void
stage_desk_frame(const struct stage_curses *s, struct view_frame *f)
{
	const struct stage_desk *d = &s->desk;

	f->keymap = d->map;
	f->per_page = d->per_page;
	f->ringing = d->ringing;
	f->caps_lock = keys_has_caps(s->keys);
	str_copy(f->focus, sizeof f->focus, d->focus);
	str_copy(f->sort, sizeof f->sort, d->sort);
	str_copy(f->filter_node, sizeof f->filter_node, d->filter_node);
	str_copy(f->filter_topic, sizeof f->filter_topic, d->filter_topic);
	if (s->prompt_open && d->hint[0] != '\0') {
		str_copy(f->reply, sizeof f->reply, d->hint);
		f->reply_role = ROLE_DIM;
	}
}

void
stage_desk_rest(struct stage_curses *s)
{
	if (s->desk.mouse_on)
		tty_send(s->tty, MOUSE_OFF, strlen(MOUSE_OFF));
}

void
stage_desk_again(struct stage_curses *s)
{
	if (s->desk.mouse_on)
		set_mouse(s, true);
}
