/*
 * rehearsal.h - that this show is a rehearsal: which cameras are only rehearsed with, their faults, and the way out (`live`).
 * Owner of that list.  Knows no process: faults leave by the callback it was given.
 */
#ifndef APP_REHEARSAL_H
#define APP_REHEARSAL_H

#include <stdbool.h>
#include <stdint.h>
#include "app/bus.h"
#include "app/crew.h"
#include "base/loop.h"

struct rehearsal;

/* One line to the process of the rehearsal cameras, without its line feed: "fault 2 heat-stop-after=0s".  Must not block. */
typedef bool rehearsal_tell_fn(void *arg, const char *line, struct err *e);

struct rehearsal *rehearsal_new(struct loop *loop, struct crew *crew, struct bus *bus, rehearsal_tell_fn *tell, void *arg);
void rehearsal_free(struct rehearsal *r);	/* NULL is fine */
/* A camera of the fleet: its id, and its number in the fleet from 1. */
void rehearsal_add(struct rehearsal *r, const char *node, int fleet_number);
/* Is that camera one of the fleet? */
bool rehearsal_has(const struct rehearsal *r, const char *node);
bool rehearsal_is_on(const struct rehearsal *r);	/* NULL: false */
/* `fault NODE SPEC [for TIME]`: from now, and with for_us > 0 taken back after it.  False + e: not such a camera, or no such fault. */
bool rehearsal_fault(struct rehearsal *r, const char *node, const char *spec, int64_t for_us, struct err *e);
/* `live`: the fleet's cameras are out, takes count and are numbered as such.  EV_REHEARSAL_CHANGED. */
void rehearsal_leave(struct rehearsal *r);

#endif
