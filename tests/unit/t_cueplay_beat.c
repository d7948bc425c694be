/*
 * t_cueplay_beat.c - cues on the clock of the show and on the clock on the wall: which beat, what moves with the tempo, what hangs on it.
 */
#include <stdlib.h>
#include <time.h>
#include "unit/play_kit.h"
#include "app/metro_private.h"

/* When the tag of that text was, since the sheet began; -1: not yet. */
static int64_t
tag_at(const struct show *s, const char *text)
{
	for (int i = 0; i < s->d->scribe.line_count; i++) {
		const struct fake_line *l = &s->d->scribe.lines[i];
		char want[64];

		snprintf(want, sizeof want, "\"text\":\"%s\"", text);
		if (strcmp(l->type, "tag") == 0 && strstr(l->json, want) != NULL)
			return l->time_us - at(s, 0);
	}
	return -1;
}

/* To the microsecond but for the rounding of beats, and the turns of the loop that `tempo` took. */
static void
expect_tag(const struct show *s, const char *text, int64_t us)
{
	const int64_t there_us = tag_at(s, text);

	if (llabs(there_us - us) > 5)
		fail_msg("%s was at %lld us, not at %lld", text, (long long)there_us, (long long)us);
}

static void
on_bar_and_on_beat_are_strictly_later(void **state)
{
	struct show *s = show_new(state, 1, "tempo 120\nquantum 4\non bar tag a\non bar tag b\non beat tag c\non beat tag d\n");

	play_for(s, 6000000);
	expect_tag(s, "a", 2000000);
	expect_tag(s, "b", 4000000);
	expect_tag(s, "c", 4500000);
	expect_tag(s, "d", 5000000);
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

static void
bars_and_beats_are_counted_from_the_downbeat(void **state)
{
	struct show *s = show_new(state, 1, "tempo 120\ndownbeat\nat bar 2.3 tag a\nafter 2 beats tag b\nafter 1 bars tag c\nat bar 5 tag d\n");

	play_for(s, 9000000);
	expect_tag(s, "a", 3000000);
	expect_tag(s, "b", 4000000);
	expect_tag(s, "c", 6000000);
	expect_tag(s, "d", 8000000);
	show_free(s, state);
}

static void
a_cut_on_a_beat_is_given_its_beat(void **state)
{
	struct show *s = show_new(state, 2, "tempo 120\non bar cut 2\n");

	s->answers = true;
	play_for(s, 1590000);
	assert_int_equal(s->d->director.cuts, 0);
	play_for(s, 30000);
	assert_int_equal(s->d->director.cuts, 1);
	assert_true(s->d->director.asked.on_clock);
	assert_true(s->d->director.asked.beat == 4);
	assert_int_equal(s->d->director.asked.at_us, 0);
	show_free(s, state);
}

static void
cuts_on_beats_do_not_meet_at_the_director(void **state)
{
	struct show *s = show_new(state, 2, "tempo 200\non beat cut 2\non beat cut 1\n");

	s->answers = true;
	play_for(s, 290000);
	assert_int_equal(s->d->director.cuts, 1);	/* the second one is not there before the first has landed, at 300 ms */
	play_for(s, 40000);
	assert_int_equal(s->d->director.cuts, 2);
	assert_true(s->d->director.asked.beat == 2);
	show_free(s, state);
}

static void
tempo(struct show *s, double bpm)
{
	struct metro_ask ask = { .by = "test", .at_utc_us = clk_utc_us(&s->d->k->clk) };

	assert_true(metro_tempo(s->d->deck.metro, bpm, &ask, NULL));
}

static void
what_is_planned_moves_with_the_tempo(void **state)
{
	struct show *s = show_new(state, 1, "tempo 60\non bar tag a\nafter 1s tag b\nwith tag c\nafter 2 beats tag d\nat 20s tag e\n");

	play_for(s, 2000000);
	tempo(s, 120);			/* two beats to go, of half a second */
	play_for(s, 18500000);
	expect_tag(s, "a", 3000000);
	expect_tag(s, "b", 4000000);
	expect_tag(s, "c", 4000000);
	expect_tag(s, "d", 5000000);
	expect_tag(s, "e", 20000000);
	show_free(s, state);
}

/* The director has it by then, and moves it: what is told of the cue, and what hangs on it, moves along. */
static void
what_is_on_its_way_moves_too(void **state)
{
	struct show *s = show_new(state, 2, "tempo 60\non bar cut 2\nafter 1 beats tag a\n");
	char want[96];

	play_for(s, 3700000);
	assert_int_equal(s->d->director.cuts, 1);
	tempo(s, 120);				/* 300 ms before its beat: 150 ms of them are left */
	play_for(s, 20000);
	answer_all(s);
	play_for(s, 1000000);
	snprintf(want, sizeof want, "event cue show.cue:2 scheduled=%lld ", (long long)at(s, 3850000));
	deck_expect_has(s->d, want);
	expect_tag(s, "a", 4350000);
	show_free(s, state);
}

static void
what_has_passed_stays_where_it_was(void **state)
{
	struct show *s = show_new(state, 1, "tempo 60\non beat tag a\nafter 4 beats tag b\n");

	play_for(s, 2000000);		/* a was at 1 s, b is 3 beats away */
	tempo(s, 120);
	play_for(s, 2000000);
	expect_tag(s, "b", 3500000);
	show_free(s, state);
}

static void
a_clock_that_begins_in_the_sheet_is_waited_for(void **state)
{
	struct show *s = show_new(state, 1, "after 1s tempo 120\non bar tag a\nafter 250ms downbeat\nat bar 2 tag b\n");

	play_for(s, 6000000);
	expect_tag(s, "a", 3000000);
	expect_tag(s, "b", 5250000);
	assert_false(s->result.command_failed);
	show_free(s, state);
}

static void
without_a_clock_a_beat_fails_and_says_how_to_start_one(void **state)
{
	struct show *s = show_new(state, 1, "on bar try tag a\non beat tag b\nafter 100ms tag c\n");

	play_for(s, 200000);
	assert_string_equal(tag_texts(s), "c ");
	assert_true(s->result.command_failed);
	assert_non_null(strstr(s->result.err.text, "show.cue:2: tag b: error: no clock runs"));
	deck_expect_has(s->d, "begin 1 tag a\n");
	show_free(s, state);
}

static void
must_on_a_beat_stops_the_sheet_without_a_clock(void **state)
{
	struct show *s = show_new(state, 1, "on bar must tag a\ntag b\n");

	play_for(s, 100000);
	assert_int_equal(s->dones, 1);
	assert_true(s->result.stopped_early);
	assert_int_equal(tags(s), 0);
	show_free(s, state);
}

/* What its ear hears on the network is not for here: that somebody is there. */
static void
at_another_speed_no_beat_is_played_beside_others(void **state)
{
	struct show *s = show_load(state, 1, "tempo 120\non bar tag a\nafter 1s tag b\nfinally tag z\n", &(struct cueplay_conf){ .speed = 2 });

	s->d->deck.metro->overheard = true;
	cueplay_start(s->play);
	play_for(s, 3000000);
	assert_string_equal(tag_texts(s), "z ");
	assert_true(s->result.stopped_early);
	assert_non_null(strstr(s->result.err.text, "no cue can be on a beat at --speed 2"));
	show_free(s, state);
}

static void
at_another_speed_times_are_played_beside_others(void **state)
{
	struct show *s = show_load(state, 1, "after 1s tag a\n", &(struct cueplay_conf){ .speed = 2 });

	s->d->deck.metro->overheard = true;
	cueplay_start(s->play);
	play_for(s, 600000);
	assert_string_equal(tag_texts(s), "a ");
	assert_false(s->result.stopped_early);
	show_free(s, state);
}

static void
a_zoom_takes_beats(void **state)
{
	struct show *s = show_new(state, 1, "tempo 120\non bar zoom -t 1 2 over 4 beats\ntag after\n");

	s->answers = true;
	play_for(s, 2100000);
	assert_non_null(deck_sent(1));
	assert_int_equal(deck_sent(1)->ramp_ms, 2000);
	assert_true(llabs(deck_sent(1)->at_us - at(s, 2000000)) <= 5);
	play_for(s, 1850000);
	assert_int_equal(tags(s), 0);
	play_for(s, 1200000);
	assert_int_equal(tags(s), 1);	/* the ramp is over; its word on that has a second to come */
	show_free(s, state);
}

static void
a_beat_too_near_for_a_command_is_the_next_one(void **state)
{
	struct show *s = show_new(state, 1, "tempo 120\nwait event alarm\non beat tag a\n");

	play_for(s, 1490000);
	bus_tell(s->d->k->bus, EV_ALARM, NULL, "now");		/* 10 ms before the beat */
	play_for(s, 1000000);
	expect_tag(s, "a", 2000000);
	show_free(s, state);
}

static void
repeats_play_on_the_beat(void **state)
{
	struct show *s = show_new(state, 2, "tempo 120\nquantum 2\nrepeat 2\n on bar tag x\n repeat 2\n  after 1 beats tag y\n end\nend\non bar tag z\n");

	play_for(s, 7100000);
	assert_string_equal(tag_texts(s), "x y y x y y z ");
	expect_tag(s, "z", 5000000);	/* x at 1 and 3 s; the last y at 4 s is on a bar itself */
	show_free(s, state);
}

/* HH:MM:SS of the sheet's beginning and so much later. */
static void
clock_text(char *out, size_t size, int64_t later_us)
{
	const time_t seconds = (time_t)((LOOP_FAKE_UTC_US + later_us) / 1000000);
	struct tm day;

	localtime_r(&seconds, &day);
	strftime(out, size, "%H:%M:%S", &day);
}

static void
the_clock_on_the_wall(void **state)
{
	char text[200], at_clock[16], before[16];
	struct show *s;

	clock_text(at_clock, sizeof at_clock, 5000000);
	clock_text(before, sizeof before, -60000000);
	snprintf(text, sizeof text, "at clock %s tag a\nat clock %s tag late\n", at_clock, before);
	s = show_new(state, 1, text);
	play_for(s, 1000000);
	assert_string_equal(tag_texts(s), "late ");	/* a minute ago: at once, and told; not tomorrow */
	deck_expect_has(s->d, "event cue-late show.cue:2 late=");
	play_for(s, 5000000);
	assert_string_equal(tag_texts(s), "late a ");
	assert_int_equal((at(s, 0) + tag_at(s, "a")) % 1000000, 0);	/* on the second */
	show_free(s, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_bar_and_on_beat_are_strictly_later),
		cmocka_unit_test(bars_and_beats_are_counted_from_the_downbeat),
		cmocka_unit_test(a_cut_on_a_beat_is_given_its_beat),
		cmocka_unit_test(cuts_on_beats_do_not_meet_at_the_director),
		cmocka_unit_test(what_is_planned_moves_with_the_tempo),
		cmocka_unit_test(what_is_on_its_way_moves_too),
		cmocka_unit_test(what_has_passed_stays_where_it_was),
		cmocka_unit_test(a_clock_that_begins_in_the_sheet_is_waited_for),
		cmocka_unit_test(without_a_clock_a_beat_fails_and_says_how_to_start_one),
		cmocka_unit_test(must_on_a_beat_stops_the_sheet_without_a_clock),
		cmocka_unit_test(at_another_speed_no_beat_is_played_beside_others),
		cmocka_unit_test(at_another_speed_times_are_played_beside_others),
		cmocka_unit_test(a_zoom_takes_beats),
		cmocka_unit_test(a_beat_too_near_for_a_command_is_the_next_one),
		cmocka_unit_test(repeats_play_on_the_beat),
		cmocka_unit_test(the_clock_on_the_wall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
