/*
 * cmdq.h - the one queue: keys, prompt, cue sheets, do.  Orders the starts of commands; a pending one holds up nobody.
 * Numbers commands from 1; writes each logged one to commands.jsonl and answers `end` only when that is on disk.
 */
#ifndef APP_CMDQ_H
#define APP_CMDQ_H

#include <stdbool.h>
#include <stddef.h>
#include "app/reply.h"
#include "base/err.h"
#include "domain/ledger.h"

struct cmdq;
struct cmdq_ticket;
struct deck;

struct cmdq_ask {
	const char *text;
	const char *by;			/* "key:anna" "prompt:anna" "do" "cue:show.cue:4" */
	bool from_key, from_cue;	/* a cue sheet or do: flip/zoom need -t */
	int64_t pressed_us;		/* console UTC; 0 = now */
	int64_t at_us;			/* planned effect, console UTC; 0 = now */
	bool on_clock;			/* planned for that beat of the clock, wherever the tempo moves it: a cut of a cue sheet (CMD_FOLLOWS_CLOCK) */
	double beat;
	const struct reply *reply;	/* copied; may be NULL */
};

struct cmdq *cmdq_new(const struct deck *deck);
/* Pending tickets end as failed.  After fanout, director, recordall and the disk queue: their callbacks hold tickets. */
void cmdq_free(struct cmdq *q);
/* Whoever asked is gone: nobody is answered any more. */
void cmdq_mute(struct cmdq *q);
/* Starts at the latest in the next turn of the loop.  Returns the command's number. */
int cmdq_submit(struct cmdq *q, const struct cmdq_ask *ask);
/* By commands, while pending: */
void cmdq_ack(struct cmdq_ticket *t, const struct ledger_line *line);
void cmdq_say(struct cmdq_ticket *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Ends a pending command.  l may be NULL; e with a kind makes it an error. */
void cmdq_finish(struct cmdq_ticket *t, const struct ledger *l, const struct err *e);
/* The same, but not before at_us (loop time): a zoom is over when its ramp is. */
void cmdq_finish_at(struct cmdq_ticket *t, int64_t at_us, const struct ledger *l, const struct err *e);
/* The node that the command is about: its line names it when nobody was asked. */
void cmdq_ticket_names(struct cmdq_ticket *t, const char *node);
int cmdq_ticket_number(const struct cmdq_ticket *t);
/* Zeroed memory that lives as long as the ticket: what a pending command must remember. */
void *cmdq_ticket_hold(struct cmdq_ticket *t, size_t size);
/* The same with what goes with it, such as a timer: end(memory) just before the memory does, however the command ended. */
void *cmdq_ticket_hold_until(struct cmdq_ticket *t, size_t size, void (*end)(void *memory));
/* The same text was refused at most within_us ago: pressing again means it. */
bool cmdq_ticket_insists(const struct cmdq_ticket *t, int64_t within_us);
/* A number for something that is answered like a command but is none: wait, expect. */
int cmdq_take_number(struct cmdq *q);
int cmdq_pending(const struct cmdq *q);
/* Verdicts for `expect ack all`: the last finished logged command. */
const struct ledger *cmdq_last_ledger(const struct cmdq *q);

#endif
