/*
 * jpg_means.c - four coefficients of each block as the means of its quarters, eight blocks at a time.
 * Owns the arithmetic, in words of sixteen bits: what a camera can mean fits, what a stranger makes up wraps around.
 * Never asks which processor it is.
 */
#include "io/jpg_means.h"

#include <endian.h>
#include <string.h>

typedef int16_t words8 __attribute__((vector_size(16)));
typedef uint16_t bits8 __attribute__((vector_size(16)));

struct terms { words8 mean, across, down, both; };

static inline words8
times(const int16_t *two_blocks, bits8 quant)
{
	bits8 v;

	memcpy(&v, two_blocks, sizeof v);
	return (words8)(v * quant);
}

/* Block by block into term by term. */
static inline struct terms
sort_terms(const int16_t (*blocks)[JPG_MEANS_TERMS], bits8 quant)
{
	const words8 a = times(blocks[0], quant), b = times(blocks[2], quant), c = times(blocks[4], quant), d = times(blocks[6], quant);
	const words8 ab = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11), ba = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
	const words8 cd = __builtin_shufflevector(c, d, 0, 8, 1, 9, 2, 10, 3, 11), dc = __builtin_shufflevector(c, d, 4, 12, 5, 13, 6, 14, 7, 15);
	const words8 first = __builtin_shufflevector(ab, ba, 0, 8, 1, 9, 2, 10, 3, 11), third = __builtin_shufflevector(cd, dc, 0, 8, 1, 9, 2, 10, 3, 11);
	const words8 second = __builtin_shufflevector(ab, ba, 4, 12, 5, 13, 6, 14, 7, 15), fourth = __builtin_shufflevector(cd, dc, 4, 12, 5, 13, 6, 14, 7, 15);

	return (struct terms){
		__builtin_shufflevector(first, third, 0, 1, 2, 3, 8, 9, 10, 11), __builtin_shufflevector(first, third, 4, 5, 6, 7, 12, 13, 14, 15),
		__builtin_shufflevector(second, fourth, 0, 1, 2, 3, 8, 9, 10, 11), __builtin_shufflevector(second, fourth, 4, 5, 6, 7, 12, 13, 14, 15),
	};
}

/* From 1 / 128 around the middle to 0 .. 255. */
static inline words8
samples(bits8 sum)
{
	words8 v = ((words8)(sum + 64) >> 7) + 128;

	v &= v > 0;
	return (v | (v > 255)) & 255;
}

/* Two bytes of each word, in the order of memory. */
static inline void
put_pairs(uint8_t *out, words8 left, words8 right)
{
	const words8 pairs = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? left | right << 8 : left << 8 | right;

	memcpy(out, &pairs, sizeof pairs);
}

/*
 * As if the coefficients past the first two of each direction were nought: cosine terms averaged over four samples are
 * 0.9064 of a coefficient, and that squared where both directions meet.  A coded mean is eight times a sample.
 */
void
jpg_means_8(uint8_t *upper, uint8_t *lower, const int16_t (*blocks)[JPG_MEANS_TERMS], const uint16_t quant[static JPG_MEANS_TERMS])
{
	const struct terms t = sort_terms(blocks, (bits8){ quant[0], quant[1], quant[2], quant[3], quant[0], quant[1], quant[2], quant[3] });
	const bits8 mean = (bits8)t.mean * 16, across = (bits8)((words8)((bits8)t.across * 29) >> 1);
	const bits8 down = (bits8)((words8)((bits8)t.down * 29) >> 1), both = (bits8)t.both * 13 + (bits8)(t.both >> 3);

	put_pairs(upper, samples(mean + across + down + both), samples(mean - across + down - both));
	put_pairs(lower, samples(mean + across - down - both), samples(mean - across - down + both));
}
