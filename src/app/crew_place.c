/*
 * crew_place.c - owns how a member's addresses are merged, ordered by path and handed to its conn.
 * Never opens or closes a conn.
 */
#include "app/crew_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

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

/* The cable or the same machine before the detour through Tailscale. */
int
crew_place_rank(enum registry_path path)
{
	return path == PATH_TAILSCALE ? 1 : path == PATH_URL ? 2 : 0;
}

static int
by_preference(const void *left, const void *right)
{
	const struct registry_address *a = left, *b = right;

	if (crew_place_rank(a->kind) != crew_place_rank(b->kind))
		return crew_place_rank(a->kind) - crew_place_rank(b->kind);
	if (a->in_use != b->in_use)
		return a->in_use ? -1 : 1;
	return a->seen_us > b->seen_us ? -1 : a->seen_us < b->seen_us;
}

/* FNV-1a over the places themselves: an address that was only seen again changes nothing. */
static uint32_t
sum_places(const struct registry_node *n)
{
	uint32_t sum = 0;

	for (int i = 0; i < n->address_count; i++) {
		const struct registry_address *a = &n->addresses[i];
		uint32_t h = 2166136261u ^ (uint32_t)a->port;

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

/* The place longest unseen makes room, unless it is in use or somebody wished for it. */
static void
drop_oldest_place(struct registry_node *n)
{
	struct registry_address *oldest = NULL;

	for (int i = 0; i < n->address_count; i++) {
		struct registry_address *a = &n->addresses[i];

		if (!a->in_use && (a->via & VIA_MANUAL) == 0 && (oldest == NULL || a->seen_us < oldest->seen_us))
			oldest = a;
	}
	if (oldest != NULL)
		crew_place_drop(n, oldest);
}

void
crew_place_add(struct crew_entry *e, const struct registry_address *a)
{
	struct registry_node *n = e->pub.node;
	const bool is_new = crew_place_in(n, a) == NULL;

	if (is_new && n->address_count == MAX_NODE_ADDRESSES)
		drop_oldest_place(n);
	registry_add_address(n, a);
	if (is_new)
		bus_tell(e->crew->bus, EV_MANIFEST_DIRTY, n->id, "address");
}

void
crew_place_mark(struct crew_entry *e, const struct registry_address *at, bool is_up)
{
	struct registry_node *n = e->pub.node;
	bool is_news = false;

	for (int i = 0; i < n->address_count; i++) {
		const bool in_use = is_up && at != NULL && crew_place_is_same(&n->addresses[i], at);

		is_news |= in_use && !n->addresses[i].in_use;
		n->addresses[i].in_use = in_use;
	}
	if (is_news)
		bus_tell(e->crew->bus, EV_MANIFEST_DIRTY, n->id, "path");
}
