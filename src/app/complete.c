/*
 * complete.c - completion at the prompt.  Owns the little grammar of which word may stand where; never runs a command.
 */
#include "app/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "app/cmd_help.h"
#include "app/keymap.h"
#include "app/settings.h"
#include "base/opt.h"
#include "base/str.h"
#include "domain/event.h"
#include "domain/roles.h"

/* ---- the words typed so far ---- */

struct typed {
	char verb[32], first[64], before[64];	/* the verb, its first word, the word before this one */
	char word[COMPLETE_BYTES];		/* what is there of this one */
	size_t from;
	int at;					/* 0: this is the verb; options and targets do not count */
	bool is_target;				/* it follows -t */
};

static size_t
word_end(const char *text, size_t at, size_t end)
{
	bool quoted = false;

	for (; at < end && (quoted || text[at] != ' '); at++) {
		if (text[at] == '"')
			quoted = !quoted;
		else if (quoted && text[at] == '\\' && at + 1 < end)
			at++;
	}
	return at;
}

static void
keep(char *out, size_t out_size, const char *text, size_t len)
{
	len = len < out_size - 1 ? len : out_size - 1;
	memcpy(out, text, len);
	out[len] = '\0';
}

/* A whole word before the one in question. */
static void
pass_word(struct typed *t, const char *text, size_t len)
{
	bool was_target = t->is_target;

	keep(t->before, sizeof t->before, text, len);
	t->is_target = strcmp(t->before, "-t") == 0;
	if (was_target || t->is_target || strcmp(t->before, "--force") == 0)
		return;
	if (t->at == 0)
		keep(t->verb, sizeof t->verb, text, len);
	else if (t->at == 1)
		keep(t->first, sizeof t->first, text, len);
	t->at++;
}

static void
take_apart(struct typed *t, const char *text, size_t cursor)
{
	size_t at = 0;

	memset(t, 0, sizeof *t);
	for (;;) {
		size_t end;

		while (at < cursor && text[at] == ' ')
			at++;
		end = word_end(text, at, cursor);
		if (end == cursor) {
			t->from = at;
			keep(t->word, sizeof t->word, text + at, end - at);
			return;
		}
		pass_word(t, text + at, end - at);
		at = end;
	}
}

/* ---- candidates ---- */

/* What counts of a word when it is compared: without its opening quote. */
static const char *
bare(const char *word)
{
	return word[0] == '"' ? word + 1 : word;
}

static void
offer(struct complete *c, const char *typed, const char *text)
{
	if (text[0] == '\0' || strncasecmp(bare(text), bare(typed), strlen(bare(typed))) != 0 || c->count == COMPLETE_WORDS)
		return;
	for (int i = 0; i < c->count; i++)
		if (strcmp(c->words[i], text) == 0)
			return;
	str_copy(c->words[c->count++], COMPLETE_BYTES, text);
}

/* "a|b|c" */
static void
offer_list(struct complete *c, const char *typed, const char *list)
{
	char one[64];

	while (list != NULL && *list != '\0') {
		size_t len = strcspn(list, "|");

		keep(one, sizeof one, list, len);
		offer(c, typed, one);
		list += len + (list[len] == '|');
	}
}

static void
offer_names(struct complete *c, const char *typed, const char *const *names)
{
	char word[COMPLETE_BYTES];

	for (; names != NULL && *names != NULL; names++) {
		str_word(word, sizeof word, *names);
		offer(c, typed, word);
	}
}

/* As it must be typed: in quotes where it would not be one word, or would be a list, a role or an exclusion. */
static void
node_word(char *out, size_t out_size, const char *name)
{
	if (strpbrk(name, ",#@\\") != NULL || name[0] == '-')
		str_json(out, out_size, name);
	else
		str_word(out, out_size, name);
}

static void
offer_nodes(struct complete *c, const char *typed, const struct show *show)
{
	bool by_number = typed[0] >= '0' && typed[0] <= '9';
	char word[COMPLETE_BYTES];

	for (int i = 0; show != NULL && i < show->tile_count; i++) {
		if (by_number && show->tiles[i].number > 0) {
			snprintf(word, sizeof word, "%d", show->tiles[i].number);
			offer(c, typed, word);
		}
		node_word(word, sizeof word, show->tiles[i].name);
		offer(c, typed, word);
	}
}

/* Every role, with what stands before it: '@' for targets, '+' or '-' for a change. */
static void
offer_roles(struct complete *c, const char *typed, char sign)
{
	char word[48];

	for (int i = 0; i < ROLE_COUNT; i++) {
		snprintf(word, sizeof word, "%c%s", sign, roles_name(1u << i));
		offer(c, typed, word);
	}
}

/* The last part of "left,@guest,-to"; what stands before it stays. */
static void
offer_targets(struct complete *c, struct typed *t, const struct show *show)
{
	const char *part = t->word, *p = t->word;
	bool quoted = false;

	for (; *p != '\0'; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ',' && !quoted)
			part = p + 1;
	}
	part += part[0] == '-';		/* left out: the same names */
	c->from = t->from + (size_t)(part - t->word);
	memmove(t->word, part, strlen(part) + 1);
	offer_list(c, t->word, "all|@program|@preview");
	offer_roles(c, t->word, '@');
	offer_nodes(c, t->word, show);
}

static void
offer_settings(struct complete *c, const char *typed)
{
	for (const struct opt_def *def = settings_table; def->name != NULL; def++)
		offer(c, typed, def->name);
}

static void
offer_values(struct complete *c, const char *typed, const char *setting)
{
	for (const struct opt_def *def = settings_table; def->name != NULL; def++) {
		if (strcmp(def->name, setting) != 0)
			continue;
		if (def->type == OPT_CHOICE)
			offer_list(c, typed, def->choices);
		else
			offer_list(c, typed, def->type == OPT_BOOL ? "on|off" : def->def);
	}
}

static void
offer_commands(struct complete *c, const char *typed)
{
	for (int i = 0; cmd_help_at(i) != NULL; i++)
		offer(c, typed, cmd_help_at(i)->name);
}

static void
offer_events(struct complete *c, const char *typed)
{
	for (int kind = 0; kind < EV_PUBLIC_KINDS; kind++)
		offer(c, typed, event_name((enum event_kind)kind));
}

/* Newest first. */
static void
offer_takes(struct complete *c, const char *typed, const struct show *show)
{
	for (int i = 0; show != NULL && i < show->take_count; i++)
		offer(c, typed, show->takes[i].take);
}

/* ---- which word may stand where ---- */

enum kind { K_WORDS, K_NODE, K_ORDER, K_THEME, K_KEYS, K_SETTING, K_VALUE, K_COMMAND, K_ROLE, K_EVENT, K_TAKE, K_HOOK, K_FILE };

static const struct rule {
	const char *verb;
	int at;				/* which word; 0: any from the first on */
	const char *first;		/* only when the first word is this */
	enum kind kind;
	const char *words;
} rules[] = {
	{ "preview", 1, NULL, K_NODE, NULL }, { "amend", 1, NULL, K_NODE, NULL }, { "in", 1, NULL, K_NODE, NULL },
	{ "out", 1, NULL, K_NODE, NULL }, { "label", 1, NULL, K_NODE, NULL }, { "number", 1, NULL, K_NODE, NULL },
	{ "cut", 1, NULL, K_NODE, NULL }, { "cut", 1, NULL, K_WORDS, "back|black|safe" },
	{ "cut", 0, NULL, K_WORDS, "now|on|after" },
	{ "role", 1, NULL, K_NODE, NULL }, { "role", 2, NULL, K_ROLE, NULL }, { "role", 3, NULL, K_ROLE, NULL },
	{ "node", 1, NULL, K_WORDS, "add|forget" }, { "node", 2, "forget", K_NODE, NULL },
	{ "record", 1, NULL, K_WORDS, "start|stop" },
	{ "take", 1, NULL, K_WORDS, "mark|play" }, { "take", 2, "mark", K_TAKE, "good|ng|keep" }, { "take", 3, "mark", K_WORDS, "good|ng|keep" },
	{ "take", 2, "play", K_TAKE, NULL }, { "take", 3, "play", K_NODE, NULL }, { "fetch", 1, NULL, K_TAKE, NULL },
	{ "tempo", 1, NULL, K_WORDS, "tap" }, { "tempo", 2, NULL, K_WORDS, "--everyone" },
	{ "cue", 1, NULL, K_WORDS, "load|go|hold|skip|back|jump|stop" },
	{ "auto", 1, NULL, K_WORDS, "on|off" }, { "countdown", 2, NULL, K_WORDS, "off" },
	{ "fault", 1, NULL, K_NODE, NULL }, { "fault", 2, NULL, K_WORDS, "late=2s|refuse=record|drop=0.1|freeze-after=0s|die-after=0s|"
	    "heat-stop-after=5s|disk=64M|silent-after=0s|clock=+350ms|drift=40ppm|bitrate=200k|off" }, { "fault", 3, NULL, K_WORDS, "for" },
	{ "purge", 1, NULL, K_TAKE, NULL }, { "claim", 1, NULL, K_WORDS, "on|off|pin" },
	{ "wrap", 1, NULL, K_WORDS, "--release" }, { "clap", 1, NULL, K_WORDS, "silent" },
	{ "flip", 1, NULL, K_WORDS, "front|back" }, { "lens", 1, NULL, K_WORDS, "lock|unlock" },
	{ "layout", 1, NULL, K_WORDS, "sheet|switch|quad|single" }, { "layout", 2, "sheet", K_WORDS, "1|4|9|16|25" },
	{ "view", 1, NULL, K_WORDS, "sheet|health|arm|takes|mesh|log|help" },
	{ "view", 2, "health", K_ORDER, NULL },
	{ "view", 2, "log", K_NODE, NULL }, { "view", 2, "log", K_EVENT, NULL }, { "view", 3, "log", K_EVENT, NULL },
	{ "graphics", 1, NULL, K_WORDS, "next|auto|sixel|symbols|none" }, { "theme", 1, NULL, K_THEME, NULL },
	{ "keys", 1, NULL, K_KEYS, NULL }, { "lock", 1, NULL, K_WORDS, "on|off" }, { "help", 1, NULL, K_COMMAND, NULL },
	{ "cue", 2, "load", K_FILE, NULL }, { "screen", 1, NULL, K_FILE, NULL }, { "hook", 1, NULL, K_HOOK, NULL },
	{ "set", 1, NULL, K_SETTING, NULL }, { "set", 2, NULL, K_VALUE, NULL },
};

static void
offer_rule(struct complete *c, const struct rule *r, const struct typed *t, const struct complete_world *w)
{
	switch (r->kind) {
	case K_WORDS:
		offer_list(c, t->word, r->words);
		break;
	case K_NODE:
		offer_nodes(c, t->word, w->show);
		break;
	case K_THEME:
		offer_names(c, t->word, w->themes);
		break;
	case K_KEYS:
		offer_names(c, t->word, w->key_sets);
		break;
	case K_ORDER:
		offer_names(c, t->word, w->orders);
		break;
	case K_SETTING:
		offer_settings(c, t->word);
		break;
	case K_VALUE:
		offer_values(c, t->word, t->first);
		break;
	case K_COMMAND:
		offer_commands(c, t->word);
		break;
	case K_ROLE:
		offer_roles(c, t->word, t->word[0] == '-' ? '-' : '+');
		break;
	case K_EVENT:
		offer_events(c, t->word);
		break;
	case K_HOOK:
		offer_names(c, t->word, w->hooks);
		break;
	case K_FILE:
		offer_names(c, t->word, w->files);
		break;
	case K_TAKE:
		offer_list(c, t->word, r->words);
		offer_takes(c, t->word, w->show);
		break;
	}
}

static bool
is_for(const struct rule *r, const struct typed *t)
{
	return strcmp(r->verb, t->verb) == 0 && (r->at == 0 || r->at == t->at) && (r->first == NULL || strcmp(r->first, t->first) == 0);
}

bool
complete_wants_files(const char *text, size_t cursor, char word[static COMPLETE_BYTES])
{
	struct typed t;

	take_apart(&t, text, cursor);
	str_copy(word, COMPLETE_BYTES, bare(t.word));
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (rules[i].kind == K_FILE && !t.is_target && is_for(&rules[i], &t))
			return true;
	return false;
}

static const char *
usage_of(const char *verb)
{
	const struct cmd_help *cmd = cmd_help_of(verb);

	return cmd != NULL ? cmd->usage : NULL;
}

static void
offer_words(struct complete *c, const struct typed *t, const struct complete_world *w)
{
	bool on_clock = strcmp(t->verb, "cut") == 0 && strcmp(t->before, "on") == 0;

	if (on_clock) {
		offer_list(c, t->word, "beat|bar");
		return;
	}
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (is_for(&rules[i], t))
			offer_rule(c, &rules[i], t, w);
	if (t->word[0] == '-' && c->usage != NULL && strstr(c->usage, "-t T") != NULL)
		offer(c, t->word, "-t");
	if (t->word[0] == '-' && c->usage != NULL && strstr(c->usage, "--force") != NULL)
		offer(c, t->word, "--force");
}

/* A folder's files come next: it stays open, without the quote behind it. */
static bool
opens_folder(char *word)
{
	const size_t len = strlen(word);

	if (len > 2 && strcmp(word + len - 2, "/\"") == 0) {
		word[len - 1] = '\0';
		return true;
	}
	return len > 0 && word[len - 1] == '/';
}

/* What all candidates begin with, whole characters only. */
static void
find_common(struct complete *c)
{
	size_t len = c->count > 0 ? strlen(c->words[0]) : 0;

	for (int i = 1; i < c->count; i++) {
		size_t same = 0;

		while (same < len && c->words[i][same] == c->words[0][same])
			same++;
		len = same;
	}
	while (len > 0 && c->count > 1 && ((unsigned char)c->words[0][len] & 0xc0) == 0x80)
		len--;
	keep(c->common, sizeof c->common, c->count > 0 ? c->words[0] : "", len);
	c->is_whole = c->count == 1 && !opens_folder(c->common);
}

bool
complete_word(struct complete *out, const char *text, size_t cursor, const struct complete_world *world)
{
	struct typed t;

	memset(out, 0, offsetof(struct complete, words));
	out->usage = NULL;
	take_apart(&t, text, cursor);
	out->from = t.from;
	if (t.at == 0 && !t.is_target) {
		offer_commands(out, t.word);
	} else {
		out->usage = usage_of(t.verb);
		if (t.is_target)
			offer_targets(out, &t, world->show);
		else
			offer_words(out, &t, world);
	}
	find_common(out);
	return out->count > 0;
}
