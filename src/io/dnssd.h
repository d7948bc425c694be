/*
 * dnssd.h - Bonjour through dns_sd (avahi's compatibility library); the only file that knows it.
 * Its calls block and cost a thread and a D-Bus connection per reference: they run in the pool,
 * the descriptor is watched by the loop, a resolve is closed after its answer.  When the daemon
 * dies or is absent, browse and register say so once and try again by themselves with back-off
 * (1 s doubling to 30 s).  Callbacks on the loop's thread.
 */
#ifndef IO_DNSSD_H
#define IO_DNSSD_H

#include <stdbool.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "base/loop.h"

struct dnssd_found {
	char instance[MAX_NAME_BYTES];	/* cleaned for display; raw kept inside */
	char host[256];			/* numeric IPv4 preferred, else IPv6[%scope] */
	int port;			/* SRV's */
	int api_port;			/* TXT apiPort; 0: absent */
	char device_name[MAX_NAME_BYTES], model[MAX_NAME_BYTES], role[MAX_NAME_BYTES];
	char id[64];			/* TXT id; "" */
	unsigned interface_index;
};
/* Keeps avahi's advertisement for its own library off standard error.  Sets an environment variable: call it
 * from main() before any thread starts. */
void dnssd_quiet(void);

enum dnssd_state { DNSSD_STARTING, DNSSD_RUNNING, DNSSD_NO_DAEMON };

struct dnssd_browse;
struct dnssd_browse_fns {
	void (*found)(void *arg, const struct dnssd_found *f);
	void (*gone)(void *arg, const char *instance);		/* goodbye or record expired */
	void (*state)(void *arg, enum dnssd_state state, const char *why);
};
/* type: "_mmcam._tcp". */
struct dnssd_browse *dnssd_browse_new(struct loop *loop, const char *type, const struct dnssd_browse_fns *fns, void *arg);
/* Asynchronous: fns are not called any more; the memory goes when the worker is back. */
void dnssd_browse_close(struct dnssd_browse *b);

struct dnssd_txt { const char *key, *value; };
struct dnssd_register;
/* Advertises; re-announces when the daemon returns.  txt ends with key NULL.  registered: the name given (may be "X #2"); may be NULL. */
struct dnssd_register *dnssd_register_new(struct loop *loop, const char *type, const char *instance, int port,
    const struct dnssd_txt *txt, void (*registered)(void *arg, const char *name), void *arg);
/* Says goodbye; synchronous enough that exit() may follow. */
void dnssd_register_close(struct dnssd_register *r);

#endif
