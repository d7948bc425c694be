/*
 * director_private.h - what director.c (buses, corrections), director_wish.c (what a wish means), director_cut.c (one cut from the
 * wish to the line), director_line.c (that line), director_landed.c (when each camera says it took effect), director_clock.c (cuts that wait for a beat),
 * director_safe.c (what to do when program fails, panic) and director_tally.c (the cameras' lights) share.  Nobody else includes it.
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
	bool back, is_swap, is_sent, is_answered, is_written, is_finished, is_over;
	bool is_resent;			/* its answers are told once they are all in */
	bool on_clock, force, is_landed;	/* is_landed: the line of its effects is written, or there is nothing to write */
	double beat;			/* on_clock: at_us follows it */
	int64_t ahead_us;		/* it is sent so long before at_us */
	int n;
	int64_t asked_us, at_us;	/* console UTC: the wish, the planned effect */
	int64_t due_us;			/* the planned effect on the loop's clock, which nobody sets */
	int64_t seq;			/* in cuts.jsonl, once sent */
	unsigned round;			/* of the fan-out, once sent */
	struct ledger ledger;
	int64_t took_us;
	char *reason;			/* NULL: none */
	bool is_rescue;
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
	struct metro *metro;		/* NULL: none */
	struct director_buses now;	/* what is on */
	struct list queue, closing;
	struct loop_timer *cut_timer, *landed_timer;
	int64_t landed_at_us;		/* loop time: that timer's; 0 = it does not run */
	int64_t quiet_until_us;		/* loop time: a planned tally may still be pending on a node until then */
	struct director_cut last;
	int64_t last_due_us;		/* of the last, loop time */
	int64_t before_last_seq;	/* of the cut before the last; 0 = none */
	char before_last_from[ID_BYTES];
	bool last_back, last_struck;
	int64_t shot_us;
	int64_t gone_us;		/* loop time when the program source was forgotten; 0 = it was not */
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
/* To every node: as planned, or at once when its instant has come.  Another call takes the place of the one before. */
void director_cut_send(struct director *d, struct director_cutting *c);
/* It will not be: whoever asked is told why. */
void director_cut_drop(struct director *d, struct director_cutting *c, const struct err *why, const char *by);
/* It was sent, and is further away now than the nodes should wait: they are told what is on, and it goes out again in time. */
void director_cut_recall(struct director *d, struct director_cutting *c);
/* The queue has changed: looks at what is due. */
void director_cut_step(struct director *d);
/* So far away, on the loop's clock, is that console UTC. */
int64_t director_cut_due(const struct director *d, int64_t at_us);
/* Nothing more is to come of it: it goes when nobody waits for it. */
void director_cut_settle(struct director_cutting *c);

/* director_line.c */
struct jdoc *director_line(const struct director *d, const struct director_cutting *c);
/* The line of a cut that was sent stands: it is taken back by another. */
void director_line_strike(struct director *d, const struct director_cutting *c, const char *by);

/* director_landed.c */
void director_landed_open(struct director *d);
void director_landed_close(struct director *d);
/* A node told when it took effect there (its own clock). */
void director_landed_heard(struct director_cutting *c, const char *node, int64_t effect_us);
/* Its answers are in, or it is on: writes the line of its effects when all are known, or soon enough. */
void director_landed_look(struct director_cutting *c);

/* director_safe.c */
/* Nothing of all that waits will be. */
void director_safe_take_back(struct director *d, const struct err *why, const char *by);
/* Something became of this source: if it is on program and failed, says so, and acts as `program-lost` has it. */
void director_safe_hear(struct director *d, const struct bus_event *ev);

/* director_wish.c */
/* Text for people: "left" or "black". */
const char *director_wish_name(const struct director *d, const char *id);
/* The buses as every cut before this instant (loop time) will have left them. */
const struct director_buses *director_wish_base(const struct director *d, const struct director_ask *ask, int64_t due_us);
/* Where to: an id, or "" for black. */
bool director_wish_target(const struct director *d, const struct director_buses *b, const struct director_ask *ask,
    char to[static ID_BYTES], struct err *e);
bool director_wish_allowed(const struct director *d, const char *to, bool force, struct err *e);
/* The same effect as the cut before, asked again too soon to be meant; or the very cut that is pending. */
bool director_wish_is_repeat(const struct director *d, const struct director_buses *b, const struct director_ask *ask, const char *to,
    int64_t due_us);
/* That source is on by then, so that there is nothing to cut. */
bool director_wish_is_on(const struct director *d, const struct director_buses *b, const char *to);
/* The rules of the two buses. */
void director_wish_buses(struct director_buses *after, const struct director_buses *b, const char *to, bool is_swap);

/* director_clock.c */
void director_clock_open(struct director *d);
void director_clock_close(struct director *d);
/* So long before its beat a cut is sent: every node has it by then, and a tempo that changes meanwhile seldom overtakes it. */
int64_t director_clock_ahead_us(const struct director *d);
/* A cut on the clock was asked for: tells it. */
void director_clock_tell(struct director *d, const struct director_cutting *c);
bool director_clock_is_pending(const struct director *d, const char *to, double beat);
/* The newest wish takes the place of the pending cut, whenever that was to be. */
void director_clock_replace(struct director *d, const char *by);
/* Each cut of the queue begins where the one before it ends. */
void director_clock_chain(struct director *d);
/* The pending cut goes where its beat is now: the tempo, or UTC itself, may have moved. */
void director_clock_follow(struct director *d);
/* Before it is sent: as the clock stands now.  False: its source is not fit for it any more, and it is dropped. */
bool director_clock_ready(struct director *d, struct director_cutting *c);

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
/* A planned cut that was on its way will not be: it is taken back from every node that was told of it. */
void director_tally_retract(struct director *d);
void director_tally_heard(struct director *d, const char *node, const struct node_health *h);
void director_tally_joined(struct director *d, const char *node);
void director_tally_looked(struct director *d, const char *node);
void director_tally_left(struct director *d, const char *node);

#endif
