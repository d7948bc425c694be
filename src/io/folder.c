/*
 * folder.c - makes folders.  Deletes nothing, changes nothing that is there.
 */
#include "io/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/xalloc.h"

bool
folder_make(const char *path, unsigned mode)
{
	char *copy = xstrdup(path);
	bool ok = true;

	for (char *c = copy + 1; ok && copy[0] != '\0' && *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		ok = mkdir(copy, mode) == 0 || errno == EEXIST || errno == EROFS;
		*c = '/';
	}
	if (ok)
		ok = mkdir(copy, mode) == 0 || errno == EEXIST;
	free(copy);
	return ok;
}

bool
folder_state(char *out, size_t out_size, struct err *e)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int len;

	if (state != NULL && state[0] == '/')
		len = snprintf(out, out_size, "%s/livedirector", state);
	else if (home != NULL && home[0] == '/')
		len = snprintf(out, out_size, "%s/.local/state/livedirector", home);
	else
		return err_set(e, ERR_ENVIRONMENT, "neither XDG_STATE_HOME nor HOME says where state may be kept; name a folder with --sphere");
	if (len < 0 || (size_t)len >= out_size)
		return err_set(e, ERR_ENVIRONMENT, "the path of the state folder is too long");
	return folder_make(out, 0700) || err_errno(e, ERR_DISK, errno, "cannot make the folder %s", out);
}

/* The XDG Base Directory specification: it is this user's, and nobody else may look in. */
bool
folder_runtime(char *out, size_t out_size, bool is_made, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct stat st;
	int len;

	if (runtime != NULL && runtime[0] == '/')
		len = snprintf(out, out_size, "%s/livedirector", runtime);
	else
		len = snprintf(out, out_size, "/run/user/%ld/livedirector", (long)geteuid());
	if (len < 0 || (size_t)len >= out_size)
		return err_set(e, ERR_ENVIRONMENT, "the path of the run-time folder is too long");
	if (is_made && !folder_make(out, 0700))
		return err_errno(e, ERR_ENVIRONMENT, errno, "cannot make the run-time folder %s; XDG_RUNTIME_DIR names another one", out);
	if (stat(out, &st) != 0)
		return err_errno(e, ERR_NOT_FOUND, errno, "there is no run-time folder %s", out);
	return (st.st_uid == geteuid() && (st.st_mode & 022) == 0) ||
	    err_set(e, ERR_ENVIRONMENT, "the run-time folder %s is somebody else's, or others may write there", out);
}
