/*
 * bench_fanout.c - trigger to last request received: one POST to N nodes, as the console sends it (crew, fanout, conn,
 * http; connections warm), beside `curl --parallel --parallel-immediate` and beside one bare write() per warm socket.
 * The nodes are one process of real sockets on 127.1.0.1 ... and share CLOCK_MONOTONIC with us.  Asserts nothing.
 *
 *	bench_fanout [NODES [ROUNDS]]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "app/fanout.h"
#include "app/settings.h"
#include "io/loop_uv.h"

#define MOST_NODES 250
#define MOST_ROUNDS 99
#define MOST_FDS 8192
#define BODY "{\"name\":\"clap\",\"sound\":false}"

extern char **environ;

struct board {			/* shared with the sink process */
	_Atomic int64_t at_ns[MOST_NODES];	/* when the node had a whole command; 0 = not yet */
};

static struct board *board;
static int node_count = 64;

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_fanout: %s: %s\n", what, strerror(errno));
	exit(4);
}

static void
node_host(int node, char out[static 32])
{
	snprintf(out, 32, "127.1.0.%d", 1 + node);
}

/* ---- The sinks: N camera nodes in one process, just enough of the contract ---- */

struct peer {
	int node;
	bool is_listener, is_stream;
	size_t len;
	char bytes[4096];
};

static struct peer *peers[MOST_FDS];
static int sink_poll;

static void
peer_add(int fd, int node, bool is_listener)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };
	const int one = 1;

	if (fd >= MOST_FDS || (peers[fd] = calloc(1, sizeof *peers[fd])) == NULL)
		die("too many connections");
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
		atomic_store(&board->at_ns[p->node], now_ns());
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

	node_host(node, host);
	inet_pton(AF_INET, host, &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 1024) != 0)
		die(host);
	peer_add(fd, node, true);
	getsockname(fd, (struct sockaddr *)&a, &len);
	return ntohs(a.sin_port);
}

static _Noreturn void
sink_run(int port_pipe)
{
	struct epoll_event events[256];
	int64_t alive_ns = now_ns();
	int port = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sink_poll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < node_count; i++)
		port = listen_at(i, port);
	if (write(port_pipe, &port, sizeof port) != sizeof port)
		die("pipe");
	for (;;) {
		const int n = epoll_wait(sink_poll, events, 256, 1000);

		for (int i = 0; i < n; i++) {
			if (peers[events[i].data.fd]->is_listener)
				peer_accept(events[i].data.fd);
			else
				peer_read(events[i].data.fd);
		}
		if (now_ns() - alive_ns > 1000000000) {
			alive_ns = now_ns();
			say_alive();
		}
	}
}

static pid_t
sink_start(int *port)
{
	int fds[2];
	pid_t pid;

	board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED || pipe2(fds, O_CLOEXEC) != 0)
		die("start");
	pid = fork();
	if (pid == 0)
		sink_run(fds[1]);
	if (pid < 0 || read(fds[0], port, sizeof *port) != sizeof *port)
		die("no sinks");
	return pid;
}

/* ---- One measurement ---- */

struct result { int64_t last_ns, skew_ns, answer_ns; };

static void
board_clear(void)
{
	for (int i = 0; i < node_count; i++)
		atomic_store(&board->at_ns[i], 0);
}

/* False: somebody was not asked. */
static bool
board_read(int64_t start_ns, struct result *out)
{
	int64_t first_ns = INT64_MAX, last_ns = 0;

	for (int i = 0; i < node_count; i++) {
		const int64_t at_ns = atomic_load(&board->at_ns[i]);

		if (at_ns == 0)
			return false;
		first_ns = at_ns < first_ns ? at_ns : first_ns;
		last_ns = at_ns > last_ns ? at_ns : last_ns;
	}
	out->last_ns = last_ns - start_ns;
	out->skew_ns = last_ns - first_ns;
	return true;
}

/* ---- The runner: rounds of each kind in turn, on the console's own loop ---- */

enum kind { KIND_CONSOLE, KIND_CURL, KIND_WRITE, KINDS };

struct run {
	struct loop *loop;
	struct http *http;
	struct registry *reg;
	struct bus *bus;
	struct opt_set *settings;
	struct crew *crew;
	struct fanout *fanout;
	struct loop_timer *timer;
	struct target_set targets;
	int port, rounds, round;
	enum kind kind;
	int64_t start_ns, began_ns;
	int bad;
	int raw[MOST_NODES];		/* warm sockets of KIND_WRITE */
	struct result results[KINDS][MOST_ROUNDS];
};

static void step(void *arg);

static void
next_round(struct run *r, bool ok)
{
	if (!ok)
		r->bad++;
	r->kind = (enum kind)((r->kind + 1) % KINDS);
	if (r->kind == KIND_CONSOLE)
		r->round++;
	loop_timer_start(r->loop, r->timer, 150000, 0);	/* let everything settle; keep-alives stay warm */
}

static void
console_done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct run *r = arg;
	struct result *out = &r->results[KIND_CONSOLE][r->round];

	out->answer_ns = now_ns() - r->start_ns;
	(void)took_us;
	next_round(r, ledger_acked(l) == node_count && board_read(r->start_ns, out));
}

static void
run_console(struct run *r)
{
	static const struct fanout_fns fns = { .done = console_done };
	struct node_request request = { .verb = NODE_MARKER };

	strcpy(request.name, "clap");
	fanout_send(r->fanout, &request, &r->targets, NULL, &fns, r);
}

static void
run_curl(struct run *r)
{
	char url[96];
	char *const argv[] = { "curl", "-s", "--parallel", "--parallel-immediate", "--parallel-max", "300", "-H",
		"Content-Type: application/json", "-d", BODY, "-o", "/dev/null", url, NULL };
	struct result *out = &r->results[KIND_CURL][r->round];
	posix_spawn_file_actions_t actions;
	int status = 0;
	pid_t pid;

	snprintf(url, sizeof url, "http://127.1.0.[1-%d]:%d/marker", node_count, r->port);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);	/* its progress meter */
	r->start_ns = now_ns();
	if (posix_spawnp(&pid, "curl", &actions, NULL, argv, environ) != 0)
		die("curl");
	waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	out->answer_ns = now_ns() - r->start_ns;
	next_round(r, status == 0 && board_read(r->start_ns, out));
}

static int
raw_connect(int node, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	const int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char host[32];

	node_host(node, host);
	inet_pton(AF_INET, host, &a.sin_addr);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		die(host);
	return fd;
}

/* What the machine can do: nothing but the unavoidable system calls. */
static void
run_write(struct run *r)
{
	static const char request[] = "POST /marker HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n" BODY;
	struct result *out = &r->results[KIND_WRITE][r->round];
	char bytes[4096];
	bool ok = true;

	for (int i = 0; i < node_count; i++)
		ok &= write(r->raw[i], request, sizeof request - 1) == (ssize_t)sizeof request - 1;
	for (int i = 0; i < node_count; i++)
		ok &= read(r->raw[i], bytes, sizeof bytes) > 0;
	out->answer_ns = now_ns() - r->start_ns;
	next_round(r, ok && board_read(r->start_ns, out));
}

static void
step(void *arg)
{
	static void (*const runs[KINDS])(struct run *r) = { run_console, run_curl, run_write };
	struct run *r = arg;

	if (r->round == r->rounds || r->bad > 3) {
		loop_stop(r->loop);
		return;
	}
	board_clear();
	r->start_ns = now_ns();
	runs[r->kind](r);
}

/* All connected and compared clocks: what a show looks like before the press. */
static void
wait_ready(void *arg)
{
	struct run *r = arg;

	if (crew_live_count(r->crew) < node_count) {
		if (now_ns() - r->began_ns > 30000000000LL) {
			fprintf(stderr, "bench_fanout: only %d of %d nodes are live\n", crew_live_count(r->crew), node_count);
			r->bad = 99;
			loop_stop(r->loop);
		}
		return;
	}
	loop_timer_free(r->loop, r->timer);
	r->timer = loop_timer_new(r->loop, step, r);
	loop_timer_start(r->loop, r->timer, 3000000, 0);
}

static void
build(struct run *r)
{
	r->loop = loop_uv_new(2);
	r->http = http_new(r->loop);
	r->reg = registry_new();
	r->bus = bus_new();
	r->settings = opt_set_new(settings_table);
	r->crew = crew_new(r->loop, r->http, r->reg, r->bus, clk_system(), r->settings);
	r->fanout = fanout_new(r->loop, r->crew, r->bus);
	r->targets.count = node_count;
	for (int i = 0; i < node_count; i++) {
		struct registry_address a = { .port = r->port, .via = VIA_MANUAL };

		node_host(i, a.host);
		a.kind = registry_path_of(a.host);
		crew_add_address(r->crew, &a);
		snprintf(r->targets.ids[i], ID_BYTES, "bench-%03d", i);
		r->raw[i] = raw_connect(i, r->port);
	}
	r->began_ns = now_ns();
	r->timer = loop_timer_new(r->loop, wait_ready, r);
	loop_timer_start(r->loop, r->timer, 0, 50000);
}

static void
tear_down(struct run *r)
{
	loop_timer_free(r->loop, r->timer);
	fanout_free(r->fanout);
	crew_free(r->crew);
	opt_set_free(r->settings);
	bus_free(r->bus);
	registry_free(r->reg);
	http_free(r->http);
	loop_free(r->loop);
	for (int i = 0; i < node_count; i++)
		close(r->raw[i]);
}

/* ---- The report ---- */

static int
by_size(const void *left, const void *right)
{
	const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static double
median_ms(const struct run *r, enum kind kind, size_t field)
{
	int64_t values[MOST_ROUNDS];

	for (int i = 0; i < r->rounds; i++)
		memcpy(&values[i], (const char *)&r->results[kind][i] + field, sizeof values[i]);
	qsort(values, (size_t)r->rounds, sizeof values[0], by_size);
	return (double)values[r->rounds / 2] / 1e6;
}

static void
report(const struct run *r)
{
	static const char *const names[KINDS] = { "livedirector, warm", "curl --parallel", "bare write(), warm" };
	double last_ms[KINDS];

	printf("fan-out of one POST to %d nodes on loopback, %d alternating rounds, medians in ms\n", node_count, r->rounds);
	printf("%-20s %14s %14s %14s\n", "", "last request", "first to last", "last answer");
	for (int k = 0; k < KINDS; k++) {
		last_ms[k] = median_ms(r, (enum kind)k, offsetof(struct result, last_ns));
		printf("%-20s %14.2f %14.2f %14.2f\n", names[k], last_ms[k], median_ms(r, (enum kind)k, offsetof(struct result, skew_ns)),
		    median_ms(r, (enum kind)k, offsetof(struct result, answer_ns)));
	}
	printf("ratio livedirector / curl --parallel = %.3f   livedirector / bare write() = %.2f\n",
	    last_ms[KIND_CONSOLE] / last_ms[KIND_CURL], last_ms[KIND_CONSOLE] / last_ms[KIND_WRITE]);
}

int
main(int argc, char **argv)
{
	struct run *r = calloc(1, sizeof *r);
	const struct rlimit files = { 8192, 8192 };
	pid_t sinks;
	int bad;

	if (r == NULL)
		die("memory");
	node_count = argc > 1 ? atoi(argv[1]) : 64;
	r->rounds = argc > 2 ? atoi(argv[2]) : 9;
	if (node_count < 1 || node_count > MOST_NODES || r->rounds < 1 || r->rounds > MOST_ROUNDS) {
		fprintf(stderr, "usage: bench_fanout [NODES [ROUNDS]], at most %d and %d\n", MOST_NODES, MOST_ROUNDS);
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &files);
	sinks = sink_start(&r->port);
	build(r);
	loop_run(r->loop);
	bad = r->bad;
	tear_down(r);
	kill(sinks, SIGKILL);
	waitpid(sinks, NULL, 0);
	if (bad > 0)
		fprintf(stderr, "bench_fanout: %d rounds were not complete\n", bad);
	else
		report(r);
	free(r);
	return bad > 0;
}
