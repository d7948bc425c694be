/*
 * mdns_kit.h - a querier on a fake loop without any interface: packets are handed to it, what it asks is
 * caught, what it tells is kept as text.  Includes the doubles of netif.h: one file of a program only.
 */
#ifndef UNIT_MDNS_KIT_H
#define UNIT_MDNS_KIT_H

#include "base/buf.h"
#include "support/loop_fake.h"
#include "unit/mdns_packet.h"

struct kit {
	struct loop *loop;
	struct mdns *m;
	struct buf told;		/* a line for each thing that was told */
	struct buf asked;		/* a line for each packet that went out */
	int packets, services, gones;
	bool is_quiet, frees_itself;
};

static struct kit *kit_now;

int
netif_list(struct netif_address *out, int max)
{
	(void)out;
	(void)max;
	return 0;
}

struct netif_watch *
netif_watch_new(struct loop *loop, loop_fn *changed, void *arg)
{
	(void)loop;
	(void)changed;
	(void)arg;
	return NULL;
}

void
netif_watch_free(struct netif_watch *w)
{
	assert_null(w);
}

static inline void
kit_service(void *arg, const struct mdns_service *s)
{
	struct kit *k = arg;

	k->services++;
	if (!k->is_quiet) {
		buf_add_format(&k->told, "service %s %s %s:%d txt %zu", s->instance, s->type, s->host, s->port, s->txt_len);
		for (int i = 0; i < s->address_count; i++)
			buf_add_format(&k->told, " %s", s->addresses[i]);
		buf_add_text(&k->told, "\n");
	}
	if (k->frees_itself) {
		mdns_free(k->m);
		k->m = NULL;
		assert_int_equal(s->txt[0], 4);		/* still there */
	}
}

static inline void
kit_gone(void *arg, const char *type, const char *instance)
{
	struct kit *k = arg;

	k->gones++;
	if (!k->is_quiet)
		buf_add_format(&k->told, "gone %s %s\n", instance, type);
}

static inline void
kit_host(void *arg, const char *name, const char *address)
{
	struct kit *k = arg;

	buf_add_format(&k->told, "host %s %s\n", name, address);
}

static inline void
kit_heard(void *arg, const char *from)
{
	struct kit *k = arg;

	if (!k->is_quiet)
		buf_add_format(&k->told, "heard %s\n", from);
}

static inline const unsigned char *
kit_asked_name(const struct mdns_query *q, const unsigned char *at, struct buf *out)
{
	const unsigned char *after = NULL;

	while (*at != 0) {
		if ((*at & 0xc0) == 0xc0) {
			if (after == NULL)
				after = at + 2;
			at = q->bytes + ((at[0] & 0x3f) << 8 | at[1]);
			continue;
		}
		buf_add_format(out, "%.*s.", *at, (const char *)at + 1);
		at += 1 + *at;
	}
	return after != NULL ? after : at + 1;
}

/* "multicast PTR _mmcam._tcp.local. SRV ... known 2\n" */
static inline void
kit_send(struct mdns *m, const struct mdns_query *q, const struct mdns_way *way)
{
	const unsigned char *at = q->bytes + 12;
	struct kit *k = kit_now;

	assert_int_equal((q->bytes[4] << 8) + q->bytes[5], q->questions);
	assert_true(q->len <= q->room);
	k->packets++;
	m->counts.packets_sent++;
	buf_add_text(&k->asked, way->multicast ? "multicast" : "unicast");
	if (way->index != 0)
		buf_add_format(&k->asked, "@%u", way->index);
	for (int i = 0; i < q->questions; i++) {
		size_t mark;

		buf_add_text(&k->asked, " ");
		mark = k->asked.len;
		at = kit_asked_name(q, at, &k->asked);
		buf_add_format(&k->asked, " %s", at[1] == MDNS_A ? "A" : at[1] == MDNS_AAAA ? "AAAA" : at[1] == MDNS_PTR ? "PTR"
		    : at[1] == MDNS_SRV ? "SRV" : "TXT");
		assert_int_equal(at[2], way->multicast ? 0 : 0x80);	/* the QU bit */
		at += 4;
		assert_true(k->asked.len > mark);
	}
	if (q->answers > 0)
		buf_add_format(&k->asked, " known %d", q->answers);
	buf_add_text(&k->asked, "\n");
}

static inline int
kit_set_up(void **state)
{
	static const struct mdns_fns fns = { kit_service, kit_gone, kit_host, kit_heard };
	struct kit *k = calloc(1, sizeof *k);

	k->loop = loop_fake_new();
	k->m = mdns_new(k->loop, 0, &fns, k);
	k->m->send = kit_send;
	k->m->is_listening = true;
	buf_init(&k->told, 1 << 24);
	buf_init(&k->asked, 1 << 24);
	kit_now = k;
	*state = k;
	return 0;
}

static inline int
kit_tear_down(void **state)
{
	struct kit *k = *state;
	int alive;

	mdns_free(k->m);
	alive = loop_fake_alive(k->loop);
	loop_free(k->loop);
	buf_fini(&k->told);
	buf_fini(&k->asked);
	free(k);
	return alive;
}

/* From 10.0.0.9 on interface 2, multicast. */
static inline struct mdns_from
kit_from(void)
{
	return (struct mdns_from){ .family = AF_INET, .port = MDNS_PORT, .bytes = { 10, 0, 0, 9 }, .index = 2, .interface = "eth0" };
}

static inline void
kit_hear_from(struct kit *k, const struct packet *p, const struct mdns_from *from)
{
	unsigned char *copy = malloc(p->len);	/* its own block: reading past it is seen by the sanitizer */

	memcpy(copy, p->bytes, p->len);
	mdns_hear(k->m, copy, p->len, from);
	free(copy);
}

static inline void
kit_hear(struct kit *k, const struct packet *p)
{
	struct mdns_from from = kit_from();

	kit_hear_from(k, p, &from);
}

/* Time passes, at least as much as news take; then exactly this was told since. */
static inline void
kit_told(struct kit *k, int64_t us, const char *want)
{
	loop_fake_advance(k->loop, us > 0 ? us : 1000);
	assert_string_equal(buf_text(&k->told), want);
	buf_clear(&k->told);
}

static inline void
kit_asked(struct kit *k, int64_t us, const char *want)
{
	loop_fake_advance(k->loop, us);
	assert_string_equal(buf_text(&k->asked), want);
	buf_clear(&k->asked);
}

#endif
