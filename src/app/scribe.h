/*
 * scribe.h - what happened, written down: bus -> journals.  Owner of the open journals; all ten exist.
 * Also of the manifest file: marks it dirty, rewrites once per turn of the loop.
 */
#ifndef APP_SCRIBE_H
#define APP_SCRIBE_H

#include "app/crew.h"
#include "io/journal.h"
#include "io/sphere.h"

#define SCRIBE_JOURNALS(X) X(CUTS, "cuts") X(COMMANDS, "commands") X(SOURCES, "sources") X(TIMEBASE, "timebase") \
	X(MARKERS, "markers") X(CAMERA, "camera") X(HEALTH, "health") X(POSE, "pose") X(GESTURE, "gesture") X(EVIDENCE, "evidence")
enum scribe_journal {
#define SCRIBE_ENUM(id, name) SCRIBE_##id,
	SCRIBE_JOURNALS(SCRIBE_ENUM)
#undef SCRIBE_ENUM
	SCRIBE_COUNT
};

struct scribe;
/* torn: called for each repaired journal with one sentence; may be NULL. */
struct scribe *scribe_new(struct loop *loop, struct diskq *q, struct sphere *sphere, struct crew *crew, struct bus *bus,
    const struct clk *clk, void (*torn)(void *arg, const char *sentence), void *arg, struct err *e);
void scribe_free(struct scribe *s);
/*
 * done: the line is on disk; in cuts.jsonl it waits for that one flush and no other.  NULL: nobody waits, and it is on
 * disk within a second.  pose and gesture are gathered: a crash may cost their last second.
 */
int64_t scribe_add(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line,
    diskq_done_fn *done, void *arg);
/* The manifest changed: rewritten at the end of this turn; done (may be NULL) when that is on disk. */
void scribe_manifest(struct scribe *s, diskq_done_fn *done, void *arg);
/* Atomically replaces takes/NNN/take.json.  The newest text wins; done when at least this one is on disk. */
void scribe_take(struct scribe *s, const struct take *t, diskq_done_fn *done, void *arg);
/* Cuts and notes from now on say "rehearsal": true: nobody counts them. */
void scribe_set_rehearsal(struct scribe *s, bool is_rehearsal);
struct diskq *scribe_queue(struct scribe *s);
/* By its newest answers, the disk does not take what is written: what was given lately may not be there. */
bool scribe_is_refused(const struct scribe *s);
/* *refused: does the disk refuse something by its newest answer?  Kept up until the queue is drained, also when the scribe is gone. */
void scribe_watch(struct scribe *s, bool *refused);
/* Supplies sphere.json's recordingState. */
void scribe_set_state_source(struct scribe *s, const char *(*fn)(void *arg, const char *node), void *arg);

#endif
