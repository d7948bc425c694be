/*
 * cmd_tempo.c - the tempo of the show's clock: told, or tapped.  Whom it concerns is the clock's own rule.
 */
#include "app/cmd_kit.h"

#include "base/str.h"

static bool
is_everyone(const struct cmdline *line)
{
	return cmd_kit_is(line, 2, "--everyone");
}

static bool
tempo_check(const struct cmdline *line, int *column, struct err *e)
{
	double bpm;

	if (!cmd_kit_is(line, 1, "tap") && !str_double(line->words[1], BEAT_BPM_MIN, BEAT_BPM_MAX, &bpm))
		return cmd_kit_bad(line, 1, column, e, "expected beats a minute, %.0f to %.0f, or tap", BEAT_BPM_MIN, BEAT_BPM_MAX);
	return line->count == 2 || is_everyone(line) || cmd_kit_bad(line, 2, column, e, "expected --everyone or nothing more");
}

static void
tempo_written(void *arg, const struct err *e)
{
	cmdq_finish(arg, NULL, e);
}

static enum cmd_result
tempo_run(struct cmd_ctx *cx)
{
	const struct metro_ask ask = { .everyone = is_everyone(cx->line), .by = cx->by, .at_utc_us = cx->pressed_us,
		.done = tempo_written, .arg = cx->ticket };
	double bpm = 0;

	if (cx->deck->metro == NULL) {
		err_set(cx->err, ERR_REFUSED, "no clock is here");
		return CMD_ERROR;
	}
	if (!cmd_kit_is(cx->line, 1, "tap")) {
		if (!str_double(cx->line->words[1], BEAT_BPM_MIN, BEAT_BPM_MAX, &bpm) || !metro_tempo(cx->deck->metro, bpm, &ask, cx->err))
			return CMD_ERROR;
		return CMD_PENDING;
	}
	if (!metro_tap(cx->deck->metro, &ask, &bpm, cx->err))
		return CMD_ERROR;
	if (bpm == 0) {
		cmdq_say(cx->ticket, "tapped; the third of a row tells the tempo");
		return CMD_DONE;
	}
	cmdq_say(cx->ticket, "%.1f beats a minute", bpm);
	return CMD_PENDING;
}

const struct cmd_def cmd_tempo_def = {
	.name = "tempo", .usage = "tempo BPM|tap [--everyone]", .group = "clock",
	.help = "Sets the tempo of the show's clock, and starts it if none runs; tap is one tap of a row: the third and each later one "
	    "tells the tempo and the beat. While others play to the beat (Ableton Link) it changes for all of them, and only with --everyone.",
	.min_words = 1, .max_words = 2, .flags = CMD_LOGGED | CMD_SETS_CLOCK, .effect = CMD_ON_STATE, .check = tempo_check, .run = tempo_run,
};
