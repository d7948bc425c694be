/*
 * rushes_private.h - what rushes.c (wishes), rushes_archive.c (where they land), rushes_copies.c (object storage) and
 * rushes_ask.c (who waits, and the receipt) share.
 * Nobody else includes it.
 */
#ifndef APP_RUSHES_PRIVATE_H
#define APP_RUSHES_PRIVATE_H

#include "app/rushes.h"
#include "base/list.h"
#include "io/haul_target.h"

struct rushes_wish {			/* one file under way */
	struct list link;		/* rushes->wishes */
	struct rushes *rushes;
	char take[TAKE_BYTES], node[ID_BYTES], recording[ID_BYTES];
	int part;
	char file[128];
	struct haul_wish *haul;
	struct haul_news news;		/* the last */
	int64_t moved_us;		/* monotonic: bytes came, or it changed */
};

struct rushes_copy {			/* one verified file on its way into object storage */
	struct list link;		/* rushes->copies */
	struct rushes *rushes;
	char take[TAKE_BYTES], node[ID_BYTES], file[128];
	int part;
	struct haul_put *put;		/* NULL: it ended */
	enum haul_put_state state;
	struct err err;
	int64_t bytes, total_bytes, moved_us;	/* moved, monotonic: bytes went, or it changed */
};

struct rushes_change {			/* of the archive, on its way */
	struct rushes *rushes;		/* NULL: freed meanwhile */
	struct haul_target *target;
	char text[1024], was[1024];
	char sentence[512];
	bool is_writing;		/* sphere.json is on its way: its answer comes in any case */
	int64_t free_bytes;
	rushes_archive_fn *done;
	void *arg;
};

#define RUSHES_CURIOUS 8
struct rushes_curious {
	rushes_archive_fn *done;
	void *arg;
};

struct rushes_archive {
	struct haul_target *target;	/* NULL: it cannot be had; trouble says why */
	char text[1024];
	struct err trouble;
	int64_t free_bytes, asked_us;	/* asked: monotonic, a question is open; 0 = none */
	bool is_known, can_land;
	struct loop_timer *timer;
	struct rushes_change *change;	/* NULL: none is under way */
	struct rushes_curious curious[RUSHES_CURIOUS];	/* who asked before the first look was over */
	int curious_count;
};

struct rushes {
	struct loop *loop;
	struct crew *crew;
	struct recordall *recordall;
	struct scribe *scribe;
	struct sphere *sphere;
	struct bus *bus;
	const struct opt_set *settings;
	fanout_bearer_fn *bearer;	/* NULL: nobody holds a camera */
	void *bearer_arg;
	struct haul *haul;
	struct rushes_archive archive;
	struct list copies;
	struct list wishes, asks, told;	/* told: takes and their receipts */
	struct list receipts;		/* those that wait for the disk */
	struct loop_timer *look_timer, *ask_timer, *receipt_timer;
	bool look_waits;
	bool is_full;
	int64_t pace;
};

/* rushes.c */
struct rushes_wish *rushes_find(const struct rushes *r, const char *take, const char *node, int part);
void rushes_want_take(struct rushes *r, const struct take *t, bool failed_too);
void rushes_look_soon(struct rushes *r);

void rushes_forget_take(struct rushes *r, const char *take);	/* its wishes, with what has come */

/* rushes_archive.c */
struct rushes_landing { char folder[4096], anchor[4096]; };
void rushes_archive_open(struct rushes *r);
void rushes_archive_close(struct rushes *r);
/* A take of which nothing is home goes to the archive of today. */
void rushes_archive_bind(struct rushes *r, const struct take *t);
/* False: not now; the trouble says why. */
bool rushes_archive_landing(const struct rushes *r, const struct take *t, struct rushes_landing *out);
/* It is not at hand just now: why; "" when it is. */
const char *rushes_archive_trouble(const struct rushes *r);

/* rushes_copies.c */
void rushes_copies_want(struct rushes *r, const struct take *t);
void rushes_copies_stop(struct rushes *r, bool failed_too);	/* they go on where they were */
void rushes_copies_retry(struct rushes *r, const char *take);	/* what failed; NULL: of all takes */
/* This file is home and ought to be in object storage, and is not. */
bool rushes_copy_is_owed(const struct rushes *r, const struct take *t, const struct take_part *p);
const struct rushes_copy *rushes_copy_find(const struct rushes *r, const char *take, const char *node, int part);

/* rushes_archive.c: how the archive stands goes over the bus. */
void rushes_tell_archive(struct rushes *r);

/* rushes_ask.c */
void rushes_asks_open(struct rushes *r);
void rushes_asks_close(struct rushes *r);
void rushes_asks_look(struct rushes *r);		/* is any `fetch` over now? */
bool rushes_is_asked(const struct rushes *r, const char *take);
void rushes_tell_receipt(struct rushes *r, const char *take);	/* when all of it is home or given up; once, while it says the same */
void rushes_receipt_soon(struct rushes *r, const char *take);	/* the take changed */
void rushes_receipts_again(struct rushes *r);	/* a camera is lost: what is missing of a take may be all that will be for now */

#endif
