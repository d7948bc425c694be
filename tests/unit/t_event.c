/*
 * t_event.c - public event names are fixed; inner ones stay inside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "domain/event.h"

static void
public_names_are_those_of_the_specification(void **state)
{
	static const char *const names[] = { "node-seen", "node-live", "node-stale", "node-lost", "node-back", "frozen",
		"recording", "stopped", "stopped-unasked", "not-writing", "saved", "fetched", "verified", "cut", "cut-pending",
		"cut-replaced", "cut-refused", "program-lost", "gesture", "marker", "reply", "alarm", "clock-lost", "cue",
		"cue-late", "still-rolling" };
	enum event_kind kind;

	(void)state;
	assert_int_equal(sizeof names / sizeof names[0], EV_PUBLIC_KINDS);
	for (int i = 0; i < EV_PUBLIC_KINDS; i++) {
		assert_true(event_parse_public(names[i], &kind));
		assert_int_equal(kind, i);
		assert_string_equal(event_name(kind), names[i]);
		assert_true(event_is_public(kind));
	}
}

static void
inner_names_cannot_be_asked_for(void **state)
{
	enum event_kind kind = EV_CUT;

	(void)state;
	for (int i = EV_PUBLIC_KINDS; i < EV_KINDS; i++) {
		assert_non_null(event_name((enum event_kind)i));
		assert_false(event_is_public((enum event_kind)i));
		assert_false(event_parse_public(event_name((enum event_kind)i), &kind));
	}
	assert_string_equal(event_name(EV_TILE_DIRTY), "tile-dirty");
	assert_string_equal(event_name(EV_NODE_INFO), "node-info");
	assert_string_equal(event_name(EV_MANIFEST_DIRTY), "manifest-dirty");
	assert_false(event_parse_public("", &kind));
	assert_int_equal(kind, EV_CUT);
}

static void
names_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < EV_KINDS; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(event_name((enum event_kind)i), event_name((enum event_kind)j));
}

static void
a_slip_finds_the_public_name_that_was_meant(void **state)
{
	(void)state;
	assert_string_equal(event_nearest("program-lots"), "program-lost");
	assert_string_equal(event_nearest("savd"), "saved");
	assert_string_equal(event_nearest("cut"), "cut");
	assert_null(event_nearest("tile-dirty"));
	assert_null(event_nearest(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_names_are_those_of_the_specification),
		cmocka_unit_test(inner_names_cannot_be_asked_for),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(a_slip_finds_the_public_name_that_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
