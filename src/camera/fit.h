/*
 * fit.h - a decoded frame into a picture, as the camera stands: the middle of it as much as the zoom leaves, in the
 * picture's shape and size, mirrored for the front camera.  One thread at a time.
 */
#ifndef CAMERA_FIT_H
#define CAMERA_FIT_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include "camera/picture.h"
#include "camera/source.h"

struct fit;

struct fit *fit_new(void);
void fit_free(struct fit *f);		/* NULL is fine */
/* Fills all of out.  False: such frames cannot be scaled. */
bool fit_draw(struct fit *f, const AVFrame *frame, const struct scene *scene, struct picture *out);

#endif
