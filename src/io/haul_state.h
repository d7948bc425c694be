/*
 * haul_state.h - the words of NAME.part.state.  Blocking; the caller holds the part's lock where there are others.
 */
#ifndef IO_HAUL_STATE_H
#define IO_HAUL_STATE_H

#include <stdbool.h>
#include "io/haul_part.h"

#define HAUL_SLOT_BYTES 4096

/* The newest whole slot of that recording; p->serial goes on from it.  False: there is none. */
bool haul_state_read(struct haul_part *p, struct haul_mark *m);
/* Into the older slot.  False: errno. */
bool haul_state_write(struct haul_part *p, const struct haul_mark *m);
bool haul_state_flush(struct haul_part *p);

#endif
