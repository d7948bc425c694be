/*
 * dnssd.h - Bonjour through dns_sd (avahi's compatibility library); the only family that knows it.
 * Its calls block and cost a thread and a D-Bus connection per reference: they run on threads of their own, the descriptor
 * is watched by the loop, at most DNSSD_REFS are open at once and a resolve is closed after its answer.  When the daemon
 * dies or is absent, browse and register say so once and try again by themselves with back-off.
 * Callbacks on the loop's thread; any of them may close what called it.
 */
#ifndef IO_DNSSD_H
#define IO_DNSSD_H

#include <stdbool.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "base/loop.h"

#define DNSSD_REFS 16			/* of one browse, open at once, its own included */
#define DNSSD_ADDRESSES 8		/* of one host on one interface */
#define DNSSD_ADDRESS_BYTES 64

/* One instance on one interface, whole: told again whenever any of it changed, and about once in 60 s. */
struct dnssd_found {
	unsigned serial;		/* the same as long as it is known; an instance on two interfaces has two */
	unsigned interface_index;
	char instance[MAX_NAME_BYTES];	/* cleaned for display; raw kept inside */
	int address_count;		/* 0: its host's records ran out */
	char addresses[DNSSD_ADDRESSES][DNSSD_ADDRESS_BYTES];	/* numeric, IPv4 first; link-local ones as fe80::1%eth0 */
	int port;			/* SRV's */
	int api_port;			/* TXT apiPort; 0: absent or no port */
	char device_name[MAX_NAME_BYTES], model[MAX_NAME_BYTES], role[MAX_NAME_BYTES];
	char id[64];			/* TXT id; "" */
};
/* Keeps avahi's advertisement for its own library off standard error, and keeps that library from calling what it has not
 * set (avahi 0.8).  Done by itself before the first reference is opened; it sets an environment variable (unless it is set) and
 * an allocator, and so is better called from main() before any thread starts. */
void dnssd_quiet(void);

enum dnssd_state { DNSSD_STARTING, DNSSD_RUNNING, DNSSD_NO_DAEMON };

struct dnssd_browse;
struct dnssd_browse_fns {
	void (*found)(void *arg, const struct dnssd_found *f);
	/* goodbye: withdrawn, or its record expired; else it was only forgotten (too many, or not listed by a new daemon). */
	void (*gone)(void *arg, unsigned serial, bool goodbye);
	void (*state)(void *arg, enum dnssd_state state, const char *why);
};
/* type: "_mmcam._tcp". */
struct dnssd_browse *dnssd_browse_new(struct loop *loop, const char *type, const struct dnssd_browse_fns *fns, void *arg);
/* fns are not called any more.  Gives the references back; waits at most 1 s for that. */
void dnssd_browse_close(struct dnssd_browse *b);
/* Instances the daemon lists (once per interface), those that have no port and address yet; references open now; questions so far. */
struct dnssd_counts { int services, unresolved, refs; unsigned long asked; };
struct dnssd_counts dnssd_browse_counts(const struct dnssd_browse *b);

struct dnssd_txt { const char *key, *value; };
struct dnssd_register;
/* Advertises; re-announces when the daemon returns.  txt ends with key NULL.  registered: the name given (may be "X #2"); may be NULL. */
struct dnssd_register *dnssd_register_new(struct loop *loop, const char *type, const char *instance, int port,
    const struct dnssd_txt *txt, void (*registered)(void *arg, const char *name), void *arg);
/* Says goodbye; synchronous enough that exit() may follow, and never more than 1 s. */
void dnssd_register_close(struct dnssd_register *r);

#endif
