/*
 * picture.h - one uncompressed picture: planar YUV 4:2:0, 8 bits, full range (JPEG levels).
 * Even sides.  Belongs to one thread at a time.
 */
#ifndef CAMERA_PICTURE_H
#define CAMERA_PICTURE_H

#include <stdint.h>

struct picture {
	int width_px, height_px;
	int stride, chroma_stride;	/* bytes a row */
	uint8_t *y, *u, *v;		/* one block of memory, y first */
};

struct colour { uint8_t y, u, v; };

void picture_init(struct picture *p, int width_px, int height_px);
void picture_fini(struct picture *p);
void picture_resize(struct picture *p, int width_px, int height_px);	/* nothing to do when it has that size */
void picture_copy(struct picture *to, const struct picture *from);	/* same size */
/* Clipped to the picture; odd edges are rounded to whole chroma samples. */
void picture_fill(struct picture *p, int x, int y, int w, int h, struct colour c);
void picture_frame(struct picture *p, int thick, struct colour c);	/* along the edges */
struct colour picture_colour(int red, int green, int blue);

/* Text in capitals on a black box; scale = pixels per dot of the 5x7 font.  Returns the width in pixels. */
int picture_text(struct picture *p, int x, int y, int scale, const char *text);
int picture_text_width(int scale, const char *text);
int picture_text_height(int scale);

#endif
