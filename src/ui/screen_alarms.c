/*
 * screen_alarms.c - alarms in their rows: time, cause, cure, and how many there are.  Owns nothing; draws a snapshot.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/gauge.h"
#include "ui/pen.h"
#include "ui/screen_private.h"

/* " [a] seen 1/2" */
static int
alarm_tail(char *out, size_t out_size, int cols, int n, int total)
{
	snprintf(out, out_size, cols >= 60 ? " [a] seen %d/%d" : " a %d/%d", n, total);
	return str_cells(out);
}

static int
alarm_room(int cols, int total)
{
	char tail[40];

	return cols - 1 - screen_margin(cols) - alarm_tail(tail, sizeof tail, cols, total, total);
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
	/* The row of a program source that failed goes before them. */
	int room = screen_rows(rows).alarms - s->lost.any, shown = s->alarm_count < room ? s->alarm_count : room;
	char text[MAX_TEXT_FIELD + 32];
	const struct show_alarm *newest = &s->alarms[s->alarm_count > 0 ? s->alarm_count - 1 : 0];

	if (shown == 2 && newest->brief[0] == '\0' && alarm_text(text, sizeof text, newest, newest->text, cols) > alarm_room(cols, s->alarm_total))
		return 1;
	return shown;
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
	const int margin = screen_margin(c->cols), room = alarm_room(c->cols, s->alarm_total), n = s->alarm_total - s->alarm_count + index + 1;
	enum theme_role role = a->over ? ROLE_WARN : ROLE_ALARM;
	char text[MAX_TEXT_FIELD + 32], words[MAX_TEXT_FIELD + 8], tail[40];
	int cells = alarm_text(text, sizeof text, a, a->text, c->cols);

	if (cells > room && rows > 1) {
		const size_t first = pen_piece(text, room);

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
	cells = alarm_tail(tail, sizeof tail, c->cols, n, s->alarm_total);
	canvas_put_right(c, row, c->cols - 1, cells, role, tail);
}

void
screen_alarms_draw(struct canvas *c, const struct show *s, int row, int rows)
{
	const int shown = screen_alarms_shown(s, c->rows, c->cols);

	for (int i = 0; i < shown; i++)
		draw_alarm(c, s, row + i, rows - shown + 1, s->alarm_count - shown + i);
}
