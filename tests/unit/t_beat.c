/*
 * t_beat.c - beats, bars and taps: nothing is lost or doubled, whatever the tempo does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include "domain/beat.h"

#define T0 1763712000000000

static struct beat_grid
grid(double bpm, int quantum)
{
	return (struct beat_grid){ .line = { .at_us = T0, .beat = 0, .bpm = bpm }, .quantum = quantum, .downbeat = 0 };
}

static void
assert_near(double got, double want, double least)
{
	if (fabs(got - want) > least)
		fail_msg("%.9f is not %.9f", got, want);
}

static void
beat_and_instant_are_one_line(void **state)
{
	struct beat_line l = { .at_us = T0, .beat = 7.25, .bpm = 96 };

	(void)state;
	assert_near(beat_long_us(&l), 625000, 0);
	assert_near(beat_at(&l, T0), 7.25, 0);
	assert_near(beat_at(&l, T0 + 625000), 8.25, 1e-12);
	assert_near(beat_at(&l, T0 - 1250000), 5.25, 1e-12);
	assert_int_equal(beat_when(&l, 8.25), T0 + 625000);
	assert_int_equal(beat_when(&l, 5.25), T0 - 1250000);
}

static void
next_beat_is_strictly_later(void **state)
{
	struct beat_grid g = grid(120, 4);

	(void)state;
	assert_near(beat_next(&g, T0 - 1), 0, 0);
	assert_near(beat_next(&g, T0), 1, 0);
	assert_near(beat_next(&g, T0 + 499999), 1, 0);
	assert_near(beat_next(&g, T0 + 500000), 2, 0);
	assert_near(beat_next(&g, T0 - 2000001), -4, 0);
}

/* The instant of a beat, rounded to a microsecond, must not be taken for the time before it: at any tempo. */
static void
walking_from_beat_to_beat_misses_none(void **state)
{
	static const double tempos[] = { 20, 59.94, 60, 96, 97.3, 119.999, 133.333333, 180, 271.828, 999 };

	(void)state;
	for (size_t i = 0; i < sizeof tempos / sizeof tempos[0]; i++) {
		struct beat_grid g = grid(tempos[i], 3);
		int64_t us = T0 - 1;

		g.line.beat = 0.123456789;
		us = beat_when(&g.line, 0) - 1;
		for (int n = 0; n < 5000; n++) {
			double beat = beat_next(&g, us), bar = beat_next_bar(&g, us);

			assert_near(beat, n, 0);
			assert_near(bar, (n + 2) / 3 * 3, 0);
			us = beat_when(&g.line, beat);
		}
	}
}

static void
bars_begin_at_the_downbeat(void **state)
{
	struct beat_grid g = grid(60, 4);

	(void)state;
	g.downbeat = 6;
	assert_near(beat_next_bar(&g, T0), 2, 0);
	assert_near(beat_next_bar(&g, T0 + 2000000), 6, 0);
	assert_near(beat_next_bar(&g, T0 + 6000000), 10, 0);
	assert_near(beat_of_bar(&g, 1, 1), 6, 0);
	assert_near(beat_of_bar(&g, 17, 3), 6 + 64 + 2, 0);
	g.quantum = 8;
	assert_near(beat_of_bar(&g, 4, 5), 6 + 24 + 4, 0);
	assert_near(beat_next_bar(&g, T0 + 6000000), 14, 0);
}

static void
place_is_told_as_people_count(void **state)
{
	struct beat_grid g = grid(60, 4);
	struct beat_place p = beat_where(&g, T0);

	(void)state;
	assert_int_equal(p.bar, 1);
	assert_int_equal(p.beat, 1);
	p = beat_where(&g, T0 + 480 * 1000000LL + 2500000);
	assert_int_equal(p.bar, 121);
	assert_int_equal(p.beat, 3);
	assert_near(p.part, 0.5, 1e-9);
	p = beat_where(&g, T0 - 1000000);
	assert_int_equal(p.bar, 0);
	assert_int_equal(p.beat, 4);
}

/* Rounded to a microsecond, the instant of a beat is that beat and not the end of the one before. */
static void
instant_of_a_beat_is_in_that_beat(void **state)
{
	struct beat_grid g = grid(133.337, 7);

	(void)state;
	for (int n = 0; n < 2000; n++) {
		struct beat_place p = beat_where(&g, beat_when(&g.line, n));

		assert_int_equal(p.bar, n / 7 + 1);
		assert_int_equal(p.beat, n % 7 + 1);
	}
}

static void
beats_left_count_down_to_one_on_the_last(void **state)
{
	struct beat_grid g = grid(60, 4);

	(void)state;
	assert_int_equal(beat_count_to(&g, T0, 3), 3);
	assert_int_equal(beat_count_to(&g, T0 + 1, 3), 3);
	assert_int_equal(beat_count_to(&g, T0 + 1000000, 3), 2);
	assert_int_equal(beat_count_to(&g, T0 + 2500000, 3), 1);
	assert_int_equal(beat_count_to(&g, T0 + 3000000, 3), 0);
	assert_int_equal(beat_count_to(&g, T0 + 9000000, 3), 0);
}

static void
another_tempo_keeps_the_beats_that_were(void **state)
{
	struct beat_line l = { .at_us = T0, .beat = 0, .bpm = 120 };
	double last = 0;

	(void)state;
	beat_retempo(&l, T0 + 1250000, 60);
	assert_near(beat_at(&l, T0 + 1250000), 2.5, 1e-12);
	assert_int_equal(beat_when(&l, 3), T0 + 1250000 + 500000);
	srand(1);
	for (int i = 1; i < 1000; i++) {
		int64_t us = T0 + 1250000 + i * 10000LL;

		if (i % 10 == 0)
			beat_retempo(&l, us, 60 + rand() % 120);
		assert_true(beat_at(&l, us) > last);	/* time never runs back */
		last = beat_at(&l, us);
	}
}

static void
match_is_the_nearest_of_that_phase(void **state)
{
	(void)state;
	assert_near(beat_match(120.4, 0, 4), 120, 1e-12);
	assert_near(beat_match(121.9, 0, 4), 120, 1e-12);
	assert_near(beat_match(122.1, 0, 4), 124, 1e-12);
	assert_near(beat_match(120.4, 3.5, 4), 119.5, 1e-12);
	assert_near(beat_match(120.9, 480.1, 1), 121.1, 1e-12);
	assert_near(beat_match(-3.2, 7, 4), -5, 1e-12);
	for (int i = -400; i < 400; i++) {
		double near = i * 0.37, m = beat_match(near, 2.25, 4);

		assert_true(fabs(m - near) <= 2 + 1e-9);
		assert_near(m - floor(m / 4) * 4, 2.25, 1e-9);
	}
}

/* ---- Taps ---- */

static double
tap_row(struct beat_taps *t, const int64_t *at_us, int count)
{
	double bpm = -1;

	for (int i = 0; i < count; i++)
		beat_tap(t, at_us[i], &bpm);
	return bpm;
}

static void
third_tap_tells_the_tempo(void **state)
{
	struct beat_taps t = { 0 };
	double bpm;

	(void)state;
	beat_tap(&t, T0, &bpm);
	assert_near(bpm, 0, 0);
	beat_tap(&t, T0 + 625000, &bpm);
	assert_near(bpm, 0, 0);
	beat_tap(&t, T0 + 1250000, &bpm);
	assert_near(bpm, 96, 1e-9);
}

static void
one_finger_that_is_late_moves_the_tempo_little(void **state)
{
	struct beat_taps t = { 0 };
	int64_t at_us[8];

	(void)state;
	for (int i = 0; i < 8; i++)
		at_us[i] = T0 + i * 500000LL + (i == 5 ? 25000 : i == 2 ? -15000 : 0);
	assert_near(tap_row(&t, at_us, 8), 120, 1.5);
}

static void
only_the_newest_eight_count(void **state)
{
	struct beat_taps t = { 0 };
	double bpm = 0;
	int64_t us = T0;

	(void)state;
	for (int i = 0; i < 8; i++, us += 600000)
		beat_tap(&t, us, &bpm);
	assert_near(bpm, 100, 1e-9);
	us -= 600000;
	for (int i = 0; i < 8; i++)
		beat_tap(&t, us += 500000, &bpm);
	assert_near(bpm, 120, 1e-9);
}

static void
pause_or_other_tempo_begins_anew(void **state)
{
	struct beat_taps t = { 0 };
	const int64_t slow[] = { T0, T0 + 1000000, T0 + 2000000 };
	double bpm;

	(void)state;
	assert_near(tap_row(&t, slow, 3), 60, 1e-9);
	beat_tap(&t, T0 + 9000000, &bpm);
	assert_near(bpm, 0, 0);
	assert_int_equal(t.count, 1);
	beat_tap(&t, T0 + 9400000, &bpm);
	beat_tap(&t, T0 + 9800000, &bpm);
	assert_near(bpm, 150, 1e-9);
	beat_tap(&t, T0 + 11000000, &bpm);	/* within the pause, but no such interval */
	assert_near(bpm, 0, 0);
	beat_tap(&t, T0 + 11000000, &bpm);	/* a key that bounces */
	assert_int_equal(t.count, 1);
}

static void
taps_beyond_the_limits_tell_nothing(void **state)
{
	struct beat_taps t = { 0 };
	const int64_t fast[] = { T0, T0 + 50000, T0 + 100000, T0 + 150000 };

	(void)state;
	assert_near(tap_row(&t, fast, 4), 0, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beat_and_instant_are_one_line),
		cmocka_unit_test(next_beat_is_strictly_later),
		cmocka_unit_test(walking_from_beat_to_beat_misses_none),
		cmocka_unit_test(bars_begin_at_the_downbeat),
		cmocka_unit_test(place_is_told_as_people_count),
		cmocka_unit_test(instant_of_a_beat_is_in_that_beat),
		cmocka_unit_test(beats_left_count_down_to_one_on_the_last),
		cmocka_unit_test(another_tempo_keeps_the_beats_that_were),
		cmocka_unit_test(match_is_the_nearest_of_that_phase),
		cmocka_unit_test(third_tap_tells_the_tempo),
		cmocka_unit_test(one_finger_that_is_late_moves_the_tempo_little),
		cmocka_unit_test(only_the_newest_eight_count),
		cmocka_unit_test(pause_or_other_tempo_begins_anew),
		cmocka_unit_test(taps_beyond_the_limits_tell_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
