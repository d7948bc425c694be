/*
 * cmd_label.c - gives a device its label; it belongs to the device's id and survives a restart.
 */
#include "app/cmd_kit.h"

#include <stdlib.h>
#include "io/jdoc.h"

/* Whether another camera has it is known when it runs. */
static bool
label_check(const struct cmdline *line, int *column, struct err *e)
{
	char *label = cmd_kit_text(line, 2);
	struct err why = { .kind = ERR_NONE };
	const bool ok = label[0] == '\0' || registry_label_is_fit(label, &why);

	free(label);
	return ok || cmd_kit_bad(line, 2, column, e, "%s", why.text);
}

static enum cmd_result
label_run(struct cmd_ctx *cx)
{
	struct registry_node *n = cmd_kit_node(cx, 1);
	struct jdoc *line;
	char *label;
	bool ok;

	if (n == NULL)
		return CMD_ERROR;
	label = cmd_kit_text(cx->line, 2);
	ok = registry_set_label(crew_registry(cx->deck->crew), n, label, cx->err);
	free(label);
	if (!ok)
		return CMD_ERROR;
	line = jdoc_object();
	jdoc_set_text(line, "node", n->id);
	jdoc_set_text(line, "label", n->label[0] != '\0' ? n->label : NULL);
	return cmd_kit_write(cx, "label", line, n->id);
}

const struct cmd_def cmd_label_def = {
	.name = "label", .usage = "label NODE TEXT", .group = "crew",
	.help = "Names a device; \"\" takes its label away. A label is unique, no other device's name, not all digits, and no word of the language.",
	.min_words = 2, .max_words = -1, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = label_check,
	.run = label_run,
};
