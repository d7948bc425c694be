/*
 * t_digest.c - SHA-256 against the published vectors (FIPS 180-4 examples).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "io/digest.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define MILLION_A "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

static void
published_vectors_hold(void **state)
{
	struct digest *d = digest_new();
	char hex[65];

	(void)state;
	digest_hex(d, hex);
	assert_string_equal(hex, EMPTY);
	digest_free(d);
	d = digest_new();
	digest_add(d, "a", 1);
	digest_add(d, "bc", 2);
	digest_hex(d, hex);
	assert_string_equal(hex, ABC);
	digest_free(d);
	digest_free(NULL);
}

static void
file_is_read_to_its_end(void **state)
{
	char path[] = "/tmp/t_digest.XXXXXX", block[1000], hex[65];
	int fd = mkstemp(path);
	struct err e = { 0 };

	(void)state;
	memset(block, 'a', sizeof block);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, block, sizeof block), sizeof block);
	close(fd);
	assert_true(digest_file(path, hex, &e));
	unlink(path);
	assert_string_equal(hex, MILLION_A);
}

static void
missing_file_is_an_error_that_names_it(void **state)
{
	struct err e = { 0 };
	char hex[65];

	(void)state;
	assert_false(digest_file("/nonexistent/file", hex, &e));
	assert_int_equal(e.kind, ERR_DISK);
	assert_non_null(strstr(e.text, "/nonexistent/file"));
	assert_false(digest_file("/", hex, &e));	/* a folder opens, but does not read */
	assert_int_equal(e.kind, ERR_DISK);
}

static void
base64_is_that_of_the_raw_bytes(void **state)
{
	char out[45];

	(void)state;
	digest_base64(ABC, out);
	assert_string_equal(out, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_hold), cmocka_unit_test(file_is_read_to_its_end),
		cmocka_unit_test(missing_file_is_an_error_that_names_it), cmocka_unit_test(base64_is_that_of_the_raw_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
