/*
 * fuzz_sweep.c - any text as the networks and ports of a sweep.  Aborts when what was accepted is out of bounds or reads
 * differently when written out, and when a refusal is not fit for a screen.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/sweep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge_net(const struct sweep_net *net)
{
	char text[SWEEP_NET_BYTES];
	struct sweep_net again;

	XASSERT(net->prefix >= 16 && net->prefix <= 32);
	XASSERT(sweep_net_size(net) <= MAX_SWEEP_ADDRESSES);
	XASSERT((net->base & (sweep_net_size(net) - 1)) == 0);
	XASSERT(net->base >> 24 >= 1 && net->base >> 24 <= 223);
	sweep_net_text(net, text);
	XASSERT(sweep_parse_cidr(&again, text, NULL));
	XASSERT(again.base == net->base && again.prefix == net->prefix);
}

static void
judge_conf(const struct sweep_conf *c)
{
	XASSERT(c->net_count >= 0 && c->net_count <= MAX_SWEEP_NETWORKS);
	XASSERT((c->mode == SWEEP_NETS) == (c->net_count > 0));
	XASSERT(c->port_count >= 1 && c->port_count <= SWEEP_PORTS);
	for (int i = 0; i < c->net_count; i++)
		judge_net(&c->nets[i]);
	for (int i = 0; i < c->port_count; i++) {
		XASSERT(c->ports[i] >= 1 && c->ports[i] <= 65535);
		for (int j = 0; j < i; j++)
			XASSERT(c->ports[i] != c->ports[j]);
	}
}

static void
judge_refusal(const struct err *e)
{
	char again[sizeof e->text];
	size_t len = strnlen(e->text, sizeof e->text);

	XASSERT(e->kind == ERR_USAGE && len > 0 && len < sizeof e->text);
	str_clean(again, sizeof again, e->text, len, (int)sizeof again);
	XASSERT(strcmp(again, e->text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct sweep_conf c;
	struct sweep_net net;
	struct err e;

	err_clear(&e);
	if (sweep_parse_conf(&c, text, &e))
		judge_conf(&c);
	else
		judge_refusal(&e);
	err_clear(&e);
	if (sweep_parse_cidr(&net, text, &e))
		judge_net(&net);
	else
		judge_refusal(&e);
	free(text);
	return 0;
}
