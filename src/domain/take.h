/*
 * take.h - the Record All proof of one take as a state machine.  Pure values; take.json is made
 * of it by io/sphere_json.  Per device: asked -> starting -> recording -> stopping -> saved ->
 * fetching -> fetched -> verified, or failed with a reason.  A device that failed keeps what it
 * reached: counts are cumulative and only grow (except `recording`, which is now).
 * Times: microseconds, console UTC.
 */
#ifndef DOMAIN_TAKE_H
#define DOMAIN_TAKE_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/node.h"
#include "domain/offset.h"

enum take_state { TAKE_ASKED, TAKE_STARTING, TAKE_RECORDING, TAKE_STOPPING, TAKE_SAVED, TAKE_FETCHING,
	TAKE_FETCHED, TAKE_VERIFIED, TAKE_FAILED, TAKE_STATES };
enum take_policy { TAKE_WILLING, TAKE_MUST, TAKE_ALL };

struct take_history { enum take_state state; int64_t time_us; };

struct take_part {
	int part;
	enum take_state state;
	char reason[MAX_TEXT_FIELD];
	char file[128];				/* name in takes/NNN/; "" until fetched */
	int64_t start_us;			/* console timeline; 0 = not known */
	int64_t offset_us, bound_us;
	struct node_file meta;
	char *meta_json;			/* the node's own metadata as sent; heap or NULL */
	struct take_copy { char where[768], proof[128]; int64_t time_us; } copy;	/* in object storage, besides the file; "": none */
};

struct take_device {
	char node[ID_BYTES];
	int number;
	char label[MAX_NAME_BYTES];
	enum take_state state;
	char reason[MAX_TEXT_FIELD];
	bool reached[TAKE_STATES];		/* cumulative */
	bool stop_asked;
	bool stop_wanted;			/* until a start asks it anew; in memory only */
	bool stop_told;				/* that it stopped was said to whoever listens; in memory only */
	char not_armed[256];			/* rolled all the same: what stood against it at the press; "" = nothing */
	int64_t rec_since_us;			/* begin of the recording that runs or ran last; 0 = not yet.  First as the
						 * node said it; who knows its clock offset puts it on the console's timeline */
	int64_t node_since_us;			/* the same on the node's own clock: tells one recording from the next */
	struct offset_estimate clock;		/* its clock, as known soon after that recording began; in memory only */
	int64_t clock_since_us;			/* which recording that was: node_since_us then; 0 = none */
	int64_t heard_us;			/* its last word that it records, console UTC; 0 = none; in memory only */
	int part_count; struct take_part *parts;
	bool has_more;				/* it offers more files than we take: it never is all home; in memory only */
	int history_count; struct take_history *history;
};

struct take {
	char take[TAKE_BYTES], slate[MAX_NAME_BYTES];
	int slate_take;
	char sphere[ID_BYTES];
	enum take_policy policy;
	bool rehearsal, forced;
	int64_t started_us, stopped_us;		/* 0 = not yet */
	char archive[1024];			/* where its files are, as take.json says it; "" = takes/NNN below the Sphere */
	char not_armed[256];			/* as of a device, for the show as a whole: no room in the archive */
	int device_count; struct take_device *devices;
};

struct take_counts { int asked, recording, recorded, saved, failed, fetched, verified; };

void take_init(struct take *t, const char *number, const char *slate, int slate_take, const char *sphere,
    enum take_policy policy, int64_t now_us);
void take_fini(struct take *t);
struct take_device *take_device(struct take *t, const char *node);
/*
 * Adds an asked device (also a late one).  The present one, as it stands, if it is in already: take_go(TAKE_ASKED)
 * asks it for another part.  Pointers to other devices do not survive this call.
 */
struct take_device *take_ask(struct take *t, const char *node, int number, const char *label, int64_t now_us);
/*
 * The door for every state change; false when the step is not allowed (nothing changed).  FAILED needs a reason, any
 * other step clears it.  FETCHED and VERIFIED need parts that all got there.  STOPPING counts as asked for.
 */
bool take_go(struct take_device *d, enum take_state to, const char *reason, int64_t now_us);
/*
 * What the node itself says, on its own clock and in the order it said it; moves the device as far as the words
 * justify.  Words on another take do nothing, but a node that records another one has stopped ours.
 * True: something changed.
 */
bool take_heard(struct take_device *d, const struct node_recording *r, const char *take, const char *sphere, int64_t now_us);
/* A saved file of this take: a new part, or an update of the same recording id.  offset may be NULL.  True: changed. */
bool take_saved(struct take_device *d, const struct node_file *f, const char *json,
    const struct offset_estimate *offset, int64_t now_us);
/*
 * One part on its way home: saved -> fetching -> fetched -> verified, or failed; the device follows its parts, one
 * that failed keeps its state and counts what it reached.  False: no such part, or a step that is not allowed.
 */
bool take_part_go(struct take_device *d, int part, enum take_state to, const char *reason, int64_t now_us);
/* What the part is called in takes/NNN/: never a path.  device_name stands in for a label; NULL: the node's id does. */
void take_part_name(char *out, size_t out_size, const char *take, const struct take_device *d, const char *device_name,
    const struct take_part *p);
struct take_part *take_part(struct take_device *d, int part);
/* Nothing of it is left to be brought home: every device's parts are verified or were given up. */
bool take_is_home(const struct take *t);
/* It recorded, and that ended without being asked for. */
bool take_stopped_unasked(const struct take_device *d);
/* It was asked and never came to record (this time). */
bool take_did_not_roll(const struct take_device *d);
/*
 * How long that recording ran: by its file, else until its last word that it records; -1: not known, as when it ended while
 * no console was there.
 */
int64_t take_ran_us(const struct take_device *d);
/* Why it failed in the node's own word: without ours; "" when it gave none. */
const char *take_cause(const struct take_device *d);
void take_counts(const struct take *t, struct take_counts *out);
/* Every device has stopped (saved or further, or failed). */
bool take_is_over(const struct take *t);
bool take_is_rolling(const struct take *t);	/* some device is asked, starting, recording or stopping */
/*
 * From the press to the instant when the last camera was told to stop, or stopped; *to_us 0: one records still, or is about to.
 * False: no camera ever recorded, and none is about to.
 */
bool take_span(const struct take *t, int64_t *from_us, int64_t *to_us);
const char *take_state_name(enum take_state s);
bool take_state_parse(const char *word, enum take_state *out);
const char *take_policy_name(enum take_policy p);

#endif
