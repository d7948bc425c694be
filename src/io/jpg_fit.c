/*
 * jpg_fit.c - scales by area, row by row: first down (all bytes of a row alike), then across, three colours in a word.
 * Owns its weights and the one row in the making.
 * Never holds a picture; knows nothing of JPEG.
 */
#include "io/jpg_fit.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define SUMS_SLACK 8
#define HALVES 0x008000800080u		/* one half in each colour's 1 / 256 */

/* The part of source pixel s that lies in pixel i, in units of 1 / (fitted * source) of the whole. */
static int64_t
overlap(int i, int s, int fitted, int source)
{
	const int64_t begin = (int64_t)i * source, end = begin + source, from = (int64_t)s * fitted, to = from + fitted;

	return (to < end ? to : end) - (from > begin ? from : begin);
}

/* The weights are rounded; the one in the middle takes what is left, so that white stays white. */
static void
span_set(struct jpg_fit_span *span, int i, int fitted, int source)
{
	int left = 256;

	*span = (struct jpg_fit_span){ .count = 0 };
	span->first = (int)((int64_t)i * source / fitted);
	span->count = (int)(((int64_t)(i + 1) * source + fitted - 1) / fitted) - span->first;
	for (int k = 0; k < span->count; k++) {
		span->weights[k] = (uint16_t)((overlap(i, span->first + k, fitted, source) * 256 + source / 2) / source);
		left -= span->weights[k];
	}
	span->weights[span->count / 2] = (uint16_t)(span->weights[span->count / 2] + left);
}

static struct jpg_fit_span *
spans_new(struct jpg_fit_span *old, int fitted, int source)
{
	struct jpg_fit_span *spans = xreallocarray(old, (size_t)fitted, sizeof *spans);

	for (int i = 0; i < fitted; i++)
		span_set(&spans[i], i, fitted, source);
	return spans;
}

static int
most_taps(const struct jpg_fit_span *spans, int count)
{
	int most = 1;

	for (int i = 0; i < count; i++)
		most = spans[i].count > most ? spans[i].count : most;
	return most;
}

/* Words behind the row, since every pixel takes the same count of them: their weights are nought. */
static void
lanes_new(struct jpg_fit *f, int from_w)
{
	free(f->lanes);
	f->lanes = xcalloc((size_t)from_w + JPG_FIT_TAPS, sizeof *f->lanes);
}

bool
jpg_fit_open(struct jpg_fit *f, int from_w, int from_h, int w, int h)
{
	if (from_w > (int64_t)w * JPG_FIT_MOST || from_h > (int64_t)h * JPG_FIT_MOST)
		return false;
	if (f->w != w || f->from_w != from_w) {
		f->across = spans_new(f->across, w, from_w);
		f->sums = xreallocarray(f->sums, (size_t)from_w * 3 + SUMS_SLACK, sizeof *f->sums);
		f->taps = most_taps(f->across, w);
		lanes_new(f, from_w);
	}
	if (f->h != h || f->from_h != from_h)
		f->down = spans_new(f->down, h, from_h);
	f->w = w;
	f->h = h;
	f->from_w = from_w;
	f->from_h = from_h;
	f->row_done = 0;
	return true;
}

void
jpg_fit_fini(struct jpg_fit *f)
{
	free(f->across);
	free(f->down);
	free(f->sums);
	free(f->lanes);
	*f = (struct jpg_fit){ .across = NULL };
}

typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef uint16_t words8 __attribute__((vector_size(16)));

/* The bytes of a row are alike here, whatever their colour; SUMS_SLACK past its end is read and spoilt. */
static void
add_row(struct jpg_fit *f, const uint8_t *row, uint16_t weight, bool is_first)
{
	uint16_t *sums = f->sums;
	const words8 half = { 128, 128, 128, 128, 128, 128, 128, 128 };

	for (int i = 0; i < f->from_w * 3; i += 8) {
		bytes8 b;
		words8 sum = half;

		memcpy(&b, row + i, sizeof b);
		if (!is_first)
			memcpy(&sum, sums + i, sizeof sum);
		sum += __builtin_convertvector(b, words8) * weight;
		memcpy(sums + i, &sum, sizeof sum);
	}
}

static inline void
go_across(const struct jpg_fit *f, uint8_t *out, int taps)
{
	const struct jpg_fit_span *span = f->across;

	for (int x = 0; x < f->w; x++, out += 3, span++) {
		const uint64_t *from = f->lanes + span->first;
		uint64_t mean = HALVES;
		uint32_t rgb;

		for (int k = 0; k < taps; k++)
			mean += from[k] * span->weights[k];
		rgb = htole32((uint32_t)(mean >> 8 & 255) | (uint32_t)(mean >> 16 & 0xff00) | (uint32_t)(mean >> 24 & 0xff0000));
		memcpy(out, &rgb, sizeof rgb);		/* the fourth byte is the next pixel's */
	}
}

static void
finish_row(struct jpg_fit *f, uint8_t *out)
{
	const uint16_t *sum = f->sums;

	for (int x = 0; x < f->from_w; x++, sum += 3)
		f->lanes[x] = (uint64_t)(sum[0] >> 8) | (uint64_t)(sum[1] >> 8) << 16 | (uint64_t)(sum[2] >> 8) << 32;
	if (f->taps <= 2)
		go_across(f, out, 2);
	else if (f->taps == 3)
		go_across(f, out, 3);
	else
		go_across(f, out, f->taps);
	f->row_done++;
}

void
jpg_fit_take(struct jpg_fit *f, const uint8_t *row, int y, uint8_t *out)
{
	while (f->row_done < f->h) {
		const struct jpg_fit_span *span = &f->down[f->row_done];

		if (y < span->first)
			return;
		add_row(f, row, span->weights[y - span->first], y == span->first);
		if (y < span->first + span->count - 1)
			return;
		finish_row(f, out + (size_t)f->row_done * (size_t)f->w * 3);
	}
}
