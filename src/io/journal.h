/*
 * journal.h - one sidecar: append-only JSON Lines with seq from 1 without a hole (sphere-folder.md).
 * Opening checks the whole file; from the first bad line on (no LF, not JSON, a hole in seq) everything
 * moves to NAME.torn-N and is reported.  journal_open() blocks (start-up); the rest never does.
 */
#ifndef IO_JOURNAL_H
#define IO_JOURNAL_H

#include <stdint.h>
#include "base/clk.h"
#include "io/diskq.h"
#include "io/jdoc.h"

struct journal;

/* name: "cuts" for folder/cuts.jsonl.  torn: "" or one sentence on what was moved away.  run: this run's uuid, written in its first ("open") line. */
struct journal *journal_open(struct diskq *q, const char *folder, const char *name, const char *run, const struct clk *clk,
    int64_t run_mono_ns, bool durable, char *torn, size_t torn_size, struct err *e);
void journal_close(struct journal *j);
/*
 * Appends {"seq","timeUs","monoNs","type", ...members of line...}; takes line over.  time_us 0: now;
 * monoNs is the same instant as timeUs.
 * done: the line is on disk (or is not: e).  Returns its seq.
 */
int64_t journal_add(struct journal *j, const char *type, int64_t time_us, struct jdoc *line, diskq_done_fn *done, void *arg);
/* Calls fn for each good line of a journal file, oldest first; blocking; for start-up and subcommands. */
bool journal_read(const char *path, void (*fn)(void *arg, int64_t seq, const struct jdoc *line), void *arg, struct err *e);

#endif
