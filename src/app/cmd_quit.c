/*
 * cmd_quit.c - ends the console; asks while a take rolls.  Cameras are never stopped by it.
 */
#include "app/cmd_kit.h"

#define INSIST_US 5000000LL

static enum cmd_result
quit_run(struct cmd_ctx *cx)
{
	const struct stage *stage = cx->deck->stage;
	const char *take = recordall_running(cx->deck->recordall);

	if (take != NULL && !cx->line->force && !cmdq_ticket_insists(cx->ticket, INSIST_US)) {
		err_set(cx->err, ERR_REFUSED, "take %s rolls, and its cameras would roll on: `quit` again within 5 s, "
		    "or `quit --force`, leaves it rolling", take);
		return CMD_ERROR;
	}
	if (stage == NULL || stage->quit == NULL)
		return cmd_kit_unseen(cx);
	stage->quit(stage->arg, 0);
	return CMD_DONE;
}

const struct cmd_def cmd_quit_def = {
	.name = "quit", .usage = "quit [--force]", .group = "all",
	.help = "Ends the console; in a cue sheet, ends the sheet. While a take rolls it asks: quit again within 5 s, or --force.",
	.min_words = 0, .max_words = 0, .effect = CMD_ON_STATE, .run = quit_run,
};
