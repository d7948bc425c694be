/*
 * root_nodes.c - `nodes`: looks for cameras for a while, tells each the moment it is known, and lists them all.
 * Owns no folder, commands nobody.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "io/jdoc.h"
#include "root.h"
#include "root_discover.h"
#include "root_nodes.h"

#define LOOK_US 2000LL
#define WITHOUT_FOR_US 5000000LL	/* --for was not given: the longest, but for networks that were named */
#define SETTLE_US 1500000LL		/* all are known: for their first word on their health and the round trip */
#define POLLED_US 50000		/* a camera without an event stream has been asked for its health by then */

struct nodes {
	struct root_house house;
	const struct root_opts *opts;
	struct loop_timer *timer;
	int64_t begun_us, settle_us;	/* settle_us 0: not all are known yet */
};

/* ---- Telling ---- */

/* Of a device that was just identified: the address that answered. */
static const struct registry_address *
newest_address(const struct registry_node *n)
{
	const struct registry_address *newest = NULL;

	for (int i = 0; i < n->address_count; i++)
		if (newest == NULL || n->addresses[i].answered_us > newest->answered_us)
			newest = &n->addresses[i];
	return newest;
}

static const char *
found_words(unsigned via, enum registry_path kind)
{
	static const struct { enum registry_via via; const char *words; } all[] = {
		{ VIA_BONJOUR, "by Bonjour" }, { VIA_MDNS_NAME, "by its host name" }, { VIA_SWEEP, "by sweep" },
		{ VIA_MANUAL, "at the address given" }, { VIA_REMEMBERED, "where it was before" } };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if ((via & (unsigned)all[i].via) != 0)
			return all[i].via == VIA_SWEEP && kind == PATH_TAILSCALE ? "by Tailscale" : all[i].words;
	return "by its own word";
}

static void
nodes_seen(void *arg, const struct bus_event *ev)
{
	const struct nodes *n = arg;
	const struct crew_member *m = ev->node != NULL ? crew_find(n->house.crew, ev->node) : NULL;
	const struct registry_address *a = m != NULL ? newest_address(m->node) : NULL;
	char place[MESH_PLACE_BYTES];

	if (a == NULL)
		return;
	registry_place(a, place, sizeof place);
	fprintf(stderr, "%s  %s  found %s after %lld ms\n", place, registry_name(m->node), found_words(a->via, a->kind),
	    (long long)((loop_now_us(n->house.loop) - n->begun_us) / 1000));
}

/* Told at once: a camera takes its time to say who it is. */
static void
nodes_place_answers(void *arg, const struct bus_event *ev)
{
	const struct nodes *n = arg;

	fprintf(stderr, "%s  answers the sweep after %lld ms\n", ev->text, (long long)((loop_now_us(n->house.loop) - n->begun_us) / 1000));
}

/* ---- The end ---- */

/* A typed address is settled when it was identified, or has failed once. */
static bool
is_settled(struct nodes *n, const struct registry_address *a)
{
	struct crew_seen s;

	if (registry_by_address(n->house.registry, a->host, a->port, a->url) != NULL)
		return true;
	for (int i = 0; crew_seen_at(n->house.crew, i, &s); i++)
		if (s.address.port == a->port && str_equal_nocase(s.address.host, a->host) && strcmp(s.address.url, a->url) == 0)
			return s.state == CREW_SEEN_SILENT || s.state == CREW_SEEN_STRANGER;
	return false;
}

static bool
is_asking(struct nodes *n)
{
	struct registry_address a;
	struct crew_seen s;

	for (int i = 0; crew_seen_at(n->house.crew, i, &s); i++)
		if (s.state == CREW_SEEN_WAITING || s.state == CREW_SEEN_TRYING)
			return true;
	for (int i = 0; i < n->opts->nodes.count; i++)
		if (disc_parse_address(&a, n->opts->nodes.items[i], NULL) && !is_settled(n, &a))
			return true;
	return false;
}

/* Some source may still tell somebody; Bonjour always may. */
static bool
is_looking(const struct nodes *n)
{
	for (int i = 0; i < crew_source_count(n->house.crew); i++) {
		const struct crew_source *s = crew_source_at(n->house.crew, i);

		if (s->via == VIA_BONJOUR || (s->working && !s->finished))
			return true;
	}
	return false;
}

static bool
is_sweeping(const struct nodes *n)
{
	for (int i = 0; i < crew_source_count(n->house.crew); i++) {
		const struct crew_source *s = crew_source_at(n->house.crew, i);

		if (strcmp(s->name, "sweep") == 0 && s->working && !s->finished)
			return true;
	}
	return false;
}

static bool
has_been_heard(const struct crew_member *m, int64_t now_us)
{
	if (m->node->view_only)
		return m->link == HEALTH_LIVE;
	if (m->conn == CONN_POLLING && m->link == HEALTH_LIVE && now_us - m->link_since_us >= POLLED_US)
		return true;		/* it offers no events, and perhaps no health either */
	for (int i = 0; i < m->node->address_count; i++)
		if (m->node->addresses[i].in_use && m->node->addresses[i].rtt_us >= 0)
			return m->track.said_us > 0;
	return m->track.said_us > 0 && m->clock.best.known;
}

static bool
all_have_been_heard(const struct nodes *n)
{
	for (int i = 0; i < crew_count(n->house.crew); i++)
		if (!has_been_heard(crew_at(n->house.crew, i), clk_mono_us(clk_system())))
			return false;
	return true;
}

/* Everything that was asked for is known: nothing would change by waiting. */
static bool
is_complete(struct nodes *n, int64_t now_us)
{
	if (is_looking(n) || is_asking(n)) {
		n->settle_us = 0;
		return false;
	}
	if (n->settle_us == 0)
		n->settle_us = now_us;
	return all_have_been_heard(n) || now_us - n->settle_us >= SETTLE_US;
}

/* Networks that somebody named are searched to their end, whatever their size. */
static bool
is_time_over(struct nodes *n, int64_t now_us)
{
	const int64_t past_us = now_us - n->begun_us;
	const char *sweep = n->opts->sweep;

	if (n->opts->for_us > 0)
		return past_us >= n->opts->for_us;
	if (is_complete(n, now_us))
		return true;
	return past_us >= WITHOUT_FOR_US && (sweep == NULL || strcmp(sweep, "auto") == 0 || !is_sweeping(n));
}

static void
nodes_look(void *arg)
{
	struct nodes *n = arg;

	if (is_time_over(n, loop_now_us(n->house.loop)))
		loop_stop(n->house.loop);
}

static void
nodes_interrupt(void *arg)
{
	loop_stop(((struct nodes *)arg)->house.loop);
}

/* ---- The whole ---- */

static void
print_json(const struct mesh *m, const struct nodes *n)
{
	struct jdoc *j = mesh_json(m, n->house.crew, n->opts->explain);
	char *text = jdoc_print(j);

	puts(text);
	free(text);
	jdoc_free(j);
}

/* What a Sphere remembers and nobody met was not found. */
static int
count_met(const struct mesh *m)
{
	int count = 0;

	for (int i = 0; i < m->node_count; i++)
		count += !m->nodes[i].is_known_only;
	return count;
}

static int
nodes_list(struct nodes *n)
{
	struct root_house *h = &n->house;
	const struct root_opts *o = n->opts;
	struct mesh *m = mesh_take(h->crew, clk_mono_us(clk_system()), h->off, h->off_count);
	const int status = count_met(m) > 0 ? ROOT_OK : ROOT_NOBODY;

	if (o->json)
		print_json(m, n);
	else
		root_nodes_text_table(m);
	if (o->explain && !o->json)
		root_nodes_text_explain(m);
	if (status == ROOT_NOBODY && !o->explain)
		root_complain("no camera was found; --explain says how each source fares, --node HOST adds one by its address");
	mesh_free(m);
	return status;
}

static int
nodes_run(struct nodes *n)
{
	struct root_house *h = &n->house;
	int status;

	n->begun_us = loop_now_us(h->loop);
	if (!n->opts->json) {
		bus_listen(h->bus, EV_NODE_SEEN, nodes_seen, n);
		bus_listen(h->bus, EV_PLACE_ANSWERS, nodes_place_answers, n);
	}
	root_discover_begin(h, n->opts, ROOT_DISCOVER_ALL);
	n->timer = loop_timer_new(h->loop, nodes_look, n);
	/* A time that was given is kept to; else completeness is looked for now and then. */
	if (n->opts->for_us > 0)
		loop_timer_start(h->loop, n->timer, n->opts->for_us, LOOK_US);
	else
		loop_timer_start(h->loop, n->timer, LOOK_US, LOOK_US);
	loop_signal(h->loop, SIGINT, nodes_interrupt, n);
	loop_signal(h->loop, SIGTERM, nodes_interrupt, n);
	loop_run(h->loop);
	status = nodes_list(n);
	loop_timer_free(h->loop, n->timer);
	bus_unlisten(h->bus, nodes_seen, n);
	bus_unlisten(h->bus, nodes_place_answers, n);
	return status;
}

int
root_nodes(const struct root_opts *o)
{
	struct nodes *n = calloc(1, sizeof *n);
	struct err e = { .kind = ERR_NONE };
	int status;

	if (n == NULL)
		return ROOT_ENVIRONMENT;
	n->opts = o;
	if (root_house_open(&n->house, o, NULL, 0, &e)) {
		status = nodes_run(n);
		root_house_close(&n->house);
		root_house_fini(&n->house);
	} else {
		root_complain("%s", e.text);
		status = root_status_of(&e);
	}
	free(n);
	return status;
}
