/*
 * conn_parts.h - the pieces a link is put together from: one struct per conversation with the node, each owned
 * by the file of its name (conn_probe.c, conn_events.c ...).  Included by conn_private.h only.
 */
#ifndef IO_CONN_PARTS_H
#define IO_CONN_PARTS_H

#include "base/buf.h"
#include "io/conn.h"
#include "io/mjpeg.h"
#include "io/sse.h"

#define CONN_PROBES 6
#define CONN_PROBE_TIMEOUT_US 2000000
#define CONN_NEXT_ADDRESS_US 250000	/* RFC 8305 section 5: a "connection attempt delay" */
#define CONN_ROUND_US 250000		/* no two rounds of asking everybody are nearer to each other */
#define CONN_SETTLED_US 2000000		/* well for that long: the next loss starts the back-off anew */
#define CONN_EVENTS_A_SECOND 4000	/* the contract's busiest node sends 50; a resume may bring thousands at once */
#define CONN_PICTURE_IDLE_US 10000000	/* longest silence of a picture stream */
#define CONN_NAME_BYTES 320		/* "host:port" */
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

struct conn_probe {
	struct conn *conn;
	struct conn_ask *ask;		/* NULL: free */
	struct registry_address at;
};

/* A good answer of another device than expected, kept in case no address has the expected one. */
struct conn_stranger { struct conn_said said; struct registry_address at; };

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

/* One connection to /events. */
struct conn_stream {
	struct conn *conn;
	struct http_call *call;
	struct sse *sse;
	bool head_ok, missing, flooded, feeding;
	int64_t second_us;		/* when the present second of counting began */
	int count;			/* events and comments in it */
	int64_t number;			/* of the last event that had one; -1: none had */
	char trouble[MAX_TEXT_FIELD];
};

struct conn_events {
	struct conn_stream *now;
	struct conn_stream *former;	/* at the address that is being left, until the new one's head is in */
	char last_id[128];
	int64_t seen_from, seen_upto;	/* numbers heard on the former stream that the new one will say again */
};

struct conn_poll {
	struct loop_timer *timer;
	struct http_call *call;
	bool no_health;			/* /health is 404: /info is the sign of life */
	enum node_rec recording;
};

struct conn_clock {
	struct loop_timer *timer;
	struct http_call *call;
	int64_t started_us;
	int left;			/* samples of this burst */
	int bursts;			/* done since the link came up */
	bool off;			/* 404: not again on this connection */
};

struct conn_wish { int width_px, fps, quality; };

struct conn_picture {
	struct conn_wish want, have;
	struct http_call *call;
	struct mjpeg *mjpeg;
	bool not_offered;
	int failures;
	struct loop_timer *timer;
	char trouble[MAX_TEXT_FIELD];	/* as last told; "" = well */
	char broken[MAX_TEXT_FIELD];	/* why the stream was refused or dropped by us */
};

struct conn_view {
	struct http_call *call;
	struct mjpeg *mjpeg;
	bool is_node;			/* is_node: the URL answered JSON; from then on it is a node's address */
	bool is_json;
	struct buf body;
	char broken[MAX_TEXT_FIELD];
	char verdict[MAX_TEXT_FIELD];	/* what the URL last answered, if it is nothing to look at; "" else */
};

#endif
