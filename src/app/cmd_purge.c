/*
 * cmd_purge.c - deletes the verified files of a take on its cameras, and names what stays there and why.
 */
#include "app/cmd_kit.h"

#include <stdio.h>

static bool
purge_check(const struct cmdline *line, int *column, struct err *e)
{
	char take[TAKE_BYTES];

	return cmd_kit_take(line, 1, take) || cmd_kit_bad(line, 1, column, e, "expected a take's number such as 003");
}

static void
purge_done(void *arg, const struct purge_end *end)
{
	struct cmdq_ticket *ticket = arg;
	char before[48] = "", stay[MAX_TEXT_FIELD - 128] = "";

	for (int i = 0; i < end->ledger->count; i++)
		cmdq_ack(ticket, &end->ledger->lines[i]);
	if (end->gone_before > 0)
		snprintf(before, sizeof before, ", %d had gone before", end->gone_before);
	if (end->staying > 0)
		snprintf(stay, sizeof stay, "; %d stay%s there: %s", end->staying, end->staying == 1 ? "s" : "", end->sentence);
	cmdq_say(ticket, "%d file%s deleted on the cameras, %.1f MB%s%s", end->files, end->files == 1 ? "" : "s", (double)end->bytes / 1e6,
	    before, stay);
	cmdq_finish(ticket, end->ledger, NULL);
}

static enum cmd_result
purge_run(struct cmd_ctx *cx)
{
	char take[TAKE_BYTES];
	const struct purge_ask ask = { .take = take, .targets = cx->line->target != NULL ? cx->targets : NULL, .done = purge_done,
		.arg = cx->ticket };

	if (cx->deck->purge == NULL) {
		err_set(cx->err, ERR_REFUSED, "nothing is deleted without a Sphere folder");
		return CMD_ERROR;
	}
	return cmd_kit_take(cx->line, 1, take) && purge_take(cx->deck->purge, &ask, cx->err) ? CMD_PENDING : CMD_ERROR;
}

const struct cmd_def cmd_purge_def = {
	.name = "purge", .usage = "purge [-t T] TAKE", .group = "roll",
	.help = "Deletes the verified files of a take on its cameras, which this Sphere must hold (claim). Each file at home is read and "
	    "hashed once more before; what stays on a camera is named.",
	.min_words = 1, .max_words = 1, .target = CMD_TARGET_ALL, .flags = CMD_LOGGED, .effect = CMD_ON_STATE,
	.check = purge_check, .run = purge_run,
};
