/*
 * tokens.h - the secrets by which one Sphere holds its cameras (camera node contract, /claim): one token of 256 random bits
 * a camera, in ${XDG_STATE_HOME:-~/.local/state}/livedirector/claims/SPHERE.json, readable by this user alone (0600).
 * Never written anywhere else.  Loop's thread; opening blocks (start-up only), saving does not.
 */
#ifndef IO_TOKENS_H
#define IO_TOKENS_H

#include "io/diskq.h"

#define TOKENS_BYTES 44		/* 256 bits in base64url without padding (RFC 4648 section 5), NUL included */

struct tokens;

/*
 * What is kept of that Sphere.  NULL: there is no place to keep them, e says why.  A file that makes no sense is put
 * aside as FILE.bad and said in e, and the Sphere begins without tokens.
 */
struct tokens *tokens_open(const char *sphere, struct err *e);
void tokens_close(struct tokens *t);
const char *tokens_of(const struct tokens *t, const char *node);	/* NULL: none */
/* The one there is, or a new one; not yet on disk. */
const char *tokens_make(struct tokens *t, const char *node);
void tokens_drop(struct tokens *t, const char *node);
/* All of them as they are now; done when they are on disk, or were not written.  May be NULL. */
void tokens_save(struct tokens *t, struct diskq *q, diskq_done_fn *done, void *arg);

#endif
