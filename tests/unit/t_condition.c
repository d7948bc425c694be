/*
 * t_condition.c - what `wait` and `expect` can ask, and what they refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "domain/condition.h"

#define NO_TIME (-1)

struct good_case {
	const char *text;
	enum condition_kind kind;
	int count;
	const char *word, *node;
	int64_t at_us, tolerance_us, within_us;
};

static const struct good_case good_cases[] = {
	{ "wait nodes 4", COND_NODES, 4, "", "", 0, 0, NO_TIME },
	{ "wait nodes all within 10s", COND_NODES, -1, "", "", 0, 0, 10000000 },
	{ "wait nodes 0", COND_NODES, 0, "", "", 0, 0, NO_TIME },
	{ "wait take saved all within 60s", COND_TAKE, -1, "saved", "", 0, 0, 60000000 },
	{ "expect take verified 4 within 1m", COND_TAKE, 4, "verified", "", 0, 0, 60000000 },
	{ "expect take recording 2", COND_TAKE, 2, "recording", "", 0, 0, NO_TIME },
	{ "expect take failed 0", COND_TAKE, 0, "failed", "", 0, 0, NO_TIME },
	{ "wait take fetched 1", COND_TAKE, 1, "fetched", "", 0, 0, NO_TIME },
	{ "wait event node-lost", COND_EVENT, 0, "node-lost", "", 0, 0, NO_TIME },
	{ "wait event node-lost wide", COND_EVENT, 0, "node-lost", "wide", 0, 0, NO_TIME },
	{ "wait event cut \"left guest\" within 2s", COND_EVENT, 0, "cut", "left guest", 0, 0, 2000000 },
	{ "wait event cut within 2s", COND_EVENT, 0, "cut", "", 0, 0, 2000000 },
	{ "wait event cut \"within\"", COND_EVENT, 0, "cut", "within", 0, 0, NO_TIME },
	{ "wait node 2 live", COND_NODE, 0, "live", "2", 0, 0, NO_TIME },
	{ "expect node \"left guest\" recording", COND_NODE, 0, "recording", "left guest", 0, 0, NO_TIME },
	{ "wait node wide lost within 00:00:12", COND_NODE, 0, "lost", "wide", 0, 0, 12000000 },
	{ "expect program left", COND_PROGRAM, 0, "", "left", 0, 0, NO_TIME },
	{ "expect preview 3 within 500ms", COND_PREVIEW, 0, "", "3", 0, 0, 500000 },
	{ "wait armed within 5s", COND_ARMED, 0, "", "", 0, 0, 5000000 },
	{ "expect armed", COND_ARMED, 0, "", "", 0, 0, NO_TIME },
	{ "expect cuts 3", COND_CUTS, 3, "", "", 0, 0, NO_TIME },
	{ "expect no alarm", COND_NO_EVENT, 0, "alarm", "", 0, 0, NO_TIME },
	{ "expect no stopped-unasked within 3s", COND_NO_EVENT, 0, "stopped-unasked", "", 0, 0, 3000000 },
	{ "expect ack all within 200ms", COND_ACK, -1, "", "", 0, 0, 200000 },
	{ "expect cut 2 at 12.5s \xc2\xb1 40ms", COND_CUT_AT, 2, "", "", 12500000, 40000, NO_TIME },
	{ "expect cut 1 at 4:00 \xc2\xb1" "40ms", COND_CUT_AT, 1, "", "", 240000000, 40000, NO_TIME },
	{ "expect cut 1 at 1s +- 1ms", COND_CUT_AT, 1, "", "", 1000000, 1000, NO_TIME },
	{ "expect cut 1 at 1s +-500us within 2s", COND_CUT_AT, 1, "", "", 1000000, 500, 2000000 },
};

static bool
parse(const char *text, struct condition *out, int *column, struct err *e)
{
	struct cmdline c;
	bool ok;

	if (!cmdline_parse(&c, text, column, e))
		fail_msg("%s: %s", text, e->text);
	ok = condition_parse(out, &c, 1, column, e);
	cmdline_fini(&c);
	return ok;
}

static void
every_form_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++) {
		const struct good_case *t = &good_cases[i];
		struct err e = { .kind = ERR_NONE };
		struct condition got;
		int column = 0;

		if (!parse(t->text, &got, &column, &e))
			fail_msg("%s: column %d: %s", t->text, column, e.text);
		assert_int_equal(got.kind, t->kind);
		assert_int_equal(got.count, t->count);
		assert_string_equal(got.word, t->word);
		assert_string_equal(got.node, t->node);
		assert_true(got.at_us == t->at_us);
		assert_true(got.tolerance_us == t->tolerance_us);
		assert_true(got.within_us == t->within_us);
	}
}

static void
audio_level_is_read(void **state)
{
	struct condition got;
	struct err e;
	int column;

	(void)state;
	assert_true(parse("wait audio left above -40dB within 3s", &got, &column, &e));
	assert_int_equal(got.kind, COND_AUDIO);
	assert_string_equal(got.node, "left");
	assert_true(got.level_dbfs > -40.01 && got.level_dbfs < -39.99);
	assert_true(parse("wait audio \"boom mic\" above -12.5db", &got, &column, &e));
	assert_true(got.level_dbfs > -12.51 && got.level_dbfs < -12.49);
}

static const struct { const char *text; int column; const char *says; } bad_cases[] = {
	{ "wait", 5 + 1, "expected nodes" },
	{ "wait nods 4", 6, "expected nodes" },
	{ "wait \"nodes\" 4", 6, "expected nodes" },
	{ "wait nodes", 12, "expected a count or all" },
	{ "wait nodes four", 12, "expected a count or all, not \"four\"" },
	{ "wait nodes -1", 12, "expected a count" },
	{ "wait nodes 9999999999999", 12, "expected a count" },
	{ "wait nodes 257", 12, "expected a count" },
	{ "wait nodes 4 within", 21, "expected a time" },
	{ "wait nodes 4 within 10", 21, "expected a time" },
	{ "wait nodes 4 within 10s more", 25, "expected nothing more" },
	{ "wait nodes 4 please", 14, "expected within TIME or nothing more" },
	{ "wait take", 11, "expected recording, saved" },
	{ "wait take stopping all", 11, "expected recording, saved" },
	{ "wait take saved", 17, "expected a count or all" },
	{ "wait event", 12, "expected an event" },
	{ "wait event node-info", 12, "expected an event" },
	{ "wait event bogus", 12, "expected an event" },
	{ "wait event cut left right", 21, "expected within TIME" },
	{ "wait node", 11, "expected a camera" },
	{ "wait node \"\" live", 11, "expected a camera" },
	{ "wait node left", 16, "expected live, stale" },
	{ "wait node left alive", 16, "expected live, stale" },
	{ "wait program", 14, "expected a camera" },
	{ "wait audio left", 17, "expected above LEVEL" },
	{ "wait audio left below -40dB", 17, "expected above LEVEL" },
	{ "wait audio left above -40", 23, "expected a level" },
	{ "wait audio left above dB", 23, "expected a level" },
	{ "wait audio left above 900dB", 23, "expected a level from" },
	{ "wait cuts all", 11, "expected a count" },
	{ "expect no", 11, "expected an event" },
	{ "expect ack", 12, "expected all" },
	{ "expect ack 3 within 2s", 12, "expected all" },
	{ "expect ack all", 16, "expected within TIME" },
	{ "wait ack all within 2s", 6, "expected `expect ack ...`" },
	{ "wait cut 1 at 2s \xc2\xb1 40ms", 6, "expected `expect cut ...`" },
	{ "expect cut 0 at 2s \xc2\xb1 40ms", 12, "number of a cut" },
	{ "expect cut 1", 14, "expected at TIME" },
	{ "expect cut 1 at soon", 17, "expected a time" },
	{ "expect cut 1 at 2s", 20, "expected \xc2\xb1 TIME" },
	{ "expect cut 1 at 2s within 40ms", 20, "expected \xc2\xb1 TIME" },
	{ "expect cut 1 at 2s \xc2\xb1", 23, "expected a tolerance" },
	{ "wait nodes 4 -t left", 1, "neither -t nor --force" },
	{ "wait nodes 4 --force", 1, "neither -t nor --force" },
};

static void
nonsense_is_told_where_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
		struct err e = { .kind = ERR_NONE };
		struct condition got;
		int column = 0;

		if (parse(bad_cases[i].text, &got, &column, &e))
			fail_msg("accepted: %s", bad_cases[i].text);
		if (strstr(e.text, bad_cases[i].says) == NULL)
			fail_msg("%s: said \"%s\"", bad_cases[i].text, e.text);
		if (column != bad_cases[i].column)
			fail_msg("%s: column %d, not %d", bad_cases[i].text, column, bad_cases[i].column);
	}
}

static void
name_that_does_not_fit_is_refused(void **state)
{
	char text[MAX_NAME_BYTES + 32];
	struct condition got;
	struct err e;
	int column;

	(void)state;
	strcpy(text, "wait program ");
	memset(text + 13, 'x', MAX_NAME_BYTES);
	text[13 + MAX_NAME_BYTES - 1] = '\0';
	assert_true(parse(text, &got, &column, &e));
	text[13 + MAX_NAME_BYTES - 1] = 'x';
	text[13 + MAX_NAME_BYTES] = '\0';
	assert_false(parse(text, &got, &column, &e));
	assert_int_equal(column, 14);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_understood),
		cmocka_unit_test(audio_level_is_read),
		cmocka_unit_test(nonsense_is_told_where_it_stands),
		cmocka_unit_test(name_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
