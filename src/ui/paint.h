/*
 * paint.h - painters of live pictures: a thumb in a rectangle of cells as bytes for the terminal.
 * A painter never scrolls, never touches the last row, leaves cursor and colours as it found them, and knows what
 * the terminal shows, so that it sends only what changed.
 */
#ifndef UI_PAINT_H
#define UI_PAINT_H

#include "base/buf.h"
#include "domain/thumb.h"
#include "ui/canvas.h"

struct sixel_palette;

struct paint_place { int row, col, rows, cols; int cell_w_px, cell_h_px; };

/* What the terminal allows: the same for every picture on it. */
struct paint_screen {
	int colours;			/* symbols: 0 (none) .. 1 << 24; sixel: colour registers */
	bool shared_palette;		/* sixel: registers are the whole screen's (xterm, ?1070l): the palette goes once */
	bool overlays;			/* sixel: pixels left out keep what is there (P2=1); proven for xterm only */
	bool uneven_cells;		/* sixel: cells are no whole number of pixels wide; pieces are as wide as the picture */
	struct sixel_palette *palette;	/* sixel: colours of all pictures on it, which may change between two draws; NULL: each its own */
};

/* What may be spent on one picture now. */
struct paint_grant {
	size_t max_bytes;		/* stop after the piece that reaches this; one piece always goes */
	int level;			/* 0 the best colours .. PAINT_LEVELS - 1 the fewest */
	int heal_rows;			/* so many rows of cells are sent again, whatever they show: in turn, so that all heal */
};
#define PAINT_LEVELS 4

/* NOTHING: the terminal shows it already.  MORE: pieces are left; draw again, with this picture or a newer one. */
enum paint_result { PAINT_NOTHING, PAINT_DONE, PAINT_MORE, PAINT_NO_ROOM };

struct paint_ops {
	const char *name;			/* "sixel" "symbols" */
	void *(*open)(const struct paint_screen *s);	/* one picture's kept state: what the terminal shows of it */
	void (*close)(void *self);
	/* Pixels it wants for a place. */
	void (*size)(const struct paint_place *p, int *w_px, int *h_px);
	/* Appends the bytes that bring the place nearer to this picture. */
	enum paint_result (*draw)(void *self, struct buf *out, const struct paint_place *p, const struct thumb *t,
	    const struct paint_grant *g);
	/* Marks the colours of the screen's palette that are on the screen; NULL: there are none. */
	void (*uses)(const void *self, bool *marks);
	/* The terminal has forgotten (repaint, resize): the next draw sends everything. */
	void (*forget)(void *self);
	/* Bytes before the first picture on a terminal (again whenever it may have been reset), and after the last; NULL: none. */
	bool (*begin)(struct buf *out, const struct paint_screen *s);
	bool (*end)(struct buf *out, const struct paint_screen *s);
	/* Appends what the terminal is to be told after the screen's palette changed, before the next draw; NULL: nothing. */
	bool (*renew)(struct buf *out, const struct paint_screen *s);
};

extern const struct paint_ops paint_sixel;
extern const struct paint_ops paint_blocks;	/* half blocks, 24-bit, 256, 16 or 8 colours */
extern const struct paint_ops paint_ascii;	/* brightness as characters: no colour, no UTF-8 */

#endif
