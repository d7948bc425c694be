/*
 * t_camera_engine.c - the frame clock with virtual time: who gets which frames, at which instants, in which size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "camera/engine.h"
#include "support/loop_fake.h"

#define SHOTS 256

struct fake_source {
	struct source base;
	int draws, width, height;
	bool is_lost;
};

static bool
fake_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e)
{
	struct fake_source *f = (struct fake_source *)s;

	(void)scene;
	f->draws++;
	f->width = out->width_px;
	f->height = out->height_px;
	return !f->is_lost || err_set(e, ERR_FORMAT, "no picture");
}

static const struct source_ops fake_ops = { .draw = fake_draw };

struct eager {
	int64_t period_us;	/* 0: every frame; -1: nothing */
	int64_t due_us;
	int width, works, dones, lost;
	int64_t mono_us[SHOTS], frame[SHOTS];
};

static int64_t
eager_next(void *arg, int64_t after_us)
{
	struct eager *g = arg;

	if (g->period_us < 0)
		return ENGINE_NEVER;
	return g->period_us == 0 ? after_us + 1 : g->due_us;
}

static int
eager_width(void *arg)
{
	return ((struct eager *)arg)->width;
}

static bool
eager_begin(void *arg, const struct shot *shot)
{
	struct eager *g = arg;

	if (g->period_us < 0 || (g->period_us > 0 && shot->mono_us < g->due_us))
		return false;
	g->due_us = shot->mono_us + g->period_us;
	return true;
}

static void
eager_work(void *arg, const struct shot *shot, const struct picture *p, struct source *source)
{
	struct eager *g = arg;

	(void)source;
	assert_int_equal(p == NULL, shot->is_lost);
	g->works++;
}

static void
eager_done(void *arg, const struct shot *shot)
{
	struct eager *g = arg;

	g->lost += shot->is_lost;
	if (g->dones < SHOTS) {
		g->mono_us[g->dones] = shot->mono_us;
		g->frame[g->dones] = shot->scene.frame;
	}
	g->dones++;
}

static const struct engine_client eager_client = { eager_next, eager_width, eager_begin, eager_work, eager_done };

struct bench {
	struct loop *loop;
	struct fake_source source;
	struct engine *engine;
	struct eager a, b;
	int failures, stopped;
};

static void
bench_scene(void *arg, struct scene *scene, int64_t mono_us)
{
	(void)arg;
	scene->time_us = mono_us;
	scene->name = "x";
	scene->zoom = 1;
}

static void
bench_failed(void *arg, const char *why)
{
	struct bench *b = arg;

	assert_string_equal(why, "no picture");
	b->failures++;
}

static void
bench_stopped(void *arg)
{
	((struct bench *)arg)->stopped++;
}

static int
setup(void **state)
{
	static const struct engine_fns fns = { bench_scene, bench_failed };
	struct bench *b = calloc(1, sizeof *b);

	b->loop = loop_fake_new();
	b->source.base.ops = &fake_ops;
	b->source.base.draws_any_size = true;
	b->a.period_us = b->b.period_us = -1;
	b->engine = engine_new(b->loop, &b->source.base, &fns, b);
	engine_add(b->engine, &eager_client, &b->a);
	engine_add(b->engine, &eager_client, &b->b);
	engine_format(b->engine, 640, 360, 30);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	engine_stop(b->engine, bench_stopped, b);
	loop_fake_advance(b->loop, 100000);
	assert_true(b->stopped > 0);
	engine_free(b->engine);
	assert_int_equal(loop_fake_alive(b->loop), 0);
	loop_free(b->loop);
	free(b);
	return 0;
}

static void
nothing_is_drawn_for_nobody(void **state)
{
	struct bench *b = *state;

	loop_fake_advance(b->loop, 10 * 1000000);
	assert_int_equal(b->source.draws, 0);
	assert_true(engine_fps(b->engine) < 0);
}

static void
frames_stand_on_an_exact_grid(void **state)
{
	struct bench *b = *state;

	b->a.period_us = 0;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 2000000);
	assert_in_range(b->a.dones, 59, 61);
	for (int i = 1; i < b->a.dones; i++) {
		assert_in_range(b->a.mono_us[i] - b->a.mono_us[i - 1], 33333, 33334);
		assert_int_equal(b->a.frame[i], b->a.frame[i - 1] + 1);
	}
	assert_in_range(b->a.mono_us[30] - b->a.mono_us[0], 999999, 1000001);
	assert_true(engine_fps(b->engine) >= 29 && engine_fps(b->engine) <= 30);
}

static void
a_frame_is_made_once_for_all_who_want_it(void **state)
{
	struct bench *b = *state;

	b->a.period_us = 0;
	b->b.period_us = 100000;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 1000000);
	assert_int_equal(b->source.draws, b->a.works);
	assert_in_range(b->b.works, 8, 11);
}

static void
slow_wish_alone_costs_few_frames(void **state)
{
	struct bench *b = *state;

	b->b.period_us = 100000;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 1000000);
	assert_int_equal(b->source.draws, b->b.works);
	assert_in_range(b->b.works, 8, 11);
	for (int i = 1; i < b->b.dones; i++)	/* numbered by the camera's clock, not by the viewers' */
		assert_in_range(b->b.frame[i] - b->b.frame[i - 1], 3, 4);
}

static void
size_is_the_widest_that_is_wanted(void **state)
{
	struct bench *b = *state;

	b->b.period_us = 0;
	b->b.width = 160;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 100000);
	assert_int_equal(b->source.width, 160);
	assert_int_equal(b->source.height, 90);
	b->a.period_us = 0;
	b->a.width = 320;
	loop_fake_advance(b->loop, 100000);
	assert_int_equal(b->source.width, 320);
	b->a.width = 5000;
	loop_fake_advance(b->loop, 100000);
	assert_int_equal(b->source.width, 640);
	b->a.width = 0;
	loop_fake_advance(b->loop, 100000);
	assert_int_equal(b->source.width, 640);
	assert_int_equal(b->source.height, 360);
	b->a.period_us = -1;
	b->source.base.draws_any_size = false;
	loop_fake_advance(b->loop, 100000);
	assert_int_equal(b->source.width, 640);
}

static void
format_changes_size_and_rate_and_numbers_go_on(void **state)
{
	struct bench *b = *state;
	int before;

	b->a.period_us = 0;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 500000);
	before = b->a.dones;
	engine_format(b->engine, 320, 240, 10);
	loop_fake_advance(b->loop, 1000000);
	assert_in_range(b->a.dones - before, 9, 11);
	assert_int_equal(b->source.height, 240);
	for (int i = 1; i < b->a.dones; i++)
		assert_int_equal(b->a.frame[i], b->a.frame[i - 1] + 1);
	assert_in_range(b->a.mono_us[before + 1] - b->a.mono_us[before], 99999, 100001);
}

static void
grid_can_be_moved_to_an_instant(void **state)
{
	struct bench *b = *state;
	int64_t now_us;

	loop_fake_advance(b->loop, 12345);
	now_us = loop_now_us(b->loop);
	engine_align(b->engine, now_us);
	b->a.period_us = 0;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 40000);
	assert_int_equal(b->a.mono_us[0], now_us);
	assert_int_equal(b->a.dones, 2);
	engine_align(b->engine, now_us);	/* in the past: nothing happens twice */
	loop_fake_advance(b->loop, 200000);
	for (int i = 1; i < b->a.dones; i++)
		assert_true(b->a.mono_us[i] > b->a.mono_us[i - 1] && b->a.frame[i] > b->a.frame[i - 1]);
}

/* The frames before it move, too; no instant comes twice, none is skipped but one number at most, and none is crowded. */
static void
grid_can_be_moved_to_an_instant_ahead(void **state)
{
	struct bench *b = *state;
	int64_t at_us;
	int hit = -1;

	b->a.period_us = 0;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 512345);
	at_us = loop_now_us(b->loop) + 777123;
	engine_align(b->engine, at_us);
	loop_fake_advance(b->loop, 2000000);
	for (int i = 1; i < b->a.dones; i++) {
		assert_in_range(b->a.mono_us[i] - b->a.mono_us[i - 1], 1, 33334);
		assert_in_range(b->a.frame[i] - b->a.frame[i - 1], 1, 2);
		if (b->a.mono_us[i] == at_us)
			hit = i;
	}
	assert_true(hit > 0);
	assert_int_equal(b->a.frame[hit], b->a.frame[hit - 1] + 1);
	assert_in_range(b->a.mono_us[hit] - b->a.mono_us[hit - 1], 33333, 33334);
	assert_in_range(b->a.mono_us[hit + 30] - at_us, 999999, 1000001);
}

/* The loop was held up: of what it missed only the frame of the instant that was asked for is made. */
static void
frame_of_that_instant_is_made_however_late(void **state)
{
	struct bench *b = *state;
	int64_t at_us = loop_now_us(b->loop) + 500000;

	engine_align(b->engine, at_us);
	loop_fake_advance(b->loop, 700000);
	b->b.period_us = 1;			/* every frame from that instant on */
	b->b.due_us = at_us;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 100000);
	assert_int_equal(b->b.mono_us[0], at_us);
	assert_true(b->b.mono_us[1] > at_us + 150000);
	assert_int_equal(b->b.frame[1] - b->b.frame[0], (b->b.mono_us[1] - at_us + 100) * 30 / 1000000);
}

static void
lost_picture_is_told_and_the_clock_goes_on(void **state)
{
	struct bench *b = *state;

	b->a.period_us = 0;
	b->source.is_lost = true;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 500000);
	assert_true(b->failures >= 14);
	assert_int_equal(b->a.lost, b->failures);
	b->source.is_lost = false;
	loop_fake_advance(b->loop, 500000);
	assert_true(b->a.dones > b->a.lost + 10);
}

static void
stop_waits_for_the_frame_in_the_making(void **state)
{
	struct bench *b = *state;
	int before;

	b->a.period_us = 0;
	engine_poke(b->engine);
	loop_fake_advance(b->loop, 100000);
	engine_stop(b->engine, bench_stopped, b);
	loop_fake_turn(b->loop);
	before = b->a.works;
	assert_int_equal(b->stopped, 1);
	loop_fake_advance(b->loop, 1000000);
	assert_int_equal(b->a.works, before);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_drawn_for_nobody), T(frames_stand_on_an_exact_grid), T(a_frame_is_made_once_for_all_who_want_it),
		T(slow_wish_alone_costs_few_frames), T(size_is_the_widest_that_is_wanted),
		T(format_changes_size_and_rate_and_numbers_go_on), T(grid_can_be_moved_to_an_instant), T(grid_can_be_moved_to_an_instant_ahead), T(frame_of_that_instant_is_made_however_late),
		T(lost_picture_is_told_and_the_clock_goes_on), T(stop_waits_for_the_frame_in_the_making),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
