/*
 * jpg_colour.c - brightness and two colour differences to red, green and blue, sixteen pixels at a time.
 * Owns the arithmetic: fixed point, in words of sixteen bits, which any processor does eight of at once.
 * Never asks which processor it is.
 */
#include "io/jpg_colour.h"

#include <endian.h>
#include <string.h>

typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int16_t words8 __attribute__((vector_size(16)));
typedef uint16_t pairs8 __attribute__((vector_size(16)));
typedef uint64_t halves2 __attribute__((vector_size(16)));

static inline words8
widened(const uint8_t *at)
{
	bytes8 b;

	memcpy(&b, at, sizeof b);
	return __builtin_convertvector(b, words8);
}

/* 1.402 = 1 + 103 / 256, and so on. */
void
jpg_colour_shift_8(struct jpg_colour_shift *out, const uint8_t *cb, const uint8_t *cr)
{
	const words8 u = widened(cb) - 128, v = widened(cr) - 128;
	const words8 red = v + ((v * 103 + 128) >> 8), blue = u + u - ((u * 58 + 128) >> 8);
	const words8 green = -((u * 88 + 64) >> 8) - ((v * 183 + 64) >> 8);

	memcpy(out->red, &red, sizeof red);
	memcpy(out->green, &green, sizeof green);
	memcpy(out->blue, &blue, sizeof blue);
}

/* Four pixels of four bytes as four of three; the two bytes behind are spoilt. */
static inline void
put_four(uint8_t *out, pairs8 four)
{
	halves2 h = (halves2)four;
	uint64_t two[2];

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	h = (h & 0xffffff) | (h & 0xffffff00000000) >> 8;
#else
	h = (h & 0xffffff0000000000) | (h & 0xffffff00) << 8;
#endif
	memcpy(two, &h, sizeof two);
	memcpy(out, &two[0], sizeof two[0]);
	memcpy(out + 6, &two[1], sizeof two[1]);
}

/* Three rows of bytes into one of pixels. */
static inline void
weave_16(uint8_t *out, bytes16 r, bytes16 g, bytes16 b)
{
	pairs8 rg = (pairs8)__builtin_shufflevector(r, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
	pairs8 bx = (pairs8)__builtin_shufflevector(b, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);

	put_four(out, __builtin_shufflevector(rg, bx, 0, 8, 1, 9, 2, 10, 3, 11));
	put_four(out + 12, __builtin_shufflevector(rg, bx, 4, 12, 5, 13, 6, 14, 7, 15));
	rg = (pairs8)__builtin_shufflevector(r, g, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
	bx = (pairs8)__builtin_shufflevector(b, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
	put_four(out + 24, __builtin_shufflevector(rg, bx, 0, 8, 1, 9, 2, 10, 3, 11));
	put_four(out + 36, __builtin_shufflevector(rg, bx, 4, 12, 5, 13, 6, 14, 7, 15));
}

/* Only the low byte of each word counts. */
static inline words8
limited(words8 v)
{
	v &= v > 0;
	return (v | (v > 255)) & 255;
}

static inline bytes16
narrowed(words8 a, words8 b)
{
	const bytes8 low = __builtin_convertvector(a, bytes8), high = __builtin_convertvector(b, bytes8);

	return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/* One channel of sixteen pixels. */
static inline bytes16
channel(const words8 luma[static 2], const int16_t *shift, const int16_t *next, bool is_wide)
{
	words8 first, second;

	memcpy(&first, shift, sizeof first);
	if (is_wide) {
		second = __builtin_shufflevector(first, first, 4, 4, 5, 5, 6, 6, 7, 7);
		first = __builtin_shufflevector(first, first, 0, 0, 1, 1, 2, 2, 3, 3);
	} else {
		memcpy(&second, next, sizeof second);
	}
	return narrowed(limited(luma[0] + first), limited(luma[1] + second));
}

void
jpg_colour_16(uint8_t *out, const uint8_t *luma, const struct jpg_colour_shift *shifts, bool is_wide)
{
	const words8 y[2] = { widened(luma), widened(luma + 8) };
	const struct jpg_colour_shift *next = shifts + (is_wide ? 0 : 1);

	weave_16(out, channel(y, shifts->red, next->red, is_wide), channel(y, shifts->green, next->green, is_wide),
	    channel(y, shifts->blue, next->blue, is_wide));
}
