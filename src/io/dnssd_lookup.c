/*
 * dnssd_lookup.c - the few questions that run at once: what an instance's port and TXT are, which addresses a host has.
 * Each costs a thread and a D-Bus connection, so there are never more than DNSSD_REFS, and only some are being opened
 * at the same time, since that blocks a worker.  Whoever does not answer makes room for whoever waits.
 */
#include "io/dnssd_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define OPENING 10			/* threads that may block at once */
#define RESTING 8			/* address questions left open */
#define HOST_LOOKUPS 10			/* at once, so that resolves go on beside them; and of these: */
#define IPV6_LOOKUPS 5			/* many hosts have none, and then nothing answers */
#define RESOLVE_US 6000000		/* the library gives up after 5 s */
#define ADDRESS_US 1000000		/* it never gives up */
#define IPV6_HURRIED_US 300000		/* of a host that has an address already, while other hosts wait */
#define LINGER_HURRIED_US 20000
#define LINGER_US 100000		/* after an address, for the others of its host */
#define CALM_US 100000			/* between two lookups of what was looked up before */
#define FRESH_US 20000			/* between two of what is new, but for the first so many: */
#define FRESH_BURST 1100
#define USUAL_US 5000			/* an answer out of the daemon's memory takes 1 to 5 ms */
#define PATIENCE_LEAST_US 40000
#define PATIENCE_MOST_US 300000
#define PATIENCE_CALM_US 500000		/* when only known ones wait */
#define NEVER_US INT64_MAX

void
dnssd_lookup_init(struct dnssd_browse *b)
{
	b->usual_us = USUAL_US;
	for (int i = 0; i < DNSSD_LOOKUPS; i++)
		b->lookups[i].browse = b;
}

void
dnssd_lookup_soon(struct dnssd_browse *b)
{
	loop_timer_start(b->loop, b->pump, 0, 0);
}

/* ---- Ends ---- */

static void
service_looked_up(struct dnssd_browse *b, struct dnssd_service *s)
{
	s->lookup = NULL;
	s->tried_us = loop_now_us(b->loop);
	if (s->host == NULL && s->vain < UINT8_MAX)
		s->vain++;
	dnssd_queue_put(b, s, s->host != NULL ? DNSSD_KNOWN : s->vain == 1 ? DNSSD_SECOND : DNSSD_FAILED);
}

void
dnssd_lookup_end(struct dnssd_lookup *l)
{
	struct dnssd_service *s;
	struct dnssd_host *h;

	if (l == NULL || l->ref == NULL)
		return;
	s = l->service;
	h = l->host;
	dnssd_ref_close(l->ref);
	l->ref = NULL;
	l->service = NULL;
	l->host = NULL;
	if (s != NULL)
		service_looked_up(l->browse, s);
	if (h != NULL) {
		h->lookups[l->family] = NULL;
		dnssd_host_asked(l->browse, h, l->family);
	}
	dnssd_lookup_soon(l->browse);
}

static int
count_resting(const struct dnssd_browse *b)
{
	int count = 0;

	for (int i = 0; i < DNSSD_LOOKUPS; i++)
		count += b->lookups[i].ref != NULL && b->lookups[i].is_resting;
	return count;
}

static void
lookup_over(struct dnssd_lookup *l)
{
	if (l->host == NULL || !l->is_answered || count_resting(l->browse) >= RESTING) {
		dnssd_lookup_end(l);
		return;
	}
	l->is_resting = true;
	l->until_us = NEVER_US;
	dnssd_host_asked(l->browse, l->host, l->family);
}

/* ---- Answers ---- */

static void
service_take(struct dnssd_browse *b, struct dnssd_service *s, const struct dnssd_news *n)
{
	size_t len = n->len <= MAX_TXT_BYTES ? n->len : MAX_TXT_BYTES;

	free(s->txt);
	s->txt = xmalloc(len + 1);
	if (len > 0)
		memcpy(s->txt, n->bytes, len);
	s->txt_len = (uint16_t)len;
	s->port = (uint16_t)n->port;
	dnssd_host_join(b, dnssd_host_of(b, s->interface_index, n->host), s);
	dnssd_tell_found(b, s);
}

static void
on_resolved(void *owner, const struct dnssd_news *n)
{
	struct dnssd_lookup *l = owner;
	struct dnssd_browse *b = l->browse;
	struct dnssd_service *s = l->service;

	if (n->opened) {
		l->opened_us = loop_now_us(b->loop);
		l->until_us = l->opened_us + RESOLVE_US;
		dnssd_lookup_soon(b);
		return;
	}
	if (n->error != 0) {
		log_line(LOG_DISC, "resolving \"%s\": error %d", s->instance, n->error);
	} else if (strlen(n->host) < DNSSD_HOST_BYTES) {
		b->usual_us += (loop_now_us(b->loop) - l->opened_us - b->usual_us) / 8;
		b->spent_until_us -= FRESH_US / 2;	/* who answers costs half */
		service_take(b, s, n);
	}
	dnssd_lookup_end(l);
}

static void
on_address(void *owner, const struct dnssd_news *n)
{
	struct dnssd_lookup *l = owner;
	struct dnssd_browse *b = l->browse;
	int64_t now_us = loop_now_us(b->loop);

	if (n->error != 0) {
		dnssd_lookup_end(l);
		return;
	}
	if (n->opened) {
		l->opened_us = now_us;
		l->until_us = now_us + ADDRESS_US;
	} else {
		if (!l->is_resting)
			l->until_us = now_us + LINGER_US;
		l->is_answered = true;
		dnssd_host_heard(b, l->host, l->family, n->bytes, n->added);
	}
	dnssd_lookup_soon(b);
}

/* ---- Starts ---- */

static struct dnssd_lookup *
unused(struct dnssd_browse *b)
{
	for (int i = 0; i < DNSSD_LOOKUPS; i++)
		if (b->lookups[i].ref == NULL)
			return &b->lookups[i];
	return NULL;
}

static void
lookup_open(struct dnssd_lookup *l, struct dnssd_ask *ask, dnssd_news_fn *fn)
{
	struct dnssd_browse *b = l->browse;

	str_copy(ask->type, sizeof ask->type, b->type);
	l->is_answered = l->is_resting = false;
	l->opened_us = 0;
	l->until_us = NEVER_US;
	b->questions++;
	l->ref = dnssd_ref_open(b->loop, b->quota, ask, fn, l);
}

static void
resolve(struct dnssd_browse *b, struct dnssd_service *s)
{
	struct dnssd_ask ask = { .verb = DNSSD_RESOLVE, .interface_index = s->interface_index };
	struct dnssd_lookup *l = unused(b);

	str_copy(ask.instance, sizeof ask.instance, s->instance);
	str_copy(ask.domain, sizeof ask.domain, s->domain);
	dnssd_queue_put(b, s, DNSSD_LOOKED_UP);
	s->lookup = l;
	l->service = s;
	lookup_open(l, &ask, on_resolved);
}

static void
ask_host(struct dnssd_browse *b, struct dnssd_host *h, enum dnssd_family family)
{
	struct dnssd_ask ask = { .verb = family == DNSSD_IPV4 ? DNSSD_QUERY_A : DNSSD_QUERY_AAAA,
		.interface_index = h->interface_index };
	struct dnssd_lookup *l = unused(b);

	str_copy(ask.host, sizeof ask.host, h->name);
	dnssd_host_ask(h, family);
	h->lookups[family] = l;
	l->host = h;
	l->family = family;
	lookup_open(l, &ask, on_address);
}

static int
count_host_lookups(const struct dnssd_browse *b, enum dnssd_family family)
{
	int count = 0;

	for (int i = 0; i < DNSSD_LOOKUPS; i++) {
		const struct dnssd_lookup *l = &b->lookups[i];

		count += l->ref != NULL && l->host != NULL && l->family == family && !l->is_resting;
	}
	return count;
}

static struct dnssd_host *
next_host(struct dnssd_browse *b, enum dnssd_family *family)
{
	int six = count_host_lookups(b, DNSSD_IPV6);
	struct dnssd_host *h = NULL;

	if (six + count_host_lookups(b, DNSSD_IPV4) >= HOST_LOOKUPS)
		return NULL;
	*family = DNSSD_IPV4;
	h = dnssd_queue_wanted(b, DNSSD_IPV4);
	if (h != NULL || six >= IPV6_LOOKUPS)
		return h;
	*family = DNSSD_IPV6;
	return dnssd_queue_wanted(b, DNSSD_IPV6);
}

static int64_t
host_due_us(const struct list *hosts, int64_t after_us)
{
	return list_is_empty(hosts) ? NEVER_US : LIST_ENTRY(hosts->next, struct dnssd_host, link)->asked_us + after_us;
}

static int64_t
service_due_us(const struct list *services, int64_t after_us)
{
	return list_is_empty(services) ? NEVER_US : LIST_ENTRY(services->next, struct dnssd_service, link)->tried_us + after_us;
}

/* When something that was looked up before is due again; never two of them right after each other. */
static int64_t
again_us(const struct dnssd_browse *b)
{
	const int64_t due_us[] = { service_due_us(&b->known, DNSSD_TXT_AGAIN_US), service_due_us(&b->failed, DNSSD_FAILED_AGAIN_US),
		host_due_us(&b->asked, DNSSD_HOST_AGAIN_US), host_due_us(&b->bare, DNSSD_FAILED_AGAIN_US) };
	int64_t first_us = NEVER_US;

	for (size_t i = 0; i < sizeof due_us / sizeof *due_us; i++)
		first_us = due_us[i] < first_us ? due_us[i] : first_us;
	return first_us < b->calm_at_us ? b->calm_at_us : first_us;
}

/* One of those that are due: the four kinds take turns, so that no kind's number starves another. */
static void
look_again(struct dnssd_browse *b, int64_t now_us)
{
	b->calm_at_us = now_us + CALM_US;
	for (int i = 0; i < 4; i++) {
		switch (b->turns++ % 4) {
		case 0:
			if (host_due_us(&b->bare, DNSSD_FAILED_AGAIN_US) > now_us)
				break;
			dnssd_host_want(b, LIST_ENTRY(b->bare.next, struct dnssd_host, link));
			return;
		case 1:
			if (host_due_us(&b->asked, DNSSD_HOST_AGAIN_US) > now_us)
				break;
			dnssd_host_want(b, LIST_ENTRY(b->asked.next, struct dnssd_host, link));
			return;
		case 2:
			if (service_due_us(&b->failed, DNSSD_FAILED_AGAIN_US) > now_us)
				break;
			resolve(b, LIST_ENTRY(b->failed.next, struct dnssd_service, link));
			return;
		case 3:
			if (service_due_us(&b->known, DNSSD_TXT_AGAIN_US) > now_us)
				break;
			resolve(b, LIST_ENTRY(b->known.next, struct dnssd_service, link));
			return;
		}
	}
}

/* When the next new one may be looked up: a flood must not keep a core busy. */
static int64_t
fresh_us(const struct dnssd_browse *b, int64_t now_us)
{
	int64_t at_us = b->spent_until_us - FRESH_BURST * FRESH_US, next_us = dnssd_queue_next_us(b, now_us);

	return at_us > next_us ? at_us : next_us;
}

static void
look_at_fresh(struct dnssd_browse *b, int64_t now_us)
{
	struct dnssd_service *s = dnssd_queue_next(b, now_us);

	b->spent_until_us = (b->spent_until_us > now_us ? b->spent_until_us : now_us) + FRESH_US;
	if (s != NULL)
		resolve(b, s);
}

/* ---- Turns ---- */

static int64_t
patience_us(const struct dnssd_browse *b)
{
	int64_t us = 8 * b->usual_us;

	if (b->fresh.count + b->second.count == 0)
		return PATIENCE_CALM_US;
	return us < PATIENCE_LEAST_US ? PATIENCE_LEAST_US : us > PATIENCE_MOST_US ? PATIENCE_MOST_US : us;
}

/* The lookup that can best be done without, of those that may be: one at rest, else one that kept us waiting. */
static struct dnssd_lookup *
least_needed(struct dnssd_browse *b)
{
	struct dnssd_lookup *least = NULL;

	for (int i = 0; i < DNSSD_LOOKUPS; i++) {
		struct dnssd_lookup *l = &b->lookups[i];

		if (l->ref == NULL || l->opened_us == 0 || (!l->is_resting && l->is_answered))
			continue;
		if (least == NULL || l->is_resting > least->is_resting ||
		    (l->is_resting == least->is_resting && l->opened_us < least->opened_us))
			least = l;
	}
	return least;
}

/* References that a worker gives back just now. */
static int
count_closing(const struct dnssd_browse *b)
{
	int count = dnssd_quota_used(b->quota) - 1;

	for (int i = 0; i < DNSSD_LOOKUPS; i++)
		count -= b->lookups[i].ref != NULL;
	return count;
}

/* Something waits and there is no room: makes some, or says when there will be. */
static int64_t
make_room(struct dnssd_browse *b, int64_t now_us)
{
	struct dnssd_lookup *l = least_needed(b);
	int64_t at_us;

	if (l == NULL || count_closing(b) >= (b->fresh.count > 0 ? b->fresh.count : 1))
		return NEVER_US;
	at_us = l->is_resting ? now_us : l->opened_us + patience_us(b);
	if (at_us > now_us)
		return at_us;
	dnssd_lookup_end(l);
	return now_us;
}

static int
count_opening(const struct dnssd_browse *b)
{
	int count = 0;

	for (int i = 0; i < DNSSD_LOOKUPS; i++)
		count += b->lookups[i].ref != NULL && b->lookups[i].opened_us == 0;
	return count;
}

/* False: nothing waits that may be started now. */
static bool
start_one(struct dnssd_browse *b, int64_t now_us)
{
	enum dnssd_family family;
	struct dnssd_host *h = next_host(b, &family);

	if (h != NULL) {
		ask_host(b, h, family);
		return true;
	}
	if (fresh_us(b, now_us) <= now_us) {
		look_at_fresh(b, now_us);
		return true;
	}
	if (again_us(b) > now_us)
		return false;
	look_again(b, now_us);
	return true;
}

/* A little sooner, when other hosts wait for the same. */
static int64_t
lookup_until_us(const struct dnssd_browse *b, const struct dnssd_lookup *l)
{
	if (l->host == NULL || l->opened_us == 0 || l->is_resting || list_is_empty(&b->wanted[l->family]))
		return l->until_us;
	if (l->is_answered)
		return l->until_us - (LINGER_US - LINGER_HURRIED_US);
	if (l->family == DNSSD_IPV6 && l->host->address_count > 0)
		return l->until_us - (ADDRESS_US - IPV6_HURRIED_US);
	return l->until_us;
}

/* Ends what is over; when the next will be. */
static int64_t
end_overdue(struct dnssd_browse *b, int64_t now_us)
{
	int64_t next_us = NEVER_US;

	for (int i = 0; i < DNSSD_LOOKUPS; i++) {
		struct dnssd_lookup *l = &b->lookups[i];

		if (l->ref != NULL && lookup_until_us(b, l) <= now_us)
			lookup_over(l);
		if (l->ref != NULL && lookup_until_us(b, l) < next_us)
			next_us = lookup_until_us(b, l);
	}
	return next_us;
}

void
dnssd_lookup_pump(void *browse)
{
	struct dnssd_browse *b = browse;
	int64_t now_us = loop_now_us(b->loop), next_us, at_us;
	enum dnssd_family family;

	if (b->state != DNSSD_RUNNING)
		return;
	next_us = end_overdue(b, now_us);
	while (count_opening(b) < OPENING && dnssd_quota_used(b->quota) < DNSSD_REFS && unused(b) != NULL && start_one(b, now_us))
		;
	at_us = again_us(b) < fresh_us(b, now_us) ? again_us(b) : fresh_us(b, now_us);
	if (dnssd_quota_used(b->quota) >= DNSSD_REFS && (at_us <= now_us || next_host(b, &family) != NULL))
		at_us = make_room(b, now_us);
	next_us = at_us < next_us ? at_us : next_us;
	if (next_us <= now_us && count_opening(b) >= OPENING)
		return;			/* goes on when a worker is back */
	if (next_us != NEVER_US)
		loop_timer_start_at(b->loop, b->pump, next_us);
}
