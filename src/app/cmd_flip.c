/*
 * cmd_flip.c - front or back camera of a device.
 * The position is always sent: a repeated toggle would undo itself.
 */
#include "app/cmd_kit.h"

#include <string.h>
#include "base/str.h"

static bool
flip_check(const struct cmdline *line, int *column, struct err *e)
{
	if (line->count == 1 || cmd_kit_is(line, 1, "front") || cmd_kit_is(line, 1, "back"))
		return true;
	return cmd_kit_bad(line, 1, column, e, "expected front, back or nothing more; -t names a camera: flip -t %.60s", line->words[1]);
}

/* Without a position: the other one than the node last said. */
static void
flip_tailor(void *arg, const char *node, struct node_request *r)
{
	const struct cmd_fan *fan = arg;
	const struct crew_member *m = crew_find(fan->deck->crew, node);

	if (r->position[0] != '\0')
		return;
	str_copy(r->position, sizeof r->position,
	    m != NULL && strcmp(m->track.last.camera, "front") == 0 ? "back" : "front");
}

static enum cmd_result
flip_run(struct cmd_ctx *cx)
{
	struct node_request r = { .verb = NODE_FLIP };

	if (!cmd_kit_may(cx, true, true))
		return CMD_ERROR;
	if (cx->line->count > 1)
		str_copy(r.position, sizeof r.position, cx->line->words[1]);
	return cmd_kit_send(cx, &r, flip_tailor, NULL, 0);
}

static bool
flip_carries_at(const struct cmdline *line)
{
	(void)line;
	return true;
}

const struct cmd_def cmd_flip_def = {
	.name = "flip", .usage = "flip [-t T] [front|back] [--force]", .group = "cameras",
	.help = "Changes between the front and the back camera of a device. A recording camera and the program camera need --force.",
	.min_words = 0, .max_words = 1, .target = CMD_TARGET_PREVIEW, .flags = CMD_LOGGED, .effect = CMD_ON_CAMERA,
	.carries_at = flip_carries_at, .check = flip_check, .run = flip_run,
};
