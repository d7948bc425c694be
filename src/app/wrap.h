/*
 * wrap.h - the end of a day: the report of all takes, written beside the show in a thread of the pool.
 * Owner of the reports under way.  Waits until what was told so far is on disk, so that the report is about that.
 */
#ifndef APP_WRAP_H
#define APP_WRAP_H

#include "app/crew.h"
#include "app/scribe.h"

struct wrap;

struct wrap_end {
	int files, verified, missing;
	const char *sentence;		/* what is missing, the first few; "" */
	struct err err;			/* the report could not be written */
};
typedef void wrap_done_fn(void *arg, const struct wrap_end *end);

struct wrap *wrap_new(struct loop *loop, struct crew *crew, struct scribe *scribe, struct sphere *sphere, const struct clk *clk);
/* Those who wait are not told any more.  NULL is fine. */
void wrap_free(struct wrap *w);
/* Writes exports/report.html and exports/report.csv; done comes later, once. */
void wrap_report(struct wrap *w, wrap_done_fn *done, void *arg);

#endif
