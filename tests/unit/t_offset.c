/*
 * t_offset.c - the clock-offset filter: truth lies within the bound, whatever the network does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "domain/offset.h"

#define UTC 1763712000000000LL

/* An exchange with a node whose clock is off by offset: so long out, so long inside, so long back. */
static struct offset_sample
exchange(int64_t at_us, int64_t offset_us, int64_t out_us, int64_t inside_us, int64_t back_us)
{
	return (struct offset_sample){
		.sent_us = at_us,
		.node_received_us = at_us + out_us + offset_us,
		.node_sent_us = at_us + out_us + inside_us + offset_us,
		.received_us = at_us + out_us + inside_us + back_us,
	};
}

static void
nothing_is_known_at_first(void **state)
{
	struct offset_filter f;

	(void)state;
	offset_init(&f);
	assert_false(f.best.known);
	assert_int_equal(offset_to_node(&f.best, 5), 5);
	assert_int_equal(offset_to_console(&f.best, 5), 5);
	assert_int_equal(offset_bound_now(&f.best, UTC), INT64_MAX);
}

static void
even_paths_give_the_exact_offset(void **state)
{
	struct offset_filter f;
	struct offset_sample s = exchange(UTC, 350000, 400, 1000, 400);

	(void)state;
	offset_init(&f);
	assert_true(offset_add(&f, &s, "e1"));
	assert_true(f.best.known);
	assert_int_equal(f.best.offset_us, 350000);
	assert_int_equal(f.best.rtt_us, 800);
	assert_int_equal(f.best.bound_us, 400);
	assert_int_equal(f.best.at_us, UTC + 1800);
	assert_int_equal(f.best.samples, 1);
	assert_int_equal(offset_to_node(&f.best, UTC), UTC + 350000);
	assert_int_equal(offset_to_console(&f.best, UTC + 350000), UTC);
}

static void
least_round_trip_of_the_burst_wins(void **state)
{
	static const int64_t backs[8] = { 9000, 700, 5000, 300, 8000, 450, 6000, 2000 };
	struct offset_filter f;

	(void)state;
	offset_init(&f);
	for (int i = 0; i < 8; i++) {
		struct offset_sample s = exchange(UTC + i * 20000, -1200, 300, 50, backs[i]);

		assert_true(offset_add(&f, &s, "e1"));
	}
	assert_int_equal(f.best.rtt_us, 600);
	assert_int_equal(f.best.offset_us, -1200);
	assert_int_equal(f.best.samples, 8);
}

static void
old_samples_leave_the_window(void **state)
{
	struct offset_filter f;
	struct offset_sample s = exchange(UTC, 0, 10, 0, 10);

	(void)state;
	offset_init(&f);
	assert_true(offset_add(&f, &s, "e"));
	for (int i = 1; i <= 8; i++) {
		assert_int_equal(f.best.rtt_us, 20);
		s = exchange(UTC + i * 1000, 0, 500, 0, 500);
		assert_true(offset_add(&f, &s, "e"));
	}
	assert_int_equal(f.best.rtt_us, 1000);
	assert_int_equal(f.best.samples, 8);
}

static void
nonsense_is_refused(void **state)
{
	static const struct offset_sample wrong[] = {
		{ UTC, UTC - 1, UTC, UTC },				/* received before sent */
		{ UTC, UTC + 100, UTC + 50, UTC + 40 },			/* the node answered before it was asked */
		{ UTC, UTC + 100, UTC, UTC + 200 },			/* inside for longer than away */
		{ UTC, UTC + 100, -5, 5 }, { -1, 100, 5, 5 },
		{ UTC, UTC + 100, INT64_MAX - 1, INT64_MAX }, { UTC, UTC + 100, INT64_MIN, 0 },
	};
	struct offset_filter f;

	(void)state;
	offset_init(&f);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(offset_add(&f, &wrong[i], "e"));
	assert_false(f.best.known);
	assert_int_equal(f.count, 0);
}

static void
changed_epoch_starts_anew(void **state)
{
	struct offset_filter f;
	struct offset_sample fast = exchange(UTC, 1000, 10, 0, 10), slow = exchange(UTC + 100, 1000, 400, 0, 400);

	(void)state;
	offset_init(&f);
	assert_true(offset_add(&f, &fast, "e1"));
	assert_true(offset_add(&f, &slow, "e2"));
	assert_int_equal(f.best.rtt_us, 800);
	assert_int_equal(f.best.samples, 1);
	assert_string_equal(f.epoch, "e2");
	assert_true(offset_add(&f, &fast, NULL));
	assert_int_equal(f.best.samples, 1);
}

/* A clock that jumps without saying so: two words that cannot both be true. */
static void
silent_step_starts_anew(void **state)
{
	struct offset_filter f;
	struct offset_sample before = exchange(UTC, 0, 10, 0, 10), after = exchange(UTC + 1000, 500000, 4000, 0, 4000);

	(void)state;
	offset_init(&f);
	assert_true(offset_add(&f, &before, "e"));
	assert_true(offset_add(&f, &after, "e"));
	assert_int_equal(f.best.offset_us, 500000);
	assert_int_equal(f.best.samples, 1);
}

static void
bound_grows_by_15_ppm(void **state)
{
	struct offset_estimate e = { .known = true, .bound_us = 400, .at_us = UTC };

	(void)state;
	assert_int_equal(offset_bound_now(&e, UTC), 400);
	assert_int_equal(offset_bound_now(&e, UTC + 1000000), 415);
	assert_int_equal(offset_bound_now(&e, UTC + 3600000000), 400 + 54000);
	assert_int_equal(offset_bound_now(&e, UTC - 1000000), 415);
}

static void
truth_lies_within_the_bound(void **state)
{
	(void)state;
	srand(11);
	for (int round = 0; round < 300; round++) {
		int64_t offset_us = rand() % 2000000 - 1000000;
		struct offset_filter f;

		offset_init(&f);
		for (int i = 0; i < 12; i++) {
			struct offset_sample s = exchange(UTC + i * 50000, offset_us, rand() % 30000, rand() % 2000, rand() % 30000);

			assert_true(offset_add(&f, &s, "e"));
			assert_true(llabs(f.best.offset_us - offset_us) <= f.best.bound_us);
		}
		assert_int_equal(f.best.samples, 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_at_first),
		cmocka_unit_test(even_paths_give_the_exact_offset),
		cmocka_unit_test(least_round_trip_of_the_burst_wins),
		cmocka_unit_test(old_samples_leave_the_window),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(changed_epoch_starts_anew),
		cmocka_unit_test(silent_step_starts_anew),
		cmocka_unit_test(bound_grows_by_15_ppm),
		cmocka_unit_test(truth_lies_within_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
