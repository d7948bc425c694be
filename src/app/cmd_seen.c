/*
 * cmd_seen.c - marks the alarms as seen.
 */
#include "app/cmd_kit.h"

static enum cmd_result
seen_run(struct cmd_ctx *cx)
{
	const struct stage *stage = cx->deck->stage;

	vitals_seen(cx->deck->vitals);
	if (stage != NULL && stage->seen != NULL && !stage->seen(stage->arg, cx->err))
		return CMD_ERROR;
	return CMD_DONE;
}

const struct cmd_def cmd_seen_def = {
	.name = "seen", .usage = "seen", .group = "screen", .help = "Marks the alarms as seen.",
	.min_words = 0, .max_words = 0, .effect = CMD_ON_NOTHING, .run = seen_run,
};
