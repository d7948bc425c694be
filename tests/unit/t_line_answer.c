/* t_line_answer.c - answers of HTTP/1.x: read whole and in pieces alike, and refused where two readers could differ. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/line_answer.h"

#define OK "HTTP/1.1 200 OK\r\n"

struct outcome { enum line_step step; int status; bool keeps; const char *body; };

/* In pieces of this size; where: how many bytes were taken. */
static void
feed(struct line_answer *a, const char *text, size_t len, size_t piece, size_t *where)
{
	size_t at = 0;

	while (at < len && a->step < LINE_DONE) {
		size_t some = len - at < piece ? len - at : piece;

		at += line_answer_feed(a, text + at, some);
	}
	*where = at;
}

static void
check(const char *text, const struct outcome *wanted, size_t left)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 4096 };

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct line_answer a;
		size_t where;

		line_answer_init(&a);
		feed(&a, text, strlen(text), pieces[i], &where);
		if (a.step != wanted->step)
			print_message("in pieces of %zu: %s\n", pieces[i], text);
		assert_int_equal(a.step, wanted->step);
		if (wanted->step == LINE_DONE || wanted->step == LINE_REST) {
			assert_int_equal(a.status, wanted->status);
			assert_int_equal(a.keeps, wanted->keeps);
			assert_string_equal(buf_text(&a.body), wanted->body);
			assert_int_equal(strlen(text) - where, left);
		} else if (wanted->step == LINE_BAD) {
			assert_true(a.why.kind == ERR_FORMAT || a.why.kind == ERR_TOO_BIG);
			assert_true(a.why.text[0] != '\0');
		}
		line_answer_fini(&a);
	}
}

static void
good_answers_are_read(void **state)
{
	static const struct { const char *text; struct outcome o; } cases[] = {
		{ OK "Content-Length: 2\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
		{ OK "content-length:2\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
		{ OK "Content-Length: \t2 \t\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
		{ OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
		{ OK "Content-Length: 0\r\n\r\n", { LINE_DONE, 200, true, "" } },
		{ "HTTP/1.1 200\nContent-Length: 2\n\n{}", { LINE_DONE, 200, true, "{}" } },
		{ "HTTP/1.1 409 \r\nContent-Length: 2\r\n\r\n{}", { LINE_DONE, 409, true, "{}" } },
		{ "HTTP/1.1 204 No Content\r\n\r\n", { LINE_DONE, 204, true, "" } },
		{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", { LINE_DONE, 304, true, "" } },
		{ OK "Connection: close\r\nContent-Length: 2\r\n\r\n{}", { LINE_DONE, 200, false, "{}" } },
		{ OK "Connection: upgrade , Close\r\nContent-Length: 2\r\n\r\n{}", { LINE_DONE, 200, false, "{}" } },
		{ OK "Connection: closed\r\nContent-Length: 2\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", { LINE_DONE, 200, false, "{}" } },
		{ "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
		{ "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 2\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
		{ "HTTP/1.1 103 Hints\r\nContent-Length: 9\r\n\r\n" OK "Content-Length: 2\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
		{ OK "Transfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n3;x=y\r\na\":\r\n2\r\n1}\r\n0\r\n\r\n", { LINE_DONE, 200, true, "{\"a\":1}" } },
		{ OK "Transfer-Encoding: Chunked\r\n\r\n0000a\r\n0123456789\r\n0\r\nX: y\r\nZ: a\r\n\r\n", { LINE_DONE, 200, true, "0123456789" } },
		{ OK "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n2\r\n{}\r\n0\r\n\r\n", { LINE_DONE, 200, false, "{}" } },
		{ OK "\r\n{}", { LINE_REST, 200, false, "{}" } },
		{ OK "Empty:\r\nContent-Length: 2\r\n\r\n{}", { LINE_DONE, 200, true, "{}" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i].text, &cases[i].o, 0);
	check(OK "Content-Length: 2\r\n\r\n{}HTTP/1.1 ", &cases[0].o, 9);
}

static void
what_could_be_read_in_two_ways_is_refused(void **state)
{
	static const char *const cases[] = {
		"\r\n", "HTTP/2 200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 000 OK\r\n", "http/1.1 200 OK\r\n",
		"HTTP/1.1  200 OK\r\n", "ICY 200 OK\r\n", "HTTP/1.x 200 OK\r\n", "{\"ok\":true}\n", "HTTP/1.1 101 Switching\r\n\r\n",
		OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n", OK "Content-Length: 2, 2\r\n\r\n", OK "Content-Length: -1\r\n\r\n",
		OK "Content-Length: +1\r\n\r\n", OK "Content-Length: 0x2\r\n\r\n", OK "Content-Length:\r\n\r\n", OK "Content-Length: 2 3\r\n\r\n",
		OK "Content-Length : 2\r\n\r\n", OK " Content-Length: 2\r\n\r\n", OK "X: a\r\n folded\r\n\r\n", OK "no colon\r\n\r\n",
		OK ": no name\r\n\r\n", OK "X: a\rContent-Length: 2\r\n\r\n",
		OK "Transfer-Encoding: gzip\r\n\r\n", OK "Transfer-Encoding: gzip, chunked\r\n\r\n",
		OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", OK "Transfer-Encoding: xchunked\r\n\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\n\r\n", OK "Transfer-Encoding: chunked\r\n\r\ng\r\n", OK "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n",
		/* past the ceilings */
		OK "Content-Length: 1048577\r\n\r\n", OK "Content-Length: 99999999999999999999999999\r\n\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
	};
	static const struct outcome bad = { .step = LINE_BAD };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(cases[i], &bad, 0);
}

static void
nul_in_a_head_is_refused(void **state)
{
	static const char text[] = OK "Content-Length: 2\0 0\r\n\r\n{}";
	struct line_answer a;
	size_t where;

	(void)state;
	line_answer_init(&a);
	feed(&a, text, sizeof text - 1, 3, &where);
	assert_int_equal(a.step, LINE_BAD);
	line_answer_fini(&a);
}

static void
ceilings_hold(void **state)
{
	char *much = xmalloc(MAX_JSON_BODY + 2);
	struct line_answer a;
	size_t where;

	(void)state;
	memset(much, 'x', MAX_JSON_BODY + 2);
	line_answer_init(&a);
	feed(&a, OK, strlen(OK), 4096, &where);
	feed(&a, much, MAX_HTTP_HEADERS + 1, 4096, &where);
	assert_int_equal(a.step, LINE_BAD);
	assert_string_equal(a.why.text, "the answer's headers are larger than 64 KiB");
	line_answer_again(&a);
	feed(&a, OK "\r\n", strlen(OK) + 2, 4096, &where);
	feed(&a, much, MAX_JSON_BODY, 65536, &where);
	assert_int_equal(a.step, LINE_REST);
	feed(&a, much, 1, 1, &where);
	assert_int_equal(a.step, LINE_BAD);
	assert_string_equal(a.why.text, "the answer is larger than 1024 KiB");
	/* Many small lines are as much as a long one. */
	line_answer_again(&a);
	feed(&a, OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", strlen(OK) + 34, 4096, &where);
	for (int i = 0; i < MAX_HTTP_HEADERS / 4 && a.step != LINE_BAD; i++)
		feed(&a, "a:b\n", 4, 4, &where);
	assert_int_equal(a.step, LINE_BAD);
	line_answer_fini(&a);
	free(much);
}

static void
an_end_is_the_answers_only_where_nothing_else_says_its_length(void **state)
{
	static const struct { const char *text; bool is_done, has_begun; } cases[] = {
		{ "", false, false }, { "H", false, true }, { OK, false, true }, { OK "\r\n", true, true }, { OK "\r\n{}", true, true },
		{ OK "Content-Length: 3\r\n\r\n{}", false, true }, { OK "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", false, true },
		{ OK "Content-Length: 0\r\n\r\n", true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct line_answer a;
		size_t where;

		line_answer_init(&a);
		feed(&a, cases[i].text, strlen(cases[i].text), 5, &where);
		assert_int_equal(line_answer_has_begun(&a), cases[i].has_begun);
		assert_int_equal(line_answer_end(&a), cases[i].is_done);
		line_answer_fini(&a);
	}
}

static void
one_reader_reads_answer_after_answer(void **state)
{
	struct line_answer a;
	size_t where;

	(void)state;
	line_answer_init(&a);
	for (int i = 0; i < 3; i++) {
		feed(&a, OK "Connection: close\r\nContent-Length: 2\r\n\r\n{}", strlen(OK) + 42, 6, &where);
		assert_int_equal(a.step, LINE_DONE);
		line_answer_again(&a);
		feed(&a, "HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx", 39, 6, &where);
		assert_true(a.step == LINE_DONE && a.status == 404 && a.keeps);
		assert_string_equal(buf_text(&a.body), "x");
		line_answer_again(&a);
		assert_false(line_answer_has_begun(&a));
	}
	line_answer_fini(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_answers_are_read), cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
		cmocka_unit_test(nul_in_a_head_is_refused), cmocka_unit_test(ceilings_hold),
		cmocka_unit_test(an_end_is_the_answers_only_where_nothing_else_says_its_length),
		cmocka_unit_test(one_reader_reads_answer_after_answer),
	};

	return cmocka_run_group_tests_name("line answers", tests, NULL, NULL);
}
