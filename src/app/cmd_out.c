/*
 * cmd_out.c - takes a camera out of the show: out of `all`, policies and hot keys, with no alarms, until `in`.
 */
#include "app/cmd_kit.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "io/jdoc.h"

static enum cmd_result
out_run(struct cmd_ctx *cx)
{
	struct registry_node *n = cmd_kit_node(cx, 1);
	struct jdoc *line;
	char *reason;

	if (n == NULL)
		return CMD_ERROR;
	reason = cmd_kit_text(cx->line, 2);
	n->out = true;
	str_clean(n->out_reason, sizeof n->out_reason, reason, strlen(reason), MAX_NAME_CELLS);
	free(reason);
	line = jdoc_object();
	jdoc_set_text(line, "node", n->id);
	jdoc_set_text(line, "reason", n->out_reason[0] != '\0' ? n->out_reason : NULL);
	return cmd_kit_write(cx, "out", line, n->id);
}

const struct cmd_def cmd_out_def = {
	.name = "out", .usage = "out NODE [REASON]", .group = "cameras",
	.help = "Takes a camera out of the show: out of all, policies and hot keys, with no alarms, until in.",
	.min_words = 1, .max_words = -1, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .run = out_run,
};
