/*
 * conn_ways.h - what a link knows of its node's addresses: what was answered at each (conn_ask.c, conn_way.c), and how it
 * stands with asking them all (conn_paths.c, conn_round.c).  Included by conn_parts.h only.
 */
#ifndef IO_CONN_WAYS_H
#define IO_CONN_WAYS_H

#include "io/conn.h"

#define CONN_ROUND_US 250000		/* no two rounds of asking everybody are nearer to each other */
#define CONN_ATTEMPT_US 700000		/* what one address may take to answer in a round */
#define CONN_ASK_US 2000000		/* and at leisure */
#define CONN_GAPS 8
#define CONN_RTTS 8

/* One question, who answers there (conn_ask.c). */
struct conn_ask;
struct conn_ask_conf {
	const char *epoch;		/* known: GET /time comes first, and this answer is enough; "": /info, then /time */
	bool fresh;			/* on connections of its own, not kept: old ones may be dead */
	int64_t limit_us;
};
struct conn_said {
	bool answered, has_info;
	bool no_time;			/* 404: it has no /time */
	struct node_info info;
	char epoch[ID_BYTES];		/* "": not told */
	int64_t rtt_us;			/* -1: not measured */
	struct err err;			/* why nothing was said */
};
typedef void conn_ask_fn(void *arg, const struct conn_said *said);

/* One of the node's addresses (conn_way.c). */
struct conn_way {
	struct conn *conn;
	struct registry_address at;	/* rtt_us, answered_us, failures as measured here */
	struct conn_ask *ask;		/* NULL: not being asked */
	struct conn_said *clash;	/* an answer that waits for the word of the address in use; NULL: none */
	int64_t asked_us, next_us;	/* when it was asked, and will be again */
	int64_t said_us;		/* last answer as this node */
	int64_t proven_us;		/* since when it answers without a miss; 0: it does not */
	int64_t barred_us;		/* not moved to before */
	int64_t rtts_us[CONN_RTTS];
	int rtt_count;
	bool is_new;
};

/* All are asked, or the one in use is, for a reason. */
enum conn_round { ROUND_NONE, ROUND_CONTEST, ROUND_NEWS, ROUND_SILENT };
enum conn_used { USED_UNASKED, USED_ASKED, USED_WELL, USED_DEAD };

struct conn_paths {
	struct loop_timer *timer;
	struct conn_ask *check;		/* the one in use is asked */
	enum conn_round round, wanted;
	enum conn_used used;		/* in this round, or the last one */
	int64_t round_us, first_us;	/* when the round began; when the first of the others answered */
	int64_t word_us;		/* last event, comment or polled answer */
	int64_t doubt_us;		/* when silence becomes suspicious */
	int64_t patience_us;		/* how long the next silence may be after a suspicion without grounds; 0: as usual */
	int64_t suspect_us, reopen_us;	/* suspicion told from outside and not resolved yet; 0: none */
	int64_t distrust_us;		/* until then kept connections may be dead */
	int64_t moved_us;
	int64_t gaps_us[CONN_GAPS];	/* between words */
	int gap_count;
	struct conn_said *taken_by;	/* another device answers at the address in use; NULL: none */
	bool joined;			/* new addresses were taken into this round */
	bool withdrawn;			/* it said goodbye: when it does not answer either, it is gone */
	char used_why[sizeof ((struct err *)0)->text];
};

#endif
