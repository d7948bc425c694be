/*
 * bench_pipe.c - runs a command with its output in a pipe; prints its CPU seconds and the bytes it wrote.
 *
 *	bench_pipe [-o FILE] COMMAND...		-o keeps the bytes
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	static char bytes[1 << 20];
	const int keeps = argc > 3 && strcmp(argv[1], "-o") == 0 ? open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	char **command = argv + (keeps >= 0 ? 3 : 1);
	int pipes[2], null_fd = open("/dev/null", O_RDWR), status;
	struct rusage used;
	long long sum = 0;
	ssize_t n;
	pid_t pid;

	if (argc < 2 || pipe(pipes) != 0 || (pid = fork()) < 0)
		return 4;
	if (pid == 0) {
		dup2(null_fd, 0);
		dup2(pipes[1], 1);
		dup2(null_fd, 2);
		close(pipes[0]);
		close(pipes[1]);
		execvp(command[0], command);
		_exit(127);
	}
	close(pipes[1]);
	while ((n = read(pipes[0], bytes, sizeof bytes)) > 0) {
		sum += n;
		if (keeps >= 0 && write(keeps, bytes, (size_t)n) != n)
			return 4;
	}
	if (wait4(pid, &status, 0, &used) != pid)
		return 4;
	printf("%.4f %lld\n", (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
	    + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6, sum);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}
