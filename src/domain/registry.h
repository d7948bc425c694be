/*
 * registry.h - which cameras there are: sightings in, changes out.  Keyed by the node's id.
 * Knows addresses, never sockets.  Number, label and roles belong to the id and survive
 * an address change; they come from and go to the manifest.
 */
#ifndef DOMAIN_REGISTRY_H
#define DOMAIN_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "domain/node.h"
#include "domain/roles.h"

enum registry_via { VIA_BONJOUR = 1, VIA_MDNS_NAME = 2, VIA_SWEEP = 4, VIA_MANUAL = 8, VIA_REMEMBERED = 16 };
enum registry_path { PATH_LAN, PATH_TAILSCALE, PATH_LOOPBACK, PATH_URL };

/* Where a node answers.  host is a numeric address (IPv6 without brackets, scope as %name) or a name. */
struct registry_address {
	char host[256];
	int port;
	char url[1024];			/* view-only source: fetched exactly as written; else "" */
	enum registry_path kind;
	unsigned via;			/* enum registry_via, or-ed */
	int64_t seen_us;		/* last sighting, monotonic */
	int64_t rtt_us;			/* -1: not measured */
	bool in_use;
	bool wireless;			/* this machine reaches it over Wi-Fi */
	int64_t answered_us;		/* monotonic: last answered as this node; 0: not yet in this run */
	int failures;			/* attempts in a row without an answer */
};

struct registry_node {
	char id[ID_BYTES];
	struct node_info info;
	int number;			/* 0: none yet */
	char label[MAX_NAME_BYTES];	/* "" = none */
	unsigned roles;			/* roles.h; 0: none was given, see registry_roles() */
	bool out;			/* taken out of the show */
	char out_reason[MAX_TEXT_FIELD];
	bool is_rehearsed;		/* of a rehearsal's own fleet, beside the show's cameras: never in the manifest */
	bool view_only;			/* an MJPEG stream, no contract */
	bool flagged_no_id;		/* stand-in id: the node gave none */
	bool known;			/* from the manifest, not yet seen this run */
	char held_by[2 * MAX_NAME_BYTES + 8];	/* who else holds its claim, as app/claims knows: it takes no command of ours; "" = nobody */
	bool conflict;			/* another device with the same id answers too (a cloned phone) */
	int address_count;
	struct registry_address addresses[MAX_NODE_ADDRESSES];
};

struct registry;

struct registry *registry_new(void);
void registry_free(struct registry *r);
/* A node from the manifest (known = true until registry_identify). NULL: full. */
struct registry_node *registry_remember(struct registry *r, const char *id);
/*
 * A first or new /info, answered at address a.  Makes the node if it is new, gives it the lowest
 * free number, merges the address.  *is_new says whether this run sees it for the first time.
 */
struct registry_node *registry_identify(struct registry *r, const struct node_info *info,
    const struct registry_address *a, bool *is_new);
/* The same when it is known which node answered: one without an id, or one more device with an id that is taken. */
struct registry_node *registry_identify_as(struct registry *r, const char *id, const struct node_info *info,
    const struct registry_address *a, bool *is_new);
/* The id of a node that gave none: the same for the same address in every run. */
void registry_stand_in(char id[static ID_BYTES], const struct registry_address *a);
bool registry_is_stand_in(const char *id);
/* The stand-in for one more device with this id: "ID#2", "ID#3" ..., the first that is free. */
void registry_clone_id(struct registry *r, const char *id, char out[static ID_BYTES]);
bool registry_is_same_id(const char *a, const char *b);	/* but for "#2" at the end of either */
/* Merges or refreshes an address; false when the node has too many. */
bool registry_add_address(struct registry_node *n, const struct registry_address *a);
struct registry_node *registry_find(struct registry *r, const char *id);
struct registry_node *registry_by_number(struct registry *r, int number);
/* A node that has this address; NULL if none. */
struct registry_node *registry_by_address(struct registry *r, const char *host, int port, const char *url);
size_t registry_count(const struct registry *r);
/* In order of number, then of appearance. */
struct registry_node *registry_at(struct registry *r, size_t index);
void registry_forget(struct registry *r, const char *id);
/* Swaps when the number is taken.  1..99. */
bool registry_set_number(struct registry *r, struct registry_node *n, int number, struct err *e);
/* What a label may look like, whoever has it: what a cue sheet can be told before its cameras are there. */
bool registry_label_is_fit(const char *label, struct err *e);
/* A label is unique, no other device's name or id, not all digits, no word of the language; "" removes it. */
bool registry_set_label(struct registry *r, struct registry_node *n, const char *label, struct err *e);
/* Its roles; a device that was given none has the one it says itself. */
unsigned registry_roles(const struct registry_node *n);
/* The label, else the device name, else the id. */
const char *registry_name(const struct registry_node *n);
/* "HOST:PORT", or the URL without the user and password it may hold; printable. */
void registry_place(const struct registry_address *a, char *out, size_t out_size);
enum registry_path registry_path_of(const char *host);
const char *registry_path_name(enum registry_path path);
const char *registry_via_name(enum registry_via one);

#endif
