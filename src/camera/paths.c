/*
 * paths.c - the machine's own addresses.
 * Owns nothing.  Never looks at anything beyond this machine.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/str.h"
#include "camera/paths.h"

/* 100.64.0.0/10 is shared address space (RFC 6598); Tailscale hands out of it, and of fd7a:115c:a1e0::/48. */
static bool
is_tailscale(const struct ifaddrs *i)
{
	static const unsigned char net6[6] = { 0xfd, 0x7a, 0x11, 0x5c, 0xa1, 0xe0 };
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)i->ifa_addr;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)i->ifa_addr;

	if (str_has_prefix(i->ifa_name, "tailscale"))
		return true;
	if (i->ifa_addr->sa_family == AF_INET)
		return (ntohl(v4->sin_addr.s_addr) & 0xffc00000U) == 0x64400000U;
	return memcmp(&v6->sin6_addr, net6, sizeof net6) == 0;
}

static bool
is_wanted(const struct ifaddrs *i, int family, bool loopback)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)i->ifa_addr;

	if (i->ifa_addr == NULL || i->ifa_addr->sa_family != family || (i->ifa_flags & IFF_UP) == 0)
		return false;
	if (((i->ifa_flags & IFF_LOOPBACK) != 0) != loopback)
		return false;
	return family == AF_INET || !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}

static void
add_path(struct path *out, const struct ifaddrs *i)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)i->ifa_addr;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)i->ifa_addr;
	const void *address = i->ifa_addr->sa_family == AF_INET ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr;

	out->kind = is_tailscale(i) ? "tailscale" : "lan";
	if (inet_ntop(i->ifa_addr->sa_family, address, out->address, sizeof out->address) == NULL)
		out->address[0] = '\0';
}

/* Which family a wildcard stands for; false: it names one address. */
static bool
is_wildcard(const char *bound, bool *v4_only)
{
	struct in6_addr v6;
	struct in_addr v4;

	*v4_only = inet_pton(AF_INET, bound, &v4) == 1;
	if (*v4_only)
		return v4.s_addr == htonl(INADDR_ANY);
	return bound[0] == '\0' || (inet_pton(AF_INET6, bound, &v6) == 1 && IN6_IS_ADDR_UNSPECIFIED(&v6));
}

/* The one address, as it was named; what kind it is, its interface tells. */
static int
path_of(struct path *out, const struct ifaddrs *all, const char *bound)
{
	struct path at;

	out->kind = "lan";
	str_copy(out->address, sizeof out->address, bound);
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL || (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6))
			continue;
		add_path(&at, i);
		if (strcmp(at.address, bound) == 0)
			*out = at;
	}
	return 1;
}

int
paths_read(struct path out[static PATHS_MAX], const char *bound)
{
	static const struct { int family; bool loopback; } rounds[] = { { AF_INET, false }, { AF_INET6, false },
		{ AF_INET, true }, { AF_INET6, true } };
	struct ifaddrs *all = NULL;
	bool is_all, v4_only;
	int count = 0;

	if (getifaddrs(&all) != 0)
		return 0;
	is_all = is_wildcard(bound, &v4_only);
	if (!is_all)
		count = path_of(out, all, bound);
	for (unsigned r = 0; is_all && r < sizeof rounds / sizeof rounds[0]; r++) {
		if (rounds[r].loopback && count > 0)
			break;
		if (v4_only && rounds[r].family != AF_INET)
			continue;
		for (const struct ifaddrs *i = all; i != NULL && count < PATHS_MAX; i = i->ifa_next)
			if (is_wanted(i, rounds[r].family, rounds[r].loopback))
				add_path(&out[count++], i);
	}
	freeifaddrs(all);
	return count;
}

const char *
paths_network_kind(void)
{
	struct ifaddrs *all = NULL;
	const char *kind = "";
	char wireless[80];

	if (getifaddrs(&all) != 0)
		return kind;
	for (const struct ifaddrs *i = all; i != NULL && kind[0] == '\0'; i = i->ifa_next) {
		if (!is_wanted(i, AF_INET, false))
			continue;
		snprintf(wireless, sizeof wireless, "/sys/class/net/%.32s/wireless", i->ifa_name);
		kind = is_tailscale(i) ? "tailscale" : access(wireless, F_OK) == 0 ? "wifi" : "ethernet";
	}
	freeifaddrs(all);
	return kind;
}
