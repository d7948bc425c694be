/*
 * httpd.h - HTTP/1.1 server on the loop; the only file that knows libmicrohttpd.
 * Handlers run on the loop's thread.  Bodies over MAX_REQUEST_BODY get 413.  Streams are pulled:
 * the server asks a stream's fill function when the client can take more; a stream with nothing
 * to say is suspended until httpd_stream_wake().
 */
#ifndef IO_HTTPD_H
#define IO_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"

struct httpd;
struct httpd_request;			/* lives until it is answered */
struct httpd_stream;

/* Called once per request, when its body is complete.  Must answer now or later with one httpd_reply_*. */
typedef void httpd_handler_fn(void *arg, struct httpd_request *rq);

/* bind: numeric address, NULL = all (IPv4 and IPv6).  port 0 = any free. */
struct httpd *httpd_new(struct loop *loop, const char *bind, int port, httpd_handler_fn *fn, void *arg, struct err *e);
void httpd_free(struct httpd *d);	/* resumes and ends every stream first */
int httpd_port(const struct httpd *d);
/* The first of that many consecutive ports that are free now; 0: none was found. */
int httpd_free_ports(const char *bind, int count);

const char *httpd_method(const struct httpd_request *rq);
const char *httpd_path(const struct httpd_request *rq);		/* decoded, no query */
const char *httpd_query(const struct httpd_request *rq, const char *key);	/* NULL: absent */
const char *httpd_header(const struct httpd_request *rq, const char *name);	/* NULL: absent */
const char *httpd_body(const struct httpd_request *rq, size_t *len);
int64_t httpd_received_us(const struct httpd_request *rq);	/* CLOCK_REALTIME when its head was in */
const char *httpd_peer(const struct httpd_request *rq);	/* numeric address of the client, "" if unknown */

struct httpd_extra { const char *name, *value; };	/* response headers; list ends with name NULL */
void httpd_reply(struct httpd_request *rq, int status, const char *content_type, const void *body, size_t len, const struct httpd_extra *extra);
/* Bytes offset..offset+len of an open file; fd is closed by the server. */
void httpd_reply_file(struct httpd_request *rq, int status, const char *content_type, int fd, uint64_t offset, uint64_t len, const struct httpd_extra *extra);
/* To HEAD of what GET would stream: its type, and no length. */
void httpd_reply_head(struct httpd_request *rq, const char *content_type);
/* Drops the connection without an answer (fault rehearsal). */
void httpd_drop(struct httpd_request *rq);

struct httpd_stream_fns {
	/* Up to room bytes into out: bytes written; 0 = nothing now (sleep until woken); -1 = end of stream. */
	long (*fill)(void *arg, char *out, size_t room);
	void (*gone)(void *arg);	/* the viewer left or the server stops; the stream is dead after it */
};
struct httpd_stream *httpd_reply_stream(struct httpd_request *rq, const char *content_type, const struct httpd_extra *extra, const struct httpd_stream_fns *fns, void *arg);
void httpd_stream_wake(struct httpd_stream *s);

#endif
