/*
 * cmd_quit.c - ends the console; asks while a take rolls or its files are not home.  Cameras are never stopped by it.
 */
#include "app/cmd_kit.h"

#include <stdio.h>
#include "base/str.h"

#define INSIST_US 5000000LL

struct not_home { int files, takes; char take[TAKE_BYTES]; };

/* Files that are neither here and verified nor given up. */
static void
count_not_home(void *arg, const struct take *t)
{
	struct not_home *n = arg;
	int files = 0;

	if (ids_take_is_rehearsed(t->take))
		return;
	for (int i = 0; i < t->device_count; i++) {
		files += t->devices[i].part_count == 0 && t->devices[i].state == TAKE_SAVED;	/* it has not told of its file yet */
		for (int k = 0; k < t->devices[i].part_count; k++)
			files += t->devices[i].parts[k].state < TAKE_VERIFIED;
	}
	if (files == 0)
		return;
	n->files += files;
	n->takes++;
	str_copy(n->take, sizeof n->take, t->take);
}

/* A person is asked once; a cue sheet and `do` are no place for questions about files. */
static bool
quit_asks(struct cmd_ctx *cx)
{
	const char *take = recordall_running(cx->deck->recordall);
	struct not_home n = { .files = 0 };
	char of[48];

	if (take != NULL)
		return err_set(cx->err, ERR_UNFORCED, "take %s rolls, and its cameras would roll on: `quit` again within 5 s, "
		    "or `quit --force`, leaves it rolling", take), true;
	if (cx->from_cue)
		return false;
	recordall_each(cx->deck->recordall, count_not_home, &n);
	if (n.files == 0)
		return false;
	if (n.takes == 1)
		snprintf(of, sizeof of, "take %s", n.take);
	else
		snprintf(of, sizeof of, "%d takes", n.takes);
	err_set(cx->err, ERR_UNFORCED, "%s: %d file%s not home yet: `quit` again within 5 s, or `quit --force`, leaves %s; "
	    "`livedirector fetch` brings %s later", of, n.files, n.files == 1 ? " is" : "s are", n.files == 1 ? "it" : "them",
	    n.files == 1 ? "it" : "them");
	return true;
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
	.help = "Ends the console; in a cue sheet, ends the sheet. While a take rolls, or files are not home, it asks: quit again within 5 s, or --force.",
	.min_words = 0, .max_words = 0, .effect = CMD_ON_STATE, .run = quit_run,
};
