/*
 * meddler.c - stands between a console and its cameras, and does what networks and bad cameras do: falls silent, drops,
 * spoils a byte of a file, cuts it short, promises less, is slow.  Plain sockets, none of the product's code, so that one mistake
 * cannot hide on both sides.  Counts the bytes of each file that it has carried.
 *
 *	meddler [-r BYTES_A_SECOND] PORT...
 *
 * One way for each camera's port, numbered from 1.  First line: {"ready":true,"nodes":[{"port":N},...]}.  Then a line for each
 * transfer of a file, when it is over: "file WAY RECORDING FROM BYTES".  It is told on standard input, a line each, WAY may be *:
 *	pass WAY		as a cable
 *	silence WAY		connections stay, and new ones come about; nothing arrives
 *	cut WAY			connections are reset, and new ones at once
 *	rate WAY BYTES		a second, of files; 0: as fast as it goes
 *	corrupt WAY AT TIMES	so many answers have a wrong byte there
 *	end WAY AT TIMES	so many transfers end before that byte of the file, whatever was promised
 *	promise WAY BYTES	files have so many bytes by what the answer says; 0: the truth
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAYS 64
#define PAIRS 2048
#define CHUNK 16384
#define TURN_MS 10			/* so often a slow file is given its next bytes */

enum mode { MODE_PASS, MODE_SILENT, MODE_CUT };

struct way {
	int listener, port, target;
	enum mode mode;
	int64_t rate, corrupt_at, end_at, promise;
	int corrupt_times, end_times;
};

struct half {				/* bytes on their way in one direction */
	int from, to;
	char held[CHUNK + 1];
	int len;
	bool is_over;			/* no more comes in */
};

struct pair {				/* one connection */
	struct way *way;
	struct half up, down;		/* to the camera, to the console */
	bool is_file, is_body;
	char recording[96], asked[4096];
	int asked_len;
	int64_t from, at, allowed;	/* of the file; how far the rate lets it */
	bool corrupts, ends;
};

static struct way ways[WAYS];
static struct pair *pairs[PAIRS];
static int way_count, pair_count;
static bool is_deaf;			/* nobody tells anything any more */
static int64_t last_turn_ms;

static void
die(const char *what)
{
	fprintf(stderr, "meddler: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- Sockets ---- */

static struct sockaddr_in
local(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void
way_open(struct way *w, int target)
{
	struct sockaddr_in at = local(0);
	socklen_t len = sizeof at;

	w->target = target;
	w->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->listener < 0 || bind(w->listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(w->listener, 64) != 0 ||
	    getsockname(w->listener, (struct sockaddr *)&at, &len) != 0)
		die("a port of its own");
	w->port = ntohs(at.sin_port);
}

static void
reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(fd);
}

static void
pair_end(int i, bool is_reset)
{
	struct pair *p = pairs[i];

	if (p->is_body)
		printf("file %d %s %lld %lld\n", (int)(p->way - ways) + 1, p->recording, (long long)p->from, (long long)(p->at - p->from));
	if (is_reset) {
		reset(p->down.to);
		reset(p->up.to);
	} else {
		close(p->down.to);
		close(p->up.to);
	}
	free(p);
	pairs[i] = pairs[--pair_count];
}

static void
pair_add(struct way *w)
{
	int there = accept4(w->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), here;
	const int small = 4096, one = 1;
	const struct sockaddr_in to = local(w->target);
	struct pair *p;

	if (there < 0)
		return;
	here = w->mode == MODE_CUT || pair_count == PAIRS ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (here < 0 || connect(here, (const struct sockaddr *)&to, sizeof to) != 0) {
		reset(there);
		if (here >= 0)
			close(here);
		return;
	}
	fcntl(here, F_SETFL, O_NONBLOCK);
	/* What is counted as carried shall not lie about here. */
	setsockopt(there, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	setsockopt(there, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(here, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	p = calloc(1, sizeof *p);
	if (p == NULL)
		die("a connection");
	p->way = w;
	p->up.from = p->down.to = there;
	p->up.to = p->down.from = here;
	pairs[pair_count++] = p;
}

/* ---- What is asked, and the head of the answer ---- */

/* GET /recordings/ID/file; Range is its first byte. */
static void
look_at_request(struct pair *p)
{
	char *end = strstr(p->asked, "\r\n\r\n"), *range;
	long long from = 0;

	if (end == NULL)
		return;
	*end = '\0';
	if (sscanf(p->asked, "GET /recordings/%95[^/ ]/file", p->recording) == 1 && strstr(p->asked, "/file HTTP/") != NULL) {
		p->is_file = true;
		range = strcasestr(p->asked, "\nrange: bytes=");
		if (range != NULL)
			from = strtoll(range + strlen("\nrange: bytes="), NULL, 10);
		p->from = p->at = p->allowed = from;
	}
	p->asked_len = (int)sizeof p->asked;	/* one request is looked at, the first */
}

static void
note_request(struct pair *p, const char *bytes, int len)
{
	const int room = (int)sizeof p->asked - 1 - p->asked_len;

	if (room <= 0)
		return;
	memcpy(p->asked + p->asked_len, bytes, (size_t)(len < room ? len : room));
	p->asked_len += len < room ? len : room;
	p->asked[p->asked_len] = '\0';
	look_at_request(p);
}

/* Another length in the head: the truth is replaced digit by digit, in a head made anew. */
static void
rewrite_head(struct pair *p, int head_len)
{
	struct half *d = &p->down;
	char head[CHUNK + 256], body[CHUNK];
	const int body_len = d->len - head_len;
	char *save = NULL, *line;
	int len = 0;

	memcpy(body, d->held + head_len, (size_t)body_len);
	d->held[head_len - 2] = '\0';
	for (line = strtok_r(d->held, "\r\n", &save); line != NULL; line = strtok_r(NULL, "\r\n", &save)) {
		if (strncasecmp(line, "content-length:", 15) == 0)
			len += sprintf(head + len, "Content-Length: %lld\r\n", (long long)(p->way->promise - p->from));
		else if (strncasecmp(line, "content-range:", 14) == 0)
			len += sprintf(head + len, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)p->from,
			    (long long)(p->way->promise - 1), (long long)p->way->promise);
		else
			len += sprintf(head + len, "%s\r\n", line);
	}
	len += sprintf(head + len, "\r\n");
	memcpy(d->held, head, (size_t)len);
	memcpy(d->held + len, body, (size_t)body_len);
	d->len = len + body_len;
}

/* The head as a whole, at the front of what is held: its length; 0: not there yet. */
static int
head_length(struct half *d)
{
	char *end;

	d->held[d->len] = '\0';
	end = memmem(d->held, (size_t)d->len, "\r\n\r\n", 4);
	return end != NULL ? (int)(end - d->held) + 4 : 0;
}

static bool
send_all(int fd, const char *bytes, int len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, (size_t)len, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			return false;
		if (sent < 0)
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 100);
		else
			bytes += sent, len -= (int)sent;
	}
	return true;
}

/* The head goes out in one piece; what follows is body, and counted.  False: the connection is over. */
static bool
pass_head(struct pair *p)
{
	struct half *d = &p->down;
	int head_len = head_length(d);
	struct way *w = p->way;

	if (head_len == 0)
		return d->len < CHUNK;
	if (strncmp(d->held, "HTTP/1.1 20", 11) != 0) {		/* a refusal: nothing of a file */
		p->is_file = false;
		return true;
	}
	if (w->promise > 0) {
		if (p->from >= w->promise)
			return false;
		rewrite_head(p, head_len);
		head_len = head_length(d);
	}
	p->corrupts = w->corrupt_times > 0 && w->corrupt_at >= p->from;
	w->corrupt_times -= p->corrupts;
	p->ends = w->end_times > 0 && w->end_at >= p->from;
	w->end_times -= p->ends;
	p->is_body = true;
	if (!send_all(d->to, d->held, head_len))
		return false;
	d->len -= head_len;
	memmove(d->held, d->held + head_len, (size_t)d->len);
	return true;
}

/* ---- Bytes ---- */

/* How many of those held may go out now. */
static int
allowance(const struct pair *p)
{
	int64_t most = p->down.len;

	if (!p->is_body)
		return (int)most;
	if (p->way->rate > 0 && p->allowed - p->at < most)
		most = p->allowed - p->at;
	if (p->ends && p->way->end_at - p->at < most)
		most = p->way->end_at - p->at;
	if (p->way->promise > 0 && p->way->promise - p->at < most)
		most = p->way->promise - p->at;
	return most > 0 ? (int)most : 0;
}

static bool
is_at_its_end(const struct pair *p)
{
	return p->is_body && ((p->ends && p->at >= p->way->end_at) || (p->way->promise > 0 && p->at >= p->way->promise));
}

static void
spoil(struct pair *p, int len)
{
	const int64_t at = p->way->corrupt_at - p->at;

	if (p->is_body && p->corrupts && at >= 0 && at < len) {
		p->down.held[at] ^= 0x20;
		p->corrupts = false;
	}
}

/* False: the connection is over. */
static bool
half_send(struct pair *p, struct half *h)
{
	const bool is_down = h == &p->down;
	const int len = is_down ? allowance(p) : h->len;
	ssize_t sent;

	if (len > 0) {
		if (is_down)
			spoil(p, len);
		sent = send(h->to, h->held, (size_t)len, MSG_NOSIGNAL);
		if (sent < 0)
			return errno == EAGAIN;
		h->len -= (int)sent;
		memmove(h->held, h->held + sent, (size_t)h->len);
		if (is_down)
			p->at += p->is_body ? sent : 0;
	}
	if (is_down && is_at_its_end(p))
		return false;
	return !h->is_over || h->len > 0;
}

static bool
half_read(struct pair *p, struct half *h)
{
	ssize_t got = recv(h->from, h->held + h->len, (size_t)(CHUNK - h->len), 0);

	if (got < 0)
		return errno == EAGAIN;
	if (got == 0)
		h->is_over = true;
	if (h == &p->up)
		note_request(p, h->held + h->len, (int)got);
	h->len += (int)got;
	return true;
}

/* One turn of a connection.  False: it is over. */
static bool
pair_turn(struct pair *p, int64_t passed_ms)
{
	if (p->is_body && p->way->rate > 0)
		p->allowed += p->way->rate * passed_ms / 1000;
	if (p->up.len < CHUNK && !half_read(p, &p->up))
		return false;
	if (p->up.is_over)
		return false;			/* consoles do not close by halves */
	if (!p->down.is_over && p->down.len < CHUNK && !half_read(p, &p->down))
		return false;
	if (p->is_file && !p->is_body && p->down.len > 0 && !pass_head(p))
		return false;
	if (p->up.len > 0 && !half_send(p, &p->up))
		return false;
	if (p->is_file && !p->is_body)
		return !p->down.is_over;
	return half_send(p, &p->down);
}

/* ---- What it is told ---- */

static void
way_told(struct way *w, const char *verb, long long a, long long b)
{
	if (strcmp(verb, "pass") == 0)
		w->mode = MODE_PASS;
	else if (strcmp(verb, "silence") == 0)
		w->mode = MODE_SILENT;
	else if (strcmp(verb, "cut") == 0)
		w->mode = MODE_CUT;
	else if (strcmp(verb, "rate") == 0)
		w->rate = a;
	else if (strcmp(verb, "promise") == 0)
		w->promise = a;
	else if (strcmp(verb, "corrupt") == 0)
		w->corrupt_at = a, w->corrupt_times = (int)b;
	else if (strcmp(verb, "end") == 0)
		w->end_at = a, w->end_times = (int)b;
	else
		fprintf(stderr, "meddler: what is \"%s\"?\n", verb);
}

static void
listen_to(char *line)
{
	char verb[16], which[16];
	long long a = 0, b = 0;

	if (sscanf(line, "%15s %15s %lld %lld", verb, which, &a, &b) < 2)
		return;
	for (int i = 0; i < way_count; i++)
		if (which[0] == '*' || atoi(which) == i + 1)
			way_told(&ways[i], verb, a, b);
	printf("told %s %s\n", verb, which);
}

/* Standard input may end: it goes on as it is. */
static void
hear(void)
{
	static char text[1024];
	static int len;
	char *end;
	ssize_t got = read(STDIN_FILENO, text + len, sizeof text - 1 - (size_t)len);

	is_deaf = got == 0;
	if (got <= 0)
		return;
	len += (int)got;
	text[len] = '\0';
	while ((end = strchr(text, '\n')) != NULL) {
		*end++ = '\0';
		listen_to(text);
		len -= (int)(end - text);
		memmove(text, end, (size_t)len + 1);
	}
}

/* ---- Turns ---- */

static bool
is_stopped(const struct pair *p)
{
	return p->way->mode == MODE_SILENT;
}

static short
wish_of(const struct half *h)
{
	return !h->is_over && h->len < CHUNK ? POLLIN : 0;
}

static void
wait_for_something(void)
{
	static struct pollfd fds[2 * PAIRS + WAYS + 1];
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ .fd = is_deaf ? -1 : STDIN_FILENO, .events = POLLIN };
	for (int i = 0; i < way_count; i++)
		fds[n++] = (struct pollfd){ .fd = ways[i].listener, .events = POLLIN };
	for (int i = 0; i < pair_count; i++) {
		const struct pair *p = pairs[i];

		if (is_stopped(p))
			continue;
		fds[n++] = (struct pollfd){ .fd = p->up.from, .events = (short)(wish_of(&p->up) | (allowance(p) > 0 ? POLLOUT : 0)) };
		fds[n++] = (struct pollfd){ .fd = p->down.from, .events = (short)(wish_of(&p->down) | (p->up.len > 0 ? POLLOUT : 0)) };
	}
	poll(fds, n, TURN_MS);
	if (fds[0].revents & POLLIN)
		hear();
	for (int i = 0; i < way_count; i++)
		if (fds[1 + i].revents & POLLIN)
			pair_add(&ways[i]);
}

static void
turn(void)
{
	const int64_t now = now_ms(), passed = now - last_turn_ms;

	last_turn_ms = now;
	for (int i = pair_count - 1; i >= 0; i--) {
		if (pairs[i]->way->mode == MODE_CUT)
			pair_end(i, true);
		else if (!is_stopped(pairs[i]) && !pair_turn(pairs[i], passed))
			pair_end(i, false);
	}
}

int
main(int argc, char **argv)
{
	int64_t rate = 0;
	int opt;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((opt = getopt(argc, argv, "r:")) != -1)
		rate = atoll(optarg);
	for (int i = optind; i < argc && way_count < WAYS; i++) {
		ways[way_count].rate = rate;
		way_open(&ways[way_count++], atoi(argv[i]));
	}
	printf("{\"ready\":true,\"nodes\":[");
	for (int i = 0; i < way_count; i++)
		printf("%s{\"port\":%d}", i > 0 ? "," : "", ways[i].port);
	printf("]}\n");
	last_turn_ms = now_ms();
	for (;;) {
		wait_for_something();
		turn();
	}
}
