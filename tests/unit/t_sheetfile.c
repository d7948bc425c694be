/*
 * t_sheetfile.c - the text of cue sheets: read whole or refused with a sentence, and never waited for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/ceilings.h"
#include "io/sheetfile.h"
#include "support/scratch.h"

static int
folder_new(void **state)
{
	*state = scratch_new();
	return 0;
}

static int
folder_free(void **state)
{
	scratch_free(*state);
	return 0;
}

static void
assert_refused(const char *path, const char *says)
{
	struct err e = { .kind = ERR_NONE };
	size_t len = 0;

	assert_null(sheetfile_load(NULL, path, &len, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	if (strstr(e.text, says) == NULL)
		fail_msg("said:     %s\nexpected: %s", e.text, says);
}

static void
a_file_is_read_whole(void **state)
{
	const char *path = scratch_path(*state, "show.cue");
	struct err e = { .kind = ERR_NONE };
	size_t len = 0;
	char *text;

	scratch_add(path, "zero\0x\n", 7);
	text = sheetfile_load(NULL, path, &len, &e);
	assert_non_null(text);
	assert_int_equal(len, 7);
	assert_memory_equal(text, "zero\0x\n", 8);
	free(text);
	text = sheetfile_read(path, &len, &e);
	assert_int_equal(len, 7);
	free(text);
	scratch_write(scratch_path(*state, "empty.cue"), "");
	text = sheetfile_load(NULL, scratch_path(*state, "empty.cue"), &len, &e);
	assert_non_null(text);
	assert_int_equal(len, 0);
	free(text);
}

/* A pipe that nobody writes to would hold up who waits for it. */
static void
only_regular_files_are_loaded(void **state)
{
	const char *pipe = scratch_path(*state, "pipe.cue");

	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_refused(pipe, "pipe.cue cannot be read");
	assert_refused(*state, "Is a directory");
	assert_refused("/dev/zero", "/dev/zero cannot be read: it is a pipe or a device, not a file");
	assert_refused(scratch_path(*state, "gone.cue"), "No such file");
}

static void *
write_slowly(void *path)
{
	FILE *f = fopen(path, "w");

	fputs("ze", f);
	fflush(f);
	usleep(20000);
	fputs("ro\n", f);
	fclose(f);
	return NULL;
}

static void
a_pipe_that_the_user_names_is_read_to_its_end(void **state)
{
	char *path = strdup(scratch_path(*state, "pipe.cue"));
	struct err e = { .kind = ERR_NONE };
	pthread_t writer;
	size_t len = 0;
	char *text;

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_slowly, path), 0);
	text = sheetfile_read(path, &len, &e);
	pthread_join(writer, NULL);
	assert_non_null(text);
	assert_string_equal(text, "zero\n");
	assert_int_equal(len, 5);
	free(text);
	free(path);
}

static void
more_than_a_sheet_may_be_is_refused(void **state)
{
	const char *path = scratch_path(*state, "large.cue");
	char *text = calloc(1, MAX_CUE_SHEET + 1);
	struct err e = { .kind = ERR_NONE };
	size_t len = 0;
	char *read;

	memset(text, '#', MAX_CUE_SHEET);
	scratch_add(path, text, MAX_CUE_SHEET);
	read = sheetfile_load(NULL, path, &len, &e);
	assert_non_null(read);
	assert_int_equal(len, MAX_CUE_SHEET);
	free(read);
	scratch_add(path, "#", 1);
	assert_refused(path, "is larger than a cue sheet may be (1048576 bytes)");
	assert_null(sheetfile_read(path, &len, &e));
	assert_null(sheetfile_read("/dev/zero", &len, &e));
	assert_non_null(strstr(e.text, "/dev/zero is larger"));
	free(text);
}

static void
a_sheet_is_parsed_with_what_it_includes(void **state)
{
	char *path = strdup(scratch_path(*state, "show.cue"));
	struct err e = { .kind = ERR_NONE };
	struct cue_sheet s;

	scratch_write(path, "include part.cue\nzero\n");
	scratch_write(scratch_path(*state, "part.cue"), "on go cut left");
	assert_true(sheetfile_parse(&s, path, NULL, &e));
	assert_int_equal(s.count, 2);
	assert_string_equal(s.cues[0].file, scratch_path(*state, "part.cue"));
	assert_string_equal(s.cues[1].file, path);
	cue_sheet_fini(&s);
	scratch_write(scratch_path(*state, "part.cue"), "zero\non go");
	assert_false(sheetfile_parse(&s, path, NULL, &e));
	assert_non_null(strstr(e.text, "/part.cue:2:6: expected a command after on go"));
	unlink(scratch_path(*state, "part.cue"));
	assert_false(sheetfile_parse(&s, path, NULL, &e));
	assert_non_null(strstr(e.text, "/show.cue:1:9: the cue sheet "));
	unlink(path);
	assert_false(sheetfile_parse(&s, path, NULL, &e));
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_is_read_whole, folder_new, folder_free),
		cmocka_unit_test_setup_teardown(only_regular_files_are_loaded, folder_new, folder_free),
		cmocka_unit_test_setup_teardown(a_pipe_that_the_user_names_is_read_to_its_end, folder_new, folder_free),
		cmocka_unit_test_setup_teardown(more_than_a_sheet_may_be_is_refused, folder_new, folder_free),
		cmocka_unit_test_setup_teardown(a_sheet_is_parsed_with_what_it_includes, folder_new, folder_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
