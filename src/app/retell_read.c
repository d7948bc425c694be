/*
 * retell_read.c - what the journals of a folder tell of cuts, commands and the clock, as plain values.
 * Owns the lists until retell_forget().  Never judges: that a cut was struck is only noted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/retell_private.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"
#include "io/journal.h"
#include "io/sphere.h"

/* Room for one more, doubled when the count is a power of two. */
static void *
grown(void *list, size_t count, size_t size)
{
	return (count & (count - 1)) == 0 ? xreallocarray(list, count == 0 ? 1 : 2 * count, size) : list;
}

/* Each journal begins a run with the same word. */
static void
open_run(struct retell *r, const struct jdoc *line)
{
	const char *run = jdoc_text(line, "run", "");

	for (r->run = 0; r->run < r->run_count; r->run++)
		if (strcmp(r->runs[r->run], run) == 0)
			return;
	if (r->run_count == RETELL_RUNS) {
		r->run = RETELL_RUNS - 1;
		return;
	}
	r->runs = xreallocarray(r->runs, (size_t)r->run_count + 1, sizeof *r->runs);
	str_copy(r->runs[r->run_count++], sizeof r->runs[0], run);
}

static bool
is_type(const struct jdoc *line, const char *type)
{
	return strcmp(jdoc_text(line, "type", ""), type) == 0;
}

static void
copy_id(const struct jdoc *line, const char *key, char out[static ID_BYTES])
{
	jdoc_clean(line, key, out, ID_BYTES);
}

/* ---- Cuts ---- */

static void
read_cut(struct retell *r, int64_t seq, const struct jdoc *line)
{
	struct retell_cut *c;

	r->cuts = grown(r->cuts, r->cut_count, sizeof *r->cuts);
	c = &r->cuts[r->cut_count++];
	*c = (struct retell_cut){ .seq = seq, .at_us = jdoc_int(line, "timeUs", 0), .n = jdoc_int(line, "command", 0), .run = r->run,
		.is_rehearsal = jdoc_bool(line, "rehearsal", false), .on_clock = jdoc_has(line, "quantum") && jdoc_has(line, "beat"),
		.beat = jdoc_real(line, "beat", 0) };
	copy_id(line, "to", c->to);
	jdoc_clean(line, "label", c->label, sizeof c->label);
	jdoc_clean(line, "by", c->by, sizeof c->by);
	jdoc_clean(line, "reason", c->reason, sizeof c->reason);
}

static struct retell_cut *
find_cut(struct retell *r, int64_t seq)
{
	for (size_t i = r->cut_count; i > 0; i--)
		if (r->cuts[i - 1].seq == seq)
			return &r->cuts[i - 1];
	return NULL;
}

static void
read_strike(struct retell *r, const struct jdoc *line)
{
	const struct jdoc *of = jdoc_get(line, "of");

	for (size_t i = 0; i < jdoc_count(of); i++) {
		struct retell_cut *c = find_cut(r, jdoc_self_int(jdoc_at(of, i), 0));

		if (c != NULL)
			c->struck_by = jdoc_self_int(jdoc_at(of, 0), 0);
	}
}

static void
hear_cuts(void *arg, int64_t seq, const struct jdoc *line)
{
	struct retell *r = arg;
	struct retell_cut *c;

	if (is_type(line, "open"))
		open_run(r, line);
	else if (is_type(line, "cut"))
		read_cut(r, seq, line);
	else if (is_type(line, "strike"))
		read_strike(r, line);
	else if (is_type(line, "amend") && (c = find_cut(r, jdoc_int(line, "of", 0))) != NULL) {
		c->is_amended = true;
		copy_id(line, "to", c->amended);
	}
}

/* ---- Commands ---- */

static int64_t
slowest_us(const struct jdoc *answers)
{
	double slowest_ms = 0;

	for (size_t i = 0; i < jdoc_count(answers); i++) {
		const double ms = jdoc_real(jdoc_at(answers, i), "ms", 0);

		if (ms > slowest_ms && ms < 3600000)
			slowest_ms = ms;
	}
	return (int64_t)(slowest_ms * 1000);
}

static int64_t
earliest_us(const struct jdoc *answers)
{
	int64_t earliest = 0;

	for (size_t i = 0; i < jdoc_count(answers); i++) {
		const struct jdoc *a = jdoc_at(answers, i);
		const int64_t at_us = jdoc_int(a, "effectUs", 0);

		if (strcmp(jdoc_text(a, "result", ""), "ok") == 0 && at_us != 0 && (earliest == 0 || at_us < earliest))
			earliest = at_us;
	}
	return earliest;
}

static void
read_targets(struct retell_command *c, const struct jdoc *line)
{
	const struct jdoc *list = jdoc_get(line, "targets");
	const size_t count = jdoc_count(list);

	c->targets = count > 0 ? xcalloc(count, sizeof *c->targets) : NULL;
	for (size_t i = 0; i < count && i < MAX_NODES; i++) {
		const char *id = jdoc_self_text(jdoc_at(list, i), "");

		(void)str_clean(c->targets[c->target_count++], ID_BYTES, id, strlen(id), ID_BYTES);
	}
}

/* A sheet is printable text; whoever wrote the journal may have let something else in. */
static char *
clean_text(const char *text)
{
	const size_t len = strlen(text), room = 3 * len + 1;
	char *out = xmalloc(room);

	(void)str_clean(out, room, text, len, MAX_COMMAND_LINE);
	return out;
}

/* Before every command said when it was asked for, its line came when the last answer was in. */
static void
hear_commands(void *arg, int64_t seq, const struct jdoc *line)
{
	struct retell *r = arg;
	const struct jdoc *answers = jdoc_get(line, "answers");
	const char *error = jdoc_text(line, "error", NULL);
	struct retell_command *c;

	(void)seq;
	if (is_type(line, "open"))
		open_run(r, line);
	if (!is_type(line, "command"))
		return;
	r->commands = grown(r->commands, r->command_count, sizeof *r->commands);
	c = &r->commands[r->command_count++];
	*c = (struct retell_command){ .n = jdoc_int(line, "n", 0), .run = r->run, .effect_us = earliest_us(answers),
		.asked_us = jdoc_int(line, "plannedUs", jdoc_int(line, "requestedUs", jdoc_int(line, "timeUs", 0) - slowest_us(answers))),
		.text = clean_text(jdoc_text(line, "text", "")), .error = error != NULL ? xstrdup(error) : NULL,
		.failed = strcmp(jdoc_text(line, "result", ""), "failed") == 0 };
	read_targets(c, line);
}

/* ---- The clock ---- */

static void
hear_beats(void *arg, int64_t seq, const struct jdoc *line)
{
	struct retell *r = arg;
	struct retell_beat *b;

	(void)seq;
	if (is_type(line, "open"))
		open_run(r, line);
	if (!is_type(line, "beat"))
		return;
	r->beats = grown(r->beats, r->beat_count, sizeof *r->beats);
	b = &r->beats[r->beat_count++];
	*b = (struct retell_beat){ .at_us = jdoc_int(line, "timeUs", 0), .run = r->run, .runs = jdoc_bool(line, "runs", false),
		.beat = jdoc_real(line, "beat", 0), .bpm = jdoc_real(line, "bpm", 0), .downbeat = (double)jdoc_int(line, "downbeat", 0),
		.quantum = (int)jdoc_int(line, "quantum", 4) };
	if (b->bpm < BEAT_BPM_MIN || b->bpm > BEAT_BPM_MAX || b->quantum < 1 || b->quantum > BEAT_QUANTUM_MAX)
		b->runs = false;
}

/* ---- All ---- */

static bool
read_one(struct retell *r, const char *name, void (*hear)(void *arg, int64_t seq, const struct jdoc *line), struct err *e)
{
	char *path = xasprintf("%s/sidecars/%s.jsonl", r->folder, name), *said = r->out->damaged;
	const size_t said_len = strlen(said);
	bool ok;

	r->run = 0;
	ok = journal_read(path, hear, r, e);
	if (ok && journal_is_damaged(path))
		snprintf(said + said_len, sizeof r->out->damaged - said_len, "%s%s", said_len > 0 ? ", " : "", name);
	free(path);
	return ok;
}

bool
retell_read(struct retell *r, struct err *e)
{
	struct err ignored = { .kind = ERR_NONE };

	if (!sphere_peek(r->folder, r->reg, e) || !read_one(r, "cuts", hear_cuts, e))
		return false;
	(void)read_one(r, "commands", hear_commands, &ignored);
	(void)read_one(r, "timebase", hear_beats, &ignored);
	return true;
}

void
retell_forget(struct retell *r)
{
	for (size_t i = 0; i < r->command_count; i++) {
		free(r->commands[i].text);
		free(r->commands[i].error);
		free(r->commands[i].targets);
	}
	for (size_t i = 0; i < r->item_count; i++) {
		free(r->items[i].text);
		free(r->items[i].note);
	}
	free(r->commands);
	free(r->items);
	free(r->cuts);
	free(r->beats);
	free(r->runs);
	registry_free(r->reg);
}
