/*
 * arm_private.h - what arm.c (all cameras together, the archive) and arm_node.c (one camera) share.
 * Nobody else includes it.
 */
#ifndef APP_ARM_PRIVATE_H
#define APP_ARM_PRIVATE_H

#include "app/arm.h"
#include "app/deck.h"

#define ARM_LINES_PER_NODE 16

struct arm_format { int width, height; double rate; };

struct arm_desk {			/* one look */
	const struct deck *deck;
	int64_t utc_us, now_us;		/* console UTC and monotonic */
	const char *running;		/* the take that rolls; NULL: none */
	const struct take *newest;	/* NULL: none yet */
	int limit_minutes;		/* arm-storage */
	bool must_match;		/* arm-format */
	struct arm_format most;		/* what most cameras have; width 0: nobody tells */
};

struct arm_lines { int count; struct arm_line list[ARM_LINES_PER_NODE]; };

/* arm_node.c: its readings and its lines, the worst first; n is zeroed before. */
void arm_node_look(const struct arm_desk *d, const struct crew_member *m, struct arm_node *n, struct arm_lines *lines);
/* A roll of all asks it. */
bool arm_node_counts(const struct crew_member *m);
bool arm_is_format(const struct arm_format *a, const struct arm_format *b);
void arm_say(struct arm_lines *lines, enum arm_verdict verdict, enum arm_check check, const char *cure, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
