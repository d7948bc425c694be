/*
 * pen.h - a long list drawn or only counted: line number `at` goes to its row, if that is within the view.
 * The lines of a view are counted by drawing it without a canvas, so that both always agree.
 */
#ifndef UI_PEN_H
#define UI_PEN_H

#include "ui/canvas.h"

struct pen {
	struct canvas *c;		/* NULL: lines are only counted */
	int cols, top, bottom;		/* rows [top, bottom) */
	int at, scroll;			/* the next line; how many are above the view */
};

int pen_row(const struct pen *p);	/* of the present line; -1: not to be seen */
/* On the present line, within the border on the right; what is longer ends in an ellipsis. */
void pen_put(const struct pen *p, int col, int width, enum theme_role role, const char *text);
void pen_putf(const struct pen *p, int col, int width, enum theme_role role, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void pen_put_right(const struct pen *p, int col, int width, enum theme_role role, const char *text);
/* Folded at blanks from col to the border; what follows begins on the next line. */
void pen_fold(struct pen *p, int col, enum theme_role role, const char *text);
/* The same, but ends on its last line. */
void pen_fold_here(struct pen *p, int col, enum theme_role role, const char *text);
/* "HEALTH  what to do here; and there": a line; of the hint as many parts between semicolons as fit. */
void pen_head(struct pen *p, const char *title, const char *hint);
/* The cells from here to there are the camera's: a click on them means it. */
void pen_zone(const struct pen *p, const char *node, int lines);
/*
 * How many bytes of it go on a line of so many cells: to the last blank that fits, else as much as fits, never more than
 * there are.  Counted in the text itself: a copy by str_cut() has other bytes where the text has bad ones.
 */
size_t pen_piece(const char *text, int cells);
/* Does it need more?  No character has more cells than bytes: of thousands of lines few must be measured. */
bool pen_is_wider(const char *text, int cells);

#endif
