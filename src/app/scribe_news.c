/*
 * scribe_news.c - what is heard on the bus goes to the journal it belongs in: each change once, with its true time.
 * Owns the memory of what was written last about each node.  Never judges: it writes down who said what.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/scribe_private.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/roles.h"

#define SANE_US 86400000000LL
#define NEAR_US 100000			/* clocks differ */

struct scribe_node *
scribe_node_of(struct scribe *s, const char *id)
{
	struct scribe_node *n = map_get(s->nodes, id);

	if (n != NULL)
		return n;
	n = xcalloc(1, sizeof *n);
	str_copy(n->id, sizeof n->id, id);
	map_put(s->nodes, id, n);
	return n;
}

struct jdoc *
scribe_line(const char *node)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "node", node);
	return line;
}

void
scribe_text_or_null(struct jdoc *j, const char *key, const char *text)
{
	jdoc_set_text(j, key, text[0] != '\0' ? text : NULL);
}

void
scribe_int_or_null(struct jdoc *j, const char *key, int64_t value, bool is_known)
{
	if (is_known)
		jdoc_set_int(j, key, value);
	else
		jdoc_set_null(j, key);
}

/*
 * The instant of a node's event on the console's timeline; 0, which is now, when it was not told, or when what it was
 * told makes none: a day from now, no clock can be trusted that far.
 */
int64_t
scribe_event_time(const struct scribe *s, const char *node, const struct node_event *ev)
{
	int64_t now_us = clk_utc_us(s->clk), at_us = ev->time_us != 0 ? crew_to_console(s->crew, node, ev->time_us) : 0;

	return at_us > now_us - SANE_US && at_us < now_us + SANE_US ? at_us : 0;
}

void
scribe_put(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line)
{
	scribe_add(s, which, type, time_us, line, NULL, NULL);
}

/* ---- Sources ---- */

static void
write_seen(struct scribe *s, const struct registry_node *r)
{
	struct jdoc *line = scribe_line(r->id), *roles = jdoc_array();
	unsigned held = registry_roles(r);

	jdoc_set_text(line, "deviceName", r->info.device_name);
	jdoc_set_text(line, "model", r->info.model);
	scribe_int_or_null(line, "number", r->number, r->number > 0);
	scribe_text_or_null(line, "label", r->label);
	for (unsigned bit = 0; bit < ROLE_COUNT; bit++)
		if (held & 1u << bit)
			jdoc_set_text(roles, NULL, roles_name(1u << bit));
	jdoc_set(line, "roles", roles);
	jdoc_set_bool(line, "viewOnly", r->view_only);
	jdoc_set_text(line, "out", r->out ? r->out_reason : NULL);
	scribe_put(s, SCRIBE_SOURCES, "seen", 0, line);
}

/* A device's number, label and roles are written by the commands that change them; this is what it brings along. */
static void
hear_info(struct scribe *s, const struct bus_event *ev)
{
	const struct crew_member *m = crew_find(s->crew, ev->node);
	struct scribe_node *n;

	if (m == NULL)
		return;
	n = scribe_node_of(s, ev->node);
	if (n->is_seen && n->number == m->node->number && strcmp(n->device_name, m->node->info.device_name) == 0 &&
	    strcmp(n->model, m->node->info.model) == 0)
		return;
	if (!n->is_seen || strcmp(n->device_name, m->node->info.device_name) != 0 || strcmp(n->model, m->node->info.model) != 0)
		write_seen(s, m->node);
	n->is_seen = true;
	n->number = m->node->number;
	str_copy(n->device_name, sizeof n->device_name, m->node->info.device_name);
	str_copy(n->model, sizeof n->model, m->node->info.model);
	scribe_manifest(s, NULL, NULL);
}

static void
hear_gone(struct scribe *s, const struct bus_event *ev)
{
	free(map_take(s->nodes, ev->node));
	scribe_manifest(s, NULL, NULL);
}

static void
hear_manifest(struct scribe *s, const struct bus_event *ev)
{
	(void)ev;
	scribe_manifest(s, NULL, NULL);
}

/* ---- Health ---- */

static void
hear_state(struct scribe *s, const struct bus_event *ev)
{
	const struct crew_member *m = crew_find(s->crew, ev->node);
	struct scribe_node *n;
	struct jdoc *line;

	if (m == NULL)
		return;
	n = scribe_node_of(s, ev->node);
	if (n->link != m->link) {
		n->link = m->link;
		line = scribe_line(n->id);
		jdoc_set_text(line, "link", health_link_name(m->link));
		jdoc_set_text(line, "why", m->why);
		scribe_put(s, SCRIBE_HEALTH, "link", 0, line);
		scribe_manifest(s, NULL, NULL);
	}
	if (n->frozen != m->frozen) {
		n->frozen = m->frozen;
		line = scribe_line(n->id);
		jdoc_set_bool(line, "frozen", m->frozen);
		scribe_put(s, SCRIBE_HEALTH, "frozen", 0, line);
	}
	scribe_health_alive(s, n, m);
}

static void
hear_alarm(struct scribe *s, const struct bus_event *ev)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "node", ev->node);
	jdoc_set_text(line, "text", ev->text != NULL ? ev->text : "");
	scribe_put(s, SCRIBE_HEALTH, event_name(ev->kind), ev->time_us, line);
}

/* ---- Marks, bodies, hands ---- */

/* The take that rolled then: a marker may come late, when its camera was away. */
static const char *
take_at(const struct scribe *s, int64_t utc_us)
{
	for (int i = 0; i < SCRIBE_SPANS; i++)
		if (s->spans[i].take[0] != '\0' && utc_us >= s->spans[i].from_us - NEAR_US &&
		    (s->spans[i].to_us == 0 || utc_us <= s->spans[i].to_us + NEAR_US))
			return s->spans[i].take;
	return "";
}

static void
hear_marker(struct scribe *s, const char *node, const struct node_event *ev)
{
	const struct crew_member *m = crew_find(s->crew, node);
	int64_t at_us = ev->time_us != 0 ? scribe_event_time(s, node, ev) : clk_utc_us(s->clk);
	struct offset_word clock = { .known = false };
	struct jdoc *line = scribe_line(node);

	if (m != NULL)
		clock = offset_at(&m->clock.best, at_us);
	jdoc_set_text(line, "name", ev->text);
	scribe_text_or_null(line, "take", take_at(s, at_us != 0 ? at_us : clk_utc_us(s->clk)));
	scribe_int_or_null(line, "nodeUs", ev->time_us, ev->time_us != 0);
	scribe_int_or_null(line, "offsetUs", clock.offset_us, clock.known);
	scribe_int_or_null(line, "boundUs", clock.bound_us, clock.known);
	scribe_text_or_null(line, "commandId", ev->command_id);
	scribe_put(s, SCRIBE_MARKERS, "marker", scribe_event_time(s, node, ev), line);
}

/* Up to 30 times a second from each camera: the text as it came, never a document. */
static void
hear_pose(struct scribe *s, const char *node, const struct node_event *ev)
{
	char head[ID_BYTES + 64], id[ID_BYTES + 8];
	struct buf members;

	str_json(id, sizeof id, node);
	if (ev->time_us != 0)
		snprintf(head, sizeof head, "\"node\":%s,\"nodeUs\":%" PRId64, id, ev->time_us);
	else
		snprintf(head, sizeof head, "\"node\":%s,\"nodeUs\":null", id);
	buf_init(&members, MAX_JOURNAL_LINE);
	buf_add_text(&members, head);
	if (ev->pose_json != NULL && buf_add_text(&members, ","))
		buf_add_text(&members, ev->pose_json);
	scribe_add_flood(s, SCRIBE_POSE, "pose", scribe_event_time(s, node, ev), buf_text(&members));
	buf_fini(&members);
}

static void
hear_gesture(struct scribe *s, const char *node, const struct node_event *ev)
{
	struct jdoc *line = scribe_line(node);

	jdoc_set_text(line, "name", ev->text);
	scribe_int_or_null(line, "nodeUs", ev->time_us, ev->time_us != 0);
	if (ev->has_confidence)
		jdoc_set_real(line, "confidence", ev->confidence);
	scribe_put(s, SCRIBE_GESTURE, "gesture", scribe_event_time(s, node, ev), line);
}

static void
hear_hello(struct scribe *s, const char *node, const struct node_event *ev)
{
	scribe_camera_compare(s, scribe_node_of(s, node), &ev->health);
	scribe_health_compare(s, scribe_node_of(s, node), &ev->health);
}

/* A node without events tells its camera's changes only so. */
static void
hear_health(struct scribe *s, const char *node, const struct node_event *ev)
{
	const struct crew_member *m = crew_find(s->crew, node);

	if (m != NULL && m->conn == CONN_POLLING)
		scribe_camera_compare(s, scribe_node_of(s, node), &ev->health);
	scribe_health_compare(s, scribe_node_of(s, node), &ev->health);
}

static void
hear_recording(struct scribe *s, const char *node, const struct node_event *ev)
{
	scribe_health_recording(s, scribe_node_of(s, node), &ev->recording, ev->command_id);
}

static void
hear_audio(struct scribe *s, const char *node, const struct node_event *ev)
{
	scribe_health_audio(s, scribe_node_of(s, node), &ev->audio);
}

/* ---- The bus ---- */

static void (*const word_table[NODE_EV_UNKNOWN + 1])(struct scribe *s, const char *node, const struct node_event *ev) = {
	[NODE_EV_HELLO] = hear_hello, [NODE_EV_HEALTH] = hear_health, [NODE_EV_RECORDING] = hear_recording,
	[NODE_EV_CAMERA] = scribe_camera_flip, [NODE_EV_ZOOM] = scribe_camera_zoom, [NODE_EV_FORMAT] = scribe_camera_format,
	[NODE_EV_LENS] = scribe_camera_lens, [NODE_EV_AUDIO] = hear_audio, [NODE_EV_POSE] = hear_pose,
	[NODE_EV_GESTURE] = hear_gesture, [NODE_EV_MARKER] = hear_marker,
};

static void
hear_word(struct scribe *s, const struct bus_event *ev)
{
	const struct node_event *said = ev->data;
	const struct crew_member *m = crew_find(s->crew, ev->node);

	if (said == NULL || m == NULL)
		return;
	if (word_table[said->kind] != NULL)
		word_table[said->kind](s, ev->node, said);
	scribe_health_alive(s, scribe_node_of(s, ev->node), m);
}

static void
hear_take(struct scribe *s, const struct bus_event *ev)
{
	const struct take *t = ev->data;
	int64_t from_us, to_us;
	int at = 0;

	if (t == NULL || !take_span(t, &from_us, &to_us))
		return;
	while (at < SCRIBE_SPANS && strcmp(s->spans[at].take, t->take) != 0)
		at++;
	if (at == SCRIBE_SPANS) {
		at = s->span_next;
		s->span_next = (s->span_next + 1) % SCRIBE_SPANS;
	}
	str_copy(s->spans[at].take, sizeof s->spans[at].take, t->take);
	s->spans[at].from_us = from_us;
	s->spans[at].to_us = to_us;
}

static const struct {
	enum event_kind kind;
	bool needs_node;
	void (*hear)(struct scribe *s, const struct bus_event *ev);
} news_table[] = {
	{ EV_NODE_SEEN, true, hear_info }, { EV_NODE_INFO, true, hear_info }, { EV_NODE_GONE, true, hear_gone },
	{ EV_NODE_STATE, true, hear_state }, { EV_NODE_EVENT, true, hear_word }, { EV_CLOCK_SAMPLE, true, scribe_clock_hear },
	{ EV_MANIFEST_DIRTY, false, hear_manifest }, { EV_TAKE_CHANGED, false, hear_take },
	{ EV_NOT_WRITING, true, hear_alarm }, { EV_STOPPED_UNASKED, true, hear_alarm }, { EV_ALARM, false, hear_alarm },
};

static void
hear(void *arg, const struct bus_event *ev)
{
	struct scribe *s = arg;

	for (size_t i = 0; i < sizeof news_table / sizeof news_table[0]; i++)
		if (news_table[i].kind == ev->kind && (ev->node != NULL || !news_table[i].needs_node))
			news_table[i].hear(s, ev);
}

void
scribe_news_open(struct scribe *s)
{
	s->nodes = map_new();
	scribe_clock_open(s);
	for (size_t i = 0; i < sizeof news_table / sizeof news_table[0]; i++)
		bus_listen(s->bus, news_table[i].kind, hear, s);
}

static void
free_node(void *arg, const char *id, void *value)
{
	(void)arg;
	(void)id;
	free(value);
}

void
scribe_news_close(struct scribe *s)
{
	bus_unlisten(s->bus, hear, s);
	scribe_clock_close(s);
	map_each(s->nodes, free_node, NULL);
	map_free(s->nodes);
}
