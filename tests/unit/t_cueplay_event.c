/*
 * t_cueplay_event.c - what events do to a cue sheet: cues that wait for one, and rules that stand beside the row.
 */
#include "unit/play_kit.h"

/* ---- when ---- */

static void
a_cue_waits_for_its_event_and_node(void **state)
{
	struct show *s = show_new(state, 2, "tag a\nwhen gesture cam2 tag b\nafter 1s tag c\n");

	play_for(s, 100000);
	tell(s, EV_GESTURE, "cam1");
	tell(s, EV_MARKER, "cam2");
	play_for(s, 100000);
	assert_string_equal(tag_texts(s), "a ");
	tell(s, EV_GESTURE, "cam2");
	play_for(s, 980000);
	assert_string_equal(tag_texts(s), "a b ");
	play_for(s, 30000);
	assert_string_equal(tag_texts(s), "a b c ");
	show_free(s, state);
}

static void
an_event_of_before_does_not_count(void **state)
{
	struct show *s = show_new(state, 1, "after 1s tag a\nwhen gesture tag b\n");

	play_for(s, 500000);
	tell(s, EV_GESTURE, NULL);
	play_for(s, 1000000);
	assert_string_equal(tag_texts(s), "a ");
	tell(s, EV_GESTURE, NULL);
	play_for(s, 20000);
	assert_string_equal(tag_texts(s), "a b ");
	show_free(s, state);
}

static void
what_the_command_before_causes_counts(void **state)
{
	struct show *s = show_new(state, 2, "cut 2\nwhen cut tag b\n");

	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "b ");
	show_free(s, state);
}

/* The cut lands, and is told, before anybody has begun to listen. */
static void
what_a_cut_sent_ahead_causes_counts(void **state)
{
	struct show *s = show_new(state, 2, "after 1s cut 2\nwhen cut tag b\n");

	play_for(s, 700000);			/* it is on its way: the director's word on it is the fake one's, too early */
	assert_int_equal(s->d->director.cuts, 1);
	assert_int_equal(tags(s), 0);
	play_for(s, 290000);
	tell(s, EV_CUT, "cam2");		/* 10 ms before the instant, by another clock */
	play_for(s, 30000);
	assert_string_equal(tag_texts(s), "b ");
	show_free(s, state);
}

static void
an_event_that_does_not_come_in_time_stops_the_sheet(void **state)
{
	struct show *s = show_new(state, 1, "when gesture within 2s tag a\ntag b\nfinally tag z\n");

	play_for(s, 1990000);
	assert_int_equal(tags(s), 0);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "z ");
	assert_int_equal(s->result.failed, 1);
	assert_true(s->result.stopped_early);
	assert_string_equal(s->result.err.text, "show.cue:1: expected event gesture; none came");
	deck_expect_has(s->d, "begin 1 when gesture within 2s\n");
	deck_expect_has(s->d, "end 1 failed 2000ms \"expected event gesture; none came\"\n");
	show_free(s, state);
}

static void
try_passes_over_a_cue_whose_event_does_not_come(void **state)
{
	struct show *s = show_new(state, 1, "when gesture within 2s try tag a\nafter 1s tag b\n");

	play_for(s, 2990000);
	assert_int_equal(tags(s), 0);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "b ");
	assert_int_equal(s->result.failed, 0);
	show_free(s, state);
}

/* ---- whenever ---- */

static void
a_rule_stands_beside_the_row(void **state)
{
	struct show *s = show_new(state, 2, "wait nodes 9 within 10s\nwhenever gesture cam1 tag g\nfinally tag z\n");

	play_for(s, 50000);
	tell(s, EV_GESTURE, "cam1");
	tell(s, EV_GESTURE, "cam1");
	tell(s, EV_GESTURE, "cam2");
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "g g ");	/* also while a wait is open, and above its own line */
	play_for(s, 10000000);
	assert_string_equal(tag_texts(s), "g g z ");
	tell(s, EV_GESTURE, "cam1");
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "g g z ");
	show_free(s, state);
}

static void
a_rule_does_not_set_off_itself(void **state)
{
	struct show *s = show_new(state, 2, "whenever cut cut next of 1,2\non go tag end\n");

	s->answers = true;
	play_for(s, 50000);
	tell(s, EV_CUT, "cam2");
	play_for(s, 2000000);
	assert_int_equal(s->d->director.cuts, 1);
	show_free(s, state);
}

static void
a_rule_that_feeds_itself_is_ended(void **state)
{
	struct show *s = show_new(state, 1, "whenever alarm echo x\non go tag end\n");

	play_for(s, 50000);
	for (int i = 0; i < 100; i++)
		tell(s, EV_ALARM, NULL);
	play_for(s, 200000);
	deck_expect_has(s->d, "show.cue:1: this rule ran 20 times within a second: it stands no more");
	show_free(s, state);
}

static void
a_rule_s_end_is_not_waited_for(void **state)
{
	struct show *s = show_new(state, 1, "whenever gesture clap\non go tag a\ntag b\n");

	play_for(s, 50000);
	tell(s, EV_GESTURE, NULL);
	play_for(s, 50000);
	assert_int_equal(deck_cam(1)->command_count, 1);	/* nobody answers */
	go(s, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "a b ");
	assert_int_equal(s->dones, 0);
	answer_all(s);
	play_for(s, 50000);
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cue_waits_for_its_event_and_node),
		cmocka_unit_test(an_event_of_before_does_not_count),
		cmocka_unit_test(what_the_command_before_causes_counts),
		cmocka_unit_test(what_a_cut_sent_ahead_causes_counts),
		cmocka_unit_test(an_event_that_does_not_come_in_time_stops_the_sheet),
		cmocka_unit_test(try_passes_over_a_cue_whose_event_does_not_come),
		cmocka_unit_test(a_rule_stands_beside_the_row),
		cmocka_unit_test(a_rule_does_not_set_off_itself),
		cmocka_unit_test(a_rule_that_feeds_itself_is_ended),
		cmocka_unit_test(a_rule_s_end_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
