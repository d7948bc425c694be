/*
 * t_cue_forms.c - the larger forms of cue sheets: beats and events, rules, repeats, variables, lists, included files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/buf.h"
#include "base/xalloc.h"
#include "domain/cue.h"

/* Files of a test: name, text; ends with NULL. */
struct file {
	const char *name, *text;
};

static char *
load(void *arg, const char *path, size_t *len, struct err *e)
{
	for (const struct file *f = arg; f->name != NULL; f++) {
		if (strcmp(f->name, path) != 0)
			continue;
		*len = strlen(f->text);
		return xstrdup(f->text);
	}
	err_set(e, ERR_USAGE, "the cue sheet %s cannot be read", path);
	return NULL;
}

static struct cue_sheet
good(const char *text)
{
	struct err e = { .kind = ERR_NONE };
	struct cue_sheet s;

	if (!cue_sheet_parse(&s, "show.cue", text, strlen(text), NULL, NULL, NULL, &e))
		fail_msg("%s\n  said: %s", text, e.text);
	return s;
}

static struct cue_sheet
good_files(struct file *files)
{
	struct err e = { .kind = ERR_NONE };
	struct cue_sheet s;

	if (!cue_sheet_parse(&s, files[0].name, files[0].text, strlen(files[0].text), NULL, load, files, &e))
		fail_msg("%s", e.text);
	return s;
}

static void
assert_refused(struct file *files, const char *says)
{
	struct err e = { .kind = ERR_NONE };
	struct cue_sheet s;

	assert_false(cue_sheet_parse(&s, files[0].name, files[0].text, strlen(files[0].text), NULL, load, files, &e));
	if (strncmp(e.text, says, strlen(says)) != 0)
		fail_msg("said:     %s\nexpected: %s", e.text, says);
	assert_int_equal(s.count, 0);
	assert_null(s.files);
}

static void
assert_freed(char *got, const char *want)
{
	assert_string_equal(got, want);
	free(got);
}

/* ---- WHEN ---- */

static void
beats_and_bars_are_counted_from_one(void **state)
{
	static const struct { const char *line; enum cue_when when; int64_t bar; double beats; } cases[] = {
		{ "at bar 17 cut left", CUE_AT_BAR, 17, 1 }, { "at bar 4.5 cut left", CUE_AT_BAR, 4, 5 },
		{ "at bar 1.10 cut left", CUE_AT_BAR, 1, 10 }, { "at bar 1000000 cut left", CUE_AT_BAR, 1000000, 1 },
		{ "after 4 beats cut left", CUE_AFTER_BEATS, 0, 4 }, { "after 1 beat cut left", CUE_AFTER_BEATS, 0, 1 },
		{ "after 0.5 beats cut left", CUE_AFTER_BEATS, 0, 0.5 }, { "after 2 bars cut left", CUE_AFTER_BARS, 0, 2 },
		{ "after  1  bar  cut left", CUE_AFTER_BARS, 0, 1 }, { "on beat cut left", CUE_ON_BEAT, 0, 0 },
		{ "on bar try cut left", CUE_ON_BAR, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cue_sheet s = good(cases[i].line);
		const struct cue *c = &s.cues[0];

		assert_int_equal(c->when, cases[i].when);
		assert_true(c->bar == cases[i].bar);
		assert_true(c->beats > cases[i].beats - 1e-9 && c->beats < cases[i].beats + 1e-9);
		assert_string_equal(c->text, "cut left");
		assert_true(cue_is_on_clock(c));
		cue_sheet_fini(&s);
	}
}

static void
times_of_the_day_count_from_midnight(void **state)
{
	static const struct { const char *line; int64_t us; } cases[] = {
		{ "at clock 20:15:00 cut left", INT64_C(72900000000) }, { "at clock 20:15 cut left", INT64_C(72900000000) },
		{ "at clock 00:00:00 cut left", 0 }, { "at clock 23:59:59.500 cut left", INT64_C(86399500000) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cue_sheet s = good(cases[i].line);

		assert_int_equal(s.cues[0].when, CUE_AT_CLOCK);
		assert_true(s.cues[0].time_us == cases[i].us);
		assert_false(cue_is_on_clock(&s.cues[0]));
		cue_sheet_fini(&s);
	}
}

static void
go_has_a_text_or_none(void **state)
{
	struct cue_sheet s = good("on go cut left\ngreet: on go \"say \\\"hello\\\"\"  must cut host\non go \"\" tag x");

	(void)state;
	assert_int_equal(s.cues[0].when, CUE_ON_GO);
	assert_null(s.cues[0].go_text);
	assert_string_equal(s.cues[1].go_text, "say \"hello\"");
	assert_string_equal(s.cues[1].name, "greet");
	assert_string_equal(s.cues[1].text, "cut host");
	assert_int_equal(s.cues[1].mood, CUE_MUST);
	assert_freed(cue_shown(&s.cues[1]), "on go \"say \\\"hello\\\"\"  must cut host");
	assert_freed(cue_shown(&s.cues[0]), "on go  cut left");
	assert_string_equal(s.cues[2].go_text, "");
	cue_sheet_fini(&s);
}

static void
events_may_name_a_camera_and_a_time(void **state)
{
	static const struct { const char *line; enum event_kind event; const char *node; int64_t us; const char *text; } cases[] = {
		{ "when node-lost cut safe", EV_NODE_LOST, "", -1, "cut safe" },
		{ "when node-lost wide cut safe", EV_NODE_LOST, "wide", -1, "cut safe" },
		{ "when saved 2 within 30s try fetch", EV_SAVED, "2", 30000000, "fetch" },
		{ "when saved within 1m cut left", EV_SAVED, "", 60000000, "cut left" },
		{ "when gesture \"iPhone 16\" tag x", EV_GESTURE, "iPhone 16", -1, "tag x" },
		{ "when gesture \"cut\" within 2s cut left", EV_GESTURE, "cut", 2000000, "cut left" },
		{ "when cut cut back", EV_CUT, "", -1, "cut back" },
		{ "when node-live 4d2a mmcamd", EV_NODE_LIVE, "4d2a", -1, "mmcamd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cue_sheet s = good(cases[i].line);
		const struct cue *c = &s.cues[0];

		assert_int_equal(c->when, CUE_WHEN);
		assert_int_equal(c->event, cases[i].event);
		assert_string_equal(c->node, cases[i].node);
		assert_true(c->time_us == cases[i].us);
		assert_string_equal(c->text, cases[i].text);
		assert_false(c->standing);
		cue_sheet_fini(&s);
	}
}

static void
a_rule_is_no_cue_in_the_row(void **state)
{
	struct cue_sheet s = good("lost: whenever program-lost left try cut safe\na: zero\nwhenever alarm cut next of a,b\nfinally quit");

	(void)state;
	assert_int_equal(s.count, 4);
	assert_true(s.cues[0].standing && s.cues[2].standing);
	assert_int_equal(s.cues[0].event, EV_PROGRAM_LOST);
	assert_string_equal(s.cues[0].node, "left");
	assert_int_equal(s.cues[0].mood, CUE_TRY);
	assert_string_equal(s.cues[0].text, "cut safe");
	assert_freed(cue_shown(&s.cues[0]), "whenever program-lost left  try cut safe");
	assert_non_null(s.cues[2].choice);
	assert_int_equal(s.row_count, 1);
	assert_int_equal(cue_sheet_find(&s, "a"), 1);
	assert_int_equal(cue_sheet_find(&s, "lost"), -1);
	assert_int_equal(cue_sheet_find(&s, ""), -1);
	assert_freed(cue_shown(&s.cues[3]), "finally  quit");
	cue_sheet_fini(&s);
}

/* ---- Repeats ---- */

static void
repeats_know_their_ends(void **state)
{
	struct cue_sheet s = good("zero\nturn: repeat 2\n cut a\n repeat 3 # inner\n  with cut b\n end\nend\ncut c\ncue jump turn");

	(void)state;
	assert_int_equal(s.count, 9);
	assert_int_equal(s.cues[1].kind, CUE_REPEAT);
	assert_int_equal(s.cues[1].repeat, 2);
	assert_int_equal(s.cues[1].partner, 6);
	assert_int_equal(s.cues[6].kind, CUE_END);
	assert_int_equal(s.cues[6].partner, 1);
	assert_int_equal(s.cues[3].repeat, 3);
	assert_int_equal(s.cues[3].partner, 5);
	assert_int_equal(s.cues[5].partner, 3);
	for (size_t i = 0; i < s.count; i++)
		assert_int_equal(s.cues[i].depth, "001121000"[i] - '0');
	assert_int_equal(cue_sheet_find(&s, "turn"), 1);
	assert_int_equal(s.row_count, 5);
	for (size_t i = 0; i < s.count; i++)
		assert_int_equal(s.cues[i].number, "112233345"[i] - '0');
	assert_freed(cue_shown(&s.cues[1]), "repeat 2");
	cue_sheet_fini(&s);
}

static void
repeats_nest_only_so_deep(void **state)
{
	struct buf b;
	struct cue_sheet s;
	struct err e;

	(void)state;
	buf_init(&b, 65536);
	for (int i = 0; i < MAX_CUE_REPEATS; i++)
		buf_add_text(&b, "repeat 2\n");
	buf_add_text(&b, "repeat 2\n");
	assert_false(cue_sheet_parse(&s, "x", buf_text(&b), b.len, NULL, NULL, NULL, &e));
	assert_string_equal(e.text, "x:17:1: too many repeats within each other; expected at most 16");
	buf_clear(&b);
	for (int i = 0; i < MAX_CUE_REPEATS; i++)
		buf_add_text(&b, "repeat 2\n");
	buf_add_text(&b, "zero\n");
	for (int i = 0; i < MAX_CUE_REPEATS; i++)
		buf_add_text(&b, "end\n");
	s = good(buf_text(&b));
	assert_int_equal(s.cues[16].depth, 16);
	assert_int_equal(s.cues[0].partner, 32);
	cue_sheet_fini(&s);
	buf_fini(&b);
}

/* ---- Variables ---- */

static void
a_variable_is_the_text_set_last_above(void **state)
{
	static const struct { const char *sheet, *text; } cases[] = {
		{ "set $cam left\ncut $cam", "cut left" },
		{ "  set   $cam\tleft  # that one\ncut $cam now", "cut left now" },
		{ "set $cam left\nset $cam right\ncut $cam", "cut right" },
		{ "set $a wide\nset $b $a,left\ncut $b", "cut wide,left" },
		{ "set $n 4\nset $n5 x\nzoom -t left $n.0", "zoom -t left 4.0" },
		{ "set $how 2.0 over 500ms\nzoom -t left $how", "zoom -t left 2.0 over 500ms" },
		{ "set $cam \"iPhone 16\"\ncut $cam", "cut \"iPhone 16\"" },
		{ "set $cam \"iPhone 16\"\ntag \"now $cam, all\"", "tag \"now iPhone 16, all\"" },
		{ "set $cam \"the \\\"big\\\" one\"\ntag \"$cam\"", "tag \"the \\\"big\\\" one\"" },
		{ "set $pair left,\"iPhone 16\"\ntag \"$pair\"", "tag \"left,\\\"iPhone 16\\\"\"" },
		{ "set $who \"# 1\"\ntag $who", "tag \"# 1\"" },
		{ "tag \"5$ or $$5, $$cam\"", "tag \"5$ or $5, $cam\"" },
		{ "tag \"a\\\\\" # $nobody", "tag \"a\\\\\"" },
		{ "set $word cut\n$word left", "cut left" },
		{ "set ack-timeout 2s", "set ack-timeout 2s" },
		{ "set $t 3s\nset ack-timeout $t", "set ack-timeout 3s" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cue_sheet s = good(cases[i].sheet);

		assert_int_equal(s.count, 1);
		assert_string_equal(s.cues[0].text, cases[i].text);
		cue_sheet_fini(&s);
	}
}

static void
variables_stand_anywhere_in_a_line(void **state)
{
	struct cue_sheet s = good("set $gap 2s\nset $n 3\nset $ev node-lost\nset $name sponsor\nset $bar 4.5\nset $mood try\n"
	    "repeat $n\nafter $gap cut left\nend\n$name: on go \"$name now\" cut host\nwhen $ev wide within $gap cut wide\n"
	    "at bar $bar $mood cut left\ncue jump $name\n");

	(void)state;
	assert_int_equal(s.cues[0].repeat, 3);
	assert_true(s.cues[1].time_us == 2000000);
	assert_string_equal(s.cues[1].when_text, "after 2s");
	assert_int_equal(s.cues[1].column, 12);		/* of the file, not of the line with its variables put in */
	assert_string_equal(s.cues[3].name, "sponsor");
	assert_string_equal(s.cues[3].go_text, "sponsor now");
	assert_int_equal(s.cues[4].event, EV_NODE_LOST);
	assert_true(s.cues[4].time_us == 2000000);
	assert_int_equal(s.cues[5].bar, 4);
	assert_int_equal(s.cues[5].mood, CUE_TRY);
	cue_sheet_fini(&s);
}

static void
variables_that_grow_meet_a_ceiling(void **state)
{
	struct buf b;
	struct cue_sheet s;
	struct err e;

	(void)state;
	buf_init(&b, 4 * MAX_CUE_SHEET);
	buf_add_text(&b, "set $a 0123456789abcdef\n");
	for (int i = 0; i < 20; i++)
		buf_add_text(&b, "set $a $a$a\n");
	assert_false(cue_sheet_parse(&s, "x", buf_text(&b), b.len, NULL, NULL, NULL, &e));
	assert_string_equal(e.text, "x:10:10: with its variables put in this line is too long; expected at most 4096 bytes");
	buf_clear(&b);
	for (int i = 0; i <= MAX_CUE_VARIABLES; i++)
		buf_add_format(&b, "set $v%d x\n", i);
	assert_false(cue_sheet_parse(&s, "x", buf_text(&b), b.len, NULL, NULL, NULL, &e));
	assert_string_equal(e.text, "x:1001:1: too many variables; expected at most 1000");
	buf_clear(&b);
	buf_add_text(&b, "set $a 0123456789abcdef\n");
	for (int i = 0; i < 7; i++)
		buf_add_text(&b, "set $a $a$a\n");
	for (int i = 0; i < 5000; i++)
		buf_add_text(&b, "tag $a\n");
	assert_false(cue_sheet_parse(&s, "x", buf_text(&b), b.len, NULL, NULL, NULL, &e));
	assert_non_null(strstr(e.text, ":1: the cue sheet is too large with its variables put in"));
	buf_fini(&b);
}

/* ---- Lists ---- */

static void
next_goes_round_the_list(void **state)
{
	struct cue_sheet s = good("set $pair left, \"iPhone 16\" ,2\ncut next of $pair --force\ncut next of left,\"iPhone 16\",2\ncut next of a");
	struct cue_chooser *c = cue_chooser_new(1);

	(void)state;
	assert_int_equal(s.cues[0].choice->count, 3);
	assert_string_equal(s.cues[0].text, "cut next of left, \"iPhone 16\" ,2 --force");
	assert_freed(cue_sample(&s.cues[0]), "cut left --force");
	assert_freed(cue_command(&s.cues[0], c), "cut left --force");
	assert_freed(cue_command(&s.cues[1], c), "cut \"iPhone 16\"");	/* the same list */
	assert_freed(cue_sample(&s.cues[0]), "cut left --force");
	assert_freed(cue_command(&s.cues[0], c), "cut 2 --force");
	assert_freed(cue_command(&s.cues[2], c), "cut a");
	assert_freed(cue_command(&s.cues[0], c), "cut left --force");
	assert_freed(cue_command(&s.cues[2], c), "cut a");
	cue_chooser_free(c);
	cue_chooser_free(NULL);
	cue_sheet_fini(&s);
}

static void
random_never_repeats_itself_and_its_seed_repeats_it(void **state)
{
	struct cue_sheet s = good("cut random of a,b,c,b\ncut random of one,one\nzero\ncut next of a,b,c,b");
	struct cue_chooser *c = cue_chooser_new(7), *again = cue_chooser_new(7), *other = cue_chooser_new(8);
	int seen[128] = { 0 }, differ = 0;
	char before = '\0';

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char *now = cue_command(&s.cues[0], c), *then = cue_command(&s.cues[0], again), *else_ = cue_command(&s.cues[0], other);

		assert_string_equal(now, then);
		differ += strcmp(now, else_) != 0;
		assert_int_not_equal(now[4], before);
		before = now[4];
		seen[(int)before]++;
		free(now);
		free(then);
		free(else_);
	}
	assert_true(differ > 500);
	assert_true(seen['a'] > 500 && seen['b'] > 500 && seen['c'] > 500);
	assert_freed(cue_command(&s.cues[1], c), "cut one");
	assert_freed(cue_command(&s.cues[1], c), "cut one");
	assert_freed(cue_command(&s.cues[2], c), "zero");
	assert_freed(cue_sample(&s.cues[2]), "zero");
	cue_chooser_free(c);
	cue_chooser_free(again);
	cue_chooser_free(other);
	cue_sheet_fini(&s);
}

static void
quoted_next_is_a_camera(void **state)
{
	struct cue_sheet s = good("cut \"next\"\ncut next of black,safe");

	(void)state;
	assert_null(s.cues[0].choice);
	assert_string_equal(s.cues[1].choice->names[0], "black");
	cue_sheet_fini(&s);
}

/* ---- Included files ---- */

static void
includes_are_read_where_they_stand(void **state)
{
	struct file files[] = {
		{ "shows/a.cue", "set $cam left\nzero\ninclude parts/b.cue # now\ncut $cam\ncue jump b2\n" },
		{ "shows/parts/b.cue", "\xef\xbb\xbf" "with cut $cam\ninclude \"c d.cue\"\nb2: cut b2" },
		{ "shows/parts/c d.cue", "repeat 2\n  cut c\nend\nset $cam right\ninclude /etc/e.cue\n" },
		{ "/etc/e.cue", "finally cut e\r\n" },
		{ NULL, NULL },
	};
	struct cue_sheet s = good_files(files);
	static const char *const texts[] = { "zero", "cut left", "", "cut c", "", "cut e", "cut b2", "cut right", "cue jump b2" };
	static const int lines[] = { 2, 1, 1, 2, 3, 1, 3, 4, 5 };
	static const int of[] = { 0, 1, 2, 2, 2, 3, 1, 0, 0 };

	(void)state;
	assert_int_equal(s.count, 9);
	assert_int_equal(s.file_count, 4);
	for (size_t i = 0; i < s.count; i++) {
		assert_string_equal(s.cues[i].text, texts[i]);
		assert_int_equal(s.cues[i].line, lines[i]);
		assert_string_equal(s.cues[i].file, files[of[i]].name);
	}
	assert_int_equal(s.cues[1].column, 6);
	assert_string_equal(s.files[2], "shows/parts/c d.cue");
	cue_sheet_fini(&s);
}

static void
included_mistakes_are_told_by_their_own_file(void **state)
{
	static struct file sheets[][4] = {
		{ { "a.cue", "zero\n include  b.cue" }, { "b.cue", "zero\n\nat x cut" }, { NULL, NULL } },
		{ { "x/a.cue", "include ./b.cue\ncut $no" }, { "x/b.cue", "zero\n" }, { NULL, NULL } },
		{ { "a.cue", "zero\n\tinclude gone.cue" }, { NULL, NULL } },
		{ { "a.cue", "include" }, { NULL, NULL } },
		{ { "a.cue", "include b.cue c.cue" }, { NULL, NULL } },
		{ { "a.cue", "include \"b.cue" }, { NULL, NULL } },
		{ { "a.cue", "include a.cue" }, { NULL, NULL } },
		{ { "d/a.cue", "include b.cue" }, { "d/b.cue", "zero\ninclude ./a.cue" }, { NULL, NULL } },
		{ { "a.cue", "repeat 2\nzero\ninclude b.cue" }, { "b.cue", "end" }, { NULL, NULL } },
		{ { "a.cue", "include b.cue\nend" }, { "b.cue", "zero\n repeat 2\nzero" }, { NULL, NULL } },
		{ { "a.cue", "x: zero\ninclude b.cue" }, { "b.cue", "zero\nx: zero" }, { NULL, NULL } },
		{ { "a.cue", "include b.cue\nx: zero" }, { "b.cue", "zero\nx: zero" }, { NULL, NULL } },
		{ { "a.cue", "zero\ninclude b.cue" }, { "b.cue", "cue jump y" }, { NULL, NULL } },
		{ { "a.cue", "include b.cue" }, { "b.cue", "finally include c.cue" }, { NULL, NULL } },
	};
	static const char *const says[] = {
		"b.cue:3:4: expected a time after `at`",
		"x/a.cue:2:5: the variable $no is not set",
		"a.cue:2:10: the cue sheet gone.cue cannot be read",
		"a.cue:1:8: expected a file after `include`, relative to",
		"a.cue:1:15: expected nothing after the file's name",
		"a.cue:1:9: expected a file after `include`",
		"a.cue:1:9: a.cue is being read already: a file cannot include itself",
		"d/b.cue:2:9: ./a.cue is being read already",
		"b.cue:1:1: no repeat of this file is open here",
		"b.cue:2:2: this repeat has no `end` in this file",
		"b.cue:2:1: the name x is taken by line 1 of a.cue; expected another",
		"a.cue:2:1: the name x is taken by line 2 of b.cue; expected another",
		"b.cue:1:10: no cue has the name \"y\"",
		"b.cue:1:9: `include` cannot stand here",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		assert_refused(sheets[i], says[i]);
}

static void
includes_nest_only_so_deep_and_so_many(void **state)
{
	struct file files[MAX_INCLUDE_DEPTH + 3] = { { NULL, NULL } };
	char names[MAX_INCLUDE_DEPTH + 2][16], texts[MAX_INCLUDE_DEPTH + 2][32];
	struct buf b;
	struct cue_sheet s;

	(void)state;
	for (int i = 0; i < MAX_INCLUDE_DEPTH + 2; i++) {
		snprintf(names[i], sizeof names[i], "%d.cue", i);
		snprintf(texts[i], sizeof texts[i], "include %d.cue", i + 1);
		files[i] = (struct file){ names[i], texts[i] };
	}
	assert_refused(files, "8.cue:1:9: includes nest too deep; expected at most 8 within each other");
	files[MAX_INCLUDE_DEPTH].text = "zero";
	s = good_files(files);
	assert_int_equal(s.file_count, 9);
	cue_sheet_fini(&s);

	buf_init(&b, 65536);
	for (int i = 0; i < MAX_CUE_FILES; i++)
		buf_add_text(&b, "include 8.cue\n");
	files[0].text = buf_text(&b);
	assert_refused(files, "0.cue:256:9: too many files; expected at most 256 in one sheet");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beats_and_bars_are_counted_from_one),
		cmocka_unit_test(times_of_the_day_count_from_midnight),
		cmocka_unit_test(go_has_a_text_or_none),
		cmocka_unit_test(events_may_name_a_camera_and_a_time),
		cmocka_unit_test(a_rule_is_no_cue_in_the_row),
		cmocka_unit_test(repeats_know_their_ends),
		cmocka_unit_test(repeats_nest_only_so_deep),
		cmocka_unit_test(a_variable_is_the_text_set_last_above),
		cmocka_unit_test(variables_stand_anywhere_in_a_line),
		cmocka_unit_test(variables_that_grow_meet_a_ceiling),
		cmocka_unit_test(next_goes_round_the_list),
		cmocka_unit_test(random_never_repeats_itself_and_its_seed_repeats_it),
		cmocka_unit_test(quoted_next_is_a_camera),
		cmocka_unit_test(includes_are_read_where_they_stand),
		cmocka_unit_test(included_mistakes_are_told_by_their_own_file),
		cmocka_unit_test(includes_nest_only_so_deep_and_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
