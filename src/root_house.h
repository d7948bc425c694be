/*
 * root_house.h - builds everything a subcommand needs, in order, and tears it down in reverse.
 * The only whole picture: nothing below receives it.
 */
#ifndef ROOT_HOUSE_H
#define ROOT_HOUSE_H

#include "app/cmdq.h"
#include "app/cueplay.h"
#include "app/deck.h"
#include "app/mesh.h"
#include "app/stage_text.h"
#include "io/diskq.h"
#include "io/lineout.h"
#include "io/netif.h"
#include "io/sphere.h"
#include "root_opts.h"

#define ROOT_HOUSE_SOURCES 8

struct root_house {
	struct loop *loop;
	struct http *http;
	struct bus *bus;
	struct opt_set *settings;
	struct registry *registry;
	struct sphere *sphere;		/* NULL: a house without a folder (nodes) */
	struct diskq *diskq;
	struct crew *crew;
	struct netif_watch *watch;	/* NULL: it cannot be had, or nothing is looked for */
	int off_count;			/* sources of cameras that were not opened */
	struct mesh_off off[ROOT_HOUSE_SOURCES];
	struct deck deck;
	struct lookout *lookout;	/* NULL headless */
	struct cmdq *cmdq;
	struct stage_text *text;	/* headless */
	struct lineout *out;		/* its lines on their way to standard output */
	struct root_list torn;		/* sentences on repaired journals */
	bool source_told;		/* a way of looking for cameras that does not work was told of */
	bool disk_refused;		/* not all that was told is written down */
	bool archive_refused, needs_archive;	/* --archive will not do; and then there is nothing to do */
	bool resumed;			/* a take of an earlier run still rolled */
	struct loop_timer *timer;
	int64_t begun_utc_us;
	int64_t farewell_us;		/* loop time it began */
};

enum root_house_with {
	ROOT_HOUSE_PICTURES = 1,
	ROOT_HOUSE_FORGETS_ADDRESSES = 2	/* cameras the folder knows keep number and label, but are not looked up */
};

/* folder NULL: without a Sphere.  On failure everything built so far is torn down. */
bool root_house_open(struct root_house *h, const struct root_opts *o, const char *folder, unsigned with, struct err *e);
/* Headless: guarded lines on standard output, and the queue. */
void root_house_text(struct root_house *h, const struct root_opts *o, void (*quit)(void *arg, int status), void *arg);
/* The stage that commands talk to, then the queue. */
void root_house_stage(struct root_house *h, const struct stage *stage);
/* After the loop was stopped: a sheet's finally lines run, and what is pending gets a moment.  releases: the lights go off now, not with their lease. */
void root_house_farewell(struct root_house *h, bool releases);
/*
 * The receipts of this run's takes; warns of files that only the cameras have; "event still-rolling 003 left,wide" if cameras
 * roll.  is_fetch: the receipts of all takes that were to be brought home, among the guarded lines.
 */
void root_house_last_words(struct root_house *h, bool is_fetch);
/* The queue is gone after it; bus and stage go with root_house_fini(). */
void root_house_close(struct root_house *h);
/* False: not everything that was said reached standard output. */
bool root_house_fini(struct root_house *h);

#endif
