/*
 * deck.h - what commands may reach: pointers, no state.  Only cmd_*.c and the composition roots include it.
 */
#ifndef APP_DECK_H
#define APP_DECK_H

#include "app/bus.h"
#include "app/claims.h"
#include "app/crew.h"
#include "app/director.h"
#include "app/fanout.h"
#include "app/metro.h"
#include "app/player.h"
#include "app/preview.h"
#include "app/purge.h"
#include "app/recordall.h"
#include "app/rushes.h"
#include "app/scribe.h"
#include "app/stage.h"
#include "app/vitals.h"
#include "app/wrap.h"
#include "base/opt.h"

struct autodirector;
struct countdown;
struct cuedesk;
struct hooks;
struct ramps;
struct rehearsal;

struct deck {
	struct loop *loop;
	const struct clk *clk;
	struct opt_set *settings;
	struct bus *bus;
	struct crew *crew;
	struct fanout *fanout;
	struct claims *claims;		/* NULL without a folder */
	struct metro *metro;		/* NULL without a folder: no clock ever runs */
	struct director *director;
	struct autodirector *autodirector;	/* NULL without a folder */
	struct cuedesk *cuedesk;	/* NULL where no sheet plays (do, fetch) */
	struct countdown *countdown;	/* NULL without a folder */
	struct hooks *hooks;		/* NULL without a folder */
	struct rehearsal *rehearsal;	/* NULL: this is none */
	struct ramps *ramps;		/* NULL without a folder: nobody panics */
	struct recordall *recordall;
	struct scribe *scribe;
	struct rushes *rushes;		/* NULL without a folder */
	struct purge *purge;		/* NULL without a folder */
	struct vitals *vitals;
	struct wrap *wrap;		/* NULL without a folder */
	struct player *player;		/* NULL: nothing is opened, where it is is told */
	struct preview *preview;	/* NULL headless */
	struct sphere *sphere;
	const struct stage *stage;
};

#endif
