/*
 * t_httpd.c - the HTTP server against raw sockets: the client blocks in a thread of its own,
 * the server runs on the real loop.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/httpd.h"
#include "io/loop_uv.h"

#define ANSWER_MAX (256 * 1024)

struct viewer {
	struct httpd_stream *stream;
	int left;		/* lines still to say; -1 = for ever */
	bool quiet;		/* the last fill said "nothing now" */
	int gone;
};

struct bench {
	struct loop *loop;
	struct httpd *d;
	struct viewer viewer;
	struct httpd_request *held;
	struct loop_timer *later;
	char file[64];
	const char *asks;	/* what the client sends */
	size_t asks_len;
	bool hangs_up_early;
	_Atomic bool is_busy;
	int crowd;		/* connections opened, used and closed before the client's own */
	const char *connect_to;
	char *answer;
	size_t answer_len;
	bool connected;
	int64_t deadline_us;
	bool (*is_over)(struct bench *);
};

static long
viewer_fill(void *arg, char *out, size_t room)
{
	struct viewer *v = arg;

	v->quiet = v->left == 0;
	if (v->left == 0)
		return v->gone < 0 ? 0 : -1;
	if (v->left > 0)
		v->left--;
	assert_true(room >= 6);
	memcpy(out, "hello\n", 6);
	return 6;
}

static void
viewer_gone(void *arg)
{
	struct viewer *v = arg;

	v->gone = 1;
	v->stream = NULL;
}

static const struct httpd_stream_fns viewer_fns = { viewer_fill, viewer_gone };

static void
answer_later(void *arg)
{
	struct bench *b = arg;

	httpd_reply(b->held, 202, "text/plain", "late", 4, NULL);
	b->held = NULL;
}

static void
drop_later(void *arg)
{
	struct bench *b = arg;

	httpd_drop(b->held);
	b->held = NULL;
}

static void
say_more(void *arg)
{
	struct bench *b = arg;

	if (b->viewer.stream == NULL)
		return;
	b->viewer.left = 1;
	httpd_stream_wake(b->viewer.stream);
}

static void
hold(struct bench *b, struct httpd_request *rq, loop_fn *fn)
{
	b->held = rq;
	b->later = loop_timer_new(b->loop, fn, b);
	loop_timer_start(b->loop, b->later, 10000, 0);
}

static void
serve_file(struct bench *b, struct httpd_request *rq)
{
	int fd = open(b->file, O_RDONLY);

	assert_true(fd >= 0);
	httpd_reply_file(rq, 206, "video/mp4", fd, 2, 3, (struct httpd_extra[]){ { "ETag", "\"x\"" }, { NULL, NULL } });
}

static void
echo(struct httpd_request *rq)
{
	char text[512];
	const char *q = httpd_query(rq, "q");
	size_t len;

	httpd_body(rq, &len);
	snprintf(text, sizeof text, "%s %s q=%s len=%zu host=%s peer=%s", httpd_method(rq), httpd_path(rq),
	    q != NULL ? q : "(none)", len, httpd_header(rq, "host"), httpd_peer(rq));
	httpd_reply(rq, 200, "text/plain", text, strlen(text), NULL);
}

static void
handle(void *arg, struct httpd_request *rq)
{
	struct bench *b = arg;
	const char *path = httpd_path(rq);

	if (strcmp(path, "/later") == 0)
		hold(b, rq, answer_later);
	else if (strcmp(path, "/droplater") == 0)
		hold(b, rq, drop_later);
	else if (strcmp(path, "/drop") == 0)
		httpd_drop(rq);
	else if (strcmp(path, "/never") == 0)
		b->held = rq;
	else if (strcmp(path, "/file") == 0)
		serve_file(b, rq);
	else if (strcmp(path, "/stream") == 0) {
		b->viewer.stream = httpd_reply_stream(rq, "text/plain", NULL, &viewer_fns, &b->viewer);
		if (b->viewer.gone < 0) {
			b->later = loop_timer_new(b->loop, say_more, b);
			loop_timer_start(b->loop, b->later, 5000, 5000);
		}
	} else
		echo(rq);
}

static int
client_connect(struct bench *b)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)httpd_port(b->d)) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)httpd_port(b->d)) };
	bool is_v6 = strchr(b->connect_to, ':') != NULL;
	struct timeval patience = { 5, 0 };
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	inet_pton(AF_INET, b->connect_to, &v4.sin_addr);
	inet_pton(AF_INET6, b->connect_to, &v6.sin6_addr);
	if (connect(fd, is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, is_v6 ? sizeof v6 : sizeof v4) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
client_loop_stop(void *arg)
{
	loop_stop(((struct bench *)arg)->loop);
}

/* The loop is busy elsewhere, so that all who leave meanwhile are noticed in one turn. */
static void
be_busy(void *arg)
{
	struct bench *b = arg;

	b->is_busy = true;
	usleep(200000);
}

/* More connections than the server takes at once: some are answered, all leave together. */
static void
come_and_go(struct bench *b)
{
	static const char ask[] = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
	int fds[256];
	char byte;

	for (int i = 0; i < b->crowd; i++)
		fds[i] = client_connect(b);
	for (int i = 0; i < b->crowd && i < 100; i++)
		if (fds[i] >= 0 && send(fds[i], ask, sizeof ask - 1, MSG_NOSIGNAL) > 0 && recv(fds[i], &byte, 1, 0) != 1)
			break;
	if (b->crowd > 0)
		loop_post(b->loop, be_busy, b);
	while (b->crowd > 0 && !b->is_busy)
		usleep(1000);
	for (int i = 0; i < b->crowd; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void *
client(void *arg)
{
	struct bench *b = arg;

	come_and_go(b);
	int fd = client_connect(b);
	ssize_t got;
	size_t sent = 0;

	b->connected = fd >= 0;
	while (fd >= 0 && sent < b->asks_len) {
		got = send(fd, b->asks + sent, b->asks_len - sent, MSG_NOSIGNAL);
		if (got <= 0)
			break;
		sent += (size_t)got;
	}
	while (fd >= 0 && b->answer_len < ANSWER_MAX - 1) {
		got = recv(fd, b->answer + b->answer_len, ANSWER_MAX - 1 - b->answer_len, 0);
		if (got <= 0)
			break;
		b->answer_len += (size_t)got;
		b->answer[b->answer_len] = '\0';
		if (b->hangs_up_early)
			break;
	}
	if (fd >= 0)
		close(fd);
	if (b->is_over == NULL)
		loop_post(b->loop, client_loop_stop, b);
	return NULL;
}

static void
look_if_over(void *arg)
{
	struct bench *b = arg;

	if (b->is_over(b) || loop_now_us(b->loop) > b->deadline_us)
		loop_stop(b->loop);
}

/* The client asks, everything runs until it has hung up (or is_over says so). */
static void
run(struct bench *b, const char *asks, size_t len)
{
	struct loop_timer *look = NULL;
	pthread_t thread;

	b->asks = asks;
	b->asks_len = len;
	b->deadline_us = loop_now_us(b->loop) + 60000000;
	if (b->is_over != NULL) {
		look = loop_timer_new(b->loop, look_if_over, b);
		loop_timer_start(b->loop, look, 2000, 2000);
	}
	pthread_create(&thread, NULL, client, b);
	loop_run(b->loop);
	loop_timer_free(b->loop, look);
	httpd_free(b->d);	/* a client that still waits sees the end */
	b->d = NULL;
	pthread_join(thread, NULL);
}

static void
run_text(struct bench *b, const char *asks)
{
	run(b, asks, strlen(asks));
}

static int
setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof *b);
	struct err e = { 0 };

	b->loop = loop_uv_new(2);
	b->connect_to = "127.0.0.1";
	b->answer = xcalloc(1, ANSWER_MAX);
	b->d = httpd_new(b->loop, "127.0.0.1", 0, handle, b, &e);
	if (b->d == NULL)
		fail_msg("%s", e.text);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	httpd_free(b->d);
	loop_timer_free(b->loop, b->later);
	loop_free(b->loop);
	free(b->answer);
	free(b);
	return 0;
}

#define CLOSE "Connection: close\r\n\r\n"

static void
handler_sees_method_path_and_query(void **state)
{
	struct bench *b = *state;

	run_text(b, "GET /a%20b?q=1%262 HTTP/1.1\r\nHost: me\r\n" CLOSE);
	assert_non_null(strstr(b->answer, "HTTP/1.1 200"));
	assert_non_null(strstr(b->answer, "GET /a b q=1&2 len=0 host=me peer=127.0.0.1"));
}

static char *
post_of(size_t body, bool chunked, size_t *len)
{
	char *text = xmalloc(body + 300);
	int head;

	if (chunked)
		head = snprintf(text, 300, "POST /e HTTP/1.1\r\nHost: me\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n%zx\r\n", body);
	else
		head = snprintf(text, 300, "POST /e HTTP/1.1\r\nHost: me\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", body);
	memset(text + head, 'x', body);
	*len = (size_t)head + body;
	if (chunked) {
		memcpy(text + *len, "\r\n0\r\n\r\n", 7);
		*len += 7;
	}
	return text;
}

static void
whole_body_arrives_up_to_the_ceiling(void **state)
{
	struct bench *b = *state;
	size_t len;
	char *text = post_of(MAX_REQUEST_BODY, false, &len);

	run(b, text, len);
	free(text);
	assert_non_null(strstr(b->answer, "len=65536"));
}

static void
one_byte_over_the_ceiling_is_413(void **state)
{
	struct bench *b = *state;
	size_t len;
	char *text = post_of(MAX_REQUEST_BODY + 1, false, &len);

	run(b, text, len);
	free(text);
	assert_non_null(strstr(b->answer, "HTTP/1.1 413"));
	assert_non_null(strstr(b->answer, "\"ok\":false"));
}

static void
chunked_body_over_the_ceiling_is_413(void **state)
{
	struct bench *b = *state;
	size_t len;
	char *text = post_of(MAX_REQUEST_BODY + 1, true, &len);

	run(b, text, len);
	free(text);
	assert_non_null(strstr(b->answer, "HTTP/1.1 413"));
}

static void
huge_announced_body_is_refused_before_it_is_sent(void **state)
{
	struct bench *b = *state;

	run_text(b, "POST /e HTTP/1.1\r\nHost: me\r\nContent-Length: 2000000000\r\n\r\n");
	assert_non_null(strstr(b->answer, "HTTP/1.1 413"));
}

static void
answer_may_come_later(void **state)
{
	struct bench *b = *state;

	run_text(b, "GET /later HTTP/1.1\r\nHost: me\r\n" CLOSE);
	assert_non_null(strstr(b->answer, "HTTP/1.1 202"));
	assert_non_null(strstr(b->answer, "\r\n\r\nlate"));
}

static void
dropped_request_gets_no_byte(void **state)
{
	struct bench *b = *state;

	run_text(b, "GET /drop HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_true(b->connected);
	assert_int_equal(b->answer_len, 0);
}

static void
request_dropped_later_gets_no_byte(void **state)
{
	struct bench *b = *state;

	run_text(b, "GET /droplater HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_true(b->connected);
	assert_null(b->held);
	assert_int_equal(b->answer_len, 0);
}

static void
part_of_a_file_is_sent(void **state)
{
	struct bench *b = *state;
	int fd;

	strcpy(b->file, "/tmp/t_httpd.XXXXXX");
	fd = mkstemp(b->file);
	assert_int_equal(write(fd, "0123456789", 10), 10);
	close(fd);
	run_text(b, "GET /file HTTP/1.1\r\nHost: me\r\n" CLOSE);
	unlink(b->file);
	assert_non_null(strstr(b->answer, "HTTP/1.1 206"));
	assert_non_null(strstr(b->answer, "ETag: \"x\""));
	assert_non_null(strstr(b->answer, "Content-Length: 3"));
	assert_non_null(strstr(b->answer, "\r\n\r\n234"));
}

static void
head_has_the_length_and_no_body(void **state)
{
	struct bench *b = *state;

	run_text(b, "HEAD /x HTTP/1.1\r\nHost: me\r\n" CLOSE);
	assert_non_null(strstr(b->answer, "Content-Length: "));
	assert_string_equal(strstr(b->answer, "\r\n\r\n"), "\r\n\r\n");
}

static void
crowd_that_left_leaves_the_server_answering(void **state)
{
	struct bench *b = *state;

	b->crowd = 192;
	run_text(b, "GET /a HTTP/1.1\r\nHost: h\r\n" CLOSE);
	assert_non_null(strstr(b->answer, "200 OK"));
}

static void
stream_ends_in_order(void **state)
{
	struct bench *b = *state;

	b->viewer.left = 3;
	run_text(b, "GET /stream HTTP/1.1\r\nHost: me\r\n" CLOSE);
	assert_non_null(strstr(b->answer, "hello\n"));
	assert_int_equal(b->viewer.left, 0);
	assert_int_equal(b->viewer.gone, 1);
	assert_non_null(strstr(b->answer, "\r\n0\r\n"));
}

static bool
viewer_is_gone(struct bench *b)
{
	return b->viewer.gone > 0;
}

static void
viewer_who_left_is_noticed_when_something_is_said(void **state)
{
	struct bench *b = *state;

	b->viewer.gone = -1;
	b->viewer.left = 1;
	b->hangs_up_early = true;
	b->is_over = viewer_is_gone;
	run_text(b, "GET /stream HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_int_equal(b->viewer.gone, 1);
}

static bool
viewer_is_quiet(struct bench *b)
{
	return b->viewer.stream != NULL && b->viewer.quiet;
}

static void
server_stops_with_a_sleeping_stream(void **state)
{
	struct bench *b = *state;

	b->viewer.gone = -1;
	b->is_over = viewer_is_quiet;
	run_text(b, "GET /stream HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_int_equal(b->viewer.gone, 1);
}

static bool
request_is_held(struct bench *b)
{
	return b->held != NULL;
}

static void
server_stops_with_an_unanswered_request(void **state)
{
	struct bench *b = *state;

	b->is_over = request_is_held;
	run_text(b, "GET /never HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_int_equal(b->answer_len, 0);
}

static void
port_in_use_is_told_in_a_sentence(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	char port[16];

	assert_null(httpd_new(b->loop, "127.0.0.1", httpd_port(b->d), handle, b, &e));
	assert_int_equal(e.kind, ERR_NETWORK);
	snprintf(port, sizeof port, "port %d", httpd_port(b->d));
	assert_non_null(strstr(e.text, port));
	assert_null(httpd_new(b->loop, "nowhere", 0, handle, b, &e));
	assert_int_equal(e.kind, ERR_USAGE);
}

static void
bound_to_all_serves_both_families(void **state)
{
	struct bench *b = *state;
	struct err e;

	httpd_free(b->d);
	b->d = httpd_new(b->loop, NULL, 0, handle, b, &e);
	assert_non_null(b->d);
	b->connect_to = "::1";
	run_text(b, "GET /x HTTP/1.1\r\nHost: me\r\n" CLOSE);
	if (!b->connected)
		skip();		/* no IPv6 on this machine */
	assert_non_null(strstr(b->answer, "peer=::1"));
}

static void
bound_to_all_names_an_ipv4_peer_plainly(void **state)
{
	struct bench *b = *state;
	struct err e;

	httpd_free(b->d);
	b->d = httpd_new(b->loop, NULL, 0, handle, b, &e);
	assert_non_null(b->d);
	run_text(b, "GET /x HTTP/1.1\r\nHost: me\r\n" CLOSE);
	assert_non_null(strstr(b->answer, "peer=127.0.0.1"));
}

static void
free_ports_stand_in_a_row(void **state)
{
	struct bench *b = *state;
	struct httpd *all[8];
	struct err e;
	int first = httpd_free_ports("127.0.0.1", 8);

	assert_true(first > 0 && first + 7 <= 65535);
	for (int i = 0; i < 8; i++) {
		all[i] = httpd_new(b->loop, "127.0.0.1", first + i, handle, b, &e);
		assert_non_null(all[i]);
		assert_int_equal(httpd_port(all[i]), first + i);
	}
	for (int i = 0; i < 8; i++)
		httpd_free(all[i]);
	assert_int_equal(httpd_free_ports("nowhere", 2), 0);
	assert_int_equal(httpd_free_ports(NULL, 0), 0);
}

static void
request_without_a_host_is_400(void **state)
{
	struct bench *b = *state;

	run_text(b, "GET /x HTTP/1.1\r\n" CLOSE);
	assert_non_null(strstr(b->answer, "HTTP/1.1 400 "));
	assert_non_null(strstr(b->answer, "needs a Host header."));
}

static void
request_with_two_lengths_is_400(void **state)
{
	struct bench *b = *state;

	run_text(b, "POST /x HTTP/1.1\r\nHost: me\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n" CLOSE "0\r\n\r\n");
	assert_non_null(strstr(b->answer, "HTTP/1.1 400 "));
	assert_non_null(strstr(b->answer, "not both."));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(handler_sees_method_path_and_query), T(whole_body_arrives_up_to_the_ceiling),
		T(one_byte_over_the_ceiling_is_413), T(chunked_body_over_the_ceiling_is_413),
		T(huge_announced_body_is_refused_before_it_is_sent), T(answer_may_come_later),
		T(dropped_request_gets_no_byte), T(request_dropped_later_gets_no_byte), T(part_of_a_file_is_sent),
		T(head_has_the_length_and_no_body), T(crowd_that_left_leaves_the_server_answering), T(stream_ends_in_order),
		T(viewer_who_left_is_noticed_when_something_is_said), T(server_stops_with_a_sleeping_stream),
		T(server_stops_with_an_unanswered_request), T(port_in_use_is_told_in_a_sentence),
		T(bound_to_all_serves_both_families), T(bound_to_all_names_an_ipv4_peer_plainly),
		T(free_ports_stand_in_a_row), T(request_without_a_host_is_400), T(request_with_two_lengths_is_400),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
