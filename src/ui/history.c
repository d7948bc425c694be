/*
 * history.c - the file of what was typed.  Owns its form and its mode (0600); never the prompt.
 * Lines are appended, so that two consoles do not undo each other.
 */
#include "ui/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ceilings.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "ui/livefile.h"

#define LINE_BYTES 1024

struct addition { char *path, *line; int errnum; };

/* Writes all of it and makes it the file; the old one stays if that fails. */
static void
rewrite(const char *path, const char *text, size_t len)
{
	char *fresh = xasprintf("%s.%ld", path, (long)getpid());
	int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (!ok || rename(fresh, path) != 0) {
		log_line(LOG_UI, "the history %s could not be shortened", path);
		if (fd >= 0)
			unlink(fresh);
	}
	free(fresh);
}

/* Where the newest lines begin. */
static size_t
newest(const char *text, size_t len)
{
	size_t at = len;
	int lines = 0;

	while (at > 0) {
		if (text[at - 1] == '\n' && at < len && ++lines == HISTORY_LINES)
			return at;
		at--;
	}
	return 0;
}

void
history_load(const char *path, history_fn *tell, void *arg)
{
	size_t len, from;
	char *text = path[0] != '\0' && access(path, F_OK) == 0 ? livefile_read(path, &len, NULL) : NULL;

	if (text == NULL)
		return;
	from = newest(text, len);
	for (size_t at = from; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t bytes = end != NULL ? (size_t)(end - (text + at)) : len - at;
		char line[LINE_BYTES];

		str_clean(line, sizeof line, text + at, bytes, LINE_BYTES);
		if (line[0] != '\0')
			tell(arg, line);
		at += bytes + 1;
	}
	/* Not at every start: only when it is long for what is kept. */
	if (from > 0 && (from > len / 2 || len > MAX_CONFIG_FILE / 2))
		rewrite(path, text + from, len - from);
	free(text);
}

static void
add_run(void *arg)
{
	struct addition *a = arg;
	size_t len = strlen(a->line);
	int fd = open(a->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0600);

	/* Commands may hold what nobody else should read; a file made by hand is brought to that too. */
	if (fd < 0 || fchmod(fd, 0600) != 0 || write(fd, a->line, len) != (ssize_t)len)
		a->errnum = errno;
	if (fd >= 0)
		close(fd);
}

static void
add_done(void *arg)
{
	struct addition *a = arg;

	if (a->errnum != 0)
		log_line(LOG_UI, "the history %s could not be written (error %d)", a->path, a->errnum);
	free(a->path);
	free(a->line);
	free(a);
}

void
history_add(struct loop *loop, const char *path, const char *line)
{
	struct addition *a;

	if (path[0] == '\0' || line[0] == '\0' || strchr(line, '\n') != NULL)
		return;
	a = xcalloc(1, sizeof *a);
	a->path = xstrdup(path);
	a->line = xasprintf("%s\n", line);
	loop_work(loop, add_run, add_done, a);
}
