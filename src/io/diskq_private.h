/*
 * diskq_private.h - what the queue (diskq.c, both threads) and the files (diskq_file.c,
 * writer thread only) share.  Nobody else includes it.
 */
#ifndef IO_DISKQ_PRIVATE_H
#define IO_DISKQ_PRIVATE_H

#include <stdint.h>
#include "base/buf.h"
#include "base/list.h"
#include "io/diskq.h"

enum diskq_kind { DISKQ_APPEND, DISKQ_REPLACE, DISKQ_CLOSE };

struct diskq_job {
	struct list link;
	enum diskq_kind kind;
	struct diskq_file *file;	/* append, close */
	char *path;			/* replace */
	char *bytes;
	size_t len;
	bool durable;
	diskq_done_fn *done;
	void *arg;
	struct err err;
};

/*
 * An open journal.  Lines that the disk refused wait in `backlog` and go before any later one, so
 * that the file never has a hole in its sequence; those already written but not yet known to be on
 * disk stay there as well (the first `backlog_done` bytes) in case the flush fails.
 */
struct diskq_file {
	int fd;
	int64_t good_end;		/* the file's length in whole lines */
	bool torn;			/* bytes beyond good_end could not be taken back yet */
	bool given_up;			/* the backlog overflowed: nothing more is taken in this run */
	bool dirty;			/* written since the last flush */
	struct buf backlog;
	size_t backlog_done;
	struct list touched;		/* in the list of this batch's files */
	bool is_touched, wants_sync;
	int64_t batch_start;		/* good_end when this batch began */
	size_t batch_backlog;		/* backlog.len then */
	struct list restless;		/* in the list of files with a later duty */
	bool is_restless;
};

struct diskq_file *diskq_file_new(int fd);
/* Flushes what it can, closes the descriptor, frees. */
void diskq_file_free(struct diskq_file *f);
/* Notes where the file stands before the first job of a batch. */
void diskq_file_begin(struct diskq_file *f);
bool diskq_file_append(struct diskq_file *f, const char *bytes, size_t len, struct err *e);
/* Ends the batch: flushes when wanted.  On failure the batch's lines, found in jobs (or NULL), go back to the backlog. */
bool diskq_file_end(struct diskq_file *f, const struct list *jobs, struct err *e);
/* Flush and backlog of a file without a job; true when nothing is left to do. */
bool diskq_file_settle(struct diskq_file *f);

#endif
