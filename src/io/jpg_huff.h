/*
 * jpg_huff.h - Huffman tables for jpg_skip.c: a dozen bits looked up at once, as one symbol with its value, or as all
 * the whole symbols among them: to be passed over, or with the values that stand at the front of a block.
 * Not for anybody else.
 */
#ifndef IO_JPG_HUFF_H
#define IO_JPG_HUFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JPG_HUFF_LOOK 12			/* bits looked up at once: both tables of a picture stay in the first cache */
#define JPG_HUFF_FRONT_LOOK 11			/* fewer: these entries are large */
#define JPG_HUFF_SPEC_BYTES (16 + 256)		/* as in a DHT segment: counts by length, then the symbols */
#define JPG_HUFF_KEPT 12			/* tables kept: a picture uses four at most, cameras differ */

/* What the bits behind a block's mean say: bits they take, the coefficient behind them, those a thumb needs. */
struct jpg_huff_front {
	uint8_t bits, next;			/* next 64: the block is over */
	int16_t across, down, both;
};

/* Of `many`: added up over a block, anything from OVER on is a reason to look closer. */
enum { JPG_HUFF_ADVANCE = 1 << 8, JPG_HUFF_OVER = 1 << 14, JPG_HUFF_STOP = 1 << 15 };

/* advance: coefficients it stands for; end: the block is over after it. */
struct jpg_huff {
	struct jpg_huff_front front[1 << JPG_HUFF_FRONT_LOOK];	/* none needs to be there: see one */
	uint32_t one[1 << JPG_HUFF_LOOK];	/* bits | advance << 8 | end << 15 | value << 16; 0: see code */
	uint16_t many[1 << JPG_HUFF_LOOK];	/* bits + advance * ADVANCE, + OVER at an end; STOP: see code */
	uint16_t code[1 << JPG_HUFF_LOOK];	/* bits | symbol << 8, without the value's bits; 0: see jpg_huff_long() */
	int first_code[18], first_index[18], count[18];	/* by length */
	uint8_t spec[JPG_HUFF_SPEC_BYTES];
	size_t spec_len;			/* 0: this one is free */
	bool is_dc, has_front;
	unsigned used;				/* when, for whoever has to make room */
};

struct jpg_huff_shelf {
	struct jpg_huff *kept[JPG_HUFF_KEPT];
	unsigned clock;
};

void jpg_huff_shelf_fini(struct jpg_huff_shelf *s);
/* The table of a DHT segment's text, kept or built; valid until eight others were asked for.  NULL: it is none. */
const struct jpg_huff *jpg_huff_find(struct jpg_huff_shelf *s, bool is_dc, const uint8_t *spec, size_t spec_len);
/* The symbol at the front of 16 bits whose code is longer than JPG_HUFF_LOOK; bits | symbol << 8.  0: there is none. */
unsigned jpg_huff_long(const struct jpg_huff *h, unsigned bits16);

#endif
