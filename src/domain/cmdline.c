/*
 * cmdline.c - takes one text command apart: the only place that knows quotes, comments, -t and --force.
 * Never knows which verbs exist or what their words mean.
 */
#include "domain/cmdline.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/event.h"

/* One token of the text: bytes begin..end, quotes included. */
struct cmdline_token {
	size_t begin, end;
	bool quoted;		/* the whole of it is one string */
	bool inner_quote;	/* a quote further in: only targets may have that */
	size_t quote_at;	/* where that one is */
};

struct cmdline_scan {
	const char *text;
	size_t len, at;
	struct cmdline *c;
	struct buf rest;
	size_t rest_from;	/* text from here on is not yet in rest */
	size_t bad_at;		/* 0-based, where it went wrong */
	struct err *e;
};

static bool
cmdline_is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

bool
cmdline_is_clean(const char *text, size_t len, int *column, struct err *e)
{
	size_t at, step;
	uint32_t cp;

	for (at = 0; at < len; at += step) {
		step = str_next(text + at, len - at, &cp);
		*column = (int)at + 1;
		if (cp == 0xfffd && (step != 3 || memcmp(text + at, "\xef\xbf\xbd", 3) != 0))
			return err_set(e, ERR_FORMAT, "this byte is not UTF-8; expected UTF-8 text");
		if ((cp < 0x20 && cp != '\t') || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029)
			return err_set(e, ERR_USAGE, "a control character (U+%04X) stands here; expected printable text",
			    (unsigned)cp);
	}
	return true;
}

size_t
cmdline_text_bytes(const char *text, size_t len)
{
	bool in_quotes = false;
	size_t at;

	for (at = 0; at < len; at++) {
		if (text[at] == '"')
			in_quotes = !in_quotes;
		else if (in_quotes && text[at] == '\\')
			at++;
		else if (!in_quotes && text[at] == '#')
			break;
	}
	if (at > len)
		at = len;
	while (at > 0 && cmdline_is_blank(text[at - 1]))
		at--;
	return at;
}

/* at is 0-based in the text. */
static bool
cmdline_fail(struct cmdline_scan *s, size_t at, const char *sentence)
{
	s->bad_at = at;
	return err_set(s->e, ERR_USAGE, "%s", sentence);
}

/* From an opening quote to just past the closing one. */
static bool
cmdline_skip_string(struct cmdline_scan *s, size_t *at)
{
	size_t i, open = *at;

	for (i = open + 1; i < s->len && s->text[i] != '"'; i++) {
		if (s->text[i] != '\\')
			continue;
		if (i + 1 < s->len && s->text[i + 1] != '"' && s->text[i + 1] != '\\')
			return cmdline_fail(s, i, "expected \\\" or \\\\: a backslash in quotes stands only before these two");
		i++;
	}
	if (i >= s->len)
		return cmdline_fail(s, open, "expected a closing quote: this string has no end");
	*at = i + 1;
	return true;
}

/* The token at s->at, which is not a blank; moves past it. */
static bool
cmdline_next(struct cmdline_scan *s, struct cmdline_token *t)
{
	size_t at = s->at;

	memset(t, 0, sizeof(*t));
	t->begin = at;
	t->quoted = s->text[at] == '"';
	while (at < s->len && !cmdline_is_blank(s->text[at])) {
		if (at > t->begin && !t->inner_quote && (t->quoted || s->text[at] == '"')) {
			t->inner_quote = true;
			t->quote_at = at;
		}
		if (s->text[at] != '"')
			at++;
		else if (!cmdline_skip_string(s, &at))
			return false;
	}
	t->quoted = t->quoted && !t->inner_quote;
	t->end = s->at = at;
	return true;
}

static void
cmdline_skip_blanks(struct cmdline_scan *s)
{
	while (s->at < s->len && cmdline_is_blank(s->text[s->at]))
		s->at++;
}

static bool
cmdline_token_is(const struct cmdline_scan *s, const struct cmdline_token *t, const char *word)
{
	return t->end - t->begin == strlen(word) && memcmp(s->text + t->begin, word, t->end - t->begin) == 0;
}

/* The token without its quotes and escapes. */
static char *
cmdline_unquote(const struct cmdline_scan *s, const struct cmdline_token *t)
{
	char *word = xstrndup(s->text + t->begin, t->end - t->begin), *out = word;

	if (!t->quoted)
		return word;
	for (size_t i = t->begin + 1; i + 1 < t->end; i++) {
		if (s->text[i] == '\\')
			i++;
		*out++ = s->text[i];
	}
	*out = '\0';
	return word;
}

/* Adds what stands between the last option and `until` to the rest, joined by one blank. */
static void
cmdline_keep_rest(struct cmdline_scan *s, size_t until)
{
	size_t from = s->rest_from;

	while (from < until && cmdline_is_blank(s->text[from]))
		from++;
	while (until > from && cmdline_is_blank(s->text[until - 1]))
		until--;
	if (until == from)
		return;
	if (s->rest.len > 0)
		buf_add(&s->rest, " ", 1);
	buf_add(&s->rest, s->text + from, until - from);
}

static bool
cmdline_target(struct cmdline_scan *s, const struct cmdline_token *option)
{
	struct cmdline_token value;

	if (s->c->target != NULL)
		return cmdline_fail(s, option->begin, "-t stands here a second time; commas join targets: -t left,wide");
	cmdline_skip_blanks(s);
	if (s->at >= s->len || strncmp(s->text + s->at, "--", 2) == 0)
		return cmdline_fail(s, s->at, "expected targets after -t, such as all, 2, left or @guest");
	if (!cmdline_next(s, &value))
		return false;
	s->c->target = xstrndup(s->text + value.begin, value.end - value.begin);
	return true;
}

/* -t TARGETS and --force; *was says whether the token was one of them. */
static bool
cmdline_option(struct cmdline_scan *s, const struct cmdline_token *t, bool *was)
{
	bool is_target = cmdline_token_is(s, t, "-t");

	*was = is_target || cmdline_token_is(s, t, "--force");
	if (!*was)
		return true;
	if (s->c->count == 0)
		return cmdline_fail(s, t->begin, "expected a command first; -t and --force stand after it");
	cmdline_keep_rest(s, t->begin);
	if (!is_target)
		s->c->force = true;
	else if (!cmdline_target(s, t))
		return false;
	s->rest_from = s->at;
	return true;
}

static bool
cmdline_add_word(struct cmdline_scan *s, const struct cmdline_token *t)
{
	struct cmdline *c = s->c;

	if (t->inner_quote)
		return cmdline_fail(s, t->quote_at, "expected a blank between a quoted string and what stands beside it");
	if (c->count == MAX_COMMAND_WORDS) {
		s->bad_at = t->begin;
		return err_set(s->e, ERR_TOO_BIG, "too many words; expected at most %d (put a long text in quotes)",
		    MAX_COMMAND_WORDS);
	}
	if (c->count == 0)
		s->rest_from = t->end;
	c->words[c->count] = cmdline_unquote(s, t);
	c->quoted[c->count] = t->quoted;
	c->column[c->count] = (int)t->begin + 1;
	c->count++;
	return true;
}

static bool
cmdline_scan_words(struct cmdline_scan *s)
{
	struct cmdline_token t;
	bool is_option;

	for (;;) {
		cmdline_skip_blanks(s);
		if (s->at >= s->len)
			break;
		if (!cmdline_next(s, &t) || !cmdline_option(s, &t, &is_option))
			return false;
		if (!is_option && !cmdline_add_word(s, &t))
			return false;
	}
	if (s->c->count == 0)
		return cmdline_fail(s, s->len, "expected a command");
	return true;
}

/* Cuts the line end, the comment and what is too long off. */
static bool
cmdline_measure(struct cmdline_scan *s)
{
	int column = 1;

	s->len = strnlen(s->text, MAX_COMMAND_LINE + 3);
	if (s->len > 0 && s->text[s->len - 1] == '\n')
		s->len--;
	if (s->len > 0 && s->text[s->len - 1] == '\r')
		s->len--;
	if (s->len > MAX_COMMAND_LINE) {
		s->bad_at = MAX_COMMAND_LINE;
		return err_set(s->e, ERR_TOO_BIG, "the command is too long; expected at most %d bytes", MAX_COMMAND_LINE);
	}
	if (!cmdline_is_clean(s->text, s->len, &column, s->e)) {
		s->bad_at = (size_t)column - 1;
		return false;
	}
	s->len = cmdline_text_bytes(s->text, s->len);
	return true;
}

bool
cmdline_parse(struct cmdline *c, const char *text, int *column, struct err *e)
{
	struct cmdline_scan s = { .text = text, .c = c, .e = e };
	bool ok;

	memset(c, 0, sizeof(*c));
	buf_init(&s.rest, MAX_COMMAND_LINE + 1);
	ok = cmdline_measure(&s) && cmdline_scan_words(&s);
	if (ok) {
		cmdline_keep_rest(&s, s.len);
		c->rest = xstrdup(c->count == 2 && c->quoted[1] ? c->words[1] : buf_text(&s.rest));
	} else if (column != NULL)
		*column = (int)s.bad_at + 1;
	buf_fini(&s.rest);
	return ok;
}

void
cmdline_fini(struct cmdline *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < c->count; i++)
		free(c->words[i]);
	free(c->target);
	free(c->rest);
	memset(c, 0, sizeof(*c));
}

char *
cmdline_join(const struct cmdline *c, int first)
{
	size_t room = 1, at = 0, len;
	char *out;

	for (int i = first; i < c->count; i++)
		room += strlen(c->words[i]) + 1;
	out = xmalloc(room);
	for (int i = first; i < c->count; i++) {
		if (i > first)
			out[at++] = ' ';
		len = strlen(c->words[i]);
		memcpy(out + at, c->words[i], len);
		at += len;
	}
	out[at] = '\0';
	return out;
}

/* Labels must not be any of these: whoever reads a command or a condition must not have to guess. */
static const char *const cmdline_words[] = {
	/* verbs of the console specification */
	"preview", "cut", "cancel", "amend", "strike", "panic", "auto",
	"record", "take", "clap", "fetch", "purge", "wrap",
	"zoom", "flip", "format", "lens", "identify", "say", "standby", "out", "in", "fault",
	"label", "number", "role", "node", "claim", "release", "desk",
	"tempo", "quantum", "downbeat", "countdown", "tag", "name",
	"layout", "view", "graphics", "theme", "keys", "lock", "help", "seen",
	"hook", "osc", "echo", "key", "screen", "set", "archive", "quit",
	/* words of cue sheets */
	"wait", "expect", "try", "must", "finally", "zero", "at", "after", "with", "on", "when", "whenever",
	"repeat", "end", "include", "next", "random", "beat", "beats", "bar", "bars", "clock", "go", "within", "of", "then",
	/* words that stand where a camera's name could stand */
	"all", "program", "start", "stop", "back", "front", "safe", "black", "now", "off",
	/* conditions and the states they ask for */
	"nodes", "event", "armed", "audio", "above", "cuts", "no", "ack",
	"live", "stale", "lost", "idle", "failed",
#define CMDLINE_EVENT(id, name) name,
	EVENT_PUBLIC(CMDLINE_EVENT)
#undef CMDLINE_EVENT
};

bool
cmdline_is_word(const char *text)
{
	for (size_t i = 0; i < sizeof(cmdline_words) / sizeof(cmdline_words[0]); i++)
		if (str_equal_nocase(cmdline_words[i], text))
			return true;
	return false;
}
