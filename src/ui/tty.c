/*
 * tty.c - the terminal's descriptors and modes.  Owns the bytes on their way out; knows no escape sequence.
 */
#include "ui/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ceilings.h"
#include "base/log.h"
#include "base/xalloc.h"

#define MAX_UNSENT_BYTES (16 * 1024 * 1024)
#define LAST_BYTES_MS 500

struct tty {
	struct loop *loop;
	struct tty_fns fns;
	void *arg;
	int fd, keys;			/* for writing, for reading: descriptions of its own */
	int in, lent;			/* the keyboard; the descriptor for writing that was lent: -1 */
	struct termios saved;
	struct loop_watch *reads, *writes;
	struct buf unsent;
	bool gone;
};

static void
say_gone(struct tty *t)
{
	if (t->gone)
		return;
	t->gone = true;
	buf_clear(&t->unsent);
	loop_watch_set(t->loop, t->reads, 0);
	loop_watch_set(t->loop, t->writes, 0);
	log_line(LOG_UI, "the terminal is gone");
	t->fns.gone(t->arg);
}

/* True while the descriptor takes bytes. */
static bool
write_some(struct tty *t)
{
	ssize_t n = write(t->fd, t->unsent.data, t->unsent.len);

	if (n > 0)
		buf_drop_front(&t->unsent, (size_t)n);
	else if (n < 0 && errno == EAGAIN)
		return false;
	else if (n < 0 && errno != EINTR) {
		say_gone(t);
		return false;
	}
	return true;
}

static void
push(struct tty *t)
{
	while (t->unsent.len > 0 && write_some(t))
		;
	if (!t->gone)
		loop_watch_set(t->loop, t->writes, t->unsent.len > 0 ? LOOP_WRITE : 0);
}

static void
on_writable(void *arg, unsigned events)
{
	struct tty *t = arg;

	(void)events;
	push(t);
	if (!t->gone && t->unsent.len == 0)
		t->fns.drained(t->arg);
}

static void
on_readable(void *arg, unsigned events)
{
	struct tty *t = arg;
	char bytes[4096];
	ssize_t n = read(t->keys, bytes, sizeof bytes);

	(void)events;
	if (n > 0)
		t->fns.bytes(t->arg, bytes, (size_t)n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		say_gone(t);
}

/*
 * A description of its own: O_NONBLOCK on a standard descriptor would be seen by the shell that comes after us.  Keys, too, are
 * read without waiting: whoever lent the terminal may be stopped, and then somebody else takes the bytes that poll() told of.
 */
static int
open_own(int fd, int mode)
{
	const char *name = ttyname(fd);
	int own = name != NULL ? open(name, mode | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;

	return own >= 0 ? own : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static void
set_raw(struct tty *t)
{
	struct termios raw = t->saved;

	cfmakeraw(&raw);
	tcsetattr(t->in, TCSANOW, &raw);
}

bool
tty_check(struct err *e)
{
	return (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) ||
	    err_set(e, ERR_ENVIRONMENT, "the console needs a terminal on standard input and output; "
	    "without one use `livedirector run CUESHEET`");
}

static struct tty *
open_on(struct loop *loop, int in, int out, const struct tty_fns *fns, void *arg, struct err *e)
{
	struct termios saved;
	struct tty *t;
	int fd, keys;

	if (tcgetattr(in, &saved) != 0) {
		err_errno(e, ERR_ENVIRONMENT, errno, "the terminal does not tell its modes");
		return NULL;
	}
	if ((fd = open_own(out, O_WRONLY)) < 0) {
		err_errno(e, ERR_ENVIRONMENT, errno, "the terminal cannot be opened for writing");
		return NULL;
	}
	if ((keys = open_own(in, O_RDONLY)) < 0) {
		err_errno(e, ERR_ENVIRONMENT, errno, "the terminal cannot be opened for reading");
		close(fd);
		return NULL;
	}
	t = xcalloc(1, sizeof *t);
	t->loop = loop;
	t->fns = *fns;
	t->arg = arg;
	t->fd = fd;
	t->keys = keys;
	t->in = in;
	t->lent = -1;
	t->saved = saved;
	buf_init(&t->unsent, MAX_UNSENT_BYTES);
	t->reads = loop_watch_new(loop, keys, LOOP_READ, on_readable, t);
	t->writes = loop_watch_new(loop, fd, 0, on_writable, t);
	set_raw(t);
	return t;
}

struct tty *
tty_open(struct loop *loop, const struct tty_fns *fns, void *arg, struct err *e)
{
	return tty_check(e) ? open_on(loop, STDIN_FILENO, STDOUT_FILENO, fns, arg, e) : NULL;
}

struct tty *
tty_open_at(struct loop *loop, int in, int out, const struct tty_fns *fns, void *arg, struct err *e)
{
	struct tty *t = open_on(loop, in, out, fns, arg, e);

	if (t != NULL)
		t->lent = out;
	return t;
}

static void
push_last(struct tty *t)
{
	struct pollfd p = { .fd = t->fd, .events = POLLOUT };

	for (int tries = 0; tries < 10 && !t->gone && t->unsent.len > 0; tries++) {
		while (t->unsent.len > 0 && write_some(t))
			;
		if (t->unsent.len > 0 && poll(&p, 1, LAST_BYTES_MS / 10) < 0)
			return;
	}
}

/* Answers that are on their way would be typed into whatever comes after us. */
static void
hear_last(const struct tty *t, char last_answer)
{
	struct pollfd p = { .fd = t->keys, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	for (int tries = 0; tries < 50 && !t->gone && t->unsent.len == 0 && poll(&p, 1, LAST_BYTES_MS / 10) > 0; tries++) {
		n = read(t->keys, bytes, sizeof bytes);
		if (n <= 0 || memchr(bytes, last_answer, (size_t)n) != NULL)
			return;
	}
}

void
tty_again(struct tty *t)
{
	if (!t->gone)
		set_raw(t);
}

/* drops: what was typed, or answered, since is nobody's. */
static void
give_back(struct tty *t, bool drops)
{
	loop_watch_free(t->loop, t->reads);
	loop_watch_free(t->loop, t->writes);
	if (drops)
		tcflush(t->in, TCIFLUSH);	/* not TCSAFLUSH: that waits for a terminal which takes nothing */
	tcsetattr(t->in, TCSANOW, &t->saved);
	close(t->fd);
	close(t->keys);
	if (t->lent >= 0 && t->lent != t->in)
		close(t->lent);
	if (t->lent >= 0)
		close(t->in);
	buf_fini(&t->unsent);
	free(t);
}

void
tty_close(struct tty *t, char last_answer)
{
	if (t == NULL)
		return;
	push_last(t);
	if (last_answer != 0)
		hear_last(t, last_answer);
	give_back(t, last_answer != 0);
}

void
tty_lose(struct tty *t)
{
	if (t == NULL)
		return;
	t->lent = -1;
	give_back(t, false);
}

void
tty_leave(struct tty *t)
{
	if (t == NULL)
		return;
	while (!t->gone && t->unsent.len > 0 && write_some(t))
		;
	give_back(t, true);
}

void
tty_send(struct tty *t, const void *bytes, size_t len)
{
	if (t->gone || len == 0)
		return;
	if (!buf_add(&t->unsent, bytes, len)) {
		say_gone(t);		/* it has taken nothing for very long */
		return;
	}
	push(t);
}

bool
tty_is_idle(const struct tty *t)
{
	return t->unsent.len == 0;
}

bool
tty_is_gone(const struct tty *t)
{
	return t->gone;
}

bool
tty_size(const struct tty *t, int *rows, int *cols, int *w_px, int *h_px)
{
	struct winsize w;

	if (ioctl(t->fd, TIOCGWINSZ, &w) != 0 || w.ws_row == 0 || w.ws_col == 0)
		return false;
	*rows = w.ws_row < MAX_SCREEN_ROWS ? w.ws_row : MAX_SCREEN_ROWS;
	*cols = w.ws_col < MAX_SCREEN_COLS ? w.ws_col : MAX_SCREEN_COLS;
	/* Of the part that is used: a cell stays as large as it is. */
	*w_px = w.ws_xpixel * *cols / w.ws_col;
	*h_px = w.ws_ypixel * *rows / w.ws_row;
	return true;
}
