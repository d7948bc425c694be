/*
 * lineout.h - lines on a descriptor that somebody else reads, in his own time: a pipe, a terminal, a file.  Never
 * blocks the loop: what the reader does not take waits, up to a ceiling; past it whole lines are left out and counted.
 * The mode of the descriptor is left alone: others share it.
 */
#ifndef IO_LINEOUT_H
#define IO_LINEOUT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/loop.h"

#define LINEOUT_UNSENT_BYTES (4 * 1024 * 1024)

struct lineout;

/* fd stays the caller's and open.  lost (may be NULL): so many lines were left out, and the reader has caught up now. */
struct lineout *lineout_new(struct loop *loop, int fd, void (*lost)(void *arg, unsigned long lines), void *arg);
/* One or more whole lines, line feeds included; at once as far as the reader takes them. */
void lineout_say(struct lineout *o, const char *lines, size_t len);
/*
 * Waits for the reader as long as he takes something every few seconds.  False: not everything was taken, or the other
 * end is gone.
 */
bool lineout_free(struct lineout *o);

#endif
