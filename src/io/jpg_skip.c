/*
 * jpg_skip.c - plain JPEGs at an eighth or a quarter of their size: what a thumb does not show is passed over.
 * Owns its tables and its row buffers, kept from picture to picture.
 * Never reads past the coded bytes: they are copied, without their stuffing, before so many zeros as one block can eat.
 */
#include "io/jpg_skip.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/jpg_colour.h"
#include "io/jpg_huff.h"
#include "io/jpg_means.h"

#define UNIT_BLOCKS 6			/* at most: four of luma, two of chroma */
#define PAD_BYTES 2048			/* so many times 64 coefficients of at most 26 bits, and what was read ahead */
#define KEPT_CLEAN_BYTES (1024 * 1024)	/* a larger buffer is not kept */
#define SLACK_PX 32			/* colours are worked out so many pixels at a time */
#define UNIT_PX JPG_COLOUR_PX
_Static_assert(JPG_SKIP_SLACK_BYTES >= 3 * UNIT_PX + 1, "a row's last pixels are written sixteen at a time");

typedef int16_t terms[JPG_MEANS_TERMS];

struct plane {
	uint8_t *at;			/* the samples of one row of units */
	size_t stride, room;
	terms *blocks;			/* what was coded of each, at a quarter; some more behind each row */
	size_t blocks_stride, blocks_room;
	int across, down;		/* blocks of a unit */
	const struct jpg_huff *dc, *ac;
	uint16_t quant[JPG_MEANS_TERMS];
	uint32_t before;		/* the last block's mean, coded; signed, and a stranger's may overflow */
};

struct jpg_skip {
	struct jpg_huff_shelf shelf;
	struct jpg_head head;
	int eighths, units_across, units_down, width_px, height_px;
	struct plane planes[3];
	struct jpg_colour_shift *shifts;	/* of one row of chroma */
	size_t shifts_room;
	uint8_t *clean;			/* a run of coded bytes without stuffing */
	size_t clean_room, clean_len;
	const uint8_t *raw, *raw_end;	/* not copied yet */
	int units_left;			/* before the next restart */
};

struct bits {				/* the front of the coded bytes, kept in registers while a row is read */
	const uint8_t *at;
	unsigned used;			/* bits of them, less than 64 */
};

struct jpg_skip *
jpg_skip_new(void)
{
	return xcalloc(1, sizeof(struct jpg_skip));
}

void
jpg_skip_free(struct jpg_skip *s)
{
	if (s == NULL)
		return;
	jpg_huff_shelf_fini(&s->shelf);
	for (int i = 0; i < 3; i++) {
		free(s->planes[i].at);
		free(s->planes[i].blocks);
	}
	free(s->shifts);
	free(s->clean);
	free(s);
}

/* ---- Bits ---- */

/* At most seven of its bits are used. */
static inline uint64_t
bits_load(struct bits *b)
{
	uint64_t word;

	b->at += b->used >> 3;
	b->used &= 7;
	memcpy(&word, b->at, sizeof word);
	return be64toh(word);
}

/* Only the low six bits of used count. */
static inline unsigned
bits_next(uint64_t word, unsigned used, unsigned count)
{
	return (unsigned)(word << (used & 63) >> (64 - count));
}

static inline unsigned
bits_look(uint64_t word, unsigned used)
{
	return bits_next(word, used, JPG_HUFF_LOOK);
}

/* ---- Rare symbols ---- */

#define MOST_DC_BITS 11
#define MOST_AC_BITS 10

/*
 * What a rare code takes.  k is past its coefficient; 64: the block is over; -1: damage.  By value in and out, as
 * whoever takes the address of the bits takes them out of the registers.
 */
struct slow { struct bits rest; int32_t value; int k; };

/* The next symbol, however long its code; -1: there is none such. */
static int
symbol_at(uint64_t word, unsigned *used, const struct jpg_huff *h)
{
	unsigned code = h->code[bits_look(word, *used)];

	if (code == 0)
		code = jpg_huff_long(h, (unsigned)(word << *used >> 48));
	if (code == 0)
		return -1;
	*used += code & 255;
	return (int)(code >> 8);
}

/* A signed value of this many bits (F.2.2.1). */
static int32_t
value_at(uint64_t word, unsigned *used, unsigned count)
{
	int32_t v;

	if (count == 0)
		return 0;
	v = (int32_t)(word << *used >> (64 - count));
	if (v >> (count - 1) == 0)
		v -= (1 << count) - 1;
	*used += count;
	return v;
}

static struct slow
read_long_mean(struct bits b, const struct jpg_huff *dc)
{
	struct slow s = { .k = -1 };
	const uint64_t word = bits_load(&b);
	const int symbol = symbol_at(word, &b.used, dc);

	if (symbol >= 0 && symbol <= MOST_DC_BITS) {
		s.value = value_at(word, &b.used, (unsigned)symbol);
		s.k = 1;
	}
	s.rest = b;
	return s;
}

static struct slow
read_long(struct bits b, const struct jpg_huff *ac, int k)
{
	struct slow s = { .k = -1 };
	const uint64_t word = bits_load(&b);
	const int symbol = symbol_at(word, &b.used, ac);

	if (symbol == 0) {
		s.k = 64;
	} else if (symbol > 0 && (symbol & 15) <= MOST_AC_BITS && ((symbol & 15) != 0 || symbol == 0xf0)) {
		s.value = value_at(word, &b.used, (unsigned)symbol & 15);
		k += (symbol >> 4) + 1;
		s.k = k <= 64 ? k : -1;
	}
	s.rest = b;
	return s;
}

static inline int
read_slowly(struct bits *b, const struct jpg_huff *ac, int k, int32_t *value)
{
	const struct slow s = read_long(*b, ac, k);

	*b = s.rest;
	*value = s.value;
	return s.k;
}

/* ---- Blocks ---- */

/* The mean is another than the block's before by this.  word: what stands at the bits, before and after. */
static inline bool
read_mean(struct bits *b, const struct jpg_huff *dc, uint64_t *word, int32_t *more)
{
	const uint32_t one = dc->one[bits_look(*word, b->used)];

	if (one == 0) {
		const struct slow s = read_long_mean(*b, dc);

		*b = s.rest;
		*more = s.value;
		*word = bits_load(b);
		return s.k > 0;
	}
	b->used += one & 255;
	*more = (int16_t)(one >> 16);
	return true;
}

/* state: the bits used in its low byte, the coefficient above it. */
static inline bool
goes_on(const struct jpg_huff *ac, uint64_t word, unsigned *state, unsigned *entry)
{
	*entry = ac->many[bits_look(word, *state)];
	*state += *entry;
	return *state < JPG_HUFF_OVER;
}

/* It came to the block's end, and not further. */
static inline bool
is_end(unsigned state, unsigned entry)
{
	return (entry & JPG_HUFF_OVER) != 0 ? state < JPG_HUFF_STOP : state >> 8 == 64;
}

/* Past what is left of the block from coefficient k on. */
static inline bool
pass_over(struct bits *b, const struct jpg_huff *ac, int k)
{
	int32_t value;

	for (;;) {
		unsigned state = (unsigned)k << 8 | b->used, entry;
		uint64_t word;

		do {				/* four times twelve bits are in a word */
			b->used = state & 255;
			word = bits_load(b);
			state = (state & ~255u) | b->used;
		} while (goes_on(ac, word, &state, &entry) && goes_on(ac, word, &state, &entry) &&
		    goes_on(ac, word, &state, &entry) && goes_on(ac, word, &state, &entry));
		b->used = state & 255;
		if (is_end(state, entry))
			return true;
		/* Among its symbols are the next block's, or none is short. */
		state -= entry;
		b->used = state & 255;
		k = read_slowly(b, ac, (int)(state >> 8), &value);
		if (k < 0 || k == 64)
			return k == 64;
	}
}

/* From coefficient k on, as far as a thumb needs them.  Returns the next; 64: the block is over; -1: damage. */
static inline int
read_terms(struct bits *b, const struct jpg_huff *ac, int k, int16_t *out)
{
	/* The one in between is none of them: it goes where the next block's mean will be. */
	static const uint8_t place[JPG_HEAD_COEFFICIENTS] = { JPG_MEANS_MEAN, JPG_MEANS_ACROSS, JPG_MEANS_DOWN, JPG_MEANS_TERMS, JPG_MEANS_BOTH };
	uint64_t word = bits_load(b);

	while (k < JPG_HEAD_COEFFICIENTS) {
		const uint32_t one = ac->one[bits_look(word, b->used)];
		int32_t value = (int16_t)(one >> 16);

		b->used += one & 255;
		if ((one & 1u << 15) != 0)
			return 64;
		k += (int)(one >> 8 & 127);
		if (one == 0) {
			k = read_slowly(b, ac, k, &value);
			if (k < 0)
				return -1;
			word = bits_load(b);
		}
		if (k <= JPG_HEAD_COEFFICIENTS)
			out[place[k - 1]] = (int16_t)value;
	}
	return k;
}

static inline bool
read_quarter(struct bits *b, struct plane *p, int16_t *out)
{
	uint64_t word = bits_load(b);
	const struct jpg_huff *const ac = p->ac;
	const struct jpg_huff_front *front;
	int32_t more;
	int k;

	if (!read_mean(b, p->dc, &word, &more))
		return false;
	front = &ac->front[bits_next(word, b->used, JPG_HUFF_FRONT_LOOK)];
	b->used += front->bits;
	k = front->next;
	p->before += (uint32_t)more;
	out[JPG_MEANS_MEAN] = (int16_t)p->before;
	out[JPG_MEANS_ACROSS] = front->across;
	out[JPG_MEANS_DOWN] = front->down;
	out[JPG_MEANS_BOTH] = front->both;
	if (k < JPG_HEAD_COEFFICIENTS)
		k = read_terms(b, ac, k, out);
	return k == 64 || (k > 0 && pass_over(b, ac, k));
}

static inline uint8_t
sample(int32_t v)
{
	return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

static inline bool
read_eighth(struct bits *b, struct plane *p, uint8_t *out)
{
	uint64_t word = bits_load(b);
	int32_t more;

	if (!read_mean(b, p->dc, &word, &more) || !pass_over(b, p->ac, 1))
		return false;
	p->before += (uint32_t)more;
	*out = sample((int32_t)(p->before * p->quant[JPG_MEANS_MEAN] + 4 + (128 << 3)) >> 3);
	return true;
}

/* ---- Coded bytes ---- */

/* The bytes up to the next marker, without the zeros stuffed behind each 0xff.  False: there is no room for them. */
static bool
open_run(struct jpg_skip *s)
{
	const size_t left = (size_t)(s->raw_end - s->raw);
	uint8_t *out;

	if (s->clean_room < left + PAD_BYTES) {
		uint8_t *larger = left <= MAX_JPEG_FRAME ? realloc(s->clean, left + PAD_BYTES) : NULL;

		if (larger == NULL)
			return false;
		s->clean = larger;
		s->clean_room = left + PAD_BYTES;
	}
	out = s->clean;
	while (s->raw < s->raw_end) {
		const uint8_t *mark = memchr(s->raw, 0xff, (size_t)(s->raw_end - s->raw));
		const size_t len = (size_t)((mark != NULL ? mark : s->raw_end) - s->raw);

		memcpy(out, s->raw, len);
		out += len;
		s->raw += len;
		if (mark == NULL || s->raw + 1 >= s->raw_end || s->raw[1] != 0)
			break;
		*out++ = 0xff;
		s->raw += 2;
	}
	s->clean_len = (size_t)(out - s->clean);
	memset(out, 0, PAD_BYTES);
	return true;
}

static void
begin_run(struct jpg_skip *s, struct bits *b)
{
	*b = (struct bits){ .at = s->clean };
	s->units_left = s->head.restart_every;
	for (int i = 0; i < 3; i++)
		s->planes[i].before = 0;
}

/* All that was read was there. */
static bool
is_within(const struct jpg_skip *s, const struct bits *b)
{
	return (b->at - s->clean) * 8 + (ptrdiff_t)b->used <= (ptrdiff_t)s->clean_len * 8;
}

/* At a restart marker. */
static bool
next_run(struct jpg_skip *s, struct bits b)
{
	if (!is_within(s, &b) || s->raw_end - s->raw < 2 || s->raw[1] < 0xd0 || s->raw[1] > 0xd7)
		return false;
	s->raw += 2;
	return open_run(s);
}

static inline bool
read_part(struct bits *b, struct plane *p, int unit, bool is_quarter)
{
	for (int y = 0; y < p->down; y++)
		for (int x = 0; x < p->across; x++) {
			const size_t block = (size_t)unit * (size_t)p->across + (size_t)x;

			if (!(is_quarter ? read_quarter(b, p, p->blocks[(size_t)y * p->blocks_stride + block])
			    : read_eighth(b, p, p->at + (size_t)y * p->stride + block)))
				return false;
		}
	return true;
}

static inline bool
read_units(struct jpg_skip *s, struct bits *from, bool is_quarter)
{
	struct bits b = *from;

	for (int unit = 0; unit < s->units_across; unit++) {
		if (s->head.restart_every > 0 && s->units_left-- == 0) {
			if (!next_run(s, b))
				return false;
			begin_run(s, &b);
			s->units_left--;
		}
		if (b.at > s->clean + s->clean_len + 8)
			return false;
		for (int i = 0; i < s->head.part_count; i++)
			if (!read_part(&b, &s->planes[i], unit, is_quarter))
				return false;
	}
	*from = b;
	return true;
}

static void
mean_blocks(const struct plane *p, int units)
{
	for (int y = 0; y < p->down; y++) {
		const terms *const blocks = p->blocks + (size_t)y * p->blocks_stride;
		uint8_t *const upper = p->at + (size_t)(2 * y) * p->stride;

		for (int i = 0; i < units * p->across; i += JPG_MEANS_BLOCKS)
			jpg_means_8(upper + 2 * i, upper + p->stride + 2 * i, blocks + i, p->quant);
	}
}

/* The samples of one row of units. */
static bool
read_samples(struct jpg_skip *s, struct bits *b)
{
	if (s->eighths == 1)
		return read_units(s, b, false);
	if (!read_units(s, b, true))
		return false;
	for (int i = 0; i < s->head.part_count; i++)
		mean_blocks(&s->planes[i], s->units_across);
	return true;
}

/* ---- Colours ---- */

/* What row y of the chroma samples adds. */
static void
shift_row(struct jpg_skip *s, int y)
{
	const uint8_t *cb = s->planes[1].at + (size_t)y * s->planes[1].stride, *cr = s->planes[2].at + (size_t)y * s->planes[2].stride;

	for (int i = 0; i < s->units_across * s->eighths; i += 8)
		jpg_colour_shift_8(&s->shifts[i / 8], cb + i, cr + i);
}

static void
colour_row(struct jpg_skip *s, uint8_t *out, int y)
{
	const struct plane *luma = &s->planes[0];
	const bool is_wide = luma->across == 2;
	const struct jpg_colour_shift *shift = s->shifts;

	if (y % luma->down == 0)
		shift_row(s, y / luma->down);
	for (size_t x = 0; x < (size_t)s->width_px; x += UNIT_PX, shift += is_wide ? 1 : 2)
		jpg_colour_16(out + 3 * x, luma->at + (size_t)y * luma->stride + x, shift, is_wide);
}

static void
grey_row(const struct jpg_skip *s, uint8_t *out, int y)
{
	const uint8_t *luma = s->planes[0].at + (size_t)y * s->planes[0].stride;

	for (int x = 0; x < s->width_px; x++, out += 3)
		out[0] = out[1] = out[2] = luma[x];
}

/* ---- A picture ---- */

static bool
make_room(void *at_pointer, size_t *room, size_t need)
{
	void *larger, *old;

	if (need <= *room)
		return true;
	larger = calloc(1, need);
	if (larger == NULL)
		return false;
	memcpy(&old, at_pointer, sizeof old);
	free(old);
	memcpy(at_pointer, &larger, sizeof larger);
	*room = need;
	return true;
}

static void
pick_quant(uint16_t out[static JPG_MEANS_TERMS], const uint8_t *quant)
{
	out[JPG_MEANS_MEAN] = quant[0];
	out[JPG_MEANS_ACROSS] = quant[1];
	out[JPG_MEANS_DOWN] = quant[2];
	out[JPG_MEANS_BOTH] = quant[4];
}

static bool
open_planes(struct jpg_skip *s)
{
	const struct jpg_head *h = &s->head;

	for (int i = 0; i < h->part_count; i++) {
		struct plane *p = &s->planes[i];
		const struct jpg_head_part *part = &h->parts[i];

		p->across = i == 0 ? h->across : 1;
		p->down = i == 0 ? h->down : 1;
		p->stride = (size_t)s->units_across * (size_t)p->across * (size_t)s->eighths + SLACK_PX;
		p->blocks_stride = (size_t)s->units_across * (size_t)p->across + JPG_MEANS_BLOCKS;
		pick_quant(p->quant, h->quant[part->quant]);
		p->dc = jpg_huff_find(&s->shelf, true, h->dc[part->dc].bytes, h->dc[part->dc].len);
		p->ac = jpg_huff_find(&s->shelf, false, h->ac[part->ac].bytes, h->ac[part->ac].len);
		if (p->dc == NULL || p->ac == NULL || !make_room(&p->at, &p->room, p->stride * (size_t)(p->down * s->eighths)) ||
		    !make_room(&p->blocks, &p->blocks_room, p->blocks_stride * (size_t)p->down * sizeof p->blocks[0]))
			return false;
	}
	return make_room(&s->shifts, &s->shifts_room, ((size_t)(s->units_across * s->eighths) / 8 + 2) * sizeof s->shifts[0]);
}

static bool
open_picture(struct jpg_skip *s, const struct jpg_head *h, int eighths)
{
	s->head = *h;
	s->eighths = eighths;
	s->units_across = (h->width_px + 8 * h->across - 1) / (8 * h->across);
	s->units_down = (h->height_px + 8 * h->down - 1) / (8 * h->down);
	s->width_px = (h->width_px * eighths + 7) / 8;
	s->height_px = (h->height_px * eighths + 7) / 8;
	s->raw = h->scan;
	s->raw_end = h->scan + h->scan_len;
	return open_planes(s) && open_run(s);
}

static void
close_picture(struct jpg_skip *s)
{
	if (s->clean_room <= KEPT_CLEAN_BYTES)
		return;
	free(s->clean);
	s->clean = NULL;
	s->clean_room = 0;
}

static bool
read_picture(struct jpg_skip *s, jpg_skip_row_fn *row, void *arg)
{
	const int high = s->head.down * s->eighths;
	struct bits b;
	int done = 0;

	begin_run(s, &b);
	for (int unit = 0; unit < s->units_down; unit++) {
		if (!read_samples(s, &b))
			return false;
		for (int y = 0; y < high && done < s->height_px; y++, done++) {
			uint8_t *out = row(arg, done);

			if (s->head.part_count == 1)
				grey_row(s, out, y);
			else
				colour_row(s, out, y);
		}
	}
	return is_within(s, &b);
}

bool
jpg_skip_read(struct jpg_skip *s, const struct jpg_head *h, int eighths, jpg_skip_row_fn *row, void *arg)
{
	const bool fine = open_picture(s, h, eighths) && read_picture(s, row, arg);

	close_picture(s);
	return fine;
}
