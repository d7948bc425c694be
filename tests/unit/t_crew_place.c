/*
 * t_crew_place.c - a member's addresses: merged, ranked, measured, given up; and that a move is nothing but a move.
 */
#include "unit/crew_kit.h"

static const struct crew_member *
member(struct kit *k, const char *id)
{
	const struct crew_member *m = crew_find(k->crew, id);

	assert_non_null(m);
	return m;
}

static const struct registry_address *
place(struct kit *k, const char *id, const char *host)
{
	const struct registry_node *n = member(k, id)->node;

	for (int i = 0; i < n->address_count; i++)
		if (strcmp(n->addresses[i].host, host) == 0)
			return &n->addresses[i];
	return NULL;
}

static int
used_count(struct kit *k, const char *id)
{
	const struct registry_node *n = member(k, id)->node;
	int count = 0;

	for (int i = 0; i < n->address_count; i++)
		count += n->addresses[i].in_use;
	return count;
}

/* ---- News of paths ---- */

static void
the_address_in_use_follows_the_link(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	assert_true(place(k, "cam1", "10.0.0.1")->in_use);
	assert_string_equal(member(k, "cam1")->path_why, "the only address");
	kit_sight("100.64.0.1", 8081, "cam1");
	assert_string_equal(member(k, "cam1")->path_why, "the only address");	/* the other is a rumour */
	fake_path(c, "100.64.0.1", true, false, 30000);
	assert_true(place(k, "cam1", "10.0.0.1")->in_use);
	assert_string_equal(member(k, "cam1")->path_why, "LAN before Tailscale");
	fake_path(c, "10.0.0.1", false, false, -1);
	fake_path(c, "100.64.0.1", true, true, 30000);
	assert_true(place(k, "cam1", "100.64.0.1")->in_use);
	assert_int_equal(used_count(k, "cam1"), 1);
	assert_string_equal(member(k, "cam1")->path_why, "the others do not answer");
}

static void
each_address_keeps_what_was_measured(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_sight("10.0.0.2", 8081, "cam1");
	assert_int_equal(place(k, "cam1", "10.0.0.2")->answered_us, 0);
	loop_fake_advance(k->loop, 1000000);
	fake_path(c, "10.0.0.2", true, false, 1234);
	assert_int_equal(place(k, "cam1", "10.0.0.2")->rtt_us, 1234);
	assert_int_equal(place(k, "cam1", "10.0.0.2")->answered_us, loop_now_us(k->loop));
	fake_path(c, "10.0.0.2", false, false, -1);
	fake_path(c, "10.0.0.2", false, false, -1);
	assert_int_equal(place(k, "cam1", "10.0.0.2")->failures, 2);
	assert_int_equal(place(k, "cam1", "10.0.0.2")->rtt_us, 1234);
	fake_path(c, "10.0.0.2", true, false, 900);
	assert_int_equal(place(k, "cam1", "10.0.0.2")->failures, 0);
}

static void
a_link_that_is_down_uses_no_address(void **state)
{
	struct kit *k = *state;

	fake_go(kit_member(k, 1), CONN_BACKOFF, "no route to host");
	assert_int_equal(used_count(k, "cam1"), 0);
	assert_string_equal(member(k, "cam1")->path_why, "");
}

static void
addresses_are_handed_over_best_first(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_sight("100.64.0.1", 8081, "cam1");
	fake_is_wireless = true;
	kit_sight("10.0.0.9", 8081, "cam1");
	fake_is_wireless = false;
	kit_sight("10.0.0.3", 8081, "cam1");
	assert_int_equal(c->address_count, 4);
	assert_true(place(k, "cam1", "10.0.0.9")->wireless);
	assert_true(fake_address_index(c, "10.0.0.3") < fake_address_index(c, "10.0.0.9"));
	assert_true(fake_address_index(c, "10.0.0.9") < fake_address_index(c, "100.64.0.1"));
}

/* ---- A move is nothing but a move ---- */

static int answers;

static void
answered(void *arg, const char *node, const struct node_answer *a, int64_t took_us, int tries)
{
	(void)arg;
	(void)node;
	(void)took_us;
	(void)tries;
	answers += a->result == NODE_OK;
}

static void
say_recording(struct conn *c, int64_t bytes)
{
	struct node_health h = { .has_recording = true, .recording = { .state = NODE_REC_RECORDING, .bytes = bytes, .since_us = 5 } };

	str_copy(h.recording.take, sizeof h.recording.take, "007");
	fake_health(c, &h);
}

static void
a_hundred_moves_lose_nothing_and_tell_nobody(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	struct registry_node *n = registry_find(k->reg, "cam1");
	struct err e;

	assert_true(registry_set_number(k->reg, n, 7, &e));
	assert_true(registry_set_label(k->reg, n, "stage", &e));
	kit_sight("100.64.0.1", 8081, "cam1");
	say_recording(c, 1000);
	loop_fake_advance(k->loop, 100000);
	say_recording(c, 1500);
	assert_int_equal(member(k, "cam1")->rec, HEALTH_REC_RECORDING);
	answers = 0;
	conn_command(c, &(struct node_request){ .verb = NODE_ZOOM }, answered, NULL);
	kit_deaf(k);
	for (int i = 0; i < 100; i++) {
		fake_path(c, i % 2 != 0 ? "10.0.0.1" : "100.64.0.1", true, true, 1000);
		say_recording(c, 2000 + i);
		loop_fake_advance(k->loop, 100000);
		kit_sight(i % 2 != 0 ? "10.0.0.1" : "100.64.0.1", 8081, "cam1");
	}
	kit_expect(k, "");			/* no node-lost, no node-stale, nothing */
	assert_ptr_equal(crew_conn(k->crew, "cam1"), c);
	fake_answer(c, 0, NODE_OK);
	assert_int_equal(answers, 1);
	assert_int_equal(member(k, "cam1")->rec, HEALTH_REC_RECORDING);
	assert_string_equal(member(k, "cam1")->track.last.recording.take, "007");
	assert_int_equal(member(k, "cam1")->node->number, 7);
	assert_string_equal(member(k, "cam1")->node->label, "stage");
	assert_int_equal(crew_count(k->crew), 1);
	assert_int_equal(member(k, "cam1")->node->address_count, 2);
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(crew_seen_count(k->crew), 0);
}

static void
a_new_lease_is_handed_to_the_same_conn(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_goodbye("10.0.0.1", 8081, "cam1");
	assert_int_equal(c->doubts, 1);
	kit_deaf(k);
	kit_sight("10.0.0.99", 8081, "cam1");
	assert_true(fake_address_index(c, "10.0.0.99") >= 0);
	loop_fake_advance(k->loop, 100000);
	fake_path(c, "10.0.0.99", true, true, 900);
	fake_word(c);
	kit_live(k, 5);
	kit_expect(k, "");
	assert_int_equal(crew_count(k->crew), 1);
	assert_true(place(k, "cam1", "10.0.0.99")->in_use);
}

/* ---- Goodbyes ---- */

static void
a_goodbye_of_an_address_not_in_use_doubts_nobody(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_sight("10.0.0.2", 8081, "cam1");
	kit_goodbye("10.0.0.2", 8081, "cam1");
	assert_int_equal(c->doubts, 0);
	assert_int_equal(place(k, "cam1", "10.0.0.2")->via, 0);
	assert_int_equal(place(k, "cam1", "10.0.0.1")->via, VIA_BONJOUR);
	kit_live(k, 10);
	kit_expect(k, "");
	kit_goodbye("10.0.0.1", 8081, "cam1");
	assert_int_equal(c->doubts, 1);
}

/* ---- Coming and going ---- */

static void
addresses_of_no_use_are_given_up(void **state)
{
	struct kit *k = *state;
	const struct registry_address typed = fake_address("10.0.0.4", 8081, VIA_MANUAL);
	struct disc_sighting swept = { .address = fake_address("10.0.0.5", 8081, VIA_SWEEP), .id = "cam1" };
	struct conn *c = kit_member(k, 1);

	kit_sight("10.0.0.2", 8081, "cam1");
	kit_goodbye("10.0.0.2", 8081, "cam1");
	kit_sight("10.0.0.3", 8081, "cam1");
	kit_disc_fns->sighted(kit_disc_arg, &swept);
	registry_add_address(registry_find(k->reg, "cam1"), &typed);
	kit_live(k, 590);
	assert_int_equal(member(k, "cam1")->node->address_count, 5);
	kit_live(k, 60);
	assert_null(place(k, "cam1", "10.0.0.2"));		/* withdrawn */
	assert_null(place(k, "cam1", "10.0.0.5"));		/* swept once, never answered */
	assert_non_null(place(k, "cam1", "10.0.0.3"));		/* still announced */
	assert_non_null(place(k, "cam1", "10.0.0.4"));		/* somebody typed it */
	assert_true(place(k, "cam1", "10.0.0.1")->in_use);
	assert_int_equal(c->address_count, 3);
}

static void
nothing_is_given_up_while_the_node_is_away_or_the_address_answers(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_sight("10.0.0.2", 8081, "cam1");
	kit_goodbye("10.0.0.2", 8081, "cam1");
	for (int i = 0; i < 30; i++) {
		kit_live(k, 30);
		fake_path(c, "10.0.0.2", true, false, 900);
	}
	assert_non_null(place(k, "cam1", "10.0.0.2"));
	fake_go(c, CONN_BACKOFF, "no route to host");
	loop_fake_advance(k->loop, 3600000000);
	assert_int_equal(member(k, "cam1")->node->address_count, 2);
	fake_come_alive(c, "cam1", "cam1");
	kit_live(k, 300);
	assert_int_equal(member(k, "cam1")->node->address_count, 2);	/* it has just come back */
}

static void
the_least_useful_address_makes_room(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	char host[32];

	kit_sight("10.0.0.2", 8081, "cam1");
	fake_path(c, "10.0.0.2", true, false, 900);
	for (int i = 0; i < 40; i++) {		/* each of them answered once, and not again */
		snprintf(host, sizeof host, "10.7.0.%d", i);
		kit_sight(host, 8081, "cam1");
		fake_path(c, host, true, false, 900);
		fake_path(c, host, false, false, -1);
		loop_fake_advance(k->loop, 1000);
	}
	assert_int_equal(member(k, "cam1")->node->address_count, MAX_NODE_ADDRESSES);
	assert_int_equal(c->address_count, MAX_NODE_ADDRESSES);
	assert_true(place(k, "cam1", "10.0.0.1")->in_use);
	assert_non_null(place(k, "cam1", "10.0.0.2"));		/* it still answers, they do not */
	assert_non_null(place(k, "cam1", "10.7.0.39"));
	assert_null(place(k, "cam1", "10.7.0.0"));
}

/* Records in a member's name are no proof: past a few they have to answer for themselves. */
static void
a_flood_in_a_members_name_is_asked_like_any_other(void **state)
{
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);
	int sets;
	char host[32];

	for (int i = 0; i < 100; i++) {
		snprintf(host, sizeof host, "10.7.0.%d", i);
		kit_sight(host, 8081, "cam1");
	}
	assert_int_equal(c->address_count, 7);
	assert_int_equal(crew_seen_count(k->crew), 94);
	sets = c->sets;
	for (int i = 0; i < 100; i++) {
		snprintf(host, sizeof host, "10.7.0.%d", i);
		kit_sight(host, 8081, "cam1");
	}
	assert_int_equal(c->sets, sets);
	fake_identify(fake_conn("10.7.0.9"), "cam1", "cam1");	/* one of them is true */
	assert_non_null(place(k, "cam1", "10.7.0.9"));
	assert_true(place(k, "cam1", "10.7.0.9")->answered_us > 0);
}

/* ---- The node's own word ---- */

static void
tell_paths(struct conn *c, const char *const *paths, int count)
{
	struct node_info info = fake_info("cam1", "cam1");

	for (int i = 0; i < count; i++)
		str_copy(info.paths[i], sizeof info.paths[i], paths[i]);
	info.path_count = count;
	c->fns->identified(c->arg, c, &info, &c->addresses[c->used], false);
}

static void
addresses_that_the_node_tells_are_given_to_its_conn(void **state)
{
	static const char *const paths[] = { "10.0.0.1", "100.64.0.1", "fd7a:115c:a1e0::7", "2001:db8::7" };
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	tell_paths(c, paths, 4);
	assert_int_equal(c->address_count, 4);
	assert_int_equal(place(k, "cam1", "100.64.0.1")->port, 8081);
	assert_int_equal(place(k, "cam1", "100.64.0.1")->via, VIA_BONJOUR);
	assert_int_equal(place(k, "cam1", "100.64.0.1")->kind, PATH_TAILSCALE);
	tell_paths(c, paths, 4);
	assert_int_equal(c->address_count, 4);
	kit_live(k, 700);				/* told is not announced */
	assert_int_equal(member(k, "cam1")->node->address_count, 1);
}

static void
addresses_that_mean_nothing_here_are_not_taken(void **state)
{
	static const char *const paths[] = { "127.0.0.1", "::1", "0.0.0.0", "169.254.3.4", "224.0.0.251", "fe80::1", "phone.local", "" };
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	tell_paths(c, paths, 8);
	assert_int_equal(c->address_count, 1);
}

static void
an_address_of_another_or_of_a_stranger_is_not_taken(void **state)
{
	static const char *const paths[] = { "10.0.0.2", "172.17.0.1" };
	struct kit *k = *state;
	struct conn *c = kit_member(k, 1);

	kit_member(k, 2);
	kit_sight("172.17.0.1", 8081, "");		/* every container host has one of these */
	tell_paths(c, paths, 2);
	assert_int_equal(c->address_count, 1);
	assert_int_equal(crew_count(k->crew), 2);
}

/* ---- The network changes ---- */

static void
everything_is_looked_at_anew_when_the_network_changes(void **state)
{
	struct kit *k = *state;
	struct conn *up = kit_member(k, 1), *down = kit_member(k, 2);

	fake_go(down, CONN_BACKOFF, "no route to host");
	kit_sight("10.0.0.50", 8081, "");
	fake_go(fake_conn("10.0.0.50"), CONN_BACKOFF, "no route to host");
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 2);
	kit_sight("10.0.0.51", 8081, "");
	fake_is_wireless = true;
	crew_network_changed(k->crew);
	fake_is_wireless = false;
	assert_int_equal(up->suspects, 1);
	assert_int_equal(down->suspects, 1);
	assert_int_equal(fake_conn("10.0.0.51")->nudges, 1);
	assert_non_null(fake_conn("10.0.0.50"));	/* asked again at once */
	assert_true(place(k, "cam1", "10.0.0.1")->wireless);
	assert_true(up->addresses[0].wireless);
	kit_expect(k, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_address_in_use_follows_the_link),
		TEST(each_address_keeps_what_was_measured),
		TEST(a_link_that_is_down_uses_no_address),
		TEST(addresses_are_handed_over_best_first),
		TEST(a_hundred_moves_lose_nothing_and_tell_nobody),
		TEST(a_new_lease_is_handed_to_the_same_conn),
		TEST(a_goodbye_of_an_address_not_in_use_doubts_nobody),
		TEST(addresses_of_no_use_are_given_up),
		TEST(nothing_is_given_up_while_the_node_is_away_or_the_address_answers),
		TEST(the_least_useful_address_makes_room),
		TEST(a_flood_in_a_members_name_is_asked_like_any_other),
		TEST(addresses_that_the_node_tells_are_given_to_its_conn),
		TEST(addresses_that_mean_nothing_here_are_not_taken),
		TEST(an_address_of_another_or_of_a_stranger_is_not_taken),
		TEST(everything_is_looked_at_anew_when_the_network_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
