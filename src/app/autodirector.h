/*
 * autodirector.h - cuts by itself while it is on: shot lengths, weights, bars; yields to every cut of an operator.
 * Owner of its own rules and of its random row; it cuts through the director like everybody else, `by` "auto", with its reason.
 */
#ifndef APP_AUTODIRECTOR_H
#define APP_AUTODIRECTOR_H

#include "app/bus.h"
#include "app/crew.h"
#include "app/director.h"
#include "app/metro.h"
#include "base/clk.h"
#include "base/loop.h"
#include "base/opt.h"

struct autodirector;

/* metro may be NULL.  seed: the same seed, sources and answers make the same cuts. */
struct autodirector *autodirector_new(struct loop *loop, struct crew *crew, struct director *director, struct metro *metro,
    struct bus *bus, const struct clk *clk, const struct opt_set *settings, uint64_t seed);
void autodirector_free(struct autodirector *a);		/* NULL is fine */
/* On: the first cut comes when the shot that is on has lasted its length.  EV_AUTO_CHANGED.  Off takes a pending cut of its own back. */
bool autodirector_on(struct autodirector *a, struct err *e);
void autodirector_off(struct autodirector *a, const char *why);
struct autodirector_word {
	bool on;
	int64_t yields_us;		/* it holds back for so long after an operator's cut; 0: not */
	char next[ID_BYTES];		/* what it means to cut to; "" = nothing fit */
	int64_t next_us;		/* in so long */
	char why[128];			/* why it does nothing, or chose that; "" = nothing to say */
};
void autodirector_say(const struct autodirector *a, struct autodirector_word *out);

#endif
