/*
 * t_cuedesk.c - the cue desk of the console through its command: load, go, hold, skip, back, jump, stop, and what is refused with a sentence.
 */
#include "unit/deck_kit.h"
#include "app/cuedesk.h"
#include "app/cueplay.h"
#include "base/str.h"
#include "support/scratch.h"

struct desk {
	struct deck_kit *d;
	char *folder, load[4300];	/* load: the command */
};

static struct desk *
desk_new(void **state, const char *text)
{
	struct desk *w = xcalloc(1, sizeof *w);

	w->d = deck_new(state, 2);
	w->folder = scratch_new();
	scratch_write(scratch_path(w->folder, "show.cue"), text);
	snprintf(w->load, sizeof w->load, "cue load %s", scratch_path(w->folder, "show.cue"));
	w->d->deck.cuedesk = cuedesk_new(&w->d->deck, 1, 1);
	cuedesk_connect(w->d->deck.cuedesk, w->d->q);
	return w;
}

static void
desk_free(struct desk *w, void **state)
{
	cuedesk_free(w->d->deck.cuedesk);
	deck_free(w->d, state);
	scratch_free(w->folder);
	free(w);
}

/* The command is done, and what it set going. */
static void
desk_do(struct desk *w, const char *text)
{
	deck_hush(w->d);
	deck_do(w->d, text);
	for (int i = 0; i < 5; i++)
		loop_fake_advance(w->d->k->loop, 10000);
}

static void
expect_refused(struct desk *w, const char *text, const char *sentence)
{
	desk_do(w, text);
	deck_expect_has(w->d, sentence);
	deck_expect_has(w->d, " error ");
}

static const struct cuedesk_word *
word(const struct desk *w)
{
	static struct cuedesk_word said;

	cuedesk_say(w->d->deck.cuedesk, &said);
	return &said;
}

static int
tags(const struct desk *w)
{
	int count = 0;

	for (int i = 0; i < w->d->scribe.line_count; i++)
		count += strcmp(w->d->scribe.lines[i].type, "tag") == 0;
	return count;
}

static void
nothing_is_loaded_at_first(void **state)
{
	struct desk *w = desk_new(state, "tag a\n");
	static const char *const words[] = { "cue go", "cue hold", "cue skip", "cue back", "cue jump x", "cue stop" };

	assert_false(word(w)->loaded);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		expect_refused(w, words[i], "no cue sheet is loaded; `cue load FILE` loads one");
	desk_free(w, state);
}

static void
a_sheet_is_loaded_and_played_by_go(void **state)
{
	struct desk *w = desk_new(state, "on go \"first\" tag a\non go tag b\nfinally tag z\n");

	desk_do(w, w->load);
	deck_expect_has(w->d, "show.cue 1/2, `cue go` begins it; next: on go");
	assert_true(word(w)->loaded);
	assert_false(word(w)->playing);
	assert_int_equal(tags(w), 0);
	desk_do(w, "cue go");
	assert_true(word(w)->waits_go);
	assert_string_equal(word(w)->go_text, "first");
	desk_do(w, "cue go");
	assert_int_equal(tags(w), 1);
	desk_do(w, "cue go");
	assert_true(word(w)->over);
	assert_int_equal(tags(w), 3);
	expect_refused(w, "cue go", "show.cue is over; `cue load` loads it anew");
	desk_do(w, w->load);
	assert_false(word(w)->over);
	assert_int_equal(word(w)->at, 1);
	desk_free(w, state);
}

static void
a_sheet_with_a_mistake_is_not_loaded(void **state)
{
	struct desk *w = desk_new(state, "tag a\nafter soon tag b\n");

	expect_refused(w, w->load, "show.cue:2:7: ");
	assert_false(word(w)->loaded);
	expect_refused(w, "cue load /nowhere/there.cue", "/nowhere/there.cue");
	assert_false(word(w)->loaded);
	desk_free(w, state);
}

static void
a_mistake_leaves_the_loaded_one_where_it_is(void **state)
{
	struct desk *w = desk_new(state, "on go tag a\n");

	desk_do(w, w->load);
	scratch_write(scratch_path(w->folder, "show.cue"), "nonsense\n");
	expect_refused(w, w->load, "unknown command");
	assert_true(word(w)->loaded);
	assert_string_equal(word(w)->next, "on go  tag a");
	desk_free(w, state);
}

static void
loaded_or_not(void *arg, const struct err *e)
{
	str_copy(arg, 100, e->text);
}

/* It is read while the one before is begun; neither has a cue, so that nothing but the desk can tell whose is whose. */
static void
a_sheet_that_finds_no_room_any_more_is_thrown_away(void **state)
{
	struct desk *w = desk_new(state, "# nothing yet\n");
	struct cuedesk *c = w->d->deck.cuedesk;
	struct err e = { .kind = ERR_NONE };
	char said[100] = "";

	desk_do(w, w->load);
	assert_true(cuedesk_load(c, scratch_path(w->folder, "show.cue"), loaded_or_not, said, &e));
	assert_true(cuedesk_go(c, false, &e));
	loop_fake_advance(w->d->k->loop, 10000);
	assert_string_equal(said, "a cue sheet plays by now");
	desk_do(w, w->load);
	assert_true(word(w)->loaded);
	desk_free(w, state);
}

/* Whoever is told that it is loaded may end the desk. */
static void
put_away(void *arg, const struct err *e)
{
	struct desk *w = arg;

	assert_int_equal(e->kind, ERR_NONE);
	cuedesk_free(w->d->deck.cuedesk);
	w->d->deck.cuedesk = NULL;
}

static void
a_desk_that_goes_as_its_sheet_comes_takes_it_along(void **state)
{
	struct desk *w = desk_new(state, "tag a\n");
	struct err e = { .kind = ERR_NONE };

	assert_true(cuedesk_load(w->d->deck.cuedesk, scratch_path(w->folder, "show.cue"), put_away, w, &e));
	loop_fake_advance(w->d->k->loop, 10000);
	assert_null(w->d->deck.cuedesk);
	desk_free(w, state);
}

static void
what_plays_makes_no_room(void **state)
{
	struct desk *w = desk_new(state, "on go tag a\n");

	desk_do(w, w->load);
	desk_do(w, "cue go");
	expect_refused(w, w->load, "show.cue plays; `cue stop` ends it first");
	desk_do(w, "cue stop");
	assert_true(word(w)->over);
	desk_do(w, w->load);
	assert_true(word(w)->loaded);
	assert_false(word(w)->over);
	desk_free(w, state);
}

static void
what_does_not_play_is_put_away(void **state)
{
	struct desk *w = desk_new(state, "tag a\nfinally tag z\n");

	desk_do(w, w->load);
	desk_do(w, "cue stop");			/* the wrong sheet: no G starts it */
	assert_false(word(w)->loaded);
	expect_refused(w, "cue go", "no cue sheet is loaded");
	assert_int_equal(tags(w), 0);
	desk_do(w, w->load);
	desk_do(w, "cue go");
	assert_true(word(w)->over);
	desk_do(w, "cue stop");
	assert_false(word(w)->loaded);
	assert_int_equal(tags(w), 2);
	desk_free(w, state);
}

/* What waits for its own go, what a hand held and what panic held are three things. */
static void
a_sheet_at_home_is_found(void **state)
{
	struct desk *w = desk_new(state, "on go tag a\n");

	setenv("HOME", w->folder, 1);
	desk_do(w, "cue load ~/show.cue");
	assert_true(word(w)->loaded);
	expect_refused(w, "cue load ~nobody/show.cue", "~nobody/show.cue");
	desk_free(w, state);
}

static void
what_held_the_sheet_is_told(void **state)
{
	struct desk *w = desk_new(state, "on go tag a\non go tag b\nlast: on go tag c\n");

	cuedesk_panic(w->d->deck.cuedesk);		/* nothing is loaded */
	desk_do(w, w->load);
	desk_do(w, "cue go");
	assert_true(word(w)->waits_go && !word(w)->held);
	assert_string_equal(word(w)->held_by, "");
	desk_do(w, "cue hold");
	assert_string_equal(word(w)->held_by, "hold");
	cuedesk_panic(w->d->deck.cuedesk);		/* it was held already */
	assert_string_equal(word(w)->held_by, "hold");
	desk_do(w, "cue go");
	assert_string_equal(word(w)->held_by, "");
	cuedesk_panic(w->d->deck.cuedesk);
	assert_true(word(w)->held);
	assert_string_equal(word(w)->held_by, "panic");
	desk_do(w, "cue go");
	desk_do(w, "cue jump last");
	assert_true(word(w)->held);
	assert_string_equal(word(w)->held_by, "");
	desk_free(w, state);
}

static void
the_show_caller_moves_about(void **state)
{
	struct desk *w = desk_new(state, "on go tag a\non go tag b\nlast: on go tag c\n");

	desk_do(w, w->load);
	desk_do(w, "cue go");
	desk_do(w, "cue skip");
	deck_expect_has(w->d, "show.cue 2/3, held; next: on go  tag b");
	desk_do(w, "cue jump last");
	deck_expect_has(w->d, "show.cue 3/3, held; next: on go  tag c");
	expect_refused(w, "cue jump nowhere", "show.cue has no cue of the name nowhere\"");
	expect_refused(w, "cue jump lats", "show.cue has no cue of the name lats; the nearest is last");
	expect_refused(w, "cue back", "no cue of show.cue has run before this one");
	desk_do(w, "cue hold");
	assert_true(word(w)->held);
	desk_do(w, "cue go");
	assert_int_equal(tags(w), 1);
	desk_free(w, state);
}

static void
a_key_that_is_held_lets_one_cue_go(void **state)
{
	struct desk *w = desk_new(state, "on go tag a\non go tag b\non go tag c\n");
	struct err e = { .kind = ERR_NONE };
	int done = 0;

	desk_do(w, w->load);
	desk_do(w, "cue go");
	for (int i = 0; i < 100; i++) {		/* three seconds of it */
		done += cuedesk_go(w->d->deck.cuedesk, true, &e);
		loop_fake_advance(w->d->k->loop, 30000);
	}
	assert_int_equal(done, 1);
	assert_int_equal(tags(w), 1);
	assert_string_equal(e.text, "go came just now: this repeat is swallowed (cut-guard)");
	loop_fake_advance(w->d->k->loop, 300000);
	assert_true(cuedesk_go(w->d->deck.cuedesk, true, &e));
	desk_free(w, state);
}

static void
a_sheet_that_fails_leaves_an_alarm(void **state)
{
	struct desk *w = desk_new(state, "wait nodes 9 within 20ms\n");

	desk_do(w, w->load);
	desk_do(w, "cue go");
	for (int i = 0; i < 10; i++)
		loop_fake_advance(w->d->k->loop, 10000);
	assert_true(word(w)->over);
	assert_int_equal(vitals_alarm_count(w->d->deck.vitals), 1);
	assert_non_null(strstr(vitals_alarm_at(w->d->deck.vitals, 0)->text, "expected 9 live nodes, have 2"));
	desk_free(w, state);
}

static void
a_player_of_somebody_else_is_told_the_same_words(void **state)
{
	struct desk *w = desk_new(state, "tag x\n");
	struct cue_sheet sheet;
	struct cueplay *play;
	struct cueplay_conf conf = { .speed = 1 };

	assert_true(cue_sheet_parse(&sheet, "lent.cue", "on go tag a\non go tag b\n", 24, cmd_check_cue, NULL, NULL, NULL));
	play = cueplay_new(&w->d->deck, w->d->q, &sheet, &conf, stage_text_reply(w->d->text), NULL, NULL);
	cuedesk_lend(w->d->deck.cuedesk, play);
	desk_do(w, "cue go");
	desk_do(w, "cue go");
	assert_int_equal(tags(w), 1);
	expect_refused(w, w->load, "lent.cue plays; `cue stop` ends it first");
	cuedesk_lend(w->d->deck.cuedesk, NULL);
	expect_refused(w, "cue go", "no cue sheet is loaded");
	cueplay_free(play);
	cue_sheet_fini(&sheet);
	desk_free(w, state);
}

static void
wrong_words_are_told(void **state)
{
	static const char *const bad[] = { "cue", "cue fly", "cue load", "cue jump", "cue go now", "cue load a b" };
	struct err e;
	int column;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(cmd_check(bad[i], &column, &e));
	assert_false(cmd_check("cue lod x.cue", &column, &e));
	assert_string_equal(e.text, "expected load FILE, go, hold, skip, back, jump NAME or stop; the nearest is \"load\"");
	assert_int_equal(column, 5);
	assert_false(cmd_check_cue(NULL, "jump part2", &column, &e));
	assert_string_equal(e.text, "unknown command \"jump\"; `cue jump` is one");
	assert_true(cmd_check("cue jump part2", &column, &e));
	assert_true(cmd_check_cue(NULL, "cue go", &column, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_loaded_at_first),
		cmocka_unit_test(a_sheet_is_loaded_and_played_by_go),
		cmocka_unit_test(a_sheet_with_a_mistake_is_not_loaded),
		cmocka_unit_test(a_mistake_leaves_the_loaded_one_where_it_is),
		cmocka_unit_test(a_sheet_that_finds_no_room_any_more_is_thrown_away),
		cmocka_unit_test(a_desk_that_goes_as_its_sheet_comes_takes_it_along),
		cmocka_unit_test(what_plays_makes_no_room),
		cmocka_unit_test(what_does_not_play_is_put_away),
		cmocka_unit_test(a_sheet_at_home_is_found),
		cmocka_unit_test(what_held_the_sheet_is_told),
		cmocka_unit_test(the_show_caller_moves_about),
		cmocka_unit_test(a_key_that_is_held_lets_one_cue_go),
		cmocka_unit_test(a_sheet_that_fails_leaves_an_alarm),
		cmocka_unit_test(a_player_of_somebody_else_is_told_the_same_words),
		cmocka_unit_test(wrong_words_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
