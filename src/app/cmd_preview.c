/*
 * cmd_preview.c - puts a source on preview.
 */
#include "app/cmd_kit.h"

static enum cmd_result
preview_run(struct cmd_ctx *cx)
{
	const struct registry_node *n = cmd_kit_node(cx, 1);

	if (n == NULL || !director_set_preview(cx->deck->director, n->id, cx->err))
		return CMD_ERROR;
	return CMD_DONE;
}

const struct cmd_def cmd_preview_def = {
	.name = "preview", .usage = "preview NODE", .group = "switch",
	.help = "Puts a source on preview: the next plain cut takes it.",
	.min_words = 1, .max_words = 1, .flags = CMD_LOGGED, .effect = CMD_ON_TALLY, .run = preview_run,
};
