/*
 * cmd_name.c - the session's name, in the manifest.
 */
#include "app/cmd_kit.h"

#include <string.h>
#include "base/str.h"
#include "io/jdoc.h"

static enum cmd_result
name_run(struct cmd_ctx *cx)
{
	struct manifest *m = sphere_manifest(cx->deck->sphere);
	const char *text = cmd_kit_rest(cx->line);
	struct jdoc *line;

	str_clean(m->name, sizeof m->name, text, strlen(text), MAX_NAME_CELLS);
	line = jdoc_object();
	jdoc_set_text(line, "name", m->name);
	return cmd_kit_write(cx, "name", line, NULL);
}

const struct cmd_def cmd_name_def = {
	.name = "name", .usage = "name TEXT", .group = "notes", .help = "Names the session.",
	.min_words = 1, .max_words = -1, .flags = CMD_LOGGED | CMD_RAW_REST, .effect = CMD_ON_NOTHING, .run = name_run,
};
