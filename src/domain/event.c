/*
 * event.c - names of events.
 * Owns the table.  Never lets an inner name be asked for from outside.
 */
#include "domain/event.h"

#include <string.h>

#include "base/nearest.h"

static const char *const event_names[EV_KINDS] = {
#define EVENT_NAME(id, name) [EV_##id] = name,
	EVENT_PUBLIC(EVENT_NAME)
	EVENT_INNER(EVENT_NAME)
#undef EVENT_NAME
};

const char *
event_name(enum event_kind kind)
{
	return event_names[kind];
}

bool
event_parse_public(const char *name, enum event_kind *out)
{
	for (int i = 0; i < EV_PUBLIC_KINDS; i++) {
		if (strcmp(event_names[i], name) == 0) {
			*out = (enum event_kind)i;
			return true;
		}
	}
	return false;
}

bool
event_is_public(enum event_kind kind)
{
	return kind < EV_PUBLIC_KINDS;
}

const char *
event_nearest(const char *word)
{
	int least = nearest_limit(word);
	const char *best = NULL;

	for (int i = 0; i < EV_PUBLIC_KINDS; i++)
		nearest_try(word, event_names[i], &least, &best);
	return best;
}
