/* t_line.c - one warm connection: one answer for each request, hung up or broken noticed at once, nothing said after closing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ceilings.h"
#include "base/xalloc.h"
#include "io/line.h"
#include "io/loop_uv.h"
#include "support/rude_server.h"

#define GIVE_UP_US 15000000
#define WAIT(s, condition) do { \
	int64_t until_us = loop_now_us((s)->loop) + GIVE_UP_US; \
	while (!(condition)) { \
		assert_true(loop_now_us((s)->loop) < until_us); \
		turn(s); \
	} \
} while (0)

struct story {
	struct loop *loop;
	struct http *http;
	struct rude_server *server;
	struct loop_timer *tick;
	struct line *line;
	int answers, lost;
	int status;
	char body[8192];
	int64_t sent_us, received_us;
	struct err err;
	bool closes, asks_again;	/* inside the next answer */
};

static void
on_tick(void *arg)
{
	loop_stop(((struct story *)arg)->loop);
}

static void
turn(struct story *s)
{
	loop_timer_start(s->loop, s->tick, 2000, 0);
	loop_run(s->loop);
}

static void
ask(struct story *s, const char *path)
{
	line_ask(s->line, &(struct line_ask){ .method = "GET", .path = path });
}

static void
on_answered(void *arg, const struct http_answer *a)
{
	struct story *s = arg;

	s->answers++;
	s->status = a->status;
	snprintf(s->body, sizeof s->body, "%s", a->body);
	s->sent_us = a->sent_us;
	s->received_us = a->received_us;
	s->err = a->err;
	assert_false(line_is_busy(s->line));
	assert_int_equal(a->status == 0, a->err.kind != ERR_NONE);
	if (s->asks_again) {
		s->asks_again = false;
		ask(s, "/204");
	}
	if (s->closes) {
		line_close(s->line);
		s->line = NULL;
		assert_int_equal(strlen(a->body), strlen(s->body));	/* still there */
	}
}

static void
on_lost(void *arg, const struct err *why)
{
	struct story *s = arg;

	s->lost++;
	s->err = *why;
	assert_false(line_is_open(s->line));
}

static void
open_to(struct story *s, const char *host, int port)
{
	static const struct line_fns fns = { .answered = on_answered, .lost = on_lost };

	s->line = line_open(s->loop, s->http, host, port, 2000000, &fns, s);
}

static int
set_up(void **state)
{
	struct story *s = xcalloc(1, sizeof *s);

	s->loop = loop_uv_new(2);
	s->http = http_new(s->loop);
	s->server = rude_server_new();
	s->tick = loop_timer_new(s->loop, on_tick, s);
	open_to(s, "127.0.0.1", rude_server_port(s->server));
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct story *s = *state;

	line_close(s->line);
	http_free(s->http);
	loop_timer_free(s->loop, s->tick);
	loop_free(s->loop);
	rude_server_free(s->server);
	free(s);
	return 0;
}

static void
many_requests_take_one_connection(void **state)
{
	struct story *s = *state;

	for (int i = 1; i <= 20; i++) {
		ask(s, i % 3 == 0 ? "/204" : i % 3 == 1 ? "/hello" : "/continue");
		assert_true(line_is_busy(s->line) && s->answers == i - 1);
		WAIT(s, s->answers == i);
		assert_int_equal(s->status, i % 3 == 0 ? 204 : 200);
		assert_string_equal(s->body, i % 3 == 0 ? "" : "hello");
		assert_true(line_is_open(s->line));
	}
	assert_int_equal(rude_server_accepted(s->server), 1);
	assert_int_equal(s->lost, 0);
}

static void
request_is_what_was_asked_for(void **state)
{
	struct story *s = *state;
	char host[64];

	line_ask(s->line, &(struct line_ask){ .method = "POST", .path = "/echo", .body = "{\"a\":1}", .bearer = "t0ken" });
	WAIT(s, s->answers == 1);
	snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%d\r\n", rude_server_port(s->server));
	assert_int_equal(strncmp(s->body, "POST /echo HTTP/1.1\r\n", 21), 0);
	assert_non_null(strstr(s->body, host));
	assert_non_null(strstr(s->body, "\r\nAuthorization: Bearer t0ken\r\n"));
	assert_non_null(strstr(s->body, "\r\nContent-Length: 7\r\n"));
	assert_string_equal(strstr(s->body, "\r\n\r\n"), "\r\n\r\n{\"a\":1}");
	ask(s, "/echo");
	WAIT(s, s->answers == 2);
	assert_null(strstr(s->body, "Content-Length"));
	assert_null(strstr(s->body, "Authorization"));
}

static void
nothing_breaks_out_of_its_place_in_the_head(void **state)
{
	struct story *s = *state;

	line_ask(s->line, &(struct line_ask){ .method = "GET", .path = "/echo", .bearer = "x\r\nX-Evil: 1" });
	WAIT(s, s->answers == 1);
	assert_null(strstr(s->body, "Evil"));
	ask(s, "/hello HTTP/1.1\r\nX-Evil: 1");
	WAIT(s, s->answers == 2);
	assert_int_equal(s->status, 0);
	assert_int_equal(s->err.kind, ERR_USAGE);
}

static void
clocks_are_read_around_the_nodes_own(void **state)
{
	struct story *s = *state;
	long long received_us, sent_us;

	ask(s, "/hello");
	WAIT(s, s->answers == 1);
	ask(s, "/time");
	WAIT(s, s->answers == 2);
	assert_int_equal(sscanf(s->body, "%lld %lld", &received_us, &sent_us), 2);
	assert_true(s->sent_us <= received_us && sent_us <= s->received_us);
}

static void
an_end_that_closes_is_noticed_at_once(void **state)
{
	struct story *s = *state;

	ask(s, "/leave");
	WAIT(s, s->answers == 1);
	assert_int_equal(s->status, 200);
	WAIT(s, s->lost == 1);
	assert_false(line_is_open(s->line));
	for (int i = 0; i < 10; i++)
		turn(s);
	assert_true(s->answers == 1 && s->lost == 1);
}

static void
an_announced_end_is_no_loss(void **state)
{
	struct story *s = *state;

	ask(s, "/close");
	WAIT(s, s->answers == 1);
	assert_string_equal(s->body, "bye");
	assert_false(line_is_open(s->line));
	for (int i = 0; i < 10; i++)
		turn(s);
	assert_true(s->answers == 1 && s->lost == 0);
}

static void
every_rudeness_is_one_answer_without_a_status(void **state)
{
	static const struct { const char *path; enum err_kind kind; const char *text; } cases[] = {
		{ "/hangup", ERR_NETWORK, "the connection was closed without an answer" }, { "/drop", ERR_NETWORK, "the answer broke off" },
		{ "/http09", ERR_FORMAT, "the answer is no HTTP" }, { "/noise", ERR_FORMAT, "the answer is no HTTP" },
		{ "/huge", ERR_TOO_BIG, "the answer is larger than 1024 KiB" },
		{ "/big-chunked", ERR_TOO_BIG, "the answer is larger than 1024 KiB" },
		{ "/headers", ERR_TOO_BIG, "the answer's headers are larger than 64 KiB" },
	};
	struct story *s = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int before = s->answers;

		ask(s, cases[i].path);
		WAIT(s, s->answers == before + 1);
		assert_int_equal(s->status, 0);
		assert_int_equal(s->err.kind, cases[i].kind);
		assert_string_equal(s->err.text, cases[i].text);
		assert_false(line_is_open(s->line));
		line_close(s->line);
		open_to(s, "127.0.0.1", rude_server_port(s->server));
	}
	assert_int_equal(s->lost, 0);
}

static void
nobody_there_is_told_once(void **state)
{
	struct story *s = *state;

	line_close(s->line);
	open_to(s, "127.0.0.1", 1);
	ask(s, "/hello");
	WAIT(s, s->answers == 1);
	assert_int_equal(s->err.kind, ERR_NETWORK);
	line_close(s->line);
	open_to(s, "127.0.0.1", 1);
	WAIT(s, s->lost == 1);
	assert_int_equal(s->err.kind, ERR_NETWORK);
	assert_int_equal(s->answers, 1);
}

static void
closed_at_any_moment_it_says_no_more(void **state)
{
	struct story *s = *state;

	for (int turns = 0; turns < 6; turns++) {
		ask(s, turns % 2 == 0 ? "/slow?30" : "/silent");
		for (int i = 0; i < turns; i++)
			turn(s);
		line_close(s->line);
		open_to(s, "127.0.0.1", rude_server_port(s->server));
	}
	for (int i = 0; i < 30; i++)
		turn(s);
	assert_true(s->answers == 0 && s->lost == 0);
	ask(s, "/hello");
	WAIT(s, s->answers == 1);
	WAIT(s, rude_server_open(s->server) == 1);
}

static void
closed_in_its_answer_the_answer_stays_readable(void **state)
{
	struct story *s = *state;

	s->closes = true;
	ask(s, "/hello");
	WAIT(s, s->answers == 1);
	assert_string_equal(s->body, "hello");
	WAIT(s, rude_server_open(s->server) == 0);
}

static void
asked_again_in_its_answer_it_answers_again(void **state)
{
	struct story *s = *state;

	s->asks_again = true;
	ask(s, "/hello");
	WAIT(s, s->answers == 2);
	assert_int_equal(s->status, 204);
}

/* What several lines are asked in one turn leaves before the loop looks at anything else, in the order asked. */
static void
requests_of_one_turn_leave_together(void **state)
{
	struct story *s = *state, all[8] = { 0 };

	for (int i = 0; i < 8; i++) {
		all[i] = (struct story){ .loop = s->loop, .http = s->http, .server = s->server, .tick = s->tick };
		open_to(&all[i], "127.0.0.1", rude_server_port(s->server));
		ask(&all[i], "/hello");
		WAIT(&all[i], all[i].answers == 1);
	}
	for (int i = 0; i < 8; i++)
		ask(&all[i], "/time");
	for (int i = 0; i < 8; i++)
		WAIT(&all[i], all[i].answers == 2);
	for (int i = 1; i < 8; i++)
		assert_true(all[i].sent_us >= all[i - 1].sent_us);
	for (int i = 0; i < 8; i++)
		assert_true(all[7].sent_us <= all[i].received_us);
	for (int i = 0; i < 8; i++)
		line_close(all[i].line);
}

/* ---- An end made by hand ---- */

struct peer { int listener, fd, port; };

static struct peer
peer_open(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	struct peer p = { .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), .fd = -1 };
	int little = 4096;

	setsockopt(p.listener, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
	assert_int_equal(bind(p.listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(p.listener, 4), 0);
	getsockname(p.listener, (struct sockaddr *)&a, &len);
	p.port = ntohs(a.sin_port);
	return p;
}

static void
peer_close(struct peer *p)
{
	close(p->fd);
	close(p->listener);
}

static void
what_is_said_unasked_ends_the_line(void **state)
{
	struct story *s = *state;
	struct peer p = peer_open();

	line_close(s->line);
	open_to(s, "127.0.0.1", p.port);
	WAIT(s, (p.fd = accept(p.listener, NULL, NULL)) >= 0);
	assert_int_equal(send(p.fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38, MSG_NOSIGNAL), 38);
	WAIT(s, s->lost == 1);
	assert_string_equal(s->err.text, "it spoke without being asked");
	peer_close(&p);
}

/* An answer that came beforehand is nobody's: it is not taken for that of the next request. */
static void
two_answers_for_one_request_end_the_line(void **state)
{
	static const char twice[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	struct story *s = *state;
	struct peer p = peer_open();

	line_close(s->line);
	open_to(s, "127.0.0.1", p.port);
	ask(s, "/a");
	WAIT(s, (p.fd = accept(p.listener, NULL, NULL)) >= 0);
	WAIT(s, recv(p.fd, (char[1]){ 0 }, 1, MSG_DONTWAIT | MSG_PEEK) == 1);
	assert_int_equal(send(p.fd, twice, sizeof twice - 1, MSG_NOSIGNAL), (int)sizeof twice - 1);
	WAIT(s, s->answers == 1);
	assert_int_equal(s->status, 200);
	assert_false(line_is_open(s->line));
	peer_close(&p);
}

static void
a_request_larger_than_the_socket_takes_goes_out_whole(void **state)
{
	const size_t len = MAX_REQUEST_BODY - 100;
	struct story *s = *state;
	struct peer p = peer_open();
	char *body = xcalloc(1, len + 1), got[4096];
	size_t bytes = 0;
	ssize_t n;

	memset(body, 'x', len);
	line_close(s->line);
	open_to(s, "127.0.0.1", p.port);
	line_ask(s->line, &(struct line_ask){ .method = "POST", .path = "/a", .body = body });
	free(body);
	WAIT(s, (p.fd = accept(p.listener, NULL, NULL)) >= 0);
	for (int i = 0; i < 20; i++)
		turn(s);
	while (bytes < len) {
		turn(s);
		while ((n = recv(p.fd, got, sizeof got, MSG_DONTWAIT)) > 0)
			bytes += (size_t)n;
		assert_true(n < 0);
	}
	assert_int_equal(send(p.fd, "HTTP/1.1 204 No\r\n\r\n", 19, MSG_NOSIGNAL), 19);
	WAIT(s, s->answers == 1);
	assert_int_equal(s->status, 204);
	assert_true(line_is_open(s->line));
	peer_close(&p);
}

/* Reset between two requests, before the loop could look: the send fails, and that is one answer. */
static void
a_line_that_is_reset_under_a_request_is_one_failed_answer(void **state)
{
	struct linger now = { .l_onoff = 1 };
	struct story *s = *state;
	struct peer p = peer_open();

	line_close(s->line);
	open_to(s, "127.0.0.1", p.port);
	WAIT(s, (p.fd = accept(p.listener, NULL, NULL)) >= 0);
	for (int i = 0; i < 3; i++)
		turn(s);
	setsockopt(p.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(p.fd);
	p.fd = -1;
	ask(s, "/a");
	WAIT(s, s->answers == 1);
	assert_int_equal(s->status, 0);
	assert_int_equal(s->err.kind, ERR_NETWORK);
	for (int i = 0; i < 5; i++)
		turn(s);
	assert_true(s->answers == 1 && s->lost == 0);
	peer_close(&p);
}

/* Without a turn of the loop; and once only, also when the turn ends. */
static void
flushed_it_leaves_at_once_and_once(void **state)
{
	struct story *s = *state;
	struct peer p = peer_open();
	char got[512];
	ssize_t n;

	line_close(s->line);
	open_to(s, "127.0.0.1", p.port);
	WAIT(s, (p.fd = accept(p.listener, NULL, NULL)) >= 0);
	for (int i = 0; i < 3; i++)
		turn(s);
	line_flush(s->line);		/* nothing to do */
	ask(s, "/a");
	assert_true(recv(p.fd, got, sizeof got, MSG_DONTWAIT) < 0);
	line_flush(s->line);
	line_flush(s->line);
	n = recv(p.fd, got, sizeof got, 0);
	assert_true(n > 6 && memcmp(got, "GET /a", 6) == 0 && memcmp(got + n - 4, "\r\n\r\n", 4) == 0);
	for (int i = 0; i < 5; i++)
		turn(s);
	assert_true(recv(p.fd, got, sizeof got, MSG_DONTWAIT) < 0);
	assert_int_equal(send(p.fd, "HTTP/1.1 204 No\r\n\r\n", 19, MSG_NOSIGNAL), 19);
	WAIT(s, s->answers == 1);
	assert_int_equal(s->status, 204);
	peer_close(&p);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(many_requests_take_one_connection), TEST(request_is_what_was_asked_for), TEST(nothing_breaks_out_of_its_place_in_the_head),
		TEST(clocks_are_read_around_the_nodes_own), TEST(an_end_that_closes_is_noticed_at_once), TEST(an_announced_end_is_no_loss),
		TEST(every_rudeness_is_one_answer_without_a_status), TEST(nobody_there_is_told_once),
		TEST(closed_at_any_moment_it_says_no_more), TEST(closed_in_its_answer_the_answer_stays_readable),
		TEST(asked_again_in_its_answer_it_answers_again), TEST(requests_of_one_turn_leave_together),
		TEST(what_is_said_unasked_ends_the_line), TEST(two_answers_for_one_request_end_the_line),
		TEST(a_request_larger_than_the_socket_takes_goes_out_whole), TEST(a_line_that_is_reset_under_a_request_is_one_failed_answer),
		TEST(flushed_it_leaves_at_once_and_once),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
