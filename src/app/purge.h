/*
 * purge.h - verified files deleted on their cameras, when asked and never else.  What is at home is read and hashed once more
 * before the only other copy goes; a camera deletes for the holder of its claim alone (camera node contract, DELETE).
 * Owner of the purges under way.  Loop's thread; files are hashed in the pool.
 */
#ifndef APP_PURGE_H
#define APP_PURGE_H

#include "app/claims.h"
#include "app/rushes.h"

struct purge;				/* all that are under way */

struct purge_end {
	const struct ledger *ledger;	/* one line a camera that has files: ok, all of them are gone from it; else why not */
	int64_t took_us;
	int files, gone_before, staying;	/* deleted now; not there any more; there still */
	int64_t bytes;			/* of the files that are gone */
	const char *sentence;		/* what stays and why, the first few; "" */
};
typedef void purge_done_fn(void *arg, const struct purge_end *end);

struct purge_ask {
	const char *take;
	const struct target_set *targets;	/* NULL: all cameras of the take */
	purge_done_fn *done;		/* later, once, when what was deleted is in the journal */
	void *arg;
};

struct purge *purge_new(struct loop *loop, struct crew *crew, struct fanout *fanout, struct claims *claims, struct recordall *recordall,
    struct rushes *rushes, struct scribe *scribe);
/* Those who wait are not told any more; what is not sent is not deleted.  NULL is fine. */
void purge_free(struct purge *p);
/* False: no such take, it rolls, or nothing of it was ever on a camera. */
bool purge_take(struct purge *p, const struct purge_ask *ask, struct err *e);

#endif
