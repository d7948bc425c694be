/*
 * http.c - HTTP calls and streams: their life, their time limits, their callbacks.
 * Owns the rule that users are called from the loop only, one at a time, with nothing of curl on
 * the stack; so they may start and cancel whatever they like.  Never blocks.
 */
#include "io/http_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/log.h"
#include "base/xalloc.h"

static void
make_ready(struct http_call *c)
{
	list_remove(&c->ready);
	list_insert_tail(&c->http->ready, &c->ready);
}

static void
detach(struct http_call *c)
{
	if (c->attached)
		curl_multi_remove_handle(c->http->multi, c->easy);
	c->attached = false;
}

static void
call_free(struct http_call *c)
{
	if (c->http->telling == c)
		c->http->telling = NULL;
	detach(c);
	http_easy_close(c);
	list_remove(&c->link);
	list_remove(&c->ready);
	loop_timer_free(c->http->loop, c->timer);
	buf_fini(&c->body);
	free(c);
}

/* The one door to the end; why is set already. */
static void
finish(struct http_call *c)
{
	c->ended = true;
	if (!c->is_dial || c->why.kind != ERR_NONE)
		detach(c);	/* which would close a dialled connection */
	loop_timer_stop(c->http->loop, c->timer);
	if (log_is_on(LOG_HTTP))
		log_line(LOG_HTTP, "call ended after %lld us: %s", (long long)(loop_now_us(c->http->loop) - c->began_us),
		    c->why.kind == ERR_NONE ? "well" : c->why.text);
	make_ready(c);
}

void
http_note_head(struct http_call *c)
{
	c->head_in = true;
	c->heard_us = loop_now_us(c->http->loop);
	if (!c->is_stream)
		return;
	if (c->idle_us > 0)
		loop_timer_start(c->http->loop, c->timer, c->idle_us, 0);
	else
		loop_timer_stop(c->http->loop, c->timer);
	make_ready(c);
}

void
http_note_bytes(struct http_call *c)
{
	if (!c->is_stream)
		return;
	c->heard_us = loop_now_us(c->http->loop);
	make_ready(c);
}

void
http_note_end(struct http_call *c, CURLcode result)
{
	long status = 0;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (result == CURLE_OK)
		c->status = (int)status;
	else
		http_error(&c->why, c, result);
	finish(c);
}

/* ---- Telling ---- */

static void
tell_done(struct http_call *c)
{
	struct http_answer a = {
		.status = c->status, .body = c->status != 0 ? buf_text(&c->body) : "", .body_len = c->status != 0 ? c->body.len : 0,
		.sent_us = c->sent_us, .received_us = c->received_us,
		.took_us = loop_now_us(c->http->loop) - c->began_us, .err = c->why,
	};

	c->done(c->arg, &a);
	call_free(c);
}

static void
refuse(struct http_call *c)
{
	err_set(&c->why, ERR_REFUSED, "refused");
	finish(c);
}

/* False: the call is gone. */
static bool
tell_head(struct http_call *c)
{
	struct http *h = c->http;
	const char *type = NULL;
	long status = 0;
	bool wanted;

	c->head_told = true;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &type);
	wanted = c->head(c->arg, (int)status, type != NULL ? type : "");
	if (h->telling != c)
		return false;
	if (!wanted) {
		buf_clear(&c->body);
		refuse(c);
	}
	return true;
}

/* The bytes are taken out first, since the callback may cancel the call. */
static bool
tell_bytes(struct http_call *c)
{
	struct http *h = c->http;
	struct buf pending = c->body;
	bool wanted;

	buf_init(&c->body, c->ceiling);
	wanted = c->bytes(c->arg, pending.data, pending.len);
	if (h->telling != c) {
		buf_fini(&pending);
		return false;
	}
	buf_clear(&pending);
	c->body = pending;
	if (!wanted)
		refuse(c);
	return true;
}

static void
tell_stream(struct http_call *c)
{
	if (c->head_in && !c->head_told && !tell_head(c))
		return;
	if (c->body.len > 0 && !tell_bytes(c))
		return;
	if (!c->ended)
		return;
	c->closed(c->arg, &c->why);
	call_free(c);
}

/* Well or not, it is told once; a good one stays with its user. */
static void
tell_dialled(struct http_call *c)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (c->why.kind == ERR_NONE && (curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd == CURL_SOCKET_BAD))
		err_set(&c->why, ERR_NETWORK, "the connection was closed without an answer");
	if (c->why.kind == ERR_NONE) {
		c->dialled(c->arg, (int)fd, &c->why);
		return;
	}
	c->dialled(c->arg, -1, &c->why);
	call_free(c);
}

void
http_tell(struct http *h)
{
	while (!list_is_empty(&h->ready)) {
		struct http_call *c = LIST_ENTRY(h->ready.next, struct http_call, ready);

		list_remove(&c->ready);
		h->telling = c;
		if (c->is_dial)
			tell_dialled(c);
		else if (c->is_stream)
			tell_stream(c);
		else
			tell_done(c);
		h->telling = NULL;
	}
}

/* ---- Time limits ---- */

static void
on_timer(void *arg)
{
	struct http_call *c = arg;
	struct http *h = c->http;
	int64_t left_us = c->heard_us + c->idle_us - loop_now_us(h->loop);

	if (c->ended)
		return;
	/* A stream's timer is not moved with every byte; it looks back when it fires. */
	if (c->is_stream && c->head_in && left_us > 0) {
		loop_timer_start(h->loop, c->timer, left_us, 0);
		return;
	}
	http_error_late(&c->why, c);
	finish(c);
	http_tell(h);
}

/* ---- Life ---- */

static struct http_call *
call_new(struct http *h, const struct http_request *r, bool is_stream, void *arg)
{
	struct http_call *c = xcalloc(1, sizeof *c);

	c->http = h;
	c->is_stream = is_stream;
	c->arg = arg;
	c->began_us = c->heard_us = loop_now_us(h->loop);
	c->timeout_us = r->timeout_us > 0 ? r->timeout_us : HTTP_DEFAULT_TIMEOUT_US;
	c->idle_us = r->idle_us;
	c->ceiling = is_stream ? MAX_JPEG_FRAME : r->ceiling > 0 ? r->ceiling : MAX_JSON_BODY;
	buf_init(&c->body, c->ceiling);
	list_init(&c->ready);
	list_insert_tail(&h->calls, &c->link);
	c->timer = loop_timer_new(h->loop, on_timer, c);
	loop_timer_start(h->loop, c->timer, c->timeout_us, 0);
	return c;
}

/* Only asks curl's timer to fire: nothing is sent before the loop turns. */
static struct http_call *
call_start(struct http_call *c, const struct http_request *r)
{
	http_easy_open(c, r);
	c->attached = curl_multi_add_handle(c->http->multi, c->easy) == CURLM_OK;
	XASSERT(c->attached);
	return c;
}

struct http_call *
http_call(struct http *h, const struct http_request *r, http_done_fn *done, void *arg)
{
	struct http_call *c = call_new(h, r, false, arg);

	c->done = done;
	return call_start(c, r);
}

struct http_call *
http_stream(struct http *h, const struct http_request *r, http_head_fn *head,
    http_bytes_fn *bytes, http_closed_fn *closed, void *arg)
{
	struct http_call *c = call_new(h, r, true, arg);

	c->head = head;
	c->bytes = bytes;
	c->closed = closed;
	return call_start(c, r);
}

struct http_call *
http_dial(struct http *h, const char *url, int64_t timeout_us, http_dialled_fn *dialled, void *arg)
{
	struct http_request r = { .url = url, .timeout_us = timeout_us, .fresh = true };
	struct http_call *c = call_new(h, &r, false, arg);

	c->is_dial = true;
	c->dialled = dialled;
	return call_start(c, &r);
}

void
http_cancel(struct http_call *c)
{
	if (c != NULL)
		call_free(c);
}

struct http *
http_new(struct loop *loop)
{
	struct http *h = xcalloc(1, sizeof *h);

	h->loop = loop;
	list_init(&h->calls);
	list_init(&h->ready);
	list_init(&h->socks);
	http_multi_open(h);
	return h;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	XASSERT(h->telling == NULL);
	while (!list_is_empty(&h->calls))
		call_free(LIST_ENTRY(h->calls.next, struct http_call, link));
	while (h->spare_count > 0)
		curl_easy_cleanup(h->spare[--h->spare_count]);
	http_multi_close(h);
	free(h);
}
