/*
 * mesh.c - takes the snapshot of every device and every way to it out of the crew.
 * Owns nothing once it is handed over; never looks for a camera, never draws a conclusion (mesh_why.c does).
 */
#include "app/mesh.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/netif.h"

/* ---- Words ---- */

const char *
mesh_state_name(enum mesh_state state)
{
	static const char *const names[] = { "live", "stale", "lost", "conflict", "view-only" };

	return names[state];
}

const char *
mesh_seen_name(enum crew_seen_state state)
{
	static const char *const names[] = { "waiting", "trying", "silent", "no camera" };

	return names[state];
}

const char *
mesh_source_word(const struct mesh_source *s)
{
	if (s->is_off)
		return "off";
	if (s->absent)
		return "absent";
	if (!s->working)
		return "not working";
	return s->finished ? "working" : "looking";
}

const char *
mesh_source_rest(const struct mesh_source *s)
{
	const size_t len = strlen(s->name);
	char begin[MESH_WORD_BYTES];

	snprintf(begin, sizeof begin, "%.*s", (int)len, s->sentence);
	return str_equal_nocase(begin, s->name) && str_has_prefix(s->sentence + len, ": ") ? s->sentence + len + 2 : s->sentence;
}

static void
add_word(char *out, size_t out_size, const char *word)
{
	const size_t len = strlen(out);

	if (len + strlen(word) + 3 < out_size)
		snprintf(out + len, out_size - len, "%s%s", len > 0 ? ", " : "", word);
}

void
mesh_via_words(char *out, size_t out_size, unsigned via, enum registry_path kind)
{
	static const enum registry_via all[] = { VIA_BONJOUR, VIA_MDNS_NAME, VIA_SWEEP, VIA_MANUAL, VIA_REMEMBERED };

	out[0] = '\0';
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if ((via & (unsigned)all[i]) != 0)
			add_word(out, out_size, all[i] == VIA_SWEEP && kind == PATH_TAILSCALE ? "tailscale" : registry_via_name(all[i]));
	if (out[0] == '\0')
		str_copy(out, out_size, "its own word");
}

void
mesh_line_words(char *out, size_t out_size, const struct crew_line *l)
{
	if (strstr(l->sentence, l->topic) != NULL)
		str_copy(out, out_size, l->sentence);
	else
		snprintf(out, out_size, "%s: %s", l->topic, l->sentence);
}

void
mesh_service_words(char *out, size_t out_size, const struct mesh_node *n)
{
	out[0] = '\0';
	for (int i = 0; i < n->service_count; i++)
		add_word(out, out_size, n->services[i]);
}

/* ---- Paths ---- */

static int64_t
age(int64_t at_us, int64_t now_us)
{
	return at_us <= 0 ? -1 : now_us > at_us ? now_us - at_us : 0;
}

static void
take_place(const struct registry_address *a, char host[static MESH_PLACE_BYTES], char place[static MESH_PLACE_BYTES])
{
	registry_place(a, place, MESH_PLACE_BYTES);
	str_copy(host, MESH_PLACE_BYTES, a->url[0] != '\0' ? place : a->host);
}

static void
take_path(struct mesh_path *p, const struct registry_address *a, int64_t now_us)
{
	struct netif_way way;

	p->kind = a->url[0] != '\0' ? PATH_URL : a->kind;
	take_place(a, p->host, p->place);
	p->port = a->port;
	p->via = a->via;
	p->rtt_us = a->rtt_us;
	p->seen_age_us = age(a->seen_us, now_us);
	p->answered_age_us = age(a->answered_us, now_us);
	p->failures = a->failures;
	p->in_use = a->in_use;
	p->wireless = a->wireless;
	/* A question to the kernel for each: only where an answer matters. */
	p->on_link = (a->via & VIA_SWEEP) != 0 && netif_way_to(a->host, &way) && way.on_link && !way.loopback;
}

static void
take_paths(struct mesh_node *to, const struct crew_member *m, int64_t now_us)
{
	const struct registry_node *n = m->node;

	to->path_count = n->address_count;
	to->used = n->address_count > 0 ? 0 : -1;
	for (int i = 0; i < n->address_count; i++) {
		take_path(&to->paths[i], &n->addresses[i], now_us);
		if (n->addresses[i].in_use)
			to->used = i;
	}
	if (to->used >= 0)
		to->rtt_us = to->paths[to->used].rtt_us;
	if (to->rtt_us < 0 && m->clock.best.known)
		to->rtt_us = m->clock.best.rtt_us;
	str_copy(to->path_why, sizeof to->path_why, m->path_why != NULL ? m->path_why : "");
}

/* ---- Services ---- */

static void
add_service(struct mesh_node *to, const char *word)
{
	for (int i = 0; i < to->service_count; i++)
		if (strcmp(to->services[i], word) == 0)
			return;
	if (to->service_count < MESH_SERVICES)
		str_cut(to->services[to->service_count++], MESH_WORD_BYTES, word, MESH_WORD_BYTES - 1);
}

static void
add_camera(struct mesh_node *to, const struct node_camera *c)
{
	char word[MESH_WORD_BYTES + 64];

	if (c->zoom_max > c->zoom_min && c->zoom_min > 0)
		snprintf(word, sizeof word, "camera %.20s %.3g-%.3gx", c->position, c->zoom_min, c->zoom_max);
	else
		snprintf(word, sizeof word, "camera %.20s", c->position);
	add_service(to, word);
}

/* What the device says it can, then what else is announced at its addresses. */
static void
take_services(struct mesh_node *to, struct crew *crew, const struct registry_node *n)
{
	const struct node_info *info = &n->info;
	const struct { bool has; const char *word; } more[] = { { info->camera_count == 0, "no camera" }, { info->mic, "mic" },
		{ info->pose, "pose" }, { info->torch, "torch" }, { info->screen, "screen" } };
	const char *types[MAX_HOST_SERVICES];

	/* A remembered one has not said anything in this run. */
	for (int i = 0; !n->known && i < info->camera_count && i < NODE_CAMERAS; i++)
		add_camera(to, &info->cameras[i]);
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
		if (more[i].has && !n->known && !n->view_only)
			add_service(to, more[i].word);
	for (int i = 0; i < n->address_count; i++) {
		const int count = crew_services_at(crew, n->addresses[i].host, types, MAX_HOST_SERVICES);

		for (int j = 0; j < count; j++)
			add_service(to, types[j]);
	}
}

/* ---- Nodes ---- */

static enum mesh_state
state_of(const struct crew_member *m)
{
	if (m->node->view_only)
		return MESH_VIEW_ONLY;
	if (m->node->conflict && (m->link == HEALTH_LIVE || m->link == HEALTH_STALE))
		return MESH_CONFLICT;
	return m->link == HEALTH_LIVE ? MESH_LIVE : m->link == HEALTH_STALE ? MESH_STALE : MESH_LOST;
}

static void
take_node(struct mesh_node *to, struct crew *crew, const struct crew_member *m, int64_t now_us)
{
	const struct registry_node *n = m->node;

	str_copy(to->id, sizeof to->id, n->id);
	str_copy(to->name, sizeof to->name, registry_name(n));
	str_copy(to->device_name, sizeof to->device_name, n->info.device_name);
	str_copy(to->label, sizeof to->label, n->label);
	str_copy(to->model, sizeof to->model, n->info.model);
	if (n->roles != 0)
		roles_text(to->role, sizeof to->role, n->roles);
	else
		str_copy(to->role, sizeof to->role, n->info.role);
	to->number = n->number;
	to->state = state_of(m);
	to->was_remembered = m->was_remembered;
	to->is_known_only = n->known;
	to->has_no_id = n->flagged_no_id;
	to->is_out = n->out;
	to->heard_age_us = age(m->track.heard_us, now_us);
	to->rtt_us = -1;
	str_copy(to->why, sizeof to->why, m->why[0] != '\0' ? m->why : m->picture_trouble);
	take_paths(to, m, now_us);
	take_services(to, crew, n);
}

static void
take_nodes(struct mesh *to, struct crew *crew, int64_t now_us)
{
	const int count = crew_count(crew);

	to->nodes = xcalloc((size_t)count + 1, sizeof *to->nodes);
	for (int i = 0; i < count; i++) {
		const struct crew_member *m = crew_at(crew, i);

		if (m != NULL)
			take_node(&to->nodes[to->node_count++], crew, m, now_us);
	}
}

/* ---- What was seen and is no member ---- */

/* The link's word names the place first: here that stands beside it. */
static const char *
without_place(const char *why, const char *place)
{
	const size_t len = strlen(place);

	return str_has_prefix(why, place) && str_has_prefix(why + len, ": ") ? why + len + 2 : why;
}

static void
take_seen(struct mesh *to, struct crew *crew, int64_t now_us)
{
	const int count = crew_seen_count(crew);
	struct crew_seen s;

	to->seen = xcalloc((size_t)count + 1, sizeof *to->seen);
	for (int i = 0; i < count && crew_seen_at(crew, i, &s); i++) {
		struct mesh_seen *seen = &to->seen[to->seen_count++];

		str_copy(seen->id, sizeof seen->id, s.id);
		str_copy(seen->name, sizeof seen->name, s.name);
		take_place(&s.address, seen->host, seen->place);
		seen->port = s.address.port;
		seen->via = s.address.via;
		seen->state = s.state;
		seen->kind = s.address.url[0] != '\0' ? PATH_URL : s.address.kind;
		str_copy(seen->why, sizeof seen->why, without_place(s.why, seen->place));
		seen->age_us = age(s.seen_us, now_us);
	}
}

/* ---- Sources ---- */

static void
take_source(struct mesh_source *to, const struct crew_source *s)
{
	str_copy(to->name, sizeof to->name, s->name != NULL ? s->name : registry_via_name(s->via));
	to->via = s->via;
	to->working = s->working;
	to->finished = s->finished;
	to->absent = s->absent;
	to->sighted = s->sighted;
	to->answered = s->answered;
	str_copy(to->sentence, sizeof to->sentence, s->sentence);
	to->line_count = s->line_count;
	to->lines = xcalloc((size_t)s->line_count + 1, sizeof *to->lines);
	if (s->line_count > 0)
		memcpy(to->lines, s->lines, (size_t)s->line_count * sizeof *to->lines);
}

static void
take_sources(struct mesh *to, struct crew *crew, const struct mesh_off *off, int off_count)
{
	const int count = crew_source_count(crew);

	to->sources = xcalloc((size_t)(count + off_count) + 1, sizeof *to->sources);
	for (int i = 0; i < count; i++)
		take_source(&to->sources[to->source_count++], crew_source_at(crew, i));
	for (int i = 0; i < off_count; i++) {
		struct mesh_source *s = &to->sources[to->source_count++];

		str_copy(s->name, sizeof s->name, off[i].name);
		s->via = off[i].via;
		s->is_off = s->finished = true;
		str_copy(s->sentence, sizeof s->sentence, off[i].sentence);
	}
}

/* ---- This machine ---- */

static bool
is_told(const struct netif_address *a)
{
	/* Every interface has a link-local IPv6 address: no news. */
	return !a->loopback && !(a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80);
}

static void
take_own(struct mesh *to)
{
	struct netif_address *list = xcalloc(MAX_INTERFACES, sizeof *list);
	const int count = netif_list(list, MAX_INTERFACES);

	for (int i = 0; i < count; i++) {
		char number[INET6_ADDRSTRLEN] = "", word[128];

		if (!is_told(&list[i]) || inet_ntop(list[i].family, list[i].bytes, number, sizeof number) == NULL)
			continue;
		to->own_count++;
		snprintf(word, sizeof word, "%s %s/%d%s", list[i].name, number, list[i].prefix,
		    list[i].tailscale ? " (Tailscale)" : list[i].wireless ? " (Wi-Fi)" : "");
		add_word(to->own, sizeof to->own, word);
	}
	free(list);
}

struct mesh *
mesh_take(struct crew *crew, int64_t now_us, const struct mesh_off *off, int off_count)
{
	struct mesh *m = xcalloc(1, sizeof *m);

	take_nodes(m, crew, now_us);
	take_seen(m, crew, now_us);
	take_sources(m, crew, off, off_count);
	take_own(m);
	mesh_why_conclude(m);
	return m;
}

void
mesh_free(struct mesh *m)
{
	if (m == NULL)
		return;
	for (int i = 0; i < m->source_count; i++)
		free(m->sources[i].lines);
	free(m->sources);
	free(m->seen);
	free(m->nodes);
	free(m);
}
