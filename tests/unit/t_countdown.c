/*
 * t_countdown.c - instants that the show goes towards: which ones are meant, which one is shown, what a restart leaves of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "app/countdown.h"
#include "app/scribe.h"
#include "base/str.h"
#include "io/jdoc.h"
#include "io/journal.h"
#include "support/schema.h"
#include "support/scratch.h"

#define SECOND 1000000LL
#define NOON_US 1763726400000000LL	/* 2025-11-21 12:00:00 UTC */

/* ---- A journal that is a file at once ---- */

struct scribe {
	int64_t seq;
	char path[4096];
};

int64_t
scribe_add(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg)
{
	static const struct err well = { .kind = ERR_NONE };
	FILE *f = fopen(s->path, "a");
	char why[256], *text;

	assert_int_equal(which, SCRIBE_MARKERS);
	assert_int_equal(time_us, 0);
	jdoc_set_text(line, "type", type);
	jdoc_set_int(line, "seq", ++s->seq);
	jdoc_set_int(line, "timeUs", NOON_US);
	jdoc_set_int(line, "monoNs", 0);
	text = jdoc_print(line);
	if (!schema_accepts("markers", text, strlen(text), why, sizeof why))
		fail_msg("%s", why);
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
	free(text);
	jdoc_free(line);
	if (done != NULL)
		done(arg, &well);
	return s->seq;
}

struct world {
	struct scribe scribe;
	struct bus *bus;
	struct clk clk;
	int64_t now_us;
	struct countdown *c;
	struct countdown_word word;
	struct err err;
	int changes, written;
	char *folder;
};

static int64_t
clk_of(void *arg)
{
	return ((struct world *)arg)->now_us;
}

static void
on_change(void *arg, const struct bus_event *ev)
{
	(void)ev;
	((struct world *)arg)->changes++;
}

static void
on_written(void *arg, const struct err *e)
{
	assert_int_equal(e->kind, ERR_NONE);
	((struct world *)arg)->written++;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	w->folder = scratch_new();
	snprintf(w->scribe.path, sizeof w->scribe.path, "%s", scratch_path(w->folder, "markers.jsonl"));
	w->now_us = NOON_US;
	w->clk = (struct clk){ clk_of, clk_of, w };
	w->bus = bus_new();
	bus_listen(w->bus, EV_COUNTDOWN_CHANGED, on_change, w);
	w->c = countdown_new(&w->scribe, w->bus, &w->clk);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	countdown_free(w->c);
	bus_free(w->bus);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static int64_t
until(struct world *w, const char *text)
{
	int64_t us = 0;

	assert_true(countdown_until(text, w->now_us, &us, &w->err));
	return us;
}

static void
begin(struct world *w, const char *name, const char *text)
{
	assert_true(countdown_set(w->c, name, until(w, text), "do", on_written, w, &w->err));
}

static const char *
shown(struct world *w)
{
	countdown_say(w->c, &w->word);
	return w->word.name;
}

/* ---- Which instant ---- */

static void
a_time_of_day_is_the_next_one_here(void **state)
{
	struct world *w = *state;

	assert_int_equal(until(w, "13:00:01"), NOON_US + SECOND);	/* it is 13:00:00 in Berlin */
	assert_int_equal(until(w, "20:30:00"), NOON_US + 27000 * SECOND);
	assert_int_equal(until(w, "13:00:00"), NOON_US + 86400 * SECOND);
	assert_int_equal(until(w, "00:00:00"), NOON_US + 39600 * SECOND);
}

/* The night when clocks go back is longer. */
static void
tomorrow_may_be_an_hour_longer(void **state)
{
	struct world *w = *state;

	w->now_us = 1761393600000000LL;		/* 2025-10-25 12:00 UTC, 14:00 in Berlin; summer ends that night */
	assert_int_equal(until(w, "13:00:00"), w->now_us + 24 * 3600 * SECOND);
}

static void
so_long_from_now(void **state)
{
	struct world *w = *state;

	assert_int_equal(until(w, "20m"), NOON_US + 1200 * SECOND);
	assert_int_equal(until(w, "90s"), NOON_US + 90 * SECOND);
	assert_int_equal(until(w, "24h"), NOON_US + 86400 * SECOND);
}

/* 20:30 could be half past eight, or twenty minutes and a half. */
static void
what_could_be_either_is_asked_about(void **state)
{
	static const char *const bad[] = { "20:30", "4:00", "24:00:00", "12:60:00", "12:00:61", "1:2:3", "12:00:00x", "00:20:00.500", "soon", "",
		"25h", "500ms", "20" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		w->err = (struct err){ .kind = ERR_NONE };
		assert_false(countdown_until(bad[i], NOON_US, NULL, &w->err));
		assert_int_equal(w->err.kind, ERR_USAGE);
	}
	assert_true(countdown_until("20:30:00", NOON_US, NULL, &w->err));
}

/* ---- Which one is shown ---- */

static void
nothing_is_shown_of_none(void **state)
{
	struct world *w = *state;

	countdown_say(w->c, &w->word);
	assert_false(w->word.any);
	countdown_say(NULL, &w->word);
	assert_false(w->word.any);
}

static void
the_next_to_come_is_shown(void **state)
{
	struct world *w = *state;

	begin(w, "out", "30m");
	begin(w, "break", "10m");
	assert_string_equal(shown(w), "break");
	assert_int_equal(w->word.left_us, 600 * SECOND);
	w->now_us += 600 * SECOND;
	assert_string_equal(shown(w), "out");
	assert_int_equal(w->changes, 2);
	assert_int_equal(w->written, 2);
}

static void
what_is_over_stands_for_an_hour(void **state)
{
	struct world *w = *state;

	begin(w, "out", "1m");
	w->now_us += 600 * SECOND;
	assert_string_equal(shown(w), "out");
	assert_int_equal(w->word.left_us, -540 * SECOND);
	w->now_us += 3600 * SECOND;
	shown(w);
	assert_false(w->word.any);
}

static void
the_same_name_is_moved(void **state)
{
	struct world *w = *state;

	begin(w, "out", "1m");
	begin(w, "out", "2m");
	shown(w);
	assert_int_equal(w->word.left_us, 120 * SECOND);
	assert_true(countdown_stop(w->c, "out", "do", NULL, NULL, &w->err));
	countdown_say(w->c, &w->word);
	assert_false(w->word.any);
}

static void
off_takes_it_away(void **state)
{
	struct world *w = *state;

	begin(w, "out", "1m");
	begin(w, "in", "2m");
	assert_true(countdown_stop(w->c, "out", "do", on_written, w, &w->err));
	assert_string_equal(shown(w), "in");
	assert_int_equal(w->written, 3);
	assert_false(countdown_stop(w->c, "out", "do", on_written, w, &w->err));
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_int_equal(w->written, 3);
}

static void
there_are_only_so_many_and_one_that_is_over_makes_room(void **state)
{
	struct world *w = *state;
	char name[16];

	for (int i = 0; i < COUNTDOWN_NAMES; i++) {
		snprintf(name, sizeof name, "n%d", i);
		begin(w, name, i == 3 ? "1m" : "10m");
	}
	assert_false(countdown_set(w->c, "more", until(w, "5m"), "do", on_written, w, &w->err));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	w->now_us += 61 * SECOND;
	begin(w, "more", "2m");
	assert_string_equal(shown(w), "more");
	for (int i = 0; i < COUNTDOWN_NAMES; i++) {
		snprintf(name, sizeof name, "n%d", i);
		assert_int_equal(countdown_stop(w->c, name, "do", NULL, NULL, &w->err), i != 3);
	}
}

static void
a_name_is_made_fit_for_the_header(void **state)
{
	struct world *w = *state;

	begin(w, "a\033[31mvery long name of a break", "1m");
	assert_null(strchr(shown(w), '\033'));
	assert_in_range(str_cells(w->word.name), 1, COUNTDOWN_NAME_CELLS);
	assert_false(countdown_set(w->c, "", until(w, "5m"), "do", on_written, w, &w->err));
}

/* ---- After a restart ---- */

static void
a_console_that_returns_counts_on(void **state)
{
	struct world *w = *state;
	struct countdown *again;

	begin(w, "over", "1m");
	begin(w, "gone", "3m");
	begin(w, "out", "5m");
	begin(w, "out", "30m");
	assert_true(countdown_stop(w->c, "gone", "do", NULL, NULL, &w->err));
	w->now_us += 120 * SECOND;
	again = countdown_new(&w->scribe, w->bus, &w->clk);
	countdown_restore(again, w->scribe.path);
	countdown_say(again, &w->word);
	assert_string_equal(w->word.name, "out");
	assert_int_equal(w->word.left_us, 1680 * SECOND);
	assert_false(countdown_stop(again, "gone", "do", NULL, NULL, &w->err));
	countdown_free(again);
}

static void
a_journal_that_is_not_there_is_none(void **state)
{
	struct world *w = *state;

	countdown_restore(w->c, scratch_path(w->folder, "nothing.jsonl"));
	shown(w);
	assert_false(w->word.any);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_time_of_day_is_the_next_one_here),
		TEST(tomorrow_may_be_an_hour_longer),
		TEST(so_long_from_now),
		TEST(what_could_be_either_is_asked_about),
		TEST(nothing_is_shown_of_none),
		TEST(the_next_to_come_is_shown),
		TEST(what_is_over_stands_for_an_hour),
		TEST(the_same_name_is_moved),
		TEST(off_takes_it_away),
		TEST(there_are_only_so_many_and_one_that_is_over_makes_room),
		TEST(a_name_is_made_fit_for_the_header),
		TEST(a_console_that_returns_counts_on),
		TEST(a_journal_that_is_not_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
