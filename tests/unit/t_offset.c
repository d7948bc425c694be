/*
 * t_offset.c - the clock-offset filter: truth lies within the bound, whatever the network does, and the drift is found.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "domain/offset.h"

#define UTC 1763712000000000LL
#define SECOND 1000000LL
#define MINUTE (60 * SECOND)

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
	struct offset_word w;

	(void)state;
	offset_init(&f);
	assert_false(f.best.known);
	assert_int_equal(offset_to_node(&f.best, 5), 5);
	assert_int_equal(offset_to_console(&f.best, 5), 5);
	assert_int_equal(offset_bound_now(&f.best, UTC), INT64_MAX);
	w = offset_at(&f.best, UTC);
	assert_false(w.known);
	assert_int_equal(w.offset_us, 0);
	assert_int_equal(w.bound_us, INT64_MAX);
}

static void
even_paths_give_the_exact_offset(void **state)
{
	struct offset_filter f;
	struct offset_sample s = exchange(UTC, 350001, 400, 1000, 400);

	(void)state;
	offset_init(&f);
	assert_true(offset_add(&f, &s, "e1"));
	assert_true(f.best.known);
	assert_int_equal(f.best.offset_us, 350001);
	assert_int_equal(f.best.rtt_us, 800);
	assert_in_range(f.best.bound_us, 400, 403);	/* half the way; a clock may run off while it lasts */
	assert_int_equal(f.best.at_us, UTC + 1800);
	assert_int_equal(f.best.samples, 1);
	assert_true(f.best.drift_ppm < 0.1 && f.best.drift_ppm > -0.1);
	assert_int_equal(offset_to_node(&f.best, UTC), UTC + 350001);
	assert_int_equal(offset_to_console(&f.best, UTC + 350001), UTC);
}

static void
best_of_each_way_counts(void **state)
{
	static const int64_t outs[8] = { 310, 6000, 5000, 300, 7000, 900, 8000, 2000 };
	static const int64_t backs[8] = { 9000, 700, 300, 4000, 8000, 450, 6000, 2000 };
	struct offset_filter f;

	(void)state;
	offset_init(&f);
	for (int i = 0; i < 8; i++) {
		struct offset_sample s = exchange(UTC + i * 20000, -1201, outs[i], 50, backs[i]);

		assert_true(offset_add(&f, &s, "e1"));
	}
	assert_int_equal(f.best.rtt_us, 1350);
	assert_in_range(-f.best.offset_us, 1195, 1207);
	assert_in_range(f.best.bound_us, 300, 420);
	assert_int_equal(f.best.samples, 8);
	assert_int_equal(f.winner.sent_us, UTC + 5 * 20000);	/* the least round trip of the burst */
}

static void
each_burst_has_its_winner(void **state)
{
	struct offset_filter f;
	struct offset_sample s = exchange(UTC, 7, 10, 0, 10);

	(void)state;
	offset_init(&f);
	assert_true(offset_add(&f, &s, "e"));
	assert_int_equal(f.winner.sent_us, UTC);
	s = exchange(UTC + 100000, 7, 900, 0, 900);
	assert_true(offset_add(&f, &s, "e"));
	assert_int_equal(f.winner.sent_us, UTC);
	s = exchange(UTC + 10 * SECOND, 7, 800, 0, 800);
	assert_true(offset_add(&f, &s, "e"));
	assert_int_equal(f.winner.sent_us, UTC + 10 * SECOND);
	assert_int_equal(f.best.rtt_us, 1600);
	assert_int_equal(f.best.samples, 3);
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
extreme_stamps_do_no_harm(void **state)
{
	static const int64_t edges[] = { 0, 1, UTC, 99999999999999999LL, 100000000000000000LL };
	struct offset_filter f;

	(void)state;
	offset_init(&f);
	for (size_t i = 0; i < 5; i++) {
		for (size_t k = 0; k < 5; k++) {
			struct offset_sample s = { edges[i], edges[i], edges[k], edges[k] };

			assert_true(offset_add(&f, &s, "e"));
			assert_int_equal(f.best.offset_us, edges[k] - edges[i]);
			assert_true(f.best.bound_us >= 0);
		}
	}
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

/* A clock that jumps without saying so: words that cannot both be true. */
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
	assert_int_equal(f.winner.sent_us, after.sent_us);
	for (int i = 1; i < 100; i++) {
		after = exchange(UTC + i * 10 * SECOND, 500000, 400, 0, 400);
		assert_true(offset_add(&f, &after, "e"));
	}
	after = exchange(UTC + 1000 * SECOND, -2000000, 400, 0, 400);
	assert_true(offset_add(&f, &after, "e"));
	assert_int_equal(f.best.offset_us, -2000000);
	assert_int_equal(f.best.samples, 1);
	assert_int_equal(f.count, 1);
}

static void
own_clock_that_was_set_back_starts_anew(void **state)
{
	struct offset_filter f;
	struct offset_sample s = exchange(UTC, 0, 10, 0, 10);

	(void)state;
	offset_init(&f);
	assert_true(offset_add(&f, &s, "e"));
	s = exchange(UTC - 3600 * SECOND, 3600 * SECOND, 300, 0, 300);
	assert_true(offset_add(&f, &s, "e"));
	assert_int_equal(f.best.samples, 1);
	assert_int_equal(f.best.offset_us, 3600 * SECOND);
	assert_int_equal(f.best.at_us, s.received_us);
}

static void
bound_grows_by_at_least_15_ppm(void **state)
{
	struct offset_estimate e = { .known = true, .bound_us = 400, .at_us = UTC, .drift_bound_ppm = 3 };

	(void)state;
	assert_int_equal(offset_bound_now(&e, UTC), 400);
	assert_int_equal(offset_bound_now(&e, UTC + SECOND), 415);
	assert_int_equal(offset_bound_now(&e, UTC + 3600 * SECOND), 400 + 54000);
	assert_int_equal(offset_bound_now(&e, UTC - SECOND), 415);
	e.drift_bound_ppm = 500;
	assert_int_equal(offset_bound_now(&e, UTC + SECOND), 900);
}

static void
drift_counts_from_the_newest_sample_on(void **state)
{
	struct offset_estimate e = { .known = true, .offset_us = 1000000, .bound_us = 10, .at_us = UTC, .drift_ppm = 100,
		.drift_bound_ppm = 20 };
	struct offset_word w = offset_at(&e, UTC + MINUTE);

	(void)state;
	assert_int_equal(offset_to_node(&e, UTC), UTC + 1000000);
	assert_int_equal(offset_to_node(&e, UTC + 10 * SECOND), UTC + 10 * SECOND + 1001000);
	assert_int_equal(offset_to_node(&e, UTC - 10 * SECOND), UTC - 10 * SECOND + 999000);
	for (int64_t at_us = UTC - 3600 * SECOND; at_us < UTC + 3600 * SECOND; at_us += 97 * SECOND)
		assert_true(llabs(offset_to_console(&e, offset_to_node(&e, at_us)) - at_us) <= 1);
	assert_true(w.known);
	assert_int_equal(w.offset_us, 1006000);
	assert_int_equal(w.bound_us, 10 + 1200);
	assert_int_equal(w.age_us, MINUTE);
	assert_int_equal(offset_at(&e, UTC - 1).age_us, 0);
	assert_true(w.drift_ppm > 99.9 && w.drift_bound_ppm > 19.9);
	assert_int_equal(offset_to_console(&e, 1), -1000000 + 1 + 8639136);	/* not 50 years of it: a day's */
}

/* A node that stamps in whole milliseconds, cut off: its word is off by up to one, and the bound says so. */
static void
coarse_clock_is_believed_no_finer_than_it_is(void **state)
{
	struct offset_filter f;

	(void)state;
	offset_init(&f);
	for (int i = 0; i < 40; i++) {
		struct offset_sample s = exchange(UTC + i * 60013, 12345678, 150, 20, 150);

		s.node_received_us -= s.node_received_us % 1000;
		s.node_sent_us -= s.node_sent_us % 1000;
		if (s.node_sent_us - s.node_received_us > s.received_us - s.sent_us)
			continue;	/* a tick fell in between: nonsense by its own word */
		assert_true(offset_add(&f, &s, "e"));
		assert_true(i == 0 || llabs(f.best.offset_us - 12345678) <= f.best.bound_us);
	}
	assert_false(f.is_fine);
	assert_in_range(f.best.bound_us, 500, 1700);
}

/* ---- A simulated network ---- */

struct world {
	uint64_t random;
	double offset_us, drift_ppm;	/* of the node's clock: the truth */
	double swing_ppm;		/* the drift swings by so much within ten minutes, as with heat */
	int64_t out_us, back_us, jitter_us;	/* least delays each way, and what may come on top */
	double loss;
	int64_t now_us;			/* since UTC */
	long samples, held;
	struct offset_filter f;
};

static double
chance(struct world *w)
{
	w->random = w->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (double)(w->random >> 11) / 9007199254740992.0;
}

static double
truth_us(const struct world *w, int64_t at_us)
{
	double turn_us = 600e6 / (2 * M_PI);

	return w->offset_us + w->drift_ppm * 1e-6 * (double)at_us + w->swing_ppm * 1e-6 * turn_us * (1 - cos((double)at_us / turn_us));
}

static void
world_begin(struct world *w, uint64_t seed)
{
	*w = (struct world){ .random = seed, .out_us = 5000, .back_us = 5000, .jitter_us = 20000, .loss = 0.04 };
	for (int i = 0; i < 10; i++)
		(void)chance(w);
	w->offset_us = (chance(w) * 60 - 30) * 1e6;
	w->drift_ppm = chance(w) * 200 - 100;
	offset_init(&w->f);
}

/* Does the estimate hold now? */
static void
world_judge(struct world *w)
{
	struct offset_word said = offset_at(&w->f.best, UTC + w->now_us);

	if (!said.known)
		return;
	w->samples++;
	w->held += fabs((double)said.offset_us - truth_us(w, w->now_us)) <= (double)said.bound_us;
}

static void
world_ask(struct world *w)
{
	int64_t out_us = w->out_us + (int64_t)(chance(w) * (double)w->jitter_us);
	int64_t back_us = w->back_us + (int64_t)(chance(w) * (double)w->jitter_us), inside_us = (int64_t)(chance(w) * 300);
	int64_t there_us = w->now_us + out_us, gone_us = there_us + inside_us;
	struct offset_sample s = { .sent_us = UTC + w->now_us, .node_received_us = UTC + there_us + llround(truth_us(w, there_us)),
		.node_sent_us = UTC + gone_us + llround(truth_us(w, gone_us)), .received_us = UTC + gone_us + back_us };

	if (chance(w) >= w->loss && s.node_sent_us - s.node_received_us <= s.received_us - s.sent_us) {
		assert_true(offset_add(&w->f, &s, "e"));
		w->now_us = gone_us + back_us;
		world_judge(w);
	}
}

/* Bursts as the console asks for them: two of eight, then fours, ten seconds apart. */
static void
world_run(struct world *w, int64_t until_us)
{
	for (int burst = 0; w->now_us < until_us; burst++) {
		int64_t began_us = w->now_us, every_us = burst < 4 ? SECOND << burst : 10 * SECOND;

		for (int i = 0; i < (burst < 2 ? 8 : 4); i++) {
			w->now_us = began_us + i * 60000;
			world_ask(w);
		}
		w->now_us = began_us + every_us;
		world_judge(w);
	}
}

static void
truth_lies_within_the_bound(void **state)
{
	long samples = 0, held = 0;
	struct world w;

	(void)state;
	for (uint64_t node = 1; node <= 32; node++) {
		world_begin(&w, node);
		w.swing_ppm = (double)(node % 3);
		world_run(&w, 10 * MINUTE);
		samples += w.samples;
		held += w.held;
	}
	assert_true(samples > 9000);
	assert_true(held * 1000 >= samples * 999);
}

/* 1 ms one way and 9 the other: no exchange can tell, so the bound has to allow for it; and it never claims less than that. */
static void
uneven_delays_are_within_the_bound(void **state)
{
	struct world w;

	(void)state;
	for (uint64_t node = 1; node <= 16; node++) {
		world_begin(&w, node);
		w.out_us = node % 2 != 0 ? 1000 : 9000;
		w.back_us = 10000 - w.out_us;
		world_run(&w, 10 * MINUTE);
		assert_int_equal(w.held, w.samples);
		assert_true(fabs((double)offset_at(&w.f.best, UTC + w.now_us).offset_us - truth_us(&w, w.now_us)) > 2500);
		assert_true(w.f.best.bound_us >= 5000);
	}
}

static double
drift_error_ppm(const struct world *w)
{
	return fabs(w->f.best.drift_ppm - w->drift_ppm);
}

static void
drift_is_found(void **state)
{
	struct world w;

	(void)state;
	for (uint64_t node = 1; node <= 16; node++) {
		world_begin(&w, node);
		world_run(&w, 5 * MINUTE);
		assert_true(drift_error_ppm(&w) < 12);
		assert_true(drift_error_ppm(&w) <= w.f.best.drift_bound_ppm);
		world_run(&w, 30 * MINUTE);
		assert_true(drift_error_ppm(&w) < 1);
		assert_true(drift_error_ppm(&w) <= w.f.best.drift_bound_ppm);
		assert_true(w.f.best.drift_bound_ppm < 15);
		assert_true(fabs((double)w.f.best.offset_us - truth_us(&w, w.f.best.at_us - UTC)) < 600);
	}
}

static void
quiet_network_tells_the_drift_within_a_minute(void **state)
{
	struct world w;

	(void)state;
	for (uint64_t node = 1; node <= 16; node++) {
		world_begin(&w, node);
		w.out_us = 100;
		w.back_us = 150;
		w.jitter_us = 200;
		world_run(&w, MINUTE);
		assert_true(drift_error_ppm(&w) < 2);
		assert_true(w.f.best.bound_us < 400);
		assert_int_equal(w.held, w.samples);
	}
}

/* Nothing is heard for an hour: the estimate is old and says so, and truth is still within. */
static void
stale_estimate_stays_honest(void **state)
{
	struct world w;

	(void)state;
	for (uint64_t node = 1; node <= 16; node++) {
		int64_t bound_us;

		world_begin(&w, node);
		w.swing_ppm = 1;
		world_run(&w, node % 2 != 0 ? 5 * SECOND : 3 * MINUTE);
		bound_us = w.f.best.bound_us;
		for (int minute = 0; minute < 60; minute++) {
			w.now_us += MINUTE;
			world_judge(&w);
		}
		assert_int_equal(w.held, w.samples);
		assert_true(offset_at(&w.f.best, UTC + w.now_us).bound_us > bound_us + 50000);
		assert_in_range(offset_at(&w.f.best, UTC + w.now_us).age_us, 60 * MINUTE, 60 * MINUTE + 12 * SECOND);
		world_run(&w, w.now_us + MINUTE);
		assert_int_equal(w.held, w.samples);
		assert_true(w.f.best.bound_us < 25000);
	}
}

/* A route that gets longer one way, and heavy loss: what is delayed says nothing, and does no harm. */
static void
longer_route_moves_nothing(void **state)
{
	struct world w;
	double before_us;

	(void)state;
	for (uint64_t node = 1; node <= 16; node++) {
		world_begin(&w, node);
		world_run(&w, 10 * MINUTE);
		before_us = (double)w.f.best.offset_us - truth_us(&w, w.f.best.at_us - UTC);
		w.out_us = 45000;
		w.loss = 0.3;
		world_run(&w, w.now_us + MINUTE);
		assert_true(fabs((double)w.f.best.offset_us - truth_us(&w, w.f.best.at_us - UTC) - before_us) < 3000);
		assert_int_equal(w.held, w.samples);
	}
}

/* Slewed at full speed for a while, and stepped without a word: the bound fails for a moment at most. */
static void
slew_and_step_are_got_over(void **state)
{
	struct world w;

	(void)state;
	for (uint64_t node = 1; node <= 8; node++) {
		world_begin(&w, node);
		w.out_us = w.back_us = 300;
		w.jitter_us = 500;
		world_run(&w, 5 * MINUTE);
		w.offset_us += (w.drift_ppm - 400) * 1e-6 * (double)w.now_us;	/* goes on from here, at 400 ppm */
		w.drift_ppm = 400;
		world_run(&w, w.now_us + MINUTE);
		w.samples = w.held = 0;
		world_run(&w, w.now_us + 5 * MINUTE);
		assert_int_equal(w.held, w.samples);
		assert_true(drift_error_ppm(&w) < 5);
		w.offset_us -= 250000;
		world_run(&w, w.now_us + 10 * SECOND);
		w.samples = w.held = 0;
		world_run(&w, w.now_us + MINUTE);
		assert_int_equal(w.held, w.samples);
		assert_true(w.f.best.bound_us < 3000);
	}
}

static void
a_long_show_takes_no_more_room(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, 5);
	world_run(&w, 8 * 60 * MINUTE);
	assert_true(w.f.count <= OFFSET_CELLS);
	assert_true(UTC + w.now_us - w.f.cells[0].end_us < 70 * MINUTE);
	for (int i = 1; i < w.f.count; i++)
		assert_true(w.f.cells[i].start_us > w.f.cells[i - 1].start_us);
	assert_true(w.f.best.samples > 1000 && w.f.best.samples < 2000);
	assert_int_equal(w.held, w.samples);
	assert_true(drift_error_ppm(&w) < 0.5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_at_first),
		cmocka_unit_test(even_paths_give_the_exact_offset),
		cmocka_unit_test(best_of_each_way_counts),
		cmocka_unit_test(each_burst_has_its_winner),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(extreme_stamps_do_no_harm),
		cmocka_unit_test(changed_epoch_starts_anew),
		cmocka_unit_test(silent_step_starts_anew),
		cmocka_unit_test(own_clock_that_was_set_back_starts_anew),
		cmocka_unit_test(bound_grows_by_at_least_15_ppm),
		cmocka_unit_test(drift_counts_from_the_newest_sample_on),
		cmocka_unit_test(coarse_clock_is_believed_no_finer_than_it_is),
		cmocka_unit_test(truth_lies_within_the_bound),
		cmocka_unit_test(uneven_delays_are_within_the_bound),
		cmocka_unit_test(drift_is_found),
		cmocka_unit_test(quiet_network_tells_the_drift_within_a_minute),
		cmocka_unit_test(stale_estimate_stays_honest),
		cmocka_unit_test(longer_route_moves_nothing),
		cmocka_unit_test(slew_and_step_are_got_over),
		cmocka_unit_test(a_long_show_takes_no_more_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
