/*
 * filelist.c - reads the folder that a half typed path leads to.  Owns what it read until it was told; opens no file.
 */
#include "ui/filelist.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/str.h"
#include "base/xalloc.h"

struct filelist {
	char *word;
	filelist_fn *fn;		/* NULL: nobody waits any more */
	void *arg;
	char *paths[FILELIST_MOST + 1];
	size_t count;
};

/* Bytes of the word that name the folder, with its slash. */
static size_t
folder_bytes(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash != NULL ? (size_t)(slash - word) + 1 : 0;
}

static bool
is_folder(DIR *dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_wanted(const char *name, const char *begin)
{
	char clean[NAME_MAX + 1];

	if (strncasecmp(name, begin, strlen(begin)) != 0 || (name[0] == '.' && begin[0] != '.') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	str_clean(clean, sizeof clean, name, strlen(name), NAME_MAX);
	return strcmp(clean, name) == 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
list_read(void *arg)
{
	struct filelist *f = arg;
	const size_t head = folder_bytes(f->word);
	char typed[PATH_MAX], folder[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(typed, sizeof typed, "%.*s", (int)head, f->word);
	dir = str_at_home(folder, sizeof folder, head > 0 ? typed : ".") ? opendir(folder) : NULL;
	while (dir != NULL && f->count < FILELIST_MOST && (entry = readdir(dir)) != NULL)
		if (is_wanted(entry->d_name, f->word + head))
			f->paths[f->count++] = xasprintf("%s%s%s", typed, entry->d_name, is_folder(dir, entry) ? "/" : "");
	if (dir != NULL)
		closedir(dir);
	qsort(f->paths, f->count, sizeof f->paths[0], by_name);
}

static void
list_told(void *arg)
{
	struct filelist *f = arg;

	if (f->fn != NULL)
		f->fn(f->arg, (const char *const *)f->paths);
	for (size_t i = 0; i < f->count; i++)
		free(f->paths[i]);
	free(f->word);
	free(f);
}

struct filelist *
filelist_ask(struct loop *loop, const char *word, filelist_fn *fn, void *arg)
{
	struct filelist *f = xcalloc(1, sizeof *f);

	f->word = xstrdup(word);
	f->fn = fn;
	f->arg = arg;
	loop_work(loop, list_read, list_told, f);
	return f;
}

void
filelist_drop(struct filelist *f)
{
	if (f != NULL)
		f->fn = NULL;
}
