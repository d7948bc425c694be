/*
 * screen_next.c - what comes and what was: the NEXT row with the cue sheet's part, LAST, and the row of a program source that
 * failed.  Owns nothing; draws a snapshot.  Where a row is too short, words go before facts, and facts before the next cue's text.
 */
#include <stdio.h>
#include <string.h>

#include "app/keymap.h"
#include "base/str.h"
#include "ui/gauge.h"
#include "ui/screen_private.h"

#define SECOND_US INT64_C(1000000)

/* The key that gives this command, as people write it; "" = none does. */
static void
key_of(char *out, size_t out_size, const struct view_frame *f, const char *command)
{
	out[0] = '\0';
	for (int i = 0; i < keymap_count(f->keymap) && out[0] == '\0'; i++)
		if (strcmp(keymap_at(f->keymap, i)->command, command) == 0)
			keymap_key_words(out, out_size, keymap_at(f->keymap, i)->key);
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

/* ---- what waits ---- */

/* The forms of a waiting cut, the shortest last. */
enum { CUT_WHOLE, CUT_BRACKETS, CUT_ESC, CUT_SHORT, CUT_NUMBER, CUT_LEAST, CUT_FORMS };

static void
pending_words(char *out, size_t out_size, const struct show_pending *p, int form)
{
	static const char *const tails[CUT_FORMS] = { "   Esc cancels", " (Esc cancels)", " (Esc)", " (Esc)", "", "" };
	char source[MAX_NAME_BYTES + 16], name[MAX_NAME_BYTES], on[16] = "";

	screen_cut_name(name, sizeof name, p->name, form < CUT_SHORT ? 24 : form == CUT_SHORT ? 5 : 8);
	if (p->number > 0 && form < CUT_NUMBER)
		snprintf(source, sizeof source, "%d %s", p->number, name);
	else if (p->number > 0)
		snprintf(source, sizeof source, "%d", p->number);
	else
		str_copy(source, sizeof source, name);
	if (form < CUT_LEAST)
		snprintf(on, sizeof on, " ON %s", p->is_bar ? "BAR" : "BEAT");
	snprintf(out, out_size, "cut %s%s in %lld beat%s%s", source, on, (long long)p->beats, p->beats == 1 ? "" : "s", tails[form]);
}

/* "AUTO 3 host in 4 s"; while it holds back for an operator, for how long. */
static void
auto_words(char *out, size_t out_size, const struct show_auto *a)
{
	char in[24];

	gauge_age(in, sizeof in, (a->yields_us > 0 ? a->yields_us : a->next_us) + SECOND_US - 1);
	if (a->yields_us > 0)
		snprintf(out, out_size, "AUTO yields for %s", in);
	else if (a->next[0] != '\0')
		snprintf(out, out_size, "AUTO cut %s in %s", a->next, in);
	else
		snprintf(out, out_size, "AUTO waits%s%s", a->why[0] != '\0' ? ": " : "", a->why);
}

static void
waiting_words(char *out, size_t out_size, const struct show *s, int form)
{
	size_t len;

	if (s->pending.any) {
		pending_words(out, out_size, &s->pending, form);
		if (form <= CUT_BRACKETS && s->next[0] != '\0' && (len = strlen(out)) + 4 < out_size)
			snprintf(out + len, out_size - len, "   %s", s->next);
	} else if (s->next[0] != '\0') {
		str_copy(out, out_size, s->next);
	} else if (s->autodirector.on) {
		auto_words(out, out_size, &s->autodirector);
	} else {
		str_copy(out, out_size, s->cue.loaded ? "" : "nothing pending");
	}
}

/* ---- the cue sheet ---- */

/* Its forms: with the file's name; without; the go's text for the whole cue; that text alone. */
enum { CUE_WHOLE, CUE_LINE, CUE_TEXT, CUE_LEAST, CUE_FORMS };

struct cue_part {
	char head[176], state[24], text[MAX_TEXT_FIELD + 64], go[32];
	int least;			/* so many cells of the text stand at least */
};

static bool
waits_for_hand(const struct show_cue *c)
{
	return c->held || c->waits_go || (!c->playing && !c->over);
}

/* HELD alone waits for its `on go`; what was held says by what, where there is room. */
static void
cue_state(char *out, size_t out_size, const struct show_cue *c, int form)
{
	const char *word = c->over ? "OVER" : c->held || c->waits_go ? "HELD" : !c->playing ? "READY" : "";
	const bool says_by = c->held && !c->over && c->held_by[0] != '\0' && form < CUE_TEXT;

	if (form != CUE_LEAST)
		snprintf(out, out_size, "%s%s%s", word, says_by ? " by " : "", says_by ? c->held_by : "");
}

static void
cue_text(char *out, size_t out_size, const struct show_cue *c, int form)
{
	const bool is_due = c->next_us >= 0 && !waits_for_hand(c) && !c->over;
	char in[24] = "", when[48] = "";

	if (is_due)
		gauge_age(in, sizeof in, c->next_us + SECOND_US - 1);
	/* Before the cue: a long one is cut at its end. */
	if (form == CUE_WHOLE || is_due)
		snprintf(when, sizeof when, "%s%s%s: ", form == CUE_WHOLE ? "next" : "", form == CUE_WHOLE && is_due ? " in " : is_due ? "in " : "", in);
	if (form >= CUE_TEXT && c->waits_go && c->go_text[0] != '\0')
		snprintf(out, out_size, "\"%s\"", c->go_text);
	else
		snprintf(out, out_size, "%s%s", c->next[0] != '\0' ? when : "", c->next);
}

static void
cue_make(struct cue_part *p, const struct view_frame *f, int form)
{
	static const int least[CUE_FORMS] = { 40, 24, 8, 8 };
	const struct show_cue *c = &f->show->cue;
	char key[16], of[32] = "";

	memset(p, 0, sizeof *p);
	cue_state(p->state, sizeof p->state, c, form);
	if (!c->over)
		snprintf(of, sizeof of, " %d/%d", c->at < c->count ? c->at : c->count, c->count);
	if (form == CUE_WHOLE)
		snprintf(p->head, sizeof p->head, "CUE %s%s", c->file, of);
	else if (form != CUE_LEAST)
		snprintf(p->head, sizeof p->head, "CUE%s", of);
	cue_text(p->text, sizeof p->text, c, form);
	key_of(key, sizeof key, f, "cue go");
	if (waits_for_hand(c))
		snprintf(p->go, sizeof p->go, "[%s]%s", key[0] != '\0' ? key : ":cue", form == CUE_LEAST ? "" : " go");
	p->least = str_cells(p->text) < least[form] ? str_cells(p->text) : least[form];
}

static int
cue_gap(int form)
{
	return form == CUE_WHOLE ? 3 : form == CUE_LEAST ? 1 : 2;
}

/* All of it but the text. */
static int
cue_frame_cells(const struct cue_part *p, int form)
{
	const int gap = cue_gap(form);
	int cells = str_cells(p->head);

	cells += p->state[0] != '\0' ? str_cells(p->state) + (cells > 0) : 0;
	cells += p->text[0] != '\0' && cells > 0 ? gap : 0;
	return cells + (p->go[0] != '\0' ? str_cells(p->go) + (cells > 0 || p->text[0] != '\0' ? gap : 0) : 0);
}

static void
cue_draw(struct canvas *c, int row, int col, int end, const struct cue_part *p, int form)
{
	const int gap = cue_gap(form), text_cells = end - col - cue_frame_cells(p, form);

	if (p->head[0] != '\0')
		col += canvas_put(c, row, col, end - col, ROLE_TEXT, p->head);
	if (p->state[0] != '\0')
		col += 1 + canvas_put(c, row, col + 1, end - col - 1, str_has_prefix(p->state, "HELD") ? ROLE_WARN : ROLE_TEXT, p->state);
	if (p->text[0] != '\0') {
		col += p->head[0] != '\0' ? gap : 0;
		col += canvas_put_cut(c, row, col, text_cells, form == CUE_LEAST && p->go[0] != '\0' ? ROLE_WARN : ROLE_NEXT, p->text);
	}
	if (p->go[0] != '\0')
		canvas_put(c, row, col + gap, end - col - gap, ROLE_KEY, p->go);
}

/* ---- the NEXT row ---- */

static int
label_end(struct canvas *c, int row, const char *label)
{
	const int margin = screen_margin(c->cols);

	canvas_put(c, row, margin, 4, ROLE_DIM, label);
	return margin + (margin ? 7 : 5);
}

/* Both parts as long as they fit together; the next cue's text stays on every screen. */
static void
draw_both(struct canvas *c, const struct view_frame *f, int row, int at, int end)
{
	static const signed char pairs[][2] = {
		{ CUT_WHOLE, CUE_WHOLE }, { CUT_BRACKETS, CUE_WHOLE }, { CUT_WHOLE, CUE_LINE }, { CUT_BRACKETS, CUE_LINE }, { CUT_ESC, CUE_LINE },
		{ CUT_SHORT, CUE_LINE }, { CUT_BRACKETS, CUE_TEXT }, { CUT_ESC, CUE_TEXT }, { CUT_SHORT, CUE_TEXT }, { CUT_NUMBER, CUE_TEXT },
		{ CUT_LEAST, CUE_TEXT }, { CUT_LEAST, CUE_LEAST },
	};
	const size_t count = sizeof pairs / sizeof pairs[0];
	char waiting[MAX_TEXT_FIELD + 160];
	struct cue_part cue;
	int gap = 3, col, form = 0;

	for (size_t i = 0; i < count; i++) {
		form = pairs[i][1];
		gap = i + 1 < count ? 3 : 2;
		waiting_words(waiting, sizeof waiting, f->show, pairs[i][0]);
		cue_make(&cue, f, form);
		if (at + str_cells(waiting) + gap + cue_frame_cells(&cue, form) + cue.least <= end)
			break;
	}
	col = at + canvas_put_cut(c, row, at, end - at, ROLE_NEXT, waiting);
	col += col > at ? gap : 0;
	/* At one place whatever waits, where there is room. */
	if (at + 56 + cue_frame_cells(&cue, form) + str_cells(cue.text) <= end && col < at + 56)
		col = at + 56;
	cue_draw(c, row, col, end, &cue, form);
}

void
screen_next_draw(struct canvas *c, const struct view_frame *f, int row)
{
	const int at = label_end(c, row, "NEXT"), end = c->cols - 1;
	char text[MAX_TEXT_FIELD + 160];

	if (f->show->cue.loaded) {
		draw_both(c, f, row, at, end);
		return;
	}
	for (int form = CUT_WHOLE; form < CUT_FORMS; form++) {
		waiting_words(text, sizeof text, f->show, form);
		if (str_cells(text) <= end - at)
			break;
	}
	canvas_put_cut(c, row, at, end - at, ROLE_NEXT, text);
}

/* ---- LAST ---- */

/* "undo: BkSp" */
static void
undo_words(char *out, size_t out_size, const struct view_frame *f)
{
	char key[16];

	key_of(key, sizeof key, f, "cut back");
	out[0] = '\0';
	if (f->show->can_undo && key[0] != '\0' && !f->locked)
		snprintf(out, out_size, "undo: %s", strcmp(key, "Backspace") == 0 ? "BkSp" : key);
}

void
screen_last_draw(struct canvas *c, const struct view_frame *f, int row)
{
	const struct show *s = f->show;
	const int at = label_end(c, row, "LAST"), end = c->cols - 1;
	const enum theme_role role = s->last_ok ? ROLE_LAST : ROLE_WARN;
	char squeezed[MAX_TEXT_FIELD], undo[32];
	const char *text = s->last;
	int used;

	if (str_cells(text) > end - at) {
		squeeze(squeezed, sizeof squeezed, text);
		text = squeezed;
	}
	used = canvas_put_cut(c, row, at, end - at, role, text);
	undo_words(undo, sizeof undo, f);
	if (undo[0] != '\0' && at + used + 2 + str_cells(undo) <= end)
		canvas_put_right(c, row, end, str_cells(undo), ROLE_KEY, undo);
}

/* ---- the program source failed ---- */

static void
lost_age(char *out, size_t out_size, int64_t us)
{
	if (us < SHOW_TENTHS_US)
		snprintf(out, out_size, "%d.%d s", (int)(us / SECOND_US), (int)(us % SECOND_US / 100000));
	else
		gauge_age(out, out_size, us);
}

/* "Space: wide": a way out, and the key that goes it. */
static void
lost_way(char *out, size_t out_size, const char *gap, const char *key, const char *colon, const char *to, int cells)
{
	char name[MAX_NAME_BYTES];

	out[0] = '\0';
	screen_cut_name(name, sizeof name, to, cells);
	if (key[0] != '\0' && to[0] != '\0')
		snprintf(out, out_size, "%s%s%s%s", gap, key, colon, name);
}

/* The shorter the later; each names the keys. */
static void
lost_words(char *out, size_t out_size, const struct view_frame *f, int form)
{
	static const struct { const char *program, *gap, *colon; int cells; } forms[] = {
		{ "PROGRAM ", " - ", ": ", 32 }, { "PGM ", " - ", ": ", 16 }, { "PGM ", " ", ":", 6 }, { "PGM ", " ", ":", 0 },
	};
	const struct show_lost *l = &f->show->lost;
	char name[MAX_NAME_BYTES], age[24], space_key[16], panic_key[16], space[MAX_NAME_BYTES + 40], panic[MAX_NAME_BYTES + 40];

	screen_cut_name(name, sizeof name, l->name, forms[form].cells);
	lost_age(age, sizeof age, l->since_us);
	key_of(space_key, sizeof space_key, f, "cut %p");
	key_of(panic_key, sizeof panic_key, f, "panic");
	lost_way(space, sizeof space, forms[form].gap, f->locked ? "" : space_key, forms[form].colon, l->space, forms[form].cells > 0 ? forms[form].cells : 6);
	lost_way(panic, sizeof panic, forms[form].gap, l->safe[0] != '\0' ? panic_key : "", forms[form].colon, "safe", 4);
	snprintf(out, out_size, "%s%s%s%s %s%s%s", forms[form].program, name, name[0] != '\0' ? " " : "", l->frozen ? "FROZEN" : "LOST", age, space, panic);
}

void
screen_lost_draw(struct canvas *c, const struct view_frame *f, int row)
{
	const int margin = screen_margin(c->cols), room = c->cols - 1 - margin;
	char text[4 * MAX_NAME_BYTES];

	for (int form = 0; form < 4; form++) {
		lost_words(text, sizeof text, f, form);
		if (str_cells(text) <= room)
			break;
	}
	/* The whole row: nobody looks for it, it must be seen. */
	canvas_fill(c, row, 0, c->cols, ROLE_ALARM, " ");
	canvas_put_cut(c, row, margin, room, ROLE_ALARM, text);
}
