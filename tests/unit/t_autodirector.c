/*
 * t_autodirector.c - what the auto director does over long random shows: whom it cuts to, when, and when it does not.
 * Virtual time; the director and the clock of the show are the real ones, the journal is kept in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include "app/autodirector.h"
#include "app/director.h"
#include "app/fanout.h"
#include "app/metro.h"
#include "app/scribe.h"
#include "io/jdoc.h"
#include "crew_double.h"

#define SECOND 1000000LL
#define CAMERAS 6
#define MAX_CUTS 8192

/* ---- A journal in memory: only cuts are looked at ---- */

struct kept_cut { int64_t time_us; char to[ID_BYTES], by[64], reason[256]; };
struct kept_done { diskq_done_fn *done; void *arg; struct kept_done *next; };
struct scribe {
	struct loop *loop;
	struct loop_timer *timer;
	struct kept_done *first;
	int64_t seq;
	int cut_count;
	struct kept_cut cuts[MAX_CUTS];
};

static void
scribe_flush(void *arg)
{
	static const struct err well = { .kind = ERR_NONE };
	struct scribe *s = arg;

	while (s->first != NULL) {
		struct kept_done *d = s->first;

		s->first = d->next;
		d->done(d->arg, &well);
		free(d);
	}
}

int64_t
scribe_add(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg)
{
	struct kept_cut *c = &s->cuts[s->cut_count];
	struct kept_done *d;

	if (which == SCRIBE_CUTS && strcmp(type, "cut") == 0) {
		s->cut_count++;
		assert_true(s->cut_count < MAX_CUTS);
		c->time_us = time_us;
		str_copy(c->to, sizeof c->to, jdoc_text(line, "to", ""));
		str_copy(c->by, sizeof c->by, jdoc_text(line, "by", ""));
		str_copy(c->reason, sizeof c->reason, jdoc_text(line, "reason", ""));
	}
	jdoc_free(line);
	if (done != NULL) {
		d = calloc(1, sizeof *d);
		*d = (struct kept_done){ done, arg, s->first };
		s->first = d;
		loop_timer_start(s->loop, s->timer, 0, 0);
	}
	return ++s->seq;
}

/* ---- A show ---- */

struct world {
	struct loop *loop;
	struct clk real_clk, clk;
	struct bus *bus;
	struct crew *crew;
	struct fanout *fanout;
	struct scribe scribe;
	struct opt_set *settings;
	struct metro *metro;
	struct director *director;
	struct autodirector *autodirector;
	struct err err;
	char before[ID_BYTES];		/* program, as the last cut left it */
	int changes;			/* EV_AUTO_CHANGED */
	/* the model: told by nobody but the events of the test and the cuts seen */
	double weights[CAMERAS];
	bool was_fit[CAMERAS];
	int64_t shot_us, yield_us, free_us;	/* loop time: the shot began; holds back until; nothing stands in its way since */
	int own_cuts;
};

/* The machine's clock, and by how much somebody has set it. */
static int64_t utc_step_us;

static int64_t
stepped_utc_us(void *arg)
{
	return clk_utc_us(arg) + utc_step_us;
}

static int64_t
stepped_mono_ns(void *arg)
{
	return clk_mono_ns(arg);
}

static const char *const ids[CAMERAS] = { "a", "b", "c", "d", "e", "f" };

static int64_t now(const struct world *w) { return loop_now_us(w->loop); }
static struct crew_member *member(struct world *w, int i) { return double_member(w->crew, ids[i]); }

static int
camera_of(const char *id)
{
	for (int i = 0; i < CAMERAS; i++)
		if (strcmp(ids[i], id) == 0)
			return i;
	return -1;
}

static void
on_auto(void *arg, const struct bus_event *ev)
{
	(void)ev;
	((struct world *)arg)->changes++;
}

static struct world *
world_new(uint64_t seed)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->real_clk = loop_fake_clk(w->loop);
	w->clk = (struct clk){ stepped_utc_us, stepped_mono_ns, &w->real_clk };
	utc_step_us = 0;
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->settings = double_settings();
	assert_true(opt_assign(w->settings, "link", "off", &w->err));
	for (int i = 0; i < CAMERAS; i++) {
		char label[16];

		snprintf(label, sizeof label, "cam-%s", ids[i]);
		double_add(w->crew, ids[i], i + 1, label);
		w->weights[i] = 1;
	}
	w->scribe.loop = w->loop;
	w->scribe.timer = loop_timer_new(w->loop, scribe_flush, &w->scribe);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	w->metro = metro_new(w->loop, w->bus, &w->scribe, &w->clk, w->settings, 1);
	w->director = director_new(w->loop, w->crew, w->fanout, w->bus, &w->scribe, &w->clk, w->settings);
	director_set_clock(w->director, w->metro);
	w->autodirector = autodirector_new(w->loop, w->crew, w->director, w->metro, w->bus, &w->clk, w->settings, seed);
	bus_listen(w->bus, EV_AUTO_CHANGED, on_auto, w);
	return w;
}

static void
world_free(struct world *w)
{
	autodirector_free(w->autodirector);
	director_free(w->director);
	metro_free(w->metro);
	fanout_free(w->fanout);
	scribe_flush(&w->scribe);
	loop_timer_free(w->loop, w->scribe.timer);
	double_free(w->crew);
	opt_set_free(w->settings);
	loop_fake_turn(w->loop);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	bus_free(w->bus);
	loop_free(w->loop);
	free(w);
}

static int
setup(void **state)
{
	*state = world_new(7);
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* Cameras answer, and what they were sent is forgotten: the double keeps only so much. */
static void
advance(struct world *w, int64_t us)
{
	while (us > 0) {
		const int64_t step_us = us < SECOND / 4 ? us : SECOND / 4;

		loop_fake_advance(w->loop, step_us);
		double_answer_all(w->crew, NODE_OK);
		loop_fake_turn(w->loop);
		if (w->crew->sent_count > DOUBLE_SENT / 2) {
			double_answer_all(w->crew, NODE_OK);
			w->crew->sent_count = 0;
		}
		us -= step_us;
	}
}

static void
set(struct world *w, const char *name, const char *value)
{
	assert_true(opt_assign(w->settings, name, value, &w->err));
	bus_tell(w->bus, EV_SETTING_CHANGED, NULL, "%s", name);
}

static void
nobody(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)arg;
	(void)l;
	(void)took_us;
	(void)e;
}

static bool
operator_cuts(struct world *w, const char *to, bool on_bar)
{
	struct director_ask ask = { .to = to, .black = to == NULL, .by = "key:anna", .pressed_us = clk_utc_us(&w->clk), .on_clock = on_bar };
	bool swallowed;

	if (on_bar && !director_beat(w->director, DIRECTOR_ON_BAR, 1, ask.pressed_us, &ask.beat, &w->err))
		return false;
	return director_cut(w->director, &ask, &swallowed, nobody, NULL, NULL, &w->err) && !swallowed;
}

static void
tempo(struct world *w, double bpm)
{
	const struct metro_ask ask = { .by = "do", .at_utc_us = clk_utc_us(&w->clk) };

	assert_true(metro_tempo(w->metro, bpm, &ask, &w->err));
}

static const struct kept_cut *
last(const struct world *w)
{
	assert_true(w->scribe.cut_count > 0);
	return &w->scribe.cuts[w->scribe.cut_count - 1];
}

static struct autodirector_word
said(const struct world *w)
{
	struct autodirector_word word;

	autodirector_say(w->autodirector, &word);
	return word;
}

static void
frozen(struct world *w, int i, bool on)
{
	member(w, i)->frozen = on;
	if (on)
		bus_tell(w->bus, EV_FROZEN, ids[i], "its picture stands still");
	bus_tell(w->bus, EV_NODE_STATE, ids[i], "%s", "");
}

static void
out(struct world *w, int i, bool on)
{
	member(w, i)->node->out = on;
	bus_tell(w->bus, EV_CREW_CHANGED, ids[i], on ? "out" : "in");
}

/* ---- One rule each ---- */

static void
off_it_never_cuts(void **state)
{
	struct world *w = *state;

	assert_true(operator_cuts(w, "a", false));
	advance(w, 300 * SECOND);
	assert_int_equal(w->scribe.cut_count, 1);
	assert_false(said(w).on);
	assert_false(autodirector_is_on(NULL));
}

static void
a_shot_lasts_its_length(void **state)
{
	struct world *w = *state;
	int64_t before_us;
	double sum = 0;

	set(w, "auto-shot-min", "4s");
	set(w, "auto-shot-max", "9s");
	assert_true(operator_cuts(w, "a", false));
	set(w, "auto-yield", "0s");
	advance(w, SECOND);
	autodirector_on(w->autodirector);
	for (int i = 0; i < 200; i++) {
		const int count = w->scribe.cut_count;

		before_us = i == 0 ? clk_utc_us(&w->clk) : last(w)->time_us;
		while (w->scribe.cut_count == count)
			loop_fake_advance(w->loop, 1000);
		double_answer_all(w->crew, NODE_OK);
		w->crew->sent_count = 0;
		assert_in_range(last(w)->time_us - before_us, 4 * SECOND, 9 * SECOND + 1000);
		assert_string_equal(last(w)->by, "auto");
		sum += (double)(last(w)->time_us - before_us);
	}
	assert_true(fabs(sum / 200 - 6.5e6) < 0.4e6);		/* drawn evenly: five times the standard error and more */
}

static void
where_nothing_was_on_it_begins_at_once(void **state)
{
	struct world *w = *state;

	autodirector_on(w->autodirector);
	advance(w, 10000);
	assert_int_equal(w->scribe.cut_count, 1);
	assert_non_null(director_program(w->director));
	assert_non_null(strstr(last(w)->reason, "nothing was on; one of 6"));
}

static void
each_cut_says_why(void **state)
{
	struct world *w = *state;
	const struct kept_cut *c;

	assert_true(operator_cuts(w, "a", false));
	assert_string_equal(last(w)->reason, "");
	set(w, "auto-yield", "0s");
	set(w, "auto-weights", "all=0,cam-c=3");
	autodirector_on(w->autodirector);
	advance(w, 13 * SECOND);
	c = &w->scribe.cuts[1];
	assert_string_equal(c->to, "c");
	assert_true(str_has_prefix(c->reason, "cam-a was on for "));
	assert_non_null(strstr(c->reason, " s; one of 1, weight 3"));
}

static void
it_yields_after_a_cut_of_the_operator(void **state)
{
	struct world *w = *state;
	int64_t cut_us;

	set(w, "auto-shot-min", "1s");
	set(w, "auto-shot-max", "2s");
	set(w, "auto-yield", "30s");
	autodirector_on(w->autodirector);
	advance(w, 10 * SECOND);
	assert_true(w->scribe.cut_count >= 4);
	assert_int_equal(said(w).yields_us, 0);		/* its own cuts are no reason */
	assert_true(operator_cuts(w, strcmp(director_program(w->director), "b") == 0 ? "d" : "b", false));
	cut_us = now(w);
	assert_int_equal(said(w).yields_us, 30 * SECOND);
	while (strcmp(last(w)->by, "auto") != 0)
		advance(w, 1000);
	assert_in_range(now(w) - cut_us, 30 * SECOND, 30 * SECOND + 2000);
}

static void
a_cut_made_before_it_was_on_is_no_reason_to_yield(void **state)
{
	struct world *w = *state;

	assert_true(operator_cuts(w, "a", false));
	set(w, "auto-yield", "60s");
	autodirector_on(w->autodirector);
	advance(w, 13 * SECOND);
	assert_true(w->scribe.cut_count >= 2);
}

static void
it_cuts_on_bars_while_the_clock_runs(void **state)
{
	struct world *w = *state;

	tempo(w, 120);
	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	advance(w, 200 * SECOND);
	assert_true(w->scribe.cut_count > 18);
	for (int i = 1; i < w->scribe.cut_count; i++) {
		const double beat = metro_at_utc(w->metro, w->scribe.cuts[i].time_us);

		assert_true(fabs(beat / 4 - round(beat / 4)) < 0.001);
		assert_non_null(strstr(w->scribe.cuts[i].reason, ", on a bar;"));
		if (i > 1)
			assert_in_range(w->scribe.cuts[i].time_us - w->scribe.cuts[i - 1].time_us, 4 * SECOND, 12 * SECOND);
	}
}

static void
its_pending_cut_is_seen_before_the_bar(void **state)
{
	struct world *w = *state;
	struct director_pending p;
	int seen = 0;

	tempo(w, 120);
	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	for (int i = 0; i < 400; i++) {
		advance(w, SECOND / 10);
		if (!director_pending(w->director, &p))
			continue;
		seen++;
		assert_string_equal(p.by, "auto");
		assert_true(p.is_bar);
		assert_string_equal(said(w).next, p.to);
		assert_in_range(said(w).next_us, 1, 1500000);
	}
	assert_in_range(seen, 30, 100);
}

static void
a_bar_longer_than_a_shot_may_last_is_waited_for(void **state)
{
	struct world *w = *state;
	const struct metro_ask ask = { .by = "do", .at_utc_us = clk_utc_us(&w->clk) };

	tempo(w, 60);
	assert_true(metro_quantum(w->metro, 16, &ask, &w->err));
	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	advance(w, 100 * SECOND);
	assert_in_range(w->scribe.cut_count, 6, 8);
	for (int i = 1; i < w->scribe.cut_count; i++)
		assert_true(fabs(fmod(metro_at_utc(w->metro, w->scribe.cuts[i].time_us) + 0.001, 16)) < 0.002);
}

static void
an_operator_s_pending_cut_is_never_replaced(void **state)
{
	struct world *w = *state;
	struct director_pending p;
	struct director_ask ask = { .to = "e", .by = "key:anna", .on_clock = true };
	bool swallowed;

	tempo(w, 120);
	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	advance(w, SECOND);
	assert_true(director_beat(w->director, DIRECTOR_AFTER_BEATS, 80, 0, &ask.beat, &w->err));
	assert_true(director_cut(w->director, &ask, &swallowed, nobody, NULL, NULL, &w->err));
	advance(w, 38 * SECOND);
	assert_true(director_pending(w->director, &p));
	assert_string_equal(p.to, "e");
	assert_int_equal(w->scribe.cut_count, 1);
	assert_string_equal(said(w).why, "another cut is on its way");
	assert_int_equal(said(w).next_us, -1);
	advance(w, 4 * SECOND);
	assert_string_equal(w->scribe.cuts[1].to, "e");
	advance(w, 15 * SECOND);
	assert_true(w->scribe.cut_count > 2);
	assert_string_equal(last(w)->by, "auto");
}

static void
a_planned_cut_of_a_cue_sheet_is_never_replaced(void **state)
{
	struct world *w = *state;
	struct director_ask ask = { .to = "e", .by = "cue:show.cue:3", .at_us = clk_utc_us(&w->clk) + 40 * SECOND };
	bool swallowed;

	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	assert_true(director_cut(w->director, &ask, &swallowed, nobody, NULL, NULL, &w->err));
	advance(w, 41 * SECOND);
	assert_int_equal(w->scribe.cut_count, 2);
	assert_string_equal(last(w)->by, "cue:show.cue:3");
	assert_int_equal(last(w)->time_us, ask.at_us);
	advance(w, 13 * SECOND);
	assert_string_equal(last(w)->by, "auto");
}

/* The cut is out to the nodes already when its source fails. */
static void
its_pending_cut_leaves_a_source_that_fails(void **state)
{
	struct world *w = *state;
	struct director_pending p;
	char doomed[ID_BYTES];

	tempo(w, 120);
	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	while (!director_pending(w->director, &p))
		advance(w, 10000);
	str_copy(doomed, sizeof doomed, p.to);
	advance(w, p.at_us - clk_utc_us(&w->clk) - 100000);
	assert_true(director_pending(w->director, &p));
	double_member(w->crew, doomed)->link = HEALTH_STALE;
	bus_tell(w->bus, EV_NODE_STALE, doomed, "no word for 3.0 s");
	bus_tell(w->bus, EV_NODE_STATE, doomed, "%s", "");
	advance(w, 10 * SECOND);
	assert_true(w->scribe.cut_count > 1);
	for (int i = 1; i < w->scribe.cut_count; i++)
		assert_string_not_equal(w->scribe.cuts[i].to, doomed);
}

static void
a_program_source_that_fails_ends_its_shot(void **state)
{
	struct world *w = *state;

	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	advance(w, SECOND / 2);
	double_link(w->crew, "a", HEALTH_LOST);
	advance(w, 290000);			/* whoever is to cut away first has that long */
	assert_int_equal(w->scribe.cut_count, 1);
	advance(w, 20000);
	assert_int_equal(w->scribe.cut_count, 2);
	assert_true(str_has_prefix(last(w)->reason, "cam-a is LOST; one of 5"));
	advance(w, SECOND);
	frozen(w, camera_of(director_program(w->director)), true);
	advance(w, 310000);
	assert_int_equal(w->scribe.cut_count, 3);
	assert_non_null(strstr(last(w)->reason, " is FROZEN; one of 4"));
}

static void
but_not_where_it_is_to_stay(void **state)
{
	struct world *w = *state;

	set(w, "auto-yield", "0s");
	set(w, "program-lost", "stay");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	double_link(w->crew, "a", HEALTH_LOST);
	advance(w, 3 * SECOND);
	assert_int_equal(w->scribe.cut_count, 1);
	advance(w, 10 * SECOND);
	assert_true(w->scribe.cut_count > 1);
}

/* Whoever has just cut to it with --force has seen what it is. */
static void
a_forced_cut_to_a_lost_source_is_left_alone_as_long_as_it_yields(void **state)
{
	struct world *w = *state;
	struct director_ask ask = { .to = "b", .by = "key:anna", .force = true };
	bool swallowed;

	set(w, "auto-yield", "20s");
	double_link(w->crew, "b", HEALTH_LOST);
	autodirector_on(w->autodirector);
	advance(w, SECOND);
	assert_true(director_cut(w->director, &ask, &swallowed, nobody, NULL, NULL, &w->err));
	advance(w, 19 * SECOND);
	assert_string_equal(director_program(w->director), "b");
	advance(w, 2 * SECOND);
	assert_string_not_equal(director_program(w->director), "b");
}

static void
black_is_left_to_the_operator(void **state)
{
	struct world *w = *state;

	set(w, "auto-yield", "1s");
	autodirector_on(w->autodirector);
	advance(w, SECOND);
	assert_true(operator_cuts(w, NULL, false));
	advance(w, 120 * SECOND);
	assert_null(director_program(w->director));
	assert_string_equal(said(w).why, "program is black: it goes on with the next cut");
	assert_true(operator_cuts(w, "c", false));
	advance(w, 14 * SECOND);
	assert_string_equal(last(w)->by, "auto");
}

static void
with_nobody_to_cut_to_it_waits_and_says_so(void **state)
{
	struct world *w = *state;

	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	for (int i = 1; i < CAMERAS; i++)
		out(w, i, true);
	autodirector_on(w->autodirector);
	advance(w, 60 * SECOND);
	assert_int_equal(w->scribe.cut_count, 1);
	assert_string_equal(said(w).next, "");
	assert_string_equal(said(w).why, "no other source is live that it may cut to");
	assert_true(loop_now_us(w->loop) > 0);
	out(w, 3, false);
	advance(w, 20000);			/* the shot has lasted long enough */
	assert_string_equal(last(w)->to, "d");
}

/* A guest's microphone: live, well, and nothing to look at. */
static void
a_microphone_without_a_camera_is_never_cut_to(void **state)
{
	struct world *w = *state;

	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	for (int i = 1; i < CAMERAS; i++)
		member(w, i)->node->info.camera_count = 0;
	autodirector_on(w->autodirector);
	advance(w, 60 * SECOND);
	assert_int_equal(w->scribe.cut_count, 1);
	assert_string_equal(said(w).next, "");
	member(w, 1)->node->info.camera_count = 1;
	bus_tell(w->bus, EV_CREW_CHANGED, ids[1], "%s", "");
	advance(w, 20000);
	assert_string_equal(last(w)->to, ids[1]);
}

static void
off_takes_its_pending_cut_back(void **state)
{
	struct world *w = *state;
	struct director_pending p;

	tempo(w, 120);
	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	while (!director_pending(w->director, &p))
		advance(w, 10000);
	advance(w, p.at_us - clk_utc_us(&w->clk) - 200000);
	autodirector_off(w->autodirector, "panic");
	assert_false(director_pending(w->director, &p));
	assert_string_equal(said(w).why, "panic");
	advance(w, 60 * SECOND);
	assert_string_equal(director_program(w->director), "a");
	assert_int_equal(w->scribe.cut_count, 1);
}

static void
what_it_was_told_before_it_was_off_is_forgotten(void **state)
{
	struct world *w = *state;

	set(w, "auto-yield", "60s");
	autodirector_on(w->autodirector);
	advance(w, SECOND);
	assert_true(operator_cuts(w, strcmp(director_program(w->director), "b") == 0 ? "d" : "b", false));
	autodirector_off(w->autodirector, "");
	autodirector_on(w->autodirector);
	advance(w, 13 * SECOND);
	assert_string_equal(last(w)->by, "auto");
	assert_int_equal(w->scribe.cut_count, 3);
}

/* Esc means not that, and not now: else the same cut would be pending again at once. */
static void
a_cancelled_cut_of_its_own_is_a_word_of_the_operator(void **state)
{
	struct world *w = *state;
	struct director_pending p;
	int64_t since_us;

	tempo(w, 120);
	set(w, "auto-yield", "20s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	while (!director_pending(w->director, &p))
		advance(w, 10000);
	assert_true(director_cancel(w->director));
	since_us = now(w);
	advance(w, 20 * SECOND - 2000000);
	assert_false(director_pending(w->director, &p));
	assert_in_range(said(w).yields_us, 1, 2 * SECOND);
	while (w->scribe.cut_count == 1)
		advance(w, 10000);
	assert_in_range(now(w) - since_us, 20 * SECOND, 23 * SECOND);
}

static void
and_one_that_was_only_meant_can_be_put_off(void **state)
{
	struct world *w = *state;
	int64_t since_us;

	assert_false(autodirector_postpone(w->autodirector));
	assert_false(autodirector_postpone(NULL));
	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	advance(w, said(w).next_us - 100000);
	assert_true(autodirector_postpone(w->autodirector));
	since_us = now(w);
	while (w->scribe.cut_count == 1)
		advance(w, 10000);
	assert_in_range(now(w) - since_us, 4 * SECOND, 12 * SECOND + 10000);
}

static void
off_leaves_somebody_else_s_pending_cut(void **state)
{
	struct world *w = *state;
	struct director_pending p;

	tempo(w, 120);
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	assert_true(operator_cuts(w, "b", true));
	autodirector_off(w->autodirector, "");
	assert_true(director_pending(w->director, &p));
}

/* Somebody sets the machine's clock: lengths are counted on the other one. */
static void
utc_that_is_set_anew_changes_no_shot(void **state)
{
	struct world *w = *state;
	int64_t since_us;

	set(w, "auto-yield", "0s");
	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	for (int i = 0; i < 6; i++) {
		const int count = w->scribe.cut_count;

		since_us = now(w);
		advance(w, SECOND);
		utc_step_us += i % 2 == 0 ? 3600 * SECOND : -7200 * SECOND;
		while (w->scribe.cut_count == count)
			advance(w, 10000);
		assert_in_range(now(w) - since_us, 4 * SECOND, 12 * SECOND + 20000);
	}
}

static void
the_screen_hears_of_changes_and_of_nothing_else(void **state)
{
	struct world *w = *state;
	int changes;

	assert_true(operator_cuts(w, "a", false));
	autodirector_on(w->autodirector);
	assert_true(w->changes > 0);
	advance(w, SECOND / 2);
	changes = w->changes;
	for (int i = 0; i < 50; i++) {
		bus_tell(w->bus, EV_NODE_STATE, "b", "%s", "");
		bus_tell(w->bus, EV_BUSES_CHANGED, NULL, "%s", "");
		advance(w, 1000);
	}
	assert_int_equal(w->changes, changes);
}

/* ---- Chance ---- */

/* From each source, the others by their weights: four standard errors. */
static void
sources_come_as_often_as_they_weigh(void **state)
{
	struct world *w = *state;
	static const double weight[CAMERAS] = { 1, 2, 4, 0.5, 0, 1 };
	int from[CAMERAS] = { 0 }, pair[CAMERAS][CAMERAS] = { { 0 } };
	char before[ID_BYTES];

	set(w, "auto-shot-min", "500ms");
	set(w, "auto-shot-max", "500ms");
	set(w, "auto-weights", "2=2, cam-c=4,cam-d=0.5 ,cam-e=0");
	autodirector_on(w->autodirector);
	advance(w, 10000);
	while (w->scribe.cut_count < 6000) {
		const int count = w->scribe.cut_count;

		str_copy(before, sizeof before, director_program(w->director));
		advance(w, SECOND / 2);
		if (w->scribe.cut_count == count)
			continue;
		from[camera_of(before)]++;
		pair[camera_of(before)][camera_of(last(w)->to)]++;
	}
	assert_int_equal(from[4], 0);
	for (int i = 0; i < CAMERAS; i++)
		for (int j = 0; j < CAMERAS; j++) {
			const double p = i == j ? 0 : weight[j] / (8.5 - weight[i]), n = from[i];

			assert_true(fabs(pair[i][j] - n * p) <= 4 * sqrt(n * p * (1 - p)) + 0.5);
		}
}

/* A show with a script of its own chance: what happens in it is the same each time. */
static void
play(struct world *w, int spared)
{
	uint64_t chance = 99;

	set(w, "auto-yield", "3s");
	autodirector_on(w->autodirector);
	for (int i = 0; i < 600; i++) {
		chance = chance * 6364136223846793005u + 1442695040888963407u;
		advance(w, SECOND / 2);
		if ((chance >> 40) % 50 == 0)
			(void)operator_cuts(w, ids[(chance >> 33) % 3], false);
		if (i == 200 && spared >= 0)
			out(w, spared, true);
	}
}

static void
the_same_seed_makes_the_same_show(void **state)
{
	struct world *a = *state, *b = world_new(7), *c = world_new(8);
	int same = 0;

	play(a, -1);
	play(b, -1);
	play(c, -1);
	assert_true(a->scribe.cut_count > 30);
	assert_int_equal(a->scribe.cut_count, b->scribe.cut_count);
	for (int i = 0; i < a->scribe.cut_count; i++) {
		assert_string_equal(a->scribe.cuts[i].to, b->scribe.cuts[i].to);
		assert_int_equal(a->scribe.cuts[i].time_us, b->scribe.cuts[i].time_us);
		assert_string_equal(a->scribe.cuts[i].reason, b->scribe.cuts[i].reason);
		same += i < c->scribe.cut_count && strcmp(a->scribe.cuts[i].to, c->scribe.cuts[i].to) == 0;
	}
	assert_true(same < a->scribe.cut_count / 2);
	world_free(b);
	world_free(c);
}

/* Where the camera that is out would not have been next, nothing is another. */
static void
a_camera_that_goes_changes_only_what_was_its(void **state)
{
	struct world *a = *state, *b = world_new(7);
	int differ = 0;

	play(a, -1);
	play(b, 5);
	assert_int_equal(a->scribe.cut_count, b->scribe.cut_count);
	for (int i = 0; i < a->scribe.cut_count; i++) {
		const bool is_same = strcmp(a->scribe.cuts[i].to, b->scribe.cuts[i].to) == 0;

		assert_int_equal(a->scribe.cuts[i].time_us, b->scribe.cuts[i].time_us);
		differ += !is_same;
		if (!is_same)	/* it was to be f; or f, or its stand-in, was on and could not be next */
			assert_true(strcmp(a->scribe.cuts[i].to, "f") == 0 || strcmp(a->scribe.cuts[i - 1].to, b->scribe.cuts[i - 1].to) != 0);
	}
	assert_in_range(differ, 1, a->scribe.cut_count / 2);
	world_free(b);
}

/* ---- A long day ---- */

static uint64_t day;

static int
roll(int n)
{
	day = day * 6364136223846793005u + 1442695040888963407u;
	return (int)((day >> 33) % (uint64_t)n);
}

static bool
model_fits(struct world *w, int i)
{
	const struct crew_member *m = member(w, i);

	return m->link == HEALTH_LIVE && !m->frozen && !m->node->out && w->weights[i] > 0;
}

static bool
model_trouble(struct world *w)
{
	const int i = camera_of(w->before);

	return i >= 0 && (member(w, i)->link == HEALTH_LOST || member(w, i)->frozen);
}

static int64_t
bar_us(struct world *w)
{
	return metro_runs(w->metro) ? (int64_t)(beat_long_us(&metro_grid(w->metro)->line) * metro_grid(w->metro)->quantum) : 0;
}

/* Every cut, as it lands. */
static void
judge_cut(void *arg, const struct bus_event *ev)
{
	struct world *w = arg;
	const char *to = ev->node != NULL ? ev->node : "";
	const int i = camera_of(to);
	const bool is_urgent = w->before[0] == '\0' || model_trouble(w);

	if (strcmp(director_last(w->director)->by, "auto") != 0) {
		w->yield_us = now(w) + opt_int(w->settings, "auto-yield");
	} else {
		w->own_cuts++;
		assert_true(autodirector_is_on(w->autodirector));
		assert_true(i >= 0);
		assert_string_not_equal(to, w->before);
		assert_true(model_fits(w, i));
		assert_true(now(w) >= w->yield_us - 1);
		if (!is_urgent)
			assert_true(now(w) - w->shot_us >= opt_int(w->settings, "auto-shot-min") - 20000);
		if (!is_urgent && metro_runs(w->metro)) {
			const double beat = metro_at_utc(w->metro, ev->time_us);

			assert_int_equal(beat_where_of(metro_grid(w->metro), round(beat)).beat, 1);
			assert_true(fabs(beat - round(beat)) * beat_long_us(&metro_grid(w->metro)->line) < 2000);
		}
	}
	str_copy(w->before, sizeof w->before, to);
	w->shot_us = w->free_us = now(w);
}

/* When nothing stands in its way, the cut comes. */
static void
judge_patience(struct world *w)
{
	struct director_pending p;
	bool any = false;
	int64_t most_us = opt_int(w->settings, "auto-shot-max"), least_us = opt_int(w->settings, "auto-shot-min"), due_us;

	for (int i = 0; i < CAMERAS; i++)
		any = any || (model_fits(w, i) && strcmp(ids[i], w->before) != 0);
	if (!autodirector_is_on(w->autodirector) || !any || (w->before[0] == '\0' && director_last(w->director)->any) ||
	    (director_pending(w->director, &p) && strcmp(p.by, "auto") != 0))
		w->free_us = now(w);
	most_us = most_us > least_us ? most_us : least_us;
	due_us = model_trouble(w) ? w->free_us : w->shot_us + most_us;
	due_us = due_us > w->yield_us ? due_us : w->yield_us;
	due_us = (due_us > w->free_us ? due_us : w->free_us) + SECOND;
	assert_true(now(w) <= due_us + 2 * bar_us(w));
}

static void
shake_camera(struct world *w)
{
	static const enum health_link links[] = { HEALTH_LIVE, HEALTH_LIVE, HEALTH_LIVE, HEALTH_STALE, HEALTH_LOST };
	const bool was_trouble = model_trouble(w);
	const int i = roll(CAMERAS);

	switch (roll(4)) {
	case 0:
		out(w, i, roll(3) == 0);
		break;
	case 1:
		frozen(w, i, roll(3) == 0);
		break;
	default:
		double_link(w->crew, ids[i], links[roll(5)]);
		break;
	}
	if (!was_trouble && model_trouble(w))
		w->free_us = now(w);		/* what was a long shot yet to come is over from now on */
}

static void
shake_settings(struct world *w)
{
	static const char *const mins[] = { "500ms", "2s", "4s" }, *const maxes[] = { "1s", "5s", "12s" }, *const yields[] = { "0s", "2s", "10s" };
	char text[96];

	set(w, "auto-shot-min", mins[roll(3)]);
	set(w, "auto-shot-max", maxes[roll(3)]);
	set(w, "auto-yield", yields[roll(3)]);
	w->weights[0] = roll(3);
	w->weights[1] = roll(2);
	for (int i = 2; i < CAMERAS; i++)
		w->weights[i] = 1;
	snprintf(text, sizeof text, "cam-a=%g,2=%g", w->weights[0], w->weights[1]);
	set(w, "auto-weights", text);
	w->free_us = now(w);			/* a longer shot is one from now on */
}

static void
shake_clock(struct world *w)
{
	const struct metro_ask ask = { .by = "do", .at_utc_us = clk_utc_us(&w->clk) };

	if (roll(3) > 0 || !metro_runs(w->metro))
		tempo(w, 60 + roll(120));
	else if (roll(2) == 0)
		assert_true(metro_quantum(w->metro, 2 + roll(7), &ask, &w->err));
	else
		assert_true(metro_downbeat(w->metro, &ask, &w->err));
	w->free_us = now(w);
}

static void
shake_buses(struct world *w)
{
	const char *to = roll(12) == 0 ? NULL : ids[roll(CAMERAS)];
	struct director_pending p;

	switch (roll(4)) {
	case 0:
		if (director_pending(w->director, &p) && director_cancel(w->director) && strcmp(p.by, "auto") == 0) {
			w->yield_us = now(w) + opt_int(w->settings, "auto-yield");
			w->shot_us = now(w);
		}
		w->free_us = now(w);
		break;
	case 1:
		if (metro_runs(w->metro))
			(void)operator_cuts(w, to, true);
		w->free_us = now(w);
		break;
	default:
		(void)operator_cuts(w, to, false);
		break;
	}
}

static void
shake_switch(struct world *w)
{
	if (autodirector_is_on(w->autodirector) && roll(3) == 0) {
		autodirector_off(w->autodirector, "");
	} else if (!autodirector_is_on(w->autodirector)) {
		w->shot_us = w->free_us = now(w);
		w->yield_us = 0;
		autodirector_on(w->autodirector);	/* where something is wrong it cuts at once */
	}
}

static void
a_long_random_day_breaks_no_rule(void **state)
{
	struct world *w = *state;

	day = 20261122;
	bus_listen(w->bus, EV_CUT, judge_cut, w);
	shake_switch(w);
	for (int i = 0; i < 40000 && w->scribe.cut_count < MAX_CUTS - 10; i++) {
		const int what = roll(100);

		if (what < 10)
			shake_camera(w);
		else if (what < 11)
			shake_settings(w);
		else if (what < 12)
			shake_clock(w);
		else if (what < 16)
			shake_buses(w);
		else if (what < 18)
			shake_switch(w);
		advance(w, 10000 + roll(400000));
		judge_patience(w);
	}
	assert_true(w->own_cuts > 300);
	for (int i = 0; i < w->scribe.cut_count; i++)
		assert_int_equal(strcmp(w->scribe.cuts[i].by, "auto") == 0, w->scribe.cuts[i].reason[0] != '\0');
	bus_unlisten(w->bus, judge_cut, w);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(off_it_never_cuts),
		TEST(a_shot_lasts_its_length),
		TEST(where_nothing_was_on_it_begins_at_once),
		TEST(each_cut_says_why),
		TEST(it_yields_after_a_cut_of_the_operator),
		TEST(a_cut_made_before_it_was_on_is_no_reason_to_yield),
		TEST(it_cuts_on_bars_while_the_clock_runs),
		TEST(its_pending_cut_is_seen_before_the_bar),
		TEST(a_bar_longer_than_a_shot_may_last_is_waited_for),
		TEST(an_operator_s_pending_cut_is_never_replaced),
		TEST(a_planned_cut_of_a_cue_sheet_is_never_replaced),
		TEST(its_pending_cut_leaves_a_source_that_fails),
		TEST(a_program_source_that_fails_ends_its_shot),
		TEST(but_not_where_it_is_to_stay),
		TEST(a_forced_cut_to_a_lost_source_is_left_alone_as_long_as_it_yields),
		TEST(black_is_left_to_the_operator),
		TEST(with_nobody_to_cut_to_it_waits_and_says_so),
		TEST(a_microphone_without_a_camera_is_never_cut_to), TEST(off_takes_its_pending_cut_back),
		TEST(what_it_was_told_before_it_was_off_is_forgotten),
		TEST(a_cancelled_cut_of_its_own_is_a_word_of_the_operator),
		TEST(and_one_that_was_only_meant_can_be_put_off),
		TEST(off_leaves_somebody_else_s_pending_cut),
		TEST(utc_that_is_set_anew_changes_no_shot),
		TEST(the_screen_hears_of_changes_and_of_nothing_else),
		TEST(sources_come_as_often_as_they_weigh),
		TEST(the_same_seed_makes_the_same_show),
		TEST(a_camera_that_goes_changes_only_what_was_its),
		TEST(a_long_random_day_breaks_no_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
