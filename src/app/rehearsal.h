/*
 * rehearsal.h - that this show is a rehearsal: which cameras are only rehearsed with, their faults, and the way out (`live`).
 * Owner of that list.  Knows no process: faults leave by the callback it was given.
 */
#ifndef APP_REHEARSAL_H
#define APP_REHEARSAL_H

#include <stdbool.h>
#include <stdint.h>
#include "app/recordall.h"

struct rehearsal;

/*
 * One line to the process of the rehearsal cameras, without its line feed: "2:heat-stop-after=0s" (domain/fault.h).  Must not block.
 * False + e: they do not listen any more.
 */
typedef bool rehearsal_tell_fn(void *arg, const char *line, struct err *e);

struct rehearsal_parts {		/* all outlive it */
	struct loop *loop;
	struct crew *crew;
	struct bus *bus;
	struct scribe *scribe;
	struct recordall *recordall;
	rehearsal_tell_fn *tell;
	void *arg;
	/*
	 * With real cameras beside: takes are numbered R001 ..., cuts and notes are written down as rehearsed, the fleet is never in the
	 * manifest, and `live` leads out.  Without: the Sphere is the rehearsal's own, its takes are numbered as any.
	 */
	bool with_cameras;
};

/* From now on takes say so.  NULL is fine for all but rehearsal_new(): no rehearsal. */
struct rehearsal *rehearsal_new(const struct rehearsal_parts *parts);
void rehearsal_free(struct rehearsal *r);
/* A camera of the fleet: its id, and its number in the fleet from 1; before it is seen. */
void rehearsal_add(struct rehearsal *r, const char *node, int fleet_number);
/* Is that camera one of the fleet? */
bool rehearsal_has(const struct rehearsal *r, const char *node);
int rehearsal_count(const struct rehearsal *r);
bool rehearsal_is_on(const struct rehearsal *r);
bool rehearsal_with_cameras(const struct rehearsal *r);
/*
 * `fault NODE SPEC [for TIME]`: from now, and with for_us > 0 taken back after it (unless another fault of that name was asked for
 * meanwhile).  False + e: not such a camera, no such fault, or nobody listens.
 */
bool rehearsal_fault(struct rehearsal *r, const char *node, const char *spec, int64_t for_us, struct err *e);
/* Was it asked at most within_us ago whether this is to be the show?  False: it is asked now. */
bool rehearsal_asked(struct rehearsal *r, int64_t within_us);
/*
 * `live`: takes count and are numbered as a show's; the fleet's cameras leave the crew, as `node forget` would have it.
 * EV_REHEARSAL_CHANGED.  Whoever calls it has looked that nothing of them rolls or is on program.
 */
void rehearsal_leave(struct rehearsal *r);

#endif
