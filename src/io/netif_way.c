/*
 * netif_way.c - by which interface of this machine a host is reached.
 * Owns nothing: every call asks the kernel afresh.  Never sends a packet: a datagram socket is only connected.
 */
#include "io/netif.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "io/netif_private.h"

struct place { int family; unsigned index; unsigned char bytes[16]; };

static void
read_place(struct place *out, const struct sockaddr *sa)
{
	memset(out, 0, sizeof *out);
	out->family = sa->sa_family;
	if (sa->sa_family == AF_INET) {
		memcpy(out->bytes, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	} else {
		const struct sockaddr_in6 *six = (const void *)sa;

		memcpy(out->bytes, &six->sin6_addr, 16);
		out->index = IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) ? six->sin6_scope_id : 0;
	}
}

/* From where a datagram to this host would leave: connect() of a datagram socket only looks the route up. */
static bool
find_source(const char *host, struct place *to, struct place *from)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	struct sockaddr_storage local;
	socklen_t len = sizeof local;
	bool ok;
	int fd;

	if (getaddrinfo(host, "9", &hints, &found) != 0)
		return false;
	fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ok = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0 && getsockname(fd, (struct sockaddr *)&local, &len) == 0;
	if (ok) {
		read_place(to, found->ai_addr);
		read_place(from, (struct sockaddr *)&local);
	}
	if (fd >= 0)
		close(fd);
	freeaddrinfo(found);
	return ok;
}

static bool
shares_prefix(const unsigned char *a, const unsigned char *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, (size_t)whole) == 0 && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* A host with an address of this machine is reached by the loopback interface, whatever the address' own is. */
static bool
is_way(const struct netif_address *a, const struct place *from, bool self)
{
	if (self)
		return a->loopback;
	return a->family == from->family && memcmp(a->bytes, from->bytes, sizeof a->bytes) == 0 &&
	    (from->index == 0 || from->index == a->index);
}

bool
netif_way_to(const char *host, struct netif_way *out)
{
	struct netif_address all[MAX_INTERFACES];
	struct place to, from;
	bool self;
	int count;

	memset(out, 0, sizeof *out);
	if (!find_source(host, &to, &from))
		return false;
	self = memcmp(to.bytes, from.bytes, sizeof to.bytes) == 0;
	count = netif_list(all, MAX_INTERFACES);
	for (int i = 0; i < count; i++) {
		const struct netif_address *a = &all[i];

		if (!is_way(a, &from, self))
			continue;
		str_copy(out->name, sizeof out->name, a->name);
		out->wireless = a->wireless;
		out->tailscale = !a->loopback && netif_is_tailscale(a->name, from.family, from.bytes);
		out->loopback = a->loopback;
		out->on_link = a->loopback || shares_prefix(a->bytes, to.bytes, a->prefix);
		return true;
	}
	return false;
}
