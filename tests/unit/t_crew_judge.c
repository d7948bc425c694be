/*
 * t_crew_judge.c - silence, bye and a withdrawn record become live, stale, lost and back.
 */
#include "unit/crew_kit.h"

static const struct crew_member *
member(struct kit *k, const char *id)
{
	const struct crew_member *m = crew_find(k->crew, id);

	assert_non_null(m);
	return m;
}

static void
silence_is_stale_then_lost_to_the_digit(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	loop_fake_advance(k->loop, 2990000);
	kit_expect(k, "");
	assert_int_equal(crew_live_count(k->crew), 1);
	loop_fake_advance(k->loop, 20000);
	kit_expect(k, "node-stale cam1 no word for 3.0 s");
	assert_int_equal(crew_live_count(k->crew), 0);
	loop_fake_advance(k->loop, 2980000);
	kit_expect(k, "");
	loop_fake_advance(k->loop, 20000);
	kit_expect(k, "node-lost cam1 no word for 6.0 s");
	assert_int_equal(member(k, "cam1")->link, HEALTH_LOST);
	loop_fake_advance(k->loop, 60000000);
	kit_expect(k, "");
}

static void
a_word_in_time_keeps_it_live(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	kit_live(k, 30);
	kit_expect(k, "");
	assert_int_equal(member(k, "cam1")->link, HEALTH_LIVE);
}

static void
a_lost_node_that_speaks_is_back_at_once(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	loop_fake_advance(k->loop, 10000000);
	kit_deaf(k);
	fake_word(c);
	kit_expect(k, "node-back cam1 after 4.0 s | node-live cam1");
	loop_fake_advance(k->loop, 3500000);
	fake_word(c);
	kit_expect(k, "node-stale cam1 no word for 3.0 s | node-live cam1");	/* it was never away */
}

static void
the_silence_that_counts_can_be_set(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	kit_set(k, "stale-after", "1s");
	kit_set(k, "lost-after", "2s");
	loop_fake_advance(k->loop, 2100000);
	kit_expect(k, "node-stale cam1 no word for 1.0 s | node-lost cam1 no word for 2.0 s");
}

static void
absent_nodes_are_tried_often_but_not_all_of_them_all_the_time(void **state)
{
	struct kit *k = *state;
	int64_t rest_us;

	for (int n = 1; n <= 16; n++)
		kit_member(k, n);
	for (int i = 0; i < 16; i++)
		fake_go(fake_conns[i], CONN_BACKOFF, "no route to host");
	rest_us = fake_conns[0]->conf->backoff_most_us;
	assert_true(rest_us * 5 / 4 <= 3000000);	/* with its jitter */
	assert_true(16 * 3 * 1000000LL / (rest_us * 3 / 4 + 2000000) <= 20);	/* packets a second */
	for (int n = 1; n <= 16; n++) {
		char host[32], id[32];

		snprintf(host, sizeof host, "100.64.0.%d", n);
		snprintf(id, sizeof id, "cam%d", n);
		kit_sight(host, 8081, id);
	}
	fake_go(fake_conns[0], CONN_BACKOFF, "no route to host");
	assert_true(fake_conns[0]->conf->backoff_most_us > 5000000);
	for (int i = 0; i < 16; i++)
		fake_go(fake_conns[i], CONN_LIVE, "");
	fake_go(fake_conns[0], CONN_BACKOFF, "no route to host");
	assert_true(fake_conns[0]->conf->backoff_most_us == rest_us);
}

static void
bye_is_lost_at_once_and_an_echo_does_not_bring_it_back(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_bye(c, "quit");
	kit_expect(k, "node-lost cam1 said bye: quit");
	assert_true(member(k, "cam1")->said_bye);
	fake_identify(c, "cam1", "cam1");	/* its last answer, overtaken by the bye */
	fake_go(c, CONN_BACKOFF, "it said bye");
	kit_expect(k, "");
	assert_int_equal(member(k, "cam1")->link, HEALTH_LOST);
	loop_fake_advance(k->loop, 8000000);
	kit_expect(k, "");
}

static void
a_new_hello_after_bye_brings_it_back(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_bye(c, "sleep");
	fake_go(c, CONN_BACKOFF, "it said bye");
	kit_deaf(k);
	loop_fake_advance(k->loop, 1000000);
	fake_come_alive(c, "cam1", "cam1");
	kit_expect(k, "node-back cam1 after 1.0 s | node-live cam1");
	assert_false(member(k, "cam1")->said_bye);
}

static void
one_that_says_bye_and_talks_on_is_believed_after_a_while(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_bye(c, "released");
	kit_deaf(k);
	loop_fake_advance(k->loop, 1000000);
	fake_word(c);
	kit_expect(k, "");
	loop_fake_advance(k->loop, 1500000);
	fake_word(c);
	kit_expect(k, "node-back cam1 after 2.5 s | node-live cam1");
}

static void
a_withdrawn_record_of_a_dead_node_is_lost_at_once(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_go(c, CONN_BACKOFF, "connection refused");
	kit_expect(k, "");		/* refused is not yet lost: it may be restarting */
	kit_goodbye("10.0.0.1", 8081, "");
	kit_expect(k, "node-lost cam1 withdrew its Bonjour record and does not answer: connection refused");
}

static void
a_withdrawn_record_of_a_silent_node_is_lost_within_a_second_and_a_half(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_goodbye("", 0, "cam1");
	assert_int_equal(c->doubts, 1);
	kit_expect(k, "");
	loop_fake_advance(k->loop, 1500000);
	assert_int_equal(kit_count(k, "node-lost cam1 withdrew"), 1);
	fake_word(c);			/* any word disproves it */
	assert_int_equal(kit_count(k, "node-live cam1"), 1);
}

static void
a_withdrawn_record_of_a_node_that_answers_is_nothing(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_goodbye("10.0.0.1", 8081, "cam1");
	loop_fake_advance(k->loop, 200000);
	fake_word(c);
	kit_live(k, 10);
	kit_expect(k, "");
}

static void
a_withdrawn_candidate_is_dropped_unless_somebody_typed_it(void **state)
{
	struct kit *k = *state;
	const struct registry_address typed = fake_address("10.0.0.2", 8081, VIA_MANUAL);

	kit_sight("10.0.0.1", 8081, "");
	kit_sight("10.0.0.2", 8081, "");
	crew_add_address(k->crew, &typed);
	kit_goodbye("10.0.0.1", 8081, "");
	kit_goodbye("10.0.0.2", 8081, "");
	kit_goodbye("10.0.0.3", 8081, "");	/* never heard of */
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(crew_pending_count(k->crew), 1);
	assert_null(fake_conn("10.0.0.1"));
	assert_non_null(fake_conn("10.0.0.2"));
}

static struct kit *forgetful;

static void
forget_the_lost(void *arg, const struct bus_event *ev)
{
	(void)arg;
	crew_forget(forgetful->crew, ev->node);
}

static void
a_listener_may_forget_the_node_it_hears_of(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	kit_member(k, 2);
	forgetful = k;
	bus_listen(k->bus, EV_NODE_LOST, forget_the_lost, NULL);
	loop_fake_advance(k->loop, 7000000);
	assert_int_equal(crew_count(k->crew), 0);
	assert_int_equal(kit_count(k, "node-lost"), 2);
	bus_unlisten(k->bus, forget_the_lost, NULL);
}

/* ---- Pictures ---- */

static void
picture(struct kit *k, int64_t number)
{
	struct conn *c = fake_conn("10.0.0.1");

	(void)k;
	c->fns->frame(c->arg, c, "jpeg", 4, 0, number);
}

/* Nobody has to look at it all the time: the judgement comes when it is due. */
static void
a_picture_that_stands_still_is_frozen_after_two_seconds_to_the_digit(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	for (int i = 0; i < 50; i++) {
		picture(k, i);
		loop_fake_advance(k->loop, 100000);
	}
	assert_false(member(k, "cam1")->frozen);
	for (int i = 0; i < 18; i++) {
		picture(k, 49);
		loop_fake_advance(k->loop, 100000);
	}
	picture(k, 49);
	assert_false(member(k, "cam1")->frozen);		/* 1.9 s since it moved */
	loop_fake_advance(k->loop, 99000);
	assert_false(member(k, "cam1")->frozen);
	loop_fake_advance(k->loop, 3000);
	assert_true(member(k, "cam1")->frozen);
	picture(k, 50);
	loop_fake_advance(k->loop, 2000);
	assert_false(member(k, "cam1")->frozen);
	for (int i = 0; i < 30; i++) {
		picture(k, 51 + i);
		loop_fake_advance(k->loop, 100000);
		assert_false(member(k, "cam1")->frozen);
	}
}

static void
what_was_frozen_is_so_while_nobody_looks(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	for (int i = 0; i < 25; i++) {
		picture(k, 7);
		loop_fake_advance(k->loop, 100000);
	}
	assert_true(member(k, "cam1")->frozen);
	kit_live(k, 60);
	assert_true(member(k, "cam1")->frozen);
	picture(k, 7);
	loop_fake_advance(k->loop, 10000);
	assert_true(member(k, "cam1")->frozen);
	picture(k, 8);
	loop_fake_advance(k->loop, 10000);
	assert_false(member(k, "cam1")->frozen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(silence_is_stale_then_lost_to_the_digit),
		TEST(a_word_in_time_keeps_it_live),
		TEST(a_lost_node_that_speaks_is_back_at_once),
		TEST(the_silence_that_counts_can_be_set),
		TEST(absent_nodes_are_tried_often_but_not_all_of_them_all_the_time),
		TEST(bye_is_lost_at_once_and_an_echo_does_not_bring_it_back),
		TEST(a_new_hello_after_bye_brings_it_back),
		TEST(one_that_says_bye_and_talks_on_is_believed_after_a_while),
		TEST(a_withdrawn_record_of_a_dead_node_is_lost_at_once),
		TEST(a_withdrawn_record_of_a_silent_node_is_lost_within_a_second_and_a_half),
		TEST(a_withdrawn_record_of_a_node_that_answers_is_nothing),
		TEST(a_withdrawn_candidate_is_dropped_unless_somebody_typed_it),
		TEST(a_listener_may_forget_the_node_it_hears_of),
		TEST(a_picture_that_stands_still_is_frozen_after_two_seconds_to_the_digit), TEST(what_was_frozen_is_so_while_nobody_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
