/*
 * t_filelist.c - what a half typed path may become: folders and files, hidden ones, at home, names that no line can show.
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

#include "io/loop_uv.h"
#include "support/scratch.h"
#include "ui/filelist.h"

struct desk {
	struct loop *loop;
	char *folder, said[8192];	/* the names, one blank behind each, the folder itself left out */
	int answers;
};

static int
setup(void **state)
{
	static const char *const files[] = { "one.cue", "Only.cue", "two words.cue", ".hidden", "b\x1b[31md", "on\xff" };
	struct desk *d = calloc(1, sizeof *d);
	char path[4400];

	d->loop = loop_uv_new(0);
	d->folder = scratch_new();
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", d->folder, files[i]);
		scratch_write(path, "");
	}
	assert_int_equal(mkdir(scratch_path(d->folder, "shows"), 0700), 0);
	assert_int_equal(symlink("shows", scratch_path(d->folder, "old")), 0);
	scratch_write(scratch_path(d->folder, "shows/talk.cue"), "");
	*state = d;
	return 0;
}

static int
teardown(void **state)
{
	struct desk *d = *state;

	loop_free(d->loop);
	scratch_free(d->folder);
	free(d);
	return 0;
}

static void
on_names(void *arg, const char *const *paths)
{
	struct desk *d = arg;
	const size_t len = strlen(d->folder);

	for (; *paths != NULL; paths++)
		snprintf(d->said + strlen(d->said), sizeof d->said - strlen(d->said), "%s ", strncmp(*paths, d->folder, len) == 0 ? *paths + len : *paths);
	d->answers++;
	loop_stop(d->loop);
}

static const char *
names(struct desk *d, const char *word)
{
	d->said[0] = '\0';
	assert_non_null(filelist_ask(d->loop, word, on_names, d));
	loop_run(d->loop);
	return d->said;
}

static const char *
names_below(struct desk *d, const char *rest)
{
	char word[4400];

	snprintf(word, sizeof word, "%s%s", d->folder, rest);
	return names(d, word);
}

static void
names_begin_as_the_word_does(void **state)
{
	struct desk *d = *state;

	assert_string_equal(names_below(d, "/"), "/Only.cue /old/ /one.cue /shows/ /two words.cue ");
	assert_string_equal(names_below(d, "/on"), "/Only.cue /one.cue ");
	assert_string_equal(names_below(d, "/shows/"), "/shows/talk.cue ");
	assert_string_equal(names_below(d, "/."), "/.hidden ");
	assert_string_equal(names_below(d, "/nothing"), "");
	assert_string_equal(names_below(d, "/none/x"), "");
}

static void
a_word_begins_at_home_or_here(void **state)
{
	struct desk *d = *state;
	char here[4096];

	setenv("HOME", d->folder, 1);
	assert_string_equal(names(d, "~/sh"), "~/shows/ ");
	assert_string_equal(names(d, "~/shows/t"), "~/shows/talk.cue ");
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(d->folder), 0);
	assert_string_equal(names(d, "sh"), "shows/ ");
	assert_int_equal(chdir(here), 0);
}

static void
a_folder_of_thousands_has_an_end(void **state)
{
	struct desk *d = *state;
	char name[64];
	int count = 0;

	for (int i = 0; i < 3 * FILELIST_MOST; i++) {
		snprintf(name, sizeof name, "shows/n%04d", i);
		scratch_write(scratch_path(d->folder, name), "");
	}
	for (const char *p = names_below(d, "/shows/n"); *p != '\0'; p++)
		count += *p == ' ';
	assert_int_equal(count, FILELIST_MOST);
}

static void
nobody_is_told_who_does_not_wait(void **state)
{
	struct desk *d = *state;

	filelist_drop(NULL);
	filelist_drop(filelist_ask(d->loop, "", on_names, d));
	assert_string_equal(names_below(d, "/shows/t"), "/shows/talk.cue ");
	assert_int_equal(d->answers, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_begin_as_the_word_does, setup, teardown),
		cmocka_unit_test_setup_teardown(a_word_begins_at_home_or_here, setup, teardown),
		cmocka_unit_test_setup_teardown(a_folder_of_thousands_has_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_is_told_who_does_not_wait, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
