/*
 * cmd_key.c - presses keys of the screen as fingers would: one after another, with time between.
 * Never goes past what guards a key: that is the screen's own path.
 */
#include "app/cmd_kit.h"

#include <stdlib.h>
#include <string.h>
#include "app/keyname.h"
#include "base/str.h"

#define BETWEEN_US 250000LL		/* less would be a held key, and nothing would come of it */
#define MOST_KEYS 64

/* What a `key` that is being played remembers. */
struct key_row {
	const struct deck *deck;
	struct cmdq_ticket *ticket;
	struct loop_timer *timer;
	int count, at;
	char keys[MOST_KEYS][KEYNAME_BYTES];
};

/* Every key that the words name, also several in one string; row NULL: the shape alone. */
static bool
key_read(const struct cmdline *line, struct key_row *row, int *column, struct err *e)
{
	struct err why = { .kind = ERR_NONE };
	int count = 0;

	for (int i = 1; i < line->count; i++) {
		char *copy = cmdline_join(line, i), *keep = NULL;
		bool ok = true;

		copy[strlen(line->words[i])] = '\0';
		for (char *word = strtok_r(copy, " ", &keep); ok && word != NULL; word = strtok_r(NULL, " ", &keep)) {
			char key[KEYNAME_BYTES];

			ok = keyname_read(key, word, &why) && (count < MOST_KEYS || err_set(&why, ERR_USAGE, "at most %d keys at once", MOST_KEYS));
			if (ok && row != NULL)
				str_copy(row->keys[count], KEYNAME_BYTES, key);
			count += ok;
		}
		free(copy);
		if (!ok)
			return cmd_kit_bad(line, i, column, e, "%s", why.text);
	}
	if (row != NULL)
		row->count = count;
	return count > 0 || cmd_kit_bad(line, 1, column, e, "expected keys, such as \"Ctrl-R Ctrl-R\"");
}

static bool
key_check(const struct cmdline *line, int *column, struct err *e)
{
	return key_read(line, NULL, column, e);
}

static void
key_end(void *memory)
{
	const struct key_row *row = memory;

	loop_timer_free(row->deck->loop, row->timer);
}

/* After the last one a moment more: what a key pressed twice does, it does a little later. */
static void
key_step(void *arg)
{
	struct key_row *row = arg;
	const struct stage *stage = row->deck->stage;
	struct err why = { .kind = ERR_NONE };

	if (row->at == row->count) {
		cmdq_finish(row->ticket, NULL, NULL);	/* row goes with it */
		return;
	}
	if (stage->key(stage->arg, row->keys[row->at++], &why))
		loop_timer_start(row->deck->loop, row->timer, BETWEEN_US, 0);
	else
		cmdq_finish(row->ticket, NULL, &why);
}

static enum cmd_result
key_run(struct cmd_ctx *cx)
{
	struct key_row *row;
	int column;

	if (cx->deck->stage == NULL || cx->deck->stage->key == NULL)
		return cmd_kit_unseen(cx);
	row = cmdq_ticket_hold_until(cx->ticket, sizeof *row, key_end);
	row->deck = cx->deck;
	row->ticket = cx->ticket;
	if (!key_read(cx->line, row, &column, cx->err))
		return CMD_ERROR;
	row->timer = loop_timer_new(cx->deck->loop, key_step, row);
	loop_timer_start(cx->deck->loop, row->timer, 0, 0);
	return CMD_PENDING;
}

const struct cmd_def cmd_key_def = {
	.name = "key", .usage = "key \"KEY...\"", .group = "cue sheet",
	.help = "Presses these keys of the screen, one each quarter of a second, as fingers would: Space, Ctrl-R, Esc, F5, quote for \", hash for #.",
	.min_words = 1, .max_words = -1, .flags = CMD_LOGGED, .effect = CMD_ON_NOTHING, .check = key_check, .run = key_run,
};
