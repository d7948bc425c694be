/*
 * cmd_strike.c - takes the last cut and its undoing out of the cut list, by an appended correction.
 */
#include "app/cmd_kit.h"

static void
strike_written(void *arg, const struct err *e)
{
	cmdq_finish(arg, NULL, e);
}

static enum cmd_result
strike_run(struct cmd_ctx *cx)
{
	return director_strike(cx->deck->director, cx->by, strike_written, cx->ticket, cx->err) ? CMD_PENDING : CMD_ERROR;
}

const struct cmd_def cmd_strike_def = {
	.name = "strike", .usage = "strike", .group = "switch",
	.help = "The last cut and its undoing leave the cut list, by an appended correction.",
	.min_words = 0, .max_words = 0, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .run = strike_run,
};
