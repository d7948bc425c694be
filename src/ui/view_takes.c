/*
 * view_takes.c - the takes, newest first: how many were asked, and how far their files are.  Owns nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/columns.h"
#include "ui/gauge.h"
#include "ui/pen.h"
#include "ui/view.h"

enum which { COL_TAKE, COL_SLATE, COL_STARTED, COL_LENGTH, COL_ASKED, COL_ROLLING, COL_RECORDED, COL_SAVED, COL_FAILED, COL_FETCHED,
	COL_VERIFIED, COL_COUNT };

static const struct columns_def defs[COL_COUNT] = {
	[COL_TAKE] = { "take", 4, 0, 0, false }, [COL_SLATE] = { "slate", 8, 32, 4, false }, [COL_STARTED] = { "started", 8, 0, 6, false },
	[COL_LENGTH] = { "length", 8, 0, 3, true }, [COL_ASKED] = { "asked", 5, 0, 1, true }, [COL_ROLLING] = { "rolling", 7, 0, 7, true },
	[COL_RECORDED] = { "recorded", 8, 0, 8, true }, [COL_SAVED] = { "saved", 5, 0, 2, true }, [COL_FAILED] = { "failed", 6, 0, 2, true },
	[COL_FETCHED] = { "fetched", 7, 0, 9, true }, [COL_VERIFIED] = { "verified", 8, 0, 5, true },
};

static void
length_text(char *out, size_t out_size, const struct show_take *t, const struct show *s)
{
	const int64_t end_us = t->stopped_us > 0 ? t->stopped_us : s->utc_us;

	out[0] = '\0';
	if (t->started_us > 0 && (t->stopped_us > 0 || t->recording > 0))
		str_clock(out, out_size, end_us > t->started_us ? end_us - t->started_us : 0);
}

static int
count_of(const struct show_take *t, enum which which)
{
	switch (which) {
	case COL_ASKED: return t->asked;
	case COL_ROLLING: return t->recording;
	case COL_RECORDED: return t->recorded;
	case COL_SAVED: return t->saved;
	case COL_FAILED: return t->failed;
	case COL_FETCHED: return t->fetched;
	default: return t->verified;
	}
}

static void
cell_text(char *out, size_t out_size, const struct show_take *t, const struct show *s, enum which which)
{
	out[0] = '\0';
	if (which == COL_TAKE)
		str_copy(out, out_size, t->take);
	else if (which == COL_SLATE)
		str_copy(out, out_size, t->slate);
	else if (which == COL_STARTED && t->started_us > 0)
		gauge_wall_clock(out, out_size, t->started_us, true);
	else if (which == COL_LENGTH)
		length_text(out, out_size, t, s);
	else if (which >= COL_ASKED)
		snprintf(out, out_size, "%d", count_of(t, which));
}

/* A number that is short of what was asked is what to look at. */
static enum theme_role
cell_role(const struct show_take *t, enum which which)
{
	if (which == COL_FAILED && t->failed > 0)
		return ROLE_ALARM;
	if (which == COL_ROLLING && t->recording > 0)
		return t->recording < t->asked ? ROLE_WARN : ROLE_REC;
	if (which == COL_SAVED && t->recording == 0 && t->saved < t->asked)
		return ROLE_WARN;
	return which == COL_TAKE ? ROLE_HEAD : ROLE_TEXT;
}

static void
draw_row(struct pen *p, const struct columns *k, const struct show_take *t, const struct show *s)
{
	char text[MAX_NAME_BYTES + 8];

	for (int i = 0; i < k->count && pen_row(p) >= 0; i++) {
		if (!k->shown[i])
			continue;
		cell_text(text, sizeof text, t, s, (enum which)i);
		if (defs[i].right)
			pen_put_right(p, k->at[i], k->cells[i], cell_role(t, (enum which)i), text);
		else
			pen_put(p, k->at[i], k->cells[i], cell_role(t, (enum which)i), text);
	}
	p->at++;
}

static void
draw_all(struct pen *p, const struct show *s)
{
	const struct columns k = columns_fit(defs, COL_COUNT, 1, p->cols - 1);

	for (int i = 0; i < k.count; i++) {
		if (k.shown[i] && defs[i].right)
			pen_put_right(p, k.at[i], k.cells[i], ROLE_DIM, defs[i].title);
		else if (k.shown[i])
			pen_put(p, k.at[i], k.cells[i], ROLE_DIM, defs[i].title);
	}
	p->at++;
	for (int i = 0; i < s->take_count; i++)
		draw_row(p, &k, &s->takes[i], s);
	if (s->take_count == 0)
		pen_fold(p, 1, ROLE_TEXT, "no take yet: Ctrl-R twice rolls all cameras");
}

static void
takes_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	struct pen title = { c, c->cols, top, bottom, 0, 0 }, p = { c, c->cols, top + 1, bottom, 0, f->scroll };

	pen_head(&title, "TAKES", "newest first; Esc back");
	draw_all(&p, f->show);
}

static int
takes_lines(const struct view_frame *f, int cols)
{
	struct pen p = { NULL, cols, 0, 0, 0, 0 };

	draw_all(&p, f->show);
	return p.at + 1;
}

const struct view_ops view_takes = { .name = "takes", .draw = takes_draw, .lines = takes_lines };
