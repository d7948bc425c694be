/*
 * cmdq_log.c - a finished command as a line of commands.jsonl (Sphere folder specification).
 */
#include "app/cmdq_private.h"

#include "io/jdoc.h"

#define AHEAD_US 60000000LL		/* no clock that was compared is off by so much */

static void
log_text_or_null(struct jdoc *j, const char *key, const char *text)
{
	jdoc_set_text(j, key, text[0] != '\0' ? text : NULL);
}

/* One that lies ahead of us took place by a clock that has leapt since it was compared. */
static bool
log_knows_effect(const struct cmdq_ticket *t, const struct ledger_line *line)
{
	return line->effect_us != 0 && crew_to_console(t->q->deck->crew, line->node, line->effect_us) <
	    clk_utc_us(t->q->deck->clk) + AHEAD_US;
}

/* Milliseconds with their microseconds. */
static struct jdoc *
log_answer(const struct cmdq_ticket *t, const struct ledger_line *line)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "node", line->node);
	jdoc_set_text(j, "result", node_result_name(line->result));
	jdoc_set_real(j, "ms", (double)line->ms_us / 1000);
	log_text_or_null(j, "code", line->code);
	jdoc_set_int(j, "tries", line->tries);
	if (log_knows_effect(t, line))
		jdoc_set_int(j, "effectUs", crew_to_console(t->q->deck->crew, line->node, line->effect_us));
	else
		jdoc_set_null(j, "effectUs");
	return j;
}

void
cmdq_log_write(struct cmdq_ticket *t, diskq_done_fn *done)
{
	struct jdoc *j = jdoc_object(), *targets = jdoc_array(), *answers = jdoc_array();

	jdoc_set_int(j, "n", t->n);
	jdoc_set_text(j, "text", t->shown);
	jdoc_set_text(j, "by", t->by);
	jdoc_set_int(j, "requestedUs", t->pressed_us);
	if (t->at_us != 0)
		jdoc_set_int(j, "plannedUs", t->at_us);
	for (int i = 0; i < t->targets.count; i++)
		jdoc_set_text(targets, NULL, t->targets.ids[i]);
	for (int i = 0; t->has_ledger && i < t->ledger.count; i++) {
		if (t->targets.count == 0)
			jdoc_set_text(targets, NULL, t->ledger.lines[i].node);
		jdoc_set(answers, NULL, log_answer(t, &t->ledger.lines[i]));
	}
	if (jdoc_count(targets) == 0 && t->named[0] != '\0')
		jdoc_set_text(targets, NULL, t->named);
	jdoc_set(j, "targets", targets);
	jdoc_set(j, "answers", answers);
	jdoc_set_text(j, "result", t->end.result == REPLY_ERROR ? "failed" : reply_result_name(t->end.result));
	if (t->end.err.kind != ERR_NONE)
		jdoc_set_text(j, "error", t->end.err.text);
	scribe_add(t->q->deck->scribe, SCRIBE_COMMANDS, "command", 0, j, done, t);
}
