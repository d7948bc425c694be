/*
 * t_mesh.c - the mesh map: what the snapshot takes over from the crew, and what it concludes from made-up facts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "app/mesh.h"
#include "io/jdoc.h"
#include "support/schema.h"
#include "unit/crew_double.h"

/* ---- What of the crew the double leaves out ---- */

static struct crew_source told_sources[4];
static int told_source_count;
static struct crew_seen told_seen[4];
static int told_seen_count;

int
crew_source_count(const struct crew *c)
{
	(void)c;
	return told_source_count;
}

const struct crew_source *
crew_source_at(const struct crew *c, int index)
{
	(void)c;
	return &told_sources[index];
}

int
crew_seen_count(const struct crew *c)
{
	(void)c;
	return told_seen_count;
}

bool
crew_seen_at(const struct crew *c, int index, struct crew_seen *out)
{
	(void)c;
	if (index >= told_seen_count)
		return false;
	*out = told_seen[index];
	return true;
}

int
crew_services_at(const struct crew *c, const char *host, const char **types, int max)
{
	(void)c;
	if (strcmp(host, "10.0.0.12") != 0 || max < 2)
		return 0;
	types[0] = "_ssh._tcp";
	types[1] = "_mmcam._tcp";
	return 2;
}

/* ---- A mesh of made-up facts ---- */

struct made {
	struct mesh mesh;
	struct mesh_node nodes[8];
	struct mesh_seen seen[16];
	struct mesh_source sources[8];
};

static struct made *
make(void)
{
	struct made *f = calloc(1, sizeof *f);

	f->mesh.nodes = f->nodes;
	f->mesh.seen = f->seen;
	f->mesh.sources = f->sources;
	f->mesh.own_count = 1;
	return f;
}

static struct mesh_source *
source(struct made *f, const char *name, enum registry_via via, bool finished, int answered)
{
	struct mesh_source *s = &f->sources[f->mesh.source_count++];

	str_copy(s->name, sizeof s->name, name);
	s->via = via;
	s->working = true;
	s->finished = finished;
	s->answered = answered;
	return s;
}

/* A live camera with one address that answers. */
static struct mesh_node *
node(struct made *f, const char *id, const char *host, unsigned via, bool on_link)
{
	struct mesh_node *n = &f->nodes[f->mesh.node_count++];
	struct mesh_path *p = &n->paths[0];

	str_copy(n->id, sizeof n->id, id);
	snprintf(n->name, sizeof n->name, "cam %d", f->mesh.node_count);
	n->state = MESH_LIVE;
	n->path_count = 1;
	n->heard_age_us = 1000;
	str_copy(p->host, sizeof p->host, host);
	snprintf(p->place, sizeof p->place, "%s:8081", host);
	p->kind = registry_path_of(host);
	p->via = via;
	p->on_link = on_link;
	p->in_use = true;
	return n;
}

static struct mesh_seen *
seen(struct made *f, enum crew_seen_state state, const char *name, const char *host, unsigned via, const char *why)
{
	struct mesh_seen *s = &f->seen[f->mesh.seen_count++];

	s->state = state;
	s->via = via;
	s->port = 8081;
	str_copy(s->name, sizeof s->name, name);
	str_copy(s->host, sizeof s->host, host);
	snprintf(s->place, sizeof s->place, "%s:8081", host);
	str_copy(s->why, sizeof s->why, why);
	return s;
}

static bool
concludes(struct made *f, const char *what)
{
	mesh_why_conclude(&f->mesh);
	for (int i = 0; i < f->mesh.conclusion_count; i++)
		if (strstr(f->mesh.conclusions[i], what) != NULL)
			return true;
	return false;
}

static void
says(struct made *f, const char *whole)
{
	mesh_why_conclude(&f->mesh);
	for (int i = 0; i < f->mesh.conclusion_count; i++)
		if (strcmp(f->mesh.conclusions[i], whole) == 0)
			return;
	for (int i = 0; i < f->mesh.conclusion_count; i++)
		print_message("concluded: %s\n", f->mesh.conclusions[i]);
	fail_msg("not concluded: %s", whole);
}

/* ---- Conclusions ---- */

static void
a_network_that_blocks_multicast_is_named(void **state)
{
	struct made *f = make();

	(void)state;
	source(f, "mdns", VIA_BONJOUR, true, 0);
	source(f, "sweep", VIA_SWEEP, true, 2);
	node(f, "a", "10.0.0.12", VIA_SWEEP, true);
	node(f, "b", "10.0.0.13", VIA_SWEEP, true);
	says(f, "multicast got no answer from any host while the sweep found 2: this network blocks multicast");
	free(f);
}

static void
multicast_that_answers_or_was_not_asked_blames_no_network(void **state)
{
	struct made *f = make();
	struct mesh_source *mdns = source(f, "mdns", VIA_BONJOUR, true, 1);

	(void)state;
	node(f, "a", "10.0.0.12", VIA_SWEEP, true);
	assert_false(concludes(f, "blocks multicast"));
	mdns->answered = 0;
	assert_true(concludes(f, "blocks multicast"));
	mdns->finished = false;		/* the answer may be on its way */
	assert_false(concludes(f, "blocks multicast"));
	mdns->finished = true;
	mdns->working = false;		/* it could not ask at all */
	assert_false(concludes(f, "blocks multicast"));
	mdns->working = true;
	assert_true(concludes(f, "blocks multicast, or that camera announces nothing"));	/* one camera is weak evidence */
	mdns->is_off = true;
	assert_false(concludes(f, "blocks multicast"));
	source(f, "names", VIA_MDNS_NAME, true, 0);	/* nobody has such a name: no word on the network */
	assert_false(concludes(f, "blocks multicast"));
	free(f);
}

static void
a_camera_behind_a_router_is_no_proof_against_multicast(void **state)
{
	struct made *f = make();

	(void)state;
	source(f, "mdns", VIA_BONJOUR, true, 0);
	node(f, "a", "10.0.2.12", VIA_SWEEP, false);
	assert_false(concludes(f, "blocks multicast"));
	says(f, "1 camera is behind a router: multicast does not go there; a sweep of that network or the address finds it");
	node(f, "b", "10.0.2.13", VIA_SWEEP, false);
	assert_true(concludes(f, "2 cameras are behind a router"));
	free(f);
}

static void
a_camera_that_announces_nothing_is_told(void **state)
{
	struct made *f = make();

	(void)state;
	source(f, "mdns", VIA_BONJOUR, true, 3);
	node(f, "a", "10.0.0.12", VIA_SWEEP, true);
	node(f, "b", "10.0.0.13", (unsigned)VIA_SWEEP | (unsigned)VIA_BONJOUR, true);
	says(f, "multicast works, yet 1 camera that the sweep found announces nothing by it");
	f->nodes[0].paths[0].via |= VIA_MDNS_NAME;
	assert_false(concludes(f, "announce"));
	free(f);
}

static void
nobody_at_all_asks_for_the_network(void **state)
{
	struct made *f = make();
	struct mesh_source *sweep;

	(void)state;
	source(f, "mdns", VIA_BONJOUR, true, 0);
	sweep = source(f, "sweep", VIA_SWEEP, false, 0);
	assert_false(concludes(f, "no path found anything"));	/* still looking */
	sweep->finished = true;
	says(f, "no path found anything: is the phone on this network, awake, with its camera app open?");
	seen(f, CREW_SEEN_TRYING, "", "10.0.0.9", VIA_SWEEP, "");
	assert_false(concludes(f, "no path found anything"));
	free(f);
}

static void
a_machine_without_a_network_is_told_first(void **state)
{
	struct made *f = make();

	(void)state;
	f->mesh.own_count = 0;
	source(f, "mdns", VIA_BONJOUR, true, 0);
	says(f, "this machine has no network address: connect it to the cameras' network first");
	assert_false(concludes(f, "is the phone on this network"));
	node(f, "a", "127.0.0.1", VIA_MANUAL, false);	/* a camera on this machine needs none */
	assert_false(concludes(f, "no network address"));
	free(f);
}

static void
all_ways_off_is_no_riddle(void **state)
{
	struct made *f = make();

	(void)state;
	source(f, "sweep", VIA_SWEEP, true, 0)->is_off = true;
	says(f, "every way of looking is off: only cameras named by address are tried");
	free(f);
}

static void
a_clone_is_told_once_with_its_cure(void **state)
{
	struct made *f = make();

	(void)state;
	node(f, "7d0c1122-3344", "10.0.0.12", VIA_SWEEP, true)->state = MESH_CONFLICT;
	node(f, "7d0c1122-3344#2", "10.0.0.13", VIA_SWEEP, true)->state = MESH_CONFLICT;
	says(f, "2 devices carry the id 7d0c1122…: a cloned phone; give one its own id (cam 1, cam 2)");
	assert_int_equal(f->mesh.conclusion_count, 1);
	f->nodes[1].state = MESH_LOST;		/* the other is known by the mark alone */
	assert_true(concludes(f, "2 devices carry the id 7d0c1122…"));
	f->nodes[1].state = MESH_CONFLICT;
	node(f, "7d0c1122-3344#3", "10.0.0.14", VIA_SWEEP, true)->state = MESH_CONFLICT;
	says(f, "3 devices carry the id 7d0c1122…: a cloned phone; give one its own id (cam 1, cam 2, cam 3)");
	assert_int_equal(f->mesh.conclusion_count, 1);
	free(f);
}

static void
an_http_server_that_is_no_camera_is_named_with_its_answer(void **state)
{
	struct made *f = make();

	(void)state;
	seen(f, CREW_SEEN_STRANGER, "", "192.168.1.7", VIA_SWEEP, "/info answered 404");
	says(f, "192.168.1.7 answers HTTP on 8081 but is no camera: /info answered 404");
	str_copy(f->seen[0].why, MAX_WHY_BYTES, "/info answered 404: not a camera node");
	says(f, "192.168.1.7 answers HTTP on 8081 but is no camera: /info answered 404");
	for (int i = 0; i < 9; i++)
		seen(f, CREW_SEEN_STRANGER, "", "192.168.1.8", VIA_SWEEP, "/info answered 404");
	says(f, "7 more answer HTTP and are no camera");
	assert_int_equal(f->mesh.conclusion_count, 4);
	free(f);
}

static void
a_typed_address_that_is_silent_is_named_with_its_reason(void **state)
{
	struct made *f = make();

	(void)state;
	seen(f, CREW_SEEN_SILENT, "", "nosuch.invalid", VIA_MANUAL, "nobody has that name");
	says(f, "nosuch.invalid:8081, as it was typed, does not answer: nobody has that name");
	f->seen[0].state = CREW_SEEN_TRYING;
	assert_false(concludes(f, "typed, does not answer"));
	for (int i = 0; i < 5; i++)
		seen(f, CREW_SEEN_SILENT, "", "nosuch.invalid", VIA_MANUAL, "nobody has that name");
	says(f, "2 more typed addresses do not answer");
	free(f);
}

static void
announced_and_silent_is_a_sleeper_or_the_network(void **state)
{
	struct made *f = make();

	(void)state;
	seen(f, CREW_SEEN_SILENT, "iPhone SE", "10.0.0.40", VIA_BONJOUR, "no connection");
	says(f, "1 camera is announced and does not answer: it sleeps, or this network keeps its devices apart (client isolation)");
	seen(f, CREW_SEEN_SILENT, "iPhone 16", "10.0.0.41", VIA_BONJOUR, "no connection");
	says(f, "2 cameras are announced, and none answers: this network keeps its devices apart (client isolation), or a firewall does");
	f->mesh.seen_count--;
	seen(f, CREW_SEEN_SILENT, "iPhone SE", "fd00::40", VIA_BONJOUR, "no connection");	/* its other address */
	assert_true(concludes(f, "1 camera is announced"));
	node(f, "a", "10.0.0.12", VIA_BONJOUR, false);
	says(f, "iPhone SE is announced at 10.0.0.40:8081 but does not answer there: it sleeps, has left, or a firewall closes its port");
	assert_false(concludes(f, "client isolation"));
	assert_int_equal(f->mesh.conclusion_count, 1);
	f->seen[0].via = f->seen[1].via = VIA_SWEEP;	/* silence of what nobody announced is no news */
	assert_false(concludes(f, "announced"));
	free(f);
}

static void
a_remembered_camera_that_is_away_is_told_when_the_search_is_over(void **state)
{
	struct made *f = make();
	struct mesh_source *sweep = source(f, "sweep", VIA_SWEEP, false, 0);
	struct mesh_node *n = node(f, "a", "10.0.0.12", VIA_REMEMBERED, false);

	(void)state;
	n->is_known_only = true;
	n->heard_age_us = -1;
	n->state = MESH_LOST;
	n->paths[0].in_use = false;
	assert_false(concludes(f, "the last time"));
	sweep->finished = true;
	says(f, "cam 1 was at 10.0.0.12:8081 the last time and does not answer there; if it has a new address: node add ADDRESS");
	n->is_out = true;
	assert_false(concludes(f, "the last time"));
	free(f);
}

static void
a_camera_that_only_tailscale_brings_is_elsewhere(void **state)
{
	struct made *f = make();
	struct mesh_node *n = node(f, "a", "100.90.1.2", VIA_MANUAL, false);

	(void)state;
	assert_int_equal(n->paths[0].kind, PATH_TAILSCALE);
	assert_false(concludes(f, "Tailscale only"));
	n->paths[1] = n->paths[0];
	n->paths[1].kind = PATH_LAN;
	n->paths[1].in_use = false;
	n->path_count = 2;
	assert_false(concludes(f, "Tailscale only"));	/* not tried yet */
	n->paths[1].failures = 2;
	says(f, "cam 1 is reached by Tailscale only: none of its LAN addresses answers, so it is in another network");
	n->used = 1;
	assert_false(concludes(f, "Tailscale only"));
	free(f);
}

static void
a_camera_without_an_id_is_flagged(void **state)
{
	struct made *f = make();
	struct mesh_node *n = node(f, "stand-in", "10.0.0.12", VIA_SWEEP, true);

	(void)state;
	n->has_no_id = true;
	assert_true(concludes(f, "cam 1 gives no id"));
	n->state = MESH_VIEW_ONLY;		/* a stream never has one */
	assert_false(concludes(f, "no id"));
	free(f);
}

static void
when_all_is_well_it_says_so(void **state)
{
	struct made *f = make();

	(void)state;
	node(f, "a", "10.0.0.12", VIA_BONJOUR, false);
	says(f, "nothing is in the way: 1 of 1 camera answers");
	node(f, "b", "10.0.0.13", VIA_BONJOUR, false);
	says(f, "nothing is in the way: 2 of 2 cameras answer");
	f->nodes[1].state = MESH_LOST;
	assert_false(concludes(f, "nothing is in the way"));
	free(f);
}

static void
conclusions_are_bounded_whatever_the_names(void **state)
{
	struct made *f = make();

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct mesh_node *n = node(f, "a", "10.0.0.12", VIA_SWEEP, true);

		n->has_no_id = true;
		memset(n->name, 'x', sizeof n->name - 1);
	}
	for (int i = 0; i < 16; i++)
		seen(f, (enum crew_seen_state)(i % 4), "y", "10.0.0.1", 31, "z");
	mesh_why_conclude(&f->mesh);
	assert_true(f->mesh.conclusion_count <= MESH_CONCLUSIONS);
	for (int i = 0; i < f->mesh.conclusion_count; i++)
		assert_true(strlen(f->mesh.conclusions[i]) < MAX_WHY_BYTES);
	assert_true(concludes(f, "another camera"));	/* the end of the sentence, behind the long name */
	free(f);
}

/* ---- The snapshot ---- */

struct stand {
	struct bus *bus;
	struct crew *crew;
};

static int
stand_up(void **state)
{
	struct stand *s = calloc(1, sizeof *s);

	s->bus = bus_new();
	s->crew = double_new(s->bus);
	told_source_count = told_seen_count = 0;
	*state = s;
	return 0;
}

static int
stand_down(void **state)
{
	struct stand *s = *state;

	double_free(s->crew);
	bus_free(s->bus);
	free(s);
	return 0;
}

static struct registry_address
address(const char *host, unsigned via)
{
	struct registry_address a = { .port = 8081, .via = via, .rtt_us = -1 };

	str_copy(a.host, sizeof a.host, host);
	a.kind = registry_path_of(host);
	return a;
}

#define NOW 100000000LL

static void
a_node_brings_all_its_paths_and_which_is_used_why(void **state)
{
	struct stand *s = *state;
	struct crew_member *m = double_add(s->crew, "n1", 3, "left");
	struct registry_node *n = m->node;
	struct mesh *mesh;

	n->addresses[0] = address("100.90.1.2", VIA_REMEMBERED);
	n->addresses[0].failures = 2;
	n->addresses[1] = address("10.0.0.12", (unsigned)VIA_BONJOUR | (unsigned)VIA_SWEEP);
	n->addresses[1].in_use = true;
	n->addresses[1].rtt_us = 1200;
	n->addresses[1].seen_us = NOW - 5000000;
	n->addresses[1].answered_us = NOW - 400000;
	n->address_count = 2;
	m->track.heard_us = NOW - 300000;
	m->path_why = "LAN before Tailscale";
	mesh = mesh_take(s->crew, NOW, NULL, 0);
	assert_int_equal(mesh->node_count, 1);
	assert_string_equal(mesh->nodes[0].name, "left");
	assert_string_equal(mesh->nodes[0].device_name, "Device n1");
	assert_int_equal(mesh->nodes[0].number, 3);
	assert_int_equal(mesh->nodes[0].state, MESH_LIVE);
	assert_int_equal(mesh->nodes[0].heard_age_us, 300000);
	assert_int_equal(mesh->nodes[0].used, 1);
	assert_int_equal(mesh->nodes[0].rtt_us, 1200);
	assert_string_equal(mesh->nodes[0].path_why, "LAN before Tailscale");
	assert_int_equal(mesh->nodes[0].path_count, 2);
	assert_int_equal(mesh->nodes[0].paths[0].kind, PATH_TAILSCALE);
	assert_int_equal(mesh->nodes[0].paths[0].answered_age_us, -1);
	assert_int_equal(mesh->nodes[0].paths[0].failures, 2);
	assert_string_equal(mesh->nodes[0].paths[1].place, "10.0.0.12:8081");
	assert_int_equal(mesh->nodes[0].paths[1].answered_age_us, 400000);
	assert_int_equal(mesh->nodes[0].paths[1].seen_age_us, 5000000);
	mesh_free(mesh);
}

static void
services_are_the_nodes_own_word_and_what_its_host_announces(void **state)
{
	struct stand *s = *state;
	struct crew_member *m = double_add(s->crew, "n1", 1, "");
	struct registry_node *n = m->node;
	struct mesh *mesh;
	char words[400];

	n->info.camera_count = 2;
	n->info.cameras[0] = (struct node_camera){ "back", 1, 15 };
	n->info.cameras[1] = (struct node_camera){ "front", 0, 0 };
	n->info.mic = n->info.torch = true;
	n->addresses[0] = address("10.0.0.12", VIA_BONJOUR);
	n->addresses[1] = n->addresses[0];	/* the same host by two ports: told once */
	n->addresses[1].port = 9000;
	n->address_count = 2;
	mesh = mesh_take(s->crew, NOW, NULL, 0);
	mesh_service_words(words, sizeof words, &mesh->nodes[0]);
	assert_string_equal(words, "camera back 1-15x, camera front, mic, torch, _ssh._tcp, _mmcam._tcp");
	mesh_free(mesh);
}

static void
states_are_those_of_the_specification(void **state)
{
	struct stand *s = *state;
	struct crew_member *m = double_add(s->crew, "n1", 1, "");
	const struct { enum health_link link; bool view_only, conflict; const char *word; } cases[] = {
		{ HEALTH_LIVE, false, false, "live" }, { HEALTH_STALE, false, false, "stale" }, { HEALTH_LOST, false, false, "lost" },
		{ HEALTH_NEVER, false, false, "lost" }, { HEALTH_LIVE, true, false, "view-only" }, { HEALTH_LIVE, false, true, "conflict" },
		{ HEALTH_LOST, false, true, "lost" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mesh *mesh;

		m->link = cases[i].link;
		m->node->view_only = cases[i].view_only;
		m->node->conflict = cases[i].conflict;
		mesh = mesh_take(s->crew, NOW, NULL, 0);
		assert_string_equal(mesh_state_name(mesh->nodes[0].state), cases[i].word);
		mesh_free(mesh);
	}
}

static void
a_url_is_shown_without_its_password(void **state)
{
	struct stand *s = *state;
	struct crew_member *m = double_add(s->crew, "n1", 1, "");
	struct mesh *mesh;

	m->node->addresses[0] = (struct registry_address){ .url = "http://anna:secret@10.0.0.7:8080/stream", .kind = PATH_URL, .rtt_us = -1 };
	m->node->address_count = 1;
	mesh = mesh_take(s->crew, NOW, NULL, 0);
	assert_string_equal(mesh->nodes[0].paths[0].place, "http://10.0.0.7:8080/stream");
	assert_string_equal(mesh->nodes[0].paths[0].host, "http://10.0.0.7:8080/stream");
	mesh_free(mesh);
}

static void
a_nodes_trouble_and_its_stand_in_id_come_along(void **state)
{
	struct stand *s = *state;
	struct crew_member *m = double_add(s->crew, "n1", 1, "");
	struct mesh *mesh;

	str_copy(m->picture_trouble, sizeof m->picture_trouble, "60000 x 60000");
	m->node->flagged_no_id = true;
	m->node->roles = ROLE(GUEST) | ROLE(CAMERA);
	mesh = mesh_take(s->crew, NOW, NULL, 0);
	assert_string_equal(mesh->nodes[0].why, "60000 x 60000");
	assert_string_equal(mesh->nodes[0].role, "camera,guest");
	assert_true(mesh->nodes[0].has_no_id);
	assert_int_equal(mesh->nodes[0].used, -1);
	mesh_free(mesh);
	str_copy(m->why, sizeof m->why, "no connection");
	mesh = mesh_take(s->crew, NOW, NULL, 0);
	assert_string_equal(mesh->nodes[0].why, "no connection");	/* of the link: the worse one */
	mesh_free(mesh);
}

static void
sources_bring_their_lines_and_what_is_off_says_so(void **state)
{
	struct stand *s = *state;
	struct crew_line lines[] = { { "10.0.0.0/24", "254 asked, 3 refused, 251 silent" } };
	const struct mesh_off off[] = { { "bonjour", VIA_BONJOUR, "--no-bonjour" } };
	struct mesh *mesh;

	told_sources[0] = (struct crew_source){ .name = "sweep", .via = VIA_SWEEP, .working = true, .sighted = 2, .answered = 5,
		.line_count = 1, .lines = lines };
	str_copy(told_sources[0].sentence, MAX_TEXT_FIELD, "1 network");
	told_source_count = 1;
	mesh = mesh_take(s->crew, NOW, off, 1);
	memset(lines, 0, sizeof lines);		/* the crew's own may change: the snapshot has a copy */
	assert_int_equal(mesh->source_count, 2);
	assert_string_equal(mesh->sources[0].name, "sweep");
	assert_string_equal(mesh->sources[0].lines[0].topic, "10.0.0.0/24");
	assert_string_equal(mesh->sources[0].lines[0].sentence, "254 asked, 3 refused, 251 silent");
	assert_string_equal(mesh_source_word(&mesh->sources[0]), "looking");
	assert_string_equal(mesh->sources[1].sentence, "--no-bonjour");
	assert_string_equal(mesh_source_rest(&mesh->sources[0]), "1 network");
	str_copy(mesh->sources[0].sentence, MAX_TEXT_FIELD, "Sweep: 1 network");
	assert_string_equal(mesh_source_rest(&mesh->sources[0]), "1 network");
	str_copy(mesh->sources[0].sentence, MAX_TEXT_FIELD, "sweeping");
	assert_string_equal(mesh_source_rest(&mesh->sources[0]), "sweeping");
	assert_string_equal(mesh_source_word(&mesh->sources[1]), "off");
	mesh->sources[0].finished = true;
	assert_string_equal(mesh_source_word(&mesh->sources[0]), "working");
	mesh->sources[0].working = false;
	assert_string_equal(mesh_source_word(&mesh->sources[0]), "not working");
	mesh->sources[0].absent = true;
	assert_string_equal(mesh_source_word(&mesh->sources[0]), "absent");
	mesh_free(mesh);
}

static void
what_was_seen_and_is_no_member_is_listed(void **state)
{
	struct stand *s = *state;
	struct mesh *mesh;

	told_seen[0] = (struct crew_seen){ .address = address("192.168.1.7", VIA_SWEEP), .state = CREW_SEEN_STRANGER,
		.why = "192.168.1.7:8081: /info answered 404: not a camera node", .seen_us = NOW - 2000000 };
	told_seen[1] = (struct crew_seen){ .address = address("fe80::1%eth0", VIA_BONJOUR), .state = CREW_SEEN_WAITING, .name = "iPhone SE" };
	told_seen_count = 2;
	mesh = mesh_take(s->crew, NOW, NULL, 0);
	assert_int_equal(mesh->seen_count, 2);
	assert_string_equal(mesh->seen[0].place, "192.168.1.7:8081");
	assert_string_equal(mesh_seen_name(mesh->seen[0].state), "no camera");
	assert_int_equal(mesh->seen[0].age_us, 2000000);
	assert_string_equal(mesh->seen[0].why, "/info answered 404: not a camera node");
	assert_string_equal(mesh->seen[1].place, "[fe80::1%eth0]:8081");
	assert_string_equal(mesh->seen[1].name, "iPhone SE");
	assert_true(strstr(mesh->conclusions[0], "192.168.1.7 answers HTTP on 8081") != NULL ||
	    strstr(mesh->conclusions[1], "192.168.1.7 answers HTTP on 8081") != NULL);
	mesh_free(mesh);
}

/* ---- JSON ---- */

static char *
json_of(const struct mesh *m, struct crew *crew, bool explain)
{
	struct jdoc *j = mesh_json(m, crew, explain);
	char *text = jdoc_print(j), why[400];

	if (!schema_accepts("nodes", text, strlen(text), why, sizeof why))
		fail_msg("%s in %s", why, text);
	jdoc_free(j);
	return text;
}

static void
json_is_the_specifications_with_nobody_and_with_all(void **state)
{
	struct stand *s = *state;
	const struct mesh_off off[] = { { "sweep", VIA_SWEEP, "--sweep off" } };
	struct mesh *mesh = mesh_take(s->crew, NOW, NULL, 0);
	char *text = json_of(mesh, s->crew, false);
	struct crew_member *m;

	assert_string_equal(text, "{\"nodes\":[],\"seen\":[]}");
	free(text);
	mesh_free(mesh);
	m = double_add(s->crew, "n1", 1, "left");
	m->node->addresses[0] = address("10.0.0.12", (unsigned)VIA_BONJOUR | (unsigned)VIA_SWEEP);
	m->node->addresses[0].in_use = true;
	m->node->addresses[0].rtt_us = 1500;
	m->node->address_count = 1;
	m->track.heard_us = NOW - 250000;
	double_add(s->crew, "n2", 2, "");		/* of which nothing is known but its id */
	told_seen[0] = (struct crew_seen){ .address = address("192.168.1.7", VIA_SWEEP), .state = CREW_SEEN_STRANGER, .why = "/info answered 404" };
	told_seen_count = 1;
	mesh = mesh_take(s->crew, NOW, off, 1);
	text = json_of(mesh, s->crew, true);
	assert_non_null(strstr(text, "{\"id\":\"n1\",\"deviceName\":\"Device n1\",\"number\":null,\"label\":\"left\",\"model\":null,\"role\":null,"
	    "\"state\":\"live\",\"address\":\"10.0.0.12\",\"port\":8081,\"path\":\"lan\",\"via\":[\"bonjour\",\"sweep\"],\"rttMs\":1.5,\"lastHeardMs\":250.0,"
	    "\"paths\":[{\"kind\":\"lan\",\"address\":\"10.0.0.12\",\"port\":8081,\"via\":[\"bonjour\",\"sweep\"],\"inUse\":true,\"rttMs\":1.5,"));
	assert_non_null(strstr(text, "\"health\":null,\"services\":[\"_ssh._tcp\",\"_mmcam._tcp\"]"));
	assert_non_null(strstr(text, "\"address\":null,\"port\":null,\"path\":null,\"via\":[],\"rttMs\":null,\"lastHeardMs\":null,\"paths\":[]"));
	assert_non_null(strstr(text, "\"seen\":[{\"name\":null,\"id\":null,\"address\":\"192.168.1.7\",\"port\":8081,\"via\":[\"sweep\"],"
	    "\"state\":\"stranger\",\"why\":\"/info answered 404\"}]"));
	assert_non_null(strstr(text, "\"sentence\":\"off (--sweep off)\""));
	assert_non_null(strstr(text, "{\"conclusion\":\"192.168.1.7 answers HTTP on 8081 but is no camera: /info answered 404\"}"));
	free(text);
	mesh_free(mesh);
}

static void
json_carries_health_as_the_node_sent_it(void **state)
{
	struct stand *s = *state;
	struct crew_member *m = double_add(s->crew, "n1", 1, "");
	struct mesh *mesh;
	char *text;

	m->track.said_us = NOW;
	str_copy(m->track.last.camera, sizeof m->track.last.camera, "back");
	mesh = mesh_take(s->crew, NOW, NULL, 0);
	text = json_of(mesh, s->crew, false);
	assert_non_null(strstr(text, "\"camera\":\"back\""));
	free(text);
	m->health_json = (char[]){ "{\"vendor\":{\"ssid\":\"x\"},\"zoom\":-12}" };
	text = json_of(mesh, s->crew, false);
	assert_non_null(strstr(text, "\"health\":{\"vendor\":{\"ssid\":\"x\"},\"zoom\":-12}"));
	m->health_json = NULL;
	free(text);
	mesh_free(mesh);
}

static void
via_words_name_every_way(void **state)
{
	char text[96], tiny[12];

	(void)state;
	mesh_via_words(text, sizeof text, 0, PATH_LAN);
	assert_string_equal(text, "its own word");
	mesh_via_words(text, sizeof text, 31, PATH_LAN);
	assert_string_equal(text, "bonjour, mdns-name, sweep, manual, remembered");
	mesh_via_words(text, sizeof text, VIA_SWEEP, PATH_TAILSCALE);
	assert_string_equal(text, "tailscale");
	mesh_via_words(tiny, sizeof tiny, 31, PATH_LAN);
	assert_string_equal(tiny, "bonjour");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_that_blocks_multicast_is_named),
		cmocka_unit_test(multicast_that_answers_or_was_not_asked_blames_no_network),
		cmocka_unit_test(a_camera_behind_a_router_is_no_proof_against_multicast),
		cmocka_unit_test(a_camera_that_announces_nothing_is_told),
		cmocka_unit_test(nobody_at_all_asks_for_the_network),
		cmocka_unit_test(a_machine_without_a_network_is_told_first),
		cmocka_unit_test(all_ways_off_is_no_riddle),
		cmocka_unit_test(a_clone_is_told_once_with_its_cure),
		cmocka_unit_test(an_http_server_that_is_no_camera_is_named_with_its_answer),
		cmocka_unit_test(a_typed_address_that_is_silent_is_named_with_its_reason),
		cmocka_unit_test(announced_and_silent_is_a_sleeper_or_the_network),
		cmocka_unit_test(a_remembered_camera_that_is_away_is_told_when_the_search_is_over),
		cmocka_unit_test(a_camera_that_only_tailscale_brings_is_elsewhere),
		cmocka_unit_test(a_camera_without_an_id_is_flagged),
		cmocka_unit_test(when_all_is_well_it_says_so),
		cmocka_unit_test(conclusions_are_bounded_whatever_the_names),
		cmocka_unit_test_setup_teardown(a_node_brings_all_its_paths_and_which_is_used_why, stand_up, stand_down),
		cmocka_unit_test_setup_teardown(services_are_the_nodes_own_word_and_what_its_host_announces, stand_up, stand_down),
		cmocka_unit_test_setup_teardown(states_are_those_of_the_specification, stand_up, stand_down),
		cmocka_unit_test_setup_teardown(a_url_is_shown_without_its_password, stand_up, stand_down),
		cmocka_unit_test_setup_teardown(a_nodes_trouble_and_its_stand_in_id_come_along, stand_up, stand_down),
		cmocka_unit_test_setup_teardown(sources_bring_their_lines_and_what_is_off_says_so, stand_up, stand_down),
		cmocka_unit_test_setup_teardown(what_was_seen_and_is_no_member_is_listed, stand_up, stand_down),
		cmocka_unit_test_setup_teardown(json_is_the_specifications_with_nobody_and_with_all, stand_up, stand_down),
		cmocka_unit_test_setup_teardown(json_carries_health_as_the_node_sent_it, stand_up, stand_down),
		cmocka_unit_test(via_words_name_every_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
