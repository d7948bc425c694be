/*
 * fuzz_line.c - any bytes as an answer on a line.  Aborts when it matters in which pieces they came, or when a ceiling breaks.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/line_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many bytes were taken. */
static size_t
read_in(struct line_answer *a, const char *text, size_t size, size_t piece)
{
	size_t at = 0;

	while (at < size && a->step < LINE_DONE) {
		const size_t some = size - at < piece ? size - at : piece, used = line_answer_feed(a, text + at, some);

		XASSERT(used > 0 && used <= some && (used == some || a->step >= LINE_DONE));
		at += used;
	}
	return at;
}

static void
check(const struct line_answer *a)
{
	XASSERT(a->body.len <= MAX_JSON_BODY && buf_text(&a->body)[a->body.len] == '\0');
	XASSERT((a->step == LINE_BAD) == (a->why.kind != ERR_NONE));
	if (a->step == LINE_DONE || a->step == LINE_REST)
		XASSERT(a->status >= 200 && a->status <= 999);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = { 1, 3, 64 };
	const char *text = (const char *)data;
	struct line_answer whole, some;
	size_t taken;

	line_answer_init(&whole);
	line_answer_init(&some);
	taken = read_in(&whole, text, size, size + 1);
	check(&whole);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		size_t used = read_in(&some, text, size, pieces[i]);

		check(&some);
		XASSERT(some.step == whole.step);
		if (some.step == LINE_DONE || some.step == LINE_REST) {
			XASSERT(some.status == whole.status && some.keeps == whole.keeps && used == taken);
			XASSERT(some.body.len == whole.body.len && memcmp(buf_text(&some.body), buf_text(&whole.body), some.body.len) == 0);
		}
		line_answer_again(&some);	/* what is left of one answer is nothing of the next */
	}
	XASSERT(line_answer_end(&whole) == (whole.step == LINE_DONE));
	line_answer_fini(&whole);
	line_answer_fini(&some);
	return 0;
}
