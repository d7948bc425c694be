/*
 * t_roles.c - roles as words and as bits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "domain/roles.h"

static void
every_role_of_the_folder_has_its_word(void **state)
{
	static const char *const words[] = { "host", "co-host", "camera", "audio", "guest", "director", "stage-viewer",
		"archive", "observer", "must", "safe", "backup" };
	unsigned seen = 0;

	(void)state;
	assert_int_equal(sizeof words / sizeof words[0], ROLE_COUNT);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		unsigned one = roles_parse(words[i]);

		assert_int_not_equal(one, 0);
		assert_int_equal(seen & one, 0);
		assert_string_equal(roles_name(one), words[i]);
		seen |= one;
	}
	assert_int_equal(roles_parse("co-host"), ROLE(CO_HOST));
}

static void
other_words_are_no_role(void **state)
{
	(void)state;
	assert_int_equal(roles_parse("boss"), 0);
	assert_int_equal(roles_parse(""), 0);
	assert_int_equal(roles_parse("Host"), 0);
	assert_string_equal(roles_name(0), "");
	assert_string_equal(roles_name(ROLE(HOST) | ROLE(SAFE)), "");
}

static void
several_roles_are_joined_by_commas(void **state)
{
	char out[256];

	(void)state;
	roles_text(out, sizeof out, 0);
	assert_string_equal(out, "");
	roles_text(out, sizeof out, ROLE(GUEST) | ROLE(CAMERA));
	assert_string_equal(out, "camera,guest");
	roles_text(out, sizeof out, (1u << ROLE_COUNT) - 1);
	assert_string_equal(out, "host,co-host,camera,audio,guest,director,stage-viewer,archive,observer,must,safe,backup");
	roles_text(out, 9, ROLE(GUEST) | ROLE(CAMERA));
	assert_string_equal(out, "camera");
	roles_text(out, 12, ROLE(GUEST) | ROLE(CAMERA));
	assert_string_equal(out, "camera");
	roles_text(out, 13, ROLE(GUEST) | ROLE(CAMERA));
	assert_string_equal(out, "camera,guest");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_of_the_folder_has_its_word),
		cmocka_unit_test(other_words_are_no_role),
		cmocka_unit_test(several_roles_are_joined_by_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
