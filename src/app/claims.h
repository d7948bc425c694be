/*
 * claims.h - which cameras this Sphere holds (camera node contract, /claim and /release): who asked for it, by which token,
 * and who holds a camera that is not ours.  Owner of the tokens (io/tokens.h); they leave it as bearers only, and never
 * reach a journal, a log or the Sphere folder.  Loop's thread.  A claim is kept alive once a minute, and asked for again
 * when it was lost while the console was away; with the setting `claim` on, cameras are claimed as they join.
 */
#ifndef APP_CLAIMS_H
#define APP_CLAIMS_H

#include "app/fanout.h"
#include "app/scribe.h"

struct claims;

enum claims_state {
	CLAIMS_FREE,			/* nobody holds it, as far as it said */
	CLAIMS_OURS,
	CLAIMS_OTHER,			/* another Sphere holds it */
	CLAIMS_ELSEWHERE,		/* this Sphere does, by a token that is not on this machine */
	CLAIMS_PIN,			/* it asks for a pin, or for another one than was given */
	CLAIMS_NOT_OFFERED		/* it takes no claims */
};

/*
 * The tokens of this Sphere are read at once (blocking, start-up only).  Never NULL: where they cannot be kept, or a file of
 * them made no sense, *e has a kind and the sentence to tell.  From here on each command of the fan-out carries its bearer.
 */
struct claims *claims_new(struct loop *loop, struct crew *crew, struct fanout *fanout, struct scribe *scribe,
    struct sphere *sphere, struct bus *bus, const struct opt_set *settings, struct err *e);
/* What was asked and not answered is not told any more. */
void claims_free(struct claims *c);

enum claims_state claims_of(const struct claims *c, const char *node);
/* The token that requests to this camera carry; NULL: none.  Valid until the next turn of the loop. */
const char *claims_bearer(const struct claims *c, const char *node);
const char *claims_bearer_of(void *claims, const char *node);	/* the same as a fanout_bearer_fn */
/* How it stands, for a table: "ours", "free", "asks for its pin"; who holds it: "Saturday episode (anna@studio)". */
void claims_word(const struct claims *c, const char *node, char *out, size_t out_size);
/* One sentence on what stands in our way and the command that cures; false, and "": nothing does. */
bool claims_trouble(const struct claims *c, const char *node, char *out, size_t out_size);

/* e->kind: the disk refused the tokens; l is NULL when therefore nothing was sent. */
typedef void claims_done_fn(void *arg, const struct ledger *l, int64_t took_us, const struct err *e);
struct claims_ask {
	const struct target_set *targets;
	const char *pin;		/* NULL: none; kept until it is answered, in memory only */
	void (*ack)(void *arg, const struct ledger_line *line);		/* may be NULL */
	claims_done_fn *done;		/* once, later; may be NULL */
	void *arg;
};
/* Claims them.  The tokens are on disk before the first byte goes out.  False: there is no place to keep tokens, e says why. */
bool claims_take(struct claims *c, const struct claims_ask *ask, struct err *e);
/* Releases them; what is not ours refuses.  They are not claimed again by themselves. */
void claims_release(struct claims *c, const struct claims_ask *ask);

#endif
