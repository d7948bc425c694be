/*
 * cmd_cut.c - changes the program source: at once, back, to black, to the safe source.
 * Never knows the rules of the buses: those are the director's.
 */
#include "app/cmd_kit.h"

#include <string.h>
#include "app/autodirector.h"
#include "base/str.h"

#define INSIST_US 3000000LL		/* the same key again within this does what was refused */

enum cut_where { CUT_SWAP, CUT_TO, CUT_BACK, CUT_BLACK, CUT_SAFE };
struct cut_words {
	enum cut_where where;
	int node;			/* its word; CUT_TO */
	bool on_clock;			/* on beat, on bar, after N beats */
	enum director_when when;
	int beats;			/* after so many */
};

static bool
cut_is_keyword(const struct cmdline *line, int at)
{
	return cmd_kit_is(line, at, "now") || cmd_kit_is(line, at, "on") || cmd_kit_is(line, at, "after");
}

/* on beat | on bar | after N beats, from word `at`, to the end. */
static bool
cut_clock_words(struct cut_words *w, const struct cmdline *line, int at, int *column, struct err *e)
{
	int64_t count = 0;
	int last = at + 1;

	if (cmd_kit_is(line, at, "on")) {
		if (!cmd_kit_is(line, last, "beat") && !cmd_kit_is(line, last, "bar"))
			return cmd_kit_bad(line, last, column, e, "expected on beat or on bar");
		w->when = cmd_kit_is(line, last, "bar") ? DIRECTOR_ON_BAR : DIRECTOR_ON_BEAT;
	} else {
		if (last >= line->count || !str_int(line->words[last], 1, 999, &count))
			return cmd_kit_bad(line, last, column, e, "expected after N beats, with N from 1");
		last++;
		if (!cmd_kit_is(line, last, "beats") && !cmd_kit_is(line, last, "beat"))
			return cmd_kit_bad(line, last, column, e, "expected beats");
		w->when = DIRECTOR_AFTER_BEATS;
	}
	if (last + 1 < line->count)
		return cmd_kit_bad(line, last + 1, column, e, "expected nothing more");
	w->beats = (int)count;
	return true;
}

static bool
cut_words(struct cut_words *w, const struct cmdline *line, int *column, struct err *e)
{
	int at = 1;

	*w = (struct cut_words){ .where = CUT_SWAP };
	if (at < line->count && !cut_is_keyword(line, at)) {
		w->where = cmd_kit_is(line, at, "back") ? CUT_BACK : cmd_kit_is(line, at, "black") ? CUT_BLACK :
		    cmd_kit_is(line, at, "safe") ? CUT_SAFE : CUT_TO;
		w->node = at++;
	}
	if (cmd_kit_is(line, at, "now")) {
		at++;
	} else if (cmd_kit_is(line, at, "on") || cmd_kit_is(line, at, "after")) {
		w->on_clock = true;
		return cut_clock_words(w, line, at, column, e);
	}
	if (at < line->count)
		return cmd_kit_bad(line, at, column, e, "expected now, on beat, on bar, after N beats or nothing more%s",
		    w->where == CUT_TO && at == 2 && !line->quoted[at] ? "; names with blanks stand in quotes" : "");
	return true;
}

static bool
cut_check(const struct cmdline *line, int *column, struct err *e)
{
	struct cut_words w;

	return cut_words(&w, line, column, e);
}

/* A cut that waits for a beat has its instant from the clock. */
static bool
cut_carries_at(const struct cmdline *line)
{
	struct cut_words w;
	struct err ignored;
	int column;

	return cut_words(&w, line, &column, &ignored) && !w.on_clock;
}

static const char *
cut_safe_node(struct cmd_ctx *cx)
{
	const char *id = director_safe(cx->deck->director);

	if (id == NULL)
		err_set(cx->err, ERR_NOT_FOUND, "no camera has the role safe; `role NODE +safe` gives it to one");
	return id;
}

static void
cut_acked(void *arg, const struct ledger_line *line)
{
	cmdq_ack(arg, line);
}

static void
cut_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)took_us;
	cmdq_finish(arg, l, e);
}

/* The source asked for, into ask; false + cx->err. */
static bool
cut_find(struct cmd_ctx *cx, const struct cut_words *w, struct director_ask *ask)
{
	const struct registry_node *n;

	switch (w->where) {
	case CUT_TO:
		n = cmd_kit_node(cx, w->node);
		ask->to = n != NULL ? n->id : NULL;
		return n != NULL;
	case CUT_SAFE:
		ask->to = cut_safe_node(cx);
		return ask->to != NULL;
	case CUT_BACK:
		ask->back = true;
		return true;
	case CUT_BLACK:
		ask->black = true;
		return true;
	case CUT_SWAP:
		break;
	}
	return true;
}

static const char *
cut_name(const struct cmd_ctx *cx, const char *id)
{
	return id != NULL && id[0] != '\0' ? cmd_kit_name(cx->deck, id) : "black";
}

/* "pending: wide in 3 beats" */
static bool
cut_say_pending(struct cmd_ctx *cx, bool swallowed)
{
	struct director_pending p;

	if (!director_pending(cx->deck->director, &p))
		return false;
	cmdq_say(cx->ticket, "%s: %s in %lld beat%s%s", swallowed ? "pending already" : "pending",
	    cut_name(cx, p.to), (long long)p.beats, p.beats == 1 ? "" : "s", cx->from_key ? "; Esc cancels" : "");
	return true;
}

/* A press means a source; sheets and programs count their cuts. */
static void
cut_swallowed(struct cmd_ctx *cx, const struct director_ask *ask)
{
	if (!ask->unless_on) {
		cmdq_say(cx->ticket, "the same cut was done just now: this repeat is swallowed (cut-guard)");
		return;
	}
	(void)autodirector_postpone(cx->deck->autodirector);	/* that it stays is a word of the operator's, too */
	cmdq_say(cx->ticket, "%s is on already: nothing is cut", cut_name(cx, director_program(cx->deck->director)));
}

static enum cmd_result
cut_run(struct cmd_ctx *cx)
{
	struct director_ask ask = { .by = cx->by, .n = cmdq_ticket_number(cx->ticket), .pressed_us = cx->pressed_us,
		.at_us = cx->at_us, .force = cx->line->force || cmdq_ticket_insists(cx->ticket, INSIST_US),
		.unless_on = !cx->from_cue && !cx->line->force };
	struct cut_words w;
	bool swallowed = false;
	int column;

	if (!cut_words(&w, cx->line, &column, cx->err))
		return CMD_ERROR;
	ask.on_clock = w.on_clock;
	if (cx->on_clock && !w.on_clock) {
		ask.on_clock = true;		/* a cue's own beat: what it asks for itself comes first */
		ask.beat = cx->beat;
	}
	if (w.on_clock && !director_beat(cx->deck->director, w.when, w.beats, cx->pressed_us, &ask.beat, cx->err))
		return CMD_ERROR;
	if (!cut_find(cx, &w, &ask) || !director_cut(cx->deck->director, &ask, &swallowed, cut_done, cut_acked,
	    cx->ticket, cx->err))
		return CMD_ERROR;
	if ((!w.on_clock || !cut_say_pending(cx, swallowed)) && swallowed)
		cut_swallowed(cx, &ask);
	return swallowed ? CMD_DONE : CMD_PENDING;
}

const struct cmd_def cmd_cut_def = {
	.name = "cut", .usage = "cut [NODE|back|black|safe] [now|on beat|on bar|after N beats] [--force]", .group = "switch",
	.help = "Changes the program source. Without NODE, program and preview swap; back is the source before, "
	    "safe the one with role +safe, black none. A lost or frozen source needs --force. "
	    "on beat, on bar and after N beats wait for the clock of the show; `cancel` takes a cut back that waits.",
	.min_words = 0, .max_words = 4, .flags = CMD_LOGGED | CMD_FOLLOWS_CLOCK, .effect = CMD_ON_TALLY, .carries_at = cut_carries_at,
	.check = cut_check, .run = cut_run,
};
