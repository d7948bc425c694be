/*
 * t_prompt.c - the `:` line: editing, history with its prefix, what is kept across runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "support/loop_fake.h"
#include "support/scratch.h"
#include "ui/history.h"
#include "ui/prompt.h"

static void
type(struct prompt *p, const char *key)
{
	struct input_event ev = { .kind = INPUT_KEY };

	snprintf(ev.key, sizeof ev.key, "%s", strcmp(key, " ") == 0 ? "space" : key);
	if (strlen(key) == 1 || (unsigned char)key[0] >= 0x80)
		snprintf(ev.text, sizeof ev.text, "%s", key);
	prompt_key(p, &ev);
}

static void
prompt_edits_whole_characters(void **state)
{
	struct prompt *p = prompt_new();
	char shown[64];
	int cursor;

	(void)state;
	prompt_open(p, "tag ");
	type(p, "\xc3\xa9");
	type(p, "漢");
	type(p, "backspace");
	assert_string_equal(prompt_text(p), "tag \xc3\xa9");
	type(p, "left");
	type(p, "x");
	assert_string_equal(prompt_text(p), "tag x\xc3\xa9");
	type(p, "ctrl-w");
	assert_string_equal(prompt_text(p), "tag \xc3\xa9");
	prompt_visible(p, 3, shown, sizeof shown, &cursor);
	assert_in_range(cursor, 0, 2);
	prompt_free(p);
}

static void
prompt_remembers_what_ran(void **state)
{
	struct prompt *p = prompt_new();

	(void)state;
	prompt_open(p, "cut left");
	prompt_done(p);
	prompt_open(p, NULL);
	assert_string_equal(prompt_text(p), "");
	type(p, "up");
	assert_string_equal(prompt_text(p), "cut left");
	type(p, "down");
	assert_string_equal(prompt_text(p), "");
	prompt_free(p);
}

static void
pasted_text_is_one_clean_line(void **state)
{
	struct prompt *p = prompt_new();

	(void)state;
	prompt_open(p, NULL);
	prompt_paste(p, "tag a\x1b[2Jb\rquit", 15);
	assert_null(strchr(prompt_text(p), '\x1b'));
	assert_null(strstr(prompt_text(p), "quit"));
	assert_non_null(strstr(prompt_text(p), "tag a"));
	prompt_free(p);
}

static void
lines_of_a_paste_are_those_with_something_in_them(void **state)
{
	static const struct { const char *text; int lines; } cases[] = {
		{ "", 0 }, { "cut 1", 1 }, { "cut 1\n", 1 }, { "cut 1\r\ncut 2\r\n\r\ntag x", 3 }, { "\n\na", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(prompt_lines(cases[i].text, strlen(cases[i].text)), cases[i].lines);
}

static void
type_all(struct prompt *p, const char *text)
{
	for (; *text != '\0'; text++)
		type(p, (char[2]){ *text, '\0' });
}

static void
up_walks_only_through_lines_that_begin_so(void **state)
{
	struct prompt *p = prompt_new();

	(void)state;
	prompt_remember(p, "cut left");
	prompt_remember(p, "tag good");
	prompt_remember(p, "cut right");
	prompt_remember(p, "echo x");
	prompt_open(p, NULL);
	type_all(p, "cu");
	type(p, "up");
	assert_string_equal(prompt_text(p), "cut right");
	type(p, "up");
	assert_string_equal(prompt_text(p), "cut left");
	type(p, "up");				/* no more: it stays */
	assert_string_equal(prompt_text(p), "cut left");
	type(p, "down");
	assert_string_equal(prompt_text(p), "cut right");
	type(p, "down");
	assert_string_equal(prompt_text(p), "cu");
	type(p, "down");
	assert_string_equal(prompt_text(p), "cu");
	prompt_free(p);
}

static void
edited_old_line_is_a_new_one(void **state)
{
	struct prompt *p = prompt_new();

	(void)state;
	prompt_remember(p, "cut left");
	prompt_remember(p, "cut left wing");
	prompt_open(p, NULL);
	type(p, "up");
	type(p, "up");
	assert_string_equal(prompt_text(p), "cut left");
	type_all(p, " ");
	type(p, "up");
	assert_string_equal(prompt_text(p), "cut left wing");	/* it begins with "cut left " */
	prompt_free(p);
}

static void
history_is_bounded_and_without_repeats(void **state)
{
	struct prompt *p = prompt_new();
	char line[32];

	(void)state;
	for (int i = 0; i < 1200; i++) {
		snprintf(line, sizeof line, "echo %d", i / 2);
		prompt_remember(p, line);
	}
	prompt_remember(p, "");
	prompt_open(p, NULL);
	for (int i = 0; i < 2000; i++)
		type(p, "up");
	assert_string_equal(prompt_text(p), "echo 100");	/* 600 different ones, the newest 500 */
	prompt_free(p);
}

static void
completion_replaces_the_word_before_the_cursor(void **state)
{
	struct prompt *p = prompt_new();
	char *rest;

	(void)state;
	prompt_open(p, "cut le now");
	for (int i = 0; i < 4; i++)
		type(p, "left");
	assert_int_equal(prompt_cursor(p), 6);
	prompt_replace(p, 4, "\"left guest\"");
	assert_string_equal(prompt_text(p), "cut \"left guest\" now");
	assert_int_equal(prompt_cursor(p), 16);
	prompt_replace(p, 400, "x");		/* behind the cursor: no */
	rest = calloc(1, 1100);
	memset(rest, 'x', 1020);
	prompt_replace(p, 4, rest);		/* too long: as it was */
	assert_string_equal(prompt_text(p), "cut \"left guest\" now");
	free(rest);
	prompt_free(p);
}

/* ---- across runs ---- */

struct told { int count; char first[64], last[64]; };

static void
tell(void *arg, const char *line)
{
	struct told *t = arg;

	if (t->count++ == 0)
		snprintf(t->first, sizeof t->first, "%.60s", line);
	snprintf(t->last, sizeof t->last, "%.60s", line);
}

static void
lines_come_back_in_the_next_run_and_are_nobody_elses(void **state)
{
	char *folder = scratch_new(), path[1024];
	struct loop *loop = loop_fake_new();
	struct told t = { 0 };
	struct stat st;

	(void)state;
	snprintf(path, sizeof path, "%s/history", folder);
	history_load(path, tell, &t);
	assert_int_equal(t.count, 0);
	history_add(loop, path, "cut left");
	history_add(loop, path, "tag \"good\"");
	history_add(loop, path, "two\nlines");	/* no such line was ever typed */
	history_add(loop, path, "");
	loop_fake_turn(loop);
	history_load(path, tell, &t);
	assert_int_equal(t.count, 2);
	assert_string_equal(t.first, "cut left");
	assert_string_equal(t.last, "tag \"good\"");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	chmod(path, 0644);
	history_add(loop, path, "x");
	loop_fake_turn(loop);
	stat(path, &st);
	assert_int_equal(st.st_mode & 0777, 0600);
	loop_free(loop);
	scratch_free(folder);
}

static void
long_file_is_cut_to_the_newest_lines(void **state)
{
	char *folder = scratch_new(), path[1024];
	struct told t = { 0 };
	struct stat st;
	FILE *f;

	(void)state;
	snprintf(path, sizeof path, "%s/history", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 3000; i++)
		fprintf(f, "echo %d\x1b[2J\n", i);
	fclose(f);
	history_load(path, tell, &t);
	assert_int_equal(t.count, HISTORY_LINES);
	assert_null(strchr(t.last, '\x1b'));
	assert_int_equal(strncmp(t.last, "echo 2999", 9), 0);
	assert_int_equal(strncmp(t.first, "echo 2500", 9), 0);
	stat(path, &st);
	assert_true(st.st_size < HISTORY_LINES * 16);
	assert_int_equal(st.st_mode & 0777, 0600);
	scratch_free(folder);
}

static void
unusable_history_means_nothing(void **state)
{
	struct loop *loop = loop_fake_new();
	struct told t = { 0 };

	(void)state;
	history_load("/", tell, &t);
	history_load("/nowhere/history", tell, &t);
	history_load("", tell, &t);
	history_add(loop, "/nowhere/history", "cut");
	history_add(loop, "", "cut");
	loop_fake_turn(loop);
	assert_int_equal(t.count, 0);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prompt_edits_whole_characters), cmocka_unit_test(prompt_remembers_what_ran),
		cmocka_unit_test(pasted_text_is_one_clean_line), cmocka_unit_test(lines_of_a_paste_are_those_with_something_in_them),
		cmocka_unit_test(up_walks_only_through_lines_that_begin_so),
		cmocka_unit_test(edited_old_line_is_a_new_one), cmocka_unit_test(history_is_bounded_and_without_repeats),
		cmocka_unit_test(completion_replaces_the_word_before_the_cursor),
		cmocka_unit_test(lines_come_back_in_the_next_run_and_are_nobody_elses),
		cmocka_unit_test(long_file_is_cut_to_the_newest_lines), cmocka_unit_test(unusable_history_means_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
