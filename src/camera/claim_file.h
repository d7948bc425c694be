/*
 * claim_file.h - a node's claim kept over a restart: who holds it and by which token, in the file `claim` of the recordings
 * folder, for the device's own user alone (0600); its time of change is when the holder was last heard.  Loop's thread;
 * the disk is written in the pool.
 */
#ifndef CAMERA_CLAIM_FILE_H
#define CAMERA_CLAIM_FILE_H

#include "base/loop.h"
#include "camera/claim.h"

struct claim_file;

/* Reads what is kept into c (blocking, start-up only); what makes no sense is no claim.  utc_us: the machine's time now. */
struct claim_file *claim_file_open(struct loop *loop, const char *folder, struct claim *c, int64_t utc_us);
/* Nothing may be on its way (claim_file_is_busy()). */
void claim_file_free(struct claim_file *f);
/* The claim as it is now, or that there is none; fn later, never inside, when that is on disk or the disk refused it.  fn may be NULL. */
void claim_file_keep(struct claim_file *f, const struct claim *c, loop_fn *fn, void *arg);
/* Notes when the holder was heard, now and then; cheap. */
void claim_file_heard(struct claim_file *f, const struct claim *c);
bool claim_file_is_busy(const struct claim_file *f);

#endif
