/*
 * diskq_private.h - what the queue (diskq.c, the loop's thread), its writers (diskq_writer.c) and the files (diskq_file.c,
 * a writer's thread only) share.  Nobody else includes it.
 */
#ifndef IO_DISKQ_PRIVATE_H
#define IO_DISKQ_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
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
	bool (*replace)(const char *path, const void *bytes, size_t len, struct err *e);	/* one of diskq_replace..._now() */
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

#define DISKQ_LANES 2

/* Outlives the queue when a post is still on its way to the loop. */
struct diskq_mail {
	struct diskq *queue;		/* NULL: freed meanwhile */
	bool posted;			/* under the queue's lock */
};

struct diskq_lane {
	struct diskq *queue;
	bool is_urgent;
	pthread_t thread;
	pthread_cond_t wake;
	struct list waiting, gathering;	/* under the queue's lock: jobs; files with gathered lines */
	struct list restless;		/* the writer's own: files with something to write or flush later */
	struct timespec settle_at;	/* the writer's own; 0: nothing is due */
	int cpu;			/* the loop's own: where the writer may run; -1: anywhere */
};

struct diskq {
	struct loop *loop;
	pthread_mutex_t lock;		/* of done, stopping, mail->posted, and the lanes' lists */
	struct list done;
	bool stopping;
	struct diskq_mail *mail;
	struct diskq_lane lanes[DISKQ_LANES];	/* the urgent one last */
	atomic_llong lines, flushes, replacements, write_flush_ns;
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

/* diskq_writer.c: a writer's thread; arg is its lane. */
void *diskq_lane_thread(void *arg);
/* The same by hand, once no writer runs any more. */
void diskq_lane_run(struct diskq_lane *lane, struct list *batch);
void diskq_lane_settle(struct diskq_lane *lane);
void diskq_list_move(struct list *to, struct list *from);

/* diskq.c: the answers go to the loop, from any thread. */
void diskq_hand_over(struct diskq *q, struct list *jobs);

#endif
