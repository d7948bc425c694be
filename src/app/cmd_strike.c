/*
 * cmd_strike.c - takes the last cut and its undoing out of the cut list, by an appended correction.
 */
#include "app/cmd_kit.h"

static enum cmd_result
strike_run(struct cmd_ctx *cx)
{
	return director_strike(cx->deck->director, cx->by, cx->err) ? CMD_DONE : CMD_ERROR;
}

const struct cmd_def cmd_strike_def = {
	.name = "strike", .usage = "strike", .group = "switch",
	.help = "The last cut and its undoing leave the cut list, by an appended correction.",
	.min_words = 0, .max_words = 0, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .run = strike_run,
};
