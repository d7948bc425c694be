/*
 * line.c - one warm connection: writes a request with one send(), reads its answer, notices when it is hung up.
 * Owns the bytes on their way and what is due.  Never sends anything again, never decides what a lost one means.
 */
#include "io/line.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "base/clk.h"
#include "base/prefetch.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/line_answer.h"

#define READ_BYTES (16 * 1024)
#define HOST_BYTES 320
#define FIELDS_BYTES (HOST_BYTES + 128)
#define REQUEST_USUAL 500
#define FIELDS_USUAL 128
#define REQUEST_MOST (MAX_REQUEST_BODY + 16 * 1024)

struct line {
	struct loop *loop;
	struct line_fns fns;
	void *arg;
	struct http_call *dial;		/* libcurl's side of it; NULL: hung up */
	struct loop_watch *watch;
	int fd;				/* -1: does not stand yet, or no more */
	struct buf out;
	size_t out_sent;
	bool is_asked;			/* an answer is due */
	bool is_spent;			/* it ends after this answer, or is gone */
	bool is_queued;			/* flush() comes in this turn */
	bool is_broken;			/* a send failed: told by the next flush() */
	bool is_closed;			/* its user left; freed when nothing of it is on the stack or queued */
	int depth;
	int64_t asked_us;		/* monotonic */
	int64_t sent_us, received_us;	/* UTC */
	char fields[FIELDS_BYTES];	/* the same in each request of it: what stands behind the path */
	size_t fields_len;
	struct line_answer in;
	struct err why;
};

/* ---- Life ---- */

static void
hang_up(struct line *l)
{
	loop_watch_free(l->loop, l->watch);	/* first: libcurl closes the socket */
	l->watch = NULL;
	l->fd = -1;
	http_cancel(l->dial);
	l->dial = NULL;
	l->is_spent = true;
	l->is_broken = false;
}

static void
free_if_left(struct line *l)
{
	if (!l->is_closed || l->is_queued || l->depth > 0)
		return;
	line_answer_fini(&l->in);
	buf_fini(&l->out);
	free(l);
}

void
line_close(struct line *l)
{
	if (l == NULL)
		return;
	hang_up(l);
	l->is_closed = true;
	free_if_left(l);
}

bool
line_is_open(const struct line *l)
{
	return !l->is_spent;
}

bool
line_is_busy(const struct line *l)
{
	return l->is_asked;
}

/* ---- Telling ---- */

static void
tell_answer(struct line *l)
{
	struct http_answer a = { .status = l->in.status, .body = buf_text(&l->in.body), .body_len = l->in.body.len,
		.sent_us = l->sent_us, .received_us = l->received_us, .took_us = loop_now_us(l->loop) - l->asked_us };

	l->is_asked = false;
	if (!l->in.keeps)
		hang_up(l);
	l->depth++;
	l->fns.answered(l->arg, &a);
	l->depth--;
	free_if_left(l);
}

/* why is set.  The line is dead before anybody hears of it. */
static void
tell_end(struct line *l)
{
	struct http_answer a = { .body = "", .sent_us = l->sent_us, .received_us = l->received_us,
		.took_us = loop_now_us(l->loop) - l->asked_us, .err = l->why };
	bool was_asked = l->is_asked;

	l->is_asked = false;
	hang_up(l);
	l->depth++;
	if (was_asked)
		l->fns.answered(l->arg, &a);
	else if (l->fns.lost != NULL)
		l->fns.lost(l->arg, &a.err);
	l->depth--;
	free_if_left(l);
}

/* ---- Reading ---- */

static void
ended(struct line *l, int errnum)
{
	if (errnum != 0)
		err_errno(&l->why, ERR_NETWORK, errnum, "the connection broke");
	else if (l->is_asked && line_answer_has_begun(&l->in))
		err_set(&l->why, ERR_NETWORK, "the answer broke off");
	else
		err_set(&l->why, ERR_NETWORK, "the connection was closed without an answer");
	if (errnum == 0 && l->is_asked && line_answer_end(&l->in))
		tell_answer(l);
	else
		tell_end(l);
}

/* Bytes that nobody asked for belong to no request of ours. */
static void
unasked(struct line *l)
{
	err_set(&l->why, ERR_FORMAT, "it spoke without being asked");
	tell_end(l);
}

static void
arrived(struct line *l, const char *data, size_t len)
{
	size_t used;

	if (!l->is_asked || l->out_sent == 0) {
		unasked(l);
		return;
	}
	if (l->received_us == 0)
		l->received_us = clk_utc_us(clk_system());
	used = line_answer_feed(&l->in, data, len);
	if (l->in.step == LINE_BAD) {
		l->why = l->in.why;
		tell_end(l);
	} else if (l->in.step == LINE_DONE) {
		/* An answer before the whole request was out, or more behind it: what comes next could not be told apart. */
		if (used < len || l->out_sent < l->out.len)
			l->in.keeps = false;
		tell_answer(l);
	}
}

static void
read_some(struct line *l)
{
	char bytes[READ_BYTES];
	ssize_t n = recv(l->fd, bytes, sizeof bytes, MSG_DONTWAIT);

	if (n > 0)
		arrived(l, bytes, (size_t)n);
	else if (n == 0)
		ended(l, 0);
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		ended(l, errno);
}

/* ---- Writing ---- */

static void queue_flush(struct line *l);

static void
write_some(struct line *l)
{
	ssize_t n;

	if (l->out_sent == 0)
		l->sent_us = clk_utc_us(clk_system());
	n = send(l->fd, l->out.data + l->out_sent, l->out.len - l->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		l->out_sent += (size_t)n;
	if (l->out_sent == l->out.len)
		return;
	if (n >= 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
		loop_watch_set(l->loop, l->watch, LOOP_READ | LOOP_WRITE);
		return;
	}
	/* Others' requests wait in this turn to be sent: the news can wait for the next one. */
	err_errno(&l->why, ERR_NETWORK, errno, "the connection broke");
	l->is_broken = true;
	queue_flush(l);
}

static void
flush(void *arg)
{
	struct line *l = arg;

	l->is_queued = false;
	if (l->is_closed)
		free_if_left(l);
	else if (l->is_broken)
		tell_end(l);
	else if (l->fd >= 0 && l->is_asked && l->out_sent < l->out.len)
		write_some(l);
}

static void
queue_flush(struct line *l)
{
	if (l->is_queued)
		return;
	l->is_queued = true;
	loop_defer(l->loop, flush, l);
}

static void
on_ready(void *arg, unsigned events)
{
	struct line *l = arg;

	if ((events & LOOP_WRITE) != 0) {
		loop_watch_set(l->loop, l->watch, LOOP_READ);
		if (l->is_asked && !l->is_broken && l->out_sent < l->out.len)
			write_some(l);
	}
	if ((events & LOOP_READ) != 0)
		read_some(l);
}

/* ---- Opening and asking ---- */

static void
dialled(void *arg, int fd, const struct err *why)
{
	struct line *l = arg;

	if (fd < 0) {
		l->dial = NULL;
		l->why = *why;
		tell_end(l);
		return;
	}
	l->fd = fd;
	l->watch = loop_watch_new(l->loop, fd, LOOP_READ, on_ready, l);
	if (l->is_asked)
		queue_flush(l);
}

static void
say_fields(struct line *l, const char *host, int port)
{
	char authority[HOST_BYTES];
	int len;

	http_authority(authority, sizeof authority, host, port);
	len = snprintf(l->fields, sizeof l->fields, " HTTP/1.1\r\nHost: %s\r\nUser-Agent: " HTTP_USER_AGENT "\r\nAccept: */*\r\n", authority);
	XASSERT(len > 0 && (size_t)len < sizeof l->fields);
	l->fields_len = (size_t)len;
}

struct line *
line_open(struct loop *loop, struct http *http, const char *host, int port, int64_t connect_us, const struct line_fns *fns,
    void *arg)
{
	struct line *l = xcalloc(1, sizeof *l);
	char url[512];

	l->loop = loop;
	l->fns = *fns;
	l->arg = arg;
	l->fd = -1;
	buf_init(&l->out, REQUEST_MOST);
	line_answer_init(&l->in);
	http_url(url, sizeof url, host, port, "/");
	say_fields(l, host, port);
	l->dial = http_dial(http, url, connect_us, dialled, l);
	return l;
}

/* What could break out of its line is left out: then the other side refuses, with a sentence. */
static bool
is_harmless(const char *value)
{
	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return true;
}

/* And the end of the fields.  By hand: this stands between a cut and its bytes, once for each camera. */
static void
add_length(struct buf *b, size_t n)
{
	static const char words[] = "Content-Type: application/json\r\nContent-Length: ";
	char digits[24] = { [20] = '\r', '\n', '\r', '\n' };
	size_t at = 20;

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	buf_add(b, words, sizeof words - 1);
	buf_add(b, digits + at, sizeof digits - at);
}

static void
write_request(struct line *l, const struct line_ask *r)
{
	struct buf *b = &l->out;
	size_t body_len;

	b->len = 0;
	buf_need(b, REQUEST_USUAL);
	buf_add_text(b, r->method);
	buf_add(b, " ", 1);
	buf_add_text(b, r->path);
	buf_add(b, l->fields, l->fields_len);
	if (r->bearer != NULL && is_harmless(r->bearer)) {
		buf_add_text(b, "Authorization: Bearer ");
		buf_add_text(b, r->bearer);
		buf_add_text(b, "\r\n");
	}
	if (r->body == NULL) {
		buf_add(b, "\r\n", 2);
		return;
	}
	body_len = strlen(r->body);
	add_length(b, body_len);
	buf_add(b, r->body, body_len);
}

void
line_write(struct line *l, const struct line_ask *r)
{
	XASSERT(!l->is_asked && !l->is_spent);
	write_request(l, r);
	line_answer_again(&l->in);
	l->out_sent = 0;
	l->sent_us = l->received_us = 0;
	l->asked_us = loop_now_us(l->loop);
	l->is_asked = true;
	if (!is_harmless(r->path)) {
		err_set(&l->why, ERR_USAGE, "the address is no good URL");
		l->is_broken = true;
		queue_flush(l);
	}
}

void
line_ask(struct line *l, const struct line_ask *r)
{
	line_write(l, r);
	if (l->fd >= 0)
		queue_flush(l);
}

void
line_flush(struct line *l)
{
	if (l->fd >= 0 && l->is_asked && !l->is_broken && l->out_sent == 0)
		write_some(l);
}

void
line_warm(const struct line *l)
{
	prefetch(l, offsetof(struct line, fields) + FIELDS_USUAL);
	prefetch(&l->fields_len, sizeof l->fields_len);
	prefetch(&l->in, sizeof l->in);
}

void
line_warm_bytes(const struct line *l)
{
	prefetch(l->out.data, REQUEST_USUAL);
}
