/*
 * bus.c - owns the list of who listens to which news.
 * Never keeps an event, never orders the listeners but by age, never knows what an event means.
 */
#include "app/bus.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clk.h"
#include "base/list.h"
#include "base/str.h"
#include "base/xalloc.h"

struct bus_sink {
	struct list link;
	enum event_kind kind;		/* EV_KINDS: every kind */
	bus_fn *fn;
	void *arg;
	uint64_t born;			/* generation it came in */
	bool dead;			/* left while being called; swept afterwards */
};

struct bus {
	struct list sinks;
	uint64_t generation;
	int depth;			/* bus_say() calls on the stack */
	bool has_dead;
};

struct bus *
bus_new(void)
{
	struct bus *b = xcalloc(1, sizeof *b);

	list_init(&b->sinks);
	return b;
}

static void
sink_free(struct bus_sink *s)
{
	list_remove(&s->link);
	free(s);
}

void
bus_free(struct bus *b)
{
	if (b == NULL)
		return;
	LIST_EACH_SAFE(it, tmp, &b->sinks)
		sink_free(LIST_ENTRY(it, struct bus_sink, link));
	free(b);
}

void
bus_listen(struct bus *b, enum event_kind kind, bus_fn *fn, void *arg)
{
	struct bus_sink *s = xcalloc(1, sizeof *s);

	s->kind = kind;
	s->fn = fn;
	s->arg = arg;
	s->born = ++b->generation;
	list_insert_tail(&b->sinks, &s->link);
}

void
bus_unlisten(struct bus *b, bus_fn *fn, void *arg)
{
	LIST_EACH_SAFE(it, tmp, &b->sinks) {
		struct bus_sink *s = LIST_ENTRY(it, struct bus_sink, link);

		if (s->fn != fn || s->arg != arg)
			continue;
		if (b->depth == 0) {
			sink_free(s);
		} else {
			s->dead = true;
			b->has_dead = true;
		}
	}
}

static void
bus_sweep(struct bus *b)
{
	if (!b->has_dead)
		return;
	b->has_dead = false;
	LIST_EACH_SAFE(it, tmp, &b->sinks) {
		struct bus_sink *s = LIST_ENTRY(it, struct bus_sink, link);

		if (s->dead)
			sink_free(s);
	}
}

/* Nothing is unlinked while depth > 0, and newcomers only join at the tail: the walk stays valid. */
static void
bus_dispatch(struct bus *b, const struct bus_event *ev)
{
	const uint64_t upto = b->generation;

	b->depth++;
	LIST_EACH(it, &b->sinks) {
		struct bus_sink *s = LIST_ENTRY(it, struct bus_sink, link);

		if (!s->dead && s->born <= upto && (s->kind == ev->kind || s->kind == EV_KINDS))
			s->fn(s->arg, ev);
	}
	if (--b->depth == 0)
		bus_sweep(b);
}

void
bus_say(struct bus *b, const struct bus_event *ev)
{
	struct bus_event said = *ev;

	if (said.time_us == 0)
		said.time_us = clk_utc_us(clk_system());
	bus_dispatch(b, &said);
}

void
bus_tell(struct bus *b, enum event_kind kind, const char *node, const char *format, ...)
{
	char raw[MAX_TEXT_FIELD * 2], text[MAX_TEXT_FIELD];
	struct bus_event ev = { .kind = kind, .node = node };
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(raw, sizeof raw, format, ap);
	va_end(ap);
	if (n > 0) {
		str_cut(text, sizeof text, raw, MAX_TEXT_FIELD);	/* whole characters only */
		ev.text = text;
	}
	bus_say(b, &ev);
}
