/*
 * cue_block.c - the lines of a cue sheet that are no cues: repeat and its end, and other files that are read in.
 * Owns nothing but the names of the files, which the sheet keeps; never opens one itself.
 */
#include "domain/cue_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

/* ---- repeat N ... end ---- */

/* Nothing may follow on the line. */
static bool
cue_line_ends(struct cue_reader *r, const char *behind)
{
	cue_skip_blanks(r);
	return r->at >= r->len || cue_fail(r, r->at, "expected nothing after %s", behind);
}

bool
cue_read_repeat(struct cue_reader *r, struct cue *cue)
{
	size_t begin = r->at;
	struct cue_word word = cue_word_at(r, &r->at), n = cue_word_at(r, &r->at);
	int64_t rounds = 0;
	char text[32];

	(void)word;
	if (r->depth == MAX_CUE_REPEATS)
		return cue_fail(r, begin, "too many repeats within each other; expected at most %d", MAX_CUE_REPEATS);
	if (!cue_word_copy(&n, text, sizeof(text)) || !str_int(text, 1, MAX_CUE_ROUNDS, &rounds))
		return cue_fail(r, n.begin, "expected how often after `repeat`, from 1 to %d", MAX_CUE_ROUNDS);
	cue->kind = CUE_REPEAT;
	cue->repeat = (int)rounds;
	cue->when_text = xasprintf("repeat %d", cue->repeat);
	cue->text = xstrdup("");
	r->open[r->depth++] = r->sheet->count - 1;
	return cue_line_ends(r, cue->when_text);
}

bool
cue_read_end(struct cue_reader *r, struct cue *cue)
{
	size_t begin = r->at, index = r->sheet->count - 1, partner;

	cue_word_at(r, &r->at);
	if (cue->name[0] != '\0')
		return cue_fail(r, begin, "`end` takes no NAME: the repeat can have one");
	if (r->depth == r->file_depth)
		return cue_fail(r, begin, "no repeat of this file is open here that this `end` could end");
	partner = r->open[--r->depth];
	if (partner + 1 == index)
		return cue_fail(r, begin, "nothing stands between repeat and end; expected a cue");
	cue->kind = CUE_END;
	cue->depth = r->depth;
	cue->partner = partner;
	r->sheet->cues[partner].partner = index;
	cue->when_text = xstrdup("end");
	cue->text = xstrdup("");
	return cue_line_ends(r, "end");
}

/* ---- include FILE ---- */

/* path as seen from the folder of the file that names it, heap. */
static char *
cue_join(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	while (str_has_prefix(path, "./"))
		path += 2;
	if (slash == NULL || path[0] == '/')
		return xstrdup(path);
	return xasprintf("%.*s%s", (int)(slash + 1 - file), file, path);
}

/* The file's name, kept by the sheet. */
static bool
cue_keep_file(struct cue_reader *r, size_t at, char *file)
{
	struct cue_sheet *s = r->sheet;

	if (s->file_count == MAX_CUE_FILES) {
		free(file);
		return cue_fail(r, at, "too many files; expected at most %d in one sheet", MAX_CUE_FILES);
	}
	s->files = xreallocarray(s->files, s->file_count + 1, sizeof(s->files[0]));
	s->files[s->file_count++] = file;
	return true;
}

/* The line's place, while another file is read. */
struct cue_place {
	const char *raw;
	size_t raw_len;
	int line, file_depth;
};

static bool
cue_read_included(struct cue_reader *r, size_t at, const char *path)
{
	struct cue_place here = { .raw = r->raw, .raw_len = r->raw_len, .line = r->line, .file_depth = r->file_depth };
	char *file = cue_join(r->stack[r->files_open - 1], path), *text;
	struct err why = { .kind = ERR_NONE };
	size_t len = 0;
	bool ok;

	if (!cue_keep_file(r, at, file))
		return false;
	for (int i = 0; i < r->files_open; i++)
		if (strcmp(r->stack[i], file) == 0)
			return cue_fail(r, at, "%.80s is being read already: a file cannot include itself", path);
	if (r->files_open > MAX_INCLUDE_DEPTH)
		return cue_fail(r, at, "includes nest too deep; expected at most %d within each other", MAX_INCLUDE_DEPTH);
	text = r->load(r->arg, file, &len, &why);
	if (text == NULL)
		return cue_fail(r, at, "%s", why.text);
	ok = cue_read_text(r, file, text, len);
	free(text);
	r->raw = here.raw;
	r->raw_len = here.raw_len;
	r->line = here.line;
	r->file_depth = here.file_depth;
	return ok;
}

bool
cue_read_include(struct cue_reader *r, const struct cue *cue)
{
	struct cue_word w;
	size_t begin = r->at, at;
	bool named = cue->name[0] != '\0', ok;
	char *path;

	r->sheet->count--;
	cue_word_at(r, &r->at);
	if (named)
		return cue_fail(r, begin, "`include` takes no NAME: its cues have their own");
	if (r->load == NULL)
		return cue_fail(r, begin, "`include` is of no use here: this sheet is no file");
	cue_skip_blanks(r);
	at = r->at;
	path = cue_read_string(r);
	if (path == NULL) {
		w = cue_word_at(r, &r->at);
		path = xstrndup(w.text, w.len);
	}
	ok = path[0] != '\0' || cue_fail(r, at, "expected a file after `include`, relative to the folder of this one");
	ok = ok && cue_line_ends(r, "the file's name") && cue_read_included(r, at, path);
	free(path);
	return ok;
}
