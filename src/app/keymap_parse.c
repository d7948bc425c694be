/*
 * keymap_parse.c - a file of keys becomes a set.  Refuses what no single key may do; never reads a file itself.
 */
#include "app/keymap_private.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/cmd_help.h"
#include "app/keyname.h"
#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/cmdline.h"

#define COMMAND_BYTES 300		/* with its cameras' ids in it, it must still fit where keys keep it */

struct parser {
	struct keymap *map;
	bool has_base;
	int bindings;
};

/* ---- keys ---- */

/* "ctrl-x": a letter that the terminal does not send for another key, and that is not the shell's. */
static bool
check_ctrl(const char *key, struct err *e)
{
	static const struct { char letter; const char *why; } taken[] = {
		{ 'c', "it says how to quit" }, { 'z', "it says how to quit" }, { 'h', "terminals send it for backspace" },
		{ 'i', "it is tab" }, { 'j', "it is enter" }, { 'm', "it is enter" },
	};

	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
		if (key[5] == taken[i].letter)
			return err_set(e, ERR_USAGE, "`%s` cannot be another key: %s", key, taken[i].why);
	return true;
}

/* The key's own name from what people write: Ctrl-R, F5, hash. */
static bool
read_key(char key[static KEYNAME_BYTES], const char *word, struct err *e)
{
	if (!keyname_read(key, word, e))
		return false;
	if (strcmp(key, "esc") == 0)
		return err_set(e, ERR_USAGE, "`esc` always cancels and closes: it cannot be another key");
	if (str_has_prefix(key, "alt-"))	/* the terminal sends Esc and the character: these begin other sequences */
		return strchr("[]OP_^X", key[4]) == NULL || err_set(e, ERR_USAGE, "`%s` begins sequences of the terminal's own", key);
	if (strcmp(key, "ctrl-\\") == 0)
		return err_set(e, ERR_USAGE, "`%s` cannot be another key: it says how to quit", key);
	return !keyname_is_ctrl(key) || check_ctrl(key, e);
}

/* ---- what a key may do ---- */

static bool
is_modified(const char *key)
{
	return str_has_prefix(key, "ctrl-") || (key[0] == 'f' && key[1] >= '0' && key[1] <= '9');
}

/* A digit is its camera in every set: nothing else may be learned for it. */
static bool
check_digit(const char *key, const char *command, struct err *e)
{
	char own[8];
	const char *at;

	if (key[1] != '\0' || key[0] < '0' || key[0] > '9')
		return true;
	snprintf(own, sizeof own, "%%%s", key[0] == '0' ? "10" : key);
	at = strstr(command, own);
	return (at != NULL && !isdigit((unsigned char)at[strlen(own)])) || err_set(e, ERR_USAGE,
	    "the digit %s is camera %s in every set; expected a command on it, such as `preview %s`", key, own + 1, own + 1);
}

static bool
check_force(const char *key, const struct cmdline *line, struct err *e)
{
	const char *verb = line->words[0];

	if (!line->force || ((strcmp(verb, "flip") == 0 || strcmp(verb, "zoom") == 0) && str_has_prefix(key, "alt-")))
		return true;
	if (strcmp(verb, "flip") == 0 || strcmp(verb, "zoom") == 0)
		return err_set(e, ERR_USAGE, "--force needs a modifier: expected a key such as alt-%c", verb[0]);
	return err_set(e, ERR_USAGE, "--force is never a key: what was refused is done by the same key again within 3 s");
}

/* What no single key does, in no set. */
static bool
check_danger(const char *key, const struct cmdline *line, struct err *e)
{
	static const char *const never[] = { "quit", "purge", "wrap", "node", "claim", "release", "desk", "number", "role", "key", "live" };
	const char *verb = line->words[0];

	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		if (strcmp(verb, never[i]) == 0)
			return err_set(e, ERR_USAGE, "`%s` is never a key: it is typed; `prompt %s` opens the prompt with it", verb, verb);
	if (strcmp(verb, "record") == 0 && (line->count < 2 || strcmp(line->words[1], "start") != 0))
		return err_set(e, ERR_USAGE, "`record stop` is never a key: the key of `record start` asks while a take rolls");
	if (strcmp(verb, "record") == 0 && !is_modified(key))
		return err_set(e, ERR_USAGE, "`record start` is never a bare key; expected ctrl-x or f1 to f12");
	return check_force(key, line, e);
}

/* ---- commands ---- */

/* Placeholders as words that the command's own check takes. */
static bool
sample(char *out, size_t out_size, const char *command, struct err *e)
{
	size_t len = 0;

	for (const char *p = command; *p != '\0' && len + 24 < out_size; p++) {
		const char *put = "1";

		if (*p != '%') {
			out[len++] = *p;
			continue;
		}
		p++;
		if (*p == '+' || *p == '-')
			put = "2.0 over 200ms";
		else if (isdigit((unsigned char)*p) && *p != '0')
			while (isdigit((unsigned char)p[1]))
				p++;
		else if (*p == '\0' || strchr("pfa", *p) == NULL)
			return err_set(e, ERR_USAGE, "%%%c means nothing; expected %%p, %%f, %%a, %%+, %%- or a camera's number such as %%3", *p != '\0' ? *p : ' ');
		len += (size_t)snprintf(out + len, out_size - len, "%s", put);
	}
	out[len] = '\0';
	return true;
}

static bool
all_digits(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0' && strlen(text) <= 3 && text[0] != '0';
}

/* What was seen is what is meant: a camera goes by the number on the screen, no camera is the preview source shown. */
static char *
by_what_is_shown(const char *command, const struct cmdline *line)
{
	static const char *const on_one[] = { "preview", "cut", "amend" }, *const on_preview[] = { "zoom", "flip", "format", "lens" };
	const char *verb = line->words[0], *rest = command + strcspn(command, " ");

	rest += strspn(rest, " ");
	for (size_t i = 0; i < sizeof on_one / sizeof on_one[0]; i++)
		if (strcmp(verb, on_one[i]) == 0 && line->count > 1 && all_digits(line->words[1]) && !line->quoted[1])
			return xasprintf("%s %%%s", verb, rest);
	if (strcmp(verb, "cut") == 0 && (line->count < 2 || strcmp(line->words[1], "now") == 0 || strcmp(line->words[1], "on") == 0 ||
	    strcmp(line->words[1], "after") == 0))
		return xasprintf("cut %%p%s%s", rest[0] != '\0' ? " " : "", rest);
	for (size_t i = 0; i < sizeof on_preview / sizeof on_preview[0]; i++)
		if (strcmp(verb, on_preview[i]) == 0 && line->target == NULL)
			return xasprintf("%s -t %%p%s%s", verb, rest[0] != '\0' ? " " : "", rest);
	return xstrdup(command);
}

/* The command as it is kept; NULL: it cannot be a key. */
static char *
read_command(const char *key, const char *command, struct err *e)
{
	char text[MAX_COMMAND_LINE];
	struct cmdline line;
	char *kept = NULL;
	int column;
	bool ok;

	if (strlen(command) > COMMAND_BYTES) {
		err_set(e, ERR_TOO_BIG, "a key's command has at most %d bytes", COMMAND_BYTES);
		return NULL;
	}
	if (!sample(text, sizeof text, command, e))
		return NULL;
	ok = cmdline_parse(&line, text, &column, e) && check_danger(key, &line, e) && cmd_check(text, &column, e);
	cmdline_fini(&line);
	if (ok && cmdline_parse(&line, command, &column, e)) {
		kept = by_what_is_shown(command, &line);
		cmdline_fini(&line);
	}
	if (kept != NULL && !check_digit(key, kept, e)) {
		free(kept);
		kept = NULL;
	}
	return kept;
}

/* ---- the set being made ---- */

static void
entry_clear(struct keymap_entry *entry)
{
	free((char *)entry->key);
	free((char *)entry->command);
	free((char *)entry->words);
	free((char *)entry->help);
}

static char *
copy_of(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

static void
add_entry(struct keymap *k, const struct keymap_entry *from)
{
	struct keymap_entry *to = &k->own[k->count++];

	*to = *from;
	to->key = xstrdup(from->key);
	to->command = xstrdup(from->command);
	to->words = copy_of(from->words);
	to->help = copy_of(from->help);
}

static void
take_base(struct keymap *k, const struct keymap *base)
{
	for (int i = 0; i < k->count; i++)
		entry_clear(&k->own[i]);
	k->count = 0;
	for (int i = 0; i < base->count; i++)
		add_entry(k, &base->entries[i]);
}

/* hot: only what it does while hot cuts are on, or only what it does else; both: all of it. */
enum which { ONLY_HOT, ONLY_COLD, BOTH };

static bool
drop_key(struct keymap *k, const char *key, enum which which)
{
	int kept = 0, count = k->count;

	for (int i = 0; i < count; i++) {
		bool is_hot = k->own[i].guard == KEY_HOT;
		bool goes = strcmp(k->own[i].key, key) == 0 && (which == BOTH || is_hot == (which == ONLY_HOT));

		if (goes)
			entry_clear(&k->own[i]);
		else
			k->own[kept++] = k->own[i];
	}
	k->count = kept;
	return kept < count;
}

/* On the key line stands what stood there for the same command: "X cut" where it was "SPACE cut". */
static char *
words_like(const struct keymap *k, const char *key, const char *command)
{
	char name[KEYNAME_BYTES];

	if (str_has_prefix(command, "preview "))
		return NULL;		/* "1-9,0 preview" speaks of ten keys */
	keymap_key_words(name, sizeof name, key);
	for (int i = 0; i < k->count; i++) {
		const struct keymap_entry *other = &k->own[i];
		const char *blank = other->words != NULL && strcmp(other->command, command) == 0 ? strrchr(other->words, ' ') : NULL;

		if (blank != NULL && strcmp(command, "record start") != 0)
			return xasprintf("%s%s", name, blank);
		if (blank != NULL)
			return xasprintf("%s %s roll", name, name);
	}
	return NULL;
}

static const char *
help_like(const struct keymap *k, const char *command)
{
	for (int i = 0; i < k->count; i++)
		if (strcmp(k->own[i].command, command) == 0 && k->own[i].help != NULL && !str_has_prefix(command, "preview "))
			return k->own[i].help;
	return command;
}

/* command is taken over. */
static bool
bind_key(struct parser *p, const char *key, char *command, struct err *e)
{
	const struct keymap_action *action = keymap_action_find(command);
	struct keymap *k = p->map;
	struct keymap_entry fresh = { .key = key, .command = command, .guard = keymap_guard_of(command) };
	char *words = words_like(k, key, command), *help = xstrdup(help_like(k, command));

	fresh.words = words;
	fresh.help = help;
	/* The way out works on whatever key it is. */
	fresh.while_locked = action != NULL ? action->while_locked : strcmp(fresh.command, "panic") == 0;
	drop_key(k, key, fresh.guard == KEY_HOT ? ONLY_HOT : ONLY_COLD);
	if (k->count < KEYMAP_ENTRIES)
		add_entry(k, &fresh);
	else
		err_set(e, ERR_TOO_BIG, "more than %d keys", KEYMAP_ENTRIES);
	free(words);
	free(help);
	free(command);
	return e->kind == ERR_NONE;
}

static bool
read_base(struct parser *p, const char *rest, struct err *e)
{
	const struct keymap *base = keymap_builtin(rest);
	char clean[48];

	if (base == NULL) {
		str_clean(clean, sizeof clean, rest, strlen(rest), 24);
		return err_set(e, ERR_USAGE, "`base %s`: expected atem, voctomix or nle", clean);
	}
	if (p->has_base || p->bindings > 0)
		return err_set(e, ERR_USAGE, "`base` stands once, before all keys");
	p->has_base = true;
	take_base(p->map, base);
	return true;
}

static bool
read_binding(struct parser *p, const char *word, const char *rest, struct err *e)
{
	char key[KEYNAME_BYTES], *command;

	p->bindings++;
	if (!read_key(key, word, e))
		return false;
	if (rest[0] == '\0')
		return err_set(e, ERR_USAGE, "nothing stands behind `%s`; expected a command, or `unbind %s`", key, key);
	if (keymap_action_find(rest) == NULL)
		command = read_command(key, rest, e);
	else if (strchr(rest, ' ') != NULL && !str_has_prefix(rest, "prompt "))
		return err_set(e, ERR_USAGE, "expected nothing behind `%.*s`", (int)strcspn(rest, " "), rest);
	else
		command = check_digit(key, rest, e) ? xstrdup(rest) : NULL;
	return command != NULL && bind_key(p, key, command, e);
}

static bool
read_unbind(struct parser *p, const char *rest, struct err *e)
{
	char key[KEYNAME_BYTES];

	p->bindings++;
	return read_key(key, rest, e) && (drop_key(p->map, key, BOTH) ||
	    err_set(e, ERR_USAGE, "`%s` does nothing that could be taken from it", key));
}

/* One line without its comment and the blanks around it. */
static bool
read_line(struct parser *p, char *line, struct err *e)
{
	char *rest = line + strcspn(line, " ");

	if (*rest != '\0')
		*rest++ = '\0';
	rest += strspn(rest, " ");
	if (strcmp(line, "base") == 0)
		return read_base(p, rest, e);
	if (strcmp(line, "unbind") == 0)
		return read_unbind(p, rest, e);
	return read_binding(p, line, rest, e);
}

/* A set that nobody could leave, or type in, is none. */
static bool
check_whole(const struct keymap *k, const char *file, struct err *e)
{
	static const char *const needed[] = { "prompt", "lock-keys", "show-help" };

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		bool has = false;

		for (int j = 0; j < k->count; j++)
			has = has || strcmp(k->own[j].command, needed[i]) == 0;
		if (!has)
			return err_set(e, ERR_USAGE, "%s: no key does `%s`; expected a line such as `x %s`", file, needed[i], needed[i]);
	}
	return true;
}

static bool
read_text(struct parser *p, const char *file, const char *text, size_t len, struct err *e)
{
	int number = 1, column;

	for (size_t at = 0; at < len; number++) {
		const char *line = text + at, *end = memchr(line, '\n', len - at);
		size_t all = end != NULL ? (size_t)(end - line) : len - at, used;
		bool ok;

		at += all + 1;
		all -= all > 0 && line[all - 1] == '\r';
		used = cmdline_text_bytes(line, all);
		ok = used < MAX_COMMAND_LINE - 1 || err_set(e, ERR_TOO_BIG, "a line has at most %d bytes", MAX_COMMAND_LINE - 2);
		if (ok && cmdline_is_clean(line, used, &column, e)) {
			char *copy = xstrndup(line, used), *start = copy + strspn(copy, " \t");

			for (char *tab = start; (tab = strchr(tab, '\t')) != NULL;)
				*tab = ' ';	/* guards know commands by blanks */
			ok = *start == '\0' || read_line(p, start, e);
			free(copy);
		} else
			ok = false;
		if (!ok) {
			err_prefix(e, "%s:%d", file, number);
			return false;
		}
	}
	return check_whole(p->map, file, e);
}

struct keymap *
keymap_parse(const char *file, const char *text, size_t len, struct err *e)
{
	struct err why = { .kind = ERR_NONE };
	struct keymap *k = xcalloc(1, sizeof *k);
	struct parser p = { .map = k };

	k->own = xcalloc(KEYMAP_ENTRIES + 1, sizeof *k->own);
	k->entries = k->own;
	keymap_set_name(k, file);
	take_base(k, keymap_builtin("atem"));
	if (read_text(&p, file, text, len, &why))
		return k;
	if (e != NULL)
		*e = why;
	keymap_free(k);
	return NULL;
}

void
keymap_free(struct keymap *k)
{
	if (k == NULL)
		return;
	for (int i = 0; i < k->count; i++)
		entry_clear(&k->own[i]);
	free(k->own);
	free(k);
}
