/*
 * picture.c - memory and rectangles of a YUV picture.
 * Owns its planes.  Never scales, never converts to another format.
 */
#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"
#include "camera/picture.h"

#define ALIGN 64
#define TAIL 64		/* readers with wide registers may look past the last sample */

static int
align_up(int n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

void
picture_init(struct picture *p, int width_px, int height_px)
{
	size_t luma, chroma;
	void *block;

	p->width_px = width_px;
	p->height_px = height_px;
	p->stride = align_up(width_px);
	p->chroma_stride = align_up(width_px / 2);
	luma = (size_t)p->stride * (size_t)height_px;
	chroma = (size_t)p->chroma_stride * (size_t)(height_px / 2);
	if (posix_memalign(&block, ALIGN, luma + 2 * chroma + TAIL) != 0)
		xbug(__FILE__, __LINE__, "no memory for a picture");
	p->y = block;
	p->u = p->y + luma;
	p->v = p->u + chroma;
	memset(p->y, 0, luma);
	memset(p->u, 128, 2 * chroma + TAIL);
}

void
picture_fini(struct picture *p)
{
	free(p->y);
	memset(p, 0, sizeof *p);
}

void
picture_resize(struct picture *p, int width_px, int height_px)
{
	if (p->y != NULL && p->width_px == width_px && p->height_px == height_px)
		return;
	picture_fini(p);
	picture_init(p, width_px, height_px);
}

void
picture_copy(struct picture *to, const struct picture *from)
{
	XASSERT(to->width_px == from->width_px && to->height_px == from->height_px);
	memcpy(to->y, from->y, (size_t)(from->v - from->y) + (size_t)from->chroma_stride * (size_t)(from->height_px / 2));
}

static void
fill_plane(uint8_t *plane, int stride, const int box[4], uint8_t value)
{
	for (int row = box[1]; row < box[3]; row++)
		memset(plane + (size_t)row * (size_t)stride + box[0], value, (size_t)(box[2] - box[0]));
}

static int
clip(int n, int max)
{
	return n < 0 ? 0 : n > max ? max : n;
}

void
picture_fill(struct picture *p, int x, int y, int w, int h, struct colour c)
{
	int luma[4] = { clip(x, p->width_px), clip(y, p->height_px), clip(x + w, p->width_px), clip(y + h, p->height_px) };
	int chroma[4] = { luma[0] / 2, luma[1] / 2, luma[2] / 2, luma[3] / 2 };

	if (luma[2] <= luma[0] || luma[3] <= luma[1])
		return;
	fill_plane(p->y, p->stride, luma, c.y);
	fill_plane(p->u, p->chroma_stride, chroma, c.u);
	fill_plane(p->v, p->chroma_stride, chroma, c.v);
}

void
picture_frame(struct picture *p, int thick, struct colour c)
{
	picture_fill(p, 0, 0, p->width_px, thick, c);
	picture_fill(p, 0, p->height_px - thick, p->width_px, thick, c);
	picture_fill(p, 0, 0, thick, p->height_px, c);
	picture_fill(p, p->width_px - thick, 0, thick, p->height_px, c);
}

static uint8_t
level(double v)
{
	return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

/* ITU-T T.871 (JFIF): BT.601 coefficients, full range. */
struct colour
picture_colour(int red, int green, int blue)
{
	struct colour c = {
		.y = level(0.299 * red + 0.587 * green + 0.114 * blue),
		.u = level(128 - 0.168736 * red - 0.331264 * green + 0.5 * blue),
		.v = level(128 + 0.5 * red - 0.418688 * green - 0.081312 * blue),
	};

	return c;
}
