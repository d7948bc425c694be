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
set_files(posix_spawn_file_actions_t *files, int out)
{
	int error = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (error == 0 && out >= 0)
		error = posix_spawn_file_actions_adddup2(files, out, STDOUT_FILENO);
	else if (error == 0)
		error = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	return error != 0 ? error : posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
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
spawn_program(pid_t *pid, const char *program, char *const argv[], int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	error = set_files(&files, out);
	set_signals(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (error == 0)
		error = posix_spawnp(pid, program, &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}
