/*
 * crew_link.c - owns the conns: opens one for each candidate whose turn it is, gives each member one conn and all its
 * addresses.  What conns say goes on in crew_news.c.  Never decides who is whom (crew_same.c), never judges silence.
 */
#include "app/crew_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define GRAVE_SLACK_US 200000
/*
 * How often absent nodes are tried: soon enough that one is back about 3 s after it answers (the rest varies by 25 %), and
 * no more than these packets a second for all of them; an attempt costs an absent neighbour 3 ARP questions in 2 s.
 */
#define REST_LEAST_US 2400000
#define REST_MOST_US 10000000
#define ATTEMPT_US 2000000
#define ATTEMPT_PACKETS 3
#define ABSENT_PACKETS_A_SECOND 11

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

struct crew_link *
crew_link_open(struct crew *c)
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
	crew_same_end(l);
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
	crew_same_end(l);
	if (l->place != NULL)
		l->place->owner = NULL;
	l->place = NULL;
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
		crew_entry_free(e);
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

/* The more addresses stay silent, the longer each may rest. */
void
crew_link_pace(struct crew *c)
{
	int64_t addresses = 0, rest_us;

	LIST_EACH(it, &c->links) {
		const struct crew_link *l = LIST_ENTRY(it, struct crew_link, link);

		if (crew_link_is_down(l))
			addresses += l->entry != NULL ? l->entry->pub.node->address_count : 1;
	}
	rest_us = addresses * ATTEMPT_PACKETS * 1000000 / ABSENT_PACKETS_A_SECOND - ATTEMPT_US;
	if (rest_us < REST_LEAST_US)
		rest_us = REST_LEAST_US;
	c->conf.backoff_most_us = rest_us < REST_MOST_US ? rest_us : REST_MOST_US;
}

/* ---- Members ---- */

void
crew_link_update(struct crew_entry *e)
{
	if (e->is_forgotten || e->pub.node->address_count == 0)
		return;
	if (e->link == NULL) {
		e->given = 0;
		e->link = crew_link_open(e->crew);
		e->link->entry = e;
	}
	crew_place_give(e);
}

void
crew_link_sight(struct crew_entry *e, const struct registry_address *a)
{
	if (e->is_forgotten)	/* by a listener, in the midst of the news that led here */
		return;
	crew_place_add(e, a);
	crew_link_update(e);
	if (e->link != NULL && crew_link_is_down(e->link))
		conn_nudge(e->link->conn);
}

void
crew_link_leave(struct crew_link *l, const struct registry_address *at, const char *why)
{
	struct crew_entry *e = l->entry;
	struct registry_address *place = crew_place_in(e->pub.node, at);

	log_line(LOG_CONN, "%s: %s: %s", registry_name(e->pub.node), why, at->host);
	if (place != NULL)
		crew_place_drop(e->pub.node, place);
	crew_link_bury(l);
	crew_place_mark(e, NULL, false);
	e->pub.conn = CONN_IDLE;
	str_copy(e->pub.why, sizeof e->pub.why, why);
	bus_tell(e->crew->bus, EV_MANIFEST_DIRTY, e->pub.node->id, "address");
	crew_link_update(e);
	if (!e->is_forgotten)
		bus_tell(e->crew->bus, EV_NODE_STATE, e->pub.node->id, "%s", e->pub.why);
}

/* ---- What the conns say ---- */

static bool
is_news(const struct node_info *old, const struct node_info *now)
{
	return strcmp(old->device_name, now->device_name) != 0 || strcmp(old->model, now->model) != 0 ||
	    strcmp(old->role, now->role) != 0 || strcmp(old->software, now->software) != 0 ||
	    old->camera_count != now->camera_count || old->mic != now->mic || old->pose != now->pose ||
	    old->torch != now->torch || old->screen != now->screen || old->claim.held != now->claim.held ||
	    strcmp(old->claim.sphere, now->claim.sphere) != 0 || strcmp(old->claim.name, now->claim.name) != 0 ||
	    strcmp(old->claim.director, now->claim.director) != 0;
}

/* Any listener may forget the member it hears of. */
static void
tell(struct crew_entry *e, enum event_kind kind, const void *data, const char *text)
{
	struct bus_event ev = { .kind = kind, .data = data, .text = text };
	char id[ID_BYTES];

	if (e->is_forgotten)
		return;
	str_copy(id, sizeof id, e->pub.node->id);
	ev.node = id;
	bus_say(e->crew->bus, &ev);
}

static void
tell_identified(struct crew_entry *e, bool is_new, bool is_changed)
{
	if (is_new)
		tell(e, EV_NODE_SEEN, NULL, NULL);
	if ((is_new || is_changed) && !e->is_forgotten) {
		tell(e, EV_NODE_INFO, &e->pub.node->info, NULL);
		tell(e, EV_MANIFEST_DIRTY, NULL, "info");
	}
	if (is_new)
		tell(e, EV_CREW_CHANGED, NULL, "seen");
	crew_typed_look(e->crew);
}

/* What this answer says about the member, and that it is on the line. */
static void
link_heard(struct crew_entry *e, bool is_new, bool is_changed)
{
	tell_identified(e, is_new, is_changed);
	if (e->is_forgotten || e->pub.node->view_only)
		return;
	health_heard(&e->pub.track, crew_now_us(e->crew));
	crew_judge_entry(e);
	if (!e->is_forgotten)
		crew_same_flag(e->crew, e->pub.node->id);
}

struct crew_entry *
crew_link_adopt(struct crew_link *l, const char *id, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	struct crew *c = l->crew;
	struct registry_address place = *at;
	bool is_new = false;
	struct registry_node *n;
	struct crew_entry *e;

	if (l->place != NULL) {		/* how it was found so far */
		place.via |= l->place->address.via;
		place.seen_us = l->place->address.seen_us > place.seen_us ? l->place->address.seen_us : place.seen_us;
	}
	place.answered_us = crew_now_us(c);
	crew_place_claim(c, id, at);
	n = registry_identify_as(c->reg, id, info, &place, &is_new);
	if (n == NULL)
		return NULL;
	n->view_only = view_only;
	e = crew_entry_of(c, n);
	crew_same_end(l);
	seen_drop(c->seen, l->place);
	l->place = NULL;
	l->entry = e;
	e->link = l;
	e->given = 0;
	e->pub.conn = conn_state(l->conn);
	e->pub.why[0] = '\0';
	crew_place_learn(crew_place_in(n, at));
	crew_place_told(e, info, at);
	crew_link_update(e);
	loop_timer_start(c->loop, c->try_timer, 0, 0);	/* its turn is over */
	link_heard(e, is_new, is_new);
	return e;
}

/* A member's conn answered as itself: perhaps with news of it, perhaps at another of its addresses. */
static void
link_confirmed(struct crew_link *l, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	struct crew_entry *e = l->entry;
	const bool is_changed = is_news(&e->pub.node->info, info);
	struct seen_place *rumour = seen_find(l->crew->seen, at);
	bool is_new = false;

	if (rumour != NULL)
		crew_seen_forget(l->crew, rumour);
	crew_place_claim(l->crew, e->pub.node->id, at);
	(void)registry_identify_as(l->crew->reg, e->pub.node->id, info, at, &is_new);
	e->pub.node->view_only = view_only;
	crew_place_told(e, info, at);
	crew_link_update(e);
	link_heard(e, is_new, is_changed);
}

static void
link_identified(void *arg, struct conn *conn, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	struct crew_link *l = arg;

	(void)conn;
	if (l->dead)
		return;
	if (l->entry == NULL)
		crew_same_candidate(l, info, at, view_only);
	else if (crew_same_member(l, info, at) && !l->dead)
		link_confirmed(l, info, at, view_only);
}

/* Somebody else answers at an address that was this member's: he is asked on a conn of his own who he is. */
static void
link_stranger(void *arg, struct conn *conn, const struct conn_stranger_news *s)
{
	struct crew_link *l = arg;
	struct crew_entry *e = l->entry;
	struct registry_address *place, at = s->at;

	(void)conn;
	if (l->dead || e == NULL)
		return;
	place = crew_place_in(e->pub.node, &s->at);
	if (place == NULL || place->in_use)
		return;		/* whoever answers at the address in use says so by an /info of its own */
	at.via = place->via;
	at.seen_us = place->seen_us;
	crew_place_drop(e->pub.node, place);
	bus_tell(l->crew->bus, EV_MANIFEST_DIRTY, e->pub.node->id, "address");
	crew_link_update(e);
	crew_seen_apart(l->crew, &at);
}

static void
link_state(void *arg, struct conn *conn, enum conn_state state, const char *why)
{
	struct crew_link *l = arg;
	struct crew_entry *e = l->entry;
	const bool is_up = state == CONN_LIVE || state == CONN_POLLING || state == CONN_VIEWING;

	if (!l->dead && l->place != NULL && state == CONN_BACKOFF)
		crew_seen_failed(l);
	if (state == CONN_BACKOFF)
		crew_link_pace(l->crew);
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
	crew_same_look(l->crew);
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
	.path = crew_place_path,
	.stranger = link_stranger,
};
