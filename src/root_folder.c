/*
 * root_folder.c - names of folders nobody named.
 * Makes the state folder, nothing else; deletes nothing.
 */
#include "root_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

bool
root_folder_is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* stem-TIME, then stem-TIME-2 and so on. */
static void
folder_fresh(char *out, size_t out_size, const char *stem, const char *format)
{
	time_t now = time(NULL);
	struct tm local;
	char when[32];

	localtime_r(&now, &local);
	strftime(when, sizeof when, format, &local);
	snprintf(out, out_size, "%s-%s", stem, when);
	for (int i = 2; root_folder_is_there(out) && i < 1000; i++)
		snprintf(out, out_size, "%s-%s-%d", stem, when, i);
}

void
root_folder_fresh(char *out, size_t out_size)
{
	folder_fresh(out, out_size, "./sphere", "%Y%m%d-%H%M");
}

/* As mkdir -p. */
static bool
folder_make(char *path, struct err *e)
{
	for (char *slash = path + 1;; slash++) {
		char *end = strchr(slash, '/');

		if (end != NULL)
			*end = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return err_errno(e, ERR_DISK, errno, "the folder %s cannot be made", path);
		if (end == NULL)
			return true;
		*end = '/';
		slash = end;
	}
}

bool
root_folder_state(char *out, size_t out_size, struct err *e)
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
	return folder_make(out, e);
}

bool
root_folder_state_fresh(char *out, size_t out_size, const char *stem, struct err *e)
{
	char state[2048], path[3000];

	if (!root_folder_state(state, sizeof state, e))
		return false;
	snprintf(path, sizeof path, "%s/%s", state, stem);
	folder_fresh(out, out_size, path, "%Y%m%d-%H%M%S");
	return true;
}
