/*
 * root_nodes.c - `nodes`: discovers for a while and lists what answered.
 * Owns no folder, commands nobody.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"
#include "io/wire.h"
#include "root.h"
#include "root_house.h"

static void
nodes_over(void *arg)
{
	struct root_house *h = arg;

	loop_stop(h->loop);
}

/* ---- What a row says ---- */

/* live|stale|lost|conflict|view-only */
static const char *
node_state(const struct crew_member *m)
{
	if (m->node->view_only)
		return "view-only";
	return m->link == HEALTH_NEVER ? "lost" : health_link_name(m->link);
}

static const struct registry_address *
node_address(const struct registry_node *n)
{
	for (int i = 0; i < n->address_count; i++)
		if (n->addresses[i].in_use)
			return &n->addresses[i];
	return n->address_count > 0 ? &n->addresses[0] : NULL;
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

static const char *
address_text(const struct registry_address *a)
{
	return a->url[0] != '\0' ? a->url : a->host;
}

static struct jdoc *
json_path(const struct registry_address *a)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "kind", registry_path_name(a->kind));
	jdoc_set_text(j, "address", address_text(a));
	jdoc_set_int(j, "port", a->port);
	jdoc_set(j, "via", via_list(a->via));
	jdoc_set_bool(j, "inUse", a->in_use);
	set_us_as_ms(j, "rttMs", a->rtt_us);
	return j;
}

/* The best round trip known: of the path, else of the clock. */
static int64_t
node_rtt_us(const struct crew_member *m, const struct registry_address *a)
{
	if (a != NULL && a->rtt_us >= 0)
		return a->rtt_us;
	return m->clock.best.known ? m->clock.best.rtt_us : -1;
}

static void
json_address(struct jdoc *j, const struct crew_member *m)
{
	const struct registry_address *a = node_address(m->node);

	jdoc_set_text(j, "address", a != NULL ? address_text(a) : NULL);
	if (a != NULL)
		jdoc_set_int(j, "port", a->port);
	else
		jdoc_set_null(j, "port");
	jdoc_set_text(j, "path", a != NULL ? registry_path_name(a->kind) : NULL);
	jdoc_set(j, "via", via_list(a != NULL ? a->via : 0));
	set_us_as_ms(j, "rttMs", node_rtt_us(m, a));
}

static struct jdoc *
json_node(const struct crew_member *m, int64_t now_us)
{
	const struct registry_node *n = m->node;
	struct jdoc *j = jdoc_object(), *paths = jdoc_array();

	jdoc_set_text(j, "id", n->id);
	jdoc_set_text(j, "deviceName", n->info.device_name);
	jdoc_set_null(j, "number");	/* a Sphere's to give */
	set_or_null(j, "label", n->label);
	set_or_null(j, "model", n->info.model);
	set_or_null(j, "role", n->info.role);
	jdoc_set_text(j, "state", node_state(m));
	json_address(j, m);
	set_us_as_ms(j, "lastHeardMs", m->track.heard_us >= 0 ? now_us - m->track.heard_us : -1);
	for (int i = 0; i < n->address_count; i++)
		jdoc_set(paths, NULL, json_path(&n->addresses[i]));
	jdoc_set(j, "paths", paths);
	if (m->track.said_us > 0)
		jdoc_set(j, "health", wire_health(&m->track.last));
	else
		jdoc_set_null(j, "health");
	return j;
}

/* ---- Explaining ---- */

static const char not_used[] = "is accepted and not used by this version";

static void
explain_text(const struct root_house *h, const struct root_opts *o)
{
	char line[400];

	for (int i = 0; i < crew_source_count(h->crew); i++) {
		const struct crew_source *s = crew_source_at(h->crew, i);

		printf("%s: %s: %s\n", registry_via_name(s->via), s->working ? "working" : "not working", s->sentence);
	}
	if (o->no_bonjour)
		printf("bonjour: off (--no-bonjour)\n");
	for (int i = 0; crew_pending_at(h->crew, i, line, sizeof line); i++)
		printf("tried: %s\n", line);
	if (o->probe != NULL)
		printf("mdns-name: --probe %s %s\n", o->probe, not_used);
	if (o->sweep != NULL)
		printf("sweep: --sweep %s %s\n", o->sweep, not_used);
}

static void
add_explained(struct jdoc *list, const char *via, bool working, const char *sentence)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "via", via);
	jdoc_set_bool(j, "working", working);
	jdoc_set_text(j, "sentence", sentence);
	jdoc_set(list, NULL, j);
}

static struct jdoc *
explain_json(const struct root_house *h, const struct root_opts *o)
{
	struct jdoc *list = jdoc_array();
	char line[400];

	for (int i = 0; i < crew_source_count(h->crew); i++) {
		const struct crew_source *s = crew_source_at(h->crew, i);

		add_explained(list, registry_via_name(s->via), s->working, s->sentence);
	}
	if (o->no_bonjour)
		add_explained(list, "bonjour", false, "off (--no-bonjour)");
	for (int i = 0; crew_pending_at(h->crew, i, line, sizeof line); i++)
		add_explained(list, "manual", false, line);
	if (o->probe != NULL) {
		snprintf(line, sizeof line, "--probe %.200s %s", o->probe, not_used);
		add_explained(list, "mdns-name", false, line);
	}
	if (o->sweep != NULL) {
		snprintf(line, sizeof line, "--sweep %.200s %s", o->sweep, not_used);
		add_explained(list, "sweep", false, line);
	}
	return list;
}

/* ---- The list ---- */

static void
print_json(const struct root_house *h, const struct root_opts *o, int64_t now_us)
{
	struct jdoc *root = jdoc_object(), *nodes = jdoc_array();
	char *text;

	for (int i = 0; i < crew_count(h->crew); i++)
		jdoc_set(nodes, NULL, json_node(crew_at(h->crew, i), now_us));
	jdoc_set(root, "nodes", nodes);
	if (o->explain)
		jdoc_set(root, "explain", explain_json(h, o));
	text = jdoc_print(root);
	puts(text);
	free(text);
	jdoc_free(root);
}

struct row {				/* of the table; its columns are as wide as their longest word */
	char name[4 * MAX_NAME_BYTES], state[16], path[16], rtt[32], address[300], model[4 * MAX_NAME_BYTES];
};

static const struct row heading = { .name = "name", .state = "state", .path = "path", .rtt = "rtt", .address = "address",
	.model = "model" };

static void
fill_row(struct row *row, const struct crew_member *m)
{
	const struct registry_node *n = m->node;
	const struct registry_address *a = node_address(n);
	const int64_t rtt_us = node_rtt_us(m, a);
	char place[sizeof a->url] = "-";

	if (a != NULL)
		registry_place(a, place, sizeof place);
	str_cut(row->name, sizeof row->name, registry_name(n), 32);
	str_copy(row->state, sizeof row->state, node_state(m));
	str_copy(row->path, sizeof row->path, a != NULL ? registry_path_name(a->kind) : "-");
	str_copy(row->rtt, sizeof row->rtt, "-");
	if (rtt_us >= 0)
		snprintf(row->rtt, sizeof row->rtt, "%.1fms", (double)rtt_us / 1000);
	str_cut(row->address, sizeof row->address, place, 64);
	str_cut(row->model, sizeof row->model, n->info.model, 32);
}

/* No number: cameras get theirs in a Sphere. */
static void
print_row(const struct row *row, int name_cells, int address_cells)
{
	const int name_pad = name_cells - str_cells(row->name), address_pad = address_cells - str_cells(row->address);

	printf("%s%*s  %-9s  %-9s  %8s  %s", row->name, name_pad > 0 ? name_pad : 0, "", row->state, row->path, row->rtt, row->address);
	if (row->model[0] != '\0')
		printf("%*s  %s", address_pad > 0 ? address_pad : 0, "", row->model);
	putchar('\n');
}

static void
print_table(const struct root_house *h)
{
	const int count = crew_count(h->crew);
	struct row *rows = xcalloc((size_t)count + 1, sizeof *rows);
	int name_cells = 0, address_cells = 0;

	rows[0] = heading;
	for (int i = 0; i <= count; i++) {
		if (i > 0)
			fill_row(&rows[i], crew_at(h->crew, i - 1));
		name_cells = str_cells(rows[i].name) > name_cells ? str_cells(rows[i].name) : name_cells;
		address_cells = str_cells(rows[i].address) > address_cells ? str_cells(rows[i].address) : address_cells;
	}
	for (int i = 0; i <= count; i++)
		print_row(&rows[i], name_cells, address_cells);
	free(rows);
}

static void
print_text(const struct root_house *h, const struct root_opts *o)
{
	if (crew_count(h->crew) > 0)
		print_table(h);
	if (o->explain)
		explain_text(h, o);
}

int
root_nodes(const struct root_opts *o)
{
	struct root_house *h = calloc(1, sizeof *h);
	struct err e = { .kind = ERR_NONE };
	struct loop_timer *timer;
	int status;

	if (h == NULL)
		return ROOT_ENVIRONMENT;
	if (!root_house_open(h, o, NULL, 0, &e)) {
		root_complain("%s", e.text);
		free(h);
		return root_status_of(&e);
	}
	root_house_discover(h, o, !o->no_bonjour);
	timer = loop_timer_new(h->loop, nodes_over, h);
	loop_timer_start(h->loop, timer, o->for_us, 0);
	loop_signal(h->loop, SIGINT, nodes_over, h);
	loop_signal(h->loop, SIGTERM, nodes_over, h);
	loop_run(h->loop);
	if (o->json)
		print_json(h, o, loop_now_us(h->loop));
	else
		print_text(h, o);
	status = crew_count(h->crew) > 0 ? ROOT_OK : ROOT_NOBODY;
	if (status == ROOT_NOBODY && !o->explain)
		root_complain("no camera was found; --explain says how each source fares, --node HOST adds one by its address");
	loop_timer_free(h->loop, timer);
	root_house_close(h);
	root_house_fini(h);
	free(h);
	return status;
}
