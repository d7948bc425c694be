/*
 * sheetfile.c - the text of cue sheets from files and standard input.
 * Owns no file past its call; knows nothing of what a sheet says.
 */
#include "io/sheetfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/ceilings.h"

static bool
sheet_error(struct err *e, int errnum, const char *path)
{
	return err_errno(e, ERR_USAGE, errnum, "the cue sheet %s cannot be read", path);
}

/* All of it; a read that a signal breaks begins anew. */
static bool
sheet_bytes(int fd, const char *path, struct buf *b, struct err *e)
{
	char piece[16384];
	ssize_t n;

	for (;;) {
		n = read(fd, piece, sizeof piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sheet_error(e, errno, path);
		if (n == 0)
			return true;
		if (!buf_add(b, piece, (size_t)n))
			return err_set(e, ERR_USAGE, "%s is larger than a cue sheet may be (%d bytes)", path, MAX_CUE_SHEET);
	}
}

static char *
sheet_text(int fd, const char *path, size_t *len, struct err *e)
{
	struct buf b;
	char *text = NULL;

	buf_init(&b, MAX_CUE_SHEET);
	if (sheet_bytes(fd, path, &b, e))
		text = buf_steal(&b, len);
	buf_fini(&b);
	return text;
}

char *
sheetfile_read(const char *path, size_t *len, struct err *e)
{
	bool is_input = strcmp(path, "-") == 0;
	int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd < 0) {
		sheet_error(e, errno, path);
		return NULL;
	}
	text = sheet_text(fd, path, len, e);
	if (!is_input)
		close(fd);
	return text;
}

char *
sheetfile_load(void *arg, const char *path, size_t *len, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text = NULL;

	(void)arg;
	if (fd < 0 || fstat(fd, &st) != 0)
		sheet_error(e, errno, path);
	else if (S_ISDIR(st.st_mode))
		sheet_error(e, EISDIR, path);
	else if (!S_ISREG(st.st_mode))
		err_set(e, ERR_USAGE, "the cue sheet %s cannot be read: it is a pipe or a device, not a file", path);
	else
		text = sheet_text(fd, path, len, e);
	if (fd >= 0)
		close(fd);
	return text;
}

bool
sheetfile_parse(struct cue_sheet *s, const char *path, cue_check_fn *check, struct err *e)
{
	size_t len = 0;
	char *text = sheetfile_load(NULL, path, &len, e);
	bool ok;

	if (text == NULL)
		return false;
	ok = cue_sheet_parse(s, path, text, len, check, sheetfile_load, NULL, e);
	free(text);
	return ok;
}
