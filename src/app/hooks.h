/*
 * hooks.h - programs run and URLs posted by name (`hook NAME`) or on events (`on EVENT run|post`), with the event as JSON.
 * Owner of what it started: each has so long to end, a few run at once, those of one hook in their order, and a failure is an alarm.
 * Never blocks the loop, never reads what comes back but for its last words.  Loop's thread.
 */
#ifndef APP_HOOKS_H
#define APP_HOOKS_H

#include "app/crew.h"
#include "app/director.h"
#include "app/vitals.h"
#include "io/http.h"

#define HOOKS_MOST 64		/* lines of the configuration */
#define HOOKS_AT_ONCE 8		/* running; one of each hook */
#define HOOKS_WAITING 16	/* of one hook: past it the oldest event is dropped, and a command is refused */

struct hooks;

/* All outlive the hooks but director, which may be NULL. */
struct hooks_parts {
	struct loop *loop;
	struct http *http;
	struct crew *crew;
	struct bus *bus;
	struct vitals *vitals;
	const struct director *director;
	const struct clk *clk;
	const struct opt_set *settings;		/* hook-timeout */
	const char *sphere;			/* its folder, told with each event */
	bool is_rehearsal;			/* told too, until `live` (EV_REHEARSAL_CHANGED) */
};

struct hooks *hooks_new(const struct hooks_parts *parts);
void hooks_free(struct hooks *h);		/* NULL is fine; what runs is ended, nobody is told any more */
/*
 * One line of the configuration, without its first word.  `hook`: "NAME run PROGRAM [ARG...]" or "NAME post URL"; `on`: EVENT in
 * place of NAME.  A program gets the event on its standard input, a URL as the body of a POST.  False + e: what was expected.
 */
bool hooks_add(struct hooks *h, const char *line, struct err *e);
bool hooks_add_on(struct hooks *h, const char *line, struct err *e);
/* The same looked at and thrown away, for whoever reads the configuration. */
bool hooks_check(const char *line, struct err *e);
bool hooks_check_on(const char *line, struct err *e);

typedef void hooks_done_fn(void *arg, const struct err *e);
/* done comes later, once: it ended well, failed, or ran out of time.  False + e: no such hook, or too many of it wait. */
bool hooks_run(struct hooks *h, const char *name, const char *text, const char *by, hooks_done_fn *done, void *arg, struct err *e);
/* The i-th of those that hooks_run() knows; NULL: past the last.  h NULL: there is none. */
const char *hooks_name_at(const struct hooks *h, int index);
/* Something runs or waits: whoever ends the program gives it a moment.  h NULL: nothing does. */
bool hooks_busy(const struct hooks *h);

#endif
