/*
 * mdns.c - the querier: puts its parts together, and judges whether a packet may be believed at all (RFC 6762 section 11).
 * Owns the parts.  Never touches a socket or a byte of a packet itself.
 */
#include "io/mdns_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/xalloc.h"

#define MAX_ASKED_HOSTS (MAX_MDNS_HOSTS / 2)

int64_t
mdns_now(struct mdns *m)
{
	return loop_now_us(m->loop);
}

struct mdns *
mdns_new(struct loop *loop, unsigned flags, const struct mdns_fns *fns, void *arg)
{
	struct mdns *m = xcalloc(1, sizeof *m);
	uint16_t id;

	m->loop = loop;
	m->flags = flags;
	m->fns = *fns;
	m->arg = arg;
	m->send = mdns_sock_send;
	m->id = getrandom(&id, sizeof id, GRND_NONBLOCK) == (ssize_t)sizeof id && id != 0 ? id : 0x4c44;
	mdns_cache_open(m);
	mdns_ask_open(m);
	mdns_tell_open(m);
	mdns_sock_open(m);
	return m;
}

void
mdns_free(struct mdns *m)
{
	if (m == NULL || m->is_freed)
		return;
	mdns_sock_close(m);
	mdns_cache_close(m);
	mdns_ask_close(m);
	mdns_tell_close(m);
	m->is_freed = true;
	if (!m->is_telling)	/* else it is the caller of the callback that we are in, and frees the rest */
		free(m);
}

void
mdns_browse(struct mdns *m, const char *type)
{
	struct mdns_type *t = mdns_cache_type(m, type, true);

	if (t != NULL)
		mdns_ask_start(m, &t->ask);
}

void
mdns_ask_host(struct mdns *m, const char *name)
{
	char wire[MDNS_WIRE_BYTES];
	struct mdns_host *h;

	if (!mdns_name_read(wire, name))
		return;
	h = map_get(m->hosts, wire);
	if ((h == NULL || !h->asked) && m->asked_hosts >= MAX_ASKED_HOSTS)
		return;
	h = mdns_host_get(m, wire);
	if (h == NULL)
		return;
	m->asked_hosts += !h->asked;
	h->asked = true;
	h->queried_us = 0;
	mdns_host_sort(m, h);
	for (int i = 0; i < h->address_count; i++)
		h->addresses[i].told = false;
	mdns_tell_host(m, h);
	mdns_ask_start(m, &h->ask);
}

void
mdns_census(struct mdns *m)
{
	m->is_census = true;
	mdns_ask_start(m, &m->census);
	LIST_EACH(it, &m->type_list) {
		struct mdns_type *t = LIST_ENTRY(it, struct mdns_type, link);

		if (!t->wanted)
			mdns_ask_start(m, &t->ask);
	}
}

struct mdns_counts
mdns_counts(const struct mdns *m)
{
	return m->counts;
}

/* ---- Packets ---- */

static bool
is_own(const struct mdns *m, const struct mdns_from *from)
{
	for (int i = 0; i < m->own_count; i++)
		if (m->own[i].family == from->family && memcmp(m->own[i].bytes, from->bytes, from->family == AF_INET ? 4 : 16) == 0)
			return true;
	return from->family == AF_INET && from->bytes[0] == 127;
}

static bool
has_prefix(const unsigned char *a, const unsigned char *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, (size_t)whole) == 0
	    && (rest == 0 || ((a[whole] ^ b[whole]) & (0xff00 >> rest) & 0xff) == 0);
}

static bool
is_on_link(const struct mdns *m, const struct mdns_from *from)
{
	if (from->loopback || (from->family == AF_INET && from->bytes[0] == 169 && from->bytes[1] == 254)
	    || (from->family == AF_INET6 && from->bytes[0] == 0xfe && (from->bytes[1] & 0xc0) == 0x80))
		return true;
	for (int i = 0; i < m->own_count; i++) {
		const struct netif_address *a = &m->own[i];

		if (a->index == from->index && a->family == from->family && a->prefix >= 0
		    && a->prefix <= (a->family == AF_INET ? 32 : 128) && has_prefix(a->bytes, from->bytes, a->prefix))
			return true;
	}
	return false;
}

/* An answer comes from port 5353, and from this link; from elsewhere only what proves that it heard our question. */
void
mdns_hear(struct mdns *m, const void *bytes, size_t len, const struct mdns_from *from)
{
	struct mdns_record r;
	struct mdns_msg msg;

	if (from->port != MDNS_PORT || !mdns_msg_open(&msg, bytes, len))
		return;
	if (from->unicast && msg.id != m->id && !is_on_link(m, from))
		return;
	m->counts.answers++;
	if (!is_own(m, from))
		mdns_tell_peer(m, from);
	while (mdns_msg_next(&msg, &r))
		mdns_cache_record(m, &r, from);
}
