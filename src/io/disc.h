/*
 * disc.h - discovery sources behind one interface: each reports sightings of possible nodes.
 * A sighting is a candidate, never a live node: liveness is HTTP's.
 */
#ifndef IO_DISC_H
#define IO_DISC_H

#include <stdbool.h>
#include "base/loop.h"
#include "domain/registry.h"

struct disc_sighting {
	struct registry_address address;	/* via says the source */
	char id[ID_BYTES];			/* "" unknown */
	char name[MAX_NAME_BYTES];		/* for telling, "" unknown */
};

struct disc_fns {
	void (*sighted)(void *arg, const struct disc_sighting *s);
	void (*goodbye)(void *arg, enum registry_via via, const struct registry_address *a, const char *id);
	/* One sentence on this source's state ("Bonjour: no daemon; ..."); shown by the why panel. */
	void (*state)(void *arg, enum registry_via via, bool working, const char *sentence);
	/* Everything below may be NULL. */
	/* What it would ask is not on this machine: it does not work, and that is no trouble.  Until its next state. */
	void (*absent)(void *arg);
	/* One more line for the why panel, on one topic ("10.0.0.0/24", "192.168.1.7"): told again it replaces the former;
	 * sentence NULL takes it away. */
	void (*line)(void *arg, const char *topic, const char *sentence);
	/* Some host answered this source at all, camera or not: what a network lets through can be judged by it. */
	void (*answered)(void *arg, const char *host);
	/* Another DNS-SD service ("_ssh._tcp") on a host by its numeric address. */
	void (*service)(void *arg, const char *host, const char *type);
	/* A time or number of the console's settings, as it is now ("sweep-rate"). */
	int64_t (*setting)(void *arg, const char *name);
	/* Is every camera that the Sphere remembers live (and is there one)? */
	bool (*is_complete)(void *arg);
	/* The first round of this source is over: everything it was asked to look at once has been looked at. */
	void (*finished)(void *arg);
};

/* A variant: const struct in a list. */
struct disc_source {
	const char *name;			/* "bonjour" */
	enum registry_via via;
	/* conf is the source's own option text (e.g. --sweep's value); NULL result: off. */
	void *(*open)(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg);
	void (*close)(void *self);
};

extern const struct disc_source disc_bonjour;
extern const struct disc_source disc_mdns;	/* Bonjour by queries of our own, daemon or not.  conf: "" or "off" */
extern const struct disc_source disc_names;	/* host names by mDNS.  conf: "NAME.local[:PORT]", commas between, or "off" */
extern const struct disc_source disc_sweep;	/* conf: "auto|off|CIDR[,CIDR]", then perhaps " ports 8081,8090" */
extern const struct disc_source disc_tailscale;	/* peers of `tailscale status --json`.  conf: "", or the program's path, or "off" */
extern const struct disc_source disc_manual;	/* conf: HOST[:PORT] or URL, one a line */
extern const struct disc_source disc_replay;	/* conf: path of a file of sightings, for tests */

/* "HOST[:PORT]", "[v6]:PORT", "http://..." (view-only or node, fetched as written).  via = VIA_MANUAL. */
bool disc_parse_address(struct registry_address *out, const char *text, struct err *e);

#endif
