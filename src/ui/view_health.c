/*
 * view_health.c - one camera a row with all its readings, sorted as the operator likes; what is wrong with it stands
 * beneath.  Owns nothing; draws a snapshot.
 */
#include "ui/view_health.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/columns.h"
#include "ui/gauge.h"
#include "ui/pen.h"
#include "ui/view.h"

enum which { COL_NUMBER, COL_NAME, COL_STATE, COL_BATTERY, COL_STORAGE, COL_AUDIO, COL_FPS, COL_AGE, COL_HEARD, COL_CLOCK, COL_PATH,
	COL_ADDRESS, COL_MODEL, COL_COUNT };

static const struct columns_def defs[COL_COUNT] = {
	[COL_NUMBER] = { "#", 2, 0, 0, true }, [COL_NAME] = { "label", 9, 24, 0, false }, [COL_STATE] = { "state", 20, 26, 0, false },
	[COL_BATTERY] = { "bat", 4, 0, 1, true }, [COL_STORAGE] = { "sto", 5, 0, 2, true }, [COL_AUDIO] = { "audio", 9, 0, 4, false },
	[COL_FPS] = { "fps", 5, 0, 6, true }, [COL_AGE] = { "picture", 7, 0, 3, true }, [COL_HEARD] = { "heard", 6, 0, 5, true },
	[COL_CLOCK] = { "clock", 8, 0, 7, true }, [COL_PATH] = { "path", 9, 0, 8, false }, [COL_ADDRESS] = { "address", 18, 44, 9, false },
	[COL_MODEL] = { "model", 10, 24, 10, false },
};

/* ---- Cells ---- */

/* As coarse as it matters: the bound grows by itself all the time, and an idle screen stays still. */
static void
clock_text(char *out, size_t out_size, int64_t bound_us)
{
	static const int64_t steps_ms[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000 };

	out[0] = '\0';
	for (size_t i = 0; i < sizeof steps_ms / sizeof *steps_ms && bound_us >= 0; i++)
		if (bound_us < steps_ms[i] * 1000) {
			snprintf(out, out_size, "<%dms", (int)steps_ms[i]);
			return;
		}
	if (bound_us >= 0)
		str_copy(out, out_size, ">1s");
}

static void
age_text(char *out, size_t out_size, int64_t age_us)
{
	if (age_us <= 0)
		str_copy(out, out_size, age_us < 0 ? "" : "now");
	else
		gauge_age(out, out_size, age_us);
}

/* Bytes may come all the time: what could not be read is no picture of now. */
static void
picture_text(char *out, size_t out_size, const struct show_tile *t)
{
	if (t->picture_unread && t->picture_age_us < 0)
		str_copy(out, out_size, "none");
	else if (t->picture_unwatched)
		str_copy(out, out_size, "unseen");
	else
		age_text(out, out_size, t->picture_age_us);
}

static void
cell_text(char *out, size_t out_size, const struct show_tile *t, enum which which)
{
	out[0] = '\0';
	switch (which) {
	case COL_NUMBER: snprintf(out, out_size, "%d", t->number); break;
	case COL_NAME: str_copy(out, out_size, t->name); break;
	case COL_STATE: gauge_state(out, out_size, t); break;
	case COL_BATTERY: gauge_battery(out, out_size, t); break;
	case COL_STORAGE: gauge_storage(out, out_size, t); break;
	case COL_AUDIO: gauge_audio(out, out_size, t); break;
	case COL_FPS:
		if (t->fps > 0)
			snprintf(out, out_size, "%.1f", t->fps);
		break;
	case COL_AGE: picture_text(out, out_size, t); break;
	case COL_HEARD: age_text(out, out_size, t->silent_us); break;
	case COL_CLOCK: clock_text(out, out_size, t->clock_bound_us); break;
	case COL_PATH: str_copy(out, out_size, t->path); break;
	case COL_ADDRESS: str_copy(out, out_size, t->address); break;
	case COL_MODEL: str_copy(out, out_size, t->model); break;
	case COL_COUNT: break;
	}
}

static enum theme_role
name_role(const struct show_tile *t)
{
	const enum theme_role edge = gauge_edge_role(t);

	return edge == ROLE_BORDER ? ROLE_TEXT : edge;
}

static enum theme_role
cell_role(const struct show_tile *t, enum which which)
{
	switch (which) {
	case COL_NUMBER:
	case COL_NAME: return name_role(t);
	case COL_STATE: return gauge_state_role(t);
	case COL_BATTERY: return gauge_is_low(t, false) ? ROLE_ALARM : ROLE_TEXT;
	case COL_STORAGE: return gauge_is_low(t, true) ? ROLE_ALARM : ROLE_TEXT;
	case COL_AUDIO: return t->muted || t->audio_silent ? ROLE_WARN : ROLE_METER;
	case COL_AGE: return t->picture_unread || t->picture_age_us > GAUGE_OLD_PICTURE_US ? ROLE_WARN : ROLE_TEXT;
	default: return ROLE_TEXT;
	}
}

/* Old readings would look like those of now. */
static bool
is_of_now(enum which which)
{
	return which >= COL_BATTERY && which <= COL_FPS;
}

/* ---- Order ---- */

static const struct sort { const char *name; enum which column; } sorts[] = {
	{ "number", COL_NUMBER }, { "name", COL_NAME }, { "state", COL_STATE }, { "battery", COL_BATTERY }, { "storage", COL_STORAGE },
	{ "audio", COL_AUDIO }, { "fps", COL_FPS }, { "age", COL_AGE }, { "heard", COL_HEARD }, { "clock", COL_CLOCK }, { "path", COL_PATH },
};
#define SORTS (sizeof sorts / sizeof *sorts)
#define UNKNOWN 1e18			/* what a camera does not tell comes last, whatever the order */

const char *
view_health_sort_at(int index)
{
	return index >= 0 && (size_t)index < SORTS ? sorts[index].name : NULL;
}

static const struct sort *
sort_of(const char *name)
{
	for (size_t i = 0; i < SORTS; i++)
		if (strcmp(sorts[i].name, name) == 0)
			return &sorts[i];
	return &sorts[0];
}

/* The worst first: what asks for a hand, what is in doubt, what works, what nobody waits for. */
static int
badness(const struct show_tile *t)
{
	if (t->out || t->known_only || t->link == HEALTH_NEVER)
		return 9;
	switch (gauge_state_role(t)) {
	case ROLE_ALARM: return t->link == HEALTH_LOST ? 0 : 1;
	case ROLE_WARN: return 2;
	default: break;
	}
	return t->why[0] != '\0' && !t->view_only ? 3 : t->audio_silent || t->tally_differs || t->thermal[0] != '\0' ? 4 :
	    t->rec == HEALTH_REC_RECORDING ? 5 : t->view_only ? 7 : 6;
}

/* Less comes first; 0: by text, or by number. */
static double
key_of(const struct show_tile *t, enum which by)
{
	switch (by) {
	case COL_STATE: return badness(t);
	case COL_BATTERY: return !t->has_battery ? UNKNOWN : t->charging ? 1000 + t->battery_percent : t->battery_percent;
	case COL_STORAGE: return t->storage_minutes < 0 ? UNKNOWN : t->storage_minutes;
	case COL_AUDIO: return !t->has_audio ? UNKNOWN : t->muted ? -1000 : t->peak_dbfs;
	case COL_FPS: return t->fps <= 0 ? UNKNOWN : t->fps;
	case COL_AGE: return t->picture_age_us < 0 ? UNKNOWN : -(double)t->picture_age_us;
	case COL_HEARD: return t->silent_us < 0 ? UNKNOWN : -(double)t->silent_us;
	case COL_CLOCK: return t->clock_bound_us < 0 ? UNKNOWN : -(double)t->clock_bound_us;
	default: return 0;
	}
}

struct row { const struct show_tile *t; double key; const char *text; };

static bool
is_before(const struct row *a, const struct row *b)
{
	return a->key != b->key ? a->key < b->key : strcmp(a->text, b->text) < 0;
}

/* Stable: cameras that are alike stay in the order of their numbers. */
static int
sorted(const struct show *s, enum which by, struct row rows[static MAX_NODES])
{
	for (int i = 0; i < s->tile_count; i++) {
		const struct show_tile *t = &s->tiles[i];
		const struct row one = { t, key_of(t, by), by == COL_NAME ? t->name : by == COL_PATH ? t->path : "" };
		int to = i;

		for (; to > 0 && is_before(&one, &rows[to - 1]); to--)
			rows[to] = rows[to - 1];
		rows[to] = one;
	}
	return s->tile_count;
}

/* ---- Rows ---- */

static void
draw_titles(struct pen *p, const struct columns *k, enum which by)
{
	for (int i = 0; i < k->count; i++) {
		const enum theme_role role = i == (int)by ? ROLE_HEAD : ROLE_DIM;

		if (k->shown[i] && defs[i].right)
			pen_put_right(p, k->at[i], k->cells[i], role, defs[i].title);
		else if (k->shown[i])
			pen_put(p, k->at[i], k->cells[i], role, defs[i].title);
	}
	p->at++;
}

static void
draw_cells(struct pen *p, const struct columns *k, const struct show_tile *t)
{
	char text[MAX_TEXT_FIELD];

	for (int i = 0; i < k->count; i++) {
		const enum theme_role role = cell_role(t, (enum which)i);

		if (!k->shown[i] || (is_of_now((enum which)i) && !gauge_is_here(t)))
			continue;
		cell_text(text, sizeof text, t, (enum which)i);
		if (defs[i].right)
			pen_put_right(p, k->at[i], k->cells[i], role, text);
		else
			pen_put(p, k->at[i], k->cells[i], role, text);
	}
}

static void
draw_row(struct pen *p, const struct columns *k, const struct show_tile *t)
{
	const int before = p->at;
	char note[MAX_TEXT_FIELD];

	if (pen_row(p) >= 0)
		draw_cells(p, k, t);
	p->at++;
	gauge_notes(note, sizeof note, t);
	if (note[0] != '\0')
		pen_fold(p, k->at[COL_NAME] + 2, t->why[0] != '\0' ? ROLE_WARN : ROLE_DIM, note);
	pen_zone(p, t->id, p->at - before);
}

static void
draw_strangers(struct pen *p, const struct show *s)
{
	for (int i = 0; i < s->stranger_count; i++) {
		pen_put(p, 1, 2, ROLE_WARN, "-");
		pen_fold(p, 4, ROLE_WARN, s->strangers[i]);
	}
	if (s->stranger_total > s->stranger_count) {
		pen_putf(p, 4, p->cols, ROLE_WARN, "and %d more addresses tried, no camera there", s->stranger_total - s->stranger_count);
		p->at++;
	}
}

static void
draw_all(struct pen *p, const struct view_frame *f)
{
	const struct sort *by = sort_of(f->sort);
	const struct columns k = columns_fit(defs, COL_COUNT, 1, p->cols - 1);
	struct row rows[MAX_NODES];
	const int count = sorted(f->show, by->column, rows);

	draw_titles(p, &k, by->column);
	for (int i = 0; i < count; i++)
		draw_row(p, &k, rows[i].t);
	if (count == 0)
		pen_fold(p, 1, ROLE_TEXT, f->show->searching[0] != '\0' ? f->show->searching : "no camera yet");
	draw_strangers(p, f->show);
}

static void
health_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	struct pen title = { c, c->cols, top, bottom, 0, 0 }, p = { c, c->cols, top + 1, bottom, 0, f->scroll };
	const struct sort *by = sort_of(f->sort);
	char hint[160];

	snprintf(hint, sizeof hint, "by %s; Esc back; :view health state|battery|age|name... sorts", by->name);
	pen_head(&title, "HEALTH", hint);
	draw_all(&p, f);
}

static int
health_lines(const struct view_frame *f, int cols)
{
	struct pen p = { NULL, cols, 0, 0, 0, 0 };

	draw_all(&p, f);
	return p.at + 1;
}

const struct view_ops view_health = { .name = "health", .draw = health_draw, .lines = health_lines };
