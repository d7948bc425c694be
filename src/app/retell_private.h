/*
 * retell_private.h - what retell.c (the whole), retell_read.c (journals), retell_cut.c (the cut list as it stands), retell_clock.c (tempo and
 * beats), retell_command.c (commands as a sheet has them) and retell_print.c (the sheet) share.  Nobody else includes it.
 */
#ifndef APP_RETELL_PRIVATE_H
#define APP_RETELL_PRIVATE_H

#include <stdint.h>
#include "app/retell.h"
#include "base/buf.h"
#include "domain/beat.h"
#include "domain/registry.h"

#define RETELL_PAUSE_US 600000000LL	/* a console that was away for longer begins another part: its pause is not replayed */
#define RETELL_RUNS 4096

/* ---- As read ---- */

struct retell_cut {
	int64_t seq, at_us, n, struck_by;	/* struck_by: seq of the strike's first; 0: it stands */
	int run;
	char to[ID_BYTES], amended[ID_BYTES], label[MAX_NAME_BYTES], by[64], reason[160];
	bool is_amended, is_rehearsal, on_clock;
	double beat;
};

struct retell_command {
	int64_t n, asked_us, effect_us;		/* effect_us: the earliest that a camera told; 0: none did */
	int run;
	char *text, *error;			/* error NULL: none */
	bool failed, is_replayed;		/* is_replayed: the sheet has it */
	int target_count;
	char (*targets)[ID_BYTES];		/* whom it asked, or was about */
};

struct retell_beat {
	int64_t at_us;
	int run;
	bool runs;
	double beat, bpm, downbeat;
	int quantum;
};

/* ---- As told ---- */

struct retell_item {
	int64_t at_us;
	size_t order;				/* of those at one instant */
	int run;
	char when[48];				/* "at bar 3.2"; "": at its instant */
	char *text;				/* a command; NULL: the note alone, as a comment line */
	char *note;				/* behind it; NULL: none */
	bool is_cut;
};

struct retell {
	const char *folder;
	struct registry *reg;
	char (*runs)[ID_BYTES];
	int run_count, run;			/* run: of the journal that is being read */
	struct retell_cut *cuts;
	size_t cut_count;
	struct retell_command *commands;
	size_t command_count;
	struct retell_beat *beats;
	size_t beat_count;
	struct retell_item *items;
	size_t item_count;
	struct retell_sheet *out;
};

/* retell_read.c: false + e: cuts.jsonl is not there. */
bool retell_read(struct retell *r, struct err *e);
void retell_forget(struct retell *r);

/* retell.c: one more item; text and note (either NULL) are taken over. */
struct retell_item *retell_add(struct retell *r, int64_t at_us, int run, char *text, char *note);

/* retell_command.c */
/* A camera as a sheet names it: its label, else its device name when that is nobody else's, else its id.  fallback: of one that is gone. */
void retell_name(const struct retell *r, const char *id, const char *fallback, char *out, size_t out_size);
/* Free text as one string of a sheet. */
char *retell_quoted(const char *text);
void retell_commands(struct retell *r);
/* It was forced, in words or by asking twice. */
bool retell_is_forced(const struct retell *r, const struct retell_command *c);
const struct retell_command *retell_command_of(const struct retell *r, int run, int64_t n);

/* retell_cut.c */
void retell_cuts(struct retell *r);

/* retell_clock.c: the lines of tempo, quantum and downbeat; and where a beat stands by them: "at bar 3.2", "" when no clock ran. */
void retell_clock(struct retell *r);
void retell_place(const struct retell *r, const struct retell_cut *c, char *out, size_t out_size);

/* retell_print.c */
void retell_print(struct retell *r);

#endif
