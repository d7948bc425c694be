/*
 * disc_bonjour.c - nodes that advertise themselves as _mmcam._tcp (io/dnssd).
 * Owns what each advertised name was last sighted at, so that a goodbye can name the address.
 */
#include "io/disc.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/dnssd.h"

#define SERVICE_TYPE "_mmcam._tcp"

struct seen {
	struct list link;
	char instance[MAX_NAME_BYTES];
	unsigned interface_index;
	struct disc_sighting sighting;
};

struct bonjour {
	struct loop *loop;
	struct disc_fns fns;
	void *arg;
	struct dnssd_browse *browse;
	struct loop_timer *told;	/* the first word comes after open() returned */
	struct list seen;
	bool *ended;			/* NULL: nobody in a callback has to know */
};

static struct seen *
find_seen(struct bonjour *b, const struct dnssd_found *f)
{
	LIST_EACH(it, &b->seen) {
		struct seen *s = LIST_ENTRY(it, struct seen, link);

		if (s->interface_index == f->interface_index && strcmp(s->instance, f->instance) == 0)
			return s;
	}
	return NULL;
}

/* apiPort is authoritative where it differs from the SRV record's port. */
static void
make_sighting(struct bonjour *b, struct disc_sighting *out, const struct dnssd_found *f)
{
	memset(out, 0, sizeof *out);
	str_copy(out->address.host, sizeof out->address.host, f->host);
	out->address.port = f->api_port != 0 ? f->api_port : f->port;
	out->address.kind = registry_path_of(f->host);
	out->address.via = VIA_BONJOUR;
	out->address.seen_us = loop_now_us(b->loop);
	out->address.rtt_us = -1;
	if (!ids_copy(out->id, f->id))
		out->id[0] = '\0';
	str_copy(out->name, sizeof out->name, f->device_name[0] != '\0' ? f->device_name : f->instance);
}

static void
on_found(void *arg, const struct dnssd_found *f)
{
	struct bonjour *b = arg;
	struct seen *s = find_seen(b, f);

	if (s == NULL) {
		s = xcalloc(1, sizeof *s);
		str_copy(s->instance, sizeof s->instance, f->instance);
		s->interface_index = f->interface_index;
		list_insert_tail(&b->seen, &s->link);
	}
	make_sighting(b, &s->sighting, f);
	if (b->fns.sighted != NULL)
		b->fns.sighted(b->arg, &s->sighting);
}

static void
on_gone(void *arg, const char *instance)
{
	struct bonjour *b = arg;
	bool ended = false;
	struct list gone;

	/* Off the list first: a callback may end this source, and nothing more is told then. */
	list_init(&gone);
	b->ended = &ended;
	LIST_EACH_SAFE(it, tmp, &b->seen)
		if (strcmp(LIST_ENTRY(it, struct seen, link)->instance, instance) == 0) {
			list_remove(it);
			list_insert_tail(&gone, it);
		}
	while (!list_is_empty(&gone)) {
		struct seen *s = LIST_ENTRY(gone.next, struct seen, link);

		list_remove(&s->link);
		if (!ended && b->fns.goodbye != NULL)
			b->fns.goodbye(b->arg, VIA_BONJOUR, &s->sighting.address, s->sighting.id);
		free(s);
	}
	if (!ended)
		b->ended = NULL;
}

static void
tell_state(struct bonjour *b, bool working, const char *sentence)
{
	if (b->fns.state != NULL)
		b->fns.state(b->arg, VIA_BONJOUR, working, sentence);
}

static void
on_state(void *arg, enum dnssd_state state, const char *why)
{
	struct bonjour *b = arg;

	loop_timer_stop(b->loop, b->told);
	if (state == DNSSD_NO_DAEMON)
		tell_state(b, false, why);
	else
		tell_state(b, true, "Bonjour listens for " SERVICE_TYPE);
}

static void
on_told(void *arg)
{
	tell_state(arg, true, "Bonjour starts");
}

static void *
bonjour_open(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	static const struct dnssd_browse_fns browse_fns = { .found = on_found, .gone = on_gone, .state = on_state };
	struct bonjour *b;

	if (conf != NULL && strcmp(conf, "off") == 0)
		return NULL;
	b = xcalloc(1, sizeof *b);
	b->loop = loop;
	b->fns = *fns;
	b->arg = arg;
	list_init(&b->seen);
	b->told = loop_timer_new(loop, on_told, b);
	loop_timer_start(loop, b->told, 0, 0);
	b->browse = dnssd_browse_new(loop, SERVICE_TYPE, &browse_fns, b);
	return b;
}

static void
bonjour_close(void *self)
{
	struct bonjour *b = self;

	if (b == NULL)
		return;
	if (b->ended != NULL)
		*b->ended = true;
	dnssd_browse_close(b->browse);
	loop_timer_free(b->loop, b->told);
	LIST_EACH_SAFE(it, tmp, &b->seen)
		free(LIST_ENTRY(it, struct seen, link));
	free(b);
}

const struct disc_source disc_bonjour = {
	.name = "bonjour", .via = VIA_BONJOUR, .open = bonjour_open, .close = bonjour_close,
};
