/*
 * cmd_auto.c - switches the auto director on and off.  What it does then are its own rules and settings.
 */
#include "app/cmd_kit.h"

#include "app/autodirector.h"
#include "app/weights.h"
#include "base/str.h"

static bool
auto_check(const struct cmdline *line, int *column, struct err *e)
{
	return cmd_kit_is(line, 1, "on") || cmd_kit_is(line, 1, "off") || cmd_kit_bad(line, 1, column, e, "expected on or off");
}

/* "shots of 4 s to 12 s, on bars; next wide" */
static void
auto_say(const struct cmd_ctx *cx)
{
	const struct deck *deck = cx->deck;
	struct autodirector_word word;
	char stranger[MAX_NAME_BYTES];

	autodirector_say(deck->autodirector, &word);
	cmdq_say(cx->ticket, "auto on: shots of %s to %s%s; %s%s", opt_text(deck->settings, "auto-shot-min"),
	    opt_text(deck->settings, "auto-shot-max"), deck->metro != NULL && metro_runs(deck->metro) ? ", on bars" : "",
	    word.next[0] != '\0' ? "next " : "", word.next[0] != '\0' ? cmd_kit_name(deck, word.next) : word.why);
	if (weights_stranger(opt_text(deck->settings, "auto-weights"), crew_registry(deck->crew), stranger, sizeof stranger))
		cmdq_say(cx->ticket, "auto-weights names \"%s\": no camera is called so now", stranger);
}

static enum cmd_result
auto_run(struct cmd_ctx *cx)
{
	struct autodirector *a = cx->deck->autodirector;
	const bool is_on = cmd_kit_is(cx->line, 1, "on");

	if (a == NULL) {
		err_set(cx->err, ERR_REFUSED, "auto needs a console that goes on running: livedirector SPHERE, or run");
		return CMD_ERROR;
	}
	if (is_on) {
		autodirector_on(a);
		auto_say(cx);
	} else {
		autodirector_off(a, "");
	}
	return CMD_DONE;
}

const struct cmd_def cmd_auto_def = {
	.name = "auto", .usage = "auto on|off", .group = "switch",
	.help = "The auto director: cuts by itself, with shots of auto-shot-min to auto-shot-max, by auto-weights, on bars while the clock "
	    "of the show runs, never to a source that is not live, frozen or out. After any other cut it holds back for auto-yield.",
	.min_words = 1, .max_words = 1, .flags = CMD_LOGGED, .effect = CMD_ON_TALLY, .check = auto_check, .run = auto_run,
};
