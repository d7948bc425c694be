/*
 * t_err.c - failures are one clear, printable sentence.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"

static void
setting_returns_false_and_keeps_the_sentence(void **state)
{
	struct err e;

	(void)state;
	assert_false(err_set(&e, ERR_NETWORK, "%s: no answer within %d ms", "left", 2000));
	assert_int_equal(e.kind, ERR_NETWORK);
	assert_string_equal(e.text, "left: no answer within 2000 ms");
	assert_false(err_set(NULL, ERR_DISK, "nobody asks"));
	assert_false(err_errno(NULL, ERR_DISK, ENOENT, "nobody asks"));
	err_clear(&e);
	assert_int_equal(e.kind, ERR_NONE);
	assert_string_equal(e.text, "");
}

static void
errno_says_why(void **state)
{
	struct err e;

	(void)state;
	assert_false(err_errno(&e, ERR_DISK, ENOENT, "%s", "/x"));
	assert_string_equal(e.text, "/x: No such file or directory");
}

static void
prefix_says_where(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, ERR_FORMAT, "not JSON");
	err_prefix(&e, "%s:%d", "cues", 7);
	assert_string_equal(e.text, "cues:7: not JSON");
	assert_int_equal(e.kind, ERR_FORMAT);
}

static void
foreign_text_is_one_printable_line(void **state)
{
	struct err e;
	char longer[4000];

	(void)state;
	err_set(&e, ERR_FORMAT, "%s", "two\nlines\x1b[2J\r\n");
	assert_string_equal(e.text, "two lines\xef\xbf\xbd[2J");
	memset(longer, 0xc3, sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	err_set(&e, ERR_FORMAT, "%s", longer);
	assert_true(str_is_utf8(e.text, strlen(e.text)));
	for (int i = 0; i < 10; i++)
		err_prefix(&e, "%s", longer);
	assert_true(strlen(e.text) < sizeof e.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_returns_false_and_keeps_the_sentence),
		cmocka_unit_test(errno_says_why),
		cmocka_unit_test(prefix_says_where),
		cmocka_unit_test(foreign_text_is_one_printable_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
