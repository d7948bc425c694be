/*
 * dnssd_browse.c - which services of one type there are, and where: browse, then resolve, then ask for the
 * address, a few at a time, each with its own time-out.  Looked up again every half minute, since an address
 * changes without any news from the browser.  Never says that a service is alive: its record is there, no more.
 */
#include "io/dnssd_private.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"

#define LOOKUPS 8			/* at once: each costs a thread and a D-Bus connection */
#define MAX_SERVICES (MAX_NODES * 4)	/* one instance counts once per interface */
#define RESOLVE_TIMEOUT_US 6000000	/* the library gives up after 5 s */
#define ADDRESS_TIMEOUT_US 2000000	/* it never gives up */
#define AGAIN_US 30000000
#define AGAIN_FAILED_US 5000000

enum step { STEP_QUEUED, STEP_RESOLVE, STEP_IPV4, STEP_IPV6, STEP_REST };

/* One instance on one interface. */
struct service {
	struct list link;
	struct dnssd_browse *browse;
	char instance[DNSSD_NAME_BYTES], domain[DNSSD_NAME_BYTES];
	uint32_t interface_index;
	enum step step;
	struct dnssd_ref *ref;
	struct loop_timer *timer;
	char host[DNSSD_HOST_BYTES];
	struct dnssd_found next, told;	/* being gathered; as last reported */
	bool was_told;
};

struct dnssd_browse {
	struct loop *loop;
	struct dnssd_browse_fns fns;
	void *arg;
	char type[64];
	struct dnssd_ref *ref;
	struct loop_timer *retry;
	int64_t retry_us;
	enum dnssd_state state;
	struct list services;
	int count, looking;
};

static void pump(struct dnssd_browse *b);

/* ---- One service: resolve, address, rest ---- */

static bool
is_looking(const struct service *s)
{
	return s->step == STEP_RESOLVE || s->step == STEP_IPV4 || s->step == STEP_IPV6;
}

static void
service_free(struct service *s)
{
	if (is_looking(s))
		s->browse->looking--;
	s->browse->count--;
	dnssd_ref_close(s->ref);
	loop_timer_free(s->browse->loop, s->timer);
	list_remove(&s->link);
	free(s);
}

/* The lookup is over, well or not; its place is free for another. */
static void
service_rest(struct service *s, int64_t again_us)
{
	struct dnssd_browse *b = s->browse;

	dnssd_ref_close(s->ref);
	s->ref = NULL;
	s->step = STEP_REST;
	b->looking--;
	loop_timer_start(b->loop, s->timer, again_us, 0);
	pump(b);
}

static void
service_report(struct service *s)
{
	struct dnssd_browse *b = s->browse;
	bool news = !s->was_told || memcmp(&s->told, &s->next, sizeof s->told) != 0;

	s->told = s->next;
	s->was_told = true;
	service_rest(s, AGAIN_US);
	if (news && b->fns.found != NULL)
		b->fns.found(b->arg, &s->told);
}

static void
service_ask(struct service *s, enum step step, enum dnssd_verb verb, int64_t timeout_us, dnssd_news_fn *fn)
{
	struct dnssd_browse *b = s->browse;
	struct dnssd_ask ask = { .verb = verb, .interface_index = s->interface_index };

	str_copy(ask.instance, sizeof ask.instance, s->instance);
	str_copy(ask.type, sizeof ask.type, b->type);
	str_copy(ask.domain, sizeof ask.domain, s->domain);
	str_copy(ask.host, sizeof ask.host, s->host);
	dnssd_ref_close(s->ref);
	s->step = step;
	s->ref = dnssd_ref_open(b->loop, &ask, fn, s);
	loop_timer_start(b->loop, s->timer, timeout_us, 0);
}

static void on_address(void *owner, const struct dnssd_news *n);

static void
service_no_address(struct service *s)
{
	if (s->step == STEP_IPV4)
		service_ask(s, STEP_IPV6, DNSSD_QUERY_AAAA, ADDRESS_TIMEOUT_US, on_address);
	else
		service_rest(s, AGAIN_FAILED_US);
}

static void
on_address(void *owner, const struct dnssd_news *n)
{
	struct service *s = owner;
	char name[IF_NAMESIZE];
	size_t len;

	if (n->error != 0 || inet_ntop(s->step == STEP_IPV4 ? AF_INET : AF_INET6, n->bytes, s->next.host, sizeof s->next.host) == NULL) {
		service_no_address(s);
		return;
	}
	/* A link-local address means nothing without the interface it was heard on. */
	len = strlen(s->next.host);
	if (s->step == STEP_IPV6 && str_has_prefix(s->next.host, "fe80:") && if_indextoname(n->interface_index, name) != NULL)
		snprintf(s->next.host + len, sizeof s->next.host - len, "%%%s", name);
	service_report(s);
}

static void
read_txt(struct dnssd_found *f, const struct dnssd_news *n)
{
	char port[16] = "";
	int64_t number;

	dnssd_txt_get(n->bytes, n->len, "deviceName", f->device_name, sizeof f->device_name);
	dnssd_txt_get(n->bytes, n->len, "model", f->model, sizeof f->model);
	dnssd_txt_get(n->bytes, n->len, "role", f->role, sizeof f->role);
	dnssd_txt_get(n->bytes, n->len, "id", f->id, sizeof f->id);
	dnssd_txt_get(n->bytes, n->len, "apiPort", port, sizeof port);
	if (str_int(port, 1, 65535, &number))
		f->api_port = (int)number;
}

static void
on_resolved(void *owner, const struct dnssd_news *n)
{
	struct service *s = owner;

	if (n->error != 0) {
		log_line(LOG_DISC, "resolving \"%s\": error %d", s->instance, n->error);
		service_rest(s, AGAIN_FAILED_US);
		return;
	}
	memset(&s->next, 0, sizeof s->next);	/* compared as bytes later */
	str_clean(s->next.instance, sizeof s->next.instance, s->instance, strlen(s->instance), MAX_NAME_CELLS);
	s->next.port = n->port;
	s->next.interface_index = s->interface_index;
	read_txt(&s->next, n);
	if (!str_copy(s->host, sizeof s->host, n->host))
		service_rest(s, AGAIN_FAILED_US);
	else
		service_ask(s, STEP_IPV4, DNSSD_QUERY_A, ADDRESS_TIMEOUT_US, on_address);
}

static void
service_timer(void *arg)
{
	struct service *s = arg;
	struct dnssd_browse *b = s->browse;

	if (s->step == STEP_REST) {
		s->step = STEP_QUEUED;
		pump(b);
	} else if (s->step == STEP_RESOLVE) {
		service_rest(s, AGAIN_FAILED_US);
	} else {
		service_no_address(s);
	}
}

/* Starts as many lookups as there is room for, in the order the services came. */
static void
pump(struct dnssd_browse *b)
{
	LIST_EACH(it, &b->services) {
		struct service *s = LIST_ENTRY(it, struct service, link);

		if (b->looking >= LOOKUPS)
			return;
		if (s->step != STEP_QUEUED)
			continue;
		b->looking++;
		service_ask(s, STEP_RESOLVE, DNSSD_RESOLVE, RESOLVE_TIMEOUT_US, on_resolved);
	}
}

/* ---- The browser ---- */

static struct service *
find_service(struct dnssd_browse *b, const char *instance, const char *domain, const uint32_t *interface_index)
{
	LIST_EACH(it, &b->services) {
		struct service *s = LIST_ENTRY(it, struct service, link);

		if (strcmp(s->instance, instance) == 0 && strcmp(s->domain, domain) == 0 &&
		    (interface_index == NULL || s->interface_index == *interface_index))
			return s;
	}
	return NULL;
}

static void
service_added(struct dnssd_browse *b, const struct dnssd_news *n)
{
	struct service *s;

	if (find_service(b, n->instance, n->domain, &n->interface_index) != NULL || b->count >= MAX_SERVICES)
		return;
	s = xcalloc(1, sizeof *s);
	s->browse = b;
	s->interface_index = n->interface_index;
	s->timer = loop_timer_new(b->loop, service_timer, s);
	if (!str_copy(s->instance, sizeof s->instance, n->instance) || !str_copy(s->domain, sizeof s->domain, n->domain))
		log_line(LOG_DISC, "a service name longer than DNS allows was cut");
	list_insert_tail(&b->services, &s->link);
	b->count++;
	pump(b);
}

/* Gone when no interface has it any more. */
static void
service_removed(struct dnssd_browse *b, const struct dnssd_news *n)
{
	struct service *s = find_service(b, n->instance, n->domain, &n->interface_index);
	char shown[MAX_NAME_BYTES];
	bool was_told;

	if (s == NULL)
		return;
	str_clean(shown, sizeof shown, s->instance, strlen(s->instance), MAX_NAME_CELLS);
	was_told = s->was_told;
	service_free(s);
	pump(b);
	if (was_told && find_service(b, n->instance, n->domain, NULL) == NULL && b->fns.gone != NULL)
		b->fns.gone(b->arg, shown);
}

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
	log_line(LOG_DISC, "browsing %s: error %d; again in %lld ms", b->type, error, (long long)(b->retry_us / 1000));
	dnssd_ref_close(b->ref);
	b->ref = NULL;
	LIST_EACH_SAFE(it, tmp, &b->services)
		service_free(LIST_ENTRY(it, struct service, link));
	loop_timer_start(b->loop, b->retry, b->retry_us, 0);
	b->retry_us = b->retry_us * 2 < DNSSD_RETRY_MOST_US ? b->retry_us * 2 : DNSSD_RETRY_MOST_US;
	set_state(b, DNSSD_NO_DAEMON, "Bonjour is silent: no avahi-daemon answers; start it, or name cameras with "
	    "--node HOST (trying again by itself)");
}

static void
on_news(void *owner, const struct dnssd_news *n)
{
	struct dnssd_browse *b = owner;

	if (n->error != 0) {
		browse_failed(b, n->error);
	} else if (n->opened) {
		b->retry_us = DNSSD_RETRY_FIRST_US;
		set_state(b, DNSSD_RUNNING, "");
	} else if (n->added) {
		service_added(b, n);
	} else {
		service_removed(b, n);
	}
}

static void
browse_start(void *arg)
{
	struct dnssd_browse *b = arg;
	struct dnssd_ask ask = { .verb = DNSSD_BROWSE };

	str_copy(ask.type, sizeof ask.type, b->type);
	b->ref = dnssd_ref_open(b->loop, &ask, on_news, b);
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
	str_copy(b->type, sizeof b->type, type);
	list_init(&b->services);
	browse_start(b);
	return b;
}

void
dnssd_browse_close(struct dnssd_browse *b)
{
	if (b == NULL)
		return;
	dnssd_ref_close(b->ref);
	LIST_EACH_SAFE(it, tmp, &b->services)
		service_free(LIST_ENTRY(it, struct service, link));
	loop_timer_free(b->loop, b->retry);
	free(b);
}
