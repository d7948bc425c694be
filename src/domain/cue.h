/*
 * cue.h - a cue sheet read and checked whole, before its first cue runs.
 * [NAME:] [WHEN] [try|must] COMMAND, one a line.  Knows the words of the language and their
 * shape (through the checker given), never the nodes of the day.
 */
#ifndef DOMAIN_CUE_H
#define DOMAIN_CUE_H

#include <stddef.h>
#include <stdint.h>
#include "domain/cmdline.h"

enum cue_when { CUE_THEN, CUE_AT, CUE_AFTER, CUE_WITH };	/* THEN: when the one before has finished */
enum cue_mood { CUE_PLAIN, CUE_TRY, CUE_MUST };

struct cue {
	char file[256];
	int line, column;		/* of the command, 1-based */
	char name[64];			/* "" = none */
	enum cue_when when;
	int64_t time_us;		/* AT, AFTER */
	enum cue_mood mood;
	bool finally;
	char *text;			/* the command */
	/* classified: */
	bool is_wait, is_expect, is_zero, is_quit;
};

struct cue_sheet {
	size_t count;
	struct cue *cues;		/* finally lines included, in order */
};

/* Says whether text is a well-formed command of the language; *column within text. */
typedef bool cue_check_fn(void *arg, const char *text, int *column, struct err *e);

/* On failure e->text is "file:line:column: what was expected". text[len] need not be NUL. */
bool cue_sheet_parse(struct cue_sheet *s, const char *file, const char *text, size_t len,
    cue_check_fn *check, void *arg, struct err *e);
void cue_sheet_fini(struct cue_sheet *s);

#endif
