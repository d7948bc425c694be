/*
 * thumb.c - small pictures: made, fitted, thrown away.
 * Owns the pixels of a struct thumb.  Knows no picture format and no screen.
 */
#include "domain/thumb.h"

#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"

bool
thumb_init(struct thumb *t, int width_px, int height_px)
{
	*t = (struct thumb){ .width_px = width_px, .height_px = height_px };
	if (width_px < 1 || height_px < 1 || width_px > MAX_JPEG_SIDE_PX || height_px > MAX_JPEG_SIDE_PX ||
	    (int64_t)width_px * height_px > MAX_JPEG_PIXELS)
		return false;
	t->rgb = calloc((size_t)width_px * (size_t)height_px, 3);
	return t->rgb != NULL;
}

void
thumb_fini(struct thumb *t)
{
	if (t == NULL)
		return;
	free(t->rgb);
	*t = (struct thumb){ 0 };
}

void
thumb_fit_size(int src_w, int src_h, int box_w, int box_h, int *w, int *h)
{
	int64_t wide, high;

	*w = *h = 1;
	if (src_w < 1 || src_h < 1 || box_w < 1 || box_h < 1)
		return;
	wide = box_w;
	high = ((int64_t)src_h * box_w + src_w / 2) / src_w;
	if (high > box_h) {
		high = box_h;
		wide = ((int64_t)src_w * box_h + src_h / 2) / src_h;
		wide = wide < box_w ? wide : box_w;
	}
	*w = wide > 0 ? (int)wide : 1;
	*h = high > 0 ? (int)high : 1;
}

/* The source's pixels that fall into one of the fitted picture's; enlarging repeats them. */
static void
span_of(int i, int fitted, int source, int *first, int *end)
{
	*first = (int)((int64_t)i * source / fitted);
	*end = (int)((int64_t)(i + 1) * source / fitted);
	if (*end <= *first)
		*end = *first + 1;
}

static void
box_average(uint8_t out[3], const struct thumb *src, int x0, int x1, int y0, int y1)
{
	uint64_t sum[3] = { 0 }, count = (uint64_t)(x1 - x0) * (uint64_t)(y1 - y0);

	for (int y = y0; y < y1; y++) {
		const uint8_t *p = src->rgb + ((size_t)y * (size_t)src->width_px + (size_t)x0) * 3;

		for (int x = x0; x < x1; x++, p += 3) {
			sum[0] += p[0];
			sum[1] += p[1];
			sum[2] += p[2];
		}
	}
	for (int i = 0; i < 3; i++)
		out[i] = (uint8_t)((sum[i] + count / 2) / count);
}

void
thumb_fit(struct thumb *dst, const struct thumb *src)
{
	int w, h, left, top;

	if (dst->rgb == NULL)
		return;
	memset(dst->rgb, 0, (size_t)dst->width_px * (size_t)dst->height_px * 3);
	if (src->rgb == NULL)
		return;
	thumb_fit_size(src->width_px, src->height_px, dst->width_px, dst->height_px, &w, &h);
	left = (dst->width_px - w) / 2;
	top = (dst->height_px - h) / 2;
	for (int y = 0; y < h; y++) {
		uint8_t *out = dst->rgb + ((size_t)(top + y) * (size_t)dst->width_px + (size_t)left) * 3;
		int x0, x1, y0, y1;

		span_of(y, h, src->height_px, &y0, &y1);
		for (int x = 0; x < w; x++, out += 3) {
			span_of(x, w, src->width_px, &x0, &x1);
			box_average(out, src, x0, x1, y0, y1);
		}
	}
}
