/*
 * disc_bonjour.c - nodes that advertise themselves as _mmcam._tcp, as the daemon lists them (io/dnssd).
 * Owns where each instance was last sighted and how many instances share a place, so that a goodbye names only what
 * nobody announces any more.  Never asks a node anything.
 */
#include "io/disc.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/disc_place.h"
#include "io/dnssd.h"
#include "io/netif.h"

#define SERVICE_TYPE "_mmcam._tcp"
#define TICK_US 1000000
#define FIRST_ROUND_US 1500000		/* the daemon has asked twice by then */
#define FIRST_ROUND_MOST_US 5000000

/* An instance on one interface. */
struct seen {
	char id[ID_BYTES];
	int port, count;
	char hosts[][DNSSD_ADDRESS_BYTES];
};

/* A host and port that instances are at. */
struct place {
	int holders;
};

struct bonjour {
	struct loop *loop;
	struct disc_fns fns;
	void *arg;
	struct dnssd_browse *browse;
	struct loop_timer *tick;
	struct map *seen;		/* by serial */
	struct map *places;		/* by "HOST PORT" */
	enum dnssd_state state;
	int64_t state_us;
	char said[MAX_WHY_BYTES];
	bool is_finished;
	bool *ended;			/* NULL: nobody in a callback has to know */
};

/* ---- Places ---- */

static void
place_key(char *out, size_t out_size, const char *host, int port)
{
	snprintf(out, out_size, "%s %d", host, port);
}

/* True: nobody was there before. */
static bool
place_hold(struct bonjour *b, const char *host, int port)
{
	char key[DNSSD_ADDRESS_BYTES + 16];
	struct place *p;

	place_key(key, sizeof key, host, port);
	p = map_get(b->places, key);
	if (p == NULL) {
		p = xcalloc(1, sizeof *p);
		map_put(b->places, key, p);
	}
	return p->holders++ == 0;
}

/* True: nobody is there any more. */
static bool
place_leave(struct bonjour *b, const char *host, int port)
{
	char key[DNSSD_ADDRESS_BYTES + 16];
	struct place *p;

	place_key(key, sizeof key, host, port);
	p = map_get(b->places, key);
	if (p == NULL || --p->holders > 0)
		return false;
	free(map_take(b->places, key));
	return true;
}

/* What this machine says to itself proves nothing about the network. */
static bool
is_own(const char *host)
{
	struct netif_address list[MAX_INTERFACES];
	int count = netif_list(list, MAX_INTERFACES);
	char text[DNSSD_ADDRESS_BYTES];
	size_t len = strcspn(host, "%");

	for (int i = 0; i < count; i++)
		if (inet_ntop(list[i].family, list[i].bytes, text, sizeof text) != NULL && strlen(text) == len && memcmp(text, host, len) == 0)
			return true;
	return false;
}

/* ---- Sightings ---- */

static struct seen *
seen_new(const struct dnssd_found *f)
{
	struct seen *s = xcalloc(1, sizeof *s + (size_t)f->address_count * sizeof s->hosts[0]);

	/* The TXT record's word wins where it differs from the SRV record's (camera-node contract). */
	s->port = f->api_port != 0 ? f->api_port : f->port;
	if (!ids_copy(s->id, f->id))
		s->id[0] = '\0';
	for (int i = 0; i < f->address_count; i++)
		if (disc_place_is_one(f->addresses[i], s->port))
			str_copy(s->hosts[s->count++], sizeof s->hosts[0], f->addresses[i]);
	return s;
}

static void
tell_sighted(struct bonjour *b, const struct disc_sighting *s, bool is_new, const bool *ended)
{
	if (is_new && b->fns.answered != NULL && !is_own(s->address.host))
		b->fns.answered(b->arg, s->address.host);
	if (!*ended && b->fns.sighted != NULL)
		b->fns.sighted(b->arg, s);
}

/* Says goodbye to the places that only this one held. */
static void
leave_places(struct bonjour *b, const struct seen *s, bool goodbye, const bool *ended)
{
	struct registry_address a;

	for (int i = 0; i < s->count && !*ended; i++) {
		if (!place_leave(b, s->hosts[i], s->port) || !goodbye || b->fns.goodbye == NULL)
			continue;
		disc_place_fill(&a, VIA_BONJOUR, s->hosts[i], s->port, loop_now_us(b->loop));
		b->fns.goodbye(b->arg, VIA_BONJOUR, &a, s->id);
	}
}

/* The new places first, so that what it keeps is not left for a moment. */
static void
on_found(void *arg, const struct dnssd_found *f)
{
	struct bonjour *b = arg;
	struct seen *s = seen_new(f), *was;
	struct disc_sighting sightings[DNSSD_ADDRESSES];
	bool is_new[DNSSD_ADDRESSES], ended = false;
	int count = s->count;
	char key[16];

	for (int i = 0; i < count; i++) {
		memset(&sightings[i], 0, sizeof sightings[i]);
		disc_place_fill(&sightings[i].address, VIA_BONJOUR, s->hosts[i], s->port, loop_now_us(b->loop));
		str_copy(sightings[i].id, sizeof sightings[i].id, s->id);
		str_copy(sightings[i].name, sizeof sightings[i].name, f->device_name[0] != '\0' ? f->device_name : f->instance);
		is_new[i] = place_hold(b, s->hosts[i], s->port);
	}
	snprintf(key, sizeof key, "%u", f->serial);
	was = map_take(b->seen, key);
	map_put(b->seen, key, s);
	b->ended = &ended;	/* any callback may end this source, and nothing more is told then */
	for (int i = 0; i < count && !ended; i++)
		tell_sighted(b, &sightings[i], is_new[i], &ended);
	if (was != NULL)
		leave_places(b, was, true, &ended);
	free(was);
	if (!ended)
		b->ended = NULL;
}

static void
on_gone(void *arg, unsigned serial, bool goodbye)
{
	struct bonjour *b = arg;
	struct seen *s;
	bool ended = false;
	char key[16];

	snprintf(key, sizeof key, "%u", serial);
	s = map_take(b->seen, key);
	if (s == NULL)
		return;
	b->ended = &ended;
	leave_places(b, s, goodbye, &ended);
	free(s);
	if (!ended)
		b->ended = NULL;
}

/* ---- How it fares ---- */

static void
say(struct bonjour *b, bool working, const char *sentence)
{
	if (strcmp(sentence, b->said) == 0)
		return;
	str_copy(b->said, sizeof b->said, sentence);
	if (b->fns.state != NULL)
		b->fns.state(b->arg, VIA_BONJOUR, working, b->said);
}

static void
say_counts(struct bonjour *b, struct dnssd_counts counts)
{
	char text[MAX_WHY_BYTES];

	if (counts.services == 0)
		snprintf(text, sizeof text, "Bonjour: the daemon lists no %s", SERVICE_TYPE);
	else if (counts.unresolved == 0)
		snprintf(text, sizeof text, "Bonjour: the daemon lists %d %s", counts.services, SERVICE_TYPE);
	else
		snprintf(text, sizeof text, "Bonjour: the daemon lists %d %s, %d of them without an address", counts.services, SERVICE_TYPE,
		    counts.unresolved);
	say(b, true, text);
}

static bool
is_first_round_over(const struct bonjour *b, struct dnssd_counts counts)
{
	int64_t since_us = loop_now_us(b->loop) - b->state_us;

	return b->state == DNSSD_NO_DAEMON ||
	    (b->state == DNSSD_RUNNING && (since_us >= FIRST_ROUND_MOST_US || (since_us >= FIRST_ROUND_US && counts.unresolved == 0)));
}

static void
on_tick(void *arg)
{
	struct bonjour *b = arg;
	struct dnssd_counts counts = dnssd_browse_counts(b->browse);
	bool ended = false;

	b->ended = &ended;
	if (b->state == DNSSD_STARTING)
		say(b, true, "Bonjour: asking for a daemon");
	else if (b->state == DNSSD_NO_DAEMON)
		say(b, false, "Bonjour: no daemon; using own queries");
	else
		say_counts(b, counts);
	if (ended)
		return;
	if (!b->is_finished && is_first_round_over(b, counts)) {
		b->is_finished = true;
		if (b->fns.finished != NULL)
			b->fns.finished(b->arg);
	}
	if (!ended)
		b->ended = NULL;
}

static void
on_state(void *arg, enum dnssd_state state, const char *why)
{
	struct bonjour *b = arg;

	(void)why;
	b->state = state;
	b->state_us = loop_now_us(b->loop);
	loop_timer_start(b->loop, b->tick, 0, TICK_US);
}

static void *
bonjour_open(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	static const struct dnssd_browse_fns browse_fns = { .found = on_found, .gone = on_gone, .state = on_state };
	struct bonjour *b;

	if (conf != NULL && strcmp(conf, "off") == 0)
		return NULL;
	b = xcalloc(1, sizeof *b);
	b->loop = loop;
	b->fns = *fns;
	b->arg = arg;
	b->seen = map_new();
	b->places = map_new();
	b->state = DNSSD_STARTING;
	b->tick = loop_timer_new(loop, on_tick, b);
	loop_timer_start(loop, b->tick, 0, TICK_US);	/* the first word comes after this returned */
	b->browse = dnssd_browse_new(loop, SERVICE_TYPE, &browse_fns, b);
	return b;
}

static void
value_free(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

static void
bonjour_close(void *self)
{
	struct bonjour *b = self;

	if (b == NULL)
		return;
	if (b->ended != NULL)
		*b->ended = true;
	dnssd_browse_close(b->browse);
	loop_timer_free(b->loop, b->tick);
	map_each(b->seen, value_free, NULL);
	map_each(b->places, value_free, NULL);
	map_free(b->seen);
	map_free(b->places);
	free(b);
}

const struct disc_source disc_bonjour = {
	.name = "bonjour", .via = VIA_BONJOUR, .open = bonjour_open, .close = bonjour_close,
};
