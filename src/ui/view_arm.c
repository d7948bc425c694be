/*
 * view_arm.c - before a roll: one camera a row with what it has and how it stands, beneath it what is against rolling it and
 * the cure.  The worst first.  Owns nothing; draws a snapshot.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/columns.h"
#include "ui/gauge.h"
#include "ui/pen.h"
#include "ui/view.h"

enum which { COL_NUMBER, COL_NAME, COL_ARMED, COL_STORAGE, COL_BATTERY, COL_HEAT, COL_LOCK, COL_OFFSET, COL_BOUND, COL_AGE, COL_FORMAT,
	COL_CLAIM, COL_COUNT };

static const struct columns_def defs[COL_COUNT] = {
	[COL_NUMBER] = { "#", 2, 0, 0, true }, [COL_NAME] = { "label", 8, 24, 0, false }, [COL_ARMED] = { "armed", 9, 0, 0, false },
	[COL_STORAGE] = { "sto", 5, 0, 1, true }, [COL_BATTERY] = { "bat", 5, 0, 2, true }, [COL_HEAT] = { "heat", 8, 0, 6, false },
	[COL_LOCK] = { "lock", 4, 0, 8, false }, [COL_OFFSET] = { "clock", 10, 0, 5, true }, [COL_BOUND] = { "+-", 7, 0, 3, true },
	[COL_AGE] = { "age", 6, 0, 7, true }, [COL_FORMAT] = { "format", 14, 0, 4, false }, [COL_CLAIM] = { "claim", 8, 28, 9, false },
};

/* ---- Cells ---- */

static const char *
armed_word(const struct arm_node *n, const struct show_tile *t)
{
	if (n->rolls)
		return "ROLLS";
	if (!n->counts)
		return t != NULL && t->view_only ? "picture" : t != NULL && t->out ? "out" : "not here";
	return n->verdict == ARM_RED ? "NOT ARMED" : "armed";
}

/* "+350.1 ms", "-12.3 s": how far its clock is from ours. */
static void
offset_text(char *out, size_t out_size, const struct arm_node *n)
{
	const double ms = n->clock_offset_us > -50 && n->clock_offset_us < 50 ? 0 : (double)n->clock_offset_us / 1000;

	out[0] = '\0';
	if (!n->clock_known)
		return;
	if (ms > -10000 && ms < 10000)
		snprintf(out, out_size, "%+.1f ms", ms);
	else if (ms > -6e5 && ms < 6e5)
		snprintf(out, out_size, "%+.1f s", ms / 1000);
	else
		snprintf(out, out_size, "%+.1f h", ms / 3600000);
}

/* As coarse as it matters: the bound grows by itself all the time. */
static void
bound_text(char *out, size_t out_size, const struct arm_node *n)
{
	if (!n->clock_known)
		str_copy(out, out_size, "unknown");
	else if (n->clock_bound_us < 1000)
		str_copy(out, out_size, "<1 ms");
	else if (n->clock_bound_us < 1000000)
		snprintf(out, out_size, "%d ms", (int)((n->clock_bound_us + 999) / 1000));
	else
		str_copy(out, out_size, ">1 s");
}

static void
age_text(char *out, size_t out_size, const struct arm_node *n)
{
	out[0] = '\0';
	if (n->clock_known && n->clock_age_us <= 0)
		str_copy(out, out_size, "now");
	else if (n->clock_known)
		gauge_age(out, out_size, n->clock_age_us);
}

static void
storage_text(char *out, size_t out_size, const struct arm_node *n)
{
	out[0] = '\0';
	if (n->storage_minutes >= 0 && n->storage_minutes < 600)
		snprintf(out, out_size, "%dm", n->storage_minutes);
	else if (n->storage_minutes >= 0)
		snprintf(out, out_size, "%dh", n->storage_minutes / 60);
	else if (n->free_bytes >= 0)
		str_bytes(out, out_size, n->free_bytes);	/* its bit rate is not told: no minutes */
}

static void
battery_text(char *out, size_t out_size, const struct arm_node *n)
{
	out[0] = '\0';
	if (n->has_battery)
		snprintf(out, out_size, "%d%%%s", n->battery_percent, n->charging ? "+" : "");
}

static void
cell_text(char *out, size_t out_size, const struct arm_node *n, const struct show_tile *t, enum which which)
{
	out[0] = '\0';
	switch (which) {
	case COL_NUMBER: snprintf(out, out_size, "%d", n->number); break;
	case COL_NAME: str_copy(out, out_size, n->name); break;
	case COL_ARMED: str_copy(out, out_size, armed_word(n, t)); break;
	case COL_STORAGE: storage_text(out, out_size, n); break;
	case COL_BATTERY: battery_text(out, out_size, n); break;
	case COL_HEAT: str_copy(out, out_size, strcmp(n->thermal, "nominal") == 0 ? "ok" : n->thermal); break;
	case COL_LOCK: str_copy(out, out_size, strcmp(n->auto_lock, "unknown") == 0 ? "?" : n->auto_lock); break;
	case COL_OFFSET: offset_text(out, out_size, n); break;
	case COL_BOUND: bound_text(out, out_size, n); break;
	case COL_AGE: age_text(out, out_size, n); break;
	case COL_FORMAT:
		if (n->width > 0)
			snprintf(out, out_size, "%dx%d %g", n->width, n->height, n->rate);
		break;
	case COL_CLAIM: str_copy(out, out_size, n->claim); break;
	case COL_COUNT: break;
	}
}

static const enum arm_check column_checks[COL_COUNT] = {
	[COL_STORAGE] = ARM_STORAGE, [COL_BATTERY] = ARM_BATTERY, [COL_HEAT] = ARM_HEAT, [COL_LOCK] = ARM_LOCK, [COL_OFFSET] = ARM_CLOCK,
	[COL_BOUND] = ARM_CLOCK, [COL_AGE] = ARM_CLOCK, [COL_FORMAT] = ARM_FORMAT, [COL_CLAIM] = ARM_CLAIM,
};

static enum theme_role
verdict_role(enum arm_verdict verdict)
{
	return verdict == ARM_RED ? ROLE_ALARM : verdict == ARM_NOTE ? ROLE_WARN : ROLE_TEXT;
}

/* A reading wears the colour of what is said about it. */
static enum theme_role
cell_role(const struct arm_sheet *s, const struct arm_node *n, enum which which)
{
	enum arm_verdict worst = ARM_GOOD;

	if (!n->counts)
		return ROLE_GONE;
	if (which == COL_ARMED)
		return n->rolls ? ROLE_REC : n->verdict == ARM_RED ? ROLE_ALARM : ROLE_GOOD;
	if (which < COL_STORAGE)
		return n->verdict == ARM_RED && !n->rolls ? ROLE_ALARM : ROLE_TEXT;
	for (int i = 0; i < n->line_count; i++)
		if (s->lines[n->first_line + i].check == column_checks[which] && s->lines[n->first_line + i].verdict > worst)
			worst = s->lines[n->first_line + i].verdict;
	return verdict_role(worst);
}

/* ---- Rows ---- */

static const struct show_tile *
tile_of(const struct show *s, const char *id)
{
	for (int i = 0; i < s->tile_count; i++)
		if (strcmp(s->tiles[i].id, id) == 0)
			return &s->tiles[i];
	return NULL;
}

static void
draw_titles(struct pen *p, const struct columns *k)
{
	for (int i = 0; i < k->count; i++) {
		if (k->shown[i] && defs[i].right)
			pen_put_right(p, k->at[i], k->cells[i], ROLE_DIM, defs[i].title);
		else if (k->shown[i])
			pen_put(p, k->at[i], k->cells[i], ROLE_DIM, defs[i].title);
	}
	p->at++;
}

static void
draw_cells(struct pen *p, const struct columns *k, const struct show *s, const struct arm_node *n)
{
	const struct show_tile *t = tile_of(s, n->id);
	char text[MAX_TEXT_FIELD];

	for (int i = 0; i < k->count; i++) {
		if (!k->shown[i] || (!n->counts && i > COL_ARMED))
			continue;
		cell_text(text, sizeof text, n, t, (enum which)i);
		if (defs[i].right)
			pen_put_right(p, k->at[i], k->cells[i], cell_role(&s->arm, n, (enum which)i), text);
		else
			pen_put(p, k->at[i], k->cells[i], cell_role(&s->arm, n, (enum which)i), text);
	}
}

static void
draw_line(struct pen *p, int col, const struct arm_line *l)
{
	char text[ARM_WHAT + ARM_CURE + 8];

	snprintf(text, sizeof text, "%s%s%s%s", l->verdict == ARM_RED ? "! " : "", l->what, l->cure[0] != '\0' ? "; " : "", l->cure);
	pen_fold(p, col, verdict_role(l->verdict), text);
}

static void
draw_row(struct pen *p, const struct columns *k, const struct show *s, const struct arm_node *n)
{
	const int before = p->at;

	if (pen_row(p) >= 0)
		draw_cells(p, k, s, n);
	p->at++;
	for (int i = 0; i < n->line_count; i++)
		draw_line(p, k->at[COL_NAME] + 2, &s->arm.lines[n->first_line + i]);
	pen_zone(p, n->id, p->at - before);
}

/* Those that hold up the roll, those that are worth a word, the rest; each in the order of numbers. */
static void
draw_rows(struct pen *p, const struct columns *k, const struct show *s)
{
	for (int pass = 0; pass < 3; pass++)
		for (int i = 0; i < s->arm.node_count; i++) {
			const struct arm_node *n = &s->arm.nodes[i];
			const int rank = !n->counts ? 2 : n->verdict == ARM_RED && !n->rolls ? 0 : 1;

			if (rank == pass)
				draw_row(p, k, s, n);
		}
}

/* ---- The whole ---- */

static void
archive_words(char *out, size_t out_size, const struct arm_sheet *s)
{
	char free_text[24];
	size_t len;

	out[0] = '\0';
	if (s->archive[0] == '\0')
		return;
	len = (size_t)snprintf(out, out_size, "archive %s", s->archive);
	if (s->archive_free_bytes < 0 || len >= out_size)
		return;
	str_bytes(free_text, sizeof free_text, s->archive_free_bytes);
	len += (size_t)snprintf(out + len, out_size - len, ": %s free", free_text);
	if (s->archive_minutes >= 0 && len < out_size)
		snprintf(out + len, out_size - len, ", %d %s of all cameras", s->archive_minutes < 600 ? s->archive_minutes : s->archive_minutes / 60,
		    s->archive_minutes < 600 ? "min" : "h");
}

static void
draw_summary(struct pen *p, const struct arm_sheet *s)
{
	char archive[160];

	if (s->asked > 0)
		pen_putf(p, 1, p->cols, s->is_armed ? ROLE_GOOD : ROLE_ALARM, "%d of %d armed", s->armed, s->asked);
	archive_words(archive, sizeof archive, s);
	pen_put(p, 22, p->cols, ROLE_TEXT, archive);
	p->at++;
	for (int i = 0; i < s->show_count; i++)
		draw_line(p, 1, &s->lines[s->show_first + i]);
}

static void
draw_all(struct pen *p, const struct view_frame *f)
{
	const struct columns k = columns_fit(defs, COL_COUNT, 1, p->cols - 1);

	draw_summary(p, &f->show->arm);
	draw_titles(p, &k);
	draw_rows(p, &k, f->show);
}

static void
arm_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	struct pen title = { c, c->cols, top, bottom, 0, 0 }, p = { c, c->cols, top + 1, bottom, 0, f->scroll };

	pen_head(&title, "ARM", "before a roll; Esc back; rolling all the same is recorded as such");
	draw_all(&p, f);
}

static int
arm_lines(const struct view_frame *f, int cols)
{
	struct pen p = { NULL, cols, 0, 0, 0, 0 };

	draw_all(&p, f);
	return p.at + 1;
}

const struct view_ops view_arm = { .name = "arm", .draw = arm_draw, .lines = arm_lines };
