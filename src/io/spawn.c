/*
 * spawn.c - posix_spawn with what every program that we start needs.  Owns nothing: the child is its caller's to wait for.
 * (POSIX.1-2017, posix_spawn; POSIX_SPAWN_SETSID is glibc's, 2.26)
 */
#include "io/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <unistd.h>

static int
set_file(posix_spawn_file_actions_t *files, int fd, int end)
{
	if (fd >= 0)
		return posix_spawn_file_actions_adddup2(files, fd, end);
	return posix_spawn_file_actions_addopen(files, end, "/dev/null", end == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
}

static int
set_files(posix_spawn_file_actions_t *files, struct spawn_ends ends)
{
	int error = set_file(files, ends.in, STDIN_FILENO);

	if (error == 0)
		error = set_file(files, ends.out, STDOUT_FILENO);
	return error != 0 ? error : set_file(files, ends.err, STDERR_FILENO);
}

static void
set_signals(posix_spawnattr_t *attr)
{
	static const int ours[] = { SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD };
	sigset_t none, reset;

	sigemptyset(&none);
	sigemptyset(&reset);
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		sigaddset(&reset, ours[i]);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &reset);
}

int
spawn_program(pid_t *pid, const char *program, char *const argv[], struct spawn_ends ends)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	error = set_files(&files, ends);
	set_signals(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (error == 0)
		error = posix_spawnp(pid, program, &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}
