/*
 * t_diskq.c - what must be on disk is there when it is told, in order, whole, and nothing hidden when it is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "io/diskq.h"
#include "support/loop_fake.h"
#include "support/scratch.h"

#define MANY 200

struct world {
	struct loop *loop;
	struct diskq *queue;
	char *folder;
	int told, order[MANY], failed;
	struct err last;
};

struct ask {
	struct world *w;
	int id;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
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
	assert_int_equal(loop_fake_alive(w->loop), 0);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
told(void *arg, const struct err *e)
{
	struct ask *ask = arg;
	struct world *w = ask->w;

	w->order[w->told % MANY] = ask->id;
	w->told++;
	w->failed += e->kind != ERR_NONE;
	w->last = *e;
	free(ask);
}

static struct ask *
ask_new(struct world *w, int id)
{
	struct ask *ask = malloc(sizeof *ask);

	*ask = (struct ask){ w, id };
	return ask;
}

static void
wait_told(struct world *w, int count)
{
	for (int i = 0; i < 300000 && w->told < count; i++) {
		loop_fake_turn(w->loop);
		usleep(200);
	}
	assert_int_equal(w->told, count);
}

static struct diskq_file *
open_journal(struct world *w, const char *name)
{
	int fd = open(scratch_path(w->folder, name), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	assert_true(fd >= 0);
	return diskq_open(w->queue, fd, strcmp(name, "cuts") == 0);
}

static void
add(struct world *w, struct diskq_file *f, const char *line, int id)
{
	diskq_append(w->queue, f, line, strlen(line), DISKQ_NOW, told, ask_new(w, id));
}

static void
assert_holds(const char *path, const char *want)
{
	char *text = scratch_read(path);

	assert_string_equal(text, want);
	free(text);
}

static void
appended_line_is_there_when_it_is_told(void **state)
{
	struct world *w = *state;
	struct diskq_file *f = open_journal(w, "a");

	add(w, f, "one\n", 1);
	assert_int_equal(w->told, 0);	/* never from inside the call */
	wait_told(w, 1);
	assert_int_equal(w->failed, 0);
	assert_holds(scratch_path(w->folder, "a"), "one\n");
	diskq_close(w->queue, f);
}

/* Of lines in theirs, of replacements in theirs. */
static void
answers_come_in_the_order_of_asking(void **state)
{
	struct world *w = *state;
	struct diskq_file *a = open_journal(w, "a"), *b = open_journal(w, "b");
	int last[2] = { -1, -1 };

	for (int i = 0; i < MANY; i += 2) {
		add(w, i % 4 == 0 ? a : b, "line\n", i);
		diskq_replace(w->queue, scratch_path(w->folder, "c"), "c", 1, told, ask_new(w, i + 1));
	}
	wait_told(w, MANY);
	for (int i = 0; i < MANY; i++) {
		int kind = w->order[i] % 2;

		assert_true(w->order[i] > last[kind]);
		last[kind] = w->order[i];
	}
	assert_int_equal(w->failed, 0);
	diskq_close(w->queue, a);
	diskq_close(w->queue, b);
}

/* A fifo that nobody reads keeps the writer of the rest busy for as long as the test likes. */
static void
urgent_line_waits_for_no_other_file(void **state)
{
	struct world *w = *state;
	struct diskq_file *cuts = open_journal(w, "cuts"), *other;
	static char much[1024 * 1024];
	int ends[2];
	char rest[4096];

	assert_int_equal(pipe(ends), 0);
	other = diskq_open(w->queue, ends[1], false);
	memset(much, 'x', sizeof much);
	diskq_append(w->queue, other, much, sizeof much, DISKQ_NOW, told, ask_new(w, 1));	/* fills the pipe, and waits */
	add(w, cuts, "cut\n", 2);
	wait_told(w, 1);
	assert_int_equal(w->order[0], 2);
	assert_int_equal(w->failed, 0);
	assert_holds(scratch_path(w->folder, "cuts"), "cut\n");
	for (size_t got = 0; got < sizeof much; )
		got += (size_t)read(ends[0], rest, sizeof rest);
	wait_told(w, 2);
	diskq_close(w->queue, other);
	diskq_close(w->queue, cuts);
	diskq_free(w->queue);
	w->queue = NULL;
	close(ends[0]);
}

static void
line_that_nobody_waits_for_is_flushed_soon(void **state)
{
	struct world *w = *state;
	struct diskq_file *f = open_journal(w, "a");
	struct diskq_stats stats;

	diskq_append(w->queue, f, "one\n", 4, DISKQ_SOON, told, ask_new(w, 1));
	wait_told(w, 1);
	assert_holds(scratch_path(w->folder, "a"), "one\n");
	diskq_stats(w->queue, &stats);
	for (int i = 0; i < 60000 && stats.flushes == 0; i++) {
		usleep(1000);
		diskq_stats(w->queue, &stats);
	}
	assert_int_equal(stats.flushes, 1);
	diskq_close(w->queue, f);
}

static void
flood_is_gathered_and_written_in_order(void **state)
{
	struct world *w = *state;
	struct diskq_file *f = open_journal(w, "a");
	char line[16], want[MANY * 8] = "", *text;
	struct diskq_stats stats;

	for (int i = 0; i < MANY; i++) {
		snprintf(line, sizeof line, "%d\n", i);
		strcat(want, line);
		diskq_append(w->queue, f, line, strlen(line), DISKQ_GATHERED, NULL, NULL);
	}
	for (int i = 0; i < 60000 && scratch_lines(scratch_path(w->folder, "a")) < MANY; i++)
		usleep(1000);
	diskq_append(w->queue, f, "gathered\n", 9, DISKQ_GATHERED, NULL, NULL);
	add(w, f, "waited for\n", 1);		/* what was gathered goes before it */
	wait_told(w, 1);
	strcat(want, "gathered\nwaited for\n");
	text = scratch_read(scratch_path(w->folder, "a"));
	assert_string_equal(text, want);
	free(text);
	diskq_stats(w->queue, &stats);
	assert_int_equal(stats.lines, MANY + 3);	/* with what was gathered as one more job */
	assert_true(stats.flushes <= 3);
	diskq_append(w->queue, f, "end\n", 4, DISKQ_GATHERED, NULL, NULL);
	diskq_close(w->queue, f);
	diskq_free(w->queue);
	w->queue = NULL;
	strcat(want, "end\n");
	assert_holds(scratch_path(w->folder, "a"), want);
}

/* An answer asks for one more line, as a console at its end does. */
static struct diskq_file *again_file;

static void
told_again(void *arg, const struct err *e)
{
	struct ask *ask = arg;
	struct world *w = ask->w;

	told(arg, e);
	add(w, again_file, "last\n", 9);
	diskq_close(w->queue, again_file);
}

static void
free_writes_all_and_answers_all(void **state)
{
	struct world *w = *state;
	struct diskq_file *f = open_journal(w, "a");

	add(w, f, "one\n", 1);
	add(w, f, "two\n", 2);
	again_file = f;
	diskq_append(w->queue, f, "three\n", 6, DISKQ_SOON, told_again, ask_new(w, 3));
	diskq_free(w->queue);
	w->queue = NULL;
	assert_int_equal(w->told, 4);
	assert_holds(scratch_path(w->folder, "a"), "one\ntwo\nthree\nlast\n");
}

static void
limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
short_write_is_taken_back_and_told(void **state)
{
	struct world *w = *state;
	struct diskq_file *f = open_journal(w, "a");

	limit_file_size(10);
	add(w, f, "123456\n", 1);
	wait_told(w, 1);
	add(w, f, "abcdef\n", 2);	/* three bytes fit */
	wait_told(w, 2);
	assert_int_equal(w->failed, 1);
	assert_int_equal(w->last.kind, ERR_DISK);
	assert_non_null(strstr(w->last.text, "3 of 7"));
	assert_holds(scratch_path(w->folder, "a"), "123456\n");
	limit_file_size(RLIM_INFINITY);
	diskq_close(w->queue, f);
}

static void
refused_lines_go_before_later_ones(void **state)
{
	struct world *w = *state;
	struct diskq_file *f = open_journal(w, "a");

	limit_file_size(10);
	add(w, f, "123456\n", 1);
	add(w, f, "abcdef\n", 2);
	add(w, f, "x\n", 3);		/* would fit, but not before its turn */
	wait_told(w, 3);
	assert_int_equal(w->failed, 2);
	assert_holds(scratch_path(w->folder, "a"), "123456\n");
	limit_file_size(RLIM_INFINITY);
	add(w, f, "later\n", 4);
	wait_told(w, 4);
	assert_int_equal(w->failed, 2);
	assert_holds(scratch_path(w->folder, "a"), "123456\nabcdef\nx\nlater\n");
	diskq_close(w->queue, f);
}

static void
refused_lines_are_tried_again_without_a_later_one(void **state)
{
	struct world *w = *state;
	struct diskq_file *f = open_journal(w, "a");

	limit_file_size(3);
	add(w, f, "123456\n", 1);
	wait_told(w, 1);
	assert_int_equal(w->failed, 1);
	limit_file_size(RLIM_INFINITY);
	for (int i = 0; i < 60000 && scratch_lines(scratch_path(w->folder, "a")) == 0; i++)
		usleep(1000);
	assert_holds(scratch_path(w->folder, "a"), "123456\n");
	diskq_close(w->queue, f);
}

/* A pipe takes the bytes but has no disk to flush them to. */
static void
failed_flush_is_a_failed_line(void **state)
{
	struct world *w = *state;
	struct diskq_file *f;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	f = diskq_open(w->queue, ends[1], false);
	add(w, f, "one\n", 1);
	wait_told(w, 1);
	assert_int_equal(w->failed, 1);
	assert_int_equal(w->last.kind, ERR_DISK);
	diskq_close(w->queue, f);
	diskq_free(w->queue);
	w->queue = NULL;
	close(ends[0]);
}

static void
replacement_is_whole_and_leaves_nothing_else(void **state)
{
	struct world *w = *state;
	const char *path = scratch_path(w->folder, "sphere.json");
	struct err e = { 0 };

	scratch_write(path, "old and much longer than the new one");
	diskq_replace(w->queue, path, "new", 3, told, ask_new(w, 1));
	wait_told(w, 1);
	assert_int_equal(w->failed, 0);
	assert_holds(path, "new");
	assert_false(scratch_exists(scratch_path(w->folder, "sphere.json.tmp")));
	assert_true(diskq_replace_now(path, "newer", 5, &e));
	assert_holds(path, "newer");
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void
private_replacement_is_for_its_owner_alone(void **state)
{
	struct world *w = *state;
	const char *path = scratch_path(w->folder, "secret");
	const mode_t umask_before = umask(0);
	struct err e = { 0 };

	scratch_write(path, "old");
	scratch_write(scratch_path(w->folder, "secret.tmp"), "left open to all by a crash");
	assert_int_equal(chmod(path, 0666) | chmod(scratch_path(w->folder, "secret.tmp"), 0666), 0);
	diskq_replace_private(w->queue, path, "new", 3, told, ask_new(w, 1));
	wait_told(w, 1);
	assert_holds(path, "new");
	assert_int_equal(mode_of(path), 0600);
	assert_true(diskq_replace_private_now(scratch_path(w->folder, "other"), "x", 1, &e));
	assert_int_equal(mode_of(scratch_path(w->folder, "other")), 0600);
	assert_true(diskq_replace_now(scratch_path(w->folder, "plain"), "x", 1, &e));
	assert_int_equal(mode_of(scratch_path(w->folder, "plain")), 0666);
	umask(umask_before);
}

static void
newest_of_many_replacements_stands(void **state)
{
	struct world *w = *state;
	const char *path = scratch_path(w->folder, "take.json");
	char text[16];

	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "%d", i);
		diskq_replace(w->queue, path, text, strlen(text), told, ask_new(w, i));
	}
	wait_told(w, MANY);
	assert_int_equal(w->failed, 0);
	assert_holds(path, "199");
}

static void
first_file_makes_its_folder(void **state)
{
	struct world *w = *state;
	const char *path = scratch_path(w->folder, "003/take.json");

	diskq_replace(w->queue, path, "{}", 2, told, ask_new(w, 1));
	wait_told(w, 1);
	assert_int_equal(w->failed, 0);
	assert_holds(path, "{}");
}

static void
file_that_a_person_named_makes_none(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };

	assert_false(diskq_replace_there_now(scratch_path(w->folder, "none/x"), "x", 1, &e));
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_non_null(strstr(e.text, "there is no folder "));
	assert_int_not_equal(access(scratch_path(w->folder, "none"), F_OK), 0);
	diskq_replace_there(w->queue, scratch_path(w->folder, "x"), "new", 3, told, ask_new(w, 1));
	wait_told(w, 1);
	assert_holds(scratch_path(w->folder, "x"), "new");
}

static void
replacement_that_fails_keeps_the_old_file(void **state)
{
	struct world *w = *state;
	const char *path = scratch_path(w->folder, "sphere.json");

	scratch_write(path, "old");
	limit_file_size(4);
	diskq_replace(w->queue, path, "new and longer", 14, told, ask_new(w, 1));
	wait_told(w, 1);
	limit_file_size(RLIM_INFINITY);
	assert_int_equal(w->failed, 1);
	assert_int_equal(w->last.kind, ERR_DISK);
	assert_non_null(strstr(w->last.text, "sphere.json"));
	assert_holds(path, "old");
	assert_false(scratch_exists(scratch_path(w->folder, "sphere.json.tmp")));
}

static void
replacement_through_a_file_is_refused(void **state)
{
	struct world *w = *state;
	struct err e = { 0 };

	scratch_write(scratch_path(w->folder, "file"), "");
	assert_false(diskq_replace_now(scratch_path(w->folder, "file/x"), "x", 1, &e));
	assert_int_equal(e.kind, ERR_DISK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(appended_line_is_there_when_it_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(answers_come_in_the_order_of_asking, setup, teardown),
		cmocka_unit_test_setup_teardown(urgent_line_waits_for_no_other_file, setup, teardown),
		cmocka_unit_test_setup_teardown(line_that_nobody_waits_for_is_flushed_soon, setup, teardown),
		cmocka_unit_test_setup_teardown(flood_is_gathered_and_written_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(free_writes_all_and_answers_all, setup, teardown),
		cmocka_unit_test_setup_teardown(short_write_is_taken_back_and_told, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_lines_go_before_later_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_lines_are_tried_again_without_a_later_one, setup, teardown),
		cmocka_unit_test_setup_teardown(failed_flush_is_a_failed_line, setup, teardown),
		cmocka_unit_test_setup_teardown(replacement_is_whole_and_leaves_nothing_else, setup, teardown),
		cmocka_unit_test_setup_teardown(private_replacement_is_for_its_owner_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(newest_of_many_replacements_stands, setup, teardown),
		cmocka_unit_test_setup_teardown(first_file_makes_its_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(file_that_a_person_named_makes_none, setup, teardown),
		cmocka_unit_test_setup_teardown(replacement_that_fails_keeps_the_old_file, setup, teardown),
		cmocka_unit_test_setup_teardown(replacement_through_a_file_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
