/*
 * cmd_clap.c - a sync marker: every camera flashes, beeps and stamps it into its recording, all at one planned instant.  The
 * journal holds that instant and when it was asked for, beside what each camera says of it.
 */
#include "app/cmd_kit.h"

#include "base/str.h"
#include "io/jdoc.h"

static bool
clap_check(const struct cmdline *line, int *column, struct err *e)
{
	return line->count == 1 || cmd_kit_is(line, 1, "silent") ||
	    cmd_kit_bad(line, 1, column, e, "expected silent or nothing more");
}

static void
clap_write(const struct cmd_ctx *cx, const struct node_request *r)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "name", r->name);
	jdoc_set_text(line, "take", recordall_running(cx->deck->recordall));
	jdoc_set_bool(line, "sound", r->sound);
	jdoc_set_int(line, "command", cmdq_ticket_number(cx->ticket));
	jdoc_set_int(line, "requestedUs", cx->pressed_us);
	scribe_add(cx->deck->scribe, SCRIBE_MARKERS, "clap", cx->at_us, line, NULL, NULL);
}

/* As far ahead as a roll; 0, which is at once, where rolls are not planned either. */
static int64_t
clap_instant(const struct cmd_ctx *cx)
{
	int64_t lead_us = opt_int(cx->deck->settings, "record-lead");

	if (cx->at_us != 0 || lead_us == 0)
		return cx->at_us;
	return clk_utc_us(cx->deck->clk) + fanout_lead_us(cx->deck->fanout, cx->targets, lead_us);
}

static enum cmd_result
clap_run(struct cmd_ctx *cx)
{
	struct node_request r = { .verb = NODE_MARKER, .sound = !cmd_kit_is(cx->line, 1, "silent") };
	enum cmd_result result;

	str_copy(r.name, sizeof r.name, "clap");
	cx->at_us = clap_instant(cx);
	result = cmd_kit_send(cx, &r, NULL, NULL, 0);
	if (result == CMD_PENDING)
		clap_write(cx, &r);	/* the bytes to the cameras never wait for it */
	return result;
}

static bool
clap_carries_at(const struct cmdline *line)
{
	(void)line;
	return true;
}

const struct cmd_def cmd_clap_def = {
	.name = "clap", .usage = "clap [-t T] [silent]", .group = "roll",
	.help = "A sync marker: the cameras flash, beep and stamp it into their recordings.",
	.min_words = 0, .max_words = 1, .target = CMD_TARGET_ALL, .flags = CMD_LOGGED, .effect = CMD_ON_MARKER,
	.carries_at = clap_carries_at, .check = clap_check, .run = clap_run,
};
