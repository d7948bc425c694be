/*
 * t_sse.c - the event stream parser: WHATWG's own examples, every way to cut the bytes,
 * and lines and events without end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "io/sse.h"

/* What came out, as text: "name|data|id\n"; a comment is "#\n". */
static void
on_event(void *arg, const char *name, const char *data, size_t len, const char *id)
{
	struct buf *out = arg;

	assert_int_equal(data[len], '\0');
	buf_add_format(out, "%s|", name);
	buf_add(out, data, len);
	buf_add_format(out, "|%s\n", id);
}

static void
on_comment(void *arg)
{
	buf_add_text(arg, "#\n");
}

static void
feed_in_pieces(const char *text, size_t len, size_t piece, struct buf *out)
{
	struct sse *s = sse_new(on_event, on_comment, out);

	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;
		char *copy = malloc(n);		/* its own block: reading past it is seen by the sanitizer */

		memcpy(copy, text + at, n);
		assert_true(sse_feed(s, copy, n, NULL));
		free(copy);
	}
	sse_free(s);
}

/* The same whole, in pieces of 1 to 7 bytes, and cut in two at every place. */
static void
assert_stream(const char *text, size_t len, const char *want)
{
	struct buf out;

	buf_init(&out, 1024 * 1024);
	feed_in_pieces(text, len, len, &out);
	assert_string_equal(buf_text(&out), want);
	for (size_t piece = 1; piece <= 7; piece++) {
		buf_clear(&out);
		feed_in_pieces(text, len, piece, &out);
		assert_string_equal(buf_text(&out), want);
	}
	for (size_t cut = 0; cut <= len; cut++) {
		struct sse *s = sse_new(on_event, on_comment, &out);

		buf_clear(&out);
		assert_true(sse_feed(s, text, cut, NULL));
		assert_true(sse_feed(s, text + cut, len - cut, NULL));
		assert_string_equal(buf_text(&out), want);
		sse_free(s);
	}
	buf_fini(&out);
}

#define STREAM(text, want) assert_stream("" text, sizeof(text) - 1, want)

static void
the_standards_examples(void **state)
{
	(void)state;
	STREAM("data: YHOO\ndata: +2\ndata: 10\n\n", "message|YHOO\n+2\n10|\n");
	STREAM(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
	    "#\nmessage|first event|1\nmessage|second event|\nmessage| third event|\n");
	/* Two empty events, the second with a line feed; the last block is never complete. */
	STREAM("data\n\ndata\ndata\n\ndata:", "message||\nmessage|\n|\n");
	STREAM("data:test\n\ndata: test\n\n", "message|test|\nmessage|test|\n");
}

static void
every_line_end_is_known(void **state)
{
	(void)state;
	STREAM("event: a\ndata: 1\n\n", "a|1|\n");
	STREAM("event: a\r\ndata: 1\r\n\r\n", "a|1|\n");
	STREAM("event: a\rdata: 1\r\r", "a|1|\n");
	STREAM("event: a\r\ndata: 1\n\rdata: 2\r\r\n", "a|1|\nmessage|2|\n");
}

static void
a_byte_order_mark_is_passed_over_once(void **state)
{
	(void)state;
	STREAM("\xef\xbb\xbf" "data: 1\n\n", "message|1|\n");
	STREAM("\xef\xbb\xbf\xef\xbb\xbf" "data: 1\n\ndata: 2\n\n", "message|2|\n");
	STREAM("\xef\xbb" "data: 1\n\ndata: 2\n\n", "message|2|\n");
	STREAM("data: 1\n\n\xef\xbb\xbf" "data: 2\n\ndata: 3\n\n", "message|1|\nmessage|3|\n");
}

static void
the_name_lasts_for_one_event(void **state)
{
	(void)state;
	STREAM("event: zoom\ndata: 1\n\ndata: 2\n\n", "zoom|1|\nmessage|2|\n");
	STREAM("event: zoom\n\ndata: 2\n\n", "message|2|\n");
	STREAM("event: a\nevent: b\ndata: 1\n\n", "b|1|\n");
	STREAM("event: a\nevent\ndata: 1\n\n", "message|1|\n");
}

static void
the_id_lasts_until_it_is_changed(void **state)
{
	(void)state;
	STREAM("id: 7\ndata: 1\n\ndata: 2\n\nid\ndata: 3\n\n", "message|1|7\nmessage|2|7\nmessage|3|\n");
	STREAM("id: 7\ndata: 1\n\nid: 8\0" "9\ndata: 2\n\n", "message|1|7\nmessage|2|7\n");
}

static void
the_last_id_is_that_of_a_complete_event(void **state)
{
	struct buf out;
	struct sse *s;

	(void)state;
	buf_init(&out, 1024);
	s = sse_new(on_event, NULL, &out);
	assert_string_equal(sse_last_id(s), "");
	assert_true(sse_feed(s, "id: 4\ndata: x\n\nid: 5\ndata: y\n", 29, NULL));
	assert_string_equal(sse_last_id(s), "4");
	/* An id without data counts too. */
	assert_true(sse_feed(s, "\nid: 6\n\n", 8, NULL));
	assert_string_equal(sse_last_id(s), "6");
	sse_free(s);
	buf_fini(&out);
	sse_free(NULL);
}

static void
unknown_fields_and_odd_spellings_are_passed_over(void **state)
{
	(void)state;
	STREAM("Data: 1\ndata : 2\n data: 3\ndat: 4\ndataa: 5\nweather: 6\n\ndata: 7\n\n", "message|7|\n");
	STREAM("data:a:b: c\n\n", "message|a:b: c|\n");
	STREAM(":\n: x\n:data: 1\n\n", "#\n#\n#\n");
}

static void
data_pending_at_the_end_is_dropped(void **state)
{
	(void)state;
	STREAM("data: 1\n\ndata: 2\n", "message|1|\n");
	STREAM("data: 1\n\ndata: 2", "message|1|\n");
}

static void
retry_takes_digits_only(void **state)
{
	static const struct { const char *text; int want; } cases[] = {
		{ "retry: 1000\n", 1000 }, { "retry:0\n", 0 }, { "retry: -1\n", -1 }, { "retry: +5\n", -1 }, { "retry: 1s\n", -1 },
		{ "retry\n", -1 }, { "retry:  5\n", -1 }, { "retry: 99999999999999999999\n", 24 * 3600 * 1000 },
		{ "retry: 10\nretry: x\n", 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sse *s = sse_new(on_event, NULL, NULL);

		assert_int_equal(sse_retry_ms(s), -1);
		assert_true(sse_feed(s, cases[i].text, strlen(cases[i].text), NULL));
		assert_int_equal(sse_retry_ms(s), cases[i].want);
		sse_free(s);
	}
}

static void
a_line_without_end_fails_at_its_ceiling(void **state)
{
	struct buf out;
	struct sse *s;
	struct err e;
	char block[4096];
	size_t fed = 0;

	(void)state;
	buf_init(&out, 1024);
	s = sse_new(on_event, NULL, &out);
	memset(block, 'x', sizeof block);
	while (sse_feed(s, block, sizeof block, &e))
		assert_true((fed += sizeof block) <= MAX_SSE_LINE);
	assert_int_equal(e.kind, ERR_TOO_BIG);
	assert_non_null(strstr(e.text, "256 KiB"));
	sse_free(s);
	buf_fini(&out);
}

static void
an_event_without_end_fails_at_its_ceiling(void **state)
{
	struct buf out;
	struct sse *s;
	struct err e;
	char line[4096] = "data: ";
	size_t fed = 0;

	(void)state;
	buf_init(&out, 1024);
	s = sse_new(on_event, NULL, &out);
	memset(line + 6, 'x', sizeof line - 7);
	line[sizeof line - 1] = '\n';
	while (sse_feed(s, line, sizeof line, &e))
		assert_true((fed += sizeof line) <= MAX_SSE_EVENT + 8192);
	assert_int_equal(e.kind, ERR_TOO_BIG);
	assert_non_null(strstr(e.text, "512 KiB"));
	sse_free(s);
	buf_fini(&out);
}

static void
a_large_event_just_fits(void **state)
{
	size_t len = MAX_SSE_LINE;
	char *text = malloc(len + 3);
	struct buf out;
	struct sse *s;

	(void)state;
	memset(text, 'y', len);
	memcpy(text, "data: ", 6);
	memcpy(text + len, "\n\n", 3);
	buf_init(&out, 1024 * 1024);
	s = sse_new(on_event, NULL, &out);
	assert_true(sse_feed(s, text, len + 2, NULL));
	assert_int_equal(out.len, len - 6 + strlen("message||\n"));
	sse_free(s);
	buf_fini(&out);
	free(text);
}

struct leaver {
	struct sse *s;
	int events;
};

static void
leave(void *arg, const char *name, const char *data, size_t len, const char *id)
{
	struct leaver *l = arg;

	(void)name;
	(void)data;
	(void)len;
	(void)id;
	l->events++;
	sse_free(l->s);
}

static void
freed_from_its_own_callback_it_says_no_more(void **state)
{
	struct leaver l = { sse_new(leave, NULL, &l), 0 };
	const char *text = "data: 1\n\ndata: 2\n\ndata: 3\n\n";

	(void)state;
	assert_false(sse_feed(l.s, text, strlen(text), NULL));
	assert_int_equal(l.events, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_examples),
		cmocka_unit_test(every_line_end_is_known),
		cmocka_unit_test(a_byte_order_mark_is_passed_over_once),
		cmocka_unit_test(the_name_lasts_for_one_event),
		cmocka_unit_test(the_id_lasts_until_it_is_changed),
		cmocka_unit_test(the_last_id_is_that_of_a_complete_event),
		cmocka_unit_test(unknown_fields_and_odd_spellings_are_passed_over),
		cmocka_unit_test(data_pending_at_the_end_is_dropped),
		cmocka_unit_test(retry_takes_digits_only),
		cmocka_unit_test(a_line_without_end_fails_at_its_ceiling),
		cmocka_unit_test(an_event_without_end_fails_at_its_ceiling),
		cmocka_unit_test(a_large_event_just_fits),
		cmocka_unit_test(freed_from_its_own_callback_it_says_no_more),
	};

	return cmocka_run_group_tests_name("sse", tests, NULL, NULL);
}
