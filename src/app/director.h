/*
 * director.h - program and preview, cuts, tally.  Owner of the two buses and of the tally lease.
 * Rules: console.md "Rules of the two buses".
 */
#ifndef APP_DIRECTOR_H
#define APP_DIRECTOR_H

#include "app/fanout.h"
#include "app/reply.h"
#include "io/diskq.h"

struct director;

struct director_cut {			/* the last one done */
	bool any;
	char from[ID_BYTES], to[ID_BYTES];
	int64_t at_us, asked_us;	/* console UTC */
	char by[64];
	bool is_rescue;			/* by itself, as program-lost says */
	int acked, asked;
	int64_t took_us;
	bool on_disk;
	int64_t seq;			/* in cuts.jsonl */
};

struct scribe;
struct metro;

struct director *director_new(struct loop *loop, struct crew *crew, struct fanout *fanout, struct bus *bus,
    struct scribe *scribe, const struct clk *clk, const struct opt_set *settings);
/* Tallies are released (sent off) by director_release(), and nothing is cut after it; free sends nothing. */
void director_free(struct director *d);
/* The clock that cuts wait for; outlives the director.  NULL: there is none. */
void director_set_clock(struct director *d, struct metro *metro);
void director_release(struct director *d);
const char *director_program(const struct director *d);		/* id or NULL */
const char *director_preview(const struct director *d);
const char *director_before(const struct director *d);		/* the source before; for cut back */
int64_t director_shot_us(const struct director *d);		/* console UTC since when program is on; 0 = nothing */
const struct director_cut *director_last(const struct director *d);
/* Lists the bus position into a target context. */
void director_context(const struct director *d, struct target_context *cx);
bool director_set_preview(struct director *d, const char *node, struct err *e);

struct director_ask {
	const char *to;			/* id; NULL with black = cut to black; NULL = swap with preview */
	bool black, back, force;
	bool unless_on;			/* a key: where that source is on already nothing is cut, and it is swallowed */
	const char *by;			/* "key:anna", "cue:file:3" */
	int n;				/* command number */
	int64_t pressed_us;		/* console UTC of the wish */
	int64_t at_us;			/* planned effect, console UTC; 0 = now */
	const char *reason;		/* why, for its line (auto); NULL: none */
	bool is_rescue;			/* the program source failed, and nobody was asked */
	bool on_clock;			/* on that beat of the clock instead, whenever it comes: the cut is pending until then */
	double beat;			/* of director_beat() */
};
typedef void director_done_fn(void *arg, const struct ledger *l, int64_t took_us, const struct err *e);
/*
 * Sends tally to every node, journals the cut, tells EV_CUT.  done (NULL: nobody waits; else exactly once, later): the answers are in and the
 * line is durable.  False + e: refused (no such source, LOST or FROZEN without force), nothing sent.
 * A swallowed repeat (cut-guard), or unless_on, is true with *swallowed set, and done is not called.
 */
bool director_cut(struct director *d, const struct director_ask *ask, bool *swallowed, director_done_fn *done,
    void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e);
/*
 * Cuts on the clock.  One is pending at most: a newer wish replaces it (EV_CUT_REPLACED), a tempo that changes moves it, and what
 * the nodes were sent ahead with it.  Its line is written when it lands; done comes after that.
 */
enum director_when { DIRECTOR_ON_BEAT, DIRECTOR_ON_BAR, DIRECTOR_AFTER_BEATS };
/* The beat meant by a press at that console UTC: the next that every node can still be told of.  False + e: no clock runs. */
bool director_beat(const struct director *d, enum director_when when, int beats, int64_t pressed_us, double *beat, struct err *e);
struct director_pending {
	char to[ID_BYTES];		/* "" = black */
	char by[64];
	double beat;
	int64_t at_us;			/* console UTC, as the clock stands now */
	int64_t beats;			/* until then, as people count them: 1 = on the next */
	bool is_bar;			/* it is the first beat of a bar */
};
/* False: none is. */
bool director_pending(const struct director *d, struct director_pending *out);
/* The cut that comes next of all that are planned or pending: who asked for it, and when (console UTC).  False: none. */
bool director_ahead(const struct director *d, char by[static 64], int64_t *at_us);
/* False: no cut is pending.  What the nodes were told ahead is taken back; nothing of it is in the cut list. */
bool director_cancel(struct director *d);
/* The source with role +safe: a fit one before the others; NULL: none has it. */
const char *director_safe(const struct director *d);
/*
 * `panic`: the pending cut and every planned one are taken back, and program goes to the source with role +safe that is live and not
 * frozen, else to the freshest such source, another than the one that is on if there is one; else to one that is silent just now.
 * Of why, by, n and pressed_us count.  True with *stays: that source is on already, nothing is sent and done is not called; else
 * done as of director_cut().  False + e: there is nowhere to go (what was pending is taken back all the same).
 */
bool director_panic(struct director *d, const struct director_ask *why, char to[static ID_BYTES], bool *stays, director_done_fn *done,
    void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e);
/* The program source is LOST, FROZEN or forgotten since then, and is still on. */
struct director_lost {
	char program[ID_BYTES];
	bool is_frozen;
	int64_t since_us;		/* console UTC */
	char safe[ID_BYTES];		/* where panic would go; "" = nowhere */
};
bool director_lost(const struct director *d, struct director_lost *out);
/*
 * For whoever sends a tally beside the director (`identify`): its lease and a new order, so that no later light is overtaken by it;
 * and, after it was sent: a camera may have taken it for a newer wish than the cut that is on its way there, which is sent again.
 */
void director_stamp(struct director *d, struct node_request *r);
void director_stamped(struct director *d);
/* Appended corrections.  done (may be NULL): the line is on disk, as of scribe_add().  False + e: refused, done is not called. */
bool director_amend(struct director *d, const char *node, const char *by, diskq_done_fn *done, void *arg, struct err *e);
bool director_strike(struct director *d, const char *by, diskq_done_fn *done, void *arg, struct err *e);
/* After a restart: buses as the journal's last cut left them; preview, the source it came from, is also the one before. */
void director_restore(struct director *d, const char *program, const char *preview);
/* Reads cuts.jsonl for it; blocking, for start-up.  False: it tells of no cut. */
bool director_read_last(const char *cuts_path, char program[static ID_BYTES], char preview[static ID_BYTES]);

#endif
