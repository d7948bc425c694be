/*
 * tailscale.h - what the program `tailscale` says about the devices of its VPN (`tailscale status --json`).
 * The program is run beside the loop, without a shell, for 5 s at most; what it prints is read with ceilings.
 */
#ifndef IO_TAILSCALE_H
#define IO_TAILSCALE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/ceilings.h"
#include "base/err.h"
#include "base/loop.h"
#include "domain/node.h"

#define TAILSCALE_ADDRESSES 4		/* of one peer; usually one IPv4 and one IPv6 */
#define TAILSCALE_ADDRESS_BYTES 64

struct tailscale_peer {
	char name[MAX_NAME_BYTES];	/* printable; of the first part of the DNS name where the host has no name of its own */
	char os[NODE_WORD];		/* "iOS" */
	int address_count;		/* of 100.64.0.0/10 and fd7a:115c:a1e0::/48 only */
	char addresses[TAILSCALE_ADDRESSES][TAILSCALE_ADDRESS_BYTES];
};

struct tailscale_status {
	char backend[NODE_WORD];	/* "Running", "Stopped", "NeedsLogin" ... */
	int online, offline;		/* peers; exit nodes for hire and devices that only see ours are left out */
	int peer_count;			/* those online, at most MAX_TAILSCALE_PEERS */
	struct tailscale_peer *peers;	/* owned by the status */
};

/* False (*e says why): no answer of `tailscale status --json`.  End with tailscale_status_fini() either way. */
bool tailscale_read(struct tailscale_status *out, const char *text, size_t len, struct err *e);
void tailscale_status_fini(struct tailscale_status *s);

enum tailscale_result { TAILSCALE_OK, TAILSCALE_NOT_INSTALLED, TAILSCALE_FAILED };
/* On the loop's thread, once.  s: borrowed, NULL unless OK.  why: of FAILED, "exit status 1". */
typedef void tailscale_fn(void *arg, enum tailscale_result result, const struct tailscale_status *s, const char *why);

struct tailscale_ask;
/* program: a path, or a name that is looked for in the folders of path ("a:b", as in $PATH).  May be closed in fn. */
struct tailscale_ask *tailscale_ask_open(struct loop *loop, const char *program, const char *path, tailscale_fn *fn, void *arg);
/* After the answer or before it (then none comes, and the program is ended).  NULL is fine. */
void tailscale_ask_close(struct tailscale_ask *a);

#endif
