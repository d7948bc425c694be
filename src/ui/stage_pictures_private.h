/*
 * stage_pictures_private.h - what the files of the picture layer share: stage_pictures.c paints, stage_pictures_turn.c says
 * whose turn it is.  Not for anybody else.
 */
#ifndef UI_STAGE_PICTURES_PRIVATE_H
#define UI_STAGE_PICTURES_PRIVATE_H

#include "ui/stage_colours.h"
#include "ui/stage_pictures.h"

struct stage_slot {
	struct canvas_picture at;
	struct paint_place place;	/* within at; smaller where size was given up */
	void *painter;
	unsigned serial;		/* of the thumb painted last */
	bool is_dirty, has_more;
	bool is_fresh;			/* nothing of it is on the terminal: its first picture says nothing about the next */
	int64_t dirty_us;		/* since when its newest picture waits */
	int64_t pulled_us;		/* its next picture was asked for then; 0: not yet */
	bool is_renewed;		/* asked for once more, being out of date when its turn came, */
	int64_t renewed_by_us;		/* and waited for until then at most */
	int64_t begun_us;		/* when the last picture was begun */
	int64_t healed_us;		/* rows are sent again up to then */
	int64_t cost_bytes, run_bytes;	/* of one picture, smoothed; of this one so far */
	int milli_fps;
	int asked_fps;
	int64_t slow_since_us;
	int done;			/* pictures since the figures were last told */
};

struct stage_pictures {
	struct loop *loop;
	struct preview *preview;
	struct stage_line *line;
	struct stage_pictures_fns fns;
	void *arg;
	struct stage_pictures_use use;
	struct term_caps caps;
	bool is_held;
	struct stage_slot slots[CANVAS_PICTURES];
	int count;
	char awaited[CANVAS_PICTURES][ID_BYTES];
	int awaited_count;
	int size, level;		/* of the governor, as laid out and as painted */
	int rows, cols, told;		/* of the screen that was laid out last, and how many pictures it has */
	bool needs_begin;		/* the painter's first bytes have to go (again) */
	struct stage_colours *colours;	/* of all pictures, where the painter has a palette that may change */
	int64_t laid_out_us;
	bool needs_renew;		/* the terminal does not know them yet */
	struct loop_timer *timer;
	int64_t due_us;			/* when it was to come */
	struct buf body, out;		/* pieces; the batch made of them */
	int64_t planned_us, said_us, sent_bytes, decoded;
	int64_t shown;			/* pictures completely on the screen so far */
};

/* Who is painted next; NULL: nobody has to be, or may yet. */
struct stage_slot *stage_pictures_turn_next(struct stage_pictures *p, int64_t now_us);
/* When somebody who has a new picture may be painted by his own rate; -1: nobody waits for that. */
int64_t stage_pictures_turn_due(const struct stage_pictures *p);
/* How many rows are to be sent again with this picture; none on a line that is full, nor of a picture that is new. */
int stage_pictures_turn_heals(const struct stage_pictures *p, struct stage_slot *s, int64_t now_us);
/* Those who are next have their pictures decoded.  When to look again; -1: not needed. */
int64_t stage_pictures_turn_pull(struct stage_pictures *p, int64_t now_us);
/* Something newer has come while its picture waited long for its turn: true: that is decoded first. */
bool stage_pictures_turn_renews(struct stage_pictures *p, struct stage_slot *s, int64_t now_us);

#endif
