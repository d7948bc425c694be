/*
 * sixel_palette.c - the fixed colours and the tables that find them.
 * Owns nothing but its tables; has no idea of pictures or terminals.
 */
#include "ui/sixel_palette.h"

#include <stdlib.h>
#include <string.h>

#define REDS 5
#define GREENS 8
#define BLUES 5

#define CUBE (REDS * GREENS * BLUES)
#define UNLIKE 60000			/* error beyond which no colour stands for another */
#define GREYS (SIXEL_PALETTE_COLOURS - CUBE)

/* Which steps of a channel a level uses; each is a part of the one above, so that the registers are the same. */
struct steps { int count; uint8_t step[GREENS]; };

static const struct steps level_steps[SIXEL_PALETTE_LEVELS][3] = {
	{ { 5, { 0, 1, 2, 3, 4 } }, { 8, { 0, 1, 2, 3, 4, 5, 6, 7 } }, { 5, { 0, 1, 2, 3, 4 } } },
	{ { 3, { 0, 2, 4 } }, { 8, { 0, 1, 2, 3, 4, 5, 6, 7 } }, { 3, { 0, 2, 4 } } },
	{ { 3, { 0, 2, 4 } }, { 4, { 0, 2, 5, 7 } }, { 3, { 0, 2, 4 } } },
	{ { 2, { 0, 4 } }, { 4, { 0, 2, 5, 7 } }, { 2, { 0, 4 } } },
};
static const int grey_steps[SIXEL_PALETTE_LEVELS] = { 1, 2, 4, GREYS };	/* every which, from the second; the last level has none */
static const int channel_steps[3] = { REDS, GREENS, BLUES };
static const int channel_weights[3] = { GREENS * BLUES, BLUES, 1 };

static int
value_of(int channel, int step)
{
	return step * 255 / (channel_steps[channel] - 1);
}

static void
fill_part(uint8_t part[256], int level, int channel)
{
	const struct steps *s = &level_steps[level][channel];

	for (int v = 0; v < 256; v++) {
		int best = 0;

		for (int i = 1; i < s->count; i++)
			if (abs(v - value_of(channel, s->step[i])) < abs(v - value_of(channel, s->step[best])))
				best = i;
		part[v] = (uint8_t)(s->step[best] * channel_weights[channel]);
	}
}

static int
grey_value(int i)
{
	return (2 * i + 1) * 255 / (2 * GREYS);
}

static void
fill_grey(struct sixel_palette *p, int level)
{
	for (int v = 0; v < 256; v++) {
		int best = -1;

		for (int i = grey_steps[level] > 1; i < GREYS && grey_steps[level] < GREYS; i += grey_steps[level])
			if (best < 0 || abs(v - grey_value(i)) < abs(v - grey_value(best)))
				best = i;
		p->grey[level][v] = best >= 0 ? (uint8_t)(CUBE + best) : v < 128 ? 0 : CUBE - 1;
	}
}

static int
saturation_of(const uint8_t *rgb)
{
	int high = rgb[0] > rgb[1] ? rgb[0] : rgb[1], low = rgb[0] < rgb[1] ? rgb[0] : rgb[1];

	return (rgb[2] > high ? rgb[2] : high) - (rgb[2] < low ? rgb[2] : low);
}

static int
coarsest_level(const struct sixel_palette *p, int c)
{
	for (int level = SIXEL_PALETTE_LEVELS - 1; level > 0; level--)
		if (sixel_palette_nearest(p, level, p->rgb[c]) == (unsigned)c || p->grey[level][p->rgb[c][0]] == c)
			return level;
	return 0;
}

/* The colours of the coarse levels first, so that they fit where registers are few; then the dull ones. */
static void
number_registers(struct sixel_palette *p)
{
	int rank[SIXEL_PALETTE_COLOURS];

	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		rank[c] = (SIXEL_PALETTE_LEVELS - 1 - coarsest_level(p, c)) * 256 + saturation_of(p->rgb[c]);
	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		int before = 0;

		for (int other = 0; other < SIXEL_PALETTE_COLOURS; other++)
			before += rank[other] < rank[c] || (rank[other] == rank[c] && other < c);
		p->number[c] = (uint8_t)before;
	}
}

static void
find_near(struct sixel_palette *p, unsigned c)
{
	int errors[SIXEL_PALETTE_NEAR], count = 0;

	memset(p->near[c], SIXEL_PALETTE_NONE, sizeof p->near[c]);
	for (unsigned other = 0; other < SIXEL_PALETTE_COLOURS; other++) {
		int e = sixel_palette_error(p, &p->tone[c], other), at;

		if (other == c || e > UNLIKE || (count == SIXEL_PALETTE_NEAR && e >= errors[count - 1]))
			continue;
		count += count < SIXEL_PALETTE_NEAR;
		for (at = count - 1; at > 0 && errors[at - 1] > e; at--) {
			errors[at] = errors[at - 1];
			p->near[c][at] = p->near[c][at - 1];
		}
		errors[at] = e;
		p->near[c][at] = (uint8_t)other;
	}
}

void
sixel_palette_init(struct sixel_palette *p)
{
	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		for (int i = 0; i < 3; i++)
			p->rgb[c][i] = (uint8_t)(c < CUBE ? value_of(i, c / channel_weights[i] % channel_steps[i]) : grey_value(c - CUBE));
		p->tone[c] = sixel_palette_tone(p->rgb[c]);
	}
	for (int level = 0; level < SIXEL_PALETTE_LEVELS; level++) {
		for (int i = 0; i < 3; i++)
			fill_part(p->part[level][i], level, i);
		fill_grey(p, level);
	}
	number_registers(p);
	memset(p->has_near, false, sizeof p->has_near);
}

/* Found when first asked for: a layout of many pictures need not wait for all of them. */
const uint8_t *
sixel_palette_near(struct sixel_palette *p, unsigned c)
{
	if (!p->has_near[c])
		find_near(p, c);
	p->has_near[c] = true;
	return p->near[c];
}

int
sixel_palette_count(int level)
{
	const struct steps *s = level_steps[level];

	return s[0].count * s[1].count * s[2].count + GREYS / grey_steps[level] - (grey_steps[level] == GREYS);
}

int
sixel_palette_level_for(int registers)
{
	int level = 0;

	while (level < SIXEL_PALETTE_LEVELS - 1 && sixel_palette_count(level) > registers)
		level++;
	return level;
}
