/*
 * fuzz_tailscale.c - any bytes as what `tailscale status --json` prints, and each name in it as a device's.  Aborts when an
 * address is not Tailscale's, a name is not fit for a screen, or a host name is none.
 */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/registry.h"
#include "io/disc_names.h"
#include "io/tailscale.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge_text(const char *text, size_t room)
{
	char again[1024];
	size_t len = strnlen(text, room);

	XASSERT(len < room);
	str_clean(again, sizeof again, text, len, (int)sizeof again);
	XASSERT(strcmp(again, text) == 0);
}

static void
judge_host_name(const char *device_name)
{
	static const char *const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
	char host[96];
	size_t len;

	if (!disc_names_of_device(host, sizeof host, device_name))
		return;
	len = strspn(host, letters);
	XASSERT(len >= 1 && len <= 63 && strcmp(host + len, ".local") == 0);
	XASSERT(host[0] != '-' && host[len - 1] != '-' && strstr(host, "--") == NULL);
}

static void
judge_peer(const struct tailscale_peer *p)
{
	unsigned char bytes[16];

	judge_text(p->name, sizeof p->name);
	judge_text(p->os, sizeof p->os);
	judge_host_name(p->name);
	XASSERT(p->address_count >= 0 && p->address_count <= TAILSCALE_ADDRESSES);
	for (int i = 0; i < p->address_count; i++) {
		XASSERT(inet_pton(AF_INET, p->addresses[i], bytes) == 1 || inet_pton(AF_INET6, p->addresses[i], bytes) == 1);
		XASSERT(registry_path_of(p->addresses[i]) == PATH_TAILSCALE);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tailscale_status s;
	struct err e = { .kind = ERR_NONE };
	char *text = xstrndup((const char *)data, size);

	judge_host_name(text);
	free(text);
	if (!tailscale_read(&s, (const char *)data, size, &e)) {
		XASSERT(e.text[0] != '\0' && str_is_utf8(e.text, strlen(e.text)));
		XASSERT(s.peers == NULL && s.peer_count == 0);
		return 0;
	}
	judge_text(s.backend, sizeof s.backend);
	XASSERT(s.backend[0] != '\0' && s.online >= s.peer_count && s.offline >= 0);
	XASSERT(s.peer_count >= 0 && s.peer_count <= MAX_TAILSCALE_PEERS);
	for (int i = 0; i < s.peer_count; i++)
		judge_peer(&s.peers[i]);
	tailscale_status_fini(&s);
	return 0;
}
