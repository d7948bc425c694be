/*
 * claims.c - who holds which camera, told by its /info and by its answers; claims and releases on their way.
 * Owns the tokens and when they are used.  Never fights for a camera that another console has taken meanwhile, and never
 * says a token to anybody but its camera.
 */
#include "app/claims_private.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

static const char *const state_words[] = { [CLAIMS_FREE] = "free", [CLAIMS_OURS] = "ours", [CLAIMS_OTHER] = "other",
	[CLAIMS_ELSEWHERE] = "elsewhere", [CLAIMS_PIN] = "pin", [CLAIMS_NOT_OFFERED] = "not-offered" };

/* ---- One camera ---- */

struct claims_node *
claims_node(struct claims *c, const char *node)
{
	struct claims_node *n = map_get(c->nodes, node);

	if (n != NULL)
		return n;
	n = xcalloc(1, sizeof *n);
	str_copy(n->node, sizeof n->node, node);
	n->asked_us = n->looked_us = INT64_MIN;
	map_put(c->nodes, node, n);
	return n;
}

bool
claims_has_token(const struct claims *c, const char *node)
{
	return c->tokens != NULL && tokens_of(c->tokens, node) != NULL;
}

/* "Saturday episode" (anna@studio) */
static void
holder_words(const struct node_claim *claim, char *out, size_t out_size)
{
	const char *name = claim->name[0] != '\0' ? claim->name : "another Sphere";

	if (claim->director[0] != '\0')
		snprintf(out, out_size, "\"%s\" (%s)", name, claim->director);
	else
		snprintf(out, out_size, "\"%s\"", name);
}

static void
journal(struct claims *c, const struct claims_node *n, const struct node_claim *claim)
{
	struct jdoc *line = jdoc_object();

	jdoc_set_text(line, "node", n->node);
	jdoc_set_text(line, "state", state_words[n->state]);
	jdoc_set_text(line, "sphere", claim->held ? claim->sphere : NULL);
	jdoc_set_text(line, "name", claim->held ? claim->name : NULL);
	jdoc_set_text(line, "director", claim->held ? claim->director : NULL);
	scribe_add(c->scribe, SCRIBE_HEALTH, "claim", 0, line, NULL, NULL);
}

/* The one door of a state: journaled and told when it is another one, or somebody else holds it now. */
void
claims_go(struct claims *c, struct claims_node *n, enum claims_state state)
{
	struct registry_node *r = registry_find(crew_registry(c->crew), n->node);
	char held_by[sizeof r->held_by] = "";

	if (r == NULL)
		return;
	if (state == CLAIMS_OTHER || state == CLAIMS_ELSEWHERE)
		holder_words(&r->info.claim, held_by, sizeof held_by);
	if (n->state == state && strcmp(r->held_by, held_by) == 0)
		return;
	log_line(LOG_CMD, "%s: claim %s -> %s %s", registry_name(r), state_words[n->state], state_words[state], held_by);
	n->state = state;
	str_copy(r->held_by, sizeof r->held_by, held_by);
	journal(c, n, &r->info.claim);
	bus_tell(c->bus, EV_CLAIM_CHANGED, n->node, "%s", state_words[state]);
}

/* Somebody else's claim has ended: whoever wants it need not wait any more. */
static void
go_free(struct claims *c, struct claims_node *n)
{
	if (n->state == CLAIMS_OTHER || n->state == CLAIMS_ELSEWHERE)
		n->asked_us = INT64_MIN;
	n->is_token_wrong = false;
	claims_go(c, n, CLAIMS_FREE);
}

/* What its /info says; a refusal for want of a pin stands until somebody holds it. */
void
claims_judge(struct claims *c, struct claims_node *n)
{
	const struct crew_member *m = crew_find(c->crew, n->node);
	const struct node_claim *claim;

	if (m == NULL || m->node->view_only || n->asker != NULL)
		return;
	claim = &m->node->info.claim;
	if (claim->held && strcmp(claim->sphere, c->sphere_id) != 0)
		claims_go(c, n, CLAIMS_OTHER);
	else if (claim->held)
		claims_go(c, n, claims_has_token(c, n->node) && !n->is_token_wrong ? CLAIMS_OURS : CLAIMS_ELSEWHERE);
	else if (n->state != CLAIMS_PIN && n->state != CLAIMS_NOT_OFFERED)
		go_free(c, n);
}

/* ---- What is due by itself ---- */

static bool
is_claimable(const struct crew_member *m)
{
	return !m->node->view_only && !m->node->known && m->link == HEALTH_LIVE;
}

static bool
is_wanted(const struct claims *c, const struct claims_node *n, const struct crew_member *m)
{
	if (c->tokens == NULL || n->let_go)
		return false;
	return claims_has_token(c, n->node) || (opt_int(c->settings, "claim") != 0 && !m->node->out);
}

/* A claim to be asked for, renewed, or told the Sphere's new name. */
static bool
is_due(const struct claims *c, const struct claims_node *n, const struct crew_member *m, int64_t now_us)
{
	const int64_t since_us = n->asked_us == INT64_MIN ? INT64_MAX : now_us - n->asked_us;

	if (n->asker != NULL || !is_wanted(c, n, m))
		return false;
	switch (n->state) {
	case CLAIMS_OURS:
		return since_us >= CLAIMS_RENEW_US || strcmp(m->node->info.claim.name, sphere_manifest(c->sphere)->name) != 0;
	case CLAIMS_FREE: case CLAIMS_OTHER: case CLAIMS_ELSEWHERE:
		return since_us >= CLAIMS_AGAIN_US;
	default:
		return false;
	}
}

/* Somebody else's claim ends without a word of it: asked now and then. */
static void
look_at_stranger(struct claims *c, struct claims_node *n, int64_t now_us)
{
	if ((n->state != CLAIMS_OTHER && n->state != CLAIMS_ELSEWHERE) ||
	    (n->looked_us != INT64_MIN && now_us - n->looked_us < CLAIMS_AGAIN_US))
		return;
	n->looked_us = now_us;
	crew_ask_info(c->crew, n->node);
}

static void
look(void *arg)
{
	struct claims *c = arg;
	const int64_t now_us = loop_now_us(c->loop);
	struct target_set *due = xcalloc(1, sizeof *due);

	c->look_waits = false;
	for (int i = 0; i < crew_count(c->crew); i++) {
		const struct crew_member *m = crew_at(c->crew, i);
		struct claims_node *n = is_claimable(m) ? claims_node(c, m->node->id) : NULL;

		if (n == NULL)
			continue;
		claims_judge(c, n);
		if (is_due(c, n, m, now_us))
			str_copy(due->ids[due->count++], ID_BYTES, n->node);
		else
			look_at_stranger(c, n, now_us);
	}
	if (due->count > 0)
		claims_ask_self(c, due);
	free(due);
	loop_timer_start(c->loop, c->look_timer, CLAIMS_LOOK_US, 0);
}

/* At the end of the turn: a fleet joins in one. */
void
claims_look_soon(struct claims *c)
{
	if (c->look_waits)
		return;
	c->look_waits = true;
	loop_timer_start(c->loop, c->look_timer, 0, 0);
}

/* ---- News ---- */

static void
forget(struct claims *c, const char *node)
{
	free(map_take(c->nodes, node));
}

static void
hear(void *arg, const struct bus_event *ev)
{
	struct claims *c = arg;
	struct claims_node *n;

	if (ev->kind == EV_NODE_GONE && ev->node != NULL) {
		forget(c, ev->node);
	} else if (ev->node != NULL && crew_find(c->crew, ev->node) != NULL) {
		n = claims_node(c, ev->node);
		if (ev->kind == EV_NODE_LIVE)
			n->asked_us = INT64_MIN;	/* it may have been away for long: is it still ours? */
		claims_judge(c, n);
	}
	claims_look_soon(c);
}

/* It obeys somebody else since we looked last: whom?  If we thought that it is ours, the renewal tells. */
static void
hear_answer(void *arg, const struct bus_event *ev)
{
	const struct ledger_line *line = ev->data;
	struct claims *c = arg;
	struct claims_node *n;

	if (line == NULL || line->status != 401 || ev->node == NULL)
		return;
	n = claims_node(c, ev->node);
	if (n->asker != NULL || n->state == CLAIMS_OTHER || n->state == CLAIMS_ELSEWHERE ||
	    (n->looked_us != INT64_MIN && loop_now_us(c->loop) - n->looked_us < CLAIMS_LOOK_US))
		return;
	n->looked_us = loop_now_us(c->loop);
	n->asked_us = INT64_MIN;
	crew_ask_info(c->crew, ev->node);
	claims_look_soon(c);
}

/* Whoever holds the device in hand let it go: it is not taken back by itself. */
static void
hear_word(void *arg, const struct bus_event *ev)
{
	const struct node_event *word = ev->data;
	struct claims *c = arg;
	struct claims_node *n;

	if (word == NULL || ev->node == NULL || word->kind != NODE_EV_BYE || strcmp(word->text, "released") != 0)
		return;
	n = claims_node(c, ev->node);
	n->let_go = true;
	if (!claims_has_token(c, ev->node))
		return;
	tokens_drop(c->tokens, ev->node);
	tokens_save(c->tokens, scribe_queue(c->scribe), NULL, NULL);
	crew_ask_info(c->crew, ev->node);
}

/* The setting changed: what was let go, or wanted a pin, is asked anew. */
static void
setting_changed(void *arg, const struct bus_event *ev)
{
	struct claims *c = arg;

	if (ev->text == NULL || strcmp(ev->text, "claim") != 0)
		return;
	for (int i = 0; i < crew_count(c->crew); i++) {
		struct claims_node *n = claims_node(c, crew_at(c->crew, i)->node->id);

		n->let_go = false;
		if (n->state == CLAIMS_PIN)
			claims_go(c, n, CLAIMS_FREE);	/* off: nobody wants it; on: it is asked again */
		n->asked_us = n->state == CLAIMS_OURS ? n->asked_us : INT64_MIN;
	}
	claims_look_soon(c);
}

static const enum event_kind news_kinds[] = { EV_NODE_INFO, EV_NODE_LIVE, EV_NODE_GONE, EV_CREW_CHANGED };

/* ---- Life ---- */

/* "anna@studio": who is asked to release a camera, and where. */
static void
name_director(char out[static MAX_NAME_BYTES])
{
	const struct passwd *pw = getpwuid(getuid());
	const char *user = getenv("USER");
	char host[64] = "?", both[MAX_NAME_BYTES];

	if (user == NULL || user[0] == '\0')
		user = pw != NULL ? pw->pw_name : "operator";
	(void)gethostname(host, sizeof host - 1);
	snprintf(both, sizeof both, "%.100s@%.63s", user, host);
	str_clean(out, MAX_NAME_BYTES, both, strlen(both), MAX_NAME_CELLS);
}

struct claims *
claims_new(struct loop *loop, struct crew *crew, struct fanout *fanout, struct scribe *scribe, struct sphere *sphere,
    struct bus *bus, const struct opt_set *settings, struct err *e)
{
	struct claims *c = xcalloc(1, sizeof *c);

	c->loop = loop;
	c->crew = crew;
	c->fanout = fanout;
	c->scribe = scribe;
	c->sphere = sphere;
	c->bus = bus;
	c->settings = settings;
	str_copy(c->sphere_id, sizeof c->sphere_id, sphere_manifest(sphere)->sphere);
	name_director(c->director);
	c->tokens = tokens_open(c->sphere_id, e);
	if (c->tokens == NULL)
		c->no_place = *e;
	c->nodes = map_new();
	list_init(&c->orders);
	c->look_timer = loop_timer_new(loop, look, c);
	for (size_t i = 0; i < sizeof news_kinds / sizeof news_kinds[0]; i++)
		bus_listen(bus, news_kinds[i], hear, c);
	bus_listen(bus, EV_SETTING_CHANGED, setting_changed, c);
	bus_listen(bus, EV_NODE_EVENT, hear_word, c);
	bus_listen(bus, EV_LEDGER_CHANGED, hear_answer, c);
	fanout_set_bearer(fanout, claims_bearer_of, c);
	claims_look_soon(c);
	return c;
}

static void
free_node(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

void
claims_free(struct claims *c)
{
	if (c == NULL)
		return;
	fanout_set_bearer(c->fanout, NULL, NULL);
	bus_unlisten(c->bus, hear, c);
	bus_unlisten(c->bus, setting_changed, c);
	bus_unlisten(c->bus, hear_word, c);
	bus_unlisten(c->bus, hear_answer, c);
	loop_timer_free(c->loop, c->look_timer);
	claims_drop_orders(c);
	map_each(c->nodes, free_node, NULL);
	map_free(c->nodes);
	tokens_close(c->tokens);
	free(c);
}

/* ---- Questions ---- */

enum claims_state
claims_of(const struct claims *c, const char *node)
{
	const struct claims_node *n = c != NULL ? map_get(c->nodes, node) : NULL;

	return n != NULL ? n->state : CLAIMS_FREE;
}

const char *
claims_bearer(const struct claims *c, const char *node)
{
	return c != NULL && c->tokens != NULL ? tokens_of(c->tokens, node) : NULL;
}

const char *
claims_bearer_of(void *claims, const char *node)
{
	return claims_bearer(claims, node);
}

void
claims_word(const struct claims *c, const char *node, char *out, size_t out_size)
{
	static const char *const words[] = { [CLAIMS_FREE] = "free", [CLAIMS_OURS] = "ours", [CLAIMS_PIN] = "asks for its pin",
		[CLAIMS_NOT_OFFERED] = "not offered", [CLAIMS_OTHER] = NULL, [CLAIMS_ELSEWHERE] = NULL };
	const enum claims_state state = claims_of(c, node);
	const struct crew_member *m = c != NULL ? crew_find(c->crew, node) : NULL;

	if (words[state] != NULL || m == NULL)
		str_copy(out, out_size, words[state] != NULL ? words[state] : "");
	else
		str_copy(out, out_size, m->node->held_by);
}

bool
claims_trouble(const struct claims *c, const char *node, char *out, size_t out_size)
{
	const struct crew_member *m = c != NULL ? crew_find(c->crew, node) : NULL;
	char target[MAX_NAME_BYTES + 8];

	out[0] = '\0';
	if (m == NULL)
		return false;
	str_word(target, sizeof target, registry_name(m->node));
	switch (claims_of(c, node)) {
	case CLAIMS_OTHER:
		snprintf(out, out_size, "held by %.300s: release it there, or wait 10 minutes after that console has gone; until then :out %s",
		    m->node->held_by, target);
		return true;
	case CLAIMS_ELSEWHERE:
		snprintf(out, out_size, "held for this Sphere by another console, %.300s: release it there, or wait 10 minutes after "
		    "it has gone, then :claim -t %s", m->node->held_by, target);
		return true;
	case CLAIMS_PIN:
		snprintf(out, out_size, "asks for its pin: :claim -t %s pin DIGITS", target);
		return true;
	default:
		return false;
	}
}
