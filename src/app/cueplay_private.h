/*
 * cueplay_private.h - the cue player's inside, shared by cueplay.c, cueplay_item.c and cueplay_plan.c only.
 */
#ifndef APP_CUEPLAY_PRIVATE_H
#define APP_CUEPLAY_PRIVATE_H

#include "app/cmd.h"
#include "app/cueplay.h"

#define CUEPLAY_LEAD_US 400000LL	/* how far ahead of its instant a command goes out that carries it */
#define CUEPLAY_APART_US 10000LL	/* between a planned instant and the next command that depends on it */
#define CUEPLAY_LATE_US 200000LL	/* past this, `event cue-late` */
#define CUEPLAY_WAIT_US 10000000LL	/* a wait without within */
#define CUEPLAY_FINALLY_US 30000000LL	/* the longest a finally line, or what is open at the end, may take */
#define CUEPLAY_POLL_US 100000LL	/* conditions that time alone makes true */

enum cueplay_item_state { ITEM_IDLE, ITEM_PLANNED, ITEM_RUNNING, ITEM_OVER };

struct cueplay_item {
	struct cueplay *p;
	const struct cue *cue;
	enum cueplay_item_state state;
	enum cmd_effect effect;		/* what it acts on: keeps the order of what depends on each other */
	bool carries_at;		/* can go out ahead */
	int64_t scheduled_us;		/* loop time */
	int64_t send_us;		/* loop time at which it goes out */
	int64_t deadline_us;		/* waits, expects and finally lines */
	bool sent_ahead;		/* scheduled_us went along */
	int n;				/* command number */
	int64_t begun_us;
	struct condition condition;	/* waits and expects */
	struct judge_acks acks;
};

enum cueplay_phase { PLAY_IDLE, PLAY_SHEET, PLAY_FINALLY, PLAY_DRAIN, PLAY_OVER };

struct cueplay {
	const struct deck *deck;
	struct cmdq *q;
	const struct cue_sheet *sheet;
	double speed;
	struct reply reply;
	cueplay_done_fn *done;
	void *arg;
	struct judge *judge;
	struct cueplay_item *items;
	size_t count;
	size_t next;			/* the first one not planned */
	size_t oldest;			/* nothing before it is planned or running */
	struct cueplay_item *before;	/* the last one planned in this phase; NULL: none */
	struct cueplay_item *waiting;	/* a wait or an expect whose time is not over */
	struct cueplay_item *last_command;	/* what `expect ack` judges */
	enum cueplay_phase phase;
	int64_t begun_us, zero_us, anchor_us;	/* loop time */
	int64_t drain_us;
	int running;			/* commands that have not ended */
	bool advancing, heard;		/* inside cueplay_look(); news came meanwhile */
	bool orphan;			/* freed, but commands of it have not ended */
	struct loop_timer *timer;
	struct cueplay_result result;
};

/* Looks at everything: plans, sends, judges, ends.  Safe from any callback. */
void cueplay_look(struct cueplay *p);
/* The last command of a freed player has ended. */
void cueplay_dispose(struct cueplay *p);
/* The sheet stops here (its finally lines are still to run). */
void cueplay_stop(struct cueplay *p);

/* cueplay_plan.c: when. */
void cueplay_item_init(struct cueplay *p, struct cueplay_item *item, const struct cue *cue);
/* Plans as many of the next cues as can be known now. */
void cueplay_plan(struct cueplay *p);
/* Loop time of what is due next; INT64_MAX = nothing. */
int64_t cueplay_next_due(const struct cueplay *p);
/* The planned item that must go out now, in the sheet's order; NULL = none. */
struct cueplay_item *cueplay_due_item(struct cueplay *p);

/* cueplay_item.c: what. */
void cueplay_item_run(struct cueplay_item *item);
/* Judges p->waiting again: it may be true, or its time may be over. */
void cueplay_item_judge(struct cueplay *p);
/* The sheet stops under it: it ends as failed. */
void cueplay_item_break(struct cueplay *p, const char *why);
/* A finally line that takes too long. */
void cueplay_item_abandon(struct cueplay_item *item);

#endif
