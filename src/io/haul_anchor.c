/*
 * haul_anchor.c - one small file that says whose an archive folder is.  Owns its name and what it holds.
 * Never removes one, never writes over another Sphere's.
 */
#include "io/haul_anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/str.h"

#define ANCHOR_NAME ".livedirector-sphere"
#define ANCHOR_BYTES 128
#define ANCHOR_PATH 4096

void
haul_anchor_path(const char *folder, char *out, size_t out_size)
{
	snprintf(out, out_size, "%s/" ANCHOR_NAME, folder);
}

/* False: errno says why.  An empty one is of a crash while it was made: nobody's. */
static bool
read_mark(const char *path, char *out, size_t out_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), why;
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, out, out_size - 1);
	why = errno;
	close(fd);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	errno = why;
	return n >= 0;
}

static bool
is_of(const char *folder, const char *said, const char *sphere, struct err *e)
{
	char clean[64];

	if (strcmp(said, sphere) == 0)
		return true;
	str_clean(clean, sizeof clean, said, strlen(said), 40);
	return err_set(e, ERR_REFUSED, "%.120s keeps the files of another Sphere (%s): name another archive, or rename this Sphere's folder", folder, clean);
}

bool
haul_anchor_look(const char *folder, const char *sphere, struct err *e)
{
	char path[ANCHOR_PATH], said[ANCHOR_BYTES] = "";
	bool is_read;

	haul_anchor_path(folder, path, sizeof path);
	is_read = read_mark(path, said, sizeof said);
	if (is_read && said[0] != '\0')
		return is_of(folder, said, sphere, e);
	if (is_read || errno == ENOENT || errno == ENOTDIR)
		return err_set(e, ERR_NOT_FOUND, "the archive %.160s is not there (is its disk mounted?)", folder);
	return err_errno(e, ERR_DISK, errno, "cannot look at the archive %.160s", folder);
}

static bool
write_mark(int fd, const char *sphere)
{
	char line[ANCHOR_BYTES];
	int len = snprintf(line, sizeof line, "%s\n", sphere);
	bool ok = write(fd, line, (size_t)len) == len;

	if (!ok && errno == 0)
		errno = ENOSPC;
	return ok && fsync(fd) == 0;
}

static bool
make_mark(const char *folder, const char *sphere, struct err *e)
{
	char path[ANCHOR_PATH];
	int fd, why = 0;

	haul_anchor_path(folder, path, sizeof path);
	errno = 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0 || !write_mark(fd, sphere))
		why = errno;
	if (fd >= 0)
		close(fd);
	return why == 0 || err_errno(e, ERR_DISK, why, "cannot write to the archive %.160s", folder);
}

static bool
make_folder(const char *path, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return err_errno(e, ERR_DISK, errno, "cannot make the archive %.160s", path);
	if (stat(path, &st) != 0)
		return err_errno(e, ERR_DISK, errno, "cannot look at the archive %.160s", path);
	return S_ISDIR(st.st_mode) || err_set(e, ERR_DISK, "%.160s is no folder", path);
}

bool
haul_anchor_begin(const char *root, const char *folder, const char *sphere, struct err *e)
{
	struct err why = { .kind = ERR_NONE };

	if (!make_folder(root, e) || !make_folder(folder, e))
		return false;
	if (haul_anchor_look(folder, sphere, &why))
		return true;
	if (why.kind == ERR_NOT_FOUND)
		return make_mark(folder, sphere, e);
	if (e != NULL)
		*e = why;
	return false;
}
