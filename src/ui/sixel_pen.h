/*
 * sixel_pen.h - rows of palette colours as DECSIXEL bytes (DEC STD 070-8, VT330/VT340 graphics programming).
 * Knows which registers the terminal has been told; knows no screen position and no picture.
 */
#ifndef UI_SIXEL_PEN_H
#define UI_SIXEL_PEN_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/sixel_palette.h"
#include "ui/sixel_plane.h"

/* Up to six rows.  shown: pixels that are there already and may stay; rows of NULL: all must be painted. */
struct sixel_strip {
	const uint8_t *want[SIXEL_BAND], *shown[SIXEL_BAND];
	int rows;
	int first, end;			/* columns to look at */
	int origin;			/* the column where the sixel picture begins; not after first */
};

struct sixel_pen {
	const struct sixel_palette *colours;
	bool shared;			/* registers outlive a picture and have the palette's own numbers */
	bool defined[SIXEL_PALETTE_COLOURS];
	uint8_t number[SIXEL_PALETTE_COLOURS];
	int next_number;
	int width_px;
	uint8_t *must, *later;		/* bits of each column: to be painted; still to come */
	uint8_t *force, *forbid;	/* of one colour: those it must paint, those it must not */
	uint64_t *taken;		/* columns of each pass, a bit each */
	char *bytes;			/* what strips have made; taken by whoever sends it */
	size_t len, room;
};

void sixel_pen_init(struct sixel_pen *pen, const struct sixel_palette *colours, bool shared);
void sixel_pen_fini(struct sixel_pen *pen);
bool sixel_pen_resize(struct sixel_pen *pen, int width_px);	/* false: no memory */
/* Another sixel picture begins; without shared registers it knows no colours. */
void sixel_pen_begin(struct sixel_pen *pen);
/* The terminal may have lost the registers. */
void sixel_pen_forget(struct sixel_pen *pen);
void sixel_pen_knows_all(struct sixel_pen *pen);
/* Replaces bytes and len by one strip without its end ("-"); false: nothing to paint. */
bool sixel_pen_strip(struct sixel_pen *pen, const struct sixel_strip *s);
/* "#N;2;R;G;B"; at least 20 bytes of room.  Returns the end. */
char *sixel_pen_define(char *at, int number, const uint8_t *rgb);

#endif
