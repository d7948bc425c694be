/*
 * errand.c - runs a program with a text on its standard input and a time limit.
 * Owns the child's id until it is reaped.  Never waits on the loop's thread, never believes that the child reads or is silent.
 */
#include "io/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/spawn.h"

#define TICK_US 50000LL
#define TICK_READS 16		/* of one piece each: a program that floods its standard error is slowed, not us */
#define PIECE 4096
#define LAST_WORDS 512
#define SAID_CELLS 120

struct errand {
	struct loop *loop;
	char **argv;
	char *input;
	size_t input_len;
	int64_t limit_us, deadline_us;
	errand_done_fn *done;
	void *arg;
	bool is_free;			/* let go while the pool had it */
	bool in_pool;
	bool is_asked;			/* its time was over: SIGTERM went out */
	bool is_late;
	pid_t pid;			/* 0: none, or reaped */
	int fd;				/* readable once the child has ended; -1 */
	int words;			/* our end of its standard error; -1 */
	char last[LAST_WORDS + 1];	/* the newest bytes of it */
	size_t last_len;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct err err;
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
errand_destroy(struct errand *a)
{
	if (a->watch != NULL)
		loop_watch_free(a->loop, a->watch);
	loop_timer_free(a->loop, a->timer);
	close_fd(&a->fd);
	close_fd(&a->words);
	if (a->pid > 0) {
		kill(-a->pid, SIGKILL);
		(void)waitpid(a->pid, NULL, WNOHANG);
	}
	for (int i = 0; a->argv[i] != NULL; i++)
		free(a->argv[i]);
	free(a->argv);
	free(a->input);
	free(a);
}

/* ---- In the pool ---- */

/* A file in memory, not a pipe: the whole text is there at once, whether anybody reads it or not. */
static int
input_file(const struct errand *a)
{
	int fd = memfd_create("livedirector-input", MFD_CLOEXEC);
	size_t at = 0;

	while (fd >= 0 && at < a->input_len) {
		ssize_t n = write(fd, a->input + at, a->input_len - at);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	if (fd >= 0 && (at < a->input_len || lseek(fd, 0, SEEK_SET) != 0))
		close_fd(&fd);
	return fd;
}

static void
errand_run(void *arg)
{
	struct errand *a = arg;
	int in = input_file(a), ends[2] = { -1, -1 }, error;

	if (in < 0 || pipe2(ends, O_CLOEXEC) != 0) {
		err_errno(&a->err, ERR_ENVIRONMENT, errno, "%.120s cannot be started", a->argv[0]);
		close_fd(&in);
		return;
	}
	error = spawn_program(&a->pid, a->argv[0], a->argv, (struct spawn_ends){ in, -1, ends[1] });
	close_fd(&in);
	close_fd(&ends[1]);
	a->words = ends[0];
	if (error != 0) {
		a->pid = 0;
		err_errno(&a->err, ERR_ENVIRONMENT, error, "%.120s cannot be started", a->argv[0]);
		return;
	}
	/* Only our end, and only now: the program's own end waits as programs expect it. */
	(void)fcntl(a->words, F_SETFL, O_NONBLOCK);
	a->fd = pidfd_open(a->pid, 0);
}

/* ---- Its last words ---- */

static void
keep_words(struct errand *a, const char *piece, size_t len)
{
	if (len > LAST_WORDS) {
		piece += len - LAST_WORDS;
		len = LAST_WORDS;
	}
	if (a->last_len + len > LAST_WORDS) {
		size_t drop = a->last_len + len - LAST_WORDS;

		memmove(a->last, a->last + drop, a->last_len - drop);
		a->last_len -= drop;
	}
	memcpy(a->last + a->last_len, piece, len);
	a->last_len += len;
}

static void
read_words(struct errand *a)
{
	char piece[PIECE];

	for (int i = 0; a->words >= 0 && i < TICK_READS; i++) {
		ssize_t n = read(a->words, piece, sizeof piece);

		if (n < 0)
			return;
		if (n == 0)
			close_fd(&a->words);
		else
			keep_words(a, piece, (size_t)n);
	}
}

/* ": no such scene": the last line it wrote; "" when it wrote none. */
static void
last_line(const struct errand *a, char *out, size_t out_size)
{
	size_t end = a->last_len, begin;
	char line[4 * SAID_CELLS];

	while (end > 0 && strchr(" \t\r\n", a->last[end - 1]) != NULL)
		end--;
	for (begin = end; begin > 0 && a->last[begin - 1] != '\n'; )
		begin--;
	str_clean(line, sizeof line, a->last + begin, end - begin, SAID_CELLS);
	snprintf(out, out_size, "%s%s", line[0] != '\0' ? ": " : "", line);
}

/* ---- On the loop ---- */

static void
judge_exit(struct errand *a, int status)
{
	char said[5 * SAID_CELLS], limit[32];

	last_line(a, said, sizeof said);
	str_time_words(limit, sizeof limit, a->limit_us);
	if (a->is_late)
		err_set(&a->err, ERR_TIMEOUT, "%.120s took longer than %s and was ended%.150s", a->argv[0], limit, said);
	else if (WIFSIGNALED(status))
		err_set(&a->err, ERR_ENVIRONMENT, "%.120s was ended by signal %d%.150s", a->argv[0], WTERMSIG(status), said);
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		err_set(&a->err, ERR_ENVIRONMENT, "%.120s ended with status %d%.150s", a->argv[0], WEXITSTATUS(status), said);
}

/* Whoever is told may free it. */
static void
errand_over(struct errand *a)
{
	struct err e = a->err;

	loop_timer_stop(a->loop, a->timer);
	if (a->watch != NULL)
		loop_watch_free(a->loop, a->watch);
	a->watch = NULL;
	close_fd(&a->fd);
	close_fd(&a->words);
	a->done(a->arg, &e);
}

static bool
errand_reap(struct errand *a)
{
	int status = 0;
	pid_t ended = waitpid(a->pid, &status, WNOHANG);

	if (ended == 0 || (ended < 0 && errno == EINTR))
		return false;
	if (a->is_late)
		kill(-a->pid, SIGKILL);		/* those that it leaves behind had the same limit */
	a->pid = 0;
	read_words(a);
	judge_exit(a, status);
	errand_over(a);
	return true;
}

static void
errand_ended(void *arg, unsigned events)
{
	(void)events;
	(void)errand_reap(arg);
}

static void
errand_tick(void *arg)
{
	struct errand *a = arg;
	const int64_t now_us = loop_now_us(a->loop);

	read_words(a);
	if (errand_reap(a) || now_us < a->deadline_us)
		return;
	a->is_late = true;
	kill(-a->pid, a->is_asked ? SIGKILL : SIGTERM);
	a->is_asked = true;
	a->deadline_us = now_us + ERRAND_GRACE_US;
}

static void
errand_ran(void *arg)
{
	struct errand *a = arg;

	a->in_pool = false;
	if (a->is_free) {
		errand_destroy(a);
	} else if (a->pid == 0) {
		errand_over(a);
	} else {
		if (a->fd >= 0)
			a->watch = loop_watch_new(a->loop, a->fd, LOOP_READ, errand_ended, a);
		a->deadline_us = loop_now_us(a->loop) + a->limit_us;
		loop_timer_start(a->loop, a->timer, TICK_US, TICK_US);
	}
}

struct errand *
errand_start(struct loop *loop, const struct errand_ask *ask, errand_done_fn *done, void *arg)
{
	struct errand *a = xcalloc(1, sizeof *a);
	size_t count = 0;

	while (ask->argv[count] != NULL)
		count++;
	a->loop = loop;
	a->argv = xcalloc(count + 1, sizeof *a->argv);
	for (size_t i = 0; i < count; i++)
		a->argv[i] = xstrdup(ask->argv[i]);
	a->input = xmalloc(ask->input_len + 1);
	memcpy(a->input, ask->input, ask->input_len);
	a->input_len = ask->input_len;
	a->limit_us = ask->limit_us;
	a->done = done;
	a->arg = arg;
	a->fd = a->words = -1;
	a->timer = loop_timer_new(loop, errand_tick, a);
	a->in_pool = true;
	loop_work(loop, errand_run, errand_ran, a);
	return a;
}

void
errand_free(struct errand *a)
{
	if (a == NULL)
		return;
	if (a->in_pool)
		a->is_free = true;
	else
		errand_destroy(a);
}
