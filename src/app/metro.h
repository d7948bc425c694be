/*
 * metro.h - the clock of the show: tempo, beat, bars; shared over Ableton Link where others play, else our own.  Loop's thread.
 * A clock runs once a tempo, a tap or a downbeat was given here, or once a Link session with peers was heard; it then runs on,
 * also when the last peer leaves.  Joining changes nothing for the others; their tempo is changed only with `everyone`;
 * quantum and downbeat are ours alone.  Each change is a line in timebase.jsonl, and EV_BEAT on the bus.
 */
#ifndef APP_METRO_H
#define APP_METRO_H

#include "app/bus.h"
#include "app/scribe.h"
#include "base/clk.h"
#include "base/loop.h"
#include "base/opt.h"
#include "domain/beat.h"

struct metro;

/*
 * speed: how much faster than real time our own clock runs (run --speed); other than 1, no Link session is joined.
 */
struct metro *metro_new(struct loop *loop, struct bus *bus, struct scribe *scribe, const struct clk *clk,
    const struct opt_set *settings, double speed);
void metro_free(struct metro *m);

bool metro_runs(const struct metro *m);
/* False: no clock runs, with the sentence that says how to start one (e may be NULL). */
bool metro_check(const struct metro *m, struct err *e);
/* On the loop's clock, as of now; valid until EV_BEAT.  Only while a clock runs. */
const struct beat_grid *metro_grid(const struct metro *m);
/* Console UTC of a beat, by both clocks as they stand now, and back. */
int64_t metro_when_utc(const struct metro *m, double beat);
double metro_at_utc(const struct metro *m, int64_t utc_us);
/* Looks at Link's line now: before an instant that matters.  EV_BEAT when it has moved. */
void metro_look(struct metro *m);

/* Our own clock runs at another speed, and others on this network share theirs over Link: what is on a beat here is on none there. */
bool metro_is_overrun(const struct metro *m);

/* What the screen and the journals say of it. */
struct metro_word {
	bool runs, on_link;		/* on_link: on the network, with peers or without */
	double bpm;			/* as the show counts, without speed */
	int quantum;
	struct beat_place place;	/* now */
	int64_t next_us;		/* until the next beat */
	unsigned peers;
	int64_t peers_us;		/* since that number changed; -1: it never did */
	int64_t heard_us;		/* since the last time there was one; 0 while there is, -1 never */
};
void metro_say(const struct metro *m, struct metro_word *out);

/*
 * Each is at once; done (may be NULL) comes later, when its line is on disk, as of scribe_add().  False + e: refused, nothing done.
 * at_utc_us: console UTC of the press.
 */
struct metro_ask {
	bool everyone;			/* also when others play to it */
	const char *by;
	int64_t at_utc_us;
	diskq_done_fn *done;
	void *arg;
};
bool metro_tempo(struct metro *m, double bpm, const struct metro_ask *ask, struct err *e);
/* Of a row of taps the third and each later one sets the tempo and, on our own clock, the beat.  *bpm: what it is now; 0: it takes
 * more taps, nothing is written and done is not called. */
bool metro_tap(struct metro *m, const struct metro_ask *ask, double *bpm, struct err *e);
bool metro_quantum(struct metro *m, int quantum, const struct metro_ask *ask, struct err *e);
/* Bar 1 begins now: on our own clock exactly then, with peers on the beat nearest to it. */
bool metro_downbeat(struct metro *m, const struct metro_ask *ask, struct err *e);

/* After a restart: the clock as the journal's last line left it; blocking, for start-up.  False: it tells of none. */
bool metro_restore(struct metro *m, const char *timebase_path);

#endif
