/*
 * dnssd_queue.c - which of the services waits for what, who is looked up next, and who goes when there are too many.
 * Anybody on the network may announce thousands of them: names that look alike wait in one lane, lanes take turns, and
 * within a lane the newest and the oldest do, so that a flood holds up nobody but itself.  Never asks anything.
 */
#include "io/dnssd_parts.h"

#include <string.h>

void
dnssd_queue_init(struct dnssd_browse *b)
{
	for (int i = 0; i < DNSSD_LANES; i++)
		list_init(&b->fresh[i]);
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
	if (s->stage == DNSSD_FRESH && !list_is_empty(&s->link)) {
		b->fresh_count--;
		b->lane_counts[s->lane]--;
	}
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
		b->fresh_count++;
		b->lane_counts[s->lane]++;
		list_insert_tail(&b->fresh[s->lane], &s->link);
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
dnssd_queue_fresh(struct dnssd_browse *b)
{
	for (int i = 0; i < DNSSD_LANES; i++) {
		struct list *lane = &b->fresh[(b->next_lane + (unsigned)i) % DNSSD_LANES];

		if (list_is_empty(lane))
			continue;
		b->next_lane = (b->next_lane + (unsigned)i + 1) % DNSSD_LANES;
		return LIST_ENTRY(b->turns++ % 2 == 0 ? lane->prev : lane->next, struct dnssd_service, link);
	}
	return NULL;
}

struct dnssd_host *
dnssd_queue_wanted(struct dnssd_browse *b, enum dnssd_family family)
{
	struct list *hosts = &b->wanted[family];
	struct list *link = b->turns++ % 2 == 0 ? hosts->prev : hosts->next;

	return list_is_empty(hosts) ? NULL : LIST_ENTRY(link - family, struct dnssd_host, wanted);
}

/* ---- Too many ---- */

static struct dnssd_service *
longest_lane(struct dnssd_browse *b)
{
	int longest = 0;

	for (int i = 1; i < DNSSD_LANES; i++)
		if (b->lane_counts[i] > b->lane_counts[longest])
			longest = i;
	return b->lane_counts[longest] == 0 ? NULL : LIST_ENTRY(b->fresh[longest].next, struct dnssd_service, link);
}

static struct dnssd_host *
busiest(struct list *hosts, struct dnssd_host *so_far)
{
	LIST_EACH(it, hosts) {
		struct dnssd_host *h = LIST_ENTRY(it, struct dnssd_host, link);

		if (so_far == NULL || h->service_count >= so_far->service_count)
			so_far = h;
	}
	return so_far;
}

/*
 * What never answered goes first, then what was never asked.  Of those that are known the newest of the host with
 * the most: whoever came first, and alone, is more likely a camera.
 */
struct dnssd_service *
dnssd_queue_victim(struct dnssd_browse *b)
{
	struct dnssd_service *s;
	struct dnssd_host *h;

	if (!list_is_empty(&b->failed))
		return LIST_ENTRY(b->failed.next, struct dnssd_service, link);
	s = longest_lane(b);
	if (s != NULL)
		return s;
	h = busiest(&b->asked, busiest(&b->bare, NULL));
	return h == NULL ? NULL : LIST_ENTRY(h->services.prev, struct dnssd_service, of_host);
}
