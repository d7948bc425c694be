/*
 * t_cueplay_desk.c - what people do to a cue sheet: go, hold, skip, back, jump, stop; repeats and choices, and storms of all of it.
 */
#include <stdlib.h>
#include "unit/play_kit.h"

/* ---- go ---- */

static const char *
next(const struct show *s)
{
	static struct cuedesk_word w;

	cueplay_say(s->play, &w);
	return w.next;
}

static void
a_cue_on_go_waits_for_it(void **state)
{
	struct show *s = show_new(state, 1, "tag a\non go \"guest in\" tag b\nafter 1s tag c\n");
	struct cuedesk_word w;

	play_for(s, 5000000);
	assert_string_equal(tag_texts(s), "a ");
	cueplay_say(s->play, &w);
	assert_true(w.waits_go);
	assert_string_equal(w.next, "on go \"guest in\"  tag b");
	assert_string_equal(w.go_text, "guest in");
	assert_int_equal(w.at, 2);
	assert_int_equal(w.count, 3);
	go(s, NULL);
	play_for(s, 10000);
	assert_string_equal(tag_texts(s), "a b ");
	assert_int_equal(last_tag(s)->time_us, at(s, 5000000));
	play_for(s, 980000);
	assert_int_equal(tags(s), 2);
	play_for(s, 20000);
	assert_int_equal(last_tag(s)->time_us, at(s, 6000000));	/* since the go */
	show_free(s, state);
}

static void
a_go_too_early_runs_nothing(void **state)
{
	struct show *s = show_new(state, 1, "after 3s tag a\non go tag b\n");

	play_for(s, 1000000);
	assert_false(go(s, "nothing waits for go: `after 3s  tag a` comes by itself in 2.0 s"));
	play_for(s, 3000000);
	assert_string_equal(tag_texts(s), "a ");
	go(s, NULL);
	play_for(s, 10000);
	assert_string_equal(tag_texts(s), "a b ");
	assert_int_equal(s->dones, 1);
	assert_false(go(s, "show.cue is over; `cue load` loads it anew"));
	show_free(s, state);
}

static void
go_by_itself_comes_when_the_cue_before_is_over(void **state)
{
	struct show *s = show_load(state, 1, "clap\non go tag a\n", &(struct cueplay_conf){ .go = CUEPLAY_GO_AUTO });

	cueplay_start(s->play);
	play_for(s, 1000000);
	assert_int_equal(tags(s), 0);
	answer_all(s);
	play_for(s, 20000);
	assert_string_equal(tag_texts(s), "a ");
	show_free(s, state);
}

static void
go_after_a_time_counts_from_the_cue_before(void **state)
{
	struct show *s = show_load(state, 1, "after 1s tag a\non go tag b\non go tag c\n",
	    &(struct cueplay_conf){ .speed = 2, .go = CUEPLAY_GO_AFTER, .go_us = 4000000 });

	cueplay_start(s->play);
	play_for(s, 2490000);
	assert_string_equal(tag_texts(s), "a ");
	play_for(s, 30000);
	assert_string_equal(tag_texts(s), "a b ");
	assert_int_equal(last_tag(s)->time_us, at(s, 2500000));
	play_for(s, 2000000);
	assert_string_equal(tag_texts(s), "a b c ");
	show_free(s, state);
}

/* ---- Repeats and choices ---- */

static void
repeats_play_so_often(void **state)
{
	struct show *s = show_new(state, 1, "repeat 2\n tag a\n repeat 3\n  tag b\n end\nend\ntag c\n");

	play_for(s, 200000);
	assert_string_equal(tag_texts(s), "a b b b a b b b c ");
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

static void
a_long_repeat_is_planned_bit_by_bit(void **state)
{
	struct show *s = show_new(state, 1, "repeat 10000\n repeat 10000\n  after 1s echo x\n end\nend\n");

	play_for(s, 3000000);
	assert_int_equal(s->dones, 0);
	cueplay_interrupt(s->play);
	play_for(s, 50000);
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

struct other { struct show *s; struct loop_timer *timer; int turns; };

static void
other_turn(void *arg)
{
	struct other *o = arg;

	if (++o->turns == 2)
		cueplay_interrupt(o->s->play);
	else
		loop_timer_start(o->s->d->deck.loop, o->timer, 0, 0);
}

/* Lights are renewed, sockets heard and signals taken between its cues. */
static void
a_repeat_without_any_time_lets_others_have_their_turn(void **state)
{
	struct show *s = show_new(state, 1, "repeat 10000\n repeat 10000\n  echo x\n end\nend\n");
	struct other o = { .s = s };

	o.timer = loop_timer_new(s->d->deck.loop, other_turn, &o);
	loop_timer_start(s->d->deck.loop, o.timer, 0, 0);
	play_for(s, 50000);
	assert_int_equal(o.turns, 2);
	assert_int_equal(s->dones, 1);
	loop_timer_free(s->d->deck.loop, o.timer);
	show_free(s, state);
}

static void
choices_are_made_in_the_order_they_are_played(void **state)
{
	struct show *s = show_new(state, 3, "repeat 2\n after 500ms cut next of 1,2,3\n after 500ms cut next of 1,2,3\nend\n");
	static const char *const want[] = { "cam1", "cam2", "cam3", "cam1" };

	s->answers = true;
	for (int i = 0; i < 4; i++) {
		play_for(s, 500000);
		assert_string_equal(s->d->director.program, want[i]);
	}
	show_free(s, state);
}

/* ---- hold ---- */

static void
hold_moves_all_that_comes_by_its_length(void **state)
{
	struct show *s = show_new(state, 1, "after 1s tag a\nafter 1s tag b\nat 4s tag c\n");
	struct err e;

	play_for(s, 1500000);
	assert_true(cueplay_hold(s->play, &e));
	assert_true(cueplay_wants_go(s->play));
	play_for(s, 10000000);
	assert_string_equal(tag_texts(s), "a ");
	assert_string_equal(next(s), "after 1s  tag b");
	go(s, NULL);
	play_for(s, 480000);
	assert_int_equal(tags(s), 1);
	play_for(s, 30000);
	assert_int_equal(last_tag(s)->time_us, at(s, 12000000));
	play_for(s, 2000000);
	assert_int_equal(last_tag(s)->time_us, at(s, 14000000));
	assert_null(strstr(deck_said(s->d), "cue-late"));
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

static void
a_wait_does_not_run_out_while_it_is_held(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 2 within 5s\ntag a\n");
	struct err e;

	play_for(s, 1000000);
	assert_true(cueplay_hold(s->play, &e));
	play_for(s, 60000000);
	go(s, NULL);
	play_for(s, 3900000);
	assert_int_equal(s->dones, 0);
	play_for(s, 200000);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->result.failed, 1);
	show_free(s, state);
}

static void
one_go_ends_a_hold_and_lets_the_cue_run(void **state)
{
	struct show *s = show_new(state, 1, "on go tag a\non go tag b\n");
	struct err e;

	play_for(s, 50000);
	assert_true(cueplay_hold(s->play, &e));
	play_for(s, 50000);
	go(s, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "a ");
	show_free(s, state);
}

static void
rules_rest_while_it_is_held(void **state)
{
	struct show *s = show_new(state, 1, "whenever gesture tag g\non go tag a\n");
	struct err e;

	play_for(s, 50000);
	assert_true(cueplay_hold(s->play, &e));
	tell(s, EV_GESTURE, NULL);
	play_for(s, 50000);
	assert_int_equal(tags(s), 0);
	go(s, NULL);
	tell(s, EV_GESTURE, NULL);
	play_for(s, 50000);
	assert_int_equal(tags(s), 2);
	show_free(s, state);
}

static void
a_cut_that_waits_for_its_beat_is_taken_back_and_comes_again(void **state)
{
	struct show *s = show_new(state, 2, "tempo 120\non bar cut 2\n");
	struct err e;

	play_for(s, 1700000);
	assert_int_equal(s->d->director.cuts, 1);
	assert_true(cueplay_hold(s->play, &e));
	assert_false(s->d->director.pends);
	assert_string_equal(next(s), "on bar  cut 2");	/* though its command has not ended yet */
	answer_all(s);				/* the fake one's command ends with its answers */
	play_for(s, 2000000);
	go(s, NULL);
	s->answers = true;
	play_for(s, 2600000);
	assert_int_equal(s->d->director.cuts, 2);
	assert_false(s->result.command_failed);
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

/* Its command ends after the caller went elsewhere. */
static void
a_cut_that_was_taken_back_and_skipped_does_not_come_again(void **state)
{
	struct show *s = show_new(state, 2, "tempo 120\non bar cut 2\non go tag a\n");
	struct err e;

	play_for(s, 1700000);
	assert_int_equal(s->d->director.cuts, 1);
	assert_true(cueplay_hold(s->play, &e));
	assert_true(cueplay_skip(s->play, &e));
	assert_string_equal(next(s), "on go  tag a");
	answer_all(s);
	play_for(s, 100000);
	assert_string_equal(next(s), "on go  tag a");
	go(s, NULL);
	s->answers = true;
	play_for(s, 5000000);
	assert_int_equal(s->d->director.cuts, 1);
	assert_string_equal(tag_texts(s), "a ");
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

/* `panic` takes the cut first, and holds the sheet then: its command ends as refused. */
static void
a_cut_that_somebody_else_took_does_not_come_after_a_jump(void **state)
{
	struct show *s = show_new(state, 2, "tempo 120\non bar cut 2\nlast: on go tag a\n");
	const struct err why = { .kind = ERR_REFUSED, .text = "panic took it back" };
	struct err e;

	play_for(s, 1700000);
	assert_true(director_cancel(&s->d->director));
	assert_true(cueplay_hold(s->play, &e));
	assert_true(cueplay_jump(s->play, "last", &e));
	s->d->director.done(s->d->director.arg, NULL, 0, &why);
	s->d->director.done = NULL;
	play_for(s, 100000);
	assert_string_equal(next(s), "on go  tag a");
	go(s, NULL);
	play_for(s, 5000000);
	assert_int_equal(s->d->director.cuts, 1);
	assert_string_equal(tag_texts(s), "a ");
	assert_false(s->result.command_failed);
	show_free(s, state);
}

static void
cuts_are_expected_when_they_come_without_the_hold(void **state)
{
	struct show *s = show_new(state, 2, "at 1s cut 2\nat 3s cut 1\nafter 1s expect cut 1 at 1s +- 20ms\nexpect cut 2 at 3s +- 20ms\n");
	struct err e;

	s->answers = true;
	play_for(s, 2000000);
	assert_true(cueplay_hold(s->play, &e));
	play_for(s, 7000000);
	go(s, NULL);
	play_for(s, 3000000);
	assert_int_equal(s->d->director.cuts, 2);
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->result.failed, 0);
	assert_int_equal(s->result.passed, 2);
	show_free(s, state);
}

/* ---- skip, back, jump ---- */

static void
skip_passes_the_next_cue_and_waits_for_go(void **state)
{
	struct show *s = show_new(state, 1, "tag a\nafter 5s tag b\nafter 5s tag c\nafter 1s tag d\n");
	struct err e;

	play_for(s, 50000);
	assert_true(cueplay_skip(s->play, &e));
	assert_string_equal(next(s), "after 5s  tag c");
	play_for(s, 20000000);
	assert_string_equal(tag_texts(s), "a ");
	go(s, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "a c ");	/* with the go, not 5 s after it */
	play_for(s, 1000000);
	assert_string_equal(tag_texts(s), "a c d ");
	show_free(s, state);
}

static void
skip_gets_past_a_wait_that_hangs(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 9 within 1h\ntag a\n");
	struct err e;

	play_for(s, 50000);
	assert_string_equal(next(s), "wait nodes 9 within 1h");
	assert_true(cueplay_skip(s->play, &e));
	go(s, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "a ");
	assert_int_equal(s->result.failed, 0);
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

static void
skip_in_a_repeat_goes_round(void **state)
{
	struct show *s = show_new(state, 1, "repeat 2\n on go tag a\n on go tag b\nend\ntag c\n");
	struct err e;

	play_for(s, 50000);
	go(s, NULL);
	play_for(s, 50000);
	assert_true(cueplay_skip(s->play, &e));
	assert_string_equal(next(s), "on go  tag a");
	go(s, NULL);
	play_for(s, 50000);
	go(s, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "a a b c ");
	show_free(s, state);
}

static void
back_goes_back_cue_by_cue(void **state)
{
	struct show *s = show_new(state, 1, "on go tag a\non go tag b\non go tag c\n");
	struct err e;

	play_for(s, 50000);
	assert_false(cueplay_back(s->play, &e));
	assert_string_equal(e.text, "no cue of show.cue has run before this one");
	go(s, NULL);
	play_for(s, 50000);
	go(s, NULL);
	play_for(s, 50000);
	assert_true(cueplay_back(s->play, &e));
	assert_string_equal(next(s), "on go  tag b");
	assert_true(cueplay_back(s->play, &e));
	assert_string_equal(next(s), "on go  tag a");
	play_for(s, 50000);
	go(s, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "a b a ");
	assert_string_equal(next(s), "on go  tag b");
	show_free(s, state);
}

/* What was taken back, or is said again, is no cue before itself. */
static void
back_never_goes_to_the_cue_that_is_next(void **state)
{
	struct show *s = show_new(state, 2, "tempo 120\ntag a\non bar cut 2\n");
	struct err e;

	play_for(s, 1700000);
	assert_true(cueplay_hold(s->play, &e));
	assert_string_equal(next(s), "on bar  cut 2");
	answer_all(s);
	assert_true(cueplay_back(s->play, &e));
	assert_string_equal(next(s), "tag a");
	show_free(s, state);
}

static void
back_from_a_wait_goes_to_the_cue_before_it_and_a_refusal_changes_nothing(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 9 within 1h\ntag a\n");
	struct err e;

	play_for(s, 50000);
	for (int i = 0; i < 2; i++) {
		assert_false(cueplay_back(s->play, &e));
		assert_string_equal(e.text, "no cue of show.cue has run before this one");
	}
	assert_true(cueplay_skip(s->play, &e));
	assert_true(cueplay_back(s->play, &e));		/* it has run all the same */
	assert_string_equal(next(s), "wait nodes 9 within 1h");
	show_free(s, state);
}

/* Further than what is remembered: refused, instead of to a cue that ran later. */
static void
back_ends_where_memory_ends(void **state)
{
	struct show *s = show_new(state, 1, "repeat 400\n echo x\nend\non go tag a\n");
	struct err e;
	int backs = 0;

	play_for(s, 500000);
	assert_string_equal(next(s), "on go  tag a");
	while (backs < 1000 && cueplay_back(s->play, &e))
		backs++;
	assert_int_equal(backs, 256);
	assert_string_equal(e.text, "no cue of show.cue has run before this one");
	show_free(s, state);
}

static void
jump_goes_to_a_name_and_at_counts_on_from_there(void **state)
{
	struct show *s = show_new(state, 1, "at 1s tag a\nat 10s tag b\npart2: at 60s tag c\nat 62s tag d\n");
	struct err e;

	play_for(s, 2000000);
	assert_false(cueplay_jump(s->play, "part9", &e));
	assert_string_equal(e.text, "show.cue has no cue of the name part9; the nearest is part2");
	assert_true(cueplay_jump(s->play, "part2", &e));
	play_for(s, 1000000);
	go(s, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "a c ");
	play_for(s, 1900000);
	assert_int_equal(tags(s), 2);
	play_for(s, 100000);
	assert_string_equal(tag_texts(s), "a c d ");
	assert_int_equal(last_tag(s)->time_us, at(s, 5000000));
	assert_null(strstr(deck_said(s->d), "cue-late"));
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

static void
jump_into_a_repeat_begins_its_count_anew(void **state)
{
	struct show *s = show_load(state, 1, "tag a\nrepeat 2\n tag b\n mid: tag c\nend\ntag d\n", &(struct cueplay_conf){ .speed = 1 });
	struct err e;

	assert_true(cueplay_jump(s->play, "mid", &e));		/* before it has begun */
	go(s, NULL);
	play_for(s, 100000);
	assert_string_equal(tag_texts(s), "c b c d ");
	show_free(s, state);
}

static void
past_the_last_cue_there_is_only_the_end(void **state)
{
	struct show *s = show_new(state, 1, "on go tag a\nfinally tag z\n");
	struct cuedesk_word w;
	struct err e;

	play_for(s, 50000);
	assert_true(cueplay_skip(s->play, &e));
	cueplay_say(s->play, &w);
	assert_int_equal(w.at, 2);
	assert_string_equal(w.next, "");
	assert_false(cueplay_skip(s->play, &e));
	assert_string_equal(e.text, "no cue is left in show.cue");
	play_for(s, 1000000);
	assert_int_equal(s->dones, 0);
	go(s, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "z ");
	assert_int_equal(s->dones, 1);
	show_free(s, state);
}

static void
stop_runs_the_finally_lines_and_fails_nothing(void **state)
{
	struct show *s = show_new(state, 1, "on go tag a\nfinally tag z\n");
	struct err e;

	play_for(s, 50000);
	assert_true(cueplay_end(s->play, &e));
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "z ");
	assert_int_equal(s->dones, 1);
	assert_false(s->result.stopped_early);
	assert_int_equal(s->result.failed, 0);
	assert_false(cueplay_end(s->play, &e));
	show_free(s, state);
}

static void
stop_ends_a_wait_that_hangs_and_fails_nothing(void **state)
{
	struct show *s = show_new(state, 1, "wait nodes 9 within 1h\nfinally tag z\n");
	struct err e;

	play_for(s, 50000);
	assert_true(cueplay_end(s->play, &e));
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "z ");
	assert_int_equal(s->dones, 1);
	assert_int_equal(s->result.failed, 0);
	assert_int_equal(s->result.err.kind, ERR_NONE);
	assert_false(s->result.stopped_early);
	show_free(s, state);
}

static void
quit_ends_a_wait_that_hangs_and_fails_nothing(void **state)
{
	struct show *s = show_new(state, 1, "whenever gesture quit\nwait nodes 9 within 1h\nfinally tag z\n");

	play_for(s, 50000);
	tell(s, EV_GESTURE, NULL);
	play_for(s, 50000);
	assert_string_equal(tag_texts(s), "z ");
	assert_int_equal(s->dones, 1);
	assert_true(s->result.quit);
	assert_int_equal(s->result.failed, 0);
	assert_int_equal(s->result.err.kind, ERR_NONE);
	show_free(s, state);
}

/* ---- News ---- */

static void
count_news(void *arg, const struct bus_event *ev)
{
	(void)ev;
	++*(int *)arg;
}

static void
the_screen_is_told_when_it_is_another(void **state)
{
	struct show *s = show_load(state, 1, "after 1s tag a\non go tag b\n", &(struct cueplay_conf){ .speed = 1 });
	int news = 0;

	bus_listen(s->d->k->bus, EV_CUE_CHANGED, count_news, &news);
	go(s, NULL);
	play_for(s, 900000);
	assert_int_equal(news, 1);		/* it has begun; time alone is no news */
	play_for(s, 200000);
	assert_true(news >= 2 && news <= 3);
	go(s, NULL);
	play_for(s, 50000);
	assert_true(news >= 3);
	bus_unlisten(s->d->k->bus, count_news, &news);
	show_free(s, state);
}

/* ---- Storms ---- */

static void
tempo(struct show *s, double bpm)
{
	struct metro_ask ask = { .by = "test", .at_utc_us = clk_utc_us(&s->d->k->clk) };

	assert_true(metro_tempo(s->d->deck.metro, bpm, &ask, NULL));
}

static uint32_t
dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % sides;
}

/* The kit keeps the last lines only, and answers are given or not. */
static void
storm_sweep(struct show *s, uint32_t *seed)
{
	for (int i = 0; i < s->d->scribe.line_count; i++)
		free(s->d->scribe.lines[i].json);
	s->d->scribe.line_count = 0;
	if (dice(seed, 3) == 0)
		answer_all(s);
	for (int i = 0; i < fake_conn_count; i++)
		if (fake_conns[i]->command_count > 20) {
			answer_all(s);
			fake_conns[i]->command_count = 0;
		}
	deck_hush(s->d);
}

static void
storm_word(struct show *s, uint32_t *seed)
{
	static const char *const names[] = { "one", "mid", "last" };
	struct err e;

	switch (dice(seed, 9)) {
	case 0:
		cueplay_hold(s->play, &e);
		break;
	case 1:
		cueplay_skip(s->play, &e);
		break;
	case 2:
		cueplay_back(s->play, &e);
		break;
	case 3:
		cueplay_jump(s->play, names[dice(seed, 3)], &e);
		break;
	case 4:
		tell(s, EV_GESTURE, "cam1");
		break;
	case 5:
		tempo(s, 60 + dice(seed, 120));
		break;
	default:
		cueplay_go(s->play, &e);
		break;
	}
}

static const char storm_sheet[] = "whenever gesture cam1 echo g\ntempo 120\none: on go echo a\nafter 200ms cut 1\n"
    "repeat 3\n on beat cut next of 1,2\n mid: on bar zoom -t 2 2 --force\n with echo b\n repeat 2\n  after 1 beats cut random of 1,2\n end\n"
    " on go echo c\nend\nwhen gesture within 2s try echo d\ntry wait nodes 9 within 300ms\nzero\nat 100ms downbeat\nat bar 2 cut 2\n"
    "last: after 100ms clap\nfinally echo z\n";

static void
a_storm(void **state, uint32_t seed)
{
	struct show *s = show_load(state, 2, storm_sheet, &(struct cueplay_conf){ .speed = 1, .seed = seed });
	struct cuedesk_word w;

	for (int i = 0; i < 300 && s->dones == 0; i++) {
		storm_word(s, &seed);
		loop_fake_advance(s->d->k->loop, dice(&seed, 400) * 1000);
		storm_sweep(s, &seed);
		cueplay_say(s->play, &w);
		assert_true(w.at >= 1 && w.at <= w.count + 1);
	}
	cueplay_interrupt(s->play);
	for (int i = 0; i < 400 && s->dones == 0; i++) {
		loop_fake_advance(s->d->k->loop, 100000);
		storm_sweep(s, &seed);
	}
	cueplay_say(s->play, &w);
	assert_true(s->dones == 1 || !w.playing);	/* it has ended, or was never begun */
	show_free(s, state);
}

/* Whatever a person does to a sheet, it ends, once. */
static void
storms_of_words_break_nothing(void **state)
{
	for (uint32_t seed = 1; seed <= 60; seed++)
		a_storm(state, seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cue_on_go_waits_for_it),
		cmocka_unit_test(a_go_too_early_runs_nothing),
		cmocka_unit_test(go_by_itself_comes_when_the_cue_before_is_over),
		cmocka_unit_test(go_after_a_time_counts_from_the_cue_before),
		cmocka_unit_test(repeats_play_so_often),
		cmocka_unit_test(a_long_repeat_is_planned_bit_by_bit),
		cmocka_unit_test(a_repeat_without_any_time_lets_others_have_their_turn),
		cmocka_unit_test(choices_are_made_in_the_order_they_are_played),
		cmocka_unit_test(hold_moves_all_that_comes_by_its_length),
		cmocka_unit_test(a_wait_does_not_run_out_while_it_is_held),
		cmocka_unit_test(one_go_ends_a_hold_and_lets_the_cue_run),
		cmocka_unit_test(rules_rest_while_it_is_held),
		cmocka_unit_test(a_cut_that_waits_for_its_beat_is_taken_back_and_comes_again),
		cmocka_unit_test(a_cut_that_was_taken_back_and_skipped_does_not_come_again),
		cmocka_unit_test(a_cut_that_somebody_else_took_does_not_come_after_a_jump),
		cmocka_unit_test(cuts_are_expected_when_they_come_without_the_hold),
		cmocka_unit_test(skip_passes_the_next_cue_and_waits_for_go),
		cmocka_unit_test(skip_gets_past_a_wait_that_hangs),
		cmocka_unit_test(skip_in_a_repeat_goes_round),
		cmocka_unit_test(back_goes_back_cue_by_cue),
		cmocka_unit_test(back_never_goes_to_the_cue_that_is_next),
		cmocka_unit_test(back_from_a_wait_goes_to_the_cue_before_it_and_a_refusal_changes_nothing),
		cmocka_unit_test(back_ends_where_memory_ends),
		cmocka_unit_test(jump_goes_to_a_name_and_at_counts_on_from_there),
		cmocka_unit_test(jump_into_a_repeat_begins_its_count_anew),
		cmocka_unit_test(past_the_last_cue_there_is_only_the_end),
		cmocka_unit_test(stop_runs_the_finally_lines_and_fails_nothing),
		cmocka_unit_test(stop_ends_a_wait_that_hangs_and_fails_nothing),
		cmocka_unit_test(quit_ends_a_wait_that_hangs_and_fails_nothing),
		cmocka_unit_test(the_screen_is_told_when_it_is_another),
		cmocka_unit_test(storms_of_words_break_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
