/*
 * lookout.c - program and preview are watched whatever the screen shows: lists, no pictures at all, no terminal.
 * Never looks at a picture itself; the judgement is the crew's.
 */
#include "app/lookout.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"

#define BUSES 2

struct lookout {
	struct preview *preview;
	const struct director *director;
	struct bus *bus;
	char watched[BUSES][ID_BYTES];	/* "" = nobody */
};

static const enum event_kind news_kinds[] = { EV_BUSES_CHANGED, EV_CUT, EV_NODE_LIVE, EV_NODE_BACK, EV_CREW_CHANGED };

static bool
is_on(const char *node, const char *const *now)
{
	for (int i = 0; i < BUSES; i++)
		if (now[i] != NULL && strcmp(now[i], node) == 0)
			return true;
	return false;
}

/* Told again each time: a camera that went and came back has nobody's wish any more. */
static void
look(struct lookout *l)
{
	const char *const now[BUSES] = { director_program(l->director), director_preview(l->director) };

	for (int i = 0; i < BUSES; i++)
		if (l->watched[i][0] != '\0' && !is_on(l->watched[i], now))
			preview_watch(l->preview, l->watched[i], false);
	for (int i = 0; i < BUSES; i++) {
		str_copy(l->watched[i], sizeof l->watched[i], now[i] != NULL ? now[i] : "");
		if (now[i] != NULL)
			preview_watch(l->preview, now[i], true);
	}
}

static void
on_news(void *arg, const struct bus_event *ev)
{
	(void)ev;
	look(arg);
}

struct lookout *
lookout_new(struct preview *preview, const struct director *director, struct bus *bus)
{
	struct lookout *l = xcalloc(1, sizeof *l);

	l->preview = preview;
	l->director = director;
	l->bus = bus;
	for (size_t i = 0; i < sizeof news_kinds / sizeof news_kinds[0]; i++)
		bus_listen(bus, news_kinds[i], on_news, l);
	look(l);
	return l;
}

void
lookout_free(struct lookout *l)
{
	if (l == NULL)
		return;
	bus_unlisten(l->bus, on_news, l);
	for (int i = 0; i < BUSES; i++)
		if (l->watched[i][0] != '\0')
			preview_watch(l->preview, l->watched[i], false);
	free(l);
}
