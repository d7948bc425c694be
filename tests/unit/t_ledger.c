/*
 * t_ledger.c - who owes an answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "domain/ledger.h"

static struct node_answer
answer(enum node_result result)
{
	return (struct node_answer){ .result = result, .status = 200 };
}

static void
open_ledger(struct ledger *l, int count)
{
	ledger_init(l, count);
	for (int i = 0; i < count; i++)
		snprintf(l->lines[i].node, sizeof l->lines[i].node, "n%d", i);
}

static void
answers_close_their_lines_once(void **state)
{
	struct ledger l;
	struct node_answer ok = answer(NODE_OK), late = answer(NODE_LATE);

	(void)state;
	open_ledger(&l, 2);
	assert_int_equal(l.open, 2);
	assert_true(ledger_answer(&l, "n1", &late, 2000000, 2));
	assert_false(ledger_answer(&l, "n1", &ok, 2100000, 2));	/* too late to count */
	assert_false(ledger_answer(&l, "stranger", &ok, 5, 1));
	assert_int_equal(l.open, 1);
	assert_int_equal(ledger_line(&l, "n1")->result, NODE_LATE);
	assert_int_equal(ledger_line(&l, "n1")->ms_us, 2000000);
	assert_int_equal(ledger_line(&l, "n1")->tries, 2);
	assert_null(ledger_line(&l, "stranger"));
	ledger_fini(&l);
	ledger_fini(NULL);
}

static void
line_keeps_what_the_node_said(void **state)
{
	struct ledger l;
	struct node_answer a = { .result = NODE_REFUSED, .status = 409, .code = "already_recording",
		.message = "take 002 runs", .time_us = 77, .late = true };

	(void)state;
	open_ledger(&l, 1);
	assert_true(ledger_answer(&l, "n0", &a, 4100, 1));
	assert_string_equal(l.lines[0].code, "already_recording");
	assert_string_equal(l.lines[0].message, "take 002 runs");
	assert_int_equal(l.lines[0].status, 409);
	assert_int_equal(l.lines[0].effect_us, 77);
	assert_true(l.lines[0].late);
	assert_false(l.lines[0].scheduled);
	ledger_fini(&l);
}

static void
plan_is_not_an_effect(void **state)
{
	struct ledger l;
	struct node_answer a = { .result = NODE_OK, .status = 200, .time_us = 77, .scheduled = true };

	(void)state;
	open_ledger(&l, 1);
	assert_true(ledger_answer(&l, "n0", &a, 4100, 1));
	assert_true(l.lines[0].scheduled);
	assert_int_equal(l.lines[0].effect_us, 0);
	ledger_fini(&l);
}

static void
verdict_counts_the_good_answers(void **state)
{
	static const struct {
		int asked;
		enum node_result results[3];
		int answered, acked;
		enum ledger_verdict want;
	} cases[] = {
		{ 0, { NODE_OK }, 0, 0, LEDGER_OK },
		{ 2, { NODE_OK, NODE_OK }, 2, 2, LEDGER_OK },
		{ 2, { NODE_OK, NODE_LATE }, 2, 1, LEDGER_PARTIAL },
		{ 2, { NODE_OK }, 1, 1, LEDGER_PARTIAL },
		{ 3, { NODE_REFUSED, NODE_NOT_OFFERED, NODE_OK }, 3, 1, LEDGER_PARTIAL },
		{ 2, { NODE_REFUSED, NODE_LOST }, 2, 0, LEDGER_FAILED },
		{ 1, { NODE_OK }, 0, 0, LEDGER_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ledger l;

		open_ledger(&l, cases[i].asked);
		for (int k = 0; k < cases[i].answered; k++) {
			struct node_answer a = answer(cases[i].results[k]);

			assert_true(ledger_answer(&l, l.lines[k].node, &a, 1, 1));
		}
		assert_int_equal(ledger_acked(&l), cases[i].acked);
		assert_int_equal(ledger_verdict(&l), cases[i].want);
		assert_int_equal(l.open, cases[i].asked - cases[i].answered);
		ledger_fini(&l);
	}
}

static void
who_is_excused_is_told_of_and_not_counted(void **state)
{
	struct node_answer ok = answer(NODE_OK), none = answer(NODE_NOT_OFFERED);
	struct ledger l;

	(void)state;
	open_ledger(&l, 2);
	assert_true(ledger_answer(&l, "n0", &ok, 1, 1));
	assert_true(ledger_answer(&l, "n1", &none, 1, 1));
	assert_int_equal(ledger_verdict(&l), LEDGER_PARTIAL);
	ledger_excuse(&l, "n1");
	ledger_excuse(&l, "n7");
	assert_int_equal(l.count, 3);
	assert_string_equal(l.lines[2].node, "n7");
	assert_true(l.lines[2].answered);
	assert_int_equal(l.lines[2].result, NODE_NOT_OFFERED);
	assert_int_equal(ledger_asked(&l), 1);
	assert_int_equal(ledger_acked(&l), 1);
	assert_int_equal(ledger_verdict(&l), LEDGER_OK);
	ledger_fini(&l);
}

static void
verdicts_are_the_words_of_guarded_lines(void **state)
{
	(void)state;
	assert_string_equal(ledger_verdict_name(LEDGER_OK), "ok");
	assert_string_equal(ledger_verdict_name(LEDGER_PARTIAL), "partial");
	assert_string_equal(ledger_verdict_name(LEDGER_FAILED), "failed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_close_their_lines_once),
		cmocka_unit_test(line_keeps_what_the_node_said),
		cmocka_unit_test(plan_is_not_an_effect),
		cmocka_unit_test(verdict_counts_the_good_answers),
		cmocka_unit_test(who_is_excused_is_told_of_and_not_counted),
		cmocka_unit_test(verdicts_are_the_words_of_guarded_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
