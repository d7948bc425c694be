/*
 * canvas_curses.h - a canvas shown by ncursesw; the only file that knows curses.  Curses only draws here.
 */
#ifndef UI_CANVAS_CURSES_H
#define UI_CANVAS_CURSES_H

#include "base/buf.h"
#include "base/err.h"
#include "ui/canvas.h"

struct canvas_curses;

/*
 * Gives the names that curses asks the environment for (LINES, COLUMNS, NCURSES_NO_PADDING) their place in it.  Called once, before
 * there are threads: a name added later moves the table under whoever reads it.
 */
void canvas_curses_reserve(void);
/*
 * Curses writes into memory; canvas_curses_take() hands the bytes on, so that no terminal can block us.
 * The first bytes switch to the alternate screen and bracketed paste.
 */
struct canvas_curses *canvas_curses_new(const struct theme *theme, int rows, int cols, struct err *e);
/* The same for a terminal of which the environment says nothing.  One at a time: the one before must have been freed. */
struct canvas_curses *canvas_curses_new_on(const struct theme *theme, const char *term, bool no_colour, int rows, int cols,
    struct err *e);
/* The last bytes: the screen as it was. */
void canvas_curses_end(struct canvas_curses *cc, struct buf *out);
void canvas_curses_free(struct canvas_curses *cc);
/* What has been drawn since the last call. */
void canvas_curses_take(struct canvas_curses *cc, struct buf *out);
void canvas_curses_set_theme(struct canvas_curses *cc, const struct theme *theme);
/* Draws what changed. */
void canvas_curses_show(struct canvas_curses *cc, const struct canvas *c);
/*
 * Blanks for cells of a picture that is gone while another comes to the same place: curses sees no difference there.
 * To be sent before the next show.
 */
void canvas_curses_erase(struct canvas_curses *cc, struct buf *out, int row, int col, int rows, int cols);
void canvas_curses_redraw(struct canvas_curses *cc);	/* everything, with the next show */
void canvas_curses_again(struct canvas_curses *cc);	/* the terminal may have been somebody else's meanwhile */
void canvas_curses_resize(struct canvas_curses *cc, int rows, int cols);
int canvas_curses_colours(const struct canvas_curses *cc);	/* 0 = none */
void canvas_curses_bell(struct canvas_curses *cc, bool audible);

#endif
