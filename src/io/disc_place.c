/*
 * disc_place.c - which of the addresses that strangers announce can be asked at all.
 * Owns nothing.  Never asks.
 */
#include "io/disc_place.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/str.h"

/* 0.0.0.0 would be this machine (ip(7)); 224.0.0.0 and above is nobody's own. */
static bool
is_host_v4(const struct in_addr *a)
{
	uint32_t bits = ntohl(a->s_addr);

	return bits >> 24 != 0 && bits >> 28 < 14;
}

/* A link-local address without its scope leads nowhere. */
static bool
is_host_v6(const struct in6_addr *a, bool has_scope)
{
	if (IN6_IS_ADDR_V4MAPPED(a))
		return false;
	return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_MULTICAST(a) && (has_scope || !IN6_IS_ADDR_LINKLOCAL(a));
}

bool
disc_place_is_one(const char *host, int port)
{
	char bare[INET6_ADDRSTRLEN];
	size_t len = strcspn(host, "%");
	struct in6_addr v6;
	struct in_addr v4;

	if (port < 1 || port > 65535 || len >= sizeof bare)
		return false;
	memcpy(bare, host, len);
	bare[len] = '\0';
	if (inet_pton(AF_INET, bare, &v4) == 1)
		return host[len] == '\0' && is_host_v4(&v4);
	if (inet_pton(AF_INET6, bare, &v6) != 1 || strcmp(host + len, "%") == 0)
		return false;
	return is_host_v6(&v6, host[len] == '%');
}

void
disc_place_fill(struct registry_address *out, enum registry_via via, const char *host, int port, int64_t now_us)
{
	memset(out, 0, sizeof *out);
	str_copy(out->host, sizeof out->host, host);
	out->port = port;
	out->kind = registry_path_of(host);
	out->via = via;
	out->seen_us = now_us;
	out->rtt_us = -1;
}
