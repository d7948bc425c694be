/*
 * sweep_parse.c - networks and ports to sweep, as somebody types them.
 * Owns nothing.  Never looks a name up, never asks the network.
 */
#include "io/sweep.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define NODE_PORT 8081		/* camera-node contract */
#define SMALLEST_PREFIX 16	/* MAX_SWEEP_ADDRESSES */

static bool
refuse(struct err *e, const char *text, size_t len, const char *why)
{
	char shown[100];

	str_clean(shown, sizeof shown, text, len, 40);
	return err_set(e, ERR_USAGE, "\"%s\" %s", shown, why);
}

static bool
parse_net(struct sweep_net *out, const char *text, size_t len, struct err *e)
{
	char copy[SWEEP_NET_BYTES], *slash;
	struct in_addr in;
	int64_t prefix = 32;

	if (len >= sizeof copy || memchr(text, '\0', len) != NULL)
		return refuse(e, text, len, "is no IPv4 network; write it like 192.168.1.0/24");
	memcpy(copy, text, len);
	copy[len] = '\0';
	slash = strchr(copy, '/');
	if (slash != NULL)
		*slash++ = '\0';
	if (inet_pton(AF_INET, copy, &in) != 1 || (slash != NULL && !str_int(slash, 0, 32, &prefix)))
		return refuse(e, text, len, "is no IPv4 network; write it like 192.168.1.0/24");
	if (prefix < SMALLEST_PREFIX)
		return refuse(e, text, len, "is too large to sweep: a /16 (65536 addresses) is the most");
	out->prefix = (int)prefix;
	out->base = ntohl(in.s_addr) & (prefix == 0 ? 0 : ~(uint32_t)0 << (32 - prefix));
	if (out->base >> 24 == 0 || out->base >> 28 >= 14)
		return refuse(e, text, len, "is no network of hosts; write one like 192.168.1.0/24");
	return true;
}

bool
sweep_parse_cidr(struct sweep_net *out, const char *text, struct err *e)
{
	return parse_net(out, text, strlen(text), e);
}

static bool
has_net(const struct sweep_conf *c, const struct sweep_net *net)
{
	for (int i = 0; i < c->net_count; i++)
		if (c->nets[i].base == net->base && c->nets[i].prefix == net->prefix)
			return true;
	return false;
}

static bool
parse_nets(struct sweep_conf *out, const char *text, size_t len, struct err *e)
{
	for (const char *end = text + len; text <= end;) {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		size_t part = (size_t)((comma != NULL ? comma : end) - text);
		struct sweep_net net;

		if (!parse_net(&net, text, part, e))
			return false;
		if (!has_net(out, &net)) {
			if (out->net_count == MAX_SWEEP_NETWORKS)
				return err_set(e, ERR_USAGE, "too many networks to sweep: %d is the most", MAX_SWEEP_NETWORKS);
			out->nets[out->net_count++] = net;
		}
		text += part + 1;
	}
	return true;
}

static bool
has_port(const struct sweep_conf *c, int port)
{
	for (int i = 0; i < c->port_count; i++)
		if (c->ports[i] == port)
			return true;
	return false;
}

static bool
parse_ports(struct sweep_conf *out, const char *text, struct err *e)
{
	for (const char *at = text;;) {
		size_t len = strcspn(at, ",");
		char copy[8];
		int64_t port;

		snprintf(copy, sizeof copy, "%.*s", (int)(len < sizeof copy ? len : sizeof copy), at);
		if (len >= sizeof copy || !str_int(copy, 1, 65535, &port))
			return refuse(e, at, len, "is no port to sweep; write them like: ports 8081,8090");
		if (!has_port(out, (int)port)) {
			if (out->port_count == SWEEP_PORTS)
				return err_set(e, ERR_USAGE, "too many ports to sweep: %d is the most", SWEEP_PORTS);
			out->ports[out->port_count++] = (int)port;
		}
		if (at[len] == '\0')
			return true;
		at += len + 1;
	}
}

bool
sweep_parse_conf(struct sweep_conf *out, const char *text, struct err *e)
{
	size_t len = strcspn(text, " ");
	const char *rest = text + len + strspn(text + len, " ");

	memset(out, 0, sizeof *out);
	if (len == 0 || (len == 4 && memcmp(text, "auto", 4) == 0))
		out->mode = SWEEP_AUTO;
	else if (len == 3 && memcmp(text, "off", 3) == 0)
		out->mode = SWEEP_OFF;
	else if (parse_nets(out, text, len, e))
		out->mode = SWEEP_NETS;
	else
		return false;
	if (*rest != '\0' && !str_has_prefix(rest, "ports "))
		return refuse(e, rest, strlen(rest), "says nothing to a sweep; write: auto, off or CIDR[,CIDR], then perhaps: ports 8081,8090");
	if (*rest != '\0' && !parse_ports(out, rest + 6 + strspn(rest + 6, " "), e))
		return false;
	if (out->port_count == 0)
		out->ports[out->port_count++] = NODE_PORT;
	return true;
}

void
sweep_net_text(const struct sweep_net *net, char out[SWEEP_NET_BYTES])
{
	snprintf(out, SWEEP_NET_BYTES, "%u.%u.%u.%u/%d", net->base >> 24, net->base >> 16 & 255, net->base >> 8 & 255,
	    net->base & 255, net->prefix & 63);
}

uint32_t
sweep_net_size(const struct sweep_net *net)
{
	return (uint32_t)1 << (32 - net->prefix);
}
