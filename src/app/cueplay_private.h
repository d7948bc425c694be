/*
 * cueplay_private.h - the cue player's inside, shared by cueplay*.c only.
 * The row of cues is read one by one (row), each gets its instant (when, plan), goes out (item); rules stand beside it.
 */
#ifndef APP_CUEPLAY_PRIVATE_H
#define APP_CUEPLAY_PRIVATE_H

#include "app/cmd.h"
#include "app/cueplay.h"
#include "base/list.h"

#define CUEPLAY_LEAD_US 400000LL	/* how far ahead of its instant a command goes out that carries it */
#define CUEPLAY_BEAT_LEAD_US 150000LL	/* of a beat's instant, when what was sent cannot be moved any more */
#define CUEPLAY_APART_US 10000LL	/* between a planned instant and the next command that depends on it */
#define CUEPLAY_LATE_US 200000LL	/* past this, `event cue-late` */
#define CUEPLAY_WAIT_US 10000000LL	/* a wait without within */
#define CUEPLAY_FINALLY_US 30000000LL	/* the longest a finally line, or what is open at the end, may take */
#define CUEPLAY_POLL_US 100000LL	/* conditions that time alone makes true */
#define CUEPLAY_NEAR_US 20000LL		/* what comes with an instant, on whichever clock it was told */
#define CUEPLAY_AHEAD 400		/* cues planned and not begun: each is measured against those before it */
#define CUEPLAY_TURN 16			/* cues run before others have their turn: leases, sockets, signals */
#define CUEPLAY_PAST 256		/* cues that `back` can go back to */

/* ARMED: waits for go or for its event, and nothing behind it is planned. */
enum cueplay_state { ITEM_ARMED, ITEM_PLANNED, ITEM_RUNNING, ITEM_OVER };

/* In the sheet: the next line to read, and for each repeat around it how often it comes again after this time. */
struct cueplay_place {
	size_t at;
	int left[MAX_CUE_REPEATS];
};

/* What instants of later cues hang on. */
struct cueplay_row {
	int64_t anchor_us, zero_us;	/* loop time: the cue before, and zero */
	bool on_clock;			/* the cue before is on a beat */
	bool has_beat;
	double beat;			/* where the clock is at anchor_us */
};

struct cueplay_rule;

struct cueplay_item {
	struct list link;
	struct cueplay *p;
	const struct cue *cue;
	struct cueplay_rule *rule;	/* it is one of its; NULL: a cue of the row, or a finally line */
	char *text;			/* the command as it was sent; NULL: not yet */
	enum cueplay_state state;
	bool is_open;			/* the queue owes its end */
	bool has_begun;
	enum cmd_effect effect;		/* what it acts on: keeps the order of what depends on each other */
	bool carries_at;		/* can go out ahead */
	bool follows_clock;		/* what is sent ahead for a beat moves with the tempo */
	bool sets_clock;		/* where beats are is not known before it has begun */
	struct cueplay_place place;
	struct cueplay_row before, after;
	bool is_fixed;			/* its instant is now, and stays */
	bool on_clock;
	double beat;
	int64_t scheduled_us;		/* loop time */
	int64_t send_us;		/* loop time at which it goes out */
	int64_t deadline_us;		/* waits, expects, finally lines and `when ... within` */
	bool sent_ahead;		/* its instant went along */
	bool is_taken_back;		/* by hold: it is planned again */
	bool is_heard;			/* ARMED: the cue before has come, it listens now */
	int64_t serial;			/* of the judge, as it ran, -1: it has not; ARMED: events after it count */
	int64_t since_us;		/* ARMED: and those not before that time; what went out ahead was there earlier than its instant */
	int n;				/* command number */
	int64_t begun_us;
	struct condition condition;	/* waits and expects */
	struct judge_acks acks;
	struct err refusal;		/* with a kind: it cannot be */
};

/* whenever EVENT [NODE] COMMAND */
struct cueplay_rule {
	const struct cue *cue;
	enum cmd_effect effect;
	int running;
	int64_t since_us;		/* loop time: so many times since then */
	int count;
	bool is_off;			/* it set itself off again and again */
};

enum cueplay_phase { PLAY_IDLE, PLAY_SHEET, PLAY_FINALLY, PLAY_DRAIN, PLAY_OVER };

struct cueplay {
	const struct deck *deck;
	struct cmdq *q;
	const struct cue_sheet *sheet;
	struct cueplay_conf conf;
	struct reply reply;
	cueplay_done_fn *done;
	void *arg;
	struct judge *judge;
	struct cue_chooser *chooser;
	struct list items;		/* in the row's order; what is over and hangs on nothing is gone */
	int ahead;			/* of them ITEM_PLANNED */
	struct cueplay_place place;	/* the next to plan */
	bool is_read;			/* nothing is left to plan in this phase */
	struct cueplay_row row;		/* behind the last planned */
	struct cueplay_item *before;	/* the last planned in this phase; NULL: none */
	struct cueplay_item *armed;
	struct cueplay_item *waiting;	/* a wait or an expect whose time is not over */
	struct cueplay_item *last_command;	/* what `expect ack` judges */
	struct cueplay_rule *rules;
	size_t rule_count;
	enum cueplay_phase phase;
	bool held;
	bool go_next;			/* the next cue runs with the go, whatever its WHEN */
	bool has_moved;			/* skip, back or jump: the place is new, nothing hangs on what was before */
	int64_t held_us;		/* loop time */
	struct cueplay_place past[CUEPLAY_PAST];	/* of the newest cues that have run, oldest first */
	size_t past_count;
	int64_t drain_us;
	int running;			/* commands that have not ended */
	bool advancing, heard;		/* inside cueplay_look(); news came meanwhile, or cues are left for the next turn */
	int turn_left;			/* cues that may still run in this turn */
	bool clock_moved;
	bool orphan;			/* freed, but commands of it have not ended */
	struct loop_timer *timer;
	struct cueplay_result result;
	struct cuedesk_word told;	/* what the screen was told last */
};

/* cueplay.c.  Looks at everything: plans, sends, judges, ends.  Safe from any callback. */
void cueplay_look(struct cueplay *p);
/* The same, in the next turn of the loop. */
void cueplay_look_soon(struct cueplay *p);
/* The last command of a freed player has ended. */
void cueplay_dispose(struct cueplay *p);
/* The sheet stops here (its finally lines are still to run). */
void cueplay_stop(struct cueplay *p);

/* cueplay_row.c: which.  The next cue from that place on, which moves to it; NULL: none is left. */
const struct cue *cueplay_row_next(const struct cueplay *p, struct cueplay_place *place);
/* To behind the cue that it stands at. */
void cueplay_row_pass(struct cueplay_place *place);
/* To that cue, each repeat around it begun anew. */
void cueplay_row_seek(const struct cueplay *p, struct cueplay_place *place, size_t at);
void cueplay_row_begin(struct cueplay *p);
/* Goes on from its place now: at its beginning as the text has it, elsewhere so that the next cue is on time with the go. */
void cueplay_row_go(struct cueplay *p);

/* cueplay_when.c: when. */
int64_t cueplay_scaled(const struct cueplay *p, int64_t us);
/* Its instant and what hangs on it, from item->before; new: an item that had none yet. */
void cueplay_when(struct cueplay_item *item, bool is_new);
/* Its instant is now. */
void cueplay_when_now(struct cueplay_item *item);
/* The clock has moved, or (new) the show went on after a hold: what has not gone out moves along. */
void cueplay_when_again(struct cueplay *p, bool is_new);

/* cueplay_plan.c: in which order. */
struct cueplay_item *cueplay_item_new(struct cueplay *p, const struct cue *cue);
void cueplay_item_free(struct cueplay_item *item);
void cueplay_plan_send(struct cueplay_item *item);
/* Plans as many of the next cues as can be known now. */
void cueplay_plan(struct cueplay *p);
/* An armed cue: does what it waits for stand?  True: something has changed. */
bool cueplay_arm_look(struct cueplay *p);
/* Now: it is planned. */
void cueplay_arm_release(struct cueplay *p);
/* Loop time of what is due next; INT64_MAX = nothing. */
int64_t cueplay_next_due(const struct cueplay *p);
/* The planned item that must go out now, in the sheet's order; NULL = none. */
struct cueplay_item *cueplay_due_item(struct cueplay *p);
/* What is over and hangs on nothing goes. */
void cueplay_sweep(struct cueplay *p);

/* cueplay_item.c: what. */
void cueplay_item_run(struct cueplay_item *item);
/* Judges p->waiting again: it may be true, or its time may be over. */
void cueplay_item_judge(struct cueplay *p);
/* The sheet stops under it: it ends as failed. */
void cueplay_item_break(struct cueplay *p, const char *why);
/* `skip`, stop, quit: it ends, and counts for nothing. */
void cueplay_item_pass(struct cueplay *p);
/* What it waited for did not come within its time. */
void cueplay_item_expire(struct cueplay_item *item);
/* A finally line that takes too long. */
void cueplay_item_abandon(struct cueplay_item *item);

/* cueplay_rule.c: what stands beside the row. */
void cueplay_rules_open(struct cueplay *p);
void cueplay_rules_heard(struct cueplay *p, const struct bus_event *ev);

/* cueplay_desk.c: what the show caller is told. */
void cueplay_tell(struct cueplay *p);

#endif
