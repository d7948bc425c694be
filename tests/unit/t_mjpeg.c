/*
 * t_mjpeg.c - the multipart parser: what real cameras send, cut at every place, and what
 * hostile ones could.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "io/mjpeg.h"

/* A stand-in picture: JPEG's first and last markers, in between whatever the parser might trip over. */
#define PIC(text) "\xff\xd8" text "\xff\xd9"

/* What came out: "<len>:<inner text>@<timestamp>#<frame>;" */
static void
on_part(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct buf *out = arg;

	buf_add_format(out, "%zu:", len);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)jpeg[i] < 0x80)
			buf_add(out, jpeg + i, 1);
	if (timestamp_us != 0 || frame != -1)
		buf_add_format(out, "@%lld#%lld", (long long)timestamp_us, (long long)frame);
	buf_add_text(out, ";");
}

static struct mjpeg *
parser(const char *type, struct buf *out)
{
	struct err e;
	struct mjpeg *m = mjpeg_new(type, on_part, out, &e);

	if (m == NULL)
		fail_msg("%s: %s", type, e.text);
	return m;
}

static void
feed(struct mjpeg *m, const char *data, size_t len)
{
	struct err e;
	char *copy = malloc(len + 1);		/* its own block: reading past it is seen by the sanitizer */

	memcpy(copy, data, len);
	if (!mjpeg_feed(m, copy, len, &e))
		fail_msg("%s", e.text);
	free(copy);
}

static void
assert_text(const struct buf *out, const char *want, const char *how, size_t n)
{
	if (strcmp(buf_text(out), want) != 0)
		fail_msg("%s %zu: '%s', not '%s'", how, n, buf_text(out), want);
}

/* Whole, in pieces of 1 to 9 bytes, and cut in two at every place. */
static void
assert_stream(const char *type, const char *data, size_t len, const char *want)
{
	struct buf out;
	struct mjpeg *m;

	buf_init(&out, 1024 * 1024);
	for (size_t cut = 0; cut <= len; cut++) {
		m = parser(type, &out);
		feed(m, data, cut);
		feed(m, data + cut, len - cut);
		assert_text(&out, want, "cut at", cut);
		mjpeg_free(m);
		buf_clear(&out);
	}
	for (size_t piece = 1; piece <= 9; piece++) {
		m = parser(type, &out);
		for (size_t at = 0; at < len; at += piece)
			feed(m, data + at, len - at < piece ? len - at : piece);
		assert_text(&out, want, "in pieces of", piece);
		mjpeg_free(m);
		buf_clear(&out);
	}
	buf_fini(&out);
}

#define STREAM(type, data, want) assert_stream(type, "" data, sizeof(data) - 1, want)
#define MIXED "multipart/x-mixed-replace;boundary="

static void
the_contracts_own_stream(void **state)
{
	(void)state;
	STREAM(MIXED "frame",
	    "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\nX-Timestamp-Us: 1763712000000000\r\nX-Frame: 41\r\n\r\n" PIC("ab") "\r\n"
	    "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 7\r\nX-Timestamp-Us: 1763712000100000\r\nX-Frame: 42\r\n\r\n" PIC("cde") "\r\n",
	    "6:ab@1763712000000000#41;7:cde@1763712000100000#42;");
}

static void
ustreamer_sends_seconds_and_no_preamble(void **state)
{
	(void)state;
	STREAM("multipart/x-mixed-replace;boundary=boundarydonotcross",
	    "--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: 6\r\nX-Timestamp: 1763712000.123456\r\n\r\n" PIC("ab")
	    "\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: 0\r\nX-Timestamp: x\r\n\r\n"
	    "\r\n--boundarydonotcross\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\n" PIC("c"),
	    "6:ab@1763712000123456#-1;5:c;");
}

static void
motion_pads_its_lengths(void **state)
{
	(void)state;
	STREAM("multipart/x-mixed-replace; boundary=BoundaryString",
	    "--BoundaryString\r\nContent-type: image/jpeg\r\nContent-Length:         6\r\n\r\n" PIC("ab") "\r\n"
	    "--BoundaryString\r\nContent-type: image/jpeg\r\nContent-Length:         6\r\n\r\n" PIC("cd") "\r\n", "6:ab;6:cd;");
}

static void
ffmpeg_writes_lower_case(void **state)
{
	(void)state;
	STREAM("multipart/x-mixed-replace;boundary=ffmpeg",
	    "--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: 6\r\n\r\n" PIC("ab") "\r\n--ffmpeg\r\nContent-type: image/jpeg\r\n"
	    "Content-length: 6\r\n\r\n" PIC("cd") "\r\n--ffmpeg\r\n", "6:ab;6:cd;");
}

static void
a_boundary_declared_with_its_dashes(void **state)
{
	(void)state;
	/* webcamXP: the delimiter is what was declared; a correct one would have two dashes more. */
	STREAM(MIXED "--myboundary", "--myboundary\r\nContent-Length: 6\r\n\r\n" PIC("ab") "\r\n--myboundary\r\n\r\n" PIC("cd") "\r\n--myboundary\r\n", "6:ab;6:cd;");
	STREAM(MIXED "--myboundary", "----myboundary\r\nContent-Length: 6\r\n\r\n" PIC("ab") "\r\n----myboundary\r\n\r\n" PIC("cd") "\r\n----myboundary\r\n", "6:ab;6:cd;");
	STREAM(MIXED "----deep", "------deep\r\nContent-Length: 6\r\n\r\n" PIC("ab") "\r\n------deep\r\n\r\n" PIC("cd") "\r\n------deep\r\n", "6:ab;6:cd;");
	STREAM(MIXED "----deep", "----deep\r\nContent-Length: 6\r\n\r\n" PIC("ab") "\r\n----deep\r\n\r\n" PIC("cd") "\r\n----deep\r\n", "6:ab;6:cd;");
}

static void
boundaries_are_declared_in_many_ways(void **state)
{
	static const char *const types[] = { MIXED "b", "MULTIPART/X-Mixed-Replace; BOUNDARY=\"b\"", "multipart/x-mixed-replace ; charset=x ; boundary = b ; y=z",
		"multipart/mixed;x=\"boundary=no;\";boundary=\"\\b\"", " multipart/x-mixed-replace;boundary=b;", MIXED "\"b\" ;q" };

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		STREAM(types[i], "--b\r\nContent-Length: 6\r\n\r\n" PIC("ab") "\r\n--b\r\n", "6:ab;");
}

static void
without_lengths_the_next_boundary_ends_a_part(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b\r\nContent-Type: image/jpeg\r\n\r\n" PIC("a--b-\n--bc\n\r\n--") "\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n" PIC("cd") "\n--b--\r\n",
	    "19:a--b-\n--bc\n\r\n--;6:cd;");
}

static void
line_feeds_alone_will_do(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b\nContent-Type: image/jpeg\nContent-Length: 6\n\n" PIC("ab") "\n--b\nContent-Type: image/jpeg\n\n" PIC("cd") "\n--b\n", "6:ab;6:cd;");
}

static void
preambles_and_a_missing_first_boundary(void **state)
{
	(void)state;
	STREAM(MIXED "b", "\r\n\r\n--b\r\nContent-Length: 5\r\n\r\n" PIC("a") "\r\n--b\r\n", "5:a;");
	STREAM(MIXED "b", "ignore me\r\n--b\r\nContent-Length: 5\r\n\r\n" PIC("a") "\r\n--b\r\n", "5:a;");
	STREAM(MIXED "b", "Content-Type: image/jpeg\r\nContent-Length: 5\r\n\r\n" PIC("a") "\r\n--b\r\nContent-Length: 5\r\n\r\n" PIC("b"), "5:a;5:b;");
	STREAM(MIXED "b", "\r\nContent-Type: image/jpeg\r\n\r\n" PIC("a") "\r\n--b\r\n", "5:a;");
	STREAM(MIXED "b", "contents\r\n--b\r\nContent-Length: 5\r\n\r\n" PIC("a") "\r\n--b\r\n", "5:a;");
}

static void
blanks_behind_a_boundary(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b \t\r\nContent-Length: 5\r\n\r\n" PIC("a") "\r\n\r\n--b  \r\n\r\n" PIC("b") "\r\n--b\r\n", "5:a;5:b;");
}

static void
what_is_no_picture_is_skipped(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello\r\n--b\r\nContent-Type: text/plain\r\n\r\nworld\r\n"
	    "--b\r\nContent-Type: image/jpg\r\nContent-Length: 5\r\n\r\n" PIC("a") "\r\n--b\r\n\r\nno type, no picture\r\n--b\r\n", "5:a;");
}

static void
the_last_boundary_may_be_a_lie(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b\r\nContent-Length: 5\r\n\r\n" PIC("a") "\r\n--b--\r\nepilogue\r\n--b\r\nContent-Length: 5\r\n\r\n" PIC("b") "\r\n", "5:a;5:b;");
}

static void
a_length_too_small_is_found_out(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b\r\nContent-Length: 4\r\n\r\n" PIC("abcdef") "\r\n--b\r\nContent-Length: 3\r\n\r\n" PIC("gh") "\r\n--b\r\n", "10:abcdef;6:gh;");
}

static void
a_length_too_large_is_found_out(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b\r\nContent-Length: 60\r\n\r\n" PIC("ab") "\r\n--b\r\nContent-Length: 60\r\n\r\n" PIC("cd") "\r\n--b\r\nContent-Length: 60\r\n\r\n"
	    PIC("ef") "\r\n--b\r\n", "6:ab;6:cd;6:ef;");
}

static void
a_length_that_hits_a_picture_end_by_chance(void **state)
{
	(void)state;
	/* The first part looks whole; what follows it is no boundary, and is skipped. */
	STREAM(MIXED "bound", "--bound\r\nContent-Length: 6\r\n\r\n" PIC("ab") "rest" PIC("x") "\r\n--bound\r\nContent-Length: 99\r\n\r\n" PIC("cd") "\r\n--bound\r\n", "6:ab;6:cd;");
}

static void
a_picture_padded_to_its_length(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b\r\nContent-Type: image/jpeg\r\nContent-Length: 8\r\n\r\n" PIC("ab") "\0\0" "\r\n--b\r\nContent-Length: 5\r\n\r\n" PIC("c"),
	    "8:ab" /* two NULs are not seen by strcmp: */);
}

static void
nonsense_lengths_are_not_believed(void **state)
{
	(void)state;
	STREAM(MIXED "b", "--b\r\nContent-Length: -5\r\n\r\n" PIC("ab") "\r\n--b\r\nContent-Length: six\r\n\r\n" PIC("cd") "\r\n--b\r\nContent-Length:\r\n\r\n" PIC("ef")
	    "\r\n--b\r\nno colon here\r\n: no name\r\n\r\n" PIC("g") "\r\n--b\r\n", "6:ab;6:cd;6:ef;5:g;");
}

static void
a_counted_picture_does_not_wait_for_the_next(void **state)
{
	struct buf out;
	struct mjpeg *m;
	const char text[] = "--b\r\nContent-Length: 6\r\n\r\n" PIC("ab");

	(void)state;
	buf_init(&out, 1024);
	m = parser(MIXED "b", &out);
	feed(m, text, sizeof text - 2);
	assert_string_equal(buf_text(&out), "");
	feed(m, text + sizeof text - 2, 1);
	assert_string_equal(buf_text(&out), "6:ab;");
	mjpeg_free(m);
	buf_fini(&out);
	mjpeg_free(NULL);
}

static void
no_multipart_or_no_boundary_is_told(void **state)
{
	static const struct { const char *type, *part; } cases[] = {
		{ "text/html", "text/html" }, { "", "no motion JPEG" }, { "application/octet-stream", "octet-stream" },
		{ "multipart/x-mixed-replace", "no multipart boundary" }, { MIXED, "no multipart boundary" }, { MIXED "\"\"", "no multipart boundary" },
		{ MIXED "--", "no multipart boundary" }, { MIXED "a\x1b[2J", "no multipart boundary" }, { "multipart/mixed;xboundary=b", "no multipart boundary" },
		{ "te\x1b[31mxt/\xff", "no motion JPEG" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err e = { 0 };

		assert_null(mjpeg_new(cases[i].type, on_part, NULL, &e));
		if (strstr(e.text, cases[i].part) == NULL || strchr(e.text, '\x1b') != NULL)
			fail_msg("'%s': '%s'", cases[i].type, e.text);
	}
}

static void
a_boundary_has_a_ceiling(void **state)
{
	char type[MAX_BOUNDARY + 100];
	struct err e;
	struct mjpeg *m;

	(void)state;
	for (int len = MAX_BOUNDARY; len <= MAX_BOUNDARY + 1; len++) {
		snprintf(type, sizeof type, MIXED "%0*d", len, 7);
		m = mjpeg_new(type, on_part, NULL, &e);
		assert_int_equal(m != NULL, len == MAX_BOUNDARY);
		mjpeg_free(m);
	}
	assert_int_equal(e.kind, ERR_TOO_BIG);
}

/* Feeds `begin`, then `more` again and again until it fails; returns how many bytes that took. */
static size_t
feed_until_failure(const char *begin, const char *more, enum err_kind kind, const char *part)
{
	struct buf out;
	struct mjpeg *m;
	struct err e;
	size_t fed = 0, len = strlen(more);

	buf_init(&out, 1024 * 1024);
	m = parser(MIXED "b", &out);
	if (mjpeg_feed(m, begin, strlen(begin), &e)) {
		while (mjpeg_feed(m, more, len, &e))
			assert_true((fed += len) < 3u * MAX_JPEG_FRAME);
	}
	if (e.kind != kind || strstr(e.text, part) == NULL)
		fail_msg("kind %d, '%s'", (int)e.kind, e.text);
	mjpeg_free(m);
	buf_fini(&out);
	return fed;
}

static void
everything_without_end_fails_at_a_ceiling(void **state)
{
	char block[4097];

	(void)state;
	memset(block, 'x', sizeof block - 1);
	block[sizeof block - 1] = '\0';
	assert_true(feed_until_failure("", block, ERR_FORMAT, "no boundary") <= 3 * MAX_MULTIPART_HEADER);
	assert_true(feed_until_failure("--b\r\n", "X-Header: y\r\n", ERR_TOO_BIG, "headers") <= 2 * MAX_MULTIPART_HEADER);
	assert_true(feed_until_failure("--b\r\nX: ", block, ERR_TOO_BIG, "headers") <= 3 * MAX_MULTIPART_HEADER);
	feed_until_failure("--b\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8", block, ERR_TOO_BIG, "8 MiB");
	feed_until_failure("--b--\r\n", block, ERR_FORMAT, "no boundary for 8 MiB");
	feed_until_failure("--b\r\nContent-Length: 8388609\r\n", "\r\n", ERR_TOO_BIG, "8388609 bytes is announced");
	feed_until_failure("--b\r\nContent-Length: 99999999999999999999999999\r\n", "\r\n", ERR_TOO_BIG, "is announced");
}

static void
a_boundary_line_without_end_is_none(void **state)
{
	char line[2000];

	(void)state;
	memset(line, ' ', sizeof line);
	memcpy(line, "--b", 3);
	memcpy(line + sizeof line - 30, "\r\n--b\r\n\r\n" PIC("a") "\n--b\n\n", 21);
	assert_stream(MIXED "b", line, sizeof line - 9, "5:a;");
}

static void
note_len(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	(void)jpeg;
	(void)timestamp_us;
	(void)frame;
	*(size_t *)arg += len;
}

static void
a_picture_of_the_largest_size_passes(void **state)
{
	size_t len = MAX_JPEG_FRAME;
	char *body = calloc(1, len);

	(void)state;
	memset(body, '-', len);		/* nothing but beginnings of a boundary */
	memcpy(body, "\xff\xd8", 2);
	memcpy(body + len - 2, "\xff\xd9", 2);
	for (int counted = 0; counted < 2; counted++) {
		size_t got = 0;
		struct mjpeg *m = mjpeg_new(MIXED "b", note_len, &got, NULL);
		char head[100];

		snprintf(head, sizeof head, "--b\r\n%s8388608\r\n\r\n", counted ? "Content-Length: " : "X: ");
		feed(m, head, strlen(head));
		feed(m, body, len);
		feed(m, "\r\n--b\r\n", 7);
		assert_int_equal(got, len);
		mjpeg_free(m);
	}
	free(body);
}

struct leaver {
	struct mjpeg *m;
	int parts;
};

static void
leave(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct leaver *l = arg;

	(void)jpeg;
	(void)len;
	(void)timestamp_us;
	(void)frame;
	l->parts++;
	mjpeg_free(l->m);
}

static void
freed_from_its_own_callback_it_says_no_more(void **state)
{
	struct leaver l = { mjpeg_new(MIXED "b", leave, &l, NULL), 0 };
	const char text[] = "--b\r\nContent-Length: 4\r\n\r\n" PIC("") "\r\n--b\r\nContent-Length: 4\r\n\r\n" PIC("") "\r\n";

	(void)state;
	assert_false(mjpeg_feed(l.m, text, sizeof text - 1, NULL));
	assert_int_equal(l.parts, 1);
}

struct range {
	const char *from, *to;
	int inside, outside;
};

static void
note_place(void *arg, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame)
{
	struct range *r = arg;

	(void)timestamp_us;
	(void)frame;
	if (jpeg >= r->from && jpeg + len <= r->to)
		r->inside++;
	else
		r->outside++;
}

static void
whole_parts_are_handed_on_from_where_they_came(void **state)
{
	static const char stream[] = "--b\r\nContent-Length: 9\r\n\r\n" PIC("first") "\r\n--b\r\nContent-Length: 10\r\n\r\n" PIC("second");
	struct range r = { stream, stream + sizeof stream - 1, 0, 0 };
	struct mjpeg *m = mjpeg_new(MIXED "b", note_place, &r, NULL);

	(void)state;
	assert_true(mjpeg_feed(m, stream, sizeof stream - 1, NULL));
	assert_int_equal(r.inside, 2);
	assert_int_equal(r.outside, 0);
	assert_true(mjpeg_feed(m, "\r\n", 2, NULL));
	assert_true(mjpeg_feed(m, stream, 40, NULL));		/* a part in two pieces has to be put together */
	assert_true(mjpeg_feed(m, stream + 40, sizeof stream - 1 - 40, NULL));
	assert_int_equal(r.inside, 3);
	assert_int_equal(r.outside, 1);
	mjpeg_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_parts_are_handed_on_from_where_they_came),
		cmocka_unit_test(the_contracts_own_stream),
		cmocka_unit_test(ustreamer_sends_seconds_and_no_preamble),
		cmocka_unit_test(motion_pads_its_lengths),
		cmocka_unit_test(ffmpeg_writes_lower_case),
		cmocka_unit_test(a_boundary_declared_with_its_dashes),
		cmocka_unit_test(boundaries_are_declared_in_many_ways),
		cmocka_unit_test(without_lengths_the_next_boundary_ends_a_part),
		cmocka_unit_test(line_feeds_alone_will_do),
		cmocka_unit_test(preambles_and_a_missing_first_boundary),
		cmocka_unit_test(blanks_behind_a_boundary),
		cmocka_unit_test(what_is_no_picture_is_skipped),
		cmocka_unit_test(the_last_boundary_may_be_a_lie),
		cmocka_unit_test(a_length_too_small_is_found_out),
		cmocka_unit_test(a_length_too_large_is_found_out),
		cmocka_unit_test(a_length_that_hits_a_picture_end_by_chance),
		cmocka_unit_test(a_picture_padded_to_its_length),
		cmocka_unit_test(nonsense_lengths_are_not_believed),
		cmocka_unit_test(a_counted_picture_does_not_wait_for_the_next),
		cmocka_unit_test(no_multipart_or_no_boundary_is_told),
		cmocka_unit_test(a_boundary_has_a_ceiling),
		cmocka_unit_test(everything_without_end_fails_at_a_ceiling),
		cmocka_unit_test(a_boundary_line_without_end_is_none),
		cmocka_unit_test(a_picture_of_the_largest_size_passes),
		cmocka_unit_test(freed_from_its_own_callback_it_says_no_more),
	};

	return cmocka_run_group_tests_name("mjpeg", tests, NULL, NULL);
}
