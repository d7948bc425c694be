/*
 * cmd_keys.c - which keys do what on the screen.
 */
#include "app/cmd_kit.h"

static enum cmd_result
keys_run(struct cmd_ctx *cx)
{
	return cmd_kit_screen(cx, cx->deck->stage != NULL ? cx->deck->stage->keys : NULL);
}

const struct cmd_def cmd_keys_def = {
	.name = "keys", .usage = "keys atem|voctomix|nle|FILE", .group = "screen",
	.help = "Changes the set of keys: a built-in one, one of the user's own by its name, or a file.",
	.min_words = 1, .max_words = 1, .effect = CMD_ON_NOTHING, .run = keys_run,
};
