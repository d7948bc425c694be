/*
 * fault.h - a bad day, rehearsed: what --fault and `fault` ask of one rehearsal camera, as plain values, and how that is written:
 * NAME=VALUE[,NAME=VALUE...], on a fleet's command line N:NAME=VALUE for one node of it.  Pure; makes nothing go wrong by itself.
 */
#ifndef DOMAIN_FAULT_H
#define DOMAIN_FAULT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

/* 0 means "this does not happen" throughout; a time of 0s is read as 1 us: at once. */
struct fault {
	int64_t late_us;		/* answers to commands come that much later */
	unsigned refuse;		/* bit per word of the refusals */
	double drop;			/* share of requests whose connection is dropped, 0..1 */
	int64_t freeze_after_us;	/* the picture stands still */
	int64_t die_after_us;		/* as a power cut */
	int64_t heat_stop_after_us;	/* into a recording */
	int64_t disk_bytes;		/* room for recordings */
	int64_t silent_after_us;	/* connections stay, nothing is said any more */
	int64_t clock_us;
	double drift_ppm;
	int64_t bitrate_bps;
};

enum fault_id { FAULT_LATE, FAULT_REFUSE, FAULT_DROP, FAULT_FREEZE, FAULT_DIE, FAULT_HEAT, FAULT_DISK, FAULT_SILENT, FAULT_CLOCK,
	FAULT_DRIFT, FAULT_BITRATE, FAULT_IDS };
const char *fault_name(enum fault_id id);	/* "late" ... */

/*
 * Reads "late=2s,2:die-after=30s" into faults[0..count-1]; without a number it is for all of them.
 * False: e says which part is wrong and what is expected.
 */
bool fault_parse(struct fault *faults, int count, const char *spec, struct err *e);
/*
 * The same while they run: NAME=off takes one back, "off" (N:off) all of them; several refuse= in one spec add up, and replace what was
 * refused before.  Nothing is changed when it is wrong.  named[i]: 1 << fault_id of each fault that node i was told something of.
 */
bool fault_change(struct fault *faults, int count, const char *spec, unsigned *named, struct err *e);
/* SPEC of the command `fault`: as fault_change() for one camera, without a number.  *named may be NULL. */
bool fault_check(const char *spec, unsigned *named, struct err *e);
/* Does this node refuse the command of that path, "/record/start"? */
bool fault_refuses(const struct fault *f, const char *path);

#endif
