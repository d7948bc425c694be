/*
 * t_cmd.c - every command: the shape of its words, what it asks of whom, what it refuses and with what sentence.
 */
#include "unit/deck_kit.h"
#include "app/autodirector.h"
#include "app/ramps.h"
#include "app/rehearsal.h"

static void
health_of(int n, enum node_rec state, const char *camera)
{
	struct node_health *h = xcalloc(1, sizeof *h);

	h->has_recording = true;
	h->recording.state = state;
	str_copy(h->camera, sizeof h->camera, camera);
	h->has_zoom = true;
	h->zoom = 2.0;
	fake_health(deck_cam(n), h);
	free(h);
}

/* ---- Shape ---- */

static void
words_are_checked_with_a_column(void **state)
{
	static const struct { const char *text; int column; const char *sentence; } cases[] = {
		{ "recrod start", 1, "unknown command \"recrod\"; the nearest is \"record\"" },
		{ "program-lost safe", 1, "program-lost is an option: `set program-lost VALUE` changes it" },
		{ "wiat nodes 2", 1, "unknown command \"wiat\"; the nearest is \"wait\"" },
		{ "standby", 1, "this version does not have it yet" },
		{ "at 5s cut 1", 1, "stands in cue sheets only" },
		{ "whenever alarm cut 1", 1, "stands in cue sheets only" },
		{ "wait nodes 2", 1, "stands in cue sheets only" },
		{ "record", 7, "something is missing; expected record" },
		{ "record pause", 8, "expected start or stop" },
		{ "record stop now", 13, "expected nothing more after record stop" },
		{ "record start a b", 16, "a slate with blanks stands in quotes" },
		{ "record start a in", 18, "expected a time" },
		{ "record start in 5", 17, "expected a time" },
		{ "record start in 11s", 17, "at most 10s" },
		{ "cut 1 on", 9, "expected on beat or on bar" },
		{ "tempo", 6, "something is missing" },
		{ "tempo fast", 7, "expected beats a minute, 20 to 999, or tap" },
		{ "tempo 19", 7, "expected beats a minute" },
		{ "tempo 96 all", 10, "expected --everyone" },
		{ "quantum 0", 9, "expected beats a bar, 1 to 64" },
		{ "downbeat now", 10, "too much" },
		{ "cut 1 after 0 beats", 13, "expected after N beats" },
		{ "cut 1 now on bar", 11, "expected now, on beat" },
		{ "cut 1 soon", 7, "expected now, on beat" },
		{ "cut -t 1", 1, "cut takes no -t" },
		{ "cut left guest", 10, "names with blanks stand in quotes" }, { "flip 2", 6, "flip -t 2" },
		{ "zoom -t 1 wide", 11, "expected a zoom factor" },
		{ "zoom -t 1 2 in 5s", 13, "expected over TIME" },
		{ "zoom -t 1 2 over", 17, "expected a time" },
		{ "flip sideways", 6, "expected front, back" },
		{ "format 1080p 30", 8, "expected a size such as 1920x1080" },
		{ "format 1920x1080 fast", 18, "expected pictures a second" },
		{ "lens shut", 6, "expected lock or unlock" },
		{ "label 3 desk", 9, "is a word of the command language" },
		{ "label 3 12", 9, "is all digits" },
		{ "number 1 100", 10, "from 1 to 99" },
		{ "number 1 2 3", 12, "too much" },
		{ "role 1 guest", 8, "expected +ROLE or -ROLE" },
		{ "role 1 +boss", 8, "expected +ROLE or -ROLE" },
		{ "node drop 1", 6, "expected add or forget" },
		{ "clap loud", 6, "expected silent" },
		{ "take mark", 10, "something is missing" }, { "take mark great", 11, "expected a take's number, or good, ng or keep" },
		{ "take mark 3 great", 13, "expected good, ng or keep" }, { "take mark 0 good", 11, "expected a take's number" },
		{ "take burn 3", 6, "expected mark or play" }, { "take play left 3", 11, "expected a take's number" },
		{ "take play 3", 12, "expected the camera" }, { "take play 3 left guest", 18, "names with blanks stand in quotes" },
		{ "wrap up", 6, "expected --release" },
		{ "set ack-timeot 2s", 5, "ack-timeout" },
		{ "set ack-timeout soon", 17, "is not a time" },
		{ "fault 1", 8, "something is missing" }, { "fault 1 bogus=2", 9, "unknown fault \"bogus\"" },
		{ "fault 1 bogus", 9, "unknown fault \"bogus\"; known are late" }, { "fault 1 die-after", 9, "expected die-after=VALUE, " },
		{ "fault 1 late=soon", 9, "expected a time like 2s" }, { "fault 1 late=2s until 5s", 17, "expected for TIME" },
		{ "fault 1 late=2s for", 20, "expected a time" }, { "fault 1 2:late=2s", 9, "unknown fault" }, { "live now", 6, "too much" },
		{ "lock hard", 6, "expected on, off" },
		{ "zoom -t @boss 2", 1, "is no role" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct err e = { .kind = ERR_NONE };
		int column = 0;

		if (cmd_check(cases[i].text, &column, &e))
			fail_msg("\"%s\" was taken", cases[i].text);
		if (strstr(e.text, cases[i].sentence) == NULL || column != cases[i].column)
			fail_msg("\"%s\": %d: %s", cases[i].text, column, e.text);
	}
}

static void
every_good_form_is_taken(void **state)
{
	static const char *const texts[] = {
		"record start", "record start ep12", "record -t 1,2 start \"ep 12\" in 5s", "record start in 500ms", "record stop",
		"record start \"in\"", "preview 2", "cut", "cut 2", "cut now", "cut 2 now", "cut back", "cut safe", "cut black", "cut on bar",
		"cut 2 on beat", "cut 2 after 4 beats --force", "cancel", "amend 2", "strike", "zoom 2", "zoom -t 1 2.5 over 500ms --force",
		"zoom +0.2", "zoom -0.2", "flip", "flip -t all front", "format -t 1 1920x1080 29.97", "lens lock -t all", "tag", "tag good laugh",
		"tag \"good laugh\"", "label \"iPhone 16 Plus\" left", "label 1 \"\"", "number left 3", "role left +director -guest",
		"name Saturday episode", "node add 10.0.0.7", "node add http://cam/stream", "node forget left", "out 2 battery swap", "in 2",
		"view health", "layout sheet", "graphics next", "theme mono", "lock", "lock off", "take mark good", "take mark 3 ng out of focus", "take mark 003 keep \"a b\"", "take play 12 \"left guest\"", "wrap", "wrap --release", "help", "help cut", "identify", "clap silent",
		"echo", "echo done", "set ack-timeout 3s", "set bell", "quit", "quit --force", "seen",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct err e = { .kind = ERR_NONE };
		int column = 0;

		if (strcmp(texts[i], "tag") == 0)
			continue;	/* needs its text: below */
		if (!cmd_check(texts[i], &column, &e))
			fail_msg("\"%s\": %d: %s", texts[i], column, e.text);
	}
	assert_false(cmd_check("tag", &(int){ 0 }, NULL));
}

static void
a_cue_sheet_names_its_targets(void **state)
{
	static const char *const texts[] = { "flip", "zoom 2", "format 1920x1080 30", "lens lock" };
	struct err e = { .kind = ERR_NONE };
	int column = 0;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_true(cmd_check(texts[i], &column, &e));
		assert_false(cmd_check_cue(NULL, texts[i], &column, &e));
		assert_non_null(strstr(e.text, "expected -t TARGETS"));
		assert_false(cmd_check_do(texts[i], &column, &e));
	}
	assert_true(cmd_check_cue(NULL, "record start", &column, &e));
	assert_true(cmd_check_cue(NULL, "wait nodes 4 within 10s", &column, &e));
	assert_true(cmd_check_cue(NULL, "zero", &column, &e));
	assert_false(cmd_check_cue(NULL, "zero now", &column, &e));
	assert_false(cmd_check_cue(NULL, "wait nothing", &column, &e));
	assert_false(cmd_check_do("wait nodes 4", &column, &e));
	assert_false(cmd_check_cue(NULL, "whenevr alarm", &column, &e));
	assert_string_equal(e.text, "unknown command \"whenevr\"; the nearest is \"whenever\"");
	assert_false(cmd_check_cue(NULL, "AT 5s cut 1", &column, &e));
	assert_string_equal(e.text, "unknown command \"AT\"; the nearest is \"at\"");
	assert_false(cmd_check_do("whenevr alarm", &column, &e));
	assert_null(strstr(e.text, "whenever"));
}

/* `when saved VERB ...`: a verb that was no word of the language would be taken for a camera. */
static void
every_command_is_a_word_that_no_camera_can_have(void **state)
{
	(void)state;
	for (int i = 0; cmd_table[i] != NULL; i++)
		if (!cmdline_is_word(cmd_table[i]->name))
			fail_msg("%s could be a camera's label", cmd_table[i]->name);
}

static void
the_table_is_whole(void **state)
{
	(void)state;
	for (int i = 0; cmd_table[i] != NULL; i++) {
		const struct cmd_def *def = cmd_table[i];

		assert_ptr_equal(cmd_find(def->name), def);
		assert_true(str_has_prefix(def->usage, def->name));
		assert_true(def->help[strlen(def->help) - 1] == '.');
		assert_non_null(def->group);
		assert_string_equal(cmd_help_at(i)->name, def->name);
		assert_string_equal(cmd_help_at(i)->help, def->help);
	}
	assert_null(cmd_find("rec"));
}

/* ---- Switching ---- */

static void
cut_asks_the_director(void **state)
{
	struct deck_kit *d = deck_new(state, 3);

	str_copy(d->director.preview, ID_BYTES, "cam2");
	deck_do(d, "cut");
	assert_string_equal(d->director.program, "cam2");
	assert_null(d->director.asked.to);
	assert_int_equal(d->director.asked.n, 1);
	assert_string_equal(d->director.asked_by, "key:anna");
	for (int i = 1; i <= 3; i++)
		deck_answer(d, i, NODE_OK);
	deck_expect_has(d, "end 1 ok 3/3 ");
	deck_do(d, "cut cam3");
	assert_string_equal(d->director.program, "cam3");
	deck_do(d, "cut back");
	assert_true(d->director.asked.back);
	deck_do(d, "cut black --force");
	assert_true(d->director.asked.black && d->director.asked.force);
	deck_free(d, state);
}

static void
cut_on_the_beat_is_refused_while_no_clock_runs(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "cut 2 on bar");
	deck_expect_has(d, "end 1 error 0.0ms \"no clock runs");
	deck_do(d, "cut 2 after 4 beats");
	deck_expect_has(d, "end 2 error 0.0ms \"no clock runs");
	assert_int_equal(d->director.cuts, 0);
	deck_free(d, state);
}

static void
nothing_goes_wrong_on_purpose_in_a_show(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "fault 1 late=2s --force");
	deck_expect_has(d, "end 1 error 0.0ms \"this is no rehearsal: ");
	deck_do(d, "live --force");
	deck_expect_has(d, "end 2 error 0.0ms \"this is the show already\"");
	deck_free(d, state);
}

static void
clock_commands_set_the_clock_and_end_when_it_is_written(void **state)
{
	struct deck_kit *d = deck_new(state, 2);
	struct metro_word w;

	deck_do(d, "downbeat");
	deck_expect_has(d, "end 1 error 0.0ms \"no clock runs");
	deck_do(d, "tempo 96");
	deck_expect_has(d, "end 2 ok ");
	deck_do(d, "quantum 3");
	deck_expect_has(d, "end 3 ok ");
	deck_do(d, "downbeat");
	deck_expect_has(d, "end 4 ok ");
	metro_say(d->deck.metro, &w);
	assert_true(w.runs && w.bpm == 96 && w.quantum == 3 && w.place.bar == 1);
	assert_int_equal(d->scribe.lines[0].which, SCRIBE_COMMANDS);	/* the refusal */
	assert_string_equal(d->scribe.lines[1].type, "beat");
	assert_non_null(strstr(d->scribe.lines[1].json, "\"by\":\"key:anna\""));
	deck_free(d, state);
}

static void
three_taps_make_a_tempo(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	struct metro_word w;

	for (int i = 0; i < 3; i++) {
		deck_do(d, "tempo tap");
		if (i < 2)
			loop_fake_advance(d->k->loop, 500000);
	}
	deck_expect_has(d, "say 1 \"tapped; the third of a row tells the tempo\"\nend 1 ok ");
	deck_expect_has(d, "end 2 ok ");
	deck_expect_has(d, "say 3 \"120.0 beats a minute\"\nend 3 ok ");
	metro_say(d->deck.metro, &w);
	assert_true(w.runs && w.bpm > 119.99 && w.bpm < 120.01);
	deck_free(d, state);
}

static void
cut_on_the_clock_says_what_is_pending_until_cancelled(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "tempo 120");
	deck_hush(d);
	deck_do(d, "cut 2 after 3 beats");
	assert_true(d->director.asked.on_clock);
	assert_true(d->director.asked.beat == 3);
	deck_expect_has(d, "say 2 \"pending: cam2 in 3 beats\"\n");
	deck_do(d, "cut 1 on bar");
	assert_true(d->director.asked.beat == 4);
	d->director.swallows = true;
	deck_do(d, "cut 1 on bar");
	deck_expect_has(d, "say 4 \"pending already: cam1 in 4 beats\"\nend 4 ok ");
	deck_do(d, "cancel");
	deck_expect_has(d, "say 5 \"cancelled: cam1\"\nend 5 ok ");
	assert_false(d->director.pends);
	deck_free(d, state);
}

static void
cut_safe_needs_somebody_safe(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "cut safe");
	deck_expect_has(d, "no camera has the role safe; `role NODE +safe` gives it to one");
	registry_find(d->k->reg, "cam2")->roles |= ROLE(SAFE);
	deck_do(d, "cut safe");
	assert_string_equal(d->director.program, "cam2");
	deck_free(d, state);
}

static void
a_swallowed_cut_is_ok_and_says_so(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "cut 1");
	d->director.swallows = true;
	deck_do(d, "cut 1");
	assert_true(d->director.asked.unless_on);
	deck_expect_has(d, "say 2 \"cam1 is on already: nothing is cut\"");
	deck_expect_has(d, "end 2 ok 0.0ms\n");
	deck_do(d, "cut 1 --force");		/* meant; and so is a cue's: a sheet counts its cuts */
	assert_false(d->director.asked.unless_on);
	deck_expect_has(d, "say 3 \"the same cut was done just now");
	deck_free(d, state);
}

/* Pressing what is on says that it stays. */
static void
a_press_of_what_is_on_holds_auto_back(void **state)
{
	struct deck_kit *d = deck_new(state, 2);
	struct autodirector_word word;

	deck_do(d, "cut 1");
	d->deck.autodirector = autodirector_new(d->k->loop, d->k->crew, &d->director, NULL, d->k->bus, &d->k->clk, d->k->settings, 1);
	deck_do(d, "auto on");
	autodirector_say(d->deck.autodirector, &word);
	assert_string_equal(word.next, "cam2");
	assert_int_equal(word.yields_us, 0);
	d->director.swallows = true;
	deck_do(d, "cut 1");
	autodirector_say(d->deck.autodirector, &word);
	assert_true(word.yields_us > 0);
	autodirector_free(d->deck.autodirector);
	d->deck.autodirector = NULL;
	deck_free(d, state);
}

static void
the_same_cut_again_does_what_was_refused(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	err_set(&d->director.refusal, ERR_UNFORCED, "cam1 is LOST");
	deck_do(d, "cut 1");
	deck_do(d, "cut 2");		/* another one: no insisting */
	assert_int_equal(d->director.cuts, 0);
	loop_fake_advance(d->k->loop, 2900000);
	deck_do(d, "cut 2");
	assert_int_equal(d->director.cuts, 1);
	deck_do(d, "cut 1");
	loop_fake_advance(d->k->loop, 3100000);
	deck_do(d, "cut 1");		/* too late to mean it */
	assert_int_equal(d->director.cuts, 1);
	deck_free(d, state);
}

static void
a_cue_sheet_never_insists(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	err_set(&d->director.refusal, ERR_UNFORCED, "cam1 is LOST");
	deck_ask(d, "cut 1", true);
	deck_ask(d, "cut 1", true);
	loop_fake_advance(d->k->loop, 0);
	assert_int_equal(d->director.cuts, 0);
	deck_free(d, state);
}

static void
panic_cuts_to_safety_and_ends_the_zooms(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	d->deck.ramps = ramps_new(d->k->loop);
	deck_do(d, "panic");
	deck_expect_has(d, "end 1 error ");
	deck_expect_has(d, "no source is live");
	registry_find(d->k->reg, "cam1")->roles |= ROLE(SAFE);
	str_copy(d->director.preview, sizeof d->director.preview, "cam2");
	deck_do(d, "zoom 4 over 2s");
	loop_fake_advance(d->k->loop, 1000000);
	deck_do(d, "panic");
	assert_int_equal(d->director.panics, 2);
	assert_string_equal(d->director.program, "cam1");
	assert_string_equal(d->director.asked_by, "panic");
	deck_expect_has(d, "1 zoom ends where it is now: cam2");
	assert_int_equal(deck_sent(2)->verb, NODE_ZOOM);
	assert_true(deck_sent(2)->factor > 1.9 && deck_sent(2)->factor < 2.1);
	deck_do(d, "panic");
	deck_expect_has(d, "cam1 is on already: it stays");
	assert_int_equal(d->director.cuts, 1);
	ramps_free(d->deck.ramps);
	d->deck.ramps = NULL;
	deck_free(d, state);
}

static void
preview_amend_strike_and_cancel(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "preview 2");
	assert_string_equal(d->director.preview, "cam2");
	deck_do(d, "preview cam9");
	deck_expect_has(d, "end 2 error ");
	deck_do(d, "amend 1");
	deck_expect_has(d, "there was no cut to amend");
	deck_do(d, "cut 2");
	deck_do(d, "amend 1");
	assert_int_equal(d->director.amends, 1);
	deck_do(d, "strike");
	assert_int_equal(d->director.strikes, 1);
	deck_expect_has(d, "end 6 ok ");		/* its line is on disk */
	deck_do(d, "cancel");
	deck_expect_has(d, "say 7 \"no cut is pending\"\nend 7 ok ");
	deck_free(d, state);
}

/* ---- Rolling ---- */

static void
record_asks_recordall(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "record start ep12 in 5s");
	assert_int_equal(d->recordall.target_count, 2);
	assert_false(d->recordall.is_explicit);
	assert_string_equal(d->recordall.slate, "ep12");
	assert_int_equal(d->recordall.in_us, 5000000);
	deck_answer(d, 1, NODE_OK);
	deck_answer(d, 2, NODE_REFUSED);
	deck_expect_has(d, "end 1 partial 1/2 ");
	deck_do(d, "record start");
	deck_expect_has(d, "end 2 error 0.0ms \"take 003 rolls already\"");
	deck_do(d, "record -t 2 stop");
	assert_true(d->recordall.is_explicit);
	assert_int_equal(d->recordall.target_count, 1);
	deck_free(d, state);
}

static bool
tell_fleet(void *arg, const char *line, struct err *e)
{
	(void)arg;
	(void)line;
	(void)e;
	return true;
}

static void
live_waits_for_a_take_whichever_way_it_is_going(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	const struct rehearsal_parts parts = { .loop = d->k->loop, .crew = d->k->crew, .bus = d->k->bus, .scribe = &d->scribe,
		.recordall = &d->recordall, .tell = tell_fleet, .with_cameras = true };
	struct take_device devices[] = { { .state = TAKE_STOPPING }, { .state = TAKE_RECORDING } };
	struct take take = { .take = "003", .device_count = 2, .devices = devices };

	d->deck.rehearsal = rehearsal_new(&parts);
	d->recordall.take = &take;
	d->recordall.rolls = true;
	deck_do(d, "live --force");
	deck_expect_has(d, "take 003 rolls, and is a rehearsal's: `record stop` first");
	devices[1].state = TAKE_SAVED;
	deck_do(d, "live --force");
	deck_expect_has(d, "take 003 is being stopped; in a moment again");
	d->recordall.rolls = false;
	deck_do(d, "live --force");
	deck_expect_has(d, "say 3 \"LIVE: takes count from now on\"");
	rehearsal_free(d->deck.rehearsal);
	deck_free(d, state);
}

static void
nobody_to_roll_is_a_sentence_and_stop_is_passed_on(void **state)
{
	struct deck_kit *d = deck_new(state, 0);

	deck_do(d, "record start");
	deck_expect_has(d, "end 1 error 0.0ms \"no camera is in the show: there is nothing to roll\"");
	deck_do(d, "record stop");
	deck_expect_has(d, "end 2 error 0.0ms \"no take rolls\"");
	deck_free(d, state);
}

static void
a_planned_roll_becomes_a_countdown(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	const struct cmdq_ask ask = { .text = "record start", .by = "cue:s:1", .from_cue = true,
		.at_us = clk_utc_us(&d->k->clk) + 400000 };

	cmdq_submit(d->q, &ask);
	loop_fake_advance(d->k->loop, 0);
	assert_int_equal(d->recordall.in_us, 400000);
	deck_free(d, state);
}

static void
clap_goes_to_all_with_its_sound(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "clap");
	assert_int_equal(deck_sent(2)->verb, NODE_MARKER);
	assert_string_equal(deck_sent(2)->name, "clap");
	assert_true(deck_sent(2)->sound);
	deck_do(d, "clap -t 2 silent");
	assert_false(deck_sent(2)->sound);
	assert_int_equal(deck_cam(1)->command_count, 1);
	deck_free(d, state);
}

static const struct fake_line *
last_line(const struct deck_kit *d, enum scribe_journal which)
{
	for (int i = d->scribe.line_count - 1; i >= 0; i--)
		if (d->scribe.lines[i].which == which)
			return &d->scribe.lines[i];
	fail_msg("no line was written");
	return NULL;
}

/* All at one instant, each told on its own clock; one whose clock is not known cannot be told an instant. */
static void
clap_is_planned_for_one_instant(void **state)
{
	struct deck_kit *d = deck_new(state, 2);
	const int64_t now_us = clk_utc_us(d->deck.clk);
	const struct offset_sample ahead = { now_us, now_us + 2000, now_us + 30001000, now_us + 30001000 };

	deck_cam(1)->fns->clock(deck_cam(1)->arg, deck_cam(1), &ahead, "e");
	deck_do(d, "clap");
	assert_int_equal(deck_sent(1)->at_us, now_us + 500000 + 30000000);
	assert_int_equal(deck_sent(2)->at_us, 0);
	deck_do(d, "set record-lead 0ms");
	deck_do(d, "clap");
	assert_int_equal(deck_sent(1)->at_us, 0);
	deck_free(d, state);
}

static void
clap_stands_in_the_journal_whoever_shows_it(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	const struct cmdq_ask ask = { .text = "clap silent", .by = "do", .at_us = LOOP_FAKE_UTC_US + 5000000 };

	deck_do(d, "clap");
	assert_int_equal(last_line(d, SCRIBE_MARKERS)->time_us, clk_utc_us(d->deck.clk) + 500000);	/* as far ahead as a roll */
	assert_string_equal(last_line(d, SCRIBE_MARKERS)->type, "clap");
	assert_non_null(strstr(last_line(d, SCRIBE_MARKERS)->json, "{\"name\":\"clap\",\"take\":null,\"sound\":true,\"command\":1,\"requestedUs\":"));
	cmdq_submit(d->q, &ask);
	loop_fake_advance(d->k->loop, 0);
	assert_int_equal(last_line(d, SCRIBE_MARKERS)->time_us, LOOP_FAKE_UTC_US + 5000000);
	deck_do(d, "out 1");
	deck_do(d, "clap");
	assert_non_null(strstr(last_line(d, SCRIBE_MARKERS)->json, "\"command\":2,"));	/* to nobody: none */
	deck_free(d, state);
}

/* ---- Cameras ---- */

static void
flip_always_says_the_position(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	health_of(1, NODE_REC_IDLE, "back");
	health_of(2, NODE_REC_IDLE, "front");
	deck_do(d, "flip -t all");
	assert_string_equal(deck_sent(1)->position, "front");
	assert_string_equal(deck_sent(2)->position, "back");
	deck_do(d, "flip -t all back");
	assert_string_equal(deck_sent(1)->position, "back");
	assert_string_equal(deck_sent(2)->position, "back");
	deck_free(d, state);
}

static void
flip_spares_what_records_and_what_is_on_program(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	health_of(1, NODE_REC_RECORDING, "back");
	deck_do(d, "flip -t 1");
	deck_expect_has(d, "end 1 error 0.0ms \"cam1 is recording; --force does it all the same\"");
	str_copy(d->director.program, ID_BYTES, "cam2");
	deck_do(d, "flip -t 2");
	deck_expect_has(d, "\"cam2 is on program; --force does it all the same\"");
	assert_null(deck_sent(1));
	assert_null(deck_sent(2));
	deck_do(d, "flip -t 1,2 --force");
	assert_non_null(deck_sent(1));
	assert_non_null(deck_sent(2));
	deck_free(d, state);
}

static void
zoom_spares_program_only(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	health_of(1, NODE_REC_RECORDING, "back");
	str_copy(d->director.program, ID_BYTES, "cam2");
	deck_do(d, "zoom -t 1 3");
	assert_true(deck_sent(1)->factor > 2.99 && deck_sent(1)->factor < 3.01);
	deck_do(d, "zoom -t 2 3");
	deck_expect_has(d, "cam2 is on program");
	assert_null(deck_sent(2));
	deck_free(d, state);
}

static void
a_zoom_step_starts_where_the_node_is(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	health_of(1, NODE_REC_IDLE, "back");	/* at 2.0 */
	deck_do(d, "zoom -t 1 +0.5");
	assert_true(deck_sent(1)->factor > 2.49 && deck_sent(1)->factor < 2.51);
	deck_do(d, "zoom -t 1 -1.5");
	assert_true(deck_sent(1)->factor > 0.99 && deck_sent(1)->factor < 1.01);	/* never below 1 */
	deck_free(d, state);
}

static void
without_t_it_is_the_preview_source(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "zoom 2");
	deck_expect_has(d, "no camera is on preview; name one with -t");
	str_copy(d->director.preview, ID_BYTES, "cam2");
	deck_do(d, "zoom 2");
	assert_null(deck_sent(1));
	assert_non_null(deck_sent(2));
	deck_ask(d, "zoom 2", true);
	loop_fake_advance(d->k->loop, 0);
	deck_expect_has(d, "expected -t TARGETS");
	deck_free(d, state);
}

static void
format_lens_and_identify(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "format -t 1 1920x1080 30");
	assert_int_equal(deck_sent(1)->verb, NODE_FORMAT);
	assert_int_equal(deck_sent(1)->width, 1920);
	assert_int_equal(deck_sent(1)->height, 1080);
	deck_do(d, "lens lock -t 1");
	assert_true(deck_sent(1)->exposure && deck_sent(1)->focus && deck_sent(1)->white_balance);
	deck_do(d, "lens unlock -t 1");
	assert_false(deck_sent(1)->exposure);
	str_copy(d->director.program, ID_BYTES, "cam1");
	deck_do(d, "identify");
	assert_true(deck_sent(1)->identify && deck_sent(2)->identify);
	assert_int_equal(deck_sent(1)->tally, NODE_TALLY_PROGRAM);	/* its light stays what it is */
	assert_int_equal(deck_sent(2)->tally, NODE_TALLY_OFF);
	deck_free(d, state);
}

/* ---- Crew and notes ---- */

static void
a_label_is_written_before_it_is_answered(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	d->scribe.is_slow = true;
	deck_do(d, "label 1 left guest");
	deck_expect(d, "begin 1 label 1 left guest\n");
	assert_string_equal(registry_find(d->k->reg, "cam1")->label, "left guest");
	assert_int_equal(d->scribe.manifests, 1);
	assert_string_equal(last_line(d, SCRIBE_SOURCES)->json, "{\"node\":\"cam1\",\"label\":\"left guest\"}");
	fake_flush(&d->scribe);
	deck_expect(d, "");		/* its line in commands.jsonl is still on its way */
	fake_flush(&d->scribe);
	deck_expect(d, "end 1 ok 0.0ms\n");
	d->scribe.is_slow = false;
	deck_do(d, "label 2 \"left guest\"");
	deck_expect_has(d, "end 2 error ");
	deck_do(d, "label 1 \"\"");
	assert_string_equal(last_line(d, SCRIBE_SOURCES)->json, "{\"node\":\"cam1\",\"label\":null}");
	deck_free(d, state);
}

static void
a_taken_number_is_swapped_in_two_lines(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "number cam1 2");
	assert_int_equal(registry_find(d->k->reg, "cam2")->number, 1);
	assert_string_equal(d->scribe.lines[0].json, "{\"node\":\"cam2\",\"number\":1}");
	assert_string_equal(d->scribe.lines[1].json, "{\"node\":\"cam1\",\"number\":2}");
	deck_expect_has(d, "end 1 ok ");
	deck_free(d, state);
}

static void
roles_come_and_go(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	registry_find(d->k->reg, "cam1")->roles = ROLE(GUEST);
	deck_do(d, "role 1 +safe -guest");
	assert_int_equal(registry_find(d->k->reg, "cam1")->roles, ROLE(SAFE));
	assert_string_equal(last_line(d, SCRIBE_SOURCES)->json, "{\"node\":\"cam1\",\"roles\":[\"safe\"]}");
	str_copy(registry_find(d->k->reg, "cam1")->info.role, NODE_WORD, "camera");
	registry_find(d->k->reg, "cam1")->roles = 0;
	deck_do(d, "role 1 +must");		/* what it brought along stays */
	assert_string_equal(last_line(d, SCRIBE_SOURCES)->json, "{\"node\":\"cam1\",\"roles\":[\"camera\",\"must\"]}");
	deck_do(d, "role 1 -camera -must");
	assert_string_equal(last_line(d, SCRIBE_SOURCES)->json, "{\"node\":\"cam1\",\"roles\":[\"camera\"]}");
	deck_free(d, state);
}

static void
out_and_in(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "out 2 battery swap");
	assert_true(registry_find(d->k->reg, "cam2")->out);
	assert_string_equal(registry_find(d->k->reg, "cam2")->out_reason, "battery swap");
	deck_do(d, "clap");
	assert_null(deck_sent(2));
	deck_do(d, "in 2");
	assert_false(registry_find(d->k->reg, "cam2")->out);
	assert_string_equal(last_line(d, SCRIBE_SOURCES)->type, "in");
	deck_free(d, state);
}

static void
node_add_tries_and_forget_forgets(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "node add 10.0.0.77:9000");
	assert_non_null(fake_conn("10.0.0.77"));
	deck_do(d, "node forget 10.0.0.77:9000");
	deck_expect_has(d, "10.0.0.77:9000 is tried no more");
	assert_int_equal(crew_seen_count(d->k->crew), 0);
	deck_do(d, "node forget 10.0.0.77:9000");
	deck_expect_has(d, "error");
	str_copy(d->director.program, ID_BYTES, "cam1");
	deck_do(d, "node forget 1");
	deck_expect_has(d, "cam1 is on program; --force forgets it all the same");
	deck_do(d, "node forget 2");
	assert_null(registry_find(d->k->reg, "cam2"));
	assert_string_equal(last_line(d, SCRIBE_SOURCES)->json, "{\"node\":\"cam2\"}");
	deck_free(d, state);
}

static void
forgetting_a_camera_of_a_running_take_is_insisted_on(void **state)
{
	struct deck_kit *d = deck_new(state, 2);
	struct take_device device = { .node = "cam2", .state = TAKE_RECORDING };
	struct take take = { .take = "003", .device_count = 1, .devices = &device };

	d->recordall.take = &take;
	d->recordall.rolls = true;
	deck_do(d, "node forget 2");
	deck_expect_has(d, "cam2 is in take 003, which rolls: it would roll on unseen; --force forgets it all the same");
	assert_non_null(registry_find(d->k->reg, "cam2"));
	deck_do(d, "node forget 2 --force");
	assert_null(registry_find(d->k->reg, "cam2"));
	assert_int_equal(d->k->inner[EV_NOTICE], 1);
	deck_do(d, "node forget 1");		/* not in it */
	assert_null(registry_find(d->k->reg, "cam1"));
	deck_free(d, state);
}

static void
a_tag_has_the_time_of_its_key_press(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	const struct cmdq_ask ask = { .text = "tag good  laugh", .by = "key:anna", .pressed_us = 1763700000000000LL };

	cmdq_submit(d->q, &ask);
	loop_fake_advance(d->k->loop, 0);
	assert_int_equal(d->scribe.lines[0].time_us, 1763700000000000LL);
	assert_string_equal(d->scribe.lines[0].json, "{\"text\":\"good  laugh\",\"take\":null}");
	d->recordall.rolls = true;
	deck_do(d, "tag \"a # b\"");
	assert_string_equal(last_line(d, SCRIBE_MARKERS)->json, "{\"text\":\"a # b\",\"take\":\"003\"}");
	deck_free(d, state);
}

/* ---- Screen, settings, quit ---- */

static void
screen_words_play_headless_too(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "view health");
	deck_expect_has(d, "end 1 ok ");
	deck_do(d, "view maze");
	deck_expect_has(d, "end 2 error 0.0ms \"there is no view \\\"maze\\\"");
	deck_do(d, "theme mono");
	deck_do(d, "lock");
	deck_do(d, "seen");
	deck_expect_has(d, "end 5 ok ");
	d->deck.stage = NULL;
	deck_do(d, "view health");
	deck_expect_has(d, "view needs a screen");
	deck_free(d, state);
}

static void
help_is_text_where_there_is_no_screen(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "help strike");
	deck_expect_has(d, "say 1 \"strike: The last cut");
	deck_do(d, "help");
	deck_expect_has(d, "say 2 \"cut [NODE|");
	deck_expect_has(d, "say 2 \"quit [--force]");
	deck_do(d, "help zzz");
	deck_expect_has(d, "there is no command \\\"zzz\\\"");
	deck_free(d, state);
}

static void
set_changes_and_tells(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "set cut-guard 100ms");
	assert_int_equal(opt_int(d->k->settings, "cut-guard"), 100000);
	assert_int_equal(d->k->inner[EV_SETTING_CHANGED], 1);
	deck_do(d, "set cut-guard");
	deck_expect_has(d, "say 2 \"cut-guard 100ms\"");
	deck_do(d, "set cut-guard 2h");
	deck_expect_has(d, "end 3 error ");
	assert_int_equal(opt_int(d->k->settings, "cut-guard"), 100000);
	deck_do(d, "set");
	deck_expect_has(d, "say 4 \"cut-guard 100ms: How long a repeat");
	deck_free(d, state);
}

static void
quit_asks_while_a_take_rolls(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	d->recordall.rolls = true;
	deck_do(d, "quit");
	deck_expect_has(d, "take 003 rolls");
	assert_int_equal(d->quits, 0);
	loop_fake_advance(d->k->loop, 5100000);
	deck_do(d, "quit");		/* too late: it asks again */
	assert_int_equal(d->quits, 0);
	loop_fake_advance(d->k->loop, 4000000);
	deck_do(d, "quit");
	assert_int_equal(d->quits, 1);
	deck_do(d, "quit --force");
	assert_int_equal(d->quits, 2);
	d->recordall.rolls = false;
	deck_do(d, "quit");
	assert_int_equal(d->quits, 3);
	deck_free(d, state);
}

static void
quit_asks_while_files_are_not_home(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	struct take_part parts[2] = { { .part = 1, .state = TAKE_SAVED }, { .part = 2, .state = TAKE_FETCHED } };
	struct take_device devices[2] = { { .state = TAKE_SAVED, .part_count = 2, .parts = parts }, { .state = TAKE_FAILED } };
	struct take take = { .take = "007", .device_count = 2, .devices = devices };

	d->recordall.take = &take;
	deck_do(d, "quit");
	deck_expect_has(d, "take 007: 2 files are not home yet: `quit` again within 5 s");
	assert_int_equal(d->quits, 0);
	deck_do(d, "quit");
	assert_int_equal(d->quits, 1);
	deck_ask(d, "quit", true);		/* nobody is there to be asked */
	loop_fake_advance(d->k->loop, 0);
	assert_int_equal(d->quits, 2);
	parts[0].state = TAKE_FAILED;		/* given up: nothing is on its way */
	loop_fake_advance(d->k->loop, 6000000);
	deck_hush(d);
	deck_do(d, "quit");
	deck_expect_has(d, "take 007: 1 file is not home yet");
	parts[1].state = TAKE_VERIFIED;
	deck_do(d, "quit");
	assert_int_equal(d->quits, 3);
	deck_free(d, state);
}

static void
quit_asks_while_a_file_is_not_even_told_of(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	struct take_device device = { .state = TAKE_SAVED };
	struct take take = { .take = "007", .device_count = 1, .devices = &device };

	d->recordall.take = &take;
	deck_do(d, "quit");
	deck_expect_has(d, "take 007: 1 file is not home yet");
	assert_int_equal(d->quits, 0);
	deck_do(d, "quit --force");
	assert_int_equal(d->quits, 1);
	deck_free(d, state);
}

/* ---- Takes ---- */

static void
a_mark_is_written_with_the_take_it_means(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	struct take take = { .take = "007" };
	const struct fake_line *line;

	deck_do(d, "take mark good");
	deck_expect_has(d, "there is no take yet");
	d->recordall.take = &take;
	deck_hush(d);
	d->scribe.is_slow = true;
	deck_do(d, "take mark good the one with the laugh");
	line = &d->scribe.lines[d->scribe.line_count - 1];
	assert_int_equal(line->which, SCRIBE_MARKERS);
	assert_string_equal(line->type, "mark");
	assert_string_equal(line->json, "{\"take\":\"007\",\"verdict\":\"good\",\"text\":\"the one with the laugh\"}");
	assert_null(strstr(deck_said(d), "take 007: good"));	/* not before it is on disk */
	fake_flush(&d->scribe);
	d->scribe.is_slow = false;
	loop_fake_advance(d->k->loop, 0);
	deck_expect_has(d, "take 007: good, the one with the laugh");
	deck_do(d, "take mark ng");
	line = &d->scribe.lines[d->scribe.line_count - 2];	/* before its own in commands.jsonl */
	assert_string_equal(line->json, "{\"take\":\"007\",\"verdict\":\"ng\"}");
	deck_hush(d);
	deck_do(d, "take mark 9 keep");
	deck_expect_has(d, "no take 009 in this Sphere");
	deck_free(d, state);
}

static void
play_says_what_there_is_to_play(void **state)
{
	struct deck_kit *d = deck_new(state, 2);
	struct take_part part = { .part = 1, .state = TAKE_SAVED, .file = "007-cam1.mp4" };
	struct take_device device = { .node = "", .state = TAKE_SAVED, .part_count = 1, .parts = &part };
	struct take take = { .take = "007", .archive = "/mnt/nas/show/007", .device_count = 1, .devices = &device };

	str_copy(device.node, sizeof device.node, crew_at(d->k->crew, 0)->node->id);
	d->recordall.take = &take;
	setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22", 1);
	deck_do(d, "take play 7 1");
	deck_expect_has(d, "is still on the camera: `fetch 007` brings it home");
	part.state = TAKE_FAILED;
	str_copy(part.reason, sizeof part.reason, "SHA-256 differs from the node's");
	deck_do(d, "take play 7 1");
	deck_expect_has(d, "was given up: SHA-256 differs from the node's");
	deck_do(d, "take play 7 2");
	deck_expect_has(d, "was not asked in take 007");
	deck_do(d, "take play 8 1");
	deck_expect_has(d, "no take 008 in this Sphere");
	part.state = TAKE_VERIFIED;
	deck_do(d, "take play 7 1");
	deck_expect_has(d, "/mnt/nas/show/007/007-cam1.mp4 (over SSH no window is opened)");
	unsetenv("SSH_CONNECTION");
	deck_free(d, state);
}

static void
nothing_is_wrapped_without_a_folder(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "wrap");
	deck_expect_has(d, "there is nothing to wrap without a Sphere folder");
	deck_free(d, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_checked_with_a_column),
		cmocka_unit_test(every_good_form_is_taken),
		cmocka_unit_test(a_cue_sheet_names_its_targets),
		cmocka_unit_test(every_command_is_a_word_that_no_camera_can_have),
		cmocka_unit_test(the_table_is_whole),
		cmocka_unit_test(cut_asks_the_director),
		cmocka_unit_test(cut_on_the_beat_is_refused_while_no_clock_runs), cmocka_unit_test(nothing_goes_wrong_on_purpose_in_a_show),
		cmocka_unit_test(cut_safe_needs_somebody_safe),
		cmocka_unit_test(a_swallowed_cut_is_ok_and_says_so), cmocka_unit_test(a_press_of_what_is_on_holds_auto_back),
		cmocka_unit_test(the_same_cut_again_does_what_was_refused),
		cmocka_unit_test(a_cue_sheet_never_insists),
		cmocka_unit_test(panic_cuts_to_safety_and_ends_the_zooms),
		cmocka_unit_test(preview_amend_strike_and_cancel),
		cmocka_unit_test(clock_commands_set_the_clock_and_end_when_it_is_written), cmocka_unit_test(three_taps_make_a_tempo),
		cmocka_unit_test(cut_on_the_clock_says_what_is_pending_until_cancelled),
		cmocka_unit_test(record_asks_recordall),
		cmocka_unit_test(live_waits_for_a_take_whichever_way_it_is_going),
		cmocka_unit_test(nobody_to_roll_is_a_sentence_and_stop_is_passed_on),
		cmocka_unit_test(a_planned_roll_becomes_a_countdown),
		cmocka_unit_test(clap_goes_to_all_with_its_sound),
		cmocka_unit_test(clap_is_planned_for_one_instant), cmocka_unit_test(clap_stands_in_the_journal_whoever_shows_it),
		cmocka_unit_test(flip_always_says_the_position),
		cmocka_unit_test(flip_spares_what_records_and_what_is_on_program),
		cmocka_unit_test(zoom_spares_program_only),
		cmocka_unit_test(a_zoom_step_starts_where_the_node_is),
		cmocka_unit_test(without_t_it_is_the_preview_source),
		cmocka_unit_test(format_lens_and_identify),
		cmocka_unit_test(a_label_is_written_before_it_is_answered),
		cmocka_unit_test(a_taken_number_is_swapped_in_two_lines),
		cmocka_unit_test(roles_come_and_go),
		cmocka_unit_test(out_and_in),
		cmocka_unit_test(node_add_tries_and_forget_forgets),
		cmocka_unit_test(forgetting_a_camera_of_a_running_take_is_insisted_on),
		cmocka_unit_test(a_tag_has_the_time_of_its_key_press),
		cmocka_unit_test(screen_words_play_headless_too),
		cmocka_unit_test(help_is_text_where_there_is_no_screen),
		cmocka_unit_test(set_changes_and_tells),
		cmocka_unit_test(quit_asks_while_a_take_rolls),
		cmocka_unit_test(quit_asks_while_files_are_not_home),
		cmocka_unit_test(quit_asks_while_a_file_is_not_even_told_of),
		cmocka_unit_test(a_mark_is_written_with_the_take_it_means),
		cmocka_unit_test(play_says_what_there_is_to_play),
		cmocka_unit_test(nothing_is_wrapped_without_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
