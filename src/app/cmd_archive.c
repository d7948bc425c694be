/*
 * cmd_archive.c - where files are brought from now on: the Sphere's own takes/, a folder elsewhere, object storage.
 * Asks first whether that will do.  Moves nothing that is home already.
 */
#include "app/cmd_kit.h"

#include <string.h>
#include "io/haul_target.h"

static bool
archive_check(const struct cmdline *line, int *column, struct err *e)
{
	struct err why = { .kind = ERR_NONE };

	if (line->count < 2 || haul_target_check(line->words[1], &why))
		return true;
	return cmd_kit_bad(line, 1, column, e, "%s", why.text);
}

static void
archive_done(void *arg, const struct err *e, const char *text)
{
	struct cmdq_ticket *ticket = arg;

	if (e->kind == ERR_NONE)
		cmdq_say(ticket, "%s", text);
	cmdq_finish(ticket, NULL, e);
}

static enum cmd_result
archive_run(struct cmd_ctx *cx)
{
	if (cx->deck->rushes == NULL) {
		err_set(cx->err, ERR_REFUSED, "nothing is archived without a Sphere folder");
		return CMD_ERROR;
	}
	if (cx->line->count < 2) {
		rushes_tell_room(cx->deck->rushes, archive_done, cx->ticket);
		return CMD_PENDING;
	}
	return rushes_set_archive(cx->deck->rushes, cx->line->words[1], archive_done, cx->ticket, cx->err) ? CMD_PENDING : CMD_ERROR;
}

const struct cmd_def cmd_archive_def = {
	.name = "archive", .usage = "archive [TARGET]", .group = "roll",
	.help = "Where files are brought from now on: takes (the Sphere's own folder), a folder such as /mnt/nas, or object storage, "
	    "s3://BUCKET/PREFIX?endpoint=URL&region=NAME. It is asked first whether it will do; takes of which a file is home "
	    "stay where they are. Without TARGET it says where, and how much room is there.",
	.min_words = 0, .max_words = 1, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = archive_check, .run = archive_run,
};
