/*
 * http_private.h - what the files of the HTTP client share.  http.c owns calls and their
 * callbacks, http_easy.c one transfer's options, http_multi.c the sockets on the loop,
 * http_error.c the sentences.  Not for anybody else.
 */
#ifndef IO_HTTP_PRIVATE_H
#define IO_HTTP_PRIVATE_H

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/list.h"
#include "io/http.h"

#define HTTP_DEFAULT_TIMEOUT_US (30 * 1000000LL)
#define HTTP_SPARE_EASIES 64

struct http {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer;	/* curl's one */
	struct list calls;		/* all that are under way */
	struct list ready;		/* those with something to tell */
	struct list socks;
	struct http_call *telling;	/* whose callback is running; NULL once it was cancelled in there */
	CURL *spare[HTTP_SPARE_EASIES];	/* a fan-out must not begin with 64 set-ups */
	int spare_count;
};

struct http_call {
	struct list link, ready;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	bool is_stream, attached;
	bool is_dial;			/* its connection is the user's until he hangs up */
	http_done_fn *done;
	http_head_fn *head;
	http_bytes_fn *bytes;
	http_closed_fn *closed;
	http_dialled_fn *dialled;
	void *arg;
	struct loop_timer *timer;
	int64_t began_us, heard_us;	/* monotonic */
	int64_t timeout_us, idle_us;
	int64_t sent_us, received_us;	/* UTC */
	size_t header_bytes, ceiling;
	struct buf body;		/* a call's whole body; what a stream has not told yet */
	bool head_in, head_told, too_big, ended;
	int status;
	struct err why;
};

/* http.c: what curl's side reports; nothing of it calls back at once. */
void http_note_head(struct http_call *c);
void http_note_bytes(struct http_call *c);
void http_note_end(struct http_call *c, CURLcode result);
/* Tells everything that is ready.  Only from the loop, never from inside curl or a user's callback. */
void http_tell(struct http *h);

/* http_easy.c */
void http_easy_open(struct http_call *c, const struct http_request *r);
void http_easy_close(struct http_call *c);

/* http_multi.c */
void http_multi_open(struct http *h);
void http_multi_close(struct http *h);

/* http_error.c */
void http_error(struct err *e, const struct http_call *c, CURLcode result);
void http_error_late(struct err *e, const struct http_call *c);

#endif
