/*
 * t_cmdline.c - one text command taken apart: words, targets, --force, the raw rest, comments, errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "domain/cmdline.h"

/* Words shown as [verb][word], quoted ones as ["word"]. */
static void
show_words(char *out, size_t room, const struct cmdline *c)
{
	size_t at = 0;

	out[0] = '\0';
	for (int i = 0; i < c->count && at < room; i++)
		at += (size_t)snprintf(out + at, room - at, c->quoted[i] ? "[\"%s\"]" : "[%s]", c->words[i]);
}

struct good_case {
	const char *text, *words, *target, *rest;
	bool force;
};

static const struct good_case good_cases[] = {
	{ "cut", "[cut]", NULL, "", false },
	{ "  cut\tleft  ", "[cut][left]", NULL, "left", false },
	{ "cut left\n", "[cut][left]", NULL, "left", false },
	{ "cut left\r\n", "[cut][left]", NULL, "left", false },
	{ "record -t all start ep12", "[record][start][ep12]", "all", "start ep12", false },
	{ "record start -t all ep12", "[record][start][ep12]", "all", "start ep12", false },
	{ "record start ep12 -t all", "[record][start][ep12]", "all", "start ep12", false },
	{ "record -t left,\"wide shot\",-\"a, b\" start", "[record][start]", "left,\"wide shot\",-\"a, b\"", "start", false },
	{ "record -t \"left guest\" start", "[record][start]", "\"left guest\"", "start", false },
	{ "record -t -left start", "[record][start]", "-left", "start", false },
	{ "zoom --force -t left 2.0 over 500ms", "[zoom][2.0][over][500ms]", "left", "2.0 over 500ms", true },
	{ "flip -t 2 front --force", "[flip][front]", "2", "front", true },
	{ "flip --force --force front", "[flip][front]", NULL, "front", true },
	{ "tag \"-t left\" --forceful", "[tag][\"-t left\"][--forceful]", NULL, "\"-t left\" --forceful", false },
	{ "say \"--force\"", "[say][\"--force\"]", NULL, "--force", false },
	{ "tag \"good laugh\"", "[tag][\"good laugh\"]", NULL, "good laugh", false },
	{ "tag good  laugh", "[tag][good][laugh]", NULL, "good  laugh", false },
	{ "tag he said \"hi\" ", "[tag][he][said][\"hi\"]", NULL, "he said \"hi\"", false },
	{ "tag \"a \\\"b\\\" \\\\c\"", "[tag][\"a \"b\" \\c\"]", NULL, "a \"b\" \\c", false },
	{ "say hello -t left there  you", "[say][hello][there][you]", "left", "hello there  you", false },
	{ "say -t left \"come closer\"", "[say][\"come closer\"]", "left", "come closer", false },
	{ "say \"one\" \"two\"", "[say][\"one\"][\"two\"]", NULL, "\"one\" \"two\"", false },
	{ "label 1 \"\"", "[label][1][\"\"]", NULL, "1 \"\"", false },
	{ "tag \"\"", "[tag][\"\"]", NULL, "", false },
	{ "cut left # back to the host", "[cut][left]", NULL, "left", false },
	{ "cut left#now", "[cut][left]", NULL, "left", false },
	{ "tag \"take #3\" # note", "[tag][\"take #3\"]", NULL, "take #3", false },
	{ "tag \"\\\"#\" x", "[tag][\"\"#\"][x]", NULL, "\"\\\"#\" x", false },
	{ "tag it\\s", "[tag][it\\s]", NULL, "it\\s", false },
	{ "tag \xc3\xa9\xe2\x82\xac \xf0\x9f\x8e\xac", "[tag][\xc3\xa9\xe2\x82\xac][\xf0\x9f\x8e\xac]", NULL,
	    "\xc3\xa9\xe2\x82\xac \xf0\x9f\x8e\xac", false },
	{ "tag \xef\xbf\xbd", "[tag][\xef\xbf\xbd]", NULL, "\xef\xbf\xbd", false },
	{ "role left +director -guest", "[role][left][+director][-guest]", NULL, "left +director -guest", false },
};

static void
commands_come_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++) {
		const struct good_case *t = &good_cases[i];
		struct cmdline c;
		struct err e = { .kind = ERR_NONE };
		char words[512];
		int column = 0;

		if (!cmdline_parse(&c, t->text, &column, &e))
			fail_msg("%s: column %d: %s", t->text, column, e.text);
		show_words(words, sizeof(words), &c);
		assert_string_equal(words, t->words);
		assert_string_equal(c.rest, t->rest);
		assert_string_equal(c.target != NULL ? c.target : "(none)", t->target != NULL ? t->target : "(none)");
		assert_int_equal(c.force, t->force);
		cmdline_fini(&c);
	}
}

struct bad_case {
	const char *text;
	int column;
	const char *says;
	enum err_kind kind;
};

static const struct bad_case bad_cases[] = {
	{ "", 1, "expected a command", ERR_USAGE },
	{ "   ", 1, "expected a command", ERR_USAGE },
	{ "# nothing", 1, "expected a command", ERR_USAGE },
	{ "-t left cut", 1, "expected a command first", ERR_USAGE },
	{ "--force", 1, "expected a command first", ERR_USAGE },
	{ "record -t", 10, "expected targets after -t", ERR_USAGE },
	{ "record -t   # all", 10, "expected targets after -t", ERR_USAGE },
	{ "record -t --force start", 11, "expected targets after -t", ERR_USAGE },
	{ "record -t a start -t b", 19, "second time", ERR_USAGE },
	{ "tag \"good laugh", 5, "closing quote", ERR_USAGE },
	{ "tag 5\" screen", 6, "closing quote", ERR_USAGE },
	{ "tag \"a\\", 5, "closing quote", ERR_USAGE },
	{ "tag \"a\\n\"", 7, "backslash", ERR_USAGE },
	{ "tag \"a\"b", 8, "expected a blank", ERR_USAGE },
	{ "tag a\"b\"", 6, "expected a blank", ERR_USAGE },
	{ "tag \"a\"\"b\"", 8, "expected a blank", ERR_USAGE },
	{ "record -t \"left", 11, "closing quote", ERR_USAGE },
	{ "tag a\x1b[31m", 6, "U+001B", ERR_USAGE },
	{ "tag a\nquit", 6, "U+000A", ERR_USAGE },
	{ "cut left\rquit", 9, "U+000D", ERR_USAGE },
	{ "tag \x7f", 5, "U+007F", ERR_USAGE },
	{ "tag \xc2\x9b", 5, "U+009B", ERR_USAGE },
	{ "tag \xe2\x80\xa8x", 5, "U+2028", ERR_USAGE },
	{ "tag ok # \x01", 10, "U+0001", ERR_USAGE },
	{ "tag \xff", 5, "not UTF-8", ERR_FORMAT },
	{ "tag \xc3", 5, "not UTF-8", ERR_FORMAT },
	{ "tag \xed\xa0\x80", 5, "not UTF-8", ERR_FORMAT },
	{ "tag \xc0\xaf", 5, "not UTF-8", ERR_FORMAT },
};

static void
errors_say_column_and_what_was_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
		const struct bad_case *t = &bad_cases[i];
		struct cmdline c;
		struct err e = { .kind = ERR_NONE };
		int column = 0;

		if (cmdline_parse(&c, t->text, &column, &e))
			fail_msg("accepted: %s", t->text);
		cmdline_fini(&c);
		if (strstr(e.text, t->says) == NULL)
			fail_msg("%s: said \"%s\", not \"%s\"", t->text, e.text, t->says);
		if (column != t->column)
			fail_msg("%s: column %d, not %d", t->text, column, t->column);
		assert_int_equal(e.kind, t->kind);
	}
}

static void
columns_count_bytes_from_one(void **state)
{
	struct cmdline c;

	(void)state;
	assert_true(cmdline_parse(&c, "  zoom -t \"l g\" \xc3\xa9 \"x\"", NULL, NULL));
	assert_int_equal(c.count, 3);
	assert_int_equal(c.column[0], 3);
	assert_int_equal(c.column[1], 17);
	assert_int_equal(c.column[2], 20);
	cmdline_fini(&c);
}

static void
length_and_words_have_ceilings(void **state)
{
	char *text = malloc(MAX_COMMAND_LINE + 64);
	struct cmdline c;
	struct err e;
	int column = 0;

	(void)state;
	memset(text, 'a', MAX_COMMAND_LINE);
	strcpy(text + MAX_COMMAND_LINE, "\r\n");
	assert_true(cmdline_parse(&c, text, &column, &e));
	assert_int_equal(strlen(c.words[0]), MAX_COMMAND_LINE);
	cmdline_fini(&c);
	strcpy(text + MAX_COMMAND_LINE, "a");
	assert_false(cmdline_parse(&c, text, &column, &e));
	assert_int_equal(e.kind, ERR_TOO_BIG);
	assert_int_equal(column, MAX_COMMAND_LINE + 1);
	cmdline_fini(&c);

	for (int i = 0; i <= MAX_COMMAND_WORDS; i++)
		memcpy(text + 2 * i, "a ", 2);
	text[2 * MAX_COMMAND_WORDS] = '\0';
	assert_true(cmdline_parse(&c, text, &column, &e));
	assert_int_equal(c.count, MAX_COMMAND_WORDS);
	cmdline_fini(&c);
	text[2 * MAX_COMMAND_WORDS] = 'a';
	text[2 * MAX_COMMAND_WORDS + 1] = '\0';
	assert_false(cmdline_parse(&c, text, &column, &e));
	assert_int_equal(column, 2 * MAX_COMMAND_WORDS + 1);
	assert_non_null(strstr(e.text, "64"));
	cmdline_fini(&c);
	free(text);
}

static void
words_join_with_one_blank(void **state)
{
	struct cmdline c;
	char *joined;

	(void)state;
	assert_true(cmdline_parse(&c, "label   2 \"left  guest\"  x", NULL, NULL));
	joined = cmdline_join(&c, 2);
	assert_string_equal(joined, "left  guest x");
	free(joined);
	joined = cmdline_join(&c, 4);
	assert_string_equal(joined, "");
	free(joined);
	cmdline_fini(&c);
	cmdline_fini(&c);
	cmdline_fini(NULL);
}

static void
words_of_the_language_are_known(void **state)
{
	static const char *const words[] = { "cut", "Cut", "record", "quit", "all", "program", "preview", "start", "stop",
		"back", "front", "FRONT", "safe", "black", "now", "on", "off", "beat", "bar", "after", "with", "at", "wait",
		"expect", "try", "must", "finally", "zero", "node-live", "recording", "saved", "idle", "stale", "desk", "seen" };
	static const char *const labels[] = { "left", "wide", "top", "host", "guest", "room", "door", "left guest", "cut 2",
		"desk cam", "", "cutaway", "1", "camera" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!cmdline_is_word(words[i]))
			fail_msg("%s is a word of the language", words[i]);
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (cmdline_is_word(labels[i]))
			fail_msg("\"%s\" may be a label", labels[i]);
}

static void
comment_and_blanks_are_measured_off(void **state)
{
	static const struct { const char *text; size_t want; } cases[] = {
		{ "", 0 }, { "   ", 0 }, { "#", 0 }, { "cut # x", 3 }, { "tag \"#\" # x", 7 }, { "tag \"\\\"#\"  ", 9 },
		{ "tag \"# no end", 13 }, { "\"\\", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(cmdline_text_bytes(cases[i].text, strlen(cases[i].text)), cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_come_apart),
		cmocka_unit_test(errors_say_column_and_what_was_expected),
		cmocka_unit_test(columns_count_bytes_from_one),
		cmocka_unit_test(length_and_words_have_ceilings),
		cmocka_unit_test(words_join_with_one_blank),
		cmocka_unit_test(words_of_the_language_are_known),
		cmocka_unit_test(comment_and_blanks_are_measured_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
