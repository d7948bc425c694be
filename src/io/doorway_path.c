/*
 * doorway_path.c - long names of sockets.  An address holds 107 bytes (unix(7)): a longer path goes by way of its folder's
 * descriptor.  Owns nothing.
 */
#include "io/doorway_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/str.h"
#include "base/xalloc.h"

typedef int path_fn(int fd, const struct sockaddr *address, socklen_t len);

static bool
with_address(path_fn *fn, int fd, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (!str_copy(a.sun_path, sizeof a.sun_path, path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	return fn(fd, (const struct sockaddr *)&a, sizeof a) == 0;
}

static bool
with_path(path_fn *fn, int fd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char text[128], *folder;
	int dir, kept;
	bool ok;

	if (slash == NULL || slash == path || strlen(path) < sizeof ((struct sockaddr_un *)0)->sun_path)
		return with_address(fn, fd, path);
	folder = xstrndup(path, (size_t)(slash - path));
	dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (dir < 0)
		return false;
	snprintf(text, sizeof text, "/proc/self/fd/%d/%.80s", dir, slash + 1);
	ok = with_address(fn, fd, text);
	kept = errno;
	close(dir);
	errno = kept;
	return ok;
}

bool
doorway_path_bind(int fd, const char *path)
{
	return with_path(bind, fd, path);
}

bool
doorway_path_connect(int fd, const char *path)
{
	return with_path(connect, fd, path);
}
