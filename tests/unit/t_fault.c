/*
 * t_fault.c - rehearsed faults as they are written: read, changed while they run, taken back; wrong words named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "domain/fault.h"

static bool
change(struct fault *f, int count, const char *spec, unsigned *named)
{
	struct err e = { .kind = ERR_NONE };
	bool ok = fault_change(f, count, spec, named, &e);

	if (!ok)
		print_message("%s\n", e.text);
	return ok;
}

static void
a_time_of_0_is_at_once(void **state)
{
	struct fault f = { 0 };
	struct err e = { .kind = ERR_NONE };

	(void)state;
	assert_true(fault_parse(&f, 1, "die-after=0s,late=0s", &e));
	assert_int_equal(f.die_after_us, 1);
	assert_int_equal(f.late_us, 1);
}

static void
each_can_be_taken_back(void **state)
{
	static const char *const all = "late=2s,refuse=record,drop=0.1,freeze-after=20s,die-after=30s,heat-stop-after=15s,"
	    "disk=64M,silent-after=20s,clock=+350ms,drift=40ppm,bitrate=200k";
	const struct fault none = { 0 };
	struct fault f = { 0 };
	unsigned named;

	(void)state;
	assert_true(change(&f, 1, all, &named));
	assert_int_equal(named, (1U << FAULT_IDS) - 1);
	for (int i = 0; i < FAULT_IDS; i++) {
		char spec[40];

		snprintf(spec, sizeof spec, "%s=off", fault_name((enum fault_id)i));
		assert_true(change(&f, 1, spec, &named));
		assert_int_equal(named, 1U << i);
	}
	assert_memory_equal(&f, &none, sizeof f);
}

static void
off_alone_takes_all_back_of_the_node_it_names(void **state)
{
	struct fault f[3] = { { 0 } };
	unsigned named[3];

	(void)state;
	assert_true(change(f, 3, "late=1s,drop=0.5", named));
	assert_true(change(f, 3, "2:off", named));
	assert_int_equal(f[0].late_us, 1000000);
	assert_int_equal(f[1].late_us, 0);
	assert_true(f[1].drop < 0.1);
	assert_int_equal(named[0], 0);
	assert_int_equal(named[1], (1U << FAULT_IDS) - 1);
	assert_true(change(f, 3, "off", named));
	assert_int_equal(f[0].late_us + f[2].late_us, 0);
}

static void
refusals_of_one_word_add_up_and_replace_those_before(void **state)
{
	struct fault f = { 0 };
	unsigned named;

	(void)state;
	assert_true(change(&f, 1, "refuse=record,refuse=zoom", &named));
	assert_true(fault_refuses(&f, "/record/start") && fault_refuses(&f, "/camera/zoom"));
	assert_true(change(&f, 1, "refuse=tally", &named));
	assert_false(fault_refuses(&f, "/record/start"));
	assert_true(fault_refuses(&f, "/tally"));
}

static void
a_wrong_word_changes_nothing(void **state)
{
	static const char *const wrong[] = { "", "late", "late=", "late=2", "late=2s,bogus=1", "3:late=1s", "x:late=1s", "0:off", "off=off",
		"late=1s,,drop=1", "drop=1.5", "OFF", "late=1s,off=", ":off", "late:1s" };
	struct fault f[2] = { { .late_us = 7 }, { .late_us = 7 } };
	struct err e = { .kind = ERR_NONE };
	unsigned named[2];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (fault_change(f, 2, wrong[i], named, &e))
			fail_msg("\"%s\" is taken", wrong[i]);
		assert_true(strlen(e.text) > 10);
		assert_int_equal(f[0].late_us + f[1].late_us, 14);
	}
}

static void
what_is_off_at_the_start_is_not_said(void **state)
{
	struct fault f = { 0 };
	struct err e = { .kind = ERR_NONE };

	(void)state;
	assert_false(fault_parse(&f, 1, "late=off", &e));
	assert_false(fault_parse(&f, 1, "off", &e));
}

static void
a_command_names_no_node_of_the_fleet(void **state)
{
	struct err e = { .kind = ERR_NONE };
	unsigned named = 0;

	(void)state;
	assert_true(fault_check("late=1s,refuse=off", &named, &e));
	assert_int_equal(named, 1U << FAULT_LATE | 1U << FAULT_REFUSE);
	assert_true(fault_check("off", NULL, &e));
	assert_false(fault_check("2:late=1s", NULL, &e));
	assert_false(fault_check("2:off", NULL, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_of_0_is_at_once), cmocka_unit_test(each_can_be_taken_back),
		cmocka_unit_test(off_alone_takes_all_back_of_the_node_it_names),
		cmocka_unit_test(refusals_of_one_word_add_up_and_replace_those_before), cmocka_unit_test(a_wrong_word_changes_nothing),
		cmocka_unit_test(what_is_off_at_the_start_is_not_said), cmocka_unit_test(a_command_names_no_node_of_the_fleet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
