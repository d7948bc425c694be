/*
 * preview_private.h - what the files of the previews share: preview.c picks and decodes, preview_ask.c asks the nodes.
 * Not for anybody else.
 */
#ifndef APP_PREVIEW_PRIVATE_H
#define APP_PREVIEW_PRIVATE_H

#include "app/preview.h"
#include "app/preview_held.h"
#include "base/list.h"
#include "base/map.h"

#define PREVIEW_KEPT_DECODERS 4
#define PREVIEW_LEAVE_AFTER_US 10000000		/* a list is looked at for so long; then the pictures are to be there at once */
#define PREVIEW_LOWER_AFTER_US 5000000		/* less is asked of a node when less was wanted for so long */

struct preview_job;
struct jpg_decoder;

struct preview_slot {
	struct preview *preview;
	char node[ID_BYTES];
	int width_px, height_px, fps;	/* what the view wants; width 0: nothing */
	bool is_watched;		/* a few small pictures are wanted all the same */
	int asked_width_px, asked_fps;	/* what the node was asked for */
	int64_t lower_us;		/* since when less would do; 0: it would not */
	int64_t left_us;		/* since when nobody looks, though pictures still come; 0: somebody does, or none come */
	struct preview_held waiting;		/* the newest; len 0: none */
	struct preview_held last;		/* the one decoded last, shown or bad; len 0: none, or too large to keep */
	int last_width_px, last_height_px;	/* the box it was decoded for */
	struct preview_job *job;	/* the decode that runs; NULL: none */
	bool is_pulled, is_near;	/* decoded only when its turn on the screen is near; it is */
	int64_t due_us;			/* no decode before this */
	struct thumb thumb, spare;	/* shown; its pixels from before, for the next */
	int64_t taken_us, came_us;	/* of the picture shown, though it may have come several times */
	unsigned serial;
	bool is_bad, is_damaged;	/* the last one could not be decoded; or not all of it */
};

struct preview {
	struct loop *loop;
	struct crew *crew;
	struct bus *bus;
	const struct opt_set *settings;
	struct map *slots;		/* node id -> struct preview_slot */
	struct list jobs;
	struct jpg_decoder *decoders[PREVIEW_KEPT_DECODERS];	/* at rest */
	int decoder_count;
	size_t held_bytes;		/* of all JPEGs */
	int64_t decoded, same;
	struct loop_timer *timer;	/* the earliest due_us of a slot that has a JPEG waiting */
	int64_t timer_us;		/* when it fires; 0: stopped */
	struct loop_timer *leave_timer;	/* streams that nobody came back to are closed */
	bool is_leave_timed;		/* it runs */
};

/* The rate that is wanted, as far as the settings let it be. */
int preview_ask_fps(const struct preview_slot *s);
void preview_ask(struct preview_slot *s);
/* Nobody looks any more: the stream stays open for a while. */
void preview_ask_leave(struct preview_slot *s);
/* Nobody came back for so long: it is closed.  When to look again; 0: closed, or somebody does look. */
int64_t preview_ask_left(struct preview_slot *s, int64_t now_us);
/* Somebody looks again. */
void preview_ask_wake(struct preview_slot *s);

#endif
