/*
 * cue.h - a cue sheet read and checked whole, before its first cue runs.
 * [NAME:] [WHEN] [try|must] COMMAND, one a line, and whenever, repeat ... end, set $NAME, include, finally.  Knows the words of the language and their
 * shape (through the checker given), never the nodes of the day.
 */
#ifndef DOMAIN_CUE_H
#define DOMAIN_CUE_H

#include <stddef.h>
#include <stdint.h>
#include "domain/cmdline.h"
#include "domain/event.h"

/* THEN: when the one before has finished */
enum cue_when { CUE_THEN, CUE_AT, CUE_AFTER, CUE_WITH, CUE_AT_CLOCK, CUE_AT_BAR, CUE_AFTER_BEATS, CUE_AFTER_BARS, CUE_ON_BEAT, CUE_ON_BAR,
	CUE_ON_GO, CUE_WHEN };
enum cue_mood { CUE_PLAIN, CUE_TRY, CUE_MUST };
/* LINE: a command, wait, expect, zero or quit.  SET, REPEAT and END take no time and are no cue of their own. */
enum cue_kind { CUE_LINE, CUE_SET, CUE_REPEAT, CUE_END };

struct cue {
	char file[256];
	int line, column;		/* of the command, 1-based; of the included file itself, if it stands in one */
	char name[64];			/* "" = none */
	enum cue_kind kind;
	enum cue_when when;
	int64_t time_us;		/* AT, AFTER; AT_CLOCK: since local midnight; WHEN: within, -1 = for ever */
	int64_t bar;			/* AT_BAR, from 1 */
	double beats;			/* AFTER_BEATS, AFTER_BARS: so many; AT_BAR: of that bar, from 1.0 */
	char *go_text;			/* ON_GO: what stands behind it; NULL = nothing */
	enum event_kind event;		/* WHEN, standing rules */
	char node[MAX_NAME_BYTES];	/* theirs, as written; "" = any */
	enum cue_mood mood;
	bool finally;
	bool standing;			/* whenever EVENT [NODE]: a rule, not a cue in the row */
	char *text;			/* the command, variables still in it; SET: the values, "left,right" */
	char var[32];			/* SET: its name without $ */
	int repeat;			/* REPEAT: so often, from 1 */
	size_t partner;			/* REPEAT: index of its END; END: of its REPEAT */
	/* classified: */
	bool is_wait, is_expect, is_zero, is_quit;
	bool is_pick;			/* cut next|random of ...: text is `cut NODE` only once cue_pick() has chosen */
	bool has_vars;			/* text names variables */
};

struct cue_sheet {
	size_t count;
	struct cue *cues;		/* finally lines and standing rules included, in order; includes are read in where they stand */
	char **files;			/* every file read, the sheet first */
	size_t file_count;
};

/* Says whether text is a well-formed command of the language; *column within text. */
typedef bool cue_check_fn(void *arg, const char *text, int *column, struct err *e);
/* The text of an included file, heap, for the caller to free; path as written, from: the file that names it.  NULL + e. */
typedef char *cue_load_fn(void *arg, const char *from, const char *path, size_t *len, struct err *e);

/*
 * On failure e->text is "file:line:column: what was expected" (of the included file, when it is there).  text[len] need not be NUL.
 * load NULL: `include` is refused.  Includes nest at most 8 deep, never in a circle.
 */
bool cue_sheet_parse(struct cue_sheet *s, const char *file, const char *text, size_t len,
    cue_check_fn *check, cue_load_fn *load, void *arg, struct err *e);
void cue_sheet_fini(struct cue_sheet *s);
/* Index of the cue of that name, or -1. */
long cue_sheet_find(const struct cue_sheet *s, const char *name);

/* ---- While it plays: variables, and what `cut next|random of` chooses ---- */

struct cue_vars;
/* seed: of `random`; the same seed and the same calls choose the same. */
struct cue_vars *cue_vars_new(uint64_t seed);
void cue_vars_free(struct cue_vars *v);
void cue_vars_set(struct cue_vars *v, const char *name, const char *values);
/*
 * The command of a cue as it is to be run now, heap: variables put in, and for is_pick the next source of the list (each list keeps its
 * place; random never the one chosen just before, when there are two).  NULL + e: a variable is not set.
 */
char *cue_command(const struct cue *cue, struct cue_vars *v, struct err *e);

#endif
