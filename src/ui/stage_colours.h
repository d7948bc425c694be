/*
 * stage_colours.h - the one palette of a screen's sixel pictures, and when its colours are chosen again: soon after
 * pictures were laid out anew, then when what is visible has become another thing.
 * The choosing is pool work; the palette changes only on the loop's thread, between two draws.
 */
#ifndef UI_STAGE_COLOURS_H
#define UI_STAGE_COLOURS_H

#include "base/loop.h"
#include "ui/sixel_learn.h"

struct stage_colours;
struct stage_colours_fns {
	/* Marks the colours that are on the screen: none of them jumps, for what is painted would at once. */
	void (*uses)(void *arg, bool *marks);
	/* Adds the visible pictures; false: not now. */
	bool (*sample)(void *arg, struct sixel_learn *l);
	/* The palette's colours are others: the terminal is to be told, all pictures painted again. */
	void (*changed)(void *arg);
};

struct stage_colours *stage_colours_new(struct loop *loop, const struct stage_colours_fns *fns, void *arg);
void stage_colours_free(struct stage_colours *c);	/* NULL is fine */
struct sixel_palette *stage_colours_palette(struct stage_colours *c);
/* Another terminal, or none (0): nothing happens before pictures are laid out again. */
void stage_colours_fit(struct stage_colours *c, int registers);
/* Pictures stand elsewhere, or are others. */
void stage_colours_laid_out(struct stage_colours *c);
/* A picture has changed.  While none does, no timer runs. */
void stage_colours_stir(struct stage_colours *c);

#endif
