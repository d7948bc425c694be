/*
 * t_crew.c - sightings become candidates, candidates become members, two ways to one device become one.
 */
#include "unit/crew_kit.h"

static const struct crew_member *
member(struct kit *k, const char *id)
{
	const struct crew_member *m = crew_find(k->crew, id);

	assert_non_null(m);
	return m;
}

/* ---- From a sighting to a member ---- */

static void
a_sighting_is_a_candidate_until_it_answers(void **state)
{
	struct kit *k = *state;
	char text[200];

	kit_sight("10.0.0.1", 8081, "");
	assert_int_equal(crew_count(k->crew), 0);
	assert_int_equal(crew_pending_count(k->crew), 1);
	assert_true(crew_pending_at(k->crew, 0, text, sizeof text));
	assert_string_equal(text, "10.0.0.1:8081: being tried");
	assert_false(crew_failed_at(k->crew, 0, text, sizeof text));
	fake_go(fake_conn("10.0.0.1"), CONN_BACKOFF, "connection refused");
	assert_true(crew_pending_at(k->crew, 0, text, sizeof text));
	assert_string_equal(text, "10.0.0.1:8081: connection refused");
	assert_false(crew_pending_at(k->crew, 1, text, sizeof text));
	assert_true(crew_failed_at(k->crew, 0, text, sizeof text));
	assert_string_equal(text, "10.0.0.1:8081: connection refused");
	assert_false(crew_failed_at(k->crew, 1, text, sizeof text));
	loop_fake_advance(k->loop, 2000000);
	fake_go(fake_conn("10.0.0.1"), CONN_BACKOFF, "10.0.0.1:8081: /info answered 500: not a camera node");
	assert_true(crew_failed_at(k->crew, 0, text, sizeof text));
	assert_string_equal(text, "10.0.0.1:8081: /info answered 500: not a camera node");
	kit_expect(k, "");
}

static void
an_answer_makes_a_member_with_a_number(void **state)
{
	struct kit *k = *state;

	kit_sight("10.0.0.1", 8081, "");
	fake_come_alive(fake_conn("10.0.0.1"), "cam1", "Left");
	assert_int_equal(k->inner[EV_CREW_CHANGED], 1);
	assert_int_equal(k->inner[EV_NODE_INFO], 1);
	assert_true(k->inner[EV_MANIFEST_DIRTY] > 0);
	kit_expect(k, "node-seen cam1 | node-live cam1");
	assert_int_equal(crew_count(k->crew), 1);
	assert_int_equal(crew_live_count(k->crew), 1);
	assert_int_equal(crew_pending_count(k->crew), 0);
	assert_int_equal(member(k, "cam1")->node->number, 1);
	assert_int_equal(member(k, "cam1")->conn, CONN_LIVE);
	assert_int_equal(member(k, "cam1")->node->addresses[0].via, VIA_BONJOUR);
	assert_true(member(k, "cam1")->node->addresses[0].in_use);
	assert_ptr_equal(crew_at(k->crew, 0), member(k, "cam1"));
	assert_null(crew_at(k->crew, 1));
}

static void
the_same_sighting_opens_one_conn(void **state)
{
	struct kit *k = *state;
	const struct registry_address typed = fake_address("10.0.0.1", 8081, VIA_MANUAL);

	kit_sight("10.0.0.1", 8081, "");
	kit_sight("10.0.0.1", 8081, "");
	crew_add_address(k->crew, &typed);
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(fake_conns[0]->nudges, 2);
	fake_come_alive(fake_conns[0], "cam1", "Left");
	assert_int_equal(member(k, "cam1")->node->addresses[0].via, VIA_BONJOUR | VIA_MANUAL);
}

static void
a_sighting_with_a_members_id_adds_its_address_best_path_first(void **state)
{
	struct conn *c;

	(void)state;
	kit_sight("100.100.1.2", 8081, "");
	c = fake_conn("100.100.1.2");
	fake_come_alive(c, "cam1", "Left");
	kit_sight("10.0.0.1", 8081, "cam1");
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(c->address_count, 2);
	assert_string_equal(c->addresses[0].host, "10.0.0.1");
	assert_string_equal(c->addresses[1].host, "100.100.1.2");
	assert_int_equal(c->nudges, 0);		/* it is up: nothing to hurry */
}

static void
a_sighting_hurries_a_member_whose_link_is_down(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	const int sets = c->sets;

	fake_go(c, CONN_BACKOFF, "connection refused");
	kit_sight("10.0.0.1", 8081, "cam1");
	assert_int_equal(c->nudges, 1);
	assert_int_equal(c->sets, sets);	/* the same address again is no new list */
}

static void
two_conns_to_one_device_become_one(void **state)
{
	struct kit *k = *state;
	struct conn *first = kit_member(k, 1);

	kit_sight("10.0.9.9", 8081, "");
	fake_identify(fake_conn("10.0.9.9"), "cam1", "cam1");
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 1);
	assert_ptr_equal(crew_conn(k->crew, "cam1"), first);
	assert_int_equal(first->address_count, 2);
	assert_int_equal(crew_count(k->crew), 1);
	assert_int_equal(crew_pending_count(k->crew), 0);
	kit_expect(k, "");
}

/* Its conn hears of the new place and tries it; nothing else of the member is touched. */
static void
a_member_that_is_down_gets_the_address_where_it_was_found(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_go(c, CONN_BACKOFF, "no route to host");
	kit_sight("10.0.9.9", 8081, "");
	fake_come_alive(fake_conn("10.0.9.9"), "cam1", "cam1");
	assert_ptr_equal(crew_conn(k->crew, "cam1"), c);
	assert_int_equal(c->address_count, 2);
	assert_int_equal(c->nudges, 1);
	assert_int_equal(crew_count(k->crew), 1);
	assert_int_equal(crew_pending_count(k->crew), 0);
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 1);
}

static int told_result;

static void
told(void *arg, const char *node, const struct node_answer *a, int64_t took_us, int tries)
{
	(void)arg;
	(void)node;
	(void)took_us;
	(void)tries;
	told_result = (int)a->result;
}

static void
a_path_found_later_loses_no_answer(void **state)
{
	struct kit *k = *state;
	struct conn *c;

	kit_sight("100.100.1.2", 8081, "");
	c = fake_conn("100.100.1.2");
	fake_come_alive(c, "cam1", "Left");
	conn_command(c, &(struct node_request){ .verb = NODE_ZOOM }, told, NULL);
	told_result = -1;
	kit_sight("10.0.0.1", 8081, "");
	fake_come_alive(fake_conn("10.0.0.1"), "cam1", "Left");
	assert_ptr_equal(crew_conn(k->crew, "cam1"), c);
	assert_string_equal(c->addresses[0].host, "10.0.0.1");	/* the better one first */
	kit_live(k, 3);
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(told_result, -1);
	fake_path(c, "10.0.0.1", true, true, 900);
	fake_answer(c, 0, NODE_OK);		/* the same conn, still there to answer */
	assert_int_equal(told_result, NODE_OK);
}

static void
words_of_a_conn_that_was_ended_are_not_heard(void **state)
{
	struct kit *k = *state;
	struct conn *c;

	kit_member(k, 1);
	kit_sight("10.0.9.9", 8081, "");
	c = fake_conn("10.0.9.9");
	fake_identify(c, "cam1", "cam1");
	kit_deaf(k);
	fake_go(c, CONN_BACKOFF, "gone");
	fake_word(c);
	fake_identify(c, "cam2", "cam2");
	assert_int_equal(crew_count(k->crew), 1);
	assert_int_equal(member(k, "cam1")->conn, CONN_LIVE);
	assert_string_equal(member(k, "cam1")->why, "");
	assert_int_equal(k->inner[EV_NODE_STATE], 0);
}

static void
another_camera_at_a_known_address_is_another_member(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_go(c, CONN_BACKOFF, "reset");
	fake_identify(c, "cam2", "New phone");
	assert_null(crew_conn(k->crew, "cam1"));
	assert_int_equal(member(k, "cam1")->node->address_count, 0);
	assert_string_equal(member(k, "cam1")->why, "another camera answers at its address");
	loop_fake_advance(k->loop, 1000);
	fake_come_alive(fake_conn("10.0.0.1"), "cam2", "New phone");
	assert_int_equal(crew_count(k->crew), 2);
	assert_int_equal(kit_count(k, "node-seen cam2"), 1);
	assert_int_equal(member(k, "cam2")->node->addresses[0].via, VIA_BONJOUR);
	kit_sight("10.0.0.77", 8081, "cam1");	/* it is found again */
	assert_non_null(crew_conn(k->crew, "cam1"));
	assert_int_equal(member(k, "cam1")->node->number, 1);
	loop_fake_advance(k->loop, 3000000);
	assert_int_equal(fake_conn_count, 2);
}

static void
a_remembered_node_is_tried_and_known_but_not_live(void **state)
{
	struct kit *k = *state;
	const struct registry_address a = fake_address("10.0.0.5", 8081, VIA_REMEMBERED);
	struct registry_node *n = registry_remember(k->reg, "cam5");

	n->number = 5;
	registry_add_address(n, &a);
	registry_remember(k->reg, "cam6");	/* no address was kept */
	kit_start(k);
	assert_int_equal(crew_count(k->crew), 2);
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(member(k, "cam5")->link, HEALTH_NEVER);
	assert_true(member(k, "cam5")->node->known);
	loop_fake_advance(k->loop, 20000000);
	kit_expect(k, "");
	fake_come_alive(fake_conn("10.0.0.5"), "cam5", "Five");
	kit_expect(k, "node-seen cam5 | node-live cam5");
	assert_false(member(k, "cam5")->node->known);
	assert_int_equal(member(k, "cam5")->node->number, 5);
}

static void
a_flood_of_sightings_is_bounded_and_typed_addresses_survive_it(void **state)
{
	struct kit *k = *state;
	const struct registry_address typed = fake_address("192.168.7.7", 8081, VIA_MANUAL);
	char host[32];

	crew_add_address(k->crew, &typed);
	for (int i = 0; i < 1000; i++) {
		snprintf(host, sizeof host, "10.1.%d.%d", i / 250, i % 250);
		kit_sight(host, 8081, "");
		if (i % 50 == 0)
			loop_fake_advance(k->loop, 1000);
	}
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(crew_pending_count(k->crew), 1001);
	assert_int_equal(fake_conn_count, MAX_TRIES_AT_ONCE + 1);
	assert_non_null(fake_conn("192.168.7.7"));
}

static void
a_members_addresses_are_bounded_and_the_one_in_use_stays(void **state)
{
	struct kit *k = *state;
	char host[32];

	kit_member(k, 1);
	for (int i = 0; i < 40; i++) {
		snprintf(host, sizeof host, "10.2.0.%d", i);
		kit_sight(host, 8081, "cam1");
		fake_path(fake_conns[0], host, true, false, 900);
		loop_fake_advance(k->loop, 1000);
	}
	assert_int_equal(member(k, "cam1")->node->address_count, MAX_NODE_ADDRESSES);
	assert_non_null(registry_by_address(k->reg, "10.0.0.1", 8081, ""));
	assert_true(fake_address_index(fake_conns[0], "10.0.0.1") >= 0);
	assert_non_null(registry_by_address(k->reg, "10.2.0.39", 8081, ""));
}

/* ---- The rest ---- */

static void
a_forgotten_node_is_gone_and_may_come_again(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	crew_forget(k->crew, "cam1");
	crew_forget(k->crew, "cam1");
	assert_int_equal(k->inner[EV_NODE_GONE], 1);
	assert_null(crew_find(k->crew, "cam1"));
	assert_null(crew_conn(k->crew, "cam1"));
	assert_int_equal(registry_count(k->reg), 0);
	loop_fake_advance(k->loop, 10000000);
	assert_int_equal(fake_conn_count, 0);
	kit_expect(k, "");
	kit_member(k, 1);
	assert_int_equal(crew_live_count(k->crew), 1);
}

static void
a_source_that_stops_working_is_told_once(void **state)
{
	struct kit *k = *state;

	assert_int_equal(crew_source_count(k->crew), 1);
	kit_disc_fns->state(kit_disc_arg, VIA_BONJOUR, true, "Bonjour: looking");
	assert_int_equal(k->inner[EV_NOTICE], 0);
	kit_disc_fns->state(kit_disc_arg, VIA_BONJOUR, false, "Bonjour: no daemon");
	kit_disc_fns->state(kit_disc_arg, VIA_BONJOUR, false, "Bonjour: no daemon, again in 2 s");
	assert_int_equal(k->inner[EV_NOTICE], 1);
	assert_string_equal(crew_source_at(k->crew, 0)->sentence, "Bonjour: no daemon, again in 2 s");
	assert_false(crew_source_at(k->crew, 0)->working);
	assert_null(crew_source_at(k->crew, 1));
	crew_add_source(k->crew, &kit_disc, "off");
	assert_int_equal(crew_source_count(k->crew), 1);
}

static void
a_new_name_is_news_and_the_same_again_is_not(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	fake_identify(c, "cam1", "cam1");
	assert_int_equal(k->inner[EV_NODE_INFO], 0);
	assert_int_equal(k->inner[EV_MANIFEST_DIRTY], 0);
	fake_identify(c, "cam1", "Renamed");
	assert_int_equal(k->inner[EV_NODE_INFO], 1);
	assert_string_equal(member(k, "cam1")->node->info.device_name, "Renamed");
	kit_expect(k, "");
}

/* ---- Typed lists ---- */

static void
type_list(struct kit *k, int count)
{
	struct registry_address list[64];
	char host[32];

	for (int i = 0; i < count; i++) {
		snprintf(host, sizeof host, "10.0.1.%d", i + 1);
		list[i] = fake_address(host, 8081, VIA_MANUAL);
	}
	crew_add_typed(k->crew, list, count);
}

static void
numbers_follow_the_order_of_typed_addresses(void **state)
{
	struct kit *k = *state;

	type_list(k, 3);
	assert_int_equal(fake_conn_count, 1);
	loop_fake_advance(k->loop, 100000);
	assert_int_equal(fake_conn_count, 1);
	fake_come_alive(fake_conn("10.0.1.1"), "slow", "Slow");
	assert_int_equal(fake_conn_count, 1);		/* never inside somebody's callback */
	loop_fake_turn(k->loop);
	assert_int_equal(fake_conn_count, 2);
	fake_come_alive(fake_conn("10.0.1.2"), "quick", "Quick");
	loop_fake_turn(k->loop);
	fake_come_alive(fake_conn("10.0.1.3"), "last", "Last");
	loop_fake_turn(k->loop);
	assert_int_equal(member(k, "slow")->node->number, 1);
	assert_int_equal(member(k, "quick")->node->number, 2);
	assert_int_equal(member(k, "last")->node->number, 3);
}

static void
dead_addresses_do_not_keep_the_others_waiting(void **state)
{
	struct kit *k = *state;

	type_list(k, 64);
	loop_fake_advance(k->loop, 149999);
	assert_int_equal(fake_conn_count, 1);
	loop_fake_advance(k->loop, 1);
	assert_int_equal(fake_conn_count, 2);
	loop_fake_advance(k->loop, 849999);
	assert_int_equal(fake_conn_count, 7);
	loop_fake_advance(k->loop, 1);
	assert_int_equal(fake_conn_count, 64);
}

static void
list_that_waits_ends_with_its_crew(void **state)
{
	struct kit *k = *state;

	type_list(k, 2);
	type_list(k, 2);		/* the teardown looks for what is left of them */
	assert_int_equal(fake_conn_count, 1);
}

static void
one_camera_too_many_is_refused_with_a_sentence(void **state)
{
	struct kit *k = *state;
	char id[32];

	for (int i = 0; i < MAX_NODES; i++) {
		snprintf(id, sizeof id, "old%d", i);
		assert_non_null(registry_remember(k->reg, id));
	}
	kit_start(k);
	kit_sight("10.0.0.1", 8081, "");
	fake_identify(fake_conn("10.0.0.1"), "cam1", "One too many");
	assert_int_equal(k->inner[EV_NOTICE], 1);
	assert_int_equal(crew_count(k->crew), MAX_NODES);
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
#define TEST_WORLD(name) cmocka_unit_test_setup_teardown(name, kit_setup_world, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sighting_is_a_candidate_until_it_answers),
		TEST(an_answer_makes_a_member_with_a_number),
		TEST(the_same_sighting_opens_one_conn),
		TEST(a_sighting_with_a_members_id_adds_its_address_best_path_first),
		TEST(a_sighting_hurries_a_member_whose_link_is_down),
		TEST(two_conns_to_one_device_become_one),
		TEST(a_member_that_is_down_gets_the_address_where_it_was_found),
		TEST(a_path_found_later_loses_no_answer),
		TEST(words_of_a_conn_that_was_ended_are_not_heard),
		TEST(another_camera_at_a_known_address_is_another_member),
		TEST_WORLD(a_remembered_node_is_tried_and_known_but_not_live),
		TEST(a_flood_of_sightings_is_bounded_and_typed_addresses_survive_it),
		TEST(a_members_addresses_are_bounded_and_the_one_in_use_stays),
		TEST(a_forgotten_node_is_gone_and_may_come_again),
		TEST(a_source_that_stops_working_is_told_once),
		TEST(a_new_name_is_news_and_the_same_again_is_not),
		TEST(numbers_follow_the_order_of_typed_addresses),
		TEST(dead_addresses_do_not_keep_the_others_waiting),
		TEST(list_that_waits_ends_with_its_crew),
		TEST_WORLD(one_camera_too_many_is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
