/*
 * judge.c - is a condition of `wait` and `expect` true now: the app's state, and the events heard so far.
 * Owns the count of events and the times of the cuts of this run.  Never waits: whoever asks does.
 */
#include "app/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/arm.h"
#include "base/list.h"
#include "base/str.h"
#include "base/xalloc.h"

#define EFFECT_NEAR_US 1000000LL	/* a light that changes this near to a cut is that cut's */
#define MAX_EVENTS 20000		/* remembered; the oldest go first */
#define MAX_PLACES (4 * MAX_NODES)	/* cameras that events are told apart by; those of later ones are nobody's */

struct judge_event {
	enum event_kind kind;
	int node;			/* its place in judge->nodes */
	int64_t serial;
	int64_t heard_us;		/* loop time */
};

struct judge_cut {
	char to[ID_BYTES];
	int64_t planned_us, effect_us;	/* console UTC; effect 0: not told */
	int64_t held_us;		/* the show has stood still for so long since */
};

struct judge {
	const struct deck *deck;
	struct cmdq *q;
	int64_t serial, mark;		/* of the newest event; events after mark count */
	struct judge_event first[EV_KINDS];	/* of each kind; serial 0: none in this run */
	struct judge_event *events;	/* a ring once it is full */
	size_t event_count, event_room;
	char (*nodes)[ID_BYTES];	/* that events were of, each once: an hour has ten thousand events */
	int node_count;
	struct judge_cut *cuts;
	int cut_count;
	struct judge_acks acks;
	int64_t zero_us;
	double speed;
};

/* ---- Hearing ---- */

/* "": of none, and always the first. */
static int
judge_place(struct judge *j, const char *node)
{
	for (int i = 0; i < j->node_count; i++)
		if (strcmp(j->nodes[i], node) == 0)
			return i;
	if (j->node_count == MAX_PLACES)
		return 0;
	j->nodes = xreallocarray(j->nodes, (size_t)j->node_count + 1, sizeof *j->nodes);
	str_copy(j->nodes[j->node_count], sizeof j->nodes[0], node);
	return j->node_count++;
}

static void
judge_keep_event(struct judge *j, enum event_kind kind, const char *node)
{
	struct judge_event *e;

	j->serial++;
	if (j->event_count < MAX_EVENTS) {
		if (j->event_count == j->event_room) {
			j->event_room = j->event_room * 2 + 64;
			j->events = xreallocarray(j->events, j->event_room, sizeof *j->events);
		}
		e = &j->events[j->event_count++];
	} else {
		e = &j->events[(j->serial - 1) % MAX_EVENTS];
	}
	e->kind = kind;
	e->serial = j->serial;
	e->heard_us = loop_now_us(j->deck->loop);
	e->node = judge_place(j, node != NULL ? node : "");
	if (j->first[kind].serial == 0)
		j->first[kind] = *e;
}

static void
judge_keep_cut(struct judge *j)
{
	const struct director_cut *last = director_last(j->deck->director);
	struct judge_cut *cut;

	j->cuts = xreallocarray(j->cuts, (size_t)j->cut_count + 1, sizeof *j->cuts);
	cut = &j->cuts[j->cut_count++];
	memset(cut, 0, sizeof *cut);
	cut->planned_us = last->at_us;
	str_copy(cut->to, sizeof cut->to, last->to);
}

/* The new program's light went on: when the newest cut to it really happened. */
static void
judge_keep_light(struct judge *j, const char *node, const struct node_event *ev)
{
	int64_t at_us = crew_to_console(j->deck->crew, node, ev->time_us);

	for (int i = j->cut_count - 1; i >= 0 && i >= j->cut_count - 8; i--) {
		struct judge_cut *cut = &j->cuts[i];

		if (strcmp(cut->to, node) != 0 || cut->effect_us != 0 || llabs(at_us - cut->planned_us) > EFFECT_NEAR_US)
			continue;
		cut->effect_us = at_us;
		return;
	}
}

static void
judge_heard(void *arg, const struct bus_event *ev)
{
	struct judge *j = arg;
	const struct node_event *said = ev->data;

	if (ev->kind == EV_NODE_EVENT && ev->node != NULL && said != NULL && said->kind == NODE_EV_TALLY &&
	    said->time_us != 0 && strcmp(said->text, node_tally_name(NODE_TALLY_PROGRAM)) == 0)
		judge_keep_light(j, ev->node, said);
	if (!event_is_public(ev->kind))
		return;
	judge_keep_event(j, ev->kind, ev->node);
	if (ev->kind == EV_CUT)
		judge_keep_cut(j);
}

struct judge *
judge_new(const struct deck *deck, struct cmdq *q)
{
	struct judge *j = xcalloc(1, sizeof *j);

	j->deck = deck;
	j->q = q;
	j->speed = 1.0;
	j->zero_us = clk_utc_us(deck->clk);
	(void)judge_place(j, "");
	bus_listen(deck->bus, EV_KINDS, judge_heard, j);
	return j;
}

void
judge_free(struct judge *j)
{
	if (j == NULL)
		return;
	bus_unlisten(j->deck->bus, judge_heard, j);
	free(j->events);
	free(j->nodes);
	free(j->cuts);
	free(j);
}

void
judge_mark(struct judge *j)
{
	j->mark = j->serial;
}

int64_t
judge_serial(const struct judge *j)
{
	return j->serial;
}

void
judge_acks(struct judge *j, const struct judge_acks *acks)
{
	j->acks = *acks;
}

void
judge_zero(struct judge *j, int64_t zero_us, double speed)
{
	j->zero_us = zero_us;
	j->speed = speed;
}

void
judge_shift(struct judge *j, int64_t by_us)
{
	j->zero_us += by_us;
	for (int i = 0; i < j->cut_count; i++)
		j->cuts[i].held_us += by_us;
}

/* ---- Judging ---- */

struct judge_ask {
	struct judge *j;
	const struct condition *c;
	char *why;
	size_t why_size;
};

static bool __attribute__((format(printf, 2, 3)))
judge_no(const struct judge_ask *a, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(a->why, a->why_size, format, ap);
	va_end(ap);
	return false;
}

/* The one node that the condition names; false + the sentence. */
static bool
judge_node(const struct judge_ask *a, char id[static ID_BYTES])
{
	struct target_context at = { .registry = crew_registry(a->j->deck->crew) };
	struct err e = { .kind = ERR_NONE };

	director_context(a->j->deck->director, &at);
	return target_one(id, a->c->node, &at, &e) || judge_no(a, "%s", e.text);
}

static const char *
judge_name(const struct judge_ask *a, const char *node)
{
	const struct registry_node *n = node != NULL ? registry_find(crew_registry(a->j->deck->crew), node) : NULL;

	return n != NULL ? registry_name(n) : "nothing";
}

static bool
member_counts(const struct crew_member *m)
{
	return !m->node->view_only && !m->node->out && !m->node->known;
}

static bool
judge_nodes(const struct judge_ask *a)
{
	const struct crew *crew = a->j->deck->crew;
	int live = 0, want = a->c->count, there = 0;
	char away[256] = "", nobody[120];
	const int typed = crew_typed_count(crew, nobody, sizeof nobody);

	for (int i = 0; i < crew_count(crew); i++) {
		const struct crew_member *m = crew_at(crew, i);

		if (!member_counts(m))
			continue;
		there++;
		if (m->link == HEALTH_LIVE)
			live++;
		else if (strlen(away) < sizeof away - 48)
			snprintf(away + strlen(away), sizeof away - strlen(away), "; %.30s is %s", registry_name(m->node),
			    health_link_name(m->link));
	}
	if (nobody[0] != '\0')
		snprintf(away + strlen(away), sizeof away - strlen(away), "; %s", nobody);
	if (want < 0)
		want = there + typed > 0 ? there + typed : 1;	/* who was named by address belongs to all */
	else
		live = crew_live_count(crew);	/* a number counts cameras that are out, too */
	return live >= want || judge_no(a, "expected %d live node%s, have %d%s", want, want == 1 ? "" : "s", live, away);
}

static int
counts_of(const struct take_counts *n, const char *word)
{
	return strcmp(word, "recording") == 0 ? n->recording : strcmp(word, "saved") == 0 ? n->saved :
	    strcmp(word, "fetched") == 0 ? n->fetched : strcmp(word, "verified") == 0 ? n->verified : n->failed;
}

/* The first reason that a camera of the take failed for, for the sentence. */
static const char *
take_trouble(const struct take *t)
{
	for (int i = 0; i < t->device_count; i++)
		if (t->devices[i].state == TAKE_FAILED && t->devices[i].reason[0] != '\0')
			return t->devices[i].reason;
	return "";
}

static bool
judge_take(const struct judge_ask *a)
{
	const struct take *t = recordall_newest(a->j->deck->recordall);
	struct take_counts n;
	int want = a->c->count, have;
	const char *trouble;

	if (t == NULL)
		return judge_no(a, "there is no take yet");
	take_counts(t, &n);
	have = counts_of(&n, a->c->word);
	if (want < 0)
		want = n.asked > 0 ? n.asked : 1;
	trouble = take_trouble(t);
	return have >= want || judge_no(a, "expected take %s %s %d, have %d of %d asked%s%.120s", t->take, a->c->word, want,
	    have, n.asked, trouble[0] != '\0' ? "; one failed: " : "", trouble);
}

/* The newest of that kind (and node) after that serial; NULL: none. */
static const struct judge_event *
newest_of(const struct judge *j, enum event_kind kind, const char *id, int64_t after)
{
	for (int64_t serial = j->serial; serial > after && serial > j->serial - (int64_t)j->event_count; serial--) {
		const struct judge_event *e = &j->events[(serial - 1) % MAX_EVENTS];

		if (e->kind == kind && (id[0] == '\0' || strcmp(j->nodes[e->node], id) == 0))
			return e;
	}
	return NULL;
}

static bool
judge_event(const struct judge_ask *a, int64_t after)
{
	const struct judge *j = a->j;
	enum event_kind kind;
	char id[ID_BYTES] = "";

	if (!event_parse_public(a->c->word, &kind) || (a->c->node[0] != '\0' && !judge_node(a, id)))
		return false;
	if (newest_of(j, kind, id, after) != NULL)
		return true;
	return judge_no(a, "expected event %s%s%s; none came", a->c->word, id[0] != '\0' ? " of " : "",
	    id[0] != '\0' ? judge_name(a, id) : "");
}

bool
judge_names(struct judge *j, const char *node, const char *id)
{
	struct condition c = { .kind = COND_EVENT };
	char why[160], found[ID_BYTES];
	const struct judge_ask a = { .j = j, .c = &c, .why = why, .why_size = sizeof why };

	str_copy(c.node, sizeof c.node, node);
	return judge_node(&a, found) && strcmp(found, id) == 0;
}

bool
judge_heard_since(struct judge *j, enum event_kind kind, const char *node, int64_t serial, int64_t since_us)
{
	struct condition c = { .kind = COND_EVENT };
	char why[160], id[ID_BYTES] = "";
	const struct judge_ask a = { .j = j, .c = &c, .why = why, .why_size = sizeof why };
	const struct judge_event *found;

	str_copy(c.node, sizeof c.node, node);
	if (node[0] != '\0' && !judge_node(&a, id))
		return false;
	found = newest_of(j, kind, id, serial);
	return found != NULL && found->heard_us >= since_us;
}

static bool
judge_no_event(const struct judge_ask *a)
{
	const struct judge *j = a->j;
	enum event_kind kind;

	if (!event_parse_public(a->c->word, &kind))
		return true;
	return j->first[kind].serial == 0 ||
	    judge_no(a, "expected no %s; %s had one", a->c->word, judge_name(a, j->nodes[j->first[kind].node]));
}

static const char *
member_word(const struct crew_member *m)
{
	if (m->link != HEALTH_LIVE)
		return health_link_name(m->link);
	if (m->rec == HEALTH_REC_RECORDING)
		return "recording";
	return m->track.last.has_recording ? node_rec_name(m->track.last.recording.state) : "live";
}

static bool
judge_state(const struct judge_ask *a)
{
	const struct crew_member *m;
	char id[ID_BYTES];

	if (!judge_node(a, id))
		return false;
	m = crew_find(a->j->deck->crew, id);
	if (m == NULL)
		return judge_no(a, "%s has left", a->c->node);
	if (strcmp(a->c->word, "live") == 0 ? m->link == HEALTH_LIVE : strcmp(a->c->word, member_word(m)) == 0)
		return true;
	return judge_no(a, "expected %s %s; it is %s", registry_name(m->node), a->c->word, member_word(m));
}

static bool
judge_bus(const struct judge_ask *a, const char *bus, const char *there)
{
	char id[ID_BYTES];

	if (!judge_node(a, id))
		return false;
	return (there != NULL && strcmp(there, id) == 0) ||
	    judge_no(a, "expected %s on %s; there is %s", judge_name(a, id), bus, judge_name(a, there));
}

/* Every camera of the show could roll now, and there is room for all of it. */
static bool
judge_armed(const struct judge_ask *a)
{
	struct arm_sheet *sheet = xmalloc(sizeof *sheet);
	bool is_armed;

	arm_look(a->j->deck, sheet);
	is_armed = !arm_first_red(sheet, a->why, a->why_size);
	free(sheet);
	return is_armed;
}

static bool
judge_audio(const struct judge_ask *a)
{
	const struct crew_member *m;
	char id[ID_BYTES];

	if (!judge_node(a, id))
		return false;
	m = crew_find(a->j->deck->crew, id);
	if (m == NULL || !m->track.last.has_audio)
		return judge_no(a, "%s tells no audio level", judge_name(a, id));
	return m->track.last.audio.peak_dbfs > a->c->level_dbfs || judge_no(a, "expected %s above %gdB; its peak is %.1fdB",
	    judge_name(a, id), a->c->level_dbfs, m->track.last.audio.peak_dbfs);
}

static bool
judge_cuts(const struct judge_ask *a)
{
	return a->j->cut_count == a->c->count || judge_no(a, "expected %d cuts, have %d", a->c->count, a->j->cut_count);
}

static bool
judge_ack(const struct judge_ask *a)
{
	const struct judge_acks *acks = &a->j->acks;

	if (!acks->any)
		return judge_no(a, "no command stands before it");
	if (!acks->finished)
		return judge_no(a, "the command before it is not over");
	if (acks->asked == 0)
		return judge_no(a, "the command before it asked no node");
	if (acks->acked < acks->asked)
		return judge_no(a, "%d of %d said ok; %s did not", acks->acked, acks->asked, acks->missing);
	return acks->slowest_us <= a->c->within_us || judge_no(a, "%s took %.1f ms; expected at most %.1f ms", acks->slowest,
	    (double)acks->slowest_us / 1000, (double)a->c->within_us / 1000);
}

static bool
judge_cut_at(const struct judge_ask *a)
{
	const struct judge *j = a->j;
	const struct judge_cut *cut;
	int64_t at_us, want_us = j->zero_us + (int64_t)((double)a->c->at_us / j->speed);

	if (a->c->count > j->cut_count)
		return judge_no(a, "expected cut %d; there were %d", a->c->count, j->cut_count);
	cut = &j->cuts[a->c->count - 1];
	at_us = (cut->effect_us != 0 ? cut->effect_us : cut->planned_us) + cut->held_us;
	return llabs(at_us - want_us) <= a->c->tolerance_us || judge_no(a, "cut %d was %.1f ms %s; expected \xc2\xb1 %.1f ms",
	    a->c->count, (double)llabs(at_us - want_us) / 1000, at_us < want_us ? "early" : "late",
	    (double)a->c->tolerance_us / 1000);
}

bool
judge_is_true(struct judge *j, const struct condition *c, char *why, size_t why_size)
{
	const struct judge_ask a = { .j = j, .c = c, .why = why, .why_size = why_size };

	switch (c->kind) {
	case COND_NODES:
		return judge_nodes(&a);
	case COND_TAKE:
		return judge_take(&a);
	case COND_EVENT:
		return judge_event(&a, j->mark);
	case COND_NODE:
		return judge_state(&a);
	case COND_PROGRAM:
		return judge_bus(&a, "program", director_program(j->deck->director));
	case COND_PREVIEW:
		return judge_bus(&a, "preview", director_preview(j->deck->director));
	case COND_ARMED:
		return judge_armed(&a);
	case COND_AUDIO:
		return judge_audio(&a);
	case COND_CUTS:
		return judge_cuts(&a);
	case COND_NO_EVENT:
		return judge_no_event(&a);
	case COND_ACK:
		return judge_ack(&a);
	case COND_CUT_AT:
		return judge_cut_at(&a);
	}
	return judge_no(&a, "an unknown condition");
}
