/*
 * cmd_amend.c - the last cut should have been to another source: an appended correction.
 */
#include "app/cmd_kit.h"

static void
amend_written(void *arg, const struct err *e)
{
	cmdq_finish(arg, NULL, e);
}

static enum cmd_result
amend_run(struct cmd_ctx *cx)
{
	const struct registry_node *n = cmd_kit_node(cx, 1);

	if (n == NULL || !director_amend(cx->deck->director, n->id, cx->by, amend_written, cx->ticket, cx->err))
		return CMD_ERROR;
	return CMD_PENDING;
}

const struct cmd_def cmd_amend_def = {
	.name = "amend", .usage = "amend NODE", .group = "switch",
	.help = "The last cut should have been to NODE: a correction is appended to the cut list.",
	.min_words = 1, .max_words = 1, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .run = amend_run,
};
