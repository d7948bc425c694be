/*
 * rude_server.c - the badly behaving HTTP server of the tests.
 * Owns its threads and sockets.  Never shares code with the product: a fault must not cancel out.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support/rude_server.h"

#define MAX_OPEN 512

struct rude_server {
	int fd, port;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;
	int accepted, open;
	int fds[MAX_OPEN];
};

struct visit {
	struct rude_server *server;
	int fd, slot;
	char request[8192];
	size_t len;		/* bytes in request */
	size_t used;		/* of them, those of the present request */
	int64_t received_us;
};

static int64_t
utc_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
pause_ms(int ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}

static bool
send_all(struct visit *v, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(v->fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
send_text(struct visit *v, const char *text)
{
	return send_all(v, text, strlen(text));
}

static bool
answer(struct visit *v, const char *status, const char *extra, const char *body)
{
	char head[512];

	snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nContent-Type: text/plain\r\n%s\r\n", status, strlen(body), extra);
	return send_text(v, head) && send_text(v, body);
}

static void
wait_for_leaving(struct visit *v)
{
	char rest[256];

	while (recv(v->fd, rest, sizeof rest, 0) > 0)
		;
}

/* ---- What the paths do; false ends the connection ---- */

static bool
do_hello(struct visit *v)
{
	return answer(v, "200 OK", "", "hello");
}

static bool
do_echo(struct visit *v)
{
	char copy[sizeof v->request];

	snprintf(copy, sizeof copy, "%.*s", (int)v->used, v->request);
	return answer(v, "200 OK", "", copy);
}

static bool
do_time(struct visit *v)
{
	char body[128];

	snprintf(body, sizeof body, "%lld %lld", (long long)v->received_us, (long long)utc_us());
	return answer(v, "200 OK", "", body);
}

static bool
do_204(struct visit *v)
{
	return send_text(v, "HTTP/1.1 204 No Content\r\n\r\n");
}

static bool
do_slow(struct visit *v)
{
	const char *ms = strchr(v->request, '?');

	pause_ms(ms != NULL ? atoi(ms + 1) : 0);
	return answer(v, "200 OK", "", "late");
}

static bool
do_close(struct visit *v)
{
	answer(v, "200 OK", "Connection: close\r\n", "bye");
	return false;
}

/* As any server does with a connection that idled too long: the client is not told beforehand. */
static bool
do_leave(struct visit *v)
{
	do_hello(v);
	return false;
}

static bool
do_continue(struct visit *v)
{
	return send_text(v, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n") && do_hello(v);
}

static bool
do_redirect(struct visit *v)
{
	return answer(v, "302 Found", "Location: /hello\r\n", "elsewhere");
}

static bool
do_huge(struct visit *v)
{
	send_text(v, "HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\nxxxx");
	wait_for_leaving(v);
	return false;
}

static bool
do_big_chunked(struct visit *v)
{
	char block[4096];

	memset(block, 'x', sizeof block);
	send_text(v, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	while (send_text(v, "1000\r\n") && send_all(v, block, sizeof block) && send_text(v, "\r\n"))
		;
	return false;
}

static bool
do_headers(struct visit *v)
{
	send_text(v, "HTTP/1.1 200 OK\r\n");
	while (send_text(v, "X-Filler: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n"))
		;
	return false;
}

static bool
do_drip(struct visit *v)
{
	send_text(v, "HTTP/1.1 200 OK\r\nX-Slow: ");
	while (send_text(v, "z"))
		pause_ms(10);
	return false;
}

static bool
do_drop(struct visit *v)
{
	send_text(v, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
	return false;
}

static bool
do_silent(struct visit *v)
{
	wait_for_leaving(v);
	return false;
}

static bool
do_hangup(struct visit *v)
{
	(void)v;
	return false;
}

static bool
do_http09(struct visit *v)
{
	send_text(v, "just a body, as in 1991\n");
	return false;
}

static bool
do_noise(struct visit *v)
{
	char noise[4096];

	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (char)(i * 7919 % 251);
	send_all(v, noise, sizeof noise);
	return false;
}

static bool
start_stream(struct visit *v)
{
	return send_text(v, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n");
}

static bool
do_stream(struct visit *v)
{
	start_stream(v);
	for (int i = 0; i < 3; i++) {
		send_text(v, "4\r\nabc\n\r\n");
		pause_ms(5);
	}
	return send_text(v, "0\r\n\r\n");
}

static bool
do_stream_broken(struct visit *v)
{
	start_stream(v);
	send_text(v, "4\r\nabc\n\r\n4\r\nde");
	return false;
}

static bool
do_stream_silent(struct visit *v)
{
	start_stream(v);
	send_text(v, "4\r\nabc\n\r\n");
	wait_for_leaving(v);
	return false;
}

static bool
do_stream_flood(struct visit *v)
{
	char block[65536];

	memset(block, 'x', sizeof block);
	start_stream(v);
	while (send_text(v, "10000\r\n") && send_all(v, block, sizeof block) && send_text(v, "\r\n"))
		;
	return false;
}

static const struct { const char *path; bool (*act)(struct visit *v); } paths[] = {
	{ "/hello", do_hello }, { "/echo", do_echo }, { "/time", do_time }, { "/204", do_204 }, { "/slow", do_slow },
	{ "/close", do_close }, { "/leave", do_leave }, { "/continue", do_continue },
	{ "/redirect", do_redirect }, { "/huge", do_huge },
	{ "/big-chunked", do_big_chunked }, { "/headers", do_headers }, { "/drip", do_drip }, { "/drop", do_drop },
	{ "/silent", do_silent }, { "/hangup", do_hangup }, { "/http09", do_http09 }, { "/noise", do_noise },
	{ "/stream", do_stream }, { "/stream-broken", do_stream_broken }, { "/stream-silent", do_stream_silent },
	{ "/stream-flood", do_stream_flood },
};

static bool
act(struct visit *v)
{
	char path[64] = "";

	sscanf(v->request, "%*s %63[^ ?]", path);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (strcmp(paths[i].path, path) == 0)
			return paths[i].act(v);
	return answer(v, "404 Not Found", "", "no such path");
}

/* ---- Connections ---- */

/* Head and body of the next request into v->request; false: the client left. */
static bool
read_request(struct visit *v)
{
	for (;;) {
		char *end, *length;

		v->request[v->len] = '\0';
		end = strstr(v->request, "\r\n\r\n");
		length = strstr(v->request, "Content-Length: ");
		if (end != NULL) {
			v->used = (size_t)(end + 4 - v->request);
			if (length != NULL && length < end)
				v->used += (size_t)atoi(length + 16);
			if (v->len >= v->used)
				return true;
		}
		ssize_t n = recv(v->fd, v->request + v->len, sizeof v->request - 1 - v->len, 0);

		v->received_us = utc_us();
		if (n <= 0)
			return false;
		v->len += (size_t)n;
	}
}

static void *
visit_run(void *arg)
{
	struct visit *v = arg;
	struct rude_server *s = v->server;

	while (read_request(v) && act(v)) {
		memmove(v->request, v->request + v->used, v->len - v->used);
		v->len -= v->used;
	}
	pthread_mutex_lock(&s->lock);
	close(v->fd);
	s->fds[v->slot] = -1;
	s->open--;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	free(v);
	return NULL;
}

static void
admit(struct rude_server *s, int fd)
{
	struct visit *v = calloc(1, sizeof *v);
	pthread_attr_t attr;
	pthread_t thread;
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	v->server = s;
	v->fd = fd;
	while (v->slot < MAX_OPEN - 1 && s->fds[v->slot] != -1)
		v->slot++;
	s->fds[v->slot] = fd;
	s->accepted++;
	s->open++;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 512 * 1024);
	if (pthread_create(&thread, &attr, visit_run, v) != 0)
		abort();
	pthread_attr_destroy(&attr);
}

static void *
server_run(void *arg)
{
	struct rude_server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		pthread_mutex_lock(&s->lock);
		if (s->stopping)
			close(fd);
		else
			admit(s, fd);
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

struct rude_server *
rude_server_new(void)
{
	struct rude_server *s = calloc(1, sizeof *s);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;

	memset(s->fds, 0xff, sizeof s->fds);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(s->fd, 512) != 0
	    || getsockname(s->fd, (struct sockaddr *)&at, &len) != 0)
		abort();
	s->port = ntohs(at.sin_port);
	if (pthread_create(&s->thread, NULL, server_run, s) != 0)
		abort();
	return s;
}

void
rude_server_free(struct rude_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	shutdown(s->fd, SHUT_RDWR);
	for (int i = 0; i < MAX_OPEN; i++)
		if (s->fds[i] != -1)
			shutdown(s->fds[i], SHUT_RDWR);
	while (s->open > 0)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	close(s->fd);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	free(s);
}

int
rude_server_port(const struct rude_server *s)
{
	return s->port;
}

int
rude_server_accepted(struct rude_server *s)
{
	int n;

	pthread_mutex_lock(&s->lock);
	n = s->accepted;
	pthread_mutex_unlock(&s->lock);
	return n;
}

int
rude_server_open(struct rude_server *s)
{
	int n;

	pthread_mutex_lock(&s->lock);
	n = s->open;
	pthread_mutex_unlock(&s->lock);
	return n;
}
