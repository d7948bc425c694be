/*
 * t_bus.c - news reach those who listen, also when listeners come and go meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "app/bus.h"
#include "base/clk.h"
#include "base/str.h"

struct ear {
	struct bus *bus;
	int calls;
	struct bus_event last;
	char text[MAX_TEXT_FIELD];
	struct ear *other;
};

static void
hear(void *arg, const struct bus_event *ev)
{
	struct ear *e = arg;

	e->calls++;
	e->last = *ev;
	str_copy(e->text, sizeof e->text, ev->text != NULL ? ev->text : "(null)");
}

static void
hear_and_leave(void *arg, const struct bus_event *ev)
{
	struct ear *e = arg;

	hear(arg, ev);
	bus_unlisten(e->bus, hear_and_leave, e);
}

static void
hear_and_silence_other(void *arg, const struct bus_event *ev)
{
	struct ear *e = arg;

	hear(arg, ev);
	bus_unlisten(e->bus, hear, e->other);
}

static void
hear_and_bring_other(void *arg, const struct bus_event *ev)
{
	struct ear *e = arg;

	hear(arg, ev);
	if (e->calls == 1)
		bus_listen(e->bus, EV_CUT, hear, e->other);
}

static void
hear_and_say_more(void *arg, const struct bus_event *ev)
{
	struct ear *e = arg;

	hear(arg, ev);
	if (ev->kind == EV_CUT)
		bus_tell(e->bus, EV_ALARM, NULL, "because of %s", ev->node);
}

static void
hear_and_leave_deep(void *arg, const struct bus_event *ev)
{
	struct ear *e = arg;

	hear(arg, ev);
	if (ev->kind == EV_CUT)
		bus_tell(e->bus, EV_ALARM, NULL, "deeper");
	else
		bus_unlisten(e->bus, hear_and_leave_deep, e);
}

static void
only_the_kind_asked_for_is_heard(void **state)
{
	struct bus *b = bus_new();
	struct ear cut = { .bus = b }, all = { .bus = b };

	(void)state;
	bus_listen(b, EV_CUT, hear, &cut);
	bus_listen(b, EV_KINDS, hear, &all);
	bus_tell(b, EV_CUT, "cam1", "to %s", "left");
	bus_tell(b, EV_ALARM, NULL, "x");
	assert_int_equal(cut.calls, 1);
	assert_string_equal(cut.last.node, "cam1");
	assert_string_equal(cut.text, "to left");
	assert_int_equal(all.calls, 2);
	bus_free(b);
}

static void
time_is_filled_in_unless_told(void **state)
{
	struct bus *b = bus_new();
	struct ear e = { .bus = b };
	const int64_t before_us = clk_utc_us(clk_system());

	(void)state;
	bus_listen(b, EV_CUT, hear, &e);
	bus_say(b, &(struct bus_event){ .kind = EV_CUT });
	assert_true(e.last.time_us >= before_us && e.last.time_us <= clk_utc_us(clk_system()));
	bus_say(b, &(struct bus_event){ .kind = EV_CUT, .time_us = 42 });
	assert_int_equal(e.last.time_us, 42);
	bus_free(b);
}

static void
empty_text_is_no_text(void **state)
{
	struct bus *b = bus_new();
	struct ear e = { .bus = b };

	(void)state;
	bus_listen(b, EV_CUT, hear, &e);
	bus_tell(b, EV_CUT, NULL, "%s", "");
	assert_null(e.last.text);
	bus_free(b);
}

static void
long_text_is_cut_at_a_whole_character(void **state)
{
	struct bus *b = bus_new();
	struct ear e = { .bus = b };
	char text[4 * MAX_TEXT_FIELD];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xa4", 3);
	bus_listen(b, EV_NOTICE, hear, &e);
	bus_tell(b, EV_NOTICE, NULL, "%s", text);
	assert_true(strlen(e.text) > MAX_TEXT_FIELD - 8);
	assert_true(str_is_utf8(e.text, strlen(e.text)));
	bus_free(b);
}

static void
one_that_leaves_while_called_is_not_called_again(void **state)
{
	struct bus *b = bus_new();
	struct ear first = { .bus = b }, second = { .bus = b };

	(void)state;
	bus_listen(b, EV_CUT, hear_and_leave, &first);
	bus_listen(b, EV_CUT, hear, &second);
	bus_tell(b, EV_CUT, NULL, "1");
	bus_tell(b, EV_CUT, NULL, "2");
	assert_int_equal(first.calls, 1);
	assert_int_equal(second.calls, 2);
	bus_free(b);
}

static void
one_silenced_by_another_does_not_hear_the_present_news(void **state)
{
	struct bus *b = bus_new();
	struct ear second = { .bus = b }, first = { .bus = b, .other = &second };

	(void)state;
	bus_listen(b, EV_CUT, hear_and_silence_other, &first);
	bus_listen(b, EV_CUT, hear, &second);
	bus_tell(b, EV_CUT, NULL, "1");
	assert_int_equal(first.calls, 1);
	assert_int_equal(second.calls, 0);
	bus_free(b);
}

static void
a_newcomer_hears_the_next_news_not_the_present(void **state)
{
	struct bus *b = bus_new();
	struct ear second = { .bus = b }, first = { .bus = b, .other = &second };

	(void)state;
	bus_listen(b, EV_CUT, hear_and_bring_other, &first);
	bus_tell(b, EV_CUT, NULL, "1");
	assert_int_equal(second.calls, 0);
	bus_tell(b, EV_CUT, NULL, "2");
	assert_int_equal(second.calls, 1);
	bus_free(b);
}

static void
news_said_inside_news_reach_everybody(void **state)
{
	struct bus *b = bus_new();
	struct ear talker = { .bus = b }, late = { .bus = b };

	(void)state;
	bus_listen(b, EV_CUT, hear_and_say_more, &talker);
	bus_listen(b, EV_ALARM, hear, &late);
	bus_tell(b, EV_CUT, "cam2", "x");
	assert_int_equal(late.calls, 1);
	assert_string_equal(late.text, "because of cam2");
	bus_free(b);
}

static void
leaving_two_levels_deep_waits_for_the_outer_call(void **state)
{
	struct bus *b = bus_new();
	struct ear leaver = { .bus = b }, after = { .bus = b };

	(void)state;
	bus_listen(b, EV_KINDS, hear_and_leave_deep, &leaver);
	bus_listen(b, EV_KINDS, hear, &after);
	bus_tell(b, EV_CUT, NULL, "1");
	assert_int_equal(leaver.calls, 2);
	assert_int_equal(after.calls, 2);
	bus_tell(b, EV_CUT, NULL, "2");
	assert_int_equal(leaver.calls, 2);
	assert_int_equal(after.calls, 3);
	bus_free(b);
}

static void
a_pair_may_listen_twice_and_leaves_at_once(void **state)
{
	struct bus *b = bus_new();
	struct ear e = { .bus = b };

	(void)state;
	bus_listen(b, EV_CUT, hear, &e);
	bus_listen(b, EV_ALARM, hear, &e);
	bus_unlisten(b, hear, &e);
	bus_tell(b, EV_CUT, NULL, "1");
	bus_tell(b, EV_ALARM, NULL, "2");
	assert_int_equal(e.calls, 0);
	bus_free(b);
	bus_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_kind_asked_for_is_heard),
		cmocka_unit_test(time_is_filled_in_unless_told),
		cmocka_unit_test(empty_text_is_no_text),
		cmocka_unit_test(long_text_is_cut_at_a_whole_character),
		cmocka_unit_test(one_that_leaves_while_called_is_not_called_again),
		cmocka_unit_test(one_silenced_by_another_does_not_hear_the_present_news),
		cmocka_unit_test(a_newcomer_hears_the_next_news_not_the_present),
		cmocka_unit_test(news_said_inside_news_reach_everybody),
		cmocka_unit_test(leaving_two_levels_deep_waits_for_the_outer_call),
		cmocka_unit_test(a_pair_may_listen_twice_and_leaves_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
