/*
 * deck_kit.h - a deck for tests of commands: the crew kit's cameras and a real fan-out, with a scribe, a director and
 * a recordall that do what the test says and keep what they were told.  Virtual time; what the asker reads is text.
 * Include it in one file of a test only.
 */
#ifndef TESTS_DECK_KIT_H
#define TESTS_DECK_KIT_H

#include "unit/crew_kit.h"
#include "app/cmd.h"
#include "app/cmdq.h"
#include "app/stage_text.h"
#include "io/jdoc.h"

/* ---- A scribe that writes when the test says so ---- */

struct fake_line {
	enum scribe_journal which;
	char type[32];
	int64_t time_us;
	char *json;
};
struct fake_write {
	diskq_done_fn *done;
	void *arg;
};
struct scribe {
	struct fake_line lines[64];
	int line_count;
	struct fake_write writes[64];
	int write_count, manifests;
	bool is_slow;			/* writes wait for kit_flush() */
	struct err trouble;		/* what the disk says */
	struct loop *loop;
	struct loop_timer *timer;
	struct diskq *queue;		/* the test's own; NULL: none */
};

FAKE void
fake_flush(void *arg)
{
	struct scribe *s = arg;
	struct fake_write writes[64];
	int count = s->write_count;

	memcpy(writes, s->writes, sizeof writes);
	s->write_count = 0;
	for (int i = 0; i < count; i++)
		if (writes[i].done != NULL)
			writes[i].done(writes[i].arg, &s->trouble);
}

FAKE void
fake_write(struct scribe *s, diskq_done_fn *done, void *arg)
{
	assert_true(s->write_count < 64);
	s->writes[s->write_count++] = (struct fake_write){ done, arg };
	if (!s->is_slow)
		loop_timer_start(s->loop, s->timer, 0, 0);
}

int64_t
scribe_add(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line,
    diskq_done_fn *done, void *arg)
{
	struct fake_line *l = &s->lines[s->line_count++];

	assert_true(s->line_count <= 64);
	l->which = which;
	str_copy(l->type, sizeof l->type, type);
	l->time_us = time_us;
	l->json = jdoc_print(line);
	jdoc_free(line);
	fake_write(s, done, arg);
	return s->line_count;
}

void
scribe_manifest(struct scribe *s, diskq_done_fn *done, void *arg)
{
	s->manifests++;
	fake_write(s, done, arg);
}

void scribe_set_rehearsal(struct scribe *s, bool is_rehearsal) { (void)s; (void)is_rehearsal; }

/* ---- Claims that keep what they were asked ---- */

struct claims {
	struct fanout *fanout;
	int taken, released;
	struct target_set targets;
	char pin[NODE_WORD];
	struct err no_place;		/* with a kind: there is none for tokens */
	enum claims_state state;	/* of every camera */
	const char *trouble;		/* with every camera; NULL: none */
	claims_done_fn *done;
	void (*ack)(void *arg, const struct ledger_line *line);
	void *arg;
};

FAKE void
fake_claim_acked(void *arg, const struct ledger_line *line)
{
	struct claims *c = arg;

	c->ack(c->arg, line);
}

FAKE void
fake_claim_done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct claims *c = arg;

	c->done(c->arg, l, took_us, &(struct err){ .kind = ERR_NONE });
}

FAKE void
fake_claim_send(struct claims *c, enum node_verb verb, const struct claims_ask *ask)
{
	static const struct fanout_fns fns = { .ack = fake_claim_acked, .done = fake_claim_done };
	const struct node_request r = { .verb = verb };

	c->targets = *ask->targets;
	str_copy(c->pin, sizeof c->pin, ask->pin != NULL ? ask->pin : "");
	c->ack = ask->ack;
	c->done = ask->done;
	c->arg = ask->arg;
	fanout_send(c->fanout, &r, ask->targets, NULL, &fns, c);
}

bool
claims_take(struct claims *c, const struct claims_ask *ask, struct err *e)
{
	c->taken++;
	if (c->no_place.kind != ERR_NONE) {
		*e = c->no_place;
		return false;
	}
	fake_claim_send(c, NODE_CLAIM, ask);
	return true;
}

void
claims_release(struct claims *c, const struct claims_ask *ask)
{
	c->released++;
	fake_claim_send(c, NODE_RELEASE, ask);
}

enum claims_state claims_of(const struct claims *c, const char *node) { (void)node; return c != NULL ? c->state : CLAIMS_FREE; }
const char *claims_bearer(const struct claims *c, const char *node) { (void)c; (void)node; return NULL; }

void
claims_word(const struct claims *c, const char *node, char *out, size_t out_size)
{
	(void)c;
	(void)node;
	str_copy(out, out_size, "free");
}

bool
claims_trouble(const struct claims *c, const char *node, char *out, size_t out_size)
{
	(void)node;
	str_copy(out, out_size, c != NULL && c->trouble != NULL ? c->trouble : "");
	return out[0] != '\0';
}

/* ---- A director that does as it is told ---- */

struct director {
	struct kit *k;
	struct fanout *fanout;
	struct metro *metro;
	char program[ID_BYTES], preview[ID_BYTES], before[ID_BYTES];
	struct director_cut last;
	int cuts, amends, strikes, panics;
	struct director_ask asked;	/* the last one */
	char asked_to[ID_BYTES], asked_by[64];
	struct director_lost lost;	/* program "": it is well */
	struct err refusal;		/* with a kind: every cut without force is refused so */
	bool swallows, pends;		/* pends: the last one waits for its beat */
	director_done_fn *done;
	void (*ack)(void *arg, const struct ledger_line *line);
	void *arg;
};

FAKE const char *
fake_or_null(const char *id)
{
	return id[0] != '\0' ? id : NULL;
}

const char *director_program(const struct director *d) { return fake_or_null(d->program); }
const char *director_preview(const struct director *d) { return fake_or_null(d->preview); }
const char *director_before(const struct director *d) { return fake_or_null(d->before); }
const struct director_cut *director_last(const struct director *d) { return &d->last; }

void
director_context(const struct director *d, struct target_context *cx)
{
	cx->program = director_program(d);
	cx->preview = director_preview(d);
}

bool
director_set_preview(struct director *d, const char *node, struct err *e)
{
	(void)e;
	str_copy(d->preview, sizeof d->preview, node);
	return true;
}

FAKE void
fake_cut_acked(void *arg, const struct ledger_line *line)
{
	struct director *d = arg;

	d->ack(d->arg, line);
}

FAKE void
fake_cut_done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct director *d = arg;

	d->done(d->arg, l, took_us, &(struct err){ .kind = ERR_NONE });
}

bool
director_cut(struct director *d, const struct director_ask *ask, bool *swallowed, director_done_fn *done,
    void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e)
{
	static const struct fanout_fns fns = { .ack = fake_cut_acked, .done = fake_cut_done };
	const struct node_request r = { .verb = NODE_TALLY, .at_us = ask->at_us };
	const struct target_context cx = { .registry = d->k->reg };
	struct target_set all;

	if (d->refusal.kind != ERR_NONE && !ask->force) {
		*e = d->refusal;
		return false;
	}
	d->asked = *ask;
	str_copy(d->asked_to, sizeof d->asked_to, ask->to != NULL ? ask->to : ask->black || ask->back ? "" : d->preview);
	str_copy(d->asked_by, sizeof d->asked_by, ask->by);
	*swallowed = d->swallows;
	if (d->swallows)
		return true;
	d->done = done;
	d->ack = ack;
	d->arg = arg;
	d->cuts++;
	d->pends = ask->on_clock;
	str_copy(d->program, sizeof d->program, d->asked_to);
	d->last = (struct director_cut){ .any = true, .at_us = ask->at_us != 0 ? ask->at_us : clk_utc_us(&d->k->clk) };
	str_copy(d->last.to, sizeof d->last.to, d->asked_to);
	assert_true(target_resolve(&all, "all", &cx, e));
	fanout_send(d->fanout, &r, &all, NULL, &fns, d);
	bus_tell(d->k->bus, EV_CUT, fake_or_null(d->asked_to), "%s", ask->by);
	return true;
}

bool
director_beat(const struct director *d, enum director_when when, int beats, int64_t pressed_us, double *beat, struct err *e)
{
	(void)pressed_us;
	if (d->metro == NULL || !metro_check(d->metro, e))
		return false;
	*beat = when == DIRECTOR_ON_BAR ? 4 : when == DIRECTOR_ON_BEAT ? 1 : beats;
	return true;
}

bool
director_pending(const struct director *d, struct director_pending *out)
{
	*out = (struct director_pending){ .beat = d->asked.beat, .beats = (int64_t)d->asked.beat };
	str_copy(out->to, sizeof out->to, d->asked_to);
	str_copy(out->by, sizeof out->by, d->asked_by);
	return d->pends;
}

bool
director_lost(const struct director *d, struct director_lost *out)
{
	*out = d->lost;
	return d->lost.program[0] != '\0';
}

bool
director_ahead(const struct director *d, char by[static 64], int64_t *at_us)
{
	(void)d;
	(void)by;
	(void)at_us;
	return false;
}

bool
director_cancel(struct director *d)
{
	const bool did = d->pends;

	d->pends = false;
	return did;
}

void director_stamp(struct director *d, struct node_request *r) { (void)d; r->lease_ms = 5000; }
void director_stamped(struct director *d) { (void)d; }

/* The first camera with the role. */
const char *
director_safe(const struct director *d)
{
	for (size_t i = 0; i < registry_count(d->k->reg); i++)
		if ((registry_at(d->k->reg, i)->roles & ROLE(SAFE)) != 0)
			return registry_at(d->k->reg, i)->id;
	return NULL;
}

bool
director_panic(struct director *d, const struct director_ask *why, char to[static ID_BYTES], bool *stays, director_done_fn *done,
    void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e)
{
	struct director_ask ask = { .to = to, .force = true, .by = why->by, .n = why->n };
	bool swallowed;

	d->panics++;
	d->pends = false;
	str_copy(to, ID_BYTES, director_safe(d) != NULL ? director_safe(d) : "");
	if (to[0] == '\0')
		return err_set(e, ERR_REFUSED, "no source is live");
	*stays = strcmp(to, d->program) == 0;
	return *stays || director_cut(d, &ask, &swallowed, done, ack, arg, e);
}

struct fake_correction {
	diskq_done_fn *done;
	void *arg;
};

static void
fake_correction_written(void *arg)
{
	struct fake_correction kept = *(struct fake_correction *)arg;

	free(arg);
	kept.done(kept.arg, &(struct err){ .kind = ERR_NONE });
}

/* A line that is on disk at the end of the turn. */
static bool
fake_correction_add(struct director *d, diskq_done_fn *done, void *arg)
{
	struct fake_correction *c = xcalloc(1, sizeof *c);

	*c = (struct fake_correction){ done, arg };
	loop_defer(d->k->loop, fake_correction_written, c);
	return true;
}

bool
director_amend(struct director *d, const char *node, const char *by, diskq_done_fn *done, void *arg, struct err *e)
{
	(void)by;
	if (d->cuts == 0)
		return err_set(e, ERR_REFUSED, "there was no cut to amend");
	str_copy(d->program, sizeof d->program, node);
	d->amends++;
	return fake_correction_add(d, done, arg);
}

bool
director_strike(struct director *d, const char *by, diskq_done_fn *done, void *arg, struct err *e)
{
	(void)by;
	d->strikes++;
	if (d->cuts == 0)
		return err_set(e, ERR_REFUSED, "there was no cut to strike");
	return fake_correction_add(d, done, arg);
}

/* ---- A recordall that rolls ---- */

struct recordall {
	struct kit *k;
	struct fanout *fanout;
	struct take *take;		/* NULL: none yet; the test's */
	bool rolls;
	int starts, stops, target_count;
	bool is_explicit;
	char slate[64], by[64];
	int64_t in_us;
	recordall_done_fn *done;
	void (*ack)(void *arg, const struct ledger_line *line);
	void *arg;
};

void recordall_set_rehearsal(struct recordall *r, bool is_rehearsal, bool apart) { (void)r; (void)is_rehearsal; (void)apart; }
const struct take *recordall_newest(const struct recordall *r) { return r->take; }
bool recordall_is_rolling(const struct recordall *r) { return r->rolls; }
const char *recordall_at(const struct recordall *r, int64_t utc_us) { (void)utc_us; return r->rolls ? "003" : NULL; }
const char *recordall_running(const struct recordall *r) { return r->rolls ? "003" : NULL; }
const struct take *recordall_take(const struct recordall *r, const char *number) { return r->take != NULL && strcmp(r->take->take, number) == 0 ? r->take : NULL; }
void recordall_each(const struct recordall *r, void (*fn)(void *arg, const struct take *t), void *arg) { if (r->take != NULL) fn(arg, r->take); }
bool recordall_load(struct recordall *r, const char *number) { return recordall_take(r, number) != NULL; }

FAKE void
fake_roll_acked(void *arg, const struct ledger_line *line)
{
	struct recordall *r = arg;

	r->ack(r->arg, line);
}

FAKE void
fake_roll_done(void *arg, const struct ledger *l, int64_t took_us)
{
	struct recordall *r = arg;

	r->done(r->arg, l, took_us, NULL);
}

FAKE void
fake_roll(struct recordall *r, enum node_verb verb, const struct target_set *targets, recordall_done_fn *done,
    void (*ack)(void *arg, const struct ledger_line *line), void *arg)
{
	static const struct fanout_fns fns = { .ack = fake_roll_acked, .done = fake_roll_done };
	const struct node_request request = { .verb = verb };

	r->target_count = targets->count;
	r->done = done;
	r->ack = ack;
	r->arg = arg;
	r->rolls = verb == NODE_RECORD_START;
	fanout_send(r->fanout, &request, targets, NULL, &fns, r);
}

bool
recordall_start(struct recordall *r, const struct target_set *targets, bool explicit_targets, const char *slate, int64_t in_us,
    const char *by, recordall_done_fn *done, void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e)
{
	if (r->rolls && !explicit_targets)
		return err_set(e, ERR_REFUSED, "take 003 rolls already");
	r->starts++;
	r->is_explicit = explicit_targets;
	r->in_us = in_us;
	str_copy(r->slate, sizeof r->slate, slate);
	str_copy(r->by, sizeof r->by, by);
	fake_roll(r, NODE_RECORD_START, targets, done, ack, arg);
	return true;
}

bool
recordall_stop(struct recordall *r, const struct target_set *targets, bool explicit_targets, int64_t in_us, const char *by,
    recordall_done_fn *done, void (*ack)(void *arg, const struct ledger_line *line), void *arg, struct err *e)
{
	(void)by;
	(void)in_us;
	if (!r->rolls)
		return err_set(e, ERR_REFUSED, "no take rolls");
	r->stops++;
	r->is_explicit = explicit_targets;
	fake_roll(r, NODE_RECORD_STOP, targets, done, ack, arg);
	return true;
}

/* ---- A purge that does as it is told ---- */

struct purge {
	int asked;
	char take[TAKE_BYTES];
	bool is_explicit;
	struct err refusal;		/* with a kind: nothing is done */
	purge_done_fn *done;
	void *arg;
};

bool
purge_take(struct purge *p, const struct purge_ask *ask, struct err *e)
{
	p->asked++;
	str_copy(p->take, sizeof p->take, ask->take);
	p->is_explicit = ask->targets != NULL;
	p->done = ask->done;
	p->arg = ask->arg;
	if (p->refusal.kind != ERR_NONE)
		*e = p->refusal;
	return p->refusal.kind == ERR_NONE;
}

/* ---- Rushes: there are none, deck.rushes is NULL ---- */

void
rushes_folder(const struct rushes *r, const struct take *t, char *out, size_t out_size)
{
	(void)r;
	str_copy(out, out_size, t->archive);
}

/* Of every part of every take. */
static const struct haul_news *fake_news;

const struct haul_news *
rushes_news(const struct rushes *r, const char *take, const char *node, int part)
{
	(void)r;
	(void)take;
	(void)node;
	(void)part;
	return fake_news;
}

bool
rushes_fetch(struct rushes *r, const char *take, rushes_done_fn *done, void *arg, struct err *e)
{
	(void)r;
	(void)take;
	(void)done;
	(void)arg;
	return err_set(e, ERR_NOT_FOUND, "no such take");
}

/* What the archive says when deck.rushes is set to something. */
static struct rushes_room fake_room;
static struct haul_totals fake_totals;
static bool fake_paused;

void
rushes_room(const struct rushes *r, struct rushes_room *out)
{
	(void)r;
	*out = fake_room;
	if (out->trouble == NULL)
		out->trouble = "";
}

void
rushes_tell_room(struct rushes *r, rushes_archive_fn *done, void *arg)
{
	const struct err ok = { .kind = ERR_NONE };

	(void)r;
	done(arg, &ok, "files go to takes");
}

void
rushes_total(const struct rushes *r, struct haul_totals *out)
{
	(void)r;
	*out = fake_totals;
}

bool rushes_is_paused(const struct rushes *r) { return r != NULL && fake_paused; }
const char *rushes_archive(const struct rushes *r) { return r == NULL ? "takes" : ""; }
struct diskq *scribe_queue(struct scribe *s) { return s->queue; }

bool
rushes_set_archive(struct rushes *r, const char *text, rushes_archive_fn *done, void *arg, struct err *e)
{
	(void)r;
	(void)text;
	(void)done;
	(void)arg;
	return err_set(e, ERR_REFUSED, "there is no archive");
}

/* ---- The deck ---- */

struct deck_kit {
	struct kit *k;
	struct deck deck;
	struct scribe scribe;
	struct director director;
	struct recordall recordall;
	struct stage_text *text;
	struct cmdq *q;
	FILE *out;
	char *said;			/* all that was printed */
	size_t said_len, hushed;	/* of it, what the test has read */
	int quits;
};

FAKE void
deck_quit(void *arg, int status)
{
	struct deck_kit *d = arg;

	(void)status;
	d->quits++;
}

/* cameras: live members cam1 ... */
FAKE void
deck_put(void *arg, const char *lines, size_t len)
{
	struct deck_kit *d = arg;

	assert_int_equal(fwrite(lines, 1, len, d->out), len);
}

FAKE struct deck_kit *
deck_new(void **state, int cameras)
{
	struct deck_kit *d = xcalloc(1, sizeof *d);
	struct kit *k;

	kit_setup(state);
	k = d->k = *state;
	for (int i = 1; i <= cameras; i++)
		kit_member(k, i);
	d->out = open_memstream(&d->said, &d->said_len);
	assert_non_null(d->out);
	d->scribe.loop = k->loop;
	d->scribe.timer = loop_timer_new(k->loop, fake_flush, &d->scribe);
	d->deck = (struct deck){ .loop = k->loop, .clk = &k->clk, .settings = k->settings, .bus = k->bus, .crew = k->crew,
		.fanout = fanout_new(k->loop, k->crew, k->bus), .director = &d->director, .recordall = &d->recordall,
		.scribe = &d->scribe, .vitals = vitals_new(k->loop, k->crew, k->bus, &k->clk, k->settings) };
	d->director.k = d->recordall.k = k;
	d->director.fanout = d->recordall.fanout = d->deck.fanout;
	assert_true(opt_assign(k->settings, "link", "off", NULL));
	d->deck.metro = d->director.metro = metro_new(k->loop, k->bus, &d->scribe, &k->clk, k->settings, 1);
	d->text = stage_text_new(&(struct stage_text_out){ deck_put, d }, false, k->bus, k->crew, deck_quit, d);
	d->deck.stage = stage_text_stage(d->text);
	d->q = cmdq_new(&d->deck);
	return d;
}

FAKE void
deck_free(struct deck_kit *d, void **state)
{
	struct kit *k = d->k;

	metro_free(d->deck.metro);
	fanout_free(d->deck.fanout);
	vitals_free(d->deck.vitals);
	fake_flush(&d->scribe);
	cmdq_free(d->q);
	loop_timer_free(k->loop, d->scribe.timer);
	stage_text_free(d->text);
	fclose(d->out);
	free(d->said);
	for (int i = 0; i < d->scribe.line_count; i++)
		free(d->scribe.lines[i].json);
	free(d);
	loop_fake_turn(k->loop);
	*state = k;
	kit_teardown(state);
}

FAKE int
deck_ask(struct deck_kit *d, const char *text, bool from_cue)
{
	const struct cmdq_ask ask = { .text = text, .by = "key:anna", .from_cue = from_cue,
		.reply = stage_text_reply(d->text) };

	return cmdq_submit(d->q, &ask);
}

/* Asks, and lets one turn go by. */
FAKE void
deck_do(struct deck_kit *d, const char *text)
{
	deck_ask(d, text, false);
	loop_fake_turn(d->k->loop);
	loop_fake_advance(d->k->loop, 0);
}

FAKE struct conn *
deck_cam(int n)
{
	char host[32];

	snprintf(host, sizeof host, "10.0.0.%d", n);
	return fake_conn(host);
}

/* The newest command of cam n is answered. */
FAKE void
deck_answer(struct deck_kit *d, int n, enum node_result result)
{
	struct conn *c = deck_cam(n);

	assert_true(c->command_count > 0);
	fake_answer(c, c->command_count - 1, result);
	loop_fake_advance(d->k->loop, 0);
}

FAKE const struct node_request *
deck_sent(int n)
{
	struct conn *c = deck_cam(n);

	return c->command_count > 0 ? &c->commands[c->command_count - 1].request : NULL;
}

FAKE const char *
deck_said(struct deck_kit *d)
{
	fflush(d->out);
	return d->said != NULL ? d->said + d->hushed : "";
}

FAKE void
deck_hush(struct deck_kit *d)
{
	fflush(d->out);
	d->hushed = d->said_len;
}

/* Exactly this was printed since the last time. */
FAKE void
deck_expect(struct deck_kit *d, const char *all)
{
	assert_string_equal(deck_said(d), all);
	deck_hush(d);
}

FAKE void
deck_expect_has(struct deck_kit *d, const char *part)
{
	if (strstr(deck_said(d), part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, deck_said(d));
}

/* A node's event, with its time on the console's clock (the fake conns' clocks are not measured). */
FAKE void
deck_event(struct deck_kit *d, int n, enum node_event_kind kind, const char *text, int64_t time_us)
{
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = kind;
	ev->time_us = time_us;
	str_copy(ev->text, sizeof ev->text, text);
	fake_event(deck_cam(n), ev);
	free(ev);
	loop_fake_advance(d->k->loop, 0);
}

#endif
