/*
 * cmd_release.c - lets cameras go that this Sphere holds.
 */
#include "app/cmd_kit.h"

static void
release_acked(void *arg, const struct ledger_line *line)
{
	cmdq_ack(arg, line);
}

static void
release_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)took_us;
	cmdq_finish(arg, l, e);
}

static bool
release_can(struct cmd_ctx *cx)
{
	if (cx->deck->claims == NULL)
		return err_set(cx->err, ERR_REFUSED, "nothing is held without a Sphere folder");
	if (cx->targets->count == 0)
		return err_set(cx->err, ERR_NOT_FOUND, "no camera is in the show: there is nobody to release");
	return cmd_kit_may(cx, true, false);	/* a camera that rolls would be anybody's to stop */
}

static enum cmd_result
release_run(struct cmd_ctx *cx)
{
	const struct claims_ask ask = { .targets = cx->targets, .ack = release_acked, .done = release_done, .arg = cx->ticket };

	if (!release_can(cx))
		return CMD_ERROR;
	claims_release(cx->deck->claims, &ask);
	return CMD_PENDING;
}

const struct cmd_def cmd_release_def = {
	.name = "release", .usage = "release [-t T] [--force]", .group = "crew",
	.help = "Lets cameras go that this Sphere holds: any console may take them. A recording one needs --force.",
	.min_words = 0, .max_words = 0, .target = CMD_TARGET_ALL, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .run = release_run,
};
