/*
 * cmd_cancel.c - cancels the pending cut: it leaves no trace in the cut list.
 */
#include "app/cmd_kit.h"

#include "app/autodirector.h"

static enum cmd_result
cancel_run(struct cmd_ctx *cx)
{
	struct director_pending p;

	if (director_pending(cx->deck->director, &p) && director_cancel(cx->deck->director))
		cmdq_say(cx->ticket, "cancelled: %s", p.to[0] != '\0' ? cmd_kit_name(cx->deck, p.to) : "black");
	else if (autodirector_postpone(cx->deck->autodirector))
		cmdq_say(cx->ticket, "auto: not that; it holds back for %s", opt_text(cx->deck->settings, "auto-yield"));
	else
		cmdq_say(cx->ticket, "no cut is pending");
	return CMD_DONE;
}

const struct cmd_def cmd_cancel_def = {
	.name = "cancel", .usage = "cancel", .group = "switch", .help = "Cancels the pending cut, or what the auto director means to do next.",
	.min_words = 0, .max_words = 0, .effect = CMD_ON_STATE, .run = cancel_run,
};
