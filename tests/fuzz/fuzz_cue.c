/*
 * fuzz_cue.c - any bytes as a cue sheet and the files it includes: lines of dashes part them, and each is called by its number.
 * Aborts when an accepted sheet contradicts itself, or when an error does not say file:line:column.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/cue.h"

#define PART "\n--\n"
#define MAX_PARTS 8
#define MAX_LOADS 40		/* includes that fan out would only take time */

struct parts {
	const char *text[MAX_PARTS];
	size_t len[MAX_PARTS];
	int count, loads;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As wide a language as can be: a word that begins with 'x' is the only one unknown. */
static bool
check(void *arg, const char *text, int *column, struct err *e)
{
	(void)arg;
	XASSERT(text[0] != '\0' && str_is_utf8(text, strlen(text)));
	if (text[0] != 'x')
		return true;
	*column = (int)strlen(text) + 1;
	return err_set(e, ERR_USAGE, "no such command");
}

/* "3", "d/3" and "/3" are the third part. */
static char *
load(void *arg, const char *path, size_t *len, struct err *e)
{
	struct parts *p = arg;
	size_t path_len = strlen(path);
	int index = path_len > 0 ? path[path_len - 1] - '0' : -1;

	if (index < 0 || index >= p->count || p->loads++ > MAX_LOADS) {
		err_set(e, ERR_USAGE, "no such file");
		return NULL;
	}
	*len = p->len[index];
	return xstrndup(p->text[index], p->len[index]);
}

/* xstrndup() ends at a NUL byte, which no part has: cut there, as the first is not. */
static void
part(struct parts *p, const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size, *next;

	while (p->count < MAX_PARTS) {
		next = memmem(text, (size_t)(end - text), PART, strlen(PART));
		p->text[p->count] = text;
		p->len[p->count] = next != NULL ? (size_t)(next - text) : (size_t)(end - text);
		if (p->count > 0)
			p->len[p->count] = strnlen(text, p->len[p->count]);
		p->count++;
		if (next == NULL)
			break;
		text = next + strlen(PART);
	}
}

static void
judge_cue(const struct cue *c)
{
	XASSERT(c->line >= 1 && c->column >= 1 && c->file != NULL);
	XASSERT(c->text != NULL && (c->kind != CUE_LINE || c->text[0] != '\0'));
	XASSERT(str_is_utf8(c->text, strlen(c->text)) && str_is_utf8(c->when_text, strlen(c->when_text)));
	XASSERT(c->time_us >= 0 || (c->when == CUE_WHEN && c->time_us == -1));
	XASSERT(c->when != CUE_AT_BAR || (c->bar >= 1 && c->beats >= 1));
	XASSERT((c->when != CUE_AFTER_BEATS && c->when != CUE_AFTER_BARS) || c->beats > 0);
	XASSERT((c->when != CUE_WHEN && !c->standing) || event_is_public(c->event));
	XASSERT(!c->finally || (c->when == CUE_THEN && c->mood != CUE_MUST && !c->standing && c->depth == 0));
	XASSERT(!c->standing || (c->when == CUE_THEN && c->depth == 0 && !c->is_wait && !c->is_expect && !c->is_zero));
	XASSERT(c->is_wait + c->is_expect + c->is_zero + c->is_quit <= 1);
	XASSERT(c->choice == NULL || (c->choice->count >= 1 && c->choice->tail != NULL && c->choice->key != NULL));
}

static void
judge_sheet(const struct cue_sheet *s)
{
	bool has_anchor = false;
	size_t in_row = 0;
	int depth = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct cue *c = &s->cues[i];

		judge_cue(c);
		XASSERT(c->when != CUE_WITH || has_anchor);
		if (c->kind == CUE_END) {
			XASSERT(s->cues[c->partner].kind == CUE_REPEAT && s->cues[c->partner].partner == i && i > c->partner + 1);
			depth--;
		}
		XASSERT(c->depth == depth && depth >= 0);
		if (c->kind == CUE_REPEAT) {
			XASSERT(c->repeat >= 1 && c->partner > i && c->partner < s->count);
			depth++;
		}
		has_anchor = has_anchor || (c->kind == CUE_LINE && !c->finally && !c->standing);
		in_row += c->kind == CUE_LINE && !c->finally && !c->standing;
		XASSERT(c->number == in_row);
		if (c->name[0] != '\0' && !c->finally && !c->standing)
			XASSERT(cue_sheet_find(s, c->name) == (long)i);
	}
	XASSERT(depth == 0 && s->row_count == in_row);
}

/* What is chosen is a command again, of one of the names. */
static void
play_sheet(const struct cue_sheet *s)
{
	struct cue_chooser *chooser = cue_chooser_new(s->count);

	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < s->count && i < 200; i++) {
			char *text = cue_command(&s->cues[i], chooser), *shown = cue_shown(&s->cues[i]);

			XASSERT(s->cues[i].choice == NULL ? strcmp(text, s->cues[i].text) == 0 : str_has_prefix(text, "cut "));
			XASSERT(strstr(shown, s->cues[i].text) != NULL);
			free(text);
			free(shown);
		}
	cue_chooser_free(chooser);
}

/* ":12:3: " with a sentence behind it; the file's own name may hold colons. */
static bool
has_place(const char *text)
{
	for (const char *at = strchr(text, ':'); at != NULL; at = strchr(at + 1, ':')) {
		const size_t line = strspn(at + 1, "0123456789");
		const size_t column = at[1 + line] == ':' ? strspn(at + 2 + line, "0123456789") : 0;
		const char *behind = at + 2 + line + column;

		if (line > 0 && column > 0 && at[1] != '0' && at[2 + line] != '0' && behind[0] == ':' && behind[1] == ' ' &&
		    behind[2] != '\0')
			return true;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = { .count = 0 };
	struct cue_sheet s;
	struct err e = { .kind = ERR_NONE };

	part(&p, data, size);
	if (cue_sheet_parse(&s, "f0", p.text[0], p.len[0], check, load, &p, &e)) {
		judge_sheet(&s);
		play_sheet(&s);
		cue_sheet_fini(&s);
		return 0;
	}
	XASSERT(s.count == 0 && s.cues == NULL && s.files == NULL);
	XASSERT(has_place(e.text));
	XASSERT(str_is_utf8(e.text, strlen(e.text)));
	return 0;
}
