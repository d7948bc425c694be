/*
 * sweep.h - who answers on a port of a network?  Every address of an IPv4 network (or of a list of IPv6 neighbours) is
 * asked by a non-blocking connect(); what answers is told at once and disconnected with a reset (no TIME_WAIT).
 * On a network of this machine's own the addresses are asked by ARP first where a packet socket may be opened (CAP_NET_RAW)
 * and only those that answer are connected to: the kernel's ARP table is small and shared, and a connect() which finds it
 * full is lost without a word.  Without the capability connects to such networks are paced, and repeated where some may
 * have been lost.
 * Thousands of sockets cost the loop one descriptor; at most 64 packets leave between two turns of it.
 */
#ifndef IO_SWEEP_H
#define IO_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "base/err.h"
#include "base/loop.h"
#include "io/netif.h"

#define SWEEP_PORTS 8			/* at most, of one sweep */
#define SWEEP_NET_BYTES 20		/* "255.255.255.255/32" */
#define SWEEP_HOST_BYTES 64		/* "10.0.0.7", "fe80::1%eth0" */
#define SWEEP_QUICK_US 250000		/* how long an answer is waited for when rate is 0 ... */
#define SWEEP_PACED_US 950000		/* ... and else: just before the kernel would ask once more (RFC 6298: 1 s) */

/* ---- What is asked for ---- */

struct sweep_net { uint32_t base; int prefix; };	/* host order, host bits clear */
enum sweep_mode { SWEEP_OFF, SWEEP_AUTO, SWEEP_NETS };
struct sweep_conf {
	enum sweep_mode mode;
	int net_count, port_count;
	struct sweep_net nets[MAX_SWEEP_NETWORKS];
	int ports[SWEEP_PORTS];		/* 8081 when none was given */
};
/* "192.168.1.0/24", or one address; larger than a /16 is refused. */
bool sweep_parse_cidr(struct sweep_net *out, const char *text, struct err *e);
/* "auto|off|CIDR[,CIDR]", then perhaps " ports 8081,8090"; "" is auto. */
bool sweep_parse_conf(struct sweep_conf *out, const char *text, struct err *e);
void sweep_net_text(const struct sweep_net *net, char out[SWEEP_NET_BYTES]);
uint32_t sweep_net_size(const struct sweep_net *net);	/* all its addresses: 256 of a /24 */

/* ---- One sweep ---- */

struct sweep_ask {
	struct sweep_net net;
	const struct netif_neighbour *hosts;	/* these instead of net, when not NULL */
	int host_count;
	int ports[SWEEP_PORTS], port_count;
	int rate;			/* packets a second; 0: as fast as they go */
	int64_t timeout_us;		/* 0: SWEEP_QUICK_US or SWEEP_PACED_US */
	int window;			/* connects under way; 0: as many as descriptors allow */
	bool no_arp;			/* as if a packet socket could not be had */
};

/* Of an address, when all of its ports are judged: the best of them. */
enum sweep_verdict {
	SWEEP_OPEN,			/* a port accepts */
	SWEEP_REFUSED,
	SWEEP_SILENT,			/* nothing came back in time */
	SWEEP_ABSENT,			/* on this machine's own network, and no ARP answer: no such host */
	SWEEP_UNREACHABLE		/* the network (or a firewall here) says that it cannot be reached */
};
struct sweep_host {
	char host[SWEEP_HOST_BYTES];
	enum sweep_verdict verdict;
	bool arp;			/* it answered ARP */
	int port;			/* one with that verdict */
};

struct sweep_counts {
	uint32_t of, asked;		/* addresses */
	uint32_t verdicts[SWEEP_UNREACHABLE + 1];	/* addresses, by verdict */
	uint32_t arp;			/* hosts that answered ARP */
	unsigned long packets;		/* ARP questions and connects that were sent */
	int repeats;			/* rounds over what the kernel may have lost */
	bool by_arp;			/* ARP was asked first */
	int64_t took_us;
};

/* Each may be NULL; any of them may free the sweep. */
struct sweep_fns {
	/* At the moment it accepts. */
	void (*open)(void *arg, const char *host, int port);
	/* A host that answered anything at all, judged. */
	void (*host)(void *arg, const struct sweep_host *h);
	/* Now and then (every 200 ms) while it goes on. */
	void (*progress)(void *arg, const struct sweep_counts *c);
	/* Over; nothing comes after it. */
	void (*done)(void *arg, const struct sweep_counts *c);
};

struct sweep;
/* Begins at once; the first callback comes from the loop.  Own addresses, network and broadcast address are left out. */
struct sweep *sweep_new(struct loop *loop, const struct sweep_ask *ask, const struct sweep_fns *fns, void *arg);
void sweep_free(struct sweep *s);	/* NULL is fine; no callback after it */
const char *sweep_verdict_name(enum sweep_verdict v);

#endif
