/*
 * cmd_role.c - gives and takes roles.
 */
#include "app/cmd_kit.h"

#include "io/jdoc.h"

/* The roles after the words +director -guest. */
static bool
role_words(unsigned *roles, const struct cmdline *line, int *column, struct err *e)
{
	for (int i = 2; i < line->count; i++) {
		const char *word = line->words[i];
		unsigned one = word[0] == '+' || word[0] == '-' ? roles_parse(word + 1) : 0;

		if (one == 0)
			return cmd_kit_bad(line, i, column, e, "expected +ROLE or -ROLE, such as +safe or -guest; roles are host, co-host, "
			    "camera, audio, guest, director, stage-viewer, archive, observer, must, safe, backup");
		*roles = word[0] == '+' ? *roles | one : *roles & ~one;
	}
	return true;
}

static bool
role_check(const struct cmdline *line, int *column, struct err *e)
{
	unsigned roles = 0;

	return role_words(&roles, line, column, e);
}

static enum cmd_result
role_run(struct cmd_ctx *cx)
{
	struct registry_node *n = cmd_kit_node(cx, 1);
	unsigned roles = n != NULL ? registry_roles(n) : 0;
	struct jdoc *line, *list;
	int column;

	if (n == NULL || !role_words(&roles, cx->line, &column, cx->err))
		return CMD_ERROR;
	n->roles = roles;
	line = jdoc_object();
	list = jdoc_array();
	for (unsigned bit = 0; bit < ROLE_COUNT; bit++)
		if ((registry_roles(n) & (1u << bit)) != 0)
			jdoc_set_text(list, NULL, roles_name(1u << bit));
	jdoc_set_text(line, "node", n->id);
	jdoc_set(line, "roles", list);
	return cmd_kit_write(cx, "role", line, n->id);
}

const struct cmd_def cmd_role_def = {
	.name = "role", .usage = "role NODE +ROLE|-ROLE...", .group = "crew",
	.help = "Gives (+) and takes (-) roles: host, co-host, camera, audio, guest, director, stage-viewer, archive, observer, must, safe, backup.",
	.min_words = 2, .max_words = -1, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = role_check, .run = role_run,
};
