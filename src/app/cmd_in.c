/*
 * cmd_in.c - brings a camera back into the show.
 */
#include "app/cmd_kit.h"

#include "io/jdoc.h"

static enum cmd_result
in_run(struct cmd_ctx *cx)
{
	struct registry_node *n = cmd_kit_node(cx, 1);
	struct jdoc *line;

	if (n == NULL)
		return CMD_ERROR;
	n->out = false;
	n->out_reason[0] = '\0';
	line = jdoc_object();
	jdoc_set_text(line, "node", n->id);
	return cmd_kit_write(cx, "in", line, n->id);
}

const struct cmd_def cmd_in_def = {
	.name = "in", .usage = "in NODE", .group = "cameras", .help = "Brings a camera back into the show.",
	.min_words = 1, .max_words = 1, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .run = in_run,
};
