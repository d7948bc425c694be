/*
 * t_complete.c - completion at the prompt: which words fit where, how they are written, what is common to them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "app/cmd_help.h"
#include "app/complete.h"

struct bench {
	struct show *show;
	struct complete *c;
	struct complete_world world;
	char said[4096];		/* the candidates, one blank between */
};

static int
setup(void **state)
{
	static const char *const names[] = { "left guest", "left wing", "wide", "Host", "a,b", "\"q\"", "-odd" };
	static const char *const themes[] = { "colour-blind", "daylight", "default", "my own", NULL }, *const sets[] = { "atem", "voctomix", "nle", NULL };
	static const char *const orders[] = { "number", "battery", NULL }, *const hooks[] = { "visuals", "stinger", NULL };
	struct bench *b = calloc(1, sizeof *b);

	b->show = calloc(1, sizeof *b->show);
	b->c = calloc(1, sizeof *b->c);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(b->show->tiles[i].id, ID_BYTES, "id-%zu", i);
		strcpy(b->show->tiles[i].name, names[i]);
		b->show->tiles[i].number = (int)i + 1;
		b->show->tile_count++;
	}
	b->show->tiles[6].number = 12;
	b->world = (struct complete_world){ .show = b->show, .themes = themes, .key_sets = sets, .orders = orders, .hooks = hooks };
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	free(b->show);
	free(b->c);
	free(b);
	return 0;
}

static const char *
candidates_at(struct bench *b, const char *text, size_t cursor)
{
	complete_word(b->c, text, cursor, &b->world);
	b->said[0] = '\0';
	for (int i = 0; i < b->c->count; i++)
		snprintf(b->said + strlen(b->said), sizeof b->said - strlen(b->said), "%s%s", i > 0 ? " " : "", b->c->words[i]);
	return b->said;
}

static const char *
candidates(struct bench *b, const char *text)
{
	return candidates_at(b, text, strlen(text));
}

static void
words_fit_where_they_stand(void **state)
{
	static const struct { const char *text, *want; } cases[] = {
		{ "pre", "preview" }, { "  pre", "preview" }, { "l", "lens label layout lock live" }, { "preview wi", "wide" }, { "preview WI", "wide" },
		{ "preview left", "\"left guest\" \"left wing\"" }, { "preview \"left g", "\"left guest\"" }, { "preview ho", "Host" },
		{ "preview 1", "1 12" }, { "cut b", "back black" }, { "cut wide o", "on" }, { "cut wide on ", "beat bar" }, { "cut wide on be", "beat" }, { "tempo t", "tap" }, { "tempo 96 -", "--everyone" },
		{ "theme d", "daylight default" }, { "theme my", "\"my own\"" }, { "keys v", "voctomix" }, { "layout q", "quad" }, { "layout sheet 1", "1 16" },
		{ "layout quad 1", "" }, { "view health b", "battery" }, { "view log node-l", "node-live node-lost" }, { "view log wide cu", "cut cut-pending cut-replaced cut-refused cue cue-late" },
		{ "view log wi", "wide" }, { "graphics s", "sixel symbols" }, { "set be", "bell" }, { "set bell ", "off visual audible" }, { "set mouse ", "on off" },
		{ "set cut-guard ", "250ms" }, { "help str", "strike" }, { "role wide +s", "+stage-viewer +safe" }, { "role wide -sa", "-safe" }, { "record s", "start stop" },
		{ "zoom -", "-t --force" }, { "zoom --", "--force" }, { "preview --", "" }, { "lock o", "on off" }, { "node f", "forget" }, { "tag wi", "" }, { "frob x", "" },
		{ "record -t wi", "wide" }, { "record -t wide,le", "\"left guest\" \"left wing\"" }, { "record -t \"left guest\",wi", "wide" }, { "record -t @pr", "@program @preview" },
		{ "record -t @gu", "@guest" }, { "record -t -wi", "wide" }, { "record -t wide,-ho", "Host" }, { "record -t wide s", "start stop" }, { "record -t a", "all \"a,b\"" },
		{ "flip -t wide --force f", "front" }, { "node forget wi", "wide" }, { "node add wi", "" },
		{ "claim ", "on off pin" }, { "claim -t wi", "wide" }, { "release -t wi", "wide" }, { "release --", "--force" }, { "purge ", "" },
		{ "fault wi", "wide" }, { "fault wide d", "drop=0.1 die-after=0s disk=64M drift=40ppm" }, { "fault wide off f", "for" }, { "live --", "--force" },
		{ "hook ", "visuals stinger" }, { "hook sti", "stinger" }, { "hook visuals s", "" },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (strcmp(candidates(b, cases[i].text), cases[i].want) != 0)
			fail_msg("\"%s\": expected \"%s\", got \"%s\"", cases[i].text, cases[i].want, b->said);
	}
}

static void
common_beginning_is_what_may_be_put(void **state)
{
	struct bench *b = *state;

	candidates(b, "preview le");
	assert_string_equal(b->c->common, "\"left ");
	assert_int_equal(b->c->from, 8);
	assert_false(b->c->is_whole);
	candidates(b, "record -t wide,ho");
	assert_string_equal(b->c->common, "Host");
	assert_int_equal(b->c->from, 15);
	assert_true(b->c->is_whole);
	candidates(b, "preview xyz");
	assert_string_equal(b->c->common, "");
	assert_int_equal(b->c->count, 0);
	assert_string_equal(b->c->usage, "preview NODE");
}

static void
word_before_the_cursor_counts_not_what_follows(void **state)
{
	struct bench *b = *state;

	assert_string_equal(candidates_at(b, "cut wi now", 6), "wide");
	assert_int_equal(b->c->from, 4);
	assert_string_equal(candidates_at(b, "preview wide", 3), "preview");
}

static void
odd_names_come_in_quotes(void **state)
{
	struct bench *b = *state;

	assert_string_equal(candidates(b, "preview a"), "\"a,b\"");
	assert_string_equal(candidates(b, "preview -o"), "\"-odd\"");
	strcpy(b->show->tiles[2].name, "@home");
	assert_string_equal(candidates(b, "preview @h"), "\"@home\"");
}

static void
takes_are_offered_newest_first(void **state)
{
	struct bench *b = *state;

	strcpy(b->show->takes[0].take, "012");
	strcpy(b->show->takes[1].take, "011");
	b->show->take_count = 2;
	assert_string_equal(candidates(b, "take "), "mark play");
	assert_string_equal(candidates(b, "take mark "), "good ng keep 012 011");
	assert_string_equal(candidates(b, "take mark 01"), "012 011");
	assert_string_equal(candidates(b, "take mark 011 "), "good ng keep");
	assert_string_equal(candidates(b, "take play "), "012 011");
	assert_string_equal(candidates(b, "take play 011 wi"), "wide");
	assert_string_equal(candidates(b, "fetch "), "012 011");
	assert_string_equal(candidates(b, "wrap "), "--release");
}

/* What completion writes must be taken by the command: names in quotes, roles, settings. */
static void
completed_commands_are_good_ones(void **state)
{
	static const char *const begun[] = { "preview ", "cut ", "amend ", "in ", "theme ", "keys ", "layout ", "view ", "graphics ", "lock ", "help ", "record ", "set " };
	struct bench *b = *state;
	char text[1024];
	int column, tried = 0;
	struct err e;

	for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++) {
		candidates(b, begun[i]);
		assert_true(b->c->count > 0);
		for (int j = 0; j < b->c->count; j++) {
			/* These want more words. */
			if (strcmp(b->c->words[j], "on") == 0 && i == 1)
				continue;
			if (strcmp(b->c->words[j], "after") == 0)
				continue;
			snprintf(text, sizeof text, "%s%s", begun[i], b->c->words[j]);
			err_clear(&e);
			if (!cmd_check(text, &column, &e))
				fail_msg("%s: %s", text, e.text);
			tried++;
		}
	}
	assert_true(tried > 60);
}

static void
many_names_and_long_ones_are_bounded(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < MAX_NODES; i++) {
		memset(b->show->tiles[i].name, 'n', MAX_NAME_BYTES - 8);
		snprintf(b->show->tiles[i].name + MAX_NAME_BYTES - 8, 8, " %d", i % 10000);
	}
	b->show->tile_count = MAX_NODES;
	candidates(b, "preview nn");
	assert_int_equal(b->c->count, COMPLETE_WORDS);
	candidates(b, "");
	assert_true(b->c->count > 20);
	b->world.show = NULL;
	assert_string_equal(candidates(b, "preview n"), "");
}

static void
files_are_asked_for_where_one_stands(void **state)
{
	static const struct { const char *text, *word; } wanted[] = {
		{ "cue load ", "" }, { "cue load sho", "sho" }, { "cue load ~/sh", "~/sh" }, { "screen /tmp/\"", "/tmp/\"" }, { "cue load \"my sh", "my sh" },
	};
	static const char *const others[] = { "", "cue", "cue l", "cue jump x", "cue load a b", "preview ", "record -t screen" };
	char word[COMPLETE_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		assert_true(complete_wants_files(wanted[i].text, strlen(wanted[i].text), word));
		assert_string_equal(word, wanted[i].word);
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (complete_wants_files(others[i], strlen(others[i]), word))
			fail_msg("\"%s\" wants files", others[i]);
}

/* A file is the end of its word; a folder is not, and no quote closes it. */
static void
a_folder_leads_on_and_a_file_ends(void **state)
{
	static const char *const files[] = { "my shows/", "my.cue", NULL }, *const one[] = { "my shows/", NULL }, *const file[] = { "my shows/a.cue", NULL },
		*const plain[] = { "shows/", NULL };
	struct bench *b = *state;

	b->world.files = files;
	assert_string_equal(candidates(b, "cue load my"), "\"my shows/\" my.cue");
	b->world.files = one;
	candidates(b, "cue load my");
	assert_string_equal(b->c->common, "\"my shows/");
	assert_false(b->c->is_whole);
	b->world.files = file;
	candidates(b, "cue load \"my shows/");
	assert_string_equal(b->c->common, "\"my shows/a.cue\"");
	assert_true(b->c->is_whole);
	b->world.files = plain;
	candidates(b, "screen sh");
	assert_string_equal(b->c->common, "shows/");
	assert_false(b->c->is_whole);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(words_fit_where_they_stand), T(common_beginning_is_what_may_be_put), T(word_before_the_cursor_counts_not_what_follows),
		T(odd_names_come_in_quotes), T(takes_are_offered_newest_first), T(completed_commands_are_good_ones), T(many_names_and_long_ones_are_bounded),
		T(files_are_asked_for_where_one_stands), T(a_folder_leads_on_and_a_file_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
