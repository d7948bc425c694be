/*
 * t_theme.c - theme files, terminal answers, pacing and the prompt line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ui/pacing.h"
#include "ui/prompt.h"
#include "ui/term.h"
#include "ui/theme.h"

static void
theme_lines_become_styles(void **state)
{
	const char *text = "# mine\nalarm white 124 bold reverse # loud\n\nrec red default\n";
	struct theme t;
	struct err e = { 0 };

	(void)state;
	assert_true(theme_parse(&t, "mine", text, strlen(text), &e));
	assert_int_equal(t.styles[ROLE_ALARM].fg, 7);
	assert_int_equal(t.styles[ROLE_ALARM].bg, 124);
	assert_int_equal(t.styles[ROLE_ALARM].attrs, THEME_BOLD | THEME_REVERSE);
	assert_int_equal(t.styles[ROLE_REC].fg, 1);
	assert_int_equal(t.styles[ROLE_REC].bg, -1);
}

static void
wrong_theme_line_is_named(void **state)
{
	static const struct { const char *text, *has; } cases[] = {
		{ "text default default\nfoo red red\n", "mine:2: `foo`" }, { "rec pink default\n", "mine:1: `pink`" },
		{ "rec red red blink\n", "`blink`" }, { "rec 256 red\n", "`256`" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct theme t;
		struct err e = { 0 };

		assert_false(theme_parse(&t, "mine", cases[i].text, strlen(cases[i].text), &e));
		assert_non_null(strstr(e.text, cases[i].has));
	}
}

static void
folder_is_no_theme(void **state)
{
	struct theme t;
	struct err e = { 0 };
	char path[1024];

	(void)state;
	assert_false(theme_load(&t, "/tmp", ".", path, sizeof path, &e));
	assert_string_equal(e.text, "theme: /tmp/. is no file");
	err_clear(&e);
	assert_false(theme_load(&t, "/nowhere", "nope", path, sizeof path, &e));
	assert_string_equal(e.text, "there is no theme \"nope\"; those in /nowhere: none");
	err_clear(&e);
	assert_false(theme_load(&t, "/tmp", "/", path, sizeof path, &e));
	assert_int_not_equal(e.kind, ERR_NONE);
}

static void
shipped_themes_name_every_role(void **state)
{
	static const char *const names[] = { "default", "mono", "daylight", "colour-blind", "template" };
	const char *folder = getenv("LIVEDIRECTOR_THEMES");

	(void)state;
	if (folder == NULL)
		skip();
	for (int n = 0; n < 5; n++) {
		char path[1024], found[1024], text[16384];
		struct theme t;
		struct err e = { 0 };

		snprintf(path, sizeof path, "%s/%s", folder, names[n]);
		assert_true(theme_load(&t, folder, names[n], found, sizeof found, &e));
		FILE *f = fopen(path, "r");
		assert_non_null(f);
		text[fread(text, 1, sizeof text - 1, f)] = '\0';
		fclose(f);
		for (int r = 0; r < THEME_ROLE_COUNT; r++) {
			char line[64];

			snprintf(line, sizeof line, "\n%s ", theme_role_name((enum theme_role)r));
			assert_non_null(strstr(text, line));
		}
	}
}

static bool
answer(struct term_caps *t, const struct input_event *ev)
{
	bool done;

	assert_true(term_reply(t, ev, &done));
	return done;
}

static void
terminal_tells_what_it_can(void **state)
{
	struct input_event version = { .kind = INPUT_REPLY, .final = 'P', .string = ">|XTerm(379)" };
	struct input_event cell = { .kind = INPUT_REPLY, .final = 't', .arg_count = 3, .args = { 6, 19, 9 } };
	struct input_event regs = { .kind = INPUT_REPLY, .final = 'S', .prefix = '?', .arg_count = 3, .args = { 1, 0, 256 } };
	struct input_event sync = { .kind = INPUT_REPLY, .final = 'y', .prefix = '?', .arg_count = 2, .args = { 2026, 2 } };
	struct input_event da1 = { .kind = INPUT_REPLY, .final = 'c', .prefix = '?', .arg_count = 3, .args = { 63, 1, 4 } };
	struct term_caps t;

	(void)state;
	term_caps_init(&t);
	assert_false(answer(&t, &version));
	assert_false(answer(&t, &cell));
	assert_false(answer(&t, &regs));
	assert_false(answer(&t, &sync));
	assert_true(answer(&t, &da1));
	assert_true(t.is_xterm && t.sixel && t.synchronized_output);
	assert_int_equal(t.colour_registers, 256);
	term_settle(&t, 24, 80, 0, 0);
	assert_int_equal(t.cell_w_px, 9);
	assert_int_equal(t.cell_h_px, 19);
}

static void
silent_terminal_gets_a_usual_cell(void **state)
{
	struct term_caps t;

	(void)state;
	term_caps_init(&t);
	term_settle(&t, 24, 80, 724, 460);
	assert_int_equal(t.cell_w_px, 9);
	assert_int_equal(t.cell_h_px, 19);
	term_caps_init(&t);
	t.is_tmux = true;			/* its pixel sizes are made up */
	term_settle(&t, 24, 80, 1280, 768);
	assert_int_equal(t.cell_w_px, 8);
	assert_int_equal(t.cell_h_px, 16);
}

static void
next_batch_waits_for_the_answer(void **state)
{
	struct pacing p;

	(void)state;
	pacing_init(&p);
	assert_true(pacing_may_send(&p, 0));
	pacing_sent(&p, 50000, 0);
	assert_false(pacing_may_send(&p, 1900000));
	pacing_answered(&p, 100000);
	assert_false(pacing_may_send(&p, 100000));
	assert_true(pacing_may_send(&p, 150000));
	assert_true(pacing_budget_bytes(&p, 100000) >= 6000);
}

static void
terminal_without_answers_is_paced_by_a_rate(void **state)
{
	struct pacing p;
	int64_t now = 0;
	int sent = 0;

	(void)state;
	pacing_init(&p);
	for (; now < 20000000; now += 10000) {
		pacing_tick(&p, now);
		if (pacing_may_send(&p, now)) {
			pacing_sent(&p, 1000, now);
			sent++;
		}
	}
	assert_true(p.never_answers);
	assert_in_range(sent, 20, 50);
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(theme_lines_become_styles), cmocka_unit_test(wrong_theme_line_is_named),
		cmocka_unit_test(folder_is_no_theme), cmocka_unit_test(shipped_themes_name_every_role), cmocka_unit_test(terminal_tells_what_it_can),
		cmocka_unit_test(silent_terminal_gets_a_usual_cell), cmocka_unit_test(next_batch_waits_for_the_answer),
		cmocka_unit_test(terminal_without_answers_is_paced_by_a_rate), cmocka_unit_test(prompt_edits_whole_characters),
		cmocka_unit_test(prompt_remembers_what_ran), cmocka_unit_test(pasted_text_is_one_clean_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
