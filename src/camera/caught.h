/*
 * caught.h - the few newest pictures of a source with a clock of its own, still as it sent them, until a worker
 * decodes one.  Never grows: an old one that nobody came for gives way.
 * Threads: caught_put() and caught_next() on the loop, caught_draw() in the pool, by one job at a time.
 */
#ifndef CAMERA_CAUGHT_H
#define CAMERA_CAUGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "camera/picture.h"
#include "camera/source.h"

/* How its bytes are packed. */
enum caught_format { CAUGHT_JPEG, CAUGHT_YUYV, CAUGHT_UYVY, CAUGHT_NV12, CAUGHT_YUV420 };

struct caught;

struct caught *caught_new(void);
void caught_free(struct caught *c);	/* NULL is fine */
/* Sizes and stride (bytes of a row of the first plane) are those of what is put from now on; a JPEG tells its own. */
void caught_format(struct caught *c, enum caught_format format, int width_px, int height_px, int stride);
/* Copies it.  mono_us: when it was caught; later than the one before.  False: not one byte was kept, it is too large or too small. */
bool caught_put(struct caught *c, const void *bytes, size_t len, int64_t mono_us);
/* The oldest one with a number above that; numbers count from 1. */
bool caught_next(struct caught *c, int64_t after, int64_t *number, int64_t *mono_us);
/* Draws the one of that number, once.  False: it gave way meanwhile, or is damaged beyond use. */
bool caught_draw(struct caught *c, const struct scene *scene, struct picture *out, struct err *e);

#endif
