/*
 * cmd_kit.h - what several commands share: words that do not fit, one node, fan-outs, refusals, durable changes.
 * Only cmd_*.c include it.
 */
#ifndef APP_CMD_KIT_H
#define APP_CMD_KIT_H

#include "app/cmd.h"

/* The word is that keyword (quoted words never are). */
bool cmd_kit_is(const struct cmdline *line, int word, const char *keyword);
/* "expected ..." at the word, or behind the last one; returns false. */
bool cmd_kit_bad(const struct cmdline *line, int word, int *column, struct err *e, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* A take's number at the word: 3 is take 003, R3 is R003.  False: the word is no number. */
bool cmd_kit_take(const struct cmdline *line, int word, char out[static TAKE_BYTES]);
/* "5s" at the word, min..max. */
bool cmd_kit_time(const struct cmdline *line, int word, int64_t max_us, int64_t *us, int *column, struct err *e);
/* Free text after the verb: the one string, or all of it as typed. */
const char *cmd_kit_rest(const struct cmdline *line);
/* Words first... joined, or the one string; free() it. */
char *cmd_kit_text(const struct cmdline *line, int first);
/* The node that this word names; NULL + cx->err. */
struct registry_node *cmd_kit_node(struct cmd_ctx *cx, int word);
const char *cmd_kit_name(const struct deck *deck, const char *node);
/* Refuses (CMD_ERROR's err) what would be seen: a recording camera, the program camera.  --force lets it pass. */
bool cmd_kit_may(struct cmd_ctx *cx, bool spares_recording, bool spares_program);

/* Sends r to cx->targets; acks and the end go to the ticket.  tailor's arg: struct cmd_fan. */
struct cmd_fan {
	const struct deck *deck;
	struct cmdq_ticket *ticket;
	const void *own;		/* the command's, for tailor */
	int64_t end_us;			/* loop time before which it does not end; 0 = none */
};
enum cmd_result cmd_kit_send(struct cmd_ctx *cx, const struct node_request *r,
    void (*tailor)(void *arg, const char *node, struct node_request *r), const void *own, int64_t end_us);

/* A change of the manifest and its line in sources.jsonl (line is taken over); ends when both are on disk. */
enum cmd_result cmd_kit_write(struct cmd_ctx *cx, const char *type, struct jdoc *line, const char *node);
/* A line of any journal; ends when it is on disk. */
enum cmd_result cmd_kit_journal(struct cmd_ctx *cx, enum scribe_journal which, const char *type, int64_t time_us,
    struct jdoc *line);
/* Passes the first word to the screen; fn NULL: no screen has it here. */
enum cmd_result cmd_kit_screen(struct cmd_ctx *cx, bool (*fn)(void *arg, const char *name, struct err *e));
/* For stages that do not have it. */
enum cmd_result cmd_kit_unseen(struct cmd_ctx *cx);

#endif
