/*
 * cmd_live.c - a rehearsal with the cameras of the show becomes the show.  Never the other way round.
 */
#include "app/cmd_kit.h"

#include "app/rehearsal.h"

#define INSIST_US 3000000LL

/* No camera of it rolls but for the moment that a stop takes. */
static bool
live_is_stopping(const struct take *t)
{
	for (int i = 0; t != NULL && i < t->device_count; i++)
		if (t->devices[i].state == TAKE_STARTING || t->devices[i].state == TAKE_RECORDING)
			return false;
	return t != NULL;
}

/* What must be otherwise first: no --force does it, because a picture or a recording would be lost. */
static bool
live_may(struct cmd_ctx *cx)
{
	const struct rehearsal *r = cx->deck->rehearsal;
	const char *program = director_program(cx->deck->director), *take = recordall_running(cx->deck->recordall);

	if (r == NULL || !rehearsal_is_on(r))
		return err_set(cx->err, ERR_REFUSED, "this is the show already");
	if (!rehearsal_with_cameras(r))
		return err_set(cx->err, ERR_REFUSED, "there are only rehearsal cameras here: `quit`, and start `livedirector` for the show, or "
		    "`livedirector rehearse --with-cameras` to go from one to the other");
	if (take != NULL && live_is_stopping(recordall_take(cx->deck->recordall, take)))
		return err_set(cx->err, ERR_REFUSED, "take %s is being stopped; in a moment again", take);
	if (take != NULL)
		return err_set(cx->err, ERR_REFUSED, "take %s rolls, and is a rehearsal's: `record stop` first", take);
	if (program != NULL && rehearsal_has(r, program))
		return err_set(cx->err, ERR_REFUSED, "%s is on program, and is a rehearsal camera: cut to one of yours first, or `cut black`",
		    cmd_kit_name(cx->deck, program));
	return true;
}

static enum cmd_result
live_run(struct cmd_ctx *cx)
{
	struct rehearsal *r = cx->deck->rehearsal;
	const char *preview = director_preview(cx->deck->director);
	const bool insists = cmdq_ticket_insists(cx->ticket, INSIST_US);	/* what was refused may have been refused for another reason */

	if (!live_may(cx))
		return CMD_ERROR;
	if (!cx->line->force && !(rehearsal_asked(r, INSIST_US) && insists)) {
		err_set(cx->err, ERR_UNFORCED, "LIVE from now on? The rehearsal camera%s leave%s, takes count: `live` again within 3 s, or "
		    "`live --force`", rehearsal_count(r) == 1 ? "" : "s", rehearsal_count(r) == 1 ? "s" : "");
		return CMD_ERROR;
	}
	director_cancel(cx->deck->director);
	if (preview != NULL && rehearsal_has(r, preview))
		(void)director_set_preview(cx->deck->director, NULL, NULL);
	rehearsal_leave(r);
	cmdq_say(cx->ticket, "LIVE: takes count from now on");
	return CMD_DONE;
}

const struct cmd_def cmd_live_def = {
	.name = "live", .usage = "live [--force]", .group = "all",
	.help = "Ends the rehearsal and begins the show, in `rehearse --with-cameras`: its cameras leave, takes are numbered 001 and count. "
	    "It asks: once more within 3 s, or --force.",
	.min_words = 0, .max_words = 0, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .run = live_run,
};
