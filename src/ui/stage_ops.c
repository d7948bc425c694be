/*
 * stage_ops.c - what commands may ask of the screen: views, layouts, colours, keys, the lock.
 * Owns nothing of its own; all state is the screen's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "domain/event.h"
#include "ui/stage_private.h"
#include "ui/view_health.h"

/* Is the word one of "a|b|c"? */
static bool
is_in(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; len > 0 && p != NULL; p = strchr(p, '|') != NULL ? strchr(p, '|') + 1 : NULL)
		if (strncmp(p, word, len) == 0 && (p[len] == '|' || p[len] == '\0'))
			return true;
	return false;
}

static const char *
node_called(const struct show *show, const char *word)
{
	char number[16];

	for (int i = 0; i < show->tile_count; i++) {
		snprintf(number, sizeof number, "%d", show->tiles[i].number);
		if (strcmp(number, word) == 0 || str_equal_nocase(show->tiles[i].name, word) || strcmp(show->tiles[i].id, word) == 0)
			return show->tiles[i].id;
	}
	return NULL;
}

static bool
is_topic(const struct show *show, const char *word)
{
	enum event_kind kind;

	for (int i = 0; i < show->log_count; i++)
		if (strcmp(show->log[i].topic, word) == 0)
			return true;
	return event_parse_public(word, &kind);
}

/* The whole of it is a camera's name, or a topic, or a camera and then a topic. */
static bool
filter_log(struct stage_curses *s, const char *words, struct err *e)
{
	const char *blank = strrchr(words, ' '), *node = node_called(s->show, words), *topic = NULL;
	char head[MAX_NAME_BYTES];

	if (node == NULL && is_topic(s->show, words))
		topic = words;
	else if (node == NULL && blank != NULL && (size_t)(blank - words) < sizeof head) {
		memcpy(head, words, (size_t)(blank - words));
		head[blank - words] = '\0';
		node = node_called(s->show, head);
		topic = blank + 1;
	}
	if (words[0] != '\0' && ((node == NULL && topic == NULL) || (topic != NULL && !is_topic(s->show, topic)) || (blank != NULL && node == NULL)))
		return err_set(e, ERR_USAGE, "view log: expected a camera, an event such as cut or node-lost, or both; there is no \"%.60s\"", words);
	str_copy(s->desk.filter_node, sizeof s->desk.filter_node, node != NULL ? node : "");
	str_copy(s->desk.filter_topic, sizeof s->desk.filter_topic, topic != NULL ? topic : "");
	return true;
}

static bool
sort_health(struct stage_curses *s, const char *words, struct err *e)
{
	char names[160] = "";
	bool is_one = words[0] == '\0';

	for (int i = 0; view_health_sort_at(i) != NULL; i++) {
		is_one = is_one || strcmp(view_health_sort_at(i), words) == 0;
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i > 0 ? ", " : "", view_health_sort_at(i));
	}
	if (!is_one)
		return err_set(e, ERR_USAGE, "view health: \"%.40s\" is no order; expected one of %s", words, names);
	str_copy(s->desk.sort, sizeof s->desk.sort, words);
	return true;
}

static bool
op_view(void *arg, const char *name, const char *words, struct err *e)
{
	struct stage_curses *s = arg;
	const struct view_ops *view = strcmp(name, "sheet") == 0 ? s->desk.layout : view_find(name);

	if (view == NULL || (layout_find(name) != NULL && strcmp(name, "sheet") != 0))
		return err_set(e, ERR_USAGE, "no view \"%.40s\" here; expected sheet, health, arm, takes, mesh, log or help", name);
	if (strcmp(name, "health") == 0 && !sort_health(s, words, e))
		return false;
	if (strcmp(name, "log") == 0 && !filter_log(s, words, e))
		return false;
	if (words[0] != '\0' && strcmp(name, "health") != 0 && strcmp(name, "log") != 0)
		return err_set(e, ERR_USAGE, "view %s: expected nothing more", name);
	s->view = view;
	s->page = s->scroll = 0;
	s->help_command[0] = '\0';
	stage_wants_draw(s);
	return true;
}

/* "sheet", "sheet 9", "single" */
static bool
op_layout(void *arg, const char *words, struct err *e)
{
	struct stage_curses *s = arg;
	char name[32];
	const char *count = strchr(words, ' ');
	const struct view_ops *layout;
	int64_t tiles = 0;

	snprintf(name, sizeof name, "%.*s", (int)strcspn(words, " "), words);
	if ((layout = layout_find(name)) == NULL)
		return err_set(e, ERR_USAGE, "there is no layout \"%s\"; expected sheet, switch, quad or single", name);
	if (count != NULL && (strcmp(name, "sheet") != 0 || !is_in("1|4|9|16|25", count + 1)))
		return err_set(e, ERR_USAGE, "layout %s: expected %s", name,
		    strcmp(name, "sheet") == 0 ? "1, 4, 9, 16 or 25 cameras a page, or nothing: as many as fit" : "nothing more");
	if (count != NULL)
		(void)str_int(count + 1, 1, 25, &tiles);
	s->desk.per_page = (int)tiles;
	s->desk.layout = layout;
	stage_go_layout(s);
	stage_wants_draw(s);
	return true;
}

static bool
op_theme(void *arg, const char *name, struct err *e)
{
	return stage_desk_theme(arg, name, e);
}

static bool
op_graphics(void *arg, const char *name, struct err *e)
{
	return stage_set_graphics(arg, name, e);
}

static bool
op_keys(void *arg, const char *name, struct err *e)
{
	return stage_desk_keys(arg, name, e);
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

static bool
has_terminal(const struct stage_curses *s, struct err *e)
{
	return !s->terminal_gone || err_set(e, ERR_REFUSED, "the terminal is gone: the console runs without a screen");
}

static bool
op_key(void *arg, const char *key, struct err *e)
{
	struct stage_curses *s = arg;
	struct input_event ev = { .kind = INPUT_KEY, .is_first = true, .is_last = true };
	uint32_t cp;

	if (!has_terminal(s, e))
		return false;
	str_copy(ev.key, sizeof ev.key, key);
	if (strcmp(key, "space") == 0)
		str_copy(ev.text, sizeof ev.text, " ");
	else if (str_next(key, strlen(key), &cp) == strlen(key))
		str_copy(ev.text, sizeof ev.text, key);
	stage_pressed(s, &ev);
	return true;
}

static char *
op_screen(void *arg, struct err *e)
{
	const struct stage_curses *s = arg;
	const size_t row_bytes = (size_t)s->canvas.cols * CANVAS_CELL_BYTES + 1;
	char *text, *row;
	size_t len = 0;

	if (!has_terminal(s, e))
		return NULL;
	text = xcalloc((size_t)s->canvas.rows + 1, row_bytes + 1);
	row = xcalloc(1, row_bytes);
	for (int i = 0; i < s->canvas.rows; i++) {
		canvas_row_text(&s->canvas, i, row, row_bytes);
		len += (size_t)snprintf(text + len, row_bytes + 1, "%s\n", row);
	}
	free(row);
	return text;
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
		.arg = s, .view = op_view, .layout = op_layout, .theme = op_theme, .graphics = op_graphics, .keys = op_keys,
		.lock = op_lock, .help = op_help, .seen = op_seen, .key = op_key, .screen = op_screen, .quit = op_quit,
	};
}
