/*
 * view_help.c - the keys of the present set, then all commands; or one command, and the options with `set`.  Owns nothing: all
 * are tables that the keymap, the commands and the settings print.
 */
#include <stdio.h>
#include <string.h>

#include "app/cmd_help.h"
#include "app/keymap.h"
#include "app/settings.h"
#include "base/str.h"
#include "ui/pen.h"
#include "ui/view.h"

#define KEY_CELLS 12
#define USAGE_CELLS 44
#define WIDE_COLS 110

/* What it is on the left, what it does beside it, or beneath where the left is too long. */
static void
draw_line(struct pen *p, enum theme_role role, const char *left, int left_cells, const char *text)
{
	pen_fold_here(p, 1, role, left);
	if (str_cells(left) > left_cells)
		p->at++;
	pen_fold(p, 2 + left_cells, ROLE_HELP, text);
}

static void
draw_keys(struct pen *p, const struct keymap *map)
{
	draw_line(p, ROLE_HEAD, "KEYS", KEY_CELLS, "? or Esc: back to the pictures; page-down: more");
	for (int i = 0; i < keymap_count(map); i++) {
		const struct keymap_entry *e = keymap_at(map, i);
		char key[64];

		keymap_key_words(key, sizeof key, e->key);
		draw_line(p, ROLE_KEY, strcmp(e->key, "1") == 0 ? "1-9 0" : key, KEY_CELLS, e->help);
	}
}

static void
draw_commands(struct pen *p, const char *only)
{
	const struct cmd_help *cmd;

	draw_line(p, ROLE_HEAD, "COMMANDS", KEY_CELLS, "typed after `:`; -t TARGETS names cameras: all, 2, left, @guest, -top");
	for (int i = 0; (cmd = cmd_help_at(i)) != NULL; i++)
		if (only == NULL || strcmp(only, cmd->name) == 0)
			draw_line(p, ROLE_KEY, cmd->usage, p->cols >= WIDE_COLS ? USAGE_CELLS : KEY_CELLS, cmd->help);
}

/* Each option with its value, for `set`. */
static void
draw_settings(struct pen *p, const struct opt_set *settings)
{
	char text[160];

	draw_line(p, ROLE_HEAD, "OPTIONS", KEY_CELLS, "`set OPTION VALUE` changes one; Esc: back; page-down: more");
	for (const struct opt_def *def = settings_table; def->name != NULL; def++) {
		const char *value = settings != NULL ? opt_text(settings, def->name) : def->def;

		snprintf(text, sizeof text, "%s %.100s", def->name, value[0] != '\0' ? value : "\"\"");
		draw_line(p, ROLE_KEY, text, p->cols >= WIDE_COLS ? USAGE_CELLS : KEY_CELLS, def->text);
	}
}

static void
draw_all(struct pen *p, const struct view_frame *f)
{
	if (f->help_command == NULL && f->keymap != NULL) {
		draw_keys(p, f->keymap);
		p->at++;
	}
	if (f->help_command != NULL && strcmp(f->help_command, "set") == 0) {
		draw_settings(p, f->settings);
		p->at++;
	}
	draw_commands(p, f->help_command);
}

static void
help_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	struct pen p = { c, c->cols, top, bottom, 0, f->scroll };

	draw_all(&p, f);
}

static int
help_lines(const struct view_frame *f, int cols)
{
	struct pen p = { NULL, cols, 0, 0, 0, 0 };

	draw_all(&p, f);
	return p.at;
}

const struct view_ops view_help = { .name = "help", .draw = help_draw, .lines = help_lines };
