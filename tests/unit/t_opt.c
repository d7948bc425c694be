/*
 * t_opt.c - options: types, ranges, and the sentence for what is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/opt.h"

static const struct opt_def table[] = {
	{ .name = "ack-timeout", .type = OPT_TIME, .min = 50000, .max = 60000000, .def = "2s" },
	{ .name = "auto-fetch", .type = OPT_BOOL, .def = "on" },
	{ .name = "sweep-rate", .type = OPT_INT, .min = 1, .max = 5000, .def = "500" },
	{ .name = "program-lost", .type = OPT_CHOICE, .choices = "ask|safe|stay", .def = "ask" },
	{ .name = "theme", .type = OPT_TEXT, .def = "default" },
	{ .name = NULL },
};

static void
defaults_hold_at_first(void **state)
{
	struct opt_set *s = opt_set_new(table);

	(void)state;
	assert_int_equal(opt_int(s, "ack-timeout"), 2000000);
	assert_int_equal(opt_int(s, "auto-fetch"), 1);
	assert_int_equal(opt_int(s, "sweep-rate"), 500);
	assert_int_equal(opt_int(s, "program-lost"), 0);
	assert_string_equal(opt_text(s, "theme"), "default");
	assert_string_equal(opt_text(s, "ack-timeout"), "2s");
	assert_ptr_equal(opt_find(s, "theme"), &table[4]);
	assert_null(opt_find(s, "them"));
	opt_set_free(s);
	opt_set_free(NULL);
}

static void
good_values_are_taken_as_written(void **state)
{
	static const struct {
		const char *name, *value;
		int64_t want;
	} cases[] = {
		{ "ack-timeout", "50ms", 50000 }, { "ack-timeout", "1m", 60000000 }, { "auto-fetch", "off", 0 },
		{ "auto-fetch", "yes", 1 }, { "auto-fetch", "false", 0 }, { "auto-fetch", "true", 1 }, { "auto-fetch", "no", 0 },
		{ "sweep-rate", "1", 1 }, { "sweep-rate", "5000", 5000 }, { "program-lost", "stay", 2 },
		{ "program-lost", "safe", 1 }, { "theme", "a b", 0 }, { "theme", "", 0 },
	};
	struct opt_set *s = opt_set_new(table);
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(opt_assign(s, cases[i].name, cases[i].value, &e));
		assert_int_equal(opt_int(s, cases[i].name), cases[i].want);
		assert_string_equal(opt_text(s, cases[i].name), cases[i].value);
	}
	assert_true(opt_assign(s, "program-lost", "safe", &e));
	assert_true(opt_assign(s, "program-lost", opt_text(s, "program-lost"), &e));
	assert_string_equal(opt_text(s, "program-lost"), "safe");
	opt_set_free(s);
}

static void
bad_values_change_nothing_and_say_why(void **state)
{
	static const struct {
		const char *name, *value, *says;
	} cases[] = {
		{ "ack-timeout", "49ms", "50ms to 1m 00s" }, { "ack-timeout", "61s", "out of range" },
		{ "ack-timeout", "2", "not a time" }, { "ack-timeout", "", "not a time" }, { "auto-fetch", "maybe", "on nor off" },
		{ "sweep-rate", "0", "from 1 to 5000" }, { "sweep-rate", "5001", "from 1 to 5000" }, { "sweep-rate", "x", "whole number" },
		{ "program-lost", "as", "ask|safe|stay" }, { "program-lost", "ask|safe", "none of" }, { "program-lost", "", "none of" },
	};
	struct opt_set *s = opt_set_new(table);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t before = opt_int(s, cases[i].name);
		struct err e;

		assert_false(opt_assign(s, cases[i].name, cases[i].value, &e));
		assert_int_equal(e.kind, ERR_USAGE);
		assert_non_null(strstr(e.text, cases[i].says));
		assert_non_null(strstr(e.text, cases[i].name));
		assert_int_equal(opt_int(s, cases[i].name), before);
	}
	assert_false(opt_assign(s, "sweep-rate", "0", NULL));
	opt_set_free(s);
}

static void
unknown_name_tells_the_nearest(void **state)
{
	static const struct {
		const char *name, *near;	/* NULL: nothing is near */
	} cases[] = {
		{ "ack-timout", "\"ack-timeout\"" }, { "acktimeout", "\"ack-timeout\"" }, { "fetch-auto", NULL },
		{ "themes", "\"theme\"" }, { "sweeprate", "\"sweep-rate\"" }, { "zzzzzzzz", NULL }, { "program-los", "\"program-lost\"" },
	};
	struct opt_set *s = opt_set_new(table);
	char long_name[300];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_false(opt_assign(s, cases[i].name, "1", &e));
		assert_non_null(strstr(e.text, cases[i].name));
		if (cases[i].near != NULL)
			assert_non_null(strstr(e.text, cases[i].near));
		else
			assert_null(strstr(e.text, "nearest"));
	}
	memset(long_name, 'a', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	assert_false(opt_assign(s, long_name, "1", &e));
	assert_null(strstr(e.text, "nearest"));
	opt_set_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold_at_first),
		cmocka_unit_test(good_values_are_taken_as_written),
		cmocka_unit_test(bad_values_change_nothing_and_say_why),
		cmocka_unit_test(unknown_name_tells_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
