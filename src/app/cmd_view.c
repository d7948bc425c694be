/*
 * cmd_view.c - changes what the screen shows.
 */
#include "app/cmd_kit.h"

static enum cmd_result
view_run(struct cmd_ctx *cx)
{
	return cmd_kit_screen(cx, cx->deck->stage != NULL ? cx->deck->stage->view : NULL);
}

const struct cmd_def cmd_view_def = {
	.name = "view", .usage = "view sheet|health|takes|mesh|log|help", .group = "screen", .help = "Changes what the screen shows.",
	.min_words = 1, .max_words = 1, .effect = CMD_ON_NOTHING, .run = view_run,
};
