/*
 * cmd_quantum.c - how many beats a bar has, here: nobody else is told.
 */
#include "app/cmd_kit.h"

#include "base/str.h"

static bool
quantum_check(const struct cmdline *line, int *column, struct err *e)
{
	int64_t n;

	return str_int(line->words[1], 1, BEAT_QUANTUM_MAX, &n) ||
	    cmd_kit_bad(line, 1, column, e, "expected beats a bar, 1 to %d", BEAT_QUANTUM_MAX);
}

static void
quantum_written(void *arg, const struct err *e)
{
	cmdq_finish(arg, NULL, e);
}

static enum cmd_result
quantum_run(struct cmd_ctx *cx)
{
	const struct metro_ask ask = { .by = cx->by, .at_utc_us = cx->pressed_us, .done = quantum_written, .arg = cx->ticket };
	int64_t n = 0;

	if (cx->deck->metro == NULL) {
		err_set(cx->err, ERR_REFUSED, "no clock is here");
		return CMD_ERROR;
	}
	if (!str_int(cx->line->words[1], 1, BEAT_QUANTUM_MAX, &n) || !metro_quantum(cx->deck->metro, (int)n, &ask, cx->err))
		return CMD_ERROR;
	return CMD_PENDING;
}

const struct cmd_def cmd_quantum_def = {
	.name = "quantum", .usage = "quantum N", .group = "clock",
	.help = "A bar has N beats; here only, whoever else plays to the beat.",
	.min_words = 1, .max_words = 1, .flags = CMD_LOGGED | CMD_SETS_CLOCK, .effect = CMD_ON_STATE, .check = quantum_check, .run = quantum_run,
};
