/*
 * t_cmd_screen.c - key, screen, auto and countdown as they are typed: their words, what they ask of the screen and of the show, and
 * what is left of them when the console ends in the middle.
 */
#include "unit/deck_kit.h"

#include <sys/stat.h>
#include <unistd.h>
#include "app/autodirector.h"
#include "app/countdown.h"
#include "app/keyname.h"
#include "io/diskq.h"
#include "support/scratch.h"

#define QUARTER_US 250000LL

/* ---- A screen that keeps what it was asked ---- */

static struct {
	char keys[256], help[32];
	int screens;
	bool is_gone;
	struct deck_kit *d;
} seen;

static bool
see_key(void *arg, const char *key, struct err *e)
{
	assert_ptr_equal(arg, &seen);
	if (seen.is_gone)
		return err_set(e, ERR_REFUSED, "the terminal is gone");
	snprintf(seen.keys + strlen(seen.keys), sizeof seen.keys - strlen(seen.keys), "%s ", key);
	return true;
}

static char *
see_screen(void *arg, struct err *e)
{
	assert_ptr_equal(arg, &seen);
	seen.screens++;
	if (!seen.is_gone)
		return xstrdup("NEXT nothing pending\nLAST\n");
	err_set(e, ERR_REFUSED, "the terminal is gone");
	return NULL;
}

static bool
see_help(void *arg, const char *command, struct err *e)
{
	(void)e;
	assert_ptr_equal(arg, &seen);
	return str_copy(seen.help, sizeof seen.help, command);
}

static const struct stage screen = { .arg = &seen, .key = see_key, .screen = see_screen, .help = see_help };

static struct deck_kit *
kit_with_screen(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	memset(&seen, 0, sizeof seen);
	d->deck.stage = &screen;
	return d;
}

/* ---- Words ---- */

static void
words_are_checked(void **state)
{
	static const struct { const char *text; int column; const char *sentence; } cases[] = {
		{ "key", 4, "something is missing" }, { "key \"\"", 5, "expected keys" }, { "key \"a spase\"", 5, "the nearest is `space`" },
		{ "key a ctrl-", 7, "is no key" }, { "screen", 7, "something is missing" }, { "screen a b", 10, "too much" },
		{ "screen a.json", 8, "a .json is no text" }, { "screen s/CUTS.JSONL", 8, "a .jsonl is no text" }, { "screen shots/", 8, "expected a file" },
		{ "screen \"\"", 8, "expected a file" }, { "auto", 5, "something is missing" }, { "auto yes", 6, "expected on or off" },
		{ "auto \"on\"", 6, "expected on or off" }, { "auto on off", 9, "too much" }, { "countdown out", 14, "something is missing" },
		{ "countdown out soon", 15, "expected a time of day" }, { "countdown out 20:30", 15, "expected a time of day" },
		{ "countdown \"\" 20m", 11, "expected a name" }, { "countdown out 20m 30s", 19, "too much" },
		{ "set auto-weights left", 18, "expected CAMERA=WEIGHT" }, { "set auto-shot-min 1ms", 19, "it may be 500ms to 10m" },
	};
	static const char *const good[] = { "key \"Ctrl-R Ctrl-R\"", "key Space Enter", "key quote", "screen shot.txt", "screen /tmp/x", "auto on", "auto off",
		"countdown out 20:30:00", "countdown \"a break\" 20m", "countdown out off", "set auto-weights \"left=2,@guest=0\"", "set auto-weights \"\"" };
	struct err e;
	int column = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		e = (struct err){ .kind = ERR_NONE };
		if (cmd_check(cases[i].text, &column, &e) || strstr(e.text, cases[i].sentence) == NULL || column != cases[i].column)
			fail_msg("%s: %d %s", cases[i].text, column, e.text);
	}
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!cmd_check(good[i], &column, &e) || !cmd_check_cue(NULL, good[i], &column, &e))
			fail_msg("%s: %s", good[i], e.text);
}

/* ---- key ---- */

static void
keys_come_one_after_another(void **state)
{
	struct deck_kit *d = kit_with_screen(state);

	deck_do(d, "key \"Ctrl-R Ctrl-R\" 3 Esc");
	assert_string_equal(seen.keys, "ctrl-r ");
	loop_fake_advance(d->k->loop, QUARTER_US - 1);
	assert_string_equal(seen.keys, "ctrl-r ");
	loop_fake_advance(d->k->loop, 1);
	assert_string_equal(seen.keys, "ctrl-r ctrl-r ");
	loop_fake_advance(d->k->loop, 2 * QUARTER_US);
	assert_string_equal(seen.keys, "ctrl-r ctrl-r 3 esc ");
	assert_null(strstr(deck_said(d), "end 1"));		/* the last one has its time, too */
	loop_fake_advance(d->k->loop, QUARTER_US);
	deck_expect_has(d, "end 1 ok");
	deck_free(d, state);
}

static void
another_command_does_not_wait_for_the_keys(void **state)
{
	struct deck_kit *d = kit_with_screen(state);

	deck_do(d, "key \"1 2 3\"");
	deck_do(d, "echo there");
	deck_expect_has(d, "say 2 \"there\"\nend 2 ok");
	assert_null(strstr(deck_said(d), "end 1"));
	deck_free(d, state);
}

static void
keys_end_with_the_terminal(void **state)
{
	struct deck_kit *d = kit_with_screen(state);

	deck_do(d, "key \"1 2 3\"");
	seen.is_gone = true;
	loop_fake_advance(d->k->loop, 4 * QUARTER_US);
	assert_string_equal(seen.keys, "1 ");
	deck_expect_has(d, "end 1 error ");
	deck_expect_has(d, "the terminal is gone");
	deck_free(d, state);
}

/* deck_free() proves that no timer is left. */
static void
a_console_that_ends_leaves_no_finger_behind(void **state)
{
	struct deck_kit *d = kit_with_screen(state);

	deck_do(d, "key \"1 2 3\"");
	deck_do(d, "screen shot.txt");
	assert_int_equal(cmdq_pending(d->q), 2);
	deck_free(d, state);
	assert_int_equal(seen.screens, 0);
}

static void
without_a_screen_they_are_refused(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "key a");
	deck_expect_has(d, "key needs a screen; none is here");
	deck_do(d, "screen shot.txt");
	deck_expect_has(d, "screen needs a screen; none is here");
	deck_free(d, state);
}

/* ---- screen ---- */

/* Until the disk has taken it, or not. */
static void
wait_for_the_end(struct deck_kit *d)
{
	for (int i = 0; i < 20000 && strstr(deck_said(d), "end 1") == NULL; i++) {
		loop_fake_turn(d->k->loop);
		usleep(200);
	}
}

static void
what_happened_before_is_drawn_first(void **state)
{
	struct deck_kit *d = kit_with_screen(state);
	char *folder = scratch_new(), line[300], text[64] = "";
	FILE *f;

	d->scribe.queue = diskq_new(d->k->loop);
	snprintf(line, sizeof line, "screen %s", scratch_path(folder, "one.txt"));
	deck_do(d, line);
	assert_int_equal(seen.screens, 0);
	loop_fake_advance(d->k->loop, QUARTER_US);
	assert_int_equal(seen.screens, 1);
	wait_for_the_end(d);
	deck_expect_has(d, "end 1 ok");
	setenv("HOME", folder, 1);
	deck_do(d, "screen ~/two.txt");
	loop_fake_advance(d->k->loop, QUARTER_US);
	for (int i = 0; i < 20000 && strstr(deck_said(d), "end 2") == NULL; i++) {
		loop_fake_turn(d->k->loop);
		usleep(200);
	}
	deck_expect_has(d, "end 2 ok");
	assert_int_equal(access(scratch_path(folder, "two.txt"), R_OK), 0);
	f = fopen(scratch_path(folder, "one.txt"), "r");
	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof text - 1, f), 26);
	fclose(f);
	assert_string_equal(text, "NEXT nothing pending\nLAST\n");
	diskq_free(d->scribe.queue);
	scratch_free(folder);
	deck_free(d, state);
}

static void
a_file_that_cannot_be_is_an_error(void **state)
{
	struct deck_kit *d = kit_with_screen(state);
	char *folder = scratch_new(), line[300];

	d->scribe.queue = diskq_new(d->k->loop);
	assert_int_equal(mkdir(scratch_path(folder, "a-folder"), 0700), 0);
	snprintf(line, sizeof line, "screen %s", scratch_path(folder, "a-folder"));
	deck_do(d, line);
	loop_fake_advance(d->k->loop, QUARTER_US);
	wait_for_the_end(d);
	deck_expect_has(d, "end 1 error");
	deck_expect_has(d, "a-folder");
	diskq_free(d->scribe.queue);
	scratch_free(folder);
	deck_free(d, state);
}

/* A slip of the fingers in a folder's name would leave that folder behind. */
static void
a_file_in_no_folder_is_refused(void **state)
{
	struct deck_kit *d = kit_with_screen(state);
	char *folder = scratch_new(), line[300];

	d->scribe.queue = diskq_new(d->k->loop);
	snprintf(line, sizeof line, "screen %s", scratch_path(folder, "sots/one.txt"));
	deck_do(d, line);
	loop_fake_advance(d->k->loop, QUARTER_US);
	wait_for_the_end(d);
	deck_expect_has(d, "end 1 error");
	deck_expect_has(d, "there is no folder ");
	assert_int_not_equal(access(scratch_path(folder, "sots"), F_OK), 0);
	diskq_free(d->scribe.queue);
	scratch_free(folder);
	deck_free(d, state);
}

static void
a_terminal_that_went_has_no_text(void **state)
{
	struct deck_kit *d = kit_with_screen(state);

	seen.is_gone = true;
	deck_do(d, "screen one.txt");
	loop_fake_advance(d->k->loop, QUARTER_US);
	assert_int_equal(seen.screens, 1);
	deck_expect_has(d, "the terminal is gone");
	deck_free(d, state);
}

/* ---- auto ---- */

static void
auto_says_what_it_will_do(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	d->deck.autodirector = autodirector_new(d->k->loop, d->k->crew, &d->director, d->deck.metro, d->k->bus, &d->k->clk, d->k->settings, 1);
	assert_true(opt_assign(d->k->settings, "auto-weights", "cam2=0,desk=3", NULL));
	deck_do(d, "auto on");
	deck_expect_has(d, "say 1 \"auto on: shots of 4s to 12s; next cam1\"\nsay 1 \"auto-weights names \\\"desk\\\": no camera is called so now\"\n");
	deck_expect_has(d, "end 1 ok");
	assert_true(autodirector_is_on(d->deck.autodirector));
	assert_string_equal(d->director.asked_by, "auto");
	deck_do(d, "auto off");
	assert_false(autodirector_is_on(d->deck.autodirector));
	autodirector_free(d->deck.autodirector);
	deck_free(d, state);
}

/* One row is too short for them: at the prompt they are read as help is; a program reads a line for each. */
static void
all_options_are_read_on_the_screen(void **state)
{
	struct deck_kit *d = kit_with_screen(state);

	deck_ask(d, "set", false);
	loop_fake_advance(d->k->loop, 0);
	assert_string_equal(seen.help, "set");
	assert_null(strstr(deck_said(d), "say 1"));
	deck_expect_has(d, "end 1 ok");
	seen.help[0] = '\0';
	deck_ask(d, "set", true);
	loop_fake_advance(d->k->loop, 0);
	assert_string_equal(seen.help, "");
	deck_expect_has(d, "say 2 \"cut-guard ");
	deck_expect_has(d, "say 2 \"auto-weights ");
	deck_free(d, state);
}

static void
a_weight_for_nobody_is_told_when_it_is_set(void **state)
{
	struct deck_kit *d = deck_new(state, 2);

	deck_do(d, "set auto-weights \"cam2=0,guess=1\"");
	deck_expect_has(d, "say 1 \"auto-weights names \\\"guess\\\": no camera is called so now\"\n");
	deck_expect_has(d, "end 1 ok");
	assert_string_equal(opt_text(d->k->settings, "auto-weights"), "cam2=0,guess=1");
	deck_do(d, "set auto-weights \"cam2=0,@guest=2,all=1\"");
	assert_null(strstr(deck_said(d), "say 2"));
	deck_free(d, state);
}

static void
where_nothing_goes_on_running_it_is_refused(void **state)
{
	struct deck_kit *d = deck_new(state, 1);

	deck_do(d, "auto on");
	deck_expect_has(d, "end 1 error ");
	deck_expect_has(d, "auto needs a console that goes on running");
	deck_do(d, "countdown out 20m");
	deck_expect_has(d, "countdown needs a console that goes on running");
	deck_free(d, state);
}

/* ---- countdown ---- */

static void
a_countdown_ends_when_its_line_is_on_disk(void **state)
{
	struct deck_kit *d = deck_new(state, 1);
	struct countdown_word word;

	d->deck.countdown = countdown_new(&d->scribe, d->k->bus, &d->k->clk);
	d->scribe.is_slow = true;
	deck_do(d, "countdown \"the end\" 20m");
	countdown_say(d->deck.countdown, &word);
	assert_string_equal(word.name, "the end");
	assert_int_equal(word.left_us, 1200000000);
	deck_expect_has(d, "say 1 \"the end at ");
	assert_null(strstr(deck_said(d), "end 1"));
	assert_int_equal(d->scribe.lines[0].which, SCRIBE_MARKERS);
	assert_non_null(strstr(d->scribe.lines[0].json, "\"name\":\"the end\",\"untilUs\":"));
	assert_non_null(strstr(d->scribe.lines[0].json, "\"by\":\"key:anna\""));
	d->scribe.is_slow = false;
	fake_flush(&d->scribe);
	loop_fake_advance(d->k->loop, 0);
	fake_flush(&d->scribe);
	loop_fake_advance(d->k->loop, 0);
	deck_expect_has(d, "end 1 ok");
	deck_do(d, "countdown break off");
	deck_expect_has(d, "there is no countdown");
	deck_do(d, "countdown \"the end\" off");
	countdown_say(d->deck.countdown, &word);
	assert_false(word.any);
	countdown_free(d->deck.countdown);
	d->deck.countdown = NULL;
	deck_free(d, state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_checked),
		cmocka_unit_test(keys_come_one_after_another),
		cmocka_unit_test(another_command_does_not_wait_for_the_keys),
		cmocka_unit_test(keys_end_with_the_terminal),
		cmocka_unit_test(a_console_that_ends_leaves_no_finger_behind),
		cmocka_unit_test(without_a_screen_they_are_refused),
		cmocka_unit_test(what_happened_before_is_drawn_first),
		cmocka_unit_test(a_file_that_cannot_be_is_an_error),
		cmocka_unit_test(a_file_in_no_folder_is_refused),
		cmocka_unit_test(a_terminal_that_went_has_no_text),
		cmocka_unit_test(auto_says_what_it_will_do),
		cmocka_unit_test(all_options_are_read_on_the_screen),
		cmocka_unit_test(a_weight_for_nobody_is_told_when_it_is_set),
		cmocka_unit_test(where_nothing_goes_on_running_it_is_refused),
		cmocka_unit_test(a_countdown_ends_when_its_line_is_on_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
