/*
 * thumb.h - a small picture: 8-bit RGB, rows top to bottom, no padding.
 */
#ifndef DOMAIN_THUMB_H
#define DOMAIN_THUMB_H

#include <stdbool.h>
#include <stdint.h>

struct thumb {
	int width_px, height_px;
	uint8_t *rgb;			/* width * height * 3 bytes, heap; NULL = no picture */
};

bool thumb_init(struct thumb *t, int width_px, int height_px);	/* black; false: no memory */
void thumb_fini(struct thumb *t);
/* Box-filters src into dst's size, keeping the aspect: black bars where it does not fit. */
void thumb_fit(struct thumb *dst, const struct thumb *src);
/* Largest size of the source's aspect within the box, at least 1 x 1. */
void thumb_fit_size(int src_w, int src_h, int box_w, int box_h, int *w, int *h);

#endif
