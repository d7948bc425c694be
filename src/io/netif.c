/*
 * netif.c - this machine's interfaces and addresses.
 * Owns nothing: every call asks the kernel afresh.  Never sends a packet.
 */
#include "io/netif.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/netif_private.h"

#define LIST_TRIES 3		/* a dump in the middle of a change is asked for again */

struct link {
	unsigned index, flags;
	char name[IF_NAMESIZE];
	bool has_mac;
	unsigned char mac[6];
};
struct links { struct link *list; size_t count; };
struct addresses { struct netif_address *out; int count, max; const struct links *links; };

static void
on_link(void *arg, const struct nlmsghdr *h)
{
	struct links *all = arg;
	const struct ifinfomsg *info = NLMSG_DATA(h);
	const void *mac, *name;
	struct link *l;
	size_t len;

	if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof *info))
		return;
	name = netif_attribute(h, sizeof *info, IFLA_IFNAME, 1, &len);
	if (name == NULL)
		return;
	all->list = xreallocarray(all->list, all->count + 1, sizeof *all->list);
	l = &all->list[all->count++];
	memset(l, 0, sizeof *l);
	l->index = (unsigned)info->ifi_index;
	l->flags = info->ifi_flags;
	snprintf(l->name, sizeof l->name, "%.*s", (int)strnlen(name, len), (const char *)name);
	mac = netif_attribute(h, sizeof *info, IFLA_ADDRESS, sizeof l->mac, &len);
	if (mac != NULL && info->ifi_type == ARPHRD_ETHER && len == sizeof l->mac) {
		memcpy(l->mac, mac, sizeof l->mac);
		l->has_mac = true;
	}
}

static const struct link *
find_link(const struct links *all, unsigned index)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].index == index)
			return &all->list[i];
	return NULL;
}

static bool
is_wireless(const char *name)
{
	static const char *const marks[] = { "wireless", "phy80211" };
	char path[64];

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		snprintf(path, sizeof path, "/sys/class/net/%s/%s", name, marks[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

bool
netif_is_tailscale(const char *name, int family, const unsigned char *bytes)
{
	static const unsigned char tailnet[] = { 0xfd, 0x7a, 0x11, 0x5c, 0xa1, 0xe0 };

	if (str_has_prefix(name, "tailscale"))
		return true;
	if (family == AF_INET)
		return bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
	return memcmp(bytes, tailnet, sizeof tailnet) == 0;
}

static void
describe(struct netif_address *a, const struct link *l)
{
	str_copy(a->name, sizeof a->name, l->name);
	a->loopback = (l->flags & IFF_LOOPBACK) != 0;
	a->multicast = (l->flags & IFF_MULTICAST) != 0;
	a->point_to_point = (l->flags & IFF_POINTOPOINT) != 0;
	a->wireless = is_wireless(l->name);
	a->tailscale = netif_is_tailscale(l->name, a->family, a->bytes);
	a->has_mac = l->has_mac;
	memcpy(a->mac, l->mac, sizeof a->mac);
}

/* An address that is still being checked for duplicates cannot be used yet; the change is told when it can. */
static bool
is_usable(const struct nlmsghdr *h, const struct ifaddrmsg *msg)
{
	const void *at = netif_attribute(h, sizeof *msg, IFA_FLAGS, 4, NULL);
	uint32_t flags = msg->ifa_flags;

	if (at != NULL)
		memcpy(&flags, at, sizeof flags);
	return (flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE)) == 0 || (flags & IFA_F_OPTIMISTIC) != 0;
}

static void
on_address(void *arg, const struct nlmsghdr *h)
{
	struct addresses *all = arg;
	const struct ifaddrmsg *msg = NLMSG_DATA(h);
	const struct link *l;
	const void *bytes;
	struct netif_address *a;
	size_t need;

	if (h->nlmsg_type != RTM_NEWADDR || h->nlmsg_len < NLMSG_LENGTH(sizeof *msg) || all->count >= all->max ||
	    (msg->ifa_family != AF_INET && msg->ifa_family != AF_INET6))
		return;
	l = find_link(all->links, msg->ifa_index);
	need = msg->ifa_family == AF_INET ? 4 : 16;
	/* Of a point-to-point link IFA_ADDRESS is the other end. */
	bytes = netif_attribute(h, sizeof *msg, IFA_LOCAL, need, NULL);
	if (bytes == NULL)
		bytes = netif_attribute(h, sizeof *msg, IFA_ADDRESS, need, NULL);
	if (l == NULL || bytes == NULL || (l->flags & IFF_UP) == 0 || (l->flags & IFF_RUNNING) == 0 || !is_usable(h, msg))
		return;
	a = &all->out[all->count++];
	memset(a, 0, sizeof *a);
	a->index = msg->ifa_index;
	a->family = msg->ifa_family;
	a->prefix = msg->ifa_prefixlen;
	memcpy(a->bytes, bytes, need);
	describe(a, l);
}

int
netif_list(struct netif_address *out, int max)
{
	struct links links = { 0 };
	struct addresses all = { .out = out, .max = max, .links = &links };

	for (int i = 0; i < LIST_TRIES; i++) {
		links.count = 0;
		all.count = 0;
		if (netif_dump(RTM_GETLINK, AF_UNSPEC, on_link, &links) && netif_dump(RTM_GETADDR, AF_UNSPEC, on_address, &all))
			break;
	}
	free(links.list);
	return all.count;
}
