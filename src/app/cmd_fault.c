/*
 * cmd_fault.c - something goes wrong on a rehearsal camera, on purpose, and for a time if one is given.
 */
#include "app/cmd_kit.h"

#include "app/rehearsal.h"
#include "base/str.h"
#include "domain/fault.h"

#define MAX_FOR_US (24LL * 3600 * 1000000)

/* "for 30s"; *for_us 0: until it is taken back. */
static bool
fault_words(const struct cmdline *line, int64_t *for_us, int *column, struct err *e)
{
	struct err why = { .kind = ERR_NONE };

	*for_us = 0;
	if (!fault_check(line->words[2], NULL, &why))
		return cmd_kit_bad(line, 2, column, e, "%s", why.text);
	if (line->count == 3)
		return true;
	if (!cmd_kit_is(line, 3, "for"))
		return cmd_kit_bad(line, 3, column, e, "expected for TIME or nothing more");
	return cmd_kit_time(line, 4, MAX_FOR_US, for_us, column, e);
}

static bool
fault_line_check(const struct cmdline *line, int *column, struct err *e)
{
	int64_t for_us;

	return fault_words(line, &for_us, column, e);
}

static enum cmd_result
fault_run(struct cmd_ctx *cx)
{
	const struct registry_node *n;
	char time[32];
	int64_t for_us;
	int column;

	if (!rehearsal_is_on(cx->deck->rehearsal)) {
		err_set(cx->err, ERR_REFUSED, "this is no rehearsal: nothing goes wrong on purpose here; `livedirector rehearse` is the place for it");
		return CMD_ERROR;
	}
	n = cmd_kit_node(cx, 1);
	if (n == NULL || !fault_words(cx->line, &for_us, &column, cx->err))
		return CMD_ERROR;
	if (!rehearsal_fault(cx->deck->rehearsal, n->id, cx->line->words[2], for_us, cx->err)) {
		err_prefix(cx->err, "%s", registry_name(n));
		return CMD_ERROR;
	}
	cmdq_ticket_names(cx->ticket, n->id);
	str_time_words(time, sizeof time, for_us);
	cmdq_say(cx->ticket, "%s: %s%s%s", registry_name(n), cx->line->words[2], for_us > 0 ? " for " : "", for_us > 0 ? time : "");
	return CMD_DONE;
}

const struct cmd_def cmd_fault_def = {
	.name = "fault", .usage = "fault NODE SPEC [for TIME]", .group = "cameras",
	.help = "Something goes wrong on a rehearsal camera, as mmcamd --fault says it: late=2s, refuse=record, drop=0.1, freeze-after=0s, "
	    "die-after=0s, heat-stop-after=5s, disk=64M, silent-after=0s, clock=+350ms, drift=40ppm, bitrate=200k, several joined by commas. "
	    "NAME=off takes one back, off takes all back, for TIME takes it back by itself.",
	.min_words = 2, .max_words = 4, .flags = CMD_LOGGED, .effect = CMD_ON_NOTHING, .check = fault_line_check, .run = fault_run,
};
