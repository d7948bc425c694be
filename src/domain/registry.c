/*
 * registry.c - owns the nodes: who they are, where they answer, their number, label and roles.
 * Never opens an address, never decides whether a node is live.
 */
#include "domain/registry.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "domain/cmdline.h"

#define REGISTRY_MAX_NUMBER 99		/* `;` and two digits reach it */
#define REGISTRY_PLACE_CELLS 200
#define REGISTRY_NOBODY "anon-"
#define REGISTRY_CLONE_BASE (ID_BYTES - 5)	/* of the id in "ID#2": leaves room for three digits */

/* Kept in order of number, then of appearance. */
struct registry_entry {
	unsigned birth;
	struct registry_node node;
};

struct registry {
	size_t count;
	unsigned births;
	struct registry_entry *entries[MAX_NODES];
};

struct registry *
registry_new(void)
{
	return xcalloc(1, sizeof(struct registry));
}

void
registry_free(struct registry *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		free(r->entries[i]);
	free(r);
}

static struct registry_node *
registry_add(struct registry *r, const char *id)
{
	struct registry_entry *entry;

	if (r->count == MAX_NODES)
		return NULL;
	entry = xcalloc(1, sizeof(*entry));
	entry->birth = r->births++;
	str_copy(entry->node.id, sizeof(entry->node.id), id);
	entry->node.info.camera_count = -1;
	r->entries[r->count++] = entry;
	return &entry->node;
}

static bool
registry_number_is_taken(const struct registry *r, int number)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->entries[i]->node.number == number)
			return true;
	return false;
}

/* 0 when all are taken. */
static int
registry_lowest_free(const struct registry *r)
{
	for (int number = 1; number <= REGISTRY_MAX_NUMBER; number++)
		if (!registry_number_is_taken(r, number))
			return number;
	return 0;
}

struct registry_node *
registry_remember(struct registry *r, const char *id)
{
	struct registry_node *n = registry_find(r, id);

	if (n != NULL)
		return n;
	n = registry_add(r, id);
	if (n != NULL)
		n->known = true;
	return n;
}

/* FNV-1a, 64 bits: the same address gives the same stand-in in every run. */
static uint64_t
registry_hash(uint64_t hash, const char *text)
{
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash;
}

void
registry_stand_in(char id[static ID_BYTES], const struct registry_address *a)
{
	char port[16];
	uint64_t hash = 0xcbf29ce484222325u;

	if (a->url[0] != '\0')
		hash = registry_hash(hash, a->url);
	else {
		snprintf(port, sizeof(port), ":%d", a->port);
		hash = registry_hash(registry_hash(hash, a->host), port);
	}
	snprintf(id, ID_BYTES, REGISTRY_NOBODY "%016" PRIx64, hash);
}

bool
registry_is_stand_in(const char *id)
{
	return strncmp(id, REGISTRY_NOBODY, strlen(REGISTRY_NOBODY)) == 0;
}

static bool
registry_same_address(const struct registry_address *a, const char *host, int port, const char *url)
{
	return a->port == port && str_equal_nocase(a->host, host) && strcmp(a->url, url) == 0;
}

static struct registry_address *
registry_address_of(struct registry_node *n, const char *host, int port, const char *url)
{
	for (int i = 0; i < n->address_count; i++)
		if (registry_same_address(&n->addresses[i], host, port, url))
			return &n->addresses[i];
	return NULL;
}

/* One address answers for one node only: a lease may have moved on to another device. */
static void
registry_take_address_away(struct registry *r, const struct registry_node *keeper, const struct registry_address *a)
{
	struct registry_address *old;
	struct registry_node *n;

	for (size_t i = 0; i < r->count; i++) {
		n = &r->entries[i]->node;
		old = n == keeper ? NULL : registry_address_of(n, a->host, a->port, a->url);
		if (old == NULL)
			continue;
		n->address_count--;
		memmove(old, old + 1, (size_t)(&n->addresses[n->address_count] - old) * sizeof(*old));
	}
}

struct registry_node *
registry_identify_as(struct registry *r, const char *id, const struct node_info *info, const struct registry_address *a, bool *is_new)
{
	struct registry_node *n = registry_find(r, id);

	*is_new = n == NULL || n->known;
	if (n == NULL)
		n = registry_add(r, id);
	if (n == NULL) {
		*is_new = false;
		return NULL;
	}
	n->info = *info;
	str_copy(n->info.id, sizeof(n->info.id), n->id);
	n->known = false;
	n->flagged_no_id = info->id[0] == '\0';
	if (n->number == 0)
		n->number = registry_lowest_free(r);
	registry_take_address_away(r, n, a);
	registry_add_address(n, a);
	return n;
}

struct registry_node *
registry_identify(struct registry *r, const struct node_info *info, const struct registry_address *a, bool *is_new)
{
	char id[ID_BYTES];

	if (!ids_copy(id, info->id))
		registry_stand_in(id, a);
	return registry_identify_as(r, id, info, a, is_new);
}

/* No id of a device's own holds a '#' (ids_copy()). */
static size_t
registry_base_length(const char *id, size_t most)
{
	size_t length = strcspn(id, "#");

	return length < most ? length : most;
}

bool
registry_is_same_id(const char *a, const char *b)
{
	size_t length;

	if (strchr(a, '#') == NULL && strchr(b, '#') == NULL)
		return strcmp(a, b) == 0;
	length = registry_base_length(a, REGISTRY_CLONE_BASE);
	return length == registry_base_length(b, REGISTRY_CLONE_BASE) && strncmp(a, b, length) == 0;
}

void
registry_clone_id(struct registry *r, const char *id, char out[static ID_BYTES])
{
	const int length = (int)registry_base_length(id, REGISTRY_CLONE_BASE);

	for (int i = 2; i <= MAX_NODES + 1; i++) {
		snprintf(out, ID_BYTES, "%.*s#%d", length, id, i);
		if (registry_find(r, out) == NULL)
			return;
	}
}

bool
registry_add_address(struct registry_node *n, const struct registry_address *a)
{
	struct registry_address *mine = registry_address_of(n, a->host, a->port, a->url);

	if (mine == NULL) {
		if (n->address_count == MAX_NODE_ADDRESSES)
			return false;
		mine = &n->addresses[n->address_count++];
		*mine = *a;
		mine->kind = a->url[0] != '\0' ? PATH_URL : registry_path_of(a->host);
		return true;
	}
	mine->via |= a->via;
	if (a->seen_us > mine->seen_us)
		mine->seen_us = a->seen_us;
	if (a->rtt_us > 0)
		mine->rtt_us = a->rtt_us;
	return true;
}

struct registry_node *
registry_find(struct registry *r, const char *id)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->entries[i]->node.id, id) == 0)
			return &r->entries[i]->node;
	return NULL;
}

struct registry_node *
registry_by_number(struct registry *r, int number)
{
	for (size_t i = 0; number > 0 && i < r->count; i++)
		if (r->entries[i]->node.number == number)
			return &r->entries[i]->node;
	return NULL;
}

struct registry_node *
registry_by_address(struct registry *r, const char *host, int port, const char *url)
{
	for (size_t i = 0; i < r->count; i++)
		if (registry_address_of(&r->entries[i]->node, host, port, url != NULL ? url : "") != NULL)
			return &r->entries[i]->node;
	return NULL;
}

size_t
registry_count(const struct registry *r)
{
	return r->count;
}

static bool
registry_is_before(const struct registry_entry *a, const struct registry_entry *b)
{
	int number_a = a->node.number > 0 ? a->node.number : REGISTRY_MAX_NUMBER + 1;
	int number_b = b->node.number > 0 ? b->node.number : REGISTRY_MAX_NUMBER + 1;

	return number_a != number_b ? number_a < number_b : a->birth < b->birth;
}

/* Whoever reads the manifest writes numbers straight into nodes, so the order is made when it is asked for:
 * an insertion sort, one pass when nothing changed. */
static void
registry_sort(struct registry *r)
{
	for (size_t i = 1; i < r->count; i++) {
		struct registry_entry *entry = r->entries[i];
		size_t to = i;

		for (; to > 0 && registry_is_before(entry, r->entries[to - 1]); to--)
			r->entries[to] = r->entries[to - 1];
		r->entries[to] = entry;
	}
}

struct registry_node *
registry_at(struct registry *r, size_t index)
{
	if (index >= r->count)
		return NULL;
	registry_sort(r);
	return &r->entries[index]->node;
}

void
registry_forget(struct registry *r, const char *id)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->entries[i]->node.id, id) != 0)
			continue;
		free(r->entries[i]);
		r->count--;
		memmove(&r->entries[i], &r->entries[i + 1], (r->count - i) * sizeof(r->entries[0]));
		return;
	}
}

bool
registry_set_number(struct registry *r, struct registry_node *n, int number, struct err *e)
{
	struct registry_node *other;

	if (number < 1 || number > REGISTRY_MAX_NUMBER)
		return err_set(e, ERR_USAGE, "a camera number is 1 to %d, not %d", REGISTRY_MAX_NUMBER, number);
	other = registry_by_number(r, number);
	if (other == n)
		return true;
	if (other != NULL)
		other->number = n->number;
	n->number = number;
	if (other != NULL && other->number == 0)
		other->number = registry_lowest_free(r);
	return true;
}

bool
registry_label_is_fit(const char *label, struct err *e)
{
	char clean[MAX_NAME_BYTES];

	if (strlen(label) >= MAX_NAME_BYTES || str_cells(label) > MAX_NAME_CELLS)
		return err_set(e, ERR_USAGE, "this label is too long; expected at most %d columns", MAX_NAME_CELLS);
	str_clean(clean, sizeof(clean), label, strlen(label), MAX_NAME_CELLS);
	if (strcmp(clean, label) != 0)
		return err_set(e, ERR_USAGE, "this label holds characters that cannot be shown");
	if (label[strspn(label, " \t")] == '\0' || label[0] == ' ' || label[strlen(label) - 1] == ' ')
		return err_set(e, ERR_USAGE, "a label neither begins nor ends with a blank");
	if (label[strspn(label, "0123456789")] == '\0')
		return err_set(e, ERR_USAGE, "\"%s\" is all digits: a bare number is a camera number (see `number`)", label);
	if (label[0] == '-' || label[0] == '@')
		return err_set(e, ERR_USAGE, "a label cannot begin with %c: targets use it", label[0]);
	if (cmdline_is_word(label))
		return err_set(e, ERR_USAGE, "\"%s\" is a word of the command language; choose another label", label);
	return true;
}

bool
registry_set_label(struct registry *r, struct registry_node *n, const char *label, struct err *e)
{
	struct registry_node *other;

	if (label[0] != '\0' && !registry_label_is_fit(label, e))
		return false;
	for (size_t i = 0; label[0] != '\0' && i < r->count; i++) {
		other = &r->entries[i]->node;
		if (other == n)
			continue;
		if (str_equal_nocase(other->id, label))
			return err_set(e, ERR_REFUSED, "\"%s\" is the id of another camera; choose another label", label);
		if (str_equal_nocase(other->label, label))
			return err_set(e, ERR_REFUSED, "camera %d is labelled \"%s\" already; labels are unique",
			    other->number, other->label);
		if (str_equal_nocase(other->info.device_name, label))
			return err_set(e, ERR_REFUSED, "\"%s\" is the device name of camera %d; choose another label",
			    other->info.device_name, other->number);
	}
	str_copy(n->label, sizeof(n->label), label);
	return true;
}

unsigned
registry_roles(const struct registry_node *n)
{
	return n->roles != 0 ? n->roles : roles_parse(n->info.role);
}

const char *
registry_name(const struct registry_node *n)
{
	if (n->label[0] != '\0')
		return n->label;
	return n->info.device_name[0] != '\0' ? n->info.device_name : n->id;
}

void
registry_place(const struct registry_address *a, char *out, size_t out_size)
{
	const char *host = strstr(a->url, "://"), *end, *at = NULL;
	char plain[2 * sizeof a->url];

	if (a->url[0] == '\0') {
		snprintf(out, out_size, strchr(a->host, ':') != NULL ? "[%s]:%d" : "%s:%d", a->host, a->port);
		return;
	}
	host = host != NULL ? host + 3 : a->url;
	end = host + strcspn(host, "/?#");
	for (const char *p = host; p < end; p++)
		if (*p == '@')
			at = p + 1;
	snprintf(plain, sizeof plain, "%.*s%s", (int)(host - a->url), a->url, at != NULL ? at : host);
	str_clean(out, out_size, plain, strlen(plain), REGISTRY_PLACE_CELLS);
}

static bool
registry_ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && str_equal_nocase(text + len - end_len, end);
}

static enum registry_path
registry_path_of_ipv4(const unsigned char a[4])
{
	if (a[0] == 127)
		return PATH_LOOPBACK;
	return a[0] == 100 && (a[1] & 0xc0) == 64 ? PATH_TAILSCALE : PATH_LAN;	/* 100.64.0.0/10 */
}

static enum registry_path
registry_path_of_ipv6(const unsigned char a[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };	/* RFC 4291 section 2.5.5.2 */
	static const unsigned char loopback[16] = { [15] = 1 };
	static const unsigned char tailscale[6] = { 0xfd, 0x7a, 0x11, 0x5c, 0xa1, 0xe0 };

	if (memcmp(a, mapped, sizeof(mapped)) == 0)
		return registry_path_of_ipv4(a + 12);
	if (memcmp(a, loopback, sizeof(loopback)) == 0)
		return PATH_LOOPBACK;
	return memcmp(a, tailscale, sizeof(tailscale)) == 0 ? PATH_TAILSCALE : PATH_LAN;
}

enum registry_path
registry_path_of(const char *host)
{
	unsigned char bytes[16];
	char bare[256];

	str_copy(bare, sizeof(bare), host);
	bare[strcspn(bare, "%")] = '\0';	/* scope: fe80::1%eth0 */
	if (inet_pton(AF_INET, bare, bytes) == 1)
		return registry_path_of_ipv4(bytes);
	if (inet_pton(AF_INET6, bare, bytes) == 1)
		return registry_path_of_ipv6(bytes);
	if (str_equal_nocase(bare, "localhost") || registry_ends_with(bare, ".localhost"))
		return PATH_LOOPBACK;			/* RFC 6761 section 6.3 */
	return registry_ends_with(bare, ".ts.net") ? PATH_TAILSCALE : PATH_LAN;
}

const char *
registry_path_name(enum registry_path path)
{
	static const char *const names[] = { "lan", "tailscale", "loopback", "url" };

	return (size_t)path < sizeof(names) / sizeof(names[0]) ? names[path] : "lan";
}

const char *
registry_via_name(enum registry_via one)
{
	switch (one) {
	case VIA_BONJOUR: return "bonjour";
	case VIA_MDNS_NAME: return "mdns-name";
	case VIA_SWEEP: return "sweep";
	case VIA_MANUAL: return "manual";
	case VIA_REMEMBERED: return "remembered";
	}
	return "";
}
