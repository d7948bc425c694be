/*
 * cmd_format.c - picture size and rate of a camera.  A node refuses it while it records.
 */
#include "app/cmd_kit.h"

#include <string.h>
#include "base/str.h"

#define MAX_SIDE_PX 16384
#define MAX_RATE 1000.0

static bool
format_words(struct node_request *r, const struct cmdline *line, int *column, struct err *e)
{
	const char *cross = strchr(line->words[1], 'x');
	char width[16] = "";
	int64_t w = 0, h = 0;

	if (cross != NULL && (size_t)(cross - line->words[1]) < sizeof width)
		memcpy(width, line->words[1], (size_t)(cross - line->words[1]));
	if (cross == NULL || !str_int(width, 16, MAX_SIDE_PX, &w) || !str_int(cross + 1, 16, MAX_SIDE_PX, &h))
		return cmd_kit_bad(line, 1, column, e, "expected a size such as 1920x1080");
	if (!str_double(line->words[2], 1, MAX_RATE, &r->rate))
		return cmd_kit_bad(line, 2, column, e, "expected pictures a second, such as 30");
	r->width = (int)w;
	r->height = (int)h;
	return true;
}

static bool
format_check(const struct cmdline *line, int *column, struct err *e)
{
	struct node_request r = { .verb = NODE_FORMAT };

	return format_words(&r, line, column, e);
}

static enum cmd_result
format_run(struct cmd_ctx *cx)
{
	struct node_request r = { .verb = NODE_FORMAT };
	int column;

	if (!format_words(&r, cx->line, &column, cx->err))
		return CMD_ERROR;
	return cmd_kit_send(cx, &r, NULL, NULL, 0);
}

const struct cmd_def cmd_format_def = {
	.name = "format", .usage = "format [-t T] WIDTHxHEIGHT RATE", .group = "cameras",
	.help = "Sets the size and rate that a camera records with, such as 1920x1080 30.",
	.min_words = 2, .max_words = 2, .target = CMD_TARGET_PREVIEW, .flags = CMD_LOGGED, .effect = CMD_ON_CAMERA,
	.check = format_check, .run = format_run,
};
