/*
 * mesh_json.c - the mesh as the console specification writes it for `nodes --json` (doc/schemas/nodes.json).
 * Never prints.
 */
#include <stdio.h>
#include <string.h>
#include "app/mesh.h"
#include "io/jdoc.h"
#include "io/wire.h"

static void
set_us_as_ms(struct jdoc *j, const char *key, int64_t us)
{
	if (us < 0)
		jdoc_set_null(j, key);
	else
		jdoc_set_real(j, key, (double)us / 1000);
}

static void
set_or_null(struct jdoc *j, const char *key, const char *text)
{
	jdoc_set_text(j, key, text[0] != '\0' ? text : NULL);
}

static struct jdoc *
via_list(unsigned via)
{
	static const enum registry_via all[] = { VIA_BONJOUR, VIA_MDNS_NAME, VIA_SWEEP, VIA_MANUAL, VIA_REMEMBERED };
	struct jdoc *list = jdoc_array();

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if ((via & (unsigned)all[i]) != 0)
			jdoc_set_text(list, NULL, registry_via_name(all[i]));
	return list;
}

static struct jdoc *
json_path(const struct mesh_path *p)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "kind", registry_path_name(p->kind));
	jdoc_set_text(j, "address", p->host);
	jdoc_set_int(j, "port", p->port);
	jdoc_set(j, "via", via_list(p->via));
	jdoc_set_bool(j, "inUse", p->in_use);
	set_us_as_ms(j, "rttMs", p->rtt_us);
	set_us_as_ms(j, "answeredMs", p->answered_age_us);
	jdoc_set_int(j, "failures", p->failures);
	jdoc_set_bool(j, "wireless", p->wireless);
	return j;
}

static void
json_address(struct jdoc *j, const struct mesh_node *n)
{
	const struct mesh_path *p = n->used >= 0 ? &n->paths[n->used] : NULL;

	jdoc_set_text(j, "address", p != NULL ? p->host : NULL);
	if (p != NULL)
		jdoc_set_int(j, "port", p->port);
	else
		jdoc_set_null(j, "port");
	jdoc_set_text(j, "path", p != NULL ? registry_path_name(p->kind) : NULL);
	jdoc_set(j, "via", via_list(p != NULL ? p->via : 0));
	set_us_as_ms(j, "rttMs", n->rtt_us);
}

static void
json_health(struct jdoc *j, const struct crew *crew, const char *id)
{
	const struct crew_member *m = crew_find(crew, id);
	struct jdoc *as_sent = m != NULL && m->health_json != NULL ?
	    jdoc_parse(m->health_json, strlen(m->health_json), MAX_KEPT_HEALTH, NULL) : NULL;

	if (as_sent != NULL)
		jdoc_set(j, "health", as_sent);
	else if (m != NULL && m->track.said_us > 0)
		jdoc_set(j, "health", wire_health(&m->track.last));
	else
		jdoc_set_null(j, "health");
}

static struct jdoc *
json_node(const struct mesh_node *n, const struct crew *crew)
{
	struct jdoc *j = jdoc_object(), *paths = jdoc_array(), *services = jdoc_array();

	jdoc_set_text(j, "id", n->id);
	jdoc_set_text(j, "deviceName", n->device_name);
	if (n->was_remembered && n->number > 0)
		jdoc_set_int(j, "number", n->number);
	else
		jdoc_set_null(j, "number");	/* a Sphere's to give */
	set_or_null(j, "label", n->label);
	set_or_null(j, "model", n->model);
	set_or_null(j, "role", n->role);
	jdoc_set_text(j, "state", mesh_state_name(n->state));
	json_address(j, n);
	set_us_as_ms(j, "lastHeardMs", n->heard_age_us);
	for (int i = 0; i < n->path_count; i++)
		jdoc_set(paths, NULL, json_path(&n->paths[i]));
	jdoc_set(j, "paths", paths);
	json_health(j, crew, n->id);
	for (int i = 0; i < n->service_count; i++)
		jdoc_set_text(services, NULL, n->services[i]);
	jdoc_set(j, "services", services);
	set_or_null(j, "why", n->why);
	set_or_null(j, "pathWhy", n->path_why);
	jdoc_set_bool(j, "standInId", n->has_no_id);
	return j;
}

static struct jdoc *
json_seen(const struct mesh_seen *s)
{
	static const char *const words[] = { "waiting", "trying", "silent", "stranger" };
	struct jdoc *j = jdoc_object();

	set_or_null(j, "name", s->name);
	set_or_null(j, "id", s->id);
	jdoc_set_text(j, "address", s->host);
	jdoc_set_int(j, "port", s->port);
	jdoc_set(j, "via", via_list(s->via));
	jdoc_set_text(j, "state", words[s->state]);
	set_or_null(j, "why", s->why);
	return j;
}

static struct jdoc *
json_source(const struct mesh_source *s)
{
	struct jdoc *j = jdoc_object(), *lines = jdoc_array();
	char off[MAX_TEXT_FIELD + 8];

	jdoc_set_text(j, "source", s->name);
	jdoc_set_text(j, "via", registry_via_name(s->via));
	jdoc_set_bool(j, "working", s->working);
	jdoc_set_bool(j, "finished", s->finished);
	snprintf(off, sizeof off, "off (%s)", s->sentence);
	jdoc_set_text(j, "sentence", s->is_off ? off : s->sentence);
	jdoc_set_int(j, "sighted", s->sighted);
	jdoc_set_int(j, "answered", s->answered);
	for (int i = 0; i < s->line_count; i++) {
		struct jdoc *line = jdoc_object();

		jdoc_set_text(line, "topic", s->lines[i].topic);
		jdoc_set_text(line, "sentence", s->lines[i].sentence);
		jdoc_set(lines, NULL, line);
	}
	jdoc_set(j, "lines", lines);
	return j;
}

static void
json_explain(struct jdoc *root, const struct mesh *m)
{
	struct jdoc *list = jdoc_array();

	for (int i = 0; i < m->source_count; i++)
		jdoc_set(list, NULL, json_source(&m->sources[i]));
	for (int i = 0; i < m->conclusion_count; i++) {
		struct jdoc *j = jdoc_object();

		jdoc_set_text(j, "conclusion", m->conclusions[i]);
		jdoc_set(list, NULL, j);
	}
	jdoc_set(root, "explain", list);
	set_or_null(root, "thisMachine", m->own);
}

struct jdoc *
mesh_json(const struct mesh *m, const struct crew *crew, bool explain)
{
	struct jdoc *root = jdoc_object(), *nodes = jdoc_array(), *seen = jdoc_array();

	for (int i = 0; i < m->node_count; i++)
		jdoc_set(nodes, NULL, json_node(&m->nodes[i], crew));
	for (int i = 0; i < m->seen_count; i++)
		jdoc_set(seen, NULL, json_seen(&m->seen[i]));
	jdoc_set(root, "nodes", nodes);
	jdoc_set(root, "seen", seen);
	if (explain)
		json_explain(root, m);
	return root;
}
