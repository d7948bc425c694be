/*
 * t_doorway.c - the control socket upon real sockets: who may come in, what each may cost, and that nobody else notices.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/xalloc.h"
#include "io/doorway.h"
#include "io/doorway_call.h"
#include "io/doorway_path.h"
#include "io/loop_uv.h"
#include "support/scratch.h"

struct room {
	char *folder, *path;
	struct loop *loop;
	struct loop_timer *guard;
	struct doorway *door;
	int came, lines, bad, over, gone;
	bool busy;			/* what line() answers */
	char last[8192], why[128];
	struct doorway_client *client;	/* the newest */
	struct doorway_peer peer;
	bool (*is_done)(struct room *r);
	int want;
	bool late;
};

static void *
on_came(void *arg, struct doorway_client *c, const struct doorway_peer *peer)
{
	struct room *r = arg;

	r->came++;
	r->client = c;
	r->peer = *peer;
	return r;
}

static bool
on_line(void *who, const char *line)
{
	struct room *r = who;

	r->lines++;
	snprintf(r->last, sizeof r->last, "%s", line);
	return !r->busy;
}

static void
on_bad_line(void *who, const char *why)
{
	struct room *r = who;

	r->bad++;
	snprintf(r->why, sizeof r->why, "%s", why);
}

static void
on_over(void *who)
{
	((struct room *)who)->over++;
}

static void
on_gone(void *who)
{
	((struct room *)who)->gone++;
}

static const struct doorway_fns fns = { .came = on_came, .line = on_line, .bad_line = on_bad_line, .over = on_over, .gone = on_gone };

/* ---- Turning the loop until something holds ---- */

static void
on_look(void *arg)
{
	struct room *r = arg;

	if (r->is_done(r))
		loop_stop(r->loop);
}

static void
on_guard(void *arg)
{
	struct room *r = arg;

	r->late = true;
	loop_stop(r->loop);
}

static void
turn_until(struct room *r, bool (*is_done)(struct room *r), int want)
{
	struct loop_timer *look = loop_timer_new(r->loop, on_look, r);

	r->is_done = is_done;
	r->want = want;
	r->late = false;
	loop_timer_start(r->loop, look, 0, 1000);
	loop_timer_start(r->loop, r->guard, 20000000, 0);
	loop_run(r->loop);
	loop_timer_stop(r->loop, r->guard);
	loop_timer_free(r->loop, look);
	assert_false(r->late);
}

static bool has_come(struct room *r) { return r->came >= r->want; }
static bool has_lines(struct room *r) { return r->lines >= r->want; }
static bool has_bad(struct room *r) { return r->bad >= r->want; }
static bool has_gone(struct room *r) { return r->gone >= r->want; }
static bool is_over(struct room *r) { return r->over >= r->want; }

static struct room *
room_new(void)
{
	struct room *r = xcalloc(1, sizeof *r);
	struct err e = { .kind = ERR_NONE };

	r->folder = scratch_new();
	r->path = xasprintf("%s/control", r->folder);
	r->loop = loop_uv_new(1);
	r->guard = loop_timer_new(r->loop, on_guard, r);
	r->door = doorway_open(r->loop, r->path, &fns, r, &e);
	assert_non_null(r->door);
	return r;
}

static void
room_free(struct room *r)
{
	doorway_free(r->door);
	assert_int_equal(access(r->path, F_OK), -1);
	loop_timer_free(r->loop, r->guard);
	loop_free(r->loop);
	scratch_free(r->folder);
	free(r->path);
	free(r);
}

static struct doorway_call *
knock(struct room *r)
{
	struct err e = { .kind = ERR_NONE };
	struct doorway_call *c = doorway_call_open(r->path, &e);

	assert_non_null(c);
	turn_until(r, has_come, r->came + 1);
	return c;
}

/* A client that is only a descriptor: it does what ours never would. */
static int
raw_knock(struct room *r)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(doorway_path_connect(fd, r->path));
	turn_until(r, has_come, r->came + 1);
	return fd;
}

/* ---- The tests ---- */

static void
a_line_comes_in_and_an_answer_goes_out(void **state)
{
	struct room *r = room_new();
	struct doorway_call *c = knock(r);
	const char *line;
	struct stat st;

	(void)state;
	assert_int_equal(stat(r->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(r->peer.pid, getpid());
	assert_string_equal(r->peer.name, "t_doorway");
	assert_true(doorway_call_say(c, "cut 1", NULL, 0));
	turn_until(r, has_lines, 1);
	assert_string_equal(r->last, "cut 1");
	doorway_say(r->client, "begin 1 cut 1\nend 1 ok\n", 23);
	assert_int_equal(doorway_call_hear(c, 5000000, -1, &line), CALL_LINE);
	assert_string_equal(line, "begin 1 cut 1");
	assert_int_equal(doorway_call_hear(c, 5000000, -1, &line), CALL_LINE);
	assert_string_equal(line, "end 1 ok");
	doorway_call_close(c);
	turn_until(r, is_over, 1);
	doorway_dismiss(r->client);
	turn_until(r, has_gone, 1);
	room_free(r);
}

static void
a_socket_that_nobody_serves_is_replaced(void **state)
{
	char *folder = scratch_new(), *path = xasprintf("%s/control", folder);
	struct loop *loop = loop_uv_new(1);
	struct err e = { .kind = ERR_NONE };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct doorway *one, *two;

	(void)state;
	assert_true(doorway_path_bind(fd, path));
	close(fd);			/* as a console that was killed leaves it */
	one = doorway_open(loop, path, &fns, NULL, &e);
	assert_non_null(one);
	two = doorway_open(loop, path, &fns, NULL, &e);
	assert_null(two);
	assert_int_equal(e.kind, ERR_REFUSED);
	doorway_free(one);
	assert_int_equal(access(path, F_OK), -1);
	loop_free(loop);
	scratch_free(folder);
	free(path);
}

static void
a_path_may_be_longer_than_an_address(void **state)
{
	char *folder = scratch_new(), *deep = xasprintf("%s/%0120d", folder, 1), *path = xasprintf("%s/control", deep);
	struct loop *loop = loop_uv_new(1);
	struct err e = { .kind = ERR_NONE };
	struct doorway_call *c;
	struct doorway *d;

	(void)state;
	assert_int_equal(mkdir(deep, 0700), 0);
	d = doorway_open(loop, path, &fns, NULL, &e);
	assert_non_null(d);
	c = doorway_call_open(path, &e);
	assert_non_null(c);
	doorway_call_close(c);
	doorway_free(d);
	c = doorway_call_open(path, &e);
	assert_null(c);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	loop_free(loop);
	scratch_free(folder);
	free(deep);
	free(path);
}

/* As the socket of a console that is stopped (SIGSTOP) does. */
static void
a_door_that_lets_nobody_in_is_not_waited_for_for_ever(void **state)
{
	char *folder = scratch_new(), *path = xasprintf("%s/control", folder);
	int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), full[4];
	struct err e = { .kind = ERR_NONE };
	struct doorway_call *c;

	(void)state;
	assert_true(doorway_path_bind(door, path));
	assert_int_equal(listen(door, 0), 0);
	for (int i = 0; i < 4; i++) {
		full[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)doorway_path_connect(full[i], path);
	}
	c = doorway_call_open(path, &e);
	assert_null(c);
	assert_int_equal(e.kind, ERR_ENVIRONMENT);
	assert_non_null(strstr(e.text, "lets nobody in"));
	for (int i = 0; i < 4; i++)
		close(full[i]);
	close(door);
	scratch_free(folder);
	free(path);
}

static void
a_client_that_never_reads_is_let_go_and_nobody_else_notices(void **state)
{
	struct room *r = room_new();
	int deaf = raw_knock(r);
	struct doorway_client *who = r->client;
	struct doorway_call *other = knock(r);
	char line[1001];
	const char *heard;

	(void)state;
	memset(line, 'x', 1000);
	line[999] = '\n';
	for (int i = 0; i < 3000; i++)		/* three times the ceiling: memory does not grow with it */
		doorway_say(who, line, 1000);
	turn_until(r, has_gone, 1);
	doorway_say(r->client, "well\n", 5);
	assert_int_equal(doorway_call_hear(other, 5000000, -1, &heard), CALL_LINE);
	assert_string_equal(heard, "well");
	doorway_call_close(other);
	close(deaf);
	room_free(r);
}

/* What the kernel takes of so many bytes until it takes no more. */
static long
pour(int fd, const char *bytes, size_t len, long most)
{
	long sent = 0;

	while (sent < most) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		sent += n;
	}
	return sent;
}

static void
a_line_without_an_end_is_the_end_of_its_client(void **state)
{
	struct room *r = room_new();
	int fd = raw_knock(r);
	char *flood = malloc(65536);
	long sent;

	(void)state;
	assert_non_null(flood);
	memset(flood, 'x', 65536);
	(void)pour(fd, flood, 65536, 100000000);
	turn_until(r, has_gone, 1);
	assert_int_equal(r->bad, 1);
	assert_non_null(strstr(r->why, "no end within 4096 bytes"));
	assert_int_equal(r->lines, 0);
	sent = pour(fd, flood, 65536, 100000000);
	assert_int_equal(sent, 0);		/* the other 100 MB find nobody */
	close(fd);
	free(flood);
	room_free(r);
}

static void
garbage_is_told_and_lines_after_it_are_heard(void **state)
{
	static const char garbage[] = "\x01\x02\n\xff\xfe\n\0zero\nhello\r\n";
	struct room *r = room_new();
	int fd = raw_knock(r);

	(void)state;
	assert_int_equal(send(fd, garbage, sizeof garbage - 1, 0), sizeof garbage - 1);
	turn_until(r, has_lines, 1);
	assert_string_equal(r->last, "hello");
	assert_int_equal(r->bad, 3);
	turn_until(r, has_bad, 3);
	close(fd);
	room_free(r);
}

static void
a_client_that_is_busy_is_not_read_until_it_is_ready(void **state)
{
	struct room *r = room_new();
	struct doorway_call *slow = knock(r), *quick;
	struct doorway_client *who = r->client;

	(void)state;
	r->busy = true;
	assert_true(doorway_call_say(slow, "one\ntwo\nthree", NULL, 0));
	turn_until(r, has_lines, 1);
	assert_string_equal(r->last, "one");
	quick = knock(r);
	assert_true(doorway_call_say(quick, "other", NULL, 0));
	turn_until(r, has_lines, 2);		/* nobody waits for the busy one */
	assert_string_equal(r->last, "other");
	r->busy = false;
	doorway_ready(who);
	turn_until(r, has_lines, 4);
	assert_string_equal(r->last, "three");
	doorway_call_close(slow);
	doorway_call_close(quick);
	room_free(r);
}

static void
the_end_of_input_ends_the_last_line_and_answers_still_go_out(void **state)
{
	struct room *r = room_new();
	int fd = raw_knock(r);
	char bytes[64];

	(void)state;
	assert_int_equal(send(fd, "one\nlast", 8, 0), 8);
	shutdown(fd, SHUT_WR);
	turn_until(r, is_over, 1);
	assert_int_equal(r->lines, 2);
	assert_string_equal(r->last, "last");
	doorway_say(r->client, "answer\n", 7);
	doorway_dismiss(r->client);
	turn_until(r, has_gone, 1);
	assert_int_equal(recv(fd, bytes, sizeof bytes, 0), 7);
	assert_int_equal(recv(fd, bytes, sizeof bytes, 0), 0);
	close(fd);
	room_free(r);
}

static void
the_one_too_many_is_told_so(void **state)
{
	struct room *r = room_new();
	int fds[DOORWAY_CLIENTS], extra;
	char bytes[200] = "";

	(void)state;
	for (int i = 0; i < DOORWAY_CLIENTS; i++)
		fds[i] = raw_knock(r);
	extra = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(doorway_path_connect(extra, r->path));
	close(fds[0]);
	turn_until(r, is_over, 1);
	assert_true(recv(extra, bytes, sizeof bytes - 1, 0) > 0);
	assert_non_null(strstr(bytes, "the control socket is full"));
	assert_int_equal(r->came, DOORWAY_CLIENTS);
	close(extra);
	for (int i = 1; i < DOORWAY_CLIENTS; i++)
		close(fds[i]);
	room_free(r);
}

/* How many descriptors this process has. */
static int
open_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
descriptors_come_with_a_line_and_unwanted_ones_are_closed(void **state)
{
	const int mine[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	struct room *r = room_new();
	struct doorway_call *c = knock(r);
	int fds[DOORWAY_FDS], before;

	(void)state;
	assert_true(doorway_call_say(c, "attach xterm", mine, 3));
	turn_until(r, has_lines, 1);
	assert_string_equal(r->last, "attach xterm");
	assert_int_equal(doorway_take_fds(r->client, fds), 3);
	assert_int_equal(doorway_take_fds(r->client, fds), 0);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	before = open_fds();
	for (int i = 0; i < 50; i++) {
		assert_true(doorway_call_say(c, "cut 1", mine, 3));
		turn_until(r, has_lines, i + 2);
	}
	assert_true(open_fds() <= before + DOORWAY_FDS);	/* of the newest line alone */
	doorway_call_close(c);
	turn_until(r, is_over, 1);
	doorway_dismiss(r->client);
	turn_until(r, has_gone, 1);
	assert_true(open_fds() < before);
	room_free(r);
}

static void
the_text_of_an_answer_is_as_it_was_before_it_was_quoted(void **state)
{
	static const struct { const char *line, *text; } cases[] = {
		{ "say 0 \"PGM left\"", "PGM left" },
		{ "end 0 error 3.1ms \"no \\\"x\\\" in C:\\\\\"", "no \"x\" in C:\\" },
		{ "say 0 \"\"", "" },
		{ "end 0 ok 0.1ms", "" },
		{ "say 0 \"torn \\", "torn \\" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		doorway_call_text(cases[i].line, text, sizeof text);
		assert_string_equal(text, cases[i].text);
	}
	doorway_call_text("say 0 \"longer than there is room\"", text, 7);
	assert_string_equal(text, "longer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_comes_in_and_an_answer_goes_out),
		cmocka_unit_test(a_socket_that_nobody_serves_is_replaced),
		cmocka_unit_test(a_path_may_be_longer_than_an_address),
		cmocka_unit_test(a_door_that_lets_nobody_in_is_not_waited_for_for_ever),
		cmocka_unit_test(a_client_that_never_reads_is_let_go_and_nobody_else_notices),
		cmocka_unit_test(a_line_without_an_end_is_the_end_of_its_client),
		cmocka_unit_test(garbage_is_told_and_lines_after_it_are_heard),
		cmocka_unit_test(a_client_that_is_busy_is_not_read_until_it_is_ready),
		cmocka_unit_test(the_end_of_input_ends_the_last_line_and_answers_still_go_out),
		cmocka_unit_test(the_one_too_many_is_told_so),
		cmocka_unit_test(descriptors_come_with_a_line_and_unwanted_ones_are_closed),
		cmocka_unit_test(the_text_of_an_answer_is_as_it_was_before_it_was_quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
