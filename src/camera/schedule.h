/*
 * schedule.h - commands that are to take effect at a given time of the node's clock.  One may be pending
 * per endpoint; a later one to that endpoint replaces it.  Loop's thread.
 * A start of a recording is handed over SCHEDULE_EARLY_US before its instant, so that the camera can be ready for the
 * frame of that very instant, whatever holds the loop up then.
 */
#ifndef CAMERA_SCHEDULE_H
#define CAMERA_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "camera/nodeclk.h"
#include "domain/node.h"

#define SCHEDULE_AHEAD_US 10000000	/* further ahead: out of range */
#define SCHEDULE_EARLY_US 100000
#define SCHEDULE_LATE_US 50000		/* further in the past: acts at once, and says so */

struct schedule;

struct schedule_fns {
	void (*due)(void *arg, const struct node_request *rq);
	void (*superseded)(void *arg, const char *command_id);
};

enum schedule_when { SCHEDULE_NOW, SCHEDULE_LATE, SCHEDULE_LATER, SCHEDULE_TOO_FAR };

struct schedule *schedule_new(struct loop *loop, struct nodeclk *clk, const struct schedule_fns *fns, void *arg);
void schedule_free(struct schedule *s);
enum schedule_when schedule_judge(struct schedule *s, const struct node_request *rq);
/* Does what is due by now, the oldest first: the loop may turn late, and nothing that is heard then may replace what was due before. */
void schedule_catch_up(struct schedule *s);
/* Replaces what is pending there.  SCHEDULE_LATER: due() will be called; else the caller acts now. */
enum schedule_when schedule_put(struct schedule *s, const struct node_request *rq);
/* NULL: nothing is pending there. */
const struct node_request *schedule_pending(const struct schedule *s, enum node_verb verb);
void schedule_cancel(struct schedule *s, enum node_verb verb);	/* told as superseded */
/* What was handed over early cannot be used yet: it is pending again, and due at its instant itself. */
void schedule_put_back(struct schedule *s, const struct node_request *rq);
/* The machine's clock was stepped. */
void schedule_rearm(struct schedule *s);

#endif
