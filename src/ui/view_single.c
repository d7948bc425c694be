/*
 * view_single.c - one camera as large as fits, with all of its health beside it: the one looked at, else preview.
 * Owns nothing; draws a snapshot.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/gauge.h"
#include "ui/layout.h"
#include "ui/pen.h"
#include "ui/tile.h"

#define PANEL_COLS 36
#define NARROW_PANEL_COLS 28
#define NAME_COLS 9
#define FACTS 24

struct fact { const char *name; char text[320]; enum theme_role role; };
struct facts { int count; struct fact at[FACTS]; };

static void __attribute__((format(printf, 4, 5)))
tell(struct facts *facts, const char *name, enum theme_role role, const char *format, ...)
{
	struct fact *fact = &facts->at[facts->count];
	va_list ap;

	if (facts->count == FACTS)
		return;
	va_start(ap, format);
	vsnprintf(fact->text, sizeof fact->text, format, ap);
	va_end(ap);
	fact->name = name;
	fact->role = role;
	facts->count += fact->text[0] != '\0';
}

static void
tell_state(struct facts *facts, const struct show_tile *t)
{
	char text[320];

	gauge_state(text, sizeof text, t);
	tell(facts, "state", gauge_state_role(t), "%s", text[0] != '\0' ? text : "live");
	gauge_why(text, sizeof text, t);
	tell(facts, "", gauge_state_role(t) == ROLE_ALARM ? ROLE_ALARM : ROLE_WARN, "%s", text);
	tell(facts, "roles", ROLE_TEXT, "%s", t->roles);
}

static void
tell_power(struct facts *facts, const struct show_tile *t)
{
	char text[64];

	gauge_battery(text, sizeof text, t);
	tell(facts, "battery", gauge_is_low(t, false) ? ROLE_ALARM : ROLE_TEXT, "%s%s", text, t->charging && strcmp(text, "AC") != 0 ?
	    " charging" : "");
	if (t->storage_minutes >= 0)
		tell(facts, "storage", gauge_is_low(t, true) ? ROLE_ALARM : ROLE_TEXT, "%d min", t->storage_minutes);
	tell(facts, "thermal", ROLE_TEXT, "%s", t->thermal[0] != '\0' ? t->thermal : t->view_only ? "" : "nominal");
}

static void
tell_sound(struct facts *facts, const struct show_tile *t)
{
	char text[64], clock[16];

	gauge_audio(text, sizeof text, t);
	tell(facts, "audio", t->muted || t->audio_silent ? ROLE_WARN : ROLE_METER, "%s", text);
	if (t->has_audio)
		tell(facts, "", ROLE_DIM, "peak %.0f rms %.0f dB", t->peak_dbfs, t->rms_dbfs);
	if (t->clip_utc_us > 0) {
		gauge_wall_clock(clock, sizeof clock, t->clip_utc_us, true);
		tell(facts, "", ROLE_CLIP, "CLIP %s", clock);
	}
}

static void
tell_picture(struct facts *facts, const struct show_tile *t)
{
	char age[24], zoom[24];

	gauge_zoom(zoom, sizeof zoom, t->zoom);
	tell(facts, "camera", ROLE_TEXT, "%s", t->view_only ? "mjpeg, view only" : t->front ? "front" : "back");
	if (t->zoom > 0)
		tell(facts, "zoom", ROLE_TEXT, "%s", zoom);
	if (t->fps > 0)
		tell(facts, "rate", ROLE_TEXT, "%.1f fps", t->fps);
	if (t->picture_age_us < 0) {
		tell(facts, "picture", ROLE_WARN, "none yet");
	} else if (t->picture_age_us > GAUGE_OLD_PICTURE_US) {
		gauge_age(age, sizeof age, t->picture_age_us);
		tell(facts, "picture", ROLE_WARN, "%s old", age);
	} else {
		tell(facts, "picture", ROLE_TEXT, "live");
	}
}

static void
tell_link(struct facts *facts, const struct show_tile *t)
{
	char clock[16];

	if (t->clock_bound_us >= 0)
		tell(facts, "clock", ROLE_TEXT, "+-%.1f ms", (double)t->clock_bound_us / 1000.0);
	tell(facts, "path", ROLE_TEXT, "%s", t->path);
	tell(facts, "address", ROLE_DIM, "%s", t->address);
	tell(facts, "model", ROLE_DIM, "%s", t->model);
	if (gauge_is_here(t) || t->heard_utc_us <= 0)
		return;
	gauge_wall_clock(clock, sizeof clock, t->heard_utc_us, true);
	tell(facts, "heard", ROLE_WARN, "last at %s", clock);
}

static void
gather(struct facts *facts, const struct show_tile *t)
{
	facts->count = 0;
	tell_state(facts, t);
	if (!t->out && !t->known_only) {
		tell_power(facts, t);
		tell_sound(facts, t);
		tell_picture(facts, t);
	}
	tell_link(facts, t);
}

/* ---- drawing ---- */

/* Text folded at blanks into rows; returns the rows used. */
static int
fold(struct canvas *c, const struct grid_box *b, enum theme_role role, const char *text)
{
	int row = 0;

	while (row < b->rows && *text != '\0') {
		char cut[1200];
		/* The last row: what is too long is cut, and shows it. */
		const size_t len = row + 1 == b->rows ? strlen(text) : pen_piece(text, b->cols);

		memcpy(cut, text, len < sizeof cut - 1 ? len : sizeof cut - 1);
		cut[len < sizeof cut - 1 ? len : sizeof cut - 1] = '\0';
		canvas_put_cut(c, b->row + row++, b->col, b->cols, role, cut);
		text += len;
		text += *text == ' ';
	}
	return row;
}

static void
draw_panel(struct canvas *c, const struct grid_box *b, const struct facts *facts)
{
	int row = 0;

	for (int i = 0; i < facts->count && row < b->rows; i++) {
		const struct fact *f = &facts->at[i];
		/* A sentence has the whole width. */
		const bool is_wide = f->name[0] == '\0' && str_cells(f->text) > b->cols - NAME_COLS;
		const int indent = is_wide ? 0 : NAME_COLS;
		struct grid_box room = { b->row + row, b->col + indent, b->rows - row < 3 ? b->rows - row : 3, b->cols - indent };

		canvas_put(c, b->row + row, b->col, NAME_COLS - 1, ROLE_DIM, f->name);
		row += fold(c, &room, f->role, f->text);
	}
}

/* One fact behind the other, for terminals without room beside the picture. */
static void
draw_flow(struct canvas *c, const struct grid_box *b, const struct facts *facts)
{
	int row = 0, col = 0;

	for (int i = 1; i < facts->count && row < b->rows; i++) {	/* the first is the state: in the title already */
		const struct fact *f = &facts->at[i];
		const bool is_plain = f->name[0] == '\0';
		const int cells = str_cells(f->name) + !is_plain + str_cells(f->text);

		if (col > 0 && col + cells > b->cols) {
			row++;
			col = 0;
		}
		if (row >= b->rows)
			return;
		if (!is_plain)
			col += canvas_putf(c, b->row + row, b->col + col, b->cols - col, ROLE_DIM, "%s ", f->name);
		col += canvas_put_cut(c, b->row + row, b->col + col, b->cols - col, f->role, f->text) + 2;
	}
}

static void
draw_large(struct canvas *c, const struct view_frame *f, const struct grid_box *area, const struct show_tile *t)
{
	const int panel_cols = area->cols >= 110 ? PANEL_COLS : NARROW_PANEL_COLS;
	struct facts facts;
	struct grid_box b = *area, panel = *area;

	gather(&facts, t);
	if (f->graphics == VIEW_PICTURES && area->cols >= 69 && area->rows >= 8) {
		b.cols -= panel_cols + 1;
		tile_draw_alone(c, &b, t, f);
		panel = (struct grid_box){ area->row, b.col + b.cols + 1, area->rows, panel_cols };
		draw_panel(c, &panel, &facts);
		return;
	}
	b.rows = f->graphics == VIEW_PICTURES && area->rows >= 9 ? area->rows - 4 : 1;
	tile_draw_alone(c, &b, t, f);
	panel.row += b.rows;
	panel.rows -= b.rows;
	if (area->cols >= 59 && b.rows == 1) {
		panel.col += 2;
		panel.cols -= 2;
		draw_panel(c, &panel, &facts);
	} else {
		draw_flow(c, &panel, &facts);
	}
}

static void
single_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	const struct show_tile *t = layout_focus(f);
	const struct grid_box area = layout_area(c, f, top, bottom);

	if (t == NULL)
		layout_searching(c, f->show, top, bottom);
	else
		draw_large(c, f, &area, t);
}

const struct view_ops view_single = { .name = "single", .draw = single_draw };
