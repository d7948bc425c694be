/*
 * cmd_wrap.c - the end of a day: the report, what is missing, and with --release the cameras are free again.
 * Never stops a camera and never deletes a file.
 */
#include "app/cmd_kit.h"

#include <stdio.h>
#include <string.h>
#include "app/report.h"
#include "base/str.h"

struct wrapping {
	struct cmdq_ticket *ticket;
	const struct deck *deck;
	bool releases;
	int held;			/* cameras that this Sphere held when it began to release them */
	char report[256], missing[MAX_TEXT_FIELD];
};

static bool
is_release(const struct cmdline *line)
{
	return cmd_kit_is(line, 1, "--release");
}

static bool
wrap_check(const struct cmdline *line, int *column, struct err *e)
{
	return line->count == 1 || is_release(line) || cmd_kit_bad(line, 1, column, e, "expected --release or nothing more");
}

/* ---- Releasing ---- */

static void
release_acked(void *arg, const struct ledger_line *line)
{
	struct wrapping *w = arg;

	cmdq_ack(w->ticket, line);
}

/* A screen shows the last sentence only: what is missing, if anything is. */
static void
wrap_say(const struct wrapping *w, const char *released)
{
	cmdq_say(w->ticket, "%s%s", w->report, released);
	if (w->missing[0] != '\0')
		cmdq_say(w->ticket, "%s", w->missing);
}

static void
release_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	struct wrapping *w = arg;
	char words[80];

	(void)took_us;
	snprintf(words, sizeof words, "; %d of %d camera%s released", l != NULL ? ledger_acked(l) : 0, w->held, w->held == 1 ? "" : "s");
	wrap_say(w, words);
	cmdq_finish(w->ticket, l, e);
}

static void
release(struct wrapping *w)
{
	const struct crew *crew = w->deck->crew;
	struct target_set *ours = cmdq_ticket_hold(w->ticket, sizeof *ours);
	const struct claims_ask ask = { .targets = ours, .ack = release_acked, .done = release_done, .arg = w };

	for (int i = 0; w->deck->claims != NULL && i < crew_count(crew); i++)
		if (claims_of(w->deck->claims, crew_at(crew, i)->node->id) == CLAIMS_OURS)
			str_copy(ours->ids[ours->count++], ID_BYTES, crew_at(crew, i)->node->id);
	w->held = ours->count;
	if (w->held > 0) {
		claims_release(w->deck->claims, &ask);
		return;
	}
	wrap_say(w, "; no camera was claimed, none to release");
	cmdq_finish(w->ticket, NULL, NULL);
}

/* ---- The report ---- */

static void
wrap_reported(void *arg, const struct wrap_end *end)
{
	struct wrapping *w = arg;

	if (end->err.kind != ERR_NONE) {
		cmdq_finish(w->ticket, NULL, &end->err);
		return;
	}
	snprintf(w->report, sizeof w->report, "%s and %s: %d file%s, %d verified", REPORT_HTML, REPORT_CSV, end->files,
	    end->files == 1 ? "" : "s", end->verified);
	if (end->missing > 0)
		snprintf(w->missing, sizeof w->missing, "%d missing: %.900s", end->missing, end->sentence);
	if (w->releases) {
		release(w);
		return;
	}
	wrap_say(w, "");
	cmdq_finish(w->ticket, NULL, NULL);
}

static enum cmd_result
wrap_run(struct cmd_ctx *cx)
{
	const char *take = recordall_running(cx->deck->recordall);
	struct wrapping *w;

	if (cx->deck->wrap == NULL) {
		err_set(cx->err, ERR_REFUSED, "there is nothing to wrap without a Sphere folder");
		return CMD_ERROR;
	}
	if (is_release(cx->line) && take != NULL && !cx->line->force) {
		err_set(cx->err, ERR_UNFORCED, "take %s rolls: `record stop` first; --force releases its cameras while they record", take);
		return CMD_ERROR;
	}
	w = cmdq_ticket_hold(cx->ticket, sizeof *w);
	*w = (struct wrapping){ .ticket = cx->ticket, .deck = cx->deck, .releases = is_release(cx->line) };
	wrap_report(cx->deck->wrap, wrap_reported, w);
	return CMD_PENDING;
}

const struct cmd_def cmd_wrap_def = {
	.name = "wrap", .usage = "wrap [--release]", .group = "roll",
	.help = "Writes the day's report, exports/report.html and report.csv: every take, every file, marks and notes, and what is "
	    "missing. With --release the cameras that this Sphere has claimed are free again.",
	.min_words = 0, .max_words = 1, .flags = CMD_LOGGED, .effect = CMD_ON_STATE, .check = wrap_check, .run = wrap_run,
};
