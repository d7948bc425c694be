/*
 * prompt.c - the `:` line.  Owns its text, cursor and history; never runs anything.
 */
#include "ui/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"

#define PROMPT_BYTES 1024
#define PROMPT_HISTORY 500

struct prompt {
	char text[PROMPT_BYTES];
	size_t len, cursor;		/* bytes, always on character borders */
	char *history[PROMPT_HISTORY];
	int history_count, history_at;	/* at == count: the line being typed */
	char typed[PROMPT_BYTES];	/* kept while walking through the history, which begins with it */
};

struct prompt *
prompt_new(void)
{
	return xcalloc(1, sizeof(struct prompt));
}

void
prompt_free(struct prompt *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < p->history_count; i++)
		free(p->history[i]);
	free(p);
}

static void
set_text(struct prompt *p, const char *text)
{
	str_copy(p->text, sizeof p->text, text);
	p->len = p->cursor = strlen(p->text);
}

void
prompt_open(struct prompt *p, const char *seed)
{
	if (seed != NULL)
		set_text(p, seed);
	p->cursor = p->len;
	p->history_at = p->history_count;
}

static void
insert(struct prompt *p, const char *text, size_t len)
{
	if (p->len + len >= sizeof p->text)
		return;
	memmove(p->text + p->cursor + len, p->text + p->cursor, p->len - p->cursor + 1);
	memcpy(p->text + p->cursor, text, len);
	p->len += len;
	p->cursor += len;
}

static size_t
char_before(const struct prompt *p)
{
	size_t at = p->cursor;

	if (at == 0)
		return 0;
	do
		at--;
	while (at > 0 && ((unsigned char)p->text[at] & 0xc0) == 0x80);
	return at;
}

static size_t
char_after(const struct prompt *p)
{
	uint32_t cp;

	return p->cursor >= p->len ? p->len : p->cursor + str_next(p->text + p->cursor, p->len - p->cursor, &cp);
}

static void
erase(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text + from, p->text + to, p->len - to + 1);
	p->len -= to - from;
	p->cursor = from;
}

static size_t
word_before(const struct prompt *p)
{
	size_t at = p->cursor;

	while (at > 0 && p->text[at - 1] == ' ')
		at--;
	while (at > 0 && p->text[at - 1] != ' ')
		at--;
	return at;
}

/* To the next line that way which begins with what was typed; past the newest stands what was typed itself. */
static void
walk_history(struct prompt *p, int step)
{
	int to = p->history_at;

	if (p->history_at == p->history_count)
		str_copy(p->typed, sizeof p->typed, p->text);
	do
		to += step;
	while (to >= 0 && to < p->history_count && !str_has_prefix(p->history[to], p->typed));
	if (to < 0 || to > p->history_count)
		return;
	p->history_at = to;
	set_text(p, to == p->history_count ? p->typed : p->history[to]);
}

static void
move_or_edit(struct prompt *p, const char *key)
{
	if (strcmp(key, "left") == 0 || strcmp(key, "ctrl-b") == 0)
		p->cursor = char_before(p);
	else if (strcmp(key, "right") == 0 || strcmp(key, "ctrl-f") == 0)
		p->cursor = char_after(p);
	else if (strcmp(key, "home") == 0 || strcmp(key, "ctrl-a") == 0)
		p->cursor = 0;
	else if (strcmp(key, "end") == 0 || strcmp(key, "ctrl-e") == 0)
		p->cursor = p->len;
	else if (strcmp(key, "delete") == 0 || strcmp(key, "ctrl-d") == 0)
		erase(p, p->cursor, char_after(p));
	else if (strcmp(key, "ctrl-w") == 0)
		erase(p, word_before(p), p->cursor);
	else if (strcmp(key, "ctrl-u") == 0)
		erase(p, 0, p->cursor);
	else if (strcmp(key, "ctrl-k") == 0)
		erase(p, p->cursor, p->len);
	else if (strcmp(key, "up") == 0 || strcmp(key, "ctrl-p") == 0)
		walk_history(p, -1);
	else if (strcmp(key, "down") == 0 || strcmp(key, "ctrl-n") == 0)
		walk_history(p, 1);
}

enum prompt_wish
prompt_key(struct prompt *p, const struct input_event *ev)
{
	if (strcmp(ev->key, "enter") == 0)
		return p->len > 0 ? PROMPT_RUNS : PROMPT_CLOSES;
	if (strcmp(ev->key, "esc") == 0) {
		set_text(p, "");	/* dismissed: it must not stand before the next command */
		return PROMPT_CLOSES;
	}
	if (strcmp(ev->key, "backspace") == 0) {
		if (p->len == 0)
			return PROMPT_CLOSES;
		erase(p, char_before(p), p->cursor);
		p->history_at = p->history_count;
	} else if (ev->text[0] != '\0') {
		insert(p, ev->text, strlen(ev->text));
		p->history_at = p->history_count;	/* a line changed is a new one */
	} else
		move_or_edit(p, ev->key);
	return PROMPT_STAYS;
}

int
prompt_lines(const char *bytes, size_t len)
{
	int lines = 0;
	bool is_begun = false;

	for (size_t i = 0; i < len; i++) {
		bool ends = bytes[i] == '\n' || bytes[i] == '\r';

		lines += !ends && !is_begun;
		is_begun = !ends;
	}
	return lines;
}

void
prompt_paste(struct prompt *p, const char *bytes, size_t len)
{
	char clean[PROMPT_BYTES];
	const char *end = memchr(bytes, '\n', len);
	const char *cr = memchr(bytes, '\r', len);

	if (cr != NULL && (end == NULL || cr < end))
		end = cr;
	len = end != NULL ? (size_t)(end - bytes) : len;
	insert(p, clean, str_clean(clean, sizeof clean, bytes, len, PROMPT_BYTES));
}

const char *
prompt_text(const struct prompt *p)
{
	return p->text;
}

void
prompt_visible(const struct prompt *p, int width, char *out, size_t out_size, int *cursor)
{
	char head[PROMPT_BYTES];
	size_t from = 0;
	uint32_t cp;

	memcpy(head, p->text, p->cursor);
	head[p->cursor] = '\0';
	/* Scroll so that the cursor has its own column; counted down, for the line may be long. */
	for (int cells = str_cells(head); cells >= width && from < p->cursor; cells -= str_char_cells(cp))
		from += str_next(head + from, p->cursor - from, &cp);
	*cursor = str_cells(head + from);
	str_cut(out, out_size, p->text + from, width);
}

size_t
prompt_cursor(const struct prompt *p)
{
	return p->cursor;
}

void
prompt_replace(struct prompt *p, size_t from, const char *text)
{
	if (from > p->cursor || p->len - (p->cursor - from) + strlen(text) >= sizeof p->text)
		return;
	erase(p, from, p->cursor);
	insert(p, text, strlen(text));
	p->history_at = p->history_count;
}

void
prompt_remember(struct prompt *p, const char *line)
{
	if (line[0] == '\0' || (p->history_count > 0 && strcmp(p->history[p->history_count - 1], line) == 0))
		return;
	if (p->history_count == PROMPT_HISTORY) {
		free(p->history[0]);
		memmove(p->history, p->history + 1, sizeof p->history[0] * (PROMPT_HISTORY - 1));
		p->history_count--;
	}
	p->history[p->history_count++] = xstrdup(line);
	p->history_at = p->history_count;
}

void
prompt_done(struct prompt *p)
{
	prompt_remember(p, p->text);
	set_text(p, "");
}
