/*
 * jpg_huff.c - Huffman tables for jpg_skip.c, built once and kept: most cameras send the same ones for ever.
 * Owns the tables.  Checks every text it builds from.
 * Never sees a picture's coded bytes.
 */
#include "io/jpg_huff.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define ENTRIES (1 << JPG_HUFF_LOOK)
#define FRONTS (1 << JPG_HUFF_FRONT_LOOK)
#define MOST_VALUE_BITS 10		/* of a baseline coefficient but the first; that one's difference has one more */
#define ZERO_RUN 0xf0

/* ---- Codes ---- */

/* Lengths are 1..16.  False: more codes than the lengths have room for. */
static bool
number_codes(struct jpg_huff *h)
{
	int code = 0, index = 0;

	for (int length = 1; length <= 16; length++) {
		h->first_code[length] = code;
		h->first_index[length] = index;
		h->count[length] = h->spec[length - 1];
		code += h->count[length];
		index += h->count[length];
		if (code > 1 << length)
			return false;
		code <<= 1;
	}
	return index > 0 && (size_t)index + 16 == h->spec_len;
}

static void
fill_codes(struct jpg_huff *h)
{
	for (int length = 1; length <= JPG_HUFF_LOOK; length++)
		for (int i = 0; i < h->count[length]; i++) {
			const int shift = JPG_HUFF_LOOK - length, first = (h->first_code[length] + i) << shift;
			const unsigned symbol = h->spec[16 + h->first_index[length] + i];

			for (int k = 0; k < 1 << shift; k++)
				h->code[first + k] = (uint16_t)((unsigned)length | symbol << 8);
		}
}

unsigned
jpg_huff_long(const struct jpg_huff *h, unsigned bits16)
{
	for (int length = JPG_HUFF_LOOK + 1; length <= 16; length++) {
		const int at = (int)(bits16 >> (16 - length)) - h->first_code[length];

		if (at >= 0 && at < h->count[length])
			return (unsigned)length | (unsigned)h->spec[16 + h->first_index[length] + at] << 8;
	}
	return 0;
}

/* ---- Symbols with their values ---- */

/* The value whose `count` bits stand at the front of these ENTRIES' index bits, `from` the front. */
static int
value_of(int look, int from, int count)
{
	const int v = look >> (JPG_HUFF_LOOK - from - count) & ((1 << count) - 1);

	return count == 0 ? 0 : v >> (count - 1) ? v : v - (1 << count) + 1;
}

static uint32_t
one_dc(const struct jpg_huff *h, int look)
{
	const int length = h->code[look] & 255, count = h->code[look] >> 8;

	if (length == 0 || count > MOST_VALUE_BITS + 1 || length + count > JPG_HUFF_LOOK)
		return 0;
	return (uint32_t)(length + count) | (uint32_t)value_of(look, length, count) << 16;
}

static uint32_t
one_ac(const struct jpg_huff *h, int look)
{
	const int length = h->code[look] & 255, symbol = h->code[look] >> 8, count = symbol & 15;

	if (length == 0 || count > MOST_VALUE_BITS || length + count > JPG_HUFF_LOOK)
		return 0;
	if (count == 0 && symbol != ZERO_RUN)	/* only 0 ends a block in a baseline picture; the rest is damage */
		return symbol == 0 ? (uint32_t)length | 1u << 15 : 0;
	return (uint32_t)(length + count) | (uint32_t)((symbol >> 4) + 1) << 8 | (uint32_t)value_of(look, length, count) << 16;
}

/* The symbol that follows `bits` of these; false: it is not whole, as what was shifted in behind is not there yet. */
static inline bool
next_one(const struct jpg_huff *h, int look, int bits, int most, uint32_t *one)
{
	*one = h->one[look << bits & (ENTRIES - 1)];
	return *one != 0 && bits + (int)(*one & 255) <= most;
}

/* All whole symbols among these bits. */
static uint16_t
many_ac(const struct jpg_huff *h, int look)
{
	int bits = 0, advance = 0;
	uint32_t one;

	while (next_one(h, look, bits, JPG_HUFF_LOOK, &one)) {
		if ((one & 1u << 15) != 0)
			return (uint16_t)((bits + (int)(one & 255)) + advance * JPG_HUFF_ADVANCE + JPG_HUFF_OVER);
		if (advance + (int)(one >> 8 & 127) > 63)
			break;
		bits += (int)(one & 255);
		advance += (int)(one >> 8 & 127);
	}
	return bits > 0 ? (uint16_t)(bits + advance * JPG_HUFF_ADVANCE) : JPG_HUFF_STOP;
}

static struct jpg_huff_front
front_ac(const struct jpg_huff *h, int look)
{
	int16_t values[64] = { 0 };
	int bits = 0, next = 1;
	uint32_t one;

	while (next < 64 && next_one(h, look, bits, JPG_HUFF_FRONT_LOOK, &one)) {
		const bool ends = (one & 1u << 15) != 0;

		if (next + (int)(one >> 8 & 127) > 64)
			break;
		bits += (int)(one & 255);
		next = ends ? 64 : next + (int)(one >> 8 & 127);
		if (!ends)
			values[next - 1] = (int16_t)(one >> 16);
	}
	return (struct jpg_huff_front){ (uint8_t)bits, (uint8_t)next, values[1], values[2], values[4] };
}

/* Not at once: some cameras send other tables with every picture. */
static void
add_front(struct jpg_huff *h)
{
	for (int look = 0; look < FRONTS && !h->is_dc; look++)
		h->front[look] = front_ac(h, look << (JPG_HUFF_LOOK - JPG_HUFF_FRONT_LOOK));
	h->has_front = true;
}

static bool
build(struct jpg_huff *h)
{
	memset(h->code, 0, sizeof h->code);
	if (!number_codes(h))
		return false;
	fill_codes(h);
	for (int look = 0; look < ENTRIES; look++)
		h->one[look] = h->is_dc ? one_dc(h, look) : one_ac(h, look);
	for (int look = 0; look < ENTRIES && !h->is_dc; look++)
		h->many[look] = many_ac(h, look);
	for (int look = 0; look < FRONTS; look++)
		h->front[look] = (struct jpg_huff_front){ .next = 1 };
	h->has_front = false;
	return true;
}

/* ---- The shelf ---- */

static struct jpg_huff *
make_room(struct jpg_huff_shelf *s)
{
	int oldest = 0;

	for (int i = 0; i < JPG_HUFF_KEPT; i++) {
		if (s->kept[i] == NULL)
			return s->kept[i] = xcalloc(1, sizeof *s->kept[i]);
		if (s->clock - s->kept[i]->used > s->clock - s->kept[oldest]->used)
			oldest = i;
	}
	return s->kept[oldest];
}

const struct jpg_huff *
jpg_huff_find(struct jpg_huff_shelf *s, bool is_dc, const uint8_t *spec, size_t spec_len)
{
	struct jpg_huff *h;

	if (spec_len < 17 || spec_len > JPG_HUFF_SPEC_BYTES)
		return NULL;
	s->clock++;
	for (int i = 0; i < JPG_HUFF_KEPT && s->kept[i] != NULL; i++) {
		h = s->kept[i];
		if (h->spec_len == spec_len && h->is_dc == is_dc && memcmp(h->spec, spec, spec_len) == 0) {
			h->used = s->clock;
			if (!h->has_front)
				add_front(h);
			return h;
		}
	}
	h = make_room(s);
	memcpy(h->spec, spec, spec_len);
	h->spec_len = spec_len;
	h->is_dc = is_dc;
	h->used = s->clock;
	if (build(h))
		return h;
	h->spec_len = 0;
	return NULL;
}

void
jpg_huff_shelf_fini(struct jpg_huff_shelf *s)
{
	for (int i = 0; i < JPG_HUFF_KEPT; i++) {
		free(s->kept[i]);
		s->kept[i] = NULL;
	}
}
