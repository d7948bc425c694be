/*
 * fakenode.c - the scripted node's thread, sockets and knobs.  One poll() loop under one mutex.
 * It knows nothing of the contract (that is fakenode_talk.c) and nothing of the product.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "support/fakenode_private.h"

#define TICK_MS 5

int64_t
fake_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static _Noreturn void
give_up(const char *what)
{
	perror(what);
	abort();
}

/* An address bind() can take; IPv6 when there is a colon. */
static socklen_t
address_of(struct sockaddr_storage *out, const char *text, int port)
{
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)out;

	memset(out, 0, sizeof *out);
	if (strchr(text, ':') != NULL) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t)port);
		inet_pton(AF_INET6, text, &six->sin6_addr);
		return sizeof *six;
	}
	four->sin_family = AF_INET;
	four->sin_port = htons((uint16_t)port);
	inet_pton(AF_INET, text, &four->sin_addr);
	return sizeof *four;
}

/* Port 0 becomes the port it got, so that coming back after a power cut finds the same one. */
static void
listen_on(struct fakenode *n, struct fake_door *d)
{
	struct sockaddr_storage at;
	socklen_t len = address_of(&at, d->bind, n->port);
	int on = 1;

	d->listener = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->listener < 0)
		give_up("fakenode: socket");
	setsockopt(d->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(d->listener, (struct sockaddr *)&at, len) != 0 || listen(d->listener, 64) != 0)
		give_up("fakenode: bind");
	len = sizeof at;
	getsockname(d->listener, (struct sockaddr *)&at, &len);
	n->port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&at)->sin6_port
	    : ((struct sockaddr_in *)(void *)&at)->sin_port);
}

void
fake_close(struct fake_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->in);
	free(c->out);
	free(c->late);
	free(c->forever);
	memset(c, 0, sizeof *c);
	c->fd = -1;
}

/* A reset instead of a polite end: what a power cut looks like. */
static void
reset_all(struct fakenode *n)
{
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };

	for (int i = 0; i < FAKE_CLIENTS; i++) {
		if (n->clients[i].fd < 0)
			continue;
		setsockopt(n->clients[i].fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		fake_close(&n->clients[i]);
	}
}

void
fake_put(struct fakenode *n, struct fake_client *c, const void *bytes, size_t len)
{
	if (c->out_len + len > c->out_room) {
		c->out_room = (c->out_len + len) * 2;
		c->out = realloc(c->out, c->out_room);
		if (c->out == NULL)
			give_up("fakenode: memory");
	}
	memcpy(c->out + c->out_len, bytes, len);
	c->out_len += len;
	n->sent_bytes += (int64_t)len;
}

static void
accept_one(struct fakenode *n, int door)
{
	int fd = accept4(n->doors[door].listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	for (int i = 0; i < FAKE_CLIENTS; i++) {
		if (n->clients[i].fd >= 0)
			continue;
		n->clients[i].fd = fd;
		n->clients[i].serial = ++n->accepted;
		n->clients[i].door = door;
		return;
	}
	close(fd);
}

static void
receive(struct fakenode *n, struct fake_client *c)
{
	char chunk[16384];
	ssize_t got = recv(c->fd, chunk, sizeof chunk, 0);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
		fake_close(c);
		return;
	}
	if (got < 0)
		return;
	c->in = realloc(c->in, c->in_len + (size_t)got + 1);
	if (c->in == NULL)
		give_up("fakenode: memory");
	memcpy(c->in + c->in_len, chunk, (size_t)got);
	c->in_len += (size_t)got;
	c->in[c->in_len] = '\0';
	fake_read(n, c);
}

static void
send_some(struct fake_client *c)
{
	ssize_t put = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);

	if (put < 0) {
		if (errno != EAGAIN && errno != EINTR)
			fake_close(c);
		return;
	}
	c->out_len -= (size_t)put;
	memmove(c->out, c->out + put, c->out_len);
	if (c->out_len == 0 && c->close_after)
		fake_close(c);
}

static bool
is_deaf(const struct fakenode *n, const struct fake_client *c)
{
	return c->frozen || n->doors[c->door].cut;
}

static int
fill_poll(struct fakenode *n, struct pollfd *p, struct fake_client **who)
{
	int count = 0;

	p[count++] = (struct pollfd){ .fd = n->wake[0], .events = POLLIN };
	for (int i = 0; i < FAKE_DOORS; i++)
		p[count++] = (struct pollfd){ .fd = i >= n->door_count || n->down || n->doors[i].cut ? -1 : n->doors[i].listener,
			.events = POLLIN };
	for (int i = 0; i < FAKE_CLIENTS; i++) {
		struct fake_client *c = &n->clients[i];

		if (c->fd < 0 || is_deaf(n, c))
			continue;
		fake_tick(n, c, fake_now_us());
		if (c->fd < 0)
			continue;
		p[count] = (struct pollfd){ .fd = c->fd, .events = (short)(c->out_len > 0 ? POLLIN | POLLOUT : POLLIN) };
		who[count++] = c;
	}
	return count;
}

static void *
serve(void *arg)
{
	struct fakenode *n = arg;
	struct pollfd p[FAKE_CLIENTS + 1 + FAKE_DOORS];
	struct fake_client *who[FAKE_CLIENTS + 1 + FAKE_DOORS];
	char drain[64];

	pthread_mutex_lock(&n->lock);
	while (!n->stop) {
		int count = fill_poll(n, p, who);

		pthread_mutex_unlock(&n->lock);
		(void)poll(p, (nfds_t)count, count > 1 + FAKE_DOORS ? TICK_MS : 100);
		pthread_mutex_lock(&n->lock);
		if (p[0].revents != 0)
			(void)!read(n->wake[0], drain, sizeof drain);
		/* The slots may have changed while the lock was open: the descriptor says whether it is still the one. */
		for (int i = 1 + FAKE_DOORS; i < count; i++) {
			if (p[i].revents & POLLOUT && who[i]->fd == p[i].fd && !is_deaf(n, who[i]))
				send_some(who[i]);
			if (p[i].revents & (POLLIN | POLLHUP | POLLERR) && who[i]->fd == p[i].fd && !is_deaf(n, who[i]))
				receive(n, who[i]);
		}
		for (int i = 0; i < n->door_count; i++)
			if (p[1 + i].revents != 0 && !n->down && !n->doors[i].cut && n->doors[i].listener == p[1 + i].fd)
				accept_one(n, i);
	}
	pthread_mutex_unlock(&n->lock);
	return NULL;
}

struct fakenode *
fakenode_new(const struct fakenode_conf *conf)
{
	struct fakenode *n = calloc(1, sizeof *n);

	if (n == NULL || pipe2(n->wake, O_CLOEXEC | O_NONBLOCK) != 0)
		give_up("fakenode");
	pthread_mutex_init(&n->lock, NULL);
	for (int i = 0; i < FAKE_CLIENTS; i++)
		n->clients[i].fd = -1;
	n->door_count = 1;
	snprintf(n->doors[0].bind, sizeof n->doors[0].bind, "%s", conf->bind != NULL ? conf->bind : "127.0.0.1");
	n->port = conf->port;
	n->cameras = conf->cameras;
	listen_on(n, &n->doors[0]);
	snprintf(n->id, sizeof n->id, "fake-%d", n->port);
	snprintf(n->name, sizeof n->name, "Fake %d", n->port);
	fakenode_rename(n, conf->id, conf->name);
	n->knobs[FAKENODE_HEALTH_MS] = 1000;
	n->knobs[FAKENODE_FPS] = 10;
	n->zoom = 1.0;
	strcpy(n->state, "idle");
	strcpy(n->camera, "back");
	strcpy(n->tally, "off");
	fakenode_picture(n, fake_jpeg, fake_jpeg_len);
	if (pthread_create(&n->thread, NULL, serve, n) != 0)
		give_up("fakenode: thread");
	return n;
}

static void
wake(struct fakenode *n)
{
	(void)!write(n->wake[1], "", 1);
}

void
fakenode_free(struct fakenode *n)
{
	if (n == NULL)
		return;
	pthread_mutex_lock(&n->lock);
	n->stop = true;
	pthread_mutex_unlock(&n->lock);
	wake(n);
	pthread_join(n->thread, NULL);
	for (int i = 0; i < FAKE_CLIENTS; i++)
		fake_close(&n->clients[i]);
	for (size_t i = 0; i < sizeof n->hooks / sizeof n->hooks[0]; i++) {
		free(n->hooks[i].path);
		free(n->hooks[i].bytes);
		free(n->hooks[i].forever);
	}
	for (int i = 0; i < FAKE_RING; i++)
		free(n->ring[i]);
	for (int i = 0; i < n->file_count; i++)
		free(n->files[i]);
	free(n->jpeg);
	for (int i = 0; i < n->door_count; i++)
		if (n->doors[i].listener >= 0)
			close(n->doors[i].listener);
	close(n->wake[0]);
	close(n->wake[1]);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

int
fakenode_port(const struct fakenode *n)
{
	return n->port;
}

const char *
fakenode_id(const struct fakenode *n)
{
	return n->id;
}

void
fakenode_set(struct fakenode *n, enum fakenode_knob knob, int64_t value)
{
	pthread_mutex_lock(&n->lock);
	n->knobs[knob] = value;
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

void
fakenode_rename(struct fakenode *n, const char *id, const char *name)
{
	pthread_mutex_lock(&n->lock);
	if (id != NULL)
		snprintf(n->id, sizeof n->id, "%s", id);
	if (name != NULL)
		snprintf(n->name, sizeof n->name, "%s", name);
	pthread_mutex_unlock(&n->lock);
}

void
fakenode_also(struct fakenode *n, const char *bind)
{
	struct fake_door *d = &n->doors[n->door_count];

	pthread_mutex_lock(&n->lock);
	if (n->door_count == FAKE_DOORS)
		give_up("fakenode: too many addresses");
	snprintf(d->bind, sizeof d->bind, "%s", bind);
	listen_on(n, d);
	n->door_count++;
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

static int
door_of(const struct fakenode *n, const char *bind)
{
	for (int i = 0; i < n->door_count; i++)
		if (strcmp(n->doors[i].bind, bind) == 0)
			return i;
	give_up("fakenode: it does not listen there");
}

void
fakenode_cut(struct fakenode *n, const char *bind, bool cut)
{
	pthread_mutex_lock(&n->lock);
	n->doors[door_of(n, bind)].cut = cut;
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

void
fakenode_freeze(struct fakenode *n)
{
	pthread_mutex_lock(&n->lock);
	for (int i = 0; i < FAKE_CLIENTS; i++)
		n->clients[i].frozen = n->clients[i].fd >= 0;
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

void
fakenode_slow(struct fakenode *n, const char *bind, int ms)
{
	pthread_mutex_lock(&n->lock);
	n->doors[door_of(n, bind)].slow_ms = ms;
	pthread_mutex_unlock(&n->lock);
}

void
fakenode_down(struct fakenode *n, bool down)
{
	pthread_mutex_lock(&n->lock);
	if (down && !n->down) {
		for (int i = 0; i < n->door_count; i++) {
			close(n->doors[i].listener);
			n->doors[i].listener = -1;
		}
		reset_all(n);
	} else if (!down && n->down) {
		for (int i = 0; i < n->door_count; i++)
			listen_on(n, &n->doors[i]);
	}
	n->down = down;
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

void
fakenode_hang_up(struct fakenode *n)
{
	pthread_mutex_lock(&n->lock);
	reset_all(n);
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

void
fakenode_say(struct fakenode *n, const char *event, const char *json)
{
	pthread_mutex_lock(&n->lock);
	fake_emit(n, event, json, true);
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

void
fakenode_comment(struct fakenode *n)
{
	pthread_mutex_lock(&n->lock);
	for (int i = 0; i < FAKE_CLIENTS; i++)
		if (n->clients[i].fd >= 0 && n->clients[i].mode == FAKE_EVENTS)
			fake_put(n, &n->clients[i], ": here\n\n", 8);
	pthread_mutex_unlock(&n->lock);
	wake(n);
}

void
fakenode_picture(struct fakenode *n, const void *jpeg, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		give_up("fakenode: memory");
	memcpy(copy, jpeg, len);
	pthread_mutex_lock(&n->lock);
	free(n->jpeg);
	n->jpeg = copy;
	n->jpeg_len = len;
	pthread_mutex_unlock(&n->lock);
}

static char *
copy_of(const char *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		give_up("fakenode: memory");
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

void
fakenode_raw(struct fakenode *n, const char *path, const char *bytes, size_t len, const char *forever)
{
	size_t count = sizeof n->hooks / sizeof n->hooks[0], at = count;

	pthread_mutex_lock(&n->lock);
	for (size_t i = count; i-- > 0;)
		if (n->hooks[i].path == NULL || strcmp(n->hooks[i].path, path) == 0)
			at = i;
	for (size_t i = 0; i < count; i++)
		if (n->hooks[i].path != NULL && strcmp(n->hooks[i].path, path) == 0)
			at = i;
	if (at == count)
		give_up("fakenode: too many hooks");
	free(n->hooks[at].path);
	free(n->hooks[at].bytes);
	free(n->hooks[at].forever);
	memset(&n->hooks[at], 0, sizeof n->hooks[at]);
	if (bytes != NULL) {
		n->hooks[at].path = copy_of(path, strlen(path));
		n->hooks[at].bytes = copy_of(bytes, len);
		n->hooks[at].len = len;
		n->hooks[at].forever = forever != NULL ? copy_of(forever, strlen(forever)) : NULL;
	}
	pthread_mutex_unlock(&n->lock);
}

void
fakenode_body(struct fakenode *n, const char *path, int status, const char *type, const char *body, size_t len)
{
	char head[256];
	int head_len = snprintf(head, sizeof head,
	    "HTTP/1.1 %d Scripted\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status, type, len);
	char *all = malloc((size_t)head_len + len);

	if (all == NULL)
		give_up("fakenode: memory");
	memcpy(all, head, (size_t)head_len);
	memcpy(all + head_len, body, len);
	fakenode_raw(n, path, all, (size_t)head_len + len, NULL);
	free(all);
}

int
fakenode_asked(struct fakenode *n, const char *what)
{
	int asked = 0;

	pthread_mutex_lock(&n->lock);
	for (int i = 0; i < n->seen_count; i++)
		if (strcmp(n->seen[i].what, what) == 0)
			asked = n->seen[i].asked;
	pthread_mutex_unlock(&n->lock);
	return asked;
}

int
fakenode_asked_at(struct fakenode *n, const char *bind, const char *what)
{
	int asked = 0;

	pthread_mutex_lock(&n->lock);
	for (int i = 0; i < n->seen_count; i++)
		if (strcmp(n->seen[i].what, what) == 0)
			asked = n->seen[i].asked_at[door_of(n, bind)];
	pthread_mutex_unlock(&n->lock);
	return asked;
}

bool
fakenode_last(struct fakenode *n, const char *what, struct fakenode_seen *out)
{
	bool found = false;

	pthread_mutex_lock(&n->lock);
	for (int i = 0; i < n->seen_count; i++)
		if (strcmp(n->seen[i].what, what) == 0) {
			*out = n->seen[i].last;
			found = true;
		}
	pthread_mutex_unlock(&n->lock);
	return found;
}

int
fakenode_done(struct fakenode *n, const char *path)
{
	int done = 0;

	pthread_mutex_lock(&n->lock);
	for (size_t i = 0; i < sizeof n->done / sizeof n->done[0]; i++)
		if (strcmp(n->done[i].path, path) == 0)
			done = n->done[i].count;
	pthread_mutex_unlock(&n->lock);
	return done;
}

int
fakenode_connections(struct fakenode *n)
{
	int count;

	pthread_mutex_lock(&n->lock);
	count = n->accepted;
	pthread_mutex_unlock(&n->lock);
	return count;
}

/* door < 0: at any. */
static int
count_streams(const struct fakenode *n, int door, const char *path)
{
	enum fake_mode mode = strcmp(path, "/events") == 0 ? FAKE_EVENTS : FAKE_STREAM;
	int count = 0;

	for (int i = 0; i < FAKE_CLIENTS; i++)
		count += n->clients[i].fd >= 0 && n->clients[i].mode == mode && (door < 0 || n->clients[i].door == door);
	return count;
}

int
fakenode_open_streams(struct fakenode *n, const char *path)
{
	int count;

	pthread_mutex_lock(&n->lock);
	count = count_streams(n, -1, path);
	pthread_mutex_unlock(&n->lock);
	return count;
}

int
fakenode_open_streams_at(struct fakenode *n, const char *bind, const char *path)
{
	int count;

	pthread_mutex_lock(&n->lock);
	count = count_streams(n, door_of(n, bind), path);
	pthread_mutex_unlock(&n->lock);
	return count;
}

int
fakenode_clients(struct fakenode *n)
{
	int count = 0;

	pthread_mutex_lock(&n->lock);
	for (int i = 0; i < FAKE_CLIENTS; i++)
		count += n->clients[i].fd >= 0;
	pthread_mutex_unlock(&n->lock);
	return count;
}

int64_t
fakenode_sent_bytes(struct fakenode *n)
{
	int64_t bytes;

	pthread_mutex_lock(&n->lock);
	bytes = n->sent_bytes;
	pthread_mutex_unlock(&n->lock);
	return bytes;
}

bool
fakenode_wait_asked(struct fakenode *n, const char *what, int at_least, int timeout_ms)
{
	int64_t until = fake_now_us() + (int64_t)timeout_ms * 1000;

	while (fakenode_asked(n, what) < at_least) {
		if (fake_now_us() > until)
			return false;
		usleep(2000);
	}
	return true;
}
