/*
 * cue.h - a cue sheet read and checked whole, before its first cue runs.
 * [NAME:] [WHEN] [try|must] COMMAND, one a line, and whenever, repeat ... end, set $NAME, include, finally.  Knows the words of the language and their
 * shape (through the checker given), never the nodes of the day.
 *
 * Variables are text: $NAME is what the last `set $NAME` above it in the text says, put in before the line is read, wherever it stands.  So
 * everything is checked as it will be played, and no jump or skip goes past a value.
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
/* LINE: a command, wait, expect, zero or quit.  REPEAT and END take no time and are no cue of their own. */
enum cue_kind { CUE_LINE, CUE_REPEAT, CUE_END };

/* `cut next|random of LIST ...`: one of the list, chosen each time the cue is played. */
struct cue_choice {
	size_t count;			/* from 1 */
	char **names;			/* as written, quotes kept */
	bool random;
	char *tail;			/* what follows the list: "", "--force", "now" */
	char *key;			/* lists of the same names in the same order keep one place together */
};

struct cue {
	const char *file;		/* the sheet's: it or an included one, as errors say it */
	int line, column;		/* of the command, 1-based bytes of that file */
	char name[64];			/* "" = none */
	enum cue_kind kind;
	enum cue_when when;
	int64_t time_us;		/* AT, AFTER; AT_CLOCK: since local midnight; WHEN: within, -1 = for ever */
	int64_t bar;			/* AT_BAR, from 1 */
	double beats;			/* AFTER_BEATS, AFTER_BARS: so many, above 0; AT_BAR: which beat of that bar, from 1 */
	char *go_text;			/* ON_GO: what stands behind it; NULL = nothing */
	enum event_kind event;		/* WHEN, standing rules */
	char node[MAX_NAME_BYTES];	/* theirs, as written, without quotes; "" = any */
	enum cue_mood mood;
	bool finally;
	bool standing;			/* whenever EVENT [NODE]: a rule from the sheet's beginning to its finally lines, not a cue in the row */
	char *when_text;		/* for people: `after 2s`, `on go "sponsor"`, `whenever program-lost`, `finally`, `repeat 4`; "" = none */
	char *text;			/* the command, variables put in; a choice as written; REPEAT, END: "" */
	struct cue_choice *choice;	/* NULL: none */
	int repeat;			/* REPEAT: so often, from 1 */
	size_t partner;			/* REPEAT: index of its END; END: of its REPEAT */
	int depth;			/* repeats around it */
	size_t number;			/* among the cues in the row, from 1: its own, or that of the one before it */
	/* classified: */
	bool is_wait, is_expect, is_zero, is_quit;
};

struct cue_sheet {
	size_t count;
	struct cue *cues;		/* finally lines and standing rules included, in order; includes are read in where they stand */
	size_t file_count;
	char **files;			/* every file read, the sheet first */
	size_t row_count;		/* cues in the row, each counted once: no finally line, no rule, no repeat or end */
};

/* Says whether text is a well-formed command of the language; *column within text. */
typedef bool cue_check_fn(void *arg, const char *text, int *column, struct err *e);
/*
 * The text of an included file, heap, for the caller to free; its *len at most MAX_CUE_SHEET.  path is already told from the file that names it:
 * relative to what the sheet's own name is relative to.  NULL + e: a sentence without a place.
 */
typedef char *cue_load_fn(void *arg, const char *path, size_t *len, struct err *e);

/*
 * On failure e->text is "file:line:column: what was expected" (of the included file, when it is there), and s is empty.  text[len] need not be
 * NUL.  check NULL: any command passes; load NULL: `include` is refused.  arg goes to both.
 */
bool cue_sheet_parse(struct cue_sheet *s, const char *file, const char *text, size_t len,
    cue_check_fn *check, cue_load_fn *load, void *arg, struct err *e);
void cue_sheet_fini(struct cue_sheet *s);
/* Index of the cue (or the repeat) of that name, or -1.  Finally lines and standing rules are nowhere in the row: never theirs. */
long cue_sheet_find(const struct cue_sheet *s, const char *name);
/* The name that a mistyped one may have meant; NULL: none is near. */
const char *cue_sheet_nearest(const struct cue_sheet *s, const char *name);
/* Its instant is a beat of the clock. */
bool cue_is_on_clock(const struct cue *cue);
/* The cue as a line for people, heap: WHEN, mood and command; not its name. */
char *cue_shown(const struct cue *cue);

/* ---- While it plays: what `cut next|random of` chooses ---- */

struct cue_chooser;
/* seed: of `random`; the same seed and the same calls choose the same. */
struct cue_chooser *cue_chooser_new(uint64_t seed);
void cue_chooser_free(struct cue_chooser *c);	/* NULL is fine */
/*
 * The command of a cue as it is to be run now, heap.  Of a choice: `cut NAME ...`, the one after the last chosen of that list (first the
 * first), or one at random, never the last chosen when there are others.  Any other cue: its text.
 */
char *cue_command(const struct cue *cue, struct cue_chooser *c);
/* Its shape before that, heap: the same with the list's first name.  Chooses nothing. */
char *cue_sample(const struct cue *cue);

#endif
