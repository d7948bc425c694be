/*
 * diskq.h - everything the console must have on disk goes through here: appends with fdatasync, atomic replacements
 * (temporary file, fsync, rename, fsync of the folder).  Two writer threads: one for the files that are opened as
 * urgent (a cut waits for its own flush and for no other), one for the rest.
 * The lines of one file are written in order, and replacements in theirs; done callbacks come on the loop's thread,
 * in the order of the writing.  Appends of one batch go before its replacements.
 */
#ifndef IO_DISKQ_H
#define IO_DISKQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"

struct diskq;
struct diskq_file;
typedef void diskq_done_fn(void *arg, const struct err *e);	/* e->kind ERR_NONE: it is on disk */

enum diskq_when {
	DISKQ_NOW,		/* written and flushed at once: somebody waits for done */
	DISKQ_SOON,		/* written at once, done then; flushed within a second */
	DISKQ_GATHERED		/* gathered in memory, written and flushed within a second, for floods; with a done, as DISKQ_SOON */
};

struct diskq *diskq_new(struct loop *loop);
/* Drains: every job is done and its callback made before this returns. */
void diskq_free(struct diskq *q);
struct diskq_file *diskq_open(struct diskq *q, int fd, bool is_urgent);	/* takes fd over */
void diskq_close(struct diskq *q, struct diskq_file *f);	/* after its pending appends */
/*
 * Whole lines or nothing: a short write is taken back with ftruncate, and what the disk refuses waits, in order, for the
 * next try each second.  bytes are copied.  done may be NULL.
 */
void diskq_append(struct diskq *q, struct diskq_file *f, const void *bytes, size_t len, enum diskq_when when, diskq_done_fn *done, void *arg);
/* The same with bytes from the heap, which are taken over. */
void diskq_give(struct diskq *q, struct diskq_file *f, char *bytes, size_t len, enum diskq_when when, diskq_done_fn *done, void *arg);
void diskq_replace(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg);
/* The same for secrets: a file that its owner alone may read. */
void diskq_replace_private(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg);
/* The same for a file that a person has named: its folder must be there, none is made for a slip of the fingers. */
void diskq_replace_there(struct diskq *q, const char *path, const void *bytes, size_t len, diskq_done_fn *done, void *arg);
/* Blocking forms, for start-up, workers and tests. */
bool diskq_replace_now(const char *path, const void *bytes, size_t len, struct err *e);
bool diskq_replace_private_now(const char *path, const void *bytes, size_t len, struct err *e);
bool diskq_replace_there_now(const char *path, const void *bytes, size_t len, struct err *e);

struct diskq_stats {		/* since diskq_new(); any moment, the loop's thread */
	int64_t lines, flushes, replacements;
	int64_t write_flush_ns;	/* of the newest batch of the urgent files: writes and fdatasync, in the writer */
};
void diskq_stats(struct diskq *q, struct diskq_stats *out);

#endif
