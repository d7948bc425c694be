/*
 * crew.h - the registry and one connection per node: sightings become connections, connections become
 * nodes, words become health.  Owner of conns, keyed by the node's id; tells the rest over the bus.
 */
#ifndef APP_CREW_H
#define APP_CREW_H

#include "app/bus.h"
#include "base/clk.h"
#include "base/loop.h"
#include "base/opt.h"
#include "domain/health.h"
#include "domain/offset.h"
#include "domain/reach.h"
#include "domain/registry.h"
#include "io/conn.h"
#include "io/disc.h"

struct crew;
struct crew_member {			/* read-only to everyone else */
	struct registry_node *node;
	enum conn_state conn;
	char why[MAX_TEXT_FIELD];	/* of the link: one sentence, "" when well */
	char picture_trouble[MAX_TEXT_FIELD];
	struct health_track track;
	char *health_json;		/* its last whole health as it sent it; NULL: none, or not fit to be shown */
	struct offset_filter clock;	/* offset_at(&clock.best, now) says how it stands, with its age */
	struct reach reach;
	enum health_link link;		/* as last judged, each 250 ms */
	enum health_rec rec;
	bool frozen;
	int64_t link_since_us;		/* monotonic, when link last changed */
	bool said_bye;
	bool was_remembered;		/* the manifest knew it before this run: its number is the Sphere's */
	const char *path_why;		/* why the address in use is used; "" none is */
};

/* A discovery source and how it fares. */
struct crew_line { char topic[64], sentence[MAX_WHY_BYTES]; };
struct crew_source {
	const char *name;		/* "bonjour", "mdns", "names", "sweep", "tailscale" */
	enum registry_via via;
	bool working, finished;		/* finished: its first round is over */
	bool absent;			/* what it would ask is not on this machine: no trouble, but no work either */
	char sentence[MAX_TEXT_FIELD];
	int sighted;			/* places it told, each counted once per telling */
	int answered;			/* hosts that answered it at all, camera or not */
	int line_count;
	struct crew_line *lines;	/* owned by the crew; valid until the next turn of the loop */
};

/* A place that discovery told and that is no member (yet). */
enum crew_seen_state { CREW_SEEN_WAITING, CREW_SEEN_TRYING, CREW_SEEN_SILENT, CREW_SEEN_STRANGER };
struct crew_seen {
	struct registry_address address;
	char id[ID_BYTES], name[MAX_NAME_BYTES];	/* as announced; "" unknown */
	enum crew_seen_state state;
	char why[MAX_WHY_BYTES];	/* of SILENT (nobody answers) and STRANGER (an HTTP server, but no camera) */
	int64_t seen_us;		/* monotonic, last sighting */
};

/* Nodes the registry remembers already get a connection at once: fill it from the manifest before this. */
struct crew *crew_new(struct loop *loop, struct http *http, struct registry *reg, struct bus *bus,
    const struct clk *clk, const struct opt_set *settings);
void crew_free(struct crew *c);
/* source must live on; conf: its option text. */
void crew_add_source(struct crew *c, const struct disc_source *source, const char *conf);
/* One typed address, now ("node add"). */
void crew_add_address(struct crew *c, const struct registry_address *a);
/* Several of them, in an order that the camera numbers shall follow: each waits a moment for the one before. */
void crew_add_typed(struct crew *c, const struct registry_address *list, int count);
void crew_forget(struct crew *c, const char *node);
/* A typed address that is no member is tried no more; false: it is not being tried. */
bool crew_forget_address(struct crew *c, const struct registry_address *a);
struct registry *crew_registry(struct crew *c);
const struct crew_member *crew_find(const struct crew *c, const char *node);
int crew_count(const struct crew *c);				/* members, in order of number */
const struct crew_member *crew_at(const struct crew *c, int index);
int crew_live_count(const struct crew *c);			/* contract nodes that are live */
/* Typed addresses where no camera has answered yet; why (may be NULL): "HOST:PORT: why" of the first, "" none. */
int crew_typed_count(const struct crew *c, char *why, size_t why_size);
int crew_pending_count(const struct crew *c);			/* addresses still being tried, never identified */
/* Addresses tried that never became a node: text "HOST:PORT: why"; false past the end. */
bool crew_pending_at(const struct crew *c, int index, char *out, size_t out_size);
/* Of these, those that have failed at least once; false past the end. */
bool crew_failed_at(const struct crew *c, int index, char *out, size_t out_size);
int crew_source_count(const struct crew *c);
const struct crew_source *crew_source_at(const struct crew *c, int index);
/* Places that are no member (yet), in the order they were first seen; at most MAX_SIGHTINGS. */
int crew_seen_count(const struct crew *c);
bool crew_seen_at(const struct crew *c, int index, struct crew_seen *out);
/* DNS-SD types seen on the host with this numeric address ("_ssh._tcp"); at most max. */
int crew_services_at(const struct crew *c, const char *host, const char **types, int max);
/* An interface or address of this machine came or went: every link is looked at, every address tried anew. */
void crew_network_changed(struct crew *c);
/* A node's own word on its state, out of an answer to a command; an older word than the last is not a newer state. */
void crew_said(struct crew *c, const char *node, const struct node_health *health);
/* The decoder's word on this node's picture; "" = well again. */
void crew_picture_trouble(struct crew *c, const char *node, const char *why);
/* Of so many nodes at once, in their order (base/prefetch.h). */
void crew_conns(const struct crew *c, const char (*nodes)[ID_BYTES], int count, struct conn **out);
struct conn *crew_conn(struct crew *c, const char *node);	/* for fanout and preview; NULL: gone */
/* Console UTC <-> node clock, unchanged while the offset is unknown. */
int64_t crew_to_node(const struct crew *c, const char *node, int64_t console_us);
int64_t crew_to_console(const struct crew *c, const char *node, int64_t node_us);
/* Reads what the node says of itself now: who holds it, told by EV_NODE_INFO when that is news. */
void crew_ask_info(struct crew *c, const char *node);
/* Compares the node's clock with ours now, with one burst of samples. */
void crew_compare_clock(struct crew *c, const char *node);
/* A command was answered so long after it went out (or given up): not one that was answered only when it was due. */
void crew_answered(struct crew *c, const char *node, int64_t took_us);
/* Frames go to whoever draws them. */
void crew_set_frame_sink(struct crew *c, void (*fn)(void *arg, const char *node, const char *jpeg, size_t len), void *arg);

#endif
