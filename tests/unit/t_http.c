/*
 * t_http.c - the HTTP client against a server of plain sockets that behaves badly on request:
 * warm connections, ceilings, time limits, streams, cancelling from everywhere.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <cmocka.h>

#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/http.h"
#include "io/loop_uv.h"
#include "support/rude_server.h"

#define GIVE_UP_US (20 * 1000000LL)

/* ---- A name server that does not answer: libcurl's look-ups come here ---- */

static sem_t lookup_may_end;
static atomic_int lookups;

int
getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	struct timespec until;

	if (name != NULL && strstr(name, "slow.test") != NULL) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += 10;
		sem_timedwait(&lookup_may_end, &until);
		lookups++;
		return EAI_AGAIN;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(name, service, hints, out);
}

/* ---- Fixture ---- */

struct bench {
	struct loop *loop;
	struct http *http;
	struct rude_server *server;
	struct loop_timer *alarm;
	int pending;
	bool gave_up;
};

/* One call's or stream's story. */
struct story {
	struct bench *b;
	struct http_call *call;
	int done, heads, told, closed;
	int status;
	char body[16384], type[128];
	size_t body_len, bytes;
	int64_t sent_us, received_us, took_us;
	struct err err;
	bool inside_start;	/* still in the starting call */
	bool refuse_head, refuse_bytes, cancel_self;
	struct story *cancels;	/* cancelled from this one's callback */
};

static void
gave_up(void *arg)
{
	struct bench *b = arg;

	b->gave_up = true;
	loop_stop(b->loop);
}

static int
setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof *b);

	b->loop = loop_uv_new(2);
	b->http = http_new(b->loop);
	b->server = rude_server_new();
	b->alarm = loop_timer_new(b->loop, gave_up, b);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	http_free(b->http);
	loop_timer_free(b->loop, b->alarm);
	loop_free(b->loop);
	rude_server_free(b->server);
	free(b);
	return 0;
}

/* Whoever runs the loop looks whether it may go on. */
static void
one_less(struct bench *b)
{
	b->pending--;
	loop_stop(b->loop);
}

static void
run_until(struct bench *b, const int *count, int wanted)
{
	loop_timer_start(b->loop, b->alarm, GIVE_UP_US, 0);
	while (*count != wanted && !b->gave_up)
		loop_run(b->loop);
	loop_timer_stop(b->loop, b->alarm);
	assert_false(b->gave_up);
}

/* Until everything started has ended. */
static void
run(struct bench *b)
{
	run_until(b, &b->pending, 0);
}

static void
cancel_other(struct story *s)
{
	struct story *other = s->cancels;

	if (other == NULL || other->call == NULL)
		return;
	http_cancel(other->call);
	other->call = NULL;
	s->b->pending--;
}

static void
on_done(void *arg, const struct http_answer *a)
{
	struct story *s = arg;

	assert_false(s->inside_start);
	s->done++;
	s->call = NULL;
	s->status = a->status;
	s->body_len = a->body_len;
	assert_int_equal(strlen(a->body), a->body_len);
	snprintf(s->body, sizeof s->body, "%s", a->body);
	s->sent_us = a->sent_us;
	s->received_us = a->received_us;
	s->took_us = a->took_us;
	s->err = a->err;
	cancel_other(s);
	one_less(s->b);
}

static bool
on_head(void *arg, int status, const char *content_type)
{
	struct story *s = arg;

	assert_false(s->inside_start);
	s->heads++;
	s->status = status;
	snprintf(s->type, sizeof s->type, "%s", content_type);
	return !s->refuse_head;
}

static bool
on_bytes(void *arg, const char *data, size_t len)
{
	struct story *s = arg;

	assert_int_equal(s->heads, 1);
	if (s->body_len + len < sizeof s->body) {
		memcpy(s->body + s->body_len, data, len);
		s->body_len += len;
		s->body[s->body_len] = '\0';
	}
	s->bytes += len;
	if (s->told++ == 0)
		loop_stop(s->b->loop);
	cancel_other(s);
	if (s->cancel_self) {
		http_cancel(s->call);
		s->call = NULL;
		one_less(s->b);
		return true;
	}
	return !s->refuse_bytes;
}

static void
on_closed(void *arg, const struct err *why)
{
	struct story *s = arg;

	assert_false(s->inside_start);
	s->closed++;
	s->call = NULL;
	s->err = *why;
	one_less(s->b);
}

static struct http_request
request(struct bench *b, char url[static 256], const char *path)
{
	http_url(url, 256, "127.0.0.1", rude_server_port(b->server), path);
	return (struct http_request){ .url = url, .timeout_us = 5 * 1000000 };
}

static void
start_call(struct bench *b, struct story *s, const struct http_request *r)
{
	s->b = b;
	s->inside_start = true;
	s->call = http_call(b->http, r, on_done, s);
	s->inside_start = false;
	b->pending++;
}

static void
call(struct bench *b, struct story *s, const char *path)
{
	char url[256];
	struct http_request r = request(b, url, path);

	start_call(b, s, &r);
}

static void
stream(struct bench *b, struct story *s, const char *path, int64_t timeout_us, int64_t idle_us)
{
	char url[256];
	struct http_request r = request(b, url, path);

	r.timeout_us = timeout_us;
	r.idle_us = idle_us;
	s->b = b;
	s->inside_start = true;
	s->call = http_stream(b->http, &r, on_head, on_bytes, on_closed, s);
	s->inside_start = false;
	b->pending++;
}

static void
assert_failed(const struct story *s, enum err_kind kind, const char *part)
{
	assert_int_equal(s->done + s->closed, 1);
	if (s->err.kind != kind || strstr(s->err.text, part) == NULL)
		fail_msg("kind %d, '%s'; wanted kind %d, '%s'", (int)s->err.kind, s->err.text, (int)kind, part);
}

/* ---- Calls ---- */

static void
an_answer_comes_back(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };

	call(b, &s, "/hello");
	run(b);
	assert_int_equal(s.status, 200);
	assert_string_equal(s.body, "hello");
	assert_int_equal(s.err.kind, ERR_NONE);
	assert_true(s.took_us > 0);
}

static void
calls_one_after_another_share_one_connection(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 20; i++) {
		struct story s = { 0 };

		call(b, &s, i % 2 ? "/hello" : "/204");
		run(b);
		assert_int_equal(s.status, i % 2 ? 200 : 204);
	}
	assert_int_equal(rude_server_accepted(b->server), 1);
}

static void
a_fresh_call_takes_a_new_connection(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, again = { 0 };
	char url[256];
	struct http_request r = request(b, url, "/hello");

	call(b, &s, "/hello");
	run(b);
	r.fresh = true;
	start_call(b, &again, &r);
	run(b);
	assert_int_equal(again.status, 200);
	assert_int_equal(rude_server_accepted(b->server), 2);
}

static void
a_call_once_leaves_no_connection_behind(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, again = { 0 };
	char url[256];
	struct http_request r = request(b, url, "/hello");

	r.once = true;
	start_call(b, &s, &r);
	run(b);
	assert_int_equal(s.status, 200);
	call(b, &again, "/hello");
	run(b);
	assert_int_equal(again.status, 200);
	assert_int_equal(rude_server_accepted(b->server), 2);
}

struct dialled { struct bench *b; int told, fd; struct err why; };

static void
on_dialled(void *arg, int fd, const struct err *why)
{
	struct dialled *d = arg;

	d->told++;
	d->fd = fd;
	d->why = *why;
	one_less(d->b);
}

static void
a_dialled_connection_is_nobody_elses_until_it_is_hung_up(void **state)
{
	static const char hello[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
	struct bench *b = *state;
	struct dialled d = { .b = b };
	struct story other = { 0 };
	char url[256], answer[32] = "";
	struct http_request r = request(b, url, "/hello");
	struct http_call *dial = http_dial(b->http, r.url, 2000000, on_dialled, &d);

	assert_int_equal(d.told, 0);
	b->pending++;
	run(b);
	assert_true(d.told == 1 && d.fd >= 0);
	start_call(b, &other, &r);
	run(b);
	assert_int_equal(other.status, 200);
	assert_int_equal(rude_server_accepted(b->server), 2);
	assert_int_equal(send(d.fd, hello, sizeof hello - 1, MSG_NOSIGNAL), (int)sizeof hello - 1);
	while (recv(d.fd, answer, 12, 0) < 0)
		assert_true(errno == EAGAIN || errno == EINTR);
	assert_string_equal(answer, "HTTP/1.1 200");
	assert_int_equal(d.told, 1);
	http_cancel(dial);
	assert_int_equal(send(d.fd, hello, 1, MSG_NOSIGNAL), -1);
}

static void
a_dial_that_fails_says_why_and_one_that_is_cancelled_nothing(void **state)
{
	struct bench *b = *state;
	struct dialled d = { .b = b }, silent = { .b = b };

	http_dial(b->http, "http://127.0.0.1:1/", 2000000, on_dialled, &d);
	http_cancel(http_dial(b->http, "http://127.0.0.1:1/", 2000000, on_dialled, &silent));
	b->pending++;
	run(b);
	assert_true(d.told == 1 && d.fd == -1);
	assert_int_equal(d.why.kind, ERR_NETWORK);
	assert_non_null(strstr(d.why.text, "no connection"));
	assert_int_equal(silent.told, 0);
}

static void
connections_stay_warm_after_a_burst(void **state)
{
	struct bench *b = *state;
	static struct story s[40];
	int after_first;

	for (int round = 0; round < 3; round++) {
		memset(s, 0, sizeof s);
		for (int i = 0; i < 40; i++)
			call(b, &s[i], "/slow?30");
		run(b);
		for (int i = 0; i < 40; i++)
			assert_int_equal(s[i].status, 200);
		if (round == 0)
			after_first = rude_server_accepted(b->server);
	}
	assert_int_equal(rude_server_accepted(b->server), after_first);
}

static void
a_connection_closed_by_the_server_is_replaced(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 3; i++) {
		struct story s = { 0 };

		call(b, &s, "/close");
		run(b);
		assert_string_equal(s.body, "bye");
	}
	assert_int_equal(rude_server_accepted(b->server), 3);
}

static void
a_connection_that_died_while_idle_is_replaced(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 20; i++) {
		struct story s = { 0 };
		char url[256];
		struct http_request r = request(b, url, "/leave");

		r.method = i % 2 ? "POST" : "GET";
		r.body = i % 2 ? "{}" : NULL;
		start_call(b, &s, &r);
		run(b);
		assert_string_equal(s.body, "hello");
	}
}

static void
two_hundred_calls_at_once(void **state)
{
	struct bench *b = *state;
	static struct story s[200];

	memset(s, 0, sizeof s);
	for (int i = 0; i < 200; i++)
		call(b, &s[i], "/hello");
	run(b);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(s[i].done, 1);
		assert_int_equal(s[i].status, 200);
	}
}

static void
a_silent_server_delays_nobody(void **state)
{
	struct bench *b = *state;
	static struct story s[50];
	struct story silent = { 0 };
	char url[256];
	struct http_request r = request(b, url, "/silent");

	memset(s, 0, sizeof s);
	r.timeout_us = 600000;
	start_call(b, &silent, &r);
	for (int i = 0; i < 50; i++)
		call(b, &s[i], "/hello");
	run(b);
	assert_failed(&silent, ERR_TIMEOUT, "no answer within");
	assert_int_equal(silent.status, 0);
	assert_true(silent.took_us >= 600000);
	for (int i = 0; i < 50; i++)
		assert_true(s[i].status == 200 && s[i].took_us < silent.took_us);
}

static void
a_request_carries_what_was_asked_and_nothing_else(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };
	char url[256];
	struct http_request r = request(b, url, "/echo");

	r.method = "POST";
	r.body = "{\"a\":1}";
	r.bearer = "t0ken";
	start_call(b, &s, &r);
	run(b);
	assert_non_null(strstr(s.body, "POST /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(s.body, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(s.body, "\r\nAuthorization: Bearer t0ken\r\n"));
	assert_non_null(strstr(s.body, "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(s.body, "Expect:"));
	assert_null(strstr(s.body, "Accept-Encoding"));
	assert_null(strstr(s.body, "Upgrade"));
}

static void
a_large_body_does_not_wait_for_a_continue(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };
	char url[256], body[4096];
	struct http_request r = request(b, url, "/echo");

	memset(body, 'y', sizeof body - 1);
	body[sizeof body - 1] = '\0';
	r.method = "POST";
	r.body = body;
	start_call(b, &s, &r);
	run(b);
	assert_non_null(strstr(s.body, "yyyy"));
	assert_true(s.took_us < 900000);	/* libcurl would wait a second for it */
}

static void
methods_and_stream_headers_arrive(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, get = { 0 };
	char url[256];
	struct http_request r = request(b, url, "/echo");

	r.method = "DELETE";
	start_call(b, &s, &r);
	run(b);
	assert_non_null(strstr(s.body, "DELETE /echo"));
	r.method = NULL;
	r.accept = "text/event-stream";
	r.last_event_id = "417";
	start_call(b, &get, &r);
	run(b);
	assert_non_null(strstr(get.body, "GET /echo"));
	assert_non_null(strstr(get.body, "\r\nAccept: text/event-stream\r\n"));
	assert_non_null(strstr(get.body, "\r\nLast-Event-ID: 417\r\n"));
}

static void
a_header_value_cannot_start_another_header(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };
	char url[256];
	struct http_request r = request(b, url, "/echo");

	r.last_event_id = "1\r\nX-Evil: 1";
	start_call(b, &s, &r);
	run(b);
	assert_int_equal(s.status, 200);
	assert_null(strstr(s.body, "Evil"));
}

static void
sent_and_received_enclose_the_servers_own_times(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 8; i++) {
		struct story s = { 0 };
		long long got, gave;

		call(b, &s, "/time");
		run(b);
		assert_int_equal(sscanf(s.body, "%lld %lld", &got, &gave), 2);
		assert_true(s.sent_us <= got && gave <= s.received_us);
		assert_true(s.received_us - s.sent_us < 1000000);
	}
}

static void
a_redirect_is_not_followed(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };

	call(b, &s, "/redirect");
	run(b);
	assert_int_equal(s.status, 302);
	assert_string_equal(s.body, "elsewhere");
}

static void
interim_answers_are_passed_over(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, st = { 0 };

	call(b, &s, "/continue");
	run(b);
	assert_int_equal(s.status, 200);
	assert_string_equal(s.body, "hello");
	stream(b, &st, "/continue", 1000000, 1000000);
	st.cancel_self = true;
	run(b);
	assert_int_equal(st.status, 200);
	assert_int_equal(st.heads, 1);
}

/* ---- Ceilings and failures ---- */

static void
two_gigabytes_are_refused_at_once(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };

	call(b, &s, "/huge");
	run(b);
	assert_failed(&s, ERR_TOO_BIG, "larger than 1024 KiB");
	assert_int_equal(s.status, 0);
	assert_true(s.took_us < 4000000);	/* the server sends no more, and waits */
}

static void
a_body_without_a_length_is_cut_off_at_the_ceiling(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };
	char url[256];
	struct http_request r = request(b, url, "/big-chunked");

	r.ceiling = 10000;
	start_call(b, &s, &r);
	run(b);
	assert_failed(&s, ERR_TOO_BIG, "larger than 10000 bytes");
	assert_int_equal(s.body_len, 0);
}

static void
headers_have_a_ceiling(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, st = { 0 };

	call(b, &s, "/headers");
	stream(b, &st, "/headers", 5000000, 0);
	run(b);
	assert_failed(&s, ERR_TOO_BIG, "headers are larger than 64 KiB");
	assert_failed(&st, ERR_TOO_BIG, "headers");
}

static void
dripping_headers_time_out(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, st = { 0 };
	char url[256];
	struct http_request r = request(b, url, "/drip");

	r.timeout_us = 200000;
	start_call(b, &s, &r);
	stream(b, &st, "/drip", 200000, 100000);
	run(b);
	assert_failed(&s, ERR_TIMEOUT, "within");
	assert_failed(&st, ERR_TIMEOUT, "within");
	assert_int_equal(st.heads, 0);
}

static void
a_dropped_answer_is_no_answer(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, hangup = { 0 };

	call(b, &s, "/drop");
	run(b);
	assert_failed(&s, ERR_NETWORK, "broke off");
	assert_int_equal(s.status, 0);
	assert_string_equal(s.body, "");
	call(b, &hangup, "/hangup");
	run(b);
	assert_failed(&hangup, ERR_NETWORK, "closed without an answer");
}

static void
what_is_no_http_is_refused(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, noise = { 0 };

	call(b, &s, "/http09");
	call(b, &noise, "/noise");
	run(b);
	assert_failed(&s, ERR_FORMAT, "HTTP");
	assert_failed(&noise, ERR_FORMAT, "HTTP");
}

static void
nobody_listening_is_told(void **state)
{
	struct bench *b = *state;
	struct rude_server *gone = rude_server_new();
	struct story s = { 0 };
	char url[256];
	struct http_request r = { .url = url, .timeout_us = 5000000 };

	http_url(url, sizeof url, "127.0.0.1", rude_server_port(gone), "/hello");
	rude_server_free(gone);
	start_call(b, &s, &r);
	run(b);
	assert_failed(&s, ERR_NETWORK, "refused");
}

static void
a_bad_address_is_an_answer_too(void **state)
{
	static const char *const bad[] = { "", "http://", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:1/x",
		"http://exa mple/", "http://127.0.0.1:99999/" };
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct story s = { 0 };
		struct http_request r = { .url = bad[i], .timeout_us = 2000000 };

		start_call(b, &s, &r);
		run(b);
		assert_int_equal(s.done, 1);
		assert_int_equal(s.status, 0);
		assert_int_not_equal(s.err.kind, ERR_NONE);
	}
}

static void
a_name_server_that_hangs_does_not_hang_the_loop(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, cancelled = { 0 }, other = { .cancels = &cancelled };
	struct http_request r = { .url = "http://camera.slow.test:8081/info", .timeout_us = 150000 };
	struct timespec nap = { 0, 5000000 };

	lookups = 0;
	start_call(b, &s, &r);
	start_call(b, &cancelled, &r);
	call(b, &other, "/hello");
	run(b);
	assert_int_equal(other.status, 200);
	assert_true(other.took_us < 2000000);
	assert_failed(&s, ERR_TIMEOUT, "no connection within");
	assert_true(s.took_us < 2000000);
	assert_int_equal(cancelled.done, 0);
	sem_post(&lookup_may_end);
	sem_post(&lookup_may_end);
	while (lookups < 2)
		nanosleep(&nap, NULL);
	nanosleep(&nap, NULL);	/* the look-up threads free what is theirs */
}

/* ---- Streams ---- */

static void
a_stream_ends_in_order(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };

	stream(b, &s, "/stream", 2000000, 2000000);
	run(b);
	assert_int_equal(s.status, 200);
	assert_string_equal(s.type, "text/event-stream; charset=utf-8");
	assert_string_equal(s.body, "abc\nabc\nabc\n");
	assert_int_equal(s.err.kind, ERR_NONE);
	assert_int_equal(s.closed, 1);
}

static void
a_stream_that_breaks_gives_its_bytes_first(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };

	stream(b, &s, "/stream-broken", 2000000, 2000000);
	run(b);
	assert_string_equal(s.body, "abc\nde");
	assert_int_equal(s.err.kind, ERR_NETWORK);
}

static void
a_silent_stream_is_closed(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };

	stream(b, &s, "/stream-silent", 2000000, 150000);
	run(b);
	assert_string_equal(s.body, "abc\n");
	assert_failed(&s, ERR_TIMEOUT, "silent for");
}

static void
a_stream_may_last_longer_than_its_head_may_take(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, slow = { 0 };

	/* No idle limit, 800 ms for the head: still open when 1200 ms have gone by elsewhere. */
	stream(b, &s, "/stream-silent", 800000, 0);
	call(b, &slow, "/slow?1200");
	slow.cancels = &s;
	run(b);
	assert_int_equal(slow.status, 200);
	assert_int_equal(s.closed, 0);
	assert_string_equal(s.body, "abc\n");
}

static void
a_refused_head_closes_the_stream(void **state)
{
	struct bench *b = *state;
	struct story s = { .refuse_head = true };

	stream(b, &s, "/stream-flood", 2000000, 2000000);
	run(b);
	assert_failed(&s, ERR_REFUSED, "refused");
	assert_int_equal(s.bytes, 0);
}

static void
refused_bytes_close_the_stream(void **state)
{
	struct bench *b = *state;
	struct story s = { .refuse_bytes = true };

	stream(b, &s, "/stream-flood", 2000000, 2000000);
	run(b);
	assert_failed(&s, ERR_REFUSED, "refused");
	assert_true(s.bytes > 0 && s.bytes <= MAX_JPEG_FRAME);
}

static void
a_stream_without_an_answer_is_closed_without_a_head(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 };

	stream(b, &s, "/silent", 150000, 100000);
	run(b);
	assert_failed(&s, ERR_TIMEOUT, "no answer within");
	assert_int_equal(s.heads, 0);
}

static void
a_stream_cannot_starve_calls(void **state)
{
	struct bench *b = *state;
	struct story flood = { 0 };

	/* Whoever floods may be without a processor for a while: that is no silence of a stream. */
	stream(b, &flood, "/stream-flood", GIVE_UP_US, GIVE_UP_US);
	run_until(b, &flood.told, 1);
	for (int i = 0; i < 20; i++) {
		struct story s = { 0 };

		call(b, &s, "/hello");
		run_until(b, &s.done, 1);
		assert_int_equal(s.status, 200);
	}
	assert_true(flood.told > 1);
	/* On a busy machine so much may come at once that the flood is closed for it; else it is still there. */
	if (flood.closed > 0)
		assert_failed(&flood, ERR_TOO_BIG, "is larger than");
	else
		http_cancel(flood.call);
}

/* ---- Cancelling ---- */

static void
no_callback_comes_after_cancel(void **state)
{
	struct bench *b = *state;
	struct story s = { 0 }, other = { 0 };

	call(b, &s, "/hello");
	http_cancel(s.call);
	b->pending--;
	call(b, &other, "/slow?50");
	run(b);
	assert_int_equal(s.done, 0);
	assert_int_equal(other.done, 1);
	http_cancel(NULL);
}

static void
a_callback_may_cancel_other_calls(void **state)
{
	struct bench *b = *state;
	static struct story s[10];
	int done = 0;

	/* Each cancels the next one, ended already or not. */
	memset(s, 0, sizeof s);
	for (int i = 0; i < 10; i++) {
		call(b, &s[i], "/slow?20");
		s[i].cancels = &s[(i + 1) % 10];
	}
	run(b);
	for (int i = 0; i < 10; i++)
		done += s[i].done;
	assert_true(done >= 1 && done <= 9);
}

static void
a_stream_may_cancel_itself_from_its_bytes(void **state)
{
	struct bench *b = *state;
	struct story s = { .cancel_self = true }, other = { 0 };

	stream(b, &s, "/stream-flood", 2000000, 2000000);
	call(b, &other, "/slow?50");
	run(b);
	assert_int_equal(s.closed, 0);
	assert_true(s.bytes > 0);
}

static void
call_again(void *arg, const struct http_answer *a)
{
	struct story *s = arg;
	char url[256];
	struct http_request r = request(s->b, url, "/hello");

	assert_int_equal(a->status, 200);
	assert_false(s->inside_start);
	if (++s->done == 5) {
		one_less(s->b);
		return;
	}
	s->inside_start = true;
	http_call(s->b->http, &r, call_again, s);
	s->inside_start = false;
}

static void
a_callback_may_start_the_next_call(void **state)
{
	struct bench *b = *state;
	struct story s = { .b = b };
	char url[256];
	struct http_request r = request(b, url, "/hello");

	b->pending = 1;
	http_call(b->http, &r, call_again, &s);
	run(b);
	assert_int_equal(s.done, 5);
	assert_int_equal(rude_server_accepted(b->server), 1);
}

static void
freeing_with_calls_pending_calls_nobody(void **state)
{
	struct bench *b = *state;
	static struct story s[8];
	struct story done = { 0 };
	int before = 0, after = 0;
	static const char *const paths[] = { "/silent", "/hello", "/drip", "/huge", "/stream-flood", "/stream-silent", "/slow?500", "/stream" };

	memset(s, 0, sizeof s);
	for (int i = 0; i < 8; i++) {
		if (strstr(paths[i], "stream") != NULL)
			stream(b, &s[i], paths[i], 5000000, 5000000);
		else
			call(b, &s[i], paths[i]);
	}
	call(b, &done, "/slow?30");
	run_until(b, &done.done, 1);
	call(b, &done, "/hello");	/* not even begun */
	for (int i = 0; i < 8; i++)
		before += s[i].done + s[i].closed + s[i].heads;
	http_free(b->http);
	b->http = NULL;			/* teardown frees it again: NULL is fine */
	for (int i = 0; i < 8; i++)
		after += s[i].done + s[i].closed + s[i].heads;
	assert_int_equal(before, after);
	assert_int_equal(done.done, 1);
}

/* ---- URLs ---- */

static void
assert_url(const char *host, int port, const char *path, const char *want)
{
	char out[128];

	http_url(out, sizeof out, host, port, path);
	assert_string_equal(out, want);
}

static void
urls_are_put_together(void **state)
{
	char little[16];

	(void)state;
	assert_url("10.0.0.12", 8081, "/info", "http://10.0.0.12:8081/info");
	assert_url("fd00::12", 80, "/", "http://[fd00::12]:80/");
	assert_url("fe80::1%eth0", 8081, "/info", "http://[fe80::1%25eth0]:8081/info");
	assert_url("cam.local", 8081, "/stream?width=320", "http://cam.local:8081/stream?width=320");
	assert_url("evil/@x#?", 1, "/a", "http://evil%2F%40x%23%3F:1/a");
	http_url(little, sizeof little, "10.0.0.12", 8081, "/info");
	assert_string_equal(little, "");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_comes_back),
		TEST(calls_one_after_another_share_one_connection),
		TEST(a_fresh_call_takes_a_new_connection), TEST(a_call_once_leaves_no_connection_behind),
		TEST(a_dialled_connection_is_nobody_elses_until_it_is_hung_up),
		TEST(a_dial_that_fails_says_why_and_one_that_is_cancelled_nothing),
		TEST(connections_stay_warm_after_a_burst),
		TEST(a_connection_closed_by_the_server_is_replaced),
		TEST(a_connection_that_died_while_idle_is_replaced),
		TEST(two_hundred_calls_at_once),
		TEST(a_silent_server_delays_nobody),
		TEST(a_request_carries_what_was_asked_and_nothing_else),
		TEST(a_large_body_does_not_wait_for_a_continue),
		TEST(methods_and_stream_headers_arrive),
		TEST(a_header_value_cannot_start_another_header),
		TEST(sent_and_received_enclose_the_servers_own_times),
		TEST(a_redirect_is_not_followed),
		TEST(interim_answers_are_passed_over),
		TEST(two_gigabytes_are_refused_at_once),
		TEST(a_body_without_a_length_is_cut_off_at_the_ceiling),
		TEST(headers_have_a_ceiling),
		TEST(dripping_headers_time_out),
		TEST(a_dropped_answer_is_no_answer),
		TEST(what_is_no_http_is_refused),
		TEST(nobody_listening_is_told),
		TEST(a_bad_address_is_an_answer_too),
		TEST(a_name_server_that_hangs_does_not_hang_the_loop),
		TEST(a_stream_ends_in_order),
		TEST(a_stream_that_breaks_gives_its_bytes_first),
		TEST(a_silent_stream_is_closed),
		TEST(a_stream_may_last_longer_than_its_head_may_take),
		TEST(a_refused_head_closes_the_stream),
		TEST(refused_bytes_close_the_stream),
		TEST(a_stream_without_an_answer_is_closed_without_a_head),
		TEST(a_stream_cannot_starve_calls),
		TEST(no_callback_comes_after_cancel),
		TEST(a_callback_may_cancel_other_calls),
		TEST(a_stream_may_cancel_itself_from_its_bytes),
		TEST(a_callback_may_start_the_next_call),
		TEST(freeing_with_calls_pending_calls_nobody),
		cmocka_unit_test(urls_are_put_together),
	};

	sem_init(&lookup_may_end, 0, 0);
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
