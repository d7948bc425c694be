/*
 * root_fleet.c - starts the rehearsal cameras beside this executable, reads where they serve, ends them.
 * They end by themselves when this process dies, however that happens.
 */
#include "root_fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/clk.h"
#include "base/str.h"
#include "io/jdoc.h"

#define READY_US 15000000LL
#define END_US 5000000LL

bool
root_fleet_own_folder(char *out, size_t out_size)
{
	ssize_t len = readlink("/proc/self/exe", out, out_size - 1);
	char *slash;

	if (len <= 0)
		return false;
	out[len] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return true;
}

/* Beside this executable, or where an installation puts it; else PATH. */
static void
fleet_program(char *out, size_t out_size)
{
	static const char *const places[] = { ".", "../sbin", "../libexec", "../libexec/livedirector" };
	char own[PATH_MAX];

	for (size_t i = 0; root_fleet_own_folder(own, sizeof own) && i < sizeof places / sizeof places[0]; i++) {
		int len = snprintf(out, out_size, "%s/%s/mmcamd", own, places[i]);

		if (len > 0 && (size_t)len < out_size && access(out, X_OK) == 0)
			return;
	}
	snprintf(out, out_size, "mmcamd");
}

/* What it says would deface the screen: it goes to a file beside its recordings. */
static void
fleet_redirect(const char *recordings, int out_fd)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s.log", recordings);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(out_fd, STDOUT_FILENO);
	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
}

/* The child: never returns. */
static void
fleet_exec(const char *program, const char *cameras, const char *recordings, int in_fd, int out_fd, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);		/* it died before prctl() */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();			/* a Ctrl-C at the terminal is the console's */
	dup2(in_fd, STDIN_FILENO);
	fleet_redirect(recordings, out_fd);
	execlp(program, "mmcamd", "--fleet", cameras, "--port", "0", "--no-advertise", "--bind", "127.0.0.1", "--name", "Camera",
	    "--recordings", recordings, "--fault", "-", (char *)NULL);
	_exit(127);
}

/* One line from fd, without its end. */
static bool
fleet_read_line(int fd, struct buf *b, struct err *e)
{
	int64_t until_us = clk_mono_us(clk_system()) + READY_US;
	char c;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left_us = until_us - clk_mono_us(clk_system());
		ssize_t n;

		if (left_us <= 0)
			return err_set(e, ERR_ENVIRONMENT, "the rehearsal cameras did not say within 15 s where they serve");
		if (poll(&p, 1, (int)(left_us / 1000) + 1) < 0 && errno != EINTR)
			return err_errno(e, ERR_ENVIRONMENT, errno, "waiting for the rehearsal cameras");
		if ((p.revents & (POLLIN | POLLHUP)) == 0)
			continue;
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(e, ERR_ENVIRONMENT, "the rehearsal cameras (mmcamd) ended before they served: is mmcamd installed beside livedirector? "
			    "Their log is beside their recordings");
		if (c == '\n')
			return true;
		if (!buf_add(b, &c, 1))
			return err_set(e, ERR_TOO_BIG, "the rehearsal cameras' first line has no end");
	}
}

static bool
fleet_take_ready(struct root_fleet *f, const struct buf *b, struct root_list *nodes, struct err *e)
{
	struct jdoc *ready = jdoc_parse(buf_text(b), b->len, MAX_JSON_BODY, e);
	const struct jdoc *list;
	char address[32];

	if (ready == NULL)
		return false;
	list = jdoc_get(ready, "nodes");
	for (size_t i = 0; list != NULL && i < jdoc_count(list) && f->count < MAX_FLEET; i++) {
		str_copy(f->ids[f->count++], ID_BYTES, jdoc_text(jdoc_at(list, i), "id", ""));
		snprintf(address, sizeof address, "127.0.0.1:%d", (int)jdoc_int(jdoc_at(list, i), "port", 0));
		root_list_add(nodes, address);
	}
	jdoc_free(ready);
	return list != NULL || err_set(e, ERR_FORMAT, "the rehearsal cameras' first line names no nodes");
}

/* Its output to us, and ours to it, where a write never blocks. */
static bool
fleet_pipes(int from[2], int to[2], struct err *e)
{
	if (pipe2(from, O_CLOEXEC) != 0)
		return err_errno(e, ERR_ENVIRONMENT, errno, "a pipe to the rehearsal cameras");
	if (pipe2(to, O_CLOEXEC) == 0 && fcntl(to[1], F_SETFL, O_NONBLOCK) == 0)
		return true;
	err_errno(e, ERR_ENVIRONMENT, errno, "a pipe to the rehearsal cameras");
	close(from[0]);
	close(from[1]);
	return false;
}

bool
root_fleet_start(struct root_fleet *f, int cameras, const char *recordings, struct root_list *nodes, struct err *e)
{
	char program[PATH_MAX], count[16];
	pid_t parent = getpid();
	struct buf line;
	int fds[2], to[2];
	bool ok;

	*f = (struct root_fleet){ .fd = -1, .to_fd = -1 };
	fleet_program(program, sizeof program);
	snprintf(count, sizeof count, "%d", cameras);
	if (!fleet_pipes(fds, to, e))
		return false;
	f->pid = fork();
	if (f->pid == 0)
		fleet_exec(program, count, recordings, to[0], fds[1], parent);
	close(fds[1]);
	close(to[0]);
	f->fd = fds[0];
	f->to_fd = to[1];
	if (f->pid < 0) {
		f->pid = 0;
		return err_errno(e, ERR_ENVIRONMENT, errno, "the rehearsal cameras cannot be started");
	}
	buf_init(&line, MAX_JSON_BODY);
	ok = fleet_read_line(f->fd, &line, e) && fleet_take_ready(f, &line, nodes, e);
	buf_fini(&line);
	return ok;
}

/* At most PIPE_BUF bytes are written whole or not at all (POSIX.1, write). */
bool
root_fleet_tell(void *arg, const char *line, struct err *e)
{
	const struct root_fleet *f = arg;
	char text[512];
	int len = snprintf(text, sizeof text, "%s\n", line);

	if (len < 0 || (size_t)len >= sizeof text)
		return err_set(e, ERR_TOO_BIG, "that is too much at once for the rehearsal cameras");
	if (f->to_fd < 0 || write(f->to_fd, text, (size_t)len) != len)
		return err_set(e, ERR_ENVIRONMENT, "the rehearsal cameras do not listen any more: they have ended, or hang");
	return true;
}

/* True once the process is reaped. */
static bool
fleet_wait(pid_t pid, int64_t for_us)
{
	int64_t until_us = clk_mono_us(clk_system()) + for_us;
	const struct timespec nap = { .tv_nsec = 5000000 };

	for (;;) {
		pid_t got = waitpid(pid, NULL, WNOHANG);

		if (got == pid || (got < 0 && errno != EINTR))
			return true;
		if (clk_mono_us(clk_system()) >= until_us)
			return false;
		nanosleep(&nap, NULL);
	}
}

void
root_fleet_stop(struct root_fleet *f)
{
	if (f->pid > 0) {
		kill(f->pid, SIGTERM);
		if (!fleet_wait(f->pid, END_US)) {
			kill(f->pid, SIGKILL);
			fleet_wait(f->pid, END_US);
		}
	}
	f->pid = 0;
	if (f->fd >= 0)
		close(f->fd);
	if (f->to_fd >= 0)
		close(f->to_fd);
	f->fd = f->to_fd = -1;
}
