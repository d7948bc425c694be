/*
 * cue.c - reads a cue sheet and the files it includes whole, and checks it before its first cue runs.
 * Knows the order of a line's parts, names, repeats and the commands that only sheets have; never a node, never a clock.
 */
#include "domain/cue_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/condition.h"

#define CUE_LINE_FORM "[NAME:] [WHEN] [try|must] COMMAND"

/* ---- The parts of a line ---- */

static bool
cue_name_is_fit(const struct cue_word *w)
{
	for (size_t i = 0; i + 1 < w->len; i++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", w->text[i]) == NULL)
			return false;
	return w->len > 1;
}

/* `finally: record stop` would else be a cue of that name, and run at once. */
static bool
cue_name_is_word(const char *name)
{
	static const char *const words[] = { "at", "after", "with", "on", "when", "whenever", "try", "must", "finally", "repeat", "end",
		"include", "set", "wait", "expect" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return false;
}

/* [NAME:]; cue is the last of the sheet. */
static bool
cue_read_name(struct cue_reader *r, struct cue *cue)
{
	const struct cue *other;
	size_t at = r->at, index;
	struct cue_word w = cue_word_at(r, &at);

	if (w.len == 0 || memchr(w.text, ':', w.len) == NULL)
		return true;
	if (w.text[w.len - 1] != ':')
		return cue_fail(r, w.begin, "expected a blank behind the colon of NAME:");
	if (!cue_name_is_fit(&w) || w.len > sizeof(cue->name))
		return cue_fail(r, w.begin, "expected NAME: of at most 63 letters, digits, dots, dashes or underscores");
	memcpy(cue->name, w.text, w.len - 1);
	cue->name[w.len - 1] = '\0';
	if (cue_name_is_word(cue->name))
		return cue_fail(r, w.begin, "`%s:` would be a NAME; expected another, or `%s` without the colon", cue->name, cue->name);
	index = (size_t)(uintptr_t)map_get(r->names, cue->name);
	if (index > 0) {
		other = &r->sheet->cues[index - 1];
		return cue_fail(r, w.begin, "the name %s is taken by line %d%s%.80s; expected another", cue->name, other->line,
		    other->file != cue->file ? " of " : "", other->file != cue->file ? other->file : "");
	}
	map_put(r->names, cue->name, (void *)(uintptr_t)r->sheet->count);
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
	if (cue->when != CUE_THEN || cue->standing)
		return cue_fail(r, w.begin, "`finally` takes no WHEN: it runs however the sheet ends");
	if (r->depth > 0)
		return cue_fail(r, w.begin, "`finally` cannot stand between repeat and end: it runs once");
	cue->finally = true;
	cue->when_text = xstrdup("finally");
	r->at = at;
	return true;
}

/* Where only a command may follow: another WHEN is told by its name, and another NAME: as such. */
static bool
cue_no_when(struct cue_reader *r, const char *behind)
{
	struct cue_word w;
	const char *shown;
	size_t at;

	cue_skip_blanks(r);
	if (r->at >= r->len)
		return cue_fail(r, r->at, "expected a command%s%s", behind[0] != '\0' ? " after " : "", behind);
	at = r->at;
	w = cue_word_at(r, &at);
	if (w.len > 1 && w.text[w.len - 1] == ':')
		return cue_fail(r, r->at, "`%.*s` cannot stand here: a cue has one NAME:, first on its line", w.len < 64 ? (int)w.len : 64, w.text);
	shown = cue_form_shown(r);
	if (shown == NULL)
		return true;
	return cue_fail(r, r->at, "`%s` cannot stand here; expected " CUE_LINE_FORM
	    ", with one WHEN, or finally [try] COMMAND", shown);
}

static bool
cue_read_prefix(struct cue_reader *r, struct cue *cue)
{
	const char *behind;

	if (!cue_read_when(r, cue) || !cue_read_finally(r, cue))
		return false;
	if (cue->standing && r->depth > 0)
		return cue_fail(r, 0, "`whenever` cannot stand between repeat and end: it is a rule of the whole sheet");
	cue_read_mood(r, cue);
	behind = cue->mood == CUE_TRY ? "try" : cue->mood == CUE_MUST ? "must" : cue->finally ? "finally" :
	    cue->when_text != NULL ? cue->when_text : "";
	return cue_no_when(r, behind);
}

/* ---- Commands ---- */

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

/* `cue jump NAME`: the name may stand further down. */
static void
cue_note_jump(struct cue_reader *r, const struct cmdline *c)
{
	struct cue_jump *jump;

	if (c->count < 3 || strcmp(c->words[0], "cue") != 0 || strcmp(c->words[1], "jump") != 0)
		return;
	if (r->jump_count == r->jump_room) {
		r->jump_room = r->jump_room > 0 ? r->jump_room * 2 : 16;
		r->jumps = xreallocarray(r->jumps, r->jump_room, sizeof(r->jumps[0]));
	}
	jump = &r->jumps[r->jump_count++];
	str_copy(jump->name, sizeof(jump->name), c->words[2]);
	jump->file = r->stack[r->files_open - 1];
	jump->line = r->line;
	jump->column = r->from[r->at + (size_t)c->column[2] - 1] + 1;
}

/* zero stands alone. */
static bool
cue_check_zero(const struct cmdline *c, int *column, struct err *e)
{
	if (c->count == 1 && c->target == NULL && !c->force)
		return true;
	if (c->count > 1)
		*column = c->column[1];
	return err_set(e, ERR_USAGE, "expected nothing after zero");
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
	if (cue->standing && (cue->is_wait || cue->is_expect || cue->is_zero))
		return err_set(e, ERR_USAGE, "`%s` stands in the row of cues; a rule of whenever runs a command", verb);
	cue_note_jump(r, c);
	if (cue->is_wait || cue->is_expect)
		return condition_parse(&condition, c, 1, column, e);
	if (cue->is_zero)
		return cue_check_zero(c, column, e);
	return r->check == NULL || r->check(r->arg, cue->text, column, e);
}

/* `set $x` behind something else: $x has become its value by now. */
static bool
cue_check_set(struct cue_reader *r, const struct cmdline *c)
{
	if (strcmp(c->words[0], "set") != 0 || c->count < 2 || r->raw[r->from[r->at + (size_t)c->column[1] - 1]] != '$')
		return true;
	return cue_fail(r, r->at, "`set $NAME VALUE` stands first on its line: no NAME:, WHEN or try before it");
}

/* `on go hello cut 1`: its first word, which is no command, was to be the text; false: it was not. */
static bool
cue_is_go_text(const struct cue_reader *r, const struct cue *cue, char word[static 64])
{
	const size_t len = strcspn(cue->text, " \t");
	const char *rest = cue->text + len + strspn(cue->text + len, " \t");
	struct err ignored;
	int column = 1;

	if (cue->when != CUE_ON_GO || cue->go_text != NULL || cue->mood != CUE_PLAIN || cue->text[0] == '"' || len >= 64)
		return false;
	memcpy(word, cue->text, len);
	word[len] = '\0';
	return !cmdline_is_word(word) || (rest[0] != '\0' && r->check != NULL && r->check(r->arg, rest, &column, &ignored));
}

/* What was meant may be something else: an unknown word behind a bare one that was read as a camera, `set pair left,right`. */
static bool
cue_blame(struct cue_reader *r, const struct cue *cue, size_t column, const char *why)
{
	bool is_option = str_has_prefix(cue->text, "set ") && column == strlen("set ") + strspn(cue->text + 4, " \t") + 1;
	bool bare_node = cue->node[0] != '\0' && cue->when_text != NULL && strchr(cue->when_text, '"') == NULL;
	char word[64];

	if (column == 1 && cue_is_go_text(r, cue, word))
		return cue_fail(r, r->at, "%s (the text of a go stands in quotes: on go \"%.40s\")", why, word);
	if (bare_node && column == 1)
		return cue_fail(r, r->at, "%s (\"%.40s\" before it was read as a camera)", why, cue->node);
	return cue_fail(r, r->at + column - 1, "%s%s", why, is_option ? " (a variable has a dollar: set $NAME VALUE)" : "");
}

static bool
cue_read_command(struct cue_reader *r, struct cue *cue)
{
	struct err why = { .kind = ERR_NONE };
	struct cmdline c;
	int column = 1;
	bool ok, set_ok = true;

	cue->text = xstrndup(r->text + r->at, r->len - r->at);
	ok = cmdline_parse(&c, cue->text, &column, &why);
	if (ok)
		set_ok = cue_check_set(r, &c);
	ok = ok && set_ok && cue_check_command(r, cue, &c, &column, &why);
	cmdline_fini(&c);
	if (ok || !set_ok)
		return ok;
	if (column < 1 || (size_t)column > r->len - r->at + 2)
		column = 1;	/* a checker that does not say where: the command itself */
	return cue_blame(r, cue, (size_t)column, why.text);
}

/* ---- Lines ---- */

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
	cue->file = r->stack[r->files_open - 1];
	cue->line = r->line;
	cue->depth = r->depth;
	return cue;
}

/* Limits and characters; then the comment is cut off. */
static bool
cue_measure_line(struct cue_reader *r)
{
	struct err why;
	int column = 1;

	if (r->raw_len > 0 && r->raw[r->raw_len - 1] == '\r')
		r->raw_len--;
	if (r->raw_len > MAX_COMMAND_LINE)
		return cue_fail_raw(r, MAX_COMMAND_LINE, "this line is too long; expected at most %d bytes", MAX_COMMAND_LINE);
	if (!cmdline_is_clean(r->raw, r->raw_len, &column, &why))
		return cue_fail_raw(r, (size_t)column - 1, "%s", why.text);
	r->raw_len = cmdline_text_bytes(r->raw, r->raw_len);
	return true;
}

/* [WHEN] [try|must] COMMAND and its kin; the cue's column is its command's. */
static bool
cue_read_cue(struct cue_reader *r, struct cue *cue)
{
	bool is_choice = false;

	if (!cue_read_prefix(r, cue))
		return false;
	cue->column = r->from[r->at] + 1;
	if (!cue_read_choice(r, cue, &is_choice) || (!is_choice && !cue_read_command(r, cue)))
		return false;
	if (cue->when_text == NULL)
		cue->when_text = xstrdup("");
	r->has_anchor = r->has_anchor || (!cue->finally && !cue->standing);
	return true;
}

static bool
cue_read_line(struct cue_reader *r)
{
	struct cue_word first;
	struct cue *cue;
	size_t at;
	bool ok = true;

	if (!cue_measure_line(r))
		return false;
	if (cue_read_set(r, &ok))
		return ok;
	if (!cue_expand(r))
		return false;
	cue_skip_blanks(r);
	if (r->at >= r->len)
		return true;
	if (r->sheet->count == MAX_CUES)
		return cue_fail(r, r->at, "too many cues; expected at most %d in one sheet", MAX_CUES);
	cue = cue_add(r);
	if (!cue_read_name(r, cue))
		return false;
	cue_skip_blanks(r);
	at = r->at;
	first = cue_word_at(r, &at);
	cue->column = r->from[r->at] + 1;
	if (cue_word_is(&first, "repeat"))
		return cue_read_repeat(r, cue);
	if (cue_word_is(&first, "end"))
		return cue_read_end(r, cue);
	if (cue_word_is(&first, "include"))
		return cue_read_include(r, cue);
	return cue_read_cue(r, cue);
}

static bool
cue_read_lines(struct cue_reader *r, const char *text, size_t len)
{
	const char *end = text + len, *lf;

	for (; text < end; text = lf + 1) {
		lf = memchr(text, '\n', (size_t)(end - text));
		if (lf == NULL)
			lf = end;
		r->line++;
		r->raw = text;
		r->raw_len = (size_t)(lf - text);
		if (!cue_read_line(r))
			return false;
		if (lf == end)
			break;
	}
	return true;
}

bool
cue_read_text(struct cue_reader *r, const char *file, const char *text, size_t len)
{
	const struct cue *open;

	r->stack[r->files_open++] = file;
	r->line = 0;
	r->file_depth = r->depth;
	if (len > MAX_CUE_SHEET) {
		r->line = 1;
		return cue_fail_raw(r, 0, "the cue sheet is too large; expected at most %d bytes", MAX_CUE_SHEET);
	}
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;	/* byte order mark: editors put it there, no column counts it */
		len -= 3;
	}
	if (!cue_read_lines(r, text, len))
		return false;
	r->files_open--;
	if (r->depth == r->file_depth)
		return true;
	open = &r->sheet->cues[r->open[r->depth - 1]];
	return cue_fail_place(r, open->file, open->line, open->column, "this repeat has no `end` in this file");
}

/* ---- The sheet ---- */

static bool
cue_is_in_row(const struct cue *cue)
{
	return !cue->finally && !cue->standing;
}

static bool
cue_check_jumps(struct cue_reader *r)
{
	for (size_t i = 0; i < r->jump_count; i++) {
		const struct cue_jump *jump = &r->jumps[i];
		size_t index = (size_t)(uintptr_t)map_get(r->names, jump->name);
		const char *near;

		if (index > 0 && cue_is_in_row(&r->sheet->cues[index - 1]))
			continue;
		if (index > 0)
			return cue_fail_place(r, jump->file, jump->line, jump->column,
			    "%s is no cue in the row: nothing can jump to a finally line or a rule", jump->name);
		near = cue_nearest(r->names, jump->name);
		return cue_fail_place(r, jump->file, jump->line, jump->column, "no cue has the name \"%s\"%s%s", jump->name,
		    near != NULL ? "; the nearest is " : "; expected the NAME of a cue of this sheet", near != NULL ? near : "");
	}
	return true;
}

static void
cue_count_row(struct cue_sheet *s)
{
	for (size_t i = 0; i < s->count; i++) {
		s->row_count += cue_is_in_row(&s->cues[i]) && s->cues[i].kind == CUE_LINE;
		s->cues[i].number = s->row_count;
	}
}

static void
cue_free_value(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

static void
cue_reader_fini(struct cue_reader *r)
{
	map_each(r->vars, cue_free_value, NULL);
	map_free(r->vars);
	map_free(r->names);
	free(r->jumps);
	free(r->from);
	buf_fini(&r->out);
}

bool
cue_sheet_parse(struct cue_sheet *s, const char *file, const char *text, size_t len,
    cue_check_fn *check, cue_load_fn *load, void *arg, struct err *e)
{
	struct cue_reader r = { .sheet = s, .check = check, .load = load, .arg = arg, .e = e };
	bool ok;

	memset(s, 0, sizeof(*s));
	r.names = map_new();
	r.vars = map_new();
	r.from = xcalloc(MAX_COMMAND_LINE + 2, sizeof(r.from[0]));
	buf_init(&r.out, MAX_COMMAND_LINE);
	s->files = xcalloc(1, sizeof(s->files[0]));
	s->files[s->file_count++] = xstrdup(file);
	ok = cue_read_text(&r, s->files[0], text, len) && cue_check_jumps(&r);
	cue_reader_fini(&r);
	if (ok)
		cue_count_row(s);
	else
		cue_sheet_fini(s);
	return ok;
}

void
cue_sheet_fini(struct cue_sheet *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++) {
		free(s->cues[i].text);
		free(s->cues[i].when_text);
		free(s->cues[i].go_text);
		cue_choice_free(s->cues[i].choice);
	}
	for (size_t i = 0; i < s->file_count; i++)
		free(s->files[i]);
	free(s->files);
	free(s->cues);
	memset(s, 0, sizeof(*s));
}

long
cue_sheet_find(const struct cue_sheet *s, const char *name)
{
	for (size_t i = 0; name[0] != '\0' && i < s->count; i++)
		if (cue_is_in_row(&s->cues[i]) && strcmp(s->cues[i].name, name) == 0)
			return (long)i;
	return -1;
}

const char *
cue_sheet_nearest(const struct cue_sheet *s, const char *name)
{
	int least = nearest_limit(name);
	const char *best = NULL;

	for (size_t i = 0; i < s->count; i++)
		if (cue_is_in_row(&s->cues[i]) && s->cues[i].name[0] != '\0')
			nearest_try(name, s->cues[i].name, &least, &best);
	return best;
}

bool
cue_is_on_clock(const struct cue *cue)
{
	switch (cue->when) {
	case CUE_AT_BAR:
	case CUE_AFTER_BEATS:
	case CUE_AFTER_BARS:
	case CUE_ON_BEAT:
	case CUE_ON_BAR:
		return true;
	case CUE_THEN:
	case CUE_AT:
	case CUE_AFTER:
	case CUE_WITH:
	case CUE_AT_CLOCK:
	case CUE_ON_GO:
	case CUE_WHEN:
		break;
	}
	return false;
}

char *
cue_shown(const struct cue *cue)
{
	const char *mood = cue->mood == CUE_TRY ? "try " : cue->mood == CUE_MUST ? "must " : "";

	if (cue->when_text[0] == '\0' || cue->kind != CUE_LINE)
		return xasprintf("%s%s%s", cue->when_text, mood, cue->text);
	return xasprintf("%s  %s%s", cue->when_text, mood, cue->text);
}
