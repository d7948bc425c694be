/*
 * retell_command.c - commands as a sheet has them: whom they asked by name, what is left to a sheet, what stands in it as a comment.
 * Owns the list of what is replayed.  Each line is checked as a cue sheet would; one that fails is a comment, never a broken sheet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/cmd.h"
#include "app/retell_private.h"
#include "base/str.h"
#include "base/xalloc.h"

#define INSIST_US 3000000LL		/* the same key again within this does what was refused */
#define LONGEST_US 60000000LL		/* lines stand in the order in which commands ended, none took so long */
#define NOTE_CELLS 160

/* ---- Names ---- */

static bool
is_plain(const char *text)
{
	size_t digits = 0;

	for (const char *c = text; *c != '\0'; c++) {
		if (!(*c >= '0' && *c <= '9') && !(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && *c != '_' &&
		    (c == text || strchr("._-", *c) == NULL))
			return false;
		digits += *c >= '0' && *c <= '9';
	}
	return text[0] != '\0' && digits < strlen(text) && !cmdline_is_word(text);
}

/* A dollar would begin a variable; two of them are one. */
char *
retell_quoted(const char *text)
{
	char *out = xmalloc(2 * strlen(text) + 3);
	size_t len = 0;

	out[len++] = '"';
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			out[len++] = '\\';
		else if (*text == '$')
			out[len++] = '$';
		out[len++] = *text;
	}
	out[len++] = '"';
	out[len] = '\0';
	return out;
}

static void
put_word(const char *text, char *out, size_t out_size)
{
	char *quoted = is_plain(text) ? NULL : retell_quoted(text);

	str_copy(out, out_size, quoted != NULL ? quoted : text);
	free(quoted);
}

/* Nobody else has it as a label or a device's name, in any case; nor is it a number, which is another camera. */
static bool
is_sole(const struct retell *r, const struct registry_node *n, const char *name)
{
	if (strspn(name, "0123456789") == strlen(name))
		return false;
	for (size_t i = 0; i < registry_count(r->reg); i++) {
		const struct registry_node *other = registry_at(r->reg, i);

		if (other != n && (str_equal_nocase(other->label, name) || str_equal_nocase(other->info.device_name, name)))
			return false;
	}
	return true;
}

void
retell_name(const struct retell *r, const char *id, const char *fallback, char *out, size_t out_size)
{
	const struct registry_node *n = registry_find(r->reg, id);

	if (n != NULL && n->label[0] != '\0')
		put_word(n->label, out, out_size);
	else if (n != NULL && is_sole(r, n, n->info.device_name))
		put_word(n->info.device_name, out, out_size);
	else
		put_word(n == NULL && fallback[0] != '\0' ? fallback : id, out, out_size);
}

/* "left,wide" */
static void
put_targets(const struct retell *r, struct buf *b, const struct retell_command *c)
{
	char name[2 * MAX_NAME_BYTES + 4];

	for (int i = 0; i < c->target_count; i++) {
		retell_name(r, c->targets[i], "", name, sizeof name);
		buf_add_format(b, "%s%s", i > 0 ? "," : "", name);
	}
}

/* ---- Forced ---- */

const struct retell_command *
retell_command_of(const struct retell *r, int run, int64_t n)
{
	for (size_t i = 0; n > 0 && i < r->command_count; i++)
		if (r->commands[i].run == run && r->commands[i].n == n)
			return &r->commands[i];
	return NULL;
}

bool
retell_is_forced(const struct retell *r, const struct retell_command *c)
{
	if (strstr(c->text, "--force") != NULL)
		return true;
	for (const struct retell_command *before = c; before-- > r->commands && before->run == c->run &&
	    before->asked_us + LONGEST_US >= c->asked_us; )
		if (before->failed && strcmp(before->text, c->text) == 0 && before->asked_us + INSIST_US >= c->asked_us &&
		    before->error != NULL && strstr(before->error, "--force") != NULL)
			return true;
	return false;
}

/* ---- Words ---- */

/* How much of a command a sheet needs to be told anew. */
enum retell_way {
	WAY_TARGETS,			/* whom it asked, then its words */
	WAY_NODE,			/* its first word is a camera */
	WAY_TEXT,			/* as it was typed */
	WAY_NOTE,			/* told in a comment: it changes what is not the show's, or what a replay must not do twice */
	WAY_SILENT			/* nothing: another journal tells it, or it shows something to one person */
};

static const struct { const char *verb; enum retell_way way; } ways[] = {
	{ "record", WAY_TARGETS }, { "clap", WAY_TARGETS }, { "zoom", WAY_TARGETS }, { "flip", WAY_TARGETS }, { "format", WAY_TARGETS },
	{ "lens", WAY_TARGETS }, { "identify", WAY_TARGETS }, { "say", WAY_TARGETS }, { "standby", WAY_TARGETS },
	{ "preview", WAY_NODE }, { "out", WAY_NODE }, { "in", WAY_NODE },
	{ "tag", WAY_TEXT }, { "take", WAY_TEXT }, { "hook", WAY_TEXT }, { "osc", WAY_TEXT }, { "countdown", WAY_TEXT },
	{ "cut", WAY_SILENT }, { "panic", WAY_SILENT }, { "amend", WAY_SILENT }, { "strike", WAY_SILENT }, { "cancel", WAY_SILENT },
	{ "tempo", WAY_SILENT }, { "quantum", WAY_SILENT }, { "downbeat", WAY_SILENT }, { "label", WAY_SILENT }, { "role", WAY_SILENT },
	{ "number", WAY_SILENT }, { "echo", WAY_SILENT }, { "cue", WAY_SILENT }, { "quit", WAY_SILENT }, { "auto", WAY_SILENT },
	{ "key", WAY_SILENT }, { "screen", WAY_SILENT },
};

static enum retell_way
way_of(const char *verb)
{
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		if (strcmp(ways[i].verb, verb) == 0)
			return ways[i].way;
	return WAY_NOTE;
}

/* Its word as a sheet has it; a number, a keyword and a label stand as they are, a string in its quotes. */
static void
put_words(struct buf *b, const struct cmdline *line, int first, int until)
{
	for (int i = first; i < until; i++) {
		char *quoted = line->quoted[i] || strchr(line->words[i], '$') != NULL ? retell_quoted(line->words[i]) : NULL;

		buf_add_format(b, " %s", quoted != NULL ? quoted : line->words[i]);
		free(quoted);
	}
}

/* `in 5s` is over by the instant that the sheet names. */
static int
words_until(const struct cmdline *line)
{
	if (strcmp(line->words[0], "record") == 0 && line->count >= 4 && !line->quoted[line->count - 2] &&
	    strcmp(line->words[line->count - 2], "in") == 0)
		return line->count - 2;
	return line->count;
}

/* Whoever was meant by no -t, by all, a role or a bus is named; whoever was meant by all, and is all by then, too. */
static void
put_asked(const struct retell *r, struct buf *b, const struct retell_command *c, const struct cmdline *line)
{
	const char *verb = line->words[0];
	const bool means_all = line->target == NULL && (strcmp(verb, "record") == 0 || strcmp(verb, "clap") == 0 || strcmp(verb, "identify") == 0);

	if (c->target_count > 0 && !means_all) {
		buf_add_text(b, " -t ");
		put_targets(r, b, c);
	}
}

static void
put_node(const struct retell *r, struct buf *b, const struct retell_command *c, const struct cmdline *line)
{
	char name[2 * MAX_NAME_BYTES + 4];

	if (c->target_count == 1 && line->count > 1) {
		retell_name(r, c->targets[0], line->words[1], name, sizeof name);
		buf_add_format(b, " %s", name);
		put_words(b, line, 2, line->count);
	} else {
		put_words(b, line, 1, line->count);
	}
}

/* Free text is one string, whatever stands in it. */
static void
put_text(struct buf *b, const struct cmdline *line)
{
	const bool is_tag = strcmp(line->words[0], "tag") == 0;
	char *quoted = is_tag ? retell_quoted(line->rest) : NULL;

	if (is_tag)
		buf_add_format(b, " %s", quoted);
	else
		put_words(b, line, 1, line->count);
	free(quoted);
}

/* NULL: a sheet cannot have it. */
static char *
sheet_text(const struct retell *r, const struct retell_command *c, const struct cmdline *line, enum retell_way way)
{
	struct err ignored = { .kind = ERR_NONE };
	struct buf b;
	int column;
	char *text;

	buf_init(&b, MAX_COMMAND_LINE);
	buf_add_text(&b, line->words[0]);
	if (way == WAY_TARGETS) {
		put_asked(r, &b, c, line);
		put_words(&b, line, 1, words_until(line));
	} else if (way == WAY_NODE) {
		put_node(r, &b, c, line);
	} else {
		put_text(&b, line);
	}
	if (retell_is_forced(r, c) && way != WAY_TEXT)
		buf_add_text(&b, " --force");
	text = buf_steal(&b, NULL);
	if (cmd_check_cue(NULL, text, &column, &ignored))
		return text;
	free(text);
	return NULL;
}

/* What lands at a planned instant is planned for the one it took effect at; the rest begins when it was asked for.  Only of a whole command. */
static int64_t
command_at(const struct retell_command *c, const struct cmdline *line)
{
	const struct cmd_def *def = cmd_find(line->words[0]);

	if (def != NULL && def->carries_at != NULL && def->carries_at(line) && c->effect_us != 0)
		return c->effect_us;
	return c->asked_us;
}

static char *
note_of(const struct retell_command *c)
{
	char clean[4 * NOTE_CELLS], why[4 * NOTE_CELLS] = "";

	str_clean(clean, sizeof clean, c->text, strlen(c->text), NOTE_CELLS);
	if (c->error != NULL)
		str_clean(why, sizeof why, c->error, strlen(c->error), NOTE_CELLS);
	return xasprintf("%s%s%s%s", c->failed ? "failed then: " : "not replayed: ", clean, why[0] != '\0' ? ": " : "", why);
}

static void
tell_command(struct retell *r, struct retell_command *c)
{
	struct err ignored = { .kind = ERR_NONE };
	struct cmdline line;
	enum retell_way way;
	char *text = NULL;
	int column;

	if (!cmdline_parse(&line, c->text, &column, &ignored)) {
		cmdline_fini(&line);
		return;
	}
	way = way_of(line.words[0]);
	if (way != WAY_SILENT) {
		if (way != WAY_NOTE && !c->failed)
			text = sheet_text(r, c, &line, way);
		c->is_replayed = text != NULL;
		r->out->commands += c->is_replayed;
		r->out->left_out += !c->is_replayed;
		(void)retell_add(r, c->is_replayed ? command_at(c, &line) : c->asked_us, c->run, text, text == NULL ? note_of(c) : NULL);
	}
	cmdline_fini(&line);
}

void
retell_commands(struct retell *r)
{
	for (size_t i = 0; i < r->command_count; i++)
		tell_command(r, &r->commands[i]);
}
