/*
 * sixel_palette.h - the colours of all sixel pictures of a screen, of which each level uses fewer.
 * They begin as a fixed set; some of it stays for ever, so that no colour is ever far away and few colours are always
 * the same few, and the rest may be set to what the pictures hold.  What each is called never changes.
 */
#ifndef UI_SIXEL_PALETTE_H
#define UI_SIXEL_PALETTE_H

#include <stdbool.h>
#include <stdint.h>

#define SIXEL_PALETTE_COLOURS 224
#define SIXEL_PALETTE_LEVELS 4
#define SIXEL_PALETTE_MOVING 4		/* as a level: of the first one those with short names, for what moves */
#define SIXEL_PALETTE_TABLES 5
#define SIXEL_PALETTE_FIXED 42		/* registers below never change their colour: all of the third level */
#define SIXEL_PALETTE_NEAR 24		/* colours that are known to be like another */
#define SIXEL_PALETTE_NONE 255		/* no colour: what the terminal shows is not known */
#define SIXEL_PALETTE_CELLS 65536	/* of colours that are looked up as one: 5 bits of red and blue, 6 of green */

/* What a squared step of luma weighs, and one of blue or red beside it. */
#define SIXEL_PALETTE_LUMA 16
#define SIXEL_PALETTE_CHROMA 4

/* A colour as the eye weighs it: luma, and how far blue and red are from it. */
struct sixel_tone { int y, u, v; };

/* Colours by their luma: the nearest to a tone is sought outwards from where it would stand. */
struct sixel_order {
	uint8_t by_luma[SIXEL_PALETTE_COLOURS];
	struct sixel_tone tones[SIXEL_PALETTE_COLOURS];		/* in that order */
	uint8_t first[257];		/* of each luma, or of the next that there is */
	int count;
};

struct sixel_palette {
	uint8_t rgb[SIXEL_PALETTE_COLOURS][3];	/* as a terminal shows them, which is told percents */
	struct sixel_tone tone[SIXEL_PALETTE_COLOURS];
	uint8_t number[SIXEL_PALETTE_COLOURS];		/* register of each: those of the coarse levels first */
	int registers;			/* that the terminal has */
	struct sixel_order orders[SIXEL_PALETTE_TABLES];
	unsigned serial;		/* grows when colours change */
	uint8_t told[SIXEL_PALETTE_COLOURS][3];		/* what a terminal with registers of the whole screen was told */
	bool is_told[SIXEL_PALETTE_COLOURS];
	/* Found when first asked for: a new set of colours need not wait for all of them. */
	uint8_t nearest[SIXEL_PALETTE_TABLES][SIXEL_PALETTE_CELLS];
	uint8_t near[SIXEL_PALETTE_COLOURS][SIXEL_PALETTE_NEAR];	/* of sixel_palette_near() */
	bool has_near[SIXEL_PALETTE_COLOURS];
};

void sixel_palette_init(struct sixel_palette *p);
/* The terminal has so many registers, and has been told none. */
void sixel_palette_fit(struct sixel_palette *p, int registers);
/* Other colours where they may change. */
void sixel_palette_set(struct sixel_palette *p, const uint8_t (*rgb)[3]);
bool sixel_palette_is_fixed(const struct sixel_palette *p, unsigned c);
/* Would what is painted with it look otherwise? */
bool sixel_palette_jumps(const uint8_t *from, const uint8_t *to);
/* As a terminal shows it that is told percents. */
void sixel_palette_round(uint8_t *rgb);
/* The finest level whose colours fit into so many registers. */
int sixel_palette_level_for(int registers);
int sixel_palette_count(int level);
/* Colours like c, the likest first; _NONE after the last when they are fewer. */
const uint8_t *sixel_palette_near(struct sixel_palette *p, unsigned c);
/* Colours whose mark is set. */
void sixel_palette_sort(struct sixel_order *o, const struct sixel_tone *tones, const bool *marks);
unsigned sixel_palette_seek(const struct sixel_order *o, const struct sixel_tone *t, int *error);
/* Asks the colours of the level, and keeps the answer. */
unsigned sixel_palette_find(struct sixel_palette *p, int level, unsigned cell);

static inline unsigned
sixel_palette_cell(const uint8_t *rgb)
{
	return (unsigned)(rgb[0] >> 3 << 11 | rgb[1] >> 2 << 5 | rgb[2] >> 3);
}

/* The colour for this one, as near as a cell is small. */
static inline unsigned
sixel_palette_nearest(struct sixel_palette *p, int level, const uint8_t *rgb)
{
	const unsigned cell = sixel_palette_cell(rgb), c = p->nearest[level][cell];

	return c != SIXEL_PALETTE_NONE ? c : sixel_palette_find(p, level, cell);
}

static inline struct sixel_tone
sixel_palette_tone(const uint8_t *rgb)
{
	int y = (77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2]) >> 8;

	return (struct sixel_tone){ y, rgb[2] - y, rgb[0] - y };
}

static inline int
sixel_palette_distance(const struct sixel_tone *a, const struct sixel_tone *b)
{
	int y = a->y - b->y, u = a->u - b->u, v = a->v - b->v;

	return SIXEL_PALETTE_LUMA * y * y + SIXEL_PALETTE_CHROMA * (u * u + v * v);
}

/* How wrong colour c would be for this tone: 16 for each squared step of luma, chroma weighs less. */
static inline int
sixel_palette_error(const struct sixel_palette *p, const struct sixel_tone *t, unsigned c)
{
	return sixel_palette_distance(t, &p->tone[c]);
}

#endif
