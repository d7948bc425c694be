/*
 * crew_typed.c - addresses that somebody typed in one list: tried in that order, each as soon as the one before has
 * answered, so that the cameras' numbers follow the list.  Owns the list; never keeps a live camera waiting for dead ones.
 */
#include "app/crew_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"

#define PATIENCE_US 150000		/* with one address, before the next is tried beside it */
#define PATIENCE_IN_ALL_US 1000000	/* past it all that are left are tried at once */

struct crew_typed {
	struct crew *crew;
	struct registry_address *list;
	int count, next;
	int64_t next_us, until_us;	/* loop time: the next one is tried at the latest; all are */
	struct loop_timer *timer;
};

static bool
is_known(const struct crew_typed *t, const struct registry_address *a)
{
	return registry_by_address(t->crew->reg, a->host, a->port, a->url) != NULL;
}

static void
typed_step(void *arg)
{
	struct crew_typed *t = arg;
	const int64_t now_us = loop_now_us(t->crew->loop);

	while (t->next < t->count) {
		if (t->next > 0 && now_us < t->next_us && !is_known(t, &t->list[t->next - 1])) {
			loop_timer_start_at(t->crew->loop, t->timer, t->next_us);
			return;
		}
		crew_add_address(t->crew, &t->list[t->next++]);
		t->next_us = now_us + PATIENCE_US < t->until_us ? now_us + PATIENCE_US : t->until_us;
	}
	crew_typed_free(t->crew);
}

/* A camera was identified.  Whoever is told of it first should not meet another one in the making. */
void
crew_typed_look(struct crew *c)
{
	if (c->typed != NULL)
		loop_timer_start(c->loop, c->typed->timer, 0, 0);
}

void
crew_add_typed(struct crew *c, const struct registry_address *list, int count)
{
	struct crew_typed *t = c->typed;

	if (t == NULL) {
		t = c->typed = xcalloc(1, sizeof *t);
		t->crew = c;
		t->timer = loop_timer_new(c->loop, typed_step, t);
		t->until_us = loop_now_us(c->loop) + PATIENCE_IN_ALL_US;
	}
	t->list = xreallocarray(t->list, (size_t)(t->count + count) + 1, sizeof *t->list);
	memcpy(&t->list[t->count], list, (size_t)count * sizeof *list);
	t->count += count;
	typed_step(t);
}

int
crew_typed_waiting(const struct crew *c)
{
	return c->typed != NULL ? c->typed->count - c->typed->next : 0;
}

void
crew_typed_free(struct crew *c)
{
	if (c->typed == NULL)
		return;
	loop_timer_free(c->loop, c->typed->timer);
	free(c->typed->list);
	free(c->typed);
	c->typed = NULL;
}
