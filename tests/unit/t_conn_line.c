/* t_conn_line.c - the connection that stands for commands: who is at its end is known before anything leaves on it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "support/conn_kit.h"

static struct kit k;
static struct fakenode *node;

/* Clock bursts far apart: what is asked besides is asked by the line. */
static const struct conn_conf conf = { .ack_timeout_us = 800000, .idle_us = 6000000, .clock_every_us = 600000000 };

static int
set_up(void **state)
{
	(void)state;
	node = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });
	kit_open(&k, &conf);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	kit_close(&k);
	fakenode_free(node);
	return 0;
}

static void
go_live(void)
{
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE && k.samples == 8);
}

/* One with /info, eight of the first burst, and one for each line. */
static int
lines_made(void)
{
	return fakenode_asked(node, "GET /time") - 9;
}

static void
one_stands_before_it_is_needed_and_serves_all(void **state)
{
	struct fakenode_seen first, last;

	(void)state;
	go_live();
	KIT_WAIT(&k, lines_made() == 1);
	kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_true(fakenode_last(node, "POST /camera/zoom", &first));
	for (int i = 2; i <= 10; i++) {
		kit_command(&k, NODE_ZOOM, "c-2");
		KIT_WAIT(&k, k.answers == i);
		assert_int_equal(k.answer[i - 1].tries, 1);
	}
	assert_true(fakenode_last(node, "POST /camera/zoom", &last));
	assert_int_equal(first.connection, last.connection);
	assert_int_equal(lines_made(), 1);
}

/* Where the first line hangs, the command goes out on a second one: asked and told there. */
static void
its_end_is_asked_on_the_connection_itself(void **state)
{
	struct fakenode_seen first, who, what;

	(void)state;
	go_live();
	KIT_WAIT(&k, lines_made() == 1);
	kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_true(fakenode_last(node, "POST /camera/zoom", &first));
	fakenode_set(node, FAKENODE_MUTE, 1);
	kit_command(&k, NODE_ZOOM, "c-2");
	KIT_WAIT(&k, k.answers == 2);
	assert_true(fakenode_last(node, "GET /time", &who) && fakenode_last(node, "POST /camera/zoom", &what));
	assert_int_not_equal(what.connection, first.connection);
	assert_int_equal(who.connection, what.connection);
	assert_true(who.at_us < what.at_us);
}

static void
one_that_is_hung_up_is_made_anew_before_it_is_needed(void **state)
{
	int connections;

	(void)state;
	go_live();
	KIT_WAIT(&k, lines_made() == 1);
	fakenode_hang_up(node);
	KIT_WAIT(&k, lines_made() >= 2 && conn_state(k.conn) == CONN_LIVE);
	kit_turn_for(&k, 200000);
	connections = fakenode_connections(node);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(k.answer[0].tries, 1);
	assert_int_equal(fakenode_connections(node), connections);
}

/* The address went to another camera, and the connections of the first one died with it. */
static void
nothing_is_sent_to_another_device_at_the_address(void **state)
{
	(void)state;
	go_live();
	KIT_WAIT(&k, lines_made() == 1);
	fakenode_rename(node, "cam-9", "Other");
	fakenode_hang_up(node);
	for (int i = 0; i < 8; i++)
		kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 8);
	for (int i = 0; i < 8; i++)
		assert_true(k.answer[i].a.result == NODE_LOST || k.answer[i].a.result == NODE_LATE);
	assert_int_equal(fakenode_asked(node, "POST /camera/zoom"), 0);
}

static void
nor_where_the_old_connection_died_without_a_word(void **state)
{
	(void)state;
	go_live();
	KIT_WAIT(&k, lines_made() == 1);
	fakenode_freeze(node);
	fakenode_rename(node, "cam-9", "Other");
	kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_not_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(fakenode_done(node, "/camera/zoom"), 0);
}

static void
node_without_time_is_asked_for_its_name(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_NO_TIME, 1);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE && fakenode_asked(node, "GET /info") == 2);
	kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(k.answer[0].tries, 1);
	assert_int_equal(fakenode_asked(node, "GET /info"), 2);
}

/* A server that ends each connection with its answer can only be asked on the one before. */
static void
node_that_keeps_no_connection_takes_commands_all_the_same(void **state)
{
	static const char body[] = "{\"receivedUs\":1,\"sentUs\":1,\"epoch\":\"cam-1-0\"}";
	char raw[256];
	int asked;

	(void)state;
	go_live();
	snprintf(raw, sizeof raw, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", sizeof body - 1, body);
	fakenode_raw(node, "/time", raw, strlen(raw), NULL);
	fakenode_hang_up(node);
	KIT_WAIT(&k, conn_state(k.conn) != CONN_LIVE || k.state_count > 5);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	for (int i = 0; i < 3; i++) {
		kit_command(&k, NODE_ZOOM, i == 0 ? "c-1" : i == 1 ? "c-2" : "c-3");
		KIT_WAIT(&k, k.answers == i + 1);
		assert_int_equal(k.answer[i].a.result, NODE_OK);
	}
	assert_int_equal(fakenode_done(node, "/camera/zoom"), 3);
	/* And it is not called again and again for a connection that it does not keep. */
	asked = fakenode_asked(node, "GET /time");
	kit_turn_for(&k, 500000);
	assert_true(fakenode_asked(node, "GET /time") - asked < 8);
}

static void
commands_that_meet_leave_two_lines_at_most(void **state)
{
	char id[16];

	(void)state;
	go_live();
	KIT_WAIT(&k, lines_made() == 1);
	kit_turn_for(&k, 50000);
	for (int i = 0; i < 12; i++) {
		snprintf(id, sizeof id, "c-%d", i);
		kit_command(&k, NODE_ZOOM, id);
	}
	KIT_WAIT(&k, k.answers == 12);
	KIT_WAIT(&k, fakenode_clients(node) <= 5);	/* events, two lines, and the clock's and the list's */
	assert_int_equal(fakenode_done(node, "/camera/zoom"), 12);
}

static void
link_that_ends_leaves_no_connection(void **state)
{
	(void)state;
	go_live();
	KIT_WAIT(&k, lines_made() == 1);
	kit_command(&k, NODE_ZOOM, "c-1");
	conn_free(k.conn);
	k.conn = NULL;
	assert_int_equal(k.answers, 1);
	http_free(k.http);
	k.http = http_new(k.loop);
	KIT_WAIT(&k, fakenode_clients(node) == 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(one_stands_before_it_is_needed_and_serves_all), TEST(its_end_is_asked_on_the_connection_itself),
		TEST(one_that_is_hung_up_is_made_anew_before_it_is_needed),
		TEST(nothing_is_sent_to_another_device_at_the_address), TEST(nor_where_the_old_connection_died_without_a_word),
		TEST(node_without_time_is_asked_for_its_name), TEST(node_that_keeps_no_connection_takes_commands_all_the_same),
		TEST(commands_that_meet_leave_two_lines_at_most), TEST(link_that_ends_leaves_no_connection),
	};

	return cmocka_run_group_tests_name("lines of a link", tests, NULL, NULL);
}
