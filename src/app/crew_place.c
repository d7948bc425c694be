/*
 * crew_place.c - owns a member's addresses: how they are merged, what is known of each, which one makes room, in what
 * order they are handed to its conn.  Never opens or closes a conn, never chooses the one in use (io/conn.h does).
 */
#include "app/crew_private.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/pathrank.h"
#include "io/netif.h"

#define UNPROVEN_MOST 6
#define USELESS_US 600000000LL	/* unheard for so long an address is given up, while the node is live on another */

bool
crew_place_is_same(const struct registry_address *a, const struct registry_address *b)
{
	return a->port == b->port && str_equal_nocase(a->host, b->host) && strcmp(a->url, b->url) == 0;
}

struct registry_address *
crew_place_in(struct registry_node *n, const struct registry_address *a)
{
	for (int i = 0; i < n->address_count; i++)
		if (crew_place_is_same(&n->addresses[i], a))
			return &n->addresses[i];
	return NULL;
}

void
crew_place_drop(struct registry_node *n, struct registry_address *a)
{
	struct registry_address *end = &n->addresses[n->address_count];

	memmove(a, a + 1, (size_t)(end - (a + 1)) * sizeof *a);
	n->address_count--;
}

static int
by_preference(const void *left, const void *right)
{
	return pathrank_order(left, right);
}

/* The kernel says by which interface it is reached; of a name it cannot be said. */
void
crew_place_learn(struct registry_address *a)
{
	struct netif_way way;

	if (a != NULL && a->url[0] == '\0' && a->kind == PATH_LAN)
		a->wireless = netif_way_to(a->host, &way) && way.wireless;
}

/* FNV-1a over the places themselves: an address that was only seen or heard again changes nothing. */
static uint32_t
sum_places(const struct registry_node *n)
{
	uint32_t sum = 0;

	for (int i = 0; i < n->address_count; i++) {
		const struct registry_address *a = &n->addresses[i];
		uint32_t h = 2166136261u ^ (uint32_t)a->port ^ (a->wireless ? 0x10000u : 0);

		for (const char *p = a->host; *p != '\0'; p++)
			h = (h ^ (unsigned char)*p) * 16777619u;
		for (const char *p = a->url; *p != '\0'; p++)
			h = (h ^ (unsigned char)*p) * 16777619u;
		sum += h | 1;
	}
	return sum;
}

void
crew_place_give(struct crew_entry *e)
{
	const struct registry_node *n = e->pub.node;
	const uint32_t sum = sum_places(n);
	struct registry_address *sorted;

	if (n->address_count == 0 || sum == e->given)
		return;
	sorted = xcalloc((size_t)n->address_count, sizeof *sorted);
	memcpy(sorted, n->addresses, (size_t)n->address_count * sizeof *sorted);
	qsort(sorted, (size_t)n->address_count, sizeof *sorted, by_preference);
	e->given = sum;
	conn_set_addresses(e->link->conn, sorted, n->address_count);
	free(sorted);
}

/* ---- Coming and going ---- */

static int64_t
last_us(const struct registry_address *a)
{
	return a->answered_us > a->seen_us ? a->answered_us : a->seen_us;
}

/* Smaller: sooner given up.  One that has answered in this run is worth more than any that has not. */
static int
worth(const struct registry_address *a)
{
	if (a->in_use || (a->via & VIA_MANUAL) != 0)
		return 4;
	if (a->answered_us > 0)
		return a->failures == 0 ? 3 : 2;
	return a->failures == 0 ? 1 : 0;
}

static void
make_room(struct registry_node *n)
{
	struct registry_address *least = NULL;

	for (int i = 0; i < n->address_count; i++) {
		struct registry_address *a = &n->addresses[i];

		if (worth(a) == 4)
			continue;
		if (least == NULL || worth(a) < worth(least) || (worth(a) == worth(least) && last_us(a) < last_us(least)))
			least = a;
	}
	if (least != NULL)
		crew_place_drop(n, least);
}

/*
 * A record names the member; anybody can publish such records, by the thousand.  A few unproven addresses are given to the
 * member's conn at once, all others have to answer as candidates first.
 */
bool
crew_place_may_add(const struct crew_entry *e, const struct registry_address *a)
{
	const struct registry_node *n = e->pub.node;
	int unproven = 0;

	for (int i = 0; i < n->address_count; i++) {
		if (crew_place_is_same(&n->addresses[i], a))
			return true;
		unproven += n->addresses[i].answered_us == 0;
	}
	return unproven < UNPROVEN_MOST;
}

void
crew_place_add(struct crew_entry *e, const struct registry_address *a)
{
	struct registry_node *n = e->pub.node;
	struct registry_address *mine = crew_place_in(n, a);
	const bool is_new = mine == NULL;

	if (is_new && n->address_count == MAX_NODE_ADDRESSES)
		make_room(n);
	if (!registry_add_address(n, a))
		return;
	mine = crew_place_in(n, a);
	if (a->answered_us > mine->answered_us) {
		mine->answered_us = a->answered_us;
		mine->failures = 0;
	}
	if (!is_new)
		return;
	crew_place_learn(mine);
	e->places_us = crew_now_us(e->crew);
	bus_tell(e->crew->bus, EV_MANIFEST_DIRTY, n->id, "address");
}

/* An address that means something beyond the device itself; one of this machine only beside another of this machine. */
static bool
is_worth_telling(const char *host, enum registry_path beside)
{
	static const unsigned char nowhere[16] = { 0 };
	unsigned char b[16] = { 0 };

	if (registry_path_of(host) == PATH_LOOPBACK)
		return beside == PATH_LOOPBACK;
	if (inet_pton(AF_INET, host, b) == 1)
		return b[0] != 0 && b[0] < 224 && !(b[0] == 169 && b[1] == 254);
	if (inet_pton(AF_INET6, host, b) == 1)
		return memcmp(b, nowhere, sizeof b) != 0 && b[0] != 0xff && !(b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
	return false;
}

/*
 * Not sightings: nobody saw the node there yet.  An address that another node has, or where somebody else was met
 * already, is left out: every container host says that it has the same bridge's address.
 */
void
crew_place_told(struct crew_entry *e, const struct node_info *info, const struct registry_address *at)
{
	struct registry_node *n = e->pub.node;

	if (at->url[0] != '\0' || n->view_only)
		return;
	for (int i = 0; i < info->path_count && i < NODE_PATHS && !e->is_forgotten; i++) {
		struct registry_address a = { .port = at->port, .via = at->via & ~(unsigned)VIA_MANUAL, .rtt_us = -1 };
		const struct registry_node *other;

		str_copy(a.host, sizeof a.host, info->paths[i]);
		other = registry_by_address(e->crew->reg, a.host, a.port, "");
		if (other != NULL || seen_find(e->crew->seen, &a) != NULL || !is_worth_telling(a.host, registry_path_of(at->host)))
			continue;
		if (n->address_count < MAX_NODE_ADDRESSES)
			crew_place_add(e, &a);
	}
}

static bool
is_useless(const struct crew_entry *e, const struct registry_address *a, int64_t now_us)
{
	const bool is_announced = (a->via & VIA_BONJOUR) != 0 && a->seen_us > 0;

	return !a->in_use && (a->via & VIA_MANUAL) == 0 && !is_announced && now_us - last_us(a) > USELESS_US &&
	    now_us - e->places_us > USELESS_US;
}

void
crew_place_tidy(struct crew_entry *e)
{
	const int64_t now_us = crew_now_us(e->crew);
	struct registry_node *n = e->pub.node;
	const int before = n->address_count;
	bool has_used = false;

	for (int i = 0; i < n->address_count; i++)
		has_used |= n->addresses[i].in_use;
	if (!has_used || e->pub.link != HEALTH_LIVE || now_us - e->pub.link_since_us < USELESS_US)
		return;
	for (int i = n->address_count - 1; i >= 0; i--)
		if (is_useless(e, &n->addresses[i], now_us))
			crew_place_drop(n, &n->addresses[i]);
	if (n->address_count == before)
		return;
	crew_link_update(e);
	crew_place_say_why(e);
	bus_tell(e->crew->bus, EV_MANIFEST_DIRTY, n->id, "address");
}

/* It answered there as itself: whoever had this address has it no more (a lease has moved). */
void
crew_place_claim(struct crew *c, const char *node, const struct registry_address *a)
{
	for (size_t i = 0; i < registry_count(c->reg); i++) {
		struct registry_node *n = registry_at(c->reg, i);
		struct registry_address *theirs = crew_place_in(n, a);
		struct crew_entry *other = theirs != NULL && strcmp(n->id, node) != 0 ? crew_entry_find(c, n->id) : NULL;

		if (other == NULL)
			continue;
		crew_place_drop(n, theirs);
		crew_place_say_why(other);
		crew_link_update(other);
	}
}

void
crew_place_changed(struct crew_entry *e)
{
	for (int i = 0; i < e->pub.node->address_count; i++)
		crew_place_learn(&e->pub.node->addresses[i]);
	if (e->link != NULL)
		crew_place_give(e);
}

/* ---- What the conn finds out ---- */

void
crew_place_say_why(struct crew_entry *e)
{
	const struct registry_node *n = e->pub.node;

	e->pub.path_why = "";
	for (int i = 0; i < n->address_count; i++)
		if (n->addresses[i].in_use)
			e->pub.path_why = pathrank_why(&n->addresses[i], n->addresses, n->address_count);
}

/* The one in use, or none: true when it is another one than before. */
static bool
mark(struct registry_node *n, const struct registry_address *at, bool is_up)
{
	bool is_news = false;

	for (int i = 0; i < n->address_count; i++) {
		const bool in_use = is_up && at != NULL && crew_place_is_same(&n->addresses[i], at);

		is_news |= in_use && !n->addresses[i].in_use;
		n->addresses[i].in_use = in_use;
	}
	return is_news;
}

void
crew_place_mark(struct crew_entry *e, const struct registry_address *at, bool is_up)
{
	if (mark(e->pub.node, at, is_up))
		bus_tell(e->crew->bus, EV_MANIFEST_DIRTY, e->pub.node->id, "path");
	if (!e->is_forgotten)
		crew_place_say_why(e);
}

void
crew_place_path(void *arg, struct conn *conn, const struct conn_path *p)
{
	struct crew_link *l = arg;
	struct crew_entry *e = l->entry;
	struct registry_address *place;
	bool was_used;

	if (l->dead || e == NULL)
		return;
	place = crew_place_in(e->pub.node, &p->at);
	if (place == NULL)
		return;		/* given up meanwhile */
	was_used = place->in_use;
	if (p->answered && place->answered_us == 0)
		crew_place_claim(l->crew, e->pub.node->id, place);
	place->failures = p->answered ? 0 : p->at.failures;
	if (p->answered)
		place->answered_us = p->at.answered_us > 0 ? p->at.answered_us : crew_now_us(l->crew);
	if (p->at.rtt_us > 0)
		place->rtt_us = p->at.rtt_us;
	if (p->in_use)
		crew_place_mark(e, &p->at, true);
	else
		crew_place_say_why(e);
	if (p->in_use && !was_used && !e->is_forgotten)
		bus_tell(l->crew->bus, EV_NODE_STATE, e->pub.node->id, "%s", e->pub.why);
	(void)conn;
	crew_same_look(l->crew);
}
