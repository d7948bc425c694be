/*
 * t_loop_fake.c - the loop with virtual time keeps the promises of the real one.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "support/loop_fake.h"

struct log {
	struct loop *loop;
	char text[128];
	struct loop_timer *timer;
	struct loop_watch *watch;
	int64_t at_us;
};

struct letter {
	struct log *log;
	char c;
};

static void
note(struct log *log, char c)
{
	size_t len = strlen(log->text);

	log->text[len] = c;
	log->text[len + 1] = '\0';
	log->at_us = loop_now_us(log->loop);
}

static void
on_letter(void *arg)
{
	struct letter *l = arg;

	note(l->log, l->c);
}

static void
work_posts_timers_and_deferred_calls_come_in_that_order(void **state)
{
	struct log log = { .loop = loop_fake_new() };
	struct letter w = { &log, 'w' }, d = { &log, 'd' }, p = { &log, 'p' }, t = { &log, 't' }, e = { &log, 'e' };

	(void)state;
	log.timer = loop_timer_new(log.loop, on_letter, &t);
	loop_timer_start(log.loop, log.timer, 0, 0);
	loop_defer(log.loop, on_letter, &e);
	loop_post(log.loop, on_letter, &p);
	loop_work(log.loop, on_letter, on_letter, &w);
	loop_defer(log.loop, on_letter, &d);
	assert_string_equal(log.text, "");
	assert_int_equal(loop_fake_alive(log.loop), 5);
	loop_fake_turn(log.loop);
	assert_string_equal(log.text, "wwpted");
	assert_int_equal(loop_fake_alive(log.loop), 1);
	loop_timer_free(log.loop, log.timer);
	assert_int_equal(loop_fake_alive(log.loop), 0);
	loop_free(log.loop);
}

static void
on_repeat(void *arg)
{
	struct log *log = arg;

	note(log, 'r');
	if (strlen(log->text) == 3)
		loop_timer_free(log->loop, log->timer);
}

static void
advancing_stops_at_each_timer(void **state)
{
	struct log log = { .loop = loop_fake_new() };
	struct clk clk = loop_fake_clk(log.loop);

	(void)state;
	assert_int_equal(clk_utc_us(&clk), LOOP_FAKE_UTC_US);
	assert_int_equal(clk_mono_us(&clk), loop_now_us(log.loop));
	log.timer = loop_timer_new(log.loop, on_repeat, &log);
	loop_timer_start(log.loop, log.timer, 100, 50);
	loop_fake_advance(log.loop, 99);
	assert_string_equal(log.text, "");
	loop_fake_advance(log.loop, 1);
	assert_string_equal(log.text, "r");
	loop_fake_advance(log.loop, 1000);
	assert_string_equal(log.text, "rrr");
	assert_int_equal(log.at_us, LOOP_FAKE_MONO_US + 200);
	assert_int_equal(clk_utc_us(&clk), LOOP_FAKE_UTC_US + 1100);
	assert_int_equal(loop_fake_alive(log.loop), 0);
	loop_free(log.loop);
}

static void
on_ready(void *arg, unsigned events)
{
	struct log *log = arg;

	note(log, events == LOOP_READ ? 'R' : 'W');
	loop_watch_free(log->loop, log->watch);
}

static void
watches_are_told_what_they_ask_for(void **state)
{
	struct log log = { .loop = loop_fake_new() };

	(void)state;
	log.watch = loop_watch_new(log.loop, 5, LOOP_READ, on_ready, &log);
	assert_int_equal(loop_fake_watched(log.loop, 5), LOOP_READ);
	loop_fake_ready(log.loop, 6, LOOP_READ);
	loop_fake_ready(log.loop, 5, LOOP_WRITE);
	loop_fake_turn(log.loop);
	assert_string_equal(log.text, "");
	loop_fake_ready(log.loop, 5, LOOP_READ | LOOP_WRITE);
	loop_fake_turn(log.loop);
	assert_string_equal(log.text, "R");
	assert_int_equal(loop_fake_alive(log.loop), 0);
	loop_free(log.loop);
}

static void
on_stop(void *arg)
{
	struct log *log = arg;

	note(log, 's');
	loop_stop(log->loop);
}

static void
running_goes_from_timer_to_timer_until_stopped(void **state)
{
	struct log log = { .loop = loop_fake_new() };

	(void)state;
	log.timer = loop_timer_new(log.loop, on_stop, &log);
	loop_timer_start(log.loop, log.timer, 5000000, 0);
	loop_run(log.loop);
	assert_string_equal(log.text, "s");
	assert_int_equal(loop_now_us(log.loop), LOOP_FAKE_MONO_US + 5000000);
	loop_timer_free(log.loop, log.timer);
	assert_true(loop_signal(log.loop, SIGTERM, on_stop, &log));
	loop_fake_raise(log.loop, SIGTERM);
	loop_run(log.loop);
	assert_string_equal(log.text, "ss");
	assert_true(loop_signal(log.loop, SIGTERM, NULL, &log));
	assert_false(loop_signal(log.loop, SIGTERM, NULL, &log));
	loop_fake_raise(log.loop, SIGTERM);
	loop_fake_turn(log.loop);
	assert_string_equal(log.text, "ss");
	loop_free(log.loop);
}

static void
on_chain(void *arg)
{
	struct letter *l = arg;

	note(l->log, l->c);
	if (l->c++ < 'c')
		loop_post(l->log->loop, on_chain, l);
}

static void
freeing_makes_every_pending_call(void **state)
{
	struct log log = { .loop = loop_fake_new() };
	struct letter a = { &log, 'a' }, z = { &log, 'z' };

	(void)state;
	loop_work(log.loop, on_letter, on_chain, &a);
	loop_defer(log.loop, on_letter, &z);
	loop_free(log.loop);
	assert_string_equal(log.text, "aabzc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_posts_timers_and_deferred_calls_come_in_that_order),
		cmocka_unit_test(advancing_stops_at_each_timer),
		cmocka_unit_test(watches_are_told_what_they_ask_for),
		cmocka_unit_test(running_goes_from_timer_to_timer_until_stopped),
		cmocka_unit_test(freeing_makes_every_pending_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
