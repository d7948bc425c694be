/*
 * t_status.c - a show in one line: every item, formats, and what is no format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "app/status.h"
#include "base/str.h"
#include "base/xalloc.h"

static struct show *
quiet_show(void)
{
	struct show *s = xcalloc(1, sizeof *s);

	str_copy(s->session, sizeof s->session, "Saturday");
	s->shot_us = -1;
	s->left_minutes = -1;
	return s;
}

static struct show *
rolling_show(void)
{
	static const char *const names[] = { "left", "wide", "desk" };
	struct show *s = quiet_show();

	for (int i = 0; i < 3; i++) {
		snprintf(s->tiles[i].id, sizeof s->tiles[i].id, "id-%d", i + 1);
		str_copy(s->tiles[i].name, sizeof s->tiles[i].name, names[i]);
		s->tiles[i].link = i == 2 ? HEALTH_LOST : HEALTH_LIVE;
	}
	s->tile_count = 3;
	str_copy(s->program, sizeof s->program, "id-1");
	str_copy(s->preview, sizeof s->preview, "id-2");
	s->rolling = true;
	s->rolling_count = 2;
	s->rolling_asked = 3;
	str_copy(s->take, sizeof s->take, "003");
	str_copy(s->slate, sizeof s->slate, "ep12");
	s->take_elapsed_us = 754000000;
	s->shot_us = 12000000;
	s->left_minutes = 41;
	str_copy(s->next, sizeof s->next, "wide in 3 beats");
	s->beat = (struct show_beat){ .runs = true, .bpm = 96, .bar = 17, .beat = 3 };
	s->alarm_count = s->alarm_total = 1;
	str_copy(s->alarms[0].text, sizeof s->alarms[0].text, "desk: no word for 8 s");
	s->clients = 2;
	return s;
}

/* free()d by the test: the show is. */
static void
expect_line(struct show *s, const char *format, const char *where, const char *line)
{
	struct err e = { .kind = ERR_NONE };
	char out[512];

	assert_true(status_check(format, &e));
	status_line(out, sizeof out, format, s, where);
	assert_string_equal(out, line);
}

static void
the_usual_line_says_what_there_is_and_nothing_more(void **state)
{
	struct show *quiet = quiet_show(), *rolling = rolling_show();

	(void)state;
	expect_line(quiet, "", "/dev/pts/1", "Saturday  live 0/0");
	expect_line(quiet, "", NULL, "Saturday  HEADLESS  live 0/0");
	expect_line(rolling, "", "/dev/pts/1",
	    "Saturday  ROLLING 003 12:34 2/3  PGM left  PVW wide  live 2/3  next wide in 3 beats  alarms 1");
	rolling->rehearsal = true;
	rolling->rolling = false;
	rolling->starting = true;
	rolling->alarm_total = 0;
	rolling->next[0] = '\0';
	expect_line(rolling, "", NULL, "Saturday  REHEARSAL  HEADLESS  STARTING 003  PGM left  PVW wide  live 2/3");
	free(quiet);
	free(rolling);
}

static void
each_item_has_its_words(void **state)
{
	static const struct { const char *format, *line; } cases[] = {
		{ "{name}", "Saturday" }, { "{program}", "left" }, { "{preview}", "wide" }, { "{shot}", "00:12" },
		{ "{roll}", "ROLLING 003 12:34 2/3" }, { "{take}", "003" }, { "{slate}", "ep12" }, { "{elapsed}", "12:34" },
		{ "{live}", "2/3" }, { "{left}", "41 min" }, { "{next}", "wide in 3 beats" }, { "{beat}", "96.0 bpm 17.3" },
		{ "{alarms}", "1" }, { "{alarm}", "desk: no word for 8 s" }, { "{clients}", "2" }, { "{screen}", "/dev/pts/4" },
		{ "{headless}", "" }, { "{rehearsal}", "" }, { "{cue}", "3/12 HELD on go" },
	};
	struct show *s = rolling_show();
	int items = 0;

	(void)state;
	s->cue = (struct show_cue){ .loaded = true, .held = true, .at = 3, .count = 12, .next = "on go" };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_line(s, cases[i].format, "/dev/pts/4", cases[i].line);
	while (status_item_at(items) != NULL)
		items++;
	assert_int_equal(items, sizeof cases / sizeof cases[0]);	/* none is untold */
	free(s);
}

static void
text_stands_only_beside_what_has_something_to_say(void **state)
{
	struct show *s = rolling_show();

	(void)state;
	expect_line(s, "{program?on air: }|{headless? no screen }|{{x}}", "tty", "on air: left||{x}");
	s->program[0] = '\0';
	expect_line(s, "{program?on air: }.", NULL, ".");
	expect_line(s, "{headless?!}", NULL, "!HEADLESS");
	free(s);
}

static void
what_is_no_format_is_told(void **state)
{
	static const struct { const char *format, *says; } cases[] = {
		{ "{nobody}", "there is no {nobody}" }, { "{", "its } is missing" }, { "a } b", "}} is a brace" },
		{ "{program", "{program: its } is missing" }, { "{}", "there is no {}" }, { "{?x}", "there is no {}" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		e.kind = ERR_NONE;
		assert_false(status_check(cases[i].format, &e));
		assert_int_equal(e.kind, ERR_USAGE);
		if (strstr(e.text, cases[i].says) == NULL)
			fail_msg("\"%s\": %s", cases[i].format, e.text);
	}
}

static void
nothing_breaks_the_line(void **state)
{
	struct show *s = rolling_show();
	char out[40], format[3000];

	(void)state;
	str_copy(s->tiles[0].name, sizeof s->tiles[0].name, "a\x1b[2Jb\nc");
	status_line(out, sizeof out, "{program}", s, NULL);
	assert_null(strpbrk(out, "\x1b\n"));
	memset(format, 'x', sizeof format - 1);
	format[sizeof format - 1] = '\0';
	status_line(out, sizeof out, format, s, NULL);
	assert_int_equal(strlen(out), sizeof out - 1);
	status_line(out, sizeof out, "{program", s, NULL);	/* unchecked, and no matter */
	assert_string_equal(out, "");
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_line_says_what_there_is_and_nothing_more),
		cmocka_unit_test(each_item_has_its_words),
		cmocka_unit_test(text_stands_only_beside_what_has_something_to_say),
		cmocka_unit_test(what_is_no_format_is_told),
		cmocka_unit_test(nothing_breaks_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
