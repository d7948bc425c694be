/*
 * crew_source.c - owns the discovery sources: what they sight, withdraw and say about themselves, and the services they
 * saw on hosts.  Every list is bounded.  Never asks a place anything (crew_seen.c, crew_link.c).
 */
#include "app/crew_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define SERVICE_BYTES 64	/* "_ssh._tcp"; longer is no service type (RFC 6763 section 7) */

struct crew_services {
	int count;
	char types[MAX_HOST_SERVICES][SERVICE_BYTES];
};

/* ---- Sightings and goodbyes ---- */

/* The sweep has had a connection there; who it is will be known two answers later. */
static void
tell_place(struct crew *c, const struct registry_address *a)
{
	char place[sizeof a->host + 16];

	registry_place(a, place, sizeof place);
	bus_tell(c->bus, EV_PLACE_ANSWERS, NULL, "%s", place);
}

void
crew_sight(struct crew *c, const struct registry_address *a, const char *node, const char *name)
{
	struct seen_place *p = seen_find(c->seen, a);
	struct crew_entry *e = p != NULL && p->apart_us != 0 ? NULL : crew_same_sighted(c, node, a);

	if (e != NULL && !crew_place_may_add(e, a))
		e = crew_same_sighted(c, NULL, a);	/* whoever answers there says who he is */
	if (e == NULL) {
		if (p == NULL && a->via == VIA_SWEEP && a->kind != PATH_TAILSCALE)
			tell_place(c, a);
		crew_seen_sight(c, a, node, name);
		return;
	}
	if (p != NULL)
		crew_seen_forget(c, p);
	crew_link_sight(e, a);
}

static void
source_sighted(void *arg, const struct disc_sighting *s)
{
	struct crew_origin *o = arg;
	struct registry_address a = s->address;
	char id[ID_BYTES];

	o->pub.sighted++;
	a.seen_us = crew_now_us(o->crew);
	a.rtt_us = -1;
	a.in_use = false;
	a.answered_us = 0;
	a.failures = 0;
	crew_sight(o->crew, &a, ids_copy(id, s->id) ? id : NULL, s->name);
}

static bool
is_live_elsewhere(const struct crew_entry *e, const struct registry_address *place)
{
	const struct registry_node *n = e->pub.node;

	for (int i = 0; e->pub.link == HEALTH_LIVE && i < n->address_count; i++)
		if (n->addresses[i].in_use && &n->addresses[i] != place)
			return true;
	return false;
}

/* A device with several addresses is not gone because one of them is. */
static void
member_goodbye(struct crew_entry *e, enum registry_via via, const struct registry_address *a)
{
	struct registry_address *place = a != NULL ? crew_place_in(e->pub.node, a) : NULL;

	if (place != NULL) {
		place->via &= ~(unsigned)via;
		if (is_live_elsewhere(e, place))
			return;
	}
	crew_judge_withdrawn(e);
	if (!e->is_forgotten && e->link != NULL && e->gone == CREW_GONE_NOT)
		conn_doubt(e->link->conn);
}

/* A withdrawn record is a reason to doubt, no proof: liveness is HTTP's. */
static void
source_goodbye(void *arg, enum registry_via via, const struct registry_address *a, const char *node)
{
	struct crew *c = ((struct crew_origin *)arg)->crew;
	const struct registry_node *n = a != NULL ? registry_by_address(c->reg, a->host, a->port, a->url) : NULL;
	struct crew_entry *e = crew_entry_find(c, n != NULL && (node == NULL || registry_is_same_id(n->id, node)) ? n->id : node);

	if (e == NULL && n != NULL)
		e = crew_entry_find(c, n->id);
	if (e != NULL)
		member_goodbye(e, via, a);
	else if (a != NULL)
		crew_seen_goodbye(c, via, a);
}

/* ---- What they say about themselves ---- */

static void
source_state(void *arg, enum registry_via via, bool working, const char *sentence)
{
	struct crew_origin *o = arg;
	const bool is_worth_telling = working != o->pub.working;

	(void)via;
	o->pub.working = working;
	o->pub.absent = false;
	str_copy(o->pub.sentence, sizeof o->pub.sentence, sentence);
	if (is_worth_telling)
		bus_tell(o->crew->bus, EV_NOTICE, NULL, "%s", sentence);
}

static void
source_absent(void *arg)
{
	((struct crew_origin *)arg)->pub.absent = true;
}

static int
line_index(const struct crew_origin *o, const char *topic)
{
	int i = 0;

	while (i < o->pub.line_count && strcmp(o->pub.lines[i].topic, topic) != 0)
		i++;
	return i;
}

static void
line_remove(struct crew_origin *o, int i)
{
	if (i >= o->pub.line_count)
		return;
	o->pub.line_count--;
	memmove(&o->pub.lines[i], &o->pub.lines[i + 1], (size_t)(o->pub.line_count - i) * sizeof *o->pub.lines);
}

static void
source_line(void *arg, const char *topic, const char *sentence)
{
	struct crew_origin *o = arg;
	char clean[sizeof o->pub.lines->topic];
	int i;

	str_clean(clean, sizeof clean, topic, strlen(topic), (int)sizeof clean);
	i = line_index(o, clean);
	if (sentence == NULL) {
		line_remove(o, i);
		return;
	}
	if (i == MAX_WHY_LINES)
		return;
	if (i == o->pub.line_count) {
		o->pub.lines = xreallocarray(o->pub.lines, (size_t)++o->pub.line_count, sizeof *o->pub.lines);
		str_copy(o->pub.lines[i].topic, sizeof clean, clean);
	}
	str_clean(o->pub.lines[i].sentence, MAX_WHY_BYTES, sentence, strlen(sentence), MAX_WHY_BYTES);
}

static void
source_answered(void *arg, const char *host)
{
	struct crew_origin *o = arg;

	if (map_count(o->hosts) >= MAX_MDNS_HOSTS || map_get(o->hosts, host) != NULL)
		return;
	map_put(o->hosts, host, o);
	o->pub.answered++;
}

static void
source_finished(void *arg)
{
	((struct crew_origin *)arg)->pub.finished = true;
}

/* ---- What they ask ---- */

static int64_t
source_setting(void *arg, const char *name)
{
	return opt_int(((struct crew_origin *)arg)->crew->settings, name);
}

struct completeness { int remembered, live; };

static void
count_complete(void *arg, const char *key, void *value)
{
	struct completeness *all = arg;
	const struct crew_entry *e = value;

	(void)key;
	if (!e->pub.was_remembered || e->pub.node->view_only || e->pub.node->out)
		return;
	all->remembered++;
	all->live += e->pub.link == HEALTH_LIVE;
}

static bool
source_is_complete(void *arg)
{
	struct completeness all = { 0, 0 };

	map_each(((struct crew_origin *)arg)->crew->entries, count_complete, &all);
	return all.remembered > 0 && all.live == all.remembered;
}

/* ---- Services of hosts ---- */

static struct crew_services *
services_of(struct crew *c, const char *host)
{
	struct crew_services *s = map_get(c->services, host);

	if (s != NULL || map_count(c->services) >= MAX_MDNS_HOSTS)
		return s;
	s = xcalloc(1, sizeof *s);
	map_put(c->services, host, s);
	return s;
}

static void
source_service(void *arg, const char *host, const char *type)
{
	char clean[SERVICE_BYTES];
	struct crew_services *s;

	if (strlen(type) >= SERVICE_BYTES || type[0] != '_')
		return;
	str_clean(clean, sizeof clean, type, strlen(type), SERVICE_BYTES);
	s = services_of(((struct crew_origin *)arg)->crew, host);
	if (s == NULL)
		return;
	for (int i = 0; i < s->count; i++)
		if (strcmp(s->types[i], clean) == 0)
			return;
	if (s->count < MAX_HOST_SERVICES)
		str_copy(s->types[s->count++], SERVICE_BYTES, clean);
}

int
crew_services_at(const struct crew *c, const char *host, const char **types, int max)
{
	const struct crew_services *s = map_get(c->services, host);
	int count = 0;

	for (; s != NULL && count < s->count && count < max; count++)
		types[count] = s->types[count];
	return count;
}

/* ---- Life ---- */

static const struct disc_fns source_fns = {
	.sighted = source_sighted, .goodbye = source_goodbye, .state = source_state, .absent = source_absent, .line = source_line,
	.answered = source_answered, .service = source_service, .setting = source_setting,
	.is_complete = source_is_complete, .finished = source_finished,
};

static void
origin_free(struct crew_origin *o)
{
	list_remove(&o->link);
	map_free(o->hosts);
	free(o->pub.lines);
	free(o);
}

void
crew_add_source(struct crew *c, const struct disc_source *source, const char *conf)
{
	struct crew_origin *o = xcalloc(1, sizeof *o);

	o->crew = c;
	o->source = source;
	o->hosts = map_new();
	o->pub.name = source->name;
	o->pub.via = source->via;
	o->pub.working = true;		/* until it says otherwise: that is then worth a line */
	list_insert_tail(&c->origins, &o->link);
	o->self = source->open(c->loop, conf, &source_fns, o);
	if (o->self == NULL)
		origin_free(o);
}

static void
free_value(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

void
crew_source_close_all(struct crew *c)
{
	LIST_EACH_SAFE(it, tmp, &c->origins) {
		struct crew_origin *o = LIST_ENTRY(it, struct crew_origin, link);

		o->source->close(o->self);
		origin_free(o);
	}
	map_each(c->services, free_value, NULL);
	map_free(c->services);
}

/* ---- Look-ups ---- */

int
crew_source_count(const struct crew *c)
{
	int count = 0;

	LIST_EACH(it, &c->origins)
		count++;
	return count;
}

const struct crew_source *
crew_source_at(const struct crew *c, int index)
{
	LIST_EACH(it, &c->origins)
		if (index-- == 0)
			return &LIST_ENTRY(it, struct crew_origin, link)->pub;
	return NULL;
}
