/*
 * cmd_cue.c - the show caller's words: loads a cue sheet, lets its cues go, holds it, moves to another cue, ends it.
 * What a cue does is the player's; this one only carries the words to the desk.
 */
#include "app/cmd_kit.h"

#include <limits.h>
#include "app/cuedesk.h"
#include "base/str.h"
#include "base/nearest.h"

enum cue_word { CUE_WORD_LOAD, CUE_WORD_GO, CUE_WORD_HOLD, CUE_WORD_SKIP, CUE_WORD_BACK, CUE_WORD_JUMP, CUE_WORD_STOP, CUE_WORDS };

static const char *const cue_words[CUE_WORDS] = { "load", "go", "hold", "skip", "back", "jump", "stop" };

static enum cue_word
cue_word_of(const struct cmdline *line)
{
	int word = 0;

	while (word < CUE_WORDS && !cmd_kit_is(line, 1, cue_words[word]))
		word++;
	return (enum cue_word)word;
}

static bool
cue_no_such_word(const struct cmdline *line, int *column, struct err *e)
{
	const char *word = line->words[1], *best = NULL;
	int least = nearest_limit(word);

	for (int i = 0; i < CUE_WORDS; i++)
		nearest_try(word, cue_words[i], &least, &best);
	return cmd_kit_bad(line, 1, column, e, "expected load FILE, go, hold, skip, back, jump NAME or stop%s%s%s",
	    best != NULL ? "; the nearest is \"" : "", best != NULL ? best : "", best != NULL ? "\"" : "");
}

static bool
cue_check(const struct cmdline *line, int *column, struct err *e)
{
	const enum cue_word word = cue_word_of(line);
	const bool takes_more = word == CUE_WORD_LOAD || word == CUE_WORD_JUMP;

	if (word == CUE_WORDS)
		return cue_no_such_word(line, column, e);
	if (takes_more && line->count < 3)
		return cmd_kit_bad(line, 2, column, e, word == CUE_WORD_LOAD ? "expected a cue sheet's file" : "expected a cue's name");
	return takes_more || line->count == 2 || cmd_kit_bad(line, 2, column, e, "expected nothing more");
}

/* "podcast.cue 14/31, held; next: on go "sponsor"  cut host" */
static void
cue_say(struct cmdq_ticket *ticket, const struct cuedesk *c)
{
	struct cuedesk_word w;

	cuedesk_say(c, &w);
	if (w.next[0] == '\0')
		cmdq_say(ticket, "%s: %s", w.file, w.over ? "over" : "no cue is left");
	else
		cmdq_say(ticket, "%s %d/%d%s; next: %s", w.file, w.at, w.count, w.held ? ", held" : !w.playing ? ", `cue go` begins it" : "", w.next);
}

struct cue_loading {
	struct cmdq_ticket *ticket;
	const struct cuedesk *desk;
};

static void
cue_loaded(void *arg, const struct err *e)
{
	struct cue_loading *loading = arg;

	if (e->kind == ERR_NONE)
		cue_say(loading->ticket, loading->desk);
	cmdq_finish(loading->ticket, NULL, e);
}

static enum cmd_result
cue_load(struct cmd_ctx *cx)
{
	struct cue_loading *loading = cmdq_ticket_hold(cx->ticket, sizeof *loading);

	char path[PATH_MAX];

	loading->ticket = cx->ticket;
	loading->desk = cx->deck->cuedesk;
	if (!str_at_home(path, sizeof path, cx->line->words[2])) {
		err_set(cx->err, ERR_REFUSED, "the path is too long");
		return CMD_ERROR;
	}
	return cuedesk_load(cx->deck->cuedesk, path, cue_loaded, loading, cx->err) ? CMD_PENDING : CMD_ERROR;
}

static bool
cue_tell(struct cmd_ctx *cx, enum cue_word word)
{
	struct cuedesk *c = cx->deck->cuedesk;

	switch (word) {
	case CUE_WORD_GO:
		return cuedesk_go(c, cx->from_key, cx->err);
	case CUE_WORD_HOLD:
		return cuedesk_hold(c, cx->err);
	case CUE_WORD_SKIP:
		return cuedesk_skip(c, cx->err);
	case CUE_WORD_BACK:
		return cuedesk_back(c, cx->err);
	case CUE_WORD_JUMP:
		return cuedesk_jump(c, cx->line->words[2], cx->err);
	case CUE_WORD_STOP:
		return cuedesk_stop(c, cx->err);
	case CUE_WORD_LOAD:
	case CUE_WORDS:
		break;
	}
	return false;
}

static enum cmd_result
cue_run(struct cmd_ctx *cx)
{
	const enum cue_word word = cue_word_of(cx->line);

	if (cx->deck->cuedesk == NULL) {
		err_set(cx->err, ERR_REFUSED, "no cue sheet plays here; a console, `run` and `rehearse` have them");
		return CMD_ERROR;
	}
	if (word == CUE_WORD_LOAD)
		return cue_load(cx);
	if (!cue_tell(cx, word))
		return CMD_ERROR;
	if (word != CUE_WORD_GO && word != CUE_WORD_STOP)
		cue_say(cx->ticket, cx->deck->cuedesk);
	return CMD_DONE;
}

const struct cmd_def cmd_cue_def = {
	.name = "cue", .usage = "cue load FILE|go|hold|skip|back|jump NAME|stop", .group = "cue sheet",
	.help = "Plays a cue sheet beside the operator. load reads and checks it; go begins it, lets the cue that waits for `on go` run, and goes "
	    "on after hold. skip, back and jump move to another cue, which then waits for go. stop runs its finally lines, and ends it.",
	.min_words = 1, .max_words = 2, .effect = CMD_ON_NOTHING, .check = cue_check, .run = cue_run,
};
