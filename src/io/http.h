/*
 * http.h - HTTP/1.1 client on the loop, by libcurl.
 * One struct http serves the whole console: warm keep-alive connections, no redirects followed,
 * no proxies, http:// and https:// only, TCP_NODELAY, names looked up off the loop.
 * All callbacks come on the loop's thread, never from inside the call that started them.
 */
#ifndef IO_HTTP_H
#define IO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"

#define HTTP_USER_AGENT "livedirector"

struct http;
struct http_call;

struct http_answer {
	int status;			/* 0: no answer came; then err says why */
	const char *body;		/* NUL-terminated; valid during the callback */
	size_t body_len;
	int64_t sent_us, received_us;	/* console UTC: just before the request is written; just after its answer began to arrive */
	int64_t took_us;		/* from the call to its end */
	struct err err;
};

typedef void http_done_fn(void *arg, const struct http_answer *a);
/* A stream's head: false refuses it (stream ends, closed is called with "refused"). */
typedef bool http_head_fn(void *arg, int status, const char *content_type);
/* Bytes of the body; false ends the stream. */
typedef bool http_bytes_fn(void *arg, const char *data, size_t len);
/* The stream ended: why->kind is ERR_NONE for an orderly end. */
typedef void http_closed_fn(void *arg, const struct err *why);

struct http_request {
	const char *method;		/* NULL = GET */
	const char *url;
	const char *body;		/* JSON or NULL */
	const char *bearer;		/* NULL = none */
	const char *accept;		/* NULL = any */
	const char *last_event_id;	/* NULL = none */
	int64_t timeout_us;		/* whole call; streams: until the head is in; 0 = 30 s */
	int64_t idle_us;		/* streams: longest silence; 0 = none */
	size_t ceiling;			/* calls: largest body; 0 = MAX_JSON_BODY.  A larger Content-Length fails at once. */
	bool fresh;			/* on a new connection (a retry beside a hanging one) */
	bool once;			/* its connection is not kept for others */
};

struct http *http_new(struct loop *loop);
void http_free(struct http *h);		/* pending calls end without callbacks */
/* done is called exactly once unless cancelled. */
struct http_call *http_call(struct http *h, const struct http_request *r, http_done_fn *done, void *arg);
struct http_call *http_stream(struct http *h, const struct http_request *r, http_head_fn *head,
    http_bytes_fn *bytes, http_closed_fn *closed, void *arg);
/* The connection stands: fd is libcurl's, to be written to, read and watched by the user; -1: it does not, and why. */
typedef void http_dialled_fn(void *arg, int fd, const struct err *why);
/*
 * A bare connection to the host of this URL, nobody else's and kept alive by probes, for who speaks on it himself (io/line).
 * dialled comes exactly once; after a good one the call lives on until http_cancel() hangs up.
 */
struct http_call *http_dial(struct http *h, const char *url, int64_t timeout_us, http_dialled_fn *dialled, void *arg);
/* No callback comes after this.  NULL is fine.  Not after done/closed, or a failed dialled, was called. */
void http_cancel(struct http_call *c);
/* "http://host:port" + path, IPv6 in brackets, scope escaped. */
void http_url(char *out, size_t out_size, const char *host, int port, const char *path);
/* "host:port" of such a URL, as the field Host has it: without a scope, which means nothing on the other side (RFC 6874). */
void http_authority(char *out, size_t out_size, const char *host, int port);

#endif
