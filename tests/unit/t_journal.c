/*
 * t_journal.c - a sidecar counts without a hole over runs and crashes; what is damaged is moved aside, never lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "io/journal.h"
#include "support/loop_fake.h"
#include "support/schema.h"
#include "support/scratch.h"

#define RUN "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8"

struct world {
	struct loop *loop;
	struct clk clk;
	struct diskq *queue;
	char *folder;
	char torn[320];
	struct err err;
	int told, failed;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->clk = loop_fake_clk(w->loop);
	w->queue = diskq_new(w->loop);
	w->folder = scratch_new();
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	diskq_free(w->queue);
	loop_fake_turn(w->loop);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static const char *
path_of(const struct world *w)
{
	return scratch_path(w->folder, "cuts.jsonl");
}

static struct journal *
open_it(struct world *w)
{
	return journal_open(w->queue, w->folder, "cuts", RUN, &w->clk, clk_mono_ns(&w->clk), true, w->torn, sizeof w->torn, &w->err);
}

/* Everything is on disk when this returns. */
static void
close_it(struct world *w, struct journal *j)
{
	journal_close(j);
	diskq_free(w->queue);
	w->queue = diskq_new(w->loop);
}

static struct jdoc *
text_line(const char *text)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "text", text);
	return line;
}

static void
told(void *arg, const struct err *e)
{
	struct world *w = arg;

	w->told++;
	w->failed += e->kind != ERR_NONE;
}

struct seen {
	int64_t last;
	int lines;
	char texts[256];
};

static void
see(void *arg, int64_t seq, const struct jdoc *line)
{
	struct seen *s = arg;

	assert_int_equal(seq, s->last + 1);
	s->last = seq;
	s->lines++;
	if (strlen(s->texts) < 200)
		strncat(s->texts, jdoc_text(line, "text", "-"), 40);
}

static struct seen
read_it(struct world *w)
{
	struct seen s = { 0 };

	assert_true(journal_read(path_of(w), see, &s, &w->err));
	return s;
}

/* A journal of an open line and "one", "two". */
static void
write_three(struct world *w)
{
	struct journal *j = open_it(w);

	assert_non_null(j);
	journal_add(j, "note", 0, text_line("one"), NULL, NULL);
	journal_add(j, "note", 0, text_line("two"), NULL, NULL);
	close_it(w, j);
}

static void
new_journal_begins_with_its_run(void **state)
{
	struct world *w = *state;
	struct journal *j = open_it(w);
	char *text, why[512];

	assert_non_null(j);
	assert_string_equal(w->torn, "");
	loop_fake_advance(w->loop, 5);
	assert_int_equal(journal_add(j, "strike", 0, NULL, told, w), 2);
	assert_int_equal(journal_add(j, "note", LOOP_FAKE_UTC_US + 3, text_line("a\nb\"c"), told, w), 3);
	close_it(w, j);
	assert_int_equal(w->told, 2);
	assert_int_equal(w->failed, 0);
	text = scratch_read(path_of(w));
	assert_string_equal(text,
	    "{\"seq\":1,\"timeUs\":1763712000000000,\"monoNs\":0,\"type\":\"open\",\"run\":\"" RUN "\"}\n"
	    "{\"seq\":2,\"timeUs\":1763712000000005,\"monoNs\":5000,\"type\":\"strike\"}\n"
	    "{\"seq\":3,\"timeUs\":1763712000000003,\"monoNs\":3000,\"type\":\"note\",\"text\":\"a\\nb\\\"c\"}\n");
	*strchr(text, '\n') = '\0';
	assert_true(schema_accepts("cuts", text, strlen(text), why, sizeof why));
	free(text);
}

struct instant {
	int64_t time_us, mono_ns;
};

static void
see_instant(void *arg, int64_t seq, const struct jdoc *line)
{
	if (seq > 1)
		((struct instant *)arg)[seq - 2] = (struct instant){ jdoc_int(line, "timeUs", -1), jdoc_int(line, "monoNs", -1) };
}

static void
both_times_of_a_line_are_one_instant(void **state)
{
	static const int64_t times_us[] = { LOOP_FAKE_UTC_US + 400, LOOP_FAKE_UTC_US + 900000, LOOP_FAKE_UTC_US - 1, 77, INT64_MAX };
	static const int64_t monos_ns[] = { 400000, 900000000, 0, 0, INT64_MAX };
	enum { TIMES = sizeof times_us / sizeof times_us[0] };
	struct world *w = *state;
	struct journal *j = open_it(w);
	struct instant told_at[TIMES] = { { 0 } };

	assert_non_null(j);
	loop_fake_advance(w->loop, 1000);
	for (int i = 0; i < TIMES; i++)
		journal_add(j, "note", times_us[i], text_line("x"), NULL, NULL);
	close_it(w, j);
	assert_true(journal_read(path_of(w), see_instant, told_at, &w->err));
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(told_at[i].time_us, times_us[i]);
		assert_int_equal(told_at[i].mono_ns, monos_ns[i]);
	}
}

static void
next_run_carries_on_the_count(void **state)
{
	struct world *w = *state;
	struct journal *j;

	write_three(w);
	j = open_it(w);
	assert_non_null(j);
	assert_string_equal(w->torn, "");
	assert_int_equal(journal_add(j, "note", 0, text_line("three"), NULL, NULL), 5);
	close_it(w, j);
	assert_string_equal(read_it(w).texts, "-onetwo-three");
}

/* Opens a journal that got these bytes appended: the count, and the bytes in the torn file. */
static void
assert_mended(struct world *w, const char *damage, size_t len)
{
	struct journal *j;
	char *moved;

	write_three(w);
	scratch_add(path_of(w), damage, len);
	j = open_it(w);
	assert_non_null(j);
	assert_non_null(strstr(w->torn, "cuts.jsonl.torn-1"));
	assert_non_null(strstr(w->torn, "line 3"));
	assert_int_equal(journal_add(j, "note", 0, text_line("three"), NULL, NULL), 5);
	close_it(w, j);
	assert_string_equal(read_it(w).texts, "-onetwo-three");
	moved = scratch_read(scratch_path(w->folder, "cuts.jsonl.torn-1"));
	assert_memory_equal(moved, damage, len);
	free(moved);
}

#define MENDED(name, damage) \
	static void name(void **state) { assert_mended(*state, damage, sizeof damage - 1); }

MENDED(half_a_line_is_moved_aside, "{\"seq\":4,\"timeUs\":1,\"mon")
MENDED(whole_line_without_its_end_is_moved_aside, "{\"seq\":4,\"timeUs\":1,\"monoNs\":1,\"type\":\"cut\"}")
MENDED(garbage_is_moved_aside_with_the_good_lines_behind_it, "rubbish\n{\"seq\":4,\"timeUs\":1,\"monoNs\":1,\"type\":\"cut\"}\n")
MENDED(hole_in_the_count_is_where_it_ends, "{\"seq\":5,\"timeUs\":1,\"monoNs\":1,\"type\":\"cut\"}\n")
MENDED(repeated_number_is_where_it_ends, "{\"seq\":3,\"timeUs\":1,\"monoNs\":1,\"type\":\"cut\"}\n")
MENDED(zeros_of_a_power_cut_are_moved_aside, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\n\0\0")
MENDED(array_is_no_line, "[4]\n")
MENDED(empty_line_is_no_line, "\n")

static void
line_past_the_ceiling_is_moved_aside(void **state)
{
	char *damage = malloc(MAX_JOURNAL_LINE + 100);

	memset(damage, 'x', MAX_JOURNAL_LINE + 100);
	damage[MAX_JOURNAL_LINE + 99] = '\n';
	assert_mended(*state, damage, MAX_JOURNAL_LINE + 100);
	free(damage);
}

static void
second_damage_has_its_own_file(void **state)
{
	struct world *w = *state;

	write_three(w);
	scratch_add(path_of(w), "x", 1);
	close_it(w, open_it(w));
	scratch_add(path_of(w), "y", 1);
	close_it(w, open_it(w));
	assert_non_null(strstr(w->torn, "torn-2"));
	assert_true(scratch_exists(scratch_path(w->folder, "cuts.jsonl.torn-1")));
	assert_int_equal(read_it(w).lines, 5);
}

static void
file_damaged_from_its_first_byte_begins_anew(void **state)
{
	struct world *w = *state;

	scratch_write(path_of(w), "not a journal at all\n");
	close_it(w, open_it(w));
	assert_non_null(strstr(w->torn, "line 0"));
	assert_int_equal(read_it(w).lines, 1);
}

static void
long_journal_is_read_whole(void **state)
{
	struct world *w = *state;
	struct journal *j = open_it(w);
	char text[3000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (int i = 0; i < 400; i++)		/* over a megabyte: lines lie across the steps of reading */
		journal_add(j, "note", 0, text_line(text), NULL, NULL);
	close_it(w, j);
	assert_int_equal(read_it(w).lines, 401);
	close_it(w, open_it(w));
	assert_string_equal(w->torn, "");
	assert_int_equal(read_it(w).lines, 402);
}

/* A journal of hours: lines of 1 kB, the damage in one of them. */
static void
write_hours(struct world *w, int lines, int damaged, const char *damage)
{
	FILE *f = fopen(path_of(w), "w");
	char filler[900];

	assert_non_null(f);
	memset(filler, 'x', sizeof filler - 1);
	filler[sizeof filler - 1] = '\0';
	for (int i = 1; i <= lines; i++) {
		if (i == damaged)
			fputs(damage, f);
		else
			fprintf(f, "{\"seq\":%d,\"timeUs\":1763712000000000,\"monoNs\":0,\"type\":\"%s\",\"text\":\"%s\"}\n", i, i == 1 ? "open" : "note", filler);
	}
	assert_int_equal(fclose(f), 0);
}

/* What a crash leaves is at the end; a number or a frame that is wrong is found anywhere. */
static void
damage_in_hours_of_lines_is_found(void **state)
{
	enum { LINES = 20000 };
	static const struct { int at; const char *text; int good; } all[] = {
		{ LINES / 2, "{\"seq\":7,\"timeUs\":1}\n", LINES / 2 - 1 },
		{ LINES / 2, "", LINES / 2 - 1 },
		{ LINES / 2, "rubbish}\n", LINES / 2 - 1 },
		{ LINES - 5, "{\"seq\":19995,\"timeUs\":1,\"monoNs\":0,\"type\":\"note\",rubbish}\n", LINES - 6 },
		{ LINES, "{\"seq\":20000,\"timeUs\":1,\"mon", LINES - 1 },
		{ LINES + 1, "", LINES },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct journal *j;

		write_hours(w, LINES, all[i].at, all[i].text);
		j = open_it(w);
		assert_non_null(j);
		assert_int_equal(journal_add(j, "note", 0, NULL, NULL, NULL), all[i].good + 2);
		assert_int_equal(w->torn[0] != '\0', all[i].good != LINES);
		close_it(w, j);
		assert_int_equal(read_it(w).lines, all[i].good + 2);
	}
}

static void
line_of_ours_too_long_still_counts(void **state)
{
	struct world *w = *state;
	struct journal *j = open_it(w);
	char *text = malloc(MAX_JOURNAL_LINE + 1);

	memset(text, 'x', MAX_JOURNAL_LINE);
	text[MAX_JOURNAL_LINE] = '\0';
	journal_add(j, "note", 0, text_line(text), told, w);
	journal_add(j, "note", 0, text_line("after"), told, w);
	close_it(w, j);
	free(text);
	assert_int_equal(w->told, 2);
	assert_string_equal(read_it(w).texts, "--after");
}

static void
reading_stops_before_the_damage(void **state)
{
	struct world *w = *state;
	struct seen s = { 0 };

	write_three(w);
	scratch_add(path_of(w), "{\"seq\":9}\n", 10);
	s = read_it(w);
	assert_int_equal(s.lines, 3);
	assert_true(journal_is_damaged(path_of(w)));
	assert_false(journal_read(scratch_path(w->folder, "none.jsonl"), see, &s, &w->err));
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
}

static void
damage_is_told_from_a_line_that_is_being_written(void **state)
{
	struct world *w = *state;

	write_three(w);
	assert_false(journal_is_damaged(path_of(w)));
	scratch_add(path_of(w), "{\"seq\":4,", 9);
	assert_false(journal_is_damaged(path_of(w)));
	scratch_add(path_of(w), "\n", 1);
	assert_true(journal_is_damaged(path_of(w)));
}

/* Nobody writes to it: an open() that waits for a writer would hang. */
static void
pipe_in_a_journals_place_is_not_waited_for(void **state)
{
	struct world *w = *state;
	struct seen s = { 0 };
	const char *pipe = scratch_path(w->folder, "pipe.jsonl");

	assert_int_equal(mkfifo(pipe, 0600), 0);
	(void)journal_read(pipe, see, &s, &w->err);
	assert_int_equal(s.lines, 0);
}

static void
place_that_cannot_be_written_is_one_sentence(void **state)
{
	struct world *w = *state;

	scratch_write(scratch_path(w->folder, "file"), "");
	assert_null(journal_open(w->queue, scratch_path(w->folder, "file"), "cuts", RUN, &w->clk, 0, true, w->torn, sizeof w->torn, &w->err));
	assert_int_equal(w->err.kind, ERR_DISK);
	assert_non_null(strstr(w->err.text, "cuts.jsonl"));
	journal_close(NULL);
}

/* A folder that came from somebody else: what a link in it leads to is not ours to mend. */
static void
link_or_pipe_in_its_place_is_refused_and_left_alone(void **state)
{
	struct world *w = *state;
	char path[512], *text;

	scratch_write(scratch_path(w->folder, "precious"), "precious\n");
	str_copy(path, sizeof path, scratch_path(w->folder, "cuts.jsonl"));
	assert_int_equal(symlink("precious", path), 0);
	assert_null(journal_open(w->queue, w->folder, "cuts", RUN, &w->clk, 0, true, w->torn, sizeof w->torn, &w->err));
	assert_int_equal(w->err.kind, ERR_DISK);
	assert_non_null(strstr(w->err.text, "cuts.jsonl is no plain file"));
	text = scratch_read(scratch_path(w->folder, "precious"));
	assert_string_equal(text, "precious\n");
	free(text);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(journal_open(w->queue, w->folder, "cuts", RUN, &w->clk, 0, true, w->torn, sizeof w->torn, &w->err));
	assert_non_null(strstr(w->err.text, "cuts.jsonl is no plain file"));
	journal_close(NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(new_journal_begins_with_its_run), TEST(both_times_of_a_line_are_one_instant),
		TEST(next_run_carries_on_the_count),
		TEST(half_a_line_is_moved_aside), TEST(whole_line_without_its_end_is_moved_aside),
		TEST(garbage_is_moved_aside_with_the_good_lines_behind_it), TEST(hole_in_the_count_is_where_it_ends),
		TEST(repeated_number_is_where_it_ends), TEST(zeros_of_a_power_cut_are_moved_aside),
		TEST(array_is_no_line), TEST(empty_line_is_no_line), TEST(line_past_the_ceiling_is_moved_aside),
		TEST(second_damage_has_its_own_file), TEST(file_damaged_from_its_first_byte_begins_anew),
		TEST(long_journal_is_read_whole), TEST(damage_in_hours_of_lines_is_found), TEST(line_of_ours_too_long_still_counts),
		TEST(reading_stops_before_the_damage), TEST(damage_is_told_from_a_line_that_is_being_written),
		TEST(pipe_in_a_journals_place_is_not_waited_for), TEST(place_that_cannot_be_written_is_one_sentence),
		TEST(link_or_pipe_in_its_place_is_refused_and_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
