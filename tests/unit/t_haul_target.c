/*
 * t_haul_target.c - archive targets: a folder of the Sphere, a folder elsewhere, object storage behind a thread.
 */
#include <sys/statvfs.h>

#include "io/haul_target.h"
#include "support/s3_server.h"
#include "unit/haul_kit.h"

#define MB (1024 * 1024LL)

struct archive {
	struct bench *b;
	struct s3_server *s3;
	struct haul_target *target;
	char text[200];
	struct haul_put *put;
	struct haul_put_news last;
	char error[320];
	int news, ends, seen[HAUL_PUT_FAILED + 1];
};

static void
on_put(void *arg, struct haul_put *p, const struct haul_put_news *n)
{
	struct archive *a = arg;

	assert_ptr_equal(p, a->put);
	assert_int_equal(a->ends, 0);
	a->last = *n;
	a->news++;
	a->seen[n->state]++;
	if (n->err.kind != ERR_NONE)
		snprintf(a->error, sizeof a->error, "%s", n->err.text);
	a->ends += n->state == HAUL_PUT_DONE || n->state == HAUL_PUT_FAILED;
}

static bool
has_ended(void *arg)
{
	return ((struct archive *)arg)->ends > 0;
}

static bool
is_retrying(void *arg)
{
	return ((struct archive *)arg)->seen[HAUL_PUT_RETRYING] > 0;
}

static void
open_s3(struct archive *a, struct bench *b)
{
	struct err e = { 0 };

	memset(a, 0, sizeof *a);
	a->b = b;
	a->s3 = s3_server_new();
	setenv("AWS_ACCESS_KEY_ID", S3_SERVER_ID, 1);
	setenv("AWS_SECRET_ACCESS_KEY", S3_SERVER_SECRET, 1);
	snprintf(a->text, sizeof a->text, "s3://show/p?endpoint=http://127.0.0.1:%d&region=%s&part=5", s3_server_port(a->s3), S3_SERVER_REGION);
	a->target = haul_target_new(b->loop, a->text, b->folder, NULL, &e);
	assert_string_equal(e.text, "");
	assert_non_null(a->target);
}

static void
close_s3(struct archive *a)
{
	haul_target_free(a->target);
	s3_server_free(a->s3);
}

/* A verified file of take 003, as the fetch engine leaves it. */
static void
fetch_into(struct archive *a, struct file *f, int64_t bytes)
{
	char landing[600];
	const char *urls[1];
	struct haul_ask ask;

	kit_file(a->b, f, bytes, 7);
	haul_target_landing(a->target, "003", landing, sizeof landing);
	urls[0] = f->url;
	ask = kit_ask(f, urls);
	ask.folder = landing;
	kit_wish_as(f, &ask);
	kit_until(a->b, kit_has_ended, f);
	assert_int_equal(f->last.state, HAUL_VERIFIED);
}

static void
put(struct archive *a, const struct file *f)
{
	a->ends = 0;
	a->put = haul_target_put(a->target, "003", f->name, f->bytes, f->sha256, on_put, a);
}

static const char *
key_of(const struct archive *a, const struct file *f)
{
	static char key[500];

	snprintf(key, sizeof key, "p/%s/003/%s", strrchr(a->b->folder, '/') + 1, f->name);
	return key;
}

static void
folder_of_the_sphere_has_it_already(void **state)
{
	struct bench *b = *state;
	struct archive a = { .b = b, .target = haul_target_new(b->loop, "takes", b->folder, NULL, NULL) };
	char text[600], want[600];
	struct file f;

	haul_target_landing(a.target, "003", text, sizeof text);
	snprintf(want, sizeof want, "%s/takes/003", b->folder);
	assert_string_equal(text, want);
	haul_target_archive(a.target, "003", text, sizeof text);
	assert_string_equal(text, "takes/003");
	assert_false(haul_target_is_remote(a.target));
	fetch_into(&a, &f, MB);
	put(&a, &f);
	assert_int_equal(a.news, 0);		/* never from inside the call */
	kit_until(b, has_ended, &a);
	assert_int_equal(a.last.state, HAUL_PUT_DONE);
	assert_int_equal(a.last.bytes, f.bytes);
	haul_target_drop(a.put);
	haul_target_free(a.target);
}

static void
other_folder_holds_each_sphere_apart(void **state)
{
	struct bench *b = *state;
	char nas[300], text[600], want[800];
	struct archive a = { .b = b };
	struct file f;

	snprintf(nas, sizeof nas, "%s/nas", b->folder);
	a.target = haul_target_new(b->loop, nas, "/shows/saturday-episode", NULL, NULL);
	haul_target_landing(a.target, "003", text, sizeof text);
	snprintf(want, sizeof want, "%s/saturday-episode/003", nas);
	assert_string_equal(text, want);
	haul_target_archive(a.target, "003", text, sizeof text);
	assert_string_equal(text, want);
	fetch_into(&a, &f, MB);
	put(&a, &f);
	kit_until(b, has_ended, &a);
	assert_int_equal(a.last.state, HAUL_PUT_DONE);
	haul_target_free(a.target);
}

static void
file_goes_up_and_says_what_is_proven(void **state)
{
	struct bench *b = *state;
	struct archive a;
	struct file f;
	char text[600], want[600], *there;
	size_t len = 0;

	open_s3(&a, b);
	assert_true(haul_target_is_remote(a.target));
	haul_target_archive(a.target, "003", text, sizeof text);
	snprintf(want, sizeof want, "s3://show/p/%s/003", strrchr(b->folder, '/') + 1);
	assert_string_equal(text, want);
	fetch_into(&a, &f, 11 * MB);
	put(&a, &f);
	kit_until(b, has_ended, &a);
	assert_string_equal(a.error, "");
	assert_int_equal(a.last.state, HAUL_PUT_DONE);
	assert_non_null(strstr(a.last.proof, "read back"));
	there = s3_server_object(a.s3, key_of(&a, &f), &len);
	assert_non_null(there);
	assert_int_equal(len, f.bytes);
	free(there);
	close_s3(&a);
}

static void
busy_archive_is_waited_for(void **state)
{
	struct bench *b = *state;
	struct s3_server_day busy = { .busy_times = 2 };
	struct archive a;
	struct file f;

	open_s3(&a, b);
	fetch_into(&a, &f, MB);
	s3_server_set(a.s3, &busy);
	put(&a, &f);
	kit_until(b, has_ended, &a);
	assert_int_equal(a.last.state, HAUL_PUT_DONE);
	assert_true(a.seen[HAUL_PUT_RETRYING] > 0);
	assert_non_null(strstr(a.error, "answers 503"));
	close_s3(&a);
}

static void
refusal_ends_it_and_leaves_the_file(void **state)
{
	struct bench *b = *state;
	struct archive a;
	struct file f;
	struct err e;

	open_s3(&a, b);
	fetch_into(&a, &f, MB);
	haul_target_free(a.target);
	setenv("AWS_SECRET_ACCESS_KEY", "wrong", 1);
	a.target = haul_target_new(b->loop, a.text, b->folder, NULL, &e);
	put(&a, &f);
	kit_until(b, has_ended, &a);
	assert_int_equal(a.last.state, HAUL_PUT_FAILED);
	assert_non_null(strstr(a.error, "SignatureDoesNotMatch"));
	close_s3(&a);
}

/* Dropped while it waits, and while it is sent; the target goes while others wait. */
static void
puts_may_go_at_any_time(void **state)
{
	struct bench *b = *state;
	struct s3_server_day busy = { .busy_times = 1000000 };
	struct archive a;
	struct file f;

	open_s3(&a, b);
	fetch_into(&a, &f, MB);
	s3_server_set(a.s3, &busy);
	put(&a, &f);
	haul_target_drop(a.put);
	put(&a, &f);
	kit_until(b, is_retrying, &a);
	haul_target_drop(a.put);
	put(&a, &f);
	close_s3(&a);
}

struct answer {
	int64_t free_bytes;
	bool is_here;
	struct err err;
};

static void
on_room(void *arg, int64_t free_bytes, const struct err *e)
{
	struct answer *r = arg;

	r->free_bytes = free_bytes;
	r->err = *e;
	r->is_here = true;
}

static bool
is_answered(void *arg)
{
	return ((struct answer *)arg)->is_here;
}

static void
free_space_is_told_also_before_the_folder_is_there(void **state)
{
	struct bench *b = *state;
	struct haul_target *t = haul_target_new(b->loop, "takes", b->folder, NULL, NULL);
	struct answer r = { 0 }, nobody = { 0 };
	struct statvfs fs;

	haul_target_room(t, on_room, &r);
	kit_until(b, is_answered, &r);
	assert_int_equal(r.err.kind, ERR_NONE);
	assert_int_equal(statvfs(b->folder, &fs), 0);
	assert_true(r.free_bytes > 0 && r.free_bytes <= (int64_t)fs.f_blocks * (int64_t)fs.f_frsize);
	haul_target_room(t, on_room, &nobody);
	haul_target_free(t);		/* its answer finds nobody */
	r.is_here = false;
	t = haul_target_new(b->loop, "takes", b->folder, NULL, NULL);
	haul_target_room(t, on_room, &r);
	kit_until(b, is_answered, &r);
	assert_false(nobody.is_here);
	haul_target_free(t);
}

static void
ask(struct answer *r, struct bench *b, struct haul_target *t, bool begins)
{
	memset(r, 0, sizeof *r);
	if (begins)
		haul_target_begin(t, on_room, r);
	else
		haul_target_room(t, on_room, r);
	kit_until(b, is_answered, r);
}

static struct haul_target *
nas_of(struct bench *b, const char *root, const char *sphere)
{
	struct haul_target *t;
	char text[400];

	snprintf(text, sizeof text, "%s/%s", b->folder, root);
	t = haul_target_new(b->loop, text, "/shows/saturday", NULL, NULL);
	haul_target_own(t, sphere);
	return t;
}

static void
folder_elsewhere_is_marked_the_first_time_and_known_by_its_mark(void **state)
{
	struct bench *b = *state;
	struct haul_target *t = nas_of(b, "nas", "sphere-1"), *other = nas_of(b, "nas", "sphere-2"), *deep = nas_of(b, "no/nas", "sphere-1");
	char anchor[500];
	struct answer r;

	snprintf(anchor, sizeof anchor, "%s/nas/saturday/.livedirector-sphere", b->folder);
	assert_string_equal(haul_target_anchor(t), anchor);
	ask(&r, b, t, false);
	assert_int_equal(r.err.kind, ERR_NOT_FOUND);	/* never used, or not mounted */
	assert_int_not_equal(access(anchor, F_OK), 0);
	ask(&r, b, t, true);
	assert_string_equal(r.err.text, "");
	assert_true(r.free_bytes > 0);
	ask(&r, b, t, true);				/* again is the same */
	assert_int_equal(r.err.kind, ERR_NONE);
	ask(&r, b, t, false);
	assert_int_equal(r.err.kind, ERR_NONE);
	ask(&r, b, other, true);
	assert_int_equal(r.err.kind, ERR_REFUSED);
	assert_non_null(strstr(r.err.text, "another Sphere (sphere-1)"));
	ask(&r, b, deep, true);
	assert_int_equal(r.err.kind, ERR_DISK);
	haul_target_free(t);
	haul_target_free(other);
	haul_target_free(deep);
}

/* A crash between making the mark and writing it: nobody's. */
static void
empty_mark_is_nobodys_and_is_written_anew(void **state)
{
	struct bench *b = *state;
	struct haul_target *t = nas_of(b, "nas", "sphere-1");
	struct answer r;

	ask(&r, b, t, true);
	assert_int_equal(truncate(haul_target_anchor(t), 0), 0);
	ask(&r, b, t, false);
	assert_int_equal(r.err.kind, ERR_NOT_FOUND);
	ask(&r, b, t, true);
	assert_int_equal(r.err.kind, ERR_NONE);
	ask(&r, b, t, false);
	assert_int_equal(r.err.kind, ERR_NONE);
	haul_target_free(t);
}

static void
object_storage_is_asked_first_whether_it_takes_the_keys(void **state)
{
	struct bench *b = *state;
	struct s3_server_seen seen;
	struct archive a;
	struct answer r;
	struct err e = { 0 };
	char text[300];

	open_s3(&a, b);
	ask(&r, b, a.target, true);
	assert_string_equal(r.err.text, "");
	s3_server_seen(a.s3, &seen);
	assert_int_equal(seen.puts + seen.begun, 0);	/* nothing is written there */
	haul_target_free(a.target);
	snprintf(text, sizeof text, "s3://other/p?endpoint=http://127.0.0.1:%d&region=%s", s3_server_port(a.s3), S3_SERVER_REGION);
	a.target = haul_target_new(b->loop, text, b->folder, NULL, &e);
	ask(&r, b, a.target, true);
	assert_int_equal(r.err.kind, ERR_REFUSED);
	assert_non_null(strstr(r.err.text, "NoSuchBucket"));
	haul_target_free(a.target);
	a.target = haul_target_new(b->loop, "s3://show/p?endpoint=http://127.0.0.1:1", b->folder, NULL, &e);
	ask(&r, b, a.target, true);
	assert_int_equal(r.err.kind, ERR_NETWORK);	/* that may pass */
	close_s3(&a);
}

static void
texts_that_are_no_targets_are_refused(void **state)
{
	static const char *const bad[] = { "", "nas", "./nas", "http://x", "s3://", "s3:x" };
	struct bench *b = *state;
	struct err e = { 0 };

	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(haul_target_check(bad[i], &e));
	assert_true(haul_target_check("takes", &e));
	assert_true(haul_target_check("/mnt/nas", &e));
	assert_true(haul_target_check("s3://b?endpoint=https://h:1", &e));
	unsetenv("AWS_ACCESS_KEY_ID");
	assert_null(haul_target_new(b->loop, "s3://b", b->folder, NULL, &e));
	assert_non_null(strstr(e.text, "AWS_ACCESS_KEY_ID"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
		T(folder_of_the_sphere_has_it_already), T(other_folder_holds_each_sphere_apart), T(file_goes_up_and_says_what_is_proven),
		T(busy_archive_is_waited_for), T(refusal_ends_it_and_leaves_the_file), T(puts_may_go_at_any_time),
		T(free_space_is_told_also_before_the_folder_is_there), T(texts_that_are_no_targets_are_refused),
		T(folder_elsewhere_is_marked_the_first_time_and_known_by_its_mark), T(empty_mark_is_nobodys_and_is_written_anew),
		T(object_storage_is_asked_first_whether_it_takes_the_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
