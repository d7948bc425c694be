/*
 * netif.h - this machine's network interfaces, its neighbours, the way to a host, and news of changes (rtnetlink(7)).
 * Everything here asks the local kernel only and returns at once; nothing goes out on the wire.
 */
#ifndef IO_NETIF_H
#define IO_NETIF_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"

/* One address of one interface that is up. */
struct netif_address {
	char name[IF_NAMESIZE];
	unsigned index;
	int family;			/* AF_INET, AF_INET6 */
	unsigned char bytes[16];	/* network order; IPv4: the first four */
	int prefix;			/* bits of the network */
	bool loopback, multicast, wireless, point_to_point, tailscale;
	bool has_mac;
	unsigned char mac[6];
};

/* Those of interfaces that are up and running, at most max; in the kernel's order. */
int netif_list(struct netif_address *out, int max);

struct netif_neighbour { unsigned char bytes[16]; unsigned index; };
/* IPv6 hosts the kernel has heard of (RTM_GETNEIGH, not failed, no routers of ours, no multicast). */
int netif_neighbours(struct netif_neighbour *out, int max);

/* IPv4 hosts that answered the kernel's own ARP questions. */
struct netif_arp_host { unsigned char bytes[4]; unsigned index; };
int netif_arp_hosts(struct netif_arp_host *out, int max);
/* The kernel's ARP table, which all network namespaces share: how often it had no room (a connect() to one more on-link
 * host is then lost without a word), and how many hosts it takes.  False: not to be had. */
struct netif_arp_table { unsigned long fulls; unsigned limit, entries; };
bool netif_arp_table(struct netif_arp_table *out);

struct netif_way { char name[IF_NAMESIZE]; bool wireless, tailscale, loopback, on_link; };
/* By which interface a numeric host is reached; false: no route. */
bool netif_way_to(const char *host, struct netif_way *out);

/* Says so when an interface or an address comes or goes (gathered over 100 ms).  NULL: netlink cannot be had. */
struct netif_watch;
struct netif_watch *netif_watch_new(struct loop *loop, loop_fn *changed, void *arg);
void netif_watch_free(struct netif_watch *w);	/* NULL is fine */

#endif
