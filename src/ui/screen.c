/*
 * screen.c - the rows around every view: header, alarms, NEXT, LAST, prompt, keys.  Owns nothing; draws a snapshot.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/keymap.h"
#include "base/str.h"
#include "ui/gauge.h"
#include "ui/view.h"

#define ALARM_TAIL 17			/* " [a] seen 12/12" */

/* How many rows each part has, by the height of the terminal. */
struct rows { int header, rule, alarms, next, last, desk; };

static struct rows
plan_rows(int rows)
{
	if (rows >= 36)
		return (struct rows){ 2, 1, 2, 1, 1, 1 };
	if (rows >= 20)
		return (struct rows){ 2, 0, 1, 1, 1, 0 };
	if (rows >= 10)
		return (struct rows){ 2, 0, 1, 1, 1, 0 };
	return (struct rows){ 1, 0, 1, 0, 0, 0 };
}

/* On a tiny screen the keys stand in the prompt row while it is free. */
static int
has_key_row(int rows)
{
	return rows >= 14;
}

struct line { struct canvas *c; int row, col, end; };

/* Adds a word group to a header line where it fits; two blanks between groups. */
static void
add(struct line *l, enum theme_role role, const char *text)
{
	int cells = str_cells(text);

	if (text[0] == '\0' || l->col + cells > l->end)
		return;
	l->col += canvas_put(l->c, l->row, l->col, cells, role, text) + 2;
}

static void
wall_clock(char *out, size_t out_size, int64_t utc_us, bool seconds)
{
	time_t sec = (time_t)(utc_us / 1000000);
	struct tm tm;

	localtime_r(&sec, &tm);
	if (seconds)
		snprintf(out, out_size, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
	else
		snprintf(out, out_size, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

static void
take_words(char *out, size_t out_size, const struct show *s)
{
	char clock[24];

	str_clock(clock, sizeof clock, s->take_elapsed_us > 0 ? s->take_elapsed_us : 0);
	if (strlen(clock) == 5) {
		char longer[24];

		snprintf(longer, sizeof longer, "00:%.20s", clock);
		memcpy(clock, longer, sizeof clock);
	}
	if (s->starting)
		snprintf(out, out_size, "STARTING take %s", s->take);
	else if (s->rolling || s->stopping)
		snprintf(out, out_size, "%s %s  take %s", s->stopping ? "STOPPING" : "REC", clock, s->take);
	else if (s->take[0] != '\0')
		snprintf(out, out_size, "IDLE  last take %s", s->take);
	else
		snprintf(out, out_size, "IDLE");
}

/* Who rolls, who stopped, who is silent: words where there is room, else "3/4 !1 ?1". */
static void
head_counts(struct line *l, const struct show *s, bool is_narrow)
{
	char text[64];
	bool rolling = s->rolling || s->starting || s->stopping;

	if (rolling) {
		snprintf(text, sizeof text, is_narrow ? "%d/%d" : "rolling %d of %d", s->rolling_count, s->rolling_asked);
		add(l, s->rolling_count < s->rolling_asked ? ROLE_WARN : ROLE_TEXT, text);
	}
	if (s->stopped_count > 0) {
		snprintf(text, sizeof text, is_narrow ? "!%d" : "!%d stopped", s->stopped_count);
		add(l, ROLE_ALARM, text);
	}
	if (s->silent_count > 0) {
		snprintf(text, sizeof text, is_narrow ? "?%d" : "?%d silent", s->silent_count);
		add(l, ROLE_WARN, text);
	}
	if (s->alarm_total > 0 && !is_narrow) {
		snprintf(text, sizeof text, "%d alarm%s", s->alarm_total, s->alarm_total == 1 ? "" : "s");
		add(l, ROLE_ALARM, text);
	}
}

static void
head_session(struct line *l, const struct show *s)
{
	int room = l->c->cols < 100 ? 20 : 32;
	char text[200];

	room = room < l->end - l->col - 2 ? room : l->end - l->col - 2;
	str_cut(text, sizeof text, s->session, room > 0 ? room : 0);
	add(l, ROLE_HEAD, text);
}

static void
head_first(struct line *l, const struct show *s)
{
	char text[400], clock[16];
	bool rolling = s->rolling || s->starting || s->stopping, is_narrow = l->c->cols < 100, is_tiny = l->c->cols < 60;

	wall_clock(clock, sizeof clock, s->utc_us, !is_tiny);
	canvas_put_right(l->c, l->row, l->c->cols - 1, (int)strlen(clock), ROLE_HEAD, clock);
	l->end = l->c->cols - 2 - (int)strlen(clock);
	if (!is_tiny)
		head_session(l, s);
	add(l, s->rehearsal ? ROLE_REHEARSAL : ROLE_LIVE, s->rehearsal ? is_tiny ? "REH" : "REHEARSAL" : "LIVE");
	take_words(text, sizeof text, s);
	add(l, rolling ? ROLE_REC : ROLE_DIM, text);
	head_counts(l, s, is_narrow);
	if (is_tiny)
		head_session(l, s);
	if (rolling && s->slate[0] != '\0') {
		snprintf(text, sizeof text, "slate %s", s->slate);
		add(l, ROLE_TEXT, text);
	}
}

static const struct show_tile *
tile_of(const struct show *s, const char *id)
{
	for (int i = 0; i < s->tile_count && id[0] != '\0'; i++)
		if (strcmp(s->tiles[i].id, id) == 0)
			return &s->tiles[i];
	return NULL;
}

static void
head_bus(struct line *l, const char *word, const struct show_tile *t, enum theme_role role, const char *clock)
{
	char text[400], name[MAX_NAME_BYTES];

	str_cut(name, sizeof name, t != NULL ? t->name : "", l->c->cols < 60 ? 8 : l->c->cols < 100 ? 14 : 40);
	if (t == NULL)
		snprintf(text, sizeof text, "%s -", word);
	else
		snprintf(text, sizeof text, "%s %d %s%s%s", word, t->number, name, clock[0] != '\0' ? " " : "", clock);
	add(l, t != NULL ? role : ROLE_DIM, text);
}

static void
head_second(struct line *l, const struct view_frame *f)
{
	const struct show *s = f->show;
	char text[400], clock[24] = "";

	if (s->shot_us >= 0 && l->c->cols >= 60)
		str_clock(clock, sizeof clock, s->shot_us);
	head_bus(l, "PGM", tile_of(s, s->program), ROLE_PROGRAM, clock);
	head_bus(l, "PVW", tile_of(s, s->preview), ROLE_PREVIEW, "");
	if (l->c->rows < 36)
		add(l, f->hot ? ROLE_ALARM : ROLE_DIM, f->hot ? "HOT ON" : "HOT off");
	if (f->locked)
		add(l, ROLE_WARN, l->c->cols < 100 ? "LOCKED" : "LOCKED (L L unlocks)");
	else if (l->c->rows < 36)
		add(l, ROLE_DIM, "lock off");
	if (s->tally_asked > 0) {
		snprintf(text, sizeof text, "tally %d/%d", s->tally_ok, s->tally_asked);
		add(l, s->tally_ok < s->tally_asked ? ROLE_WARN : ROLE_TEXT, text);
	}
	if (s->left_minutes >= 0) {
		bool hours = s->left_minutes >= 600;

		snprintf(text, sizeof text, "left %d %s (%s)", hours ? s->left_minutes / 60 : s->left_minutes, hours ? "h" : "min",
		    s->left_name);
		add(l, s->left_minutes < 10 ? ROLE_ALARM : ROLE_TEXT, text);
	}
}

/* "! 20:11:58  5 top STOPPED ...", and how many cells it takes. */
static int
alarm_text(char *out, size_t out_size, const struct show_alarm *a)
{
	char clock[16];

	wall_clock(clock, sizeof clock, a->utc_us, true);
	snprintf(out, out_size, "! %s  %s", clock, a->text);
	return str_cells(out);
}

/* Two alarms in two rows; one that needs both has both, for its cure stands at its end. */
int
screen_alarms_shown(const struct show *s, int rows, int cols)
{
	int room = plan_rows(rows).alarms, shown = s->alarm_count < room ? s->alarm_count : room;
	char text[MAX_TEXT_FIELD + 32];

	if (shown == 2 && alarm_text(text, sizeof text, &s->alarms[s->alarm_count - 1]) > cols - 2 - ALARM_TAIL)
		return 1;
	return shown;
}

/* Where to fold text that is longer than a row: behind the last blank that fits. */
static size_t
fold_at(const char *text, int cells)
{
	char cut[MAX_TEXT_FIELD + 32];
	const char *blank;

	str_cut(cut, sizeof cut, text, cells);
	blank = strlen(cut) < strlen(text) ? strrchr(cut, ' ') : NULL;
	return blank != NULL && blank > cut ? (size_t)(blank - cut) : strlen(cut);
}

static void
draw_alarms(struct canvas *c, const struct show *s, int row, int rows)
{
	int shown = screen_alarms_shown(s, c->rows, c->cols), room = c->cols - 2 - ALARM_TAIL;

	for (int i = 0; i < shown; i++) {
		const struct show_alarm *a = &s->alarms[s->alarm_count - shown + i];
		enum theme_role role = a->over ? ROLE_WARN : ROLE_ALARM;
		char text[MAX_TEXT_FIELD + 32], tail[40];
		int cells = alarm_text(text, sizeof text, a);
		size_t first = shown < rows && cells > room ? fold_at(text, room) : strlen(text);

		canvas_putf(c, row + i, 1, room, role, "%.*s", (int)first, text);
		if (first < strlen(text))
			canvas_put(c, row + i + 1, 3, c->cols - 4, role, text + first);
		snprintf(tail, sizeof tail, " [a] seen %d/%d", s->alarm_total - shown + i + 1, s->alarm_total);
		canvas_put_right(c, row + i, c->cols - 1, ALARM_TAIL, role, tail);
	}
}

static void
draw_desk(struct canvas *c, const struct view_frame *f, int row)
{
	struct line l = { c, row, 1, c->cols - 1 };
	char text[64];

	add(&l, f->hot ? ROLE_ALARM : ROLE_DIM, f->hot ? "HOT ON" : "HOT off");
	add(&l, f->locked ? ROLE_WARN : ROLE_DIM, f->locked ? "lock ON" : "lock off");
	snprintf(text, sizeof text, "bell %.20s", f->bell);
	add(&l, ROLE_DIM, text);
	add(&l, ROLE_DIM, "keys atem");
}

/* The prompt and the help are always named; the rest as far as there is room. */
static void
draw_keys(struct canvas *c, const struct keymap *map, int row)
{
	struct line l = { c, row, 1, c->cols - 1 };
	int needed = 0;

	for (int i = 0; i < keymap_count(map); i++) {
		const struct keymap_entry *e = keymap_at(map, i);

		if (e->words != NULL && e->guard == KEY_UI)
			needed += str_cells(e->words) + 2;
	}
	for (int i = 0; i < keymap_count(map); i++) {
		const struct keymap_entry *e = keymap_at(map, i);
		bool is_last = e->words != NULL && e->guard == KEY_UI;

		l.end = is_last ? c->cols - 1 : c->cols - 1 - needed;
		if (e->words != NULL)
			add(&l, ROLE_KEY, e->words);
	}
}

static void
draw_prompt(struct canvas *c, const struct view_frame *f, int row)
{
	if (f->prompt_cursor >= 0) {
		int at = canvas_put(c, row, 1, 1, ROLE_PROMPT, ":");

		canvas_put(c, row, 1 + at, c->cols - 2 - 16, ROLE_PROMPT, f->prompt);
		canvas_put_right(c, row, c->cols - 1, 14, ROLE_WARN, "KEYS TO PROMPT");
		c->cursor_row = row;
		c->cursor_col = 2 + f->prompt_cursor;
	} else
		canvas_put(c, row, 1, c->cols - 2, f->reply_role, f->reply);
}

static void
draw_labelled(struct canvas *c, int row, const char *label, enum theme_role role, const char *text)
{
	canvas_put(c, row, 1, 6, ROLE_DIM, label);
	canvas_put(c, row, 8, c->cols - 9, role, text);
}

void
screen_view_rows(int rows, int *top, int *bottom)
{
	struct rows r = plan_rows(rows);

	*top = r.header;
	*bottom = rows - 1 - has_key_row(rows) - r.desk - r.last - r.next - r.alarms - r.rule;
}

void
screen_draw(struct canvas *c, const struct view_ops *view, const struct view_frame *f)
{
	const struct show *s = f->show;
	struct rows r = plan_rows(c->rows);
	struct line first = { c, 0, 1, c->cols }, second = { c, 1, 1, c->cols - 1 };
	int row = c->rows - 1, top, bottom;

	head_first(&first, s);
	if (r.header > 1)
		head_second(&second, f);
	if (has_key_row(c->rows))
		draw_keys(c, f->keymap, row--);
	if (!has_key_row(c->rows) && f->prompt_cursor < 0 && f->reply[0] == '\0')
		draw_keys(c, f->keymap, row--);
	else
		draw_prompt(c, f, row--);
	if (r.desk)
		draw_desk(c, f, row--);
	if (r.last)
		draw_labelled(c, row--, "LAST", s->last_ok ? ROLE_LAST : ROLE_WARN, s->last);
	if (r.next)
		draw_labelled(c, row--, "NEXT", ROLE_NEXT, s->next[0] != '\0' ? s->next : "nothing pending");
	row -= r.alarms;
	draw_alarms(c, s, row + 1, r.alarms);
	if (r.rule)
		canvas_fill(c, row, 0, c->cols, ROLE_BORDER, "─");
	screen_view_rows(c->rows, &top, &bottom);
	view->draw(c, f, top, bottom);
}

const struct view_ops *
view_find(const char *name)
{
	static const struct view_ops *const views[] = { &view_sheet, &view_help, &view_health, &view_takes, &view_mesh, &view_log };

	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
		if (strcmp(views[i]->name, name) == 0)
			return views[i];
	return NULL;
}
