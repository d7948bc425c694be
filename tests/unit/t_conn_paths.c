/* t_conn_paths.c - one node, several addresses: which one a link uses, when it moves, who is no path of this node. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/pathrank.h"
#include "io/conn_private.h"
#include "support/conn_kit.h"

#define LAN "127.0.0.1"
#define TAIL "127.0.0.2"
#define THIRD "127.0.0.3"
#define MS 1000
#define S 1000000

static struct kit k;
static struct fakenode *node;		/* at LAN and TAIL */

static const struct conn_conf often = { .ack_timeout_us = 2000000, .idle_us = 6000000, .clock_every_us = 150000 };

static int
set_up(void **state)
{
	(void)state;
	node = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });
	fakenode_also(node, TAIL);
	kit_open(&k, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	kit_close(&k);
	fakenode_free(node);
	node = NULL;
	return 0;
}

static struct registry_address
at(const char *host, struct fakenode *n, enum registry_path kind)
{
	struct registry_address a;

	kit_address(&a, host, fakenode_port(n));
	a.kind = kind;
	return a;
}

static struct registry_address
lan(void)
{
	return at(LAN, node, PATH_LAN);
}

static struct registry_address
tail(void)
{
	return at(TAIL, node, PATH_TAILSCALE);
}

static void
give(struct registry_address a, struct registry_address b)
{
	conn_set_addresses(k.conn, (struct registry_address[]){ a, b }, 2);
}

static void
give_one(struct registry_address a)
{
	conn_set_addresses(k.conn, &a, 1);
}

static bool
is_on(const char *host)
{
	return conn_state(k.conn) == CONN_LIVE && strcmp(conn_address(k.conn)->host, host) == 0;
}

static bool
has_answered(const char *host)
{
	const struct kit_path *p = kit_path(&k, host);

	return p != NULL && p->answered > 0;
}

/* Live on the LAN, and the other way has answered as well. */
static void
go_live(void)
{
	give(lan(), tail());
	KIT_WAIT(&k, is_on(LAN) && has_answered(TAIL) && k.kinds[NODE_EV_HELLO] > 0);
}

/* The LAN was away when it began. */
static void
go_live_on_tail(void)
{
	fakenode_cut(node, LAN, true);
	give(lan(), tail());
	KIT_WAIT(&k, is_on(TAIL));
}

static int64_t
since(int64_t began_us)
{
	return loop_now_us(k.loop) - began_us;
}

static void
never_went_down(void)
{
	assert_int_equal(kit_count(&k, CONN_PROBING), 1);
	assert_false(kit_was(&k, CONN_BACKOFF));
}

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
	assert_in_range(k.answer[0].took_us, 1900 * MS, 2300 * MS);
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
	assert_true(k.answer[0].took_us < 300 * MS);	/* not on a connection that may be dead */
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(epoch_is_known_before_the_node_is_identified), TEST(node_without_time_has_no_epoch_and_comes_up_all_the_same),
		TEST(node_that_hangs_on_time_is_identified_soon), TEST(new_epoch_at_the_live_address_is_a_restart_and_no_stranger),
		TEST(others_are_asked_and_told_once_it_is_live), TEST(silent_other_is_told_with_a_reason),
		TEST(nudge_asks_the_others_but_no_storm_of_them_does), TEST(better_path_is_moved_to_when_it_has_proven_itself),
		TEST(worse_or_equal_path_is_not_moved_to), TEST(much_faster_equal_is_moved_to),
		TEST(new_address_of_a_live_node_is_asked_at_once_and_not_taken_for_nothing),
		TEST(new_address_is_taken_when_the_old_one_does_not_answer), TEST(new_address_while_it_is_being_looked_for_is_asked_too),
		TEST(silent_path_is_left_for_the_other_within_two_seconds), TEST(command_under_way_is_done_once_and_answered_at_the_new_address),
		TEST(command_to_a_dead_path_of_a_node_gone_wholly_is_late_as_ever), TEST(both_paths_dead_ends_as_one_does),
		TEST(other_path_that_comes_up_during_the_silence_is_taken), TEST(quiet_stream_of_a_node_that_answers_is_no_reason_to_move),
		TEST(node_that_speaks_seldom_is_judged_by_its_own_gaps), TEST(poll_only_node_moves_too), TEST(suspicion_moves_at_once),
		TEST(suspicion_without_grounds_changes_nothing), TEST(stream_on_a_vanished_address_of_ours_is_opened_anew),
		TEST(suspected_only_address_that_is_silent_is_left_when_the_stream_gives_up), TEST(suspicion_while_it_is_down_tries_at_once),
		TEST(withdrawn_record_of_a_node_with_another_path_moves_it), TEST(no_event_is_lost_or_told_twice_while_both_paths_live),
		TEST(number_of_the_last_event_outlives_a_connection_without_any), TEST(path_whose_events_fail_is_not_kept),
		TEST(hundred_flips_leak_nothing), TEST(better_path_that_flaps_is_not_followed),
		TEST(another_id_at_an_address_is_a_stranger_and_not_asked_again), TEST(clone_that_answers_beside_the_original_is_a_stranger),
		TEST(without_time_a_differing_name_decides), TEST(node_that_began_anew_elsewhere_is_followed),
		TEST(address_in_use_given_to_another_camera_is_left), TEST(stranger_found_while_looking_for_the_node_is_told),
		TEST(tarpit_and_endless_info_are_asked_ever_more_slowly), TEST(stranger_given_again_and_again_makes_no_busy_loop),
		TEST(nudge_storm_on_a_node_that_refuses_is_four_tries_a_second), TEST(may_be_freed_while_it_asks_and_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
