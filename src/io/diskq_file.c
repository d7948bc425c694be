/*
 * diskq_file.c - one journal's bytes: whole lines or nothing, in order, flushed when asked; and
 * files replaced atomically.  Writer thread (or start-up) only; never calls back.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/xalloc.h"
#include "io/diskq_private.h"

#define BACKLOG_CEILING ((size_t)32 * 1024 * 1024)

struct diskq_file *
diskq_file_new(int fd)
{
	struct diskq_file *f = xcalloc(1, sizeof *f);
	struct stat st;

	f->fd = fd;
	f->good_end = fstat(fd, &st) == 0 ? (int64_t)st.st_size : 0;
	buf_init(&f->backlog, BACKLOG_CEILING);
	list_init(&f->touched);
	list_init(&f->restless);
	return f;
}

void
diskq_file_free(struct diskq_file *f)
{
	if (f == NULL)
		return;
	diskq_file_settle(f);
	close(f->fd);
	buf_fini(&f->backlog);
	free(f);
}

/* Bytes past the last whole line go away before anything else is written. */
static bool
file_take_back(struct diskq_file *f, struct err *e)
{
	f->torn = ftruncate(f->fd, (off_t)f->good_end) != 0;
	if (f->torn)
		return err_errno(e, ERR_DISK, errno, "cannot take back a half-written line");
	return true;
}

/* One write; all of it or nothing. */
static bool
file_write(struct diskq_file *f, const char *bytes, size_t len, struct err *e)
{
	ssize_t n;

	if (f->torn && !file_take_back(f, e))
		return false;
	do
		n = write(f->fd, bytes, len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len) {
		f->good_end += (int64_t)n;
		f->dirty = true;
		return true;
	}
	if (n < 0)
		return err_errno(e, ERR_DISK, errno, "cannot write");
	if (!file_take_back(f, e))
		return false;
	return err_set(e, ERR_DISK, "the disk took only %zd of %zu bytes", n, len);
}

static bool
file_write_backlog(struct diskq_file *f, struct err *e)
{
	size_t left = f->backlog.len - f->backlog_done;

	if (left == 0)
		return true;
	if (!file_write(f, f->backlog.data + f->backlog_done, left, e))
		return false;
	f->backlog_done = f->backlog.len;
	return true;
}

static void
file_keep(struct diskq_file *f, const char *bytes, size_t len)
{
	if (!f->given_up && !buf_add(&f->backlog, bytes, len))
		f->given_up = true;
}

void
diskq_file_begin(struct diskq_file *f)
{
	f->batch_start = f->good_end;
	f->batch_backlog = f->backlog.len;
	f->wants_sync = false;
}

bool
diskq_file_append(struct diskq_file *f, const char *bytes, size_t len, struct err *e)
{
	if (f->given_up)
		return err_set(e, ERR_TOO_BIG, "too many lines wait for the disk; this journal is closed for this run");
	if (file_write_backlog(f, e) && file_write(f, bytes, len, e))
		return true;
	file_keep(f, bytes, len);
	return false;
}

/* The lines of a batch that may not be on disk are written anew later: a failed flush may have dropped its pages. */
static void
file_put_back(struct diskq_file *f, const struct list *jobs)
{
	struct err ignored;

	f->good_end = f->batch_start;
	(void)file_take_back(f, &ignored);
	f->backlog_done = 0;
	f->backlog.len = f->batch_backlog;
	if (jobs == NULL)
		return;
	LIST_EACH(it, jobs) {
		const struct diskq_job *job = LIST_ENTRY(it, struct diskq_job, link);

		if (job->kind == DISKQ_APPEND && job->file == f)
			file_keep(f, job->bytes, job->len);
	}
}

bool
diskq_file_end(struct diskq_file *f, const struct list *jobs, struct err *e)
{
	if (f->wants_sync && f->dirty) {
		if (fdatasync(f->fd) != 0) {
			err_errno(e, ERR_DISK, errno, "cannot flush");
			file_put_back(f, jobs);
			return false;
		}
		f->dirty = false;
	}
	buf_drop_front(&f->backlog, f->backlog_done);
	f->backlog_done = 0;
	return true;
}

bool
diskq_file_settle(struct diskq_file *f)
{
	struct err ignored;

	diskq_file_begin(f);
	f->wants_sync = true;
	return file_write_backlog(f, &ignored) && diskq_file_end(f, NULL, &ignored);
}

/* ---- Atomic replacement ---- */

static bool
replace_sync_folder(const char *path, struct err *e)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		err_errno(e, ERR_DISK, errno, "cannot flush the folder of %s", path);
	if (fd >= 0)
		close(fd);
	free(copy);
	return ok;
}

/* A take's folder comes into being with its first file. */
static bool
replace_make_folder(const char *path)
{
	char *copy = xstrdup(path);
	const char *folder = dirname(copy);
	struct err ignored;
	bool ok = mkdir(folder, 0777) == 0 && replace_sync_folder(folder, &ignored);

	free(copy);
	return ok;
}

static int
replace_open(const char *temporary)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(temporary, flags, 0666);

	if (fd < 0 && errno == ENOENT && replace_make_folder(temporary))
		fd = open(temporary, flags, 0666);
	return fd;
}

static bool
replace_fill(int fd, const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = write(fd, bytes + at, len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return fsync(fd) == 0;
}

bool
diskq_replace_now(const char *path, const void *bytes, size_t len, struct err *e)
{
	char *temporary = xasprintf("%s.tmp", path);
	int fd = replace_open(temporary), why = errno;
	bool ok = fd >= 0;

	if (ok) {
		ok = replace_fill(fd, bytes, len);
		why = errno;
		if (close(fd) != 0 && ok) {
			why = errno;
			ok = false;
		}
		if (ok && rename(temporary, path) != 0) {
			why = errno;
			ok = false;
		}
		if (!ok)
			unlink(temporary);
	}
	free(temporary);
	if (!ok)
		return err_errno(e, ERR_DISK, why, "cannot write %s", path);
	return replace_sync_folder(path, e);
}
