/*
 * conn_parts.h - the pieces a link is put together from: one struct per conversation with the node, each owned
 * by the file of its name (conn_probe.c, conn_events.c ...).  Included by conn_private.h only.
 */
#ifndef IO_CONN_PARTS_H
#define IO_CONN_PARTS_H

#include "base/buf.h"
#include "io/conn_lines.h"
#include "io/conn_ways.h"
#include "io/mjpeg.h"
#include "io/sse.h"

#define CONN_PROBES 6
#define CONN_PROBE_TIMEOUT_US 2000000
#define CONN_NEXT_ADDRESS_US 250000	/* RFC 8305 section 5: a "connection attempt delay" */
#define CONN_SETTLED_US 2000000		/* well for that long: the next loss starts the back-off anew */
#define CONN_EVENTS_A_SECOND 4000	/* the contract's busiest node sends 50; a resume may bring thousands at once */
#define CONN_PICTURE_IDLE_US 10000000	/* longest silence of a picture stream */
#define CONN_NAME_BYTES 320		/* "host:port" */

struct conn_probe {
	struct conn *conn;
	struct conn_ask *ask;		/* NULL: free */
	struct registry_address at;
};

/* A good answer of another device than expected, kept in case no address has the expected one. */
struct conn_stranger { struct conn_said said; struct registry_address at; };

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
	int left;			/* samples of this burst; 0: between two */
	int bursts;			/* done since the link came up */
	int64_t pace_us;		/* bursts no further apart than this; 0: as configured */
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
	int64_t arrives_us, bytes_us;	/* since when bytes of one picture come; the last of them; 0: of none */
	struct buf body;
	char broken[MAX_TEXT_FIELD];
	char verdict[MAX_TEXT_FIELD];	/* what the URL last answered, if it is nothing to look at; "" else */
};

#endif
