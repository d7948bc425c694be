/*
 * t_s3.c - files into object storage, at a server that checks signatures and hashes: parts, resume, what is believed and
 * what is not; keys and targets as they are written.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "io/digest.h"
#include "io/s3.h"
#include "support/s3_server.h"
#include "support/s3_signature.h"
#include "support/scratch.h"

#define MB (1024 * 1024)
#define KEY "003/003-cam1 (left) + g\xc3\xa4st & co=1.mp4"

struct bench {
	struct s3_server *server;
	struct s3_place place;
	struct s3_keys keys;
	struct s3 *s3;
	char *folder;
	char path[300], state[320], sha256[65];
	struct s3_file file;
	_Atomic int64_t sent;
	atomic_bool stop;
	enum s3_proof proof;
	struct err e;
};

static void
make_file(struct bench *b, size_t bytes, unsigned seed)
{
	unsigned char *all = malloc(bytes + 1);
	FILE *out = fopen(b->path, "w");

	for (size_t i = 0; i < bytes; i++)
		all[i] = (unsigned char)((i * 2654435761u + seed) >> 13);
	assert_int_equal(fwrite(all, 1, bytes, out), bytes);
	fclose(out);
	free(all);
	assert_true(digest_file(b->path, b->sha256, &b->e));
	b->file = (struct s3_file){ .path = b->path, .key = KEY, .bytes = (int64_t)bytes, .sha256 = b->sha256, .state = b->state };
}

static void
reopen(struct bench *b)
{
	s3_free(b->s3);
	b->s3 = s3_new(&b->place, &b->keys);
}

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	char text[200];

	b->server = s3_server_new();
	b->folder = scratch_new();
	snprintf(b->path, sizeof b->path, "%s/003-cam1.mp4", b->folder);
	snprintf(b->state, sizeof b->state, "%s.upload.state", b->path);
	snprintf(text, sizeof text, "s3://show/shows/2026?endpoint=http://127.0.0.1:%d&region=%s", s3_server_port(b->server), S3_SERVER_REGION);
	assert_true(s3_parse(&b->place, text, &b->e));
	b->place.part_bytes = MB;		/* Amazon's least is 5 MiB; this server's is not */
	snprintf(b->keys.id, sizeof b->keys.id, "%s", S3_SERVER_ID);
	snprintf(b->keys.secret, sizeof b->keys.secret, "%s", S3_SERVER_SECRET);
	reopen(b);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	s3_free(b->s3);
	s3_server_free(b->server);
	scratch_free(b->folder);
	free(b);
	return 0;
}

static enum s3_result
put(struct bench *b)
{
	memset(&b->e, 0, sizeof b->e);
	atomic_store(&b->sent, 0);
	return s3_put(b->s3, &b->file, &b->stop, &b->sent, &b->proof, &b->e);
}

static struct s3_server_seen
seen_of(struct bench *b)
{
	struct s3_server_seen seen;

	s3_server_seen(b->server, &seen);
	return seen;
}

/* The server's object is the file, byte by byte. */
static void
is_up(struct bench *b)
{
	char *local = malloc((size_t)b->file.bytes + 1), *there;
	FILE *in = fopen(b->path, "r");
	size_t len = 0;

	there = s3_server_object(b->server, "shows/2026/" KEY, &len);
	assert_non_null(there);
	assert_int_equal(len, b->file.bytes);
	assert_int_equal(fread(local, 1, len, in), len);
	assert_memory_equal(local, there, len);
	fclose(in);
	free(local);
	free(there);
	assert_int_not_equal(access(b->state, F_OK), 0);
	assert_int_equal(s3_server_uploads(b->server), 0);
	assert_int_equal(atomic_load(&b->sent), b->file.bytes);
}

/* "Example: GET Object" of Amazon's own description: our checker is right before it judges anybody. */
static void
checker_knows_the_published_signature(void **state)
{
	char got[65];

	(void)state;
	s3_signature_make("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1",
	    "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
	    "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972", got);
	assert_string_equal(got, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

static void
small_file_goes_up_and_is_read_back(void **state)
{
	struct bench *b = *state;

	make_file(b, 12345, 1);
	assert_int_equal(put(b), S3_DONE);
	assert_int_equal(b->proof, S3_PROOF_READ_BACK);
	is_up(b);
	assert_int_equal(seen_of(b).puts, 1);
	assert_int_equal(seen_of(b).gets, 1);
}

static void
empty_file_goes_up_too(void **state)
{
	struct bench *b = *state;

	make_file(b, 0, 1);
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
}

static void
large_file_goes_up_in_parts(void **state)
{
	struct bench *b = *state;

	make_file(b, 3 * MB + 17, 2);
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
	assert_int_equal(seen_of(b).parts, 4);
	assert_int_equal(seen_of(b).completed, 1);
	assert_int_equal(b->proof, S3_PROOF_READ_BACK);
}

/* ---- Resume ---- */

struct stopper {
	struct bench *b;
	int parts;
};

static void *
stop_at_part(void *arg)
{
	struct stopper *s = arg;

	while (atomic_load(&s->b->sent) < s->parts * MB)
		nanosleep(&(struct timespec){ 0, 2000000 }, NULL);
	atomic_store(&s->b->stop, true);
	return NULL;
}

/* Stopped in the third part; another client goes on with the third, and sends neither the first nor the second again. */
static void
upload_is_resumed_by_the_next_client(void **state)
{
	struct bench *b = *state;
	struct s3_server_day stall = { .stall_part = 3 }, good = { 0 };
	struct stopper s = { b, 2 };
	pthread_t thread;

	make_file(b, 5 * MB, 3);
	s3_server_set(b->server, &stall);
	assert_int_equal(pthread_create(&thread, NULL, stop_at_part, &s), 0);
	assert_int_equal(put(b), S3_STOPPED);
	pthread_join(thread, NULL);
	assert_int_equal(atomic_load(&b->sent), 2 * MB);
	assert_int_equal(access(b->state, F_OK), 0);
	s3_server_set(b->server, &good);
	atomic_store(&b->stop, false);
	reopen(b);
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
	assert_int_equal(seen_of(b).begun, 1);
	assert_in_range(seen_of(b).parts, 2 + 3, 2 + 1 + 3);	/* the one that was held may have arrived all the same */
}

static void
dropped_connection_is_for_later_and_costs_one_part(void **state)
{
	struct bench *b = *state;
	struct s3_server_day day = { .drop_times = 2 };

	make_file(b, 3 * MB, 4);
	s3_server_set(b->server, &day);
	while (put(b) == S3_AGAIN)
		assert_int_equal(b->e.kind, ERR_NETWORK);
	is_up(b);
	assert_int_equal(seen_of(b).begun, 1);
	assert_int_equal(seen_of(b).parts, 3);
}

static void
forgotten_upload_begins_anew(void **state)
{
	struct bench *b = *state;
	struct s3_server_day day = { .forgets_after = 2 };

	make_file(b, 4 * MB, 5);
	s3_server_set(b->server, &day);
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
	assert_int_equal(seen_of(b).begun, 2);
	assert_int_equal(seen_of(b).parts, 2 + 4);
}

static void
state_of_another_file_is_void(void **state)
{
	struct bench *b = *state;
	struct s3_server_day day = { .drop_times = 1 }, good = { 0 };

	make_file(b, 3 * MB, 6);
	s3_server_set(b->server, &day);
	assert_int_equal(put(b), S3_AGAIN);
	s3_server_set(b->server, &good);
	make_file(b, 3 * MB, 7);		/* the same name, other bytes */
	assert_int_equal(put(b), S3_DONE);
	assert_int_equal(seen_of(b).begun, 2);
}

/* ---- A server that has bad days ---- */

static void
busy_server_is_for_later(void **state)
{
	struct bench *b = *state;
	struct s3_server_day day = { .busy_times = 1 };

	make_file(b, 1000, 8);
	s3_server_set(b->server, &day);
	assert_int_equal(put(b), S3_AGAIN);
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
}

static void
error_inside_a_200_is_an_error(void **state)
{
	struct bench *b = *state;
	struct s3_server_day day = { .late_error_times = 1 };

	make_file(b, 3 * MB, 9);
	s3_server_set(b->server, &day);
	assert_int_equal(put(b), S3_AGAIN);
	assert_non_null(strstr(b->e.text, "InternalError: Try again."));
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
	assert_int_equal(seen_of(b).parts, 3);
}

static void
wrong_bytes_in_the_archive_are_found_and_sent_again(void **state)
{
	struct bench *b = *state;
	struct s3_server_day day = { .corrupt_times = 1 };

	make_file(b, 3 * MB, 10);
	s3_server_set(b->server, &day);
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
	assert_int_equal(seen_of(b).completed, 2);
	assert_int_equal(b->proof, S3_PROOF_READ_BACK);
}

static void
archive_that_spoils_every_time_is_not_believed(void **state)
{
	struct bench *b = *state;
	struct s3_server_day day = { .corrupt_times = 100 };
	size_t len;

	make_file(b, 1000, 11);
	s3_server_set(b->server, &day);
	assert_int_equal(put(b), S3_ENDED);
	assert_non_null(strstr(b->e.text, "differs from what was sent, 3 times"));
	assert_int_equal(b->proof, S3_PROOF_NONE);
	assert_null(s3_server_object(b->server, "shows/2026/" KEY, &len));	/* and no wrong file is left there */
}

/* ---- What stands there ---- */

static void
same_object_is_not_sent_again(void **state)
{
	struct bench *b = *state;

	make_file(b, 3 * MB, 12);
	assert_int_equal(put(b), S3_DONE);
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
	assert_int_equal(seen_of(b).completed, 1);
	assert_int_equal(b->proof, S3_PROOF_READ_BACK);		/* looked at again, all the same */
}

static void
other_object_is_not_overwritten(void **state)
{
	struct bench *b = *state;
	char same_size[1000] = "something else";
	size_t len = 0;
	char *there;

	make_file(b, 1000, 13);
	s3_server_put(b->server, "shows/2026/" KEY, "mine", 4);
	assert_int_equal(put(b), S3_ENDED);
	assert_non_null(strstr(b->e.text, "another file stands at s3://show/shows/2026/003/"));
	there = s3_server_object(b->server, "shows/2026/" KEY, &len);
	assert_memory_equal(there, "mine", 4);
	free(there);
	s3_server_put(b->server, "shows/2026/" KEY, same_size, sizeof same_size);	/* of the same size, and nobody says what it is */
	assert_int_equal(put(b), S3_ENDED);
	assert_non_null(strstr(b->e.text, "another file stands"));
}

static void
changed_local_file_is_not_sent(void **state)
{
	struct bench *b = *state;

	for (size_t bytes = 1000; bytes <= 3 * MB; bytes += 3 * MB - 1000) {
		size_t len;

		make_file(b, bytes, 14);
		scratch_add(b->path, "more", 4);
		assert_int_equal(truncate(b->path, 500), 0);
		assert_int_equal(truncate(b->path, (off_t)bytes), 0);
		assert_int_equal(put(b), S3_ENDED);
		assert_non_null(strstr(b->e.text, "is not what was verified"));
		assert_null(s3_server_object(b->server, "shows/2026/" KEY, &len));
		assert_int_equal(s3_server_uploads(b->server), 0);
	}
}

static void
head_proves_less_and_says_so(void **state)
{
	struct bench *b = *state;

	b->place.reads_back = false;
	reopen(b);
	make_file(b, 3 * MB, 15);
	assert_int_equal(put(b), S3_DONE);
	is_up(b);
	assert_int_equal(b->proof, S3_PROOF_PARTS);
	assert_int_equal(seen_of(b).gets, 0);
	assert_non_null(strstr(s3_proof_text(b->proof), "was not read back"));
}

/* ---- Keys ---- */

static void
wrong_secret_is_refused_in_the_servers_words(void **state)
{
	struct bench *b = *state;

	make_file(b, 1000, 16);
	b->keys.secret[0] ^= 1;
	reopen(b);
	assert_int_equal(put(b), S3_ENDED);
	assert_non_null(strstr(b->e.text, "403 SignatureDoesNotMatch"));
	assert_null(strstr(b->e.text, b->keys.secret));
	snprintf(b->keys.id, sizeof b->keys.id, "NOBODY");
	reopen(b);
	assert_int_equal(put(b), S3_ENDED);
	assert_non_null(strstr(b->e.text, "InvalidAccessKeyId"));
	snprintf(b->keys.id, sizeof b->keys.id, "%s", S3_SERVER_ID);
	snprintf(b->keys.secret, sizeof b->keys.secret, "%s", S3_SERVER_SECRET);
	snprintf(b->place.region, sizeof b->place.region, "elsewhere");
	reopen(b);
	assert_int_equal(put(b), S3_ENDED);
	assert_non_null(strstr(b->e.text, "AuthorizationHeaderMalformed"));
}

static void
session_token_is_signed(void **state)
{
	struct bench *b = *state;

	make_file(b, 1000, 17);
	snprintf(b->keys.token, sizeof b->keys.token, "a/session+token==");
	reopen(b);
	assert_int_equal(put(b), S3_DONE);	/* the server refuses an x-amz- header that is not signed */
}

static void
keys_come_from_the_environment_or_a_private_file(void **state)
{
	struct bench *b = *state;
	char path[300];
	struct s3_keys k;
	struct err e;

	snprintf(path, sizeof path, "%s/credentials", b->folder);
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	unsetenv("AWS_SESSION_TOKEN");
	assert_false(s3_keys_find(&k, NULL, &e));
	assert_non_null(strstr(e.text, "set AWS_ACCESS_KEY_ID"));
	assert_false(s3_keys_find(&k, path, &e));
	scratch_write(path, "# mine\n[other]\naws_access_key_id = WRONG\n[default]\naws_access_key_id = FILEID\n"
	    "aws_secret_access_key=file/secret+x\r\n[third]\naws_secret_access_key = WRONG\n");
	assert_int_equal(chmod(path, 0640), 0);
	assert_false(s3_keys_find(&k, path, &e));
	assert_non_null(strstr(e.text, "others can read"));
	assert_int_equal(chmod(path, 0600), 0);
	assert_true(s3_keys_find(&k, path, &e));
	assert_string_equal(k.id, "FILEID");
	assert_string_equal(k.secret, "file/secret+x");
	setenv("AWS_ACCESS_KEY_ID", "ENVID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "env/secret", 1);
	assert_true(s3_keys_find(&k, path, &e));
	assert_string_equal(k.id, "ENVID");
	assert_string_equal(k.secret, "env/secret");
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
}

/* ---- Places ---- */

static void
places_are_read(void **state)
{
	struct s3_place p;
	struct err e = { 0 };

	(void)state;
	assert_true(s3_parse(&p, "s3://rushes", &e));
	assert_string_equal(p.bucket, "rushes");
	assert_string_equal(p.prefix, "");
	assert_string_equal(p.endpoint, "https://s3.us-east-1.amazonaws.com");
	assert_true(p.reads_back);
	assert_true(s3_parse(&p, "s3://rushes/a/b%20c/?endpoint=https://nas.local:9000/&region=eu-west-3&verify=head&part=64", &e));
	assert_string_equal(p.prefix, "a/b c");
	assert_string_equal(p.endpoint, "https://nas.local:9000");
	assert_string_equal(p.region, "eu-west-3");
	assert_false(p.reads_back);
	assert_int_equal(p.part_bytes, 64 * MB);
}

static void
places_that_make_no_sense_are_refused(void **state)
{
	static const char *const bad[] = { "s3:rushes", "s3://", "s3:///x", "s3://a b", "s3://x?endpoint=ftp://y", "s3://x?endpoint=https://u:p@h",
		"s3://x?verify=maybe", "s3://x?part=1", "s3://x?region=", "s3://x?secret=y", "s3://x?verify", "s3://x/../y", "s3://x/%ff" };
	struct s3_place p;

	(void)state;
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = { 0 };

		assert_false(s3_parse(&p, bad[i], &e));
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(checker_knows_the_published_signature), T(small_file_goes_up_and_is_read_back), T(empty_file_goes_up_too),
		T(large_file_goes_up_in_parts), T(upload_is_resumed_by_the_next_client), T(dropped_connection_is_for_later_and_costs_one_part),
		T(forgotten_upload_begins_anew), T(state_of_another_file_is_void), T(busy_server_is_for_later), T(error_inside_a_200_is_an_error),
		T(wrong_bytes_in_the_archive_are_found_and_sent_again), T(archive_that_spoils_every_time_is_not_believed),
		T(same_object_is_not_sent_again), T(other_object_is_not_overwritten), T(changed_local_file_is_not_sent),
		T(head_proves_less_and_says_so), T(wrong_secret_is_refused_in_the_servers_words), T(session_token_is_signed),
		T(keys_come_from_the_environment_or_a_private_file), T(places_are_read), T(places_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
