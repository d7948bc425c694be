/*
 * t_director_model.c - the two buses against a small model of them that was written from their rules, not from their code:
 * random commands, keys, cameras that fall silent or freeze and come back, tempo changes, clocks that are set, consoles that
 * are started anew.  At every quiet point buses, cut list on disk and every camera's light agree.
 * Everything is real but the network: crew, fan-out, queue, commands, director, clock of the show, journals.
 */
#include "unit/crew_kit.h"

#include <stdio.h>
#include <unistd.h>
#include "app/cmd.h"
#include "app/cmdq.h"
#include "app/ramps.h"
#include "app/scribe.h"
#include "io/diskq.h"
#include "io/jdoc.h"
#include "io/journal.h"
#include "support/scratch.h"

#define CAMERAS 5
#define NOBODY (-1)
/* MODEL_STEPS of the environment: another number; MODEL_SEED: another show (nearly the same again: the disk has its own pace). */
#ifdef __SANITIZE_ADDRESS__
#define STEPS 20000
#else
#define STEPS 100000
#endif
#define ROUND 60			/* steps between two quiet points */
#define SHOW 2000			/* and between two starts of the console */
#define TICK_US 20000LL
#define LEASE_US 5000000LL
#define CUTS_MAX 2048			/* of one show */

/* ---- A camera by the contract ---- */

struct lamp {
	struct conn *conn;
	enum node_tally now, planned;
	int64_t at_us;			/* loop time of the planned one; 0: nothing is pending */
	char planned_id[ID_BYTES];	/* its command */
	int64_t lease_until_us, order;
	int64_t offset_us;		/* its clock less the loop's time */
	bool is_silent, is_frozen, is_deaf;	/* deaf: says its words, and no command arrives */
	int64_t frame, slow_us;		/* answers come so late */
	int reds;
};

struct answer_due {
	struct conn *conn;
	int index;
	int64_t at_us;
};

/* ---- The model ---- */

struct model_cut {
	int from, to;
	bool back, is_struck;
	int amended;			/* NOBODY - 1: not */
};

struct model {
	int program, preview, before;
	int count;			/* in this show */
	struct model_cut cuts[CUTS_MAX];
	int64_t last_us;		/* loop time of the last */
	bool any_last, last_struck;	/* since the console began */
	int first;			/* of the cuts, the first of this run of the console */
	/* the pending one */
	bool is_pending, is_forced;
	int to;
	bool is_swap, is_back;
	double beat;
	int64_t at_us;			/* loop time */
	/* the one that a cue sheet has planned for an instant */
	bool is_planned, is_planned_back;
	int planned_to;
	int64_t planned_us;		/* loop time */
	/* the clock: a line of beats */
	double bpm, beat0;
	int64_t beat0_us;
	bool runs;
	char refused[64];		/* the command that was turned down last, and when */
	int64_t refused_us;
	bool is_safe_mode;
};

struct world {
	struct kit *k;
	struct clk real, clk;
	struct diskq *disk;
	struct sphere *sphere;
	struct deck deck;
	struct cmdq *q;
	char *folder;
	struct lamp lamps[CAMERAS];
	struct answer_due dues[512];
	int due_count;
	struct model m;
	/* what is under way */
	int asked;			/* number of the newest command */
	int begun, ended, expects;	/* expects: an EV_CUT to that camera now, NOBODY - 2: none */
	bool is_asking;
	struct reply_end end;
	bool has_ended;
	unsigned random;
	long steps, cuts, planned, quiet, refusals, restarts, autos, pendings, losses;
};

#define NONE_EXPECTED (NOBODY - 2)
#define NOT_AMENDED (NOBODY - 1)

static int64_t utc_step_us;
static struct clk real_clk;

static int64_t
set_utc_us(void *arg)
{
	(void)arg;
	return clk_utc_us(&real_clk) + utc_step_us;
}

static int64_t
set_mono_ns(void *arg)
{
	(void)arg;
	return clk_mono_ns(&real_clk);
}

static unsigned
pick(struct world *w, unsigned below)
{
	w->random = w->random * 1664525u + 1013904223u;
	return (w->random >> 8) % below;
}

static bool
chance(struct world *w, unsigned percent)
{
	return pick(w, 100) < percent;
}

static const char *
id_of(int camera)
{
	static const char *const ids[] = { "cam1", "cam2", "cam3", "cam4", "cam5" };

	return camera >= 0 ? ids[camera] : NULL;
}

static int
camera_of(const char *id)
{
	return id != NULL && id[0] != '\0' ? id[3] - '1' : NOBODY;
}

static int64_t
now_of(const struct world *w)
{
	return loop_now_us(w->k->loop);
}

static const struct crew_member *
member_of(const struct world *w, int camera)
{
	return crew_find(w->k->crew, id_of(camera));
}

/* ---- Rules, as they are written down ---- */

static void
rule_cut(struct model *m, int to, bool is_swap, bool back, int64_t now_us)
{
	const int was = m->program;

	assert_true(m->count < CUTS_MAX);
	m->cuts[m->count++] = (struct model_cut){ .from = was, .to = to, .back = back, .amended = NOT_AMENDED };
	m->program = to;
	m->last_us = now_us;
	m->any_last = true;
	m->last_struck = false;
	if (to == was)
		return;
	if (is_swap || (to != NOBODY && m->preview == to))
		m->preview = was;
	if (was != NOBODY)
		m->before = was;
	else if (m->before == to)
		m->before = NOBODY;
}

static bool
is_fit(const struct world *w, int camera)
{
	const struct crew_member *c = member_of(w, camera);

	return (c->link == HEALTH_LIVE || c->link == HEALTH_STALE) && !c->frozen;
}

static bool
is_well(const struct world *w, int camera)
{
	const struct crew_member *c = member_of(w, camera);

	return c->link == HEALTH_LIVE && !c->frozen && !c->node->out;
}

static int
safe_camera(const struct world *w)
{
	for (int i = 0; i < CAMERAS; i++)
		if (is_well(w, i) && (member_of(w, i)->node->roles & ROLE(SAFE)) != 0)
			return i;
	return NOBODY;
}

static double
model_beat(const struct model *m, int64_t us)
{
	return m->beat0 + (double)(us - m->beat0_us) * m->bpm / 60e6;
}

static int64_t
model_time(const struct model *m, double beat)
{
	return m->beat0_us + (int64_t)((beat - m->beat0) * 60e6 / m->bpm);
}

/* ---- What the console says ---- */

static void
hear_cut(struct world *w, const struct bus_event *ev)
{
	struct model *m = &w->m;
	const int to = camera_of(ev->node);

	w->cuts++;
	if (w->expects != NONE_EXPECTED) {
		if (w->expects != to)
			fail_msg("step %ld: cut to %d, and %d was asked for", w->steps, to, w->expects);
		w->expects = NONE_EXPECTED;
		return;		/* whoever asked has applied the rule */
	}
	if (m->is_planned && to == m->planned_to && llabs(now_of(w) - m->planned_us) <= 2000) {
		m->is_planned = false;
		rule_cut(m, to, false, m->is_planned_back, now_of(w));
		return;
	}
	if (!m->is_pending || to != m->to)
		fail_msg("step %ld: a cut to %d that nobody asked for", w->steps, to);
	if (now_of(w) < m->at_us - 1000 || now_of(w) > m->at_us + 2000)
		fail_msg("step %ld: the cut came %lld us from its beat", w->steps, (long long)(now_of(w) - m->at_us));
	m->is_pending = false;
	rule_cut(m, to, m->is_swap, m->is_back, now_of(w));
}

/* `safe`: to the safe source, if that is another one. */
static void
hear_lost(struct world *w, const struct bus_event *ev)
{
	const int safe = safe_camera(w);

	assert_int_equal(camera_of(ev->node), w->m.program);
	w->losses++;
	if (!w->m.is_safe_mode || safe == NOBODY || safe == w->m.program)
		return;
	w->m.is_pending = w->m.is_planned = false;
	w->expects = safe;
	w->autos++;
	rule_cut(&w->m, safe, false, false, now_of(w));
}

static void
hear(void *arg, const struct bus_event *ev)
{
	struct world *w = arg;

	if (ev->kind == EV_CUT)
		hear_cut(w, ev);
	else if (ev->kind == EV_PROGRAM_LOST)
		hear_lost(w, ev);
	else if (ev->kind == EV_CUT_REFUSED && w->m.is_pending && !w->is_asking && camera_of(ev->node) == w->m.to) {
		if (is_fit(w, w->m.to) || w->m.is_forced)
			fail_msg("step %ld: the pending cut to %d was turned down, and %d is well", w->steps, w->m.to, w->m.to);
		w->m.is_pending = false;
	}
}

static void
on_begin(void *arg, int n, const char *text)
{
	(void)n;
	(void)text;
	((struct world *)arg)->begun++;
}

static void
on_end(void *arg, int n, const struct reply_end *end)
{
	struct world *w = arg;

	w->ended++;
	if (n != w->asked)
		return;			/* one of before: its line is on disk now */
	w->end = *end;
	w->has_ended = true;
}

/* ---- Cameras ---- */

static void
lamp_turn(struct lamp *l, enum node_tally to)
{
	l->reds += to == NODE_TALLY_PROGRAM && l->now != NODE_TALLY_PROGRAM;
	l->now = to;
}

/* True: it acts at once, or will at its instant. */
static void
lamp_hear(struct world *w, struct lamp *l, const struct node_request *r)
{
	const int64_t now_us = now_of(w);

	if (r->has_order && r->order < l->order)
		return;
	if (r->has_order)
		l->order = r->order;
	l->lease_until_us = now_us + LEASE_US;
	if (r->renew || r->identify)
		return;
	l->planned = r->tally;
	str_copy(l->planned_id, sizeof l->planned_id, r->command_id);
	l->at_us = r->at_us != 0 ? r->at_us - l->offset_us : 0;
	if (l->at_us > now_us)
		return;
	l->at_us = 0;
	lamp_turn(l, r->tally);
}

/* When it took effect, by its own clock. */
static void
lamp_tells(struct lamp *l, int64_t at_us)
{
	struct node_event *ev = xcalloc(1, sizeof *ev);

	ev->kind = NODE_EV_TALLY;
	ev->time_us = at_us + l->offset_us;
	str_copy(ev->command_id, sizeof ev->command_id, l->planned_id);
	str_copy(ev->text, sizeof ev->text, node_tally_name(l->now));
	if (!l->is_silent)
		fake_event(l->conn, ev);
	free(ev);
}

static void
lamp_time(struct world *w, struct lamp *l)
{
	const int64_t at_us = l->at_us;

	if (at_us != 0 && at_us <= now_of(w)) {
		l->at_us = 0;
		lamp_turn(l, l->planned);
		lamp_tells(l, at_us);
	}
	if (now_of(w) >= l->lease_until_us)
		l->now = NODE_TALLY_OFF;
}

static void
lamps_read(struct world *w)
{
	for (int i = 0; i < CAMERAS; i++) {
		struct lamp *l = &w->lamps[i];

		for (int c = 0; c < l->conn->command_count; c++) {
			struct fake_command *command = &l->conn->commands[c];
			bool is_known = command->is_answered;

			for (int d = 0; d < w->due_count; d++)
				is_known |= w->dues[d].conn == l->conn && w->dues[d].index == c;
			if (is_known)
				continue;
			assert_true(w->due_count < 512);
			w->dues[w->due_count++] = (struct answer_due){ l->conn, c, now_of(w) + (l->is_silent || l->is_deaf ? 2000000 : l->slow_us) };
			if (!l->is_silent && !l->is_deaf && command->request.verb == NODE_TALLY)
				lamp_hear(w, l, &command->request);
		}
	}
}

static struct lamp *
lamp_of(struct world *w, const struct conn *c)
{
	for (int i = 0; i < CAMERAS; i++)
		if (w->lamps[i].conn == c)
			return &w->lamps[i];
	return NULL;
}

static void
answer(struct world *w, const struct answer_due *due)
{
	const struct lamp *l = lamp_of(w, due->conn);
	const struct node_request *r = &due->conn->commands[due->index].request;
	const bool is_lost = due->at_us - now_of(w) > 0 || l->is_silent || l->is_deaf;
	struct node_answer *a = xcalloc(1, sizeof *a);

	a->result = is_lost ? NODE_LATE : NODE_OK;
	a->scheduled = r->at_us != 0;
	a->time_us = r->at_us != 0 ? r->at_us : now_of(w) + l->offset_us;
	fake_answer_with(due->conn, due->index, a, 4000, 1);
	free(a);
}

static void
forget_answered(struct world *w, struct conn *c)
{
	int kept = 0;

	for (int n = 0; n < c->command_count; n++) {
		if (c->commands[n].is_answered)
			continue;
		for (int d = 0; d < w->due_count; d++)
			if (w->dues[d].conn == c && w->dues[d].index == n)
				w->dues[d].index = kept;
		c->commands[kept++] = c->commands[n];
	}
	c->command_count = kept;
}

static void
lamps_answer(struct world *w)
{
	for (int d = 0; d < w->due_count; d++) {
		struct answer_due due = w->dues[d];

		if (due.at_us > now_of(w))
			continue;
		w->dues[d--] = w->dues[--w->due_count];
		answer(w, &due);
	}
	for (int i = 0; i < CAMERAS; i++)
		forget_answered(w, w->lamps[i].conn);
}

/* Its word each second, its pictures each fifth of one. */
static void
lamp_says(struct world *w, struct lamp *l)
{
	const int64_t now_us = now_of(w);

	if (l->is_silent)
		return;
	if (now_us % 200000 < TICK_US) {
		l->frame += !l->is_frozen;
		l->conn->fns->frame(l->conn->arg, l->conn, "", 0, now_us + l->offset_us, l->frame);
	}
	if (now_us % 1000000 < TICK_US) {
		struct node_health *h = xcalloc(1, sizeof *h);

		h->has_tally = true;
		h->tally = l->now;
		h->time_us = now_us + l->offset_us;
		fake_health(l->conn, h);
		free(h);
	}
}

static void
go(struct world *w, int64_t us)
{
	for (int64_t step; us > 0; us -= step) {
		step = TICK_US - now_of(w) % TICK_US;
		step = step < us ? step : us;
		loop_fake_advance(w->k->loop, step);
		for (int i = 0; i < CAMERAS; i++)
			lamp_time(w, &w->lamps[i]);
		lamps_read(w);
		lamps_answer(w);
		if (now_of(w) % TICK_US == 0)
			for (int i = 0; i < CAMERAS; i++)
				lamp_says(w, &w->lamps[i]);
		lamps_read(w);
		kit_deaf(w->k);
	}
}

/* ---- A console begins and ends ---- */

static void
measure_clock(struct world *w, int camera)
{
	struct lamp *l = &w->lamps[camera];
	const int64_t now_us = clk_utc_us(&w->clk), node_us = now_of(w) + l->offset_us;
	char epoch[32];

	snprintf(epoch, sizeof epoch, "e%lld", (long long)utc_step_us);	/* as good as another clock */
	for (int i = 0; i < 8; i++)
		l->conn->fns->clock(l->conn->arg, l->conn, &(struct offset_sample){
		    .sent_us = now_us - 200, .received_us = now_us, .node_received_us = node_us - 100, .node_sent_us = node_us - 100 }, epoch);
	assert_true(llabs(crew_to_node(w->k->crew, id_of(camera), now_us) - node_us) < 1000);
}

static void
console_open(struct world *w)
{
	struct deck *d = &w->deck;
	struct kit *k = w->k;
	struct err e;

	w->disk = diskq_new(k->loop);
	*d = (struct deck){ .loop = k->loop, .clk = &w->clk, .settings = k->settings, .bus = k->bus, .crew = k->crew, .sphere = w->sphere };
	d->scribe = scribe_new(k->loop, w->disk, w->sphere, k->crew, k->bus, &w->clk, NULL, NULL, &e);
	assert_non_null(d->scribe);
	d->fanout = fanout_new(k->loop, k->crew, k->bus);
	d->metro = metro_new(k->loop, k->bus, d->scribe, &w->clk, k->settings, 1);
	d->director = director_new(k->loop, k->crew, d->fanout, k->bus, d->scribe, &w->clk, k->settings);
	director_set_clock(d->director, d->metro);
	d->ramps = ramps_new(k->loop);
	d->vitals = vitals_new(k->loop, k->crew, k->bus, &w->clk, k->settings);
	w->q = cmdq_new(d);
}

static void
console_close(struct world *w)
{
	struct deck *d = &w->deck;

	director_free(d->director);
	ramps_free(d->ramps);
	metro_free(d->metro);
	fanout_free(d->fanout);
	vitals_free(d->vitals);
	scribe_free(d->scribe);
	diskq_free(w->disk);
	cmdq_free(w->q);
	for (int i = 0; i < CAMERAS; i++) {
		struct conn *c = w->lamps[i].conn;

		for (int n = 0; n < c->command_count; n++)
			if (!c->commands[n].is_answered)
				fake_answer(c, n, NODE_LOST);
		c->command_count = 0;
	}
	w->due_count = 0;
	loop_fake_turn(w->k->loop);
}

static void
world_open(struct world *w, void **state)
{
	struct err e;

	kit_setup_world(state);
	w->k = *state;
	real_clk = w->real = loop_fake_clk(w->k->loop);
	utc_step_us = 0;
	w->clk = (struct clk){ set_utc_us, set_mono_ns, NULL };
	w->k->clk = w->clk;
	assert_true(opt_assign(w->k->settings, "link", "off", &e));
	kit_start(w->k);
	w->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "state"), 1);
	w->sphere = sphere_open(scratch_path(w->folder, "s"), "", LOOP_FAKE_UTC_US, &e);
	assert_non_null(w->sphere);
	console_open(w);
	for (int i = 0; i < CAMERAS; i++) {
		w->lamps[i] = (struct lamp){ .conn = kit_member(w->k, i + 1), .slow_us = 4000, .offset_us = LOOP_FAKE_UTC_US - LOOP_FAKE_MONO_US + i * 250000 };
		measure_clock(w, i);
	}
	bus_listen(w->k->bus, EV_CUT, hear, w);
	bus_listen(w->k->bus, EV_PROGRAM_LOST, hear, w);
	bus_listen(w->k->bus, EV_CUT_REFUSED, hear, w);
	w->m.program = w->m.preview = w->m.before = NOBODY;
	w->expects = NONE_EXPECTED;
}

static void
world_close(struct world *w, void **state)
{
	bus_unlisten(w->k->bus, hear, w);
	console_close(w);
	sphere_close(w->sphere);
	scratch_free(w->folder);
	*state = w->k;
	kit_teardown(state);
}

/* ---- Asking ---- */

/* Begins now.  True: it did what it says, or waits for its beat or instant; false: turned down, by w->end.err. */
static bool
ask_for(struct world *w, const char *text, int64_t at_us)
{
	const struct reply reply = { .begin = on_begin, .end = on_end, .arg = w };
	const struct cmdq_ask a = { .text = text, .by = at_us != 0 ? "cue:show.cue:4" : "key:anna", .from_key = at_us == 0, .from_cue = at_us != 0,
		.at_us = at_us, .reply = &reply };

	w->has_ended = false;
	w->is_asking = true;
	w->end = (struct reply_end){ .asked = 0 };
	w->asked = cmdq_submit(w->q, &a);
	loop_fake_turn(w->k->loop);
	w->is_asking = false;
	lamps_read(w);
	kit_deaf(w->k);
	if (w->expects != NONE_EXPECTED && (!w->has_ended || w->end.result != REPLY_ERROR))
		fail_msg("step %ld: `%s` did not cut", w->steps, text);
	if (!w->has_ended || w->end.result != REPLY_ERROR)
		return true;
	w->refusals++;
	if (w->end.err.kind == ERR_REFUSED || w->end.err.kind == ERR_UNFORCED) {
		str_copy(w->m.refused, sizeof w->m.refused, text);
		w->m.refused_us = now_of(w);
	}
	return false;
}

static bool
ask(struct world *w, const char *text)
{
	return ask_for(w, text, 0);
}

/* The same command again within 3 s of its refusal means it. */
static bool
insists(const struct world *w, const char *text)
{
	return strcmp(w->m.refused, text) == 0 && now_of(w) - w->m.refused_us <= 3000000;
}

static void
must(struct world *w, const char *text, bool is_wanted)
{
	const struct director *d = w->deck.director;

	if (ask(w, text) != is_wanted)
		fail_msg("step %ld: `%s` was %s: %s; by the model program %d preview %d before %d, now program %d preview %d before %d", w->steps, text,
		    is_wanted ? "turned down" : "done", w->end.err.text, w->m.program, w->m.preview, w->m.before, camera_of(director_program(d)),
		    camera_of(director_preview(d)), camera_of(director_before(d)));
}

/* Where this cut goes, by the rules; false: it is turned down. */
static bool
rule_target(const struct world *w, const char *what, bool forced, int *to)
{
	const struct model *m = &w->m;

	if (strcmp(what, "black") == 0) {
		*to = NOBODY;
		return true;
	}
	*to = strcmp(what, "back") == 0 ? m->before : what[0] == '\0' ? m->preview : what[0] - '1';
	return *to != NOBODY && (forced || is_fit(w, *to));
}

static void
adopt_pending(struct world *w, const char *text, int to)
{
	struct model *m = &w->m;
	struct director_pending p;

	if (!director_pending(w->deck.director, &p))
		fail_msg("step %ld: `%s`, and nothing is pending", w->steps, text);
	assert_int_equal(camera_of(p.to), to);
	m->beat = p.beat;
	m->at_us = model_time(m, p.beat);
	assert_true(m->beat == (double)(int64_t)m->beat);
	assert_true(m->beat > model_beat(m, now_of(w)));
	if (llabs(p.at_us - clk_utc_us(&w->clk) + now_of(w) - m->at_us) > 100)
		fail_msg("step %ld: pending at %lld, %lld by the model", w->steps, (long long)(p.at_us - clk_utc_us(&w->clk) + now_of(w)), (long long)m->at_us);
}

/* The very cut that is pending, on the very beat: one wish. */
static bool
is_same_wish(const struct world *w, int to)
{
	struct director_pending p;

	return w->m.is_pending && w->m.to == to && director_pending(w->deck.director, &p) && p.beat == w->m.beat;
}

/* A person's press of what is on means that it stays: nothing is cut.  Black before the first cut is no such thing. */
static bool
is_on_already(const struct model *m, const char *text, int to)
{
	return to == m->program && (to != NOBODY || m->any_last) && strstr(text, "--force") == NULL;
}

static void
ask_on_clock(struct world *w, const char *what, const char *text, bool forced)
{
	struct model *m = &w->m;
	int to;
	const bool is_wanted = m->runs && rule_target(w, what, forced, &to);

	w->expects = NONE_EXPECTED;
	must(w, text, is_wanted);
	if (!is_wanted)
		return;
	w->pendings++;
	if (is_same_wish(w, to))
		return;
	m->is_pending = !is_on_already(m, text, to);
	if (!m->is_pending) {
		assert_false(director_pending(w->deck.director, &(struct director_pending){ .beats = 0 }));
		return;
	}
	m->is_swap = what[0] == '\0';
	m->is_back = strcmp(what, "back") == 0;
	m->is_forced = forced;
	m->to = to;
	adopt_pending(w, text, to);
}

static void
ask_now(struct world *w, const char *what, const char *text, bool forced)
{
	struct model *m = &w->m;
	int to;
	const int was = m->program;

	if (!rule_target(w, what, forced, &to)) {
		must(w, text, false);
		return;
	}
	if (to == was && m->any_last && m->cuts[m->count - 1].to == to && now_of(w) - m->last_us < 250000) {
		must(w, text, true);		/* swallowed: no cut, and what is pending stays */
		return;
	}
	m->is_pending = m->is_planned = false;
	if (is_on_already(m, text, to)) {
		must(w, text, true);
		return;
	}
	w->expects = to;
	rule_cut(m, to, what[0] == '\0', strcmp(what, "back") == 0, now_of(w));
	must(w, text, true);
}

static void
do_cut(struct world *w)
{
	static const char *const whats[] = { "1", "2", "3", "4", "5", "1", "2", "3", "", "", "", "back", "back", "black" };
	static const char *const whens[] = { "", "", "", "", "now", "on beat", "on bar", "after 3 beats" };
	const char *what = whats[pick(w, 14)], *when = whens[pick(w, 8)];
	const bool force = chance(w, 10);
	char text[64];

	snprintf(text, sizeof text, "cut%s%s%s%s%s", what[0] != '\0' ? " " : "", what, when[0] != '\0' ? " " : "", when, force ? " --force" : "");
	if ((when[0] == 'o' || when[0] == 'a') && !w->m.is_planned)
		ask_on_clock(w, what, text, force || insists(w, text));
	else if (when[0] != 'o' && when[0] != 'a')
		ask_now(w, what, text, force || insists(w, text));
}

/* As a cue sheet does that sends it ahead; it never insists. */
static void
do_planned(struct world *w)
{
	struct model *m = &w->m;
	const char *what = chance(w, 20) ? "back" : chance(w, 20) ? "black" : chance(w, 50) ? "1" : "2";
	const int64_t in_us = (50 + pick(w, 850)) * 1000;
	char text[32];
	int to;

	if (m->is_pending || m->is_planned)
		return;
	snprintf(text, sizeof text, "cut %s", what);
	if (!rule_target(w, what, false, &to)) {
		if (ask_for(w, text, clk_utc_us(&w->clk) + in_us))
			fail_msg("step %ld: planned `%s` was taken", w->steps, text);
		return;
	}
	if (!ask_for(w, text, clk_utc_us(&w->clk) + in_us))
		fail_msg("step %ld: planned `%s` was turned down: %s", w->steps, text, w->end.err.text);
	if (to == m->program && m->any_last && m->cuts[m->count - 1].to == to && now_of(w) + in_us - m->last_us < 250000)
		return;				/* swallowed */
	w->planned++;
	m->is_planned = true;
	m->is_planned_back = strcmp(what, "back") == 0;
	m->planned_to = to;
	m->planned_us = now_of(w) + in_us;
}

/* As the screen shows it: the source by its number. */
static void
do_space(struct world *w)
{
	char number[16], text[32];

	if (w->m.preview == NOBODY)
		return;
	snprintf(number, sizeof number, "%d", w->m.preview + 1);
	snprintf(text, sizeof text, "cut %s", number);
	ask_now(w, number, text, insists(w, text));
}

static void
do_safe(struct world *w)
{
	char number[16];
	int to = NOBODY;

	for (int grade = 2; grade >= 0 && to == NOBODY; grade--)
		for (int i = 0; i < CAMERAS && to == NOBODY; i++)
			if ((member_of(w, i)->node->roles & ROLE(SAFE)) != 0 && !member_of(w, i)->node->out &&
			    (grade == 0 || (grade == 1 && is_fit(w, i)) || is_well(w, i)))
				to = i;
	if (to == NOBODY) {
		must(w, "cut safe", false);
		return;
	}
	snprintf(number, sizeof number, "%d", to + 1);
	ask_now(w, number, "cut safe", insists(w, "cut safe"));
}

static void
do_preview(struct world *w)
{
	const int camera = (int)pick(w, CAMERAS);
	char text[32];

	snprintf(text, sizeof text, "preview %d", camera + 1);
	must(w, text, true);
	w->m.preview = camera;
	if (w->m.is_pending)
		w->m.is_swap = false;	/* the wish is newer than what the pending cut would make of preview */
}

static void
do_strike(struct world *w)
{
	struct model *m = &w->m;
	const bool is_wanted = m->any_last && !m->last_struck && m->count - m->first >= 2 && m->cuts[m->count - 1].back &&
	    !m->cuts[m->count - 2].is_struck && m->cuts[m->count - 2].from == m->cuts[m->count - 1].to;

	must(w, "strike", is_wanted);
	if (!is_wanted)
		return;
	m->cuts[m->count - 1].is_struck = m->cuts[m->count - 2].is_struck = true;
	m->last_struck = true;
}

static void
do_amend(struct world *w)
{
	struct model *m = &w->m;
	const int to = (int)pick(w, CAMERAS);
	const bool is_wanted = m->any_last && !m->last_struck;
	char text[32];

	snprintf(text, sizeof text, "amend %d", to + 1);
	must(w, text, is_wanted);
	if (is_wanted)
		m->cuts[m->count - 1].amended = to;
}

/* Away: to the safe source, else to another that is well; which of those is the freshest is not the model's to say. */
static void
do_panic(struct world *w)
{
	struct model *m = &w->m;
	int to = safe_camera(w), others = 0, well = 0, fit = 0;

	for (int i = 0; i < CAMERAS; i++) {
		well += is_well(w, i);
		others += is_well(w, i) && i != m->program;
		fit += is_fit(w, i) && !member_of(w, i)->node->out;
	}
	m->is_pending = m->is_planned = false;
	bus_unlisten(w->k->bus, hear, w);
	must(w, "panic", fit > 0);
	bus_listen(w->k->bus, EV_CUT, hear, w);
	bus_listen(w->k->bus, EV_PROGRAM_LOST, hear, w);
	bus_listen(w->k->bus, EV_CUT_REFUSED, hear, w);
	if (fit == 0)
		return;
	if (to == NOBODY)
		to = camera_of(director_program(w->deck.director));
	assert_true(to != NOBODY && (well == 0 ? is_fit(w, to) : is_well(w, to)));
	if (others > 0 && safe_camera(w) == NOBODY)
		assert_int_not_equal(to, m->program);
	assert_int_equal(camera_of(director_program(w->deck.director)), to);
	if (to != m->program) {
		rule_cut(m, to, false, false, now_of(w));
		w->cuts++;
	}
}

static void
do_tempo(struct world *w)
{
	struct model *m = &w->m;
	const int bpm = 60 + (int)pick(w, 121);
	const int64_t now_us = now_of(w);
	char text[32];

	snprintf(text, sizeof text, "tempo %d", bpm);
	must(w, text, true);
	m->beat0 = m->runs ? model_beat(m, now_us) : 0;
	m->runs = true;
	m->beat0_us = now_us;
	m->bpm = bpm;
	if (m->is_pending)
		m->at_us = model_time(m, m->beat);
}

static void
do_downbeat(struct world *w)
{
	struct model *m = &w->m;
	struct director_pending p;

	if (!m->runs || m->is_pending)
		return;
	must(w, chance(w, 50) ? "downbeat" : chance(w, 50) ? "quantum 3" : "quantum 4", true);
	/* A downbeat is where the beat is from now on: the line is read anew. */
	m->beat0 = metro_at_utc(w->deck.metro, clk_utc_us(&w->clk));
	m->beat0_us = now_of(w);
	assert_false(director_pending(w->deck.director, &p));
}

static void
do_cancel(struct world *w)
{
	must(w, "cancel", true);
	w->m.is_pending = false;
}

static void
do_identify(struct world *w)
{
	(void)ask(w, "identify");	/* there may be nobody who is not out */
}

static void
do_mode(struct world *w)
{
	static const char *const modes[] = { "safe", "ask", "stay" };
	const char *mode = modes[pick(w, 5) % 3];
	char text[48];

	snprintf(text, sizeof text, "set program-lost %s", mode);
	must(w, text, true);
	w->m.is_safe_mode = strcmp(mode, "safe") == 0;
}

static void
do_role(struct world *w)
{
	char text[48];

	snprintf(text, sizeof text, "role %u %csafe", 1 + pick(w, CAMERAS), chance(w, 50) ? '+' : '-');
	must(w, text, true);
}

static void
do_out(struct world *w)
{
	char text[48];

	snprintf(text, sizeof text, "%s %u", chance(w, 20) ? "out" : "in", 1 + pick(w, CAMERAS));
	must(w, text, true);
}

/* ---- The world is unkind ---- */

static void
do_silence(struct world *w)
{
	struct lamp *l = &w->lamps[pick(w, CAMERAS)];

	l->is_silent = !l->is_silent && chance(w, 35);
	if (!l->is_silent)
		fake_hello(l->conn);
}

static void
do_freeze(struct world *w)
{
	struct lamp *l = &w->lamps[pick(w, CAMERAS)];

	l->is_frozen = !l->is_frozen && chance(w, 40);
}

static void
do_deafness(struct world *w)
{
	struct lamp *l = &w->lamps[pick(w, CAMERAS)];

	l->is_deaf = !l->is_deaf && chance(w, 40);
	l->slow_us = chance(w, 80) ? 4000 : 180000;
}

/* A camera forgets its light: it was restarted, or somebody else has put it out. */
static void
do_blackout(struct world *w)
{
	struct lamp *l = &w->lamps[pick(w, CAMERAS)];

	l->now = NODE_TALLY_OFF;
	l->at_us = 0;
}

static void
do_clock_step(struct world *w)
{
	utc_step_us += ((int64_t)pick(w, 7200) - 3600) * 1000000;
	for (int i = 0; i < CAMERAS; i++)
		measure_clock(w, i);
}

typedef void do_fn(struct world *w);
static const struct {
	do_fn *fn;
	unsigned weight;
} deeds[] = {
	{ do_cut, 30 }, { do_planned, 8 }, { do_space, 8 }, { do_safe, 3 }, { do_preview, 12 }, { do_strike, 5 }, { do_amend, 3 }, { do_panic, 3 },
	{ do_tempo, 5 }, { do_downbeat, 3 }, { do_cancel, 4 }, { do_identify, 3 }, { do_mode, 3 }, { do_role, 4 }, { do_out, 2 },
	{ do_silence, 5 }, { do_freeze, 4 }, { do_deafness, 2 }, { do_blackout, 2 }, { do_clock_step, 2 },
};

static void
do_any(struct world *w)
{
	unsigned total = 0, at;
	size_t i = 0;

	for (size_t n = 0; n < sizeof deeds / sizeof deeds[0]; n++)
		total += deeds[n].weight;
	for (at = pick(w, total); at >= deeds[i].weight; i++)
		at -= deeds[i].weight;
	if ((w->m.is_pending && llabs(w->m.at_us - now_of(w)) <= 2000) || (w->m.is_planned && llabs(w->m.planned_us - now_of(w)) <= 2000))
		go(w, 5000);		/* not on the very edge: either order would be right */
	deeds[i].fn(w);
}

/* ---- Quiet points ---- */

static void
buses_agree(struct world *w)
{
	const struct director *d = w->deck.director;

	if (camera_of(director_program(d)) != w->m.program || camera_of(director_preview(d)) != w->m.preview ||
	    camera_of(director_before(d)) != w->m.before)
		fail_msg("step %ld: program %d preview %d before %d, by the model %d %d %d", w->steps, camera_of(director_program(d)),
		    camera_of(director_preview(d)), camera_of(director_before(d)), w->m.program, w->m.preview, w->m.before);
}

static void
lights_agree(struct world *w)
{
	for (int i = 0; i < CAMERAS; i++) {
		const struct lamp *l = &w->lamps[i];
		enum node_tally want = i == w->m.program ? NODE_TALLY_PROGRAM : i == w->m.preview ? NODE_TALLY_PREVIEW : NODE_TALLY_OFF;

		if (l->is_silent || l->is_deaf)
			want = NODE_TALLY_OFF;	/* its lease has run out */
		if (l->now != want || l->at_us != 0)
			fail_msg("step %ld: the light of camera %d is %s, and should be %s; it is %s, its order %lld, %ld starts", w->steps, i,
			    node_tally_name(l->now), node_tally_name(want), health_link_name(member_of(w, i)->link), (long long)l->order, w->restarts);
	}
}

/* The cut list as somebody reads it who was not there. */
struct reading {
	struct world *w;
	struct model_cut cuts[CUTS_MAX];
	int64_t seqs[CUTS_MAX];
	int count;
};

static int
read_index(const struct reading *r, int64_t seq)
{
	for (int i = r->count - 1; i >= 0; i--)
		if (r->seqs[i] == seq)
			return i;
	fail_msg("a correction of line %lld, which is no cut", (long long)seq);
	return 0;
}

/* It was sent ahead, and never on. */
static void
read_taken_back(struct reading *r, int64_t seq)
{
	const int at = read_index(r, seq);

	memmove(&r->cuts[at], &r->cuts[at + 1], (size_t)(r->count - at - 1) * sizeof r->cuts[0]);
	memmove(&r->seqs[at], &r->seqs[at + 1], (size_t)(r->count - at - 1) * sizeof r->seqs[0]);
	r->count--;
}

static void
read_line(void *arg, int64_t seq, const struct jdoc *line)
{
	struct reading *r = arg;
	const char *type = jdoc_text(line, "type", "");

	if (strcmp(type, "cut") == 0) {
		r->seqs[r->count] = seq;
		r->cuts[r->count++] = (struct model_cut){ .from = camera_of(jdoc_text(line, "from", "")), .to = camera_of(jdoc_text(line, "to", "")),
			.back = jdoc_bool(line, "back", false), .amended = NOT_AMENDED };
	} else if (strcmp(type, "amend") == 0) {
		r->cuts[read_index(r, jdoc_int(line, "of", 0))].amended = camera_of(jdoc_text(line, "to", ""));
	} else if (strcmp(type, "strike") == 0 && jdoc_count(jdoc_get(line, "of")) == 1) {
		read_taken_back(r, jdoc_self_int(jdoc_at(jdoc_get(line, "of"), 0), 0));
	} else if (strcmp(type, "strike") == 0) {
		for (size_t i = 0; i < jdoc_count(jdoc_get(line, "of")); i++)
			r->cuts[read_index(r, jdoc_self_int(jdoc_at(jdoc_get(line, "of"), i), 0))].is_struck = true;
	} else if (strcmp(type, "landed") == 0) {
		(void)read_index(r, jdoc_int(line, "of", 0));
	}
}

static void
journal_agrees(struct world *w)
{
	struct reading *r = xcalloc(1, sizeof *r);
	int on = NOBODY;
	struct err e;

	r->w = w;
	assert_true(journal_read(scratch_path(w->folder, "s/sidecars/cuts.jsonl"), read_line, r, &e));
	assert_int_equal(r->count, w->m.count);
	for (int i = 0; i < r->count; i++) {
		const struct model_cut *a = &r->cuts[i], *b = &w->m.cuts[i];

		if (a->from != b->from || a->to != b->to || a->back != b->back || a->is_struck != b->is_struck || a->amended != b->amended)
			fail_msg("step %ld: cut %d is %d -> %d%s, struck %d, amended %d on disk, and %d -> %d%s, %d, %d by the model", w->steps, i,
			    a->from, a->to, a->back ? " back" : "", a->is_struck, a->amended, b->from, b->to, b->back ? " back" : "", b->is_struck, b->amended);
		if (!a->is_struck)
			on = a->to;
	}
	assert_int_equal(on, w->m.program);	/* what stands is what is on */
	free(r);
}

static void
be_quiet(struct world *w)
{
	for (int i = 0; w->m.is_pending; i++) {
		if (i > 1000)
			fail_msg("step %ld: the pending cut to %d never comes; %lld us from its beat", w->steps, w->m.to, (long long)(now_of(w) - w->m.at_us));
		go(w, 100000);
	}
	go(w, 9000000);			/* leases, answers that were late, a light that was wrong */
	for (int i = 0; i < 20000 && w->begun > w->ended; i++) {	/* the disk has a thread of its own */
		go(w, 1000);
		usleep(100);
	}
	assert_int_equal(w->begun, w->ended);
	lights_agree(w);
	buses_agree(w);
	journal_agrees(w);
	w->quiet++;
}

/* What was on is on again: by the cut list alone. */
static void
restart(struct world *w)
{
	struct model *m = &w->m;
	char program[ID_BYTES], preview[ID_BYTES];
	int last = m->count - 1;

	while (last >= 0 && m->cuts[last].is_struck)
		last--;
	console_close(w);
	journal_agrees(w);
	console_open(w);
	m->any_last = m->runs = m->is_pending = false;
	m->refused[0] = '\0';
	m->first = m->count;
	w->restarts++;
	m->program = last >= 0 ? m->cuts[last].to : NOBODY;
	m->preview = m->before = last >= 0 && m->cuts[last].from != m->program ? m->cuts[last].from : NOBODY;
	assert_int_equal(director_read_last(scratch_path(w->folder, "s/sidecars/cuts.jsonl"), program, preview),
	    m->program != NOBODY || m->preview != NOBODY);
	director_restore(w->deck.director, program[0] != '\0' ? program : NULL, preview[0] != '\0' ? preview : NULL);
	buses_agree(w);
}

static long
number_of(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? atol(text) : otherwise;
}

/* One show on a folder of its own, so that its cut list is read whole each time. */
static void
play_show(void **state, long steps, unsigned seed, struct world *sum)
{
	struct world *w = xcalloc(1, sizeof *w);

	w->random = seed;
	world_open(w, state);
	for (w->steps = 1; w->steps <= steps; w->steps++) {
		do_any(w);
		go(w, chance(w, 30) ? pick(w, 60) * 1000 : pick(w, 200) * 1000);
		if (w->steps % ROUND == 0) {
			be_quiet(w);
			if (chance(w, 10))
				restart(w);
		}
	}
	be_quiet(w);
	world_close(w, state);
	sum->cuts += w->cuts;
	sum->quiet += w->quiet;
	sum->refusals += w->refusals;
	sum->restarts += w->restarts;
	sum->autos += w->autos;
	sum->pendings += w->pendings;
	sum->planned += w->planned;
	sum->losses += w->losses;
	free(w);
}

static void
whatever_happens_buses_cut_list_and_lights_agree(void **state)
{
	const long steps = number_of("MODEL_STEPS", STEPS), seed = number_of("MODEL_SEED", 1);
	struct world sum = { .cuts = 0 };

	if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);	/* thousands of lines, each made durable: that is tested elsewhere */
	for (long done = 0; done < steps; done += SHOW)
		play_show(state, steps - done < SHOW ? steps - done : SHOW, (unsigned)(seed + done), &sum);
	print_message("# %ld steps: %ld cuts, %ld waited for a beat, %ld were planned, %ld refusals, program lost %ld times, %ld cuts by themselves, "
	    "%ld starts, %ld quiet points\n", steps, sum.cuts, sum.pendings, sum.planned, sum.refusals, sum.losses, sum.autos, sum.restarts, sum.quiet);
	assert_true(sum.cuts > steps / 10);
	assert_true(sum.pendings > steps / 100);
	assert_true(sum.quiet >= steps / ROUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens_buses_cut_list_and_lights_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

void
conn_ask_recordings(struct conn *conn)
{
	(void)conn;
}
