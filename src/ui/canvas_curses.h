/*
 * canvas_curses.h - a canvas shown by ncursesw; the only file that knows curses.  Curses only draws here.
 */
#ifndef UI_CANVAS_CURSES_H
#define UI_CANVAS_CURSES_H

#include "base/err.h"
#include "ui/canvas.h"

struct canvas_curses;

/* Takes the terminal over (alternate screen, raw mode, bracketed paste). */
struct canvas_curses *canvas_curses_new(const struct theme *theme, struct err *e);
void canvas_curses_free(struct canvas_curses *cc);	/* gives the terminal back */
void canvas_curses_set_theme(struct canvas_curses *cc, const struct theme *theme);
/* Shows what changed.  Writes to the terminal. */
void canvas_curses_show(struct canvas_curses *cc, const struct canvas *c);
/* Rows that held pictures which are gone: written anew with the next show. */
void canvas_curses_forget_rows(struct canvas_curses *cc, int row, int rows);
void canvas_curses_redraw(struct canvas_curses *cc);	/* everything, with the next show */
void canvas_curses_resize(struct canvas_curses *cc, int rows, int cols);
int canvas_curses_colours(const struct canvas_curses *cc);	/* 0 = none */
void canvas_curses_bell(struct canvas_curses *cc, bool audible);

#endif
