/*
 * journal.h - one sidecar: append-only JSON Lines with seq from 1 without a hole (sphere-folder.md).
 * Opening checks the whole file; from the first bad line on (no LF, not JSON, a hole in seq) everything
 * moves to NAME.torn-N and is reported.  Of a file of hours only its last megabytes are parsed, where a crash can have
 * been; before them each line's number and frame are looked at (`verify` parses all).  journal_open() blocks (start-up);
 * the rest never does.
 */
#ifndef IO_JOURNAL_H
#define IO_JOURNAL_H

#include <stdint.h>
#include "base/clk.h"
#include "io/diskq.h"
#include "io/jdoc.h"

struct journal;

enum journal_kind {
	JOURNAL_FLOOD,			/* gathered: a crash may cost its last second */
	JOURNAL_DURABLE,		/* nothing that was acknowledged is ever lost */
	JOURNAL_URGENT			/* durable, and a line of it waits for no other file */
};

/* name: "cuts" for folder/cuts.jsonl.  torn: "" or one sentence on what was moved away.  run: this run's uuid, written in its first ("open") line. */
struct journal *journal_open(struct diskq *q, const char *folder, const char *name, const char *run, const struct clk *clk,
    int64_t run_mono_ns, enum journal_kind kind, char *torn, size_t torn_size, struct err *e);
void journal_close(struct journal *j);
/*
 * done NULL: nobody waits, and the line is flushed within a second.
 * Appends {"seq","timeUs","monoNs","type", ...members of line...}; takes line over.  time_us 0: now;
 * monoNs is the same instant as timeUs.
 * done: the line is on disk (or is not: e).  Returns its seq.
 */
int64_t journal_add(struct journal *j, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg);
/* The same for a line that nobody waits for; done (may be NULL): it is written, not yet flushed. */
int64_t journal_note(struct journal *j, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg);
/* The members as text: "\"node\":\"x\",\"n\":1", good JSON without a line feed; for floods. */
int64_t journal_note_text(struct journal *j, const char *type, int64_t time_us, const char *members, diskq_done_fn *done, void *arg);
/* Calls fn for each good line of a journal file, oldest first; blocking; for start-up and subcommands. */
bool journal_read(const char *path, void (*fn)(void *arg, int64_t seq, const struct jdoc *line), void *arg, struct err *e);
/* It has a bad line before its end (what follows is not read), or the disk fails; a last line that is not whole yet is none.  Blocking. */
bool journal_is_damaged(const char *path);

#endif
