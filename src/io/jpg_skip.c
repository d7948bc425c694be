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

#define PAD_BYTES 512			/* 64 coefficients of at most 26 bits, and what was read ahead */
#define KEPT_CLEAN_BYTES (1024 * 1024)	/* a larger buffer is not kept */
#define SLACK_PX 32			/* colours are worked out so many pixels at a time */
#define UNIT_PX JPG_COLOUR_PX
_Static_assert(JPG_SKIP_SLACK_BYTES >= 3 * UNIT_PX + 1, "a row's last pixels are written sixteen at a time");

struct plane {
	uint8_t *at;			/* the samples of one row of units */
	size_t stride, room;
	int across, down;		/* blocks of a unit */
	const struct jpg_huff *dc, *ac;
	const uint8_t *quant;
	int32_t before;			/* the last block's mean, coded */
};

struct jpg_skip {
	struct jpg_huff_shelf shelf;
	struct jpg_head head;
	int eighths, units_across, units_down, width_px, height_px;
	struct plane planes[3];
	uint8_t *clean;			/* a run of coded bytes without stuffing */
	size_t clean_room, clean_len;
	const uint8_t *raw, *raw_end;	/* not copied yet */
	int units_left;			/* before the next restart */
};

struct bits {				/* the front of the coded bytes, kept in registers while a row is read */
	const uint8_t *at;
	uint64_t held;			/* the next ones, from the top */
	int count;			/* of them */
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
	for (int i = 0; i < 3; i++)
		free(s->planes[i].at);
	free(s->clean);
	free(s);
}

/* ---- Bits ---- */

/* At least 56 are held afterwards. */
static inline void
bits_fill(struct bits *b)
{
	uint64_t more;

	memcpy(&more, b->at, sizeof more);
	b->held |= be64toh(more) >> b->count;
	b->at += (63 - b->count) >> 3;
	b->count |= 56;
}

static inline void
bits_drop(struct bits *b, unsigned count)
{
	b->held <<= count;
	b->count -= (int)count;
}

static inline unsigned
bits_look(const struct bits *b)
{
	return (unsigned)(b->held >> (64 - JPG_HUFF_LOOK));
}

/* A signed value of this many bits (F.2.2.1). */
static inline int32_t
bits_value(struct bits *b, unsigned count)
{
	int32_t v;

	if (count == 0)
		return 0;
	v = (int32_t)(b->held >> (64 - count));
	if (b->held >> 63 == 0)
		v -= (1 << count) - 1;
	bits_drop(b, count);
	return v;
}

/* The next symbol, however long its code; -1: there is none such. */
static inline int
bits_symbol(struct bits *b, const struct jpg_huff *h)
{
	unsigned code = h->code[bits_look(b)];

	if (code == 0)
		code = jpg_huff_long(h, (unsigned)(b->held >> 48));
	if (code == 0)
		return -1;
	bits_drop(b, code & 255);
	return (int)(code >> 8);
}

/* ---- Blocks ---- */

#define MOST_DC_BITS 11
#define MOST_AC_BITS 10

/*
 * What a rare code takes.  k is past its coefficient; 64: the block is over; -1: damage.  By value in and out, as
 * whoever takes the address of the bits takes them out of the registers.
 */
struct slow { struct bits rest; int32_t value; int k; };

static inline bool
read_mean(struct bits *b, struct plane *p)
{
	const uint32_t one = p->dc->one[bits_look(b)];
	int symbol;

	if (one != 0) {
		bits_drop(b, one & 255);
		p->before += (int16_t)(one >> 16);
		return true;
	}
	symbol = bits_symbol(b, p->dc);
	if (symbol < 0 || symbol > MOST_DC_BITS)
		return false;
	p->before += bits_value(b, (unsigned)symbol);
	return true;
}

/* One symbol the long way. */
static struct slow
read_long(struct bits b, const struct jpg_huff *ac, int k)
{
	struct slow s = { .k = -1 };
	int symbol;

	bits_fill(&b);
	symbol = bits_symbol(&b, ac);
	if (symbol == 0) {
		s.k = 64;
	} else if (symbol > 0 && (symbol & 15) <= MOST_AC_BITS && ((symbol & 15) != 0 || symbol == 0xf0)) {
		s.value = bits_value(&b, (unsigned)symbol & 15);
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

/* Past what is left of the block from coefficient k on. */
static inline bool
pass_over(struct bits *b, const struct jpg_huff *ac, int k)
{
	int32_t value;

	while (k < 64) {
		bits_fill(b);
		for (int i = 0; i < 4 && k < 64; i++) {		/* twelve bits each: no filling between */
			const unsigned many = ac->many[bits_look(b)];
			const int next = k + (int)(many >> 5 & 63);

			/* The symbols behind a block's last one are the next block's. */
			if (many != 0 && next + (int)(many >> 12) <= 64) {
				bits_drop(b, many & 31);
				if (many >> 12 != 0)
					return true;
				k = next;
				continue;
			}
			k = read_slowly(b, ac, k, &value);
			if (k < 0)
				return false;
			break;
		}
	}
	return true;
}

/* The coefficients before JPG_HEAD_COEFFICIENTS in zigzag order; then past the others. */
static inline bool
read_coefficients(struct bits *b, const struct jpg_huff *ac, int32_t out[static JPG_HEAD_COEFFICIENTS])
{
	int k = 1;

	while (k < JPG_HEAD_COEFFICIENTS) {
		const uint32_t one = ac->one[bits_look(b)];
		int32_t value;

		if (one != 0) {
			bits_drop(b, one & 255);
			if ((one & 1u << 15) != 0)
				return true;
			k += (int)(one >> 8 & 127);
			value = (int16_t)(one >> 16);
		} else {
			k = read_slowly(b, ac, k, &value);
			if (k < 0)
				return false;
			if (k == 64 && value == 0)
				return true;
		}
		if (k <= JPG_HEAD_COEFFICIENTS)
			out[k - 1] = value;
		bits_fill(b);
	}
	return pass_over(b, ac, k);
}

static inline uint8_t
sample(int32_t v)
{
	return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

static inline bool
read_eighth(struct bits *b, struct plane *p, uint8_t *out)
{
	bits_fill(b);
	if (!read_mean(b, p) || !pass_over(b, p->ac, 1))
		return false;
	*out = sample((int32_t)((uint32_t)p->before * p->quant[0] + 4 + (128 << 3)) >> 3);
	return true;
}

/*
 * The means of the four quarters, as if the coefficients past the first two of each direction were nought: cosine
 * terms averaged over four samples, in 1 / 65536.  Unsigned, since what a stranger coded may overflow.
 */
static inline bool
read_quarter(struct bits *b, struct plane *p, uint8_t *out, size_t stride)
{
	int32_t c[JPG_HEAD_COEFFICIENTS] = { 0 };
	uint32_t mean, across, down, both;

	bits_fill(b);
	if (!read_mean(b, p))
		return false;
	if (!read_coefficients(b, p->ac, c))
		return false;
	mean = (uint32_t)p->before * p->quant[0] * 8192u + (128u << 16) + (1u << 15);
	across = (uint32_t)c[1] * p->quant[1] * 7425u;
	down = (uint32_t)c[2] * p->quant[2] * 7425u;
	both = (uint32_t)c[4] * p->quant[4] * 6724u;
	out[0] = sample((int32_t)(mean + across + down + both) >> 16);
	out[1] = sample((int32_t)(mean - across + down - both) >> 16);
	out[stride] = sample((int32_t)(mean + across - down - both) >> 16);
	out[stride + 1] = sample((int32_t)(mean - across - down + both) >> 16);
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
	return (b->at - s->clean) * 8 - b->count <= (ptrdiff_t)s->clean_len * 8;
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
read_part(struct jpg_skip *s, struct bits *b, struct plane *p, int unit)
{
	const uint8_t *const end = s->clean + s->clean_len;
	const size_t side = (size_t)s->eighths;

	for (int y = 0; y < p->down; y++)
		for (int x = 0; x < p->across; x++) {
			uint8_t *out = p->at + (size_t)y * side * p->stride + ((size_t)unit * (size_t)p->across + (size_t)x) * side;

			if (b->at > end + 8)
				return false;
			if (!(side == 1 ? read_eighth(b, p, out) : read_quarter(b, p, out, p->stride)))
				return false;
		}
	return true;
}

static bool
read_units(struct jpg_skip *s, struct bits *from)
{
	struct bits b = *from;

	for (int unit = 0; unit < s->units_across; unit++) {
		if (s->head.restart_every > 0 && s->units_left-- == 0) {
			if (!next_run(s, b))
				return false;
			begin_run(s, &b);
			s->units_left--;
		}
		for (int i = 0; i < s->head.part_count; i++)
			if (!read_part(s, &b, &s->planes[i], unit))
				return false;
	}
	*from = b;
	return true;
}

/* ---- Colours ---- */

/* Each chroma sample twice. */
static void
widen_16(uint8_t *out, const uint8_t *in)
{
	for (int i = 0; i < UNIT_PX / 2; i++)
		out[2 * i] = out[2 * i + 1] = in[i];
}

static void
colour_row(const struct jpg_skip *s, uint8_t *out, int y)
{
	const struct plane *luma = &s->planes[0], *cb = &s->planes[1], *cr = &s->planes[2];
	const size_t wide = (size_t)luma->across, row = (size_t)(y / luma->down);
	uint8_t two[2][UNIT_PX];

	for (size_t x = 0; x < (size_t)s->width_px; x += UNIT_PX) {
		const uint8_t *u = cb->at + row * cb->stride + x / wide, *v = cr->at + row * cr->stride + x / wide;

		if (wide == 2) {
			widen_16(two[0], u);
			widen_16(two[1], v);
			u = two[0];
			v = two[1];
		}
		jpg_colour_16(out + 3 * x, luma->at + (size_t)y * luma->stride + x, u, v);
	}
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
make_room(uint8_t **at, size_t *room, size_t need)
{
	uint8_t *larger;

	if (need <= *room)
		return true;
	larger = calloc(1, need);
	if (larger == NULL)
		return false;
	free(*at);
	*at = larger;
	*room = need;
	return true;
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
		p->quant = h->quant[part->quant];
		p->dc = jpg_huff_find(&s->shelf, true, h->dc[part->dc].bytes, h->dc[part->dc].len);
		p->ac = jpg_huff_find(&s->shelf, false, h->ac[part->ac].bytes, h->ac[part->ac].len);
		if (p->dc == NULL || p->ac == NULL || !make_room(&p->at, &p->room, p->stride * (size_t)(p->down * s->eighths)))
			return false;
	}
	return true;
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
		if (!read_units(s, &b))
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
