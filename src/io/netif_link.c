/*
 * netif_link.c - routing netlink (rtnetlink(7)): dumps, the kernel's IPv6 neighbours, and news of interface changes.
 * Owns the watch's socket and the last list of addresses.  Never changes anything in the kernel.
 */
#include "io/netif.h"
#include "io/netif_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/ceilings.h"
#include "base/xalloc.h"

#define DUMP_BYTES (32 * 1024)		/* what the kernel puts into one datagram of a dump at most */
#define DUMP_WAIT_US 200000		/* the kernel answers at once; a loop must not hang should it not */
#define GATHER_US 100000
#define MAX_GATEWAYS 32

/* ---- Dumps ---- */

static int
dump_socket(int type, int family)
{
	struct { struct nlmsghdr h; struct rtgenmsg g; } ask;
	struct timeval wait = { .tv_usec = DUMP_WAIT_US };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -1;
	memset(&ask, 0, sizeof ask);
	ask.h.nlmsg_len = NLMSG_LENGTH(sizeof ask.g);
	ask.h.nlmsg_type = (unsigned short)type;
	ask.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ask.h.nlmsg_seq = 1;
	ask.g.rtgen_family = (unsigned char)family;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	if (send(fd, &ask, ask.h.nlmsg_len, 0) >= 0)
		return fd;
	close(fd);
	return -1;
}

/* 1: there is more to come, 0: that was all, -1: it went wrong. */
static int
read_messages(const unsigned char *bytes, size_t len, netif_dump_fn *fn, void *arg)
{
	const struct nlmsghdr *h = (const void *)bytes;

	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		if ((h->nlmsg_flags & NLM_F_DUMP_INTR) != 0 || h->nlmsg_type == NLMSG_ERROR)
			return -1;
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		fn(arg, h);
	}
	return 1;
}

bool
netif_dump(int type, int family, netif_dump_fn *fn, void *arg)
{
	int fd = dump_socket(type, family), more = 1;
	unsigned char *bytes;

	if (fd < 0)
		return false;
	bytes = xmalloc(DUMP_BYTES);
	while (more == 1) {
		ssize_t n = recv(fd, bytes, DUMP_BYTES, MSG_TRUNC);

		if (n < 0 && errno == EINTR)
			continue;
		more = n <= 0 || n > DUMP_BYTES ? -1 : read_messages(bytes, (size_t)n, fn, arg);
	}
	free(bytes);
	close(fd);
	return more == 0;
}

const void *
netif_attribute(const struct nlmsghdr *h, size_t fixed, unsigned short type, size_t min, size_t *len)
{
	size_t at = NLMSG_SPACE(fixed);

	while (h->nlmsg_len >= at + sizeof(struct rtattr)) {
		const struct rtattr *a = (const void *)((const unsigned char *)h + at);

		if (a->rta_len < sizeof *a || a->rta_len > h->nlmsg_len - at)
			return NULL;
		if ((a->rta_type & NLA_TYPE_MASK) == type) {
			if (len != NULL)
				*len = RTA_PAYLOAD(a);
			return RTA_PAYLOAD(a) >= min ? RTA_DATA(a) : NULL;
		}
		at += RTA_ALIGN(a->rta_len);
	}
	return NULL;
}

/* ---- IPv6 neighbours ---- */

struct gateways { int count; struct netif_neighbour list[MAX_GATEWAYS]; };
struct neighbours { struct netif_neighbour *out; int count, max; struct gateways gateways; };

static void
on_route(void *arg, const struct nlmsghdr *h)
{
	struct gateways *all = arg;
	const struct rtmsg *msg = NLMSG_DATA(h);
	const void *gateway, *out;

	if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < NLMSG_LENGTH(sizeof *msg) || all->count >= MAX_GATEWAYS)
		return;
	gateway = netif_attribute(h, sizeof *msg, RTA_GATEWAY, 16, NULL);
	out = netif_attribute(h, sizeof *msg, RTA_OIF, 4, NULL);
	if (gateway == NULL || out == NULL)
		return;
	memcpy(all->list[all->count].bytes, gateway, 16);
	memcpy(&all->list[all->count++].index, out, 4);
}

/* A neighbour by which this machine reaches other networks is no camera. */
static bool
is_gateway(const struct gateways *all, const unsigned char *bytes, unsigned index)
{
	for (int i = 0; i < all->count; i++)
		if (all->list[i].index == index && memcmp(all->list[i].bytes, bytes, 16) == 0)
			return true;
	return false;
}

static void
on_neighbour(void *arg, const struct nlmsghdr *h)
{
	struct neighbours *all = arg;
	const struct ndmsg *msg = NLMSG_DATA(h);
	const unsigned char *bytes;
	struct netif_neighbour *n;

	if (h->nlmsg_type != RTM_NEWNEIGH || h->nlmsg_len < NLMSG_LENGTH(sizeof *msg) || msg->ndm_family != AF_INET6 ||
	    (msg->ndm_state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)) == 0)
		return;
	bytes = netif_attribute(h, sizeof *msg, NDA_DST, 16, NULL);
	if (bytes == NULL || bytes[0] == 0xff || all->count >= all->max ||
	    is_gateway(&all->gateways, bytes, (unsigned)msg->ndm_ifindex))
		return;
	n = &all->out[all->count++];
	memcpy(n->bytes, bytes, sizeof n->bytes);
	n->index = (unsigned)msg->ndm_ifindex;
}

int
netif_neighbours(struct netif_neighbour *out, int max)
{
	struct neighbours all = { .out = out, .max = max };

	netif_dump(RTM_GETROUTE, AF_INET6, on_route, &all.gateways);
	netif_dump(RTM_GETNEIGH, AF_INET6, on_neighbour, &all);
	return all.count;
}

/* ---- ARP ---- */

struct arp_hosts { struct netif_arp_host *out; int count, max; };

static void
on_arp_host(void *arg, const struct nlmsghdr *h)
{
	struct arp_hosts *all = arg;
	const struct ndmsg *msg = NLMSG_DATA(h);
	const void *bytes;
	struct netif_arp_host *host;

	if (h->nlmsg_type != RTM_NEWNEIGH || h->nlmsg_len < NLMSG_LENGTH(sizeof *msg) || msg->ndm_family != AF_INET ||
	    (msg->ndm_state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE)) == 0)
		return;
	bytes = netif_attribute(h, sizeof *msg, NDA_DST, 4, NULL);
	if (bytes == NULL || all->count >= all->max)
		return;
	host = &all->out[all->count++];
	memcpy(host->bytes, bytes, sizeof host->bytes);
	host->index = (unsigned)msg->ndm_ifindex;
}

int
netif_arp_hosts(struct netif_arp_host *out, int max)
{
	struct arp_hosts all = { .out = out, .max = max };

	netif_dump(RTM_GETNEIGH, AF_INET, on_arp_host, &all);
	return all.count;
}

struct table { struct netif_arp_table *out; bool found; };

static void
on_table(void *arg, const struct nlmsghdr *h)
{
	struct table *t = arg;
	const char *name = netif_attribute(h, sizeof(struct ndtmsg), NDTA_NAME, sizeof "arp_cache", NULL);
	const void *limit = netif_attribute(h, sizeof(struct ndtmsg), NDTA_THRESH3, sizeof(uint32_t), NULL);
	const void *counts = netif_attribute(h, sizeof(struct ndtmsg), NDTA_STATS, sizeof(struct ndt_stats), NULL);
	const void *conf = netif_attribute(h, sizeof(struct ndtmsg), NDTA_CONFIG, sizeof(struct ndt_config), NULL);
	struct ndt_config config;
	struct ndt_stats stats;

	/* One message for the table itself, the others are about its interfaces. */
	if (name == NULL || memcmp(name, "arp_cache", sizeof "arp_cache") != 0 || limit == NULL || counts == NULL || conf == NULL)
		return;
	memcpy(&t->out->limit, limit, sizeof t->out->limit);
	memcpy(&stats, counts, sizeof stats);
	memcpy(&config, conf, sizeof config);
	t->out->fulls = (unsigned long)stats.ndts_table_fulls;
	t->out->entries = config.ndtc_entries;
	t->found = true;
}

bool
netif_arp_table(struct netif_arp_table *out)
{
	struct table t = { .out = out };

	memset(out, 0, sizeof *out);
	return netif_dump(RTM_GETNEIGHTBL, AF_INET, on_table, &t) && t.found;
}

/* ---- News ---- */

struct netif_watch {
	struct loop *loop;
	loop_fn *changed;
	void *arg;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *gather;
	bool gathering;
	int count;
	struct netif_address last[MAX_INTERFACES];
};

/* The kernel also speaks of scans, carriers and lifetimes: only another list of addresses is news. */
static void
on_gathered(void *arg)
{
	struct netif_watch *w = arg;
	struct netif_address now[MAX_INTERFACES];
	int count = netif_list(now, MAX_INTERFACES);

	w->gathering = false;
	if (count == w->count && memcmp(now, w->last, (size_t)count * sizeof now[0]) == 0)
		return;
	w->count = count;
	memcpy(w->last, now, (size_t)count * sizeof now[0]);
	w->changed(w->arg);
}

static void
on_news(void *arg, unsigned events)
{
	struct netif_watch *w = arg;
	unsigned char bytes[8192];

	(void)events;
	/* What it says does not matter, nor that some of it was lost (ENOBUFS): the list is read anew. */
	while (recv(w->fd, bytes, sizeof bytes, MSG_DONTWAIT) >= 0 || errno == EINTR || errno == ENOBUFS)
		;
	if (w->gathering)
		return;
	w->gathering = true;
	loop_timer_start(w->loop, w->gather, GATHER_US, 0);
}

struct netif_watch *
netif_watch_new(struct loop *loop, loop_fn *changed, void *arg)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	struct netif_watch *w;

	if (fd < 0)
		return NULL;
	if (bind(fd, (struct sockaddr *)&me, sizeof me) != 0) {
		close(fd);
		return NULL;
	}
	w = xcalloc(1, sizeof *w);
	w->loop = loop;
	w->changed = changed;
	w->arg = arg;
	w->fd = fd;
	w->count = netif_list(w->last, MAX_INTERFACES);
	w->gather = loop_timer_new(loop, on_gathered, w);
	w->watch = loop_watch_new(loop, fd, LOOP_READ, on_news, w);
	return w;
}

void
netif_watch_free(struct netif_watch *w)
{
	if (w == NULL)
		return;
	loop_timer_free(w->loop, w->gather);
	loop_watch_free(w->loop, w->watch);
	close(w->fd);
	free(w);
}
