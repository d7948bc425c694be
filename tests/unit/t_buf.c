/*
 * t_buf.c - the growing buffer and its ceiling.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"

/* The compiler is not to know it: it would call the tests below a mistake, rightly. */
static volatile size_t absurd = SIZE_MAX;

static void
empty_buffer_is_an_empty_text(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(b.len, 0);
	buf_clear(&b);
	buf_drop_front(&b, 3);
	buf_fini(&b);
	buf_fini(NULL);
}

static void
appends_add_up_and_end_in_nul(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_true(buf_add(&b, "ab", 2));
	assert_true(buf_add_text(&b, "cd"));
	assert_true(buf_add_format(&b, "%d-%s", 7, "x"));
	assert_string_equal(buf_text(&b), "abcd7-x");
	assert_int_equal(b.len, 7);
	assert_true(buf_add(&b, "\0z", 2));
	assert_int_equal(b.len, 9);
	assert_int_equal(b.data[9], '\0');
	assert_true(buf_add(&b, NULL, 0));
	buf_fini(&b);
}

static void
append_past_the_ceiling_changes_nothing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_true(buf_add_text(&b, "abcde"));
	assert_false(buf_add_text(&b, "f"));
	assert_false(buf_add_format(&b, "%d", 1));
	assert_string_equal(buf_text(&b), "abcde");
	buf_clear(&b);
	assert_false(buf_add_format(&b, "%s", "abcdef"));
	assert_string_equal(buf_text(&b), "");
	assert_false(buf_add(&b, "x", absurd));
	assert_true(buf_add_text(&b, "12345"));
	buf_fini(&b);
}

static void
impossible_sizes_fail_and_do_not_abort(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	assert_true(buf_add_text(&b, "a"));
	assert_false(buf_add(&b, "x", absurd - 1));
	assert_false(buf_add(&b, "x", absurd));
	assert_string_equal(buf_text(&b), "a");
	buf_fini(&b);
}

static void
front_can_be_dropped(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add_text(&b, "abcdef");
	buf_drop_front(&b, 2);
	assert_string_equal(buf_text(&b), "cdef");
	buf_drop_front(&b, 0);
	assert_int_equal(b.len, 4);
	buf_drop_front(&b, 9);
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_text(&b), "");
	buf_fini(&b);
}

static void
stolen_bytes_are_the_thiefs(void **state)
{
	struct buf b;
	size_t len;
	char *text;

	(void)state;
	buf_init(&b, 4);
	buf_add_text(&b, "abcd");
	text = buf_steal(&b, &len);
	assert_string_equal(text, "abcd");
	assert_int_equal(len, 4);
	free(text);
	text = buf_steal(&b, NULL);
	assert_string_equal(text, "");
	free(text);
	assert_true(buf_add_text(&b, "wxyz"));	/* the ceiling stays */
	assert_false(buf_add_text(&b, "!"));
	buf_fini(&b);
}

static void
growth_keeps_the_bytes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		assert_true(buf_add_format(&b, "%d,", i % 10));
	assert_int_equal(b.len, 20000);
	for (size_t i = 0; i < b.len; i += 2)
		assert_int_equal(b.data[i], '0' + (int)(i / 2 % 10));
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_buffer_is_an_empty_text),
		cmocka_unit_test(appends_add_up_and_end_in_nul),
		cmocka_unit_test(append_past_the_ceiling_changes_nothing),
		cmocka_unit_test(impossible_sizes_fail_and_do_not_abort),
		cmocka_unit_test(front_can_be_dropped),
		cmocka_unit_test(stolen_bytes_are_the_thiefs),
		cmocka_unit_test(growth_keeps_the_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
