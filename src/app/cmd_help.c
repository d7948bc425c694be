/*
 * cmd_help.c - the help screen, or the same words as text where there is no screen.
 */
#include "app/cmd_kit.h"

static enum cmd_result
help_run(struct cmd_ctx *cx)
{
	const struct stage *stage = cx->deck->stage;
	const char *about = cx->line->count > 1 ? cx->line->words[1] : NULL;
	const struct cmd_def *def = about != NULL ? cmd_find(about) : NULL;

	if (about != NULL && def == NULL) {
		err_set(cx->err, ERR_NOT_FOUND, "there is no command \"%s\"; `help` lists them", about);
		return CMD_ERROR;
	}
	if (stage != NULL && stage->help != NULL)
		return stage->help(stage->arg, about, cx->err) ? CMD_DONE : CMD_ERROR;
	for (int i = 0; def == NULL && cmd_table[i] != NULL; i++)
		cmdq_say(cx->ticket, "%s: %s", cmd_table[i]->usage, cmd_table[i]->help);
	if (def != NULL)
		cmdq_say(cx->ticket, "%s: %s", def->usage, def->help);
	return CMD_DONE;
}

const struct cmd_def cmd_help_def = {
	.name = "help", .usage = "help [COMMAND]", .group = "screen", .help = "Shows the keys and the commands, or one command.",
	.min_words = 0, .max_words = 1, .effect = CMD_ON_NOTHING, .run = help_run,
};
