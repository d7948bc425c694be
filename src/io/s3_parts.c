/*
 * s3_parts.c - a large file into object storage by parts: what the server has is kept in a state file, and is not sent again.
 * Owns the state file.  Never completes an upload of bytes that are not the file's.
 */
#include "io/s3_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/diskq.h"
#include "io/jdoc.h"

#define STATE_FORMAT 1
#define STATE_CEILING (4 * 1024 * 1024)
#define LOST_MAX 3			/* uploads that the server forgot, in one go */

struct parts {
	struct s3 *s;
	const struct s3_file *f;
	const atomic_bool *stop;
	char *place;			/* which object of which server: a state of another is void */
	char upload[S3_UPLOAD_ID];
	int64_t part_bytes;
	int count;			/* parts that are there */
	char **etags;
	struct digest *hash;		/* of them */
	char *block;
	bool is_lost;			/* the server knows the upload no more */
};

/* ---- The state file ---- */

static void
forget(struct parts *p)
{
	for (int i = 0; i < p->count; i++)
		free(p->etags[i]);
	p->count = 0;
	p->upload[0] = '\0';
	digest_free(p->hash);
	p->hash = digest_new();
	unlink(p->f->state);
}

static void
to_hex(const unsigned char *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static bool
from_hex(const char *text, unsigned char *out, size_t len)
{
	if (strlen(text) != 2 * len || strspn(text, "0123456789abcdef") != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };

		out[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	return true;
}

static bool
keep(struct parts *p, struct err *e)
{
	struct jdoc *j = jdoc_object(), *etags = jdoc_array();
	unsigned char blob[DIGEST_BLOB_BYTES];
	char hash[2 * DIGEST_BLOB_BYTES + 1], *text;
	bool ok;

	digest_save(p->hash, blob);
	to_hex(blob, sizeof blob, hash);
	jdoc_set_int(j, "format", STATE_FORMAT);
	jdoc_set_text(j, "object", p->place);
	jdoc_set_int(j, "bytes", p->f->bytes);
	jdoc_set_text(j, "sha256", p->f->sha256);
	jdoc_set_int(j, "partBytes", p->part_bytes);
	jdoc_set_text(j, "uploadId", p->upload);
	jdoc_set_text(j, "hashState", hash);
	for (int i = 0; i < p->count; i++)
		jdoc_set_text(etags, NULL, p->etags[i]);
	jdoc_set(j, "parts", etags);
	text = jdoc_print(j);
	jdoc_free(j);
	ok = diskq_replace_now(p->f->state, text, strlen(text), e);
	free(text);
	return ok;
}

static bool
take_up_words(struct parts *p, const struct jdoc *j)
{
	const struct jdoc *etags = jdoc_get(j, "parts");
	unsigned char blob[DIGEST_BLOB_BYTES];
	int64_t have;

	if (jdoc_int(j, "format", 0) != STATE_FORMAT || strcmp(jdoc_text(j, "object", ""), p->place) != 0 ||
	    jdoc_int(j, "bytes", -1) != p->f->bytes || strcmp(jdoc_text(j, "sha256", ""), p->f->sha256) != 0 ||
	    jdoc_int(j, "partBytes", 0) != p->part_bytes || etags == NULL || !jdoc_is_array(etags) || jdoc_count(etags) > S3_PARTS_MAX ||
	    !from_hex(jdoc_text(j, "hashState", ""), blob, sizeof blob) ||
	    !str_copy(p->upload, sizeof p->upload, jdoc_text(j, "uploadId", "")) || p->upload[0] == '\0')
		return false;
	digest_free(p->hash);
	p->hash = digest_load(blob, sizeof blob);
	for (size_t i = 0; i < jdoc_count(etags); i++)
		p->etags[p->count++] = xstrdup(jdoc_self_text(jdoc_at(etags, i), ""));
	have = p->count * p->part_bytes < p->f->bytes ? p->count * p->part_bytes : p->f->bytes;
	return p->hash != NULL && digest_length(p->hash) == (uint64_t)have;
}

static void
take_up(struct parts *p)
{
	struct jdoc *j = jdoc_load(p->f->state, STATE_CEILING, NULL);

	if (j == NULL || !take_up_words(p, j))
		forget(p);
	jdoc_free(j);
}

/* ---- The talk ---- */

/* NoSuchUpload: it was given up, or completed before a crash; either way it begins anew, and is looked at first. */
static enum s3_result
refused(struct parts *p, const struct s3_call *c, struct err *e)
{
	p->is_lost = c->status == 404;
	return s3_call_refused(p->s, c, e);
}

static enum s3_result
begin(struct parts *p, struct err *e)
{
	struct s3_call c = { .method = "POST", .key = p->f->key, .query = "uploads=", .meta_sha256 = p->f->sha256, .stop = p->stop };
	enum s3_result r = s3_call_do(p->s, &c, e);

	if (r == S3_DONE && c.status != 200)
		r = s3_call_refused(p->s, &c, e);
	else if (r == S3_DONE && (!s3_call_word(&c, "UploadId", p->upload, sizeof p->upload) || p->upload[0] == '\0')) {
		err_set(e, ERR_FORMAT, "the archive at %s began an upload without naming it", p->s->place.endpoint);
		r = S3_ENDED;
	}
	s3_call_fini(&c);
	if (r == S3_DONE && !keep(p, e))
		r = S3_ENDED;
	return r;
}

static void
query_of(const struct parts *p, int part, char *out, size_t out_size)
{
	char id[3 * S3_UPLOAD_ID];

	s3_place_escape(p->upload, false, id, sizeof id);
	if (part > 0)
		snprintf(out, out_size, "partNumber=%d&uploadId=%s", part, id);
	else
		snprintf(out, out_size, "uploadId=%s", id);
}

static int64_t
part_len(const struct parts *p)
{
	int64_t left = p->f->bytes - p->count * p->part_bytes;

	return left < p->part_bytes ? left : p->part_bytes;
}

static enum s3_result
send_part(struct parts *p, int fd, struct err *e)
{
	int64_t len = part_len(p);
	char query[3 * S3_UPLOAD_ID + 64];
	struct s3_call c = { .method = "PUT", .key = p->f->key, .query = query, .body = p->block, .body_len = (size_t)len, .stop = p->stop };
	ssize_t n = pread(fd, p->block, (size_t)len, p->count * p->part_bytes);
	enum s3_result r;

	if (n != len) {
		err_set(e, ERR_DISK, "%s cannot be read to its end", p->f->path);
		return S3_ENDED;
	}
	query_of(p, p->count + 1, query, sizeof query);
	r = s3_call_do(p->s, &c, e);
	if (r == S3_DONE && c.status != 200)
		r = refused(p, &c, e);
	else if (r == S3_DONE) {
		digest_add(p->hash, p->block, (size_t)len);
		p->etags[p->count++] = xstrdup(c.etag);
		if (!keep(p, e))
			r = S3_ENDED;
	}
	s3_call_fini(&c);
	return r;
}

static char *
parts_xml(const struct parts *p)
{
	struct buf b;

	buf_init(&b, STATE_CEILING);
	buf_add_text(&b, "<CompleteMultipartUpload>");
	for (int i = 0; i < p->count; i++)
		buf_add_format(&b, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", i + 1, p->etags[i]);
	buf_add_text(&b, "</CompleteMultipartUpload>");
	return buf_steal(&b, NULL);
}

/* Its 200 may come before the work is done, and end in an <Error>. */
static enum s3_result
complete(struct parts *p, struct err *e)
{
	char query[3 * S3_UPLOAD_ID + 64], *xml = parts_xml(p), code[64];
	struct s3_call c = { .method = "POST", .key = p->f->key, .query = query, .body = xml, .body_len = strlen(xml), .stop = p->stop };
	enum s3_result r;

	query_of(p, 0, query, sizeof query);
	r = s3_call_do(p->s, &c, e);
	if (r == S3_DONE && c.status != 200)
		r = refused(p, &c, e);
	else if (r == S3_DONE && s3_call_word(&c, "Code", code, sizeof code)) {
		(void)s3_call_refused(p->s, &c, e);
		r = S3_AGAIN;
	}
	s3_call_fini(&c);
	free(xml);
	return r;
}

static enum s3_result
give_up(struct parts *p, struct err *e)
{
	char query[3 * S3_UPLOAD_ID + 64];
	struct s3_call c = { .method = "DELETE", .key = p->f->key, .query = query, .stop = p->stop };
	struct err unused;

	query_of(p, 0, query, sizeof query);
	(void)s3_call_do(p->s, &c, &unused);
	s3_call_fini(&c);
	forget(p);
	err_set(e, ERR_DISK, "%s is not what was verified; it was changed", p->f->path);
	return S3_ENDED;
}

static bool
is_the_file(const struct parts *p)
{
	unsigned char blob[DIGEST_BLOB_BYTES];
	struct digest *copy;
	char sha256[65];

	digest_save(p->hash, blob);
	copy = digest_load(blob, sizeof blob);
	digest_hex(copy, sha256);
	digest_free(copy);
	return strcmp(sha256, p->f->sha256) == 0;
}

/* One upload from where it stands to its end. */
static enum s3_result
run(struct parts *p, int fd, _Atomic int64_t *sent, struct err *e)
{
	enum s3_result r = S3_DONE;

	p->is_lost = false;
	if (p->upload[0] == '\0')
		r = begin(p, e);
	while (r == S3_DONE && p->count * p->part_bytes < p->f->bytes) {
		atomic_store(sent, p->count * p->part_bytes);
		r = send_part(p, fd, e);
	}
	if (r != S3_DONE)
		return r;
	atomic_store(sent, p->f->bytes);
	if (!is_the_file(p))
		return give_up(p, e);
	r = complete(p, e);
	if (r == S3_DONE)
		forget(p);
	return r;
}

static int64_t
part_bytes_of(const struct s3 *s, int64_t bytes)
{
	int64_t least = bytes / (S3_PARTS_MAX - 1) + 1;

	return least > s->place.part_bytes ? least : s->place.part_bytes;
}

enum s3_result
s3_parts_put(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, _Atomic int64_t *sent, struct err *e)
{
	struct parts p = { .s = s, .f = f, .stop = stop, .part_bytes = part_bytes_of(s, f->bytes), .hash = digest_new() };
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	enum s3_result r = S3_ENDED;

	if (fd < 0) {
		err_errno(e, ERR_DISK, errno, "cannot read %s", f->path);
		digest_free(p.hash);
		return r;
	}
	p.place = xasprintf("%s/%s/%s/%s", s->place.endpoint, s->place.bucket, s->place.prefix, f->key);
	p.etags = xcalloc(S3_PARTS_MAX + 1, sizeof *p.etags);
	p.block = xmalloc((size_t)p.part_bytes);
	take_up(&p);
	for (int i = 0; i < LOST_MAX; i++) {
		r = run(&p, fd, sent, e);
		if (r != S3_ENDED || !p.is_lost)
			break;
		forget(&p);
		r = S3_AGAIN;		/* the server forgets again and again: later */
		atomic_store(sent, 0);
	}
	for (int i = 0; i < p.count; i++)
		free(p.etags[i]);
	digest_free(p.hash);
	free(p.etags);
	free(p.block);
	free(p.place);
	close(fd);
	return r;
}
