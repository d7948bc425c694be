/*
 * dnssd_host.c - the hosts that services are on, once per interface, and the addresses that were heard of them.
 * An address is given up when the daemon says so, when a round of questions brings others in its place, or after three
 * rounds without any.  Never asks by itself: it says who wants to be asked.
 */
#include "io/dnssd_parts.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define MISSED_ROUNDS 3
#define LOOPBACK_INDEX 1u		/* of Linux, in every network namespace */

static void
host_key(char *out, size_t out_size, uint32_t interface_index, const char *name)
{
	size_t len = (size_t)snprintf(out, out_size, "%u/%s", interface_index, name);

	for (size_t i = 0; i < len && i < out_size; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (char)(out[i] - 'A' + 'a');
}

struct dnssd_host *
dnssd_host_of(struct dnssd_browse *b, uint32_t interface_index, const char *name)
{
	char key[DNSSD_HOST_BYTES + 16];
	struct dnssd_host *h;
	size_t len = strlen(name);

	host_key(key, sizeof key, interface_index, name);
	h = map_get(b->hosts, key);
	if (h != NULL)
		return h;
	h = xcalloc(1, sizeof *h + len + 1);
	memcpy(h->name, name, len);
	h->interface_index = interface_index;
	list_init(&h->link);
	list_init(&h->services);
	for (int i = 0; i < DNSSD_FAMILIES; i++)
		list_init(&h->wanted[i]);
	map_put(b->hosts, key, h);
	dnssd_host_want(b, h);
	return h;
}

static void
host_free(struct dnssd_browse *b, struct dnssd_host *h)
{
	char key[DNSSD_HOST_BYTES + 16];

	host_key(key, sizeof key, h->interface_index, h->name);
	map_take(b->hosts, key);
	for (int i = 0; i < DNSSD_FAMILIES; i++) {
		struct dnssd_lookup *l = h->lookups[i];

		h->lookups[i] = NULL;
		if (l != NULL)
			l->host = NULL;
		dnssd_lookup_end(l);
		list_remove(&h->wanted[i]);
	}
	list_remove(&h->link);
	free(h);
}

void
dnssd_host_join(struct dnssd_browse *b, struct dnssd_host *h, struct dnssd_service *s)
{
	if (s->host == h)
		return;
	dnssd_host_leave(b, s);
	s->host = h;
	h->service_count++;
	list_insert_tail(&h->services, &s->of_host);
}

void
dnssd_host_leave(struct dnssd_browse *b, struct dnssd_service *s)
{
	struct dnssd_host *h = s->host;

	if (h == NULL)
		return;
	s->host = NULL;
	list_remove(&s->of_host);
	if (--h->service_count == 0)
		host_free(b, h);
}

void
dnssd_host_want(struct dnssd_browse *b, struct dnssd_host *h)
{
	for (int i = 0; i < DNSSD_FAMILIES; i++)
		if (h->lookups[i] == NULL && list_is_empty(&h->wanted[i]))
			list_insert_tail(&b->wanted[i], &h->wanted[i]);
	if (!list_is_empty(&h->wanted[DNSSD_IPV4]) || !list_is_empty(&h->wanted[DNSSD_IPV6])) {
		list_remove(&h->link);
		return;
	}
	h->asked_us = loop_now_us(b->loop);	/* both are listened for already */
	list_remove(&h->link);
	list_insert_tail(h->address_count > 0 ? &b->asked : &b->bare, &h->link);
}

/* ---- Addresses ---- */

static void
tell_services(struct dnssd_browse *b, struct dnssd_host *h)
{
	LIST_EACH(it, &h->services)
		dnssd_tell_found(b, LIST_ENTRY(it, struct dnssd_service, of_host));
}

/* Nobody can be reached at "any", at a group, or, from another machine, at this one's loopback. */
static bool
is_usable(const struct dnssd_host *h, enum dnssd_family family, const unsigned char *bytes)
{
	static const unsigned char zero[16], six_loopback[16] = { [15] = 1 };

	if (family == DNSSD_IPV6)
		return bytes[0] != 0xff && memcmp(bytes, zero, 16) != 0 &&
		    (memcmp(bytes, six_loopback, 16) != 0 || h->interface_index == LOOPBACK_INDEX);
	return bytes[0] != 0 && bytes[0] < 224 && (bytes[0] != 127 || h->interface_index == LOOPBACK_INDEX);
}

static struct dnssd_address *
find_address(struct dnssd_host *h, enum dnssd_family family, const unsigned char *bytes)
{
	for (int i = 0; i < h->address_count; i++)
		if (h->addresses[i].family == family && memcmp(h->addresses[i].bytes, bytes, family == DNSSD_IPV4 ? 4 : 16) == 0)
			return &h->addresses[i];
	return NULL;
}

static void
drop_address(struct dnssd_host *h, struct dnssd_address *a)
{
	h->address_count--;
	memmove(a, a + 1, (size_t)(h->addresses + h->address_count - a) * sizeof *a);
}

void
dnssd_host_heard(struct dnssd_browse *b, struct dnssd_host *h, enum dnssd_family family, const unsigned char *bytes, bool added)
{
	struct dnssd_address *a = find_address(h, family, bytes);

	if (a != NULL && added) {
		if (a->heard < UINT8_MAX)
			a->heard++;
		return;
	}
	if (added) {
		if (h->address_count == DNSSD_ADDRESSES || !is_usable(h, family, bytes))
			return;
		h->had_address = true;
		a = &h->addresses[h->address_count++];
		*a = (struct dnssd_address){ .family = (uint8_t)family, .heard = 1 };
		memcpy(a->bytes, bytes, family == DNSSD_IPV4 ? 4 : 16);
	} else {
		if (a == NULL || (a->heard > 1 && --a->heard > 0))
			return;
		drop_address(h, a);
		if (h->address_count == 0 && !list_is_empty(&h->link)) {
			list_remove(&h->link);
			list_insert_tail(&b->bare, &h->link);
		}
	}
	tell_services(b, h);
}

void
dnssd_host_ask(struct dnssd_host *h, enum dnssd_family family)
{
	list_remove(&h->wanted[family]);
	for (int i = 0; i < h->address_count; i++)
		if (h->addresses[i].family == family)
			h->addresses[i].heard = 0;
}

/* One lost packet takes no address away, another address in its place does. */
static bool
weigh_unheard(struct dnssd_host *h, enum dnssd_family family)
{
	bool some = false, changed = false;

	for (int i = 0; i < h->address_count; i++)
		some |= h->addresses[i].family == family && h->addresses[i].heard > 0;
	for (int i = h->address_count - 1; i >= 0; i--) {
		struct dnssd_address *a = &h->addresses[i];

		if (a->family != family)
			continue;
		if (a->heard > 0) {
			a->missed = 0;
		} else if (some || ++a->missed >= MISSED_ROUNDS) {
			drop_address(h, a);
			changed = true;
		}
	}
	return changed;
}

void
dnssd_host_asked(struct dnssd_browse *b, struct dnssd_host *h, enum dnssd_family family)
{
	if (weigh_unheard(h, family))
		tell_services(b, h);
	for (int i = 0; i < DNSSD_FAMILIES; i++)
		if (!list_is_empty(&h->wanted[i]) || (h->lookups[i] != NULL && !h->lookups[i]->is_resting))
			return;
	h->asked_us = loop_now_us(b->loop);
	list_remove(&h->link);
	list_insert_tail(h->address_count > 0 ? &b->asked : &b->bare, &h->link);
}

static bool
is_link_local(const struct dnssd_address *a)
{
	return a->family == DNSSD_IPV6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

/* A link-local address means nothing without the interface it was heard on. */
static void
print_address(char out[DNSSD_ADDRESS_BYTES], const struct dnssd_address *a, uint32_t interface_index)
{
	char name[IF_NAMESIZE];
	size_t len;

	out[0] = '\0';
	inet_ntop(a->family == DNSSD_IPV4 ? AF_INET : AF_INET6, a->bytes, out, DNSSD_ADDRESS_BYTES);
	len = strlen(out);
	if (is_link_local(a) && if_indextoname(interface_index, name) != NULL)
		snprintf(out + len, DNSSD_ADDRESS_BYTES - len, "%%%s", name);
	else if (is_link_local(a))
		snprintf(out + len, DNSSD_ADDRESS_BYTES - len, "%%%u", interface_index);
}

void
dnssd_host_addresses(const struct dnssd_host *h, struct dnssd_found *out)
{
	out->address_count = 0;
	for (int round = 0; round < 3; round++) {	/* IPv4, then IPv6, then that of one link only */
		for (int i = 0; i < h->address_count; i++) {
			const struct dnssd_address *a = &h->addresses[i];
			int its_round = a->family == DNSSD_IPV4 ? 0 : is_link_local(a) ? 2 : 1;

			if (its_round == round)
				print_address(out->addresses[out->address_count++], a, h->interface_index);
		}
	}
}
