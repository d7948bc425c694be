/*
 * still.h - a picture as a JPEG of a given size and quality.  One object serves one size and
 * quality, for one thread at a time; it keeps its encoder from frame to frame.
 */
#ifndef CAMERA_STILL_H
#define CAMERA_STILL_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"
#include "camera/picture.h"

struct still;

/* quality 1..100. */
struct still *still_new(int width_px, int height_px, int quality);
void still_free(struct still *s);
/* Appends the JPEG to out. */
bool still_encode(struct still *s, const struct picture *p, struct buf *out, struct err *e);

#endif
