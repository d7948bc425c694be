/*
 * scribe_again.c - whole files that the disk refused: their newest text is tried again until it is written.
 * Owns those texts.  Never tries again for somebody who waits: who is told of the failure decides for himself.
 */
#include "app/scribe_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/xalloc.h"

#define AGAIN_US 2000000

struct again {				/* one replacement that is on its way or waits for the next try */
	struct list link;		/* scribe->agains; alone once the scribe is gone or a newer text came */
	struct scribe *s;		/* NULL: alone */
	char *path, *text;
	bool waits;
};

static void
again_free(struct again *a)
{
	list_remove(&a->link);
	free(a->path);
	free(a->text);
	free(a);
}

static void
again_written(void *arg, const struct err *e)
{
	struct again *a = arg;

	if (e->kind == ERR_NONE || a->s == NULL) {
		again_free(a);
		return;
	}
	a->waits = true;
	loop_timer_start(a->s->loop, a->s->again_timer, AGAIN_US, 0);
}

static void
again_send(struct scribe *s, struct again *a)
{
	a->waits = false;
	scribe_replace(s, a->path, a->text, again_written, a);
}

static void
again_try(void *arg)
{
	struct scribe *s = arg;

	LIST_EACH_SAFE(it, tmp, &s->agains) {
		struct again *a = LIST_ENTRY(it, struct again, link);

		if (a->waits)
			again_send(s, a);
	}
}

/* Nobody's any more: freed now, or when the disk has answered. */
static void
again_leave(struct again *a)
{
	list_remove(&a->link);
	list_init(&a->link);
	a->s = NULL;
	if (a->waits)
		again_free(a);
}

void
scribe_again_forget(struct scribe *s, const char *path)
{
	LIST_EACH_SAFE(it, tmp, &s->agains) {
		struct again *a = LIST_ENTRY(it, struct again, link);

		if (strcmp(a->path, path) == 0)
			again_leave(a);
	}
}

void
scribe_again_replace(struct scribe *s, const char *path, const char *text)
{
	struct again *a = xcalloc(1, sizeof *a);

	a->s = s;
	a->path = xstrdup(path);
	a->text = xstrdup(text);
	list_insert_tail(&s->agains, &a->link);
	again_send(s, a);
}

void
scribe_again_open(struct scribe *s)
{
	list_init(&s->agains);
	s->again_timer = loop_timer_new(s->loop, again_try, s);
}

/* One last try; the queue is drained after this. */
void
scribe_again_close(struct scribe *s)
{
	again_try(s);
	LIST_EACH_SAFE(it, tmp, &s->agains)
		again_leave(LIST_ENTRY(it, struct again, link));
	loop_timer_free(s->loop, s->again_timer);
}
