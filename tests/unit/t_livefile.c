/*
 * t_livefile.c - files that change while they are used: written in place, renamed over, gone and back, through a link.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/ceilings.h"
#include "io/loop_uv.h"
#include "support/scratch.h"
#include "ui/keyfile.h"
#include "ui/livefile.h"

#define LONG_US 10000000

struct desk {
	struct loop *loop;
	char *folder, path[1024], other[1024];
	struct livefile *file;
	struct loop_timer *limit;
	int changes, wanted;
	bool closes;
};

static void
on_changed(void *arg)
{
	struct desk *d = arg;

	d->changes++;
	if (d->closes) {
		livefile_close(d->file);
		d->file = NULL;
	}
	if (d->changes == d->wanted)
		loop_stop(d->loop);
}

static void
on_limit(void *arg)
{
	struct desk *d = arg;

	loop_stop(d->loop);
}

static int
setup(void **state)
{
	struct desk *d = calloc(1, sizeof *d);

	d->loop = loop_uv_new(0);
	d->folder = scratch_new();
	snprintf(d->path, sizeof d->path, "%s/theme", d->folder);
	snprintf(d->other, sizeof d->other, "%s/.theme.swp", d->folder);
	scratch_write(d->path, "one\n");
	d->limit = loop_timer_new(d->loop, on_limit, d);
	*state = d;
	return 0;
}

static int
teardown(void **state)
{
	struct desk *d = *state;

	livefile_close(d->file);
	loop_timer_free(d->loop, d->limit);
	loop_free(d->loop);
	scratch_free(d->folder);
	free(d);
	return 0;
}

/* Turns the loop until there were so many changes; true when they came. */
static bool
changes(struct desk *d, int count)
{
	d->wanted = count;
	loop_timer_start(d->loop, d->limit, LONG_US, 0);
	if (d->changes < count)
		loop_run(d->loop);
	return d->changes == count;
}

/* Nothing more comes in a time in which it would have. */
static bool
is_quiet(struct desk *d)
{
	int before = d->changes;

	d->wanted = before + 1;
	loop_timer_start(d->loop, d->limit, 400000, 0);
	loop_run(d->loop);
	return d->changes == before;
}

static void
file_written_in_place_is_told_once(void **state)
{
	struct desk *d = *state;

	d->file = livefile_open(d->loop, d->path, on_changed, d);
	for (int i = 0; i < 5; i++)
		scratch_write(d->path, "two\n");
	assert_true(changes(d, 1));
	assert_true(is_quiet(d));
}

static void
file_renamed_over_is_told_again_and_again(void **state)
{
	struct desk *d = *state;

	d->file = livefile_open(d->loop, d->path, on_changed, d);
	for (int i = 1; i <= 3; i++) {
		scratch_write(d->other, i == 1 ? "two\n" : "three\n");
		assert_int_equal(rename(d->other, d->path), 0);
		assert_true(changes(d, i));
	}
}

static void
file_that_went_is_told_when_it_is_back(void **state)
{
	struct desk *d = *state;

	d->file = livefile_open(d->loop, d->path, on_changed, d);
	unlink(d->path);
	assert_true(is_quiet(d));
	scratch_write(d->path, "back\n");
	assert_true(changes(d, 1));
}

static void
folder_that_went_is_found_again(void **state)
{
	struct desk *d = *state;
	char away[1100];

	d->file = livefile_open(d->loop, d->path, on_changed, d);
	snprintf(away, sizeof away, "%s-away", d->folder);
	assert_int_equal(rename(d->folder, away), 0);
	assert_true(is_quiet(d));
	mkdir(d->folder, 0700);
	scratch_write(d->path, "new\n");
	assert_true(changes(d, 1));
	scratch_write(d->path, "newer\n");
	assert_true(changes(d, 2));
	scratch_free(strdup(away));
}

static void
file_behind_a_link_is_seen_to_change(void **state)
{
	struct desk *d = *state;
	char *elsewhere = scratch_new(), link[1024], real[1024];

	snprintf(link, sizeof link, "%s/link", d->folder);
	snprintf(real, sizeof real, "%s/real", elsewhere);
	scratch_write(real, "one\n");
	assert_int_equal(symlink(real, link), 0);
	d->file = livefile_open(d->loop, link, on_changed, d);
	scratch_write(real, "two\n");
	assert_true(changes(d, 1));
	unlink(link);
	assert_int_equal(symlink(d->path, link), 0);
	assert_true(changes(d, 2));
	scratch_free(elsewhere);
}

static void
other_files_beside_it_are_nothing(void **state)
{
	struct desk *d = *state;

	d->file = livefile_open(d->loop, d->path, on_changed, d);
	scratch_write(d->other, "x\n");
	unlink(d->other);
	assert_true(is_quiet(d));
}

static void
may_be_closed_while_it_tells(void **state)
{
	struct desk *d = *state;

	d->closes = true;
	d->file = livefile_open(d->loop, d->path, on_changed, d);
	scratch_write(d->path, "two\n");
	assert_true(changes(d, 1));
	assert_null(d->file);
}

static void
only_regular_files_of_bounded_size_are_read(void **state)
{
	struct desk *d = *state;
	char pipe_path[1024], big_path[1024], *big = malloc(MAX_CONFIG_FILE + 2), *text;
	struct err e = { 0 };
	size_t len;

	assert_non_null(big);
	snprintf(pipe_path, sizeof pipe_path, "%s/pipe", d->folder);
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	assert_null(livefile_read(pipe_path, &len, &e));	/* and nobody waited for a writer */
	assert_non_null(strstr(e.text, "is no file"));
	snprintf(big_path, sizeof big_path, "%s/big", d->folder);
	memset(big, 'x', MAX_CONFIG_FILE + 1);
	big[MAX_CONFIG_FILE + 1] = '\0';
	scratch_write(big_path, big);
	err_clear(&e);
	assert_null(livefile_read(big_path, &len, &e));
	assert_int_equal(e.kind, ERR_TOO_BIG);
	free(big);
	text = livefile_read(d->path, &len, &e);
	assert_non_null(text);
	assert_int_equal(len, 4);
	free(text);
}

static void
names_of_all_folders_are_listed_once(void **state)
{
	struct desk *d = *state;
	char *second = scratch_new(), folders[2200], **names;

	scratch_write(scratch_path(second, "theme"), "");
	scratch_write(scratch_path(second, "beta"), "");
	scratch_write(scratch_path(second, "beta~"), "");
	scratch_write(scratch_path(second, ".hidden"), "");
	snprintf(folders, sizeof folders, "%s:%s:/nowhere", d->folder, second);
	names = livefile_names(folders);
	assert_string_equal(names[0], "beta");
	assert_string_equal(names[1], "theme");
	assert_null(names[2]);
	livefile_names_free(names);
	scratch_free(second);
}

static void
sets_of_keys_are_found_by_name_and_path(void **state)
{
	struct desk *d = *state;
	char path[1024], again[1024];
	struct keymap *own;
	struct err e = { 0 };
	const struct keymap *k;

	scratch_write(scratch_path(d->folder, "mine"), "base nle\nx cut\n");
	scratch_write(scratch_path(d->folder, "bad"), "x cut\nx quit\n");
	k = keyfile_load(d->folder, "voctomix", &own, path, sizeof path, &e);
	assert_true(k == keymap_builtin("voctomix") && own == NULL && path[0] == '\0');
	k = keyfile_load(d->folder, "mine", &own, path, sizeof path, &e);
	assert_true(k != NULL && k == own);
	assert_string_equal(keymap_name(k), "mine");
	assert_string_equal(path, scratch_path(d->folder, "mine"));
	keymap_free(own);
	k = keyfile_load("", path, &own, again, sizeof again, &e);
	assert_non_null(k);
	keymap_free(own);
	assert_null(keyfile_load(d->folder, "bad", &own, path, sizeof path, &e));
	assert_non_null(strstr(e.text, "/bad:2: `quit` is never a key"));
	err_clear(&e);
	assert_null(keyfile_load(d->folder, "nosuch", &own, path, sizeof path, &e));
	assert_string_equal(e.text, "there is no set of keys \"nosuch\"; expected atem, voctomix, nle, bad, mine, theme or a file");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(file_written_in_place_is_told_once), T(file_renamed_over_is_told_again_and_again), T(file_that_went_is_told_when_it_is_back),
		T(folder_that_went_is_found_again), T(file_behind_a_link_is_seen_to_change), T(other_files_beside_it_are_nothing),
		T(may_be_closed_while_it_tells), T(only_regular_files_of_bounded_size_are_read), T(names_of_all_folders_are_listed_once),
		T(sets_of_keys_are_found_by_name_and_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
