/*
 * cmd_table.c - the list of commands, found by name and checked for shape.
 * Never runs one, never knows the nodes of the day.
 */
#include "app/cmd_kit.h"

#include <stdio.h>
#include <string.h>
#include "app/settings.h"
#include "base/nearest.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/condition.h"

#define COMMANDS(X) \
	X(preview) X(cut) X(cancel) X(amend) X(strike) X(panic) X(auto) \
	X(record) X(take) X(clap) X(fetch) X(purge) X(archive) X(wrap) \
	X(zoom) X(flip) X(format) X(lens) X(identify) X(out) X(in) X(fault) \
	X(label) X(number) X(role) X(node) X(claim) X(release) \
	X(tempo) X(quantum) X(downbeat) X(countdown) \
	X(tag) X(name) \
	X(layout) X(view) X(graphics) X(theme) X(keys) X(lock) X(help) X(seen) \
	X(cue) X(hook) X(key) X(screen) X(echo) \
	X(set) X(live) X(quit)

#define COMMAND_EXTERN(id) extern const struct cmd_def cmd_##id##_def;
COMMANDS(COMMAND_EXTERN)
#undef COMMAND_EXTERN

#define COMMAND_ENTRY(id) &cmd_##id##_def,
const struct cmd_def *const cmd_table[] = { COMMANDS(COMMAND_ENTRY) NULL };
#undef COMMAND_ENTRY

/* Words of the language that this version does not have. */
static const char *const later_words[] = {
	"say", "standby", "desk",
	"osc",
};
/* What `cue` takes; back and stop are not its alone. */
static const char *const desk_words[] = { "load", "go", "hold", "skip", "jump" };
static const char *const sheet_words[] = { "wait", "expect", "zero" };
/* What stands before commands in a cue sheet, or instead of one. */
static const char *const line_words[] = {
	"at", "after", "with", "on", "when", "whenever", "try", "must", "finally", "repeat", "end", "include",
};

const struct cmd_def *
cmd_find(const char *name)
{
	for (int i = 0; cmd_table[i] != NULL; i++)
		if (strcmp(cmd_table[i]->name, name) == 0)
			return cmd_table[i];
	return NULL;
}

const struct cmd_help *
cmd_help_at(int index)
{
	for (int i = 0; cmd_table[i] != NULL; i++)
		if (i == index)
			return &cmd_table[i]->words;
	return NULL;
}

const struct cmd_help *
cmd_help_of(const char *text)
{
	const size_t len = strcspn(text, " \t");

	for (int i = 0; cmd_table[i] != NULL; i++)
		if (strlen(cmd_table[i]->name) == len && strncmp(cmd_table[i]->name, text, len) == 0)
			return &cmd_table[i]->words;
	return NULL;
}

char *
cmd_shown(const char *text)
{
	const struct cmd_def *def = NULL;
	char verb[64];

	text += strspn(text, " \t");
	snprintf(verb, sizeof verb, "%.*s", (int)strcspn(text, " \t"), text);
	def = cmd_find(verb);
	return def != NULL && def->conceal != NULL ? def->conceal(text) : xstrdup(text);
}

static bool
cmd_is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

static bool
cmd_unknown(const struct cmdline *line, bool in_sheet, int *column, struct err *e)
{
	const char *word = line->words[0], *best = NULL;
	char lower[64];
	int least = nearest_limit(word);

	if (cmd_is_one_of(word, later_words, sizeof later_words / sizeof later_words[0]))
		return cmd_kit_bad(line, 0, column, e, "unknown command \"%s\": this version does not have it yet", word);
	if (cmd_is_one_of(word, sheet_words, sizeof sheet_words / sizeof sheet_words[0]) ||
	    cmd_is_one_of(word, line_words, sizeof line_words / sizeof line_words[0]))
		return cmd_kit_bad(line, 0, column, e, "\"%s\" stands in cue sheets only", word);
	if (cmd_is_one_of(word, desk_words, sizeof desk_words / sizeof desk_words[0]))
		return cmd_kit_bad(line, 0, column, e, "unknown command \"%s\"; `cue %s` is one", word, word);
	for (const struct opt_def *o = settings_table; o->name != NULL; o++)
		if (strcmp(o->name, word) == 0)
			return cmd_kit_bad(line, 0, column, e, "%s is an option: `set %s VALUE` changes it", word, word);
	str_copy(lower, sizeof lower, word);
	for (char *p = lower; *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	for (int i = 0; cmd_table[i] != NULL; i++)
		nearest_try(lower, cmd_table[i]->name, &least, &best);
	for (size_t i = 0; i < sizeof sheet_words / sizeof sheet_words[0]; i++)
		nearest_try(lower, sheet_words[i], &least, &best);
	for (size_t i = 0; in_sheet && i < sizeof line_words / sizeof line_words[0]; i++)
		nearest_try(lower, line_words[i], &least, &best);
	if (best != NULL)
		return cmd_kit_bad(line, 0, column, e, "unknown command \"%s\"; the nearest is \"%s\"", word, best);
	return cmd_kit_bad(line, 0, column, e, "unknown command \"%s\"; `help` lists the commands", word);
}

static bool
cmd_check_target(const struct cmdline *line, const struct cmd_def *def, bool from_cue, int *column, struct err *e)
{
	struct err why = { .kind = ERR_NONE };
	int at;

	if (line->target != NULL && def->target == CMD_NO_TARGET)
		return cmd_kit_bad(line, 0, column, e, "%s takes no -t; expected %s", def->name, def->usage);
	if (line->target != NULL && !target_check(line->target, &at, &why))
		return cmd_kit_bad(line, 0, column, e, "-t %s: %s", line->target, why.text);
	if (line->target == NULL && from_cue && def->target == CMD_TARGET_PREVIEW)
		return cmd_kit_bad(line, line->count, column, e, "expected -t TARGETS: without it %s means the preview source, "
		    "which only a person at the screen can see", def->name);
	return true;
}

bool
cmd_check_line(const struct cmdline *line, bool from_cue, const struct cmd_def **def, int *column, struct err *e)
{
	const struct cmd_def *found = line->count > 0 && !line->quoted[0] ? cmd_find(line->words[0]) : NULL;

	*def = found;
	if (found == NULL)
		return cmd_unknown(line, false, column, e);
	if (line->count - 1 < found->min_words)
		return cmd_kit_bad(line, line->count, column, e, "something is missing; expected %s", found->usage);
	if (found->max_words >= 0 && line->count - 1 > found->max_words)
		return cmd_kit_bad(line, found->max_words + 1, column, e, "too much; expected %s", found->usage);
	if (!cmd_check_target(line, found, from_cue, column, e))
		return false;
	return found->check == NULL || found->check(line, column, e);
}

static bool
cmd_check_text(const char *text, bool from_cue, int *column, struct err *e)
{
	const struct cmd_def *def;
	struct cmdline line;
	bool ok;

	ok = cmdline_parse(&line, text, column, e) && cmd_check_line(&line, from_cue, &def, column, e);
	cmdline_fini(&line);
	return ok;
}

bool
cmd_check(const char *text, int *column, struct err *e)
{
	return cmd_check_text(text, false, column, e);
}

bool
cmd_check_do(const char *text, int *column, struct err *e)
{
	return cmd_check_text(text, true, column, e);
}

/* wait, expect and zero: not in the table, because only a cue player runs them. */
static bool
cmd_check_sheet_word(const struct cmdline *line, int *column, struct err *e)
{
	struct condition c;

	if (strcmp(line->words[0], "zero") != 0)
		return condition_parse(&c, line, 1, column, e);
	return line->count == 1 || cmd_kit_bad(line, 1, column, e, "expected nothing more after zero");
}

bool
cmd_check_cue(void *arg, const char *text, int *column, struct err *e)
{
	const struct cmd_def *def;
	struct cmdline line;
	bool ok;

	(void)arg;
	ok = cmdline_parse(&line, text, column, e);
	if (ok && !line.quoted[0] && cmd_is_one_of(line.words[0], sheet_words, sizeof sheet_words / sizeof sheet_words[0]))
		ok = cmd_check_sheet_word(&line, column, e);
	else if (ok && cmd_find(line.words[0]) == NULL)
		ok = cmd_unknown(&line, true, column, e);
	else if (ok)
		ok = cmd_check_line(&line, true, &def, column, e);
	cmdline_fini(&line);
	return ok;
}
