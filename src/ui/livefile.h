/*
 * livefile.h - small files that a person edits while the show runs: found, read whole, watched for changes.
 * Editors that write in place and editors that rename over the file are told alike; so is a file that goes and comes back.
 */
#ifndef UI_LIVEFILE_H
#define UI_LIVEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/loop.h"

/* NAME itself when it holds a slash, else the first FOLDER/NAME that is there, of folders joined by ':'.  False: none. */
bool livefile_find(char *out, size_t out_size, const char *folders, const char *name);
/* The names in those folders, sorted, each once, NULL-terminated; no hidden ones.  livefile_names_free() it. */
char **livefile_names(const char *folders);
void livefile_names_free(char **names);
/* The whole of a regular file of at most MAX_CONFIG_FILE bytes; NULL: e says why.  free() it.  Never waits for a pipe. */
char *livefile_read(const char *path, size_t *len, struct err *e);

struct livefile;
/* changed() comes on the loop, some 100 ms after the last of a row of changes; not when the file goes, but when it is back. */
struct livefile *livefile_open(struct loop *loop, const char *path, loop_fn *changed, void *arg);
void livefile_close(struct livefile *f);	/* NULL is fine; allowed inside changed() */

#endif
