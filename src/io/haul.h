/*
 * haul.h - recordings on their way home: fetched by Range with resume, hashed as they arrive, written to a part file,
 * compared with the node's SHA-256, renamed.  Called on the loop's thread, and calls back there, never from inside a
 * call.  The bytes move in threads of its own: the loop sees none of them, and never waits for a disk.
 *
 * Beside the final NAME stand, while it is on its way, NAME.part and NAME.part.state.  The state is written only after the
 * bytes it speaks of were flushed (fdatasync), so whoever is killed at any instant goes on from there and reads nothing
 * again: the hash itself is in it.  A file whose hash is wrong is kept as NAME.bad (the newest), one that stood in the way
 * under the final name as NAME.aside-N.
 * Requests: RFC 9110 sections 13.1.5 (If-Range), 14 (Range), 15.3.7 (206), 15.5.17 (416).
 */
#ifndef IO_HAUL_H
#define IO_HAUL_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/loop.h"

#define HAUL_TRIES 3			/* of a file whose hash is wrong */
#define HAUL_URLS 8			/* addresses of one node */
#define HAUL_FULL_SPEED (-1)
#define HAUL_PAUSED 0

struct haul;
struct haul_wish;			/* lives until haul_drop() or haul_free() */

enum haul_state {
	HAUL_WAITING,			/* for its turn; or all are paused */
	HAUL_MOVING,			/* a connection is asked for, or bytes come */
	HAUL_RETRYING,			/* dropped, stalled, busy: goes on by itself in retry_in_us; err says what happened */
	HAUL_FULL,			/* no room on the disk, or the disk is away: goes on by itself when there is; err says how much is missing */
	HAUL_FETCHED,			/* every byte is durable, the hash is known; it stays here while the node's is not known */
	HAUL_VERIFIED,			/* the end: the hash is the node's, the file is durable under its final name */
	HAUL_FAILED			/* the end: why, and one sentence in err */
};

enum haul_why {
	HAUL_WHY_NONE,
	HAUL_WHY_GONE,			/* 404, 410 */
	HAUL_WHY_REFUSED,		/* 401, 403 */
	HAUL_WHY_SHORT,			/* the node has fewer bytes than it promised */
	HAUL_WHY_SIZE,			/* it has more */
	HAUL_WHY_HASH,			/* HAUL_TRIES times another SHA-256 than the node's */
	HAUL_WHY_ANSWER,		/* an answer that cannot be used: redirect, 400, encoded body ... */
	HAUL_WHY_DISK			/* of our disk, other than full */
};

struct haul_news {
	enum haul_state state;
	enum haul_why why;
	struct err err;			/* of RETRYING, FULL, FAILED; kind ERR_NONE else */
	int64_t bytes, total_bytes;	/* of the file at hand; -1: the total is not known yet */
	int64_t durable_bytes;		/* of these, what a crash leaves */
	int64_t rate_bytes;		/* a second, over the last few seconds; 0 when nothing moves */
	int64_t left_us;		/* -1: not known */
	int64_t retry_in_us;
	int64_t received_bytes;		/* at our sockets for this wish, in this process: heads and what was lost included */
	int bad_tries;			/* how often the hash was wrong */
	char sha256[65];		/* as computed; "" before FETCHED */
	bool was_here;			/* VERIFIED: the file stood there already; nothing was fetched */
};
/*
 * At most 4 a second for one wish besides its FETCHED and its end, none while nothing changes.  VERIFIED and FAILED are
 * told once and last.  haul_drop() of this or another wish is allowed inside; haul_free() is not.
 */
typedef void haul_news_fn(void *arg, struct haul_wish *w, const struct haul_news *n);

struct haul_conf {			/* a 0 means the default */
	int at_once, per_node;		/* 8 transfers in all, 2 of one node; one that is silent does not count for the others */
	int threads;			/* that receive: 2 */
	int64_t stall_us;		/* no byte for so long: 10 s */
	int64_t retry_first_us, retry_most_us;	/* back-off: 0.5 s, doubled to 15 s, each with jitter */
	int64_t space_look_us;		/* free space is looked at while a disk is full: 2 s */
	int64_t reserve_bytes;		/* of a disk that are left free for the journals: 64 MiB; negative: none */
	int64_t checkpoint_bytes, checkpoint_us;	/* at the latest after so many bytes, or so long: 8 MiB, 1 s */
};

struct haul_ask {			/* all is copied */
	const char *node;		/* whose: fairness */
	const char *recording;		/* its id: a part file of another one is begun anew */
	const char *const *urls;	/* the same file at the node's addresses, best first; at most HAUL_URLS */
	int url_count;
	const char *bearer;		/* NULL: none */
	const char *folder, *name;	/* the folder is made; the name holds no '/' */
	int64_t bytes;			/* as the node promised; -1: not known */
	const char *sha256;		/* hex; "" or NULL: not known yet, haul_promise() tells it */
	const char *etag;		/* in its quotes; NULL or "": from the answer */
	const char *anchor;		/* a path that must exist while the folder is written to, else its disk is away: HAUL_FULL; may be NULL */
};

/* conf may be NULL. */
struct haul *haul_new(struct loop *loop, const struct haul_conf *conf);
/* Ends every transfer with a checkpoint, and waits for that (bounded by the disk, not by the network).  No news after it. */
void haul_free(struct haul *h);
/* NULL: a name that cannot be, no url, or a wish for that very file stands already; e says which. */
struct haul_wish *haul_add(struct haul *h, const struct haul_ask *ask, haul_news_fn *news, void *arg, struct err *e);
/*
 * No news of it after this.  Its part file and state stay, durable, for a later wish of the same recording and name
 * (forget: they are removed).  A wish for the same file may be added at once.  NULL is fine.
 */
void haul_drop(struct haul_wish *w, bool forget);
/* Other addresses, another token.  A transfer that runs on an address still named goes on; any other begins again, at once. */
void haul_move(struct haul_wish *w, const char *const *urls, int url_count, const char *bearer);
/* The node's word that was missing, or has changed.  A file that is FETCHED is judged by it. */
void haul_promise(struct haul_wish *w, int64_t bytes, const char *sha256);
/* Retries at once whatever waits for its back-off (a node came back).  node NULL: all. */
void haul_nudge(struct haul *h, const char *node);
/* HAUL_FULL_SPEED, HAUL_PAUSED (every transfer is checkpointed and closed), or bytes a second for all together. */
void haul_pace(struct haul *h, int64_t bytes_a_second);
void *haul_arg(const struct haul_wish *w);	/* what haul_add() was given */
void haul_look(const struct haul_wish *w, struct haul_news *out);	/* as it is now */

struct haul_totals {
	int wishes, moving, waiting, retrying, full, ended;	/* waiting: with FETCHED that wait for the node's hash */
	int64_t bytes, total_bytes;	/* of all wishes that have not failed; totals not known count as what is there */
	int64_t rate_bytes, left_us;	/* -1: not known */
	int64_t received_bytes;		/* at our sockets since haul_new(), dropped wishes included */
};
void haul_total(const struct haul *h, struct haul_totals *out);
const char *haul_state_name(enum haul_state s);

#endif
