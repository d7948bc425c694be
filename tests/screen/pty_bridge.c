/*
 * pty_bridge.c - a pseudo-terminal between a program and whoever has two pipes: a terminal emulator without one.
 * Standard input goes to the program, what it prints to standard output; descriptor 3 takes sizes.  Knows no bytes.
 *
 *   pty_bridge ROWS COLS COMMAND...       on descriptor 3: "ROWS COLS\n" each time the terminal has a new size
 *
 * The size in pixels is left at nothing, as browser terminals do.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE_BYTES 65536

static bool
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* False: the end. */
static bool
carry(int from, int to)
{
	static char bytes[PIECE_BYTES];
	ssize_t n = read(from, bytes, sizeof bytes);

	if (n < 0 && errno == EINTR)
		return true;
	return n > 0 && write_all(to, bytes, (size_t)n);
}

/* Sizes come whole lines at a time; of several only the last counts. */
static bool
resize(int from, int master)
{
	char line[4096];
	ssize_t n = read(from, line, sizeof line - 1);
	struct winsize size = { 0 };
	unsigned short rows, cols;

	if (n <= 0)
		return false;
	line[n] = '\0';
	for (char *p = line; p != NULL && sscanf(p, "%hu %hu", &rows, &cols) == 2; p = strchr(p, '\n'), p += p != NULL) {
		size.ws_row = rows;
		size.ws_col = cols;
	}
	return size.ws_row == 0 || ioctl(master, TIOCSWINSZ, &size) == 0;
}

static void
bridge(int master)
{
	struct pollfd fds[] = { { master, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 }, { 3, POLLIN, 0 } };

	for (;;) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return;
		if (fds[0].revents != 0 && !carry(master, STDOUT_FILENO))
			return;
		if (fds[1].revents != 0 && !carry(STDIN_FILENO, master))
			return;
		if (fds[2].revents != 0 && !resize(3, master))
			fds[2].fd = -1;
	}
}

int
main(int argc, char **argv)
{
	struct winsize size = { 0 };
	int master;
	pid_t child;

	if (argc < 4) {
		fprintf(stderr, "usage: pty_bridge ROWS COLS COMMAND...\n");
		return 2;
	}
	size.ws_row = (unsigned short)atoi(argv[1]);
	size.ws_col = (unsigned short)atoi(argv[2]);
	child = forkpty(&master, NULL, NULL, &size);
	if (child < 0)
		return 1;
	if (child == 0) {
		close(3);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	bridge(master);
	close(master);		/* the program's terminal hangs up */
	kill(child, SIGHUP);
	waitpid(child, NULL, 0);
	return 0;
}
