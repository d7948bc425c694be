/*
 * sixel_thin.h - fewer colours in a strip of sixels: naming a colour costs as many bytes as a dozen pixels.
 * Changes only what a plane wants, never what is shown; knows the price of bytes, not the bytes.
 */
#ifndef UI_SIXEL_THIN_H
#define UI_SIXEL_THIN_H

#include <stddef.h>

#include "ui/sixel_plane.h"

/* A changed pixel; next: another of its colour, -1 none. */
struct sixel_spot { uint16_t x, y; int next; };

/* Scratch, kept so that no picture allocates. */
struct sixel_thin {
	struct sixel_spot *spots;
	uint8_t *instead;	/* of a colour's pixels, while it is weighed */
	size_t room;
};

struct sixel_price {
	int byte;		/* the error that a byte less may cost */
	int colour_bytes;	/* what one more colour in the strip takes */
};

void sixel_thin_init(struct sixel_thin *s);
void sixel_thin_fini(struct sixel_thin *s);
/* Gives pixels of rare colours what is shown already, or a near colour that the strip has anyway. */
void sixel_thin_rows(struct sixel_thin *s, struct sixel_plane *p, struct sixel_palette *colours,
    const struct thumb *t, int y0, int y1, const struct sixel_price *price);

#endif
