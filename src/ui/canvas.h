/*
 * canvas.h - a grid of cells that views draw on.  Knows no terminal: canvas_curses.c shows it, tests read it.
 * Everything put on it is made printable again here (the second of two sanitisers).
 */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include <stdbool.h>
#include "domain/ids.h"
#include "ui/theme.h"

#define CANVAS_CELL_BYTES 24		/* one base character and its marks */
#define CANVAS_PICTURES 32		/* a page of 25, program, preview */
#define CANVAS_ZONES 300

struct canvas_cell {
	char text[CANVAS_CELL_BYTES];	/* "" in the right half of a wide character */
	unsigned char cells;		/* 1 or 2; 0 for that right half */
	unsigned char role;
	bool picture;			/* belongs to a picture: never written by text */
};

/* A place for a live picture: whole cells, left blank by everyone else. */
struct canvas_picture {
	char node[ID_BYTES];
	int row, col, rows, cols;
	int priority;			/* 0 program, 1 preview, 2 the rest; the focus is the stage's */
	bool awaited;			/* none has come yet: the cells are still the text's */
};

/* Cells that stand for a camera, text and all: what a mouse click on them means. */
struct canvas_zone {
	char node[ID_BYTES];
	int row, col, rows, cols;
};

struct canvas {
	int rows, cols;
	struct canvas_cell *cell;	/* rows * cols */
	int picture_count;
	struct canvas_picture pictures[CANVAS_PICTURES];
	int zone_count;
	struct canvas_zone zones[CANVAS_ZONES];
	int cursor_row, cursor_col;	/* -1: hidden */
};

void canvas_init(struct canvas *c, int rows, int cols);
void canvas_fini(struct canvas *c);
void canvas_clear(struct canvas *c);
/* Puts at most width cells of text; returns the columns used.  Outside the grid: clipped. */
int canvas_put(struct canvas *c, int row, int col, int width, enum theme_role role, const char *text);
int canvas_putf(struct canvas *c, int row, int col, int width, enum theme_role role, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* The same, but text that is longer ends in an ellipsis. */
int canvas_put_cut(struct canvas *c, int row, int col, int width, enum theme_role role, const char *text);
/* Right-aligned: the text ends before column end. */
int canvas_put_right(struct canvas *c, int row, int end, int width, enum theme_role role, const char *text);
/* One character repeated. */
void canvas_fill(struct canvas *c, int row, int col, int width, enum theme_role role, const char *text);
/* Reserves cells for a picture; false when there are too many or it would touch the last row. */
bool canvas_picture(struct canvas *c, const char *node, int row, int col, int rows, int cols, int priority);
/* A picture is wanted here but has not come: the place is told, the cells stay text. */
bool canvas_await_picture(struct canvas *c, const char *node, int row, int col, int rows, int cols, int priority);
/* These cells are the camera's; silently left out when there are too many. */
void canvas_zone(struct canvas *c, const char *node, int row, int col, int rows, int cols);
/* Whose cell it is; NULL: nobody's. */
const char *canvas_node_at(const struct canvas *c, int row, int col);
/* The camera's picture has its place on this canvas already. */
bool canvas_has_picture(const struct canvas *c, const char *node);
/* One row as text, trailing blanks cut; picture cells as blanks. */
void canvas_row_text(const struct canvas *c, int row, char *out, size_t out_size);

#endif
