/*
 * lineout.c - lines out, without ever blocking.  Owns what the reader has not taken yet; knows not what lines say.
 */
#include "io/lineout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/xalloc.h"

#define PATIENCE_MS 5000		/* at the end, with a reader that takes nothing */
#define TIDY_BYTES (256 * 1024)

struct lineout {
	struct loop *loop;
	void (*lost)(void *arg, unsigned long lines);
	void *arg;
	int fd;
	struct loop_watch *watch;	/* NULL until the reader was slow for the first time */
	struct buf unsent;
	size_t sent;			/* bytes at the front of unsent that are gone already */
	unsigned long lost_lines;	/* not told yet; while there are any, no line goes between them */
	bool broken;
};

/* A terminal gets a description of its own, as a write there can block in spite of poll(). */
static int
open_own(int fd)
{
	const char *name = isatty(fd) ? ttyname(fd) : NULL;
	int own = name != NULL ? open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;

	return own >= 0 ? own : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static size_t
left(const struct lineout *o)
{
	return o->unsent.len - o->sent;
}

static bool
is_ready(const struct lineout *o, int timeout_ms)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };

	return poll(&p, 1, timeout_ms) > 0;
}

static void
took(struct lineout *o, size_t n)
{
	o->sent += n;
	if (left(o) > 0 && o->sent < TIDY_BYTES)
		return;
	buf_drop_front(&o->unsent, o->sent);
	o->sent = 0;
}

/* A pipe that is ready takes PIPE_BUF bytes whole.  False: not now. */
static bool
push_piece(struct lineout *o)
{
	size_t len = left(o) < PIPE_BUF ? left(o) : PIPE_BUF;
	ssize_t n;

	if (!is_ready(o, 0))
		return false;
	n = write(o->fd, o->unsent.data + o->sent, len);
	if (n > 0)
		took(o, (size_t)n);
	else if (n < 0 && errno == EAGAIN)
		return false;
	else if (n < 0 && errno != EINTR)
		o->broken = true;
	return !o->broken;
}

static void
tell_lost(struct lineout *o)
{
	unsigned long lines = o->lost_lines;

	o->lost_lines = 0;
	if (lines > 0 && o->lost != NULL)
		o->lost(o->arg, lines);
}

static void on_writable(void *arg, unsigned events);

static void
push(struct lineout *o)
{
	while (!o->broken && left(o) > 0 && push_piece(o))
		;
	if (o->broken)
		took(o, left(o));
	if (left(o) > 0 && o->watch == NULL)
		o->watch = loop_watch_new(o->loop, o->fd, LOOP_WRITE, on_writable, o);
	else if (o->watch != NULL)
		loop_watch_set(o->loop, o->watch, left(o) > 0 ? LOOP_WRITE : 0);
}

static void
on_writable(void *arg, unsigned events)
{
	struct lineout *o = arg;

	(void)events;
	push(o);
	if (!o->broken && left(o) == 0)
		tell_lost(o);
}

struct lineout *
lineout_new(struct loop *loop, int fd, void (*lost)(void *arg, unsigned long lines), void *arg)
{
	struct lineout *o = xcalloc(1, sizeof *o);

	o->loop = loop;
	o->lost = lost;
	o->arg = arg;
	o->fd = open_own(fd);
	o->broken = o->fd < 0;
	buf_init(&o->unsent, LINEOUT_UNSENT_BYTES + TIDY_BYTES);
	return o;
}

void
lineout_say(struct lineout *o, const char *lines, size_t len)
{
	if (o->broken)
		return;
	if (o->lost_lines > 0 || left(o) + len > LINEOUT_UNSENT_BYTES || !buf_add(&o->unsent, lines, len)) {
		for (size_t i = 0; i < len; i++)
			o->lost_lines += lines[i] == '\n';
		return;
	}
	push(o);
}

/* Each piece that is taken buys new patience. */
static void
push_last(struct lineout *o)
{
	do {
		push(o);
	} while (!o->broken && left(o) > 0 && is_ready(o, PATIENCE_MS));
}

bool
lineout_free(struct lineout *o)
{
	bool ok;

	if (o == NULL)
		return true;
	push_last(o);
	tell_lost(o);			/* the last chance to say so */
	push_last(o);
	ok = !o->broken && left(o) == 0;
	if (o->watch != NULL)
		loop_watch_free(o->loop, o->watch);
	if (o->fd >= 0)
		close(o->fd);
	buf_fini(&o->unsent);
	free(o);
	return ok;
}
