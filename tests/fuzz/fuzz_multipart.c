/*
 * fuzz_multipart.c - any bytes as a motion JPEG stream, and as its Content-Type.  Aborts when it
 * matters in which pieces they came, or when a part reaches beyond its bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/mjpeg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct story {
	uint64_t hash;
	size_t parts, bytes;
};

static void
on_part(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct story *s = arg;

	XASSERT(len > 0 && len <= MAX_JPEG_FRAME && timestamp_us >= 0 && frame >= -1);
	s->parts++;
	s->bytes += len;
	for (size_t i = 0; i < len; i++)
		s->hash = (s->hash ^ (unsigned char)jpeg[i]) * UINT64_C(1099511628211);
	s->hash ^= (uint64_t)timestamp_us * 31 + (uint64_t)frame;
}

static void
tell(struct story *out, const char *type, const char *text, size_t size, size_t piece)
{
	struct mjpeg *m = mjpeg_new(type, on_part, out, NULL);
	bool fine = true;

	XASSERT(m != NULL);
	*out = (struct story){ .hash = UINT64_C(14695981039346656037) };
	for (size_t at = 0; at < size && fine; at += piece)
		fine = mjpeg_feed(m, text + at, size - at < piece ? size - at : piece, NULL);
	out->hash ^= fine;
	XASSERT(out->bytes <= size);
	mjpeg_free(m);
}

static void
try_type(const char *text, size_t size)
{
	char type[600] = "multipart/x-mixed-replace;";
	size_t used = strlen(type), n = size < sizeof type - used - 1 ? size : sizeof type - used - 1;
	struct err e = { 0 };
	struct mjpeg *m;

	memcpy(type + used, text, n);
	type[used + n] = '\0';
	for (int skip = 0; skip < 2; skip++) {
		m = mjpeg_new(skip ? type + used : type, on_part, NULL, &e);
		XASSERT(m != NULL || e.text[0] != '\0');
		mjpeg_free(m);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "multipart/x-mixed-replace;boundary=frame", "multipart/x-mixed-replace; boundary=\"--frame\"" };
	static const size_t pieces[] = { 1, 2, 3, 7, 61, 4096 };
	const char *text = (const char *)data;
	struct story whole, cut;

	if (size == 0)
		return 0;
	try_type(text, size);
	for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
		tell(&whole, types[t], text, size, size);
		for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
			tell(&cut, types[t], text, size, pieces[i]);
			XASSERT(cut.hash == whole.hash && cut.parts == whole.parts);
		}
	}
	return 0;
}
