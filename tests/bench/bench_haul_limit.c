/*
 * bench_haul_limit.c - the least that bringing files home takes: receive, hash while receiving, write, flush.  Plain sockets,
 * HTTP read by the first blank line, no resume, no state, no names: own code, to be compared with.  And a server of files
 * (sendfile) for where nginx is not installed.
 *
 *	bench_haul_limit fetch THREADS PORT FOLDER NAME...
 *	bench_haul_limit serve FOLDER			prints its port; ends with its standard input
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK (1024 * 1024)
#define FILES_MAX 64

static void
need(bool ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static int
port_socket(int port, struct sockaddr_in *a)
{
	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* ---- Fetching ---- */

struct one {
	const char *name;
	int in, out;
	int64_t got, len;
	EVP_MD_CTX *hash;
	unsigned char sum[32];
};

struct lane {
	pthread_t thread;
	struct one *files;
	int first, step, count, port;
	const char *folder;
};

static void
begin(const struct lane *k, struct one *f, int poll_fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = f };
	struct sockaddr_in a;
	char text[512];
	int size = 4 << 20;

	f->in = port_socket(k->port, &a);
	setsockopt(f->in, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	need(connect(f->in, (struct sockaddr *)&a, sizeof a) == 0, "connect");
	snprintf(text, sizeof text, "GET /%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", f->name);
	need(write(f->in, text, strlen(text)) == (ssize_t)strlen(text), "write");
	snprintf(text, sizeof text, "%s/%s", k->folder, f->name);
	f->out = open(text, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0666);
	need(f->out >= 0, text);
	f->len = -1;
	f->hash = EVP_MD_CTX_new();
	EVP_DigestInit_ex(f->hash, EVP_sha256(), NULL);
	epoll_ctl(poll_fd, EPOLL_CTL_ADD, f->in, &e);
}

static void
finish(struct one *f)
{
	EVP_DigestFinal_ex(f->hash, f->sum, NULL);
	EVP_MD_CTX_free(f->hash);
	need(fsync(f->out) == 0, "fsync");
	close(f->out);
	close(f->in);
}

/* True: it is complete. */
static bool
receive(struct one *f, char *block)
{
	ssize_t n = recv(f->in, block, BLOCK - 1, 0);
	char *at = block;

	need(n > 0, f->name);
	if (f->len < 0) {
		char *end, *length;

		block[n] = '\0';
		end = strstr(block, "\r\n\r\n");
		length = strcasestr(block, "Content-Length:");
		need(end != NULL && length != NULL, "head");
		f->len = strtoll(length + 15, NULL, 10);
		n -= end + 4 - block;
		at = end + 4;
		(void)!posix_fallocate(f->out, 0, f->len);
	}
	EVP_DigestUpdate(f->hash, at, (size_t)n);
	need(write(f->out, at, (size_t)n) == n, "write");
	f->got += n;
	return f->got == f->len;
}

static void *
lane_thread(void *arg)
{
	struct lane *k = arg;
	struct epoll_event events[FILES_MAX];
	int poll_fd = epoll_create1(EPOLL_CLOEXEC), left = 0;
	char *block = malloc(BLOCK);

	for (int i = k->first; i < k->count; i += k->step, left++)
		begin(k, &k->files[i], poll_fd);
	while (left > 0) {
		int n = epoll_wait(poll_fd, events, FILES_MAX, -1);

		for (int i = 0; i < n; i++)
			if (receive(events[i].data.ptr, block)) {
				finish(events[i].data.ptr);
				left--;
			}
	}
	free(block);
	close(poll_fd);
	return NULL;
}

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
fetch_main(int argc, char **argv)
{
	static struct one files[FILES_MAX];
	struct lane lanes[8];
	int threads = (int)strtol(argv[2], NULL, 10), count = argc - 5;
	double begun = seconds(CLOCK_MONOTONIC);

	for (int i = 0; i < count; i++)
		files[i].name = argv[5 + i];
	for (int i = 0; i < threads; i++) {
		lanes[i] = (struct lane){ .files = files, .first = i, .step = threads, .count = count, .port = (int)strtol(argv[3], NULL, 10), .folder = argv[4] };
		need(pthread_create(&lanes[i].thread, NULL, lane_thread, &lanes[i]) == 0, "pthread_create");
	}
	for (int i = 0; i < threads; i++)
		pthread_join(lanes[i].thread, NULL);
	printf("wall %.3f cpu %.3f\n", seconds(CLOCK_MONOTONIC) - begun, seconds(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}

/* ---- Serving ---- */

static const char *served;

static void *
serve_one(void *arg)
{
	int fd = (int)(intptr_t)arg, file;
	char head[4096], path[512], name[128];
	ssize_t n = recv(fd, head, sizeof head - 1, 0);
	struct stat st;
	off_t at = 0;

	head[n > 0 ? n : 0] = '\0';
	if (sscanf(head, "GET /%127[A-Za-z0-9._-] ", name) == 1) {
		snprintf(path, sizeof path, "%s/%s", served, name);
		file = open(path, O_RDONLY | O_CLOEXEC);
		if (file >= 0 && fstat(file, &st) == 0) {
			dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\nAccept-Ranges: bytes\r\nConnection: close\r\n\r\n", (long long)st.st_size);
			while (at < st.st_size && sendfile(fd, file, &at, (size_t)(st.st_size - at)) > 0)
				;
		} else
			dprintf(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
		close(file);
	}
	close(fd);
	return NULL;
}

static void *
serve_thread(void *arg)
{
	int listener = *(int *)arg, fd;
	pthread_t thread;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		need(pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)fd) == 0, "pthread_create");
		pthread_detach(thread);
	}
	return NULL;
}

static int
serve_main(const char *folder)
{
	struct sockaddr_in a;
	socklen_t len = sizeof a;
	int listener = port_socket(0, &a);
	pthread_t thread;

	served = folder;
	need(bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 64) == 0 && getsockname(listener, (struct sockaddr *)&a, &len) == 0, "listen");
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	need(pthread_create(&thread, NULL, serve_thread, &listener) == 0, "pthread_create");
	while (getchar() != EOF)
		;
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 5 && strcmp(argv[1], "fetch") == 0 && argc - 5 <= FILES_MAX && strtol(argv[2], NULL, 10) >= 1 && strtol(argv[2], NULL, 10) <= 8)
		return fetch_main(argc, argv);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve_main(argv[2]);
	fputs("usage: bench_haul_limit fetch THREADS PORT FOLDER NAME... | serve FOLDER\n", stderr);
	return 2;
}
