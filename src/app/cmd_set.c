/*
 * cmd_set.c - changes an option of the running console, says what it is, or lists them all.
 */
#include "app/cmd_kit.h"

#include <string.h>
#include "app/settings.h"
#include "app/weights.h"

/* Tried on a copy: a cue sheet is checked with the same table that it will meet. */
static bool
set_check(const struct cmdline *line, int *column, struct err *e)
{
	struct opt_set *trial;
	struct err why = { .kind = ERR_NONE };
	bool known, ok;

	if (line->count == 1)
		return true;
	trial = opt_set_new(settings_table);
	known = opt_find(trial, line->words[1]) != NULL;
	ok = line->count == 2 && known ? true : opt_assign(trial, line->words[1], line->count > 2 ? line->words[2] : "", &why);
	opt_set_free(trial);
	return ok || cmd_kit_bad(line, known ? 2 : 1, column, e, "%s", why.text);
}

/* Whoever typed it on a screen reads them there; for everybody else each option has its line, with its sentence. */
static enum cmd_result
set_list(const struct cmd_ctx *cx)
{
	const struct stage *stage = cx->deck->stage;

	if (!cx->from_cue && stage != NULL && stage->help != NULL)
		return stage->help(stage->arg, "set", cx->err) ? CMD_DONE : CMD_ERROR;
	for (const struct opt_def *def = settings_table; def->name != NULL; def++)
		cmdq_say(cx->ticket, "%s %s: %s", def->name, opt_text(cx->deck->settings, def->name), def->text);
	return CMD_DONE;
}

/* Taken all the same: who has no camera now may have one when it joins. */
static void
set_warn(const struct cmd_ctx *cx, const char *name)
{
	char stranger[MAX_NAME_BYTES];

	if (strcmp(name, "auto-weights") == 0 &&
	    weights_stranger(opt_text(cx->deck->settings, name), crew_registry(cx->deck->crew), stranger, sizeof stranger))
		cmdq_say(cx->ticket, "auto-weights names \"%s\": no camera is called so now", stranger);
}

static enum cmd_result
set_run(struct cmd_ctx *cx)
{
	struct opt_set *settings = cx->deck->settings;
	const char *name = cx->line->count > 1 ? cx->line->words[1] : NULL;

	if (name == NULL)
		return set_list(cx);
	if (cx->line->count == 2) {
		cmdq_say(cx->ticket, "%s %s", name, opt_text(settings, name));
		return CMD_DONE;
	}
	if (!opt_assign(settings, name, cx->line->words[2], cx->err))
		return CMD_ERROR;
	set_warn(cx, name);
	bus_tell(cx->deck->bus, EV_SETTING_CHANGED, NULL, "%s", name);
	return CMD_DONE;
}

const struct cmd_def cmd_set_def = {
	.name = "set", .usage = "set [OPTION [VALUE]]", .group = "all",
	.help = "Changes an option of the running console; without VALUE, says what it is; without OPTION, lists them.",
	.min_words = 0, .max_words = 2, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = set_check, .run = set_run,
};
