/*
 * t_crew_same.c - one device on two paths is one member; two devices with one id are two, and stay so.
 */
#include "unit/crew_kit.h"

static const struct crew_member *
member(struct kit *k, const char *id)
{
	const struct crew_member *m = crew_find(k->crew, id);

	assert_non_null(m);
	return m;
}

static bool
has_address(struct kit *k, const char *id, const char *host)
{
	const struct registry_node *n = member(k, id)->node;

	for (int i = 0; i < n->address_count; i++)
		if (strcmp(n->addresses[i].host, host) == 0)
			return true;
	return false;
}

static void
come_alive(struct conn *c, const char *id, const char *name, const char *epoch)
{
	fake_word(c);
	fake_identify_boot(c, id, name, epoch);
	fake_go(c, CONN_OPENING, "");
	fake_go(c, CONN_LIVE, "");
	fake_hello(c);
}

/* A live member "cam1" at 10.0.0.1 whose clock has the epoch "boot1". */
static struct conn *
first(struct kit *k)
{
	kit_sight("10.0.0.1", 8081, "");
	come_alive(fake_conn("10.0.0.1"), "cam1", "Left", "boot1");
	kit_deaf(k);
	return fake_conn("10.0.0.1");
}

static struct conn *
found_at(const char *host)
{
	kit_sight(host, 8081, "");
	return fake_conn(host);
}

/* A copy of cam1 at 10.0.0.66, through all that is asked before it is believed. */
static struct conn *
copy(struct kit *k, const char *name)
{
	struct conn *mine = crew_conn(k->crew, "cam1");

	fake_identify_boot(found_at("10.0.0.66"), "cam1", name, "boot2");
	assert_int_equal(fake_address_index(mine, "10.0.0.66"), mine->address_count - 1);
	fake_stranger(mine, "10.0.0.66", "cam1", name, "boot2");
	loop_fake_advance(k->loop, 1000);
	come_alive(fake_conn("10.0.0.66"), "cam1", name, "boot2");
	return fake_conn("10.0.0.66");
}

/* ---- One device ---- */

static void
the_same_epoch_is_one_device_on_two_paths(void **state)
{
	struct kit *k = *state;
	struct conn *c = first(k);

	fake_identify_boot(found_at("100.64.0.9"), "cam1", "Another name", "boot1");
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(crew_count(k->crew), 1);
	assert_ptr_equal(crew_conn(k->crew, "cam1"), c);
	assert_true(has_address(k, "cam1", "100.64.0.9"));
	assert_false(member(k, "cam1")->node->conflict);
	assert_string_equal(member(k, "cam1")->node->info.device_name, "Left");	/* its own conn has the word */
	kit_expect(k, "");
}

static void
two_names_for_one_id_are_one_device(void **state)
{
	struct kit *k = *state;
	struct conn *c = first(k);

	kit_sight("left.local", 8081, "cam1");
	kit_sight("iphone-2.local", 8081, "cam1");
	assert_int_equal(fake_conn_count, 1);
	assert_int_equal(c->address_count, 3);
	assert_int_equal(crew_count(k->crew), 1);
}

static void
a_member_that_is_lost_moves_even_when_it_began_anew(void **state)
{
	struct kit *k = *state;
	struct conn *c = first(k);

	fake_go(c, CONN_BACKOFF, "no route to host");
	loop_fake_advance(k->loop, 8000000);
	fake_identify_boot(found_at("10.0.0.200"), "cam1", "Left", "boot2");
	assert_int_equal(crew_count(k->crew), 1);
	assert_true(has_address(k, "cam1", "10.0.0.200"));
	assert_int_equal(c->nudges, 1);
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 1);
}

static void
without_a_clock_name_and_model_decide(void **state)
{
	struct kit *k = *state;

	kit_sight("10.0.0.1", 8081, "");
	come_alive(fake_conn("10.0.0.1"), "cam1", "Left", "");
	fake_identify_boot(found_at("10.0.0.2"), "cam1", "Left", "");
	assert_true(has_address(k, "cam1", "10.0.0.2"));
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(fake_conn_count, 1);
	fake_identify_boot(found_at("10.0.0.66"), "cam1", "Right", "");
	fake_stranger(crew_conn(k->crew, "cam1"), "10.0.0.66", "cam1", "Right", "");
	loop_fake_advance(k->loop, 1000);
	come_alive(fake_conn("10.0.0.66"), "cam1", "Right", "");
	assert_int_equal(crew_count(k->crew), 2);
	assert_true(member(k, "cam1#2")->node->conflict);
}

static void
devices_without_an_id_are_one_when_they_have_one_epoch(void **state)
{
	struct kit *k = *state;

	come_alive(found_at("10.0.0.1"), "", "Nobody", "boot1");
	assert_int_equal(crew_count(k->crew), 1);
	assert_true(crew_at(k->crew, 0)->node->flagged_no_id);
	fake_identify_boot(found_at("10.0.0.2"), "", "Nobody", "boot1");
	assert_int_equal(crew_count(k->crew), 1);
	assert_int_equal(crew_at(k->crew, 0)->node->address_count, 2);
	come_alive(found_at("10.0.0.3"), "", "Nobody", "boot3");
	assert_int_equal(crew_count(k->crew), 2);
	come_alive(found_at("10.0.0.4"), "", "Nobody", "");
	come_alive(found_at("10.0.0.5"), "", "Nobody", "");
	assert_int_equal(crew_count(k->crew), 4);	/* nothing says that these are one */
}

/* ---- Two devices ---- */

static void
a_copied_device_is_a_camera_of_its_own_and_told_once(void **state)
{
	struct kit *k = *state;
	struct conn *mine = first(k), *other = copy(k, "Left");

	assert_int_equal(crew_count(k->crew), 2);
	assert_int_equal(crew_live_count(k->crew), 2);
	assert_ptr_equal(crew_conn(k->crew, "cam1"), mine);
	assert_ptr_equal(crew_conn(k->crew, "cam1#2"), other);
	assert_true(member(k, "cam1")->node->conflict);
	assert_true(member(k, "cam1#2")->node->conflict);
	assert_string_equal(member(k, "cam1#2")->node->info.device_name, "Left");
	assert_int_equal(member(k, "cam1")->node->number, 1);
	assert_int_equal(member(k, "cam1#2")->node->number, 2);
	assert_true(has_address(k, "cam1#2", "10.0.0.66"));
	assert_false(has_address(k, "cam1", "10.0.0.66"));
	assert_int_equal(mine->address_count, 1);
	assert_int_equal(k->inner[EV_NOTICE], 1);
	assert_int_equal(kit_count(k, "node-lost"), 0);
	kit_live(k, 120);
	assert_int_equal(k->inner[EV_NOTICE], 1);
	assert_int_equal(fake_conn_count, 2);
	assert_int_equal(crew_count(k->crew), 2);
}

static void
sightings_of_the_two_stay_apart(void **state)
{
	struct kit *k = *state;

	first(k);
	copy(k, "Left");
	kit_deaf(k);
	for (int i = 0; i < 10; i++) {
		kit_sight("10.0.0.1", 8081, "cam1");
		kit_sight("10.0.0.66", 8081, "cam1");
		kit_live(k, 1);
	}
	assert_int_equal(crew_count(k->crew), 2);
	assert_int_equal(member(k, "cam1")->node->address_count, 1);
	assert_int_equal(member(k, "cam1#2")->node->address_count, 1);
	assert_int_equal(k->inner[EV_NOTICE], 0);
	/* One more address of either: the epoch says whose. */
	kit_sight("100.64.0.66", 8081, "cam1");
	fake_identify_boot(fake_conn("100.64.0.66"), "cam1", "Left", "boot2");
	assert_true(has_address(k, "cam1#2", "100.64.0.66"));
	kit_sight("100.64.0.1", 8081, "cam1");
	fake_identify_boot(fake_conn("100.64.0.1"), "cam1", "Left", "boot1");
	assert_true(has_address(k, "cam1", "100.64.0.1"));
	assert_int_equal(crew_count(k->crew), 2);
}

static void
a_third_device_is_asked_against_both(void **state)
{
	struct kit *k = *state;
	struct conn *mine = first(k), *other = copy(k, "Left"), *third;

	loop_fake_advance(k->loop, 1000000);
	third = found_at("10.0.0.67");
	fake_identify_boot(third, "cam1", "Left", "boot3");
	assert_int_equal(crew_count(k->crew), 2);
	assert_int_equal(mine->doubts, 1);
	assert_int_equal(other->doubts, 1);
	loop_fake_advance(k->loop, 20000);
	fake_word(mine);
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(crew_count(k->crew), 2);
	fake_word(other);
	loop_fake_advance(k->loop, 1000);
	assert_ptr_equal(crew_conn(k->crew, "cam1#3"), third);
	assert_true(member(k, "cam1#3")->node->conflict);
}

static void
of_two_the_one_that_does_not_answer_any_more_has_moved(void **state)
{
	struct kit *k = *state;
	struct conn *mine = first(k), *other = copy(k, "Left");

	loop_fake_advance(k->loop, 1000000);
	fake_identify_boot(found_at("10.0.0.67"), "cam1", "Left", "boot3");
	loop_fake_advance(k->loop, 20000);
	fake_word(mine);
	fake_go(other, CONN_BACKOFF, "no route to host");
	loop_fake_advance(k->loop, 1000);
	assert_int_equal(crew_count(k->crew), 2);
	assert_true(has_address(k, "cam1#2", "10.0.0.67"));
	assert_int_equal(other->nudges, 1);
}

static void
of_two_the_one_that_stays_silent_has_moved(void **state)
{
	struct kit *k = *state;
	struct conn *mine = first(k);

	copy(k, "Left");
	loop_fake_advance(k->loop, 1000000);
	fake_identify_boot(found_at("10.0.0.67"), "cam1", "Left", "boot3");
	for (int i = 0; i < 26; i++) {
		loop_fake_advance(k->loop, 100000);
		fake_word(mine);
	}
	loop_fake_advance(k->loop, 400000);
	assert_int_equal(crew_count(k->crew), 2);
	assert_true(has_address(k, "cam1#2", "10.0.0.67"));
}

static void
a_contest_ends_with_its_candidate(void **state)
{
	struct kit *k = *state;
	struct conn *third;

	first(k);
	copy(k, "Left");
	third = found_at("10.0.0.67");
	fake_identify_boot(third, "cam1", "Left", "boot3");
	fake_go(third, CONN_BACKOFF, "connection reset");
	kit_live(k, 1);
	assert_int_equal(crew_count(k->crew), 2);
	assert_int_equal(fake_conn_count, 2);
	assert_int_equal(crew_seen_count(k->crew), 1);	/* it is asked again later */
}

static void
a_flood_of_copies_is_bounded(void **state)
{
	struct kit *k = *state;
	char host[32], epoch[32];

	first(k);
	copy(k, "Left");
	for (int i = 0; i < 40; i++) {
		struct conn *c;

		snprintf(host, sizeof host, "10.0.7.%d", i);
		snprintf(epoch, sizeof epoch, "copy%d", i);
		c = found_at(host);
		fake_identify_boot(c, "cam1", "Left", epoch);
		fake_go(c, CONN_OPENING, "");
		fake_go(c, CONN_LIVE, "");
		kit_live(k, 1);
		kit_deaf(k);
	}
	assert_int_equal(crew_count(k->crew), 16);
	assert_ptr_equal(crew_conn(k->crew, "cam1"), fake_conn("10.0.0.1"));
	assert_int_equal(member(k, "cam1")->link, HEALTH_LIVE);
}

/* ---- The end of a conflict ---- */

static void
a_conflict_ends_when_one_gets_an_id_of_its_own(void **state)
{
	struct kit *k = *state;
	struct conn *other;

	first(k);
	other = copy(k, "Left");
	fake_go(other, CONN_BACKOFF, "it was restarted");
	fake_identify_boot(other, "cam9", "Left", "boot3");
	loop_fake_advance(k->loop, 1000);
	come_alive(fake_conn("10.0.0.66"), "cam9", "Left", "boot3");
	assert_false(member(k, "cam1")->node->conflict);
	assert_false(member(k, "cam1#2")->node->conflict);
	assert_false(member(k, "cam9")->node->conflict);
	kit_live(k, 7);
	assert_int_equal(crew_live_count(k->crew), 2);
}

static void
a_conflict_ends_when_one_is_forgotten(void **state)
{
	struct kit *k = *state;

	first(k);
	copy(k, "Left");
	crew_forget(k->crew, "cam1#2");
	assert_false(member(k, "cam1")->node->conflict);
	loop_fake_advance(k->loop, 3000000);
}

static void
when_the_first_is_forgotten_the_next_device_has_its_id(void **state)
{
	struct kit *k = *state;
	struct conn *other, *again;

	first(k);
	other = copy(k, "Left");
	crew_forget(k->crew, "cam1");
	assert_false(member(k, "cam1#2")->node->conflict);
	loop_fake_advance(k->loop, 3000000);
	again = found_at("10.0.0.1");
	fake_identify_boot(again, "cam1", "Left", "boot1");
	fake_stranger(other, "10.0.0.1", "cam1", "Left", "boot1");
	loop_fake_advance(k->loop, 1000);
	come_alive(fake_conn("10.0.0.1"), "cam1", "Left", "boot1");
	assert_true(has_address(k, "cam1", "10.0.0.1"));
	assert_ptr_equal(crew_conn(k->crew, "cam1#2"), other);
}

static void
a_conflict_ends_when_one_is_lost_for_good(void **state)
{
	struct kit *k = *state;
	struct conn *other;

	first(k);
	other = copy(k, "Left");
	fake_go(other, CONN_BACKOFF, "no route to host");
	for (int i = 0; i < 9; i++) {
		kit_live(k, 60);
		kit_deaf(k);
	}
	assert_true(member(k, "cam1")->node->conflict);
	kit_live(k, 110);
	assert_false(member(k, "cam1")->node->conflict);
	assert_false(member(k, "cam1#2")->node->conflict);
	come_alive(other, "cam1", "Left", "boot2");	/* not for good after all */
	assert_true(member(k, "cam1")->node->conflict);
	assert_true(member(k, "cam1#2")->node->conflict);
}

/* It was restarted so quietly that its own conn had not noticed. */
static void
a_stand_in_that_turns_out_to_be_the_member_is_dissolved(void **state)
{
	struct kit *k = *state;
	struct conn *mine = first(k);

	copy(k, "Left");
	kit_deaf(k);
	fake_identify_boot(mine, "cam1", "Left", "boot2");
	assert_int_equal(crew_count(k->crew), 1);
	assert_false(member(k, "cam1")->node->conflict);
	assert_true(has_address(k, "cam1", "10.0.0.66"));
	assert_ptr_equal(crew_conn(k->crew, "cam1"), mine);
	assert_int_equal(member(k, "cam1")->link, HEALTH_LIVE);
}

/* ---- Strangers and restarts ---- */

static void
another_camera_at_one_of_a_members_addresses_is_another_member(void **state)
{
	struct kit *k = *state;
	struct conn *c = first(k);

	kit_sight("10.0.0.2", 8081, "cam1");
	assert_int_equal(c->address_count, 2);
	fake_stranger(c, "10.0.0.2", "cam2", "Right", "boot7");
	assert_int_equal(c->address_count, 1);
	loop_fake_advance(k->loop, 1000);
	come_alive(fake_conn("10.0.0.2"), "cam2", "Right", "boot7");
	assert_int_equal(crew_count(k->crew), 2);
	assert_true(has_address(k, "cam2", "10.0.0.2"));
	assert_int_equal(member(k, "cam2")->node->addresses[0].via, VIA_BONJOUR);
	assert_false(member(k, "cam1")->node->conflict);
	assert_int_equal(member(k, "cam1")->link, HEALTH_LIVE);
}

/* A name in a record is no proof: the address does not go to and fro between them. */
static void
an_address_that_was_refuted_is_not_given_back(void **state)
{
	struct kit *k = *state;
	struct conn *c = first(k);

	kit_sight("10.0.0.2", 8081, "cam1");
	fake_stranger(c, "10.0.0.2", "cam2", "Right", "boot7");
	for (int i = 0; i < 5; i++)
		kit_sight("10.0.0.2", 8081, "cam1");
	assert_int_equal(c->address_count, 1);
	assert_int_equal(crew_seen_count(k->crew), 1);
}

static void
remember(struct kit *k, const char *id, const char *host, int number)
{
	const struct registry_address a = fake_address(host, 8081, VIA_REMEMBERED);
	struct registry_node *n = registry_remember(k->reg, id);

	n->number = number;
	registry_add_address(n, &a);
	str_copy(n->info.device_name, sizeof n->info.device_name, "Left");
}

static void
after_a_restart_each_address_goes_to_the_same_one_of_the_two(void **state)
{
	struct kit *k = *state;

	remember(k, "cam1", "10.0.0.1", 1);
	remember(k, "cam1#2", "10.0.0.66", 5);
	kit_start(k);
	assert_int_equal(fake_conn_count, 2);
	kit_sight("10.0.0.66", 8081, "cam1");
	come_alive(fake_conn("10.0.0.66"), "cam1", "Left", "boot9");
	assert_false(member(k, "cam1#2")->node->conflict);	/* only one is there yet */
	assert_int_equal(k->inner[EV_NOTICE], 0);
	come_alive(fake_conn("10.0.0.1"), "cam1", "Left", "boot8");
	assert_int_equal(crew_count(k->crew), 2);
	assert_int_equal(member(k, "cam1#2")->node->number, 5);
	assert_string_equal(member(k, "cam1#2")->node->addresses[0].host, "10.0.0.66");
	assert_true(member(k, "cam1")->node->conflict);
	assert_true(member(k, "cam1#2")->node->conflict);
	assert_int_equal(k->inner[EV_NOTICE], 1);
}

static void
two_remembered_ones_that_are_one_device_are_shown_once(void **state)
{
	struct kit *k = *state;
	struct conn *c;

	remember(k, "cam1", "10.0.0.1", 1);
	remember(k, "cam1#2", "10.0.0.66", 5);
	kit_start(k);
	c = fake_conn("10.0.0.1");
	come_alive(c, "cam1", "Left", "boot8");
	fake_identify_boot(fake_conn("10.0.0.66"), "cam1", "Left", "boot8");
	assert_true(has_address(k, "cam1", "10.0.0.66"));
	assert_int_equal(member(k, "cam1#2")->node->address_count, 0);
	assert_int_equal(crew_live_count(k->crew), 1);
	assert_false(member(k, "cam1")->node->conflict);
	kit_live(k, 4);
	assert_int_equal(fake_conn_count, 1);
}

static void
a_remembered_one_without_id_answers_at_any_of_its_addresses(void **state)
{
	struct kit *k = *state;
	struct conn *c;

	remember(k, "anon-0123456789abcdef", "10.0.0.1", 4);
	kit_start(k);
	c = fake_conn("10.0.0.1");
	come_alive(c, "", "Nobody", "");
	assert_int_equal(crew_count(k->crew), 1);
	assert_true(member(k, "anon-0123456789abcdef")->node->flagged_no_id);
	assert_int_equal(member(k, "anon-0123456789abcdef")->link, HEALTH_LIVE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
#define TEST_WORLD(name) cmocka_unit_test_setup_teardown(name, kit_setup_world, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_epoch_is_one_device_on_two_paths),
		TEST(two_names_for_one_id_are_one_device),
		TEST(a_member_that_is_lost_moves_even_when_it_began_anew),
		TEST(without_a_clock_name_and_model_decide),
		TEST(devices_without_an_id_are_one_when_they_have_one_epoch),
		TEST(a_copied_device_is_a_camera_of_its_own_and_told_once),
		TEST(sightings_of_the_two_stay_apart),
		TEST(a_third_device_is_asked_against_both),
		TEST(of_two_the_one_that_does_not_answer_any_more_has_moved),
		TEST(of_two_the_one_that_stays_silent_has_moved),
		TEST(a_contest_ends_with_its_candidate),
		TEST(a_flood_of_copies_is_bounded),
		TEST(a_conflict_ends_when_one_gets_an_id_of_its_own),
		TEST(a_conflict_ends_when_one_is_forgotten),
		TEST(when_the_first_is_forgotten_the_next_device_has_its_id),
		TEST(a_conflict_ends_when_one_is_lost_for_good),
		TEST(a_stand_in_that_turns_out_to_be_the_member_is_dissolved),
		TEST(another_camera_at_one_of_a_members_addresses_is_another_member),
		TEST(an_address_that_was_refuted_is_not_given_back),
		TEST_WORLD(after_a_restart_each_address_goes_to_the_same_one_of_the_two),
		TEST_WORLD(two_remembered_ones_that_are_one_device_are_shown_once),
		TEST_WORLD(a_remembered_one_without_id_answers_at_any_of_its_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
