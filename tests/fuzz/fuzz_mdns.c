/*
 * fuzz_mdns.c - any bytes as packets of mDNS, each after its length, heard by a querier on virtual time without a network.
 * Aborts when a name, a service or the size of the cache is not what was promised.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"
#include "io/mdns_private.h"
#include "support/loop_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No interface: nothing of this reaches a network. */
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
	(void)w;
}

/* What goes out is a packet that can be read: its names unpack, and no byte is left. */
static void
on_send(struct mdns *m, const struct mdns_query *q, const struct mdns_way *way)
{
	unsigned char bytes[MDNS_QUERY_BYTES];
	struct mdns_record r;
	struct mdns_msg msg;
	int answers = 0;

	(void)m;
	(void)way;
	XASSERT(q->len <= q->room && q->len > 12);
	memcpy(bytes, q->bytes, q->len);
	bytes[2] = 0x80;
	XASSERT(mdns_msg_open(&msg, bytes, q->len));
	while (mdns_msg_next(&msg, &r))
		answers++;
	XASSERT(answers == q->answers && msg.at == msg.end);
}

static void
on_service(void *arg, const struct mdns_service *s)
{
	char wire[MDNS_WIRE_BYTES];

	(void)arg;
	XASSERT(memchr(s->instance, 0, sizeof s->instance) != NULL && s->instance[0] != '\0');
	XASSERT(mdns_type_read(wire, s->type));
	XASSERT(s->host[0] != '\0' && strlen(s->host) < MDNS_NAME_BYTES);
	XASSERT(s->port > 0 && s->port <= 65535);
	XASSERT(s->txt_len <= MAX_TXT_BYTES);
	for (size_t at = 0; at < s->txt_len; at += 1 + (size_t)s->txt[at])
		XASSERT(at + s->txt[at] < s->txt_len);
	XASSERT(s->address_count > 0 && s->address_count <= MDNS_HOST_ADDRESSES);
	for (int i = 0; i < s->address_count; i++)
		XASSERT(s->addresses[i][0] != '\0' && strncmp(s->addresses[i], "127.", 4) != 0);
}

static void
on_gone(void *arg, const char *type, const char *instance)
{
	(void)arg;
	XASSERT(type[0] == '_' && instance[0] != '\0');
}

static void
on_host(void *arg, const char *name, const char *address)
{
	(void)arg;
	XASSERT(strcmp(name, "rehearsal.local") == 0 && address[0] != '\0');
}

/* A byte says how it came and how long after the one before, two say how long it is; then it comes. */
static size_t
hear_one(struct mdns *m, struct loop *loop, const uint8_t *data, size_t size)
{
	struct mdns_from from = { .family = AF_INET, .port = MDNS_PORT, .bytes = { 10, 0, 0, 9 }, .index = 2, .interface = "eth0" };
	size_t len = size < 3 ? 0 : (size_t)data[1] << 8 | data[2];
	uint8_t *packet;

	if (size < 3)
		return size;
	if (len > size - 3)
		len = size - 3;
	from.unicast = (data[0] & 1) != 0;
	from.bytes[3] = data[0];
	packet = malloc(len > 0 ? len : 1);	/* a block of its own: a byte too many is seen */
	if (packet == NULL)
		abort();
	memcpy(packet, data + 3, len);
	if (from.unicast && len > 1) {		/* it heard our question */
		packet[0] = (uint8_t)(m->id >> 8);
		packet[1] = (uint8_t)m->id;
	}
	mdns_hear(m, packet, len, &from);
	free(packet);
	loop_fake_advance(loop, (data[0] & 0xf0) * 20000);
	return 3 + len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mdns_fns fns = { on_service, on_gone, on_host, NULL };
	struct loop *loop = loop_fake_new();
	struct mdns *m = mdns_new(loop, 0, &fns, NULL);

	m->send = on_send;
	m->is_listening = true;
	mdns_browse(m, "_mmcam._tcp");
	mdns_ask_host(m, "rehearsal.local");
	mdns_census(m);
	while (size > 0) {
		size_t used = hear_one(m, loop, data, size);

		data += used;
		size -= used;
		XASSERT(map_count(m->instances) <= MAX_MDNS_SERVICES && map_count(m->hosts) <= MAX_MDNS_HOSTS);
		XASSERT(map_count(m->types) <= MAX_SERVICE_TYPES + 1);
	}
	loop_fake_advance(loop, 2 * MDNS_MINUTE_US);
	mdns_free(m);
	XASSERT(loop_fake_alive(loop) == 0);
	loop_free(loop);
	return 0;
}
