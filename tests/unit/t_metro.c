/*
 * t_metro.c - the clock of the show: who may change it, what others do to it, and what is written of it.
 * Virtual time; the Link session is a double that does what the test says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/metro.h"
#include "app/settings.h"
#include "base/xalloc.h"
#include "io/link.h"
#include "io/jdoc.h"
#include "io/journal.h"
#include "support/loop_fake.h"
#include "support/schema.h"
#include "support/scratch.h"

/* ---- A session as the test wants it ---- */

struct link_session {
	link_changed_fn *changed;
	void *arg;
};
struct link_ear {
	loop_fn *heard;
	void *arg;
};

static struct {
	struct loop *loop;
	bool is_built;
	struct link_session *session;	/* joined */
	struct link_ear *ear;		/* listening */
	double joined_bpm;
	unsigned peers;
	struct beat_line line;
	int tempos, beats;		/* told to all */
	struct beat_line set_beat;
} net;

bool
link_is_built(void)
{
	return net.is_built;
}

struct link_session *
link_new(struct loop *loop, double bpm, link_changed_fn *changed, void *arg, struct err *e)
{
	(void)loop;
	(void)e;
	assert_null(net.session);
	net.session = xcalloc(1, sizeof *net.session);
	*net.session = (struct link_session){ changed, arg };
	net.joined_bpm = bpm;
	if (net.peers == 0)
		net.line = (struct beat_line){ .at_us = loop_now_us(net.loop), .beat = 0.3, .bpm = bpm };
	return net.session;
}

void
link_free(struct link_session *l)
{
	if (l != NULL)
		net.session = NULL;
	free(l);
}

unsigned link_peers(const struct link_session *l) { return l != NULL ? net.peers : 0; }

struct beat_line
link_line(const struct link_session *l, int quantum)
{
	const int64_t now_us = loop_now_us(net.loop);

	assert_non_null(l);
	assert_true(quantum > 0);
	return (struct beat_line){ .at_us = now_us, .beat = beat_at(&net.line, now_us), .bpm = net.line.bpm };
}

void
link_set_tempo(struct link_session *l, double bpm)
{
	assert_non_null(l);
	beat_retempo(&net.line, loop_now_us(net.loop), bpm);
	net.tempos++;
}

void
link_set_beat(struct link_session *l, int64_t at_us, double beat, int quantum)
{
	assert_non_null(l);
	assert_true(quantum > 0);
	net.line = (struct beat_line){ .at_us = at_us, .beat = beat, .bpm = net.line.bpm };
	net.beats++;
}

struct link_ear *
link_ear_new(struct loop *loop, loop_fn *heard, void *arg)
{
	(void)loop;
	assert_null(net.ear);
	net.ear = xcalloc(1, sizeof *net.ear);
	*net.ear = (struct link_ear){ heard, arg };
	return net.ear;
}

void
link_ear_free(struct link_ear *ear)
{
	if (ear != NULL)
		net.ear = NULL;
	free(ear);
}

/* ---- The world ---- */

struct line {
	char type[16];
	char *json;
	int64_t time_us;
};
struct scribe {
	struct line lines[64];
	int count;
};

struct world {
	struct loop *loop;
	struct clk clk;
	struct bus *bus;
	struct scribe scribe;
	struct opt_set *settings;
	struct metro *metro;
	struct err err;
	int changes, lost, written;
};

int64_t
scribe_add(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg)
{
	static const struct err well = { .kind = ERR_NONE };
	struct line *l = &s->lines[s->count++];

	assert_int_equal(which, SCRIBE_TIMEBASE);
	assert_true(s->count <= 64);
	strcpy(l->type, type);
	l->json = jdoc_print(line);
	l->time_us = time_us;
	jdoc_free(line);
	if (done != NULL)
		done(arg, &well);
	return s->count;
}

static void
on_event(void *arg, const struct bus_event *ev)
{
	struct world *w = arg;

	w->changes += ev->kind == EV_BEAT;
	w->lost += ev->kind == EV_CLOCK_LOST;
}

static void
open_metro(struct world *w, double speed)
{
	w->metro = metro_new(w->loop, w->bus, &w->scribe, &w->clk, w->settings, speed);
}

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	w->loop = loop_fake_new();
	memset(&net, 0, sizeof net);
	net.loop = w->loop;
	net.is_built = true;
	net.line.bpm = 120;
	w->clk = loop_fake_clk(w->loop);
	w->bus = bus_new();
	w->settings = opt_set_new(settings_table);
	bus_listen(w->bus, EV_KINDS, on_event, w);
	loop_fake_advance(w->loop, 5000000);
	*state = w;
	open_metro(w, 1);
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	metro_free(w->metro);
	assert_null(net.session);
	assert_null(net.ear);
	for (int i = 0; i < w->scribe.count; i++)
		free(w->scribe.lines[i].json);
	bus_free(w->bus);
	opt_set_free(w->settings);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void
on_written(void *arg, const struct err *e)
{
	assert_int_equal(e->kind, ERR_NONE);
	((struct world *)arg)->written++;
}

static struct metro_ask
asked(struct world *w, bool everyone)
{
	return (struct metro_ask){ .everyone = everyone, .by = "key:anna", .at_utc_us = clk_utc_us(&w->clk), .done = on_written, .arg = w };
}

static bool
tempo(struct world *w, double bpm, bool everyone)
{
	const struct metro_ask ask = asked(w, everyone);

	return metro_tempo(w->metro, bpm, &ask, &w->err);
}

static bool
quantum(struct world *w, int n)
{
	const struct metro_ask ask = asked(w, false);

	return metro_quantum(w->metro, n, &ask, &w->err);
}

static bool
downbeat(struct world *w)
{
	const struct metro_ask ask = asked(w, false);

	return metro_downbeat(w->metro, &ask, &w->err);
}

static bool
tap(struct world *w, bool everyone, double *bpm)
{
	const struct metro_ask ask = asked(w, everyone);

	return metro_tap(w->metro, &ask, bpm, &w->err);
}

static struct metro_word
word(struct world *w)
{
	struct metro_word out;

	metro_say(w->metro, &out);
	return out;
}

static double
beat_now(struct world *w)
{
	return metro_at_utc(w->metro, clk_utc_us(&w->clk));
}

static void
near(double got, double want, double least)
{
	if (fabs(got - want) > least)
		fail_msg("%.9f is not %.9f", got, want);
}

static void
has_line(struct world *w, const char *part)
{
	assert_true(w->scribe.count > 0);
	if (strstr(w->scribe.lines[w->scribe.count - 1].json, part) == NULL)
		fail_msg("%s is not in %s", part, w->scribe.lines[w->scribe.count - 1].json);
}

/* Others play: so many, at that tempo, and at this instant their beat is that. */
static void
others(unsigned peers, double bpm, double beat)
{
	net.peers = peers;
	net.line = (struct beat_line){ .at_us = loop_now_us(net.loop), .beat = beat, .bpm = bpm };
	if (net.ear != NULL)
		net.ear->heard(net.ear->arg);
	net.session->changed(net.session->arg);
}

/* ---- Our own ---- */

static void
no_clock_runs_before_one_is_asked_for(void **state)
{
	struct world *w = *state;

	assert_false(metro_runs(w->metro));
	assert_false(metro_check(w->metro, &w->err));
	assert_non_null(strstr(w->err.text, "`tempo BPM` or a Link peer starts a clock"));
	assert_false(downbeat(w));
	assert_int_equal(w->scribe.count, 0);
	assert_false(word(w).runs);
	assert_false(metro_runs(NULL));
}

static void
tempo_starts_the_clock_on_its_downbeat(void **state)
{
	struct world *w = *state;

	assert_true(tempo(w, 96, false));
	assert_int_equal(w->written, 1);
	assert_int_equal(word(w).place.bar, 1);
	assert_int_equal(word(w).place.beat, 1);
	loop_fake_advance(w->loop, 625000 * 6);
	near(beat_now(w), 6, 1e-6);
	assert_int_equal(word(w).place.bar, 2);
	assert_int_equal(word(w).place.beat, 3);
	assert_int_equal(metro_when_utc(w->metro, 8), clk_utc_us(&w->clk) + 1250000);
	has_line(w, "\"bpm\":96");
	has_line(w, "\"by\":\"key:anna\"");
}

static void
other_tempo_goes_on_from_the_same_beat(void **state)
{
	struct world *w = *state;

	tempo(w, 120, false);
	loop_fake_advance(w->loop, 1250000);
	assert_true(tempo(w, 60, false));
	near(beat_now(w), 2.5, 1e-6);
	loop_fake_advance(w->loop, 500000);
	near(beat_now(w), 3, 1e-6);
}

static void
tempo_beyond_the_limits_is_refused(void **state)
{
	struct world *w = *state;

	assert_false(tempo(w, 19.9, false));
	assert_false(tempo(w, 1000, false));
	assert_false(tempo(w, NAN, false));
	assert_false(metro_runs(w->metro));
	assert_false(quantum(w, 0));
	assert_false(quantum(w, BEAT_QUANTUM_MAX + 1));
}

static void
taps_tell_tempo_and_beat(void **state)
{
	struct world *w = *state;
	double bpm;

	assert_true(tap(w, false, &bpm));
	loop_fake_advance(w->loop, 500000);
	assert_true(tap(w, false, &bpm));
	near(bpm, 0, 0);
	assert_false(metro_runs(w->metro));
	assert_int_equal(w->written, 0);
	loop_fake_advance(w->loop, 500000);
	assert_true(tap(w, false, &bpm));
	near(bpm, 120, 1e-9);
	assert_int_equal(w->written, 1);
	near(beat_now(w), 2, 1e-6);		/* the first tap was the downbeat */
	assert_int_equal(word(w).place.beat, 3);
	loop_fake_advance(w->loop, 480000);	/* a little early: the beat is where the finger is */
	assert_true(tap(w, false, &bpm));
	near(beat_now(w), 3, 1e-6);
	assert_true(bpm > 120 && bpm < 124);
}

static void
downbeat_moves_our_own_beat_to_the_press(void **state)
{
	struct world *w = *state;

	tempo(w, 120, false);
	loop_fake_advance(w->loop, 3100000);	/* beat 6.2 */
	assert_true(downbeat(w));
	assert_int_equal(word(w).place.bar, 1);
	assert_int_equal(word(w).place.beat, 1);
	near(word(w).place.part, 0, 1e-6);
	near(beat_now(w), 6, 1e-6);		/* no beat is counted twice */
	loop_fake_advance(w->loop, 2000000);
	assert_int_equal(word(w).place.bar, 2);
}

static void
press_counts_not_the_moment_it_is_heard(void **state)
{
	struct world *w = *state;
	struct metro_ask ask;

	tempo(w, 120, false);
	loop_fake_advance(w->loop, 3000000);
	ask = asked(w, false);
	loop_fake_advance(w->loop, 40000);	/* the loop was held up */
	assert_true(metro_downbeat(w->metro, &ask, &w->err));
	near(beat_now(w), 6.08, 1e-6);
}

static void
quantum_changes_bars_not_beats(void **state)
{
	struct world *w = *state;

	tempo(w, 120, false);
	loop_fake_advance(w->loop, 3000000);
	assert_true(quantum(w, 3));
	near(beat_now(w), 6, 1e-6);
	assert_int_equal(word(w).place.bar, 3);
	assert_int_equal(word(w).place.beat, 1);
	has_line(w, "\"quantum\":3");
}

static void
speed_is_ours_alone_and_leaves_the_told_tempo(void **state)
{
	struct world *w = *state;

	metro_free(w->metro);
	open_metro(w, 10);
	assert_false(metro_is_overrun(w->metro));
	tempo(w, 60, false);
	assert_null(net.session);		/* nobody else could follow */
	assert_non_null(net.ear);
	net.ear->heard(net.ear->arg);		/* but whether others are there is known */
	assert_true(metro_is_overrun(w->metro));
	assert_null(net.session);
	loop_fake_advance(w->loop, 1000000);
	near(beat_now(w), 10, 1e-6);
	near(word(w).bpm, 60, 1e-9);
}

static void
one_line_a_minute_says_where_the_clock_stands(void **state)
{
	struct world *w = *state;
	int count;

	tempo(w, 120, false);
	count = w->scribe.count;
	loop_fake_advance(w->loop, 59000000);
	assert_int_equal(w->scribe.count, count);
	loop_fake_advance(w->loop, 2000000);
	assert_int_equal(w->scribe.count, count + 1);
	has_line(w, "\"why\":\"sample\"");
}

/* ---- Others ---- */

static void
nobody_joins_before_a_session_is_heard(void **state)
{
	struct world *w = *state;

	assert_non_null(net.ear);
	assert_null(net.session);		/* one of ours would be the older one, and force its tempo on who comes */
	others(1, 96, 40.5);
	assert_non_null(net.session);
	assert_null(net.ear);
	assert_true(metro_runs(w->metro));
}

static void
joining_takes_tempo_and_phase_and_tells_none(void **state)
{
	struct world *w = *state;

	others(2, 96, 41.25);
	near(word(w).bpm, 96, 1e-9);
	assert_int_equal(word(w).peers, 2);
	near(beat_now(w), 1.25, 1e-6);		/* their phase in the bar; the bar under way is the first */
	assert_int_equal(word(w).place.beat, 2);
	loop_fake_advance(w->loop, 30000000);
	assert_int_equal(net.tempos, 0);
	assert_int_equal(net.beats, 0);
}

static void
whoever_was_heard_and_went_leaves_no_session_of_ours(void **state)
{
	struct world *w = *state;

	net.ear->heard(net.ear->arg);
	assert_non_null(net.session);
	loop_fake_advance(w->loop, 11000000);
	assert_null(net.session);
	assert_non_null(net.ear);
	assert_false(metro_runs(w->metro));
}

static void
with_peers_tempo_needs_everyone(void **state)
{
	struct world *w = *state;
	double bpm;

	others(2, 96, 0);
	assert_false(tempo(w, 120, false));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	assert_non_null(strstr(w->err.text, "2 others play"));
	assert_non_null(strstr(w->err.text, "--everyone"));
	assert_false(tap(w, false, &bpm));
	assert_int_equal(net.tempos, 0);
	near(word(w).bpm, 96, 1e-9);
	assert_true(tempo(w, 120, true));
	assert_int_equal(net.tempos, 1);
	near(net.line.bpm, 120, 1e-9);
	assert_int_equal(net.beats, 0);		/* their beat stays where it is */
}

static void
quantum_and_downbeat_are_ours_alone(void **state)
{
	struct world *w = *state;

	others(1, 120, 40);
	loop_fake_advance(w->loop, 1100000);	/* beat 2.2 */
	assert_true(downbeat(w));
	near(beat_now(w), 2.2, 1e-6);		/* the nearest beat is meant, theirs is not moved */
	assert_int_equal(word(w).place.bar, 1);
	assert_true(quantum(w, 8));
	assert_int_equal(net.tempos, 0);
	assert_int_equal(net.beats, 0);
	loop_fake_advance(w->loop, 900000 + 7 * 500000);
	assert_int_equal(word(w).place.bar, 2);
	assert_int_equal(word(w).place.beat, 2);
}

static void
their_tempo_moves_the_beats_to_come(void **state)
{
	struct world *w = *state;
	int64_t before_us;
	int changes;

	others(1, 120, 0);
	loop_fake_advance(w->loop, 1000000);
	before_us = metro_when_utc(w->metro, 8);
	changes = w->changes;
	beat_retempo(&net.line, loop_now_us(w->loop), 60);
	net.session->changed(net.session->arg);
	assert_int_equal(w->changes, changes + 1);
	assert_int_equal(metro_when_utc(w->metro, 8) - before_us, 3000000);
	has_line(w, "\"why\":\"session\"");
}

static void
phase_that_moves_unannounced_is_seen(void **state)
{
	struct world *w = *state;

	others(1, 120, 0);
	loop_fake_advance(w->loop, 1000000);
	net.line.beat += 0.4;
	loop_fake_advance(w->loop, 300000);
	near(beat_now(w), 3.0, 1e-3);		/* 2.6 + 0.4: the nearest with their phase */
}

static void
what_two_clocks_read_together_differ_by_is_no_news(void **state)
{
	struct world *w = *state;
	int changes;

	others(1, 120, 0);
	changes = w->changes;
	net.line.at_us += 60;
	loop_fake_advance(w->loop, 5000000);
	assert_int_equal(w->changes, changes);
}

static void
last_peer_leaving_keeps_the_clock_running(void **state)
{
	struct world *w = *state;

	others(1, 96, 0);
	loop_fake_advance(w->loop, 625000 * 4);
	net.peers = 0;
	net.session->changed(net.session->arg);
	assert_int_equal(w->lost, 1);
	assert_true(metro_runs(w->metro));
	loop_fake_advance(w->loop, 625000 * 4);
	near(beat_now(w), 8, 1e-3);
	assert_int_equal(word(w).peers, 0);
	assert_int_equal(word(w).heard_us, 625000 * 4);
	assert_true(tempo(w, 100, false));	/* nobody is left to be asked */
}

static void
our_running_clock_is_told_to_who_comes(void **state)
{
	struct world *w = *state;

	tempo(w, 96, false);
	assert_non_null(net.session);
	near(net.joined_bpm, 96, 1e-9);
	assert_int_equal(net.beats, 1);
	near(net.line.beat, 0, 0);
	loop_fake_advance(w->loop, 625000 * 4);
	net.peers = 1;
	net.session->changed(net.session->arg);
	near(beat_now(w), 4, 1e-3);
	near(word(w).bpm, 96, 1e-9);
}

static void
option_off_leaves_the_session_and_the_beat_runs_on(void **state)
{
	struct world *w = *state;
	int lines;

	others(2, 96, 0);
	lines = w->scribe.count;
	assert_true(opt_assign(w->settings, "link", "off", &w->err));
	bus_tell(w->bus, EV_SETTING_CHANGED, NULL, "link");
	assert_null(net.session);
	assert_int_equal(word(w).peers, 0);
	assert_int_equal(word(w).heard_us, 0);		/* just now, not never */
	assert_int_equal(w->lost, 0);			/* nobody left but we */
	assert_int_equal(w->scribe.count, lines + 1);
	assert_true(tempo(w, 90, false));
	assert_null(net.session);
	assert_true(opt_assign(w->settings, "link", "on", &w->err));
	bus_tell(w->bus, EV_SETTING_CHANGED, NULL, "link");
	assert_non_null(net.session);
}

static void
built_without_link_it_keeps_time_all_the_same(void **state)
{
	struct world *w = *state;

	metro_free(w->metro);
	net.is_built = false;
	open_metro(w, 1);
	assert_null(net.ear);
	assert_true(tempo(w, 120, false));
	loop_fake_advance(w->loop, 1000000);
	near(beat_now(w), 2, 1e-6);
	assert_false(word(w).on_link);
}

/* ---- After a restart ---- */

static void
write_journal(struct world *w, const char *path)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (int i = 0; i < w->scribe.count; i++)
		fprintf(f, "{\"seq\":%d,\"timeUs\":%lld,\"monoNs\":1,\"type\":\"%s\",%s\n", i + 1, (long long)w->scribe.lines[i].time_us,
		    w->scribe.lines[i].type, w->scribe.lines[i].json + 1);
	fclose(f);
}

static void
restart_goes_on_from_the_journal(void **state)
{
	struct world *w = *state;
	char *folder = scratch_new(), why[512] = "";
	const char *path = scratch_path(folder, "timebase.jsonl");

	tempo(w, 96, false);
	quantum(w, 8);
	loop_fake_advance(w->loop, 625000 * 3);
	downbeat(w);
	write_journal(w, path);
	if (!schema_accepts_lines("timebase", path, why, sizeof why))
		fail_msg("%s", why);
	metro_free(w->metro);
	loop_fake_advance(w->loop, 625000 * 9);
	open_metro(w, 1);
	assert_true(metro_restore(w->metro, path));
	near(beat_now(w), 12, 1e-4);
	assert_int_equal(word(w).quantum, 8);
	assert_int_equal(word(w).place.bar, 2);
	assert_int_equal(word(w).place.beat, 2);
	scratch_free(folder);
}

/* A folder may come from anywhere: beats without an end would be counted for ever. */
static void
journal_with_absurd_beats_starts_no_clock(void **state)
{
	static const char *const absurd[] = { "\"beat\":1e300,\"quantum\":4,\"downbeat\":0", "\"beat\":-1e18,\"quantum\":4,\"downbeat\":0",
		"\"beat\":1.5,\"quantum\":4,\"downbeat\":9000000000000000000", "\"beat\":1.5,\"quantum\":0,\"downbeat\":0" };
	struct world *w = *state;
	char *folder = scratch_new();
	const char *path = scratch_path(folder, "timebase.jsonl");

	for (size_t i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fprintf(f, "{\"seq\":1,\"timeUs\":%lld,\"monoNs\":1,\"type\":\"beat\",\"runs\":true,\"bpm\":120.0,%s}\n", (long long)LOOP_FAKE_UTC_US,
		    absurd[i]);
		fclose(f);
		assert_false(metro_restore(w->metro, path));
		assert_false(metro_runs(w->metro));
	}
	scratch_free(folder);
}

static void
journal_without_a_running_clock_starts_none(void **state)
{
	struct world *w = *state;
	char *folder = scratch_new();
	const char *path = scratch_path(folder, "timebase.jsonl");

	assert_false(metro_restore(w->metro, path));
	quantum(w, 3);
	write_journal(w, path);
	assert_false(metro_restore(w->metro, path));
	assert_false(metro_runs(w->metro));
	scratch_free(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_clock_runs_before_one_is_asked_for),
		TEST(tempo_starts_the_clock_on_its_downbeat),
		TEST(other_tempo_goes_on_from_the_same_beat),
		TEST(tempo_beyond_the_limits_is_refused),
		TEST(taps_tell_tempo_and_beat),
		TEST(downbeat_moves_our_own_beat_to_the_press),
		TEST(press_counts_not_the_moment_it_is_heard),
		TEST(quantum_changes_bars_not_beats),
		TEST(speed_is_ours_alone_and_leaves_the_told_tempo),
		TEST(one_line_a_minute_says_where_the_clock_stands),
		TEST(nobody_joins_before_a_session_is_heard),
		TEST(joining_takes_tempo_and_phase_and_tells_none),
		TEST(whoever_was_heard_and_went_leaves_no_session_of_ours),
		TEST(with_peers_tempo_needs_everyone),
		TEST(quantum_and_downbeat_are_ours_alone),
		TEST(their_tempo_moves_the_beats_to_come),
		TEST(phase_that_moves_unannounced_is_seen),
		TEST(what_two_clocks_read_together_differ_by_is_no_news),
		TEST(last_peer_leaving_keeps_the_clock_running),
		TEST(our_running_clock_is_told_to_who_comes),
		TEST(option_off_leaves_the_session_and_the_beat_runs_on),
		TEST(built_without_link_it_keeps_time_all_the_same),
		TEST(restart_goes_on_from_the_journal),
		TEST(journal_with_absurd_beats_starts_no_clock), TEST(journal_without_a_running_clock_starts_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
