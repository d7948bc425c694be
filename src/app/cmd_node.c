/*
 * cmd_node.c - node add ADDRESS, node forget NODE.
 */
#include "app/cmd_kit.h"

#include <string.h>
#include "base/str.h"
#include "io/jdoc.h"

static bool
node_check(const struct cmdline *line, int *column, struct err *e)
{
	struct registry_address a;
	struct err why = { .kind = ERR_NONE };

	if (cmd_kit_is(line, 1, "forget"))
		return true;
	if (!cmd_kit_is(line, 1, "add"))
		return cmd_kit_bad(line, 1, column, e, "expected add or forget");
	return disc_parse_address(&a, line->words[2], &why) || cmd_kit_bad(line, 2, column, e, "%s", why.text);
}

static enum cmd_result
node_add(struct cmd_ctx *cx)
{
	struct registry_address a;

	if (!disc_parse_address(&a, cx->line->words[2], cx->err))
		return CMD_ERROR;
	crew_add_address(cx->deck->crew, &a);
	cmdq_say(cx->ticket, "trying %s", cx->line->words[2]);
	return CMD_DONE;
}

static enum cmd_result
node_forget(struct cmd_ctx *cx)
{
	const struct registry_node *n = cmd_kit_node(cx, 2);
	const char *program = director_program(cx->deck->director);
	struct jdoc *line;
	char id[ID_BYTES];

	if (n == NULL)
		return CMD_ERROR;
	if (program != NULL && strcmp(program, n->id) == 0 && !cx->line->force) {
		err_set(cx->err, ERR_REFUSED, "%s is on program; --force forgets it all the same", registry_name(n));
		return CMD_ERROR;
	}
	str_copy(id, sizeof id, n->id);		/* n dies with crew_forget() */
	line = jdoc_object();
	jdoc_set_text(line, "node", id);
	crew_forget(cx->deck->crew, id);
	return cmd_kit_write(cx, "forget", line, id);
}

static enum cmd_result
node_run(struct cmd_ctx *cx)
{
	return cmd_kit_is(cx->line, 1, "add") ? node_add(cx) : node_forget(cx);
}

const struct cmd_def cmd_node_def = {
	.name = "node", .usage = "node add HOST[:PORT]|URL | node forget NODE", .group = "crew",
	.help = "Adds a camera by its address, or forgets one with its number, label and roles.",
	.min_words = 2, .max_words = 2, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = node_check, .run = node_run,
};
