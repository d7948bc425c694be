/*
 * cmd_screen.c - writes what stands on the screen to a file, as text.
 * Never draws: it waits until what happened before it is there.
 */
#include "app/cmd_kit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "io/diskq.h"

#define DRAWN_US 250000LL		/* the screen is drawn ten times a second at least */

/* What a `screen` that waits remembers. */
struct screen_wish {
	const struct deck *deck;
	struct cmdq_ticket *ticket;
	struct loop_timer *timer;
	char path[PATH_MAX];
};

static void
screen_end(void *memory)
{
	const struct screen_wish *w = memory;

	loop_timer_free(w->deck->loop, w->timer);
}

static void
screen_written(void *arg, const struct err *e)
{
	cmdq_finish(arg, NULL, e);
}

static void
screen_write(void *arg)
{
	struct screen_wish *w = arg;
	const struct stage *stage = w->deck->stage;
	struct err why = { .kind = ERR_NONE };
	char *text = stage->screen(stage->arg, &why);

	if (text != NULL)
		diskq_replace_there(scribe_queue(w->deck->scribe), w->path, text, strlen(text), screen_written, w->ticket);
	else
		cmdq_finish(w->ticket, NULL, &why);
	free(text);
}

/* A slip of the fingers must not write over the show's own files. */
static bool
screen_check(const struct cmdline *line, int *column, struct err *e)
{
	static const char *const own[] = { ".json", ".jsonl", ".lock", ".mp4", ".mov" };
	const char *path = line->words[1];
	const size_t len = strlen(path);

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (len >= strlen(own[i]) && str_equal_nocase(path + len - strlen(own[i]), own[i]))
			return cmd_kit_bad(line, 1, column, e, "a %s is no text of a screen; expected a file such as screen.txt", own[i]);
	if (len == 0 || path[len - 1] == '/')
		return cmd_kit_bad(line, 1, column, e, "expected a file such as screen.txt");
	return len < PATH_MAX || cmd_kit_bad(line, 1, column, e, "the path is too long");
}

static enum cmd_result
screen_run(struct cmd_ctx *cx)
{
	struct screen_wish *w;

	if (cx->deck->stage == NULL || cx->deck->stage->screen == NULL || cx->deck->scribe == NULL)
		return cmd_kit_unseen(cx);
	w = cmdq_ticket_hold_until(cx->ticket, sizeof *w, screen_end);
	w->deck = cx->deck;
	w->ticket = cx->ticket;
	if (!str_at_home(w->path, sizeof w->path, cx->line->words[1])) {
		err_set(cx->err, ERR_REFUSED, "the path is too long");
		return CMD_ERROR;
	}
	w->timer = loop_timer_new(cx->deck->loop, screen_write, w);
	loop_timer_start(cx->deck->loop, w->timer, DRAWN_US, 0);
	return CMD_PENDING;
}

const struct cmd_def cmd_screen_def = {
	.name = "screen", .usage = "screen FILE", .group = "cue sheet",
	.help = "Writes what stands on the screen to FILE, as text, a quarter of a second from now; one that is there is written over.",
	.min_words = 1, .max_words = 1, .flags = CMD_LOGGED, .effect = CMD_ON_NOTHING, .check = screen_check, .run = screen_run,
};
