/*
 * mdns_ask.c - which questions are owed, and when: in rounds that slow down, then by the minute; as many as fit in a packet,
 * a packet at a time.  Small questions go out for a unicast answer; where that would be too small for what there is to
 * say (a legacy answer has 512 bytes), or got none, the same is asked from port 5353.  Knows no socket.
 */
#include "io/mdns_private.h"

#include <stdlib.h>
#include <string.h>

#define PUMP_GAP_US 10000		/* between packets */
#define PUMP_SLOW_GAP_US 50000		/* in the long run: a flood of instances does not become one of questions ... */
#define PUMP_AHEAD_US MDNS_SECOND_US	/* ... but this much of it may be used at once */
#define ANEW_GAP_US MDNS_SECOND_US
#define OLD_US (50 * MDNS_SECOND_US)	/* a piece that was not heard for this long is asked for again by the minute */
#define ASKED_JUST_NOW_US 500000
#define MAX_KNOWN 48			/* answers listed in one packet */
#define UNICAST_QUERY_BYTES 280		/* the answer repeats the questions, and has to fit in 512 bytes with them */
#define ASKED_TYPES 64
#define MANY 16				/* instances of a type: more than a unicast answer has room for */

/* Before the step of that number. */
static const int64_t delays_us[MDNS_STEPS] = { 0, 1 * MDNS_SECOND_US, 2 * MDNS_SECOND_US, 4 * MDNS_SECOND_US, 8 * MDNS_SECOND_US,
	16 * MDNS_SECOND_US };
/* The first about an instance waits for what is on its way already: a daemon of many services takes its time over them. */
#define UNICAST_DELAY_US 20000
#define MULTICAST_DELAY_US 250000

/* Two packets in the making, for one destination. */
struct batch {
	struct mdns_query unicast, multicast;
	struct mdns_way way;
	bool has_way, is_full;
	const struct mdns_type *types[ASKED_TYPES];	/* asked by multicast: what is known of them is said */
	int type_count;
};

/* ---- What is owed ---- */

void
mdns_ask_init(struct mdns_ask *a, enum mdns_ask_kind kind, int steps)
{
	list_init(&a->link);
	a->kind = kind;
	a->steps = steps;
	a->step = 0;
	a->is_last = false;
}

void
mdns_ask_stop(struct mdns_ask *a)
{
	list_remove(&a->link);
}

static void
pump_at(struct mdns *m, int64_t at_us)
{
	if (at_us < m->pumped_us + PUMP_GAP_US)
		at_us = m->pumped_us + PUMP_GAP_US;
	if (at_us < m->paced_us - PUMP_AHEAD_US)
		at_us = m->paced_us - PUMP_AHEAD_US;
	if (m->pump_at_us != 0 && m->pump_at_us <= at_us)
		return;
	m->pump_at_us = at_us;
	loop_timer_start_at(m->loop, m->pump, at_us);
}

static void
owe(struct mdns *m, struct mdns_ask *a, int step)
{
	static const int groups[] = { [MDNS_ASK_CENSUS] = 0, [MDNS_ASK_TYPE] = 0, [MDNS_ASK_HOST] = 1, [MDNS_ASK_INSTANCE] = 2 };
	int64_t delay_us = delays_us[step];
	int group = groups[a->kind];

	if (a->kind == MDNS_ASK_INSTANCE && step == 0) {
		bool unicast = LIST_ENTRY(a, struct mdns_instance, ask)->by_unicast;

		delay_us = unicast ? UNICAST_DELAY_US : MULTICAST_DELAY_US;
		group += !unicast;
	}
	list_remove(&a->link);
	a->step = step;
	a->due_us = mdns_now(m) + delay_us;
	list_insert_tail(&m->asks[group * MDNS_STEPS + step], &a->link);
	pump_at(m, a->due_us);
}

void
mdns_ask_start(struct mdns *m, struct mdns_ask *a)
{
	a->is_last = false;
	owe(m, a, 0);
}

/* It was asked: when next? */
static void
ask_advance(struct mdns *m, struct mdns_ask *a)
{
	list_remove(&a->link);
	if (!a->is_last && a->step + 1 < a->steps)
		owe(m, a, a->step + 1);
	else
		a->is_last = true;
}

static bool
is_old(struct mdns *m, int64_t heard_us)
{
	return heard_us == 0 || mdns_now(m) - heard_us > OLD_US;
}

unsigned
mdns_ask_needs(struct mdns *m, const struct mdns_instance *i)
{
	bool fresh = i->type->wanted;
	int64_t heard_us = 0;
	unsigned needs = 0;

	if (i->srv.heard_us == 0 || i->srv.bye || i->ptr.bye || (fresh && is_old(m, i->srv.heard_us)))
		needs |= MDNS_NEED_SRV;
	if (i->txt.heard_us == 0 || i->txt.bye || (fresh && is_old(m, i->txt.heard_us)))
		needs |= MDNS_NEED_TXT;
	if (i->host == NULL)
		return needs;
	for (int k = 0; k < i->host->address_count; k++)
		if (i->host->addresses[k].heard_us > heard_us && !i->host->addresses[k].bye)
			heard_us = i->host->addresses[k].heard_us;
	if (heard_us == 0 || (fresh && is_old(m, heard_us)))
		needs |= MDNS_NEED_ADDRESS;
	return needs;
}

/* ---- Into a packet ---- */

static bool
has_room(const struct mdns_query *q, size_t bytes)
{
	return q->room - q->len >= bytes;
}

static void
put_type(struct batch *b, const struct mdns_type *t, bool multicast)
{
	mdns_query_ask(multicast ? &b->multicast : &b->unicast, t->wire, MDNS_PTR, !multicast);
	if (multicast && b->type_count < ASKED_TYPES)
		b->types[b->type_count++] = t;
}

static void
put_host(struct mdns *m, struct mdns_query *q, struct mdns_host *h, bool unicast)
{
	if (h->queried_us != 0 && mdns_now(m) - h->queried_us < ASKED_JUST_NOW_US)
		return;
	h->queried_us = mdns_now(m);
	mdns_query_ask(q, h->wire, MDNS_A, unicast);
	mdns_query_ask(q, h->wire, MDNS_AAAA, unicast);
}

static void
put_instance(struct mdns *m, struct mdns_query *q, const struct mdns_instance *i, bool unicast)
{
	unsigned needs = mdns_ask_needs(m, i);

	if ((needs & MDNS_NEED_SRV) != 0)
		mdns_query_ask(q, i->wire, MDNS_SRV, unicast);
	if ((needs & MDNS_NEED_TXT) != 0)
		mdns_query_ask(q, i->wire, MDNS_TXT, unicast);
	/* the answer to SRV brings the address along */
	if ((needs & MDNS_NEED_ADDRESS) != 0 && ((needs & MDNS_NEED_SRV) == 0 || i->ask.step > 1))
		put_host(m, q, i->host, unicast);
}

static void
put(struct mdns *m, struct batch *b, struct mdns_ask *a, bool multicast)
{
	struct mdns_query *q = multicast ? &b->multicast : &b->unicast;

	switch (a->kind) {
	case MDNS_ASK_CENSUS:
		mdns_query_ask(q, MDNS_CENSUS_WIRE, MDNS_PTR, !multicast);
		break;
	case MDNS_ASK_TYPE:
		put_type(b, LIST_ENTRY(a, struct mdns_type, ask), multicast);
		break;
	case MDNS_ASK_HOST:
		put_host(m, q, LIST_ENTRY(a, struct mdns_host, ask), !multicast);
		break;
	case MDNS_ASK_INSTANCE:
		put_instance(m, q, LIST_ENTRY(a, struct mdns_instance, ask), !multicast);
		break;
	}
}

/* At most: a name whole and then pointed at, for each question; compression only ever makes it less. */
static size_t
ask_bytes(const struct mdns_ask *a)
{
	const struct mdns_instance *i;

	switch (a->kind) {
	case MDNS_ASK_CENSUS:
		return sizeof MDNS_CENSUS_WIRE + 4;
	case MDNS_ASK_TYPE:
		return strlen(LIST_ENTRY(a, const struct mdns_type, ask)->wire) + 5;
	case MDNS_ASK_HOST:
		return strlen(LIST_ENTRY(a, const struct mdns_host, ask)->wire) + 11;
	case MDNS_ASK_INSTANCE:
		i = LIST_ENTRY(a, const struct mdns_instance, ask);
		return strlen(i->wire) + 11 + (i->host != NULL ? strlen(i->host->wire) + 11 : 0);
	}
	return 0;
}

/* By turns for a unicast answer and for all to hear.  A daemon of many services labours over a unicast answer, only to leave
 * most of them out: then it is not asked that way. */
static bool
is_multicast(const struct mdns *m, const struct mdns_ask *a)
{
	if (a->kind == MDNS_ASK_TYPE && LIST_ENTRY(a, const struct mdns_type, ask)->count > MANY)
		return m->is_listening;
	return m->is_listening && ((a->is_last ? m->minutes : (unsigned)a->step) & 1) != 0;
}

/* The way that it would go: an instance is asked about where it was heard, then everywhere. */
static struct mdns_way
ask_way(const struct mdns *m, const struct mdns_ask *a)
{
	struct mdns_way way = { .multicast = is_multicast(m, a) };
	const struct mdns_instance *i;

	if (a->kind == MDNS_ASK_INSTANCE && a->step < 2 && !a->is_last) {
		i = LIST_ENTRY(a, const struct mdns_instance, ask);
		way.index = i->index;
		way.family = i->family;
	}
	return way;
}

/* False: it has another destination, or there is no room. */
static bool
batch_add(struct mdns *m, struct batch *b, struct mdns_ask *a)
{
	struct mdns_way way = ask_way(m, a);
	size_t bytes = ask_bytes(a);
	bool both = m->is_listening && a->step == 0 && !a->is_last && (a->kind == MDNS_ASK_TYPE || a->kind == MDNS_ASK_CENSUS);

	if (b->has_way && (b->way.index != way.index || b->way.family != way.family))
		return false;
	if (!way.multicast && b->unicast.questions > 0 && !has_room(&b->unicast, bytes)) {
		if (!m->is_listening)
			b->is_full = true;
		way.multicast = m->is_listening;
	}
	b->is_full = b->is_full || ((way.multicast || both) && !has_room(&b->multicast, bytes));
	if (b->is_full)
		return false;
	put(m, b, a, way.multicast);
	if (both && !way.multicast)
		put(m, b, a, true);
	b->way = way;
	b->has_way = true;
	return true;
}

/* RFC 6762 section 7.1: what is known by its real TTL, and has half of it left, need not be said again. */
static bool
is_known(const struct batch *b, const struct mdns_instance *i, int64_t now_us, uint32_t *left_s)
{
	int64_t left_us = i->ptr.heard_us + (int64_t)i->ptr_ttl_s * MDNS_SECOND_US - now_us;
	bool asked = false;

	for (int k = 0; k < b->type_count && !asked; k++)
		asked = b->types[k] == i->type;
	if (!asked || i->ptr.heard_us == 0 || i->ptr.bye || left_us <= 0 || left_us < (int64_t)i->ptr_ttl_s * (MDNS_SECOND_US / 2))
		return false;
	*left_s = (uint32_t)(left_us / MDNS_SECOND_US);
	return i->ptr_ttl_s > 0;
}

static void
batch_add_known(struct mdns *m, struct batch *b)
{
	int64_t now_us = mdns_now(m);
	uint32_t left_s;

	for (int class = MDNS_CLASSES; class-- > 0 && b->type_count > 0;) {
		LIST_EACH(it, &m->instance_lists[class]) {
			const struct mdns_instance *i = LIST_ENTRY(it, const struct mdns_instance, link);

			if (is_known(b, i, now_us, &left_s) && (b->multicast.answers >= MAX_KNOWN
			    || !mdns_query_known(&b->multicast, i->type->wire, i->wire, left_s)))
				return;
		}
	}
}

static void
batch_send(struct mdns *m, struct batch *b)
{
	b->way.multicast = true;
	batch_add_known(m, b);
	if (b->multicast.questions > 0)
		m->send(m, &b->multicast, &b->way);
	b->way.multicast = false;
	if (b->unicast.questions > 0)
		m->send(m, &b->unicast, &b->way);
}

/* ---- When ---- */

/* True: the answer came meanwhile. */
static bool
is_settled(struct mdns *m, const struct mdns_ask *a)
{
	return a->kind == MDNS_ASK_INSTANCE && mdns_ask_needs(m, LIST_ENTRY(a, const struct mdns_instance, ask)) == 0;
}

/* Those of one step that are due, as far as there is room; false: some had to stay. */
static bool
batch_fill(struct mdns *m, struct batch *b, struct list *asks, int64_t now_us)
{
	bool all = true;

	LIST_EACH_SAFE(it, tmp, asks) {
		struct mdns_ask *a = LIST_ENTRY(it, struct mdns_ask, link);

		if (a->due_us > now_us || b->is_full)
			return all && !b->is_full;
		if (is_settled(m, a))
			mdns_ask_stop(a);
		else if (batch_add(m, b, a))
			ask_advance(m, a);
		else
			all = false;
	}
	return all;
}

static void
on_pump(void *arg)
{
	struct mdns *m = arg;
	int64_t now_us = mdns_now(m);
	struct batch b = { 0 };
	bool all = true;

	m->pump_at_us = INT64_MIN;	/* what is owed meanwhile is seen to below */
	mdns_query_open(&b.unicast, m->id, UNICAST_QUERY_BYTES);
	mdns_query_open(&b.multicast, 0, MDNS_QUERY_BYTES);
	for (int k = 0; k < MDNS_ASK_LISTS; k++)
		all = batch_fill(m, &b, &m->asks[k], now_us) && all;
	batch_send(m, &b);
	m->pumped_us = now_us;
	m->paced_us = (m->paced_us > now_us ? m->paced_us : now_us) + PUMP_SLOW_GAP_US;
	m->pump_at_us = 0;
	if (!all)
		pump_at(m, now_us);
	for (int k = 0; k < MDNS_ASK_LISTS; k++)
		if (!list_is_empty(&m->asks[k]))
			pump_at(m, LIST_ENTRY(m->asks[k].next, struct mdns_ask, link)->due_us);
}

/* What was asked and answered in time is asked once; what never was gets no round of its own again. */
static void
by_the_minute(struct mdns *m, struct mdns_instance *i)
{
	if (!list_is_empty(&i->ask.link) || mdns_ask_needs(m, i) == 0 || (i->ask.is_last && !i->type->wanted))
		return;
	owe(m, &i->ask, 1);	/* a second later: the answer to its type may do */
}

static void
on_minute(void *arg)
{
	struct mdns *m = arg;

	m->minutes++;
	if (mdns_sock_follow(m))
		mdns_ask_all(m);
	LIST_EACH(it, &m->type_list) {
		struct mdns_type *t = LIST_ENTRY(it, struct mdns_type, link);

		if (t->wanted && list_is_empty(&t->ask.link))
			owe(m, &t->ask, 0);
	}
	LIST_EACH(it, &m->host_lists[MDNS_HOST_ASKED]) {
		struct mdns_host *h = LIST_ENTRY(it, struct mdns_host, link);

		if (list_is_empty(&h->ask.link))
			owe(m, &h->ask, 0);
	}
	for (int class = 0; class < MDNS_CLASSES; class++)
		LIST_EACH(it, &m->instance_lists[class])
			by_the_minute(m, LIST_ENTRY(it, struct mdns_instance, link));
}

void
mdns_ask_all(struct mdns *m)
{
	/* an interface that comes and goes all the time does not fill the network with questions */
	int step = m->anew_us != 0 && mdns_now(m) - m->anew_us < ANEW_GAP_US ? 1 : 0;

	m->anew_us = mdns_now(m);
	LIST_EACH(it, &m->type_list) {
		struct mdns_type *t = LIST_ENTRY(it, struct mdns_type, link);

		t->ask.is_last = false;
		owe(m, &t->ask, step);
	}
	LIST_EACH(it, &m->host_lists[MDNS_HOST_ASKED]) {
		struct mdns_host *h = LIST_ENTRY(it, struct mdns_host, link);

		h->ask.is_last = false;
		h->queried_us = 0;
		owe(m, &h->ask, step);
	}
}

void
mdns_ask_open(struct mdns *m)
{
	for (int k = 0; k < MDNS_ASK_LISTS; k++)
		list_init(&m->asks[k]);
	mdns_ask_init(&m->census, MDNS_ASK_CENSUS, 2);
	m->pump = loop_timer_new(m->loop, on_pump, m);
	m->minute = loop_timer_new(m->loop, on_minute, m);
	loop_timer_start(m->loop, m->minute, MDNS_MINUTE_US, MDNS_MINUTE_US);
}

void
mdns_ask_close(struct mdns *m)
{
	mdns_ask_stop(&m->census);
	loop_timer_free(m->loop, m->pump);
	loop_timer_free(m->loop, m->minute);
}
