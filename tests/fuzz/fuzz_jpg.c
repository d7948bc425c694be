/*
 * fuzz_jpg.c - any bytes as a JPEG.  Aborts when a thumbnail has another size than it should,
 * or when a refusal has no sentence.
 */
#include <stddef.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/jpg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_box(struct jpg_decoder *d, struct thumb *t, const uint8_t *data, size_t size, int box_w, int box_h)
{
	struct err e = { 0 };
	int full_w, full_h, w, h;

	if (!jpg_decoder_read(d, t, data, size, box_w, box_h, &full_w, &full_h, &e)) {
		XASSERT(t->rgb == NULL && e.kind != ERR_NONE && e.text[0] != '\0');
		return;
	}
	XASSERT(full_w <= MAX_JPEG_SIDE_PX && full_h <= MAX_JPEG_SIDE_PX);
	thumb_fit_size(full_w, full_h, box_w, box_h, &w, &h);
	XASSERT(t->rgb != NULL && t->width_px == w && t->height_px == h);
}

/* One decoder and one thumb for all boxes, as a tile's: what one leaves behind is the next one's. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jpg_decoder *d = jpg_decoder_new();
	struct thumb t = { .rgb = NULL };

	try_box(d, &t, data, size, 48, 27);
	try_box(d, &t, data, size, 7, 200);
	try_box(d, &t, data, size, 80, 45);	/* the corpus' picture at a quarter, exactly */
	try_box(d, &t, data, size, 39, 22);	/* at an eighth, and a little smaller */
	thumb_fini(&t);
	jpg_decoder_free(d);
	return 0;
}
