/* t_conn_paths.c - one node, several addresses: which one a link uses, and what it learns of the others. */
#include "unit/conn_ways_kit.h"

/* ---- At leisure ---- */

static void
others_are_asked_and_told_once_it_is_live(void **state)
{
	const struct kit_path *p;

	(void)state;
	go_live();
	p = kit_path(&k, TAIL);
	assert_true(p->last.at.rtt_us > 0);
	assert_true(p->last.at.answered_us > 0);
	assert_false(p->last.in_use);
	assert_true(kit_path(&k, LAN)->used > 0);
	assert_string_equal(kit_path(&k, LAN)->why, "the others do not answer");	/* then not yet */
	/* The epoch says who it is: no need for its /info. */
	assert_int_equal(fakenode_asked_at(node, TAIL, "GET /info"), 0);
	assert_int_equal(fakenode_asked_at(node, TAIL, "GET /time"), 1);
	KIT_WAIT(&k, strcmp(kit_path(&k, LAN)->why, "LAN before Tailscale") == 0);
	kit_turn_for(&k, 4 * S);
	assert_int_equal(fakenode_asked_at(node, TAIL, "GET /time"), 1);
	assert_int_equal(fakenode_open_streams(node, "/events"), 1);
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
}

static void
silent_other_is_told_with_a_reason(void **state)
{
	(void)state;
	fakenode_cut(node, TAIL, true);
	give(lan(), tail());
	KIT_WAIT(&k, kit_path(&k, TAIL) != NULL);
	assert_int_equal(kit_path(&k, TAIL)->answered, 0);
	assert_true(kit_path(&k, TAIL)->last.at.failures == 1);
	assert_true(kit_path(&k, TAIL)->why[0] != '\0');
	assert_true(is_on(LAN));
}

static void
nudge_asks_the_others_but_no_storm_of_them_does(void **state)
{
	int asked;

	(void)state;
	go_live();
	asked = fakenode_asked_at(node, TAIL, "GET /time");
	kit_turn_for(&k, 1100 * MS);
	for (int i = 0; i < 200; i++) {
		conn_nudge(k.conn);
		kit_turn(&k);
	}
	assert_in_range(fakenode_asked_at(node, TAIL, "GET /time"), asked + 1, asked + 2);
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
}

static void
better_path_is_moved_to_when_it_has_proven_itself(void **state)
{
	int64_t back_us;

	(void)state;
	go_live_on_tail();
	assert_string_equal(kit_path(&k, TAIL)->why, "the others do not answer");
	kit_turn_for(&k, 300 * MS);
	fakenode_cut(node, LAN, false);
	back_us = loop_now_us(k.loop);
	KIT_WAIT(&k, is_on(LAN));
	assert_in_range(since(back_us), PATHRANK_PROVEN_US, 7500 * MS);
	never_went_down();
	assert_int_equal(kit_count(&k, CONN_LIVE), 2);
	assert_int_equal(kit_count(&k, CONN_OPENING), 2);
	KIT_WAIT(&k, fakenode_open_streams_at(node, TAIL, "/events") == 0);
	assert_int_equal(fakenode_open_streams_at(node, LAN, "/events"), 1);
}

static void
worse_or_equal_path_is_not_moved_to(void **state)
{
	(void)state;
	fakenode_slow(node, LAN, 1);	/* Tailscale would be faster */
	go_live();
	kit_turn_for(&k, 3500 * MS);
	conn_nudge(k.conn);
	kit_turn_for(&k, 500 * MS);
	assert_true(is_on(LAN));
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
}

static void
much_faster_equal_is_moved_to(void **state)
{
	(void)state;
	fakenode_slow(node, LAN, 40);
	give(lan(), at(TAIL, node, PATH_LAN));
	KIT_WAIT(&k, is_on(LAN) && has_answered(TAIL));
	kit_turn_for(&k, 3200 * MS);
	conn_nudge(k.conn);
	KIT_WAIT(&k, is_on(TAIL));
	assert_string_equal(kit_path(&k, TAIL)->why, "the fastest");
	never_went_down();
}

/* ---- A new address ---- */

static void
new_address_of_a_live_node_is_asked_at_once_and_not_taken_for_nothing(void **state)
{
	int64_t given_us;

	(void)state;
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN));
	kit_turn_for(&k, 300 * MS);
	given_us = loop_now_us(k.loop);
	give(lan(), tail());
	KIT_WAIT(&k, has_answered(TAIL));
	assert_true(since(given_us) < 400 * MS);
	kit_turn_for(&k, 800 * MS);
	assert_true(is_on(LAN));
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
}

static void
new_address_is_taken_when_the_old_one_does_not_answer(void **state)
{
	int64_t given_us;

	(void)state;
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN));
	kit_turn_for(&k, 300 * MS);
	fakenode_cut(node, LAN, true);
	given_us = loop_now_us(k.loop);
	give(tail(), lan());
	KIT_WAIT(&k, is_on(TAIL));
	assert_in_range(since(given_us), 500 * MS, 1000 * MS);
	never_went_down();
	assert_int_equal(kit_path(&k, LAN)->last.answered, false);
	assert_true(kit_path(&k, TAIL)->last.in_use);
}

/* A lease renewed: the old address is not one of the node's any more, and the announcement comes late. */
static void
new_address_while_it_is_being_looked_for_is_asked_too(void **state)
{
	int64_t given_us;

	(void)state;
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN));
	kit_turn_for(&k, CONN_SETTLED_US + 50 * MS);
	fakenode_cut(node, LAN, true);
	fakenode_hang_up(node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_PROBING);
	kit_turn_for(&k, 200 * MS);
	given_us = loop_now_us(k.loop);
	give_one(tail());
	KIT_WAIT(&k, is_on(TAIL));
	assert_true(since(given_us) < 700 * MS);
	assert_false(kit_was(&k, CONN_BACKOFF));
}

/* ---- Suspected from outside ---- */

static void
suspicion_moves_at_once(void **state)
{
	int64_t suspected_us;

	(void)state;
	go_live();
	kit_turn_for(&k, 300 * MS);
	fakenode_cut(node, LAN, true);
	suspected_us = loop_now_us(k.loop);
	conn_suspect(k.conn);
	conn_suspect(k.conn);
	KIT_WAIT(&k, is_on(TAIL));
	assert_true(since(suspected_us) < 700 * MS);
	never_went_down();
}

static void
suspicion_without_grounds_changes_nothing(void **state)
{
	(void)state;
	go_live();
	conn_suspect(k.conn);
	kit_turn_for(&k, 2500 * MS);
	assert_true(is_on(LAN));
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
	assert_int_equal(fakenode_asked(node, "GET /events"), 1);
}

static void
stream_on_a_vanished_address_of_ours_is_opened_anew(void **state)
{
	int64_t suspected_us;
	int frames;

	(void)state;
	conn_preview(k.conn, 320, 20, 60);
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN) && k.frames > 0 && k.samples == 8);
	kit_turn_for(&k, 300 * MS);
	fakenode_freeze(node);
	frames = k.frames;
	suspected_us = loop_now_us(k.loop);
	conn_suspect(k.conn);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, kit_count(&k, CONN_LIVE) == 2 && k.kinds[NODE_EV_HELLO] == 2);
	KIT_WAIT(&k, k.frames > frames + 1);
	assert_true(since(suspected_us) < 2000 * MS);
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_true(k.answer[0].took_us < 900 * MS);	/* not on a connection that may be dead */
	never_went_down();
	assert_true(is_on(LAN));
}

static void
suspected_only_address_that_is_silent_is_left_when_the_stream_gives_up(void **state)
{
	static const struct conn_conf impatient = { .ack_timeout_us = 2000000, .idle_us = 2500000, .clock_every_us = 10000000 };

	(void)state;
	kit_close(&k);
	kit_open(&k, &impatient);
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN));
	fakenode_cut(node, LAN, true);
	conn_suspect(k.conn);
	KIT_WAIT(&k, kit_count(&k, CONN_PROBING) == 2 || kit_was(&k, CONN_BACKOFF));
	fakenode_cut(node, LAN, false);
	conn_suspect(k.conn);
	KIT_WAIT(&k, is_on(LAN));
}

static void
suspicion_while_it_is_down_tries_at_once(void **state)
{
	(void)state;
	fakenode_down(node, true);
	give_one(lan());
	KIT_WAIT(&k, kit_count(&k, CONN_BACKOFF) == 4);
	fakenode_down(node, false);
	conn_suspect(k.conn);
	assert_int_equal(conn_state(k.conn), CONN_PROBING);
	KIT_WAIT(&k, is_on(LAN));
}

static void
withdrawn_record_of_a_node_with_another_path_moves_it(void **state)
{
	(void)state;
	go_live();
	fakenode_cut(node, LAN, true);
	conn_doubt(k.conn);
	KIT_WAIT(&k, is_on(TAIL));
	never_went_down();
	kit_turn_for(&k, 500 * MS);
	fakenode_cut(node, TAIL, true);
	conn_doubt(k.conn);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	assert_non_null(strstr(conn_why(k.conn), "withdrew itself"));
}

/* ---- Hostile ---- */

static void
tarpit_and_endless_info_are_asked_ever_more_slowly(void **state)
{
	struct fakenode *tarpit = fakenode_new(&(struct fakenode_conf){ .id = "cam-1" });
	struct fakenode *endless = fakenode_new(&(struct fakenode_conf){ .id = "cam-1" });
	struct registry_address all[3] = { lan(), at(LAN, tarpit, PATH_TAILSCALE), at(LAN, endless, PATH_TAILSCALE) };

	(void)state;
	fakenode_set(tarpit, FAKENODE_SILENT, 1);
	fakenode_set(endless, FAKENODE_NO_TIME, 1);
	fakenode_raw(endless, "/info", "HTTP/1.1 200 OK\r\n\r\n{\"a\":\"", 25, "aaaaaaaaaaaaaaaa");
	conn_set_addresses(k.conn, all, 3);
	KIT_WAIT(&k, is_on(LAN));
	kit_turn_for(&k, 9 * S);
	assert_true(is_on(LAN));
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
	assert_in_range(fakenode_connections(tarpit), 1, 3);
	assert_in_range(fakenode_connections(endless), 1, 6);
	assert_int_equal(k.strangers, 0);
	fakenode_free(tarpit);
	fakenode_free(endless);
}

/* Whoever gives a stranger's address again and again gets an answer four times a second at most. */
static void
stranger_given_again_and_again_makes_no_busy_loop(void **state)
{
	struct fakenode *other = fakenode_new(&(struct fakenode_conf){ .id = "cam-2", .name = "Right" });
	int64_t began_us;

	(void)state;
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN));
	began_us = loop_now_us(k.loop);
	while (since(began_us) < 2 * S) {
		give(lan(), at(LAN, other, PATH_LAN));
		fakenode_rename(other, k.strangers % 2 == 0 ? "cam-2" : "cam-3", NULL);
		kit_turn(&k);
	}
	assert_in_range(k.strangers, 2, 9);
	assert_in_range(fakenode_connections(other), 2, 20);
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
	fakenode_free(other);
}

static void
nudge_storm_on_a_node_that_refuses_is_four_tries_a_second(void **state)
{
	int64_t began_us;
	int probes;

	(void)state;
	fakenode_down(node, true);
	give_one(lan());
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	probes = kit_count(&k, CONN_PROBING);
	began_us = loop_now_us(k.loop);
	while (since(began_us) < 2 * S) {
		conn_nudge(k.conn);
		conn_suspect(k.conn);
		kit_turn(&k);
	}
	assert_in_range(kit_count(&k, CONN_PROBING) - probes, 4, 10);
}

/* ---- Freed from inside ---- */

static void
may_be_freed_while_it_asks_and_moves(void **state)
{
	static const char *const places[] = { "path", "stranger", "opening", "live" };

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		for (int skip = 0; skip < 4; skip++) {
			struct fakenode *other = fakenode_new(&(struct fakenode_conf){ .id = "cam-2" });
			struct registry_address all[3] = { lan(), tail(), at(LAN, other, PATH_LAN) };

			kit_close(&k);
			kit_open(&k, NULL);
			fakenode_cut(node, LAN, false);
			conn_preview(k.conn, 320, 10, 60);
			conn_set_addresses(k.conn, all, skip == 0 ? 3 : 2);
			if (skip > 0)
				KIT_WAIT(&k, is_on(LAN) && has_answered(TAIL));
			k.free_in = places[i];
			if (skip > 1)
				fakenode_cut(node, LAN, true);
			conn_suspect(k.conn);
			if (k.conn != NULL && skip == 3)
				conn_set_addresses(k.conn, all, 3);
			for (int turn = 0; turn < 300 && k.conn != NULL; turn++)
				kit_turn(&k);
			kit_turn_for(&k, 10 * MS);
			fakenode_free(other);
		}
	fakenode_cut(node, LAN, false);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(others_are_asked_and_told_once_it_is_live), TEST(silent_other_is_told_with_a_reason),
		TEST(nudge_asks_the_others_but_no_storm_of_them_does), TEST(better_path_is_moved_to_when_it_has_proven_itself),
		TEST(worse_or_equal_path_is_not_moved_to), TEST(much_faster_equal_is_moved_to),
		TEST(new_address_of_a_live_node_is_asked_at_once_and_not_taken_for_nothing),
		TEST(new_address_is_taken_when_the_old_one_does_not_answer),
		TEST(new_address_while_it_is_being_looked_for_is_asked_too), TEST(suspicion_moves_at_once),
		TEST(suspicion_without_grounds_changes_nothing), TEST(stream_on_a_vanished_address_of_ours_is_opened_anew),
		TEST(suspected_only_address_that_is_silent_is_left_when_the_stream_gives_up),
		TEST(suspicion_while_it_is_down_tries_at_once), TEST(withdrawn_record_of_a_node_with_another_path_moves_it),
		TEST(tarpit_and_endless_info_are_asked_ever_more_slowly), TEST(stranger_given_again_and_again_makes_no_busy_loop),
		TEST(nudge_storm_on_a_node_that_refuses_is_four_tries_a_second), TEST(may_be_freed_while_it_asks_and_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
