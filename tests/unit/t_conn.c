/* t_conn.c - one node's link: finding the address, states, back-off, events, polling, clock, recordings. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/conn_private.h"
#include "support/conn_kit.h"

static struct kit k;
static struct fakenode *node;

static const struct conn_conf quick = { .ack_timeout_us = 2000000, .idle_us = 6000000, .clock_every_us = 150000 };
static const struct conn_conf impatient = { .ack_timeout_us = 2000000, .idle_us = 300000, .clock_every_us = 10000000 };

static int
set_up(void **state)
{
	(void)state;
	node = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });
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

static void
reopen(const struct conn_conf *conf)
{
	kit_close(&k);
	kit_open(&k, conf);
}

static void
go_live(void)
{
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE && k.kinds[NODE_EV_HELLO] > 0);
}

/* ---- Up ---- */

static void
becomes_live_with_hello(void **state)
{
	(void)state;
	assert_int_equal(conn_state(k.conn), CONN_IDLE);
	assert_string_equal(conn_id(k.conn), "");
	assert_null(conn_address(k.conn));
	go_live();
	assert_int_equal(k.states[0].state, CONN_PROBING);
	assert_int_equal(k.states[1].state, CONN_OPENING);
	assert_int_equal(k.states[2].state, CONN_LIVE);
	assert_string_equal(conn_why(k.conn), "");
	assert_string_equal(conn_id(k.conn), "cam-1");
	assert_string_equal(k.info.device_name, "Left");
	assert_false(k.view_only);
	assert_int_equal(k.identified, 2);	/* /info and hello */
	assert_int_equal(k.at.port, fakenode_port(node));
	assert_true(conn_address(k.conn)->in_use);
	assert_true(conn_address(k.conn)->rtt_us >= 0);
	assert_int_equal(fakenode_asked(node, "GET /info"), 1);
}

static void
events_and_comments_are_words(void **state)
{
	int heard;

	(void)state;
	go_live();
	fakenode_say(node, "zoom", "{\"value\":3.5,\"timeUs\":1,\"commandId\":null}");
	KIT_WAIT(&k, k.kinds[NODE_EV_ZOOM] == 1);
	assert_true(k.last.value > 3.49 && k.last.value < 3.51);
	KIT_WAIT(&k, k.kinds[NODE_EV_HEALTH] > 0);
	fakenode_set(node, FAKENODE_HEALTH_MS, 0);
	KIT_WAIT(&k, k.samples == 8);
	kit_turn_for(&k, 20000);
	heard = k.heard;
	fakenode_comment(node);
	KIT_WAIT(&k, k.heard == heard + 1);
}

static void
senseless_event_is_passed_over(void **state)
{
	(void)state;
	go_live();
	fakenode_say(node, "health", "{\"timeUs\":");
	fakenode_say(node, "zoom", "{\"value\":2,\"timeUs\":1}");
	KIT_WAIT(&k, k.kinds[NODE_EV_ZOOM] == 1);
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
	assert_int_equal(kit_count(&k, CONN_LIVE), 1);
}

static void
clock_burst_is_eight_samples_of_the_nodes_clock(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_CLOCK_US, 5000000);
	go_live();
	KIT_WAIT(&k, k.samples == 8);
	for (int i = 0; i < 8; i++) {
		const struct offset_sample *s = &k.sample[i];
		int64_t offset_us = (s->node_received_us - s->sent_us + s->node_sent_us - s->received_us) / 2;

		assert_true(s->received_us >= s->sent_us);
		assert_in_range(offset_us, 5000000 - 100000, 5000000 + 100000);
	}
	/* On a grid: one that a busy machine sends late is nearer to the next. */
	assert_true(k.sample[7].sent_us - k.sample[0].sent_us > 7 * 50000);
	assert_string_equal(k.epoch, "cam-1-5000000");
	assert_int_equal(fakenode_asked(node, "GET /time"), 1 + 8 + 1);	/* one with /info, one for the line of commands */
	assert_true(fakenode_connections(node) <= 4);	/* events, and warm ones that are used again */
}

/* A second, two seconds, and so on: a node that was just met is known best where it is asked again soon. */
static void
clock_of_a_new_node_is_asked_again_soon(void **state)
{
	(void)state;
	go_live();		/* bursts each 10 s */
	KIT_WAIT(&k, k.samples == 8 + 8 + 1);
	assert_true(k.sample[8].sent_us - k.sample[7].received_us >= 900000);
	assert_true(k.sample[16].sent_us - k.sample[15].received_us >= 1900000);
}

static void
clock_is_compared_at_once_when_asked(void **state)
{
	(void)state;
	conn_ask_clock(k.conn);		/* nobody is there: nothing happens */
	assert_int_equal(k.conn->clock.left, 0);
	go_live();
	KIT_WAIT(&k, k.samples == 1);
	conn_ask_clock(k.conn);		/* a burst is under way: it will do */
	assert_int_equal(k.conn->clock.left, 7);
	KIT_WAIT(&k, k.samples == 16);
	assert_int_equal(k.conn->clock.left, 0);
	for (int i = 0; i < 5; i++)
		conn_ask_clock(k.conn);
	assert_int_equal(k.conn->clock.left, 8);	/* the third would have four, and not yet */
	KIT_WAIT(&k, k.conn->clock.left == 0);
	assert_int_equal(k.samples, 24);
	assert_true(k.sample[16].sent_us - k.sample[15].sent_us < k.sample[8].sent_us - k.sample[7].sent_us);
}

static void
clock_is_compared_as_often_as_asked(void **state)
{
	static const struct conn_conf rare = { .ack_timeout_us = 2000000, .idle_us = 6000000, .clock_every_us = 600000000 };

	(void)state;
	reopen(&rare);
	conn_clock_pace(k.conn, 100000);
	go_live();
	KIT_WAIT(&k, k.samples >= 60);		/* else after a quarter of an hour */
}

static void
clock_bursts_are_repeated(void **state)
{
	(void)state;
	reopen(&quick);
	go_live();
	KIT_WAIT(&k, k.samples >= 17);
}

static void
clock_that_is_not_offered_is_not_asked_again(void **state)
{
	(void)state;
	reopen(&quick);
	fakenode_set(node, FAKENODE_NO_TIME, 1);
	go_live();
	KIT_WAIT(&k, fakenode_asked(node, "GET /time") == 1);
	kit_turn_for(&k, 500000);
	assert_int_equal(fakenode_asked(node, "GET /time"), 1);
	assert_int_equal(k.samples, 0);
	/* A new connection may be to a newer program. */
	fakenode_set(node, FAKENODE_NO_TIME, 0);
	fakenode_hang_up(node);
	KIT_WAIT(&k, k.samples > 0);
}

static void
recordings_are_read_when_live_and_after_missed_events(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_MISSED, 1);
	go_live();
	KIT_WAIT(&k, k.files_told >= 1);
	assert_int_equal(k.file_count, 0);
	kit_command(&k, NODE_RECORD_START, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	kit_command(&k, NODE_RECORD_STOP, "c-2");
	KIT_WAIT(&k, k.answers == 2 && k.kinds[NODE_EV_SAVED] == 1);
	k.files_told = 0;
	fakenode_hang_up(node);
	KIT_WAIT(&k, k.files_told >= 1 && k.file_count == 1);
	assert_true(k.missed);
	assert_string_equal(k.file.take, "001");
	assert_string_equal(k.file.sphere, "sphere-1");
	assert_non_null(strstr(k.file_json, "\"take\":\"001\""));
	assert_null(strchr(k.file_json, '\n'));
	k.files_told = 0;
	conn_ask_recordings(k.conn);
	KIT_WAIT(&k, k.files_told == 1 && k.file_count == 1);
}

/* ---- Addresses ---- */

static void
silent_first_address_gives_way_to_the_next(void **state)
{
	struct fakenode *mute = fakenode_new(&(struct fakenode_conf){ .id = "cam-1" });
	struct registry_address a[2];
	int64_t began_us = loop_now_us(k.loop);

	(void)state;
	fakenode_set(mute, FAKENODE_SILENT, 1);
	kit_address(&a[0], "127.0.0.1", fakenode_port(mute));
	kit_address(&a[1], "127.0.0.1", fakenode_port(node));
	conn_set_addresses(k.conn, a, 2);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	assert_int_equal(conn_address(k.conn)->port, fakenode_port(node));
	/* Tried beside the first after 1 s, not after its 2 s. */
	assert_true(loop_now_us(k.loop) - began_us < 1900000);
	assert_false(kit_was(&k, CONN_BACKOFF));
	fakenode_free(mute);
}

static void
refused_first_address_costs_no_second(void **state)
{
	struct fakenode *gone = fakenode_new(&(struct fakenode_conf){ .id = "cam-1" });
	struct registry_address a[2];
	int64_t began_us = loop_now_us(k.loop);

	(void)state;
	fakenode_down(gone, true);
	kit_address(&a[0], "127.0.0.1", fakenode_port(gone));
	kit_address(&a[1], "127.0.0.1", fakenode_port(node));
	conn_set_addresses(k.conn, a, 2);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	assert_true(loop_now_us(k.loop) - began_us < 900000);
	fakenode_free(gone);
}

static void
expected_device_is_preferred_to_a_stranger(void **state)
{
	struct fakenode *other = fakenode_new(&(struct fakenode_conf){ .id = "cam-2", .name = "Stranger" });
	struct registry_address a[2];

	(void)state;
	go_live();
	kit_address(&a[0], "127.0.0.1", fakenode_port(other));
	kit_address(&a[1], "127.0.0.1", fakenode_port(node));
	conn_set_addresses(k.conn, a, 2);
	fakenode_hang_up(node);
	KIT_WAIT(&k, kit_count(&k, CONN_LIVE) == 2);
	assert_string_equal(conn_id(k.conn), "cam-1");
	assert_true(fakenode_asked(other, "GET /info") >= 1);
	assert_int_equal(fakenode_asked(other, "GET /events"), 0);
	fakenode_free(other);
}

static void
another_device_on_the_address_is_told(void **state)
{
	(void)state;
	go_live();
	fakenode_say(node, "zoom", "{\"value\":2,\"timeUs\":1}");
	KIT_WAIT(&k, k.kinds[NODE_EV_ZOOM] == 1);
	fakenode_rename(node, "cam-9", "Newcomer");
	fakenode_hang_up(node);
	KIT_WAIT(&k, strcmp(conn_id(k.conn), "cam-9") == 0 && conn_state(k.conn) == CONN_LIVE);
	assert_string_equal(k.info.device_name, "Newcomer");
}

static void
absent_node_backs_off_with_a_sentence(void **state)
{
	char name[64];

	(void)state;
	fakenode_down(node, true);
	kit_aim(&k, node);
	KIT_WAIT(&k, kit_count(&k, CONN_BACKOFF) == 3);
	snprintf(name, sizeof name, "127.0.0.1:%d: ", fakenode_port(node));
	assert_non_null(strstr(conn_why(k.conn), name));
	assert_true(strlen(conn_why(k.conn)) > strlen(name));
	/* 250 and 500 ms, +-25 % */
	assert_true(k.states[k.state_count - 1].at_us - k.states[0].at_us >= 187500 + 375000);
	fakenode_down(node, false);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	assert_string_equal(conn_why(k.conn), "");
}

static void
back_off_doubles_to_ten_seconds_with_jitter(void **state)
{
	static const struct { int failures; int64_t middle_us; } cases[] = {
		{ 1, 250000 }, { 2, 500000 }, { 3, 1000000 }, { 6, 8000000 }, { 7, 10000000 }, { 1000, 10000000 },
	};
	int differ = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (int n = 0; n < 50; n++) {
			int64_t us = conn_backoff_us(k.conn, cases[i].failures);

			assert_in_range(us, cases[i].middle_us * 3 / 4, cases[i].middle_us * 5 / 4);
			differ += us != conn_backoff_us(k.conn, cases[i].failures);
		}
	assert_true(differ > 250);
}

static void
nudge_tries_at_once(void **state)
{
	int64_t began_us;

	(void)state;
	fakenode_down(node, true);
	kit_aim(&k, node);
	KIT_WAIT(&k, kit_count(&k, CONN_BACKOFF) == 4);	/* the next try is 1.5 s or more away */
	fakenode_down(node, false);
	began_us = loop_now_us(k.loop);
	conn_nudge(k.conn);
	assert_int_equal(conn_state(k.conn), CONN_PROBING);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	assert_true(loop_now_us(k.loop) - began_us < 900000);
}

static void
new_address_is_tried_at_once(void **state)
{
	struct registry_address a[2];

	(void)state;
	kit_address(&a[0], "127.0.0.1", 1);
	kit_address(&a[1], "127.0.0.1", fakenode_port(node));
	conn_set_addresses(k.conn, a, 1);
	KIT_WAIT(&k, kit_count(&k, CONN_BACKOFF) == 4);
	conn_set_addresses(k.conn, a, 1);
	assert_int_equal(conn_state(k.conn), CONN_BACKOFF);	/* no news */
	conn_set_addresses(k.conn, a, 2);
	assert_int_equal(conn_state(k.conn), CONN_PROBING);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
}

static void
without_addresses_it_is_idle(void **state)
{
	(void)state;
	fakenode_down(node, true);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	conn_set_addresses(k.conn, NULL, 0);
	assert_int_equal(conn_state(k.conn), CONN_IDLE);
	conn_nudge(k.conn);
	assert_int_equal(conn_state(k.conn), CONN_IDLE);
}

/* ---- Down ---- */

static void
resumes_after_a_drop_without_losing_or_doubling_events(void **state)
{
	struct fakenode_seen seen;

	(void)state;
	go_live();
	for (int i = 0; i < 3; i++)
		fakenode_say(node, "zoom", "{\"value\":2,\"timeUs\":1}");
	KIT_WAIT(&k, k.kinds[NODE_EV_ZOOM] == 3);
	fakenode_hang_up(node);
	fakenode_say(node, "zoom", "{\"value\":4,\"timeUs\":1}");
	KIT_WAIT(&k, k.kinds[NODE_EV_ZOOM] == 4);
	assert_true(fakenode_last(node, "GET /events", &seen));
	assert_string_equal(seen.last_event_id, "3");
	assert_false(k.missed);
	kit_turn_for(&k, 100000);
	assert_int_equal(k.kinds[NODE_EV_ZOOM], 4);
}

static void
link_that_lasted_is_tried_again_at_once(void **state)
{
	int64_t lost_us, live_us;

	(void)state;
	go_live();
	kit_turn_for(&k, CONN_SETTLED_US + 50000);
	fakenode_hang_up(node);
	KIT_WAIT(&k, kit_count(&k, CONN_LIVE) == 2);
	assert_false(kit_was(&k, CONN_BACKOFF));
	lost_us = k.states[3].at_us;
	live_us = k.states[k.state_count - 1].at_us;
	assert_int_equal(k.states[3].state, CONN_PROBING);
	assert_true(k.states[3].why[0] != '\0');
	assert_true(live_us - lost_us < 200000);
}

static void
link_that_lasted_has_its_old_failures_forgiven(void **state)
{
	int64_t down_us;

	(void)state;
	go_live();
	k.conn->failures = 7;
	kit_turn_for(&k, CONN_SETTLED_US + 50000);
	fakenode_set(node, FAKENODE_SILENT, 1);
	conn_doubt(k.conn);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	down_us = loop_now_us(k.loop);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_PROBING);
	assert_true(loop_now_us(k.loop) - down_us < 500000);
}

static void
stream_that_ends_at_once_is_not_hammered(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_EVENTS_SHORT, 1);
	kit_aim(&k, node);
	KIT_WAIT(&k, kit_count(&k, CONN_BACKOFF) >= 2);
	kit_turn_for(&k, 300000);
	assert_true(fakenode_asked(node, "GET /events") <= 4);
}

static void
silence_is_told_with_its_length(void **state)
{
	(void)state;
	reopen(&impatient);
	fakenode_set(node, FAKENODE_HEALTH_MS, 0);
	go_live();
	KIT_WAIT(&k, k.state_count > 3);
	assert_string_equal(k.states[3].why, "no word for 300 ms");
	assert_true(k.states[3].at_us - k.states[2].at_us >= 290000);
}

static void
comments_keep_a_quiet_stream_alive(void **state)
{
	(void)state;
	reopen(&impatient);
	fakenode_set(node, FAKENODE_HEALTH_MS, 0);
	go_live();
	for (int i = 0; i < 10; i++) {
		kit_turn_for(&k, 100000);
		fakenode_comment(node);
	}
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
	assert_int_equal(k.state_count, 3);
}

static void
bye_is_gone_at_once_and_looked_for_slowly(void **state)
{
	int64_t said_us;

	(void)state;
	go_live();
	said_us = loop_now_us(k.loop);
	fakenode_say(node, "bye", "{\"reason\":\"quit\"}");
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	assert_true(loop_now_us(k.loop) - said_us < 200000);
	assert_string_equal(conn_why(k.conn), "said bye: quit");
	assert_int_equal(k.kinds[NODE_EV_BYE], 1);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);	/* it did not leave after all */
	assert_true(loop_now_us(k.loop) - said_us > 1400000);
}

static void
doubt_finds_a_dead_node_out_at_once(void **state)
{
	int64_t doubt_us;

	(void)state;
	go_live();
	fakenode_set(node, FAKENODE_SILENT, 1);
	doubt_us = loop_now_us(k.loop);
	conn_doubt(k.conn);
	conn_doubt(k.conn);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	assert_true(loop_now_us(k.loop) - doubt_us < 1300000);
	assert_non_null(strstr(conn_why(k.conn), "withdrew itself"));
	assert_int_equal(fakenode_asked(node, "GET /info"), 2);
}

static void
doubt_leaves_a_living_node_alone(void **state)
{
	(void)state;
	go_live();
	conn_doubt(k.conn);
	KIT_WAIT(&k, fakenode_asked(node, "GET /info") == 2);
	kit_turn_for(&k, 100000);
	assert_int_equal(conn_state(k.conn), CONN_LIVE);
	assert_int_equal(k.state_count, 3);
}

/* ---- A node that offers less ---- */

static void
without_events_its_health_is_polled(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_NO_EVENTS, 1);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_POLLING);
	KIT_WAIT(&k, k.kinds[NODE_EV_HEALTH] == 2);
	assert_true(k.last.health.has_battery);
	KIT_WAIT(&k, k.samples == 8);
	kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	fakenode_down(node, true);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
}

static void
polled_recording_that_ends_has_its_file_looked_up(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_NO_EVENTS, 1);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_POLLING && k.files_told == 1);
	kit_command(&k, NODE_RECORD_START, "c-1");
	KIT_WAIT(&k, k.last.health.recording.state == NODE_REC_RECORDING);
	kit_command(&k, NODE_RECORD_STOP, "c-2");
	KIT_WAIT(&k, k.files_told == 2);
	assert_int_equal(k.file_count, 1);
}

static void
bare_node_lives_by_its_info(void **state)
{
	int heard;

	(void)state;
	fakenode_set(node, FAKENODE_BARE, 1);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_POLLING);
	KIT_WAIT(&k, fakenode_asked(node, "GET /health") == 1);
	heard = k.heard;
	KIT_WAIT(&k, fakenode_asked(node, "GET /info") == 3);
	KIT_WAIT(&k, k.heard > heard + 1);
	assert_int_equal(fakenode_asked(node, "GET /health"), 1);
	assert_int_equal(fakenode_asked(node, "GET /recordings"), 1);
	assert_int_equal(k.files_told, 0);
	kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_NOT_OFFERED);
}

/* ---- Freed from inside whatever it says ---- */

static void
may_be_freed_inside_any_callback(void **state)
{
	static const char *const places[] = { "identified", "probing", "opening", "live", "heard", "hello", "health", "clock",
		"frame", "recordings", "answer", "bye", "backoff", "polling", "trouble" };

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		reopen(&quick);
		fakenode_set(node, FAKENODE_HEALTH_MS, 50);
		fakenode_set(node, FAKENODE_NO_EVENTS, strcmp(places[i], "polling") == 0);
		fakenode_set(node, FAKENODE_NO_STREAM, strcmp(places[i], "trouble") == 0);
		k.free_in = places[i];
		kit_aim(&k, node);
		if (k.conn != NULL) {
			conn_preview(k.conn, 320, 10, 60);
			kit_command(&k, NODE_TALLY, "c-0");
		}
		if (strcmp(places[i], "bye") == 0 || strcmp(places[i], "backoff") == 0) {
			KIT_WAIT(&k, k.kinds[NODE_EV_HELLO] > 0);
			fakenode_say(node, "bye", "{\"reason\":\"quit\"}");
		}
		if (strcmp(places[i], "answer") == 0) {
			KIT_WAIT(&k, k.conn == NULL || k.kinds[NODE_EV_HELLO] > 0);
			if (k.conn != NULL)
				kit_command(&k, NODE_TALLY, "c-1");
		}
		KIT_WAIT(&k, k.conn == NULL);
		kit_turn_for(&k, 10000);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(becomes_live_with_hello), TEST(events_and_comments_are_words), TEST(senseless_event_is_passed_over),
		TEST(clock_burst_is_eight_samples_of_the_nodes_clock), TEST(clock_bursts_are_repeated),
		TEST(clock_of_a_new_node_is_asked_again_soon), TEST(clock_is_compared_at_once_when_asked), TEST(clock_is_compared_as_often_as_asked),
		TEST(clock_that_is_not_offered_is_not_asked_again), TEST(recordings_are_read_when_live_and_after_missed_events),
		TEST(silent_first_address_gives_way_to_the_next), TEST(refused_first_address_costs_no_second),
		TEST(expected_device_is_preferred_to_a_stranger), TEST(another_device_on_the_address_is_told),
		TEST(absent_node_backs_off_with_a_sentence), TEST(back_off_doubles_to_ten_seconds_with_jitter),
		TEST(nudge_tries_at_once), TEST(new_address_is_tried_at_once), TEST(without_addresses_it_is_idle),
		TEST(resumes_after_a_drop_without_losing_or_doubling_events), TEST(link_that_lasted_is_tried_again_at_once),
		TEST(link_that_lasted_has_its_old_failures_forgiven), TEST(stream_that_ends_at_once_is_not_hammered), TEST(silence_is_told_with_its_length),
		TEST(comments_keep_a_quiet_stream_alive), TEST(bye_is_gone_at_once_and_looked_for_slowly),
		TEST(doubt_finds_a_dead_node_out_at_once), TEST(doubt_leaves_a_living_node_alone),
		TEST(without_events_its_health_is_polled), TEST(polled_recording_that_ends_has_its_file_looked_up),
		TEST(bare_node_lives_by_its_info), TEST(may_be_freed_inside_any_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
