/*
 * t_settings.c - the options have the defaults of the console specification, and each has its one sentence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "app/reply.h"
#include "app/settings.h"

/* The console specification, "Defaults". */
static const struct { const char *name, *value; } defaults[] = {
	{ "ack-timeout", "2s" }, { "stale-after", "3s" }, { "lost-after", "6s" }, { "record-lead", "500ms" },
	{ "roll-policy", "willing" }, { "growth-time", "3s" }, { "auto-fetch", "on" }, { "fetch-while-rolling", "pause" },
	{ "cut-guard", "250ms" }, { "program-lost", "ask" }, { "claim", "off" }, { "sweep-rate", "500" },
	{ "bell", "visual" }, { "preview-fps", "10" }, { "sweep-ports", "8081" }, { "tailscale", "auto" },
};

static void
defaults_are_those_of_the_specification(void **state)
{
	struct opt_set *s = opt_set_new(settings_table);
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
		assert_non_null(opt_find(s, defaults[i].name));
		assert_string_equal(opt_text(s, defaults[i].name), defaults[i].value);
	}
	assert_int_equal(opt_int(s, "ack-timeout"), 2000000);
	assert_int_equal(opt_int(s, "cut-guard"), 250000);
	assert_int_equal(opt_int(s, "auto-fetch"), 1);
	assert_int_equal(opt_int(s, "sweep-rate"), 500);
	assert_true(opt_assign(s, "sweep-rate", "0", &e));	/* no limit */
	assert_int_equal(opt_int(s, "sweep-rate"), 0);
	opt_set_free(s);
}

static void
every_option_is_one_sentence_and_inside_its_own_range(void **state)
{
	struct opt_set *s = opt_set_new(settings_table);
	struct err e;

	(void)state;
	for (const struct opt_def *d = settings_table; d->name != NULL; d++) {
		const size_t len = strlen(d->text);

		assert_true(len > 20);
		assert_int_equal(d->text[len - 1], '.');
		assert_null(strchr(d->text, '\n'));
		assert_true(opt_assign(s, d->name, d->def, &e));
		for (const struct opt_def *other = settings_table; other != d; other++)
			assert_string_not_equal(other->name, d->name);
	}
	opt_set_free(s);
}

static void
values_out_of_range_are_refused_and_change_nothing(void **state)
{
	static const struct { const char *name, *value; } bad[] = {
		{ "ack-timeout", "1ms" }, { "ack-timeout", "2" }, { "preview-fps", "0" }, { "preview-fps", "31" },
		{ "bell", "loud" }, { "program-lost", "panic" }, { "claim", "maybe" }, { "sweep-rate", "-1" }, { "lost-after", "0s" },
	};
	struct opt_set *s = opt_set_new(settings_table);
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const int64_t before = opt_int(s, bad[i].name);

		assert_false(opt_assign(s, bad[i].name, bad[i].value, &e));
		assert_true(e.text[0] != '\0');
		assert_int_equal(opt_int(s, bad[i].name), before);
	}
	opt_set_free(s);
}

static void
end_words_are_those_of_the_specification(void **state)
{
	(void)state;
	assert_string_equal(reply_result_name(REPLY_OK), "ok");
	assert_string_equal(reply_result_name(REPLY_PARTIAL), "partial");
	assert_string_equal(reply_result_name(REPLY_FAILED), "failed");
	assert_string_equal(reply_result_name(REPLY_ERROR), "error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_specification),
		cmocka_unit_test(every_option_is_one_sentence_and_inside_its_own_range),
		cmocka_unit_test(values_out_of_range_are_refused_and_change_nothing),
		cmocka_unit_test(end_words_are_those_of_the_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
