/*
 * t_map.c - the hash map: against a plain array, and its order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/map.h"

static void
absent_keys_are_null(void **state)
{
	struct map *m = map_new();

	(void)state;
	assert_null(map_get(m, "x"));
	assert_null(map_take(m, "x"));
	assert_int_equal(map_count(m), 0);
	map_free(m);
	map_free(NULL);
}

static void
putting_again_replaces(void **state)
{
	struct map *m = map_new();
	char key[] = "cam";
	int one, two;

	(void)state;
	map_put(m, key, &one);
	key[0] = 'x';	/* the key was copied */
	assert_ptr_equal(map_get(m, "cam"), &one);
	map_put(m, "cam", &two);
	assert_ptr_equal(map_get(m, "cam"), &two);
	assert_int_equal(map_count(m), 1);
	assert_ptr_equal(map_take(m, "cam"), &two);
	assert_null(map_get(m, "cam"));
	assert_int_equal(map_count(m), 0);
	map_free(m);
}

static void
many_keys_agree_with_an_array(void **state)
{
	struct map *m = map_new();
	static char values[500];
	bool in[500] = { false };
	size_t count = 0;
	char key[16];

	(void)state;
	srand(3);
	for (int step = 0; step < 20000; step++) {
		int i = rand() % 500;

		snprintf(key, sizeof key, "node-%d", i);
		assert_ptr_equal(map_get(m, key), in[i] ? &values[i] : NULL);
		if (rand() % 2 == 0) {
			map_put(m, key, &values[i]);
			count += !in[i];
			in[i] = true;
		} else {
			assert_ptr_equal(map_take(m, key), in[i] ? &values[i] : NULL);
			count -= in[i];
			in[i] = false;
		}
		assert_int_equal(map_count(m), count);
	}
	map_free(m);
}

static void
append_key(void *arg, const char *key, void *value)
{
	(void)value;
	strcat(arg, key);
}

static void
each_goes_in_order_of_insertion(void **state)
{
	struct map *m = map_new();
	char seen[64] = "";
	int value;

	(void)state;
	for (const char *p = "zaybxc"; *p != '\0'; p++)
		map_put(m, (char[]){ *p, '\0' }, &value);
	map_take(m, "y");
	map_put(m, "a", &value);	/* replacing keeps the place */
	map_put(m, "y", &value);
	map_each(m, append_key, seen);
	assert_string_equal(seen, "zabxcy");
	map_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_keys_are_null),
		cmocka_unit_test(putting_again_replaces),
		cmocka_unit_test(many_keys_agree_with_an_array),
		cmocka_unit_test(each_goes_in_order_of_insertion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
