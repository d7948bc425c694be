/*
 * sixel_palette.c - the colours that a screen begins with, and the tables that find them.
 * Owns nothing but its tables; has no idea of pictures or terminals.
 */
#include "ui/sixel_palette.h"

#include <limits.h>
#include <string.h>

#define REDS 5
#define GREENS 8
#define BLUES 5

#define CUBE (REDS * GREENS * BLUES)
#define UNLIKE 60000			/* error beyond which no colour stands for another */
#define GREYS (SIXEL_PALETTE_COLOURS - CUBE)
#define MOVING 144			/* registers for what moves */
#define JUMP 300				/* error that is seen: 4 levels of luma */
#define FEWEST_REGISTERS 16		/* of any terminal with sixels: all of the last level */

/* Which steps of a channel a level uses, a bit each; each is a part of the one above, so that the registers are the same. */
static const unsigned level_steps[SIXEL_PALETTE_LEVELS][3] = {
	{ 0x1f, 0xff, 0x1f }, { 0x15, 0xff, 0x15 }, { 0x15, 0xa5, 0x15 }, { 0x11, 0xa5, 0x11 },
};
static const int grey_steps[SIXEL_PALETTE_LEVELS] = { 1, 2, 4, GREYS };	/* every which, from the second; the last level has none */
static const int channel_steps[3] = { REDS, GREENS, BLUES };
static const int channel_weights[3] = { GREENS * BLUES, BLUES, 1 };

static int
step_of(int c, int channel)
{
	return c / channel_weights[channel] % channel_steps[channel];
}

static int
value_of(int c, int channel)
{
	if (c >= CUBE)
		return (2 * (c - CUBE) + 1) * 255 / (2 * GREYS);
	return step_of(c, channel) * 255 / (channel_steps[channel] - 1);
}

static bool
is_of_level(int c, int level)
{
	const unsigned *steps = level_steps[level];
	int grey = grey_steps[level];

	if (c >= CUBE)
		return grey < GREYS && (c - CUBE) % grey == (grey > 1);
	return steps[0] >> step_of(c, 0) & steps[1] >> step_of(c, 1) & steps[2] >> step_of(c, 2) & 1;
}

static int
saturation_of(const uint8_t *rgb)
{
	int high = rgb[0] > rgb[1] ? rgb[0] : rgb[1], low = rgb[0] < rgb[1] ? rgb[0] : rgb[1];

	return (rgb[2] > high ? rgb[2] : high) - (rgb[2] < low ? rgb[2] : low);
}

static int
coarsest_level(int c)
{
	int level = SIXEL_PALETTE_LEVELS - 1;

	while (level > 0 && !is_of_level(c, level))
		level--;
	return level;
}

/* The colours of the coarse levels first, so that they fit where registers are few; then the dull ones. */
static void
number_registers(struct sixel_palette *p)
{
	int rank[SIXEL_PALETTE_COLOURS];

	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		rank[c] = (SIXEL_PALETTE_LEVELS - 1 - coarsest_level(c)) * 256 + saturation_of(p->rgb[c]);
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
sixel_palette_round(uint8_t *rgb)
{
	for (int i = 0; i < 3; i++)
		rgb[i] = (uint8_t)((rgb[i] * 100 + 127) / 255 * 255 / 100 + ((rgb[i] * 100 + 127) / 255 * 255 % 100 >= 50));
}

/* Registers of a level: where the terminal has too few for the level above, all that it has. */
static int
registers_of(const struct sixel_palette *p, int level)
{
	if (level == SIXEL_PALETTE_MOVING)
		return p->registers < MOVING ? p->registers : MOVING;
	if (level > sixel_palette_level_for(p->registers))
		return sixel_palette_count(level);
	return p->registers < SIXEL_PALETTE_COLOURS ? p->registers : SIXEL_PALETTE_COLOURS;
}

void
sixel_palette_sort(struct sixel_order *o, const struct sixel_tone *tones, const bool *marks)
{
	o->count = 0;
	for (int y = 0; y <= 256; y++) {
		o->first[y] = (uint8_t)o->count;
		for (int c = 0; c < SIXEL_PALETTE_COLOURS && y < 256; c++)
			if (tones[c].y == y && marks[c]) {
				o->tones[o->count] = tones[c];
				o->by_luma[o->count++] = (uint8_t)c;
			}
	}
}

unsigned
sixel_palette_seek(const struct sixel_order *o, const struct sixel_tone *t, int *error)
{
	int up = o->first[t->y], down = up - 1, least = INT_MAX, best = 0;

	for (bool more = true; more;) {
		more = false;
		if (up < o->count && SIXEL_PALETTE_LUMA * (o->tones[up].y - t->y) * (o->tones[up].y - t->y) < least) {
			int e = sixel_palette_distance(t, &o->tones[up]);

			best = e < least ? up : best;
			least = e < least ? e : least;
			up++;
			more = true;
		}
		if (down >= 0 && SIXEL_PALETTE_LUMA * (o->tones[down].y - t->y) * (o->tones[down].y - t->y) < least) {
			int e = sixel_palette_distance(t, &o->tones[down]);

			best = e < least ? down : best;
			least = e < least ? e : least;
			down--;
			more = true;
		}
	}
	*error = least;
	return o->by_luma[best];
}

static void
forget_found(struct sixel_palette *p)
{
	bool marks[SIXEL_PALETTE_COLOURS];

	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++)
		p->tone[c] = sixel_palette_tone(p->rgb[c]);
	for (int level = 0; level < SIXEL_PALETTE_TABLES; level++) {
		for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++)
			marks[c] = p->number[c] < registers_of(p, level);
		sixel_palette_sort(&p->orders[level], p->tone, marks);
	}
	memset(p->nearest, SIXEL_PALETTE_NONE, sizeof p->nearest);
	memset(p->has_near, false, sizeof p->has_near);
}

void
sixel_palette_init(struct sixel_palette *p)
{
	for (int c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		for (int i = 0; i < 3; i++)
			p->rgb[c][i] = (uint8_t)value_of(c, i);
		sixel_palette_round(p->rgb[c]);
	}
	number_registers(p);
	p->serial = 0;
	sixel_palette_fit(p, SIXEL_PALETTE_COLOURS);
}

void
sixel_palette_fit(struct sixel_palette *p, int registers)
{
	p->registers = registers < FEWEST_REGISTERS ? FEWEST_REGISTERS : registers;
	memset(p->is_told, false, sizeof p->is_told);
	forget_found(p);
}

bool
sixel_palette_is_fixed(const struct sixel_palette *p, unsigned c)
{
	return p->number[c] < SIXEL_PALETTE_FIXED || p->number[c] >= p->registers;
}

bool
sixel_palette_jumps(const uint8_t *from, const uint8_t *to)
{
	const struct sixel_tone a = sixel_palette_tone(from), b = sixel_palette_tone(to);

	return sixel_palette_distance(&a, &b) > JUMP;
}

void
sixel_palette_set(struct sixel_palette *p, const uint8_t (*rgb)[3])
{
	for (unsigned c = 0; c < SIXEL_PALETTE_COLOURS; c++) {
		if (sixel_palette_is_fixed(p, c))
			continue;
		memcpy(p->rgb[c], rgb[c], 3);
		sixel_palette_round(p->rgb[c]);
	}
	p->serial++;
	forget_found(p);
}

const uint8_t *
sixel_palette_near(struct sixel_palette *p, unsigned c)
{
	if (!p->has_near[c])
		find_near(p, c);
	p->has_near[c] = true;
	return p->near[c];
}

unsigned
sixel_palette_find(struct sixel_palette *p, int level, unsigned cell)
{
	const uint8_t rgb[3] = { (uint8_t)(cell >> 11 << 3 | 4), (uint8_t)((cell >> 5 & 63) << 2 | 2), (uint8_t)((cell & 31) << 3 | 4) };
	const struct sixel_tone tone = sixel_palette_tone(rgb);
	int error;
	unsigned best = sixel_palette_seek(&p->orders[level], &tone, &error);

	p->nearest[level][cell] = (uint8_t)best;
	return best;
}

int
sixel_palette_count(int level)
{
	const unsigned *s = level_steps[level];

	return __builtin_popcount(s[0]) * __builtin_popcount(s[1]) * __builtin_popcount(s[2]) + GREYS / grey_steps[level] -
	    (grey_steps[level] == GREYS);
}

int
sixel_palette_level_for(int registers)
{
	int level = 0;

	while (level < SIXEL_PALETTE_LEVELS - 1 && sixel_palette_count(level) > registers)
		level++;
	return level;
}
