/*
 * crew_link.c - owns the conns: opens one per candidate, learns who answers, gives each member one conn and all
 * its addresses.  What conns say goes on in crew_news.c.  Never judges silence (crew_judge.c).
 */
#include "app/crew_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define GRAVE_SLACK_US 200000
#define ALL_VIAS (VIA_BONJOUR | VIA_MDNS_NAME | VIA_SWEEP | VIA_MANUAL | VIA_REMEMBERED)
#define STAYING_VIAS (VIA_MANUAL | VIA_REMEMBERED)	/* somebody wished for these; discovery never crowds them out */

bool
crew_link_is_down(const struct crew_link *l)
{
	switch (conn_state(l->conn)) {
	case CONN_IDLE: case CONN_PROBING: case CONN_BACKOFF: case CONN_CLOSED:
		return true;
	default:
		return false;
	}
}

/* ---- A link's life ---- */

static const struct conn_fns link_fns;

static struct crew_link *
link_open(struct crew *c)
{
	struct crew_link *l = xcalloc(1, sizeof *l);

	l->crew = c;
	l->conn = conn_new(c->loop, c->http, &c->conf, &link_fns, l);
	list_insert_tail(&c->links, &l->link);
	return l;
}

void
crew_link_free(struct crew_link *l)
{
	l->dead = true;
	list_remove(&l->link);
	conn_free(l->conn);
	free(l);
}

/*
 * A conn is never freed inside one of its own callbacks, and one that served a member still owes
 * answers to commands: it rests unheard until they have come.
 */
void
crew_link_bury(struct crew_link *l)
{
	struct crew *c = l->crew;

	if (l->dead)
		return;
	l->dead = true;
	l->buried_us = crew_now_us(c);
	if (l->entry != NULL) {
		conn_preview(l->conn, 0, 0, 0);
		l->buried_us += c->conf.ack_timeout_us + GRAVE_SLACK_US;
		if (l->entry->link == l)
			l->entry->link = NULL;
		l->entry = NULL;
	}
	list_remove(&l->link);
	list_insert_tail(&c->graves, &l->link);
	loop_timer_start(c->loop, c->grave_timer, 0, 0);
}

static void
free_forgotten(struct crew *c)
{
	LIST_EACH_SAFE(it, tmp, &c->forgotten) {
		struct crew_entry *e = LIST_ENTRY(it, struct crew_entry, grave);

		list_remove(&e->grave);
		free(e);
	}
}

void
crew_link_exhume(void *arg)
{
	struct crew *c = arg;
	const int64_t now_us = crew_now_us(c);
	int64_t next_us = INT64_MAX;

	free_forgotten(c);
	LIST_EACH_SAFE(it, tmp, &c->graves) {
		struct crew_link *l = LIST_ENTRY(it, struct crew_link, link);

		if (l->buried_us <= now_us)
			crew_link_free(l);
	}
	LIST_EACH(it, &c->graves) {	/* a second look: the last words of the freed may have buried others */
		struct crew_link *l = LIST_ENTRY(it, struct crew_link, link);

		if (l->buried_us < next_us)
			next_us = l->buried_us;
	}
	if (next_us != INT64_MAX)
		loop_timer_start(c->loop, c->grave_timer, next_us > now_us ? next_us - now_us : 0, 0);
}

/* ---- Candidates ---- */

struct crew_link *
crew_link_pending(struct crew *c, const struct registry_address *a)
{
	LIST_EACH(it, &c->links) {
		struct crew_link *l = LIST_ENTRY(it, struct crew_link, link);

		if (l->entry == NULL && crew_place_is_same(&l->address, a))
			return l;
	}
	return NULL;
}

/* A network full of false sightings must not crowd out the rest: the oldest unanswered one makes room. */
static bool
make_room(struct crew *c)
{
	struct crew_link *oldest = NULL;
	int count = 0;

	LIST_EACH(it, &c->links) {
		struct crew_link *l = LIST_ENTRY(it, struct crew_link, link);

		if (l->entry != NULL)
			continue;
		count++;
		if (oldest == NULL && (l->address.via & STAYING_VIAS) == 0)
			oldest = l;
	}
	if (count < MAX_NODES)
		return true;
	if (oldest == NULL)
		return false;
	crew_link_bury(oldest);
	return true;
}

struct crew_link *
crew_link_try(struct crew *c, const struct registry_address *a)
{
	struct crew_link *l;

	if (!make_room(c))
		return NULL;
	l = link_open(c);
	l->address = *a;
	conn_set_addresses(l->conn, &l->address, 1);
	return l;
}

void
crew_link_describe(const struct crew_link *l, char *out, size_t out_size)
{
	const struct registry_address *a = &l->address;
	const char *why = conn_why(l->conn)[0] != '\0' ? conn_why(l->conn) : "being tried";
	char place[sizeof a->url];

	registry_place(a, place, sizeof place);
	if (strncmp(why, place, strlen(place)) == 0)
		str_copy(out, out_size, why);
	else
		snprintf(out, out_size, "%s: %s", place, why);
}

/* Whoever typed an address is told once that nobody answers there. */
static void
tell_failed(struct crew_link *l)
{
	char what[MAX_TEXT_FIELD];

	if (l->failed_told || (l->address.via & VIA_MANUAL) == 0)
		return;
	l->failed_told = true;
	crew_link_describe(l, what, sizeof what);
	bus_tell(l->crew->bus, EV_NOTICE, NULL, "%s; it is tried again", what);
}

/* ---- A member and its conn ---- */

void
crew_link_update(struct crew_entry *e)
{
	if (e->pub.node->address_count == 0)
		return;
	if (e->link == NULL) {
		e->given = 0;
		e->link = link_open(e->crew);
		e->link->entry = e;
	}
	crew_place_give(e);
}

void
crew_link_sight(struct crew_entry *e, const struct registry_address *a)
{
	crew_place_add(e, a);
	crew_link_update(e);
	if (e->link != NULL && crew_link_is_down(e->link))
		conn_nudge(e->link->conn);
}

/* Another camera answers at this place now (a lease was given anew): the place is no longer this member's. */
static void
link_leave(struct crew_link *l, const struct registry_address *at)
{
	struct crew_entry *e = l->entry;
	struct registry_address *place = crew_place_in(e->pub.node, at);

	log_line(LOG_CONN, "%s: another camera answers at %s", registry_name(e->pub.node), at->host);
	if (place != NULL)
		crew_place_drop(e->pub.node, place);
	l->entry = NULL;
	e->link = NULL;
	e->pub.conn = CONN_IDLE;
	str_copy(e->pub.why, sizeof e->pub.why, "another camera answers at its address");
	bus_tell(l->crew->bus, EV_MANIFEST_DIRTY, e->pub.node->id, "address");
	crew_link_update(e);
	bus_tell(l->crew->bus, EV_NODE_STATE, e->pub.node->id, "%s", e->pub.why);
}

/* Two conns reached one device: the newcomer is kept only if it is the only one up, or on the better path. */
static bool
newcomer_wins(const struct crew_link *old, const struct registry_address *at)
{
	const struct registry_address *has = conn_address(old->conn);

	return crew_link_is_down(old) || has == NULL || crew_place_rank(at->kind) < crew_place_rank(has->kind);
}

/* Which of the two conns stays is settled here; false: it was not this one. */
static bool
link_join(struct crew_link *l, struct crew_entry *e, const struct registry_address *at)
{
	if (e->link == l)
		return true;
	if (e->link != NULL && !newcomer_wins(e->link, at)) {
		crew_link_bury(l);
		return false;
	}
	if (e->link != NULL)
		crew_link_bury(e->link);
	e->link = l;
	e->given = 0;
	l->entry = e;
	e->pub.conn = conn_state(l->conn);
	e->pub.why[0] = '\0';
	return true;
}

/* ---- What the conns say ---- */

static bool
is_news(const struct node_info *old, const struct node_info *now)
{
	return strcmp(old->device_name, now->device_name) != 0 || strcmp(old->model, now->model) != 0 ||
	    strcmp(old->role, now->role) != 0 || strcmp(old->software, now->software) != 0 ||
	    old->camera_count != now->camera_count || old->mic != now->mic || old->pose != now->pose ||
	    old->torch != now->torch || old->screen != now->screen || old->claim.held != now->claim.held ||
	    strcmp(old->claim.sphere, now->claim.sphere) != 0;
}

/* The sightings so far were of this place: say so on the member's address. */
static void
add_vias(struct crew_link *l, struct registry_node *n, const struct registry_address *at)
{
	struct registry_address *place = crew_place_in(n, at);

	if (place == NULL)
		return;
	place->via |= (l->entry == NULL ? l->address.via : 0) & ALL_VIAS;
	if (place->seen_us < l->address.seen_us)
		place->seen_us = l->address.seen_us;
}

static void
tell_identified(struct crew_entry *e, bool is_new, bool is_changed)
{
	struct crew *c = e->crew;
	struct bus_event ev = { .kind = EV_NODE_SEEN, .node = e->pub.node->id };

	if (is_new)
		bus_say(c->bus, &ev);
	if (is_new || is_changed) {
		ev.kind = EV_NODE_INFO;
		ev.data = &e->pub.node->info;
		bus_say(c->bus, &ev);
		bus_tell(c->bus, EV_MANIFEST_DIRTY, e->pub.node->id, "info");
	}
	if (is_new)
		bus_tell(c->bus, EV_CREW_CHANGED, e->pub.node->id, "seen");
	crew_typed_look(c);
}

/* A second device with the id of one that is up (a copied memory card, or worse): it neither renames nor joins it. */
static bool
is_double(const struct crew_link *l, const struct registry_node *n, const struct node_info *info, const struct registry_address *at)
{
	const struct crew_entry *e = n != NULL ? map_get(l->crew->entries, n->id) : NULL;

	return l->entry == NULL && e != NULL && e->link != NULL && !newcomer_wins(e->link, at) &&
	    (strcmp(n->info.device_name, info->device_name) != 0 || strcmp(n->info.model, info->model) != 0);
}

static void
link_double(struct crew_link *l, const struct registry_node *n, const struct registry_address *at)
{
	char place[MAX_TEXT_FIELD];

	registry_place(at, place, sizeof place);
	bus_tell(l->crew->bus, EV_NOTICE, NULL, "%s is another device with the id of %s: give one of them an id of its own",
	    place, registry_name(n));
	crew_link_bury(l);
}

static void
link_full(struct crew_link *l, const struct node_info *info)
{
	bus_tell(l->crew->bus, EV_NOTICE, NULL, "no room for %s: %d cameras are the most one console keeps",
	    info->device_name, MAX_NODES);
	crew_link_bury(l);
}

static void
link_identified(void *arg, struct conn *conn, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	struct crew_link *l = arg;
	const struct registry_node *before;
	struct registry_node *n;
	struct crew_entry *e;
	bool is_new = false, is_changed, is_mine;

	(void)conn;
	if (l->dead)
		return;
	before = info->id[0] != '\0' ? registry_find(l->crew->reg, info->id) : NULL;
	if (is_double(l, before, info, at)) {
		link_double(l, before, at);
		return;
	}
	is_changed = before != NULL && is_news(&before->info, info);
	n = registry_identify(l->crew->reg, info, at, &is_new);
	if (n == NULL) {
		link_full(l, info);
		return;
	}
	n->view_only = view_only;
	add_vias(l, n, at);
	e = crew_entry_of(l->crew, n);
	if (l->entry != NULL && l->entry != e)
		link_leave(l, at);
	is_mine = link_join(l, e, at);
	crew_link_update(e);
	tell_identified(e, is_new, is_changed);
	if (!is_mine || view_only || e->is_forgotten)
		return;
	health_heard(&e->pub.track, crew_now_us(l->crew));
	crew_judge_entry(e);
}

static void
link_state(void *arg, struct conn *conn, enum conn_state state, const char *why)
{
	struct crew_link *l = arg;
	struct crew_entry *e = l->entry;
	const bool is_up = state == CONN_LIVE || state == CONN_POLLING || state == CONN_VIEWING;

	if (!l->dead && e == NULL && state == CONN_BACKOFF)
		tell_failed(l);
	if (l->dead || e == NULL)
		return;
	e->pub.conn = state;
	str_copy(e->pub.why, sizeof e->pub.why, why);
	if (is_up || state == CONN_BACKOFF)
		crew_place_mark(e, conn_address(conn), is_up);
	if (is_up)
		crew_judge_hello(e);
	crew_judge_entry(e);
	if (!e->is_forgotten)
		bus_tell(l->crew->bus, EV_NODE_STATE, e->pub.node->id, "%s", e->pub.why);
}

static const struct conn_fns link_fns = {
	.identified = link_identified,
	.state = link_state,
	.heard = crew_news_heard,
	.event = crew_news_event,
	.clock = crew_news_clock,
	.frame = crew_news_frame,
	.picture_trouble = crew_news_picture_trouble,
	.recordings = crew_news_recordings,
};
