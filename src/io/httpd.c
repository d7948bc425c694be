/*
 * httpd.c - HTTP/1.1 server: microhttpd in external epoll mode, driven by base/loop.
 * Owns its listening socket, requests until they are answered, and streams until they are gone.
 * Never knows what a path means; never blocks but for the page cache behind sendfile.
 */
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/clk.h"
#include "base/list.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/httpd.h"
#include "io/httpd_private.h"

#define HTTPD_IDLE_S		120	/* keep-alive connections; streams have none */
#define HTTPD_CROWDED_IDLE_S	10	/* the same, once half of the places are taken */
#define HTTPD_DEAD_PEER_MS	20000	/* unacknowledged bytes: the viewer's host is gone */
#define HTTPD_POOL_BYTES	(64 * 1024)
#define HTTPD_STREAM_BLOCK	(48 * 1024)
/* A body up to here is read to its end before 413, so that the client gets to see the answer. */
#define HTTPD_SWALLOW_BYTES	(1024 * 1024)

enum rq_state { RQ_READING, RQ_ASKED, RQ_WAITING, RQ_ANSWERED, RQ_DROPPED };

struct httpd {
	struct loop *loop;
	struct MHD_Daemon *mhd;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct list requests;
	httpd_handler_fn *fn;
	void *arg;
	int port;
	bool is_due;			/* work waits that no descriptor tells of */
};

struct httpd_request {
	struct list link;
	struct httpd *d;
	struct MHD_Connection *conn;
	enum rq_state state;
	bool suspended, is_too_big;
	char *method, *path;
	char peer[64];
	struct buf body;
	size_t body_seen;
	int64_t received_us;
	int status;
	struct MHD_Response *response;
	struct httpd_stream *stream;
};

struct httpd_stream {
	struct httpd_request *rq;
	const struct httpd_stream_fns *fns;
	void *arg;
};

static const char two_lengths_body[] =
    "{\"ok\":false,\"commandId\":null,\"error\":{\"code\":\"bad_request\","
    "\"message\":\"A request has a Content-Length or a Transfer-Encoding, not both.\"}}\n";
static const char no_host_body[] =
    "{\"ok\":false,\"commandId\":null,\"error\":{\"code\":\"bad_request\","
    "\"message\":\"A request of HTTP/1.1 needs a Host header.\"}}\n";
static const char too_big_body[] =
    "{\"ok\":false,\"commandId\":null,\"error\":{\"code\":\"too_big\","
    "\"message\":\"The request body is over 64 KiB; send a shorter one.\"}}\n";

/* ---- driving the daemon ---- */

static unsigned
connection_count(const struct httpd *d)
{
	return MHD_get_daemon_info(d->mhd, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)->num_connections;
}

static void
httpd_pump(void *arg)
{
	struct httpd *d = arg;
	MHD_UNSIGNED_LONG_LONG wait_ms;

	bool was_full = connection_count(d) >= MAX_HTTP_CONNECTIONS;

	d->is_due = false;
	MHD_run(d->mhd);
	/* A full microhttpd stops listening, and listens again only in the run after one with room. */
	if (was_full && connection_count(d) < MAX_HTTP_CONNECTIONS)
		d->is_due = true;
	if (d->is_due)		/* a handler woke another connection; microhttpd does not count that as due */
		loop_timer_start(d->loop, d->timer, 0, 0);
	else if (MHD_get_timeout(d->mhd, &wait_ms) == MHD_YES)
		loop_timer_start(d->loop, d->timer, (int64_t)wait_ms * 1000, 0);
	else
		loop_timer_stop(d->loop, d->timer);
}

static void
httpd_readable(void *arg, unsigned events)
{
	(void)events;
	httpd_pump(arg);
}

/* By timer, not by defer: a timer dies with the server. */
static void
httpd_pump_soon(struct httpd *d)
{
	d->is_due = true;
	loop_timer_start(d->loop, d->timer, 0, 0);
}

static void
request_suspend(struct httpd_request *rq)
{
	if (rq->suspended)
		return;
	rq->suspended = true;
	MHD_suspend_connection(rq->conn);
}

static void
request_resume(struct httpd_request *rq)
{
	if (!rq->suspended)
		return;
	rq->suspended = false;
	MHD_resume_connection(rq->conn);
	httpd_pump_soon(rq->d);
}

/* ---- requests ---- */

static void
request_read_peer(struct httpd_request *rq)
{
	const union MHD_ConnectionInfo *ci = MHD_get_connection_info(rq->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	socklen_t len = 0;

	if (ci == NULL || ci->client_addr == NULL)
		return;
	len = ci->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	if (getnameinfo(ci->client_addr, len, rq->peer, sizeof rq->peer, NULL, 0, NI_NUMERICHOST) != 0)
		rq->peer[0] = '\0';
	if (str_has_prefix(rq->peer, "::ffff:"))	/* IPv4 through the dual-stack socket */
		memmove(rq->peer, rq->peer + 7, strlen(rq->peer + 7) + 1);
}

static struct httpd_request *
request_new(struct httpd *d, struct MHD_Connection *conn, const char *method, const char *path)
{
	struct httpd_request *rq = xcalloc(1, sizeof *rq);

	rq->d = d;
	rq->conn = conn;
	rq->method = xstrdup(method);
	rq->path = xstrdup(path);
	rq->received_us = clk_utc_us(clk_system());
	buf_init(&rq->body, MAX_REQUEST_BODY);
	request_read_peer(rq);
	list_insert_tail(&d->requests, &rq->link);
	return rq;
}

static void
request_free(struct httpd_request *rq)
{
	list_remove(&rq->link);
	if (rq->response != NULL)
		MHD_destroy_response(rq->response);
	if (rq->stream != NULL)
		rq->stream->rq = NULL;
	buf_fini(&rq->body);
	free(rq->method);
	free(rq->path);
	free(rq);
}

static enum MHD_Result
request_send(struct httpd_request *rq)
{
	enum MHD_Result queued = MHD_queue_response(rq->conn, (unsigned)rq->status, rq->response);

	MHD_destroy_response(rq->response);	/* the connection holds its own reference now */
	rq->response = NULL;
	return queued;
}

static enum MHD_Result
request_refuse(struct httpd_request *rq, unsigned status, const char *body)
{
	rq->state = RQ_ANSWERED;
	rq->status = (int)status;
	rq->response = MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(rq->response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	return request_send(rq);
}

/* Idle connections give way once places become few. */
static void
give_way(struct httpd *d, struct MHD_Connection *conn)
{
	unsigned idle_s = connection_count(d) > MAX_HTTP_CONNECTIONS / 2 ? HTTPD_CROWDED_IDLE_S : HTTPD_IDLE_S;

	MHD_set_connection_option(conn, MHD_CONNECTION_OPTION_TIMEOUT, idle_s);
}

static enum MHD_Result
request_begin(struct httpd_request *rq, const char *version)
{
	const char *length = httpd_header(rq, MHD_HTTP_HEADER_CONTENT_LENGTH);
	int64_t bytes;

	give_way(rq->d, rq->conn);
	/* Of two lengths a proxy before us may believe the other one: what follows could be anybody's request. */
	if (length != NULL && httpd_header(rq, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL)
		return request_refuse(rq, MHD_HTTP_BAD_REQUEST, two_lengths_body);
	if (strcmp(version, MHD_HTTP_VERSION_1_1) == 0 && httpd_header(rq, MHD_HTTP_HEADER_HOST) == NULL)
		return request_refuse(rq, MHD_HTTP_BAD_REQUEST, no_host_body);
	if (length != NULL && (!str_int(length, 0, INT64_MAX, &bytes) || bytes > HTTPD_SWALLOW_BYTES))
		return request_refuse(rq, MHD_HTTP_CONTENT_TOO_LARGE, too_big_body);
	return MHD_YES;
}

/* False ends the connection: a stranger who never stops sending. */
static bool
request_add_body(struct httpd_request *rq, const char *data, size_t len)
{
	rq->body_seen += len;
	if (!rq->is_too_big && !buf_add(&rq->body, data, len)) {
		rq->is_too_big = true;
		buf_clear(&rq->body);
	}
	return rq->body_seen <= HTTPD_SWALLOW_BYTES;
}

/* Body complete, or woken again after an answer. */
static enum MHD_Result
request_step(struct httpd_request *rq)
{
	if (rq->state == RQ_READING && rq->is_too_big)
		return request_refuse(rq, MHD_HTTP_CONTENT_TOO_LARGE, too_big_body);
	if (rq->state == RQ_READING) {
		rq->state = RQ_ASKED;
		rq->d->fn(rq->d->arg, rq);
	}
	if (rq->state == RQ_ASKED || rq->state == RQ_WAITING) {
		rq->state = RQ_WAITING;
		request_suspend(rq);
		return MHD_YES;
	}
	if (rq->state == RQ_DROPPED || rq->response == NULL)
		return MHD_NO;
	return request_send(rq);
}

static enum MHD_Result
httpd_access(void *arg, struct MHD_Connection *conn, const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_len, void **slot)
{
	struct httpd_request *rq = *slot;
	bool goes_on;

	if (rq == NULL) {
		*slot = rq = request_new(arg, conn, method, url);
		return request_begin(rq, version);
	}
	if (*upload_len > 0) {
		goes_on = request_add_body(rq, upload, *upload_len);
		*upload_len = 0;
		return goes_on ? MHD_YES : MHD_NO;
	}
	return request_step(rq);
}

static void
httpd_completed(void *arg, struct MHD_Connection *conn, void **slot, enum MHD_RequestTerminationCode why)
{
	(void)arg;
	(void)conn;
	(void)why;
	if (*slot != NULL)
		request_free(*slot);
	*slot = NULL;
}

const char *
httpd_method(const struct httpd_request *rq)
{
	return rq->method;
}

const char *
httpd_path(const struct httpd_request *rq)
{
	return rq->path;
}

const char *
httpd_query(const struct httpd_request *rq, const char *key)
{
	return MHD_lookup_connection_value(rq->conn, MHD_GET_ARGUMENT_KIND, key);
}

const char *
httpd_header(const struct httpd_request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->conn, MHD_HEADER_KIND, name);
}

const char *
httpd_body(const struct httpd_request *rq, size_t *len)
{
	if (len != NULL)
		*len = rq->body.len;
	return buf_text(&rq->body);
}

int64_t
httpd_received_us(const struct httpd_request *rq)
{
	return rq->received_us;
}

const char *
httpd_peer(const struct httpd_request *rq)
{
	return rq->peer;
}

/* ---- answers ---- */

static void
request_answer(struct httpd_request *rq, int status, const char *content_type, struct MHD_Response *response,
    const struct httpd_extra *extra)
{
	bool was_waiting = rq->state == RQ_WAITING;

	XASSERT(rq->state == RQ_ASKED || was_waiting);
	rq->state = RQ_ANSWERED;
	rq->status = status;
	rq->response = response;
	if (response != NULL) {
		if (content_type != NULL)
			MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
		for (; extra != NULL && extra->name != NULL; extra++)
			MHD_add_response_header(response, extra->name, extra->value);
	}
	if (was_waiting)
		request_resume(rq);
}

void
httpd_reply(struct httpd_request *rq, int status, const char *content_type, const void *body, size_t len,
    const struct httpd_extra *extra)
{
	request_answer(rq, status, content_type,
	    MHD_create_response_from_buffer(len, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY), extra);
}

void
httpd_reply_file(struct httpd_request *rq, int status, const char *content_type, int fd, uint64_t offset,
    uint64_t len, const struct httpd_extra *extra)
{
	struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(len, fd, offset);

	if (response == NULL)
		close(fd);
	request_answer(rq, status, content_type, response, extra);
}

void
httpd_drop(struct httpd_request *rq)
{
	bool was_waiting = rq->state == RQ_WAITING;

	rq->state = RQ_DROPPED;
	if (was_waiting)
		request_resume(rq);
}

static ssize_t
stream_read(void *arg, uint64_t pos, char *out, size_t room)
{
	struct httpd_stream *s = arg;
	long got;

	(void)pos;
	got = s->fns->fill(s->arg, out, room);
	if (got > 0)
		return (ssize_t)got;
	if (got < 0 || s->rq == NULL)
		return MHD_CONTENT_READER_END_OF_STREAM;
	request_suspend(s->rq);
	return 0;
}

static void
stream_release(void *arg)
{
	struct httpd_stream *s = arg;

	if (s->rq != NULL)
		s->rq->stream = NULL;
	s->fns->gone(s->arg);
	free(s);
}

struct httpd_stream *
httpd_reply_stream(struct httpd_request *rq, const char *content_type, const struct httpd_extra *extra,
    const struct httpd_stream_fns *fns, void *arg)
{
	struct httpd_stream *s = xcalloc(1, sizeof *s);

	s->rq = rq;
	s->fns = fns;
	s->arg = arg;
	rq->stream = s;
	MHD_set_connection_option(rq->conn, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
	request_answer(rq, MHD_HTTP_OK, content_type,
	    MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, HTTPD_STREAM_BLOCK, stream_read, s, stream_release),
	    extra);
	return s;
}

static ssize_t
nothing_read(void *arg, uint64_t pos, char *out, size_t room)
{
	(void)arg;
	(void)pos;
	(void)out;
	(void)room;
	return MHD_CONTENT_READER_END_OF_STREAM;
}

void
httpd_reply_head(struct httpd_request *rq, const char *content_type)
{
	request_answer(rq, MHD_HTTP_OK, content_type,
	    MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, HTTPD_STREAM_BLOCK, nothing_read, NULL, NULL), NULL);
}

void
httpd_stream_wake(struct httpd_stream *s)
{
	if (s->rq != NULL && s->rq->state == RQ_ANSWERED)
		request_resume(s->rq);
}

/* ---- the server ---- */

/* microhttpd writes one line for every disconnect otherwise. */
static void
httpd_log(void *arg, const char *format, va_list ap)
{
	char line[256];

	(void)arg;
	if (!log_is_on(LOG_HTTP))
		return;
	vsnprintf(line, sizeof line, format, ap);
	log_line(LOG_HTTP, "%s", line);
}

/* A viewer whose host lost power must not hold a place for the kernel's quarter of an hour. */
static void
httpd_connected(void *arg, struct MHD_Connection *conn, void **context, enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *ci;
	unsigned dead_ms = HTTPD_DEAD_PEER_MS;
	int one = 1;

	(void)context;
	if (what != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	give_way(arg, conn);
	ci = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (ci == NULL)
		return;
	setsockopt(ci->connect_fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof dead_ms);
	setsockopt(ci->connect_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

struct httpd *
httpd_new(struct loop *loop, const char *bind_to, int port, httpd_handler_fn *fn, void *arg, struct err *e)
{
	const union MHD_DaemonInfo *info;
	struct httpd *d;
	int fd = httpd_listen_open(bind_to, port, e);

	if (fd < 0)
		return NULL;
	d = xcalloc(1, sizeof *d);
	d->loop = loop;
	d->fn = fn;
	d->arg = arg;
	d->port = httpd_listen_port(fd);
	list_init(&d->requests);
	d->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, httpd_access, d,
	    MHD_OPTION_EXTERNAL_LOGGER, httpd_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_HTTP_CONNECTIONS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTPD_POOL_BYTES,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTPD_IDLE_S,
	    MHD_OPTION_NOTIFY_COMPLETED, httpd_completed, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, httpd_connected, d,
	    MHD_OPTION_END);
	info = d->mhd != NULL ? MHD_get_daemon_info(d->mhd, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (info == NULL) {
		close(fd);
		free(d);
		err_set(e, ERR_ENVIRONMENT, "the HTTP server does not start on port %d", port);
		return NULL;
	}
	d->timer = loop_timer_new(loop, httpd_pump, d);
	d->watch = loop_watch_new(loop, info->epoll_fd, LOOP_READ, httpd_readable, d);
	return d;
}

void
httpd_free(struct httpd *d)
{
	if (d == NULL)
		return;
	/* microhttpd aborts when it is stopped with suspended connections. */
	LIST_EACH(it, &d->requests) {
		struct httpd_request *rq = LIST_ENTRY(it, struct httpd_request, link);

		if (rq->state == RQ_WAITING)
			rq->state = RQ_DROPPED;
		request_resume(rq);
	}
	loop_watch_free(d->loop, d->watch);
	loop_timer_free(d->loop, d->timer);
	MHD_stop_daemon(d->mhd);
	XASSERT(list_is_empty(&d->requests));
	free(d);
}

int
httpd_port(const struct httpd *d)
{
	return d->port;
}
