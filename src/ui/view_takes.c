/*
 * view_takes.c - the takes, newest first: how many were asked, and how far their files are, each with its progress or its
 * reason.  Owns nothing.
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

/* ---- Files ---- */

/* "12 of 27 MB  4.1 MB/s  00:04 left": what is not known is left out. */
static void
progress_text(char *out, size_t out_size, const struct show_file *f)
{
	char bytes[24], total[24], rate[24], left[24];
	size_t len = 0;

	out[0] = '\0';
	if (f->total_bytes < 0 && f->bytes < 0)
		return;
	str_bytes(bytes, sizeof bytes, f->bytes > 0 ? f->bytes : 0);
	str_bytes(total, sizeof total, f->total_bytes);
	if (f->bytes >= 0 && f->total_bytes > 0 && f->state < TAKE_FETCHED)
		len = (size_t)snprintf(out, out_size, "%3d %%  %s of %s", (int)((double)f->bytes * 100 / (double)f->total_bytes), bytes, total);
	else
		len = (size_t)snprintf(out, out_size, "%s", f->total_bytes >= 0 ? total : bytes);
	if (f->moves && f->rate_bytes > 0 && len < out_size) {
		str_bytes(rate, sizeof rate, f->rate_bytes);
		len += (size_t)snprintf(out + len, out_size - len, "  %s/s", rate);
	}
	if (f->moves && f->left_us >= 0 && len < out_size) {
		str_clock(left, sizeof left, f->left_us + 999999);
		snprintf(out + len, out_size - len, "  %s left", left);
	}
}

static enum theme_role
file_role(const struct show_file *f)
{
	if (f->state == TAKE_FAILED)
		return ROLE_ALARM;
	if (f->state == TAKE_VERIFIED)
		return ROLE_GOOD;
	if (f->state == TAKE_RECORDING)
		return ROLE_REC;
	return strcmp(f->word, "retrying") == 0 || strcmp(f->word, "no room") == 0 ? ROLE_WARN : ROLE_TEXT;
}

#define NAME_COL 7
#define NAME_CELLS 14
#define WORD_COL (NAME_COL + NAME_CELLS + 1)
#define PROGRESS_COL (WORD_COL + 11)
#define FILE_COL (PROGRESS_COL + 46)

static void
draw_file(struct pen *p, const struct show_file *f)
{
	char text[128];

	pen_putf(p, 4, 2, ROLE_DIM, "%2d", f->number);
	pen_put(p, NAME_COL, NAME_CELLS, ROLE_TEXT, f->name);
	pen_put(p, WORD_COL, 10, file_role(f), f->word);
	progress_text(text, sizeof text, f);
	pen_put(p, PROGRESS_COL, 45, ROLE_TEXT, text);
	if (p->cols > FILE_COL + 20)
		pen_put(p, FILE_COL, p->cols, ROLE_DIM, f->file);
	p->at++;
	if (f->why[0] != '\0')
		pen_fold(p, NAME_COL + 2, f->state == TAKE_FAILED ? ROLE_ALARM : ROLE_WARN, f->why);
}

static void
draw_files(struct pen *p, const struct show *s, const char *take)
{
	for (int i = 0; i < s->file_count; i++)
		if (strcmp(s->files[i].take, take) == 0)
			draw_file(p, &s->files[i]);
}

/* "fetching 3 of 8 files  45 %  1.2 of 2.7 GB  41 MB/s  00:36 left" */
static void
draw_fetch(struct pen *p, const struct show_fetch *f)
{
	char text[160];

	gauge_fetch(text, sizeof text, f);
	if (text[0] == '\0')
		return;
	pen_put(p, 1, p->cols, f->paused ? ROLE_WARN : ROLE_HEAD, text);
	p->at++;
}

static void
draw_all(struct pen *p, const struct show *s)
{
	const struct columns k = columns_fit(defs, COL_COUNT, 1, p->cols - 1);

	draw_fetch(p, &s->fetch);
	for (int i = 0; i < k.count; i++) {
		if (k.shown[i] && defs[i].right)
			pen_put_right(p, k.at[i], k.cells[i], ROLE_DIM, defs[i].title);
		else if (k.shown[i])
			pen_put(p, k.at[i], k.cells[i], ROLE_DIM, defs[i].title);
	}
	p->at++;
	for (int i = 0; i < s->take_count; i++) {
		draw_row(p, &k, &s->takes[i], s);
		draw_files(p, s, s->takes[i].take);
	}
	if (s->file_total > s->file_count) {
		pen_putf(p, 4, p->cols, ROLE_WARN, "and %d more files", s->file_total - s->file_count);
		p->at++;
	}
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
