/*
 * t_jdoc.c - JSON documents: what is refused, what the getters do with the wrong type,
 * and that what is printed is one line in the order it was set.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

static struct jdoc *
parse(const char *text)
{
	struct err e;
	struct jdoc *j = jdoc_parse(text, strlen(text), MAX_JSON_BODY, &e);

	if (j == NULL)
		print_message("%s: %s\n", text, e.text);
	assert_non_null(j);
	return j;
}

static void
assert_refused(const char *text, size_t len, enum err_kind kind, const char *part)
{
	struct err e = { 0 };

	assert_null(jdoc_parse(text, len, MAX_JSON_BODY, &e));
	assert_int_equal(e.kind, kind);
	if (strstr(e.text, part) == NULL)
		fail_msg("'%s' does not say '%s'", e.text, part);
}

static void
assert_prints(const struct jdoc *j, const char *want)
{
	char *text = jdoc_print(j);

	assert_string_equal(text, want);
	free(text);
}

static void
nonsense_is_refused_with_a_place(void **state)
{
	static const char *const bad[] = { "{", "[1,]", "{\"a\":1,}", "nul", "{} {}", "'a'", "{\"a\" 1}", "\"\\ud800\"",
		"[1e400]", "[01]", "\"a\nb\"", " ", "{\"a\":NaN}" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_refused(bad[i], strlen(bad[i]), ERR_FORMAT, "line ");
	assert_refused("", 0, ERR_FORMAT, "empty");
}

static void
duplicate_keys_are_refused(void **state)
{
	const char *text = "{\"ok\":true,\"ok\":false}";

	(void)state;
	assert_refused(text, strlen(text), ERR_FORMAT, "uplicate");
}

static void
a_nul_inside_a_text_is_refused(void **state)
{
	(void)state;
	assert_refused("[\"a\\u0000b\"]", 12, ERR_FORMAT, "line");
	assert_refused("[\"a\0b\"]", 7, ERR_FORMAT, "line");
	assert_refused("[1]\0[2]", 7, ERR_FORMAT, "line");
}

static void
bad_utf8_is_refused_and_its_message_is_printable(void **state)
{
	struct err e;
	const char *evil = "{\"\x1b[31m\xff\": ";

	(void)state;
	assert_refused("[\"\xc3\x28\"]", 6, ERR_FORMAT, "line");
	assert_null(jdoc_parse(evil, strlen(evil), MAX_JSON_BODY, &e));
	for (const char *p = e.text; *p != '\0'; p++)
		assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
}

static void
integers_beyond_int64_are_refused(void **state)
{
	(void)state;
	assert_refused("[9223372036854775808]", 21, ERR_FORMAT, "integer");
	assert_refused("[-9223372036854775809]", 22, ERR_FORMAT, "integer");
	struct jdoc *j = parse("[9223372036854775807,-9223372036854775808]");

	assert_true(jdoc_self_int(jdoc_at(j, 0), 0) == INT64_MAX);
	assert_true(jdoc_self_int(jdoc_at(j, 1), 0) == INT64_MIN);
	jdoc_free(j);
}

static char *
nested(int depth, char open, char close)
{
	char *text = xmalloc((size_t)depth * 2 + 1);

	memset(text, open, (size_t)depth);
	memset(text + depth, close, (size_t)depth);
	text[depth * 2] = '\0';
	return text;
}

static void
nesting_has_a_ceiling(void **state)
{
	char *fine = nested(MAX_JSON_DEPTH, '[', ']');
	char *deep = nested(MAX_JSON_DEPTH + 1, '[', ']');
	char *absurd = nested(10000, '[', ']');

	(void)state;
	jdoc_free(parse(fine));
	assert_refused(deep, strlen(deep), ERR_FORMAT, "deeper than 32");
	assert_refused(absurd, strlen(absurd), ERR_FORMAT, "deeper");
	free(fine);
	free(deep);
	free(absurd);
}

static void
brackets_inside_texts_do_not_count(void **state)
{
	char text[200], many[101];

	(void)state;
	memset(many, '[', 100);
	many[100] = '\0';
	snprintf(text, sizeof text, "{\"a\":\"%s\\\"[[[\",\"b\":1}", many);
	jdoc_free(parse(text));
}

static void
size_has_a_ceiling(void **state)
{
	struct err e;

	(void)state;
	assert_null(jdoc_parse("[1,2,3]", 7, 6, &e));
	assert_int_equal(e.kind, ERR_TOO_BIG);
}

static void
getters_give_the_default_for_the_wrong_type(void **state)
{
	struct jdoc *j = parse("{\"n\":7,\"t\":\"x\",\"b\":true,\"z\":null,\"r\":2.9,\"o\":{},\"a\":[1]}");

	(void)state;
	assert_int_equal(jdoc_int(j, "t", -1), -1);
	assert_int_equal(jdoc_int(j, "b", -1), -1);
	assert_int_equal(jdoc_int(j, "z", -1), -1);
	assert_int_equal(jdoc_int(j, "absent", -1), -1);
	assert_int_equal(jdoc_int(j, "r", -1), 2);
	assert_true(jdoc_real(j, "n", 0) == 7.0);
	assert_true(jdoc_real(j, "t", 0.5) == 0.5);
	assert_string_equal(jdoc_text(j, "n", "def"), "def");
	assert_null(jdoc_text(j, "z", NULL));
	assert_true(jdoc_bool(j, "n", true));
	assert_false(jdoc_bool(j, "t", false));
	assert_false(jdoc_has(j, "z"));
	assert_true(jdoc_has(j, "o"));
	assert_int_equal(jdoc_count(jdoc_get(j, "o")), 0);
	assert_int_equal(jdoc_count(jdoc_get(j, "a")), 1);
	assert_null(jdoc_at(jdoc_get(j, "a"), 1));
	jdoc_free(j);
}

static void
getters_live_with_no_document_at_all(void **state)
{
	char out[8] = "x";

	(void)state;
	assert_null(jdoc_get(NULL, "a"));
	assert_int_equal(jdoc_int(NULL, "a", 3), 3);
	assert_string_equal(jdoc_text(NULL, "a", "d"), "d");
	assert_false(jdoc_is_object(NULL));
	assert_int_equal(jdoc_count(NULL), 0);
	jdoc_clean(NULL, "a", out, sizeof out);
	assert_string_equal(out, "");
	jdoc_free(NULL);
}

static void
a_real_beyond_int64_is_no_integer(void **state)
{
	struct jdoc *j = parse("[1e300,-1e300,9223372036854775808.0,-0.5]");

	(void)state;
	assert_int_equal(jdoc_self_int(jdoc_at(j, 0), 5), 5);
	assert_int_equal(jdoc_self_int(jdoc_at(j, 1), 5), 5);
	assert_int_equal(jdoc_self_int(jdoc_at(j, 2), 5), 5);
	assert_int_equal(jdoc_self_int(jdoc_at(j, 3), 5), 0);
	jdoc_free(j);
}

static void
clean_makes_texts_printable_and_cuts_them(void **state)
{
	struct jdoc *j = parse("{\"n\":\"a\\u001b[31mb\",\"long\":\"0123456789\",\"i\":4}");
	char out[64], little[6];

	(void)state;
	jdoc_clean(j, "n", out, sizeof out);
	assert_string_equal(out, "a\xef\xbf\xbd[31mb");
	jdoc_clean(j, "long", little, sizeof little);
	assert_string_equal(little, "01234");
	jdoc_clean(j, "i", out, sizeof out);
	assert_string_equal(out, "");
	jdoc_free(j);
}

static void
members_keep_their_order_and_print_on_one_line(void **state)
{
	struct jdoc *j = jdoc_object(), *a = jdoc_array();

	(void)state;
	jdoc_set_text(j, "zebra", "line\nfeed \"q\"");
	jdoc_set_int(j, "apple", -5);
	jdoc_set_bool(j, "mid", true);
	jdoc_set_null(j, "nil");
	jdoc_set_int(a, NULL, 1);
	jdoc_set_text(a, NULL, NULL);
	jdoc_set(j, "list", a);
	jdoc_set_int(j, "zebra2", INT64_MAX);
	assert_prints(j, "{\"zebra\":\"line\\nfeed \\\"q\\\"\",\"apple\":-5,\"mid\":true,\"nil\":null,\"list\":[1,null],"
	    "\"zebra2\":9223372036854775807}");
	jdoc_set_int(j, "apple", 6);
	assert_string_equal(jdoc_key(j, 0), "zebra");
	assert_string_equal(jdoc_key(j, 5), "zebra2");
	assert_null(jdoc_key(j, 6));
	jdoc_free(j);
	j = parse("{\"b\":1,\"a\":{\"y\":2,\"x\":3}}");
	assert_prints(j, "{\"b\":1,\"a\":{\"y\":2,\"x\":3}}");
	jdoc_free(j);
}

static void
reals_print_as_a_person_wrote_them(void **state)
{
	struct jdoc *j = jdoc_array();

	(void)state;
	jdoc_set_real(j, NULL, 29.97);
	jdoc_set_real(j, NULL, -12.1);
	jdoc_set_real(j, NULL, 128.0);
	jdoc_set_real(j, NULL, (double)NAN);
	jdoc_set_real(j, NULL, (double)INFINITY);
	assert_prints(j, "[29.97,-12.1,128.0,null,null]");
	jdoc_free(j);
}

static void
bad_utf8_is_repaired_when_set(void **state)
{
	struct jdoc *j = jdoc_array();

	(void)state;
	jdoc_set_text(j, NULL, "a\xff\x62\xc3");
	jdoc_set_text(j, NULL, "\xed\xa0\x80");
	char *text = jdoc_print(j);
	struct jdoc *again = jdoc_parse(text, strlen(text), MAX_JSON_BODY, NULL);

	assert_non_null(again);
	assert_string_equal(jdoc_self_text(jdoc_at(again, 0), ""), "a\xef\xbf\xbd" "b\xef\xbf\xbd");
	free(text);
	jdoc_free(again);
	jdoc_free(j);
}

static void
pretty_text_reads_back_the_same(void **state)
{
	struct jdoc *j = parse("{\"a\":[1,2,{\"b\":\"c\"}],\"d\":1.5}");
	char *pretty = jdoc_print_pretty(j);
	struct jdoc *again = parse(pretty);

	(void)state;
	assert_non_null(strchr(pretty, '\n'));
	assert_prints(again, "{\"a\":[1,2,{\"b\":\"c\"}],\"d\":1.5}");
	free(pretty);
	jdoc_free(j);
	jdoc_free(again);
}

static void
load_names_the_file_in_every_failure(void **state)
{
	char path[] = "/tmp/t_jdoc.XXXXXX";
	int fd = mkstemp(path);
	struct err e;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{\"a\":41}", 8), 8);
	struct jdoc *j = jdoc_load(path, 100, &e);

	assert_non_null(j);
	assert_int_equal(jdoc_int(j, "a", 0), 41);
	jdoc_free(j);
	assert_null(jdoc_load(path, 7, &e));
	assert_int_equal(e.kind, ERR_TOO_BIG);
	assert_non_null(strstr(e.text, path));
	assert_int_equal(write(fd, "}", 1), 1);
	assert_null(jdoc_load(path, 100, &e));
	assert_int_equal(e.kind, ERR_FORMAT);
	assert_non_null(strstr(e.text, path));
	close(fd);
	unlink(path);
	assert_null(jdoc_load(path, 100, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, path));
	assert_null(jdoc_load("/tmp", 100, &e));
	assert_int_equal(e.kind, ERR_DISK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonsense_is_refused_with_a_place),
		cmocka_unit_test(duplicate_keys_are_refused),
		cmocka_unit_test(a_nul_inside_a_text_is_refused),
		cmocka_unit_test(bad_utf8_is_refused_and_its_message_is_printable),
		cmocka_unit_test(integers_beyond_int64_are_refused),
		cmocka_unit_test(nesting_has_a_ceiling),
		cmocka_unit_test(brackets_inside_texts_do_not_count),
		cmocka_unit_test(size_has_a_ceiling),
		cmocka_unit_test(getters_give_the_default_for_the_wrong_type),
		cmocka_unit_test(getters_live_with_no_document_at_all),
		cmocka_unit_test(a_real_beyond_int64_is_no_integer),
		cmocka_unit_test(clean_makes_texts_printable_and_cuts_them),
		cmocka_unit_test(members_keep_their_order_and_print_on_one_line),
		cmocka_unit_test(reals_print_as_a_person_wrote_them),
		cmocka_unit_test(bad_utf8_is_repaired_when_set),
		cmocka_unit_test(pretty_text_reads_back_the_same),
		cmocka_unit_test(load_names_the_file_in_every_failure),
	};

	return cmocka_run_group_tests_name("jdoc", tests, NULL, NULL);
}
