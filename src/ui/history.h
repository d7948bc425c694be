/*
 * history.h - what was typed at the prompt, kept across runs: one line each, oldest first, for nobody else to read.
 */
#ifndef UI_HISTORY_H
#define UI_HISTORY_H

#include "base/loop.h"

#define HISTORY_LINES 500		/* the newest are kept */

typedef void history_fn(void *arg, const char *line);

/* Calls tell for each line, cleaned.  A missing file is none; one grown too long is cut to the newest lines.  For start-up. */
void history_load(const char *path, history_fn *tell, void *arg);
/* Adds one line, in the pool: no disk holds up the loop.  Failures are logged and otherwise mean nothing. */
void history_add(struct loop *loop, const char *path, const char *line);

#endif
