/*
 * table.c - cameras as rows of text.  Owns nothing; draws a snapshot, never outside of the row.
 */
#include "ui/table.h"

#include <string.h>

#include "base/str.h"
#include "ui/gauge.h"
#include "ui/tile.h"

#define LEAST_NOTE_CELLS 12

/* Columns from the left edge of the row; a reading right-aligned before its end. */
struct columns { int label, label_cells, bus, state, state_cells, bat_end, sto_end, audio, note; };

static struct columns
columns_of(int cols)
{
	const int more_label = cols >= 160 ? 12 : cols >= 100 ? 6 : 0, more_state = cols >= 100 ? 10 : 0;
	struct columns k = { .label = 4, .label_cells = 12 + more_label };

	k.bus = k.label + k.label_cells + 1;
	k.state = k.bus + 4;
	k.state_cells = 12 + more_state;
	k.bat_end = k.state + k.state_cells + 4;
	k.sto_end = k.bat_end + 6;
	k.audio = k.sto_end + 2;
	k.note = k.audio + 11;
	return k;
}

void
table_head(struct canvas *c, const struct grid_box *b)
{
	const struct columns k = columns_of(b->cols);

	canvas_put(c, b->row, b->col + 1, 1, ROLE_DIM, "#");
	canvas_put(c, b->row, b->col + k.label, k.label_cells, ROLE_DIM, "label");
	canvas_put(c, b->row, b->col + k.bus, 5, ROLE_DIM, "state");
	if (k.bat_end <= b->cols)
		canvas_put_right(c, b->row, b->col + k.bat_end - 2, 4, ROLE_DIM, "bat");
	if (k.sto_end <= b->cols)
		canvas_put_right(c, b->row, b->col + k.sto_end - 2, 4, ROLE_DIM, "sto");
	if (k.note <= b->cols)
		canvas_put(c, b->row, b->col + k.audio, 5, ROLE_DIM, "audio");
	if (k.note + 4 <= b->cols)
		canvas_put(c, b->row, b->col + k.note, 4, ROLE_DIM, "note");
}

/* "STOPPED 00:33" is "STOPPED 0:33" here. */
static void
shorten_clock(char *text)
{
	char *p = strrchr(text, ' ');

	if (p != NULL && p[1] == '0' && p[2] >= '0' && p[2] <= '9' && p[3] == ':')
		memmove(p + 1, p + 2, strlen(p + 2) + 1);
}

static void
put_state(struct canvas *c, int row, int col, int cells, const struct show_tile *t)
{
	char state[160];

	gauge_state_alone(state, sizeof state, t);
	shorten_clock(state);
	gauge_fit_words(state, cells);
	canvas_put_cut(c, row, col, cells, gauge_state_role(t), state);
}

static enum theme_role
bus_role(const struct show_tile *t)
{
	return t->light == SHOW_PROGRAM ? ROLE_PROGRAM : ROLE_PREVIEW;
}

/* Number and name; its roles too where no other column tells them, as far as they fit. */
static void
put_name(struct canvas *c, const struct grid_box *b, int cells, const struct show_tile *t, const struct view_frame *f, bool with_roles)
{
	int used;

	canvas_putf(c, b->row, b->col, 3, tile_name_role(t), "%2d", t->number);
	if (tile_is_focused(t, f))
		canvas_put(c, b->row, b->col + 3, 1, ROLE_HEAD, ">");
	used = canvas_put_cut(c, b->row, b->col + 4, cells, tile_name_role(t), t->name) + 1;
	if (with_roles && used + str_cells(t->roles) <= cells)
		canvas_put(c, b->row, b->col + 4 + used, cells - used, ROLE_TEXT, t->roles);
}

static void
put_readings(struct canvas *c, const struct grid_box *b, const struct columns *k, const struct show_tile *t)
{
	/* Of one that is lost they are old, and look so. */
	const bool is_old = !gauge_is_here(t);
	char text[96];

	if (t->out || t->known_only)
		return;
	gauge_battery(text, sizeof text, t);
	if (k->bat_end <= b->cols)
		canvas_put_right(c, b->row, b->col + k->bat_end, 5, is_old ? ROLE_GONE : gauge_is_low(t, false) ? ROLE_ALARM : ROLE_METER, text);
	gauge_storage(text, sizeof text, t);
	if (k->sto_end <= b->cols)
		canvas_put_right(c, b->row, b->col + k->sto_end, 5, is_old ? ROLE_GONE : gauge_is_low(t, true) ? ROLE_ALARM : ROLE_METER, text);
	gauge_audio(text, sizeof text, t);
	if (k->note <= b->cols && !is_old)
		canvas_put(c, b->row, b->col + k->audio, 10, t->muted || t->audio_silent ? ROLE_WARN : ROLE_METER, text);
}

void
table_row(struct canvas *c, const struct grid_box *b, const struct show_tile *t, const struct view_frame *f)
{
	const struct columns k = columns_of(b->cols);
	const int state_cells = k.state + k.state_cells <= b->cols ? k.state_cells : b->cols - k.state;
	char notes[MAX_TEXT_FIELD];

	canvas_zone(c, t->id, b->row, b->col, 1, b->cols);
	put_name(c, b, k.label_cells, t, f, k.note + 4 > b->cols);
	if (t->light != SHOW_OFF)
		canvas_put(c, b->row, b->col + k.bus, 3, bus_role(t), gauge_bus(t));
	if (gauge_state_role(t) == ROLE_ALARM)
		canvas_put(c, b->row, b->col + k.state - (t->light == SHOW_OFF ? 2 : 1), 1, ROLE_ALARM, "!");
	put_state(c, b->row, b->col + k.state, state_cells, t);
	put_readings(c, b, &k, t);
	gauge_notes(notes, sizeof notes, t);
	gauge_fit_notes(notes, b->cols - k.note);
	/* The beginning of a note says nothing. */
	if (k.note < b->cols && (str_cells(notes) <= b->cols - k.note || b->cols - k.note >= LEAST_NOTE_CELLS))
		canvas_put_cut(c, b->row, b->col + k.note, b->cols - k.note, gauge_state_role(t) == ROLE_ALARM ? ROLE_ALARM :
		    t->why[0] != '\0' && !t->out && !t->view_only ? ROLE_WARN : ROLE_TEXT, notes);
}

/* What can run out, at the end of a short row: the battery, and the storage where there is room for both. */
static void
put_power(struct canvas *c, const struct grid_box *b, bool with_storage, const struct show_tile *t)
{
	const int end = b->col + b->cols;
	char text[48];

	if (!gauge_is_here(t))
		return;
	gauge_battery(text, sizeof text, t);
	canvas_put_right(c, b->row, with_storage ? end - 6 : end, 5, gauge_is_low(t, false) ? ROLE_ALARM : ROLE_METER, text);
	gauge_storage(text, sizeof text, t);
	if (with_storage)
		canvas_put_right(c, b->row, end, 5, gauge_is_low(t, true) ? ROLE_ALARM : ROLE_METER, text);
}

void
table_short_row(struct canvas *c, const struct grid_box *b, const struct show_tile *t, const struct view_frame *f)
{
	const int power_cells = b->cols >= 46 ? 12 : b->cols >= 37 ? 5 : 0, state_cells = b->cols >= 56 ? 20 : b->cols >= 34 ? 12 : 9;
	const int state = b->cols - power_cells - state_cells, bus = state - 4;

	if (bus < 8) {
		table_row(c, b, t, f);
		return;
	}
	canvas_zone(c, t->id, b->row, b->col, 1, b->cols);
	put_name(c, b, bus - 5, t, f, true);
	if (t->light != SHOW_OFF)
		canvas_put(c, b->row, b->col + bus, 3, bus_role(t), gauge_bus(t));
	if (gauge_state_role(t) == ROLE_ALARM)
		canvas_put(c, b->row, b->col + state - (t->light == SHOW_OFF ? 2 : 1), 1, ROLE_ALARM, "!");
	put_state(c, b->row, b->col + state, state_cells, t);
	if (power_cells > 0)
		put_power(c, b, power_cells > 5, t);
}
