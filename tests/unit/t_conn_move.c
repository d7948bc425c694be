/* t_conn_move.c - the path dies, or a better one is there: what moves with the link, and that nothing is lost. */
#include "unit/conn_ways_kit.h"

/* ---- The path dies ---- */

static void
silent_path_is_left_for_the_other_within_two_seconds(void **state)
{
	struct fakenode_seen seen;
	int64_t cut_us;
	int frames;

	(void)state;
	conn_preview(k.conn, 320, 20, 60);
	go_live();
	fakenode_say(node, "zoom", "{\"value\":2,\"timeUs\":1}");
	KIT_WAIT(&k, k.kinds[NODE_EV_ZOOM] == 1 && k.frames > 0);
	fakenode_cut(node, LAN, true);
	cut_us = loop_now_us(k.loop);
	fakenode_say(node, "zoom", "{\"value\":3,\"timeUs\":1}");
	KIT_WAIT(&k, is_on(TAIL));
	frames = k.frames;
	KIT_WAIT(&k, k.frames > frames && k.kinds[NODE_EV_ZOOM] == 2);	/* also what was said meanwhile */
	assert_true(since(cut_us) < 2000 * MS);
	never_went_down();
	assert_int_equal(kit_count(&k, CONN_LIVE), 2);
	assert_string_equal(conn_id(k.conn), "cam-1");
	assert_string_equal(k.info.id, "cam-1");
	assert_false(k.missed);
	assert_true(fakenode_last(node, "GET /events", &seen));
	assert_string_equal(seen.last_event_id, "1");
	assert_int_equal(k.troubles, 0);
	assert_string_equal(kit_path(&k, LAN)->why, "it fell silent");
	KIT_WAIT(&k, fakenode_open_streams_at(node, TAIL, "/stream") == 1);
}

static void
command_under_way_is_done_once_and_answered_at_the_new_address(void **state)
{
	(void)state;
	go_live();
	fakenode_say(node, "zoom", "{\"value\":2,\"timeUs\":1}");
	KIT_WAIT(&k, k.kinds[NODE_EV_ZOOM] == 1);
	kit_turn_for(&k, 900 * MS);
	fakenode_cut(node, LAN, true);
	kit_command(&k, NODE_RECORD_START, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_string_equal(k.answer[0].node, "cam-1");
	assert_true(k.answer[0].took_us < 2000 * MS);
	assert_true(is_on(TAIL) || conn_state(k.conn) == CONN_OPENING);
	KIT_WAIT(&k, k.kinds[NODE_EV_RECORDING] == 1);
	fakenode_cut(node, LAN, false);	/* now it gets those of the old connection as well */
	kit_turn_for(&k, 300 * MS);
	assert_int_equal(fakenode_done(node, "/record/start"), 1);
	assert_int_equal(k.answers, 1);
	assert_int_equal(k.kinds[NODE_EV_RECORDING], 1);
}

static void
command_to_a_dead_path_of_a_node_gone_wholly_is_late_as_ever(void **state)
{
	(void)state;
	go_live();
	fakenode_cut(node, LAN, true);
	fakenode_cut(node, TAIL, true);
	kit_command(&k, NODE_RECORD_START, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_LATE);
	assert_in_range(k.answer[0].took_us, 1900 * MS, 3000 * MS);
}

/* The console's own interface went: nothing can be sent there at all, and it is known at once. */
static void
command_that_cannot_even_be_sent_waits_for_the_move(void **state)
{
	struct fakenode *gone = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left", .bind = THIRD });

	(void)state;
	give(at(THIRD, gone, PATH_LAN), tail());
	KIT_WAIT(&k, is_on(THIRD) && has_answered(TAIL));
	kit_turn_for(&k, 600 * MS);
	fakenode_down(gone, true);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_true(k.answer[0].took_us < 1000 * MS);
	assert_int_equal(fakenode_done(node, "/camera/flip"), 1);
	fakenode_free(gone);
}

static void
command_that_cannot_be_sent_anywhere_is_lost_with_the_reason(void **state)
{
	(void)state;
	go_live();
	kit_turn_for(&k, CONN_SETTLED_US + 50 * MS);
	fakenode_down(node, true);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_LOST);
	assert_non_null(strstr(k.answer[0].a.message, "onnection"));
}

static void
both_paths_dead_ends_as_one_does(void **state)
{
	static const struct conn_conf impatient = { .ack_timeout_us = 2000000, .idle_us = 2500000, .clock_every_us = 10000000 };
	int64_t cut_us;

	(void)state;
	kit_close(&k);
	kit_open(&k, &impatient);
	go_live();
	fakenode_cut(node, LAN, true);
	fakenode_cut(node, TAIL, true);
	cut_us = loop_now_us(k.loop);
	KIT_WAIT(&k, kit_was(&k, CONN_BACKOFF));
	assert_in_range(since(cut_us), 1500 * MS, 6000 * MS);
	/* Whichever comes back is taken. */
	fakenode_cut(node, TAIL, false);
	KIT_WAIT(&k, is_on(TAIL));
}

static void
other_path_that_comes_up_during_the_silence_is_taken(void **state)
{
	int64_t up_us;

	(void)state;
	go_live();
	fakenode_cut(node, LAN, true);
	fakenode_cut(node, TAIL, true);
	kit_turn_for(&k, 3000 * MS);
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
	fakenode_cut(node, TAIL, false);
	up_us = loop_now_us(k.loop);
	KIT_WAIT(&k, is_on(TAIL));
	assert_true(since(up_us) < 2000 * MS);
}

static void
quiet_stream_of_a_node_that_answers_is_no_reason_to_move(void **state)
{
	int asked;

	(void)state;
	fakenode_set(node, FAKENODE_HEALTH_MS, 0);
	go_live();
	asked = fakenode_asked_at(node, TAIL, "GET /time");
	kit_turn_for(&k, 5500 * MS);
	assert_true(is_on(LAN));
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
	/* Suspected after 1.2 s, and then ever more slowly. */
	assert_in_range(fakenode_asked_at(node, TAIL, "GET /time"), asked + 1, asked + 3);
}

static void
node_that_speaks_seldom_is_judged_by_its_own_gaps(void **state)
{
	int asked;

	(void)state;
	fakenode_set(node, FAKENODE_HEALTH_MS, 1500);
	go_live();
	kit_turn_for(&k, 5000 * MS);
	asked = fakenode_asked_at(node, TAIL, "GET /time");
	kit_turn_for(&k, 4000 * MS);
	assert_int_equal(fakenode_asked_at(node, TAIL, "GET /time"), asked);
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
	/* A loss is found out all the same, before the stream's own limit. */
	fakenode_cut(node, LAN, true);
	KIT_WAIT(&k, is_on(TAIL));
	never_went_down();
}

static void
poll_only_node_moves_too(void **state)
{
	int64_t cut_us;
	int words;

	(void)state;
	fakenode_set(node, FAKENODE_NO_EVENTS, 1);
	give(lan(), tail());
	KIT_WAIT(&k, conn_state(k.conn) == CONN_POLLING && has_answered(TAIL) && k.kinds[NODE_EV_HEALTH] > 1);
	fakenode_cut(node, LAN, true);
	cut_us = loop_now_us(k.loop);
	words = k.kinds[NODE_EV_HEALTH];
	KIT_WAIT(&k, conn_state(k.conn) == CONN_POLLING && strcmp(conn_address(k.conn)->host, TAIL) == 0);
	KIT_WAIT(&k, k.kinds[NODE_EV_HEALTH] > words);
	assert_true(since(cut_us) < 2000 * MS);
	never_went_down();
	assert_false(kit_was(&k, CONN_LIVE));
}

/* ---- Moving ---- */

static void
no_event_is_lost_or_told_twice_while_both_paths_live(void **state)
{
	char json[64];
	int said = 0, told[4] = { 0 };

	(void)state;
	go_live_on_tail();
	fakenode_cut(node, LAN, false);
	while (!is_on(LAN)) {
		snprintf(json, sizeof json, "{\"value\":%d,\"timeUs\":1}", ++said);
		fakenode_say(node, "zoom", json);
		kit_turn_for(&k, 3 * MS);
		assert_true(said < 5000);
	}
	for (int i = 0; i < 50; i++) {
		snprintf(json, sizeof json, "{\"value\":%d,\"timeUs\":1}", ++said);
		fakenode_say(node, "zoom", json);
		kit_turn(&k);
	}
	KIT_WAIT(&k, k.last.kind == NODE_EV_ZOOM && k.last.value > said - 0.5);
	assert_int_equal(k.kinds[NODE_EV_ZOOM], said);
	assert_false(k.missed);
	never_went_down();
	/* What has no number of its own is heard on. */
	told[0] = k.kinds[NODE_EV_HEALTH];
	KIT_WAIT(&k, k.kinds[NODE_EV_HEALTH] >= told[0] + 2);
}

static void
number_of_the_last_event_outlives_a_connection_without_any(void **state)
{
	struct fakenode_seen seen;

	(void)state;
	give_one(lan());
	KIT_WAIT(&k, is_on(LAN));
	fakenode_say(node, "zoom", "{\"value\":2,\"timeUs\":1}");
	KIT_WAIT(&k, k.kinds[NODE_EV_ZOOM] == 1);
	for (int i = 2; i <= 3; i++) {
		fakenode_hang_up(node);
		KIT_WAIT(&k, kit_count(&k, CONN_LIVE) == i);
	}
	assert_true(fakenode_last(node, "GET /events", &seen));
	assert_string_equal(seen.last_event_id, "1");
}

static void
path_whose_events_fail_is_not_kept(void **state)
{
	struct fakenode *better = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });

	(void)state;
	fakenode_body(better, "/events", 500, "text/plain", "no", 2);
	give_one(tail());
	KIT_WAIT(&k, is_on(TAIL));
	give(at(LAN, better, PATH_LAN), tail());
	KIT_WAIT(&k, fakenode_asked(better, "GET /events") == 1);
	KIT_WAIT(&k, is_on(TAIL));
	kit_turn_for(&k, 4 * S);
	assert_true(is_on(TAIL));
	never_went_down();
	assert_int_equal(fakenode_asked(better, "GET /events"), 1);	/* not again soon */
	assert_int_equal(fakenode_asked(node, "GET /events"), 1);	/* the old stream was never left */
	assert_int_equal(fakenode_open_streams(node, "/events"), 1);
	fakenode_free(better);
}

static void
hundred_flips_leak_nothing(void **state)
{
	int most = 0;

	(void)state;
	conn_preview(k.conn, 320, 10, 60);
	go_live();
	for (int i = 0; i < 100; i++) {
		const char *to = i % 2 == 0 ? TAIL : LAN;
		char id[16];

		snprintf(id, sizeof id, "c-%d", i);
		fakenode_cut(node, to, false);
		fakenode_cut(node, i % 2 == 0 ? LAN : TAIL, true);
		k.answers = 0;
		kit_command(&k, NODE_FLIP, id);
		conn_suspect(k.conn);
		KIT_WAIT(&k, is_on(to) && k.answers == 1);
		assert_int_equal(k.answer[0].a.result, NODE_OK);
		k.state_count = 0;
		if (fakenode_clients(node) > most)
			most = fakenode_clients(node);
	}
	assert_int_equal(fakenode_done(node, "/camera/flip"), 100);
	assert_string_equal(conn_id(k.conn), "cam-1");
	assert_int_equal(k.strangers, 0);
	assert_true(most < 40);		/* those on the side that is cut are closed there later */
	fakenode_cut(node, TAIL, false);
	fakenode_cut(node, LAN, false);
	KIT_WAIT(&k, fakenode_clients(node) <= 12);
	KIT_WAIT(&k, fakenode_open_streams(node, "/events") == 1 && fakenode_open_streams(node, "/stream") == 1);
}

static void
better_path_that_flaps_is_not_followed(void **state)
{
	(void)state;
	go_live_on_tail();
	for (int i = 0; i < 100; i++) {
		fakenode_cut(node, LAN, i % 2 == 0);
		kit_turn_for(&k, (i % 2 == 0 ? 60 : 30) * MS);
	}
	/* In 4.5 s it could prove itself once at most, and each time only by answering for three seconds. */
	assert_in_range(kit_count(&k, CONN_LIVE), 1, 3);
	never_went_down();
	fakenode_cut(node, LAN, false);
	KIT_WAIT(&k, is_on(LAN));
}

/* ---- All at once ---- */

/* xorshift32: the same story for the same seed. */
static unsigned
dice(unsigned *seed, unsigned sides)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % sides;
}

/* One thing that happens to a network, a camera or a link. */
static void
mishap(struct fakenode *clone, unsigned *seed)
{
	struct registry_address all[4] = { lan(), tail(), at(LAN, clone, PATH_LAN), at(THIRD, node, PATH_LAN) };
	const char *host = dice(seed, 2) ? LAN : TAIL;
	char id[32];

	switch (dice(seed, 14)) {
	case 0: case 1: fakenode_cut(node, host, true); break;
	case 2: case 3: fakenode_cut(node, host, false); break;
	case 4: fakenode_hang_up(node); break;
	case 5: fakenode_freeze(node); break;
	case 6: fakenode_down(node, dice(seed, 2)); break;
	case 7: conn_set_addresses(k.conn, &all[dice(seed, 2)], (int)dice(seed, 3) + 1); break;
	case 8: conn_suspect(k.conn); break;
	case 9: conn_nudge(k.conn); break;
	case 10: conn_doubt(k.conn); break;
	case 11: fakenode_set(node, FAKENODE_CLOCK_US, dice(seed, 3)); break;
	case 12: conn_preview(k.conn, dice(seed, 2) ? 320 : 0, 10, 60); break;
	default:
		if (k.answers >= 16)
			k.answers = 0;
		snprintf(id, sizeof id, "c-%u", *seed);
		kit_command(&k, NODE_FLIP, id);
		fakenode_say(node, "zoom", "{\"value\":2,\"timeUs\":1}");
		break;
	}
}

static void
whatever_happens_it_ends_on_the_best_path(void **state)
{
	struct fakenode *clone = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Copied" });
	const char *given = getenv("CONN_SEED"), *steps = getenv("CONN_STEPS");
	unsigned seed = given != NULL ? (unsigned)atoi(given) : 7;

	(void)state;
	fakenode_set(clone, FAKENODE_CLOCK_US, 99);
	give(lan(), tail());
	for (int i = 0; i < (steps != NULL ? atoi(steps) : 250); i++) {
		mishap(clone, &seed);
		kit_turn_for(&k, dice(&seed, 40) * MS);
		k.state_count = 0;
	}
	fakenode_free(clone);
	fakenode_down(node, false);
	fakenode_cut(node, LAN, false);
	fakenode_cut(node, TAIL, false);
	give(lan(), tail());
	conn_suspect(k.conn);
	KIT_WAIT(&k, is_on(LAN));
	kit_turn_for(&k, 2500 * MS);
	k.answers = k.state_count = 0;
	kit_command(&k, NODE_FLIP, "last");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_string_equal(conn_id(k.conn), "cam-1");
	KIT_WAIT(&k, fakenode_clients(node) <= 16 && fakenode_open_streams(node, "/events") == 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(silent_path_is_left_for_the_other_within_two_seconds),
		TEST(command_under_way_is_done_once_and_answered_at_the_new_address),
		TEST(command_to_a_dead_path_of_a_node_gone_wholly_is_late_as_ever), TEST(both_paths_dead_ends_as_one_does), TEST(command_that_cannot_even_be_sent_waits_for_the_move),
		TEST(command_that_cannot_be_sent_anywhere_is_lost_with_the_reason),
		TEST(other_path_that_comes_up_during_the_silence_is_taken),
		TEST(quiet_stream_of_a_node_that_answers_is_no_reason_to_move),
		TEST(node_that_speaks_seldom_is_judged_by_its_own_gaps), TEST(poll_only_node_moves_too),
		TEST(no_event_is_lost_or_told_twice_while_both_paths_live),
		TEST(number_of_the_last_event_outlives_a_connection_without_any), TEST(path_whose_events_fail_is_not_kept),
		TEST(hundred_flips_leak_nothing), TEST(better_path_that_flaps_is_not_followed), TEST(whatever_happens_it_ends_on_the_best_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
