/*
 * scratch.c - a private folder for one test.  Aborts where the machine fails: no test can go on then.
 */
#include "support/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

char *
scratch_new(void)
{
	const char *parent = getenv("TMPDIR");
	char *path;

	must(asprintf(&path, "%s/livedirector-test.XXXXXX", parent != NULL ? parent : "/tmp") > 0, "asprintf");
	must(mkdtemp(path) != NULL, path);
	return path;
}

static int
scratch_remove(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	(void)kind;
	(void)place;
	return remove(path);
}

void
scratch_free(char *folder)
{
	if (folder == NULL)
		return;
	nftw(folder, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(folder);
}

char *
scratch_read(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t len = 0, room = 0, n;

	must(f != NULL, path);
	do {
		room = len + 65536;
		text = realloc(text, room + 1);
		must(text != NULL, "realloc");
		n = fread(text + len, 1, room - len, f);
		len += n;
	} while (n > 0);
	fclose(f);
	text[len] = '\0';
	return text;
}

static void
scratch_put(const char *path, const char *mode, const void *bytes, size_t len)
{
	FILE *f = fopen(path, mode);

	must(f != NULL, path);
	must(fwrite(bytes, 1, len, f) == len, path);
	must(fclose(f) == 0, path);
}

void
scratch_write(const char *path, const char *text)
{
	scratch_put(path, "we", text, strlen(text));
}

void
scratch_add(const char *path, const void *bytes, size_t len)
{
	scratch_put(path, "ae", bytes, len);
}

bool
scratch_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

const char *
scratch_path(const char *folder, const char *name)
{
	static char paths[8][4096];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

int
scratch_lines(const char *path)
{
	FILE *f = fopen(path, "re");
	int c, lines = 0;

	if (f == NULL)
		return 0;
	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	return lines;
}
