/*
 * cueplay.h - plays a cue sheet: anchors, beats, waits, expectations, standing rules, finally lines; go, hold, skip, back and jump.
 * A line with WHEN is anchored to the scheduled instant of the cue before; instants known ahead are sent ahead with atUs, and those on a
 * beat follow the clock.  Loop's thread.  Never judges what a command means.
 */
#ifndef APP_CUEPLAY_H
#define APP_CUEPLAY_H

#include "app/cmdq.h"
#include "app/cuedesk.h"
#include "app/judge.h"
#include "domain/cue.h"

struct cueplay;
struct cueplay_result { int passed, failed; bool stopped_early, command_failed, quit; struct err err; };
typedef void cueplay_done_fn(void *arg, const struct cueplay_result *r);

/* What lets an `on go` cue run: cueplay_go(); by itself once the cue before is over; or so long after that one's instant. */
enum cueplay_go_by { CUEPLAY_GO_ASKED, CUEPLAY_GO_AUTO, CUEPLAY_GO_AFTER };
struct cueplay_conf {
	double speed;			/* times go by so much faster; 0 = 1.0 */
	uint64_t seed;			/* of `cut random of` */
	enum cueplay_go_by go;
	int64_t go_us;			/* GO_AFTER */
};

/* sheet is borrowed, conf copied.  done comes once, from the loop, when the finally lines are over too; it may free the player. */
struct cueplay *cueplay_new(const struct deck *deck, struct cmdq *q, const struct cue_sheet *sheet, const struct cueplay_conf *conf,
    const struct reply *reply, cueplay_done_fn *done, void *arg);
void cueplay_start(struct cueplay *p);
/* Ctrl-C, SIGTERM: the finally lines run, then done.  A second time: not even they. */
void cueplay_interrupt(struct cueplay *p);
/* It cannot go on, for that reason: as a wait that ran out. */
void cueplay_give_up(struct cueplay *p, const struct err *why);
/* The same on purpose (`cue stop`): nothing failed by it.  False + e: it does not play. */
bool cueplay_end(struct cueplay *p, struct err *e);
/* Commands that have not ended are left to the queue. */
void cueplay_free(struct cueplay *p);

/*
 * The show caller's words.  Each is at once; false + e: refused, with the sentence.
 * go: starts it, lets the `on go` cue run, goes on after hold.  A sheet that was held goes on so much later; after skip, back and jump
 * the next cue runs with the go itself, whatever its WHEN but a beat, and `at` counts on from there.
 */
bool cueplay_go(struct cueplay *p, struct err *e);
bool cueplay_hold(struct cueplay *p, struct err *e);
bool cueplay_skip(struct cueplay *p, struct err *e);
bool cueplay_back(struct cueplay *p, struct err *e);
bool cueplay_jump(struct cueplay *p, const char *name, struct err *e);
/* What the screen says of it.  EV_CUE_CHANGED on the bus when it is another; next_us alone is no news. */
void cueplay_say(const struct cueplay *p, struct cuedesk_word *out);
/* A go is waited for: by an `on go` cue, or because it is held. */
bool cueplay_wants_go(const struct cueplay *p);

#endif
