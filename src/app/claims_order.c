/*
 * claims_order.c - one claim or release of some cameras: tokens to the disk, commands to the cameras, answers to states.
 * Owns the orders under way.  Never sends a token that is not on disk: a console that dies after its camera has taken it must
 * be able to say it again.  Never asks a camera two things at once: the refusal of one would drop the token of the other.
 */
#include "app/claims_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

struct order {
	struct list link;		/* claims->orders; alone once the claims are gone */
	struct claims *c;		/* NULL: gone; the disk's answer frees it */
	enum node_verb verb;
	struct target_set targets;
	char pin[NODE_WORD];
	bool is_own;			/* nobody asked: told only what is new */
	void (*ack)(void *arg, const struct ledger_line *line);
	claims_done_fn *done;
	void *arg;
	bool waits;			/* for its turn: others are on their way to a camera of its targets, or came before */
	unsigned number;		/* the fan-out's; 0: not sent, or answered */
	bool is_at_disk;
	bool is_dirty;			/* tokens were dropped since they were saved */
	bool has_ledger;
	struct ledger ledger;		/* kept while the disk is waited for */
	int64_t took_us;
};

static void
order_free(struct order *o)
{
	list_remove(&o->link);
	if (o->has_ledger)
		ledger_fini(&o->ledger);
	explicit_bzero(o->pin, sizeof o->pin);
	free(o);
}

/* ---- One after the other ---- */

static void
let_go_of(struct order *o, struct claims_node *n)
{
	if (n->asker == o)
		n->asker = NULL;
}

static bool
is_its_turn(const struct order *o)
{
	for (int i = 0; i < o->targets.count; i++)
		if (claims_node(o->c, o->targets.ids[i])->asker != NULL)
			return false;
	return true;
}

static void order_begin(struct order *o);

/* Who waits, in the order in which they came: a release that was said after a claim is done after it. */
static void
begin_next(struct claims *c)
{
	LIST_EACH(it, &c->orders) {
		struct order *o = LIST_ENTRY(it, struct order, link);

		if (!o->waits)
			continue;
		if (!is_its_turn(o))
			return;
		order_begin(o);
	}
}

static bool
somebody_waits(const struct claims *c)
{
	LIST_EACH(it, &c->orders)
		if (LIST_ENTRY(it, struct order, link)->waits)
			return true;
	return false;
}

static void
order_end(struct order *o, const struct err *e)
{
	claims_done_fn *done = o->done;
	void *arg = o->arg;
	struct ledger ledger = o->ledger;
	bool has_ledger = o->has_ledger;
	int64_t took_us = o->took_us;
	struct claims *c = o->c;

	o->has_ledger = false;
	for (int i = 0; i < o->targets.count; i++) {
		let_go_of(o, claims_node(c, o->targets.ids[i]));
		claims_judge(c, claims_node(c, o->targets.ids[i]));
	}
	order_free(o);
	begin_next(c);
	if (done != NULL)
		done(arg, has_ledger ? &ledger : NULL, took_us, e);
	if (has_ledger)
		ledger_fini(&ledger);
}

/* ---- What an answer means ---- */

static void
drop_token(struct order *o, const char *node)
{
	if (!claims_has_token(o->c, node))
		return;
	tokens_drop(o->c->tokens, node);
	o->is_dirty = true;
}

static void
note_claim(struct claims *c, const char *node, bool is_held)
{
	struct registry_node *r = registry_find(crew_registry(c->crew), node);

	if (r == NULL)
		return;
	memset(&r->info.claim, 0, sizeof r->info.claim);
	if (!is_held)
		return;
	r->info.claim.held = true;
	str_copy(r->info.claim.sphere, sizeof r->info.claim.sphere, c->sphere_id);
	str_copy(r->info.claim.name, sizeof r->info.claim.name, sphere_manifest(c->sphere)->name);
	str_copy(r->info.claim.director, sizeof r->info.claim.director, c->director);
}

/* A camera that wants a pin is told once, by the state's change; it has been looked at by itself only. */
static void
go_pin(struct order *o, struct claims_node *n)
{
	const bool is_news = n->state != CLAIMS_PIN;
	char text[MAX_TEXT_FIELD];

	claims_go(o->c, n, CLAIMS_PIN);
	if (is_news && o->is_own && claims_trouble(o->c, n->node, text, sizeof text))
		bus_tell(o->c->bus, EV_NOTICE, n->node, "%s", text);
}

/* It is no (more) ours; who holds it, its /info says. */
static void
claim_refused(struct order *o, struct claims_node *n, const struct ledger_line *line)
{
	if (n->state == CLAIMS_OURS && line->status == 503)
		return;			/* busy: the next renewal will do */
	n->is_token_wrong = line->status == 401;
	drop_token(o, n->node);
	if (strcmp(line->code, "pin_required") == 0)
		go_pin(o, n);
	else
		crew_ask_info(o->c->crew, n->node);
}

static void
claim_answered(struct order *o, struct claims_node *n, const struct ledger_line *line)
{
	switch (line->result) {
	case NODE_OK:
		n->is_token_wrong = n->let_go = false;
		note_claim(o->c, n->node, true);
		claims_go(o->c, n, CLAIMS_OURS);
		break;
	case NODE_REFUSED:
		claim_refused(o, n, line);
		break;
	case NODE_NOT_OFFERED:
		drop_token(o, n->node);
		claims_go(o->c, n, CLAIMS_NOT_OFFERED);
		break;
	case NODE_LOST:
		if (line->tries == 0 && n->state != CLAIMS_OURS)
			drop_token(o, n->node);	/* nothing went out: it cannot have been taken */
		break;
	case NODE_LATE:
		break;			/* it may have been taken: the token is kept, and asked with again */
	}
}

static void
release_answered(struct order *o, struct claims_node *n, const struct ledger_line *line)
{
	if (line->result == NODE_OK || line->result == NODE_NOT_OFFERED) {
		n->let_go = true;
		n->is_token_wrong = false;
		drop_token(o, n->node);
		note_claim(o->c, n->node, false);
	} else if (line->result == NODE_REFUSED) {
		crew_ask_info(o->c->crew, n->node);
	}
}

static void
order_acked(void *arg, const struct ledger_line *line)
{
	struct order *o = arg;
	struct claims_node *n = claims_node(o->c, line->node);

	n->asked_us = loop_now_us(o->c->loop);
	if (o->verb == NODE_CLAIM)
		claim_answered(o, n, line);
	else
		release_answered(o, n, line);
	n = claims_node(o->c, line->node);	/* who heard of it may have forgotten the camera */
	let_go_of(o, n);
	claims_judge(o->c, n);
	begin_next(o->c);
	if (o->ack != NULL)
		o->ack(o->arg, line);
}

/* ---- To the disk, to the cameras, and back ---- */

static void
order_kept(void *arg, const struct err *e)
{
	struct order *o = arg;

	o->is_at_disk = false;
	if (o->c == NULL)
		order_free(o);
	else
		order_end(o, e);
}

static void
order_answered(void *arg, const struct ledger *l, int64_t took_us)
{
	struct order *o = arg;
	static const struct err fine = { .kind = ERR_NONE };

	o->number = 0;
	ledger_init(&o->ledger, l->count);
	memcpy(o->ledger.lines, l->lines, (size_t)l->count * sizeof *l->lines);
	o->has_ledger = true;
	o->took_us = took_us;
	if (!o->is_dirty) {
		order_end(o, &fine);
		return;
	}
	o->is_at_disk = true;
	tokens_save(o->c->tokens, scribe_queue(o->c->scribe), order_kept, o);
}

static void
tailor(void *arg, const char *node, struct node_request *r)
{
	const struct order *o = arg;
	const char *token = o->c->tokens != NULL ? tokens_of(o->c->tokens, node) : NULL;

	str_copy(r->token, sizeof r->token, token != NULL ? token : "");
	str_copy(r->pin, sizeof r->pin, o->pin);
}

static void
order_send(struct order *o)
{
	static const struct fanout_fns fns = { .ack = order_acked, .done = order_answered };
	struct claims *c = o->c;
	struct node_request r = { .verb = o->verb };

	str_copy(r.sphere, sizeof r.sphere, c->sphere_id);
	str_copy(r.text, sizeof r.text, sphere_manifest(c->sphere)->name);
	str_copy(r.director, sizeof r.director, c->director);
	o->number = fanout_send(c->fanout, &r, &o->targets, o->verb == NODE_CLAIM ? tailor : NULL, &fns, o);
}

/* What was made for it is no token of anybody's. */
static void
order_turned_down(struct order *o, const struct err *e)
{
	for (int i = 0; i < o->targets.count; i++)
		if (claims_node(o->c, o->targets.ids[i])->state != CLAIMS_OURS)
			tokens_drop(o->c->tokens, o->targets.ids[i]);
	order_end(o, e);
}

static void
order_durable(void *arg, const struct err *e)
{
	struct order *o = arg;

	o->is_at_disk = false;
	if (o->c == NULL)
		order_free(o);
	else if (e->kind == ERR_NONE)
		order_send(o);
	else
		order_turned_down(o, e);
}

static struct order *
order_new(struct claims *c, enum node_verb verb, const struct claims_ask *ask)
{
	struct order *o = xcalloc(1, sizeof *o);

	o->c = c;
	o->verb = verb;
	o->targets = *ask->targets;
	str_copy(o->pin, sizeof o->pin, ask->pin != NULL ? ask->pin : "");
	o->ack = ask->ack;
	o->done = ask->done;
	o->arg = ask->arg;
	o->waits = true;
	list_insert_tail(&c->orders, &o->link);
	return o;
}

static void
order_claim(struct order *o)
{
	struct claims *c = o->c;
	bool is_new = false;

	for (int i = 0; i < o->targets.count; i++) {
		struct claims_node *n = claims_node(c, o->targets.ids[i]);

		is_new = is_new || n->state != CLAIMS_OURS;
		if (!claims_has_token(c, n->node))
			n->is_token_wrong = n->state == CLAIMS_ELSEWHERE;
		tokens_make(c->tokens, n->node);
		n->asked_us = loop_now_us(c->loop);
	}
	if (!is_new) {
		order_send(o);
		return;
	}
	o->is_at_disk = true;
	tokens_save(c->tokens, scribe_queue(c->scribe), order_durable, o);
}

static void
order_begin(struct order *o)
{
	o->waits = false;
	for (int i = 0; i < o->targets.count; i++)
		claims_node(o->c, o->targets.ids[i])->asker = o;
	if (o->verb == NODE_CLAIM)
		order_claim(o);
	else
		order_send(o);
}

bool
claims_take(struct claims *c, const struct claims_ask *ask, struct err *e)
{
	if (c->tokens == NULL) {
		*e = c->no_place;
		return false;
	}
	order_new(c, NODE_CLAIM, ask);
	begin_next(c);
	return true;
}

void
claims_release(struct claims *c, const struct claims_ask *ask)
{
	order_new(c, NODE_RELEASE, ask);
	begin_next(c);
}

void
claims_ask_self(struct claims *c, const struct target_set *targets)
{
	const struct claims_ask ask = { .targets = targets };

	/* What the operator has said decides whether it is still due. */
	if (somebody_waits(c))
		return;
	order_new(c, NODE_CLAIM, &ask)->is_own = true;
	begin_next(c);
}

void
claims_drop_orders(struct claims *c)
{
	LIST_EACH_SAFE(it, tmp, &c->orders) {
		struct order *o = LIST_ENTRY(it, struct order, link);

		if (o->number != 0)
			fanout_drop(c->fanout, o->number);
		if (o->is_at_disk) {
			list_remove(&o->link);
			list_init(&o->link);
			o->c = NULL;
		} else {
			order_free(o);
		}
	}
}
