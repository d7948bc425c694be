/*
 * countdown.h - instants the show goes towards, by name: `out` at 20:30:00, `break` in 20 minutes.  Alarms nothing, cuts nothing.
 * Owner of that list, which is also in markers.jsonl: a console that returns counts on.  Loop's thread.
 */
#ifndef APP_COUNTDOWN_H
#define APP_COUNTDOWN_H

#include "app/bus.h"
#include "app/scribe.h"
#include "base/clk.h"

#define COUNTDOWN_NAMES 8		/* at once */
#define COUNTDOWN_NAME_CELLS 16

struct countdown;

struct countdown *countdown_new(struct scribe *scribe, struct bus *bus, const struct clk *clk);
void countdown_free(struct countdown *c);	/* NULL is fine */
/*
 * "20:30:00": that time of day, tomorrow's when today's is over; "20m", "1h", "90s": so long after now_us.  Console UTC in and out,
 * the machine's own time zone.  False + e: neither, or further than a day.  until_us may be NULL: the shape alone.
 */
bool countdown_until(const char *text, int64_t now_us, int64_t *until_us, struct err *e);
/*
 * A name that is there already gets another instant.  done (may be NULL) comes later, once: its line is on disk.
 * False + e: no name, or too many; nothing done.  EV_COUNTDOWN_CHANGED.
 */
bool countdown_set(struct countdown *c, const char *name, int64_t until_us, const char *by, diskq_done_fn *done, void *arg, struct err *e);
bool countdown_stop(struct countdown *c, const char *name, const char *by, diskq_done_fn *done, void *arg, struct err *e);

/* The one that a header shows: the next to come, else the last that is over, for an hour. */
struct countdown_word {
	bool any;
	char name[MAX_NAME_BYTES];
	int64_t until_us;		/* console UTC */
	int64_t left_us;		/* below 0: so long over */
};
void countdown_say(const struct countdown *c, struct countdown_word *out);	/* c NULL: none */

/* After a restart: those of the journal that are still to come; blocking, for start-up. */
void countdown_restore(struct countdown *c, const char *markers_path);

#endif
