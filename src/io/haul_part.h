/*
 * haul_part.h - a file in the making: NAME.part, NAME.part.state, the hash so far; how it becomes NAME, NAME.bad, nothing.
 * Blocking: for the fetch engine's threads.  One thread at a time, but haul_part_settle() may run beside haul_part_add()
 * and haul_part_restart().
 *
 * The state file is two slots of 4096 bytes, written in turn: SHA-256 of the rest, one JSON object, blanks, a line feed.
 * The slot with the higher serial that is whole is the truth: a torn one leaves the other.
 */
#ifndef IO_HAUL_PART_H
#define IO_HAUL_PART_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "io/digest.h"

#define HAUL_ETAG 256
#define HAUL_RECORDING 160

struct haul_mark {			/* how far it is, to be written down */
	int64_t bytes;
	unsigned epoch;
	unsigned char hash[DIGEST_BLOB_BYTES];
	char etag[HAUL_ETAG];
	int bad_tries;
};

struct haul_part {
	char *folder, *path, *part, *state;	/* path: the final name */
	char *anchor;			/* NULL: none */
	char recording[HAUL_RECORDING];
	int fd, state_fd;		/* -1: not open */
	struct digest *hash;
	int64_t bytes;			/* written and hashed */
	char etag[HAUL_ETAG];
	int bad_tries;
	pthread_mutex_t lock;		/* of what follows: the slots */
	unsigned epoch;			/* begun anew so often; a mark of an older one is void */
	uint64_t serial;
	int64_t flushed_us;		/* when the state file was flushed last */
};

enum haul_room { HAUL_ROOM_YES, HAUL_ROOM_FULL, HAUL_ROOM_ERROR };

void haul_part_init(struct haul_part *p, const char *folder, const char *name, const char *recording);
/* A file that must be there whenever the folder is written to: without it the disk counts as away, and that heals. */
void haul_part_set_anchor(struct haul_part *p, const char *path);
void haul_part_fini(struct haul_part *p);
/*
 * Opens what is there, or begins.  A state of another recording, of another etag (both known), that is damaged or says
 * more than the file holds, is begun anew.  HAUL_ROOM_FULL: not even the first block fits.
 */
enum haul_room haul_part_open(struct haul_part *p, const char *etag, struct err *e);
bool haul_part_is_open(const struct haul_part *p);
void haul_part_close(struct haul_part *p);
/* Room for the whole (total -1: for some), and reserve_bytes left: allocated where the file system can. */
enum haul_room haul_part_room(struct haul_part *p, int64_t total, int64_t reserve_bytes, struct err *e);
/* 0, or the errno of the disk; what was written until then is in. */
int haul_part_add(struct haul_part *p, const void *data, size_t len);
void haul_part_mark(const struct haul_part *p, struct haul_mark *out);
/*
 * Flushes the bytes, then writes the mark; the state file itself is flushed once a second: losing its newest slot to a
 * power cut costs a second's bytes, and no truth.  False: e->kind ERR_DISK; *errnum says which.
 */
bool haul_part_settle(struct haul_part *p, const struct haul_mark *m, int *errnum, struct err *e);
/* From zero again: durable before the first old byte is overwritten. */
bool haul_part_restart(struct haul_part *p, struct err *e);
/* The hash of all; the part can grow no more, but be judged. */
void haul_part_sum(const struct haul_part *p, char out[static 65]);
/* To its final name; nothing else stays. */
bool haul_part_finish(struct haul_part *p, struct err *e);
/* Its hash is wrong: it becomes NAME.bad; bad_tries counts; a new one may be opened. */
bool haul_part_spoil(struct haul_part *p, struct err *e);
/* What is under the final name gives way to NAME.aside-N. */
bool haul_part_aside(const struct haul_part *p, struct err *e);
void haul_part_forget(struct haul_part *p);	/* closed and removed */
/* The kind of trouble that heals: a full disk; of a disk elsewhere also that it does not answer, or is gone. */
bool haul_part_heals(const struct haul_part *p, int errnum);
/* SHA-256 of a file, given up when *stop is set (then false, and e says nothing). */
bool haul_part_hash(const char *path, const atomic_bool *stop, char out[static 65], struct err *e);

#endif
