/*
 * disc_sweep_nets.c - which networks a round of the sweep asks.
 * Owns the list of those that were asked before.  Never sends.
 */
#include <stdio.h>
#include <string.h>

#include "io/disc_sweep_private.h"

#define LARGEST_PREFIX 22		/* that is swept without being asked for */

bool
disc_sweep_is_known(const struct disc_sweep_run *r, const struct sweep_net *net)
{
	for (int i = 0; i < r->known_count; i++)
		if (r->known[i].base == net->base && r->known[i].prefix == net->prefix)
			return true;
	return false;
}

/* The oldest is forgotten for the newest. */
void
disc_sweep_know(struct disc_sweep_run *r, const struct sweep_net *net)
{
	if (disc_sweep_is_known(r, net))
		return;
	if (r->known_count == DISC_SWEEP_KNOWN) {
		memmove(&r->known[0], &r->known[1], sizeof r->known - sizeof r->known[0]);
		r->known_count--;
	}
	r->known[r->known_count++] = *net;
}

/* Small ones first: they are over at once. */
static void
add_net(struct disc_sweep_run *r, const struct sweep_net *net)
{
	int at = r->net_count;

	for (int i = 0; i < r->net_count; i++)
		if (r->nets[i].base == net->base && r->nets[i].prefix == net->prefix)
			return;
	if (r->net_count == MAX_SWEEP_NETWORKS)
		return;
	for (; at > 0 && r->nets[at - 1].prefix < net->prefix; at--)
		r->nets[at] = r->nets[at - 1];
	r->nets[at] = *net;
	r->net_count++;
}

static void
say_large(struct disc_sweep_run *r, const struct netif_address *a, const struct sweep_net *net)
{
	char text[SWEEP_NET_BYTES], topic[DISC_SWEEP_TOPIC_BYTES], sentence[MAX_WHY_BYTES];

	sweep_net_text(net, text);
	snprintf(topic, sizeof topic, "%.15s %s", a->name, text);
	if (net->prefix >= 16)
		snprintf(sentence, sizeof sentence, "%s is larger than /%d: ask for it with --sweep %s", topic, LARGEST_PREFIX, text);
	else
		snprintf(sentence, sizeof sentence, "%s is larger than /%d: ask for a part of it (up to a /16) with --sweep",
		    topic, LARGEST_PREFIX);
	disc_sweep_say(r, topic, sentence);
}

/* A /32 is this machine alone. */
static bool
is_local(const struct netif_address *a)
{
	return a->family == AF_INET && !a->loopback && !a->tailscale && !a->point_to_point && a->prefix >= 1 && a->prefix <= 31;
}

static void
add_local(struct disc_sweep_run *r, const struct netif_address *a)
{
	struct sweep_net net = { .prefix = a->prefix };
	uint32_t address = (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 | (uint32_t)a->bytes[2] << 8 | a->bytes[3];

	if (!is_local(a))
		return;
	net.base = address & ~(uint32_t)0 << (32 - a->prefix);
	if (a->prefix < LARGEST_PREFIX)
		say_large(r, a, &net);
	else
		add_net(r, &net);
}

void
disc_sweep_gather(struct disc_sweep_run *r)
{
	struct netif_address all[MAX_INTERFACES];
	int count;

	r->net_count = r->net_at = 0;
	if (r->conf.mode == SWEEP_NETS) {
		for (int i = 0; i < r->conf.net_count; i++)
			add_net(r, &r->conf.nets[i]);
		return;
	}
	count = netif_list(all, MAX_INTERFACES);
	for (int i = 0; i < count && !r->dead; i++)
		add_local(r, &all[i]);
}

/* Containers and IPv6 come and go without any network to sweep being another one. */
bool
disc_sweep_has_moved(struct disc_sweep_run *r)
{
	struct netif_address all[MAX_INTERFACES];
	uint64_t sum = 14695981039346656037u;	/* FNV-1a */
	int count = netif_list(all, MAX_INTERFACES);
	bool moved;

	for (int i = 0; i < count; i++) {
		unsigned char mark[] = { (unsigned char)all[i].index, (unsigned char)(all[i].index >> 8), (unsigned char)all[i].prefix,
		    all[i].bytes[0], all[i].bytes[1], all[i].bytes[2], all[i].bytes[3] };

		if (!is_local(&all[i]) || all[i].prefix < LARGEST_PREFIX)
			continue;
		for (size_t j = 0; j < sizeof mark; j++)
			sum = (sum ^ mark[j]) * 1099511628211u;
	}
	moved = sum != r->place;
	r->place = sum;
	return moved;
}
