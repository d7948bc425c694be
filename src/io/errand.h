/*
 * errand.h - runs a program that is to end soon: a text on its standard input, so long to end, its last words if it fails.
 * Its standard output goes nowhere.  Loop's thread; nothing here waits for the program.
 */
#ifndef IO_ERRAND_H
#define IO_ERRAND_H

#include <stddef.h>
#include "base/err.h"
#include "base/loop.h"

#define ERRAND_GRACE_US 1000000LL	/* between being asked to end and being ended */

struct errand;
struct errand_ask {
	const char *const *argv;	/* ends with NULL; argv[0] is looked for in PATH when it has no '/' */
	const char *input;		/* any bytes; the program may leave them unread */
	size_t input_len;
	int64_t limit_us;		/* then its process group, so whatever it started there, is ended as well */
};
/* ERR_NONE: it ended with status 0. */
typedef void errand_done_fn(void *arg, const struct err *e);

/* Everything is copied.  done comes once, later, unless errand_free() comes before it. */
struct errand *errand_start(struct loop *loop, const struct errand_ask *ask, errand_done_fn *done, void *arg);
/* What still runs is ended at once.  NULL is fine; callable inside done. */
void errand_free(struct errand *a);

#endif
