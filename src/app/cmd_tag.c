/*
 * cmd_tag.c - a note in the markers journal.  Its time is the key press, not the moment Enter came.
 */
#include "app/cmd_kit.h"

#include "io/jdoc.h"

static enum cmd_result
tag_run(struct cmd_ctx *cx)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "text", cmd_kit_rest(cx->line));
	jdoc_set_text(line, "take", recordall_at(cx->deck->recordall, cx->pressed_us));	/* it may have ended while the text was typed */
	return cmd_kit_journal(cx, SCRIBE_MARKERS, "tag", cx->pressed_us, line);
}

const struct cmd_def cmd_tag_def = {
	.name = "tag", .usage = "tag TEXT", .group = "notes",
	.help = "Writes a note at this moment; its time is the key press.",
	.min_words = 1, .max_words = -1, .flags = CMD_LOGGED | CMD_RAW_REST, .effect = CMD_ON_NOTHING, .run = tag_run,
};
