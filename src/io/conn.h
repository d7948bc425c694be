/*
 * conn.h - one node's link: addresses, back-off, named states, SSE, clock bursts, commands, preview.
 * Says what happened by callback; judges nothing.  One struct conn per address set; it learns the
 * node's identity itself (GET /info) and tells it.
 *
 * States:  IDLE -> PROBING (GET /info) -> OPENING (SSE) -> LIVE -> BACKOFF -> PROBING ...
 *          VIEWING: a view-only URL whose stream is on.  POLLING: a node without /events: /health every second.
 * Back-off: 250 ms doubling to 10 s (conf), +-25 % jitter; conn_nudge() tries at once.
 * Of several addresses the best that answers is used (domain/pathrank.h): all are asked now and then, all at once when
 * the one in use falls silent for 1.2 s, and the link moves from one to another without going through BACKOFF: commands
 * under way are sent again at the new address, the event stream resumes, the picture starts anew.
 * A URL is fetched exactly as written, once, with no probe before: multipart/... becomes VIEWING on that
 * same connection, JSON with an id becomes a node at that address.
 */
#ifndef IO_CONN_H
#define IO_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "domain/offset.h"
#include "domain/registry.h"
#include "io/http.h"

enum conn_state { CONN_IDLE, CONN_PROBING, CONN_OPENING, CONN_LIVE, CONN_POLLING, CONN_VIEWING, CONN_BACKOFF, CONN_CLOSED };

struct conn;
struct conn_path {
	struct registry_address at;	/* rtt_us, wireless, answered_us, failures as measured last */
	bool answered, in_use;
	const char *why;		/* of an address that did not answer, or why this one was chosen: one sentence */
};
struct conn_stranger_news { struct node_info info; struct registry_address at; char epoch[ID_BYTES]; };
struct conn_fns {
	/* A good /info came (also later ones, and hello's).  view_only: info is made up from the URL. */
	void (*identified)(void *arg, struct conn *c, const struct node_info *info, const struct registry_address *at, bool view_only);
	void (*state)(void *arg, struct conn *c, enum conn_state state, const char *why);	/* why: one sentence, "" when well */
	void (*heard)(void *arg, struct conn *c);						/* any word: event, comment, answer */
	void (*event)(void *arg, struct conn *c, const struct node_event *ev);
	void (*clock)(void *arg, struct conn *c, const struct offset_sample *s, const char *epoch);
	void (*frame)(void *arg, struct conn *c, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame);
	/* Whatever is wrong with the picture only ("no boundary", "60000 x 60000"); "" = well again. */
	void (*picture_trouble)(void *arg, struct conn *c, const char *why);
	/* A burst of GET /recordings, newest first, read when the link comes up, after hello with missed:true, on request. */
	void (*recordings)(void *arg, struct conn *c, const struct node_file *files, char *const *json, int count);
	/* An address of the node answered as this node, or did not; also: it is used from now on (p->in_use). */
	void (*path)(void *arg, struct conn *c, const struct conn_path *p);
	/* Another device answers at an address of this node: another id, or the same id while the one in use answers too
	 * and the two cannot be one device (epochs differ; where there are none, name or model do). */
	void (*stranger)(void *arg, struct conn *c, const struct conn_stranger_news *s);
};

struct conn_conf {
	int64_t ack_timeout_us;		/* a command's whole time */
	int64_t idle_us;		/* longest SSE silence before it is opened anew (default 6 s) */
	int64_t clock_every_us;		/* between bursts (default 10 s) */
	int64_t backoff_most_us;	/* longest rest between attempts to reach a node that is down; 0: 10 s */
};

typedef void conn_answer_fn(void *arg, const char *node, const struct node_answer *a, int64_t took_us, int tries);

/* conf must outlive the conn; what changes in it counts from the next use on. */
struct conn *conn_new(struct loop *loop, struct http *http, const struct conn_conf *conf, const struct conn_fns *fns, void *arg);
/* No callback after this.  Pending commands are answered as lost before it returns. */
void conn_free(struct conn *c);
/* Addresses in order of preference; the first is tried first.  Starts the link when idle. */
void conn_set_addresses(struct conn *c, const struct registry_address *a, int count);
void conn_nudge(struct conn *c);		/* try now (a new sighting) */
/* The node said bye or its record was withdrawn: probe at once, without waiting for silence. */
void conn_doubt(struct conn *c);
enum conn_state conn_state(const struct conn *c);
const char *conn_why(const struct conn *c);
/* Something happened to the network: the address in use and the others are looked at now. */
void conn_suspect(struct conn *c);
/* The epoch of the node's clock as told at its last identification; "" = it has no /time. */
const char *conn_epoch(const struct conn *c);
const char *conn_id(const struct conn *c);	/* "" before it is identified */
const struct registry_address *conn_address(const struct conn *c);	/* in use or last tried; NULL none */
/*
 * Sends a command: first try at once on the warm connection; no answer after timeout/2 (or r->again_us): again with the same
 * commandId on a second connection; a dropped connection: again at once; a link that moves: again at the new address.
 * Nothing goes out on a new connection before whoever answers there is known to be this node.  The first answer wins.
 * Exactly one callback per call, within ack_timeout, never from inside this call.  A conn that is down answers LOST with its why.
 * r->command_id must be set.  r->bearer goes beside it; a DELETE that is sent again may find nothing left to delete (not_found).
 */
void conn_command(struct conn *c, const struct node_request *r, conn_answer_fn *fn, void *arg);
/*
 * For one command to many: conn_batch(), conn_command() to each, conn_batch_send(), within one turn of the loop.  All are
 * written before the first one leaves, and nothing stands between one and the next.  What writing will touch has gone cold:
 * conn_batch() asks for it together, as one miss after the other would be most of the time before the first byte.
 * NULLs are left out.  Without a batch a command leaves at the end of the turn.
 */
void conn_batch(struct conn *const conns[], int count);
void conn_batch_send(struct conn *const conns[], int count);
/* Reads GET /recordings now; answered by the callback `recordings`.  A link that is down does it when it is up again. */
void conn_ask_recordings(struct conn *c);
/* Reads GET /info now; answered by the callback `identified`.  While one is under way, or the link is down, nothing happens. */
void conn_ask_info(struct conn *c);
/* Compares the clocks now, with one burst; while one is under way, or the node has no /time, nothing happens. */
void conn_ask_clock(struct conn *c);
/* From the next burst on they are no further apart than this, nor than conf says; 0: as conf says. */
void conn_clock_pace(struct conn *c, int64_t every_us);
/* Wants pictures of at most this size and rate; width_px 0: none.  Same values again: nothing happens. */
void conn_preview(struct conn *c, int width_px, int fps, int quality);
const char *conn_state_name(enum conn_state s);

#endif
