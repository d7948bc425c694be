/*
 * doorway_call.c - asks a running console by its control socket.  Owns one connection; blocks, within limits.
 * Never used inside the console.
 */
#include "io/doorway_call.h"
#include "io/doorway.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/clk.h"
#include "base/xalloc.h"
#include "io/doorway_path.h"

#define MAX_HEARD (4 * 1024 * 1024)
#define SAY_MS 2000
#define OPEN_US 2000000LL		/* a console that lets nobody in is waited for no longer */
#define OPEN_AGAIN_MS 5

struct doorway_call {
	int fd;
	struct buf heard;
	size_t at;
	bool gone;
};

/* One that is stopped lets its queue run full: a blocking connect() would wait there for ever (unix(7), EAGAIN). */
static bool
call_connect(int fd, const char *path)
{
	const int64_t until_us = clk_mono_us(clk_system()) + OPEN_US;

	while (!doorway_path_connect(fd, path)) {
		if (errno != EAGAIN && errno != EINTR)
			return false;
		if (clk_mono_us(clk_system()) >= until_us) {
			errno = EAGAIN;
			return false;
		}
		(void)poll(NULL, 0, OPEN_AGAIN_MS);
	}
	return true;
}

static void
call_refused(const char *path, struct err *e)
{
	if (errno == EAGAIN)
		err_set(e, ERR_ENVIRONMENT, "the console at %s lets nobody in: it is stopped, or has too much to do", path);
	else
		err_errno(e, errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_ENVIRONMENT, errno,
		    "no console answers at %s", path);
}

struct doorway_call *
doorway_call_open(const char *path, struct err *e)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct doorway_call *c;

	if (fd < 0)
		return err_errno(e, ERR_ENVIRONMENT, errno, "no socket can be made"), NULL;
	if (!call_connect(fd, path)) {
		call_refused(path, e);
		close(fd);
		return NULL;
	}
	c = xcalloc(1, sizeof *c);
	c->fd = fd;
	buf_init(&c->heard, MAX_HEARD);
	return c;
}

void
doorway_call_close(struct doorway_call *c)
{
	if (c == NULL)
		return;
	close(c->fd);
	buf_fini(&c->heard);
	free(c);
}

static bool
wait_for(int fd, short what, int ms)
{
	struct pollfd p = { .fd = fd, .events = what };

	return poll(&p, 1, ms) > 0;
}

/* The descriptors travel with the first byte. */
static ssize_t
send_some(const struct doorway_call *c, const char *bytes, size_t len, const int *fds, int fd_count)
{
	union { struct cmsghdr align; char room[CMSG_SPACE(DOORWAY_FDS * sizeof(int))]; } control = { .room = { 0 } };
	struct iovec iov = { .iov_base = (char *)bytes, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *m;

	if (fd_count > 0 && fd_count <= DOORWAY_FDS) {
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE((size_t)fd_count * sizeof(int));
		m = CMSG_FIRSTHDR(&msg);
		m->cmsg_level = SOL_SOCKET;
		m->cmsg_type = SCM_RIGHTS;
		m->cmsg_len = CMSG_LEN((size_t)fd_count * sizeof(int));
		memcpy(CMSG_DATA(m), fds, (size_t)fd_count * sizeof(int));
	}
	return sendmsg(c->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool
send_all(struct doorway_call *c, const char *bytes, size_t len, const int *fds, int fd_count)
{
	while (len > 0) {
		ssize_t n = send_some(c, bytes, len, fds, fd_count);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
			fd_count = 0;
		} else if (n < 0 && errno == EAGAIN) {
			if (!wait_for(c->fd, POLLOUT, SAY_MS))
				return false;
		} else if (n == 0 || errno != EINTR) {
			return false;
		}
	}
	return true;
}

bool
doorway_call_say(struct doorway_call *c, const char *line, const int *fds, int fd_count)
{
	struct buf b;
	bool ok;

	buf_init(&b, strlen(line) + 2);
	buf_add_format(&b, "%s\n", line);
	ok = send_all(c, buf_text(&b), b.len, fds, fd_count);
	buf_fini(&b);
	return ok;
}

static bool
take_line(struct doorway_call *c, const char **line)
{
	char *begin = c->heard.data + c->at, *end = c->heard.len > c->at ? memchr(begin, '\n', c->heard.len - c->at) : NULL;

	if (end == NULL)
		return false;
	*end = '\0';
	*line = begin;
	c->at += (size_t)(end - begin) + 1;
	return true;
}

static void
read_some(struct doorway_call *c)
{
	char bytes[16384];
	ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);

	buf_drop_front(&c->heard, c->at);
	c->at = 0;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || (n > 0 && !buf_add(&c->heard, bytes, (size_t)n)))
		c->gone = true;
}

enum doorway_call_word
doorway_call_hear(struct doorway_call *c, int64_t for_us, int wake_fd, const char **line)
{
	const int64_t until_us = for_us < 0 ? INT64_MAX : clk_mono_us(clk_system()) + for_us;

	for (;;) {
		struct pollfd p[2] = { { .fd = c->fd, .events = POLLIN }, { .fd = wake_fd, .events = POLLIN } };
		int64_t left_us = until_us == INT64_MAX ? 0 : until_us - clk_mono_us(clk_system());
		int n;

		if (take_line(c, line))
			return CALL_LINE;
		if (c->gone)
			return CALL_GONE;
		if (left_us < 0)
			return CALL_LATE;
		n = poll(p, 2, until_us == INT64_MAX ? -1 : (int)(left_us / 1000) + 1);
		if (n > 0 && p[1].revents != 0)
			return CALL_WOKEN;
		if (n > 0)
			read_some(c);
	}
}

void
doorway_call_text(const char *line, char *out, size_t out_size)
{
	const char *from = strchr(line, '"');
	size_t len = 0;

	for (const char *p = from != NULL ? from + 1 : ""; *p != '\0' && !(p[0] == '"' && p[1] == '\0') && len + 1 < out_size; p++) {
		p += p[0] == '\\' && p[1] != '\0';
		out[len++] = *p;
	}
	out[len] = '\0';
}
