/*
 * cue.c - reads a cue sheet whole and checks it before its first cue runs.
 * Knows names, WHEN, moods and the commands that only sheets have; never a node, never a clock.
 */
#include "domain/cue.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/condition.h"

#define CUE_EXPECTED "expected at T, after T, with or a command"
#define CUE_MAX_FILE_CELLS 96		/* of the file's name in an error: the sentence needs room too */

struct cue_reader {
	struct cue_sheet *sheet;
	size_t room;			/* cues there is memory for */
	const char *file;
	cue_check_fn *check;
	void *check_arg;
	struct err *e;
	struct map *names;		/* -> line number, as a pointer */
	bool has_anchor;		/* a cue that `with` can stand beside */
	int line;
	const char *text;		/* this line without its end and its comment */
	size_t len, at;
};

/* One bare word of the line; len 0: a string, or the end. */
struct cue_word {
	const char *text;
	size_t begin, len;
};

/* ---- Words ---- */

/* "file:line:column: sentence"; at is 0-based in the line. */
static bool __attribute__((format(printf, 3, 4)))
cue_fail(struct cue_reader *r, size_t at, const char *format, ...)
{
	char file[4 * CUE_MAX_FILE_CELLS], sentence[256];
	const char *from = strlen(r->file) > CUE_MAX_FILE_CELLS ? strrchr(r->file, '/') : NULL;
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	from = from != NULL ? from + 1 : r->file;
	str_clean(file, sizeof(file), from, strlen(from), CUE_MAX_FILE_CELLS);
	return err_set(r->e, ERR_USAGE, "%s:%d:%zu: %s", file, r->line, at + 1, sentence);
}

static bool
cue_is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

static void
cue_skip_blanks(struct cue_reader *r)
{
	while (r->at < r->len && cue_is_blank(r->text[r->at]))
		r->at++;
}

/* The bare word at *at, which moves behind it. */
static struct cue_word
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

/* A pattern's '*' at its end takes any rest. */
static bool
cue_word_is(const struct cue_word *w, const char *pattern)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*')
		return w->len >= len - 1 && memcmp(w->text, pattern, len - 1) == 0;
	return w->len == len && memcmp(w->text, pattern, len) == 0;
}

/* ---- WHEN, and what other versions of the language say there ---- */

static bool
cue_time(struct cue_reader *r, const char *sentence, int64_t *us)
{
	struct cue_word w = cue_word_at(r, &r->at);
	char text[64];

	if (w.len == 0 || w.len >= sizeof(text))
		return cue_fail(r, w.begin, "%s", sentence);
	memcpy(text, w.text, w.len);
	text[w.len] = '\0';
	if (!str_time(text, us))
		return cue_fail(r, w.begin, "%s", sentence);
	return true;
}

static bool
cue_at(struct cue_reader *r, struct cue *cue, size_t begin)
{
	(void)begin;
	cue->when = CUE_AT;
	return cue_time(r, "expected a time after `at`, such as 1.5s, 2m or 00:01:02.500", &cue->time_us);
}

static bool
cue_after(struct cue_reader *r, struct cue *cue, size_t begin)
{
	(void)begin;
	cue->when = CUE_AFTER;
	return cue_time(r, "expected a time after `after`, such as 500ms, 2s or 00:00:30", &cue->time_us);
}

static bool
cue_with(struct cue_reader *r, struct cue *cue, size_t begin)
{
	cue->when = CUE_WITH;
	if (!r->has_anchor)
		return cue_fail(r, begin, "`with` needs a cue before it; expected at T, after T or a command");
	return true;
}

/* First fit counts.  parse NULL: a form of the language that this version does not play. */
struct cue_form {
	const char *words[3];
	const char *shown;
	bool (*parse)(struct cue_reader *r, struct cue *cue, size_t begin);
};

static const struct cue_form cue_forms[] = {
	{ { "at", "clock" }, "at clock", NULL },
	{ { "at", "bar" }, "at bar", NULL },
	{ { "at" }, "at", cue_at },
	{ { "after", "*", "beat" }, "after N beats", NULL },
	{ { "after", "*", "beats" }, "after N beats", NULL },
	{ { "after", "*", "bar" }, "after N bars", NULL },
	{ { "after", "*", "bars" }, "after N bars", NULL },
	{ { "after" }, "after", cue_after },
	{ { "with" }, "with", cue_with },
	{ { "on", "beat" }, "on beat", NULL },
	{ { "on", "bar" }, "on bar", NULL },
	{ { "on", "go" }, "on go", NULL },
	{ { "on" }, "on", NULL },
	{ { "when" }, "when", NULL },
	{ { "whenever" }, "whenever", NULL },
	{ { "repeat" }, "repeat", NULL },
	{ { "end" }, "end", NULL },
	{ { "include" }, "include", NULL },
	{ { "set", "$*" }, "set $NAME", NULL },
	{ { "cut", "next" }, "cut next", NULL },
	{ { "cut", "random" }, "cut random", NULL },
};

static bool
cue_form_fits(const struct cue_reader *r, const struct cue_form *form)
{
	size_t at = r->at;
	struct cue_word w;

	for (int i = 0; i < 3 && form->words[i] != NULL; i++) {
		w = cue_word_at(r, &at);
		if (w.len == 0 || !cue_word_is(&w, form->words[i]))
			return false;
	}
	return true;
}

static const struct cue_form *
cue_form_at(const struct cue_reader *r)
{
	for (size_t i = 0; i < sizeof(cue_forms) / sizeof(cue_forms[0]); i++)
		if (cue_form_fits(r, &cue_forms[i]))
			return &cue_forms[i];
	return NULL;
}

static bool
cue_not_offered(struct cue_reader *r, const struct cue_form *form)
{
	return cue_fail(r, r->at, "`%s` is not offered in this version; " CUE_EXPECTED, form->shown);
}

/* [WHEN] */
static bool
cue_read_when(struct cue_reader *r, struct cue *cue)
{
	const struct cue_form *form;
	size_t begin;

	cue_skip_blanks(r);
	form = cue_form_at(r);
	if (form == NULL)
		return true;
	if (form->parse == NULL)
		return cue_not_offered(r, form);
	begin = r->at;
	cue_word_at(r, &r->at);
	return form->parse(r, cue, begin);
}

/* Where only a command may follow: another WHEN, or a form not offered, is told by its name. */
static bool
cue_no_when(struct cue_reader *r, const char *behind)
{
	const struct cue_form *form;

	cue_skip_blanks(r);
	if (r->at >= r->len)
		return cue_fail(r, r->at, "expected a command%s%s", behind[0] != '\0' ? " after " : "", behind);
	form = cue_form_at(r);
	if (form == NULL)
		return true;
	if (form->parse == NULL)
		return cue_not_offered(r, form);
	return cue_fail(r, r->at, "`%s` cannot stand here; expected [NAME:] [WHEN] [try|must] COMMAND, "
	    "with one WHEN, or finally [try] COMMAND", form->shown);
}

/* ---- The parts of a line ---- */

static bool
cue_name_is_fit(const struct cue_word *w)
{
	for (size_t i = 0; i + 1 < w->len; i++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", w->text[i]) == NULL)
			return false;
	return w->len > 1;
}

/* [NAME:] */
static bool
cue_read_name(struct cue_reader *r, struct cue *cue)
{
	size_t at = r->at;
	struct cue_word w = cue_word_at(r, &at);
	void *line;

	if (w.len == 0 || memchr(w.text, ':', w.len) == NULL)
		return true;
	if (w.text[w.len - 1] != ':')
		return cue_fail(r, w.begin, "expected a blank behind the colon of NAME:");
	if (!cue_name_is_fit(&w) || w.len > sizeof(cue->name))
		return cue_fail(r, w.begin, "expected NAME: of at most 63 letters, digits, dots, dashes or underscores");
	memcpy(cue->name, w.text, w.len - 1);
	cue->name[w.len - 1] = '\0';
	line = map_get(r->names, cue->name);
	if (line != NULL)
		return cue_fail(r, w.begin, "the name %s is taken by line %d; expected another", cue->name,
		    (int)(intptr_t)line);
	map_put(r->names, cue->name, (void *)(intptr_t)r->line);
	r->at = at;
	return true;
}

/* [try|must], or [try] behind finally */
static void
cue_read_mood(struct cue_reader *r, struct cue *cue)
{
	size_t at = r->at;
	struct cue_word w = cue_word_at(r, &at);

	if (cue_word_is(&w, "try"))
		cue->mood = CUE_TRY;
	else if (cue_word_is(&w, "must") && !cue->finally)
		cue->mood = CUE_MUST;
	else
		return;
	r->at = at;
}

/* finally; it has an order of its own, so no WHEN stands before it. */
static bool
cue_read_finally(struct cue_reader *r, struct cue *cue)
{
	size_t at = r->at;
	struct cue_word w = cue_word_at(r, &at);

	if (!cue_word_is(&w, "finally"))
		return true;
	if (cue->when != CUE_THEN)
		return cue_fail(r, w.begin, "`finally` takes no WHEN: it runs however the sheet ends");
	cue->finally = true;
	r->at = at;
	return true;
}

static bool
cue_read_prefix(struct cue_reader *r, struct cue *cue)
{
	const char *behind;

	if (!cue_read_name(r, cue) || !cue_read_when(r, cue) || !cue_read_finally(r, cue))
		return false;
	cue_read_mood(r, cue);
	behind = cue->mood == CUE_TRY ? "try" : cue->mood == CUE_MUST ? "must" : cue->finally ? "finally" : "";
	return cue_no_when(r, behind);
}

/* A word that the grammar has used up already, standing where the command should be. */
static const char *
cue_stray(const struct cue *cue, const char *verb)
{
	if (strcmp(verb, "finally") == 0)
		return "`finally` stands first: finally [try] COMMAND";
	if (strcmp(verb, "try") != 0 && strcmp(verb, "must") != 0)
		return NULL;
	return cue->finally ? "expected try or a command after finally: nothing stops what runs last"
	    : "expected one of try and must, then a command";
}

/* wait, expect and zero are known here; all else is the checker's. */
static bool
cue_check_command(struct cue_reader *r, struct cue *cue, const struct cmdline *c, int *column, struct err *e)
{
	const char *verb = c->quoted[0] ? "" : c->words[0];
	const char *stray = cue_stray(cue, verb);
	struct condition condition;

	*column = c->column[0];
	if (stray != NULL)
		return err_set(e, ERR_USAGE, "%s", stray);
	cue->is_wait = strcmp(verb, "wait") == 0;
	cue->is_expect = strcmp(verb, "expect") == 0;
	cue->is_zero = strcmp(verb, "zero") == 0;
	cue->is_quit = strcmp(verb, "quit") == 0;
	if (cue->is_wait || cue->is_expect)
		return condition_parse(&condition, c, 1, column, e);
	if (!cue->is_zero)
		return r->check == NULL || r->check(r->check_arg, cue->text, column, e);
	if (c->count == 1 && c->target == NULL && !c->force)
		return true;
	if (c->count > 1)
		*column = c->column[1];
	return err_set(e, ERR_USAGE, "expected nothing after zero");
}

static bool
cue_read_command(struct cue_reader *r, struct cue *cue)
{
	struct err why = { .kind = ERR_NONE };
	struct cmdline c;
	int column = 1;
	bool ok;

	cue->column = (int)r->at + 1;
	cue->text = xstrndup(r->text + r->at, r->len - r->at);
	ok = cmdline_parse(&c, cue->text, &column, &why) && cue_check_command(r, cue, &c, &column, &why);
	cmdline_fini(&c);
	if (ok)
		return true;
	if (column < 1 || (size_t)column > r->len - r->at + 2)
		column = 1;	/* a checker that does not say where: the command itself */
	return cue_fail(r, r->at + (size_t)column - 1, "%s", why.text);
}

static struct cue *
cue_add(struct cue_reader *r)
{
	struct cue_sheet *s = r->sheet;
	struct cue *cue;

	if (s->count == r->room) {
		r->room = r->room > 0 ? r->room * 2 : 64;
		s->cues = xreallocarray(s->cues, r->room, sizeof(s->cues[0]));
	}
	cue = &s->cues[s->count++];
	memset(cue, 0, sizeof(*cue));
	cue->file = r->file;
	cue->line = r->line;
	return cue;
}

/* ---- Lines ---- */

/* Limits and characters; then the comment is cut off. */
static bool
cue_measure_line(struct cue_reader *r)
{
	struct err why;
	int column = 1;

	if (r->len > 0 && r->text[r->len - 1] == '\r')
		r->len--;
	if (r->len > MAX_COMMAND_LINE)
		return cue_fail(r, MAX_COMMAND_LINE, "this line is too long; expected at most %d bytes", MAX_COMMAND_LINE);
	if (!cmdline_is_clean(r->text, r->len, &column, &why))
		return cue_fail(r, (size_t)column - 1, "%s", why.text);
	r->len = cmdline_text_bytes(r->text, r->len);
	return true;
}

static bool
cue_read_line(struct cue_reader *r)
{
	struct cue *cue;

	if (!cue_measure_line(r))
		return false;
	r->at = 0;
	cue_skip_blanks(r);
	if (r->at >= r->len)
		return true;
	if (r->sheet->count == MAX_CUES)
		return cue_fail(r, r->at, "too many cues; expected at most %d in one sheet", MAX_CUES);
	cue = cue_add(r);
	if (!cue_read_prefix(r, cue) || !cue_read_command(r, cue))
		return false;
	r->has_anchor = r->has_anchor || !cue->finally;
	return true;
}

static bool
cue_read_lines(struct cue_reader *r, const char *text, size_t len)
{
	const char *end = text + len, *lf;

	if (len > MAX_CUE_SHEET) {
		r->line = 1;
		return cue_fail(r, 0, "the cue sheet is too large; expected at most %d bytes", MAX_CUE_SHEET);
	}
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;	/* byte order mark: editors put it there, no column counts it */
	for (; text < end; text = lf + 1) {
		lf = memchr(text, '\n', (size_t)(end - text));
		if (lf == NULL)
			lf = end;
		r->line++;
		r->text = text;
		r->len = (size_t)(lf - text);
		if (!cue_read_line(r))
			return false;
		if (lf == end)
			break;
	}
	return true;
}

bool
cue_sheet_parse(struct cue_sheet *s, const char *file, const char *text, size_t len,
    cue_check_fn *check, cue_load_fn *load, void *arg, struct err *e)
{
	struct cue_reader r = { .sheet = s, .file = file, .check = check, .check_arg = arg, .e = e };
	bool ok;

	(void)load;
	memset(s, 0, sizeof(*s));
	r.names = map_new();
	ok = cue_read_lines(&r, text, len);
	map_free(r.names);
	if (!ok)
		cue_sheet_fini(s);
	return ok;
}

void
cue_sheet_fini(struct cue_sheet *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		free(s->cues[i].text);
	free(s->cues);
	memset(s, 0, sizeof(*s));
}
