/*
 * verify_sync.h - how far apart the angles of a take are, measured: around each clap, where each file's picture flashes and
 * its sound beeps, beside where the clocks put that clap.  Only reads.  Called on the loop's thread; decoding is work of
 * the loop's pool.
 *
 * A camera stamps a clap with its own clock; its file begins at an instant of that clock.  So the flash has a place on
 * the camera's clock, and through the clock's offset one on the console's timeline.  `off` is what the picture (or the
 * sound) is later than the clocks say; a flash is seen up to one frame late, for a camera takes pictures only so often.
 */
#ifndef APP_VERIFY_SYNC_H
#define APP_VERIFY_SYNC_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"
#include "domain/node.h"

struct verify_sync_angle {
	char node[ID_BYTES], name[MAX_NAME_BYTES];
	int number, part;
	int64_t clock_us;		/* of the clap, by the clocks, on the console's timeline */
	int64_t bound_us;		/* at most so wrong; -1: not known */
	bool has_flash, has_beep;
	int64_t flash_us, beep_us;	/* as measured, on the console's timeline */
	int64_t frame_us;
	char why[160];			/* it could not be measured; "" else */
};

struct verify_sync_clap {
	char name[NODE_WORD];
	int64_t at_us;			/* the first camera's, by the clocks */
	int angle_count;
	struct verify_sync_angle *angles;	/* by number */
	int64_t flash_apart_us, beep_apart_us;	/* the greatest difference between two angles that the clocks do not explain; -1: none */
	int64_t frame_us;		/* the longest */
	bool is_measured;		/* every angle's flash was found */
	bool is_good;			/* and they agree within a frame */
};

struct verify_sync_report {
	char take[TAKE_BYTES];
	int clap_count;
	struct verify_sync_clap *claps;
	int angles, measured;
};

struct verify_sync;
/* The report is freed when this returns. */
typedef void verify_sync_done_fn(void *arg, const struct verify_sync_report *r);

/* take: its number, "3" or "003".  NULL: no such take, no clap in it, or none of its files is here (e). */
struct verify_sync *verify_sync_open(struct loop *loop, const char *folder, const char *take, verify_sync_done_fn *done, void *arg, struct err *e);
/* After done.  NULL is fine. */
void verify_sync_close(struct verify_sync *s);

#endif
