/*
 * t_manifest.c - the Sphere's names and takes as plain values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "domain/manifest.h"

static void
new_manifest_holds_what_it_was_told(void **state)
{
	struct manifest m;

	(void)state;
	manifest_init(&m, "sphere-id", "host-id", "Saturday episode", 1763712000000000);
	assert_string_equal(m.sphere, "sphere-id");
	assert_string_equal(m.host, "host-id");
	assert_string_equal(m.name, "Saturday episode");
	assert_string_equal(m.archive_target, "takes");
	assert_string_equal(m.studio_project, "");
	assert_true(m.created_us == 1763712000000000);
	assert_int_equal(m.take_count, 0);
	manifest_fini(&m);
	manifest_fini(&m);
	manifest_fini(NULL);
}

static void
next_take_is_one_above_the_highest(void **state)
{
	static const struct { const char *add; unsigned next; } steps[] = {
		{ "001", 2 }, { "002", 3 }, { "007", 8 }, { "003", 8 }, { "1234", 1235 }, { "odd", 1235 },
		{ "99999999999999", 1235 }, { "999999999", 1235 }, { "100000", 1235 }, { "99998", 99999 }, { "99999", 100001 },
	};
	struct manifest m;

	(void)state;
	manifest_init(&m, "s", "h", "n", 0);
	assert_int_equal(manifest_next_take(&m), 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		manifest_add_take(&m, steps[i].add, "");
		assert_int_equal(manifest_next_take(&m), steps[i].next);
	}
	manifest_fini(&m);
}

/* A camera may say anything; a number that it claims must not push ours out of reach. */
static void
claimed_number_must_be_near_to_ours(void **state)
{
	struct manifest m;

	(void)state;
	manifest_init(&m, "s", "h", "n", 0);
	assert_true(manifest_may_be_take(&m, "001"));
	assert_true(manifest_may_be_take(&m, "1000"));
	assert_false(manifest_may_be_take(&m, "1001"));
	manifest_add_take(&m, "007", "");
	assert_true(manifest_may_be_take(&m, "007"));
	assert_true(manifest_may_be_take(&m, "1007"));
	assert_false(manifest_may_be_take(&m, "1008"));
	assert_false(manifest_may_be_take(&m, "000"));
	assert_false(manifest_may_be_take(&m, "7"));		/* the same take by another name */
	assert_false(manifest_may_be_take(&m, "0007"));
	assert_false(manifest_may_be_take(&m, ""));
	assert_false(manifest_may_be_take(&m, "-01"));
	assert_false(manifest_may_be_take(&m, "../../etc"));
	assert_false(manifest_may_be_take(&m, "999999999"));
	manifest_add_take(&m, "99500", "");
	assert_true(manifest_may_be_take(&m, "99999"));
	assert_false(manifest_may_be_take(&m, "100000"));
	manifest_fini(&m);
}

static void
take_is_added_once(void **state)
{
	struct manifest_take *t;
	struct manifest m;

	(void)state;
	manifest_init(&m, "s", "h", "n", 0);
	t = manifest_add_take(&m, "001", "ep12");
	t->counts.asked = 4;
	assert_ptr_equal(manifest_add_take(&m, "001", "other"), t);
	assert_string_equal(t->slate, "ep12");
	assert_int_equal(m.take_count, 1);
	manifest_add_take(&m, "002", NULL);
	assert_string_equal(manifest_take(&m, "002")->slate, "");
	assert_int_equal(manifest_take(&m, "001")->counts.asked, 4);
	assert_null(manifest_take(&m, "003"));
	assert_null(manifest_take(&m, "1"));
	manifest_fini(&m);
}

static void
slates_are_counted_by_their_whole_name(void **state)
{
	struct manifest m;

	(void)state;
	manifest_init(&m, "s", "h", "n", 0);
	manifest_add_take(&m, "001", "ep12");
	manifest_add_take(&m, "002", "ep1");
	manifest_add_take(&m, "003", "ep12");
	manifest_add_take(&m, "004", "");
	assert_int_equal(manifest_slate_count(&m, "ep12", false), 2);
	assert_int_equal(manifest_slate_count(&m, "ep1", false), 1);
	assert_int_equal(manifest_slate_count(&m, "EP12", false), 0);
	assert_int_equal(manifest_slate_count(&m, "", false), 0);	/* no slate is not a slate */
	manifest_fini(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_manifest_holds_what_it_was_told),
		cmocka_unit_test(next_take_is_one_above_the_highest),
		cmocka_unit_test(claimed_number_must_be_near_to_ours),
		cmocka_unit_test(take_is_added_once),
		cmocka_unit_test(slates_are_counted_by_their_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
