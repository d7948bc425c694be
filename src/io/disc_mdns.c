/*
 * disc_mdns.c - nodes that advertise themselves as _mmcam._tcp, found by queries of our own (io/mdns), daemon or not.
 * Owns where each advertised name was last sighted, so that a changed record tells only what changed and a goodbye can
 * name the addresses.  Never asks a node anything.
 */
#include "io/disc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/map.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/disc_place.h"
#include "io/dnssd_txt.h"
#include "io/mdns.h"

#define SERVICE_TYPE "_mmcam._tcp"
#define TICK_US 1000000
#define SAY_FIRST_US 250000		/* the sockets are open and the first question is out */
#define AGAIN_US 55000000		/* sighted again at least once in 60 s, seen by ticks */
#define FIRST_ROUND_US 3000000
#define CENSUS_FIRST_US 2000000
#define CENSUS_EVERY_US 300000000

/* One address of an instance.  is_due, is_gone: to be told now. */
struct place {
	char host[MDNS_ADDRESS_BYTES];
	int port;
	bool is_due, is_gone;
	int64_t told_us;
};

struct instance {
	struct list link;
	char key[MDNS_LABEL_BYTES];
	char id[ID_BYTES], name[MAX_NAME_BYTES];
	int count;			/* a change holds the old and the new ones together for a moment */
	struct place places[2 * MDNS_HOST_ADDRESSES];
};

struct browser {
	struct loop *loop;
	struct disc_fns fns;
	void *arg;
	struct mdns *mdns;
	struct loop_timer *tick, *census, *first_round;
	struct list instances;
	struct map *by_key;
	struct map *heard;		/* addresses that answered; values mean nothing */
	int heard_v4, heard_v6;
	char said[MAX_WHY_BYTES];	/* the last sentence */
	bool is_busy, is_closed;	/* closed inside a callback: nothing more is told, its caller frees it */
};

/* ---- Instances and their places ---- */

static struct instance *
instance_of(struct browser *b, const char *key)
{
	struct instance *in = map_get(b->by_key, key);

	if (in != NULL || map_count(b->by_key) >= MAX_MDNS_SERVICES)
		return in;
	in = xcalloc(1, sizeof *in);
	str_copy(in->key, sizeof in->key, key);
	list_insert_tail(&b->instances, &in->link);
	map_put(b->by_key, in->key, in);
	return in;
}

static void
instance_drop(struct browser *b, struct instance *in)
{
	map_take(b->by_key, in->key);
	list_remove(&in->link);
	free(in);
}

static void
add_place(struct instance *in, const char *host, int port)
{
	for (int i = 0; i < in->count; i++) {
		if (in->places[i].port == port && strcmp(in->places[i].host, host) == 0) {
			in->places[i].is_gone = false;
			return;
		}
	}
	if (in->count == (int)(sizeof in->places / sizeof in->places[0]))
		return;
	in->places[in->count] = (struct place){ .port = port, .is_due = true };
	str_copy(in->places[in->count++].host, MDNS_ADDRESS_BYTES, host);
}

/* Who it is, by its TXT record.  False: as before. */
static bool
rename_instance(struct instance *in, const struct mdns_service *s, const struct dnssd_found *txt)
{
	char id[ID_BYTES], name[MAX_NAME_BYTES];
	bool is_other;

	if (!ids_copy(id, txt->id))
		id[0] = '\0';
	str_copy(name, sizeof name, txt->device_name);
	if (name[0] == '\0')
		str_clean(name, sizeof name, s->instance, strlen(s->instance), MAX_NAME_CELLS);
	is_other = strcmp(id, in->id) != 0 || strcmp(name, in->name) != 0;
	str_copy(in->id, sizeof in->id, id);
	str_copy(in->name, sizeof in->name, name);
	return is_other;
}

/* What the record says now: places that are new are due, all of them when the device is another; the rest is gone.
 * apiPort is authoritative where it differs from the SRV record's port. */
static void
update(struct instance *in, const struct mdns_service *s)
{
	struct dnssd_found txt;
	bool is_other;
	int port;

	dnssd_txt_read(&txt, s->txt, s->txt_len);
	port = txt.api_port != 0 ? txt.api_port : s->port;
	is_other = rename_instance(in, s, &txt);
	for (int i = 0; i < in->count; i++) {
		in->places[i].is_due = is_other;
		in->places[i].is_gone = true;
	}
	for (int i = 0; i < s->address_count && i < MDNS_HOST_ADDRESSES; i++)
		if (disc_place_is_one(s->addresses[i], port))
			add_place(in, s->addresses[i], port);
}

static void
tell_sighted(struct browser *b, const struct instance *in, struct place *p)
{
	struct disc_sighting s;

	p->is_due = false;
	p->told_us = loop_now_us(b->loop);
	disc_place_fill(&s.address, VIA_BONJOUR, p->host, p->port, p->told_us);
	str_copy(s.id, sizeof s.id, in->id);
	str_copy(s.name, sizeof s.name, in->name);
	if (b->fns.sighted != NULL)
		b->fns.sighted(b->arg, &s);
}

static void
tell_goodbye(struct browser *b, const struct instance *in, const struct place *p)
{
	struct registry_address a;
	char id[ID_BYTES];

	disc_place_fill(&a, VIA_BONJOUR, p->host, p->port, loop_now_us(b->loop));
	str_copy(id, sizeof id, in->id);
	if (b->fns.goodbye != NULL)
		b->fns.goodbye(b->arg, VIA_BONJOUR, &a, id);
}

/* The new places first, so that a device which moved is never without one. */
static void
tell_instance(struct browser *b, struct instance *in)
{
	int kept = 0;

	for (int i = 0; i < in->count && !b->is_closed; i++)
		if (in->places[i].is_due && !in->places[i].is_gone)
			tell_sighted(b, in, &in->places[i]);
	for (int i = 0; i < in->count && !b->is_closed; i++)
		if (in->places[i].is_gone)
			tell_goodbye(b, in, &in->places[i]);
	for (int i = 0; i < in->count; i++)
		if (!in->places[i].is_gone)
			in->places[kept++] = in->places[i];
	in->count = kept;
}

/* ---- What the querier says ---- */

static void
browser_free(struct browser *b)
{
	LIST_EACH_SAFE(it, tmp, &b->instances)
		free(LIST_ENTRY(it, struct instance, link));
	map_free(b->by_key);
	map_free(b->heard);
	free(b);
}

/* After callbacks, each of which may have closed this source. */
static void
told(struct browser *b)
{
	b->is_busy = false;
	if (b->is_closed)
		browser_free(b);
}

/* "_ssh._tcp": it goes on a screen and is compared. */
static bool
is_type(const char *type)
{
	static const char *const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

	return type[0] == '_' && type[strspn(type, letters)] == '\0';
}

static void
other_service(struct browser *b, const struct mdns_service *s)
{
	struct mdns_service copy = *s;		/* the querier may be gone after a callback */

	if (b->fns.service == NULL || !is_type(copy.type))
		return;
	for (int i = 0; i < copy.address_count && i < MDNS_HOST_ADDRESSES && !b->is_closed; i++)
		if (disc_place_is_one(copy.addresses[i], 1))
			b->fns.service(b->arg, copy.addresses[i], copy.type);
}

static void
on_service(void *arg, const struct mdns_service *s)
{
	struct browser *b = arg;
	struct instance *in = NULL;

	b->is_busy = true;
	if (!str_equal_nocase(s->type, SERVICE_TYPE))
		other_service(b, s);
	else if ((in = instance_of(b, s->instance)) != NULL)
		update(in, s);
	if (in != NULL)
		tell_instance(b, in);
	told(b);
}

static void
on_gone(void *arg, const char *type, const char *key)
{
	struct browser *b = arg;
	struct instance *in = str_equal_nocase(type, SERVICE_TYPE) ? map_get(b->by_key, key) : NULL;

	if (in == NULL)
		return;
	for (int i = 0; i < in->count; i++)
		in->places[i].is_gone = true;
	b->is_busy = true;
	tell_instance(b, in);
	instance_drop(b, in);
	told(b);
}

static void
on_heard(void *arg, const char *from)
{
	struct browser *b = arg;

	if (map_count(b->heard) < MAX_MDNS_HOSTS && map_get(b->heard, from) == NULL) {
		map_put(b->heard, from, b);
		*(strchr(from, ':') != NULL ? &b->heard_v6 : &b->heard_v4) += 1;
	}
	if (b->fns.answered != NULL)
		b->fns.answered(b->arg, from);
}

/* ---- Time ---- */

static const char *
plural(unsigned long n)
{
	return n == 1 ? "" : "s";
}

/* The present state, when it reads otherwise than before. */
static void
say_state(struct browser *b)
{
	struct mdns_counts n = mdns_counts(b->mdns);
	int heard = b->heard_v4 > b->heard_v6 ? b->heard_v4 : b->heard_v6;	/* most hosts answer by both */
	char text[MAX_WHY_BYTES], hosts[64];
	bool works = n.interfaces > 0;

	snprintf(hosts, sizeof hosts, "%d host%s answered", heard, plural((unsigned long)heard));
	if (works)
		snprintf(text, sizeof text, "own Bonjour queries: %lu sent on %d interface%s, %s", n.packets_sent, n.interfaces,
		    plural((unsigned long)n.interfaces), heard > 0 ? hosts : "no host answered");
	else
		snprintf(text, sizeof text, "own Bonjour queries: no interface that can multicast");
	if (strcmp(text, b->said) == 0)
		return;
	str_copy(b->said, sizeof b->said, text);
	if (b->fns.state != NULL)
		b->fns.state(b->arg, VIA_BONJOUR, works, text);
}

/* A record that lives is a sighting once in a while, changed or not. */
static void
on_tick(void *arg)
{
	struct browser *b = arg;
	int64_t now_us = loop_now_us(b->loop);

	b->is_busy = true;
	say_state(b);
	LIST_EACH(it, &b->instances) {
		struct instance *in = LIST_ENTRY(it, struct instance, link);

		for (int i = 0; i < in->count; i++)
			in->places[i].is_due = now_us - in->places[i].told_us >= AGAIN_US;
		tell_instance(b, in);
	}
	told(b);
}

static void
on_census(void *arg)
{
	mdns_census(((struct browser *)arg)->mdns);
}

static void
on_first_round(void *arg)
{
	struct browser *b = arg;

	if (b->fns.finished != NULL)
		b->fns.finished(b->arg);
}

/* ---- Birth and death ---- */

static void *
browser_open(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	static const struct mdns_fns mdns_fns = { .service = on_service, .gone = on_gone, .heard = on_heard };
	struct browser *b;

	if (conf != NULL && strcmp(conf, "off") == 0)
		return NULL;
	b = xcalloc(1, sizeof *b);
	b->loop = loop;
	b->fns = *fns;
	b->arg = arg;
	list_init(&b->instances);
	b->by_key = map_new();
	b->heard = map_new();
	b->tick = loop_timer_new(loop, on_tick, b);
	b->census = loop_timer_new(loop, on_census, b);
	b->first_round = loop_timer_new(loop, on_first_round, b);
	loop_timer_start(loop, b->tick, SAY_FIRST_US, TICK_US);
	loop_timer_start(loop, b->census, CENSUS_FIRST_US, CENSUS_EVERY_US);
	loop_timer_start(loop, b->first_round, FIRST_ROUND_US, 0);
	b->mdns = mdns_new(loop, MDNS_LISTEN, &mdns_fns, b);
	mdns_browse(b->mdns, SERVICE_TYPE);
	return b;
}

static void
browser_close(void *self)
{
	struct browser *b = self;

	if (b == NULL)
		return;
	b->is_closed = true;
	mdns_free(b->mdns);
	loop_timer_free(b->loop, b->tick);
	loop_timer_free(b->loop, b->census);
	loop_timer_free(b->loop, b->first_round);
	if (!b->is_busy)
		browser_free(b);
}

const struct disc_source disc_mdns = {
	.name = "mdns", .via = VIA_BONJOUR, .open = browser_open, .close = browser_close,
};
