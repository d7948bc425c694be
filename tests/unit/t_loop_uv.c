/*
 * t_loop_uv.c - the real event loop: timers, watches, queues, pool, signals and its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/timerq.h"
#include "io/loop_uv.h"

struct fixture {
	struct loop *loop;
	struct loop_timer *timers[64];
	struct loop_watch *watches[2];
	struct loop_timer *guard;
	int calls, order[64], ends;
	int64_t at_us, late_us;
	pthread_t thread;
	atomic_int ran;
};

static void
on_guard(void *arg)
{
	(void)arg;
	fail_msg("the loop waited for ten seconds");
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->loop = loop_uv_new(2);
	f->guard = loop_timer_new(f->loop, on_guard, f);
	loop_timer_start(f->loop, f->guard, 10000000, 0);
	f->thread = pthread_self();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->loop != NULL) {
		loop_timer_free(f->loop, f->guard);
		loop_free(f->loop);
	}
	free(f);
	return 0;
}

static void
stop(void *arg)
{
	struct fixture *f = arg;

	loop_stop(f->loop);
}

static void
on_precise(void *arg)
{
	struct fixture *f = arg;
	int64_t late_us = loop_now_us(f->loop) - f->at_us;

	assert_true(late_us >= 0);
	if (f->calls == 0 || late_us < f->late_us)
		f->late_us = late_us;
	if (++f->calls == 40) {
		loop_stop(f->loop);
		return;
	}
	f->at_us = loop_now_us(f->loop) + 1370;
	loop_timer_start_at(f->loop, f->timers[0], f->at_us);
}

/* The best of many: a busy machine may hold up any one of them. */
static void
timer_is_never_early_and_exact_below_a_millisecond(void **state)
{
	struct fixture *f = *state;

	f->timers[0] = loop_timer_new(f->loop, on_precise, f);
	f->at_us = loop_now_us(f->loop) + 700;
	loop_timer_start_at(f->loop, f->timers[0], f->at_us);
	loop_run(f->loop);
	assert_in_range(f->late_us, 0, 600);
	loop_timer_free(f->loop, f->timers[0]);
}

struct numbered {
	struct fixture *f;
	int number;
};

static void
on_numbered(void *arg)
{
	struct numbered *n = arg;

	n->f->order[n->f->calls++] = n->number;
	if (n->f->calls == n->f->ends)
		loop_stop(n->f->loop);
}

static void
timers_fire_in_order_of_time_and_then_of_starting(void **state)
{
	/* delay in tenths of a millisecond; the last two are the same instant */
	static const int delays[] = { 50, 10, 40, 20, 30, 60, 60 }, want[] = { 1, 3, 4, 2, 0, 5, 6 };
	struct fixture *f = *state;
	struct numbered n[7];
	int64_t base_us = loop_now_us(f->loop);

	f->ends = 7;
	for (int i = 0; i < 7; i++) {
		n[i] = (struct numbered){ f, i };
		f->timers[i] = loop_timer_new(f->loop, on_numbered, &n[i]);
		loop_timer_start_at(f->loop, f->timers[i], base_us + delays[i] * 100);
	}
	loop_run(f->loop);
	for (int i = 0; i < 7; i++) {
		assert_int_equal(f->order[i], want[i]);
		loop_timer_free(f->loop, f->timers[i]);
	}
}

static void
on_third_free(void *arg)
{
	struct fixture *f = arg;

	if (++f->calls < 3)
		return;
	loop_timer_free(f->loop, f->timers[0]);
	loop_stop(f->loop);
}

static void
repeating_timer_may_free_itself(void **state)
{
	struct fixture *f = *state;

	f->timers[0] = loop_timer_new(f->loop, on_third_free, f);
	loop_timer_start(f->loop, f->timers[0], 0, 300);
	loop_run(f->loop);
	assert_int_equal(f->calls, 3);
}

static void
on_stop_other(void *arg)
{
	struct fixture *f = arg;

	loop_timer_stop(f->loop, f->timers[1]);
	loop_timer_free(f->loop, f->timers[2]);
	loop_defer(f->loop, stop, f);
}

static void
on_never(void *arg)
{
	(void)arg;
	fail_msg("called after it was stopped or freed");
}

static void
timer_due_in_the_same_turn_can_still_be_stopped_and_freed(void **state)
{
	struct fixture *f = *state;
	int64_t now_us = loop_now_us(f->loop);

	f->timers[0] = loop_timer_new(f->loop, on_stop_other, f);
	f->timers[1] = loop_timer_new(f->loop, on_never, f);
	f->timers[2] = loop_timer_new(f->loop, on_never, f);
	for (int i = 0; i < 3; i++)
		loop_timer_start_at(f->loop, f->timers[i], now_us - 10 + i);
	loop_run(f->loop);
	loop_timer_free(f->loop, f->timers[0]);
	loop_timer_free(f->loop, f->timers[1]);
}

static void
count_call(void *arg)
{
	(*(int *)arg)++;
}

/* Against a plain search: whatever is started, moved and stopped, the earliest comes first. */
static void
heap_agrees_with_a_plain_search(void **state)
{
	struct timerq q;
	struct loop_timer *t[50];
	int64_t at[50];
	int calls = 0, started = 0;

	(void)state;
	timerq_init(&q);
	srand(7);
	for (int i = 0; i < 50; i++) {
		t[i] = timerq_new(&q, count_call, &calls);
		at[i] = TIMERQ_NEVER;
	}
	for (int step = 0; step < 3000; step++) {
		int i = rand() % 50;
		int64_t first = TIMERQ_NEVER;

		at[i] = rand() % 3 == 0 ? TIMERQ_NEVER : rand() % 1000;
		if (at[i] == TIMERQ_NEVER)
			timerq_stop(t[i]);
		else
			timerq_start(t[i], at[i], 0);
		for (int k = 0; k < 50; k++)
			first = at[k] < first ? at[k] : first;
		assert_int_equal(timerq_next_us(&q), first);
	}
	for (int i = 0; i < 50; i++)
		started += at[i] != TIMERQ_NEVER;
	timerq_fire(&q, 1000);
	assert_int_equal(calls, started);
	assert_int_equal(timerq_count(&q), 50);
	timerq_fini(&q);
}

static void
repeat_skips_what_it_missed(void **state)
{
	struct timerq q;
	int calls = 0;

	(void)state;
	timerq_init(&q);
	timerq_start(timerq_new(&q, count_call, &calls), 100, 10);
	timerq_fire(&q, 155);
	assert_int_equal(calls, 1);
	assert_int_equal(timerq_next_us(&q), 160);
	timerq_fini(&q);
}

static void
on_readable(void *arg, unsigned events)
{
	struct fixture *f = arg;

	assert_int_equal(events, LOOP_READ);
	f->calls++;
	loop_watch_free(f->loop, f->watches[0]);
	loop_stop(f->loop);
}

static void
watch_may_free_itself(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	f->watches[0] = loop_watch_new(f->loop, ends[0], LOOP_READ, on_readable, f);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_run(f->loop);
	assert_int_equal(f->calls, 1);
	close(ends[0]);
	close(ends[1]);
}

/* Whichever comes first frees both. */
static void
on_either(void *arg, unsigned events)
{
	struct fixture *f = arg;

	(void)events;
	f->calls++;
	for (int i = 0; i < 2; i++)
		loop_watch_free(f->loop, f->watches[i]);
	loop_defer(f->loop, stop, f);
}

static void
watch_freed_in_the_same_turn_is_never_called(void **state)
{
	struct fixture *f = *state;
	int ends[2][2];

	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(ends[i]), 0);
		assert_int_equal(write(ends[i][1], "x", 1), 1);
		f->watches[i] = loop_watch_new(f->loop, ends[i][0], LOOP_READ, on_either, f);
	}
	loop_run(f->loop);
	assert_int_equal(f->calls, 1);
	for (int i = 0; i < 2; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
}

static void
on_writable(void *arg, unsigned events)
{
	struct fixture *f = arg;

	assert_true(events & LOOP_WRITE);
	f->calls++;
	if (f->calls == 2)
		loop_stop(f->loop);
}

/* An end whose reader has gone keeps being told, so that write() can say EPIPE. */
static void
watch_with_an_error_is_told_as_ready_and_stays(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	f->watches[0] = loop_watch_new(f->loop, ends[1], LOOP_WRITE, on_writable, f);
	loop_run(f->loop);
	assert_int_equal(f->calls, 2);
	loop_watch_free(f->loop, f->watches[0]);
	close(ends[1]);
}

static void
silent_watch_can_be_switched_on_later(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	f->watches[0] = loop_watch_new(f->loop, ends[0], 0, on_readable, f);
	f->timers[0] = loop_timer_new(f->loop, stop, f);
	loop_timer_start(f->loop, f->timers[0], 3000, 0);
	loop_run(f->loop);
	assert_int_equal(f->calls, 0);
	loop_watch_set(f->loop, f->watches[0], LOOP_READ);
	loop_run(f->loop);
	assert_int_equal(f->calls, 1);
	loop_timer_free(f->loop, f->timers[0]);
	close(ends[0]);
	close(ends[1]);
}

static void
regular_file_is_always_ready(void **state)
{
	struct fixture *f = *state;
	char path[] = "/tmp/t_loop_uv.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	f->watches[0] = loop_watch_new(f->loop, fd, LOOP_READ, on_readable, f);
	loop_run(f->loop);
	assert_int_equal(f->calls, 1);
	close(fd);
}

static void
watch_leaves_the_mode_of_the_descriptor_alone(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	f->watches[0] = loop_watch_new(f->loop, ends[0], LOOP_READ, on_readable, f);
	assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
	loop_watch_free(f->loop, f->watches[0]);
	close(ends[0]);
	close(ends[1]);
}

static void
loop_run_once(struct fixture *f)
{
	loop_defer(f->loop, stop, f);
	loop_run(f->loop);
}

static void
on_old_watch(void *arg, unsigned events)
{
	(void)arg;
	(void)events;
	fail_msg("the watch of a closed descriptor was called");
}

/* A library that closes first and says so later must not bring a show down. */
static void
descriptor_number_that_came_back_belongs_to_the_newer_watch(void **state)
{
	struct fixture *f = *state;
	int old[2], ends[2];

	assert_int_equal(pipe(old), 0);
	f->watches[1] = loop_watch_new(f->loop, old[0], LOOP_READ, on_old_watch, f);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], old[0]), old[0]);
	f->watches[0] = loop_watch_new(f->loop, old[0], LOOP_READ, on_readable, f);
	loop_watch_set(f->loop, f->watches[1], 0);
	loop_watch_set(f->loop, f->watches[1], LOOP_READ);
	loop_run_once(f);
	loop_watch_free(f->loop, f->watches[1]);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_run(f->loop);
	assert_int_equal(f->calls, 1);
	for (int i = 0; i < 2; i++) {
		close(old[i]);
		close(ends[i]);
	}
}

static void
defer_again(void *arg)
{
	struct fixture *f = arg;

	if (++f->calls < 1000)
		loop_defer(f->loop, defer_again, f);
	else
		loop_stop(f->loop);
}

static void
deferred_calls_made_while_deferring_are_not_lost(void **state)
{
	struct fixture *f = *state;

	loop_defer(f->loop, defer_again, f);
	loop_run(f->loop);
	assert_int_equal(f->calls, 1000);
}

static void
on_turn_timer(void *arg)
{
	struct numbered *n = arg;

	loop_defer(n->f->loop, on_numbered, n);
	n->f->order[n->f->calls++] = 1;
}

static void
deferred_call_runs_after_the_rest_of_its_turn(void **state)
{
	struct fixture *f = *state;
	struct numbered late = { f, 3 }, second = { f, 2 };
	int64_t now_us = loop_now_us(f->loop);

	f->ends = 3;
	f->timers[0] = loop_timer_new(f->loop, on_turn_timer, &late);
	f->timers[1] = loop_timer_new(f->loop, on_numbered, &second);
	loop_timer_start_at(f->loop, f->timers[0], now_us - 2);
	loop_timer_start_at(f->loop, f->timers[1], now_us - 1);
	loop_run(f->loop);
	for (int i = 0; i < 3; i++)
		assert_int_equal(f->order[i], i + 1);
	loop_timer_free(f->loop, f->timers[0]);
	loop_timer_free(f->loop, f->timers[1]);
}

static int64_t
cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
loop_sleeps_when_nothing_is_left_to_do(void **state)
{
	struct fixture *f = *state;
	int64_t used_us;

	loop_defer(f->loop, count_call, &f->calls);
	f->timers[0] = loop_timer_new(f->loop, stop, f);
	loop_timer_start(f->loop, f->timers[0], 80000, 0);
	used_us = cpu_us();
	loop_run(f->loop);
	used_us = cpu_us() - used_us;
	assert_int_equal(f->calls, 1);
	assert_true(used_us < 40000);
	loop_timer_free(f->loop, f->timers[0]);
}

static void
stop_posted(void *arg)
{
	struct fixture *f = arg;

	assert_true(pthread_equal(pthread_self(), f->thread));
	if (++f->calls == 4000)
		loop_stop(f->loop);
}

static void *
post_many(void *arg)
{
	struct fixture *f = arg;

	for (int i = 0; i < 1000; i++)
		loop_post(f->loop, stop_posted, f);
	return NULL;
}

static void
posts_of_all_threads_arrive_on_the_loops_thread(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, post_many, f), 0);
	loop_run(f->loop);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(f->calls, 4000);
}

static void
run_elsewhere(void *arg)
{
	struct fixture *f = arg;

	if (!pthread_equal(pthread_self(), f->thread))
		f->ran++;
}

static void
done_here(void *arg)
{
	struct fixture *f = arg;

	assert_true(pthread_equal(pthread_self(), f->thread));
	if (++f->calls == f->ends)
		loop_stop(f->loop);
}

static void
work_runs_in_the_pool_and_ends_on_the_loop(void **state)
{
	struct fixture *f = *state;

	f->ends = 20;
	for (int i = 0; i < 20; i++)
		loop_work(f->loop, run_elsewhere, done_here, f);
	loop_run(f->loop);
	assert_int_equal(f->ran, 20);
	assert_int_equal(f->calls, 20);
}

static void
post_more(void *arg)
{
	struct fixture *f = arg;

	f->calls++;
	loop_post(f->loop, done_here, f);
	loop_defer(f->loop, done_here, f);
	loop_stop(f->loop);
}

static void
freeing_makes_every_pending_call(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++)
		loop_work(f->loop, run_elsewhere, post_more, f);
	loop_post(f->loop, done_here, f);
	loop_defer(f->loop, done_here, f);
	f->timers[0] = loop_timer_new(f->loop, on_never, f);
	loop_timer_start(f->loop, f->timers[0], 0, 0);
	loop_free(f->loop);
	f->loop = NULL;
	assert_int_equal(f->ran, 5);
	assert_int_equal(f->calls, 17);
}

static void
watches_left_over_are_closed_with_the_loop(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	loop_watch_new(f->loop, ends[0], LOOP_READ, on_old_watch, f);
	loop_work(f->loop, run_elsewhere, done_here, f);
	loop_free(f->loop);
	f->loop = NULL;
	assert_int_equal(f->calls, 1);
	assert_int_not_equal(fcntl(ends[0], F_GETFD), -1);
	close(ends[0]);
	close(ends[1]);
}

static void
signal_is_delivered_each_time(void **state)
{
	struct fixture *f = *state;

	assert_true(loop_signal(f->loop, SIGUSR1, done_here, f));
	for (f->ends = 1; f->ends <= 2; f->ends++) {
		raise(SIGUSR1);
		loop_run(f->loop);
	}
	assert_int_equal(f->calls, 2);
	assert_false(loop_signal(f->loop, SIGKILL, done_here, f));
}

static void
signal_is_not_heard_any_more_by_whom_it_was_taken_from(void **state)
{
	struct fixture *f = *state;
	struct fixture other = { .loop = f->loop, .ends = 99 };

	f->ends = 1;
	assert_true(loop_signal(f->loop, SIGUSR1, done_here, f));
	assert_true(loop_signal(f->loop, SIGUSR1, done_here, &other));
	assert_true(loop_signal(f->loop, SIGUSR1, NULL, &other));
	raise(SIGUSR1);
	loop_run(f->loop);
	assert_int_equal(f->calls, 1);
	assert_int_equal(other.calls, 0);
	assert_false(loop_signal(f->loop, SIGUSR1, NULL, &other));	/* it did not hear it */
	assert_false(loop_signal(f->loop, SIGUSR2, NULL, f));
}

static void *
stop_from_afar(void *arg)
{
	struct fixture *f = arg;
	struct timespec pause = { .tv_nsec = 20000000 };

	nanosleep(&pause, NULL);
	f->ran = 1;
	loop_post(f->loop, stop, f);
	return NULL;
}

static void
empty_loop_runs_until_it_is_stopped(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;

	loop_timer_stop(f->loop, f->guard);
	assert_int_equal(pthread_create(&thread, NULL, stop_from_afar, f), 0);
	loop_run(f->loop);
	assert_int_equal(f->ran, 1);
	pthread_join(thread, NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(timer_is_never_early_and_exact_below_a_millisecond),
		CASE(timers_fire_in_order_of_time_and_then_of_starting),
		CASE(repeating_timer_may_free_itself),
		CASE(timer_due_in_the_same_turn_can_still_be_stopped_and_freed),
		CASE(watch_may_free_itself),
		CASE(watch_freed_in_the_same_turn_is_never_called),
		CASE(watch_with_an_error_is_told_as_ready_and_stays),
		CASE(silent_watch_can_be_switched_on_later),
		CASE(regular_file_is_always_ready),
		CASE(watch_leaves_the_mode_of_the_descriptor_alone),
		CASE(descriptor_number_that_came_back_belongs_to_the_newer_watch),
		CASE(deferred_calls_made_while_deferring_are_not_lost),
		CASE(deferred_call_runs_after_the_rest_of_its_turn),
		CASE(loop_sleeps_when_nothing_is_left_to_do),
		CASE(posts_of_all_threads_arrive_on_the_loops_thread),
		CASE(work_runs_in_the_pool_and_ends_on_the_loop),
		CASE(freeing_makes_every_pending_call),
		CASE(watches_left_over_are_closed_with_the_loop),
		CASE(signal_is_delivered_each_time),
		CASE(signal_is_not_heard_any_more_by_whom_it_was_taken_from),
		CASE(empty_loop_runs_until_it_is_stopped),
		cmocka_unit_test(heap_agrees_with_a_plain_search),
		cmocka_unit_test(repeat_skips_what_it_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
