/*
 * bench_fanout_sink.c - N camera nodes in one process, just enough of the contract, each at an address of its own: 127.1.0.1
 * and on.  Notes on a board, shared with whoever measures, when each had a whole command.
 */
#include "bench/bench_fanout.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <signal.h>

#define MOST_FDS 16384

int64_t
bench_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

_Noreturn void
bench_die(const char *what)
{
	fprintf(stderr, "bench_fanout: %s: %s\n", what, strerror(errno));
	exit(4);
}

void
bench_host(int node, char out[static 32])
{
	snprintf(out, 32, "127.1.%d.%d", node / 250, 1 + node % 250);
}

struct peer {
	int node;
	bool is_listener, is_stream;
	size_t len;
	char bytes[4096];
};

static struct peer *peers[MOST_FDS];
static int sink_poll;
static struct bench_board *board;

static void
peer_add(int fd, int node, bool is_listener)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
	const int one = 1;

	if (fd >= MOST_FDS || (peers[fd] = calloc(1, sizeof *peers[fd])) == NULL)
		bench_die("too many connections");
	peers[fd]->node = node;
	peers[fd]->is_listener = is_listener;
	if (!is_listener)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	epoll_ctl(sink_poll, EPOLL_CTL_ADD, fd, &e);
}

static void
peer_drop(int fd)
{
	free(peers[fd]);
	peers[fd] = NULL;
	close(fd);
}

static void
put(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 && errno != EAGAIN)
		shutdown(fd, SHUT_RDWR);
}

static void
answer_json(int fd, const char *body)
{
	char out[1024];

	snprintf(out, sizeof out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	put(fd, out);
}

static void
answer(int fd, struct peer *p)
{
	char body[512];
	struct timespec t;

	if (strncmp(p->bytes, "POST ", 5) == 0) {
		atomic_store(&board->at_ns[p->node], bench_now_ns());
		if (p->node >= atomic_load(&board->silent))
			answer_json(fd, "{\"ok\":true,\"scheduled\":false,\"late\":false}");
	} else if (strncmp(p->bytes, "GET /info ", 10) == 0) {
		snprintf(body, sizeof body, "{\"contract\":1,\"id\":\"bench-%03d\",\"deviceName\":\"bench %d\",\"cameras\":[]}", p->node, p->node);
		answer_json(fd, body);
	} else if (strncmp(p->bytes, "GET /time ", 10) == 0) {
		clock_gettime(CLOCK_REALTIME, &t);
		snprintf(body, sizeof body, "{\"receivedUs\":%lld,\"sentUs\":%lld,\"epoch\":\"e\"}",
		    (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000, (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
		answer_json(fd, body);
	} else if (strncmp(p->bytes, "GET /events ", 12) == 0) {
		p->is_stream = true;
		put(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: health\ndata: {}\n\n");
	} else if (strncmp(p->bytes, "GET /recordings ", 16) == 0) {
		answer_json(fd, "{\"recordings\":[]}");
	} else {
		put(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	}
}

/* Length of the first whole request in the buffer; 0: more is to come. */
static size_t
request_len(struct peer *p)
{
	const char *end = memmem(p->bytes, p->len, "\r\n\r\n", 4), *field;
	size_t head, body = 0;

	if (end == NULL)
		return 0;
	head = (size_t)(end - p->bytes) + 4;
	field = strcasestr(p->bytes, "\r\nContent-Length:");
	if (field != NULL && field < end)
		body = (size_t)atol(field + 17);
	return p->len >= head + body ? head + body : 0;
}

static void
peer_read(int fd)
{
	struct peer *p = peers[fd];
	ssize_t n = recv(fd, p->bytes + p->len, sizeof p->bytes - 1 - p->len, 0);
	size_t used;

	if (n <= 0) {
		peer_drop(fd);
		return;
	}
	p->len += (size_t)n;
	p->bytes[p->len] = '\0';
	while ((used = request_len(p)) > 0) {
		answer(fd, p);
		memmove(p->bytes, p->bytes + used, p->len - used + 1);
		p->len -= used;
	}
}

static void
peer_accept(int fd)
{
	int conn;

	while ((conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		peer_add(conn, peers[fd]->node, false);
}

static void
say_alive(void)
{
	for (int fd = 0; fd < MOST_FDS; fd++)
		if (peers[fd] != NULL && peers[fd]->is_stream)
			put(fd, ": alive\n\n");
}

static int
listen_at(int node, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	const int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof a;
	char host[32];

	bench_host(node, host);
	inet_pton(AF_INET, host, &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 1024) != 0)
		bench_die(host);
	peer_add(fd, node, true);
	getsockname(fd, (struct sockaddr *)&a, &len);
	return ntohs(a.sin_port);
}

static _Noreturn void
sink_run(int port_pipe, int node_count)
{
	struct epoll_event events[256];
	int64_t alive_ns = bench_now_ns();
	int port = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sink_poll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < node_count; i++)
		port = listen_at(i, port);
	if (write(port_pipe, &port, sizeof port) != sizeof port)
		bench_die("pipe");
	for (;;) {
		const int n = epoll_wait(sink_poll, events, 256, 1000);

		for (int i = 0; i < n; i++) {
			if (peers[events[i].data.fd]->is_listener)
				peer_accept(events[i].data.fd);
			else
				peer_read(events[i].data.fd);
		}
		if (bench_now_ns() - alive_ns > 1000000000) {
			alive_ns = bench_now_ns();
			say_alive();
		}
	}
}

struct bench_board *
bench_sink_start(int node_count, int *port, pid_t *pid)
{
	int fds[2];

	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED || pipe2(fds, O_CLOEXEC) != 0)
		bench_die("start");
	*pid = fork();
	if (*pid == 0)
		sink_run(fds[1], node_count);
	if (*pid < 0 || read(fds[0], port, sizeof *port) != sizeof *port)
		bench_die("no sinks");
	close(fds[0]);
	close(fds[1]);
	return board;
}
