/*
 * cmd_take.c - take mark: a verdict on a take, appended to the markers; take play: its fetched file, shown or named.
 * Never changes a take, and waits for no player.
 */
#include "app/cmd_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

#define PLAY_PARTS 64

/* ---- The words ---- */

static const char *const verdicts[] = { "good", "ng", "keep", NULL };

static bool
is_verdict(const struct cmdline *line, int word)
{
	for (int i = 0; verdicts[i] != NULL; i++)
		if (cmd_kit_is(line, word, verdicts[i]))
			return true;
	return false;
}

/* Which word the verdict is. */
static int
mark_verdict(const struct cmdline *line)
{
	char take[TAKE_BYTES];

	return cmd_kit_take(line, 2, take) ? 3 : 2;
}

static bool
take_check(const struct cmdline *line, int *column, struct err *e)
{
	char take[TAKE_BYTES];

	if (cmd_kit_is(line, 1, "mark"))
		return is_verdict(line, mark_verdict(line)) || cmd_kit_bad(line, mark_verdict(line), column, e,
		    mark_verdict(line) == 2 ? "expected a take's number, or good, ng or keep" : "expected good, ng or keep");
	if (!cmd_kit_is(line, 1, "play"))
		return cmd_kit_bad(line, 1, column, e, "expected mark or play");
	if (!cmd_kit_take(line, 2, take))
		return cmd_kit_bad(line, 2, column, e, "expected a take's number such as 003");
	if (line->count < 4)
		return cmd_kit_bad(line, 3, column, e, "expected the camera whose file is to be played");
	return line->count == 4 || cmd_kit_bad(line, 4, column, e, "too much; names with blanks stand in quotes");
}

/* Read from its folder when it is an older one. */
static const struct take *
find_take(struct cmd_ctx *cx, const char *number)
{
	const struct take *t = recordall_load(cx->deck->recordall, number) ? recordall_take(cx->deck->recordall, number) : NULL;

	if (t == NULL)
		err_set(cx->err, ERR_NOT_FOUND, "no take %s in this Sphere: `view takes` lists them", number);
	return t;
}

/* ---- Mark ---- */

/* The one named, else the one that rolls, or rolled last. */
static bool
mark_take(struct cmd_ctx *cx, char out[static TAKE_BYTES])
{
	const struct take *newest = recordall_newest(cx->deck->recordall);

	if (cmd_kit_take(cx->line, 2, out))
		return find_take(cx, out) != NULL;
	if (newest == NULL)
		return err_set(cx->err, ERR_NOT_FOUND, "there is no take yet to be marked");
	return str_copy(out, TAKE_BYTES, newest->take);
}

struct mark {
	struct cmdq_ticket *ticket;
	char said[MAX_TEXT_FIELD];
};

static void
mark_written(void *arg, const struct err *e)
{
	struct mark *m = arg;

	if (e->kind == ERR_NONE)
		cmdq_say(m->ticket, "%s", m->said);
	cmdq_finish(m->ticket, NULL, e);
}

static enum cmd_result
mark_run(struct cmd_ctx *cx)
{
	const int at = mark_verdict(cx->line);
	char take[TAKE_BYTES], *text, clean[MAX_TEXT_FIELD];
	struct mark *m;
	struct jdoc *line;

	if (!mark_take(cx, take))
		return CMD_ERROR;
	text = cmd_kit_text(cx->line, at + 1);
	str_clean(clean, sizeof clean, text, strlen(text), MAX_TEXT_FIELD);
	free(text);
	line = jdoc_object();
	jdoc_set_text(line, "take", take);
	jdoc_set_text(line, "verdict", cx->line->words[at]);
	if (clean[0] != '\0')
		jdoc_set_text(line, "text", clean);
	m = cmdq_ticket_hold(cx->ticket, sizeof *m);
	m->ticket = cx->ticket;
	snprintf(m->said, sizeof m->said, "take %s: %s%s%.200s", take, cx->line->words[at], clean[0] != '\0' ? ", " : "", clean);
	scribe_add(cx->deck->scribe, SCRIBE_MARKERS, "mark", cx->pressed_us, line, mark_written, m);
	return CMD_PENDING;
}

/* ---- Play ---- */

struct play {
	struct cmdq_ticket *ticket;
	char path[1024];		/* of its first file */
};

/* From the root on: whoever reads it may sit in another folder. */
static void
play_path(const struct cmd_ctx *cx, const struct take *t, const char *file, char *out, size_t out_size)
{
	char folder[4096], *whole, *path;

	rushes_folder(cx->deck->rushes, t, folder, sizeof folder);
	whole = folder[0] == '/' ? NULL : realpath(folder, NULL);
	path = xasprintf("%s/%s", whole != NULL ? whole : folder, file);
	str_copy(out, out_size, path);
	free(path);
	free(whole);
}

/* Why there is nothing to play yet: the first part tells. */
static bool
play_refuse(struct cmd_ctx *cx, const struct take *t, const struct take_device *d, const char *name)
{
	const struct haul_news *news;

	if (d->part_count == 0)
		return err_set(cx->err, ERR_NOT_FOUND, "%s has no file in take %s: %.150s", name, t->take,
		    d->reason[0] != '\0' ? d->reason : d->state <= TAKE_STOPPING ? "it has not stopped yet" : "none was told");
	if (d->parts[0].state == TAKE_FAILED)
		return err_set(cx->err, ERR_NOT_FOUND, "the file of %s in take %s was given up: %.120s; `fetch %s` tries again", name, t->take,
		    d->parts[0].reason, t->take);
	news = cx->deck->rushes != NULL ? rushes_news(cx->deck->rushes, t->take, d->node, d->parts[0].part) : NULL;
	if (news != NULL && news->total_bytes > 0)
		return err_set(cx->err, ERR_NOT_FOUND, "the file of %s in take %s is on its way: %d %% are here", name, t->take,
		    (int)(100 * news->bytes / news->total_bytes));
	return err_set(cx->err, ERR_NOT_FOUND, "the file of %s in take %s is still on the camera: `fetch %s` brings it home", name, t->take,
	    t->take);
}

static void
play_started(void *arg, const struct err *e)
{
	struct play *p = arg;

	if (e->kind == ERR_NONE)
		cmdq_say(p->ticket, "plays %s", p->path);
	else
		cmdq_say(p->ticket, "the file is %s", p->path);
	cmdq_finish(p->ticket, NULL, e);
}

/* The name as the operator reads it: the label it had then, else what it is called now. */
static const char *
play_name(const struct cmd_ctx *cx, const struct take_device *d)
{
	return d->label[0] != '\0' ? d->label : cmd_kit_name(cx->deck, d->node);
}

static enum cmd_result
play_open(struct cmd_ctx *cx, const struct take *t, const struct take_device *d)
{
	struct play *p = cmdq_ticket_hold(cx->ticket, sizeof *p);
	char (*paths)[4096] = cmdq_ticket_hold(cx->ticket, PLAY_PARTS * sizeof *paths);
	const char *files[PLAY_PARTS], *why_not = player_why_not();
	int count = 0;

	for (int i = 0; i < d->part_count && count < PLAY_PARTS; i++) {
		if (d->parts[i].state != TAKE_FETCHED && d->parts[i].state != TAKE_VERIFIED)
			continue;
		play_path(cx, t, d->parts[i].file, paths[count], sizeof paths[0]);
		files[count] = paths[count];
		count++;
	}
	if (count == 0) {
		play_refuse(cx, t, d, play_name(cx, d));
		return CMD_ERROR;
	}
	p->ticket = cx->ticket;
	str_copy(p->path, sizeof p->path, paths[0]);
	if (cx->deck->player != NULL && why_not == NULL)
		return player_open(cx->deck->player, files, count, play_started, p, cx->err) ? CMD_PENDING : CMD_ERROR;
	for (int i = 0; i < count; i++)		/* the path first: a row may be short */
		cmdq_say(cx->ticket, "%s (%s no window is opened)", paths[i], why_not != NULL ? why_not : "here");
	return CMD_DONE;
}

static enum cmd_result
play_run(struct cmd_ctx *cx)
{
	const struct take *t;
	const struct registry_node *n;
	char number[TAKE_BYTES];

	t = cmd_kit_take(cx->line, 2, number) ? find_take(cx, number) : NULL;
	n = t != NULL ? cmd_kit_node(cx, 3) : NULL;
	if (n == NULL)
		return CMD_ERROR;
	for (int i = 0; i < t->device_count; i++)
		if (strcmp(t->devices[i].node, n->id) == 0)
			return play_open(cx, t, &t->devices[i]);
	err_set(cx->err, ERR_NOT_FOUND, "%s was not asked in take %s", registry_name(n), number);
	return CMD_ERROR;
}

/* ---- The command ---- */

static enum cmd_result
take_run(struct cmd_ctx *cx)
{
	return cmd_kit_is(cx->line, 1, "mark") ? mark_run(cx) : play_run(cx);
}

const struct cmd_def cmd_take_def = {
	.name = "take", .usage = "take mark [TAKE] good|ng|keep [TEXT] | take play TAKE NODE", .group = "roll",
	.help = "mark: notes what a take is worth, with a few words; without a number, the newest one. play: opens a camera's "
	    "fetched file in the program that the setting player names; over SSH it says where the file is.",
	.min_words = 2, .max_words = -1, .flags = CMD_LOGGED, .effect = CMD_ON_NOTHING, .check = take_check, .run = take_run,
};
