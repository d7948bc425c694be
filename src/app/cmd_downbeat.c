/*
 * cmd_downbeat.c - bar 1 begins now; its time is the key press.
 */
#include "app/cmd_kit.h"

static void
downbeat_written(void *arg, const struct err *e)
{
	cmdq_finish(arg, NULL, e);
}

static enum cmd_result
downbeat_run(struct cmd_ctx *cx)
{
	const struct metro_ask ask = { .by = cx->by, .at_utc_us = cx->pressed_us, .done = downbeat_written, .arg = cx->ticket };

	if (cx->deck->metro == NULL) {
		err_set(cx->err, ERR_REFUSED, "no clock is here");
		return CMD_ERROR;
	}
	return metro_downbeat(cx->deck->metro, &ask, cx->err) ? CMD_PENDING : CMD_ERROR;
}

const struct cmd_def cmd_downbeat_def = {
	.name = "downbeat", .usage = "downbeat", .group = "clock",
	.help = "Bar 1 begins now: on our own clock the beat is moved to this moment; while others play to it (Ableton Link), the beat "
	    "nearest to it is meant, and they hear nothing of it.",
	.min_words = 0, .max_words = 0, .flags = CMD_LOGGED | CMD_SETS_CLOCK, .effect = CMD_ON_STATE, .run = downbeat_run,
};
