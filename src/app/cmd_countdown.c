/*
 * cmd_countdown.c - names an instant that the show goes towards: a time of day, or so long from the key press.
 */
#include "app/cmd_kit.h"

#include <time.h>
#include "app/countdown.h"
#include "base/str.h"

static bool
countdown_check(const struct cmdline *line, int *column, struct err *e)
{
	struct err why = { .kind = ERR_NONE };

	if (line->words[1][0] == '\0')
		return cmd_kit_bad(line, 1, column, e, "expected a name for it, such as out");
	if (cmd_kit_is(line, 2, "off") || countdown_until(line->words[2], 0, NULL, &why))
		return true;
	return cmd_kit_bad(line, 2, column, e, "%s%s", why.text, ", or off");
}

static void
countdown_written(void *arg, const struct err *e)
{
	cmdq_finish(arg, NULL, e);
}

/* "out at 20:30:00" */
static void
countdown_say_when(struct cmd_ctx *cx, int64_t until_us)
{
	const time_t at = (time_t)(until_us / 1000000);
	char text[16];
	struct tm tm;

	localtime_r(&at, &tm);
	strftime(text, sizeof text, "%H:%M:%S", &tm);
	cmdq_say(cx->ticket, "%s at %s", cx->line->words[1], text);
}

static enum cmd_result
countdown_run(struct cmd_ctx *cx)
{
	struct countdown *c = cx->deck->countdown;
	const char *name = cx->line->words[1];
	int64_t until_us;

	if (c == NULL) {
		err_set(cx->err, ERR_REFUSED, "countdown needs a console that goes on running: livedirector SPHERE, or run");
		return CMD_ERROR;
	}
	if (cmd_kit_is(cx->line, 2, "off"))
		return countdown_stop(c, name, cx->by, countdown_written, cx->ticket, cx->err) ? CMD_PENDING : CMD_ERROR;
	if (!countdown_until(cx->line->words[2], cx->pressed_us, &until_us, cx->err) ||
	    !countdown_set(c, name, until_us, cx->by, countdown_written, cx->ticket, cx->err))
		return CMD_ERROR;
	countdown_say_when(cx, until_us);
	return CMD_PENDING;
}

const struct cmd_def cmd_countdown_def = {
	.name = "countdown", .usage = "countdown NAME HH:MM:SS|20m|off", .group = "clock",
	.help = "Counts down to a time of day, or for so long, in the header; nothing happens when it is over. off takes it away.",
	.min_words = 2, .max_words = 2, .flags = CMD_LOGGED, .effect = CMD_ON_NOTHING, .check = countdown_check, .run = countdown_run,
};
