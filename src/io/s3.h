/*
 * s3.h - S3-compatible object storage: one file up, in parts that can be resumed, and read back.  Blocking: for worker
 * threads, one thread at a time for each struct s3.  Signed by libcurl (AWS Signature Version 4); every body is sent with its
 * SHA-256, so a server that checks takes no byte that was changed on the way.
 * Amazon S3 API Reference: PutObject, CreateMultipartUpload, UploadPart, CompleteMultipartUpload, HeadObject, GetObject.
 */
#ifndef IO_S3_H
#define IO_S3_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct s3;

struct s3_place {			/* a bucket, and where in it */
	char endpoint[256];		/* "https://host:port", no slash at its end */
	char bucket[64], prefix[512], region[64];
	bool reads_back;
	int64_t part_bytes;
};

struct s3_keys {			/* secrets: never printed, never written */
	char id[160], secret[160], token[2048];
};

enum s3_result {
	S3_DONE,
	S3_AGAIN,			/* of the network or a busy server: later, from where it was */
	S3_STOPPED,			/* *stop was set */
	S3_ENDED			/* trying again would not help; err says why */
};

enum s3_proof {
	S3_PROOF_NONE,
	S3_PROOF_PARTS,			/* the server took each part with its SHA-256, and tells the whole size */
	S3_PROOF_READ_BACK		/* every byte was read back, and its SHA-256 is the file's */
};

struct s3_file {
	const char *path;		/* local */
	const char *key;		/* below the prefix */
	int64_t bytes;
	const char *sha256;
	const char *state;		/* upload id and parts are kept here until it is up */
};

/* s3://BUCKET[/PREFIX][?endpoint=...&region=...&verify=get|head&part=MIB] */
bool s3_parse(struct s3_place *p, const char *text, struct err *e);
/* From the environment, else from a file in the form of ~/.aws/credentials, which nobody else may read. */
bool s3_keys_find(struct s3_keys *k, const char *file, struct err *e);

struct s3 *s3_new(const struct s3_place *place, const struct s3_keys *keys);
void s3_free(struct s3 *s);
/*
 * An object of that key with that content counts as up; one with another content is left alone, and is the end.
 * *sent counts the bytes that the server has acknowledged.  err is set but for S3_DONE and S3_STOPPED.
 */
enum s3_result s3_put(struct s3 *s, const struct s3_file *f, const atomic_bool *stop, _Atomic int64_t *sent, enum s3_proof *proof, struct err *e);
/* Does the server take these keys for this bucket?  Nothing is written.  DONE: yes, as far as reading shows. */
enum s3_result s3_try(struct s3 *s, const char *key, struct err *e);
const char *s3_proof_text(enum s3_proof proof);

#endif
