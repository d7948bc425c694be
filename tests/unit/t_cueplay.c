/*
 * t_cueplay.c - cue sheets on virtual time: anchors, send-ahead, waits, moods, finally lines, the end.
 */
#include "unit/play_kit.h"

static void
lines_without_when_go_one_after_the_other(void **state)
{
	struct show *s = show_new(state, 1, "clap\nclap silent\n");

	play_for(s, 50000);
	assert_int_equal(deck_cam(1)->command_count, 1);
	answer_all(s);
	play_for(s, 20000);
	assert_int_equal(deck_cam(1)->command_count, 2);
	assert_int_equal(s->dones, 0);
	answer_all(s);
	play_for(s, 20000);
	assert_int_equal(s->dones, 1);
	assert_false(s->result.command_failed);
	show_free(s, state);
}

static void
lines_with_when_do_not_wait_for_answers(void **state)
{
	struct show *s = show_new(state, 1, "tag one\nafter 1s tag two\nafter 1s tag three\n");

	s->d->scribe.is_slow = true;	/* nothing is answered at all */
	play_for(s, 1990000);
	assert_int_equal(tags(s), 2);
	play_for(s, 20000);
	assert_int_equal(tags(s), 3);
	/* Anchored to the scheduled instants: the ends do not add up. */
	assert_int_equal(last_tag(s)->time_us, at(s, 2000000));
	show_free(s, state);
}

static void
instants_known_ahead_are_sent_ahead(void **state)
{
	struct show *s = show_new(state, 2, "after 1s zoom -t 1 2\nat 2s cut 2\n");

	play_for(s, 590000);
	assert_null(deck_sent(1));
	play_for(s, 20000);
	assert_non_null(deck_sent(1));
	assert_int_equal(deck_sent(1)->at_us, at(s, 1000000));
	answer_all(s);
	play_for(s, 980000);
	assert_int_equal(s->d->director.cuts, 0);
	play_for(s, 30000);
	assert_int_equal(s->d->director.cuts, 1);
	assert_int_equal(s->d->director.asked.at_us, at(s, 2000000));
	show_free(s, state);
}

static void
two_cuts_close_together_do_not_replace_each_other(void **state)
{
	struct show *s = show_new(state, 2, "at 1s cut 2\nafter 200ms cut 1\n");

	s->answers = true;
	play_for(s, 990000);
	assert_int_equal(s->d->director.cuts, 1);	/* the second one waits until the first has landed */
	play_for(s, 30000);
	assert_int_equal(s->d->director.cuts, 2);
	assert_int_equal(s->d->director.asked.at_us, at(s, 1200000));
	show_free(s, state);
}

static void
what_a_cut_depends_on_comes_before_it(void **state)
{
	struct show *s = show_new(state, 2, "at 1s label 2 left\nafter 100ms cut left\nwith tag \"now left\"\n");

	s->answers = true;
	play_for(s, 990000);
	assert_int_equal(s->d->director.cuts, 0);
	play_for(s, 2500000);
	assert_int_equal(s->d->director.cuts, 1);
	assert_string_equal(s->d->director.program, "cam2");
	assert_int_equal(s->dones, 1);
	assert_false(s->result.command_failed);
	show_free(s, state);
}

static void
zero_moves_the_times_of_at(void **state)
{
	struct show *s = show_new(state, 1, "clap\nzero\nat 500ms tag x\n");

	play_for(s, 2000000);		/* the clap is answered late */
	assert_int_equal(tags(s), 0);
	answer_all(s);			/* and zero is here */
	play_for(s, 490000);
	assert_int_equal(tags(s), 0);
	play_for(s, 20000);
	assert_int_equal(tags(s), 1);
	show_free(s, state);
}

static void
a_cue_that_a_wait_held_up_is_late(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 2\nat 1s tag a\n");

	play_for(s, 3000000);
	kit_member(s->d->k, 2);
	play_for(s, 20000);
	deck_expect_has(s->d, "event cue-late show.cue:2 late=");
	assert_int_equal(tags(s), 1);
	show_free(s, state);
}

static void
after_a_wait_counts_from_its_end(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 2\nafter 1s tag a\n");

	play_for(s, 3000000);
	kit_member(s->d->k, 2);
	play_for(s, 980000);
	assert_int_equal(tags(s), 0);
	play_for(s, 150000);
	assert_int_equal(tags(s), 1);
	assert_null(strstr(deck_said(s->d), "cue-late"));
	show_free(s, state);
}

static void
each_cue_tells_when_it_was_scheduled_and_landed(void **state)
{
	struct show *s = show_new(state, 1, "after 100ms tag a\n");
	char want[128];

	play_for(s, 150000);
	snprintf(want, sizeof want, "event cue show.cue:1 scheduled=%lld landed=%lld error=0.0ms\n",
	    (long long)at(s, 100000), (long long)at(s, 100000));
	deck_expect_has(s->d, want);
	show_free(s, state);
}

static void
what_was_refused_or_not_heard_has_not_landed(void **state)
{
	struct show *s = show_new(state, 2, "after 1s cut 2\nafter 1s zoom -t 1 2\n");

	err_set(&s->d->director.refusal, ERR_UNFORCED, "cam2 is LOST");
	play_for(s, 1500000);
	deck_expect_has(s->d, "event cue show.cue:1 scheduled=");
	deck_expect_has(s->d, " landed=never\n");
	assert_null(strstr(deck_said(s->d), "error="));
	deck_hush(s->d);
	play_for(s, 200000);
	deck_answer(s->d, 1, NODE_REFUSED);
	play_for(s, 500000);
	deck_expect_has(s->d, " landed=never\n");
	assert_true(s->result.command_failed);
	show_free(s, state);
}

static void
speed_scales_the_times(void **state)
{
	struct show *s = show_new(state, 1, "");

	cueplay_free(s->play);
	cue_sheet_fini(&s->sheet);
	assert_true(cue_sheet_parse(&s->sheet, "s", "after 1s tag a\nat 3s tag b\n", 26, cmd_check_cue, NULL, NULL, NULL));
	s->play = cueplay_new(&s->d->deck, s->d->q, &s->sheet, &(struct cueplay_conf){ .speed = 10.0 }, stage_text_reply(s->d->text), over, s);
	cueplay_start(s->play);
	play_for(s, 120000);
	assert_int_equal(tags(s), 1);	/* the tag and its command */
	play_for(s, 200000);
	assert_int_equal(tags(s), 2);
	show_free(s, state);
}

static void
waits_and_expectations_are_counted(void **state)
{
	struct show *s = show_new(state, 2, "wait nodes 2 within 5s\nexpect nodes 1\ntry expect nodes 9\nexpect program cam1\ntag never\n");

	play_for(s, 100000);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->result.passed, 2);
	assert_int_equal(s->result.failed, 1);
	assert_true(s->result.stopped_early);
	assert_int_equal(tags(s), 0);
	assert_string_equal(s->result.err.text, "show.cue:4: expected cam1 on program; there is nothing");
	deck_expect_has(s->d, "begin 1 wait nodes 2 within 5s\n");
	deck_expect_has(s->d, "end 1 ok 0.0ms\n");
	deck_expect_has(s->d, "end 4 failed 0.0ms \"expected cam1 on program; there is nothing\"\n");
	show_free(s, state);
}

static void
a_wait_that_runs_out_stops_the_sheet(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 2 within 500ms\ntag never\nfinally tag at last\n");

	play_for(s, 480000);
	assert_int_equal(s->dones, 0);
	play_for(s, 100000);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->result.failed, 1);
	assert_string_equal(last_tag(s)->json, "{\"text\":\"at last\",\"take\":null}");
	assert_non_null(strstr(s->result.err.text, "show.cue:1: expected 2 live nodes, have 1"));
	show_free(s, state);
}

static void
a_wait_sees_its_event_at_once(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 2 within 9s\n");

	play_for(s, 100000);
	kit_member(s->d->k, 2);
	loop_fake_advance(s->d->k->loop, 1000);	/* no poll is that quick */
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

static void
a_failing_command_does_not_stop_but_counts(void **state)
{
	struct show *s = show_new(state, 1, "record stop\ntag on\n");

	play_for(s, 50000);
	assert_int_equal(s->dones, 1);
	assert_true(s->result.command_failed);
	assert_false(s->result.stopped_early);
	assert_int_equal(tags(s), 1);
	show_free(s, state);
}

static void
try_makes_a_failure_count_for_nothing(void **state)
{
	struct show *s = show_new(state, 1, "try record stop\ntry wait nodes 7 within 10ms\ntag on\n");

	play_for(s, 200000);
	assert_int_equal(s->dones, 1);
	assert_false(s->result.command_failed);
	assert_int_equal(s->result.failed, 0);
	assert_int_equal(tags(s), 1);
	show_free(s, state);
}

static void
must_stops_the_sheet_and_finally_runs(void **state)
{
	struct show *s = show_new(state, 1, "finally try record stop\nmust record stop\ntag never\nfinally tag over\n");

	play_for(s, 50000);
	assert_int_equal(s->dones, 1);
	assert_true(s->result.stopped_early);
	assert_true(s->result.command_failed);
	assert_string_equal(last_tag(s)->json, "{\"text\":\"over\",\"take\":null}");
	show_free(s, state);
}

static void
a_stop_drops_what_was_planned(void **state)
{
	struct show *s = show_new(state, 1, "must record stop\nafter 1s tag never\nafter 1s cut 1\n");

	play_for(s, 3000000);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->d->director.cuts, 0);
	assert_int_equal(tags(s), 0);
	show_free(s, state);
}

static void
an_interrupt_runs_the_finally_lines(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 9 within 1h\nfinally tag one\nfinally tag two\n");

	play_for(s, 100000);
	cueplay_interrupt(s->play);
	play_for(s, 50000);
	assert_int_equal(s->dones, 1);
	assert_true(s->result.stopped_early);
	assert_int_equal(tags(s), 2);
	deck_expect_has(s->d, "end 1 failed ");
	show_free(s, state);
}

static void
a_finally_line_has_thirty_seconds(void **state)
{
	struct show *s = show_new(state, 1, "tag a\nfinally clap\nfinally tag last\n");

	play_for(s, 29900000);
	assert_int_equal(tags(s), 1);
	play_for(s, 200000);
	assert_int_equal(tags(s), 2);
	assert_true(s->dones == 0);	/* the clap still owes its end */
	answer_all(s);
	play_for(s, 20000);
	assert_int_equal(s->dones, 1);
	assert_true(s->result.command_failed);
	show_free(s, state);
}

static void
quit_is_the_end_of_the_sheet(void **state)
{
	struct show *s = show_new(state, 1, "tag a\nquit\ntag never\nfinally tag z\n");

	s->d->recordall.rolls = true;	/* nobody is asked */
	play_for(s, 50000);
	assert_int_equal(s->dones, 1);
	assert_true(s->result.quit);
	assert_false(s->result.stopped_early);
	assert_int_equal(tags(s), 2);
	assert_int_equal(s->d->quits, 0);
	show_free(s, state);
}

static void
expect_ack_judges_the_command_before(void **state)
{
	struct show *s = show_new(state, 2, "clap\ntag between\nexpect ack all within 5ms\nclap\nexpect ack all within 2ms\n");

	s->answers = true;
	play_for(s, 100000);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->result.passed, 1);
	assert_int_equal(s->result.failed, 1);	/* answers took 3 ms */
	assert_non_null(strstr(s->result.err.text, "show.cue:5: "));
	assert_non_null(strstr(s->result.err.text, "took 3.0 ms; expected at most 2.0 ms"));
	show_free(s, state);
}

static void
the_next_line_waits_for_a_zoom_s_ramp(void **state)
{
	struct show *s = show_new(state, 1, "zoom -t 1 2 over 500ms\ntag after the ramp\n");

	s->answers = true;
	play_for(s, 490000);
	assert_int_equal(tags(s), 0);
	play_for(s, 50000);
	assert_int_equal(tags(s), 1);
	show_free(s, state);
}

static void
the_end_waits_for_open_answers(void **state)
{
	struct show *s = show_new(state, 1, "clap\nwith tag x\n");

	play_for(s, 500000);
	assert_int_equal(s->dones, 0);
	answer_all(s);
	play_for(s, 20000);
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

static void
a_player_may_go_before_its_answers_come(void **state)
{
	struct show *s = show_new(state, 1, "clap\n");

	play_for(s, 50000);
	deck_hush(s->d);
	cueplay_free(s->play);
	s->play = NULL;
	answer_all(s);
	deck_expect(s->d, "");
	show_free(s, state);
}

static void
an_empty_sheet_is_over_at_once(void **state)
{
	struct show *s = show_new(state, 1, "# nothing\n");

	play_for(s, 10000);
	assert_int_equal(s->dones, 1);
	assert_false(s->result.stopped_early);
	show_free(s, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_without_when_go_one_after_the_other),
		cmocka_unit_test(lines_with_when_do_not_wait_for_answers),
		cmocka_unit_test(instants_known_ahead_are_sent_ahead),
		cmocka_unit_test(two_cuts_close_together_do_not_replace_each_other),
		cmocka_unit_test(what_a_cut_depends_on_comes_before_it),
		cmocka_unit_test(zero_moves_the_times_of_at),
		cmocka_unit_test(a_cue_that_a_wait_held_up_is_late),
		cmocka_unit_test(after_a_wait_counts_from_its_end),
		cmocka_unit_test(each_cue_tells_when_it_was_scheduled_and_landed),
		cmocka_unit_test(what_was_refused_or_not_heard_has_not_landed),
		cmocka_unit_test(speed_scales_the_times),
		cmocka_unit_test(waits_and_expectations_are_counted),
		cmocka_unit_test(a_wait_that_runs_out_stops_the_sheet),
		cmocka_unit_test(a_wait_sees_its_event_at_once),
		cmocka_unit_test(a_failing_command_does_not_stop_but_counts),
		cmocka_unit_test(try_makes_a_failure_count_for_nothing),
		cmocka_unit_test(must_stops_the_sheet_and_finally_runs),
		cmocka_unit_test(a_stop_drops_what_was_planned),
		cmocka_unit_test(an_interrupt_runs_the_finally_lines),
		cmocka_unit_test(a_finally_line_has_thirty_seconds),
		cmocka_unit_test(quit_is_the_end_of_the_sheet),
		cmocka_unit_test(expect_ack_judges_the_command_before),
		cmocka_unit_test(the_next_line_waits_for_a_zoom_s_ramp),
		cmocka_unit_test(the_end_waits_for_open_answers),
		cmocka_unit_test(a_player_may_go_before_its_answers_come),
		cmocka_unit_test(an_empty_sheet_is_over_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
