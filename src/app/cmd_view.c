/*
 * cmd_view.c - changes what the screen shows.
 */
#include <stdio.h>

#include "app/cmd_kit.h"

static enum cmd_result
view_run(struct cmd_ctx *cx)
{
	char words[256] = "";
	size_t len = 0;

	if (cx->deck->stage == NULL || cx->deck->stage->view == NULL)
		return cmd_kit_unseen(cx);
	for (int i = 2; i < cx->line->count && len < sizeof words; i++)
		len += (size_t)snprintf(words + len, sizeof words - len, "%s%s", i > 2 ? " " : "", cx->line->words[i]);
	return cx->deck->stage->view(cx->deck->stage->arg, cx->line->words[1], words, cx->err) ? CMD_DONE : CMD_ERROR;
}

const struct cmd_def cmd_view_def = {
	.name = "view", .usage = "view sheet|health [ORDER]|arm|takes|mesh|log [NODE] [EVENT]|help", .group = "screen",
	.help = "Changes what the screen shows: the pictures, the cameras' health in an order such as battery, whether they are ready to roll, the takes, the mesh, the log of one camera or of one kind of event, the help.",
	.min_words = 1, .max_words = 3, .effect = CMD_ON_NOTHING, .run = view_run,
};
