/*
 * digest.h - SHA-256 (FIPS 180-4); the only file that knows libcrypto.  Any thread, one thread per object.
 * A hash in the making can be put away and taken up again, by another process too.
 */
#ifndef IO_DIGEST_H
#define IO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define DIGEST_BLOB_BYTES 140

struct digest;
struct digest *digest_new(void);
void digest_free(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
void digest_hex(struct digest *d, char out[static 65]);		/* ends it */
uint64_t digest_length(const struct digest *d);			/* bytes so far */
/* Its state, the same on every machine, with a checksum of itself; d goes on as before. */
void digest_save(const struct digest *d, unsigned char out[static DIGEST_BLOB_BYTES]);
struct digest *digest_load(const unsigned char *blob, size_t len);	/* NULL: damaged, or none of ours */
/* The whole file; blocking: for workers. */
bool digest_file(const char *path, char out[static 65], struct err *e);
void digest_base64(const char hex[static 65], char out[static 45]);	/* for Repr-Digest */

#endif
