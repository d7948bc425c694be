/*
 * t_director_clock.c - cuts that wait for a beat: pending, moved by the tempo, replaced, cancelled, and on the beat when they land.
 * Virtual time; the clock of the show is the real one, with nobody else in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "app/director.h"
#include "app/fanout.h"
#include "app/metro.h"
#include "app/scribe.h"
#include "io/journal.h"
#include "support/schema.h"
#include "support/scratch.h"
#include "crew_double.h"

#define MAX_LINES 32
#define BEAT_US 500000LL		/* 120 a minute */

struct told {
	int done, acks;
	struct err err;
};

struct world {
	struct loop *loop;
	struct clk clk;
	struct bus *bus;
	struct crew *crew;
	struct fanout *fanout;
	struct diskq *queue;
	struct sphere *sphere;
	struct scribe *scribe;
	struct opt_set *settings;
	struct metro *metro;
	struct director *director;
	char *folder;
	int events[EV_KINDS];
	char cut_node[ID_BYTES], pending_text[64];
	int64_t cut_us;
	char on[ID_BYTES];
	int reds;			/* cuts that brought another source */
	struct err err;
	struct told told[4];
	int64_t start_us;		/* console UTC of beat 0 */
	int line_count;
	struct jdoc *lines[MAX_LINES];
};

/* The machine's clock, and by how much somebody has set it. */
static struct clk real_clk;
static int64_t utc_step_us;

static int64_t
stepped_utc_us(void *arg)
{
	(void)arg;
	return clk_utc_us(&real_clk) + utc_step_us;
}

static int64_t
stepped_mono_ns(void *arg)
{
	(void)arg;
	return clk_mono_ns(&real_clk);
}

static void
on_event(void *arg, const struct bus_event *ev)
{
	struct world *w = arg;

	w->events[ev->kind]++;
	if (ev->kind == EV_CUT) {
		w->reds += ev->node != NULL && strcmp(w->on, ev->node) != 0;
		str_copy(w->on, sizeof w->on, ev->node != NULL ? ev->node : "");
		str_copy(w->cut_node, sizeof w->cut_node, ev->node != NULL ? ev->node : "");
		w->cut_us = ev->time_us;
	}
	if (ev->kind == EV_CUT_PENDING)
		str_copy(w->pending_text, sizeof w->pending_text, ev->text);
}

static void
open_director(struct world *w)
{
	w->queue = diskq_new(w->loop);
	w->scribe = scribe_new(w->loop, w->queue, w->sphere, w->crew, w->bus, &w->clk, NULL, NULL, &w->err);
	assert_non_null(w->scribe);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	w->metro = metro_new(w->loop, w->bus, w->scribe, &w->clk, w->settings, 1);
	w->director = director_new(w->loop, w->crew, w->fanout, w->bus, w->scribe, &w->clk, w->settings);
	director_set_clock(w->director, w->metro);
}

static void
close_director(struct world *w)
{
	director_free(w->director);
	metro_free(w->metro);
	fanout_free(w->fanout);
	scribe_free(w->scribe);
	diskq_free(w->queue);
	w->director = NULL;
	w->metro = NULL;
	w->fanout = NULL;
	w->scribe = NULL;
	w->queue = NULL;
}

static void
tempo(struct world *w, double bpm)
{
	const struct metro_ask ask = { .by = "do", .at_utc_us = clk_utc_us(&w->clk) };

	assert_true(metro_tempo(w->metro, bpm, &ask, &w->err));
}

/* 120 beats a minute, beat 0 a quarter of a second ago; a on program, b on preview. */
static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	real_clk = loop_fake_clk(w->loop);
	w->clk = (struct clk){ stepped_utc_us, stepped_mono_ns, NULL };
	utc_step_us = 0;
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->settings = double_settings();
	assert_true(opt_assign(w->settings, "link", "off", &w->err));
	w->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "state"), 1);
	w->sphere = sphere_open(scratch_path(w->folder, "s"), "", LOOP_FAKE_UTC_US, &w->err);
	assert_non_null(w->sphere);
	double_add(w->crew, "a", 1, "left");
	double_add(w->crew, "b", 2, "right");
	double_add(w->crew, "c", 3, "wide");
	bus_listen(w->bus, EV_KINDS, on_event, w);
	open_director(w);
	director_restore(w->director, "a", "b");
	str_copy(w->on, sizeof w->on, "a");
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 100000);
	tempo(w, 120);
	w->start_us = clk_utc_us(&w->clk);
	loop_fake_advance(w->loop, BEAT_US / 2);
	w->crew->sent_count = 0;
	*state = w;
	return 0;
}

static void
forget_lines(struct world *w)
{
	for (int i = 0; i < w->line_count; i++)
		jdoc_free(w->lines[i]);
	w->line_count = 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	close_director(w);
	forget_lines(w);
	double_free(w->crew);
	sphere_close(w->sphere);
	opt_set_free(w->settings);
	loop_fake_turn(w->loop);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	bus_free(w->bus);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
on_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	struct told *t = arg;

	(void)l;
	(void)took_us;
	t->done++;
	if (e != NULL)
		t->err = *e;
}

static void
on_ack(void *arg, const struct ledger_line *line)
{
	(void)line;
	((struct told *)arg)->acks++;
}

/* The i-th wish: to (NULL: swap) on that beat. */
static bool
cut_on(struct world *w, int i, const char *to, enum director_when when, int beats)
{
	struct director_ask ask = { .to = to, .on_clock = true, .by = "key:anna", .n = i + 1, .pressed_us = clk_utc_us(&w->clk) };
	bool swallowed = false;

	if (!director_beat(w->director, when, beats, ask.pressed_us, &ask.beat, &w->err))
		return false;
	return director_cut(w->director, &ask, &swallowed, on_done, on_ack, &w->told[i], &w->err) && !swallowed;
}

static bool
cut_now(struct world *w, int i, const char *to)
{
	struct director_ask ask = { .to = to, .by = "key:anna", .n = i + 1, .pressed_us = clk_utc_us(&w->clk) };
	bool swallowed = false;

	return director_cut(w->director, &ask, &swallowed, on_done, on_ack, &w->told[i], &w->err) && !swallowed;
}

static void
program_is(struct world *w, const char *node)
{
	assert_string_equal(director_program(w->director), node);
}

/* To that beat, and so much past it; nodes answer at once. */
static void
go_to(struct world *w, double beat, int64_t past_us)
{
	const int64_t at_us = metro_when_utc(w->metro, beat) + past_us;

	while (clk_utc_us(&w->clk) < at_us) {
		const int64_t left_us = at_us - clk_utc_us(&w->clk);

		loop_fake_advance(w->loop, left_us < 10000 ? left_us : 10000);
		double_answer_all(w->crew, NODE_OK);
	}
	loop_fake_advance(w->loop, 0);
}

static void
keep_line(void *arg, int64_t seq, const struct jdoc *line)
{
	struct world *w = arg;
	char *text = jdoc_print(line);

	(void)seq;
	if (strcmp(jdoc_text(line, "type", ""), "open") != 0 && strcmp(jdoc_text(line, "type", ""), "landed") != 0 && w->line_count < MAX_LINES)
		w->lines[w->line_count++] = jdoc_parse(text, strlen(text), 1 << 20, NULL);
	free(text);
}

static void
read_cuts(struct world *w)
{
	const char *path = scratch_path(w->folder, "s/sidecars/cuts.jsonl");
	char why[512] = "";

	close_director(w);
	assert_true(journal_read(path, keep_line, w, &w->err));
	if (!schema_accepts_lines("cuts", path, why, sizeof why))
		fail_msg("%s", why);
	open_director(w);
}

static bool
is_pending(struct world *w)
{
	struct director_pending p;

	return director_pending(w->director, &p);
}

/* Prolonged lights are none of ours here. */
static int
sent_to(struct world *w, const char *node)
{
	int count = 0;

	for (int i = 0; i < w->crew->sent_count; i++)
		count += !w->crew->sent[i].r.renew && strcmp(w->crew->sent[i].node, node) == 0;
	return count;
}

static const struct double_sent *
last_of(struct world *w, const char *node)
{
	for (int i = w->crew->sent_count - 1; i >= 0; i--)
		if (!w->crew->sent[i].r.renew && strcmp(w->crew->sent[i].node, node) == 0)
			return &w->crew->sent[i];
	fail_msg("%s was sent no light", node);
	return NULL;
}

/* Answers are in, and the line is on disk, which has a thread of its own. */
static void
ends_once(struct world *w, int i)
{
	DOUBLE_WAIT(w->loop, w->told[i].done > 0);
	assert_int_equal(w->told[i].done, 1);
}

/* ---- Waiting ---- */

static void
cut_waits_for_its_beat_and_lands_on_it(void **state)
{
	struct world *w = *state;
	struct director_pending p;

	assert_true(cut_on(w, 0, "c", DIRECTOR_AFTER_BEATS, 3));	/* beat 0.5 now: 1, 2, 3 */
	assert_int_equal(w->events[EV_CUT_PENDING], 1);
	assert_string_equal(w->pending_text, "in 3 beats");
	assert_true(director_pending(w->director, &p));
	assert_string_equal(p.to, "c");
	assert_int_equal(p.beats, 3);
	assert_int_equal(p.at_us, w->start_us + 3 * BEAT_US);
	assert_false(p.is_bar);
	assert_int_equal(w->crew->sent_count, 0);			/* long before */
	go_to(w, 3, -1);
	program_is(w, "a");
	assert_int_equal(w->told[0].done, 0);
	go_to(w, 3, 50000);
	program_is(w, "c");
	assert_int_equal(w->cut_us, w->start_us + 3 * BEAT_US);
	ends_once(w, 0);
	assert_int_equal(w->told[0].acks, 3);
	assert_int_equal(w->told[0].err.kind, ERR_NONE);
	assert_false(is_pending(w));
}

static void
cut_is_sent_ahead_with_its_instant(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, -300000);
	assert_int_equal(sent_to(w, "a") + sent_to(w, "b") + sent_to(w, "c"), 3);
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_PROGRAM);
	assert_int_equal(last_of(w, "c")->r.at_us, w->start_us + 4 * BEAT_US);
	program_is(w, "a");
	go_to(w, 4, 50000);
	program_is(w, "c");
	assert_int_equal(sent_to(w, "c"), 1);	/* and not again */
}

static void
on_bar_is_the_next_bars_first_beat(void **state)
{
	struct world *w = *state;
	struct director_pending p;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	assert_true(director_pending(w->director, &p));
	assert_true(p.is_bar);
	assert_int_equal(p.beats, 4);
	go_to(w, 4, 50000);
	assert_int_equal(w->cut_us, w->start_us + 4 * BEAT_US);
}

static void
beat_too_near_to_be_told_is_let_go_by(void **state)
{
	struct world *w = *state;
	double beat;

	go_to(w, 2, -5000);
	assert_true(director_beat(w->director, DIRECTOR_ON_BEAT, 0, clk_utc_us(&w->clk), &beat, &w->err));
	assert_true(beat == 3);
	go_to(w, 4, -5000);
	assert_true(director_beat(w->director, DIRECTOR_ON_BAR, 0, clk_utc_us(&w->clk), &beat, &w->err));
	assert_true(beat == 8);
}

static void
without_a_clock_nothing_is_promised(void **state)
{
	struct world *w = *state;

	director_set_clock(w->director, NULL);
	assert_false(cut_on(w, 0, "c", DIRECTOR_ON_BEAT, 0));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	assert_non_null(strstr(w->err.text, "no clock runs"));
	assert_int_equal(w->crew->sent_count, 0);
	director_set_clock(w->director, w->metro);
}

static void
line_says_the_beat_and_is_written_when_it_lands(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, 50000);
	assert_true(cut_now(w, 1, "b"));
	double_answer_all(w->crew, NODE_OK);
	read_cuts(w);
	assert_int_equal(w->line_count, 2);
	assert_int_equal(jdoc_int(w->lines[0], "timeUs", 0), w->start_us + 4 * BEAT_US);
	assert_int_equal(jdoc_int(w->lines[0], "requestedUs", 0), w->start_us + BEAT_US / 2);
	assert_int_equal(jdoc_int(w->lines[0], "quantum", 0), 4);
	assert_true(jdoc_real(w->lines[0], "beat", 0) == 4);
	assert_int_equal(jdoc_int(w->lines[1], "quantum", -1), -1);	/* it waited for nothing */
	assert_true(jdoc_real(w->lines[1], "beat", 0) > 4.09 && jdoc_real(w->lines[1], "beat", 0) < 4.11);
}

/* ---- The tempo ---- */

static void
other_tempo_moves_the_pending_cut(void **state)
{
	struct world *w = *state;
	struct director_pending p;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 1, 0);
	tempo(w, 60);
	assert_true(director_pending(w->director, &p));
	assert_int_equal(p.at_us, w->start_us + BEAT_US + 3 * 1000000);
	assert_int_equal(p.beats, 3);
	go_to(w, 4, 50000);
	assert_int_equal(w->cut_us, w->start_us + BEAT_US + 3 * 1000000);
	assert_int_equal(sent_to(w, "c"), 1);
}

static void
what_was_sent_ahead_moves_with_the_tempo(void **state)
{
	struct world *w = *state;
	int64_t first_us, order;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, -200000);
	first_us = last_of(w, "c")->r.at_us;
	order = last_of(w, "c")->r.order;
	tempo(w, 60);							/* 200 ms left become 400 */
	loop_fake_advance(w->loop, 0);
	assert_int_equal(sent_to(w, "c"), 2);
	assert_int_equal(last_of(w, "c")->r.at_us, first_us + 200000);
	assert_true(last_of(w, "c")->r.order > order);			/* or the nodes would not believe it */
	program_is(w, "a");
	go_to(w, 4, 50000);
	program_is(w, "c");
	assert_int_equal(w->events[EV_CUT], 1);
	ends_once(w, 0);
	assert_int_equal(w->told[0].acks, 3);				/* told once, though sent twice */
	read_cuts(w);
	assert_int_equal(w->line_count, 1);
	assert_int_equal(jdoc_int(w->lines[0], "timeUs", 0), first_us + 200000);
}

/* A camera keeps nothing for longer than 10 s, and learns no other light while it waits. */
static void
cut_that_slower_beats_put_far_away_is_recalled(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, -390000);
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_PROGRAM);
	tempo(w, 20);							/* 390 ms left become 2.3 s */
	loop_fake_advance(w->loop, 0);
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_OFF);
	assert_int_equal(last_of(w, "c")->r.at_us, 0);
	assert_int_equal(last_of(w, "a")->r.tally, NODE_TALLY_PROGRAM);
	assert_true(is_pending(w));
	double_answer_all(w->crew, NODE_OK);
	assert_true(director_set_preview(w->director, "c", NULL));
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_PREVIEW);
	go_to(w, 4, -100000);
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_PROGRAM);
	assert_int_equal(last_of(w, "c")->r.at_us, metro_when_utc(w->metro, 4));
	go_to(w, 4, 50000);
	program_is(w, "c");
	assert_int_equal(w->events[EV_CUT], 1);
	ends_once(w, 0);
}

static void
beat_that_a_new_downbeat_put_into_the_past_lands_at_once(void **state)
{
	struct world *w = *state;
	const struct metro_ask ask = { .by = "do", .at_utc_us = 0 };

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BEAT, 0));
	go_to(w, 1, -100000);
	assert_true(metro_downbeat(w->metro, &ask, &w->err));		/* the beat is now */
	loop_fake_advance(w->loop, 1000);
	double_answer_all(w->crew, NODE_OK);
	loop_fake_advance(w->loop, 1000);
	program_is(w, "c");
	assert_int_equal(w->events[EV_CUT], 1);
}

static void
tempo_that_does_not_move_the_instant_sends_nothing(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, -200000);
	tempo(w, 120);
	loop_fake_advance(w->loop, 0);
	assert_int_equal(sent_to(w, "c"), 1);
}

/* The nodes may have turned red already: told again, they would say so twice. */
static void
slight_move_of_an_instant_that_is_upon_us_is_not_sent(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, -10000);
	tempo(w, 112);							/* 10 ms left become 10.7 */
	loop_fake_advance(w->loop, 0);
	assert_int_equal(sent_to(w, "c"), 1);
	tempo(w, 60);							/* and then 20 */
	loop_fake_advance(w->loop, 0);
	assert_int_equal(sent_to(w, "c"), 2);
	go_to(w, 4, 50000);
	program_is(w, "c");
	assert_int_equal(w->events[EV_CUT], 1);
	ends_once(w, 0);
}

/* ---- Another wish ---- */

static void
newer_cut_on_the_clock_replaces_the_pending_one(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BEAT, 0));
	loop_fake_advance(w->loop, 1000);				/* out already: the beat is near */
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_PROGRAM);
	assert_true(cut_on(w, 1, "b", DIRECTOR_ON_BAR, 0));
	assert_int_equal(w->events[EV_CUT_REPLACED], 1);
	ends_once(w, 0);
	assert_non_null(strstr(w->told[0].err.text, "replaced"));
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_OFF);	/* taken back at once, or it would flash on the beat */
	assert_int_equal(last_of(w, "c")->r.at_us, 0);
	go_to(w, 4, 50000);
	program_is(w, "b");
	assert_int_equal(w->events[EV_CUT], 1);
	read_cuts(w);
	assert_int_equal(w->line_count, 1);
}

static void
cut_now_replaces_the_pending_one(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	assert_true(cut_now(w, 1, "b"));
	double_answer_all(w->crew, NODE_OK);
	ends_once(w, 0);
	go_to(w, 5, 0);
	program_is(w, "b");
	assert_int_equal(w->events[EV_CUT], 1);
}

static void
same_wish_again_is_one_cut(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	assert_false(cut_on(w, 1, "c", DIRECTOR_ON_BAR, 0));
	assert_int_equal(w->events[EV_CUT_REPLACED], 0);
	go_to(w, 4, 50000);
	ends_once(w, 0);
	assert_int_equal(w->told[0].err.kind, ERR_NONE);
	assert_int_equal(w->events[EV_CUT], 1);
}

static void
swap_on_the_bar_asked_twice_is_one_swap(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, NULL, DIRECTOR_ON_BAR, 0));
	assert_false(cut_on(w, 1, NULL, DIRECTOR_ON_BAR, 0));
	go_to(w, 4, 50000);
	program_is(w, "b");
	assert_string_equal(director_preview(w->director), "a");
}

static void
cancelled_cut_leaves_no_trace(void **state)
{
	struct world *w = *state;

	assert_false(director_cancel(w->director));
	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	assert_true(director_cancel(w->director));
	ends_once(w, 0);
	assert_non_null(strstr(w->told[0].err.text, "cancelled"));
	assert_false(is_pending(w));
	go_to(w, 5, 0);
	program_is(w, "a");
	assert_int_equal(sent_to(w, "c"), 0);
	assert_int_equal(w->events[EV_CUT], 0);
	read_cuts(w);
	assert_int_equal(w->line_count, 0);
}

static void
cancelled_cut_that_was_sent_is_taken_back(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, -100000);
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_PROGRAM);
	assert_true(director_cancel(w->director));
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_OFF);
	assert_int_equal(last_of(w, "a")->r.tally, NODE_TALLY_PROGRAM);
	assert_int_equal(last_of(w, "c")->r.at_us, 0);
	go_to(w, 5, 0);
	program_is(w, "a");
	read_cuts(w);
	assert_int_equal(w->line_count, 0);
}

static void
source_that_is_lost_meanwhile_is_not_cut_to(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 2, 0);
	double_link(w->crew, "c", HEALTH_LOST);
	go_to(w, 5, 0);
	program_is(w, "a");
	assert_int_equal(w->events[EV_CUT_REFUSED], 1);
	ends_once(w, 0);
	assert_int_equal(w->told[0].err.kind, ERR_UNFORCED);
}

static void
planned_cut_of_a_sheet_keeps_its_place_beside_the_pending_one(void **state)
{
	struct world *w = *state;
	struct director_ask sheet = { .to = "b", .by = "cue:a.cue:1", .n = 3, .at_us = w->start_us + 2 * BEAT_US };
	bool swallowed;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	assert_true(director_cut(w->director, &sheet, &swallowed, on_done, on_ack, &w->told[2], &w->err) == true);
	go_to(w, 5, 0);
	ends_once(w, 2);
	assert_int_equal(w->told[2].err.kind, ERR_NONE);
}

static void
preview_chosen_while_a_cut_is_pending_lights_at_once_and_stays(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, NULL, DIRECTOR_ON_BAR, 0));		/* a and b are to swap */
	assert_true(director_set_preview(w->director, "c", &w->err));
	double_answer_all(w->crew, NODE_OK);
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_PREVIEW);	/* not only when the bar is over */
	go_to(w, 4, 50000);
	program_is(w, "b");
	assert_string_equal(director_preview(w->director), "c");
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_PREVIEW);
	assert_int_equal(last_of(w, "a")->r.tally, NODE_TALLY_OFF);
}

static void
preview_of_the_very_source_that_is_pending_becomes_the_source_before(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	assert_true(director_set_preview(w->director, "c", &w->err));
	double_answer_all(w->crew, NODE_OK);
	go_to(w, 4, 50000);
	program_is(w, "c");
	assert_string_equal(director_preview(w->director), "a");
}

/* The machine's UTC is set while a cut waits: the beat is where the music has it. */
static void
clock_that_is_set_back_does_not_hold_the_cut(void **state)
{
	struct world *w = *state;
	int64_t left_us;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 2, 0);
	left_us = metro_when_utc(w->metro, 4) - clk_utc_us(&w->clk);
	utc_step_us = -3600000000LL;
	while (left_us > -50000) {
		loop_fake_advance(w->loop, 10000);
		double_answer_all(w->crew, NODE_OK);
		left_us -= 10000;
	}
	utc_step_us = 0;
	program_is(w, "c");
	assert_int_equal(w->events[EV_CUT], 1);
}

static void
lights_released_with_a_pending_cut_stay_off(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, -100000);
	director_release(w->director);
	ends_once(w, 0);
	loop_fake_advance(w->loop, 2000000);
	assert_int_equal(last_of(w, "a")->r.tally, NODE_TALLY_OFF);
	assert_int_equal(last_of(w, "c")->r.tally, NODE_TALLY_OFF);
	assert_int_equal(w->events[EV_CUT], 0);
}

static void
closing_with_a_pending_cut_is_quiet(void **state)
{
	struct world *w = *state;

	assert_true(cut_on(w, 0, "c", DIRECTOR_ON_BAR, 0));
	go_to(w, 4, -100000);
	close_director(w);
	open_director(w);
	assert_int_equal(w->events[EV_CUT], 0);
}

/* ---- Whatever happens ---- */

/* A camera's light by the contract: an older order counts for nothing, a later one replaces what is pending. */
struct lamp {
	const char *id;
	enum node_tally now, planned;
	int64_t at_us, order;		/* at_us 0: nothing is pending */
	int reds;
};

static void
lamp_hear(struct lamp *l, const struct node_request *r, int64_t now_us)
{
	if (r->renew || r->order < l->order)
		return;
	l->order = r->order;
	l->at_us = r->at_us > now_us ? r->at_us : 0;
	l->planned = r->tally;
	if (l->at_us != 0)
		return;
	l->reds += r->tally == NODE_TALLY_PROGRAM && l->now != NODE_TALLY_PROGRAM;
	l->now = r->tally;
}

static void
lamps_go(struct world *w, struct lamp lamps[3], int64_t us)
{
	for (; us > 0; us -= 5000) {
		for (int i = 0; i < w->crew->sent_count; i++) {
			struct double_sent *s = &w->crew->sent[i];

			for (int n = 0; n < 3; n++)
				if (strcmp(lamps[n].id, s->node) == 0)
					lamp_hear(&lamps[n], &s->r, clk_utc_us(&w->clk));
		}
		double_answer_all(w->crew, NODE_OK);
		w->crew->sent_count = 0;
		loop_fake_advance(w->loop, 5000);
		for (int n = 0; n < 3; n++)
			if (lamps[n].at_us != 0 && lamps[n].at_us <= clk_utc_us(&w->clk)) {
				lamps[n].reds += lamps[n].planned == NODE_TALLY_PROGRAM && lamps[n].now != NODE_TALLY_PROGRAM;
				lamps[n].now = lamps[n].planned;
				lamps[n].at_us = 0;
			}
	}
}

struct wish {
	int done;
};
static void
wish_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)l;
	(void)took_us;
	(void)e;
	((struct wish *)arg)->done++;
}

static bool
wish_any(struct world *w, struct wish *wish)
{
	static const char *const nodes[] = { "a", "b", "c" };
	struct director_ask ask = { .by = "do", .n = 1, .force = rand() % 2 == 0, .on_clock = rand() % 3 > 0, .back = rand() % 9 == 0,
		.pressed_us = clk_utc_us(&w->clk) };
	bool swallowed = false;

	ask.to = ask.back || rand() % 4 == 0 ? NULL : nodes[rand() % 3];
	if (ask.on_clock && !director_beat(w->director, (enum director_when)(rand() % 3), 1 + rand() % 5, 0, &ask.beat, &w->err))
		return false;
	return director_cut(w->director, &ask, &swallowed, wish_done, NULL, wish, &w->err) && !swallowed;
}

static void
meddle(struct world *w)
{
	const struct metro_ask ask = { .by = "do", .at_utc_us = clk_utc_us(&w->clk) };

	switch (rand() % 6) {
	case 0:
		tempo(w, 60 + rand() % 121);
		break;
	case 1:
		director_cancel(w->director);
		break;
	case 2:
		assert_true(director_set_preview(w->director, rand() % 2 ? "b" : "c", &w->err));
		break;
	case 3:
		assert_true(metro_downbeat(w->metro, &ask, &w->err));
		break;
	case 4:
		assert_true(metro_quantum(w->metro, 1 + rand() % 8, &ask, &w->err));
		break;
	default:
		break;
	}
}

static void
lights_are_what_the_buses_say(struct world *w, const struct lamp lamps[3])
{
	const char *program = director_program(w->director), *preview = director_preview(w->director);

	for (int n = 0; n < 3; n++) {
		const enum node_tally want = program != NULL && strcmp(lamps[n].id, program) == 0 ? NODE_TALLY_PROGRAM :
		    preview != NULL && strcmp(lamps[n].id, preview) == 0 ? NODE_TALLY_PREVIEW : NODE_TALLY_OFF;

		if (lamps[n].now != want || lamps[n].at_us != 0)
			fail_msg("%s shows %d, the buses say %d", lamps[n].id, lamps[n].now, want);
	}
}

static void
whatever_is_wished_every_light_and_every_asker_gets_one_answer(void **state)
{
	enum { WISHES = 600 };
	struct world *w = *state;
	struct lamp lamps[3] = { { .id = "a", .now = NODE_TALLY_PROGRAM }, { .id = "b", .now = NODE_TALLY_PREVIEW }, { .id = "c" } };
	struct wish *wishes = calloc(WISHES, sizeof *wishes);
	bool *is_owed = calloc(WISHES, sizeof *is_owed);

	srand(6);
	for (int i = 0; i < WISHES; i++) {
		is_owed[i] = wish_any(w, &wishes[i]);
		for (int n = rand() % 3; n > 0; n--) {
			lamps_go(w, lamps, rand() % 300000);
			meddle(w);
		}
		lamps_go(w, lamps, rand() % 400000);
		if (i % 20 == 19) {
			while (is_pending(w))
				lamps_go(w, lamps, 100000);
			lamps_go(w, lamps, 200000);
			lights_are_what_the_buses_say(w, lamps);
		}
	}
	lamps_go(w, lamps, 20000000);
	assert_int_equal(lamps[0].reds + lamps[1].reds + lamps[2].reds, w->reds);	/* none missed, none that was taken back */
	for (int i = 0; i < WISHES; i++) {
		DOUBLE_WAIT(w->loop, wishes[i].done >= is_owed[i]);
		assert_int_equal(wishes[i].done, is_owed[i]);
	}
	assert_true(w->events[EV_CUT] > 100);
	free(wishes);
	free(is_owed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cut_waits_for_its_beat_and_lands_on_it), TEST(cut_is_sent_ahead_with_its_instant),
		TEST(on_bar_is_the_next_bars_first_beat), TEST(beat_too_near_to_be_told_is_let_go_by),
		TEST(without_a_clock_nothing_is_promised), TEST(line_says_the_beat_and_is_written_when_it_lands),
		TEST(other_tempo_moves_the_pending_cut), TEST(what_was_sent_ahead_moves_with_the_tempo),
		TEST(cut_that_slower_beats_put_far_away_is_recalled),
		TEST(beat_that_a_new_downbeat_put_into_the_past_lands_at_once),
		TEST(tempo_that_does_not_move_the_instant_sends_nothing),
		TEST(slight_move_of_an_instant_that_is_upon_us_is_not_sent), TEST(newer_cut_on_the_clock_replaces_the_pending_one),
		TEST(cut_now_replaces_the_pending_one), TEST(same_wish_again_is_one_cut), TEST(swap_on_the_bar_asked_twice_is_one_swap),
		TEST(cancelled_cut_leaves_no_trace), TEST(cancelled_cut_that_was_sent_is_taken_back),
		TEST(source_that_is_lost_meanwhile_is_not_cut_to),
		TEST(planned_cut_of_a_sheet_keeps_its_place_beside_the_pending_one), TEST(closing_with_a_pending_cut_is_quiet),
		TEST(preview_chosen_while_a_cut_is_pending_lights_at_once_and_stays),
		TEST(preview_of_the_very_source_that_is_pending_becomes_the_source_before),
		TEST(whatever_is_wished_every_light_and_every_asker_gets_one_answer),
		TEST(clock_that_is_set_back_does_not_hold_the_cut), TEST(lights_released_with_a_pending_cut_stay_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
