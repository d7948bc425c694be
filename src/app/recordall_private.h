/*
 * recordall_private.h - what recordall.c (takes), recordall_roll.c (a start, from the press to `recording`),
 * recordall_arm.c (what was not armed), recordall_stop.c (stops, asked until confirmed), recordall_owed.c (files that do not come) and recordall_heard.c
 * (the nodes' words) share.
 * Nobody else includes it.
 */
#ifndef APP_RECORDALL_PRIVATE_H
#define APP_RECORDALL_PRIVATE_H

#include "app/recordall.h"
#include "base/list.h"

#define RECORDALL_DEADLINE_US 10000000LL	/* a camera may take this long to say `recording`; then no policy stops anything */
#define RECORDALL_ASK_AGAIN_US 2000000LL	/* a stop that a camera does not confirm */

struct recordall_take {			/* one take in memory */
	struct list link;		/* recordall->takes, oldest first */
	struct take t;
	bool is_dirty;			/* take.json is older than t */
	bool is_adopted;
	int64_t changed_us;		/* monotonic: the newest change */
	int64_t policy_until_us;	/* monotonic; past it no policy stops anything */
	int64_t stop_due_us;		/* loop time: the planned instant of the newest stop */
	struct list owed;		/* cameras that stopped and have not told of a file */
};

struct recordall_roll {			/* one `record start` */
	struct list link;		/* recordall->rolls */
	struct recordall *recordall;	/* NULL: freed meanwhile */
	int refs;			/* the list's, one for each write, one for the answers */
	char take[TAKE_BYTES];
	struct target_set targets;
	bool is_told;			/* the bytes went out */
	bool is_answered, is_done;	/* all lines are in; whoever asked was told the end */
	int open_writes;
	int64_t asked_us, in_us, begun_us;	/* console UTC; from the wish; monotonic */
	unsigned round;
	struct ledger ledger;
	struct err err;
	struct loop_timer *deadline;
	recordall_done_fn *done;
	void (*ack)(void *arg, const struct ledger_line *line);
	void *arg;
};

struct recordall_ask {			/* one fan-out of stops */
	struct list link;		/* recordall->asks */
	struct recordall *recordall;
	unsigned round;
	struct loop_timer *timer;	/* NULL: it is out.  Else it waits for the start's bytes to go out first */
	int64_t at_us;			/* console UTC, while it waits */
	struct target_set *named;	/* while it waits; NULL: all of the take's */
	recordall_done_fn *done;	/* NULL: asked again by ourselves */
	void (*ack)(void *arg, const struct ledger_line *line);
	void *arg;
};

struct recordall {
	struct loop *loop;
	struct crew *crew;
	struct fanout *fanout;
	struct bus *bus;
	struct scribe *scribe;
	struct sphere *sphere;		/* NULL: nothing is written */
	const struct clk *clk;
	const struct opt_set *settings;
	struct list takes, rolls, asks;
	struct loop_timer *flush_timer, *look_timer, *ask_timer, *adopt_timer;
	bool flush_waits;
	bool rehearsal, rehearses_apart;
	recordall_arm_fn *arm;		/* NULL: nobody looks */
	void *arm_arg;
	unsigned last_number;		/* without a Sphere */
};

/* recordall.c */
int64_t recordall_utc_us(const struct recordall *r);
struct recordall_take *recordall_find(const struct recordall *r, const char *take);
struct recordall_take *recordall_newest_entry(const struct recordall *r);
/* A number that was given stands in a journal too: no lost folder gives it twice. */
void recordall_write_down(struct recordall *r, const struct take *t);
struct recordall_take *recordall_add(struct recordall *r, const struct take *t);	/* moved in */
/* Frees what it holds; it must be out of the list. */
void recordall_take_free(struct recordall_take *rt);
/* The take changed: told at once, written at the end of the turn. */
void recordall_changed(struct recordall *r, struct recordall_take *rt);
const char *recordall_sphere_id(const struct recordall *r);
const char *recordall_name(const struct recordall *r, const char *node);
/* A device that is asked, starting or recording, and nobody wants it to stop. */
bool recordall_rolls_on(const struct take_device *d);
void recordall_set_add(struct target_set *set, const char *node);
/* Moves a device through take_go() and tells what follows from it.  False: not allowed. */
bool recordall_go(struct recordall *r, struct recordall_take *rt, struct take_device *d, enum take_state to, const char *reason);
/* The device may have moved from `was`: events, policy, waiting rolls. */
void recordall_moved(struct recordall *r, struct recordall_take *rt, const char *node, enum take_state was);

/* recordall_roll.c */
void recordall_roll_look(struct recordall *r);		/* is any roll over now? */
void recordall_roll_open(struct recordall *r);
void recordall_roll_close(struct recordall *r);
/* The planned instant for these targets, console UTC: in_us after the wish, or ahead by record-lead and what the ways need; 0: at once. */
int64_t recordall_instant(const struct recordall *r, const struct target_set *targets, int64_t asked_us, int64_t in_us);
bool recordall_roll_untold(const struct recordall *r, const char *take, const char *node);

/* recordall_arm.c: what is not armed among those that a roll is about to ask is kept in the take, journaled and told. */
void recordall_arm_note(struct recordall *r, struct recordall_take *rt, const struct target_set *targets);

/* recordall_stop.c */
void recordall_stop_open(struct recordall *r);
/* A take is there: what it still owes is looked after from now on. */
void recordall_stop_watch(struct recordall *r);
void recordall_stop_close(struct recordall *r);
/* The policy's verdict on a device that failed: true when the whole roll was stopped for it. */
void recordall_stop_policy(struct recordall *r, struct recordall_take *rt, const char *node);
void recordall_stop_again(struct recordall *r, const char *node);	/* at once, if a stop is wanted and not confirmed */

/* recordall_owed.c */
void recordall_owed_look(struct recordall *r, struct recordall_take *rt);	/* every few seconds */
void recordall_owed_free(struct recordall_take *rt);

/* recordall_home.c: what is whole at home, and no longer among the newest, is on disk only from now on. */
void recordall_home_look(struct recordall *r);

/* recordall_heard.c */
void recordall_heard_open(struct recordall *r);
void recordall_heard_close(struct recordall *r);
void recordall_heard_look(struct recordall *r, struct recordall_take *rt);	/* at what the nodes said last */

#endif
