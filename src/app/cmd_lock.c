/*
 * cmd_lock.c - locks the keys, and unlocks them.
 */
#include "app/cmd_kit.h"

static bool
lock_check(const struct cmdline *line, int *column, struct err *e)
{
	if (line->count == 1 || cmd_kit_is(line, 1, "on") || cmd_kit_is(line, 1, "off"))
		return true;
	return cmd_kit_bad(line, 1, column, e, "expected on, off or nothing more");
}

static enum cmd_result
lock_run(struct cmd_ctx *cx)
{
	const struct stage *stage = cx->deck->stage;

	if (stage == NULL || stage->lock == NULL)
		return cmd_kit_unseen(cx);
	return stage->lock(stage->arg, !cmd_kit_is(cx->line, 1, "off"), cx->err) ? CMD_DONE : CMD_ERROR;
}

const struct cmd_def cmd_lock_def = {
	.name = "lock", .usage = "lock [on|off]", .group = "screen",
	.help = "Locks the keys, so that a cat cannot cut. The prompt does not open then either: only the key L, twice, unlocks them.",
	.min_words = 0, .max_words = 1, .effect = CMD_ON_NOTHING, .check = lock_check, .run = lock_run,
};
