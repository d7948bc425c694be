/*
 * root_verify.h - what root_verify.c and root_verify_sync.c share.  Nobody else includes it.
 */
#ifndef ROOT_VERIFY_H
#define ROOT_VERIFY_H

#include "base/loop.h"

struct root_opts;
/* Measures the take o->sync; returns the exit status. */
int root_verify_sync(const struct root_opts *o, struct loop *loop, const char *folder);

#endif
