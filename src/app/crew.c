/*
 * crew.c - owns the members: makes them of what the registry knows, turns sightings into candidates, answers
 * look-ups.  Owner of every conn (crew_link.c); tells the rest over the bus.  Never draws, never sends a command.
 */
#include "app/crew_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/prefetch.h"
#include "base/str.h"
#include "base/xalloc.h"

#define IDLE_US 6000000		/* a contract node says something every 5 s at least */
#define TIDY_EVERY_US 30000000

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

struct crew_entry *
crew_entry_find(const struct crew *c, const char *node)
{
	return node != NULL ? map_get(c->entries, node) : NULL;
}

struct crew_entry *
crew_entry_of(struct crew *c, struct registry_node *n)
{
	struct crew_entry *e = crew_entry_find(c, n->id);

	if (e != NULL)
		return e;
	e = xcalloc(1, sizeof *e);
	e->crew = c;
	e->pub.node = n;
	e->pub.link = HEALTH_NEVER;
	e->pub.link_since_us = crew_now_us(c);
	e->pub.path_why = "";
	e->pub.was_remembered = n->known;
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
	struct crew_entry *e = crew_entry_find(c, node);
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
	crew_same_flag(c, id);
	bus_say(c->bus, &gone);
	bus_tell(c->bus, EV_CREW_CHANGED, id, "forgotten");
	bus_tell(c->bus, EV_MANIFEST_DIRTY, id, "forgotten");
}

/* ---- Birth and death ---- */

void
crew_entry_free(struct crew_entry *e)
{
	free(e->pub.health_json);
	free(e);
}

static void
collect(void *arg, const char *key, void *value)
{
	struct crew_entry ***end = arg;

	(void)key;
	*(*end)++ = value;
}

static void
each_entry(struct crew *c, void (*fn)(struct crew_entry *e))
{
	struct crew_entry **all = xcalloc(map_count(c->entries) + 1, sizeof *all), **end = all;

	map_each(c->entries, collect, &end);
	for (struct crew_entry **e = all; e < end; e++)
		if (!(*e)->is_forgotten)	/* who is, is freed in a later turn */
			fn(*e);
	free(all);
}

static void
tidy_entry(struct crew_entry *e)
{
	crew_place_tidy(e);
	if (e->pub.node->conflict)
		crew_same_flag(e->crew, e->pub.node->id);
}

static void
tidy(void *arg)
{
	struct crew *c = arg;

	each_entry(c, tidy_entry);
	seen_tidy(c->seen, crew_now_us(c));
}

static void
suspect(struct crew_entry *e)
{
	crew_place_changed(e);
	if (e->link == NULL)
		return;
	conn_suspect(e->link->conn);
	if (e->link != NULL && crew_link_is_down(e->link))
		conn_nudge(e->link->conn);
}

void
crew_network_changed(struct crew *c)
{
	each_entry(c, suspect);
	crew_seen_network_changed(c);
}

static void
add_remembered(struct crew *c)
{
	for (size_t i = 0; i < registry_count(c->reg); i++) {
		struct crew_entry *e = crew_entry_of(c, registry_at(c->reg, i));

		crew_place_changed(e);
		crew_link_update(e);
	}
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
	c->services = map_new();
	c->seen = seen_new();
	list_init(&c->links);
	list_init(&c->graves);
	list_init(&c->forgotten);
	list_init(&c->origins);
	c->judge_timer = loop_timer_new(loop, crew_judge_all, c);
	c->grave_timer = loop_timer_new(loop, crew_link_exhume, c);
	c->try_timer = loop_timer_new(loop, crew_seen_pump, c);
	c->same_timer = loop_timer_new(loop, crew_same_timer, c);
	c->tidy_timer = loop_timer_new(loop, tidy, c);
	loop_timer_start(loop, c->tidy_timer, TIDY_EVERY_US, TIDY_EVERY_US);
	read_settings(c);
	crew_link_pace(c);
	bus_listen(bus, EV_SETTING_CHANGED, setting_changed, c);
	add_remembered(c);
	return c;
}

static void
entry_free(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	crew_entry_free(value);
}

static void
free_all_links(struct list *head)
{
	while (!list_is_empty(head))
		crew_link_free(LIST_ENTRY(head->next, struct crew_link, link));
}

void
crew_free(struct crew *c)
{
	if (c == NULL)
		return;
	crew_source_close_all(c);
	crew_typed_free(c);
	bus_unlisten(c->bus, setting_changed, c);
	free_all_links(&c->links);
	free_all_links(&c->graves);
	loop_timer_free(c->loop, c->judge_timer);
	loop_timer_free(c->loop, c->grave_timer);
	loop_timer_free(c->loop, c->try_timer);
	loop_timer_free(c->loop, c->same_timer);
	loop_timer_free(c->loop, c->tidy_timer);
	seen_free(c->seen);
	LIST_EACH_SAFE(it, tmp, &c->forgotten)
		crew_entry_free(LIST_ENTRY(it, struct crew_entry, grave));
	map_each(c->entries, entry_free, NULL);
	map_free(c->entries);
	free(c);
}

/* ---- Addresses ---- */

void
crew_add_address(struct crew *c, const struct registry_address *a)
{
	struct registry_address now = *a;

	now.seen_us = crew_now_us(c);
	now.rtt_us = -1;
	crew_sight(c, &now, NULL, NULL);
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
	const struct crew_entry *e = crew_entry_find(c, node);

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

struct conn *
crew_conn(struct crew *c, const char *node)
{
	const struct crew_entry *e = crew_entry_find(c, node);

	return e != NULL && e->link != NULL ? e->link->conn : NULL;
}

void
crew_conns(const struct crew *c, const char (*nodes)[ID_BYTES], int count, struct conn **out)
{
	const struct crew_entry *entries[MAX_NODES];

	XASSERT(count <= MAX_NODES);
	for (int i = 0; i < count; i++)
		map_prefetch(c->entries, nodes[i]);
	for (int i = 0; i < count; i++) {
		entries[i] = crew_entry_find(c, nodes[i]);
		if (entries[i] != NULL)
			prefetch(&entries[i]->link, sizeof entries[i]->link);
	}
	for (int i = 0; i < count; i++)
		if (entries[i] != NULL)
			prefetch(entries[i]->link, 1);
	for (int i = 0; i < count; i++)
		out[i] = entries[i] != NULL && entries[i]->link != NULL ? entries[i]->link->conn : NULL;
}

/* ---- What others learnt about a member ---- */

void
crew_said(struct crew *c, const char *node, const struct node_health *health)
{
	struct crew_entry *e = crew_entry_find(c, node);
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
	struct crew_entry *e = crew_entry_find(c, node);

	if (e == NULL)
		return;
	str_copy(e->decode_trouble, sizeof e->decode_trouble, why);
	crew_news_trouble(e);
}

int64_t
crew_to_node(const struct crew *c, const char *node, int64_t console_us)
{
	const struct crew_entry *e = crew_entry_find(c, node);

	return e != NULL ? offset_to_node(&e->pub.clock.best, console_us) : console_us;
}

int64_t
crew_to_console(const struct crew *c, const char *node, int64_t node_us)
{
	const struct crew_entry *e = crew_entry_find(c, node);

	return e != NULL ? offset_to_console(&e->pub.clock.best, node_us) : node_us;
}

void
crew_compare_clock(struct crew *c, const char *node)
{
	struct conn *conn = crew_conn(c, node);

	if (conn != NULL)
		conn_ask_clock(conn);
}

void
crew_ask_info(struct crew *c, const char *node)
{
	struct conn *conn = crew_conn(c, node);

	if (conn != NULL)
		conn_ask_info(conn);
}

void
crew_answered(struct crew *c, const char *node, int64_t took_us)
{
	struct crew_entry *e = crew_entry_find(c, node);

	if (e != NULL)
		reach_heard(&e->pub.reach, took_us);
}

void
crew_set_frame_sink(struct crew *c, void (*fn)(void *arg, const char *node, const char *jpeg, size_t len), void *arg)
{
	c->frame = fn;
	c->frame_arg = arg;
}
