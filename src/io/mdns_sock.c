/*
 * mdns_sock.c - the sockets: for each interface one from an ephemeral port, whose answers come back by unicast (RFC 6762
 * section 6.7), and, where the network is listened to, one that is bound to the group's own address and port 5353.
 * Bound so, it gets no unicast packet: those belong to the daemon of this machine.  Never reads what a packet says.
 */
#include "io/mdns_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define PACKETS_AT_ONCE 8		/* then the loop's others have their turn */
#define RECEIVE_BYTES (1 << 20)		/* a daemon of a thousand services answers at once */

struct mdns_sock {
	struct list link;
	struct mdns *m;
	struct loop_watch *watch;
	int fd;
	bool is_listener, is_loopback, is_needed;
	struct netif_address at;
};

void
mdns_sock_print(char text[MDNS_ADDRESS_BYTES], int family, const unsigned char *bytes, const char *interface)
{
	size_t len;

	if (inet_ntop(family, bytes, text, MDNS_ADDRESS_BYTES) == NULL)
		text[0] = '\0';
	if (family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)(const void *)bytes))
		return;
	len = strlen(text);
	snprintf(text + len, MDNS_ADDRESS_BYTES - len, "%%%s", interface);
}

/* ---- Receiving ---- */

/* The interface that it came in by, which a socket alone does not tell for a unicast packet. */
static unsigned
packet_interface(struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof info);
			return (unsigned)info.ipi_ifindex;
		}
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof info);
			return (unsigned)info.ipi6_ifindex;
		}
	}
	return 0;
}

static void
packet_sender(struct mdns_from *from, const struct sockaddr_storage *sender)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)sender;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)sender;

	from->family = sender->ss_family;
	if (from->family == AF_INET) {
		memcpy(from->bytes, &v4->sin_addr, 4);
		from->port = ntohs(v4->sin_port);
	} else {
		memcpy(from->bytes, &v6->sin6_addr, 16);
		from->port = ntohs(v6->sin6_port);
	}
}

static bool
sock_receive(struct mdns_sock *s)
{
	unsigned char bytes[MAX_DNS_PACKET];
	char control[256] __attribute__((aligned(8)));
	struct sockaddr_storage sender;
	struct iovec iov = { bytes, sizeof bytes };
	struct msghdr h = { .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof control };
	struct mdns_from from = { .unicast = !s->is_listener };
	ssize_t n = recvmsg(s->fd, &h, MSG_DONTWAIT);

	if (n < 0)
		return errno != EAGAIN && errno != EWOULDBLOCK;
	if ((h.msg_flags & MSG_TRUNC) != 0 || (sender.ss_family != AF_INET && sender.ss_family != AF_INET6))
		return true;
	packet_sender(&from, &sender);
	from.index = packet_interface(&h);
	from.loopback = s->is_loopback && from.index == s->at.index;
	str_copy(from.interface, sizeof from.interface, s->at.name);
	if (from.index != s->at.index && if_indextoname(from.index, from.interface) == NULL)
		return true;
	mdns_hear(s->m, bytes, (size_t)n, &from);
	return true;
}

static void
on_packets(void *arg, unsigned events)
{
	struct mdns_sock *s = arg;

	(void)events;
	for (int i = 0; i < PACKETS_AT_ONCE && sock_receive(s); i++)
		;
}

/* ---- Opening ---- */

static bool
set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static bool
open_v4(const struct mdns_sock *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct ip_mreqn group = { .imr_ifindex = (int)s->at.index };
	int fd = s->fd;

	inet_pton(AF_INET, "224.0.0.251", &group.imr_multiaddr);
	memcpy(&group.imr_address, s->at.bytes, 4);
	if (s->is_listener) {
		at.sin_addr = group.imr_multiaddr;
		at.sin_port = htons(MDNS_PORT);
	}
	if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
		return false;
	if (s->is_listener && (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) != 0
	    || !set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0)))
		return false;
	return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group) == 0
	    && set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, 255) && set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1)
	    && set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

static bool
open_v6(const struct mdns_sock *s)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6 };
	struct ipv6_mreq group = { .ipv6mr_interface = s->at.index };
	int fd = s->fd, index = (int)s->at.index;

	inet_pton(AF_INET6, "ff02::fb", &group.ipv6mr_multiaddr);
	if (s->is_listener) {	/* with its scope: such a socket hears this interface only */
		at.sin6_addr = group.ipv6mr_multiaddr;
		at.sin6_port = htons(MDNS_PORT);
		at.sin6_scope_id = s->at.index;
	}
	if (!set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) || bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
		return false;
	if (s->is_listener && setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group) != 0)
		return false;
	return set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index) && set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 255)
	    && set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1) && set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

static void
sock_close(struct mdns_sock *s)
{
	list_remove(&s->link);
	if (s->watch != NULL)
		loop_watch_free(s->m->loop, s->watch);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static bool
sock_open(struct mdns *m, const struct netif_address *at, bool is_listener)
{
	struct mdns_sock *s = xcalloc(1, sizeof *s);
	bool ok;

	s->m = m;
	s->at = *at;
	s->is_listener = is_listener;
	s->is_loopback = at->loopback;
	s->is_needed = true;
	list_init(&s->link);
	s->fd = socket(at->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ok = s->fd >= 0;
	if (ok && is_listener)		/* beside a daemon, and beside another of us */
		ok = set_int(s->fd, SOL_SOCKET, SO_REUSEADDR, 1) && set_int(s->fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (ok)
		(void)set_int(s->fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BYTES);
	if (!ok || !(at->family == AF_INET ? open_v4(s) : open_v6(s))) {
		log_line(LOG_DISC, "mdns: no %s socket on %s: errno %d", is_listener ? "listening" : "asking", at->name, errno);
		sock_close(s);
		return false;
	}
	s->watch = loop_watch_new(m->loop, s->fd, LOOP_READ, on_packets, s);
	list_insert_tail(&m->sockets, &s->link);
	return true;
}

/* ---- Which there are ---- */

/* Each IPv4 address asks for itself: answers come to it.  Of everything else there is one for an interface. */
static struct mdns_sock *
sock_find(struct mdns *m, const struct netif_address *at, bool is_listener)
{
	LIST_EACH(it, &m->sockets) {
		struct mdns_sock *s = LIST_ENTRY(it, struct mdns_sock, link);

		if (s->is_listener == is_listener && s->at.index == at->index && s->at.family == at->family
		    && (is_listener || at->family == AF_INET6 || memcmp(s->at.bytes, at->bytes, 4) == 0))
			return s;
	}
	return NULL;
}

static bool
sock_want(struct mdns *m, const struct netif_address *at, bool is_listener)
{
	struct mdns_sock *s = sock_find(m, at, is_listener);

	if (s == NULL)
		return sock_open(m, at, is_listener);
	s->is_needed = true;
	return false;
}

/* The loopback interface has no flag for it, yet can; only that of IPv4. */
static bool
can_multicast(const struct netif_address *at)
{
	if (at->loopback)
		return at->family == AF_INET;
	return at->multicast && !at->tailscale;
}

static void
count_interfaces(struct mdns *m)
{
	unsigned seen[MAX_INTERFACES];
	int count = 0, i;
	bool has_loopback = false;

	m->is_listening = false;
	LIST_EACH(it, &m->sockets) {
		struct mdns_sock *s = LIST_ENTRY(it, struct mdns_sock, link);

		m->is_listening = m->is_listening || s->is_listener;
		has_loopback = has_loopback || s->is_loopback;
		for (i = 0; i < count && seen[i] != s->at.index; i++)
			;
		if (!s->is_loopback && i == count && count < MAX_INTERFACES)
			seen[count++] = s->at.index;
	}
	m->counts.interfaces = count > 0 ? count : has_loopback;
}

/* True: it is not what it was. */
static bool
list_addresses(struct mdns *m)
{
	struct netif_address now[MAX_INTERFACES];
	int count = netif_list(now, MAX_INTERFACES);
	bool changed = count != m->own_count;

	for (int i = 0; i < count && !changed; i++)
		changed = now[i].index != m->own[i].index || now[i].family != m->own[i].family
		    || now[i].prefix != m->own[i].prefix || memcmp(now[i].bytes, m->own[i].bytes, now[i].family == AF_INET ? 4 : 16) != 0;
	memcpy(m->own, now, (size_t)count * sizeof now[0]);
	m->own_count = count;
	return changed;
}

bool
mdns_sock_follow(struct mdns *m)
{
	bool changed = list_addresses(m);

	LIST_EACH(it, &m->sockets)
		LIST_ENTRY(it, struct mdns_sock, link)->is_needed = false;
	for (int i = 0; i < m->own_count; i++) {
		if (!can_multicast(&m->own[i]))
			continue;
		changed = sock_want(m, &m->own[i], false) || changed;
		if ((m->flags & MDNS_LISTEN) != 0)
			changed = sock_want(m, &m->own[i], true) || changed;
	}
	LIST_EACH_SAFE(it, tmp, &m->sockets) {
		struct mdns_sock *s = LIST_ENTRY(it, struct mdns_sock, link);

		if (!s->is_needed) {
			sock_close(s);
			changed = true;
		}
	}
	if (changed)
		count_interfaces(m);
	return changed;
}

static void
on_interfaces(void *arg)
{
	struct mdns *m = arg;

	if (mdns_sock_follow(m))
		mdns_ask_all(m);
}

void
mdns_sock_open(struct mdns *m)
{
	list_init(&m->sockets);
	m->watch = netif_watch_new(m->loop, on_interfaces, m);
	mdns_sock_follow(m);
}

void
mdns_sock_close(struct mdns *m)
{
	netif_watch_free(m->watch);
	while (!list_is_empty(&m->sockets))
		sock_close(LIST_ENTRY(m->sockets.next, struct mdns_sock, link));
}

/* ---- Sending ---- */

static bool
sock_put(struct mdns_sock *s, const struct mdns_query *q)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(MDNS_PORT) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(MDNS_PORT), .sin6_scope_id = s->at.index };
	bool is_v4 = s->at.family == AF_INET;

	inet_pton(AF_INET, "224.0.0.251", &v4.sin_addr);
	inet_pton(AF_INET6, "ff02::fb", &v6.sin6_addr);
	/* What is lost or refused is asked again; an interface that is gone will be told by its watch. */
	return sendto(s->fd, q->bytes, q->len, MSG_DONTWAIT, is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
	    is_v4 ? sizeof v4 : sizeof v6) == (ssize_t)q->len;
}

/* Where port 5353 cannot be had, the other socket asks in its place. */
static bool
sock_goes(struct mdns *m, const struct mdns_sock *s, const struct mdns_way *way)
{
	if ((way->index != 0 && way->index != s->at.index) || (way->family != 0 && way->family != s->at.family))
		return false;
	return s->is_listener == way->multicast || (way->multicast && sock_find(m, &s->at, true) == NULL);
}

void
mdns_sock_send(struct mdns *m, const struct mdns_query *q, const struct mdns_way *way)
{
	LIST_EACH(it, &m->sockets) {
		struct mdns_sock *s = LIST_ENTRY(it, struct mdns_sock, link);

		if (sock_goes(m, s, way) && sock_put(s, q))
			m->counts.packets_sent++;
	}
}
