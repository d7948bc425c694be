/*
 * cmd_claim.c - takes cameras for this Sphere: nobody else's commands count from then on.  The pin that a camera may ask for
 * is shown, journaled and remembered nowhere: what the command's text says of it is stars.
 */
#include "app/cmd_kit.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

static bool
claim_is_setting(const struct cmdline *line)
{
	return cmd_kit_is(line, 1, "on") || cmd_kit_is(line, 1, "off");
}

static bool
claim_check(const struct cmdline *line, int *column, struct err *e)
{
	size_t len;

	if (line->count == 1)
		return true;
	if (claim_is_setting(line))
		return (line->count == 2 && line->target == NULL) ||
		    cmd_kit_bad(line, line->count - 1, column, e, "expected claim %s alone: it is for all cameras that join", line->words[1]);
	if (!cmd_kit_is(line, 1, "pin"))
		return cmd_kit_bad(line, 1, column, e, "expected pin DIGITS, on or off");
	len = line->count > 2 ? strlen(line->words[2]) : 0;
	if (len < 4 || len > 12 || strspn(line->words[2], "0123456789") != len)
		return cmd_kit_bad(line, 2, column, e, "expected the pin: the 4 to 12 digits that the camera shows");
	return true;
}

/* From the end on, so that the columns before stay what they are. */
static char *
conceal_words(const struct cmdline *line, const char *text)
{
	char *out = xstrdup(text);

	for (int i = line->count - 1; i >= 2; i--) {
		const size_t at = (size_t)line->column[i] - 1;
		char *shorter = xasprintf("%.*s****%s", (int)at, out, out + at + strcspn(out + at, " \t"));

		explicit_bzero(out, strlen(out));
		free(out);
		out = shorter;
	}
	return out;
}

/* "claim -t left pin ****": as many stars for any pin, however it was mistyped. */
static char *
claim_conceal(const char *text)
{
	struct cmdline line;
	struct err e;
	int column = 1;
	char *out = NULL;

	if (cmdline_parse(&line, text, &column, &e) && line.count > 2 && strcmp(line.words[1], "pin") == 0)
		out = conceal_words(&line, text);
	cmdline_fini(&line);
	return out != NULL ? out : xstrdup(text);
}

static void
claim_acked(void *arg, const struct ledger_line *line)
{
	cmdq_ack(arg, line);
}

static void
claim_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)took_us;
	cmdq_finish(arg, l, e);
}

static enum cmd_result
claim_set(struct cmd_ctx *cx)
{
	if (!opt_assign(cx->deck->settings, "claim", cx->line->words[1], cx->err))
		return CMD_ERROR;
	bus_tell(cx->deck->bus, EV_SETTING_CHANGED, NULL, "claim");
	return CMD_DONE;
}

static bool
claim_can(struct cmd_ctx *cx)
{
	if (cx->deck->claims == NULL)
		return err_set(cx->err, ERR_REFUSED, "nothing is claimed without a Sphere folder");
	if (cx->targets->count == 0)
		return err_set(cx->err, ERR_NOT_FOUND, "no camera is in the show: there is nobody to claim");
	return true;
}

static enum cmd_result
claim_run(struct cmd_ctx *cx)
{
	const struct claims_ask ask = { .targets = cx->targets, .pin = cx->line->count > 2 ? cx->line->words[2] : NULL,
		.ack = claim_acked, .done = claim_done, .arg = cx->ticket };

	if (claim_is_setting(cx->line))
		return claim_set(cx);
	return claim_can(cx) && claims_take(cx->deck->claims, &ask, cx->err) ? CMD_PENDING : CMD_ERROR;
}

const struct cmd_def cmd_claim_def = {
	.name = "claim", .usage = "claim [-t T] [pin DIGITS] | claim on|off", .group = "crew",
	.help = "Takes cameras for this Sphere: they obey no other console until they are released, or 10 minutes after this one was "
	    "last heard. The pin is what a camera may ask for. On claims each camera as it joins; off, the default, none.",
	.min_words = 0, .max_words = 2, .target = CMD_TARGET_ALL, .flags = CMD_LOGGED, .effect = CMD_ON_STATE,
	.check = claim_check, .conceal = claim_conceal, .run = claim_run,
};
