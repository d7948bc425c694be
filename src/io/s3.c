/*
 * s3.c - one file into object storage, and the proof that it is there.  Owns the order: is it there, up with it, read back.
 * Never overwrites an object with another content, and believes no upload that it has not looked at again.
 */
#include "io/s3_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/xalloc.h"

#define TRIES 3				/* uploads whose read-back differs */

struct s3 *
s3_new(const struct s3_place *place, const struct s3_keys *keys)
{
	struct s3 *s = xcalloc(1, sizeof *s);

	XASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	s->place = *place;
	s->keys = *keys;
	s->easy = curl_easy_init();
	XASSERT(s->easy != NULL);
	return s;
}

void
s3_free(struct s3 *s)
{
	if (s == NULL)
		return;
	curl_easy_cleanup(s->easy);
	explicit_bzero(&s->keys, sizeof s->keys);
	free(s);
	curl_global_cleanup();
}

const char *
s3_proof_text(enum s3_proof proof)
{
	switch (proof) {
	case S3_PROOF_READ_BACK:
		return "every byte was read back from the archive, and its SHA-256 is the node's";
	case S3_PROOF_PARTS:
		return "the archive took each part with its SHA-256, and tells the whole size; it was not read back";
	case S3_PROOF_NONE:
		break;
	}
	return "nothing is proven";
}

enum presence { ABSENT, SAME, MAYBE, OTHER };

/* MAYBE: the size is right, and nobody said what it holds. */
static enum s3_result
look(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, enum presence *is, struct err *e)
{
	struct s3_call head = { .method = "HEAD", .key = f->key, .stop = stop }, words = { .method = "GET", .key = f->key, .stop = stop };
	enum s3_result r = s3_call_do(s, &head, e);

	*is = ABSENT;
	if (r == S3_DONE && head.status == 200)
		*is = head.length != f->bytes || (head.meta[0] != '\0' && strcmp(head.meta, f->sha256) != 0) ? OTHER : head.meta[0] != '\0' ? SAME : MAYBE;
	else if (r == S3_DONE && head.status != 404) {
		r = s3_call_do(s, &words, e);		/* an answer to HEAD cannot say why */
		if (r == S3_DONE)
			r = s3_call_refused(s, &words, e);
		s3_call_fini(&words);
	}
	s3_call_fini(&head);
	return r;
}

enum s3_result
s3_try(struct s3 *s, const char *key, struct err *e)
{
	const atomic_bool stop = false;
	struct s3_call get = { .method = "GET", .key = key, .stop = &stop };
	enum s3_result r = s3_call_do(s, &get, e);
	char code[32] = "";

	(void)s3_call_word(&get, "Code", code, sizeof code);
	if (r == S3_DONE && get.status != 200 && (get.status != 404 || strcmp(code, "NoSuchBucket") == 0))
		r = s3_call_refused(s, &get, e);
	s3_call_fini(&get);
	return r;
}

static enum s3_result
read_back(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, bool *same, struct err *e)
{
	struct s3_call get = { .method = "GET", .key = f->key, .stop = stop, .into = digest_new() };
	enum s3_result r = s3_call_do(s, &get, e);
	char sha256[65];

	digest_hex(get.into, sha256);
	*same = r == S3_DONE && get.status == 200 && get.hashed == f->bytes && strcmp(sha256, f->sha256) == 0;
	if (r == S3_DONE && get.status != 200)
		r = s3_call_refused(s, &get, e);
	digest_free(get.into);
	s3_call_fini(&get);
	return r;
}

/* same: as far as it was looked at; proof says how far that is. */
static enum s3_result
prove(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, enum presence is, bool *same, enum s3_proof *proof, struct err *e)
{
	*proof = S3_PROOF_NONE;
	if (s->place.reads_back || is == MAYBE) {
		enum s3_result r = read_back(s, f, stop, same, e);

		if (r == S3_DONE && *same)
			*proof = S3_PROOF_READ_BACK;
		return r;
	}
	*same = is == SAME;
	if (*same)
		*proof = S3_PROOF_PARTS;
	return S3_DONE;
}

/* ---- A small one, in one request ---- */

static enum s3_result
load(const struct s3_file *f, char *body, struct err *e)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	struct digest *d = digest_new();
	ssize_t n = -1;
	char sha256[65];

	if (fd >= 0)
		n = pread(fd, body, (size_t)f->bytes + 1, 0);
	if (n < 0)
		err_errno(e, ERR_DISK, errno, "cannot read %s", f->path);
	if (fd >= 0)
		close(fd);
	digest_add(d, body, n > 0 ? (size_t)n : 0);
	digest_hex(d, sha256);
	digest_free(d);
	if (n >= 0 && (n != f->bytes || strcmp(sha256, f->sha256) != 0))
		err_set(e, ERR_DISK, "%s is not what was verified; it was changed", f->path);
	return n == f->bytes && strcmp(sha256, f->sha256) == 0 ? S3_DONE : S3_ENDED;
}

static enum s3_result
put_whole(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, _Atomic int64_t *sent, struct err *e)
{
	char *body = xmalloc((size_t)f->bytes + 1);
	struct s3_call put = { .method = "PUT", .key = f->key, .body = body, .body_len = (size_t)f->bytes, .meta_sha256 = f->sha256, .stop = stop };
	enum s3_result r = load(f, body, e);

	if (r == S3_DONE)
		r = s3_call_do(s, &put, e);
	if (r == S3_DONE && put.status != 200)
		r = s3_call_refused(s, &put, e);
	if (r == S3_DONE)
		atomic_store(sent, f->bytes);
	s3_call_fini(&put);
	free(body);
	return r;
}

static enum s3_result
upload(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, _Atomic int64_t *sent, struct err *e)
{
	return f->bytes <= s->place.part_bytes ? put_whole(s, f, stop, sent, e) : s3_parts_put(s, f, stop, sent, e);
}

/* Ours, and wrong: it must not be taken for the file. */
static enum s3_result
take_away(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, struct err *e)
{
	struct s3_call call = { .method = "DELETE", .key = f->key, .stop = stop };
	enum s3_result r = s3_call_do(s, &call, e);

	s3_call_fini(&call);
	return r;
}

static enum s3_result
other_stands_there(const struct s3 *s, const struct s3_file *f, struct err *e)
{
	err_set(e, ERR_REFUSED, "another file stands at s3://%s/%s%s%s; it is not overwritten", s->place.bucket, s->place.prefix,
	    s->place.prefix[0] != '\0' ? "/" : "", f->key);
	return S3_ENDED;
}

enum s3_result
s3_put(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, _Atomic int64_t *sent, enum s3_proof *proof, struct err *e)
{
	bool same = false, is_ours = false;
	enum presence is;
	enum s3_result r;

	*proof = S3_PROOF_NONE;
	for (int i = 0; i < TRIES; i++) {
		r = look(s, f, stop, &is, e);
		if (r == S3_DONE && is == OTHER && !is_ours)
			return other_stands_there(s, f, e);
		if (r == S3_DONE && (is == ABSENT || is == OTHER)) {
			is_ours = true;
			r = upload(s, f, stop, sent, e);
			if (r == S3_DONE)
				r = look(s, f, stop, &is, e);
		}
		if (r == S3_DONE && is != ABSENT)
			r = prove(s, f, stop, is, &same, proof, e);
		if (r != S3_DONE || same) {
			if (same)
				atomic_store(sent, f->bytes);
			return r;
		}
		if (!is_ours && is != ABSENT)
			return other_stands_there(s, f, e);
		atomic_store(sent, 0);
		if ((r = take_away(s, f, stop, e)) != S3_DONE)
			return r;
	}
	err_set(e, ERR_REFUSED, "what was read back from the archive differs from what was sent, %d times", TRIES);
	return S3_ENDED;
}
