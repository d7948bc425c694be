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

struct diskq_file *
diskq_file_new(int fd)
{
	struct diskq_file *f = xcalloc(1, sizeof *f);
	struct stat st;

	f->fd = fd;
	f->safe_end = fstat(fd, &st) == 0 ? (int64_t)st.st_size : 0;
	buf_init(&f->unsafe, DISKQ_BACKLOG_CEILING);
	buf_init(&f->gathered, DISKQ_BACKLOG_CEILING);
	list_init(&f->touched);
	list_init(&f->restless);
	list_init(&f->gathering);
	return f;
}

void
diskq_file_free(struct diskq_file *f)
{
	if (f == NULL)
		return;
	diskq_file_settle(f);
	close(f->fd);
	buf_fini(&f->unsafe);
	buf_fini(&f->gathered);
	free(f);
}

/* Bytes past the last whole line go away before anything else is written. */
static bool
file_take_back(struct diskq_file *f, struct err *e)
{
	f->is_torn = ftruncate(f->fd, (off_t)(f->safe_end + (int64_t)f->unsafe_written)) != 0;
	return !f->is_torn || err_errno(e, ERR_DISK, errno, "cannot take back a half-written line");
}

/* All that waits, in one write; all of it or nothing. */
static bool
file_write(struct diskq_file *f, struct err *e)
{
	size_t left = f->unsafe.len - f->unsafe_written;
	ssize_t n;

	if (f->is_torn && !file_take_back(f, e))
		return false;
	if (left == 0)
		return true;
	do
		n = write(f->fd, f->unsafe.data + f->unsafe_written, left);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)left) {
		f->unsafe_written = f->unsafe.len;
		return true;
	}
	if (n < 0)
		return err_errno(e, ERR_DISK, errno, "cannot write");
	return file_take_back(f, e) && err_set(e, ERR_DISK, "the disk took only %zd of %zu bytes", n, left);
}

bool
diskq_file_append(struct diskq_file *f, const char *bytes, size_t len, struct err *e)
{
	if (!f->is_given_up && !buf_add(&f->unsafe, bytes, len))
		f->is_given_up = true;
	if (f->is_given_up)
		return err_set(e, ERR_TOO_BIG, "too many lines wait for the disk; this journal is closed for this run");
	return file_write(f, e);
}

bool
diskq_file_is_safe(const struct diskq_file *f)
{
	return f->unsafe.len == 0 && !f->is_torn;
}

bool
diskq_file_sync(struct diskq_file *f, struct err *e)
{
	struct err ignored;

	if (f->unsafe_written == 0)
		return true;
	if (fdatasync(f->fd) != 0) {
		err_errno(e, ERR_DISK, errno, "cannot flush");
		f->unsafe_written = 0;
		(void)file_take_back(f, &ignored);
		return false;
	}
	f->safe_end += (int64_t)f->unsafe_written;
	buf_drop_front(&f->unsafe, f->unsafe_written);
	f->unsafe_written = 0;
	return true;
}

void
diskq_file_settle(struct diskq_file *f)
{
	struct err ignored;

	(void)file_write(f, &ignored);
	(void)diskq_file_sync(f, &ignored);
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
replace_open(const char *temporary, mode_t mode)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(temporary, flags, mode);

	if (fd < 0 && errno == ENOENT && replace_make_folder(temporary))
		fd = open(temporary, flags, mode);
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

static bool
replace_with(const char *path, mode_t mode, const void *bytes, size_t len, struct err *e)
{
	char *temporary = xasprintf("%s.tmp", path);
	int fd = replace_open(temporary, mode), why = errno;
	bool ok = fd >= 0;

	if (ok) {
		/* One that a crash left there has the mode that it was made with. */
		ok = (mode == 0666 || fchmod(fd, mode) == 0) && replace_fill(fd, bytes, len);
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

bool
diskq_replace_now(const char *path, const void *bytes, size_t len, struct err *e)
{
	return replace_with(path, 0666, bytes, len, e);
}

bool
diskq_replace_private_now(const char *path, const void *bytes, size_t len, struct err *e)
{
	return replace_with(path, 0600, bytes, len, e);
}

bool
diskq_replace_there_now(const char *path, const void *bytes, size_t len, struct err *e)
{
	char *copy = xstrdup(path);
	const char *folder = dirname(copy);
	struct stat st;
	bool ok = stat(folder, &st) == 0 && S_ISDIR(st.st_mode);

	if (!ok)
		err_set(e, ERR_REFUSED, "cannot write %.200s: there is no folder %.200s; make it first", path, folder);
	free(copy);
	return ok && replace_with(path, 0666, bytes, len, e);
}
