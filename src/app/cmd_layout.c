/*
 * cmd_layout.c - how the pictures are laid out.
 */
#include "app/cmd_kit.h"

static enum cmd_result
layout_run(struct cmd_ctx *cx)
{
	return cmd_kit_screen(cx, cx->deck->stage != NULL ? cx->deck->stage->layout : NULL);
}

const struct cmd_def cmd_layout_def = {
	.name = "layout", .usage = "layout sheet", .group = "screen", .help = "Changes how the pictures are laid out.",
	.min_words = 1, .max_words = 1, .effect = CMD_ON_NOTHING, .run = layout_run,
};
