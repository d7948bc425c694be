/*
 * tailscale.c - reads the answer of `tailscale status --json`: which devices of the VPN could be cameras.
 * Owns nothing but the list it makes.  Never runs anything (tailscale_ask.c), never believes an address that is not
 * of Tailscale's own networks.
 */
#include "io/tailscale.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "domain/registry.h"
#include "io/jdoc.h"

#define MOST_READ 8192			/* members of the list of peers; each look-up walks there */

static void
read_word(const struct jdoc *j, const char *key, char *out, size_t out_size)
{
	const char *text = jdoc_text(j, key, "");

	str_clean(out, out_size, text, strlen(text), MAX_NAME_CELLS);
}

/* "iphone-16" of "iphone-16.tail1234.ts.net.": what iOS calls itself is often just "localhost". */
static void
read_name(struct tailscale_peer *out, const struct jdoc *j)
{
	const char *dns = jdoc_text(j, "DNSName", "");

	read_word(j, "HostName", out->name, sizeof out->name);
	if (out->name[0] == '\0' || str_equal_nocase(out->name, "localhost"))
		str_clean(out->name, sizeof out->name, dns, strcspn(dns, "."), MAX_NAME_CELLS);
}

static bool
is_of_tailscale(const char *text)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, text, bytes) != 1 && inet_pton(AF_INET6, text, bytes) != 1)
		return false;
	return registry_path_of(text) == PATH_TAILSCALE;
}

static void
read_addresses(struct tailscale_peer *out, const struct jdoc *list)
{
	for (size_t i = 0; jdoc_is_array(list) && i < jdoc_count(list) && out->address_count < TAILSCALE_ADDRESSES; i++) {
		const char *text = jdoc_self_text(jdoc_at(list, i), "");

		if (is_of_tailscale(text) && str_copy(out->addresses[out->address_count], TAILSCALE_ADDRESS_BYTES, text))
			out->address_count++;
	}
}

/* Exit nodes for hire (hundreds of them) and people whose devices only see ours: nobody of these films for us. */
static bool
is_foreign(const struct jdoc *j)
{
	static const char *const hired = ".mullvad.ts.net";
	const char *dns = jdoc_text(j, "DNSName", "");
	size_t len = strlen(dns), hired_len = strlen(hired);

	if (len > 0 && dns[len - 1] == '.')
		len--;
	return jdoc_bool(j, "ShareeNode", false) || (len > hired_len && memcmp(dns + len - hired_len, hired, hired_len) == 0);
}

static void
read_peer(struct tailscale_status *out, const struct jdoc *j)
{
	struct tailscale_peer *p;

	if (!jdoc_is_object(j) || is_foreign(j))
		return;
	if (!jdoc_bool(j, "Online", false)) {
		out->offline++;
		return;
	}
	out->online++;
	if (out->peer_count == MAX_TAILSCALE_PEERS)
		return;
	p = &out->peers[out->peer_count++];
	read_name(p, j);
	read_word(j, "OS", p->os, sizeof p->os);
	read_addresses(p, jdoc_get(j, "TailscaleIPs"));
}

bool
tailscale_read(struct tailscale_status *out, const char *text, size_t len, struct err *e)
{
	struct jdoc *j = jdoc_parse(text, len, MAX_TAILSCALE_BYTES, e), *peers;
	const char *key;

	memset(out, 0, sizeof *out);
	if (j == NULL)
		return false;
	read_word(j, "BackendState", out->backend, sizeof out->backend);
	if (out->backend[0] == '\0') {
		jdoc_free(j);
		return err_set(e, ERR_FORMAT, "its answer has no BackendState");
	}
	peers = jdoc_get(j, "Peer");
	out->peers = xcalloc(MAX_TAILSCALE_PEERS, sizeof *out->peers);
	for (size_t i = 0; jdoc_is_object(peers) && i < MOST_READ && (key = jdoc_key(peers, i)) != NULL; i++)
		read_peer(out, jdoc_get(peers, key));
	jdoc_free(j);
	return true;
}

void
tailscale_status_fini(struct tailscale_status *s)
{
	free(s->peers);
	memset(s, 0, sizeof *s);
}
