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

/* Every length around the blocks of 64 bytes, cut anywhere, put away and taken up again. */
static void
hash_taken_up_again_is_the_hash_of_all(void **state)
{
	unsigned char blob[DIGEST_BLOB_BYTES], text[200];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (unsigned char)(i * 37 + 11);
	for (size_t cut = 0; cut <= sizeof text; cut++) {
		struct digest *whole = digest_new(), *begun = digest_new(), *again;
		char want[65], got[65];

		digest_add(whole, text, sizeof text);
		digest_add(begun, text, cut);
		digest_save(begun, blob);
		again = digest_load(blob, sizeof blob);
		assert_non_null(again);
		assert_int_equal(digest_length(again), cut);
		digest_add(again, text + cut, sizeof text - cut);
		digest_add(begun, text + cut, sizeof text - cut);	/* saving did not disturb it */
		digest_hex(whole, want);
		digest_hex(again, got);
		assert_string_equal(got, want);
		digest_hex(begun, got);
		assert_string_equal(got, want);
		digest_free(whole);
		digest_free(begun);
		digest_free(again);
	}
}

/* More than 4 GiB: the length in bits needs both words.  The state is made up; only the length counts here. */
static void
lengths_beyond_32_bits_survive(void **state)
{
	unsigned char blob[DIGEST_BLOB_BYTES];
	static char block[1 << 20];
	struct digest *d = digest_new(), *again;
	char want[65], got[65];

	(void)state;
	for (int i = 0; i < 520; i++)		/* 545 259 520 bytes: over 2^32 bits */
		digest_add(d, block, sizeof block);
	digest_add(d, block, 777);
	digest_save(d, blob);
	again = digest_load(blob, sizeof blob);
	assert_non_null(again);
	assert_true(digest_length(again) == 520ULL * sizeof block + 777);
	digest_hex(d, want);
	digest_hex(again, got);
	assert_string_equal(got, want);
	digest_free(d);
	digest_free(again);
}

static void
damaged_state_is_refused(void **state)
{
	unsigned char blob[DIGEST_BLOB_BYTES], bad[DIGEST_BLOB_BYTES];
	struct digest *d = digest_new();

	(void)state;
	digest_add(d, "some bytes", 10);
	digest_save(d, blob);
	digest_free(d);
	for (size_t i = 0; i < sizeof blob; i++) {
		memcpy(bad, blob, sizeof bad);
		bad[i] ^= 0x10;
		assert_null(digest_load(bad, sizeof bad));
	}
	assert_null(digest_load(blob, sizeof blob - 1));
	assert_null(digest_load(blob, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_hold), cmocka_unit_test(file_is_read_to_its_end),
		cmocka_unit_test(missing_file_is_an_error_that_names_it), cmocka_unit_test(base64_is_that_of_the_raw_bytes),
		cmocka_unit_test(hash_taken_up_again_is_the_hash_of_all), cmocka_unit_test(lengths_beyond_32_bits_survive),
		cmocka_unit_test(damaged_state_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
