/*
 * t_keyname.c - the names of keys, as people write them and as the program calls them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "app/keyname.h"

static void
people_write_keys_in_many_ways(void **state)
{
	static const struct { const char *written, *key; } cases[] = {
		{ "a", "a" }, { "A", "A" }, { "7", "7" }, { "!", "!" }, { "é", "é" }, { "space", "space" }, { "Space", "space" },
		{ "ENTER", "enter" }, { "Return", "enter" }, { "BkSp", "backspace" }, { "BackSpace", "backspace" }, { "Esc", "esc" },
		{ "escape", "esc" }, { "Ctrl-R", "ctrl-r" }, { "ctrl-r", "ctrl-r" }, { "Ctrl-Space", "ctrl-space" }, { "F5", "f5" },
		{ "Alt-z", "alt-z" }, { "alt-Z", "alt-Z" }, { "Page-Down", "page-down" }, { "hash", "#" }, { "quote", "\"" },
		{ "Ctrl-\\", "ctrl-\\" },
	};
	char key[KEYNAME_BYTES];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(keyname_read(key, cases[i].written, &e));
		assert_string_equal(key, cases[i].key);
	}
}

static void
what_is_no_key_is_refused_with_the_nearest(void **state)
{
	static const char *const bad[] = { "", "ab", "f13", "ctrl-", "ctrl-1", "ctrl-ab", "alt-", "alt-ab", "\033", "\t", "\xff", "a-very-long-name-of-a-key" };
	char key[KEYNAME_BYTES];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		e = (struct err){ .kind = ERR_NONE };
		assert_false(keyname_read(key, bad[i], &e));
		assert_int_equal(e.kind, ERR_USAGE);
		assert_null(strchr(e.text, '\033'));
	}
	assert_false(keyname_read(key, "spase", &e));
	assert_non_null(strstr(e.text, "the nearest is `space`"));
}

static void
ctrl_with_one_letter_is_told_apart(void **state)
{
	(void)state;
	assert_true(keyname_is_ctrl("ctrl-a"));
	assert_false(keyname_is_ctrl("ctrl-space"));
	assert_false(keyname_is_ctrl("ctrl-"));
	assert_false(keyname_is_ctrl("alt-a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_write_keys_in_many_ways),
		cmocka_unit_test(what_is_no_key_is_refused_with_the_nearest),
		cmocka_unit_test(ctrl_with_one_letter_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
