/*
 * file_server.c - the server of file_server.h.  None of the product's code but the hash, so that a mistake cannot hide on
 * both sides.
 */
#include "support/file_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "io/digest.h"

#define BLOCK (64 * 1024)
#define HEAD_BYTES 8192

struct file {
	int64_t bytes;
	unsigned seed;
	struct file_server_day day;
	struct file_server_seen seen;
};

struct talk {				/* one connection */
	struct file_server *server;
	int fd;
	struct talk *next;
};

struct file_server {
	int listener, port;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct file files[FILE_SERVER_FILES];
	int file_count;
	struct talk *talks;
	int open, most_open;
	bool stopping, unplugged;
};

/* ---- What is in a file ---- */

static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

void
file_server_bytes(unsigned seed, int64_t from, void *out, int64_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		uint64_t word = mix((uint64_t)seed << 40 ^ (uint64_t)(from / 8));
		int64_t skip = from % 8, take = 8 - skip < len ? 8 - skip : len;

		memcpy(at, (unsigned char *)&word + skip, (size_t)take);
		at += take;
		from += take;
		len -= take;
	}
}

void
file_server_sha256(int64_t bytes, unsigned seed, char out[65])
{
	struct digest *d = digest_new();
	char *block = malloc(BLOCK);

	for (int64_t at = 0; at < bytes; at += BLOCK) {
		int64_t len = bytes - at < BLOCK ? bytes - at : BLOCK;

		file_server_bytes(seed, at, block, len);
		digest_add(d, block, (size_t)len);
	}
	digest_hex(d, out);
	digest_free(d);
	free(block);
}

static void
etag_of(const struct file *f, char *out, size_t out_size)
{
	snprintf(out, out_size, "%s\"%u-%lld-%d\"", f->day.weak_etag ? "W/" : "", f->seed, (long long)f->bytes, f->day.etag_version);
}

/* ---- One answer ---- */

struct answer {
	struct file *file;
	struct file_server_day day;	/* as it was when it began */
	int status;
	int64_t from, to, total;
	bool corrupts;
};

static bool
header_of(const char *head, const char *name, char *out, size_t out_size)
{
	const char *line = head;
	size_t len = strlen(name);

	out[0] = '\0';
	while ((line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
			snprintf(out, out_size, "%.*s", (int)strcspn(line + len + 2, "\r\n"), line + len + 2);
			return true;
		}
	}
	return false;
}

static bool
send_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Lock held.  What the request asks for, and what the day makes of it. */
static void
plan(struct answer *a, const char *head)
{
	struct file *f = a->file;
	char range[64], if_range[128], etag[128], token[128];
	long long from = 0;
	bool ranged;

	etag_of(f, etag, sizeof etag);
	ranged = header_of(head, "Range", range, sizeof range) && sscanf(range, "bytes=%lld-", &from) == 1;
	header_of(head, "If-Range", if_range, sizeof if_range);
	header_of(head, "Authorization", token, sizeof token);
	f->seen.requests++;
	f->seen.ranged += ranged;
	f->seen.last_from = ranged ? from : -1;
	snprintf(f->seen.last_if_range, sizeof f->seen.last_if_range, "%s", if_range);
	snprintf(f->seen.last_token, sizeof f->seen.last_token, "%s", token);
	a->day = f->day;
	a->total = f->day.short_bytes > 0 ? f->day.short_bytes : f->bytes;
	a->from = 0;
	a->to = a->total;
	a->status = 200;
	if (f->day.refuse_times > 0) {
		f->day.refuse_times--;
		a->status = f->day.refuse_status;
	} else if (f->day.token != NULL && (strncmp(token, "Bearer ", 7) != 0 || strcmp(token + 7, f->day.token) != 0))
		a->status = 401;
	else if (ranged && !f->day.no_range && (if_range[0] == '\0' || strcmp(if_range, etag) == 0)) {
		a->status = from < a->total ? 206 : 416;
		a->from = from < a->total ? from : 0;
	}
	f->seen.answered_200 += a->status == 200;
	f->seen.answered_206 += a->status == 206;
	f->seen.answered_416 += a->status == 416;
	a->corrupts = f->day.corrupt_times > 0 && (a->status == 200 || a->status == 206) && f->day.corrupt_at >= a->from;
	if (a->corrupts)
		f->day.corrupt_times--;
}

static bool
send_head(int fd, const struct answer *a)
{
	char head[1024], etag[128];
	int len = snprintf(head, sizeof head, "HTTP/1.1 %d Status\r\nAccept-Ranges: bytes\r\nConnection: close\r\n", a->status);

	etag_of(a->file, etag, sizeof etag);
	if (!a->day.no_etag)
		len += snprintf(head + len, sizeof head - (size_t)len, "ETag: %s\r\n", etag);
	if (a->status == 206)
		len += snprintf(head + len, sizeof head - (size_t)len, "Content-Range: bytes %lld-%lld/%lld\r\n",
		    (long long)(a->from + (a->day.wrong_range ? 1 : 0)), (long long)a->to - 1, (long long)a->total);
	if (a->status == 416)
		len += snprintf(head + len, sizeof head - (size_t)len, "Content-Range: bytes */%lld\r\n", (long long)a->total);
	if (a->day.encoded)
		len += snprintf(head + len, sizeof head - (size_t)len, "Content-Encoding: gzip\r\n");
	if (a->day.retry_after_s > 0)
		len += snprintf(head + len, sizeof head - (size_t)len, "Retry-After: %d\r\n", a->day.retry_after_s);
	if (a->status != 200 && a->status != 206) {
		const char *body = a->day.refuse_body != NULL ? a->day.refuse_body : "";

		len += snprintf(head + len, sizeof head - (size_t)len, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	} else if (a->day.chunked)
		len += snprintf(head + len, sizeof head - (size_t)len, "Transfer-Encoding: chunked\r\n\r\n");
	else
		len += snprintf(head + len, sizeof head - (size_t)len, "Content-Length: %lld\r\n\r\n", (long long)(a->to - a->from));
	return send_all(fd, head, (size_t)len);
}

static void
rest(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

static bool
is_stopping(struct file_server *s)
{
	bool is;

	pthread_mutex_lock(&s->lock);
	is = s->stopping || s->unplugged;
	pthread_mutex_unlock(&s->lock);
	return is;
}

/* How far it may go on from `at`; `at` itself: it ends here.  Used-up drops go. */
static int64_t
next_stop(struct file_server *s, struct answer *a, int64_t at, bool *drops, bool *stalls)
{
	struct file_server_day *day = &a->file->day;
	int64_t stop = a->to;

	*drops = *stalls = false;
	pthread_mutex_lock(&s->lock);
	while (day->drop_count > 0 && day->drops[0] < a->from)
		memmove(day->drops, day->drops + 1, sizeof *day->drops * (size_t)--day->drop_count);
	if (day->drop_count > 0 && day->drops[0] < stop) {
		stop = day->drops[0];
		*drops = true;
	}
	if (day->cut_bytes > 0 && day->cut_bytes < stop) {
		stop = day->cut_bytes > at ? day->cut_bytes : at;
		*drops = true;
	}
	if (day->stall_times > 0 && day->stall_at >= at && day->stall_at < stop) {
		stop = day->stall_at;
		*drops = false;
		*stalls = true;
	}
	if (*drops && stop == at && day->drop_count > 0 && day->drops[0] == at)
		memmove(day->drops, day->drops + 1, sizeof *day->drops * (size_t)--day->drop_count);
	if (*stalls && stop == at)
		day->stall_times--;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

static bool
send_block(struct file_server *s, int fd, const struct answer *a, int64_t at, int64_t len)
{
	char block[BLOCK], chunk[32];

	file_server_bytes(a->file->seed, at, block, len);
	if (a->corrupts && a->day.corrupt_at >= at && a->day.corrupt_at < at + len)
		block[a->day.corrupt_at - at] ^= 1;
	if (a->day.chunked) {
		snprintf(chunk, sizeof chunk, "%llx\r\n", (unsigned long long)len);
		if (!send_all(fd, chunk, strlen(chunk)))
			return false;
	}
	if (!send_all(fd, block, (size_t)len) || (a->day.chunked && !send_all(fd, "\r\n", 2)))
		return false;
	pthread_mutex_lock(&s->lock);
	a->file->seen.body_bytes += len;
	pthread_mutex_unlock(&s->lock);
	if (a->day.bytes_a_second > 0)
		rest((long)(len * 1000000 / a->day.bytes_a_second));
	return true;
}

static void
wait_for_peer(struct file_server *s, int fd)
{
	char c;

	while (!is_stopping(s)) {
		ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return;
		rest(2000);
	}
}

static void
send_body(struct file_server *s, int fd, struct answer *a)
{
	int64_t at = a->from, most = a->day.bytes_a_second > 0 && a->day.bytes_a_second / 20 < BLOCK ? a->day.bytes_a_second / 20 + 1 : BLOCK;
	bool drops, stalls;

	while (!is_stopping(s)) {
		int64_t stop = next_stop(s, a, at, &drops, &stalls);

		if (stop <= at) {
			if (stalls)
				wait_for_peer(s, fd);
			if (a->day.reset && at < a->to) {
				struct linger now = { 1, 0 };

				setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
			}
			if (at >= a->to && a->day.chunked)
				send_all(fd, "0\r\n\r\n", 5);
			return;
		}
		if (!send_block(s, fd, a, at, stop - at < most ? stop - at : most))
			return;
		at += stop - at < most ? stop - at : most;
	}
}

/* ---- Connections ---- */

static bool
read_head(int fd, char *head, size_t room)
{
	size_t len = 0;

	while (len + 1 < room) {
		ssize_t n = recv(fd, head + len, room - 1 - len, 0);

		if (n <= 0)
			return false;
		len += (size_t)n;
		head[len] = '\0';
		if (strstr(head, "\r\n\r\n") != NULL)
			return true;
	}
	return false;
}

static void
answer(struct file_server *s, int fd, const char *head)
{
	struct answer a = { 0 };
	int number = -1;

	if (sscanf(head, "GET /%d ", &number) != 1 || number < 0 || number >= s->file_count) {
		send_all(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 45);
		return;
	}
	a.file = &s->files[number];
	pthread_mutex_lock(&s->lock);
	plan(&a, head);
	if (++a.file->seen.open > a.file->seen.most_open)
		a.file->seen.most_open = a.file->seen.open;
	pthread_mutex_unlock(&s->lock);
	if (send_head(fd, &a) && (a.status == 200 || a.status == 206))
		send_body(s, fd, &a);
	pthread_mutex_lock(&s->lock);
	a.file->seen.open--;
	pthread_mutex_unlock(&s->lock);
}

static void *
talk_thread(void *arg)
{
	struct talk *t = arg, **at;
	struct file_server *s = t->server;
	char head[HEAD_BYTES];

	if (read_head(t->fd, head, sizeof head))
		answer(s, t->fd, head);
	pthread_mutex_lock(&s->lock);
	for (at = &s->talks; *at != t; at = &(*at)->next)
		;
	*at = t->next;
	close(t->fd);
	s->open--;
	pthread_cond_signal(&s->ended);
	pthread_mutex_unlock(&s->lock);
	free(t);
	return NULL;
}

static void
take(struct file_server *s, int fd)
{
	struct talk *t = calloc(1, sizeof *t);
	pthread_attr_t attr;
	pthread_t thread;

	t->server = s;
	t->fd = fd;
	pthread_mutex_lock(&s->lock);
	if (s->unplugged || s->stopping) {
		pthread_mutex_unlock(&s->lock);
		close(fd);
		free(t);
		return;
	}
	t->next = s->talks;
	s->talks = t;
	if (++s->open > s->most_open)
		s->most_open = s->open;
	pthread_mutex_unlock(&s->lock);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, talk_thread, t) != 0)
		abort();
	pthread_attr_destroy(&attr);
}

static void *
listen_thread(void *arg)
{
	struct file_server *s = arg;
	int fd;

	while ((fd = accept(s->listener, NULL, NULL)) >= 0)
		take(s, fd);
	return NULL;
}

/* ---- Outside ---- */

struct file_server *
file_server_new(void)
{
	struct file_server *s = calloc(1, sizeof *s);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;

	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(s->listener, 128) != 0 ||
	    getsockname(s->listener, (struct sockaddr *)&a, &len) != 0)
		abort();
	s->port = ntohs(a.sin_port);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->ended, NULL);
	if (pthread_create(&s->thread, NULL, listen_thread, s) != 0)
		abort();
	return s;
}

static void
end_talks(struct file_server *s)
{
	for (struct talk *t = s->talks; t != NULL; t = t->next)
		shutdown(t->fd, SHUT_RDWR);
	while (s->talks != NULL)
		pthread_cond_wait(&s->ended, &s->lock);
}

void
file_server_free(struct file_server *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	end_talks(s);
	pthread_mutex_unlock(&s->lock);
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->ended);
	free(s);
}

void
file_server_pull_plug(struct file_server *s, bool out)
{
	pthread_mutex_lock(&s->lock);
	s->unplugged = out;
	if (out)
		end_talks(s);
	pthread_mutex_unlock(&s->lock);
}

int
file_server_port(const struct file_server *s)
{
	return s->port;
}

int
file_server_add(struct file_server *s, int64_t bytes, unsigned seed)
{
	int number;

	pthread_mutex_lock(&s->lock);
	number = s->file_count++;
	if (number >= FILE_SERVER_FILES)
		abort();
	s->files[number].bytes = bytes;
	s->files[number].seed = seed;
	pthread_mutex_unlock(&s->lock);
	return number;
}

void
file_server_url(const struct file_server *s, int file, char *out, int out_size)
{
	snprintf(out, (size_t)out_size, "http://127.0.0.1:%d/%d", s->port, file);
}

void
file_server_etag(struct file_server *s, int file, char *out, int out_size)
{
	pthread_mutex_lock(&s->lock);
	etag_of(&s->files[file], out, (size_t)out_size);
	pthread_mutex_unlock(&s->lock);
}

void
file_server_set(struct file_server *s, int file, const struct file_server_day *day)
{
	pthread_mutex_lock(&s->lock);
	s->files[file].day = *day;
	pthread_mutex_unlock(&s->lock);
}

void
file_server_get(struct file_server *s, int file, struct file_server_day *day)
{
	pthread_mutex_lock(&s->lock);
	*day = s->files[file].day;
	pthread_mutex_unlock(&s->lock);
}

void
file_server_seen(struct file_server *s, int file, struct file_server_seen *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->files[file].seen;
	pthread_mutex_unlock(&s->lock);
}

int
file_server_open(struct file_server *s)
{
	int open;

	pthread_mutex_lock(&s->lock);
	open = s->open;
	pthread_mutex_unlock(&s->lock);
	return open;
}

int
file_server_most_open(struct file_server *s)
{
	int most;

	pthread_mutex_lock(&s->lock);
	most = s->most_open;
	pthread_mutex_unlock(&s->lock);
	return most;
}
