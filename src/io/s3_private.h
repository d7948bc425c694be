/*
 * s3_private.h - what the files of the S3 client share: s3.c puts a file there, s3_parts.c by parts with a state file,
 * s3_call.c makes one signed request, s3_place.c reads the target and the keys.  Nobody else includes it.
 */
#ifndef IO_S3_PRIVATE_H
#define IO_S3_PRIVATE_H

#include <curl/curl.h>
#include <stddef.h>
#include "base/buf.h"
#include "io/digest.h"
#include "io/s3.h"

#define S3_KEY_BYTES 1024		/* of a key, before it is escaped */
#define S3_UPLOAD_ID 1024
#define S3_PARTS_MAX 10000		/* Amazon's own limit */
#define S3_ANSWER_BYTES (64 * 1024)

struct s3 {
	struct s3_place place;
	struct s3_keys keys;
	CURL *easy;			/* kept: its connection is warm for the next part */
};

struct s3_call {			/* one request and its answer */
	const char *method;		/* GET HEAD PUT POST DELETE */
	const char *key, *query;	/* query: escaped and sorted by name; NULL: none */
	const void *body;		/* NULL: none */
	size_t body_len;
	const char *meta_sha256;	/* NULL: no such header */
	struct digest *into;		/* GET: the body is hashed into it, and not kept */
	const atomic_bool *stop;

	int status;			/* from here: the answer */
	struct buf answer;
	char etag[256], meta[65];
	int64_t length;			/* -1: not told */
	int64_t hashed;
};

/* s3_call.c.  DONE: an answer came, of whatever status below 500. */
enum s3_result s3_call_do(struct s3 *s, struct s3_call *c, struct err *e);
void s3_call_fini(struct s3_call *c);
/* S3_ENDED with the server's own words. */
enum s3_result s3_call_refused(const struct s3 *s, const struct s3_call *c, struct err *e);
/* The text between <name> and </name> of an XML answer, entities resolved; false: none. */
bool s3_call_word(const struct s3_call *c, const char *name, char *out, size_t out_size);

/* s3_place.c */
void s3_place_escape(const char *text, bool keeps_slash, char *out, size_t out_size);

/* s3_parts.c */
enum s3_result s3_parts_put(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, _Atomic int64_t *sent, struct err *e);

#endif
