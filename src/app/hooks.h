/*
 * hooks.h - programs run and URLs posted by name (`hook NAME`) or on events (`on EVENT run|post`), with the event as JSON.
 * Owner of what it started: each is time-limited, a few at once, and its failure is shown.  Never blocks the loop.
 */
#ifndef APP_HOOKS_H
#define APP_HOOKS_H

#include "app/bus.h"
#include "app/crew.h"
#include "base/clk.h"
#include "base/loop.h"
#include "io/http.h"

struct hooks;

struct hooks *hooks_new(struct loop *loop, struct http *http, struct crew *crew, struct bus *bus, const struct clk *clk);
void hooks_free(struct hooks *h);		/* NULL is fine; what runs is ended */
/*
 * One line of the configuration, without its first word: `hook`: "NAME run PROGRAM [ARG...]", "NAME post URL";
 * `on`: "EVENT run PROGRAM [ARG...]", "EVENT post URL".  False + e: what was expected.
 */
bool hooks_add(struct hooks *h, const char *line, struct err *e);
bool hooks_add_on(struct hooks *h, const char *line, struct err *e);
typedef void hooks_done_fn(void *arg, const struct err *e);
/* done comes later, once: it ended well, failed, or ran out of time.  False + e: no such hook, or too many run. */
bool hooks_run(struct hooks *h, const char *name, const char *text, const char *by, hooks_done_fn *done, void *arg, struct err *e);

#endif
