/*
 * launch.h - starts another program that then lives on its own: a session of its own, no terminal, no pipe to us.
 * Never waits for it: that it could not be started, or ended at once, is told later, on the loop's thread.
 */
#ifndef IO_LAUNCH_H
#define IO_LAUNCH_H

#include "base/err.h"
#include "base/loop.h"

#define LAUNCH_ARGS 80
#define LAUNCH_WATCH_US 1000000LL	/* what ends with a failure so soon has failed */

struct launch;
/* ERR_NONE: it runs, or has ended well already. */
typedef void launch_done_fn(void *arg, const struct err *e);

/*
 * argv ends with NULL and is copied; argv[0] is looked for in PATH.  Its arguments from first_file on are paths that must be
 * there (looked at in the pool: they may be on a slow disk).  done comes once, unless launch_free() comes before it.
 */
struct launch *launch_start(struct loop *loop, const char *const *argv, int first_file, launch_done_fn *done, void *arg);
/* It has ended, and nothing is left to be told. */
bool launch_is_over(const struct launch *l);
/* Lets it go: it runs on.  NULL is fine. */
void launch_free(struct launch *l);

#endif
