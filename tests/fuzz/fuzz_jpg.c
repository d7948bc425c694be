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
try_box(const uint8_t *data, size_t size, int box_w, int box_h)
{
	struct thumb t;
	struct err e = { 0 };
	int full_w, full_h, w, h;

	if (!jpg_thumb(&t, data, size, box_w, box_h, &full_w, &full_h, &e)) {
		XASSERT(t.rgb == NULL && e.kind != ERR_NONE && e.text[0] != '\0');
		return;
	}
	XASSERT(full_w <= MAX_JPEG_SIDE_PX && full_h <= MAX_JPEG_SIDE_PX);
	thumb_fit_size(full_w, full_h, box_w, box_h, &w, &h);
	XASSERT(t.rgb != NULL && t.width_px == w && t.height_px == h);
	thumb_fini(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_box(data, size, 48, 27);
	try_box(data, size, 7, 200);
	return 0;
}
