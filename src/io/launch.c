/*
 * launch.c - starts another program that then lives on its own, and reaps it when it ends.
 * Owns the child's id until then.  Never kills it, never reads from it, never waits on the loop's thread.
 */
#include "io/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/xalloc.h"
#include "io/spawn.h"

struct launch {
	struct loop *loop;
	char *argv[LAUNCH_ARGS + 1];
	int first_file;
	launch_done_fn *done;		/* NULL: told, or nobody is to be told any more */
	void *arg;
	bool is_free;			/* let go while the pool had it */
	bool in_pool;
	pid_t pid;			/* 0: none, or reaped */
	int fd;				/* readable once the child has ended; -1 */
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct err err;
};

static void
launch_destroy(struct launch *l)
{
	if (l->watch != NULL)
		loop_watch_free(l->loop, l->watch);
	loop_timer_free(l->loop, l->timer);
	if (l->fd >= 0)
		close(l->fd);
	for (int i = 0; l->argv[i] != NULL; i++)
		free(l->argv[i]);
	free(l);
}

static void
tell(struct launch *l)
{
	launch_done_fn *done = l->done;

	l->done = NULL;
	loop_timer_stop(l->loop, l->timer);
	if (done != NULL)
		done(l->arg, &l->err);
}

/* ---- In the pool ---- */

static bool
files_are_there(struct launch *l)
{
	for (int i = l->first_file; l->argv[i] != NULL; i++)
		if (access(l->argv[i], R_OK) != 0)
			return err_errno(&l->err, ERR_NOT_FOUND, errno, "%s cannot be read", l->argv[i]);
	return true;
}

static void
launch_run(void *arg)
{
	struct launch *l = arg;
	int error;

	if (!files_are_there(l))
		return;
	error = spawn_program(&l->pid, l->argv[0], l->argv, (struct spawn_ends){ -1, -1, -1 });
	if (error != 0) {
		l->pid = 0;
		err_errno(&l->err, ERR_ENVIRONMENT, error, "%s cannot be started", l->argv[0]);
		return;
	}
	l->fd = pidfd_open(l->pid, 0);
}

/* ---- On the loop ---- */

static void
judge_exit(struct launch *l, int status)
{
	if (WIFSIGNALED(status))
		err_set(&l->err, ERR_ENVIRONMENT, "%s was ended by signal %d", l->argv[0], WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		err_set(&l->err, ERR_ENVIRONMENT, "%s ended at once with status %d", l->argv[0], WEXITSTATUS(status));
}

static void
launch_ended(void *arg, unsigned events)
{
	struct launch *l = arg;
	int status = 0;

	(void)events;
	if (waitpid(l->pid, &status, WNOHANG) == 0)
		return;
	l->pid = 0;
	loop_watch_free(l->loop, l->watch);
	l->watch = NULL;
	judge_exit(l, status);
	tell(l);
}

/* It has lived for so long: it runs. */
static void
launch_lives(void *arg)
{
	tell(arg);
}

static void
launch_ran(void *arg)
{
	struct launch *l = arg;

	l->in_pool = false;
	if (l->is_free) {
		launch_destroy(l);
		return;
	}
	if (l->err.kind != ERR_NONE || l->fd < 0) {
		tell(l);
		return;
	}
	l->watch = loop_watch_new(l->loop, l->fd, LOOP_READ, launch_ended, l);
	loop_timer_start(l->loop, l->timer, LAUNCH_WATCH_US, 0);
}

struct launch *
launch_start(struct loop *loop, const char *const *argv, int first_file, launch_done_fn *done, void *arg)
{
	struct launch *l = xcalloc(1, sizeof *l);

	l->loop = loop;
	l->first_file = first_file;
	l->done = done;
	l->arg = arg;
	l->fd = -1;
	for (int i = 0; argv[i] != NULL && i < LAUNCH_ARGS; i++)
		l->argv[i] = xstrdup(argv[i]);
	l->timer = loop_timer_new(loop, launch_lives, l);
	l->in_pool = true;
	loop_work(loop, launch_run, launch_ran, l);
	return l;
}

bool
launch_is_over(const struct launch *l)
{
	return !l->in_pool && l->watch == NULL && l->done == NULL;
}

void
launch_free(struct launch *l)
{
	if (l == NULL)
		return;
	l->done = NULL;
	if (l->in_pool)
		l->is_free = true;
	else
		launch_destroy(l);
}
