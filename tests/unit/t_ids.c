/*
 * t_ids.c - identifiers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "domain/ids.h"

static void
uuid_is_version_4_of_the_bytes(void **state)
{
	uint8_t bytes[16];
	char text[37];

	(void)state;
	memset(bytes, 0xff, sizeof bytes);
	ids_uuid(text, bytes);
	assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
	memset(bytes, 0, sizeof bytes);
	ids_uuid(text, bytes);
	assert_string_equal(text, "00000000-0000-4000-8000-000000000000");
	for (uint8_t i = 0; i < 16; i++)
		bytes[i] = i;
	ids_uuid(text, bytes);
	assert_string_equal(text, "00010203-0405-4607-8809-0a0b0c0d0e0f");
}

static void
new_uuids_differ(void **state)
{
	char a[37], b[37];

	(void)state;
	ids_uuid_new(a);
	ids_uuid_new(b);
	assert_true(ids_is_uuid(a));
	assert_int_equal(a[14], '4');
	assert_string_not_equal(a, b);
}

static void
uuid_shape_is_checked(void **state)
{
	static const char *const wrong[] = {
		"", "0", "00000000-0000-4000-8000-00000000000", "00000000-0000-4000-8000-0000000000000",
		"00000000x0000-4000-8000-000000000000", "0000000g-0000-4000-8000-000000000000",
		"00000000-0000-4000-80000-00000000000", "000000000000400080000000000000000000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(ids_is_uuid(wrong[i]));
	assert_true(ids_is_uuid("7D0C0000-abcd-1000-8000-000000000000"));
}

static void
strange_ids_are_made_safe(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "7d0c-A.b_c:9", "7d0c-A.b_c:9" }, { "a b/c\x1b", "a_b_c_" }, { "\xc3\xa9", "__" }, { "", "" },
	};
	char out[ID_BYTES], longer[200];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(ids_copy(out, cases[i].in), cases[i].in[0] != '\0');
		assert_string_equal(out, cases[i].want);
	}
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_true(ids_copy(out, longer));
	assert_int_equal(strlen(out), ID_BYTES - 1);
}

static void
a_stand_in_of_our_own_is_read_as_it_was_written(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "cam1#2", "cam1#2" }, { "cam1#17", "cam1#17" }, { "cam1", "cam1" }, { "cam1#", "cam1_" }, { "cam1#0", "cam1_0" },
		{ "cam1#2x", "cam1_2x" }, { "#2", "_2" }, { "a#1#2", "a_1#2" }, { "cam1#12345", "cam1_12345" }, { "", "" },
	};
	char out[ID_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(ids_copy_own(out, cases[i].in), cases[i].in[0] != '\0');
		assert_string_equal(out, cases[i].want);
	}
	assert_true(ids_copy(out, "cam1#2"));
	assert_string_equal(out, "cam1_2");		/* a device cannot claim to be one */
}

static void
take_numbers_have_three_digits_or_more(void **state)
{
	char out[TAKE_BYTES];

	(void)state;
	ids_take(out, 3);
	assert_string_equal(out, "003");
	ids_take(out, 1234);
	assert_string_equal(out, "1234");
	ids_take(out, 4294967295u);
	assert_string_equal(out, "4294967295");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuid_is_version_4_of_the_bytes),
		cmocka_unit_test(new_uuids_differ),
		cmocka_unit_test(uuid_shape_is_checked),
		cmocka_unit_test(strange_ids_are_made_safe),
		cmocka_unit_test(a_stand_in_of_our_own_is_read_as_it_was_written),
		cmocka_unit_test(take_numbers_have_three_digits_or_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
