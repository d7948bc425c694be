/*
 * s3_signature.h - is a request signed as AWS Signature Version 4 wants it?  By the published rules ("Authenticating
 * Requests: Using the Authorization Header", Amazon S3 API Reference), written from them and not from a client.
 */
#ifndef TESTS_S3_SIGNATURE_H
#define TESTS_S3_SIGNATURE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/* path as it was sent, still escaped.  False: why is "Code: sentence". */
bool s3_signature_check(struct MHD_Connection *c, const char *method, const char *path, const void *body, size_t len, char *why, size_t why_size);
void s3_signature_decode(const char *text, char *out, size_t out_size);
/* The signature over a string to sign: for the published example. */
void s3_signature_make(const char *secret, const char *date, const char *region, const char *to_sign, char out[static 65]);

#endif
