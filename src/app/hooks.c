/*
 * hooks.c - owns the hooks of the configuration and hears the news that they are set on.
 * Never decides what an event means; never waits for what it started.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/hooks_private.h"
#include "base/xalloc.h"

/* Whose cut it was: what follows the operator may leave the auto director alone. */
static const char *
by_whom(const struct hooks *h, const struct bus_event *ev)
{
	const struct director_cut *last = ev->kind == EV_CUT && h->parts.director != NULL ? director_last(h->parts.director) : NULL;

	return last != NULL && last->any && last->at_us == ev->time_us ? last->by : NULL;
}

static void
follow(struct hooks *h, const struct bus_event *ev)
{
	const struct hooks_news news = { .event = event_name(ev->kind), .node = ev->node, .text = ev->text, .by = by_whom(h, ev),
		.time_us = ev->time_us };

	for (int i = 0; i < h->count; i++) {
		struct hook *hook = h->list[i];

		if (hook->is_on && hook->event == ev->kind && hook != h->blamed)
			(void)hooks_job_add(h, hook, hooks_say(h, &news), NULL, NULL);
	}
}

/* Most news are tiles and clock samples, and most shows have no hooks. */
static void
hear(void *arg, const struct bus_event *ev)
{
	struct hooks *h = arg;

	if (ev->kind == EV_REHEARSAL_CHANGED)
		h->parts.is_rehearsal = false;	/* it leads one way only */
	if (h->count > 0 && event_is_public(ev->kind))
		follow(h, ev);
}

struct hooks *
hooks_new(const struct hooks_parts *parts)
{
	struct hooks *h = xcalloc(1, sizeof *h);

	h->parts = *parts;
	h->sphere = parts->sphere != NULL ? xstrdup(parts->sphere) : NULL;
	h->turn = loop_timer_new(parts->loop, hooks_job_turn, h);
	bus_listen(parts->bus, EV_KINDS, hear, h);
	return h;
}

void
hooks_free(struct hooks *h)
{
	if (h == NULL)
		return;
	bus_unlisten(h->parts.bus, hear, h);
	for (int i = 0; i < h->count; i++) {
		hooks_job_drop_all(h->list[i]);
		hooks_line_free(h->list[i]);
	}
	loop_timer_free(h->parts.loop, h->turn);
	free(h->sphere);
	free(h);
}

static struct hook *
find_named(const struct hooks *h, const char *name)
{
	for (int i = 0; i < h->count; i++)
		if (!h->list[i]->is_on && strcmp(h->list[i]->name, name) == 0)
			return h->list[i];
	return NULL;
}

static bool
add(struct hooks *h, const char *line, bool is_on, struct err *e)
{
	struct hook *hook = hooks_line_parse(line, is_on, e);

	if (hook == NULL)
		return false;
	if (h->count < HOOKS_MOST && (is_on || find_named(h, hook->name) == NULL)) {
		hook->number = h->count;
		h->list[h->count++] = hook;
		return true;
	}
	if (h->count >= HOOKS_MOST)
		err_set(e, ERR_USAGE, "there are more than %d hooks", HOOKS_MOST);
	else
		err_set(e, ERR_USAGE, "there are two hooks %s; each has a name of its own", hook->name);
	hooks_line_free(hook);
	return false;
}

bool
hooks_add(struct hooks *h, const char *line, struct err *e)
{
	return add(h, line, false, e);
}

bool
hooks_add_on(struct hooks *h, const char *line, struct err *e)
{
	return add(h, line, true, e);
}

/* Names the others, so that a slip is seen at once. */
static bool
no_such_hook(const struct hooks *h, const char *name, struct err *e)
{
	char names[160] = "";

	for (int i = 0; i < h->count; i++) {
		size_t len = strlen(names);

		if (!h->list[i]->is_on && len + strlen(h->list[i]->name) + 3 < sizeof names)
			snprintf(names + len, sizeof names - len, "%s%s", len > 0 ? ", " : "", h->list[i]->name);
	}
	if (names[0] == '\0')
		return err_set(e, ERR_NOT_FOUND, "there is no hook %.60s: a line such as `hook %.60s post http://...` of the configuration makes it",
		    name, name);
	return err_set(e, ERR_NOT_FOUND, "there is no hook %.60s; there is %s", name, names);
}

bool
hooks_run(struct hooks *h, const char *name, const char *text, const char *by, hooks_done_fn *done, void *arg, struct err *e)
{
	const struct hooks_news news = { .event = "hook", .hook = name, .text = text, .by = by, .time_us = clk_utc_us(h->parts.clk) };
	struct hook *hook = find_named(h, name);

	if (hook == NULL)
		return no_such_hook(h, name, e);
	return hooks_job_add(h, hook, hooks_say(h, &news), done, arg) ||
	    err_set(e, ERR_REFUSED, "%d wait for hook %s already: it takes longer than they come", HOOKS_WAITING, name);
}

const char *
hooks_name_at(const struct hooks *h, int index)
{
	for (int i = 0; h != NULL && i < h->count; i++)
		if (!h->list[i]->is_on && index-- == 0)
			return h->list[i]->name;
	return NULL;
}

bool
hooks_busy(const struct hooks *h)
{
	for (int i = 0; h != NULL && i < h->count; i++)
		if (h->list[i]->job != NULL || h->list[i]->waiting_count > 0)
			return true;
	return false;
}
