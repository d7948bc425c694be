/*
 * cmd_quit.c - ends the console; asks while a take rolls or its files are not home.  Cameras are never stopped by it.
 */
#include "app/cmd_kit.h"

#define INSIST_US 5000000LL

/* How many cameras of the newest take hold a file that nobody else has. */
static int
quit_not_home(const struct cmd_ctx *cx)
{
	const struct take *t = recordall_newest(cx->deck->recordall);
	int count = 0;

	for (int i = 0; t != NULL && i < t->device_count; i++)
		count += t->devices[i].reached[TAKE_SAVED] && !t->devices[i].reached[TAKE_FETCHED];
	return count;
}

/* A person is asked once; a cue sheet and `do` are no place for questions about files. */
static bool
quit_asks(struct cmd_ctx *cx)
{
	const char *take = recordall_running(cx->deck->recordall);
	const int files = take == NULL && !cx->from_cue ? quit_not_home(cx) : 0;

	if (take != NULL)
		err_set(cx->err, ERR_REFUSED, "take %s rolls, and its cameras would roll on: `quit` again within 5 s, "
		    "or `quit --force`, leaves it rolling", take);
	else if (files > 0)
		err_set(cx->err, ERR_REFUSED, "take %s: the files of %d camera%s are on the cameras only: `quit` again within 5 s, "
		    "or `quit --force`, leaves them there", recordall_newest(cx->deck->recordall)->take, files, files == 1 ? "" : "s");
	return take != NULL || files > 0;
}

static enum cmd_result
quit_run(struct cmd_ctx *cx)
{
	const struct stage *stage = cx->deck->stage;

	if (!cx->line->force && !cmdq_ticket_insists(cx->ticket, INSIST_US) && quit_asks(cx))
		return CMD_ERROR;
	if (stage == NULL || stage->quit == NULL)
		return cmd_kit_unseen(cx);
	stage->quit(stage->arg, 0);
	return CMD_DONE;
}

const struct cmd_def cmd_quit_def = {
	.name = "quit", .usage = "quit [--force]", .group = "all",
	.help = "Ends the console; in a cue sheet, ends the sheet. While a take rolls, or files are on the cameras only, it asks: quit again within 5 s, or --force.",
	.min_words = 0, .max_words = 0, .effect = CMD_ON_STATE, .run = quit_run,
};
