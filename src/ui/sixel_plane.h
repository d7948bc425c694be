/*
 * sixel_plane.h - one picture as palette colours: what the terminal shows, what it should show.
 * Decides which pixels have really changed; knows neither bytes nor where on the screen it is.
 */
#ifndef UI_SIXEL_PLANE_H
#define UI_SIXEL_PLANE_H

#include <stdbool.h>

#include "domain/thumb.h"
#include "ui/sixel_palette.h"

#define SIXEL_BAND 6			/* rows of pixels in one row of sixels */
#define SIXEL_SIDE_PX 4096		/* ceiling of either side */

/* Columns of a band where something may differ: first .. end - 1; none when end is 0. */
struct sixel_span { int first, end; };

struct sixel_plane {
	int width_px, height_px;	/* the place's */
	int stride;			/* of both planes: whole blocks, some more than the width */
	int bands;
	uint8_t *shown, *want;		/* stride * bands * SIXEL_BAND; outside the place both are the same */
	struct sixel_span *spans;	/* one a band */
	int left, top, inner_w, inner_h;	/* the picture within the place; the rest is black bars */
	uint8_t *judged;		/* the picture's pixels when they were last looked at closely */
	bool fresh;			/* look at all of them */
	int level;			/* that the last picture was judged by */
	int strict;			/* the band being looked at closely this time */
	int sampled, active;		/* pixels of the last picture; those that moved more than noise does */
};

/* What counts as a change. */
struct sixel_taste {
	int level;			/* of the palette */
	int noise;			/* a channel must leave this to be looked at */
	int keep;			/* how much less wrong another colour must be */
	bool closely;			/* the next bands are looked at closely: once a picture, not with each of its pieces */
};

void sixel_plane_init(struct sixel_plane *p);
void sixel_plane_fini(struct sixel_plane *p);
/* Another size forgets everything.  false: no such size, or no memory. */
bool sixel_plane_resize(struct sixel_plane *p, int width_px, int height_px);
/* The terminal shows none of it. */
void sixel_plane_forget(struct sixel_plane *p);
/* These rows may be lost: they will be sent again, looking as they do. */
void sixel_plane_lose(struct sixel_plane *p, int first_row, int end_row);
/* The colours are others: what shows one of those that moved is to be painted again, all is judged anew. */
void sixel_plane_recolour(struct sixel_plane *p, const bool *moved);
/* Marks the colours that the terminal shows, or is about to. */
void sixel_plane_uses(const struct sixel_plane *p, bool *marks);
/* The next picture, not larger than the place and in its middle. */
bool sixel_plane_take(struct sixel_plane *p, struct sixel_palette *colours, const struct thumb *t, const struct sixel_taste *taste);
/* Sent: the terminal shows these pixels as wanted. */
void sixel_plane_sent(struct sixel_plane *p, int x0, int y0, int x1, int y1);
bool sixel_plane_is_strict(const struct sixel_plane *p, int band);

#endif
