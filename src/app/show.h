/*
 * show.h - everything a screen may show, as one plain snapshot of the app's state at one instant.
 * Made by show_take(), drawn by ui/; the ui reads nothing else but pictures.  No pointers into the app.
 * Texts are clean UTF-8.  Times: durations in us unless the name says otherwise; utc = console UTC.
 */
#ifndef APP_SHOW_H
#define APP_SHOW_H

#include <stdbool.h>
#include <stdint.h>
#include "app/arm.h"
#include "base/ceilings.h"
#include "domain/health.h"
#include "domain/ids.h"
#include "domain/take.h"

struct deck;
struct cmdq;
struct mesh;
struct mesh_off;

enum show_light { SHOW_OFF, SHOW_PREVIEW, SHOW_PROGRAM };

struct show_tile {
	char id[ID_BYTES], name[MAX_NAME_BYTES];
	int number;
	enum show_light light;
	bool view_only, out, known_only;	/* known_only: in the manifest, not seen in this run */
	enum health_link link;
	int64_t link_since_us;			/* age of that link state */
	int64_t silent_us;			/* since its last word; -1 never */
	int64_t heard_utc_us;			/* when that was, console UTC; 0 never */
	enum health_rec rec;
	int64_t rec_elapsed_us;			/* by the node's own word; -1: not known */
	bool stopped_unasked; int64_t stopped_after_us; char stop_reason[MAX_TEXT_FIELD];	/* it had run for so long; the reason in its own word, "" = it gave none */
	int64_t stopped_since_us;		/* and stands since; -1: not known */
	int64_t out_since_us;			/* out of the show for so long; -1: not known */
	bool frozen;
	bool has_battery, charging; int battery_percent;
	int storage_minutes;			/* at the pace of its recording, else at its bit rate; -1 not known */
	int64_t full_soon_us;			/* it records, and its storage will be full then, within ten minutes; 0: not so soon, or not known */
	bool has_audio, muted; double peak_dbfs, rms_dbfs; int64_t clips;
	bool audio_silent;			/* has sound, not muted, and nothing is in it */
	int64_t clip_utc_us;			/* when it last clipped, console UTC; 0 = not in the last minute */
	bool conflict;				/* another device answers with this id */
	bool held;				/* another console holds it: it takes no command of ours */
	bool has_tally, tally_ok;		/* it tells what its light says; and that is what the two buses say */
	bool tally_differs;			/* for longer than a cut takes it is not */
	int64_t frozen_us;			/* for so long; 0 = not */
	char thermal[16];			/* "" = nominal or not told */
	double zoom;				/* 0 or 1: not worth showing */
	bool front;
	double fps;				/* 0: not told */
	int64_t picture_age_us;			/* since it was taken, by the node's clock; -1: no picture yet */
	bool picture_unwatched;			/* nobody looks: none is asked for, and none can be seen to stand still */
	bool picture_unread;			/* what comes cannot be decoded: the age is that of the last one that could */
	int64_t picture_bound_us;		/* that age is right within so much; -1: counted from its arrival, older for certain */
	int64_t picture_utc_us;			/* when it was taken (or came), console UTC; 0: none */
	int64_t clock_bound_us;			/* -1 unknown */
	char roles[96];				/* "SAFE backup": the ones worth showing */
	char why[MAX_TEXT_FIELD];		/* one line: what is wrong, "" when all is well */
	char path[16];				/* "lan" "tailscale" ... */
	char model[MAX_NAME_BYTES], address[300];	/* health view only */
};

/* text: cause, then the command that cures.  brief: the same in few words, for where text does not fit. */
struct show_alarm { int64_t utc_us; char text[MAX_TEXT_FIELD], brief[128]; bool over; };
struct show_take { char take[TAKE_BYTES], slate[MAX_NAME_BYTES]; int asked, recording, recorded, saved, failed, fetched, verified;
	int64_t started_us, stopped_us; };
/* One file on its way, or a camera of a take that has none: why. */
struct show_file {
	char take[TAKE_BYTES], name[MAX_NAME_BYTES];
	int number, part;			/* part 0: the camera itself */
	enum take_state state;
	char word[24];				/* "recording", "waiting", "no room" */
	bool moves;				/* bytes come now */
	int64_t bytes, total_bytes;		/* -1: not known, or nothing has moved */
	int64_t rate_bytes, left_us;		/* 0; -1: not known */
	char file[128], why[200];		/* "" = no name yet; nothing to say */
};
/* All that is on its way home. */
struct show_fetch { bool paused; int files, moving; int64_t bytes, total_bytes, rate_bytes, left_us; };
struct show_log { int64_t utc_us; char node[ID_BYTES], topic[24]; char text[MAX_TEXT_FIELD]; };

/* The clock of the show. */
struct show_beat {
	bool runs, on_link;			/* on_link: shared, with peers or with nobody yet */
	double bpm;
	int quantum, beat;			/* beat: of the bar, from 1 */
	int64_t bar;				/* below 1: before the downbeat */
	unsigned peers;
	int64_t alone_us;			/* since the last of them left; -1: there are some, or never were */
};

/* The cut that waits for the clock. */
struct show_pending {
	bool any, is_bar;			/* is_bar: it comes with the first beat of a bar */
	int number; char name[MAX_NAME_BYTES];	/* of the source it goes to; 0: it has none */
	int64_t beats;				/* until then; 1: on the next */
};

/* The loaded cue sheet. */
struct show_cue {
	bool loaded, playing, held, waits_go, over;	/* held: nothing more of it begins until `cue go` */
	char held_by[8];			/* "hold", "panic"; "" = by neither */
	char file[128];
	int at, count;				/* the next cue is the at-th */
	char next[MAX_TEXT_FIELD], go_text[MAX_NAME_BYTES];
	int64_t next_us;			/* -1: not known */
};
/* `auto on`.  next: "3 host", "" = nothing fits, and why says so. */
struct show_auto { bool on; int64_t yields_us; char next[MAX_NAME_BYTES + 16]; int64_t next_us; char why[128]; };
/*
 * The program source failed, and nobody has cut away yet: "PROGRAM left LOST 2.1 s - Space: wide - !: safe".  space: the preview
 * source, safe: where panic would go; "" = that one is no way out.
 */
struct show_lost { bool any, frozen; char name[MAX_NAME_BYTES]; int64_t since_us; char space[MAX_NAME_BYTES], safe[MAX_NAME_BYTES]; };
/* utc_us: when it ends, console UTC; left_us < 0: past. */
struct show_countdown { bool any; char name[MAX_NAME_BYTES]; int64_t left_us, utc_us; };

#define SHOW_TENTHS_US 10000000		/* so young, a lost program source is told in tenths of a second */
#define SHOW_COARSE_US 600000000	/* while nothing rolls, a countdown that is longer has no seconds */
#define SHOW_ALARMS 16
#define SHOW_TAKES 64
#define SHOW_FILES 160
#define SHOW_LOG 256
#define SHOW_STRANGERS 32

struct show {
	char session[MAX_NAME_BYTES];
	bool rehearsal;
	bool idle;				/* nothing rolls: the clock has no seconds, ages are coarse */
	int64_t utc_us;
	int64_t change_us;			/* until an age or elapsed time in here is another one; INT64_MAX: none will be */
	bool rolling, starting, stopping;	/* the running take */
	char take[TAKE_BYTES], slate[MAX_NAME_BYTES];
	int64_t take_elapsed_us;
	int rolling_count, rolling_asked, stopped_count, silent_count;
	char program[ID_BYTES], preview[ID_BYTES];
	int64_t shot_us;			/* how long program is on; -1: none */
	int tally_ok, tally_asked;
	struct show_beat beat;
	struct show_pending pending;
	struct show_cue cue;
	struct show_auto autodirector;
	struct show_lost lost;
	struct show_countdown countdown;
	int clients;				/* on the control socket */
	int left_minutes; char left_name[MAX_NAME_BYTES];	/* smallest storage; -1 */
	char next[MAX_TEXT_FIELD];		/* what else comes by itself: "take 004 rolls in 3 s"; "" = nothing */
	char last[MAX_TEXT_FIELD];		/* the last command and its ledger: "12:17.204 cut 4 wide > 1 left  by key (anna)  6/6 in 6.2 ms  on disk" */
	bool last_ok, can_undo;			/* can_undo: it was a cut, and `cut back` takes it back */
	char caption[MAX_TEXT_FIELD];		/* what a cue sheet or a script just said to people; "" = nothing */
	int64_t caption_age_us;			/* INT64_MAX: there is none */
	char searching[MAX_TEXT_FIELD];		/* when no camera is there: how they are being looked for, and what to do */
	struct show_fetch fetch;
	int alarm_count, alarm_total;
	int tile_count;				/* all above is written anew by each shower_fill(), and of the rest as much as is counted */
	struct show_tile tiles[MAX_NODES];	/* by number */
	struct show_alarm alarms[SHOW_ALARMS];	/* newest unseen last */
	int take_count; struct show_take takes[SHOW_TAKES];	/* newest first */
	int file_count, file_total;		/* of the newest take, and of older ones what is not home; in the order of takes */
	struct show_file files[SHOW_FILES];
	struct arm_sheet arm;
	int64_t takes_total;			/* changes of takes before the newest that are in it */
	int64_t log_total;			/* lines since the start: grows with each */
	int log_count; struct show_log log[SHOW_LOG];		/* newest last */
	int64_t strangers_total, strangers_us;	/* news of them that are in it, and when they were looked at, monotonic */
	int stranger_count, stranger_total;	/* addresses tried that are no camera: "HOST:PORT: why" */
	char strangers[SHOW_STRANGERS][MAX_TEXT_FIELD];
};

/* Every age is the one of the last whole second of UTC: all step in one instant.  While nothing rolls at 1, 2, 5, 10, 20 s,
 * minutes, hours; else at each second below a minute.  Of what comes all the time (words, pictures) it is 0 while that comes. */
int64_t show_age_step(int64_t age_us, bool idle);
/* Until the age makes its next step. */
int64_t show_age_rest(int64_t age_us, bool idle);

struct shower;				/* keeps the little that is not state elsewhere: last line, log */
struct shower *shower_new(const struct deck *deck);
void shower_free(struct shower *s);
/* Fills *out, which is 0 at first (big: keep one, on the heap; the log is copied only when it grew). */
void shower_fill(struct shower *s, struct show *out);
/* The mesh map as it is now: mesh_free() it. */
struct mesh *shower_mesh(const struct shower *s);
/* Sources of cameras that were not opened, for that map; copied. */
void shower_off(struct shower *s, const struct mesh_off *off, int count);
/* A submitted command's reply ends here for the LAST line.  A cut that was done tells itself, whoever asked for it. */
void shower_last(struct shower *s, bool ok, const char *text);
/* The i-th hook that `hook` runs; NULL: past the last. */
const char *shower_hook(const struct shower *s, int index);
/* So many are on the control socket now. */
void shower_clients(struct shower *s, int count);

#endif
