/*
 * fuzz_doorway.c - any bytes from a client of the control socket.  Aborts when it matters in which pieces they came, when a line
 * is no text, or when a ceiling breaks.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/doorway_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All lines, with their ends; a line that is none is a NUL.  False: it broke off. */
static bool
take_lines(struct doorway_frame *f, struct buf *all)
{
	enum doorway_frame_word word;
	const char *line;

	while ((word = doorway_frame_next(f, &line)) == FRAME_LINE || word == FRAME_NO_TEXT) {
		if (word == FRAME_NO_TEXT) {
			XASSERT(buf_add(all, "\0\n", 2));
			continue;
		}
		XASSERT(strlen(line) <= MAX_COMMAND_LINE && strpbrk(line, "\n\r\x1b\x7f") == NULL && str_is_utf8(line, strlen(line)));
		XASSERT(buf_add(all, line, strlen(line) + 1));
	}
	XASSERT(word != FRAME_TOO_LONG || doorway_frame_next(f, &line) == FRAME_TOO_LONG);
	return word == FRAME_NONE;
}

static bool
read_in(struct buf *all, const char *text, size_t size, size_t piece)
{
	struct doorway_frame f;
	bool ok = true;

	doorway_frame_init(&f);
	for (size_t at = 0; ok && at < size; at += piece) {
		const size_t some = size - at < piece ? size - at : piece;

		ok = doorway_frame_add(&f, text + at, some) && take_lines(&f, all);
		XASSERT(f.bytes.len <= f.bytes.ceiling);
	}
	doorway_frame_fini(&f);
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = { 1, 3, 100 };
	const char *text = (const char *)data;
	struct buf whole, some;
	bool ok;

	buf_init(&whole, 2 * size + 64);
	buf_init(&some, 2 * size + 64);
	ok = read_in(&whole, text, size, DOORWAY_READ_BYTES);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		buf_clear(&some);
		XASSERT(read_in(&some, text, size, pieces[i]) == ok);
		XASSERT(some.len == whole.len && (whole.len == 0 || memcmp(some.data, whole.data, whole.len) == 0));
	}
	buf_fini(&whole);
	buf_fini(&some);
	return 0;
}
