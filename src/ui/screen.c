/*
 * screen.c - the rows around every view: header, alarms, NEXT, LAST, prompt, keys; a rehearsal's frame.  Owns nothing;
 * draws a snapshot.
 */
#include <stdio.h>
#include <string.h>

#include "app/keymap.h"
#include "base/str.h"
#include "ui/gauge.h"
#include "ui/view.h"

#define SECOND_US INT64_C(1000000)

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

/* The left column stays free where there is room for it. */
static int
margin_of(const struct canvas *c)
{
	return c->cols >= 100;
}

/* A row of word groups: where the next one goes, and what a plain word is drawn in. */
struct line { struct canvas *c; int row, col, end, gap; bool is_band; };

/* In a band only what is not well keeps a colour of its own. */
static enum theme_role
band_role(const struct line *l, enum theme_role role)
{
	const bool is_loud = role == ROLE_REC || role == ROLE_WARN || role == ROLE_ALARM || role == ROLE_PROGRAM || role == ROLE_PREVIEW;

	return l->is_band && !is_loud ? ROLE_REHEARSAL : role;
}

/* Adds a word group where it fits. */
static void
add(struct line *l, enum theme_role role, const char *text)
{
	int cells = str_cells(text);

	if (text[0] == '\0' || l->col + cells > l->end)
		return;
	l->col += canvas_put(l->c, l->row, l->col, cells, band_role(l, role), text) + l->gap;
}

static void
add_right(struct line *l, enum theme_role role, const char *text)
{
	const int cells = str_cells(text);

	if (text[0] == '\0' || l->col + cells > l->end)
		return;
	canvas_put_right(l->c, l->row, l->end, cells, band_role(l, role), text);
	l->end -= cells + l->gap;
}

/* ---- header ---- */

static void
take_words(char *out, size_t out_size, const struct show *s, int cols)
{
	const bool is_narrow = cols < 100;
	const char *gap = is_narrow ? " " : "  ", *take = cols < 60 ? "" : "take ";
	char clock[24], longer[32];

	str_clock(clock, sizeof clock, s->take_elapsed_us > 0 ? s->take_elapsed_us : 0);
	snprintf(longer, sizeof longer, "%s%s", strlen(clock) == 5 ? "00:" : "", clock);
	if (s->starting)
		snprintf(out, out_size, "STARTING%s%s%s", gap, take, s->take);
	else if (s->rolling || s->stopping)
		snprintf(out, out_size, "%s %s%s%s%s", s->stopping ? "STOPPING" : "REC", longer, gap, take, s->take);
	else if (s->take[0] != '\0')
		snprintf(out, out_size, "IDLE%slast take %s", gap, s->take);
	else
		snprintf(out, out_size, "IDLE");
	if ((s->rolling || s->starting || s->stopping) && s->slate[0] != '\0' && !is_narrow) {
		const size_t len = strlen(out);

		snprintf(out + len, out_size - len, " slate %s", s->slate);
	}
}

/* Who rolls, who stopped, who is silent: words where there is room, else "3/4 !1 ?1". */
static void
head_counts(struct line *l, const struct show *s, bool is_narrow)
{
	char text[64];

	if (s->rolling || s->starting || s->stopping) {
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

	room = room < l->end - l->col ? room : l->end - l->col;
	if (room > 3 && s->session[0] != '\0')
		l->col += canvas_put_cut(l->c, l->row, l->col, room, band_role(l, ROLE_HEAD), s->session) + l->gap;
}

static void
head_first(struct line *l, const struct show *s)
{
	char text[400], clock[16];
	const bool is_narrow = l->c->cols < 100, is_tiny = l->c->cols < 60;

	if (l->is_band)
		canvas_fill(l->c, l->row, 0, l->c->cols, ROLE_REHEARSAL, " ");
	gauge_wall_clock(clock, sizeof clock, s->utc_us, !s->idle);
	add_right(l, ROLE_HEAD, clock);
	if (!is_tiny)
		head_session(l, s);
	add(l, s->rehearsal ? ROLE_REHEARSAL : ROLE_LIVE, s->rehearsal ? is_tiny ? "REH" : "REHEARSAL" : "LIVE");
	take_words(text, sizeof text, s, l->c->cols);
	add(l, s->rolling || s->starting || s->stopping ? ROLE_REC : ROLE_DIM, text);
	head_counts(l, s, is_narrow);
	if (is_tiny)
		head_session(l, s);
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
head_bus(struct line *l, const char *word, const struct show_tile *t, enum theme_role role, int64_t shot_us)
{
	const int cells = l->c->cols < 60 ? 6 : l->c->cols < 100 ? 11 : 40;
	char text[MAX_NAME_BYTES + 64], name[MAX_NAME_BYTES], clock[24] = "";

	str_cut(name, sizeof name, t != NULL ? t->name : "", cells);
	for (size_t len = strlen(name); len > 0 && name[len - 1] == ' ';)
		name[--len] = '\0';
	if (shot_us >= 0 && l->c->cols >= 60)
		gauge_short_clock(clock, sizeof clock, shot_us);
	if (t == NULL)
		snprintf(text, sizeof text, "%s -", word);
	else
		snprintf(text, sizeof text, "%s %d %s%s%s", word, t->number, name, clock[0] != '\0' ? " " : "", clock);
	add(l, t != NULL ? role : ROLE_DIM, text);
}

static void
head_storage(struct line *l, const struct show *s, bool is_short)
{
	const bool hours = s->left_minutes >= 600;
	const int n = hours ? s->left_minutes / 60 : s->left_minutes;
	char text[MAX_NAME_BYTES + 48];

	if (s->left_minutes < 0)
		return;
	if (is_short)
		snprintf(text, sizeof text, "left %d%s%s(%.20s)", n, hours ? "h" : "m", l->c->cols < 60 ? "" : " ", s->left_name);
	else
		snprintf(text, sizeof text, "left %d %s (%.60s)", n, hours ? "h" : "min", s->left_name);
	add(l, s->left_minutes < 10 ? ROLE_ALARM : ROLE_TEXT, text);
}

static void
head_tally(struct line *l, const struct show *s)
{
	char text[48];

	if (s->tally_asked == 0)
		return;
	snprintf(text, sizeof text, "tally %d/%d", s->tally_ok, s->tally_asked);
	add(l, s->tally_ok < s->tally_asked ? ROLE_WARN : ROLE_TEXT, text);
}

/* What the keys would do now; on a large screen the desk row says it in words. */
static void
head_desk(struct line *l, const struct view_frame *f, bool has_desk)
{
	const bool is_tiny = l->c->cols < 60;

	if (f->caps_lock)
		add_right(l, ROLE_WARN, is_tiny ? "CAPS" : "CAPS LOCK");
	if (f->locked)
		add_right(l, ROLE_WARN, l->c->cols < 100 ? "LOCKED" : "LOCKED (L L unlocks)");
	else if (!has_desk && !is_tiny)
		add_right(l, ROLE_DIM, "lock off");
	if (f->hot)
		add_right(l, ROLE_ALARM, is_tiny ? "HOT" : "HOT ON");
	else if (!has_desk && !is_tiny)
		add_right(l, ROLE_DIM, "HOT off");
}

static void
head_second(struct line *l, const struct view_frame *f, bool has_desk, bool view_has_buses)
{
	const struct show *s = f->show;
	const bool is_narrow = l->c->cols < 100;

	head_desk(l, f, has_desk);
	if (!is_narrow || !view_has_buses) {
		head_bus(l, "PGM", tile_of(s, s->program), ROLE_PROGRAM, s->shot_us);
		head_bus(l, "PVW", tile_of(s, s->preview), ROLE_PREVIEW, -1);
		if (is_narrow)
			head_storage(l, s, true);
		head_tally(l, s);
	} else {
		head_tally(l, s);
	}
	if (!is_narrow || view_has_buses)
		head_storage(l, s, l->c->cols < 60);
}

/* A visual bell: the header stands out for a moment. */
static void
flash(struct canvas *c, int rows)
{
	for (int i = 0; i < rows * c->cols; i++)
		c->cell[i].role = ROLE_ALARM;
}

/* ---- alarms ---- */

/* " [a] seen 1/2" */
static int
alarm_tail(char *out, size_t out_size, const struct canvas *c, int n, int total)
{
	snprintf(out, out_size, c->cols >= 60 ? " [a] seen %d/%d" : " a %d/%d", n, total);
	return str_cells(out);
}

static int
alarm_room(int rows, int cols, int total)
{
	const struct canvas c = { .rows = rows, .cols = cols };
	char tail[40];

	return cols - 2 * margin_of(&c) - !margin_of(&c) - alarm_tail(tail, sizeof tail, &c, total, total);
}

/* "! 20:11:58  5 top STOPPED ...", and how many cells it takes. */
static int
alarm_text(char *out, size_t out_size, const struct show_alarm *a, const char *words, int cols)
{
	char clock[16];

	gauge_wall_clock(clock, sizeof clock, a->utc_us, cols >= 60);
	snprintf(out, out_size, "! %s%s%s", clock, cols >= 100 ? "  " : " ", words);
	return str_cells(out);
}

/* Two alarms in two rows; one that needs both has both, for its cure stands at its end. */
int
screen_alarms_shown(const struct show *s, int rows, int cols)
{
	int room = plan_rows(rows).alarms, shown = s->alarm_count < room ? s->alarm_count : room;
	char text[MAX_TEXT_FIELD + 32];
	const struct show_alarm *newest = &s->alarms[s->alarm_count > 0 ? s->alarm_count - 1 : 0];

	if (shown == 2 && newest->brief[0] == '\0' && alarm_text(text, sizeof text, newest, newest->text, cols) > alarm_room(rows, cols, s->alarm_total))
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

/* Too long: its middle goes, so that the cause's beginning and the cure, its last sentence, both stand. */
static void
cut_middle(char *out, size_t out_size, const char *text, int cells)
{
	const char *cure = NULL, *p = text;
	char head[MAX_TEXT_FIELD];
	int room;

	while ((p = strstr(p, ". ")) != NULL)
		cure = p += 2;
	if (cure == NULL || (room = cells - str_cells(cure) - 2) < 16) {
		cure = strstr(text, " :");
		room = cure != NULL ? cells - str_cells(++cure) - 2 : 0;
	}
	if (cure == NULL || room < 16) {
		str_copy(out, out_size, text);	/* no room for both: cut where it ends */
		return;
	}
	str_cut(head, sizeof head, text, room);
	snprintf(out, out_size, "%s… %s", head, cure);
}

static void
draw_alarm(struct canvas *c, const struct show *s, int row, int rows, int index)
{
	const struct show_alarm *a = &s->alarms[index];
	const int margin = margin_of(c), room = alarm_room(c->rows, c->cols, s->alarm_total), n = s->alarm_total - s->alarm_count + index + 1;
	enum theme_role role = a->over ? ROLE_WARN : ROLE_ALARM;
	char text[MAX_TEXT_FIELD + 32], words[MAX_TEXT_FIELD + 8], tail[40];
	int cells = alarm_text(text, sizeof text, a, a->text, c->cols);

	if (cells > room && rows > 1) {
		const size_t first = fold_at(text, room);

		canvas_put_cut(c, row + 1, margin + 2, c->cols - margin - 3, role, text + first + (text[first] == ' '));
		text[first] = '\0';
	} else if (cells > room) {
		cells -= str_cells(a->text);
		if (a->brief[0] != '\0')
			str_copy(words, sizeof words, a->brief);
		else
			cut_middle(words, sizeof words, a->text, room - cells);
		alarm_text(text, sizeof text, a, words, c->cols);
	}
	canvas_put_cut(c, row, margin, room, role, text);
	cells = alarm_tail(tail, sizeof tail, c, n, s->alarm_total);
	canvas_put_right(c, row, c->cols - 1, cells, role, tail);
}

static void
draw_alarms(struct canvas *c, const struct show *s, int row, int rows)
{
	const int shown = screen_alarms_shown(s, c->rows, c->cols);

	for (int i = 0; i < shown; i++)
		draw_alarm(c, s, row + i, rows - shown + 1, s->alarm_count - shown + i);
}

/* ---- below the alarms ---- */

static void
draw_desk(struct canvas *c, const struct view_frame *f, int row)
{
	struct line l = { c, row, margin_of(c), c->cols - 1, 2, false };
	char text[64];

	snprintf(text, sizeof text, "keys %.20s", keymap_name(f->keymap));
	add(&l, ROLE_DIM, text);
	add(&l, f->hot ? ROLE_ALARM : ROLE_DIM, f->hot ? "HOT ON" : "HOT off");
	add(&l, f->locked ? ROLE_WARN : ROLE_DIM, f->locked ? "lock ON" : "lock off");
	snprintf(text, sizeof text, "bell %.20s", f->bell);
	add(&l, ROLE_DIM, text);
}

/* The prompt and the help are always named; the rest as far as there is room. */
static void
draw_keys(struct canvas *c, const struct view_frame *f, int row, bool is_band)
{
	struct line l = { c, row, margin_of(c), c->cols - 1, 2, is_band };
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

		l.end = is_last ? c->cols - 1 : c->cols - 1 - needed;
		if (e->words != NULL)
			add(&l, ROLE_KEY, e->words);
	}
}

static void
draw_prompt(struct canvas *c, const struct view_frame *f, int row)
{
	const int margin = margin_of(c);

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
	const int margin = margin_of(c), at = margin + (margin ? 7 : 5), room = c->cols - at - 1;
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
		if (margin_of(c))
			canvas_put(c, y, 0, 1, ROLE_REHEARSAL, "/");
	}
}

/* ---- the whole ---- */

void
screen_view_rows(int rows, int *top, int *bottom)
{
	struct rows r = plan_rows(rows);

	*top = r.header;
	*bottom = rows - 1 - has_key_row(rows) - r.desk - r.last - r.next - r.alarms - r.rule;
}

static void
draw_header(struct canvas *c, const struct view_ops *view, const struct view_frame *f, const struct rows *r)
{
	const int margin = margin_of(c), gap = c->cols < 60 ? 1 : 2;
	struct line first = { c, 0, margin, c->cols - (c->cols >= 60), gap, f->show->rehearsal };
	struct line second = { c, 1, margin, c->cols - 1, gap, false };

	head_first(&first, f->show);
	if (r->header > 1)
		head_second(&second, f, r->desk > 0, view->has_buses != NULL && view->has_buses(f, c->rows, c->cols));
	if (f->ringing)
		flash(c, r->header);
}

void
screen_draw(struct canvas *c, const struct view_ops *view, const struct view_frame *f)
{
	const struct show *s = f->show;
	struct rows r = plan_rows(c->rows);
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
	draw_alarms(c, s, row + 1, r.alarms);
	if (r.rule)
		draw_rule(c, s, row);
	screen_view_rows(c->rows, &top, &bottom);
	if (top < bottom)
		view->draw(c, f, top, bottom);
	if (s->rehearsal)
		hatch_edges(c, 1, c->rows - 1);
	draw_header(c, view, f, &r);
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
		&view_health, &view_takes, &view_mesh, &view_log };

	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
		if (strcmp(views[i]->name, name) == 0)
			return views[i];
	return NULL;
}
