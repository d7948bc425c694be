/*
 * sweep_net.c - the addresses of a sweep: which are left out, which are on a network of this machine's own.
 * Owns nothing.  Never sends.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "io/sweep_parts.h"

static uint32_t
to_number(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t
mask_of(int prefix)
{
	return prefix <= 0 ? 0 : ~(uint32_t)0 << (32 - prefix);
}

/* The first and the last address of a network are no hosts; of a /31 and a /32 they are. */
static bool
is_edge(const struct sweep *s, uint32_t address)
{
	uint32_t host = ~mask_of(s->ask.net.prefix);

	return s->ask.net.prefix < 31 && ((address & host) == 0 || (address & host) == host);
}

static void
leave_out(struct sweep *s, uint32_t address)
{
	uint32_t at = address - s->ask.net.base;

	if (at < s->count)
		s->ones[at].flags |= HOST_LEFT_OUT;
}

/* Two interfaces in one network (a laptop on cable and Wi-Fi): the one that the kernel would take. */
static bool
is_way(const struct netif_address *a, uint32_t base, uint32_t mask)
{
	struct in_addr in = { .s_addr = htonl(base + (mask == ~(uint32_t)0 ? 0 : 1)) };
	char text[INET_ADDRSTRLEN];
	struct netif_way way;

	if (in.s_addr == htonl(to_number(a->bytes)))
		in.s_addr = htonl(ntohl(in.s_addr) + 1);
	return inet_ntop(AF_INET, &in, text, sizeof text) != NULL && netif_way_to(text, &way) && strcmp(way.name, a->name) == 0;
}

static void
add_link(struct sweep *s, const struct netif_address *a)
{
	uint32_t own = to_number(a->bytes), mask = mask_of(a->prefix), net_mask = mask_of(s->ask.net.prefix);
	uint32_t wider = mask & net_mask;
	struct sweep_link *l = &s->links[s->link_count];

	/* Also a neighbour's broadcast address is no host. */
	if (a->prefix < 31 && !a->loopback) {
		leave_out(s, own & mask);
		leave_out(s, own | ~mask);
	}
	if (s->ask.net.prefix < 32 && !a->loopback)
		leave_out(s, own);
	if (a->loopback || a->point_to_point || a->tailscale || !a->has_mac || a->prefix >= 31 || s->link_count == SWEEP_LINKS ||
	    (own & wider) != (s->ask.net.base & wider) || !is_way(a, own & mask, mask))
		return;
	l->base = own & mask;
	l->mask = mask;
	l->own = own;
	l->index = a->index;
	memcpy(l->mac, a->mac, sizeof l->mac);
	l->fd = -1;
	s->link_count++;
}

/* The narrowest own network that an address is in; SWEEP_LINKS: none, it is reached by a router. */
static uint8_t
link_of(const struct sweep *s, uint32_t address)
{
	int found = SWEEP_LINKS;

	for (int i = 0; i < s->link_count; i++)
		if ((address & s->links[i].mask) == s->links[i].base &&
		    (found == SWEEP_LINKS || s->links[i].mask > s->links[found].mask))
			found = i;
	return (uint8_t)found;
}

static void
place_ones(struct sweep *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		struct sweep_one *one = &s->ones[i];
		uint32_t address = s->ask.net.base + i;

		if (is_edge(s, address))
			one->flags |= HOST_LEFT_OUT;
		one->link = link_of(s, address);
		if (one->link < SWEEP_LINKS)
			one->flags |= HOST_ON_LINK | (s->links[one->link].fd >= 0 ? HOST_ARP : 0);
		if ((one->flags & HOST_LEFT_OUT) == 0)
			s->counts.of++;
	}
}

void
sweep_prepare(struct sweep *s)
{
	struct netif_address all[MAX_INTERFACES];
	int count;

	s->count = s->hosts != NULL ? (uint32_t)s->ask.host_count : sweep_net_size(&s->ask.net);
	s->ones = xcalloc(s->count + 1, sizeof *s->ones);
	s->queue = xcalloc(s->count + 1, sizeof *s->queue);
	for (uint32_t i = 0; i < s->count; i++) {
		s->ones[i].link = SWEEP_LINKS;
		s->ones[i].best = SWEEP_UNREACHABLE;
		s->ones[i].pending = (uint8_t)s->ask.port_count;
	}
	if (s->hosts != NULL) {
		s->counts.of = s->count;
		return;
	}
	count = netif_list(all, MAX_INTERFACES);
	for (int i = 0; i < count; i++)
		if (all[i].family == AF_INET)
			add_link(s, &all[i]);
	if (!s->ask.no_arp)
		sweep_arp_open(s);
	place_ones(s);
}

void
sweep_host_text(const struct sweep *s, uint32_t one, char out[SWEEP_HOST_BYTES])
{
	struct in_addr in = { .s_addr = htonl(s->ask.net.base + one) };
	char name[IF_NAMESIZE];
	size_t len;

	if (s->hosts == NULL) {
		inet_ntop(AF_INET, &in, out, SWEEP_HOST_BYTES);
		return;
	}
	inet_ntop(AF_INET6, s->hosts[one].bytes, out, SWEEP_HOST_BYTES);
	len = strlen(out);
	if (s->hosts[one].bytes[0] == 0xfe && (s->hosts[one].bytes[1] & 0xc0) == 0x80 &&
	    if_indextoname(s->hosts[one].index, name) != NULL)
		snprintf(out + len, SWEEP_HOST_BYTES - len, "%%%s", name);
}

socklen_t
sweep_host_place(const struct sweep *s, uint32_t one, int port, struct sockaddr_storage *out)
{
	struct sockaddr_in *four = (void *)out;
	struct sockaddr_in6 *six = (void *)out;

	memset(out, 0, sizeof *out);
	if (s->hosts == NULL) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)port);
		four->sin_addr.s_addr = htonl(s->ask.net.base + one);
		return sizeof *four;
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons((uint16_t)port);
	memcpy(&six->sin6_addr, s->hosts[one].bytes, 16);
	six->sin6_scope_id = IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) ? s->hosts[one].index : 0;
	return sizeof *six;
}
