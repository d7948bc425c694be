/*
 * cmd_graphics.c - how pictures are painted.
 */
#include "app/cmd_kit.h"

static enum cmd_result
graphics_run(struct cmd_ctx *cx)
{
	return cmd_kit_screen(cx, cx->deck->stage != NULL ? cx->deck->stage->graphics : NULL);
}

const struct cmd_def cmd_graphics_def = {
	.name = "graphics", .usage = "graphics next|auto|sixel|symbols|none|passthrough", .group = "screen", .help = "Changes how pictures are painted: real pixels, half blocks, or not at all.",
	.min_words = 1, .max_words = 1, .effect = CMD_ON_NOTHING, .run = graphics_run,
};
