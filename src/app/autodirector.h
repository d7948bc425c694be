/*
 * autodirector.h - cuts by itself while it is on: shot lengths, weights, bars; yields to every cut of somebody else.
 * Owner of its own rules and of its random row; it cuts through the director like everybody else, `by` "auto", with its reason.
 * Settings: auto-shot-min, auto-shot-max, auto-weights, auto-yield; and program-lost, whose `ask` it answers.  Loop's thread.
 */
#ifndef APP_AUTODIRECTOR_H
#define APP_AUTODIRECTOR_H

#include "app/bus.h"
#include "app/crew.h"
#include "app/director.h"
#include "app/metro.h"
#include "base/loop.h"
#include "base/opt.h"

struct autodirector;

/*
 * metro may be NULL.  seed: the same seed, camera numbers and cuts of others make the same cuts: each shot's length and its
 * follower are drawn for the shot alone, so that a camera that fails changes only what would have been cut to it.
 */
struct autodirector *autodirector_new(struct loop *loop, struct crew *crew, struct director *director, struct metro *metro,
    struct bus *bus, const struct clk *clk, const struct opt_set *settings, uint64_t seed);
void autodirector_free(struct autodirector *a);		/* NULL is fine; before the director */
/*
 * On: the shot that is on counts from now; where nothing was ever on, the first cut comes at once.  Never cuts away from
 * black, which was somebody's wish.  A program source that is lost or frozen ends its shot, but for program-lost stay.
 * EV_AUTO_CHANGED.  Off takes a pending cut of its own back; why: for the screen, may be "".
 */
void autodirector_on(struct autodirector *a);
void autodirector_off(struct autodirector *a, const char *why);
/*
 * `cancel`: not what it means to do next, or a press of what is on.  The shot begins anew, and it yields as after a cut; so it does
 * when its pending cut is cancelled.  False: it is off, or means to do nothing.
 */
bool autodirector_postpone(struct autodirector *a);	/* NULL: false */
bool autodirector_is_on(const struct autodirector *a);	/* NULL: false */
struct autodirector_word {
	bool on;
	int64_t yields_us;		/* it holds back for so long after somebody's cut; 0: not */
	char next[ID_BYTES];		/* what it means to cut to; "" = nothing fits */
	int64_t next_us;		/* in so long; -1: not known */
	char why[160];			/* why it holds back, or was switched off; "" = nothing to say */
};
void autodirector_say(const struct autodirector *a, struct autodirector_word *out);	/* NULL: off */

#endif
