/*
 * t_folder.c - folders made with their parents, and the state folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "io/folder.h"
#include "support/scratch.h"

static int
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? (int)(st.st_mode & 0777) : -1;
}

static void
parents_are_made_and_what_is_there_stays(void **state)
{
	char *root = scratch_new();

	(void)state;
	assert_true(folder_make(scratch_path(root, "a/b//c"), 0700));
	assert_int_equal(mode_of(scratch_path(root, "a")), 0700);
	assert_int_equal(mode_of(scratch_path(root, "a/b/c")), 0700);
	assert_true(folder_make(scratch_path(root, "a/b/c/"), 0755));
	assert_int_equal(mode_of(scratch_path(root, "a/b/c")), 0700);
	scratch_write(scratch_path(root, "file"), "x");
	assert_false(folder_make(scratch_path(root, "file/below"), 0700));
	assert_int_equal(errno, ENOTDIR);
	assert_false(folder_make("", 0700));
	scratch_free(root);
}

static void
state_folder_is_where_the_environment_says(void **state)
{
	char *root = scratch_new(), path[300], tiny[8];
	struct err e = { .kind = ERR_NONE };

	(void)state;
	setenv("XDG_STATE_HOME", scratch_path(root, "state"), 1);
	setenv("HOME", scratch_path(root, "home"), 1);
	assert_true(folder_state(path, sizeof path, &e));
	assert_string_equal(path, scratch_path(root, "state/livedirector"));
	assert_int_equal(mode_of(path), 0700);
	setenv("XDG_STATE_HOME", "relative", 1);		/* to be ignored, by the XDG specification */
	assert_true(folder_state(path, sizeof path, &e));
	assert_string_equal(path, scratch_path(root, "home/.local/state/livedirector"));
	assert_false(folder_state(tiny, sizeof tiny, &e));
	unsetenv("HOME");
	assert_false(folder_state(path, sizeof path, &e));
	assert_int_equal(e.kind, ERR_ENVIRONMENT);
	scratch_free(root);
}

static void
runtime_folder_is_this_users_alone(void **state)
{
	char *root = scratch_new(), path[300];
	struct err e = { .kind = ERR_NONE };

	(void)state;
	setenv("XDG_RUNTIME_DIR", root, 1);
	assert_false(folder_runtime(path, sizeof path, false, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_true(folder_runtime(path, sizeof path, true, &e));
	assert_string_equal(path, scratch_path(root, "livedirector"));
	assert_int_equal(mode_of(path), 0700);
	assert_true(folder_runtime(path, sizeof path, false, &e));
	assert_int_equal(chmod(path, 0777), 0);		/* others could put a socket of theirs there */
	assert_false(folder_runtime(path, sizeof path, true, &e));
	assert_int_equal(e.kind, ERR_ENVIRONMENT);
	setenv("XDG_RUNTIME_DIR", "/dev/null/nowhere", 1);
	assert_false(folder_runtime(path, sizeof path, true, &e));
	assert_int_equal(e.kind, ERR_ENVIRONMENT);
	unsetenv("XDG_RUNTIME_DIR");
	(void)folder_runtime(path, sizeof path, false, &e);
	assert_non_null(strstr(path, "/run/user/"));
	scratch_free(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parents_are_made_and_what_is_there_stays),
		cmocka_unit_test(state_folder_is_where_the_environment_says),
		cmocka_unit_test(runtime_folder_is_this_users_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
