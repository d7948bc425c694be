/*
 * director_private.h - what director.c (buses, corrections), director_cut.c (one cut from the wish to the line)
 * and director_tally.c (the cameras' lights) share.  Nobody else includes it.
 */
#ifndef APP_DIRECTOR_PRIVATE_H
#define APP_DIRECTOR_PRIVATE_H

#include "app/director.h"
#include "app/scribe.h"
#include "base/list.h"
#include "base/map.h"

#define DIRECTOR_LEASE_MS 5000
#define DIRECTOR_BY 256

struct director_buses {			/* ids; "" = nothing */
	char program[ID_BYTES], preview[ID_BYTES], before[ID_BYTES];
};

/*
 * One cut.  An immediate one takes effect as it is sent.  One with a planned instant is sent ahead and takes effect
 * then; a node keeps one pending tally only, so that a second planned cut is held until the first has landed.
 */
struct director_cutting {
	struct list link;		/* in director->queue until it took effect, then in director->closing */
	struct director *director;	/* NULL: freed meanwhile */
	int refs;			/* the list's, the answers', the disk's */
	struct director_buses after;
	char from[ID_BYTES], to[ID_BYTES], by[DIRECTOR_BY];
	bool back, is_sent, is_answered, is_written, is_finished, is_over;
	int n;
	int64_t asked_us, at_us;	/* console UTC: the wish, the planned effect */
	int64_t seq;			/* in cuts.jsonl, once sent */
	unsigned round;			/* of the fan-out, once sent */
	struct ledger ledger;
	int64_t took_us;
	struct err err;
	director_done_fn *done;
	void (*ack)(void *arg, const struct ledger_line *line);
	void *arg;
};

struct director {
	struct loop *loop;
	struct crew *crew;
	struct fanout *fanout;
	struct bus *bus;
	struct scribe *scribe;
	const struct clk *clk;
	const struct opt_set *settings;
	struct director_buses now;	/* what is on */
	struct list queue, closing;
	struct loop_timer *cut_timer;
	int64_t quiet_until_us;		/* console UTC: a planned tally may still be pending on a node until then */
	struct director_cut last;
	int64_t before_last_seq;	/* of the cut before the last; 0 = none */
	bool last_back, last_struck;
	unsigned count;
	int64_t shot_us;
	char take[TAKE_BYTES];		/* the running one; "" = none */
	/* lights */
	struct map *lights;		/* node id -> struct director_light */
	struct list sends;		/* tallies on their way that are no cut */
	struct loop_timer *lease_timer;
	bool renews;			/* that timer runs */
	int64_t order;
	bool released;
};

/* director.c */
void director_tell_buses(struct director *d);

/* director_cut.c */
void director_cut_open(struct director *d);
void director_cut_close(struct director *d);

/* director_tally.c */
void director_tally_open(struct director *d);
void director_tally_close(struct director *d);
/* Live contract nodes that have a light. */
void director_tally_targets(const struct director *d, struct target_set *out);
/* Live contract nodes that have none. */
void director_tally_dark(const struct director *d, struct target_set *out);
enum node_tally director_tally_of(const struct director_buses *b, const char *node);
void director_tally_request(struct director *d, struct node_request *r);	/* lease, a new order */
/* A cut's tally went out to this node, and what it answered. */
void director_tally_sent(struct director *d, const char *node, enum node_tally tally);
void director_tally_answered(struct director *d, const struct ledger_line *line);
/* Tells every light that is not what it should be, unless a planned cut is on its way. */
void director_tally_settle(struct director *d);
void director_tally_heard(struct director *d, const char *node, const struct node_health *h);
void director_tally_joined(struct director *d, const char *node);
void director_tally_looked(struct director *d, const char *node);
void director_tally_left(struct director *d, const char *node);

#endif
