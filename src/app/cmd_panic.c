/*
 * cmd_panic.c - away from what is on: everything that would still change it is taken back, and program goes to the safe source.
 * Never touches a recording.
 */
#include "app/cmd_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/autodirector.h"
#include "app/cuedesk.h"
#include "app/ramps.h"
#include "base/xalloc.h"

static void
panic_acked(void *arg, const struct ledger_line *line)
{
	cmdq_ack(arg, line);
}

static void
panic_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)took_us;
	cmdq_finish(arg, l, e);
}

/* "2 zooms end where they are: left, wide" */
static void
panic_ramps(struct cmd_ctx *cx)
{
	struct target_set *halted = xcalloc(1, sizeof *halted);
	char names[MAX_TEXT_FIELD / 2] = "";
	const int count = cx->deck->ramps != NULL ? ramps_halt(cx->deck->ramps, cx->deck->fanout, halted) : 0;

	for (int i = 0; i < count; i++) {
		const size_t len = strlen(names);

		snprintf(names + len, sizeof names - len, "%s%s", i > 0 ? ", " : "", cmd_kit_name(cx->deck, halted->ids[i]));
	}
	if (count > 0)
		cmdq_say(cx->ticket, "%d zoom%s where %s now: %s", count, count == 1 ? " ends" : "s end", count == 1 ? "it is" : "they are", names);
	free(halted);
}

static enum cmd_result
panic_run(struct cmd_ctx *cx)
{
	const struct director_ask why = { .by = "panic", .n = cmdq_ticket_number(cx->ticket), .pressed_us = cx->pressed_us };
	char to[ID_BYTES];
	bool stays = false, ok;

	if (cx->deck->autodirector != NULL)
		autodirector_off(cx->deck->autodirector, "panic");
	/* A sheet that panics by itself, as a rehearsed one does, knows what comes after it. */
	if (cx->deck->cuedesk != NULL && strncmp(cx->by, "cue:", 4) != 0)
		cuedesk_panic(cx->deck->cuedesk);
	ok = director_panic(cx->deck->director, &why, to, &stays, panic_done, panic_acked, cx->ticket, cx->err);
	panic_ramps(cx);
	if (!ok)
		return CMD_ERROR;
	cmdq_ticket_names(cx->ticket, to);
	if (stays)
		cmdq_say(cx->ticket, "%s is on already: it stays", cmd_kit_name(cx->deck, to));
	return stays ? CMD_DONE : CMD_PENDING;
}

const struct cmd_def cmd_panic_def = {
	.name = "panic", .usage = "panic", .group = "switch",
	.help = "Pending cuts and zooms under way are taken back, auto is off, the cue sheet is held, and program goes to the source with "
	    "role +safe, else to the freshest. Recordings go on. Works while the keys are locked.",
	.min_words = 0, .max_words = 0, .flags = CMD_LOGGED, .effect = CMD_ON_TALLY, .run = panic_run,
};
