/*
 * cmd_fetch.c - brings files home now: of one take, or of all.  Ends when nothing of it moves any more; what failed before is
 * tried again, and what is missing is named.
 */
#include "app/cmd_kit.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"

static bool
fetch_check(const struct cmdline *line, int *column, struct err *e)
{
	if (line->count < 2 || strspn(line->words[1], "0123456789R") == strlen(line->words[1]))
		return true;
	return cmd_kit_bad(line, 1, column, e, "expected a take's number such as 003, or nothing: all takes");
}

static void
fetch_done(void *arg, const struct rushes_end *end)
{
	struct cmdq_ticket *ticket = arg;
	struct err e = { .kind = ERR_NONE };

	if (end->missing > 0)
		err_set(&e, ERR_NETWORK, "%d of %d files home; %s", end->verified, end->asked, end->sentence);
	else if (end->uncopied > 0)
		err_set(&e, ERR_NETWORK, "%d of %d files home, %d of them not in the archive yet; %s", end->verified, end->asked, end->uncopied,
		    end->sentence);
	else
		cmdq_say(ticket, end->asked > 0 ? "%d of %d files home, verified" : "there is nothing to fetch", end->verified, end->asked);
	cmdq_finish(ticket, NULL, &e);
}

static enum cmd_result
fetch_run(struct cmd_ctx *cx)
{
	const char *word = cx->line->count > 1 ? cx->line->words[1] : NULL;
	char take[TAKE_BYTES];

	if (cx->deck->rushes == NULL) {
		err_set(cx->err, ERR_REFUSED, "nothing is fetched without a Sphere folder");
		return CMD_ERROR;
	}
	if (word != NULL && cmd_kit_take(cx->line, 1, take))	/* 3 is take 003 */
		word = take;
	return rushes_fetch(cx->deck->rushes, word, fetch_done, cx->ticket, cx->err) ? CMD_PENDING : CMD_ERROR;
}

const struct cmd_def cmd_fetch_def = {
	.name = "fetch", .usage = "fetch [TAKE]", .group = "roll",
	.help = "Brings the files of a take home, or of all takes, whatever auto-fetch says; what failed is tried again. "
	    "Each is compared with the camera's SHA-256; what is missing is named.",
	.min_words = 0, .max_words = 1, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = fetch_check, .run = fetch_run,
};
