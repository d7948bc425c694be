/*
 * t_target.c - the names of cameras as people write them: who is meant, and what is said when nobody is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/str.h"
#include "domain/target.h"

/* The cast of these tests.  Ids are short here and begin with different letters, but for the two of number 6 and 7. */
static const struct { const char *id, *device, *label; unsigned roles; bool out, view_only, known; } cast[] = {
	{ "aaaa1111-x", "iPhone 16 Plus", "left guest", ROLE(CAMERA) | ROLE(GUEST), false, false, false },	/* 1 */
	{ "bbbb2222-x", "Pixel 9", "wide", ROLE(CAMERA) | ROLE(SAFE), false, false, false },			/* 2 */
	{ "cccc3333-x", "iPhone", "", ROLE(CAMERA), false, false, false },					/* 3 */
	{ "dddd4444-x", "iPhone", "left wing", ROLE(CAMERA) | ROLE(GUEST), true, false, false },		/* 4: out */
	{ "eeee5555-x", "desk cam", "", ROLE(BACKUP), false, true, false },					/* 5: view-only */
	{ "66667777-x", "GoPro", "", ROLE(GUEST), false, false, true },						/* 6: known only */
	{ "66668888-x", "8", "Anna, \"the\" voice", ROLE(AUDIO), false, false, false },				/* 7 */
};

static struct registry *
gather_cast(void)
{
	struct registry *r = registry_new();

	for (size_t i = 0; i < sizeof(cast) / sizeof(cast[0]); i++) {
		struct registry_node *n = registry_remember(r, cast[i].id);

		n->number = (int)i + 1;
		str_copy(n->info.device_name, sizeof(n->info.device_name), cast[i].device);
		str_copy(n->label, sizeof(n->label), cast[i].label);
		n->roles = cast[i].roles;
		n->out = cast[i].out;
		n->view_only = cast[i].view_only;
		n->known = cast[i].known;
	}
	return r;
}

/* The numbers of a set: "1 2 7". */
static void
show_numbers(char *out, size_t room, struct registry *r, const struct target_set *set)
{
	size_t at = 0;

	out[0] = '\0';
	for (int i = 0; i < set->count; i++)
		at += (size_t)snprintf(out + at, room - at, "%s%d", i > 0 ? " " : "", registry_find(r, set->ids[i])->number);
}

static const struct { const char *text, *want; } good_cases[] = {
	{ "all", "1 2 3 7" },
	{ " all ", "1 2 3 7" },
	{ "all,-wide", "1 3 7" },
	{ "-wide", "1 3 7" },
	{ "-wide,-1", "3 7" },
	{ "-wide,all", "1 3 7" },
	{ "wide", "2" },
	{ "2", "2" },
	{ "02", "2" },
	{ "7,2,1,2", "1 2 7" },
	{ "\"left guest\"", "1" },
	{ "left guest", "1" },
	{ "\"left guest\",wide", "1 2" },
	{ "wide , \"left guest\"", "1 2" },
	{ "all,-\"left guest\"", "2 3 7" },
	{ "all,-@guest", "2 3 7" },
	{ "\"iPhone 16 Plus\"", "1" },
	{ "\"Anna, \\\"the\\\" voice\"", "7" },
	{ "\"8\"", "7" },
	{ "WIDE", "2" },
	{ "pixel 9", "2" },
	{ "LEFT GUEST", "1" },
	{ "aaaa", "1" },
	{ "AAAA1111", "1" },
	{ "66667", "6" },
	{ "66668", "7" },
	{ "@guest", "1" },
	{ "@camera", "1 2 3" },
	{ "@backup", "5" },
	{ "@safe", "2" },
	{ "@audio,@safe", "2 7" },
	{ "@program", "2" },
	{ "@preview", "5" },
	{ "all,-@program", "1 3 7" },
	{ "all,-@director", "1 2 3 7" },
	{ "4", "4" },
	{ "\"left wing\",5,6", "4 5 6" },
	{ "all,6", "1 2 3 6 7" },
	{ "all,4", "1 2 3 4 7" },
};

static void
targets_are_found_in_order_of_number(void **state)
{
	struct registry *r = gather_cast();
	const struct target_context cx = { .registry = r, .program = "bbbb2222-x", .preview = "eeee5555-x" };
	struct target_set set;
	char numbers[256];

	(void)state;
	for (size_t i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++) {
		struct err e = { .kind = ERR_NONE };
		int column = 0;

		if (!target_resolve(&set, good_cases[i].text, &cx, &e))
			fail_msg("%s: %s", good_cases[i].text, e.text);
		show_numbers(numbers, sizeof(numbers), r, &set);
		if (strcmp(numbers, good_cases[i].want) != 0)
			fail_msg("%s: %s, not %s", good_cases[i].text, numbers, good_cases[i].want);
		if (!target_check(good_cases[i].text, &column, &e))
			fail_msg("%s: column %d: %s", good_cases[i].text, column, e.text);
	}
	assert_true(target_has(&set, "aaaa1111-x"));
	assert_false(target_has(&set, "eeee5555-x"));
	registry_free(r);
}

static const struct { const char *text, *says; enum err_kind kind; } unfound[] = {
	{ "left", "\"left\" could be 1 \"left guest\" or 4 \"left wing\"", ERR_USAGE },
	{ "LEFT", "could be 1 \"left guest\" or 4 \"left wing\"", ERR_USAGE },
	{ "iPhone", "\"iPhone\" could be 3 \"iPhone\" or 4 \"left wing\"", ERR_USAGE },
	{ "all,-left", "could be 1 \"left guest\" or 4", ERR_USAGE },
	{ "6666", "could be 6 \"GoPro\" or 7", ERR_USAGE },
	{ "wid", "did you mean 2 \"wide\"?", ERR_NOT_FOUND },
	{ "aaa", "no camera is called \"aaa\"", ERR_NOT_FOUND },
	{ "right", "there are 1 \"left guest\", 2 \"wide\", 3 \"iPhone\"", ERR_NOT_FOUND },
	{ "8", "no camera has the number \"8\"", ERR_NOT_FOUND },
	{ "0", "no camera has the number", ERR_NOT_FOUND },
	{ "4294967298", "no camera has the number", ERR_NOT_FOUND },
	{ "99999999999999999999", "no camera has the number", ERR_NOT_FOUND },
	{ "\"2\"", "no camera is called \"2\"", ERR_NOT_FOUND },
	{ "\"all\"", "no camera is called \"all\"", ERR_NOT_FOUND },
	{ "all,-wdie", "no camera is called \"wdie\"", ERR_NOT_FOUND },
	{ "@director", "has the role director", ERR_NOT_FOUND },
	{ "@stage", "@stage is no role", ERR_USAGE },
	{ "@", "is no role", ERR_USAGE },
	{ "wide,-wide", "exclude every camera", ERR_NOT_FOUND },
	{ "x\x1b[31mx", "no camera is called \"x\xef\xbf\xbd[31mx\"", ERR_NOT_FOUND },
};

static void
names_nobody_has_are_answered_with_candidates(void **state)
{
	struct registry *r = gather_cast();
	const struct target_context cx = { .registry = r };
	struct target_set set;

	(void)state;
	for (size_t i = 0; i < sizeof(unfound) / sizeof(unfound[0]); i++) {
		struct err e = { .kind = ERR_NONE };

		if (target_resolve(&set, unfound[i].text, &cx, &e))
			fail_msg("found: %s", unfound[i].text);
		if (strstr(e.text, unfound[i].says) == NULL)
			fail_msg("%s: said \"%s\"", unfound[i].text, e.text);
		assert_int_equal(e.kind, unfound[i].kind);
		assert_int_equal(set.count, 0);
	}
	registry_free(r);
}

static const struct { const char *text; int column; const char *says; } malformed[] = {
	{ "", 1, "expected a camera" },
	{ "  ", 3, "expected a camera" },
	{ ",", 1, "expected a camera" },
	{ "wide,", 6, "expected a camera" },
	{ "wide,,left", 6, "expected a camera" },
	{ "-", 2, "expected a camera" },
	{ "\"\"", 1, "expected a camera" },
	{ "\"wide", 1, "closing quote" },
	{ "\"wide\" left", 8, "expected a comma" },
	{ "wide\"left\"", 5, "expected a comma" },
	{ "wide, @nobody", 7, "is no role" },
};

static void
malformed_targets_are_told_by_column(void **state)
{
	struct registry *r = gather_cast();
	const struct target_context cx = { .registry = r };
	struct target_set set;

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		struct err e = { .kind = ERR_NONE };
		int column = 0;

		if (target_check(malformed[i].text, &column, &e) || target_resolve(&set, malformed[i].text, &cx, NULL))
			fail_msg("accepted: %s", malformed[i].text);
		if (strstr(e.text, malformed[i].says) == NULL || column != malformed[i].column)
			fail_msg("%s: column %d: \"%s\"", malformed[i].text, column, e.text);
	}
	registry_free(r);
}

static void
device_without_a_given_role_has_the_one_it_says(void **state)
{
	struct registry *r = registry_new();
	const struct target_context cx = { .registry = r };
	struct registry_node *a = registry_remember(r, "a");
	struct target_set set;

	(void)state;
	a->known = false;
	str_copy(a->info.role, sizeof(a->info.role), "camera");
	assert_true(target_resolve(&set, "@camera", &cx, NULL));
	assert_int_equal(set.count, 1);
	a->roles = ROLE(GUEST);
	assert_false(target_resolve(&set, "@camera", &cx, NULL));
	registry_free(r);
}

static void
number_goes_before_label_before_device_before_id(void **state)
{
	struct registry *r = registry_new();
	const struct target_context cx = { .registry = r };
	struct registry_node *a = registry_remember(r, "wide-id"), *b = registry_remember(r, "b"), *c = registry_remember(r, "c");
	char id[ID_BYTES];

	(void)state;
	a->number = 1;
	b->number = 2;
	c->number = 3;
	assert_true(target_one(id, "wide", &cx, NULL));
	assert_string_equal(id, "wide-id");		/* the beginning of an id */
	str_copy(c->info.device_name, MAX_NAME_BYTES, "wide");
	assert_true(target_one(id, "wide", &cx, NULL));
	assert_string_equal(id, "c");			/* a device name */
	str_copy(b->label, MAX_NAME_BYTES, "wide");
	assert_true(target_one(id, "wide", &cx, NULL));
	assert_string_equal(id, "b");			/* a label */
	str_copy(c->info.device_name, MAX_NAME_BYTES, "WIDE");
	assert_true(target_one(id, "Wide", &cx, NULL));
	assert_string_equal(id, "wide-id");		/* an id's beginning goes before a name in another case */
	str_copy(a->info.device_name, MAX_NAME_BYTES, "2");
	assert_true(target_one(id, "2", &cx, NULL));
	assert_string_equal(id, "b");			/* a number */
	registry_free(r);
}

static void
whole_id_is_never_mistaken_for_the_beginning_of_another(void **state)
{
	struct registry *r = registry_new();
	const struct target_context cx = { .registry = r };
	struct registry_node *a = registry_remember(r, "cam1"), *b = registry_remember(r, "cam10"), *c = registry_remember(r, "2");
	char id[ID_BYTES] = "";
	struct err e;

	(void)state;
	a->number = 1;
	b->number = 2;
	c->number = 3;
	assert_true(target_one(id, "cam1", &cx, &e));
	assert_string_equal(id, "cam1");
	assert_true(target_one(id, "\"2\"", &cx, &e));
	assert_string_equal(id, "2");
	assert_true(target_one(id, "2", &cx, &e));
	assert_string_equal(id, "cam10");
	str_copy(b->info.device_name, MAX_NAME_BYTES, "cam1");	/* a stranger calls itself so: nobody is taken for it */
	assert_false(target_one(id, "cam1", &cx, &e));
	assert_non_null(strstr(e.text, "could be 1 \"cam1\" or 2 \"cam1\""));
	registry_free(r);
}

static const struct { const char *text, *id, *says; } ones[] = {
	{ "left guest", "aaaa1111-x", NULL },
	{ "\"left guest\"", "aaaa1111-x", NULL },
	{ "Anna, \"the\" voice", "66668888-x", NULL },
	{ "5", "eeee5555-x", NULL },
	{ "@program", "bbbb2222-x", NULL },
	{ "@safe", "bbbb2222-x", NULL },
	{ "@preview", NULL, "no camera is on preview" },
	{ "@camera", NULL, "could be 1 \"left guest\", 2 \"wide\" or 3 \"iPhone\"" },
	{ "@nobody", NULL, "is no role" },
	{ "left", NULL, "could be 1 \"left guest\" or 4 \"left wing\"" },
	{ "iPhone", NULL, "could be 3 \"iPhone\" or 4 \"left wing\"" },
	{ "all", NULL, "expected one camera" },
	{ "", NULL, "expected one camera" },
	{ "\"left guest", NULL, "expected one camera" },
	{ "1,2", NULL, "no camera is called \"1,2\"" },
	{ "-wide", NULL, "no camera is called \"-wide\"" },
};

static void
one_camera_is_exactly_one(void **state)
{
	struct registry *r = gather_cast();
	const struct target_context cx = { .registry = r, .program = "bbbb2222-x", .preview = "gone" };

	(void)state;
	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		struct err e = { .kind = ERR_NONE };
		char id[ID_BYTES] = "";
		bool ok = target_one(id, ones[i].text, &cx, &e);

		if (ok != (ones[i].id != NULL) || (ok && strcmp(id, ones[i].id) != 0) ||
		    (!ok && strstr(e.text, ones[i].says) == NULL))
			fail_msg("%s: \"%s\" \"%s\"", ones[i].text, id, e.text);
	}
	registry_free(r);
}

static void
name_that_is_too_long_is_refused(void **state)
{
	struct registry *r = gather_cast();
	const struct target_context cx = { .registry = r };
	char text[MAX_NAME_BYTES + 8], id[ID_BYTES];
	struct target_set set;
	struct err e;
	int column;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[MAX_NAME_BYTES] = '\0';
	assert_false(target_one(id, text, &cx, &e));
	assert_false(target_resolve(&set, text, &cx, &e));
	assert_non_null(strstr(e.text, "at most 255 bytes"));
	text[0] = '"';
	text[MAX_NAME_BYTES + 1] = '"';
	text[MAX_NAME_BYTES] = 'x';
	text[MAX_NAME_BYTES + 2] = '\0';
	assert_false(target_check(text, &column, &e));
	assert_non_null(strstr(e.text, "at most 255 bytes"));
	registry_free(r);
}

static void
empty_house_says_so(void **state)
{
	struct registry *r = registry_new();
	const struct target_context cx = { .registry = r };
	struct target_set set;
	struct err e;

	(void)state;
	assert_false(target_resolve(&set, "all", &cx, &e));
	assert_non_null(strstr(e.text, "no camera is in the show"));
	assert_false(target_resolve(&set, "left", &cx, &e));
	assert_non_null(strstr(e.text, "there are none yet"));
	registry_free(r);
}

static void
long_list_of_candidates_is_cut(void **state)
{
	struct registry *r = registry_new();
	const struct target_context cx = { .registry = r };
	struct target_set set;
	struct err e;
	char id[16];

	(void)state;
	for (int i = 1; i <= 12; i++) {
		struct registry_node *n;

		snprintf(id, sizeof(id), "id%02d", i);
		n = registry_remember(r, id);
		n->number = i;
		snprintf(n->info.device_name, sizeof(n->info.device_name), "c%d", i);
	}
	assert_false(target_resolve(&set, "x", &cx, &e));
	assert_non_null(strstr(e.text, "8 \"c8\" and 4 more"));
	assert_null(strstr(e.text, "c9"));
	registry_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_found_in_order_of_number),
		cmocka_unit_test(names_nobody_has_are_answered_with_candidates),
		cmocka_unit_test(malformed_targets_are_told_by_column),
		cmocka_unit_test(device_without_a_given_role_has_the_one_it_says),
		cmocka_unit_test(number_goes_before_label_before_device_before_id),
		cmocka_unit_test(whole_id_is_never_mistaken_for_the_beginning_of_another),
		cmocka_unit_test(one_camera_is_exactly_one),
		cmocka_unit_test(name_that_is_too_long_is_refused),
		cmocka_unit_test(empty_house_says_so),
		cmocka_unit_test(long_list_of_candidates_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
