/*
 * digest.h - SHA-256; the only file that knows libcrypto.  Any thread, one thread per object.
 */
#ifndef IO_DIGEST_H
#define IO_DIGEST_H

#include <stddef.h>
#include <stdbool.h>
#include "base/err.h"

struct digest;
/* Once, before any worker hashes: libcrypto sets itself up in the thread that first uses it, and loses what it made there. */
void digest_setup(void);
struct digest *digest_new(void);
void digest_free(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
void digest_hex(struct digest *d, char out[static 65]);		/* ends it */
/* The whole file; blocking: for workers. */
bool digest_file(const char *path, char out[static 65], struct err *e);
void digest_base64(const char hex[static 65], char out[static 45]);	/* for Repr-Digest */

#endif
