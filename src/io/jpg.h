/*
 * jpg.h - JPEG to small RGB picture; the only console file that knows libjpeg.  Any thread.
 * Decodes at 1/1, 1/2, 1/4 or 1/8 (scaled DCT), the least that still fills the box, then box-filters.
 * Ceilings: MAX_JPEG_SIDE_PX, MAX_JPEG_PIXELS.  Never longjmps past its caller, never prints.
 */
#ifndef IO_JPG_H
#define IO_JPG_H

#include <stddef.h>
#include "base/err.h"
#include "domain/thumb.h"

struct jpg_decoder;		/* its tables and buffers, kept from picture to picture; used by one thread at a time */
struct jpg_decoder *jpg_decoder_new(void);
void jpg_decoder_free(struct jpg_decoder *d);		/* NULL is fine */
/*
 * *out gets the largest picture of the source's aspect within box_w x box_h; it is {0} or an older thumb, whose pixels
 * are used again if the size is the same (thumb_fini() it).  full_*: the source's size.  False: *out is {0}.
 */
bool jpg_decoder_read(struct jpg_decoder *d, struct thumb *out, const void *jpeg, size_t len, int box_w, int box_h,
    int *full_w, int *full_h, struct err *e);
/* Of the picture read last: some of it was missing or not to be read, and is grey or guessed. */
bool jpg_decoder_saw_damage(const struct jpg_decoder *d);
/* The same once, with a decoder of its own. */
bool jpg_thumb(struct thumb *out, const void *jpeg, size_t len, int box_w, int box_h, int *full_w, int *full_h, struct err *e);
/* Node side: RGB to JPEG; quality 1..100.  free() *out. */
bool jpg_encode(const struct thumb *in, int quality, unsigned char **out, size_t *len, struct err *e);

#endif
