/*
 * director_wish.c - what a wish for a cut means: where to, whether that source is fit, and what it makes of the two buses.
 * Sends nothing and changes nothing.
 */
#include "app/director_private.h"

#include <string.h>
#include "base/str.h"

const char *
director_wish_name(const struct director *d, const char *id)
{
	const struct registry_node *n = registry_find(crew_registry(d->crew), id);

	return id[0] == '\0' ? "black" : n != NULL ? registry_name(n) : id;
}

/* A cut on the clock takes the place of the one that is pending. */
const struct director_buses *
director_wish_base(const struct director *d, const struct director_ask *ask, int64_t due_us)
{
	const struct director_buses *b = &d->now;

	LIST_EACH(it, &d->queue) {
		const struct director_cutting *c = LIST_ENTRY(it, struct director_cutting, link);

		if (c->due_us <= due_us && !(ask->on_clock && c->on_clock))
			b = &c->after;
	}
	return b;
}

bool
director_wish_target(const struct director *d, const struct director_buses *b, const struct director_ask *ask,
    char to[static ID_BYTES], struct err *e)
{
	to[0] = '\0';
	if (ask->black)
		return true;
	if (ask->back && b->before[0] == '\0')
		return err_set(e, ERR_REFUSED, "there is no source before: nothing to cut back to");
	if (!ask->back && ask->to == NULL && b->preview[0] == '\0')
		return err_set(e, ERR_REFUSED, "no source is on preview: `preview NODE` puts one there, `cut NODE` cuts straight to it");
	str_copy(to, ID_BYTES, ask->back ? b->before : ask->to != NULL ? ask->to : b->preview);
	if (registry_find(crew_registry(d->crew), to) == NULL)
		return err_set(e, ERR_NOT_FOUND, "the source %s is not here any more", to);
	return true;
}

bool
director_wish_allowed(const struct director *d, const char *to, bool force, struct err *e)
{
	const struct crew_member *m = to[0] != '\0' ? crew_find(d->crew, to) : NULL;
	const char *name = director_wish_name(d, to);

	if (force || to[0] == '\0')
		return true;
	if (m == NULL || m->link == HEALTH_NEVER)
		return err_set(e, ERR_UNFORCED, "%s was not seen in this run; --force cuts to it all the same", name);
	if (m->link == HEALTH_LOST)
		return err_set(e, ERR_UNFORCED, "%s is LOST%s%.160s; --force cuts to it all the same", name, m->why[0] != '\0' ? ": " : "", m->why);
	if (m->frozen)
		return err_set(e, ERR_UNFORCED, "%s is FROZEN: its picture stands still; --force cuts to it all the same", name);
	return true;
}

/* What was done, or will have been, last before that instant: its source and its instant.  False: nothing was. */
static bool
done_before(const struct director *d, int64_t due_us, const char **to, int64_t *done_us)
{
	bool any = d->last.any;

	*to = d->last.to;
	*done_us = d->last_due_us;
	LIST_EACH(it, &d->queue) {
		const struct director_cutting *c = LIST_ENTRY(it, struct director_cutting, link);

		if (c->due_us > due_us)
			continue;
		any = true;
		*to = c->to;
		*done_us = c->due_us;
	}
	return any;
}

bool
director_wish_is_repeat(const struct director *d, const struct director_buses *b, const struct director_ask *ask, const char *to,
    int64_t due_us)
{
	const char *last_to;
	int64_t last_us;

	if (ask->on_clock)
		return director_clock_is_pending(d, to, ask->beat);
	return done_before(d, due_us, &last_to, &last_us) && strcmp(to, b->program) == 0 && strcmp(to, last_to) == 0 &&
	    due_us - last_us < opt_int(d->settings, "cut-guard");
}

/* Black before the first cut is nobody's wish yet. */
bool
director_wish_is_on(const struct director *d, const struct director_buses *b, const char *to)
{
	return strcmp(to, b->program) == 0 && (to[0] != '\0' || d->last.any);
}

void
director_wish_buses(struct director_buses *after, const struct director_buses *b, const char *to, bool is_swap)
{
	*after = *b;
	str_copy(after->program, sizeof after->program, to);
	if (strcmp(to, b->program) == 0)
		return;
	if (is_swap || (to[0] != '\0' && strcmp(b->preview, to) == 0))
		str_copy(after->preview, sizeof after->preview, b->program);
	if (b->program[0] != '\0')
		str_copy(after->before, sizeof after->before, b->program);
	else if (strcmp(b->before, to) == 0)
		after->before[0] = '\0';	/* back from black: there is no other source before it */
}

bool
director_ahead(const struct director *d, char by[static 64], int64_t *at_us)
{
	const struct director_cutting *c = list_is_empty(&d->queue) ? NULL : LIST_ENTRY(d->queue.next, struct director_cutting, link);

	if (c == NULL)
		return false;
	str_copy(by, 64, c->by);
	*at_us = c->at_us;
	return true;
}
