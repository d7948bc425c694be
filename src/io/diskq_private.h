/*
 * diskq_private.h - what the queue (diskq.c, all threads) and the files (diskq_file.c,
 * writer thread only) share.  Nobody else includes it.
 */
#ifndef IO_DISKQ_PRIVATE_H
#define IO_DISKQ_PRIVATE_H

#include <stdint.h>
#include "base/buf.h"
#include "base/list.h"
#include "io/diskq.h"

#define DISKQ_BACKLOG_CEILING ((size_t)32 * 1024 * 1024)

enum diskq_kind { DISKQ_APPEND, DISKQ_REPLACE, DISKQ_CLOSE };

struct diskq_job {
	struct list link;
	enum diskq_kind kind;
	struct diskq_file *file;	/* append, close */
	char *path;			/* replace */
	bool is_private;
	char *bytes;
	size_t len;
	enum diskq_when when;
	bool is_needless;		/* a newer replacement of the same file is in its batch */
	diskq_done_fn *done;
	void *arg;
	struct err err;
};

struct diskq_lane;

/*
 * An open journal.  `unsafe` holds every byte that is not known to be on disk: the first unsafe_written of them are in
 * the file and wait for a flush, the others were refused.  So the file never has a hole in its sequence, and a flush
 * that fails, after which the kernel may have dropped the pages, loses nothing: all of it is written anew.
 */
struct diskq_file {
	int fd;
	struct diskq_lane *lane;
	int64_t safe_end;		/* the file's length in whole lines that are on disk */
	bool is_torn;			/* bytes beyond the good ones could not be taken back yet */
	bool is_given_up;		/* too much waits for the disk: nothing more is taken in this run */
	struct buf unsafe;
	size_t unsafe_written;
	struct list touched;		/* in the list of this batch's files */
	bool is_touched, wants_flush;
	struct list restless;		/* in its lane's list of files with a later duty */
	bool is_restless;
	/* Under the queue's lock: */
	struct buf gathered;		/* lines that nobody waits for */
	struct list gathering;		/* in its lane's list of files that have some */
	bool is_gathering;
	bool has_flooded;		/* more was gathered than there is room for: nothing more is taken in this run */
};

struct diskq_file *diskq_file_new(int fd);
/* Flushes what it can, closes the descriptor, frees. */
void diskq_file_free(struct diskq_file *f);
/* Takes the lines and writes them with all that waits before them; false: they wait for the next try. */
bool diskq_file_append(struct diskq_file *f, const char *bytes, size_t len, struct err *e);
/* What is written is flushed; false: it is written anew later. */
bool diskq_file_sync(struct diskq_file *f, struct err *e);
/* What waits is written and flushed, as far as the disk takes it. */
void diskq_file_settle(struct diskq_file *f);
/* Nothing waits for a write or a flush. */
bool diskq_file_is_safe(const struct diskq_file *f);

#endif
