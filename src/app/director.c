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
correct(struct director *d, const char *type, struct jdoc *line, const char *by, diskq_done_fn *done, void *arg)
{
	jdoc_set_text(line, "by", by != NULL ? by : "do");
	scribe_add(d->scribe, SCRIBE_CUTS, type, 0, line, done, arg);
	director_tell_buses(d);
}

bool
director_amend(struct director *d, const char *node, const char *by, diskq_done_fn *done, void *arg, struct err *e)
{
	struct jdoc *line;

	if (!has_last(d, e))
		return false;
	if (registry_find(crew_registry(d->crew), node) == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no such source");
	line = jdoc_object();
	jdoc_set_int(line, "of", d->last.seq);
	jdoc_set_text(line, "to", node);
	correct(d, "amend", line, by, done, arg);
	return true;
}

/* The pair of a cut and its undoing; a cut that stands cannot be struck: the list would no longer say what was on. */
bool
director_strike(struct director *d, const char *by, diskq_done_fn *done, void *arg, struct err *e)
{
	struct jdoc *line, *of;

	if (!has_last(d, e))
		return false;
	if (!d->last_back || d->before_last_seq == 0)
		return err_set(e, ERR_REFUSED, "the last cut was not undone: `cut back` first, then `strike` takes both out of the list");
	if (strcmp(d->last.to, d->before_last_from) != 0)
		return err_set(e, ERR_REFUSED, "the last `cut back` did not undo the cut before it: both stand, or the list would not say what was on");
	line = jdoc_object();
	of = jdoc_array();
	jdoc_set_int(of, NULL, d->before_last_seq);
	jdoc_set_int(of, NULL, d->last.seq);
	jdoc_set(line, "of", of);
	d->last_struck = true;
	correct(d, "strike", line, by, done, arg);
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

/* True: it was there. */
static bool
buses_forget(struct director_buses *b, const char *node)
{
	bool is_changed = strcmp(b->preview, node) == 0 || strcmp(b->before, node) == 0;

	if (strcmp(b->preview, node) == 0)
		b->preview[0] = '\0';
	if (strcmp(b->before, node) == 0)
		b->before[0] = '\0';
	return is_changed;
}

/* No cut that waits goes there, and none leaves it on a bus. */
static void
queue_forget(struct director *d, const char *node)
{
	struct err why = { .kind = ERR_NONE };
	bool was_sent = false;

	err_set(&why, ERR_NOT_FOUND, "the source %s is not here any more: nothing was cut", director_wish_name(d, node));
	LIST_EACH_SAFE(it, tmp, &d->queue) {
		struct director_cutting *c = LIST_ENTRY(it, struct director_cutting, link);

		(void)buses_forget(&c->after, node);
		if (strcmp(c->to, node) != 0)
			continue;
		was_sent |= c->is_sent;
		bus_tell(d->bus, EV_CUT_REFUSED, node, "%s", why.text);
		director_cut_drop(d, c, &why, c->by);
	}
	director_clock_chain(d);
	if (was_sent)
		director_tally_retract(d);
	director_cut_step(d);
}

/* It was forgotten: no key and no `cut` may mean it any more.  On program it stays until something else is. */
static void
hear_gone(struct director *d, const char *node)
{
	bool is_changed = buses_forget(&d->now, node);

	queue_forget(d, node);
	if (is_changed)
		director_tell_buses(d);
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
	if (ev->kind == EV_NODE_GONE)
		hear_gone(d, ev->node);
	if (ev->kind == EV_NODE_LOST || ev->kind == EV_FROZEN || ev->kind == EV_NODE_GONE)
		director_safe_hear(d, ev);
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

#define CUTS_KEPT 32			/* a correction is of the last few */

struct list_reader {			/* the cuts that stand, as far as they may still be struck */
	int64_t seqs[CUTS_KEPT];
	char from[CUTS_KEPT][ID_BYTES], to[CUTS_KEPT][ID_BYTES];
	int count;
};

static void
reader_drop(struct list_reader *r, int at)
{
	const size_t after = (size_t)(r->count - at - 1);

	memmove(&r->seqs[at], &r->seqs[at + 1], after * sizeof r->seqs[0]);
	memmove(&r->from[at], &r->from[at + 1], after * sizeof r->from[0]);
	memmove(&r->to[at], &r->to[at + 1], after * sizeof r->to[0]);
	r->count--;
}

static void
read_strike(struct list_reader *r, const struct jdoc *of)
{
	for (size_t i = 0; i < jdoc_count(of); i++)
		for (int at = r->count - 1; at >= 0; at--)
			if (r->seqs[at] == jdoc_self_int(jdoc_at(of, i), 0))
				reader_drop(r, at);
}

static void
read_line(void *arg, int64_t seq, const struct jdoc *line)
{
	struct list_reader *r = arg;

	if (strcmp(jdoc_text(line, "type", ""), "strike") == 0)
		read_strike(r, jdoc_get(line, "of"));
	if (strcmp(jdoc_text(line, "type", ""), "cut") != 0)
		return;
	if (r->count == CUTS_KEPT)
		reader_drop(r, 0);
	r->seqs[r->count] = seq;
	if (!ids_copy_own(r->to[r->count], jdoc_text(line, "to", "")))
		r->to[r->count][0] = '\0';
	if (!ids_copy_own(r->from[r->count], jdoc_text(line, "from", "")) || strcmp(r->from[r->count], r->to[r->count]) == 0)
		r->from[r->count][0] = '\0';
	r->count++;
}

/* The source before is the likeliest preview: a plain cut had just swapped it there. */
bool
director_read_last(const char *cuts_path, char program[static ID_BYTES], char preview[static ID_BYTES])
{
	struct list_reader *r = xcalloc(1, sizeof *r);
	struct err ignored;
	bool any;

	program[0] = preview[0] = '\0';
	any = journal_read(cuts_path, read_line, r, &ignored) && r->count > 0;
	if (any) {
		str_copy(program, ID_BYTES, r->to[r->count - 1]);
		str_copy(preview, ID_BYTES, r->from[r->count - 1]);
	}
	free(r);
	return any && (program[0] != '\0' || preview[0] != '\0');
}
