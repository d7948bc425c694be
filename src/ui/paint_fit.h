/*
 * paint_fit.h - a picture in the size of its place.
 */
#ifndef UI_PAINT_FIT_H
#define UI_PAINT_FIT_H

#include "domain/thumb.h"

/* t itself when it fits a box of w x h pixels without bars on two sides, else a copy in `kept`; NULL: no memory. */
const struct thumb *paint_fit(struct thumb *kept, const struct thumb *t, int w, int h);

#endif
