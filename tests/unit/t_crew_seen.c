/*
 * t_crew_seen.c - candidates: who is asked, who is left alone, and that no flood of them keeps a camera out.
 */
#include <time.h>
#include "unit/crew_kit.h"

static struct crew_seen
seen(struct kit *k, int index)
{
	struct crew_seen s;

	assert_true(crew_seen_at(k->crew, index, &s));
	return s;
}

static void
places_are_listed_with_state_and_reason(void **state)
{
	struct kit *k = *state;
	struct disc_sighting s = { .address = fake_address("10.0.0.1", 8081, VIA_BONJOUR), .id = "cam1", .name = "Left" };
	struct crew_seen none;

	kit_disc_fns->sighted(kit_disc_arg, &s);
	assert_int_equal(crew_seen_count(k->crew), 1);
	assert_int_equal(seen(k, 0).state, CREW_SEEN_TRYING);
	assert_string_equal(seen(k, 0).id, "cam1");
	assert_string_equal(seen(k, 0).name, "Left");
	assert_string_equal(seen(k, 0).why, "");
	assert_int_equal(seen(k, 0).seen_us, loop_now_us(k->loop));
	fake_go(fake_conn("10.0.0.1"), CONN_BACKOFF, "connection refused");
	assert_int_equal(seen(k, 0).state, CREW_SEEN_SILENT);
	assert_string_equal(seen(k, 0).why, "connection refused");
	assert_false(crew_seen_at(k->crew, 1, &none));
	assert_false(crew_seen_at(k->crew, -1, &none));
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 0);		/* its conn costs nothing meanwhile */
	loop_fake_advance(k->loop, 2000000);
	assert_int_equal(seen(k, 0).state, CREW_SEEN_TRYING);
	fake_come_alive(fake_conn("10.0.0.1"), "cam1", "Left");
	assert_int_equal(crew_seen_count(k->crew), 0);
	assert_int_equal(crew_live_count(k->crew), 1);
}

static void
a_web_server_is_remembered_and_left_alone(void **state)
{
	struct kit *k = *state;

	kit_sight("10.0.0.1", 8081, "");
	fake_go(fake_conn("10.0.0.1"), CONN_BACKOFF, "10.0.0.1:8081: /info answered 404: not a camera node");
	assert_int_equal(seen(k, 0).state, CREW_SEEN_STRANGER);
	loop_fake_advance(k->loop, 599000000);
	assert_int_equal(fake_conn_count, 0);
	loop_fake_advance(k->loop, 1000000);
	assert_int_equal(fake_conn_count, 1);
}

static void
a_server_in_trouble_may_be_a_camera_that_starts(void **state)
{
	struct kit *k = *state;

	kit_sight("10.0.0.1", 8081, "");
	fake_go(fake_conn("10.0.0.1"), CONN_BACKOFF, "10.0.0.1:8081: /info answered 503: not a camera node");
	assert_int_equal(seen(k, 0).state, CREW_SEEN_SILENT);
	loop_fake_advance(k->loop, 2000000);
	assert_int_equal(fake_conn_count, 1);
}

static void
a_typed_address_keeps_its_conn_and_its_back_off(void **state)
{
	struct kit *k = *state;
	const struct registry_address typed = fake_address("10.0.0.1", 8081, VIA_MANUAL);
	struct conn *c;

	crew_add_address(k->crew, &typed);
	c = fake_conn("10.0.0.1");
	for (int i = 0; i < 5; i++) {
		fake_go(c, CONN_BACKOFF, "connection refused");
		assert_int_equal(seen(k, 0).state, CREW_SEEN_SILENT);
		loop_fake_advance(k->loop, 10000000);
		fake_go(c, CONN_PROBING, "");
	}
	assert_int_equal(k->inner[EV_NOTICE], 1);	/* told once */
	assert_int_equal(fake_conn_count, 1);
	fake_come_alive(c, "cam1", "Left");
	assert_ptr_equal(crew_conn(k->crew, "cam1"), c);
	assert_int_equal(crew_seen_count(k->crew), 0);
}

static void
guesses_that_are_nobodys_are_no_failures(void **state)
{
	struct kit *k = *state;
	struct disc_sighting s = { .address = fake_address("10.0.0.1", 8081, VIA_SWEEP) };
	char text[200];

	kit_disc_fns->sighted(kit_disc_arg, &s);
	fake_go(fake_conn("10.0.0.1"), CONN_BACKOFF, "no answer within 2 s");
	assert_false(crew_failed_at(k->crew, 0, text, sizeof text));
	assert_true(crew_pending_at(k->crew, 0, text, sizeof text));
	assert_string_equal(text, "10.0.0.1:8081: no answer within 2 s");
}

static void
a_withdrawn_place_is_dropped_when_nobody_else_told_of_it(void **state)
{
	struct kit *k = *state;
	struct disc_sighting s = { .address = fake_address("10.0.0.1", 8081, VIA_SWEEP) };

	kit_sight("10.0.0.1", 8081, "");
	kit_disc_fns->sighted(kit_disc_arg, &s);
	kit_goodbye("10.0.0.1", 8081, "");
	assert_int_equal(crew_seen_count(k->crew), 1);
	assert_int_equal(seen(k, 0).address.via, VIA_SWEEP);
	kit_sight("10.0.0.2", 8081, "");
	kit_goodbye("10.0.0.2", 8081, "");
	assert_int_equal(crew_seen_count(k->crew), 1);
	loop_fake_advance(k->loop, 1000);
	assert_null(fake_conn("10.0.0.2"));
}

static void
a_candidate_that_is_told_to_be_a_member_becomes_its_address(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_sight("10.0.0.7", 8081, "");
	kit_sight("10.0.0.7", 8081, "cam1");
	assert_int_equal(crew_seen_count(k->crew), 0);
	assert_true(fake_address_index(c, "10.0.0.7") >= 0);
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 1);
}

static void
a_full_house_refuses_with_a_sentence_and_leaves_the_camera_alone(void **state)
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
	assert_int_equal(seen(k, 0).state, CREW_SEEN_STRANGER);
	assert_string_equal(seen(k, 0).why, "there is no room for one more camera");
	for (int i = 2; i < 100; i++) {		/* and thousands of them with few sentences */
		char host[32];

		snprintf(host, sizeof host, "10.0.0.%d", i);
		snprintf(id, sizeof id, "cam%d", i);
		kit_sight(host, 8081, "");
		fake_identify(fake_conn(host), id, "One of many");
		loop_fake_advance(k->loop, 1000);
	}
	assert_int_equal(k->inner[EV_NOTICE], 1);
	assert_int_equal(crew_count(k->crew), MAX_NODES);
	loop_fake_advance(k->loop, 60000000);
	assert_int_equal(k->inner[EV_NOTICE], 1);
	assert_int_equal(fake_conn_count, 0);
}

/* ---- Floods ---- */

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* What a network of dead hosts looks like from here: whoever was asked long enough is found silent. */
static void
time_out_dead_hosts(struct kit *k)
{
	loop_fake_advance(k->loop, 2000);
	for (int i = 0; i < fake_conn_count; i++)
		if (fake_conns[i]->state == CONN_LIVE)
			fake_word(fake_conns[i]);
}

/* 5000 fakes in ten seconds; in their midst a camera that needs 30 ms to say who it is. */
static void
flood(struct kit *k, void (*fake)(int i))
{
	const int64_t began_us = cpu_us();
	int64_t sighted_us = 0, joined_us = 0;
	int most_conns = 0;

	for (int i = 0; i < 5000; i++) {
		struct conn *real = sighted_us != 0 && joined_us == 0 ? fake_conn("192.168.1.7") : NULL;

		fake(i);
		if (i == 2500) {
			kit_sight("192.168.1.7", 8081, "");
			sighted_us = loop_now_us(k->loop);
		}
		time_out_dead_hosts(k);
		if (real != NULL && fake_conn("192.168.1.7") == real && i % 15 == 0) {
			fake_come_alive(real, "real", "Real");
			joined_us = loop_now_us(k->loop);
		}
		most_conns = fake_conn_count > most_conns ? fake_conn_count : most_conns;
	}
	assert_true(joined_us != 0 && joined_us - sighted_us <= 2000000);
	assert_true(most_conns <= 2 * MAX_TRIES_AT_ONCE + 4);	/* those that are being freed included */
	assert_true(crew_seen_count(k->crew) <= MAX_SIGHTINGS);
	assert_true(cpu_us() - began_us < 10000000);		/* far below the ten seconds that it stands for */
	assert_int_equal(crew_count(k->crew), 3);
	assert_int_equal(crew_live_count(k->crew), 3);
	assert_int_equal(kit_count(k, "node-lost") + kit_count(k, "node-stale"), 0);
}

static void
fake_host(int i)
{
	char host[32];

	snprintf(host, sizeof host, "10.9.%d.%d", i / 250, i % 250);
	kit_sight(host, 8081, "");
}

static void
fake_port(int i)
{
	kit_sight("10.9.9.9", 1 + i, "");
}

static void
fake_member(int i)
{
	char host[32];

	snprintf(host, sizeof host, "10.9.%d.%d", i / 250, i % 250);
	kit_sight(host, 8081, i % 2 != 0 ? "cam1" : "");
}

static void
a_flood_of_dead_hosts_keeps_no_camera_out(void **state)
{
	kit_member(*state, 1);
	kit_member(*state, 2);
	flood(*state, fake_host);
}

static void
a_flood_at_a_tarpit_keeps_no_camera_out(void **state)
{
	kit_member(*state, 1);
	kit_member(*state, 2);
	flood(*state, fake_port);
}

static void
a_flood_in_a_members_name_neither_evicts_nor_moves_it(void **state)
{
	struct kit *k = *state;

	kit_member(k, 1);
	kit_member(k, 2);
	flood(k, fake_member);
	assert_true(fake_address_index(crew_conn(k->crew, "cam1"), "10.0.0.1") >= 0);
	assert_true(crew_find(k->crew, "cam1")->node->address_count <= MAX_NODE_ADDRESSES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
#define TEST_WORLD(name) cmocka_unit_test_setup_teardown(name, kit_setup_world, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(places_are_listed_with_state_and_reason),
		TEST(a_web_server_is_remembered_and_left_alone),
		TEST(a_server_in_trouble_may_be_a_camera_that_starts),
		TEST(a_typed_address_keeps_its_conn_and_its_back_off),
		TEST(guesses_that_are_nobodys_are_no_failures),
		TEST(a_withdrawn_place_is_dropped_when_nobody_else_told_of_it),
		TEST(a_candidate_that_is_told_to_be_a_member_becomes_its_address),
		TEST_WORLD(a_full_house_refuses_with_a_sentence_and_leaves_the_camera_alone),
		TEST(a_flood_of_dead_hosts_keeps_no_camera_out),
		TEST(a_flood_at_a_tarpit_keeps_no_camera_out),
		TEST(a_flood_in_a_members_name_neither_evicts_nor_moves_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
