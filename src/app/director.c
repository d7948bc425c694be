/*
 * director.c - program and preview: what is on, what was on before, and the corrections of the cut list.
 * Owner of the two buses.  How a cut goes out is director_cut.c's, the lights are director_tally.c's.
 */
#include "app/director_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/take.h"
#include "io/journal.h"

static const char *
id_or_null(const char *id)
{
	return id[0] != '\0' ? id : NULL;
}

const char *
director_program(const struct director *d)
{
	return id_or_null(d->now.program);
}

const char *
director_preview(const struct director *d)
{
	return id_or_null(d->now.preview);
}

const char *
director_before(const struct director *d)
{
	return id_or_null(d->now.before);
}

int64_t
director_shot_us(const struct director *d)
{
	return d->now.program[0] != '\0' ? d->shot_us : 0;
}

const struct director_cut *
director_last(const struct director *d)
{
	return &d->last;
}

unsigned
director_cut_count(const struct director *d)
{
	return d->count;
}

void
director_context(const struct director *d, struct target_context *cx)
{
	cx->registry = crew_registry(d->crew);
	cx->program = director_program(d);
	cx->preview = director_preview(d);
}

void
director_tell_buses(struct director *d)
{
	struct bus_event ev = { .kind = EV_BUSES_CHANGED };

	bus_say(d->bus, &ev);
}

/* Cuts that are planned but not yet on keep their own idea of preview: this wish is newer. */
static void
plan_preview(struct director *d, const char *node)
{
	LIST_EACH(it, &d->queue) {
		struct director_cutting *c = LIST_ENTRY(it, struct director_cutting, link);

		str_copy(c->after.preview, sizeof c->after.preview, strcmp(node, c->to) == 0 ? c->from : node);
		c->is_swap = false;
	}
}

bool
director_set_preview(struct director *d, const char *node, struct err *e)
{
	if (node != NULL && registry_find(crew_registry(d->crew), node) == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no such source");
	if (strcmp(d->now.preview, node != NULL ? node : "") == 0)
		return true;
	str_copy(d->now.preview, sizeof d->now.preview, node != NULL ? node : "");
	plan_preview(d, d->now.preview);
	director_tell_buses(d);
	director_tally_settle(d);
	return true;
}

void
director_restore(struct director *d, const char *program, const char *preview)
{
	str_copy(d->now.program, sizeof d->now.program, program != NULL ? program : "");
	str_copy(d->now.preview, sizeof d->now.preview, preview != NULL ? preview : "");
	str_copy(d->now.before, sizeof d->now.before, d->now.preview);
	director_tell_buses(d);
	director_tally_settle(d);
}

/* ---- Corrections ---- */

static bool
has_last(const struct director *d, struct err *e)
{
	if (!d->last.any)
		return err_set(e, ERR_REFUSED, "no cut was made in this run: there is nothing to correct");
	if (d->last_struck)
		return err_set(e, ERR_REFUSED, "the last cut is struck already");
	return true;
}

static void
correct(struct director *d, const char *type, struct jdoc *line, const char *by)
{
	jdoc_set_text(line, "by", by != NULL ? by : "do");
	scribe_add(d->scribe, SCRIBE_CUTS, type, 0, line, NULL, NULL);
	director_tell_buses(d);
}

bool
director_amend(struct director *d, const char *node, const char *by, struct err *e)
{
	struct jdoc *line;

	if (!has_last(d, e))
		return false;
	if (registry_find(crew_registry(d->crew), node) == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no such source");
	line = jdoc_object();
	jdoc_set_int(line, "of", d->last.seq);
	jdoc_set_text(line, "to", node);
	correct(d, "amend", line, by);
	return true;
}

/* The pair of a cut and its undoing; a cut that stands cannot be struck: the list would no longer say what was on. */
bool
director_strike(struct director *d, const char *by, struct err *e)
{
	struct jdoc *line, *of;

	if (!has_last(d, e))
		return false;
	if (!d->last_back || d->before_last_seq == 0)
		return err_set(e, ERR_REFUSED, "the last cut was not undone: `cut back` first, then `strike` takes both out of the list");
	line = jdoc_object();
	of = jdoc_array();
	jdoc_set_int(of, NULL, d->before_last_seq);
	jdoc_set_int(of, NULL, d->last.seq);
	jdoc_set(line, "of", of);
	d->last_struck = true;
	correct(d, "strike", line, by);
	return true;
}

/* ---- News ---- */

/* The running take's number stands in each cut. */
static void
hear_take(struct director *d, const struct take *t)
{
	if (t == NULL)
		return;
	if (take_is_rolling(t))
		str_copy(d->take, sizeof d->take, t->take);
	else if (strcmp(d->take, t->take) == 0)
		d->take[0] = '\0';
}

static const struct registry_node *
safe_source(const struct director *d)
{
	for (int i = 0; i < crew_count(d->crew); i++) {
		const struct crew_member *m = crew_at(d->crew, i);

		if ((m->node->roles & ROLE(SAFE)) != 0 && !m->node->out && m->link == HEALTH_LIVE && !m->frozen &&
		    strcmp(m->node->id, d->now.program) != 0)
			return m->node;
	}
	return NULL;
}

static void
nobody_waits(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	(void)arg;
	(void)l;
	(void)took_us;
	(void)e;
}

/* The program source failed: what then is the operator's choice, made beforehand. */
static void
program_lost(struct director *d, const struct bus_event *ev)
{
	bool is_safe_wanted = strcmp(opt_text(d->settings, "program-lost"), "safe") == 0;
	const struct registry_node *safe = is_safe_wanted ? safe_source(d) : NULL;
	struct director_ask ask = { .by = "auto", .pressed_us = ev->time_us };
	bool swallowed;

	bus_tell(d->bus, EV_PROGRAM_LOST, ev->node, "%s%s", ev->kind == EV_FROZEN ? "its picture stands still" : "LOST",
	    safe != NULL ? "; cutting to the safe source" : is_safe_wanted ? "; no other source with role safe is live" : "");
	if (safe == NULL)
		return;
	ask.to = safe->id;
	(void)director_cut(d, &ask, &swallowed, nobody_waits, NULL, NULL, NULL);
}

static void
hear_word(struct director *d, const char *node, const struct node_event *said)
{
	if (said->kind == NODE_EV_HELLO)
		director_tally_joined(d, node);
	else if (said->kind == NODE_EV_HEALTH)
		director_tally_heard(d, node, &said->health);
}

static void
hear(void *arg, const struct bus_event *ev)
{
	struct director *d = arg;

	if (ev->kind == EV_TAKE_CHANGED) {
		hear_take(d, ev->data);
		return;
	}
	if (ev->node == NULL)
		return;
	if (ev->kind == EV_NODE_EVENT && ev->data != NULL)
		hear_word(d, ev->node, ev->data);
	else if (ev->kind == EV_NODE_LIVE)
		director_tally_joined(d, ev->node);
	else if (ev->kind == EV_NODE_STATE)
		director_tally_looked(d, ev->node);
	else if (ev->kind == EV_NODE_LOST || ev->kind == EV_NODE_GONE)
		director_tally_left(d, ev->node);
	if ((ev->kind == EV_NODE_LOST || ev->kind == EV_FROZEN) && strcmp(ev->node, d->now.program) == 0)
		program_lost(d, ev);
}

/* ---- Life ---- */

static const enum event_kind news_kinds[] = { EV_TAKE_CHANGED, EV_NODE_EVENT, EV_NODE_STATE, EV_NODE_LIVE,
	EV_NODE_LOST, EV_NODE_GONE, EV_FROZEN };

struct director *
director_new(struct loop *loop, struct crew *crew, struct fanout *fanout, struct bus *bus,
    struct scribe *scribe, const struct clk *clk, const struct opt_set *settings)
{
	struct director *d = xcalloc(1, sizeof *d);

	d->loop = loop;
	d->crew = crew;
	d->fanout = fanout;
	d->bus = bus;
	d->scribe = scribe;
	d->clk = clk;
	d->settings = settings;
	director_cut_open(d);
	director_clock_open(d);
	director_tally_open(d);
	for (size_t i = 0; i < sizeof news_kinds / sizeof news_kinds[0]; i++)
		bus_listen(bus, news_kinds[i], hear, d);
	return d;
}

void
director_free(struct director *d)
{
	if (d == NULL)
		return;
	bus_unlisten(d->bus, hear, d);
	director_clock_close(d);
	director_cut_close(d);
	director_tally_close(d);
	free(d);
}

/* ---- After a restart ---- */

struct last_cut {
	char *program, *preview;
};

/* The source before is the likeliest preview: a plain cut had just swapped it there. */
static void
read_cut(void *arg, int64_t seq, const struct jdoc *line)
{
	struct last_cut *last = arg;

	(void)seq;
	if (strcmp(jdoc_text(line, "type", ""), "cut") != 0)
		return;
	if (!ids_copy_own(last->program, jdoc_text(line, "to", "")))
		last->program[0] = '\0';
	if (!ids_copy_own(last->preview, jdoc_text(line, "from", "")) || strcmp(last->preview, last->program) == 0)
		last->preview[0] = '\0';
}

bool
director_read_last(const char *cuts_path, char program[static ID_BYTES], char preview[static ID_BYTES])
{
	struct last_cut last = { program, preview };
	struct err ignored;

	program[0] = preview[0] = '\0';
	return journal_read(cuts_path, read_cut, &last, &ignored) && (program[0] != '\0' || preview[0] != '\0');
}
