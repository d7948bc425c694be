/*
 * mdns_cache.c - service types and instances of them: pieces come in with the packets, in any order, and run out.
 * When it is full the oldest that was never whole gives way, then the oldest that nobody confirmed, then the oldest.
 * Never asks and never tells by itself: it says what is to be asked and told.
 */
#include "io/mdns_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

#define FIRM_US (10 * MDNS_SECOND_US)
#define SCAN_GAP_US 20000
#define MAX_WANTED_TYPES 64

/* ---- Types ---- */

static int
types_count(const struct mdns *m, bool wanted)
{
	int count = 0;

	LIST_EACH(it, &m->type_list)
		count += LIST_ENTRY(it, struct mdns_type, link)->wanted == wanted;
	return count;
}

/* What a census found becomes what is kept fresh. */
static void
type_promote(struct mdns *m, struct mdns_type *t)
{
	t->wanted = true;
	t->ask.steps = MDNS_STEPS;
	for (int class = 0; class < MDNS_CLASSES; class++) {
		LIST_EACH(it, &m->instance_lists[class]) {
			struct mdns_instance *i = LIST_ENTRY(it, struct mdns_instance, link);

			if (i->type != t)
				continue;
			i->ask.steps = MDNS_STEPS;
			if (i->host != NULL)
				i->host->fresh++;
		}
	}
}

struct mdns_type *
mdns_cache_type(struct mdns *m, const char *name, bool wanted)
{
	struct mdns_type *t;
	char wire[MDNS_WIRE_BYTES];

	if (!mdns_type_read(wire, name))
		return NULL;
	t = map_get(m->types, wire);
	if (t != NULL) {
		if (wanted && !t->wanted)
			type_promote(m, t);
		return t;
	}
	if (types_count(m, wanted) >= (wanted ? MAX_WANTED_TYPES : MAX_SERVICE_TYPES))
		return NULL;
	t = xcalloc(1, sizeof *t);
	t->wanted = wanted;
	mdns_type_print(t->name, wire);
	memcpy(t->wire, wire, sizeof t->wire);
	mdns_ask_init(&t->ask, MDNS_ASK_TYPE, wanted ? MDNS_STEPS : 2);
	list_insert_tail(&m->type_list, &t->link);
	map_put(m->types, t->wire, t);
	return t;
}

/* ---- Instances ---- */

static void
class_move(struct mdns *m, struct mdns_instance *i, enum mdns_class class)
{
	if (class == MDNS_FIRM && i->host != NULL)
		i->host->firm++;
	i->class = class;
	list_remove(&i->link);
	list_insert_tail(&m->instance_lists[class], &i->link);
	if (i->host != NULL)
		mdns_host_sort(m, i->host);
}

void
mdns_cache_drop(struct mdns *m, struct mdns_instance *i)
{
	mdns_tell_gone(m, i);
	mdns_host_unlink(m, i);
	list_remove(&i->link);
	list_remove(&i->news);
	mdns_ask_stop(&i->ask);
	i->type->count--;
	map_take(m->instances, i->wire);
	free(i->txt_bytes);
	free(i);
}

static void
make_room(struct mdns *m)
{
	if (map_count(m->instances) < MAX_MDNS_SERVICES)
		return;
	for (int class = 0; class < MDNS_CLASSES; class++) {
		struct list *oldest = m->instance_lists[class].next;

		if (oldest != &m->instance_lists[class]) {
			mdns_cache_drop(m, LIST_ENTRY(oldest, struct mdns_instance, link));
			return;
		}
	}
}

static struct mdns_instance *
instance_new(struct mdns *m, struct mdns_type *type, const char *wire, const char *label)
{
	struct mdns_instance *i = xcalloc(1, sizeof *i);
	size_t len = (unsigned char)label[0];

	i->type = type;
	i->born_us = mdns_now(m);
	memcpy(i->wire, wire, strlen(wire) + 1);
	memcpy(i->name, label + 1, len);
	list_init(&i->news);
	list_init(&i->on_host);
	mdns_ask_init(&i->ask, MDNS_ASK_INSTANCE, type->wanted ? MDNS_STEPS : 3);
	list_insert_tail(&m->instance_lists[MDNS_PART], &i->link);
	map_put(m->instances, i->wire, i);
	type->count++;
	return i;
}

/* label: its first, as it was sent.  NULL: nobody's, or not worth to be begun. */
static struct mdns_instance *
instance_get(struct mdns *m, const char *wire, const char *label, bool may_begin)
{
	struct mdns_instance *i = map_get(m->instances, wire);
	struct mdns_type *type;

	if (i != NULL || !may_begin)
		return i;
	type = map_get(m->types, wire + 1 + (unsigned char)wire[0]);
	if (type == NULL)
		return NULL;
	make_room(m);
	return instance_new(m, type, wire, label);
}

bool
mdns_cache_is_whole(const struct mdns_instance *i)
{
	return i->srv.heard_us != 0 && i->host != NULL && i->host->address_count > 0;
}

void
mdns_cache_promote(struct mdns *m, struct mdns_instance *i)
{
	if (i->class == MDNS_PART)
		class_move(m, i, MDNS_WHOLE);
}

/* ---- Pieces ---- */

static void
piece_hear(struct mdns *m, struct mdns_instance *i, struct mdns_piece *p, const struct mdns_record *r, bool unicast)
{
	int64_t now_us = mdns_now(m), life_us = (int64_t)r->ttl_s * MDNS_SECOND_US;

	if (r->ttl_s == 0) {
		if (p->heard_us == 0 || p->bye)
			return;
		p->bye = true;
		p->until_us = now_us + MDNS_BYE_US;
	} else {
		if (unicast && life_us < MDNS_UNICAST_US)
			life_us = MDNS_UNICAST_US;
		if (!i->type->wanted && life_us < MDNS_CENSUS_US)
			life_us = MDNS_CENSUS_US;
		if (!unicast || p->bye || p->heard_us == 0 || p->until_us < now_us + life_us)
			p->until_us = now_us + life_us;
		p->heard_us = now_us;
		p->bye = false;
	}
	mdns_cache_expire_at(m, p->until_us);
}

/* Something of it was heard: where, and that it is there still. */
static void
touch(struct mdns *m, struct mdns_instance *i, const struct mdns_from *from)
{
	i->index = from->index;
	i->family = from->family;
	i->by_unicast = from->unicast;
	i->ask.is_last = false;
	if (i->class == MDNS_WHOLE && mdns_now(m) - i->born_us >= FIRM_US)
		class_move(m, i, MDNS_FIRM);
	if (list_is_empty(&i->ask.link) && mdns_ask_needs(m, i) != 0)
		mdns_ask_start(m, &i->ask);
}

static void
hear_ptr(struct mdns *m, const struct mdns_record *r, const struct mdns_from *from)
{
	char target[MDNS_WIRE_BYTES];
	struct mdns_instance *i;

	memcpy(target, r->target, strlen(r->target) + 1);
	mdns_name_fold(target);
	if (strcmp(r->name, target + 1 + (unsigned char)target[0]) != 0)
		return;
	i = instance_get(m, target, r->target, r->ttl_s > 0);
	if (i == NULL)
		return;
	piece_hear(m, i, &i->ptr, r, from->unicast);
	if (!from->unicast)
		i->ptr_ttl_s = r->ttl_s;
	touch(m, i, from);
}

static void
hear_srv(struct mdns *m, const struct mdns_record *r, const struct mdns_from *from)
{
	struct mdns_host *h = NULL;
	struct mdns_instance *i;
	char target[MDNS_WIRE_BYTES];
	bool changed;

	memcpy(target, r->target, strlen(r->target) + 1);
	mdns_name_fold(target);
	/* the host first: room for it may cost another one with its services */
	if (r->ttl_s > 0 && map_get(m->types, r->name + 1 + (unsigned char)r->name[0]) != NULL)
		h = mdns_host_get(m, target);
	i = instance_get(m, r->name, r->label, h != NULL);
	if (i == NULL || (r->ttl_s > 0 && h == NULL))
		return;
	piece_hear(m, i, &i->srv, r, from->unicast);
	touch(m, i, from);
	if (r->ttl_s == 0)
		return;
	changed = i->port != r->port || i->host != h;
	i->port = r->port;
	if (i->host != h) {
		mdns_host_unlink(m, i);
		mdns_host_link(m, h, i);
	}
	mdns_tell_service(m, i, changed);
}

/* Whole strings only, as many as the ceiling has room for. */
static size_t
txt_bytes(const struct mdns_record *r)
{
	size_t len = 0;

	while (len < r->rdata_len && len + 1 + r->rdata[len] <= r->rdata_len && len + 1 + r->rdata[len] <= MAX_TXT_BYTES)
		len += 1 + (size_t)r->rdata[len];
	return len;
}

static void
hear_txt(struct mdns *m, const struct mdns_record *r, const struct mdns_from *from)
{
	struct mdns_instance *i = instance_get(m, r->name, r->label, r->ttl_s > 0);
	size_t len = txt_bytes(r);
	bool changed;

	if (i == NULL)
		return;
	piece_hear(m, i, &i->txt, r, from->unicast);
	if (r->ttl_s == 0)
		return;
	changed = i->txt_bytes == NULL || i->txt_len != len || memcmp(i->txt_bytes, r->rdata, len) != 0;
	if (changed) {
		i->txt_bytes = xrealloc(i->txt_bytes, len + 1);
		memcpy(i->txt_bytes, r->rdata, len);
		i->txt_len = len;
	}
	touch(m, i, from);
	mdns_tell_service(m, i, changed);
}

/* The answer to a census: a type that is there. */
static void
hear_type(struct mdns *m, const struct mdns_record *r)
{
	char wire[MDNS_WIRE_BYTES], name[MDNS_LABEL_BYTES];
	struct mdns_type *t;

	memcpy(wire, r->target, strlen(r->target) + 1);
	mdns_name_fold(wire);
	if (r->ttl_s == 0 || !mdns_type_print(name, wire) || map_get(m->types, wire) != NULL)
		return;
	t = mdns_cache_type(m, name, false);
	if (t != NULL)
		mdns_ask_start(m, &t->ask);
}

void
mdns_cache_record(struct mdns *m, const struct mdns_record *r, const struct mdns_from *from)
{
	switch (r->type) {
	case MDNS_A:
	case MDNS_AAAA:
		mdns_host_record(m, r, from);
		break;
	case MDNS_PTR:
		if (map_get(m->types, r->name) != NULL)
			hear_ptr(m, r, from);
		else if (m->is_census && strcmp(r->name, MDNS_CENSUS_WIRE) == 0)
			hear_type(m, r);
		break;
	case MDNS_SRV:
		hear_srv(m, r, from);
		break;
	case MDNS_TXT:
		hear_txt(m, r, from);
		break;
	}
}

/* ---- What runs out ---- */

/* True: it did just now.  Else *next is no later than its end. */
static bool
piece_ends(struct mdns_piece *p, int64_t now_us, int64_t *next_us)
{
	if (p->heard_us == 0)
		return false;
	if (p->until_us <= now_us) {
		p->heard_us = 0;
		return true;
	}
	if (p->until_us < *next_us)
		*next_us = p->until_us;
	return false;
}

static void
instance_expire(struct mdns *m, struct mdns_instance *i, int64_t now_us, int64_t *next_us)
{
	/* after a goodbye we ask: whoever answers is still there, and the goodbye was not its own */
	bool is_gone = piece_ends(&i->ptr, now_us, next_us) && i->ptr.bye && i->srv.heard_us <= i->ptr.until_us - MDNS_BYE_US;

	if (piece_ends(&i->srv, now_us, next_us)) {
		mdns_host_unlink(m, i);
		mdns_tell_service(m, i, false);
	}
	piece_ends(&i->txt, now_us, next_us);	/* its bytes are the best that is known until there are others */
	if (is_gone || (i->ptr.heard_us == 0 && i->srv.heard_us == 0 && i->txt.heard_us == 0))
		mdns_cache_drop(m, i);
}

static void
on_expiry(void *arg)
{
	struct mdns *m = arg;
	int64_t now_us = mdns_now(m), next_us = INT64_MAX, hosts_us;

	m->expiry_us = 0;
	for (int class = 0; class < MDNS_CLASSES; class++)
		LIST_EACH_SAFE(it, tmp, &m->instance_lists[class])
			instance_expire(m, LIST_ENTRY(it, struct mdns_instance, link), now_us, &next_us);
	hosts_us = mdns_host_expire(m, now_us);
	if (hosts_us < next_us)
		next_us = hosts_us;
	if (next_us != INT64_MAX)
		mdns_cache_expire_at(m, next_us > now_us + SCAN_GAP_US ? next_us : now_us + SCAN_GAP_US);
}

void
mdns_cache_expire_at(struct mdns *m, int64_t at_us)
{
	if (m->expiry_us != 0 && m->expiry_us <= at_us)
		return;
	m->expiry_us = at_us;
	loop_timer_start_at(m->loop, m->expiry, at_us);
}

void
mdns_cache_open(struct mdns *m)
{
	m->types = map_new();
	m->hosts = map_new();
	m->instances = map_new();
	list_init(&m->type_list);
	for (int class = 0; class < MDNS_CLASSES; class++)
		list_init(&m->instance_lists[class]);
	for (int class = 0; class < MDNS_HOST_CLASSES; class++)
		list_init(&m->host_lists[class]);
	m->expiry = loop_timer_new(m->loop, on_expiry, m);
}

void
mdns_cache_close(struct mdns *m)
{
	for (int class = 0; class < MDNS_CLASSES; class++)
		while (!list_is_empty(&m->instance_lists[class]))
			mdns_cache_drop(m, LIST_ENTRY(m->instance_lists[class].next, struct mdns_instance, link));
	for (int class = 0; class < MDNS_HOST_CLASSES; class++)
		while (!list_is_empty(&m->host_lists[class]))
			mdns_host_free(m, LIST_ENTRY(m->host_lists[class].next, struct mdns_host, link));
	while (!list_is_empty(&m->type_list)) {
		struct mdns_type *t = LIST_ENTRY(m->type_list.next, struct mdns_type, link);

		list_remove(&t->link);
		mdns_ask_stop(&t->ask);
		free(t);
	}
	map_free(m->types);
	map_free(m->hosts);
	map_free(m->instances);
	loop_timer_free(m->loop, m->expiry);
}
