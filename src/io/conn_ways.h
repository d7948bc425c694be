/*
 * conn_ways.h - what a link knows of its node's addresses: what was answered at each (conn_ask.c, conn_way.c), how it
 * stands with asking them all (conn_paths.c, conn_round.c), and how it goes from one to another (conn_move.c).
 * Included by conn_parts.h only.
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

/* conn_ask.c.  fn comes once, unless cancelled; then the ask is gone. */
struct conn_ask *conn_ask_start(struct conn *c, const struct registry_address *at, const struct conn_ask_conf *conf,
    conn_ask_fn *fn, void *arg);
void conn_ask_cancel(struct conn_ask *k);

/* conn_way.c */
bool conn_same_place(const struct registry_address *a, const struct registry_address *b);
struct conn_way *conn_way_of(const struct conn *c, const struct registry_address *a);	/* NULL: not one of its addresses */
bool conn_way_is_used(const struct conn_way *w);
bool conn_way_is_other(const struct conn_way *w);	/* not the one in use, and no URL */
int conn_way_others(const struct conn *c);
int conn_ways_set(struct conn *c, const struct registry_address *a, int count);	/* how many are new */
void conn_way_free(struct conn_way *w);
void conn_way_drop(struct conn_way *w);			/* out of the list */
void conn_way_answered(struct conn_way *w, int64_t rtt_us);	/* as this node; rtt_us <= 0: not measured */
void conn_way_missed(struct conn_way *w);
void conn_way_plan(struct conn_way *w);			/* when it is asked again */
/* By the callback `path`: afterwards w may be gone, and the link too. */
void conn_way_tell(struct conn_way *w, bool answered, const char *why);

/* conn_paths.c */
void conn_paths_start(struct conn *c);
void conn_paths_pause(struct conn *c);			/* while the link moves */
void conn_paths_stop(struct conn *c);
void conn_paths_word(struct conn *c);			/* an event, a comment, a polled answer came */
void conn_paths_measured(struct conn *c, int64_t rtt_us, bool tell);	/* the one in use */
void conn_paths_news(struct conn *c);			/* an address was given that was not known */
void conn_paths_suspect(struct conn *c);
void conn_paths_doubt(struct conn *c);
void conn_paths_nudge(struct conn *c);
void conn_paths_check(struct conn *c);			/* something odd: is it still this node at the address in use? */
void conn_paths_look(struct conn *c);			/* something happened: does what is due */
void conn_paths_want(struct conn *c, enum conn_round round);
int64_t conn_paths_usual_silence_us(const struct conn *c);

/* conn_round.c */
void conn_round_begin(struct conn *c, enum conn_round round);
bool conn_round_look(struct conn *c);			/* true: something was done, look again */
bool conn_round_has_clash(const struct conn *c);	/* an answer waits for the word of the one in use */
int64_t conn_round_limit_us(const struct conn *c);
bool conn_round_is_it(const struct conn *c, const struct conn_said *said);	/* this node, as far as can be told */
void conn_round_ask(struct conn_way *w, int64_t limit_us);
/* Another device answers there: told, and no address of this node any more. */
void conn_round_stranger(struct conn *c, const struct registry_address *at, const struct conn_said *said);

/* conn_move.c */
void conn_move(struct conn *c, struct conn_way *w);
void conn_reopen(struct conn *c);			/* at the same address, on new connections */
void conn_move_back(struct conn *c);
void conn_distrust(struct conn *c);			/* kept connections may be dead: not used for a while */
bool conn_distrusts(const struct conn *c);

#endif
