/*
 * cmd_record.c - record start, record stop.
 * Never knows how a take is proven: that is recordall's.
 */
#include "app/cmd_kit.h"

#define MAX_SAID 8			/* cameras that are not armed, each with a line */
#define MAX_COUNTDOWN_US 10000000LL	/* nodes refuse what is planned further ahead */

struct record_words {
	bool start;
	const char *slate;		/* NULL: none */
	int64_t in_us;			/* 0: not said */
};

static bool
record_start_words(struct record_words *w, const struct cmdline *line, int *column, struct err *e)
{
	int at = 2;

	if (at < line->count && !cmd_kit_is(line, at, "in"))
		w->slate = line->words[at++];
	if (cmd_kit_is(line, at, "in")) {
		if (!cmd_kit_time(line, at + 1, MAX_COUNTDOWN_US, &w->in_us, column, e))
			return false;
		at += 2;
	}
	if (at < line->count)
		return cmd_kit_bad(line, at, column, e, "expected `in TIME` or nothing more; a slate with blanks stands in quotes");
	return true;
}

static bool
record_words(struct record_words *w, const struct cmdline *line, int *column, struct err *e)
{
	*w = (struct record_words){ .start = cmd_kit_is(line, 1, "start") };
	if (w->start)
		return record_start_words(w, line, column, e);
	if (!cmd_kit_is(line, 1, "stop"))
		return cmd_kit_bad(line, 1, column, e, "expected start or stop");
	if (line->count > 2)
		return cmd_kit_bad(line, 2, column, e, "expected nothing more after record stop");
	return true;
}

static bool
record_check(const struct cmdline *line, int *column, struct err *e)
{
	struct record_words w;

	return record_words(&w, line, column, e);
}

static bool
record_carries_at(const struct cmdline *line)
{
	return cmd_kit_is(line, 1, "start") || cmd_kit_is(line, 1, "stop");
}

static void
record_acked(void *arg, const struct ledger_line *line)
{
	cmdq_ack(arg, line);
}

static void
record_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)took_us;
	cmdq_finish(arg, l, e);
}

/* They roll all the same; whoever asked knows now, and the take says so for good. */
static void
say_not_armed(struct cmd_ctx *cx)
{
	const char *number = recordall_running(cx->deck->recordall);
	const struct take *t = number != NULL ? recordall_take(cx->deck->recordall, number) : NULL;
	int said = 0;

	for (int i = 0; t != NULL && i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];

		if (d->not_armed[0] == '\0' || !target_has(cx->targets, d->node))
			continue;
		if (said++ < MAX_SAID)
			cmdq_say(cx->ticket, "%s rolls, not armed: %s", cmd_kit_name(cx->deck, d->node), d->not_armed);
	}
	if (said > MAX_SAID)
		cmdq_say(cx->ticket, "and %d more roll, not armed", said - MAX_SAID);
	if (t != NULL && t->not_armed[0] != '\0')
		cmdq_say(cx->ticket, "it rolls all the same: %s", t->not_armed);
}

static enum cmd_result
record_run(struct cmd_ctx *cx)
{
	const struct deck *deck = cx->deck;
	bool is_explicit = cx->line->target != NULL, ok;
	struct record_words w;
	int column;

	if (!record_words(&w, cx->line, &column, cx->err))
		return CMD_ERROR;
	if (w.start && cx->targets->count == 0) {
		err_set(cx->err, ERR_NOT_FOUND, "no camera is in the show: there is nothing to roll");
		return CMD_ERROR;
	}
	if (cx->at_us != 0) {
		w.in_us = cx->at_us - clk_utc_us(deck->clk);
		if (w.in_us < 1)
			w.in_us = 1;
	}
	if (w.start)
		ok = recordall_start(deck->recordall, cx->targets, is_explicit, w.slate != NULL ? w.slate : "", w.in_us,
		    cx->by, record_done, record_acked, cx->ticket, cx->err);
	else
		ok = recordall_stop(deck->recordall, cx->targets, is_explicit, w.in_us, cx->by, record_done, record_acked,
		    cx->ticket, cx->err);
	if (ok && w.start)
		say_not_armed(cx);
	return ok ? CMD_PENDING : CMD_ERROR;
}

const struct cmd_def cmd_record_def = {
	.name = "record", .usage = "record [-t T] start [SLATE] [in 5s] | record [-t T] stop", .group = "roll",
	.help = "Rolls cameras as one take, or stops it; the slate names the take. While a take rolls, "
	    "record -t NODE start adds a late camera to it.",
	.min_words = 1, .max_words = 4, .target = CMD_TARGET_ALL, .flags = CMD_LOGGED, .effect = CMD_ON_RECORD,
	.carries_at = record_carries_at, .check = record_check, .run = record_run,
};
