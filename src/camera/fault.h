/*
 * fault.h - a bad day, rehearsed: what --fault asks of one node, as plain values.
 * 0 means "this does not happen" throughout.
 */
#ifndef CAMERA_FAULT_H
#define CAMERA_FAULT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct fault {
	int64_t late_us;		/* answers to commands come that much later */
	unsigned refuse;		/* bit per word of fault_refuse_words */
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

/*
 * Reads "late=2s,2:die-after=30s" into faults[0..count-1]; without a number it is for all of them.
 * False: e says which part is wrong and what is expected.
 */
bool fault_parse(struct fault *faults, int count, const char *spec, struct err *e);
/* Does this node refuse the command of that path, "/record/start"? */
bool fault_refuses(const struct fault *f, const char *path);

#endif
