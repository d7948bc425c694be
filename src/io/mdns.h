/*
 * mdns.h - a small mDNS / DNS-SD querier of our own: RFC 6762 (section 5.1 one-shot queries, 5.4 unicast answers, 6.7
 * legacy unicast) and RFC 6763.  Needs no daemon and disturbs none: questions leave from an ephemeral port on each
 * interface, IPv4 and IPv6; beside that the multicast groups are listened to (bound to the group's address, so that no
 * unicast answer is taken from a daemon), which hears announcements, changes and goodbyes as they happen.
 * Packets are hostile: ceilings of base/ceilings.h, names unpacked by the C library's resolver (ns_name_unpack, ...).
 * All callbacks on the loop's thread; any of them may free the querier.
 */
#ifndef IO_MDNS_H
#define IO_MDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "base/loop.h"

#define MDNS_LABEL_BYTES 64		/* a raw label, NUL included; an instance name with a NUL inside is refused */
#define MDNS_NAME_BYTES 256		/* "phone.local", lower case, without the final dot */
#define MDNS_HOST_ADDRESSES 8
#define MDNS_ADDRESS_BYTES 64		/* "10.0.0.7", "fe80::1%eth0" */

/* An instance of a browsed type whose SRV record is known and whose host has an address. */
struct mdns_service {
	char instance[MDNS_LABEL_BYTES];	/* raw bytes of the network */
	char type[MDNS_LABEL_BYTES];		/* "_mmcam._tcp" */
	char host[MDNS_NAME_BYTES];
	int port;
	const unsigned char *txt;		/* borrowed; RFC 6763 section 6 */
	size_t txt_len;
	int address_count;			/* the packet's own interface gives IPv6 link-local ones their scope */
	char addresses[MDNS_HOST_ADDRESSES][MDNS_ADDRESS_BYTES];
};

struct mdns_fns {
	/* Found whole; again when its port, TXT, host or an address of it changed.  Each may be NULL. */
	void (*service)(void *arg, const struct mdns_service *s);
	/* Goodbye, or its record ran out unanswered. */
	void (*gone)(void *arg, const char *type, const char *instance);
	/* A name that was asked for (mdns_ask_host) has this address. */
	void (*host)(void *arg, const char *name, const char *address);
	/* An answer of any kind came from another machine. */
	void (*heard)(void *arg, const char *from);
};

enum { MDNS_LISTEN = 1 };	/* flags: also hear what is multicast to others */

struct mdns;
/* Sockets for every interface that is up and can multicast; they follow interface changes by themselves. */
struct mdns *mdns_new(struct loop *loop, unsigned flags, const struct mdns_fns *fns, void *arg);
void mdns_free(struct mdns *m);		/* NULL is fine; no callback after it */
/* Asks now, after 1 s, 3 s, 7 s ... doubling to once in 60 s (RFC 6762 section 5.2), with known answers; and at once anew on
 * interface changes.  TXT and addresses of what was found are asked for again every 60 s. */
void mdns_browse(struct mdns *m, const char *type);
/* A and AAAA of a name ("iphone.local"), now, after 1 s and 3 s, then once in 60 s; many names share a packet. */
void mdns_ask_host(struct mdns *m, const char *name);
/* All types on the network, once (RFC 6763 section 9); each is then browsed once: services of any type are told. */
void mdns_census(struct mdns *m);
/* Questions (packets) sent and answers heard so far, hosts that answered, interfaces in use: for the why panel. */
struct mdns_counts { unsigned long packets_sent, answers; int hosts, interfaces; };
struct mdns_counts mdns_counts(const struct mdns *m);

#endif
