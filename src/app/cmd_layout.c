/*
 * cmd_layout.c - how the pictures are laid out, and how many stand on a page.
 */
#include <stdio.h>

#include "app/cmd_kit.h"

static enum cmd_result
layout_run(struct cmd_ctx *cx)
{
	const struct stage *stage = cx->deck->stage;
	char words[64];

	if (stage == NULL || stage->layout == NULL)
		return cmd_kit_unseen(cx);
	snprintf(words, sizeof words, "%.30s%s%.30s", cx->line->words[1], cx->line->count > 2 ? " " : "",
	    cx->line->count > 2 ? cx->line->words[2] : "");
	return stage->layout(stage->arg, words, cx->err) ? CMD_DONE : CMD_ERROR;
}

const struct cmd_def cmd_layout_def = {
	.name = "layout", .usage = "layout sheet [1|4|9|16|25] | layout switch|quad|single", .group = "screen",
	.help = "Changes how the pictures are laid out: the contact sheet with so many cameras a page or as many as fit, preview and program above all sources, four cameras, one camera.",
	.min_words = 1, .max_words = 2, .effect = CMD_ON_NOTHING, .run = layout_run,
};
