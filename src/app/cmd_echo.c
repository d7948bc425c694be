/*
 * cmd_echo.c - says its text to whoever asked; out of a cue sheet, or by `do`, to whoever looks at the screen as well.
 */
#include "app/cmd_kit.h"

static enum cmd_result
echo_run(struct cmd_ctx *cx)
{
	cmdq_say(cx->ticket, "%s", cmd_kit_rest(cx->line));
	if (cx->from_cue)
		bus_tell(cx->deck->bus, EV_CAPTION, NULL, "%s", cmd_kit_rest(cx->line));
	return CMD_DONE;
}

const struct cmd_def cmd_echo_def = {
	.name = "echo", .usage = "echo TEXT", .group = "cue sheet", .help = "Prints its text; out of a cue sheet, or by do, it stands on the screen for a while.",
	.min_words = 0, .max_words = -1, .flags = CMD_RAW_REST, .effect = CMD_ON_NOTHING, .run = echo_run,
};
