/*
 * diskq.h - everything the console must have on disk goes through one writer thread: appends with
 * fdatasync (one per file and batch), atomic replacements (temporary file, fsync, rename, fsync of the folder).
 * Jobs are done in order; done callbacks come on the loop's thread, in order.
 */
#ifndef IO_DISKQ_H
#define IO_DISKQ_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"
#include "base/loop.h"

struct diskq;
struct diskq_file;
typedef void diskq_done_fn(void *arg, const struct err *e);	/* e->kind ERR_NONE: it is on disk */

struct diskq *diskq_new(struct loop *loop);
/* Drains: every job is done and its callback made before this returns. */
void diskq_free(struct diskq *q);
struct diskq_file *diskq_open(struct diskq *q, int fd);		/* takes fd over */
void diskq_close(struct diskq *q, struct diskq_file *f);	/* after its pending appends */
/* One write; a short write is taken back with ftruncate.  bytes are copied.  done may be NULL. */
void diskq_append(struct diskq *q, struct diskq_file *f, const void *bytes, size_t len, bool durable, diskq_done_fn *done, void *arg);
void diskq_replace(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg);
/* Blocking form, for start-up and tests. */
bool diskq_replace_now(const char *path, const void *bytes, size_t len, struct err *e);

#endif
