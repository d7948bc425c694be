/*
 * cue_vars.c - the variables of a cue sheet: `set $NAME TEXT`, and $NAME put in wherever it stands in the lines below.
 * They are text and nothing more: put in before a line is read, so that it is checked as it will be played.
 */
#include "domain/cue_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define CUE_MAX_VARIABLE 31		/* bytes of a name */

static bool
vars_begins(char ch)
{
	return (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || ch == '_';
}

static bool
vars_goes_on(char ch)
{
	return vars_begins(ch) || (ch >= '0' && ch <= '9');
}

/* Bytes of the name at text[0]; 0: none. */
static size_t
vars_name_bytes(const char *text, size_t len)
{
	size_t at = 0;

	if (len == 0 || !vars_begins(text[0]))
		return 0;
	while (at < len && vars_goes_on(text[at]))
		at++;
	return at;
}

/* ---- Putting in ---- */

/* More of the line; each byte points to where it comes from.  False: too long. */
static bool
vars_add(struct cue_reader *r, const char *text, size_t len, size_t raw_at, bool one_place)
{
	size_t before = r->out.len;

	if (!buf_add(&r->out, text, len))
		return cue_fail_raw(r, raw_at, "with its variables put in this line is too long; expected at most %d bytes",
		    MAX_COMMAND_LINE);
	for (size_t i = 0; i < len; i++)
		r->from[before + i] = (uint16_t)(one_place ? raw_at : raw_at + i);
	return true;
}

/* Its one string's inside, or all of it with its quotes escaped: it stands within quotes there. */
static bool
vars_add_quoted(struct cue_reader *r, const char *value, size_t raw_at)
{
	size_t len = strlen(value);

	if (len >= 2 && value[0] == '"' && cue_string_bytes(value, len) == len)
		return vars_add(r, value + 1, len - 2, raw_at, true);
	for (size_t i = 0; i < len; i++)
		if (((value[i] == '"' || value[i] == '\\') && !vars_add(r, "\\", 1, raw_at, true)) ||
		    !vars_add(r, value + i, 1, raw_at, true))
			return false;
	return true;
}

/* Is the word before it `set`? */
static bool
vars_is_set_before(const struct cue_reader *r, size_t at)
{
	while (at > 0 && (r->raw[at - 1] == ' ' || r->raw[at - 1] == '\t'))
		at--;
	return at >= 3 && memcmp(r->raw + at - 3, "set", 3) == 0 && (at == 3 || r->raw[at - 4] == ' ' || r->raw[at - 4] == '\t');
}

static bool
vars_unknown(struct cue_reader *r, const char *name, size_t at)
{
	const char *near = cue_nearest(r->vars, name);

	if (vars_is_set_before(r, at))
		return cue_fail_raw(r, at, "`set $%s` stands first on its line: no NAME:, WHEN or try before it", name);
	if (near != NULL)
		return cue_fail_raw(r, at, "the variable $%s is not set above this line; the nearest is $%s", name, near);
	return cue_fail_raw(r, at, "the variable $%s is not set above this line; expected `set $%s VALUE` there, or $$ for a dollar",
	    name, name);
}

/* A dollar at raw[*at]; moves past what it means. */
static bool
vars_dollar(struct cue_reader *r, size_t *at, bool in_quotes)
{
	size_t begin = *at, len = vars_name_bytes(r->raw + begin + 1, r->raw_len - begin - 1);
	char name[CUE_MAX_VARIABLE + 1];
	const char *value;

	if (begin + 1 < r->raw_len && r->raw[begin + 1] == '$')
		(*at)++;
	*at += 1 + len;
	if (len == 0)
		return vars_add(r, "$", 1, begin, true);
	if (len > CUE_MAX_VARIABLE)
		return cue_fail_raw(r, begin, "this variable's name is too long; expected at most %d letters", CUE_MAX_VARIABLE);
	memcpy(name, r->raw + begin + 1, len);
	name[len] = '\0';
	value = map_get(r->vars, name);
	if (value == NULL)
		return vars_unknown(r, name, begin);
	return in_quotes ? vars_add_quoted(r, value, begin) : vars_add(r, value, strlen(value), begin, true);
}

/* raw[at..] into out, the rest as it is. */
static bool
vars_put_in(struct cue_reader *r, size_t at)
{
	bool in_quotes = false;
	size_t step;

	while (at < r->raw_len) {
		if (r->raw[at] == '$') {
			if (!vars_dollar(r, &at, in_quotes))
				return false;
			continue;
		}
		if (r->raw[at] == '"')
			in_quotes = !in_quotes;
		step = in_quotes && r->raw[at] == '\\' && at + 1 < r->raw_len ? 2 : 1;
		if (!vars_add(r, r->raw + at, step, at, false))
			return false;
		at += step;
	}
	return true;
}

static bool
vars_expand_from(struct cue_reader *r, size_t at)
{
	buf_clear(&r->out);
	if (!vars_put_in(r, at))
		return false;
	r->text = buf_text(&r->out);
	r->len = r->out.len;
	r->from[r->len] = (uint16_t)r->raw_len;
	r->at = 0;
	r->text_bytes += r->len;
	return r->text_bytes <= MAX_CUE_TEXT ||
	    cue_fail_raw(r, 0, "the cue sheet is too large with its variables put in; expected at most %d bytes", MAX_CUE_TEXT);
}

bool
cue_expand(struct cue_reader *r)
{
	return vars_expand_from(r, 0);
}

/* ---- set $NAME TEXT ---- */

/* The value is in text: its strings must end, or it would swallow what stands behind it. */
static bool
vars_is_whole(struct cue_reader *r)
{
	size_t len;

	for (size_t at = 0; at < r->len; at += len) {
		len = r->text[at] == '"' ? cue_string_bytes(r->text + at, r->len - at) : 1;
		if (len == 0)
			return cue_fail(r, at, "expected a closing quote: this string has no end");
	}
	return true;
}

static bool
vars_set(struct cue_reader *r, const char *name, size_t value_at)
{
	if (!vars_expand_from(r, value_at) || !vars_is_whole(r))
		return false;
	if (map_get(r->vars, name) == NULL && map_count(r->vars) == MAX_CUE_VARIABLES)
		return cue_fail_raw(r, 0, "too many variables; expected at most %d", MAX_CUE_VARIABLES);
	free(map_get(r->vars, name));
	map_put(r->vars, name, xstrdup(r->text));
	return true;
}

static size_t
vars_skip(const struct cue_reader *r, size_t at)
{
	while (at < r->raw_len && (r->raw[at] == ' ' || r->raw[at] == '\t'))
		at++;
	return at;
}

bool
cue_read_set(struct cue_reader *r, bool *ok)
{
	size_t at = vars_skip(r, 0), len, value_at;
	char name[CUE_MAX_VARIABLE + 1];

	if (r->raw_len - at < 3 || memcmp(r->raw + at, "set", 3) != 0)
		return false;
	at = vars_skip(r, at + 3);
	if (at >= r->raw_len || r->raw[at] != '$' || r->raw[at - 1] == 't')
		return false;
	len = vars_name_bytes(r->raw + at + 1, r->raw_len - at - 1);
	value_at = vars_skip(r, at + 1 + len);
	*ok = false;
	if (len == 0 || len > CUE_MAX_VARIABLE || (value_at == at + 1 + len && value_at < r->raw_len))
		cue_fail_raw(r, at, "expected `set $NAME VALUE`, with a NAME of at most %d letters, digits and underscores",
		    CUE_MAX_VARIABLE);
	else if (value_at < r->raw_len && r->raw[value_at] == '=')
		cue_fail_raw(r, value_at, "expected the value right behind its name, without `=`");
	else if (value_at >= r->raw_len)
		cue_fail_raw(r, value_at, "expected a value, such as left,right");
	else {
		memcpy(name, r->raw + at + 1, len);
		name[len] = '\0';
		*ok = vars_set(r, name, value_at);
	}
	return true;
}
