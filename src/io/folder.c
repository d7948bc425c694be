/*
 * folder.c - makes folders.  Deletes nothing, changes nothing that is there.
 */
#include "io/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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
