/*
 * cuedesk.h - the show caller's desk: one cue sheet loaded in the running console, its go, hold, skip, back, jump and stop.
 * Owner of the loaded sheet and of its player.  A file is read in the pool; a sheet with an error is never loaded.
 */
#ifndef APP_CUEDESK_H
#define APP_CUEDESK_H

#include <stdbool.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "base/err.h"

struct cmdq;
struct cuedesk;
struct deck;

struct cueplay;

/* deck outlives it; its queue comes later: cuedesk_connect().  speed, seed: of its players. */
struct cuedesk *cuedesk_new(const struct deck *deck, double speed, uint64_t seed);
/* Commands of a sheet go to this queue, before anything is loaded; it outlives the desk. */
void cuedesk_connect(struct cuedesk *c, struct cmdq *q);
void cuedesk_free(struct cuedesk *c);		/* NULL is fine */

/* `run`: the player is the caller's, and `cue go` and the others are for it; NULL: no more. */
void cuedesk_lend(struct cuedesk *c, struct cueplay *play);

typedef void cuedesk_done_fn(void *arg, const struct err *e);
/* Reads and checks it; done comes later, once.  A sheet that was loaded before, and does not play any more, makes room. */
bool cuedesk_load(struct cuedesk *c, const char *path, cuedesk_done_fn *done, void *arg, struct err *e);
/*
 * Starts a loaded sheet, lets the cue that waits for `go` run, or goes on after hold or panic.  From a key, what follows too soon after
 * the one before is refused: a key that is held down runs one cue.
 */
bool cuedesk_go(struct cuedesk *c, bool from_key, struct err *e);
/* Nothing more of it begins until `go`: what is pending is taken back, what runs ends. */
bool cuedesk_hold(struct cuedesk *c, struct err *e);
/* The same where somebody panics; nothing may be loaded. */
void cuedesk_panic(struct cuedesk *c);
/* Past the next cue; back to the one before; to the cue of that name: it is next, and waits for `go`. */
bool cuedesk_skip(struct cuedesk *c, struct err *e);
bool cuedesk_back(struct cuedesk *c, struct err *e);
bool cuedesk_jump(struct cuedesk *c, const char *name, struct err *e);
/* Its finally lines run, then it is over; one that has not begun, or is over, is put away. */
bool cuedesk_stop(struct cuedesk *c, struct err *e);

/* What the screen says of it; EV_CUE_CHANGED on the bus whenever it is another. */
struct cuedesk_word {
	bool loaded, playing, held, waits_go, over;
	char held_by[8];		/* "hold", "panic"; "" = it is not held, or somebody went to another cue */
	char file[128];			/* its name without folders */
	int at, count;			/* the next cue is the at-th of so many, from 1; at > count: none is left */
	char next[MAX_TEXT_FIELD];	/* the next cue as written, with its WHEN: `on go "sponsor"  cut host`; "" = none */
	char go_text[MAX_NAME_BYTES];	/* of a cue that waits for go */
	int64_t next_us;		/* until it is due; -1: not known (go, an event, an answer) */
	int passed, failed;
};
/* c NULL: nothing is loaded. */
void cuedesk_say(const struct cuedesk *c, struct cuedesk_word *out);

#endif
