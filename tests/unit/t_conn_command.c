/* t_conn_command.c - one command to one node: one answer, in time, done once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "io/conn_private.h"
#include "support/conn_kit.h"

static struct kit k;
static struct fakenode *node;

static const struct conn_conf short_conf = { .ack_timeout_us = 800000, .idle_us = 6000000, .clock_every_us = 10000000 };
static const struct conn_conf deaf_conf = { .ack_timeout_us = 1000000, .idle_us = 300000, .clock_every_us = 10000000 };

static int
set_up(void **state)
{
	(void)state;
	node = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });
	kit_open(&k, &short_conf);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE && k.samples == 8);
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
is_answered_with_what_the_node_said(void **state)
{
	struct fakenode_seen seen;
	int connections = fakenode_connections(node);

	(void)state;
	kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(k.answer[0].a.status, 200);
	assert_true(k.answer[0].a.time_us > 0);
	assert_true(k.answer[0].a.has_state);
	assert_string_equal(k.answer[0].node, "cam-1");
	assert_int_equal(k.answer[0].tries, 1);
	assert_true(k.answer[0].took_us >= 0 && k.answer[0].took_us < 390000);
	assert_true(fakenode_last(node, "POST /camera/zoom", &seen));
	assert_non_null(strstr(seen.body, "\"commandId\":\"c-1\""));
	assert_int_equal(fakenode_connections(node), connections);	/* the warm one */
	kit_turn_for(&k, 300000);
	assert_int_equal(fakenode_asked(node, "POST /camera/zoom"), 1);
	assert_int_equal(k.answers, 1);
}

static void
refusal_has_its_code_and_sentence(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_REFUSE, 1);
	kit_command(&k, NODE_RECORD_START, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_REFUSED);
	assert_string_equal(k.answer[0].a.code, "already_recording");
	assert_string_equal(k.answer[0].a.message, "Another take runs; stop it first.");
}

static void
hanging_connection_is_left_for_a_second_one(void **state)
{
	struct fakenode_seen seen;
	int connections = fakenode_connections(node);

	(void)state;
	fakenode_set(node, FAKENODE_MUTE, 1);
	kit_command(&k, NODE_RECORD_START, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(k.answer[0].tries, 2);
	assert_true(k.answer[0].took_us >= 390000);
	assert_true(fakenode_connections(node) > connections);
	assert_true(fakenode_last(node, "POST /record/start", &seen));
	assert_non_null(strstr(seen.body, "\"commandId\":\"c-1\""));
	assert_int_equal(fakenode_done(node, "/record/start"), 1);
}

static void
keep_answer(void *arg, const char *name, const struct node_answer *a, int64_t took_us, int tries)
{
	struct kit *into = arg;

	(void)name;
	into->answer[into->answers].a = *a;
	into->answer[into->answers].took_us = took_us;
	into->answer[into->answers++].tries = tries;
}

static void
batch_leaves_together_and_is_asked_again_in_time(void **state)
{
	struct kit idle, heard = { .answers = 0 };
	struct conn *conns[3] = { NULL };
	const struct node_request r = { .verb = NODE_ZOOM, .command_id = "c-1", .factor = 2.0 };

	(void)state;
	kit_open_beside(&idle, &k, &short_conf);
	fakenode_set(node, FAKENODE_MUTE, 1);
	conns[0] = k.conn;
	conns[2] = idle.conn;
	conn_batch(conns, 3);
	conn_command(k.conn, &r, keep_answer, &heard);
	conn_command(idle.conn, &r, keep_answer, &heard);
	conn_batch_send(conns, 3);
	KIT_WAIT(&k, heard.answers == 2);
	assert_int_equal(heard.answer[0].a.result, NODE_LOST);		/* the other one was never aimed anywhere */
	assert_int_equal(heard.answer[1].a.result, NODE_OK);
	assert_int_equal(heard.answer[1].tries, 2);
	assert_true(heard.answer[1].took_us >= 390000);
	assert_int_equal(fakenode_done(node, "/camera/zoom"), 1);
	kit_command(&k, NODE_ZOOM, "c-2");				/* and leaves by itself, without a batch */
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].tries, 1);
	kit_close(&idle);
}

/* As a camera does whose clock was set back by an hour: the next order is not to be refused like this one. */
static void
instant_out_of_range_has_the_clock_compared_at_once(void **state)
{
	static const char body[] = "{\"error\":{\"code\":\"out_of_range\",\"message\":\"The time in atUs is too far ahead.\"}}";
	struct node_request r = { .verb = NODE_ZOOM, .command_id = "c-1", .factor = 2.0 };

	(void)state;
	fakenode_body(node, "/camera/zoom", 422, "application/json", body, sizeof body - 1);
	KIT_WAIT(&k, k.samples >= 8 && k.conn->clock.left == 0);
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_REFUSED);
	assert_int_equal(k.conn->clock.left, 0);	/* a factor of zoom says nothing of its clock */
	r.at_us = 1700000000000000LL;
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 2);
	assert_true(k.conn->clock.left > 0);
}

/* And one whose clock leapt forward: it acts at once, and says when that was by its own clock. */
static void
instant_that_was_hours_away_has_the_clock_compared_at_once(void **state)
{
	static const char near[] = "{\"ok\":true,\"timeUs\":1700000000900000,\"late\":true}";
	static const char far[] = "{\"ok\":true,\"timeUs\":1700003600000000,\"late\":true}";
	struct node_request r = { .verb = NODE_TALLY, .command_id = "c-1", .at_us = 1700000000000000LL };

	(void)state;
	KIT_WAIT(&k, k.samples >= 8 && k.conn->clock.left == 0);
	fakenode_body(node, "/tally", 200, "application/json", near, sizeof near - 1);
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(k.conn->clock.left, 0);	/* it was late, as an order may be */
	fakenode_body(node, "/tally", 200, "application/json", far, sizeof far - 1);
	r.at_us = 0;
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 2);
	assert_int_equal(k.conn->clock.left, 0);	/* nothing was said of when */
	r.at_us = 1700000000000000LL;
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 3);
	assert_true(k.conn->clock.left > 0);
}

/* A start that is planned: half of a minute would be too late for it. */
static void
what_is_planned_is_sent_again_in_time(void **state)
{
	static const struct conn_conf patient = { .ack_timeout_us = 60000000, .idle_us = 6000000, .clock_every_us = 10000000 };
	struct node_request r = { .verb = NODE_RECORD_START, .command_id = "c-1", .take = "001", .sphere = "s", .again_us = 200000 };

	(void)state;
	kit_close(&k);
	kit_open(&k, &patient);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	fakenode_set(node, FAKENODE_MUTE, 1);
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(k.answer[0].tries, 2);
	assert_true(k.answer[0].took_us >= 190000);
	assert_int_equal(fakenode_done(node, "/record/start"), 1);
}

#define TOKEN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

static void
token_goes_beside_each_try(void **state)
{
	struct node_request r = { .verb = NODE_FLIP, .command_id = "c-1", .bearer = TOKEN };
	struct fakenode_seen seen;

	(void)state;
	fakenode_set(node, FAKENODE_DROP, 1);
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(fakenode_asked(node, "POST /camera/flip"), 2);
	assert_true(fakenode_last(node, "POST /camera/flip", &seen));
	assert_string_equal(seen.authorization, "Bearer " TOKEN);
	assert_null(strstr(seen.body, TOKEN));
	kit_command(&k, NODE_FLIP, "c-2");
	KIT_WAIT(&k, k.answers == 2);
	assert_true(fakenode_last(node, "POST /camera/flip", &seen));
	assert_string_equal(seen.authorization, "");
}

static void
token_that_could_break_out_of_its_line_is_left_out(void **state)
{
	struct node_request r = { .verb = NODE_FLIP, .command_id = "c-1", .bearer = "a\r\nX-Evil: 1" };
	struct fakenode_seen seen;

	(void)state;
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 1);
	assert_true(fakenode_last(node, "POST /camera/flip", &seen));
	assert_string_equal(seen.authorization, "");
}

static void
recording_is_deleted_by_its_id(void **state)
{
	struct node_request r = { .verb = NODE_DELETE, .command_id = "c-1", .recording = "rec-2026.1_a", .bearer = TOKEN };
	struct fakenode_seen seen;
	const char gone[] = "{\"ok\":false,\"error\":{\"code\":\"not_found\",\"message\":\"No such recording.\"}}";

	(void)state;
	fakenode_body(node, "/recordings/rec-2026.1_a", 200, "application/json", "{\"ok\":true}", 11);
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_true(fakenode_last(node, "DELETE /recordings/rec-2026.1_a", &seen));
	assert_string_equal(seen.authorization, "Bearer " TOKEN);
	assert_string_equal(seen.body, "");
	fakenode_body(node, "/recordings/rec-2026.1_a", 404, "application/json", gone, sizeof gone - 1);
	conn_command(k.conn, &r, keep_answer, &k);
	KIT_WAIT(&k, k.answers == 2);
	assert_int_equal(k.answer[1].a.result, NODE_NOT_OFFERED);
	assert_string_equal(k.answer[1].a.code, "not_found");
	assert_int_equal(k.answer[1].a.status, 404);
}

static void
what_it_says_of_itself_is_read_on_request(void **state)
{
	const int before = k.identified, asked = fakenode_asked(node, "GET /info");

	(void)state;
	conn_ask_info(k.conn);
	conn_ask_info(k.conn);		/* one is under way: it will do */
	KIT_WAIT(&k, k.identified == before + 1);
	assert_int_equal(fakenode_asked(node, "GET /info"), asked + 1);
	fakenode_body(node, "/info", 500, "text/plain", "no", 2);
	conn_ask_info(k.conn);
	KIT_WAIT(&k, fakenode_asked(node, "GET /info") == asked + 2);
	kit_turn_for(&k, 50000);
	assert_int_equal(k.identified, before + 1);
	assert_int_equal(conn_state(k.conn), CONN_LIVE);	/* whether it is there is asked elsewhere */
}

static void
lost_answer_does_not_do_it_twice(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_LOSE, 1);
	kit_command(&k, NODE_RECORD_START, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(fakenode_asked(node, "POST /record/start"), 2);
	assert_int_equal(fakenode_done(node, "/record/start"), 1);
}

static void
dropped_connection_is_tried_again_at_once(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_DROP, 2);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_true(k.answer[0].took_us < 390000);
	assert_int_equal(fakenode_asked(node, "POST /camera/flip"), 3);
	assert_int_equal(fakenode_done(node, "/camera/flip"), 1);
}

static void
always_dropped_is_lost_not_late(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_DROP, 1000);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_LOST);
	assert_true(k.answer[0].a.message[0] != '\0');
	assert_true(k.answer[0].took_us < 390000);
	assert_true(fakenode_asked(node, "POST /camera/flip") <= 6);
}

static void
silent_node_is_late_exactly_in_time(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_MUTE, 1000);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_LATE);
	assert_string_equal(k.answer[0].a.message, "no answer within 800 ms");
	assert_int_equal(k.answer[0].a.status, 0);
	assert_in_range(k.answer[0].took_us, 800000, 1600000);
	assert_int_equal(k.answer[0].tries, 2);
	kit_turn_for(&k, 300000);
	assert_int_equal(k.answers, 1);
}

static void
slow_node_is_waited_for(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_LATE_MS, 120);
	kit_command(&k, NODE_FLIP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
	assert_int_equal(k.answer[0].tries, 1);
	assert_in_range(k.answer[0].took_us, 115000, 390000);
}

static void
silent_node_delays_no_other(void **state)
{
	struct fakenode *other = fakenode_new(&(struct fakenode_conf){ .id = "cam-2" });
	struct kit k2;

	(void)state;
	kit_open_beside(&k2, &k, &short_conf);
	kit_aim(&k2, other);
	KIT_WAIT(&k2, conn_state(k2.conn) == CONN_LIVE);
	fakenode_set(node, FAKENODE_SILENT, 1);
	kit_command(&k, NODE_FLIP, "c-1");
	for (int i = 0; i < 5; i++)
		kit_command(&k2, NODE_FLIP, "c-2");
	KIT_WAIT(&k2, k2.answers == 5);
	for (int i = 0; i < 5; i++)
		assert_true(k2.answer[i].took_us < 390000);
	kit_close(&k2);
	fakenode_free(other);
}

static void
many_at_once_are_each_answered_once(void **state)
{
	char id[16];

	(void)state;
	for (int i = 0; i < 16; i++) {
		snprintf(id, sizeof id, "c-%d", i);
		kit_command(&k, NODE_ZOOM, id);
	}
	KIT_WAIT(&k, k.answers == 16);
	for (int i = 0; i < 16; i++)
		assert_int_equal(k.answer[i].a.result, NODE_OK);
	assert_int_equal(fakenode_done(node, "/camera/zoom"), 16);
}

static void
node_that_is_down_is_lost_with_the_reason(void **state)
{
	(void)state;
	fakenode_down(node, true);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_BACKOFF);
	kit_command(&k, NODE_FLIP, "c-1");
	assert_int_equal(k.answers, 0);
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_LOST);
	assert_string_equal(k.answer[0].a.message, conn_why(k.conn));
	assert_int_equal(k.answer[0].tries, 0);
}

static void
idle_link_says_so(void **state)
{
	struct kit idle;

	(void)state;
	kit_open(&idle, NULL);
	kit_command(&idle, NODE_FLIP, "c-1");
	KIT_WAIT(&idle, idle.answers == 1);
	assert_int_equal(idle.answer[0].a.result, NODE_LOST);
	assert_string_equal(idle.answer[0].a.message, "not connected yet");
	kit_close(&idle);
}

static void
closing_the_link_answers_what_is_open(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_MUTE, 10);
	kit_command(&k, NODE_FLIP, "c-1");
	kit_command(&k, NODE_ZOOM, "c-2");
	kit_turn(&k);
	conn_free(k.conn);
	k.conn = NULL;
	assert_int_equal(k.answers, 2);
	assert_int_equal(k.answer[0].a.result, NODE_LOST);
	assert_string_equal(k.answer[1].a.message, "the link was closed");
}

static void
freed_in_an_answer_the_rest_is_still_answered(void **state)
{
	(void)state;
	k.free_in = "answer";
	for (int i = 0; i < 4; i++)
		kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 4);
	assert_null(k.conn);
}

static void
freed_when_the_answer_is_heard_it_was_answered_well(void **state)
{
	(void)state;
	fakenode_set(node, FAKENODE_HEALTH_MS, 0);
	kit_turn_for(&k, 50000);
	k.free_in = "heard";
	kit_command(&k, NODE_LENS, "c-1");	/* no event goes before this answer */
	KIT_WAIT(&k, k.conn == NULL);
	assert_int_equal(k.answers, 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
}

static void
goes_out_while_the_event_stream_is_opened_anew(void **state)
{
	(void)state;
	kit_close(&k);
	kit_open(&k, &deaf_conf);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	KIT_WAIT(&k, k.kinds[NODE_EV_HEALTH] >= 2 || k.state_count > 3 || loop_now_us(k.loop) - k.states[2].at_us > 2100000);
	/* Open streams fall silent; the next one is opened but says nothing yet. */
	fakenode_set(node, FAKENODE_HEALTH_MS, 0);
	fakenode_set(node, FAKENODE_EVENTS_MUTE, 1);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_OPENING);
	kit_command(&k, NODE_RECORD_STOP, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_OK);
}

static void
changed_time_for_an_answer_counts_on_a_link_that_is_up(void **state)
{
	struct conn_conf conf = { .ack_timeout_us = 60000000, .idle_us = 6000000, .clock_every_us = 10000000 };

	(void)state;
	kit_close(&k);
	kit_open(&k, &conf);
	kit_aim(&k, node);
	KIT_WAIT(&k, conn_state(k.conn) == CONN_LIVE);
	conf.ack_timeout_us = 300000;
	fakenode_set(node, FAKENODE_SILENT, 1);
	kit_command(&k, NODE_ZOOM, "c-1");
	KIT_WAIT(&k, k.answers == 1);
	assert_int_equal(k.answer[0].a.result, NODE_LATE);
	kit_close(&k);
	kit_open(&k, NULL);		/* the tear-down's; conf dies here */
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(is_answered_with_what_the_node_said), TEST(refusal_has_its_code_and_sentence),
		TEST(token_goes_beside_each_try), TEST(token_that_could_break_out_of_its_line_is_left_out), TEST(recording_is_deleted_by_its_id),
		TEST(what_it_says_of_itself_is_read_on_request), TEST(instant_out_of_range_has_the_clock_compared_at_once),
		TEST(instant_that_was_hours_away_has_the_clock_compared_at_once),
		TEST(hanging_connection_is_left_for_a_second_one), TEST(what_is_planned_is_sent_again_in_time),
		TEST(batch_leaves_together_and_is_asked_again_in_time), TEST(lost_answer_does_not_do_it_twice),
		TEST(dropped_connection_is_tried_again_at_once), TEST(always_dropped_is_lost_not_late),
		TEST(silent_node_is_late_exactly_in_time), TEST(slow_node_is_waited_for), TEST(silent_node_delays_no_other),
		TEST(many_at_once_are_each_answered_once), TEST(node_that_is_down_is_lost_with_the_reason), TEST(idle_link_says_so),
		TEST(closing_the_link_answers_what_is_open), TEST(freed_in_an_answer_the_rest_is_still_answered),
		TEST(freed_when_the_answer_is_heard_it_was_answered_well),
		TEST(changed_time_for_an_answer_counts_on_a_link_that_is_up),
		TEST(goes_out_while_the_event_stream_is_opened_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
