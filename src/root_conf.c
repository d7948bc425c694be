/*
 * root_conf.c - the configuration file: lines `option value`, # comments, quotes where a value has them.
 * Knows no option; never changes the file.
 */
#include "root_opts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/ceilings.h"
#include "base/xalloc.h"
#include "domain/cmdline.h"

static bool
conf_load(struct buf *b, const char *path, bool optional, bool *missing, struct err *e)
{
	char piece[4096];
	FILE *f = fopen(path, "re");
	size_t n;
	bool ok = true;

	*missing = f == NULL && errno == ENOENT && optional;
	if (f == NULL)
		return *missing || err_errno(e, ERR_USAGE, errno, "the configuration file %s cannot be read", path);
	while (ok && (n = fread(piece, 1, sizeof piece, f)) > 0)
		ok = buf_add(b, piece, n) || err_set(e, ERR_TOO_BIG, "%s is larger than %d bytes", path, MAX_CONFIG_FILE);
	if (ok && ferror(f))
		ok = err_errno(e, ERR_USAGE, errno, "%s cannot be read", path);
	fclose(f);
	return ok;
}

/* The value from word 1 on: one string, or what stands there as it was typed. */
static const char *
conf_value(const struct cmdline *line, const char *text)
{
	return line->count == 1 ? NULL : line->count == 2 && line->target == NULL && !line->force ? line->words[1] :
	    text + line->column[1] - 1;
}

static bool
conf_line(const char *path, int number, const char *text, size_t len, bool (*take)(void *arg, const char *name,
    const char *value, struct err *e), void *arg, struct err *e)
{
	struct cmdline line;
	int column = 1;
	char *copy;
	bool ok;

	if (cmdline_text_bytes(text, len) == 0)
		return true;
	if (!cmdline_is_clean(text, len, &column, e)) {
		err_prefix(e, "%s:%d:%d", path, number, column);
		return false;
	}
	copy = xstrndup(text, cmdline_text_bytes(text, len));
	ok = cmdline_parse(&line, copy, &column, e);
	if (ok) {
		ok = take(arg, line.words[0], conf_value(&line, copy), e);
		column = line.column[!ok && line.count > 1 && e->kind != ERR_NOT_FOUND ? 1 : 0];
	}
	cmdline_fini(&line);
	free(copy);
	if (!ok)
		err_prefix(e, "%s:%d:%d", path, number, column);
	return ok;
}

bool
root_conf_read(const char *path, bool optional, bool (*take)(void *arg, const char *name, const char *value,
    struct err *e), void *arg, struct err *e)
{
	struct buf b;
	bool missing = false, ok;
	int number = 1;

	buf_init(&b, MAX_CONFIG_FILE);
	ok = conf_load(&b, path, optional, &missing, e);
	for (size_t at = 0; ok && !missing && at < b.len; number++) {
		const char *text = b.data + at, *end = memchr(text, '\n', b.len - at);
		size_t len = end != NULL ? (size_t)(end - text) : b.len - at;

		at += len + 1;
		if (len > 0 && text[len - 1] == '\r')
			len--;
		ok = conf_line(path, number, text, len, take, arg, e);
	}
	buf_fini(&b);
	return ok;
}
