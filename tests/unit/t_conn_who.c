/* t_conn_who.c - who answers: one device on two ways, one that began anew, a clone, another camera. */
#include "unit/conn_ways_kit.h"

static const struct conn_conf often = { .ack_timeout_us = 2000000, .idle_us = 6000000, .clock_every_us = 150000 };

/* ---- Who answers ---- */

static void
epoch_is_known_before_the_node_is_identified(void **state)
{
	(void)state;
	assert_string_equal(conn_epoch(k.conn), "");
	give_one(lan());
	KIT_WAIT(&k, k.identified > 0);
	assert_string_equal(k.epoch_then, "cam-1-0");
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	assert_string_equal(conn_epoch(k.conn), "cam-1-0");
	assert_int_equal(fakenode_asked(node, "GET /info"), 1);
	assert_true(k.at.rtt_us > 0);
}

static void
node_without_time_has_no_epoch_and_comes_up_all_the_same(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_NO_TIME, 1);
	give(lan(), tail());
	KIT_WAIT(&k, is_on(LAN) && has_answered(TAIL));
	assert_string_equal(conn_epoch(k.conn), "");
	assert_int_equal(k.strangers, 0);
}

static void
node_that_hangs_on_time_is_identified_soon(void **state)
{
	int64_t began_us = loop_now_us(k.loop);

	(void)state;
	fakenode_raw(node, "/time", "HTTP/1.1 200 OK\r\n\r\n", 19, "");
	give_one(lan());
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	assert_true(since(began_us) < 1200 * MS);
	assert_string_equal(k.epoch_then, "");
}

static void
new_epoch_at_the_live_address_is_a_restart_and_no_stranger(void **state)
{
	(void)state;
	kit_close(&k);
	kit_open(&k, &often);
	go_live();
	fakenode_set(node, FAKENODE_CLOCK_US, 77);
	KIT_WAIT(&k, strcmp(conn_epoch(k.conn), "cam-1-77") == 0);
	/* And where the other address says so first, the one in use is asked. */
	fakenode_set(node, FAKENODE_NO_TIME, 1);
	kit_turn_for(&k, 200 * MS);
	fakenode_set(node, FAKENODE_CLOCK_US, 78);
	fakenode_set(node, FAKENODE_NO_TIME, 0);
	k.path_count = 0;
	kit_turn_for(&k, 1000 * MS);
	conn_nudge(k.conn);
	KIT_WAIT(&k, has_answered(TAIL));
	assert_string_equal(conn_epoch(k.conn), "cam-1-78");
	assert_int_equal(k.strangers, 0);
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
}

/* ---- Other devices ---- */

static void
another_id_at_an_address_is_a_stranger_and_not_asked_again(void **state)
{
	struct fakenode *other = fakenode_new(&(struct fakenode_conf){ .id = "cam-2", .name = "Right" });
	int asked;

	(void)state;
	give(lan(), at(LAN, other, PATH_LAN));
	KIT_WAIT(&k, is_on(LAN) && k.strangers == 1);
	assert_string_equal(k.stranger.info.id, "cam-2");
	assert_string_equal(k.stranger.epoch, "cam-2-0");
	assert_int_equal(k.stranger.at.port, fakenode_port(other));
	asked = fakenode_asked(other, "GET /info");
	conn_suspect(k.conn);
	kit_turn_for(&k, 500 * MS);
	assert_int_equal(fakenode_asked(other, "GET /info"), asked);
	give(lan(), at(LAN, other, PATH_LAN));	/* given again: looked at again */
	KIT_WAIT(&k, k.strangers == 2);
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
	fakenode_free(other);
}

static void
clone_that_answers_beside_the_original_is_a_stranger(void **state)
{
	struct fakenode *clone = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });

	(void)state;
	fakenode_set(clone, FAKENODE_CLOCK_US, 7);
	give(lan(), at(LAN, clone, PATH_LAN));
	KIT_WAIT(&k, k.strangers == 1);
	assert_true(is_on(LAN));
	assert_int_equal(conn_address(k.conn)->port, fakenode_port(node));
	assert_string_equal(k.stranger.info.id, "cam-1");
	assert_string_equal(k.stranger.epoch, "cam-1-7");
	assert_string_equal(conn_epoch(k.conn), "cam-1-0");
	/* Nor when the original falls silent later: it was dropped. */
	fakenode_cut(node, LAN, true);
	conn_suspect(k.conn);
	kit_turn_for(&k, 1500 * MS);
	assert_int_equal(conn_address(k.conn)->port, fakenode_port(node));
	fakenode_free(clone);
}

static void
without_time_a_differing_name_decides(void **state)
{
	struct fakenode *clone = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Copied" });
	struct fakenode *same = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });
	struct registry_address all[3] = { lan(), at(LAN, clone, PATH_LAN), at(LAN, same, PATH_LAN) };

	(void)state;
	fakenode_set(node, FAKENODE_NO_TIME, 1);
	fakenode_set(clone, FAKENODE_NO_TIME, 1);
	fakenode_set(same, FAKENODE_NO_TIME, 1);
	conn_set_addresses(k.conn, all, 3);
	KIT_WAIT(&k, k.strangers == 1 && fakenode_asked(same, "GET /info") > 0);
	kit_turn_for(&k, 300 * MS);
	assert_int_equal(k.strangers, 1);
	assert_string_equal(k.stranger.info.device_name, "Copied");
	assert_string_equal(k.stranger.epoch, "");
	assert_true(is_on(LAN));
	fakenode_free(clone);
	fakenode_free(same);
}

static void
node_that_began_anew_elsewhere_is_followed(void **state)
{
	struct fakenode *later = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });
	int64_t given_us;

	(void)state;
	fakenode_set(later, FAKENODE_CLOCK_US, 9);
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN));
	kit_turn_for(&k, 300 * MS);
	fakenode_cut(node, LAN, true);
	given_us = loop_now_us(k.loop);
	give(at(LAN, later, PATH_LAN), lan());
	KIT_WAIT(&k, is_on(LAN) && conn_address(k.conn)->port == fakenode_port(later));
	assert_true(since(given_us) < 2000 * MS);
	assert_string_equal(conn_epoch(k.conn), "cam-1-9");
	assert_int_equal(k.strangers, 0);
	never_went_down();
	fakenode_free(later);
}

static void
address_in_use_given_to_another_camera_is_left(void **state)
{
	struct fakenode *moved = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left", .bind = THIRD });

	(void)state;
	give(lan(), at(THIRD, moved, PATH_LAN));
	KIT_WAIT(&k, is_on(LAN) && has_answered(THIRD));
	kit_turn_for(&k, 300 * MS);
	fakenode_freeze(node);
	fakenode_rename(node, "cam-9", "Newcomer");
	conn_suspect(k.conn);
	KIT_WAIT(&k, is_on(THIRD) && k.strangers == 1);
	assert_string_equal(k.stranger.info.id, "cam-9");
	assert_string_equal(k.stranger.at.host, LAN);
	assert_string_equal(conn_id(k.conn), "cam-1");
	fakenode_free(moved);
}

static void
stranger_found_while_looking_for_the_node_is_told(void **state)
{
	struct fakenode *other = fakenode_new(&(struct fakenode_conf){ .id = "cam-2", .name = "Right" });

	(void)state;
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN));
	fakenode_slow(node, LAN, 100);
	fakenode_hang_up(node);
	give(at(LAN, other, PATH_LAN), lan());
	KIT_WAIT(&k, kit_count(&k, CONN_LIVE) == 2 && k.strangers > 0);
	assert_string_equal(k.stranger.info.id, "cam-2");
	assert_string_equal(conn_id(k.conn), "cam-1");
	fakenode_free(other);
}

/* Two cameras swap their addresses: no command goes to the one for which it was not meant. */
static void
command_is_not_given_to_another_camera_at_the_address(void **state)
{
	(void)state;
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN) && k.samples == 8);
	for (int i = 0; i < 4; i++) {
		bool cuts_off = i % 2 == 0;

		fakenode_rename(node, "cam-9", "Newcomer");
		if (cuts_off)
			fakenode_hang_up(node);	/* the address has a new owner, who knows nothing of these connections */
		else
			fakenode_freeze(node);
		k.answers = 0;
		kit_command(&k, NODE_FLIP, "c-1");
		KIT_WAIT(&k, k.answers == 1);
		assert_true(k.answer[0].a.result == NODE_LOST || k.answer[0].a.result == NODE_LATE);
		assert_int_equal(fakenode_done(node, "/camera/flip"), 0);
		/* It comes back: another link in the same story. */
		fakenode_rename(node, "cam-1", "Left");
		kit_close(&k);
		kit_open(&k, NULL);
		give_one(lan());
		KIT_WAIT(&k, is_on(LAN) && k.samples == 8);
	}
}

static void
command_follows_its_camera_to_the_other_address(void **state)
{
	struct fakenode *there = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left", .bind = THIRD });

	(void)state;
	give(lan(), at(THIRD, there, PATH_LAN));
	KIT_WAIT(&k, is_on(LAN) && has_answered(THIRD) && k.samples == 8);
	fakenode_rename(node, "cam-9", "Newcomer");
	fakenode_hang_up(node);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(fakenode_done(node, "/camera/flip"), 0);
	assert_int_equal(fakenode_done(there, "/camera/flip"), 1);
	fakenode_free(there);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(epoch_is_known_before_the_node_is_identified), TEST(node_without_time_has_no_epoch_and_comes_up_all_the_same),
		TEST(node_that_hangs_on_time_is_identified_soon), TEST(new_epoch_at_the_live_address_is_a_restart_and_no_stranger),
		TEST(another_id_at_an_address_is_a_stranger_and_not_asked_again),
		TEST(clone_that_answers_beside_the_original_is_a_stranger), TEST(without_time_a_differing_name_decides),
		TEST(node_that_began_anew_elsewhere_is_followed), TEST(address_in_use_given_to_another_camera_is_left),
		TEST(stranger_found_while_looking_for_the_node_is_told), TEST(command_is_not_given_to_another_camera_at_the_address),
		TEST(command_follows_its_camera_to_the_other_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
