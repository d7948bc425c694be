/*
 * term.c - the terminal's own answers about itself.  Owns nothing; believes only well-formed replies.
 */
#include "ui/term.h"

#include <string.h>

#include "base/str.h"

const char *
term_questions(void)
{
	/* DA1 last: everything answers it, so it fences the others (xterm ctlseqs; DEC STD 070). */
	return "\x1b[>q" "\x1b[16t" "\x1b[14t" "\x1b[?1;1;0S" "\x1b[?2026$p" "\x1b[c";
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
	t->is_xterm = str_has_prefix(t->version, "XTerm");
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

bool
term_reply(struct term_caps *t, const struct input_event *ev, bool *done)
{
	*done = false;
	if (ev->final == 'P') {
		read_version(t, ev->string);
		return true;
	}
	if (ev->final == 'c' && ev->prefix == '?') {
		t->answered = *done = true;
		for (int i = 1; i < ev->arg_count; i++)
			t->sixel = t->sixel || ev->args[i] == 4;
		return true;
	}
	if (ev->final == 't' && ev->arg_count == 3) {
		if (ev->args[0] == 6)
			read_size(ev->args[2], ev->args[1], 200, &t->cell_w_px, &t->cell_h_px);
		else if (ev->args[0] == 4)
			read_size(ev->args[2], ev->args[1], 20000, &t->area_w_px, &t->area_h_px);
		return true;
	}
	if (ev->final == 'S' && ev->prefix == '?') {
		if (ev->arg_count >= 3 && ev->args[0] == 1 && ev->args[1] == 0)
			t->colour_registers = ev->args[2];
		return true;
	}
	if (ev->final == 'y' && ev->prefix == '?') {
		if (ev->arg_count >= 2 && ev->args[0] == 2026)
			t->synchronized_output = ev->args[1] == 1 || ev->args[1] == 2;
		return true;
	}
	return false;
}

void
term_settle(struct term_caps *t, int rows, int cols, int win_w_px, int win_h_px)
{
	if (t->cell_w_px > 0)
		return;
	/* tmux makes pixel sizes up; a window's own figure includes its border, hence the floor. */
	if (t->area_w_px >= cols && t->area_h_px >= rows) {
		t->cell_w_px = t->area_w_px / cols;
		t->cell_h_px = t->area_h_px / rows;
	} else if (!t->is_tmux && win_w_px >= cols * 3 && win_h_px >= rows * 5) {
		t->cell_w_px = win_w_px / cols;
		t->cell_h_px = win_h_px / rows;
	} else {
		t->cell_w_px = 8;
		t->cell_h_px = 16;
	}
}
