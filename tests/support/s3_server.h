/*
 * s3_server.h - a small S3 server that really checks signatures (AWS Signature Version 4, as published) and the SHA-256 of
 * every body.  On libmicrohttpd and libcrypto; none of the product's code.  Objects are kept in memory.  One bucket: "show".
 */
#ifndef TESTS_S3_SERVER_H
#define TESTS_S3_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define S3_SERVER_ID "AKID:EXAMPLE"		/* with a colon: it must not be split there */
#define S3_SERVER_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define S3_SERVER_REGION "eu-test-1"

struct s3_server;

struct s3_server *s3_server_new(void);
void s3_server_free(struct s3_server *s);
int s3_server_port(const struct s3_server *s);

struct s3_server_day {			/* what it does; all 0: well-behaved */
	int busy_times;			/* so many requests: 503 SlowDown */
	int drop_times;			/* so many PUTs: the connection ends before an answer */
	int late_error_times;		/* so many completions: 200, and <Error> in the body */
	int corrupt_times;		/* so many objects are stored with a wrong byte */
	int forgets_after;		/* > 0: after so many parts all uploads are forgotten, once */
	int stall_part;			/* > 0: this part is not answered until it changes */
};
void s3_server_set(struct s3_server *s, const struct s3_server_day *day);

struct s3_server_seen {
	int requests, refused, parts, puts, completed, begun, aborted, gets;
	int64_t body_bytes;
	char last_refusal[200];
};
void s3_server_seen(struct s3_server *s, struct s3_server_seen *out);
/* The object's bytes, a copy to be freed; NULL: there is none. */
char *s3_server_object(struct s3_server *s, const char *key, size_t *len);
void s3_server_put(struct s3_server *s, const char *key, const void *bytes, size_t len);
int s3_server_uploads(struct s3_server *s);		/* begun and neither completed nor given up */

#endif
