/*
 * rushes_private.h - what rushes.c (wishes) and rushes_ask.c (who waits, and the receipt) share.
 * Nobody else includes it.
 */
#ifndef APP_RUSHES_PRIVATE_H
#define APP_RUSHES_PRIVATE_H

#include "app/rushes.h"
#include "base/list.h"

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

struct rushes {
	struct loop *loop;
	struct crew *crew;
	struct recordall *recordall;
	struct scribe *scribe;
	struct sphere *sphere;
	struct bus *bus;
	const struct opt_set *settings;
	struct haul *haul;
	struct list wishes, asks, told;	/* told: takes whose receipt was given */
	struct loop_timer *look_timer, *ask_timer;
	bool look_waits;
	bool is_full;
	int64_t pace;
};

/* rushes.c */
struct rushes_wish *rushes_find(const struct rushes *r, const char *take, const char *node, int part);
void rushes_want_take(struct rushes *r, const struct take *t, bool failed_too);
void rushes_look_soon(struct rushes *r);
bool rushes_is_paused(const struct rushes *r);

/* rushes_ask.c */
void rushes_asks_open(struct rushes *r);
void rushes_asks_close(struct rushes *r);
void rushes_asks_look(struct rushes *r);		/* is any `fetch` over now? */
bool rushes_is_asked(const struct rushes *r, const char *take);
void rushes_tell_receipt(struct rushes *r, const char *take);	/* once, when all of it is home or given up */

#endif
