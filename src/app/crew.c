/*
 * crew.c - owns the members: makes them of what the registry knows, turns sightings into candidates, answers
 * look-ups.  Owner of every conn (crew_link.c); tells the rest over the bus.  Never draws, never sends a command.
 */
#include "app/crew_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define IDLE_US 6000000		/* a contract node says something every 5 s at least */

int64_t
crew_now_us(const struct crew *c)
{
	return clk_mono_us(c->clk);
}

static void
read_settings(struct crew *c)
{
	c->conf.ack_timeout_us = opt_int(c->settings, "ack-timeout");
	c->conf.clock_every_us = opt_int(c->settings, "clock-every");
	c->conf.idle_us = IDLE_US;
	crew_judge_limits(c);
}

static void
setting_changed(void *arg, const struct bus_event *ev)
{
	(void)ev;
	read_settings(arg);
	crew_judge_all(arg);
}

/* ---- Members ---- */

static struct crew_entry *
entry_find(const struct crew *c, const char *node)
{
	return node != NULL ? map_get(c->entries, node) : NULL;
}

struct crew_entry *
crew_entry_of(struct crew *c, struct registry_node *n)
{
	struct crew_entry *e = entry_find(c, n->id);

	if (e != NULL)
		return e;
	e = xcalloc(1, sizeof *e);
	e->crew = c;
	e->pub.node = n;
	e->pub.link = HEALTH_NEVER;
	e->pub.link_since_us = crew_now_us(c);
	health_track_init(&e->pub.track);
	offset_init(&e->pub.clock);
	list_init(&e->grave);
	map_put(c->entries, n->id, e);
	return e;
}

void
crew_forget(struct crew *c, const char *node)
{
	char id[ID_BYTES];
	struct crew_entry *e = entry_find(c, node);
	struct bus_event gone = { .kind = EV_NODE_GONE, .node = id };

	if (e == NULL)
		return;
	str_copy(id, sizeof id, node);	/* node may live in what is freed here */
	if (e->link != NULL)
		crew_link_bury(e->link);
	map_take(c->entries, id);
	e->is_forgotten = true;
	e->pub.node = NULL;
	list_insert_tail(&c->forgotten, &e->grave);
	loop_timer_start(c->loop, c->grave_timer, 0, 0);
	registry_forget(c->reg, id);
	bus_say(c->bus, &gone);
	bus_tell(c->bus, EV_CREW_CHANGED, id, "forgotten");
	bus_tell(c->bus, EV_MANIFEST_DIRTY, id, "forgotten");
}

/* ---- Birth and death ---- */

static void
add_remembered(struct crew *c)
{
	for (size_t i = 0; i < registry_count(c->reg); i++)
		crew_link_update(crew_entry_of(c, registry_at(c->reg, i)));
}

struct crew *
crew_new(struct loop *loop, struct http *http, struct registry *reg, struct bus *bus, const struct clk *clk,
    const struct opt_set *settings)
{
	struct crew *c = xcalloc(1, sizeof *c);

	c->loop = loop;
	c->http = http;
	c->reg = reg;
	c->bus = bus;
	c->clk = clk;
	c->settings = settings;
	c->entries = map_new();
	list_init(&c->links);
	list_init(&c->graves);
	list_init(&c->forgotten);
	list_init(&c->origins);
	c->judge_timer = loop_timer_new(loop, crew_judge_all, c);
	c->grave_timer = loop_timer_new(loop, crew_link_exhume, c);
	read_settings(c);
	bus_listen(bus, EV_SETTING_CHANGED, setting_changed, c);
	add_remembered(c);
	return c;
}

static void
entry_free(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

static void
free_all_links(struct list *head)
{
	while (!list_is_empty(head))
		crew_link_free(LIST_ENTRY(head->next, struct crew_link, link));
}

static void
close_origins(struct crew *c)
{
	LIST_EACH_SAFE(it, tmp, &c->origins) {
		struct crew_origin *o = LIST_ENTRY(it, struct crew_origin, link);

		o->source->close(o->self);
		list_remove(&o->link);
		free(o);
	}
}

void
crew_free(struct crew *c)
{
	if (c == NULL)
		return;
	close_origins(c);
	crew_typed_free(c);
	bus_unlisten(c->bus, setting_changed, c);
	free_all_links(&c->links);
	free_all_links(&c->graves);
	loop_timer_free(c->loop, c->judge_timer);
	loop_timer_free(c->loop, c->grave_timer);
	LIST_EACH_SAFE(it, tmp, &c->forgotten)
		free(LIST_ENTRY(it, struct crew_entry, grave));
	map_each(c->entries, entry_free, NULL);
	map_free(c->entries);
	free(c);
}

/* ---- Discovery ---- */

/* A sighting is a candidate: it becomes an address of the member it names, or a conn that finds out who is there. */
static void
crew_sight(struct crew *c, const struct registry_address *a, const char *node)
{
	struct crew_entry *e = entry_find(c, node);
	struct crew_link *l;

	if (e == NULL) {
		const struct registry_node *n = registry_by_address(c->reg, a->host, a->port, a->url);

		e = n != NULL ? entry_find(c, n->id) : NULL;
	}
	if (e != NULL) {
		crew_link_sight(e, a);
		return;
	}
	l = crew_link_pending(c, a);
	if (l != NULL) {
		l->address.via |= a->via;
		l->address.seen_us = a->seen_us;
		conn_nudge(l->conn);
	} else if (crew_link_try(c, a) == NULL) {
		log_line(LOG_DISC, "%s not tried: too many unanswered addresses", a->host);
	}
}

static void
source_sighted(void *arg, const struct disc_sighting *s)
{
	struct crew_origin *o = arg;
	struct registry_address a = s->address;
	char id[ID_BYTES];

	a.seen_us = crew_now_us(o->crew);
	a.rtt_us = -1;
	a.in_use = false;
	crew_sight(o->crew, &a, ids_copy(id, s->id) ? id : NULL);
}

/* A withdrawn record is a reason to doubt, no proof: liveness is HTTP's. */
static void
source_goodbye(void *arg, enum registry_via via, const struct registry_address *a, const char *node)
{
	struct crew *c = ((struct crew_origin *)arg)->crew;
	const struct registry_node *n = a != NULL ? registry_by_address(c->reg, a->host, a->port, a->url) : NULL;
	struct crew_entry *e = entry_find(c, node);
	struct crew_link *l;

	if (e == NULL && n != NULL)
		e = entry_find(c, n->id);
	if (e != NULL) {
		crew_judge_withdrawn(e);
		if (!e->is_forgotten && e->link != NULL && e->gone == CREW_GONE_NOT)
			conn_doubt(e->link->conn);
		return;
	}
	l = a != NULL ? crew_link_pending(c, a) : NULL;
	if (l == NULL)
		return;
	l->address.via &= ~(unsigned)via;
	if (l->address.via == 0)
		crew_link_bury(l);
}

static void
source_state(void *arg, enum registry_via via, bool working, const char *sentence)
{
	struct crew_origin *o = arg;
	const bool is_worth_telling = working != o->pub.working;

	(void)via;
	o->pub.working = working;
	str_copy(o->pub.sentence, sizeof o->pub.sentence, sentence);
	if (is_worth_telling)
		bus_tell(o->crew->bus, EV_NOTICE, NULL, "%s", sentence);
}

void
crew_add_source(struct crew *c, const struct disc_source *source, const char *conf)
{
	static const struct disc_fns fns = { .sighted = source_sighted, .goodbye = source_goodbye, .state = source_state };
	struct crew_origin *o = xcalloc(1, sizeof *o);

	o->crew = c;
	o->source = source;
	o->pub.via = source->via;
	o->pub.working = true;		/* until it says otherwise: that is then worth a line */
	list_insert_tail(&c->origins, &o->link);
	o->self = source->open(c->loop, conf, &fns, o);
	if (o->self != NULL)
		return;
	list_remove(&o->link);
	free(o);
}

void
crew_add_address(struct crew *c, const struct registry_address *a)
{
	struct registry_address now = *a;

	now.seen_us = crew_now_us(c);
	now.rtt_us = -1;
	crew_sight(c, &now, NULL);
}

/* ---- Look-ups ---- */

struct registry *
crew_registry(struct crew *c)
{
	return c->reg;
}

const struct crew_member *
crew_find(const struct crew *c, const char *node)
{
	const struct crew_entry *e = entry_find(c, node);

	return e != NULL ? &e->pub : NULL;
}

int
crew_count(const struct crew *c)
{
	return (int)map_count(c->entries);
}

const struct crew_member *
crew_at(const struct crew *c, int index)
{
	for (size_t i = 0; i < registry_count(c->reg); i++) {
		const struct crew_member *m = crew_find(c, registry_at(c->reg, i)->id);

		if (m != NULL && index-- == 0)
			return m;
	}
	return NULL;
}

static void
count_live(void *arg, const char *key, void *value)
{
	const struct crew_entry *e = value;

	(void)key;
	if (e->pub.link == HEALTH_LIVE && !e->pub.node->view_only)
		++*(int *)arg;
}

int
crew_live_count(const struct crew *c)
{
	int count = 0;

	map_each(c->entries, count_live, &count);
	return count;
}

int
crew_pending_count(const struct crew *c)
{
	int count = 0;

	LIST_EACH(it, &c->links)
		if (LIST_ENTRY(it, struct crew_link, link)->entry == NULL)
			count++;
	return count;
}

static bool
pending_at(const struct crew *c, int index, bool only_failed, char *out, size_t out_size)
{
	LIST_EACH(it, &c->links) {
		const struct crew_link *l = LIST_ENTRY(it, struct crew_link, link);

		if (l->entry != NULL || (only_failed && conn_why(l->conn)[0] == '\0') || index-- > 0)
			continue;
		crew_link_describe(l, out, out_size);
		return true;
	}
	return false;
}

bool
crew_pending_at(const struct crew *c, int index, char *out, size_t out_size)
{
	return pending_at(c, index, false, out, out_size);
}

bool
crew_failed_at(const struct crew *c, int index, char *out, size_t out_size)
{
	return pending_at(c, index, true, out, out_size);
}

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

struct conn *
crew_conn(struct crew *c, const char *node)
{
	const struct crew_entry *e = entry_find(c, node);

	return e != NULL && e->link != NULL ? e->link->conn : NULL;
}

/* ---- What others learnt about a member ---- */

void
crew_said(struct crew *c, const char *node, const struct node_health *health)
{
	struct crew_entry *e = entry_find(c, node);
	int64_t last_us;

	if (e == NULL)
		return;
	/* An answer repeated for a retried command carries the state of its first time. */
	last_us = e->pub.track.last.time_us;
	if (health->time_us != 0 && last_us != 0 && health->time_us < last_us)
		return;
	health_said(&e->pub.track, health, crew_now_us(c));
	crew_judge_entry(e);
}

void
crew_picture_trouble(struct crew *c, const char *node, const char *why)
{
	struct crew_entry *e = entry_find(c, node);

	if (e == NULL)
		return;
	str_copy(e->decode_trouble, sizeof e->decode_trouble, why);
	crew_news_trouble(e);
}

int64_t
crew_to_node(const struct crew *c, const char *node, int64_t console_us)
{
	const struct crew_entry *e = entry_find(c, node);

	return e != NULL ? offset_to_node(&e->pub.clock.best, console_us) : console_us;
}

int64_t
crew_to_console(const struct crew *c, const char *node, int64_t node_us)
{
	const struct crew_entry *e = entry_find(c, node);

	return e != NULL ? offset_to_console(&e->pub.clock.best, node_us) : node_us;
}

void
crew_set_frame_sink(struct crew *c, void (*fn)(void *arg, const char *node, const char *jpeg, size_t len), void *arg)
{
	c->frame = fn;
	c->frame_arg = arg;
}
