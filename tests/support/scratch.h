/*
 * scratch.h - a private folder for one test, and its files as text.
 */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

/* A new empty folder under $TMPDIR or /tmp; the path is the caller's. */
char *scratch_new(void);
/* Removes it with all that is in it, and frees the path.  NULL is fine. */
void scratch_free(char *folder);
/* The whole file, NUL-terminated; aborts when it cannot be read.  free() it. */
char *scratch_read(const char *path);
void scratch_write(const char *path, const char *text);
void scratch_add(const char *path, const void *bytes, size_t len);	/* appends */
bool scratch_exists(const char *path);
/* folder + "/" + name in one of a few static buffers: good for one expression. */
const char *scratch_path(const char *folder, const char *name);
int scratch_lines(const char *path);		/* line feeds in it; 0 when it is not there */

#endif
