/*
 * paint.h - painters of live pictures: a thumb in a rectangle of cells as bytes for the terminal.
 * A painter never scrolls, never touches the last row, leaves cursor and colours as it found them.
 */
#ifndef UI_PAINT_H
#define UI_PAINT_H

#include "base/buf.h"
#include "domain/thumb.h"
#include "ui/canvas.h"

struct paint_place { int row, col, rows, cols; int cell_w_px, cell_h_px; };

struct paint_ops {
	const char *name;			/* "sixel" "symbols" */
	void *(*open)(int colours);		/* one picture's kept state (palette, what the terminal shows) */
	void (*close)(void *self);
	/* Pixels it wants for a place. */
	void (*size)(const struct paint_place *p, int *w_px, int *h_px);
	/* Appends the bytes that bring the place to this picture; false: nothing to do or no room. */
	bool (*draw)(void *self, struct buf *out, const struct paint_place *p, const struct thumb *t);
	/* The terminal has forgotten (repaint, resize): the next draw sends everything. */
	void (*forget)(void *self);
};

extern const struct paint_ops paint_sixel;	/* libsixel */
extern const struct paint_ops paint_blocks;	/* half blocks, 24-bit, 256, 16 or 8 colours */
extern const struct paint_ops paint_ascii;	/* brightness as characters: no colour, no UTF-8 */

#endif
