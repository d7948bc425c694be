/*
 * t_ramps.c - zooms that take a time: where they are, and that panic ends those that run and no others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "app/fanout.h"
#include "app/ramps.h"
#include "crew_double.h"

struct world {
	struct loop *loop;
	struct bus *bus;
	struct crew *crew;
	struct fanout *fanout;
	struct ramps *ramps;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	w->ramps = ramps_new(w->loop);
	double_add(w->crew, "a", 1, "left");
	double_add(w->crew, "b", 2, "right");
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	double_answer_all(w->crew, NODE_OK);
	ramps_free(w->ramps);
	fanout_free(w->fanout);
	double_free(w->crew);
	loop_fake_turn(w->loop);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	bus_free(w->bus);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void
began(struct world *w, const char *node, double from, double to, int64_t in_us, int64_t long_us)
{
	ramps_began(w->ramps, node, &(struct ramps_leg){ from, to, loop_now_us(w->loop) + in_us, long_us });
}

static void
assert_factor(struct world *w, const char *node, double want)
{
	const double is = ramps_factor(w->ramps, node, 9);

	if (is < want - 0.001 || is > want + 0.001)
		fail_msg("%s is at %f, not at %f", node, is, want);
}

static void
ramp_is_known_on_its_way_and_forgotten_at_its_end(void **state)
{
	struct world *w = *state;

	assert_factor(w, "a", 9);
	began(w, "a", 1, 4, 100000, 1000000);
	assert_factor(w, "a", 1);		/* planned */
	loop_fake_advance(w->loop, 600000);
	assert_factor(w, "a", 2);		/* half of the way, as the eye has it */
	loop_fake_advance(w->loop, 500000);
	assert_factor(w, "a", 9);
}

static void
zoom_at_once_ends_the_ramp_before_it(void **state)
{
	struct world *w = *state;

	began(w, "a", 1, 4, 0, 1000000);
	began(w, "a", 2, 3, 0, 0);
	assert_factor(w, "a", 9);
	assert_int_equal(ramps_halt(w->ramps, w->fanout, NULL), 0);
}

static void
halt_stops_what_runs_or_is_planned_where_it_is(void **state)
{
	struct world *w = *state;
	struct target_set *halted = calloc(1, sizeof *halted);

	double_add(w->crew, "c", 3, "wide");
	began(w, "a", 1, 4, 0, 1000000);
	began(w, "b", 2, 3, 2000000, 1000000);
	began(w, "c", 1, 2, 0, 100000);
	loop_fake_advance(w->loop, 500000);
	assert_int_equal(ramps_halt(w->ramps, w->fanout, halted), 2);
	assert_int_equal(halted->count, 2);
	assert_int_equal(double_sent_of(w->crew, NODE_ZOOM, NULL), 2);
	assert_int_equal(double_sent_of(w->crew, NODE_ZOOM, "c"), 0);	/* it is there */
	assert_true(double_last(w->crew, NODE_ZOOM, "a")->r.factor > 1.99 && double_last(w->crew, NODE_ZOOM, "a")->r.factor < 2.01);
	assert_true(double_last(w->crew, NODE_ZOOM, "b")->r.factor > 1.99 && double_last(w->crew, NODE_ZOOM, "b")->r.factor < 2.01);
	assert_int_equal(double_last(w->crew, NODE_ZOOM, "a")->r.ramp_ms, 0);
	assert_int_equal(double_last(w->crew, NODE_ZOOM, "b")->r.at_us, 0);
	assert_int_equal(ramps_halt(w->ramps, w->fanout, NULL), 0);
	free(halted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ramp_is_known_on_its_way_and_forgotten_at_its_end, setup, teardown),
		cmocka_unit_test_setup_teardown(zoom_at_once_ends_the_ramp_before_it, setup, teardown),
		cmocka_unit_test_setup_teardown(halt_stops_what_runs_or_is_planned_where_it_is, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
