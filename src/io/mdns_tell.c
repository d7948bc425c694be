/*
 * mdns_tell.c - the news, gathered while packets are read and told from a timer of its own: a few at a time, so that a flood
 * of them does not hold up the loop, and from this one place, so that whoever is told may free the querier.
 */
#include "io/mdns_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define TELL_AT_ONCE 64
#define TELL_AFTER_US 1000		/* an answer by IPv4 and one by IPv6 come together, and are one piece of news */
#define PEER_AGAIN_US MDNS_SECOND_US

static void
tell_after(struct mdns *m, int64_t us)
{
	if (m->is_teller_due)
		return;
	m->is_teller_due = true;
	loop_timer_start(m->loop, m->teller, us, 0);
}

static void
tell_soon(struct mdns *m)
{
	tell_after(m, TELL_AFTER_US);
}

/* ---- What there is to tell ---- */

void
mdns_tell_service(struct mdns *m, struct mdns_instance *i, bool changed)
{
	i->changed = i->changed || changed;
	if (!list_is_empty(&i->news))
		return;
	list_insert_tail(&m->news, &i->news);
	tell_soon(m);
}

void
mdns_tell_gone(struct mdns *m, struct mdns_instance *i)
{
	struct mdns_gone *g;

	if (!i->told)
		return;
	i->told = false;
	g = xcalloc(1, sizeof *g);
	str_copy(g->type, sizeof g->type, i->type->name);
	memcpy(g->name, i->name, sizeof g->name);
	list_insert_tail(&m->gone, &g->link);
	tell_soon(m);
}

void
mdns_tell_host(struct mdns *m, struct mdns_host *h)
{
	if (!list_is_empty(&h->news))
		return;
	list_insert_tail(&m->host_news, &h->news);
	tell_soon(m);
}

static void
peer_free(struct mdns *m, struct mdns_peer *p)
{
	list_remove(&p->link);
	list_remove(&p->news);
	map_take(m->peers, p->text);
	free(p);
}

static struct mdns_peer *
peer_new(struct mdns *m, const char *text)
{
	struct mdns_peer *p = xcalloc(1, sizeof *p);

	if (map_count(m->peers) >= MAX_MDNS_HOSTS)
		peer_free(m, LIST_ENTRY(m->peer_list.next, struct mdns_peer, link));
	str_copy(p->text, sizeof p->text, text);
	list_init(&p->news);
	list_insert_tail(&m->peer_list, &p->link);
	map_put(m->peers, p->text, p);
	m->counts.hosts = (int)map_count(m->peers);
	return p;
}

void
mdns_tell_peer(struct mdns *m, const struct mdns_from *from)
{
	char text[MDNS_ADDRESS_BYTES];
	struct mdns_peer *p;

	mdns_sock_print(text, from->family, from->bytes, from->interface);
	p = map_get(m->peers, text);
	if (p == NULL)
		p = peer_new(m, text);
	if (!list_is_empty(&p->news) || (p->told_us != 0 && mdns_now(m) - p->told_us < PEER_AGAIN_US))
		return;
	list_insert_tail(&m->peer_news, &p->news);
	tell_soon(m);
}

/* ---- Telling; each of these takes the first of a list, and uses nothing of the querier after the callback ---- */

static void
tell_gone(struct mdns *m)
{
	struct mdns_gone *spent = LIST_ENTRY(m->gone.next, struct mdns_gone, link), g = *spent;

	list_remove(&spent->link);
	free(spent);
	if (m->fns.gone != NULL)
		m->fns.gone(m->arg, g.type, g.name);
}

/* IPv4 first, else the newest. */
static void
copy_addresses(struct mdns_service *s, const struct mdns_host *h)
{
	for (int pass = 0; pass < 2; pass++)
		for (int k = 0; k < h->address_count; k++)
			if ((h->addresses[k].family == AF_INET) == (pass == 0))
				str_copy(s->addresses[s->address_count++], MDNS_ADDRESS_BYTES, h->addresses[k].text);
}

static void
tell_whole(struct mdns *m, struct mdns_instance *i)
{
	unsigned char txt[MAX_TXT_BYTES + 1] = { 0 };
	struct mdns_service s = { .port = i->port, .txt = txt, .txt_len = i->txt_len };

	i->told = true;
	i->changed = false;
	mdns_cache_promote(m, i);
	memcpy(s.instance, i->name, sizeof s.instance);
	str_copy(s.type, sizeof s.type, i->type->name);
	memcpy(s.host, i->host->text, sizeof s.host);
	if (i->txt_len > 0)
		memcpy(txt, i->txt_bytes, i->txt_len);
	copy_addresses(&s, i->host);
	if (m->fns.service != NULL)
		m->fns.service(m->arg, &s);
}

static void
tell_instance(struct mdns *m)
{
	struct mdns_instance *i = LIST_ENTRY(m->news.next, struct mdns_instance, news);

	list_remove(&i->news);
	if (!mdns_cache_is_whole(i))
		mdns_tell_gone(m, i);
	else if (i->changed || !i->told)
		tell_whole(m, i);
}

static void
tell_host(struct mdns *m)
{
	struct mdns_host *h = LIST_ENTRY(m->host_news.next, struct mdns_host, news);
	char name[MDNS_NAME_BYTES], address[MDNS_ADDRESS_BYTES];

	for (int k = 0; k < h->address_count; k++) {
		if (h->addresses[k].told)
			continue;
		h->addresses[k].told = true;
		memcpy(name, h->text, sizeof name);
		memcpy(address, h->addresses[k].text, sizeof address);
		if (m->fns.host != NULL)
			m->fns.host(m->arg, name, address);
		return;
	}
	list_remove(&h->news);
}

static void
tell_peer(struct mdns *m)
{
	struct mdns_peer *p = LIST_ENTRY(m->peer_news.next, struct mdns_peer, news);
	char text[MDNS_ADDRESS_BYTES];

	list_remove(&p->news);
	p->told_us = mdns_now(m);
	memcpy(text, p->text, sizeof text);
	if (m->fns.heard != NULL)
		m->fns.heard(m->arg, text);
}

/* What is gone comes first: the same name may have come back since. */
static bool
tell_one(struct mdns *m)
{
	if (!list_is_empty(&m->gone))
		tell_gone(m);
	else if (!list_is_empty(&m->news))
		tell_instance(m);
	else if (!list_is_empty(&m->host_news))
		tell_host(m);
	else if (!list_is_empty(&m->peer_news))
		tell_peer(m);
	else
		return false;
	return true;
}

static void
on_teller(void *arg)
{
	struct mdns *m = arg;
	bool more = true;

	m->is_teller_due = m->is_telling = true;
	for (int n = 0; n < TELL_AT_ONCE && more && !m->is_freed; n++)
		more = tell_one(m);
	if (m->is_freed) {
		free(m);
		return;
	}
	m->is_teller_due = m->is_telling = false;
	if (more)
		tell_after(m, 0);
}

void
mdns_tell_open(struct mdns *m)
{
	list_init(&m->news);
	list_init(&m->host_news);
	list_init(&m->peer_news);
	list_init(&m->peer_list);
	list_init(&m->gone);
	m->peers = map_new();
	m->teller = loop_timer_new(m->loop, on_teller, m);
}

void
mdns_tell_close(struct mdns *m)
{
	loop_timer_free(m->loop, m->teller);
	while (!list_is_empty(&m->peer_list))
		peer_free(m, LIST_ENTRY(m->peer_list.next, struct mdns_peer, link));
	while (!list_is_empty(&m->gone)) {
		struct mdns_gone *g = LIST_ENTRY(m->gone.next, struct mdns_gone, link);

		list_remove(&g->link);
		free(g);
	}
	map_free(m->peers);
}
