/*
 * t_nearest.c - how far words are from each other, and what a sentence may offer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/nearest.h"

static void
distances(void **state)
{
	static const struct { const char *a, *b; int want; } cases[] = {
		{ "", "", 0 }, { "cut", "cut", 0 }, { "cut", "cot", 1 }, { "cut", "cuts", 1 }, { "cuts", "cut", 1 },
		{ "recrod", "record", 1 }, { "ab", "ba", 1 }, { "kitten", "sitting", 3 }, { "", "zoom", 4 }, { "abc", "", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (nearest_distance(cases[i].a, cases[i].b) != cases[i].want)
			fail_msg("%s, %s: %d", cases[i].a, cases[i].b, nearest_distance(cases[i].a, cases[i].b));
}

static void
a_very_long_word_is_far_from_all(void **state)
{
	char word[200];

	(void)state;
	memset(word, 'a', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	assert_true(nearest_distance(word, "a") >= 1000);
	assert_true(nearest_distance("a", word) >= 1000);
}

static void
the_nearest_wins_and_far_ones_are_not_offered(void **state)
{
	const char *best = NULL;
	int least = nearest_limit("grahpics");

	(void)state;
	nearest_try("grahpics", "theme", &least, &best);
	assert_null(best);
	nearest_try("grahpics", "graphic", &least, &best);
	nearest_try("grahpics", "graphics", &least, &best);
	nearest_try("grahpics", "graphics2", &least, &best);
	assert_string_equal(best, "graphics");
	assert_int_equal(least, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(a_very_long_word_is_far_from_all),
		cmocka_unit_test(the_nearest_wins_and_far_ones_are_not_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
