/*
 * seen.h - places where discovery says that a camera may be, and which of them is asked next.  Pure rules: "now" comes
 * in, whoever asks a place says how it went.  Hostile networks tell thousands of places a second: the table is bounded by
 * MAX_SIGHTINGS, every call costs the same however full it is, and no host keeps the others waiting.
 */
#ifndef DOMAIN_SEEN_H
#define DOMAIN_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/list.h"
#include "domain/registry.h"

#define SEEN_AGAIN_FIRST_US 2000000	/* after a failure; doubling to: */
#define SEEN_AGAIN_MOST_US 60000000
#define SEEN_AGAIN_EACH_US 250000	/* ... or, when very many are silent, so long for each of them */
#define SEEN_FORGET_US 600000000LL	/* untold for so long, a place that failed is forgotten */
#define SEEN_STRANGER_US 600000000LL	/* an HTTP server that is no camera is left alone for so long */
#define SEEN_ANEW_US 30000000		/* ... and at least so long when it is announced again as a camera */
/* While others wait for their first turn a place must answer within its share of a second: at least so long, and longer
 * each time it is asked anew. */
#define SEEN_SHARE_US 1000000
#define SEEN_SHARE_LEAST_US 50000
#define SEEN_KEPT_MOST MAX_NODES	/* typed places that keep a connection of their own */

enum seen_state { SEEN_WAITING, SEEN_TRYING, SEEN_SILENT, SEEN_STRANGER };

struct seen;
struct seen_host;
struct seen_place {			/* read-only to everyone else, but for owner, is_held and apart_us */
	struct registry_address address;
	char id[ID_BYTES], name[MAX_NAME_BYTES];	/* as announced last; "" unknown */
	enum seen_state state;
	char why[MAX_WHY_BYTES];	/* of its last failure; "" none */
	int failures;			/* in a row */
	int64_t next_us;		/* not before; SILENT and STRANGER */
	int64_t tried_us;		/* when it was asked last; 0 never */
	void *owner;			/* whoever asks it just now; NULL: nobody does */
	bool is_held;			/* it has answered: its turn does not end by itself */
	int64_t apart_us;		/* when it was said that it is not the member whose id it has; 0: it was not */
	bool is_kept;			/* typed: asked all the time, counts for nobody else's turn */
	/* The table's own. */
	struct seen_host *host;
	struct list order, line, rank;	/* by appearance; at its host; among all of its state */
	int due;			/* in the heap of those that wait for their time; -1: it does not */
	int turns;			/* ended early because others waited */
};

struct seen *seen_new(void);
void seen_free(struct seen *s);
struct seen_place *seen_find(const struct seen *s, const struct registry_address *a);
/*
 * A sighting: makes the place, or refreshes it (via, id, name, time); news of one that failed makes it due again.
 * Makes room when full: first places that failed, then what waits longest, never typed or remembered ones, never one
 * that is being asked.  NULL: nothing may go.
 */
struct seen_place *seen_sight(struct seen *s, const struct registry_address *a, const char *id, const char *name, int64_t now_us);
/* It became a member's, or is wished for no longer. */
void seen_drop(struct seen *s, struct seen_place *p);
/*
 * The place to ask now; it is TRYING from here on.  NULL: none.  Typed ones first, then hosts in turn, new places of a
 * host before those asked before; at most MAX_TRIES_AT_ONCE in all and MAX_TRIES_PER_HOST at one host.
 */
struct seen_place *seen_next(struct seen *s, int64_t now_us);
/*
 * A place whose turn is over because others wait; whoever asks it lets go and calls seen_end_turn().  NULL: none.
 * Both are called until neither has anybody: the turn that one gets may be what ends another's.
 */
struct seen_place *seen_overdue(const struct seen *s, int64_t now_us);
void seen_end_turn(struct seen *s, struct seen_place *p);
/* When to look at seen_overdue() and seen_next() again by itself; INT64_MAX: not before something happens. */
int64_t seen_wake_us(const struct seen *s, int64_t now_us);
/* How the asking went.  A kept place stays TRYING after silence. */
void seen_silent(struct seen *s, struct seen_place *p, const char *why, int64_t now_us);
void seen_stranger(struct seen *s, struct seen_place *p, const char *why, int64_t now_us);
/* The network changed: nobody's silence counts any more. */
void seen_refresh(struct seen *s, int64_t now_us);
/* Drops what failed and was not told of for long; typed and remembered ones stay. */
void seen_tidy(struct seen *s, int64_t now_us);
int seen_count(const struct seen *s);
struct seen_place *seen_at(struct seen *s, int index);	/* in order of appearance */
/* The same among those that fit; asking for one after the other is cheap. */
struct seen_place *seen_fit_at(struct seen *s, int index, bool (*fits)(const struct seen_place *p));
int seen_trying_count(const struct seen *s);		/* without the kept ones */
int seen_waiting_count(const struct seen *s);		/* who never failed, and are not being asked */

#endif
