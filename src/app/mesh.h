/*
 * mesh.h - the mesh map as one plain snapshot: every device, every way to it, what was seen and is no camera, how each
 * source of cameras fares, and what follows from all of it in words.  Made on demand, freed by whoever made it; no
 * pointers into the app.  Ages in us, -1: never in this run.
 */
#ifndef APP_MESH_H
#define APP_MESH_H

#include <stdbool.h>
#include <stdint.h>
#include "app/crew.h"
#include "base/ceilings.h"

#define MESH_PLACE_BYTES 320
#define MESH_WORD_BYTES 64
#define MESH_SERVICES 24
#define MESH_CONCLUSIONS 16

enum mesh_state { MESH_LIVE, MESH_STALE, MESH_LOST, MESH_CONFLICT, MESH_VIEW_ONLY };

struct mesh_path {
	enum registry_path kind;
	char host[MESH_PLACE_BYTES];	/* or the URL, without the user and password it may hold */
	int port;
	char place[MESH_PLACE_BYTES];	/* "HOST:PORT" or that URL */
	unsigned via;			/* enum registry_via, or-ed */
	int64_t rtt_us;			/* -1: not measured */
	int64_t seen_age_us;		/* last sighting */
	int64_t answered_age_us;	/* last answered as this device */
	int failures;			/* attempts in a row without an answer */
	bool in_use, wireless;
	bool on_link;			/* in a network of this machine: no router between; told only of what the sweep saw */
};

struct mesh_node {
	char id[ID_BYTES];		/* the registry's: of a device without an id, or of a clone, a stand-in */
	char name[MAX_NAME_BYTES];	/* the label, else the device name, else the id */
	char device_name[MAX_NAME_BYTES], label[MAX_NAME_BYTES], model[MAX_NAME_BYTES];
	char role[MAX_NAME_BYTES];	/* "guest,camera": those it was given, else the one it says itself */
	int number;
	enum mesh_state state;
	bool was_remembered;		/* from the manifest: its number is the Sphere's */
	bool is_known_only;		/* remembered, not met in this run */
	bool has_no_id, is_out;
	int64_t heard_age_us;
	int64_t rtt_us;			/* of the path in use, else of its clock; -1 */
	char why[MAX_TEXT_FIELD];	/* what is wrong with it; "" nothing */
	char path_why[MAX_WHY_BYTES];	/* why the path in use is used; "" none is */
	int used;			/* index into paths: in use, else the first; -1: there is none */
	int path_count;
	struct mesh_path paths[MAX_NODE_ADDRESSES];
	int service_count;		/* "camera back 1-15x", "mic", "_ssh._tcp" */
	char services[MESH_SERVICES][MESH_WORD_BYTES];
};

struct mesh_seen {			/* a place that is no member (yet) */
	char id[ID_BYTES], name[MAX_NAME_BYTES];	/* as announced; "" unknown */
	enum registry_path kind;
	char host[MESH_PLACE_BYTES], place[MESH_PLACE_BYTES];
	int port;
	unsigned via;
	enum crew_seen_state state;
	char why[MAX_WHY_BYTES];	/* without the place before it */
	int64_t age_us;
};

struct mesh_source {
	char name[MESH_WORD_BYTES];	/* "bonjour" */
	enum registry_via via;
	bool is_off;			/* not asked to look: the sentence says by what */
	bool working, finished, absent;
	int sighted, answered;
	char sentence[MAX_TEXT_FIELD];
	int line_count;
	struct crew_line *lines;
};

struct mesh {
	int node_count, seen_count, source_count, conclusion_count;
	struct mesh_node *nodes;	/* by number */
	struct mesh_seen *seen;
	struct mesh_source *sources;
	int own_count;			/* addresses of this machine but the loopback's */
	char own[MAX_TEXT_FIELD];	/* "eth0 10.0.0.5/24, wlan0 192.168.1.3/24 (Wi-Fi)" */
	char conclusions[MESH_CONCLUSIONS][MAX_WHY_BYTES];
};

/* A source that was not opened: {"sweep", VIA_SWEEP, "off (--sweep off)"}. */
struct mesh_off { const char *name; enum registry_via via; char sentence[MAX_WHY_BYTES]; };

/* now_us: monotonic.  Asks the kernel for this machine's own addresses; sends nothing. */
struct mesh *mesh_take(struct crew *crew, int64_t now_us, const struct mesh_off *off, int off_count);
void mesh_free(struct mesh *m);		/* NULL is fine */
/* Draws the conclusions from the rest of the snapshot: pure rules (mesh_why.c); mesh_take() has done it. */
void mesh_why_conclude(struct mesh *m);

struct jdoc;
/* The object of `nodes --json`; jdoc_free() it.  crew: for health as the nodes sent it.  explain: with the why panel. */
struct jdoc *mesh_json(const struct mesh *m, const struct crew *crew, bool explain);

const char *mesh_state_name(enum mesh_state state);		/* "live" ... "view-only" */
const char *mesh_seen_name(enum crew_seen_state state);		/* "waiting", "trying", "silent", "no camera" */
/* "bonjour, sweep"; "its own word" for none: the device told of it.  Whoever looks at the peers of Tailscale sweeps its network: "tailscale" there. */
void mesh_via_words(char *out, size_t out_size, unsigned via, enum registry_path kind);
/* A line of its why panel: "10.0.0.0/24: 254 asked", the topic not said twice. */
void mesh_line_words(char *out, size_t out_size, const struct crew_line *l);
/* "off", "absent", "not working", "looking", "working" */
const char *mesh_source_word(const struct mesh_source *s);
/* Its sentence without its own name before a colon ("Bonjour: no daemon" of "bonjour"): where that stands already. */
const char *mesh_source_rest(const struct mesh_source *s);
/* Its services joined by commas. */
void mesh_service_words(char *out, size_t out_size, const struct mesh_node *n);

#endif
