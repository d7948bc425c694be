/*
 * t_log.c - topics and printable lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"

static void
topics_are_chosen_by_name(void **state)
{
	const char *bad = NULL;

	(void)state;
	assert_true(log_setup("disc,conn", "/dev/null", &bad));
	assert_true(log_is_on(LOG_DISC));
	assert_true(log_is_on(LOG_CONN));
	assert_false(log_is_on(LOG_LOOP));
	assert_true(log_setup("all", "/dev/null", &bad));
	assert_true(log_is_on(LOG_CMD));
	assert_true(log_setup("", NULL, &bad));
	assert_false(log_is_on(LOG_CMD));
	log_close();
}

static void
unknown_topic_is_named(void **state)
{
	const char *bad = NULL;

	(void)state;
	assert_false(log_setup("disc,disk,dsk,all", NULL, &bad));
	assert_string_equal(bad, "dsk");
	assert_false(log_is_on(LOG_DISC));
	assert_false(log_setup("all", "/nonexistent/folder/log", &bad));
	assert_string_equal(bad, "/nonexistent/folder/log");
}

static void
lines_are_whole_and_printable(void **state)
{
	char path[] = "/tmp/t_log.XXXXXX", line[512];
	const char *bad;
	int fd = mkstemp(path);
	FILE *in;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_true(log_setup("http", path, &bad));
	log_line(LOG_DISC, "not asked for");
	log_line(LOG_HTTP, "from %s: %s", "left", "a\x1b[2Jb\nc\xff\xc2\x9b \xc3\xa9");
	log_close();
	log_line(LOG_HTTP, "after the end");
	in = fopen(path, "r");
	assert_non_null(in);
	assert_non_null(fgets(line, sizeof line, in));
	assert_non_null(strstr(line, " http   from left: a\\x1b[2Jb\\x0ac\\xff\xef\xbf\xbd \xc3\xa9\n"));
	assert_null(fgets(line, sizeof line, in));
	fclose(in);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_are_chosen_by_name),
		cmocka_unit_test(unknown_topic_is_named),
		cmocka_unit_test(lines_are_whole_and_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
