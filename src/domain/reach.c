/*
 * reach.c - the latest answers of one node, and what they ask for.  Owns a ring of them.
 */
#include "domain/reach.h"

#define ROUND_TRIPS 4		/* a lost packet is sent again after two or three of them */
#define MARGIN_US 50000
#define FEW 4			/* of so few the slowest may well be the usual one */

void
reach_heard(struct reach *r, int64_t took_us)
{
	r->took_us[r->next] = took_us > 0 ? took_us : 0;
	r->next = (r->next + 1) % REACH_ANSWERS;
	if (r->count < REACH_ANSWERS)
		r->count++;
}

int64_t
reach_need_us(const struct reach *r, int64_t rtt_us)
{
	int64_t need_us = rtt_us > 0 ? ROUND_TRIPS * rtt_us : 0, worst_us = 0, second_us = 0;

	for (int i = 0; i < r->count; i++) {
		int64_t us = r->took_us[i];

		second_us = us > worst_us ? worst_us : us > second_us ? us : second_us;
		worst_us = us > worst_us ? us : worst_us;
	}
	if (r->count < FEW)
		second_us = worst_us;
	need_us = second_us > need_us ? second_us : need_us;
	return need_us > 0 ? need_us + MARGIN_US : 0;
}
