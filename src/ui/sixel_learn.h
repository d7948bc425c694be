/*
 * sixel_learn.h - better colours for what the pictures hold: from samples of them and the colours there are.
 * Pure and deterministic; may run on any thread, for it knows nothing but its own copy.
 */
#ifndef UI_SIXEL_LEARN_H
#define UI_SIXEL_LEARN_H

#include <stddef.h>

#include "domain/thumb.h"
#include "ui/sixel_palette.h"

#define SIXEL_LEARN_SAMPLES 65536	/* and no more of them */

struct sixel_learn {
	uint8_t (*samples)[3];
	size_t count, room;
	uint8_t rgb[SIXEL_PALETTE_COLOURS][3];		/* in: the present colours; out: those that are better */
	bool is_used[SIXEL_PALETTE_COLOURS];		/* in: on the screen: it may only move as little as nobody sees */
	uint8_t was[SIXEL_PALETTE_COLOURS][3];		/* the present colours */
	bool is_fixed[SIXEL_PALETTE_COLOURS], is_there[SIXEL_PALETTE_COLOURS];
	uint8_t by_number[SIXEL_PALETTE_COLOURS];	/* those that may change first, short names before long ones */
	int may_change;
	double before, after;		/* mean error of the samples with the present colours; with the better ones */
};

void sixel_learn_init(struct sixel_learn *l, const struct sixel_palette *p);
void sixel_learn_fini(struct sixel_learn *l);
/* Every so manieth pixel each way. */
void sixel_learn_add(struct sixel_learn *l, const struct thumb *t, int step);
/* Only looks how wrong the present colours are: before. */
void sixel_learn_weigh(struct sixel_learn *l);
/* And finds better ones; takes some ten milliseconds. */
void sixel_learn_run(struct sixel_learn *l);

#endif
