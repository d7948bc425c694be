/*
 * cmd_theme.c - the colours of the screen.
 */
#include "app/cmd_kit.h"

static enum cmd_result
theme_run(struct cmd_ctx *cx)
{
	return cmd_kit_screen(cx, cx->deck->stage != NULL ? cx->deck->stage->theme : NULL);
}

const struct cmd_def cmd_theme_def = {
	.name = "theme", .usage = "theme NAME", .group = "screen", .help = "Changes the colours of the screen.",
	.min_words = 1, .max_words = 1, .effect = CMD_ON_NOTHING, .run = theme_run,
};
