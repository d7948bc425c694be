/*
 * crew_parts.h - what a crew is made of: members, conns, sources.  Included by crew_private.h alone.
 */
#ifndef APP_CREW_PARTS_H
#define APP_CREW_PARTS_H

#include "app/crew.h"
#include "base/list.h"
#include "base/map.h"
#include "domain/seen.h"

/* Why a member counts as lost before its silence is long enough. */
enum crew_gone { CREW_GONE_NOT, CREW_GONE_BYE, CREW_GONE_WITHDRAWN };

struct crew_entry {			/* one member of the show */
	struct crew_member pub;
	struct crew *crew;
	struct crew_link *link;		/* NULL: no address is known at which it might answer */
	struct list grave;		/* crew->forgotten, when is_forgotten: freed in a later turn */
	bool is_forgotten;		/* pub.node is gone */
	uint32_t given;			/* sum over the addresses the conn was given last */
	int64_t places_us;		/* when it got a new address last */
	enum crew_gone gone;
	bool doubted;			/* its record was withdrawn and it has not spoken since */
	int64_t doubted_us, bye_us;
	char bye[NODE_WORD];		/* the reason it gave */
	int samples;			/* clock samples since the last EV_CLOCK_SAMPLE */
	char conn_trouble[MAX_TEXT_FIELD], decode_trouble[MAX_TEXT_FIELD];
};

struct crew_link {			/* one conn */
	struct list link;		/* in crew->links, or crew->graves when dead */
	struct crew *crew;
	struct conn *conn;
	struct crew_entry *entry;	/* NULL: a candidate's */
	struct seen_place *place;	/* the candidate's; NULL: a member's */
	struct crew_contest *contest;	/* NULL: nobody doubts who it is */
	bool failed_told;		/* the operator knows that it does not answer */
	bool dead;			/* its callbacks are not heard any more */
	int64_t buried_us;
};

struct crew_origin {			/* an open discovery source */
	struct list link;
	struct crew *crew;
	const struct disc_source *source;
	void *self;
	struct map *hosts;		/* that answered it; values mean nothing */
	struct crew_source pub;
};

struct crew {
	struct loop *loop;
	struct http *http;
	struct registry *reg;
	struct bus *bus;
	const struct clk *clk;
	const struct opt_set *settings;
	struct conn_conf conf;		/* outlives every conn */
	struct health_limits limits;
	struct map *entries;		/* id -> struct crew_entry */
	struct list links, graves, forgotten, origins;
	struct crew_typed *typed;	/* NULL: no list of addresses waits */
	struct seen *seen;		/* candidates */
	struct map *services;		/* numeric host -> struct crew_services (crew_source.c) */
	int contests;			/* links that have one */
	int64_t full_told_us;		/* when it was said that there is no room; 0: never */
	int64_t judge_at_us;		/* when judge_timer fires; 0: it is stopped */
	struct loop_timer *judge_timer, *grave_timer, *try_timer, *same_timer, *tidy_timer;
	void (*frame)(void *arg, const char *node, const char *jpeg, size_t len);
	void *frame_arg;
};

#endif
