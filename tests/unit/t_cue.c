/*
 * t_cue.c - cue sheets: what a good line means, and that the first bad one is named by file, line and column.
 * Sheets of tests/data/cues are found from srcdir, the top of the tree or its tests.
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
#include "base/str.h"
#include "domain/cue.h"

/* A language of few verbs; "column N" as argument makes the checker point there. */
static bool
check_verb(void *arg, const char *text, int *column, struct err *e)
{
	static const char *const verbs[] = { "cut", "record", "tag", "label", "zoom", "quit", "preview", "set", "cue", NULL };
	struct cmdline c;
	bool known = false;

	++*(int *)arg;
	if (!cmdline_parse(&c, text, column, e)) {
		cmdline_fini(&c);
		return false;
	}
	for (int i = 0; verbs[i] != NULL; i++)
		known = known || strcmp(c.words[0], verbs[i]) == 0;
	*column = c.column[0];
	if (known && c.count > 1 && strcmp(c.words[1], "nowhere") == 0) {
		*column = c.column[1];
		known = false;
	}
	cmdline_fini(&c);
	return known || err_set(e, ERR_USAGE, "expected something known");
}

static bool
parse(struct cue_sheet *s, const char *text, struct err *e)
{
	int checked = 0;

	return cue_sheet_parse(s, "show.cue", text, strlen(text), check_verb, NULL, &checked, e);
}

struct good_case {
	const char *line, *name;
	enum cue_when when;
	int64_t time_us;
	enum cue_mood mood;
	bool finally;
	const char *text;
	int column;
	const char *class;	/* wait, expect, zero, quit or "" */
};

static const struct good_case good_cases[] = {
	{ "cut left", "", CUE_THEN, 0, CUE_PLAIN, false, "cut left", 1, "" },
	{ "\t cut  left\t", "", CUE_THEN, 0, CUE_PLAIN, false, "cut  left", 3, "" },
	{ "at 1.5s cut left", "", CUE_AT, 1500000, CUE_PLAIN, false, "cut left", 9, "" },
	{ "at 00:01:02.500 cut left", "", CUE_AT, 62500000, CUE_PLAIN, false, "cut left", 17, "" },
	{ "at 4:00 cut left", "", CUE_AT, 240000000, CUE_PLAIN, false, "cut left", 9, "" },
	{ "after 500us cut left", "", CUE_AFTER, 500, CUE_PLAIN, false, "cut left", 13, "" },
	{ "after  2m  must  cut left # x", "", CUE_AFTER, 120000000, CUE_MUST, false, "cut left", 18, "" },
	{ "try record stop", "", CUE_THEN, 0, CUE_TRY, false, "record stop", 5, "" },
	{ "intro: cut left", "intro", CUE_THEN, 0, CUE_PLAIN, false, "cut left", 8, "" },
	{ "a.b-c_9: at 0s try cut left", "a.b-c_9", CUE_AT, 0, CUE_TRY, false, "cut left", 20, "" },
	{ "go: cut left", "go", CUE_THEN, 0, CUE_PLAIN, false, "cut left", 5, "" },
	{ "finally record stop", "", CUE_THEN, 0, CUE_PLAIN, true, "record stop", 9, "" },
	{ "last: finally try record stop", "last", CUE_THEN, 0, CUE_TRY, true, "record stop", 19, "" },
	{ "wait nodes 4 within 10s", "", CUE_THEN, 0, CUE_PLAIN, false, "wait nodes 4 within 10s", 1, "wait" },
	{ "try wait take saved all", "", CUE_THEN, 0, CUE_TRY, false, "wait take saved all", 5, "wait" },
	{ "finally wait take saved all", "", CUE_THEN, 0, CUE_PLAIN, true, "wait take saved all", 9, "wait" },
	{ "expect program left", "", CUE_THEN, 0, CUE_PLAIN, false, "expect program left", 1, "expect" },
	{ "zero", "", CUE_THEN, 0, CUE_PLAIN, false, "zero", 1, "zero" },
	{ "zero # the show begins", "", CUE_THEN, 0, CUE_PLAIN, false, "zero", 1, "zero" },
	{ "at 10s quit", "", CUE_AT, 10000000, CUE_PLAIN, false, "quit", 8, "quit" },
	{ "tag \"# at 5s\"", "", CUE_THEN, 0, CUE_PLAIN, false, "tag \"# at 5s\"", 1, "" },
	{ "after 1s tag \"with: 'quotes' \\\" and \\\\\"", "", CUE_AFTER, 1000000, CUE_PLAIN, false,
	    "tag \"with: 'quotes' \\\" and \\\\\"", 10, "" },
	{ "cut \"next\"", "", CUE_THEN, 0, CUE_PLAIN, false, "cut \"next\"", 1, "" },
	{ "set ack-timeout 2s", "", CUE_THEN, 0, CUE_PLAIN, false, "set ack-timeout 2s", 1, "" },
	{ "tag \xe5\xb7\xa6", "", CUE_THEN, 0, CUE_PLAIN, false, "tag \xe5\xb7\xa6", 1, "" },
};

static void
lines_mean_what_they_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++) {
		const struct good_case *t = &good_cases[i];
		struct err e = { .kind = ERR_NONE };
		struct cue_sheet s;
		const struct cue *c;

		if (!parse(&s, t->line, &e))
			fail_msg("%s: %s", t->line, e.text);
		assert_int_equal(s.count, 1);
		c = &s.cues[0];
		assert_string_equal(c->file, "show.cue");
		assert_int_equal(c->line, 1);
		assert_int_equal(c->column, t->column);
		assert_string_equal(c->name, t->name);
		assert_int_equal(c->when, t->when);
		assert_true(c->time_us == t->time_us);
		assert_int_equal(c->mood, t->mood);
		assert_int_equal(c->finally, t->finally);
		assert_string_equal(c->text, t->text);
		assert_int_equal(c->is_wait, strcmp(t->class, "wait") == 0);
		assert_int_equal(c->is_expect, strcmp(t->class, "expect") == 0);
		assert_int_equal(c->is_zero, strcmp(t->class, "zero") == 0);
		assert_int_equal(c->is_quit, strcmp(t->class, "quit") == 0);
		cue_sheet_fini(&s);
	}
}

static const struct { const char *text, *says; } bad_cases[] = {
	/* beats, bars, the clock */
	{ "on", "show.cue:1:3: expected beat, bar or go after `on`" },
	{ "on bear cut left", "show.cue:1:4: expected beat, bar or go after `on`" },
	{ "on bar", "show.cue:1:7: expected a command after on bar" },
	{ "at bar cut left", "show.cue:1:8: expected a bar after `at bar`" },
	{ "at bar 0 cut left", "show.cue:1:8: expected a bar after `at bar`" },
	{ "at bar 4.0 cut left", "show.cue:1:8: expected a bar after `at bar`" },
	{ "at bar 4.65 cut left", "show.cue:1:8: expected a bar after `at bar`" },
	{ "at bar 4.5.1 cut left", "show.cue:1:8: expected a bar after `at bar`" },
	{ "at bar", "show.cue:1:7: expected a bar after `at bar`" },
	{ "at clock", "show.cue:1:9: expected a time of the day" },
	{ "at clock 24:00:00 cut left", "show.cue:1:10: expected a time of the day" },
	{ "at clock 20s cut left", "show.cue:1:10: expected a time of the day" },
	{ "at clock 5:00 cut left", "show.cue:1:10: expected a time of the day" },
	{ "after 0 beats cut left", "show.cue:1:7: expected a number above 0 after `after`, such as 4 beats" },
	{ "after -1 bars cut left", "show.cue:1:7: expected a number above 0 after `after`, such as 4 bars" },
	{ "after some bars cut left", "show.cue:1:7: expected a number above 0" },
	{ "on beat on bar cut left", "show.cue:1:9: `on bar` cannot stand here" },
	{ "on go on go cut left", "show.cue:1:7: `on go` cannot stand here" },
	{ "on go \"sponsor", "show.cue:1:7: expected a closing quote" },
	{ "on go sponsor cut left", "show.cue:1:7: expected something known (the text of a go stands in quotes: on go \"sponsor\")" },
	{ "on go start cut left", "show.cue:1:7: expected something known (the text of a go stands in quotes: on go \"start\")" },
	{ "a: a: zero", "show.cue:1:4: `a:` cannot stand here: a cue has one NAME:, first on its line" },
	{ "after 5s try a: zero", "show.cue:1:14: `a:` cannot stand here: a cue has one NAME:, first on its line" },
	{ "on go \"a\" \"b\" cut", "show.cue:1:11: expected something known" },
	{ "on go 'sponsor' cut", "show.cue:1:7: expected straight double quotes around the text" },
	{ "on go \xe2\x80\x9csponsor\xe2\x80\x9d cut", "show.cue:1:7: expected straight double quotes around the text" },
	{ "when program-lost then cut safe", "show.cue:1:19: expected something known" },
	/* events */
	{ "when", "show.cue:1:5: expected an event after `when`, such as" },
	{ "when node-lst cut left", "show.cue:1:6: expected an event after `when`; the nearest to \"node-lst\" is node-lost" },
	{ "when \"node-lost\" cut left", "show.cue:1:6: expected an event after `when`" },
	{ "when node-info cut left", "show.cue:1:6: expected an event after `when`" },
	{ "when node-lost", "show.cue:1:15: expected a command after when node-lost" },
	{ "when node-lost wide", "show.cue:1:16: expected something known" },
	{ "when node-lost \"\" cut left", "show.cue:1:16: expected a camera's name of 1 to 255 bytes" },
	{ "when node-lost within cut left", "show.cue:1:23: expected a time after `within`" },
	{ "when node-lost wide within 5 cut left", "show.cue:1:28: expected a time after `within`" },
	{ "when node-lost cutt left", "show.cue:1:21: expected something known (\"cutt\" before it was read as a camera)" },
	{ "whenever", "show.cue:1:9: expected an event after `whenever`" },
	{ "whenever alarm within 5s tag x", "show.cue:1:16: `whenever` stands for the whole sheet" },
	{ "whenever alarm wait nodes 2", "show.cue:1:16: `wait` stands in the row of cues" },
	{ "whenever alarm try expect armed", "show.cue:1:20: `expect` stands in the row of cues" },
	{ "whenever alarm zero", "show.cue:1:16: `zero` stands in the row of cues" },
	{ "whenever alarm after 2s cut", "show.cue:1:16: `after` cannot stand here" },
	{ "after 2s whenever alarm cut", "show.cue:1:10: `whenever` cannot stand here" },
	{ "whenever alarm finally cut", "show.cue:1:16: `finally` takes no WHEN" },
	{ "whenever alarm tag x\nwith cut left", "show.cue:2:1: `with` needs a cue before it" },
	/* repeat */
	{ "repeat", "show.cue:1:7: expected how often after `repeat`, from 1 to 10000" },
	{ "repeat 0\nzero\nend", "show.cue:1:8: expected how often" },
	{ "repeat 10001\nzero\nend", "show.cue:1:8: expected how often" },
	{ "repeat 2 times\nzero\nend", "show.cue:1:10: expected nothing after repeat 2" },
	{ "zero\n  repeat 4\nzero\n", "show.cue:2:3: this repeat has no `end` in this file" },
	{ "repeat 2\nrepeat 3\nzero\nend\n", "show.cue:1:1: this repeat has no `end`" },
	{ "zero\nend", "show.cue:2:1: no repeat of this file is open here" },
	{ "repeat 2\n# zero\nend", "show.cue:3:1: nothing stands between repeat and end" },
	{ "repeat 2\nzero\nend now", "show.cue:3:5: expected nothing after end" },
	{ "repeat 2\nzero\nx: end", "show.cue:3:4: `end` takes no NAME" },
	{ "after 2s repeat 2", "show.cue:1:10: `repeat` cannot stand here" },
	{ "try end", "show.cue:1:5: `end` cannot stand here" },
	{ "repeat 2\nfinally record stop\nend", "show.cue:2:1: `finally` cannot stand between repeat and end" },
	{ "repeat 2\nwhenever alarm tag x\nend", "show.cue:2:1: `whenever` cannot stand between repeat and end" },
	{ "repeat 2\nwith cut left\nend", "show.cue:2:1: `with` needs a cue before it" },
	/* variables */
	{ "cut $pair", "show.cue:1:5: the variable $pair is not set above this line; expected `set $pair VALUE` there" },
	{ "cut $pair\nset $pair left", "show.cue:1:5: the variable $pair is not set above" },
	{ "set $pair left\n  cut $piar", "show.cue:2:7: the variable $piar is not set above this line; the nearest is $pair" },
	{ "set $pair", "show.cue:1:10: expected a value" },
	{ "set $pair # left", "show.cue:1:10: expected a value" },
	{ "set $ left", "show.cue:1:5: expected `set $NAME VALUE`" },
	{ "set $2 left", "show.cue:1:5: expected `set $NAME VALUE`" },
	{ "set $a-b left", "show.cue:1:5: expected `set $NAME VALUE`" },
	{ "set $a2345678901234567890123456789012 left", "show.cue:1:5: expected `set $NAME VALUE`" },
	{ "set $a \"left", "show.cue:1:8: expected a closing quote" },
	{ "set $a 1\nset $b $a \"left", "show.cue:2:11: expected a closing quote" },
	{ "x: set $pair left", "show.cue:1:8: `set $pair` stands first on its line" },
	{ "set $a 1\nafter 2s set $a 2", "show.cue:2:10: `set $NAME VALUE` stands first on its line" },
	{ "set $gap 2\nafter $gap cut left", "show.cue:2:7: expected a time after `after`" },
	{ "set $to nowhere\ncut $to # there", "show.cue:2:5: expected something known" },
	{ "set $n none\nrepeat $n\nzero\nend", "show.cue:2:8: expected how often" },
	{ "set $x y z\ncut $x $x nowhere cutt\nwait $x nods", "show.cue:3:6: expected nodes, take" },
	{ "set $pair = left,right", "show.cue:1:11: expected the value right behind its name, without `=`" },
	{ "set  nowhere left,right", "show.cue:1:6: expected something known (a variable has a dollar: set $NAME VALUE)" },
	/* lists */
	{ "cut nxt of left,right", "show.cue:1:5: expected cut next of LIST or cut random of LIST" },
	{ "cut next", "show.cue:1:9: expected cut next of LIST" },
	{ "after 1s cut next $pair", "show.cue:1:19: the variable $pair is not set" },
	{ "after 1s cut next left", "show.cue:1:19: expected cut next of LIST" },
	{ "try cut random of", "show.cue:1:18: expected a camera of the list" },
	{ "cut next of left,", "show.cue:1:18: expected a camera of the list" },
	{ "cut next of left,,right", "show.cue:1:18: expected a camera of the list" },
	{ "cut next of left,--force", "show.cue:1:18: expected a camera of the list" },
	{ "cut next of left, now", "show.cue:1:19: expected a camera of the list" },
	{ "cut next of left,\"right", "show.cue:1:18: expected a closing quote" },
	{ "cut next of \"left\"right", "show.cue:1:19: expected a comma or a blank" },
	{ "cut next of left,nowhere", "show.cue:1:13: nowhere: expected something known" },
	/* jumps */
	{ "a: zero\non go cue jump b", "show.cue:2:16: no cue has the name \"b\"; the nearest is a" },
	{ "cue jump sponsor", "show.cue:1:10: no cue has the name \"sponsor\"; expected the NAME of a cue" },
	{ "last: finally record stop\ncue jump last", "show.cue:2:10: last is no cue in the row" },
	{ "lost: whenever alarm tag x\ncue jump lost", "show.cue:2:10: lost is no cue in the row" },
	/* include */
	{ "include other.cue", "show.cue:1:1: `include` is of no use here: this sheet is no file" },
	{ "x: include other.cue", "show.cue:1:4: `include` takes no NAME" },
	{ "after 2s include other.cue", "show.cue:1:10: `include` cannot stand here" },
	/* WHEN */
	{ "at", "show.cue:1:3: expected a time after `at`" },
	{ "at cut left", "show.cue:1:4: expected a time after `at`" },
	{ "at 5 cut left", "show.cue:1:4: expected a time after `at`" },
	{ "at -5s cut left", "show.cue:1:4: expected a time after `at`" },
	{ "at \"5s\" cut left", "show.cue:1:4: expected a time after `at`" },
	{ "after # 2s cut left", "show.cue:1:6: expected a time after `after`" },
	{ "after 99999999999999999999999999999999999999999999999999999999999999999999s cut", "show.cue:1:7: expected a time" },
	{ "at 5s", "show.cue:1:6: expected a command" },
	{ "at 5s # cut left", "show.cue:1:6: expected a command" },
	{ "at 5s after 2s cut left", "show.cue:1:7: `after` cannot stand here" },
	{ "zero\nat 5s with cut left", "show.cue:2:7: `with` cannot stand here" },
	{ "with cut left", "show.cue:1:1: `with` needs a cue before it" },
	{ "  with cut left", "show.cue:1:3: `with` needs a cue before it" },
	{ "finally record stop\nwith cut left", "show.cue:2:1: `with` needs a cue before it" },
	/* moods */
	{ "try", "show.cue:1:4: expected a command after try" },
	{ "must # now", "show.cue:1:5: expected a command after must" },
	{ "try at 5s cut left", "show.cue:1:5: `at` cannot stand here" },
	{ "try must cut left", "show.cue:1:5: expected one of try and must" },
	{ "must try cut left", "show.cue:1:6: expected one of try and must" },
	{ "finally", "show.cue:1:8: expected a command after finally" },
	{ "finally must record stop", "show.cue:1:9: expected try or a command after finally" },
	{ "finally after 2s record stop", "show.cue:1:9: `after` cannot stand here" },
	{ "after 2s finally record stop", "show.cue:1:10: `finally` takes no WHEN" },
	{ "try finally record stop", "show.cue:1:5: `finally` stands first" },
	{ "finally finally record stop", "show.cue:1:9: `finally` stands first" },
	/* names */
	{ "finally: record stop", "show.cue:1:1: `finally:` would be a NAME; expected another, or `finally` without the colon" },
	{ "zero\n with: cut left", "show.cue:2:2: `with:` would be a NAME" },
	{ "intro:", "show.cue:1:7: expected a command" },
	{ ": cut left", "show.cue:1:1: expected NAME: of at most 63" },
	{ "in/tro: cut left", "show.cue:1:1: expected NAME: of at most 63" },
	{ "intro:cut left", "show.cue:1:1: expected a blank behind the colon" },
	{ "n123456789012345678901234567890123456789012345678901234567890123: cut", "show.cue:1:1: expected NAME: of at most 63" },
	{ "a: zero\nb: zero\na: zero", "show.cue:3:1: the name a is taken by line 1" },
	/* commands, by their own column */
	{ "cutt left", "show.cue:1:1: expected something known" },
	{ "  after 2s try cutt left", "show.cue:1:16: expected something known" },
	{ "zero\n\n# x\nafter 2s cut nowhere", "show.cue:4:14: expected something known" },
	{ "after 2s tag \"good", "show.cue:1:14: expected a closing quote" },
	{ "after 2s tag \"a\\n\"", "show.cue:1:16: expected \\\" or \\\\" },
	{ "after 2s record -t", "show.cue:1:19: expected targets after -t" },
	{ "after 2s -t left cut", "show.cue:1:10: expected a command first" },
	{ "\"cut\"x left", "show.cue:1:6: expected a blank" },
	{ "zero now", "show.cue:1:6: expected nothing after zero" },
	{ "zero --force", "show.cue:1:1: expected nothing after zero" },
	{ "  wait nods 4", "show.cue:1:8: expected nodes, take" },
	{ "after 1s wait nodes 4 within", "show.cue:1:30: expected a time" },
	{ "expect ack all", "show.cue:1:16: expected within TIME" },
	{ "try wait ack all within 2s", "show.cue:1:10: `ack` is judged" },
	/* characters */
	{ "tag \xff", "show.cue:1:5: this byte is not UTF-8" },
	{ "zero\nzero # \xc3", "show.cue:2:8: this byte is not UTF-8" },
	{ "zero\n\xef\xbb\xbf" "cutt", "show.cue:2:1: expected something known" },
	{ "zero\ntag a\x1b[2J", "show.cue:2:6: a control character (U+001B)" },
	{ "zero\rzero", "show.cue:1:5: a control character (U+000D)" },
	/* the first one counts */
	{ "zero\ncutt\non bear cut\n", "show.cue:2:1: expected something known" },
};

static void
first_error_is_told_by_line_and_column(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
		struct err e = { .kind = ERR_NONE };
		struct cue_sheet s;

		if (parse(&s, bad_cases[i].text, &e))
			fail_msg("accepted: %s", bad_cases[i].text);
		if (strncmp(e.text, bad_cases[i].says, strlen(bad_cases[i].says)) != 0)
			fail_msg("%s\n  said:     %s\n  expected: %s", bad_cases[i].text, e.text, bad_cases[i].says);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_int_equal(s.count, 0);
		assert_null(s.cues);
	}
}

static void
line_ends_of_every_kind_are_read(void **state)
{
	static const struct { const char *text; size_t count; int last_line; } cases[] = {
		{ "", 0, 0 }, { "\n", 0, 0 }, { "\r\n\r\n", 0, 0 }, { "# x", 0, 0 }, { "\xef\xbb\xbf", 0, 0 },
		{ "zero", 1, 1 }, { "zero\n", 1, 1 }, { "zero\r\n", 1, 1 }, { "zero\r\nzero", 2, 2 }, { "\n\n\nzero", 1, 4 },
		{ "\xef\xbb\xbfzero\nzero\n\n", 2, 2 }, { "zero \r\n\t\r\n \tzero\t\r\n", 2, 3 },
	};
	struct cue_sheet s;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!parse(&s, cases[i].text, &e))
			fail_msg("case %zu: %s", i, e.text);
		assert_int_equal(s.count, cases[i].count);
		if (s.count > 0)
			assert_int_equal(s.cues[s.count - 1].line, cases[i].last_line);
		cue_sheet_fini(&s);
	}
	cue_sheet_fini(&s);
	cue_sheet_fini(NULL);
}

static void
text_ends_where_it_ends(void **state)
{
	const char text[] = { 'z', 'e', 'r', 'o', '\n', 'c', 'u', 't', '!', '!' };
	const char nul[] = { 'z', 'e', 'r', 'o', '\0', '\n' };
	struct cue_sheet s;
	struct err e;
	int checked = 0;

	(void)state;
	assert_true(cue_sheet_parse(&s, "-", text, 8, check_verb, NULL, &checked, &e));
	assert_int_equal(s.count, 2);
	assert_string_equal(s.cues[1].text, "cut");
	assert_int_equal(checked, 1);		/* zero is the sheet's own */
	cue_sheet_fini(&s);
	assert_false(cue_sheet_parse(&s, "-", nul, sizeof(nul), check_verb, NULL, &checked, &e));
	assert_string_equal(e.text, "-:1:5: a control character (U+0000) stands here; expected printable text");
}

static void
after_first_counts_from_the_beginning(void **state)
{
	struct cue_sheet s;
	struct err e;

	(void)state;
	assert_true(parse(&s, "after 2s cut left\nwith tag x\nfinally record stop\nwith cut right", &e));
	assert_int_equal(s.count, 4);
	assert_int_equal(s.cues[0].when, CUE_AFTER);
	assert_int_equal(s.cues[1].when, CUE_WITH);
	assert_int_equal(s.cues[3].when, CUE_WITH);
	cue_sheet_fini(&s);
}

static void
lines_cues_and_sheets_have_ceilings(void **state)
{
	struct buf b;
	struct cue_sheet s;
	struct err e;

	(void)state;
	buf_init(&b, 4 * MAX_CUE_SHEET);
	buf_add_text(&b, "zero\ntag ");
	while (b.len < 5 + MAX_COMMAND_LINE)
		buf_add_text(&b, "a");
	assert_true(parse(&s, buf_text(&b), &e));
	cue_sheet_fini(&s);
	buf_add_text(&b, "a\ncutt");
	assert_false(parse(&s, buf_text(&b), &e));
	assert_string_equal(e.text, "show.cue:2:4097: this line is too long; expected at most 4096 bytes");

	buf_clear(&b);
	for (int i = 0; i < MAX_CUES; i++)
		buf_add_text(&b, "zero\n");
	assert_true(parse(&s, buf_text(&b), &e));
	assert_int_equal(s.count, MAX_CUES);
	cue_sheet_fini(&s);
	buf_add_text(&b, "# a comment more\n\nzero\n");
	assert_false(parse(&s, buf_text(&b), &e));
	assert_string_equal(e.text, "show.cue:20003:1: too many cues; expected at most 20000 in one sheet");

	while (b.len <= MAX_CUE_SHEET)
		buf_add_text(&b, "#############################\n");
	assert_false(parse(&s, buf_text(&b), &e));
	assert_string_equal(e.text, "show.cue:1:1: the cue sheet is too large; expected at most 1048576 bytes");
	buf_fini(&b);
}

static void
long_or_wild_file_names_leave_room_for_the_sentence(void **state)
{
	char file[600];
	struct cue_sheet s;
	struct err e;
	int checked = 0;

	(void)state;
	memset(file, 'd', sizeof(file));
	strcpy(file + 500, "/show\x1b.cue");
	assert_false(cue_sheet_parse(&s, file, "on bear cu", 10, check_verb, NULL, &checked, &e));
	assert_string_equal(e.text, "show\xef\xbf\xbd.cue:1:4: expected beat, bar or go after `on`");
	file[500] = 'd';
	assert_false(cue_sheet_parse(&s, file, "on bear cu", 10, check_verb, NULL, &checked, &e));
	assert_non_null(strstr(e.text, "d:1:4: expected beat, bar or go after `on`"));
	assert_false(cue_sheet_parse(&s, file, "on bear cu", 10, check_verb, NULL, &checked, NULL));
}

static void
without_a_checker_any_command_passes(void **state)
{
	struct cue_sheet s;
	struct err e;

	(void)state;
	assert_true(cue_sheet_parse(&s, "x", "frobnicate 1", 12, NULL, NULL, NULL, &e));
	assert_int_equal(s.count, 1);
	cue_sheet_fini(&s);
}

/* ---- Sheets on disk ---- */

static bool
parse_file(struct cue_sheet *s, const char *name, struct err *e)
{
	static const char *const places[] = { "tests/data/cues", "data/cues", "../data/cues" };
	const char *srcdir = getenv("srcdir");
	static char text[65536];
	char path[1024];
	FILE *f = NULL;
	size_t len;
	int checked = 0;

	for (size_t i = 0; f == NULL && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", srcdir != NULL ? srcdir : ".", places[i], name);
		f = fopen(path, "rb");
	}
	if (f == NULL)
		fail_msg("%s is not found; run from the source tree or set srcdir", name);
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	return cue_sheet_parse(s, name, text, len, check_verb, NULL, &checked, e);
}

static void
sheets_on_disk_are_read(void **state)
{
	struct cue_sheet s;
	struct err e = { .kind = ERR_NONE };

	(void)state;
	if (!parse_file(&s, "saturday.cue", &e))
		fail_msg("%s", e.text);
	assert_int_equal(s.count, 16);
	assert_int_equal(s.cues[7].when, CUE_AT);
	assert_string_equal(s.cues[7].name, "opening");
	assert_int_equal(s.cues[8].when, CUE_WITH);
	assert_string_equal(s.cues[8].text, "tag \"good laugh\"");
	assert_true(s.cues[14].is_expect);
	assert_true(s.cues[15].is_quit);
	cue_sheet_fini(&s);
	assert_true(parse_file(&s, "windows.cue", &e));
	assert_int_equal(s.count, 3);
	assert_int_equal(s.cues[1].column, 8);
	assert_string_equal(s.cues[1].text, "cut left");
	cue_sheet_fini(&s);
	assert_true(parse_file(&s, "empty.cue", &e));
	assert_int_equal(s.count, 0);
	cue_sheet_fini(&s);
}

static void
bad_sheets_on_disk_are_refused(void **state)
{
	static const struct { const char *file, *says; } cases[] = {
		{ "bad-latin1.cue", "bad-latin1.cue:3:15: this byte is not UTF-8; expected UTF-8 text" },
		{ "bad-bar.cue", "bad-bar.cue:3:4: expected beat, bar or go after `on`" },
		{ "bad-command.cue", "bad-command.cue:2:16: expected something known" },
	};
	struct cue_sheet s;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(parse_file(&s, cases[i].file, &e));
		assert_string_equal(e.text, cases[i].says);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_mean_what_they_say),
		cmocka_unit_test(first_error_is_told_by_line_and_column),
		cmocka_unit_test(line_ends_of_every_kind_are_read),
		cmocka_unit_test(text_ends_where_it_ends),
		cmocka_unit_test(after_first_counts_from_the_beginning),
		cmocka_unit_test(lines_cues_and_sheets_have_ceilings),
		cmocka_unit_test(long_or_wild_file_names_leave_room_for_the_sentence),
		cmocka_unit_test(without_a_checker_any_command_passes),
		cmocka_unit_test(sheets_on_disk_are_read),
		cmocka_unit_test(bad_sheets_on_disk_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
