/*
 * t_alarms.c - the list of alarms: kept until seen, one for a trouble that flaps, what is over gives way first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/alarms.h"
#include "base/loop.h"
#include "support/loop_fake.h"

enum { LOST = 1, HOT };

struct set {
	struct loop *loop;
	struct clk clk;
	struct bus *bus;
	struct alarms *a;
	int said, changed;
};

static void
hear(void *arg, const struct bus_event *ev)
{
	struct set *s = arg;

	s->said += ev->kind == EV_ALARM;
	s->changed += ev->kind == EV_ALARMS_CHANGED;
}

static int
setup(void **state)
{
	struct set *s = calloc(1, sizeof *s);

	s->loop = loop_fake_new();
	s->clk = loop_fake_clk(s->loop);
	s->bus = bus_new();
	bus_listen(s->bus, EV_KINDS, hear, s);
	s->a = alarms_new(s->bus, &s->clk);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct set *s = *state;

	alarms_free(s->a);
	alarms_free(NULL);
	bus_unlisten(s->bus, hear, s);
	bus_free(s->bus);
	loop_free(s->loop);
	free(s);
	return 0;
}

static void
an_alarm_is_news_and_stays_until_it_is_seen(void **state)
{
	struct set *s = *state;

	alarms_add(s->a, "cam1", LOST, "1 left LOST. See to it", "1 left LOST  see to it");
	assert_int_equal(s->said, 1);
	assert_int_equal(s->changed, 1);
	assert_int_equal(alarms_count(s->a), 1);
	assert_string_equal(alarms_at(s->a, 0)->text, "1 left LOST. See to it");
	assert_string_equal(alarms_at(s->a, 0)->brief, "1 left LOST  see to it");
	assert_string_equal(alarms_at(s->a, 0)->node, "cam1");
	assert_int_equal(alarms_at(s->a, 0)->time_us, clk_utc_us(&s->clk));
	assert_null(alarms_at(s->a, 1));
	assert_null(alarms_at(s->a, -1));
	alarms_over(s->a, "cam1", LOST);
	assert_true(alarms_at(s->a, 0)->over);
	alarms_over(s->a, "cam1", LOST);		/* once is enough */
	assert_int_equal(s->changed, 2);
	alarms_seen(s->a, 0);
	assert_int_equal(alarms_count(s->a), 1);
	alarms_seen(s->a, -1);
	assert_int_equal(alarms_count(s->a), 0);
	assert_int_equal(s->changed, 3);
}

static void
the_newest_are_what_was_seen(void **state)
{
	struct set *s = *state;

	alarms_add(s->a, "cam1", LOST, "first", "1");
	alarms_add(s->a, "cam2", LOST, "second", "2");
	alarms_add(s->a, NULL, HOT, "third", "3");
	assert_string_equal(alarms_at(s->a, 2)->node, "");
	alarms_seen(s->a, 2);
	assert_int_equal(alarms_count(s->a), 1);
	assert_string_equal(alarms_at(s->a, 0)->text, "first");
	alarms_seen(s->a, 99);
	assert_int_equal(alarms_count(s->a), 0);
}

static void
what_comes_back_within_ten_seconds_is_the_same_alarm(void **state)
{
	struct set *s = *state;
	const int64_t first_us = clk_utc_us(&s->clk);

	alarms_add(s->a, "cam1", LOST, "lost", "l");
	alarms_add(s->a, "cam2", HOT, "hot", "h");
	assert_false(alarms_renew(s->a, "cam1", LOST, "again", "a"));	/* it stands */
	alarms_over(s->a, "cam1", LOST);
	assert_false(alarms_renew(s->a, "cam1", HOT, "again", "a"));	/* another trouble */
	assert_false(alarms_renew(s->a, "cam3", LOST, "again", "a"));
	loop_fake_advance(s->loop, 10000000);
	assert_true(alarms_renew(s->a, "cam1", LOST, "again", "a"));
	assert_int_equal(alarms_count(s->a), 2);
	assert_string_equal(alarms_at(s->a, 1)->text, "again");		/* the newest now */
	assert_string_equal(alarms_at(s->a, 1)->brief, "a");
	assert_int_equal(alarms_at(s->a, 1)->time_us, first_us);
	assert_false(alarms_at(s->a, 1)->over);
	assert_int_equal(s->said, 2);					/* nor does it ring again */
	alarms_over(s->a, "cam1", LOST);
	loop_fake_advance(s->loop, 10000001);
	assert_false(alarms_renew(s->a, "cam1", LOST, "again", "a"));
}

static void
words_change_where_it_stands(void **state)
{
	struct set *s = *state;

	assert_false(alarms_retell(s->a, "cam1", LOST, "better", "b"));
	alarms_add(s->a, "cam1", LOST, "lost", "l");
	assert_true(alarms_retell(s->a, "cam1", LOST, "better", "b"));
	assert_string_equal(alarms_at(s->a, 0)->text, "better");
	alarms_over(s->a, "cam1", LOST);
	assert_false(alarms_retell(s->a, "cam1", LOST, "late", "l"));
	assert_string_equal(alarms_at(s->a, 0)->text, "better");
}

static void
one_that_another_stands_for_goes_without_being_seen(void **state)
{
	struct set *s = *state;
	const int64_t first_us = clk_utc_us(&s->clk);

	alarms_add(s->a, "cam1", LOST, "lost", "l");
	loop_fake_advance(s->loop, 3000000);
	assert_int_equal(alarms_drop(s->a, "cam2", LOST), 0);
	assert_int_equal(alarms_drop(s->a, "cam1", LOST), first_us);
	assert_int_equal(alarms_count(s->a), 0);
	s->said = 0;
	alarms_put(s->a, "", HOT, first_us, "all of them", "all");
	assert_int_equal(s->said, 0);			/* they were news already */
	assert_int_equal(alarms_at(s->a, 0)->time_us, first_us);
	alarms_say(s->a, "cam3", "one more");
	assert_int_equal(s->said, 1);
	assert_int_equal(alarms_count(s->a), 1);
}

static void
a_full_list_loses_its_oldest_that_is_over_else_its_oldest(void **state)
{
	struct set *s = *state;
	char text[32];

	for (int i = 0; i < ALARMS_KEPT; i++) {
		snprintf(text, sizeof text, "%d", i);
		alarms_add(s->a, text, LOST, text, text);
	}
	alarms_over(s->a, "7", LOST);
	alarms_over(s->a, "9", LOST);
	alarms_add(s->a, "x", LOST, "x", "x");
	assert_int_equal(alarms_count(s->a), ALARMS_KEPT);
	assert_string_equal(alarms_at(s->a, 7)->text, "8");
	alarms_add(s->a, "y", LOST, "y", "y");
	assert_string_equal(alarms_at(s->a, 7)->text, "8");
	assert_string_equal(alarms_at(s->a, 8)->text, "10");
	alarms_add(s->a, "z", LOST, "z", "z");
	assert_string_equal(alarms_at(s->a, 0)->text, "1");
	assert_string_equal(alarms_at(s->a, ALARMS_KEPT - 1)->text, "z");
}

static void
a_text_that_is_too_long_is_cut_not_spilled(void **state)
{
	struct set *s = *state;
	char text[3 * MAX_TEXT_FIELD];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	alarms_add(s->a, "cam1", LOST, text, text);
	assert_int_equal(strlen(alarms_at(s->a, 0)->text), MAX_TEXT_FIELD - 1);
	assert_int_equal(strlen(alarms_at(s->a, 0)->brief), ALARMS_BRIEF - 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_alarm_is_news_and_stays_until_it_is_seen), TEST(the_newest_are_what_was_seen),
		TEST(what_comes_back_within_ten_seconds_is_the_same_alarm), TEST(words_change_where_it_stands),
		TEST(one_that_another_stands_for_goes_without_being_seen), TEST(a_full_list_loses_its_oldest_that_is_over_else_its_oldest),
		TEST(a_text_that_is_too_long_is_cut_not_spilled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
