/*
 * recordall.h - takes and their proof: the roll of all cameras, from the press to `saved`.
 * Owner of struct take.  take.json (asked) is durable before the first byte of record/start goes out.
 */
#ifndef APP_RECORDALL_H
#define APP_RECORDALL_H

#include "app/fanout.h"
#include "app/scribe.h"
#include "domain/take.h"
#include "io/sphere.h"

struct recordall;
typedef void recordall_done_fn(void *arg, const struct ledger *l, int64_t took_us, const struct err *e);

/* sphere may be NULL (a run without a folder is not offered; headless uses one in the state folder). */
struct recordall *recordall_new(struct loop *loop, struct crew *crew, struct fanout *fanout, struct bus *bus,
    struct scribe *scribe, struct sphere *sphere, const struct clk *clk, const struct opt_set *settings);
void recordall_free(struct recordall *r);
/* Takes over an unfinished take found at start (struct is moved in). */
void recordall_adopt(struct recordall *r, struct take *t);
/* in_us: "in 5s"; 0 = record-lead.  done: every target recording or failed (or deadline).  Refused while rolling, with the take's
 * number - but with explicit targets not in the take, adds late cameras to it. */
bool recordall_start(struct recordall *r, const struct target_set *targets, bool explicit_targets, const char *slate, int64_t in_us,
    const char *by, recordall_done_fn *done, void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e);
/* Planned as a start is; those asked later, or again, stop at once.  done: all answers are in. */
bool recordall_stop(struct recordall *r, const struct target_set *targets, bool explicit_targets, int64_t in_us, const char *by,
    recordall_done_fn *done, void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e);
/*
 * Asked at the press for each camera that is to roll, and with NULL for the show as a whole: what stands against it, "" and
 * false when nothing does.  It rolls all the same; take.json and health.jsonl say so, and the receipt.
 */
typedef bool recordall_arm_fn(void *arg, const char *node, char *out, size_t out_size);
void recordall_set_arm(struct recordall *r, recordall_arm_fn *fn, void *arg);
/* Takes from now on say so: nothing of them is a production.  apart: they are numbered R001 ..., apart from the show's. */
void recordall_set_rehearsal(struct recordall *r, bool is_rehearsal, bool apart);
/* The newest take of the Sphere, rolling or over; NULL before the first. */
const struct take *recordall_newest(const struct recordall *r);
bool recordall_is_rolling(const struct recordall *r);
/* Elapsed time of the running take, from the nodes' own word; us. */
int64_t recordall_elapsed_us(const struct recordall *r, int64_t now_us);
/* ---- The files on their way home: domain/take_part's steps, told by whoever fetches them ---- */

struct recordall_step {
	const char *take, *node;
	int part;
	enum take_state to;
	const char *reason;		/* of FAILED */
	const char *file;		/* its name in the take's folder; NULL: as it is */
};
/* False: no such part, or a step that is not allowed.  Tells `fetched` and `verified`. */
bool recordall_part_go(struct recordall *r, const struct recordall_step *step);
/* Where the files of this take are kept, as take.json says it.  False: no such take, or it says so already. */
bool recordall_set_archive(struct recordall *r, const char *take, const char *archive);
/* A proven copy of that part's file, besides.  False: no such part. */
bool recordall_part_copied(struct recordall *r, const struct recordall_step *step, const char *where, const char *proof);
/* An older take into memory, read from its folder (blocking, and small); true: it is there. */
bool recordall_load(struct recordall *r, const char *number);
const struct take *recordall_take(const struct recordall *r, const char *number);	/* NULL: not in memory */
/* Those in memory, oldest first. */
void recordall_each(const struct recordall *r, void (*fn)(void *arg, const struct take *t), void *arg);
/* "003" while rolling, NULL else. */
const char *recordall_running(const struct recordall *r);
/* The take that rolled at this instant (console UTC), of those in memory; NULL: none did. */
const char *recordall_at(const struct recordall *r, int64_t utc_us);

#endif
