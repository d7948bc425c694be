/*
 * jpg_colour.c - brightness and two colour differences to red, green and blue, sixteen pixels at a time.
 * Owns the arithmetic: fixed point, in words of sixteen bits, which any processor does eight of at once.
 * Never asks which processor it is.
 */
#include "io/jpg_colour.h"

#include <endian.h>
#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t pairs8 __attribute__((vector_size(16)));
typedef uint64_t halves2 __attribute__((vector_size(16)));

/* Two pixels of four bytes as two of three; the two bytes behind are spoilt. */
static inline void
put_two(uint8_t *out, uint64_t two)
{
	two = htole64((two & 0xffffff) | (two >> 32) << 24);
	memcpy(out, &two, sizeof two);
}

static inline void
put_four(uint8_t *out, pairs8 four)
{
	const halves2 h = (halves2)four;

	put_two(out, le64toh(h[0]));
	put_two(out + 6, le64toh(h[1]));
}

/* Three rows of bytes into one of pixels. */
static inline void
weave_16(uint8_t *out, const uint8_t red[static JPG_COLOUR_PX], const uint8_t green[static JPG_COLOUR_PX], const uint8_t blue[static JPG_COLOUR_PX])
{
	const bytes16 none = { 0 };
	bytes16 r, g, b;
	pairs8 rg, bx;

	memcpy(&r, red, sizeof r);
	memcpy(&g, green, sizeof g);
	memcpy(&b, blue, sizeof b);
	rg = (pairs8)__builtin_shufflevector(r, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
	bx = (pairs8)__builtin_shufflevector(b, none, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
	put_four(out, __builtin_shufflevector(rg, bx, 0, 8, 1, 9, 2, 10, 3, 11));
	put_four(out + 12, __builtin_shufflevector(rg, bx, 4, 12, 5, 13, 6, 14, 7, 15));
	rg = (pairs8)__builtin_shufflevector(r, g, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
	bx = (pairs8)__builtin_shufflevector(b, none, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
	put_four(out + 24, __builtin_shufflevector(rg, bx, 0, 8, 1, 9, 2, 10, 3, 11));
	put_four(out + 36, __builtin_shufflevector(rg, bx, 4, 12, 5, 13, 6, 14, 7, 15));
}

/* Sixteen pixels, in 16-bit arithmetic: 1.402 = 1 + 103 / 256, and so on. */
void
jpg_colour_16(uint8_t *out, const uint8_t *luma, const uint8_t *cb, const uint8_t *cr)
{
	uint8_t r[JPG_COLOUR_PX], g[JPG_COLOUR_PX], b[JPG_COLOUR_PX];

	for (int i = 0; i < JPG_COLOUR_PX; i++) {
		const int16_t u = (int16_t)(cb[i] - 128), v = (int16_t)(cr[i] - 128), y = luma[i];
		int16_t red = (int16_t)(y + v + (int16_t)((int16_t)(v * 103 + 128) >> 8));
		int16_t green = (int16_t)(y - (int16_t)((int16_t)(u * 88 + 64) >> 8) - (int16_t)((int16_t)(v * 183 + 64) >> 8));
		int16_t blue = (int16_t)(y + u + u - (int16_t)((int16_t)(u * 58 + 128) >> 8));

		red = red < 0 ? 0 : red;
		green = green < 0 ? 0 : green;
		blue = blue < 0 ? 0 : blue;
		r[i] = (uint8_t)(red > 255 ? 255 : red);
		g[i] = (uint8_t)(green > 255 ? 255 : green);
		b[i] = (uint8_t)(blue > 255 ? 255 : blue);
	}
	weave_16(out, r, g, b);
}
