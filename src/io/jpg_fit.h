/*
 * jpg_fit.h - a decoded picture, row by row, into a somewhat smaller or any larger one: each pixel the mean of the area
 * it covers, in 1 / 256.  For jpg.c only.
 */
#ifndef IO_JPG_FIT_H
#define IO_JPG_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JPG_FIT_MOST 8			/* times smaller: beyond, a weight would be too few 256ths */
#define JPG_FIT_TAPS (JPG_FIT_MOST + 2)

struct jpg_fit_span {			/* what one pixel covers of a row, or one row of all rows */
	int first, count;
	uint16_t weights[JPG_FIT_TAPS];	/* together 256 */
};

struct jpg_fit {
	int from_w, from_h, w, h;
	struct jpg_fit_span *across, *down;
	uint16_t *sums;			/* of the row in the making */
	uint64_t *lanes;		/* the same row, a pixel a word, sixteen bits a colour */
	int taps;			/* of the widest span across */
	int row_done;
};

/* {0} before the first.  False: more than JPG_FIT_MOST times smaller. */
bool jpg_fit_open(struct jpg_fit *f, int from_w, int from_h, int w, int h);
void jpg_fit_fini(struct jpg_fit *f);
/* Row y of what was decoded, from 0 on, and eight readable bytes behind it; out: the whole thumb, and a byte more. */
void jpg_fit_take(struct jpg_fit *f, const uint8_t *row, int y, uint8_t *out);

#endif
