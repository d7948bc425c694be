/*
 * cmd.h - one command, one file, one const entry (habits 1 and 2).
 */
#ifndef APP_CMD_H
#define APP_CMD_H

#include "app/cmd_help.h"
#include "app/cmdq.h"
#include "app/deck.h"
#include "domain/cmdline.h"
#include "domain/target.h"

enum cmd_result { CMD_DONE, CMD_PENDING, CMD_ERROR };
enum cmd_target { CMD_NO_TARGET, CMD_TARGET_ALL, CMD_TARGET_PREVIEW };	/* what -t means when it is not there */
/* LOGGED: a line in commands.jsonl; RAW_REST: free text follows the verb; FOLLOWS_CLOCK: what is sent ahead for a beat moves with the tempo */
enum cmd_flag { CMD_LOGGED = 1, CMD_RAW_REST = 2, CMD_FOLLOWS_CLOCK = 4, CMD_SETS_CLOCK = 8 };	/* SETS_CLOCK: where beats and bars are */

/* Where it acts: nowhere that matters to others, the console's own state, or one of a node's endpoints. */
enum cmd_effect { CMD_ON_NOTHING, CMD_ON_STATE, CMD_ON_RECORD, CMD_ON_CAMERA, CMD_ON_ZOOM, CMD_ON_TALLY, CMD_ON_MARKER };

struct cmd_ctx {
	const struct deck *deck;
	const struct cmdline *line;
	const struct target_set *targets;	/* resolved when the entry takes targets */
	struct cmdq_ticket *ticket;		/* for cmdq_ack(), cmdq_finish() when PENDING */
	const char *by;
	bool from_key, from_cue;
	int64_t pressed_us;			/* console UTC of the key press or submission */
	int64_t at_us;				/* planned instant, console UTC; 0 = now (cue player) */
	bool on_clock;				/* planned for that beat of the clock instead (cue player, commands of CMD_FOLLOWS_CLOCK) */
	double beat;
	struct err *err;			/* fill and return CMD_ERROR */
};

struct cmd_def {
	union {				/* the words alone, for people: cmd_help_at() */
		struct { const char *name, *usage, *help, *group; };
		struct cmd_help words;
	};
	int min_words, max_words;		/* after the verb; max -1: any */
	enum cmd_target target;
	unsigned flags;
	enum cmd_effect effect;		/* what it acts on: the cue player keeps the order of what depends on each other */
	/* Can this text be sent ahead with a planned instant?  NULL: never. */
	bool (*carries_at)(const struct cmdline *line);
	/* Shape of the words, checked for cue sheets too; no knowledge of the day's nodes.  May be NULL. */
	bool (*check)(const struct cmdline *line, int *column, struct err *e);
	/* Its text as it may be shown and kept (cmd_shown()), heap.  NULL: nothing of it is secret. */
	char *(*conceal)(const char *text);
	enum cmd_result (*run)(struct cmd_ctx *cx);
};

extern const struct cmd_def *const cmd_table[];		/* ends with NULL */
const struct cmd_def *cmd_find(const char *name);
/* cmd_check(), for do, where the preview source is no default. */
bool cmd_check_do(const char *text, int *column, struct err *e);
/* The same for cue sheets, where wait, expect and zero exist besides.  A cue_check_fn. */
bool cmd_check_cue(void *arg, const char *text, int *column, struct err *e);
/* The shape of a parsed line; *def may be NULL on failure. */
bool cmd_check_line(const struct cmdline *line, bool from_cue, const struct cmd_def **def, int *column, struct err *e);

#endif
