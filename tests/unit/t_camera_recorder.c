/*
 * t_camera_recorder.c - recordings with virtual time: their states, parts, ends asked for and not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/str.h"
#include "camera/hush.h"
#include "camera/recorder.h"
#include "support/loop_fake.h"
#include "support/scratch.h"

struct bench {
	struct loop *loop;
	char *folder;
	struct store *store;
	struct source *source;
	struct engine *engine;
	struct recorder *recorder;
	char told[256];		/* "starting/a recording/a ..." with the command */
	struct node_file saved[4];
	int saved_count, closed, let_go;
	bool is_lost;
	int64_t stepped_us;	/* the node's clock was */
};

/* The pattern, but it can be taken away. */
struct cuttable {
	struct source base;
	struct source *real;
	struct bench *bench;
};

static bool
cuttable_draw(struct source *s, const struct scene *scene, struct picture *out, struct err *e)
{
	struct cuttable *c = (struct cuttable *)s;

	return c->bench->is_lost ? err_set(e, ERR_FORMAT, "unplugged") : c->real->ops->draw(c->real, scene, out, e);
}

static void
cuttable_sound(struct source *s, int64_t from_us, float *out, int count)
{
	struct cuttable *c = (struct cuttable *)s;

	c->real->ops->sound(c->real, from_us, out, count);
}

static void
cuttable_free(struct source *s)
{
	source_close(((struct cuttable *)s)->real);
	free(s);
}

static const struct source_ops cuttable_ops = { .draw = cuttable_draw, .sound = cuttable_sound, .free = cuttable_free };

static void
bench_scene(void *arg, struct scene *scene, int64_t mono_us)
{
	const struct bench *b = arg;

	scene->time_us = b->stepped_us + LOOP_FAKE_UTC_US + mono_us - LOOP_FAKE_MONO_US;
	scene->steady_us = mono_us;
	scene->name = "test";
	scene->zoom = 1;
}

static void
bench_failed(void *arg, const char *why)
{
	(void)why;
	recorder_break(((struct bench *)arg)->recorder, "camera_lost");
}

static void
bench_changed(void *arg, const char *command_id, int64_t time_us)
{
	struct bench *b = arg;
	struct node_recording r;
	size_t len = strlen(b->told);

	(void)time_us;
	recorder_state(b->recorder, &r);
	snprintf(b->told + len, sizeof b->told - len, "%s/%s ", node_rec_name(r.state), command_id);
}

static void
bench_saved(void *arg, const struct node_file *file)
{
	struct bench *b = arg;

	assert_true(b->saved_count < 4);
	b->saved[b->saved_count++] = *file;
}

static void
bench_closed(void *arg)
{
	((struct bench *)arg)->closed++;
}

static void
bench_let_go(void *arg)
{
	((struct bench *)arg)->let_go++;
}

static int
setup_with(void **state, int64_t quota_bytes)
{
	static const struct engine_fns engine_fns = { bench_scene, bench_failed };
	static const struct recorder_fns recorder_fns = { bench_changed, bench_saved };
	struct bench *b = calloc(1, sizeof *b);
	struct cuttable *c = calloc(1, sizeof *c);
	struct camera_conf conf = { .number = 1, .source = "pattern" };
	struct err e;

	b->loop = loop_fake_new();
	b->folder = scratch_new();
	b->store = store_open(b->folder, "", quota_bytes, &e);
	c->real = source_open(&conf, LOOP_FAKE_UTC_US, &e);
	c->base.ops = &cuttable_ops;
	c->base.has_sound = true;
	c->bench = b;
	b->source = &c->base;
	b->engine = engine_new(b->loop, b->source, &engine_fns, b);
	b->recorder = recorder_new(b->loop, b->engine, b->store, &recorder_fns, b);
	engine_format(b->engine, 160, 90, 25);
	*state = b;
	return 0;
}

static int
setup(void **state)
{
	return setup_with(state, 0);
}

static int
setup_small(void **state)
{
	return setup_with(state, 140 * 1024);
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	recorder_close(b->recorder, bench_closed, b);
	loop_fake_advance(b->loop, 1000000);
	assert_int_equal(b->closed, 1);
	engine_stop(b->engine, bench_closed, b);
	loop_fake_advance(b->loop, 100000);
	recorder_abandon(b->recorder, bench_let_go, b);
	loop_fake_advance(b->loop, 100000);
	assert_int_equal(b->let_go, 1);
	recorder_free(b->recorder);
	engine_free(b->engine);
	source_close(b->source);
	store_close(b->store);
	assert_int_equal(loop_fake_alive(b->loop), 0);
	loop_free(b->loop);
	scratch_free(b->folder);
	free(b);
	return 0;
}

static struct node_request
request(enum node_verb verb, const char *take, const char *id)
{
	struct node_request rq = { .verb = verb, .sphere = "sp", .label = "left guest" };

	str_copy(rq.take, sizeof rq.take, take);
	str_copy(rq.command_id, sizeof rq.command_id, id);
	return rq;
}

static enum recorder_result
start_from(struct bench *b, const char *take, const char *id, int64_t from_us)
{
	struct node_request rq = request(NODE_RECORD_START, take, id);
	struct recorder_setup setup_now = { .format = { .width = 160, .height = 90, .rate = 25, .bitrate_bps = 300000 },
		.camera = "back", .thermal = "nominal", .title = "test", .from_us = from_us };

	return recorder_start(b->recorder, &rq, &setup_now);
}

static enum recorder_result
start(struct bench *b, const char *take, const char *id)
{
	return start_from(b, take, id, loop_now_us(b->loop));
}

static enum recorder_result
stop(struct bench *b, const char *take, const char *id)
{
	struct node_request rq = request(NODE_RECORD_STOP, take, id);

	return recorder_stop(b->recorder, &rq);
}

static enum node_rec
state_of(const struct bench *b)
{
	struct node_recording r;

	recorder_state(b->recorder, &r);
	return r.state;
}

static void
take_goes_from_start_to_saved(void **state)
{
	struct bench *b = *state;
	const struct node_file *f = &b->saved[0];
	int64_t began_us;

	loop_fake_advance(b->loop, 7777);
	began_us = LOOP_FAKE_UTC_US + loop_now_us(b->loop) - LOOP_FAKE_MONO_US;
	assert_int_equal(start(b, "003", "s"), RECORDER_OK);
	assert_int_equal(state_of(b), NODE_REC_STARTING);
	assert_true(recorder_is_rolling(b->recorder));
	loop_fake_advance(b->loop, 2000000);
	assert_int_equal(state_of(b), NODE_REC_RECORDING);
	recorder_mark(b->recorder, "clap", began_us + 1000000);
	assert_int_equal(stop(b, "003", "e"), RECORDER_OK);
	assert_int_equal(state_of(b), NODE_REC_STOPPING);
	assert_false(recorder_is_rolling(b->recorder));
	loop_fake_advance(b->loop, 500000);
	assert_string_equal(b->told, "starting/s recording/s stopping/e saving/e idle/e ");
	assert_int_equal(b->saved_count, 1);
	assert_int_equal(f->start_us, began_us);	/* the grid was moved to the very instant */
	assert_in_range(f->duration_ms, 1960, 2040);
	assert_int_equal(f->end_us, f->start_us + f->duration_ms * 1000);
	assert_int_equal(strlen(f->sha256), 64);
	assert_string_equal(f->file_name, "003-left-guest.mp4");
	assert_int_equal(f->part, 1);
	assert_int_equal(f->marker_count, 1);
	assert_string_equal(f->markers[0].name, "clap");
	assert_int_equal(f->dropped_frames, 0);
	assert_true(f->complete);
	assert_string_equal(f->error, "");
	assert_non_null(store_find(b->store, f->id));
}

/* Told a little ahead: the first frame is that of the instant, whenever the loop has its turn then. */
static void
first_frame_is_that_of_the_planned_instant(void **state)
{
	struct bench *b = *state;
	int64_t from_us;

	loop_fake_advance(b->loop, 7777);
	from_us = loop_now_us(b->loop) + 61234;
	assert_int_equal(start_from(b, "003", "s", from_us), RECORDER_OK);
	assert_true(recorder_is_busy(b->recorder));
	loop_fake_advance(b->loop, 61000);
	assert_int_equal(state_of(b), NODE_REC_STARTING);
	loop_fake_advance(b->loop, 20000);
	assert_int_equal(state_of(b), NODE_REC_RECORDING);
	loop_fake_advance(b->loop, 1000000);
	stop(b, "003", "e");
	loop_fake_advance(b->loop, 500000);
	assert_int_equal(b->saved[0].start_us, LOOP_FAKE_UTC_US + from_us - LOOP_FAKE_MONO_US);
	assert_int_equal(b->saved[0].dropped_frames, 0);
	assert_false(recorder_is_busy(b->recorder));
}

static void
planned_take_that_is_stopped_before_leaves_nothing(void **state)
{
	struct bench *b = *state;

	start_from(b, "003", "s", loop_now_us(b->loop) + 90000);
	loop_fake_advance(b->loop, 50000);
	assert_int_equal(stop(b, "003", "e"), RECORDER_OK);
	assert_int_equal(state_of(b), NODE_REC_IDLE);
	loop_fake_advance(b->loop, 500000);
	assert_string_equal(b->told, "starting/s idle/e ");
	assert_int_equal(b->saved_count, 0);
	assert_int_equal(store_count(b->store), 0);
	assert_int_equal(start(b, "003", "a"), RECORDER_OK);
}

static void
follower_begins_at_its_instant_too(void **state)
{
	struct bench *b = *state;
	int64_t from_us;

	start(b, "003", "a");
	loop_fake_advance(b->loop, 700000);
	stop(b, "003", "b");
	from_us = loop_now_us(b->loop) + 93210;
	assert_int_equal(start_from(b, "004", "c", from_us), RECORDER_OK);
	loop_fake_advance(b->loop, 700000);
	stop(b, "004", "d");
	loop_fake_advance(b->loop, 300000);
	assert_int_equal(b->saved_count, 2);
	assert_int_equal(b->saved[1].start_us, LOOP_FAKE_UTC_US + from_us - LOOP_FAKE_MONO_US);
}

static void
only_one_take_runs(void **state)
{
	struct bench *b = *state;

	assert_int_equal(stop(b, "003", ""), RECORDER_NOTHING_TO_DO);
	assert_int_equal(start(b, "003", ""), RECORDER_OK);
	assert_int_equal(start(b, "003", ""), RECORDER_NOTHING_TO_DO);
	assert_int_equal(start(b, "004", ""), RECORDER_OTHER_TAKE);
	loop_fake_advance(b->loop, 300000);
	assert_int_equal(start(b, "003", ""), RECORDER_NOTHING_TO_DO);
	assert_int_equal(start(b, "004", ""), RECORDER_OTHER_TAKE);
	assert_int_equal(stop(b, "004", ""), RECORDER_OTHER_TAKE);
	assert_int_equal(state_of(b), NODE_REC_RECORDING);
}

static void
next_part_begins_while_the_one_before_is_closed(void **state)
{
	struct bench *b = *state;

	start(b, "003", "a");
	loop_fake_advance(b->loop, 700000);
	stop(b, "003", "b");
	assert_int_equal(start(b, "003", "c"), RECORDER_OK);
	assert_int_equal(start(b, "005", ""), RECORDER_OTHER_TAKE);
	loop_fake_advance(b->loop, 700000);
	assert_int_equal(state_of(b), NODE_REC_RECORDING);
	stop(b, "003", "d");
	loop_fake_advance(b->loop, 300000);
	assert_string_equal(b->told, "starting/a recording/a stopping/b saving/b starting/c recording/c stopping/d saving/d idle/d ");
	assert_int_equal(b->saved_count, 2);
	assert_int_equal(b->saved[0].part, 1);
	assert_int_equal(b->saved[1].part, 2);
	assert_string_equal(b->saved[1].file_name, "003-left-guest.2.mp4");
	assert_true(b->saved[1].start_us >= b->saved[0].end_us);
}

static void
follower_may_be_stopped_before_it_began(void **state)
{
	struct bench *b = *state;

	start(b, "003", "a");
	loop_fake_advance(b->loop, 700000);
	stop(b, "003", "b");
	start(b, "004", "c");
	assert_int_equal(stop(b, "004", "d"), RECORDER_OK);
	loop_fake_advance(b->loop, 700000);
	assert_int_equal(state_of(b), NODE_REC_IDLE);
	assert_int_equal(b->saved_count, 1);
}

static void
stop_before_the_first_frame_leaves_one_frame(void **state)
{
	struct bench *b = *state;

	start(b, "003", "a");
	stop(b, "003", "b");
	loop_fake_advance(b->loop, 300000);
	assert_int_equal(b->saved_count, 1);
	assert_int_equal(b->saved[0].duration_ms, 40);
	assert_int_equal(state_of(b), NODE_REC_IDLE);
}

static void
unasked_end_is_saved_and_its_reason_stays(void **state)
{
	struct bench *b = *state;
	struct node_recording r;

	start(b, "003", "a");
	loop_fake_advance(b->loop, 1000000);
	recorder_thermal(b->recorder, "critical");
	recorder_break(b->recorder, "heat");
	assert_int_equal(state_of(b), NODE_REC_SAVING);
	loop_fake_advance(b->loop, 300000);
	assert_string_equal(b->told, "starting/a recording/a saving/ idle/ ");
	recorder_state(b->recorder, &r);
	assert_string_equal(r.error, "heat");
	assert_string_equal(r.take, "003");
	assert_string_equal(b->saved[0].error, "heat");
	assert_string_equal(b->saved[0].thermal_peak, "critical");
	assert_true(b->saved[0].complete);
	start(b, "003", "");
	recorder_state(b->recorder, &r);
	assert_string_equal(r.error, "");
}

static void
full_disk_ends_it_and_refuses_the_next(void **state)
{
	struct bench *b = *state;

	assert_int_equal(start(b, "003", "a"), RECORDER_OK);
	loop_fake_advance(b->loop, 60 * 1000000LL);
	assert_int_equal(b->saved_count, 1);
	assert_string_equal(b->saved[0].error, "storage_full");
	assert_true(b->saved[0].bytes <= 140 * 1024);
	assert_true(b->saved[0].duration_ms >= 500);
	assert_int_equal(state_of(b), NODE_REC_IDLE);
	assert_int_equal(start(b, "004", ""), RECORDER_NO_ROOM);
}

static void
lost_camera_keeps_what_was_recorded(void **state)
{
	struct bench *b = *state;

	start(b, "003", "a");
	loop_fake_advance(b->loop, 1000000);
	b->is_lost = true;
	loop_fake_advance(b->loop, 1000000);
	assert_string_equal(b->told, "starting/a recording/a saving/ idle/ ");
	assert_string_equal(b->saved[0].error, "camera_lost");
	assert_in_range(b->saved[0].duration_ms, 960, 1040);
}

static void
stepped_clock_leaves_the_file_as_long_as_it_is(void **state)
{
	struct bench *b = *state;

	start(b, "003", "a");
	loop_fake_advance(b->loop, 1000000);
	b->stepped_us = -3600 * 1000000LL;
	loop_fake_advance(b->loop, 1000000);
	stop(b, "003", "b");
	loop_fake_advance(b->loop, 300000);
	assert_int_equal(b->saved_count, 1);
	assert_string_equal(b->saved[0].error, "");
	assert_in_range(b->saved[0].duration_ms, 1960, 2040);
}

static void
camera_lost_before_the_first_frame_is_a_failure(void **state)
{
	struct bench *b = *state;
	struct node_recording r;

	b->is_lost = true;
	start(b, "003", "a");
	loop_fake_advance(b->loop, 1000000);
	recorder_state(b->recorder, &r);
	assert_int_equal(r.state, NODE_REC_FAILED);
	assert_string_equal(r.error, "camera_lost");
	assert_int_equal(b->saved_count, 0);
	assert_int_equal(store_count(b->store), 0);
	b->is_lost = false;
	assert_int_equal(start(b, "003", "b"), RECORDER_OK);
	loop_fake_advance(b->loop, 300000);
	assert_int_equal(state_of(b), NODE_REC_RECORDING);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(take_goes_from_start_to_saved), T(first_frame_is_that_of_the_planned_instant),
		T(planned_take_that_is_stopped_before_leaves_nothing), T(follower_begins_at_its_instant_too), T(only_one_take_runs), T(next_part_begins_while_the_one_before_is_closed),
		T(follower_may_be_stopped_before_it_began), T(stop_before_the_first_frame_leaves_one_frame),
		T(unasked_end_is_saved_and_its_reason_stays),
		cmocka_unit_test_setup_teardown(full_disk_ends_it_and_refuses_the_next, setup_small, teardown),
		T(lost_camera_keeps_what_was_recorded), T(stepped_clock_leaves_the_file_as_long_as_it_is),
		T(camera_lost_before_the_first_frame_is_a_failure),
	};

	hush_libraries();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
