/*
 * cmd_number.c - gives a device its camera number; a number that is taken is swapped.
 */
#include "app/cmd_kit.h"

#include "base/str.h"
#include "io/jdoc.h"

static bool
number_check(const struct cmdline *line, int *column, struct err *e)
{
	int64_t number;

	return str_int(line->words[2], 1, 99, &number) ||
	    cmd_kit_bad(line, 2, column, e, "expected a camera number from 1 to 99");
}

static struct jdoc *
number_line(const struct registry_node *n)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "node", n->id);
	jdoc_set_int(line, "number", n->number);
	return line;
}

static enum cmd_result
number_run(struct cmd_ctx *cx)
{
	struct registry *reg = crew_registry(cx->deck->crew);
	struct registry_node *n = cmd_kit_node(cx, 1), *other;
	int64_t number = 0;

	if (n == NULL || !str_int(cx->line->words[2], 1, 99, &number))
		return CMD_ERROR;
	other = registry_by_number(reg, (int)number);
	if (!registry_set_number(reg, n, (int)number, cx->err))
		return CMD_ERROR;
	if (other != NULL && other != n)	/* on disk before the line after it */
		scribe_add(cx->deck->scribe, SCRIBE_SOURCES, "number", 0, number_line(other), NULL, NULL);
	return cmd_kit_write(cx, "number", number_line(n), n->id);
}

const struct cmd_def cmd_number_def = {
	.name = "number", .usage = "number NODE N", .group = "crew",
	.help = "Gives a device the camera number N, 1 to 99; the device that has it takes the other's.",
	.min_words = 2, .max_words = 2, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = number_check, .run = number_run,
};
