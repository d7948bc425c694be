/*
 * stalled_pty.c - runs a program on a terminal of 132x43 that takes bytes until FOLDER/stall exists, then none;
 * what stands in FOLDER/type is typed once.  Ends, hanging up, when FOLDER/done exists.
 * usage: stalled_pty FOLDER COMMAND...
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[512];

static bool
is_there(const char *name)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

/* Types what the test left in FOLDER/type, a key at a time, and takes the file away. */
static void
type_once(int fd)
{
	char path[600], text[256];
	ssize_t n;
	int in;

	snprintf(path, sizeof path, "%s/type", folder);
	if ((in = open(path, O_RDONLY)) < 0)
		return;
	n = read(in, text, sizeof text);
	close(in);
	unlink(path);
	for (ssize_t i = 0; i < n; i++) {
		ssize_t done = write(fd, &text[i], 1);
		(void)done;
		usleep(300000);
	}
}

int
main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 43, .ws_col = 132 };
	int fd;
	pid_t pid;

	if (argc < 3)
		return 2;
	snprintf(folder, sizeof folder, "%s", argv[1]);
	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid < 0)
		return 1;
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	while (!is_there("done")) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char bytes[65536];

		type_once(fd);
		if (is_there("stall")) {
			usleep(50000);
			continue;
		}
		if (poll(&p, 1, 50) > 0 && read(fd, bytes, sizeof bytes) <= 0)
			break;
	}
	kill(pid, SIGTERM);
	close(fd);
	waitpid(pid, NULL, 0);
	return 0;
}
