/*
 * health.h - samples of a node judged: is it live, does it really record, is its picture frozen.
 * A state is what the node last said, and its age; silence is a state.  Pure: "now" comes in.
 * Times in microseconds on the console's monotonic clock.
 */
#ifndef DOMAIN_HEALTH_H
#define DOMAIN_HEALTH_H

#include <stdbool.h>
#include <stdint.h>
#include "domain/node.h"

enum health_link { HEALTH_NEVER, HEALTH_LIVE, HEALTH_STALE, HEALTH_LOST };
/* What the recording word on a tile may honestly say. */
enum health_rec { HEALTH_REC_NONE, HEALTH_REC_STARTING, HEALTH_REC_RECORDING, HEALTH_REC_UNSURE,
	HEALTH_REC_NOT_WRITING, HEALTH_REC_STOPPING, HEALTH_REC_SAVING, HEALTH_REC_FAILED };

struct health_limits { int64_t stale_us, lost_us, growth_us; };

struct health_room { int64_t at_us, free_bytes; };	/* how much was free when; at_us -1: not looked at */

struct health_track {
	int64_t heard_us;		/* last word of any kind; -1 never */
	int64_t said_us;		/* last health */
	struct node_health last;
	int64_t rec_began_us;		/* when `recording` was first heard for this take */
	int64_t grew_us;		/* last growth of bytes; -1 never in this recording */
	int64_t resumed_us;		/* first word after a silence, if it did not grow then nor since the one before; -1: none */
	int64_t bytes;
	int64_t frame_us;		/* last picture arrived; -1 never */
	int64_t frame_counter, counter_moved_us;	/* X-Frame; -1 = not told */
	bool stood_still;		/* it was frozen with its last picture */
	int64_t frame_capture_us;	/* X-Timestamp-Us of the last picture, node's clock; 0 = not told */
	int64_t sound_us;		/* last word on its sound; -1 never */
	int64_t loud_us;		/* last word that something was in it, or when words on it began, or it was muted */
	int64_t clip_us;		/* when its count of clips last grew; -1 never while we listened */
	struct health_room room[2];	/* of the recording that runs: a while ago, and lately */
};

void health_track_init(struct health_track *t);
void health_heard(struct health_track *t, int64_t now_us);
void health_said(struct health_track *t, const struct node_health *h, int64_t now_us);
void health_recording(struct health_track *t, const struct node_recording *r, int64_t now_us);
/* Of an audio event, or of health. */
void health_sound(struct health_track *t, const struct node_audio *a, int64_t now_us);
/* counter < 0: the source does not number its frames. */
void health_frame(struct health_track *t, int64_t counter, int64_t capture_us, int64_t now_us);
enum health_link health_link_of(const struct health_track *t, const struct health_limits *l, int64_t now_us);
/*
 * RECORDING only while the node says so, its word is no older than 3 s and its bytes grew within growth.  Heard again
 * after a silence it has growth to write on before it is NOT_WRITING.
 */
enum health_rec health_rec_of(const struct health_track *t, const struct health_limits *l, int64_t now_us);
/*
 * Frames arrive but the counter stands still for 2 s.  Only numbers count, or capture times where there are none: a
 * source that gives neither may show a slide for an hour, byte by byte the same, and is not frozen.  What was frozen
 * when it was last looked at is so until another picture comes.
 */
bool health_is_frozen(const struct health_track *t, int64_t now_us);
/* After how long it will be, if no other picture comes; INT64_MAX: it is already, or cannot be. */
int64_t health_frozen_in_us(const struct health_track *t, int64_t now_us);
/* For how long; 0: it is not. */
int64_t health_frozen_us(const struct health_track *t, int64_t now_us);
/* It has sound, is not muted, and its words of 5 s say that nothing is in it. */
bool health_is_silent(const struct health_track *t);
/* Minutes of storage at the node's bit rate; -1: cannot be told. */
int health_storage_minutes(const struct node_health *h);
/*
 * When its storage will be full if it goes on as it does: by what it has written, or by what has gone lately where that ends
 * sooner, within ten minutes; by its bit rate before there is anything to go by.  -1: it does not record, or cannot be told.
 */
int64_t health_full_in_us(const struct health_track *t);
/* Minutes of storage: at the pace of the recording that runs, else at its bit rate; -1: cannot be told. */
int health_room_minutes(const struct health_track *t);
const char *health_link_name(enum health_link link);	/* "live" "stale" "lost" "never" */

#endif
