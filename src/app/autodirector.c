/*
 * autodirector.c - when the next cut comes, and who is on then.
 * Owns one shot's beginning and what follows it; never keeps a list, never cuts to what is not live, and never in anybody's way.
 */
#include "app/autodirector.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/weights.h"
#include "base/str.h"
#include "base/xalloc.h"

#define LEAD_US 1500000LL		/* a cut on a bar is asked for so long before: the screen shows it, and every node has it in time */
#define SOON_US 300000LL		/* a bar nearer than this may be too near for some node */
#define LANDED_US 10000LL		/* after somebody's cut was due */
#define MOVED_US 2000LL			/* less is rounding between clocks */
#define GRACE_US 300000LL		/* a program source failed: program-lost or a rule of the sheet comes first, and has cut by then */
#define AGAIN_US 500000LL		/* after a refusal that should not have been */
#define BY "auto"

struct autodirector {
	struct loop *loop;
	struct crew *crew;
	struct director *director;
	struct metro *metro;		/* NULL: none */
	struct bus *bus;
	const struct clk *clk;
	const struct opt_set *settings;
	struct loop_timer *timer;
	uint64_t seed, shot;		/* shot: how many began since the start while it was on */
	bool on;
	int64_t begun_us;		/* loop time: the shot counts from here */
	int64_t yields_until_us;	/* loop time */
	int64_t refused_us;		/* loop time of the last refusal; INT64_MIN / 2: never */
	int64_t trouble_us;		/* loop time since when the program source fails; 0: it does not */
	bool asked;			/* a cut on a bar is pending that it asked for */
	/* the plan */
	char next[ID_BYTES];
	int fit;			/* so many could have been next */
	double weight;			/* of the one that is */
	int64_t at_us;			/* loop time; INT64_MAX: not known */
	bool on_bar;
	double bar;			/* on_bar: its first beat */
	char why[160];
};

/* ---- What is drawn ---- */

/* splitmix64, public domain (Steele, Lea, Flood 2014): every number of the row by its place alone. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* Within 0 and 1, neither of them; which: 0 is the shot's length, else a camera's number. */
static double
draw(const struct autodirector *a, int which)
{
	const uint64_t x = mix(mix(a->seed) ^ mix((a->shot << 16) ^ (uint64_t)which));

	return ((double)(x >> 11) + 0.5) / 9007199254740992.0;
}

static int64_t
shortest_us(const struct autodirector *a)
{
	return opt_int(a->settings, "auto-shot-min");
}

/* A longest that is shorter than the shortest means that one. */
static int64_t
longest_us(const struct autodirector *a)
{
	const int64_t most_us = opt_int(a->settings, "auto-shot-max"), least_us = shortest_us(a);

	return most_us > least_us ? most_us : least_us;
}

static int64_t
length_us(const struct autodirector *a)
{
	const int64_t least_us = shortest_us(a);

	return least_us + (int64_t)(draw(a, 0) * (double)(longest_us(a) - least_us));
}

/* ---- Who fits ---- */

static const char *
name_of(const struct autodirector *a, const char *id)
{
	const struct registry_node *n = registry_find(crew_registry(a->crew), id);

	return n != NULL ? registry_name(n) : id;
}

static bool
is_fit(const struct crew_member *m)
{
	return m != NULL && m->link == HEALTH_LIVE && !m->frozen && !m->node->out && m->picture_trouble[0] == '\0' &&
	    (m->node->view_only || node_info_has_camera(&m->node->info));
}

static double
weight_of(const struct autodirector *a, const char *weights, const struct crew_member *m)
{
	return is_fit(m) ? weights_of(weights, crew_registry(a->crew), m->node) : 0;
}

/*
 * Each has its own draw, the least of draw / weight wins: as likely as its weight says (Efraimidis and Spirakis, 2006), and
 * one that comes or goes changes nothing between the others.
 */
static void
choose(struct autodirector *a)
{
	const char *program = director_program(a->director), *weights = opt_text(a->settings, "auto-weights");
	struct registry *reg = crew_registry(a->crew);
	double least = INFINITY;

	a->next[0] = '\0';
	a->fit = 0;
	for (size_t i = 0; i < registry_count(reg); i++) {
		const struct crew_member *m = crew_find(a->crew, registry_at(reg, i)->id);
		const double weight = m == NULL || (program != NULL && strcmp(m->node->id, program) == 0) ? 0 : weight_of(a, weights, m);
		double mark;

		if (weight <= 0)
			continue;
		a->fit++;
		mark = -log(draw(a, 1 + m->node->number)) / weight;
		if (mark >= least)
			continue;
		least = mark;
		a->weight = weight;
		str_copy(a->next, sizeof a->next, m->node->id);
	}
}

/* ---- What is on ---- */

/* The sentence of a program source that nobody should look at; NULL: it is well, or stays for whatever reason. */
static const char *
program_trouble(const struct autodirector *a)
{
	const char *program = director_program(a->director);
	const struct crew_member *m = program != NULL ? crew_find(a->crew, program) : NULL;

	if (program == NULL || strcmp(opt_text(a->settings, "program-lost"), "stay") == 0)
		return NULL;
	return m == NULL ? "not here any more" : m->link == HEALTH_LOST ? "LOST" : m->frozen ? "FROZEN" : NULL;
}

static void
note_trouble(struct autodirector *a, int64_t now_us)
{
	if (program_trouble(a) == NULL)
		a->trouble_us = 0;
	else if (a->trouble_us == 0)
		a->trouble_us = now_us;
}

static bool
is_black(const struct autodirector *a)
{
	return director_program(a->director) == NULL && director_last(a->director)->any;
}

/* ---- When ---- */

/* The first bar that is not before the wished instant; one bar sooner where that would be longer than a shot may last. */
static double
bar_for(const struct autodirector *a, int64_t wish_us, int64_t not_before_us)
{
	const struct beat_grid *g = metro_grid(a->metro);
	const double bar = beat_next_bar(g, (wish_us > not_before_us ? wish_us : not_before_us) - 1), sooner = bar - g->quantum;
	const int64_t sooner_us = beat_when(&g->line, sooner);

	if (beat_when(&g->line, bar) > a->begun_us + longest_us(a) && sooner_us >= a->begun_us + shortest_us(a) && sooner_us >= not_before_us)
		return sooner;
	return bar;
}

/* now_us: read once for one look; what is due then must not lie in front of it. */
static void
set_time(struct autodirector *a, int64_t now_us)
{
	const int64_t not_before_us = a->yields_until_us > now_us ? a->yields_until_us : now_us;
	const bool is_urgent = a->trouble_us != 0 || director_program(a->director) == NULL;
	const int64_t wish_us = a->trouble_us != 0 ? a->trouble_us + GRACE_US : is_urgent ? now_us : a->begun_us + length_us(a);

	a->on_bar = !is_urgent && a->metro != NULL && metro_runs(a->metro);
	a->at_us = wish_us > not_before_us ? wish_us : not_before_us;
	if (!a->on_bar)
		return;
	a->bar = bar_for(a, wish_us, not_before_us);
	a->at_us = beat_when(&metro_grid(a->metro)->line, a->bar);
}

/* ---- Its own cut that is pending ---- */

static bool
own_pending(const struct autodirector *a, struct director_pending *out)
{
	return director_pending(a->director, out) && strcmp(out->by, BY) == 0;
}

/* As things stand now: a tempo, a downbeat or a setting may have changed since it was asked for. */
static bool
is_still_right(const struct autodirector *a, const struct director_pending *p, int64_t at_us)
{
	return p->is_bar && program_trouble(a) == NULL && weight_of(a, opt_text(a->settings, "auto-weights"), crew_find(a->crew, p->to)) > 0 &&
	    at_us >= a->begun_us + shortest_us(a) - MOVED_US;
}

/* What it has asked for stands as long as it would ask for it again; else it is taken back. */
static bool
keeps_pending(struct autodirector *a)
{
	struct director_pending p;
	int64_t at_us;

	if (!own_pending(a, &p))
		return false;
	at_us = loop_now_us(a->loop) + p.at_us - clk_utc_us(a->clk);
	if (!is_still_right(a, &p, at_us)) {
		a->asked = false;
		(void)director_cancel(a->director);
		return false;
	}
	str_copy(a->next, sizeof a->next, p.to);
	if (llabs(at_us - a->at_us) > MOVED_US)
		a->at_us = at_us;
	return true;
}

/* Not that, and not now: the shot that is on begins anew, and it yields. */
static void
postpone(struct autodirector *a, int64_t now_us)
{
	a->asked = false;
	a->begun_us = now_us;
	a->shot++;
	a->yields_until_us = now_us + opt_int(a->settings, "auto-yield");
}

/* Somebody else's cut is on its way: it is theirs, and the shot begins anew with it.  *in_us: until then. */
static bool
others_ahead(const struct autodirector *a, int64_t *in_us)
{
	char by[64];
	int64_t at_us;

	if (!director_ahead(a->director, by, &at_us) || strcmp(by, BY) == 0)
		return false;
	*in_us = at_us - clk_utc_us(a->clk);
	return true;
}

/* ---- The cut ---- */

static void
say_reason(const struct autodirector *a, char *out, size_t out_size)
{
	const char *program = director_program(a->director), *trouble = program_trouble(a);
	char what[MAX_NAME_BYTES + 48];

	if (program == NULL)
		snprintf(what, sizeof what, "nothing was on");
	else if (trouble != NULL)
		snprintf(what, sizeof what, "%s is %s", name_of(a, program), trouble);
	else
		snprintf(what, sizeof what, "%s was on for %.1f s%s", name_of(a, program), (double)(a->at_us - a->begun_us) / 1e6,
		    a->on_bar ? ", on a bar" : "");
	snprintf(out, out_size, "%s; one of %d, weight %g", what, a->fit, a->weight);
}

/* False: not this time. */
static bool
cut(struct autodirector *a)
{
	const int64_t utc_us = clk_utc_us(a->clk);
	char reason[MAX_NAME_BYTES + 96];
	struct director_ask ask = { .to = a->next, .by = BY, .reason = reason, .pressed_us = utc_us, .on_clock = a->on_bar, .beat = a->bar };
	struct err why = { .kind = ERR_NONE };
	bool swallowed = false, ok = true;

	say_reason(a, reason, sizeof reason);
	if (a->on_bar && a->at_us < loop_now_us(a->loop) + SOON_US)
		ok = director_beat(a->director, DIRECTOR_ON_BAR, 1, utc_us, &ask.beat, &why);
	if (ok && director_cut(a->director, &ask, &swallowed, NULL, NULL, NULL, &why) && !swallowed) {
		a->asked = a->on_bar;
		return true;
	}
	a->refused_us = loop_now_us(a->loop);
	str_copy(a->why, sizeof a->why, why.text);
	return false;
}

/* ---- The plan ---- */

static void
tell(struct autodirector *a)
{
	bus_tell(a->bus, EV_AUTO_CHANGED, NULL, "%s", a->why);
}

static void
wake_at(struct autodirector *a, int64_t at_us)
{
	if (at_us == INT64_MAX)
		loop_timer_stop(a->loop, a->timer);
	else
		loop_timer_start_at(a->loop, a->timer, at_us);
}

/* Nothing is to be done before news come, or that instant. */
static void
hold(struct autodirector *a, int64_t until_us, const char *why)
{
	str_copy(a->why, sizeof a->why, why);
	a->at_us = INT64_MAX;
	wake_at(a, until_us);
}

/* As things stand now: who is next and when.  False: it holds back, or its cut is pending already. */
static bool
prepare(struct autodirector *a, int64_t now_us)
{
	int64_t in_us;

	a->why[0] = '\0';
	if (is_black(a)) {
		a->next[0] = '\0';
		hold(a, INT64_MAX, "program is black: it goes on with the next cut");
		return false;
	}
	if (keeps_pending(a)) {
		wake_at(a, INT64_MAX);
		return false;
	}
	if (a->asked)
		postpone(a, now_us);	/* it was, and is not: somebody cancelled it */
	note_trouble(a, now_us);
	choose(a);
	if (a->next[0] == '\0') {
		hold(a, INT64_MAX, "no other source is live that it may cut to");
		return false;
	}
	if (others_ahead(a, &in_us)) {
		hold(a, now_us + (in_us > 0 ? in_us : 0) + LANDED_US, "another cut is on its way");
		return false;
	}
	set_time(a, now_us);
	return true;
}

/* And does it, when it is time: the news of that ask for another look. */
static void
plan(struct autodirector *a)
{
	const int64_t now_us = loop_now_us(a->loop);
	int64_t ask_us;

	if (!prepare(a, now_us))
		return;
	ask_us = a->at_us - (a->on_bar ? LEAD_US : 0);
	if (ask_us < a->refused_us + AGAIN_US)
		ask_us = a->refused_us + AGAIN_US;
	wake_at(a, ask_us > now_us || cut(a) ? ask_us : now_us + AGAIN_US);
}

static void
look(void *arg)
{
	struct autodirector *a = arg;
	const struct autodirector before = *a;

	plan(a);
	if (strcmp(before.next, a->next) != 0 || before.at_us != a->at_us || strcmp(before.why, a->why) != 0)
		tell(a);
}

/* News come in storms: one look for all of this turn. */
static void
look_soon(struct autodirector *a)
{
	if (a->on)
		loop_timer_start(a->loop, a->timer, 0, 0);
}

/* ---- News ---- */

static void
hear_cut(struct autodirector *a)
{
	const int64_t now_us = loop_now_us(a->loop);

	a->asked = false;
	a->begun_us = now_us;
	a->trouble_us = 0;
	a->shot++;
	a->yields_until_us = strcmp(director_last(a->director)->by, BY) == 0 ? 0 : now_us + opt_int(a->settings, "auto-yield");
}

static void
hear(void *arg, const struct bus_event *ev)
{
	struct autodirector *a = arg;

	if (!a->on)
		return;
	if (ev->kind == EV_CUT)
		hear_cut(a);
	else if ((ev->kind == EV_CUT_REPLACED || ev->kind == EV_CUT_REFUSED) && ev->node != NULL && strcmp(ev->node, a->next) == 0)
		a->asked = false;	/* what was pending goes without anybody's having cancelled it */
	look_soon(a);
}

/* ---- Life ---- */

static const enum event_kind news_kinds[] = { EV_CUT, EV_CUT_REPLACED, EV_CUT_REFUSED, EV_BUSES_CHANGED, EV_NODE_STATE, EV_NODE_LIVE,
	EV_NODE_STALE, EV_NODE_LOST, EV_NODE_GONE, EV_FROZEN, EV_CREW_CHANGED, EV_SETTING_CHANGED, EV_BEAT };

struct autodirector *
autodirector_new(struct loop *loop, struct crew *crew, struct director *director, struct metro *metro,
    struct bus *bus, const struct clk *clk, const struct opt_set *settings, uint64_t seed)
{
	struct autodirector *a = xcalloc(1, sizeof *a);

	a->loop = loop;
	a->crew = crew;
	a->director = director;
	a->metro = metro;
	a->bus = bus;
	a->clk = clk;
	a->settings = settings;
	a->seed = seed;
	a->at_us = INT64_MAX;
	a->refused_us = INT64_MIN / 2;
	a->timer = loop_timer_new(loop, look, a);
	for (size_t i = 0; i < sizeof news_kinds / sizeof news_kinds[0]; i++)
		bus_listen(bus, news_kinds[i], hear, a);
	return a;
}

void
autodirector_free(struct autodirector *a)
{
	if (a == NULL)
		return;
	bus_unlisten(a->bus, hear, a);
	loop_timer_free(a->loop, a->timer);
	free(a);
}

void
autodirector_on(struct autodirector *a)
{
	if (a->on)
		return;
	a->on = true;
	a->begun_us = loop_now_us(a->loop);
	a->yields_until_us = a->trouble_us = 0;
	a->refused_us = INT64_MIN / 2;
	a->asked = false;
	(void)prepare(a, a->begun_us);
	tell(a);
	look_soon(a);
}

void
autodirector_off(struct autodirector *a, const char *why)
{
	struct director_pending p;

	if (!a->on)
		return;
	a->on = false;
	loop_timer_stop(a->loop, a->timer);
	if (own_pending(a, &p))
		(void)director_cancel(a->director);
	a->next[0] = '\0';
	a->at_us = INT64_MAX;
	str_copy(a->why, sizeof a->why, why);
	tell(a);
}

bool
autodirector_postpone(struct autodirector *a)
{
	if (!autodirector_is_on(a) || a->next[0] == '\0' || a->at_us == INT64_MAX)
		return false;
	postpone(a, loop_now_us(a->loop));
	look_soon(a);
	return true;
}

bool
autodirector_is_on(const struct autodirector *a)
{
	return a != NULL && a->on;
}

void
autodirector_say(const struct autodirector *a, struct autodirector_word *out)
{
	*out = (struct autodirector_word){ .on = autodirector_is_on(a), .next_us = -1 };
	if (a == NULL)
		return;
	str_copy(out->why, sizeof out->why, a->why);
	if (!a->on)
		return;
	str_copy(out->next, sizeof out->next, a->next);
	out->yields_us = a->yields_until_us - loop_now_us(a->loop);
	if (out->yields_us < 0)
		out->yields_us = 0;
	if (a->at_us != INT64_MAX)
		out->next_us = a->at_us > loop_now_us(a->loop) ? a->at_us - loop_now_us(a->loop) : 0;
}
