/*
 * root_folder.c - names of folders nobody named.
 * Makes what lies in the state folder; deletes nothing.
 */
#include "root_folder.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include "io/folder.h"

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

bool
root_folder_state_fresh(char *out, size_t out_size, const char *stem, struct err *e)
{
	char state[2048], path[3000];

	if (!folder_state(state, sizeof state, e))
		return false;
	snprintf(path, sizeof path, "%s/%s", state, stem);
	for (int i = 0; i < 1000; i++) {	/* another process may take the same name in the same second */
		folder_fresh(out, out_size, path, "%Y%m%d-%H%M%S");
		if (mkdir(out, 0777) == 0)
			return true;
		if (errno != EEXIST)
			break;
	}
	return err_errno(e, ERR_ENVIRONMENT, errno, "cannot make the folder %s", out);
}
