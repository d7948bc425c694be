/*
 * cue_private.h - the reader of a cue sheet, shared by cue.c and cue_*.c only.
 */
#ifndef DOMAIN_CUE_PRIVATE_H
#define DOMAIN_CUE_PRIVATE_H

#include "base/buf.h"
#include "base/map.h"
#include "domain/cue.h"

/* A `cue jump NAME` of the sheet: judged when all names are known. */
struct cue_jump {
	char name[64];
	const char *file;
	int line, column;
};

struct cue_reader {
	struct cue_sheet *sheet;
	size_t room;			/* cues there is memory for */
	cue_check_fn *check;
	cue_load_fn *load;
	void *arg;			/* of both */
	struct err *e;
	struct map *names;		/* -> index of the cue + 1, as a pointer */
	struct map *vars;		/* name without $ -> its text, heap */
	struct cue_jump *jumps;
	size_t jump_count, jump_room;
	size_t text_bytes;		/* of all lines so far, variables put in */
	bool has_anchor;		/* a cue that `with` can stand beside */
	size_t open[MAX_CUE_REPEATS];	/* cues of the repeats that have no end yet */
	int depth, file_depth;		/* how many; and how many were open where this file began */
	const char *stack[MAX_INCLUDE_DEPTH + 1];	/* the files that are being read; the last is this one */
	int files_open;

	int line;
	const char *raw;		/* the line as it stands in the file, without its end and its comment */
	size_t raw_len;
	struct buf out;			/* the line with its variables put in ... */
	uint16_t *from;			/* ... and of each of its bytes, and of its end, where in raw it comes from */
	const char *text;		/* out's */
	size_t len, at;
};

/* One bare word of the line; len 0: a string, or the end. */
struct cue_word {
	const char *text;
	size_t begin, len;
};

/* ---- cue_line.c: words and complaints ---- */

/* "file:line:column: sentence"; at is 0-based in the line with its variables put in.  Always false. */
bool cue_fail(struct cue_reader *r, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same at a byte of the file's own line, 0-based. */
bool cue_fail_raw(struct cue_reader *r, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same of any place read before; column 1-based. */
bool cue_fail_place(struct cue_reader *r, const char *file, int line, int column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void cue_skip_blanks(struct cue_reader *r);
/* The bare word at *at, which moves behind it. */
struct cue_word cue_word_at(const struct cue_reader *r, size_t *at);
/* A pattern's '*' at its end takes any rest. */
bool cue_word_is(const struct cue_word *w, const char *pattern);
/* As a C string; false: too long. */
bool cue_word_copy(const struct cue_word *w, char *out, size_t out_size);
/* Bytes of the string that begins with a quote at text[0], quotes included; 0: it has no end. */
size_t cue_string_bytes(const char *text, size_t len);
/* The string at r->at without quotes and escapes, heap; r->at moves behind it.  NULL: none stands there, or it has no end. */
char *cue_read_string(struct cue_reader *r);
/* The key that a mistyped word may have meant; NULL: none is near. */
const char *cue_nearest(const struct map *m, const char *word);

/* ---- cue.c ---- */

/* One whole file, its name kept by the sheet: what it opens it ends. */
bool cue_read_text(struct cue_reader *r, const char *file, const char *text, size_t len);

/* ---- cue_block.c: the word stands at r->at, cue is the sheet's last ---- */

bool cue_read_repeat(struct cue_reader *r, struct cue *cue);
bool cue_read_end(struct cue_reader *r, struct cue *cue);
/* The line is no cue: it leaves the sheet again before the file is read. */
bool cue_read_include(struct cue_reader *r, const struct cue *cue);

/* ---- cue_when.c ---- */

/* [WHEN] or whenever EVENT [NODE], at r->at; when_text too. */
bool cue_read_when(struct cue_reader *r, struct cue *cue);
/* The shown form that stands at r->at where only a command may; NULL: none. */
const char *cue_form_shown(const struct cue_reader *r);

/* ---- cue_vars.c ---- */

/* raw[0..raw_len) into text, len, from. */
bool cue_expand(struct cue_reader *r);
/* Is the line `set $...`?  Then it is done, or *ok is false. */
bool cue_read_set(struct cue_reader *r, bool *ok);

/* ---- cue_choice.c ---- */

/* `cut next|random of LIST` at r->at: *is_one; then cue->choice, cue->text. */
bool cue_read_choice(struct cue_reader *r, struct cue *cue, bool *is_one);
void cue_choice_free(struct cue_choice *c);

#endif
