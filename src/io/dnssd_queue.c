/*
 * dnssd_queue.c - which of the services waits for what, who is looked up next, and who goes when there are too many.
 * Anybody on the network may announce thousands of them: names that look alike wait in one lane, lanes take turns, and
 * within a lane the newest and the oldest do, so that a flood holds up nobody but itself.  Never asks anything.
 */
#include "io/dnssd_parts.h"

#include <string.h>

#define LOOK_BACK 8		/* of those that were asked lately */

/* ---- Lanes ---- */

static void
lanes_init(struct dnssd_lanes *l)
{
	for (int i = 0; i < DNSSD_LANES; i++)
		list_init(&l->lanes[i]);
}

static void
lanes_count(struct dnssd_lanes *l, const struct dnssd_service *s, int by)
{
	l->counts[s->lane] += by;
	l->count += by;
}

static void
lanes_put(struct dnssd_lanes *l, struct dnssd_service *s)
{
	lanes_count(l, s, 1);
	list_insert_tail(&l->lanes[s->lane], &s->link);
}

/* The oldest of the longest. */
static struct dnssd_service *
lanes_victim(struct dnssd_lanes *l)
{
	int longest = 0;

	for (int i = 1; i < DNSSD_LANES; i++)
		if (l->counts[i] > l->counts[longest])
			longest = i;
	return l->count == 0 ? NULL : LIST_ENTRY(l->lanes[longest].next, struct dnssd_service, link);
}

/* The newest in that lane that was asked before then, of the last few. */
static struct dnssd_service *
lane_newest(struct list *lane, int64_t before_us)
{
	struct list *it = lane->prev;

	for (int i = 0; i < LOOK_BACK && it != lane; i++, it = it->prev)
		if (LIST_ENTRY(it, struct dnssd_service, link)->tried_us <= before_us)
			return LIST_ENTRY(it, struct dnssd_service, link);
	return NULL;
}

static struct dnssd_service *
lane_oldest(struct list *lane, int64_t before_us)
{
	struct dnssd_service *s = LIST_ENTRY(lane->next, struct dnssd_service, link);

	return list_is_empty(lane) || s->tried_us > before_us ? NULL : s;
}

/* The lanes take turns. */
static struct dnssd_service *
lanes_next(struct dnssd_lanes *l, unsigned turn, int64_t before_us)
{
	for (unsigned i = 0; i < DNSSD_LANES && l->count > 0; i++) {
		struct list *lane = &l->lanes[(l->next + i) % DNSSD_LANES];
		struct dnssd_service *s = turn % 2 == 0 ? lane_newest(lane, before_us) : lane_oldest(lane, before_us);

		if (s == NULL)
			continue;
		l->next = (l->next + i + 1) % DNSSD_LANES;
		return s;
	}
	return NULL;
}

/* ---- Queues ---- */

void
dnssd_queue_init(struct dnssd_browse *b)
{
	lanes_init(&b->fresh);
	lanes_init(&b->second);
	list_init(&b->failed);
	list_init(&b->known);
	for (int i = 0; i < DNSSD_FAMILIES; i++)
		list_init(&b->wanted[i]);
	list_init(&b->bare);
	list_init(&b->asked);
}

/* "cam 1" and "cam 17" are of different lanes, "cam 17" and "cam 99" of one. */
static uint8_t
lane_of(const char *instance)
{
	uint32_t hash = 2166136261u ^ (uint32_t)strlen(instance);

	for (int i = 0; i < 3 && instance[i] != '\0'; i++)
		hash = (hash ^ (unsigned char)instance[i]) * 16777619u;
	return (uint8_t)((hash ^ hash >> 16) % DNSSD_LANES);
}

static void
queue_take(struct dnssd_browse *b, struct dnssd_service *s)
{
	if (s->stage == DNSSD_FRESH)
		lanes_count(&b->fresh, s, -1);
	if (s->stage == DNSSD_SECOND)
		lanes_count(&b->second, s, -1);
	list_remove(&s->link);
}

void
dnssd_queue_put(struct dnssd_browse *b, struct dnssd_service *s, enum dnssd_stage stage)
{
	queue_take(b, s);
	s->stage = (uint8_t)stage;
	switch (stage) {
	case DNSSD_FRESH:
		s->lane = lane_of(s->instance);
		s->tried_us = 0;
		lanes_put(&b->fresh, s);
		break;
	case DNSSD_SECOND:
		lanes_put(&b->second, s);
		break;
	case DNSSD_FAILED:
		list_insert_tail(&b->failed, &s->link);
		break;
	case DNSSD_KNOWN:
		list_insert_tail(&b->known, &s->link);
		break;
	case DNSSD_LOOKED_UP:
	case DNSSD_OUT:
		break;
	}
}

void
dnssd_queue_hurry(struct dnssd_browse *b, struct dnssd_service *s)
{
	if (s->stage != DNSSD_KNOWN)
		return;
	s->tried_us -= DNSSD_TXT_AGAIN_US;
	list_remove(&s->link);
	list_insert_tail(b->known.next, &s->link);
}

struct dnssd_service *
dnssd_queue_next(struct dnssd_browse *b, int64_t now_us)
{
	unsigned turn = b->picks++;
	struct dnssd_service *s = turn / 2 % 2 == 0 ? lanes_next(&b->second, turn, now_us - DNSSD_SECOND_US) : NULL;

	if (s == NULL)
		s = lanes_next(&b->fresh, turn, now_us);
	return s != NULL ? s : lanes_next(&b->second, 1, now_us - DNSSD_SECOND_US);
}

int64_t
dnssd_queue_next_us(const struct dnssd_browse *b, int64_t now_us)
{
	int64_t first_us = INT64_MAX;

	if (b->fresh.count > 0)
		return now_us;
	for (int i = 0; i < DNSSD_LANES && b->second.count > 0; i++) {
		const struct list *lane = &b->second.lanes[i];
		int64_t at_us = list_is_empty(lane) ? INT64_MAX : LIST_ENTRY(lane->next, struct dnssd_service, link)->tried_us + DNSSD_SECOND_US;

		first_us = at_us < first_us ? at_us : first_us;
	}
	return first_us;
}

struct dnssd_host *
dnssd_queue_wanted(struct dnssd_browse *b, enum dnssd_family family)
{
	struct list *hosts = &b->wanted[family];
	struct list *link = b->turns++ % 2 == 0 ? hosts->prev : hosts->next;

	return list_is_empty(hosts) ? NULL : LIST_ENTRY(link - family, struct dnssd_host, wanted);
}

/* ---- Too many ---- */

/* In the order in which the hosts came: of equals the newest. */
static void
find_busiest(void *arg, const char *key, void *value)
{
	struct dnssd_host **busiest = arg, *h = value;

	(void)key;
	if (*busiest == NULL || h->service_count >= (*busiest)->service_count)
		*busiest = h;
}

/*
 * What never answered goes first, then what was never asked.  Of those that are known the newest of the host with
 * the most: whoever came first, and alone, is more likely a camera.
 */
struct dnssd_service *
dnssd_queue_victim(struct dnssd_browse *b)
{
	struct dnssd_service *s;
	struct dnssd_host *h = NULL;

	if (!list_is_empty(&b->failed))
		return LIST_ENTRY(b->failed.next, struct dnssd_service, link);
	s = lanes_victim(b->second.count > 0 ? &b->second : &b->fresh);
	if (s != NULL)
		return s;
	map_each(b->hosts, find_busiest, &h);
	return h == NULL ? NULL : LIST_ENTRY(h->services.prev, struct dnssd_service, of_host);
}
