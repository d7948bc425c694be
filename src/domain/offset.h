/*
 * offset.h - the offset of a node's clock against the console's UTC, from GET /time.
 * Four-timestamp exchange as RFC 5905 section 8; the sample of least round trip of a
 * burst of 8 wins; bound = half of its delay.  offset = node clock - console clock, in us.
 */
#ifndef DOMAIN_OFFSET_H
#define DOMAIN_OFFSET_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/ids.h"

struct offset_sample {
	int64_t sent_us, received_us;			/* console UTC: request out, answer in */
	int64_t node_received_us, node_sent_us;		/* the node's clock */
};

struct offset_estimate {
	bool known;
	int64_t offset_us, bound_us, rtt_us;
	int64_t at_us;			/* console UTC of the winning sample */
	int samples;
};

struct offset_filter {
	char epoch[ID_BYTES];
	struct offset_estimate best;	/* current word */
	struct offset_sample window[8];
	int count, next;
};

void offset_init(struct offset_filter *f);
/* A changed epoch starts anew.  Nonsense (negative delay, received before sent) is refused: false. */
bool offset_add(struct offset_filter *f, const struct offset_sample *s, const char *epoch);
/* Error of the estimate now: bound plus 15 ppm of its age. */
int64_t offset_bound_now(const struct offset_estimate *e, int64_t now_us);
int64_t offset_to_node(const struct offset_estimate *e, int64_t console_us);	/* unchanged when unknown */
int64_t offset_to_console(const struct offset_estimate *e, int64_t node_us);

#endif
