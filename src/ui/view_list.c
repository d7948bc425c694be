/*
 * view_list.c - the plain views: health, takes, log, help.  Each is rows of text with a scroll offset.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/cmd_help.h"
#include "app/keymap.h"
#include "base/str.h"
#include "ui/gauge.h"
#include "ui/view.h"

static void
put_title(struct canvas *c, int row, const char *title, const char *hint)
{
	int used = canvas_put(c, row, 1, c->cols - 2, ROLE_HEAD, title);

	canvas_put(c, row, 3 + used, c->cols - 4 - used, ROLE_DIM, hint);
}

static void
clock_of(char *out, size_t out_size, int64_t utc_us)
{
	time_t sec = (time_t)(utc_us / 1000000);
	struct tm tm;

	localtime_r(&sec, &tm);
	snprintf(out, out_size, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* ---- health ---- */

static void
health_row(struct canvas *c, int row, const struct show_tile *t)
{
	char state[80], bat[16], sto[16], age[24] = "", clk[24] = "", fps[16] = "", heard[24] = "";

	gauge_state(state, sizeof state, t);
	gauge_battery(bat, sizeof bat, t);
	gauge_storage(sto, sizeof sto, t);
	if (t->picture_age_us >= 0)
		gauge_age(age, sizeof age, t->picture_age_us);
	if (t->silent_us >= 0)
		gauge_age(heard, sizeof heard, t->silent_us);
	if (t->clock_bound_us >= 0)
		snprintf(clk, sizeof clk, "%.1fms", (double)t->clock_bound_us / 1000.0);
	if (t->fps > 0)
		snprintf(fps, sizeof fps, "%.1f", t->fps);
	canvas_putf(c, row, 1, 3, gauge_edge_role(t), "%2d", t->number);
	canvas_put(c, row, 4, 16, gauge_edge_role(t) == ROLE_BORDER ? ROLE_TEXT : gauge_edge_role(t), t->name);
	canvas_put(c, row, 21, 18, gauge_state_role(t), state);
	canvas_putf(c, row, 40, c->cols - 41, ROLE_TEXT, "%5s %6s %5s %7s %6s %7s %-9s %s", bat, sto, fps, age, heard, clk,
	    t->path, t->address);
}

static void
health_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	int row = top;

	put_title(c, row++, "HEALTH", "Esc back to the pictures");
	canvas_putf(c, row++, 1, c->cols - 2, ROLE_DIM, "%2s %-16s %-18s %5s %6s %5s %7s %6s %7s %-9s %s", "#", "label", "state",
	    "bat", "sto", "fps", "picture", "heard", "clock", "path", "address");
	for (int i = f->scroll; i < f->show->tile_count && row < bottom; i++) {
		const struct show_tile *t = &f->show->tiles[i];

		health_row(c, row++, t);
		if (t->why[0] != '\0' && row < bottom)
			canvas_put(c, row++, 21, c->cols - 22, ROLE_WARN, t->why);
	}
	int skip = f->scroll > f->show->tile_count ? f->scroll - f->show->tile_count : 0;
	for (int i = skip; i < f->show->stranger_count && row < bottom; i++)
		canvas_putf(c, row++, 2, c->cols - 3, ROLE_WARN, "- %s", f->show->strangers[i]);
}

static int
health_lines(const struct view_frame *f, int cols)
{
	(void)cols;
	return f->show->tile_count + f->show->stranger_count + 2;
}

/* ---- takes ---- */

static void
takes_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	int row = top;

	put_title(c, row++, "TAKES", "newest first");
	canvas_putf(c, row++, 1, c->cols - 2, ROLE_DIM, "%-5s %-16s %-9s %-8s %s", "take", "slate", "started", "length",
	    "asked rolling recorded saved failed");
	for (int i = f->scroll; i < f->show->take_count && row < bottom; i++) {
		const struct show_take *t = &f->show->takes[i];
		char clock[16] = "", length[24] = "";

		if (t->started_us > 0)
			clock_of(clock, sizeof clock, t->started_us);
		if (t->started_us > 0)
			str_clock(length, sizeof length, (t->stopped_us > 0 ? t->stopped_us : f->show->utc_us) - t->started_us);
		canvas_putf(c, row++, 1, c->cols - 2, t->failed > 0 ? ROLE_ALARM : t->recording > 0 ? ROLE_REC : ROLE_TEXT,
		    "%-5s %-16.16s %-9s %-8s %5d %7d %8d %5d %6d", t->take, t->slate, clock, length, t->asked, t->recording,
		    t->recorded, t->saved, t->failed);
	}
	if (f->show->take_count == 0)
		canvas_put(c, row, 1, c->cols - 2, ROLE_TEXT, "no take yet: Ctrl-R twice rolls all cameras");
}

static int
takes_lines(const struct view_frame *f, int cols)
{
	(void)cols;
	return f->show->take_count + 2;
}

/* ---- log ---- */

static void
log_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	int rows = bottom - top - 1, row = top;
	int first = f->show->log_count - rows - f->scroll;

	put_title(c, row++, "LOG", "newest last; page-up scrolls back");
	for (int i = first < 0 ? 0 : first; i < f->show->log_count - f->scroll && row < bottom; i++) {
		char clock[16];

		clock_of(clock, sizeof clock, f->show->log[i].utc_us);
		canvas_putf(c, row++, 1, c->cols - 2, ROLE_TEXT, "%s  %s", clock, f->show->log[i].text);
	}
}

static int
log_lines(const struct view_frame *f, int cols)
{
	(void)cols;
	return f->show->log_count;
}

/* ---- help ---- */

/* Line number `at` of the help text goes to its row, if it is within the view. */
struct helper { struct canvas *c; int cols, top, bottom, at, scroll; };

static void
help_put(struct helper *h, int col, enum theme_role role, const char *text, size_t len)
{
	int row = h->top + h->at - h->scroll;

	if (h->c != NULL && row >= h->top && row < h->bottom)
		canvas_putf(h->c, row, col, h->cols - col - 1, role, "%.*s", (int)len, text);
}

/* Text folded at blanks between col and the border; ends on its last line. */
static void
help_fold(struct helper *h, int col, enum theme_role role, const char *text)
{
	int room = h->cols - col - 1;

	while (str_cells(text) > room && room > 8) {
		char cut[400];
		const char *blank;
		size_t len;

		str_cut(cut, sizeof cut, text, room);
		blank = strrchr(cut, ' ');
		len = blank != NULL && blank > cut ? (size_t)(blank - cut) : strlen(cut);
		help_put(h, col, role, text, len);
		h->at++;
		text += len;
		text += *text == ' ';
	}
	help_put(h, col, role, text, strlen(text));
}

/* What it is on the left, what it does beside it, or beneath where the left is too long. */
static void
help_line(struct helper *h, enum theme_role role, const char *left, int left_cells, const char *text)
{
	help_fold(h, 1, role, left);
	if (str_cells(left) > left_cells)
		h->at++;
	help_fold(h, 2 + left_cells, ROLE_HELP, text);
	h->at++;
}

static void
help_keys(struct helper *h, const struct keymap *map)
{
	help_line(h, ROLE_HEAD, "KEYS", 12, "? or Esc: back to the pictures; page-down: more");
	for (int i = 0; i < keymap_count(map); i++) {
		const struct keymap_entry *e = keymap_at(map, i);
		/* 2..0 do as 1 says. */
		bool twin = e->key[1] == '\0' && e->key[0] >= '0' && e->key[0] <= '9' && e->key[0] != '1';

		if (!twin)
			help_line(h, ROLE_KEY, e->key[0] == '1' ? "1-9 0" : e->key, 12, e->help);
	}
}

static void
help_commands(struct helper *h, const char *only)
{
	const struct cmd_help *cmd;

	help_line(h, ROLE_HEAD, "COMMANDS", 12, "typed after `:`; -t TARGETS names cameras: all, 2, left, @guest, -top");
	for (int i = 0; (cmd = cmd_help_at(i)) != NULL; i++) {
		if (only != NULL && strcmp(only, cmd->name) != 0)
			continue;
		help_line(h, ROLE_KEY, cmd->usage, h->cols >= 110 ? 44 : 12, cmd->help);
	}
}

static void
help_all(struct helper *h, const struct view_frame *f)
{
	if (f->help_command == NULL) {
		help_keys(h, f->keymap);
		help_line(h, ROLE_TEXT, "", 1, "");
	}
	help_commands(h, f->help_command);
}

static void
help_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	struct helper h = { c, c->cols, top, bottom, 0, f->scroll };

	help_all(&h, f);
}

static int
help_lines(const struct view_frame *f, int cols)
{
	struct helper h = { NULL, cols, 0, 0, 0, 0 };

	help_all(&h, f);
	return h.at;
}

const struct view_ops view_health = { .name = "health", .draw = health_draw, .lines = health_lines };
const struct view_ops view_takes = { .name = "takes", .draw = takes_draw, .lines = takes_lines };
const struct view_ops view_log = { .name = "log", .draw = log_draw, .lines = log_lines };
const struct view_ops view_help = { .name = "help", .draw = help_draw, .lines = help_lines };
