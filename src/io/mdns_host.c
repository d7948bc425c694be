/*
 * mdns_host.c - hosts and their addresses: those that services are on, those whose names were asked for, and for a while
 * those that just went by.  When there are too many, a host that nothing needs gives way first.  Never asks by itself.
 */
#include "io/mdns_private.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define TOGETHER_US MDNS_SECOND_US	/* RFC 6762 section 10.2: what came this close together is one set */

/* ---- Hosts ---- */

static enum mdns_host_class
host_class(const struct mdns_host *h)
{
	if (h->asked)
		return MDNS_HOST_ASKED;
	if (h->firm > 0)
		return MDNS_HOST_FIRM;
	return list_is_empty(&h->services) ? MDNS_HOST_LOOSE : MDNS_HOST_USED;
}

void
mdns_host_sort(struct mdns *m, struct mdns_host *h)
{
	enum mdns_host_class class = host_class(h);

	if (class == h->class)
		return;
	h->class = class;
	list_remove(&h->link);
	list_insert_tail(&m->host_lists[class], &h->link);
}

void
mdns_host_free(struct mdns *m, struct mdns_host *h)
{
	list_remove(&h->link);
	list_remove(&h->news);
	mdns_ask_stop(&h->ask);
	map_take(m->hosts, h->wire);
	free(h);
}

/* The oldest of the least needed class, with the services on it; those that were asked for by name stay. */
static bool
make_room(struct mdns *m)
{
	for (int class = 0; class < MDNS_HOST_ASKED; class++) {
		struct mdns_host *h = LIST_ENTRY(m->host_lists[class].next, struct mdns_host, link);

		if (list_is_empty(&m->host_lists[class]))
			continue;
		while (!list_is_empty(&h->services))
			mdns_cache_drop(m, LIST_ENTRY(h->services.next, struct mdns_instance, on_host));
		mdns_host_free(m, h);
		return true;
	}
	return false;
}

struct mdns_host *
mdns_host_get(struct mdns *m, const char *wire)
{
	struct mdns_host *h = map_get(m->hosts, wire);
	char text[MDNS_NAME_BYTES];

	if (h != NULL)
		return h;
	if (!mdns_name_print(text, wire) || (map_count(m->hosts) >= MAX_MDNS_HOSTS && !make_room(m)))
		return NULL;
	h = xcalloc(1, sizeof *h);
	memcpy(h->wire, wire, strlen(wire) + 1);
	memcpy(h->text, text, sizeof h->text);
	list_init(&h->services);
	list_init(&h->news);
	mdns_ask_init(&h->ask, MDNS_ASK_HOST, 3);
	list_insert_tail(&m->host_lists[MDNS_HOST_LOOSE], &h->link);
	map_put(m->hosts, h->wire, h);
	return h;
}

void
mdns_host_link(struct mdns *m, struct mdns_host *h, struct mdns_instance *i)
{
	i->host = h;
	list_insert_tail(&h->services, &i->on_host);
	h->fresh += i->type->wanted;
	h->firm += i->class == MDNS_FIRM;
	mdns_host_sort(m, h);
}

void
mdns_host_unlink(struct mdns *m, struct mdns_instance *i)
{
	struct mdns_host *h = i->host;

	if (h == NULL)
		return;
	list_remove(&i->on_host);
	i->host = NULL;
	h->fresh -= i->type->wanted;
	h->firm -= i->class == MDNS_FIRM;
	mdns_host_sort(m, h);
}

/* ---- Addresses ---- */

/* An address that leads to a host: a stranger does not send us to ourselves. */
static bool
is_usable(int family, const unsigned char *bytes, bool loopback)
{
	const struct in6_addr *v6 = (const struct in6_addr *)(const void *)bytes;
	struct in6_addr a;

	if (family == AF_INET)
		return bytes[0] != 0 && bytes[0] < 224 && (bytes[0] != 127 || loopback);
	memcpy(&a, v6, sizeof a);
	return !IN6_IS_ADDR_UNSPECIFIED(&a) && !IN6_IS_ADDR_MULTICAST(&a) && !IN6_IS_ADDR_V4MAPPED(&a)
	    && !IN6_IS_ADDR_V4COMPAT(&a) && (!IN6_IS_ADDR_LOOPBACK(&a) || loopback);
}

/* fe80::/10 means something else on each interface. */
static bool
is_scoped(int family, const unsigned char *bytes)
{
	return family == AF_INET6 && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

static struct mdns_address *
address_find(struct mdns_host *h, int family, const unsigned char *bytes, unsigned index)
{
	size_t len = family == AF_INET ? 4 : 16;

	for (int i = 0; i < h->address_count; i++) {
		struct mdns_address *a = &h->addresses[i];

		if (a->family == family && memcmp(a->bytes, bytes, len) == 0 && (!is_scoped(family, bytes) || a->index == index))
			return a;
	}
	return NULL;
}

static void
address_remove(struct mdns_host *h, int at)
{
	h->address_count--;
	memmove(&h->addresses[at], &h->addresses[at + 1], (size_t)(h->address_count - at) * sizeof h->addresses[0]);
}

/* A place for another one, before the others: after a move it is the right one, and those may stand for another second.
 * The one that was heard of longest ago gives way, unless that is not long at all. */
static struct mdns_address *
address_add(struct mdns_host *h, int64_t now_us)
{
	int oldest = 0;

	if (h->address_count == MDNS_HOST_ADDRESSES) {
		for (int i = 1; i < h->address_count; i++)
			if (h->addresses[i].heard_us <= h->addresses[oldest].heard_us)
				oldest = i;
		if (now_us - h->addresses[oldest].heard_us < TOGETHER_US)
			return NULL;
		address_remove(h, oldest);
	}
	memmove(&h->addresses[1], &h->addresses[0], (size_t)h->address_count++ * sizeof h->addresses[0]);
	h->addresses[0] = (struct mdns_address){ 0 };
	return &h->addresses[0];
}

/* Those of the same family and interface that were not said again with this one are no more. */
static bool
address_flush(struct mdns_host *h, int family, unsigned index, int64_t now_us)
{
	bool changed = false;

	for (int i = h->address_count; i-- > 0;) {
		const struct mdns_address *a = &h->addresses[i];

		if (a->family == family && a->index == index && now_us - a->heard_us > TOGETHER_US) {
			address_remove(h, i);
			changed = true;
		}
	}
	return changed;
}

static void
host_changed(struct mdns *m, struct mdns_host *h)
{
	LIST_EACH(it, &h->services)
		mdns_tell_service(m, LIST_ENTRY(it, struct mdns_instance, on_host), true);
	if (h->asked)
		mdns_tell_host(m, h);
}

static void
address_bye(struct mdns *m, struct mdns_host *h, const struct mdns_record *r, int family, unsigned index)
{
	struct mdns_address *a = h != NULL ? address_find(h, family, r->rdata, index) : NULL;

	if (a == NULL || a->bye)
		return;
	a->bye = true;
	a->until_us = mdns_now(m) + MDNS_BYE_US;
	mdns_cache_expire_at(m, a->until_us);
}

static bool
address_hear(struct mdns *m, struct mdns_host *h, const struct mdns_record *r, int family, const struct mdns_from *from)
{
	int64_t now_us = mdns_now(m), life_us = (int64_t)r->ttl_s * MDNS_SECOND_US;
	struct mdns_address *a = address_find(h, family, r->rdata, from->index);
	bool is_new = a == NULL;

	if (is_new) {
		a = address_add(h, now_us);
		if (a == NULL)
			return false;
		a->family = family;
		memcpy(a->bytes, r->rdata, family == AF_INET ? 4 : 16);
		mdns_sock_print(a->text, family, a->bytes, from->interface);
	}
	if (from->unicast && life_us < MDNS_UNICAST_US)
		life_us = MDNS_UNICAST_US;
	if (is_new || a->bye || !from->unicast || a->until_us < now_us + life_us)
		a->until_us = now_us + life_us;
	a->bye = false;
	a->heard_us = now_us;
	a->index = from->index;
	mdns_cache_expire_at(m, a->until_us);
	return is_new;
}

void
mdns_host_record(struct mdns *m, const struct mdns_record *r, const struct mdns_from *from)
{
	int family = r->type == MDNS_A ? AF_INET : AF_INET6;
	struct mdns_host *h;
	bool changed;

	if (!is_usable(family, r->rdata, from->loopback))
		return;
	if (r->ttl_s == 0) {
		address_bye(m, map_get(m->hosts, r->name), r, family, from->index);
		return;
	}
	h = mdns_host_get(m, r->name);
	if (h == NULL)
		return;
	changed = address_hear(m, h, r, family, from);
	/* An answer to us alone has no flush bit, yet it is the whole set. */
	if (r->flush || from->unicast)
		changed = address_flush(h, family, from->index, mdns_now(m)) || changed;
	if (changed)
		host_changed(m, h);
}

/* ---- What runs out ---- */

static int64_t
address_end(const struct mdns_host *h, const struct mdns_address *a)
{
	bool is_census = h->fresh == 0 && !h->asked && !list_is_empty(&h->services);

	return a->bye || !is_census || a->until_us > a->heard_us + MDNS_CENSUS_US ? a->until_us : a->heard_us + MDNS_CENSUS_US;
}

static void
host_expire(struct mdns *m, struct mdns_host *h, int64_t now_us, int64_t *next_us)
{
	bool changed = false;

	for (int i = h->address_count; i-- > 0;) {
		int64_t end_us = address_end(h, &h->addresses[i]);

		if (end_us <= now_us) {
			address_remove(h, i);
			changed = true;
		} else if (end_us < *next_us) {
			*next_us = end_us;
		}
	}
	if (changed)
		host_changed(m, h);
	if (h->address_count == 0 && h->class == MDNS_HOST_LOOSE)
		mdns_host_free(m, h);
}

int64_t
mdns_host_expire(struct mdns *m, int64_t now_us)
{
	int64_t next_us = INT64_MAX;

	for (int class = 0; class < MDNS_HOST_CLASSES; class++)
		LIST_EACH_SAFE(it, tmp, &m->host_lists[class])
			host_expire(m, LIST_ENTRY(it, struct mdns_host, link), now_us, &next_us);
	return next_us;
}
