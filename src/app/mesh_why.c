/*
 * mesh_why.c - what follows from a snapshot of the mesh, in words: pure rules, each a sentence that names its evidence.
 * Never looks anywhere but into the snapshot; a rule that cannot be sure says nothing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "app/mesh.h"
#include "base/str.h"

#define MOST_OF_A_KIND 3		/* sentences that differ in a name only; the rest are counted in one */
#define ID_SHOWN 8
#define NAME_SHOWN 32
#define NEAR_BY 64			/* addresses of one device stand near each other; the list may be a flood */
#define MULTICAST_VIAS ((unsigned)VIA_BONJOUR | (unsigned)VIA_MDNS_NAME)

static void __attribute__((format(printf, 2, 3)))
conclude(struct mesh *m, const char *format, ...)
{
	char text[4 * MAX_WHY_BYTES];
	va_list ap;

	if (m->conclusion_count == MESH_CONCLUSIONS)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	str_cut(m->conclusions[m->conclusion_count++], MAX_WHY_BYTES, text, MAX_WHY_BYTES - 1);
}

/* A stranger's name may be long; the sentence behind it counts. */
struct brief { char text[4 * NAME_SHOWN + 4]; };

static struct brief
brief(const char *name)
{
	struct brief b;

	str_cut(b.text, sizeof b.text, name, NAME_SHOWN);
	return b;
}

static const char *
plural(int count)
{
	return count == 1 ? "" : "s";
}

/* ---- Facts ---- */

static bool
has_answered(const struct mesh_node *n)
{
	return n->heard_age_us >= 0;
}

static bool
is_live(const struct mesh_node *n)
{
	return n->state == MESH_LIVE || n->state == MESH_CONFLICT || (n->state == MESH_VIEW_ONLY && has_answered(n));
}

static int
count_live(const struct mesh *m)
{
	int count = 0;

	for (int i = 0; i < m->node_count; i++)
		count += is_live(&m->nodes[i]);
	return count;
}

/* All ways by which this device was ever found. */
static unsigned
vias_of(const struct mesh_node *n)
{
	unsigned via = 0;

	for (int i = 0; i < n->path_count; i++)
		via |= n->paths[i].via;
	return via;
}

static bool
is_multicast(const struct mesh_source *s)
{
	return !s->is_off && ((unsigned)s->via & MULTICAST_VIAS) != 0;
}

/* Have questions gone out that any host may answer, and the time for answers passed?  Whom a name is asked of has it, or is silent. */
static bool
multicast_was_asked(const struct mesh *m)
{
	bool any = false;

	for (int i = 0; i < m->source_count; i++)
		any |= is_multicast(&m->sources[i]) && m->sources[i].via == VIA_BONJOUR && m->sources[i].working && m->sources[i].finished;
	return any;
}

static int
multicast_answers(const struct mesh *m)
{
	int most = 0;

	for (int i = 0; i < m->source_count; i++) {
		const struct mesh_source *s = &m->sources[i];
		const int heard = s->answered > s->sighted ? s->answered : s->sighted;

		if (is_multicast(s) && heard > most)
			most = heard;
	}
	return most;
}

/* Still about to find somebody: no conclusion from absence yet. */
static bool
is_looking(const struct mesh *m)
{
	for (int i = 0; i < m->source_count; i++)
		if (m->sources[i].working && !m->sources[i].finished)
			return true;
	for (int i = 0; i < m->seen_count; i++)
		if (m->seen[i].state == CREW_SEEN_WAITING || m->seen[i].state == CREW_SEEN_TRYING)
			return true;
	return false;
}

/* Was this camera met by the sweep, in a network of this machine (or, on_link false, behind a router)? */
static bool
swept(const struct mesh_node *n, bool on_link)
{
	for (int i = 0; i < n->path_count; i++) {
		const struct mesh_path *p = &n->paths[i];

		if ((p->via & (unsigned)VIA_SWEEP) != 0 && p->answered_age_us >= 0 && p->on_link == on_link && p->kind == PATH_LAN)
			return true;
	}
	return false;
}

static int
count_swept(const struct mesh *m, bool on_link, bool only_unannounced)
{
	int count = 0;

	for (int i = 0; i < m->node_count; i++)
		count += swept(&m->nodes[i], on_link) && (!only_unannounced || (vias_of(&m->nodes[i]) & MULTICAST_VIAS) == 0);
	return count;
}

/* ---- Rules ---- */

/* Those in conflict with the id of this one, from a place in the list on; names: joined by commas. */
static int
family(const struct mesh *m, const char *id, int from, char *names, size_t names_size)
{
	int count = 0;

	names[0] = '\0';
	for (int i = from; i < m->node_count; i++) {
		const size_t len = strlen(names);

		if (m->nodes[i].state != MESH_CONFLICT || !registry_is_same_id(m->nodes[i].id, id))
			continue;
		if (count++ < MOST_OF_A_KIND)
			snprintf(names + len, names_size - len, "%s%s", len > 0 ? ", " : "", brief(m->nodes[i].name).text);
	}
	return count;
}

/* Every device of a conflict is a member of its own; one that is silent now may be missing among them. */
static void
cloned(struct mesh *m)
{
	char names[4 * MAX_WHY_BYTES];

	for (int i = 0; i < m->node_count; i++) {
		const char *id = m->nodes[i].id;
		const int whole = (int)strcspn(id, "#");
		int count;

		if (m->nodes[i].state != MESH_CONFLICT || family(m, id, 0, names, sizeof names) > family(m, id, i, names, sizeof names))
			continue;	/* told with the first of them */
		count = family(m, id, i, names, sizeof names);
		conclude(m, "%d devices carry the id %.*s%s: a cloned phone; give one its own id (%s)", count > 2 ? count : 2,
		    whole < ID_SHOWN ? whole : ID_SHOWN, id, whole > ID_SHOWN ? "…" : "", names);
	}
}

static void
nobody(struct mesh *m)
{
	int open = 0;

	for (int i = 0; i < m->source_count; i++)
		open += !m->sources[i].is_off;
	if (m->own_count == 0 && count_live(m) == 0)
		conclude(m, "this machine has no network address: connect it to the cameras' network first");
	else if (open == 0 && m->node_count == 0 && m->seen_count == 0)
		conclude(m, "every way of looking is off: only cameras named by address are tried");
	else if (m->node_count == 0 && m->seen_count == 0 && !is_looking(m))
		conclude(m, "no path found anything: is the phone on this network, awake, with its camera app open?");
}

static void
multicast(struct mesh *m)
{
	const int near = count_swept(m, true, false), quiet = count_swept(m, true, true), far = count_swept(m, false, true);

	if (multicast_was_asked(m) && near > 0 && multicast_answers(m) == 0)
		conclude(m, "multicast got no answer from any host while the sweep found %d: this network blocks multicast%s", near,
		    near == 1 ? ", or that camera announces nothing" : "");
	else if (multicast_was_asked(m) && quiet > 0 && multicast_answers(m) > 0)
		conclude(m, "multicast works, yet %d camera%s that the sweep found announce%s nothing by it", quiet, plural(quiet),
		    quiet == 1 ? "s" : "");
	if (far > 0 && m->own_count > 0)
		conclude(m, "%d camera%s behind a router: multicast does not go there; a sweep of that network or the address finds %s",
		    far, far == 1 ? " is" : "s are", far == 1 ? "it" : "them");
}

/* Several addresses of one announced device are one sentence. */
static bool
was_told(const struct mesh *m, int index)
{
	const struct mesh_seen *s = &m->seen[index];

	for (int i = index > NEAR_BY ? index - NEAR_BY : 0; i < index && s->name[0] != '\0'; i++)
		if (m->seen[i].state == s->state && (m->seen[i].via & MULTICAST_VIAS) != 0 && strcmp(m->seen[i].name, s->name) == 0)
			return true;
	return false;
}

/* Announced, and nobody answers there: alone it is a sleeper, all of them it is the network. */
static void
announced_only(struct mesh *m)
{
	const bool is_network = count_live(m) == 0;
	int count = 0;

	for (int i = 0; i < m->seen_count; i++) {
		const struct mesh_seen *s = &m->seen[i];

		if (s->state != CREW_SEEN_SILENT || (s->via & MULTICAST_VIAS) == 0 || was_told(m, i) || count++ >= MOST_OF_A_KIND || is_network)
			continue;
		conclude(m, "%s is announced at %s but does not answer there: it sleeps, has left, or a firewall closes its port",
		    s->name[0] != '\0' ? brief(s->name).text : "a camera", s->place);
	}
	if (is_network && count == 1)
		conclude(m, "1 camera is announced and does not answer: it sleeps, or this network keeps its devices apart (client isolation)");
	else if (is_network && count > 0)
		conclude(m, "%d cameras are announced, and none answers: this network keeps its devices apart (client isolation), or a firewall does",
		    count);
	else if (count > MOST_OF_A_KIND)
		conclude(m, "%d more are announced and do not answer", count - MOST_OF_A_KIND);
}

/* The link's word without its verdict: that stands in the sentence already. */
static int
reason_bytes(const struct mesh_seen *s)
{
	const char *verdict = strstr(s->why, ": not a camera node");

	return (int)(verdict != NULL ? (size_t)(verdict - s->why) : strlen(s->why));
}

static void
typed(struct mesh *m)
{
	int count = 0;

	for (int i = 0; i < m->seen_count; i++) {
		const struct mesh_seen *s = &m->seen[i];

		if (s->state == CREW_SEEN_SILENT && (s->via & (unsigned)VIA_MANUAL) != 0 && count++ < MOST_OF_A_KIND)
			conclude(m, "%s, as it was typed, does not answer: %s", brief(s->place).text, s->why);
	}
	if (count > MOST_OF_A_KIND)
		conclude(m, "%d more typed addresses do not answer", count - MOST_OF_A_KIND);
}

static void
strangers(struct mesh *m)
{
	int count = 0;

	for (int i = 0; i < m->seen_count; i++) {
		const struct mesh_seen *s = &m->seen[i];

		if (s->state == CREW_SEEN_STRANGER && count++ < MOST_OF_A_KIND)
			conclude(m, "%s answers HTTP on %d but is no camera: %.*s", s->host, s->port, reason_bytes(s), s->why);
	}
	if (count > MOST_OF_A_KIND)
		conclude(m, "%d more answer HTTP and are no camera", count - MOST_OF_A_KIND);
}

/* Remembered, and nobody answers at any of its addresses. */
static void
remembered(struct mesh *m)
{
	const bool is_over = !is_looking(m);
	int count = 0;

	for (int i = 0; is_over && i < m->node_count; i++) {
		const struct mesh_node *n = &m->nodes[i];

		if (!n->is_known_only || n->is_out || n->used < 0 || count++ >= MOST_OF_A_KIND)
			continue;
		conclude(m, "%s was at %s the last time and does not answer there; if it has a new address: node add ADDRESS", brief(n->name).text,
		    n->paths[n->used].place);
	}
	if (count > MOST_OF_A_KIND)
		conclude(m, "%d more remembered cameras do not answer", count - MOST_OF_A_KIND);
}

/* Only Tailscale brings it, although it has addresses in a LAN. */
static void
elsewhere(struct mesh *m)
{
	for (int i = 0; i < m->node_count; i++) {
		const struct mesh_node *n = &m->nodes[i];
		int tried = 0, answered = 0;

		if (!is_live(n) || n->used < 0 || !n->paths[n->used].in_use || n->paths[n->used].kind != PATH_TAILSCALE)
			continue;
		for (int j = 0; j < n->path_count; j++) {
			tried += n->paths[j].kind == PATH_LAN && n->paths[j].failures > 0;
			answered += n->paths[j].kind == PATH_LAN && n->paths[j].failures == 0;
		}
		if (tried > 0 && answered == 0)
			conclude(m, "%s is reached by Tailscale only: none of its LAN addresses answers, so it is in another network", brief(n->name).text);
	}
}

static void
nameless(struct mesh *m)
{
	for (int i = 0; i < m->node_count; i++)
		if (m->nodes[i].has_no_id && m->nodes[i].state != MESH_VIEW_ONLY)
			conclude(m, "%s gives no id: it is known by its address, and with another address it will be another camera",
			    brief(m->nodes[i].name).text);
}

void
mesh_why_conclude(struct mesh *m)
{
	m->conclusion_count = 0;
	cloned(m);
	nobody(m);
	multicast(m);
	typed(m);
	announced_only(m);
	elsewhere(m);
	nameless(m);
	strangers(m);
	remembered(m);
	if (m->conclusion_count == 0 && m->node_count > 0 && count_live(m) == m->node_count)
		conclude(m, "nothing is in the way: %d of %d camera%s answer%s", m->node_count, m->node_count, plural(m->node_count),
		    m->node_count == 1 ? "s" : "");
}
