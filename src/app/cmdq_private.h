/*
 * cmdq_private.h - the queue's inside, shared by cmdq.c, cmdq_effect.c and cmdq_log.c only.
 */
#ifndef APP_CMDQ_PRIVATE_H
#define APP_CMDQ_PRIVATE_H

#include "app/cmd.h"
#include "base/list.h"

#define CMDQ_EFFECT_WAIT_US 1000000LL	/* after the planned instant, for the nodes' word on it */
#define CMDQ_EFFECT_GRACE_US 60000LL	/* once one node has told its own, for the others */

struct cmdq_turn {			/* outlives the queue: a deferred call cannot be taken back */
	struct cmdq *q;
};

struct cmdq {
	const struct deck *deck;
	struct list waiting, open;	/* tickets not started; started and not ended */
	struct cmdq_turn *turn;		/* NULL: no start is due */
	int next_number, pending;
	bool closing;
	bool has_last;
	struct ledger last;		/* of the last finished logged command */
	char *refused_text;		/* the last refused command, and when (loop time) */
	int64_t refused_us;
};

struct cmdq_memory {
	struct cmdq_memory *next;
	void (*end)(void *bytes);	/* NULL: nothing else goes with it */
	max_align_t bytes[];
};

/* When a node says a command took effect: on its own clock. */
struct cmdq_effect {
	char node[ID_BYTES], command_id[ID_BYTES];	/* "": the node does not say which command it was */
	int64_t effect_us;
};

struct cmdq_ticket {
	struct list link;
	struct cmdq *q;
	int n;
	char *text, *by;
	char *shown;			/* the text without what is secret: for replies, journals and the log */
	bool from_key, from_cue;
	int64_t pressed_us, at_us;
	bool on_clock;
	double beat;
	struct reply reply;

	const struct cmd_def *def;	/* NULL until it is known */
	struct cmdline line;
	bool parsed;
	struct target_set targets;
	char named[ID_BYTES];		/* the node that its words name, for its line; "" = none */
	int64_t begun_us, begun_utc_us;
	int64_t planned_us;		/* at_us on the loop's clock, which nobody sets; once it is known */
	struct cmdq_memory *memory;

	bool running;			/* inside def->run() */
	bool finished;			/* the verdict is in; what is left is waiting and writing */
	bool ended;
	struct reply_end end;
	struct ledger ledger;
	bool has_ledger;
	struct loop_timer *timer;	/* ramp, effects */
	int64_t not_before_us;		/* loop time */
	bool listening;
	int effect_count;
	struct cmdq_effect *effects;
};

/* Effects: the nodes' events that tell when a scheduled command really landed. */
void cmdq_effect_listen(struct cmdq_ticket *t);
void cmdq_effect_forget(struct cmdq_ticket *t);
/* Its instant is known only now: what was told before that was another's. */
void cmdq_effect_since(struct cmdq_ticket *t, int64_t at_us);
/* Loop time until which it is worth waiting for them; 0 = not at all. */
int64_t cmdq_effect_wait_until(const struct cmdq_ticket *t);
/* Writes what was told into the ledger's lines; a scheduled line that nobody told of has no effect. */
void cmdq_effect_fill(struct cmdq_ticket *t);
/* Something new was told: look again whether the ticket can end. */
void cmdq_ticket_look(struct cmdq_ticket *t);

/* The command's line in commands.jsonl; done comes when it is on disk. */
void cmdq_log_write(struct cmdq_ticket *t, diskq_done_fn *done);

#endif
