/*
 * metro_private.h - what metro.c (the clock and who may change it), metro_link.c (the session with others) and metro_journal.c
 * (its lines) share.  Nobody else includes it.
 */
#ifndef APP_METRO_PRIVATE_H
#define APP_METRO_PRIVATE_H

#include "app/metro.h"
#include "io/link.h"

struct metro {
	struct loop *loop;
	struct bus *bus;
	struct scribe *scribe;
	const struct clk *clk;
	const struct opt_set *settings;
	double speed;
	bool runs;
	struct beat_grid grid;			/* on the loop's clock; its bpm is the real one, speed included */
	bool is_downbeat_told;			/* given here; else bars are those of the session */
	struct beat_taps taps;
	/* others */
	struct link_session *link;		/* NULL: not on the network */
	struct link_ear *ear;			/* only while no clock runs, or it runs at a speed of its own */
	bool overheard;				/* at such a speed: somebody keeps a session */
	int64_t joined_us;			/* monotonic */
	unsigned peers;
	int64_t peers_changed_us, peers_seen_us;	/* monotonic; -1 never */
	struct loop_timer *look_timer;
	int64_t written_us;			/* monotonic: the last line of its journal; -1: none */
};

/* metro.c */
/* Journal and bus: it is another clock now.  by NULL: nobody here did it. */
void metro_changed(struct metro *m, const char *why, const struct metro_ask *ask);

/* metro_link.c */
void metro_link_open(struct metro *m);
void metro_link_close(struct metro *m);
/* The clock was started, or set, here: on our own clock others are told of it too. */
void metro_link_start(struct metro *m);
void metro_link_tell_tempo(struct metro *m);
void metro_link_tell_beat(struct metro *m, double beat);

/* metro_journal.c */
void metro_journal_write(struct metro *m, const char *why, const struct metro_ask *ask);
/* While it runs, so often. */
bool metro_journal_is_due(const struct metro *m);

#endif
