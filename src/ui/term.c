/*
 * term.c - the terminal's own answers about itself.  Owns nothing; believes only well-formed replies, within limits.
 */
#include "ui/term.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"

#define LEAST_CELL_W_PX 3
#define LEAST_CELL_H_PX 5
#define ESC '\x1b'

void
term_environment(struct term_environment *out)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR"), *depth = getenv("COLORTERM");

	str_copy(out->term, sizeof out->term, term != NULL ? term : "");
	out->no_colour = no_colour != NULL && no_colour[0] != '\0';
	out->truecolour = depth != NULL && (strcmp(depth, "truecolor") == 0 || strcmp(depth, "24bit") == 0);
}

const char *
term_questions(const char *term)
{
	/* Older consoles of Linux print the end of what they do not know; and there is nothing more to know. */
	if (term != NULL && str_has_prefix(term, "linux"))
		return "\x1b[c";
	/* DA1 last: everything answers it, so it fences the others (xterm ctlseqs; DEC STD 070). */
	return "\x1b]11;?\x1b\\" "\x1b[>q" "\x1b[16t" "\x1b[14t" "\x1b[?1;1;0S" "\x1b[?2;1;0S" "\x1b[?2026$p" "\x1b[c";
}

void
term_caps_init(struct term_caps *t)
{
	memset(t, 0, sizeof *t);
}

static void
read_version(struct term_caps *t, const char *text)
{
	/* DCS > | NAME(VERSION) ST */
	if (text[0] != '>' || text[1] != '|')
		return;
	str_clean(t->version, sizeof t->version, text + 2, strlen(text + 2), 60);
	t->is_tmux = str_has_prefix(t->version, "tmux");
	t->is_xterm = str_has_prefix(t->version, "XTerm(");
}

static bool
read_size(int w, int h, int max, int *out_w, int *out_h)
{
	if (w < 1 || h < 1 || w > max || h > max)
		return false;
	*out_w = w;
	*out_h = h;
	return true;
}

static bool
set_cell(struct term_caps *t, int w_px, int h_px)
{
	return w_px >= LEAST_CELL_W_PX && h_px >= LEAST_CELL_H_PX &&
	    read_size(w_px, h_px, MAX_CELL_PX, &t->cell_w_px, &t->cell_h_px);
}

/* XTSMGRAPHICS: item; status, 0 = well; figures. */
static void
read_graphics(struct term_caps *t, const struct input_event *ev)
{
	if (ev->arg_count < 3 || ev->args[1] != 0)
		return;
	if (ev->args[0] == 1 && ev->args[2] > 1)
		t->colour_registers = ev->args[2] < MAX_COLOUR_REGISTERS ? ev->args[2] : MAX_COLOUR_REGISTERS;
	else if (ev->args[0] == 2 && ev->arg_count >= 4)
		read_size(ev->args[2], ev->args[3], MAX_SCREEN_PX, &t->graphics_w_px, &t->graphics_h_px);
}

static void
read_attributes(struct term_caps *t, const struct input_event *ev)
{
	t->answered = true;
	for (int i = 1; i < ev->arg_count; i++)
		t->sixel = t->sixel || ev->args[i] == 4;
}

/* OSC 11 ; rgb:RRRR/GGGG/BBBB, one to four hexadecimal digits each (XParseColor(3)); by its luma (ITU-R BT.601). */
static void
read_paper(struct term_caps *t, const char *text)
{
	static const int weights[3] = { 299, 587, 114 };
	const char *at = strchr(text, ':');
	double luma = 0;

	if (!str_has_prefix(text, "11;rgb:") && !str_has_prefix(text, "11;rgba:"))
		return;
	for (int i = 0; i < 3; i++) {
		unsigned value = 0, most = 0;

		for (at++; isxdigit((unsigned char)*at) && most < 0xffff; at++) {
			value = value * 16 + (unsigned)(isdigit((unsigned char)*at) ? *at - '0' : (*at | 0x20) - 'a' + 10);
			most = most * 16 + 15;
		}
		if (most == 0 || (i < 2 && *at != '/'))
			return;
		luma += weights[i] * (double)value / most;
	}
	t->paper = luma > 500 ? TERM_PAPER_LIGHT : TERM_PAPER_DARK;
}

bool
term_reply(struct term_caps *t, const struct input_event *ev, bool *done)
{
	*done = false;
	if (ev->final == 'P')
		read_version(t, ev->string);
	else if (ev->final == ']')
		read_paper(t, ev->string);
	else if (ev->final == 'c' && ev->prefix == '?') {
		read_attributes(t, ev);
		*done = true;
	} else if (ev->final == 't' && ev->prefix == 0 && ev->arg_count == 3 && ev->args[0] == 6)
		(void)set_cell(t, ev->args[2], ev->args[1]);
	else if (ev->final == 't' && ev->prefix == 0 && ev->arg_count == 3 && ev->args[0] == 4)
		read_size(ev->args[2], ev->args[1], MAX_SCREEN_PX, &t->area_w_px, &t->area_h_px);
	else if (ev->final == 'S' && ev->prefix == '?')
		read_graphics(t, ev);
	else if (ev->final == 'y' && ev->prefix == '?' && ev->arg_count >= 2 && ev->args[0] == 2026)
		t->synchronized_output = ev->args[1] == 1 || ev->args[1] == 2;
	else
		return false;
	return true;
}

bool
term_hear(struct term_heard *h, const struct input_event *ev, bool *done)
{
	struct term_caps caps;
	const bool is_alone = ev->final == 'c' && h->is_over;

	if (h->is_over && !is_alone)
		term_caps_init(&caps);
	else
		caps = h->caps;
	if (!term_reply(&caps, ev, done))
		return false;
	h->caps = caps;
	h->is_over = *done;
	return true;
}

/* tmux makes pixels up, 16 x 32 a cell, where it knows of none. */
static bool
is_made_up(const struct term_caps *t, int w_px, int h_px)
{
	return t->is_tmux && w_px == 16 && h_px == 32;
}

static void
settle_cell(struct term_caps *t, int rows, int cols, int win_w_px, int win_h_px)
{
	/* A window's own figure includes its border, hence the floor. */
	if (t->cell_w_px > 0 || set_cell(t, t->area_w_px / cols, t->area_h_px / rows))
		return;
	if (!is_made_up(t, win_w_px / cols, win_h_px / rows) && set_cell(t, win_w_px / cols, win_h_px / rows))
		return;
	if (set_cell(t, t->graphics_w_px / cols, t->graphics_h_px / rows))
		return;
	t->cell_w_px = 8;
	t->cell_h_px = 16;
}

void
term_settle(struct term_caps *t, int rows, int cols, int win_w_px, int win_h_px)
{
	rows = rows < 1 ? 1 : rows;
	cols = cols < 1 ? 1 : cols;
	settle_cell(t, rows, cols, win_w_px, win_h_px);
	t->uneven_cells = t->area_w_px > 0 && (t->area_w_px != t->cell_w_px * cols || t->area_h_px != t->cell_h_px * rows);
}

bool
term_wrap(struct buf *out, const char *bytes, size_t len)
{
	const size_t before = out->len;
	bool ok = len == 0 || buf_add_text(out, "\x1bPtmux;");

	for (size_t i = 0; ok && i < len; i++)
		ok = (bytes[i] != ESC || buf_add(out, bytes + i, 1)) && buf_add(out, bytes + i, 1);
	ok = ok && (len == 0 || buf_add_text(out, "\x1b\\"));
	if (!ok)
		out->len = before;
	return ok;
}
