/*
 * cmd_hook.c - runs a program of the configuration, or posts to its URL, by name.
 */
#include <stdlib.h>
#include "app/cmd_kit.h"
#include "app/hooks.h"

static void
hook_done(void *arg, const struct err *e)
{
	cmdq_finish(arg, NULL, e);
}

static enum cmd_result
hook_run(struct cmd_ctx *cx)
{
	char *text;
	bool ok;

	if (cx->deck->hooks == NULL) {
		err_set(cx->err, ERR_REFUSED, "no hooks are here");
		return CMD_ERROR;
	}
	text = cmd_kit_text(cx->line, 2);
	ok = hooks_run(cx->deck->hooks, cx->line->words[1], text, cx->by, hook_done, cx->ticket, cx->err);
	free(text);
	return ok ? CMD_PENDING : CMD_ERROR;
}

const struct cmd_def cmd_hook_def = {
	.name = "hook", .usage = "hook NAME [TEXT]", .group = "cue sheet",
	.help = "Runs the program, or posts to the URL, that the configuration has under this name, with the text, what is on program "
	    "and preview, and the time as JSON. It ends when the program has ended or the answer came; hook-timeout says how long that may take.",
	.min_words = 1, .max_words = -1, .flags = CMD_LOGGED, .effect = CMD_ON_NOTHING, .run = hook_run,
};
