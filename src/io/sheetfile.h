/*
 * sheetfile.h - reads the text of cue sheets, from files or standard input, with a ceiling.
 * Blocks: for start-up and the pool, never for the loop.  Any thread; keeps nothing.
 */
#ifndef IO_SHEETFILE_H
#define IO_SHEETFILE_H

#include <stddef.h>
#include "base/err.h"
#include "domain/cue.h"

/* What the user names once, at the start: any file that can be read, a pipe too, and "-", standard input.  Heap; NULL + e. */
char *sheetfile_read(const char *path, size_t *len, struct err *e);
/* A cue_load_fn; arg is not used.  Regular files only: whoever waits for it must not wait for the other end of a pipe. */
char *sheetfile_load(void *arg, const char *path, size_t *len, struct err *e);
/* Reads a regular file and parses it with all that it includes.  A sheet's mistake is told with its place, file:line:column. */
bool sheetfile_parse(struct cue_sheet *s, const char *path, cue_check_fn *check, struct err *e);

#endif
