/*
 * mjpeg_source.c - motion JPEG cameras for the benches: one process, one port each on 127.0.0.1, real sockets.
 * Owns its clips, read whole at the start, so that sending costs little more than the kernel's copy.
 * Never waits for a client: one that has not taken a picture when the next is due misses that one, as with a camera.
 *
 *	mjpeg_source [-n CAMERAS] [-p FIRST PORT] [-f FPS] [-o] [-s] CLIP...
 *
 * A CLIP is JPEGs one behind the other (ffmpeg -c:v mjpeg -f mjpeg); camera i shows clip i modulo their number, each
 * from another frame on.  Port 0 (the default): whichever are free.  -o obeys ?fps= in a request, as a node does.
 * -s sends the same frame for ever.  Prints "port PORT" for each camera, then "ready"; SIGTERM ends it, and it says
 * how many pictures it sent, and how many were missed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "base/xalloc.h"

#define MOST_CAMERAS 256
#define MOST_CLIENTS 512
#define REQUEST_BYTES 4096

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n"
    "Cache-Control: no-store\r\n\r\n";

struct frame { const char *bytes; size_t len; };
struct clip { char *bytes; struct frame *frames; int count; };

struct client {
	int fd, camera, fps;
	char request[REQUEST_BYTES];
	size_t request_len;
	bool streaming;
	int64_t due_us;
	char head[256];			/* of the part under way */
	struct iovec left[3];		/* what is still to be written of it */
	int64_t number;
};

struct source {
	struct clip *clips;
	int clip_count, cameras, fps;
	bool obeys, stands_still;
	int listeners[MOST_CAMERAS];
	struct client *clients[MOST_CLIENTS];
	int client_count;
	int64_t began_us, sent, missed;
};

static volatile sig_atomic_t stopped;

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "mjpeg_source: %s: %s\n", what, strerror(errno));
	exit(4);
}

static void
on_signal(int signo)
{
	(void)signo;
	stopped = 1;
}

static int64_t
clock_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- Clips ---- */

static size_t
load(const char *path, char **bytes)
{
	FILE *f = fopen(path, "rb");
	long len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) <= 0)
		die(path);
	rewind(f);
	*bytes = xmalloc((size_t)len);
	if (fread(*bytes, 1, (size_t)len, f) != (size_t)len)
		die(path);
	fclose(f);
	return (size_t)len;
}

/* 0xff 0xd9 ends a picture: in the entropy-coded bytes every 0xff is stuffed. */
static void
split(struct clip *c, size_t len)
{
	const char *at = c->bytes, *end = c->bytes + len, *stop;

	while ((stop = memmem(at, (size_t)(end - at), "\xff\xd9", 2)) != NULL) {
		c->frames = xreallocarray(c->frames, (size_t)c->count + 1, sizeof *c->frames);
		c->frames[c->count++] = (struct frame){ at, (size_t)(stop + 2 - at) };
		at = stop + 2;
	}
}

/* ---- Clients ---- */

static void
client_drop(struct source *s, int i)
{
	close(s->clients[i]->fd);
	free(s->clients[i]);
	s->clients[i] = s->clients[--s->client_count];
}

static void
client_take(struct source *s, int camera)
{
	struct client *c;
	int fd = accept4(s->listeners[camera], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (s->client_count == MOST_CLIENTS) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof *c);
	c->fd = fd;
	c->camera = camera;
	c->fps = s->fps;
	s->clients[s->client_count++] = c;
}

/* Cameras do not all send at the same moment. */
static void
client_start(struct source *s, struct client *c)
{
	const char *fps = strstr(c->request, "fps=");
	const int64_t interval_us = 1000000 / s->fps;

	if (s->obeys && fps != NULL && atoi(fps + 4) > 0 && atoi(fps + 4) < s->fps)
		c->fps = atoi(fps + 4);
	c->streaming = true;
	c->due_us = clock_us(CLOCK_MONOTONIC) + interval_us * c->camera / s->cameras;
	c->left[0] = (struct iovec){ (void *)(uintptr_t)answer, sizeof answer - 1 };
}

/* False: it has left. */
static bool
client_read(struct source *s, struct client *c)
{
	char rest[512];
	ssize_t n = c->streaming ? read(c->fd, rest, sizeof rest)
	    : read(c->fd, c->request + c->request_len, REQUEST_BYTES - 1 - c->request_len);

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	if (c->streaming)
		return true;
	c->request_len += (size_t)n;
	c->request[c->request_len] = '\0';
	if (strstr(c->request, "\r\n\r\n") != NULL)
		client_start(s, c);
	return c->request_len < REQUEST_BYTES - 1;
}

static bool
has_bytes_left(const struct client *c)
{
	return c->left[0].iov_len + c->left[1].iov_len + c->left[2].iov_len > 0;
}

static bool
client_write(struct client *c)
{
	ssize_t n = writev(c->fd, c->left, 3);

	if (n < 0)
		return errno == EAGAIN;
	for (int i = 0; i < 3; i++) {
		size_t part = (size_t)n < c->left[i].iov_len ? (size_t)n : c->left[i].iov_len;

		c->left[i].iov_base = (char *)c->left[i].iov_base + part;
		c->left[i].iov_len -= part;
		n -= (ssize_t)part;
	}
	return true;
}

static void
client_load_frame(struct source *s, struct client *c, int64_t now_us)
{
	const struct clip *clip = &s->clips[c->camera % s->clip_count];
	const int64_t tick = s->stands_still ? 0 : (now_us - s->began_us) * s->fps / 1000000;
	const struct frame *f = &clip->frames[(tick + c->camera * 7) % clip->count];
	int len = snprintf(c->head, sizeof c->head, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n"
	    "X-Timestamp-Us: %lld\r\nX-Frame: %lld\r\n\r\n", f->len, (long long)clock_us(CLOCK_REALTIME), (long long)c->number++);

	c->left[0] = (struct iovec){ c->head, (size_t)len };
	c->left[1] = (struct iovec){ (void *)(uintptr_t)f->bytes, f->len };
	c->left[2] = (struct iovec){ (void *)(uintptr_t)"\r\n", 2 };
	s->sent++;
}

/* False: it has left. */
static bool
client_turn(struct source *s, struct client *c, int64_t now_us)
{
	if (!c->streaming)
		return true;
	if (now_us >= c->due_us) {
		c->due_us += 1000000 / c->fps;
		if (c->due_us < now_us)
			c->due_us = now_us;
		if (has_bytes_left(c))
			s->missed++;
		else
			client_load_frame(s, c, now_us);
	}
	return !has_bytes_left(c) || client_write(c);
}

/* ---- The loop ---- */

static int
listen_at(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
	    || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 64) != 0
	    || getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		die("listen");
	printf("port %d\n", ntohs(at.sin_port));
	return fd;
}

static int
wait_ms(const struct source *s, int64_t now_us)
{
	int64_t next_us = now_us + 1000000;

	for (int i = 0; i < s->client_count; i++)
		if (s->clients[i]->streaming && s->clients[i]->due_us < next_us)
			next_us = s->clients[i]->due_us;
	return next_us <= now_us ? 0 : (int)((next_us - now_us + 999) / 1000);
}

static void
turn(struct source *s)
{
	static struct pollfd polls[MOST_CAMERAS + MOST_CLIENTS];
	const int before = s->client_count;

	for (int i = 0; i < s->cameras; i++)
		polls[i] = (struct pollfd){ .fd = s->listeners[i], .events = POLLIN };
	for (int i = 0; i < before; i++)
		polls[s->cameras + i] = (struct pollfd){ .fd = s->clients[i]->fd,
			.events = (short)(POLLIN | (has_bytes_left(s->clients[i]) ? POLLOUT : 0)) };
	if (poll(polls, (nfds_t)(s->cameras + before), wait_ms(s, clock_us(CLOCK_MONOTONIC))) < 0)
		return;
	for (int i = before - 1; i >= 0; i--) {
		const bool readable = polls[s->cameras + i].revents & (POLLIN | POLLHUP | POLLERR);

		if ((readable && !client_read(s, s->clients[i])) || !client_turn(s, s->clients[i], clock_us(CLOCK_MONOTONIC)))
			client_drop(s, i);
	}
	for (int i = 0; i < s->cameras; i++)
		if (polls[i].revents & POLLIN)
			client_take(s, i);
}

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: mjpeg_source [-n CAMERAS] [-p FIRST PORT] [-f FPS] [-o] [-s] CLIP...\n");
	exit(2);
}

static int
options(struct source *s, int argc, char **argv)
{
	int port = 0, c;

	s->cameras = 1;
	s->fps = 30;
	while ((c = getopt(argc, argv, "n:p:f:os")) != -1) {
		if (c == 'n')
			s->cameras = atoi(optarg);
		else if (c == 'p')
			port = atoi(optarg);
		else if (c == 'f')
			s->fps = atoi(optarg);
		else if (c == 'o')
			s->obeys = true;
		else if (c == 's')
			s->stands_still = true;
		else
			usage();
	}
	if (optind == argc || s->cameras < 1 || s->cameras > MOST_CAMERAS || s->fps < 1 || s->fps > 1000 || port < 0 || port > 65000)
		usage();
	return port;
}

static void
finish(struct source *s)
{
	printf("sent %lld missed %lld\n", (long long)s->sent, (long long)s->missed);
	while (s->client_count > 0)
		client_drop(s, 0);
	for (int i = 0; i < s->cameras; i++)
		close(s->listeners[i]);
	for (int i = 0; i < s->clip_count; i++) {
		free(s->clips[i].bytes);
		free(s->clips[i].frames);
	}
	free(s->clips);
}

int
main(int argc, char **argv)
{
	struct source s = { .sent = 0 };
	const int port = options(&s, argc, argv);

	s.clip_count = argc - optind;
	s.clips = xcalloc((size_t)s.clip_count, sizeof *s.clips);
	for (int i = 0; i < s.clip_count; i++) {
		split(&s.clips[i], load(argv[optind + i], &s.clips[i].bytes));
		if (s.clips[i].count == 0) {
			fprintf(stderr, "mjpeg_source: %s: no JPEG in it\n", argv[optind + i]);
			return 2;
		}
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	for (int i = 0; i < s.cameras; i++)
		s.listeners[i] = listen_at(port > 0 ? port + i : 0);
	printf("ready\n");
	fflush(stdout);
	s.began_us = clock_us(CLOCK_MONOTONIC);
	while (!stopped)
		turn(&s);
	finish(&s);
	return 0;
}
