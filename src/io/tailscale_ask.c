/*
 * tailscale_ask.c - one run of `tailscale status --json`: started and read in the pool, watched by the loop, ended after 5 s.
 * Owns the process and its pipe.  Never a shell, never a wait on the loop's thread or a long one in the pool.
 */
#include "io/tailscale.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/spawn.h"

#define MOST_US 5000000
#define REAP_EVERY_US 3000		/* a program that closed its output is gone soon after */
#define READ_BYTES ((size_t)64 * 1024)
#define PROGRAM_BYTES 4096

struct tailscale_ask {
	struct loop *loop;
	tailscale_fn *fn;
	void *arg;
	char *program, *path;
	bool in_pool, is_closed, is_wanted;	/* is_wanted: the pool's copy of !is_closed */

	bool is_missing;		/* nobody called so in the folders of path */
	int error;			/* errno of what could not be started */
	pid_t pid;			/* 0: none, or reaped */
	int fd;				/* its output; -1 */
	struct loop_watch *watch;
	struct loop_timer *deadline, *reap;
	struct buf bytes;
	bool is_ended;			/* exit_status is known; else it was killed */
	int exit_status;		/* as of waitpid(2) */
	char why[160];			/* "": it went well so far */
	struct tailscale_status status;
};

/* ---- Starting, in the pool ---- */

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* As execvp(3) does, but never in the present folder. */
static bool
find_program(const struct tailscale_ask *a, char *out, size_t out_size)
{
	const char *at = a->path;

	if (strchr(a->program, '/') != NULL)
		return str_copy(out, out_size, a->program);
	while (*at != '\0') {
		size_t len = strcspn(at, ":");
		int needed = snprintf(out, out_size, "%.*s/%s", (int)len, at, a->program);

		if (at[0] == '/' && needed > 0 && (size_t)needed < out_size && is_program(out))
			return true;
		at += len + (at[len] == ':');
	}
	return false;
}

static void
start_run(void *arg)
{
	struct tailscale_ask *a = arg;
	char *argv[] = { (char *)(uintptr_t)"tailscale", (char *)(uintptr_t)"status", (char *)(uintptr_t)"--json", NULL };
	char program[PROGRAM_BYTES];
	int ends[2];

	if (!find_program(a, program, sizeof program)) {
		a->is_missing = true;
		return;
	}
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		a->error = errno;
		return;
	}
	/* The program must not be surprised by a pipe that does not wait: the flag is of the end, not of the pipe. */
	if (fcntl(ends[1], F_SETFL, 0) != 0)
		a->error = errno;
	else
		a->error = spawn_program(&a->pid, program, argv, (struct spawn_ends){ -1, ends[1], -1 });
	close(ends[1]);
	a->fd = ends[0];
	if (a->error != 0)
		a->pid = 0;
}

/* ---- The end, in the pool ---- */

static void
judge_exit(struct tailscale_ask *a)
{
	if (a->why[0] != '\0' || !a->is_ended)
		return;
	if (WIFSIGNALED(a->exit_status))
		snprintf(a->why, sizeof a->why, "ended by signal %d", WTERMSIG(a->exit_status));
	else if (WIFEXITED(a->exit_status) && WEXITSTATUS(a->exit_status) != 0)
		snprintf(a->why, sizeof a->why, "exit status %d", WEXITSTATUS(a->exit_status));
}

/* Nobody waits long: the program is gone or was killed. */
static void
finish_run(void *arg)
{
	struct tailscale_ask *a = arg;
	struct err e;

	if (a->pid > 0) {
		kill(-a->pid, SIGKILL);
		while (waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
			;
		a->pid = 0;
	}
	judge_exit(a);
	if (a->why[0] == '\0' && a->is_wanted && !tailscale_read(&a->status, buf_text(&a->bytes), a->bytes.len, &e))
		str_copy(a->why, sizeof a->why, e.text);
}

static void
ask_free(struct tailscale_ask *a)
{
	tailscale_status_fini(&a->status);
	buf_fini(&a->bytes);
	free(a->program);
	free(a->path);
	free(a);
}

static void
finish_done(void *arg)
{
	struct tailscale_ask *a = arg;

	a->in_pool = false;
	if (a->is_closed)
		ask_free(a);
	else if (a->why[0] != '\0')
		a->fn(a->arg, TAILSCALE_FAILED, NULL, a->why);
	else
		a->fn(a->arg, TAILSCALE_OK, &a->status, "");
}

/* ---- Listening, on the loop's thread ---- */

static void
unwatch(struct tailscale_ask *a)
{
	loop_watch_free(a->loop, a->watch);
	a->watch = NULL;
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

/* Whatever still runs is ended. */
static void
finish(struct tailscale_ask *a)
{
	unwatch(a);
	loop_timer_free(a->loop, a->deadline);
	loop_timer_free(a->loop, a->reap);
	a->deadline = a->reap = NULL;
	a->in_pool = true;
	a->is_wanted = !a->is_closed;
	loop_work(a->loop, finish_run, finish_done, a);
}

static void
on_deadline(void *arg)
{
	struct tailscale_ask *a = arg;

	snprintf(a->why, sizeof a->why, "no answer in %d s", MOST_US / 1000000);
	finish(a);
}

static void
on_reap(void *arg)
{
	struct tailscale_ask *a = arg;
	pid_t pid = waitpid(a->pid, &a->exit_status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR))
		return;
	a->is_ended = pid > 0;		/* else somebody else reaped it; what it wrote tells how it went */
	a->pid = 0;
	finish(a);
}

static void
on_output(void *arg, unsigned events)
{
	struct tailscale_ask *a = arg;
	char *bytes = xmalloc(READ_BYTES);
	ssize_t len = read(a->fd, bytes, READ_BYTES);
	bool fits = len <= 0 || buf_add(&a->bytes, bytes, (size_t)len);

	(void)events;
	free(bytes);
	if (!fits) {
		snprintf(a->why, sizeof a->why, "its answer is longer than %d bytes", MAX_TAILSCALE_BYTES);
		finish(a);
	} else if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR)) {
		unwatch(a);
		loop_timer_start(a->loop, a->reap, 0, REAP_EVERY_US);
	}
}

static void
start_done(void *arg)
{
	struct tailscale_ask *a = arg;

	a->in_pool = false;
	if (a->is_closed) {
		if (a->pid > 0) {
			finish(a);
			return;
		}
		unwatch(a);
		ask_free(a);
	} else if (a->is_missing) {
		a->fn(a->arg, TAILSCALE_NOT_INSTALLED, NULL, "");
	} else if (a->error != 0) {
		struct err e;

		err_errno(&e, ERR_ENVIRONMENT, a->error, "%s cannot be run", a->program);
		unwatch(a);
		a->fn(a->arg, TAILSCALE_FAILED, NULL, e.text);
	} else {
		a->watch = loop_watch_new(a->loop, a->fd, LOOP_READ, on_output, a);
		a->deadline = loop_timer_new(a->loop, on_deadline, a);
		a->reap = loop_timer_new(a->loop, on_reap, a);
		loop_timer_start(a->loop, a->deadline, MOST_US, 0);
	}
}

struct tailscale_ask *
tailscale_ask_open(struct loop *loop, const char *program, const char *path, tailscale_fn *fn, void *arg)
{
	struct tailscale_ask *a = xcalloc(1, sizeof *a);

	a->loop = loop;
	a->fn = fn;
	a->arg = arg;
	a->program = xstrdup(program);
	a->path = xstrdup(path);
	a->fd = -1;
	buf_init(&a->bytes, MAX_TAILSCALE_BYTES);
	a->in_pool = true;
	loop_work(loop, start_run, start_done, a);
	return a;
}

void
tailscale_ask_close(struct tailscale_ask *a)
{
	if (a == NULL)
		return;
	a->is_closed = true;
	if (a->in_pool)
		return;
	if (a->pid > 0)
		finish(a);
	else
		ask_free(a);
}
