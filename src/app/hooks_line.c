/*
 * hooks_line.c - a hook as the configuration has it: NAME or EVENT, run or post, and what.
 * Owns nothing.  No shell is ever asked: the words of a line are the words that the program gets.
 */
#include "app/hooks_private.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

/* The next word, quotes taken off; NULL: there is none, or a quote is open (then e says so).  Heap. */
static char *
next_word(const char **at, struct err *e)
{
	const char *p = *at + strspn(*at, " \t");
	char *word = xmalloc(strlen(p) + 1);
	bool is_quoted = false, any = false;
	size_t len = 0;

	for (; *p != '\0' && (is_quoted || (*p != ' ' && *p != '\t')); p++) {
		any = true;
		if (*p == '"') {
			is_quoted = !is_quoted;
			continue;
		}
		if (is_quoted && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		word[len++] = *p;
	}
	word[len] = '\0';
	*at = p;
	if (any && !is_quoted)
		return word;
	free(word);
	if (is_quoted)
		err_set(e, ERR_USAGE, "a quote is open; expected \" at its end");
	return NULL;
}

static bool
is_name(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (strchr("._-", *c) == NULL && !(*c >= '0' && *c <= '9') && !(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z'))
			return false;
	return text[0] != '\0' && strlen(text) < HOOKS_NAME;
}

static bool
take_event(struct hook *hook, const char *word, struct err *e)
{
	const char *best;

	if (event_parse_public(word, &hook->event))
		return true;
	best = event_nearest(word);
	return best != NULL ? err_set(e, ERR_USAGE, "there is no event \"%.60s\"; the nearest is \"%s\"", word, best) :
	    err_set(e, ERR_USAGE, "there is no event \"%.60s\"; expected one such as cut, program-lost or stopped-unasked", word);
}

static bool
take_name(struct hook *hook, const char *word, struct err *e)
{
	if (word == NULL)
		return err_set(e, ERR_USAGE, "expected %s run PROGRAM or %s post URL", hook->is_on ? "EVENT" : "NAME", hook->is_on ? "EVENT" : "NAME");
	if (hook->is_on && !take_event(hook, word, e))
		return false;
	if (!is_name(word))
		return err_set(e, ERR_USAGE, "\"%.60s\" is no name for a hook; expected letters, digits, . _ -, %d at most", word, HOOKS_NAME - 1);
	str_copy(hook->name, sizeof hook->name, word);
	return true;
}

static bool
take_program(struct hook *hook, const char *at, struct err *e)
{
	char *word, path[PATH_MAX];
	int count = 0;

	for (; (word = next_word(&at, e)) != NULL; count++) {
		if (count == HOOKS_WORDS) {
			free(word);
			return err_set(e, ERR_USAGE, "a program has %d words at most", HOOKS_WORDS);
		}
		hook->argv[count] = word;
	}
	if (e->kind != ERR_NONE)
		return false;
	if (count == 0 || hook->argv[0][0] == '\0')
		return err_set(e, ERR_USAGE, "expected a PROGRAM after run");
	if (!str_at_home(path, sizeof path, hook->argv[0]))
		return err_set(e, ERR_USAGE, "the program's path is too long");
	free(hook->argv[0]);
	hook->argv[0] = xstrdup(path);
	return true;
}

static bool
take_url(struct hook *hook, const char *at, struct err *e)
{
	const char *host;
	char *more;

	hook->url = next_word(&at, e);
	if (hook->url == NULL)
		return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "expected a URL after post");
	host = str_has_prefix(hook->url, "http://") ? hook->url + 7 : str_has_prefix(hook->url, "https://") ? hook->url + 8 : "";
	if (host[0] == '\0' || host[0] == '/' || strchr(hook->url, ' ') != NULL || strlen(hook->url) > HOOKS_URL)
		return err_set(e, ERR_USAGE, "\"%.100s\" is no URL; expected http://HOST... or https://HOST...", hook->url);
	more = next_word(&at, e);
	if (more == NULL)
		return e->kind == ERR_NONE;
	free(more);
	return err_set(e, ERR_USAGE, "expected nothing after the URL");
}

static bool
take_line(struct hook *hook, const char *line, struct err *e)
{
	const char *at = line;
	char *name = next_word(&at, e), *verb = NULL;
	bool ok = e->kind == ERR_NONE && take_name(hook, name, e);

	free(name);
	if (!ok)
		return false;
	verb = next_word(&at, e);
	if (verb != NULL && strcmp(verb, "run") == 0)
		ok = take_program(hook, at, e);
	else if (verb != NULL && strcmp(verb, "post") == 0)
		ok = take_url(hook, at, e);
	else
		ok = err_set(e, ERR_USAGE, "expected run PROGRAM or post URL after %s", hook->name);
	free(verb);
	return ok;
}

struct hook *
hooks_line_parse(const char *line, bool is_on, struct err *e)
{
	struct hook *hook = xcalloc(1, sizeof *hook);
	struct err why = { .kind = ERR_NONE };

	hook->is_on = is_on;
	list_init(&hook->waiting);
	if (take_line(hook, line, &why))
		return hook;
	if (e != NULL)
		*e = why;
	hooks_line_free(hook);
	return NULL;
}

void
hooks_line_free(struct hook *hook)
{
	for (int i = 0; hook->argv[i] != NULL; i++)
		free(hook->argv[i]);
	free(hook->url);
	free(hook);
}

bool
hooks_check(const char *line, struct err *e)
{
	struct hook *hook = hooks_line_parse(line, false, e);

	if (hook == NULL)
		return false;
	hooks_line_free(hook);
	return true;
}

bool
hooks_check_on(const char *line, struct err *e)
{
	struct hook *hook = hooks_line_parse(line, true, e);

	if (hook == NULL)
		return false;
	hooks_line_free(hook);
	return true;
}
