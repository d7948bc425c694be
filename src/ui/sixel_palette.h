/*
 * sixel_palette.h - the colours of all sixel pictures: one fixed set, of which each level uses fewer.
 * Fixed, because a terminal then needs it once, noise cannot move it, and what is shown stays valid when the level
 * changes.  Steps are finest in green, which carries most of the luma, and among the greys.
 */
#ifndef UI_SIXEL_PALETTE_H
#define UI_SIXEL_PALETTE_H

#include <stdbool.h>
#include <stdint.h>

#define SIXEL_PALETTE_COLOURS 224
#define SIXEL_PALETTE_LEVELS 4
#define SIXEL_PALETTE_NEAR 24		/* colours that are known to be like another */
#define SIXEL_PALETTE_NONE 255		/* no colour: what the terminal shows is not known */

/* A colour as the eye weighs it: luma, and how far blue and red are from it. */
struct sixel_tone { int y, u, v; };

struct sixel_palette {
	uint8_t rgb[SIXEL_PALETTE_COLOURS][3];
	struct sixel_tone tone[SIXEL_PALETTE_COLOURS];
	uint8_t near[SIXEL_PALETTE_COLOURS][SIXEL_PALETTE_NEAR];	/* of sixel_palette_near() */
	bool has_near[SIXEL_PALETTE_COLOURS];
	uint8_t number[SIXEL_PALETTE_COLOURS];		/* register of each: dull colours first, they are short to name */
	uint8_t part[SIXEL_PALETTE_LEVELS][3][256];	/* what each channel adds to the colour */
	uint8_t grey[SIXEL_PALETTE_LEVELS][256];	/* the grey for each luma, finer than the colours */
};

void sixel_palette_init(struct sixel_palette *p);
/* The finest level whose colours fit into so many registers. */
int sixel_palette_level_for(int registers);
int sixel_palette_count(int level);
/* Colours like c, the likest first; _NONE after the last when they are fewer. */
const uint8_t *sixel_palette_near(struct sixel_palette *p, unsigned c);

/* Channel by channel, without the greys. */
static inline unsigned
sixel_palette_nearest(const struct sixel_palette *p, int level, const uint8_t *rgb)
{
	return (unsigned)(p->part[level][0][rgb[0]] + p->part[level][1][rgb[1]] + p->part[level][2][rgb[2]]);
}

static inline struct sixel_tone
sixel_palette_tone(const uint8_t *rgb)
{
	int y = (77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) >> 8;

	return (struct sixel_tone){ y, rgb[2] - y, rgb[0] - y };
}

/* How wrong colour c would be for this tone: 16 for each squared step of luma, chroma weighs far less. */
static inline int
sixel_palette_error(const struct sixel_palette *p, const struct sixel_tone *t, unsigned c)
{
	int y = t->y - p->tone[c].y, u = t->u - p->tone[c].u, v = t->v - p->tone[c].v;

	return 16 * y * y + (5 * u * u >> 1) + (5 * v * v >> 1);
}

#endif
