/*
 * t_governor.c - a line of known rate and delay is simulated; the governor must find out, fill it, and never queue much.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ui/governor.h"

#define STEP_US 500
#define SENT 512

/* The line: a queue that serves so many bytes a second, half a round trip each way.  answer_us INT64_MAX: lost. */
struct line {
	int64_t rate_bps, rtt_us, jitter_us;
	int64_t lateness_us;			/* the other end is kept from running: each answer, whatever it fences */
	bool is_stopped, is_dumb, loses;	/* loses: all but the questions' answers */
	int64_t free_us;			/* when the queue is empty */
	struct { int64_t answer_us; enum governor_batch what; } sent[SENT];
	int first, count;
	uint32_t dice;
};

struct sim {
	struct governor g;
	struct line line;
	int64_t now_us;
	int64_t want_bps;			/* pictures wanted; 0 = as many as go */
	int64_t owed_bytes;
	int64_t sleep_us;			/* the process is kept from running so long, ten times a second */
	int text_bytes;				/* ten times a second */
	int64_t text_at_us, text_us, text_gap_us;	/* the longest time without any */
	int64_t piece_bytes;			/* a batch is at least so long */
	int64_t sent_bytes, text_sent, questions;
	bool asks_first;			/* as the screen does, to know the terminal */
	int64_t worst_queue_us;			/* what the last byte sent has to wait for */
};

static void
start(struct sim *s, int64_t rate_bps, int64_t rtt_us)
{
	memset(s, 0, sizeof *s);
	s->now_us = 3600000000;
	s->line.rate_bps = rate_bps;
	s->line.rtt_us = rtt_us;
	s->line.dice = 12345;
	governor_init(&s->g);
	s->asks_first = true;
}

static int64_t
jitter(struct line *l)
{
	l->dice = l->dice * 1664525 + 1013904223;
	return l->jitter_us > 0 ? (int64_t)(l->dice >> 8) % l->jitter_us : 0;
}

static void
put(struct sim *s, enum governor_batch what, int64_t bytes)
{
	struct line *l = &s->line;
	int64_t at = s->now_us + l->rtt_us / 2;

	s->sent_bytes += bytes;
	l->free_us = (l->free_us > at ? l->free_us : at) + bytes * 1000000 / l->rate_bps;
	if (l->free_us - at > s->worst_queue_us)
		s->worst_queue_us = l->free_us - at;
	if (!governor_takes_fence(&s->g) && what != GOVERNOR_QUESTION) {
		governor_unfenced(&s->g, what, bytes, s->now_us);
		return;
	}
	governor_sent(&s->g, what, bytes, s->now_us);
	if (l->is_dumb || (l->loses && what != GOVERNOR_QUESTION))
		return;
	if (l->count == SENT)
		return;
	int i = (l->first + l->count++) % SENT;
	l->sent[i].what = what;
	l->sent[i].answer_us = l->free_us + l->rtt_us / 2 + jitter(l) + l->lateness_us;
}

static void
hear(struct sim *s)
{
	struct line *l = &s->line;

	while (l->count > 0 && !l->is_stopped && l->sent[l->first].answer_us <= s->now_us) {
		enum governor_batch what = l->sent[l->first].what;

		l->first = (l->first + 1) % SENT;
		l->count--;
		governor_answered(&s->g, what, s->now_us);
	}
}

/* What the screen does with its governor. */
static void
pump(struct sim *s)
{
	size_t room;

	if (s->asks_first)
		put(s, GOVERNOR_QUESTION, 40);
	s->asks_first = false;
	if (governor_wants_fence(&s->g))
		put(s, GOVERNOR_PICTURES, 4);
	if (s->text_bytes > 0 && s->now_us >= s->text_at_us && governor_text_at(&s->g, false, s->now_us) == 0) {
		put(s, GOVERNOR_TEXT, s->text_bytes);
		s->text_sent++;
		if (s->text_us != 0 && s->now_us - s->text_us > s->text_gap_us)
			s->text_gap_us = s->now_us - s->text_us;
		s->text_us = s->now_us;
		s->text_at_us = s->now_us + 100000;
	}
	if (governor_wants_question(&s->g, s->now_us)) {
		s->questions++;
		put(s, GOVERNOR_QUESTION, 3);
	}
	while (s->owed_bytes > 0 && (room = governor_room(&s->g, s->now_us)) > 0) {
		int64_t bytes = (int64_t)room < s->owed_bytes ? (int64_t)room : s->owed_bytes;

		bytes = bytes < s->piece_bytes ? s->piece_bytes : bytes;
		put(s, GOVERNOR_PICTURES, bytes);
		s->owed_bytes -= bytes;
	}
	if (s->owed_bytes > 0)
		governor_blocked(&s->g, s->now_us);
}

static void
run(struct sim *s, int64_t us)
{
	for (int64_t end = s->now_us + us; s->now_us < end; s->now_us += STEP_US) {
		int64_t at = governor_deadline(&s->g, s->now_us);

		s->owed_bytes += s->want_bps * STEP_US / 1000000;
		if (s->sleep_us > 0 && s->now_us % 100000 < s->sleep_us)
			continue;
		if (s->sleep_us > 0)
			governor_late(&s->g, s->now_us % 100000 < s->sleep_us + STEP_US ? s->sleep_us : 0);
		hear(s);
		if ((at >= 0 && at <= s->now_us) || s->now_us % 10000 == 0)
			governor_tick(&s->g, s->now_us);
		if (s->want_bps == 0 || s->owed_bytes > s->want_bps)
			s->owed_bytes = s->want_bps > 0 ? s->want_bps : 1 << 20;
		pump(s);
	}
}

static void
fills_line(int64_t rate_bps, int64_t rtt_us, int least_percent, int64_t most_queue_us)
{
	struct sim s;
	int64_t percent;

	start(&s, rate_bps, rtt_us);
	s.text_bytes = 300;
	run(&s, 4000000);
	s.sent_bytes = s.worst_queue_us = 0;
	run(&s, 30000000);
	percent = s.sent_bytes * 100 / (rate_bps * 30);
	print_message("# %lld B/s, %lld us: %lld %% used, queue %lld us, measured %lld B/s %lld us\n", (long long)rate_bps,
	    (long long)rtt_us, (long long)percent, (long long)s.worst_queue_us, (long long)s.g.rate_bps, (long long)s.g.rtt_us);
	assert_true(percent >= least_percent);
	assert_true(s.worst_queue_us <= most_queue_us);
	assert_true(s.g.rtt_us >= rtt_us && s.g.rtt_us <= rtt_us + rtt_us / 8 + 20000);
}

static void
every_line_is_filled_and_hardly_queues(void **state)
{
	(void)state;
	fills_line(125000, 80000, 85, 100000);
	fills_line(2500000, 80000, 85, 100000);
	fills_line(8000, 80000, 75, 160000);	/* one text of 300 bytes is 37 ms here */
	fills_line(125000, 600000, 75, 100000);
	fills_line(30000000, 2000, 80, 100000);
}

/* The screen's first seconds: questions, its first bytes, two whole screens of text, then pictures without end. */
static void
line_is_not_flooded_before_it_is_known(void **state)
{
	static const int64_t rates[] = { 8000, 125000, 2500000 };
	static const int64_t most_us[] = { 1000000, 100000, 120000 };	/* a whole screen is 750 ms of 64 kbit/s */

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct sim s;

		start(&s, rates[i], 80000);
		run(&s, STEP_US);
		s.worst_queue_us = 0;
		s.owed_bytes = 0;
		put(&s, GOVERNOR_TEXT, 120);
		put(&s, GOVERNOR_TEXT, 3000);
		s.text_bytes = 300;
		run(&s, 4000000);
		print_message("# %lld B/s: at first %lld us queued\n", (long long)rates[i], (long long)s.worst_queue_us);
		assert_true(s.worst_queue_us <= most_us[i]);
	}
}

static void
modest_wishes_are_met_on_a_line_that_jitters(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 2500000, 80000);
	s.line.jitter_us = 15000;
	s.text_bytes = 600;
	s.want_bps = 600000;		/* sixteen cameras, ten pictures a second of 3.7 kB */
	run(&s, 3000000);
	s.sent_bytes = 0;
	run(&s, 10000000);
	print_message("# %lld of 6000000 sent, measured %lld B/s, rtt %lld\n", (long long)s.sent_bytes, (long long)s.g.rate_bps,
	    (long long)s.g.rtt_us);
	assert_true(s.sent_bytes >= 5900000);
}

static void
busy_machine_is_no_slow_line(void **state)
{
	struct sim s;

	(void)state;
	for (int64_t rtt_us = 2000; rtt_us <= 80000; rtt_us += 78000) {
		start(&s, 2500000, rtt_us);
		s.text_bytes = 600;
		s.want_bps = 600000;
		run(&s, 3000000);
		s.sleep_us = 70000;
		run(&s, 5000000);
		s.sent_bytes = 0;
		run(&s, 10000000);
		print_message("# asleep 70 of 100 ms: %lld of 6000000 sent, measured %lld B/s\n", (long long)s.sent_bytes,
		    (long long)s.g.rate_bps);
		assert_true(s.sent_bytes >= 5000000);
	}
}

static void
late_answers_alone_do_not_starve_a_wide_line(void **state)
{
	struct sim s;

	(void)state;
	for (int64_t rtt_us = 2000; rtt_us <= 80000; rtt_us += 78000) {
		start(&s, 2500000, rtt_us);
		s.text_bytes = 600;
		s.want_bps = 600000;
		run(&s, 5000000);
		s.line.lateness_us = 90000;
		s.line.jitter_us = 30000;
		run(&s, 5000000);
		s.sent_bytes = 0;
		run(&s, 12000000);
		print_message("# answers 90 to 120 ms late: %lld of 7200000 sent, measured %lld B/s\n", (long long)s.sent_bytes,
		    (long long)s.g.rate_bps);
		assert_true(s.sent_bytes >= 4000000);
	}
}

/* A trial that showed nothing is not begun again at once: each takes the rate down for a while. */
static void
failed_trial_is_not_repeated_at_once(void **state)
{
	struct sim s;
	int64_t deaf_us = 0;
	int trials = 0;

	(void)state;
	start(&s, 2500000, 80000);
	s.text_bytes = 600;
	s.want_bps = 600000;
	run(&s, 5000000);
	s.line.lateness_us = 90000;
	s.line.jitter_us = 30000;
	for (int i = 0; i < 6000; i++) {
		run(&s, 10000);
		trials += s.g.deaf_until_us != deaf_us;
		deaf_us = s.g.deaf_until_us;
	}
	print_message("# %d trials in a minute\n", trials);
	assert_in_range(trials, 1, 20);
}

static void
slower_line_is_noticed_within_two_seconds(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 1250000, 40000);
	run(&s, 5000000);
	s.line.rate_bps = 62500;
	run(&s, 2500000);
	s.worst_queue_us = 0;
	run(&s, 5000000);
	print_message("# slower: %lld us queued\n", (long long)s.worst_queue_us);
	assert_true(s.worst_queue_us <= 100000);
	s.line.rate_bps = 1250000;
	run(&s, 5000000);
	s.sent_bytes = 0;
	run(&s, 5000000);
	assert_true(s.sent_bytes >= 1250000 * 4);
}

static void
longer_way_is_noticed(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 20000);
	s.text_bytes = 300;
	run(&s, 20000000);
	s.line.rtt_us = 300000;
	run(&s, 35000000);
	print_message("# after 35 s %lld us, %lld B/s\n", (long long)s.g.rtt_us, (long long)s.g.rate_bps);
	s.sent_bytes = s.worst_queue_us = 0;
	run(&s, 5000000);
	assert_true(s.sent_bytes >= 125000 * 5 * 7 / 10);
	assert_true(s.worst_queue_us <= 100000);
}

/* How long a key's answer takes: it goes up, is drawn at once, and waits for what is under way. */
static int64_t
key_us(struct sim *s, int64_t text_bytes)
{
	int64_t pressed_us = s->now_us;

	run(s, s->line.rtt_us / 2);
	governor_key(&s->g, s->now_us);
	assert_int_equal(governor_text_at(&s->g, true, s->now_us), 0);
	put(s, GOVERNOR_TEXT, text_bytes);
	return s->line.free_us + s->line.rtt_us / 2 - pressed_us - s->line.rtt_us / 2;
}

static int64_t
worst_key_us(int64_t rate_bps, int64_t text_bytes, int64_t piece_bytes)
{
	struct sim s;
	int64_t worst_us = 0;

	start(&s, rate_bps, 80000);
	s.text_bytes = 300;
	s.piece_bytes = piece_bytes;
	run(&s, 4000000);
	for (int i = 0; i < 100; i++) {
		int64_t us = key_us(&s, text_bytes);

		worst_us = us > worst_us ? us : worst_us;
		run(&s, 300000 + i * 1700);
	}
	return worst_us;
}

static void
keys_do_not_wait_for_pictures(void **state)
{
	(void)state;
	assert_true(worst_key_us(125000, 1200, 0) <= 250000);
	assert_true(worst_key_us(8000, 600, 0) <= 500000);
	assert_true(worst_key_us(8000, 600, 1600) <= 500000);	/* pieces of 200 ms */
}

static void
long_pieces_rest_after_a_key(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 8000, 80000);
	s.piece_bytes = 1600;
	run(&s, 5000000);
	governor_key(&s.g, s.now_us);
	run(&s, 20000);
	s.sent_bytes = 0;
	run(&s, 270000);
	assert_int_equal(s.sent_bytes, 0);
	assert_true(governor_deadline(&s.g, s.now_us) >= 0);
	run(&s, 1000000);
	assert_true(s.sent_bytes > 0);
}

static void
who_never_answers_gets_a_fixed_rate(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 80000);
	s.line.is_dumb = true;
	s.text_bytes = 300;
	run(&s, 3000000);
	assert_true(s.g.is_silent);
	assert_false(governor_takes_fence(&s.g));
	s.sent_bytes = s.text_sent = 0;
	run(&s, 10000000);
	assert_in_range(s.sent_bytes - s.text_sent * 300, 150000, 210000);
	assert_in_range(s.text_sent, 95, 101);
	/* It answers after all: asked first, so that no answer is taken for another. */
	s.line.is_dumb = false;
	governor_answered(&s.g, GOVERNOR_TEXT, s.now_us);
	assert_false(s.g.is_silent);
	assert_int_equal(governor_room(&s.g, s.now_us), 0);
	run(&s, 5000000);
	s.sent_bytes = 0;
	run(&s, 10000000);
	assert_true(s.sent_bytes >= 1000000);
}

static void
stopped_terminal_gets_next_to_nothing_until_it_goes_on(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 80000);
	s.text_bytes = 300;
	run(&s, 5000000);
	s.line.is_stopped = true;
	run(&s, 1000000);
	s.sent_bytes = s.questions = 0;
	run(&s, 60000000);
	assert_in_range(s.questions, 1, 30);
	/* A text a second, and pictures: all together what the line carries in little more than two seconds. */
	assert_in_range(s.text_sent, 1, 120);
	assert_in_range(s.sent_bytes, 60 * 300, 125000 * 5 / 2);
	s.line.is_stopped = false;
	s.text_sent = 0;
	run(&s, 200000);
	assert_true(s.text_sent > 0);
	run(&s, 5000000);
	/* Of the many questions asked meanwhile each was answered, all at once: none is the round trip. */
	assert_in_range(s.g.rtt_us, 80000, 90000);
	s.sent_bytes = s.worst_queue_us = 0;
	run(&s, 5000000);
	assert_true(s.sent_bytes >= 125000 * 5 * 8 / 10);
	assert_true(s.worst_queue_us <= 100000);
}

/* Its answers stop, it does not: it goes on reading. */
static void
who_answers_no_more_gets_text_each_second_and_pictures(void **state)
{
	static const int64_t rates[] = { 125000, 2500000 };

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct sim s;
		int64_t texts_bytes;

		start(&s, rates[i], 20000);
		s.text_bytes = 300;
		run(&s, 8000000);
		s.line.is_dumb = true;
		s.text_gap_us = s.text_sent = s.questions = 0;
		run(&s, 2600000);
		assert_true(s.g.is_silent);
		s.sent_bytes = s.text_sent = 0;
		run(&s, 60000000);
		texts_bytes = s.text_sent * 300;
		print_message("# answers no more: %lld texts, %lld bytes of pictures in a minute, %lld us without text\n",
		    (long long)s.text_sent, (long long)(s.sent_bytes - texts_bytes), (long long)s.text_gap_us);
		assert_true(s.text_gap_us <= 1010000);
		assert_in_range(s.text_sent, 58, 62);
		assert_in_range(s.sent_bytes - texts_bytes, 60000, 1300000);
		assert_in_range(s.questions, 25, 31);
		/* Back after a minute: the next question's answer shows it. */
		s.line.is_dumb = false;
		run(&s, 2500000);
		assert_false(s.g.is_silent);
		assert_int_equal(s.g.stray_us, 0);
		run(&s, 5000000);
		s.sent_bytes = s.worst_queue_us = 0;
		run(&s, 10000000);
		assert_true(s.sent_bytes >= rates[i] * 10 * 8 / 10);
		assert_true(s.worst_queue_us <= 100000);
	}
}

/* What comes late is of fences long given up: it must not be taken for the answer to one that has just gone. */
static void
late_answer_is_nobody_elses(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 80000);
	s.text_bytes = 300;
	run(&s, 8000000);
	s.line.is_dumb = true;
	run(&s, 5000000);
	assert_true(s.g.is_silent);
	governor_answered(&s.g, GOVERNOR_TEXT, s.now_us);
	assert_false(s.g.is_silent);
	assert_int_equal(s.g.rate_bps, 0);		/* anew */
	assert_true(governor_wants_question(&s.g, s.now_us));
	put(&s, GOVERNOR_QUESTION, 3);
	put(&s, GOVERNOR_TEXT, 300);
	for (int i = 0; i < 5; i++)
		governor_answered(&s.g, GOVERNOR_TEXT, s.now_us + 1000);
	assert_int_equal(s.g.count, 2);
	assert_int_equal(s.g.rtt_us, 0);
	assert_int_equal(governor_room(&s.g, s.now_us + 1000), 0);
	governor_answered(&s.g, GOVERNOR_QUESTION, s.now_us + 80000);
	assert_int_equal(s.g.count, 1);
	governor_answered(&s.g, GOVERNOR_TEXT, s.now_us + 82000);
	assert_int_equal(s.g.count, 0);
}

static void
who_answers_questions_but_no_fence_gets_a_fixed_rate(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 20000);
	s.line.loses = true;
	s.text_bytes = 300;
	run(&s, 5000000);
	assert_true(s.g.is_silent);
	assert_true(s.g.is_fenceless);
	s.sent_bytes = s.text_sent = s.text_gap_us = s.questions = 0;
	run(&s, 10000000);
	assert_in_range(s.text_sent, 95, 101);
	assert_in_range(s.sent_bytes - s.text_sent * 300, 150000, 210000);
	assert_int_equal(s.questions, 0);
	/* A resize asks: its answer is no news. */
	put(&s, GOVERNOR_QUESTION, 40);
	run(&s, 1000000);
	assert_true(s.g.is_silent);
	/* The answer to a fence is. */
	s.line.loses = false;
	governor_answered(&s.g, GOVERNOR_TEXT, s.now_us);
	run(&s, 5000000);
	assert_false(s.g.is_silent);
	s.sent_bytes = 0;
	run(&s, 10000000);
	assert_true(s.sent_bytes >= 1000000);
}

/* As the one before, but it did answer fences once. */
static void
who_stops_answering_fences_only_is_found_out(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 20000);
	s.text_bytes = 300;
	run(&s, 8000000);
	s.line.loses = true;
	s.text_gap_us = 0;
	run(&s, 20000000);
	assert_true(s.g.is_fenceless);
	assert_true(s.text_gap_us <= 1010000);
}

/* Longer than patience: what is late is not lost, and such a line is measured like any other. */
static void
very_long_way_is_not_taken_for_silence(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 3000000);
	s.text_bytes = 300;
	run(&s, 60000000);
	assert_false(s.g.is_silent);
	assert_false(s.g.is_fenceless);
	assert_in_range(s.g.rtt_us, 3000000, 3200000);
	s.sent_bytes = s.text_gap_us = 0;
	run(&s, 20000000);
	assert_true(s.text_gap_us <= 1010000);
	assert_true(s.sent_bytes > 20 * 300);
}

static void
text_waits_a_second_at_most_on_any_line(void **state)
{
	static const int64_t rates[] = { 1000, 8000, 125000, 2500000 };

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct sim s;

		start(&s, rates[i], 80000);
		s.text_bytes = rates[i] < 8000 ? 600 : 3000;
		run(&s, 30000000);
		assert_true(s.text_gap_us <= 1010000);
	}
}

static void
lost_answers_hold_nothing_up_for_long(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 80000);
	run(&s, 5000000);
	s.line.loses = true;
	run(&s, 500000);
	s.line.loses = false;
	run(&s, 3000000);
	s.sent_bytes = 0;
	run(&s, 3000000);
	assert_true(s.sent_bytes >= 125000 * 3 * 7 / 10);
	assert_int_equal(s.g.text_out, 0);
}

static void
answers_to_nothing_change_nothing(void **state)
{
	struct governor g;

	(void)state;
	governor_init(&g);
	for (int i = 0; i < 1000; i++) {
		governor_answered(&g, i % 2 ? GOVERNOR_TEXT : GOVERNOR_QUESTION, 1000000 + i);
		assert_int_equal(g.count, 0);
		assert_true(g.flying_bytes == 0);
	}
	governor_sent(&g, GOVERNOR_TEXT, 5000, 2000000);
	governor_answered(&g, GOVERNOR_TEXT, 2000000);	/* a liar: no time at all */
	assert_true(g.rate_bps <= 200000000);
	assert_true(governor_room(&g, 2000001) <= 100000000);
}

static void
forged_answers_do_not_flood_the_line(void **state)
{
	struct sim s;

	(void)state;
	start(&s, 125000, 80000);
	for (int i = 0; i < 2000; i++) {
		governor_answered(&s.g, GOVERNOR_TEXT, s.now_us);
		run(&s, 5000);
	}
	assert_in_range(s.g.count, 0, GOVERNOR_FENCES);
	assert_true(s.g.flying_bytes >= 0);
}

/* ---- The plan ---- */

static void
sixteen(struct governor_tile *tiles, int64_t cost)
{
	for (int i = 0; i < 16; i++)
		tiles[i] = (struct governor_tile){ .priority = i < 3 ? i : 3, .cost_bytes = cost };
}

static void
limited(struct governor *g, int64_t rate_bps, int64_t now_us)
{
	governor_init(g);
	g->rate_bps = rate_bps;
	g->rtt_us = 80000;
	g->blocked_us = now_us;
	g->stepped_us = now_us;
}

static void
wide_line_gives_all_tiles_their_rate(void **state)
{
	struct governor_tile tiles[16];
	struct governor g;

	(void)state;
	sixteen(tiles, 3500);
	limited(&g, 2500000, 1000000);
	governor_plan(&g, tiles, 16, 10, 1000000);
	for (int i = 0; i < 16; i++)
		assert_int_equal(tiles[i].milli_fps, 10000);
}

/* 64 kbit/s: a picture of the program each few seconds is still more than one of any other. */
static void
slow_modem_serves_program_first_too(void **state)
{
	struct governor_tile tiles[16];
	struct governor g;

	(void)state;
	sixteen(tiles, 3500);
	limited(&g, 8000, 1000000);
	governor_plan(&g, tiles, 16, 10, 1000000);
	assert_in_range(tiles[0].milli_fps, 500, 1000);
	assert_in_range(tiles[1].milli_fps, 300, tiles[0].milli_fps - 1);
	for (int i = 3; i < 16; i++)
		assert_in_range(tiles[i].milli_fps, 10, tiles[2].milli_fps - 1);
}

static void
narrow_line_serves_program_and_preview_first_and_starves_nobody(void **state)
{
	struct governor_tile tiles[16];
	struct governor g;
	int64_t used = 0;

	(void)state;
	sixteen(tiles, 3500);
	limited(&g, 125000, 1000000);
	governor_plan(&g, tiles, 16, 10, 1000000);
	assert_in_range(tiles[0].milli_fps, 9000, 10000);
	assert_in_range(tiles[1].milli_fps, 6000, tiles[0].milli_fps);
	assert_in_range(tiles[2].milli_fps, 2000, tiles[1].milli_fps);
	for (int i = 3; i < 16; i++)
		assert_in_range(tiles[i].milli_fps, 300, tiles[2].milli_fps);
	for (int i = 0; i < 16; i++)
		used += tiles[i].milli_fps * 3500 / 1000;
	assert_in_range(used, 100000, 125000);
}

static void
what_a_still_picture_does_not_need_goes_to_the_others(void **state)
{
	struct governor_tile tiles[16];
	struct governor g;

	(void)state;
	sixteen(tiles, 3500);
	tiles[0].cost_bytes = tiles[1].cost_bytes = 10;
	limited(&g, 125000, 1000000);
	governor_plan(&g, tiles, 16, 10, 1000000);
	assert_int_equal(tiles[0].milli_fps, 10000);
	assert_true(tiles[5].milli_fps > 1000);
}

/* Plans four times a second; the line is always full. */
static void
plan_for(struct governor *g, struct governor_tile *tiles, int64_t *now_us, int seconds)
{
	for (int i = 0; i < seconds * 4; i++, *now_us += 250000) {
		g->blocked_us = *now_us;
		governor_plan(g, tiles, 16, 10, *now_us);
	}
}

static void
colours_go_before_size_and_come_back_late(void **state)
{
	struct governor_tile tiles[16];
	struct governor g;
	int64_t now_us = 10000000;

	(void)state;
	sixteen(tiles, 30000);
	limited(&g, 125000, now_us);
	plan_for(&g, tiles, &now_us, 2);
	assert_int_equal(g.level, 1);
	assert_int_equal(g.size, 0);
	plan_for(&g, tiles, &now_us, 4);
	assert_int_equal(g.level, GOVERNOR_LEVELS - 1);
	assert_int_equal(g.size, 0);
	plan_for(&g, tiles, &now_us, 10);
	assert_int_equal(g.size, GOVERNOR_SIZES - 1);
	sixteen(tiles, 500);
	plan_for(&g, tiles, &now_us, 4);
	assert_int_equal(g.size, GOVERNOR_SIZES - 1);
	/* Back the other way round: the whole place first, then the colours. */
	for (int i = 0; i < 40; i++) {
		plan_for(&g, tiles, &now_us, 1);
		assert_true(g.size == 0 || g.level == GOVERNOR_LEVELS - 1);
	}
	assert_int_equal(g.level + g.size, 0);
}

static void
near_terminal_that_draws_slowly_keeps_its_colours(void **state)
{
	struct governor_tile tiles[16];
	struct governor g;
	int64_t now_us = 10000000;

	(void)state;
	sixteen(tiles, 30000);
	limited(&g, 125000, now_us);
	g.rtt_us = 300;
	plan_for(&g, tiles, &now_us, 20);
	assert_int_equal(g.level + g.size, 0);
	assert_true(tiles[15].milli_fps < 1000);
}

static void
colours_do_not_flicker(void **state)
{
	struct governor_tile tiles[16];
	struct governor g;
	int64_t now_us = 10000000;
	int steps = 0, before = 0;

	(void)state;
	limited(&g, 125000, now_us);
	for (int i = 0; i < 300; i++) {
		/* Dear with all colours, cheap with fewer: the worst case for a thermostat. */
		sixteen(tiles, g.level > 0 ? 1000 : 20000);
		plan_for(&g, tiles, &now_us, 1);
		steps += g.level != before;
		before = g.level;
	}
	assert_in_range(steps, 1, 20);
}

static void
unused_line_limits_nobody(void **state)
{
	struct governor_tile tiles[16];
	struct governor g;

	(void)state;
	sixteen(tiles, 30000);
	limited(&g, 1000, 1000000);
	g.blocked_us = 0;
	governor_plan(&g, tiles, 16, 10, 1000000);
	assert_int_equal(tiles[15].milli_fps, 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_filled_and_hardly_queues),
		cmocka_unit_test(line_is_not_flooded_before_it_is_known),
		cmocka_unit_test(modest_wishes_are_met_on_a_line_that_jitters),
		cmocka_unit_test(busy_machine_is_no_slow_line),
		cmocka_unit_test(late_answers_alone_do_not_starve_a_wide_line),
		cmocka_unit_test(failed_trial_is_not_repeated_at_once),
		cmocka_unit_test(slower_line_is_noticed_within_two_seconds),
		cmocka_unit_test(longer_way_is_noticed),
		cmocka_unit_test(keys_do_not_wait_for_pictures),
		cmocka_unit_test(long_pieces_rest_after_a_key),
		cmocka_unit_test(who_never_answers_gets_a_fixed_rate),
		cmocka_unit_test(stopped_terminal_gets_next_to_nothing_until_it_goes_on),
		cmocka_unit_test(who_answers_no_more_gets_text_each_second_and_pictures),
		cmocka_unit_test(late_answer_is_nobody_elses),
		cmocka_unit_test(who_answers_questions_but_no_fence_gets_a_fixed_rate),
		cmocka_unit_test(who_stops_answering_fences_only_is_found_out),
		cmocka_unit_test(very_long_way_is_not_taken_for_silence),
		cmocka_unit_test(text_waits_a_second_at_most_on_any_line),
		cmocka_unit_test(lost_answers_hold_nothing_up_for_long),
		cmocka_unit_test(answers_to_nothing_change_nothing),
		cmocka_unit_test(forged_answers_do_not_flood_the_line),
		cmocka_unit_test(wide_line_gives_all_tiles_their_rate),
		cmocka_unit_test(slow_modem_serves_program_first_too),
		cmocka_unit_test(narrow_line_serves_program_and_preview_first_and_starves_nobody),
		cmocka_unit_test(what_a_still_picture_does_not_need_goes_to_the_others),
		cmocka_unit_test(colours_go_before_size_and_come_back_late),
		cmocka_unit_test(near_terminal_that_draws_slowly_keeps_its_colours),
		cmocka_unit_test(colours_do_not_flicker),
		cmocka_unit_test(unused_line_limits_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
