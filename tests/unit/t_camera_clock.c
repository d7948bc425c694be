/*
 * t_camera_clock.c - the node's clock: shift, drift, steps and slews of the machine's clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "camera/nodeclk.h"

#define START_UTC 1763712000000000LL
#define START_MONO 5000000LL

struct machine { int64_t utc_us, mono_us; int holds; };

static int64_t
machine_utc(void *arg)
{
	return ((struct machine *)arg)->utc_us;
}

static int64_t
machine_mono(void *arg)
{
	return ((struct machine *)arg)->mono_us * 1000;
}

static void
pass(struct machine *m, int64_t us)
{
	m->utc_us += us;
	m->mono_us += us;
}

#define MACHINE(m, clk) \
	struct machine m = { START_UTC, START_MONO, 0 }; \
	const struct clk clk = { machine_utc, machine_mono, &m }

static void
plain_clock_is_the_machines(void **state)
{
	struct nodeclk c;
	MACHINE(m, clk);

	(void)state;
	nodeclk_init(&c, &clk, 0, 0);
	assert_int_equal(nodeclk_now_us(&c), START_UTC);
	pass(&m, 1234567);
	assert_int_equal(nodeclk_now_us(&c), START_UTC + 1234567);
	assert_int_equal(nodeclk_at_us(&c, START_MONO), START_UTC);
	assert_int_equal(nodeclk_mono_us(&c, START_UTC + 17), START_MONO + 17);
	assert_int_equal(strlen(c.epoch), 16);
}

static void
shift_and_drift_add_up(void **state)
{
	struct nodeclk c;
	MACHINE(m, clk);

	(void)state;
	nodeclk_init(&c, &clk, 350000, 40);
	assert_int_equal(nodeclk_now_us(&c), START_UTC + 350000);
	pass(&m, 100 * 1000000LL);	/* 40 ppm of 100 s are 4 ms */
	assert_int_equal(nodeclk_now_us(&c), START_UTC + 100 * 1000000LL + 350000 + 4000);
	assert_int_equal(nodeclk_from_utc_us(&c, m.utc_us), nodeclk_now_us(&c));
	assert_in_range(nodeclk_mono_us(&c, nodeclk_now_us(&c)), m.mono_us - 1, m.mono_us + 1);
}

/* Whoever is held up between reading one clock and the other is not late by that. */
static int64_t
machine_utc_held_up(void *arg)
{
	struct machine *m = arg;
	int64_t utc_us = m->utc_us;

	if (m->holds-- > 0)
		pass(m, 7000);
	return utc_us;
}

static void
reading_that_was_held_up_is_not_believed(void **state)
{
	struct nodeclk c;
	struct machine m = { START_UTC, START_MONO, 0 };
	const struct clk clk = { machine_utc_held_up, machine_mono, &m };

	(void)state;
	nodeclk_init(&c, &clk, 0, 0);
	for (int i = 0; i < 10; i++) {
		pass(&m, 1000000);
		m.holds = i % 4;
		assert_false(nodeclk_look(&c));
		assert_int_equal(nodeclk_at_us(&c, m.mono_us), m.utc_us);
	}
	m.utc_us += 60;			/* less than can be read */
	assert_false(nodeclk_look(&c));
	assert_int_equal(nodeclk_at_us(&c, m.mono_us), m.utc_us - 60);
	m.utc_us += 60;
	nodeclk_look(&c);
	assert_int_equal(nodeclk_at_us(&c, m.mono_us), m.utc_us);
}

static void
step_makes_a_new_epoch_and_a_slew_does_not(void **state)
{
	struct nodeclk c;
	char before[17];
	int64_t steady_us;
	MACHINE(m, clk);

	(void)state;
	nodeclk_init(&c, &clk, 0, 0);
	memcpy(before, c.epoch, sizeof before);
	for (int second = 0; second < 60; second++) {	/* NTP at its fastest */
		pass(&m, 1000000);
		m.utc_us += 500;
		assert_false(nodeclk_look(&c));
	}
	assert_string_equal(before, c.epoch);
	assert_int_equal(nodeclk_now_us(&c), m.utc_us);
	steady_us = nodeclk_steady_us(&c, m.mono_us);
	m.utc_us -= 3600LL * 1000000;
	assert_true(nodeclk_look(&c));
	assert_int_equal(nodeclk_steady_us(&c, m.mono_us), steady_us);
	assert_string_not_equal(before, c.epoch);
	assert_int_equal(nodeclk_now_us(&c), m.utc_us);
	assert_false(nodeclk_look(&c));
}

static void
rehearsed_shift_is_a_step_and_a_rehearsed_drift_is_none(void **state)
{
	char before[17];
	struct nodeclk c;
	int64_t steady_us;
	MACHINE(m, clk);

	(void)state;
	nodeclk_init(&c, &clk, 0, 40);
	pass(&m, 100 * 1000000LL);
	steady_us = nodeclk_steady_us(&c, m.mono_us);
	memcpy(before, c.epoch, sizeof before);
	nodeclk_rehearse(&c, 0, -40);
	assert_int_equal(nodeclk_steady_us(&c, m.mono_us), steady_us);
	assert_string_equal(before, c.epoch);		/* it goes on from where it stands: 4 ms ahead */
	assert_int_equal(nodeclk_now_us(&c), m.utc_us + 4000);
	pass(&m, 100 * 1000000LL);
	assert_int_equal(nodeclk_now_us(&c), m.utc_us);
	nodeclk_rehearse(&c, -2000000, 0);
	assert_string_not_equal(before, c.epoch);
	assert_int_equal(nodeclk_now_us(&c), m.utc_us - 2000000);
	for (int64_t at_us = m.mono_us; at_us < m.mono_us + 10000000; at_us += 1234567)
		assert_in_range(nodeclk_mono_us(&c, nodeclk_at_us(&c, at_us)), at_us - 1, at_us + 1);
	nodeclk_rehearse(&c, 0, 0);
	assert_int_equal(nodeclk_now_us(&c), m.utc_us);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_clock_is_the_machines), cmocka_unit_test(shift_and_drift_add_up),
		cmocka_unit_test(step_makes_a_new_epoch_and_a_slew_does_not),
		cmocka_unit_test(rehearsed_shift_is_a_step_and_a_rehearsed_drift_is_none),
		cmocka_unit_test(reading_that_was_held_up_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
