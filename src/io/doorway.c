/*
 * doorway.c - the control socket and whoever has come in by it.  Owns their descriptors and what they have not read yet.
 * Never looks at what a line says; never waits for anybody.
 */
#include "io/doorway.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "io/doorway_frame.h"
#include "io/doorway_path.h"

#define LINES_A_TURN 16			/* of one client: the others, and the show, have their turn too */
#define BACKLOG 64
#define FAREWELL_US 2000000LL
#define NO_ROOM_US 1000000LL		/* out of descriptors: looked at again after this */

struct doorway_client {
	struct list link;
	struct doorway *d;
	void *who;
	int fd;
	struct loop_watch *watch;
	struct doorway_frame frame;
	struct buf unsent;
	int fds[DOORWAY_FDS], fd_count;
	bool busy;			/* until doorway_ready() */
	bool ended, over;		/* its input has ended; and that was told */
	bool leaving;			/* nothing more is heard of it */
	bool broken;			/* and nothing more can be said to it */
	bool has_more;			/* lines that are here already */
	int64_t leave_by_us;
};

struct doorway {
	struct loop *loop;
	struct doorway_fns fns;
	void *arg;
	char *path;
	int fd;
	dev_t dev;			/* of the socket we made: only that one is removed */
	ino_t ino;
	struct loop_watch *watch;
	struct loop_timer *turn;	/* what is left for the next turn: lines, and who is let go */
	struct loop_timer *again;	/* accept() had no room */
	struct list clients;
	int count;
};

/* ---- What a client is told ---- */

static void
next_turn(struct doorway *d)
{
	loop_timer_start(d->loop, d->turn, 0, 0);
}

static void
client_watch(struct doorway_client *c)
{
	const unsigned in = c->leaving || c->ended || c->busy || c->has_more ? 0 : LOOP_READ;

	loop_watch_set(c->d->loop, c->watch, c->broken ? 0 : in | (c->unsent.len > 0 ? LOOP_WRITE : 0));
}

static void
client_break(struct doorway_client *c)
{
	c->broken = c->leaving = true;
	buf_clear(&c->unsent);
	client_watch(c);
	next_turn(c->d);
}

static void
client_push(struct doorway_client *c)
{
	while (!c->broken && c->unsent.len > 0) {
		ssize_t n = send(c->fd, c->unsent.data, c->unsent.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			buf_drop_front(&c->unsent, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		else if (n < 0 && errno != EINTR)
			client_break(c);
	}
	if (c->leaving && c->unsent.len == 0)
		next_turn(c->d);
	client_watch(c);
}

void
doorway_say(struct doorway_client *c, const char *lines, size_t len)
{
	if (c->leaving)
		return;
	if (!buf_add(&c->unsent, lines, len)) {
		log_line(LOG_CMD, "a client of the control socket reads nothing: it is let go");
		client_break(c);
		return;
	}
	client_push(c);
}

void
doorway_dismiss(struct doorway_client *c)
{
	if (c->leaving)
		return;
	c->leaving = true;
	c->leave_by_us = loop_now_us(c->d->loop) + FAREWELL_US;
	client_push(c);
	next_turn(c->d);
}

void
doorway_ready(struct doorway_client *c)
{
	if (!c->busy)
		return;
	c->busy = false;
	c->has_more = true;
	next_turn(c->d);
}

/* ---- What a client says ---- */

static void
close_fds(struct doorway_client *c)
{
	for (int i = 0; i < c->fd_count; i++)
		close(c->fds[i]);
	c->fd_count = 0;
}

int
doorway_take_fds(struct doorway_client *c, int fds[static DOORWAY_FDS])
{
	int count = c->fd_count;

	memcpy(fds, c->fds, sizeof c->fds);
	c->fd_count = 0;
	return count;
}

static void
client_too_long(struct doorway_client *c)
{
	char why[80];

	snprintf(why, sizeof why, "a line has no end within %d bytes", MAX_COMMAND_LINE);
	c->d->fns.bad_line(c->who, why);
	doorway_dismiss(c);
}

/* One line is given away.  False: there is none, or it is not the time. */
static bool
client_line(struct doorway_client *c)
{
	const char *line = NULL;

	switch (doorway_frame_next(&c->frame, &line)) {
	case FRAME_LINE:
		c->busy = !c->d->fns.line(c->who, line);
		return true;
	case FRAME_NO_TEXT:
		c->d->fns.bad_line(c->who, "a line is no text: it has control characters or is not UTF-8");
		return true;
	case FRAME_TOO_LONG:
		client_too_long(c);
		return false;
	case FRAME_NONE:
		break;
	}
	return false;
}

static void
client_lines(struct doorway_client *c)
{
	int given = 0;

	while (given < LINES_A_TURN && !c->leaving && !c->busy && client_line(c))
		given++;
	c->has_more = given == LINES_A_TURN && !c->leaving && !c->busy;
	if (c->has_more || c->ended)
		next_turn(c->d);
	client_watch(c);
}

/* Descriptors that nobody took until the next ones come are closed: nobody fills our table. */
static void
take_control(struct doorway_client *c, struct msghdr *msg)
{
	for (struct cmsghdr *m = CMSG_FIRSTHDR(msg); m != NULL; m = CMSG_NXTHDR(msg, m)) {
		size_t count = (m->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fd;

		if (m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_RIGHTS)
			continue;
		close_fds(c);
		for (size_t i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(m) + i * sizeof fd, sizeof fd);
			if (c->fd_count < DOORWAY_FDS)
				c->fds[c->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

/* Bytes there were; 0: none now; -1: it has left.  The end of its input is an end of its last line, too. */
static ssize_t
client_read(struct doorway_client *c, char *bytes, size_t size)
{
	union { struct cmsghdr align; char room[CMSG_SPACE(DOORWAY_FDS * sizeof(int))]; } control;
	struct iovec iov = { .iov_base = bytes, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room };
	ssize_t n = recvmsg(c->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
	take_control(c, &msg);
	c->ended = n == 0;
	if (c->ended)
		bytes[0] = '\n';
	return c->ended ? 1 : n;
}

static void
on_client(void *arg, unsigned events)
{
	struct doorway_client *c = arg;
	char bytes[DOORWAY_READ_BYTES];
	ssize_t n;

	if ((events & LOOP_WRITE) != 0)
		client_push(c);
	if ((events & LOOP_READ) == 0 || c->leaving || c->ended || c->busy || c->has_more)
		return;
	n = client_read(c, bytes, sizeof bytes);
	if (n < 0)
		client_break(c);
	else if (n > 0 && !doorway_frame_add(&c->frame, bytes, (size_t)n))
		client_too_long(c);
	else if (n > 0)
		client_lines(c);
}

/* ---- Coming and going ---- */

static void
client_free(struct doorway_client *c)
{
	loop_watch_free(c->d->loop, c->watch);
	close_fds(c);
	close(c->fd);
	list_remove(&c->link);
	c->d->count--;
	doorway_frame_fini(&c->frame);
	buf_fini(&c->unsent);
	free(c);
}

/* Its input has ended, its lines are given away, and that is still to be told. */
static bool
client_owes_over(const struct doorway_client *c)
{
	return c->ended && !c->over && !c->busy && !c->has_more && !c->leaving;
}

static bool
client_is_done(const struct doorway_client *c)
{
	return c->broken || (c->leaving && (c->unsent.len == 0 || loop_now_us(c->d->loop) >= c->leave_by_us));
}

/* Lines of this turn, and the news that there will be no more. */
static void
client_turn(struct doorway_client *c)
{
	if (c->has_more && !c->leaving)
		client_lines(c);
	if (client_owes_over(c)) {
		c->over = true;
		c->d->fns.over(c->who);
	}
}

/* Let go here and nowhere else: no call of ours is under way then. */
static void
doorway_turn(void *arg)
{
	struct doorway *d = arg;
	int64_t next_us = INT64_MAX;

	LIST_EACH_SAFE(it, tmp, &d->clients) {
		struct doorway_client *c = LIST_ENTRY(it, struct doorway_client, link);

		client_turn(c);
		if (client_is_done(c)) {
			d->fns.gone(c->who);
			client_free(c);
		}
	}
	/* Only now: what one said may have made another's turn due. */
	LIST_EACH(it, &d->clients) {
		const struct doorway_client *c = LIST_ENTRY(it, struct doorway_client, link);
		const int64_t due_us = c->has_more || client_is_done(c) || client_owes_over(c) ? 0 : c->leaving ? c->leave_by_us : INT64_MAX;

		next_us = due_us < next_us ? due_us : next_us;
	}
	if (next_us != INT64_MAX)
		loop_timer_start_at(d->loop, d->turn, next_us);
}

/* What a kernel says of a process's name is whatever that process likes. */
static void
peer_name(char *out, size_t out_size, pid_t pid)
{
	char path[64], name[32] = "";
	size_t len = 0;
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, name, sizeof name - 1) : 0;
	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n && name[i] != '\n' && len + 1 < out_size; i++)
		if ((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= '0' && name[i] <= '9') ||
		    strchr("._+-", name[i]) != NULL)
			out[len++] = name[i];
	out[len] = '\0';
}

/* Only this user, and root, who could do anything anyway. */
static bool
peer_may(int fd, struct doorway_peer *peer)
{
	struct ucred who;
	socklen_t len = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 || (who.uid != geteuid() && who.uid != 0))
		return false;
	peer->pid = who.pid;
	peer_name(peer->name, sizeof peer->name, who.pid);
	return true;
}

static void
client_new(struct doorway *d, int fd, const struct doorway_peer *peer)
{
	struct doorway_client *c = xcalloc(1, sizeof *c);

	c->d = d;
	c->fd = fd;
	doorway_frame_init(&c->frame);
	buf_init(&c->unsent, DOORWAY_UNSENT_BYTES);
	c->watch = loop_watch_new(d->loop, fd, LOOP_READ, on_client, c);
	list_insert_tail(&d->clients, &c->link);
	d->count++;
	c->who = d->fns.came(d->arg, c, peer);
}

static void
doorway_admit(struct doorway *d, int fd)
{
	static const char full[] = "event alarm \"the control socket is full: let another client leave first\"\n";
	struct doorway_peer peer;
	bool may = peer_may(fd, &peer);

	if (may && d->count < DOORWAY_CLIENTS) {
		client_new(d, fd, &peer);
		return;
	}
	if (may)
		(void)send(fd, full, sizeof full - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void
on_knock(void *arg, unsigned events)
{
	struct doorway *d = arg;
	int fd;

	(void)events;
	for (int i = 0; i < BACKLOG; i++) {
		fd = accept4(d->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			doorway_admit(d, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			loop_watch_set(d->loop, d->watch, 0);	/* it would be ready for ever */
			loop_timer_start(d->loop, d->again, NO_ROOM_US, 0);
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			return;
		}
	}
}

static void
on_room(void *arg)
{
	struct doorway *d = arg;

	loop_watch_set(d->loop, d->watch, LOOP_READ);
}

/* ---- The door ---- */

/* Made under a name of its own and then moved: at no instant is there a socket that nobody serves. */
static bool
door_make(struct doorway *d, struct err *e)
{
	char *fresh = xasprintf("%s.new", d->path);
	struct stat st;
	bool ok;

	unlink(fresh);
	fchmod(d->fd, 0600);		/* before bind(): nobody else ever sees it open */
	ok = doorway_path_bind(d->fd, fresh) && chmod(fresh, 0600) == 0 && listen(d->fd, BACKLOG) == 0 &&
	    stat(fresh, &st) == 0 && rename(fresh, d->path) == 0;
	if (!ok) {
		err_errno(e, ERR_ENVIRONMENT, errno, "the control socket %s cannot be made", d->path);
		unlink(fresh);
	} else {
		d->dev = st.st_dev;
		d->ino = st.st_ino;
	}
	free(fresh);
	return ok;
}

static bool
door_is_served(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served = fd >= 0 && (doorway_path_connect(fd, path) || errno == EAGAIN || errno == EINPROGRESS);

	if (fd >= 0)
		close(fd);
	return served;
}

struct doorway *
doorway_open(struct loop *loop, const char *path, const struct doorway_fns *fns, void *arg, struct err *e)
{
	struct doorway *d;
	int fd;

	if (door_is_served(path))
		return err_set(e, ERR_REFUSED, "another console serves the control socket %s: is its Sphere a copy of this one?", path), NULL;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		return err_errno(e, ERR_ENVIRONMENT, errno, "no control socket can be made"), NULL;
	d = xcalloc(1, sizeof *d);
	*d = (struct doorway){ .loop = loop, .fns = *fns, .arg = arg, .path = xstrdup(path), .fd = fd };
	list_init(&d->clients);
	if (!door_make(d, e)) {
		close(fd);
		free(d->path);
		free(d);
		return NULL;
	}
	d->turn = loop_timer_new(loop, doorway_turn, d);
	d->again = loop_timer_new(loop, on_room, d);
	d->watch = loop_watch_new(loop, fd, LOOP_READ, on_knock, d);
	return d;
}

void
doorway_free(struct doorway *d)
{
	struct stat st;

	if (d == NULL)
		return;
	LIST_EACH_SAFE(it, tmp, &d->clients) {
		client_push(LIST_ENTRY(it, struct doorway_client, link));
		client_free(LIST_ENTRY(it, struct doorway_client, link));
	}
	loop_watch_free(d->loop, d->watch);
	loop_timer_free(d->loop, d->turn);
	loop_timer_free(d->loop, d->again);
	close(d->fd);
	if (lstat(d->path, &st) == 0 && st.st_dev == d->dev && st.st_ino == d->ino)
		unlink(d->path);
	free(d->path);
	free(d);
}
