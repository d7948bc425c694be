/*
 * cmd_seen.c - marks the alarms as seen.
 */
#include "app/cmd_kit.h"
#include "base/str.h"

static enum cmd_result
seen_run(struct cmd_ctx *cx)
{
	const struct stage *stage = cx->deck->stage;

	int64_t count = -1;

	if (cx->line->count > 1 && !str_int(cx->line->words[1], 1, 1000, &count)) {
		err_set(cx->err, ERR_USAGE, "seen: expected how many alarms, or nothing for all");
		return CMD_ERROR;
	}
	vitals_seen(cx->deck->vitals, (int)count);
	if (stage != NULL && stage->seen != NULL && !stage->seen(stage->arg, cx->err))
		return CMD_ERROR;
	return CMD_DONE;
}

const struct cmd_def cmd_seen_def = {
	.name = "seen", .usage = "seen [N]", .group = "screen", .help = "Marks the alarms as seen: the newest N, or all.",
	.min_words = 0, .max_words = 1, .effect = CMD_ON_NOTHING, .run = seen_run,
};
