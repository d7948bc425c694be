/*
 * cmd_cancel.c - cancels the pending cut.  Cuts wait only for a clock, and none runs yet: nothing can be pending.
 */
#include "app/cmd_kit.h"

static enum cmd_result
cancel_run(struct cmd_ctx *cx)
{
	cmdq_say(cx->ticket, "no cut is pending");
	return CMD_DONE;
}

const struct cmd_def cmd_cancel_def = {
	.name = "cancel", .usage = "cancel", .group = "switch", .help = "Cancels the pending cut.",
	.min_words = 0, .max_words = 0, .effect = CMD_ON_TALLY, .run = cancel_run,
};
