/*
 * show_private.h - what show.c (what is kept, header, lists), show_tile.c (one camera), show_files.c (files of takes) and show_age.c (ages that step
 * together) share.  Nobody else includes it.
 */
#ifndef APP_SHOW_PRIVATE_H
#define APP_SHOW_PRIVATE_H

#include "app/deck.h"
#include "app/show.h"
#include "base/map.h"

/* The instant of one snapshot. */
struct show_moment {
	int64_t now_us, utc_us;		/* monotonic and console UTC, read together */
	int64_t part_us;		/* of the present second of UTC that is over */
	bool idle;
	int64_t change_us;		/* the least so far */
};

/* The little about one camera that is state nowhere else. */
struct show_memory {
	bool is_met, out;
	int64_t out_us;			/* monotonic; -1: before it was met */
	int64_t differs_us;		/* monotonic, since when its light says something else; -1: it does not */
};

struct show_when {			/* a take of the folder, for its line in the list */
	char take[TAKE_BYTES];
	int64_t started_us, stopped_us;
};

struct shower {
	const struct deck *deck;
	struct map *memories;		/* node id -> struct show_memory */
	struct show_when *whens;
	int when_count;
	char last[MAX_TEXT_FIELD];
	bool last_ok, last_is_cut;	/* last_is_cut: a cut came after that command, and tells itself */
	int clients;
	char caption[MAX_TEXT_FIELD];
	int64_t caption_us;		/* monotonic: when it was said */
	struct show_log log[SHOW_LOG];
	int64_t log_total, takes_total, strangers_total;
	struct mesh_off *off;
	int off_count;
};

/* show_age.c: ages at the last whole second, stepped; each tells the moment when it will be another. */
struct show_moment show_moment_of(const struct clk *clk, bool idle);
int64_t show_age_of(struct show_moment *m, int64_t age_us);
/* What runs on by the second whatever else: elapsed times. */
int64_t show_elapsed_of(struct show_moment *m, int64_t age_us);
/* Something will be different in so long. */
void show_change_in(struct show_moment *m, int64_t in_us);

/* show_files.c: after the takes; the fetch before them. */
void show_files_fill(const struct shower *s, struct show *out);
void show_fetch_fill(const struct shower *s, struct show *out, struct show_moment *at);

/* show_tile.c */
void show_tile_fill(struct show_tile *t, struct shower *s, const struct crew_member *m, struct show_moment *at);
/* Commands go to it, and it counts. */
bool show_tile_is_commanded(const struct show_tile *t);

/* show_beat.c: the clock, and what waits for it. */
void show_beat_fill(const struct shower *s, struct show *out, struct show_moment *at);

/* show_ahead.c: what comes next by itself: cue sheet, auto, countdown; what needs a hand now; the last cut.  After the tiles. */
void show_ahead_fill(const struct shower *s, struct show *out, struct show_moment *at);
/* show_ahead.c: "20:12:17.204  cut 4 wide > 1 left guest  by key (anna)  6/6 in 6.2 ms  on disk" */
void show_last_cut(const struct shower *s, struct show *out);

#endif
