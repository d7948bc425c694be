/*
 * cmd_kit.c - what several commands share.
 * Owns nothing: what must be remembered lives with the command's ticket.  Never decides what a command means.
 */
#include "app/cmd_kit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

bool
cmd_kit_is(const struct cmdline *line, int word, const char *keyword)
{
	return word < line->count && !line->quoted[word] && strcmp(line->words[word], keyword) == 0;
}

bool
cmd_kit_bad(const struct cmdline *line, int word, int *column, struct err *e, const char *format, ...)
{
	char text[sizeof e->text];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (word < line->count)
		*column = line->column[word];
	else
		*column = line->column[line->count - 1] + (int)strlen(line->words[line->count - 1]);
	return err_set(e, ERR_USAGE, "%s", text);
}

bool
cmd_kit_time(const struct cmdline *line, int word, int64_t max_us, int64_t *us, int *column, struct err *e)
{
	char most[32];

	if (word >= line->count || !str_time(line->words[word], us))
		return cmd_kit_bad(line, word, column, e, "expected a time such as 500ms or 5s");
	if (*us <= max_us)
		return true;
	str_time_words(most, sizeof most, max_us);
	return cmd_kit_bad(line, word, column, e, "%s is too long; at most %s", line->words[word], most);
}

bool
cmd_kit_take(const struct cmdline *line, int word, char out[static TAKE_BYTES])
{
	bool is_rehearsed;
	int64_t number;

	if (word >= line->count || line->quoted[word])
		return false;
	is_rehearsed = line->words[word][0] == 'R' || line->words[word][0] == 'r';
	if (!str_int(line->words[word] + is_rehearsed, 1, MANIFEST_TAKE_MAX, &number))
		return false;
	if (is_rehearsed)
		ids_take_rehearsed(out, (unsigned)number);
	else
		ids_take(out, (unsigned)number);
	return true;
}

const char *
cmd_kit_rest(const struct cmdline *line)
{
	return line->count == 2 ? line->words[1] : line->rest;
}

char *
cmd_kit_text(const struct cmdline *line, int first)
{
	return first >= line->count ? xstrdup("") : cmdline_join(line, first);
}

struct registry_node *
cmd_kit_node(struct cmd_ctx *cx, int word)
{
	struct target_context at = { .registry = crew_registry(cx->deck->crew) };
	const char *name = cx->line->words[word];
	char id[ID_BYTES], quoted[MAX_COMMAND_LINE];
	struct registry_node *n;

	if (cx->line->quoted[word]) {		/* "2" is a name, 2 is a number */
		str_json(quoted, sizeof quoted, name);
		name = quoted;
	}
	director_context(cx->deck->director, &at);
	if (!target_one(id, name, &at, cx->err))
		return NULL;
	n = registry_find(at.registry, id);
	if (n == NULL)
		err_set(cx->err, ERR_NOT_FOUND, "%s has left", cx->line->words[word]);
	else
		cmdq_ticket_names(cx->ticket, id);
	return n;
}

const char *
cmd_kit_name(const struct deck *deck, const char *node)
{
	const struct registry_node *n = registry_find(crew_registry(deck->crew), node);

	return n != NULL ? registry_name(n) : node;
}

/* By the node's own word, however old: the careful reading. */
static bool
kit_is_recording(const struct crew_member *m)
{
	const struct node_health *h = &m->track.last;

	return h->has_recording && (h->recording.state == NODE_REC_STARTING || h->recording.state == NODE_REC_RECORDING);
}

bool
cmd_kit_may(struct cmd_ctx *cx, bool spares_recording, bool spares_program)
{
	const char *program = director_program(cx->deck->director);

	if (cx->line->force)
		return true;
	for (int i = 0; i < cx->targets->count; i++) {
		const char *id = cx->targets->ids[i];
		const struct crew_member *m = crew_find(cx->deck->crew, id);

		if (spares_program && program != NULL && strcmp(id, program) == 0)
			return err_set(cx->err, ERR_UNFORCED, "%s is on program; --force does it all the same",
			    cmd_kit_name(cx->deck, id));
		if (spares_recording && m != NULL && kit_is_recording(m))
			return err_set(cx->err, ERR_UNFORCED, "%s is recording; --force does it all the same",
			    cmd_kit_name(cx->deck, id));
	}
	return true;
}

static void
kit_acked(void *arg, const struct ledger_line *line)
{
	struct cmd_fan *fan = arg;

	cmdq_ack(fan->ticket, line);
}

static void
kit_sent(void *arg, const struct ledger *l, int64_t took_us)
{
	struct cmd_fan *fan = arg;

	(void)took_us;
	cmdq_finish_at(fan->ticket, fan->end_us, l, NULL);
}

enum cmd_result
cmd_kit_send(struct cmd_ctx *cx, const struct node_request *r,
    void (*tailor)(void *arg, const char *node, struct node_request *r), const void *own, int64_t end_us)
{
	static const struct fanout_fns fns = { .ack = kit_acked, .done = kit_sent };
	struct node_request planned = *r;
	struct cmd_fan *fan;

	if (cx->targets->count == 0) {
		err_set(cx->err, ERR_NOT_FOUND, "no camera is in the show: there is nobody to send this to");
		return CMD_ERROR;
	}
	fan = cmdq_ticket_hold(cx->ticket, sizeof *fan);
	*fan = (struct cmd_fan){ .deck = cx->deck, .ticket = cx->ticket, .own = own, .end_us = end_us };
	planned.at_us = cx->at_us;
	fanout_send(cx->deck->fanout, &planned, cx->targets, tailor, &fns, fan);
	return CMD_PENDING;
}

/* A change that ends when all its writes are on disk. */
struct kit_writes {
	struct cmdq_ticket *ticket;
	int open;
	struct err err;
};

static void
kit_written(void *arg, const struct err *e)
{
	struct kit_writes *w = arg;

	if (e != NULL && e->kind != ERR_NONE)
		w->err = *e;
	if (--w->open == 0)
		cmdq_finish(w->ticket, NULL, &w->err);
}

static struct kit_writes *
kit_writes_new(struct cmd_ctx *cx, int open)
{
	struct kit_writes *w = cmdq_ticket_hold(cx->ticket, sizeof *w);

	w->ticket = cx->ticket;
	w->open = open;
	return w;
}

enum cmd_result
cmd_kit_write(struct cmd_ctx *cx, const char *type, struct jdoc *line, const char *node)
{
	struct kit_writes *w = kit_writes_new(cx, 2);

	scribe_add(cx->deck->scribe, SCRIBE_SOURCES, type, 0, line, kit_written, w);
	scribe_manifest(cx->deck->scribe, kit_written, w);
	bus_tell(cx->deck->bus, EV_CREW_CHANGED, node, "%s", type);
	return CMD_PENDING;
}

enum cmd_result
cmd_kit_journal(struct cmd_ctx *cx, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line)
{
	struct kit_writes *w = kit_writes_new(cx, 1);

	scribe_add(cx->deck->scribe, which, type, time_us, line, kit_written, w);
	return CMD_PENDING;
}

enum cmd_result
cmd_kit_unseen(struct cmd_ctx *cx)
{
	err_set(cx->err, ERR_REFUSED, "%s needs a screen; none is here", cx->line->words[0]);
	return CMD_ERROR;
}

enum cmd_result
cmd_kit_screen(struct cmd_ctx *cx, bool (*fn)(void *arg, const char *name, struct err *e))
{
	if (fn == NULL)
		return cmd_kit_unseen(cx);
	return fn(cx->deck->stage->arg, cx->line->words[1], cx->err) ? CMD_DONE : CMD_ERROR;
}
