/*
 * t_keymap.c - the sets of keys: what guards them follows from the command, in every set; files and their errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/keymap.h"

static struct keymap *
parsed(const char *text)
{
	struct err e = { 0 };
	struct keymap *k = keymap_parse("mine", text, strlen(text), &e);

	if (k == NULL)
		fail_msg("\"%s\": %s", text, e.text);
	return k;
}

static void
refused(const char *text, const char *has)
{
	struct err e = { 0 };
	struct keymap *k = keymap_parse("mine", text, strlen(text), &e);

	if (k != NULL)
		fail_msg("\"%s\" was taken", text);
	if (strstr(e.text, has) == NULL)
		fail_msg("\"%s\": \"%s\" does not say \"%s\"", text, e.text, has);
}

static const char *
does(const struct keymap *k, const char *key, bool hot)
{
	const struct keymap_entry *e = keymap_find(k, key, hot);

	return e != NULL ? e->command : "";
}

static enum keymap_guard
guard(const struct keymap *k, const char *key, bool hot)
{
	const struct keymap_entry *e = keymap_find(k, key, hot);

	assert_non_null(e);
	return e->guard;
}

static void
guards_follow_from_the_command(void **state)
{
	static const struct { const char *command; enum keymap_guard guard; } cases[] = {
		{ "cut %p", KEY_CUT }, { "cut", KEY_CUT }, { "cut %p on bar", KEY_CUT }, { "cut now", KEY_CUT }, { "cut on beat", KEY_CUT },
		{ "cut after 2 beats", KEY_CUT }, { "cut black", KEY_CUT }, { "cut safe", KEY_CUT }, { "cut @preview", KEY_CUT },
		{ "cut back", KEY_BACK }, { "cut  back", KEY_BACK }, { "cut %3", KEY_HOT }, { "cut left", KEY_HOT }, { "cut %f", KEY_HOT },
		{ "tempo tap", KEY_ONCE }, { "cut backdoor", KEY_HOT }, { "cut \"back\"", KEY_HOT }, { "record start", KEY_TWICE }, { "record", KEY_TWICE },
		{ "preview %1", KEY_FREE }, { "zoom -t %p %+", KEY_FREE }, { "flip -t %p", KEY_ONCE }, { "tag mark", KEY_ONCE },
		{ "strike", KEY_ONCE }, { "panic", KEY_ONCE }, { "cutlery", KEY_ONCE }, { "prompt", KEY_UI }, { "prompt tag ", KEY_UI },
		{ "prompter", KEY_ONCE }, { "hot", KEY_UI },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (keymap_guard_of(cases[i].command) != cases[i].guard)
			fail_msg("%s: guard %d", cases[i].command, keymap_guard_of(cases[i].command));
}

/* Every key of every set, also the twins that the help does not list. */
static void
every_built_in_key_has_its_commands_guard(void **state)
{
	static const char chars[] = "1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:;?!+-";
	int seen = 0;

	(void)state;
	for (int n = 0; keymap_builtin_name(n) != NULL; n++) {
		const struct keymap *k = keymap_builtin(keymap_builtin_name(n));

		assert_string_equal(keymap_name(k), keymap_builtin_name(n));
		for (int i = 0; i < keymap_count(k); i++)
			assert_int_equal(keymap_at(k, i)->guard, keymap_guard_of(keymap_at(k, i)->command));
		for (const char *p = chars; *p != '\0'; p++)
			for (int hot = 0; hot < 2; hot++) {
				const struct keymap_entry *e = keymap_find(k, (char[2]){ *p, '\0' }, hot == 1);

				if (e == NULL)
					continue;
				seen++;
				assert_int_equal(e->guard, keymap_guard_of(e->command));
				assert_false(e->guard == KEY_HOT && hot == 0);
				assert_false(e->guard == KEY_TWICE);	/* no bare key rolls */
			}
	}
	assert_true(seen > 100);
	assert_null(keymap_builtin("emacs"));
}

static void
built_in_sets_are_files_too(void **state)
{
	(void)state;
	for (int n = 0; keymap_builtin_name(n) != NULL; n++) {
		const struct keymap *k = keymap_builtin(keymap_builtin_name(n));
		char text[8192], line[200];
		struct keymap *again;

		snprintf(text, sizeof text, "base %s\n", keymap_builtin_name(n));
		for (int i = 0; i < keymap_count(k); i++) {
			if (strcmp(keymap_at(k, i)->key, "esc") == 0)
				continue;
			snprintf(line, sizeof line, "%s %s\n", keymap_at(k, i)->key, keymap_at(k, i)->command);
			strcat(text, line);
		}
		again = parsed(text);
		for (int i = 0; i < keymap_count(k); i++) {
			const struct keymap_entry *a = keymap_at(k, i), *b = keymap_find(again, a->key, false);

			assert_non_null(b);
			assert_string_equal(a->command, b->command);
			assert_int_equal(a->guard, b->guard);
			assert_int_equal(a->while_locked, b->while_locked);
		}
		keymap_free(again);
	}
}

static void
sets_are_what_their_users_know(void **state)
{
	const struct keymap *atem = keymap_builtin("atem"), *vocto = keymap_builtin("voctomix"), *nle = keymap_builtin("nle");

	(void)state;
	assert_string_equal(does(atem, "space", false), "cut %p");
	assert_string_equal(does(atem, "enter", false), "cut %p on bar");
	assert_string_equal(does(atem, "q", false), "");
	assert_string_equal(does(atem, "q", true), "cut %1");
	assert_string_equal(does(atem, "i", false), "identify -t %p");
	assert_string_equal(does(atem, "i", true), "cut %8");
	assert_string_equal(does(vocto, "enter", false), "cut %p");
	assert_string_equal(does(vocto, "space", false), "cut %p on bar");
	assert_string_equal(does(vocto, "f10", false), "preview %10");
	assert_string_equal(does(nle, "3", false), "preview %3");	/* hot cuts are off until switched on, in every set */
	assert_string_equal(does(nle, "3", true), "cut %3");
	assert_int_equal(guard(nle, "0", true), KEY_HOT);
	assert_string_equal(does(nle, "alt-3", false), "amend %3");
	for (int n = 0; keymap_builtin_name(n) != NULL; n++) {
		const struct keymap *k = keymap_builtin(keymap_builtin_name(n));

		assert_string_equal(does(k, "0", false), "preview %10");
		assert_int_equal(guard(k, "ctrl-r", false), KEY_TWICE);
		assert_int_equal(guard(k, "backspace", false), KEY_BACK);
	}
}

static void
file_changes_and_takes_away(void **state)
{
	struct keymap *k = parsed("# mine\nbase voctomix   # as at home\n\nx cut\nunbind m\nF5 preview 12 # the crane\n\tz\tzoom 2.0\n"
	    "hash tag \"a # b\"\nCtrl-T  record  start\n9 cut 9\nn prompt tag \nalt-Q flip --force\n");

	(void)state;
	assert_string_equal(does(k, "x", false), "cut %p");
	assert_int_equal(guard(k, "x", false), KEY_CUT);
	assert_string_equal(does(k, "m", false), "");
	assert_string_equal(does(k, "f5", false), "preview %12");
	assert_string_equal(does(k, "z", false), "zoom -t %p 2.0");
	assert_string_equal(does(k, "#", false), "tag \"a # b\"");
	assert_int_equal(guard(k, "ctrl-t", false), KEY_TWICE);
	assert_string_equal(does(k, "9", true), "cut %9");
	assert_string_equal(does(k, "9", false), "preview %9");		/* what it does while hot cuts are off stays */
	assert_int_equal(guard(k, "9", true), KEY_HOT);
	assert_string_equal(does(k, "enter", false), "cut %p");		/* the base */
	assert_int_equal(guard(k, "n", false), KEY_UI);
	assert_string_equal(does(k, "alt-Q", false), "flip -t %p --force");
	assert_string_equal(keymap_find(k, "x", false)->words, "x cut");
	keymap_free(k);
}

static void
wrong_line_is_named_with_what_was_expected(void **state)
{
	static const struct { const char *text, *has; } cases[] = {
		{ "x cut\nspcae cut\n", "mine:2: `spcae` is no key; the nearest is `space`" }, { "x cutt\n", "mine:1: unknown command \"cutt\"; the nearest is \"cut\"" },
		{ "x\n", "mine:1: nothing stands behind `x`" }, { "base emacs\n", "expected atem, voctomix or nle" },
		{ "x cut\nbase nle\n", "mine:2: `base` stands once, before all keys" }, { "base nle\nbase nle\n", "mine:2:" },
		{ "unbind x\n", "`x` does nothing" }, { "unbind\n", "is no key" }, { "ctrl-m cut\n", "it is enter" }, { "ctrl-c cut\n", "it says how to quit" },
		{ "esc cut\n", "always cancels" }, { "f13 cut\n", "`f13` is no key" }, { "x cut sideways soon\n", "mine:1:" },
		{ "x preview %q\n", "%q means nothing" }, { "x preview %\n", "means nothing" }, { "alt-[ cut\n", "begins sequences" },
		{ "x next-view now\n", "expected nothing behind `next-view`" }, { "unbind :\n", "no key does `prompt`" }, { "unbind L\n", "no key does `lock-keys`" },
		{ "x cut\x1b[2J\n", "mine:1: a control character" }, { "x cut\xff\n", "mine:1: this byte is not UTF-8" },
		{ "x tag \"no end\n", "mine:1:" }, { "3 cut 4\n", "the digit 3 is camera 3" }, { "0 preview 1\n", "the digit 0 is camera 10" },
		{ "1 preview 10\n", "the digit 1 is camera 1" }, { "2 next-view\n", "the digit 2 is camera 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		refused(cases[i].text, cases[i].has);
}

static void
no_single_key_does_harm(void **state)
{
	static const struct { const char *text, *has; } cases[] = {
		{ "x quit\n", "`quit` is never a key" }, { "ctrl-q quit --force\n", "`quit` is never a key" }, { "ctrl-q record stop\n", "`record stop` is never a key" },
		{ "f8 record -t all stop\n", "never a key" }, { "f8 record\n", "never a key" }, { "r record start\n", "never a bare key" }, { "space record start\n", "never a bare key" },
		{ "enter record start\n", "never a bare key" }, { "alt-r record start\n", "never a bare key" }, { "f8 record start \"a\" --force\n", "--force is never a key" },
		{ "x cut --force\n", "--force is never a key" }, { "alt-x cut 3 --force\n", "--force is never a key" }, { "f flip --force\n", "--force needs a modifier" },
		{ "x node forget left\n", "never a key" }, { "x number left 3\n", "never a key" }, { "x role left +safe\n", "never a key" }, { "x\tquit\n", "never a key" },
		{ "x \"quit\"\n", "never a key" }, { "x wrap\n", "never a key" }, { "x purge 3\n", "never a key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		refused(cases[i].text, cases[i].has);
}

static void
tabs_hide_no_command_from_its_guard(void **state)
{
	struct keymap *k = parsed("x\tcut\tleft\ny  cut \t back\nf8\trecord\tstart\n");

	(void)state;
	assert_int_equal(guard(k, "x", true), KEY_HOT);
	assert_string_equal(does(k, "x", false), "");
	assert_int_equal(guard(k, "y", false), KEY_BACK);
	assert_int_equal(guard(k, "f8", false), KEY_TWICE);
	keymap_free(k);
}

static void
endless_files_have_an_end(void **state)
{
	char *text = malloc(200000), line[64];
	size_t len = 0;
	struct err e = { 0 };

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < 5000; i++) {
		uint32_t cp = 0x4e00 + (uint32_t)i;
		int n = snprintf(line, sizeof line, "%c%c%c tag x\n", (char)(0xe0 | cp >> 12), (char)(0x80 | (cp >> 6 & 0x3f)), (char)(0x80 | (cp & 0x3f)));

		memcpy(text + len, line, (size_t)n);
		len += (size_t)n;
	}
	assert_null(keymap_parse("mine", text, len, &e));
	assert_non_null(strstr(e.text, "more than"));
	err_clear(&e);
	memset(text, 'x', 6000);
	memcpy(text, "x tag ", 6);
	assert_null(keymap_parse("mine", text, 6000, &e));
	assert_non_null(strstr(e.text, "mine:1: a line has at most"));
	err_clear(&e);
	assert_null(keymap_parse("mine", text, 400, &e));
	assert_non_null(strstr(e.text, "at most 300 bytes"));
	free(text);
}

static void
keys_are_written_as_people_do(void **state)
{
	static const struct { const char *key, *words; } cases[] = {
		{ "ctrl-r", "Ctrl-R" }, { "page-down", "Page-Down" }, { "f5", "F5" }, { "x", "x" }, { "alt-z", "Alt-z" }, { "alt-Z", "Alt-Z" },
		{ "space", "Space" }, { "\xc3\xa9", "\xc3\xa9" },
	};
	char words[32];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		keymap_key_words(words, sizeof words, cases[i].key);
		assert_string_equal(words, cases[i].words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guards_follow_from_the_command), cmocka_unit_test(every_built_in_key_has_its_commands_guard),
		cmocka_unit_test(built_in_sets_are_files_too), cmocka_unit_test(sets_are_what_their_users_know),
		cmocka_unit_test(file_changes_and_takes_away), cmocka_unit_test(wrong_line_is_named_with_what_was_expected),
		cmocka_unit_test(no_single_key_does_harm), cmocka_unit_test(tabs_hide_no_command_from_its_guard),
		cmocka_unit_test(endless_files_have_an_end), cmocka_unit_test(keys_are_written_as_people_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
