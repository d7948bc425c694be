/*
 * cmd_lens.c - locks or unlocks exposure, focus and white balance.
 */
#include "app/cmd_kit.h"

static bool
lens_check(const struct cmdline *line, int *column, struct err *e)
{
	if (cmd_kit_is(line, 1, "lock") || cmd_kit_is(line, 1, "unlock"))
		return true;
	return cmd_kit_bad(line, 1, column, e, "expected lock or unlock");
}

static enum cmd_result
lens_run(struct cmd_ctx *cx)
{
	bool locks = cmd_kit_is(cx->line, 1, "lock");
	struct node_request r = { .verb = NODE_LENS, .exposure = locks, .focus = locks, .white_balance = locks };

	return cmd_kit_send(cx, &r, NULL, NULL, 0);
}

const struct cmd_def cmd_lens_def = {
	.name = "lens", .usage = "lens lock|unlock [-t T]", .group = "cameras",
	.help = "Locks or unlocks exposure, focus and white balance.",
	.min_words = 1, .max_words = 1, .target = CMD_TARGET_PREVIEW, .flags = CMD_LOGGED, .effect = CMD_ON_CAMERA,
	.check = lens_check, .run = lens_run,
};
