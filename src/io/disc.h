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
extern const struct disc_source disc_manual;	/* conf: HOST[:PORT] or URL, one a line */
extern const struct disc_source disc_replay;	/* conf: path of a file of sightings, for tests */

/* "HOST[:PORT]", "[v6]:PORT", "http://..." (view-only or node, fetched as written).  via = VIA_MANUAL. */
bool disc_parse_address(struct registry_address *out, const char *text, struct err *e);

#endif
