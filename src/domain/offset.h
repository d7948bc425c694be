/*
 * offset.h - how far a node's clock is from the console's UTC, how fast it runs away, and how wrong that may be.  Fed by
 * GET /time: the four-timestamp exchange of RFC 5905 section 8.  offset = node clock - console clock, in us; a drift above 0 is
 * a node that runs fast.  Each exchange leaves the offset an interval as wide as its round trip; the bound is what all
 * intervals of the last hour leave together, for any drift that agrees with them, and never less.
 */
#ifndef DOMAIN_OFFSET_H
#define DOMAIN_OFFSET_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/offset_fit.h"
#include "domain/ids.h"

#define OFFSET_CELLS 64

struct offset_sample {
	int64_t sent_us, received_us;			/* console UTC: request out, answer in */
	int64_t node_received_us, node_sent_us;		/* the node's clock */
};

struct offset_estimate {
	bool known;
	int64_t offset_us, bound_us;	/* at at_us */
	int64_t rtt_us;			/* least of the newest burst */
	int64_t at_us;			/* console UTC of the newest sample */
	int samples;			/* that it rests upon */
	double drift_ppm, drift_bound_ppm;	/* us a second; the bound grows by drift_bound_ppm (at least 15) with age */
};

/* What an estimate says at one instant. */
struct offset_word {
	bool known;
	int64_t offset_us, bound_us;	/* at that instant: the drift and the age are in it */
	int64_t age_us;			/* since the newest sample; never below 0 */
	double drift_ppm, drift_bound_ppm;
};

struct offset_filter {
	char epoch[ID_BYTES];
	struct offset_estimate best;	/* current word */
	struct offset_sample winner;	/* least round trip of the newest burst; valid while best.known */
	struct offset_cell cells[OFFSET_CELLS];		/* oldest first */
	int count;
	bool is_fine;			/* its clock tells more than whole milliseconds */
};

void offset_init(struct offset_filter *f);
/*
 * A changed epoch starts anew; what contradicts the newest sample (a step, a slew) is forgotten, oldest first.  Nonsense
 * (negative delay, received before sent) is refused: false.
 */
bool offset_add(struct offset_filter *f, const struct offset_sample *s, const char *epoch);
/* At a console instant; an unknown one is all 0 but for its bound: INT64_MAX. */
struct offset_word offset_at(const struct offset_estimate *e, int64_t console_us);
/* Error of the estimate at that console instant. */
int64_t offset_bound_now(const struct offset_estimate *e, int64_t now_us);
/* There and back, with the drift since at_us or before it, within a day; unchanged when unknown. */
int64_t offset_to_node(const struct offset_estimate *e, int64_t console_us);
int64_t offset_to_console(const struct offset_estimate *e, int64_t node_us);

#endif
