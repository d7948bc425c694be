/*
 * dnssd_browse.c - which services of one type the daemon lists, and the daemon's own life: browsed again with back-off
 * when it dies or is absent.  An instance counts once per interface.  Never says that a service is alive: its record
 * is there, no more.
 */
#include "io/dnssd_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define SWEEP_US 10000000		/* what a new daemon has not listed by then is forgotten */
#define RELISTED_US 1000000		/* listed again so soon: the same announcement by the other IP version */

/* ---- Services ---- */

static void
service_key(char *out, size_t out_size, uint32_t interface_index, const char *instance, const char *domain)
{
	snprintf(out, out_size, "%u/%s/%s", interface_index, domain, instance);	/* a domain has no slash unescaped */
}

static struct dnssd_service *
find_service(const struct dnssd_browse *b, const struct dnssd_news *n)
{
	char key[2 * DNSSD_NAME_BYTES + 16];

	service_key(key, sizeof key, n->interface_index, n->instance, n->domain);
	return map_get(b->services, key);
}

void
dnssd_service_free(struct dnssd_browse *b, struct dnssd_service *s)
{
	struct dnssd_lookup *l = s->lookup;
	char key[2 * DNSSD_NAME_BYTES + 16];

	service_key(key, sizeof key, s->interface_index, s->instance, s->domain);
	map_take(b->services, key);
	if (l != NULL)
		l->service = NULL;
	dnssd_lookup_end(l);
	dnssd_host_leave(b, s);
	dnssd_queue_put(b, s, DNSSD_OUT);
	list_remove(&s->to_tell);
	free(s->txt);
	free(s);
}

static struct dnssd_service *
service_new(struct dnssd_browse *b, const struct dnssd_news *n)
{
	size_t instance_len = strlen(n->instance), domain_len = strlen(n->domain);
	struct dnssd_service *s = xcalloc(1, sizeof *s + instance_len + domain_len + 2);
	char key[2 * DNSSD_NAME_BYTES + 16];

	memcpy(s->instance, n->instance, instance_len);
	memcpy(s->instance + instance_len + 1, n->domain, domain_len);
	s->domain = s->instance + instance_len + 1;
	s->interface_index = n->interface_index;
	s->serial = ++b->serials;
	list_init(&s->link);
	list_init(&s->of_host);
	list_init(&s->to_tell);
	service_key(key, sizeof key, s->interface_index, s->instance, s->domain);
	map_put(b->services, key, s);
	dnssd_queue_put(b, s, DNSSD_FRESH);
	return s;
}

/* A daemon that returned lists what is known; one that knows both IP versions lists everything twice. */
static void
service_listed_again(struct dnssd_browse *b, struct dnssd_service *s)
{
	bool is_back = s->announced == 0;

	if (s->announced < UINT16_MAX)
		s->announced++;
	if (!is_back && loop_now_us(b->loop) - s->tried_us < RELISTED_US)
		return;
	dnssd_queue_hurry(b, s);
	if (s->host != NULL)
		dnssd_host_want(b, s->host);
}

static void
service_added(struct dnssd_browse *b, const struct dnssd_news *n)
{
	struct dnssd_service *s;

	if (strlen(n->instance) >= DNSSD_NAME_BYTES || strlen(n->domain) >= DNSSD_NAME_BYTES)
		return;			/* longer than DNS allows: no daemon lists it */
	s = find_service(b, n);
	if (s != NULL) {
		service_listed_again(b, s);
	} else {
		if (map_count(b->services) >= DNSSD_SERVICES && (s = dnssd_queue_victim(b)) != NULL) {
			dnssd_tell_gone(b, s, false);
			dnssd_service_free(b, s);
		}
		if (map_count(b->services) >= DNSSD_SERVICES)
			return;
		service_new(b, n)->announced = 1;
	}
	dnssd_lookup_soon(b);
}

static void
service_removed(struct dnssd_browse *b, const struct dnssd_news *n)
{
	struct dnssd_service *s = find_service(b, n);

	if (s == NULL || (s->announced > 1 && --s->announced > 0))
		return;
	dnssd_tell_gone(b, s, true);
	dnssd_service_free(b, s);
}

/* ---- All of them ---- */

struct sweep {
	struct dnssd_browse *browse;
	struct list found;
};

static void
collect_unlisted(void *arg, const char *key, void *value)
{
	struct dnssd_service *s = value;
	struct sweep *sweep = arg;

	(void)key;
	if (s->announced > 0)
		return;
	dnssd_queue_put(sweep->browse, s, DNSSD_OUT);
	list_insert_tail(&sweep->found, &s->link);
}

static void
forget_unlisted(void *arg)
{
	struct sweep sweep = { .browse = arg };

	list_init(&sweep.found);
	map_each(sweep.browse->services, collect_unlisted, &sweep);
	LIST_EACH_SAFE(it, tmp, &sweep.found) {
		struct dnssd_service *s = LIST_ENTRY(it, struct dnssd_service, link);

		dnssd_tell_gone(sweep.browse, s, false);
		dnssd_service_free(sweep.browse, s);
	}
}

static void
set_unlisted(void *arg, const char *key, void *value)
{
	struct dnssd_service *s = value;
	struct dnssd_browse *b = arg;

	(void)key;
	s->announced = 0;
	s->vain = 0;
	if (s->stage == DNSSD_FAILED || s->stage == DNSSD_SECOND)
		dnssd_queue_put(b, s, DNSSD_FRESH);
}

/* ---- The daemon ---- */

static void
set_state(struct dnssd_browse *b, enum dnssd_state state, const char *why)
{
	if (b->state == state)
		return;
	b->state = state;
	if (b->fns.state != NULL)
		b->fns.state(b->arg, state, why);
}

/* Nothing is known without a daemon, and nothing is gone because of that: liveness is HTTP's. */
static void
browse_failed(struct dnssd_browse *b, int error)
{
	if (b->state == DNSSD_RUNNING && loop_now_us(b->loop) - b->running_us >= DNSSD_RETRY_CALM_US)
		b->retry_us = DNSSD_RETRY_FIRST_US;
	log_line(LOG_DISC, "browsing %s: error %d; again in %lld ms", b->type, error, (long long)(b->retry_us / 1000));
	dnssd_ref_close(b->ref);
	b->ref = NULL;
	for (int i = 0; i < DNSSD_LOOKUPS; i++)
		dnssd_lookup_end(&b->lookups[i]);
	map_each(b->services, set_unlisted, b);
	loop_timer_stop(b->loop, b->sweeper);
	loop_timer_start(b->loop, b->retry, b->retry_us, 0);
	b->retry_us = b->retry_us * 2 < DNSSD_RETRY_MOST_US ? b->retry_us * 2 : DNSSD_RETRY_MOST_US;
	set_state(b, DNSSD_NO_DAEMON, "no avahi-daemon answers");
}

static void
browse_runs(struct dnssd_browse *b)
{
	b->running_us = loop_now_us(b->loop);
	loop_timer_start(b->loop, b->sweeper, SWEEP_US, 0);
	dnssd_lookup_soon(b);
	set_state(b, DNSSD_RUNNING, "");
}

static void
on_news(void *owner, const struct dnssd_news *n)
{
	struct dnssd_browse *b = owner;

	if (n->error != 0)
		browse_failed(b, n->error);
	else if (n->opened)
		browse_runs(b);
	else if (n->added)
		service_added(b, n);
	else
		service_removed(b, n);
}

static void
browse_start(void *arg)
{
	struct dnssd_browse *b = arg;
	struct dnssd_ask ask = { .verb = DNSSD_BROWSE };

	str_copy(ask.type, sizeof ask.type, b->type);
	b->ref = dnssd_ref_open(b->loop, b->quota, &ask, on_news, b);
}

static void
on_freed(void *arg)
{
	dnssd_lookup_soon(arg);
}

struct dnssd_browse *
dnssd_browse_new(struct loop *loop, const char *type, const struct dnssd_browse_fns *fns, void *arg)
{
	struct dnssd_browse *b = xcalloc(1, sizeof *b);

	b->loop = loop;
	b->fns = *fns;
	b->arg = arg;
	b->state = DNSSD_STARTING;
	b->retry_us = DNSSD_RETRY_FIRST_US;
	b->retry = loop_timer_new(loop, browse_start, b);
	b->pump = loop_timer_new(loop, dnssd_lookup_pump, b);
	b->teller = loop_timer_new(loop, dnssd_tell, b);
	b->sweeper = loop_timer_new(loop, forget_unlisted, b);
	b->quota = dnssd_quota_new(on_freed, b);
	b->services = map_new();
	b->hosts = map_new();
	list_init(&b->to_tell);
	list_init(&b->gone);
	dnssd_queue_init(b);
	dnssd_lookup_init(b);
	str_copy(b->type, sizeof b->type, type);
	browse_start(b);
	return b;
}

void
dnssd_browse_close(struct dnssd_browse *b)
{
	if (b == NULL)
		return;
	dnssd_ref_close(b->ref);
	map_each(b->services, set_unlisted, b);
	forget_unlisted(b);
	dnssd_quota_free(b->quota);
	dnssd_tell_fini(b);
	loop_timer_free(b->loop, b->retry);
	loop_timer_free(b->loop, b->pump);
	loop_timer_free(b->loop, b->teller);
	loop_timer_free(b->loop, b->sweeper);
	map_free(b->services);
	map_free(b->hosts);
	b->is_closed = true;
	if (!b->is_telling)
		free(b);
}

struct dnssd_counts
dnssd_browse_counts(const struct dnssd_browse *b)
{
	struct dnssd_counts counts = { .services = (int)map_count(b->services), .refs = dnssd_quota_used(b->quota),
		.asked = b->questions };
	int known = 0;

	LIST_EACH(it, &b->known)
		known += LIST_ENTRY(it, struct dnssd_service, link)->is_told;
	for (int i = 0; i < DNSSD_LOOKUPS; i++)
		known += b->lookups[i].service != NULL && b->lookups[i].service->is_told;
	counts.unresolved = counts.services - known;
	return counts;
}
