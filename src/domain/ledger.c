/*
 * ledger.c - who owes an answer to one command sent to many nodes.
 * Owns its lines.  Never waits: whoever waits closes a line with an answer of its own.
 */
#include "domain/ledger.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

void
ledger_init(struct ledger *l, int count)
{
	l->count = l->open = count;
	l->planned_us = 0;
	l->lines = xmalloc((size_t)count * sizeof *l->lines);
	for (int i = 0; i < count; i++)		/* not all that a message could be: this stands before the first byte of a command */
		memset(&l->lines[i], 0, offsetof(struct ledger_line, message) + 1);
}

void
ledger_fini(struct ledger *l)
{
	if (l == NULL)
		return;
	free(l->lines);
	*l = (struct ledger){ 0 };
}

struct ledger_line *
ledger_line(struct ledger *l, const char *node)
{
	for (int i = 0; i < l->count; i++)
		if (strcmp(l->lines[i].node, node) == 0)
			return &l->lines[i];
	return NULL;
}

bool
ledger_answer(struct ledger *l, const char *node, const struct node_answer *a, int64_t took_us, int tries)
{
	struct ledger_line *line = ledger_line(l, node);

	if (line == NULL || line->answered)
		return false;
	line->answered = true;
	line->result = a->result;
	line->ms_us = took_us;
	line->status = a->status;
	line->tries = tries;
	str_copy(line->code, sizeof line->code, a->code);
	str_copy(line->message, sizeof line->message, a->message);
	line->scheduled = a->scheduled;
	line->late = a->late;
	line->effect_us = a->scheduled ? 0 : a->time_us;	/* a plan is no effect; its event will tell */
	l->open--;
	return true;
}

static struct ledger_line *
ledger_append(struct ledger *l, const char *node)
{
	struct ledger_line *line;

	l->lines = xreallocarray(l->lines, (size_t)l->count + 1, sizeof *l->lines);
	line = &l->lines[l->count++];
	*line = (struct ledger_line){ .answered = true, .result = NODE_NOT_OFFERED };
	str_copy(line->node, sizeof line->node, node);
	return line;
}

struct ledger_line *
ledger_excuse(struct ledger *l, const char *node)
{
	struct ledger_line *line = ledger_line(l, node);

	if (line == NULL)
		line = ledger_append(l, node);
	line->excused = true;
	return line;
}

int
ledger_asked(const struct ledger *l)
{
	int asked = 0;

	for (int i = 0; i < l->count; i++)
		asked += !l->lines[i].excused;
	return asked;
}

int
ledger_acked(const struct ledger *l)
{
	int acked = 0;

	for (int i = 0; i < l->count; i++)
		acked += l->lines[i].answered && l->lines[i].result == NODE_OK && !l->lines[i].excused;
	return acked;
}

enum ledger_verdict
ledger_verdict(const struct ledger *l)
{
	int acked = ledger_acked(l);

	if (acked == ledger_asked(l))
		return LEDGER_OK;
	return acked == 0 ? LEDGER_FAILED : LEDGER_PARTIAL;
}

const char *
ledger_verdict_name(enum ledger_verdict v)
{
	static const char *const names[] = { [LEDGER_OK] = "ok", [LEDGER_PARTIAL] = "partial", [LEDGER_FAILED] = "failed" };

	return names[v];
}
