/*
 * fuzz_sse.c - any bytes as an event stream.  Aborts when it matters in which pieces they came.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* FNV-1a over everything that was said, so that two runs can be compared. */
struct story {
	uint64_t hash;
	size_t events, comments;
};

static void
note(struct story *s, const char *bytes, size_t len)
{
	for (size_t i = 0; i <= len; i++)	/* the NUL, too: it parts one from the next */
		s->hash = (s->hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
}

static void
on_event(void *arg, const char *name, const char *data, size_t len, const char *id)
{
	struct story *s = arg;

	XASSERT(strpbrk(name, "\r\n") == NULL && strpbrk(id, "\r\n") == NULL);
	XASSERT(len <= MAX_SSE_EVENT && memchr(data, '\r', len) == NULL && data[len] == '\0');
	s->events++;
	note(s, name, strlen(name));
	note(s, data, len);
	note(s, id, strlen(id));
}

static void
on_comment(void *arg)
{
	((struct story *)arg)->comments++;
}

static void
tell(struct story *out, const char *text, size_t size, size_t piece)
{
	struct sse *s = sse_new(on_event, on_comment, out);
	bool fine = true;

	*out = (struct story){ .hash = UINT64_C(14695981039346656037) };
	for (size_t at = 0; at < size && fine; at += piece)
		fine = sse_feed(s, text + at, size - at < piece ? size - at : piece, NULL);
	note(out, sse_last_id(s), strlen(sse_last_id(s)));
	XASSERT(sse_retry_ms(s) >= -1);
	out->hash ^= (uint64_t)sse_retry_ms(s);
	out->hash ^= fine;
	sse_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 61 };
	struct story whole, cut;

	if (size == 0)
		return 0;
	tell(&whole, (const char *)data, size, size);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		tell(&cut, (const char *)data, size, pieces[i]);
		XASSERT(cut.hash == whole.hash && cut.events == whole.events && cut.comments == whole.comments);
	}
	return 0;
}
