/*
 * cue_line.c - words and strings of a cue sheet's line, and where in the file a complaint points.
 * Owns nothing; knows no word of the language.
 */
#include "domain/cue_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/str.h"
#include "base/xalloc.h"

#define CUE_MAX_FILE_CELLS 96		/* of the file's name in an error: the sentence needs room too */

static bool
cue_complain(struct cue_reader *r, const char *file, int line, size_t column, const char *sentence)
{
	char shown[4 * CUE_MAX_FILE_CELLS];
	const char *from = strlen(file) > CUE_MAX_FILE_CELLS ? strrchr(file, '/') : NULL;

	from = from != NULL ? from + 1 : file;
	str_clean(shown, sizeof(shown), from, strlen(from), CUE_MAX_FILE_CELLS);
	return err_set(r->e, ERR_USAGE, "%s:%d:%zu: %s", shown, line, column, sentence);
}

bool
cue_fail_raw(struct cue_reader *r, size_t at, const char *format, ...)
{
	char sentence[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	return cue_complain(r, r->stack[r->files_open - 1], r->line, at + 1, sentence);
}

bool
cue_fail(struct cue_reader *r, size_t at, const char *format, ...)
{
	char sentence[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	/* past the end: a word that is missing stands there */
	return cue_fail_raw(r, at <= r->len ? r->from[at] : r->from[r->len] + (at - r->len), "%s", sentence);
}

bool
cue_fail_place(struct cue_reader *r, const char *file, int line, int column, const char *format, ...)
{
	char sentence[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	return cue_complain(r, file, line, (size_t)column, sentence);
}

static bool
cue_is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

void
cue_skip_blanks(struct cue_reader *r)
{
	while (r->at < r->len && cue_is_blank(r->text[r->at]))
		r->at++;
}

struct cue_word
cue_word_at(const struct cue_reader *r, size_t *at)
{
	struct cue_word w;

	while (*at < r->len && cue_is_blank(r->text[*at]))
		(*at)++;
	w.begin = *at;
	w.text = r->text + *at;
	while (*at < r->len && !cue_is_blank(r->text[*at]) && r->text[*at] != '"')
		(*at)++;
	w.len = *at - w.begin;
	return w;
}

bool
cue_word_is(const struct cue_word *w, const char *pattern)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*')
		return w->len >= len - 1 && memcmp(w->text, pattern, len - 1) == 0;
	return w->len == len && memcmp(w->text, pattern, len) == 0;
}

bool
cue_word_copy(const struct cue_word *w, char *out, size_t out_size)
{
	if (w->len >= out_size)
		return false;
	memcpy(out, w->text, w->len);
	out[w->len] = '\0';
	return true;
}

size_t
cue_string_bytes(const char *text, size_t len)
{
	size_t at = 1;

	while (at < len && text[at] != '"')
		at += text[at] == '\\' ? 2 : 1;
	return at < len ? at + 1 : 0;
}

char *
cue_read_string(struct cue_reader *r)
{
	size_t len;
	char *word, *out;

	cue_skip_blanks(r);
	if (r->at >= r->len || r->text[r->at] != '"')
		return NULL;
	len = cue_string_bytes(r->text + r->at, r->len - r->at);
	if (len == 0)
		return NULL;
	word = out = xstrndup(r->text + r->at + 1, len - 2);
	for (const char *in = word; *in != '\0'; in++) {
		if (*in == '\\' && in[1] != '\0')
			in++;
		*out++ = *in;
	}
	*out = '\0';
	r->at += len;
	return word;
}

struct cue_near {
	const char *word, *best;
	int least;
};

static void
cue_try_near(void *arg, const char *key, void *value)
{
	struct cue_near *n = arg;

	(void)value;
	nearest_try(n->word, key, &n->least, &n->best);
}

const char *
cue_nearest(const struct map *m, const char *word)
{
	struct cue_near near = { .word = word, .least = nearest_limit(word) };

	map_each(m, cue_try_near, &near);
	return near.best;
}
