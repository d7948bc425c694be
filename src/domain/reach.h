/*
 * reach.h - how long a command takes to a node and back, by its latest answers: whoever plans an instant for many nodes has
 * to plan it so far ahead.
 */
#ifndef DOMAIN_REACH_H
#define DOMAIN_REACH_H

#include <stdint.h>

#define REACH_ANSWERS 8

struct reach {
	int64_t took_us[REACH_ANSWERS];	/* a ring */
	int count, next;
};

/* An answer came so long after its command went out, or was given up after so long. */
void reach_heard(struct reach *r, int64_t took_us);
/*
 * How far ahead of sending an instant must lie for the node to know of it in time: its slowest answer lately but for one (a
 * connection that had to be made anew is no habit), at least four round trips (rtt_us 0: not known), and a little; 0 when
 * nothing is known.
 */
int64_t reach_need_us(const struct reach *r, int64_t rtt_us);

#endif
