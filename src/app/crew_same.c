/*
 * crew_same.c - owns the question who is whom: one device on several paths, a device that moved, a copied device with
 * the id of another (a conflict: both are usable, never merged).  Decides by the epoch of the device's clock, where there
 * is none by name and model; asks the member before it believes that there are two.  Never opens an address.
 */
#include "app/crew_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define CONTEST_US 2500000	/* who has not spoken by then is not there any more */
#define LOOK_US 250000
#define REFUTED_US 10000000	/* what a member's conn has said about an address holds for so long */
#define FULL_TOLD_US 60000000	/* that there is no room: not for each of thousands */
#define PRESENT_US 600000000LL	/* lost for longer is lost for good: no conflict with it */
#define FAMILY_MOST 16		/* members with one id; more are a flood */

struct crew_contest {			/* a candidate with the id of members that may be there still */
	struct node_info info;
	struct registry_address at;
	bool view_only;
	int64_t began_us;
};

struct family {
	const char *id;
	int count;
	struct crew_entry *members[FAMILY_MOST];
};

static void
collect(void *arg, const char *key, void *value)
{
	struct family *f = arg;

	if (f->count < FAMILY_MOST && registry_is_same_id(key, f->id))
		f->members[f->count++] = value;
}

/* Members with this id, stand-ins included; the device that had it first comes first. */
static void
family_of(const struct crew *c, const char *id, struct family *f)
{
	f->id = id;
	f->count = 0;
	map_each(c->entries, collect, f);
}

/* ---- Sightings ---- */

struct crew_entry *
crew_same_sighted(struct crew *c, const char *node, const struct registry_address *a)
{
	const struct registry_node *n = registry_by_address(c->reg, a->host, a->port, a->url);
	struct crew_entry *named = crew_entry_find(c, node), *there = n != NULL ? crew_entry_find(c, n->id) : NULL;
	struct family f;

	if (there != NULL && (named == NULL || registry_is_same_id(node, n->id)))
		return there;
	if (named == NULL)
		return NULL;
	family_of(c, node, &f);
	return f.count == 1 ? named : there;	/* of two with one id: it has to be asked, by whoever has the address */
}

/* ---- Who a candidate is ---- */

static const char *
epoch_of(const struct crew_entry *e)
{
	return e->link != NULL ? conn_epoch(e->link->conn) : "";
}

static bool
is_same_make(const struct crew_entry *e, const struct node_info *info)
{
	return strcmp(e->pub.node->info.device_name, info->device_name) == 0 && strcmp(e->pub.node->info.model, info->model) == 0;
}

/* One boot of one device has one epoch; where one has none, name and model decide (as in io/conn.h). */
static bool
is_same_device(const struct crew_entry *e, const char *epoch, const struct node_info *info)
{
	const char *has = epoch_of(e);

	return has[0] != '\0' && epoch[0] != '\0' ? strcmp(has, epoch) == 0 : is_same_make(e, info);
}

/* Nothing is heard of it, and its conn is not just about to try. */
static bool
is_away(const struct crew_entry *e)
{
	return e->link == NULL || e->pub.link == HEALTH_NEVER || conn_state(e->link->conn) == CONN_BACKOFF ||
	    (crew_link_is_down(e->link) && e->pub.link == HEALTH_LOST);
}

static struct crew_entry *
find_same(const struct family *f, const char *epoch, const struct node_info *info)
{
	for (int i = 0; i < f->count; i++)
		if (f->members[i]->link != NULL && is_same_device(f->members[i], epoch, info))
			return f->members[i];
	return NULL;
}

/* The member that is away and moved here; of several the one that looks like it. */
static struct crew_entry *
find_away(const struct family *f, const struct node_info *info)
{
	struct crew_entry *best = NULL;

	for (int i = 0; i < f->count; i++) {
		struct crew_entry *e = f->members[i];

		if (is_away(e) && (best == NULL || (is_same_make(e, info) && !is_same_make(best, info))))
			best = e;
	}
	return best;
}

/* The candidate is this member, found at one more address. */
static void
give(struct crew_link *l, struct crew_entry *e, const struct registry_address *at)
{
	struct crew *c = l->crew;
	struct registry_address place = *at;

	place.in_use = false;
	place.answered_us = crew_now_us(c);
	place.failures = 0;
	if (l->place != NULL) {
		place.via |= l->place->address.via;
		place.seen_us = l->place->address.seen_us;
		crew_seen_forget(c, l->place);
	} else {
		crew_link_bury(l);
	}
	crew_link_sight(e, &place);
	crew_typed_look(c);
}

/* Too many with one id, or no room: it is left alone for long. */
static void
refuse(struct crew_link *l, const char *why)
{
	struct crew *c = l->crew;
	struct seen_place *p = l->place;

	if (p == NULL) {
		crew_link_bury(l);
		return;
	}
	if (p->is_kept) {
		crew_seen_forget(c, p);
		return;
	}
	seen_stranger(c->seen, p, why, crew_now_us(c));
	crew_link_bury(l);
	loop_timer_start(c->loop, c->try_timer, 0, 0);
}

static void
adopt(struct crew_link *l, const char *id, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	struct crew *c = l->crew;

	if (crew_link_adopt(l, id, info, at, view_only) != NULL)
		return;
	if (c->full_told_us == 0 || crew_now_us(c) - c->full_told_us > FULL_TOLD_US) {
		c->full_told_us = crew_now_us(c);
		bus_tell(c->bus, EV_NOTICE, NULL, "no room for %s: %d cameras are the most one console keeps", info->device_name, MAX_NODES);
	}
	refuse(l, "there is no room for one more camera");
}

static void
adopt_clone(struct crew_link *l, const struct family *f, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	char id[ID_BYTES];

	if (f->count == FAMILY_MOST) {
		refuse(l, "too many devices have its id");
		return;
	}
	if (registry_find(l->crew->reg, f->id) == NULL)
		str_copy(id, sizeof id, f->id);		/* who had it was forgotten */
	else
		registry_clone_id(l->crew->reg, f->id, id);
	adopt(l, id, info, at, view_only);
}

/* ---- Contests: is the member there still? ---- */

void
crew_same_end(struct crew_link *l)
{
	if (l->contest == NULL)
		return;
	free(l->contest);
	l->contest = NULL;
	l->crew->contests--;
	if (l->place != NULL)
		l->place->is_held = false;
}

static void
contest_begin(struct crew_link *l, const struct family *f, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	struct crew *c = l->crew;

	if (l->contest != NULL) {	/* it says hello, too */
		l->contest->info = *info;
		return;
	}
	c->contests++;
	l->contest = xcalloc(1, sizeof *l->contest);
	*l->contest = (struct crew_contest){ .info = *info, .at = *at, .view_only = view_only, .began_us = crew_now_us(c) };
	if (l->place != NULL) {
		l->place->is_held = true;
		l->place->apart_us = crew_now_us(c);
	}
	log_line(LOG_CONN, "%s answers with the id of %s, which is asked whether it is there", at->host,
	    registry_name(f->members[0]->pub.node));
	for (int i = 0; i < f->count; i++)
		if (f->members[i]->link != NULL)
			conn_doubt(f->members[i]->link->conn);
	if (c->contests == 1)		/* else it runs already, and is not put off by a flood of them */
		loop_timer_start(c->loop, c->same_timer, LOOK_US, 0);
}

/* The first of the members that has not shown itself since; NULL: all are there. */
static struct crew_entry *
find_missing(const struct family *f, const struct crew_contest *t)
{
	for (int i = 0; i < f->count; i++)
		if (f->members[i]->pub.track.heard_us <= t->began_us)
			return f->members[i];
	return NULL;
}

static void
contest_look(struct crew_link *l)
{
	struct crew *c = l->crew;
	const struct crew_contest t = *l->contest;
	struct crew_entry *e;
	struct family f;
	char id[ID_BYTES];

	(void)ids_copy(id, t.info.id);
	family_of(c, id, &f);
	e = find_same(&f, conn_epoch(l->conn), &t.info);
	if (e == NULL)
		e = find_away(&f, &t.info);
	if (e == NULL && crew_now_us(c) - t.began_us >= CONTEST_US)
		e = find_missing(&f, &t);
	if (e != NULL)
		give(l, e, &t.at);
	else if (f.count == 0)
		adopt(l, id, &t.info, &t.at, t.view_only);
	else if (find_missing(&f, &t) == NULL)
		adopt_clone(l, &f, &t.info, &t.at, t.view_only);
}

/* Never inside a conn's callback: a member may be told to ask at a new address. */
void
crew_same_look(struct crew *c)
{
	if (c->contests > 0)
		loop_timer_start(c->loop, c->same_timer, 0, 0);
}

/* What comes of one contest may end others; a link that ends here is freed in a later turn. */
void
crew_same_timer(void *arg)
{
	struct crew *c = arg;
	const int count = c->contests;
	struct crew_link **all = xcalloc((size_t)count + 1, sizeof *all);
	int n = 0;

	LIST_EACH(it, &c->links) {
		struct crew_link *l = LIST_ENTRY(it, struct crew_link, link);

		if (l->contest != NULL && n < count)
			all[n++] = l;
	}
	for (int i = 0; i < n; i++)
		if (all[i]->contest != NULL)
			contest_look(all[i]);
	free(all);
	if (c->contests > 0)
		loop_timer_start(c->loop, c->same_timer, LOOK_US, 0);
}

/* ---- The answers of conns ---- */

/* Devices without an id are told apart by where they are, and are one when they have one epoch. */
static void
candidate_without_id(struct crew_link *l, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	const char *epoch = conn_epoch(l->conn);
	char id[ID_BYTES];
	struct crew_entry *e;

	LIST_EACH(it, &l->crew->links) {
		const struct crew_link *other = LIST_ENTRY(it, struct crew_link, link);

		if (epoch[0] == '\0' || other->entry == NULL || !other->entry->pub.node->flagged_no_id ||
		    strcmp(epoch, conn_epoch(other->conn)) != 0)
			continue;
		give(l, other->entry, at);
		return;
	}
	registry_stand_in(id, at);
	e = crew_entry_find(l->crew, id);
	if (e != NULL && e->link != NULL)
		give(l, e, at);
	else
		adopt(l, id, info, at, view_only);
}

/* The member's conn has just said that this is another device, and that it is there itself. */
static bool
is_refuted(const struct crew_link *l)
{
	return l->place != NULL && l->place->apart_us != 0 && crew_now_us(l->crew) - l->place->apart_us < REFUTED_US;
}

void
crew_same_candidate(struct crew_link *l, const struct node_info *info, const struct registry_address *at, bool view_only)
{
	struct crew_entry *e;
	struct family f;
	char id[ID_BYTES];

	if (!ids_copy(id, info->id)) {
		candidate_without_id(l, info, at, view_only);
		return;
	}
	family_of(l->crew, id, &f);
	e = find_same(&f, conn_epoch(l->conn), info);
	if (e == NULL)
		e = find_away(&f, info);
	if (e == NULL && f.count == 1 && !is_refuted(l))
		e = f.members[0];	/* its conn asks both, and calls a stranger who is one */
	if (e != NULL)
		give(l, e, at);
	else if (f.count == 0)
		adopt(l, id, info, at, view_only);
	else if (f.count == 1)
		adopt_clone(l, &f, info, at, view_only);
	else
		contest_begin(l, &f, info, at, view_only);
}

static bool
is_itself(const struct crew_entry *e, const struct node_info *info)
{
	char id[ID_BYTES];

	if (!ids_copy(id, info->id))
		return e->pub.node->flagged_no_id || registry_is_stand_in(e->pub.node->id);
	return registry_is_same_id(id, e->pub.node->id);
}

/* The other member with the same id that this device really is: both were remembered, or one was restarted unseen. */
static struct crew_entry *
find_twin(const struct crew_link *l)
{
	const char *epoch = conn_epoch(l->conn);
	struct family f;

	family_of(l->crew, l->entry->pub.node->id, &f);
	for (int i = 0; epoch[0] != '\0' && i < f.count; i++) {
		const struct crew_entry *e = f.members[i];

		if (e != l->entry && e->link != NULL && !crew_link_is_down(e->link) && strcmp(conn_epoch(e->link->conn), epoch) == 0)
			return f.members[i];
	}
	return NULL;
}

/* The stand-in was made for nobody: what it has goes to the member. */
static void
dissolve(struct crew_entry *stand_in, struct crew_entry *e)
{
	const int count = stand_in->pub.node->address_count;
	struct registry_address *all = xcalloc((size_t)count + 1, sizeof *all);
	char id[ID_BYTES];

	memcpy(all, stand_in->pub.node->addresses, (size_t)count * sizeof *all);
	str_copy(id, sizeof id, stand_in->pub.node->id);
	log_line(LOG_CONN, "%s is %s after all", id, e->pub.node->id);
	crew_forget(e->crew, id);
	for (int i = 0; i < count; i++) {
		all[i].in_use = false;
		crew_link_sight(e, &all[i]);
	}
	free(all);
}

/* One device, two members: the address is the other's, unless that one is but a stand-in made in this run. */
static bool
settle_twin(struct crew_link *l, struct crew_entry *twin, const struct registry_address *at)
{
	if (strchr(twin->pub.node->id, '#') != NULL && !twin->pub.was_remembered) {
		dissolve(twin, l->entry);
		return true;
	}
	crew_link_leave(l, at, "another camera with its id answers at its address");
	crew_link_sight(twin, at);
	return false;
}

bool
crew_same_member(struct crew_link *l, const struct node_info *info, const struct registry_address *at)
{
	struct crew *c = l->crew;
	struct registry_address place = *at;
	const struct registry_address *has = crew_place_in(l->entry->pub.node, at);
	struct crew_entry *twin;
	char id[ID_BYTES];

	place.in_use = false;
	if (has != NULL)
		place.via |= has->via;
	if (is_itself(l->entry, info)) {
		twin = find_twin(l);
		return twin == NULL || settle_twin(l, twin, &place);
	}
	str_copy(id, sizeof id, l->entry->pub.node->id);
	crew_link_leave(l, at, "another camera answers at its address");
	crew_same_flag(c, id);
	crew_seen_apart(c, &place);
	return false;
}

/* ---- Conflicts ---- */

static bool
is_present(const struct crew_entry *e, int64_t now_us)
{
	if (e->is_forgotten || e->pub.node->address_count == 0 || e->pub.link == HEALTH_NEVER)
		return false;
	return e->pub.link != HEALTH_LOST || now_us - e->pub.link_since_us < PRESENT_US;
}

static void
tell_conflict(struct crew_entry *e, const struct crew_entry *first)
{
	const struct registry_node *n = e->pub.node;
	char place[MAX_TEXT_FIELD] = "";

	if (n->address_count > 0)
		registry_place(&n->addresses[0], place, sizeof place);
	bus_tell(e->crew->bus, EV_NOTICE, n->id, "%s at %s has the same id as %s and is another device (a copy of it?): it is camera %d; "
	    "give one of them an id of its own", n->info.device_name, place, registry_name(first->pub.node), n->number);
}

static void
flag_one(struct crew_entry *e, const struct crew_entry *first, bool is_conflict)
{
	if (e->pub.node->conflict == is_conflict)
		return;
	e->pub.node->conflict = is_conflict;
	if (is_conflict && e != first && !first->is_forgotten)
		tell_conflict(e, first);
	if (!e->is_forgotten)
		bus_tell(e->crew->bus, EV_NODE_STATE, e->pub.node->id, "%s", e->pub.why);
}

void
crew_same_flag(struct crew *c, const char *id)
{
	const int64_t now_us = crew_now_us(c);
	char copy[ID_BYTES];
	struct family f;
	int present = 0;

	str_copy(copy, sizeof copy, id);
	family_of(c, copy, &f);
	for (int i = 0; i < f.count; i++)
		present += is_present(f.members[i], now_us);
	for (int i = 0; i < f.count; i++)
		if (!f.members[i]->is_forgotten)
			flag_one(f.members[i], f.members[0], present > 1 && is_present(f.members[i], now_us));
}
