/*
 * term.h - what the terminal says it can: one batch of questions with DA1 last as the fence.
 * Questions: OSC 11 (background), XTVERSION, CSI 16 t, CSI 14 t, XTSMGRAPHICS (colours, area), DECRQM 2026, DA1.  Pure but for term_environment():
 * replies are pushed in.
 * A terminal may lie: every figure has a floor and a ceiling, and outside of them it was not told.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include <stdbool.h>
#include "base/buf.h"
#include "ui/input.h"

enum term_paper { TERM_PAPER_UNTOLD, TERM_PAPER_DARK, TERM_PAPER_LIGHT };

struct term_caps {
	bool answered;			/* DA1 came */
	bool sixel;			/* DA1 attribute 4 */
	bool synchronized_output;	/* DECRPM 2026: 1 or 2 */
	bool is_tmux, is_xterm;
	int cell_w_px, cell_h_px;	/* 0: not told */
	bool uneven_cells;		/* they are no whole number of pixels wide or high */
	int area_w_px, area_h_px;	/* CSI 14 t */
	int graphics_w_px, graphics_h_px;	/* XTSMGRAPHICS: the largest picture, often the window */
	int colour_registers;		/* 0: not told */
	enum term_paper paper;		/* its background, OSC 11 */
	char version[128];
};

/* What the environment says of the terminal that a program was started on. */
struct term_environment {
	char term[64];			/* TERM; "" = it is not set */
	bool no_colour;			/* NO_COLOR is set to anything (no-color.org) */
	bool truecolour;		/* COLORTERM says truecolor or 24bit */
};

struct term_heard {
	struct term_caps caps;		/* of the round that is being answered, or was last */
	bool is_over;			/* its fence came */
};

void term_environment(struct term_environment *out);
/* The questions, as bytes to send to such a terminal (TERM, or NULL). */
const char *term_questions(const char *term);
void term_caps_init(struct term_caps *t);
/* True when this was an answer of ours.  *done: the fence came. */
bool term_reply(struct term_caps *t, const struct input_event *ev, bool *done);
/*
 * The same for rounds of questions that follow each other before they are answered: the first answer after a fence begins
 * anew, so that no round keeps half of another.  A fence that stands alone tells nothing new.
 */
bool term_hear(struct term_heard *h, const struct input_event *ev, bool *done);
/* Fills in the cell size from the window's pixels and last from 8 x 16. */
void term_settle(struct term_caps *t, int rows, int cols, int win_w_px, int win_h_px);
/*
 * Bytes that go through tmux to the terminal around it: ESC P tmux; ... ESC \ with every ESC in them doubled.  Places in them
 * are that terminal's: right for a pane at its top left.  tmux must allow it (allow-passthrough).
 */
bool term_wrap(struct buf *out, const char *bytes, size_t len);

#endif
