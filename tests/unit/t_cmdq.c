/*
 * t_cmdq.c - the queue: numbers, order of starts, one end each, and an end only when its line is on disk.
 */
#include "unit/deck_kit.h"

static void
a_command_begins_is_acknowledged_and_ends(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "clap");
	deck_expect(d, "begin 1 clap\n");
	deck_answer(d, 1, NODE_OK);
	deck_expect(d, "ack 1 cam1 ok 4.1ms\n");
	loop_fake_advance(d->k->loop, 2000);
	deck_answer(d, 2, NODE_OK);
	deck_expect(d, "ack 1 cam2 ok 4.1ms\nend 1 ok 2/2 2.0ms\n");
	assert_int_equal(cmdq_pending(d->q), 0);
	deck_free(d, state);
}

static void
a_silent_node_holds_up_no_other_command(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "clap -t 1");
	deck_do(d, "clap -t 2");
	deck_hush(d);
	deck_answer(d, 2, NODE_OK);
	deck_expect(d, "ack 2 cam2 ok 4.1ms\nend 2 ok 1/1 0.0ms\n");
	deck_answer(d, 1, NODE_LATE);
	deck_expect_has(d, "ack 1 cam1 late 4.1ms\n");
	deck_expect_has(d, "end 1 failed 0/1 ");
	deck_free(d, state);
}

static void
commands_start_in_the_order_they_were_asked(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	assert_int_equal(deck_ask(d, "echo one", false), 1);
	assert_int_equal(deck_ask(d, "echo two", false), 2);
	deck_expect(d, "");		/* not inside the call that asks */
	loop_fake_advance(d->k->loop, 0);
	deck_expect(d, "begin 1 echo one\nsay 1 \"one\"\nend 1 ok 0.0ms\n"
	    "begin 2 echo two\nsay 2 \"two\"\nend 2 ok 0.0ms\n");
	deck_free(d, state);
}

static void
the_end_waits_for_the_disk_and_the_bytes_do_not(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	d->scribe.is_slow = true;
	deck_do(d, "zoom -t 1 2.0");
	assert_non_null(deck_sent(1));
	deck_answer(d, 1, NODE_OK);
	deck_expect(d, "begin 1 zoom -t 1 2.0\nack 1 cam1 ok 4.1ms\n");
	loop_fake_advance(d->k->loop, 30000);
	deck_expect(d, "");
	fake_flush(&d->scribe);
	deck_expect(d, "end 1 ok 1/1 0.0ms\n");
	deck_free(d, state);
}

static void
a_disk_that_refuses_makes_the_command_an_error(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	err_set(&d->scribe.trouble, ERR_DISK, "no space left");
	deck_do(d, "tag now");
	deck_expect_has(d, "end 1 error ");
	deck_expect_has(d, "\"no space left\"\n");
	deck_free(d, state);
}

static void
the_line_says_who_was_asked_and_what_each_said(void **state)
{
	struct deck_kit *d = deck_new(state, 2);
	struct node_answer refused = { .result = NODE_REFUSED, .status = 422, .code = "out_of_range", .message = "1 to 15" };

	deck_do(d, "zoom -t all 20");
	deck_answer(d, 1, NODE_OK);
	fake_answer_with(deck_cam(2), 0, &refused, 7000, 2);
	loop_fake_advance(d->k->loop, 0);
	deck_expect_has(d, "ack 1 cam2 refused 7.0ms \"1 to 15\"\n");
	deck_expect_has(d, "end 1 partial 1/2 ");
	assert_int_equal(d->scribe.line_count, 1);
	assert_int_equal(d->scribe.lines[0].which, SCRIBE_COMMANDS);
	assert_string_equal(d->scribe.lines[0].type, "command");
	assert_non_null(strstr(d->scribe.lines[0].json, "\"n\":1,\"text\":\"zoom -t all 20\",\"by\":\"key:anna\",\"requestedUs\":"));
	assert_non_null(strstr(d->scribe.lines[0].json, ",\"targets\":[\"cam1\",\"cam2\"],\"answers\":[{\"node\":\"cam1\",\"result\":\"ok\",\"ms\":4.1"));
	assert_non_null(strstr(d->scribe.lines[0].json, "{\"node\":\"cam2\",\"result\":\"refused\",\"ms\":7.0,"
	    "\"code\":\"out_of_range\",\"tries\":2,\"effectUs\":null}],\"result\":\"partial\""));
	deck_free(d, state);
}

static void
what_was_turned_down_leaves_a_line_that_says_why(void **state)
{
	struct deck_kit *d = deck_new(state, 2);
	struct err e;

	deck_do(d, "zoom -t nobody 2");
	deck_expect_has(d, "end 1 error 0.0ms \"");
	assert_int_equal(d->scribe.line_count, 1);
	assert_int_equal(d->scribe.lines[0].which, SCRIBE_COMMANDS);
	assert_non_null(strstr(d->scribe.lines[0].json, "\"targets\":[],\"answers\":[],\"result\":\"failed\",\"error\":\"no camera"));
	assert_true(registry_set_label(d->k->reg, registry_find(d->k->reg, "cam2"), "wide", &e));
	deck_do(d, "label 1 wide");
	assert_non_null(strstr(d->scribe.lines[1].json, "\"targets\":[\"cam1\"],\"answers\":[],\"result\":\"failed\",\"error\":\""));
	deck_do(d, "label 1");
	assert_non_null(strstr(d->scribe.lines[2].json, "\"targets\":[],\"answers\":[],\"result\":\"failed\",\"error\":\"something is missing"));
	deck_do(d, "zzz");		/* no command at all */
	deck_expect_has(d, "unknown command \\\"zzz\\\"");
	deck_do(d, "help zzz");		/* nothing of the show */
	assert_int_equal(d->scribe.line_count, 3);
	deck_free(d, state);
}

static void
a_refusal_is_told_at_once_however_slow_the_disk(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	d->scribe.is_slow = true;
	deck_do(d, "zoom -t nobody 2");
	deck_expect_has(d, "end 1 error ");
	fake_flush(&d->scribe);
	deck_free(d, state);
}

static void
the_line_names_the_node_that_a_command_was_about(void **state)
{
	static const char *const texts[] = { "label 1 left", "number left 3", "role left +safe", "out left hot", "in left",
		"node forget left" };
	struct deck_kit *d = deck_new(state, 2);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		const struct fake_line *line;

		deck_do(d, texts[i]);
		line = &d->scribe.lines[d->scribe.line_count - 1];
		assert_int_equal(line->which, SCRIBE_COMMANDS);
		if (strstr(line->json, "\"targets\":[\"cam1\"],\"answers\":[],\"result\":\"ok\"}") == NULL)
			fail_msg("%s: %s", texts[i], line->json);
	}
	deck_free(d, state);
}

static void
a_scheduled_effect_is_waited_for_and_written(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	const int64_t at_us = clk_utc_us(&d->k->clk) + 400000;
	const struct cmdq_ask ask = { .text = "zoom -t 1 2", .by = "cue:s:1", .from_cue = true, .at_us = at_us,
		.reply = stage_text_reply(d->text) };
	const struct node_answer planned = { .result = NODE_OK, .status = 200, .scheduled = true, .time_us = at_us };
	char want[64];

	cmdq_submit(d->q, &ask);
	loop_fake_advance(d->k->loop, 0);
	assert_int_equal(deck_sent(1)->at_us, at_us);
	fake_answer_with(deck_cam(1), 0, &planned, 4100, 1);
	loop_fake_advance(d->k->loop, 401000);
	assert_null(strstr(deck_said(d), "end 1"));
	deck_event(d, 1, NODE_EV_ZOOM, "", at_us + 700);
	deck_expect_has(d, "end 1 ok 1/1 ");
	snprintf(want, sizeof want, "\"effectUs\":%lld}", (long long)(at_us + 700));
	assert_non_null(strstr(d->scribe.lines[0].json, want));
	deck_free(d, state);
}

static void
zoom_event(struct deck_kit *d, const char *command_id, int64_t time_us)
{
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = NODE_EV_ZOOM;
	ev->time_us = time_us;
	str_copy(ev->command_id, sizeof ev->command_id, command_id);
	fake_event(deck_cam(1), ev);
	free(ev);
	loop_fake_advance(d->k->loop, 0);
}

/* A camera that was late with the one before says so when this one is already on its way. */
static void
an_effect_of_another_command_is_not_this_ones(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	const int64_t at_us = clk_utc_us(&d->k->clk) + 400000;
	const struct cmdq_ask ask = { .text = "zoom -t 1 2", .by = "cue:s:1", .from_cue = true, .at_us = at_us,
		.reply = stage_text_reply(d->text) };
	const struct node_answer planned = { .result = NODE_OK, .status = 200, .scheduled = true, .time_us = at_us };
	char want[64];

	cmdq_submit(d->q, &ask);
	loop_fake_advance(d->k->loop, 0);
	zoom_event(d, "another", at_us - 50000);
	fake_answer_with(deck_cam(1), 0, &planned, 4100, 1);
	loop_fake_advance(d->k->loop, 401000);
	assert_null(strstr(deck_said(d), "end 1"));
	zoom_event(d, deck_sent(1)->command_id, at_us + 300);
	deck_expect_has(d, "end 1 ok 1/1 ");
	snprintf(want, sizeof want, "\"effectUs\":%lld}", (long long)(at_us + 300));
	assert_non_null(strstr(d->scribe.lines[0].json, want));
	deck_free(d, state);
}

/* By a clock that leapt an hour since it was compared. */
static void
an_effect_that_is_still_to_come_is_null(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	const struct node_answer late = { .result = NODE_OK, .status = 200, .late = true, .time_us = clk_utc_us(&d->k->clk) + 3600000000LL };

	deck_do(d, "zoom -t 1 2");
	fake_answer_with(deck_cam(1), 0, &late, 4100, 1);
	loop_fake_advance(d->k->loop, 3000000);
	deck_expect_has(d, "end 1 ok 1/1 ");
	assert_non_null(strstr(d->scribe.lines[0].json, "\"effectUs\":null"));
	deck_free(d, state);
}

static void
an_effect_nobody_tells_is_null_after_a_second(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	const int64_t at_us = clk_utc_us(&d->k->clk) + 400000;
	const struct cmdq_ask ask = { .text = "zoom -t 1 2", .by = "cue:s:1", .from_cue = true, .at_us = at_us,
		.reply = stage_text_reply(d->text) };
	const struct node_answer planned = { .result = NODE_OK, .status = 200, .scheduled = true, .time_us = at_us };

	cmdq_submit(d->q, &ask);
	loop_fake_advance(d->k->loop, 0);
	fake_answer_with(deck_cam(1), 0, &planned, 4100, 1);
	loop_fake_advance(d->k->loop, 1390000);
	assert_null(strstr(deck_said(d), "end 1"));
	loop_fake_advance(d->k->loop, 20000);
	deck_expect_has(d, "end 1 ok 1/1 ");
	assert_non_null(strstr(d->scribe.lines[0].json, "\"effectUs\":null"));
	deck_free(d, state);
}

static void
a_zoom_is_over_when_its_ramp_is(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "zoom -t 1 2 over 500ms");
	assert_int_equal(deck_sent(1)->ramp_ms, 500);
	deck_answer(d, 1, NODE_OK);
	loop_fake_advance(d->k->loop, 490000);
	assert_null(strstr(deck_said(d), "end 1"));
	loop_fake_advance(d->k->loop, 11000);
	deck_expect_has(d, "end 1 ok 1/1 500ms\n");
	deck_free(d, state);
}

static void
a_ramp_that_nobody_does_is_not_waited_for(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "zoom -t 1 2 over 5s");
	deck_answer(d, 1, NODE_REFUSED);
	deck_expect_has(d, "end 1 failed 0/1 0.0ms\n");
	deck_free(d, state);
}

static void
freeing_the_queue_answers_what_is_open(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "identify");
	deck_ask(d, "echo never started", false);
	deck_hush(d);
	fanout_free(d->deck.fanout);
	d->deck.fanout = NULL;
	cmdq_free(d->q);
	d->q = NULL;
	deck_expect_has(d, "end 1 failed 0.0ms \"the console ended before this was over\"\n");
	deck_expect_has(d, "end 2 failed ");
	assert_int_equal(d->scribe.line_count, 0);
	deck_free(d, state);
}

static void
a_muted_queue_answers_nobody(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "clap");
	deck_hush(d);
	cmdq_mute(d->q);
	deck_answer(d, 1, NODE_OK);
	deck_expect(d, "");
	assert_int_equal(cmdq_pending(d->q), 0);
	deck_free(d, state);
}

static void
the_last_ledger_is_kept(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	assert_null(cmdq_last_ledger(d->q));
	deck_do(d, "clap");
	deck_answer(d, 1, NODE_OK);
	deck_answer(d, 2, NODE_REFUSED);
	assert_int_equal(cmdq_last_ledger(d->q)->count, 2);
	assert_int_equal(ledger_acked(cmdq_last_ledger(d->q)), 1);
	deck_do(d, "echo no nodes");
	assert_int_equal(cmdq_last_ledger(d->q)->count, 2);
	deck_free(d, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_begins_is_acknowledged_and_ends),
		cmocka_unit_test(a_silent_node_holds_up_no_other_command),
		cmocka_unit_test(commands_start_in_the_order_they_were_asked),
		cmocka_unit_test(the_end_waits_for_the_disk_and_the_bytes_do_not),
		cmocka_unit_test(a_disk_that_refuses_makes_the_command_an_error),
		cmocka_unit_test(the_line_says_who_was_asked_and_what_each_said),
		cmocka_unit_test(what_was_turned_down_leaves_a_line_that_says_why),
		cmocka_unit_test(a_refusal_is_told_at_once_however_slow_the_disk),
		cmocka_unit_test(the_line_names_the_node_that_a_command_was_about),
		cmocka_unit_test(a_scheduled_effect_is_waited_for_and_written),
		cmocka_unit_test(an_effect_of_another_command_is_not_this_ones),
		cmocka_unit_test(an_effect_that_is_still_to_come_is_null),
		cmocka_unit_test(an_effect_nobody_tells_is_null_after_a_second),
		cmocka_unit_test(a_zoom_is_over_when_its_ramp_is),
		cmocka_unit_test(a_ramp_that_nobody_does_is_not_waited_for),
		cmocka_unit_test(freeing_the_queue_answers_what_is_open),
		cmocka_unit_test(a_muted_queue_answers_nobody),
		cmocka_unit_test(the_last_ledger_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
