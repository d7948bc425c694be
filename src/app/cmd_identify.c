/*
 * cmd_identify.c - makes cameras flash for 3 s, without changing their light.
 */
#include "app/cmd_kit.h"

#include <string.h>

/* The light a node has is sent along: identify changes nothing. */
static void
identify_tailor(void *arg, const char *node, struct node_request *r)
{
	const struct cmd_fan *fan = arg;
	const char *program = director_program(fan->deck->director), *preview = director_preview(fan->deck->director);

	if (program != NULL && strcmp(node, program) == 0)
		r->tally = NODE_TALLY_PROGRAM;
	else if (preview != NULL && strcmp(node, preview) == 0)
		r->tally = NODE_TALLY_PREVIEW;
	else
		r->tally = NODE_TALLY_OFF;
}

static enum cmd_result
identify_run(struct cmd_ctx *cx)
{
	struct node_request r = { .verb = NODE_TALLY, .identify = true };
	enum cmd_result result;

	director_stamp(cx->deck->director, &r);
	result = cmd_kit_send(cx, &r, identify_tailor, NULL, 0);
	director_stamped(cx->deck->director);
	return result;
}

const struct cmd_def cmd_identify_def = {
	.name = "identify", .usage = "identify [-t T]", .group = "cameras",
	.help = "Makes cameras flash for 3 s, to tell which is which.",
	.min_words = 0, .max_words = 0, .target = CMD_TARGET_ALL, .flags = CMD_LOGGED, .effect = CMD_ON_TALLY,
	.run = identify_run,
};
