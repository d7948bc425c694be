/*
 * paint_fit.c - pictures that come in another size than their place has, after a resize say, are fitted here.
 * The copy is kept by the caller, so that no picture allocates.
 */
#include "ui/paint_fit.h"

#include <stddef.h>

const struct thumb *
paint_fit(struct thumb *kept, const struct thumb *t, int w, int h)
{
	int fit_w, fit_h;

	thumb_fit_size(t->width_px, t->height_px, w, h, &fit_w, &fit_h);
	if (fit_w == t->width_px && fit_h == t->height_px)
		return t;
	if (kept->width_px != fit_w || kept->height_px != fit_h) {
		thumb_fini(kept);
		if (!thumb_init(kept, fit_w, fit_h))
			return NULL;
	}
	thumb_fit(kept, t);
	return kept;
}
