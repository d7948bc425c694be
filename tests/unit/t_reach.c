/* t_reach.c - how far ahead a node must be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "domain/reach.h"

static void
nothing_known_asks_for_nothing(void **state)
{
	struct reach r = { .count = 0 };

	(void)state;
	assert_int_equal(reach_need_us(&r, 0), 0);
	assert_int_equal(reach_need_us(&r, -1), 0);
}

static void
slowest_of_the_latest_answers_counts(void **state)
{
	struct reach r = { .count = 0 };

	(void)state;
	reach_heard(&r, 900000);
	assert_int_equal(reach_need_us(&r, 15000), 950000);	/* for all we know */
	for (int i = 0; i < 3; i++)
		reach_heard(&r, 20000 + i);
	assert_int_equal(reach_need_us(&r, 15000), 110000);	/* once is no habit */
	reach_heard(&r, 700000);
	assert_int_equal(reach_need_us(&r, 15000), 750000);
	for (int i = 0; i < REACH_ANSWERS; i++)
		reach_heard(&r, 30000 - i);	/* long ago */
	assert_int_equal(reach_need_us(&r, 2000), 50000 + 29999);
}

static void
long_way_asks_for_several_round_trips(void **state)
{
	struct reach r = { .count = 0 };

	(void)state;
	assert_int_equal(reach_need_us(&r, 300000), 1250000);
	reach_heard(&r, 320000);
	assert_int_equal(reach_need_us(&r, 300000), 1250000);
	reach_heard(&r, -5);			/* nonsense is no time at all */
	assert_int_equal(reach_need_us(&r, 0), 370000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_known_asks_for_nothing),
		cmocka_unit_test(slowest_of_the_latest_answers_counts),
		cmocka_unit_test(long_way_asks_for_several_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
